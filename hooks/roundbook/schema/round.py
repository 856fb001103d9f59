"""Rounds and phases, with the anchors of their items."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import ClassVar, NamedTuple, get_args

from pydantic import Field

from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.schema.base import Date, Id, Item, Key, Many, Record, StatusField, TextField
from roundbook.schema.dates import When
from roundbook.schema.decision import DecisionRecord, Metric, Selection
from roundbook.schema.ids import slug
from roundbook.schema.items import (
    Agent,
    Blocker,
    Carried,
    Change,
    Closed,
    Deferral,
    Deliverable,
    Discovery,
    Gate,
    Goal,
    ListedFiles,
    Note,
    PastRound,
    RecordedVersion,
    Risk,
    Section,
    Source,
    Table,
    Task,
    Team,
    Waiver,
    WebLink,
)
from roundbook.schema.statuses import Status


class Claims(NamedTuple):
    """What a round or phase says of the commits that belong to it: all of it that attribution reads."""

    status: Status | None
    date: When | None
    closed: Closed | None
    commits: tuple[Selection, ...]
    prs: tuple[str, ...]
    branches: tuple[str, ...]


class Chapter(Record):
    """What a round and a phase have in common."""

    title: TextField | None = Field(None, description="Default: `Phase {phase} Round {round}`.")
    kind: TextField | None = Field(None, description="The kind of round, for example `Polish, documentation, testing`.")
    date: Date | None = Field(
        None, description="A day, or a span `YYYY-MM-DD..YYYY-MM-DD`, which is also a window for commits."
    )
    status: StatusField | None = Field(None, description="Its status; default: derived from its agents and goals.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    focus: TextField | None = Field(None, description="What it is about, in one line.")
    summary: TextField | None = Field(None, description="What happened, in a paragraph or more.")
    repository: TextField | None = Field(
        None, description="The name, in the settings, of the repository whose history it belongs to."
    )
    team: Team | None = Field(None, description="Who worked, and how.")
    agents: Many[Agent] = Field((), description="The people and programs that worked.")
    objectives: Many[Goal] = Field((), description="The overall objectives.")
    goals: Many[Goal] = Field((), description="The specific goals.")
    decisions: Many[DecisionRecord] = Field((), description="What was decided; each has a page of its own.")
    versions: Many[RecordedVersion] = Field(
        (), description="Releases recorded here; the changelog lists them even if they have no tag."
    )
    changes: Many[Change] = Field((), description="Entries for the changelog.")
    deliverables: Many[Deliverable] = Field((), description="What was made.")
    findings: Many[Discovery] = Field((), description="What was discovered.")
    carried: Carried | None = Field(None, description="What the note says about an earlier round.")
    deferred: Many[Deferral] = Field((), description="What was deferred.")
    blockers: Many[Blocker] = Field((), description="What blocks the work.")
    metrics: dict[str, Metric] = Field(default_factory=dict, description="Numbers, by name.")
    checks: Many[Gate] = Field((), description="Exit criteria and gates.")
    tasks: Many[Task] = Field((), description="Pieces of work.")
    files: ListedFiles | None = Field(None, description="Files that the note says were touched.")
    risks: Many[Risk] = Field((), description="What may go wrong.")
    next: Many[Note] = Field((), description="What comes next.")
    questions: Many[Note] = Field((), description="What is not known yet.")
    notes: Many[Note] = Field((), description="Remarks.")
    history: Many[PastRound] = Field((), description="Earlier rounds that have no file.")
    tables: Many[Table] = Field((), description="Any other tables.")
    sections: Many[Section] = Field((), description="Any other prose.")
    commits: Many[Selection] = Field((), description="The commits that belong to it; overrides every rule.")
    branch: TextField | None = Field(None, description="Its branch; the commits merged from it belong to the round.")
    tags: Many[TextField] = Field((), description="Keywords.")
    prs: Many[TextField] = Field((), description="Its pull requests; their commits belong to the round.")
    releases: Many[TextField] = Field((), description="The versions that ship it.")
    links: Many[WebLink] = Field((), description="Links to somewhere else.")
    source: Many[Source] = Field((), description="The Markdown files that it was imported from.")
    waive: Many[Waiver] = Field((), description="Warnings to accept, with the reason.")

    @property
    def claims(self) -> Claims:
        """Return what it says of the commits that belong to it."""
        branches = (self.branch, *(agent.branch for agent in self.agents))
        closed = self.closed if isinstance(self, Round) else None
        return Claims(self.status, self.date, closed, self.commits, self.prs, tuple(b for b in branches if b))

    def named_paths(self) -> frozenset[str]:
        """Return the paths that its deliverables, its agents' deliverables and its file lists name."""
        completed = self.carried.completed if self.carried else ()
        deliverables = (*self.deliverables, *(d for agent in self.agents for d in agent.deliverables), *completed)
        listed = (*self.files.created, *self.files.modified, *self.files.deleted) if self.files else ()
        return frozenset((*(path for d in deliverables for path in d.paths), *listed))


