"""Decision records in Markdown: what is read of each form, what they are in the book, and what they may not do to it."""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from repository import Repository
from roundbook import markdown
from roundbook.adr import folders
from roundbook.adr.fields import leading_date, split_list, split_title
from roundbook.adr.labels import parse_status
from roundbook.book.model import Book
from roundbook.importer.decision_entries import decisions
from roundbook.importer.statements import statements
from roundbook.project import fingerprint, load, watched
from roundbook.rounds import load as rounds_load
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import following, home_of, id_of, is_record, spaces
from roundbook.schema.statuses import DECISION_WORDS_OF, word
from roundbook.site.api import api, dump
from roundbook.site.feeds import feeds
from roundbook.site.links import Publication
from roundbook.site.pages import pages
from roundbook.site.resolve import resolve
from roundbook.site.text import llms, texts
from roundbook.yamlfile.writer import emit
from site_trial import build, page, project, run

CASE = Path(__file__).parents[1] / "cases" / "adopted"
SETTINGS = "adrs: docs/adr\n"
ROUND = "round: 1\nphase: 1\nfocus: Work\nstatus: in-progress\n"
NYGARD = "# {0}. {1}\n\nDate: 2026-01-01\n\n## Status\n\n{2}\n\n## Context\n\nSome.\n\n## Decision\n\nThis.\n"


def read(files: Mapping[str, str], *names: tuple[str, str]) -> folders.FoundRecords:
    return folders.parse({p: t.encode() for p, t in files.items()}, spaces(names or [("docs/adr", "")]))


def one(text: str, name: str = "0001-x.md") -> DecisionRecord:
    (record,) = read({f"docs/adr/{name}": text}).records
    return record.decision


def repository(path: Path, files: Mapping[str, str] | None = None) -> Repository:
    repo = Repository(path)
    base = {"data/roundbook.yml": SETTINGS, "data/rounds/1/1.yml": ROUND}
    repo.commit("chore: begin", base | dict(files or {}))
    return repo


def said(book: Book, slug: str) -> list[str]:
    return [str(finding) for finding in book.findings if finding.slug == slug]


# ------------------------------------------------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("Accepted", "accepted", "Accepted"),
        ("**accepted**", "accepted", "accepted"),
        ("Approved by the board", "accepted", "Approved by the board"),
        ("accepted on 2026-01-01", "accepted", "accepted on 2026-01-01"),
        ("accepted <!-- optional -->", "accepted", "accepted"),
        ("superseded by ADR-0123", "superseded", "superseded"),
        ("Superceded by [4. X](0004-x.md)", "superseded", "Superceded"),
        ("deprecated", "deprecated", "deprecated"),
        ("not accepted", "rejected", "not accepted"),
        ("Accepted?", None, "Accepted?"),
        ("proposed | accepted", None, "proposed | accepted"),
        ("{proposed | rejected | accepted}", None, "{proposed | rejected | accepted}"),
        ("acceptable", None, "acceptable"),
        ("", None, ""),
    ],
)
def test_the_word_decides_and_an_unknown_one_is_none(text: str, status: str | None, words: str) -> None:
    found = parse_status(text)
    assert (found.status, found.wording) == (status, words) or (found.status, found.wording.lower()) == (
        status,
        words.lower(),
    )


@given(st.text(max_size=60))
def test_no_text_but_a_known_word_is_accepted(text: str) -> None:
    found = parse_status(text)
    if found.status == "accepted":
        assert any(one in word(text) for one in map(word, DECISION_WORDS_OF["accepted"])) or "✅" in text


def test_an_unknown_status_is_a_warning_and_never_accepted() -> None:
    adoption = read({"docs/adr/0001-x.md": "# X\n\n* Status: Maybe later\n"})
    (record,) = adoption.records
    assert (record.decision.status, record.decision.status_text) == ("proposed", "Maybe later")
    (finding,) = adoption.findings
    assert str(finding).startswith(
        'docs/adr/0001-x.md:3:1: warning decision-status-unknown: unknown decision status "Maybe later"; write draft, '
    )


def test_a_record_without_a_status_is_proposed_and_an_entry_of_a_log_is_decided(tmp_path: Path) -> None:
    files = {"data/roundbook.yml": "adrs: [docs/adr, LOG.md]\n", "docs/adr/0001-x.md": "# X\n\n## Context\n\nIt.\n"}
    book = load(repository(tmp_path, files | {"LOG.md": "- 2026-01-01: **Y** — so\n"}).path)
    assert [(r.id, r.status, r.status_reason) for r in book.decisions.values()] == [
        ("adr-0001", "proposed", "no status is given"),
        ("log-y", "accepted", "it is in a decision log"),
    ]


# ---------------------------------------------------------------------------------------------------- the forms


