"""In: a docket. Out: verdicts on numbers: from round to round, against what others say of them, and against their sums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.items import Table
from roundbook.model.metric import Metric, number
from roundbook.model.names import called
from roundbook.model.record import CLOSED
from roundbook.model.verdict import Outcome, Verdict
from roundbook.settings import Settings
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief, left_open, lines
from roundbook.think.references import round_of

HERE = "metrics"  # the section of a round's page that its numbers stand in
_SIGNED = re.compile(r"(?P<sign>[+−-]) ?(?P<number>[\d,.]+)(?: ?(?P<unit>[^\d\s]\S*))?")
_TARGET = re.compile(r"(?P<sign>[<>]=?|[≤≥=])? ?(?P<number>[\d,.]+)(?: ?(?P<unit>[^\d\s]\S*))?")
_TOTAL = re.compile(r"(?:grand )?(?:totals?|sum)\b.*|all", re.IGNORECASE)
_PART_SUM = re.compile(r"(?:sub-?|grand )?(?:totals?|sum)\b.*", re.IGNORECASE)
_NO_SUM = re.compile(
    r"%|\b(?:av(?:era)?ge?|mean|median|min|max|peak|rate|ratio|share|coverage|per|percent(?:age)?|cumulative|round|#)\b",
    re.IGNORECASE,
)
_NOTHING = frozenset({"", "-", "–", "—"})


@check("metric-continuity", "warning")
def metric_continuity(docket: Docket) -> Iterator[Verdict]:
    """The value that a metric had before a round is the one that the round before ended with, measured the same way.

    Mend: write the value that the other round has, or, where it was counted in another way, say so in `how`.
    """
    for line in lines(docket):
        for before, entry in pairwise(line):
            for name, metric in entry.round.metrics.items():
                if metric.before is not None:
                    yield _continued(name, metric, before, entry)


def _continued(name: str, metric: Metric, before: Entry, entry: Entry) -> Verdict:
    told = before.round.metrics.get(name)
    outcome, why = _same(metric.before, metric, told.now if told else None, told)
    evidence = f"{before.words} ends with {brief(told.now)}" if told and told.now else f"{before.words} does not say"
    mend = f"write before: {told.now}, or in `how` what was counted" if told and outcome == "contradicted" else ""
    return Verdict(
        "metric-continuity",
        outcome,
        f"metric {name} was {brief(metric.before or '')} before {entry.words}",
        evidence + why,
        metric.place_of("before"),
        entry.key,
        HERE,
        mend=mend,
    )


def _same(value: str | None, metric: Metric, other: str | None, told: Metric | None) -> tuple[Outcome, str]:
    """Tell whether two values of a metric are one, and why that cannot be told where it cannot.

    Where only one of the two says how it was measured, equal values hold, but others are not held against each other.
    """
    if value is None or other is None or told is None:
        return "not-checked", ""
    if left_open(value) or left_open(other):
        return "not-checked", ", and a value that is left open is not compared"
    apart = [(a or "", b or "") for a, b in ((metric.unit, told.unit), (metric.how, told.how)) if _norm(a) != _norm(b)]
    if any(a and b for a, b in apart):
        return "not-checked", f", measured otherwise ({' and '.join(map(brief, apart[-1]))})"
    one, two = number(value), number(other)
    if one == two if one is not None and two is not None else _norm(value) == _norm(other):
        return "verified", ""
    if one is None or two is None:
        return "not-checked", ", and one of the two is no number"
    return ("not-checked", ", perhaps measured otherwise") if apart else ("contradicted", "")


def _norm(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


@dataclass(frozen=True, slots=True)
class _Told:
    """What one place says of a round's tests; `round` and `anchor` are the address of that place."""

    value: str
    place: Place | None
    where: str
    round: str
    anchor: str


@check("metric-conflict", "warning")
def metric_conflict(docket: Docket) -> Iterator[Verdict]:
    """The metric of one round has one value: in its own file, in the `history` rows of others, and in its phase.

    Mend: write the right value at both places, or take the row out: rows of rounds that have a file are derived.
    """
    phases: dict[tuple[str, str], list[Entry]] = {}
    for entry in docket.book.entries.values():  # a phase comes after all rounds
        phases.setdefault((entry.repository, entry.round.phase), []).append(entry)
    for line in phases.values():
        yield from _rows(line, docket)
        if line[-1].is_phase:
            yield from _of_phase(line[-1], line[:-1])


