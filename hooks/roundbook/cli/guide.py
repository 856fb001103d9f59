"""`roundbook guide`: how an agent records a round, a decision and a change, true to the installed version."""

from __future__ import annotations

from pathlib import Path

import click

from roundbook.cli import COMMANDS
from roundbook.scaffold import guide
from roundbook.terminal import safe


@click.command("guide")
@click.pass_obj
def command(obj: tuple[Path, str]) -> None:
    """Print how an agent records a round, a decision and a change.

    The guide is Markdown, for AGENTS.md or the instructions of a program; `roundbook init --agents` puts it there.
    It names only commands and words that this version has.

    \b
        roundbook guide
        roundbook init --agents
    """
    click.echo("\n".join(map(safe, guide(COMMANDS, obj[1]).split("\n"))), nl=False)
