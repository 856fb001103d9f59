"""Tests of every check with the files of `tests/checks/cases`, one for each check, with five cases.

A file `<check>.yml` has a document for each case, which holds

    case        its name: `speaks`, `silent`, `unverified`, `waived` or `shallow`
    why         what it is about, in a sentence
    data        the data files by path; they lie in the working tree in the end
    history     what happened, in the steps of `tests/case.py`; when left out, one commit and then one of the data
    like        the case of the same check whose data and history this one has
    add         lines that come after those of the data files, or files of their own
    expected    what the check says: its findings as they are printed, then what held, was waived or was not checked

`unverified` has something to look at but no positive evidence, so that nothing is verified; `waived` may also be switched off
in the settings; `shallow` is read from a clone of the last commit alone. `pytest --update` writes what is expected anew;
`$name.7` stands for the id of a commit.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
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
CASE = "case: "
BETWEEN = "---\n"
WHOLE = 40  # digits of an id
_ID = re.compile(r"\b([0-9a-f]{7})[0-9a-f]*")
KINDS = ("speaks", "silent", "unverified", "waived", "shallow")
PLAIN = ({"commit": "chore: begin", "as": "begin"}, {"commit": "docs: write down", "as": "written", "data": "true"})
Cases = Callable[[str, str], "Said"]


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


@cache
def _parsed(text: str) -> dict[str, dict[str, Any]]:
    documents = [yaml.load(one, yaml.BaseLoader) for one in text.split(BETWEEN)]  # noqa: S506 - text only
    return {one["case"]: one for one in documents}


def _read(slug: str, kind: str) -> dict[str, Any]:
    found = _parsed((CASES / f"{slug}.yml").read_text("utf-8"))
    written: dict[str, Any] = found[kind]
    assert set(written) <= {"case", "why", "data", "history", "like", "add", "expected"}
    same = found[written["like"]] if "like" in written else {}
    data = {**same.get("data", {}), **written.get("data", {})}
    for name, lines in written.get("add", {}).items():
        data[name] = data.get(name, "") + lines
    return {"history": PLAIN, "expected": "", **same, **written, "data": data}


@pytest.fixture(scope="module")
def stages() -> dict[tuple[str, str], case.Stage]:
    """Return the repositories of cases that were built, by check and case."""
    return {}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, stages: dict[tuple[str, str], case.Stage]) -> Cases:
    """Return what gives what a check says of one of its cases; each repository is built once."""

    @cache
    def said(slug: str, kind: str) -> Said:
        told = _read(slug, kind)
        data = {name: text.encode() for name, text in told["data"].items()}
        stage = case.Stage(data, Repository(tmp_path_factory.mktemp(kind) / "project"))
        stage.take(told["history"])
        if kind == "shallow":
            stage.take([{"clone": "1"}])
        stage.lay_data()
        stages[slug, kind] = stage
        return Said.of(load(stage.repo.path), slug)

    return said


def _expect(slug: str, kind: str, told: str) -> None:
    """Write what a case expects anew."""
    file = CASES / f"{slug}.yml"
    documents = file.read_text("utf-8").split(BETWEEN)
    at = next(i for i, text in enumerate(documents) if text.startswith(f"{CASE}{kind}\n"))
    head = documents[at].partition("\nexpected:")[0].rstrip("\n")
    documents[at] = f"{head}\nexpected: |\n{textwrap.indent(told, '  ')}"
    file.write_text(BETWEEN.join(documents), "utf-8")


@pytest.mark.parametrize(("slug", "kind"), [(slug, kind) for slug in sorted(CHECKS) for kind in KINDS])
def test_a_check_says_what_its_case_expects(
    cases: Cases, stages: Mapping[tuple[str, str], case.Stage], update: bool, slug: str, kind: str
) -> None:
    said, stage = cases(slug, kind), stages[slug, kind]
    told = said.told(stage.names)
    if update:
        _expect(slug, kind, told)
    assert told == _read(slug, kind)["expected"]
    _of_its_kind(said, slug, kind, cases)
    if kind == "waived":
        off = f"{slug}: off" in stage.data.get("data/roundbook.yml", b"").decode()
        assert off != any(v.waived for v in said.results)
    elif kind == "silent":
        stage.take([{"clone": "1"}])
        stage.lay_data()
        assert Said.of(load(stage.repo.path), slug).findings == (), (
            "a clone of the last commit says more than the whole"
        )


def _of_its_kind(said: Said, slug: str, kind: str, cases: Cases) -> None:
    """Require of what a check says what every case of a kind requires.

    What is not there, and what only the file itself says, is no evidence; positive evidence is named: a commit, a tag or a
    number, and not words such as "no commit" or "nobody". A cut history says nothing of absence.
    """
    assert bool(said.findings) is (kind == "speaks") or kind in ("unverified", "shallow")
    verified = [v for v in said.results if v.outcome == "verified"]
    assert not [v for v in verified if not (v.commit or re.search(r"\d", v.evidence))]
    assert not [v for v in verified if re.match(r"(?:no|none|nothing|nobody)\b", v.evidence)]
    assert not [v for v in said.results if v.outcome == "not-checked" and not v.evidence]
    if kind == "unverified":
        assert verified == []
    elif kind == "shallow":
        assert said.claims <= cases(slug, _read(slug, kind).get("like", "speaks")).claims
        if CHECKS[slug].history:
            assert [v.outcome for v in said.results] == ["not-checked"]
            assert said.results[0].evidence.startswith(INCOMPLETE)


def test_every_check_has_its_five_cases_and_no_other_is_left() -> None:
    documents = {file.stem: file.read_text("utf-8").split(BETWEEN) for file in CASES.iterdir()}
    there = {slug: [text.partition("\n")[0].removeprefix(CASE) for text in texts] for slug, texts in documents.items()}
    assert there == {slug: list(KINDS) for slug in CHECKS}


def test_a_case_says_why_it_is_there() -> None:
    whys = {(slug, kind): _read(slug, kind)["why"] for slug in CHECKS for kind in KINDS}
    assert {at: why for at, why in whys.items() if "\n" in why or not why.endswith(".")} == {}
