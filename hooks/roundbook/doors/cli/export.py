"""`roundbook export`: all generated pages as Markdown files, for any other engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from roundbook.doors.cli.project import UnreadableError, book_of
from roundbook.doors.line import safe
from roundbook.show.pages import pages

MARKER = ".roundbook-export"
_ASSETS = Path(__file__).parents[2] / "theme" / "assets"


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def command(obj: tuple[Path, str], folder: Path) -> None:
    """Write all generated pages, the style sheet and the script into FOLDER.

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
        path = folder / page.uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.document(), encoding="utf-8", newline="\n")
        count += 1
    shutil.copytree(_ASSETS, folder / "assets", dirs_exist_ok=True)
    click.echo(f"{count} pages written; add assets/roundbook/roundbook.css to extra_css of your site")