def _rows(line: Sequence[Entry], docket: Docket) -> Iterator[Verdict]:
    """Yield what holds each row of earlier rounds against the round's file, else against the first row that names it."""
    first: dict[str, _Told] = {}
    for entry in line:
        tests = entry.round.metrics.get("tests")
        if tests and tests.now:
            place = tests.place_of("after" if tests.after else "value")
            first[entry.key] = _Told(tests.now, place, f"{entry.words} itself", entry.key, HERE)
    for entry in line:
        for row in entry.round.history:
            if row.tests_after:
                key = round_of(row.round, docket.book.entries, entry.round.phase) or row.round.strip()
                place = row.place_of("tests_after")
                key = key if "/" in key else f"{entry.round.phase}/{key}"
                told = _Told(row.tests_after, place, f"a row of {entry.words}", entry.key, "previous-rounds")
                known = first.setdefault(key, told)
                if known is not told:
                    yield _held_against(f"{called(key)} ended with {brief(told.value)} tests", told, known)


def _held_against(claim: str, told: _Told, known: _Told) -> Verdict:
    one, two = number(told.value), number(known.value)
    outcome: Outcome = "not-checked" if one is None or two is None else "verified" if one == two else "contradicted"
    if outcome == "not-checked" and _norm(told.value) == _norm(known.value) and not left_open(told.value):
        outcome = "verified"
    why = ", and one of the two is no number" if outcome == "not-checked" else ""
    if left_open(told.value) or left_open(known.value):
        why = ", and a value that is left open is not compared"
    where = f" ({known.place})" if known.place else ""
    mend = f"write {known.value}, or mend the other" if outcome == "contradicted" else ""
    evidence = f"{known.where} says {brief(known.value)}{where}{why}"
    return Verdict("metric-conflict", outcome, claim, evidence, told.place, told.round, told.anchor, mend=mend)


def _of_phase(phase: Entry, rounds: Sequence[Entry]) -> Iterator[Verdict]:
    """Yield what holds the metrics of a phase against the last of its rounds that has a number for them."""
    for name, metric in phase.round.metrics.items():
        told = [(e, m) for e in rounds if (m := e.round.metrics.get(name)) and number(m.now) is not None]
        if metric.now is None or not told:
            continue
        entry, last = told[-1]
        place = metric.place_of("after" if metric.after else "value")
        claim = f"metric {name} of {phase.words} is {brief(metric.now)}"
        outcome, why = _same(metric.now, metric, last.now, last)
        evidence = f"{entry.words}, the last that has it, says {brief(last.now or '')}{why}"
        if outcome == "contradicted" and number(metric.now) == sum(number(m.now) or Decimal(0) for _, m in told):
            outcome, evidence = "verified", f"the {len(told)} rounds that have it add up to that"
        mend = f"write {last.now}, or mend the round" if outcome == "contradicted" else ""
        yield Verdict("metric-conflict", outcome, claim, evidence, place, phase.key, HERE, mend=mend)


@check("metric-regression", "warning")
def metric_regression(docket: Docket) -> Iterator[Verdict]:
    """A metric with `better` does not get worse by more than its threshold, and reaches its `target` in a closed round.

    Mend: say in `waive:` why it is right, raise `percent` of the metric in the settings, or set the target anew.
    """
    for line in lines(docket):
        for before, entry in zip((None, *line), line, strict=False):
            for name, metric in entry.round.metrics.items():
                threshold = docket.settings.metrics.get(name)
                better = metric.better or (threshold.better if threshold else None)
                if better and metric.now is not None:
                    yield from _kept(name, metric, better, before, entry, docket.settings)
                    if metric.target and entry.status in CLOSED - {"dropped"}:
                        yield _reached(name, metric, better, entry)


def _kept(
    name: str, metric: Metric, better: str, before: Entry | None, entry: Entry, settings: Settings
) -> Iterator[Verdict]:
    told = before.round.metrics.get(name) if before else None
    then, where = metric.before, "it was"
    if then is None and before and told:
        then, where = told.now, f"{before.words} has"
    if then is None:
        return
    threshold = settings.metrics.get(name)
    outcome, detail = _worse(then, metric, better, threshold.percent if threshold else None)
    if (
        told
        and metric.before is None
        and any(_norm(getattr(metric, f)) != _norm(getattr(told, f)) for f in ("unit", "how"))
    ):
        outcome, detail = "not-checked", "measured otherwise"
    if outcome:
        yield _verdict(name, metric, better, outcome, f"{where} {brief(then)}, {detail}", entry)