class Round(Chapter):
    """One round of work and its summary."""

    ANY_OF = ("title", "focus")

    round: Id = Field(description="The round's id in its phase, read as text: `4`, `3c` and `008` are kept as written.")
    phase: Id = Field(description="The phase's id; default: the folder.")
    was: Many[Key] = Field(
        (), description="Former ids, for example `3/4b`, or `4b` in the same phase; their pages redirect here."
    )
    closed: Closed | None = Field(None, description="What `roundbook close` recorded; written by that command.")

    @property
    def key(self) -> str:
        """Return the id over the whole book, `<phase>/<round>`."""
        return f"{self.phase}/{self.round}"

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase} Round {round}`."""
        return self.title or f"Phase {self.phase} Round {self.round}"


class Phase(Chapter):
    """A phase, sprint or milestone: what its rounds have in common. Otherwise a record like a round.

    Its key is `3/`, so that a bare `3`, which may be the number of a round, never means it.
    """

    round: ClassVar[str] = ""
    closed: ClassVar[None] = None

    phase: Id = Field(description="The phase's id; default: the folder.")
    was: Many[Key] = Field((), description="Former ids; their pages redirect here.")

    @property
    def key(self) -> str:
        """Return the id over the whole book, `<phase>/`."""
        return f"{self.phase}/"

    @property
    def name(self) -> str:
        """Return the title, or `Phase {phase}`."""
        return self.title or f"Phase {self.phase}"


RoundOrPhase = Round | Phase


@frozen
class ListKey:
    """A key under which a round lists entries, and how anchors, pages, checks, timelines and importers know it.

    With `columns`, the heads by field, its entries are rows of a table; without, items of a list. All other fields of an
    entry follow the first one. `with_id` shows the ids. `counted`: the statuses of its entries make up that of a round, and
    what is open among them is an open item. `closing`: an entry that is done closes the open items of the same title.
    `timeline`: its entries have timelines. Importers find the list by the headings `words`, and put what follows the first
    words of an entry into `more`.
    """

    key: str
    heading: str
    words: str = ""
    more: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    with_id: bool = False
    counted: bool = False
    closing: bool = False
    timeline: bool = False

    @cached_property
    def word(self) -> str:
        """Return the word for one entry, `goal`."""
        return self.key.removesuffix("s")

    @cached_property
    def prefix(self) -> str:
        """Return what its anchors begin with; a decision's is its id alone, so that `3/4#wasm-target` is an address."""
        return "" if self.key == "decisions" else f"{self.word}-"

    @cached_property
    def item(self) -> type[Item]:
        """Return the class of its entries."""
        found: type[Item] = get_args(Chapter.model_fields[self.key].annotation)[0]
        return found

    @cached_property
    def label(self) -> str:
        """Return the field that an entry is called by."""
        return self.item.LABEL[0]

    @cached_property
    def has_status(self) -> bool:
        """Tell whether its entries have a status of work; that of a decision is another."""
        return "status" in self.item.model_fields and self.item is not DecisionRecord

    @cached_property
    def has_commits(self) -> bool:
        """Tell whether its entries name commits."""
        return "commits" in self.item.model_fields


