"""Tests of the checks of paths: a path is missing only if it really is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from checks.history import data, findings, judged, only, said
from repository import Repository
from roundbook.book.ancestry import newest_first
from roundbook.book.paths import PathIndex
from roundbook.git.history import Commit, History, PathChange, Person
from roundbook.project import load
from roundbook.schema.dates import Moment

DAY = dt.timedelta(days=1)
BO = Person("Bo", "bo@example.org")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def index(*changes: list[tuple[str, str]], tree: set[str], prefix: str = "", **roots: str) -> PathIndex:
    """Return the index of a line of commits, oldest first, each with its changes; commit 1 has the id `0001…`."""
    commits = []
    for number, own in enumerate(changes, 1):
        parents = (f"{number - 1:04}" * 10,) if number > 1 else ()
        changed = tuple(PathChange(*change) for change in own)
        moment = Moment(1_767_265_200 + number)
        commits.append(Commit(f"{number:04}" * 10, parents, BO, BO, moment, moment, "work", changed))
    history = History(head=commits[-1].id, prefix=prefix, commits=tuple(reversed(commits)), tree=frozenset(tree))
    return PathIndex.of(history, roots)


def one(number: int) -> str:
    return f"{number:04}" * 10


class TestPathIndex:
    def test_the_order_of_resolution(self) -> None:
        tree = {"a.txt", "new/b.txt", "deep/down/c.txt", "x/mod.rs", "y/mod.rs", "to/d.txt", "z/to/d.txt"}
        got = index(
            [("A", "a.txt"), ("A", "from/d.txt"), ("A", "old/gone.txt")],
            [("D", "from/d.txt"), ("A", "to/d.txt"), ("D", "old/gone.txt")],
            tree=tree,
            old="new",
        )
        found = {
            name: (got.resolve(name).how, got.resolve(name).path)
            for name in ("a.txt", "./a.txt", "old/b.txt", "c.txt", "down/c.txt", "from/d.txt", "old/gone.txt", "no.txt")
        }
        assert found == {
            "a.txt": ("exact", "a.txt"),
            "./a.txt": ("exact", "a.txt"),
            "old/b.txt": ("root", "new/b.txt"),
            "c.txt": ("suffix", "deep/down/c.txt"),
            "down/c.txt": ("suffix", "deep/down/c.txt"),
            "from/d.txt": ("rename", "to/d.txt"),
            "old/gone.txt": ("gone", "old/gone.txt"),
            "no.txt": ("never", ""),
        }
        assert got.resolve("mod.rs").others == ("x/mod.rs", "y/mod.rs")
        assert got.resolve("from/d.txt").commit == one(2)
        assert got.resolve("gone.txt").path == "old/gone.txt"

    def test_folders_globs_and_lines_are_found(self) -> None:
        got = index([("A", "src/app/[id]/page.tsx"), ("A", "src/lib.rs")], tree={"src/app/[id]/page.tsx", "src/lib.rs"})
        for written in ("src", "src/", "src/app/[id]/page.tsx", "src/lib.rs:12", "src/*.rs", "**/page.tsx", "."):
            assert got.resolve(written).how == "exact", written
        assert got.resolve("app").path == "src/app"
        assert got.resolve("*.py").how == "never"
        assert got.resolve("lib.*").how == "suffix"

    def test_a_glob_of_what_is_gone(self) -> None:
        got = index([("A", "a/x.py"), ("A", "b")], [("D", "a/x.py")], tree={"b"})
        assert got.resolve("a/*.py").how == "gone"
        assert got.resolve("a").how == "gone"
        assert got.trace("a") == (one(1), one(2), one(2))

    def test_what_is_outside_is_not_missing(self) -> None:
        got = index([("A", "vendor/lib")], tree={"vendor/lib"})
        for written in ("https://example.org/a.txt", "~/notes.md", "/etc/hosts", "../other/a.txt", "C:\\a.txt"):
            assert got.resolve(written).how == "outside", written
        assert got.resolve("vendor/lib/src/a.c").how == "behind"  # a submodule, or a link

    def test_the_project_in_a_folder_comes_first(self) -> None:
        got = index(
            [("A", "a.txt"), ("A", "sub/a.txt"), ("A", "top.txt")],
            tree={"a.txt", "sub/a.txt", "top.txt"},
            prefix="sub/",
        )
        assert got.resolve("a.txt").path == "sub/a.txt"
        assert got.resolve("top.txt") == got.resolve("../top.txt")
        assert got.resolve("top.txt").how == "exact"

    def test_a_move_is_certain_only_for_one_of_a_name(self) -> None:
        moves = [("D", "a/mod.rs"), ("D", "b/mod.rs"), ("A", "c/mod.rs"), ("A", "d/mod.rs")]
        got = index([("A", "a/mod.rs"), ("A", "b/mod.rs")], moves, tree={"c/mod.rs", "d/mod.rs"})
        assert got.resolve("a/mod.rs").how == "gone"
        assert got.first_added("c/mod.rs") is None

    def test_moves_are_followed_and_may_go_round(self) -> None:
        got = index(
            [("A", "a/f")],
            [("D", "a/f"), ("A", "b/f")],
            [("D", "b/f"), ("A", "c/f")],
            [("A", "d/f")],
            [("A", "a/g")],
            [("D", "a/g"), ("A", "b/g")],
            [("D", "b/g"), ("A", "a/g")],
            [("D", "a/g")],
            tree={"c/f", "d/f"},
        )
        assert (got.resolve("a/f").path, got.resolve("a/f").commit) == ("c/f", one(3))
        assert got.first_added("c/f") == one(1)
        assert got.resolve("a/g").how == "gone"
        assert got.first_added("a/g") == one(5)

    def test_a_merge_is_not_the_author(self, repo: Repository) -> None:
        r"""The file came on the branch.

        1---M   main
         \ /
          2     topic: adds a.txt
        """
        repo.commit("begin", {"b.txt": "1"})
        repo.branch("topic")
        side = repo.commit("work", {"a.txt": "1", **data("3/4", "deliverables: [{paths: a.txt}]")})
        repo.checkout("main")
        repo.merge("topic")
        result = only(repo, "path-missing")
        assert (result.evidence, result.commit) == (f"added by {side[:7]} on 2026-01-01", side)


class TestPathMissing:
    TEXT = """
        deliverables:
          - title: The script
            paths: [bin/run.sh, src/lib.rs]
        agents:
          - name: Docs
            deliverables: [{paths: docs/a.md}]
        files:
          created: [src/lib.rs]
          modified: none/never.rs
          deleted: [old.txt, src/lib.rs]
        """

    def test_what_holds_and_what_does_not(self, repo: Repository) -> None:
        first = repo.commit("begin", {"src/lib.rs": "1", "docs/a.md": "1", "old.txt": "1"})
        repo.commit("work", {"src/lib.rs": "2", "old.txt": None, **data("3/4", self.TEXT)})
        found = [(v.claim, v.outcome, v.anchor) for v in judged(repo, "path-missing")]
        assert found == [
            ("path bin/run.sh", "contradicted", "deliverable-the-script"),
            ("src/lib.rs exists", "verified", "deliverable-the-script"),
            ("docs/a.md exists", "verified", "agent-docs"),
            ("src/lib.rs exists", "verified", "files"),
            ("path none/never.rs", "contradicted", "files"),
            ("old.txt was deleted", "verified", "files"),
            ("src/lib.rs was deleted", "contradicted", "files"),
        ]
        lib, gone = judged(repo, "path-missing")[1], judged(repo, "path-missing")[5]
        assert lib.evidence == f"added by {first[:7]} on 2026-01-01, last touched by {repo.head[:7]}"
        assert lib.commit == first
        assert gone.commit == repo.head
        assert findings(repo, "path-missing")[0] == (
            "data/rounds/3/4.yml:7:13: warning path-missing: path bin/run.sh: no commit ever had it; "
            "correct the path, or waive it with the reason"
        )

    def test_what_was_there_when_the_round_closed_holds(self, repo: Repository) -> None:
        added = repo.commit("work", {"a.sh": "1", **data("3/4", "status: done\ndeliverables: [{paths: a.sh}]")})
        removed = repo.commit("clean", {"a.sh": None})
        result = only(repo, "path-missing")
        assert (result.outcome, result.commit) == ("verified", added)
        assert result.evidence == (
            f"it was there at {added[:7]}, the round's last commit; "
            f"added by {added[:7]} on 2026-01-01, removed by {removed[:7]} on 2026-01-01 since"
        )

    def test_what_an_open_round_names_and_is_gone(self, repo: Repository) -> None:
        repo.commit("work", {"a.sh": "1", **data("3/4", "status: in-progress\ndeliverables: [{paths: a.sh}]")})
        removed = repo.commit("clean", {"a.sh": None})
        result = only(repo, "path-missing")
        assert (result.outcome, result.commit) == ("contradicted", removed)
        assert "removed by" in result.evidence

    def test_what_was_deleted_and_came_back(self, repo: Repository) -> None:
        repo.commit("begin", {"a.sh": "1"})
        repo.commit("work", {"a.sh": None, **data("3/4", "status: done\nfiles: {deleted: a.sh}")})
        repo.commit("again", {"a.sh": "2"})
        result = only(repo, "path-missing")
        assert result.outcome == "verified"
        assert "it came back later" in result.evidence

    @pytest.mark.parametrize("status", ["planned", "deferred", "dropped", "blocked", "in-progress"])
    def test_what_is_not_said_to_be_there_is_not_missing(self, repo: Repository, status: str) -> None:
        repo.commit("work", data("3/4", f"deliverables: [{{paths: a.sh, status: {status}}}]"))
        assert only(repo, "path-missing").outcome == "not-checked"

    def test_an_end_of_several_paths_is_not_missing(self, repo: Repository) -> None:
        files = {"x/mod.rs": "1", "y/mod.rs": "2"}
        repo.commit("work", {**files, **data("3/4", "deliverables: [{paths: mod.rs}]")})
        assert only(repo, "path-missing").evidence == "it may be any of 2: x/mod.rs, y/mod.rs"
        assert findings(repo, "path-missing") == []

    def test_paths_of_another_repository_are_not_checked(self, repo: Repository) -> None:
        text = "repository: other\ndeliverables: [{paths: [a.sh, b.sh]}]"
        repo.commit("work", data("3/4", text, repositories="{here: {}, other: {}}"))
        result = only(repo, "path-missing")
        assert (result.outcome, result.evidence) == ("not-checked", "its history is in another repository")
        assert judged(repo, "path-moved") == judged(repo, "path-outside-round") == []

    def test_a_waiver_keeps_it_silent(self, repo: Repository) -> None:
        waiver = "waive: [{check: path-missing, target: a.sh, reason: It is built}]"
        repo.commit("work", data("3/4", f"deliverables: [{{paths: [a.sh, b.sh]}}]\n{waiver}"))
        assert [v.waived for v in judged(repo, "path-missing")] == ["It is built", ""]
        assert len(findings(repo, "path-missing")) == 1

    def test_a_shallow_clone_says_nothing_of_absence(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("begin", {"old.txt": "1", "a.sh": "1"})
        repo.commit("clean", {"old.txt": None})
        text = "deliverables: [{paths: [a.sh, old.txt, never.txt]}]\nfiles: {deleted: old.txt}"
        repo.commit("work", data("3/4", text))
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert said(clone, "path-missing") == {
            "a.sh exists": "verified",
            "old.txt exists": "not-checked",
            "never.txt exists": "not-checked",
            "old.txt was deleted": "not-checked",
        }
        assert judged(clone, "path-missing")[0].evidence == "in the tree of HEAD"
        assert [v.outcome for v in judged(clone, "path-outside-round")] == ["not-checked"]

    def test_without_git_nothing_is_missing(self, tmp_path: Path) -> None:
        for name, text in data("3/4", "deliverables: [{paths: a.sh}]").items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        assert said(tmp_path, "path-missing") == {"a.sh exists": "not-checked"}

    def test_a_project_in_a_folder(self, repo: Repository) -> None:
        files = {"a.sh": "1", **data("3/4", "status: done\ndeliverables: [{paths: [a.sh, b.sh]}]")}
        repo.commit("work", {f"sub/{name}": text for name, text in files.items()} | {"sub/b.sh": "1"})
        repo.commit("clean", {"sub/b.sh": None})
        assert said(repo.path / "sub", "path-missing") == {"a.sh exists": "verified", "b.sh exists": "verified"}
        assert judged(repo.path / "sub", "path-moved") == []


class TestPathMoved:
    def test_an_end_a_root_and_a_move(self, repo: Repository) -> None:
        repo.commit("begin", {"docs/deep/report.md": "1", "lib/a.rs": "1", "x/c.rs": "1", "z/c.rs": "3"})
        moved = repo.commit("move", {"x/c.rs": None, "y/c.rs": "1"})
        text = "deliverables: [{paths: [report.md, old/a.rs, x/c.rs, lib/a.rs]}]"
        repo.commit("note", data("3/4", text, roots="{old: lib}"))
        assert set(said(repo, "path-missing").values()) == {"verified"}
        found = judged(repo, "path-moved")
        assert [(v.outcome, v.fix) for v in found] == [
            ("contradicted", "write docs/deep/report.md"),
            ("contradicted", "write lib/a.rs"),
            ("contradicted", "write y/c.rs"),
        ]
        assert found[2].commit == moved
        assert found[2].evidence == f"today it is y/c.rs (moved there), added by {moved[:7]} on 2026-01-01"
        assert findings(repo, "path-moved")[0].startswith(
            "data/rounds/3/4.yml:4:25: info path-moved: the path is report.md: today it is docs/deep/report.md "
        )

    def test_what_is_in_its_place_or_missing_is_silent(self, repo: Repository) -> None:
        repo.commit("work", {"a.sh": "1", **data("3/4", "deliverables: [{paths: [a.sh, b.sh]}]")})
        assert judged(repo, "path-moved") == []

    def test_a_waiver_and_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        waiver = "waive: [{check: path-moved, reason: It is clear}]"
        repo.commit("begin", {"x/c.rs": "1", "z/c.rs": "2"})
        repo.commit("move", {"x/c.rs": None, "y/c.rs": "1"})
        repo.commit("work", {"a/b.sh": "1", **data("3/4", f"deliverables: [{{paths: [b.sh, x/c.rs]}}]\n{waiver}")})
        assert [v.waived for v in judged(repo, "path-moved")] == ["It is clear"] * 2
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert said(clone, "path-moved") == {"the path is b.sh": "contradicted"}
        assert said(clone, "path-missing")["x/c.rs exists"] == "not-checked"


class TestPathOutsideRound:
    def test_how_many_commits_of_the_round_touched_it_is_told(self, repo: Repository) -> None:
        repo.commit("one\n\nRound: 3/4", {"a.sh": "1", **data("3/4", "deliverables: [{paths: [a.sh]}]")})
        newest = repo.commit("two\n\nRound: 3/4", {"a.sh": "2"})
        repo.commit("of nobody", {"a.sh": "3"})
        told = f"touched by {newest[:7]} on 2026-01-01, the newest of 2 commits of the round that did"
        assert only(repo, "path-outside-round").evidence == told

    def test_who_touched_the_deliverables(self, repo: Repository) -> None:
        other = repo.commit("begin", {"a.sh": "1", "b.sh": "1", "docs/deep/c.md": "1"})
        text = "deliverables: [{title: Scripts, paths: [a.sh, b.sh, docs, '*.sh', never.sh]}]"
        own = repo.commit("work", {"b.sh": "2", "docs/deep/c.md": "2", **data("3/4", text)})
        found = judged(repo, "path-outside-round")
        assert [(v.outcome, v.commit) for v in found] == [("not-checked", other), *[("verified", own)] * 3]
        assert found[1].evidence == f"touched by {own[:7]} on 2026-01-01, a commit of the round"
        assert findings(repo, "path-outside-round")[0].startswith(
            "data/rounds/3/4.yml:4:41: info path-outside-round: the round worked on a.sh: not checked, no commit "
        )

    def test_what_was_touched_in_its_former_place(self, repo: Repository) -> None:
        repo.commit("work", {"x/c.md": "1", "top/d.md": "1", **data("3/4", "deliverables: [{paths: [x/c.md, d.md]}]")})
        repo.commit("move", {"x/c.md": None, "y/c.md": "1", "top/d.md": None, "low/d.md": "1"})
        assert set(said(repo, "path-outside-round").values()) == {"verified"}

    def test_a_round_without_commits_and_a_waiver(self, repo: Repository) -> None:
        repo.commit("begin", {"a.sh": "1"})
        waiver = "waive: [{check: path-outside-round, reason: Made before}]"
        files = data("3/4", "deliverables: [{paths: a.sh}]")
        repo.write({"data/rounds/3/4.yml": None} if (repo.path / "data").exists() else {})
        for name, text in files.items():
            (repo.path / name).parent.mkdir(parents=True, exist_ok=True)
            (repo.path / name).write_text(text)
        assert only(repo, "path-outside-round").evidence == "the round has no commits"
        repo.commit("note\n\nRound: 3/4", {"b.sh": "1", **{name: f"{text}\n{waiver}" for name, text in files.items()}})
        assert only(repo, "path-outside-round").waived == "Made before"


class TestSeed:
    def test_the_contradictions_of_the_seed(self, repo: Repository) -> None:
        text = """
            status: done
            deliverables:
              - {title: Report, paths: report_benchmarks.md}
              - {title: Tests, paths: clawft/tests/cli_integration.rs}
              - {title: Packaging, paths: clawft/scripts/release-package.sh}
              - {title: Deployment, paths: [clawft/docs/deployment/docker.md, clawft/docs/deployment/wasm.md]}
              - {title: Notes, paths: [round3-summary.md, phase3-status.md]}
            """
        there = {
            "report_benchmarks.md": "1",
            "tests/cli_integration.rs": "1",
            "docs/deployment/docker.md": "1",
            "docs/deployment/wasm.md": "1",
            "notes/round3-summary.md": "1",
            "notes/phase3-status.md": "1",
        }
        repo.commit("feat: round 3", {**there, **data("3/3", text, roots="{clawft: .}")})
        moved = repo.commit("docs: tidy", {"report_benchmarks.md": None, "notes/report_benchmarks.md": "1"})
        lines = findings(repo, "path-missing")
        assert len(lines) == 1
        assert "path clawft/scripts/release-package.sh: no commit ever had it" in lines[0]
        report = judged(repo, "path-moved")[0]
        assert (report.outcome, report.fix) == ("contradicted", "write notes/report_benchmarks.md")
        assert moved[:7] in report.evidence


TREE = {
    "pkg/cli/tests/it.rs": "1",
    "a/Cargo.toml": "1",
    "b/Cargo.toml": "1",
    "lib/x/only.rs": "1",
    ".gitignore": "target/\n*.log\n",
}
SETTINGS = {"roots": '{"old/": ""}'}


class TestHowAPathIsFound:
    """T10: seven of twenty-five paths that were called missing were."""

    @pytest.mark.parametrize(
        ("path", "outcome", "evidence"),
        [
            (
                "old/tests/it.rs",
                "verified",
                "pkg/cli/tests/it.rs (by the roots of the settings, and the only path that ends so)",
            ),
            ("*/Cargo.toml", "verified", "2 files match; the first is a/Cargo.toml, "),
            ("Cargo.*", "verified", "2 files match; the first is a/Cargo.toml, "),
            (
                "old/*/Cargo.toml",
                "verified",
                "2 files match (by the roots of the settings); the first is a/Cargo.toml, ",
            ),
            ("only.*", "verified", "lib/x/only.rs (the only path that ends so), "),
            ("Cargo.toml", "not-checked", "it may be any of 2: a/Cargo.toml, b/Cargo.toml"),
            ("target/out.json", "not-checked", "git ignores it, so no commit can contain it"),
            ("target", "not-checked", "git ignores it"),
            ("target/", "not-checked", "git ignores it"),
            ("old/target/x.json", "not-checked", "git ignores it"),
            ("deep/run.log", "not-checked", "git ignores it"),
            ("src/it.rs", "contradicted", "no commit ever had it; files of that name: pkg/cli/tests/it.rs"),
            (
                "src/Cargo.toml",
                "contradicted",
                "no commit ever had it; files of that name: a/Cargo.toml, b/Cargo.toml",
            ),
            ("src/never.rs", "contradicted", "no commit ever had it"),
            (
                "proj/lib/x/only.rs",
                "not-checked",
                "no commit ever had the folder proj, and without it the path is",
            ),
            ("pkg/lib/x/only.rs", "contradicted", "no commit ever had it"),
            (":(exclude)x/y.rs", "contradicted", "no commit ever had it"),
        ],
    )
    def test_a_written_path(self, repo: Repository, path: str, outcome: str, evidence: str) -> None:
        text = f"status: done\ndeliverables: [{{title: It, paths: '{path}'}}, {{title: Odd, paths: ':(top)a'}}]"
        repo.commit("work", {**TREE, **data("3/4", text, **SETTINGS)})
        result = judged(repo, "path-missing")[0]
        assert result.outcome == outcome
        assert result.evidence.startswith(evidence)

    def test_a_message_does_not_contradict_itself(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", "status: done\ndeliverables: {paths: src/x.rs}"))
        assert " path src/x.rs: no commit ever had it; " in findings(repo, "path-missing")[0]

    @pytest.mark.parametrize("status", ["status: done", "status: partial", "status: in-progress", ""])
    def test_what_went_after_the_day_of_the_round_was_there(self, repo: Repository, status: str) -> None:
        repo.commit("begin", {"old.txt": "1"})
        repo.now += 5 * DAY
        gone = repo.commit("tidy", {"old.txt": None})
        repo.commit("write down", data("3/4", f"{status}\ndate: 2026-01-03\ndeliverables: {{paths: old.txt}}"))
        result = only(repo, "path-missing")
        assert result.outcome == "verified"
        assert result.evidence.startswith("it was there on 2026-01-03, the round's day; added by ")
        assert f"removed by {gone[:7]} on 2026-01-06 since" in result.evidence

    def test_what_went_before_the_day_of_the_round_is_missing(self, repo: Repository) -> None:
        repo.commit("begin", {"old.txt": "1"})
        repo.commit("tidy", {"old.txt": None})
        repo.now += 5 * DAY
        repo.commit("write down", data("3/4", "date: 2026-01-05\ndeliverables: {paths: old.txt}"))
        assert only(repo, "path-missing").outcome == "contradicted"

    def test_a_project_in_a_folder_is_asked_from_the_top(self, repo: Repository) -> None:
        files = data("3/4", "deliverables: {paths: target/x}")
        repo.commit("work", {**{f"sub/{n}": t for n, t in files.items()}, "sub/.gitignore": "target/\n"})
        assert only(repo.path / "sub", "path-missing").outcome == "not-checked"


class TestWhatStandsElsewhere:
    """T11: what a round says below `carried`, `goals`, `objectives` and decisions is judged too."""

    @pytest.mark.parametrize(
        ("text", "outcome", "severity"),
        [
            ("carried: {completed: [{title: C, paths: nowhere/x.rs}]}", "contradicted", "warning"),
            ("carried: {completed: [{title: C, paths: here/x.rs}]}", "verified", "warning"),
            ("goals: ['Make `nowhere/y.rs`']", "contradicted", "info"),
            ("goals: ['Make `./here/x.rs`']", "verified", "warning"),
            ("objectives: [{title: 'Have `nowhere/y.rs`', status: done}]", "contradicted", "info"),
            ("objectives: [{title: Have it, status: done, evidence: 'See `nowhere/y.rs`.'}]", "contradicted", "info"),
            ("goals: [{title: 'Make `nowhere/y.rs`', status: planned}]", "not-checked", "warning"),
            ("status: in-progress\ngoals: ['Make `nowhere/y.rs`']", "not-checked", "warning"),
            ("deliverables: ['The file `nowhere/y.rs`']", "contradicted", "info"),
            ("tasks: [{title: 'Write `nowhere/y.rs`', status: done}]", "contradicted", "info"),
            ("decisions: [{id: d, title: D, status: accepted, affects: nowhere/y.rs}]", "contradicted", "info"),
            ("decisions: [{id: d, title: D, status: accepted, affects: 'here/**'}]", "verified", "warning"),
        ],
    )
    def test_a_path(self, repo: Repository, text: str, outcome: str, severity: str) -> None:
        repo.commit("work", {"here/x.rs": "1", **data("3/4", text)})
        (result,) = judged(repo, "path-missing")
        assert (result.outcome, result.severity) == (outcome, severity)
        assert ("perhaps" in result.evidence) == (severity == "info")

    @pytest.mark.parametrize(
        "title",
        [
            "Make it",
            "`cargo test`",
            "`and/or`",
            "`https://example.org/a.html`",
            "`a/b.c()`",
            "x/y.rs",
            "`1.0/2.0`",
            "`a b/c.rs`",
        ],
    )
    def test_what_is_not_plainly_a_path_is_not_judged(self, repo: Repository, title: str) -> None:
        repo.commit("work", data("3/4", f"goals: ['{title}']"))
        assert judged(repo, "path-missing") == []


@pytest.mark.parametrize(("first", "second"), [("main", "topic"), ("topic", "main")])
def test_of_parallel_branches_the_newest_commit_touched_a_file_last(repo: Repository, first: str, second: str) -> None:
    lines = "\n".join("abcdefghij")
    repo.commit("begin", {"a.txt": lines})
    repo.branch("topic")
    repo.checkout("topic")
    newer = repo.commit("on the branch", {"a.txt": f"{lines}\nend"}, date="2026-03-01T00:00:00Z")
    repo.checkout("main")
    repo.commit("on main", {"a.txt": f"start\n{lines}"}, date="2026-02-01T00:00:00Z")
    repo.checkout(first)
    repo.git("merge", "-q", "--no-ff", "-m", f"merge into {first}", second, date="2026-04-01T00:00:00Z")
    history = load(repo.path).history
    assert PathIndex.of(history, {}).trace("a.txt").touched == newer
    assert [c.id for c in newest_first(history)] == repo.git("log", "--date-order", "--format=%H").split()
