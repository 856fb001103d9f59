"""Tests of fragments of other changelog tools, read in place or imported."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.book.facts import ChangelogEntry
from roundbook.book.model import Book
from roundbook.importer.identify import Hints
from roundbook.importer.run import fragments, is_fragment
from roundbook.project import fingerprint, load
from roundbook.rounds import load as rounds_load
from roundbook.rounds.fragments import as_markdown, kind_of, parse
from roundbook.site import api, changelog_text
from roundbook.site.links import Publication
from roundbook.site.pages import pages
from roundbook.yamlfile.writer import emit

WHERE = Hints()
RENO = """\
---
prelude: >
    A big one.
features:
  - |
    A ``--fast`` flag. See `the docs <https://example.org/d>`_.

    - for :command:`build`
    - for ``check``
fixes:
  - No crash.
  - No hang.
issues:
  - It is slow.
deprecations: [The old flag.]
"""
CHANGESET = '---\n"@scope/a": major\n"b": patch\n---\n\nThe default is new.\n\nSee the page.\n'
SCRIV = "<!--\nUncomment one.\n-->\n\n### Added\n\n- A flag,\n  and more.\n- Another.\n\n### Performance\n\nFaster.\n"
SCRIV_REST = ".. Uncomment one.\n..\n.. Removed\n\nFixed\n-----\n\n- No ``None`` there.\n"


def changes(path: str, text: str) -> list[Mapping[str, object]]:
    return [one.keys for one in parse(text.encode(), path)[0]]


# ----------------------------------------------------------------------------------------------- what they state


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("newsfragments/123.feature.md", {"type": "added", "text": "It ``x``", "issues": ("#123",)}),
        ("newsfragments/123.feature.rst", {"type": "added", "text": "It `x`", "issues": ("#123",)}),
        ("newsfragments/123.bugfix.2.rst", {"type": "fixed", "text": "It `x`", "issues": ("#123",)}),
        ("newsfragments/+orphan.bugfix", {"type": "fixed", "text": "It `x`"}),
        ("newsfragments/+.removal.rst", {"type": "removed", "text": "It `x`"}),
        ("newsfragments/gh-7.doc.rst", {"group": "Documentation", "text": "It `x`", "issues": ("gh-7",)}),
        ("newsfragments/8.misc", {"group": "Misc", "text": "It `x`", "issues": ("#8",)}),
        ("newsfragments/8.ours.md", {"group": "ours", "text": "It ``x``", "issues": ("#8",)}),
        ("newsfragments/8.breaking.md", {"type": "changed", "breaking": "true", "text": "It ``x``", "issues": ("#8",)}),
    ],
)
def test_fragments_of_towncrier(path: str, expected: Mapping[str, object]) -> None:
    assert changes(path, "It ``x``\n") == [expected]


def test_notes_of_reno() -> None:
    assert changes("releasenotes/notes/a-0123456789abcdef.yaml", RENO) == [
        {"group": "Prelude", "text": "A big one."},
        {
            "type": "added",
            "text": "A `--fast` flag. See [the docs](https://example.org/d).\n\n- for `build`\n- for `check`",
        },
        {"type": "changed", "group": "Known issues", "text": "It is slow."},
        {"type": "deprecated", "text": "The old flag."},
        {"type": "fixed", "text": "No crash."},
        {"type": "fixed", "text": "No hang."},
    ]
    places = [str(one.place) for one in parse(RENO.encode(), "n.yaml")[0]]
    assert places[-2:] == ["n.yaml:11:5", "n.yaml:12:5"]


def test_fragments_of_scriv() -> None:
    assert changes("changelog.d/20260102_ada.md", SCRIV) == [
        {"type": "added", "text": "A flag, and more."},
        {"type": "added", "text": "Another."},
        {"group": "Performance", "text": "Faster."},
    ]
    assert changes("changelog.d/20260102_ada.rst", SCRIV_REST) == [{"type": "fixed", "text": "No `None` there."}]


def test_changesets() -> None:
    assert changes(".changeset/odd-cats-jump.md", CHANGESET) == [
        {"group": "@scope/a: major, b: patch", "breaking": "true", "text": "The default is new.\n\nSee the page."}
    ]
    assert changes(".changeset/odd-cats-jump.md", "---\n---\n\nNothing.\n") == []


@pytest.mark.parametrize(
    "path", ["x/.gitignore", "x/README.md", "x/_template.rst", "x/template.md", "x/config.json", "x/a.png", "x/~a.md"]
)
def test_what_is_no_fragment(path: str) -> None:
    assert kind_of(path) is None
    assert parse(b"text", path) == ((), ())


def test_what_states_nothing_is_told_of() -> None:
    for path, text in (("n/1.feature", b" \n"), ("n/a.yaml", b"features: []\n"), ("n/a.md", b"<!-- x -->\n")):
        assert [f.slug for f in parse(text, path)[1]] == ["fragment-empty"], path
    assert [f.slug for f in parse(b"\xff\xfe", "n/1.feature")[1]] == ["not-utf8"]


@given(st.text("`<>_: \n-#*|.x", max_size=60), st.sampled_from(["1.feature.rst", "a.md", "a.rst", "a.yaml", "1.misc"]))
def test_nothing_raises_and_every_change_has_words(text: str, path: str) -> None:
    for one in parse(text.encode(), path)[0]:
        assert str(one.keys["text"]).strip()


@pytest.mark.parametrize("text", ["`" * 200_000, "`a <" * 60_000, ":a:`" * 60_000, "``a" * 60_000, ".. \n" * 60_000])
def test_long_texts_are_read(text: str) -> None:
    as_markdown(text)
    parse(text.encode(), "n/a.rst")


# ------------------------------------------------------------------------------------------------- where they lie


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Return a project whose fragments are adopted, after a release."""
    made = Repository(tmp_path)
    made.commit(
        "feat: x",
        {
            "data/rounds/1/1.yml": "round: 1\nfocus: x\n",
            "data/roundbook.yml": "changelog: {fragments: [newsfragments, {path: releasenotes/notes, kind: reno}]}\n",
            "newsfragments/1.feature.md": "The first\n",
            "newsfragments/README.md": "How to write one.\n",
            "releasenotes/notes/a.yaml": "features: [Kept]\n",
        },
    )
    made.tag("v1.0.0")
    made.commit("fix: y", {"newsfragments/2.bugfix.md": "The second, {{ x }} <script>\n"})
    return made