def test_madr_two_has_a_list_below_its_title() -> None:
    text = (
        "# Use X\n\n* Status: accepted\n* Deciders: Ada, [Grace](https://x.example/a,b)\n* Date: 2026-02-03\n\n"
        "Technical Story: #12\n\n## Considered Options <!-- optional -->\n\n* X\n* Y\n\n"
        '## Decision Outcome\n\nChosen option: "X", because it is there.\n\n### Positive Consequences\n\n* good\n'
    )
    found = one(text)
    assert found.decision_makers == ("Ada", "[Grace](https://x.example/a,b)")
    assert (str(found.date), found.options) == ("2026-02-03", ("X", "Y"))
    assert (found.decision, found.rationale) == ('Chosen option: "X", because it is there.', ("it is there",))
    assert found.consequences == ("**Positive Consequences**\n\n* good",)
    assert found.details == {"Technical Story": "#12"}


def test_front_matter_may_have_every_key_of_a_decision() -> None:
    text = "---\nstatus: accepted\naffects: [src/**, a.py]\nliterals: xyz\nwas: adr-0000\nreviewed: yes\n---\n# X\n"
    (record,) = read({"docs/adr/0001-x.md": text}).records
    assert record.decision.affects == ("src/**", "a.py")
    assert (record.decision.literals, record.decision.was) == (("xyz",), ("adr-0000",))
    assert record.unknown_keys == (("reviewed", "yes"),)
    assert record.decision.place_of("affects").line == 3  # type: ignore[union-attr]


def test_a_value_that_cannot_be_one_is_kept_in_words_with_its_place() -> None:
    adoption = read({"docs/adr/0001-x.md": "---\nstatus: accepted\naffects: {a: [1, 2]}\n---\n# X\n"})
    (record,) = adoption.records
    assert (record.decision.affects, record.decision.details) == ((), {"affects": "a: 1, 2"})
    assert [str(f).partition(";")[0] for f in adoption.findings] == [
        "docs/adr/0001-x.md:3:10: warning wrong-type: expected text, found a mapping"
    ]


def test_a_log_has_headings_or_bullets_with_a_day_or_a_key() -> None:
    text = "# Log\n\n## D-12: Take it\n\n**Status**: rejected\n\n## 2026-02-03 Leave it\n\nIt is fine.\n\n## About this file\n"
    found = read({"LOG.md": text}, ("LOG.md", ""))
    assert [(r.id, r.decision.title, r.decision.status) for r in found.records] == [
        ("d-12", "Take it", "rejected"),
        ("leave-it", "Leave it", None),
    ]
    bullets = "- 2026-02-03: **Use X** — it is there\n  - Status: accepted\n  - and more\n* remark\n"
    (record,) = read({"LOG.md": bullets}, ("LOG.md", "")).records
    assert (record.decision.rationale, record.decision.details) == (("it is there",), {"Notes": "- and more"})
    assert record.body == "it is there\n\n- Status: accepted\n- and more"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # as assistants keep it, below a form that is still to be filled in
            (
                "# Decision Log\n\n2025-05-01 10:00:00 - Log of updates made.\n\n## Decision\n\n*\n\n"
                "[2025-05-02 10:00:00] - **Use X**\n\n## Decision\nTake X.\n\n## Rationale\n- small\n"
                "[2025-05-03 11:30] - Drop Y\n**Decision:** No Y.\n"
            ),
            [("use-x", "2025-05-02", "Take X."), ("drop-y", "2025-05-03", "No Y.")],
        ),
        (  # headings below a day, each with its decision
            "# Log\n\n## 2025-09-30\n\n### Layout\n**Decision:** One tree.\n\n### Notes\n\nNo.\n\n## Decision: Use Z\n\nIt.\n",
            [("layout", "2025-09-30", "One tree."), ("use-z", "None", "It.")],
        ),
        (  # rows of a table
            "| # | Date | Decision | Why |\n|---|---|---|---|\n| D1 | 2026-01-02 | **Use A** | small |\n| | | | |\n",
            [("d-1", "2026-01-02", None)],
        ),
        (  # a page with front matter of its own, and headings with a day
            "---\nstatus: active\n---\n# Log\n\n## 2026-03-30: One\n\nA.\n\n## 2026-03-31: Two\n\nB.\n",
            [("one", "2026-03-30", "A."), ("two", "2026-03-31", "B.")],
        ),
        (  # one record with numbered sections is no log
            "# Use B\n\n## 1. Status\n\nAccepted\n\n## 2. Context\n\nIt.\n\n## 3. Decision\n\nB.\n",
            [("log", "None", "B.")],
        ),
    ],
)
def test_the_entries_of_logs_in_the_forms_that_people_use(
    text: str, expected: list[tuple[str, str, str | None]]
) -> None:
    found = read({"LOG.md": text}, ("LOG.md", "")).records
    assert [(r.id, str(r.decision.date), r.decision.decision) for r in found] == expected


