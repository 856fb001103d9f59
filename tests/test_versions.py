"""Versions: their order, their shares of the history, what they are compared with, and what the tags do not say."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.model.book import Book
from roundbook.model.version import order
from roundbook.pipeline import load
from roundbook.show import keep
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
        links = keep.changelog(book, book.releases)
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
