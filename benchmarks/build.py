"""Builds of a site: against a plain build of the same pages, a second one after an edit, and one of twice the size.

B1: a cold `mkdocs build` with the plugin ÷ a plain `mkdocs build` of the same pages, exported before.
B2: a second build after one edit ÷ a cold one; the same in a fresh clone with the cache of the build before, as in CI.
B4: a cold build of twice the rounds, decisions and commits ÷ once, in time and in size; also after an import in one commit.
S1: the size of a round's page, of our style sheet and scripts, and of the site.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import (
    MKDOCS,
    ROOT,
    ROUNDBOOK,
    Cost,
    Measured,
    Scale,
    Side,
    Target,
    absolute,
    compare,
    environment,
    ratio,
)
from benchmarks.inputs import SITE, git, project, round_file, round_text

B1 = Target("B1", "cold build ÷ plain build of the same pages, processor", 1.05)
B2 = Target("B2", "build after one edit ÷ cold build, processor", 0.15)
B2_CLONE = Target("B2", "the same in a fresh clone, with the cache of the build before the edit", 0.15)
B4 = Target("B4", "cold build of twice the size ÷ once, processor", 2.1)
B4_SIZE = Target("B4", "site of twice the size ÷ once, bytes", 2.1)
B4_IMPORT = Target("B4", "the same with all rounds in one commit, processor", 2.1)
S1_ROUND = Target("S1", "the largest page of a round", 100, "KB")
S1_OURS = Target("S1", "our style sheet and scripts", 30, "KB")
S1_SITE = Target("S1", "site, for each round with three decisions", 100, "KB")
_TAG = re.compile(r"<[^>]+>")
BUILD = (*MKDOCS, "build", "-q")


def cold(path: Path, name: str = "ours") -> Side:
    """Return a build of a project without a cache, and without what was built before."""
    return Side(name, BUILD, path, lambda: clear(path))


def clear(path: Path) -> None:
    """Remove what builds leave."""
    for name in (".cache", "site"):
        shutil.rmtree(path / name, ignore_errors=True)


def whole(scale: Scale, folder: Path) -> Path:
    """Return the project that is built."""
    return kept(folder / "whole", scale.rounds, scale.commits)


def kept(path: Path, rounds: int, commits: int, *, apart: bool = True) -> Path:
    """Return a project, made where it is not there."""
    return path if path.exists() else project(path, rounds, commits, apart=apart)


def growing(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what twice as much costs, in time and in size."""
    twice, once = whole(scale, folder), kept(folder / "half", scale.rounds // 2, scale.commits // 2)
    yield compare(B4, cold(twice, "whole"), cold(once, "half"), scale.runs, "processor")
    large, small = size(twice / "site"), size(once / "site")
    yield absolute(B4_SIZE, [large / small], f"{large / 1e6:.3g} MB, {small / 1e6:.3g} MB")
    twice = kept(folder / "imported", scale.rounds, scale.commits, apart=False)
    once = kept(folder / "fewer", scale.rounds // 2, scale.commits // 2, apart=False)
    yield compare(B4_IMPORT, cold(twice, "whole"), cold(once, "half"), scale.runs, "processor")


def against_plain(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield the cold build of a project against a plain one of the pages that it exports."""
    path, plain = whole(scale, folder), folder / "plain"
    (plain / "docs").mkdir(parents=True)
    command = [*ROUNDBOOK, "export", str(plain / "docs")]
    subprocess.run(command, cwd=path, env=environment(), check=True, capture_output=True)
    (plain / "docs/index.md").write_text("# Bench\n")
    (plain / "mkdocs.yml").write_text(SITE.format(plugins="search"))
    ours, theirs = cold(path), Side("plain mkdocs", BUILD, plain)
    ours.run()
    theirs.run()
    compare_words(path / "site", plain / "site")
    yield compare(B1, ours, theirs, scale.runs, "processor")


def compare_words(ours: Path, theirs: Path) -> None:
    """Require that both sites have the same words on each page of ours."""
    found = 0
    for folder in ("rounds", "decisions", "changelog", "commits"):
        for page in sorted((theirs / folder).rglob("index.html")):
            name = page.relative_to(theirs)
            found += 1
            if words(page) != words(ours / name):
                raise SystemExit(f"{name} differs between the builds, so their times say nothing")
    if not found:
        raise SystemExit("the plain build has no pages")


def words(page: Path) -> str:
    """Return the words of the article of a page, without what themes and the foot for paper put around it."""
    article = page.read_text("utf-8").partition("<h1")[2].partition("</article>")[0].partition("<aside")[0]
    article = article.partition('<p class="rb-foot"')[0]
    return " ".join(html.unescape(_TAG.sub(" ", article)).split()).partition(" Previous ")[0]


def after_an_edit(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield the cost of a second build after the edit of one round, against a cold build of the same."""
    path = whole(scale, folder)
    number, at = iter(range(1000)), scale.rounds // 2
    file = path / round_file(at)

    def edit() -> None:
        file.write_text(round_text(at, f"Focus number {next(number)}"), "utf-8")

    warm = Side("after an edit", BUILD, path, edit)
    first = Side("cold", BUILD, path, lambda: clear(path))
    first.run()
    warm.run()
    require_equal(path, first)
    clone = folder / "clone"
    git(folder, "clone", "-q", str(path), str(clone))
    fresh = Side("in a fresh clone", BUILD, clone, lambda: restore(path, clone))
    costs = []
    for _ in range(scale.runs):
        other = first.run()
        costs.append((warm.run(), fresh.run(), other))
    file.write_text(round_text(at), "utf-8")
    shutil.rmtree(clone)
    yield ratio(B2, "after an edit", "cold", [(edited, other) for edited, _, other in costs], "processor")
    yield ratio(B2_CLONE, "in a fresh clone", "cold", [(cloned, other) for _, cloned, other in costs], "processor")


def restore(path: Path, clone: Path) -> None:
    """Give a clone the cache of another build of the same project, and nothing else."""
    clear(clone)
    shutil.copytree(path / ".cache", clone / ".cache")


def require_equal(path: Path, first: Side) -> None:
    """Require that a build after an edit gave the same files as a cold one does."""
    kept = path.with_name("warm")
    shutil.copytree(path / "site", kept)
    first.run()
    differ = [one for one in tree(kept) ^ tree(path / "site") if not one[0].endswith(".gz")]
    shutil.rmtree(kept)
    if differ:
        raise SystemExit(f"a build after an edit differs from a cold one: {sorted({name for name, _ in differ})[:5]}")


def tree(folder: Path) -> set[tuple[str, bytes]]:
    """Return the files of a folder with their contents."""
    return {(f.relative_to(folder).as_posix(), f.read_bytes()) for f in folder.rglob("*") if f.is_file()}


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def sizes(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield the sizes of what is built."""
    path, rounds = whole(scale, folder), scale.rounds
    site = path / "site"
    if not site.exists():
        cold(path).run()
    pages = [page.stat().st_size / 1000 for page in site.glob("rounds/*/r*/index.html")]
    yield absolute(S1_ROUND, [max(pages)], f"of {len(pages):,} rounds")
    assets = ROOT / "hooks/roundbook/theme/assets/roundbook"
    yield absolute(S1_OURS, [size(assets) / 1000], "not compressed")
    total = size(site)
    files = sum(1 for _ in site.rglob("*.html"))
    yield absolute(S1_SITE, [total / 1000 / rounds], f"{total / 1e6:.3g} MB, {files:,} pages, {rounds:,} rounds")


def growth(scale: Scale, folder: Path) -> Iterator[tuple[int, Cost, Cost]]:
    """Yield the number of pages with the costs of a cold build and of one after an edit, for growing projects."""
    for part in (8, 4, 2, 1):
        rounds = scale.rounds // part
        path = project(folder / f"growth-{part}", rounds, scale.commits // part)
        first = cold(path).run()
        (path / round_file(rounds // 2)).write_text(round_text(rounds // 2, "Another focus"), "utf-8")
        second = Side("after an edit", BUILD, path).run()
        yield sum(1 for _ in (path / "site").rglob("*.html")), first, second
        shutil.rmtree(path)
