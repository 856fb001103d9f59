"""Versions: their order, their shares of the history, what they are compared with, and what the tags do not say."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.book.model import Book
from roundbook.book.version_order import marked, order, pattern_for
from roundbook.project import load
from roundbook.site import changelog_text
from roundbook.site.changelog_text import BEGIN, END
from roundbook.site.links import Here
from roundbook.site.views.changelog import release_body
from site_trial import Outcome, run

KNOWN = """\
1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0
1.0.0-1 < 1.0.0-2 < 1.0.0-10 < 1.0.0-a < 1.0.0
1.0.0-x.7.z.92 < 1.0.0-x-y-z.4 < 1.0.0
1.dev0 < 1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456
1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0.post456.dev34 < 1.0.post456 < 1.1.dev1 < 1!0.1
1.0 < 1.0-1 < 1.0-2 < 1.1
1.0_rc1 < 1.0
1.0.0RC1 < 1.0.0
1.0-rc1 < 1.0
2.0.0-M1 < 2.0.0-M2 < 2.0.0-M10 < 2.0.0-RC1 < 2.0.0-SNAPSHOT < 2.0.0.RELEASE < 2.0.1
4.0.0.Alpha1 < 4.0.0.Beta2 < 4.0.0.CR1 < 4.0.0.CR10 < 4.0.0.Final < 4.0.0.SP1 < 4.0.1.Final
4.0.0.Final < 4.0.0.Final-redhat-1 < 4.0.1
1.0.0-rc9 < 1.0.0-rc10
1.0.0-dev < 1.0.0-alpha < 1.0.0
1.0.0-preview.1 < 1.0.0-rc.1
1.0.0-beta < 1.0.0-beta-hotfix1 < 1.0.0-beta2
1.0.1 < 2.0.0-SNAPSHOT < 2.0.0
1.7.0 < 1.7.99 < 1.7.x < 1.8.0 < 1.x < 2.0
2.0.0-nightly-20260101 < 2.0.0-nightly-20260102 < 2.0.0 < 2.0.0-hotfix1 < 2.0.0-hotfix2 < 2.0.0-hotfix10 < 2.0.1
1.0.0 < 1.0.0-p1 < 1.0.0-p2 < 1.0.1
9.8 < 9.8p1 < 9.9
1.1.1 < 1.1.1d < 1.1.1k < 1.1.2
8u292 < 8u301
1.0.0 < 1.0.0-14-gdeadbee < 1.0.1
1.2.3 < 1.2.3.1 < 1.2.3.4 < 1.2.3.10 < 1.2.4
0.9.0 < 0.10.0
2023.12 < 2024.01 < 2024.1.15 < 2024.2 < 2024.10.01
24.04 < 24.10
2024-01-15 < 2024-01-16 < 2024-02-01
v1.0 < V1.1 < 1.2 < release-1.3 < release/1.10
nightly < 0.0.1
"""
SAME = ("1.0", "1.0.0", "v1.0", "V1.0.0", "1.0+build.5", "1.0.0.RELEASE", "1.0.0.Final", "1.0-GA", "release-1.0")
WORDS = st.sampled_from(
    "0 1 2 10 01 x rc M RC SNAPSHOT alpha beta Final hotfix post dev nightly zz a p - . + _ ! v é".split()  # noqa: SIM905
)
NAMES = st.lists(WORDS, max_size=9).map("".join) | st.text(max_size=12)


class TestOrder:
    @pytest.mark.parametrize("row", KNOWN.splitlines())
    def test_what_is_known_of_it(self, row: str) -> None:
        names = row.split(" < ")
        assert sorted(names, key=order) == names
        assert all(order(one) < order(two) for one, two in itertools.combinations(names, 2))

    @pytest.mark.parametrize("name", SAME)
    def test_other_names_of_one_version_stand_beside_it(self, name: str) -> None:
        assert order("1.0-rc1") < order(name) < order("1.0.0.1")
        assert order(name)[1:4] == order("1.0")[1:4]
        assert order(name).final

    @given(st.lists(NAMES, unique=True, max_size=12))
    def test_it_is_total(self, names: list[str]) -> None:
        line = sorted(names, key=order)
        for (i, one), (j, two) in itertools.product(enumerate(line), repeat=2):
            assert (order(one) < order(two)) == (i < j)
            assert (order(one) == order(two)) == (i == j)

    @given(
        st.lists(st.from_regex(r"[0-9]|[1-9][0-9]|[g-l][g-l0-9]{2,3}", fullmatch=True), min_size=1, max_size=4),
        st.data(),
    )
    def test_semver_orders_candidates_by_their_identifiers(self, one: list[str], data: st.DataObject) -> None:
        two = data.draw(st.permutations(one)) + data.draw(st.lists(st.just("0"), max_size=1))

        def semver(parts: list[str]) -> list[tuple[bool, int, str]]:
            return [(not p.isdigit(), int(p) if p.isdigit() else 0, "" if p.isdigit() else p) for p in parts]

        if semver(one) != semver(two):
            names = (f"1.2.3-{'.'.join(one)}", f"1.2.3-{'.'.join(two)}")
            assert (order(names[0]) < order(names[1])) == (semver(one) < semver(two))

    @pytest.mark.parametrize("name", ["9" * 5000, "1.0" + "-rc" * 5000, "1" + ".0" * 5000, "a-" * 5000])
    def test_no_name_is_too_long(self, name: str) -> None:
        assert order(name) == order(name)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.git("remote", "add", "origin", "https://github.com/o/r.git")
    made.commit("chore: base", {"data/rounds/1/1.yml": "round: 1\nphase: 1\nfocus: x\nsummary: s\n"})
    return made


def shipped(book: Book) -> list[tuple[str, list[str]]]:
    """Return the versions, newest first, each with the subjects of the commits that it lists."""
    return [
        (one.version, [book.history.by_id[c].subject for _, commits in one.loose for c in commits])
        for one in book.releases
    ]


def compared(book: Book) -> dict[str, str | None]:
    return {one.version: one.previous_tag for one in book.releases}


def roundbook(repo: Repository, *words: str) -> Outcome:
    return run(repo.path, "roundbook", *words)


class TestShares:
    @pytest.mark.parametrize("mark", ["SNAPSHOT", "M1", "M10", "alpha.beta", "nightly-20260101", "rc1"])
    def test_f4_a_fix_of_an_old_version_stands_below_a_new_one_with_any_suffix(
        self, repo: Repository, mark: str
    ) -> None:
        repo.tag("v1.0.0")
        repo.git("branch", "maint")
        repo.commit("feat: core", {"a": "1"})
        repo.tag(f"v2.0.0-{mark}")
        repo.commit("feat: end", {"a": "2"})
        repo.tag("v2.0.0")
        repo.checkout("maint")
        repo.commit("fix: old", {"b": "1"})
        repo.tag("v1.0.1")
        repo.checkout("main")
        repo.merge("maint")
        book = load(repo.path)
        assert [name for name, _ in shipped(book)] == ["Unreleased", "2.0.0", f"2.0.0-{mark}", "1.0.1", "1.0.0"]
        assert compared(book) == {
            "Unreleased": "v2.0.0",
            "2.0.0": f"v2.0.0-{mark}",
            f"2.0.0-{mark}": "v1.0.0",  # not v1.0.1, which is of another line
            "1.0.1": "v1.0.0",
            "1.0.0": None,
        }
        links = changelog_text.changelog(book, book.releases)
        assert "[1.0.1]: https://github.com/o/r/compare/v1.0.0...v1.0.1" in links
        assert "[Unreleased]: https://github.com/o/r/compare/v2.0.0...HEAD" in links

    def test_f5_each_commit_stands_under_the_version_that_first_had_it(self, repo: Repository) -> None:
        repo.git("branch", "maint")
        repo.commit("feat: core", {"a": "1"})
        repo.tag("v2.0.0-M1")
        repo.checkout("maint")
        repo.commit("fix: old", {"b": "1"})
        repo.tag("v1.9.0")
        repo.checkout("main")
        repo.merge("maint")
        repo.commit("end", {"a": "2"})
        repo.tag("v2.0.0")
        assert shipped(load(repo.path)) == [
            ("Unreleased", []),
            ("2.0.0", ["end"]),
            ("2.0.0-M1", ["feat: core"]),
            ("1.9.0", ["fix: old", "chore: base"]),
        ]

    @pytest.mark.parametrize("picked", [["-x"], []])
    @pytest.mark.parametrize("claimed", [False, True])
    def test_f3_a_pick_stands_under_the_version_that_first_shipped_it(
        self, repo: Repository, picked: list[str], claimed: bool
    ) -> None:
        repo.tag("v1.0.0")
        repo.git("branch", "maint")
        fix = repo.commit("fix: bug", {"f": "x"})
        repo.checkout("maint")
        repo.git("cherry-pick", *picked, fix)
        repo.tag("v1.0.1")
        repo.checkout("main")
        repo.merge("maint")
        if claimed:
            text = (
                f"round: 1\nphase: 1\nfocus: x\nsummary: s\nchanges: [{{type: fixed, text: A bug, commits: {fix}}}]\n"
            )
            repo.commit("docs: say so", {"data/rounds/1/1.yml": text})
        repo.tag("v2.0.0")
        book = load(repo.path)
        found = dict(shipped(book))
        entries = {one.version: [e.change.text for e in one.entries] for one in book.releases if one.entries}
        assert found["1.0.1"] == ([] if claimed else ["fix: bug"])
        assert found["2.0.0"] == (["docs: say so"] if claimed else [])
        assert entries == ({"1.0.1": ["A bug"]} if claimed else {})

    @pytest.mark.parametrize(
        ("tags", "right"),
        [
            (["1.0", "9.9", "1.1", "1.2", "1.3"], ["1.0", "9.9", "1.1", "1.2", "1.3"]),  # a slip
            (["1.0", "1.1", "0.9", "1.2"], ["1.0", "1.1", "0.9", "1.2"]),
            (["1.0", "1.3-rc1", "1.3", "1.2", "1.4"], ["1.0", "1.3-rc1", "1.3", "1.2", "1.4"]),
        ],
    )
    def test_f4_a_tag_that_contradicts_the_history_moves_alone(
        self, repo: Repository, tags: list[str], right: list[str]
    ) -> None:
        for i, tag in enumerate(tags):
            if i == 1:
                repo.git("branch", "maint")
            repo.commit(f"feat: {tag}", {"a": tag})
            repo.tag(tag)
        repo.checkout("maint")
        repo.commit("fix: late", {"b": "1"})
        repo.tag(f"{tags[0]}.0.1")
        repo.checkout("main")
        repo.merge("maint")
        found = shipped(load(repo.path))
        names = [name for name, _ in reversed(found)]
        assert [name for name in names if name in tags] == right
        assert names.index(f"{tags[0]}.0.1") == 1  # nothing else moves
        assert all(subjects[:1] == [f"feat: {name}"] for name, subjects in found if name in tags)

    def test_a_name_without_a_number_stands_where_the_history_has_it(self, repo: Repository) -> None:
        (repo.path / "data/roundbook.yml").write_text("changelog: {version-tags: 'v(?P<version>.*)|first|second'}\n")
        for tag in ("v1.0", "first", "v2.0", "v3.0"):
            repo.commit(f"feat: {tag}", {"a": tag})
            repo.tag(tag)
        repo.git("tag", "second", "v2.0~1")
        names = [name for name, _ in shipped(load(repo.path))]
        assert [n for n in names if n != "second"] == ["Unreleased", "3.0", "2.0", "first", "1.0"]
        assert names.index("2.0") < names.index("second") < names.index("1.0")

    def test_versions_on_branches_of_their_own_follow_each_other(self, repo: Repository) -> None:
        for number in ("0.1", "0.2", "0.3"):
            repo.commit(f"feat: {number}", {"a": number})
            repo.branch(f"release-{number}")
            repo.checkout(f"release-{number}")
            repo.commit(f"chore: call it {number}", {"b": number})
            repo.tag(f"v{number}")
            repo.checkout("main")
        for number in ("0.1", "0.2", "0.3"):
            repo.git("merge", "-q", "-s", "ours", "--no-edit", f"release-{number}")
        assert compared(load(repo.path)) == {"Unreleased": "v0.3", "0.3": "v0.2", "0.2": "v0.1", "0.1": None}


class TestFinals:
    """A final version after candidates says what it includes, and its notes have all of it."""

    @pytest.fixture
    def book(self, repo: Repository) -> Book:
        repo.tag("v1.0.0")
        bad = repo.commit("feat: gone", {"a": "1"})
        repo.commit("feat: stays", {"a": "2"})
        repo.tag("v2.0.0-rc.1")
        repo.commit(f"revert: gone\n\nThis reverts commit {bad}.", {"a": "3"})
        repo.tag("v2.0.0-rc.2")
        repo.tag("v2.0.0")
        return load(repo.path)

    def test_what_a_final_includes_is_said(self, book: Book) -> None:
        said = "Includes 3 commits of 2.0.0-rc.1 and 2.0.0-rc.2."
        assert said in changelog_text.changelog(book, book.releases[1:2])
        assert said in changelog_text.body(book, book.releases[1])
        assert changelog_text.data(book, book.releases[1:2])["releases"][0]["includes"] == ["2.0.0-rc.1", "2.0.0-rc.2"]

    def test_its_page_links_to_them(self, book: Book) -> None:
        page = release_body(book, Here("changelog/2.0.0.md"), book.releases[1])
        assert "includes 3 commits of <a href=" in page
        assert ">2&#46;0&#46;0-rc&#46;1</a>" in page
        assert "All of it came with its candidates" in page

    def test_its_notes_have_what_its_candidates_brought(self, book: Book) -> None:
        made = changelog_text.body(book, book.releases[1])
        assert "- feat: stays (" in made
        assert made.count("feat: gone") == 1  # taken back in it, so it is not listed as shipped
        assert "compare/v1.0.0...v2.0.0)" in made
        assert "Ada Lovelace (3 commits)" in made

    def test_the_version_after_it_is_compared_with_it(self, book: Book) -> None:
        found = compared(book)
        assert (found["Unreleased"], found["2.0.0"]) == ("v2.0.0", "v1.0.0")
        assert (found["2.0.0-rc.2"], found["2.0.0-rc.1"]) == ("v2.0.0-rc.1", "v1.0.0")

    def test_candidates_that_are_no_part_of_it_are_not_counted(self, repo: Repository) -> None:
        repo.git("branch", "side")
        repo.commit("feat: a", {"a": "1"})
        repo.tag("v2.0.0")
        repo.checkout("side")
        repo.commit("feat: b", {"b": "1"})
        repo.tag("v2.0.0-rc1")
        repo.checkout("main")
        repo.merge("side")
        assert [one.candidates for one in load(repo.path).releases if one.version == "2.0.0"] == [()]


class TestPeople:
    def test_n11_one_name_stands_once_and_merges_count_for_nobody(self, repo: Repository) -> None:
        repo.commit("a", {"a": "1"}, author="ada lovelace <ada@work.example>")
        repo.git("branch", "side")
        repo.commit("b", {"a": "2"}, author="Bo <bo@example.org>")
        repo.checkout("side")
        repo.commit("c", {"b": "2"})
        repo.checkout("main")
        repo.merge("side")
        repo.tag("v1.0.0")
        book = load(repo.path)
        assert "### Contributors\n\n- Ada Lovelace (3 commits)\n- Bo (1 commit)" in changelog_text.body(
            book, book.releases[1]
        )

    def test_two_people_that_the_mailmap_tells_apart_stay_two(self, repo: Repository) -> None:
        mailmap = (
            "Ada Lovelace <ada@example.org> <ada@example.org>\nAda Lovelace <ada@work.example> <ada@work.example>\n"
        )
        repo.commit("a", {".mailmap": mailmap}, author="Ada Lovelace <ada@work.example>")
        repo.tag("v1.0.0")
        book = load(repo.path)
        assert changelog_text.body(book, book.releases[1]).count("- Ada Lovelace (1 commit)") == 2


class TestCutHistory:
    @pytest.mark.parametrize("words", [("release", "v1.0.0"), ("changelog", "--version", "1.0.0")])
    def test_f20_no_claim_is_made_of_versions_that_are_not_there(
        self, repo: Repository, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        repo.tag("v1.0.0")
        repo.commit("feat: more", {"a": "1"})
        repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "cut"))
        told = run(tmp_path / "cut", "roundbook", *words)
        assert told.code == 2
        assert "the history is cut; fetch all of it" in told.output
        assert "the newest are" not in told.output

    def test_f20_what_is_printed_of_a_cut_history_says_so(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit("feat: more", {"a": "1"})
        repo.tag("v1.0.0")
        repo.git("clone", "-q", "--depth", "1", "--branch", "v1.0.0", f"file://{repo.path}", str(tmp_path / "cut"))
        told = run(tmp_path / "cut", "roundbook", "release", "v1.0.0")
        assert "history incomplete" in told.output
        assert "there may be more in this version" in told.output

    def test_the_newest_versions_are_named_where_one_is_unknown(self, repo: Repository) -> None:
        for number in "123456":
            repo.commit("feat: x", {"a": number})
            repo.tag(f"v{number}.0")
        assert "the newest are 5.0, 6.0, Unreleased" in roundbook(repo, "release", "zzz").output


class TestTwice:
    """F17: the file has each version once, or it is said which stands twice."""

    HAND = "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- Old\n"

    def test_f17_force_after_import_does_not_write_a_version_twice(self, repo: Repository) -> None:
        repo.commit("docs: say so", {"CHANGELOG.md": self.HAND})
        repo.tag("v1.0.0")
        assert roundbook(repo, "import", "CHANGELOG.md").code == 0
        told = roundbook(repo, "changelog", "--write", "CHANGELOG.md", "--force")
        assert told.code == 2
        assert "CHANGELOG.md: 1.0.0 is also outside the markers; delete it there" in told.output
        assert (repo.path / "CHANGELOG.md").read_text("utf-8") == self.HAND

    @pytest.mark.parametrize(
        "head", ["## [1.0.0] - 2026-01-01", "# v1.0.0", "### Version 1.0.0", "## 1.0.0 (2026-01-01)"]
    )
    def test_f17_a_check_is_not_content_with_two(self, repo: Repository, head: str) -> None:
        repo.commit("docs: say so", {"CHANGELOG.md": f"{BEGIN}\n{END}\n\n{head}\n\n- Old\n"})
        repo.tag("v1.0.0")
        assert roundbook(repo, "changelog", "--write", "CHANGELOG.md").code == 0
        told = roundbook(repo, "changelog", "--write", "CHANGELOG.md", "--check")
        assert (told.code, "1.0.0 is also outside the markers" in told.output) == (1, True)

    @pytest.mark.parametrize("text", ["```\n## [1.0.0]\n```", "## [1.0.0-rc1]", "## [1.0.0.1]", "Version 1.0.0"])
    def test_what_is_no_heading_of_it_is_no_second_one(self, repo: Repository, text: str) -> None:
        repo.commit("docs: say so", {"CHANGELOG.md": f"{BEGIN}\n{END}\n\n{text}\n"})
        repo.tag("v1.0.0")
        assert roundbook(repo, "changelog", "--write", "CHANGELOG.md").code == 0
        assert roundbook(repo, "changelog", "--write", "CHANGELOG.md", "--check").code == 0


def said(book: Book, slug: str) -> list[str]:
    return [str(finding) for finding in book.findings if finding.slug == slug]


class TestTags:
    """What looks like a version and is none is said once, with a pattern that takes it."""

    def test_f18_tags_that_do_not_fit_the_pattern_are_named(self, repo: Repository) -> None:
        for tag in ("release/1.0", "V1.1", "v2", "core-v1.2.0"):
            repo.tag(tag)
        (told,) = said(load(repo.path), "version-tags")
        assert "4 tags, and `version-tags` matches none of them: V1.1, core-v1.2.0, release/1.0, v2" in told
        assert "set changelog: {version-tags: '(?:core-|release/)?[vV]?(?P<version>" in told

    def test_t12_families_of_tags_are_named_in_one_note(self, repo: Repository) -> None:
        for tag in ("pkg-a/v1.0", "pkg-a/v1.1", "pkg-b@2.0", "hatch-v1.18.0", "@scope/pkg@3.0.1"):
            repo.tag(tag)
        (told,) = said(load(repo.path), "version-tags")
        assert "families of tags: pkg-a (2), " in told
        assert all(name in told for name in ("pkg-b (1)", "hatch (1)", "@scope/pkg (1)"))
        assert "for a changelog of each set changelog: {packages: {pkg-a: {}, " in told

    def test_t12_one_line_that_is_made_of_several_families_is_named(self, repo: Repository) -> None:
        (repo.path / "data/roundbook.yml").write_text("changelog: {version-tags: '.*[/@]v?(?P<version>.*)'}\n")
        repo.tag("pkg-a/v1.0")
        repo.tag("pkg-b@2.0")
        (told,) = said(load(repo.path), "version-tags")
        assert "versions are taken from several families of tags: pkg-a (1), pkg-b (1)" in told

    @pytest.mark.parametrize(
        "tag", ["round-4", "nightly-2026.01.01", "before-v2", "deploy/2026-01-01", "dev2", "x", "1"]
    )
    def test_a_tag_that_does_not_look_like_a_version_is_silent(self, repo: Repository, tag: str) -> None:
        repo.tag(tag)
        assert said(load(repo.path), "version-tags") == []

    @pytest.mark.parametrize(
        "tags", [["go1.21"], ["rel_1.0"], ["V1.0", "v2.0"], ["@a/b@1.0.0-rc.1"], ["x/v1", "x/v2.0"]]
    )
    def test_the_proposed_pattern_takes_them(self, tags: list[str]) -> None:
        alike = [found for tag in tags if (found := marked(tag))]
        assert len(alike) == len(tags)
        pattern = re.compile(pattern_for(alike))
        versions = [match["version"] for tag in tags if (match := pattern.fullmatch(tag))]
        assert len(versions) == len(tags)
        assert all(version[0].isdigit() for version in versions)

    def test_more_than_five_are_counted(self, repo: Repository) -> None:
        for number in range(8):
            repo.tag(f"rel-{number}.0")
        (told,) = said(load(repo.path), "version-tags")
        assert "8 tags, and `version-tags` matches none" in told
        assert "rel-4.0 and 3 more" in told

    def test_a_version_tag_on_a_folder_is_named(self, repo: Repository) -> None:
        repo.git("tag", "v1.0", "HEAD:data")
        assert "on a file or a folder instead of a commit: v1.0" in "".join(said(load(repo.path), "version-tags"))

    def test_two_tags_of_one_version_on_two_commits_are_named(self, repo: Repository) -> None:
        repo.tag("v1.0")
        repo.commit("feat: x", {"a": "1"})
        repo.tag("1.0")
        assert "1.0 is one version: 1.0 marks" in "".join(said(load(repo.path), "version-tagged-twice"))

    def test_n3_init_writes_the_pattern_that_draft_then_goes_by(self, repo: Repository) -> None:
        repo.git("rm", "-q", "-r", "--cached", "data")
        for number in range(3):
            repo.commit(f"feat: {number}", {"a": str(number)})
            repo.tag(f"hatch-v1.{number}.0")
        repo.tag("@scope/pkg@3.0.1")
        repo.commit("feat: not released", {"a": "x"})
        told = roundbook(repo, "init").output
        assert "3 of 4 tags: hatch-v1.2.0" in told
        assert [name for name, _ in shipped(load(repo.path))] == ["Unreleased", "1.2.0", "1.1.0", "1.0.0"]


class TestDays:
    """T8: the day that is written by hand and that of the tag are both shown, and a check says that they differ."""

    HAND = "# Changelog\n" + "".join(
        f"\n## [0.{n}.0] - 2025-01-0{n}\n\n### Added\n\n- Entry {n}\n" for n in (4, 3, 2, 1)
    )

    @pytest.fixture
    def book(self, repo: Repository) -> Book:
        repo.commit("docs: say so", {"CHANGELOG.md": self.HAND})
        repo.tag("v0.1.0")
        repo.tag("v0.2.0")
        assert roundbook(repo, "import", "CHANGELOG.md").code == 0
        return load(repo.path)

    def test_t8_one_line_of_each_check_for_a_file(self, book: Book) -> None:
        (untagged,) = said(book, "release-without-tag")
        (dated,) = said(book, "release-date")
        assert "2 have no tag of their name: 0.4.0, 0.3.0" in untagged
        assert "2 have a different date from their tags: 0.2.0 (2025-01-02), 0.1.0 (2025-01-01)" in dated

    def test_t8_both_days_are_shown(self, book: Book) -> None:
        text = changelog_text.changelog(book, book.releases)
        assert "2025-01-01 in the changelog, tagged 2026-01-01." in text
        page = release_body(book, Here("changelog/0.1.0.md"), book.releases[-1])
        assert "2025-01-01 in the changelog, tagged 2026-01-01" in page
        assert "\n## Added" in page  # the page has the version for its title, so its parts stand right below it


@pytest.mark.parametrize("named", ["", "pick", "original"])
def test_f3_a_pick_that_kept_its_trailers_is_one_patch_with_its_original(tmp_path: Path, named: str) -> None:
    repo = Repository(tmp_path)
    rounds = {"data/rounds/1/1.yml": "round: 1\nfocus: x\n"}
    repo.commit("base", {"a.txt": "1\n", **rounds})
    repo.tag("v1.0.0")
    repo.branch("maint")
    repo.checkout("main")
    original = repo.commit("fix: bug\n\nRound: 1/1", {"f.txt": "x\n"})
    repo.checkout("maint")
    repo.git("cherry-pick", "-x", original)
    pick = repo.git("rev-parse", "HEAD")
    repo.tag("v1.0.1")
    repo.checkout("main")
    repo.merge("maint", message="Merge maint")
    if named:
        entry = f"changes: [{{type: fixed, text: A bug, commits: {pick if named == 'pick' else original}}}]\n"
        repo.commit("docs: record", {"data/rounds/1/1.yml": rounds["data/rounds/1/1.yml"] + entry})
    repo.tag("v2.0.0")
    found = {r.version: r for r in load(tmp_path).releases}
    listed = {v: [c for _, ids in r.loose for c in ids if c in (pick, original)] for v, r in found.items()}
    assert listed == {"Unreleased": [], "2.0.0": [], "1.0.1": [] if named else [pick], "1.0.0": []}
    assert [v for v, r in found.items() if r.entries] == (["1.0.1"] if named else [])