def test_bullets_below_a_day_are_of_that_day() -> None:
    found = read(
        {"LOG.md": "# Log\n\n## 2026-02-03\n\n- **Use X** — why\n- Leave Y\n\n## Notes\n\n- no\n"}, ("LOG.md", "")
    )
    assert [(r.id, str(r.decision.date), r.decision.rationale) for r in found.records] == [
        ("use-x", "2026-02-03", ("why",)),
        ("leave-y", "2026-02-03", ()),
    ]
    assert [r.body for r in found.records] == ["why", ""]


def test_a_file_that_is_no_record_is_passed_over_with_a_note() -> None:
    found = read(
        {"docs/adr/glossary.md": "# Glossary\n\n## Terms\n\nA round.\n", "LOG.md": "# Log\n"},
        ("docs/adr", ""),
        ("LOG.md", ""),
    )
    assert (found.records, [(f.severity, f.slug) for f in found.findings]) == ((), [("info", "record-passed-over")] * 2)
    assert [r.id for r in read({"docs/adr/use-x.md": "# Use X\n\nStatus: accepted\n"}).records] == ["use-x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3. Title", ("Title", "3")),
        ("ADR-0044: Title", ("Title", "ADR-0044")),
        ("ADR 44 — Title", ("Title", "ADR 44")),
        ("0044 Title", ("Title", "0044")),
        ("3 replicas are enough", ("3 replicas are enough", "")),
        ("Title", ("Title", "")),
    ],
)
def test_a_title_is_told_from_its_number(text: str, expected: tuple[str, str]) -> None:
    assert split_title(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-03", "2026-02-03"),
        ("2026/2/3", "2026-02-03"),
        ("February 3rd, 2026", "2026-02-03"),
        ("3 Feb 2026", "2026-02-03"),
        ("2026-02-03, updated 2027-01-01 (for clarity)", "2026-02-03"),
        ("01/02/2026", ""),
        ("2026-02-31", ""),
        ("{YYYY-MM-DD}", ""),
    ],
)
def test_a_day_is_read_where_it_can_mean_one_only(text: str, expected: str) -> None:
    assert leading_date(text) == expected


def test_a_list_in_one_line_keeps_what_brackets_hold() -> None:
    assert split_list("Ada, [Grace](a,b); Bo (x, y)") == ["Ada", "[Grace](a,b)", "Bo (x, y)"]
    assert split_list("[everyone, and more]") == ["everyone", "and more"]


# ----------------------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0044-use-x.md", "adr-0044"),
        ("44-use-x.md", "adr-44"),
        ("ADR-044.md", "adr-044"),
        ("adr_0044_x.md", "adr-0044"),
        ("20260101-use-x.md", "20260101-use-x"),
        ("2026-01-01-use-x.md", "2026-01-01-use-x"),
        ("use-x.md", "use-x"),
    ],
)
def test_an_id_is_what_the_file_is_called(name: str, expected: str) -> None:
    assert id_of("adr", f"docs/adr/{name}") == expected
    assert id_of("backend", name).startswith("backend-")


def test_a_folder_that_is_added_later_changes_no_id() -> None:
    first = spaces([("docs/adr", "")])
    assert [s.name for s in spaces([("docs/adr", ""), ("packages/backend/docs/adr", "")])] == ["adr", "backend"]
    assert first[0] == spaces([("docs/adr", ""), ("x/decisions", "own")])[0]
    assert [s.name for s in spaces([("docs/adr", ""), ("docs/decisions", ""), ("a/b", "")])][1:] == [
        "docs-decisions",
        "a-b",
    ]
    assert spaces([("../adr", ""), ("/etc", ""), ("", ""), ("C:\\x", "")]) == ()


def test_indexes_and_templates_are_no_records() -> None:
    names = ("README.md", "index.md", "template.md", "adr-template.md", "0000-template.md", "_x.md", ".x.md", "x.txt")
    assert not any(map(is_record, names))
    assert all(map(is_record, ("0001-x.md", "0002-template-engines.md", "use-templates.md")))


def test_a_file_belongs_to_the_deepest_folder() -> None:
    both = spaces([("docs", ""), ("docs/sub", "")])
    assert home_of("docs/sub/0001-x.md", both) == both[1]
    assert home_of("docs/0001-x.md", both) == both[0]
    assert home_of("documents/0001-x.md", both) is None


