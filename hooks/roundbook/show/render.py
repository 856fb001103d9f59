"""In: a template's name and its values. Out: Markdown in which headings are Markdown and all else is HTML blocks.

Templates encode by default: what they print is text, unless a view has made it ready. A blank line would end an HTML
block for some engines, so blocks are written without any; headings stand alone, so that the site's own table of contents
has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from roundbook.book.facts import Anchored
from roundbook.book.model import Book
from roundbook.show import marks, scene
from roundbook.show.encode import finalize, path_code, spell
from roundbook.show.here import Here

_HEADING = re.compile(r"(#{1,6} )(.*?)( \{ #[\w-]+ \})?")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("roundbook", "show/views"),
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        amount=marks.amount, change=marks.change, plural=marks.plural, day=marks.day, status=marks.status
    )
    environment.filters.update(by_group=by_group, filled=filled, path=path_code)
    return environment


def render(template: str, book: Book, here: Here, **values: Any) -> Markup:
    """Return a template of `show/views` filled with the scene of a page and with values."""
    made = _environment().get_template(template).render(s=scene.Scene(book, here), book=book, **values)
    return Markup(tidy(made))  # noqa: S704 - the template has encoded what it printed


def by_group(entries: Iterable[Anchored]) -> list[tuple[str | None, list[Anchored]]]:
    """Return entries by their `group`, groups in the order in which they first appear."""
    groups: dict[str | None, list[Anchored]] = {}
    for entry in entries:
        groups.setdefault(getattr(entry.item, "group", None), []).append(entry)
    return list(groups.items())


def filled(columns: Mapping[str, str], entries: Iterable[Anchored]) -> dict[str, str]:
    """Return the first of some columns of fields, and of the others those that any entry says something in."""
    items = [entry.item for entry in entries]
    return {
        name: head for i, (name, head) in enumerate(columns.items()) if not i or any(getattr(x, name) for x in items)
    }


def tidy(text: str) -> str:
    """Return Markdown without blank lines or indentation inside HTML blocks, and with one around each heading."""
    lines: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip()
        if heading := _HEADING.fullmatch(line):
            line = f"{heading[1]}{spell(Markup(heading[2]))}{heading[3] or ''}"  # noqa: S704 - a template's own
            lines += ["", line, ""] if lines and lines[-1] else [line, ""]
        elif line:
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n" if lines else ""
