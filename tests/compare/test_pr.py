"""What a branch brings, told to whoever reviews it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.history import data
from repository import Repository
from roundbook.compare.branch import BranchComparison
from roundbook.compare.comment import LIMIT, comment, headline
from roundbook.compare.render import Pointers
from roundbook.project import Loader, brought, load
from site_trial import Outcome, run
from test_markdown import TEMPLATE, acts, inlines

GOLDEN = Path(__file__).parent / "pr"
FIRST = """\
status: in-progress
goals:
  - {title: Reach the sea, status: in-progress}
  - {title: Build a boat, status: in-progress}
decisions:
  - {title: Go by boat, id: boat, status: accepted, affects: "src/boat/**"}
  - {title: Eat fish, id: fish, status: accepted}
  - {title: Sleep in tents, id: tents, status: accepted}
deliverables: [{paths: src/lost.py}]
"""
SECOND = """\
status: in-progress
metrics: {tests: 7}
goals: [{title: Build a boat, status: done}]
deliverables: [{paths: src/never.py}]
changes: [{type: added, text: "The boat has a **sail**"}]
decisions: [{title: Go on foot, id: foot, status: accepted, supersedes: tents}]
"""
MARK = f"# {'@'}decision fish"  # parted, or it would be a marker of this project
REMOTE = "https://github.com/ada/boats.git"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A main branch with one round, and a branch that stands on it and has nothing yet."""
    repo = Repository(tmp_path / "repo")
    files = {"src/boat/hull.py": "hull\n", "src/cook.py": MARK + "\n", "a.txt": "a\n"}
    repo.commit("feat: begin\n\nRound: 1/1", {**files, **data("1/1", FIRST)})
    repo.branch("topic")
    return repo


def of(repo: Repository, base: str = "main", head: str = "") -> BranchComparison:
    return brought(Loader(repo.path), base, load(repo.path, at=head))


def told(repo: Repository, base: str = "main", head: str = "", **given: Any) -> str:
    return comment(of(repo, base, head), Pointers(**given), base)


def line(repo: Repository, base: str = "main", head: str = "") -> str:
    return told(repo, base, head).splitlines()[0]


def rounds(made: BranchComparison) -> dict[str, str]:
    return {one.key: one.state for one in made.difference.rounds}


def decisions(made: BranchComparison) -> dict[str, str]:
    return {one.id: one.state for one in made.difference.decisions}


def pr(repo: Repository, *words: str) -> Outcome:
    return run(repo.path, "roundbook", "pr", *words)


def rich(repo: Repository) -> None:
    """Three commits, a new round file, and a mend of the one before."""
    repo.git("remote", "add", "origin", REMOTE)
    repo.commit("feat: raise the sail\n\nRound: 1/2\nDecision: foot", {"src/boat/sail.py": "sail\n"})
    repo.commit("fix: stop the leak (#12)\n\nRound: 1/2\nDecision: boat", {"src/boat/hull.py": "tight\n"})
    files = {
        **data("1/2", SECOND),
        **data("1/1", FIRST.replace("src/lost.py", "a.txt")),
        "src/cook.py": MARK + "\n#\n",
    }
    repo.commit("docs: the second round\n\nRound: 1/2", files)


# ---------------------------------------------------------------------------------------------- the whole comment


