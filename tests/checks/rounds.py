"""The results of checks for round files given as text, in a real repository."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.project import load


def lay(root: Path, rounds: Mapping[str, str], settings: str = "") -> dict[str, str]:
    """Write round files (`3/4` → the lines below `round:`) and settings, and return what was written by path."""
    files = {f"data/rounds/{key}.yml": _file(key, text) for key, text in rounds.items()}
    if settings:
        files["data/roundbook.yml"] = textwrap.dedent(settings).lstrip("\n")
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return files


def _file(key: str, text: str) -> str:
    name = key.rpartition("/")[2]
    head = "" if name == "phase" else f"round: {name}\nfocus: Work\n"
    return head + textwrap.dedent(text).lstrip("\n")


def judged(root: Path, check: str) -> tuple[CheckResult, ...]:
    """Return what one check says of the project; the test fails when a file of it cannot be read."""
    book = load(root)
    assert not [str(f) for f in book.findings if f.severity == "error"]
    return tuple(result for result in book.results if result.check == check)


def of(root: Path, check: str, rounds: Mapping[str, str], settings: str = "") -> tuple[CheckResult, ...]:
    """Return what one check says of a project of round files alone."""
    lay(root, rounds, settings)
    return judged(root, check)


def spoken(results: tuple[CheckResult, ...]) -> list[str]:
    """Return the findings as a reader sees them."""
    return [str(finding) for result in results if (finding := result.finding)]


def told(results: tuple[CheckResult, ...], outcome: str) -> list[str]:
    """Return what came to one outcome, as `round#anchor | claim | evidence`."""
    return [f"{v.round}#{v.anchor} | {v.claim} | {v.evidence}" for v in results if v.outcome == outcome]


def shallow(repo: Repository) -> Path:
    """Return a clone that holds the last commit alone, with the data of the original."""
    return repo.clone(repo.path.with_name("shallow"), depth=1).path
