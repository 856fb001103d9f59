"""Commits kept from one run to the next: whatever happens to a repository, what is read with them is what git says."""

from __future__ import annotations

import json
import random
import sqlite3
import stat
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pytest

from repository import Repository
from roundbook.cache import FOLDER, Cache
from roundbook.git import objects, repository, store
from roundbook.git.history import Commit, History, PathChange, Person
from roundbook.git.repository import SHALLOW
from roundbook.git.store import FILE, Store
from roundbook.project import load
from roundbook.schema.dates import Moment
from roundbook.site.api import dump

BO = "Bo <bo@example.org>"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the smallest history, in blocks of a few commits."""
    monkeypatch.setattr(store, "FEWEST", 1)
    monkeypatch.setattr(store, "BLOCK", 4)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = Repository(tmp_path / "repo")
    for number in range(11):
        repo.commit(
            f"feat: number {number}\n\nRound: 1/1\n", {"a.txt": f"{number}\n"}, author=BO if number % 3 else "É <e@x>"
        )
    return repo


def same(repo: Repository, at: str = "") -> History:
    """Read a history with what is kept, and hold that it is what git says."""
    cache = repo.path / FOLDER
    warm = repository.read(repo.path, at=at, cache=cache)
    assert warm == repository.read(repo.path, at=at)
    return warm


def kept(repo: Repository) -> int:
    """Return how many commits are kept."""
    return len(Store(repo.path / FOLDER).load().commits)


def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of how many commits each following call reads from git."""
    counts: list[int] = []
    read_commits = objects.read_commits

    def counted(*words: object) -> object:
        found = read_commits(*words)  # type: ignore[arg-type]
        counts.append(len(found[0]))
        return found

    monkeypatch.setattr(repository, "read_commits", counted)
    return counts


class Chance:
    """Does something to a repository, chosen at random."""

    def __init__(self, repo: Repository, seed: int) -> None:
        self.repo, self.chance, self.number = repo, random.Random(seed), 0
        self.steps: list[Callable[[], object]] = [
            *3 * [self.commit],
            *2 * [self.merge],
            self.branch,
            self.switch,
            self.amend,
            self.reset,
            self.rebase,
            self.tag,
            self.collect,
            self.replace,
            self.name,
            self.graft,
            self.root,
        ]

    def step(self) -> None:
        self.number += 1
        self.chance.choice(self.steps)()

    def commit(self) -> str:
        files = {f"{self.chance.choice('abcd')}/{self.chance.randrange(3)}.txt": f"{self.number}\n"}
        return self.repo.commit(f"fix: {self.number}\n\nRound: 1/{self.chance.randrange(3)}\n", files)

    def branch(self) -> None:
        self.repo.branch(f"b{self.number}", self.chance.choice(("HEAD", "HEAD~1")))

    def _other(self) -> str:
        return self.chance.choice(self.repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split())

    def switch(self) -> None:
        self.repo.git("checkout", "--quiet", "--force", self._other())

    def merge(self) -> None:
        self.repo.git(
            "merge", "--quiet", "--no-ff", "--allow-unrelated-histories", "-X", "ours", "-m", "join", self._other()
        )

    def amend(self) -> None:
        self.repo.git("commit", "--quiet", "--amend", "-m", f"feat: amended {self.number}")

    def reset(self) -> None:
        back = self.repo.git("rev-list", "--first-parent", "--max-count=4", "HEAD").split()
        self.repo.git("reset", "--quiet", "--hard", self.chance.choice(back))

    def rebase(self) -> None:
        self.repo.git("rebase", "--quiet", "-X", "ours", self._other())

    def tag(self) -> None:
        self.repo.tag(f"v{self.number}", annotated=self.chance.random() < 0.5)

    def collect(self) -> None:
        self.repo.git("reflog", "expire", "--expire=now", "--all")
        self.repo.git("gc", "--quiet", "--prune=now")

    def replace(self) -> None:
        self.repo.git("replace", "--force", "HEAD", "HEAD~1")

    def graft(self) -> None:
        (self.repo.path / ".git/info/grafts").write_text(f"{self.repo.head}\n")

    def name(self) -> None:
        self.repo.commit("chore: name", {".mailmap": f"Name {self.number} <ada@example.org>\n"})

    def root(self) -> None:
        self.repo.commit("feat: another beginning", {"root.txt": f"{self.number}"}, parents=())


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_history_is_what_git_says(repo: Repository, seed: int) -> None:
    chance = Chance(repo, seed)
    for _ in range(9):
        for _ in range(chance.chance.randrange(1, 4)):
            try:
                chance.step()
            except AssertionError:  # nothing to rebase, or a merge that conflicts
                repo.git("reset", "--quiet", "--hard")
                for unfinished in ("rebase-merge", "rebase-apply"):
                    if (repo.path / ".git" / unfinished).exists():
                        repo.git("rebase", "--abort")
        same(repo)
    cold, warm = (json.dumps(dump(load(repo.path, cache=cache))) for cache in (None, repo.path / FOLDER))
    assert warm == cold


