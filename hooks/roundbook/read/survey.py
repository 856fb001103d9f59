"""In: the folder of a project. Out: its `Survey`: what is there that roundbook can build on. Nothing is written or run."""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from roundbook.model.forge import kind_of
from roundbook.model.history import History
from roundbook.model.message import conventional
from roundbook.model.survey import INDEXES, Configuration, Folder, Pages, Past, Place, Publishing, Survey
from roundbook.model.version import marked, of_one_line, pattern_for
from roundbook.read import configuration, git, git_process, listing, notes, outline, source
from roundbook.read.files import SUFFIXES
from roundbook.read.git_objects import decode_path
from roundbook.settings import defaults

MOST_NOTES = 5_000
_NEWEST = 1_000  # commits whose subjects are looked at
_TYPES = frozenset(["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert"])
_NONE = frozenset({"no-git", "no-repository", "not-owned", "damaged"})
_CHANGELOGS = re.compile(r"(?:changelog|changes|history|news|releases)\.md", re.IGNORECASE)
_FRONT = ("index.md", "README.md")
PIPELINE = ".gitlab-ci.yml"
_TOLD_BY = {PIPELINE: "gitlab", ".forgejo": "forgejo", ".gitea": "gitea"}
_WORKFLOWS = (".github/workflows", ".forgejo/workflows", ".gitea/workflows")
_PUBLISHES = re.compile(r"actions/deploy-pages|gh-deploy|actions-gh-pages|git push .*\bpages\b")


def read(root: Path, data: str = "data") -> Survey:
    """Return what lies at `root`; what cannot be read is not there."""
    history = git.read(root, paths=False, own=True)
    place = _place(root, history)
    desk = _Desk(root, data, listing.read(root, repository=place.repository))
    found = configuration.read(root)
    decisions = tuple(desk.decisions())
    summaries = tuple(sorted(path for path in desk.notes if desk.is_summary(path, decisions)))
    folders = {posixpath.dirname(path) for path in summaries}
    about = (*summaries, *(p for p in desk.notes if posixpath.dirname(p) in {f.path for f in decisions}))
    places = notes.places_of((*desk.files, *history.tree))
    return Survey(
        name=_name(root, place),
        data=data,
        place=place,
        past=_past(history),
        configuration=found,
        pages=_pages(root, found, desk.files),
        decisions=decisions,
        summaries=summaries,
        beside=tuple(p for p in desk.files if posixpath.dirname(p) in folders and p.endswith(".md")),
        changelogs=tuple(p for p in desk.files if _CHANGELOGS.fullmatch(p)),
        fragments=tuple(desk.fragments()),
        roots=notes.lost_roots((one for p in about for one in notes.paths_in(desk.text(p))), places),
        publishing=_publishing(_top(root, place.prefix)),
        rounds=sum(p.startswith(f"{data}/rounds/") and p.endswith(SUFFIXES) for p in desk.files),
        settings=desk.settings(),
        schema=desk.text(f"{data}/round.schema.json"),
        program=os.path.lexists(root / "main.py") or (root / "main").is_dir(),
        ignored=_ignores(root, place),
        unread=desk.unread,
    )


def _top(root: Path, prefix: str) -> Path:
    """Return the top of the repository that has a folder `prefix`."""
    return root.joinpath(*[".." for _ in range(prefix.count("/"))]).resolve()


def _name(root: Path, place: Place) -> str:
    """Return what the project is called: its folder inside a repository, else the repository on the web, else its folder."""
    told = place.remote.path.rpartition("/")[2] if place.remote and not place.prefix else root.name
    shown = "".join(c for c in told.encode("utf-8", "replace").decode() if c.isprintable()).strip()
    return shown or "Project"


