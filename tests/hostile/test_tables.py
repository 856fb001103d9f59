"""The tables of `make test-hostile` and `make mutations`: what they name is there. And an import has no side effect."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mutations
import run
from roundbook.cli import COMMANDS

TESTS = Path(__file__).parents[1]
# Every way to write a file, start a program or open a connection raises an event that a hook of the interpreter sees.
WATCH = """
import os, pkgutil, sys
seen, before = [], dict(os.environ)
WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
ACTS = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
        "os.chmod", "os.link", "os.symlink", "os.truncate", "os.chdir", "os.putenv", "socket.", "shutil.", "tempfile.")

def hook(event, words):
    if event == "open" and (words[2] or 0) & WRITE or event.startswith(ACTS):
        seen.append((event, str(words[:1])[:80]))

sys.addaudithook(hook)
import roundbook
for found in pkgutil.walk_packages(roundbook.__path__, "roundbook."):
    if not found.name.endswith("__main__"):
        __import__(found.name)
count = len([name for name in sys.modules if name.startswith("roundbook")])
assert count > 100, count
assert not seen, seen
assert dict(os.environ) == before
assert "git" not in sys.modules
"""


def functions(file: Path) -> set[str]:
    return set(re.findall(r"^ *def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))


def test_every_case_and_every_defence_names_tests_that_are_there() -> None:
    named = [name for _, *names in run.cases().values() for name in names]
    named += [name for one in mutations.MUTATIONS for name in one.tests]
    there = {file: functions(Path(file)) for file in run.files(named)}
    for name in named:
        _, _, function = name.partition("::")
        wanted = function.partition("[")[0]
        found = {one for file in run.files([name]) for one in there[file]}
        assert any(one.startswith(wanted) for one in found), name
    assert all(names for _, *names in run.cases().values())


def test_every_defence_is_where_its_mutation_looks_for_it() -> None:
    for one in mutations.MUTATIONS:
        mutations.original(one.target)
    defences = [one.defence for one in mutations.MUTATIONS]
    assert len(defences) == len({*defences})


def test_an_import_writes_nothing_starts_nothing_and_changes_nothing(tmp_path: Path) -> None:
    assert COMMANDS  # or nothing of the package was there to be imported
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert [*tmp_path.iterdir()] == []
