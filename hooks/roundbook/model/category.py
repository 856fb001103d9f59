"""In: the heading of a section of a changelog. Out: the category of Keep a Changelog that it is another name of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.model.items import ChangeType

# Headings that mean one of the six and nothing more; the flag says that its entries break something.
CATEGORIES: Mapping[str, tuple[ChangeType, bool]] = {
    **dict.fromkeys(("added", "add", "additions", "new", "features", "feature", "new features"), ("added", False)),
    **dict.fromkeys(("changed", "changes", "change"), ("changed", False)),
    **dict.fromkeys(("deprecated", "deprecations", "deprecation"), ("deprecated", False)),
    **dict.fromkeys(("removed", "removals", "removal"), ("removed", False)),
    **dict.fromkeys(("fixed", "fixes", "fix", "bug fixes", "bugfixes", "bug fix", "bugs fixed"), ("fixed", False)),
    **dict.fromkeys(("security", "security fixes"), ("security", False)),
    **dict.fromkeys(("breaking changes", "breaking change", "breaking"), ("changed", True)),
}


def category_of(title: str) -> tuple[ChangeType, bool] | None:
    """Return the category that a heading such as `🐛 Bug Fixes:` means, and whether its entries break something."""
    return CATEGORIES.get(" ".join(re.findall(r"[^\W\d_]+", title)).lower())
