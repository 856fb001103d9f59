"""`mkdocs serve` follows edits and commits, and survives broken files."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from repository import Repository
from site_trial import ROUND, environment, project, run, text

PATIENCE = 120.0  # seconds until a wait is given up: a bound for a hanging server, not a measure of speed


@contextmanager
def serving(repo: Repository, **more: str) -> Iterator[str]:
    """Run `mkdocs serve` in a project and give its address; its log is shown when the test fails."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = repo.path.parent / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"],
            cwd=repo.path,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"http://127.0.0.1:{port}"
            assert process.poll() is None, "the server has ended"
        finally:
            process.terminate()
            process.wait(30)
            print(log.read_text("utf-8", "replace"))


def shown(address: str) -> str:
    """Return the words of a served page; the empty text while there is no answer."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - an address of this test
            return text(answer.read().decode("utf-8"))
    except (urllib.error.URLError, OSError):
        return ""


def wait(address: str, holds: Callable[[str], bool]) -> str:
    """Return the words of a page as soon as something holds of them."""
    deadline = time.monotonic() + PATIENCE
    while not holds(words := shown(address)):
        assert time.monotonic() < deadline, f"it never came about; the page says: {words[:2000]}"
        time.sleep(0.2)
    return words


def test_edits_commits_and_broken_files(tmp_path: Path) -> None:
    repo = project(tmp_path / "project")
    repo.git("add", "-A")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    with serving(repo) as server:
        page = f"{server}/rounds/3/5/"
        wait(page, lambda words: "Upgrade the Rust toolchain to 1.93" in words)

        repo.write({"data/rounds/3/5.yml": ROUND.replace("to 1.93\n", "to 1.94, as it is out\n", 1)})
        wait(page, lambda words: "as it is out" in words)

        repo.commit("feat: a new commit\n\nRound: 3/5", {"b.txt": "b\n"})
        wait(page, lambda words: "feat: a new commit" in words)

        repo.write({"data/rounds/3/5.yml": ROUND + "titel: [oops\n"})
        broken = wait(page, lambda words: "cannot be read" in words)
        assert "data/rounds/3/5.yml:9:" in broken

        repo.write(
            {
                "data/rounds/3/5.yml": ROUND.replace("to 1.93\n", "after all\n", 1),
                "data/rounds/3/6.yml": ROUND.replace("5", "6", 1),
            }
        )
        wait(page, lambda words: "after all" in words)
        wait(f"{server}/rounds/3/6/", lambda words: "Phase 3 Round 6" in words)

        (repo.path / "data").rename(tmp_path / "away")  # S12: as on a branch that has none
        wait(f"{server}/rounds/", lambda words: "Phase 3 Round 6" not in words)
        (tmp_path / "away").rename(repo.path / "data")
        wait(f"{server}/rounds/", lambda words: "after all" in words)
        repo.write({"data/rounds/3/5.yml": ROUND.replace("to 1.93\n", "once more\n", 1)})
        wait(page, lambda words: "once more" in words)


def test_what_init_makes_is_served(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "project")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    assert run(repo.path, "roundbook", "init").code == 0
    with serving(repo) as server:
        wait(f"{server}/", lambda words: "Phase 1 Round 1" in words)
        wait(f"{server}/rounds/1/1/", lambda words: "Phase 1 Round 1" in words)
