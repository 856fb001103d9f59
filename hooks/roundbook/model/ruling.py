"""In: nothing. Out: `Ruling`, a decision in the book: where it was taken, how it stands, and what others say of it."""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.adr import Paper
from roundbook.git.history import Marker
from roundbook.schema.decision import Decision
from roundbook.schema.ids import called
from roundbook.schema.statuses import DecisionStatus


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision in the book: its page's id, where it was taken, and what others say of it.

    `round` is the round that took it, or `None` where none did, since it is `adopted` from a file of its own; `anchor` is
    where it stands on the round's page. `dated_by` is the commit that `date` is taken from where the file says none.
    `cited_by` are the commits that name it, `trailers` those that do so in a trailer, and `by_paths` those that name a number
    which several decisions have, where the paths that they touch tell the one.
    """

    id: str
    decision: Decision
    round: str | None
    anchor: str
    status: DecisionStatus
    status_reason: str
    date: str
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()
    amended_by: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    cited_by: tuple[str, ...] = ()
    trailers: tuple[str, ...] = ()
    by_paths: tuple[str, ...] = ()
    pull_requests: tuple[int, ...] = ()
    markers: tuple[Marker, ...] = ()
    adopted: Paper | None = None
    dated_by: str | None = None

    @property
    def address(self) -> tuple[str, str]:
        """Return the round and anchor by which verdicts and threads name it; of no round, the empty text and its id."""
        return (self.round, self.anchor) if self.round else ("", self.id)

    @property
    def shown(self) -> str:
        """Return the status as pages show it: that nothing states one is no claim that it is only proposed."""
        unsaid = self.adopted and not self.adopted.logged and self.decision.status is None
        return "not-stated" if unsaid and self.status == "proposed" else self.status

    @property
    def shown_words(self) -> str:
        """Return the same in words."""
        return self.shown.replace("-", " ")

    @property
    def origin(self) -> str:
        """Return where it was taken: the key of the round, or the path of the file that holds it."""
        place = self.decision.place
        return self.round or (place.path if place else "")

    @property
    def origin_words(self) -> str:
        """Return the same in words: `round 3/4`, `phase 3`, or the path."""
        return called(self.round) if self.round else self.origin
