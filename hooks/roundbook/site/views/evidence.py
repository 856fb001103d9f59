"""Results of checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from roundbook.book.facts import CheckResult, Tally
from roundbook.book.model import Book
from roundbook.errors import Place, plural
from roundbook.frozen import frozen
from roundbook.site import links
from roundbook.site.charts.marks import Segment, bar
from roundbook.site.context import PageContext, render
from roundbook.site.escape import encode
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN as ON_A_PAGE
from roundbook.site.listings import Listing, Show
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry, unknown
from roundbook.site.widgets import RESULTS, link

SHOWN = 300
CARDS_SHOWN = 30
OF_CHECK = 20  # verified claims of a check among others on one page
SEVERITIES = ("error", "warning", "info")
KINDS = {
    "contradicted": "Contradicted claims",
    "not-checked": "Claims not checked",
    "verified": "Verified claims",
    "remark": "Remarks",
}
_CODE = re.compile(r"`([^`\n]+)`")
Groups = list[tuple[str, list[CheckResult]]]


@view
def round_evidence(book: Book, here: Here, round: str = "", check: str = "", limit: int = SHOWN) -> Markup:  # noqa: A002
    """Show the results of checks: contradicted claims first, then, collapsed, not checked, verified, and remarks.

    `round` and `check` select one round or one check; `limit` is the maximum number of each kind, 0 for all.
    """
    key = an_entry(book, round).key if round else ""
    if check and not any(v.check == check for v in book.results):
        raise unknown("check", check, sorted({v.check for v in book.results}))
    chosen = [v for v in book.results if (not key or v.round == key) and (not check or v.check == check)]
    found = listings(book, links.EVIDENCE, chosen)
    size = limit or len(chosen)
    return listed(book, here, chosen, {one.name: replace(one, size=size, paged=False) for one in found})


def kind(result: CheckResult) -> str:
    """Return the result of a claim; a contradiction stays one where it is a note or waived. What claims nothing is a remark."""
    if result.outcome == "contradicted" and not result.is_claim:
        return "remark"
    return result.outcome


def listings(book: Book, home: str, results: Sequence[CheckResult], of: str = "") -> tuple[Listing, ...]:
    """Return check results as lists of the page `home`, one for each outcome; the most severe contradictions first."""
    several = len({v.round for v in results}) > 1
    found: dict[str, list[CheckResult]] = {name: [] for name in KINDS}
    for result in results:
        if result.is_claim or result.outcome != "verified":
            found[kind(result)].append(result)
    found["contradicted"].sort(key=lambda v: (bool(v.waived), SEVERITIES.index(v.severity), v.check))

    counted = Tally.of(results)

    def shown(name: str) -> Show:
        return lambda here, rows: _rows(book, here, name, rows, counted, several=several)

    cards = "contradicted" if counted.grave else ""  # which are higher than lines
    return tuple(
        Listing(home, name, f"{KINDS[name]}{of}", rows, shown(name), CARDS_SHOWN if name == cards else ON_A_PAGE,
                newest_first=False)
        for name, rows in found.items()
    )  # fmt: skip


def _rows(book: Book, here: Here, name: str, rows: Sequence[CheckResult], counted: Tally, *, several: bool) -> Markup:
    say = ResultParts(book, here, several)
    if name == "contradicted":
        return render("results_contradicted.md.j2", book, here, say=say, parts=_lenience(rows), by_check=by_check,
                      shared=_shared_fix, lenient=_lenient, alone=_alone(counted))  # fmt: skip
    # A reason that one claim has of its own is said of it; one that several claims share is said above them.
    groups = _grouped(rows, lambda v: v.evidence) if name == "not-checked" else by_check(rows)
    reasons = name == "not-checked"
    return render("results_list.md.j2", book, here, say=say, groups=groups, reasons=reasons, fix=name != "verified")


def _lenient(word: str, count: int) -> str:
    """Return what the fold of contradictions that need no fix is called."""
    notes = f"{plural(count, 'note')}, which may stay as {'it is' if count == 1 else 'they are'}"
    return notes if word == "noted" else f"{plural(count, 'contradiction')} waived, with the reason"


def _alone(counted: Tally) -> str:
    """Return what the fold of all contradictions is called where they are all notes, or all waived; else nothing."""
    found = [(word, count) for word, count in (("noted", counted.noted), ("waived", counted.waived)) if count]
    return _lenient(*found[0]) if len(found) == 1 and not counted.grave else ""


def _lenience(rows: Sequence[CheckResult]) -> dict[str, list[CheckResult]]:
    """Return contradictions by what is to be done about them: they are to fix, notes, or waived."""
    found: dict[str, list[CheckResult]] = {"to fix": [], "noted": [], "waived": []}
    for one in rows:
        found["waived" if one.waived else "noted" if one.severity == "info" else "to fix"].append(one)
    return found


def _shared_fix(rows: Sequence[CheckResult]) -> str:
    """Return the fix that several results share, which is then said once; else nothing."""
    fixes = {one.fix for one in rows}
    return fixes.pop() if len(rows) > 1 and len(fixes) == 1 else ""


def by_check(rows: Iterable[CheckResult]) -> Groups:
    """Return results by check."""
    return _grouped(rows, lambda v: v.check)


def _grouped(rows: Iterable[CheckResult], name: Callable[[CheckResult], str]) -> Groups:
    found: dict[str, list[CheckResult]] = {}
    for one in rows:
        found.setdefault(name(one), []).append(one)
    return [*found.items()]


@frozen
class ResultParts:
    """The parts of a check result as HTML; `several` tells that the results are of several rounds."""

    book: Book
    here: Here
    several: bool

    def words(self, text: str) -> Markup:
        """Return a text of a check with its backticks as code."""
        parts = _CODE.split(text)
        return Markup("").join(
            Markup("<code>") + encode(part) + Markup("</code>") if i % 2 else encode(part)
            for i, part in enumerate(parts)
        )

    def claim(self, result: CheckResult) -> Markup:
        """Return a claim, linked to where it is made."""
        context = PageContext(self.book, self.here)
        url = context.entry_url(result.round, result.anchor) if result.anchor else None
        return link(url, self.words(result.claim or "everything"))

    def evidence(self, result: CheckResult) -> Markup:
        """Return the evidence, with the commit that shows it as a link where it is named, else behind it."""
        words = self.words(result.evidence)
        if not result.commit:
            return words
        short, commit = result.commit[:7], PageContext(self.book, self.here).commit(result.commit)
        return words.replace(short, commit, 1) if short in words else words + " " + commit

    def place(self, place: Place) -> Markup:
        """Return a place in a file, linked to the line on the forge where HEAD has the file."""
        history, forge = self.book.history, self.book.forge
        path = history.prefix + place.path
        url = forge.file(history.head, path, place.line) if forge and history.head and path in history.tree else None
        return link(url, Markup("<code>") + encode(str(place)) + Markup("</code>"))

    def check(self, slug: str) -> Markup:
        """Return a check with what it requires."""
        code = Markup("<code>") + encode(slug) + Markup("</code>")
        phrase = self.book.requirements.get(slug, "")
        return code + (Markup(' <span class="rb-note">') + self.words(phrase) + Markup("</span>") if phrase else "")

    def round(self, result: CheckResult) -> Markup:
        """Return the round of a claim, where the claims are of several."""
        known = self.several and result.round
        return PageContext(self.book, self.here).round_key(result.round) if known else Markup("")


def listed(book: Book, here: Here, results: Sequence[CheckResult], found: Mapping[str, Listing]) -> Markup:
    """Return the number of check results of each outcome, and the lists of those that are `found`."""
    counted, remarks = Tally.of(results), len(found["remark"].items)
    lists = {name: found[name].head(here) for name in KINDS if name in found and found[name].items}
    ends = [one for one in outcomes(counted) if one.count or one.word != "waived"]
    result = "contradicted" if ends[-1].count else "verified" if counted.verified else "not-checked"
    return render(
        "evidence.md.j2", book, here, lists=lists, counted=counted, ends=ends, result=result, mark=RESULTS[result],
        bar=bar(ends, "Claims"), remarks=remarks, alone=_alone(counted),
    )  # fmt: skip


def outcomes(counted: Tally) -> list[Segment]:
    """Return how many claims came to which end, each claim once: a contradiction may be a note, or waived."""
    return [
        Segment(counted.verified, "verified", "verified"),
        Segment(counted.noted, "note" if counted.noted == 1 else "notes", "contradicted rb-noted"),
        Segment(counted.waived, "waived", "contradicted rb-waived"),
        Segment(counted.not_checked, "not checked", "not-checked"),
        Segment(counted.grave, "contradicted", "contradicted"),
    ]


def in_short(results: Sequence[CheckResult]) -> Markup:
    """Return the same in words, without the zeros: `14 verified, 2 notes`; nothing where nothing is claimed."""
    parts = (f"{one.count:,} {one.word}" for one in outcomes(Tally.of(results)) if one.count)
    return Markup(", ".join(parts))  # noqa: S704 - words of ours


@view
def round_results(book: Book, here: Here) -> Markup:
    """Show for each check what it requires, and how many claims are verified, contradicted and not checked."""
    rows = []
    for check, results in sorted(by_check(v for v in book.results if v.is_claim or v.outcome != "verified")):
        verified = [v for v in results if v.outcome == "verified"]
        remarks = sum(kind(v) == "remark" for v in results)
        words = [in_short(results)] * any(v.is_claim for v in results) + [plural(remarks, "remark")] * (remarks > 0)
        rows.append((check, words, verified[:OF_CHECK], len(verified) - OF_CHECK))
    say = ResultParts(book, here, several=True)
    rest = here.to(links.EVIDENCE, "rounds")
    return render("results.md.j2", book, here, rows=rows, say=say, rest=rest)
