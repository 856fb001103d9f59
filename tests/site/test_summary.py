"""Tests that the page of an imported round, and those of its decisions, show every fact of the summary."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.book.model import Book
from roundbook.cli import cli
from roundbook.project import load
from roundbook.site.pages import pages

SUMMARY = Path(__file__).parents[1] / "documents" / "round-summary.md"
TEXT = SUMMARY.read_text("utf-8")
# Words of the document's own form, which a page has its own words for.
NUMBERS_OF_FORM = re.compile(r"^\s*\d+\. |^\| *#.*$|\| *\d+ *\| (?=[A-Z])", re.MULTILINE)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    repo = Repository(tmp_path_factory.mktemp("summary"))
    repo.commit("notes", {"notes/round-summary.md": TEXT})
    done = CliRunner().invoke(cli, ["-C", str(repo.path), "import", "notes"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return load(repo.path)


@pytest.fixture(scope="module")
def shown(book: Book) -> str:
    """Return the text of the page of round 3/4 and of the pages of its decisions, without tags and on one line."""
    own = [f"decisions/{decision.slug}.md" for decision in book.entries["3/4"].round.decisions]
    whole = "\n".join(page.text for page in pages(book) if page.uri in ("rounds/3/4.md", *own))
    text = re.sub(r"\{ #[^}]*\}", "", whole)
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
    assert {"1,312", "1,257", "1,104", "2.8", "7.2", "511", "1.9", "2.4", "2026"} <= set(numbers)
    assert [number for number in numbers if not re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d])", shown)] == []


def test_the_eight_agents_have_their_status(book: Book, shown: str) -> None:
    agents = [(name, status) for _, name, _, status in rows("Round 4 Agents")]
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
        "radio-band-change": section("Key Decision: Radio Band Change"),
        "sensor-bus-decoupling": section("Key Decision: Sensor Bus Decoupling"),
    }
    for name, text in reasons.items():
        decision = book.decisions[name].record
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
    names = re.findall(r"hivelog-[a-z]+|i2cdrv|sf\d", "".join(reasons.values()))
    assert [name for name in names if name not in shown] == []


def test_what_was_completed_and_revealed_is_there(book: Book) -> None:
    carried = book.entries["3/4"].round.carried
    assert carried is not None
    assert len(carried.completed) == len(rows("What Was Completed in Round 3")) == 8
    assert len(carried.findings) == len(re.findall(r"^- ", section("What Round 3 Revealed"), re.MULTILINE)) == 4


def test_the_previous_rounds_have_their_tests(book: Book, shown: str) -> None:
    told = [(number, agents, tests) for number, agents, _, tests in rows("Previous Rounds")]
    assert [t[2] for t in told] == ["1,104", "1,257", "1,312", "TBD"]
    rows_of_note = [(row.name, row.agents, row.tests_after) for row in book.entries["3/4"].past]
    assert rows_of_note == told[:3]
    assert [tests for _, _, tests in told if tests not in shown] == []


def test_the_head_is_there(book: Book, shown: str) -> None:
    for words in ("2026-05-08", "8 concurrent", "from Round 3", "1,312"):
        assert words in shown
    entry = book.entries["3/4"]
    assert (entry.status, entry.verified) == ("in-progress", True)
    assert entry.metrics[0].before == "1,312"