def _worse(then: str, metric: Metric, better: str, percent: str | None) -> tuple[Outcome | None, str]:
    """Tell whether a metric got worse by more than it may, and by how much; that it did not shows nothing."""
    old, new = number(then), number(metric.now)
    share = number((percent or "0").strip().removesuffix("%"))
    if old is None or new is None:
        return "not-checked", "and one of the two is no number"
    if share is None:
        return "not-checked", f'and the threshold "{percent}" is no number'
    loss = old - new if better == "higher" else new - old
    if loss <= 0:
        return None, ""
    allowed = "and nothing is allowed" if share == 0 else f"and {share.normalize():f} % are allowed"
    extent = f" ({100 * loss / abs(old):.1f} %)" if old else ""
    outcome: Outcome | None = None if loss * 100 <= abs(old) * share else "contradicted"
    return outcome, f"so it got worse by {loss}{extent}, {allowed}"


def _reached(name: str, metric: Metric, better: str, entry: Entry) -> Verdict:
    match = _TARGET.fullmatch((metric.target or "").strip())
    goal = number(match["number"]) if match and _norm(match["unit"]) in ("", _norm(metric.unit)) else None
    new = number(metric.now)
    evidence = f"its target is {brief(metric.target or '')}"
    if goal is None or new is None or match is None:
        return _verdict(name, metric, better, "not-checked", f"{evidence}, and one of the two is no number", entry)
    reached = new >= goal if better == "higher" else new <= goal
    strict = match["sign"] in ("<", ">") and new == goal
    outcome: Outcome = "verified" if reached and not strict else "contradicted"
    missed = "" if outcome == "verified" else f"; it was not reached, and the {entry.kind} is {entry.status}"
    told = _verdict(name, metric, better, outcome, evidence + missed, entry)
    return told._replace(mend=told.mend and "say in `waive:` why, or set another target")


def _verdict(name: str, metric: Metric, better: str, outcome: Outcome, evidence: str, entry: Entry) -> Verdict:
    claim = f"metric {name} is {brief(metric.now or '')} ({better} is better)"
    place = metric.place_of("after" if metric.after else "value")
    mend = "say in `waive:` why, or change the threshold" if outcome == "contradicted" else ""
    return Verdict("metric-regression", outcome, claim, evidence, place, entry.key, HERE, mend=mend)


@check("sum-mismatch", "warning")
def sum_mismatch(docket: Docket) -> Iterator[Verdict]:
    """A row of totals is the sum of its columns, and a difference that is written is what lies between before and after.

    Mend: write the sum, or another word than “total” in front of a row that is none.
    """
    for entry in docket.book.entries.values():
        for i, table in enumerate(entry.round.tables):
            yield from _totals(table, entry.anchors["tables", i], entry)
        for name, metric in entry.round.metrics.items():
            yield from _difference(name, metric, entry)


def _totals(table: Table, anchor: str, entry: Entry) -> Iterator[Verdict]:
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
        outcome: Outcome = "verified" if abs(found - total) <= _rounding((total, *known)) else "contradicted"
        rows_are = "its one row gives" if len(known) == 1 else f"its {len(known)} rows add up to"
        mend = f"write {found}" if outcome == "contradicted" else ""
        claim = f'"{brief(word)}" of "{brief(_bare(head))}" is {last[column].strip()}'
        place = table.place_of("rows", len(rows))
        yield Verdict("sum-mismatch", outcome, claim, f"{rows_are} {found}", place, entry.key, anchor, mend=mend)


def _bare(cell: str) -> str:
    return cell.strip("*_`: \t\n")


def _rounding(values: Sequence[Decimal]) -> Decimal:
    """Return how far a sum of rounded numbers may be off: half of the last place for each; nothing for whole numbers."""
    exponents = [int(value.as_tuple().exponent) for value in values]
    return Decimal(len(values)) / 2 * Decimal(1).scaleb(min(exponents)) if min(exponents) < 0 else Decimal(0)


def _difference(name: str, metric: Metric, entry: Entry) -> Iterator[Verdict]:
    match = _SIGNED.fullmatch((metric.result or "").strip())
    size, old, new = number(match["number"]) if match else None, number(metric.before), number(metric.now)
    if match is None or size is None or old is None or new is None:
        return
    if _norm(match["unit"]) not in ("", _norm(metric.unit)):
        return
    written, found = (size if match["sign"] == "+" else -size), new - old
    outcome: Outcome = "verified" if abs(written - found) <= _rounding((old, new, size)) else "contradicted"
    claim, evidence = f"metric {name} changed by {brief(metric.result or '')}", f"{new} − {old} = {found}"
    mend = f"write result: {found:+}" if outcome == "contradicted" else ""
    place = metric.place_of("result")
    yield Verdict("sum-mismatch", outcome, claim, evidence, place, entry.key, HERE, mend=mend)
