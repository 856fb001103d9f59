"""Checks of metrics: from round to round, against what others say of them, against their sums, and as git counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from roundbook.book.facts import CheckResult, Claim, Outcome
from roundbook.book.model import Entry
from roundbook.book.paths import Globs, count_files
from roundbook.book.questions import MetricProbe, folders, probes, sought
from roundbook.checks.registry import CheckContext, SharedContext, brief, check
from roundbook.checks.status import left_open
from roundbook.git.history import matches
from roundbook.schema.base import CLOSED
from roundbook.schema.decision import Metric, number
from roundbook.schema.ids import called
from roundbook.schema.items import Table
from roundbook.settings import Threshold

HERE = "metrics"  # the section of a round's page that its numbers stand in
NO_NUMBER = "and one of the two is not a number"
OPEN_VALUE = "and a value that is still open is not compared"
_SIGNED = re.compile(r"(?P<sign>[+−-]) ?(?P<number>[\d,.]+)(?: ?(?P<unit>[^\d\s]\S*))?")
_TARGET = re.compile(r"(?P<sign>[<>]=?|[≤≥=])? ?(?P<number>[\d,.]+)(?: ?(?P<unit>[^\d\s]\S*))?")
_TOTAL = re.compile(r"(?:grand )?(?:totals?|sum)\b.*|all", re.IGNORECASE)
_PART_SUM = re.compile(r"(?:sub-?|grand )?(?:totals?|sum)\b.*", re.IGNORECASE)
_NO_SUM = re.compile(
    r"%|\b(?:av(?:era)?ge?|mean|median|min|max|peak|rate|ratio|share|coverage|per|percent(?:age)?|cumulative|round|#)\b",
    re.IGNORECASE,
)
_NOTHING = frozenset({"", "-", "–", "—"})


def _norm(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _holds(true: bool) -> Outcome:
    return "verified" if true else "contradicted"


def _of_value(entry: Entry, metric: Metric, words: str) -> Claim:
    """Return the claim that a metric makes with its value, placed at `after` or `value`."""
    return Claim(words, metric.place_of("after" if metric.after else "value"), entry.key, HERE)


@check("metric-continuity", "warning")
def metric_continuity(context: CheckContext) -> Iterator[CheckResult]:
    """The value that a metric had before a round is the value the previous round ended with, measured in the same way.

    Fix: use the value of the other round, or say in `how` that it was measured differently.
    """
    for line in context.lines:
        for before, entry in pairwise(line):
            for name, metric in entry.round.metrics.items():
                if metric.before is not None:
                    words = f"metric {name} was {brief(metric.before)} before {entry.words}"
                    claim = Claim(words, metric.place_of("before"), entry.key, HERE)
                    yield _continued(claim, metric, before.words, before.round.metrics.get(name))


def _continued(claim: Claim, metric: Metric, before: str, other: Metric | None) -> CheckResult:
    if other is None or not other.now:
        return claim.unchecked(f"{before} does not say")
    outcome, why = _same(metric.before, metric, other)
    fix = f"write before: {other.now}, or say in `how` what was counted"
    return claim.judged(outcome, f"{before} ends with {brief(other.now)}{why}", fix)


def _same(value: str | None, metric: Metric, other: Metric) -> tuple[Outcome, str]:
    """Compare a value of a metric with that of another round; return the outcome, and why if it is not a plain yes or no.

    If only one of the two says how it was measured, equal values match, but different values are not a contradiction.
    """
    if left_open(value) or left_open(other.now):
        return "not-checked", f", {OPEN_VALUE}"
    apart = [
        (a or "", b or "") for a, b in ((metric.unit, other.unit), (metric.how, other.how)) if _norm(a) != _norm(b)
    ]
    if any(a and b for a, b in apart):
        return "not-checked", f", measured differently ({' and '.join(map(brief, apart[-1]))})"
    one, two = number(value), number(other.now)
    if one == two if one is not None and two is not None else _norm(value) == _norm(other.now):
        return "verified", ""
    if one is None or two is None:
        return "not-checked", f", {NO_NUMBER}"
    return ("not-checked", ", perhaps measured differently") if apart else ("contradicted", "")


class _RowValue(NamedTuple):
    """The number of tests of a round as one place states it, with a description of the place and the claim made there."""

    value: str
    where: str
    claim: Claim


@check("metric-conflict", "warning")
def metric_conflict(context: CheckContext) -> Iterator[CheckResult]:
    """A metric of a round has one value: in its own file, in the `history` rows of other rounds, and in its phase.

    Fix: write the correct value in both places, or remove the row: rows of rounds that have a file are derived.
    """
    phases: dict[tuple[str, str], list[Entry]] = {}
    for entry in context.book.entries.values():  # a phase comes after all rounds
        phases.setdefault((entry.repository, entry.round.phase), []).append(entry)
    for line in phases.values():
        yield from _rows(line, context)
        if line[-1].is_phase:
            yield from _of_phase(line[-1], line[:-1])


def _rows(line: Sequence[Entry], context: CheckContext) -> Iterator[CheckResult]:
    """Compare each row about an earlier round with the file of that round, or with the first row about it."""
    first: dict[str, _RowValue] = {}
    for entry in line:
        tests = entry.round.metrics.get("tests")
        if tests and tests.now:
            first[entry.key] = _RowValue(tests.now, f"{entry.words} itself", _of_value(entry, tests, ""))
    for entry in line:
        for row in entry.round.history:
            if row.tests_after:
                key = context.book.round_names.key(row.round, entry.round.phase) or row.round.strip()
                key = key if "/" in key else f"{entry.round.phase}/{key}"
                words = f"{called(key)} ended with {brief(row.tests_after)} tests"
                claim = Claim(words, row.place_of("tests_after"), entry.key, "previous-rounds")
                row_value = _RowValue(row.tests_after, f"a row of {entry.words}", claim)
                known = first.setdefault(key, row_value)
                if known is not row_value:
                    yield _held_against(row_value, known)


def _held_against(row_value: _RowValue, known: _RowValue) -> CheckResult:
    one, two = number(row_value.value), number(known.value)
    is_open = left_open(row_value.value) or left_open(known.value)
    place = f" ({known.claim.place})" if known.claim.place else ""
    said = f"{known.where} says {brief(known.value)}{place}"
    if one is not None and two is not None:
        return row_value.claim.judged(_holds(one == two), said, f"write {known.value}, or correct the other")
    if _norm(row_value.value) == _norm(known.value) and not is_open:
        return row_value.claim.verified(said)
    return row_value.claim.unchecked(f"{said}, {OPEN_VALUE if is_open else NO_NUMBER}")


def _of_phase(phase: Entry, rounds: Sequence[Entry]) -> Iterator[CheckResult]:
    """Compare the metrics of a phase with the last of its rounds that has a number for them."""
    for name, metric in phase.round.metrics.items():
        having = [(e, m) for e in rounds if (m := e.round.metrics.get(name)) and number(m.now) is not None]
        if metric.now is None or not having:
            continue
        entry, last = having[-1]
        outcome, why = _same(metric.now, metric, last)
        evidence = f"{entry.words}, the last that has it, says {brief(last.now)}{why}"
        if outcome == "contradicted" and number(metric.now) == sum(number(m.now) or Decimal(0) for _, m in having):
            outcome, evidence = "verified", f"the {len(having)} rounds that have it add up to that"
        claim = _of_value(phase, metric, f"metric {name} of {phase.words} is {brief(metric.now)}")
        yield claim.judged(outcome, evidence, f"write {last.now}, or correct the round")


@check("metric-regression", "warning")
def metric_regression(context: CheckContext) -> Iterator[CheckResult]:
    """A metric with `better` worsens by no more than its threshold, and reaches its `target` before its round is closed.

    Fix: explain it in `waive:`, raise `percent` of the metric in the settings, or set another target.
    """
    for line in context.lines:
        for before, entry in zip((None, *line), line, strict=False):
            for name, metric in entry.round.metrics.items():
                threshold = context.settings.metrics.get(name)
                better = metric.better or (threshold.better if threshold else None)
                if better and metric.now is not None:
                    claim = _of_value(entry, metric, f"metric {name} is {brief(metric.now)} ({better} is better)")
                    yield from _kept(claim, name, metric, better, threshold, before)
                    if metric.target and entry.status in CLOSED - {"dropped"}:
                        yield _reached(claim, metric, better, entry)


def _kept(
    claim: Claim, name: str, metric: Metric, better: str, threshold: Threshold | None, before: Entry | None
) -> Iterator[CheckResult]:
    earlier = before.round.metrics.get(name) if before else None
    then, where = metric.before, "it was"
    if then is None and before and earlier:
        then, where = earlier.now, f"{before.words} has"
    if then is None:
        return
    outcome, detail = _worse(then, metric, better, threshold.percent if threshold else None)
    measured = earlier and (_norm(earlier.unit), _norm(earlier.how))
    if measured and metric.before is None and measured != (_norm(metric.unit), _norm(metric.how)):
        outcome, detail = "not-checked", "measured differently"
    if outcome:
        evidence = f"{where} {brief(then)}, {detail}"
        yield claim.judged(outcome, evidence, "give the reason in `waive:`, or change the threshold")


def _worse(then: str, metric: Metric, better: str, percent: str | None) -> tuple[Outcome | None, str]:
    """Return `contradicted` and by how much if a metric got worse by more than its threshold; no outcome if it did not."""
    old, new = number(then), number(metric.now)
    share = number((percent or "0").strip().removesuffix("%"))
    if old is None or new is None:
        return "not-checked", NO_NUMBER
    if share is None:
        return "not-checked", f'and the threshold "{percent}" is not a number'
    loss = old - new if better == "higher" else new - old
    if loss * 100 <= abs(old) * share or loss <= 0:
        return None, ""
    allowed = "and nothing is allowed" if share == 0 else f"and {share.normalize():f} % are allowed"
    extent = f" ({100 * loss / abs(old):.1f} %)" if old else ""
    return "contradicted", f"so it got worse by {loss}{extent}, {allowed}"


def _reached(claim: Claim, metric: Metric, better: str, entry: Entry) -> CheckResult:
    match = _TARGET.fullmatch((metric.target or "").strip())
    goal = number(match["number"]) if match and _norm(match["unit"]) in ("", _norm(metric.unit)) else None
    new = number(metric.now)
    evidence = f"its target is {brief(metric.target)}"
    if goal is None or new is None or match is None:
        return claim.unchecked(f"{evidence}, {NO_NUMBER}")
    reached = new >= goal if better == "higher" else new <= goal
    if reached and not (match["sign"] in ("<", ">") and new == goal):
        return claim.verified(evidence)
    missed = f"; it was not reached, and the {entry.kind} is {entry.status}"
    return claim.contradicted(evidence + missed, "give the reason in `waive:`, or set another target")


@check("sum-mismatch", "warning")
def sum_mismatch(context: CheckContext) -> Iterator[CheckResult]:
    """A total row is the sum of its columns, and a stated difference is the difference between before and after.

    Fix: write the sum, or replace the word “total” if the row is not one.
    """
    return context.each(context.book.entries.values(), _sums)


def _sums(entry: Entry, _: SharedContext) -> Iterator[CheckResult]:
    for i, table in enumerate(entry.round.tables):
        claim = Claim("", table.place_of("rows", len(table.rows) - 1), entry.key, entry.anchors["tables", i])
        yield from _totals(table, claim)
    for name, metric in entry.round.metrics.items():
        words = f"metric {name} changed by {brief(metric.result)}"
        yield from _difference(metric, Claim(words, metric.place_of("result"), entry.key, HERE))


def _totals(table: Table, claim: Claim) -> Iterator[CheckResult]:
    *rows, last = table.rows or ((),)
    word = _bare(last[0]) if last else ""
    if not rows or not _TOTAL.fullmatch(word) or any(row and _PART_SUM.fullmatch(_bare(row[0])) for row in rows):
        return
    for column in range(1, len(last)):
        head = table.columns[column] if column < len(table.columns) else f"column {column + 1}"
        cells = [_bare(row[column]) for row in rows if column < len(row) and _bare(row[column]) not in _NOTHING]
        total, parts = number(_bare(last[column])), [number(cell) for cell in cells]
        known = [part for part in parts if part is not None]
        if total is None or len(known) < len(parts) or not known or _NO_SUM.search(head):
            continue
        found = sum(known, Decimal(0))
        rows_are = "its one row gives" if len(known) == 1 else f"its {len(known)} rows add up to"
        stated = claim._replace(words=f'"{brief(word)}" of "{brief(_bare(head))}" is {last[column].strip()}')
        is_sum = abs(found - total) <= _rounding((total, *known))
        yield stated.judged(_holds(is_sum), f"{rows_are} {found}", f"write {found}")


def _bare(cell: str) -> str:
    return cell.strip("*_`: \t\n")


def _rounding(values: Sequence[Decimal]) -> Decimal:
    """Return the tolerance for a sum of rounded numbers: half of the last digit for each; zero for whole numbers."""
    exponents = [int(value.as_tuple().exponent) for value in values]
    return Decimal(len(values)) / 2 * Decimal(1).scaleb(min(exponents)) if min(exponents) < 0 else Decimal(0)


def _difference(metric: Metric, claim: Claim) -> Iterator[CheckResult]:
    match = _SIGNED.fullmatch((metric.result or "").strip())
    size, old, new = number(match["number"]) if match else None, number(metric.before), number(metric.now)
    if match is None or size is None or old is None or new is None:
        return
    if _norm(match["unit"]) not in ("", _norm(metric.unit)):
        return
    written, found = (size if match["sign"] == "+" else -size), new - old
    is_difference = abs(written - found) <= _rounding((old, new, size))
    yield claim.judged(_holds(is_difference), f"{new} − {old} = {found}", f"write result: {found:+}")


# -------------------------------------------------------------------------------------- what git can count


@check("metric-probe", "warning", history=True)
def metric_probe(context: CheckContext) -> Iterator[CheckResult]:
    """The value of a metric with a `probe` is what the probe counts in the tree of the last commit of the round that did work.

    `glob` counts files; `grep` counts the lines that contain a text, in the files that `in` matches, except in the data
    folder. The commit that merged the last work of the round counts as well.

    Fix: write the number that was counted, or change the probe to count what is meant.
    """
    asked = list(probes(context.book))
    globs = list(dict.fromkeys(one.probe.glob for one in asked if one.probe.glob and not one.probe.grep))
    files = count_files(context.book.history, globs, {c for one in asked for c in one.commits}) if globs else {}
    for one in asked:
        if one.metric.now is not None:
            yield _probed(one, context, files)


def _probed(one: MetricProbe, context: CheckContext, files: Mapping[tuple[Globs, str], int]) -> CheckResult:
    claim = _of_value(one.entry, one.metric, f"metric {one.name} is {brief(one.metric.now)}")
    value = number(one.metric.now)
    counted, what = _counted(one, context, files)
    fault = _unprobed(one, counted, what)
    if value is None or fault:
        return claim.unchecked(fault or f"the value is not an exact number; its source counts {what}")
    at = next((at for at, lines in counted.items() if lines == value), None)
    if at:
        return claim.verified(f"git counts {counted[at]} at {context.shared.dated(at)} ({what})", at)
    shown = " and ".join(f"{lines} at {context.shared.dated(at)}" for at, lines in counted.items())
    first = next(iter(counted))
    fix = f"write {counted[first]}, or let the probe count what is meant"
    return claim.contradicted(f"git counts {shown} ({what})", fix, first)


def _counted(
    one: MetricProbe, context: CheckContext, files: Mapping[tuple[Globs, str], int]
) -> tuple[dict[str, int], str]:
    """Return the counts by commit, and in words what was counted."""
    if not one.probe.grep:
        found = {at: files[one.probe.glob, at] for at in one.commits if (one.probe.glob, at) in files}
        return found, f"files that match {brief(', '.join(one.probe.glob))}"
    text, _ = sought(one.probe.grep)
    globs = one.probe.in_ or one.probe.glob
    where = f" in {brief(', '.join(globs))}" if globs else ""
    facts, key = context.book.git_facts, folders(globs, context.book.history.prefix)
    answers = {at: facts.counts[text, key, at] for at in one.commits if (text, key, at) in facts.counts}
    counts = {at: sum(n for path, n in by.items() if _is_counted(path, globs, context)) for at, by in answers.items()}
    return counts, f'lines that contain "{brief(text)}"{where}'


def _is_counted(path: str, globs: Globs, context: CheckContext) -> bool:
    prefix = context.book.history.prefix
    if not path.startswith(prefix) or path.startswith(context.book.git_facts.apart):
        return False
    return not globs or matches(globs, path.removeprefix(prefix))


def _unprobed(one: MetricProbe, counted: Mapping[str, int], what: str) -> str:
    """Return why nothing was counted, or an empty string."""
    if not one.probe.grep and not one.probe.glob:
        return "the probe has neither glob nor grep"
    if one.probe.grep and (fault := sought(one.probe.grep)[1]):
        return fault
    if not one.commits:
        return "no commit belongs to the round"
    return "" if counted else f"git did not count the {what}: too many probes, or files that are not here"
