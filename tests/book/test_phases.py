"""T2: a phase is a record like a round."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.resolve import resolve

PHASE = """\
phase: 1
date: 2026-01-01
title: P
status: in-progress
deliverables: [{title: x, paths: nowhere/gone.rs}]
files: {created: nowhere/other.rs}
commits: 1234567
changes: [{type: added, text: A thing of the phase}]
goals: [{id: ship, title: Ship it, status: in-progress}]
decisions: [{title: Use a queue, decision: yes it is}]
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def book_of(repo: Repository, files: dict[str, str]) -> Book:
    repo.commit("feat: begin", {f"data/rounds/{name}.yml": text for name, text in files.items()})
    return load(repo.path)


def _round(phase: str, number: str, more: str = "") -> str:
    return f"round: {number}\nphase: {phase}\nfocus: F\nsummary: s\n{more}"


def test_t2_a_phase_is_judged_like_a_round_that_says_the_same(repo: Repository) -> None:
    book = book_of(
        repo, {"1/phase": PHASE, "2/1": PHASE.replace("phase: 1", "phase: 2\nround: 1").replace("queue", "q")}
    )
    told = {(v.check, v.outcome, v.claim) for v in book.results if v.round == "1/"}
    same = {(v.check, v.outcome, v.claim) for v in book.results if v.round == "2/1"}

    def alike(words: str) -> str:
        return (
            words.replace("round 2/1", "phase 1").replace("the round", "the phase").replace("use-a-q ", "use-a-queue ")
        )

    assert told == {(check, outcome, alike(claim)) for check, outcome, claim in same}
    assert {("path-missing", "contradicted"), ("commit-unknown", "contradicted")} <= {t[:2] for t in told}


def test_t2_its_decisions_changes_and_threads_are_in_the_book(repo: Repository) -> None:
    book = book_of(repo, {"1/phase": PHASE})
    assert book.decisions["use-a-queue"].round == "1/"
    assert book.decisions["use-a-queue"].origin_words == "phase 1"
    assert [e.change.text for e in book.releases[0].entries] == ["A thing of the phase"]
    assert [(t.round, t.anchor) for t in book.open_items] == [("1/", "goal-ship")]


def test_t2_a_phase_is_no_round(repo: Repository) -> None:
    book = book_of(repo, {"1/phase": PHASE, "1/1": _round("1", "1"), "1/2": _round("1", "2")})
    assert [*book.rounds] == ["1/1", "1/2"]
    assert [*book.entries] == ["1/1", "1/2", "1/"]
    assert [e.key for e in book.newest_first] == ["1/2", "1/1"]
    assert [e.key for e in book.all_newest_first] == ["1/", "1/2", "1/1"]
    assert (book.entries["1/1"].previous, book.entries["1/2"].next) == (None, None)


def test_t2_a_decision_id_that_a_phase_and_a_round_have_is_found(repo: Repository) -> None:
    book = book_of(
        repo, {"1/phase": PHASE, "1/1": _round("1", "1", "decisions: [{title: Use a queue, decision: no}]\n")}
    )
    assert [f.slug for f in book.findings if f.severity == "error" and "decision" in f.slug] == ["decision-duplicate"]


@pytest.mark.parametrize(("value", "home"), [("1", "2/1"), ("2/1", "2/1"), ("1/", "1/")])
def test_t2_a_bare_number_in_a_trailer_is_that_of_a_round(repo: Repository, value: str, home: str) -> None:
    book_of(repo, {"1/phase": PHASE, "2/1": _round("2", "1")})
    commit = repo.commit(f"feat: a\n\nRound: {value}", {"f": "x"})
    book = load(repo.path)
    assert [link.round for link in book.links[commit]] == [home]
    assert not [f for f in book.findings if f.slug.startswith("trailer-")]


def test_t2_a_phase_shares_its_commits_with_its_rounds(repo: Repository) -> None:
    book_of(repo, {"1/1": _round("1", "1")})
    first = repo.commit("feat: a\n\nRound: 1/1", {"f": "x"})
    second = repo.commit("feat: b", {"g": "x"})
    repo.commit("docs: record", {"data/rounds/1/phase.yml": f"phase: 1\ncommits: [{first}, {second}]\n"})
    book = load(repo.path)
    assert [link.round for link in book.links[first]] == ["1/1", "1/"]
    assert [link.round for link in book.links[second]] == ["1/"]
    assert {first, second} <= {link.commit for link in book.entries["1/"].links}
    assert second not in {link.commit for link in book.entries["1/1"].links}