def told(book: Book) -> dict[str, list[tuple[str, str, int]]]:
    return {r.version: [(e.change.type, e.change.text, len(e.commits)) for e in r.entries] for r in book.releases}


def test_fragments_are_unreleased_while_they_are_there(repo: Repository) -> None:
    repo.write({"newsfragments/3.removal.md": "Not committed\n"})
    book = load(repo.path)
    assert told(book) == {
        "Unreleased": [
            ("added", "The first", 1),
            ("removed", "Not committed", 0),
            ("fixed", "The second, {{ x }} <script>", 1),
        ],
        "1.0.0": [("added", "Kept", 1)],  # reno leaves its notes where they are: the commit tells
    }
    assert [f for f in book.findings if f.severity != "info"] == []
    (second,) = [e for e in book.releases[0].entries if e.change.type == "fixed"]
    assert (second.path, str(second.change.place)) == ("newsfragments/2.bugfix.md", "newsfragments/2.bugfix.md:1:1")
    assert second.commits == (repo.head,)


def entries(book: Book) -> list[ChangelogEntry]:
    return [e for release in book.releases for e in release.entries]


def test_a_fragment_that_a_release_removed_is_gone(repo: Repository) -> None:
    repo.commit("chore: release", {"newsfragments/1.feature.md": None, "newsfragments/2.bugfix.md": None})
    repo.tag("v1.1.0")
    assert told(load(repo.path))["Unreleased"] == []


def test_as_of_a_commit_the_fragments_are_those_of_it(repo: Repository) -> None:
    repo.write({"newsfragments/3.removal.md": "Not committed\n"})
    assert told(load(repo.path, at="v1.0.0"))["Unreleased"] == [("added", "The first", 1)]
    assert len(told(load(repo.path, at="HEAD"))["Unreleased"]) == 2


