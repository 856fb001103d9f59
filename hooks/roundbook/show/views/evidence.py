"""In: the book's verdicts. Out: what is verified, what is contradicted, and what was not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from roundbook.model.book import Book
from roundbook.model.verdict import Verdict
from roundbook.show.here import Here
from roundbook.show.lookup import an_entry, unknown
from roundbook.show.render import render
from roundbook.show.view import view

SHOWN = 300


@view
def round_evidence(book: Book, here: Here, round: str = "", check: str = "", limit: int = SHOWN) -> Markup:  # noqa: A002
    """Show what the checks say: contradictions first; folded, what is worth a note, was not checked, or holds.

    `round` and `check` choose those of one round or of one check; `limit` shows so many of each, and 0 all.
    """
    key = an_entry(book, round).key if round else ""
    if check and not any(v.check == check for v in book.verdicts):
        raise unknown("check", check, sorted({v.check for v in book.verdicts}))
    chosen = [v for v in book.verdicts if (not key or v.round == key) and (not check or v.check == check)]
    return listed(book, here, chosen, limit)


KINDS = ("contradicted", "waived", "noted", "not-checked", "verified")


def kind(verdict: Verdict) -> str:
    """Return what a verdict counts as: a contradiction that weighs only as a note is `noted`, a waived one `waived`."""
    if verdict.outcome != "contradicted":
        return verdict.outcome
    return "waived" if verdict.waived else "noted" if verdict.severity == "info" else "contradicted"


def sums(verdicts: Iterable[Verdict]) -> Counter[str]:
    """Return how many verdicts there are of each kind."""
    return Counter(map(kind, verdicts))


def listed(book: Book, here: Here, verdicts: Sequence[Verdict], limit: int = SHOWN) -> Markup:
    """Return verdicts as tables, one for each kind."""
    found: dict[str, list[Verdict]] = {name: [] for name in KINDS}
    for verdict in verdicts:
        found[kind(verdict)].append(verdict)
    several = len({v.round for v in verdicts}) > 1
    return render("evidence.md.j2", book, here, found=found, limit=limit or len(verdicts), several=several)


def tally(verdicts: Sequence[Verdict]) -> Markup:
    """Return the sums in words: `2 contradicted, 14 verified`; nothing where nothing was checked."""
    counted = sums(verdicts)
    return Markup(", ".join(f"{counted[name]} {name.replace('-', ' ')}" for name in KINDS if counted[name]))  # noqa: S704


@view
def round_verdicts(book: Book, here: Here) -> Markup:
    """Show how many claims each check verified, found contradicted or could not check."""
    by_check: dict[str, list[Verdict]] = {}
    for verdict in book.verdicts:
        by_check.setdefault(verdict.check, []).append(verdict)
    rows = [(name, sums(by_check[name])) for name in sorted(by_check)]
    total = sums(book.verdicts)
    return render("verdicts.md.j2", book, here, rows=rows, total=total, kinds=KINDS, head=book.history.head or "")
