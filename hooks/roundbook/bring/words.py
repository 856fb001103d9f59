"""In: nothing. Out: the words by which teams call what a round holds: headings, heads of columns, keys, labels.

A table has a line for each key of the model, or topic, with the phrases that mean it; a phrase stands in a table once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Phrases = Mapping[str, tuple[str, ...]]


def _table(text: str) -> Phrases:
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

# What headings are names of. Topics that are no key of the model are explained by TOPIC_KEYS.
HEADINGS = _table("""
summary: summary, overview, executive summary, introduction, intro, tl dr, tldr, abstract, in short, at a glance,
    synopsis, what happened, sprint information, sprint info, sprint overview, sprint details, round information,
    round details, metadata, meta, general information, sprint summary, round summary
focus: focus, theme, mission, main focus, focus area
agents: agents, agent, team, the team, agent assignments, agents assigned, agent roster, agent tasks, agent status,
    agent summary, agent results, assignments, task assignments, team assignments, people, contributors, roster,
    who, who did what, who worked on what, workstreams, work streams, streams, lanes, workers, participants, agent
    deliverables, agent overview, parallel agents, squad, crew
objectives: objectives, objective, aims, purpose, mission statement, what we want, primary objectives
goals: goals, goal, specific goals, targets for success, sprint goal, sprint goals, round goals, success criteria
    for goals, planned goals, what we set out to do, planned, plan, planned work, scope, in scope, primary goals,
    secondary goals, stretch goals, goals and status
decisions: decisions, key decisions, decisions made, decision log, technical decisions, design decisions, decisions
    taken, architecture decisions, architectural decisions, important decisions, what we decided, major decisions,
    key technical decisions, key design decisions, implementation decisions, decision records, adrs, decided
decision: key decision, decision, technical decision, design decision, architecture decision, architectural decision
deliverables: deliverables, key deliverables, outputs, artifacts, artefacts, outcomes, deliverable, main
    deliverables, deliverables and status, output
completed: completed, what was completed, completed work, work completed, done, what was done, what we did, what got
    done, shipped, what shipped, what we shipped, delivered, what was delivered, what we delivered, accomplishments,
    key accomplishments, achievements, key achievements, highlights, accomplished, completed tasks, finished,
    completed items, what was built, what we built, completed deliverables, wins, work done, what's done, what is
    done, landed, what landed, merged
findings: findings, key findings, what revealed, revealed, what was revealed, what it revealed, what we learned,
    what we learnt, lessons, lessons learned, lessons learnt, learnings, key learnings, discoveries, what we found,
    insights, observations, discovered, what was discovered, takeaways, key takeaways, issues discovered, issues
    found, gotchas, surprises, bugs found, bugs discovered, problems found, root causes, problems discovered, known
    issues, what was learned, learned, learnt
deferred: deferred, deferred items, deferred work, deferred tasks, postponed, carried over, carry over, carryover,
    carry forward, carried forward, out of scope, not done, what was deferred, what we deferred, pushed, moved,
    moved out, not completed, spillover, punted, backlogged, left for later, what didn't make it, descoped, what
    slipped, slipped, rolled over
blockers: blockers, blocker, blocked, current blockers, blocking issues, impediments, blocked items, open blockers,
    critical blockers, blocked on, blocked by, blockers and impediments, known blockers
next: next steps, next, next round, next sprint, next phase, next week, next iteration, what's next, what is next,
    what comes next, recommendations, recommended next steps, follow up, follow ups, followups, action items,
    actions, upcoming, plan for next round, plan for next sprint, plan for next week, next actions, outlook, future
    work, immediate next steps, next up, looking ahead, up next
questions: open questions, questions, unresolved questions, unknowns, open points, still open, open issues,
    questions for the team, unanswered questions, to be clarified, outstanding questions
risks: risks, risk, risks and mitigations, risks and mitigation, risk register, risk assessment, known risks, open
    risks, risk log, risks and concerns, technical risks, concerns
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
checks: exit criteria, quality gates, gates, gate, checks, acceptance criteria, success criteria, definition of
    done, verification, validation, exit criteria status, exit criteria review, quality gate, gate results,
    checklist, quality gate results, quality checks, acceptance, exit checklist, release checklist, go no go, done
    when, validation results, verification results, entry criteria
