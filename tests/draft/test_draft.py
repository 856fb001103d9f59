"""`roundbook draft`: what git knows becomes a round that can be read at once, and nothing else does."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checks.history import data
from repository import Repository
from roundbook import draft as roundbook_draft
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.cli import cli
from roundbook.draft import CommitRange
from roundbook.draft.areas import text_of
from roundbook.draft.collect import MOST_AGENTS, MOST_AREAS, MOST_CHANGES, MOST_FOLDERS, Draft, draft
from roundbook.git.history import Commit, History, Person
from roundbook.git.message import conventional
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.schema import text as schema_text
from roundbook.schema.dates import Moment
from roundbook.schema.ids import person
from roundbook.schema.round import Round
from roundbook.settings import Changelog, defaults
from roundbook.site.escape import clean, encode, literal
from roundbook.site.prose import block, inline, plain
from roundbook.yamlfile.writer import canonical
from site_trial import Outcome, run

BO = "Bo <bo@example.org>"
EVE = "Eve <eve@example.org>"


def drafted(repo: Repository, *words: str) -> Outcome:
    """Run the command in this process, which is a hundred times quicker; what it raises beyond exit codes fails the test."""
    done = CliRunner().invoke(cli, ["--root", str(repo.path), "draft", *words], catch_exceptions=False)
    return Outcome(done.exit_code, done.output)


def file(repo: Repository, key: str = "1/1") -> dict[str, Any]:
    """Return a round file as it was written, and see that the project has no errors with it."""
    book = load(repo.path)
    assert [str(f) for f in book.findings if f.severity == "error"] == []
    loaded = yaml.load((repo.path / f"data/rounds/{key}.yml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
    assert isinstance(loaded, dict)
    return loaded


def made(repo: Repository, *words: str, key: str = "1/1") -> dict[str, Any]:
    """Return the round file that `roundbook draft` writes."""
    done = drafted(repo, *words)
    assert done.code == 0, done.output
    return file(repo, key)


def subjects(repo: Repository, key: str = "1/1") -> list[str]:
    """Return the subjects of the commits that belong to a round."""
    book = load(repo.path)
    return [c.subject for one in book.entries[key].links if (c := book.commit(one.commit))]


def a_draft(repo: Repository, commit_range: CommitRange | None = None, key: str = "1/1") -> Draft:
    book = load(repo.path)
    return draft(book, commit_range or roundbook_draft.since_last(book), key, defaults().changelog)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "project")


# ---------------------------------------------------------------------------------------------- which commits


def test_without_rounds_and_versions_it_is_all_commits(repo: Repository) -> None:
    repo.commit("feat: one", {"a.txt": "1"})
    repo.commit("feat: two", {"a.txt": "2"})
    done = drafted(repo)
    assert done.output.startswith("2 commits taken: all, since there is neither a round nor a version tag\n")
    assert file(repo)["commits"] == [{"to": repo.head[:10]}]
    assert subjects(repo) == ["feat: two", "feat: one"]


def test_without_rounds_it_is_what_came_after_the_newest_version(repo: Repository) -> None:
    repo.commit("feat: one")
    repo.tag("v1.0.0")
    repo.commit("feat: two")
    done = drafted(repo)
    assert "1 commit taken: after v1.0.0, the newest version\n" in done.output
    assert file(repo)["commits"] == [{"from": "v1.0.0", "to": repo.head[:10]}]
    assert subjects(repo) == ["feat: two"]


def test_where_nothing_came_after_it_is_the_newest_version(repo: Repository) -> None:
    repo.commit("feat: one")
    repo.tag("v1.0.0")
    repo.commit("feat: two")
    repo.tag("v1.1.0")
    made_ = made(repo)
    assert (made_["commits"], made_["releases"]) == ([{"tag": "v1.1.0"}], ["v1.1.0"])
    assert subjects(repo) == ["feat: two"]


def test_it_begins_after_the_last_commit_of_the_newest_round(repo: Repository) -> None:
    repo.commit("feat: old", data("3/4", "date: 2026-01-01"))
    repo.commit("feat: of the round\n\nRound: 3/4")
    repo.commit("feat: new")
    done = drafted(repo)
    assert "1 commit taken: after the last commit of round 3/4\n" in done.output
    assert "data/rounds/3/5.yml: round 3/5 drafted" in done.output
    assert (file(repo, "3/5")["phase"], subjects(repo, "3/5")) == ("3", ["feat: new"])


def test_a_round_without_commits_ends_with_its_date(repo: Repository) -> None:
    repo.commit("feat: old", date="2026-02-17T10:00:00+01:00")
    repo.commit("feat: that day", date="2026-02-18T10:00:00+01:00")
    repo.commit("feat: new", date="2026-02-19T00:30:00+05:30")
    repo.write(data("3/4", "date: 2026-02-18"))
    done = drafted(repo)
    assert "1 commit taken: after 2026-02-18, the day of round 3/4\n" in done.output
    assert subjects(repo, "3/5") == ["feat: new"]


def test_what_another_round_claims_stays_there(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/1", "") | data("3/2", ""))
    repo.commit("feat: one")
    repo.commit("fix: for the other\n\nRound: 3/1")
    repo.commit("feat: two")
    done = drafted(repo, "--last", "3", "--round", "3/7")
    assert "left out: 1 that already belong to rounds (3/1)\n" in done.output
    assert len(file(repo, "3/7")["commits"]) == 2
    assert subjects(repo, "3/7") == ["feat: two", "feat: one"]
    assert "fix: for the other" in subjects(repo, "3/1")


def test_a_commit_that_cites_a_decision_of_an_earlier_round_is_new_work(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/1", "decisions: {id: wasm-target, title: Target wasm, rationale: x}"))
    repo.commit("feat: close\n\nRound: 3/2", data("3/2", ""))
    repo.commit("feat: build it\n\nDecision: wasm-target")
    repo.commit("chore: tidy\n\nDecision: no-such-thing")
    done = drafted(repo)
    assert (
        "decision no-such-thing is cited and not recorded; record it: roundbook new decision TITLE --id " in done.output
    )
    found = file(repo, "3/3")
    assert found["changes"][0]["decision"] == "wasm-target"
    assert "decisions" not in found
    assert set(subjects(repo, "3/3")) == {"feat: build it", "chore: tidy"}


def test_a_cited_decision_without_a_change_is_named_in_a_note(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/1", "decisions: {id: wasm-target, title: Target wasm, rationale: x}"))
    repo.commit("feat: close\n\nRound: 3/2", data("3/2", ""))
    repo.commit("docs: explain\n\nDecision: wasm-target")
    assert made(repo, key="3/3")["notes"] == ["Commits cite `wasm-target`."]


def test_the_round_that_the_commits_name_is_drafted(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/4", "") | {"a.txt": "1"})
    repo.commit("feat: one\n\nRound: 3/9")
    repo.commit("feat: two")
    assert made(repo, key="3/9")["round"] == "9"
    assert subjects(repo, "3/9") == ["feat: two", "feat: one"]


def test_commits_that_name_several_rounds_are_parted(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/4", ""))
    repo.commit("feat: one\n\nRound: 3/5")
    repo.commit("feat: two\n\nRound: 3/6")
    repo.commit("feat: three\n\nRound: 4/1")
    none = drafted(repo, "--round", "3/7")
    assert none.code == 1
    assert "roundbook draft --round 3/5" in none.output
    done = drafted(repo, "--round", "3/6")
    assert "left out: 2 that name another round in a trailer (3/5, 4/1)\n" in done.output
    assert subjects(repo, "3/6") == ["feat: two"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("v1.0",), ["feat: two", "feat: one"]),
        (("v1.0..HEAD",), ["feat: four", "feat: three"]),
        (("v1.0..HEAD~1",), ["feat: three"]),
        (("..v1.0",), ["feat: two", "feat: one"]),
        (("main~1..",), ["feat: four"]),
        (("--last", "2"), ["feat: four", "feat: three"]),
        (("--since", "2026-01-03"), ["feat: four", "feat: three"]),
    ],
)
def test_commits_can_be_named(repo: Repository, words: tuple[str, ...], expected: list[str]) -> None:
    for day, name in enumerate(("one", "two", "three", "four"), 1):
        repo.commit(f"feat: {name}", {"a.txt": name}, date=f"2026-01-0{day}T23:30:00-08:00")
        if name == "two":
            repo.tag("v1.0")
    made(repo, *words)
    assert subjects(repo) == expected


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("v9..HEAD",), "names no commit of this repository"),
        (("HEAD",), "is not a version tag; write HEAD.. for what came after it"),
        (("nothing",), "names no commit"),
        (("--output=x..HEAD",), "No such option"),
        (("side..HEAD",), "is not in the history of HEAD"),
        (("--since", "soon"), "is not a date"),
        (("--last", "0"), "0 is not in the range"),
        (("v1..", "--last", "2"), "name one of RANGE, --since and --last"),
        (("--round", "3/../x"), "the id"),
        (("--force",), "--force overwrites the file of a round, so name it"),
    ],
)
def test_what_cannot_be_meant_is_told(repo: Repository, words: tuple[str, ...], fault: str) -> None:
    repo.commit("feat: one")
    repo.branch("side")
    repo.commit("feat: aside")
    repo.checkout("main")
    done = drafted(repo, *words)
    assert (done.code, fault in done.output, "Traceback" in done.output) == (2, True, False), done.output
    assert not (repo.path / "data").exists()


def test_no_commit_is_a_finding_with_the_mend(repo: Repository) -> None:
    empty = drafted(repo)
    assert (empty.code, "commit something first" in empty.output) == (1, True)
    repo.commit("feat: one")
    assert drafted(repo).code == 0
    again = drafted(repo)
    assert (again.code, "after the last commit of round 1/1" in again.output) == (1, True)
    assert [p.name for p in (repo.path / "data/rounds").rglob("*.yml")] == ["1.yml"]


def test_a_history_that_is_cut_is_refused(repo: Repository, tmp_path: Path) -> None:
    repo.commit("feat: one")
    repo.commit("feat: two")
    done = drafted(repo.clone(tmp_path / "clone", depth=1))
    assert (done.code, "the history is cut (shallow clone)" in done.output) == (2, True)
    bare = tmp_path / "nothing"
    bare.mkdir()
    none = run(bare, "roundbook", "draft")
    assert (none.code, "not part of a git repository" in none.output) == (2, True)


def test_merges_and_gaps_leave_no_commit_to_a_wrong_round(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/1", "") | data("3/2", ""))
    repo.branch("topic")
    repo.commit("feat: on the branch", {"b.txt": "1"})
    repo.commit("fix: elsewhere\n\nRound: 3/1", {"b.txt": "2"})
    repo.checkout("main")
    repo.commit("feat: on main", {"c.txt": "1"})
    repo.merge("topic")
    repo.commit("feat: after", {"c.txt": "2"})
    made(repo, "--last", "5", key="3/3")
    assert set(subjects(repo, "3/3")) == {
        "feat: after",
        "Merge branch 'topic'",
        "feat: on main",
        "feat: on the branch",
    }
    assert "fix: elsewhere" in subjects(repo, "3/1")


def test_too_many_runs_are_left_to_the_days(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/1", "") | data("3/2", ""))
    book = load(repo.path)
    commits = _chain(410)
    every = build(Inputs(History(commits[0].id, commits=commits), defaults(), [e.round for e in book.entries.values()]))
    made_ = draft(every, roundbook_draft.newest(every, 410), "3/3", defaults().changelog)
    assert made_.tree["commits"] == [{"to": commits[0].id[:10]}]
    odd = CommitRange(commits[::2], "every other")
    made_ = draft(every, odd, "3/3", defaults().changelog)
    assert ("commits" in made_.tree, ".." in made_.tree["date"]) == (False, True)
    assert any("the days of `date` claim them" in words for words in made_.left)


def _chain(count: int) -> tuple[Commit, ...]:
    """Return commits of a straight history, newest first, two an hour."""
    names = [hashlib.sha1(str(n).encode(), usedforsecurity=False).hexdigest() for n in range(count)]
    ada = Person("Ada", "ada@example.org")
    return tuple(
        Commit(
            names[n],
            (names[n + 1],) if n + 1 < count else (),
            *(ada, ada),
            *(Moment(1_800_000_000 - n * 1_800), Moment(1_800_000_000 - n * 1_800)),
            f"feat(s{n}): number {n}\n",
            (),
        )
        for n in range(count)
    )


# ---------------------------------------------------------------------------------------------- what is in it


def test_a_round_is_what_git_knows(repo: Repository) -> None:
    repo.commit("feat(cli): say hello (#7)\n\nCo-authored-by: Bo <bo@example.org>", {"src/cli/a.py": "1"})
    repo.commit("fix(core): no crash\n\nFixes: #9", {"src/core/b.py": "1"}, author=EVE)
    repo.commit("docs: many", {f"docs/{n}.md": "x" for n in range(9)})
    first, second, third = (c.id[:10] for c in reversed(load(repo.path).history.commits))
    assert made(repo) == {
        "round": "1",
        "phase": "1",
        "title": "Work of one day",
        "date": "2026-01-01",
        "focus": "3 commits, 1 in cli, 1 in core, 1 in docs",
        "agents": [
            {"name": "Ada Lovelace", "task": "2 commits: cli 1, docs 1"},
            {"name": "Eve", "task": "1 commit: core"},
            {"name": "Bo", "task": "co-author of 1 commit"},
        ],
        "changes": [
            {"type": "added", "text": "say hello", "commits": [first], "prs": ["#7"]},
            {"type": "fixed", "text": "no crash", "commits": [second], "issues": ["#9"]},
        ],
        "deliverables": [
            {"title": "docs", "paths": ["docs"], "note": "9 new files"},
            {"title": "src/cli/a.py", "group": "cli", "paths": ["src/cli/a.py"]},
            {"title": "src/core/b.py", "group": "core", "paths": ["src/core/b.py"]},
        ],
        "tables": [
            {
                "title": "Commits by area",
                "columns": ["Area", "Commits", "Newest"],
                "rows": [
                    ["cli", "1: feat 1", f"say hello `{first}`"],
                    ["core", "1: fix 1", f"no crash `{second}`"],
                    ["docs", "1: docs 1", f"many `{third}`"],
                ],
            }
        ],
        "commits": [{"to": third}],
    }


def test_what_follows_no_convention_is_grouped_by_what_it_changed(repo: Repository) -> None:
    repo.commit("Begin", {"README.md": "1"}, date="2026-01-01T10:00:00+00:00")
    repo.tag("v1.0.0")
    repo.commit("Parse faster", {"src/parser/a.py": "1", "src/parser/b.py": "1", "docs/a.md": "1"})
    repo.commit("Explain it", {"docs/a.md": "2", "docs/b.md": "1"})
    repo.commit("Explain more", {"docs/a.md": "3", "src/parser/a.py": "2"})
    repo.commit("fix(parser): no crash", {"packages/x/c.py": "1"})
    repo.commit("Bump", {"package.json": "1"}, author="dependabot[bot] <1+dependabot[bot]@users.example.org>")
    repo.commit("Pack it", {"package.json": "2"})
    found = made(repo)
    assert (found["title"], found["focus"]) == (
        "Work after v1.0.0",
        "6 commits, 2 in docs, 2 in parser, 2 in top folder",
    )
    assert found["agents"][0] == {"name": "Ada Lovelace", "task": "5 commits: docs 2, parser 2, top folder 1"}
    rows = [(area, count, re.sub(r" `[0-9a-f]{10}`", "", told)) for area, count, told in found["tables"][0]["rows"]]
    assert rows == [
        ("docs", "2", "Explain more; Explain it"),
        ("parser", "2: fix 1, other 1", "no crash; Parse faster"),
        ("top folder", "2", "Pack it; Bump"),
    ]


def test_the_focus_names_the_areas_with_most_commits_before_files_of_tools(repo: Repository) -> None:
    for n, folder in enumerate((".github", ".github", "docs", "docs", "src/a", "src/b", "src/b", "src/b")):
        repo.commit(f"feat({n}): part", {f"{folder}/{n}.md": "1"}, date=f"2026-01-0{n + 1}T10:00:00+00:00")
    found = made(repo)
    assert (found["title"], found["focus"]) == (
        "Work from 2026-01-01 to 2026-01-08",
        "8 commits, 3 in src/b, 2 in docs, 1 in src/a",
    )
    first = a_draft(repo, roundbook_draft.newest(load(repo.path), 3))
    assert first.tree["focus"] == "3 commits in src/b"


def test_what_fragments_state_is_drafted_in_their_words_and_not_proposed_again(repo: Repository) -> None:
    repo.write({"data/roundbook.yml": "changelog: {fragments: [changelog.d]}\n"})
    repo.commit("feat: old", {"changelog.d/1.added.md": "An **old** thing.\n"})
    repo.tag("v1.0.0")
    repo.commit("feat: parser", {"changelog.d/12.added.md": "A new `Parser`.\n\nWith more to say.\n", "src/a.py": "1"})
    repo.commit("fix: crash", {"src/a.py": "2"})
    found = made(repo)
    assert "changes" not in found, "what has no fragment is not for the changelog"
    title, columns, rows = found["tables"][0].values()
    assert (title, columns, rows) == (
        "What changelog fragments say",
        ["Type", "Change"],
        [["added", "A new `Parser`."]],
    )
    assert [one["paths"] for one in found["deliverables"]] == [["src/a.py"]]


def test_the_date_is_a_span_that_ends_with_the_newest_commit(repo: Repository) -> None:
    repo.commit("feat: one", date="2026-01-02T23:30:00-08:00")  # the third in London
    repo.commit("feat: two", date="2026-01-05T08:15:30+05:30")
    assert made(repo)["date"] == "2026-01-02..2026-01-05T08:15:30+05:30"
    repo.commit("docs: record", date="2026-01-05T09:00:00+05:30")
    repo.commit("feat: later that day", date="2026-01-05T10:00:00+05:30")
    assert subjects(repo) == ["feat: two", "feat: one"], "to record the round is no work of it"
    assert drafted(repo).output.startswith("1 commit taken: ")


def test_a_span_that_would_claim_what_was_not_meant_is_a_day(repo: Repository) -> None:
    for day, name in enumerate(("one", "two", "three"), 1):
        repo.commit(f"feat: {name}", date=f"2026-01-0{day}T10:00:00+00:00")
    repo.branch("late", "HEAD~2")
    repo.commit("feat: aside", date="2026-01-02T12:00:00+00:00")
    repo.checkout("main")
    repo.merge("late")
    assert made(repo, "HEAD~1~2..HEAD~1")["date"] == "2026-01-03"
    assert subjects(repo) == ["feat: three", "feat: two"]


def test_agents_that_trailers_name_win(repo: Repository) -> None:
    words = "feat: one\n\nAgent: Toolchain\nAgent: Docs <docs@example.org>\nCo-authored-by: Bo <bo@example.org>"
    repo.commit(words, {"a.txt": "1"})
    repo.commit("build: bump", author="renovate[bot] <1+renovate[bot]@users.example.org>")
    agents = made(repo)["agents"]
    assert {"name": "Toolchain", "task": "1 commit: top folder", "people": ["Ada Lovelace", "Bo"]} in agents
    assert {"name": "Docs", "task": "1 commit: top folder", "people": ["Ada Lovelace", "Bo"]} in agents
    assert {"name": "renovate\\[bot]", "role": "bot", "task": "1 commit"} in agents
    assert len(agents) == 3


def test_the_mailmap_names_authors_and_co_authors(repo: Repository) -> None:
    mailmap = "Bo Proper <bo@example.org> <bo@old.example>\nAda L. <ada@example.org>\n"
    repo.commit("feat: one\n\nCo-authored-by: bo <bo@old.example>", {".mailmap": mailmap})
    repo.commit("feat: two", author="bo <BO@old.example>")
    assert [one["name"] for one in made(repo)["agents"]] == ["Bo Proper", "Ada L."]
    people = load(repo.path).entries["1/1"].contributors
    assert [(c.person.name, c.commits, c.co_authored) for c in people] == [("Bo Proper", 1, 1), ("Ada L.", 1, 0)]


CHANGES = [
    ("feat: x", "added x"),
    ("fix: x", "fixed x"),
    ("perf: x", "changed x"),
    ("docs: x", ""),
    ("chore!: x", "breaking changed x"),
    ("feat: x\n\nBREAKING CHANGE: all of it", "breaking added x"),
    ("Say x\n\nBREAKING-CHANGE: all of it", "breaking changed Say x"),
    ("fix(security): x", "security x"),
    ("build(deps): x for cve-2026-12345", "security x for cve-2026-12345"),
    ("docs: name CVE-2026-12345", ""),
    ("x without a form", ""),
    ("docs: x\n\nChangelog: deprecated", "deprecated x"),
    ("feat: x\n\nChangelog: skip", ""),
    ("chore: x\n\nChangelog: performance", "changed x"),
    ("gift: x", "added x"),
    ("secret: x", ""),
    ("chore: x\n\nChangelog: gift", "added x"),
    ("feat: (#12)", "added (#12)"),
]


@pytest.mark.parametrize(("message", "expected"), CHANGES)
def test_changes_are_proposed_by_what_commits_say(repo: Repository, message: str, expected: str) -> None:
    types = Changelog.model_validate({"types": {"gift": "added", "secret": "hidden"}})  # the former word for `skip`
    repo.commit(message, {"a.txt": "1"})
    book = load(repo.path)
    found = draft(book, roundbook_draft.since_last(book), "1/1", types).tree.get("changes", ())
    told = [f"{'breaking ' * one.get('breaking', False)}{one['type']} {one['text']}" for one in found]
    assert told == ([expected] if expected else [])


def test_the_types_of_the_settings_are_used(repo: Repository) -> None:
    repo.commit("gift: x", {"data/roundbook.yml": "changelog: {types: {gift: added}}\n"})
    assert made(repo)["changes"][0]["type"] == "added"


def test_pairs_fixups_and_picks_are_folded(repo: Repository) -> None:
    first = repo.commit("feat: stays", {"a.txt": "1"})
    wrong = repo.commit("feat: wrong", {"b.txt": "1"})
    mended = repo.commit("fixup! feat: stays", {"a.txt": "2"})
    repo.commit(f'Revert "feat: wrong"\n\nThis reverts commit {wrong}.', {"b.txt": None})
    again = repo.commit("feat: stays", {"c.txt": "1"})
    found = made(repo)
    ids = [again[:10], first[:10], mended[:10]]
    assert found["changes"] == [{"type": "added", "text": "stays", "commits": ids}]
    assert [one["paths"] for one in found["deliverables"]] == [["a.txt", "c.txt"]]


def test_what_takes_back_older_work_is_a_change(repo: Repository) -> None:
    wrong = repo.commit("feat: wrong", {"b.txt": "1"})
    repo.tag("v1.0.0")
    repo.commit(f'Revert "feat: wrong"\n\nThis reverts commit {wrong}.', {"b.txt": None})
    (change,) = made(repo)["changes"]
    assert (change["type"], change["text"]) == ("changed", 'Revert "feat: wrong"')


def test_moved_and_odd_files_are_no_deliverables(repo: Repository) -> None:
    repo.commit("feat: begin", {"old/a.txt": "1", "keep.txt": "1"})
    repo.tag("v1.0.0")
    odd = {"glob[1].txt": "1", "line\nbreak.txt": "1", " begins.txt": "1", "grün.txt": "1"}
    repo.commit("feat: move", {"old/a.txt": None, "new/a.txt": "1", "data/x.csv": "1", **odd})
    done = drafted(repo)
    assert "cut from long lists: 3 new files with names that cannot be written exactly\n" in done.output
    assert [one["paths"] for one in file(repo)["deliverables"]] == [["grün.txt"]]


def test_one_pull_request_gives_the_focus(repo: Repository) -> None:
    repo.commit("feat: begin", {"a.txt": "1"})
    repo.tag("v1.0.0")
    repo.branch("topic")
    repo.commit("feat: one", {"b.txt": "1"})
    repo.commit("feat: two", {"b.txt": "2"})
    repo.checkout("main")
    repo.merge("topic", message="Merge pull request #12 from ada/topic\n\nSay *hello*")
    found = made(repo)
    assert (found["focus"], found["prs"]) == ("Say \\*hello\\*", ["#12"])
    (record,) = [entry.round for entry in load(repo.path).entries.values()]
    assert plain(str(record.focus)) == "Say *hello*"


def test_one_branch_gives_the_focus(repo: Repository) -> None:
    repo.commit("feat: begin", {"a.txt": "1"})
    repo.tag("v1.0.0")
    repo.branch("quick-build")
    repo.commit("feat: one", {"b.txt": "1"})
    repo.commit("feat: two", {"b.txt": "2"})
    repo.checkout("main")
    repo.merge("quick-build")
    found = made(repo)
    assert (found["focus"], "branch" in found) == ("quick-build", False)


def test_a_part_of_a_branch_or_pull_request_does_not_claim_the_rest(repo: Repository) -> None:
    repo.commit("feat: begin", {"a.txt": "1"})
    repo.branch("topic")
    repo.commit("feat: one", {"b.txt": "1"})
    repo.commit("feat: two", {"b.txt": "2"})
    repo.checkout("main")
    repo.merge("topic", message="Merge pull request #12 from ada/topic\n\nSay hello")
    assert "prs" not in made(repo, "--last", "2")
    assert subjects(repo) == ["Merge pull request #12 from ada/topic", "feat: two"]


def test_one_commit_gives_the_focus(repo: Repository) -> None:
    repo.commit("feat(cli): say hello (#3)")
    found = made(repo)
    assert (found["focus"], found["prs"]) == ("say hello", ["#3"])


def test_metrics_and_goals_come_from_the_rounds_before(repo: Repository) -> None:
    earlier = """\
        date: 2026-01-01
        metrics:
          tests: {label: Tests, before: 10, after: 12, better: higher, note: not this one}
          lint: TBD
          lines: {after: pending, before: 400, unit: kloc, probe: {grep: x, in: [src]}}
        deferred:
          - {title: The **rest**, to: 3/5, reason: No time}
          - {title: In the same phase, to: 5}
          - {title: Later, to: 3/6}
        """
    repo.commit("feat: begin\n\nRound: 3/4", data("3/4", earlier))
    repo.commit("feat: go on")
    found = made(repo, key="3/5")
    assert found["metrics"] == {
        "tests": {"label": "Tests", "before": "12", "after": "TBD", "better": "higher"},
        "lint": {"after": "TBD"},
        "lines": {"unit": "kloc", "before": "400", "after": "TBD", "probe": {"grep": "x", "in": ["src"]}},
    }
    assert found["goals"] == [
        {"title": "The **rest**", "status": "planned", "text": "No time (deferred by 3/4)"},
        {"title": "In the same phase", "status": "planned", "text": "Deferred by 3/4"},
    ]
    assert (
        list(found) == ["round", "phase", "date", "focus", "goals", "changes", "metrics", "commits"]
        or "agents" in found
    )


def test_long_lists_are_cut_and_it_is_said(repo: Repository) -> None:
    for n in range(3):
        repo.commit(f"feat: {n}")
    commits = tuple(
        one._replace(author=Person(f"P{n}", f"p{n}@example.org"), message=f"feat(s{n}){'!' * (n == 399)}: number {n}\n")
        for n, one in enumerate(_chain(400))
    )
    book = build(Inputs(History(commits[0].id, commits=commits), defaults()))
    found = draft(book, roundbook_draft.since_last(book), "1/1", defaults().changelog)
    agents, changes, rows = found.tree["agents"], found.tree["changes"], found.tree["tables"][0]["rows"]
    assert (len(agents), len(changes), len(rows)) == (MOST_AGENTS, MOST_CHANGES, MOST_AREAS)
    assert (changes[0]["breaking"], changes[0]["text"]) == (True, "number 399")
    (note,) = found.tree["notes"]
    assert note.startswith("This draft leaves out: 388 of 400 agents, those with fewer commits; 300 of 400 proposed")


def test_many_folders_become_those_above_them(repo: Repository) -> None:
    deep = {f"src/{n}/a.txt": "1" for n in range(MOST_FOLDERS + 1)}
    repo.commit("feat: many", deep | {"top.txt": "1"})
    found = a_draft(repo).tree["deliverables"]
    assert [(one["paths"], one.get("note")) for one in found] == [
        (["src"], f"{MOST_FOLDERS + 1} new files"),
        (["top.txt"], None),
    ]
    repo.commit("feat: more", {f"{n}/a.txt": "1" for n in range(MOST_FOLDERS)})
    made_ = a_draft(repo)
    assert len(made_.tree["deliverables"]) == MOST_FOLDERS
    assert made_.left == ("2 new files in 2 other folders",)


# ---------------------------------------------------------------------------------------------- where it goes


def test_nothing_is_written_over(repo: Repository) -> None:
    repo.commit("feat: begin", data("1/1", "summary: by hand"))
    repo.commit("feat: one")
    before = (repo.path / "data/rounds/1/1.yml").read_bytes()
    done = drafted(repo, "--round", "1/1")
    assert (done.code, "is taken, in data/rounds/1/1.yml; 1/2 is free" in done.output) == (2, True)
    assert (repo.path / "data/rounds/1/1.yml").read_bytes() == before
    assert made(repo, key="1/2")["round"] == "2"
    assert drafted(repo, "--round", "1/2", "--force", "--last", "1").code == 0
    assert file(repo, "1/2")["focus"] == "one"


def test_a_round_that_is_a_folder_is_not_written_over(repo: Repository) -> None:
    repo.commit("feat: one", {"a.txt": "1\n", "data/rounds/1/1/round.yml": "round: 1\nfocus: x\n"})
    done = drafted(repo, "--round", "1/1", "--force", "--last", "1")
    assert (done.code, "is a folder" in done.output) == (2, True)


def test_a_round_of_another_branch_is_passed_over(repo: Repository) -> None:
    repo.commit("feat: begin", data("3/4", ""))
    repo.branch("topic")
    repo.commit("docs: plan", data("3/5", ""))
    repo.checkout("main")
    repo.commit("feat: one")
    assert made(repo, key="3/6")["round"] == "6"
    taken = drafted(repo, "--round", "3/5", "--last", "1")
    assert (taken.code, "round 3/5 is taken on another branch, topic" in taken.output) == (2, True)


def test_it_can_be_printed_and_tried(repo: Repository) -> None:
    repo.commit("feat(cli): one")
    tried = drafted(repo, "--dry-run")
    assert (tried.code, "data/rounds/1/1.yml: round 1/1 would be drafted, with 1 agent" in tried.output) == (0, True)
    printed = drafted(repo, "--stdout")
    as_json = drafted(repo, "--json")
    assert not (repo.path / "data").exists()
    told = json.loads(as_json.output[: as_json.output.rindex("}") + 1])
    assert told == made(repo)
    assert (repo.path / "data/rounds/1/1.yml").read_text("utf-8") in printed.output


def test_what_breaks_is_written_as_the_schema_has_it(repo: Repository) -> None:
    repo.commit("feat(cli)!: one", {"a.txt": "1"})
    repo.commit("fix: two", {"a.txt": "2"})
    made(repo)
    text = (repo.path / "data/rounds/1/1.yml").read_text("utf-8")
    assert "breaking: true\n" in text or "breaking: true," in text
    validator = Draft202012Validator(json.loads(schema_text()))
    loaded = yaml.safe_load(re.sub(r"(\d{4}-\d{2}-\d{2}\S*)", r'"\1"', text))
    assert [error.message for error in validator.iter_errors(_as_text(loaded))] == []


def _as_text(value: Any) -> Any:
    """Return data with texts for numbers, which the reader takes as texts, and truth values as they are."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return value if isinstance(value, bool) else str(value)


