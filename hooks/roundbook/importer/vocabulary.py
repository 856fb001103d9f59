"""The words by which columns, people, paths and dates are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache, lru_cache

from roundbook.adr.fields import FIELDS
from roundbook.frozen import frozen
from roundbook.importer.columns import COLUMNS, table
from roundbook.markdown import plain, remark_of, unmarked, without_numbering
from roundbook.schema.round import LISTS

# Keys whose values a note has under the name of another key: a raw word, a remark, the paths of a note.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "status": ("status-text",),
    "result": ("evidence",),
    "note": ("paths",),
    "before": ("before-note",),
    "id": ("details",),
    "round": ("from", "resolved", "since", "to"),
    "team": ("agents", "size", "mode"),
    "value": ("after",),
    "deliverables": ("paths",),
    "to": ("until",),
    "tier": ("evidence",),
    "lead": ("agents", "name"),
    "date": ("status-text",),
}

# The heads of a table of keys and values.
PAIR_HEADS = frozenset(
    {
        "attribute",
        "field",
        "item",
        "key",
        "property",
        "value",
        "what",
        "details",
        "feld",
        "wert",
        "fält",
        "värde",
        "campo",
    }
    | {"valor", "champ", "valeur", "info", "information", "parameter", "aspect"}
)

# What headings are names of, beside the lists of a round. Topics that are no key of the model are explained by TOPIC_KEYS.
_OF_LISTS = {key: tuple(" ".join(one.words.split()).split(", ")) for key, one in LISTS.items() if one.words}
HEADINGS = _OF_LISTS | table("""
summary: summary, overview, executive summary, introduction, intro, tl dr, tldr, abstract, in short, at a glance, synopsis,
    what happened, sprint information, sprint info, sprint overview, sprint details, round information, round details,
    metadata, meta, general information, sprint summary, round summary
focus: focus, theme, mission, main focus, focus area
decision: key decision, decision, technical decision, design decision, architecture decision, architectural decision
completed: completed, what was completed, completed work, work completed, done, what was done, what we did, what got done,
    shipped, what shipped, what we shipped, delivered, what was delivered, what we delivered, accomplishments, key
    accomplishments, achievements, key achievements, highlights, accomplished, finished, completed items, what was built, what
    we built, completed deliverables, wins, work done, what's done, what is done, landed, what landed, merged, completed
    features, completed components, what was implemented, implemented features, features implemented, what's built, what's
    working, what works, what works now, scope delivered, delivered scope, completed phases, completed this session, completed
    today, completed this sprint, work performed, what has been done, what changed and why, changes implemented, completed
    steps, progress made, key changes made, main accomplishments, major accomplishments, what this session did, what was done
    this session, done this session, features delivered, completed actions, actions completed, actions taken, solutions
    implemented, delivered features, completed stories, stories completed, delivered items, key features implemented,
    implemented, implemented commands, components built, what was accomplished, features completed, completed work items
files: files, files changed, changed files, files touched, files modified or created, file changes, files affected, affected
    files, key files, modified and created files, files created and modified, files created modified, created modified files,
    files summary
created: documentation created, documentation added, scripts created, tests created, files created, created files, new files,
    files added, added files, created, new files created, file created
modified: files modified, modified files, modified, files updated, updated files, files edited, edited files, existing files
    modified, file modified
deleted: files deleted, deleted files, files removed, removed files, deleted, file deleted
metrics: metrics, performance notes, key metrics, numbers, stats, statistics, key numbers, by the numbers, measurements,
    performance, test results, tests, test count, test counts, test metrics, test status, test summary, metrics and results,
    kpis, code statistics, code metrics, code stats, performance metrics, performance results, performance improvements,
    performance benchmarks, sprint metrics, phase metrics, session metrics, session statistics, session
    stats, velocity, velocity metrics, bundle size, build metrics, build stats, test statistics, project metrics, project
    statistics, implementation metrics, implementation statistics, code quality metrics, technical metrics, success metrics,
    overall results, overall metrics, final metrics, final results, coverage, code coverage, code impact, quantitative
    results, progress metrics, overall progress, test coverage, results, benchmarks, benchmark results, quality metrics, in
    numbers, metrics summary
