"""Tests of settings and waivers that match nothing: each is reported once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.checks.registry import CHECKS, SURE
from roundbook.errors import did_you_mean
from roundbook.project import load
from site_trial import project
from test_docs import slugs

SLUGS = ("check-unknown", "metric-unknown", "version-unknown", "pattern-not-readable", "waiver-unused")


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


GONE = "deliverables: [{title: A, paths: [gone.py, lost.py]}]\n"


@pytest.mark.parametrize(
    ("settings", "waiver", "unused"),
    [
        ("", "check: path-missing, reason: x", ""),
        ("", "check: path-missing, target: lost.py, reason: x", ""),
        ("", "check: path-missing, target: other.py, reason: x", 'no such finding whose message has "other.py"'),
        ("", "check: stale-status, reason: x", "the waiver of stale-status answers nothing"),
        ("checks: {stale-status: off}\n", "check: stale-status, reason: x", ""),
        ("", "check: trailer-unknown, target: 0123456789, reason: x", ""),
    ],
)
def test_a_waiver_that_answers_nothing_is_noted(tmp_path: Path, settings: str, waiver: str, unused: str) -> None:
    found = told(tmp_path, settings, f"{GONE}waive: [{{{waiver}}}]\n")
    assert len(found) == bool(unused)
    assert all(unused in one and one.startswith("data/rounds/1/1.yml:7:") for one in found)


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


ADDRESSES = {
    "data/rounds/1/1.yml": """\
round: 1
focus: F
links: [{url: "javascript:alert(1)"}, {url: "https://example.org"}, {url: "mailto:a@example.org"}, {url: docs/a.md}]
versions: [{version: "1.0", url: //evil.example}, {version: "2.0", url: "HTTPS://example.org"}]
""",
    "data/roundbook.yml": "repositories:\n  x: {url: 'ftp://example.org/o/r'}\n  y: {url: 'https://github.com/o/r'}\n",
}


def test_s11_an_address_that_is_not_linked_is_said_at_its_line(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: begin", ADDRESSES)
    found = [f for f in load(repo.path).findings if f.slug == "address-not-linked"]
    assert [(str(f.place), f.message.split('"')[1]) for f in found] == [
        ("data/rounds/1/1.yml:3:15", "javascript:alert(1)"),
        ("data/rounds/1/1.yml:3:106", "docs/a.md"),
        ("data/rounds/1/1.yml:4:34", "//evil.example"),
        ("data/roundbook.yml:2:12", "ftp://example.org/o/r"),
    ]


@pytest.mark.parametrize("folder", ["nope", "docs", "~/x", "data/rounds"])
def test_s1_a_named_folder_without_data_is_an_error(tmp_path: Path, folder: str) -> None:
    project(tmp_path)
    (fault,) = (f for f in load(tmp_path, folder).findings if f.slug == "data-missing")
    assert fault.severity == "error"
    assert folder in fault.message


@pytest.mark.parametrize("there", [False, True])
def test_s1_the_default_folder_may_be_missing(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "data").mkdir()
    (fault,) = (f for f in load(tmp_path).findings if f.slug == "data-missing")
    assert fault.severity == "info"


def test_s1_a_folder_of_settings_alone_is_no_error(tmp_path: Path) -> None:
    project(tmp_path, other__roundbook_dot_yml="stale-after: 3\n", third__rounds__1__1_dot_yml="round: 1\nfocus: F\n")
    for folder in ("other", "third"):
        assert [f for f in load(tmp_path, folder).findings if f.slug == "data-missing"] == []
