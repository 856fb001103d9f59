"""In: nothing. Out: the words by which teams call what a round holds: headings, heads of columns, keys, labels.

A table has a line for each key of the model, or topic, with the phrases that mean it; a phrase stands in a table once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.schema.round import LISTS

Phrases = Mapping[str, tuple[str, ...]]


def table(text: str) -> dict[str, tuple[str, ...]]:
    """Return the phrases of each line; a line that is moved in goes on with the one before it."""
    lines = re.sub(r"\n +", " ", text.strip("\n")).splitlines()
    parted = (line.partition(": ") for line in lines)
    return {key: tuple(phrases.split(", ")) for key, _, phrases in parted}


# Keys that hold what stands under the name of another one: a raw word, a remark, the paths of a note.
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
PAIR_HEADS = frozenset({"attribute", "field", "item", "key", "property", "value", "what", "details"})

# What headings are names of, beside the lists of a round. Topics that are no key of the model are explained by TOPIC_KEYS.
_OF_LISTS = {key: tuple(" ".join(one.words.split()).split(", ")) for key, one in LISTS.items() if one.words}
HEADINGS = _OF_LISTS | table("""
summary: summary, overview, executive summary, introduction, intro, tl dr, tldr, abstract, in short, at a glance,
    synopsis, what happened, sprint information, sprint info, sprint overview, sprint details, round information,
    round details, metadata, meta, general information, sprint summary, round summary
focus: focus, theme, mission, main focus, focus area
decision: key decision, decision, technical decision, design decision, architecture decision, architectural decision
completed: completed, what was completed, completed work, work completed, done, what was done, what we did, what got
    done, shipped, what shipped, what we shipped, delivered, what was delivered, what we delivered, accomplishments,
    key accomplishments, achievements, key achievements, highlights, accomplished, completed tasks, finished,
    completed items, what was built, what we built, completed deliverables, wins, work done, what's done, what is
    done, landed, what landed, merged
files: files, files changed, changed files, files touched, files modified or created, file changes, files affected,
    affected files, key files, modified and created files, files created and modified, files created modified,
    created modified files, files summary
created: files created, created files, new files, files added, added files, created, new files created, file created
modified: files modified, modified files, modified, files updated, updated files, files edited, edited files,
    existing files modified, file modified
deleted: files deleted, deleted files, files removed, removed files, deleted, file deleted
metrics: metrics, key metrics, numbers, stats, statistics, key numbers, by the numbers, measurements, performance,
    test results, tests, test count, test counts, test metrics, test status, test summary, metrics and results,
    kpis, test coverage, results, benchmarks, benchmark results, quality metrics, in numbers, metrics summary
history: previous rounds, round history, earlier rounds, past rounds, rounds so far, history, previous sprints, past
    sprints, round progression, rounds, sprint history, prior rounds, progress by round, round overview, all rounds,
    previous iterations, previous weeks, velocity history, milestone history, iteration history, week history
changed: changes, changes since, what changed, progress since, since, status of, recap
changelog: changelog, change log, release notes
added: added, new features, features added
change: changed
deprecated: deprecated, deprecations
removed: removed
fixed: fixed, bug fixes, bugs fixed, fixes, bugfixes
security: security fixes
commits: commits, commit log, key commits, commit list, notable commits
prs: pull requests, prs, merge requests, merged prs, merged pull requests
links: links, references, related links, see also, resources, related documents, related
about: retrospective, retro, sprint review, review, sprint retrospective, details, report, status report, round
    report, full report, review and retrospective, sprint review and retrospective, round review, entries, log entries,
    all entries, decision entries
""")

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
    }
)
_OWN = ("summary", "date", "focus", "team", "status", "status-text", "kind", "branch")
# The keys of the model that a topic fills.
TOPIC_KEYS: Mapping[str, tuple[str, ...]] = {
    **{topic: (topic,) for topic in HEADINGS},
    "agents": ("agents", "team"),
    "decision": ("decisions",),
    "completed": ("completed", "deliverables"),
    "changed": ("carried", "changes"),
    "about": (*HEADINGS, "sections", "tables", "title", "body"),
    "summary": (*_OWN, "agents", "metrics", "notes", "releases"),
    "changelog": ("changes",),
    "metrics": ("metrics", "checks"),
    "next": ("next", "tasks"),
    "questions": ("questions", "tasks"),
    "objectives": ("objectives", "summary"),
    "goals": ("goals", "summary"),
    **dict.fromkeys(("added", "change", "deprecated", "removed", "fixed", "security"), ("changes", "type")),
}

# The keys of `**Key**: value` lines and of front matter.
KEYS = table("""
round: round, sprint, iteration, week, wave, cycle, round number, sprint number
phase: phase, milestone, stage, project phase
title: title, name
date: date, dates, when, completed on, completed at, date completed, completed, finished, period, day, sprint dates,
    duration, sprint duration, span, timeframe, reporting period, completion date
team: agents, agent, team, team size, agents deployed, agent count, number of agents, agents used, total agents, squad,
    crew, agents active
focus: focus, goal, theme, objective, mission, sprint goal, topic, round goal, goal of the round, main goal
kind: type, kind, round type, category
status: status, state, result, outcome, overall status, round status, sprint status, overall, verdict, health
summary: summary, tl dr, tldr, overview, abstract, description
branch: branch, git branch, working branch, feature branch
prs: pr, prs, pull request, pull requests, mr, merge request, merge requests, merged prs
releases: version, release, released as, released, versions, releases, shipped in, release version
commits: commit, commits, sha, commit range, head, revision, merge commit, final commit, head commit
tags: tags, labels, keywords
lead: lead, owner, author, authors, facilitator, scrum master, written by, coordinator, driver, editor, reporter,
    dri, prepared by, reviewer, orchestrator, led by
before: pre round, before, baseline, start of round, at start, pre sprint, before the round, pre
after: post round, after, end of round, at end, post sprint, after the round, post, final, current
next: next round, next, next steps, next step, up next, next sprint
blockers: blockers, blocker, blocked by, blocked on
links: link, links, url
""")

# The labels in a decision: bold words, sub-headings.
LABELS = table("""
id: id, decision id, adr
title: title
decision: decision, decided, we decided, resolution, outcome, choice, chosen, chosen option, answer, decision
    outcome, what we decided, what, decision made
rationale: rationale, reason, reasons, reasoning, why, because, justification, motivation, decision drivers, drivers
context: context, background, problem, problem statement, question, issue, situation, context and problem statement,
    the question
options: options, alternatives, options considered, alternatives considered, considered options, considered
    alternatives, rejected, rejected alternatives, alternative, other options, options on the table
consequences: consequences, consequence, implications, effects, follows
tradeoff: trade off, trade offs, tradeoff, tradeoffs, cost, downside, downsides
impact: impact, effect
confidence: confidence
status: status, state
date: date, decided on, when, decision date
decision-makers: decided by, decider, deciders, owner, owners, decision maker, decision makers, made by, author, by,
    who
consulted: consulted
informed: informed
until: until, revisit when, revisit, revisit if, review when, reconsider when, reconsider if, review date, expires,
    revisit on
follow-up: follow up, follow ups, next step, next steps, action, todo, future work
supersedes: supersedes, replaces
amends: amends
depends-on: depends on, requires
relates-to: relates to, related, related decisions, see also
affects: affects, files, files affected, affected files, applies to, scope
evidence: evidence, proof
positions: positions, opinions
prs: pr, prs, pull request
commits: commit, commits
tags: tags, labels
""")