history: previous sessions, session history, previous phases, phase history, previous rounds, round history, earlier rounds,
    past rounds, rounds so far, history, previous sprints, past sprints, round progression, rounds, sprint history, prior
    rounds, progress by round, round overview, all rounds, previous iterations, previous weeks, velocity history, milestone
    history, iteration history, week history
changed: changes, changes since, what changed, progress since, since, status of, recap
changelog: changelog, change log, release notes
added: added, new features, features added
change: changed
deprecated: deprecated, deprecations
removed: removed
fixed: fixed, bug fixes, bugs fixed, fixes, bugfixes
security: security fixes
commits: commits, commit log, key commits, commit list, notable commits, task commits, git commits, related commits, commit
    history, commits made
prs: pull requests, prs, merge requests, merged prs, merged pull requests
links: links, references, related links, see also, resources, related documents, related
reviewed: what went well, what went right, what went wrong, what didn't go well, what did not go well, what went less well,
    what could be improved, what could have gone better, what can be improved, what could improve, what to improve, what
    worked, what worked well, what didn't work, what did not work, improvements, areas for improvement, challenges, challenges
    identified, challenges encountered, challenges faced, positive results, positives, negatives, strengths, weaknesses, went
    well, to improve, what surprised us, what slowed us down, start, stop, keep, vad gick bra, vad gick mindre bra, vad gick
    fel, vad fungerade inte, vad som inte fungerade, vad kan förbättras, vad kan forbattras, vad fungerade bra, vad som
    fungerade bra, was lief gut, was lief schlecht, was lief nicht gut, was gut lief, was nicht gut lief
about: risk management, retrospective, retro, sprint review, review, sprint retrospective, details, report, status report,
    round report, full report, review and retrospective, sprint review and retrospective, round review, entries, log entries,
    all entries, decision entries
""")

# What other languages call the lists of a round, in the order of how often notes in them were found.
_ELSEWHERE = table("""
solution: solution, the solution, solution implemented, solution applied, fix, the fix, fix applied, resolution, how it was
    fixed, remediation
problem: issue reported, reported issue, problem, the problem, problem statement, problem summary, problem description,
    problem identified, the issue, issue, issue summary, issue description, symptoms, symptom, root cause, the root cause,
    root cause analysis, why it happened, bug, the bug
deliverables: features, key features, core features, new capabilities, what you get, what this delivers, what's new, whats
    new, capabilities, main features
links: related documentation, related docs, documentation links, further reading, documentation references, useful links,
    links and references, related files and docs, external references, primary sources
commits: commits summary, commit summary, commits this session, recent commits, git history, key git commits, commits
    included, commits pushed, session commits, git commit, commits in this session
history: recent sessions, previous work, completed sprints, progress by phase
modified: изменённые файлы, измененные файлы, archivos modificados, modified components, updated documentation, components
    modified, documentation updated, files fixed
created: созданные файлы, archivos creados, new documentation, new components, new scripts, new tests, new modules, tests
    added, created documentation, components created, test files created
goals: scope of this session, цель, цели, цель сессии, цель спринта, key objectives, objective and scope, target, targets,
    goal statement, what this phase delivers, intent, desired outcome, what we want to
    achieve, ziel, ziele, mål, sprintmål, objectifs, objetivos
completed: выполненные задачи, что сделано, выполнено, completado, successfully fixed, what happened today, fixes applied in
    this session, features included, changes made, changes summary, summary of changes, key changes, main changes, code
    changes, what was fixed, what was added, what changed in this phase, work completed this session, modifications,
    modifications made, implementation changes, key improvements, improvements made, core features implemented, fixes applied,
    implementation steps completed, what was done this session, technical achievements, technical accomplishments, key
    features delivered, milestones achieved, milestones completed, tasks accomplished, levererat, geliefert, erledigt, vad som
    byggdes, vad vi gjorde, umgesetzt, terminé
findings: уроки, уроки и решения, проблемы, lecciones aprendidas, issues fixed, issues resolved, bugs fixed this session,
    problems solved, problem solved, problems and solutions, issues and solutions, challenges overcome, anti patterns found,
    known stubs, deviations, deviations from the plan, auto fixed issues, deferred issues, warnings, caveats, known
    constraints, current issues, existing issues, remaining issues, bugs found and fixed, lessons from this session, what we
    learned this sprint, key insights, audit findings, review findings, pain points, known issues and considerations, carried
    forward limitations, carried forward limitations and gaps, limitations carried forward, limitations and gaps, known
    limitations and gaps, known gaps and limitations, current limitations, known issues and limitations, issues and risks,
    insights gained, technical insights, retrospective highlights, lärdomar, lardomar, viktiga learnings, erkenntnisse,
    gelernt
