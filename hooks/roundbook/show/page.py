"""In: the parts of a page. Out: `Page`, a Markdown document with its front matter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from roundbook.show.encode import title


@dataclass(frozen=True, slots=True)
class Asset:
    """A generated file that is no page of Markdown: `uri` is where it lies in the site."""

    uri: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page: `uri` is its source address, `text` its Markdown without front matter.

    `source` is the file of the project that it is edited in, `day` the day of its newest content (`YYYY-MM-DD` or empty),
    `crumbs` the pages above it as (uri, title), `previous` and `next` its neighbours. `searched` says whether a search
    should find it.
    """

    uri: str
    title: str
    text: str
    description: str = ""
    source: str = ""
    day: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    previous: str | None = None
    next: str | None = None
    searched: bool = True

    def document(self) -> str:
        """Return the Markdown file: front matter, then the text. Templates are off, since the text is not ours alone.

        The title stands in front matter, encoded: themes print it raw in more places than one, and take the heading for it
        where there is none.
        """
        meta: dict[str, Any] = {"title": title(self.title), "render_macros": False}
        if self.description:
            meta["description"] = title(self.description)
        if not self.searched:
            meta["search"] = {"exclude": True}
        lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in meta.items())  # JSON is YAML
        return f"---\n{lines}---\n\n{self.text}"
