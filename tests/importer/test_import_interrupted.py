"""An import that is interrupted at any write: nothing of a user is lost, and a second run completes it."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.cli import cli
from roundbook.yamlfile import edit

# The decision of the second has the id of the first, so that what is written depends on what was written before.
NOTE = """\
# Phase 1 Round {n} Summary

**Date**: 2026-01-0{n}
**Focus**: Part {n}

## Key Decision: Use a queue

It is simple.

## Next Steps

- Go on with {n}
"""
CHANGELOG = "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- A thing\n"
WORDS = ("import", "notes", "CHANGELOG.md")
FILES = 4


def repository(path: Path) -> Repository:
    repo = Repository(path)
    notes = {f"notes/r{n}.md": NOTE.format(n=n) for n in (1, 2, 3)}
    mine = {"data/rounds/2/1.yml": "round: 1\nphase: 2\nfocus: Mine\n", "data/rounds/1/.1.yml.mine": "mine\n"}
    repo.commit("docs: notes", {**notes, **mine, "CHANGELOG.md": CHANGELOG})
    return repo


def tree(path: Path) -> dict[str, bytes]:
    """Return the contents of all files but those of git and of the cache."""
    files = (p for p in path.rglob("*") if p.is_file() and not {".git", ".cache"} & set(p.relative_to(path).parts))
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in files}


def run(path: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["-C", str(path), *WORDS])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files before an import, and after one that nothing interrupted."""
    repo = repository(tmp_path_factory.mktemp("whole"))
    before = tree(repo.path)
    code, output = run(repo.path)
    assert code == 0, output
    assert len(tree(repo.path)) == len(before) + FILES
    return before, tree(repo.path)


Stop = Callable[[], None]


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def terminated() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def pressed() -> None:
    raise KeyboardInterrupt


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupted(path: Path, write: int, step: str, stop: Stop) -> int:
    """Run the import in a process of its own that stops at a step of the given write, and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls = 0
    name = {"before": "_beside", "amid": "_umask", "after": "replace_file"}[step]
    real = getattr(edit, name)

    def counted(*words: object) -> object:
        nonlocal calls
        calls += 1
        if calls == write and step != "after":
            stop()
        result = real(*words)
        if calls == write and step == "after":
            stop()
        return result

    setattr(edit, name, counted)
    code = 99
    try:
        code = run(path)[0]
    finally:
        os._exit(code)


EACH = [(killed, write, step) for write in range(1, FILES + 1) for step in ("before", "amid", "after")]
OTHERS = [(stop, 2, step) for stop in (terminated, pressed, full) for step in ("before", "amid")]


@pytest.mark.parametrize(("stop", "write", "step"), [*EACH, *OTHERS], ids=lambda one: getattr(one, "__name__", one))
def test_s6_a_second_run_completes_what_was_interrupted(
    tmp_path: Path, whole: tuple[dict[str, bytes], dict[str, bytes]], stop: Stop, write: int, step: str
) -> None:
    before, after = whole
    repo = repository(tmp_path)
    code = interrupted(tmp_path, write, step, stop)
    assert code == {killed: -signal.SIGKILL, terminated: -signal.SIGTERM, pressed: 130, full: 2}[stop]
    left = {name: data for name, data in tree(repo.path).items() if not name.endswith(".part")}
    assert before.items() <= left.items() <= after.items()
    code, output = run(repo.path)
    assert (code, tree(repo.path)) == (0, after), output
    assert output.count("exists already, no changes") == len(left) - len(before)
    assert output.count(": written") == len(after) - len(left)


def test_s6_a_full_disk_says_how_far_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path)
    real, calls = edit.replace_file, []

    def last_time(path: Path, data: bytes) -> None:
        calls.append(path)
        full() if len(calls) == 3 else real(path, data)

    monkeypatch.setattr(edit, "replace_file", last_time)
    code, output = run(tmp_path)
    assert (code, "2 of 4 files were written: run the same command again" in output) == (2, True), output


def test_s6_what_another_process_still_writes_is_not_taken_for_left_over(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    handle, name = edit._beside(file)
    edit.replace_file(file, b"mine")
    assert Path(name).exists()
    os.close(handle)
    edit.replace_file(file, b"mine again")
    assert {path.name for path in tmp_path.iterdir()} == {"a.yml"}


def test_s6_what_a_person_changed_is_not_taken_for_done(tmp_path: Path) -> None:
    repository(tmp_path)
    assert CliRunner().invoke(cli, ["-C", str(tmp_path), "import", "notes"]).exit_code == 0
    file = tmp_path / "data/rounds/1/2.yml"
    file.write_text(file.read_text() + "\nnotes: [mine]\n")
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), "import", "notes"])
    assert (done.exit_code, "round 1/2 exists already" in done.output, "round 1/1" in done.output) == (2, True, False)
