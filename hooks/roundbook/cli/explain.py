"""`roundbook explain`: why a file is as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from roundbook.book.governance import Explanation, explain
from roundbook.book.model import Book
from roundbook.cli.common import UnreadableError, book_of
from roundbook.errors import plural
from roundbook.project import Depth
from roundbook.schema.ids import called
from roundbook.terminal import printable, safe

SHOWN = 5
MOST = 40


@click.command("explain")
@click.argument("path")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_obj
def command(obj: tuple[Path, str], path: str, form: str) -> None:
    """Explain why a file or folder is as it is.

    It prints the decisions that affect PATH, by their `affects` and by markers in it, the rounds whose commits touched it,
    and its last commits.

    \b
        roundbook explain src/engine.py

    The exit code is 2 if the path is not in HEAD and no commit or decision names it.
    """
    book = book_of(*obj, depth=Depth.MARKERS)
    found = explain(book, path)
    if not (found.there or found.commits or found.decisions or found.within):
        if path in ("HEAD", "@") or path.startswith(("HEAD~", "HEAD^", "HEAD@")) or _is_commit(book, path):
            raise UnreadableError(
                f"{safe(path)} is a commit; explain takes a path, as in `roundbook explain src/engine.py`"
            )
        if found.outside:
            raise UnreadableError(
                f"{safe(path)} is outside the paths in `only` of the settings, so nothing is known of it"
            )
        raise UnreadableError(
            f"nothing is known about {safe(path)}: it is not in HEAD, and no commit or decision names it"
        )
    click.echo(
        printable(_data(found)) if form == "json" else "".join(f"{line}\n" for line in _lines(book, found)), nl=False
    )


def _is_commit(book: Book, word: str) -> bool:
    """Tell whether a word is the id of a commit, or a tag, which is no path."""
    digits = word.lower()
    is_id = len(digits) >= 7 and all(c in "0123456789abcdef" for c in digits) and bool(book.history.find(digits))
    return is_id or any(word in (release.tag, release.version) for release in book.all_releases if release.released)


def _lines(book: Book, found: Explanation) -> list[str]:
    lines = [safe(found.path or ".") + ("" if found.there else "  (not in HEAD)")]
    if found.outside:
        lines.append("  outside the paths in `only` of the settings: its commits are not considered")
    lines += [f"  records {one.id}, {one.shown_words}: {safe(one.record.title)}" for one in found.records]
    for decision in found.decisions:
        lines.append(
            f"  affected by {decision.id}, {decision.shown_words} in {safe(decision.origin)}: {safe(decision.record.title)}"
        )
        lines += [f"      because {safe(' '.join(reason.split()))}" for reason in decision.record.rationale]
    lines += _inside(found)
    for key, count in found.rounds:
        about = book.entries[key].round.focus or book.entries[key].round.name
        lines.append(f"  touched in {called(key)} by {plural(count, 'commit')}: {safe(about)}")
    for commit in found.commits[:SHOWN]:
        lines.append(f"  {commit.short} {commit.authored.day or 'date unknown'} {safe(commit.subject)}")
    if len(found.commits) > SHOWN:
        lines.append(f"  and {len(found.commits) - SHOWN} commits before")
    if not (found.decisions or found.within or found.records):
        lines.append("  no decision affects it")
    if not book.history.complete:
        lines.append("  the history here is incomplete: there may be more")
    return lines


def _inside(found: Explanation) -> Iterator[str]:
    """Yield the decisions that govern only some files of a folder, and the markers in it."""
    for decision in found.within[:MOST]:
        where = safe(decision.origin)
        yield f"  partly affected by {decision.id}, {decision.shown_words} in {where}: {safe(decision.record.title)}"
    if len(found.within) > MOST:
        yield f"  and {len(found.within) - MOST} decisions more"
    for marker, name in found.markers[:MOST]:
        yield f"  marked for {name} at {safe(marker.path)}:{marker.line}"
    if len(found.markers) > MOST:
        yield f"  and {len(found.markers) - MOST} markers more"


def _data(found: Explanation) -> dict[str, Any]:
    from roundbook.book.facts import Decision
    from roundbook.site.shapes import Shapes  # takes 10 ms

    shape = Shapes()
    shape(Decision, "id status round title=record.title")
    explanation = shape(
        Explanation,
        "path there decisions records within markers rounds commits",
        markers=list[dict[str, Any]], rounds=dict[str, int], commits=list[str],
    )  # fmt: skip
    markers = [{"path": m.path, "line": m.line, "decision": name} for m, name in found.markers]
    return explanation.of(
        found, markers=markers, rounds=dict(found.rounds), commits=[c.id for c in found.commits]
    ).plain
