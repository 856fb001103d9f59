"""The repository of the person who works in it, as GitPython describes it.

The only module that imports GitPython, which finds the repository and reads its references. Settings and objects, and
everything in repositories that GitPython does not read exactly as git does, are left to the plumbing.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from roundbook.frozen import frozen
from roundbook.git.objects import decode_path
from roundbook.git.process import Git
from roundbook.git.refs import Ref

if TYPE_CHECKING:
    import git

# @decision gitpython-for-own-repository
MOST_PACKED = 16 * 1024  # bytes of packed-refs, which GitPython parses again for each reference
_EXTENSIONS = {("extensions.objectformat", "sha1"), ("extensions.refstorage", "files")}
_UNSHARED = ("refs/bisect/", "refs/rewritten/", "refs/worktree/")  # separate for each working tree
_PACKED = re.compile(
    rb"(?:# pack-refs with:[a-z -]*\n)?(?:[0-9a-f]{40} refs/[^\x00- \x7f~^:?*\[\\]+\n(?:\^[0-9a-f]{40}\n)?)*"
)
_LOOSE = re.compile(rb"(?:[0-9a-f]{40}|ref: refs/[^\x00- \x7f~^:?*\[\\]+)\n")
_NAME = re.compile(r"refs(?:/(?!\.)(?:(?!\.lock(?:/|$)|\.\.|@\{)[^\x00- \x7f~^:?*\[\\/])+(?<!\.))+")


@frozen
class Own:
    """A repository as GitPython describes it: `top` is `None` if it is bare, `common` the folder that all work trees share.

    `refs` is `None` if there are too many, or if one is not written as git writes it.
    """

    top: Path | None
    common: Path
    prefix: str
    refs: tuple[Ref, ...] | None


def find(root: Path, process: Git, settings: Mapping[str, str]) -> Own | None:
    """Return the repository around `root`, or `None` if it has to be read by plumbing.

    `settings` are those that git reports there. No program runs except `git version`, once, which GitPython calls on its
    import.
    """
    try:
        with _environment(process):
            return _describe(root, settings)
    except Exception:  # whatever goes wrong here, plumbing reports it better
        return None


@contextlib.contextmanager
def _environment(process: Git) -> Iterator[None]:
    """Replace the environment by that of our git: GitPython reads `GIT_COMMON_DIR` and other variables from it."""
    before = dict(os.environ)
    own = {**process.environment, "GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": process.program}
    try:
        os.environ.clear()
        os.environ.update(own)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _File(io.BytesIO):
    name = "config"


def _describe(root: Path, settings: Mapping[str, str]) -> Own | None:
    import git  # noqa: PLC0415, RUF100  a tenth of a second

    class Told(git.Repo):
        """A repository with settings from git, so that GitPython parses no settings file differently than git."""

        def _config_reader(self, config_level: object = None, git_dir: object = None) -> git.GitConfigParser:  # noqa: ARG002
            text = f"[core]\n\tbare = {settings.get('core.bare', 'false')}\n"
            return git.GitConfigParser(_File(text.encode()), read_only=True)

    here = root.resolve()
    with Told(here, search_parent_directories=True, expand_vars=False) as repo:
        folder, common = Path(repo.git_dir), Path(repo.common_dir).resolve()
        top = None if repo.bare else Path(str(repo.working_tree_dir))
        if not (_is_here(here, top, folder) and _is_understood(settings, top, folder, common)):
            return None
        return Own(top, common, _prefix(here, top), _refs(git, repo, common))


def _prefix(here: Path, top: Path | None) -> str:
    inside = here.relative_to(top or here)
    return f"{decode_path(os.fsencode(inside.as_posix()))}/" if inside.parts else ""


def _is_here(here: Path, top: Path | None, folder: Path) -> bool:
    """Return whether git, too, would choose this repository for `here`: same owner, file system and `.git`."""
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


def _is_understood(settings: Mapping[str, str], top: Path | None, folder: Path, common: Path) -> bool:
    """Return whether GitPython supports all settings that say how and where the repository is stored."""
    extensions = {(k, v) for k, v in settings.items() if k.startswith("extensions.") and k != "extensions.partialclone"}
    if not extensions <= _EXTENSIONS or settings.get("core.repositoryformatversion", "0") not in ("0", "1"):
        return False
    if settings.get("core.bare", "false") not in ("true", "false") or (
        top is None and "safe.barerepository" in settings
    ):
        return False
    tree = settings.get("core.worktree")
    return tree is None or (folder.resolve() == common and (common / tree).resolve() == top)


def _target(library: ModuleType, repo: git.Repo, name: str) -> str:
    """Return the target of a symbolic reference, even if it does not exist; empty if the reference is not symbolic."""
    try:
        return str(library.SymbolicReference(repo, name).reference.path)
    except (TypeError, ValueError):
        return ""


def _refs(library: ModuleType, repo: git.Repo, common: Path) -> tuple[Ref, ...] | None:
    """Return the references that are not symbolic, sorted by name."""
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
    """Return whether the file of a reference is written as git writes it, or does not exist because it is packed."""
    if not os.path.lexists(file):
        return True
    return file.is_file() and not file.is_symlink() and bool(_LOOSE.fullmatch(file.read_bytes()))
