"""In: the tree of a round file. Out: the round or the phase as one frozen record, every key with its own documentation.

The JSON Schema, the reference page of keys and the error messages are all made from this file and `items`.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from roundbook.model.decision import Decision
from roundbook.model.items import (
    Agent,
    Blocker,
    Carried,
    Change,
    Closed,
    Deferral,
    Deliverable,
    Discovery,
    Files,
    Gate,
    Goal,
    Link,
    Note,
    PastRound,
    Risk,
    Section,
    Source,
    Table,
    Task,
    Team,
    Version,
    Waiver,
)
from roundbook.model.metric import Metric
from roundbook.model.record import Date, Id, Key, Many, Record, StatusField, TextField
from roundbook.model.selection import Selection


class Chapter(Record):
    """What a round and a phase have in common."""

    title: TextField | None = Field(None, description="Default: `Phase {phase} Round {round}`.")
    kind: TextField | None = Field(None, description="The kind of round, for example `Polish, documentation, testing`.")
    date: Date | None = Field(
        None, description="A day, or a span `YYYY-MM-DD..YYYY-MM-DD`, which is also a window for commits."
    )
    status: StatusField | None = Field(
        None, description="How it stands; derived from its agents and goals when left out."
    )
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    focus: TextField | None = Field(None, description="What it is about, in one line.")
    summary: TextField | None = Field(None, description="What happened, in a paragraph or more.")
    repository: TextField | None = Field(
        None, description="The name, in the settings, of the repository whose history it belongs to."
    )
    team: Team | None = Field(None, description="Who worked, and how.")
    agents: Many[Agent] = Field((), description="The people and programs that worked.")
    objectives: Many[Goal] = Field((), description="What was to be reached at large.")
    goals: Many[Goal] = Field((), description="What was to be reached in particular.")
    decisions: Many[Decision] = Field((), description="What was decided; each has a page of its own.")
    versions: Many[Version] = Field(
        (), description="Releases recorded here; the changelog lists them also where it finds no tag of them."
    )
    changes: Many[Change] = Field((), description="Entries for the changelog.")
    deliverables: Many[Deliverable] = Field((), description="What was made.")
    findings: Many[Discovery] = Field((), description="What was revealed.")
    carried: Carried | None = Field(None, description="What the note says about an earlier round.")
    deferred: Many[Deferral] = Field((), description="What was put off.")
    blockers: Many[Blocker] = Field((), description="What stands in the way.")
    metrics: dict[str, Metric] = Field(default_factory=dict, description="Numbers, by name.")
    checks: Many[Gate] = Field((), description="Exit criteria and gates.")
    tasks: Many[Task] = Field((), description="Pieces of work.")
    files: Files | None = Field(None, description="Files that the note says were touched.")
    risks: Many[Risk] = Field((), description="What may go wrong.")
    next: Many[Note] = Field((), description="What comes next.")
    questions: Many[Note] = Field((), description="What is not known yet.")
    notes: Many[Note] = Field((), description="Remarks.")
    history: Many[PastRound] = Field((), description="Earlier rounds that have no file.")
    tables: Many[Table] = Field((), description="Any other tables.")
    sections: Many[Section] = Field((), description="Any other prose.")
    commits: Many[Selection] = Field((), description="The commits that belong to it; wins over every rule.")
    branch: TextField | None = Field(None, description="Its branch; the commits merged from it belong to the round.")
    tags: Many[TextField] = Field((), description="Words to find it by.")
    prs: Many[TextField] = Field((), description="Its pull requests; their commits belong to the round.")
    releases: Many[TextField] = Field((), description="The versions that ship it.")
    links: Many[Link] = Field((), description="Links to somewhere else.")
    source: Many[Source] = Field((), description="The Markdown files that it was imported from.")
    waive: Many[Waiver] = Field((), description="Warnings that are right as they are, with the reason.")

    def named_paths(self) -> frozenset[str]:
        """Return the paths that its deliverables, its agents' deliverables and its file lists name."""
        completed = self.carried.completed if self.carried else ()
        deliverables = (*self.deliverables, *(d for agent in self.agents for d in agent.deliverables), *completed)
        listed = (*self.files.created, *self.files.modified, *self.files.deleted) if self.files else ()
        return frozenset((*(path for d in deliverables for path in d.paths), *listed))


class Round(Chapter):
    """One round: several work at once, then the round is summed up."""

    ANY_OF = ("title", "focus")

    round: Id = Field(description="The round's id inside its phase. Text: `4`, `3c`, `008` stay what they are.")
    phase: Id = Field(description="The phase's id; default: the folder.")
    was: Many[Key] = Field(
        (), description="Ids that it had before, `3/4b`, or `4b` in the same phase; their pages lead here."
    )
    closed: Closed | None = Field(None, description="What `roundbook close` froze; written by it.")

    @property
    def key(self) -> str:
        """Return the id over the whole book, `<phase>/<round>`."""
        return f"{self.phase}/{self.round}"

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase} Round {round}`."""
        return self.title or f"Phase {self.phase} Round {self.round}"


class Phase(Chapter):
    """A phase, sprint or milestone: what its rounds have in common; in all else a record like a round.

    Its key is `3/`, so that a bare `3`, which may be the number of a round, never means it.
    """

    round: ClassVar[str] = ""
    closed: ClassVar[None] = None

    phase: Id = Field(description="The phase's id; default: the folder.")
    was: Many[Key] = Field((), description="Ids that it had before; their pages lead here.")

    @property
    def key(self) -> str:
        """Return the id over the whole book, `<phase>/`."""
        return f"{self.phase}/"

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase}`."""
        return self.title or f"Phase {self.phase}"


RoundOrPhase = Round | Phase
