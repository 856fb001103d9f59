"""Generated notes, imported for real: each word is in the file, on a page, and the same again in a second import."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roundbook import markdown
from roundbook.importer.records import summaries
from roundbook.markdown import Document
from roundbook.project import load
from shown import unseen
from test_import import bring, rounds
from test_summaries import CASES, documents, hints, texts

WORDS = st.sampled_from(["alpha", "`b.py`", "**gamma**", "1,048", "über", "Done", "a|b", "x_y", "3/4", "(see #12)"])
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
CELL = TEXT.map(lambda text: text.replace("|", "\\|"))
HEADS = st.sampled_from(
    [
        "Agents",
        "Key Decision: Drop it",
        "Goals",
        "Next Steps",
        "Risks",
        "What Round 3 Revealed",
        "Odds",
        "Files Changed",
    ]
)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=3)
BLOCKS = st.one_of(
    TEXT,
    st.lists(TEXT, min_size=1, max_size=4).map(lambda many: "\n".join(f"- {one}" for one in many)),
    st.lists(st.tuples(st.booleans(), TEXT), min_size=1, max_size=3).map(
        lambda many: "\n".join(f"- [{'x' if done else ' '}] {one}" for done, one in many)
    ),
    st.tuples(st.sampled_from(["Agent | Task", "Task | Status", "This | That", "Risk | Mitigation"]), ROWS).map(
        lambda t: f"| {t[0]} |\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in t[1])
    ),
    st.tuples(st.sampled_from(["Date", "Focus", "Owner", "Status", "Tests"]), TEXT).map(
        lambda t: f"**{t[0]}**: {t[1]}"
    ),
    TEXT.map(lambda text: f"```py\n{text}\n    {text}\n```"),
    TEXT.map(lambda text: f"> {text}"),
)
NOTES = st.lists(st.tuples(HEADS, st.lists(BLOCKS, max_size=3)), max_size=5).map(
    lambda parts: (
        "# Phase 3 Round 4\n\n" + "\n\n".join(x for head, blocks in parts for x in (f"## {head}", *blocks)) + "\n"
    )
)


def document(text: str) -> Document:
    read, _ = markdown.parse(text.encode(), "n.md")
    assert read is not None
    return read


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NOTES)
def test_whatever_is_written_is_in_the_file_and_on_a_page(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path: Path = tmp_path_factory.mktemp("p")
    (path / "n.md").write_text(text, "utf-8")
    done = bring(path, "n.md", "--verify")
    assert done.code == 0, done.output
    before = rounds(path)
    book = load(path)
    assert [str(f) for f in book.findings if f.severity == "error"] == []
    assert unseen([document(text)], book) == []
    assert bring(path, "n.md", "--force").code == 0
    assert rounds(path) == before
    assert bring(path, "n.md", "--update").code == 0
    assert rounds(path) == before


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_the_pages_of_each_case_show_all_that_its_notes_say(tmp_path: Path, name: str) -> None:
    notes = documents(CASES / name)
    for path, text in texts(summaries(notes, hints(CASES / name))).items():
        file = tmp_path / "data/rounds" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert unseen(notes, load(tmp_path)) == []
