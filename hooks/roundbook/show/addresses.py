"""In: what a page is about. Out: the page's source address; these never change, since others link to them."""

from __future__ import annotations

from roundbook.schema.ids import is_phase

ROUNDS = "rounds/index.md"
DECISIONS = "decisions/index.md"
CHANGELOG = "changelog/index.md"
CHANGELOG_BY_ROUND = "changelog/rounds.md"
COMMITS = "commits/index.md"
THREADS = "threads/index.md"
EVIDENCE = "evidence/index.md"
GOVERNS = "governs/index.md"
ACTIVITY = "activity/index.md"
GO = "go/index.md"


def round_page(key: str) -> str:
    """Return the page of the round `3/4`, or of the phase `3/`."""
    return f"rounds/{key}index.md" if is_phase(key) else f"rounds/{key}.md"


def phase_page(phase: str) -> str:
    """Return the page of a phase."""
    return round_page(f"{phase}/")


def decision(name: str) -> str:
    """Return the page of a decision."""
    return f"decisions/{name}.md"


def release(version: str) -> str:
    """Return the page of a version; what a file name cannot hold becomes `-`."""
    return "changelog/" + "".join(c if c.isalnum() or c in "._+-" else "-" for c in version) + ".md"


def entry(round_key: str) -> str:
    """Return the page on which an entry of the changelog stands: that of its round, or the changelog where it has none."""
    return round_page(round_key) if round_key else CHANGELOG


def leaf(name: str) -> str:
    """Return the page of a leaf of the ledger, `2026-02` or `2026-02-2`."""
    return f"commits/{name}.md"


def short_round(key: str) -> str:
    """Return the short form of a round's address, for a pull request or a chat."""
    return f"r/{key.rstrip('/')}/index.html"


def short_decision(name: str) -> str:
    """Return the short form of a decision's address."""
    return f"d/{name}/index.html"


def pull_anchor(number: int) -> str:
    """Return the anchor of a pull request on the page of a round."""
    return f"pull-{number}"


def commit_anchor(commit_id: str) -> str:
    """Return the anchor of a commit on a page."""
    return f"c-{commit_id[:12]}"
