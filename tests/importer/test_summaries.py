"""Notes in `tests/importer/cases` become the round files that they expect, with every word.

A folder holds Markdown files, which are read together in the order of their names, and `expected/`: a file for each record,
and `notes.txt` with what the importer was not sure of. `hints.yml` holds what a person says. `pytest --update` writes
`expected/` anew; read the difference before you commit it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from roundbook import markdown
from roundbook.importer import ImportResult
from roundbook.importer.identify import Hints
from roundbook.importer.proof import prove
from roundbook.importer.records import summaries
from roundbook.markdown import Document
from roundbook.rounds import load
from roundbook.schema.round import Phase, Round
from roundbook.yamlfile import reader
from roundbook.yamlfile.writer import canonical

CASES = Path(__file__).parent / "cases"
SUMMARY = Path(__file__).parents[1] / "documents" / "round-summary.md"
NAMES = sorted(path.name for path in CASES.iterdir())


def documents(folder: Path) -> tuple[Document, ...]:
    """Return the documents of a case, by their paths inside it."""
    found = (p for p in sorted(folder.rglob("*.md")) if "expected" not in p.relative_to(folder).parts)
    return tuple(read(p.read_bytes(), p.relative_to(folder).as_posix()) for p in found)


def read(data: bytes, path: str = "notes.md") -> Document:
    """Return the document of bytes that hold one."""
    document, _ = markdown.parse(data, path)
    assert document is not None
    return document


def hints(folder: Path) -> Hints:
    """Return the hints of a case."""
    file = folder / "hints.yml"
    return Hints(**yaml.safe_load(file.read_text("utf-8"))) if file.is_file() else Hints()


def path_of(result: ImportResult) -> str:
    """Return where the file of a record lies."""
    return f"{result.key}/phase.yml" if result.is_phase else f"{result.key}.yml"


def texts(found: Iterable[ImportResult]) -> dict[str, str]:
    """Return the round files of what was brought, by their paths."""
    return {path_of(one): canonical(one.tree, Phase if one.is_phase else Round) for one in found}


def faults(files: dict[str, str]) -> list[str]:
    """Return what is wrong with round files."""
    rounds_folder = load.parse({f"data/rounds/{path}": text.encode() for path, text in files.items()})
    return [*map(str, rounds_folder.findings), *(sources.key for sources, _ in rounds_folder.broken)]


def missing(read_: Iterable[Document], files: dict[str, str]) -> list[str]:
    """Return the words of documents that are not found in round files, read again."""
    trees = [tree for text in files.values() if isinstance(tree := reader.parse(text.encode(), "")[0], dict)]
    return [str(one) for document in read_ for one in prove(document, trees).missing]


@pytest.mark.parametrize("name", NAMES)
def test_notes_become_the_round_files_that_a_person_would_write(name: str, update: bool) -> None:
    folder = CASES / name
    result = summaries(documents(folder), hints(folder))
    made = texts(result)
    told = "".join(f"{note}\n" for one in result for note in one.notes)
    if told:
        made["notes.txt"] = told
    expected = folder / "expected"
    if update:
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in made.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_text(text, "utf-8")
    wanted = {p.relative_to(expected).as_posix(): p.read_text("utf-8") for p in expected.rglob("*") if p.is_file()}
    assert made == wanted


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_valid_and_hold_every_word(name: str) -> None:
    read_ = documents(CASES / name)
    made = texts(summaries(read_, hints(CASES / name)))
    assert faults(made) == []
    assert missing(read_, made) == []


def test_a_summary_is_understood_to_its_last_word() -> None:
    document = read(SUMMARY.read_bytes(), "round-summary.md")
    (result,) = summaries([document])
    made = texts([result])
    assert prove(document, [result.tree]).words == 573
    assert missing([document], made) == faults(made) == []
    assert (result.key, result.notes) == ("3/4", ())
    assert set(result.tree) == {
        *("round", "phase", "title", "date", "focus", "summary", "team", "metrics", "agents", "decisions"),
        *("objectives", "goals", "carried", "history"),
    }
    assert result.tree["team"] == {"size": "8", "mode": "concurrent"}
    carried = result.tree["carried"]
    assert isinstance(carried, dict)
    assert [len(carried["completed"]), len(carried["findings"]), carried["from"]] == [8, 4, "3/3"]
    assert carried["completed"][3] == {
        "title": "Assembly documentation",
        "note": "`firmware/handbook/build/solder.md`, `seal.md`, `mount.md`",
        "paths": [f"firmware/handbook/build/{name}.md" for name in ("solder", "seal", "mount")],
    }
    decisions: Any = result.tree["decisions"]
    assert [one["follow-up"] for one in decisions] == [
        "Will return to sf7 when the second gateway is installed",
        "Will connect the bus again when its driver can sleep",
    ]
