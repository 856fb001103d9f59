"""Tests of imported changelogs: all content becomes records, and gives the same changelog again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository import Repository
from roundbook.importer import ImportResult
from roundbook.importer.changelog import changelog, is_changelog
from roundbook.importer.headings import head_of, parted
from roundbook.importer.identify import Hints
from roundbook.importer.notes import document_of, from_rst
from roundbook.importer.proof import Missing, prove_changelog
from roundbook.markdown import Document, document, parse
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.schema.items import CHANGE_TYPES, category_of
from roundbook.site import changelog_text
from roundbook.site.pages import pages
from roundbook.yamlfile.writer import emit

FORMS = Path(__file__).parent / "changelogs"
WHERE = Hints()


def result(text: str, path: str = "CHANGELOG.md") -> tuple[ImportResult, ...]:
    return changelog([document(text, path)], WHERE)


def files(made: tuple[ImportResult, ...]) -> dict[str, str]:
    return {f"data/rounds/{one.key}.yml": emit(one.tree) for one in made}


def missing(read: Document, trees: Sequence[Mapping[str, Any]]) -> tuple[Missing, ...]:
    return prove_changelog(read, trees).missing


def lost(read: Document, made: tuple[ImportResult, ...]) -> list[str]:
    """Return what is missing in the records once they were written and read again."""
    rounds_folder = rounds_load.parse({path: text.encode() for path, text in files(made).items()})
    assert [f for f in rounds_folder.findings if f.severity == "error"] == []
    again = [record.model_dump(by_alias=True, exclude_defaults=True, mode="json") for record in rounds_folder.rounds]
    return [f"{one.line}: {one.text}" for one in missing(read, again)]


# ------------------------------------------------------------------------------------------------------- the forms


@pytest.mark.parametrize("form", sorted(p.stem for p in FORMS.glob("*.md")))
def test_a_form_gives_the_records_that_are_expected(form: str, request: pytest.FixtureRequest) -> None:
    read = document((FORMS / f"{form}.md").read_text("utf-8"), f"{form}.md")
    assert is_changelog(read)
    made = changelog([read], Hints(phase="releases", round="changelog"))
    said = "".join(f"# {path}\n{text}" for path, text in files(made).items())
    said += "".join(f"# {note}\n" for one in made for note in one.notes)
    file = FORMS / f"{form}.yml"
    if request.config.getoption("--update"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")
    assert lost(read, made) == []


@pytest.mark.parametrize("form", sorted(p.stem for p in FORMS.glob("*.md")))
def test_the_proof_notices_each_text_that_goes_missing(form: str) -> None:
    """A proof that cannot fail proves nothing: whatever text of a record is dropped, some word is lost."""
    read = document((FORMS / f"{form}.md").read_text("utf-8"), f"{form}.md")
    trees = [one.tree for one in changelog([read], WHERE)]
    assert missing(read, trees) == ()
    for tree in trees:
        for key, value in tree.items():
            if key not in ("round", "phase", "kind", "status", "title", "links", "waive"):
                assert missing(
                    read, [*(t for t in trees if t is not tree), {k: v for k, v in tree.items() if k != key}]
                )
            if not isinstance(value, list) or key in ("links", "waive"):
                continue
            for i in range(len(value)):
                cut = {**tree, key: [*value[:i], *value[i + 1 :]]}
                assert missing(read, [*(t for t in trees if t is not tree), cut]), value[i]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("[1.2.0] - 2026-01-02", ("1.2.0", "2026-01-02", False, "")),
        ("[1.2.0] - 2026-01-02 [YANKED]", ("1.2.0", "2026-01-02", True, "")),
        ("1.2.0 - 2026-01-02 (yanked)", ("1.2.0", "2026-01-02", True, "")),
        ("v1.2.0", ("1.2.0", "", False, "")),
        ("**v1.2.0**", ("1.2.0", "", False, "")),
        ("v3", ("3", "", False, "")),
        ("1.2.0 (2026-01-02)", ("1.2.0", "2026-01-02", False, "")),
        ("1.2.0 / 2026/1/2", ("1.2.0", "2026-01-02", False, "")),
        ("1.2.0-rc.1+build.5, 2nd January 2026", ("1.2.0-rc.1+build.5", "2026-01-02", False, "")),
        ("Version 1.2 - March 3, 2026", ("1.2", "2026-03-03", False, "")),
        ("Release 12", ("12", "", False, "")),
        ("1.2.0 “Lamp” - Jan. 2 2026", ("1.2.0", "2026-01-02", False, "“Lamp”")),
        ("thing 1.2.3 (2026-01-02)", ("1.2.3", "2026-01-02", False, "thing")),
        ("@scope/thing@1.2.3", ("1.2.3", "", False, "@scope/thing")),
        ("2026-01-02", ("2026-01-02", "2026-01-02", False, "")),
        ("March 3, 2026", ("2026-03-03", "2026-03-03", False, "")),
        ("2026.01.02", ("2026.01.02", "", False, "")),
        ("1.2.0 - 2026-02-31", ("1.2.0", "", False, "2026-02-31")),
    ],
)
def test_what_the_heading_of_a_version_states(heading: str, expected: tuple[str, str, bool, str]) -> None:
    head = head_of(heading)
    assert head
    assert (head.version, head.date, head.yanked, head.title.strip('"')) == expected
    assert head.released


@pytest.mark.parametrize(
    "heading", ["Unreleased", "[Unreleased]", "1.3.0 (unreleased)", "v2.0.0 - TBD", "Next release"]
)
def test_what_is_not_released_yet(heading: str) -> None:
    head = head_of(heading)
    assert head
    assert not head.released


@pytest.mark.parametrize(
    "heading",
    [
        "Upgrade from 1.2 to 2.0",
        "Phase 3 Round 4 Summary",
        "Sprint 13 — Completed (v0.3.0, 2026-03-31)",
        "Added",
        "Notes",
        "1. First step",
        "12 angry men",
        "Python 3.11",
        "1.2 to 2.0 migration",
        "",
        "[](x)",
        "In 2026-01-02 we met",
    ],
)
def test_what_heads_no_version(heading: str) -> None:
    assert head_of(heading) is None


def test_names_of_sections() -> None:
    assert category_of("⚠ BREAKING CHANGES") == ("changed", True)
    assert category_of("🐛 Bug Fixes:") == ("fixed", False)
    assert category_of("Performance") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Breaking:** x", {"breaking": "true", "text": "x"}),
        ("**BREAKING CHANGE**: x", {"breaking": "true", "text": "x"}),
        ("BREAKING: x", {"breaking": "true", "text": "x"}),
        ("Breaking news", {"text": "Breaking news"}),
        ("CVE-2026-1234: **Breaking:** x", {"cve": "CVE-2026-1234", "breaking": "true", "text": "x"}),
        ("Mends CVE-2026-1234: x", {"text": "Mends CVE-2026-1234: x"}),
        ("x (#12)", {"text": "x (#12)"}),
        ("x ([#12](https://h/o/r/issues/12))", {"text": "x", "issues": ("#12",)}),
        ("x ([#12](https://h/o/r/issues/13))", {"text": "x ([#12](https://h/o/r/issues/13))"}),
        ("x ([#12](https://evil/o/r/issues/12))", {"text": "x ([#12](https://evil/o/r/issues/12))"}),
        ("x, closes [#1](https://h/o/r/issues/1) [#2](https://h/o/r/issues/2)", {"text": "x", "issues": ("#1", "#2")}),
        ("([#12](https://h/o/r/issues/12))", {"text": "([#12](https://h/o/r/issues/12))"}),
        ("x ([abc](https://h/o/r/commit/abcdef0))", {"text": "x ([abc](https://h/o/r/commit/abcdef0))"}),
    ],
)
def test_only_what_has_a_form_of_its_own_is_taken_out_of_an_entry(text: str, expected: Mapping[str, object]) -> None:
    assert parted(text, "https://h/o/r") == expected


def test_what_is_no_changelog() -> None:
    assert not is_changelog(document("# Round 4\n\n## Goals\n\n- a\n\n## Version 1.2\n", "notes/r4.md"))
    assert not is_changelog(document("", "CHANGELOG.md"))
    assert is_changelog(document("# 1.0.0\n\n- a\n\n# 0.9.0\n\n- b\n", "x.md"))


# ------------------------------------------------------------------------------------------ there and back again


ROUND = {"data/rounds/1/1.yml": "round: 1\nfocus: x\n"}


def site(repo: Repository, text: str) -> str:
    """Import a changelog into a repository, and return the changelog that is made of it."""
    repo.write({**ROUND, **files(result(text))})
    book = load(repo.path)
    assert [f for f in book.findings if f.severity == "error"] == []
    return changelog_text.changelog(book, book.releases, commits=False)


def test_a_file_in_the_form_of_keep_a_changelog_comes_back_as_it_was(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("x", ROUND)
    text = (FORMS / "keep.md").read_text("utf-8")
    made = site(repo, text)
    repo.git("config", "remote.origin.url", "https://github.com/o/r.git")
    again = site(repo, made)
    wanted = text[text.index("## [Unr") : text.index("[check]: ")].replace("[check]", "(https://example.org/check)")
    wanted = wanted.replace("skips\n  what", "skips what")
    assert again == made
    assert unlinked(made) == unlinked(wanted)
    assert links(made) == links(wanted)


def unlinked(text: str) -> str:
    return re.sub(r"^\[.*\]: .*\n?", "", text, flags=re.MULTILINE).strip()


def links(text: str) -> list[str]:
    """Return the links of the versions that are out; that of what is unreleased follows the tags."""
    return re.findall(r"^\[\d.*\]: .*$", text, flags=re.MULTILINE)


def test_a_version_without_a_tag_is_listed_with_its_date_and_says_so(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: one", ROUND)
    repo.tag("v1.0.0")
    repo.commit("feat: two", {"a": "b"})
    repo.tag("v1.1.0")
    site(repo, (FORMS / "keep.md").read_text("utf-8"))
    repo.commit("docs: import")
    book = load(repo.path)
    assert [(r.version, r.tag, r.date, len(r.commits), r.yanked) for r in book.releases] == [
        ("Unreleased", None, "", 1, False),
        ("1.1.0", "v1.1.0", "2026-02-03", 1, False),
        ("1.0.1", None, "2026-01-20", 0, True),
        ("1.0.0", "v1.0.0", "2026-01-02", 1, False),
    ]
    page = {p.uri: p.text for p in pages(book)}
    assert "no tag of this version was found" in page["changelog/1.0.1.md"]
    assert "no tag of this version" not in page["changelog/1.0.0.md"]
    assert "No crash on empty files" in page["changelog/1.0.1.md"]
    told = {(v.check, v.claim, v.outcome, v.waived) for v in book.results if v.check.startswith("release-")}
    assert told == {
        ("release-without-tag", "1.1.0 was released", "verified", ""),
        ("release-without-tag", "1.0.1 was released", "contradicted", ""),
        ("release-without-tag", "1.0.0 was released", "verified", ""),
        ("release-date", "1.1.0 was released on 2026-02-03", "contradicted", ""),
        ("release-date", "1.0.1 was released on 2026-01-20", "not-checked", ""),
        ("release-date", "1.0.0 was released on 2026-01-02", "not-checked", ""),
    }
    # T8: what git contradicts stays visible, and the record of the import is nothing else that a check complains of.
    assert {f.slug for f in book.findings if f.severity != "info"} <= {"release-date", "release-without-tag"}


def test_what_is_unreleased_goes_into_the_version_that_is_tagged_next(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("x", ROUND)
    site(repo, (FORMS / "keep.md").read_text("utf-8"))
    repo.commit("docs: import the changelog")
    repo.tag("v1.2.0")
    found = {r.version: [e.change.text for e in r.entries] for r in load(repo.path).releases}
    assert found["1.2.0"] == ["A flag `--fast`, which skips what did not change."]
    assert found["Unreleased"] == []


def test_versions_without_numbers_stand_as_the_file_has_them(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.write({"data/rounds/1/1.yml": "round: 1\nfocus: x\nversions:\n" + "".join(
        f"  - {{version: {name}, released: true}}\n" for name in ("lamp", "2.0", "oil", "1.0", "wick")
    )})  # fmt: skip
    repo.commit("x")
    repo.tag("1.0")
    repo.commit("y")
    repo.tag("2.0")
    assert [r.version for r in load(repo.path).releases] == ["Unreleased", "lamp", "2.0", "oil", "1.0", "wick"]


def test_a_version_that_is_recorded_twice_is_told_of_and_listed_once(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("x", {"data/rounds/1/1.yml": "round: 1\nfocus: x\nversions:\n"
                      "  - {version: 1.0, date: 2026-01-02}\n  - {version: v1.0, date: 2026-01-03}\n"})  # fmt: skip
    book = load(repo.path)
    assert [(r.version, r.date) for r in book.releases[1:]] == [("1.0", "2026-01-02")]
    (found,) = [f for f in book.findings if f.slug == "version-twice"]
    assert str(found.place) == "data/rounds/1/1.yml:5:5"


WORD = st.text("ghijklmn é✅", min_size=1, max_size=12).map(lambda t: " ".join(t.split())).filter(bool)
MARKED = st.builds("{} `{}` *{}* {}".format, WORD, WORD, WORD, WORD)
ENTRY = st.fixed_dictionaries(
    {"text": MARKED, "breaking": st.booleans(), "cve": st.booleans(), "inner": st.lists(WORD, max_size=2)}
)
SECTIONS = st.dictionaries(st.sampled_from(CHANGE_TYPES), st.lists(ENTRY, min_size=1, max_size=3), min_size=1)
VERSIONS = st.lists(
    st.tuples(st.tuples(*[st.integers(0, 30)] * 3), st.dates(), st.booleans(), SECTIONS),
    min_size=1, max_size=5, unique_by=lambda one: one[0],
)  # fmt: skip


def written(type_: str, entries: list[dict[str, object]]) -> str:
    lines = [f"### {type_.capitalize()}\n\n"]
    for one in sorted(entries, key=lambda e: not e["breaking"]):
        lead = f"{'CVE-2026-12345: ' * bool(one['cve'])}{'**Breaking:** ' * bool(one['breaking'])}"
        inner = one["inner"]
        assert isinstance(inner, list)
        lines += [f"- {lead}{one['text']}\n", *(f"  - {word}\n" for word in inner)]
    return "".join(lines)


@settings(max_examples=15, deadline=None)
@given(VERSIONS, SECTIONS)
def test_any_changelog_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    versions: list[tuple[tuple[int, ...], object, bool, dict[str, list[dict[str, object]]]]],
    upcoming: dict[str, list[dict[str, object]]],
) -> None:
    order: dict[str, int] = {name: i for i, name in enumerate(CHANGE_TYPES)}
    parts = ["## [Unreleased]\n", *(written(t, upcoming[t]) for t in sorted(upcoming, key=order.__getitem__))]
    for number, day, yanked, sections in sorted(versions, key=lambda one: one[0], reverse=True):
        parts.append(f"## [{'.'.join(map(str, number))}] - {day}{' [YANKED]' * yanked}\n")
        parts += [written(t, sections[t]) for t in sorted(sections, key=order.__getitem__)]
    text = "\n".join(parts)
    assert site(Repository(tmp_path_factory.mktemp("r")), text) == text


# ------------------------------------------------------------------------------------------------------- hostile


def test_scripts_and_templates_in_entries_do_nothing(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    evil = "<script>alert(1)</script> {{ cycler }} {% raw %} [x](javascript:alert(1)) @ada"
    repo.write(files(result(
        f"# Changelog\n\n## [1.0<script>] {evil}\n\n## 1.0.0 - {evil}\n\n{evil}\n\n### {evil}\n\n- {evil}\n\n  {evil}\n\n"
        "[1.0.0]: javascript:alert(1)\n"
    )))  # fmt: skip
    repo.commit("x")
    book = load(repo.path)
    for page in (p for p in pages(book) if not p.uri.startswith("go/")):
        assert "<script" not in page.text
        assert "{{" not in page.text
        assert "{%" not in page.text
        assert 'href="javascript' not in page.text
    made = changelog_text.changelog(book, book.releases)
    assert "<script" not in made.replace("\\<script", "")
    assert not re.search(r"(?<!\\)\]\(javascript", made)
    assert not re.search(r"^\[.*\]: javascript", made, re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    ["## 1.0.0\n- a\n" * 8_000, "## 1.0.0\n" + "- a ([#1](https://h/o/r/pull/1))\n" * 15_000, "- [" * 400_000,
     "## 1.0.0\n- " + "([" * 300_000 + ")", "## " + "1." * 400_000, "## 1.0.0\n- x, closes " + "[#1](u) " * 100_000,
     "## [" * 200_000, "# Changelog\n## 1.0.0\n" + "[x" * 300_000, "## 1.0.0\n- " + "`" * 200_000 + "[a]\n[a]: b\n"],
)  # fmt: skip
def test_long_texts_are_read_in_linear_time(text: str) -> None:
    assert result(text)[0].key == "releases/changelog"


def test_ends_of_lines_byte_order_marks_and_ragged_lines() -> None:
    data = b"\xef\xbb\xbf# Changelog\r\n\r\n## 1.0.0\r\n### Added\r\n- a\r\n   - b\r\n* c\r\n\t- d\r\n"
    read, _ = parse(data, "CHANGELOG.md")
    assert read
    made = changelog([read], WHERE)
    assert lost(read, made) == []
    assert made[0].tree["changes"] == [
        {"release": "1.0.0", "type": "added", "text": "a\n\n- b"},
        {"release": "1.0.0", "type": "added", "text": "c\n\n- d"},
    ]


LINES = st.lists(
    st.one_of(
        WORD,
        st.builds("{} {}".format, st.sampled_from(["#", "##", "###", "-", "  -", ">", "1."]), WORD),
        st.builds("## {}{}".format, st.sampled_from(["1.0", "v2.1", "[3.0.0] - 2026-01-02", "Unreleased"]), st.just("")),
        st.sampled_from(["### Added", "### Other", "", "```", "| a |\n|---|\n| b |", "<!-- c -->", "<details>", "</details>"]),
        st.sampled_from(["[a]: https://x.example", "- [a] is a link", "**Fixed:**", "---", "- **Breaking:** x", "- [x] y"]),
    ),
    max_size=16,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_nothing_is_lost(lines: list[str]) -> None:
    read = document("\n".join(lines), "CHANGELOG.md")
    assert missing(read, [one.tree for one in changelog([read], WHERE)]) == ()


RST = """\
.. _top:

