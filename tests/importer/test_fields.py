"""What short notes say stands in the field that a person would choose: T5, F13 of the faults found on real repositories."""

from __future__ import annotations

from typing import Any

import pytest

from roundbook.importer.decision_entries import TaskHeading, parted
from roundbook.importer.headings import head_of
from test_streams import result


def tree(text: str, path: str = "n/round-1.md") -> dict[str, Any]:
    """Return the one record that a note becomes; `result` proves that nothing of it is lost."""
    found = result({path: text})
    assert len(found) == 1
    return dict(next(iter(found.values())).tree)


def shown(entries: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    """Return some values of entries."""
    return [tuple(one.get(key) for key in keys) for one in entries]


T5 = """# Phase 1 Round 1
## Decisions
### 1. Use a queue
**Problem**: Calls are lost.

**Decision**: Put them in a queue.
### 2. Keep the log
**Decision**: Keep it.
"""


def test_t5_decisions_stand_under_numbered_headings_with_or_without_a_problem() -> None:
    made = tree(T5)
    assert shown(made["decisions"], "title", "context", "decision") == [
        ("Use a queue", "Calls are lost.", "Put them in a queue."),
        ("Keep the log", None, "Keep it."),
    ]
    assert "sections" not in made


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("# Round 1\n\n## Decisions\n\n### 1. A\n\nIt is so.\n\n### 2. B\n\nThat too.\n", ["A", "B"]),
        ("# Round 1\n\n## Key Decisions\n\n### 1) A\n\n**Decision**: x.\n", ["A"]),
        ("# Round 1\n\n## Use A\n\n- **Decision**: x\n- **Rationale**: y\n", ["Use A"]),
        ("# Mail -- Decisions\n\n## Entries\n\n### CONS-001\n\n**Decision**: x.\n", ["CONS-001"]),
        ("# Mail -- Decisions\n\n### Use queues\n\nThey wait.\n", ["Use queues"]),
        ("# Decisions: Mail\n\n## Use A over B\n- **Decision**: x\n", ["Use A over B"]),
        ("# Round 1\n\n## HP Decisions\n\n- HP-14: New address\n- HP-15: New names\n",
         ["HP-14: New address", "HP-15: New names"]),
    ],
)  # fmt: skip
def test_t5_decisions_are_known_by_their_heading_their_labels_or_their_note(text: str, titles: list[str]) -> None:
    made = tree(text)
    assert [one["title"] for one in made["decisions"]] == titles
    assert "sections" not in made


@pytest.mark.parametrize(
    ("heading", "work"),
    [
        ("B1: Title -- DONE", TaskHeading("Title", "B1", "DONE")),
        ("B1: Title — Done", TaskHeading("Title", "B1", "Done")),
        ("B1: Title – in progress", TaskHeading("Title", "B1", "in progress")),
        ("B1: Title: COMPLETE", TaskHeading("Title", "B1", "COMPLETE")),
        ("B1: Title ✅", TaskHeading("Title", "B1", "✅")),
        ("B1: Title (done)", TaskHeading("Title", "B1", "done")),
        ("B1: Title [DONE]", TaskHeading("Title", "B1", "DONE")),
        ("B1: [x] Title", TaskHeading("Title", "B1", "[x]")),
        ("[x] B1: Title", TaskHeading("Title", "B1", "[x]")),
        ("✅ B1 - Title", TaskHeading("Title", "B1", "✅")),
        ("WEFT-12 Title → blocked", TaskHeading("Title", "WEFT-12", "blocked")),
        ("B1: Title -- DONE (2026-02-20)", TaskHeading("Title", "B1", "DONE (2026-02-20)")),
        ("B1: Server -- testing", TaskHeading("Server -- testing", "B1")),
        ("B1: Testing", TaskHeading("Testing", "B1")),
        ("P0 Blockers: open", TaskHeading("P0 Blockers", "", "open")),  # a priority is no id
        ("The server: fast", TaskHeading("The server: fast")),
    ],
)
def test_t5_a_heading_with_an_id_and_a_status_is_a_task(heading: str, work: TaskHeading) -> None:
    assert parted(heading, {}) == work
    if not (work.said and work.id):
        return
    for above in ("", "## Tasks\n\n", "## Work Items\n\n"):
        made = tree(f"# Round 1\n\n{above}### {heading}\n\nIt was hard.\n")
        assert shown(made["tasks"], "id", "title", "note") == [(work.id, work.title, "It was hard.")]
        assert made["tasks"][0]["status"] in ("done", "in-progress", "blocked")