decisions: decisions recorded, choices made, key choices, design choices, design rationale, architectural choices, deviations
    and decisions, decisions log, decisions this session, key decisions this session, decision points resolved, beslut,
    entscheidungen, arkitekturbeslut, décisions, decisiones
notes: where we left off, where i left off, where things stand
prs: pull request, merge request, pr
risks: identified risks, risk analysis, potential risks, potential issues, potential problems, risk matrix, risks and
    unknowns, risks and mitigation strategies, risker, risiken, risques, riesgos
next: next sprint action, next sprint actions, next session actions, looking forward, do first, first steps, next work, next
    work items, следующие шаги, próximos pasos, priorities, session priorities, priority list, ready for, next steps for user,
    remaining steps, future considerations, future work items, possible next steps, suggested next steps, next milestone, next
    milestones, next action, post deployment tasks, future phases, path forward, way forward, future enhancements, future
    improvements, possible improvements, suggested improvements, next sprint recommendations, next round recommendations,
    recommendations for next sprint, recommendations for next session, next categories, remaining categories, action items for
    next sprint, action items for next round, action items for future sprints, issues to create, issues created, future sprint
    planning, next session suggestion, next session suggestions, suggested new work, what's next, nästa steg, nasta steg,
    nästa, nächste schritte, danach, ausblick, prochaines étapes
tasks: tasks completed, completed tasks, tasks done, pending items, other pending items, open action items, action plan, task
    summary, implementation tasks, task details, tasks for this phase, subtasks, sub tasks, implementation checklist,
    implementation steps, work plan, action checklist, what remains to be done, remaining todo, backlog items, stories in this
    sprint, sprint stories, sprint tasks, sprint items, planned tasks, work in progress, currently working on, aufgaben,
    uppgifter, must, must have, should, should have, could, could have, nice to have
deferred: not in this session, not finished in this session, not done in this session, not finished, what's not done, what's
    not in scope, what is not in scope, what's out of scope, deferred ideas, deferred to next phase, deferred to later, future
    scope, future ideas, future ideas captured, ideas for later, won't do, not in scope, not included, not implemented,
    explicitly out of scope, non goals, non goals for this phase, excluded, what is not done, not yet done, won't, won't have,
    wont, inte i sprint, nicht in diesem sprint
summary: session summary, implementation summary, project summary, phase summary, completion summary, quick summary,
    conclusion, conclusions, closing, final thoughts, in summary, bottom line, closing remarks, sammanfattning,
    zusammenfassung, résumé, resumen
blockers: blocking, current blocker, blockers and concerns, blockers or concerns, blockers and risks, waiting on, dependencies
    and blockers, blockerare, hindernisse
checks: compliance, compliance with goals, standards compliance, guidelines compliance, adherence to guidelines, adherence to
    project guidelines, tests run, tests passed, verification performed, verification complete, verification evidence, smoke
    tests, smoke test, test scenarios, test results summary, requirements met, criteria met, success criteria met, validation
    complete, post deployment verification, required artifacts, key link verification, key links, requirements validated,
    requirements satisfied, requirements traceability, requirements verification, phase requirements status, verification
    against plan, success criteria check, success criteria verification, success criteria status, success criteria results,
    testing completed, testing performed, production readiness, deployment readiness, truths, behavioral spot checks, spot
    checks, sanity checks, automated tests, manual tests, automated testing, manual testing results, manual testing completed,
    prerequisites, all prerequisites met, feature testing, quality checks passed, sign off, completion criteria, phase
    completion criteria, verification checklist, validation checklist, testing checklist
files: file list, file inventory, file summary, key files created, files in scope, file map, files to modify, files to create,
    files modified created, files touched this session, files delivered, codebase changes, files created modified, files
    created and updated, files created updated, tests added updated, tests added and updated, tests updated
questions: decisions needed, open decisions, pending decisions, user decisions needed, pending questions, needs clarification,
    öppna frågor, offene fragen
