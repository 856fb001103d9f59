"""In: fragments that other tools make a changelog of. Out: changes in the book, where they lie or brought into a round."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.bring.news import fragments, is_fragment
from roundbook.model.book import Book
from roundbook.pipeline import fingerprint, load
from roundbook.read import rounds
from roundbook.read.news import kind_of, parse
from roundbook.read.rest import as_markdown
from roundbook.show import api, keep
from roundbook.show.pages import pages
from roundbook.show.publication import Publication
from roundbook.write.emit import emit

WHERE = SimpleNamespace(phase="", round="")
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
    made = keep.changelog(book, book.releases, "https://site.example")
    assert "- The second, " in made
    things = dict(api.Maker(book, Publication("https://site.example/", "")).changes())
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
    (made,) = fragments(files, SimpleNamespace(phase="3", round="4"))
    shelf = rounds.parse({f"data/rounds/{made.key}.yml": emit(made.tree).encode()})
    assert shelf.findings == ()
    assert [(c.type, c.text, c.issues) for c in shelf.rounds[0].changes] == [
        ("added", "One", ("#1",)),
        ("fixed", "Two `x`", ("#2",)),
    ]
    assert fragments([("newsfragments/1.feature", b"")], WHERE) == ()


def test_what_is_detected_as_a_fragment() -> None:
    assert is_fragment("a/releasenotes/notes/x.yaml", RENO.encode())
    assert is_fragment(".changeset/x.md", CHANGESET.encode())
    assert not is_fragment("docs/x.md", CHANGESET.encode())
    assert not is_fragment("notes/round4.md", b"")
