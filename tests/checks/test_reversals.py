"""Tests of `decision-unlinked-reversal`: literals that are added and removed in history."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import book_of, data, findings, judged, only
from repository import Repository
from roundbook.book import questions

SLUG = "decision-unlinked-reversal"
CI = ".github/build.yml"
OLD, NEW = "target: wasip2\n", "target: wasip1\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def decision(more: str = "", literals: str = "[wasip2]", status: str = "accepted") -> dict[str, str]:
    return data(
        "3/4", f"decisions:\n- id: wasm-target\n  title: wasip1\n  status: {status}\n  literals: {literals}\n  {more}"
    )


def settle(repo: Repository, more: str = "", **kinds: str) -> str:
    """Bring the literal, then remove it by a commit that carries the decision out."""
    repo.commit("begin", {CI: OLD})
    return repo.commit("move\n\nDecision: wasm-target", {CI: NEW, **decision(more, **kinds)})


class TestSpeaks:
    def test_what_was_removed_comes_back(self, repo: Repository) -> None:
        settled = settle(repo)
        back = repo.commit("try again", {CI: OLD})
        repo.commit("more", {"other": "1"})
        assert findings(repo, SLUG) == [
            (
                'data/rounds/3/4.yml:8:14: warning decision-unlinked-reversal: decision wasm-target settles "wasip2": it '
                f"went with {settled[:7]} on 2026-01-01, and came back with {back[:7]} on 2026-01-01; "
                "no later decision says so; record what was decided then, with supersedes: wasm-target, or undo it"
            )
        ]
        assert only(repo, SLUG).commit == back

    def test_what_was_brought_goes(self, repo: Repository) -> None:
        settle(repo, literals="[wasip1]")
        gone = repo.commit("try again", {CI: OLD})
        result = only(repo, SLUG)
        assert (result.outcome, result.commit) == ("contradicted", gone)

    def test_reversed_twice_is_told_with_both(self, repo: Repository) -> None:
        settle(repo)
        back = repo.commit("try again", {CI: OLD})
        undone = repo.commit("no", {CI: NEW})
        result = only(repo, SLUG)
        assert (result.outcome, result.commit) == ("contradicted", back)
        assert f"then came back with {back[:7]} on 2026-01-01, and went again with {undone[:7]}" in result.evidence

    def test_a_merge_brings_it_back(self, repo: Repository) -> None:
        settle(repo)
        repo.branch("topic")
        repo.commit("try", {CI: OLD})
        repo.checkout("main")
        repo.commit("other", {"x": "1"})
        merge = repo.merge("topic")
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("contradicted", merge)

    def test_the_decision_is_carried_out_on_a_branch(self, repo: Repository) -> None:
        repo.commit("begin", {CI: OLD})
        repo.branch("topic")
        repo.commit("move\n\nDecision: wasm-target", {CI: NEW, **decision()})
        repo.checkout("main")
        repo.commit("other", {"x": "1"})
        repo.merge("topic")
        assert only(repo, SLUG).outcome == "verified"
        repo.commit("back", {CI: OLD})
        assert only(repo, SLUG).outcome == "contradicted"

    def test_two_literals_are_judged_each(self, repo: Repository) -> None:
        settle(repo, literals="[wasip2, 'target: wasip1']")
        repo.commit("back", {CI: OLD})
        assert [v.outcome for v in judged(repo, SLUG)] == ["contradicted", "contradicted"]


class TestSilent:
    def test_it_holds(self, repo: Repository) -> None:
        settled = settle(repo)
        result = only(repo, SLUG)
        assert result.outcome == "verified"
        assert result.evidence == f"it went with {settled[:7]} on 2026-01-01, and has not come back since"

    @pytest.mark.parametrize("relation", ["supersedes", "amends"])
    def test_a_later_decision_says_so(self, repo: Repository, relation: str) -> None:
        settle(repo)
        later = data("3/5", f"decisions: [{{id: preview-2, title: wasip2, status: accepted, {relation}: wasm-target}}]")
        repo.commit("back", {CI: OLD, **later})
        result = only(repo, SLUG)
        assert result.outcome == "verified"
        assert result.evidence.endswith("; preview-2 says so")

    @pytest.mark.parametrize("status", ["rejected", "deprecated", "superseded"])
    def test_it_does_not_count_any_more(self, repo: Repository, status: str) -> None:
        settle(repo, status=status)
        repo.commit("back", {CI: OLD})
        assert only(repo, SLUG).outcome == "verified"

    def test_a_proposed_one_settles_nothing(self, repo: Repository) -> None:
        settle(repo, status="proposed")
        repo.commit("back", {CI: OLD})
        assert judged(repo, SLUG) == []

    def test_prose_and_data_speak_of_it(self, repo: Repository) -> None:
        settle(repo)
        repo.commit(
            "docs", {"docs/a.md": "once it was wasip2", "data/notes.txt": "wasip2", "README.markdown": "wasip2"}
        )
        assert only(repo, SLUG).outcome == "verified"

    def test_where_it_affects_something_only_that_counts(self, repo: Repository) -> None:
        settle(repo, more="affects: .github/**")
        repo.commit("elsewhere", {"src/a.rs": "wasip2", "notes.md": "wasip2"})
        assert only(repo, SLUG).outcome == "verified"

    def test_prose_counts_where_it_is_affected(self, repo: Repository) -> None:
        repo.commit("begin", {"docs/a.md": "wasip2"})
        repo.commit("move\n\nDecision: wasm-target", {"docs/a.md": "", **decision("affects: docs")})
        repo.commit("back", {"docs/a.md": "wasip2"})
        assert only(repo, SLUG).outcome == "contradicted"

    def test_a_file_that_moved_away_still_holds_it(self, repo: Repository) -> None:
        settle(repo, more=f"affects: {CI}", literals="[wasip1]")
        repo.commit("move the file", {CI: None, "ci/build.yml": NEW})
        repo.commit("twice", {"ci/build.yml": NEW + NEW})
        assert only(repo, SLUG).outcome == "verified"
        repo.commit("other", {"x": "wasip1"})
        assert only(repo, SLUG).outcome == "verified"
        repo.commit("gone", {"ci/build.yml": OLD, "x": ""})
        assert only(repo, SLUG).outcome == "contradicted"

    def test_written_down_before_it_is_carried_out(self, repo: Repository) -> None:
        repo.commit("begin", {CI: OLD})
        repo.commit("record", decision())
        done = repo.commit("carry out", {CI: NEW})
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("verified", done)

    def test_written_down_long_after(self, repo: Repository) -> None:
        repo.commit("begin", {CI: OLD})
        repo.commit("try", {CI: NEW})
        repo.commit("back", {CI: OLD})
        repo.commit("for good", {CI: NEW})
        repo.commit("record", decision())
        assert only(repo, SLUG).outcome == "verified"

    def test_waived(self, repo: Repository) -> None:
        settle(repo, "\nwaive: [{check: decision-unlinked-reversal, target: wasip2, reason: A test of both}]")
        repo.commit("back", {CI: OLD})
        assert only(repo, SLUG).waived == "A test of both"

    def test_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        settle(repo)
        repo.commit("back", {CI: OLD})
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert only(clone, SLUG).outcome == "not-checked"
        assert book_of(clone).git_facts.pickaxes == {}


class TestBounds:
    def test_it_never_came_or_went(self, repo: Repository) -> None:
        repo.commit("begin", {CI: NEW, **decision()})
        assert only(repo, SLUG).evidence == "it was neither added nor removed in 1 commit that could have changed it"

    @pytest.mark.parametrize(
        ("literal", "why"),
        [('"x"', "shorter than 3"), ('"a\\nb"', "several lines"), ('"   "', "empty"), ('"\\0abc"', "")],
    )
    def test_what_cannot_be_searched(self, repo: Repository, literal: str, why: str) -> None:
        settle(repo, literals=f"[{literal}]")
        for result in judged(repo, SLUG):
            assert result.outcome == "not-checked"
            assert why in result.evidence

    @pytest.mark.parametrize(
        "literal",
        ["--help", "-Sabc", "--ext-diff", "a.*b", "(x", "$(touch gone)", "é ü", "HEAD", "--", "x y:z", "[a-z]"],
    )
    def test_a_literal_is_a_literal(self, repo: Repository, literal: str) -> None:
        text = f"['{literal}']" if len(literal) > 2 else f"['{literal}{literal}']"
        repo.commit("begin", {"f": f"{literal}{literal}\n", "g": "abc axxb z"})
        gone = repo.commit("move\n\nDecision: wasm-target", {"f": "", **decision(literals=text)})
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("verified", gone)
        back = repo.commit("back", {"f": f"{literal}{literal}\n"})
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("contradicted", back)

    def test_no_program_of_the_repository_runs(self, repo: Repository, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        repo.git("config", "diff.external", f"touch {ran}")
        repo.git("config", "diff.evil.textconv", f"touch {ran}; cat")
        repo.git("config", "diff.evil.command", f"touch {ran}")
        repo.git("config", "grep.patternType", "perl")
        repo.commit("attributes", {".gitattributes": "* diff=evil\n"})
        settle(repo)
        repo.commit("back", {CI: OLD})
        assert only(repo, SLUG).outcome == "contradicted"
        assert not ran.exists()

    def test_odd_names_of_files(self, repo: Repository) -> None:
        name = "a\nb/:(top)\udcff".encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        (repo.path / "a\nb").mkdir()
        (repo.path / name).write_text(OLD)
        repo.commit("begin")
        (repo.path / name).write_text(NEW)
        repo.commit("move\n\nDecision: wasm-target", decision())
        assert only(repo, SLUG).outcome == "verified"
        (repo.path / name).write_text(OLD)
        repo.commit("back")
        assert only(repo, SLUG).outcome == "contradicted"

    def test_the_newest_commits_are_searched_and_it_says_so(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(questions, "MOST_STEPS", 3)
        settle(repo)
        for n in range(3):
            repo.commit("more", {"x": str(n)})
        assert only(repo, SLUG).evidence.endswith(
            "it was neither added nor removed in 3 commits that could have changed it; only the newest 3 commits were searched"
        )
        back = repo.commit("back", {CI: OLD})
        result = only(repo, SLUG)
        assert (result.outcome, result.commit) == ("contradicted", back)
        assert result.evidence.startswith("it was settled before that, and came back with")
        assert result.evidence.endswith("; only the newest 3 commits were searched")

    def test_many_literals_share_the_commits(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(questions, "ALL_STEPS", 6)
        settle(repo, literals="[wasip2, target, other]")
        for n in range(3):
            repo.commit("more", {"x": str(n)})
        assert {pickaxe.searched for pickaxe in book_of(repo).git_facts.pickaxes.values()} == {2}

    def test_no_commit_touches_what_it_affects(self, repo: Repository) -> None:
        settle(repo, more="affects: nowhere/**")
        assert only(repo, SLUG).evidence == "no commit changes a file in which it counts"

    def test_a_clone_without_files_is_told_nothing(self, repo: Repository, tmp_path: Path) -> None:
        settle(repo)
        clone = repo.clone(tmp_path / "clone", filter="blob:none", bare=True)
        clone.write(decision())
        assert only(clone, SLUG).evidence == "git could not tell when it was added and removed"

    def test_so_many_literals_are_searched_and_it_says_so(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(questions, "MOST_LITERALS", 2)
        settle(repo, literals="[wasip2, target, other]")
        told = {v.claim.split('"')[1]: v.evidence for v in judged(repo, SLUG)}
        assert told["other"] == "2 of 3 literals were searched, and this is not one of them"

    def test_of_another_repository_nothing_is_asked(self, repo: Repository) -> None:
        settle(repo, "\nrepository: other", literals="[wasip2]")
        repo.commit("settings", {"data/roundbook.yml": "repositories: {here: {}, other: {}}"})
        assert judged(repo, SLUG) == []
