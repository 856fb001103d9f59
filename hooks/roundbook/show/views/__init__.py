"""The views, one file for each kind of page, with its templates beside it; importing this package fills the registry."""

from roundbook.show.views import (
    activity,
    changelog,
    commits,
    decisions,
    evidence,
    governs,
    metrics,
    notices,
    references,
    rounds,
    threads,
)

__all__ = ["activity", "changelog", "commits", "decisions", "evidence", "governs", "metrics", "notices", "references"]
__all__ += ["rounds", "threads"]
