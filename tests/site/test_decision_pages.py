"""The pages of decisions: groups, the way to what is in force, long chains, and the files that decisions affect."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.links import Here
from roundbook.site.prose import gist
from roundbook.site.views.decisions import BODY_SHOWN, document_body, round_decision, round_decisions
from roundbook.site.views.others import round_files


def book_of(folder: Path, *decisions: str) -> Book:
    repo = Repository(folder)
    listed = "".join(f"  - {{{text}}}\n" for text in decisions)
    head = "round: 1\nphase: 1\ndate: 2026-01-01\nstatus: done\nfocus: F\n"
    repo.commit(
        "feat: begin", {"data/rounds/1/1.yml": f"{head}decisions:\n{listed}", "src/a/b.py": "x", "src/c.py": "x"}
    )
    return load(repo.path)


def chain(length: int) -> list[str]:
    first, *more = (f"id: step-{i:02}, title: Step number {i:02}" for i in range(length))
    return [first, *(f"{text}, supersedes: step-{i:02}" for i, text in enumerate(more))]


def page(book: Book, name: str) -> str:
    return str(round_decision(book, Here(f"decisions/{name}.md"), name))


def test_decisions_are_grouped_by_how_they_stand(tmp_path: Path) -> None:
    book = book_of(
        tmp_path,
        "id: old, title: Old",
        "id: adr-0012, title: New, supersedes: old, rationale: [First reason. Second sentence.]",
        "id: idea, title: Idea, status: proposed",
        "id: no, title: No, status: rejected",
    )
    made = str(round_decisions(book, Here("index.md")))
    heads = re.findall(r'scope="rowgroup"[^>]*>([\w, ]+) <span class="rb-note">· (\d)', made)
    assert heads == [("In force", "1"), ("Proposed", "1"), ("Superseded, deprecated or rejected", "2")]
    assert re.findall(r"rb-status rb-([\w-]+)", made) == ["superseded", "rejected"]  # the others are told by their head
    assert ">ADR-0012</a>" in made
    assert "First reason&#46;</span>" in made
    few = str(round_decisions(book, Here("index.md"), limit=2))
    assert "rowgroup" not in few
    assert "data-rb-filter" not in few


def test_a_superseded_decision_leads_to_what_is_in_force(tmp_path: Path) -> None:
    book = book_of(tmp_path, *chain(4))
    words = re.sub(r"<[^>]+>", "", page(book, "step-00"))
    assert re.search(r"Superseded by Step number 01.*; in force today: Step number 03\.", words)
    assert re.search(r"Superseded by Step number 03\.", re.sub(r"<[^>]+>", "", page(book, "step-02")))
    assert "in force today" not in page(book, "step-02")
    assert "accepted" not in page(book, "step-00").partition("rb-graph")[0]
    assert "rb-notice" not in page(book, "step-03")


def test_a_long_chain_leads_to_what_is_not_drawn(tmp_path: Path) -> None:
    made = page(book_of(tmp_path, *chain(20)), "step-10")
    assert made.count('class="rb-box') == 5
    assert '<a href="#replacements">7 later, 8 earlier</a>' in made
    assert made.count('id="replacements"') == 1
    assert made.count(" replaces ") >= 19


def test_two_related_decisions_are_drawn_without_a_false_relation(tmp_path: Path) -> None:
    book = book_of(
        tmp_path, "id: a, title: A", "id: b, title: B, supersedes: a", "id: c, title: C, amends: b, relates-to: a"
    )
    made = page(book, "b")
    assert re.findall(r'<path class="rb-edge rb-(\w+)" d="[^"]+"><title>', made) == [
        "replaces",
        "amends",
        "mentions",
    ]
    assert re.findall(r"</svg> ([\w ]+)</span>", made) == ["replaces", "is related to", "amends"]


def test_what_makes_a_long_record_long_is_folded(tmp_path: Path) -> None:
    book, code = book_of(tmp_path, "title: A"), "```\n" + "x = 1\n" * BODY_SHOWN + "```"
    text = f"## Context\n\nShort.\n\n## Listing\n\n{code}\n\n## Decision\n\n{'word ' * 20}\n"
    made = str(document_body(book, Here("decisions/a.md"), text, "docs/adr/1.md"))
    shown, _, rest = made.partition("<details")
    assert "Short" in shown
    assert "{ #listing }" in shown
    assert f"<summary>{3 * BODY_SHOWN:,} words</summary>" in rest
    assert html.unescape(rest).count("x = 1") == BODY_SHOWN
    after = rest.partition("</details>")[2]
    assert "{ #decision }" in after
    assert "word word" in after


def test_files_are_listed_by_folder(tmp_path: Path) -> None:
    book = book_of(
        tmp_path, "title: A, affects: [src/c.py, src/a/**, setup.py]", "title: B, affects: [src/a/b.py, src/a]"
    )
    made = str(round_files(book, Here("files/index.md")))
    rows = re.findall(r"<th scope=\"row(?:group)?\"[^>]*>(.*?)</th>", made)
    words = [html.unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", row)) for row in rows]
    assert words == ["Top folder", "setup.py", "src/", "a", "c.py", "src/a/", "**", "b.py"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One. Two.", "One."),
        ("Use e.g. this one. Then that.", "Use e.g. this one."),
        ("Version 2.1 is out. Next", "Version 2.1 is out."),
        ("Which? That one!", "Which?"),
        ("no end", "no end"),
        ("第一句。第二句。", "第一句。"),
        ("- a point\n\nmore", "a point"),
        ("", ""),
        ("`code` and **bold** words. More", "code and bold words."),
        ("| Author | Ada |\n|---|---|\n\n| A |\nSaid below. More", "Said below."),
        ("| Author | Ada |", ""),
    ],
)
def test_the_gist_is_the_first_sentence(text: str, said: str) -> None:
    assert gist(text) == said
    assert len(gist("word " * 200)) <= 180


def test_a_decision_says_each_thing_once(tmp_path: Path) -> None:
    decision = "id: {}, title: Title of {}, status: {}, rationale: [Since it is so.], affects: [src/c.py]"
    head = "round: 1\nphase: 1\nstatus: done\nfocus: F\ndecisions:\n"
    repo = Repository(tmp_path)
    for i, status in enumerate(("proposed", "accepted")):
        told = (("one", "accepted"), ("two", status))
        text = head + "".join(f"  - {{{decision.format(name, name, stands)}}}\n" for name, stands in told)
        cites = "\n\nDecision: one\nDecision: two" if i else ""
        repo.commit(f"feat: part {i}{cites}", {"data/rounds/1/1.yml": text, "src/c.py": f"{i}"})
    book = load(repo.path)
    one, two = page(book, "one"), page(book, "two")
    assert "## Timeline" not in one  # one step, which the head shows
    assert re.search(r'id="timeline">Added in .*<code>[0-9a-f]{7}</code>', one)
    assert "## Timeline { #timeline }" in two
    for made, own, other in ((one, "one", "two"), (two, "two", "one")):
        commits = made.partition("## Commits")[2].partition("\n## ")[0]
        assert re.findall(r"cites <a[^>]*>([^<]+)</a>", commits) == [f"Title of {other}"]
        assert f"Title of {own}" not in commits
        assert "<dt>Files</dt>" not in made
        assert "src/" in made.partition("## Affected files")[2]
        assert '<dl class="rb-line">' not in made  # nothing is said there
