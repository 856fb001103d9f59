"""`roundbook hook`: the commit hook that offers the trailers Round, Decision and Change."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from roundbook import commit_hook
from roundbook.book.build import Inputs, build
from roundbook.cli.common import UnreadableError
from roundbook.commit_hook import offer, touched
from roundbook.git import files
from roundbook.git.history import Gap, History
from roundbook.rounds import load
from roundbook.terminal import safe

KEPT = ".before-roundbook"
_PLAIN = (None, "", "message", "template")
_KEEPING = ("verbatim", "whitespace", "scissors")


@click.group("hook")
def command() -> None:
    """Offer the trailers Round, Decision and Change whenever a commit message is written.

    The hook `prepare-commit-msg` writes them as comments into the message that the editor opens: the rounds whose files
    the commit changes and the newest open ones, the decisions that it writes and those that affect the files it changes,
    and the changelog entries that it writes.

    \b
        # Round: 3/5
        # Decision: wasm-target
        # Change: 3/5#fast-build

    Uncomment a line to make it a trailer. Merges, amended commits and messages given with -m are left alone, and an error
    in the hook never stops a commit.
    """


@command.command("install")
@click.option("--force", is_flag=True, help="Replace another hook (it is renamed), or install a shared one.")
@click.pass_obj
def install(obj: tuple[Path, str], force: bool) -> None:
    """Install the hook in git's hooks folder, for all worktrees of this repository."""
    root, data = obj
    place = _place(root)
    path = place.folder / commit_hook.HOOK
    if place.shared and not force:
        raise UnreadableError(
            f"core.hooksPath is {safe(str(place.folder))} for all repositories of this user; --force installs it there"
        )
    # A folder that may be committed gets no path of this machine.
    text = commit_hook.script(place.prefix, data, None if place.tracked else sys.executable or None)
    try:
        if _is_there(path) and not _is_ours(path):
            _set_aside(path, force)
        place.folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, "utf-8", newline="\n")
        fresh.chmod(0o755)
        fresh.replace(path)
    except OSError as fault:
        raise UnreadableError(f"the hook cannot be written: {safe(str(fault))}") from None
    click.echo(f"installed {safe(str(path))}")


def _set_aside(path: Path, force: bool) -> None:
    kept = path.with_name(path.name + KEPT)
    if not force:
        raise UnreadableError(
            f"{safe(str(path))} is another hook. To have both, add this line to it: "
            f'roundbook hook run "$@" || true. To replace it: roundbook hook install --force'
        )
    if _is_there(kept):
        raise UnreadableError(f"{safe(str(kept))} is in the way; remove it first")
    path.rename(kept)


@command.command("uninstall")
@click.pass_obj
def uninstall(obj: tuple[Path, str]) -> None:
    """Remove the hook, and restore the one that it replaced."""
    path = _place(obj[0]).folder / commit_hook.HOOK
    kept = path.with_name(path.name + KEPT)
    if not _is_there(path):
        click.echo("no hook is installed")
        return
    if not _is_ours(path):
        raise UnreadableError(f"{safe(str(path))} was not written by roundbook, so it is kept")
    try:
        path.unlink()
        if _is_there(kept):
            kept.rename(path)
    except OSError as fault:
        raise UnreadableError(f"the hook cannot be removed: {safe(str(fault))}") from None
    click.echo(f"removed {safe(str(path))}")


def _place(root: Path) -> commit_hook.HookPlace:
    place = commit_hook.find(root)
    if isinstance(place, Gap):
        raise UnreadableError(f"{place.message}; {place.fix}" if place.fix else place.message)
    return place


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _is_ours(path: Path) -> bool:
    """Return whether we wrote a hook; a link is never ours."""
    return path.is_file() and not path.is_symlink() and commit_hook.is_ours(path.read_text("utf-8", "replace"))


@command.command("run")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("source", required=False)
@click.argument("sha", required=False)
@click.pass_obj
def run(obj: tuple[Path, str], file: Path, source: str | None, sha: str | None) -> None:  # noqa: ARG001  git's words
    """Write the trailers into the message FILE, as git calls its hook; the exit code is always 0."""
    if source not in _PLAIN or os.environ.get("GIT_EDITOR") == ":":
        return  # nobody will edit it, or it is a message that exists already
    try:
        _write(*obj, file)
    except Exception as fault:  # noqa: BLE001, RUF100  a commit is never stopped
        click.echo(f"roundbook: no trailers are offered: {safe(f'{type(fault).__name__}: {fault}')[:300]}", err=True)


def _write(root: Path, data: str, file: Path) -> None:
    if not (root / data / "rounds").is_dir():
        return
    index = os.environ.get("GIT_INDEX_FILE")
    staged = commit_hook.read(root, Path(index).absolute() if index else None)
    if isinstance(staged, Gap) or staged.cleanup in _KEEPING:
        return
    before = file.read_bytes().decode("utf-8", "surrogateescape")
    after = commit_hook.with_offer(before, _offer(root, data, staged), staged.comment)
    if after != before:
        file.write_bytes(after.encode("utf-8", "surrogateescape"))


def _offer(root: Path, data: str, staged: commit_hook.Staged) -> dict[str, tuple[str, ...]]:
    source = files.in_folder(root, data)
    options, _ = load.read_settings(source)
    loaded = load.read(source, options.words())
    book = build(Inputs(History(), options, (*loaded.rounds, *loaded.phases), loaded.files))
    paths = [p.removeprefix(staged.prefix) for p in staged.paths if p.startswith(staged.prefix)]
    touching = [file for key in touched(book, paths) for file in book.files[key]]
    old = load.parse(commit_hook.contents(root, touching), f"{data}/rounds", options.words())
    return offer(book, paths, {r.key: r for r in old.rounds})
