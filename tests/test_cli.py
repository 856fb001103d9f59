"""The command line, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from site_trial import ROUND, Outcome, project, run

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
    assert (done.code, done.output) == (0, "1 round, 1 decision, 1 commit: no findings; 4 claims borne out\n")


def test_three_mistakes_are_three_errors_with_their_lines(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__4_dot_yml=THREE_MISTAKES).commit("feat: begin", {"a.txt": "a\n"})
    done = roundbook(tmp_path, "check")
    assert done.code == 1
    assert [line.partition(" error ")[0] for line in done.lines(": error ")] == [
        f"data/rounds/3/4.yml:{place}:" for place in ("4:7", "6:15", "7:1")
    ]
    assert "    7 | titel: What" in done.output
    assert done.output.endswith("1 round, 1 decision, 1 commit: 3 errors; 4 claims borne out\n")


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
    macro = roundbook(tmp_path, "show", "round_commits", "3/5", "limit=1")
    assert macro.code == 0
    assert "begin" in macro.output


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
    assert (tmp_path / "out/rounds/3/5.md").read_text("utf-8").startswith("---\n")
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


@pytest.mark.parametrize("command", ["check", "show", "explain", "dump", "schema", "export"])
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
    assert "governed by go-straight-to-1-93-1, accepted in 3/5: Go straight to 1.93.1" in done.output
    assert "because Same effort as 1.87 and unblocks wasip2" in done.output
    assert "touched in round 3/5 by 1 commit" in done.output
    assert "feat: begin" in done.output
    assert "unrelated" not in done.output
    assert json.loads(roundbook(tmp_path, "explain", "src", "--format", "json").output)["rounds"] == {"3/5": 1}
    assert roundbook(tmp_path, "explain", "no/such.txt").code == 2


def test_too_small_a_share_of_accounted_commits_fails_when_asked_to(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: claimed\n\nRound: 3/5", {"a.txt": "a\n"})
    repo.commit("feat: nobody's", {"b.txt": "b\n"})
    assert roundbook(tmp_path, "check", "--fail-under", "50").code == 0
    done = roundbook(tmp_path, "check", "--fail-under", "51")
    assert done.code == 1
    assert "50.0 % of 2 commits are accounted for, and 51 % are asked for" in done.output
    page = roundbook(tmp_path, "show", "commits/index.md").output
    assert f"commits&#58; &#91;{repo.head[:10]}&#93;" in page