def test_the_schema_line_is_that_of_the_neighbours(repo: Repository) -> None:
    line = "# yaml-language-server: $schema=../../../round.schema.json\n"
    repo.commit("feat: begin", {"data/rounds/3/4.yml": f"{line}round: 4\nfocus: x\n"})
    repo.commit("feat: one")
    made(repo, key="3/5")
    assert (repo.path / "data/rounds/3/5.yml").read_text("utf-8").startswith(line)


def test_a_project_inside_a_repository(repo: Repository) -> None:
    repo.commit("feat: one", {"sub/a.txt": "1", "b.txt": "1"})
    done = run(repo.path / "sub", "roundbook", "draft")
    assert done.code == 0, done.output
    inner = Repository(repo.path / "sub", make=False)
    assert [one["paths"] for one in file(inner)["deliverables"]] == [["a.txt", "b.txt"]]


# --------------------------------------------------------------------------------------------------- hostile

NASTY = [
    "**bold** _it_ ~~gone~~ `code` ``",
    '<img src=x onerror="alert(1)"> <!-- x -->',
    "{{ config }} {% raw %} ${{ secrets.X }}",
    "[a](javascript:alert(1)) ![b](http://evil.example/x.png) [c]: d",
    "<https://evil.example> &amp; &#60; \\* \\\\",
    "# not a heading",
    "- no item: 'x' \"y\"",
    "::error::x ##[error]y",
    "\x1b[31mred\x07 \u202ereversed \u200bhidden",
    "1. one | two | three",
    "--- ...",
    "!!python/object:x &a *a",
    "snake_case stays _so_ a*b",
    "~~~ ``` > x",
]


