"""`roundbook changelog`: the changelog as a text, or written into a file between two markers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace as replace_in
from pathlib import Path

import click

from roundbook.book.facts import Release
from roundbook.book.model import Book
from roundbook.cli.common import UnreadableError, book_of, content_of, replace
from roundbook.errors import RoundbookError, did_you_mean, plural
from roundbook.project import Depth
from roundbook.site import changelog_text
from roundbook.site.views.changelog import a_release
from roundbook.terminal import printable, safe

_ONCE = "delete it there once the round files have its entries (roundbook import creates them)"
_FORMATS = ("keepachangelog", "github", "json")


@click.command("changelog")
@click.option("--version", metavar="V", help="Print only this version, by its number or tag.")
@click.option(
    "--package", metavar="NAME", default="", help="Print the versions of this package, which the settings name."
)
@click.option("--unreleased", is_flag=True, help="Print only unreleased changes.")
@click.option("--all", "whole", is_flag=True, help="Print all versions, with unreleased changes on top; the default.")
@click.option("--next", "upcoming", metavar="V", help="List unreleased changes as version V.")
@click.option(
    "--by",
    type=click.Choice(["release", "round"]),
    default="release",
    show_default=True,
    help="Headings: versions, or rounds with their dates for projects without versions.",
)
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True, help="How to print."
)
@click.option(
    "--commits/--no-commits",
    default=None,
    help="List the commits that no entry claims; the default unless a file is written.",
)
@click.option(
    "--site", metavar="URL", default="", help="The address of the published site; entries then link to their rounds."
)
@click.option(
    "--write",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the changelog into this file, between its markers.",
)
@click.option("--check", is_flag=True, help="Write nothing; the exit code is 1 if the file is not up to date.")
@click.option("--force", is_flag=True, help="Add the markers to a file that has none.")
@click.pass_obj
def command(
    obj: tuple[Path, str],
    version: str | None,
    package: str,
    unreleased: bool,
    whole: bool,
    upcoming: str | None,
    by: str,
    form: str,
    commits: bool | None,
    site: str,
    target: Path | None,
    check: bool,
    force: bool,
) -> None:
    """Print the changelog, or write it into a file.

    Its entries are the `changes:` of the rounds; commits are their evidence.

    \b
        roundbook changelog --write CHANGELOG.md            between the markers of the file
        roundbook changelog --write CHANGELOG.md --check    in a pull request
        roundbook changelog --version 1.2.0                 one version alone

    Everything outside the markers is kept byte for byte. A missing file is created.

    The exit code is 1 if --check finds a difference, 2 if the history or the file cannot be used, otherwise 0.
    """
    if sum(map(bool, (version, unreleased, whole))) > 1:
        raise click.UsageError("name one of --version, --unreleased and --all")
    if (check or force) and not target:
        raise click.UsageError("name the file with --write")
    if target and form == "json":
        raise click.UsageError("JSON cannot be written between markers; choose another --format")
    book = of_package(book_of(*obj, own=bool(target), depth=Depth.CHANGES), package)
    shown = chosen(book, version, unreleased, upcoming)
    listed = not target if commits is None else commits
    warn_of_gaps(book)
    made = _text(book, shown, form, by, whole_url(site), listed)
    if target is None:
        click.echo(made, nl=False)
    else:
        sys.exit(_written(book, target, made, check=check, force=force))


def of_package(book: Book, package: str) -> Book:
    """Return a book with the releases of a package alone, by their numbers; raises `UnreadableError` where there is none."""
    if not package:
        return book
    if package not in book.packages:
        fix = did_you_mean(package, book.packages, "name it below `changelog: packages:` in the settings")
        raise UnreadableError(safe(f"the settings name no package {package}; {fix}"))
    lead = f"{package} "
    return replace_in(
        book,
        releases=tuple(
            replace_in(
                one,
                version=one.version.removeprefix(lead),
                candidates=tuple(version.removeprefix(lead) for version in one.candidates),
            )
            for one in book.packages[package]
        ),
    )


def warn_of_gaps(book: Book) -> None:
    """Say that the history is cut, where it is: what is printed may then lack versions and commits."""
    gaps = [gap.message for gap in book.history.gaps if gap.slug != "no-commits"]
    if gaps and book.history.head:
        missing = safe("; ".join(gaps))
        click.echo(f"history incomplete ({missing}): versions and commits may be missing; fetch all of it", err=True)


def chosen(book: Book, version: str | None, unreleased: bool, upcoming: str | None = None) -> Sequence[Release]:
    """Return the releases that are asked for; raises `UnreadableError` for a version that there is not."""
    releases = list(book.releases)
    if upcoming:
        if any(upcoming.removeprefix("v") in (r.version, r.version.removeprefix("v")) for r in releases):
            raise UnreadableError(f"the version {safe(upcoming)} is already tagged")
        head = book.commit(book.history.head or "")
        releases[0] = changelog_text.named(releases[0], upcoming, head.committed.day if head else "")
    if version:
        try:
            wanted = a_release(book, version)
        except RoundbookError as error:
            raise UnreadableError("\n".join(safe(f"{f.message}; {f.fix}") for f in error.findings)) from None
        return (wanted,)
    return tuple(releases[:1] if unreleased else releases)


def whole_url(site: str) -> str:
    """Return the address of a site; raises `UsageError` where it is none of the web."""
    if site and not site.startswith(("https://", "http://")):
        raise click.UsageError("--site takes an address that begins with https:// or http://")
    return site


def _text(book: Book, shown: Sequence[Release], form: str, by: str, site: str, commits: bool) -> str:
    if form == "json":
        return printable(changelog_text.data(book, shown, site))
    if form == "github":
        return changelog_text.bodies(book, shown, site, commits=commits)
    return (
        changelog_text.by_round(book, site)
        if by == "round"
        else changelog_text.changelog(book, shown, site, commits=commits)
    )


def _written(book: Book, target: Path, made: str, *, check: bool, force: bool) -> int:
    """Write the changelog, or compare it, and return the exit code."""
    now = content_of(target)
    before = changelog_text.HEAD.encode() if now is None else now
    name = safe(str(target))
    try:
        after = changelog_text.splice(before, made, force=force or now is None)
    except RoundbookError as error:
        lines = (safe(f"{target}: {f.message}; {f.fix}") for f in error.findings)
        raise UnreadableError("\n".join(lines)) from None
    twice = changelog_text.doubled(after)
    for version in twice:
        click.echo(safe(f"{target}: {version} is also outside the markers; {_ONCE}"), err=True)
    if twice and force and not changelog_text.has_marks(before):
        raise UnreadableError(f"{name} was not written: it would have {plural(len(twice), 'version')} twice")
    if after == now:
        if not twice or not check:
            click.echo(f"{name} is up to date")
        return int(check and bool(twice))
    if not book.history.complete:
        raise UnreadableError(
            f"{name} was not {'checked' if check else 'written'}: history incomplete; fetch all of it"
        )
    if check:
        click.echo(f"{name} is not up to date; run: roundbook changelog --write {name}", err=True)
        return 1
    replace(target, after)
    click.echo(f"{name} {'created' if now is None else 'written'}")
    return 0


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
@click.option("--package", metavar="NAME", default="", help="VERSION is one of this package, which the settings name.")
@click.option("--commits/--no-commits", default=True, help="List the commits that no entry claims.")
@click.option("--site", metavar="URL", default="", help="The address of the published site, to link to it.")
@click.pass_obj
def release(obj: tuple[Path, str], version: str, form: str, package: str, commits: bool, site: str) -> None:
    """Print the notes of VERSION, by its number or tag, as the body of a release.

    Breaking changes come first, then the other entries, the decisions, the contributors, and a link to compare.

    \b
        roundbook release v1.2.0 > notes.md
        gh release create v1.2.0 --notes-file notes.md

    VERSION may be `Unreleased`. The exit code is 2 if there is no such version.
    """
    book = of_package(book_of(*obj, depth=Depth.CHANGES), package)
    shown = chosen(book, version, unreleased=False)
    address = whole_url(site)
    warn_of_gaps(book)
    made = (
        printable(changelog_text.data(book, shown, address))
        if form == "json"
        else changelog_text.body(book, shown[0], address, commits=commits)
    )
    click.echo(made, nl=False)
