"""In: what a site says of itself. Out: `Publication`: its whole addresses, and ids that stay; text made fit for programs."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from roundbook.schema.dates import Moment
from roundbook.schema.ids import person
from roundbook.show.encode import clean
from roundbook.show.here import Here
from roundbook.show.markdown import address

_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:/[^\s?#]*)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A page may put the data into a script element: nothing in it may end one, begin one, or end a line of a script.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Publication:
    """Where a site lies: `url` is empty where that is not known; `style` says how the site names its pages."""

    url: str = ""
    name: str = ""
    description: str = ""
    style: Literal["directory", "file"] = "directory"

    @property
    def top(self) -> str:
        """Return the address of the site, ending with `/`; empty where it is not known, or is none of the web."""
        return address(self.url).replace("&amp;", "&").rstrip("/") + "/" if _WEB.fullmatch(self.url) else ""

    @property
    def title(self) -> str:
        """Return the name of the site, or a word that stands for it."""
        return " ".join(clean(self.name).split()) or "roundbook"

    def at(self, uri: str, anchor: str = "") -> str:
        """Return the address of a page or file: whole where the site's is known, else from the top of the site."""
        return self.top + Here("index.md", self.style).from_top(uri, anchor)

    def file(self, path: str) -> str:
        """Return the address of a file by the very path that it has in the site."""
        return self.top + quote(path)

    def permalink(self, uri: str, anchor: str = "") -> str:
        """Return what names a page for good, in whatever way the site names its pages today."""
        return self.top + Here("index.md").from_top(uri, anchor)


def instant(moment: Moment | None) -> str:
    """Return a moment as RFC 3339 has it, in UTC, so that texts sort as the times do; empty where it is not known.

    Source: https://www.rfc-editor.org/rfc/rfc3339
    """
    if moment is None or not moment.known:
        return ""
    return dt.datetime.fromtimestamp(moment.seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight(day: str) -> str:
    """Return the beginning of a day `YYYY-MM-DD` as RFC 3339 has it; empty for no day."""
    return f"{day[:10]}T00:00:00Z" if day else ""


def named(name: str) -> str:
    """Return the name of a person without an address of mail: of one that is nothing else what stands before the `@`."""
    return person(clean(name))


def xml(text: str) -> str:
    """Return text for XML 1.0, between tags or in an attribute; characters that XML cannot hold become U+FFFD."""
    return html.escape(clean(text))


def lines_of(head: Mapping[str, Any], name: str, things: Mapping[str, Any]) -> str:
    """Return an object of JSON with the keys of `head`, and under `name` the things, each on a line of its own."""
    before = "".join(f"{_json(key)}:{_json(value)},\n" for key, value in head.items())
    rows = ",\n".join(f"{_json(key)}:{_json(value)}" for key, value in things.items())
    return f"{{\n{before}{_json(name)}:{{\n{rows}\n}}}}\n" if things else f"{{\n{before}{_json(name)}:{{}}}}\n"


def json_text(value: Any) -> str:
    """Return a value as JSON that may stand in a script element of a page."""
    return _json(value, indent=1) + "\n"


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ": ") if indent else (",", ":")
    made = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _SURROGATE.sub("\ufffd", made).translate(_ESCAPES)
