"""What a repository has already: configuration, site, notes, decision records."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from roundbook.adr import folders
from roundbook.book.version_order import Order, marked, of_one_line, order, pattern_for
from roundbook.frozen import frozen
from roundbook.git import process
from roundbook.git import repository as git_repository
from roundbook.git.files import SUFFIXES
from roundbook.git.forge import kind_of
from roundbook.git.history import Gap, History, Remote
from roundbook.git.objects import decode_path
from roundbook.importer import notes
from roundbook.scaffold import changelogs, manifests
from roundbook.scaffold.changelogs import Folder
from roundbook.schema.ids import METADATA, Space, is_record, stem_of
from roundbook.settings import defaults
from roundbook.yamlfile import reader, source

_README = re.compile(r"readme(?:\.(?:md|rst|txt))?", re.IGNORECASE)
INDEXES = ("rounds", "decisions", "changelog")  # folders whose front pages are made
PIPELINE = ".gitlab-ci.yml"
SCHEMA = "round.schema.json"
MOST_FILES = 200_000
_NO_HISTORY = frozenset({"no-git", "no-repository", "not-owned", "damaged"})
_ADR_FOLDERS = frozenset({"adr", "adrs", "decisions", "decision-records", "decision_records", "architecture-decisions"})
_ADR_NAME = re.compile(r"(?:adr[-_ ]?)?\d{1,8}(?:[-_ .].*)?\.md", re.IGNORECASE)
_NO_ADR = frozenset({"readme.md", "index.md", "template.md", "adr-template.md"})
# Folders of what is there to be tried, copied or filled in: nothing in them is of the project itself.
_SAMPLES = re.compile(
    r"(?:^|.*[-_.])(?:tests?|testing|testdata|fixtures?|examples?|samples?|e2e|__tests__|__fixtures__|templates?|vendor"
    r"|third[-_]party|node_modules)$",
    re.IGNORECASE,
)
# Other generators whose pages look like ours and are not: what is in the folder, or beside it.
_GENERATORS = {
    "conf.py": "Sphinx",
    "source/conf.py": "Sphinx",
    ".vitepress": "VitePress",
    "_config.yml": "Jekyll",
    "astro.config": "Astro",
    "docusaurus.config": "Docusaurus",
    "package.json": "another generator",
}
# Files that log decisions: `DECISIONS.md`, `docs/decision-log.md`, `memory-bank/decisionLog.md`.
_LOG = re.compile(
    r"(?:docs?/(?:.*/)?|(?:[^/]+/)?\.?memory[-_]bank/|\.planning/)?"
    r"(?:(?:architecture|design|technical|key)[-_]?)?decisions?(?:[-_]?(?:log|records?))?\.md",
    re.IGNORECASE,
)
# Notes that assistants keep up to date; those beside them, on the product and its techniques, are prose.
_LIVING = re.compile(r"(?:[^/]+/)?\.?memory[-_]bank/(?:activeContext|progress)\.md", re.IGNORECASE)
_SHOWS, _BRACES = re.compile(r"\{\{\s*round_\w+\("), re.compile(r"\{[{%#]")
_STAMP = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_GLOB = re.compile(r"[*?\[\]{}\\]|[^ -~]")
_FORGE_FILES = {PIPELINE: "gitlab", ".forgejo": "forgejo", ".gitea": "gitea"}
_WORKFLOWS = (".github/workflows", ".forgejo/workflows", ".gitea/workflows")
_PUBLISHES = re.compile(r"actions/deploy-pages|gh-deploy|actions-gh-pages|git push .*\bpages\b")
_MADE = frozenset({"node_modules", "__pycache__", "venv", "site", "build", "dist", "target"})


@frozen
class RepositoryPlace:
    """The repository: `prefix` is the project's folder in it, `""` or `sub/folder/`.

    `remote` holds no credential. `forge` is its kind, or empty where nothing tells; `named` says that the host alone tells.
    `known` says that links find the default `branch` without a setting. `inside` marks a bare repository or a folder `.git`.
    """

    repository: bool = False
    inside: bool = False
    prefix: str = ""
    remote: Remote | None = None
    forge: str = ""
    named: bool = False
    branch: str = "main"
    known: bool = True
    gaps: tuple[Gap, ...] = ()

    @property
    def up(self) -> str:
        """Return the way from the project's folder to the top of the repository, as the beginning of a path."""
        return "../" * self.prefix.count("/")


