"""Git through GitPython; where it cannot be used, plumbing does the same."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import git

from roundbook.git import process as git_process
from roundbook.git import refs
from roundbook.git.objects import decode_path
from roundbook.git.process import Git
from roundbook.git.refs import Ref

if TYPE_CHECKING:
    import git

# @decision gitpython-for-own-repository
MOST_PACKED = 16 * 1024  # bytes of packed-refs, which GitPython goes through again for each reference
_MOST_SETTINGS = 1024 * 1024
_EXTENSIONS = {("extensions.objectformat", "sha1"), ("extensions.refstorage", "files")}
_UNSHARED = ("refs/bisect/", "refs/rewritten/", "refs/worktree/")  # each working tree has its own
# What git writes itself. A file with quotes, escapes, comments behind a value or anything odd is not left to another parser.
_HEADER = re.compile(
    r'\[(?P<name>(?!default\])[a-z][a-z0-9-]*)(?: "(?P<sub>[^"\\\]\x00-\x1f\x7f]*)")?\] *', re.IGNORECASE
)
_PLAIN = re.compile(
    r'[ \t]*(?:[#;][^\x00]*)?|[ \t]+[A-Za-z][A-Za-z0-9-]* = (?:[^"\\#;\s](?:[^"\\#;\x00-\x1f\x7f]*[^"\\#;\s])?)? *'
)
_PACKED = re.compile(
    rb"(?:# pack-refs with:[a-z -]*\n)?(?:[0-9a-f]{40} refs/[^\x00- \x7f~^:?*\[\\]+\n(?:\^[0-9a-f]{40}\n)?)*"
)
_LOOSE = re.compile(rb"(?:[0-9a-f]{40}|ref: refs/[^\x00- \x7f~^:?*\[\\]+)\n")
_NAME = re.compile(r"refs(?:/(?!\.)(?:(?!\.lock(?:/|$)|\.\.|@\{)[^\x00- \x7f~^:?*\[\\/])+(?<!\.))+")


class _UnsuitableError(Exception):
    """The repository is none that GitPython reads as git does."""


@dataclass(frozen=True, slots=True)
class Own:
    """A repository of its owner: `top` is `None` for a bare one, and `common` is the folder that all working trees share.

    `settings` are scope, key and value, in the order in which git reads them. `refs` is `None` where there are too many.
    """

    top: Path | None
    common: Path
    prefix: str
    settings: tuple[tuple[str, str, str], ...] = field(repr=False)  # addresses of remotes may hold passwords
    refs: tuple[Ref, ...] | None


def find(root: Path) -> Own | None:
    """Return the repository that holds `root`, or `None` where the plumbing has to say what is there.

    No program runs but `git version`, once, which GitPython wants on its import, and git for the settings of the system.
    """
    process = git_process.find(root)
    if process is None:
        return None
    try:
        with _environment(process):
            return _describe(root, process)
    except Exception:  # whatever the library takes offence at, the plumbing says it better
        return None


@contextlib.contextmanager
def _environment(process: Git) -> Iterator[None]:
    """Let the environment of this process be that of our git: GitPython takes `GIT_COMMON_DIR` and the like from it."""
    before = dict(os.environ)
    own = {**process.environment, "GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": process.program}
    try:
        os.environ.clear()
        os.environ.update(own)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _describe(root: Path, process: Git) -> Own | None:
    import git  # noqa: PLC0415, RUF100  a tenth of a second

    class Vetted(git.Repo):
        """A repository whose settings are read only where they are plain, and whose includes are never followed."""

        def _config_reader(self, config_level: object = None, git_dir: object = None) -> git.GitConfigParser:  # noqa: ARG002
            return _parser(git, Path(str(git_dir or self.common_dir)) / "config")

    here = root.resolve()
    with Vetted(here, search_parent_directories=True, expand_vars=False) as repo:
        folder, common = Path(repo.git_dir), Path(repo.common_dir).resolve()
        top = None if repo.bare else Path(str(repo.working_tree_dir))
        places = {"GIT_DIR": str(folder), "GIT_COMMON_DIR": str(common), "GIT_WORK_TREE": str(top or folder)}
        repo.git.update_environment(**process.environment, **places)
        settings = (*_outer(git, process), *(("local", *one) for one in _settings(git, common / "config")))
        if not (_is_here(here, top, folder) and _is_understood(settings, top, folder, common)):
            return None
        return Own(top, common, _prefix(here, top), settings, _refs(git, repo, common))


def _prefix(here: Path, top: Path | None) -> str:
    inside = here.relative_to(top or here)
    return f"{decode_path(os.fsencode(inside.as_posix()))}/" if inside.parts else ""


def _is_here(here: Path, top: Path | None, folder: Path) -> bool:
    """Tell whether git, too, would take this repository for that of `here`: of the same user, disk and `.git`."""
    if top is None:
        between, parts = [], [folder]
        found = folder == here
    else:
        between = [p for p in (here, *here.parents) if p.is_relative_to(top) and p != top]
        parts = [top, top / ".git", folder]
        found = here.is_relative_to(top) and not here.is_relative_to(folder.resolve())
    nearer = any(os.path.lexists(p / ".git") for p in between)
    owners = {os.lstat(part).st_uid for part in parts}
    return (
        found and not nearer and owners == {os.geteuid()} and len({p.stat().st_dev for p in (*between, parts[0])}) == 1
    )


def _is_understood(settings: Iterable[tuple[str, str, str]], top: Path | None, folder: Path, common: Path) -> bool:
    """Tell whether GitPython minds all settings that say how the repository is stored, and where it lies."""
    for _, key, value in settings:
        if key.startswith(("include.", "includeif.")) or (key == "safe.barerepository" and top is None):
            return False
        if key.startswith("extensions.") and (key, value) not in _EXTENSIONS and key != "extensions.partialclone":
            return False
        if key == "core.repositoryformatversion" and value not in ("0", "1"):
            return False
        if key == "core.worktree" and (folder.resolve() != common or (common / value).resolve() != top):
            return False
    return True


# --------------------------------------------------------------------------------------------------- settings


def _outer(library: ModuleType, process: Git) -> Iterator[tuple[str, str, str]]:
    """Yield the settings of the system, whose place only git knows, and those of the user."""
    env = process.environment
    if env.get("GIT_CONFIG_NOSYSTEM", "0").lower() in ("0", "false", "no", "off", ""):
        answer = process.run("config", "--system", "-z", "--list")
        yield from (("system", key, value) for key, value in refs.parse_settings(answer.out))
    if "GIT_CONFIG_GLOBAL" in env:
        files = [Path(env["GIT_CONFIG_GLOBAL"])]
    else:
        home = [Path(env["HOME"])] if env.get("HOME") else []
        xdg = [Path(env["XDG_CONFIG_HOME"])] if env.get("XDG_CONFIG_HOME") else [place / ".config" for place in home]
        files = [*(place / "git" / "config" for place in xdg), *(place / ".gitconfig" for place in home)]
    yield from (("global", *one) for file in files for one in _settings(library, file))


def _settings(library: ModuleType, file: Path) -> tuple[tuple[str, str], ...]:
    """Return the settings of a file as git prints them, sections and keys in small letters; none of one that is missing."""
    if str(file) == os.devnull or not file.exists():
        return ()
    parser = _parser(library, file)
    found: list[tuple[str, str]] = []
    for section in parser.sections():
        name, _, sub = section.partition(" ")
        whole = f"{name.lower()}.{sub[1:-1]}" if sub else name.lower()
        for option, values in parser.items_all(section):
            found += ((f"{whole}.{option.lower()}", value or "") for value in values)
    return tuple(found)


def _parser(library: ModuleType, file: Path) -> git.GitConfigParser:
    """Return GitPython's parser of a file, or raise where another parser could read something else than git does."""
    if not file.is_absolute() or not file.is_file() or file.stat().st_size > _MOST_SETTINGS:
        raise _UnsuitableError
    sections = [_HEADER.fullmatch(line) or line for line in file.read_bytes().decode("utf-8").split("\n")]
    headers = [(one["name"].lower(), one["sub"]) for one in sections if isinstance(one, re.Match)]
    if len({*headers}) < len(headers) or not all(_PLAIN.fullmatch(one) for one in sections if isinstance(one, str)):
        raise _UnsuitableError
    parser: git.GitConfigParser = library.GitConfigParser(str(file), read_only=True, merge_includes=False)
    return parser


