"""Tests of settings and waivers that match nothing: each is reported once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.checks.registry import CHECKS, SURE
from roundbook.errors import did_you_mean
from roundbook.project import load
from test_docs import slugs

SLUGS = ("check-unknown", "metric-unknown", "version-unknown", "pattern-not-readable")


def told(path: Path, settings: str, more: str = "") -> list[str]:
    repo = Repository(path)
    round_ = f"round: 1\nphase: 1\nfocus: F\nsummary: s\nmetrics: {{tests: 4}}\n{more}"
    repo.commit("feat: begin", {"data/roundbook.yml": settings, "data/rounds/1/1.yml": round_})
    repo.tag("v1.0.0")
    return [str(one) for one in load(path).findings if one.slug in SLUGS]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("checks: {path-mising: off}", '1:23: warning check-unknown: … "path-mising"; did you mean "path-missing"?'),
        ("checks:\n  stale_status: off", '2:17: warning check-unknown: … "stale_status"; did you mean "stale-status"?'),
        ("metrics: {tets: higher}", '1:17: info metric-unknown: … no round has such a metric; did you mean "tests"?'),
        ("changelog: {yanked: [1.0.1]}", 'info version-unknown: "1.0.1" … no such version; did you mean "1.0.0"?'),
        ("attribution: {patterns: ['R ([0-9]+)']}", "error pattern-not-readable: … it has no group (?P<round>"),
    ],
)
def test_what_names_nothing_is_reported(tmp_path: Path, settings: str, expected: str) -> None:
    (found,) = told(tmp_path, f"{settings}\n")
    assert found.startswith("data/roundbook.yml:")
    assert all(part.strip() in found for part in expected.split("…"))


def test_a_waiver_of_no_check_is_reported(tmp_path: Path) -> None:
    (found,) = told(tmp_path, "", "waive: [{check: record-emtpy, reason: x}]\n")
    assert found.startswith("data/rounds/1/1.yml:6:")
    assert 'did you mean "record-empty"?' in found


@pytest.mark.parametrize(
    "settings",
    [
        "checks: {path-missing: off, trailer-unknown: off, forge-unknown: off}",
        "metrics: {tests: {better: higher, percent: 5}}",
        "metrics: {tests: {percent: 0.5%}}",
        "changelog: {yanked: [1.0.0]}",
        "changelog: {yanked: v1.0.0, types: {Feat: added}}",
        "attribution: {patterns: ['Round (?P<round>[0-9]+)']}",
    ],
)
def test_what_is_legal_is_silent(tmp_path: Path, settings: str) -> None:
    assert told(tmp_path, f"{settings}\n") == []


def test_no_other_finding_is_taken_for_a_misspelled_check() -> None:
    assert {slug: near for slug in slugs() - {*CHECKS} if (near := did_you_mean(slug, CHECKS, cutoff=SURE))} == {}


@pytest.mark.parametrize("bad", ["bad: [", "status: a\nstatus: b", "x: 'open", "\ttab: x", "date: *alias"])
def test_front_matter_that_cannot_be_read_is_reported_and_is_no_title(tmp_path: Path, bad: str) -> None:
    repo = Repository(tmp_path)
    record = f"---\nstatus: accepted\n{bad}\n---\n# Use a queue\n\n## Context\n\nCalls are lost.\n"
    repo.commit("docs: decide", {"data/roundbook.yml": "adrs: docs/adr\n", "docs/adr/0001-queue.md": record})
    book = load(tmp_path)
    assert [r.record.title for r in book.decisions.values()] == ["Use a queue"]
    assert [
        f for f in book.findings if f.place and f.place.path == "docs/adr/0001-queue.md" and f.place.line in (2, 3, 4)
    ]
