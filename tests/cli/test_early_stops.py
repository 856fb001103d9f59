"""Tests of projects in which a command cannot continue: known findings come before the error."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.cli import MOST_KNOWN, cli
from site_trial import project

TYPO = {"data/roundbook.yml": "adr: docs/adr\nchangelog: {types: {chore: hiden}}\n"}
BROKEN = {"data/rounds/1/1.yml": "round: 1\nphase: 1\ntitel: T\n"}
COMMANDS = (
    ("check",),
    ("check", "--format", "json"),
    ("check", "--format", "github"),
    ("dump",),
    ("show", "rounds/1/1.md"),
    ("explain", "a.txt"),
    ("changelog",),
    ("release", "1.0.0"),
    ("diff", "1/1", "1/2"),
    ("pr",),
    ("export", "out"),
    ("close", "1/1"),
    ("new", "decision", "A title", "--round", "1/1"),
    ("link", "1/1"),
)


def run(path: Path, *words: str) -> str:
    done = CliRunner().invoke(cli, ["-C", str(path), *words])
    assert done.exit_code == 2, done.output
    return done.output


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_fault_of_the_settings_is_reported_where_no_round_is_written_yet(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Fault H5: `adr:` for `adrs:` was answered with "there is no folder data/rounds" alone."""
    Repository(tmp_path).commit("feat: begin", TYPO)
    told = run(tmp_path, *words)
    assert 'data/roundbook.yml:1:1: error unknown-key: unknown key "adr"; did you mean "adrs"?' in told
    assert "data/roundbook.yml:2:" in told
    assert told.index("unknown-key") < told.index("there is no folder data/rounds")


@pytest.mark.parametrize("words", [("show", "rounds/1/9.md"), ("release", "9.9.9"), ("close", "1/1")], ids=" ".join)
def test_a_fault_of_a_round_file_is_reported_where_a_name_is_unknown(tmp_path: Path, words: tuple[str, ...]) -> None:
    Repository(tmp_path).commit("feat: begin", BROKEN)
    assert 'data/rounds/1/1.yml:3:1: error unknown-key: unknown key "titel"' in run(tmp_path, *words)


def test_a_wrong_option_is_reported_alone_and_many_faults_are_counted(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: begin", {"data/roundbook.yml": "".join(f"key{i}: x\n" for i in range(MOST_KNOWN + 5))})
    assert "unknown-key" not in run(tmp_path, "check", "--no-such-option")
    told = run(tmp_path, "check")
    assert told.count("unknown-key") == MOST_KNOWN
    assert "and 5 more" in told


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] != "export"], ids=" ".join)
def test_s3_a_damaged_repository_is_never_an_empty_answer(tmp_path: Path, words: tuple[str, ...]) -> None:
    repo = Repository(tmp_path)
    repo.commit(
        "feat: begin", {"data/rounds/1/1.yml": "round: 1\nfocus: F\n", "data/rounds/1/2.yml": "round: 2\nfocus: F\n"}
    )
    (tmp_path / ".git/HEAD").write_text("garbage\n")
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), *words])
    assert done.exit_code == (1 if words[0] == "check" else 2), done.output
    assert "git does not accept" in done.output
    assert done.output.count("run `git status`") == 1


def test_s3_without_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    project(tmp_path)
    shutil.rmtree(tmp_path / ".git")
    assert "not part of a git repository" in run(tmp_path, "pr")


def test_s3_a_bare_repository_asks_for_a_commit(tmp_path: Path) -> None:
    repo = project(tmp_path / "repo")
    repo.commit("feat: begin")
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare"))
    assert "--at HEAD" in run(tmp_path / "bare", "check")
    done = CliRunner().invoke(cli, ["-C", str(tmp_path / "bare"), "--at", "HEAD", "check"])
    assert (done.exit_code, "1 round" in done.output) == (0, True)


@pytest.mark.parametrize("inside", ["", "sub/"])
def test_s3_a_damaged_repository_inside_a_bare_one_is_damaged(tmp_path: Path, inside: str) -> None:
    """Git passes it over, finds the one around it, and says that this has no work tree."""
    Repository(tmp_path).git("init", "-q", "--bare", str(tmp_path / "bare"))
    repo = project(tmp_path / "bare/repo")
    repo.write({f"{inside}data/rounds/1/1.yml": "round: 1\nphase: 1\nfocus: Begin\n"})
    place = ["-C", str(repo.path / inside), "check"]
    assert "git does not accept" not in CliRunner().invoke(cli, place).output
    (repo.path / ".git/HEAD").write_text("")
    assert "git does not accept" in CliRunner().invoke(cli, place).output
    shutil.rmtree(repo.path / ".git")
    assert "not part of a git repository" in CliRunner().invoke(cli, place).output


@pytest.mark.parametrize("words", [("--version",), ("check",), ("dump",)], ids=" ".join)
def test_s10_a_closed_output_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    project(tmp_path).commit("feat: begin")
    for streams, code, told in (
        (">&-", 2, "Error: the standard output is closed\n"),
        ("<&- 2>&-", 0, ""),
        (">&- 2>&-", 2, ""),
    ):
        shell = ["sh", "-c", f'exec "$@" {streams}', "sh", sys.executable, "-m", "roundbook", *words]
        done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (code, told), streams


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("check",), ("check", "--format", "json"), ("dump",), ("changelog",),
     ("explain", "data"), ("show", "rounds/3/5.md"), ("schema",), ("guide",)],
    ids=" ".join,
)  # fmt: skip
def test_s10_a_full_disk_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    project(tmp_path).commit("feat: begin")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "roundbook", *words],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "Error: No space left on device\n")


def test_s10_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    project(tmp_path)
    command = [sys.executable, "-m", "roundbook", "dump"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("folder", ["data", "./data/", "{root}/data", "{link}/data"])
def test_s2_the_data_folder_may_be_written_in_any_way(tmp_path: Path, folder: str) -> None:
    project(tmp_path / "repo")
    (tmp_path / "link").symlink_to("repo")
    written = folder.format(root=tmp_path / "repo", link=tmp_path / "link")
    done = CliRunner().invoke(cli, ["-C", str(tmp_path / "link"), "--data", written, "check"])
    assert (done.exit_code, "1 round" in done.output) == (0, True), done.output


@pytest.mark.parametrize("folder", ["", ".", "..", "../data", "/etc", "data/.."])
def test_s2_a_data_folder_outside_the_project_is_refused(tmp_path: Path, folder: str) -> None:
    project(tmp_path)
    assert "is not a folder inside the project" in run(tmp_path, "--data", folder, "check")