=========
Changelog
=========

1.1.0 (2026-02-01)
------------------

Added
^^^^^

- Read ``*.rst`` files (`#12 <https://example.org/o/r/pull/12>`_, see the `guide`_).

1.0.0 (2026-01-01)
------------------

Fixed
^^^^^

- :issue:`3` is no more.

.. _guide: https://example.org/guide
"""


def test_restructured_text_is_read_line_for_line() -> None:
    text = from_rst(RST)
    assert text.count("\n") == RST.count("\n")
    assert "## 1.1.0 (2026-02-01)\n\n\n### Added" in text
    assert "`*.rst` files ([#12](https://example.org/o/r/pull/12), see the [guide])" in text
    assert "[guide]: https://example.org/guide" in text
    assert "- #3 is no more." in text
    document, _ = document_of(RST.encode(), "NEWS.rst")
    assert document is not None
    assert is_changelog(document)
    assert document_of(RST.encode(), "NEWS.md")[0] != document


@pytest.mark.parametrize(
    ("heads", "tags", "open_"),
    [
        (("1.2", "1.1", "1.0"), ("v1.1", "v1.0"), "1.2"),
        (("1.2", "1.1 - 2026-01-02", "1.0"), ("v1.0",), "1.2"),
        (("1.2 (May 2026)", "1.1", "1.0"), ("v1.1",), ""),  # a month is a time of release
        (("1.2", "1.1", "1.0"), (), ""),  # without tags, nobody knows
        (("1.3", "1.2", "1.1"), ("v1.1",), ""),  # a project that gave up its tags
        (("1.2", "1.1", "2009-01-02"), ("v1.1",), "1.2"),  # versions of days are older
        (("0.9", "1.1", "1.0"), ("v1.1", "v1.0"), ""),  # not the newest one
        (("Changes from 1.1 to 1.2", "Changes from 1.0 to 1.1"), ("REL_1_1",), "1.2"),
        (("1.2\n\n### Minor Changes", "1.1", "1.0"), ("v1.1",), ""),  # changesets writes a version when it is out
        (("1.2-dev", "1.1"), (), "1.2-dev"),
        (("1.2.0 (in development)", "1.1"), (), "1.2.0"),
    ],
)
def test_the_newest_version_without_day_and_tag_is_not_released(
    heads: tuple[str, ...], tags: tuple[str, ...], open_: str
) -> None:
    text = "# Changelog\n\n" + "".join(f"## {head}\n\n- In {head[:3]}\n\n" for head in heads)
    made: Any = changelog([document(text, "CHANGELOG.md")], Hints(tags=frozenset(tags)))
    assert len(made[0].tree["versions"]) == len(heads) - bool(open_)
    assert [one.tree.get("releases") for one in made[1:]] == [[open_]] * bool(open_)


def test_thanks_stand_behind_what_changed() -> None:
    base = "https://github.com/o/r"
    line = f"- [#1]({base}/pull/1) Thanks [@a]({base}), [@b]({base})! - No crash\n"
    made: Any = changelog([document(f"# a\n\n## 1.0.0\n\n{line}", "CHANGELOG.md")], Hints(home=base))
    assert made[0].tree["changes"][0]["text"] == f"No crash Thanks [@a]({base}), [@b]({base})!"


def test_a_version_under_two_headings_is_recorded_once_unless_they_contradict_each_other() -> None:
    text = "# Changelog\n\n## 1.1\n\nAll.\n\n- a\n\n## 1.0\n\n- b\n\n## 1.1\n\nMore.\n\n- c\n"
    read = document(text, "CHANGELOG.md")
    made: Any = changelog([read], Hints())
    tree = made[0].tree
    assert tree["versions"] == [
        {"version": "1.1", "released": True, "text": "All.\n\nMore."}, {"version": "1.0", "released": True}
    ]  # fmt: skip
    assert not prove_changelog(read, [tree]).missing
    made = changelog([document("# Log\n\n## 1.1 - 2026-01-02\n\n- a\n\n## 1.1 - 2026-01-03\n\n- b\n", "a.md")], Hints())
    assert [one["date"] for one in made[0].tree["versions"]] == ["2026-01-02", "2026-01-03"]


def test_a_version_that_another_changelog_records_is_recorded_once_and_what_is_said_there_is_kept() -> None:
    texts = {
        "ChangeLog": "Changes in version 1.1\n\n o Faster\n o Better\n\nChanges in version 1.0\n\n o All\n",
        "ChangeLog-1.0": "Changes in version 1.0\n\n In short.\n\n o More\n",
    }
    read = [one for path, text in texts.items() if (one := document_of(text.encode(), path)[0])]
    made: Any = changelog(read, Hints())
    assert [one.key for one in made] == ["releases/changelog", "releases/changelog-1-0"]
    assert [[one["version"] for one in each.tree.get("versions", ())] for each in made] == [["1.1", "1.0"], []]
    assert [[one["text"] for one in each.tree["changes"]] for each in made] == [["Faster", "Better", "All"], ["More"]]
    assert made[1].tree["sections"] == [{"title": "1.0", "body": "In short."}]
    assert not prove_changelog(read[1], [made[1].tree]).missing


def test_a_line_above_bullets_of_plain_text_heads_them_unless_it_ends_a_bullet() -> None:
    text = (
        "Changes in version 1.1\n Bugfixes:\n o Faster\n o Has these\n   Long options:\n   - a\n Testing:\n o Better\n"
        "\nChanges in version 1.0\n o All\n"
    )
    read, _ = document_of(text.encode(), "ChangeLog")
    assert read
    made: Any = changelog([read], Hints())
    told = [(one.get("type"), one.get("group"), one["text"]) for one in made[0].tree["changes"]]
    assert told == [
        ("fixed", None, "Faster"), ("fixed", None, "Has these Long options:\n\n- a"), (None, "Testing", "Better"),
        (None, None, "All"),
    ]  # fmt: skip
    assert not prove_changelog(read, [made[0].tree]).missing


def test_a_version_of_which_nothing_is_said_is_proven_as_the_file_has_it() -> None:
    (read,) = (one for text in ("# Changelog\n\n## Unreleased\n",) if (one := document_of(text.encode(), "a.md")[0]))
    assert not prove_changelog(read, [{"title": "Changelog", "versions": ["Unreleased"]}]).missing


@pytest.mark.parametrize(
    ("heading", "version", "released"),
    [
        ("Next release (in development)", "", False),
        ("main (unreleased)", "", False),
        ("Development version", "", False),
        ("Unreleased (2.0)", "2.0", False),
        ("Unreleased [2.0.1]", "2.0.1", False),
        ("4.0.0-alpha.1 [unreleased]", "4.0.0-alpha.1", False),
        ("1.2 - in progress", "1.2", False),
        ("5.3.0 (future)", "5.3.0", False),
        ("1.2.0-SNAPSHOT", "1.2.0-SNAPSHOT", False),
        ("0.7.0 (Unreleased)", "0.7.0", False),
        ("1.2.0-dev - 2026-01-02", "1.2.0-dev", True),
        ("2.0 - December 2024", "2.0", True),
        ("0.2.0 [Deprecated]", "0.2.0", True),
        ("v.2025.01.0 (Jan 3, 2025)", "2025.01.0", True),
    ],
)
def test_a_heading_says_whether_its_version_is_out(heading: str, version: str, released: bool) -> None:
    head = head_of(heading)
    assert head
    assert (head.version, head.released) == (version, released)
    read = document(f"# Log\n\n## {heading}\n\n- a\n", "CHANGELOG.md")
    assert not prove_changelog(read, [one.tree for one in changelog([read], Hints())]).missing


@pytest.mark.parametrize(
    "heading", ["In progress", "Development", "Main", "Future", "December 2024", "Development (notes)"]
)
def test_a_heading_of_any_document_is_no_version(heading: str) -> None:
    assert head_of(heading) is None


def test_a_changelog_by_months_has_them_for_versions_and_no_day() -> None:
    text = "# Changelog\n\n## December 2024\n\n- b\n\n## 2024-11\n\n- a\n"
    read = document(text, "CHANGELOG.md")
    assert is_changelog(read)
    made: Any = changelog([read], Hints())
    versions = [{"version": "December 2024", "released": True}, {"version": "2024-11", "released": True}]
    assert made[0].tree["versions"] == versions
    assert [one["release"] for one in made[0].tree["changes"]] == ["December 2024", "2024-11"]
    assert not prove_changelog(read, [made[0].tree]).missing
    assert not is_changelog(document(text.replace("# Changelog", "# Diary"), "diary.md"))


def test_roles_of_a_title_in_restructuredtext_are_its_words() -> None:
    read, _ = document_of(
        b"Changes\n=======\n\n:git_tag:`1.0.0` -- 2024-07-26\n------------------------------\n\n- :bug:`1` x\n", "a.rst"
    )
    assert read
    made: Any = changelog([read], Hints())
    assert made[0].tree["versions"] == [{"version": "1.0.0", "date": "2024-07-26"}]
    assert made[0].tree["changes"][0]["text"] == "#1 x"


def test_an_address_of_a_page_that_nothing_names_is_a_note_since_no_record_can_link_it() -> None:
    read = document("# Log\n\n## 1.0\n\n- a\n\n[meta]: ../guide.md#meta\n[web]: https://x.example\n", "CHANGELOG.md")
    made: Any = changelog([read], Hints())
    assert (made[0].tree["notes"], made[0].tree["links"]) == (
        ["meta: ../guide.md#meta"],
        [{"url": "https://x.example", "title": "web"}],
    )
    assert not prove_changelog(read, [made[0].tree]).missing


@pytest.mark.parametrize("title", ["Faster (v1.2.0)", "Soup [v1.2.0]", "As of v1.1 (see v1.0)", "Hot (really)"])
def test_brackets_and_numbers_in_the_title_of_a_version_are_kept(title: str) -> None:
    read = document(f"# Changelog\n\n## [1.2] – 2026-01-02 – {title}\n\n- It boils\n", "CHANGELOG.md")
    made = changelog([read], Hints(phase="releases", round="changelog"))
    trees: list[Any] = [one.tree for one in made]
    assert [one["title"] for tree in trees for one in tree.get("versions", ())] == [title]
    assert lost(read, made) == []
