"""The checks, one family a file; importing this package fills the registry."""

from roundbook.think.checks import closing, commits, decisions, emptiness, metrics, paths, releases, status, tasks
from roundbook.think.checks.check import CHECKS, Docket, judge

FAMILIES = (closing, commits, decisions, emptiness, metrics, paths, releases, status, tasks)
__all__ = ["CHECKS", "FAMILIES", "Docket", "judge"]
