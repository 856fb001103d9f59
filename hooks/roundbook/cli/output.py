"""`roundbook show`, `export` and `dump`: pages as Markdown, one or all of them, and the whole book as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from roundbook.cli.common import UnreadableError, book_of, progress, read_site, refused
from roundbook.cli.exported import Export
from roundbook.errors import RoundbookError, did_you_mean
from roundbook.site import registry
from roundbook.site.links import Here, Publication
from roundbook.site.pages import files, page_at, page_outputs, portable
from roundbook.site.registry import VIEWS
from roundbook.site.resolve import near, resolve
from roundbook.site.text import plain_texts
from roundbook.terminal import printable, safe

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
    The page of a name        roundbook show 3/4
                              roundbook show wasm-target
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
    address = what.strip("/")
    page = page_at(book, {what, f"{address}.md", f"{address}/index.md".lstrip("/")})
    if page is None:
        found = resolve(book, what)
        if len({target.uri for target in found}) > 1:
            several = ", ".join(safe(f"{target.kind} {target.name}") for target in found)
            raise UnreadableError(f"{safe(what)!r} matches {several}; write more of it")
        page = page_at(book, {target.uri for target in found})
    if page is None:
        fix = did_you_mean(what, [*near(book, what), *VIEWS], "`roundbook show --help` lists what can be shown")
        raise UnreadableError(f"there is no page, name or macro {safe(what)!r}; {fix}")
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
    "--into",
    is_flag=True,
    help="FOLDER may hold other files, such as docs/: they are kept, and only files of an earlier export are replaced.",
)
@click.option("--plain", is_flag=True, help="Write Markdown without HTML, for a forge, a wiki or a program.")
@click.option(
    "--file-urls",
    is_flag=True,
    help="Lead to pages named 3/4.html, as Sphinx writes them; default: as use_directory_urls in mkdocs.yml says.",
)
@click.pass_obj
def export(obj: tuple[Path, str], folder: Path, into: bool, plain: bool, file_urls: bool) -> None:
    """Write all generated pages, the style sheet and the scripts into FOLDER.

    It also writes redirects, badges, data and, if mkdocs.yml has a site_url, feeds.

    \b
        roundbook export build/pages             an empty folder, or one of an earlier export
        roundbook export --into docs             beside your own pages, which are never replaced
        roundbook export --plain build/pages     to be read on a forge

    FOLDER is created if necessary. A list in it, .roundbook-export, names what was written: the next export removes what is
    no longer generated, but nothing that was edited since.
    """
    book = book_of(*obj)
    said = read_site(obj[0])
    style: Literal["directory", "file"] = "file" if file_urls or not said.folders else "directory"
    site = Publication(said.url, said.name, said.description, style)
    exported = Export(folder, into=into)
    if plain:
        exported.write_all((asset.uri, asset.text) for asset in plain_texts(book))
    else:
        outputs = [*page_outputs(book, style)]
        with progress() as shown:
            for done, output in enumerate(outputs):
                shown("pages", done, len(outputs))
                made = (portable(page, style) for page in output.make(book))
                exported.write_all((page.uri, page.text) for page in made)
        # An engine would make pages of more Markdown.
        exported.write_all((asset.uri, asset.text) for asset in files(book, site, plain=False))
        styled = (path for path in sorted(_ASSETS.rglob("*")) if path.is_file())
        exported.write_all(
            (f"assets/{path.relative_to(_ASSETS).as_posix()}", path.read_text("utf-8")) for path in styled
        )
    exported.finish()
    for name in exported.kept:
        click.echo(f"{safe(name)} is hand-written, so it was kept", err=True)
    if not site.top and not plain:
        click.echo("mkdocs.yml has no site_url, so no feeds are written: a feed needs absolute addresses", err=True)
    count = sum(name.endswith(".md") for name in exported.written)
    hint = "" if plain else "; add assets/roundbook/roundbook.css to extra_css of your site"
    click.echo(f"{count} pages written{hint}")


@click.command("dump")
@click.pass_obj
def dump(obj: tuple[Path, str]) -> None:
    """Print the whole book as JSON: rounds, decisions, commits with their rounds, releases, open items, findings.

    Rounds, decisions and commits are keyed by their ids and also contain them. The same input gives the same bytes.
    """
    from roundbook.site import api  # whose shapes take 50 ms

    click.echo(printable(api.dump(book_of(*obj))), nl=False)