metrics: статистика, результаты тестов, métricas, estadísticas, test coverage summary, size, timing, time spent, effort, time
    tracking, quality, results summary, code quality, impact metrics, performance impact, velocity and metrics, statistics
    summary, coverage summary, project stats, test execution, tests summary, nyckelmetrik, nyckelmetriker, kennzahlen,
    statistik
""")
HEADINGS = {key: (*HEADINGS.get(key, ()), *_ELSEWHERE.get(key, ())) for key in HEADINGS | _ELSEWHERE}

# The topics whose entries can keep a longer heading: as a group, or as a note.
QUALIFIED = frozenset(
    {
        "tasks",
        "deliverables",
        "checks",
        "metrics",
        "findings",
        "goals",
        "objectives",
        "completed",
        "agents",
        "decisions",
        "next",
        "created",
        "modified",
        "deleted",
    }
)
_OWN = ("summary", "date", "focus", "team", "status", "status-text", "kind", "branch")
# The keys of the model that a topic fills.
TOPIC_KEYS: Mapping[str, tuple[str, ...]] = {
    **{topic: (topic,) for topic in HEADINGS},
    "agents": ("agents", "team"),
    "decision": ("decisions",),
    "completed": ("completed", "deliverables"),
    "reviewed": ("findings",),
    "changed": ("carried", "changes", "deliverables"),
    "about": (*HEADINGS, "sections", "tables", "title", "body"),
    "summary": (*_OWN, "agents", "metrics", "notes", "releases"),
    "changelog": ("changes",),
    "metrics": ("metrics", "checks"),
    "checks": ("checks", "metrics"),
    "next": ("next", "tasks"),
    "files": ("files", "deliverables"),
    "questions": ("questions", "tasks"),
    "objectives": ("objectives", "summary"),
    "problem": ("findings",),
    "solution": ("deliverables",),
    "goals": ("goals", "summary"),
    **dict.fromkeys(("added", "change", "deprecated", "removed", "fixed", "security"), ("changes", "type")),
}

# The keys of `**Key**: value` lines and of front matter.
KEYS = table("""
round: round, sprint, iteration, week, wave, cycle, round number, sprint number
phase: phase, milestone, stage, project phase
title: title, name
date: date, dates, when, datum, report date, validation date, implementation date, sprint period, completed on, completed at,
    date completed, completed, finished, period, day, sprint dates, duration, sprint duration, span, timeframe, reporting
    period, completion date, verified, audited, audit date, researched, research date, gathered, session date, verification
    date, test date, review date, summary date
team: agents, agent, team, team size, agents deployed, agent count, number of agents, agents used, total agents, squad, crew,
    agents active
focus: focus, goal, theme, thema, tema, mål, ziel, objective, mission, sprint goal, topic, round goal, goal of the round,
    session, task, task name, phase name, sprint name, main goal, phase goal, milestone goal, session goal, sprint theme,
    mission objective
kind: type, kind, round type, category, session type
status: status, state, result, outcome, overall result, final verdict, final status, implementation status, validation status,
    completion status, phase status, current status, overall status, round status, sprint status, overall, verdict, health
summary: summary, tl dr, tldr, overview, abstract, description, one liner
branch: branch, git branch, working branch, feature branch
prs: pr, prs, pull request, pull requests, mr, merge request, merge requests, merged prs
releases: version, release, released as, released, versions, releases, shipped in, release version
commits: commit, commits, sha, commit range, head, revision, merge commit, final commit, head commit
tags: tags, labels, keywords
lead: lead, owner, author, authors, facilitator, scrum master, written by, coordinator, driver, editor, reporter, dri,
    prepared by, reviewer, maintainer, assistant, completed by, implemented by, orchestrator, led by
before: pre round, before, baseline, start of round, at start, pre sprint, before the round, pre
after: post round, after, end of round, at end, post sprint, after the round, post, final, current
next: next round, next, next steps, next step, up next, next sprint, next phase, next action, next actions, next milestone,
    next session, next task, next tasks, next session suggestion, next plan, ready for
checks: build, builds, build status, tests, test status, all tests, unit tests, lint, linting, types, typecheck, type check,
    typescript, compilation, coverage, test coverage, quality, code quality, documentation, deployment, deployment status,
    production ready, ready for production, ready for deployment, ci, verification, validation
