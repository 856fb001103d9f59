"""In: what a page is about. Out: the page's source address; these never change, since others link to them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from roundbook.model.history import Commit

ROUNDS = "rounds/index.md"
DECISIONS = "decisions/index.md"
CHANGELOG = "changelog/index.md"
CHANGELOG_BY_ROUND = "changelog/rounds.md"
COMMITS = "commits/index.md"
THREADS = "threads/index.md"


def round_page(key: str) -> str:
    """Return the page of the round `3/4`."""
    return f"rounds/{key}.md"


def phase_page(phase: str) -> str:
    """Return the page of a phase."""
    return f"rounds/{phase}/index.md"


def decision(name: str) -> str:
    """Return the page of a decision."""
    return f"decisions/{name}.md"


def release(version: str) -> str:
    """Return the page of a version; what a file name cannot hold becomes `-`."""
    return "changelog/" + "".join(c if c.isalnum() or c in "._+-" else "-" for c in version) + ".md"


def month(commit: Commit) -> str:
    """Return the page of the accounting that lists a commit: that of the month it was committed in.

    A month never changes, so neither does the address; a commit whose date is no date stands under `undated`.
    """
    return f"commits/{commit.committed.day[:7] or 'undated'}.md"


def commit_anchor(commit_id: str) -> str:
    """Return the anchor of a commit on a page."""
    return f"c-{commit_id[:12]}"


def one_with_prefix(ids: Sequence[str], prefix: str) -> str | None:
    """Return the one id that begins with a prefix; `None` for none or several. `ids` are sorted."""
    first = bisect.bisect_left(ids, prefix)
    last = bisect.bisect_left(ids, prefix + "g")
    return ids[first] if last - first == 1 else None
