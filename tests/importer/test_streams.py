"""Which notes are one record, and how it is called: T4, N6, N7 of the faults that were found on real repositories."""

from __future__ import annotations

import pytest

from roundbook.importer import ImportResult
from roundbook.importer.identify import Hints, excerpts, known_of
from roundbook.importer.records import summaries
from test_summaries import faults, missing, read, texts

SEARCH = "# Search -- Decisions\n\n**Date**: 2026-01-01\n**Status**: Complete\n\n### Use trees\n\nThey are fast.\n"
MAIL = "# Mail -- Decisions\n\n**Date**: 2026-03-01\n**Status**: In Progress\n\n### Use queues\n\nThey wait.\n"


def result(files: dict[str, str], hints: Hints | None = None) -> dict[str, ImportResult]:
    """Return the records of notes by their keys, once they are proven."""
    documents = [read(text.encode(), path) for path, text in files.items()]
    found = summaries(documents, hints)
    assert faults(texts(found)) == []
    assert missing(documents, texts(found)) == []
    return {one.key: one for one in found}


def joined(found: dict[str, ImportResult]) -> list[str]:
    """Return the findings about notes that became one record."""
    return [note.message for one in found.values() for note in one.notes if note.slug == "import-joined"]


def test_t4_two_files_of_one_name_in_two_folders_are_two_records_with_the_folder_in_the_key() -> None:
    found = result({"n/search/decisions.md": SEARCH, "n/mail/decisions.md": MAIL})
    assert sorted(found) == ["mail-decisions", "search-decisions"]
    assert '"mail-decisions"' in found["mail-decisions"].notes[0].message
    assert found["search-decisions"].tree["status"] == "done"
    assert found["mail-decisions"].tree["status"] == "in-progress"
    assert joined(found) == []


@pytest.mark.parametrize(
    ("files", "keys"),
    [
        # The same number in two work streams.
        ({"a/round-1.md": "# Round 1\n\nA.", "b/round-1.md": "# Round 1\n\nB."}, ["a-rounds/1", "b-rounds/1"]),
        ({"a/phase3.md": "# Phase 3\n\nA.", "b/vector.md": "# Phase 3 Vector Memory\n\nB."}, ["a-3", "b-3"]),
        ({"x/a/readme.md": "# A\n\nA.", "x/b/readme.md": "# B\n\nB.", "readme.md": "# C\n\nC."},
         ["a-readme-notes", "b-readme-notes", "readme-notes"]),
        ({"one/docs/notes.md": "# A\n\nA.", "two/docs/notes.md": "# B\n\nB."}, ["one-docs-notes", "two-docs-notes"]),
        ({"n/phase3.md": "# Phase 3\n\nA.", "n/mail/v.md": "# Phase 3 Vector Memory\n\nB."}, ["mail-3", "n-3"]),
        # A phase's folder holds its own notes, and others.
        ({"phase3/status.md": "# Status\n\nA.", "phase3/mail/queues.md": "# Queues\n\nB."}, ["3", "queues"]),
        # What another word has is another round.
        ({"phase3/round3.md": "# Phase 3 Round 3\n\nA.", "phase3/mail/sprint3.md": "# Sprint 3: Mail\n\nB."},
         ["3/3", "3/sprint-3"]),
        # Two plans with sprints of their own, in one folder.
        ({"p/shop.md": "# Shop\n\n## Sprint 1: A\n\nA.\n\n## Sprint 2: B\n\nB.",
          "p/mail.md": "# Mail\n\n## Sprint 1: C\n\nC.\n\n## Sprint 2: D\n\nD."},
         ["mail-sprints", "mail-sprints/1", "mail-sprints/2", "shop-sprints", "shop-sprints/1", "shop-sprints/2"]),
    ],
)  # fmt: skip
def test_t4_what_has_nothing_in_common_is_never_one_record(files: dict[str, str], keys: list[str]) -> None:
    found = result(files)
    assert sorted(found) == keys
    assert joined(found) == []


