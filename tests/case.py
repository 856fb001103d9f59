"""The cases of `tests/cases`: the repository of each folder, its book, and the expected output.

    data/           the data folder of the project, as it lies on the disk in the end
    docs/adr/       its decision records, and DECISIONS.md a log of them, where it has any
    history.yml     what happened, a list of steps; without it there is no repository at all
    expected/       what the case is about; a file that is empty is filled by `pytest --update`

A step of the history is one of

    commit: the message           with `as`, `files`, `author`, `date`, `parents`, `data`
    merge: [branches]             with `as`, `message`, `author`
    branch: name                  with `at`
    checkout: name
    tag: name                     with `at`, `message`
    remote: url
    clone: depth                  the book is then read from the clone

`as: first` names a commit: `$first` in a later step and in the data stands for its id, `$first.7` for the first seven
digits. `data: true` commits data and records with the commit; otherwise they are in no commit.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from repository import ADA, Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site import changelog_text
from roundbook.site.api import dump
from roundbook.site.pages import pages

SITE = "https://site.example/book/"
CASES = Path(__file__).parent / "cases"
_NAME = re.compile(r"\$(\w+)(?:\.(\d+))?")


@dataclass
class Stage:
    """The repository of a case while it is being built."""

    data: Mapping[str, bytes]
    repo: Repository
    names: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """Return a text with the names of commits replaced by their ids."""
        return _NAME.sub(self._id, text)

    def _id(self, match: re.Match[str]) -> str:
        known = self.names.get(match[1])
        return match[0] if known is None else known[: int(match[2]) if match[2] else None]

    def lay_data(self) -> None:
        """Write the data files into the working tree."""
        for name, content in self.data.items():
            self.repo.write({name: self.filled(content.decode("latin-1")).encode("latin-1")})

    def take(self, steps: Iterable[Mapping[str, Any]]) -> None:
        """Let the steps of a history happen."""
        for step in steps:
            _STEPS[next(iter(step))](self, step)


def names() -> list[str]:
    """Return the names of all cases."""
    return sorted(p.name for p in CASES.iterdir() if (p / "expected").is_dir()) if CASES.is_dir() else []


def build(name: str, folder: Path) -> Path:
    """Build the repository of a case below `folder` and return the root of the project."""
    case = CASES / name
    history = case / "history.yml"
    parts = [part for name in ("data", "docs") for part in (case / name).rglob("*")]
    files = sorted(p for p in (*parts, case / "DECISIONS.md") if p.is_file())
    data = {p.relative_to(case).as_posix(): p.read_bytes() for p in files}
    stage = Stage(data, Repository(folder / "project", make=history.is_file()))
    stage.repo.path.mkdir(parents=True, exist_ok=True)
    if history.is_file():
        stage.take(yaml.load(history.read_text("utf-8"), yaml.BaseLoader) or ())  # noqa: S506 - text only
    stage.lay_data()
    return stage.repo.path


def _commit(stage: Stage, step: Mapping[str, Any]) -> None:
    if step.get("data"):
        stage.lay_data()
    files = {name: stage.filled(text) if text != "~" else None for name, text in step.get("files", {}).items()}
    parents = [stage.filled(p) for p in step["parents"]] if "parents" in step else None
    made = stage.repo.commit(
        stage.filled(step["commit"]),
        files,
        author=step.get("author", ADA),
        date=step.get("date"),
        parents=parents,
    )
    stage.names[step.get("as", "")] = made


def _merge(stage: Stage, step: Mapping[str, Any]) -> None:
    branches = step["merge"] if isinstance(step["merge"], list) else [step["merge"]]
    made = stage.repo.merge(*branches, message=stage.filled(step.get("message", "")), author=step.get("author", ADA))
    stage.names[step.get("as", "")] = made


def _branch(stage: Stage, step: Mapping[str, Any]) -> None:
    stage.repo.branch(step["branch"], stage.filled(step.get("at", "HEAD")))


def _checkout(stage: Stage, step: Mapping[str, Any]) -> None:
    stage.repo.checkout(stage.filled(step["checkout"]))


def _tag(stage: Stage, step: Mapping[str, Any]) -> None:
    stage.repo.tag(step["tag"], stage.filled(step.get("at", "HEAD")), message=step.get("message", ""))


def _remote(stage: Stage, step: Mapping[str, Any]) -> None:
    stage.repo.git("remote", "add", "origin", step["remote"])


def _clone(stage: Stage, step: Mapping[str, Any]) -> None:
    beside = stage.repo.path.with_name("clone")
    stage.repo.clone(beside, depth=int(step["clone"]))
    shutil.rmtree(stage.repo.path)
    beside.rename(stage.repo.path)


_STEPS: Mapping[str, Callable[[Stage, Mapping[str, Any]], None]] = {
    "commit": _commit,
    "merge": _merge,
    "branch": _branch,
    "checkout": _checkout,
    "tag": _tag,
    "remote": _remote,
    "clone": _clone,
}


def told(book: Book, wanted: Path) -> str:
    """Return what the book says in the form of one expected file, named by its path below `expected/`."""
    if wanted.parts[0] == "pages":
        uri = Path(*wanted.parts[1:]).as_posix()
        return next((page.document() for page in pages(book) if page.uri == uri), f"there is no page {uri}\n")
    return "".join(f"{line}\n" for line in _TOLD[wanted.as_posix()](book))


def _dump(book: Book) -> Iterator[str]:
    yield json.dumps(dump(book), indent=1, ensure_ascii=False)


def _findings(book: Book) -> Iterator[str]:
    yield from map(str, book.findings)


def _commits(book: Book) -> Iterator[str]:
    for commit in book.history.commits:
        counted = book.coverage[commit.id]
        partner = book.commit(counted.partner) if counted.partner else None
        why = f"{counted.kind}: {counted.reason}" + (f" “{partner.subject}”" if partner else "")
        yield f"{commit.subject} | {why}"
        for link in book.links.get(commit.id, ()):
            yield f"    {link.round} | {link.rule}: {link.reason}"


def _releases(book: Book) -> Iterator[str]:
    for release in book.releases:
        yield f"{release.version} | tag {release.tag} | {release.date} | after {release.previous_tag}"
        for entry in release.entries:
            claimed = ", ".join(_subject(book, c) for c in entry.commits)
            breaking = "breaking " if entry.change.breaking else ""
            yield f"    {breaking}{entry.change.type}: {entry.change.text} ({entry.round}) | {claimed}"
        for group, ids in release.loose:
            yield from (f"    loose {group}: {_subject(book, c)}" for c in ids)
        yield from (f"    reverted: {_subject(book, b)} | by {_subject(book, a)}" for a, b in release.reverted)
        yield from (f"    hidden: {_subject(book, c)}" for c in release.hidden)


def _subject(book: Book, commit_id: str) -> str:
    commit = book.commit(commit_id)
    return commit.subject if commit else commit_id


def _decisions(book: Book) -> Iterator[str]:
    for decision in book.decisions.values():
        where = f"{decision.round}#{decision.anchor}" if decision.round else decision.origin
        yield f"{decision.id} | {decision.status} ({decision.status_reason}) | {where} | {decision.date}"
        for word in ("supersedes", "superseded_by", "amends", "amended_by", "depends_on", "needed_by", "related"):
            if others := getattr(decision, word):
                yield f"    {word}: {', '.join(others)}"
        for word in ("commits", "cited_by"):
            if ids := getattr(decision, word):
                yield f"    {word}: {', '.join(_subject(book, c) for c in ids)}"
        if decision.pull_requests:
            yield f"    pull requests: {', '.join(map(str, decision.pull_requests))}"


def _open_items(book: Book) -> Iterator[str]:
    for t in book.open_items:
        closed = f"closed by {t.closed_by}: {t.closed_reason}" if t.closed_by else "open"
        trail = " → ".join(f"{key}#{anchor}" for key, anchor in t.trail)
        yield f"{t.kind} | {t.title} | {trail} | {t.detail} | {closed}"


def _rounds(book: Book) -> Iterator[str]:
    for entry in book.newest_first:
        yield f"{entry.key} | {entry.round.name} | {entry.status} ({entry.status_reason})"
        yield f"    previous {entry.previous}, next {entry.next}, commits {len(entry.links)}, hidden {len(entry.hidden)}"
        for row in entry.metrics:
            yield f"    {row.name}: {row.before} ({row.before_from}) -> {row.now}, {row.difference}"
        for pull in entry.pull_requests:
            yield f"    #{pull.number}: {pull.title} | {', '.join(_subject(book, c) for c in pull.commits)}"
        for c in entry.contributors:
            yield f"    by {c.person.name}: {c.commits}, with {c.co_authored}"
        yield from (f"    {t.fate} {t.path} ({t.commits})" for t in entry.touched)


_TOLD: Mapping[str, Callable[[Book], Iterator[str]]] = {
    "dump.json": _dump,
    "findings.txt": _findings,
    "commits.txt": _commits,
    "releases.txt": _releases,
    "decisions.txt": _decisions,
    "threads.txt": _open_items,
    "rounds.txt": _rounds,
    "changelog.md": lambda book: iter([changelog_text.changelog(book, book.releases, SITE).removesuffix("\n")]),
    "bodies.md": lambda book: iter([changelog_text.bodies(book, book.releases, SITE).removesuffix("\n")]),
    "by-round.md": lambda book: iter([changelog_text.by_round(book).removesuffix("\n")]),
    "changelog.json": lambda book: iter([json.dumps(changelog_text.data(book, book.releases, SITE), indent=1)]),
}


def book_of(name: str, folder: Path) -> Book:
    """Return the book of a case."""
    return load(build(name, folder))
