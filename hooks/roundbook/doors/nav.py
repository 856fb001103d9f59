"""In: the `nav` of a site. Out: the same with `rounds/` replaced by pages, and whether a page is in it."""

from __future__ import annotations

from typing import Any


def expand(nav: Any, word: str, uris: list[str]) -> Any:
    """Return the `nav` with `word` replaced by `uris`, wherever it stands: as an entry or as the value of a title."""
    if isinstance(nav, list):
        return [y for x in nav for y in (uris if x == word else [expand(x, word, uris)])]
    if isinstance(nav, dict):
        return {title: list(uris) if value == word else expand(value, word, uris) for title, value in nav.items()}
    return nav


def mentions(nav: Any, uri: str) -> bool:
    """Tell whether a `nav` names a page."""
    if isinstance(nav, list):
        return any(mentions(x, uri) for x in nav)
    if isinstance(nav, dict):
        return any(mentions(x, uri) for x in nav.values())
    return bool(nav == uri)