def test_pages_and_texts_show_them_inert_with_a_way_to_their_file(repo: Repository) -> None:
    repo.git("config", "remote.origin.url", "https://github.com/o/r.git")
    book = load(repo.path)
    page = {p.uri: p.text for p in pages(book)}["changelog/index.md"]
    assert "https://github.com/o/r/edit/main/newsfragments/2.bugfix.md" in page
    assert "<script>" not in page
    assert "{{" not in page
    made = changelog_text.changelog(book, book.releases, "https://site.example")
    assert "- The second, " in made
    things = {name: one.plain for name, one in api.changes(book, Publication("https://site.example/", ""))}
    (name,) = [key for key in things if key.startswith("newsfragments/2.bugfix.md#")]
    assert things[name]["url"].startswith("https://site.example/changelog/#fragment-")


def test_a_folder_that_is_not_there_is_told_of(repo: Repository) -> None:
    repo.write({"data/roundbook.yml": "changelog: {fragments: [no, ../.., /etc]}\n"})
    found = [f for f in load(repo.path).findings if f.slug == "fragments-missing"]
    assert [str(f.place) for f in found] == [f"data/roundbook.yml:1:{n}" for n in (25, 29, 36)]


def test_an_edit_of_a_fragment_is_seen(repo: Repository) -> None:
    before = fingerprint(repo.path)
    repo.write({"newsfragments/4.feature.rst": "More\n"})
    assert fingerprint(repo.path) != before


# -------------------------------------------------------------------------------------------------- brought over


def test_fragments_are_brought_into_a_round() -> None:
    files = [("newsfragments/1.feature.md", b"One\n"), ("newsfragments/2.bugfix.rst", b"Two ``x``\n")]
    assert all(is_fragment(*one) for one in files)
    (made,) = fragments(files, Hints(phase="3", round="4"))
    rounds_folder = rounds_load.parse({f"data/rounds/{made.key}.yml": emit(made.tree).encode()})
    assert rounds_folder.findings == ()
    assert [(c.type, c.text, c.issues) for c in rounds_folder.rounds[0].changes] == [
        ("added", "One", ("#1",)),
        ("fixed", "Two `x`", ("#2",)),
    ]
    assert fragments([("newsfragments/1.feature", b"")], WHERE) == ()


def test_what_is_detected_as_a_fragment() -> None:
    assert is_fragment("a/releasenotes/notes/x.yaml", RENO.encode())
    assert is_fragment(".changeset/x.md", CHANGESET.encode())
    assert not is_fragment("docs/x.md", CHANGESET.encode())
    assert not is_fragment("notes/round4.md", b"")


# ------------------------------------------------------------------------- every text is an entry, or is said once

TOWNCRIER: list[tuple[str, dict[str, object]]] = [
    ("12.feature.md", {"type": "added", "issues": ("#12",)}),
    ("0012.feature.md", {"type": "added", "issues": ("#12",)}),
    ("12.feature", {"type": "added", "issues": ("#12",)}),
    ("12.Feature.rst", {"type": "added", "issues": ("#12",)}),
    ("+x.feature.md", {"type": "added"}),
    ("+.feature", {"type": "added"}),
    ("+x.y.feature.1.md", {"type": "added"}),
    ("x.feature.1.md", {"type": "added", "issues": ("x",)}),
    ("12.bugfix.1", {"type": "fixed", "issues": ("#12",)}),
    ("12.bugfix.1.rst", {"type": "fixed", "issues": ("#12",)}),
    ("12.bugfix.more.rst", {"type": "fixed", "issues": ("#12",)}),
    ("fix-1.2.3.feature", {"type": "added", "issues": ("fix-1.2.3",)}),
    ("foo.bar.baz.removal.txt", {"type": "removed", "issues": ("foo.bar.baz",)}),
    ("gh-12.doc.md", {"group": "Documentation", "issues": ("gh-12",)}),
    ("12.internal", {"group": "internal", "issues": ("#12",)}),
    ("+12.my-type", {"group": "my-type"}),
    ("+x.y.my-type.2", {"group": "my-type"}),
    ("PR12.chore", {"group": "chore", "issues": ("PR12",)}),
    ("foo.bar.internal.md", {"group": "internal", "issues": ("foo.bar",)}),
]