blockers: blockers, blocker, blocked by, blocked on
links: link, links, url
""")

# The keys of a first and a last day, which are one date together.
STARTS = frozenset({"opened", "started", "start", "start date", "from", "begin", "began"})
ENDS = frozenset(
    {"closed", "ended", "end", "end date", "finished", "completed", "completed on", "date completed", "until"}
    | {"target completion", "target end", "target date", "planned end", "target end date"}
)


def first_of(kind: str) -> str:
    """Return the field that each entry of a kind must have."""
    return next(iter(COLUMNS.get(kind, ())), "text")


# `3`, `3c`, `k2b`, `2.1`; letters alone count as `II` and `A`, never as words.
ID = r"(?:\d{1,6}(?:\.\d{1,4}){0,2}[a-z]?(?:\.\d{1,4})?|[a-z]{1,2}\d{1,4}[a-z]?|(?-i:[IVX]{1,5}|[A-H]))"
TO_ID = r"(?:\s*[#-]?\s*(?=\d)|\s*[\s#-]\s*)"
_ROUND = re.compile(
    rf"(?:\b(?P<how>in|from|of|for|during|since|after|before|to|until|into|at|on)\s+)?(?:\b(?:the|this|our)\s+)?"
    rf"\b(?P<word>phase|stage|milestone|epic|quarter|sprint|iteration|round|wave|cycle|week|session)"
    rf"{TO_ID}(?P<id>{ID})(?:'s)?(?![\w.]|[-\s]\d\d[-\s]\d\d(?!\d)|[-\s]prime\b)",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:(?:in|of|for|during)\s+)?(?:the|this|our)\s+(?:phase|milestone|sprint|iteration|round|week)\b"
)
_APART = re.compile(r"\s*(?::|\s[-–—|/·]|\s--+)\s+")


@frozen
class RoundMention:
    """A round or phase that a text speaks of: `Sprint 13` is the id `13` of a `sprint`; `how` is the word before it.

    `start` and `end` are its position in the text without marks.
    """

    word: str
    id: str
    how: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@frozen
class Name:
    """What a heading is a name of: `topic` is a word of `words.HEADINGS`, or empty; `rest` is what it says beyond."""

    topic: str = ""
    rest: str = ""
    rounds: tuple[RoundMention, ...] = ()


@lru_cache(maxsize=1 << 14)
def meanings(text: str) -> frozenset[str]:
    """Return the keys of the model that a text is a name of, as a heading, the head of a column, a key or a label."""
    found = set(TOPIC_KEYS.get(name_of(text).topic, ()))
    bare = without_numbering(text)
    for base in {plain(text), plain(bare), plain(undecorated(bare)), plain(remark_of(bare)[0]), without_rounds(bare)}:
        found |= _all_names().get(base, frozenset())
    return frozenset(found.union(*(BESIDE.get(key, ()) for key in found)))


@lru_cache(maxsize=1 << 14)
def name_of(text: str) -> Name:
    """Return what a heading is a name of."""
    bare = undecorated(without_numbering(text))
    for known, rest in _readings(bare):
        phrase, rounds = without_rounds(known), mentions(known)
        done = known != bare and bare.startswith(known) and _OVER.search(bare)
        if phrase in _WHERE_TO and not rounds:
            continue
        if (topic := _topics().get(phrase)) and not (done and topic in ("next", "tasks", "goals")):
            if topic in ("next", "tasks", "goals") and plain(rest) in _NOT_NOW:
                topic = "deferred"
            backlinked = (*rounds, *mentions(rest))
            return Name(topic, rest.strip(), backlinked)
    base, remark = remark_of(bare)
    if plain(remark) in _NOT_NOW:
        return Name("deferred", base, mentions(bare))
    return _with_an_adjective(bare) or Name("", bare, mentions(bare))


_WHERE_TO = frozenset({"moved", "pushed"})  # to a round, or anywhere else
_NOT_NOW = frozenset({"deferred", "not in scope", "out of scope", "postponed", "not in this phase"})
# What only decorates a heading: a word in brackets, a sign, also one that was read in a wrong encoding.
_DECORATION = re.compile(
    r"^(?:\[[A-Z]{2,12}\]\s+)+(?=\S)|(?:\s+(?:\[[A-Z]{2,12}\]|[^\w\s()\[\]{}*`_\"'.,;:!?#%&/+~-]+|âœ…?\S?))+$"
)


def undecorated(text: str) -> str:
    """Return a heading without the marks around it: `What went well [OK]`, `Next steps 🎯`."""
    return _DECORATION.sub("", text) or text


# Names that say something else behind other words: `Architecture Highlights`, `Decision Gate`, `Integration Validation`.
_ALONE = frozenset(
    {
        "highlights",
        "wins",
        "done",
        "finished",
        "merged",
        "landed",
        "gate",
        "gates",
        "validation",
        "verification",
        "output",
    }
    | {
        "outputs",
        "results",
        "performance",
        "tests",
        "planned",
        "plan",
        "scope",
        "items",
        "issues",
        "team",
        "learned",
        "checks",
        "targets",
        "target",
        "assignments",
        "ready for",
    }
)
# Words at the end of a heading that say no more than that there is something: `Deliverables Summary`, `Risks Identified`.
_NO_MORE = re.compile(
    r"\s+(?:summary|overview|list|table|details|section|report|breakdown|so far|identified|created|completed|delivered"
    r"|achieved|implemented|made|met)[\s:*]*$",
    re.IGNORECASE,
)


_NEGATES = re.compile(r"\b(?:not|no|non|never|without|out|isn't|won't|un)\b", re.IGNORECASE)
_OVER = re.compile(r"\b(?:completed|delivered|achieved|implemented|created|made)\W*$", re.IGNORECASE)  # no next steps


def _with_an_adjective(text: str) -> Name | None:
    """Return what the last words of a heading such as `Backend Tasks` are a name of, where entries can say the first."""
    said = text.split() if not remark_of(text)[1] else []
    for length in range(1, min(3, len(said))):
        phrase = plain(" ".join(said[length:]))
        topic = _topics().get(phrase)
        if topic in QUALIFIED and phrase not in _ALONE and not _NEGATES.search(" ".join(said[:length])):
            return Name(topic, " ".join(said[:length]), mentions(text))
    return None


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a heading into a name and the rest: as a whole, before a remark, before a sign."""
    yield text, ""
    if (short := _NO_MORE.sub("", text)) != text:
        yield short, ""
    base, remark = remark_of(text)
    if remark:
        yield base, remark
    for cut in _APART.finditer(text):
        yield text[: cut.start()], text[cut.end() :]


