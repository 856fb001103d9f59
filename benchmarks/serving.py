"""B3: `mkdocs serve`; from saving a round until the address of its page gives the new text."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.harness import MKDOCS, ROOT, Measured, Scale, Target, absolute, environment
from benchmarks.inputs import git, project, round_file, round_text

B3 = Target("B3", "mkdocs serve: from saving a round to its page", 1, "s")
B3_OWN = Target("B3", "the same on this project's own site", 1, "s")
MANY = 1_000  # rounds, which the target is for
PATIENCE = 300  # seconds
POLL = 0.02


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield how long a save takes to be seen."""
    for rounds in sorted({scale.rounds, MANY} if scale.runs > 1 else {scale.rounds}):
        path, at = project(folder / f"served-{rounds}", rounds, scale.commits), rounds // 2
        address = round_file(at).removeprefix("data/").removesuffix(".yml") + "/"
        took = saves(path, path / round_file(at), address, partial(round_text, at), scale.runs)
        yield absolute(B3, took, f"{rounds:,} rounds")
        shutil.rmtree(path)
    own = folder / "own"
    git(folder, "clone", "-q", "--no-hardlinks", str(ROOT), str(own))
    file = own / "data/rounds/build/1.yml"
    text = file.read_text("utf-8")
    head, _, rest = text.partition("\nfocus: ")
    tail = rest.partition("\n")[2]
    took = saves(own, file, "rounds/build/1/", lambda word: f"{head}\nfocus: {word}\n{tail}", scale.runs)
    yield absolute(B3_OWN, took, "docs and rounds of this repository")
    shutil.rmtree(own)


def saves(path: Path, file: Path, address: str, text: Callable[[str], str], runs: int) -> list[float]:
    """Return the seconds from saving a file to the page that shows it, for some saves; the first does not count."""
    took = []
    with served(path) as top:
        for number in range(runs + 1):
            word = f"Focus number {number} of the measurement"
            file.write_text(text(word), "utf-8")
            start = time.perf_counter()
            until(f"{top}{address}", word)
            took.append(time.perf_counter() - start)
            time.sleep(1)  # the server looks for changes again
    return took[1:]


@contextmanager
def served(path: Path) -> Iterator[str]:
    """Serve a project while the context lasts, and give the address of its site."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [*MKDOCS, "serve", "-q", "--dev-addr", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        command, cwd=path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        top = next(f"http://127.0.0.1:{port}{base}" for base in _bases(port, process))
        yield top
    finally:
        process.terminate()
        process.wait()


def _bases(port: int, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield the path at which the site is served, once it is: the server leads there from its top."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                yield answer.url.partition(f":{port}")[2]
                return
        except urllib.error.HTTPError as error:
            yield error.url.partition(f":{port}")[2]
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("mkdocs serve does not answer")


def until(address: str, word: str) -> None:
    """Return when an address gives a page with a word."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE:
        try:
            with urllib.request.urlopen(address) as answer:
                if word in answer.read().decode("utf-8"):
                    return
        except OSError:
            pass
        time.sleep(POLL)
    raise SystemExit(f"{address} does not show the change")
