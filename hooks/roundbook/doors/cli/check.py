"""`roundbook check`: every fault of the round files and every reference that leads nowhere, with its place and mend."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from roundbook.doors.cli.project import book_of
from roundbook.doors.line import safe
from roundbook.errors import Finding
from roundbook.model.book import Book
from roundbook.read.yaml import excerpt, read

_ORDER = {"error": 0, "warning": 1, "info": 2}


@click.command("check")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="From which weight on a finding makes the exit code 1.",
)
@click.option(
    "-q", "--quiet", is_flag=True, help="Print findings only, without the lines of the files and without a sum."
)
@click.pass_obj
def command(obj: tuple[Path, str], form: str, fail_on: str, quiet: bool) -> None:
    """Check the round files and what they refer to.

    All faults of all files are printed in one run, each as

    \b
        data/rounds/3/4.yml:12:3: error unknown-key: unknown key "titel"; did you mean "title"?

    Exit code 0 when nothing weighs as much as --fail-on, 1 when something does, 2 when there is nothing to check.
    """
    root, data = obj
    book = book_of(root, data)
    found = sorted(
        book.findings, key=lambda f: (f.place is None, str(f.place and f.place.path), _line(f), _ORDER[f.severity])
    )
    if form == "json":
        from roundbook.show.dump import finding  # the views take as long to import as a small check takes to run

        click.echo(json.dumps([finding(f) for f in found], indent=2))
    else:
        for one in found:
            click.echo(safe(str(one)))
            if not quiet and (lines := _excerpt(root, one)):
                click.echo(lines)
        if not quiet:
            click.echo(summary(book))
    weighs = ("error",) if fail_on == "error" else ("error", "warning")
    sys.exit(int(any(f.severity in weighs for f in found)))


def _line(one: Finding) -> tuple[int, int]:
    return (one.place.line, one.place.column) if one.place else (0, 0)


def _excerpt(root: Path, one: Finding) -> str:
    if one.place is None or not one.place.line:
        return ""
    data, _ = read(root / one.place.path, root)
    return "\n".join(safe(line) for line in excerpt(data, one.place).split("\n")) if data else ""


def summary(book: Book) -> str:
    """Return what was read and what was found, in one line."""
    counts: Counter[str] = Counter(f.severity for f in book.findings)
    was_read = ((len(book.entries), "round"), (len(book.rulings), "decision"), (len(book.history.commits), "commit"))
    found = [
        (counts[s], word) for s, word in (("error", "error"), ("warning", "warning"), ("info", "note")) if counts[s]
    ]
    return f"{_counted(was_read)}: {_counted(found) or 'no findings'}"


def _counted(pairs: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in pairs)
