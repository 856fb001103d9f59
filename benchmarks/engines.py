"""`make engines`: the export in real engines, and the plugin beside others, each in small sites whose links are all followed.

    python -m benchmarks.engines                both tables
    python -m benchmarks.engines --only i18n    the rows with this word in their name

Engines and plugins are installed by name into environments of their own below `.cache/engines`; what cannot be installed on a
machine is named and left out. The exit code is 1 if a link or an anchor is dead, or if a build fails of which the page "Use it
with other plugins" does not say so.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from links import dead_links, read_pages
from repository import Repository

HOME = ROOT / ".cache/engines"
ENGINES = ("mkdocs-material", "mkdocs-macros-plugin", "properdocs", "zensical", "sphinx", "myst-parser")
ROUND = """\
round: %d
phase: 1
date: 2026-01-01
status: done
focus: Round %d of the *trial*, see `lib.py`
summary: It was done.
goals: [{title: Reach the sea, status: done}]
decisions: [{title: Go by boat %d, rationale: It floats, affects: lib.py}]
changes: [{type: added, text: "Boat **%d**", breaking: true}]
metrics: {tests: %d}
"""
MACROS = "# Home\n\n{{ round_table() }}\n\n{{ round_decisions() }}\n"
Built = tuple[Path, subprocess.CompletedProcess[str]]
WARNING = re.compile(r"\bWARNING\b|^Warning:|^\s*⚠", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What one build came to."""

    name: str
    version: str
    pages: int = 0
    links: int = 0
    anchors: int = 0
    dead: tuple[str, ...] = ()
    warnings: int = 0
    said: str = ""

    def __str__(self) -> str:
        cells = (
            self.name,
            self.version,
            *(f"{n:,}" for n in (self.pages, self.links, self.anchors, len(self.dead), self.warnings)),
        )
        return f"| {' | '.join(cells)} | {self.said or 'ok'} |"


HEAD = "| {} | version | pages | links | of them anchors | dead | warnings | |\n|---|---|---|---|---|---|---|---|"


def environment(name: str, *packages: str) -> Path | None:
    """Return the folder of programs of an environment with these packages and roundbook, or `None`."""
    folder = HOME / name
    if not (folder / "made").is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "-e", str(ROOT), *packages], capture_output=True, text=True)
        if done.returncode:
            print(
                f"not installed: {', '.join(packages)}: {done.stderr.strip().splitlines()[-1][:200]}", file=sys.stderr
            )
            return None
        (folder / "made").touch()
    return folder / "bin"


def version(programs: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([str(programs / "python"), "-c", code], capture_output=True, text=True).stdout.strip() or "?"


def trial(folder: Path) -> Repository:
    """Make the small project that every site is built from."""
    repo = Repository(folder)
    for n in (1, 2, 3):
        number = (n,) * ROUND.count("%d")
        repo.commit(
            f"feat: boat {n} (#{n})\n\nRound: 1/{n}", {f"data/rounds/1/{n}.yml": ROUND % number, "lib.py": f"{n}\n"}
        )
    repo.tag("v1.0.0")
    return repo


def run(programs: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an environment as a user would."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON", "VIRTUAL_ENV"))}
    path = {"PATH": f"{programs}:{os.environ['PATH']}", "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    return subprocess.run(
        [str(programs / words[0]), *words[1:]], cwd=folder, env=clean | path, capture_output=True, text=True
    )


def row(name: str, release: str, site: Path, done: subprocess.CompletedProcess[str]) -> Row:
    """Return what a build came to, with every link of its pages followed."""
    output = done.stdout + done.stderr
    warned = WARNING.findall(output)
    if done.returncode:
        lines = [line for line in output.splitlines() if line.strip()]
        loud = [line for line in lines if re.search(r"WARNING|ERROR|Error", line)]
        return Row(name, release, warnings=len(warned), said=f"fails: {(loud or lines or ['?'])[0].strip()[:160]}")
    pages = read_pages(site)
    followed = [link for page in pages.values() for link in page.links if not re.match(r"[a-z]+:|//", link)]
    dead = tuple(one for one in dead_links(site) if "404.html" not in one)
    said = f"dead: {', '.join(dead[:3])}" if dead else ""
    return Row(name, release, len(pages), len(followed), sum("#" in link for link in followed), dead, len(warned), said)


# ------------------------------------------------------------------------------------------------------- engines

CONF = """\
project = "T"
extensions = ["myst_parser"]
html_extra_path = ["../extra"]
html_css_files = ["../assets/roundbook/roundbook.css"]
"""


def engine(repo: Repository, programs: Path, program: str, config: str, *words: str, home: str = "# Home\n") -> Built:
    """Export into `docs/`, and build with an engine that reads `mkdocs.yml`."""
    repo.write({"mkdocs.yml": f"site_name: T\nsite_url: https://e.example/x/\n{config}", "docs/index.md": home})
    if "roundbook]" not in config or "modules" in config:
        run(programs, repo.path, "roundbook", "export", "--into", "docs")
    return repo.path / "site", run(programs, repo.path, program, "build", "--strict", *words)


