"""The checks, one family a file; importing this package fills the registry."""

from roundbook.think.checks import (
    addresses,
    branches,
    changes,
    closing,
    commits,
    decisions,
    emptiness,
    freeze,
    markers,
    metrics,
    paths,
    probes,
    ratification,
    releases,
    reversals,
    reverted,
    sources,
    status,
    tasks,
)
from roundbook.think.checks.check import CHECKS, Docket, idle, judge

FAMILIES = (
    *(addresses, branches, changes, closing, commits, decisions, emptiness, freeze, markers, metrics, paths, probes),
    *(ratification, releases, reverted, reversals, sources, status, tasks),
)
__all__ = ["CHECKS", "FAMILIES", "Docket", "idle", "judge"]