def test_the_same_number_twice_is_told_with_both_places_and_a_free_one() -> None:
    files = {f"docs/adr/{name}.md": NYGARD.format(5, name, "Accepted") for name in ("0005-a", "5-b", "0006-c")}
    adoption = read(files)
    assert {r.id for r in adoption.records} == {"adr-0005", "adr-5-b", "adr-0006"}
    (finding,) = adoption.findings
    assert (finding.severity, finding.slug) == ("warning", "decision-duplicate")
    assert "docs/adr/0005-a.md:1:1" in str(finding)
    assert finding.fix.endswith("to begin with 7") or finding.fix.endswith("to begin with 0007")
    assert following(["adr-0009", "adr-3"], 4) == "0010"


def test_two_folders_that_begin_at_one_are_two_namespaces() -> None:
    files = {"docs/adr/001-a.md": "# A\n\nStatus: draft\n", "b/adr/001-b.md": "# B\n\nStatus: superseded by ADR-001\n"}
    adoption = read(files, ("docs/adr", ""), ("b/adr", ""))
    assert ([r.id for r in adoption.records], adoption.findings) == (["adr-001", "b-001"], ())


# --------------------------------------------------------------------------------------------------- relations


def test_a_successor_says_what_it_replaces_whoever_wrote_it() -> None:
    files = {
        "docs/adr/0001-a.md": NYGARD.format(1, "A", "Superseded by [2. B](0002-b.md)"),
        "docs/adr/0002-b.md": NYGARD.format(2, "B", "Accepted\n\nAmends [3. C](./0003-c.md)"),
        "docs/adr/0003-c.md": NYGARD.format(3, "C", "Accepted\n\nAmended by [2. B](0002-b.md)"),
        "docs/adr/0004-d.md": "# D\n\n* Status: accepted\n\n## Links\n\n* Supersedes ADR-3\n* Refines [ADR-2](0002-b.md)\n",
    }
    found = {r.id: r.decision for r in read(files).records}
    assert found["adr-0002"].supersedes == ("adr-0001",)
    assert found["adr-0002"].amends == ("adr-0003",)
    assert (found["adr-0004"].supersedes, found["adr-0004"].relates_to) == (("adr-0003",), ("adr-0002",))
    assert not found["adr-0001"].supersedes


def test_a_decision_of_a_round_may_replace_a_record_and_the_other_way_round(tmp_path: Path) -> None:
    taken = "decisions:\n  - {id: new-way, title: New way, status: accepted, rationale: x, supersedes: ADR-1}\n"
    files = {
        "data/rounds/1/1.yml": f"{ROUND}{taken}  - {{id: old-way, title: Old way, status: accepted, rationale: x}}\n",
        "docs/adr/0001-a.md": NYGARD.format(1, "A", "Accepted"),
        "docs/adr/0002-b.md": NYGARD.format(2, "B", "Accepted\n\nSupersedes old-way"),
        "docs/adr/0003-c.md": NYGARD.format(3, "C", "Superseded by new-way"),
    }
    book = load(repository(tmp_path, files).path)
    status = {name: (r.status, r.superseded_by) for name, r in book.decisions.items()}
    assert status["adr-0001"] == ("superseded", ("new-way",))
    assert status["old-way"] == ("superseded", ("adr-0002",))
    assert status["adr-0003"] == ("superseded", ("new-way",))
    assert [f for f in book.findings if f.slug == "reference-unknown"] == []


def test_a_link_to_nowhere_is_told_at_its_line(tmp_path: Path) -> None:
    files = {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Superseded by [9. X](0009-x.md)")}
    book = load(repository(tmp_path, files).path)
    (text,) = said(book, "reference-unknown")
    assert text.startswith(
        'docs/adr/0001-a.md:7:22: info reference-unknown: "0009-x.md" is not a decision of this book'
    )


@pytest.mark.parametrize("text", ["adr-0004", "ADR-0004", "ADR-4", "adr-4", "adr 4", "docs/adr/0004-x.md"])
def test_a_record_goes_by_its_number_in_every_form(tmp_path: Path, text: str) -> None:
    book = load(repository(tmp_path, {"docs/adr/0004-x.md": NYGARD.format(4, "X", "Accepted")}).path)
    assert [target.name for target in resolve(book, text)] == ["adr-0004"]


def test_commits_cite_a_record_in_words_and_in_trailers(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"docs/adr/0004-x.md": NYGARD.format(4, "X", "Accepted")})
    repo.commit("feat: as ADR 4 says", {"a.txt": "1\n"})
    repo.commit("feat: do it\n\nDecision: ADR-0004", {"a.txt": "2\n"})
    book = load(repo.path)
    cited = [book.history.by_id[c].subject for c in book.decisions["adr-0004"].cited_by]
    assert cited == ["feat: do it", "feat: as ADR 4 says"]
    assert said(book, "trailer-unknown") == []


# ------------------------------------------------------------------------------------------------- git and time


