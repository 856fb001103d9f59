"""Tests of the table "To change one thing" of CONTRIBUTING: in a copy, each change touches what the table names, and works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCHEMA = "hooks/roundbook/schema/round.schema.json"  # `make schema` writes it
COPIED = (
    *("hooks", "docs/reference", "data/rounds/3", "mkdocs.yml", "pyproject.toml", "tests/checks/cases"),
    *("tests/checks/test_check_cases.py", "tests/schema/test_every_key.py"),
    *(
        f"tests/{name}.py"
        for name in ("case", "conftest", "marks", "repository", "shown", "site_trial", "skips", "warm")
    ),
)
ROUND = "hooks/roundbook/schema/round.py"


@dataclass(frozen=True)
class Edit:
    """Lines that come after a line of a file, or at the end of it; a file that is not there is made."""

    path: str
    after: str
    text: str


def _check(name: str, why: str, more: str, expected: str) -> str:
    return f"case: {name}\nwhy: {why}\n{more}expected: |\n{expected}"


_ONE = "data:\n  data/rounds/1/1.yml: |\n    round: 1\n    focus: {}\n    summary: We talked.\n"
_SAID = '  data/rounds/1/1.yml:1:1: warning focus-short: the focus "Work" is a sentence: it has 1 word; say more\n'
_WAIVE = "    waive: [{check: focus-short, reason: It was short}]\n"
CASES = (
    _check("speaks", "The focus is one word.", _ONE.format("Work"), _SAID),
    _check(
        "silent",
        "The focus has several words.",
        _ONE.format("Work on it"),
        '  verified: the focus "Work on it" is a sentence: it has 3 words\n',
    ),
    _check("unverified", "There is no focus.", "data:\n  data/rounds/1/1.yml: |\n    round: 1\n    title: Work\n", ""),
    _check(
        "waived",
        "The round says why.",
        f"like: speaks\nadd:\n  data/rounds/1/1.yml: |\n{_WAIVE}",
        '  waived (It was short): the focus "Work" is a sentence: it has 1 word\n',
    ),
    _check("shallow", "A focus is short whatever the history holds.", "like: speaks\n", _SAID),
)
FOCUS_SHORT = '''
@check("focus-short", "warning")
def focus_short(context: CheckContext) -> Iterator[CheckResult]:
    """The focus of a round is a sentence.

    Fix: say more.
    """
    for entry in context.own:
        if focus := entry.round.focus:
            count = len(focus.split())
            claim = Claim(f'the focus "{focus}" is a sentence', entry.round.place, entry.key)
            said = f"it has {count} word{'s' if count > 1 else ''}"
            yield claim.verified(said) if count > 1 else claim.contradicted(said, "say more")
'''
MOODS = '''"""Moods of rounds."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.site.context import render
from roundbook.site.links import Here
from roundbook.site.registry import view


@view
def round_moods(book: Book, here: Here, mood: str = "good") -> Markup:
    """Show a list of moods.

    `mood` is the mood of all.
    """
    return render("moods.md.j2", book, here, rounds=book.newest_first, mood=mood)
