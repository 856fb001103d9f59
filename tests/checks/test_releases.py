"""Tests of the checks of releases: rounds compared with version tags."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from checks.history import data, findings, judged, only, said
from repository import Repository

CHECKS = ("release-without-tag", "tag-without-release", "release-date")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


class TestReleaseWithoutTag:
    def test_a_version_that_was_never_tagged(self, repo: Repository) -> None:
        own = repo.commit("work", data("3/4", "releases: [v0.1.0, 0.2.0, v0.3.0]"))
        repo.tag("v0.1.0")
        repo.tag("v0.2.0", message="Second")
        assert said(repo, "release-without-tag") == {
            "the round ships v0.1.0": "verified",
            "the round ships 0.2.0": "verified",
            "the round ships v0.3.0": "contradicted",
        }
        first = judged(repo, "release-without-tag")[0]
        assert (first.evidence, first.commit) == (f"the tag v0.1.0 marks {own[:7]} on 2026-01-01", own)
        assert findings(repo, "release-without-tag") == [
            (
                "data/rounds/3/4.yml:4:27: warning release-without-tag: the round ships v0.3.0: no tag has this name; "
                "tag the version, or correct its name"
            )
        ]

    @pytest.mark.parametrize("status", ["planned", "in-progress"])
    def test_a_round_that_goes_on_has_no_tag_yet(self, repo: Repository, status: str) -> None:
        repo.commit("work", data("3/4", f"status: {status}\nreleases: v0.3.0"))
        assert only(repo, "release-without-tag").outcome == "not-checked"

    def test_a_tag_outside_the_history_of_head_is_a_tag(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", "releases: v0.1.1"))
        repo.branch("old")
        repo.commit("mend", {"a.txt": "1"})
        repo.tag("v0.1.1")
        repo.checkout("main")
        result = only(repo, "release-without-tag")
        assert (result.outcome, result.evidence) == (
            "verified",
            "the tag v0.1.1 marks a commit outside the history of HEAD",
        )
        assert judged(repo, "tag-without-release") == []  # what HEAD does not reach is no release of it

    def test_rounds_of_another_repository_are_not_asked(self, repo: Repository) -> None:
        text = "repository: other\nreleases: v9\ndate: 2020-01-01"
        repo.commit("work", data("3/4", text, repositories="{here: {}, other: {}}"))
        repo.tag("v1.0.0")
        assert [judged(repo, check) for check in CHECKS] == [[], [], []]


class TestTagWithoutRelease:
    def test_a_tag_that_no_round_names(self, repo: Repository) -> None:
        own = repo.commit("work", data("3/4", "releases: 0.1.0"))
        repo.tag("v0.1.0")
        later = repo.commit("more", {"a.txt": "1"})
        repo.tag("v0.2.0")
        repo.tag("nightly")
        newer, older = judged(repo, "tag-without-release")
        assert (older.outcome, older.round, older.commit) == ("verified", "3/4", own)
        assert (newer.outcome, newer.commit) == ("contradicted", later)
        assert findings(repo, "tag-without-release") == [
            (
                "warning tag-without-release: the version 0.2.0 is a release of a round: "
                f"the tag v0.2.0 marks {later[:7]} on 2026-01-01, and no round names it; "
                "add v0.2.0 to releases: of the round that it ships"
            )
        ]

    def test_a_book_that_names_no_release_is_not_asked(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", ""))
        repo.tag("v0.1.0")
        assert judged(repo, "tag-without-release") == []

    def test_a_phase_names_releases_too(self, repo: Repository) -> None:
        phase = {"data/rounds/3/phase.yml": "phase: 3\nreleases: v0.2.0\n"}
        repo.commit("work", {**data("3/4", "releases: v0.1.0"), **phase})
        repo.tag("v0.1.0")
        repo.commit("more", {"a.txt": "1"})
        repo.tag("v0.2.0")
        assert set(said(repo, "tag-without-release").values()) == {"verified"}


class TestReleaseDate:
    def test_a_date_far_from_the_tag(self, repo: Repository) -> None:
        own = repo.commit("work", data("3/4", "releases: v0.1.0\ndate: 2025-12-30"))
        repo.tag("v0.1.0")
        assert findings(repo, "release-date") == [
            (
                "data/rounds/3/4.yml:5:7: warning release-date: the round ships v0.1.0 on 2025-12-30: "
                f"the tag v0.1.0 marks {own[:7]} on 2026-01-01, 2 days away; "
                "correct the date of the round, or the version that it names"
            )
        ]

    @pytest.mark.parametrize(
        ("date", "outcome"),
        [
            ("2026-01-01", "verified"),
            ("2025-11-01..2026-01-01", "verified"),
            ("2025-12-31", "not-checked"),
            ("2026-01-02", "not-checked"),
        ],
    )
    def test_a_day_more_or_less_is_neither_wrong_nor_verified(self, repo: Repository, date: str, outcome: str) -> None:
        own = repo.commit("work", data("3/4", f"releases: v0.1.0\ndate: {date}"))
        repo.tag("v0.1.0")
        result = only(repo, "release-date")
        assert (result.outcome, result.commit) == (outcome, own)

    def test_a_day_is_the_writer_s_own(self, repo: Repository) -> None:
        east = dt.datetime(2026, 3, 11, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=13)))  # the 10th in UTC
        repo.commit("work", data("3/4", "releases: v0.1.0\ndate: 2026-03-11"), date=east)
        repo.tag("v0.1.0")
        assert only(repo, "release-date").outcome == "verified"

    def test_only_the_last_of_several_rounds_is_held_against_it(self, repo: Repository) -> None:
        rounds = data("3/1", "releases: v0.1.0\ndate: 2025-12-27")
        repo.commit("work", {**rounds, **data("3/2", "releases: v0.1.0\ndate: 2026-01-01")})
        repo.tag("v0.1.0")
        assert [(v.round, v.outcome) for v in judged(repo, "release-date")] == [("3/2", "verified")]

    def test_a_round_with_several_releases_is_not_asked(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", "releases: [v0.1.0, v0.2.0]\ndate: 2025-12-27"))
        repo.tag("v0.1.0")
        assert judged(repo, "release-date") == []

    def test_without_a_tag_it_is_not_checked(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", "releases: v0.1.0\ndate: 2025-12-27"))
        assert only(repo, "release-date").outcome == "not-checked"


@pytest.mark.parametrize("check", CHECKS)
def test_a_shallow_clone_says_nothing_of_absence(repo: Repository, tmp_path: Path, check: str) -> None:
    repo.commit("work", data("3/4", "releases: v0.1.0\ndate: 2025-12-20"))
    repo.tag("v0.1.0")
    repo.commit("more", {"a.txt": "1"})
    clone = repo.clone(tmp_path / "clone", depth=1)
    assert {v.outcome for v in judged(clone, check)} == {"not-checked"}
    assert findings(clone, check) == []


@pytest.mark.parametrize(("check", "version"), [("release-without-tag", "v0.2.0"), ("release-date", "v0.1.0")])
def test_a_waiver_keeps_it_silent(repo: Repository, check: str, version: str) -> None:
    waiver = f"waive: [{{check: {check}, target: {version}, reason: It is so}}]"
    repo.commit("work", data("3/4", f"releases: {version}\ndate: 2025-12-20\n{waiver}"))
    repo.tag("v0.1.0")
    assert [v.waived for v in judged(repo, check)] == ["It is so"]
    assert findings(repo, check) == []