def mentions(text: str) -> tuple[RoundMention, ...]:
    """Return the rounds and phases that a text speaks of, in its order."""
    found = _ROUND.finditer(unmarked(text))
    return tuple(
        RoundMention(m["word"].lower(), bare(m["id"]), (m["how"] or "").lower(), m.start(), m.end()) for m in found
    )


def bare(number: str) -> str:
    """Return a number without the zeros before it, which only sort the names of files."""
    return re.sub(r"^0+(?=\d)", "", number)


def without_rounds(text: str) -> str:
    """Return the words of a text without the rounds and phases that it speaks of."""
    return plain(_THIS.sub(" ", _ROUND.sub(" ", unmarked(text)).lower()))


def field_of(table: str, head: str) -> str:
    """Return the key that the head of a column means in a table of `columns.COLUMNS`, or the empty text."""
    return _columns()[table].get(plain(head)) or _columns()[table].get(plain(remark_of(head)[0])) or ""


@cache
def key_names() -> Mapping[str, str]:
    """Return what the keys of `**Key**: value` lines mean: from their words to the key of the model."""
    return _turned(KEYS)


@cache
def _topics() -> Mapping[str, str]:
    return _turned(HEADINGS)


@cache
def _columns() -> Mapping[str, Mapping[str, str]]:
    return {table: _turned(fields) for table, fields in COLUMNS.items()}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {plain(phrase): key for key, phrases in table.items() for phrase in phrases}


@cache
def _all_names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {phrase: {"date"} for phrase in STARTS | ENDS}
    for names in (key_names(), FIELDS, *_columns().values()):
        for phrase, key in names.items():
            found.setdefault(phrase, set()).add(key)
    for kind, fields in COLUMNS.items():
        for phrase in fields[first_of(kind)]:
            found.setdefault(plain(phrase), set()).add(kind)
    return {phrase: frozenset(keys) for phrase, keys in found.items()}