@pytest.mark.parametrize(("name", "expected"), TOWNCRIER)
def test_names_of_towncrier(name: str, expected: Mapping[str, object]) -> None:
    found, findings = parse(b"Words.\n", f"n/{name}")
    assert [one.keys for one in found] == [{**expected, "text": "Words."}]
    assert not findings


@pytest.mark.parametrize(
    ("path", "text", "texts"),
    [
        ("a.yaml", "fixes:\n  - 'Bug 1: quoted'\n  - Bug 12: it stops\n", ["Bug 1: quoted", "Bug 12: it stops"]),
        ("a.yaml", "fixes:\n  - Bug 12: it stops\n    when it reads.\n", None),
        ("a.yaml", "fixes:\n  - One: a\n    Two: b\n", ["One: a Two: b"]),
        ("a.yaml", "fixes:\n  - Note:\n", ["Note:"]),
        ("a.yaml", "fixes:\n  - a: b: c\n", None),
        ("a.yaml", "fixes:\n  Bug 12: the parser stops\n", ["Bug 12: the parser stops"]),
        ("a.yaml", "fixes: Only one.\n", ["Only one."]),
        ("a.yaml", "fixes: {Bug: x}\n", ["Bug: x"]),
        ("a.yaml", "other:\n  - Options:\n      - one\n      - two: three\n", ["Options:\n\n- one\n- two: three"]),
        ("a.yaml", "fixes:\n  - [One, [Two]]\n  - - Three\n    - Four: five\n", ["One", "Two", "Three", "Four: five"]),
        ("a.yaml", "fixes:\n  - 12\n  - ~\n  - null\n  -\n", ["12"]),
        ("a.yaml", "prelude: |\n  A\n  b.\n\n  C.\n", ["A b.\n\nC."]),
        ("a.yaml", "surprises:\n  - What: is this\n", ["What: is this"]),
        ("a.rst", "Added\n~~~~~\n\n- One.\n\n.. note:: Beware.\n\n   More.\n", ["One.", ".. note:: Beware.", "More."]),
        ("a.rst", ".. A comment\n   more of it\n\nAdded\n=====\n\n* One.\n", ["One."]),
        ("a.rst", "Added\n-----\n\n- See x_.\n\n.. _x: https://example.org\n", ["See x_.", ".. _x: https://example.org"]),
        ("a.md", "Zero.\n\n### Odd\n\nOne.\n\n- Two.\n\n```\ncode\n```\n\n> Three.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", None),
        ("a.md", "### Added\n\n<details>Shown.</details>\n", ["<details>Shown.</details>"]),
        ("a.md", "### Added\n\n<!-- no -->\n\n<!-- no\nmore -->\n\n- One.\n", ["One."]),
        ("a.md", "### Added\n\n- One: [x].\n\n[x]: https://example.org\n", ["One: [x].", "[x]: https://example.org"]),
        ("a.md", "---\na: patch\n---\nText\n---\nMore\n", ["Text ---\n\nMore"]),
    ],
)  # fmt: skip
def test_no_text_is_lost(path: str, text: str, texts: list[str] | None) -> None:
    """F14: a colon makes an item of reno a mapping, and other forms that a reader could pass over."""
    found, findings = parse(text.encode(), f"n/{path}")
    said = [str(one.keys["text"]) for one in found]
    if texts is not None:
        assert [" ".join(one.split()) for one in said] == [" ".join(one.split()) for one in texts]
        assert not findings
    else:
        words = set(re.findall(r"\w+", text.replace("Odd", "")))
        assert findings or words <= set(re.findall(r"\w+", " ".join(said)))


def test_f14_in_the_book(repo: Repository) -> None:
    """F14: both notes stand in the book, and nothing is found."""
    note = "---\nfixes:\n  - Bug 12: the parser stops\n  - Second.\n"
    settings = "changelog:\n  fragments: [{path: rel/notes, kind: reno}]\n"
    repo.commit("x", {"data/roundbook.yml": settings, "rel/notes/a-1234567890abcdef.yaml": note})
    book = load(repo.path)
    assert [e.change.text for e in entries(book)] == ["Bug 12: the parser stops", "Second."]
    assert not [f for f in book.findings if "fragment" in f.slug]


