"""Tests that loading a changed project again gives the same book as a first load, with random changes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.book.model import Book, Entry
from roundbook.checks import CHECKS, status
from roundbook.checks.registry import SharedContext
from roundbook.project import Depth, Loader, load
from roundbook.site.api import dump
from roundbook.site.reads import Digests

ROUND = """\
round: {number}
phase: {phase}
focus: Work {tests}
status: {status}
date: 2026-0{tests}-01
commits: [{{tag: v1.{tests}.0}}]
deliverables: [{{title: A file, paths: ["{affects}"]}}]
tables: [{{columns: [What, Lines], rows: [[One, 1], [Two, 1], [Total, {tests}]]}}]
goals: [{{id: go, title: Go on}}]
metrics: {{tests: {{after: {tests}, probe: {{grep: engine, in: [src]}}}}}}
agents: [{{name: Ada, task: Look, status: {status}}}]
decisions:
  - {{title: Choice {tests}, rationale: It is better, affects: "{affects}", status: accepted, literals: [engine{tests}]}}
changes: [{{id: one, type: added, text: Something}}]
"""
SETTINGS = (
    "",
    "repositories: {here: {}}\n",
    "status_words: {ready: done}\n",
    "adrs: [docs/adr]\n",
    "stale-after: 0\nattribution: {carry-forward: true}\n",
    "nonsense: 1\n",
)
PHRASES = (
    "feat: go on\n\nRound: 1/1",
    "fix: mend\n\nRound: 1/2\nDecision: choice-1",
    "feat!: turn\n\nChange: 1/1#one",
    "docs: say",
)


class Project:
    """A project that changes at random."""

    def __init__(self, path: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.repo = Repository(path)
        self.steps = 0
        self.repo.commit("feat: begin", {"a.txt": "a\n", **{self.file(): self.text() for _ in range(3)}})

    def change(self) -> None:
        """Make one change of any kind."""
        self.steps += 1
        kinds: tuple[Callable[[], object], ...] = (
            *(self.write, self.write, self.write, self.remove, self.rename, self.damage, self.settings, self.record),
            *(self.commit, self.commit, self.code, self.tag, self.branch, self.reset, self.nothing),
        )
        self.dice.choice(kinds)()

    def file(self) -> str:
        return f"data/rounds/{self.dice.randint(1, 2)}/{self.dice.randint(1, 3)}.yml"

    def text(self) -> str:
        status = self.dice.choice(("planned", "done", "ready", "in-progress"))
        affects = self.dice.choice(("a.txt", "src/**", "gone.txt"))
        phase, number = self.dice.randint(1, 2), self.dice.randint(1, 3)
        return ROUND.format(number=number, phase=phase, status=status, tests=self.dice.randint(1, 3), affects=affects)

    def write(self) -> None:
        path = self.file()
        phase, number = path.removesuffix(".yml").split("/")[2:]
        lines = self.text().split("\n")[2:]
        self.repo.write({path: "\n".join((f"round: {number}", f"phase: {phase}", *lines))})

    def existing(self) -> list[Path]:
        return sorted((self.repo.path / "data/rounds").rglob("*.yml"))

    def remove(self) -> None:
        if found := self.existing():
            self.dice.choice(found).unlink()

    def rename(self) -> None:
        if found := self.existing():
            target = self.repo.path / self.file()
            target.parent.mkdir(parents=True, exist_ok=True)
            self.dice.choice(found).rename(target)

    def damage(self) -> None:
        self.repo.write({self.file(): self.dice.choice(("", "[", self.text(), "goals: {a: b}\n"))})

    def settings(self) -> None:
        self.repo.write({"data/roundbook.yml": self.dice.choice(SETTINGS)})

    def record(self) -> None:
        status = self.dice.choice(("accepted", "superseded by 2", "odd"))
        self.repo.write({f"docs/adr/000{self.dice.randint(1, 2)}-use.md": f"# Use it\n\nStatus: {status}\n"})

    def code(self) -> None:
        number = self.dice.randint(1, 3)
        text = f"{self.steps}\n" + self.dice.choice((f"engine{number}\n", f"# @decision choice-{number}\n", ""))
        self.repo.write({self.dice.choice(("a.txt", "src/b.py")): text})

    def commit(self) -> None:
        self.code()
        self.repo.commit(self.dice.choice(PHRASES))

    def tag(self) -> None:
        self.repo.tag(f"v1.{self.steps}.0")

    def branch(self) -> None:
        commits = self.repo.git("rev-list", "--all").split()
        self.repo.git("branch", "--force", "topic", self.dice.choice(commits))

    def reset(self) -> None:
        """Put the branch on another commit, as after a rebase, and leave the files as they are."""
        self.repo.git("update-ref", "HEAD", self.dice.choice(self.repo.git("rev-list", "--all").split()))

    def nothing(self) -> None:
        """Change nothing."""


def told(book: Book) -> str:
    return json.dumps(dump(book))


@pytest.mark.parametrize("seed", range(4))
def test_loading_again_gives_what_a_first_load_gives(tmp_path: Path, seed: int) -> None:
    project = Project(tmp_path / "project", seed)
    loader = Loader(project.repo.path)
    read = 0
    for _ in range(16):
        project.change()
        again, fresh = loader.load(), load(project.repo.path)
        warm = load(project.repo.path, cache=tmp_path / "cache")
        assert again == warm == fresh
        assert told(again) == told(warm) == told(fresh)
        read += len(again.decisions)
    assert read  # so that what is compared is not only files that cannot be read


@pytest.mark.parametrize("seed", range(2))
def test_one_loader_gives_the_book_of_any_ref_as_deep_as_asked(tmp_path: Path, seed: int) -> None:
    project = Project(tmp_path / "project", seed)
    for _ in range(10):
        project.change()
    commits = [commit.id for commit in load(project.repo.path).history.commits]
    loader = Loader(project.repo.path, once=True)
    for _ in range(12):
        ref, depth = project.dice.choice(["", *commits]), project.dice.choice([*Depth])
        assert loader.load(at=ref, depth=depth) == load(project.repo.path, at=ref, depth=depth), (ref, depth)


def test_loading_again_follows_a_linked_repository(tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    other.commit("feat: begin\n\nRound: 1/1", {"src/a.py": "a\n"})
    repo = Repository(tmp_path / "home")
    text = ROUND.format(number=1, phase=1, status="done", tests=1, affects="src/**") + "repository: other\n"
    linked = "repositories:\n  home: {}\n  other: {url: 'https://example.org/o/other', path: ../other}\n"
    repo.commit("docs: begin", {"data/roundbook.yml": linked, "data/rounds/1/1.yml": text})
    loader = Loader(repo.path)
    changes: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: other.commit("feat: engine\n\nRound: 1/1", {"src/a.py": "engine1\n# @decision choice-1\n"}),
        lambda: repo.write({"data/rounds/1/1.yml": text.replace("Go on", "Go back")}),
        lambda: other.tag("v1.0.0"),
        lambda: repo.commit("docs: go on"),
    )
    for change in changes:
        change()
        again, fresh = loader.load(), load(repo.path)
        assert again == fresh
        assert again.linked_books == fresh.linked_books
        assert told(again) == told(fresh)
    assert again.linked_books["other"].history.commits[0].subject == "feat: engine"


def test_what_has_not_changed_is_kept(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "project")
    text = "round: {0}\nfocus: work\ndecisions: [{{id: d-{0}, title: Decide}}]\n"
    repo.commit("feat: begin", {f"data/rounds/1/{n}.yml": text.format(n) for n in (1, 2)})
    loader = Loader(repo.path)
    first = loader.load()
    repo.write({"data/rounds/1/2.yml": text.format(2).replace("work", "more")})
    second = loader.load()
    assert second.history is first.history
    assert second.rounds["1/1"].round is first.rounds["1/1"].round
    assert second.rounds["1/2"].round.focus == "more"
    assert second.decisions["d-2"] is first.decisions["d-2"]
    assert second.releases is first.releases


def test_only_the_round_that_has_changed_is_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repository(tmp_path / "project")
    repo.commit("feat: begin", {f"data/rounds/1/{n}.yml": f"round: {n}\nfocus: work\n" for n in (1, 2, 3)})
    checked: list[str] = []
    empty = status._empty

    def noted(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
        checked.append(entry.key)
        return empty(entry, shared)

    monkeypatch.setattr(status, "_empty", noted)
    loader = Loader(repo.path)
    loader.load()
    assert checked == ["1/1", "1/2", "1/3"]
    repo.write({"data/rounds/1/2.yml": "round: 2\nfocus: work\nsummary: It is no longer empty.\n"})
    book = loader.load()
    assert checked[3:] == ["1/2"]
    assert [one.round for one in book.results if one.check == "record-empty"] == ["1/1", "1/3"]
    repo.commit("feat: go on", {"a.txt": "a"})
    loader.load()
    assert checked[4:] == ["1/1", "1/2", "1/3"]  # they may use the history


def test_progress_tells_each_stage_and_counts(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "project")
    repo.commit("feat: begin", {f"data/rounds/1/{n}.yml": f"round: {n}\nfocus: work\n" for n in (1, 2)})
    told: list[tuple[str, int, int]] = []
    load(repo.path, progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages[:4] == ["reading git", "reading rounds", "reading versions", "building"]
    assert [step[1:] for step in told if step[0] == "reading rounds"] == [(0, 2), (1, 2)]
    checks = [step for step in told if step[0].startswith("checking ")]
    assert [done for _, done, _ in checks] == list(range(len(CHECKS)))
    assert {stage for stage, _, _ in checks} == {f"checking {one.family}" for one in CHECKS.values()}


_MAP, _MAP_TURNED = "{a: '1', b: '2'}", "{b: '2', a: '1'}"
ORDERED = (
    "metrics: MAP",
    "decisions: [{id: d, title: D, details: MAP}]",
    "goals: [{title: G, x-more: MAP}]",
    "x-more: MAP",
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *((one.replace("MAP", _MAP), one.replace("MAP", _MAP_TURNED)) for one in ORDERED),
        ("x-a: 1\nx-b: 2", "x-b: 2\nx-a: 1"),
    ],
)
def test_keys_in_another_order_make_another_book(tmp_path: Path, before: str, after: str) -> None:
    """Mappings are equal in any order, and pages show theirs."""
    repo, loader = Repository(tmp_path), Loader(tmp_path)
    for text in (before, after):
        repo.write({"data/rounds/1/1.yml": f"round: 1\nphase: 1\nfocus: F\n{text}\n"})
        again, first = Digests(loader.load()), Digests(load(tmp_path))
        for name in ("entries", "decisions"):
            assert again[((".", name),)] == first[((".", name),)]
