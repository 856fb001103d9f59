"""Tests that a new list key and a new scalar key, added to a copy of the package, are shown on pages, in text and in JSON.

A list key touches the model and the table of lists, a scalar key the model; `make schema` writes the schema anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = "hooks/roundbook/schema/round.py"
LIST_KEY = (
    '    next: Many[Note] = Field((), description="What comes next.")\n',
    '    lessons: Many[Goal] = Field((), description="What was learnt.")\n',
)
ROW = (
    '        ListKey("tables", "Tables"),\n',
    '        ListKey("lessons", "Lessons learnt", counted=True, timeline=True, words="what we take home"),\n',
)
SCALAR_KEY = (
    '    focus: TextField | None = Field(None, description="What it is about, in one line.")\n',
    '    mood: TextField | None = Field(None, description="How it felt.")\n',
)
LOOK = """
from roundbook.importer.vocabulary import HEADINGS
from roundbook.schema import schema


def test_a_new_key_has_a_section_anchors_and_a_timeline(book):
    made, texts = on_pages(book), in_markdown(book)
    for where in ("rounds/1/1.md", "rounds/1/2.md", "rounds/1/index.md"):
        assert "## Lessons learnt { #lessons }" in made[where] and 'id="lesson-' in made[where]
        assert "Mood" in made[where]
        assert "## Lessons learnt" in texts[where] and "## Mood" in texts[where]
    assert {"lessons", "mood"} <= set(schema()["properties"])
    assert HEADINGS["lessons"] == ("what we take home",)
    assert book.timelines.by_kind["lesson"]
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("package")
    shutil.copytree(ROOT / "hooks", root / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    model = root / MODEL
    text = model.read_text("utf-8")
    for beside, added in (LIST_KEY, ROW, SCALAR_KEY):
        assert text.count(beside) == 1
        text = text.replace(beside, beside + added)
    model.write_text(text, "utf-8")
    tests = root / "tests"
    tests.mkdir()
    for name in ("conftest.py", "repository.py", "shown.py", "skips.py"):
        shutil.copy(ROOT / "tests" / name, tests)
    (tests / "test_every_key.py").write_text(
        (ROOT / "tests/schema/test_every_key.py").read_text("utf-8") + LOOK, "utf-8"
    )
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_a_list_key_and_a_scalar_key_are_shown_wherever_others_are(copy: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(copy / "hooks"), "PYTHONDONTWRITEBYTECODE": "1"}
    chosen = "every_text_of_a_record or new_key or any_other_key and (lessons or mood)"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-k",
        chosen,
        "tests/test_every_key.py",
    ]
    ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "12 passed" in ran.stdout, ran.stdout
