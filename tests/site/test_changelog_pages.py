"""The pages of the changelog: what a version shows first, its numbers, and labels that are said once."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.links import Here
from roundbook.site.pages import pages
from roundbook.site.views.changelog import UNFOLDED, round_changelog

ROUND = """\
round: 1
focus: x
releases: [v1.0.0]
changes:
  - {type: fixed, text: A crash}
  - {type: added, text: Plain}
  - {type: added, group: "Sprint 14: the *long* label", text: One}
  - {type: added, group: "Sprint 14: the *long* label", text: Two}
  - {type: changed, breaking: true, text: The engine}
  - {type: security, text: Names are checked}
  - {type: fixed, cve: CVE-2026-12345, text: Paths are checked}
"""
VERSIONS = """\
round: 2
focus: y
kind: changelog
versions:
  - {version: 0.9.0, date: 2025-12-01, title: The one with *the* engine, text: It begins., yanked: true}
  - {version: 0.8.0, date: 2025-11-01}
changes:
  - {type: added, release: 0.9.0, text: Something}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    repo = Repository(tmp_path_factory.mktemp("versions"))
    repo.commit("feat: begin\n\nRound: 1/1", {"data/rounds/1/1.yml": ROUND})
    repo.commit("fix: more\n\nRound: 1/1", {"b.txt": "x"}, author="Bo <bo@example.org>")
    repo.tag("v1.0.0")
    repo.commit("docs: import", {"data/rounds/1/2.yml": VERSIONS})
    return load(repo.path)


@pytest.fixture(scope="module")
def made(book: Book) -> dict[str, str]:
    return {page.uri: page.text for page in pages(book) if page.uri.startswith("changelog/")}


def headings(text: str) -> list[int]:
    """Return the levels of the headings of a page."""
    found = re.findall(r"^(#+) |<h(\d)", text, re.MULTILINE)
    return [len(marks) or int(number) for marks, number in found]


def words(text: str) -> str:
    """Return a text without its tags, and with its characters as they are read."""
    return " ".join(re.sub(r"<[^>]*>|&#(\d+);", lambda m: chr(int(m[1])) if m[1] else " ", text).split())


def test_headings_come_in_order_and_without_brackets(made: dict[str, str]) -> None:
    for uri, text in made.items():
        levels = headings(text)
        assert levels[0] == 1, uri
        assert all(after <= before + 1 for before, after in pairwise(levels)), (uri, levels)
        assert not re.search(r"^#.*(\[|&#91;)", text, re.MULTILINE), uri


def test_a_version_shows_its_day_and_three_numbers(made: dict[str, str]) -> None:
    page = words(made["changelog/1.0.0.md"])
    assert re.search(r"# 1\.0\.0 \d{4}-\d\d-\d\d 7 changes · 2 commits · 2 contributors", page)
    assert re.search(r"## 1\.0\.0 \d{4}-\d\d-\d\d \{ #v1-0-0 \} 7 changes", words(made["changelog/index.md"]))


def test_a_version_without_a_tag_shows_no_number_that_is_not_known(made: dict[str, str]) -> None:
    page = words(made["changelog/0.9.0.md"])
    assert "0.9.0 2025-12-01 yanked The one with the engine 1 change · no tag of this version was found" in page
    assert "contributor" not in page
    assert "It begins." in page


def test_what_users_must_know_comes_first_with_a_tag(made: dict[str, str]) -> None:
    page = made["changelog/1.0.0.md"]
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == ["Highlights", "Added", "Fixed"]
    first = words(page.partition("## Added")[0])
    for row in ("breaking changed The engine", "security Names are checked", "CVE-2026-12345 fixed Paths are checked"):
        assert row in first
    for text in ("The engine", "Names are checked", "A crash"):
        assert words(page).count(text) == 1


def test_the_label_of_a_group_is_said_once(made: dict[str, str]) -> None:
    for uri in ("changelog/1.0.0.md", "changelog/index.md"):
        assert words(made[uri]).count("Sprint 14") == 1
    assert words(made["changelog/1.0.0.md"]).index("Plain") < words(made["changelog/1.0.0.md"]).index("Sprint 14")


@pytest.mark.parametrize("kind", ["added", "fixed", "changed", "security"])
def test_anchors_of_categories_keep_working(made: dict[str, str], kind: str) -> None:
    for uri in ("changelog/1.0.0.md", "changelog/index.md"):
        assert re.search(rf'\{{ #v1-0-0-{kind} \}}|id="v1-0-0-{kind}"', made[uri]), (uri, kind)


def test_a_round_that_all_entries_share_is_named_once(made: dict[str, str]) -> None:
    assert len(re.findall(r'href="[^"]*rounds/1/1/"', made["changelog/1.0.0.md"].partition("<details")[0])) == 1