def test_t4_efforts_that_each_have_a_phase_of_that_number_are_kept_apart_by_their_titles() -> None:
    found = result(
        {
            "n/PHASE1_MAIL.md": "# Phase 1: Mail Queue Workers\n\nA.",
            "n/PHASE_1_COMPLETE.md": "# Phase 1 Complete: Search Ranking\n\nB.",
            "n/PHASE_1_SEARCH_SUMMARY.md": "# Phase 1 Summary: Search Ranking Speed\n\nC.",
            "n/PHASE_1_FINAL.md": "# Phase 1 Final Summary\n\nD.",
        }
    )
    # The note that may be of either is of none of them.
    assert sorted(found) == ["1", "mail-queue-workers-1", "search-ranking-1"]
    told = {
        key: [one.place.path for one in made.notes if one.slug == "import-apart" and one.place]
        for key, made in found.items()
    }
    assert told == {
        "1": ["n/PHASE_1_FINAL.md"],
        "mail-queue-workers-1": ["n/PHASE1_MAIL.md"],
        "search-ranking-1": ["n/PHASE_1_COMPLETE.md"],
    }


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"n/phase3-round4-a.md": "# Agents\n\nA.", "n/phase3-round4-b.md": "# Results\n\nB."}, "3/4"),
        ({"n/round4/a.md": "# Agent A\n\nA.", "n/round4/b.md": "# Agent B\n\nB.", "n/round4.md": "# Round 4\n\nC."},
         "rounds/4"),
        ({"n/r4.md": "# Phase 3 Round 4\n\nA.", "n/more/r4.md": "# Phase 3 Round 4: More\n\nB."}, "3/4"),
        ({"n/a/s.md": "# Sprint 5: The cache\n\nA.", "m/b/t.md": "# Sprint 5 -- The Cache\n\nB."}, "sprints/5"),
    ],
)  # fmt: skip
def test_t4_notes_of_one_round_are_joined_and_it_is_told_why(files: dict[str, str], key: str) -> None:
    found = result(files)
    assert list(found) == [key]
    (told,) = joined(found)
    assert told.startswith(f"joined {len(files)} files into {key}: each names ")
    assert ("some of them have the same title" in told) == ("in one folder tree" not in told) == (key == "sprints/5")


def test_t4_a_note_that_was_imported_before_keeps_its_record() -> None:
    decision_index = {
        "search-decisions": frozenset({"n/search/decisions.md"}),
        "decisions": frozenset({"n/web/decisions.md"}),
    }
    assert list(result({"n/search/decisions.md": SEARCH}, Hints(imported_from=decision_index))) == ["search-decisions"]
    assert list(result({"n/mail/decisions.md": MAIL}, Hints(imported_from=decision_index))) == ["mail-decisions"]
    decision_index = {"3/4": frozenset({"a/phase3-round4.md"})}
    assert list(result({"b/x.md": "# Phase 3 Round 4\n\nA."}, Hints(imported_from=decision_index))) == ["b-3/4"]
    assert list(result({"a/x.md": "# Phase 3 Round 4\n\nA."}, Hints(imported_from=decision_index))) == ["3/4"]


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("title", ["Log", "Sprint 11 & 12 -- Work", "Sprints"])
def test_t4_two_sprints_of_one_file_are_two_records_at_any_level(level: int, title: str) -> None:
    marks = "#" * level
    text = f"# {title}\n\nBoth.\n\n{marks} Sprint 11: One\n\nA.\n\n{marks} Sprint 12: Two\n\nB.\n"
    found = result({"log.md": text})
    assert {"sprints/11", "sprints/12"} <= set(found)
    assert found["sprints/12"].tree["title"] == "Sprint 12: Two"
    assert sum(str(one.tree).count("Both.") for one in found.values()) == 1


