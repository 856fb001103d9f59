"""Packages with versions of their own."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.facts import Release
from roundbook.book.model import Book
from roundbook.site import links
from roundbook.site.escape import encode
from roundbook.site.links import Here
from roundbook.site.listings import Listing
from roundbook.site.views.changelog import DOT, home_of, listings, older_listing
from roundbook.site.widgets import link, section


def packages_list(book: Book, here: Here) -> Markup:
    """Return the packages, each with its newest version."""
    rows: list[Markup] = []
    for name, releases in book.packages.items():
        newest = next((one for one in releases if one.released), None)
        said = [_number(here, newest, name)] if newest else [Markup("not released yet")]
        said += [Markup(newest.date)] if newest and newest.date else []  # noqa: S704 - a day
        note = Markup(' <span class="rb-note">') + DOT.join(said) + Markup("</span>")
        rows.append(link(here.to(links.release(name)), encode(name)) + note)
    return section("Packages", "packages", rows) if rows else Markup("")


def _number(here: Here, release: Release, package: str) -> Markup:
    """Return a link to a version of a package by its number, beside the name of the package."""
    return link(here.to(links.release(release.version)), encode(release.version.removeprefix(f"{package} ")))


def package_listings(book: Book, package: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a package."""
    unreleased = (r for r in book.packages[package] if not r.released)
    return older_listing(book, package=package), *(
        one for release in unreleased for one in listings(book, release, home=home_of(package))
    )
