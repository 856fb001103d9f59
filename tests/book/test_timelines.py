"""Tests of timelines: when each entry took which status, by which commit."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.model import Book
from roundbook.book.timeline import timelines
from roundbook.errors import RoundbookError
from roundbook.git import repository
from roundbook.project import load
from roundbook.rounds import versions
from roundbook.rounds.versions import Timeline, Timelines
from roundbook.site.links import Here
from roundbook.site.pages import pages
from roundbook.site.registry import show

LONG = "".join(f"  - note number {i} says something of its own\n" for i in range(20))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "project")


def file(status: str = "", more: str = "", key: str = "3/4", title: str = "Use WASM", notes: str = "") -> str:
    """Return a round file with one decision."""
    phase, _, number = key.partition("/")
    line = f"    status: {status}\n" if status else ""
    own = f"  - title: {title}\n{line}" if title else ""
    notes = f"notes:\n{notes}" if notes else ""
    return f"round: {number}\nphase: {phase}\nfocus: work\n{more}{notes}" + (f"decisions:\n{own}" if own else "")


def put(repo: Repository, message: str, text: str | None, path: str = "3/4.yml") -> str:
    return repo.commit(message, {f"data/rounds/{path}": text})


def timeline(book: Book, kind: str, name: str) -> Timeline:
    found = book.timelines.of(kind, name)
    assert found, {k: list(v) for k, v in book.timelines.by_kind.items() if v}
    return found


def told(book: Book, kind: str, name: str) -> list[tuple[str, str]]:
    """Return the steps of a thing as (status, subject of the commit)."""
    steps = timeline(book, kind, name).steps
    return [(s.status, commit.subject if (commit := book.commit(s.commit)) else "?") for s in steps]


class TestADecision:
    def test_that_changed_over_five_commits_shows_its_five_states(self, repo: Repository) -> None:
        for i, status in enumerate(("draft", "proposed", "accepted", "deprecated", "rejected")):
            put(repo, f"c{i}", file(status))
            repo.commit(f"code {i}", {"a.txt": str(i)})
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [
            ("draft", "c0"), ("proposed", "c1"), ("accepted", "c2"), ("deprecated", "c3"), ("rejected", "c4"),
        ]  # fmt: skip
        assert timeline(book, "decision", "use-wasm").recorded
        assert all(step.exact for step in timeline(book, "decision", "use-wasm").steps)

    def test_taken_back_and_again_has_three_steps(self, repo: Repository) -> None:
        for name, status in (("a", "proposed"), ("b", "accepted"), ("c", "proposed")):
            put(repo, name, file(status))
        assert told(load(repo.path), "decision", "use-wasm") == [
            ("proposed", "a"),
            ("accepted", "b"),
            ("proposed", "c"),
        ]

    def test_without_a_status_follows_its_round(self, repo: Repository) -> None:
        put(repo, "open", file())
        put(repo, "close", file(more="status: complete\n"))
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "open"), ("accepted", "close")]
        assert timeline(book, "decision", "use-wasm").steps[1].reason == "round 3/4 is closed"

    def test_is_superseded_at_the_commit_that_accepts_its_successor(self, repo: Repository) -> None:
        put(repo, "old", file("accepted"))
        new = "    supersedes: 3/4#use-wasm\n"
        put(repo, "proposes", file("proposed", key="3/5", title="Use JS") + new, "3/5.yml")
        put(repo, "accepts", file("accepted", key="3/5", title="Use JS") + new, "3/5.yml")
        put(repo, "takes back", file("rejected", key="3/5", title="Use JS") + new, "3/5.yml")
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [
            ("accepted", "old"), ("superseded", "accepts"), ("accepted", "takes back"),
        ]  # fmt: skip
        assert timeline(book, "decision", "use-wasm").steps[1].reason == "replaced by use-js"
        assert timeline(book, "decision", "use-wasm").status == book.decisions["use-wasm"].status

    def test_of_another_title_is_the_same_when_it_alone_changed(self, repo: Repository) -> None:
        put(repo, "old words", file("proposed"))
        put(repo, "new words", file("proposed", title="Use WASM here"))
        put(repo, "accepts", file("accepted", title="Use WASM here"))
        book = load(repo.path)
        assert told(book, "decision", "use-wasm-here") == [("proposed", "old words"), ("accepted", "accepts")]
        assert book.timelines.of("decision", "use-wasm") is None

    def test_of_another_id_and_title_is_another(self, repo: Repository) -> None:
        put(repo, "one", file("proposed") + "    id: one\n")
        put(repo, "two", file("accepted", title="Use JS") + "    id: two\n")
        book = load(repo.path)
        assert told(book, "decision", "one") == [("proposed", "one"), ("removed", "two")]
        assert told(book, "decision", "two") == [("accepted", "two")]

    def test_that_moves_to_another_round_keeps_its_life(self, repo: Repository) -> None:
        put(repo, "begins", file("proposed"))
        put(repo, "other round", file(key="3/5", title="Use JS"), "3/5.yml")
        both = file("accepted", key="3/5") + "  - title: Use JS\n"
        repo.commit("moves", {"data/rounds/3/4.yml": file(title=""), "data/rounds/3/5.yml": both})
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "begins"), ("accepted", "moves")]
        assert told(book, "decision", "use-js") == [("proposed", "other round")]
        assert timeline(book, "decision", "use-wasm").round == "3/5"

    def test_that_is_gone_and_comes_back_says_both(self, repo: Repository) -> None:
        put(repo, "a", file("accepted"))
        put(repo, "takes out", file(title=""))
        put(repo, "brings back", file("accepted"))
        assert told(load(repo.path), "decision", "use-wasm") == [
            ("accepted", "a"), ("removed", "takes out"), ("accepted", "brings back"),
        ]  # fmt: skip

    def test_with_a_status_that_is_none_keeps_the_word(self, repo: Repository) -> None:
        put(repo, "odd", file("Maybe"))
        put(repo, "mended", file("accepted"))
        assert told(load(repo.path), "decision", "use-wasm") == [("maybe", "odd"), ("accepted", "mended")]


class TestARound:
    def test_has_a_status_by_its_agents_and_by_its_file(self, repo: Repository) -> None:
        put(repo, "a", file(more="agents: [{name: Ada, status: wip}, {name: Bo, status: planned}]\n"))
        put(repo, "b", file(more="agents: [{name: Ada, status: done}, {name: Bo, status: done}]\n"))
        put(repo, "c", file(more="status: PARTIAL\nagents: [{name: Ada, status: done}, {name: Bo, status: odd}]\n"))
        put(repo, "d", file(more="status: fini\nagents: [{name: Ada, status: done}]\n"))
        repo.commit("words", {"data/roundbook.yml": "status-words: {fini: done}\n"})
        book = load(repo.path)
        assert told(book, "round", "3/4") == [("in-progress", "a"), ("done", "b"), ("partial", "c"), ("done", "d")]
        assert told(book, "agent", "3/4#agent-ada") == [("in-progress", "a"), ("done", "b")]
        assert told(book, "agent", "3/4#agent-bo")[-2:] == [("odd", "c"), ("removed", "d")]
        assert [one.id for one in book.timelines.inside["3/4"]] == [
            "use-wasm", "3/4#agent-ada", "3/4#agent-bo",
        ]  # fmt: skip

    def test_names_its_things_as_their_anchors_on_the_page(self, repo: Repository) -> None:
        lists = "agents: [Ada, {name: Ada}, {id: T-1, name: x, status: done}]\n"
        put(repo, "a", file(more=lists))
        put(repo, "b", file(more=lists.replace("{name: Ada}", "{name: Ada, status: done}")))
        book = load(repo.path)
        ids = {one for lives_ in book.timelines.by_kind.values() for one in lives_}
        assert ids >= {"3/4#agent-ada-2", "3/4#agent-T-1"}
        assert all(one.partition("#")[2] in book.entries["3/4"].anchors.values() for one in ids if "#" in one)
        assert told(book, "agent", "3/4#agent-ada-2") == [("", "a"), ("done", "b")]

    def test_follows_no_agent_through_another_name(self, repo: Repository) -> None:
        put(repo, "a", file(more="agents: [{name: Ada, status: wip}]\n"))
        put(repo, "b", file(more="agents: [{name: Bo, status: done}]\n"))
        assert told(load(repo.path), "agent", "3/4#agent-ada") == [("in-progress", "a"), ("removed", "b")]

    def test_follows_an_entry_of_the_changelog_through_other_words(self, repo: Repository) -> None:
        put(repo, "a", file(more="changes: [{text: Ship the first site}]\n"))
        put(repo, "b", file(more="changes: [{text: Ship the site}]\n"))
        put(repo, "c", file(more="changes: [{text: Rest}]\n"))
        book = load(repo.path)
        assert told(book, "change", "3/4#change-ship-the-site") == [("recorded", "a"), ("removed", "c")]
        assert told(book, "change", "3/4#change-rest") == [("recorded", "c")]

    def test_counts_goals_and_tasks_but_has_no_timeline_of_them(self, repo: Repository) -> None:
        put(repo, "a", file(more="goals: [{title: Ship, status: wip}]\ntasks: [{title: x, status: done}]\n"))
        put(repo, "b", file(more="goals: [{title: Ship, status: done}]\ntasks: [{title: x, status: done}]\n"))
        book = load(repo.path)
        assert told(book, "round", "3/4") == [("in-progress", "a"), ("done", "b")]
        assert {kind for kind, lives_ in book.timelines.by_kind.items() if lives_} == {"round", "decision"}

    def test_that_moved_keeps_its_history(self, repo: Repository) -> None:
        put(repo, "a", file("proposed", "agents: [{name: Ada, status: wip}]\n", "3/4"))
        text = (repo.path / "data/rounds/3/4.yml").read_text()
        repo.commit("moves", {"data/rounds/3/4.yml": None, "data/rounds/4/1.yml": text})
        put(repo, "b", file("accepted", "agents: [{name: Ada, status: done}]\n", "4/1"), "4/1.yml")
        book = load(repo.path)
        assert told(book, "round", "4/1") == [("in-progress", "a"), ("done", "b")]
        assert told(book, "agent", "4/1#agent-ada") == [("in-progress", "a"), ("done", "b")]
        assert [book.history.by_id[e.commit].subject for e in book.timelines.edits["4/1"]] == ["a", "moves", "b"]
        assert book.timelines.of("round", "3/4") is None

    def test_that_moved_with_edits_keeps_its_history(self, repo: Repository) -> None:
        put(repo, "a", file(more="status: planned\n", notes=LONG))
        moved = file(more="status: done\n", key="3/5", notes=LONG)
        other = file(more="status: done\n", key="3/6", notes="  - nothing of it\n" * 30, title="Other")
        repo.commit("moves", {"data/rounds/3/4.yml": None, "data/rounds/3/5.yml": moved, "data/rounds/3/6.yml": other})
        book = load(repo.path)
        assert told(book, "round", "3/5") == [("planned", "a"), ("done", "moves")]
        assert told(book, "round", "3/6") == [("done", "moves")]

    def test_that_has_little_of_one_that_went_is_another(self, repo: Repository) -> None:
        put(repo, "a", file(more="status: planned\n", notes=LONG))
        other = file(more="status: done\n", key="3/5", title="Other", notes=LONG.replace("something", "else"))
        repo.commit("other", {"data/rounds/3/4.yml": None, "data/rounds/3/5.yml": other})
        book = load(repo.path)
        assert told(book, "round", "3/4") == [("planned", "a"), ("removed", "other")]
        assert told(book, "round", "3/5") == [("done", "other")]

    def test_whose_id_was_taken_again_is_another(self, repo: Repository) -> None:
        put(repo, "a", file(more="status: planned\n", notes=LONG, title=""))
        repo.git("mv", "data/rounds/3/4.yml", "data/rounds/3/5.yml")
        put(repo, "moves", file(more="status: planned\n", notes=LONG, key="3/5", title=""), "3/5.yml")
        put(repo, "new", file(more="status: blocked\n", title=""))
        book = load(repo.path)
        assert told(book, "round", "3/5") == [("planned", "a")]
        assert told(book, "round", "3/4") == [("blocked", "new")]

    def test_that_became_a_folder_is_the_same(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        parts = {"a": "round: 4\nfocus: work\nstatus: done\n", "b": "decisions:\n  - title: Use WASM\n"}
        files = {f"data/rounds/3/4/{name}.yml": text for name, text in parts.items()}
        repo.commit("parts it", {"data/rounds/3/4.yml": None, **files})
        book = load(repo.path)
        assert told(book, "round", "3/4") == [("", "a"), ("done", "parts it")]
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "parts it")]
        assert len(book.timelines.edits["3/4"]) == 2

    def test_a_version_that_cannot_be_read_takes_nothing_out(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        put(repo, "broken", "round: [4\n  : {")
        put(repo, "still", "")
        put(repo, "b", file("accepted"))
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "b")]
        assert not timeline(book, "decision", "use-wasm").steps[1].exact
        assert [edit.readable for edit in book.timelines.edits["3/4"]] == [True, False, False, True]

    def test_a_version_that_is_too_large_is_passed_over(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        put(repo, "large", file("rejected") + "#" * (5 * 1024 * 1024))
        put(repo, "b", file("accepted"))
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "b")]
        assert [edit.readable for edit in book.timelines.edits["3/4"]] == [True, False, True]

    def test_an_unreadable_first_version_recorded_nothing_known(self, repo: Repository) -> None:
        put(repo, "broken", "round: [4\n  : {")
        put(repo, "a", file("proposed"))
        assert not timeline(load(repo.path), "decision", "use-wasm").recorded


class TestBranches:
    def test_a_merge_that_brings_nothing_new_is_no_step(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        repo.branch("topic")
        put(repo, "b", file("accepted"))
        repo.checkout("main")
        repo.commit("code", {"a.txt": "1"})
        repo.merge("topic")
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "b")]
        assert [book.history.by_id[e.commit].subject for e in book.timelines.edits["3/4"]] == ["a", "b"]

    def test_versions_on_both_sides_do_not_undo_each_other(self, repo: Repository) -> None:
        put(repo, "a", file("proposed", notes=LONG))
        repo.branch("topic")
        put(repo, "accepts", file("accepted", notes=LONG))
        repo.checkout("main")
        put(repo, "blocks", file("proposed", "status: blocked\n", notes=LONG))
        merged = repo.merge("topic")
        put(repo, "ends", file("deprecated", "status: blocked\n", notes=LONG))
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [
            ("proposed", "a"),
            ("accepted", "accepts"),
            ("deprecated", "ends"),
        ]
        assert told(book, "round", "3/4") == [("", "a"), ("blocked", "blocks")]
        assert merged in [edit.commit for edit in book.timelines.edits["3/4"]], "its content is that of neither side"

    def test_a_merge_of_two_lines_that_agree_is_no_step(self, repo: Repository) -> None:
        put(repo, "a", file("proposed", "tags: [x]\n", notes=LONG))
        repo.branch("old")
        repo.branch("older")
        put(repo, "tags", file("proposed", "tags: [y]\n", notes=LONG))
        repo.checkout("main")
        put(repo, "accepts", file("accepted", "tags: [x]\n", notes=LONG))
        repo.checkout("old")
        put(repo, "more", file("proposed", "tags: [x]\n", notes=LONG + "  - more\n"))
        repo.merge("older")
        repo.checkout("main")
        repo.merge("old")
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "accepts")]
        assert len(book.timelines.edits["3/4"]) == 6

    def test_a_merge_that_chooses_says_so(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        repo.branch("topic")
        put(repo, "accepts", file("accepted"))
        repo.checkout("main")
        put(repo, "rejects", file("rejected"))
        topic = repo.git("rev-parse", "topic")
        main = repo.head
        repo.commit("chooses", {"data/rounds/3/4.yml": file("accepted")}, parents=[main, topic])
        book = load(repo.path)
        assert told(book, "decision", "use-wasm")[-1][0] == "accepted"
        assert timeline(book, "decision", "use-wasm").status == book.decisions["use-wasm"].status

    def test_a_merge_that_says_what_no_parent_said_is_a_step(self, repo: Repository) -> None:
        put(repo, "a", file("proposed"))
        repo.branch("topic")
        put(repo, "accepts", file("accepted"))
        repo.checkout("main")
        main, topic = repo.head, repo.git("rev-parse", "topic")
        put(repo, "evil", file("rejected"))
        repo.git("reset", "--quiet", "--hard", main)
        repo.commit("evil", {"data/rounds/3/4.yml": file("rejected")}, parents=[main, topic])
        assert told(load(repo.path), "decision", "use-wasm")[-1] == ("rejected", "evil")

    def test_a_round_that_moved_on_one_side_is_followed_from_the_other(self, repo: Repository) -> None:
        put(repo, "a", file("proposed", notes=LONG))
        repo.branch("topic")
        put(repo, "accepts", file("accepted", notes=LONG))
        repo.checkout("main")
        moved = file("proposed", notes=LONG, key="3/5")
        repo.commit("moves", {"data/rounds/3/4.yml": None, "data/rounds/3/5.yml": moved})
        topic, main = repo.git("rev-parse", "topic"), repo.head
        repo.commit("merges", {"data/rounds/3/5.yml": file("accepted", notes=LONG, key="3/5")}, parents=[main, topic])
        book = load(repo.path)
        assert told(book, "decision", "use-wasm") == [("proposed", "a"), ("accepted", "accepts")]
        assert list(book.timelines.by_kind["round"]) == []


class TestWhatIsMissing:
    def test_a_shallow_clone_claims_no_beginning(self, repo: Repository, tmp_path: Path) -> None:
        put(repo, "a", file("draft", "status: planned\n"))
        put(repo, "untouched", file("accepted", key="3/5", title="Use JS"), "3/5.yml")
        put(repo, "b", file("proposed", "status: planned\n"))
        put(repo, "c", file("accepted", "status: planned\n"))
        put(repo, "new", file("accepted", key="3/6", title="New"), "3/6.yml")
        book = load(repo.clone(tmp_path / "clone", depth=3).path)
        assert not book.timelines.whole
        assert told(book, "decision", "use-wasm") == [("proposed", "b"), ("accepted", "c")]
        assert [s.exact for s in timeline(book, "decision", "use-wasm").steps] == [False, True]
        assert not any(one.recorded for lives_ in book.timelines.by_kind.values() for one in lives_.values())
        assert told(book, "decision", "use-js") == [("accepted", "new")]
        assert not timeline(book, "decision", "use-js").steps[0].exact
        assert {(t.timeline.id, t.step.status) for t in book.timelines.feed} == {("use-wasm", "accepted")}

    def test_a_clone_of_one_commit_knows_how_things_stand(self, repo: Repository, tmp_path: Path) -> None:
        put(repo, "a", file("proposed"))
        put(repo, "b", file("accepted"))
        book = load(repo.clone(tmp_path / "clone", depth=1).path)
        assert [s.status for s in timeline(book, "decision", "use-wasm").steps] == ["accepted"]
        assert book.timelines.feed == ()
        assert book.timelines.edits == {}

    def test_a_clone_without_the_files_claims_nothing(self, repo: Repository, tmp_path: Path) -> None:
        put(repo, "a", file("proposed"))
        put(repo, "b", file("accepted"))
        book = load(repo.clone(tmp_path / "clone", filter="blob:none").path)
        found = timeline(book, "decision", "use-wasm")
        assert [s.status for s in found.steps] == ["accepted"], "what the checkout fetched"
        assert not found.recorded
        assert not found.steps[0].exact

    def test_no_data_file_asks_git_nothing(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.commit("code", {"a.txt": "1", "data/rounds/phase.yml": "x", "data/rounds/3/.4.yml": "x"})
        history = repository.read(repo.path)
        monkeypatch.setattr("roundbook.git.process.Git.stream", None)
        assert versions.read(repo.path, history) == ()
        assert timelines((), history, {}).by_kind == {}

    def test_a_project_in_a_folder_has_its_own_files_only(self, repo: Repository) -> None:
        repo.commit("a", {"sub/data/rounds/3/4.yml": file("accepted"), "data/rounds/3/4.yml": file("rejected")})
        assert told(load(repo.path / "sub"), "decision", "use-wasm") == [("accepted", "a")]


class TestMetrics:
    def test_a_value_knows_the_commit_that_set_it(self, repo: Repository) -> None:
        put(repo, "first", file(more="metrics: {tests: 5, lines: {after: 7}}\n"))
        second = put(repo, "second", file(more="metrics: {tests: 6, lines: {value: 7}}\n"))
        put(repo, "third", file(more="status: done\nmetrics: {tests: {after: 6}, lines: {after: 7}}\n"))
        book = load(repo.path)
        assert book.timelines.values["3/4", "tests"] == ("6", second)
        first = book.timelines.edits["3/4"][0].commit
        assert book.timelines.values["3/4", "lines"] == ("7", first)


def test_a_pull_request_is_known_where_its_merge_tells(repo: Repository) -> None:
    put(repo, "a", file("proposed"))
    put(repo, "feat: accept it (#12)", file("accepted"))
    assert [s.pull_request for s in timeline(load(repo.path), "decision", "use-wasm").steps] == [None, 12]


def test_the_feed_is_newest_first_and_leaves_out_what_came_with_its_round(repo: Repository) -> None:
    put(repo, "a", file("proposed", "agents: [{name: Ada, status: wip}]\n"))
    put(repo, "b", file("accepted", "agents: [{name: Ada, status: done}]\n"))
    feed = load(repo.path).timelines.feed
    assert [(t.timeline.kind, t.before, t.step.status) for t in feed] == [
        ("round", "in-progress", "done"),
        ("decision", "proposed", "accepted"),
        ("agent", "in-progress", "done"),
        ("round", "", "in-progress"),
        ("decision", "", "proposed"),
    ]


class TestPages:
    def page(self, repo: Repository, uri: str) -> str:
        """Return the text of a page without its tags."""
        text = next(page.text for page in pages(load(repo.path)) if page.uri == uri)
        return " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())

    def dated(self, repo: Repository, day: str, text: str) -> None:
        repo.commit(day, {"data/rounds/3/4.yml": text}, date=f"{day}T12:00:00+00:00")

    def test_a_timeline_counts_the_days(self, repo: Repository) -> None:
        self.dated(repo, "2026-02-26", file("proposed") + "    date: 2026-02-17\n")
        self.dated(repo, "2026-03-02", file("accepted") + "    date: 2026-02-17\n")
        said = self.page(repo, "decisions/use-wasm.md")
        assert "Decided 2026-02-17, recorded 9 days later. Accepted 4 days after it was recorded." in said
        assert "◐ proposed recorded" in said

    def test_a_timeline_of_one_day_says_so(self, repo: Repository) -> None:
        self.dated(repo, "2026-02-26", file("proposed") + "    date: 2026-02-26\n")
        repo.commit("again", {"data/rounds/3/4.yml": file("accepted") + "    date: 2026-02-26\n"},
                    date="2026-02-26T13:00:00+00:00")  # fmt: skip
        said = self.page(repo, "decisions/use-wasm.md")
        assert "Decided 2026-02-26, recorded the same day. Accepted the same day." in said

    def test_what_is_not_committed_is_not_said_to_be(self, repo: Repository) -> None:
        put(repo, "a", file("proposed", "metrics: {tests: 5}\n"))
        repo.write({"data/rounds/3/4.yml": file("accepted", "metrics: {tests: 6}\n")})
        assert "Now ✓ accepted as written; no known commit recorded that." in self.page(repo, "decisions/use-wasm.md")
        assert "set in" not in self.page(repo, "rounds/3/4.md")

    def test_a_cut_history_says_where_it_begins(self, repo: Repository, tmp_path: Path) -> None:
        put(repo, "a", file("proposed", "date: 2026-01-01\n"))
        second = put(repo, "b", file("accepted", "date: 2026-01-01\n"))
        clone = repo.clone(tmp_path / "clone", depth=1)
        said = self.page(clone, "decisions/use-wasm.md")
        assert f"History incomplete. The known history begins at {second[:7]}" in said
        assert "recorded" not in said
        assert "Last edited" not in self.page(clone, "rounds/3/4.md")

    def test_a_round_says_who_edited_it_and_what_changed_in_it(self, repo: Repository) -> None:
        put(repo, "a", file(more="agents: [{name: Ada, status: wip}]\n"))
        last = put(repo, "b", file(more="agents: [{name: Ada, status: done}]\n"))
        said = self.page(repo, "rounds/3/4.md")
        assert f"Last edited by Ada Lovelace in {last[:7]} on 2026-01-01 · 2 versions" in said
        assert "Status history" in said
        assert re.search(r"agent Ada : ◐ in progress \w{7} → ✓ done \w{7}", said)

    def test_activity_says_what_a_commit_did_in_a_line_and_the_author_of_a_day_once(self, repo: Repository) -> None:
        agents = "agents: [{name: Ada, status: planned}, {name: Bo, status: planned}]\n"
        put(repo, "a", file("draft", more=agents))
        put(repo, "b", file("accepted", more=agents.replace("planned", "done")))
        repo.commit(
            "c",
            {"data/rounds/3/4.yml": file("rejected", more=agents.replace("planned", "done"))},
            author="Bo <bo@x.org>",
        )
        said = self.page(repo, "activity/index.md")
        assert "Completed round 3/4 , accepted Use WASM , marked 2 agents done" in said
        assert "Rejected Use WASM in 3/4 Bo (was accepted)" in said
        assert "○ planned → ✓ done agent Ada 3/4" in said  # below the line

    def test_the_feed_is_bounded_and_says_what_is_left(self, repo: Repository) -> None:
        for status in ("draft", "proposed", "accepted"):
            put(repo, status, file(status))
        book = load(repo.path)
        shown = str(show("round_activity", book, Here("index.md"), limit=2))
        assert shown.count("<li>") == 2
        assert ">1 more entry<" in shown
        assert "No status changes" in show("round_activity", replace(book, timelines=Timelines()), Here("index.md"))
        assert show("round_activity", book, Here("index.md"), phase="3").count("<li>") == 3
        with pytest.raises(RoundbookError):
            show("round_activity", book, Here("index.md"), phase="9")