# What a record says, and the check that contradicts it: of a round and of a phase alike.
CLAIMS = {
    "path-missing": "deliverables: [{title: x, paths: nowhere/gone.rs, status: done}]",
    "path-moved": "deliverables: [{title: x, paths: old/moved.rs, status: done}]",
    "commit-unknown": "commits: 1234567",
    "value-left-open": "metrics: {tests: TBD}",
    "stale-status": "goals: [{title: Ship it, status: in-progress}]",
    "task-shipped": "tasks: [{id: T-7, title: Do it, status: planned}]",
    "sum-mismatch": "metrics: {tests: {before: '1', after: '3', result: '+5'}}",
    "metric-regression": "metrics: {speed: {value: '3', target: '9', better: higher}}",
    "date-implausible": "date: 2027-05-05",
    "release-without-tag": "releases: v9.9.9",
    "release-date": "releases: v1.0.0\ndate: 2025-03-01",
    "decision-shipped-not-accepted": "decisions: [{id: use-tar, title: Use tar, decision: yes, status: proposed}]",
    "record-empty": "decisions: [{id: hollow, title: Hollow}]",
}


def _claiming(repo: Repository, claim: str, *, phase: bool) -> Book:
    """Make a book in which a round, or a phase, says something; another of its kind after it is done."""
    said = f"{claim}\n" if "status: " in claim.partition("[")[0] else f"{claim}\nstatus: done\n"
    said = said.replace("status: done\n", "status: in-progress\n") if "T-7" in claim else said
    one, other = ("1/phase", "2/phase") if phase else ("1/1", "1/2")
    ids = ("phase: 1", "phase: 2") if phase else ("phase: 1\nround: 1", "phase: 1\nround: 2")
    repo.commit(
        "feat: begin",
        {
            f"data/rounds/{one}.yml": f"{ids[0]}\ntitle: One\nsummary: s\n{said}",
            f"data/rounds/{other}.yml": f"{ids[1]}\ntitle: Two\nsummary: s\nstatus: done\n",
            "data/roundbook.yml": "ids: ['T-\\d+']\n",
            "old/moved.rs": "a\nb\nc\n",
        },
    )
    repo.commit("refactor: move", {"old/moved.rs": None, "new/moved.rs": "a\nb\nc\n"})
    repo.tag("v1.0.0")
    repo.commit("feat: do T-7\n\nDecision: use-tar", {"f": "x"})
    return load(repo.path)


@pytest.mark.parametrize("check", CLAIMS)
def test_t2_a_check_that_speaks_of_a_round_speaks_of_a_phase(tmp_path: Path, check: str) -> None:
    told = []
    for phase in (False, True):
        book = _claiming(Repository(tmp_path / str(phase)), CLAIMS[check], phase=phase)
        key = "1/" if phase else "1/1"
        told.append([v.anchor for v in book.results if (v.check, v.round, v.outcome) == (check, key, "contradicted")])
    assert told[0], "the claim does not bring the check to speak"
    assert told[1] == told[0]


def test_t2_a_waiver_in_a_phase_works(repo: Repository) -> None:
    more = "waive: [{check: path-missing, target: gone.rs, reason: It was an experiment}]\n"
    book = book_of(repo, {"1/phase": PHASE + more})
    assert [v.waived for v in book.results if v.check == "path-missing"] == ["It was an experiment", ""]


@pytest.mark.parametrize(("later", "stale"), [("2", True), ("review", False)])
def test_t2_only_numbers_put_phases_in_an_order(repo: Repository, later: str, stale: bool) -> None:
    book = book_of(repo, {"1/phase": PHASE, f"{later}/phase": f"phase: {later}\ntitle: L\nstatus: done\n"})
    assert any(v.check == "stale-status" and v.outcome == "contradicted" for v in book.results) is stale


def test_t2_the_old_address_of_a_renamed_phase_leads_on(repo: Repository) -> None:
    book = book_of(repo, {"one/phase": "phase: one\nwas: 1\ntitle: P\n"})
    assert book.aliases.rounds == {"1/": "one/"}
    assert [t.name for t in resolve(book, "1/")] == ["one/"]
