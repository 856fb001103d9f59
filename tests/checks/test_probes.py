"""Tests of `metric-probe`: git counts what the probe means, at the round's last commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import book_of, data, findings, judged, only
from repository import Repository
from roundbook.git import process

SLUG = "metric-probe"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def round_(value: str, probe: str, more: str = "") -> dict[str, str]:
    return data("3/4", f"metrics: {{tests: {{value: {value}, probe: {probe}}}}}\n{more}")


FILES = {
    "tests/a.py": "def test_a():\ndef test_b():\n",
    "tests/b/c.py": "def test_c():\n",
    "src/d.py": "def test_no():\n",
}


class TestGlob:
    def test_a_wrong_number(self, repo: Repository) -> None:
        repo.commit("work\n\nRound: 3/4", {**FILES, **round_("3", "{glob: 'tests/**/*.py'}")})
        assert findings(repo, SLUG) == [
            (
                "data/rounds/3/4.yml:4:26: warning metric-probe: metric tests is 3: git counts 2 at "
                f"{repo.head[:7]} on 2026-01-01 (files that match tests/**/*.py); "
                "write 2, or let the probe count what is meant"
            )
        ]

    def test_the_tree_is_that_of_the_rounds_last_commit(self, repo: Repository) -> None:
        repo.commit("work\n\nRound: 3/4", {**FILES, **round_("2", "{glob: [tests/**/*.py]}")})
        last = repo.commit("less\n\nRound: 3/4", {"tests/a.py": None, "tests/e.py": "", "tests/f.txt": ""})
        repo.commit("other work", {"tests/g.py": "", "tests/h.py": ""})
        result = only(repo, SLUG)
        assert (result.outcome, result.commit) == ("verified", last)
        assert result.evidence.startswith(f"git counts 2 at {last[:7]}")

    def test_a_later_correction_of_the_round_file_is_no_work(self, repo: Repository) -> None:
        work = repo.commit("work\n\nRound: 3/4", {**FILES, **round_("2", "{glob: tests}")})
        repo.commit("more", {"tests/x.py": ""})
        repo.commit("mend a word", round_("2", "{glob: tests}", "summary: better"))
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("verified", work)

    def test_a_round_that_was_only_recorded_counts_then(self, repo: Repository) -> None:
        repo.commit("work", FILES)
        recorded = repo.commit("record", round_("2", "{glob: tests}"))
        repo.commit("more", {"tests/x.py": ""})
        repo.commit("mend", round_("2", "{glob: tests}", "summary: better"))
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("verified", recorded)

    def test_agents_on_branches_count_together_once_merged(self, repo: Repository) -> None:
        repo.commit("begin", {"readme": ""})
        for name in ("one", "two"):
            repo.branch(name, "main")
            repo.commit(f"{name}\n\nRound: 3/4", {f"tests/{name}.py": ""})
        repo.checkout("main")
        repo.merge("one")
        merged = repo.merge("two")
        repo.commit("record", round_("2", "{glob: tests}"))
        assert (only(repo, SLUG).outcome, only(repo, SLUG).commit) == ("verified", merged)

    def test_only_files_below_the_project_count(self, repo: Repository) -> None:
        files = {f"site/{name}": text for name, text in round_("1", "{glob: '**/*.py'}").items()}
        repo.commit("work", {**FILES, "site/tool.py": "", **files})
        assert [v.outcome for v in judged(repo.path / "site", SLUG)] == ["verified"]


class TestGrep:
    def test_lines_that_hold_the_text(self, repo: Repository) -> None:
        repo.commit("work", {**FILES, **round_("4", "{grep: 'def test_', in: 'tests/**'}")})
        (line,) = findings(repo, SLUG)
        assert f'git counts 3 at {repo.head[:7]} on 2026-01-01 (lines that contain "def test_" in tests/**)' in line

    def test_the_text_of_the_probe_itself_does_not_count(self, repo: Repository) -> None:
        repo.commit("work", {**FILES, **round_("4", "{grep: 'def test_'}")})
        assert only(repo, SLUG).outcome == "verified"

    def test_the_tree_is_that_of_the_rounds_last_commit(self, repo: Repository) -> None:
        repo.commit("work\n\nRound: 3/4", {**FILES, **round_("3", "{grep: def test_, in: tests}")})
        repo.commit("other", {"tests/z.py": "def test_z():\n"})
        assert only(repo, SLUG).outcome == "verified"

    @pytest.mark.parametrize("text", ["-e", "--help", "a.c", "[x", "\\d", "x:y\\0", "ü", '"', "$(id)", "HEAD", "--"])
    def test_a_text_is_a_text(self, repo: Repository, text: str) -> None:
        quoted = text.replace("'", "''")
        repo.commit(
            "work", {"a b:c.txt": f"abc\n{text} {text}\n", **round_("1", f"{{grep: '{quoted}', in: 'a b:c.txt'}}")}
        )
        result = only(repo, SLUG)
        assert result.outcome == "verified", result

    @pytest.mark.parametrize("name", ["-x/a", ":(top)a", "a\nb", "é/a", ":0:5"])
    def test_a_folder_is_a_folder(self, repo: Repository, name: str) -> None:
        shown = name.replace("\n", "\\n")
        repo.commit("work", {name: "word\n", "other": "word\n", **round_("1", f'{{grep: word, in: "{shown}"}}')})
        assert only(repo, SLUG).outcome == "verified"

    @pytest.mark.parametrize(
        ("text", "why"),
        [('"a\\nb"', "a text of several lines"), ('" "', "it is empty"), (f'"{"x" * 1001}"', "longer than 1,000")],
    )
    def test_what_cannot_be_searched(self, repo: Repository, text: str, why: str) -> None:
        repo.commit("work", {**FILES, **round_("1", f"{{grep: {text}}}")})
        assert only(repo, SLUG).outcome == "not-checked"
        assert why in only(repo, SLUG).evidence

    def test_one_process_for_all_rounds_with_the_same_text(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for n in range(4):
            text = f"metrics: {{tests: {{value: {n + 1}, probe: {{grep: hit, in: src}}}}}}"
            repo.commit("work", {f"src/{n}": "hit\n", **data(f"3/{n}", text)})
        calls: list[tuple[str, ...]] = []
        run = process.Git.run

        def watched(self: process.Git, *words: str, feed: bytes = b"") -> process.Answer:
            calls.append(words)
            return run(self, *words, feed=feed)

        monkeypatch.setattr(process.Git, "run", watched)
        assert [v.outcome for v in judged(repo, SLUG)] == ["verified"] * 4
        assert len([words for words in calls if words[0] == "grep"]) == 1


class TestSilent:
    @pytest.mark.parametrize("value", ["~121", '"2,075+"', "TBD"])
    def test_no_exact_number(self, repo: Repository, value: str) -> None:
        repo.commit("work", {**FILES, **round_(value, "{glob: tests}")})
        result = only(repo, SLUG)
        assert (result.outcome, result.evidence) == (
            "not-checked",
            "the value is not an exact number; its source counts files that match tests",
        )

    def test_a_number_with_thousands_is_one(self, repo: Repository) -> None:
        repo.commit("work", {**{f"t/{n}": "" for n in range(1001)}, **round_('"1,001"', "{glob: t}")})
        assert only(repo, SLUG).outcome == "verified"

    def test_waived(self, repo: Repository) -> None:
        waiver = "waive: [{check: metric-probe, reason: Generated tests count too}]"
        repo.commit("work", {**FILES, **round_("9", "{glob: tests}", waiver)})
        assert only(repo, SLUG).waived == "Generated tests count too"
        assert findings(repo, SLUG) == []

    def test_a_probe_that_says_nothing(self, repo: Repository) -> None:
        repo.commit("work", {**FILES, **round_("9", "{in: tests}")})
        assert only(repo, SLUG).evidence == "the probe has neither glob nor grep"

    def test_a_round_without_commits(self, repo: Repository) -> None:
        repo.commit("begin", FILES)
        repo.write(round_("9", "{glob: tests}"))
        assert only(repo, SLUG).evidence == "no commit belongs to the round"

    def test_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("begin", FILES)
        repo.commit("work", round_("9", "{glob: tests}"))
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert [v.outcome for v in judged(clone, SLUG)] == ["not-checked"]
        assert book_of(clone).git_facts.counts == {}