@pytest.mark.parametrize(
    ("path", "text", "key"),
    [
        ("a.md", "# Sprint 16\n", "sprints/16"),
        ("sprint-16.md", "# Notes\n\nA.", "sprints/16"),
        ("sprint-16/http.md", "# Facade\n\n**Sprint**: 16\n", "sprints/16"),
        ("a.md", "# EML Coherence (Sprint 16)\n", "sprints/16"),
        ("a.md", "# Sprint 8 Retrospective (Epic 6: Badges)\n", "sprints/8"),
        ("a.md", "# Sprint 8 -- Re-UAT Round 2\n", "sprints/8"),
        ("sprint-8.md", "# Re-UAT Round 2\n", "sprints/8"),
        ("sprint-8.md", "# Sprint 8\n\n## Re-UAT Round 2\n\nAll pass.", "sprints/8"),
        ("sprint-8.md", "# Sprint 8\n\n## Sprint 9\n\nBigger.", "sprints/8"),
        ("sprint-8/round-2.md", "# Notes\n", "8/2"),
    ],
)
def test_n6_a_mention_never_moves_a_note(path: str, text: str, key: str) -> None:
    assert list(result({path: text})) == [key]


def test_n6_rounds_below_two_phases_are_rounds_of_these() -> None:
    text = "# Log\n\n## Phase 1\n\n### Round 1\n\nA.\n\n## Phase 2\n\n### Round 1\n\nB.\n"
    assert {"1/1", "2/1"} <= set(result({"log.md": text}))


def test_n7_the_note_that_sums_a_round_up_gives_its_title_and_status() -> None:
    found = result(
        {
            "s/sprint-8-kickoff-readiness.md": "# Sprint 8 Kickoff Readiness Report\n\n**Status**: In Progress\n",
            "s/sprint-8-summary.md": "# Sprint 8 Summary\n\n**Date**: 2026-03-01\n\nAll shipped.\n",
        }
    )
    tree = found["sprints/8"].tree
    assert tree["title"] == "Sprint 8 Summary"
    assert "status" not in tree
    assert tree["notes"] == ["**Title**: Sprint 8 Kickoff Readiness Report", "**Status**: In Progress"]


def test_ids_of_spans_are_no_years() -> None:
    assert known_of("Round 4 2026-02-17").round == "4"
    assert known_of("Sprint 4 - 15 tasks").round == "4"
    assert known_of("Sprint 11 & 12").round == "11-12"


TASK = "# Phase 7B - Task 7B.{n} Completion Summary\n\n**Task:** Boil it\n**Status:** Done\n"


@pytest.mark.parametrize(
    ("title", "path", "known"),
    [
        ("Phase 7B Task 7B.6: Boil - Completion Summary", "x.md", ("7B", "6")),
        ("Phase 7, Task 7.5: Boil - DONE", "phase-7-task-7.5.md", ("7", "5")),
        ("Phase 7 Task 7", "x.md", ("7", "7")),
        ("Phase 7 - Task 10", "x.md", ("7", "10")),
        ("Phase 1 Task 10.2", "x.md", ("1", "10.2")),
        ("Phase 7A Task 1.1 Completion: Pot", "phase-7a-task-1.1-completion.md", ("7A", "1.1")),
        ("Boil it", "docs/phase-7b-task-7b6-completion.md", ("7b", "6")),
        ("Boil it", "docs/phase-7f-task4-completion.md", ("7f", "4")),
        ("Boil it", "phase-3/task-2-summary.md", ("3", "2")),
        ("Epic 2 Story 3: Boil", "x.md", ("2", "3")),
        # No single task.
        ("Phase 7 Tasks 1-4", "x.md", ("7", "")),
        ("Phase 7 Task 1-4 Summary", "x.md", ("7", "")),
        ("Phase 7: Task list", "x.md", ("7", "")),
    ],
)
def test_a_note_of_a_task_of_a_phase_is_a_round_of_that_phase(title: str, path: str, known: tuple[str, str]) -> None:
    (found,) = excerpts(read(f"# {title}\n\nA.\n".encode(), path), Hints())
    assert (found.phase, found.round) == known


