"""`roundbook diff`: what changed between two rounds, or between two tags, branches or commits."""

from __future__ import annotations

import json
from pathlib import Path

import click

from roundbook.book.difference import Difference, between_rounds
from roundbook.book.model import Book
from roundbook.cli.common import UnreadableError, at, book_at, book_of
from roundbook.compare import between_books
from roundbook.compare.render import markdown, plain, text
from roundbook.terminal import safe


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", default="")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Output: for people, for a note or a comment, or for programs.",
)
@click.pass_obj
def command(obj: tuple[Path, str], before: str, after: str, form: str) -> None:
    """Report what changed from A to B: metrics, decisions, goals, open items, rounds, and the number of commits.

    \b
    Between two rounds             roundbook diff 3/3 3/4
    From a round to the newest     roundbook diff 3/3
    Between two refs               roundbook diff v1.0 v1.1
    From a ref to the work tree    roundbook diff v1.0

    A ref is a tag, a branch or a commit; a name that is also the key of a round means the round. With --at REF, the newest
    round, or what a ref is compared with, is that of REF.

    Exit code 0 whether something changed or not, 2 when A or B cannot be found.
    """
    book = book_of(*obj)
    made = _rounds(book, before, after) if before in book.rounds else _refs(obj, book, before, after)
    if form == "json":
        click.echo(json.dumps(plain(made), indent=2))
    elif form == "markdown":
        click.echo(markdown(made), nl=False)
    else:
        click.echo("".join(f"{safe(line)}\n" for line in text(made).splitlines()), nl=False)


def _rounds(book: Book, before: str, after: str) -> Difference:
    newest = after or book.newest_first[0].key
    if newest not in book.rounds:
        raise UnreadableError(f"{safe(before)} is a round and {safe(after)} is none; name two rounds, or two refs")
    made = between_rounds(book, before, newest)
    if made is None:
        raise UnreadableError(f"round {safe(newest)} is older than {safe(before)}; name the older one first")
    return made


def _refs(obj: tuple[Path, str], book: Book, before: str, after: str) -> Difference:
    if after in book.rounds:
        raise UnreadableError(f"{safe(after)} is a round and {safe(before)} is none; name two rounds, or two refs")
    old = book_at(*obj, before)
    new = book_at(*obj, after) if after else book
    return between_books(old, new, before, after or at() or "the work tree")