def test_a_date_that_is_not_written_is_the_authors_day_of_the_commit_that_added_it(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    added = repo.commit(
        "docs: a", {"docs/adr/0001-a.md": "# A\n\nStatus: accepted\n"}, date="2026-03-04T01:00:00+05:00"
    )
    decision = load(repo.path).decisions["adr-0001"]
    assert (decision.date, decision.dated_by) == ("2026-03-04", added)
    shown = next(p for p in pages(load(repo.path)) if p.uri == "decisions/adr-0001.md")
    assert "added in" in shown.text


def test_the_history_of_a_status_follows_a_folder_that_moved(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    text = NYGARD.format(1, "A", "Proposed")
    first = repo.commit("docs: a", {"old/place/0001-a.md": text})
    repo.commit("docs: move", {"old/place/0001-a.md": None, "docs/adr/0001-a.md": text})
    last = repo.commit("docs: accept", {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Accepted")})
    book = load(repo.path)
    timeline = book.timelines.of("decision", "adr-0001")
    assert timeline is not None
    assert [(step.status, step.commit) for step in timeline.steps] == [("proposed", first), ("accepted", last)]
    assert (timeline.round, len(book.timelines.edits["docs/adr/0001-a.md"])) == ("", 3)


def test_a_record_that_got_another_number_should_say_so(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    text = NYGARD.format(1, "A", "Accepted")
    repo.commit("docs: a", {"docs/adr/0001-a.md": text})
    repo.commit("docs: b", {"docs/adr/0001-a.md": None, "docs/adr/0002-a.md": text})
    assert len(said(load(repo.path), "address-lost")) == 1
    repo.commit("docs: say so", {"docs/adr/0002-a.md": f"---\nwas: adr-0001\n---\n{text}"})
    book = load(repo.path)
    assert said(book, "address-lost") == []
    assert [t.name for t in resolve(book, "adr-0001")] == ["adr-0002"]


def test_the_book_of_another_commit_has_its_records(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Proposed")})
    repo.tag("v1.0.0")
    repo.commit("docs: more", {"docs/adr/0002-b.md": "# B\n", "docs/adr/0001-a.md": NYGARD.format(1, "A", "Accepted")})
    assert {n: r.status for n, r in load(repo.path, at="v1.0.0").decisions.items()} == {"adr-0001": "proposed"}
    assert load(repo.path).dirty == ()
    repo.write({"docs/adr/0001-a.md": "# A\n", "docs/adr/0003-c.md": "# C\n"})
    assert load(repo.path).dirty == ("docs/adr/0001-a.md", "docs/adr/0003-c.md")


def test_the_number_of_git_processes_does_not_grow_with_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roundbook.git.process import Git

    counts = []
    for number in (2, 40):
        files = {f"docs/adr/{i:04}-x.md": NYGARD.format(i, "X", "Accepted") for i in range(1, number)}
        repo = repository(tmp_path / str(number), files)
        repo.branch("topic")
        repo.commit("docs: there", {"docs/adr/9000-x.md": "# X\n"})
        repo.checkout("main")
        seen: list[int] = []
        for name in ("run", "stream"):
            whole = getattr(Git, name)
            monkeypatch.setattr(Git, name, lambda *a, whole=whole, seen=seen, **k: (seen.append(1), whole(*a, **k))[1])
        load(repo.path)
        monkeypatch.undo()
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_number_that_two_branches_take_is_told_with_the_branch_and_a_free_one(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Accepted")})
    repo.branch("topic")
    repo.commit("docs: theirs", {"docs/adr/0002-theirs.md": NYGARD.format(2, "Theirs and nobody else's", "Accepted")})
    repo.commit("docs: three", {"docs/adr/0003-three.md": NYGARD.format(3, "Three", "Accepted")})
    repo.checkout("main")
    repo.commit("docs: ours", {"docs/adr/0002-ours.md": NYGARD.format(2, "Of something quite different", "Proposed")})
    (text,) = said(load(repo.path), "decision-duplicate")
    assert text.startswith("docs/adr/0002-ours.md:1:1: info decision-duplicate: decision adr-0002 is the only one")
    assert 'a record has it for "Theirs and nobody else\'s" on branch topic (docs/adr/0002-theirs.md)' in text
    assert text.endswith("rename 0002-ours.md to begin with 0004, which is free on all branches")
    repo.write({"data/roundbook.yml": "adrs: docs/adr\nchecks: {decision-duplicate: error}\n"})
    (weighed,) = said(load(repo.path), "decision-duplicate")
    assert weighed == text.replace(": info ", ": error ")


def test_a_branch_that_edits_or_renames_a_record_collides_with_nothing(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Proposed")})
    repo.branch("topic")
    text = NYGARD.format(1, "A, in other words", "Accepted")
    repo.commit("docs: edit", {"docs/adr/0001-a.md": None, "docs/adr/0001-other.md": text})
    repo.checkout("main")
    assert said(load(repo.path), "decision-duplicate") == []


def test_serving_watches_the_folder_and_sees_an_edit(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"docs/adr/0001-a.md": "# A\n"})
    assert repo.path / "docs/adr" in watched(repo.path)
    before = fingerprint(repo.path)
    repo.write({"docs/adr/0001-a.md": "# Another\n"})
    assert fingerprint(repo.path) != before


# ---------------------------------------------------------------------------------------------------- the importer


def test_import_keeps_every_statement_of_every_form(root: Path) -> None:
    paths = sorted(p for p in (*CASE.glob("docs/**/*.md"), CASE / "DECISIONS.md") if is_record(p.name))
    documents = [d for p in paths if (d := markdown.parse(p.read_bytes(), p.relative_to(CASE).as_posix())[0])]
    made = decisions(documents)
    rounds_folder = rounds_load.parse({"data/rounds/decisions/adopted.yml": emit(made.tree).encode()})
    assert [str(f) for f in rounds_folder.findings] == []
    (record,) = rounds_folder.rounds
    assert len(record.decisions) == len(paths) + 1
    whole = " ".join(" ".join(_texts(record.model_dump(by_alias=True, mode="json"))).split()).replace("**", "").lower()
    # Names of keys, which hold what stands below them.
    names = {"deciders", "considered options", "decision outcome", "context and problem statement"}
    pieces = [(d.path, one) for d in documents for a in statements(d) for one in re.split(r":\s|—|\*\*", a.text)]
    hidden = [(path, " ".join(text.split()).replace("**", "").lower()) for path, text in pieces]
    lost = [(path, text) for path, text in hidden if text not in whole and text not in names]
    assert lost == []


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in (str(k), *_texts(v))]
    return [t for v in value for t in _texts(v)] if isinstance(value, list) else [str(value)]


def test_import_and_adoption_give_the_same_ids() -> None:
    texts = {"docs/adr/0001-a.md": NYGARD.format(1, "A", "Superseded by ADR-2"), "docs/adr/0002-b.md": "# B\n"}
    made = decisions([d for p, t in texts.items() if (d := markdown.parse(t.encode(), p)[0])], key="9/old")
    assert (made.key, made.tree["round"], made.tree["phase"], made.notes) == ("9/old", "old", "9", ())
    listed_ = made.tree["decisions"]
    assert isinstance(listed_, list)
    assert [d["id"] for d in listed_ if isinstance(d, dict)] == [r.id for r in read(texts).records]
    assert [d.get("supersedes") for d in listed_ if isinstance(d, dict)] == [None, ["adr-0001"]]


# ------------------------------------------------------------------------------------------------------ the site


def test_the_site_has_the_record_its_links_and_its_pencil(tmp_path: Path) -> None:
    body = "\n## More\n\n[one](0001-a.md) [home](../index.md) [gone](gone.md) ![pic](pic.png) [top](#context)\n"
    repo = project(
        tmp_path,
        data__roundbook_dot_yml=SETTINGS,
        docs__adr__0001_a_dot_md="",
        docs__index_dot_md="# Home\n\n[[ADR-2]] and [[adr-0001]]\n",
        mkdocs_dot_yml="site_name: T\nplugins: [search, macros, roundbook]\nrepo_url: https://github.com/o/n\n"
        "edit_uri: edit/main/docs/\nvalidation: {links: {not_found: info}}\n",
    )
    repo.write({"docs/adr/0001_a.md": None, "docs/adr/0001-a.md": NYGARD.format(1, "A", "Superseded by ADR-2")})
    repo.write({"docs/adr/0002-b.md": NYGARD.format(2, "B", "Accepted") + body})
    repo.git("remote", "add", "origin", "https://github.com/o/n.git")
    repo.commit("docs: all", {})
    done = build(repo, "--strict")
    assert done.code == 0, done.output
    shown = page(repo, "decisions/adr-0002")
    assert 'href="../adr-0001/">one</a>' in shown
    assert re.search(r'href="https://github.com/o/n/blob/[0-9a-f]{40}/docs/index.md">home</a>', shown)
    assert "gone</a>" not in shown
    assert "<img" not in shown.partition("<article")[2].partition("</article")[0]
    assert 'href="#context">top</a>' in shown
    assert "docs/adr/0002-b.md" in shown
    own = html.unescape(page(repo, "adr/0001-a"))
    assert "rb-superseded" in own
    assert 'href="../../decisions/adr-0001/"' in own
    assert 'href="decisions/adr-0002/"' in page(repo, "")


def test_all_that_is_published_of_a_book_knows_a_record(tmp_path: Path) -> None:
    files = {
        "docs/adr/0001-a.md": f"---\nuntil: it is needed\naffects: src/**\n---\n{NYGARD.format(1, 'A', 'Accepted')}"
    }
    repo = repository(tmp_path, files)
    repo.commit("feat: as ADR-1 says", {"src/a.py": "1\n"})
    book = load(repo.path)
    site = Publication("https://site.example/", "T")
    made = {asset.uri: asset.text for asset in (*api(book, site), *feeds(book, site))}
    one_ = json.loads(made["api/decisions.json"])
    Draft202012Validator(json.loads(made["api/schema/decisions.json"])).validate(one_)
    Draft202012Validator(json.loads(made["api/schema/evidence.json"])).validate(json.loads(made["api/evidence.json"]))
    assert (one_["decisions"]["adr-0001"]["anchor"], "round" in one_["decisions"]["adr-0001"]) == ("adr-0001", False)
    assert dump(book)["decisions"]["adr-0001"]["round"] is None
    assert "https://site.example/decisions/adr-0001/" in made["feeds/decisions.xml"]
    assert "accepted, docs/adr/0001-a.md" in llms(book, site, data=True, plain=True).replace("\\", "")
    shown = {page_.uri: page_.text for page_ in pages(book)}
    assert 'href="../decisions/adr-0001/"' in shown["open-items/index.md"].replace("&#46;", ".")
    assert "adr-0001" in shown["files/index.md"]
    texts_ = dict(texts(book, site))
    assert "File: docs/adr/0001-a.md" in texts_["decisions/adr-0001.md"].text.replace("\\", "")


def test_the_commands_know_a_record(tmp_path: Path) -> None:
    files = {"docs/adr/0001-a.md": f"---\naffects: src/**\n---\n{NYGARD.format(1, 'A', 'Accepted')}"}
    repo = repository(tmp_path, files)
    repo.commit("feat: more", {"src/a.py": "1\n"})
    told = run(repo.path, "roundbook", "explain", "src/a.py")
    assert "affected by adr-0001, accepted in docs/adr/0001-a.md: A" in told.output
    assert run(repo.path, "roundbook", "link", "ADR-1").output.strip().endswith("decisions/adr-0001/")
    done = run(repo.path, "roundbook", "new", "decision", "Another way", "--supersedes", "ADR-1", "--because", "x")
    assert done.code == 0, done.output
    assert load(repo.path).decisions["another-way"].supersedes == ("adr-0001",)
    repo.branch("topic")
    repo.write({"docs/adr/0002-b.md": NYGARD.format(2, "B", "Proposed")})
    repo.commit("docs: b", {})
    told = run(repo.path, "roundbook", "pr", "--base", "main")
    assert (told.code, "(adr-0002): new" in told.output) == (0, True), told.output


def test_records_alone_are_a_book(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("docs: a", {"data/roundbook.yml": SETTINGS, "docs/adr/0001-a.md": NYGARD.format(1, "A", "Accepted")})
    done = run(repo.path, "roundbook", "check")
    assert (done.code, "0 rounds, 1 decision, 1 commit" in done.output) == (0, True), done.output


HOSTILE = """\
# <script>alert(1)</script> {{ 7*7 }}

* Status: <img src=x onerror=alert(2)>
* Deciders: <b>Ada</b> {{ 7*7 }}

<script>alert(3)</script>

## {{ 7*7 }} <i>x</i> { #evil onclick=alert(4) }

[a](javascript:alert(5)) [b](//evil.example/x) ![c](https://evil.example/c.png) {% raw %}

--8<-- "mkdocs.yml"

```
never closed <script>alert(6)</script>
"""


def test_nothing_of_a_record_is_active_on_any_page(tmp_path: Path) -> None:
    repo = project(tmp_path, data__roundbook_dot_yml="adrs: records\nchecks: {decision-status-unknown: info}\n")
    repo.write(
        {
            "records/0001-x.md": HOSTILE,
            "records/0002-y.md": "---\nstatus: accepted\nnote: '{{ 7*7 }}<script>'\n---\n# Y\n",
        }
    )
    repo.commit("docs: all", {})
    done = build(repo)
    assert done.code == 0, done.output
    for made in (tmp_path / "site").rglob("*.html"):
        shown = made.read_text("utf-8")
        assert "<script>alert" not in shown, made
        assert "onerror=alert" not in re.sub(r">[^<]*<", "><", shown), made
        assert "onclick=alert" not in re.sub(r">[^<]*<", "><", shown), made
        assert "javascript:alert" not in re.sub(r">[^<]*<", "><", shown), made
        assert "site_name: Trial" not in shown, made
    article = page(repo, "decisions/adr-0001").partition("<article")[2] or page(repo, "decisions/adr-0001")
    assert "49" not in re.findall(r"<h2[^>]*>(.*?)</h2>", article)[0]


# ------------------------------------------------------------------------------------------------------- hostile


def test_what_is_no_file_of_the_project_is_a_warning_and_the_rest_is_read(tmp_path: Path) -> None:
    repo = repository(tmp_path / "project", {"docs/adr/0001-a.md": "# A\n"})
    folder = repo.path / "docs/adr"
    (tmp_path / "outside.md").write_text("# Secret\n")
    (folder / "0002-out.md").symlink_to(tmp_path / "outside.md")
    os.mkfifo(folder / "0003-pipe.md")
    (folder / "0004-big.md").write_bytes(b"# X\n" + b"x" * (6 << 20))
    (folder / "0005-\x1b[31mred\n.md").write_text("# Red\n")
    (folder / "0006-bytes.md").write_bytes(b"# \xff\n")
    (folder / "0007-zero.md").write_bytes(b"# a\x00b\n")
    (folder / "0008-link.md").symlink_to("0001-a.md")
    book = load(repo.path)
    assert set(book.decisions) == {"adr-0001", "adr-0005", "adr-0007", "adr-0008"}
    slugs = sorted(f.slug for f in book.findings if f.place and f.place.path.startswith("docs/adr"))
    assert slugs == [
        "control-character",
        "decision-status-missing",
        "not-regular",
        "not-utf8",
        "outside-project",
        "too-large",
    ]
    told = {f.slug: f.severity for f in book.findings if f.place and f.place.path.startswith("docs/adr")}
    assert {slug for slug, severity in told.items() if severity == "warning"} == set(told) - {
        "control-character",
        "decision-status-missing",
    }
    assert told["control-character"] == "info"  # the record is in the book
    done = run(repo.path, "roundbook", "check")
    assert (done.code, "\x1b" in done.output, "Traceback" in done.output) == (0, False, False)
    assert all("\x1b" not in p.text for p in pages(book))


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "nothing/here"])
def test_a_folder_that_is_not_there_is_a_warning_at_the_setting(tmp_path: Path, path: str) -> None:
    book = load(repository(tmp_path, {"data/roundbook.yml": f"adrs: [{path}]\n"}).path)
    (text,) = [str(f) for f in book.findings if f.slug in ("records-missing", "outside-project")]
    assert text.startswith("data/roundbook.yml:1:8: warning ")


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n" + "## A\n\ntext\n\n" * 20_000,
        "# T\n\n* Deciders: " + "a," * 200_000,
        "# T\n\n* Deciders: " + "[(" * 200_000,
        "# T\n\n## Status\n\n" + "superseded by " * 30_000,
        "# T\n\n## Status\n\nsuperseded by " + "[x](a.md) " * 30_000,
        "# T\n\n" + "<!-- " * 100_000,
        "# T\n\n" + "> " * 20_000,
        "# T\n\n" + "Status: accepted\n" * 30_000,
        "# T\n\n## Decision\n\n" + "because " * 60_000,
    ],
    ids=range(9),
)
def test_no_text_takes_more_than_its_length(text: str) -> None:
    begin = time.process_time()
    read({"docs/adr/0001-x.md": text})
    assert time.process_time() - begin < 10


def test_two_thousand_records_take_no_more_than_linear_time() -> None:
    def seconds(count: int) -> float:
        files = {
            f"docs/adr/{i:04}-x.md": NYGARD.format(i, f"X {i}", f"Accepted\n\nSupersedes [x]({i - 1:04}-x.md)")
            for i in range(1, count + 1)
        }
        begin = time.process_time()
        assert len(read(files).records) == count
        return time.process_time() - begin

    seconds(50)
    small, large = seconds(400), seconds(2_000)
    assert large < 12 * max(small, 0.02)


@pytest.mark.parametrize("text", ["#", "# ", "", "\n", "---\n---\n", "---\ntitle: ''\n---\n", "#\n===\n", "[a]: b\n"])
def test_a_record_of_nothing_has_the_name_of_its_file(text: str) -> None:
    (record,) = read({"docs/adr/0001-use-less.md": text}).records
    assert record.decision.title in ("use less", "#")


@given(st.text(alphabet=st.sampled_from("#-*: \n`<>[]()|adrSTATUS123DéαD{}%!\t"), max_size=300))
def test_any_text_gives_a_record_or_none_and_loses_no_line(text: str) -> None:
    adoption = read({"docs/adr/0001-x.md": text})
    assert all(finding.severity != "error" for finding in adoption.findings)
    for record in adoption.records:
        assert record.id == "adr-0001"
        whole = f"{record.body}\n{record.decision.model_dump_json()}"
        for one_ in re.findall(r"\w{4,}", text):
            assert one_ in whole or one_.lower() in whole.lower(), one_
