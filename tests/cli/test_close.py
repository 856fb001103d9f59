"""`roundbook close`, as a user calls it, and what is checked against git and the data afterwards."""

from __future__ import annotations

from pathlib import Path

from checks.history import data, findings, judged
from repository import Repository
from roundbook.project import load
from roundbook.schema.items import Closed
from site_trial import Outcome, run

DONE = """\
date: 2026-01-01
agents: [{name: Ada, task: Do it, status: done}]
decisions: [{id: target, title: A target, rationale: It is so}]
metrics: {tests: {before: 1, after: '1,058'}}
"""
PATH_MISSING = (
    "warning path-missing: path scripts/never.sh: no commit ever had it; correct the path, or waive it with the reason"
)


def close(repo: Repository, *words: str) -> Outcome:
    return run(repo.path, "roundbook", "close", *words)


def project(path: Path, text: str = DONE) -> tuple[Repository, str]:
    repo = Repository(path)
    work = repo.commit("feat: work\n\nRound: 3/4", {"a.txt": "a\n", **data("3/4", text)})
    return repo, work


def frozen(repo: Repository) -> Closed | None:
    return load(repo.path).entries["3/4"].round.closed


def told(closed: Closed | None) -> dict[str, object]:
    assert closed
    return closed.model_dump()


def test_a_round_in_which_nothing_is_open_is_frozen_and_its_file_keeps_every_line(tmp_path: Path) -> None:
    repo, work = project(tmp_path)
    before = (tmp_path / "data/rounds/3/4.yml").read_text()
    done = close(repo, "3/4")
    assert (done.code, done.output) == (
        0,
        f"data/rounds/3/4.yml: round 3/4 is closed, with 1 commit and 1 metric at {work[:7]}; commit the file\n",
    )
    assert (tmp_path / "data/rounds/3/4.yml").read_text() == (
        f"{before}\nclosed:  # written by `roundbook close`\n  at: {work}\n  commits: [{work}]\n"
        "  metrics:\n    tests: 1,058\n"
    )
    assert told(frozen(repo)) == told(
        Closed.model_validate({"at": work, "commits": [work], "metrics": {"tests": "1,058"}})
    )


def test_what_is_open_is_listed_and_nothing_is_written(tmp_path: Path) -> None:
    text = """\
        agents: [{name: Ada, task: Do it, status: in-progress}]
        goals: [{title: A goal, status: blocked}, {title: Put off, status: deferred}]
        checks: [{title: A gate, result: pending}]
        decisions: [{id: target, title: A target, rationale: It is so, status: proposed}]
        metrics: {tests: TBD}
        deliverables: [{title: Made, paths: scripts/never.sh, status: done}]
    """
    repo, _ = project(tmp_path, text)
    before = (tmp_path / "data/rounds/3/4.yml").read_text()
    done = close(repo, "3/4")
    assert done.code == 1
    assert [line.partition(": ")[2] for line in done.lines(": error ") + done.lines(": warning ")] == [
        "error round-unsettled: the round has no date; write date: YYYY-MM-DD",
        "error round-unsettled: the round is blocked; write status: done, or how else it ended",
        'error round-unsettled: agent "Ada" is in-progress; write how it ended: done, deferred or dropped',
        'error round-unsettled: goal "A goal" is blocked; write how it ended: done, deferred or dropped',
        'error round-unsettled: check "A gate" is pending; write its result',
        "error round-unsettled: metric tests is TBD; write the value, or remove it",
        "error round-unsettled: decision target is proposed; write status: accepted, or rejected",
        PATH_MISSING,
    ]
    assert done.output.endswith("round 3/4 was not closed: 8 things are open; --force closes it anyway\n")
    assert (tmp_path / "data/rounds/3/4.yml").read_text() == before


def test_force_closes_what_is_open_and_what_was_closed(tmp_path: Path) -> None:
    repo, _ = project(tmp_path, "metrics: {tests: 7}\nagents: [{name: Ada, task: Do it, status: planned}]\n")
    assert close(repo, "3/4", "--force").code == 0
    second = repo.commit("feat: more\n\nRound: 3/4", {"b.txt": "b\n"})
    again = close(repo, "3/4")
    assert again.code == 1
    assert "the round was closed at" in again.output
    assert close(repo, "3/4", "--force").code == 0
    closed = frozen(repo)
    assert closed
    assert (closed.at, closed.commits[0]) == (second, second)
    assert (tmp_path / "data/rounds/3/4.yml").read_text().count("closed:") == 1


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    repo, work = project(tmp_path)
    done = close(repo, "3/4", "--dry-run")
    assert (done.code, done.output) == (0, f"round 3/4 can be closed: 1 commit and 1 metric at {work[:7]}\n")
    assert frozen(repo) is None


def test_an_incomplete_history_and_an_unknown_round_cannot_be_frozen(tmp_path: Path) -> None:
    repo, _ = project(tmp_path / "whole")
    repo.commit("feat: more", {"b.txt": "b\n"})
    shallow = repo.clone(tmp_path / "shallow", depth=1)
    done = close(shallow, "3/4", "--force")
    assert done.code == 2
    assert "the history here is incomplete" in done.output
    assert frozen(shallow) is None
    unknown = close(repo, "3/5")
    assert (unknown.code, unknown.output) == (2, "Error: there is no round 3/5; there are 3/4\n")


def test_a_file_in_one_line_is_not_written_to(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    text = "{round: 4, phase: 3, focus: x, date: 2026-01-01, status: done}\n"
    repo.commit("feat: work\n\nRound: 3/4", {"data/rounds/3/4.yml": text})
    done = close(repo, "3/4")
    assert done.code == 2
    assert "nothing was changed" in done.output
    assert (tmp_path / "data/rounds/3/4.yml").read_text() == text


def test_in_a_folder_the_file_of_the_round_is_written_to(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    files = {
        "data/rounds/3/4/ada.yml": "agents: [{name: Ada, task: x, status: done}]\n",
        "data/rounds/3/4/round.yml": "round: 4\nfocus: x\ndate: 2026-01-01\nstatus: done\n",
    }
    repo.commit("feat: work\n\nRound: 3/4", files)
    assert close(repo, "3/4").output.startswith("data/rounds/3/4/round.yml: ")
    assert frozen(repo)


class TestClosedChanged:
    def closed(self, path: Path, after: str) -> Repository:
        repo, _ = project(path)
        assert close(repo, "3/4").code == 0
        file = path / "data/rounds/3/4.yml"
        file.write_text(file.read_text().replace("after: '1,058'", f"after: {after}"))
        return repo

    def test_a_metric_that_changed_after_closing_is_told(self, tmp_path: Path) -> None:
        repo = self.closed(tmp_path, "'1,060'")
        was = f"it was 1,058 when the round was closed (commit {repo.head[:7]})"
        anew = "close the round again with `roundbook close 3/4 --force`"
        assert findings(repo, "closed-changed") == [
            f"data/rounds/3/4.yml:7:18: warning closed-changed: metric tests is 1,060: {was}; write 1,058, or {anew}"
        ]

    def test_that_nothing_changed_is_no_evidence(self, tmp_path: Path) -> None:
        assert judged(self.closed(tmp_path, "'1,058'"), "closed-changed") == []

    def test_it_can_be_waived(self, tmp_path: Path) -> None:
        repo = self.closed(tmp_path, "9")
        file = tmp_path / "data/rounds/3/4.yml"
        file.write_text(file.read_text() + "waive: [{check: closed-changed, reason: Counted anew}]\n")
        assert [v.waived for v in judged(repo, "closed-changed")] == ["Counted anew"]
        assert findings(repo, "closed-changed") == []
