"""The words by which headings, columns and keys are known."""

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
label: metric, metrics, métrica, metrik, matetal, measure, measurement, name, kpi, indicator, benchmark, item, what, suite,
    category, component, aspect, area, test group, group, module, type, package, service, test suite, test file, layer,
    domain, endpoint, page, project, categoría, componente
before: before, antes, valor anterior, original, original size, initial, före, fore, vorher, pre round, baseline, start,
    previous, prior, was, from, old, pre, last, at start, before round
after: after, después, valor actual, extracted, optimized, optimised, improved, efter, nachher, post round, now, current,
    end, new, post, actual, is, at end, after round, achieved, completed
value: value, valor, värde, wert, count, total, number, measured, amount, score
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
mitigation: mitigation, mitigations, mitigation strategy, mitigation strategies,
    response, action, plan, countermeasure, mitigation plan, mitigering, maßnahme
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

# Heads of a column of things that may have numbers beside them, or anything else.
_METRICS = COLUMNS["metrics"]["label"]
THINGS = frozenset(_METRICS[_METRICS.index("category") :])

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
_NAMES = table("""
summary: summary, overview, executive summary, introduction, intro, tl dr, tldr, abstract, in short, at a glance, synopsis,
    what happened, sprint information, sprint info, sprint overview, sprint details, round information, round details,
    metadata, meta, general information, sprint summary, round summary, session summary, implementation summary, project
    summary, phase summary, completion summary, quick summary, conclusion, conclusions, closing, final thoughts, in summary,
    bottom line, closing remarks, sammanfattning, zusammenfassung, résumé, resumen
focus: focus, theme, mission, main focus, focus area
decision: key decision, decision, technical decision, design decision, architecture decision, architectural decision
completed: completed, what was completed, completed work, work completed, done, what was done, what we did, what got done,
    shipped, what shipped, what we shipped, delivered, what was delivered, what we delivered, accomplishments, key
    accomplishments, achievements, key achievements, highlights, accomplished, finished, completed items, what was built, what
    we built, completed deliverables, wins, work done, what's done, what is done, landed, what landed, merged, completed
    features, completed components, what was implemented, implemented features, features implemented, what's built, what's
    working, what works, what works now,
    features now working, now working, scope delivered, delivered scope,
    completed phases, completed this session, completed
    today, completed this sprint, work performed, what has been done, what changed and why, changes implemented, completed
    steps, progress made, key changes made, main accomplishments, major accomplishments, what this session did, what was done
    this session, done this session, features delivered, completed actions, actions completed, actions taken, solutions
    implemented, delivered features, completed stories, stories completed, delivered items, key features implemented,
    implemented, implemented commands, components built, what was accomplished, features completed, completed work items,
    выполненные задачи, что сделано, выполнено, completado, successfully fixed, what happened today, fixes applied in this
    session, features included, changes made, changes summary, summary of changes, key changes, main changes, code changes,
    what was fixed, what was added, what changed in this phase, work completed this session, modifications, modifications
    made, implementation changes, key improvements, improvements made, core features implemented, fixes applied,
    implementation steps completed, technical achievements, technical accomplishments, key features delivered, milestones
    achieved, milestones completed, tasks accomplished, levererat, geliefert, erledigt, vad som byggdes, vad vi gjorde,
    umgesetzt, terminé
files: files, files added or updated, files changed, changed files, files touched, files modified or created, file changes,
    files affected, affected files, key files, modified and created files, files created and modified, files created modified,
    created modified files, files summary, file list, file inventory, file summary, key files created, files in scope, file
    map, files to modify, files to create, files modified created, files touched this session, files delivered, codebase
    changes, files created and updated, files created updated, tests added updated, tests added and updated, tests updated
created: documentation created, documentation added, scripts created, tests created, files created, created files, new files,
    files added, added files, created, new files created, file created, созданные файлы, archivos creados, new documentation,
    new components, new scripts, new tests, new modules, tests added, created documentation, components created, test files
    created
modified: files modified, modified files, modified, updated, files updated, updated files, files edited, edited files,
    existing files modified, file modified, изменённые файлы, измененные файлы, archivos modificados, modified components,
    updated documentation, components modified, documentation updated, files fixed
deleted: files deleted, deleted files, files removed, removed files, deleted, file deleted
metrics: metrics, performance notes, key metrics, numbers, stats, statistics, key numbers, by the numbers, measurements,
    performance, test results, tests, test count, test counts, test metrics, test status, test summary, metrics and results,
    kpis, code statistics, code metrics, code stats, performance metrics, performance results, performance improvements,
    performance benchmarks, sprint metrics, phase metrics, session metrics, session statistics, session stats, velocity,
    velocity metrics, bundle size, build metrics, build stats, test statistics, project metrics, project statistics,
    implementation metrics, implementation statistics, code quality metrics, technical metrics, success metrics, overall
    results, overall metrics, final metrics, final results, coverage, code coverage, code impact, quantitative results,
    progress metrics, overall progress, test coverage, results, benchmarks, benchmark results, quality metrics, in numbers,
    metrics summary, статистика, результаты тестов, métricas, estadísticas, test coverage summary, size, timing, time spent,
    effort, time tracking, quality, results summary, code quality, impact metrics, performance impact, velocity and metrics,
    statistics summary, coverage summary, project stats, test execution, tests summary, nyckelmetrik, nyckelmetriker,
    kennzahlen, statistik
history: previous sessions, session history, previous phases, phase history, previous rounds, round history, earlier rounds,
    past rounds, rounds so far, history, previous sprints, past sprints, round progression, rounds, sprint history, prior
    rounds, progress by round, round overview, all rounds, previous iterations, previous weeks, velocity history, milestone
    history, iteration history, week history, recent sessions, previous work, completed sprints, progress by phase
changed: changes, changes since, what changed, progress since, since, status of, recap
changelog: changelog, change log, release notes
added: added, new features, features added
change: changed
deprecated: deprecated, deprecations
removed: removed
fixed: fixed, bug fixes, bugs fixed, fixes, bugfixes
security: security fixes
commits: commits, commit log, key commits, commit list, notable commits, task commits, git commits, related commits, commit
    history, commits made, commits summary, commit summary, commits this session, recent commits, git history, key git
    commits, commits included, commits pushed, session commits, git commit, commits in this session
prs: pull requests, prs, merge requests, merged prs, merged pull requests, pull request, merge request, pr
links: links, references, related links, see also, resources, related documents, related, related documentation, related docs,
    documentation links, further reading, documentation references, useful links, links and references, related files and
    docs, external references, primary sources
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
solution: solution, the solution, solution implemented, solution applied, fix, the fix, fix applied, resolution, how it was
    fixed, remediation
problem: issue reported, reported issue, problem, the problem, problem statement, problem summary, problem description,
    problem identified, the issue, issue, issue summary, issue description, symptoms, symptom, root cause, the root cause,
    root cause analysis, why it happened, bug, the bug
deliverables: features, key features, core features, new capabilities, what you get, what this delivers, what's new, whats
    new, capabilities, main features
goals: scope of this session, цель, цели, цель сессии, цель спринта, key objectives, objective and scope, target, targets,
    goal statement, what this phase delivers, intent, desired outcome, what we want to achieve, ziel, ziele, mål, sprintmål,
    objectifs, objetivos
findings: learnings and patterns, learnings and patterns established, resolved issues, issues encountered and resolved, what
    doesn't work yet, уроки, уроки и решения, проблемы, lecciones aprendidas, issues fixed, issues resolved, bugs fixed this
    session, problems solved, problem solved, problems and solutions, issues and solutions, challenges overcome, anti patterns
    found, known stubs, deviations, deviations from the plan, auto fixed issues, deferred issues, warnings, caveats, known
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
blockers: blocking, current blocker, blockers and concerns, blockers or concerns, blockers and risks, waiting on, dependencies
    and blockers, blockerare, hindernisse
checks: test outcomes, verified functionality, successful tests,
    compliance, compliance with goals, standards compliance, guidelines compliance, adherence to guidelines, adherence to
    project guidelines, tests run, tests passed, verification performed, verification complete, verification evidence, smoke
    tests, smoke test, test scenarios, test results summary, requirements met, criteria met, success criteria met, validation
    complete, post deployment verification, required artifacts, key link verification, key links, requirements validated,
    requirements satisfied, requirements traceability, requirements verification, phase requirements status, verification
    against plan, success criteria check, success criteria verification, success criteria status, success criteria results,
    testing completed, testing performed, production readiness, deployment readiness, truths, behavioral spot checks, spot
    checks, sanity checks, automated tests, manual tests, automated testing, manual testing results, manual testing completed,
    prerequisites, all prerequisites met, feature testing, quality checks passed, sign off, completion criteria, phase
    completion criteria, verification checklist, validation checklist, testing checklist
questions: decisions needed, open decisions, pending decisions, user decisions needed, pending questions, needs clarification,
    öppna frågor, offene fragen
""")
_OF_LISTS = {key: tuple(" ".join(one.words.split()).split(", ")) for key, one in LISTS.items() if one.words}
HEADINGS = {key: (*_OF_LISTS.get(key, ()), *_NAMES.get(key, ())) for key in _OF_LISTS | _NAMES}

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
commits: commit, commits, sha, commit range, head, revision, merge commit, final commit, head commit, last commit, latest commit
tags: tags, labels, keywords
lead: lead, owner, author, authors, facilitator, scrum master, written by, coordinator, driver, editor, reporter, dri,
    prepared by, reviewer, maintainer, assistant, completed by, implemented by, orchestrator, led by
before: pre round, before, baseline, start of round, at start, pre sprint, before the round, pre
after: post round, after, end of round, at end, post sprint, after the round, post, final, current
next: next round, next, next steps, next step, up next, next decision, next issue, next focus, next goal, next priority,
    next integration step, next work, immediate next step, next sprint, next phase, next action, next actions, next milestone,
    next session, next task, next tasks, next session suggestion, next plan, ready for
checks: build, builds, build status, tests, test status, all tests, unit tests, lint, linting, types, typecheck, type check,
    typescript, compilation, coverage, test coverage, code quality, documentation, deployment, deployment status,
    ci, verification, validation
blockers: blockers, blocker, blocked by, blocked on
links: link, links, url, live url, demo url, live demo, demo, pull request url, repository url
""")

# The keys of a first and a last day, which are one date together.
STARTS = frozenset({"opened", "started", "start", "start date", "from", "begin", "began"})
ENDS = frozenset(
    {"closed", "ended", "end", "end date", "finished", "completed", "completed on", "date completed", "until"}
    | {"target completion", "target end", "target date", "planned end", "target end date"}
)
