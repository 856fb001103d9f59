"""In: a feed as values. Out: the same as Atom 1.0 and as JSON Feed 1.1.

Sources: https://www.rfc-editor.org/rfc/rfc4287, https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from roundbook.show.publication import json_text, xml

NEWEST = 50
BEGINNING = "1970-01-01T00:00:00Z"  # when nothing in the book has a date; a clock would give other bytes each time


@dataclass(frozen=True, slots=True)
class Story:
    """An entry of a feed: `id` never changes, `content` is ready HTML with whole addresses, the dates are RFC 3339."""

    id: str
    url: str
    title: str
    content: Markup
    updated: str
    published: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `name` is that of its files, `home` the page that shows the same, `top` the address of the site."""

    name: str
    title: str
    home: str
    top: str
    publisher: str
    stories: tuple[Story, ...]

    def url(self, kind: str) -> str:
        """Return the address of the file of a kind, `xml` or `json`."""
        return f"{self.top}feeds/{self.name}.{kind}"

    @property
    def updated(self) -> str:
        """Return when its newest entry changed."""
        return max((story.updated for story in self.stories), default=BEGINNING)


def newest(stories: Iterator[Story]) -> tuple[Story, ...]:
    """Return the newest stories, those that changed last first; what has no date at all cannot stand in a feed."""
    dated = [story for story in stories if story.updated]
    return tuple(sorted(dated, key=lambda s: s.updated, reverse=True)[:NEWEST])


def atom(feed: Feed) -> str:
    """Return the feed as Atom 1.0."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{xml(feed.url('xml'))}</id>",
        f"<title>{xml(feed.title)}</title>",
        f"<updated>{feed.updated}</updated>",
        f"<author><name>{xml(feed.publisher)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="{xml(feed.url("xml"))}"/>',
        f'<link rel="alternate" type="text/html" href="{xml(feed.home)}"/>',
        "<generator>roundbook</generator>",
        *(line for story in feed.stories for line in _entry(story)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(story: Story) -> Iterator[str]:
    yield "<entry>"
    yield f"<id>{xml(story.id)}</id>"
    yield f"<title>{xml(story.title)}</title>"
    yield f'<link rel="alternate" type="text/html" href="{xml(story.url)}"/>'
    yield f"<updated>{story.updated}</updated>"
    if story.published:
        yield f"<published>{story.published}</published>"
    yield from (f"<author><name>{xml(name)}</name></author>" for name in story.authors)
    yield from (f'<category term="{xml(tag)}"/>' for tag in story.tags)
    yield f'<content type="html">{xml(str(story.content))}</content>'
    yield "</entry>"


def json_feed(feed: Feed) -> str:
    """Return the feed as JSON Feed 1.1."""
    return json_text(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url("json"),
            "authors": [{"name": feed.publisher}],
            "items": [_item(story) for story in feed.stories],
        }
    )


def _item(story: Story) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": story.id,
        "url": story.url,
        "title": story.title,
        "content_html": str(story.content),
        "date_published": story.published,
        "date_modified": story.updated,
        "authors": [{"name": name} for name in story.authors],
        "tags": list(story.tags),
    }
    return {key: value for key, value in made.items() if value}