@pytest.mark.parametrize("form", ["markdown", "github-summary", "json"])
def test_a_branch_of_three_commits_and_a_new_round_gives_a_comment(
    repo: Repository, form: str, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich(repo)
    done = pr(
        repo,
        "--base",
        "main",
        "--format",
        form,
        "--site",
        "https://boats.example/docs/",
        "--preview",
        "https://p.example/7",
    )
    assert done.code == 0, done.output
    golden = GOLDEN / {"markdown": "rich.md", "github-summary": "rich-summary.md", "json": "rich.json"}[form]
    if update:
        golden.write_text(done.output, "utf-8")
    assert done.output == golden.read_text("utf-8")


def test_the_first_line_says_it_all(repo: Repository) -> None:
    rich(repo)
    assert line(repo) == (
        "Touches rounds 1/2, 1/1; records 1 decision, changes 1, cites 1, changes files of 1; adds 1 changelog entry; "
        "closes 1 open item; 1 new warning, 1 new note, 1 problem fixed."
    )


def test_what_is_new_is_linked_to_where_it_can_be_read_today(repo: Repository) -> None:
    rich(repo)
    made = of(repo)
    forge = load(repo.path).forge
    source = f"https://github.com/ada/boats/blob/{repo.head}/data/rounds/1/2.yml"
    assert f"[Phase 1 Round 2]({source})" in comment(made, Pointers("https://s.example", forge=forge), "main")
    assert "[Phase 1 Round 2](https://p.example/rounds/1/2/)" in told(repo, preview="https://p.example/")
    alone = told(repo, site="https://s.example/")
    assert "- Phase 1 Round 2 (1/2): new" in alone  # the site has no such page yet, and nobody is led to a 404
    assert "- Go on foot (1/2#foot): new" in alone
    assert "[Phase 1 Round 1](https://s.example/rounds/1/1.html)" in told(repo, site="https://s.example", folders=False)
    both = told(repo, site="https://s.example", preview="https://p.example")
    assert "[Phase 1 Round 1](https://s.example/rounds/1/1/) ([preview](https://p.example/rounds/1/1/))" in both


def keys(made: Any) -> set[str]:
    """Return the keys of data, at all depths."""
    if isinstance(made, list):
        return {key for one in made for key in keys(one)}
    return {*made, *(key for one in made.values() for key in keys(one))} if isinstance(made, dict) else set()


def test_every_key_of_the_data_is_described(root: Path) -> None:
    page = (root / "docs/how-to/pull-requests.md").read_text("utf-8")
    told = set(re.findall(r"`([a-z-]+)`", page))
    found = keys(json.loads((GOLDEN / "rich.json").read_text("utf-8")))
    assert {"schema-version", "address-kept", "superseded-by", "source"} <= found
    assert sorted(found - told) == []


# ------------------------------------------------------------------------------------------------------ histories


def test_an_empty_branch_is_silent(repo: Repository) -> None:
    assert told(repo) == ""
    assert headline(of(repo), "main") == "Nothing new compared with `main`."
    assert (
        comment(of(repo), Pointers(), "main", summary=True)
        == "### What this branch changes\n\nNothing new compared with `main`.\n"
    )


def test_a_branch_of_which_nothing_is_to_be_done_is_silent(repo: Repository) -> None:
    repo.checkout("main")
    base = repo.commit("docs: settings\n\nRound: 1/1", {"data/roundbook.yml": "attribution: {exclude: ['^docs:']}\n"})
    repo.branch("idle")
    repo.commit("docs: a word", {"b.txt": "b\n"})
    repo.commit("docs: another", {"b.txt": "c\n"})
    assert told(repo) == ""
    done = pr(repo, "--base", "main")
    said = "Touches no round, decision or changelog entry. Nothing is to be done, so there is no comment.\n"
    assert (done.code, done.output) == (0, said)
    assert f"compared with `main` at `{base[:7]}`" in comment(of(repo), Pointers(), "main", summary=True)
    files = {"b.txt": "sail\n", **data("1/1", FIRST + "changes: [{id: sail, text: A sail}]\n")}
    repo.commit("feat: a sail\n\nRound: 1/1\nChange: 1/1#sail", files)
    assert told(repo) == ""


def test_a_merge_of_the_base_brings_nothing_of_the_base(repo: Repository) -> None:
    repo.commit("feat: mine\n\nRound: 1/1", {"mine.txt": "m\n"})
    repo.checkout("main")
    repo.commit("feat: theirs\n\nRound: 1/3", {"theirs.txt": "t\n", **data("1/3", "status: done\n")})
    repo.checkout("topic")
    repo.merge("main")
    made = of(repo)
    assert (rounds(made), made.files, len(made.commits)) == ({"1/1": "same"}, 1, 2)
    assert made.base == repo.git("rev-parse", "main")


def test_a_branch_behind_its_base_is_held_against_where_they_parted(repo: Repository) -> None:
    repo.commit("feat: mine\n\nRound: 1/1", {"mine.txt": "m\n"})
    repo.checkout("main")
    repo.commit("feat: theirs\n\nRound: 1/3", data("1/3", "status: done\ndecisions: [Theirs]\n"))
    repo.checkout("topic")
    made = of(repo)
    assert (rounds(made), decisions(made), made.added, made.fixed) == ({"1/1": "same"}, {}, (), ())


def test_commits_that_were_merged_into_the_branch_are_its_own(repo: Repository) -> None:
    repo.branch("part")
    repo.commit("feat: part\n\nRound: 1/1", {"part.txt": "p\n"})
    repo.checkout("topic")
    repo.merge("part")
    assert len(of(repo).commits) == 2
    (one,) = of(repo).difference.rounds
    assert [link.rule for link in one.links] == ["trailer"]


def test_a_branch_that_was_merged_has_nothing_beyond_its_base(repo: Repository) -> None:
    rich(repo)
    repo.checkout("main")
    repo.merge("topic")
    repo.checkout("topic")
    assert told(repo) == ""


def test_a_branch_that_was_squashed_has_nothing_beyond_its_base(repo: Repository) -> None:
    rich(repo)
    repo.checkout("main")
    repo.git("merge", "--quiet", "--squash", "topic")
    repo.commit("feat: all of it (#7)")
    repo.commit("feat: later", {"later.txt": "l\n"})
    repo.checkout("topic")
    assert told(repo) == ""
    had = "Nothing new compared with `main`, which has the content of 3 commits already."
    assert headline(of(repo), "main") == had
    repo.write(data("1/2", SECOND.replace("in-progress", "done", 1)))
    assert rounds(of(repo)) == {"1/2": "changed"}
    assert "Not committed yet: `data/rounds/1/2.yml`." in told(repo)
    repo.commit("feat: one more", {"src/boat/more.py": "m\n"})
    assert len(of(repo).commits) == 4


def test_a_branch_whose_commits_cancel_out_did_not_land(repo: Repository) -> None:
    repo.commit("feat: there\n\nRound: 1/1", {"b.txt": "b\n"})
    repo.commit("feat: and back\n\nRound: 1/1", {"b.txt": None})
    made = of(repo)
    assert (made.landed, len(made.commits), made.files) == (0, 2, 0)


def test_a_stacked_branch_is_held_against_the_one_below(repo: Repository) -> None:
    rich(repo)
    repo.branch("upper")
    repo.commit("feat: more\n\nRound: 1/2", {"more.txt": "m\n"})
    assert rounds(of(repo, "topic")) == {"1/2": "same"}
    assert decisions(of(repo, "topic")) == {}
    assert rounds(of(repo, "main")) == {"1/2": "new", "1/1": "changed"}


def test_a_fork_is_held_against_where_it_came_from(repo: Repository, tmp_path: Path) -> None:
    fork = repo.clone(tmp_path / "fork")
    fork.git("remote", "rename", "origin", "upstream")
    fork.commit("feat: from afar\n\nRound: 1/1", {"b.txt": "b\n"})
    assert rounds(of(fork, "upstream/main")) == {"1/1": "same"}


def test_another_head_is_read_as_it_is_and_not_the_work_tree(repo: Repository) -> None:
    rich(repo)
    repo.checkout("main")
    repo.write(data("1/9", "status: planned\n"))
    assert rounds(of(repo, "main", "topic")) == {"1/2": "new", "1/1": "changed"}
    assert rounds(of(repo)) == {"1/9": "new"}
    done = pr(repo, "--base", "main", "--head", "topic")
    assert (done.code, done.output.startswith("Touches rounds 1/2, 1/1;")) == (0, True)
    made = run(repo.path, "roundbook", "--at", "topic", "pr", "--base", "main")
    assert made.output == done.output


# ------------------------------------------------------------------------------------------------- moved rounds


def moved(repo: Repository, key: str, text: str, *, path: str = "") -> BranchComparison:
    files = {path or name: content for name, content in data(key, text).items()}
    repo.commit("docs: move", {"data/rounds/1/1.yml": None, **files})
    return of(repo)


@pytest.mark.parametrize(
    ("key", "more", "path", "said"),
    [
        ("1/1", "", "data/rounds/1/1.yaml", "its file moved"),
        ("1/4", "", "", "moved from 1/1"),
        ("1/4", "was: [1/1]\n", "", "moved from 1/1"),
        ("2/1", "summary: A word more\n", "", "moved from 1/1"),
    ],
)
def test_a_round_that_moved_is_no_new_one(repo: Repository, key: str, more: str, path: str, said: str) -> None:
    made = moved(repo, key, FIRST + more, path=path)
    assert rounds(made) == {key: "moved"}
    assert decisions(made) == {}
    assert (made.difference.closed_items, made.changes) == ((), ())
    shown = comment(made, Pointers(), "main")
    assert f"({key}): {said}" in shown
    lost = key != "1/1" and "was:" not in more
    assert ("\nwas: [1/1]\n" in shown) == lost
    assert {f.slug for f in made.added} == (
        {"trailer-unknown", "commit-unaccounted", "address-lost"} if lost else set()
    )


def test_another_round_in_its_place_is_a_new_one(repo: Repository) -> None:
    made = moved(repo, "1/4", "was: [1/1]\n")
    assert rounds(made) == {"1/4": "moved"}
    made = moved_to_another(repo)
    assert rounds(made) == {"1/5": "new", "1/1": "gone"}
    assert decisions(made) == dict.fromkeys(("boat", "fish", "tents"), "gone")
    assert made.difference.closed_items == ()


def moved_to_another(repo: Repository) -> BranchComparison:
    other = "status: done\nsummary: Nothing of what was planned here before has anything to do with this\n"
    repo.commit("docs: anew", {"data/rounds/1/4.yml": None, **data("1/5", other)})
    return of(repo)


def test_a_round_that_cannot_be_read_is_not_called_gone(repo: Repository) -> None:
    repo.commit("docs: break it", {"data/rounds/1/1.yml": "round: 1\nfocus: [\n"})
    made = of(repo)
    assert rounds(made) == {"1/1": "unreadable"}
    assert decisions(made) == {}
    assert "error" in {f.severity for f in made.added}
    assert (made.fixed, made.unassigned, made.loose) == ((), (), ())  # what the file says of it is not known
    assert "its file cannot be read" in comment(made, Pointers(), "main")
    repo.commit("docs: a word", {"b.txt": "b\n"})
    assert rounds(of(repo, "HEAD~1")) == {}


# ------------------------------------------------------------------------------------------------- single things


def test_rounds_are_touched_by_trailer_by_file_and_by_rule(repo: Repository) -> None:
    repo.commit("docs: settings", {"data/roundbook.yml": "attribution: {patterns: ['r(?P<phase>.)-(?P<round>.)']}\n"})
    repo.commit("feat: r1-1 by rule", {"b.txt": "b\n"})
    repo.commit("docs: record what belongs to no round by itself", data("1/1", FIRST + "summary: Some\n"))
    repo.commit("docs: by file", {"c.txt": "c\n", **data("1/1", FIRST + "summary: More\n")})
    repo.commit("feat: by trailer\n\nRound: 1/1", {"b.txt": "c\n"})
    repo.commit("feat: by nothing", {"b.txt": "d\n"})
    made = of(repo)
    assert [link.rule for link in made.difference.rounds[0].links] == ["trailer", "path", "pattern"]
    shown = comment(made, Pointers(), "main")
    assert "(1/1): changed, 3 commits (1 by trailer, 1 by path, 1 by pattern)\n" in shown
    assert "2 commits of no round" in shown.splitlines()[0]
    assert f"1 commit names no round and is in no changelog entry: feat: by nothing `{repo.head[:7]}`." in shown


def test_a_status_that_turned_is_told(repo: Repository) -> None:
    repo.commit("docs: end\n\nRound: 1/1", data("1/1", FIRST.replace("in-progress", "done")))
    assert "(1/1): changed, in progress → done, 1 commit (by trailer)\n" in told(repo)
    assert [(t.title, t.status, t.reason) for t in of(repo).difference.closed_items] == [
        ("Reach the sea", "1/1", "done there"),
        ("Build a boat", "1/1", "done there"),
    ]


def test_decisions_govern_by_glob_and_by_marker_while_they_are_in_force(repo: Repository) -> None:
    repo.commit("feat: x\n\nRound: 1/1", {"src/boat/hull.py": "x\n", "src/cook.py": MARK + "\nx\n", "a.txt": "b\n"})
    assert {d.id: d.files for d in of(repo).difference.decisions} == {
        "boat": ("src/boat/hull.py",),
        "fish": ("src/cook.py",),
    }
    assert "governs `src/boat/hull.py`" in told(repo)
    repo.commit(
        "docs: give up\n\nRound: 1/1",
        data("1/1", FIRST.replace("status: accepted, affects", "status: rejected, affects")),
    )
    assert {d.id: (d.state, d.files) for d in of(repo).difference.decisions}["boat"] == ("changed", ())
    assert "accepted → rejected" in told(repo)


def test_a_file_that_is_deleted_was_governed_too(repo: Repository) -> None:
    repo.commit("feat: x\n\nRound: 1/1", {"src/boat/hull.py": None})
    assert {d.id: d.files for d in of(repo).difference.decisions} == {"boat": ("src/boat/hull.py",)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("", "adds no changelog entry"),
        ("changes: [It goes]\n", "adds 1 changelog entry"),
        ("changes: [{text: It goes, commits: HEAD_}]\n", "adds 1 changelog entry"),
    ],
)
def test_what_reads_like_a_change_and_is_in_no_entry_is_told_gently(repo: Repository, changes: str, said: str) -> None:
    first = repo.commit("feat: go\n\nRound: 1/1", {"b.txt": "b\n"})
    repo.commit("fix: stop\n\nRound: 1/1", {"b.txt": "c\n"})
    repo.commit("docs: note\n\nRound: 1/1", data("1/1", FIRST + changes.replace("HEAD_", first)))
    made = of(repo)
    left = {"": ["feat: go", "fix: stop"], "changes: [It goes]\n": []}.get(changes, ["fix: stop"])
    assert sorted(one.subject for one in made.loose) == left
    assert said in line(repo)
    shown = comment(made, Pointers(), "main")
    if not changes:
        assert "2 commits are in no changelog entry: feat: go `" in shown
        assert "\nChange: 1/1#go\nChange: 1/1#stop\n" in shown
    assert ("1 commit is in no changelog entry: fix: stop `" in shown) == ("commits" in changes)