def test_versions_below_the_newest_are_folded_and_can_be_jumped_to(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    for i in range(12):
        repo.commit(f"feat: {i}", {"a.txt": f"{i}"})
        repo.tag(f"v0.{i}.0")
    text = str(round_changelog(load(repo.path), Here("changelog/index.md")))
    jumps = re.findall(r'href="#([\w-]+)"', text.partition("</nav>")[0])
    assert len(jumps) == 11
    assert all(f"{{ #{jump} }}" in text for jump in jumps)
    assert text.count("<details") == 9  # nothing is unreleased
    assert text.count(" open>") == UNFOLDED - 1


def test_what_is_unreleased_begins_with_the_newest_round_and_short_highlights(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    for n in (1, 2, 10):
        change = f"{{type: changed, breaking: true, text: 'Break {n} now. It goes  on `a. b` and on.'}}"
        text = f"round: {n}\nfocus: x\nchanges:\n  - {{type: added, text: Add {n}}}\n  - {change}\n"
        repo.commit(f"feat: part {n}", {f"data/rounds/1/{n}.yml": text})
    made = str(round_changelog(load(repo.path), Here("changelog/index.md")))
    assert re.findall(r"(Add|Break) (\d+)", made) == [(word, n) for word in ("Break", "Add") for n in ("10", "2", "1")]
    assert len(re.findall(r"<summary>More about it</summary>\s*It goes on <code>a&#46; b</code> and on", made)) == 3


@pytest.mark.parametrize("tagged", [False, True])
def test_each_kind_of_a_long_version_is_begun_counted_and_linked(tmp_path: Path, tagged: bool) -> None:
    sizes = {"added": 140, "changed": 70, "fixed": 3}
    changes = [f"  - {{type: {kind}, text: {kind} {i} here}}\n" for kind, count in sizes.items() for i in range(count)]
    repo = Repository(tmp_path)
    repo.commit("feat: all", {"data/rounds/1/1.yml": "round: 1\nfocus: x\nchanges:\n" + "".join(changes)})
    if tagged:
        repo.tag("v1.0.0")
    made = {page.uri: page for page in pages(load(repo.path), "markdown") if page.uri.startswith("changelog/")}
    home, anchor = ("changelog/1.0.0.md", "v1-0-0") if tagged else ("changelog/index.md", "unreleased")
    text = made[home].text
    for kind, count in sizes.items():
        shown = re.findall(rf"{kind} (\d+) here", text)
        assert min(count, 20) <= len(shown) <= count
        assert shown == [str(i) for i in range(len(shown))]
        assert re.search(rf'href="#{anchor}-{kind}"[^>]*>{kind.capitalize()} {count}<', text)
        assert f"{{ #{anchor}-{kind} }}" in text
        whole = re.search(rf'href="([^"#]+)#{anchor}-{kind}"[^>]*>All {count} on page', text)
        assert bool(whole) == (len(shown) < count)
        if whole:
            further = made["changelog/" + whole[1]].text
            assert f"{kind} 0 here" in further
            assert f"{{ #{anchor}-{kind} }}" in further
    every = "".join(page.text for uri, page in made.items() if "/entries/" in uri)
    assert all(f"{kind} {i} here" in every for kind, count in sizes.items() for i in range(count))
    titles = [re.search(r"^# (.*)", page.text, re.MULTILINE) for uri, page in made.items() if "/entries/" in uri]
    name = "Changes of 1.0.0" if tagged else "Unreleased changes"
    assert [words(title[1]) for title in titles if title] == [
        f"{name}, {n} of {len(titles)}" for n in range(1, len(titles) + 1)
    ]


def test_a_round_is_named_without_its_day_and_one_without_changes_says_no_number_of_them(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    head = "focus: Focus\ndate: 2026-01-02\nphase: 1\n"
    repo.commit("feat: begin\n\nRound: 1/1", {"data/rounds/1/1.yml": f"round: 1\n{head}changes: [A change]\n"})
    repo.commit("feat: go on\n\nRound: 1/2", {"data/rounds/1/2.yml": f"round: 2\n{head}"})
    repo.commit("chore: phase\n\nRound: 1/", {"data/rounds/1/phase.yml": "name: The phase\n"})
    book = load(repo.path)
    made = str(round_changelog(book, Here("changelog/rounds.md"), by="round"))
    headed = re.findall(r"^## (.*?) \{ #round-([\w-]+) \}", made, re.MULTILINE)
    assert [name for _, name in headed] == [name.replace("/", "-").strip("-") for name in book.changelog_keys]
    assert not any("2026" in heading for heading, _ in headed)
    assert re.findall(r"^[^#\n]*2026-01-02", made, re.MULTILINE)
    assert "rb-jumps" not in made  # the table of contents has them
    assert ">0</strong>" not in made
    assert not any(key.endswith("/") for key in book.changelog_keys[:2])