def _place(root: Path, history: History) -> Place:
    gaps = tuple((gap.slug, gap.message, gap.mend) for gap in history.gaps)
    inside = _said(root, "rev-parse", "--is-inside-git-dir") == "true"
    if any(gap.slug in _NONE for gap in history.gaps):
        return Place(inside=inside, branch="main", gaps=gaps)
    remote = history.remote
    host = kind_of(remote.host) if remote else None
    declared = _said(root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").removeprefix("refs/remotes/origin/")
    top = _top(root, history.prefix)
    told = next((kind for name, kind in _TOLD_BY.items() if os.path.lexists(top / name)), "")
    return Place(
        repository=True,
        inside=inside,
        prefix=history.prefix,
        remote=remote,
        remotes=len(history.remotes),
        forge=host or (told if remote else ""),
        named=bool(host),
        branch=declared or history.default_branch,
        known=declared in ("", history.default_branch),
        gaps=gaps,
    )


def _said(root: Path, *words: str) -> str:
    """Return the line that git answers, or nothing where it has none."""
    git_here = git_process.find(root)
    answer = git_here.run(*words) if git_here else None
    return decode_path(answer.out).removesuffix("\n") if answer and answer.code == 0 else ""


def _ignores(root: Path, place: Place) -> bool:
    """Tell whether git keeps the built site out, or there is no git that could take it in."""
    return not place.repository or bool(_said(root, "check-ignore", "--no-index", "site/index.html"))


def _past(history: History) -> Past:
    usual = re.compile(defaults().changelog.version_tags)
    own = [commit for commit in history.commits if len(commit.parents) < 2][:_NEWEST]
    said = sum(1 for commit in own if (head := conventional(commit)) and head.type in _TYPES)
    names = tuple(tag.name for tag in history.tags if tag.commit)
    taken = tuple(name for name in names if usual.fullmatch(name))
    alike = of_one_line([found for name in names if (found := marked(name))]) if not taken else []
    versions = taken or tuple(tag.name for tag in alike)
    day = history.commits[0].committed.day if history.commits else ""
    return Past(len(history.commits), day, len(own), said, names, versions, pattern_for(alike))


def _pages(root: Path, found: Configuration | None, files: Sequence[str]) -> Pages:
    folder = found.docs if found else "docs"
    inside = [path for path in files if path.startswith(f"{folder}/") and path.endswith(".md")]
    every = set(inside)
    clashes = (f"{d}/README.md" for d in sorted({posixpath.dirname(p) for p in inside}) if f"{d}/index.md" in every)
    return Pages(
        folder,
        os.path.lexists(root / folder),
        len(inside),
        any(os.path.lexists(root / folder / name) for name in _FRONT),
        tuple(
            form.format(name)
            for name in INDEXES
            for form in ("{}.md", "{}/index.md", "{}/README.md")
            if f"{folder}/{form.format(name)}" in every
        ),
        tuple(path for path in clashes if path in every),
    )


def _publishing(top: Path) -> Publishing:
    pipeline = _text(top, PIPELINE) if os.path.lexists(top / PIPELINE) else None
    tree = outline.parse((pipeline or "").encode("utf-8", "replace"))
    keys: Mapping[str, outline.Outline] = tree if isinstance(tree, dict) else {}
    stages = keys.get("stages")
    texts = {path: text for path, text in _workflows(top) if _PUBLISHES.search(text)}
    texts |= {PIPELINE: pipeline} if pipeline and "pages" in keys else {}
    ours = tuple(path for path, text in texts.items() if "roundbook" in text)
    named = tuple(one for one in stages if isinstance(one, str)) if isinstance(stages, list) else ()
    return Publishing(tuple(path for path in texts if path not in ours), ours, pipeline is not None, named)


def _workflows(top: Path) -> Iterator[tuple[str, str]]:
    for folder in _WORKFLOWS:
        found = sorted((top / folder).iterdir()) if (top / folder).is_dir() else []
        for file in found[:100]:
            if file.suffix in SUFFIXES:
                yield f"{folder}/{file.name}", _text(top, f"{folder}/{file.name}")


def _text(root: Path, path: str) -> str:
    data, _ = source.read(root / path, root)
    text, _ = source.decode(data, path) if data is not None else (None, [])
    return text or ""


@dataclass(frozen=True)
class _Desk:
    """The files of a project, and what is read of them; each note is read once."""

    root: Path
    data: str
    files: Sequence[str]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Return what was read so far."""
        return {}

    def text(self, path: str) -> str:
        """Return the text of a file, of a note only its beginning; empty where it cannot be read."""
        if path not in self.texts:
            whole = _text(self.root, path)
            self.texts[path] = whole[: notes.ENOUGH] if path.endswith(".md") else whole
        return self.texts[path]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Return the Markdown files that are looked into; where there are too many, those that lie least deep."""
        found = (p for p in self.files if p.lower().endswith(".md"))
        return tuple(sorted(sorted(found, key=lambda p: p.count("/"))[:MOST_NOTES]))

    @property
    def unread(self) -> int:
        """Return how many Markdown files are not looked into."""
        return sum(p.lower().endswith(".md") for p in self.files) - len(self.notes)

    def is_summary(self, path: str, decisions: Sequence[Folder]) -> bool:
        """Tell whether a note sums up a round."""
        apart = posixpath.dirname(path) in {folder.path for folder in decisions} or path.startswith(f"{self.data}/")
        return not apart and notes.is_summary(path, notes.title_of(self.text(path)))

    def decisions(self) -> Iterator[Folder]:
        """Yield the folders in which most files that may be records of decisions are such, and most files may be."""
        told = dict(self._told())
        every = Counter(posixpath.dirname(path) for path in self.notes if not notes.is_about(path))
        may: Counter[str] = Counter()
        are: Counter[str] = Counter()
        for path in self.notes:
            folder = posixpath.dirname(path)
            if not path.startswith(f"{self.data}/rounds/") and notes.may_be_decision(path, told):
                may[folder] += 1
                are[folder] += notes.is_decision(self.text(path), told=folder in told)
        for folder, count in sorted(are.items(), key=lambda one: (-one[1], one[0])):
            if folder and count * 2 > may[folder] and (folder in told or count * 2 > every[folder]):
                yield Folder(folder, told.get(folder, "by their form"), count)

    def _told(self) -> Iterator[tuple[str, str]]:
        """Yield the folders that the settings of other tools name, with the file that does."""
        for path in self.files:
            folder, _, name = path.rpartition("/")
            if name == ".adr-dir":
                yield posixpath.normpath(posixpath.join(folder, self.text(path).strip())), path
            elif name == ".log4brains.yml":
                for inner in _log4brains(outline.parse(self.text(path).encode("utf-8", "replace"))):
                    yield posixpath.normpath(posixpath.join(folder, inner)), path

    def fragments(self) -> Iterator[Folder]:
        """Yield the folders of news fragments, by the tool that reads them."""
        homes = {"newsfragments": "towncrier", "releasenotes/notes": "reno", "changelog.d": "scriv"}
        homes = {**homes, ".changeset": "changesets", **dict.fromkeys(self._towncrier(), "towncrier")}
        for folder, kind in homes.items():
            inside = [p for p in self.files if p.startswith(f"{folder}/") and not _is_support(p)]
            if inside or os.path.lexists(self.root / folder):
                yield Folder(folder, kind, len(inside))

    def _towncrier(self) -> Iterator[str]:
        for path in ("towncrier.toml", "pyproject.toml"):
            try:
                tree = tomllib.loads(self.text(path)) if path in self.files else {}
            except (tomllib.TOMLDecodeError, RecursionError):
                continue
            tool = tree.get("tool", {})
            told = tool.get("towncrier") if isinstance(tool, dict) else None
            said = told.get("directory") if isinstance(told, dict) else None
            if isinstance(said, str):
                yield posixpath.normpath(said)

    def settings(self) -> tuple[str, ...] | None:
        """Return the keys of the settings file, or `None` where there is none."""
        path = f"{self.data}/roundbook.yml"
        if not os.path.lexists(self.root / path):
            return None
        tree = outline.parse(self.text(path).encode("utf-8", "replace"))
        return tuple(tree) if isinstance(tree, dict) else ()


def _is_support(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith((".", "_")) or name.lower() in ("readme.md", "readme.rst", "config.json", "template.rst")


def _log4brains(tree: outline.Outline) -> Iterator[str]:
    project = tree.get("project") if isinstance(tree, dict) else None
    if not isinstance(project, dict):
        return
    packages = project.get("packages")
    for one in (project, *(packages if isinstance(packages, list) else ())):
        folder = one.get("adrFolder") if isinstance(one, dict) else None
        if isinstance(folder, str):
            yield folder