SAID = [
    ("t.md", '---\n"@x/a": typo\n---\n\nText here.\n', "2:9", "fragment-unread", "unknown bump `typo`"),
    ("t.md", '---\r\n"@x/a": minor\r\nb: [patch]\r\n---\r\nText.\r\n', "3:4", "fragment-unread", "unknown bump"),
    ("o.md", '---\n"@x/a": minor\n\nText, never closed.\n', "1:1", "fragment-unread", "is not closed"),
    ("o.md", "\ufeff---\n@x/a: minor\n---\n\nText.\n", "2:1", "", ""),
    ("o.md", "---\n- a\n---\n\nText.\n", "2:1", "fragment-unread", "names no package"),
    ("o.md", "---\n---\n\nText.\n", "1:1", "fragment-unread", "names no package"),
    ("o.md", "---\na: minor\na: patch\n---\nText.\n", "3:1", "duplicate-key", ""),
    ("a.yaml", "- Fixed it.\n", "1:1", "fragment-unread", "not in a section"),
    ("a.yaml", "Fixed it.\n", "1:1", "fragment-unread", "not in a section"),
    ("a.yaml", "fixes: [a]\nfixes: [b]\n", "2:1", "duplicate-key", ""),
    ("a.yaml", "fixes:\n  - a: b: c\n", "2:9", "colon-in-text", ""),
    ("a.yaml", "fixes:\n  - caf\ue000\n", "", "", ""),
    ("a.md", "### Added\n\n- x\n\n### A thing that was done\n", "5:1", "fragment-unread", "there is no entry below"),
    ("12.feature.md", " \n", "n/12.feature.md", "fragment-empty", ""),
]


@pytest.mark.parametrize(("path", "text", "place", "slug", "words"), SAID)
def test_what_is_no_entry_is_said_once(path: str, text: str, place: str, slug: str, words: str) -> None:
    """F15: an unknown bump and front matter that is not closed, named as what they are, at their place."""
    _, findings = parse(text.encode(), f"n/{path}")
    if not slug:
        return
    assert [(f.slug, str(f.place).removeprefix(f"n/{path}:")) for f in findings] == [(slug, place)]
    assert words in findings[0].message


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("empty.md", "---\n---\n"),
        ("empty.md", "---\n---\n\n"),
        ("empty.md", "---\r\n---\r\n"),
        ("empty.md", "\ufeff---\n\n---\n"),
        ("one.md", "---\na: none\n---\n\nNothing to release.\n"),
        ("one.md", '---\n\'a\': "minor"\n"@b/c": patch # why\n---\n\nText.\n'),
        ("x.trivial.rst", ""),
        ("12.misc", "\n"),
        ("+x.misc.md", " "),
        ("a.md", "### Added\n\n- One.\n\n### Removed\n"),
    ],
)
def test_legal_forms_are_silent(path: str, text: str) -> None:
    """F15 and N5: no release, on purpose, and fragments that only name their issue."""
    found, findings = parse(text.encode(), f"n/{path}")
    assert not findings
    assert bool(found) == any(char.isalpha() for char in text.replace("trivial", ""))


def test_changesets_say_all_their_bumps() -> None:
    text = "\ufeff---\r\n\"@scope/a\": major\r\n'b': patch\r\nc: none\r\n---\r\n\r\nA **b**\r\n\r\n---\r\n\r\nrest\r\n"
    (one,), findings = parse(text.encode(), "n/a.md")
    assert one.keys == {
        "group": "@scope/a: major, b: patch, c: none",
        "breaking": "true",
        "text": "A **b**\n\n---\n\nrest",
    }
    assert not findings


def test_sections_within_sections_keep_their_type() -> None:
    text = "## Added\n\n### Parser\n\n- One.\n\n### Fixed\n\n- Two.\n\n## Odd\n\n### Inner\n\n- Three.\n"
    assert changes("n/a.md", text) == [
        {"type": "added", "group": "Parser", "text": "One."},
        {"type": "fixed", "text": "Two."},
        {"group": "Inner", "text": "Three."},
    ]


