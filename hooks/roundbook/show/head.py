"""In: a generated page. Out: the tags of its head by which chats and forges preview a link to it."""

from __future__ import annotations

import html

from roundbook.show.encode import clean, cut
from roundbook.show.page import Page

LONGEST = 200


def preview(page: Page, site_name: str, url: str) -> str:
    """Return Open Graph tags, one a line; `url` is the whole address of the page, or empty where it is not known.

    Source: https://ogp.me/
    """
    said = {
        "og:type": "article",
        "og:title": page.title,
        "og:description": page.description,
        "og:site_name": site_name,
        "og:url": url,
        "article:modified_time": page.day,
    }
    tags = (f'<meta property="{name}" content="{_attribute(value)}">\n' for name, value in said.items() if value)
    return "".join(tags)


def insert(made: str, tags: str, unless: str = "og:title") -> str:
    """Return a page of HTML with tags at the end of its head; as it was where that holds `unless`, or there is none."""
    head, end, rest = made.partition("</head>")
    return made if not end or (unless and unless in head) else f"{head}{tags}{end}{rest}"


def _attribute(text: str) -> str:
    return html.escape(cut(" ".join(clean(text).split()), LONGEST))
