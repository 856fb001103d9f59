"""Decision records as people write them: every form of a status, what is a relation and what is prose, whose number it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.adr import folders
from roundbook.book.governance import explain
from roundbook.book.model import Book
from roundbook.importer.decision_entries import with_status
from roundbook.project import load
from roundbook.scaffold import survey
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import spaces
from roundbook.schema.statuses import decision_status_of
from roundbook.site.pages import pages
from roundbook.site.resolve import resolve
from site_trial import run


def read(files: dict[str, str], *names: str) -> folders.FoundRecords:
    return folders.parse({p: t.encode() for p, t in files.items()}, spaces([(f, "") for f in names or ("docs/adr",)]))


def one(text: str, name: str = "0001-a.md") -> DecisionRecord:
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
    ("Decision proposed; accepting feedback", "proposed"),
    ("Partially Implemented", "accepted"),
    ("Reverted by [discussion #1198](https://example.org/1198).", "deprecated"),
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
    assert DecisionRecord.model_validate({"title": "x", "status": text}).status == "accepted"


@pytest.mark.parametrize("text", ["superseded by adr-1", "Accepted on Monday", "maybe"])
def test_n2_a_status_of_a_round_file_is_nothing_but_a_status(text: str) -> None:
    with pytest.raises(ValueError, match="unknown decision status"):
        DecisionRecord.model_validate({"title": "x", "status": text})


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
    decisions = book_of(tmp_path, files).decisions
    assert (decisions["adr-0001"].status, decisions["adr-0001"].amended_by) == ("accepted", ("adr-0002",))
    assert decisions["adr-0001"].superseded_by == ()


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


# ------------------------------------------------------------------------------------------------------------ T1

TWO = {
    "docs/adr/adr-001-postgres.md": "# ADR-001: Use Postgres\n\n**Status**: Accepted\n",
    "ui/adr/adr-001-buttons.md": "# ADR-001: Round buttons\n\n**Status**: Proposed\n",
    "ui/adr/adr-002-square.md": "# ADR-002: Square buttons\n\n**Status**: Accepted\n\n**Supersedes**: ADR-001\n",
}
BOTH = "adrs: [docs/adr, ui/adr]\n"


def two(path: Path, *commits: tuple[str, dict[str, str | None]], more: dict[str, str] | None = None) -> Book:
    repo = Repository(path)
    repo.commit("docs: begin", {"data/roundbook.yml": BOTH, **TWO, **(more or {})})
    for message, files in commits:
        repo.commit(message, files)
    return load(repo.path)


@pytest.mark.parametrize(
    "text", ["ADR-001", "adr-001", "ADR 1", "1", "[ADR-001](adr-001-buttons.md)", "adr-001-buttons"]
)
def test_t1_a_record_means_its_own_folder_first(tmp_path: Path, text: str) -> None:
    square = f"# ADR-002: Square buttons\n\n**Status**: Accepted\n\n**Supersedes**: {text}\n"
    book = two(tmp_path, more={"ui/adr/adr-002-square.md": square})
    assert {n: (r.status, r.superseded_by) for n, r in book.decisions.items()} == {
        "adr-001": ("accepted", ()),
        "ui-001": ("superseded", ("ui-002",)),
        "ui-002": ("accepted", ()),
    }
    assert said(book, "reference-ambiguous") == []


def test_t1_a_link_to_another_folder_is_followed(tmp_path: Path) -> None:
    text = "# ADR-002\n\n**Status**: Accepted\n\n**Supersedes**: [ADR-001](../../docs/adr/adr-001-postgres.md)\n"
    decisions = two(tmp_path, more={"ui/adr/adr-002-square.md": text}).decisions
    assert (decisions["adr-001"].superseded_by, decisions["ui-001"].superseded_by) == (("ui-002",), ())


@pytest.mark.parametrize(
    "words", ["as ADR-001 says", "as adr-1 says", "x\n\nDecision: adr-001", "x\n\nDecision: ADR-1"]
)
def test_t1_a_commit_is_settled_by_its_paths_or_counts_for_none(tmp_path: Path, words: str) -> None:
    book = two(
        tmp_path, (f"feat: a {words}", {"ui/b.js": "1"}), (f"feat: b {words}", {"src/a": "1"}), (f"c {words}", {})
    )
    decisions = book.decisions
    assert decisions["adr-001"].cited_by == ()
    assert [book.history.by_id[c].subject[:7] for c in decisions["ui-001"].cited_by] == ["feat: a"]
    assert decisions["ui-001"].by_paths == decisions["ui-001"].cited_by
    (note,) = said(book, "reference-ambiguous")
    assert "2 commits" in note
    assert said(book, "trailer-unknown") == []
    assert "by the paths" in next(p.text for p in pages(book) if p.uri == "decisions/ui-001.md")


@pytest.mark.parametrize("text", ["adr-001", "ADR-1", "ADR 001"])
def test_t1_a_round_file_that_names_the_number_counts_for_none(tmp_path: Path, text: str) -> None:
    taken = (
        f"round: 1\nphase: 1\nfocus: x\ndecisions: [{{id: new, title: New, status: accepted, supersedes: {text}}}]\n"
    )
    book = two(tmp_path, more={"data/rounds/1/1.yml": taken})
    assert (book.decisions["new"].supersedes, len(said(book, "reference-ambiguous"))) == ((), 1)
    named = taken.replace(text, "docs/adr/adr-001-postgres.md")
    book = two(tmp_path / "x", more={"data/rounds/1/1.yml": named})
    assert book.decisions["new"].supersedes == ("adr-001",)


def test_t1_a_marker_is_settled_by_its_file(tmp_path: Path) -> None:
    marker = "// @" + "decision adr-001\n"  # in one piece it would be a marker of this project
    files: dict[str, str | None] = {"ui/b.js": marker, "src/a.js": marker}
    book = two(tmp_path, ("feat: a", files))
    assert [m.path for m in book.decisions["ui-001"].markers] == ["ui/b.js"]
    assert book.decisions["adr-001"].markers == ()


def test_t1_a_link_of_a_page_has_both_as_candidates(tmp_path: Path) -> None:
    assert {t.name for t in resolve(two(tmp_path), "ADR-001")} == {"adr-001", "ui-001"}


# -------------------------------------------------------------------------------------------------------- T9, S9


@pytest.mark.parametrize(
    "text",
    [
        "## Related\n\n- **ADRs**: `adr-001` (the head — extended by ADR-002), `adr-003` (goals), `adr-004` (privacy).",
        "## Related\n\n- ADR-001, superseded by ADR-002\n- [ADR-003](0003-x.md) (replaced by ADR-004)",
        "## References\n\nSee ADR-001, which supersedes ADR-002, and ADR-003.",
        "## Status\n\nAccepted\n\nWill be superseded by ADR-002 once ADR-001 is done.",
        "## Status\n\nAccepted. The cache replaces ADR-003 tables.",
    ],
)
def test_t9_prose_is_no_relation(text: str) -> None:
    files = {f"docs/adr/000{i}-x.md": f"# X{i}\n\nStatus: accepted\n" for i in range(1, 5)}
    files["docs/adr/0005-x.md"] = (
        f"# X5\n\nStatus: accepted\n\n{text}\n" if "## Status" not in text else f"# X\n\n{text}\n"
    )
    found = {r.id: r.decision for r in read(files).records}
    assert [(n, d.supersedes, d.amends) for n, d in found.items() if d.supersedes or d.amends] == []


def test_t9_what_is_listed_as_related_is_related() -> None:
    files = {f"docs/adr/000{i}-x.md": f"# X{i}\n\nStatus: accepted\n" for i in range(1, 5)}
    text = "- **ADRs**: `adr-001` (the head — extended by ADR-002), `adr-003` (goals), `adr-004` (privacy)."
    files["docs/adr/0005-x.md"] = f"# X\n\nStatus: accepted\n\n## Related\n\n{text}\n"
    assert read(files).records[4].decision.relates_to == ("adr-0001", "adr-0003", "adr-0004")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{id: a, title: A, rationale: x, depends-on: a}", "a depends on itself"),
        ("{id: a, title: A, rationale: x, supersedes: a}", "a supersedes itself"),
        ("{id: a, title: A, rationale: x}, {id: b, title: B, rationale: x, amends: [a, a]}", "b amends a twice"),
        (
            "{id: a, title: A, depends-on: b}, {id: b, title: B, depends-on: a}",
            "decisions need each other in a cycle: a → b → a",
        ),
        (
            "{id: a, title: A}, {id: b, title: B, supersedes: a}, {id: c, title: C, supersedes: a}",
            "b and c each supersede a",
        ),
        (
            "{id: a, title: A, date: 2026-01-05}, {id: b, title: B, date: 2026-01-01, supersedes: a}",
            "b, dated 2026-01-01, supersedes a, dated 2026-01-05",
        ),
    ],
)
def test_s9_every_relation_is_held_against_sense(tmp_path: Path, text: str, message: str) -> None:
    book = book_of(tmp_path, {"data/rounds/1/1.yml": f"round: 1\nphase: 1\nfocus: x\ndecisions: [{text}]\n"})
    assert len([m for m in (*said(book, "decision-relation"), *said(book, "decision-ring")) if message in m]) == 1


# ----------------------------------------------------------------------------------------------------------- N11


def test_n11_explain_knows_the_file_of_a_record_and_that_a_commit_is_no_path(tmp_path: Path) -> None:
    book = two(tmp_path)
    assert [r.id for r in explain(book, "ui/adr/adr-001-buttons.md").records] == ["ui-001"]
    done = run(tmp_path, "roundbook", "explain", "docs/adr/adr-001-postgres.md")
    assert "records adr-001, accepted: Use Postgres" in done.output
    assert "no decision affects it" not in done.output
    for word in ("HEAD", str(book.history.head)[:8]):
        assert "is a commit; explain takes a path" in run(tmp_path, "roundbook", "explain", word).output


def test_j_a_reference_that_leads_nowhere_is_reported_at_its_own_place(tmp_path: Path) -> None:
    """J, "Smaller ones": it was reported at the first line of the section of the status."""
    repo = Repository(tmp_path)
    text = "# 1. A\n\n## Status\n\nAccepted\n\nWords first.\n\nSupersedes [9. Gone](0009-gone.md)\n\n"
    text += "Superseded by [8. New](0008-new.md)\n"
    repo.commit("docs: a", {"docs/adr/0001-a.md": text, "data/roundbook.yml": "adrs: docs/adr\n"})
    places = [str(f.place) for f in load(tmp_path).findings if f.slug == "reference-unknown"]
    assert places == ["docs/adr/0001-a.md:9:22", "docs/adr/0001-a.md:11:24"]