# ------------------------------------------------------------------------------------------------- references


def _target(library: ModuleType, repo: git.Repo, name: str) -> str:
    """Return what a symbolic reference names, whether or not that exists; nothing where it is none."""
    try:
        return str(library.SymbolicReference(repo, name).reference.path)
    except (TypeError, ValueError):
        return ""


def _refs(library: ModuleType, repo: git.Repo, common: Path) -> tuple[Ref, ...] | None:
    """Return the references that are no alias, in the order of their names, each with the id that it holds."""
    packed = common / "packed-refs"
    if packed.exists() and not (packed.is_file() and packed.stat().st_size <= MOST_PACKED):
        return None
    if packed.exists() and not _PACKED.fullmatch(packed.read_bytes()):
        return None
    branch = _target(library, repo, "HEAD")
    found = []
    for one in library.Reference.iter_items(repo, "refs"):
        path = str(one.path)
        if path.startswith(_UNSHARED) or not _NAME.fullmatch(path) or not _is_plain(common / path):
            return None
        if not _target(library, repo, path):
            id_ = str(library.SymbolicReference.dereference_recursive(repo, path))
            found.append(Ref(path, id_, path == branch))
    return tuple(found) if all(int(ref.id, 16) for ref in found) else None


def _is_plain(file: Path) -> bool:
    """Tell whether the file of a reference is as git writes it, or is not there, as that of a packed one."""
    if not os.path.lexists(file):
        return True
    return file.is_file() and not file.is_symlink() and bool(_LOOSE.fullmatch(file.read_bytes()))
