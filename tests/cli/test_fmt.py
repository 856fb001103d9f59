"""`roundbook fmt`, as a user, an editor, a CI system and pre-commit call it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from roundbook.yamlfile.source import MAX_BYTES
from site_trial import Outcome, environment, run

MESSY = "focus: x\nround: 4  # the fourth\nagents: [{status: done, name: Ada}]\n"
TIDY = "round: 4  # the fourth\nfocus: x\nagents: [{name: Ada, status: done}]\n"
PHASE = "title: A phase\nx-note: kept\nphase: 3\n"
SETTINGS = "stale-after: 3\nrepositories:\n    here: {}   # this one\n"
ROUND = "data/rounds/3/4.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {ROUND: MESSY, "data/rounds/3/phase.yml": PHASE, "data/roundbook.yml": SETTINGS}.items():
        write(tmp_path, name, text)
    return tmp_path


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def fmt(folder: Path, *words: str) -> Outcome:
    return run(folder, "roundbook", "fmt", *words)


def piped(folder: Path, data: bytes, *words: str) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "roundbook"), "fmt", *words],
        cwd=folder, env=environment(), input=data, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr.decode()


def test_all_files_are_written_in_one_form_and_a_second_time_changes_nothing(project: Path) -> None:
    write(project, "data/rounds/3/5/round.yml", "focus: y\nround: 5\n")
    write(project, "data/rounds/3/5/agent.yml", "agents:\n- {name: Bo}\n")
    done = fmt(project)
    assert (done.code, sorted(done.output.splitlines())) == (
        0,
        [
            "5 files: 5 rewritten",
            "data/roundbook.yml: rewritten",
            f"{ROUND}: rewritten",
            "data/rounds/3/5/agent.yml: rewritten",
            "data/rounds/3/5/round.yml: rewritten",
            "data/rounds/3/phase.yml: rewritten",
        ],
    )
    assert (project / ROUND).read_text() == TIDY
    assert (project / "data/rounds/3/phase.yml").read_text() == "phase: 3\ntitle: A phase\nx-note: kept\n"
    assert (project / "data/roundbook.yml").read_text() == "stale-after: 3\n\nrepositories:\n  here: {}   # this one\n"
    assert (project / "data/rounds/3/5/agent.yml").read_text() == "agents:\n  - {name: Bo}\n"
    again = fmt(project, "-q")
    assert (again.code, again.output) == (0, "")
    assert fmt(project, "--check").output == "5 files: all in canonical form\n"


def test_check_names_each_file_and_writes_nothing(project: Path) -> None:
    done = fmt(project, "--check", ROUND, "data/rounds/3", f"./{ROUND}")
    assert (done.code, done.output) == (
        1,
        "".join(
            f"{name}:1:1: error not-formatted: not in canonical form; run roundbook fmt\n"
            for name in (ROUND, "data/rounds/3/phase.yml")
        )
        + "2 files: 2 would be rewritten\n",
    )
    assert (project / ROUND).read_text() == MESSY


def test_check_speaks_the_languages_of_ci(project: Path) -> None:
    found = json.loads(fmt(project, "--check", "--format", "json", ROUND).output)
    assert [(f["slug"], f["path"], f["line"]) for f in found] == [("not-formatted", ROUND, 1)]
    assert fmt(project, "--check", "--format", "github", ROUND).output.startswith(f"::error file={ROUND},line=1,")
    assert json.loads(fmt(project, "--check", "--format", "sarif", ROUND).output)["runs"][0]["results"]
    assert fmt(project, "--format", "json").code == 2


def test_diff_prints_what_would_change(project: Path) -> None:
    done = fmt(project, "--diff", "-q", ROUND)
    assert done.code == 0
    assert done.output.splitlines() == [
        *(f"--- {ROUND}", f"+++ {ROUND}", "@@ -1,3 +1,3 @@"),
        *("+round: 4  # the fourth", " focus: x", "-round: 4  # the fourth"),
        *("-agents: [{status: done, name: Ada}]", "+agents: [{name: Ada, status: done}]"),
    ]
    assert fmt(project, "--diff", "--check", ROUND).code == 1
    assert (project / ROUND).read_text() == MESSY


@pytest.mark.parametrize(
    "text", [b"a: *b\n", b"a: [\n", b"- a\n", b"", b"a: \xff\n", "a: \u202e\n".encode(), b"a: 1\na: 2\n"]
)
def test_a_file_with_errors_is_left_alone_and_the_others_are_written(project: Path, text: bytes) -> None:
    bad = write(project, "data/rounds/3/9.yml", text)
    done = fmt(project)
    assert done.code == 2
    assert done.lines("data/rounds/3/9.yml:")[0].split()[1] == "error"
    assert done.lines("4 files: 3 rewritten, 1 left unchanged because of errors")
    assert (bad.read_bytes(), (project / ROUND).read_text()) == (text, TIDY)
    assert piped(project, text, "-")[:2] == (2, b"")


def test_what_is_no_file_of_the_project_is_refused(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = write(tmp_path_factory.mktemp("outside"), "a.yml", MESSY)
    (project / "data/rounds/3/7.yml").symlink_to(outside)
    for name in (str(outside), "data/rounds/3/7.yml", "data/rounds/3/8.yml", "data/a\x1bb.yml"):
        done = fmt(project, name)
        assert done.code == 2, name
        assert "\x1b" not in done.output
    assert outside.read_text() == MESSY
    assert fmt(project, "data/rounds/4").code == 2
    (project / "empty").mkdir()
    assert fmt(project, "empty").output == "Error: there is no round file in empty\n"
    assert run(project, "roundbook", "--at", "HEAD", "fmt").code == 2


def test_line_ends_and_a_byte_order_mark_stay(project: Path) -> None:
    windows = b"\xef\xbb\xbf" + MESSY.replace("\n", "\r\n").encode()
    path = write(project, ROUND, windows.removesuffix(b"\r\n"))
    assert fmt(project).code == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + TIDY.replace("\n", "\r\n").encode()
    write(project, ROUND, MESSY.replace("\n", "\r"))
    assert fmt(project).code == 0
    assert path.read_bytes() == TIDY.replace("\n", "\r").encode()


def test_an_editor_sends_the_text_and_gets_the_whole(project: Path) -> None:
    assert piped(project, MESSY.encode(), "-") == (0, TIDY.encode(), "")
    settings = b"stale-after: 3\nrepositories: {}\n"
    assert piped(project, settings, "--stdin-filename", "data/roundbook.yml") == (0, settings, "")
    code, out, _ = piped(project, MESSY.encode(), "-", "--check", "--stdin-filename", ROUND)
    assert (code, out.decode()) == (1, f"{ROUND}:1:1: error not-formatted: not in canonical form; run roundbook fmt\n")
    assert piped(project, b"", "-", ROUND)[0] == 2
    assert piped(project, b"a" * (MAX_BYTES + 1), "-")[0] == 2


def test_this_project_is_in_canonical_form(root: Path) -> None:
    done = fmt(root, "--check")
    assert done.code == 0, done.output


def test_the_page_shows_what_it_does(root: Path, project: Path) -> None:
    page = (root / "docs/how-to/format.md").read_text("utf-8")
    before, after = re.findall(r'```yaml title="data/rounds/3/8.yml"\n(.*?)```', page, re.S)
    assert piped(project, before.encode(), "-") == (0, after.encode(), "")
    shown = yaml.safe_load(page.partition('```yaml title=".pre-commit-config.yaml"\n')[2].partition("```")[0])
    named = {hook["id"] for repo in shown["repos"] for hook in repo["hooks"]}
    assert named == {hook["id"] for hook in hooks(root)}


# ---------------------------------------------------------------------------------------------------- pre-commit

MANIFEST = {"id", "name", "description", "entry", "language", "files", "pass_filenames"}


def hooks(root: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8")))


def test_the_hooks_are_what_pre_commit_reads(root: Path) -> None:
    for hook in hooks(root):
        assert {"id", "name", "entry", "language"} <= set(hook) <= MANIFEST
        assert hook["language"] == "python"
        chosen = [
            p
            for p in (ROUND, "data/roundbook.yml", "data/a.yaml", "docs/data/a.yml", "data/a.md")
            if re.search(hook["files"], p)
        ]
        assert chosen == [ROUND, "data/roundbook.yml", "data/a.yaml"]


def test_the_hooks_do_what_they_say_when_pre_commit_calls_them(root: Path, project: Path) -> None:
    commands = {hook["id"]: (shlex.split(hook["entry"]), hook.get("pass_filenames", True)) for hook in hooks(root)}
    words, named = commands["roundbook-fmt"]
    assert named
    assert run(project, *words, ROUND, "data/roundbook.yml").code == 0
    assert (project / ROUND).read_text() == TIDY
    words, named = commands["roundbook-check"]
    assert not named
    assert run(project, *words).code == 0
    write(project, ROUND, "round: 4\ntitel: x\n")
    assert run(project, *words).code == 1
