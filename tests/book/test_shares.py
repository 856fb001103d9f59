"""Tests of coverage by phase and release."""

from __future__ import annotations

from pathlib import Path

from checks.history import book_of, data
from repository import Repository
from roundbook.book.facts import CoverageCount
from site_trial import run


def project(path: Path) -> Repository:
    """Two rounds of two phases with a commit of nobody inside the first, and one before and after both."""
    repo = Repository(path)
    repo.commit("chore: before", {"z.txt": "z\n"})
    repo.commit("feat: a\n\nRound: 1/1", {"a.txt": "a\n", **data("1/1", "status: done")})
    repo.commit("chore: between", {"b.txt": "b\n"})
    repo.commit("feat: c\n\nRound: 1/1", {"c.txt": "c\n"})
    repo.tag("v1.0.0")
    repo.commit("feat: d\n\nRound: 2/1", {"d.txt": "d\n", **data("2/1", "status: done")})
    repo.commit("chore: after", {"e.txt": "e\n"})
    return repo


def test_each_range_has_its_share(tmp_path: Path) -> None:
    shares = book_of(project(tmp_path)).coverage_counts
    assert {
        (scope, key): (share.total, share.counts[0], share.counts[3]) for (scope, key), share in shares.items()
    } == {
        ("book", ""): (6, 3, 3),
        ("release", "Unreleased"): (2, 1, 1),
        ("release", "1.0.0"): (4, 2, 2),
        ("phase", "1"): (3, 2, 1),
        ("phase", "2"): (1, 1, 0),
        ("round", "1/1"): (3, 2, 1),
        ("round", "2/1"): (1, 1, 0),
    }
    assert shares["release", "1.0.0"].percent == 50.0
    assert CoverageCount("book", "", (0, 0, 0, 0)).percent == 100.0


def test_a_book_without_history_has_none(tmp_path: Path) -> None:
    file = tmp_path / "data/rounds/1/1.yml"
    file.parent.mkdir(parents=True)
    file.write_text("round: 1\nfocus: x\n")
    assert book_of(tmp_path).coverage_counts == {}


def test_the_share_of_one_range_can_be_demanded(tmp_path: Path) -> None:
    project(tmp_path)
    demanded = ("roundbook", "check", "-q", "--fail-under", "60")
    assert run(tmp_path, *demanded).output.endswith(
        "50.0 % of 6 commits are assigned, hidden or excluded; 60 % are required\n"
    )
    assert run(tmp_path, *demanded, "--of", "1/1").code == 0
    one = run(tmp_path, *demanded, "--of", "1.0.0")
    assert (
        one.code,
        one.output.endswith("50.0 % of 4 commits of 1.0.0 are assigned, hidden or excluded; 60 % are required\n"),
    ) == (
        1,
        True,
    )
    assert run(tmp_path, *demanded, "--of", "9/9").code == 2
