"""In: the process that programs of tests are forked from. Out: the same process after each program ran there once.

What a first run imports late and computes once (models, schemas, compiled templates) is then there in every fork.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path

import click
from mkdocs.commands.build import build
from mkdocs.config import load_config

from roundbook.cli import COMMANDS, cli
from site_trial import environment, project


def warm_up() -> None:
    """Build a small site, and run the commands that read and write a project."""
    here, kept, clean = Path.cwd(), dict(os.environ), environment()
    silence = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
    ):
        repo = project(Path(folder) / "project")
        repo.commit("feat: begin\n\nRound: 3/5")
        os.chdir(repo.path)
        os.environ.clear()
        os.environ.update(clean)
        try:
            for name in COMMANDS:
                cli.get_command(click.Context(cli), name)
            for words in (["new", "round"], ["check"], ["schema"], ["export", "pages"]):
                with contextlib.suppress(SystemExit):
                    cli.main(words)
            config = load_config("mkdocs.yml", site_dir=str(repo.path / "site"))
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(kept)


warm_up()
