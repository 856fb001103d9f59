"""Tests of `build`, with histories and rounds made of values: no git, no files."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.book.ancestry import between, by_first_tag, landings, reverts
from roundbook.book.attribution import RULES, select
from roundbook.book.build import Inputs, build
from roundbook.book.coverage import coverage_of, hidden_commits
from roundbook.book.facts import Coverage, Records
from roundbook.book.model import Book
from roundbook.git.history import Commit, Gap, History, PathChange, Person, Remote, Tag
from roundbook.rounds import load
from roundbook.schema.dates import Moment
from roundbook.schema.decision import Selection
from roundbook.schema.round import SECTIONS, Round, anchors
from roundbook.settings import Exclusion, Settings, defaults

BO = Person("Bo", "bo@example.org")
NOON = 1_767_265_200  # 2026-01-01T11:00:00Z
Graph = Mapping[int, Sequence[int]]


def sha(number: int) -> str:
    """Return an id that begins with its number, so that prefixes are never ambiguous by chance."""
    return f"{number:08x}" + "0" * 32


def a_commit(
    number: int,
    parents: Sequence[int],
    message: str = "",
    *,
    hours: int = 0,
    paths: Sequence[str] = (),
    author: Person = BO,
) -> Commit:
    moment = Moment(NOON + 3600 * (hours or number), 60)
    changes = tuple(PathChange("M", path) for path in paths)
    return Commit(
        sha(number), tuple(map(sha, parents)), author, BO, moment, moment, message or f"commit {number}", changes
    )


def a_history(commits: Sequence[Commit], **more: object) -> History:
    """Return a history of commits that are given oldest first."""
    newest_first = tuple(reversed(commits))
    head = newest_first[0].id if newest_first else None
    return History(head=head, branch="main", commits=newest_first, **more)  # type: ignore[arg-type]


def a_line(*messages: str, **more: object) -> History:
    return a_history([a_commit(i, [i - 1] if i else [], text) for i, text in enumerate(messages)], **more)


def a_round(key: str, **keys: object) -> Round:
    phase, _, number = key.partition("/")
    return Round.model_validate({"round": number, "phase": phase, "focus": f"Round {key}", **keys})


def a_book(
    history: History,
    *rounds: Round,
    options: Settings | None = None,
    files: Mapping[str, tuple[str, ...]] | None = None,
) -> Book:
    return build(Inputs(history, options or defaults(), rounds, files or {}))


def accounts_of(history: History, exclusions: tuple[Exclusion, ...] = ()) -> dict[str, Coverage]:
    return coverage_of(history, {}, exclusions, hidden_commits(history, reverts(history)), Records())


def reasons(book: Book, number: int) -> list[tuple[str, str]]:
    return [(one.round, one.rule) for one in book.links.get(sha(number), ())]


@st.composite
def graphs(draw: st.DrawFn, size: int = 14) -> dict[int, list[int]]:
    """Draw a DAG: each commit has up to three older parents, in any order; there may be several roots."""
    count = draw(st.integers(1, size))
    return {n: draw(st.lists(st.integers(0, n - 1), max_size=3, unique=True)) if n else [] for n in range(count)}


def reached(graph: Graph, tip: int) -> set[int]:
    """Return what a commit reaches, by brute force."""
    found: set[int] = set()
    work = [tip]
    while work:
        at = work.pop()
        if at not in found:
            found.add(at)
            work += graph[at]
    return found


def of_head(graph: Graph) -> History:
    """Return the history of the last commit of a graph, as `git rev-list --topo-order HEAD` has it."""
    inside = reached(graph, max(graph))
    return a_history([a_commit(n, graph[n]) for n in graph if n in inside])


class TestAncestry:
    @given(graphs(), st.data())
    def test_between_is_rev_list(self, graph: dict[int, list[int]], data: st.DataObject) -> None:
        history = of_head(graph)
        inside = sorted(reached(graph, max(graph)))
        old, new = data.draw(st.sampled_from([*inside, None])), data.draw(st.sampled_from(inside))
        expected = reached(graph, new) - (reached(graph, old) if old is not None else set())
        found = between(history, sha(old) if old is not None else None, sha(new))
        assert sorted(found) == sorted(map(sha, expected))
        assert list(found) == sorted(found, key=history.order.__getitem__)

    @given(graphs(), st.data())
    def test_by_first_tag_parts_what_the_tags_reach(self, graph: dict[int, list[int]], data: st.DataObject) -> None:
        history = of_head(graph)
        inside = sorted(reached(graph, max(graph)))
        tips = data.draw(st.lists(st.sampled_from(inside), max_size=6))
        shares = by_first_tag(history, map(sha, tips))
        seen: set[int] = set()
        for tip in dict.fromkeys(tips):
            assert set(shares[sha(tip)]) == set(map(sha, reached(graph, tip) - seen))
            seen |= reached(graph, tip)

    @given(graphs())
    def test_landings_visit_each_commit_once(self, graph: dict[int, list[int]]) -> None:
        history = of_head(graph)
        landed = landings(history)
        assert sorted(landed) == sorted(history.by_id)
        for commit_id, landing in landed.items():
            assert landing.trunk == (landing.merge is None)
            if landing.merge:
                merge = history.by_id[landing.merge]
                assert commit_id in set(between(history, merge.parents[0], merge.id)) - {merge.id}

    def test_the_innermost_merge_brought_a_commit(self) -> None:
        r"""Two branches, one in the other.

        0 --- 4 (merge of 3) --- 5
         \\   /
          1 - 3 (merge of 2)
           \\ /
            2
        """
        history = a_history([a_commit(n, p) for n, p in {0: [], 1: [0], 2: [1], 3: [1, 2], 4: [0, 3], 5: [4]}.items()])
        landed = landings(history)
        assert {n: landed[sha(n)].merge for n in range(6)} == {
            0: None,
            1: sha(4),
            2: sha(3),
            3: sha(4),
            4: None,
            5: None,
        }

    def test_an_abbreviation_is_found_or_ambiguous(self) -> None:
        ids = ["12345678" + "a" * 32, "12345679" + "b" * 32, "ffffffff" + "f" * 32]
        history = History(commits=tuple(Commit(i, (), BO, BO, Moment(0), Moment(0), "") for i in ids))
        assert history.find("12345678") == (ids[0],)
        assert history.find("1234567") == (ids[0], ids[1])
        assert history.find(ids[1]) == (ids[1],)
        assert history.find("fffffff") == (ids[2],)
        assert history.find("0000000") == ()

    def test_a_history_cut_off_has_parents_that_are_not_there(self) -> None:
        history = a_history([a_commit(2, [1]), a_commit(3, [2])])
        assert between(history, None, sha(3)) == (sha(3), sha(2))
        assert set(landings(history)) == {sha(2), sha(3)}
        assert by_first_tag(history, [sha(3)]) == {sha(3): [sha(3), sha(2)]}


class TestSelect:
    def test_what_is_ambiguous_is_a_finding_that_names_the_candidates(self) -> None:
        ids = ["12345678" + "a" * 32, "12345679" + "b" * 32]
        history = History(head=ids[0], commits=tuple(Commit(i, (), BO, BO, Moment(0), Moment(0), "") for i in ids))
        got = select(Selection.model_validate("1234567"), history, {})
        assert got.ids == ()
        assert (
            str(got.finding) == "warning commit-ambiguous: 1234567 may be 12345678aaaa, 12345679bbbb; write more digits"
        )

    @pytest.mark.parametrize("written", ["abcdef0", "abcdef0..1234567", {"tag": "v9"}, {"from": "v9"}])
    def test_what_is_unknown_is_never_called_so_where_history_is_incomplete(self, written: object) -> None:
        selection = Selection.model_validate(written)
        whole, cut = a_line("a"), a_line("a", gaps=(Gap("shallow", "cut"),))
        found, unsure = select(selection, whole, {}).finding, select(selection, cut, {}).finding
        assert found is not None
        assert unsure is not None
        assert (found.slug, unsure.slug, unsure.severity) == ("commit-unknown", "commit-not-checked", "info")

    @pytest.mark.parametrize("written", ["abcdef0..1234567", {"tag": "v9"}, {"to": "v9"}, "1234567"])
    def test_an_empty_history_is_no_exception(self, written: object) -> None:
        got = select(Selection.model_validate(written), History(gaps=(Gap("no-commits", "none yet"),)), {})
        assert got.ids == ()

    def test_from_alone_goes_on_to_head(self) -> None:
        history = a_line("a", "b", "c")
        assert select(Selection.model_validate({"from": sha(0)}), history, {}).ids == (sha(2), sha(1))

    def test_from_alone_without_a_head_is_no_exception(self) -> None:
        assert select(Selection.model_validate({"from": "abcdef0"}), History(), {}).ids == ()

    def test_a_tag_is_found_before_an_id_of_the_same_name(self) -> None:
        tag = Tag("abcdef0", sha(0), Moment(0), annotated=False)
        history = a_line("a", "b", tags=(tag,))
        assert select(Selection.model_validate("abcdef0"), history, {}).ids == (sha(0),)


class TestAttribution:
    """Each commit of the line answers to one rule fewer than the one before it."""

    def book(self) -> Book:
        options = Settings.model_validate(
            {"attribution": {"patterns": [{"pattern": "R(?P<round>\\d)", "phase": "p"}], "carry-forward": "true"}}
        )
        trailer, pattern, pull = "\n\nRound: p/2", "R3 ", " (#4)"
        commits = [
            a_commit(0, [], f"{pattern}named{pull}{trailer}", paths=["five/x"]),
            a_commit(1, [0], f"{pattern}trailer{pull}{trailer}", paths=["five/x"]),
            a_commit(2, [1], f"{pattern}pattern{pull}", paths=["five/x"]),
            a_commit(3, [2], f"pull{pull}", paths=["five/x"]),
            a_commit(4, [3], "path", paths=["five/x"]),
            a_commit(5, [4], "carried"),
        ]
        rounds = [
            a_round("p/1", commits=sha(0)),
            a_round("p/2"),
            a_round("p/3"),
            a_round("p/4", prs="4"),
            a_round("p/5", commits={"paths": "five"}),
            a_round("p/6", date="2026-01-01..2026-01-09"),
        ]
        return a_book(a_history(commits), *rounds, options=options)

    def test_the_first_rule_that_answers_wins(self) -> None:
        book = self.book()
        assert [reasons(book, n) for n in range(6)] == [
            [("p/1", "named")],
            [("p/2", "trailer")],
            [("p/3", "pattern")],
            [("p/4", "pull-request")],
            [("p/5", "path")],
            [("p/3", "carried")],
        ]

    def test_the_rules_stand_in_the_order_of_the_design(self) -> None:
        names = ["freeze", "name", "trailer", "pattern", "pull_request", "path", "carrying", "window"]
        assert [rule.__name__ for rule in RULES] == [f"by_{name}" for name in names]
        assert all(rule.__doc__ for rule in RULES)

    def test_the_window_is_asked_last(self) -> None:
        book = a_book(a_line("x"), a_round("p/6", date="2026-01-01..2026-01-09"), a_round("p/7", date="2026-01-01"))
        assert reasons(book, 0) == [("p/6", "window")]

    def test_nobody_claims_what_no_rule_answers_for(self) -> None:
        book = a_book(a_line("x"), a_round("p/1"))
        assert reasons(book, 0) == []
        assert book.coverage[sha(0)] == Coverage("unassigned", "no rule matches")

    def test_the_rounds_own_file_lies_below_the_projects_folder(self) -> None:
        """The project lies in `sub/` of its repository: git's paths begin there, those of the round do not."""
        files = {"p/1": ("data/rounds/p/1.yml",)}
        commits = [
            a_commit(0, [], paths=["sub/data/rounds/p/1.yml", "sub/a"]),
            a_commit(1, [0], paths=["data/rounds/p/1.yml"]),
            a_commit(2, [1], paths=["sub/src/a"]),
        ]
        rounds = [a_round("p/1"), a_round("p/2", commits={"paths": "src"})]
        book = a_book(a_history(commits, prefix="sub/"), *rounds, files=files)
        assert [reasons(book, n) for n in range(3)] == [[("p/1", "path")], [], [("p/2", "path")]]

    def test_a_round_of_another_repository_claims_nothing_here(self) -> None:
        options = Settings.model_validate({"repositories": {"here": {}, "there": "https://github.com/o/r"}})
        everything = {"commits": [sha(0), {"paths": "**"}], "prs": "1", "branch": "b", "date": "2026-01-01..2026-02-01"}
        there = a_round("p/1", repository="there", decisions={"title": "d", "id": "d"}, **everything)
        history = a_history([a_commit(0, [], "x (#1)\n\nRound: p/1\nDecision: d", paths=["a", "b"])])
        book = a_book(history, there, options=options, files={"p/1": ("a",)})
        assert book.links == {}
        assert book.entries["p/1"].verified is False
        assert book.coverage[sha(0)].kind == "unassigned"
        assert [str(f) for f in book.findings] == []

    def test_a_number_alone_counts_while_one_round_has_it(self) -> None:
        history = a_line("x\n\nRound: 4")
        assert reasons(a_book(history, a_round("p/4")), 0) == [("p/4", "trailer")]
        both = a_book(history, a_round("p/4"), a_round("q/4"))
        assert reasons(both, 0) == []
        assert [f.slug for f in both.findings] == ["trailer-ambiguous"]

    def test_a_trailer_that_names_nothing_is_told_once(self) -> None:
        book = a_book(a_line(*["x\n\nRound: p/9\nDecision: none"] * 3), a_round("p/1"))
        assert [f.slug for f in book.findings] == ["trailer-unknown", "trailer-unknown"]

    def test_a_round_whose_file_is_broken_is_not_unknown(self) -> None:
        book = a_book(a_line("x\n\nRound: p/9"), files={"p/9": ("data/rounds/p/9.yml",)})
        assert list(book.findings) == []

    def test_commits_that_lie_outside_of_any_calendar_are_in_no_window(self) -> None:
        odd = Commit(sha(0), (), BO, BO, Moment(-5), Moment(10**20), "x")
        book = a_book(a_history([odd]), a_round("p/1", date="1970-01-01..2199-12-31"))
        assert book.links == {}


