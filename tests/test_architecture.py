"""Tests of the architecture: layers, sizes, docstrings, and generated files."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from roundbook import schema
from skips import refused as refusal

PACKAGE = Path(__file__).resolve().parents[1] / "hooks" / "roundbook"
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "types", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_rooms_know_only_whom_they_may(root: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_of_a_size_to_be_read(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 500, f"{name_of(path)} has {len(lines)} lines; part it"
    for function in functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= 50, f"{name_of(path)}:{function.lineno}: {function.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{name_of(path)} has no docstring"
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_below_the_adapters_asks_the_clock_or_the_environment(path: Path) -> None:
    if path.parent.name in ("cli", "engines"):
        return
    calls = {"datetime.now", "datetime.today", "date.today", "time.time", "os.getcwd", "Path.cwd"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            assert not dotted.endswith(tuple(calls)), f"{name_of(path)}:{node.lineno}: {dotted}"
            assert path.parent.name == "git" or not dotted.startswith("os.environ"), f"{name_of(path)}:{node.lineno}"


def test_the_schema_of_round_files_is_fresh() -> None:
    file = PACKAGE / "schema" / "round.schema.json"
    assert file.read_text("utf-8") == schema.text(), "run `make schema`"


def test_the_schema_accepts_the_files_of_this_project(root: Path) -> None:
    wanted = json.loads((PACKAGE / "schema" / "round.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(wanted)
    for file in sorted((root / "data" / "rounds").rglob("*.yml")):
        loaded = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
        for change in loaded.get("changes", ()):
            change.update({key: True for key in ("breaking",) if change.get(key) == "true"})
        faults = [
            f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in Draft202012Validator(wanted).iter_errors(loaded)
        ]
        assert faults == [], file.relative_to(root)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    check = Draft202012Validator(json.loads((PACKAGE / "schema" / "round.schema.json").read_text("utf-8")))
    good = {"round": "1", "focus": "x", "agents": "Bo", "goals": ["g", {"title": "t", "status": "done"}], "x-y": 1}
    assert check.is_valid(good)
    for bad in ({"titel": "x"}, {"agents": [["x"]]}, {"changes": {"type": "add", "text": "x"}}, {"focus": {"a": "b"}}):
        assert not check.is_valid({**good, **bad}), bad


# ------------------------------------------------------------------------------------------------- the tests themselves

TESTS = Path(__file__).resolve().parent
CLIMBS = re.compile(r"\(__file__\)(?:\.resolve\(\))?(?P<up>(?:\.parent\b)*)(?:\.parents\[(?P<more>\d+)\])?")
OUTSIDE = re.compile(r"""\b(?:ROOT|root)\.parents?\b|\bexpanduser\b|\bPath\.home\(|/ ?["']\.\.["'/]""")


def leaves(text: str, depth: int) -> list[str]:
    """Return the paths in the text of a test that lead out of the repository, `depth` folders below whose root it lies."""
    far = [
        match[0]
        for match in CLIMBS.finditer(text)
        if match["up"].count(".parent") + (int(match["more"]) + 1 if match["more"] else 0) > depth
    ]
    return [*far, *(match[0] for match in OUTSIDE.finditer(text))]


def test_tests_read_files_of_this_repository_alone() -> None:
    """Fault H6: tests read a document beside the repository, and were skipped in a fresh clone."""
    own = Path(__file__).name
    found = {
        path.relative_to(TESTS).as_posix(): away
        for path in sorted(TESTS.rglob("*.py"))
        if path.name != own and (away := leaves(path.read_text("utf-8"), len(path.relative_to(TESTS).parts) + 1))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("Path(__file__).resolve().parents[1]", False),
        ("Path(__file__).parent / 'cases'", False),
        ("Path(__file__).resolve().parents[2] / 'shared'", True),
        ("Path(__file__).parent.parent.parent", True),
        ("ROOT.parent / 'shared'", True),
        ("TESTS / '..' / '..'", True),
    ],
)
def test_what_leads_out_of_the_repository_is_seen(text: str, out: bool) -> None:
    assert bool(leaves(text, 2)) is out


@pytest.mark.parametrize(
    ("reason", "marks", "environ", "refused"),
    [
        ("the document is not here", (), {}, False),
        ("the document is not here", (), {"CI": "true"}, True),
        ("the document is not here", (), {"ROUNDBOOK_REQUIRE": "browser"}, True),
        ("could not import 'jsonschema'", (), {"CI": "1"}, True),
        ("no actionlint on this machine", (), {"CI": "true"}, False),
        ("root may read everything", (), {"CI": "true", "ROUNDBOOK_REQUIRE": "browser"}, False),
        ("no Chromium here (chromium)", ("browser",), {"CI": "true"}, False),
        ("no Chromium here (chromium)", ("browser",), {"ROUNDBOOK_REQUIRE": "browser"}, True),
    ],
)
def test_where_all_tests_have_to_run_only_the_machine_excuses_one(
    reason: str, marks: tuple[str, ...], environ: dict[str, str], refused: bool
) -> None:
    assert bool(refusal(reason, marks, environ)) is refused


def test_templates_have_lines_that_fit_a_screen() -> None:
    long = [
        f"{path.name}:{number}"
        for path in sorted(PACKAGE.rglob("*.j2"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > 160
    ]
    assert not long, long