def properdocs(repo: Repository, programs: Path, config: str, home: str = "# Home\n") -> Built:
    return engine(repo, programs, "properdocs", config, "-f", "mkdocs.yml", home=home)


def sphinx(repo: Repository, programs: Path) -> Built:
    repo.write(
        {
            "mkdocs.yml": "site_name: T\nsite_url: https://e.example/x/\n",
            "docs/index.md": "# Home\n",
            "docs/conf.py": CONF,
        }
    )
    run(programs, repo.path, "roundbook", "export", "--into", "--file-urls", "docs")
    run(programs, repo.path, "roundbook", "export", "--file-urls", "extra")
    return repo.path / "site", run(programs, repo.path, "sphinx-build", "-W", "-b", "html", "docs", "site")


MATERIAL = "theme: {name: material, font: false}\n"
MODULES = "plugins: [{macros: {modules: [roundbook]}}]\nmarkdown_extensions: [attr_list]\n"
BUILDS: dict[str, tuple[str, Callable[[Repository, Path], Built]]] = {
    "MkDocs with the plugin": ("mkdocs", lambda r, p: engine(r, p, "mkdocs", "plugins: [roundbook]\n")),
    "MkDocs, export": ("mkdocs", lambda r, p: engine(r, p, "mkdocs", "theme: mkdocs\nplugins: []\n")),
    "MkDocs, export, file addresses": (
        "mkdocs", lambda r, p: engine(r, p, "mkdocs", "use_directory_urls: false\nplugins: []\n")),
    "MkDocs, export and macros": ("mkdocs", lambda r, p: engine(r, p, "mkdocs", MATERIAL + MODULES, home=MACROS)),
    "ProperDocs with the plugin": ("properdocs", lambda r, p: properdocs(r, p, MATERIAL + "plugins: [roundbook]\n")),
    "ProperDocs, export": ("properdocs", lambda r, p: properdocs(r, p, MATERIAL + "plugins: []\n")),
    "ProperDocs, export and macros": (
        "properdocs", lambda r, p: properdocs(r, p, MATERIAL + MODULES, MACROS)),
    "Zensical, export": ("zensical", lambda r, p: engine(r, p, "zensical", MATERIAL + "plugins: []\n")),
    "Zensical, export, file addresses": (
        "zensical", lambda r, p: engine(r, p, "zensical", "use_directory_urls: false\n" + MATERIAL + "plugins: []\n")),
    "Zensical, export and macros": ("zensical", lambda r, p: engine(r, p, "zensical", MATERIAL + MODULES, home=MACROS)),
    "Sphinx with MyST, export": ("sphinx", sphinx),
}  # fmt: skip


def engines(work: Path, only: str) -> Iterator[Row]:
    """Yield a row for each engine."""
    programs = environment("all", *ENGINES)
    for name, (package, build) in BUILDS.items() if programs else ():
        if only.lower() in name.lower():
            yield row(name, version(programs, package), *build(trial(work / re.sub(r"\W+", "-", name)), programs))
    if programs and only.lower() in "a forge, plain":
        yield forge(trial(work / "forge"), programs)