@pytest.mark.parametrize("words", NASTY)
def test_words_of_others_stay_words(repo: Repository, words: str) -> None:
    repo.commit(f"feat({words[:9].strip('()')}): {words}", {"a.txt": "1"})
    repo.commit(
        f"feat: {words}\n\nAgent: {words}\nDecision: {words}", author=f"{words.replace('<', '').replace('>', '')} <x>"
    )
    done = drafted(repo)
    assert done.code == 0, done.output
    assert not any(sign in done.output for sign in ("\x1b", "\u202e", "\n::error", "##[error"))
    record = load(repo.path).entries["1/1"].round
    wanted = " ".join(clean(words).split())
    assert wanted in [plain(change.text) for change in record.changes]
    page = run(repo.path, "roundbook", "show", "rounds/1/1.md").output
    assert "<img" not in page
    assert "javascript:" not in page
    assert file(repo)["round"] == "1"


def shown(words: str) -> str:
    return str(encode(" ".join(clean(words).split())))


@given(st.text(max_size=60) | st.text("*_`~<>[]()!&#;:\\-+.1 |{}ab", max_size=30))
@settings(max_examples=600)
def test_literal_text_shows_as_it_is(words: str) -> None:
    made_ = literal(words)
    assert str(inline(made_)) == shown(words)
    assert plain(made_) == " ".join(clean(words).split())
    if shown(words):
        assert str(block(made_)) == f"<p>{shown(words)}</p>"


