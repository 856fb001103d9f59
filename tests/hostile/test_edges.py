"""S12: what is said at the edges: folders of records, endless words, links out of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import Repository
from roundbook.errors import Finding
from roundbook.project import load
from site_trial import build, project, run

ENDLESS = "7" * 5_000
FILES = {
    "data/rounds/1/1.yml": f"round: {ENDLESS}\nphase: {ENDLESS}\nfocus: F\n",
    "data/rounds/1/2.yml": f"round: 2\nfocus: F\nwas: [{ENDLESS}x]\nstatus: {ENDLESS}\n{ENDLESS}: x\n",
    "data/rounds/1/3.yml": f"round: 3\nfocus: F\nprs: ['#{ENDLESS}']\nbranch: {ENDLESS}\ncommits: {ENDLESS}\n"
    f"decisions: [{{id: d, title: D, supersedes: x{ENDLESS}}}]\ndate: {ENDLESS}\n",
    "data/rounds/1/4.yml": f"round: 4\nfocus: F\nrepository: {ENDLESS}\nreleases: {ENDLESS}\nlinks: [{{url: {ENDLESS}}}]\n"
    f"decisions: [{{id: e, title: E, supersedes: x{ENDLESS}}}]\ndeliverables: {{paths: [src/{ENDLESS}.py]}}\n",
    "data/roundbook.yml": f"adrs: [{ENDLESS}]\nchecks: {{x{ENDLESS}: off}}\nchangelog: {{fragments: [{ENDLESS}]}}\n",
}
COMMANDS = (
    "check",
    "link {}",
    "close 1/{}",
    "show {}",
    "diff 1/2 {}",
    "--at {} check",
    "release {}",
    "explain {}",
    "{}",
    "import {}",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_s12_no_message_holds_an_endless_word(tmp_path: Path, command: str) -> None:
    repo = Repository(tmp_path)
    repo.commit(f"feat: x\n\nRound: {ENDLESS}\nDecision: x{ENDLESS}\n", FILES)
    if command != "check":
        for name in FILES:
            (tmp_path / name).unlink()
        repo.write({"data/rounds/1/2.yml": "round: 2\nfocus: F\n"})
    done = run(tmp_path, "roundbook", *command.format(ENDLESS).split())
    assert done.code in (1, 2)
    assert "7" * 300 not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("folder", "words"), [(".", "the whole project"), ("./", "the whole project"), ("../x", "outside")]
)
def test_s12_a_folder_of_records_that_is_none_is_told_why(tmp_path: Path, folder: str, words: str) -> None:
    Repository(tmp_path).write(
        {"data/roundbook.yml": f"adrs: '{folder}'\n", "data/rounds/1/1.yml": "round: 1\nfocus: F\n"}
    )
    (fault,) = (f for f in load(tmp_path).findings if f.slug == "outside-project")
    assert (words in fault.message, str(fault.place)) == (True, "data/roundbook.yml:1:7")


def test_s12_a_link_out_of_the_documentation_is_told_and_one_within_is_not(tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for name in ("a.md", "b.txt"):
        (away / name).write_text("secret\n")
    repo = project(tmp_path / "repo")
    repo.commit("feat: begin", {"shared/page.md": "# Shared\n"})
    docs = repo.path / "docs"
    (docs / "inside").symlink_to("../shared")
    assert build(repo).lines("outside-project") == []
    (docs / "out").symlink_to(away)
    (docs / "one.txt").symlink_to(away / "b.txt")
    made = build(repo)
    told = made.lines("outside-project")
    assert (made.code, len(told)) == (1, 2), made.output
    assert {place for place in ("docs/out", "docs/one.txt") if any(f"{place}: warning" in line for line in told)} == {
        "docs/out", "docs/one.txt"
    }  # fmt: skip


def test_s12_a_message_is_short() -> None:
    said = str(Finding("error", "x", f"the id {ENDLESS} is none", None, f"not {ENDLESS}"))
    assert len(said) < 300
    assert said.count("(5,000 characters)") == 2
