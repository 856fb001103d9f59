"""`roundbook close`: freeze the commits and metrics of a round in its file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from roundbook.book.model import Book, Entry
from roundbook.checks.registry import brief
from roundbook.checks.status import left_open, statuses
from roundbook.cli.common import UnreadableError, book_of, entry_of, refuse_as_of, rewrite
from roundbook.errors import Finding, Place, plural
from roundbook.schema.items import Closed
from roundbook.terminal import safe
from roundbook.yamlfile.edit import set_key

UNSETTLED = ("planned", "in-progress", "blocked")  # what is deferred, dropped or partial says how it ended
Fault = tuple[str, Place | None, str]  # the message, the place and the fix


def freeze(book: Book, entry: Entry) -> Closed:
    """Return what closing the round freezes: its commits, newest first, and its metrics at HEAD.

    Raises `ValueError` where there is no whole history of the round to freeze.
    """
    if not entry.verified:
        raise ValueError(f"round {entry.key} belongs to another repository; close it there")
    if not book.history.complete or book.history.head is None:
        missing = ", ".join(gap.message for gap in book.history.gaps)
        raise ValueError(f"the history here is incomplete ({missing}), so its commits cannot be frozen")
    tree = {
        "at": book.history.head,
        "commits": [link.commit for link in entry.links],
        "metrics": {row.name: row.now for row in entry.metrics if row.now is not None},
    }
    return Closed.model_validate(tree)


def unsettled(book: Book, entry: Entry) -> tuple[Finding, ...]:
    """Return what keeps a round from being closed: open work, missing values, contradicted claims."""
    found = (*_lacking(entry), *_open(entry), *_undecided(book, entry))
    against = [finding for result in book.results_of.get(entry.key, ()) if (finding := result.finding)]
    return (
        *(Finding("error", "round-unsettled", message, place, fix) for message, place, fix in found),
        *(finding for finding in against if finding.severity != "info"),
    )


def _lacking(entry: Entry) -> Iterator[Fault]:
    record = entry.round
    if record.date is None:
        yield "the round has no date", record.place, "write date: YYYY-MM-DD"
    if entry.status in (None, *UNSETTLED):
        status = entry.status or "without a status"
        yield f"the round is {status}", record.place_of("status"), "write status: done, or how else it ended"
    if not entry.links and entry.status != "dropped":
        yield "no commit belongs to the round", record.place_of("commits"), "list its commits under commits:"
    if record.closed:
        yield f"the round was closed at {record.closed.at[:7]}", record.closed.place, "--force freezes it again"


def _open(entry: Entry) -> Iterator[Fault]:
    for one in statuses(entry):
        if one.status in UNSETTLED:
            yield one.words, one.place, "write how it ended: done, deferred or dropped"
    for gate in entry.round.checks:
        if gate.result in ("pending", "missing"):
            yield f'check "{brief(gate.label)}" is {gate.result}', gate.place_of("result"), "write its result"
    for name, metric in entry.round.metrics.items():
        if left_open(metric.now):
            place = metric.place_of("after" if metric.after else "value")
            yield f"metric {name} is {brief(metric.now)}", place, "write the value, or remove it"


def _undecided(book: Book, entry: Entry) -> Iterator[Fault]:
    for decision in book.decisions.values():
        if decision.round == entry.key and decision.status in ("draft", "proposed"):
            place = decision.record.place_of("status")
            yield f"decision {decision.id} is {decision.status}", place, "write status: accepted, or rejected"


COMMENT = "written by `roundbook close`"


@click.command("close")
@click.argument("round_key", metavar="ROUND")
@click.option("--force", is_flag=True, help="Close the round even if something is open or it was closed before.")
@click.option("--dry-run", is_flag=True, help="List what is open, and write nothing.")
@click.pass_obj
def command(obj: tuple[Path, str], round_key: str, force: bool, dry_run: bool) -> None:
    """Freeze the commits and metrics of ROUND in its file.

    A closed round has a date, a status and commits. It has no open items, no value at TBD and no decision that is only
    proposed, and git contradicts none of its claims. If anything is open, it is printed, and nothing is written without
    --force.

    \b
        roundbook close 3/4

    The frozen values are checked against git from then on: `commit-rewritten` reports a rewritten history.
    The exit code is 0 if it was closed (or could be, with --dry-run), 1 if something is open, 2 if it cannot be closed.
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
        click.echo(f"round {entry.key} was not closed: {words}; --force closes it anyway", err=True)
        sys.exit(1)
    counted = f"{plural(len(frozen.commits), 'commit')} and {plural(len(frozen.metrics), 'metric')} at {frozen.at[:7]}"
    if dry_run:
        click.echo(f"round {entry.key} can be closed: {counted}")
        return
    path = rewrite(obj, book, entry.key, lambda text: set_key(text, "closed", _tree(frozen), COMMENT), "closed")
    click.echo(f"{path}: round {entry.key} is closed, with {counted}; commit the file")


def _tree(frozen: Closed) -> dict[str, str | list[str] | dict[str, str]]:
    tree: dict[str, str | list[str] | dict[str, str]] = {"at": frozen.at, "commits": list(frozen.commits)}
    return {**tree, "metrics": dict(frozen.metrics)} if frozen.metrics else tree