names = st.text(st.characters(exclude_characters="<>\n\r\0", codec="utf-8"), min_size=1, max_size=30)
lines = st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), max_size=60)


@given(st.lists(st.tuples(st.sampled_from(["feat", "fix(x)!", "docs", ""]), lines, names), min_size=1, max_size=4))
@settings(max_examples=200)
def test_any_history_gives_a_round_that_can_be_read(told: list[tuple[str, str, str]]) -> None:
    commits = tuple(
        one._replace(message=f"{kind}: {words}\n\nAgent: {name}\n" if kind else words, author=Person(name, "x"))
        for one, (kind, words, name) in zip(_chain(len(told)), told, strict=True)
    )
    book = build(Inputs(History(commits[0].id, commits=commits), defaults()))
    found = draft(book, roundbook_draft.since_last(book), "1/1", defaults().changelog)
    record = _read(found.tree)
    changes = {plain(change.text) for change in record.changes}
    heads = [(conventional(commit), _cut(text_of(commit))) for commit in commits]
    assert {words for head, words in heads if head and head.type in ("feat", "fix")} <= changes
    assert changes <= {words for _, words in heads}
    agents = {" ".join(value.split()) for commit in commits for value in commit.values("Agent")}
    people = {_cut(one) for one in (*agents, *(person(commit.author.name) for commit in commits))}
    assert {plain(agent.name or "") for agent in record.agents} <= people