def test_only_findings_that_the_base_has_not_are_new(repo: Repository) -> None:
    shifted = data("1/1", "summary: |\n  Two\n  lines\n" + FIRST)
    repo.commit("docs: shift\n\nRound: 1/1", shifted)
    assert load(repo.path).findings
    assert (of(repo).added, of(repo).fixed) == ((), ())
    repo.commit("docs: loose\n\nRound: 9/9", {"b.txt": "b\n"})
    assert {f.slug for f in of(repo).added} == {"commit-unaccounted", "trailer-unknown"}
    repo.commit("docs: loose again\n\nRound: 9/9", {"b.txt": "c\n"})
    assert [f.slug for f in of(repo, "HEAD~1").added] == ["trailer-unknown"]  # of another commit
    assert "The trailer `Round: 9/9` of" in told(repo, "HEAD~1")
    repo.commit("docs: nothing wrong\n\nRound: 1/1", {"b.txt": "d\n"})
    assert of(repo, "HEAD~1").added == ()
    repo.commit("docs: mend\n\nRound: 1/1", data("1/1", FIRST.replace("src/lost.py", "a.txt")))
    assert [f.slug for f in of(repo).fixed] == ["path-missing"]


def test_an_id_of_another_branch_is_told_with_the_mend(repo: Repository) -> None:
    repo.checkout("main")
    repo.branch("other")
    repo.commit("docs: theirs\n\nRound: 1/2", data("1/2", "decisions: [{title: Paint all walls red, id: paint}]\n"))
    repo.checkout("topic")
    repo.commit("docs: mine\n\nRound: 1/3", data("1/3", "decisions: [{title: Never use colour, id: paint}]\n"))
    made = of(repo)
    assert [(c.id, c.round) for c in made.collisions] == [("paint", "1/3")]
    assert "1 id is taken by another branch" in line(repo)
    assert "**The id `paint` is taken:** round 1/2 has it for" in told(repo)
    assert "decision-duplicate" not in {f.slug for f in made.added}
    repo.branch("upper")
    repo.commit("docs: more\n\nRound: 1/3\nDecision: paint", {"b.txt": "b\n"})
    made = of(repo, "topic")
    assert decisions(made) == {"paint": "same"}
    assert made.collisions == ()  # it was so before


