"""`roundbook close`: freezes the commits and metrics of a round in its file, once nothing in it is open."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from roundbook.doors.cli.editing import entry_of, refuse_as_of, rewrite
from roundbook.doors.cli.project import UnreadableError, book_of
from roundbook.doors.line import safe
from roundbook.schema.items import Closed
from roundbook.think.closing import freeze, unsettled
from roundbook.yamlfile.edit import set_key

COMMENT = "written by `roundbook close`"


@click.command("close")
@click.argument("round_key", metavar="ROUND")
@click.option("--force", is_flag=True, help="Freeze it though something is open, or though it was closed before.")
@click.option("--dry-run", is_flag=True, help="Say what is open, and write nothing.")
@click.pass_obj
def command(obj: tuple[Path, str], round_key: str, force: bool, dry_run: bool) -> None:
    """Freeze the commits and metrics of ROUND in its file.

    A closed round has a date, a status and commits; nothing in it is open, no value is left at TBD, no decision is only
    proposed, and git contradicts no claim. What is open is printed, and nothing is written unless --force is given.

    \b
        roundbook close 3/4

    What was frozen is checked against git from then on: `commit-rewritten` speaks when history was rewritten.
    Exit code 0 when it was frozen (or could be, with --dry-run), 1 when something is open, 2 when it cannot be frozen.
    """
    refuse_as_of()
    book = book_of(*obj, own=True)
    entry = entry_of(book, round_key)
    try:
        frozen = freeze(book, entry)
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None
    left = unsettled(book, entry)
    for finding in left:
        click.echo(safe(str(finding)), err=True)
    if left and not force:
        words = "1 thing is open" if len(left) == 1 else f"{len(left)} things are open"
        click.echo(f"round {entry.key} was not closed: {words}; --force closes it all the same", err=True)
        sys.exit(1)
    counted = (
        f"{_plural(len(frozen.commits), 'commit')} and {_plural(len(frozen.metrics), 'metric')} at {frozen.at[:7]}"
    )
    if dry_run:
        click.echo(f"round {entry.key} can be closed: {counted}")
        return
    path = rewrite(obj, book, entry.key, lambda text: set_key(text, "closed", _tree(frozen), COMMENT), "closed")
    click.echo(f"{path}: round {entry.key} is closed, with {counted}; commit the file")


def _tree(frozen: Closed) -> dict[str, str | list[str] | dict[str, str]]:
    tree: dict[str, str | list[str] | dict[str, str]] = {"at": frozen.at, "commits": list(frozen.commits)}
    return {**tree, "metrics": dict(frozen.metrics)} if frozen.metrics else tree


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
