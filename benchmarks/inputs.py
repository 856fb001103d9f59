"""Projects made for measurements: the same arguments give the same repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.harness import environment

PER_PHASE = 50
SITE = """\
site_name: Bench
site_url: https://example.org/
theme: {{name: material, font: false}}
plugins: [{plugins}]
markdown_extensions: [attr_list]
not_in_nav: '*'
"""
ROUND = """\
round: {round}
phase: {phase}
date: 2026-01-{day:02}
focus: {focus}
metrics: {{tests: {tests}}}
agents:
  - {{name: Agent one, task: Do the first thing, status: done}}
  - {{name: Agent two, task: Do the second thing, status: done}}
goals: [First goal, Second goal, Third goal]
changes:
  - {{type: added, text: What round {round} of phase {phase} added}}
decisions:
"""
DECISION = "  - {{title: Decision {letter} of {phase}-{round}, rationale: [One reason, Another reason]}}\n"


def round_file(i: int) -> str:
    """Return the path of a round's file."""
    return f"data/rounds/{i // PER_PHASE + 1}/r{i % PER_PHASE}.yml"


def round_text(i: int, focus: str = "", decisions: int = 3) -> str:
    """Return a round's file: some decisions, two agents, a metric and an entry of the changelog."""
    phase, number = i // PER_PHASE + 1, f"r{i % PER_PHASE}"
    focus = focus or f"Focus of round {number} in phase {phase}"
    head = ROUND.format(round=number, phase=phase, day=i % 28 + 1, tests=1000 + i, focus=focus)
    return head + "".join(DECISION.format(letter=letter, phase=phase, round=number) for letter in "abc"[:decisions])


def project(path: Path, rounds: int, commits: int, *, apart: bool = True, tags: int = 20, decisions: int = 3) -> Path:
    """Make a project with so many rounds, and commits of which every second names a round.

    The files of the rounds come with a commit each, or with `apart` false all in one, as after an import.
    """
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    imported(path, _stream(rounds, commits, apart, max(1, commits // tags), decisions))
    git(path, "reset", "-q", "--hard")
    return path


def imported(path: Path, commands: Iterable[str]) -> None:
    """Give commands to `git fast-import`, which writes one pack; to pack millions of objects again takes many minutes."""
    command = ["git", "-C", str(path), "-c", "gc.auto=0", "-c", "core.compression=1", "fast-import", "--quiet"]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.writelines(text.encode() for text in commands)
    if process.returncode:
        raise SystemExit(f"git fast-import ended with {process.returncode}")


def git(path: Path, *words: str, stdin: str = "") -> None:
    """Run git in a folder."""
    command = ["git", "-C", str(path), *words]
    subprocess.run(command, input=stdin.encode(), env=environment(), check=True, stdout=subprocess.DEVNULL)


def _stream(rounds: int, commits: int, apart: bool, between: int, decisions: int) -> Iterator[str]:
    """Yield the commands of `git fast-import`."""
    files: dict[int, list[int]] = {}
    for i in range(rounds):
        files.setdefault(i * commits // rounds if apart else 0, []).append(i)
    for number in range(commits):
        at = number * rounds // commits
        key = f"{at // PER_PHASE + 1}/r{at % PER_PHASE}"
        trailer = f"\n\nRound: {key}\n" if number % 2 else "\n"
        kind = "fix" if number % 3 else "feat"
        message = f"{kind}(part{number % 20}): do the thing number {number}\n\nThe body of commit {number}.{trailer}"
        who = f"Author {number % 50} <a{number % 50}@example.org> {1_600_000_000 + number * 3600} +0100"
        yield f"commit refs/heads/main\nmark :{number + 1}\ncommitter {who}\ndata {len(message)}\n{message}"
        yield f"M 100644 inline src/{number % 40}/f{number % 1000}\ndata 8\n{number:07}\n\n"
        for i in files.get(number, ()):
            text = round_text(i, decisions=decisions)
            yield f"M 100644 inline {round_file(i)}\ndata {len(text)}\n{text}\n"
        if number == 0:
            for name in ("docs/index.md", "mkdocs.yml"):
                text = "# Bench\n" if name.startswith("docs") else SITE.format(plugins="search, macros, roundbook")
                yield f"M 100644 inline {name}\ndata {len(text)}\n{text}\n"
        if number % between == between - 1:
            yield f"reset refs/tags/v{number // between + 1}.0.0\nfrom :{number + 1}\n\n"
