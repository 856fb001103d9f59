"""`roundbook link`: the address of the page that speaks of something."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from roundbook.cli.common import book_of, read_site
from roundbook.project import Depth
from roundbook.site.escape import text
from roundbook.site.links import Here
from roundbook.site.resolve import Target, missing, named_by_files, near, resolve
from roundbook.terminal import printable, safe

SITE = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~%-]*)?", re.ASCII)


def a_site(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return the address of a site as it was given; raises `BadParameter` where it would break out of a link."""
    if value is not None and not SITE.fullmatch(value):
        raise click.BadParameter("write the address of a site, https://example.org/docs/")
    return value


@click.command("link")
@click.argument("name")
@click.option("--markdown", is_flag=True, help="Print a Markdown link, [title](address), to paste on a forge.")
@click.option(
    "--site", metavar="URL", callback=a_site, help="The address of the site; default: site_url in mkdocs.yml."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_obj
def command(obj: tuple[Path, str], name: str, markdown: bool, site: str | None, form: str) -> None:
    """Print the address of NAME on the site.

    \b
        roundbook link 3/4                    a round
        roundbook link 3/4#goal-ada           an entry of it
        roundbook link wasm-target            a decision
        roundbook link v1.2.0                 a version
        roundbook link '#27'                  a pull request
        roundbook link abc1234                a commit
        roundbook link data/rounds/3/4.yml    a data file

    The address is complete if the address of the site is known, otherwise relative to the top of the site. The exit code
    is 1 if NAME is unknown or ambiguous; the candidates are listed.
    """
    book = book_of(*obj, depth=Depth.FILES)
    found = named_by_files(book, name)
    if not found:
        book = book_of(*obj, depth=Depth.NAMES)
        found = resolve(book, name)
    said = read_site(obj[0])
    base = site or (said.url if SITE.fullmatch(said.url) else "")  # anything odd would break out of a link
    here = Here("index.md", "directory" if said.folders else "file")
    shown = [(target, _address(here, base, target)) for target in found]
    if form == "json":
        from roundbook.site.shapes import Shapes  # takes 10 ms

        shape = Shapes()(Target, "kind name title page=uri anchor address", address=str)
        click.echo(printable([shape.of(target, address=address).plain for target, address in shown]), nl=False)
    elif len(shown) == 1:
        target, address = shown[0]
        click.echo(f"[{text(target.shown)}]({address})" if markdown else address)
    else:
        for target, address in shown:
            click.echo(safe(f"{address}  {target.kind} {target.name}: {target.title}"))
        click.echo(_complaint(name, len(shown), near(book, name), missing(book, name)), err=True)
    sys.exit(int(len(shown) != 1))


def _address(here: Here, base: str, target: Target) -> str:
    path = here.from_top(target.uri, target.anchor)
    return f"{base.rstrip('/')}/{path}" if base else path


def _complaint(name: str, count: int, close: tuple[str, ...], wrong: str) -> str:
    shown = safe(name if len(name) <= 60 else name[:59] + "…")
    if count:
        return f'"{shown}" matches these {count}; write more of it'
    fix = f"; did you mean {' or '.join(close)}?" if close else ""
    return f'"{shown}" {wrong}{fix}'
