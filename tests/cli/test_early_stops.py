"""Tests of projects in which a command cannot continue: known findings come before the error."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.cli import MOST_KNOWN, cli

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
