"""In: a docket. Out: verdicts on numbers that git can count: the files or lines that a metric's probe means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from roundbook.model.glob import matches
from roundbook.model.metric import number
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.metrics import HERE
from roundbook.think.checks.status import brief
from roundbook.think.count import Globs, count_files
from roundbook.think.paths import dated
from roundbook.think.probing import Probed, folders, probes, sought


@check("metric-probe", "warning", history=True)
def metric_probe(docket: Docket) -> Iterator[Verdict]:
    """The value of a metric with a `probe` is what that counts in the tree of the round's last commit that did work.

    `glob` counts files, `grep` the lines that hold a text in the files that `in` means, without those of the data folder.
    The commit that brought the last of the round's work to the branch counts as well as the last one itself.

    Mend: write the number that was counted, or let the probe count what the number means.
    """
    asked = list(probes(docket.book))
    globs = list(dict.fromkeys(one.probe.glob for one in asked if one.probe.glob and not one.probe.grep))
    files = count_files(docket.book.history, globs, {c for one in asked for c in one.commits}) if globs else {}
    for one in asked:
        if one.metric.now is not None:
            yield _probed(one, docket, files)


def _probed(one: Probed, docket: Docket, files: Mapping[tuple[Globs, str], int]) -> Verdict:
    value = number(one.metric.now)
    counted, what = _counted(one, docket, files)
    fault = _fault(one, counted, what)
    if value is None or fault:
        return _verdict(one, "not-checked", fault or f"the value is no exact number; its probe counts {what}")
    shown = " and ".join(f"{lines} at {dated(docket.book.history, at)}" for at, lines in counted.items())
    at = next((at for at, lines in counted.items() if lines == value), None)
    if at:
        return _verdict(one, "verified", f"git counts {counted[at]} at {dated(docket.book.history, at)} ({what})", at)
    first = next(iter(counted))
    mend = f"write {counted[first]}, or let the probe count what is meant"
    return _verdict(one, "contradicted", f"git counts {shown} ({what})", first, mend)


def _counted(one: Probed, docket: Docket, files: Mapping[tuple[Globs, str], int]) -> tuple[dict[str, int], str]:
    """Return the counts by commit, and in words what was counted."""
    if not one.probe.grep:
        found = {at: files[one.probe.glob, at] for at in one.commits if (one.probe.glob, at) in files}
        return found, f"files that match {_list(one.probe.glob)}"
    text, _ = sought(one.probe.grep)
    globs = one.probe.in_ or one.probe.glob
    where = f" in {_list(globs)}" if globs else ""
    told, key = docket.book.testimony, folders(globs, docket.book.history.prefix)
    answers = {at: told.counts[text, key, at] for at in one.commits if (text, key, at) in told.counts}
    counts = {at: sum(n for path, n in lines.items() if _meant(path, globs, docket)) for at, lines in answers.items()}
    return counts, f'lines that hold "{brief(text)}"{where}'


def _meant(path: str, globs: Globs, docket: Docket) -> bool:
    prefix = docket.book.history.prefix
    if not path.startswith(prefix) or path.startswith(docket.book.testimony.apart):
        return False
    return not globs or matches(globs, path.removeprefix(prefix))


def _list(globs: Sequence[str]) -> str:
    return brief(", ".join(globs))


def _fault(one: Probed, counted: Mapping[str, int], what: str) -> str:
    """Return why nothing was counted, or the empty text."""
    if not one.probe.grep and not one.probe.glob:
        return "the probe has neither glob nor grep"
    if one.probe.grep and (fault := sought(one.probe.grep)[1]):
        return fault
    if not one.commits:
        return "no commit belongs to the round"
    return "" if counted else f"git did not count the {what}: too many probes, or files that are not here"


def _verdict(one: Probed, outcome: Outcome, evidence: str, commit: str | None = None, mend: str = "") -> Verdict:
    claim = f"metric {one.name} is {brief(one.metric.now or '')}"
    place = one.metric.place_of("after" if one.metric.after else "value")
    return Verdict("metric-probe", outcome, claim, evidence, place, one.entry.key, HERE, commit, mend)