def test_a_phase_is_called_as_its_own_note_says_and_not_as_its_tasks() -> None:
    plan = "# Phase 7B: Soup for all\n\n**Status:** Planning\n"
    notes = {f"docs/phase-7b-task-{n}-completion.md": TASK.format(n=n) for n in (2, 3, 6)}
    found = result({**notes, "docs/phase-7b-plan.md": plan})
    assert list(found) == ["7B", "7B/2", "7B/3", "7B/6"]
    assert (found["7B"].tree["title"], found["7B"].tree["status"]) == ("Phase 7B: Soup for all", "planned")
    assert [found[f"7B/{n}"].tree["status"] for n in (2, 3, 6)] == ["done"] * 3
    assert joined(found) == []


@pytest.mark.parametrize(
    ("files", "keys"),
    [
        ({"d/phase-7a-summary.md": "# Phase 7A Summary\n\n**Phase**: 7A - Soup kitchen kit\n",
          "d/phase-7a-task-1.md": "# Phase 7A Task 1\n\n**Phase**: 7A (Bread & Butter Redesign)\n"},
         ["7a", "bread-butter-redesign-7a/1"]),
        ({"d/s5.md": "# Sprint 5 Summary\n\n**Sprint**: Sprint 5 - Soup for everybody\n",
          "d/s5-old.md": "# Sprint 5 Plan\n\n**Sprint**: Sprint 5 - Bread with butter\n"},
         ["sprints/5", "sprints/5-bread-with-butter"]),
        ({"d/a-s5.md": "# Sprint 5 Plan: Butter\n\nA.", "d/b-s5.md": "# Sprint 5 Plan\n\n**Sprint**: 5 (Bread with butter)\n",
          "d/s5.md": "# Sprint 5 Summary\n\n**Sprint**: Sprint 5 - Soup for everybody\n"},
         ["sprints/5", "sprints/5-bread-with-butter"]),
        # Names that have a word in common, say one word alone, or are those of kinds of notes.
        ({"d/s5.md": "# Sprint 5 Summary\n\n**Sprint**: Sprint 5 - Soup for everybody\n",
          "d/s5-old.md": "# Sprint 5 Plan\n\n**Sprint**: Sprint 5 - Hot soup and bread\n"}, ["sprints/5"]),
        ({"d/p5.md": "# Phase 5\n\n**Phase**: 5 (Implementation)\n",
          "d/p5-more.md": "# Phase 5\n\n**Phase**: 5 - Testing\n"}, ["5"]),
        # The title of the plan has a word of both.
        ({"d/p5.md": "# Phase 5 Plan: Soup kitchen kit\n\n**Phase**: 5 (Warm meals foundation)\n",
          "d/p5-more.md": "# Phase 5\n\n**Phase**: 5 - Kitchen things\n"}, ["5"]),
        # A folder for documents belongs to the work above it.
        ({"phase-5-summary.md": "# Phase 5 Summary: Soup\n\nA.\n", "docs/phase-5.md": "# Phase 5\n\nB.\n"}, ["5"]),
        ({"phase-5-summary.md": "# Phase 5 Summary: Soup\n\nA.\n",
          "docs/phase-5-task-1.md": "# Phase 5 Task 1: Water\n\nB.\n"}, ["5", "5/1"]),
    ],
)  # fmt: skip
def test_one_number_with_clearly_different_names_is_two_records(files: dict[str, str], keys: list[str]) -> None:
    found = result(files)
    assert list(found) == keys
    told = [note.message for one in found.values() for note in one.notes if note.slug == "import-apart"]
    assert len(told) == sum("-" in key for key in keys)
    by_path = {document.path: key for key, one in found.items() for document in one.documents}
    for path, text in files.items():  # alone, a note goes where it was imported into
        hints = Hints(imported_from={key: frozenset(d.path for d in one.documents) for key, one in found.items()})
        assert [one.key for one in summaries([read(text.encode(), path)], hints)] == [by_path[path]]


