"""Tests of decision ids on other branches: real collisions, and the same decision in two places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from checks.history import book_of, data, findings, judged
from repository import Content, Repository
from roundbook.book import questions
from roundbook.book.references import free
from roundbook.git import process

SLUG = "decision-duplicate"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit("begin", {"readme": "x"})
    return made


def round_(key: str, title: str = "Use argon2", id_: str = "hashing", more: str = "") -> dict[str, str]:
    return data(key, f"decisions:\n- id: {id_}\n  title: {title}\n  {more}")


def apart(repo: Repository, there: Mapping[str, Content], here: Mapping[str, Content]) -> None:
    """Commit one thing on the branch `topic`, and another on the branch `main`, which began at the same commit."""
    repo.branch("topic")
    repo.commit("there", there)
    repo.checkout("main")
    repo.commit("here", here)


class TestSpeaks:
    def test_two_branches_take_one_id(self, repo: Repository) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        assert findings(repo, SLUG) == [
            (
                "data/rounds/3/6.yml:5:7: error decision-duplicate: decision hashing is the only one of that id: round 3/5 "
                'has it for "Cache hashes" on branch topic (data/rounds/3/5.yml); '
                "write id: hashing-6 here, or another id there"
            )
        ]

    def test_the_same_title_in_another_round_collides_too(self, repo: Repository) -> None:
        one, other = (data(f"3/{n}", "decisions: Use argon2 for hashes") for n in (5, 6))
        apart(repo, one, other)
        assert len(findings(repo, SLUG)) == 1

    def test_a_remote_branch_and_several_are_named(self, repo: Repository, tmp_path: Path) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        for n in range(4):
            repo.git("branch", f"copy{n}", "topic")
        clone = repo.clone(tmp_path / "clone")
        (line,) = findings(clone, SLUG)
        assert "on branches origin/copy0, origin/copy1, origin/copy2 and 2 more" in line

    def test_fragments_of_one_round(self, repo: Repository) -> None:
        base = {"data/rounds/3/5/round.yml": "round: 5\nfocus: x\n"}
        repo.commit("round", base)
        one = {"data/rounds/3/5/a.yml": "decisions: [{id: hashing, title: Cache hashes}]\n"}
        other = {"data/rounds/3/5/b.yml": "decisions: [{id: hashing, title: Use argon2 for all}]\n"}
        apart(repo, one, other)
        assert len(findings(repo, SLUG)) == 1

    def test_a_file_of_the_round_that_both_have(self, repo: Repository) -> None:
        repo.commit("round", data("3/5", ""))
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        assert len(findings(repo, SLUG)) == 1

    def test_an_id_that_was_not_committed_yet(self, repo: Repository) -> None:
        apart(repo, round_("3/5", "Cache hashes"), data("3/6", ""))
        repo.write(round_("3/6"))
        assert len(findings(repo, SLUG)) == 1

    def test_in_a_subfolder_and_a_data_folder(self, repo: Repository) -> None:
        there = {f"site/{name}": text for name, text in round_("3/5", "Cache hashes").items()}
        here = {f"site/{name}": text for name, text in round_("3/6").items()}
        apart(repo, there, here)
        assert len(findings(repo.path / "site", SLUG)) == 1


class TestSilent:
    def test_a_merged_branch(self, repo: Repository) -> None:
        apart(repo, round_("3/5"), {"x": "1"})
        repo.merge("topic")
        repo.commit("move", {"data/rounds/3/5.yml": None, **round_("3/6")})
        assert findings(repo, SLUG) == []

    def test_a_stale_branch_has_the_same_record(self, repo: Repository) -> None:
        repo.commit("record", round_("3/5"))
        apart(repo, {"x": "1", **round_("3/5", "Use argon2, edited")}, {"y": "1"})
        assert findings(repo, SLUG) == []

    def test_the_decision_moved_here_since(self, repo: Repository) -> None:
        repo.commit("record", round_("3/5"))
        changed = round_("3/5", more="context: on the branch")
        apart(repo, changed, {"data/rounds/3/5.yml": None, **round_("3/6", "Use argon2id in all places")})
        assert findings(repo, SLUG) == []

    def test_the_decision_moved_there(self, repo: Repository) -> None:
        repo.commit("record", round_("3/5"))
        apart(repo, {"data/rounds/3/5.yml": None, **round_("3/6", "Another title")}, {"y": "1"})
        assert findings(repo, SLUG) == []

    def test_the_branch_took_it_from_here_by_a_merge(self, repo: Repository) -> None:
        apart(repo, {"x": "1"}, round_("3/5"))
        repo.checkout("topic")
        repo.merge("main")
        repo.commit("move", {"data/rounds/3/5.yml": None, **round_("3/6", "Another title")})
        repo.checkout("main")
        repo.commit("on", {"y": "1"})
        assert findings(repo, SLUG) == []

    def test_a_branch_that_was_squashed_and_then_moved(self, repo: Repository) -> None:
        apart(repo, round_("3/5"), round_("3/5", more="context: squashed"))
        repo.commit("move", {"data/rounds/3/5.yml": None, **round_("3/6", "Quite another name for it")})
        assert findings(repo, SLUG) == []

    def test_the_same_words_in_another_round(self, repo: Repository) -> None:
        more = "context: Passwords were stored as they are, and a leak would have shown them all to everybody"
        apart(repo, round_("3/5", more=more), round_("3/6", more=more + "."))
        assert findings(repo, SLUG) == []

    def test_the_same_round_and_title(self, repo: Repository) -> None:
        apart(repo, round_("3/5", more="context: a"), round_("3/5", more="context: something else altogether"))
        assert findings(repo, SLUG) == []

    def test_a_branch_ahead_of_this_one(self, repo: Repository) -> None:
        repo.commit("record", round_("3/5"))
        repo.branch("ahead")
        repo.commit("move", {"data/rounds/3/5.yml": None, **round_("3/6", "Another title")})
        repo.checkout("main")
        assert findings(repo, SLUG) == []

    def test_fragments_of_one_round_that_record_the_same(self, repo: Repository) -> None:
        repo.commit("round", {"data/rounds/3/5/round.yml": "round: 5\nfocus: x\n"})
        one = {
            "data/rounds/3/5/a.yml": "decisions: [{id: hashing, title: Use argon2, context: So says the first of us}]\n"
        }
        other = {
            "data/rounds/3/5/b.yml": "decisions: [{id: hashing, title: Use argon2., rationale: [It is slow enough]}]\n"
        }
        apart(repo, one, other)
        assert findings(repo, SLUG) == []

    def test_other_ids(self, repo: Repository) -> None:
        repo.commit("before", round_("3/4", id_="before"))
        apart(repo, round_("3/5", id_="other"), round_("3/6"))
        assert judged(repo, SLUG) == []
        assert [one.id for one in book_of(repo).git_facts.elsewhere or ()] == ["other"]

    def test_waived(self, repo: Repository) -> None:
        waiver = "\nwaive: [{check: decision-duplicate, target: topic, reason: It will be dropped}]"
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6", more=waiver))
        assert [v.waived for v in judged(repo, SLUG)] == ["It will be dropped"]
        assert findings(repo, SLUG) == []

    def test_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        clone = repo.clone(tmp_path / "clone", depth=1)
        clone.git("fetch", "--quiet", "--depth=1", "origin", "topic:topic")
        assert [v.outcome for v in judged(clone, SLUG)] == ["not-checked"]

    def test_a_book_alone_asks_no_branch(self, repo: Repository) -> None:
        repo.commit("record", round_("3/5"))
        repo.git("branch", "old", "HEAD~1")
        book = book_of(repo)
        assert (book.git_facts.elsewhere, book.git_facts.unread) == ((), 0)


class TestReading:
    def test_broken_and_odd_files_of_branches(self, repo: Repository) -> None:
        odd: dict[str, Content] = {
            "data/rounds/3/a.yml": b"\xff\xfe decisions: [",
            "data/rounds/3/b.yml": "decisions: {id: hashing}\n",
            "data/rounds/3/c.yml": "decisions: [[x], {id: {a: b}, title: other}, '', {title: ''}]\n",
            "data/rounds/3/d.yml": "- decisions\n",
            "data/rounds/3/phase.yml": "decisions: [{id: hashing, title: of a phase}]\n",
            "data/rounds/e.yml": "decisions: [{id: hashing, title: misplaced}]\n",
            "data/rounds/3/.f.yml": "decisions: [{id: hashing, title: hidden}]\n",
            "data/rounds/3/g.txt": "decisions: [{id: hashing, title: text}]\n",
            "data/rounds/3/4/5/6.yml": "decisions: [{id: hashing, title: deep}]\n",
            "data/rounds/3/h\ni.yml": "decisions: [{id: HASHING, title: A name of two lines}]\n",
        }
        repo.branch("topic")
        repo.commit("odd", odd)
        repo.checkout("main")
        repo.commit("here", round_("3/6"))
        told = [result.evidence for result in judged(repo, SLUG)]
        assert len(told) == 2
        assert "A name of two lines" in told[0] + told[1]
        assert "of a phase" in told[0] + told[1]

    @pytest.mark.parametrize("name", ["-x", "a'b", "é", "x..y;z", "$(id)", "deadbeef", "HEAD1"])
    def test_odd_names_of_branches(self, repo: Repository, name: str) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        if ".." in name:
            name = name.replace("..", ",")
        repo.git("update-ref", f"refs/heads/{name}", "topic")
        assert name in judged(repo, SLUG)[0].evidence

    def test_a_name_that_is_not_text(self, repo: Repository) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        tip = repo.git("rev-parse", "topic")
        repo.git("branch", "-D", "topic")
        packed = repo.path / ".git/packed-refs"
        packed.write_bytes(
            b"# pack-refs with: peeled fully-peeled sorted \n" + tip.encode() + b" refs/heads/b\xff\xe9\n"
        )
        assert "b\\xff\\xe9" in judged(repo, SLUG)[0].evidence

    def test_more_branches_than_are_read(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(questions, "MOST_TIPS", 1)
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        repo.git("branch", "zz", "topic")
        told = {v.outcome: v.evidence for v in judged(repo, SLUG)}
        assert told["not-checked"] == "1 branch was not read"
        assert "on branch topic" in told["contradicted"]

    def test_the_number_of_processes_does_not_grow(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        apart(repo, round_("3/5", "Cache hashes"), round_("3/6"))
        started: list[tuple[str, ...]] = []
        command = process.Git._command

        def watched(self: process.Git, words: tuple[str, ...]) -> list[str]:
            started.append(words)
            return command(self, words)

        monkeypatch.setattr(process.Git, "_command", watched)
        book_of(repo)
        few = len(started)
        for n in range(12):
            repo.branch(f"topic{n}", "topic")
            repo.commit("there", round_(f"3/{n + 10}", f"Title {n}", f"other{n}"))
        repo.checkout("main")
        started.clear()
        assert len(book_of(repo).git_facts.elsewhere or ()) == 13
        assert len(started) == few


class TestFreeSlugs:
    def test_the_ids_of_branches_are_taken(self, repo: Repository) -> None:
        apart(repo, round_("3/5", id_="Cache"), round_("3/6"))
        used = book_of(repo).decision_ids
        assert used == {"cache", "hashing"}
        assert [free(stem, used) for stem in ("cache", "Hashing", "new")] == ["cache-2", "Hashing-2", "new"]
