"""The command line, as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from repository import Repository
from site_trial import ROUND, Outcome, environment, project, run

THREE_MISTAKES = """\
round: 4
phase: 3
focus: Three mistakes
date: 2026-02-31
agents:
  - {name: A, staus: done}
titel: What
"""


def roundbook(cwd: Path, *words: str) -> Outcome:
    """Run `roundbook` in a folder."""
    return run(cwd, "roundbook", *words)


def test_check_is_clean_and_says_what_it_read(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "check")
    assert (done.code, done.output) == (
        0,
        "1 round, 1 decision, 1 commit: no findings; 2 verified, 0 contradicted, 0 not checked\n",
    )


def test_a_log_of_phases_alone_counts_them(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: begin", {"data/rounds/1/phase.yml": "phase: 1\ntitle: One\n"})
    assert roundbook(tmp_path, "check").output.splitlines()[-1].startswith("1 phase, 0 decisions, 1 commit: ")


def test_three_mistakes_are_three_errors_with_their_lines(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__4_dot_yml=THREE_MISTAKES).commit("feat: begin", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "check")
    assert done.code == 1
    assert [line.partition(" error ")[0] for line in done.lines(": error ")] == [
        f"data/rounds/3/4.yml:{place}:" for place in ("4:7", "6:15", "7:1")
    ]
    assert "    7 | titel: What" in done.output
    assert done.output.endswith("1 round, 1 decision, 1 commit: 3 errors; 1 verified, 0 contradicted, 0 not checked\n")


def test_all_files_are_checked_in_one_run_and_as_json(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__4_dot_yml=THREE_MISTAKES, data__rounds__3__6_dot_yml="round: 6\nfocus: [\n")
    done = roundbook(tmp_path, "check", "--format", "json")
    found = json.loads(done.output)
    assert done.code == 1
    assert {(f["path"], f["line"]) for f in found if f["severity"] == "error"} >= {
        ("data/rounds/3/4.yml", 4),
        ("data/rounds/3/4.yml", 6),
        ("data/rounds/3/4.yml", 7),
    }
    assert any(f["path"] == "data/rounds/3/6.yml" for f in found)


def test_a_warning_fails_only_when_asked_to(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: x\n\nRound: 9/9", {"a.txt": "a\n"})
    assert roundbook(tmp_path, "check").code == 0
    done = roundbook(tmp_path, "check", "--fail-on", "warning")
    assert done.code == 1
    assert 'warning trailer-unknown: the trailer "Round: 9/9"' in done.output


@pytest.mark.parametrize(
    "words", [("check", "--nope"), ("nope",), ("show",), ("show", "nope"), ("show", "round_link", "9/9")]
)
def test_wrong_usage_exits_with_2_and_without_a_traceback(tmp_path: Path, words: tuple[str, ...]) -> None:
    project(tmp_path)
    done = roundbook(tmp_path, *words)
    assert done.code == 2
    assert "Traceback" not in done.output


def test_a_folder_without_rounds_exits_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    done = roundbook(tmp_path, "check")
    assert done.code == 2
    assert "data/rounds/1/1.yml" in done.output


def test_show_prints_a_page_and_a_macro(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    page = roundbook(tmp_path, "show", "rounds/3/5.md")
    assert page.code == 0
    assert page.output.startswith('---\ntitle: "Phase 3 Round 5"\nrender_macros: false\n')
    assert roundbook(tmp_path, "show", "/rounds/3/5/").output == page.output
    assert roundbook(tmp_path, "show", "3/5").output == page.output
    macro = roundbook(tmp_path, "show", "round_commits", "3/5", "limit=1")
    assert macro.code == 0
    assert "begin" in macro.output


def test_show_says_what_comes_nearest_to_an_unknown_name_and_what_an_ambiguous_one_matches(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    unknown = roundbook(tmp_path, "show", "3/55")
    assert (unknown.code, unknown.output) == (
        2,
        "Error: there is no page, name or macro '3/55'; did you mean \"3/5\"?\n",
    )
    for phase in (3, 4):
        (tmp_path / f"data/rounds/{phase}").mkdir(exist_ok=True)
        (tmp_path / f"data/rounds/{phase}/6.yml").write_text(f"round: 6\nphase: {phase}\ntitle: Boats\n", "utf-8")
    several = roundbook(tmp_path, "show", "6")
    assert several.code == 2
    assert "'6' matches round 3/6, round 4/6; write more of it" in several.output


def test_dump_is_json_without_e_mail_addresses_and_the_same_twice(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5\nCo-authored-by: Bo <bo@example.org>", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "dump")
    book = json.loads(done.output)
    assert book["rounds"]["3/5"]["key"] == "3/5"
    assert book["rounds"]["3/5"]["commits"][0]["reason"] == "trailer Round: 3/5"
    assert book["decisions"]["go-straight-to-1-93-1"]["round"] == "3/5"
    assert "@example.org" not in done.output
    assert roundbook(tmp_path, "dump").output == done.output


def test_schema_accepts_the_eight_line_round_and_refuses_an_unknown_key(tmp_path: Path) -> None:
    import yaml
    from jsonschema import Draft202012Validator

    schema = json.loads(roundbook(tmp_path, "schema").output)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.load(ROUND, yaml.BaseLoader))) == []  # noqa: S506 - text only
    assert (
        list(
            validator.iter_errors(
                {"round": 4, "focus": "x", "agents": "one", "x-own": {"a": 1}, "goals": [{"title": 1}]}
            )
        )
        == []
    )
    assert list(validator.iter_errors({"round": 4, "titel": "x"}))


def test_export_writes_the_pages_and_never_over_files_of_others(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin", {"a.txt": "a\n"})
    assert roundbook(tmp_path, "export", "out").code == 0
    assert roundbook(tmp_path, "export", "out").code == 0, "a second time into its own folder"
    assert (tmp_path / "out/rounds/3/5/index.md").read_text("utf-8").startswith("---\n")
    assert (tmp_path / "out/assets/roundbook/roundbook.css").is_file()
    refused = roundbook(tmp_path, "export", "docs")
    assert refused.code == 2
    assert (tmp_path / "docs/index.md").read_text("utf-8") == "# Trial\n"


def test_text_of_a_commit_is_no_command_to_a_runner_or_terminal(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: x\n\nRound: ##[add-mask]y\nDecision: \x1b[2J", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "check")
    assert "trailer-unknown" in done.output
    assert "##[" not in done.output
    assert "\x1b" not in done.output


@pytest.mark.parametrize("command", ["check", "show", "explain", "diff", "dump", "schema", "export"])
def test_every_command_has_help(tmp_path: Path, command: str) -> None:
    done = roundbook(tmp_path, command, "--help")
    assert done.code == 0
    assert len(done.output.splitlines()) > 8


def test_output_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__6_dot_yml="round: 6\nfocus: x\nn→: y\n")
    done = run(tmp_path, "roundbook", "check", PYTHONIOENCODING="cp1252")
    assert done.code == 1
    assert "\\u2192" in done.output


def test_annotations_for_github_cannot_be_forged(tmp_path: Path) -> None:
    hostile = 'round: 6\nfocus: x\n"a,b:c%0A::error::x ##[add-mask]": y\n'
    project(tmp_path, data__rounds__3__6_dot_yml=hostile).commit("feat: x", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "check", "--format", "github")
    (line,) = done.output.splitlines()
    assert line.startswith("::error file=data/rounds/3/6.yml,line=3,title=unknown-key,col=1::unknown key")
    assert "%250A" in line
    assert "##[" not in line


def test_s8_a_step_shows_ten_annotations_of_a_kind_and_the_summary_has_all(tmp_path: Path) -> None:
    wrong = "".join(f"key{i}: x\n" for i in range(13))
    project(tmp_path, data__rounds__3__6_dot_yml=f"round: 6\nfocus: x\n{wrong}'`@you` ##[error]': y\n")
    done = roundbook(tmp_path, "check", "--format", "github", "--summary", "summary.md")
    lines = done.output.splitlines()
    assert [line.startswith("::error ") for line in lines[:14]] == [True] * 10 + [False] * 4
    assert lines[10].startswith("data/rounds/3/6.yml:")
    said = (tmp_path / "summary.md").read_text("utf-8")
    assert said.count("unknown-key") == 14
    assert "| 14 | 0 | " in said
    assert "##[" not in done.output + said
    assert "`` `@you` ``" in said  # in code, where nobody is mentioned


JSON = (
    ("dump",), ("check", "--format", "json"), ("check", "--format", "sarif"), ("pr", "--format", "json", "--base", "HEAD~1"),
    ("changelog", "--format", "json"), ("release", "Unreleased", "--format", "json"), ("diff", "HEAD~1", "--format", "json"),
    ("explain", "a.txt", "--format", "json"), ("link", "3/5", "--format", "json"), ("fmt", "--check", "--format", "json"),
    ("show", "rounds/3/5.md"), ("changelog",), ("pr", "--base", "HEAD~1"), ("draft", "--dry-run"),
)  # fmt: skip


@pytest.mark.parametrize("words", JSON, ids=" ".join)
def test_s7_no_output_is_a_command_to_a_runner(tmp_path: Path, words: tuple[str, ...]) -> None:
    hostile = "##[add-mask]x"
    repo = project(
        tmp_path,
        data__rounds__3__5_dot_yml=f"round: 5\nfocus: '{hostile}'\nsummary: '{hostile}'\ngoals: ['{hostile}']\n",
    )
    repo.commit("feat: begin", {"a.txt": "a\n"})
    changed = {
        "data/rounds/3/5.yml": f"round: 5\nfocus: '{hostile} again'\n{hostile.strip('#')}: y\ngoals: ['{hostile} 2']\n"
    }
    repo.commit(f"feat: {hostile}\n\nRound: 3/5\nDecision: {hostile}", {"a.txt": "b\n", **changed})
    assert "##[" not in roundbook(tmp_path, *words).output


def test_sarif_names_rule_place_and_level(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__4_dot_yml=THREE_MISTAKES).commit("feat: x", {"a.txt": "a\n"})
    log = json.loads(roundbook(tmp_path, "check", "--format", "sarif").output)
    (run_,) = log["runs"]
    results = [r for r in run_["results"] if r["level"] == "error"]
    assert len(results) == 3
    location = results[0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "data/rounds/3/4.yml"
    assert location["region"] == {"startLine": 4, "startColumn": 7}
    assert {r["ruleId"] for r in results} <= {r["id"] for r in run_["tool"]["driver"]["rules"]}


def test_one_check_alone_and_a_name_that_is_none(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: x", {"a.txt": "a\n"})
    assert roundbook(tmp_path, "check", "--rule", "path-missing").code == 0
    wrong = roundbook(tmp_path, "check", "--rule", "path-mising")
    assert wrong.code == 2
    assert "there is no check path-mising" in wrong.output


def test_explain_names_decisions_rounds_and_commits_of_a_path(tmp_path: Path) -> None:
    governed = ROUND.replace("wasip2}", "wasip2, affects: src/**}")
    repo = project(tmp_path, data__rounds__3__5_dot_yml=governed)
    repo.commit("feat: begin\n\nRound: 3/5", {"src/a.txt": "a\n"})
    repo.commit("fix: unrelated", {"b.txt": "b\n"})
    done = roundbook(tmp_path, "explain", "src/a.txt")
    assert done.code == 0, done.output
    assert "affected by go-straight-to-1-93-1, accepted in 3/5: Go straight to 1.93.1" in done.output
    assert "because Same effort as 1.87 and unblocks wasip2" in done.output
    assert "touched in round 3/5 by 1 commit" in done.output
    assert "feat: begin" in done.output
    assert "unrelated" not in done.output
    assert json.loads(roundbook(tmp_path, "explain", "src", "--format", "json").output)["rounds"] == {"3/5": 1}
    assert roundbook(tmp_path, "explain", "no/such.txt").code == 2


def test_explain_a_folder_that_is_not_there_yet_and_the_whole_project(tmp_path: Path) -> None:
    decided = "round: 5\nfocus: x\ndecisions: [{id: a, title: A, rationale: r, affects: [src/**]}]\n"
    project(tmp_path, data__rounds__3__5_dot_yml=decided).commit("feat: begin", {"a.txt": "a\n"})
    assert "partly affected by a, proposed in 3/5" in roundbook(tmp_path, "explain", "src").output
    whole = roundbook(tmp_path, "explain", ".").output
    assert "a, proposed in 3/5" in whole
    assert "feat: begin" in whole
    assert roundbook(tmp_path, "explain", "sr").code == 2


def test_too_small_a_share_of_accounted_commits_fails_when_asked_to(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: claimed\n\nRound: 3/5", {"a.txt": "a\n"})
    repo.commit("feat: nobody's", {"b.txt": "b\n"})
    assert roundbook(tmp_path, "check", "--fail-under", "50").code == 0
    done = roundbook(tmp_path, "check", "--fail-under", "51")
    assert done.code == 1
    assert "50.0 % of 2 commits are assigned, hidden or excluded; 51 % are required" in done.output
    page = roundbook(tmp_path, "show", "commits/index.md").output
    assert f"commits&#58; &#91;{repo.head[:10]}&#93;" in page


# ------------------------------------------------------------------------------------------ check --diff


def bad(number: int, more: str = "") -> dict[str, str]:
    """Return a round whose deliverable never was, at line 4."""
    lost = f"deliverables: [{{paths: lost/{number}.txt, status: done}}]\n"
    return {f"data/rounds/3/{number}.yml": f"round: {number}\nphase: 3\nfocus: x\n{lost}{more}"}


def branched(path: Path) -> Repository:
    """Return a repository on a branch: an old bad round on `main`, which went on since, and a new one here."""
    repo = project(path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n", "kept.txt": "k\n", **bad(1)})
    repo.branch("topic")
    repo.commit("feat: here\n\nRound: 3/6", bad(6))
    repo.checkout("main")
    repo.commit("feat: there", {"b.txt": "b\n", **bad(1, "summary: edited there\n"), **bad(2)})
    repo.checkout("topic")
    return repo


def places(done: Outcome) -> list[str]:
    return [line.partition(": ")[0] for line in done.lines(" path-missing: ")]


def test_a_branch_is_told_of_its_own_findings_only(tmp_path: Path) -> None:
    branched(tmp_path)
    assert places(roundbook(tmp_path, "check")) == ["data/rounds/3/1.yml:4:24", "data/rounds/3/6.yml:4:24"]
    done = roundbook(tmp_path, "check", "--diff", "main", "--fail-on", "warning")
    assert places(done) == ["data/rounds/3/6.yml:4:24"]
    assert done.code == 1
    assert done.output.endswith("; 1 finding of main not shown\n"), done.output
    clean = roundbook(tmp_path, "check", "--diff", "HEAD", "--fail-on", "warning")
    assert (clean.code, places(clean)) == (0, [])


def test_what_was_merged_from_the_base_is_not_the_branchs(tmp_path: Path) -> None:
    repo = branched(tmp_path)
    repo.merge("main")
    assert len(places(roundbook(tmp_path, "check"))) == 3
    assert places(roundbook(tmp_path, "check", "--diff", "main")) == ["data/rounds/3/6.yml:4:24"]


def test_data_files_edited_in_the_work_tree_count_and_old_findings_in_them_do_not(tmp_path: Path) -> None:
    repo = branched(tmp_path)
    repo.write(bad(1, "summary: edited\n") | bad(7))
    done = roundbook(tmp_path, "check", "--diff", "main")
    assert places(done) == [f"data/rounds/3/{n}.yml:4:24" for n in (6, 7)]
    repo.write(bad(1, "files: {created: lost/more.txt}\n"))
    assert places(roundbook(tmp_path, "check", "--diff", "main"))[0] == "data/rounds/3/1.yml:5:18"


def test_a_finding_elsewhere_about_a_path_or_commit_of_the_branch_counts(tmp_path: Path) -> None:
    repo = branched(tmp_path)
    old = "status: in-progress\ndeliverables: [{paths: [kept.txt, lost/x.txt], status: done}]\n"
    repo.checkout("main")
    repo.commit("docs: x", {"data/rounds/3/3.yml": f"round: 3\nphase: 3\nfocus: x\n{old}"})
    repo.branch("removing")
    repo.commit("chore: away\n\nRound: 8/8", {"kept.txt": None})
    done = roundbook(tmp_path, "check", "--diff", "main")
    assert places(done) == ["data/rounds/3/3.yml:5:25"]
    assert "kept.txt" in done.output
    assert done.lines("trailer-unknown"), "its place is no file, but its commit is the branch's"


def test_every_format_holds_the_same_and_stays_what_it_is(tmp_path: Path) -> None:
    branched(tmp_path)
    words = ("check", "--diff", "main", "--format")
    told = subprocess_out(tmp_path, *words, "json")
    assert [f["path"] for f in json.loads(told) if f["slug"] == "path-missing"] == ["data/rounds/3/6.yml"]
    assert "3/1.yml" not in subprocess_out(tmp_path, *words, "github")
    results = json.loads(subprocess_out(tmp_path, *words, "sarif"))["runs"][0]["results"]
    assert len(results) == len(json.loads(told))
    assert "1 finding of main not shown" in roundbook(tmp_path, *words, "json").output


def subprocess_out(cwd: Path, *words: str) -> str:
    """Return what a command writes to its standard output alone."""
    made = [sys.executable, "-m", "roundbook", *words]
    return subprocess.run(made, cwd=cwd, env=environment(), capture_output=True, text=True, check=False).stdout


def test_a_project_in_a_folder_compares_its_own_paths(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: x", {f"sub/{n}": t for n, t in bad(1).items()})
    repo.commit("feat: y", {f"sub/{n}": t for n, t in bad(6).items()})
    assert places(roundbook(tmp_path / "sub", "check", "--diff", "HEAD~1")) == ["data/rounds/3/6.yml:4:24"]
    assert places(roundbook(tmp_path / "sub", "--at", "HEAD~1", "check", "--diff", "HEAD")) == []


@pytest.mark.parametrize("base", ["nowhere", "--help", "-x", "a b", "main:a.txt", ""])
def test_a_base_that_is_not_here_is_refused_with_the_mend(tmp_path: Path, base: str) -> None:
    branched(tmp_path)
    done = roundbook(tmp_path, "check", "--diff", base)
    assert (done.code, "Traceback" in done.output) == (2, False)
    assert "fetch-depth: 0" in done.output


def test_a_cut_history_shows_all_and_says_why(tmp_path: Path) -> None:
    repo = branched(tmp_path / "whole")
    clone = repo.clone(tmp_path / "cut", depth=1)
    clone.git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    clone.write({"data/rounds/3/8.yml": "round: 8\nfocus: x\ntitel: x\n"})
    done = roundbook(clone.path, "check", "--diff", "origin/main")
    assert (
        "showing all findings: what changed since origin/main is unknown, as the history is incomplete" in done.output
    )
    assert "unknown-key" in done.output
    assert "left out" not in done.output
    repo.commit("feat: one more\n\nRound: 3/6", {"c.txt": "c\n"})
    deeper = repo.clone(tmp_path / "deeper", depth=2)
    assert "showing all findings" in roundbook(deeper.path, "check", "--diff", "HEAD~1").output
    assert roundbook(clone.path, "check", "--diff", "v1").code == 2


def test_histories_with_nothing_in_common_are_not_compared(tmp_path: Path) -> None:
    repo = branched(tmp_path)
    repo.git("update-ref", "refs/heads/alien", repo.git("commit-tree", "HEAD^{tree}", "-m", "alien"))
    done = roundbook(tmp_path, "check", "--diff", "alien")
    assert "what changed since alien is unknown" in done.output
    assert len(places(done)) == 2


# --------------------------------------------------------------------------------------------------------------- -C


def test_every_command_takes_the_project_folder_behind_its_name_too(tmp_path: Path) -> None:
    repo = project(tmp_path / "sub")
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    for words in (["check"], ["show", "rounds/3/5.md"], ["changelog"], ["dump"], ["fmt", "--check"], ["guide"]):
        before = roundbook(tmp_path, "-C", "sub", *words)
        behind = roundbook(tmp_path, *words, "-C", "sub")
        assert (behind.code, behind.output) == (before.code, before.output), words
    assert roundbook(tmp_path, "hook", "install", "-C", "sub").code == 0
    assert (tmp_path / "sub/.git/hooks/prepare-commit-msg").is_file()
    assert roundbook(tmp_path, "check", "--root", "nowhere").code == 2


def test_below_a_project_the_folder_to_name_is_told(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "docs/deep").mkdir(parents=True)
    done = roundbook(tmp_path / "docs/deep", "check")
    assert (done.code, "-C ../.." in done.output) == (2, True), done.output
    assert roundbook(tmp_path / "docs/deep", "check", "-C", "../..").code == 0


@pytest.mark.parametrize("top", ["", "sub/"])
def test_files_are_named_from_the_current_folder_or_from_that_of_the_project(tmp_path: Path, top: str) -> None:
    project(tmp_path / "sub")
    (tmp_path / top / "note.md").write_text("# Phase 4 Round 1\n\n**Focus**: Ship it\n", "utf-8")
    for words in (["fmt", "--check", f"{top}data/rounds/3/5.yml"], ["import", f"{top}note.md"]):
        done = roundbook(tmp_path, *words, "-C", "sub")
        assert done.code == 0 or words[0] != "import", done.output
        assert not any(word in done.output for word in ("missing", "unreadable")), done.output
    assert (tmp_path / "sub/data/rounds/4/1.yml").is_file()
