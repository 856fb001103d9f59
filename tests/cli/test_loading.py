"""In: commands that print little. Out: proof that they load little, and print what they would print otherwise."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from roundbook.cli import COMMANDS, cli
from roundbook.settings import Settings, defaults

LOADED = """\
import sys
from roundbook.cli import cli
try:
    cli({words!r}, prog_name="roundbook")
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_what_only_tells_of_the_program_loads_no_project(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & {"pydantic", "yaml", "jinja2", "roundbook.project", "roundbook.schema"}


def test_a_project_without_markdown_loads_no_reader_of_it() -> None:
    code = "import sys, roundbook.cli.check; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "roundbook.project" in loaded
    assert not loaded & {"markdown_it", "jinja2", "git", "roundbook.adr.folders", "roundbook.compare", "mkdocs"}


def test_help_says_of_each_command_what_its_own_help_begins_with() -> None:
    context = click.Context(cli, info_name="roundbook")
    formatter = click.HelpFormatter(width=100)
    cli.format_commands(context, formatter)
    listed = formatter.getvalue().split("\n")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        (line,) = (line for line in listed if line.split()[:1] == [name])
        assert line.split(None, 1)[1] == command.get_short_help_str(94 - max(map(len, COMMANDS)))


def test_settings_of_a_project_that_says_nothing_are_those_of_an_empty_file() -> None:
    assert defaults() == Settings.model_validate({})
    assert repr(defaults()) == repr(Settings.model_validate({}))
