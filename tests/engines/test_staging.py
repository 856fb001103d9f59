"""The site is the old one or the new one, whatever ends a build, and never a part of one."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from repository import Repository
from roundbook.engines import staging
from site_trial import project

CONFIG = "site_name: Trial\ntheme: {name: mkdocs}\nplugins: [PLUGINS]\n"
NOT_MORE = 5000
Site = dict[str, bytes]


def content(folder: Path) -> Site:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*roundbook-*")]


# --------------------------------------------------------------------------------------------- folders


def in_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_exchange", lambda *_: False)


def on_a_mount_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_is_mount", lambda _: True)


def on_one_without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_mount_point(monkeypatch)
    in_two_steps(monkeypatch)


def on_an_unknown_mount_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to move the folder of the site itself, as the system does there."""
    in_two_steps(monkeypatch)
    rename = Path.rename

    def refusing(path: Path, target: Path) -> Path:
        if path.name == "site":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refusing)


def in_one_step(_: pytest.MonkeyPatch) -> None:
    """Change nothing."""


WAYS = (in_one_step, in_two_steps, on_a_mount_point, on_one_without_exchange, on_an_unknown_mount_point)


@pytest.mark.parametrize("way", WAYS)
def test_the_new_folder_takes_the_place_of_the_old_one(
    way: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden entries stay, as MkDocs leaves them, and so does the mode."""
    site = tmp_path / "site"
    for name in ("index.html", "gone.html", "both/old.html", "gone/a.html", "turned", ".git", ".well-known/a"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("old")
    site.chmod(0o711)
    way(monkeypatch)
    stage = staging._stage(str(site))
    assert stage is not None
    for name in ("index.html", "both/new.html", "turned/a.html", "new/a.html"):
        (stage.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (stage.folder / name).write_text("new")
    before = content(site)
    assert {name: before[name] for name in before if "roundbook-" not in name}["index.html"] == b"old"
    stage.publish()
    stage.discard()
    new = dict.fromkeys(("index.html", "both/new.html", "turned/a.html", "new/a.html"), b"new")
    assert content(site) == {**new, ".git": b"old", ".well-known/a": b"old"}
    assert site.stat().st_mode & 0o777 == 0o711
    assert left(tmp_path) == []


def test_what_links_in_the_site_lead_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine/a/b").mkdir(parents=True)
    (tmp_path / "mine/a/b/c.txt").write_text("mine")
    (tmp_path / "site/deep").mkdir(parents=True)
    for name in ("one", "deep/two", ".three"):
        (tmp_path / "site" / name).symlink_to(tmp_path / "mine")
    stage = staging._stage(str(tmp_path / "site"))
    assert stage is not None
    stage.publish()
    stage.discard()
    assert [path.name for path in (tmp_path / "site").iterdir()] == [".three"]
    assert content(tmp_path / "mine") == {"a/b/c.txt": b"mine"}


def test_a_link_to_the_site_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to("real")
    stage = staging._stage(str(tmp_path / "site"))
    assert stage is not None
    (stage.folder / "index.html").write_text("new")
    stage.publish()
    stage.discard()
    assert (tmp_path / "site").is_symlink()
    assert content(tmp_path / "real") == {"index.html": b"new"}


def test_what_a_killed_build_left_is_cleared_and_what_one_uses_is_not(tmp_path: Path) -> None:
    used = staging._stage(str(tmp_path / "site"))
    assert used is not None
    dead = tmp_path / ".site.roundbook-dead"
    (dead / "old").mkdir(parents=True)  # it was killed between two steps
    (dead / "old/index.html").write_text("old")
    other = staging._stage(str(tmp_path / "site"))
    assert other is not None
    assert content(tmp_path / "site") == {"index.html": b"old"}
    assert not dead.exists()
    for stage in (used, other):
        (stage.folder / "index.html").write_text(stage.home.name)
    for stage in (other, used):  # two builds at once: the last one wins
        stage.publish()
        stage.discard()
        assert content(tmp_path / "site") == {"index.html": stage.home.name.encode()}
    assert left(tmp_path) == []


def test_a_file_at_the_place_of_the_site_is_left_to_mkdocs(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    assert staging._stage(str(tmp_path / "site")) is None


# --------------------------------------------------------------------------------------------- builds


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def ended() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def interrupted() -> None:
    raise KeyboardInterrupt


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


_CHANGING = frozenset({"open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "shutil.copyfile"})


def started(root: Path, stop: Callable[[], None] = full, at: int = NOT_MORE) -> int:
    """Build a site in a process of its own, which at its nth change of a file of the project stops; return its id."""
    child = os.fork()
    if child:
        return child
    count, inside = 0, str(root)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in _CHANGING or inside not in str(arguments[0]) or ".git/" in str(arguments[0]):
            return
        if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
            return
        count += 1
        if count >= at and not (stop is full and event in ("os.remove", "os.rmdir")):
            stop()

    code = 1
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.chdir(root)
        sys.addaudithook(watch)
        build(load_config(str(root / "mkdocs.yml")))
        code = 0
        (root / "count").write_text(str(count))
    finally:
        os._exit(code)


def ran(root: Path, stop: Callable[[], None] = full, at: int = NOT_MORE) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(started(root, stop, at), 0)[1])


@pytest.fixture(
    params=["search, macros, roundbook", "search, macros, roundbook: {cache: false}"], ids=["cache", "none"]
)
def repo(tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    """A project with a site that is out of date."""
    repo = project(tmp_path / "project", mkdocs_dot_yml=CONFIG.replace("PLUGINS", request.param))
    repo.commit("feat: begin")
    build(
        load_config(str(repo.path / "mkdocs.yml"))
    )  # in this process, so that those forked from it need import nothing
    repo.write({"data/rounds/3/6.yml": "round: 6\nphase: 3\nfocus: Another one\n", "docs/index.md": "# New\n"})
    return repo


def test_a_build_that_ends_early_leaves_the_site_as_it_was(repo: Repository, tmp_path: Path) -> None:
    site, saved = repo.path / "site", tmp_path / "saved"
    shutil.copytree(repo.path, saved, symlinks=True)
    old = content(site)
    assert ran(repo.path) == 0
    new, last = content(site), int((repo.path / "count").read_text())
    assert old["index.html"] != new["index.html"]
    chance = random.Random(1)
    points = [*chance.sample(range(1, last), 3), *(last - back for back in (200, 60, 9, 2))]
    for number, at in enumerate(points):
        stop = (killed, full, ended, interrupted)[number % 4]
        for folder in ("site", ".cache"):
            shutil.rmtree(repo.path / folder, ignore_errors=True)
            if (saved / folder).exists():
                shutil.copytree(saved / folder, repo.path / folder)
        code = ran(repo.path, stop, max(1, at))
        found = content(site)
        assert found in (old, new), (stop.__name__, at, last, sorted(found.keys() ^ new.keys())[:5])
        assert code or found == new, (stop.__name__, at, last)
    assert ran(repo.path) == 0
    assert content(site) == new
    assert left(repo.path) == []


def is_whole(site: Path) -> bool:
    """Tell whether there is a site, with its front page, unless it has been replaced since and is being deleted."""
    try:
        folder = os.open(site, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        os.stat("index.html", dir_fd=folder)
    except FileNotFoundError:
        return os.fstat(folder).st_ino != site.stat().st_ino
    finally:
        os.close(folder)
    return True


@pytest.mark.parametrize("repo", ["search, macros, roundbook"], indirect=True)
def test_two_builds_at_once_leave_one_whole_site(repo: Repository) -> None:
    children = [started(repo.path), started(repo.path)]
    seen = set()
    while children:
        done, status = os.waitpid(-1, os.WNOHANG)
        if done:
            children.remove(done)
            assert os.waitstatus_to_exitcode(status) == 0
        seen.add(is_whole(repo.path / "site"))
    assert seen == {True}
    found = content(repo.path / "site")
    assert b"New" in found["index.html"]
    assert left(repo.path) == []
    assert ran(repo.path) == 0
    assert content(repo.path / "site") == found


@pytest.mark.parametrize("repo", ["search, macros, roundbook"], indirect=True)
def test_mkdocs_and_others_find_the_site_where_they_asked_for_it(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `gh-deploy` does, which publishes the folder of the configuration after the build."""
    config = load_config(str(repo.path / "mkdocs.yml"), site_dir=str(repo.path / "elsewhere/site"))
    build(config)
    assert config.site_dir == str(repo.path / "elsewhere/site")
    files: Any = config.plugins["roundbook"]
    assert {Path(file.abs_dest_path).is_relative_to(config.site_dir) for file in files.files} == {True}
    (repo.path / "mkdocs.yml").write_text((repo.path / "mkdocs.yml").read_text() + "hooks: [fails.py]\n")
    (repo.path / "fails.py").write_text("def on_post_build(config):\n    raise RuntimeError\n")
    before = content(repo.path / "elsewhere/site")
    failing = load_config(str(repo.path / "mkdocs.yml"), site_dir=str(repo.path / "elsewhere/site"))
    with pytest.raises(RuntimeError):
        build(failing)
    assert content(repo.path / "elsewhere/site") == before
    assert left(repo.path) == []


def test_a_link_that_looks_like_what_a_killed_build_left_is_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "elsewhere/kept/file.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    (tmp_path / ".site.roundbook-1f2e").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    stage = staging._stage(str(tmp_path / "site"))
    assert stage is not None
    stage.discard()
    assert kept.read_text() == "kept"