tasks: tasks, task, task list, todo, to do, to dos, todos, work items, issues, tickets, stories, user stories,
    backlog, remaining work, remaining tasks, task status, in progress, task breakdown, work breakdown, open tasks,
    sprint backlog, outstanding work, remaining, items, story list, pending, pending work, outstanding, outstanding
    tasks
history: previous rounds, round history, earlier rounds, past rounds, rounds so far, history, previous sprints, past
    sprints, round progression, rounds, sprint history, prior rounds, progress by round, round overview, all rounds,
    previous iterations, previous weeks, velocity history, milestone history, iteration history, week history
notes: notes, remarks, other notes, additional notes, miscellaneous, misc, comments, note
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
    report, full report, review and retrospective, sprint review and retrospective, round review
""")

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
    "next": ("next", "tasks"),
    "questions": ("questions", "tasks"),
    "objectives": ("objectives", "summary"),
    "goals": ("goals", "summary"),
    **dict.fromkeys(("added", "change", "deprecated", "removed", "fixed", "security"), ("changes", "type")),
}

# The field that every row of a table must have.
FIRST: Mapping[str, str] = {
    "agents": "name",
    "deliverables": "title",
    "history": "round",
    "metrics": "label",
    "checks": "title",
    "tasks": "title",
    "risks": "title",
    "blockers": "title",
    "decisions": "title",
    "findings": "title",
    "deferred": "title",
    "commits": "id",
    "questions": "text",
    "next": "text",
    "goals": "title",
    "files": "paths",
    "objectives": "title",
    "notes": "text",
}

# What the heads of columns mean, by the kind of table.
COLUMNS: Mapping[str, Phrases] = {
    "agents": _table("""
name: agent, agents, agent name, name, lane, owner, assignee, stream, workstream, work stream, worker, who, person,
    member, team member, contributor, track, assigned to, subagent, agent id, squad
task: task, tasks, work, assignment, mission, scope, what, responsibility, responsibilities, focus, objective, goal,
    mandate
role: role, type, agent type, specialty, speciality, title, function, kind, position
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
deliverables: deliverables, deliverable, files, file, output, outputs, artifacts, artefacts, key files, files
    changed, delivered, files owned, key deliverables
branch: branch, git branch
note: notes, note, comment, comments, remarks, remark, details, description, detail
commits: commit, commits, sha
people: people, human, operator
"""),
    "deliverables": _table("""
title: deliverable, deliverables, item, what, artifact, artefact, output, component, feature, title, name, document,
    work item, change
paths: file, files, path, paths, location, filename, file name, where, file path, module
note: notes, note, comment, comments, remarks, remark, details, description, detail, purpose, what it does, summary,
    what changed
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
group: group, area, category
commits: commit, commits, sha
"""),
    "files": _table("""
paths: file, files, path, paths, location, filename, file name, file path, module
note: notes, note, comment, comments, remarks, remark, details, description, detail, purpose, change, changes, what
    changed, what, action, summary, reason, type
"""),
    "history": _table("""
round: round, sprint, iteration, week, wave, cycle, phase, milestone
agents: agents, team, team size, people, agent count
focus: focus, theme, goal, summary, description, what, topic, scope, objective
tests-after: tests after, tests, test count, tests total, total tests, tests passing
date: date, dates, when, completed, finished, period
status: status, state, result, outcome
"""),
    "metrics": _table("""
label: metric, metrics, measure, measurement, name, kpi, indicator, benchmark, item, what, suite
before: before, pre round, baseline, start, previous, prior, was, from, old, pre, last, at start, before round
after: after, post round, now, current, end, new, post, actual, is, at end, after round, achieved, completed
value: value, count, total, number, measured, amount, score
target: target, goal, threshold, budget, limit, required, expected, requirement, planned, committed, plan
unit: unit, units
result: result, status, outcome, verdict, met, met?, pass, pass fail, ok, ok?
how: how, how measured, method, command, source, tool
note: notes, note, comment, comments, remarks, remark, details, description, detail
"""),
    "checks": _table("""