@frozen
class Past:
    """The history: `day` is that of the newest commit; `version_tags` is set where the usual pattern finds no `versions`.

    The newest of the versions is the first. `family` is the package whose versions they are, as its tags name it, where a
    repository has several. `packages` are the folders of packages by name, where they have tags and a manifest.
    """

    commits: int = 0
    day: str = ""
    tags: int = 0
    versions: tuple[str, ...] = ()
    version_tags: str = ""
    family: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


@frozen
class Configuration:
    """The user's `mkdocs.yml`: `plugins` is `None` where it names none, and `named_in` the file that names them.

    `mapping` says that they are a mapping and no list. `unlisted` says that a hand-written navigation names no page of ours.
    """

    path: str
    docs: str = "docs"
    named_in: str = ""
    plugins: tuple[str, ...] | None = None
    mapping: bool = False
    unlisted: bool = False


@frozen
class Pages:
    """The folder of hand-written pages; `own` maps an index that roundbook makes to the user's page at its address.

    `front` is the path of the front page, and `shows` tells whether it has a macro of ours. `braces` are the pages that the
    macros plugin would take for templates. `doubled` are those that MkDocs leaves out, as an `index.md` beside them has their
    address. `tops` counts the pages and folders at the top, of which a theme makes tabs. `foreign` names the generator to which
    the usual folder belongs, where the pages go elsewhere.
    """

    folder: str = "docs"
    exists: bool = False
    count: int = 0
    front: str = ""
    shows: bool = False
    braces: tuple[str, ...] = ()
    tops: int = 0
    doubled: tuple[str, ...] = ()
    foreign: str = ""
    own: Mapping[str, str] = field(default_factory=dict)


@frozen
class Publishing:
    """What a forge runs: workflows that publish a site (`ours` run roundbook), and GitLab's pipeline with its last stage."""

    others: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    pipeline: bool = False
    stage: str = ""


@frozen
class Survey:
    """What a folder has.

    `notes` sum up rounds, going by their names; `living` are those on the present state. `fragments` are folders of which
    another tool makes its changelog. `schema` is the text of the schema beside the rounds. `program` marks a `main.py`, which
    the macros plugin would run. `description` is the project's own, in one sentence or a few.
    """

    name: str
    description: str = ""
    data: str = "data"
    place: RepositoryPlace = RepositoryPlace()
    past: Past = Past()
    configuration: Configuration | None = None
    pages: Pages = Pages()
    decisions: tuple[Folder, ...] = ()
    notes: tuple[str, ...] = ()
    living: tuple[str, ...] = ()
    changelogs: tuple[str, ...] = ()
    fragments: tuple[Folder, ...] = ()
    publishing: Publishing = Publishing()
    rounds: int = 0
    schema: str = ""
    program: bool = False
    ignored: bool = True


def read(root: Path, data: str = "data") -> Survey:
    """Return what `root` has; what cannot be read counts as missing."""
    # A new folder is going to be committed, unless git ignores it.
    history = git_repository.read(root, paths=False, own=True, uncommitted=not _is_ignored(root, "mkdocs.yml"))
    place = _place(root, history)
    files = _files(root, repository=place.repository)
    own = [
        path for path in files if not path.startswith(f"{data}/") and not any(map(_SAMPLES.match, path.split("/")[:-1]))
    ]
    decisions = tuple(_decisions(root, own))
    recorded = {folder.path for folder in decisions}
    found = notes.told_by_name([p for p in own if posixpath.dirname(p) not in recorded])
    past = _past(root, _name(root, place), history, own)
    configuration = _configuration(root)
    return Survey(
        name=_name(root, place),
        description=_description(root, files),
        data=data,
        place=place,
        past=past,
        configuration=configuration,
        pages=_pages(root, configuration.docs, files) if configuration else _new_pages(root, data, files),
        decisions=decisions,
        notes=found,
        living=tuple(p for p in own if _LIVING.fullmatch(p)),
        changelogs=tuple(changelogs.found(root, files, own, past.family, past.packages.values())),
        fragments=tuple(changelogs.fragment_folders(root, own)),
        publishing=_publishing(root / place.up),
        rounds=sum(p.startswith(f"{data}/rounds/") and p.endswith(SUFFIXES) for p in files),
        schema=source.text_of(root, f"{data}/{SCHEMA}"),
        program=os.path.lexists(root / "main.py") or (root / "main").is_dir(),
        ignored=not place.repository or _is_ignored(root, "site/index.html"),
    )


