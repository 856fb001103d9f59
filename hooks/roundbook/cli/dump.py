"""`roundbook dump`: the whole book as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from roundbook.cli.common import book_of
from roundbook.site.api import dump


@click.command("dump")
@click.pass_obj
def command(obj: tuple[Path, str]) -> None:
    """Print the whole book as JSON: rounds, decisions, commits with their rounds, releases, open items, findings.

    Rounds, decisions and commits are keyed by their ids and hold them. The same input gives the same bytes.
    """
    click.echo(json.dumps(dump(book_of(*obj)), indent=2, ensure_ascii=True))
