"""Progress of a build of MkDocs: stages and their times in the log, a line on a terminal, and no leftover of it."""

from __future__ import annotations

import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roundbook.engines.progress import BuildProgress
from site_trial import environment, project, run


def test_with_verbose_the_log_has_a_line_for_each_stage(tmp_path: Path) -> None:
    repo = project(tmp_path)
    said = run(repo.path, "mkdocs", "build", "--verbose").output
    stages = re.findall(r"(\w[\w ]*) took \d+\.\d\d s", said)
    assert {"reading git", "reading rounds", "building", "reading pages", "writing pages"} <= set(stages)
    assert "took" not in run(repo.path, "mkdocs", "build").output


def test_nothing_is_counted_outside_of_a_build(capsys: pytest.CaptureFixture[str]) -> None:
    progress = BuildProgress()
    progress.step("reading pages")
    progress.end()
    progress.begin(2)
    progress.step("reading pages")
    progress.end()
    progress.step("reading pages")
    assert capsys.readouterr().err == ""


def test_handlers_are_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    before = [handler.filters[:] for handler in logging.getLogger("mkdocs").handlers]
    progress = BuildProgress()
    progress.begin(1)
    progress.begin(1)
    progress.end()
    assert [handler.filters for handler in logging.getLogger("mkdocs").handlers] == before


def test_a_terminal_has_nothing_left_of_the_line(tmp_path: Path) -> None:
    repo = project(tmp_path)
    code = (
        "import roundbook.terminal as t; t.PATIENCE = t.EVERY = 0.0\n"
        "from mkdocs.__main__ import cli; cli(['build', '--strict'])"
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=repo.path, env=environment(), stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                found = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            said += found
    os.close(ours)
    text = said.decode().replace("\r\n", "\n")
    assert process.returncode == 0, text
    assert re.search(r"writing pages \[#", text)
    shown = [line.rpartition("\r")[2] for line in text.split("\n")]
    assert not [line for line in shown if "pages [" in line or line.startswith("reading")], shown
