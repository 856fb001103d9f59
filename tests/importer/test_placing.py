"""Where notes go: what the settings say of them, and what a dry run shows."""

from __future__ import annotations

import json
from pathlib import Path

from site_trial import run

NOTE = "# Sprint {0}: {1}\n\n**Status**: Done\n\n## Completed\n\n- {1}\n\n## Mood\n\nRainy.\n"


def noted(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def test_the_settings_say_where_a_note_goes_and_which_is_left_out(tmp_path: Path) -> None:
    noted(
        tmp_path,
        {
            "data/roundbook.yml": "notes:\n  n/sprint-1.md: 7/3\n  n/old/**: skip\n",
            "n/sprint-1.md": NOTE.format(1, "Ropes"),
            "n/sprint-2.md": NOTE.format(2, "Knots"),
            "n/old/sprint-3.md": NOTE.format(3, "Nets"),
        },
    )
    for more in ((), ("--update",)):
        assert run(tmp_path, "roundbook", "import", "n", "--verify", *more).code == 0
        made = sorted(
            path.relative_to(tmp_path / "data/rounds").as_posix() for path in tmp_path.rglob("rounds/*/*.yml")
        )
        assert made == ["7/3.yml", "sprints/2.yml"]


def test_a_place_in_the_settings_leaves_every_other_note_where_the_plan_had_it(tmp_path: Path) -> None:
    files = {
        "n/PHASE_1_MAIL.md": "# Phase 1: Mail queue workers\n\nA.\n",
        "n/PHASE_1_SOUP.md": "# Phase 1: Soup kitchen\n\nB.\n",
        "n/PHASE_1_NOTES.md": "# Phase 1 Checklist\n\nC.\n",
    }
    noted(tmp_path, files)

    def plan() -> dict[str, list[str]]:
        output = run(tmp_path, "roundbook", "import", "n", "--dry-run", "--json").output
        told = json.JSONDecoder().raw_decode(output, output.index('{"' if '{"' in output else "{\n"))[0]
        return {one["path"]: one["rounds"] for one in told["files"]}

    before = plan()
    assert before["n/PHASE_1_NOTES.md"] == ["1"]  # which may be of either
    (soup,) = before["n/PHASE_1_SOUP.md"]
    noted(tmp_path, {"data/roundbook.yml": f"notes:\n  n/PHASE_1_NOTES.md: {soup}\n"})
    assert plan() == {**before, "n/PHASE_1_NOTES.md": [soup]}
    assert run(tmp_path, "roundbook", "import", "n", "--verify").code == 0
    for more in ((), ("--update",)):
        again = run(tmp_path, "roundbook", "import", "n", "--verify", *more)
        assert (again.code, again.output.count("no changes")) == (0, 2 if more else 0)
    assert plan() == {**before, "n/PHASE_1_NOTES.md": [soup]}


def test_a_wrong_place_is_an_error_at_its_line(tmp_path: Path) -> None:
    noted(tmp_path, {"data/roundbook.yml": "notes:\n  a.md: 1/2/3\n"})
    assert "data/roundbook.yml:2:9: error not-a-record" in run(tmp_path, "roundbook", "check").output


def test_a_dry_run_shows_the_record_the_reason_and_what_stays_as_written(tmp_path: Path) -> None:
    noted(
        tmp_path,
        {
            "docs/sprints/sprint-1.md": NOTE.format(1, "Ropes"),
            "docs/retros/sprint-1-retro.md": NOTE.format(1, "Ropes again"),
            "docs/templates/sprint.md": "# Sprint N\n\n**Date**: YYYY-MM-DD\n\n- [What was done]\n",
        },
    )
    shown = run(tmp_path, "roundbook", "import", "docs", "--dry-run").output
    assert "joined 2 files into sprints/1: each names sprint 1" in shown
    assert "data/rounds/sprints/1.yml: would be written\n  as written: Mood" in shown
    assert "docs/templates/sprint.md:1:1: info import-form" in shown
    assert not (tmp_path / "data").exists()


def test_notes_of_one_number_about_different_things_are_two_records(tmp_path: Path) -> None:
    noted(
        tmp_path,
        {
            "docs/sprints/sprint-1.md": NOTE.format(1, "Ropes"),
            "docs/retros/sprint-1.md": NOTE.format(1, "Tide tables"),
        },
    )
    assert run(tmp_path, "roundbook", "import", "docs", "--verify").code == 0
    made = sorted(path.relative_to(tmp_path / "data/rounds").as_posix() for path in tmp_path.rglob("rounds/*/*.yml"))
    assert made == ["sprints/1-tide-tables.yml", "sprints/1.yml"]