title: criterion, criteria, gate, check, exit criterion, exit criteria, requirement, quality gate, item, acceptance
    criterion, acceptance criteria, test, what, condition
tier: tier, priority, level, must should, kind, importance, moscow
command: command, how to check, how, verified by, verification, check command
target: target, threshold, expected, goal, required, limit
result: result, status, outcome, verdict, state, met, met?, pass, pass fail, pass?, passed, done, done?
evidence: evidence, proof, notes, note, comment, comments, remarks, remark, details, description, detail
group: group, area, category, section
"""),
    "tasks": _table("""
id: id, task id, ticket, key, ref, issue id, story id, number, #, no, nr
title: task, title, issue, item, story, work item, what, todo, name, summary, subject, feature, action, user story,
    description, work
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
priority: priority, prio, p, importance, urgency
effort: effort, estimate, points, size, story points, est, time, sp, days, hours
parent: parent, epic
agent: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
note: notes, note, comment, comments, remarks, remark, details, detail
"""),
    "risks": _table("""
title: risk, risks, concern, what, title, name, description, what may go wrong
likelihood: likelihood, probability, chance, prob, l
impact: impact, severity, effect, consequence, i
mitigation: mitigation, mitigations, response, action, plan, countermeasure, mitigation plan
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "blockers": _table("""
title: blocker, issue, what, title, item, impediment, problem, name
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
severity: severity, priority, sev
since: since, raised, opened, reported
resolved: resolved, closed, fixed in, resolved in
blocks: blocks, blocking, affects, impact
text: notes, note, comment, comments, remarks, remark, details, description, detail
resolution: resolution, fix, workaround, mitigation, solution, action, mend
"""),
    "decisions": _table("""
id: id, #, no, nr, number, ref, decision id, adr
title: decision, title, what, choice, topic, name, decision made, question
decision: chosen, outcome, resolution, we chose, answer, selected
rationale: rationale, why, reason, reasons, reasoning, because, justification
options: alternatives, options, alternatives considered, options considered, rejected alternatives
consequences: consequences, implications, consequence
tradeoff: trade off, tradeoff, trade offs, tradeoffs, cost
impact: impact, effect
status: status, state
date: date, decided, when, decided on
decision-makers: owner, decided by, who, decider, deciders, decision maker, decision makers, by
context: context, background
confidence: confidence
"""),
    "findings": _table("""
title: finding, findings, issue, bug, problem, what, title, item, observation, lesson, learning, discovery, name,
    vulnerability
text: notes, note, comment, comments, remarks, remark, details, description, detail
severity: severity, sev, priority, level, impact
refs: refs, ref, pr, commit, reference, references
"""),
    "deferred": _table("""
title: item, task, deferred, what, title, feature, deliverable, name, work, deferred item
to: to, deferred to, target, moved to, target round, target sprint, when, new target, next, carried to
until: until, condition, blocked on, waiting for, depends on
reason: reason, why, rationale, because, notes, note, comment
priority: priority, prio
"""),
    "commits": _table("""
id: commit, sha, hash, commit id, id, rev, revision, commits
text: message, subject, description, what, summary, change, title
"""),
    "questions": _table("""
text: question, open question, questions, topic, item, what
priority: priority, prio
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "next": _table("""
text: step, action, next step, item, task, what, action item, recommendation, work
priority: priority, prio, #
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "goals": _table("""
title: goal, goals, objective, title, what, target, item
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
text: notes, note, comment, comments, remarks, remark, details, description, detail
evidence: evidence, proof
"""),
    "objectives": _table("""
title: objective, objectives, goal, title, what, item
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
text: notes, note, comment, comments, remarks, remark, details, description, detail
evidence: evidence, proof, key result, key results
"""),
    "notes": _table("""
text: note, notes, remark
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
priority: priority
"""),
}

# The keys of `**Key**: value` lines and of front matter.
KEYS = _table("""
round: round, sprint, iteration, week, wave, cycle, round number, sprint number
phase: phase, milestone, stage, project phase
title: title, name
date: date, dates, when, completed on, completed at, date completed, finished, period, day, sprint dates, timeframe,
    reporting period, completion date
team: agents, team, team size, agents deployed, agent count, number of agents, agents used, total agents, squad,
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
LABELS = _table("""
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
