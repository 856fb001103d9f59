"""`roundbook explain`: why a file is as it is."""

from __future__ import annotations

import json
from pathlib import Path

import click

from roundbook.doors.cli.project import UnreadableError, book_of
from roundbook.doors.line import safe
from roundbook.model.book import Book
from roundbook.think.explain import Explanation, explain

SHOWN = 5


@click.command("explain")
@click.argument("path")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_obj
def command(obj: tuple[Path, str], path: str, form: str) -> None:
    """Say why a file or folder is as it is.

    Prints the decisions that govern PATH (by their `affects`), the rounds whose commits touched it, and its last commits.

    \b
        roundbook explain src/engine.py

    Exit code 2 when neither HEAD nor any commit or decision knows the path.
    """
    book = book_of(*obj)
    told = explain(book, path)
    if not (told.there or told.commits or told.rulings):
        raise UnreadableError(
            f"nothing is known of {safe(path)}: it is not in HEAD, and no commit or decision names it"
        )
    click.echo(_json(told) if form == "json" else "\n".join(_lines(book, told)))


def _lines(book: Book, told: Explanation) -> list[str]:
    lines = [safe(told.path) + ("" if told.there else "  (not in HEAD)")]
    for ruling in told.rulings:
        lines.append(f"  governed by {ruling.id}, {ruling.status} in {ruling.round}: {safe(ruling.decision.title)}")
        lines += [f"      because {safe(' '.join(reason.split()))}" for reason in ruling.decision.rationale]
    for key, count in told.rounds:
        about = book.entries[key].round.focus or book.entries[key].round.name
        lines.append(f"  touched in round {key} by {count} commit{'' if count == 1 else 's'}: {safe(about)}")
    for commit in told.commits[:SHOWN]:
        lines.append(f"  {commit.short} {commit.authored.day or 'date unknown'} {safe(commit.subject)}")
    if len(told.commits) > SHOWN:
        lines.append(f"  and {len(told.commits) - SHOWN} commits before")
    if not told.rulings:
        lines.append("  no decision governs it")
    if not book.history.complete:
        lines.append("  the history here is incomplete: there may be more")
    return lines


def _json(told: Explanation) -> str:
    found = {
        "path": told.path,
        "there": told.there,
        "decisions": [
            {"id": r.id, "status": r.status, "round": r.round, "title": r.decision.title} for r in told.rulings
        ],
        "rounds": dict(told.rounds),
        "commits": [c.id for c in told.commits],
    }
    return json.dumps(found, indent=2)