def _name(root: Path, place: RepositoryPlace) -> str:
    """Return the project's name: its folder inside a repository, else the repository on the web, else its folder."""
    name = place.remote.path.rpartition("/")[2] if place.remote and not place.prefix else root.name
    return "".join(c for c in name.encode("utf-8", "replace").decode() if c.isprintable()).strip() or "Project"


def _description(root: Path, files: Sequence[str]) -> str:
    """Return what the project is for, by its manifest, else by its README."""
    told = (manifests.parse(path, source.text_of(root, path)).description for path in manifests.NAMES if path in files)
    names = (path for path in files if _README.fullmatch(path))
    readmes = (notes.document_of(source.text_of(root, path).encode("utf-8", "replace"), path)[0] for path in names)
    said = (manifests.introduction(one) for one in readmes if one)
    return next(filter(None, (*(manifests.shortened(one) for one in told if one), *said)), "")


# ----------------------------------------------------------------------------------------------------------- git


def _place(root: Path, history: History) -> RepositoryPlace:
    inside = _ask(root, "rev-parse", "--is-inside-git-dir") == "true"
    if any(gap.slug in _NO_HISTORY for gap in history.gaps):
        return RepositoryPlace(inside=inside, gaps=history.gaps)
    remote = history.remote
    host = kind_of(remote.host) if remote else None
    declared = _ask(root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").removeprefix("refs/remotes/origin/")
    place = RepositoryPlace(
        repository=True,
        inside=inside,
        prefix=history.prefix,
        remote=remote,
        forge=host or "",
        named=bool(host),
        branch=declared or history.default_branch,
        known=declared in ("", history.default_branch),
        gaps=history.gaps,
    )
    found = (kind for name, kind in _FORGE_FILES.items() if os.path.lexists(root / place.up / name))
    return replace(place, forge=next(found, "")) if remote and not host else place


def _is_ignored(root: Path, path: str) -> bool:
    # The command knows no literal paths.
    return bool(_ask(root, "--no-literal-pathspecs", "check-ignore", "--no-index", path))


def _ask(root: Path, *words: str) -> str:
    """Return the line that git answers, or nothing where it has none."""
    repository = process.find(root)
    answer = repository.run(*words) if repository else None
    return decode_path(answer.out).removesuffix("\n") if answer and answer.code == 0 else ""


def _past(root: Path, project: str, history: History, files: Sequence[str]) -> Past:
    usual = re.compile(defaults().changelog.version_tags)
    names = sorted((tag.name for tag in history.tags if tag.commit), key=_age, reverse=True)
    versions = tuple(name for name in names if usual.fullmatch(name))
    known = [one for name in names if (one := marked(name))]
    if not (versions or known) and (days := _named_after_days(names, project)):
        pattern = rf"(?:{re.escape(project).replace(chr(92) + '-', '-')}-)?(?P<version>{_STAMP.pattern})"
        return Past(len(history.commits), _day(history), len(names), days, pattern)
    packages = _packages(root, names, files)
    apart = packages if len(packages) > 1 else {}
    called = [one for one in known if one.family not in apart and one.family.casefold() == project.casefold()]
    if len(called) > len(versions):  # a few tags without the name that the others have, or several
        versions = ()
        known = [one for one in known if one in called or not one.family]
    alike = of_one_line(known) if not versions else []
    day = _day(history)
    family = alike[0].family if alike else ""
    if family and len(alike) == 1 < len(names):  # one tag among others, of something that nobody continued
        alike, family = [], ""
    found = versions or tuple(tag.name for tag in alike)
    if len(packages) == 1 and not versions:  # its versions are those of the project
        packages = {}
    if packages and not versions:
        return Past(len(history.commits), day, len(names), found, packages=packages)
    return Past(len(history.commits), day, len(names), found, pattern_for(alike), family, packages)


def _day(history: History) -> str:
    return history.commits[0].committed.day if history.commits else ""


def _named_after_days(tags: Sequence[str], project: str) -> tuple[str, ...]:
    """Return the tags that are days without signs, `20260504`, or the project's name and such a day; none where few are."""
    bare = {tag: tag.removeprefix(f"{project}-") for tag in tags}
    found = tuple(tag for tag, day in bare.items() if _STAMP.fullmatch(day))
    return tuple(sorted(found, key=bare.__getitem__, reverse=True)) if len(found) > len(tags) / 2 else ()


def _age(tag: str) -> Order:
    """Return what orders tags by their versions."""
    one = marked(tag)
    return order(tag[len(one.lead) :] if one else tag)


def _packages(root: Path, tags: Sequence[str], files: Sequence[str]) -> Mapping[str, str]:
    """Return the folders of the packages that have tags of their own and a manifest, by name."""
    families = Counter(one.family for tag in tags if (one := marked(tag)) and one.family)
    if not families:
        return {}
    paths = [path for path in files if posixpath.basename(path) in manifests.NAMES]
    told = {path: manifests.parse(path, source.text_of(root, path)) for path in paths}
    there = manifests.folders(families, told, files).items()
    sure = {name: folder for name, folder in there if not _GLOB.search(folder)}
    return dict(sorted(sure.items()))


def _files(root: Path, *, repository: bool) -> Sequence[str]:
    """Return the paths of the files that git would commit; without a repository, of those that no program made."""
    found = process.find(root) if repository else None
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    answer = found.run(*words) if found else None
    if answer and answer.code == 0:
        return sorted(map(decode_path, answer.out.split(b"\0")[:-1]))[:MOST_FILES]
    paths: list[str] = []
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in _MADE)
        paths += (Path(folder, name).relative_to(root).as_posix() for name in names)
        if len(paths) > MOST_FILES:
            break
    return sorted(paths[:MOST_FILES])


