"""`roundbook pr`: what a branch changes, for its reviewer."""

from __future__ import annotations

import re
from pathlib import Path

import click

from roundbook.book.model import Book
from roundbook.cli.changelog import printable
from roundbook.cli.common import UnreadableError, at, book_at, book_of
from roundbook.cli.link import SITE, a_site
from roundbook.compare import render
from roundbook.compare.branch import BranchComparison
from roundbook.compare.render import Pointers
from roundbook.errors import RoundbookError
from roundbook.project import brought
from roundbook.scaffold import survey
from roundbook.terminal import safe

HEAD = "HEAD"
_REMOTE = re.compile(r"(?P<remote>\w[\w.-]*)/(?P<branch>\w[\w./-]*)", re.ASCII)


@click.command("pr")
@click.option(
    "--base", metavar="REF", default="origin/main", show_default=True, help="What the branch is to be merged into."
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
@click.option("--preview", metavar="URL", callback=a_site, help="Address of a site built from the branch, if any.")
@click.pass_obj
def command(obj: tuple[Path, str], base: str, head: str, form: str, site: str | None, preview: str | None) -> None:
    """Report what a branch changes, as a comment that a reviewer can read at a glance.

    Rounds that it touches; decisions that it records, changes, cites, or whose files it changes; changelog entries that it
    adds or lacks; open items that it closes; problems that are new compared with the base, or fixed; ids of decisions that
    another branch uses too.

    \b
        roundbook pr                                 against origin/main
        roundbook pr --base origin/topic             a branch on top of another
        roundbook pr --format github-summary >> "$GITHUB_STEP_SUMMARY"

    What is printed is inert: no mention, reference or closing keyword of a commit message has an effect in it.

    Exit code 0 whatever the branch changes, 2 when the base or the head cannot be found.
    """
    if not base.strip() or not head.strip():
        raise click.UsageError("--base and --head take a tag, a branch or a commit")
    asked = at() or head
    book = book_of(*obj) if asked == HEAD or at() else book_at(*obj, head)
    made = _made(obj, base, book)
    said = survey.read_site(obj[0])
    where = site or (said.url if SITE.fullmatch(said.url) else "")
    pointers = Pointers(where, preview or "", said.folders, book.forge)
    if form == "json":
        click.echo(printable(render.data(made, pointers, base, asked)), nl=False)
    else:
        click.echo(render.comment(made, pointers, base, summary=form == "github-summary"), nl=False)


def _made(obj: tuple[Path, str], base: str, book: Book) -> BranchComparison:
    try:
        return brought(*obj, base, book)
    except RoundbookError as error:
        named = _REMOTE.fullmatch(base)
        fetch = f"{named['branch']}:refs/remotes/{base}" if named else ""
        fix = f"; run: git fetch {named['remote']} {fetch}" if named else ""
        said = "\n".join(safe(f"{f.message}{fix or f'; {f.fix}'}") for f in error.findings)
        raise UnreadableError(said) from None
