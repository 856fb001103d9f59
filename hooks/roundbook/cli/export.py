"""`roundbook export`: all generated pages as Markdown files, for any other engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from roundbook.cli.common import UnreadableError, book_of
from roundbook.scaffold import survey
from roundbook.site.links import Publication
from roundbook.site.pages import files, pages
from roundbook.terminal import safe

MARKER = ".roundbook-export"
_ASSETS = Path(__file__).parents[1] / "theme" / "assets"


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--file-urls",
    is_flag=True,
    help="The engine names pages 3/4.html and not 3/4/; for what leads on from old addresses.",
)
@click.pass_obj
def command(obj: tuple[Path, str], folder: Path, file_urls: bool) -> None:
    """Write all generated pages, the style sheet and the scripts into FOLDER.

    With them come the files that lead on to pages, badges, data, and feeds where mkdocs.yml has a site_url.

    FOLDER is made where it is not there; it may hold other files only where an export made it, so that nothing of yours
    is overwritten.
    """
    book = book_of(*obj)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UnreadableError(f"{safe(str(folder))} holds files that no export wrote; name an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("written by roundbook export\n", encoding="utf-8")
    count = 0
    for page in pages(book, "markdown"):
        _write(folder, page.uri, page.document())
        count += 1
    said = survey.read_site(obj[0])
    site = Publication(said.url, said.name, said.description, "file" if file_urls else "directory")
    if not site.top:
        click.echo("there is no site_url in mkdocs.yml, so no feeds are made: a feed needs whole addresses", err=True)
    for asset in files(book, site, plain=False):  # an engine would make pages of more Markdown
        _write(folder, asset.uri, asset.text)
    shutil.copytree(_ASSETS, folder / "assets", dirs_exist_ok=True)
    click.echo(f"{count} pages written; add assets/roundbook/roundbook.css to extra_css of your site")


def _write(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")
