"""The results of checks on pages: one verdict, then what to fix, then the rest, each thing said once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from roundbook.book.facts import CheckResult, Tally
from roundbook.book.model import Book
from roundbook.checks.registry import CHECKS, requirements
from roundbook.errors import Place
from roundbook.git.history import History
from roundbook.site.context import PageContext
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN
from roundbook.site.views.evidence import OF_CHECK, outcomes, round_evidence, round_results
from roundbook.site.views.rounds import outcomes as counts_of

HERE = Here("evidence/index.md")
AT = Place("data/rounds/1/1.yml", 3, 7)
FIX = "say in `waive:` why"


def result(outcome: str, number: int = 0, **more: object) -> CheckResult:
    return CheckResult("path-missing", outcome, f"claim {number}", "some evidence", AT, "1/1")._replace(**more)  # type: ignore[arg-type]


def a_book(results: Sequence[CheckResult]) -> Book:
    return Book(History(), results=tuple(results), requirements={"path-missing": "Each path `exists`."})


def shown(results: Sequence[CheckResult]) -> str:
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), str(round_evidence(a_book(results), HERE)))


def verdict(page: str) -> str:
    """Return the line on top without its tags."""
    found = re.search(r'<p class="rb-verdict">(.*?)</p>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split())


MIXED = [
    result("verified", 1),
    result("verified", 2),
    result("contradicted", 3, fix=FIX),
    result("contradicted", 4, severity="info", fix=FIX),
    result("contradicted", 5, waived="it is so"),
    result("not-checked", 6),
    result("not-checked", 7),
]


def test_the_verdict_counts_each_claim_once() -> None:
    assert verdict(shown(MIXED)) == "✕ 2 claims verified, 1 note, 1 waived, 2 not checked, 1 contradicted"
    assert sum(one.count for one in outcomes(Tally.of(MIXED))) == len(MIXED)


@pytest.mark.parametrize(
    ("results", "mark"),
    [([result("verified")], "✓"), ([result("not-checked")], "?"), ([result("contradicted", severity="info")], "?")],
)
def test_a_mark_says_no_more_than_is_known(results: list[CheckResult], mark: str) -> None:
    assert verdict(shown(results)).startswith(f"{mark} ")


def test_only_what_stays_contradicted_has_the_mark_of_a_failure() -> None:
    """A note may stay as it is; the head of a round and the mark beside a claim say so with one sign."""
    heads = {word: sign for _, sign, _, word in counts_of(MIXED)}
    assert heads == {"verified": "✓", "note": "!", "waived": "✕", "not checked": "?", "contradicted": "✕"}
    at = [one._replace(anchor="here") for one in MIXED]
    beside = str(PageContext(a_book(at), HERE).check_marks("1/1", "here"))
    assert re.findall(r'rb-(\S+) rb-mark"[^>]*><span aria-hidden="true">(.)</span>', beside) == [
        ("contradicted", "✕"), ("noted", "!"), ("waived", "✕"), ("verified", "✓"), ("not-checked", "?"),
    ]  # fmt: skip


def test_what_is_to_fix_comes_first_with_its_fix_and_place() -> None:
    page = shown(MIXED)
    card = page[page.index('class="rb-claim') : page.index("<details")]
    for words in ("claim 3", "<dd>some evidence</dd>", "say in <code>waive:</code> why", "data/rounds/1/1.yml:3:7"):
        assert words in card
    assert "claim 4" not in card
    assert "`" not in page


def test_notes_alone_are_in_one_fold_with_their_number_and_further_pages() -> None:
    notes = [result("contradicted", n, severity="info") for n in range(SHOWN + 1)]
    page = shown(notes)
    assert re.findall(r"<summary>(.*?)</summary>", page) == [f"{len(notes)} notes, which may stay as they are"]
    mixed = re.findall(r"<summary>(.*?)</summary>", shown([*notes[:2], result("contradicted", 500, severity="error")]))
    assert mixed == ["2 notes, which may stay as they are"]


def test_a_reason_and_a_fix_that_several_share_are_said_once() -> None:
    assert shown([result("not-checked", i, evidence="no tag") for i in range(5)]).count("no tag") == 1
    assert shown([result("contradicted", i, fix=FIX) for i in range(5)]).count("say in") == 1
    assert shown([result("contradicted", i, fix=f"write {i}") for i in range(5)]).count("write ") == 5


def test_each_check_says_what_it_requires_and_shows_some_of_what_is_verified() -> None:
    many = [result("verified", i) for i in range(OF_CHECK + 5)]
    page = str(round_results(a_book(many), HERE))
    assert "Each path <code>exists</code>" in page
    assert page.count("<li>") == OF_CHECK
    assert re.search(r'and <a href="[^"]*#rounds">5 more', page)


def test_every_check_has_a_sentence() -> None:
    assert set(requirements()) == set(CHECKS)
    for slug, sentence in requirements().items():
        assert re.fullmatch(r"[A-Z].{10,180}\.", sentence), (slug, sentence)
        assert "Fix:" not in sentence