def test_uncommitted_rounds_count_and_are_called_so(repo: Repository) -> None:
    repo.write(data("1/2", SECOND))
    shown = told(repo, site="https://s.example")
    assert shown.startswith("Touches round 1/2; records 1 decision, changes 1; adds 1 changelog entry;")
    assert "new, in progress, not committed yet" in shown
    assert shown.endswith("\n\nNot committed yet: `data/rounds/1/2.yml`.\n")
    repo.git("remote", "add", "origin", REMOTE)
    assert "/blob/" not in told(repo, forge=load(repo.path).forge)  # the forge has no such file


def test_a_branch_that_brings_the_first_round_has_a_base_without_any(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    repo.branch("topic")
    repo.commit("docs: a round\n\nRound: 1/1", data("1/1", FIRST))
    assert rounds(of(repo)) == {"1/1": "new"}
    assert decisions(of(repo)) == dict.fromkeys(("boat", "fish", "tents"), "new")


def test_the_project_may_lie_below_the_top(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")

    def below(files: Mapping[str, str]) -> dict[str, str]:
        return {f"sub/{name}": content for name, content in files.items()}

    repo.commit("feat: begin", {**below(data("1/1", FIRST)), "sub/src/boat/hull.py": "h\n"})
    repo.branch("topic")
    repo.commit("feat: more\n\nRound: 1/1", {"sub/src/boat/hull.py": "i\n"})
    repo.write(below(data("1/1", FIRST + "summary: More\n")))
    made = brought(Loader(repo.path / "sub"), "main", load(repo.path / "sub"))
    assert rounds(made) == {"1/1": "changed"}
    assert [d.files for d in made.difference.decisions] == [("sub/src/boat/hull.py",)]
    assert made.dirty == ("data/rounds/1/1.yml",)


# ------------------------------------------------------------------------------------------- what is not known


def test_a_base_that_is_not_here_ends_with_the_mend(repo: Repository) -> None:
    done = pr(repo)
    assert (done.code, "Traceback" in done.output) == (2, False)
    assert '"origin/main" names no commit' in done.output
    assert "run: git fetch origin main" in done.output
    evil = pr(repo, "--base", "--upload-pack=touch x")
    assert (evil.code, "git fetch" in evil.output) == (2, False)
    assert pr(repo, "--base", " ").code == 2
    assert pr(repo, "--base", "main", "--head", "nope").code == 2
    assert pr(repo, "--base", "main", "--site", "javascript:x").code == 2
    assert pr(repo, "--base", "main", "--preview", "https://x.example/) [x](y").code == 2


def test_a_cut_history_makes_no_claim_of_absence(repo: Repository, tmp_path: Path) -> None:
    repo.checkout("main")
    repo.commit("feat: two\n\nRound: 1/1", {"a.txt": "b\n"})
    repo.git("branch", "-f", "topic")
    repo.checkout("topic")
    repo.commit("feat: three", {"a.txt": "c\n"})
    whole = of(repo)
    assert whole.loose
    assert whole.unassigned
    cut_off = repo.clone(tmp_path / "cut", depth=2)
    cut_off.git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    made = of(cut_off, "origin/main")
    assert len(made.commits) == 1
    assert (made.loose, made.unassigned, made.fixed) == ((), (), ())
    assert "The history is incomplete (the history is cut (shallow clone))" in comment(made, Pointers(), "origin/main")


def test_a_clone_that_was_cut_between_the_two_says_so(repo: Repository, tmp_path: Path) -> None:
    rich(repo)
    cut_off = repo.clone(tmp_path / "cut", depth=1)
    cut_off.git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    made = of(cut_off, "origin/main")
    assert made.apart
    shown = comment(made, Pointers(), "origin/main")
    assert shown.startswith("This branch cannot be compared with `origin/main`: the history is incomplete")
    assert len(shown.splitlines()) == 1


def test_branches_without_a_common_commit_and_no_commits_at_all_are_said(repo: Repository, tmp_path: Path) -> None:
    repo.commit("feat: anew", {"b.txt": "b\n"}, parents=[])
    assert told(repo) == "This branch cannot be compared with `main`: they have no commit in common.\n"
    empty = Repository(tmp_path / "empty")
    empty.write(data("1/1", FIRST))
    done = pr(empty, "--base", "main")
    assert (done.code, done.output) == (0, "Nothing to compare: there are no commits.\n")


# ------------------------------------------------------------------------------------------------------- hostile

EVIL = (
    "@ada fixes #12, closes ada/x#3 https://evil.example/ ![x](https://evil.example/p.png) <img src=x onerror=alert(1)> "
    "</details><!-- x --> `code` **bold** {{ x }} {% x %} ##[error]x ::error::x &#64;bob abc1234def www.evil.example | [x](y)"
)
RTL = "\u202eabc\u2066"


def hostile(repo: Repository) -> BranchComparison:
    words = json.dumps(EVIL)
    ones = [f"@ada #{i} closes #12 <b> `x`" for i in range(9)]
    text = f"""\
title: {words}
status: done
goals: [{{title: Build a boat, status: done}}, {words}]
changes: [{{type: fixed, text: {words}, commits: {repo.git("rev-parse", "main")}}}]
decisions: [{{title: {words}, id: evil, status: accepted}}]
deliverables: [{{paths: {json.dumps([EVIL, *ones])}}}]
"""
    path = f"src/boat/`@ada` #12 <b>\n::error::x {RTL}"
    repo.commit(f"feat: {RTL} {EVIL}\n\nRound: 1/2\nDecision: boat", {path: "x\n"})
    repo.commit(f"fix: {EVIL}\n::error::x\n\nRound: {RTL} {EVIL}", {"b.txt": "x\n"})
    repo.commit("docs: x", data("1/2", text))
    repo.checkout("main")
    repo.branch("o@ada`#12")
    other = "{title: Another thing than that, id: evil, context: quite other words}"
    repo.commit("docs: x", data("1/7", f"decisions: [{other}]\n"))
    repo.checkout("topic")
    return of(repo)


def test_nothing_of_a_commit_or_a_round_acts(repo: Repository) -> None:
    made = hostile(repo)
    assert made.difference.rounds
    assert made.loose
    assert made.collisions
    assert made.added
    assert made.difference.closed_items
    at = Pointers("https://s.example", "https://p.example", forge=None)
    base = "main@{0}`#12 @ada"
    for shown in (comment(made, at, base), comment(made, at, base, summary=True)):
        found = inlines(shown)
        assert [a for tokens in found for a in acts(tokens)] == []
        kinds = {t.type for tokens in found for t in tokens}
        assert not kinds & {"html_inline", "image"}
        links = {str(t.attrs["href"]) for tokens in found for t in tokens if t.type == "link_open"}
        assert links
        assert all(one.startswith(("https://s.example/", "https://p.example/")) for one in links)
        assert not TEMPLATE.search(shown)
        assert "##[" not in shown
        assert not [one for one in shown.splitlines() if one.lstrip().startswith(("::", "/"))]
        assert not ({*RTL} - {*"abc"}) & {*shown}
        assert {one for one in shown.splitlines() if one.startswith("<")} <= {
            "<details>", "</details>", *(f"<summary>{n} more</summary>" for n in range(2, 60))
        }  # fmt: skip


def test_json_holds_the_words_as_they_are_and_no_command(repo: Repository) -> None:
    hostile(repo)
    done = pr(repo, "--base", "main", "--format", "json")
    assert done.code == 0
    assert "##[" not in done.output
    assert done.output.isascii()
    assert any(EVIL in one["title"] for one in json.loads(done.output)["rounds"])


@pytest.mark.parametrize("length", [40, 4_000])
def test_the_comment_is_bounded_whatever_the_branch_holds(repo: Repository, length: int) -> None:
    words = "語@a " * (length // 4)
    many = "\n".join(f"  - {{title: 'D{i} {words}', id: d{i}, status: accepted}}" for i in range(300))
    lost = "\n".join(f"  - {{paths: 'src/{i}/{'x' * min(length, 200)}'}}" for i in range(300))
    changes = "\n".join(f"  - {{text: 'C{i} {words}', commits: 0000000000}}" for i in range(300))
    repo.commit(
        "docs: much\n\nRound: 1/2", data("1/2", f"decisions:\n{many}\ndeliverables:\n{lost}\nchanges:\n{changes}\n")
    )
    made = of(repo)
    assert len(made.difference.decisions) == 300
    for shown in (
        told(repo, site="https://s.example"),
        comment(made, Pointers("https://s.example"), "main", summary=True),
    ):
        assert 1_000 < len(shown.encode()) <= LIMIT + 100
        assert shown.count("<details>") == shown.count("</details>")
        assert "more" in shown
