"""In: the document that the project was specified from. Out: proof that its round's page holds every fact of it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from roundbook.model.book import Book
from roundbook.pipeline import load
from roundbook.show.pages import pages

ROOT = Path(__file__).resolve().parents[1]
SEED = ROOT.parent / "shared" / "seed" / "round4-summary.md"
if not SEED.is_file():
    pytest.skip("the seed document ../shared/seed/round4-summary.md is not here", allow_module_level=True)

TEXT = SEED.read_text("utf-8")
# Words of the document's own form, which a page has its own words for.
NUMBERS_OF_FORM = re.compile(r"^\s*\d+\. |^\| *#.*$|\| *\d+ *\| (?=[A-Z])", re.MULTILINE)


@pytest.fixture(scope="module")
def book() -> Book:
    return load(ROOT)


@pytest.fixture(scope="module")
def shown(book: Book) -> str:
    """Return the text of the page of round 3/4, without tags and on one line."""
    page = next(page for page in pages(book) if page.uri == "rounds/3/4.md")
    text = re.sub(r"\{ #[^}]*\}", "", page.text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def section(heading: str) -> str:
    """Return the part of the document below a heading, up to the next of its kind or higher."""
    match = re.search(rf"^(#+) {re.escape(heading)}$\n(.*?)(?=^#{{1,3}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert match, heading
    return match[2]


def rows(heading: str) -> list[list[str]]:
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_code_span_is_found(shown: str) -> None:
    spans = sorted(set(re.findall(r"`([^`]+)`", TEXT)))
    assert len(spans) > 15
    assert [span for span in spans if span not in shown and not shown.count(span.split("/")[-1])] == []


def test_every_number_is_found(shown: str) -> None:
    told = NUMBERS_OF_FORM.sub("", TEXT)
    numbers = sorted(set(re.findall(r"\d+(?:[.,]\d+)*", told)))
    assert {"1,048", "1,029", "960", "3.5", "4.6", "418", "1.85", "1.87", "2026"} <= set(numbers)
    assert [number for number in numbers if not re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d])", shown)] == []


def test_the_eight_agents_have_their_status(book: Book, shown: str) -> None:
    agents = [(name.removesuffix(" (this)"), status) for _, name, _, status in rows("Round 4 Agents")]
    assert len(agents) == 8
    record = book.entries["3/4"].round
    assert [(a.name, a.status_text) for a in record.agents] == agents
    assert [name for name, _ in agents if name not in shown] == []


def test_the_eight_goals_are_there(book: Book) -> None:
    goals = re.findall(r"^\d+\. (.*)$", section("Specific Goals"), re.MULTILINE)
    record = book.entries["3/4"].round
    assert len(goals) == len(record.goals) == 8
    assert len(record.objectives) == 2


def test_both_decisions_have_all_their_reasons(book: Book, shown: str) -> None:
    reasons = {
        "wasm-target": section("Key Decision: WASM Target Change"),
        "wasm-decoupling": section("Key Decision: WASM Dependency Decoupling"),
    }
    for name, text in reasons.items():
        decision = book.rulings[name].decision
        told = re.findall(r"^- ", text, re.MULTILINE)
        # The last of each says what is to be done when something changes: that is `until` and `follow-up`.
        assert len(decision.rationale) == len(told) - 1
        assert decision.until
        assert decision.follow_up
        for reason in (
            *decision.rationale,
            decision.until,
            decision.follow_up,
            decision.context or "",
            decision.decision or "",
        ):
            assert "".join(reason.replace("`", "").split()) in "".join(shown.split()), reason
    names = re.findall(r"clawft-[a-z]+|tokio|reqwest|wasip\d", "".join(reasons.values()))
    assert [name for name in names if name not in shown] == []


def test_what_was_completed_and_revealed_is_there(book: Book) -> None:
    carried = book.entries["3/4"].round.carried
    assert carried is not None
    assert len(carried.completed) == len(rows("What Was Completed in Round 3")) == 8
    assert len(carried.findings) == len(re.findall(r"^- ", section("What Round 3 Revealed"), re.MULTILINE)) == 4


def test_the_previous_rounds_have_their_tests(book: Book, shown: str) -> None:
    told = [(number, agents, tests) for number, agents, _, tests in rows("Previous Rounds")]
    assert [t[2] for t in told] == ["960", "1,029", "1,048", "TBD"]
    for number, agents, tests in told:
        record = book.entries[f"3/{number}"].round
        assert record.team is not None
        assert record.team.size == agents
        assert (record.metrics["tests"].now or "").replace(",", "") == tests.replace(",", "")
        assert tests in shown
    assert [row.key for row in book.entries["3/4"].past] == ["3/1", "3/2", "3/3"]


def test_the_head_is_there(book: Book, shown: str) -> None:
    for words in ("2026-02-17", "8 concurrent", "from round 3", "1,048"):
        assert words in shown
    entry = book.entries["3/4"]
    assert (entry.status, entry.verified, entry.repository) == ("in-progress", False, "clawft")
    assert entry.metrics[0].before == "1048"