_AGENTS = {"name": "Agent", "task": "Task", "note": "Notes", "status": "Status", "deliverables": "Deliverables"}
_DELIVERABLES = {"title": "Deliverable", "paths": "Paths", "note": "Notes", "status": "Status"}
_CHECKS = {"title": "Criterion", "target": "Target", "result": "Result", "evidence": "Evidence"}
# In the order of a round's page.
# fmt: off
LISTS: Mapping[str, ListKey] = {
    one.key: one
    for one in (
        ListKey("agents", "Agents", more="task", counted=True, timeline=True, ordered=True, columns=_AGENTS, words="""
            agents, agent, team, the team, agent assignments, agents assigned, agent roster, agent tasks, agent
            status, agent summary, agent results, assignments, task assignments, team assignments, people,
            contributors, roster, who, who did what, who worked on what, workstreams, work streams, streams, lanes,
            workers, participants, agent deliverables, agent overview, parallel agents, squad, crew"""),
        ListKey("decisions", "Decisions", more="decision", timeline=True, words="""
            decisions, key decisions, decisions made, decision log, technical decisions, design decisions, decisions
            taken, architecture decisions, architectural decisions, important decisions, what we decided, major
            decisions, key technical decisions, key design decisions, implementation decisions, decision records,
            adrs, decided, key decisions made, decisions and rationale, decisions and trade offs, technical choices,
            notes and decisions, recent decisions, active decisions, decisions and notes, locked decisions"""),
        ListKey("objectives", "Objectives", more="text", ordered=True, words="""
            objectives, objective, aims, purpose, mission statement, what we want, primary objectives"""),
        ListKey("goals", "Goals", more="text", counted=True, closing=True, ordered=True, words="""
            goals, goal, specific goals, targets for success, sprint goal, sprint goals, round goals, success
            criteria for goals, planned goals, what we set out to do, planned, plan, planned work, scope, in scope,
            primary goals, secondary goals, stretch goals, goals and status, phase boundary, session goals, session
            goal, phase goals,
            phase goal, milestone goals, weekly goals, project goals"""),
        ListKey("changes", "Changes", closing=True, timeline=True),
        ListKey("deliverables", "Deliverables", more="note", closing=True, columns=_DELIVERABLES, words="""
            deliverables, key deliverables, outputs, artifacts, artefacts, deliverable, main deliverables,
            deliverables and status"""),
        ListKey("findings", "Findings", more="text", words="""
            findings, key findings, what revealed, revealed, what was revealed, what it revealed, what we learned,
            what we learnt, lessons, lessons learned, lessons learnt, learnings, key learnings, discoveries, what we
            found, insights, observations, discovered, what was discovered, takeaways, key takeaways, issues
            discovered, issues found, gotchas, surprises, bugs found, bugs discovered, problems found, root causes,
            problems discovered, known issues, what was learned, learned, learnt, known limitations, limitations,
            issues encountered, problems encountered, challenges and solutions, issues and resolutions,
            issues and fixes, deviations from plan, gaps, gaps found, known gaps, known bugs, bugs,
            critical issues, issues identified, problems, technical debt, tech debt, known problems"""),
        ListKey("deferred", "Deferred", more="reason", words="""
            deferred, deferred items, deferred work, deferred tasks, postponed, carried over, carry over, carryover,
            carry forward, carried forward, out of scope, not done, what was deferred, what we deferred, pushed,
            moved, moved out, not completed, spillover, punted, backlogged, left for later, what didn't make it,
            descoped, what slipped, slipped, rolled over"""),
        ListKey("blockers", "Blockers", more="text", words="""
            blockers, blocker, blocked, current blockers, blocking issues, impediments, blocked items, open
            blockers, critical blockers, blocked on, blocked by, blockers and impediments, known blockers"""),
        ListKey("checks", "Exit criteria", more="evidence", columns=_CHECKS, words="""
            exit criteria, quality gates, gates, gate, checks, acceptance criteria, success criteria, definition of
            done, verification, validation, exit criteria status, exit criteria review, quality gate, gate results,
            checklist, quality gate results, quality checks, acceptance, exit checklist, release checklist, go no
            go, done when, validation results, verification results, entry criteria, testing results, test plan,
            validation checks, verification steps, validation summary, verification summary, build verification,
            build status, testing status, testing checklist, pre merge checklist, readiness checklist, must haves,
            requirements coverage, completion checklist, testing, manual testing, quality assurance, test cases,
            observable truths, deployment checklist, gate check, quality checklist, sign off checklist,
            dod, self check, verified, acceptance criteria verification, verification map, regression checks,
            human verification required, human verification, manual verification, acceptance tests, uat results"""),
        ListKey("tasks", "Tasks", more="note", counted=True, closing=True, with_id=True, words="""
            tasks, task, task list, todo, to do, to dos, todos, work items, issues, tickets, stories, user stories,
            backlog, remaining work, remaining tasks, task status, in progress, task breakdown, work breakdown, open
            tasks, sprint backlog, outstanding work, remaining, items, story list, pending, pending work,
            outstanding, outstanding tasks"""),
        ListKey("risks", "Risks", words="""
            risks, risk, risks and mitigations, risks and mitigation, risk register, risk assessment, known risks,
            open risks, risk log, risks and concerns, technical risks, concerns, dependencies and risks, risks and
            dependencies, risks and issues"""),
        ListKey("next", "Next", words="""
            next steps, next, next round, next sprint, next phase, next week, next iteration, next session, next actions,
            planned for next week, planned for next sprint, planned for next round, plans for next week, next steps and
            recommendations, recommendation, what's next, what is
            next, what comes next, recommendations, recommended next steps, follow up, follow ups, followups, action
            items, actions, upcoming, plan for next round, plan for next sprint, plan for next week, next actions,
            outlook, future work, immediate next steps, next up, looking ahead, up next, immediate actions,
            recommended actions, what's left to build, next session priorities, next priorities,
            what is left, what's left, what remains,
            what's remaining, still to do, immediate next actions, next tasks, next session tasks, where to resume"""),
        ListKey("questions", "Questions", words="""
            open questions, questions, unresolved questions, unknowns, open points, still open, open issues,
            claude's discretion, left open, agent discretion, questions for the team, unanswered questions, to be
            clarified, outstanding questions"""),
        ListKey("notes", "Notes", words="""
            notes, remarks, other notes, additional notes, miscellaneous, misc, comments, note"""),
        ListKey("tables", "Tables"),
        ListKey("sections", "Sections"),
    )
}
# fmt: on


