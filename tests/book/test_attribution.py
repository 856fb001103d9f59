"""Tests of attribution: how commits find their rounds, without guessing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import Commit, History, PathChange, Person, Remote, Tag
from roundbook.project import load
from roundbook.schema.dates import Moment
from roundbook.schema.round import Round
from roundbook.settings import Settings, defaults

ADA = Person("Ada", "ada@example.org")
NOON = 1_767_265_200  # 2026-01-01T11:00:00Z
DAY = 86_400


def sha(number: int) -> str:
    """Return an id that begins with its number, so that prefixes are never ambiguous by chance."""
    return f"{number:08x}" + "0" * 32


def a_commit(
    number: int,
    parents: Sequence[int],
    message: str,
    paths: Sequence[str] = (),
    *,
    day: int | None = None,
    author: Person = ADA,
) -> Commit:
    moment = Moment(NOON + DAY * (number if day is None else day), 60)
    changes = tuple(PathChange("M", path) for path in paths)
    return Commit(sha(number), tuple(map(sha, parents)), author, author, moment, moment, message, changes)


def a_history(*commits: Commit) -> History:
    """Return a history of commits that are given oldest first."""
    return History(head=commits[-1].id, branch="main", commits=tuple(reversed(commits)))


def a_line(*messages: str) -> History:
    return a_history(*(a_commit(i, [i - 1] if i else [], text) for i, text in enumerate(messages)))


def a_round(key: str, **keys: object) -> Round:
    phase, _, number = key.partition("/")
    return Round.model_validate({"round": number, "phase": phase, "focus": f"Round {key}", **keys})


def a_book(
    history: History,
    *rounds: Round,
    options: Mapping[str, object] | None = None,
    files: Mapping[str, tuple[str, ...]] | None = None,
) -> Book:
    made = Settings.model_validate(options) if options else defaults()
    return build(Inputs(history, made, rounds, files or {}))


def rounds_of(book: Book, number: int) -> list[str]:
    return [one.round for one in book.links.get(sha(number), ())]


def told(book: Book) -> list[tuple[str, str]]:
    return [(one.slug, one.message) for one in book.findings]


# ------------------------------------------------------------------------------------------------ trailers


BOOK = (a_round("1/1"), a_round("1/2"), a_round("2/3"), a_round("build/k2b", decisions={"title": "Use a queue"}))


class TestValuesOfTrailers:
    """F1: a value counts as a whole, or not at all."""

    @pytest.mark.parametrize(
        ("value", "keys"),
        [
            ("1/2", ["1/2"]),
            ("1 / 2", ["1/2"]),
            ("#1/2", ["1/2"]),
            ("01/02", ["1/2"]),
            ("1/2.", ["1/2"]),
            ("`1/2`", ["1/2"]),
            ("round 1/2", ["1/2"]),
            ("Phase 1 Round 2", ["1/2"]),
            ("phase 1, round 2", ["1/2"]),
            ("PHASE 1 / ROUND 2", ["1/2"]),
            ("phase-1/round-2", ["1/2"]),
            ("Phase #1 Round #2", ["1/2"]),
            ("Phase 01 Round 02", ["1/2"]),
            ("round 2 of phase 1", ["1/2"]),
            ("Round 2 (Phase 1)", ["1/2"]),
            ("P1R2", ["1/2"]),
            ("build round k2b", ["build/k2b"]),
            ("Build/K2B", ["build/k2b"]),
            ("3", ["2/3"]),
            ("#3", ["2/3"]),
            ("round 3", ["2/3"]),
            ("R3", ["2/3"]),
            ("1/1, 1/2", ["1/1", "1/2"]),
            ("1/1 and 1/2", ["1/1", "1/2"]),
            ("1/1, 1/2, and 2/3", ["1/1", "1/2", "2/3"]),
            ("1/1; 1/2", ["1/1", "1/2"]),
            ("1/1 & 1/2", ["1/1", "1/2"]),
            ("1/1 1/2", ["1/1", "1/2"]),
            ("Phase 1 Round 1, Phase 1 Round 2", ["1/1", "1/2"]),
        ],
    )
    def test_the_forms_of_a_round(self, value: str, keys: list[str]) -> None:
        book = a_book(a_line(f"feat: a\n\nRound: {value}"), *BOOK)
        assert rounds_of(book, 0) == keys
        assert told(book) == []

    @pytest.mark.parametrize(
        "value",
        [
            "1/2 and the rest",
            "1/2, 9/9",
            "1/2 (part two)",
            "Phase 1 Round 9",
            "1 2",
            "1/1..1/2",
            "1/1-1/2",
            "between 1/1 and 1/2",
            "Phase 1",
            "https://example.org/rounds/1/2/",
        ],
    )
    def test_what_is_not_understood_whole_counts_for_none_and_is_told_once(self, value: str) -> None:
        book = a_book(a_line(*[f"feat: a\n\nRound: {value}"] * 2), *BOOK)
        assert rounds_of(book, 0) == rounds_of(book, 1) == []
        ((slug, message),) = told(book)
        assert slug == "trailer-unknown"
        assert f'"Round: {value}" of 2 commits (the newest is {sha(1)[:7]})' in message

    def test_a_number_that_several_phases_have_takes_the_rest_of_the_value_with_it(self) -> None:
        book = a_book(a_line("x\n\nRound: 1/1, 2"), *BOOK, a_round("2/2"))
        assert rounds_of(book, 0) == []
        assert [slug for slug, _ in told(book)] == ["trailer-ambiguous"]

    @pytest.mark.parametrize("line", ["Round : 1/1", "ROUND:1/1", "round \t: 1/1", "Round #1/1"])
    def test_f16_the_key_as_git_reads_it(self, line: str) -> None:
        assert rounds_of(a_book(a_line(f"feat: b\n\n{line}"), *BOOK), 0) == ["1/1"]

    @pytest.mark.parametrize(
        "value", ["use-a-queue", "#use-a-queue", "build/k2b#use-a-queue", "Use a queue", "`use-a-queue`."]
    )
    def test_the_forms_of_a_decision(self, value: str) -> None:
        book = a_book(a_line(f"feat: a\n\nDecision: {value}"), *BOOK)
        assert rounds_of(book, 0) == ["build/k2b"]
        assert book.decisions["use-a-queue"].cited_by == (sha(0),)
        assert told(book) == []

    @pytest.mark.parametrize("value", ["use-a-queue, none-such", "use-a-queue as agreed", "1/1#use-a-queue"])
    def test_half_a_value_carries_no_decision_out(self, value: str) -> None:
        book = a_book(a_line(f"feat: a\n\nDecision: {value}"), *BOOK)
        assert rounds_of(book, 0) == []
        assert book.decisions["use-a-queue"].cited_by == ()
        assert [slug for slug, _ in told(book)] == ["trailer-unknown"]
        assert value in told(book)[0][1]

    def test_an_empty_value_says_nothing(self) -> None:
        assert told(a_book(a_line("feat: a\n\nRound: \nDecision:"), *BOOK)) == []


class TestLinesThatAreNoTrailers:
    """F16: a line `Round:` outside the last paragraph is a note, and counts for nothing."""

    @pytest.mark.parametrize(
        "text",
        [
            "feat: a (#3)\n\nRound: 1/1\n\n---------\n\nCo-authored-by: B Writer <b@example.org>",
            "feat: a\n\nRound: 1/1\n\nCo-authored-by: B Writer <b@example.org>",
            "feat: a\n\nround : Phase 1 Round 1\n\nmore words",
            "feat: a\n\nSome words.\nRound: 1/1",
            "feat: a\n\n* one\n* Round: 1/1\n\nend",
            "feat: a\n\n**Round:** 1/1\n\nend",
            "feat: a\n\nRounds: 1/1",
            "feat: a\n\nDecision: use-a-queue\n\n---------\n\nCo-authored-by: B Writer <b@example.org>",
            "feat: a\r\n\r\nRound: 1/1\r\n\r\nCo-authored-by: B Writer <b@example.org>\r\n",
        ],
    )
    def test_f16_it_is_a_note(self, text: str) -> None:
        book = a_book(a_line(text), *BOOK)
        assert rounds_of(book, 0) == []
        ((slug, message),) = told(book)
        assert slug == "trailer-misplaced"
        assert sha(0)[:7] in message
        assert [one.severity for one in book.findings] == ["info"]

    @pytest.mark.parametrize(
        "text",
        [
            "feat: a\n\nRound: we went through all of it\n\nend",
            "feat: a\n\nRound: 9/9 is to come\n\nend",
            "feat: a\n\nDecision: to use a queue was made\n\nend",
            "feat: a\n\nthe Round: 1/1\n\nend",
            "feat: a\n\n```\nRound: 1/1\n```\n\nend",
            "feat: a\n\n    Round: 1/1\n\nend",
            "feat: a\n\nRound: 1/1\n\nmore\n\nRound: 1/1",  # a squash of commits that say the same
        ],
    )
    def test_f16_prose_and_what_counts_anyway_is_silent(self, text: str) -> None:
        assert told(a_book(a_line(text), *BOOK)) == []

    def test_f16_what_the_round_names_counts_anyway(self) -> None:
        book = a_book(a_line("feat: a\n\nRound: 1/1\n\nend"), a_round("1/1", commits=sha(0)))
        assert told(book) == []


# ------------------------------------------------------------------------------------- reverts and copies


def hidden(history: History) -> dict[int, tuple[str, str]]:
    """Return how each commit is folded, by its number."""
    made = {
        int(one[:8], 16): (a.reason, a.partner or "")
        for one, a in build(Inputs(history, defaults())).coverage.items()
        if a.kind == "hidden"
    }
    return {
        number: (reason, str(int(partner[:8], 16)) if partner else "") for number, (reason, partner) in made.items()
    }


def listed(book: Book) -> list[str]:
    """Return the subjects that the changelog lists as shipped."""
    return [book.history.by_id[c].subject for r in book.releases for _, ids in r.loose for c in ids]


class TestReverts:
    """F7: the forms of reverts; what was taken back is not listed as shipped."""

    @pytest.mark.parametrize(
        ("target", "revert"),
        [
            ("feat: a", 'Revert "feat: a"\n\nThis reverts commit {id}.'),
            ("feat: a", "oops\n\nThis reverts commit {id}, since it breaks the build."),
            ("feat: a", 'Revert "feat: a"\n\nThis reverts commit {short}.'),
            ("feat: a", "undo\n\nReverts commit {short}"),
            ("feat: a", "undo\n\nReverted commit `{short}`."),
            ("feat: a", "Backed out changeset {short}"),
            ("feat: a", 'Revert "feat: a"'),
            ("feat: a", "Revert 'feat: a'"),
            ("feat: a", "Revert “feat: a”"),
            ("feat: a", 'Revert "feat: a" (#15)'),
            ("feat: a", 'Revert: "feat: a"'),
            ("feat: a", "Revert feat: a"),
            ("feat: a (#14)", 'Revert "feat: a (#14)" (#15)\n\nReverts o/r#14'),
            ("feat: a (#14)", 'Revert "feat: a" (#15)'),
            ("feat: a (#14)", "Revert it (#15)\n\nReverts #14"),
            ("feat: a (#14)", "undo\n\nReverts https://example.org/o/r/pull/14"),
            ("feat: a (#14)", "undo\n\nReverts: #14\nSigned-off-by: A <a@example.org>"),
            ("feat: a\n\nSee merge request g/p!14", "Revert it\n\nThis reverts merge request g/p!14"),
            ("feat: a\n\nSee merge request g/p!14", "Revert it\n\nThis reverts merge request !14"),
            ("Merged PR 14: feat: a", "Merged PR 15: Revert 'Merged PR 14: feat: a'\n\nReverts !14"),
            ("Merged PR 14: feat: a", "Merged PR 15: Revert 'Merged PR 14: feat: a'"),
            ("feat: a", "revert: feat: a\n\nRefs: {short}"),
            ("feat: a", "revert: it was too early\n\nRefs: {id}"),
            ("feat: a", "revert(core)!: feat: a"),
            ("feat: a (#14)", "revert: feat: a"),
            ("feat: a", "fix: undo\n\nReverts: {short}"),
        ],
    )
    def test_f7_the_forms(self, target: str, revert: str) -> None:
        made = revert.format(id=sha(1), short=sha(1)[:8])
        history = a_line("init", target, "chore: other", made)
        assert hidden(history) == {1: ("reverted by", "3"), 3: ("reverts", "1")}
        assert listed(a_book(history)) == ["chore: other", "init"] or set(listed(a_book(history))) == {
            "init",
            "chore: other",
        }

    @pytest.mark.parametrize(
        "text",
        [
            "revert: {a}\n\nRefs: {a}, {b}",
            "undo\n\nThis reverts commits {a} and {b}.",
            "undo\n\nThis reverts commits {a}, {b}.",
            "undo\n\nThis reverts commit {a}.\nThis reverts commit {b}.",
            "undo\n\nReverts: {a}\nReverts: {b}",
        ],
    )
    def test_f7_several_at_once(self, text: str) -> None:
        history = a_line("init", "feat: a", "feat: b", text.format(a=sha(1)[:8], b=sha(2)[:8]))
        assert hidden(history) == {1: ("reverted by", "3"), 2: ("reverted by", "3"), 3: ("reverts", "1")}
        assert set(listed(a_book(history))) == {"init"}

    @pytest.mark.parametrize(
        ("before", "revert", "told_"),
        [
            (["feat: a", "feat: a"], 'Revert "feat: a"', True),  # two have the subject
            (["feat: a"], 'Revert "feat: b"', True),
            (["feat: a"], "x\n\nThis reverts commit 1234567.", True),
            (["feat: a (#14)", "feat: b (#14)"], "x\n\nReverts #14", True),
            (["feat: a"], 'Partially revert "feat: a"', False),
            (["feat: a"], "x\n\nNot so: This reverts commit 00000000.", False),
            (["feat: a"], "revert: the old layout comes back", False),
            (["feat: a"], "Revert to the old layout", False),
            (["feat: a (#14)"], "fix: x\n\nReverts #14 in part only, see above", False),
        ],
    )
    def test_f7_what_is_not_certain_is_not_paired(self, before: list[str], revert: str, told_: bool) -> None:
        history = a_line(*before, revert)
        assert hidden(history) == {}
        assert ("revert-unclear" in [slug for slug, _ in told(a_book(history))]) is told_

    def test_f7_a_request_of_another_repository_counts_only_with_its_title(self) -> None:
        ours = Remote("origin", "example.org", "o/r")
        text = "undo (#15)\n\nReverts other/place#14"
        history = dataclasses.replace(a_line("feat: a (#14)", text), remotes=(ours,))
        assert hidden(history) == {}
        titled = 'Revert "feat: a (#14)" (#15)\n\nReverts old/name#14'
        history = dataclasses.replace(a_line("feat: a (#14)", titled), remotes=(ours,))
        assert hidden(history) != {}

    def test_f7_the_newest_in_force_is_meant(self) -> None:
        history = a_line("feat: a", 'Revert "feat: a"', "feat: a", 'Revert "feat: a"')
        assert {n: p for n, (_, p) in hidden(history).items()} == {0: "1", 1: "0", 2: "3", 3: "2"}

    @pytest.mark.parametrize("again", ['Revert "Revert "feat: a""', 'Reapply "feat: a"', 'Reapply "feat: a" (#17)'])
    def test_f7_a_revert_of_a_revert_frees_the_first(self, again: str) -> None:
        history = a_line("feat: a", 'Revert "feat: a"', again)
        assert hidden(history) == {1: ("reverted by", "2"), 2: ("reverts", "1")}
        assert listed(a_book(history)) == ["feat: a"]
        history = a_line("feat: a", 'Revert "feat: a"', again, 'Revert "feat: a"')
        assert hidden(history)[0] == ("reverted by", "3")

    def test_f7_what_a_reverted_merge_brought_was_taken_back(self) -> None:
        r"""`0 - 1 ------ 4 - 5`, where 4 merges 2 - 3."""
        for text in (
            f"undo\n\nThis reverts commit {sha(4)}, reversing\nchanges made to {sha(1)}.",
            "undo\n\nReverts o/r#7",
        ):
            history = a_history(
                a_commit(0, [], "init"),
                a_commit(1, [0], "feat: main"),
                a_commit(2, [0], "feat: one"),
                a_commit(3, [2], "feat: two"),
                a_commit(4, [1, 3], "Merge pull request #7 from o/topic\n\nA title"),
                a_commit(5, [4], text),
            )
            assert {n for n, (reason, _) in hidden(history).items() if reason == "reverted by"} == {2, 3, 4}
            assert set(listed(a_book(history))) == {"init", "feat: main"}

    def test_f7_a_quoted_subject_on_another_line_of_history_is_not_meant(self) -> None:
        history = a_history(
            a_commit(0, [], "init"),
            a_commit(1, [0], "feat: a", ["a"]),
            a_commit(2, [0], "feat: a", ["b"]),
            a_commit(3, [2], 'Revert "feat: a"'),
            a_commit(4, [1, 3], "merge"),
        )
        assert hidden(history) == {2: ("reverted by", "3"), 3: ("reverts", "2"), 4: ("merge", "")}

    def test_a_long_chain_of_quoted_reverts_takes_no_recursion_and_no_time(self) -> None:
        texts = ["x"]
        for _ in range(300):
            texts.append(f'Revert "{texts[-1]}"')
        assert len(hidden(a_line(*texts))) == 300


class TestCopies:
    """F2, F3: a patch that is there twice."""

    def test_f2_the_same_words_twice_in_a_line_are_two_commits(self) -> None:
        history = a_history(*(a_commit(n, [n - 1] if n else [], "update log", ["log"], day=5) for n in range(4)))
        assert hidden(history) == {}

    def picked(self, text: str = "fix: bug", tags: bool = True) -> History:
        """Return a fix 2 on `main` that was picked as 3 for `maint`, tagged v1.0.1; 4 merges it, tagged v2.0.0."""
        history = a_history(
            a_commit(0, [], "base"),
            a_commit(1, [0], "feat: more"),
            a_commit(2, [1], "fix: bug", ["f"], day=9),
            a_commit(3, [0], text, ["f"], day=9),
            a_commit(4, [2, 3], "Merge maint"),
        )
        moment = Moment(NOON)
        marks = (("v1.0.0", 0), ("v1.0.1", 3), ("v2.0.0", 4))
        made = tuple(Tag(name, sha(n), moment, annotated=False) for name, n in marks)
        return dataclasses.replace(history, tags=made if tags else ())

    @pytest.mark.parametrize("text", ["fix: bug", f"fix: bug\n\n(cherry picked from commit {sha(2)})"])
    def test_f3_a_pick_stands_in_the_version_that_first_shipped_it(self, text: str) -> None:
        book = a_book(self.picked(text))
        by_version = {r.version: [c for _, ids in r.loose for c in ids] for r in book.releases}
        assert by_version == {"Unreleased": [], "2.0.0": [sha(1)], "1.0.1": [sha(3)], "1.0.0": [sha(0)]}
        assert {r.version: r.hidden for r in book.releases}["2.0.0"] == (sha(4), sha(2))

    def test_f3_an_entry_that_names_the_original_stands_there_too(self) -> None:
        change = {"type": "fixed", "text": "A bug", "commits": sha(2)}
        book = a_book(self.picked(), a_round("1/1", changes=[change]))
        assert [r.version for r in book.releases if r.entries] == ["1.0.1"]
        assert "fix: bug" not in listed(book)

    def test_a_pick_of_what_was_taken_back_there_stands_for_itself(self) -> None:
        history = a_history(
            a_commit(0, [], "base"),
            a_commit(1, [0], "fix: bug", ["f"], day=9),
            a_commit(2, [1], f"undo\n\nThis reverts commit {sha(1)}."),
            a_commit(3, [0], f"fix: bug\n\n(cherry picked from commit {sha(1)})", ["f"], day=9),
            a_commit(4, [2, 3], "Merge maint"),
        )
        assert 3 not in hidden(history)
        again = a_line(
            "fix: bug", f"undo\n\nThis reverts commit {sha(0)}.", f"fix: bug\n\n(cherry picked from commit {sha(0)})"
        )
        assert 2 not in hidden(again)

    def test_two_that_read_alike_on_both_lines_are_paired_one_to_one(self) -> None:
        history = a_history(
            a_commit(0, [], "base"),
            a_commit(1, [0], "log", ["f"], day=9),
            a_commit(2, [1], "log", ["f"], day=9),
            a_commit(3, [0], "log", ["f"], day=9),
            a_commit(4, [3], "log", ["f"], day=9),
            a_commit(5, [2, 4], "merge"),
        )
        assert hidden(history) == {3: ("same patch as", "1"), 4: ("same patch as", "2"), 5: ("merge", "")}


# --------------------------------------------------------------------------- carrying, requests, records, people


CARRY = {"attribution": {"carry-forward": "true", "patterns": [{"pattern": r"Sprint (?P<round>\d+)", "phase": "s"}]}}


class TestCarrying:
    """T7: carrying forward ends with the round, and what overruns is noted."""

    def test_t7_a_mention_of_an_older_round_opens_nothing(self) -> None:
        texts = ("feat: Sprint 14 begins", "a", "feat: Sprint 16 begins", "docs: Sprint 14-15 coverage pass", "b")
        book = a_book(a_line(*texts), a_round("s/14"), a_round("s/15"), a_round("s/16"), options=CARRY)
        assert [rounds_of(book, n) for n in range(5)] == [["s/14"], ["s/14"], ["s/16"], ["s/14", "s/15"], ["s/16"]]

    @pytest.mark.parametrize(
        "keys",
        [
            {"date": "2026-01-01..2026-01-02"},
            {"date": "2026-01-02", "status": "done"},
            {"closed": {"at": sha(1), "commits": []}},
        ],
    )
    def test_t7_it_ends_with_the_round_and_what_overruns_is_told(self, keys: dict[str, object]) -> None:
        book = a_book(a_line("x\n\nRound: s/1", "a", "b", "c"), a_round("s/1", **keys), options=CARRY)
        assert [rounds_of(book, n) for n in range(4)] == [["s/1"], ["s/1"], [], []]
        assert [m for slug, m in told(book) if slug == "carried-past-end"] == [
            f"2 commits after the end of round s/1, up to {sha(3)[:7]}, belong to no round"
        ]

    def test_t7_it_ends_with_the_commit_that_set_it_done(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo")
        round_ = "round: 1\nphase: 1\nfocus: x\n"
        repo.commit(
            "begin", {"data/rounds/1/1.yml": round_, "data/roundbook.yml": "attribution: {carry-forward: true}\n"}
        )
        repo.commit("feat: a\n\nRound: 1/1", {"a": "1"})
        inside = repo.commit("feat: b", {"a": "2"})
        repo.commit("docs: done", {"data/rounds/1/1.yml": round_ + "status: done\n"})
        behind = repo.commit("feat: c", {"a": "3"})
        book = load(repo.path)
        assert [link.rule for link in book.links[inside]] == ["carried"]
        assert behind not in book.links
        assert "carried-past-end" in [slug for slug, _ in told(book)]


class TestRequests:
    """T6: a pull request has what its merge brought, wherever the merge lies."""

    def off_the_trunk(self, subject: str) -> History:
        r"""Return `0 - 3 - 5`: 3 merges 1 - 2; 4 goes on after 2, and 5 merges 3 into that line, which main then took."""
        return a_history(
            a_commit(0, [], "base"),
            a_commit(1, [0], "one"),
            a_commit(2, [1], "two"),
            a_commit(3, [0, 2], subject),
            a_commit(4, [2], "three"),
            a_commit(5, [4, 3], "Merge branch 'main' into feat"),
        )

    @pytest.mark.parametrize(
        "subject",
        [
            "Merge pull request #2 from me/feat",
            "Merge pull request 'A title' (#2) from feat into main",
            "Merged in feat (pull request #2)",
            "Merged PR 2: A title",
            "Merge branch 'feat' into 'main'\n\nA title\n\nSee merge request g/p!2",
        ],
    )
    @pytest.mark.parametrize("written", ["#2", "!2", "2", "PR 2", "https://example.org/o/r/pull/2"])
    def test_t6_the_forms(self, subject: str, written: str) -> None:
        book = a_book(self.off_the_trunk(subject), a_round("1/1", prs=[written]))
        assert book.pull_requests[2].commits == (sha(2), sha(1))
        assert [n for n in range(6) if rounds_of(book, n)] == [1, 2, 3]
        assert told(book) == []

    def test_t6_a_branch(self) -> None:
        book = a_book(self.off_the_trunk("Merge branch 'feat'"), a_round("1/1", branch="feat"))
        assert [n for n in range(6) if rounds_of(book, n)] == [1, 2, 3]

    @pytest.mark.parametrize("keys", [{"prs": ["#9"]}, {"branch": "gone"}])
    def test_t6_what_claims_nothing_is_noted_once(self, keys: dict[str, object]) -> None:
        book = a_book(a_line("a"), a_round("1/1", **keys))
        assert [slug for slug, _ in told(book)] == ["claims-nothing"]
        assert told(a_book(a_line("a"), a_round("1/1", status="in-progress", **keys))) == []


class TestRecording:
    """T13: to write records down is not the work of their rounds."""

    def test_t13_one_commit_that_records_many_rounds_belongs_to_none(self) -> None:
        keys = [f"1/{n}" for n in range(1, 31)]
        files = {key: (f"data/rounds/{key}.yml",) for key in keys}
        paths = [path for own in files.values() for path in own]
        rounds = [a_round(key, date="2026-01-01..2026-12-31") for key in keys]
        book = a_book(a_history(a_commit(0, [], "docs: import", [*paths, "data/roundbook.yml"])), *rounds, files=files)
        assert book.links == {}
        assert book.coverage[sha(0)].kind == "excluded"
        assert all((e.touched, e.recorded) == ((), (sha(0),)) for e in book.entries.values())

    def test_t13_beside_other_work_the_record_of_one_round_tells_and_those_of_several_do_not(self) -> None:
        files = {"1/1": ("data/rounds/1/1.yml",), "1/2": ("data/rounds/1/2.yml",)}
        one = a_commit(0, [], "feat: a", ["src/a", "data/rounds/1/1.yml"])
        both = a_commit(1, [0], "feat: b", ["src/b", "data/rounds/1/1.yml", "data/rounds/1/2.yml"])
        named = a_commit(2, [1], "feat: c\n\nRound: 1/2", ["src/c", "data/rounds/1/1.yml", "data/rounds/1/2.yml"])
        book = a_book(a_history(one, both, named), a_round("1/1"), a_round("1/2"), files=files)
        assert [rounds_of(book, n) for n in range(3)] == [["1/1"], [], ["1/2"]]
        assert [t.path for t in book.entries["1/1"].touched] == ["src/a"]
        assert book.entries["1/1"].recorded == (sha(2), sha(1))

    def test_t13_who_imports_a_round_did_not_do_its_work(self) -> None:
        files = {"1/1": ("data/rounds/1/1.yml",)}
        imported = a_commit(0, [], "docs: start a log", ["mkdocs.yml", "data/rounds/1/1.yml"])
        book = a_book(a_history(imported), a_round("1/1", source={"path": "docs/sprint-1.md"}), files=files)
        assert rounds_of(book, 0) == []
        assert book.entries["1/1"].recorded == (sha(0),)

    def test_t13_a_commit_that_many_rounds_share_does_not_list_its_files_in_each(self) -> None:
        keys = [f"1/{n}" for n in range(1, 21)]
        work = a_commit(0, [], "feat: all\n\nRound: " + ", ".join(keys), [f"src/{n}" for n in range(20)])
        book = a_book(a_history(work), *(a_round(key) for key in keys))
        assert all((len(e.links), e.touched, e.shared) == (1, (), 1) for e in book.entries.values())


class TestPeople:
    """F19: one person is one, and all people of a value are found."""

    @pytest.mark.parametrize("between", [", ", "; ", " and ", " & ", " "])
    def test_f19_several_in_one_value(self, between: str) -> None:
        value = f"C D <c@example.org>{between}E F <e@example.org>"
        text = f"feat: a\n\nCo-authored-by: ADA  <Ada@Example.org>\nCo-authored-by: {value}"
        book = a_book(a_line(text), a_round("1/1", commits=sha(0)))
        found = [(c.person.name, c.commits, c.co_authored) for c in book.entries["1/1"].contributors]
        assert found == [("Ada", 1, 0), ("C D", 0, 1), ("E F", 0, 1)]
        assert told(book) == []

    def test_f19_an_author_elsewhere_is_the_same_person(self) -> None:
        history = a_history(
            a_commit(0, [], "a", author=Person("Bo", "bo@example.org")),
            a_commit(1, [0], "b\n\nCo-authored-by: bo <BO@Example.org>"),
        )
        people = a_book(history, a_round("1/1", commits=[sha(0), sha(1)])).entries["1/1"].contributors
        assert [(c.person.name, c.commits, c.co_authored) for c in people] == [("Bo", 1, 1), ("Ada", 1, 0)]

    @pytest.mark.parametrize("value", ["nobody", "C D <c@example.org>, E F", "@someone"])
    def test_f19_the_rest_is_a_note(self, value: str) -> None:
        book = a_book(a_line(f"a\n\nCo-authored-by: {value}"), a_round("1/1"))
        assert [slug for slug, _ in told(book)] == ["co-author-unclear"]
