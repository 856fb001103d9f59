"""In: nothing. Out: `Draft`, what git tells of a stretch of the history as the beginning of a round, in plain text.

Texts are as the commits have them, but for the goals and metrics, which a round file had before; `show/drafted` makes
Markdown of the former.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roundbook.git.history import Commit
from roundbook.schema.decision import Metric
from roundbook.schema.items import ChangeType, Deferral


@dataclass(frozen=True, slots=True)
class Stretch:
    """Commits, newest first, with `why` in words: what they are, and why just these.

    `base` is the id or tag after which they begin (empty: at the root), `tip` the commit they end with, both empty where
    they are no range; `tag` is the version that they are. `after` is the round whose commits came before. `left` says in
    words which commits were left out.
    """

    commits: tuple[Commit, ...]
    why: str
    base: str = ""
    tip: str = ""
    tag: str = ""
    after: str = ""
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who worked: `scopes` holds the scopes of the commits with their number; `people` stand behind an agent."""

    name: str
    commits: int
    helped: int = 0
    scopes: tuple[tuple[str, int], ...] = ()
    people: tuple[str, ...] = ()
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that commits propose for the changelog."""

    type: ChangeType
    text: str
    commits: tuple[str, ...]
    breaking: bool = False
    prs: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    decision: str = ""
    cve: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """New files of one scope in one folder: `paths` are the files, or the folder where they are many; `files` counts them."""

    scope: str
    folder: str
    paths: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The commits of one scope (`""`: of none) by conventional type (`""`: none), newest first; `left` are not named."""

    name: str
    commits: int
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    left: int = 0


@dataclass(frozen=True)
class Draft:
    """A round as far as git knows it.

    `selection` is what `commits:` says. `decisions` are those that the commits cite and the book has, `unknown` what they
    cite and it has not. `left` says in words what was too much for a round file.
    """

    key: str
    stretch: Stretch
    selection: tuple[Mapping[str, str] | str, ...]
    date: str = ""
    focus: str = ""
    prs: tuple[str, ...] = ()
    workers: tuple[Worker, ...] = ()
    goals: tuple[tuple[str, Deferral], ...] = ()
    changes: tuple[Proposed, ...] = ()
    made: tuple[Made, ...] = ()
    scopes: tuple[Scope, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