def forge(repo: Repository, programs: Path) -> Row:
    """Follow the links of the plain export as a forge does, from file to file."""
    run(programs, repo.path, "roundbook", "export", "--plain", "out")
    pages, links, dead = [*(repo.path / "out").rglob("*.md")], 0, []
    for page in pages:
        for found in re.findall(r"(?<!\\)\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path, _, mark = found.partition("#")
            if ":" in found:
                continue
            links += 1
            if mark or not (page.parent / path).is_file():
                dead.append(f"{page.name} -> {found}")
    return Row("A forge, --plain", "", len(pages), links, 0, tuple(dead), 0, ", ".join(dead[:3]))


# ---------------------------------------------------------------------------------------------------- neighbours


@dataclass(frozen=True)
class Neighbour:
    """A plugin beside ours: its package, its line in `plugins:`, more of the configuration, and files.

    `fails` is what a user reads where it does not work and cannot be helped: a part of the message.
    """

    package: str
    line: str
    config: str = ""
    files: tuple[tuple[str, str], ...] = ()
    fails: str = ""
    apart: bool = False


POST = "---\ndate: 2026-01-05\n---\n# A post\n\nSee [[1/1]] and [[go-by-boat-1]].\n"
LIBRARY = "# Library\n\n::: lib\n"
SCRIPT = """\
import mkdocs_gen_files
with mkdocs_gen_files.open("made.md", "w") as file:
    print("# Made\\n\\n[[1/1]]", file=file)
"""
NEIGHBOURS = {
    "search of MkDocs": Neighbour("", "search", "theme: mkdocs\n"),
    "search of Material": Neighbour("", "search", MATERIAL),
    "tags": Neighbour("", "tags", MATERIAL, (("docs/t.md", "---\ntags: [boat]\n---\n# T\n\n[[1/1]]\n"),)),
    "blog": Neighbour("", "blog", MATERIAL, (("docs/blog/index.md", "# Blog\n"), ("docs/blog/posts/a.md", POST))),
    "offline": Neighbour("", "offline", MATERIAL),
    "privacy": Neighbour("", "privacy: {assets: false}", MATERIAL),
    "macros": Neighbour("mkdocs-macros-plugin", "macros", "", (("docs/m.md", "# M\n\n{{ round_table() }}\n"),)),
    "awesome-nav": Neighbour("mkdocs-awesome-nav", "awesome-nav"),
    "literate-nav": Neighbour("mkdocs-literate-nav", "literate-nav"),
    "section-index": Neighbour("mkdocs-section-index", "section-index", MATERIAL),
    "autorefs": Neighbour("mkdocs-autorefs", "autorefs"),
    "mkdocstrings": Neighbour("mkdocstrings[python]", "mkdocstrings", "", (("docs/api.md", LIBRARY), ("lib.py", "x = 1\n"))),
    "include-markdown": Neighbour("mkdocs-include-markdown-plugin", "include-markdown"),
    "table-reader": Neighbour("mkdocs-table-reader-plugin", "table-reader"),
    "git-revision-date-localized": Neighbour("mkdocs-git-revision-date-localized-plugin", "git-revision-date-localized"),
    "git-authors": Neighbour("mkdocs-git-authors-plugin", "git-authors"),
    "redirects": Neighbour("mkdocs-redirects", "redirects: {redirect_maps: {old.md: index.md}}"),
    "llmstxt": Neighbour("mkdocs-llmstxt", "llmstxt: {sections: {All: ['*.md']}}"),
    "htmlproofer": Neighbour("mkdocs-htmlproofer-plugin", "htmlproofer: {validate_external_urls: false, raise_error: true}"),
    "mike": Neighbour("mike", "mike"),
    "minify": Neighbour("mkdocs-minify-plugin", "minify: {minify_html: true}"),
    "glightbox": Neighbour("mkdocs-glightbox", "glightbox"),
    "monorepo": Neighbour("mkdocs-monorepo-plugin", "monorepo"),
    "static-i18n": Neighbour(
        "mkdocs-static-i18n",
        "i18n: {docs_structure: suffix, languages: [{locale: en, default: true, name: English}, {locale: de, name: Deutsch}]}",
        "", (("docs/index.de.md", "# D\n\nSiehe [[1/1]].\n"),)),
    "gen-files": Neighbour("mkdocs-gen-files", "gen-files: {scripts: [gen.py]}", "", (("gen.py", SCRIPT),)),
    "exclude": Neighbour("mkdocs-exclude", "exclude: {glob: ['*.tmp']}"),
    "rss": Neighbour("mkdocs-rss-plugin", "rss", apart=True),
}  # fmt: skip


def neighbours(work: Path, only: str) -> Iterator[Row]:
    """Yield a row for each plugin and order."""
    shared = [one.package for one in NEIGHBOURS.values() if one.package and not one.apart]
    for name, one in NEIGHBOURS.items():
        if only.lower() not in name.lower():
            continue
        programs = (
            environment(f"with-{name}", "mkdocs-material", one.package)
            if one.apart
            else environment("neighbours", "mkdocs-material", *shared)
        )
        if programs is None:
            yield Row(name, "", said="not installed here")
            continue
        for first in (True, False):
            repo = trial(work / f"{re.sub(r'[^a-z]', '-', name)}-{first}")
            listed = ["roundbook", f"{{{one.line}}}" if ":" in one.line else one.line]
            plugins = ", ".join(listed if first else reversed(listed))
            config = f"site_name: T\nsite_url: https://e.example/x/\n{one.config}plugins: [{plugins}]\n"
            repo.commit(
                "docs: a site", {"mkdocs.yml": config, "docs/index.md": "# Home\n\nSee [[1/1]].\n", **dict(one.files)}
            )
            release = version(programs, one.package.partition("[")[0] or "mkdocs-material")
            made = row(
                f"{name}, {'after' if first else 'before'} us",
                release,
                repo.path / "site",
                run(programs, repo.path, "mkdocs", "build", "--strict"),
            )
            yield made


def main() -> int:
    """Print both tables, and return the exit code."""
    parser = argparse.ArgumentParser(
        "benchmarks.engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="rows with this word in their name")
    only = parser.parse_args().only
    work = HOME / "work"
    shutil.rmtree(work, ignore_errors=True)
    bad = 0
    for title, rows in (("engine", engines(work, only)), ("neighbour", neighbours(work, only))):
        print(HEAD.format(title))
        for made in rows:
            bad += bool(made.dead) or made.said.startswith("fails")
            print(made, flush=True)
        print()
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
