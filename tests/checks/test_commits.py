"""Tests of the checks of commits, dates and files of a round."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from checks.history import data, findings, judged, only
from repository import Repository

DAY = dt.timedelta(days=1)
EAST, WEST = dt.timezone(dt.timedelta(hours=13)), dt.timezone(dt.timedelta(hours=-11))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def lay(repo: Repository, key: str, text: str) -> None:
    """Write a round without committing it."""
    for name, content in data(key, text).items():
        (repo.path / name).parent.mkdir(parents=True, exist_ok=True)
        (repo.path / name).write_text(content)


class TestWindowEmpty:
    def test_a_closed_round_without_commits(self, repo: Repository) -> None:
        repo.commit("begin", {"a.txt": "1"})
        lay(repo, "3/4", "status: done")
        assert findings(repo, "window-empty") == [
            (
                "data/rounds/3/4.yml:4:9: warning window-empty: the round is done: no commit belongs to it; "
                "list its commits under commits:, or correct its status"
            )
        ]

    def test_a_closed_round_with_commits(self, repo: Repository) -> None:
        own = repo.commit("work\n\nRound: 3/4", data("3/4", "status: partial"))
        result = only(repo, "window-empty")
        assert (result.outcome, result.commit) == ("verified", own)
        assert result.evidence == f"1 commit, the newest is {own[:7]}"

    def test_only_a_commit_that_somebody_gave_to_the_round_is_evidence(self, repo: Repository) -> None:
        """T3: the commit that wrote the round down, and one of its days, are neither missing nor evidence."""
        repo.commit("work", data("3/4", "status: done\ndate: 2026-01-01..2026-02-01"))
        repo.commit("more", {"a.txt": "1"})
        assert judged(repo, "window-empty") == []

    def test_an_imported_changelog_needs_no_commits(self, repo: Repository) -> None:
        """J: a file of the past that lists versions and their entries says nothing of work."""
        text = (
            "status: done\nsource: CHANGELOG.md\nversions: [{version: 1.0.0}]\nchanges: [{text: Old, release: 1.0.0}]"
        )
        repo.commit("begin", {"a.txt": "1"})
        lay(repo, "3/4", text)
        lay(repo, "3/5", f"{text}\nagents: [{{name: Ada, task: Write}}]")
        assert [v.round for v in judged(repo, "window-empty")] == ["3/5"]

    def test_commits_that_are_all_excluded_are_commits(self, repo: Repository) -> None:
        rule = "{exclude: [{name: work, subject: ^work}]}"
        repo.commit("work", {"a.txt": "1", **data("3/4", "status: done", attribution=rule)})
        assert judged(repo, "window-empty") == []

    def test_open_rounds_and_those_of_others_are_not_asked(self, repo: Repository) -> None:
        lay(repo, "3/4", "status: in-progress")
        lay(repo, "3/5", "status: done\nrepository: other")
        repo.commit("begin", {"data/roundbook.yml": "repositories: {here: {}, other: {}}"})
        assert judged(repo, "window-empty") == []

    def test_a_waiver_and_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("begin", {"a.txt": "1"})
        repo.commit("more", {"a.txt": "2"})
        clone = repo.clone(tmp_path / "clone", depth=1)
        for one in (repo, clone):
            lay(one, "3/4", "status: done\nwaive: [{check: window-empty, reason: Talk only}]")
        assert only(repo, "window-empty").waived == "Talk only"
        assert only(clone, "window-empty").outcome == "not-checked"
        assert findings(clone, "window-empty") == []


class TestCommitUnaccounted:
    def test_the_share_and_the_newest(self, repo: Repository) -> None:
        repo.commit("one", {"a.txt": "1"})
        newest = repo.commit("two", {"a.txt": "2"})
        repo.commit("work", data("3/4", ""))
        result = only(repo, "commit-unaccounted")
        assert (result.outcome, result.commit) == ("contradicted", newest)
        assert result.evidence.startswith(f"2 of 3 commits (66.7 %) are unassigned; the newest: {newest[:7]}, ")
        assert findings(repo, "commit-unaccounted")[0].startswith("info commit-unaccounted: every commit is assigned")

    def test_all_are_accounted_for(self, repo: Repository) -> None:
        rule = "{exclude: [{name: setup, subject: ^one}]}"
        repo.commit("one", {"a.txt": "1"})
        repo.commit("work", data("3/4", "", attribution=rule))
        assert judged(repo, "commit-unaccounted") == []

    def test_a_shallow_clone_and_no_commits(self, repo: Repository, tmp_path: Path) -> None:
        assert [v.outcome for v in judged(repo, "commit-unaccounted")] == ["not-checked"]
        repo.commit("one", {"a.txt": "1"})
        repo.commit("two", {"a.txt": "2"})
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert only(clone, "commit-unaccounted").outcome == "not-checked"


class TestDateImplausible:
    """The first commit is of 2026-01-01."""

    @pytest.mark.parametrize(
        ("date", "outcome", "words"),
        [
            ("2026-01-01", "verified", ""),
            ("2025-12-20..2026-02-01", "verified", ""),
            ("2026-01-03", "contradicted", ", 2 days before that date"),
            ("2025-01-02", "contradicted", ", 364 days after that date; the year looks wrong"),
            ("2027-01-01", "contradicted", ", 365 days before that date"),
        ],
    )
    def test_a_date_is_held_against_the_commit(self, repo: Repository, date: str, outcome: str, words: str) -> None:
        own = repo.commit("work", data("3/4", f"date: {date}"))
        result = only(repo, "date-implausible")
        assert (result.outcome, result.commit) == (outcome, own)
        assert result.evidence == f"its file was added by {own[:7]} on 2026-01-01{words}"

    def test_a_commit_of_the_round_on_its_day_is_evidence(self, repo: Repository) -> None:
        own = repo.commit("work\n\nRound: 3/4", {"a.txt": "1"})
        repo.now += 9 * DAY
        repo.commit("write down", data("3/4", "date: 2026-01-01"))
        result = only(repo, "date-implausible")
        assert (result.outcome, result.commit) == ("verified", own)
        assert result.evidence == f"a commit of the round is {own[:7]} on 2026-01-01"

    @pytest.mark.parametrize(
        "date", ["2026-01-02", "2025-12-31", "2025-12-30", "2025-12-25", "2025-12-24", "2025-12-01..2025-12-30"]
    )
    def test_that_nothing_speaks_against_a_date_is_no_evidence(self, repo: Repository, date: str) -> None:
        """T3: only a commit of that day is."""
        repo.commit("work", data("3/4", f"date: {date}"))
        assert judged(repo, "date-implausible") == []

    @pytest.mark.parametrize(("date", "days"), [("2025-12-25", 0), ("2025-12-24", 8), ("2024-06-01", 579)])
    def test_what_is_written_down_late_is_a_note(self, repo: Repository, date: str, days: int) -> None:
        own = repo.commit("work", data("3/4", f"date: {date}"))
        told = [(v.outcome, v.severity, v.evidence) for v in judged(repo, "date-backfilled")]
        late = f"its file was added by {own[:7]} on 2026-01-01, {days} days after that date"
        assert told == ([("contradicted", "info", late)] if days else [])

    def test_the_finding(self, repo: Repository) -> None:
        own = repo.commit("work", data("3/4", "date: 2025-01-02"))
        assert findings(repo, "date-implausible") == [
            (
                "data/rounds/3/4.yml:4:7: warning date-implausible: the round's date is 2025-01-02: its file was added by "
                f"{own[:7]} on 2026-01-01, 364 days after that date; the year looks wrong; "
                "correct the date, or waive it with the reason"
            )
        ]

    @pytest.mark.parametrize("zone", [EAST, WEST])
    def test_a_day_is_the_writer_s_own(self, repo: Repository, zone: dt.timezone) -> None:
        moment = dt.datetime(2026, 3, 10, 23, 30, tzinfo=zone)
        repo.commit("work", data("3/4", "date: 2026-03-10"), date=moment)
        assert only(repo, "date-implausible").outcome == "verified"
        repo.commit("more", data("3/5", "date: 2026-03-03"), date=moment)
        assert [v.outcome for v in judged(repo, "date-implausible")] == ["verified"]

    def test_a_file_that_was_moved_keeps_its_day(self, repo: Repository) -> None:
        first = repo.commit("work", {"data/rounds/2/4.yml": "round: 4\nfocus: a\n"})
        repo.now += 60 * DAY
        repo.commit("move", {"data/rounds/2/4.yml": None, **data("3/4", "date: 2026-01-01")})
        repo.now += 60 * DAY
        whole = "round: 4\nfocus: a\ndate: 2026-01-01\n"
        repo.commit("part", {"data/rounds/3/4.yml": None, "data/rounds/3/4/round.yml": whole})
        result = only(repo, "date-implausible")
        assert (result.outcome, result.commit) == ("verified", first)

    def test_files_that_were_moved_together_are_not_judged(self, repo: Repository) -> None:
        keys = ("1/1", "2/1")
        repo.commit("work", {f"notes/{key}.yml": key for key in keys})
        repo.now += 60 * DAY
        moved: dict[str, str | None] = {f"notes/{key}.yml": None for key in keys}
        for key in keys:
            moved |= data(key, "date: 2026-01-01")
        repo.commit("move", moved)
        assert [v.outcome for v in judged(repo, "date-implausible")] == ["not-checked"] * 2

    def test_an_imported_round_may_be_old(self, repo: Repository) -> None:
        repo.commit("begin", {"a.txt": "1"}, date="1700000000 +0100")  # 2023
        for number, date in ((1, "2023-01-01"), (2, "2022-12-31"), (3, "2026-02-01")):
            repo.commit("work", data(f"3/{number}", f"date: {date}\nsource: notes/{number}.md"))
        found = judged(repo, "date-implausible")
        assert [v.outcome for v in found] == ["contradicted", "contradicted"]
        assert found[0].evidence.endswith(", and the history begins in 2023")

    def test_a_plan_may_lie_ahead(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", "date: 2026-06-01\nstatus: planned"))
        assert judged(repo, "date-implausible") == []

    def test_what_is_not_committed_is_not_judged(self, repo: Repository) -> None:
        repo.commit("begin", {"a.txt": "1"})
        lay(repo, "3/4", "date: 2020-01-01")
        assert only(repo, "date-implausible").outcome == "not-checked"

    def test_a_project_in_a_folder(self, repo: Repository) -> None:
        repo.commit("work", {f"sub/{name}": text for name, text in data("3/4", "date: 2025-01-01").items()})
        assert only(repo.path / "sub", "date-implausible").outcome == "contradicted"

    def test_a_waiver_and_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        text = "date: 2020-01-01\nwaive: [{check: date-implausible, reason: Written later}]"
        repo.commit("work", data("3/4", text))
        assert only(repo, "date-implausible").waived == "Written later"
        repo.commit("more", {"a.txt": "1"})
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert only(clone, "date-implausible").outcome == "not-checked"