@pytest.mark.parametrize("heading", ["Exit Criteria", "Gate", "K3 gate results", "Anything else"])
def test_t5_checks_with_commands_are_exit_criteria(heading: str) -> None:
    table = "| # | Check | Command | Status | Notes |\n|---|---|---|---|---|\n"
    made = tree(
        f"# Round 1\n\n## {heading}\n\n{table}| 1 | Build | `make` | PASS | clean |\n| 2 | Test | `t` | 3/4 | slow |\n"
    )
    assert shown(made["checks"], "title", "command", "result") == [
        ("Build", "`make`", "pass"),
        ("Test", "`t`", "partial"),
    ]


@pytest.mark.parametrize("heading", ["Results", "Test Results"])
def test_t5_checks_below_a_heading_for_numbers_are_checks(heading: str) -> None:
    table = "| # | Check | Result | Details |\n|---|---|---|---|\n| 1 | Build | **PASS** | ok |\n| 2 | Test | FAIL | slow |\n"
    made = tree(f"# Round 1\n\n## {heading}\n\n{table}")
    assert shown(made["checks"], "title", "result") == [("Build", "pass"), ("Test", "fail")]


def test_t5_files_with_lines_and_a_purpose_are_files_created() -> None:
    rows = "| File | Lines | Purpose |\n|---|---|---|\n| `src/a.rs` | 120 | Queue |\n| `src/b.rs` | 12 | Log |\n"
    made = tree(f"# Round 1\n\n## Files Created\n\n{rows}")
    assert made["files"] == {"created": ["src/a.rs", "src/b.rs"]}


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("**Agent**: Agent-07", "agents", [{"name": "Agent-07"}]),
        ("**Completed**: 2026-02-20", "date", "2026-02-20"),
        ("**Duration:** 2026-02-01 to 2026-02-14", "date", "2026-02-01..2026-02-14"),
        ("**Duration**: Feb 1, 2026 → Feb 14, 2026", "date", "2026-02-01..2026-02-14"),
        ("**Date**: 2026-03-28 through 2026-04-01", "date", "2026-03-28..2026-04-01"),
    ],
)
def test_t5_n7_labels_at_the_top(line: str, key: str, value: object) -> None:
    made = tree(f"# Round 1\n\n{line}\n")
    assert made[key] == value
    assert "notes" not in made


def test_t5_a_day_of_completion_beside_the_date_is_a_note() -> None:
    made = tree("# Round 1\n\n**Date**: 2026-02-01\n**Completed**: 2026-02-20\n**Agent**: 7\n")
    assert made["date"] == "2026-02-01"
    assert made["notes"] == ["**Completed**: 2026-02-20", "**Agent**: 7"]


def test_a_day_below_another_key_takes_no_date_from_a_decision() -> None:
    entries = "".join(
        f"### CONS-00{n}: A{n}\n\n**Date**: 2026-02-18\n\n#### Resolution\n\nYes.\n\n" for n in range(1, 4)
    )
    made = tree(f"# Mail -- Decisions\n\n**Created**: 2026-02-18\n\n## Entries\n\n{entries}")
    assert [one["date"] for one in made["decisions"]] == ["2026-02-18"] * 3


def test_t5_headings_that_are_not_numbered_in_order_keep_their_number() -> None:
    made = tree("# Round 1\n\n## Decisions\n\n### 4. Use A\n\nx.\n")
    assert "4." in str(made)


