"""In: the tree of a round file. Out: the records of a round, frozen, every key with its own documentation.

The JSON Schema, the reference page of keys and the error messages are all made from this file.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from roundbook.model.decision import Decision
from roundbook.model.item import Item
from roundbook.model.metric import Metric
from roundbook.model.record import Date, Id, Many, Record, StatusField, TextField
from roundbook.model.selection import Selection

ChangeType = Literal["added", "changed", "deprecated", "removed", "fixed", "security"]
CHANGE_TYPES: tuple[ChangeType, ...] = ("added", "changed", "deprecated", "removed", "fixed", "security")


class Team(Record):
    """Who worked, and how."""

    SHORT = "mode"

    size: TextField | None = Field(None, description="How many worked.")
    mode: TextField | None = Field(None, description="How they worked together, for example `concurrent`.")


class Agent(Item):
    """A person or a program that worked in the round."""

    SHORT = "name"
    ANY_OF = ("name", "task")

    name: TextField | None = Field(None, description="Its name. One of `name` and `task` is required.")
    task: TextField | None = Field(None, description="What it was to do.")
    role: TextField | None = Field(None, description="Its role.")
    status: StatusField | None = Field(None, description="How far it came.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    deliverables: Many[Deliverable] = Field((), description="What it made; paths are held against git.")
    note: TextField | None = Field(None, description="A remark.")
    branch: TextField | None = Field(None, description="The branch it worked on.")
    commits: Many[Selection] = Field((), description="The commits it made.")
    people: Many[TextField] = Field((), description="The people behind it.")

    @property
    def label(self) -> str:
        """Return the name, or the task where there is no name."""
        return self.name or self.task or self.id or ""


class Goal(Item):
    """An objective or a goal of the round."""

    SHORT = "title"
    ANY_OF = ("title", "text")

    title: TextField | None = Field(None, description="The goal in one line.")
    text: TextField | None = Field(None, description="More about it.")
    status: StatusField | None = Field(None, description="How far it came.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    commits: Many[Selection] = Field((), description="The commits that serve it.")
    evidence: TextField | None = Field(None, description="What shows that it is reached.")

    @property
    def label(self) -> str:
        """Return the title, or the text where there is no title."""
        return self.title or self.text or self.id or ""


class Change(Item):
    """One entry of the changelog."""

    SHORT = "text"

    type: ChangeType = Field("changed", description="The category of Keep a Changelog.")
    text: TextField = Field(description="The entry, written for the people who use the project.")
    breaking: bool = Field(False, description="Whether users must act.")
    commits: Many[Selection] = Field((), description="The commits that made it.")
    prs: Many[TextField] = Field((), description="Its pull requests.")
    issues: Many[TextField] = Field((), description="The issues it settles.")
    decision: TextField | None = Field(None, description="The decision behind it.")
    cve: TextField | None = Field(None, description="The CVE that a security entry answers.")

    @property
    def label(self) -> str:
        """Return the text."""
        return self.text


class Deliverable(Item):
    """Something that was to be made."""

    SHORT = "title"
    ANY_OF = ("title", "paths")

    title: TextField | None = Field(None, description="What it is.")
    group: TextField | None = Field(None, description="A heading to list it under.")
    paths: Many[TextField] = Field((), description="Its files and folders, relative to the project; held against git.")
    note: TextField | None = Field(None, description="A remark.")
    status: StatusField | None = Field(None, description="How far it came.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    commits: Many[Selection] = Field((), description="The commits that made it.")

    @property
    def label(self) -> str:
        """Return the title, or the paths where there is no title."""
        return self.title or ", ".join(self.paths) or self.id or ""


class Discovery(Item):
    """Something that the round revealed."""

    SHORT = "title"
    ANY_OF = ("title", "text")

    title: TextField | None = Field(None, description="What was found, in one line.")
    text: TextField | None = Field(None, description="More about it.")
    severity: TextField | None = Field(None, description="How bad it is.")
    refs: Many[TextField] = Field((), description="Rounds, decisions, pull requests or commits that it is about.")

    @property
    def label(self) -> str:
        """Return the title, or the text where there is no title."""
        return self.title or self.text or self.id or ""


class Deferral(Item):
    """Something put off."""

    SHORT = "title"

    title: TextField = Field(description="What is put off.")
    to: TextField | None = Field(None, description="The round that is to take it up, for example `3/5`.")
    until: TextField | None = Field(None, description="The condition on which it is taken up.")
    reason: TextField | None = Field(None, description="Why.")
    priority: TextField | None = Field(None, description="How much it matters.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title


class Carried(Record):
    """What the note itself says about an earlier round."""

    from_: TextField | None = Field(None, description="The earlier round, for example `3/3`.")
    completed: Many[Deliverable] = Field((), description="What was completed in it.")
    findings: Many[Discovery] = Field((), description="What it revealed.")
    deferred: Many[Deferral] = Field((), description="What it put off.")


class Blocker(Item):
    """Something that stands in the way."""

    SHORT = "title"

    title: TextField = Field(description="What stands in the way.")
    status: StatusField | None = Field(None, description="How it stands.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    severity: TextField | None = Field(None, description="How bad it is.")
    since: TextField | None = Field(None, description="The round or date since when.")
    resolved: TextField | None = Field(None, description="The round or date when it was removed.")
    blocks: Many[TextField] = Field((), description="What it holds up.")
    text: TextField | None = Field(None, description="More about it.")
    resolution: TextField | None = Field(None, description="How it was removed.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title


class Gate(Item):
    """An exit criterion or a check that was run."""

    SHORT = "title"

    title: TextField = Field(description="What is checked.")
    tier: Literal["must", "should", "nice"] | None = Field(None, description="How much it matters.")
    command: TextField | None = Field(None, description="The command that checks it.")
    target: TextField | None = Field(None, description="What it is to give.")
    result: Literal["pass", "fail", "partial", "blocked", "deferred", "missing", "pending", "na"] | None = Field(
        None, description="What it gave."
    )
    evidence: TextField | None = Field(None, description="What shows it.")
    group: TextField | None = Field(None, description="A heading to list it under.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title


class Task(Item):
    """A piece of work."""

    SHORT = "title"

    title: TextField = Field(description="What is to be done.")
    status: StatusField | None = Field(None, description="How far it came.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    priority: TextField | None = Field(None, description="How much it matters.")
    effort: TextField | None = Field(None, description="How much work it is.")
    parent: TextField | None = Field(None, description="The id of the task that it is part of.")
    agent: TextField | None = Field(None, description="Who does it.")
    note: TextField | None = Field(None, description="A remark.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title


class Files(Record):
    """The files that the note says were touched; held against git."""

    created: Many[TextField] = Field((), description="New files.")
    modified: Many[TextField] = Field((), description="Changed files.")
    deleted: Many[TextField] = Field((), description="Removed files.")


class Risk(Item):
    """Something that may go wrong."""

    SHORT = "title"

    title: TextField = Field(description="What may go wrong.")
    likelihood: TextField | None = Field(None, description="How likely it is.")
    impact: TextField | None = Field(None, description="What it would cost.")
    mitigation: TextField | None = Field(None, description="What is done about it.")
    owner: TextField | None = Field(None, description="Who watches it.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title


class Note(Item):
    """A remark, a question or a next step."""

    SHORT = "text"

    text: TextField = Field(description="What it says.")
    priority: TextField | None = Field(None, description="How much it matters.")
    owner: TextField | None = Field(None, description="Whose it is.")

    @property
    def label(self) -> str:
        """Return the text."""
        return self.text


class PastRound(Record):
    """A row of "Previous Rounds" for a round that has no file; derived for those that have one."""

    round: TextField = Field(description="The round, for example `3/1`, or `1` in the same phase.")
    agents: TextField | None = Field(None, description="How many worked.")
    focus: TextField | None = Field(None, description="What it was about.")
    tests_after: TextField | None = Field(None, description="The test count at its end.")
    date: TextField | None = Field(None, description="When it was.")
    status: TextField | None = Field(None, description="How it ended.")


class Table(Item):
    """Any other table."""

    title: TextField | None = Field(None, description="Its caption.")
    columns: Many[TextField] = Field((), description="The headings of its columns.")
    rows: tuple[Many[TextField], ...] = Field((), description="Its rows, a list of cells each.")
    note: TextField | None = Field(None, description="A remark below it.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title or "Table"


class Section(Item):
    """Any other prose."""

    SHORT = "body"

    title: TextField | None = Field(None, description="Its heading.")
    body: TextField = Field(description="Its text, in Markdown.")

    @property
    def label(self) -> str:
        """Return the title."""
        return self.title or "Notes"


class Link(Record):
    """A link to somewhere else."""

    SHORT = "url"

    url: TextField = Field(description="An address beginning with `https:`, `http:` or `mailto:`.")
    title: TextField | None = Field(None, description="What lies there.")


class Source(Record):
    """The Markdown file that the round was imported from."""

    SHORT = "path"

    path: TextField = Field(description="Its path.")
    rev: TextField | None = Field(None, description="The commit it was read at.")
    blob: TextField | None = Field(None, description="The id of its content.")


class Waiver(Record):
    """Silences one finding, with a reason that the page shows."""

    check: TextField = Field(description="The finding's slug.")
    target: TextField | None = Field(None, description="What it is about.")
    reason: TextField = Field(description="Why it is right as it is.")


class Chapter(Record):
    """What a round and a phase have in common."""

    title: TextField | None = Field(None, description="Default: `Phase {phase} Round {round}`.")
    kind: TextField | None = Field(None, description="The kind of round, for example `Polish, documentation, testing`.")
    date: Date | None = Field(None, description="A day, or a span `YYYY-MM-DD..YYYY-MM-DD`, which is also a window for commits.")
    status: StatusField | None = Field(None, description="How it stands; derived from its agents and goals when left out.")
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    focus: TextField | None = Field(None, description="What it is about, in one line.")
    summary: TextField | None = Field(None, description="What happened, in a paragraph or more.")
    repository: TextField | None = Field(None, description="The name, in the settings, of the repository whose history it belongs to.")
    team: Team | None = Field(None, description="Who worked, and how.")
    agents: Many[Agent] = Field((), description="The people and programs that worked.")
    objectives: Many[Goal] = Field((), description="What was to be reached at large.")
    goals: Many[Goal] = Field((), description="What was to be reached in particular.")
    decisions: Many[Decision] = Field((), description="What was decided; each has a page of its own.")
    changes: Many[Change] = Field((), description="Entries for the changelog.")
    deliverables: Many[Deliverable] = Field((), description="What was made; paths are held against git.")
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
    source: Source | None = Field(None, description="The Markdown file that it was imported from.")
    waive: Many[Waiver] = Field((), description="Findings to silence, with the reason.")


    def named_paths(self) -> frozenset[str]:
        """Return the paths that its deliverables, its agents' deliverables and its file lists name."""
        deliverables = (*self.deliverables, *(d for agent in self.agents for d in agent.deliverables))
        listed = (*self.files.created, *self.files.modified, *self.files.deleted) if self.files else ()
        return frozenset((*(path for d in deliverables for path in d.paths), *listed))


class Round(Chapter):
    """One round: several work at once, then the round is summed up."""

    ANY_OF = ("title", "focus")

    round: Id = Field(description="The round's id inside its phase. Text: `4`, `3c`, `008` stay what they are.")
    phase: Id = Field(description="The phase's id; default: the folder.")

    @property
    def key(self) -> str:
        """Return the id over the whole book, `<phase>/<round>`."""
        return f"{self.phase}/{self.round}"

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase} Round {round}`."""
        return self.title or f"Phase {self.phase} Round {self.round}"


class Phase(Chapter):
    """A phase, sprint or milestone: what its rounds have in common."""

    phase: Id = Field(description="The phase's id; default: the folder.")

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase}`."""
        return self.title or f"Phase {self.phase}"


def _defined(*models: Any) -> None:
    for model in models:
        model.model_rebuild()


_defined(Agent, Carried, Chapter, Round, Phase)