'''
MACRO = (
    Edit("hooks/roundbook/site/views/moods.py", "", MOODS),
    Edit(
        "hooks/roundbook/site/views/moods.md.j2",
        "",
        "<ul>\n{% for e in rounds %}\n<li>{{ s.round(e.key) }} was {{ mood }}</li>\n{% endfor %}\n</ul>\n",
    ),
)
FORMS = '    "hub": {"commit": "/c/{id}", "pull": "/p/{number}", "file": "/f/{id}/{path}", "line": "#{line}"},\n'
# What the row of the table begins with, how many files may be touched at most, and the edits.
CHANGES: dict[str, tuple[int, tuple[Edit, ...]]] = {
    "a scalar key": (
        2,
        (
            Edit(
                ROUND,
                '    focus: TextField | None = Field(None, description="What it is about, in one line.")\n',
                '    mood: TextField | None = Field(None, description="How it felt.")\n',
            ),
        ),
    ),
    "a list key": (
        3,
        (
            Edit(
                ROUND,
                '    next: Many[Note] = Field((), description="What comes next.")\n',
                '    lessons: Many[Goal] = Field((), description="What was learnt.")\n',
            ),
            Edit(
                ROUND,
                '        ListKey("tables", "Tables"),\n',
                '        ListKey("lessons", "Lessons learnt", counted=True, timeline=True, words="what we take home"),\n',
            ),
        ),
    ),
    "a check": (
        3,
        (
            Edit("hooks/roundbook/checks/status.py", "", FOCUS_SHORT),
            Edit("tests/checks/cases/focus-short.yml", "", "---\n".join(CASES)),
        ),
    ),
    "a macro": (2, MACRO),
    "a page": (
        3,
        (
            *MACRO,
            Edit(
                "hooks/roundbook/site/indexes.py",
                "FRONT_PAGES = (\n",
                '    FrontPage("moods/index.md", "Moods", round_moods, "How each round felt."),\n',
            ),
            Edit(
                "hooks/roundbook/site/indexes.py",
                "from roundbook.site.views.evidence import in_short, round_results\n",
                "from roundbook.site.views.moods import round_moods\n",
            ),
        ),
    ),
    "a forge": (
        2,
        (
            Edit("hooks/roundbook/schema/statuses.py", "ForgeKind = Literal[\n", '    "hub",\n'),
            Edit("hooks/roundbook/schema/statuses.py", "FORMS: Mapping[str, Forms] = {\n", FORMS),
            Edit("hooks/roundbook/git/forge.py", "KNOWN_HOSTS = {\n", '    "hub.example": "hub",\n'),
        ),
    ),
}
LOOK = """
import json
import logging
import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

import test_every_key as keys
from repository import Repository
from roundbook.git.forge import from_url
from roundbook.importer.words import HEADINGS
from roundbook.project import load
from roundbook.schema import schema
from roundbook.settings import Settings
from test_every_key import book

ROOT = Path(__file__).parents[1]


def test_a_new_key_has_a_section_anchors_and_a_timeline(book):
    made, texts = keys.on_pages(book), keys.in_markdown(book)
    for where in ("rounds/1/1.md", "rounds/1/2.md", "rounds/1/index.md"):
        assert "## Lessons learnt { #lessons }" in made[where] and 'id="lesson-' in made[where]
        assert "Mood" in made[where]
        assert "## Lessons learnt" in texts[where] and "## Mood" in texts[where]
    assert {"lessons", "mood"} <= set(schema()["properties"])
    assert HEADINGS["lessons"] == ("what we take home",)
    assert book.timelines.by_kind["lesson"]


def test_a_site_has_the_page_and_the_macro_and_what_the_reference_says(tmp_path):
    repo = Repository(tmp_path)
    files = {f"docs/reference/{n}": (ROOT / "docs/reference" / n).read_text() for n in ("checks.md", "macros.md")}
    files |= {f"data/rounds/3/{n}.yml": (ROOT / f"data/rounds/3/{n}.yml").read_text() for n in (3, 4)}
    files["data/rounds/3/5.yml"] = "{round: 5, focus: Work}"
    own = yaml.safe_load((ROOT / "mkdocs.yml").read_text().replace("!ENV", ""))
    del own["site_url"]
    own["nav"] = [one for one in own["nav"] if list(one) in (["Home"], ["Project log"])]
    assert len(own["nav"]) == 2
    own["plugins"] = ["search", {"macros": {"module_name": str(ROOT / "docs/reference/generated")}}, "roundbook"]
    files |= {"mkdocs.yml": json.dumps(own), "docs/index.md": 'Home {{ round_moods(mood="splendid") }}'}
    repo.commit("feat: begin", {**files})
    logging.disable()  # of links to pages that were not copied
    os.chdir(tmp_path)
    config = load_config("mkdocs.yml", site_url="https://site.example/")
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    site = tmp_path / "site"
    assert "was splendid" in (site / "index.html").read_text()
    assert 'href="moods/"' in (site / "index.html").read_text()
    assert "was good" in (site / "moods/index.html").read_text()
    assert '"moods/"' in (site / "search/search_index.json").read_text()
    assert "moods/" in (site / "llms.txt").read_text()
    assert 'id="round_moods.mood"' in (site / "reference/macros/index.html").read_text()
    assert 'id="focus-short"' in (site / "reference/checks/index.html").read_text()
    assert "focus-short" in (site / "evidence/index.html").read_text()


def test_a_forge_gives_its_links():
    forge = from_url("https://hub.example/o/r")
    assert forge.commit("a" * 40) == "https://hub.example/o/r/c/" + "a" * 40
    assert forge.pull(7) == "https://hub.example/o/r/p/7"
    assert forge.file("a" * 40, "x.py", 3) == f"https://hub.example/o/r/f/{'a' * 40}/x.py#3"
    assert forge.issue(7) is None
    assert Settings.model_validate({"repositories": {"own": {"forge": "hub"}}}).repositories["own"].forge == "hub"
"""


def _row(name: str) -> str:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## To change one thing")[2]
    return next(line.split(" | ")[1] for line in table.splitlines() if re.match(rf"\| {name}\b", line))


@pytest.mark.parametrize("name", CHANGES)
def test_the_table_names_what_is_touched(name: str) -> None:
    most, edits = CHANGES[name]
    paths = {edit.path for edit in edits} | ({SCHEMA} if name.endswith("key") else set())
    assert len(paths) <= most
    row = _row("a macro") + _row(name) if name == "a page" else _row(name).replace("make schema", SCHEMA)
    assert not [path for path in paths if path not in row and path.rpartition("/")[0] not in row], row


def test_what_is_changed_as_the_table_says_works(tmp_path: Path) -> None:
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    for edit in dict.fromkeys(edit for _, edits in CHANGES.values() for edit in edits):
        file = tmp_path / edit.path
        text = file.read_text("utf-8") if file.exists() else ""
        assert not edit.after or text.count(edit.after) == 1, edit
        head, rest = text.split(edit.after) if edit.after else (text, "")
        file.write_text(f"{head}{edit.after}{edit.text}{rest}", "utf-8")
    (tmp_path / "tests/test_look.py").write_text(LOOK, "utf-8")
    chosen = "test_look or every_text_of_a_record or any_other_key and (lessons or mood) or focus-short"
    words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", chosen, "tests"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "hooks"), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "19 passed" in ran.stdout, ran.stdout