def test_lines_of_rest_are_those_of_the_file() -> None:
    found, _ = parse(SCRIV_REST.encode(), "n/a.rst")
    assert [one.place.line for one in found] == [8]


def test_f18_files_among_fragments_are_said_or_may_be_there(repo: Repository) -> None:
    """F18: a file whose name is none of a fragment is a note, and what may lie there is not."""
    names = ["foo.bar.baz.config", "12.json", "12.feature", ".gitkeep", "README.md", "template.md", "config.json"]
    names += ["pre.json", "check.py", "a.png", "12.feature~", "a/b/c/d/13.bugfix.md"]
    repo.commit(
        "x", {"data/roundbook.yml": "changelog:\n  fragments: [n]\n", **{f"n/{name}": "Words.\n" for name in names}}
    )
    for book in (load(repo.path), load(repo.path, at="HEAD")):
        found = [(str(f.place), f.severity) for f in book.findings if f.slug == "fragment-unread"]
        assert found == [("n/12.json", "info"), ("n/foo.bar.baz.config", "info")]
        assert [e.path for e in entries(book)] == ["n/12.feature", "n/a/b/c/d/13.bugfix.md"]


def test_a_kind_of_the_settings_reads_names_of_any_type(repo: Repository) -> None:
    settings = "changelog:\n  fragments: [{path: n, kind: towncrier}]\n"
    repo.commit("x", {"data/roundbook.yml": settings, "n/foo.internal": "One.\n", "n/noname.md": "Two.\n"})
    book = load(repo.path)
    assert [(e.change.text, e.change.group) for e in entries(book)] == [("One.", "internal")]
    assert [str(f.place) for f in book.findings if f.slug == "fragment-unread"] == ["n/noname.md"]


def test_n5_an_empty_fragment_is_no_record() -> None:
    assert is_fragment("newsfragments/x.trivial.rst", b"\n")
    assert is_fragment(".changeset/odd-cats.md", b"---\n---\n")
    assert fragments([("newsfragments/x.trivial.rst", b"\n"), (".changeset/a.md", b"---\n---\n")], WHERE) == ()


def test_a_fragment_of_changie_is_not_taken_for_one_of_reno() -> None:
    text = "kind: Fixed\nbody: |-\n  One\n  thing.\ntime: 2026-01-01T00:00:00Z\ncustom: {Issue: '12'}\n"
    (one,), findings = parse(text.encode(), ".changes/unreleased/Fixed-20260101.yaml")
    assert (one.keys, str(one.place)[-4:], findings) == ({"type": "fixed", "text": "One thing."}, ":2:7", ())
    assert one.kind == "changie"  # a release removes it, so it is unreleased as long as it is there


def test_types_are_called_as_the_settings_of_the_tool_call_them(repo: Repository) -> None:
    crier = """\
        [[tool.towncrier.type]]
        directory = "feature"
        name = "New features"
        [[tool.towncrier.type]]
        directory = "infra"
        name = "Build infrastructure"
        [tool.towncrier.fragment.novel]
        name = "Features"
        """
    repo.write(
        {
            "pyproject.toml": textwrap.dedent(crier),
            "releasenotes/config.yaml": "sections:\n  - [perf, Speed]\n  - [features, News]\n",
            "data/roundbook.yml": "changelog: {fragments: [newsfragments, releasenotes/notes]}\n",
            "newsfragments/1.feature.md": "One.\n",
            "newsfragments/2.infra.md": "Two.\n",
            "newsfragments/3.novel.md": "Three.\n",
            "newsfragments/template.md.jinja": "x\n",
            "releasenotes/notes/a-1.yaml": "perf: [Four.]\nfeatures: [Five.]\n",
        }
    )
    repo.commit("docs: fragments")
    expected = {
        "One.": ("added", None),
        "Two.": ("changed", "Build infrastructure"),
        "Three.": ("added", None),
        "Four.": ("changed", "Speed"),
        "Five.": ("added", None),
    }
    for at in ("", "HEAD"):
        book = load(repo.path, at=at)
        entries = [entry.change for release in book.releases for entry in release.entries]
        assert {one.text: (one.type, one.group) for one in entries if one.text in expected} == expected
        assert not [finding for finding in book.findings if finding.slug.startswith("fragment")]
