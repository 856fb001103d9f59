"""`roundbook diff` and `roundbook pr`: what changed between two rounds or refs, and what a branch changes, for its reviewer."""

from __future__ import annotations

import re
from pathlib import Path

import click

from roundbook.book.difference import Difference, between_rounds
from roundbook.book.model import Book
from roundbook.cli.common import (
    UnreadableError,
    at,
    book_at,
    book_of,
    lasting,
    loader_of,
    read_site,
    refuse_without_history,
)
from roundbook.cli.link import SITE, a_site
from roundbook.compare import between_books, comment, render
from roundbook.compare.branch import BranchComparison
from roundbook.compare.render import Pointers
from roundbook.errors import RoundbookError
from roundbook.project import REFUSED, brought
from roundbook.terminal import printable, safe

HEAD = "HEAD"
_REMOTE = re.compile(r"(?P<remote>\w[\w.-]*)/(?P<branch>\w[\w./-]*)", re.ASCII)


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
def diff(obj: tuple[Path, str], before: str, after: str, form: str) -> None:
    """Report what changed from A to B: metrics, decisions, goals, open items, rounds, and the number of commits.

    \b
    Between two rounds             roundbook diff 3/3 3/4
    From a round to the newest     roundbook diff 3/3
    Between two refs               roundbook diff v1.0 v1.1
    From a ref to the work tree    roundbook diff v1.0

    A ref is a tag, a branch or a commit; a name that is also the key of a round means the round. With --at REF, a single
    round or ref is compared with the newest round or the files of REF.

    The exit code is 2 if A or B cannot be found, and 0 otherwise, also if nothing changed.
    """
    book = book_of(*obj)
    made = _rounds(book, before, after) if before in book.rounds else _refs(obj, book, before, after)
    if form == "json":
        click.echo(printable(render.plain(made)), nl=False)
    elif form == "markdown":
        click.echo(render.markdown(made), nl=False)
    else:
        click.echo("".join(f"{safe(line)}\n" for line in render.text(made).splitlines()), nl=False)


def _rounds(book: Book, before: str, after: str) -> Difference:
    newest = after or book.newest_first[0].key
    if newest not in book.rounds:
        raise UnreadableError(f"{safe(before)} is a round and {safe(after)} is not; name two rounds, or two refs")
    made = between_rounds(book, before, newest)
    if made is None:
        raise UnreadableError(f"round {safe(newest)} is older than {safe(before)}; name the older one first")
    return made


def _refs(obj: tuple[Path, str], book: Book, before: str, after: str) -> Difference:
    if after in book.rounds:
        raise UnreadableError(f"{safe(after)} is a round and {safe(before)} is not; name two rounds, or two refs")
    old = book_at(*obj, before)
    new = book_at(*obj, after) if after else book
    return between_books(old, new, before, after or at() or "the work tree")


@click.command("pr")
@click.option(
    "--base",
    metavar="REF",
    default="origin/main",
    show_default=True,
    help="The ref that the branch will be merged into.",
)
@click.option(
    "--head", metavar="REF", default=HEAD, show_default=True, help="The branch; with HEAD, edits of the data count too."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "github-summary"]),
    default="markdown",
    show_default=True,
    help="Output: a comment, data for programs, or the summary of a job.",
)
@click.option("--site", metavar="URL", callback=a_site, help="Address of the site; default: site_url in mkdocs.yml.")
@click.option(
    "--branch", metavar="NAME", default="", help="The branch's name on the forge, for links that edit its files."
)
@click.option("--preview", metavar="URL", callback=a_site, help="Address of a site built from the branch, if any.")
@click.pass_obj
def pr(
    obj: tuple[Path, str], base: str, head: str, form: str, site: str | None, branch: str, preview: str | None
) -> None:
    """Summarize what a branch changes, as a comment for reviewers.

    The comment lists the rounds that the branch touches; the decisions that it records, changes or cites, or whose files it
    changes; changelog entries that it adds or lacks; open items that it closes; new and fixed problems compared with the
    base; and decision ids that another branch also uses.

    \b
        roundbook pr                                 against origin/main
        roundbook pr --base origin/topic             a branch on top of another
        roundbook pr --format github-summary >> "$GITHUB_STEP_SUMMARY"

    Mentions, references and closing keywords from commit messages have no effect in the comment.

    The exit code is 2 if the base or the head cannot be found, and 0 otherwise, whatever the branch changes.
    """
    if not base.strip() or not head.strip():
        raise click.UsageError("--base and --head take a tag, a branch or a commit")
    asked = at() or head
    book = book_of(*obj) if asked == HEAD or at() else book_at(*obj, head)
    refuse_without_history(book, *REFUSED, "no-git", "no-repository")
    made = _beyond(obj, base, book)
    said = read_site(obj[0])
    where = site or (said.url if SITE.fullmatch(said.url) else "")
    on = branch or (book.history.branch if asked == HEAD else "") or ""
    pointers = Pointers(where, preview or "", said.folders, book.forge, on)
    if form == "json":
        click.echo(printable(comment.data(made, pointers, base, asked)), nl=False)
    else:
        text = comment.comment(made, pointers, base, summary=form == "github-summary")
        click.echo(text, nl=False)
        if not text:
            click.echo(f"{safe(comment.headline(made, base))} Nothing is to be done, so there is no comment.", err=True)


def _beyond(obj: tuple[Path, str], base: str, book: Book) -> BranchComparison:
    try:
        with lasting():
            return brought(loader_of(*obj), base, book)
    except RoundbookError as error:
        named = _REMOTE.fullmatch(base)
        fetch = f"{named['branch']}:refs/remotes/{base}" if named else ""
        fix = f"; run: git fetch {named['remote']} {fetch}" if named else ""
        said = "\n".join(safe(f"{f.message}{fix or f'; {f.fix}'}") for f in error.findings)
        raise UnreadableError(said) from None
