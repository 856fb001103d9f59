"""The size and shape of the package, beside what `docs/explanation/design.md` aims at: modules, lines, names, modules run.

`python benchmarks/measures.py` prints one line a measure. Nothing here fails: a measure that is missed is to be explained.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "hooks" / "roundbook"
APART = ("importer", "scaffold")  # packages that the core does not know
ROUND = "round: 1\nphase: 1\ndate: 2026-01-01\nfocus: Begin\nagents: [{name: Ada, status: done}]\n"
NOTE = """\
# Phase 3 Round 4 Summary

**Date**: 2026-01-02
**Focus**: Toolchain

## Agents

| # | Agent | Task | Status |
|---|-------|------|--------|
| 1 | Ada | Bump the version | Done |

**Decision**: Go straight to 1.93
"""
# Print the modules of the package in which a function runs while `call` is made.
PROBE = """
import sys
sys.argv[0] = "roundbook"
import importlib, pkgutil, roundbook
for found in pkgutil.walk_packages(roundbook.__path__, "roundbook."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
ran = set()
def seen(frame, event, _):
    if event == "call" and "/roundbook/" in (name := frame.f_code.co_filename) and name.endswith(".py"):
        ran.add(name.rpartition("/roundbook/")[2])
{before}
sys.setprofile(seen)
try:
    {call}
except SystemExit:
    pass
sys.setprofile(None)
print(len(ran))
"""


def modules() -> dict[str, ast.Module]:
    """Return the modules of the package, parsed, by their dotted names without `roundbook`."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def lines(*, core: bool) -> int:
    """Return the number of lines of Python, with `core` without the packages that the core does not know."""
    files = (p for p in PACKAGE.rglob("*.py") if not core or p.relative_to(PACKAGE).parts[0] not in APART)
    return sum(len(path.read_text("utf-8").splitlines()) for path in files)


def twice(names: Counter[str]) -> list[str]:
    """Return the names that are there more than once."""
    return sorted(name for name, count in names.items() if count > 1)


def alone(found: dict[str, ast.Module]) -> list[str]:
    """Return the modules that one other imports and that have one public function or class; commands and views aside."""
    importers: defaultdict[str, set[str]] = defaultdict(set)
    for name, tree in found.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("roundbook"):
                for alias in node.names:
                    importers[f"{node.module}.{alias.name}".removeprefix("roundbook.")].add(name)
                    importers[node.module.removeprefix("roundbook.")].add(name)
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [
        name
        for name, tree in found.items()
        if len(importers[name]) == 1
        and sum(isinstance(n, kinds) and not n.name.startswith("_") for n in tree.body) == 1
        and not name.startswith(("cli.", "site.views.", "checks."))
    ]


def ran(call: str, before: str, folder: Path) -> int:
    """Return the number of modules of the package that run while a call is made in `folder`."""
    code = PROBE.format(call=call, before=before)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def walks() -> tuple[int, int]:
    """Return the modules that run while one round with one commit is loaded, and while one short note is imported."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data/rounds/1").mkdir(parents=True)
        (folder / "data/rounds/1/1.yml").write_text(ROUND, "utf-8")
        (folder / "note.md").write_text(NOTE, "utf-8")
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        for words in (("init", "-q"), ("add", "data"), (*who, "commit", "-qm", "feat: begin\n\nRound: 1/1")):
            subprocess.run(["git", *words], cwd=folder, check=True)
        load = ran("load(Path('.'))", "from pathlib import Path; from roundbook.project import load", folder)
        bring = "cli(['import', 'note.md', '--stdout'])"
        return load, ran(f"roundbook.cli.{bring}", "pass", folder)


def main() -> None:
    """Print the measures, each beside its aim."""
    found = modules()
    # A command, a view and a check are named after what they are of; that is one meaning.
    named = [n for n in found if not n.startswith(("cli.", "site.views.", "checks.")) and not n.endswith("__init__")]
    files = Counter(name.rpartition(".")[2] for name in named)
    classes = Counter(n.name for tree in found.values() for n in tree.body if isinstance(n, ast.ClassDef))
    loaded, imported = walks()
    rows = (
        ("modules, without __init__", sum(not n.endswith("__init__") for n in found), 120, ""),
        ("lines of Python", lines(core=False), 26_000, ""),
        ("lines of Python without importer and scaffold", lines(core=True), 20_000, ""),
        ("modules run to load one round with one commit", loaded, 50, ""),
        ("modules run to import one short note", imported, 80, ""),
        ("names of files twice", len(twice(files)), 0, ", ".join(twice(files))),
        ("names of classes twice", len(twice(classes)), 0, ", ".join(twice(classes))),
        ("modules for one other with one public name", len(alone(found)), 0, ", ".join(alone(found))),
    )
    for label, value, aim, which in rows:
        missed = f"  missed by {value - aim:,}" if value > aim else ""
        print(f"{label:48} {value:>8,}  aim {aim:>6,}{missed}{f'  ({which})' if which else ''}")


if __name__ == "__main__":
    main()