@pytest.mark.parametrize(
    ("heading", "version", "released", "title"),
    [
        ("[Unreleased] - 2026-xx-xx", "", False, ""),
        ("[Unreleased] (date TBD)", "", False, ""),
        ("[Unreleased] - YYYY-MM-DD", "", False, ""),
        ("[Unreleased] - ????-??-??", "", False, ""),
        ("Unreleased (2026-??-??)", "", False, ""),
        ("Unreleased – to be determined", "", False, ""),
        ("[UNRELEASED] 2026-Q3", "", False, "2026-Q3"),
        ("Upcoming", "", False, ""),
        ("Upcoming release", "", False, ""),
        ("Next", "", False, ""),
        ("Next version: TBA", "", False, ""),
        ("Coming soon", "", False, ""),
        ("[1.0.0] - TBD", "1.0.0", False, ""),
        ("[1.0.0] - 2026-xx-xx", "1.0.0", False, ""),
        ("v1.0.0 (release date TBD)", "1.0.0", False, ""),
        ("1.0.0 - 2026/03/XX", "1.0.0", False, ""),
        ("[1.0.0] - 2026-01-02", "1.0.0", True, ""),
        ("1.0.0", "1.0.0", True, ""),
    ],
)
def test_f13_forms_of_headings_of_versions(heading: str, version: str, released: bool, title: str) -> None:
    head = head_of(heading)
    assert head
    assert (head.version, head.released, head.title) == (version, released, title)


@pytest.mark.parametrize("heading", ["Next steps", "Development", "Added", "History", "Latest", "Pending work"])
def test_f13_other_headings_are_no_versions(heading: str) -> None:
    assert head_of(heading) is None


NUMBERS = """# Sprint 3

## {heading}

| {thing} | {column} | Status |
|---|---|---|
| Rind | {cell} | ✅ |
| Brine | 4 | ✅ |
"""


@pytest.mark.parametrize(
    ("thing", "column", "cell", "read"),
    [
        ("Category", "Count", "12", True),
        ("Component", "Total", "~1,200 (all)", True),
        ("Test Group", "Number", "12", True),
        ("Component", "Count", "a dozen", False),
        ("Component", "Remarks", "12", False),
    ],
)
def test_a_table_of_things_is_one_of_numbers_where_its_cells_are(
    thing: str, column: str, cell: str, read: bool
) -> None:
    made = tree(NUMBERS.format(heading="The cellar", thing=thing, column=column, cell=cell))
    assert [*made.get("metrics", {})] == (["rind", "brine"] if read else [])
    assert ("tables" in made) != read


