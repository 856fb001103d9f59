"""What an imported entry or note names, and what becomes of it: N1, N9, N10, T8, F13, J of the faults that were found."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.cli import cli
from roundbook.importer.headings import parted
from roundbook.importer.identify import Hints
from roundbook.project import load
from roundbook.site import escape, prose
from test_fields import tree
from test_streams import result

HOME = "https://github.com/o/r"
LAB = "https://gitlab.com/g/p"


@pytest.mark.parametrize(
    ("text", "base", "wanted"),
    [
        (f"Fix by @y in {HOME}/pull/12", HOME, {"prs": ("#12",)}),
        (f"Fix (see {HOME}/issues/7).", HOME, {"issues": ("#7",)}),
        (f"Fix {HOME}/commit/abc1234def", HOME, {"commits": ("abc1234def",)}),
        (f"Fix {LAB}/-/merge_requests/12, {LAB}/-/issues/3", LAB, {"prs": ("#12",), "issues": ("#3",)}),
        (f"In [#12]({HOME}/pull/12) by me", HOME, {"prs": ("#12",)}),
        ("Fix https://github.com/x/y/pull/12", HOME, {}),
        (f"Fix {HOME}/commit/fff1234def", HOME, {}),  # which git does not have
        (f"`{HOME}/pull/12`", HOME, {}),
        (f"See {HOME}/pull/12/files", HOME, {}),
        (f"See [the plan]({HOME}/issues/9)", HOME, {}),
    ],
)
def test_n1_addresses_of_the_own_forge_are_evidence_and_stay_in_the_text(
    text: str, base: str, wanted: dict[str, object]
) -> None:
    assert parted(text, base, lambda sha: sha.startswith("abc")) == {"text": text, **wanted}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"[#12]({HOME}/pull/12) [`abc1234`]({HOME}/commit/abc1234) Thanks [@me](https://github.com/me)! - Text",
         {"text": "Text Thanks [@me](https://github.com/me)!", "prs": ("#12",), "commits": ("abc1234",)}),
        ("abc1234: Text", {"text": "Text", "commits": ("abc1234",)}),
        ("`abc1234`: Text", {"text": "Text", "commits": ("abc1234",)}),
        ("fff1234: Text", {"text": "fff1234: Text"}),
        (f"[`fff1234`]({HOME}/commit/fff1234) Text", {"text": f"[`fff1234`]({HOME}/commit/fff1234) Text"}),
    ],
)  # fmt: skip
def test_n10_entries_of_changesets_name_their_request_and_commit(text: str, wanted: dict[str, object]) -> None:
    assert parted(text, HOME, lambda sha: sha.startswith("abc")) == wanted


@pytest.mark.parametrize(
    "text",
    [f"Fix {HOME}/pull/12", f"Fix ({HOME}/pull/12).", f"**Fix** {HOME}/a_b?c=d&e=f#g, and more", "https://e.org/a_(b)"],
)
def test_n1_a_bare_address_of_the_own_prose_stays_what_it_is(text: str) -> None:
    assert escape.prose(text) == text
    assert prose.inline(text, bare=True).count("<a href=") == 1
    assert prose.block(text).count("<a href=") == 1


@pytest.mark.parametrize(
    "text",
    [
        "https://known.example@evil.example/x",
        "javascript://x",
        "https://e.org/\\evil",
        "`https://e.org`",
        "xhttps://e.org",
    ],
)
def test_n1_what_leads_elsewhere_than_it_reads_is_no_link(text: str) -> None:
    assert 'href="https://known' not in prose.inline(text, bare=True)
    assert "evil" not in "".join(part.split('"')[0] for part in prose.inline(text, bare=True).split('href="')[1:])
    assert "`" in escape.prose(text)


def test_n1_text_of_strangers_is_as_inert_as_it_was() -> None:
    assert escape.text(f"see {HOME}/pull/12") == f"see `{HOME}/pull/12`"


def run(root: Path, *words: str) -> tuple[int, str]:
    """Run a command in a project."""
    found = CliRunner().invoke(cli, ["-C", str(root), *words])
    return found.exit_code, found.output


CHANGELOG = f"""# Changelog