# ----------------------------------------------------------------------------------------------------- documents


def _tree(text: str) -> Mapping[str, reader.Outline]:
    tree = reader.outline(text.encode("utf-8", "replace"))
    return tree if isinstance(tree, dict) else {}


def _decisions(root: Path, files: Sequence[str]) -> Iterator[Folder]:
    """Yield the folders of decision records: those named as such, those that `.adr-dir` and log4brains name, and logs.

    A record may be a folder of its own; those with a `kep.yaml` lie in folders of groups, so the folder at the top is named.
    """
    named = {
        posixpath.normpath(posixpath.join(posixpath.dirname(path), name.strip()))
        for path in files
        for name in _named_folders(root, path)
    }
    found, proposals = Counter[str](), Counter[str]()
    for path in files:
        folder, _, name = path.rpartition("/")
        if name == METADATA and is_record(f"{folder}/README.md"):
            proposals[path.partition("/")[0]] += 1
        if stem_of(path) == posixpath.basename(folder):
            folder, name = posixpath.dirname(folder), f"{stem_of(path)}.md"
        if folder in named:
            found[folder] += name.endswith(".md") and name.lower() not in _NO_ADR
        elif posixpath.basename(folder).lower() in _ADR_FOLDERS:
            found[folder] += bool(_ADR_NAME.fullmatch(name))
    yield from (Folder(path, count, "kep") for path, count in proposals.items())
    yield from (Folder(path, count) for path, count in found.most_common() if count)
    for path in files:
        if _LOG.fullmatch(path) and posixpath.dirname(path) not in found:
            space = Space(path, "log")
            entries = folders.parse({path: source.text_of(root, path).encode("utf-8", "replace")}, [space]).records
            yield from [Folder(path, len(entries))] if len(entries) > 1 else []


def _named_folders(root: Path, path: str) -> Iterator[str]:
    """Yield the folders, as written, that a settings file of a tool for decision records names."""
    name = posixpath.basename(path)
    if name == ".adr-dir":
        yield source.text_of(root, path)
    elif name in (".log4brains.yml", ".log4brains.yaml"):
        project = _tree(source.text_of(root, path)).get("project")
        packages = project.get("packages") if isinstance(project, dict) else None
        for one in (project, *(packages if isinstance(packages, list) else ())):
            if isinstance(one, dict) and isinstance(folder := one.get("adrFolder"), str):
                yield folder


