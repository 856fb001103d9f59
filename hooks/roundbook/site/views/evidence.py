"""Results of checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from roundbook.book.facts import CheckResult, Tally
from roundbook.book.model import Book
from roundbook.site import links
from roundbook.site.context import render
from roundbook.site.links import Here
from roundbook.site.listings import Listing, Show
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry, unknown

SHOWN = 300
SEVERITIES = ("error", "warning", "info")
KINDS = {
    "contradicted": "Contradicted claims",
    "not-checked": "Claims not checked",
    "verified": "Verified claims",
    "remark": "Remarks",
}


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
    """Return check results as tables of the page `home`, one for each outcome; the most severe contradictions first."""
    several = len({v.round for v in results}) > 1
    found: dict[str, list[CheckResult]] = {name: [] for name in KINDS}
    for result in results:
        if result.is_claim or result.outcome != "verified":
            found[kind(result)].append(result)
    found["contradicted"].sort(key=lambda v: (bool(v.waived), SEVERITIES.index(v.severity)))

    def shown(name: str) -> Show:
        return lambda here, rows: render(
            "results_table.md.j2", book, here, rows=rows, name=KINDS[name], fix=name != "verified", several=several
        )

    return tuple(
        Listing(home, name, f"{KINDS[name]}{of}", rows, shown(name), newest_first=False) for name, rows in found.items()
    )


def listed(book: Book, here: Here, results: Sequence[CheckResult], found: Mapping[str, Listing]) -> Markup:
    """Return the number of check results of each outcome, and the tables of those that are `found`."""
    counted, remarks = Tally.of(results), len(found["remark"].items)
    tables = {name: found[name].head(here) for name in KINDS if name in found and found[name].items}
    return render("evidence.md.j2", book, here, tables=tables, counted=counted, remarks=remarks)


def tally(results: Sequence[CheckResult]) -> Markup:
    """Return the counts in words: `2 contradicted, 14 verified`; nothing where nothing is claimed."""
    return Markup(Tally.of(results).brief)  # noqa: S704 - words of ours


@view
def round_results(book: Book, here: Here) -> Markup:
    """Show for each check how many claims are verified, contradicted and not checked."""
    by_check: dict[str, Counter[str]] = {}
    for result in book.results:
        if result.is_claim or result.outcome != "verified":
            by_check.setdefault(result.check, Counter())[kind(result)] += 1
    rows = sorted(by_check.items())
    total = sum((counts for _, counts in rows), Counter[str]())
    return render("results.md.j2", book, here, rows=rows, total=total, kinds=tuple(KINDS), head=book.history.head or "")
