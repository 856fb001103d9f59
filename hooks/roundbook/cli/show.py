"""`roundbook show`: a page or a macro as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from roundbook.cli.common import UnreadableError, book_of, refused
from roundbook.errors import RoundbookError
from roundbook.site.links import Here
from roundbook.site.pages import pages
from roundbook.site.registry import VIEWS, show
from roundbook.terminal import safe


@click.command("show")
@click.argument("what")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.pass_obj
def command(obj: tuple[Path, str], what: str, arguments: tuple[str, ...]) -> None:
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
            click.echo(show(what, book, Here("index.md", "markdown"), *positional, **named), nl=False)
        except RoundbookError as error:
            raise refused(error) from None
        return
    wanted = {what, what.strip("/") + ".md", f"{what.strip('/')}/index.md".lstrip("/")}
    page = next((p for p in pages(book, "markdown") if p.uri in wanted), None)
    if page is None:
        raise UnreadableError(f"there is no page or macro {safe(what)!r}; the macros are {', '.join(VIEWS)}")
    click.echo(page.document(), nl=False)


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