def test_no_record_is_called_after_what_all_are_called() -> None:
    kinds = ("Retrospective", "Plan", "Summary", "Code Review")
    files = {f"sprint-{n}-{one}.md": f"# Sprint {n} {one} - Soup Kitchen\n\nA.\n" for n in (1, 2, 3) for one in kinds}
    files["sprint-3-Summary.md"] = "# Sprint 3 Summary\n\nA.\n"
    files["sprint-4-plan.md"] = "# Sprint 4 Plan: Bread oven\n\nB.\n"
    files["sprint-4-summary.md"] = "# Sprint 4 Summary\n\nB.\n"
    titles = {key: str(one.tree["title"]) for key, one in result(files).items()}
    assert titles == {f"sprints/{n}": f"Sprint {n} Summary - Soup Kitchen" for n in (1, 2)} | {
        "sprints/3": "Sprint 3 Summary",
        "sprints/4": "Bread oven",
    }


def test_only_the_number_before_a_heading_says_its_place() -> None:
    note = "# Sprint 3\n\n## Improvements\n\n### 1. Taste it (F70) [DONE]\n\nHot.\n\n### 2. Salt it (F71) [DONE]\n\nGood.\n"
    (found,) = result({"s.md": note}).values()
    assert {"(F70)", "(F71)"} <= set(str(found.tree).replace("'", " ").split())


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"s5_plan.md": "# Sprint 5 Plan\n\nA.", "s5_retrospective.md": "# Sprint 5 Retrospective\n\nB.",
          "s5_summary.md": "# Sprint 5 Summary\n\n**Sprint**: Sprint 5 - Soup & bread\n"}, "Soup & bread"),
        ({"s5_retrospective.md": "# Sprint 5 Retrospective\n\n**Sprint**: 5 (Soup)\n",
          "s5_summary.md": "# Sprint 5 Summary\n\nB."}, "Soup"),
        ({"s5_retrospective.md": "# Sprint 5 Retrospective: What we learned\n\nB.",
          "s5_summary.md": "# Sprint 5 Summary: Soup\n\nA."}, "Sprint 5 Summary: Soup"),
        ({"s5_plan.md": "# Sprint 5 Plan: Soup\n\nA.", "s5_summary.md": "# Sprint 5 Execution Summary\n\nB."}, "Soup"),
        ({"s5_plan.md": "# Sprint 5 Plan: Soup\n\nA.", "s5_summary.md": "# Sprint 5 Summary\n\nB.",
          "s5_odds.md": "# Sprint 5 - A pot\n\nB."}, "Soup"),
        ({"s5.md": "# Sprint 5 Summary\n\n**Title**: Soup\n**Status**: Done\n"}, "Soup"),
        ({"p.md": "# Phase 7B - Task 7B.2 Completion Summary\n\n**Task:** Boil the soup\n"}, "Boil the soup"),
        ({"p.md": "# Phase 7 Summary\n\n**Phase**: 7 - Soup kitchen\n"}, "Soup kitchen"),
        # Nothing names the sprint: not another sprint, a branch, nor the title of a draft.
        ({"s5.md": "# Sprint 5 Summary\n\n**Sprint**: 5 (`feature/5`, PR #12)\n"}, "Sprint 5 Summary"),
        ({"s5.md": "# Sprint 5 Summary\n\n**Sprint**: Sprint 4 - Bread\n"}, "Sprint 5 Summary"),
        ({"s5.md": "# Sprint 5 Summary\n\nA.", "s5_r.md": "# Sprint 5 Retrospective -- Kitchen team draft (step 2)\n\nB."},
         "Sprint 5 Summary"),
    ],
)  # fmt: skip
def test_the_title_is_the_name_of_the_round_and_not_the_kind_of_a_note(files: dict[str, str], title: str) -> None:
    (found,) = result({f"d/{path.replace('s5', 'sprint_5')}": text for path, text in files.items()}).values()
    assert found.tree["title"] == title