class TestWhatIsRead:
    def test_only_what_is_new_is_asked_of_git(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        counts = asked(monkeypatch)
        cache = repo.path / FOLDER
        repository.read(repo.path, cache=cache)
        repository.read(repo.path, cache=cache)
        repo.commit("feat: new", {"b.txt": "b\n"})
        repository.read(repo.path, cache=cache)
        repo.git("checkout", "--quiet", "HEAD~4")
        repository.read(repo.path, cache=cache)
        assert counts == [11, 1, 0]
        same(repo)

    def test_another_commit_is_read_from_what_is_kept(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        same(repo)
        before = (repo.path / FOLDER / FILE).read_bytes()
        counts = asked(monkeypatch)
        assert len(repository.read(repo.path, at="HEAD~3", cache=repo.path / FOLDER).commits) == 8
        assert counts == [0]
        assert (repo.path / FOLDER / FILE).read_bytes() == before
        same(repo, at="HEAD~3")

    def test_what_was_rewritten_goes_once_it_is_more_than_the_rest(self, repo: Repository) -> None:
        same(repo)
        for number in range(6):
            repo.git("reset", "--quiet", "--hard", "HEAD~4")
            for step in range(4):
                repo.commit(f"feat: again {step}", {"c.txt": f"{number} {step}\n"})
            same(repo)
        assert 11 <= kept(repo) <= 22

    def test_a_message_with_odd_bytes_comes_back_as_it_was(self, repo: Repository) -> None:
        person = b"author <> 99999999999 +9999\ncommitter " + "Æ <æ@x>".encode("latin-1") + b" 5 -0330\n"
        tip = repo.head.encode()
        repo.raw_commit(b"parent " + tip + b"\n" + person, b"a\0b\n\r\nc\xff")
        repo.commit("", {"odd\nname\tÿ.txt": "x", "b\\xe9": "y"})
        same(repo)
        assert kept(repo) == 13
        same(repo)

    def test_a_date_beyond_all_numbers_comes_back_as_it_was(self, repo: Repository) -> None:
        repo.raw_commit(f"parent {repo.head}\nauthor a <b> {10**22} +0000\ncommitter a <b> 5 +0000\n".encode())
        same(repo)
        assert kept(repo) == 12
        same(repo)

    def test_blocks_of_another_form_have_another_name(self) -> None:
        """Where the bytes of this block change, `_FORM` has to."""
        one = Commit(
            "a" * 40,
            (),
            Person("A", "a"),
            Person("B", "b"),
            Moment(1, 2),
            Moment(3, -4),
            "é\n",
            (PathChange("A", "p"),),
        )
        two = one._replace(id="b" * 40, parents=("a" * 40,), changes=())
        content = store._written([one, two], {one.id: 0, two.id: 1})
        assert (store._FORM[:9], blake2b(content, digest_size=8).hexdigest()) == ("commits 1", "565603b8091b4edd")
        assert list(store._read([content])) == [one, two]

    def test_blocks_that_cannot_be_read_are_not_there(self, repo: Repository) -> None:
        same(repo)
        cache = Cache(repo.path / FOLDER / FILE, store._FORM)
        for name in store._columns(cache.get(["index"])["index"])[0].decode().split():
            for content in (b"", b"\0" * 8, b"\0" * 120, store._joined(*15 * [b"x"])):
                cache.put({name: content})
                assert not Store(repo.path / FOLDER).load().commits
        same(repo)
        assert kept(repo) == 11

    def test_without_paths_nothing_is_kept(self, repo: Repository) -> None:
        repository.read(repo.path, paths=False, cache=repo.path / FOLDER)
        assert not (repo.path / FOLDER).exists()


class TestWhatAPartOfAHistoryIs:
    def test_a_shallow_clone_keeps_nothing_until_it_is_whole(self, repo: Repository, tmp_path: Path) -> None:
        clone = repo.clone(tmp_path / "clone", depth=3)
        assert same(clone).gaps == (SHALLOW,)
        clone.git("fetch", "--quiet", "--deepen=3")
        assert len(same(clone).commits) == 6
        assert kept(clone) == 0
        clone.git("fetch", "--quiet", "--unshallow")
        assert len(same(clone).commits) == kept(clone) == 11
        clone.git("fetch", "--quiet", "--depth=2")
        assert same(clone).gaps == (SHALLOW,)

    def test_a_partial_clone_keeps_nothing(self, repo: Repository, tmp_path: Path) -> None:
        clone = repo.clone(tmp_path / "clone", filter="tree:0")
        assert same(clone).gaps
        assert kept(clone) == 0

    def test_a_damaged_repository_keeps_nothing(self, repo: Repository) -> None:
        lost = repo.git("rev-parse", "HEAD~4")
        (repo.path / ".git/objects" / lost[:2] / lost[2:]).unlink()
        assert same(repo).gaps
        assert kept(repo) == 0


class TestWhatIsNotTrusted:
    def test_the_file_of_another_repository(self, repo: Repository, tmp_path: Path) -> None:
        other = Repository(tmp_path / "other")
        for number in range(5):
            other.commit(f"fix: other {number}", {"x": f"{number}"})
        same(other)
        (repo.path / FOLDER).mkdir(parents=True)
        (repo.path / FOLDER / FILE).write_bytes((other.path / FOLDER / FILE).read_bytes())
        assert len(same(repo).commits) == 11
        assert len(same(repo).commits) == 11

    @pytest.mark.parametrize("seed", range(12))
    def test_a_damaged_file(self, repo: Repository, seed: int) -> None:
        same(repo)
        chance, file = random.Random(seed), repo.path / FOLDER / FILE
        content = bytearray(file.read_bytes())
        at = chance.randrange(len(content))
        if seed % 3 == 0:
            del content[at:]
        elif seed % 3 == 1:
            content[at:] = chance.randbytes(len(content) - at)
        else:
            for _ in range(60):
                content[chance.randrange(len(content))] = chance.randrange(256)
        file.write_bytes(content)
        same(repo)

    def test_a_part_of_what_was_kept(self, repo: Repository) -> None:
        same(repo)
        with sqlite3.connect(repo.path / FOLDER / FILE) as database:
            database.execute("DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE key != 'index' LIMIT 1)")
        same(repo)
        assert kept(repo) == 11

    def test_a_file_that_the_repository_brings(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        same(repo)
        repo.git("add", "--force", str(FOLDER / FILE))
        counts = asked(monkeypatch)
        same(repo)
        assert counts == [11, 11]

    def test_a_folder_that_cannot_be_written(self, repo: Repository) -> None:
        same(repo)
        repo.commit("feat: new", {"b.txt": "b\n"})
        folder = repo.path / FOLDER
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        try:
            same(repo)
        finally:
            folder.chmod(stat.S_IRWXU)

    def test_a_folder_that_is_a_file_or_a_link(self, repo: Repository, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (repo.path / ".cache").symlink_to(tmp_path / "elsewhere")
        same(repo)
        assert not list((tmp_path / "elsewhere").iterdir())
        (repo.path / ".cache").unlink()
        (repo.path / ".cache").write_text("a file")
        same(repo)

    def test_two_runs_at_once(self, repo: Repository) -> None:
        """One writes what it read before the other did."""
        same(repo)
        own = Store(repo.path / FOLDER)
        before = own.load()
        repo.commit("feat: new", {"b.txt": "b\n"})
        same(repo)
        history = repository.read(repo.path)
        newer = repo.commit("feat: newer", {"c.txt": "b\n"})
        later = repository.read(repo.path)
        own.save(before, before.extended(later.commits[:2], newer))
        own.save(before, before.extended(history.commits[:1], history.commits[0].id))
        same(repo)
