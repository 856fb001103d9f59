"""Tests of every check with the files of `tests/checks/cases`, five for each.

A file `<check>/<kind>.yml` holds

    why         what the case is about, in a sentence
    data        the data files by path; they lie in the working tree in the end
    history     what happened, in the steps of `tests/case.py`; when left out, one commit and then one of the data
    like        the case of the same check whose data and history this one has
    add         lines that come after those of the data files, or files of their own
    expected    what the check says: its findings as they are printed, then what held, was waived or was not checked

The kinds are `speaks`, `silent`, `unverified` (something to look at but no positive evidence, so that nothing is verified),
`waived` (or switched off in the settings) and `shallow`, which is read from a clone of the last commit alone.
`pytest --update` writes what is expected anew; `$name.7` stands for the id of a commit.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import case
from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.checks.registry import CHECKS, INCOMPLETE
from roundbook.errors import Finding
from roundbook.project import load

CASES = Path(__file__).parent / "cases"
WHOLE = 40  # digits of an id
_ID = re.compile(r"\b([0-9a-f]{7})[0-9a-f]*")
KINDS = ("shallow", "silent", "speaks", "unverified", "waived")
PLAIN = ({"commit": "chore: begin", "as": "begin"}, {"commit": "docs: write down", "as": "written", "data": "true"})
EXPECTED = "\nexpected: |\n"
ALL = pytest.mark.parametrize("slug", sorted(CHECKS))


@dataclass(frozen=True)
class Said:
    """What one check says of a repository."""

    results: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, book: Book, slug: str) -> Said:
        """Return what a check says of a book, in which nothing else may be wrong."""
        gaps = {gap.slug for gap in book.history.gaps}
        assert not [
            str(f) for f in book.findings if f.slug not in CHECKS and f.slug not in gaps and f.severity != "info"
        ]
        return cls(tuple(v for v in book.results if v.check == slug), tuple(f for f in book.findings if f.slug == slug))

    def told(self, names: Mapping[str, str]) -> str:
        """Return it as text, with the names of commits instead of their ids."""
        by_id = {commit[:7]: name for name, commit in names.items() if name}
        lines = [*map(str, self.findings), *(_line(v) for v in self.results if v.finding is None)]
        return _ID.sub(lambda m: _named(by_id.get(m[1], ""), m[0]), "".join(f"{line}\n" for line in lines))

    @property
    def claims(self) -> set[str]:
        """Return what is contradicted, by place and claim."""
        return {f"{v.place}: {v.claim}" for v in self.results if v.finding}


def _line(result: CheckResult) -> str:
    outcome = f"waived ({result.waived})" if result.waived else result.outcome.replace("-", " ")
    return f"{outcome}: {result.claim}: {result.evidence}" if result.claim else result.evidence


def _named(name: str, commit: str) -> str:
    if not name:
        return commit
    return f"${name}" if len(commit) == WHOLE else f"${name}.{len(commit)}"


def _read(slug: str, kind: str) -> dict[str, Any]:
    text = (CASES / slug / f"{kind}.yml").read_text("utf-8")
    written: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text only
    assert set(written) <= {"why", "data", "history", "like", "add", "expected"}
    same = _read(slug, written["like"]) if "like" in written else {}
    data = {**same.get("data", {}), **written.get("data", {})}
    for name, lines in written.get("add", {}).items():
        data[name] = data.get(name, "") + lines
    return {"history": PLAIN, **same, **written, "data": data}


def _built(slug: str, kind: str, folder: Path) -> case.Stage:
    told = _read(slug, kind)
    stage = case.Stage({name: text.encode() for name, text in told["data"].items()}, Repository(folder / "project"))
    stage.take(told["history"])
    if kind == "shallow":
        stage.take([{"clone": "1"}])
    stage.lay_data()
    return stage


def _said(slug: str, kind: str, folder: Path) -> tuple[Said, case.Stage]:
    stage = _built(slug, kind, folder)
    return Said.of(load(stage.repo.path), slug), stage


def _expected(file: Path, told: str, update: bool) -> str:
    text = file.read_text("utf-8")
    if update:
        head = text.partition("\nexpected:")[0].rstrip("\n")
        text = f"{head}{EXPECTED}{textwrap.indent(told, '  ')}"
        file.write_text(text, "utf-8")
    return textwrap.dedent(text.partition(EXPECTED)[2])


@ALL
def test_it_speaks(slug: str, tmp_path: Path, update: bool) -> None:
    said, stage = _said(slug, "speaks", tmp_path)
    told = said.told(stage.names)
    assert told == _expected(CASES / slug / "speaks.yml", told, update)
    assert said.findings


@ALL
def test_it_keeps_silent(slug: str, tmp_path: Path, update: bool) -> None:
    said, stage = _said(slug, "silent", tmp_path)
    told = said.told(stage.names)
    assert told == _expected(CASES / slug / "silent.yml", told, update)
    assert said.findings == ()
    stage.take([{"clone": "1"}])
    stage.lay_data()
    assert Said.of(load(stage.repo.path), slug).findings == (), "a clone of the last commit says more than the whole"


@ALL
def test_it_is_waived(slug: str, tmp_path: Path, update: bool) -> None:
    said, stage = _said(slug, "waived", tmp_path)
    told = said.told(stage.names)
    assert told == _expected(CASES / slug / "waived.yml", told, update)
    assert said.findings == ()
    off = f"{slug}: off" in stage.data.get("data/roundbook.yml", b"").decode()
    assert off != any(v.waived for v in said.results)


@ALL
def test_a_shallow_clone_says_nothing_of_absence(slug: str, tmp_path: Path, update: bool) -> None:
    said, stage = _said(slug, "shallow", tmp_path / "shallow")
    told = said.told(stage.names)
    assert told == _expected(CASES / slug / "shallow.yml", told, update)
    if CHECKS[slug].history:
        assert [v.outcome for v in said.results] == ["not-checked"]
        assert said.results[0].evidence.startswith(INCOMPLETE)
    stage.repo.path.rename(tmp_path / "cut")
    whole, _ = _said(slug, _read(slug, "shallow").get("like", "speaks"), tmp_path / "whole")
    assert said.claims <= whole.claims


@ALL
def test_it_verifies_nothing_without_evidence(slug: str, tmp_path: Path, update: bool) -> None:
    """T3: what is not there, and what only the file itself says, is no evidence."""
    said, stage = _said(slug, "unverified", tmp_path)
    told = said.told(stage.names)
    assert told == _expected(CASES / slug / "unverified.yml", told, update)
    assert not [v for v in said.results if v.outcome == "verified"]


@pytest.mark.parametrize("kind", ["silent", "speaks", "waived"])
@ALL
def test_what_is_verified_names_a_commit_a_tag_or_a_number(slug: str, kind: str, tmp_path: Path) -> None:
    """T3: positive evidence is named; words such as "no commit" or "nobody" name none."""
    said, _ = _said(slug, kind, tmp_path)
    verified = [v for v in said.results if v.outcome == "verified"]
    assert not [v for v in verified if not (v.commit or re.search(r"\d", v.evidence))]
    assert not [v for v in verified if re.match(r"(?:no|none|nothing|nobody)\b", v.evidence)]
    assert not [v for v in said.results if v.outcome == "not-checked" and not v.evidence]


def test_every_check_has_its_five_cases_and_no_other_is_left() -> None:
    there = {folder.name: sorted(file.stem for file in folder.iterdir()) for folder in CASES.iterdir()}
    assert there == {slug: list(KINDS) for slug in CHECKS}


@pytest.mark.parametrize("kind", KINDS)
@ALL
def test_a_case_says_why_it_is_there(slug: str, kind: str) -> None:
    why = _read(slug, kind)["why"]
    assert why.endswith(".")
    assert "\n" not in why