MESSAGES = [
    "feat: a",
    "fix: b",
    "merge",
    "feat: a\n\nRound: p/1",
    "chore: bot",
    "fixup! feat: a",
    "docs(x)!: y (#3)",
    "",
]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history with merges, reverts of any commits (reverts too), picks, fixups and version tags."""
    graph = draw(graphs())
    inside = sorted(reached(graph, max(graph)))
    commits = []
    for n in inside:
        older = [m for m in inside if m < n]
        text = draw(st.sampled_from(MESSAGES))
        if draw(st.booleans()) and older:
            targets = draw(st.lists(st.sampled_from(older), min_size=1, max_size=2))
            word = draw(st.sampled_from(["This reverts commit {}.", "(cherry picked from commit {})"]))
            text = f"again {n}\n\n" + "\n".join(word.format(sha(t)) for t in targets)
        commits.append(
            a_commit(
                n, graph[n], text, hours=draw(st.integers(1, 6)), paths=[draw(st.sampled_from(["a", "b", "x.lock"]))]
            )
        )
    marks = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["v1.0", "1.0", "v1.1rc1", "v1.1", "v2.0", "odd", "v0.9"]), st.sampled_from(inside)
            ),
            max_size=5,
            unique_by=lambda m: m[0],
        )
    )
    tags = tuple(Tag(name, sha(n), Moment(NOON), annotated=False) for name, n in marks)
    return a_history(commits, tags=tags)


@st.composite
def rounds(draw: st.DrawFn) -> list[Round]:
    def ids() -> list[str]:
        found: list[str] = draw(st.lists(st.integers(0, 13).map(sha), max_size=3))
        return found

    found = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        changes = [{"text": f"change {i}", "commits": ids()} for i in range(draw(st.integers(0, 2)))]
        keys = draw(
            st.sampled_from([{}, {"releases": "v1.0"}, {"releases": "1.1"}, {"date": "2026-01-01..2026-01-01"}])
        )
        found.append(a_round(f"p/{number}", changes=changes, commits=ids(), **keys))
    return found


class TestAccounting:
    @settings(max_examples=40)
    @given(histories(), rounds())
    def test_every_commit_ends_in_exactly_one_account(self, history: History, written: list[Round]) -> None:
        options = Settings.model_validate({"attribution": {"exclude": [{"subject": "^chore"}, {"paths": "*.lock"}]}})
        book = a_book(history, *written, options=options)
        assert set(book.coverage) == set(history.by_id)
        for commit_id, one in book.coverage.items():
            rounds_of = {k for k, entry in book.entries.items() if commit_id in {link.commit for link in entry.links}}
            assert bool(rounds_of) == (one.kind == "assigned")
            if one.kind == "hidden":
                assert one.partner is None or one.partner in history.by_id
                assert one.partner != commit_id
            if one.kind == "unassigned":
                assert commit_id not in book.links

    @given(histories())
    def test_what_a_commit_is_folded_with_is_shown_or_is_its_pair(self, history: History) -> None:
        found = accounts_of(history)
        for one in found.values():
            partner = found[one.partner] if one.partner else None
            if one.reason == "same patch as" and partner:
                assert partner.reason != "same patch as" or partner.partner is not None
            if one.reason == "reverted by":
                assert partner is not None
                assert partner.reason == "reverts"

    @settings(max_examples=40)
    @given(histories(), rounds())
    def test_no_commit_is_twice_in_the_changelog_or_lost(self, history: History, written: list[Round]) -> None:
        book = a_book(history, *written)
        shown: Counter[str] = Counter()
        told = {c for release in book.releases for entry in release.entries for c in entry.commits}
        for release in book.releases:
            inside = set(release.commits)
            shown.update(c for _, ids in release.loose for c in ids)
            shown.update(release.hidden)
            shown.update({c for pair in release.reverted for c in pair} & inside - told)
        assert set(shown) | told == set(history.by_id)
        assert not set(shown) & told
        assert all(count == 1 for count in shown.values())

    def test_a_revert_of_a_merge_of_which_an_entry_claims_one_commit_is_paired_with_the_others(self) -> None:
        """F6: the revert was folded for the claimed commit, and once more in the pair with what the merge brought."""
        texts = {0: ("feat: x", []), 1: ("feat: y", []), 2: ("merge", [0, 1])}
        texts[3] = (f"back\n\nThis reverts commit {sha(2)}.", [2])
        history = a_history([a_commit(n, parents, text, paths=[f"{n}"]) for n, (text, parents) in texts.items()])
        top = a_book(history, a_round("p/1", changes=[{"text": "Y", "commits": [sha(2)]}])).releases[0]
        assert (top.reverted, top.hidden) == (((sha(3), sha(1)),), ())
        assert top.loose == (("added", (sha(0),)),)

    def test_the_other_copies_of_a_patch_that_an_entry_claims_are_folded(self) -> None:
        """F3: they stood nowhere. 1 was picked from 0, and 2 from 1, each on a line of its own; 0 is the first version."""
        picked = "fix: x\n\n(cherry picked from commit {})"
        commits = [
            a_commit(0, [], "fix: x"),
            a_commit(1, [], picked.format(sha(0))),
            a_commit(2, [], picked.format(sha(1))),
            a_commit(3, [0, 1, 2], "merge"),
        ]
        history = a_history(commits, tags=(Tag("v1.0", sha(0), Moment(NOON), annotated=False),))
        top, first = a_book(history, a_round("p/1", changes=[{"text": "X", "commits": [sha(0)]}])).releases
        assert [e.commits for e in first.entries] == [(sha(0),)]
        assert (top.loose, first.loose) == ((), ())
        assert set(top.hidden) == {sha(n) for n in (1, 2, 3)}
        plain = a_book(history).releases
        assert [c for one in plain for _, ids in one.loose for c in ids] == [sha(0)]

    @settings(max_examples=40)
    @given(histories(), rounds())
    def test_the_versions_part_the_history(self, history: History, written: list[Round]) -> None:
        book = a_book(history, *written)
        parts = [commit for release in book.releases for commit in release.commits]
        assert sorted(parts) == sorted(history.by_id)
        assert book.releases[0].version == "Unreleased"
        names = [r.version for r in book.releases]
        assert len(names) == len(set(names))
        entered = [e.change.text + e.round for r in book.releases for e in r.entries]
        assert len(entered) == sum(len(r.changes) for r in written)

    def test_a_revert_of_a_revert_of_a_revert_takes_it_back_for_good(self) -> None:
        texts = ["feat: x", *(f"back {n}\n\nThis reverts commit {sha(n)}." for n in range(4))]
        for length, kinds in ((2, "rr"), (3, "urr"), (4, "rrrr"), (5, "urrrr")):
            history = a_line(*texts[:length])
            found = accounts_of(history)
            assert "".join("u" if found[sha(n)].kind == "unassigned" else "r" for n in range(length)) == kinds

    def test_a_long_chain_of_reverts_is_no_recursion(self) -> None:
        history = a_line("x", *(f"r\n\nThis reverts commit {sha(n)}." for n in range(3000)))
        assert len(accounts_of(history)) == 3001

    def test_a_pick_is_folded_into_what_it_was_picked_from_also_when_that_comes_later(self) -> None:
        pick = a_commit(0, [], f"fix: x\n\n(cherry picked from commit {sha(1)})", hours=5)
        found = accounts_of(a_history([pick, a_commit(1, [0], "fix: x", hours=5)]))
        assert found[sha(0)] == Coverage("hidden", "same patch as", sha(1))
        assert found[sha(1)].kind == "unassigned"

    def test_the_same_words_by_the_same_author_in_the_same_second_over_other_paths_are_two(self) -> None:
        one, other = a_commit(0, [], "wip", hours=1, paths=["a"]), a_commit(1, [0], "wip", hours=1, paths=["b"])
        assert [a.kind for a in accounts_of(a_history([one, other])).values()] == ["unassigned"] * 2

    def test_an_exclusion_holds_where_all_that_it_says_holds(self) -> None:
        rule = Exclusion.model_validate({"subject": "^chore", "author": "bot", "paths": "*.lock"})
        bot = Person("a bot", "")
        commits = [
            a_commit(0, [], "chore: x", paths=["a.lock"], author=bot),
            a_commit(1, [0], "chore: x", paths=["a.lock", "b"], author=bot),
            a_commit(2, [1], "chore: x", paths=["a.lock"]),
            a_commit(3, [2], "fix: x", paths=["a.lock"], author=bot),
            a_commit(4, [3], "chore: x", author=bot),
        ]
        found = accounts_of(a_history(commits), (rule,))
        assert [found[sha(n)].kind for n in range(5)] == ["excluded", *["unassigned"] * 4]


class TestVersions:
    def tags(self, *marks: tuple[str, int]) -> tuple[Tag, ...]:
        return tuple(Tag(name, sha(n), Moment(NOON), annotated=False) for name, n in marks)

    def shape(self, book: Book) -> list[tuple[str, int]]:
        return [(r.version, len(r.commits)) for r in book.releases]

    def test_a_mended_old_version_stands_below_the_new_one(self) -> None:
        r"""1.0.1 was made on a branch after 2.0 and merged later.

        0 (1.0) --- 1 (2.0) --- 3
         \\                    /
          2 (1.0.1) ----------
        """
        commits = [a_commit(0, []), a_commit(1, [0]), a_commit(2, [0]), a_commit(3, [1, 2])]
        book = a_book(a_history(commits, tags=self.tags(("v1.0", 0), ("v2.0", 1), ("v1.0.1", 2))))
        assert self.shape(book) == [("Unreleased", 1), ("2.0", 1), ("1.0.1", 1), ("1.0", 1)]
        assert book.releases[0].previous_tag == "v2.0"

    def test_where_numbers_contradict_the_history_the_history_counts(self) -> None:
        book = a_book(a_line("a", "b", "c", tags=self.tags(("v2019.1", 0), ("v1.0", 1), ("v1.1", 2))))
        assert self.shape(book) == [("Unreleased", 0), ("1.1", 1), ("1.0", 1), ("2019.1", 1)]

    def test_prereleases_come_before_their_version(self) -> None:
        marks = (("v1.0", 3), ("v1.0rc1", 2), ("v1.0a1", 0), ("v1.0b10", 1))
        book = a_book(a_line("a", "b", "c", "d", tags=self.tags(*marks)))
        assert [r.version for r in book.releases] == ["Unreleased", "1.0", "1.0rc1", "1.0b10", "1.0a1"]

    def test_two_tags_of_one_version_are_two_pages(self) -> None:
        book = a_book(a_line("a", "b", tags=self.tags(("v1.0", 0), ("1.0", 1))))
        assert self.shape(book) == [("Unreleased", 0), ("1.0", 1), ("v1.0", 1)]
        assert [r.tag for r in book.releases] == [None, "1.0", "v1.0"]

    def test_an_entry_without_evidence_waits_for_its_rounds_newest_commit(self) -> None:
        tags = self.tags(("v1.0", 0))
        shipped = a_round("p/1", commits=sha(0), changes="Shipped")
        waiting = a_round("p/2", commits=[sha(0), sha(1)], changes="Waits")
        book = a_book(a_line("a", "b", tags=tags), shipped, waiting)
        assert {r.version: [e.change.text for e in r.entries] for r in book.releases} == {
            "Unreleased": ["Waits"],
            "1.0": ["Shipped"],
        }


class TestLinking:
    @settings(max_examples=30)
    @given(st.permutations(range(5)))
    def test_the_order_of_files_does_not_count(self, order: list[int]) -> None:
        keys = [f"{p}/{n}" for p, n in (("1", "2"), ("1", "10"), ("2", "1"), ("a", "1"), ("1", "1"))]
        by_content = {f"data/rounds/{key}.yml": _yaml(key).encode() for key in keys}
        shuffled = {path: by_content[path] for path in (list(by_content)[i] for i in order)}
        history = a_line("a\n\nRound: 1/2", "b (#3)\n\nDecision: d-1-10", "c\n\nRound: 10")
        assert _told(by_content, history) == _told(shuffled, history)

    def test_the_forge_of_this_repository_is_that_of_its_remote(self) -> None:
        history = a_line("a", remotes=(Remote("origin", "github.com", "o/r"),))
        forge = a_book(history).forge
        assert forge is not None
        assert (forge.url, forge.branch) == ("https://github.com/o/r", "main")

    def test_a_ring_of_decisions_ends_and_is_told_once(self) -> None:
        decisions = [
            {"id": f"d{i}", "title": "t", "supersedes": f"d{(i + 1) % 300}", "status": "accepted"} for i in range(300)
        ]
        book = a_book(History(), a_round("p/1", decisions=decisions))
        assert [f.slug for f in book.findings] == ["decision-ring"]
        assert {r.status for r in book.decisions.values()} == {"accepted"}

    def test_a_long_line_of_decisions_is_no_recursion(self) -> None:
        decisions = [
            {"id": f"d{i}", "title": "t", "status": "accepted", **({"supersedes": f"d{i - 1}"} if i else {})}
            for i in range(1500)
        ]
        book = a_book(History(), a_round("p/1", decisions=decisions))
        assert [r.status for r in book.decisions.values()] == [*["superseded"] * 1499, "accepted"]


def _yaml(key: str) -> str:
    number = key.partition("/")[2]
    name = key.replace("/", "-")
    return f"round: {number}\nfocus: x\ndecisions: {{id: d-{name}, title: t, relates-to: d-1-2}}\nprs: 3\n"


def _told(contents: Mapping[str, bytes], history: History) -> object:
    from roundbook.site.api import dump

    loaded = load.parse(contents)
    return dump(build(Inputs(history, defaults(), (*loaded.rounds, *loaded.phases), loaded.files)))


class TestAnchors:
    @given(
        st.lists(
            st.sampled_from(["agents", "x", "X", "agent-x", "commits", "ü", "x-2", "risk-x", "summary"]), max_size=6
        )
    )
    def test_every_entry_has_an_anchor_of_its_own(self, titles: list[str]) -> None:
        record = a_round(
            "p/1",
            decisions=[{"title": t} for t in titles],
            agents=titles,
            risks=titles,
            tables=[{"title": t} for t in titles],
        )
        found = list(anchors(record).values())
        assert len(found) == len(set(found)) == 4 * len(titles)
        assert not SECTIONS & set(found)

    def test_an_anchor_stays_while_the_id_stays(self) -> None:
        old = anchors(a_round("p/1", goals=[{"title": "old words", "id": "g"}]))
        new = anchors(a_round("p/1", goals=["another", {"title": "new words", "id": "g"}]))
        assert old["goals", 0] == new["goals", 1] == "goal-g"


def test_contributors_are_counted_by_person() -> None:
    ada = Person("Ada", "ada@example.org")
    history = a_history(
        [
            a_commit(0, [], "a\n\nCo-authored-by: Ada <ada@example.org>"),
            a_commit(1, [0], "b", author=ada),
            a_commit(2, [1], "c\n\nCo-authored-by: Bo <bo@example.org>"),
        ]
    )
    entry = a_book(history, a_round("p/1", date="2026-01-01..2026-01-02")).entries["p/1"]
    assert [(c.person.name, c.commits, c.co_authored) for c in entry.contributors] == [("Bo", 2, 0), ("Ada", 1, 1)]


def test_noon_is_what_it_says() -> None:
    assert Moment(NOON).local == dt.datetime(2026, 1, 1, 11, tzinfo=dt.UTC)