def _cut(words: str) -> str:
    return " ".join(clean(words).split()) or "TBD"


def _read(written: Mapping[str, Any]) -> Round:
    """Return the record of a tree, written as YAML and read again without a finding."""
    loaded = rounds_load.parse({"data/rounds/1/1.yml": canonical(written, Round).encode()})
    assert [str(finding) for finding in loaded.findings] == []
    return loaded.rounds[0]


@given(
    st.lists(st.sampled_from(["feat: a", "fix: b", "Merge", "Round: 1/1", "docs: c"]), min_size=1, max_size=6),
    st.data(),
)
@settings(max_examples=12)
def test_what_is_drafted_is_what_belongs_to_the_round(messages: list[str], choice: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = Repository(Path(folder) / "project")
        repo.commit("feat: begin", data("1/1", ""))
        for n, words in enumerate(messages):
            repo.now += dt.timedelta(hours=choice.draw(st.integers(0, 40)))
            if words == "Merge" and n:
                repo.branch(f"side{n}", choice.draw(st.sampled_from(["HEAD", "HEAD~1"])))
                repo.commit(f"feat: side {n}", {f"side{n}.txt": "1"})
                repo.commit(f"fix: side {n}", {f"side{n}.txt": "2"})
                repo.checkout("main")
                repo.merge(f"side{n}", message=choice.draw(st.sampled_from(["", f"Merge pull request #{n} from a/b"])))
            else:
                repo.commit(f"chore: {n}\n\n{words}" if words.startswith("Round") else words, {"a.txt": str(n)})
        book = load(repo.path)
        raw = roundbook_draft.newest(book, choice.draw(st.integers(1, len(book.history.commits))))
        mine = roundbook_draft.free_of_others(book, raw, "1/2")
        if mine.commits:
            repo.write({"data/rounds/1/2.yml": canonical(draft(book, mine, "1/2", defaults().changelog).tree, Round)})
            after = load(repo.path)
            assert _ids(after, "1/2") == {commit.id for commit in mine.commits}
            assert _ids(after, "1/1") == _ids(book, "1/1")


def _ids(book: Book, key: str) -> set[str]:
    entry = book.entries[key]
    return {*(one.commit for one in entry.links), *entry.hidden}


def test_the_words_of_a_subject_are_unescaped_once(repo: Repository) -> None:
    repo.commit("feat: &lt;b&gt; stays")
    made(repo)
    record = load(repo.path).entries["1/1"].round
    assert unescape(unescape(str(inline(record.changes[0].text)))) == "<b> stays"
    assert plain(record.changes[0].text) == "&lt;b&gt; stays"


def test_a_first_round_of_a_long_history_has_the_newest_month_of_it(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roundbook_draft, "MOST_FIRST", 3)
    monkeypatch.setattr(roundbook_draft, "FEW", 2)
    for n, day in enumerate(("2025-11-30", "2026-01-31", "2026-02-01", "2026-02-03")):
        repo.commit(f"feat: {n}", {"a.txt": str(n)}, date=f"{day}T10:00:00+00:00")
    found = roundbook_draft.since_last(load(repo.path))
    assert [c.subject for c in found.commits] == ["feat: 3", "feat: 2"]
    assert found.why.startswith("of 2026-02, the newest; all 4 since")
    monkeypatch.setattr(roundbook_draft, "FEW", 3)
    assert len(roundbook_draft.since_last(load(repo.path)).commits) == 3, "of a month with few commits, the year"


def test_a_feature_that_takes_something_away_is_removed_or_deprecated(repo: Repository) -> None:
    for subject in ("Remove the cache", "deprecate old names", "drop Python 3.8", "removable disks", "add a drop zone"):
        repo.commit(f"feat: {subject}", {"a.txt": subject})
    found = {change["text"]: change["type"] for change in made(repo)["changes"]}
    assert found == {
        "Remove the cache": "removed",
        "deprecate old names": "deprecated",
        "drop Python 3.8": "removed",
        "removable disks": "added",
        "add a drop zone": "added",
    }


def test_the_first_round_has_no_settings_of_tools_and_no_files_that_are_gone_among_its_deliverables(
    repo: Repository,
) -> None:
    repo.commit("feat: one", {".github/workflows/ci.yml": "1", "src/a.py": "1", "src/b.py": "1"})
    repo.git("rm", "-q", "src/b.py")
    repo.commit("feat: two")
    assert [one["paths"] for one in made(repo)["deliverables"]] == [["src/a.py"]]
