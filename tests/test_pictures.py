"""The pictures of the README and the documentation: they exist, are small, and the terminal shows what the commands print."""

from __future__ import annotations

import importlib.util
import re
import struct
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/assets/pictures"


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs/pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pictures"] = module
    spec.loader.exec_module(module)
    return module


def test_each_picture_is_there_in_both_palettes_and_small(pictures: ModuleType) -> None:
    names = {f"{one.name}-{scheme}.webp" for one in pictures.PICTURES for scheme in ("light", "dark")}
    assert {path.name for path in FOLDER.iterdir()} == {*names, "card.png", "terminal.svg", "pictures.json"}
    for name in names:
        assert (FOLDER / name).read_bytes()[8:12] == b"WEBP"
        assert (FOLDER / name).stat().st_size <= pictures.LARGEST, name
    card = (FOLDER / "card.png").read_bytes()
    assert struct.unpack(">II", card[16:24]) == (1200, 630)
    assert len(card) <= pictures.LARGEST


def test_the_terminal_shows_what_the_commands_print(pictures: ModuleType, tmp_path: Path) -> None:
    drawn = pictures.terminal(pictures.session(tmp_path))
    assert (FOLDER / "terminal.svg").read_text("utf-8") == drawn, "run make pictures"
    assert re.search(r"(\d+) words in, \1 found", drawn)


def test_pages_show_a_picture_in_both_palettes_with_a_text_for_who_cannot_see_it() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "docs/assets/pictures/round-light.webp" in readme
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        source = path.read_text("utf-8")
        shown = set(re.findall(r"([\w-]+)-(light|dark)\.webp", source))
        assert {name for name, scheme in shown if scheme == "light"} == {
            name for name, scheme in shown if scheme == "dark"
        }
        assert "![](" not in source, path
        for name, scheme in shown:
            assert (FOLDER / f"{name}-{scheme}.webp").exists(), path
