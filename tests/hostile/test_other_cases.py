"""Cases of `cases.yml` that the tests of no feature hold."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from roundbook.cli import cli, exported
from roundbook.cli.common import MESSAGE_LIMIT, github, summary
from roundbook.errors import Finding
from roundbook.project import load
from roundbook.site.links import Publication
from roundbook.site.pages import file_outputs, page_outputs
from roundbook.terminal import safe
from site_trial import MKDOCS, build, environment, project

SCRIPT = "<img src=x onerror=alert(1)>"
ROOT = Path(__file__).parents[2]


def roundbook(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(path), *words])


def limited(path: Path, env: dict[str, str], limit: Callable[[], object]) -> subprocess.CompletedProcess[str]:
    """Export a project where the system refuses what `limit` tells it to."""
    command = [sys.executable, "-m", "roundbook", "export", "out"]
    return subprocess.run(command, cwd=path, env=env, preexec_fn=limit, capture_output=True, text=True, check=False)


def test_x11_entries_of_the_search_are_text(tmp_path: Path) -> None:
    hostile = f"round: 5\nfocus: '{SCRIPT}'\ntags: ['{SCRIPT}']\nsummary: S\n"
    material = f"{MKDOCS}theme: {{name: material, font: false}}\n"  # which shows entries as HTML; others encode them
    repo = project(tmp_path, mkdocs_dot_yml=material, data__rounds__3__5_dot_yml=hostile)
    repo.commit(f"feat: {SCRIPT}\n\nRound: 3/5")
    assert build(repo).code == 0
    found = json.loads((repo.path / "site/search/search_index.json").read_text())["docs"]
    assert any("alert" in json.dumps(entry) for entry in found)
    assert "<img" not in json.dumps(found)


def test_x29_a_subject_of_300_kb_makes_no_large_page(tmp_path: Path) -> None:
    project(tmp_path).commit(f"feat: {'word ' * 60_000}\n\nRound: 3/5")
    book = load(tmp_path)
    sizes = {page.uri: len(page.document()) for one in page_outputs(book, "directory") for page in one.make(book)}
    assert max(sizes.values()) < 100_000, max(sizes, key=lambda uri: sizes[uri])


def test_x36_names_run_in_their_own_direction(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5", author="שלום עולם <s@example.org>")
    book = load(tmp_path)
    shown = [page.document() for one in page_outputs(book, "directory") for page in one.make(book)]
    names = [name for text in shown for name in re.findall(r".{5}שלום עולם.{6}", text)]
    assert names
    assert {(name[:5], name[-6:]) for name in names} == {("<bdi>", "</bdi>")}


def test_x37_the_manual_warns_of_raw_text_of_git() -> None:
    text = (ROOT / "docs/how-to/use-macros.md").read_text("utf-8")
    assert "Never print the variable `git` of mkdocs-macros (`git.message`" in text


def test_x44_c24_no_spreadsheet_and_no_hidden_file_is_written(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5")
    book = load(tmp_path)
    site = Publication("https://example.org/", "Trial", "", "directory")
    names = [asset.uri for one in file_outputs(book, site, data=True, plain=True) for asset in one.make(book)]
    names += [page.uri for one in page_outputs(book, "directory") for page in one.make(book)]
    assert len(names) > 20
    assert not [name for name in names if name.endswith((".csv", ".tsv", ".xlsx")) or "/." in f"/{name}"]


def test_c01_c02_what_a_terminal_obeys_is_written_out(tmp_path: Path) -> None:
    bad = "a\x1b]0;x\x07\x1b[2J\rb\x9bc\x1b]8;;http://evil.example\x1b\\"
    assert safe(bad).isprintable()
    repo = project(tmp_path)
    repo.commit(f"feat: {bad}\n\nRound: 3/9{bad}", {f"{bad.replace('/', '')}.txt": "x"})
    for words in (
        ("check",),
        ("check", "--format", "github"),
        ("explain", bad),
        ("link", bad),
        ("dump",),
        ("changelog",),
    ):
        shown = roundbook(tmp_path, *words)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown.output), words


def test_c06_c07_a_message_stays_one_annotation() -> None:
    (line,) = github([Finding("error", "x,y::z", "a\n::error::b %0A::error::c")]).splitlines()
    assert line.count("::error") == 3  # as text within the message, which ends at the end of the line
    assert line.startswith("::error title=x%2Cy%3A%3Az::a")
    assert "%250A" in line


def test_c09_c10_annotations_and_the_summary_are_cut() -> None:
    many = [Finding("warning", "x", f"{number} " + "long words " * 1_000) for number in range(3_000)]
    lines = github(many).splitlines()
    assert max(len(line.rpartition("::")[2]) for line in lines if line.startswith("::")) <= MESSAGE_LIMIT
    assert len(summary([Finding("warning", "x", f"{number} word") for number in range(50_000)]).encode()) < 1 << 20
    assert len(summary(many).encode()) < 1 << 20


def test_g08_the_merge_of_a_trial_adds_nothing_to_the_changelog(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("chore: begin")
    repo.branch("topic")
    repo.commit("feat: a thing\n\nRound: 3/5", {"a.txt": "a\n"})
    repo.checkout("main")
    repo.commit("fix: another", {"b.txt": "b\n"})
    base, head = repo.head, repo.git("rev-parse", "topic")
    repo.checkout(base)
    repo.merge("topic", message=f"Merge {head} into {base}")
    assert f"Merge {head[:7]}" not in roundbook(tmp_path, "changelog").output
    assert "- feat: a thing" in roundbook(tmp_path, "changelog").output


def test_g54_a_subject_that_pretends_to_be_a_merge_is_no_merge(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    spoof = repo.commit("Merge pull request #9999 from maintainer/topic", {"b.txt": "b\n"})
    book = load(tmp_path)
    assert spoof not in {link.commit for link in book.rounds["3/5"].links}
    assert book.coverage[spoof].kind == "unassigned"


@pytest.mark.parametrize("place", [".", "docs", "data", "link", "data/rounds/3"])
def test_b02_b03_an_export_never_writes_among_other_files(tmp_path: Path, place: str) -> None:
    repo = project(tmp_path)
    (tmp_path / "link").symlink_to("docs")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and ".git" not in path.parts}
    done = roundbook(tmp_path, "export", str(repo.path / place))
    after = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and not {".git", ".cache"} & {*path.parts}
    }
    assert (done.exit_code, after) == (2, before), done.output


def test_b05_an_export_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5")
    most = (2_000, 2_000)
    done = limited(tmp_path, environment(ROUNDBOOK_CACHE="0"), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, most))
    said = done.stderr.strip().splitlines()
    assert (done.returncode, len(said)) == (2, 1), done.stderr
    assert re.fullmatch(r"Error: \S*out/\S+( cannot be written)?: File too large", said[0])


@pytest.mark.parametrize("write", [1, 7])
@pytest.mark.parametrize("step", ["before", "amid", "after"])
def test_b01_an_export_that_was_killed_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: int, step: str
) -> None:
    repo = project(tmp_path / "repo", docs__mine_dot_md="# Mine\n")
    repo.commit("feat: begin\n\nRound: 3/5")
    assert roundbook(repo.path, "export", str(tmp_path / "whole")).exit_code == 0
    real, calls = exported.Export._put, []

    def killed(self: exported.Export, path: Path, data: bytes, line: str) -> None:
        calls.append(path)
        if len(calls) != write:
            return real(self, path, data, line)
        if step == "amid":  # listed, and half written beside its place
            self.list.write_text(f"{self.list.read_text() if self.list.exists() else ''}{line}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f"{exported.LIST}.part").write_bytes(data[:10])
        if step == "after":
            real(self, path, data, line)
        raise KeyboardInterrupt

    docs = repo.path / "docs"
    monkeypatch.setattr(exported.Export, "_put", killed)
    assert roundbook(repo.path, "export", "--into", str(docs)).exit_code == 130
    monkeypatch.undo()
    done = roundbook(repo.path, "export", "--into", str(docs))
    assert (done.exit_code, "mine.md" in done.output) == (0, False)
    assert (docs / "mine.md").read_text() == "# Mine\n"
    whole = {p.relative_to(tmp_path / "whole"): p.read_bytes() for p in (tmp_path / "whole").rglob("*") if p.is_file()}
    made = {p.relative_to(docs): p.read_bytes() for p in docs.rglob("*") if p.is_file()}
    del whole[Path(exported.LIST)]
    assert whole.items() - {(name, data) for name, data in whole.items() if name == Path("index.md")} <= made.items()
    assert not [name for name in made if name.name.endswith(".part")]


def test_b13_what_is_served_is_served_here() -> None:
    assert re.search(r"^ADDR +\?= 127\.0\.0\.1$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "dev_addr" not in (ROOT / "mkdocs.yml").read_text()


def test_b21_b23_a_bare_environment_is_enough(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5")

    def strict() -> None:
        os.umask(0o077)
        resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))

    done = limited(repo.path, {"PATH": environment()["PATH"]}, strict)
    assert done.returncode == 0, done.stderr
    assert any("rounds/3/5" in path.as_posix() for path in (tmp_path / "out").rglob("*.md"))
