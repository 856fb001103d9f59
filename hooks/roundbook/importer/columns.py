"""The heads of the columns of tables, by the kind of their entries."""

from __future__ import annotations

import re
from collections.abc import Mapping

Phrases = Mapping[str, tuple[str, ...]]


def table(text: str) -> dict[str, tuple[str, ...]]:
    """Return the phrases of each line; a line that is moved in goes on with the one before it."""
    lines = re.sub(r"\n +", " ", text.strip("\n")).splitlines()
    parted = (line.partition(": ") for line in lines)
    return {key: tuple(phrases.split(", ")) for key, _, phrases in parted}


# What the heads of columns mean, by the kind of the entries; the first field is the one that each entry must have.
COLUMNS: Mapping[str, Phrases] = {
    "agents": table("""
name: agent, agents, agent name, name, lane, owner, assignee, stream, workstream, work stream, worker, who, person,
    member, team member, contributor, track, assigned to, subagent, agent id, squad, developer, engineer
task: task, tasks, work, assignment, mission, scope, what, responsibility, responsibilities, focus, objective, goal,
    mandate, focus area, area, owns, assigned tasks, stories
role: role, type, agent type, specialty, speciality, title, function, kind, position
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
deliverables: deliverables, deliverable, files, file, output, outputs, artifacts, artefacts, key files, files
    changed, delivered, files owned, key deliverables
branch: branch, git branch
note: notes, note, comment, comments, remarks, remark, details, description, detail
commits: commit, commits, sha
people: people, human, operator
"""),
    "deliverables": table("""
title: deliverable, deliverables, item, what, artifact, artefact, output, component, feature, title, name, document,
    work item, change
paths: file, files, path, paths, location, filename, file name, where, file path, module
note: notes, note, comment, comments, remarks, remark, details, description, detail, purpose, what it does, summary,
    what changed
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
group: group, area, category
commits: commit, commits, sha
"""),
    "files": table("""
paths: file, files, path, paths, location, filename, file name, file path, module
note: notes, note, comment, comments, remarks, remark, details, description, detail, purpose, change, changes, what
    changed, what, action, summary, reason, type
"""),
    "history": table("""
round: round, sprint, iteration, week, wave, cycle, phase, milestone, session
agents: agents, team, team size, people, agent count
focus: focus, theme, goal, summary, description, what, topic, scope, objective
tests-after: tests after, tests, test count, tests total, total tests, tests passing
date: date, dates, when, completed, finished, period
status: status, state, result, outcome
"""),
    "metrics": table("""
label: metric, metrics, metrik, matetal, measure, measurement, name, kpi, indicator, benchmark, item, what, suite
before: before, före, fore, vorher, pre round, baseline, start, previous, prior, was, from, old, pre, last,
    at start, before round
after: after, efter, nachher, post round, now, current, end, new, post, actual, is, at end, after round, achieved,
    completed
value: value, värde, wert, count, total, number, measured, amount, score
target: target, goal, threshold, budget, limit, required, expected, requirement, planned, committed, plan
unit: unit, units
result: result, status, outcome, verdict, met, met?, pass, pass fail, ok, ok?
how: how, how measured, method, command, source, tool
note: notes, note, comment, comments, remarks, remark, details, description, detail
"""),
    "checks": table("""
title: criterion, criteria, gate, check, exit criterion, exit criteria, requirement, quality gate, item, acceptance
    criterion, acceptance criteria, test, what, condition, truth, must have, test case, scenario, flow, step, validation,
    verification, feature, area, artifact, connection, component, from, requirement id, req, req id, layer, phase
tier: tier, priority, level, must should, kind, importance, moscow
command: command, how to check, how, verified by, verification, check command
target: target, threshold, expected, goal, required, limit, expected result, expected behavior, expected outcome
result: result, status, outcome, verdict, state, met, met?, pass, pass fail, pass?, passed, done, done?, actual result
evidence: evidence, proof, notes, note, comment, comments, remarks, remark, details, description, detail
group: group, area, category, section
"""),
    "tasks": table("""
title: task, title, issue, item, story, work item, what, todo, name, summary, subject, feature, action, user story,
    description, work, improvement, fix, inhalt, verbesserung, content
id: id, task id, ticket, key, ref, issue id, story id, number, #, no, nr
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
priority: priority, prio, p, importance, urgency
effort: effort, estimate, points, size, story points, est, time, sp, days, hours
parent: parent, epic
agent: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
note: notes, note, comment, comments, remarks, remark, details, detail
"""),
    "risks": table("""
title: risk, risks, concern, what, title, name, description, what may go wrong
likelihood: likelihood, probability, chance, prob, l, sannolikhet, wahrscheinlichkeit
impact: impact, severity, effect, consequence, i, konsekvens, auswirkung
mitigation: mitigation, mitigations, response, action, plan, countermeasure, mitigation plan, mitigering, maßnahme
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "blockers": table("""
title: blocker, issue, what, title, item, impediment, problem, name
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
severity: severity, priority, sev
since: since, raised, opened, reported
resolved: resolved, closed, fixed in, resolved in
blocks: blocks, blocking, affects, impact
text: notes, note, comment, comments, remarks, remark, details, description, detail
resolution: resolution, fix, workaround, mitigation, solution, action
"""),
    "decisions": table("""
title: decision, title, what, choice, topic, name, decision made, question
id: id, #, no, nr, number, ref, decision id, adr
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
    "findings": table("""
title: finding, findings, issue, bug, problem, what, title, item, observation, lesson, learning, discovery, name,
    vulnerability, challenge
text: notes, note, comment, comments, remarks, remark, details, description, detail
severity: severity, sev, priority, level, impact level
refs: refs, ref, pr, commit, reference, references
"""),
    "deferred": table("""
title: item, task, deferred, what, title, feature, deliverable, name, work, deferred item, scope, what's carried, carried
to: track, to, deferred to, target, moved to, target round, target sprint, when, new target, next, carried to
until: until, condition, blocked on, waiting for, depends on
reason: reason, why, rationale, because, notes, note, comment
priority: priority, prio
"""),
    "commits": table("""
id: commit, sha, hash, commit id, id, rev, revision, commits
text: message, subject, description, what, summary, change, title
"""),
    "questions": table("""
text: question, open question, questions, topic, item, what
priority: priority, prio
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "next": table("""
text: step, action, next step, item, task, what, action item, recommendation, work
priority: priority, prio, #
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
"""),
    "goals": table("""
title: goal, goals, objective, title, what, target, item
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
text: notes, note, comment, comments, remarks, remark, details, description, detail
evidence: evidence, proof
"""),
    "objectives": table("""
title: objective, objectives, goal, title, what, item
status: status, state, progress, stage, done, done?, result, outcome, current status, completion
text: notes, note, comment, comments, remarks, remark, details, description, detail
evidence: evidence, proof, key result, key results
"""),
    "notes": table("""
text: note, notes, remark
owner: owner, assignee, assigned to, assigned, responsible, who, agent, by, lead, driver, dri
priority: priority
"""),
}
