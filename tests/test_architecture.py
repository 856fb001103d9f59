"""In: the source. Out: proof that the house stands as planned: layers, sizes, first lines, and what is generated."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hooks" / "roundbook"
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "base", "types", "common", "misc"}


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
def test_nothing_below_the_doors_asks_the_clock_or_the_environment(path: Path) -> None:
    if path.is_relative_to(PACKAGE / "doors"):
        return
    calls = {"datetime.now", "datetime.today", "date.today", "time.time", "os.getcwd", "Path.cwd"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            assert not dotted.endswith(tuple(calls)), f"{name_of(path)}:{node.lineno}: {dotted}"
            assert path.name.startswith("git") or not dotted.startswith("os.environ"), f"{name_of(path)}:{node.lineno}"


def test_the_schema_of_round_files_is_fresh() -> None:
    schema = pytest.importorskip("roundbook.model.schema")
    file = PACKAGE / "schema" / "round.schema.json"
    assert file.read_text("utf-8") == schema.text(), "run `make schema`"


def test_the_schema_accepts_the_files_of_this_project(root: Path) -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    import yaml

    schema = json.loads((PACKAGE / "schema" / "round.schema.json").read_text("utf-8"))
    validator.check_schema(schema)
    for file in sorted((root / "data" / "rounds").rglob("*.yml")):
        loaded = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
        faults = [
            f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator(schema).iter_errors(loaded)
        ]
        assert faults == [], file.relative_to(root)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    check = validator(json.loads((PACKAGE / "schema" / "round.schema.json").read_text("utf-8")))
    good = {"round": "1", "focus": "x", "agents": "Bo", "goals": ["g", {"title": "t", "status": "done"}], "x-y": 1}
    assert check.is_valid(good)
    for bad in ({"titel": "x"}, {"agents": [["x"]]}, {"changes": {"type": "add", "text": "x"}}, {"focus": {"a": "b"}}):
        assert not check.is_valid({**good, **bad}), bad
