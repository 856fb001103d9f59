"""`roundbook new`, as a user calls it: what it writes can be read at once, and nothing that was there changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from checks.history import data
from repository import Repository
from roundbook.project import load
from roundbook.schema.round import Round
from site_trial import Outcome, run

OPEN = """\
# ours
status: in-progress   # for now
decisions:
  - title: First   # the first
"""


def new(path: Path, *words: str) -> Outcome:
    return run(path, "roundbook", "new", *words)


def project(path: Path, files: dict[str, str] | None = None) -> Repository:
    repo = Repository(path)
    repo.commit("feat: begin", files or data("3/9", OPEN))
    return repo


def a_round(path: Path, key: str = "3/9") -> Round:
    book = load(path)
    assert [str(f) for f in book.findings if f.severity == "error"] == []
    record = book.entries[key].round
    assert isinstance(record, Round)
    return record


def test_a_round_is_begun_after_the_newest(tmp_path: Path) -> None:
    project(tmp_path)
    done = new(tmp_path, "round", "--focus", "Ship: the site", "--date", "2026-02-18")
    assert (done.code, done.output.partition(":")[0]) == (0, "data/rounds/3/10.yml")
    assert (tmp_path / "data/rounds/3/10.yml").read_text() == (
        'round: 10\nphase: 3\ndate: 2026-02-18\nstatus: in-progress\nfocus: "Ship: the site"\n'
    )
    assert a_round(tmp_path, "3/10").focus == "Ship: the site"


@pytest.mark.parametrize(("last", "next_"), [("008", "009"), ("k2b", "k3b"), ("a", "a2"), ("9", "10")])
def test_the_next_id_follows_the_last(tmp_path: Path, last: str, next_: str) -> None:
    project(tmp_path, data(f"3/{last}", "status: done\n"))
    assert new(tmp_path, "round").output.startswith(f"data/rounds/3/{next_}.yml: ")


def test_the_first_round_and_the_first_of_a_phase(tmp_path: Path) -> None:
    (tmp_path / "data/rounds").mkdir(parents=True)
    assert new(tmp_path, "round").output.startswith("data/rounds/1/1.yml: ")
    assert new(tmp_path, "round", "2").output.startswith("data/rounds/2/1.yml: ")
    assert new(tmp_path, "round", "2/b", "--folder").output.startswith("data/rounds/2/b/round.yml: ")
    again = new(tmp_path, "round", "2/b")
    assert (again.code, again.output) == (
        2,
        "Error: round 2/b is taken, in data/rounds/2/b/round.yml; 2/b2 is free\n",
    )
    assert new(tmp_path, "round", "2/../../x").code == 2
    assert new(tmp_path, "round", "2/c", "--date", "2026-02-31").code == 2


def test_a_decision_is_added_below_the_others(tmp_path: Path) -> None:
    project(tmp_path)
    before = (tmp_path / "data/rounds/3/9.yml").read_text()
    words = ("--because", "It is: so", "--because", "NO", "--affects", "src/**")
    done = new(tmp_path, "decision", "Target wasip2", "--date", "2026-02-18", *words)
    assert (done.code, done.output) == (0, "data/rounds/3/9.yml: decision target-wasip2 in round 3/9\n")
    assert (tmp_path / "data/rounds/3/9.yml").read_text() == (
        f"{before}  - id: target-wasip2\n    title: Target wasip2\n    status: proposed\n"
        '    date: 2026-02-18\n    rationale: ["It is: so", "NO"]\n    affects: [src/**]\n'
    )
    assert a_round(tmp_path).decisions[1].rationale == ("It is: so", "NO")


def test_the_id_of_a_decision_is_free_on_all_branches(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.branch("topic")
    repo.checkout("topic")
    repo.commit("feat: decide", data("3/10", "decisions: [{title: Target wasip2, rationale: x}]"))
    repo.checkout("main")
    assert new(tmp_path, "decision", "Target wasip2").output.endswith("decision target-wasip2-2 in round 3/9\n")
    taken = new(tmp_path, "decision", "Another", "--id", "target-wasip2")
    assert (taken.code, taken.output) == (2, "Error: the id target-wasip2 is taken; target-wasip2-3 is free\n")


def test_the_id_of_a_round_is_free_on_all_branches(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.branch("topic")
    repo.commit("docs: begin", data("3/10", "agents: Ada"))
    repo.commit("docs: begin another", data("4/1/round", "x-note: a folder"))
    repo.checkout("main")
    refused = new(tmp_path, "round", "3/10")
    words = "Error: round 3/10 is taken on another branch, topic; 3/11 is free\n"
    assert (refused.code, refused.output) == (2, words)
    assert new(tmp_path, "round", "4/1").code == 2
    assert not (tmp_path / "data/rounds/3/10.yml").exists()
    assert new(tmp_path, "round").output.startswith("data/rounds/3/11.yml: ")
    repo.commit("docs: begin", {})
    repo.merge("topic")
    assert "data/rounds/3/10.yml" in new(tmp_path, "round", "3/10").output


def test_an_id_that_a_round_had_before_stays_its_own(tmp_path: Path) -> None:
    project(tmp_path, data("3/9", "was: 3/10"))
    assert new(tmp_path, "round", "3/10").output == ("Error: round 3/10 is a former id of round 3/9; 3/11 is free\n")
    assert new(tmp_path, "round").output.startswith("data/rounds/3/11.yml: ")


def test_a_round_of_a_remote_branch_is_taken_too(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "origin")
    origin.commit("feat: begin", {"a.txt": "1"})
    origin.branch("topic")
    origin.commit("docs: begin", data("1/1", ""))
    origin.checkout("main")
    clone = origin.clone(tmp_path / "clone")
    (clone.path / "data/rounds").mkdir(parents=True)
    assert new(clone.path, "round", "1/1").output == (
        "Error: round 1/1 is taken on another branch, origin/topic; 1/2 is free\n"
    )
    assert new(clone.path, "round").output.startswith("data/rounds/1/2.yml: ")


def test_a_decision_has_a_date_where_it_is_not_that_of_the_round(tmp_path: Path) -> None:
    project(tmp_path, data("3/9", "date: 2026-02-18\n"))
    assert new(tmp_path, "decision", "First", "--date", "2026-02-18").code == 0
    assert new(tmp_path, "decision", "Second", "--date", "2026-02-19").code == 0
    assert new(tmp_path, "decision", "Third").code == 0
    first, second, third = a_round(tmp_path).decisions
    assert (first.date, str(second.date)) == (None, "2026-02-19")
    assert third.date is not None
    assert third.date.first >= dt.date(2026, 2, 19)
    assert new(tmp_path, "decision", "Fourth", "--date", "soon").code == 2


def test_a_decision_that_replaces_another(tmp_path: Path) -> None:
    project(tmp_path)
    assert new(tmp_path, "decision", "Second", "--supersedes", "first", "--status", "accepted").code == 0
    assert load(tmp_path).decisions["first"].status == "superseded"
    assert new(tmp_path, "decision", "Third", "--supersedes", "nobody").code == 2


def test_in_a_folder_each_entry_has_a_file_of_its_own(tmp_path: Path) -> None:
    schema = "# yaml-language-server: $schema=../../../../round.schema.json\n"
    project(tmp_path, {"data/rounds/3/9/round.yml": f"{schema}round: 9\nfocus: x\n"})
    assert new(tmp_path, "agent", "Ada L.", "--task", "Lints").output.startswith("data/rounds/3/9/agent-ada-l.yml: ")
    assert (tmp_path / "data/rounds/3/9/agent-ada-l.yml").read_text() == (
        f"{schema}agents:\n  - id: ada-l\n    name: Ada L.\n    task: Lints\n    status: in-progress\n"
    )
    assert new(tmp_path, "agent", "Ada L.").code == 2
    assert a_round(tmp_path).agents[0].task == "Lints"


def test_changes_and_goals_of_a_round_that_is_named(tmp_path: Path) -> None:
    project(tmp_path)
    assert new(tmp_path, "change", "fixed", "No longer # loses it", "--breaking", "--round", "3/9").code == 0
    assert new(tmp_path, "goal", "Be quick", "--round", "3/9").code == 0
    record = a_round(tmp_path)
    assert "breaking: true\n" in (tmp_path / "data/rounds/3/9.yml").read_text()  # no text: an editor would complain
    assert [(c.type, c.text, c.breaking) for c in record.changes] == [("fixed", "No longer # loses it", True)]
    assert [(g.id, g.title, g.status) for g in record.goals] == [("be-quick", "Be quick", "planned")]
    assert new(tmp_path, "goal", "Be quick", "--round", "3/8").code == 2


@pytest.mark.parametrize("key", ["3/9", "3/9/round"])
def test_what_no_round_file_can_hold_is_refused(tmp_path: Path, key: str) -> None:
    project(tmp_path, {f"data/rounds/{key}.yml": "round: 9\nphase: 3\nfocus: x\n"})
    for words in (("goal", "a\x1b[31mb"), ("change", "added", "a\u202eb"), ("agent", "a\u2028"), ("decision", "a\x07")):
        done = new(tmp_path, *words)
        assert (done.code, "is not allowed in a round file" in done.output) == (2, True), done.output
        assert "Traceback" not in done.output
    assert [p.name for p in (tmp_path / "data/rounds").rglob("*.yml")] == [f"{key.rpartition('/')[2]}.yml"]


def test_what_cannot_be_added_to_is_left_as_it_is(tmp_path: Path) -> None:
    project(tmp_path, data("3/9", "decisions: [{title: First, rationale: x}]\n"))
    before = (tmp_path / "data/rounds/3/9.yml").read_text()
    done = new(tmp_path, "decision", "Second")
    assert done.code == 2
    assert (tmp_path / "data/rounds/3/9.yml").read_text() == before
