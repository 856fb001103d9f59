"""In: commands that print little. Out: proof that they load little, and print what they would print otherwise."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import jinja2
import pytest

import case
from roundbook.book.governance import explain as explanation
from roundbook.book.model import Book
from roundbook.book.rounds import current
from roundbook.cli import COMMANDS, cli
from roundbook.cli.explain import _lines as lines
from roundbook.project import Depth, load
from roundbook.schema.base import Record
from roundbook.schema.round import Round
from roundbook.settings import Settings, defaults
from roundbook.site import changelog_text
from roundbook.site.context import CompiledTemplates
from roundbook.site.resolve import named_by_files, near, resolve
from site_trial import project, run

LOADED = """\
import sys
from roundbook.cli import cli
try:
    cli({words!r}, prog_name="roundbook")
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_what_only_tells_of_the_program_loads_no_project(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & {"pydantic", "yaml", "jinja2", "roundbook.project", "roundbook.schema"}


def test_a_project_without_markdown_loads_no_reader_of_it() -> None:
    code = "import sys, roundbook.cli.check; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "roundbook.project" in loaded
    assert not loaded & {"markdown_it", "jinja2", "git", "roundbook.adr.folders", "roundbook.compare", "mkdocs"}


@pytest.mark.parametrize("name", ["link", "explain", "new"])
def test_quick_commands_load_no_pages_and_no_checks(name: str) -> None:
    code = f"import sys, roundbook.cli.{name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "roundbook.project" in loaded
    assert not loaded & {"markdown_it", "pygments", "jinja2", "mkdocs", "roundbook.checks", "roundbook.site.views"}


def test_modules_of_records_have_annotations_that_are_no_texts() -> None:
    models = [Record]
    for model in models:
        models += model.__subclasses__()
    assert {Round, Settings} < {*models}
    modules = {one.__module__ for one in models if one.__module__.startswith("roundbook.")}
    texts = {name for name in modules if "annotations" in vars(sys.modules[name])}
    assert texts == set(), "pydantic compiles each annotation there again"


def test_help_says_of_each_command_what_its_own_help_begins_with() -> None:
    context = click.Context(cli, info_name="roundbook")
    formatter = click.HelpFormatter(width=100)
    cli.format_commands(context, formatter)
    listed = formatter.getvalue().split("\n")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        (line,) = (line for line in listed if line.split()[:1] == [name])
        assert line.split(None, 1)[1] == command.get_short_help_str(94 - max(map(len, COMMANDS)))


def test_settings_of_a_project_that_says_nothing_are_those_of_an_empty_file() -> None:
    assert defaults() == Settings.model_validate({})
    assert repr(defaults()) == repr(Settings.model_validate({}))


@pytest.mark.parametrize("name", ["accounts", "adopted", "attribution", "carry-forward", "releases", "shallow"])
def test_what_link_explain_and_new_say_does_not_need_the_whole_book(tmp_path: Path, name: str) -> None:
    root = case.build(name, tmp_path)
    whole = load(root)
    part, marked = load(root, depth=Depth.NAMES), load(root, depth=Depth.MARKERS)
    bare, beside = load(root, depth=Depth.FILES), load(root, depth=Depth.BRANCHES)
    assert (beside.decision_ids, beside.git_facts.rounds) == (whole.decision_ids, whole.git_facts.rounds)
    assert getattr(current(beside), "key", "") == getattr(current(whole), "key", "")
    known = 0
    tags = (tag.name for tag in whole.history.tags)
    pulls = (f"#{number}" for number in whole.pull_requests)
    commits = (commit.short for commit in whole.history.commits)
    for text in (*whole.entries, *whole.decisions, *tags, *pulls, *commits, *whole.history.tree, "nothing"):
        assert resolve(part, text) == resolve(whole, text)
        without = [replace(target, about="") for target in resolve(whole, text)]
        by_files = [replace(target, about="") for target in named_by_files(bare, text)]
        assert by_files in ([], without)
        known += bool(by_files)
        assert near(part, text) == near(whole, text)
    assert known >= len([one for one in (*whole.entries, *whole.decisions) if not whole.decision_index.several(one)])
    for path in (*whole.history.tree, *{path.partition("/")[0] for path in whole.history.tree}, "."):
        assert shown(marked, path) == shown(whole, path)


@pytest.mark.parametrize("name", ["accounts", "adopted", "carry-forward", "releases", "shallow"])
def test_what_a_changelog_says_does_not_need_the_whole_book(tmp_path: Path, name: str) -> None:
    root = case.build(name, tmp_path)
    part, whole = load(root, depth=Depth.CHANGES), load(root)
    assert changelog_text.changelog(part, part.releases) == changelog_text.changelog(whole, whole.releases)
    assert changelog_text.bodies(part, part.releases) == changelog_text.bodies(whole, whole.releases)
    assert changelog_text.data(part, part.releases) == changelog_text.data(whole, whole.releases)
    assert changelog_text.by_round(part) == changelog_text.by_round(whole)


def shown(book: Book, path: str) -> list[str]:
    """Return the lines that `explain` prints."""
    return lines(book, explanation(book, path))


def test_a_command_that_stops_early_tells_of_the_errors_of_the_whole_book(tmp_path: Path) -> None:
    text = "round: 1\nfocus: work\ndecisions: [{id: one, title: One, rationale: why}]\n"
    repo = project(tmp_path)
    repo.commit("feat: begin", {"a.txt": "a\n"})
    repo.branch("topic")
    repo.commit("feat: another", {"data/rounds/1/2.yml": text.replace("round: 1", "round: 2").replace("One", "Else")})
    repo.checkout("main")
    repo.commit("feat: go on", {"data/rounds/1/1.yml": text})
    done = run(tmp_path, "roundbook", "explain", "nowhere")
    assert done.code == 2
    assert "decision-duplicate" in done.output


def test_the_collector_passes_over_a_book_only_where_the_process_ends_with_the_command(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin", {"data/rounds/1/1.yml": "round: 1\nfocus: work\n"})
    told = "print(gc.get_freeze_count(), gc.isenabled(), file=sys.stderr)"
    code = f"import gc, sys\nfrom roundbook.cli import CALL\ntry: CALL\nexcept SystemExit: {told}"
    words = ["-C", str(tmp_path), "check"]
    counts = []
    for call in ("main", "cli"):
        begun = code.replace("CALL", call, 1).replace("CALL", f"{call}({words if call == 'cli' else ''})")
        done = subprocess.run([sys.executable, "-c", begun, *words], capture_output=True, text=True, check=True)
        count, enabled = done.stderr.split()
        assert enabled == "True"
        counts.append(int(count))
    assert counts[0] > 10_000 > counts[1] == 0


def test_check_tells_how_long_each_stage_took(tmp_path: Path) -> None:
    project(tmp_path).commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    plain, profiled = (run(tmp_path, "roundbook", "check", *words) for words in ((), ("--profile",)))
    stages = [line.split(" s  ")[1] for line in profiled.output.split("\n") if " s  " in line]
    assert stages[:4] == ["reading git", "reading rounds", "reading versions", "building"]
    assert {"checking commits", "checking decisions", "checking paths"} <= set(stages)
    assert profiled.output.endswith(plain.output)


def test_a_template_is_compiled_once_and_again_where_its_text_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []

    class Compiling(jinja2.Environment):
        def _parse(self, source: str, *rest: Any) -> Any:
            compiled.append(source)
            return super()._parse(source, *rest)

    def rendered(text: str, folder: Path) -> str:
        kept = CompiledTemplates(str(folder))
        environment = Compiling(loader=jinja2.DictLoader({"a": text}), bytecode_cache=kept, autoescape=True)
        return environment.get_template("a").render()

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert [rendered(text, tmp_path / "kept") for text in ("{{ 1 }}", "{{ 1 }}", "{{ 2 }}")] == ["1", "1", "2"]
    assert compiled == ["{{ 1 }}", "{{ 2 }}"]
    (tmp_path / "no folder").write_text("")
    assert rendered("{{ 3 }}", tmp_path / "no folder") == "3"
