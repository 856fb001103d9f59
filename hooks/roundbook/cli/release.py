"""`roundbook release`: the body of a release on a forge."""

from __future__ import annotations

from pathlib import Path

import click

from roundbook.cli.changelog import chosen, printable, warn_of_gaps, whole_url
from roundbook.cli.common import book_of
from roundbook.site import changelog_text


@click.command("release")
@click.argument("version")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="How to print.",
)
@click.option("--commits/--no-commits", default=True, help="List the commits that no entry claims.")
@click.option("--site", metavar="URL", default="", help="Where the site is published: then it is linked to.")
@click.pass_obj
def command(obj: tuple[Path, str], version: str, form: str, commits: bool, site: str) -> None:
    """Print the notes of VERSION, by its number or tag, as the body of a release.

    What breaks comes first, then the other entries, the decisions taken, who contributed, and what to compare.

    \b
        roundbook release v1.2.0 > notes.md
        gh release create v1.2.0 --notes-file notes.md

    VERSION may be `Unreleased`. Exit code 2 when there is no such version.
    """
    book = book_of(*obj)
    shown = chosen(book, version, unreleased=False)
    address = whole_url(site)
    warn_of_gaps(book)
    made = (
        printable(changelog_text.data(book, shown, address))
        if form == "json"
        else changelog_text.body(book, shown[0], address, commits=commits)
    )
    click.echo(made, nl=False)
