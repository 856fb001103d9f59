"""L1 to L8: how time and memory grow with each dimension of a book, from half of a size to all of it.

`roundbook export` of a project of the whole size ÷ of half of it: processor time, and the peak of memory. It reads the
project, judges it, and writes all pages and files. The size is a share of what a book must survive; `--load 1` is all of it.
What is said beside the ratio: the largest page, and how many MB all files have.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import ROUNDBOOK, Cost, Measured, Scale, Side, Target
from benchmarks.inputs import SITE, git, imported, project

GROWTH = 2.1
PAGE = 500 * 1024
PART = 50  # of the things that are spread over rounds, in each


class Load(NamedTuple):
    """What grows: its id, its name, how many a book must survive, and what makes a project with so many."""

    id: str
    what: str
    full: int
    make: Callable[[Path, int], object]


def _book(path: Path, files: dict[str, str], commits: int = 1) -> None:
    """Make a project of some files, with further commits that all belong to the round 1/1, and a tag at the end."""
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    files |= {"docs/index.md": "# Load\n", "mkdocs.yml": SITE.format(plugins="search, macros, roundbook")}
    imported(path, _stream(files, commits))
    git(path, "reset", "-q", "--hard")


def _stream(files: dict[str, str], commits: int) -> Iterator[str]:
    for number in range(commits):
        message = f"feat(part{number % 20}): do the thing number {number}\n\nRound: 1/1\n"
        who = f"Author {number % 50} <a{number % 50}@example.org> {1_600_000_000 + number * 3600} +0100"
        yield f"commit refs/heads/main\nmark :{number + 1}\ncommitter {who}\ndata {len(message)}\n{message}"
        yield f"M 100644 inline src/f{number % 1000}\ndata 8\n{number:07}\n\n"
        for name, text in files.items() if not number else ():
            yield f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n"
    yield f"reset refs/tags/v1.0.0\nfrom :{commits}\n\n"


def _head(i: int) -> str:
    return (
        f"round: {i % PART + 1}\nphase: {i // PART + 1}\nfocus: Round {i}\nsummary: What round {i} did\nstatus: done\n"
    )


def _spread(path: Path, count: int, key: str, entry: Callable[[int], str]) -> None:
    """Make a project whose rounds list `count` entries of a key, `PART` in each."""
    rounds = range(0, count, PART)
    files = {
        f"data/rounds/{i // PART + 1}/{i % PART + 1}.yml": f"{_head(i)}{key}:\n"
        + "".join(map(entry, range(start, min(start + PART, count))))
        for i, start in enumerate(rounds)
    }
    _book(path, files)


def _decision(i: int) -> str:
    """Return a decision; each tenth replaces the one before it, and most affect a file."""
    replaces = f", supersedes: d{i - 1}" if i % 10 == 9 else f", relates-to: d{i // 2}" if i % 10 == 5 else ""
    return f"  - {{id: d{i}, title: Decision {i}, rationale: One reason, affects: src/f{i % 1000}{replaces}}}\n"


def _change(i: int) -> str:
    return f"  - {{type: {('added', 'fixed', 'changed')[i % 3]}, text: What entry {i} says of part{i % 40}}}\n"


def _long_file(path: Path, size: int) -> None:
    """Make a project with one round file of so many bytes: tasks, and sections of prose."""
    prose = "Some prose with `code` about a/b/c.py, which says why. " * 20
    tasks = [f"  - {{title: Task {i}, status: done}}\n" for i in range(size // 500)]
    left = size - sum(map(len, tasks)) - 1000
    sections = [f"  - {{title: Section {i}, body: '{prose}'}}\n" for i in range(left // (len(prose) + 40))]
    _book(path, {"data/rounds/1/1.yml": "".join([_head(0), "tasks:\n", *tasks, "sections:\n", *sections])})


def _joined(path: Path, count: int) -> None:
    """Make a project that joins so many repositories, each with 20 rounds and 60 decisions of its own name."""
    one = project(path.with_name(f"{path.name}-one"), 20, 60)
    Side("one repository", (*ROUNDBOOK, "export", "out"), one).run()
    names = [f"repository-{i}" for i in range(count)]
    joined = "".join(f"  {name}: {{api: gathered/{name}, site: 'https://example.org/{name}/'}}\n" for name in names)
    _book(path, {"data/rounds/1/1.yml": _head(0), "data/roundbook.yml": f"repositories:\n  all: {{}}\n{joined}"})
    for name in names:
        folder = path / "gathered" / name
        folder.mkdir(parents=True)
        for file in ("rounds", "decisions", "open-items", "evidence"):
            text = (one / f"out/api/{file}.json").read_text("utf-8")
            (folder / f"{file}.json").write_text(text.replace("Decision ", f"{name}: decision "), "utf-8")
    shutil.rmtree(one)


LOADS = (
    Load("L1", "rounds", 10_000, lambda path, n: project(path, n, n, decisions=1)),
    Load("L2", "commits", 1_000_000, lambda path, n: project(path, 250, n)),
    Load("L3", "decisions", 5_000, lambda path, n: _spread(path, n, "decisions", _decision)),
    Load("L4", "commits of one round", 2_000, lambda path, n: _book(path, {"data/rounds/1/1.yml": _head(0)}, n)),
    Load("L5", "entries of one release", 100_000, lambda path, n: _spread(path, n, "changes", _change)),
    Load("L6", "bytes of one round file", 5_000_000, _long_file),
    Load("L7", "tags", 1_000, lambda path, n: project(path, 20, n, tags=n)),
    Load("L8", "joined repositories", 100, _joined),
)


def measured(load: Load, scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield the growth of time and memory with a dimension."""
    yield from grown(load, max(2, int(load.full * scale.load)), folder / load.id)


rounds, commits, decisions, commits_of_a_round, entries, size_of_a_file, tags, repositories = (
    partial(measured, one) for one in LOADS
)


def grown(load: Load, size: int, folder: Path) -> Iterator[Measured]:
    """Yield how processor time and memory grow from half of a size to all of it."""
    costs: list[Cost] = []
    said = ""
    for count in (size // 2, size):
        root = folder / str(count)
        load.make(root, count)
        costs.append(Side(f"{count:,}", (*ROUNDBOOK, "export", "out"), root).run())
        said = _sizes(root / "out")
        shutil.rmtree(root)
    half, whole = costs
    words = f"{size:,}: {whole.processor:.3g} s, {whole.memory:,.0f} MiB; half: {half.processor:.3g} s, {half.memory:,.0f} MiB"
    time, memory = whole.processor / half.processor, whole.memory / half.memory
    yield Measured(
        Target(load.id, f"time with twice as many {load.what}", GROWTH), time, time, time, f"{words}; {said}"
    )
    yield Measured(Target(load.id, f"memory with twice as many {load.what}", GROWTH), memory, memory, memory, "")


def _sizes(out: Path) -> str:
    """Return in words how large the files are, and which page is larger than a page may be."""
    sizes = {path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*") if path.is_file()}
    pages = {name: size for name, size in sizes.items() if name.endswith((".md", ".html"))}
    name = max(pages, key=lambda one: pages[one])
    told = (
        f"{len(sizes):,} files, {sum(sizes.values()) / 1e6:,.1f} MB, largest page {name} {pages[name] / 1024:,.0f} KiB"
    )
    large = sum(size > PAGE for size in pages.values())
    return f"{told}, {large} pages above 500 KiB" if large else told


if __name__ == "__main__":  # python -m benchmarks.load L1 500 FOLDER: one dimension, of one size
    for one in grown(next(load for load in LOADS if load.id == sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])):
        print(one.line(), flush=True)
