"""`roundbook show`, `export` and `dump`: pages as Markdown, one or all of them, and the whole book as JSON."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from roundbook.cli.common import UnreadableError, book_of, progress, refused
from roundbook.errors import RoundbookError
from roundbook.scaffold import survey
from roundbook.site import api, registry
from roundbook.site.links import Here, Publication
from roundbook.site.pages import files, page_outputs
from roundbook.site.registry import VIEWS
from roundbook.terminal import printable, safe

MARKER = ".roundbook-export"
_ASSETS = Path(__file__).parents[1] / "theme" / "assets"


@click.command("show")
@click.argument("what")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.pass_obj
def show(obj: tuple[Path, str], what: str, arguments: tuple[str, ...]) -> None:
    """Print a page or a macro as Markdown.

    \b
    A page by its address     roundbook show rounds/3/4.md
                              roundbook show /rounds/3/4/
    A macro with arguments    roundbook show round_commits 3/4 limit=5

    The pages are those that `mkdocs serve` shows; the macros are in the reference.
    """
    book = book_of(*obj)
    if what in VIEWS:
        positional, named = _arguments(arguments)
        try:
            shown = registry.show(what, book, Here("index.md", "markdown"), *positional, **named)
            click.echo(_inert(shown), nl=False)
        except RoundbookError as error:
            raise refused(error) from None
        return
    wanted = {what, what.strip("/") + ".md", f"{what.strip('/')}/index.md".lstrip("/")}
    outputs = tuple(page_outputs(book, "markdown"))
    near = (one for one in outputs if any(uri.startswith(one.name.removesuffix(".md")) for uri in wanted))
    page = next((page for one in (*near, *outputs) for page in one.make(book) if page.uri in wanted), None)
    if page is None:
        raise UnreadableError(f"there is no page or macro {safe(what)!r}; the macros are {', '.join(VIEWS)}")
    click.echo(_inert(page.document()), nl=False)


def _inert(text: str) -> str:
    """Return a page in which no runner finds a command, not even in an address."""
    return text.replace("##[", "##&#91;")


def _arguments(words: tuple[str, ...]) -> tuple[list[Any], dict[str, Any]]:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier():
            named[name] = _value(value)
        else:
            positional.append(word)
    return positional, named


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() and not (len(text) > 1 and text.startswith("0")) and len(text) < 7 else text


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--file-urls",
    is_flag=True,
    help="Make redirects lead to pages named 3/4.html instead of 3/4/.",
)
@click.pass_obj
def export(obj: tuple[Path, str], folder: Path, file_urls: bool) -> None:
    """Write all generated pages, the style sheet and the scripts into FOLDER.

    It also writes redirects, badges, data and, if mkdocs.yml has a site_url, feeds.

    FOLDER is created if necessary. It must be empty or come from an earlier export, so that no other file is overwritten.
    """
    book = book_of(*obj)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UnreadableError(f"{safe(str(folder))} holds files that no export wrote; name an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("written by roundbook export\n", encoding="utf-8")
    count, outputs = 0, [*page_outputs(book, "markdown")]
    with progress() as shown:
        for done, output in enumerate(outputs):
            shown("pages", done, len(outputs))
            for page in output.make(book):
                _write(folder, page.uri, page.document())
                count += 1
    said = survey.read_site(obj[0])
    site = Publication(said.url, said.name, said.description, "file" if file_urls else "directory")
    if not site.top:
        click.echo("mkdocs.yml has no site_url, so no feeds are written: a feed needs absolute addresses", err=True)
    for asset in files(book, site, plain=False):  # an engine would make pages of more Markdown
        _write(folder, asset.uri, asset.text)
    shutil.copytree(_ASSETS, folder / "assets", dirs_exist_ok=True)
    click.echo(f"{count} pages written; add assets/roundbook/roundbook.css to extra_css of your site")


def _write(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


@click.command("dump")
@click.pass_obj
def dump(obj: tuple[Path, str]) -> None:
    """Print the whole book as JSON: rounds, decisions, commits with their rounds, releases, open items, findings.

    Rounds, decisions and commits are keyed by their ids and also contain them. The same input gives the same bytes.
    """
    click.echo(printable(api.dump(book_of(*obj))), nl=False)