# Sections of a page have anchors of their own, which no entry may take.
SECTIONS = frozenset(
    {"summary", "metrics", "since", "previous-rounds", "files", "commits", "pull-requests", "contributors", "touched"}
    | {"links", "waived", "tags", "evidence", "versions", "recorded-versions", "mentioned-in", "left-open", "details"}
    | {*LISTS}
)


def anchors(record: RoundOrPhase) -> dict[tuple[str, int], str]:
    """Return the anchor of each entry, by its list and its position in it.

    Two entries that would have one anchor get `-2`, `-3` behind it, in their order.
    """
    return named({field: [(item.id, item.label) for item in getattr(record, field)] for field in LISTS})


def named(lists: Mapping[str, Iterable[tuple[str | None, str]]]) -> dict[tuple[str, int], str]:
    """Return the anchors of lists of entries, each given as its id, if any, and its label."""
    found: dict[tuple[str, int], str] = {}
    taken = dict.fromkeys(
        SECTIONS, 1
    )  # and the last number that was looked at behind each: thousands may have one label
    for key, one in LISTS.items():
        for i, (id_, label) in enumerate(lists.get(key, ())):
            found[key, i] = _free(f"{one.prefix}{id_ or slug(label, 48)}", taken)
    return found


def _free(wanted: str, taken: dict[str, int]) -> str:
    """Return an anchor that is not taken, and take it."""
    anchor = wanted
    while anchor in taken:
        taken[wanted] += 1
        anchor = f"{wanted}-{taken[wanted]}"
    taken[anchor] = 1
    return anchor


def twice(record: RoundOrPhase) -> Iterator[Finding]:
    """Yield a finding for each id that two entries of one list of a round claim."""
    for key in LISTS:
        if key == "decisions":
            continue  # `unique` compares their ids across all rounds
        seen: dict[str, Item] = {}
        items: tuple[Item, ...] = getattr(record, key)
        for item in items:
            other = seen.setdefault(item.id.casefold(), item) if item.id else item
            if other is not item:
                message = f'the id "{item.id}" is also used at {other.place}'
                yield Finding("error", "id-twice", message, item.place_of("id"), "give one of the two another id")
