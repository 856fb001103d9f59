"""Tests of the architecture: layers, sizes, docstrings, and generated files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from roundbook import schema
from roundbook.settings import schema_text
from skips import refused as refusal

PACKAGE = Path(__file__).resolve().parents[1] / "hooks" / "roundbook"
MODULES = sorted(PACKAGE.rglob("*.py"))
Node = TypeVar("Node", ast.FunctionDef, ast.AsyncFunctionDef, ast.Attribute)
ASKED = {"now", "today", "time", "getcwd", "cwd", "environ"}
FORBIDDEN_NAMES = {"utils", "helpers", "types", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Return the syntax of every module of the package by its name."""
    return {name_of(path): ast.parse(path.read_text("utf-8")) for path in MODULES}


def places(trees: dict[str, ast.Module], of: type[Node]) -> Iterator[tuple[str, Node]]:
    """Yield every node of a kind with its place."""
    for name, tree in trees.items():
        yield from ((f"{name}:{node.lineno}", node) for node in ast.walk(tree) if isinstance(node, of))


def test_packages_import_only_what_they_may(root: Path) -> None:
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


def test_modules_and_functions_are_of_a_size_to_be_read(trees: dict[str, ast.Module]) -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 500} == {}
    functions: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]
    functions = [*places(trees, ast.FunctionDef), *places(trees, ast.AsyncFunctionDef)]
    lengths = {f"{at}: {one.name}": (one.end_lineno or 0) - one.lineno + 1 for at, one in functions}
    assert {name: length for name, length in lengths.items() if length > 50} == {}


def test_modules_say_what_they_are_for(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == [], "no docstring"
    assert [name for name in trees if Path(name).stem in FORBIDDEN_NAMES] == []


def test_a_name_means_one_thing(trees: dict[str, ast.Module]) -> None:
    """A command, a view and a check are named after what they are of; that is one meaning."""
    apart = ("cli/", "site/views/", "checks/")
    files = Counter(Path(name).stem for name in trees if not name.startswith(apart))
    classes = Counter(node.name for tree in trees.values() for node in tree.body if isinstance(node, ast.ClassDef))
    assert [name for name, count in (files + classes).items() if count > 1 and name != "__init__"] == []


def test_nothing_below_the_adapters_asks_the_clock_or_the_environment(trees: dict[str, ast.Module]) -> None:
    calls = ("datetime.now", "datetime.today", "date.today", "time.time", "os.getcwd", "Path.cwd")
    below = {name: tree for name, tree in trees.items() if Path(name).parent.name not in ("cli", "engines")}
    asked = [(at, ast.unparse(node)) for at, node in places(below, ast.Attribute) if node.attr in ASKED]
    assert [(at, dotted) for at, dotted in asked if dotted.endswith(calls)] == []
    assert [at for at, dotted in asked if dotted.startswith("os.environ") and not at.startswith("git/")] == []


def test_the_json_schemas_are_fresh() -> None:
    for name, made in (("round", schema.text()), ("settings", schema_text())):
        assert schema.packaged(name).read_text("utf-8") == made, "run `make schema`"


def test_the_schema_accepts_the_files_of_this_project(root: Path) -> None:
    wanted = schema.schema()
    for file in sorted((root / "data" / "rounds").rglob("*.yml")):
        loaded = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
        faults = [
            f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in Draft202012Validator(wanted).iter_errors(loaded)
        ]
        assert faults == [], file.relative_to(root)


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
