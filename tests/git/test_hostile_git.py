"""Tests of reading git with hostile or broken repositories, environments and objects.

The ids (`g01` …) are those of the table of hostile cases in the design.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repository import EMPTY_TREE, Repository
from roundbook.git import objects, process, refs, repository
from roundbook.git.history import Commit, History, PathChange, Person
from roundbook.git.repository import read, watch_files
from roundbook.schema.dates import Moment
from test_read_git import locate

UNHURRIED = settings(deadline=None)  # a loaded machine is no failure
SIGNED = b"author A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def slugs(history: History) -> list[str]:
    return [gap.slug for gap in history.gaps]


def only(repo: Repository) -> Commit:
    (commit,) = read(repo.path).commits
    return commit


def loose(repo: Repository, id_: str) -> Path:
    return repo.path / ".git/objects" / id_[:2] / id_[2:]


def trap(folder: Path) -> tuple[str, Path]:
    """Return the path of a program, and the canary file that it leaves behind when anybody runs it."""
    canary = folder / "canary"
    program = folder / "trap.sh"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\nexit 1\n")
    program.chmod(0o755)
    return str(program), canary


class TestCutHistory:
    def test_g01_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        kept = repo.commit("b", {"b": "1"})
        last = repo.commit("c", {"c": "1"})
        history = read(repo.clone(tmp_path / "clone", depth=2).path)
        assert slugs(history) == ["shallow"]
        assert "fetch-depth: 0" in history.gaps[0].fix
        assert history.boundary == {kept}
        assert history.by_id[kept].parents
        assert history.by_id[kept].changes is None
        assert history.by_id[last].changes == (("A", "c"),)

    def test_g01_a_clone_that_is_deeper_than_the_history_lacks_nothing(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        assert read(repo.clone(tmp_path / "clone", depth=5).path).complete

    def test_g02_several_places_where_history_starts(self, repo: Repository, tmp_path: Path) -> None:
        r"""Depth 2 of a merge of two long lines.

        a --- b --- c --- M
         \              /
          d --- e ------
        """
        repo.commit("a", {"a": "1"})
        repo.branch("topic")
        repo.commit("d", {"d": "1"})
        e = repo.commit("e", {"e": "1"})
        repo.checkout("main")
        repo.commit("b", {"b": "1"})
        c = repo.commit("c", {"c": "1"})
        merge = repo.merge("topic")
        history = read(repo.clone(tmp_path / "clone", depth=2).path)
        assert history.boundary == {c, e}
        assert [history.by_id[id_].changes for id_ in (c, e)] == [None, None]
        assert history.by_id[merge].changes == (("A", "d"), ("A", "e"))

    @pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
    def test_g04_a_partial_clone_asks_nobody(self, repo: Repository, tmp_path: Path, kind: str) -> None:
        first = repo.commit("a", {"docs/a": "1"})
        repo.commit("b", {"docs/b": "1", "docs/a": None})
        clone = repo.clone(tmp_path / "clone", filter=kind)
        ssh, canary = trap(tmp_path)
        clone.git("config", "remote.origin.url", "ssh://git@host.invalid/o/r.git")
        clone.git("config", "core.sshCommand", ssh)
        clone.git("config", "protocol.allow", "always")
        history = read(clone.path)
        unknown = "f" * 40
        found = locate(clone.path, [(first, "docs/a"), (unknown, "docs/a")])
        assert not canary.exists()
        assert [commit.message for commit in history.commits] == ["b", "a"]
        assert history.tree == {"docs/b"}
        assert found[unknown, "docs/a"] is None
        if kind == "blob:none":
            assert history.gaps == ()
            assert found[first, "docs/a"] == "blob"
            assert set(history.commits[0].changes or ()) == {("A", "docs/b"), ("D", "docs/a")}
        else:
            assert slugs(history) == ["partial"]
            assert found[first, "docs/a"] is None
            assert [commit.changes for commit in history.commits] == [None, None]

    def test_g04_a_bare_partial_clone_without_any_tree(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        history = read(repo.clone(tmp_path / "bare.git", filter="tree:0", bare=True).path)
        assert (slugs(history), len(history.commits), len(history.tree)) == (["partial"], 1, 0)

    def test_g04_a_mailmap_that_was_left_out(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {".mailmap": "Ada <ada@example.org>\n"})
        history = read(repo.clone(tmp_path / "bare.git", filter="blob:none", bare=True).path)
        assert (slugs(history), len(history.commits)) == (["partial"], 1)


class TestNoHistory:
    def test_g06_no_commits_yet(self, repo: Repository) -> None:
        history = read(repo.path)
        assert (slugs(history), history.head, history.branch, history.commits) == (["no-commits"], None, "main", ())

    def test_g06_no_commits_on_this_branch(self, repo: Repository) -> None:
        first = repo.commit("a", {"a": "1"})
        repo.tag("v1")
        repo.git("symbolic-ref", "HEAD", "refs/heads/orphan")
        history = read(repo.path)
        assert (slugs(history), history.branch) == (["no-commits"], "orphan")
        assert [tag.commit for tag in history.tags] == [first]

    def test_g13_no_git(self, repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        head = repo.commit("a", {"a": "1"})
        monkeypatch.setenv("PATH", str(tmp_path))
        assert slugs(read(repo.path)) == ["no-git"]
        assert locate(repo.path, [(head, "a")]) == {(head, "a"): None}
        assert watch_files(repo.path) == ()

    def test_g13_a_program_in_the_project_is_not_git(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        repo.commit("a", {"a": "1"})
        program, canary = trap(tmp_path)
        shutil.copy(program, repo.path / "git")
        monkeypatch.chdir(repo.path)
        monkeypatch.setenv("PATH", os.pathsep.join([".", "", os.environ["PATH"]]))
        assert read(repo.path).complete
        monkeypatch.setenv("PATH", ".")
        assert slugs(read(repo.path)) == ["no-git"]
        assert not canary.exists()

    def test_g14_the_repository_above_does_not_hold_the_project(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1", ".gitignore": "project/\n"})
        project = repo.path / "project/data"
        project.mkdir(parents=True)
        (project / "x.yml").write_text("1")
        assert slugs(read(project)) == ["no-repository"]
        assert slugs(read(repo.path / "project")) == ["no-repository"]

    def test_g14_the_repository_above_holds_it(self, repo: Repository) -> None:
        repo.commit("a", {"project/x": "1", "projects/x": "1"})
        assert read(repo.path / "project").complete
        (repo.path / "proj").mkdir()
        assert slugs(read(repo.path / "proj")) == ["no-repository"]

    def test_g14_no_repository_at_all(self, tmp_path: Path) -> None:
        assert slugs(read(tmp_path)) == ["no-repository"]

    def test_g11_data_in_a_submodule_has_the_history_of_the_submodule(self, repo: Repository, tmp_path: Path) -> None:
        inner = Repository(tmp_path / "inner")
        inner.commit("inner", {"data/x": "1"})
        repo.git("submodule", "--quiet", "add", inner.path.as_uri(), "data")
        repo.commit("outer")
        assert [c.message for c in read(repo.path / "data/data").commits] == ["inner"]
        assert [c.message for c in read(repo.path).commits] == ["outer"]


class TestRefusals:
    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
    def test_g12_a_repository_of_somebody_else(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # which may trust all folders
        repo.commit("a", {"a": "1"})
        for path in (repo.path, repo.path / ".git"):
            os.chown(path, 4242, 4242)
        (gap,) = read(repo.path).gaps
        assert gap.slug == "not-owned"
        assert str(repo.path) not in gap.message
        assert gap.fix == f"git config --global --add safe.directory {repo.path}"
        assert locate(repo.path, [("0" * 40, "a")]) == {("0" * 40, "a"): None}
        assert watch_files(repo.path) == ()

    @pytest.mark.parametrize(
        ("key", "value"),
        [("core.repositoryformatversion", "99"), ("extensions.fromTheFuture", "true"), ("core.bare", "perhaps")],
    )
    def test_g09_g18_what_this_git_cannot_read(self, repo: Repository, key: str, value: str) -> None:
        repo.commit("a", {"a": "1"})
        repo.git("config", "core.repositoryformatversion", "1")
        repo.git("config", key, value)
        (gap,) = read(repo.path).gaps
        assert gap.slug == "damaged"
        assert str(repo.path) not in str(gap)

    def test_g09_a_broken_configuration_names_no_path(self, repo: Repository, tmp_path: Path) -> None:
        (repo.path / ".git/config").write_text("[core\n")
        (gap,) = read(repo.path).gaps
        assert gap.slug == "damaged"
        assert str(tmp_path) not in str(gap)

    @pytest.mark.parametrize("pointer", ["gitdir: /nowhere/with a blank/.git\n", "nonsense\n", ""])
    def test_g09_a_pointer_to_nothing(self, tmp_path: Path, pointer: str) -> None:
        (tmp_path / ".git").write_text(pointer)
        assert slugs(read(tmp_path)) == ["damaged"]

    @pytest.mark.parametrize("gone", ["HEAD", "objects", "refs"])
    def test_s3_a_repository_that_git_passes_over(self, repo: Repository, gone: str) -> None:
        """What is damaged is never taken for absent, also where git goes on to a repository above it."""
        repo.commit("a", {"a": "1", "inner/b": "1"})
        inner = Repository(repo.path / "inner")
        inner.commit("b", {"b": "2"})
        for top in (inner, repo):
            path = top.path / ".git" / gone
            shutil.rmtree(path) if path.is_dir() else path.write_text("garbage\n")
            history = read(inner.path)
            assert (slugs(history), history.commits) == (["damaged"], ())
        assert str(repo.path) not in history.gaps[0].message

    def test_g16_from_a_missing_tree_on_changes_are_not_known(self, repo: Repository) -> None:
        first, *_ = ids = [repo.commit(name, {name: "1"}) for name in "abcd"]
        tree = repo.git("rev-parse", f"{first}^{{tree}}")
        loose(repo, tree).unlink()
        history = read(repo.path)
        assert [c.id for c in history.commits] == ids[::-1]
        assert [c.changes for c in history.commits] == [(("A", "d"),), None, None, None]

    @pytest.mark.parametrize("which", ["commit", "tree", "head"])
    def test_g16_an_object_is_missing(self, repo: Repository, which: str) -> None:
        first = repo.commit("a", {"a": "1"})
        tree = repo.git("rev-parse", f"{first}^{{tree}}")
        second = repo.commit("b", {"b": "1"})
        third = repo.commit("c", {"c": "1"})
        loose(repo, {"commit": first, "tree": tree, "head": third}[which]).unlink()
        history = read(repo.path)
        assert slugs(history) == ["damaged"]
        assert "git fsck" in history.gaps[0].fix
        assert history.boundary == set()
        for commit in history.commits:
            assert commit.id in {first, second, third}
            assert commit.changes in (None, (("A", commit.message),))

    def test_g16_an_object_is_garbage(self, repo: Repository) -> None:
        first = repo.commit("a", {"a": "1"})
        repo.commit("b", {"b": "1"})
        loose(repo, first).chmod(0o644)
        loose(repo, first).write_bytes(b"garbage")
        assert slugs(read(repo.path)) == ["damaged"]

    def test_g16_a_branch_is_garbage(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        (repo.path / ".git/refs/heads/other").write_text("garbage\n")
        assert (slugs(read(repo.path)), len(read(repo.path).commits)) == (["damaged"], 1)
        (repo.path / ".git/refs/heads/main").write_text("garbage\n")
        assert (slugs(read(repo.path)), read(repo.path).commits) == (["damaged"], ())

    def test_g16_tags_and_branches_on_missing_objects(self, repo: Repository) -> None:
        first = repo.commit("a", {"a": "1"})
        for name in ("refs/tags/gone", "refs/heads/gone"):
            (repo.path / ".git" / name).write_text("1" * 40 + "\n")
        repo.tag("v1")
        repo.tag("v2", annotated=True)
        loose(repo, repo.git("rev-parse", "v2")).unlink()
        history = read(repo.path)
        assert {tag.name: tag.commit for tag in history.tags} == {"gone": None, "v1": first, "v2": None}
        assert [branch.name for branch in history.branches] == ["main"]

    def test_g48_a_git_that_hangs_is_given_up(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.commit("a", {"a": "1"})
        (repo.path / ".git/HEAD").unlink()
        os.mkfifo(repo.path / ".git/HEAD")
        monkeypatch.setattr(process, "TIME_LIMIT", 0.2)
        (gap,) = read(repo.path).gaps
        assert (gap.slug, "did not answer" in gap.message) == ("damaged", True)


class TestStoredHistory:
    def test_g17_sha256(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo", object_format="sha256")
        first = repo.commit("a", {"docs/a": "1"})
        last = repo.commit("b", {"b": "1"})
        repo.tag("v1", annotated=True)
        history = read(repo.path)
        assert [c.id for c in history.commits] == [last, first]
        assert history.commits[0].parents == (first,)
        assert [c.changes for c in history.commits] == [(("A", "b"),), (("A", "docs/a"),)]
        assert [(tag.name, tag.commit) for tag in history.tags] == [("v1", last)]
        assert locate(repo.path, [(first, "docs/a"), (last, "c")]) == {(first, "docs/a"): "blob", (last, "c"): None}
        assert len(first) == 64

    def test_g19_replaced_objects_are_shown_as_stored(self, repo: Repository) -> None:
        first = repo.commit("original", {"a": "1"})
        repo.git("replace", first, repo.raw(b"tree " + EMPTY_TREE.encode() + b"\n" + SIGNED + b"\nREPLACED\n"))
        assert [c.message for c in read(repo.path).commits] == ["original"]

    def test_g19_grafts_do_not_count(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        last = repo.commit("b", {"b": "1"})
        (repo.path / ".git/info").mkdir(exist_ok=True)
        (repo.path / ".git/info/grafts").write_text(last + "\n")
        history = read(repo.path)
        assert ([c.message for c in history.commits], history.gaps) == (["b", "a"], ())

    @pytest.mark.parametrize(
        ("header", "message", "expected"),
        [
            (b"encoding ISO-8859-1\n", b"caf\xe9\n", "café\n"),
            (b"encoding Shift_JIS\n", b"\x93\xfa\x96{\n", "日本\n"),
            (b"encoding UTF-16\n", "\ufeffhé".encode("utf-16-le"), "hé"),
            (b"", b"caf\xe9\n", "café\n"),
            (b"", "café\n".encode(), "café\n"),
            (b"encoding no-such-thing\n", "café\n".encode(), "café\n"),
            (b"encoding no\0such\n", b"caf\xe9\n", "café\n"),
            (b"encoding hex\n", b"caf\xe9\n", "café\n"),
            (b"encoding unicode_escape\n", b"\\ud800 \xe9", "\\ud800 é"),
            (b"encoding UTF-7\n", b"+2AA- \xe9", "+2AA- é"),
            (b"encoding \xff\n", b"x", "x"),
            (b"encoding \n", b"caf\xe9", "café"),
        ],
    )
    def test_g21_encodings(self, repo: Repository, header: bytes, message: bytes, expected: str) -> None:
        repo.raw_commit(SIGNED + header, message)
        assert only(repo).message == expected

    def test_g21_a_name_has_the_encoding_of_its_commit(self, repo: Repository) -> None:
        repo.raw_commit(SIGNED.replace(b"author A", b"author Zo\xeb") + b"encoding ISO-8859-15\n")
        assert only(repo).author.name == "Zoë"

    def test_g22_a_nul_ends_the_message(self, repo: Repository) -> None:
        repo.raw_commit(SIGNED, b"seen\0unseen\n")
        assert only(repo).message == "seen"

    @pytest.mark.parametrize("message", [b"", b"\n", b"\n\n\n"])
    def test_g23_empty_messages(self, repo: Repository, message: bytes) -> None:
        repo.raw_commit(SIGNED, message)
        assert only(repo).subject == ""

    def test_g24_a_message_cannot_forge_another_commit(self, repo: Repository) -> None:
        forged = f"\x1e\x1fcommit {'f' * 40}\n\n{'f' * 40} commit 9\nnot this\n{'f' * 40}\0M\0evil\0"
        head = repo.raw_commit(SIGNED, forged.encode())
        commit = only(repo)
        assert (commit.id, commit.changes) == (head, ())
        assert commit.message == forged.partition("\0")[0]

    @pytest.mark.parametrize(
        ("header", "author"),
        [
            (b"committer C <c@d> 1 +0000\n", ("unknown", "")),
            (b"author \ncommitter C <c@d> 1 +0000\n", ("unknown", "")),
            (b"author <a@b> 1 +0000\n", ("unknown", "a@b")),
            (b"author  <> 1 +0000\n", ("unknown", "")),
            (b"author No Address 1 +0000\n", ("unknown", "")),
            (b"author A <a@b> 1 +0000\nauthor B <b@c> 2 +0000\n", ("B", "b@c")),
            (b"author \xff\xfe <\xff@b> 1 +0000\n", ("ÿþ", "ÿ@b")),
            (b"author A <a<b>@c> 1 +0000\n", ("A", "a<b")),
            (b"author <script> <a@b> 1 +0000\n", ("unknown", "script")),
            (b"gpgsig x\n author Evil <e@f> 1 +0000\nauthor A <a@b> 1 +0000\n", ("A", "a@b")),
        ],
    )  # fmt: skip
    def test_g26_odd_people(self, repo: Repository, header: bytes, author: tuple[str, str]) -> None:
        repo.raw_commit(header)
        assert only(repo).author == Person(*author)

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            (b"0 +0000", (0, 0)),
            (b"-86400 +0000", (-86400, 0)),
            (b"100000000000000000000 +0000", (10**20, 0)),
            (b"253402300800 +0000", (253402300800, 0)),
            (b"1700000000 +9999", (1_700_000_000, 0)),
            (b"1700000000 -7777", (1_700_000_000, 0)),
            (b"1700000000 +051800", (1_700_000_000, 0)),
            (b"1700000000 +1400", (1_700_000_000, 840)),
            (b"1700000000 -1400", (1_700_000_000, -840)),
            (b"1700000000 +1401", (1_700_000_000, 0)),
            (b"1700000000 -0330", (1_700_000_000, -210)),
            (b"1700000000 +0075", (1_700_000_000, 0)),
            (b"1700000000", (1_700_000_000, 0)),
            (b"1_700 +0000", (1, 0)),
            (b"tomorrow", (-1, 0)),
            (b"", (-1, 0)),
        ],
    )
    def test_g27_g28_odd_dates(self, repo: Repository, date: bytes, expected: tuple[int, int]) -> None:
        repo.raw_commit(b"author A <a@b> " + date + b"\ncommitter A <a@b> " + date + b"\n")
        commit = only(repo)
        assert commit.authored == commit.committed == Moment(*expected)
        assert commit.authored.known == (0 <= expected[0] < 7_258_118_400)
        assert isinstance(commit.authored.day, str)

    def test_g27_a_date_of_five_thousand_digits(self) -> None:
        assert not objects.parse_moment("9" * 5000 + " +0000").known

    def test_g29_time_running_backwards(self, repo: Repository) -> None:
        ids = [repo.commit(str(year), date=f"{year}-06-01T00:00:00+00:00") for year in (2099, 1971, 2050, 1999)]
        assert [c.id for c in read(repo.path).commits] == ids[::-1]

    def test_g39_an_octopus(self, repo: Repository) -> None:
        r"""Three parents, one of them named first.

        a --- b ----- O
        |\----- c ---/|
         \----- d ---/
        """
        a = repo.commit("a", {"a": "1"})
        b = repo.commit("b", {"b": "1"}, parents=[a])
        c = repo.commit("c", {"c": "1"}, parents=[a])
        d = repo.commit("d", {"d": "1"}, parents=[a])
        octopus = repo.commit("O", parents=[b, c, d])
        commit = read(repo.path).by_id[octopus]
        assert (commit.parents, commit.changes) == ((b, c, d), (("A", "c"), ("A", "d")))

    def test_g39_a_merge_that_takes_nothing(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        repo.branch("topic")
        repo.commit("b", {"b": "1"})
        repo.checkout("main")
        repo.git("merge", "--quiet", "-s", "ours", "-m", "nothing", "topic")
        assert read(repo.path).commits[0].changes == ()


class TestNames:
    REFS = (
        "-rf", "--output=canary", "--help", "<script>alert(1)</script>", "$(id)", "`id`", "a;b|c&d", "v1'\"x", "%0aset",
        "HEAD", "@", "CON", "{{x}}", "{%x%}", "x|y", "!x", "deadbeef", "a" * 40, "café", "x%00y", "refs/heads/main",
    )  # fmt: skip

    def test_g31_g32_g33_g34_names_of_refs_are_only_text(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        last = repo.commit("b", {"a": "2"})
        for name in self.REFS:
            repo.git("update-ref", f"refs/tags/{name}", "HEAD~1")
            repo.git("update-ref", f"refs/heads/{name}", "HEAD~1")
        repo.git("update-ref", f"refs/tags/{last}", "HEAD~1")
        history = read(repo.path)
        assert history.head == last
        assert [c.message for c in history.commits] == ["b", "a"]
        assert {tag.name for tag in history.tags} == {*self.REFS, last}
        assert {branch.name for branch in history.branches} == {*self.REFS, "main"}
        assert history.branch == "main"
        assert locate(repo.path, [(last, "a")]) == {(last, "a"): "blob"}
        assert sorted(file.name for file in repo.path.iterdir()) == [".git", "a"]

    def test_g33_a_branch_name_that_is_not_utf8(self, repo: Repository) -> None:
        head = repo.commit("a", {"a": "1"})
        with (repo.path / ".git/packed-refs").open("wb") as file:
            file.write(head.encode() + b" refs/heads/caf\xe9\n")
        assert {branch.name for branch in read(repo.path).branches} == {"main", r"caf\xe9"}

    def test_g42_paths(self, repo: Repository) -> None:
        names = [
            b"caf\xe9.txt", b"line\nbreak", b"tab\t", b'quote"', b"\x1b[31m", b"a => b", b"{x => y}", b":(top)x",
            b"-rf", b"--output=x", b"{{7*7}}", b"<img src=x>", b"A", b"M", b"x" * 255, b"\xed\xa0\x80", b"f" * 40,
            "é".encode(),
        ]  # fmt: skip
        blob = repo.git("hash-object", "-w", "--stdin").encode()
        entries = b"".join(b"100644 blob " + blob + b"\t" + name + b"\0" for name in names)
        tree = repo.git("mktree", "-z", feed=entries)
        commit = repo.git("commit-tree", tree, "-m", "odd")
        repo.git("update-ref", "HEAD", commit)
        history = read(repo.path)
        expected = {name.decode("utf-8", "backslashreplace") for name in names}
        assert history.tree == expected
        assert set(history.commits[0].changes or ()) == {PathChange("A", name) for name in expected}
        assert r"caf\xe9.txt" in expected
        "".join(expected).encode()
        asked = {(commit, name): None if "\n" in name else "blob" for name in expected}
        assert locate(repo.path, asked) == asked

    def test_g43_a_hostile_mailmap(self, repo: Repository, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("Stolen <ada@example.org>\n")
        repo.git("config", "mailmap.file", str(secret))
        repo.git("config", "mailmap.blob", repo.git("hash-object", "-w", "--stdin", feed=secret.read_text()))
        repo.commit("a", {".mailmap": b"<script> <ada@example.org>\n\xff\0 <>\n<<<>>>\n" + b"<" * 10_000})
        assert read(repo.path).commits[0].author.name != "Stolen"
        repo.write({".mailmap": None})
        (repo.path / ".mailmap").symlink_to(secret)
        repo.commit("b")
        assert {c.author for c in read(repo.path).commits} == {("Ada Lovelace", "ada@example.org")}

    def test_g43_a_mailmap_that_is_a_folder(self, repo: Repository) -> None:
        repo.commit("a", {".mailmap/x": "1"})
        assert read(repo.path).complete


class TestConfiguration:
    def test_g44_nothing_that_a_configuration_names_is_run(self, repo: Repository, tmp_path: Path) -> None:
        program, canary = trap(tmp_path)
        repo.commit("a\n\nRound: 3/4\n", {"a.txt": "1\n", ".gitattributes": "* diff=evil filter=evil merge=evil\n"})
        repo.commit("b", {"a.txt": "2\n"})
        repo.tag("v1", annotated=True)
        hooks = repo.path / ".git/hooks"
        hooks.mkdir(exist_ok=True)
        for hook in (
            "post-checkout",
            "post-index-change",
            "pre-auto-gc",
            "reference-transaction",
            "fsmonitor-watchman",
        ):
            shutil.copy(program, hooks / hook)
        included = tmp_path / "included"
        included.write_text(f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n\teditor = {program}\n")
        settings = {
            "include.path": str(included), "core.fsmonitor": program, "core.pager": program, "pager.log": program,
            "core.sshCommand": program, "core.askPass": program, "core.gitProxy": program, "core.hooksPath": str(hooks),
            "core.alternateRefsCommand": program, "credential.helper": program, "diff.external": program,
            "diff.evil.textconv": program, "diff.evil.command": program, "filter.evil.clean": program,
            "filter.evil.smudge": program, "filter.evil.process": program, "merge.evil.driver": program,
            "gpg.program": program, "log.showSignature": "true", "trailer.round.cmd": program,
            "trailer.round.command": program, "alias.rev-list": f"!{program}", "alias.cat-file": f"!{program}",
            "color.ui": "always", "format.pretty": "oneline", "log.date": "relative",
            "i18n.logOutputEncoding": "UTF-16", "core.abbrev": "4", "diff.renames": "copies",
            "diff.noprefix": "true", "diff.relative": "true",
            "diff.ignoreSubmodules": "all", "core.quotePath": "true", "diff.orderFile": str(included),
            "core.commentChar": "x", "status.showUntrackedFiles": "all", "core.precomposeUnicode": "true",
        }  # fmt: skip
        plain = read(repo.path)
        head = plain.head or ""
        for key, value in settings.items():
            repo.git("config", key, value)
        canary.unlink(missing_ok=True)
        assert read(repo.path) == plain
        assert locate(repo.path, [(head, "a.txt")]) == {(head, "a.txt"): "blob"}
        assert watch_files(repo.path)
        assert not canary.exists()

    def test_g44_the_trap_itself_works(self, repo: Repository, tmp_path: Path) -> None:
        program, canary = trap(tmp_path)
        repo.commit("a", {"a": "1"})
        repo.git("config", "core.fsmonitor", program)
        subprocess.run(["git", "status"], cwd=repo.path, capture_output=True, check=False)
        assert canary.exists()

    def test_g44_a_work_tree_that_lies_elsewhere(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))
        assert slugs(read(repo.path)) == ["no-repository"]

    def test_g46_the_environment_of_a_hook(
        self, repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repo.commit("mine", {"a": "1"})
        plain = read(repo.path)
        other = Repository(tmp_path / "other")
        stranger = other.commit("theirs", {"b": "1"})
        shallow = tmp_path / "shallow"
        shallow.write_text(stranger + "\n")
        for name, value in {
            "GIT_DIR": other.path / ".git", "GIT_WORK_TREE": other.path, "GIT_INDEX_FILE": other.path / ".git/index",
            "GIT_COMMON_DIR": other.path / ".git", "GIT_OBJECT_DIRECTORY": other.path / ".git/objects",
            "GIT_SHALLOW_FILE": shallow, "GIT_NAMESPACE": "evil", "GIT_CONFIG_COUNT": "zz", "GIT_TRACE": "1",
            "GIT_CONFIG_PARAMETERS": "'core.bare=true'", "GIT_CEILING_DIRECTORIES": "/", "GIT_PREFIX": "sub/",
            "GIT_REPLACE_REF_BASE": "refs/evil/", "GIT_EXTERNAL_DIFF": "false", "GIT_DEFAULT_HASH": "sha256",
            "GIT_LITERAL_PATHSPECS": "0", "GIT_EXEC_PATH": tmp_path, "GIT_REDIRECT_STDOUT": tmp_path / "out",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, str(value))
        assert read(repo.path) == plain
        assert watch_files(repo.path) == (repo.path / ".git/logs/HEAD",)

    @pytest.mark.parametrize("linked", [False, True])
    def test_g46_a_build_within_a_hook(self, repo: Repository, tmp_path: Path, linked: bool) -> None:
        other = Repository(tmp_path / "other")
        other.commit("theirs", {"b": "1"})
        repo.commit("mine", {"a": "1"})
        place = repo.worktree(tmp_path / "linked", "side") if linked else repo
        source = Path(repository.__file__).parents[2]
        said = tmp_path / "said"
        folders = [str(place.path), str(other.path)]
        program = (
            f"import sys, pathlib; sys.path.insert(0, {str(source)!r})\n"
            "from roundbook.git.repository import read\n"
            f"text = [[c.message for c in read(pathlib.Path(path)).commits] for path in {folders}]\n"
            f"pathlib.Path({str(said)!r}).write_text(repr(text))\n"
        )
        hook = repo.path / ".git/hooks/post-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!{sys.executable}\n{program}")
        hook.chmod(0o755)
        place.git("commit", "--quiet", "--allow-empty", "-m", "hooked")
        assert said.read_text() == "[['hooked\\n', 'mine'], ['theirs']]"

    @pytest.mark.parametrize("environment", [{"LANG": "de_DE.UTF-8"}, {"LC_ALL": "C"}, {"TZ": "Asia/Kathmandu"}, {}])
    def test_g47_the_same_everywhere(
        self, repo: Repository, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repo.commit("é", {"é": "1"})
        plain = read(repo.path)
        for name in ("LANG", "LC_ALL", "TZ", "HOME", "LANGUAGE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert read(repo.path) == plain
        assert slugs(read(repo.path.parent)) == ["no-repository"]

    def test_g51_the_number_of_processes_does_not_grow(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[object] = []
        popen = subprocess.Popen

        class Counting(popen):  # type: ignore[valid-type,misc]
            def __init__(self, *words: object, **named: object) -> None:
                started.append(words)
                super().__init__(*words, **named)

        def count() -> int:
            monkeypatch.setattr(subprocess, "Popen", Counting)
            started.clear()
            history = read(repo.path)
            locate(repo.path, [(c.id, path) for c in history.commits for path in history.tree])
            monkeypatch.setattr(subprocess, "Popen", popen)
            return len(started)

        repo.commit("a", {"a": "1", ".mailmap": "x\n"})
        repo.tag("t", annotated=True)
        few = count()
        for number in range(20):
            repo.commit("b", {f"{number % 3}/{number}": "1"})
            repo.tag(f"t{number}", annotated=True)
            repo.git("branch", f"b{number}")
        assert count() == few

    def test_g49_nothing_is_written(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        repo.git("update-index", "--force-remove", "a")
        before = {file: file.stat().st_mtime_ns for file in repo.path.rglob("*")}
        read(repo.path)
        assert {file: file.stat().st_mtime_ns for file in repo.path.rglob("*")} == before


class TestAnyBytes:
    @UNHURRIED
    @given(st.binary(max_size=400))
    def test_any_bytes_are_a_commit(self, raw: bytes) -> None:
        check(objects.CommitParser().parse("0" * 40, raw), raw)

    @UNHURRIED
    @given(
        st.lists(
            st.sampled_from(
                [
                    b"tree " + EMPTY_TREE.encode(), b"parent " + b"a" * 40, b"parent x", b"author A <a@b> 1 +0000",
                    b"author", b"author ><", b"committer C <c@d> 99999999999999999999999999 +9999", b"encoding utf-7",
                    b"encoding idna", b"encoding utf-16", b"encoding iso-2022-jp", b" continued", b"", b"gpgsig x",
                ]
            )
            | st.binary(max_size=30),
            max_size=9,
        )
    )  # fmt: skip
    def test_any_header_is_a_commit(self, lines: list[bytes]) -> None:
        raw = b"\n".join(lines)
        check(objects.CommitParser().parse("0" * 40, raw), raw)

    @UNHURRIED
    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_tag_and_a_tree(self, raw: bytes) -> None:
        objects.parse_tagged(raw)
        "".join(objects.parse_tree(raw, 20)).encode()

    @UNHURRIED
    @given(st.binary(max_size=300))
    def test_any_bytes_are_refs_and_settings(self, raw: bytes) -> None:
        refs.remotes(refs.parse_settings(raw))

    @UNHURRIED
    @given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=20))
    def test_any_text_is_a_mailmap(self, text: str, name: str, email: str) -> None:
        repository.parse(text).resolve(Person(name, email))

    @UNHURRIED
    @given(st.text(max_size=60))
    def test_any_text_is_a_remote_or_none(self, url: str) -> None:
        refs.parse_remote("origin", url)

    @UNHURRIED
    @given(
        st.sampled_from(
            ["https://{}@h.example/o/r", "https://u:{}@h.example/o/r", "{}@h.example:o/r", "ssh://{}@h.example/o"]
        ),
        st.text("/@:?#[]%\\. aé", max_size=4) | st.text(max_size=12),
        st.booleans(),
    )
    @example(form="https://{}@h.example/o/r", password="/a?", encoded=False)
    @example(form="https://{}@h.example/o/r", password="/a#", encoded=False)
    @example(form="https://{}@h.example/o/r", password="/a", encoded=False)
    @example(form="{}@h.example:o/r", password=":a?", encoded=False)
    @example(form="{}@h.example:o/r", password=":a", encoded=False)
    def test_a_credential_never_gets_through(self, form: str, password: str, encoded: bool) -> None:
        secret = "Secr3t" + (quote(password, safe="") if encoded else password) + "t0ken"
        remote = refs.parse_remote("origin", form.format(secret))
        if remote is not None:
            assert "secr3t" not in repr(remote).lower()
            assert "t0ken" not in repr(remote).lower()

    @UNHURRIED
    @given(st.text(max_size=80))
    def test_what_git_says_shows_no_path(self, text: str) -> None:
        answer = process.Answer(128, b"", f"fatal: {text} '/home/me/my secret/x' /home/me/other")
        gap = repository.explain(answer, Path(__file__).parent)
        assert "/home/me" not in gap.message


def check(commit: Commit, raw: bytes) -> None:
    """Hold a commit that was made of anything against what every page may rely on."""
    assert commit.author.name
    assert "\0" not in commit.message
    assert len(commit.message) <= len(raw)
    for text in (commit.message, *commit.author, *commit.committer, commit.authored.iso, commit.committed.day):
        text.encode()
    assert all(len(parent) in {40, 64} for parent in commit.parents)
    assert abs(commit.authored.offset) <= 840
