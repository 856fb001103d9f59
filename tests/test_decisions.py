"""Decision records as people write them: every form of a status, what is a relation and what is prose, whose number it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.bring.standing import with_status
from roundbook.model.adr_names import spaces
from roundbook.model.book import Book
from roundbook.model.decision import Decision
from roundbook.model.status_words import decision_status_of
from roundbook.pipeline import load
from roundbook.read import adrs, survey
from roundbook.show.pages import pages


def read(files: dict[str, str], *folders: str) -> adrs.Adoption:
    return adrs.parse({p: t.encode() for p, t in files.items()}, spaces([(f, "") for f in folders or ("docs/adr",)]))


def one(text: str, name: str = "0001-a.md") -> Decision:
    (record,) = read({f"docs/adr/{name}": text}).records
    return record.decision


def book_of(path: Path, files: dict[str, str], settings: str = "adrs: docs/adr\n") -> Book:
    repo = Repository(path)
    repo.commit("docs: begin", {"data/roundbook.yml": settings, **files})
    return load(repo.path)


def said(book: Book, slug: str) -> list[str]:
    return [str(finding) for finding in book.findings if finding.slug == slug]


# ------------------------------------------------------------------------------------------------------- F9, N2

FORMS = {
    "heading with the word": "## Status: Accepted",
    "heading with a dash": "### Status — Accepted",
    "section": "## Status\n\nAccepted",
    "section of another name": "## Decision Status\n\nAccepted",
    "underlined heading": "Status\n------\n\nAccepted",
    "table by dates": "| Date | Status |\n|---|---|\n| 2026-01-01 | Proposed |\n| 2026-01-05 | Accepted |",
    "table by dates, newest first": "| Date | Status |\n|---|---|\n| 2026-01-05 | Accepted |\n| 2026-01-01 | Proposed |",
    "table by dates in the section": "## Status\n\n| Date | Status |\n|---|---|\n| 2026-01-05 | Accepted |",
    "table of labels": "| | |\n|---|---|\n| **Status** | Accepted |\n| Date | 2026-01-05 |",
    "table whose head is the label": "| Status | Accepted |\n|---|---|\n| Date | 2026-01-05 |",
    "several lines": "## Status\n\nProposed on 2026-01-01\n\nAccepted on 2026-01-05",
    "days in front": "## Status\n\n2026-01-01: Proposed\n2026-01-05: Accepted",
    "boxes": "## Status\n\n- [ ] Proposed\n- [x] Accepted\n- [ ] Rejected",
    "struck out": "## Status\n\n~~Proposed~~\n\n**Accepted**",
    "bullet": "* Status: Accepted",
    "bullet below another heading": "## Metadata\n\n- **Status**: Accepted",
    "table below another heading": "## Info\n\n| Field | Value |\n|---|---|\n| Status | Accepted |",
    "heading inside another": "## Metadata\n\n### Status\n\nAccepted",
    "bold alone": "**Status**\n\nAccepted",
    "bold with the word": "**Status: Accepted**",
    "bold without a colon": "**Status** Accepted",
    "italic": "*Status:* Accepted",
    "label alone": "Status:\n\nAccepted",
    "line of labels": "Status: Accepted | Date: 2026-01-05",
    "quotation": "> Status: Accepted",
    "bold in a quotation": "> **Status**: ✅ Accepted",
    "callout": "> [!NOTE]\n> Status: Accepted",
    "sign": "**Status**: ✅ Accepted",
    "short code": "**Status**: :white_check_mark: Accepted",
    "remark": "**Status**: **Accepted** (2026-01-05, by the board)",
    "image": "![Status: Accepted](https://img.example/x.svg)",
    "tags": "<b>Status</b>: Accepted",
    "arrow": "Status: Proposed → Accepted",
    "synonym": "Status: Approved",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_f9_n2_a_status_is_found_in_every_form(text: str) -> None:
    found = one(f"# 1. A\n\n{text}\n\n## Context\n\nSome.\n")
    assert found.status == "accepted"
    assert str(found.date or "2026-01-05") == "2026-01-05"


@pytest.mark.parametrize(
    "text", ["# 11. K [Accepted]", "# 11. K (Status: Accepted)", "---\nstatus: ✅ Accepted\n---\n# K"]
)
def test_f9_a_status_stands_in_the_title_or_above_it(text: str) -> None:
    assert (one(text).status, one(text).title) == ("accepted", "K")


@pytest.mark.parametrize(
    "text",
    [
        "## Estado\n\nAceptado",
        "## Status\n\n<!-- Accepted -->",
        "## Implementation\n\n- **Status**: Done",
        "```\nStatus: Accepted\n```",
        "The status is accepted.",
        "## Options\n\n| Task | Status |\n|---|---|\n| x | Done |",
    ],
)
def test_f9_where_no_status_is_found_that_is_said_once(text: str) -> None:
    adoption = read({"docs/adr/0001-a.md": f"# 1. A\n\n{text}\n"})
    assert adoption.records[0].decision.status is None
    assert [str(f).partition(";")[0] + ";" + str(f).split(";")[1] for f in adoption.findings] == [
        "docs/adr/0001-a.md:1:1: info decision-status-missing: no status was found; it counts as proposed"
    ]


def test_f9_a_folder_without_any_status_has_one_note_and_its_pages_say_not_stated(tmp_path: Path) -> None:
    madr = "# {}\n\n## Context and Problem Statement\n\nIt.\n\n## Decision Outcome\n\nThis.\n"
    book = book_of(tmp_path, {f"docs/adr/000{i}-x.md": madr.format(f"X{i}") for i in range(1, 5)})
    (note,) = said(book, "decision-status-missing")
    assert note.startswith(
        "docs/adr: info decision-status-missing: no status was found in any of its 4 decision records"
    )
    shown = {p.uri: p.text for p in pages(book)}
    assert "not stated" in shown["decisions/adr-0001.md"]
    assert "</span> proposed</span>" not in shown["decisions/adr-0001.md"] + shown["decisions/index.md"]


@pytest.mark.parametrize("text", ["On hold", "Accepté", "Accepted?", "proposed | accepted"])
def test_f9_what_is_not_understood_is_kept_and_told_at_its_place(text: str) -> None:
    adoption = read({"docs/adr/0001-a.md": f"# A\n\n## Status\n\n{text}\n"})
    assert adoption.records[0].decision.status_text == text
    (finding,) = adoption.findings
    assert (finding.slug, str(finding.place)) == ("decision-status-unknown", "docs/adr/0001-a.md:5:1")


def test_f9_several_statuses_of_which_none_has_a_day_are_told() -> None:
    adoption = read({"docs/adr/0001-a.md": "# A\n\n## Status\n\nProposed\n\nAccepted\n\nDeprecated\n"})
    assert (adoption.records[0].decision.status, [f.slug for f in adoption.findings]) == (
        "deprecated",
        ["decision-status-several"],
    )
    assert read({"docs/adr/0001-a.md": "# A\n\n## Status\n\nProposed\n\nAccepted\n"}).findings == ()


WORDS = [
    ("✅ Accepted", "accepted"),
    ("Partly superseded by ADR-2", "accepted"),
    ("Superseded by ADR-2", "superseded"),
    ("Complete", "accepted"),
    ("Locked in", "accepted"),
    ("❌ Rejected on 2026-01-01", "rejected"),
    ("In review", "proposed"),
    ("Accepted?", None),
    ("On hold", None),
]


@pytest.mark.parametrize(("text", "status"), WORDS)
def test_n2_records_and_the_importer_read_the_same_words(text: str, status: str | None) -> None:
    entry: dict[str, str] = {}
    with_status(entry, text)
    assert (entry.get("status"), decision_status_of(text)) == (status, status)
    if status:
        assert one(f"# A\n\nStatus: {text}\n").status == status


@pytest.mark.parametrize("text", ["✅ Accepted", "approved", "**Accepted**"])
def test_n2_a_round_file_may_say_it_in_the_same_words(text: str) -> None:
    assert Decision.model_validate({"title": "x", "status": text}).status == "accepted"


@pytest.mark.parametrize("text", ["superseded by adr-1", "Accepted on Monday", "maybe"])
def test_n2_a_status_of_a_round_file_is_nothing_but_a_status(text: str) -> None:
    with pytest.raises(ValueError, match="unknown decision status"):
        Decision.model_validate({"title": "x", "status": text})


# ----------------------------------------------------------------------------------------------------------- F11


@pytest.mark.parametrize(
    "text",
    [
        "Partially superseded by [2. B](0002-b.md)",
        "Partly superseded by ADR-2",
        "Superseded in part by ADR-2",
        "Superseded by ADR-2 in part",
        "Superseded (partially) by ADR-2",
        "Accepted, partially superseded by [2](0002-b.md)",
        "Accepted (superseded in part by [2](0002-b.md))",
        "Accepted\n\nPartially superseded by ADR-0002",
        "Partially replaced by ADR 2",
    ],
)
def test_f11_superseded_in_part_is_accepted_and_amended(tmp_path: Path, text: str) -> None:
    files = {
        "docs/adr/0001-a.md": f"# 1. A\n\n## Status\n\n{text}\n",
        "docs/adr/0002-b.md": "# 2. B\n\n## Status\n\nAccepted\n",
    }
    rulings = book_of(tmp_path, files).rulings
    assert (rulings["adr-0001"].status, rulings["adr-0001"].amended_by) == ("accepted", ("adr-0002",))
    assert rulings["adr-0001"].superseded_by == ()


# -------------------------------------------------------------------------------------------------------- N8, N9

MADR = (
    "# Use X\n\n## Context and Problem Statement\n\nIt.\n\n## Considered Options\n\n* X\n\n## Decision Outcome\n\nX.\n"
)


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({"docs/decisions/0001-use-x.md": MADR, "docs/decisions/0002-use-y.md": MADR}, "docs/decisions"),
        ({".adr-dir": "rulings\n", "rulings/0001-x.md": "# X\n\n## Decision\n\nX.\n"}, "rulings"),
    ],
)
def test_n8_a_folder_of_records_without_a_status_is_one(tmp_path: Path, files: dict[str, str], folder: str) -> None:
    Repository(tmp_path).commit("docs: begin", files)
    assert [one.path for one in survey.read(tmp_path).decisions] == [folder]


MINUTES = "# {}\n\n**Attendees**: Ada, Bo\n\n## Agenda\n\n1. X\n\n## Decisions\n\n- We take X.\n"


@pytest.mark.parametrize("name", ["2026-01-05-planning.md", "0007-meeting.md", "20260105-sync.md"])
def test_n9_the_minutes_of_a_meeting_are_no_decision(name: str) -> None:
    adoption = read({f"docs/adr/{name}": MINUTES.format("Planning")})
    assert (adoption.records, [f.slug for f in adoption.findings]) == ((), ["record-passed-over"])


def test_n9_a_record_that_names_who_took_part_is_a_decision() -> None:
    text = "# Use X\n\n**Participants**: Ada\n\n## Context\n\nIt.\n\n## Decision\n\nX.\n"
    assert one(text, "0001-meeting-rooms.md").title == "Use X"