@pytest.mark.parametrize(
    ("heading", "line", "read"),
    [
        ("Bundle sizes", "- **Pier**: 12 KB\n- **Lamp**: 4 KB", True),
        ("Words of the pier", "- Pier: 12 lines\n- Lamp: 4 lines", True),
        ("Words of the pier", "- Pier: 12 planks\n- Lamp: 4 posts", False),
        ("Rate limits", "- Pier: 12 boats\n- Lamp: 4 ships", False),
        ("Performance targets", "- Pier: 12 ms\n- Lamp: 4 ms", False),
        ("Bundle sizes", "- Pier: 12 KB\n- Estimated lamp: 4 KB", False),
        ("Bundle sizes", "- Pier: 12 KB\n- Lamp: small", False),
        ("Where we stand", "**Grand Total**: 5,597 lines", True),
        ("Build results", "```\nPier: 12 KB\nLamp: 4 KB\nState: ✅ no errors\n```", True),
    ],
)
def test_lines_below_other_headings_are_numbers_where_the_heading_or_the_unit_says_that_they_were_counted(
    heading: str, line: str, read: bool
) -> None:
    made = tree(f"# Sprint 3\n\n## {heading}\n\n{line}\n")
    assert len(made.get("metrics", {})) == read * line.count(": ") - line.count("State")


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Next steps for the pier", "next"),
        ("Next suggested steps", "next"),
        ("Next session plan", "next"),
        ("Short-term", "next"),
        ("Tomorrow (12 May)", "next"),
        ("Phase 2 preview", "next"),
        ("What is not yet implemented", "deferred"),
        ("What's still missing", "deferred"),
        ("What not to do", "sections"),
        ("Long-term effects of salt", "sections"),
    ],
)
def test_what_comes_next_or_is_missing_is_known_by_many_headings(heading: str, key: str) -> None:
    made = tree(f"# Sprint 3\n\n## {heading}\n\n- Paint the pier\n- Light the lamp\n")
    assert [name for name in ("next", "deferred", "tasks", "sections") if name in made] == [key]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Manual testing performed", "checks"),
        ("Pier (7 tests)", "checks"),
        ("Integration tests", "checks"),
        ("Manual testing steps", "sections"),
        ("Security considerations: input validation", "sections"),
    ],
)
def test_ticks_are_checks_below_a_heading_of_tests_that_were_run(heading: str, key: str) -> None:
    made = tree(f"# Sprint 3\n\n## {heading}\n\n- ✅ Bears a boat\n- ✅ Lets light in\n")
    assert [name for name in ("checks", "deliverables", "tasks", "sections") if name in made] == [key]


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("Previous Rounds", "Round"), ("Round History", "Session"), ("Tasks", "Task"), ("Deliverables", "Name"),
        ("Agents", "Agent"), ("Goals", "Goal"), ("Blockers", "Blocker"), ("Deferred", "Item"), ("Risks", "Risk"),
        ("Findings", "Finding"), ("Decisions", "Decision"), ("Checks", "Check"), ("Open Questions", "Question"),
    ],
)  # fmt: skip
def test_a_status_in_the_writers_own_words_makes_no_record_that_cannot_be_read(heading: str, label: str) -> None:
    rows = "".join(
        f"| {n} | Soup {n} | {text} | 2026-01-0{n} |\n" for n, text in ((1, "Boils, more or less"), (2, "✅"))
    )
    made = result(
        {"n/round-3.md": f"# Round 3\n\n## {heading}\n\n| {label} | Focus | Status | Date |\n|-|-|-|-|\n{rows}"}
    )
    assert "Boils, more or less" in str(next(iter(made.values())).tree)


@pytest.mark.parametrize("text", ["None (a visual change).", "N/A", "- none"])
def test_a_list_of_checks_with_none_has_no_check(text: str) -> None:
    assert "checks" not in tree(f"# Round 1\n\n## Checks\n\n- [x] {text}\n")
    assert [one["title"] for one in tree("# Round 1\n\n## Checks\n\n- [x] None of them leaks\n")["checks"]] == [
        "None of them leaks"
    ]


def test_what_a_status_becomes_is_no_result_and_brackets_are_not_cut() -> None:
    text = (
        "- [ ] A post has a status (draft → pending → approved)\n- [ ] Sent (status → pending)\n- [ ] Kept → pending\n"
    )
    made = tree(
        f"# Round 1\n\n## Acceptance criteria\n\n{text}- Boils → pass\n\n## Tasks\n\n### Send it (a → done)\n\nSoon.\n"
    )
    assert [one["title"] for one in made["checks"]] == [
        "A post has a status (draft → pending → approved)", "Sent (status → pending)", "Kept → pending", "Boils",
    ]  # fmt: skip
    assert [one["title"] for one in made["tasks"]] == ["Send it (a → done)"]


@pytest.mark.parametrize(
    "heading", ["Commit 1 verification", "Final verification (brief §4)", "Post-deploy validation"]
)
def test_boxes_below_a_verification_of_a_step_are_checks(heading: str) -> None:
    made = tree(f"# Round 1\n\n### {heading}\n\n- [ ] It boils\n- [ ] It stays hot\n")
    assert [one["title"] for one in made["checks"]] == ["It boils", "It stays hot"]


def test_what_was_before_is_not_made_and_no_change_is_no_next_step() -> None:
    before = "## Completed\n\n### Before Sprint 5\n\n- Token in plain text\n- Slow soup\n"
    made = tree(f"# Sprint 6\n\n{before}\n## Next Steps\n\n- No changes to the oven, it works\n")
    assert "deliverables" not in made
    assert "next" not in made
