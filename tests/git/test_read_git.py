"""Tests of reading history, compared with git and GitPython."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

import git as oracle
from repository import Repository
from roundbook.git import objects, refs, repository
from roundbook.git.history import Branch, Commit, GitQueries, History, PathChange, Person, Remote, Spot
from roundbook.git.repository import read, watch_files
from roundbook.rounds.evidence import answer
from roundbook.schema.dates import Moment

ADA = Person("Ada Lovelace", "ada@example.org")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def slugs(history: History) -> list[str]:
    return [gap.slug for gap in history.gaps]


def locate(root: Path, spots: Iterable[Spot]) -> dict[Spot, str | None]:
    """Return what git says lies at each spot."""
    told = answer(root, GitQueries(spots=tuple(spots))).spots
    return {spot: there[0] if there else None for spot, there in told.items()}


def grow(repo: Repository, commits: int, seed: int) -> None:
    """Import a history with side branches and merges, commit dates in disorder, 1 to 3 paths a commit."""
    chance = random.Random(seed)
    lines = ["feature done\n"]
    for mark in range(1, commits + 1):
        parents = chance.sample(range(max(1, mark - 6), mark), k=min(mark - 1, chance.choice([1, 1, 1, 2, 3])))
        when = 1_767_225_600 + chance.randrange(-50_000, 50_000) + mark * 3600
        lines.append(
            f"commit refs/heads/main\nmark :{mark}\ncommitter Bo <bo@example.org> {when} +0200\ndata 6\nc{mark:05}\n"
        )
        lines += [f"{'merge' if i else 'from'} :{parent}\n" for i, parent in enumerate(parents)]
        if not parents and mark > 1:
            lines.append("deleteall\n")
        for number in chance.sample(range(9), k=chance.randrange(4)):
            lines.append(f"M 100644 inline d{number % 3}/f{number}\ndata {len(str(mark))}\n{mark}\n")
    lines.append("done\n")
    repo.git("fast-import", "--quiet", "--force", feed="".join(lines))


class TestCommits:
    def test_one_commit_has_all_its_fields(self, repo: Repository) -> None:
        first = repo.commit("feat: begin\n\nBody.\n", {"a.txt": "one\n"})
        assert read(repo.path).commits == (
            Commit(
                id=first,
                parents=(),
                author=ADA,
                committer=ADA,
                authored=Moment(1_767_254_400, 60),
                committed=Moment(1_767_254_400, 60),
                message="feat: begin\n\nBody.\n",
                changes=(PathChange("A", "a.txt"),),
            ),
        )

    def test_the_builder_makes_the_same_ids_every_time(self, repo: Repository) -> None:
        assert repo.commit("feat: begin", {"a.txt": "one\n"}) == "43230145b01f917419522f513a2ec534709be4e1"

    def test_author_and_committer_may_differ(self, repo: Repository) -> None:
        repo.raw_commit(
            b"author Bo <bo@example.org> 1700000000 -0330\ncommitter Cy <cy@example.org> 1700000001 +1245\n"
        )
        (commit,) = read(repo.path).commits
        assert commit.author == Person("Bo", "bo@example.org")
        assert commit.authored == Moment(1_700_000_000, -210)
        assert commit.committer == Person("Cy", "cy@example.org")
        assert commit.committed == Moment(1_700_000_001, 765)

    def test_children_stand_before_parents(self, repo: Repository) -> None:
        r"""A child that is a year older than its parent does not change the order.

        a --- b (2025) --- d
         \               /
          c (2027) -----
        """
        a = repo.commit("a", {"a": "1"})
        b = repo.commit("b", {"b": "1"}, date="2025-01-01T00:00:00+00:00")
        c = repo.commit("c", parents=[a], date="2027-01-01T00:00:00+00:00")
        d = repo.commit("d", parents=[b, c])
        history = read(repo.path)
        assert [commit.id for commit in history.commits] == repo.git("rev-list", "--topo-order", "HEAD").split()
        assert history.order[d] < min(history.order[b], history.order[c])
        assert history.order[a] == 3

    @pytest.mark.parametrize("seed", range(4))
    def test_order_is_that_of_git(self, repo: Repository, seed: int) -> None:
        grow(repo, 300, seed)
        assert [c.id for c in read(repo.path).commits] == repo.git("rev-list", "--topo-order", "HEAD").split()

    def test_gitpython_tells_the_same(self, repo: Repository) -> None:
        r"""An ordinary history.

        1 --- 2 --- 4 --- M (main, v1.1)
         \               /
          3 (topic) -----
        """
        repo.commit("feat: begin\n\nRound: 3/4\n", {"a.txt": "one\n"}, author="Zoë Ünal <zoe@example.org>")
        repo.tag("v1.0", message="Release")
        repo.commit("fix: mend\n", {"a.txt": "two\n"}, date="2026-03-29T03:30:00+02:00")
        repo.branch("topic", "HEAD~1")
        repo.commit("docs: say\n\n日本語\n", {"docs/b.md": "b\n"}, author="Bo <bo@example.org>")
        repo.checkout("main")
        repo.commit("\n\n  indented subject\n\n\n", {"c": "c\n"}, date="1999-12-31T23:59:59-0800")
        repo.merge("topic")
        repo.tag("v1.1")
        history = read(repo.path)
        with oracle.Repo(repo.path) as other:
            theirs = {commit.hexsha: commit for commit in other.iter_commits()}
            assert {c.id for c in history.commits} == set(theirs)
            for commit in history.commits:
                their = theirs[commit.id]
                assert commit.parents == tuple(parent.hexsha for parent in their.parents)
                assert commit.author == (their.author.name, their.author.email)
                assert commit.committer == (their.committer.name, their.committer.email)
                assert commit.authored.local == their.authored_datetime
                assert commit.committed.local == their.committed_datetime
                assert commit.message == their.message
                names = their.parents[0].diff(their) if their.parents else their.diff(oracle.NULL_TREE)
                assert {change.path for change in commit.changes or ()} == {
                    diff.b_path or diff.a_path for diff in names
                }
            assert {tag.name: tag.commit for tag in history.tags} == {tag.name: tag.commit.hexsha for tag in other.tags}
            assert {b.name: b.commit for b in history.branches} == {b.name: b.commit.hexsha for b in other.branches}
            assert history.branch == other.active_branch.name
            assert history.tree == set(other.git.ls_files().splitlines())

    def test_without_paths_only_the_changes_are_missing(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        assert [c.changes for c in read(repo.path, paths=False).commits] == [None]
        assert read(repo.path, paths=False).complete

    def test_two_reads_are_equal(self, repo: Repository) -> None:
        grow(repo, 30, 1)
        assert read(repo.path) == read(repo.path)


class TestChanges:
    def test_each_status(self, repo: Repository) -> None:
        repo.commit("a", {"keep": "1", "edit": "1", "drop": "1", "kind": "1", "old": "same\n" * 50})
        repo.write({"edit": "2", "drop": None, "kind": None, "old": None, "new": "same\n" * 50, "add/deep.txt": "1"})
        (repo.path / "kind").symlink_to("keep")
        repo.commit("b")
        newest = read(repo.path).commits[0]
        assert set(newest.changes or ()) == {
            ("M", "edit"), ("D", "drop"), ("T", "kind"), ("D", "old"), ("A", "new"), ("A", "add/deep.txt"),
        }  # fmt: skip

    def test_a_commit_that_changes_nothing(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        repo.commit("b")
        repo.commit("c", {"a": "2"})
        repo.commit("d")
        assert [c.changes for c in read(repo.path).commits] == [(), (("M", "a"),), (), (("A", "a"),)]

    def test_an_empty_root(self, repo: Repository) -> None:
        repo.commit("a")
        assert read(repo.path).commits[0].changes == ()

    def test_a_merge_is_held_against_its_first_parent(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        repo.branch("topic")
        repo.commit("b", {"b": "1"})
        repo.checkout("main")
        repo.commit("c", {"c": "1"})
        repo.merge("topic")
        assert read(repo.path).commits[0].changes == (("A", "b"),)

    def test_a_submodule_is_one_path(self, repo: Repository, tmp_path: Path) -> None:
        inner = Repository(tmp_path / "inner")
        inner.commit("inner", {"x": "1", "y": "1"})
        repo.git("submodule", "--quiet", "add", inner.path.as_uri(), "vendor/inner")
        head = repo.commit("add")
        assert read(repo.path).tree == {".gitmodules", "vendor/inner"}
        assert locate(repo.path, [(head, "vendor/inner"), (head, "vendor/inner/x")]) == {
            (head, "vendor/inner"): "commit",
            (head, "vendor/inner/x"): None,
        }
        within = read(repo.path / "vendor/inner")
        assert [c.subject for c in within.commits] == ["inner"]
        assert within.prefix == ""

    @pytest.mark.parametrize("block", [1, 2, 7])
    def test_it_does_not_matter_how_the_work_is_split(
        self, repo: Repository, block: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grow(repo, 60, 5)
        whole = read(repo.path)
        monkeypatch.setattr(objects, "BLOCK", block)
        assert read(repo.path) == whole
        for commit in whole.commits:
            parent = commit.parents[0] if commit.parents else repo.git("hash-object", "-t", "tree", "--stdin")
            said = repo.git("diff-tree", "-r", "--no-renames", "--name-status", parent, commit.id).splitlines()
            assert [f"{change.status}\t{change.path}" for change in commit.changes or ()] == said


class TestMailmap:
    def test_the_four_forms(self) -> None:
        mailmap = repository.parse(
            "# a comment\n\nnot a line\n"
            "Proper One <one@work>\n"
            "<two@home> <two@work>\n"
            "Proper Three <three@home> <three@work>   # said so\n"
            "Proper Four <four@home> Shared <shared@work>\n"
        )
        assert mailmap.resolve(Person("x", "ONE@work")) == ("Proper One", "ONE@work")
        assert mailmap.resolve(Person("Two", "two@work")) == ("Two", "two@home")
        assert mailmap.resolve(Person("3", "three@work")) == ("Proper Three", "three@home")
        assert mailmap.resolve(Person("shared", "shared@work")) == ("Proper Four", "four@home")
        assert mailmap.resolve(Person("Other", "shared@work")) == ("Other", "shared@work")

    def test_the_mailmap_of_head_counts(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"}, author="A. L. <ada@old>")
        repo.commit("b", {".mailmap": "Ada Lovelace <ada@example.org> <ada@old>\n"})
        repo.write({".mailmap": "Somebody Else <else@example.org> <ada@old>\n"})
        assert {commit.author for commit in read(repo.path).commits} == {ADA}

    def test_git_tells_the_same(self, repo: Repository) -> None:
        lines = [
            "A B <a@b> <c@d>",
            "<e@f> <g@h>",
            "N <n@m>",
            "Q R <q@r> S T <c@d>",
            "Later <c@d>",
            " <x@y> ",
            "Z<z@z><w@w>",
        ]
        people = ["S T <c@d>", "s t <C@D>", "Any <c@d>", "G <g@h>", "M <n@m>", "X <x@y>", "W <w@w>", "Q <q@r>"]
        repo.commit("a", {".mailmap": "\n".join(lines)})
        said = repo.git("check-mailmap", "--stdin", feed="\n".join(people) + "\n").splitlines()
        mailmap = repository.parse("\n".join(lines))
        mine = [mailmap.resolve(Person(*person.rstrip(">").split(" <"))) for person in people]
        assert [f"{person.name} <{person.email}>" for person in mine] == said


class TestRefs:
    def test_tags(self, repo: Repository) -> None:
        first = repo.commit("a", {"a": "1"})
        repo.commit("b", {"a": "2"})
        repo.checkout(first)
        aside = repo.commit("aside", date="2020-01-01T00:00:00+00:00")
        repo.tag("aside")
        repo.checkout("main")
        repo.tag("v1", first)
        repo.tag("v2", first, annotated=True)
        repo.tag("v3", "v2", message="a tag of a tag")
        repo.tag("file", repo.git("rev-parse", "HEAD:a"))
        repo.tag("folder", "HEAD^{tree}", annotated=True)
        now = Moment(int(repo.now.timestamp()), 60)
        tags = {tag.name: (tag.commit, tag.moment, tag.annotated) for tag in read(repo.path).tags}
        assert tags == {
            "aside": (aside, Moment(1_577_836_800, 0), False),
            "v1": (first, Moment(1_767_254_400, 60), False),
            "v2": (first, now, True),
            "v3": (first, now, True),
            "file": (None, None, False),
            "folder": (None, now, True),
        }

    def test_branches(self, repo: Repository, tmp_path: Path) -> None:
        first = repo.commit("a", {"a": "1"})
        repo.branch("topic/x")
        clone = repo.clone(tmp_path / "clone")
        second = clone.commit("b", {"a": "2"})
        assert "refs/remotes/origin/HEAD" in clone.git("for-each-ref")
        history = read(clone.path)
        assert history.branch == "topic/x"
        assert set(history.branches) == {
            Branch("topic/x", second, remote=False),
            Branch("origin/main", first, remote=True),
            Branch("origin/topic/x", first, remote=True),
        }

    def test_a_packed_repository_reads_the_same(self, repo: Repository) -> None:
        grow(repo, 40, 2)
        repo.git("checkout", "--quiet", "--force", "main")
        repo.tag("v1", annotated=True)
        loose = read(repo.path)
        repo.git("gc", "--quiet", "--aggressive", "--prune=now")
        repo.git("commit-graph", "write", "--reachable")
        assert read(repo.path) == loose

    def test_remotes_come_with_origin_first(self, repo: Repository) -> None:
        repo.git("config", "remote.zeta.url", "git@codeberg.org:z/z.git")
        repo.git("config", "remote.alpha.url", "gh:a/b")
        repo.git("config", "remote.origin.url", "https://ada:hunter2@git.example.org:8443/group/sub/repo.git/?x=y#z")
        repo.git("config", "remote.folder.url", "../elsewhere")
        repo.git("config", "url.https://t0ken@github.com/.insteadOf", "gh:")
        assert read(repo.path).remotes == (
            Remote("origin", "git.example.org", "group/sub/repo", 8443),
            Remote("alpha", "github.com", "a/b"),
            Remote("zeta", "codeberg.org", "z/z"),
        )

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("https://github.com/o/r.git", ("github.com", "o/r", None)),
            ("https://GitHub.com/O/R/", ("github.com", "O/R", None)),
            ("https://host.example:443/o/r", ("host.example", "o/r", None)),
            ("http://host.example:3000/o/r.git", ("host.example", "o/r", 3000)),
            ("https://x-access-token:ghs_1@github.com/o/r", ("github.com", "o/r", None)),
            ("ssh://git@host.example:2222/o/r.git", ("host.example", "o/r", None)),
            ("git+ssh://git@host.example/o/r.git", ("host.example", "o/r", None)),
            ("git://host.example/o/r.git", ("host.example", "o/r", None)),
            ("git@gitlab.com:group/sub/deep/r.git", ("gitlab.com", "group/sub/deep/r", None)),
            ("host.example:/srv/git/r.git", ("host.example", "srv/git/r", None)),
            ("ssh://git@[2001:db8::1]:22/o/r", ("[2001:db8::1]", "o/r", None)),
            ("git@[2001:db8::1]:o/r.git", ("[2001:db8::1]", "o/r", None)),
            ("https://dev.azure.com/org/My%20Project/_git/r", ("dev.azure.com", "org/My%20Project/_git/r", None)),
            ("git.sr.ht:~ada/r", ("git.sr.ht", "~ada/r", None)),
            ("/srv/git/r.git", None),
            ("../r", None),
            ("./a:b", None),
            ("file:///srv/r.git", None),
            (r"C:\repos\r", None),
            ("C:/repos/r", None),
            (r"\\server\share\r", None),
            ("ext::sh -c 'x' % o/r", None),
            ("transport::https://host.example/o/r", None),
            ("javascript://host.example/o/r", None),
            ("https://user:pa/ss@host.example/o/r", None),
            ("https://host.example:port/o/r", None),
            ("https://host.example/", None),
            ("https:///o/r", None),
            ("https://ho st/o/r", None),
            ("https://[::1/o/r", None),
            ("https://host.example/../../x", None),
            ("https://host.example/o/r\n", None),
            ("", None),
        ],
    )  # fmt: skip
    def test_urls(self, url: str, expected: tuple[str, str, int | None] | None) -> None:
        assert refs.parse_remote("origin", url) == (
            Remote("origin", *expected, "http" if url.startswith("http:") else "https") if expected else None
        )

    def test_the_longest_instead_of_wins(self) -> None:
        instead = {"gh:": "https://github.com/", "gh:me/": "https://example.org/me/", "": "https://evil.example/"}
        assert refs.apply_instead("gh:me/r", instead) == "https://example.org/me/r"
        assert refs.apply_instead("gh:you/r", instead) == "https://github.com/you/r"
        assert refs.apply_instead("other", instead) == "other"


class TestPlaces:
    def test_a_folder_of_a_repository(self, repo: Repository) -> None:
        repo.commit("a", {"site/data/x.yml": "1", "other": "1"})
        history = read(repo.path / "site")
        assert history.prefix == "site/"
        assert history.tree == {"site/data/x.yml", "other"}
        assert history.commits == read(repo.path).commits
        assert locate(repo.path / "site", [(history.head or "", "site/data")]) == {(history.head, "site/data"): "tree"}

    def test_a_linked_worktree(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        linked = repo.worktree(tmp_path / "linked", "side")
        linked.commit("b", {"b": "1"})
        history = read(linked.path)
        assert (history.branch, len(history.commits), history.gaps) == ("side", 2, ())
        assert len(read(repo.path).commits) == 1

    def test_a_worktree_linked_by_relative_paths(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        linked = repo.worktree(tmp_path / "linked", "side")
        (linked.path / ".git").write_text("gitdir: ../repo/.git/worktrees/linked\n")
        assert read(linked.path).branch == "side"

    def test_a_bare_repository(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"a": "1"})
        bare = repo.clone(tmp_path / "bare.git", bare=True)
        assert (read(bare.path).commits, read(bare.path).branch) == (read(repo.path).commits, "main")
        (bare.path / "project").mkdir()
        assert slugs(read(bare.path / "project")) == ["no-repository"]

    def test_inside_the_git_folder_is_no_project(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"})
        assert slugs(read(repo.path / ".git")) == ["no-repository"]

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert slugs(read(tmp_path / "gone")) == ["no-repository"]
        assert locate(tmp_path / "gone", [("0" * 40, "a")]) == {("0" * 40, "a"): None}
        assert watch_files(tmp_path / "gone") == ()

    def test_a_detached_head(self, repo: Repository) -> None:
        first = repo.commit("a", {"a": "1"})
        repo.checkout(first)
        history = read(repo.path)
        assert (history.head, history.branch, history.complete) == (first, None, True)


class TestLocate:
    def test_each_kind(self, repo: Repository) -> None:
        old = repo.commit("a", {"docs/a b.md": "1", "x": "1"})
        new = repo.commit("b", {"x": None, "café/é.md": "1"})
        asked = {
            (old, "docs/a b.md"): "blob", (old, "docs"): "tree", (old, "docs/"): "tree", (old, "x"): "blob",
            (new, "x"): None, (new, "café/é.md"): "blob", (old, "café"): None, (new, ""): "tree",
            (new, "docs/a b.md/deeper"): None, (new, "no/such/folder"): None,
        }  # fmt: skip
        assert locate(repo.path, asked) == asked

    def test_what_is_no_question_is_answered_none(self, repo: Repository) -> None:
        head = repo.commit("a", {"a": "1", "b\r/c": "1"})
        asked = [
            (head, "../repo/a"), (head, "./a"), (head, "/a"), (head, "a\nHEAD:a"), (head, "a\0"), (head, "x//a"),
            (head, "b\r/c"), (head, "\udc80/a"), (head[:7], "a"), ("HEAD", "a"), ("main", "a"), ("0" * 40, "a"),
            ("", ""),
        ]  # fmt: skip
        assert locate(repo.path, asked) == dict.fromkeys(asked)

    def test_nothing_asked(self, repo: Repository) -> None:
        assert locate(repo.path, []) == {}


class TestWatch:
    def test_the_log_of_head_and_packed_refs(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("a", {"sub/a": "1"})
        assert watch_files(repo.path) == (repo.path / ".git/logs/HEAD",)
        repo.git("pack-refs", "--all")
        expected = {repo.path / ".git/logs/HEAD", repo.path / ".git/packed-refs"}
        assert {file.resolve() for file in watch_files(repo.path / "sub")} == {file.resolve() for file in expected}
        linked = repo.worktree(tmp_path / "linked", "side")
        assert repo.path / ".git/worktrees/linked/logs/HEAD" in watch_files(linked.path)