## [Unreleased] - 2026-xx-xx

### Added

- Soon.

## [1.0.0] - 2026-01-01

### Fixed

- Crash, {HOME}/pull/12

## 0.9.0

### Added

- Old
"""


def project(path: Path, **files: str) -> Repository:
    """Return a repository with files, one commit and the tag of a version."""
    repo = Repository(path)
    repo.commit("feat: one", {"data/roundbook.yml": f"repositories: {{here: {{url: {HOME}}}}}\n", **files})
    repo.tag("v1.0.0")
    return repo


def test_f13_j_n1_a_changelog_is_proven_and_comes_back(tmp_path: Path) -> None:
    project(tmp_path, **{"CHANGELOG.md": CHANGELOG})
    code, output = run(tmp_path, "import", "CHANGELOG.md", "--verify")
    assert code == 0, output
    book = load(tmp_path)
    assert [[e.change.text for e in r.entries] for r in book.releases if not r.released] == [["Soon."]]
    text = (tmp_path / "data/rounds/releases/changelog.yml").read_text()
    assert "waive" not in text
    assert "released: true\n" in text
    assert 'prs: ["#12"]' in text
    assert f"- Crash, {HOME}/pull/12\n" in run(tmp_path, "changelog", "--no-commits")[1]
    assert not [f for f in book.findings if f.slug in ("window-empty", "commit-unknown")]


@pytest.mark.parametrize(
    "heading", ["Upcoming", "Next", "[Unreleased] (date TBD)", "[2.0.0] - TBD", "2.0.0 - 2026-xx-xx"]
)
def test_j_verify_knows_what_is_to_come(tmp_path: Path, heading: str) -> None:
    text = f"# Changelog\n\n## {heading}\n\n- Soon.\n\n## [1.0.0] - 2026-01-01\n\n- Old.\n"
    project(tmp_path, **{"CHANGELOG.md": text})
    code, output = run(tmp_path, "import", "CHANGELOG.md", "--verify")
    assert code == 0, output
    assert "Soon." in "".join(e.change.text for r in load(tmp_path).releases if not r.released for e in r.entries)


NOTES = [
    "## Decisions\n\n### ADR-003: Use a queue\n\n**Rationale**: Calls are lost.\n",
    "## Decisions\n\n- ADR-3: Use a queue, as agreed\n- Drop the cache\n",
    "## Decisions\n\n- [ADR-0003](../adr/adr-003.md): Use a queue\n",
    "## Decisions\n\n| ID | Decision | Why |\n|---|---|---|\n| ADR-003 | Use a queue | It waits |\n| D-2 | Drop it | Slow |\n",
    "## ADR-003: Use a queue\n\n**Decision**: A queue.\n\n**Rationale**: Calls are lost.\n",
]


@pytest.mark.parametrize("note", NOTES)
def test_n9_a_decision_that_is_a_record_already_is_entered_once(note: str) -> None:
    hints = Hints(is_record=lambda name: name.replace("0", "").upper() in ("ADR-3",))
    found = result({"n/round-1.md": f"# Round 1\n\n{note}"}, hints)
    entered = dict(found["rounds/1"].tree).get("decisions", ())
    assert "queue" not in str(entered)
    assert "decisions" in tree(f"# Round 1\n\n{note}")


def test_n9_the_records_are_those_of_the_book(tmp_path: Path) -> None:
    record = "# ADR-003: Use a queue\n\n**Status**: Accepted\n"
    note = f"# Phase 1 Round 1\n\n{NOTES[1]}"
    repo = project(tmp_path, **{"docs/adr/adr-003-queue.md": record, "notes/r.md": note})
    repo.commit("x", {"data/roundbook.yml": "adrs: docs/adr\n"})
    code, output = run(tmp_path, "import", "notes/r.md", "--verify")
    assert code == 0, output
    assert [one.title for one in load(tmp_path).entries["1/1"].round.decisions] == ["Drop the cache"]