# ---------------------------------------------------------------------------------------------------------- site


def _configuration(root: Path) -> Configuration | None:
    path = next((name for name in ("mkdocs.yml", "mkdocs.yaml") if os.path.lexists(root / name)), "")
    if not path:
        return None
    text, named_in = source.text_of(root, path), path
    tree = _tree(text)
    docs, parent = tree.get("docs_dir"), tree.get("INHERIT")
    unlisted = "nav" in tree and not any(f"{name}/" in text for name in ("rounds", "project-log"))
    if (
        "plugins" not in tree
        and isinstance(parent, str)
        and "plugins" in (inherited := _tree(source.text_of(root, parent)))
    ):
        tree, named_in = inherited, parent
    plugins = tree.get("plugins")
    names: tuple[str, ...] | None = () if "plugins" in tree or re.search(r"(?m)^plugins\s*:", text) else None
    if isinstance(plugins, list):
        names = tuple(one if isinstance(one, str) else str(next(iter(one), "")) for one in plugins if one)
    elif isinstance(plugins, dict):
        names = tuple(plugins)
    folder = posixpath.normpath(docs) if isinstance(docs, str) else "docs"
    return Configuration(path, folder, named_in, names, isinstance(plugins, dict), unlisted)


def _new_pages(root: Path, data: str, files: Sequence[str]) -> Pages:
    """Return the pages of a site to be: those in `docs/`, unless another generator makes its own of them."""
    at_top = {name for path in files if path.startswith("docs/") and "/" not in (name := path[5:])}
    there = at_top | {name.partition(".config.")[0] + ".config" for name in at_top if ".config." in name}
    inside = (tool for name, tool in _GENERATORS.items() if name in there or os.path.lexists(root / "docs" / name))
    beside = "Docusaurus" if any(name.startswith("docusaurus.config.") for name in files) else ""
    foreign = next(inside, beside)
    pages = _pages(root, f"{data}/pages" if foreign else "docs", files)
    return replace(pages, foreign=foreign)


def _pages(root: Path, folder: str, files: Sequence[str]) -> Pages:
    pages = {
        path.removeprefix(f"{folder}/") for path in files if path.startswith(f"{folder}/") and path.endswith(".md")
    }
    names = (f"{folder}/{name}" for name in ("index.md", "README.md"))
    front = next((name for name in names if os.path.lexists(root / name)), "")
    shows = bool(_SHOWS.search(source.text_of(root, front))) if front else False
    braces = tuple(path for path in sorted(pages) if _BRACES.search(source.text_of(root, f"{folder}/{path}")))
    tops = len({path.partition("/")[0] for path in pages} - {front.rpartition("/")[2]})
    own = {
        name: path
        for name in INDEXES
        for path in (f"{name}/README.md", f"{name}/index.md", f"{name}.md")
        if path in pages
    }
    doubled = tuple(sorted(path for path in pages if path.endswith("README.md") and f"{path[:-9]}index.md" in pages))
    return Pages(folder, os.path.lexists(root / folder), len(pages), front, shows, braces, tops, doubled, own=own)


def _publishing(top: Path) -> Publishing:
    tree = _tree(source.text_of(top, PIPELINE))
    texts = {path: text for path in _workflows(top) if _PUBLISHES.search(text := source.text_of(top, path))}
    if "pages" in tree:
        texts[PIPELINE] = source.text_of(top, PIPELINE)
    ours = tuple(path for path, text in texts.items() if "roundbook" in text)
    stages = tree.get("stages")
    last = stages[-1] if isinstance(stages, list) and stages else ""
    others = tuple(path for path in texts if path not in ours)
    return Publishing(others, ours, os.path.lexists(top / PIPELINE), last if isinstance(last, str) else "")


def _workflows(top: Path) -> Iterator[str]:
    for folder in _WORKFLOWS:
        found = sorted((top / folder).iterdir()) if (top / folder).is_dir() else []
        yield from (f"{folder}/{file.name}" for file in found[:100] if file.suffix in SUFFIXES)