@pytest.mark.parametrize(
    ("path", "title", "key"),
    [
        # Each number is its own, whatever else is there; the title is clearer than the name of a file.
        ("n/PHASE_2_1.md", "Report", "2.1"),
        ("n/PHASE_2_3_DONE.md", "Report", "2.3"),
        ("n/PHASE_2_3.md", "Phase 2 & 3 Summary", "2-3"),
        ("n/phase-3.5.md", "Report", "3.5"),
        ("n/phase-3.1.md", "Phase 3 Slice 3.1: Pots", "3.1"),
        ("n/phase96_done.md", "Phase 9.6 Done", "9.6"),
        ("n/phase-3a-1.md", "Phase 3a.1 -- Pots", "3a.1"),
        ("n/x.md", "Phase 2.3.1 Summary", "2.3.1"),
        ("n/x.md", "Phase 3B Summary", "3B"),
        ("n/PHASE_9_2_9_3.md", "Phase 9.2 & 9.3: Pots", "9.2-9.3"),
        ("n/PHASE4_24_HOURS.md", "Phase 4: A day", "4"),
        ("n/sprint-07.md", "Sprint 7", "sprints/7"),
        ("n/SPRINT_1_3_SUMMARY.md", "Sprint 1.3 Summary", "sprints/1.3"),
        ("n/sprint-11-12.md", "Notes", "sprints/11-12"),
        ("n/x.md", "Sprint 2 part 1", "sprints/2"),
        # A session without a number is one of its day.
        ("n/SESSION_DEVELOPMENT_2026-01-11_EN.md", "Development Log", "sessions/2026-01-11"),
        ("n/x.md", "Development Session: 2026-01-11", "sessions/2026-01-11"),
        ("n/SESSION_SUMMARY_2026_01_11_phase4.md", "Phase 4 Complete", "4/2026-01-11"),
        ("n/2026-01-11-session-2.md", "Session 2: 2026-01-11", "sessions/2"),
        ("n/PHASE_9_CHECKPOINT_2026-01-11.md", "Phase 9 Checkpoint - 2026-01-11", "9/2026-01-11"),
        ("n/sessions/2026-01-11.md", "Log", "sessions/2026-01-11"),
        ("n/sessions/2026-01-11-session-2.md", "Log", "sessions/2"),
        # No number of a phase or round.
        ("n/tests.md", "Development Session - E2E Tests", "tests"),
        ("n/bridge-sprint-2-prime.md", "Bridge Sprint 2-prime", "bridge-sprint-2-prime"),
        ("n/pre-phase4.md", "Before we begin", "pre-phase4"),
        ("n/TEST_REPORT_PHASE_1-6.md", "Test Report", "test-report-phase-1-6"),
    ],
)
def test_a_number_is_filed_in_one_way(path: str, title: str, key: str) -> None:
    for others in ({}, {"n/phase-1.md": "# Phase 1\n\nB.", "n/sprint-2-1.md": "# Sprint 2.1\n\nC."}):
        found = result({path: f"# {title}\n\nA.", **others})
        assert [one.key for one in found.values() if any(d.path == path for d in one.documents)] == [key]


SOUP, BREAD, CLINT = "Soup kitchen for the harbour", "Bread and butter baskets", "Timer bug"


