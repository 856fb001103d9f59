"""The checks, one family a file; importing this package fills the registry."""

from roundbook.think.checks import commits, decisions, metrics, paths, releases, status
from roundbook.think.checks.check import CHECKS, Docket, judge

__all__ = ["CHECKS", "Docket", "commits", "decisions", "judge", "metrics", "paths", "releases", "status"]