@pytest.mark.parametrize(
    ("files", "records"),
    [
        # No chain joins the first and the last; a note about one side of a phase goes where most of its words are.
        ({"p1.md": "# Phase 3: Harbour soup", "p2.md": "# Phase 3: Soup ladles", "p3.md": "# Phase 3: Ladles drawer",
          "p4.md": "# Phase 3 Drawer Audit"},
         {"3": ["p1.md", "p2.md"], "ladles-drawer-3": ["p3.md", "p4.md"]}),
        # Words of work say nothing of what it is.
        ({"a.md": "# Phase 2: OSD Integration - COMPLETE", "b.md": "# Phase 2 LLM Integration - Completion Report"},
         {"2": ["a.md"], "llm-integration-2": ["b.md"]}),
        # A phase ends once.
        ({"PHASE7_REPORT.md": "# Phase 7 Completion Report\n\n**Date**: 2025-11-08",
          "PHASE_7_FINAL.md": "# Phase 7 Complete\n\n**Date**: 2025-12-06"},
         {"2025-12-06-7": ["PHASE_7_FINAL.md"], "7": ["PHASE7_REPORT.md"]}),
        # A milestone and a phase of one number are two; so is a phase of an effort that has others beside those of the work.
        ({"m2.md": "# Milestone 2 Summary", "p2.md": "# Phase 2 Summary"}, {"2": ["p2.md"], "milestone-2": ["m2.md"]}),
        ({"STARS_PHASE_5.md": "# Stars System - Phase 5 Tests", "STARS_PHASE_6.md": "# Stars System - Phase 6 Rollout",
          "PHASE_5.md": "# Phase 5 Summary"},
         {"5": ["PHASE_5.md"], "stars-5": ["STARS_PHASE_5.md"], "stars-6": ["STARS_PHASE_6.md"]}),
        ({"STARS_PHASE_5.md": "# Stars System - Phase 5 Tests", "STARS_PHASE_6.md": "# Stars System - Phase 6 Rollout"},
         {"5": ["STARS_PHASE_5.md"], "6": ["STARS_PHASE_6.md"]}),
        # A series of files keeps the numbers; what most notes name, such as the project, is no name; another year is a slip.
        ({"PHASE_1_DONE.md": "# Phase 1 Completion Report", "PHASE_3_DONE.md": "# Phase 3 Completion Report",
          "PHASE_2_DONE.md": "# Phase 2: Soup kitchen\n\n**Date**: 2024-11-08",
          "CHECKPOINT_PHASE_2.md": "# Phase 2 Checkpoint\n\n**Date**: 2025-11-06",
          "PHASE_2_CRANE.md": "# Phase 2: Crane painting\n\n**Date**: 2025-02-01"},
         {"1": ["PHASE_1_DONE.md"], "2": ["CHECKPOINT_PHASE_2.md", "PHASE_2_DONE.md"], "3": ["PHASE_3_DONE.md"],
          "crane-painting-2": ["PHASE_2_CRANE.md"]}),
        ({"a1.md": "# Sprint 1 - Harbour Crane System", "a2.md": "# Sprint 2 - Harbour Crane System",
          "a3.md": "# Sprint 3 - Harbour Crane System", "a4.md": "# Sprint 1: Rust and paint"},
         {"sprints/1": ["a1.md", "a4.md"], "sprints/2": ["a2.md"], "sprints/3": ["a3.md"]}),
        ({"PHASE_9_CHECKPOINT_2026-01-26.md": "# Phase 9 Checkpoint",
          "PHASE_9_CHECKPOINT_2026-01-26_v2.md": "# Phase 9 Checkpoint",
          "PHASE_9_DONE.md": "# Phase 9 Completion Report"},
         {"9": ["PHASE_9_DONE.md"], "9/2026-01-26": ["PHASE_9_CHECKPOINT_2026-01-26.md"],
          "9/2026-01-26-v2": ["PHASE_9_CHECKPOINT_2026-01-26_v2.md"]}),
        # Those of a day that have no number are one if their names differ by a language alone.
        ({"SESSION_2026-01-26_EN.md": "# Session - Gate Control", "SESSION_2026-01-26_RU.md": "# Сессия - Ворота и замки",
          "SESSION_2026-01-26_BELL_RING.md": "# Session"},
         {"sessions/2026-01-26": ["SESSION_2026-01-26_EN.md", "SESSION_2026-01-26_RU.md"],
          "sessions/2026-01-26-bell-ring": ["SESSION_2026-01-26_BELL_RING.md"]}),
        # Sessions are of days, and those of one day are one, whatever they are about.
        ({"SESSION_14.md": f"# Session 14: {SOUP}\n\n**Date**: 2025-12-21",
          "SESSION_014.md": f"# Session 14: {BREAD}\n\n> **Date:** 2025-12-28",
          "SESSION_14_B.md": f"# Session 14: {CLINT}\n\n**Date**: December 21, 2025"},
         {"sessions/14": ["SESSION_14.md", "SESSION_14_B.md"], "sessions/14-bread-and-butter-baskets": ["SESSION_014.md"]}),
        # Notes about one side of a sprint are of the sprint, whatever their titles say.
        ({"s.md": f"# Sprint 4: {SOUP}", "a.md": "# Sprint 4 Security Audit", "b.md": "# Sprint 4 F103 -- Deep dive into pots",
          "c.md": "# Sprint 4 - Part 2: Ladles and spoons", "d.md": "# Sprint 4 Retrospective: Fewer meetings please"},
         {"sprints/4": ["a.md", "b.md", "c.md", "d.md", "s.md"]}),
    ],
)  # fmt: skip
def test_notes_of_one_number_are_apart_by_what_they_are_about(
    files: dict[str, str], records: dict[str, list[str]]
) -> None:
    for names in (sorted(files), sorted(files, reverse=True)):  # whatever order they are in
        found = result({f"n/{name}": f"{files[name]}\n\nText of {name[0]}.\n" for name in names})
        made = {
            key: sorted(document.path.removeprefix("n/") for document in one.documents) for key, one in found.items()
        }
        assert made == records
        hints = Hints(imported_from={key: frozenset(d.path for d in one.documents) for key, one in found.items()})
        again = result({f"n/{name}": f"{files[name]}\n\nText of {name[0]}.\n" for name in names}, hints)
        assert list(again) == list(found)


def test_a_record_with_zeros_in_its_id_stays_that_of_its_note() -> None:
    hints = Hints(imported_from={"sprints/07": frozenset({"n/sprint-07.md"}), "008": frozenset({"n/p.md"})})
    assert sorted(result({"n/sprint-07.md": "# Sprint 7\n\nA.", "n/p.md": "# Phase 008\n\nB."}, hints)) == [
        "008",
        "sprints/07",
    ]


def test_a_title_with_another_number_than_its_file_is_told() -> None:
    found = result(
        {
            "n/session-96-pots.md": "# Session 101 Handoff\n\nA.",
            "n/PHASE_2_3.md": "# Phase 2.3\n\nB.",
            "n/sprint-07.md": "# Sprint 7",
        }
    )
    told = {key: [note.message for note in one.notes if note.slug == "import-apart"] for key, one in found.items()}
    assert told == {
        "2.3": [],
        "sessions/96": ["sessions/96: its title names session 101, and its file session 96"],
        "sprints/7": [],
    }


def test_what_two_notes_of_a_record_say_alike_is_lost_in_neither() -> None:
    line = "\n\n## Pots\n\n**Status**: **OPERATIONAL**\n"
    result(
        {
            f"n/phase-6b-{name}.md": f"# Phase 6B {name} Report\n\n**Status**: Done{line * 3}"
            for name in ("Pot", "Ladle")
        }
    )


def test_the_plan_of_a_phase_is_the_round_and_not_the_wave_that_several_are_of() -> None:
    note = "---\nphase: 70\nplan: {0}\nwave: 1\n---\n# Plan {0}: {1}\n\nCook.\n"
    found = result({f"p/{name}.md": note.format(n, name) for n, name in ((1, "Soup"), (2, "Bread"))})
    assert [*found] == ["70/1", "70/2"]


def test_an_extension_of_a_milestone_is_not_the_milestone() -> None:
    files = {"m/M2.md": "# Milestone 2: Gallery\n\nA.\n", "m/AUDIT.md": "# Audit (Milestone 2 Extension)\n\nB.\n"}
    assert [[one.path for one in each.documents] for each in result(files).values() if "2" in each.key] == [["m/M2.md"]]
