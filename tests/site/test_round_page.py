"""Tests of the page of a round: the order of its story, the numbers of its head, and what must not be in a fold."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.book.facts import Tally
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.schema.round import LISTS
from roundbook.site.links import Here
from roundbook.site.pages import pages
from roundbook.site.prose import brief, plain, sentence
from roundbook.site.views.overview import round_card
from roundbook.site.views.rounds import _lead, whole_page

ROUND = {
    "focus": "Make it small",
    "status": "done",
    "summary": "What happened.",
    "agents": [{"name": f"Agent {i}", "task": "Do it", "status": "done" if i else "blocked"} for i in range(4)],
    "goals": [{"title": f"Goal {i}", "status": "done" if i % 2 else "planned"} for i in range(30)],
    "decisions": [
        {"id": f"choice-{i}", "title": f"Choice {i}", "status": "accepted", "context": f"Words of choice {i}.",
         "rationale": [f"Reason {i} is short. The rest of it is long."]} for i in range(5)
    ],
    "changes": [
        {"id": "small", "type": "fixed", "text": "It is small"},
        {"id": "gone", "type": "removed", "text": "It is gone", "breaking": True},
    ],
    "metrics": {"tests": {"before": "3", "after": "5"}},
    "deliverables": [{"title": "Ghost", "paths": ["src/ghost.py"]}],
    "blockers": [{"title": "A wall"}, {"title": "A hole", "status": "done"}],
    "deferred": [{"title": f"Later {i}", "reason": "no time"} for i in range(20)],
    "questions": [{"text": "Why so small"}],
    "checks": [{"title": "Small", "result": "pass"}, {"title": "Fast", "result": "fail"}, {"title": "Red", "result": "na"}],
    "sections": [{"title": "Long", "body": "Many words. " * 400}],
}  # fmt: skip
TINY = {"focus": "A line"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    repo = Repository(tmp_path_factory.mktemp("story"))
    files = {
        "data/rounds/1/1.yml": json.dumps({"round": "1"} | ROUND),
        "data/rounds/1/2.yml": json.dumps({"round": "2"} | TINY),
    }
    repo.commit("docs: say what was done", files)
    for i in range(6):
        path = f"src/{'ab'[i % 2]}/{i}.py"
        repo.commit(f"feat: part {i}\n\nRound: 1/1", {path: f"{i}\n"})
    repo.commit("fix: a part\n\nRound: 1/1", {"src/a/0.py": "new\n"}, author="Bo <bo@example.org>")
    return load(repo.path)


@pytest.fixture(scope="module")
def made(book: Book) -> dict[str, str]:
    return {page.uri: page.text for page in pages(book)}


@pytest.fixture(scope="module")
def page(made: dict[str, str]) -> str:
    return made["rounds/1/1.md"]


def ids(text: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', text)) | set(re.findall(r"\{ #([\w-]+) \}", text))


def outside_of_folds(text: str) -> str:
    """Return what is seen while the folds are closed."""
    while (inner := re.sub(r"<details(?! [^>]*open)[^>]*>\s*<summary>.*?</summary>(?:(?!<details).)*?</details>", "", text,
                           count=1, flags=re.DOTALL)) != text:  # fmt: skip
        text = inner
    return text


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_a_page_tells_its_story_in_order(page: str) -> None:
    order = ['class="rb-focus"', 'id="summary"', 'class="rb-strip"', "{ #changes }", "{ #decisions }", "{ #metrics }"]
    order += ["{ #left-open }", "{ #goals }", "{ #details }", 'id="evidence"', 'id="commits"', 'class="rb-provenance"']
    places = [page.index(mark) for mark in order]
    assert places == sorted(places)


def test_what_breaks_comes_before_what_was_fixed(page: str) -> None:
    changed = page.partition("{ #changes }")[2].partition("\n## ")[0]
    assert changed.index("It is gone") < changed.index("It is small")


def test_each_number_of_the_head_leads_to_a_section_with_as_many(book: Book, page: str) -> None:
    head = page.partition("</dl>\n</div>")[0]
    numbers = {a: int(n) for a, n in re.findall(r'<dt>[^<]*</dt><dd><a href="#([\w-]+)">(\d+)</a>', head)}
    entry = book.entries["1/1"]
    left = len(book.left_in["1/1"])
    assert numbers == {"commits": len(entry.links), "changes": 2, "decisions": 5, "left-open": left}
    bars = set(re.findall(r'<dt>(\w+)</dt><dd><a href="#(\w+)">(\d+ of \d+)</a>', head))
    assert bars == {("Agents", "agents", "3 of 4"), ("Goals", "goals", "15 of 30"), ("Criteria", "checks", "1 of 2")}
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids(page)} == set()


def test_what_is_left_is_listed_as_often_as_it_is_counted(book: Book, page: str) -> None:
    section = page.partition("{ #left-open }")[2].partition("\n## ")[0]
    listed, _, closed = section.partition("closed since")
    unmet = listed.partition("Criteria not met")[2]
    assert listed.count("<li") - unmet.count("<li") == len(book.left_in["1/1"])
    assert unmet.count("<li") == 1
    assert "Fast" in unmet
    assert "A hole" in closed
    assert [item.title for item in book.left_in["1/1"] if item.title not in listed] == []


def test_every_entry_keeps_its_anchor(book: Book, page: str) -> None:
    assert set(book.entries["1/1"].anchors.values()) - ids(page) == set()
    assert {key for key in LISTS if key in ROUND and key != "sections"} - ids(page) == set()


def test_a_decision_is_one_line_and_its_words_are_on_its_page(made: dict[str, str], page: str) -> None:
    for i in range(5):
        assert f"Reason {i} is short" in words(page)
        assert f"Words of choice {i}" not in words(page)
        assert f"Words of choice {i}" in words(made[f"decisions/choice-{i}.md"])
        assert f"decisions/choice-{i}" in page


def test_a_contradiction_is_in_no_fold(page: str) -> None:
    seen = outside_of_folds(page)
    first = seen.partition("\n## ")[0]
    assert "contradicted by git or the data" in first
    assert "ghost.py" in words(first).replace(" ", "")
    assert '<details class="rb-fold rb-grave" id="evidence" open>' in page


def test_long_lists_are_folded(page: str) -> None:
    seen = words(outside_of_folds(page))
    assert "Goal 29" not in seen
    assert "Later 19" not in seen
    assert "Many words. Many words." not in seen
    assert "30 entries 15 planned, 15 done" in words(page) or "30 entries 15 done, 15 planned" in words(page)


def test_commits_say_once_what_they_share(page: str) -> None:
    commits = page.partition('id="commits"')[2].partition('id="touched"')[0]
    assert commits.count("trailer") == 1
    assert words(commits).count("2026-01-01") == 2  # of the fold and of the day
    assert words(commits).count("Ada Lovelace") == 6  # there are two authors, so each row names its own


def test_files_are_listed_by_folder(page: str) -> None:
    touched = page.partition('id="touched"')[2].partition("</details>")[0]
    assert touched.count("rb-group") == 2
    assert re.findall(r'<th scope="row">.*?<code>([^<]*)', touched.replace("<wbr>", ""))[0].startswith("0")


def test_a_small_round_has_a_small_page(made: dict[str, str]) -> None:
    tiny = made["rounds/1/2.md"]
    assert re.findall(r"^## .*\{ #([\w-]+) \}", tiny, re.MULTILINE) == ["details"]
    assert "Left open" in tiny
    assert len(words(outside_of_folds(tiny))) < 500


def test_a_title_of_a_project_does_not_repeat_its_phase() -> None:
    for path in Path("data/rounds/build").rglob("*.yml"):
        assert "title: Building roundbook, round" not in path.read_text("utf-8")


def test_the_head_names_the_first_of_what_changed_was_decided_and_is_left(made: dict[str, str]) -> None:
    """Ten seconds: not only how many, but which; a round with little says so in its sections alone."""
    numbers, _, rest = made["rounds/1/1.md"].partition('class="rb-pair rb-three"')
    glance = rest.partition("\n\n")[0]
    assert "rb-slim" not in numbers, "what was decided and is left comes first, where a phone shows it without a scroll"
    assert "rb-slim" in rest
    for words in ("It is small", "It is gone", "Choice 0", "Choice 2", "A wall"):
        assert words in glance
    assert "Choice 3" not in glance
    assert re.search(r'<a href="#decisions">2 more</a>', glance)
    assert 'href="#left-open"' in glance
    assert "rb-three" not in made["rounds/1/2.md"]


def test_a_note_is_not_counted_as_contradicted() -> None:
    assert Tally(5, 4, 1, waived=1, noted=2).words == "5 verified, 1 contradicted, 2 noted, 1 waived, 1 not checked"
    assert Tally(5).words == "5 verified, 0 contradicted, 0 not checked"


def test_sections_that_are_short_alone_are_folded_where_they_are_many(tmp_path: Path) -> None:
    sections = [{"title": f"Part {i}", "body": f"Word {i}. " * 200} for i in range(20)]
    repo = Repository(tmp_path)
    files = {"data/rounds/1/1.yml": json.dumps({"round": "1", "focus": "F", "sections": sections})}
    files["data/rounds/2/phase.yml"] = "title: A note\nsummary: Words\n"
    repo.commit("docs: many sections", files)
    made = {page.uri: page.text for page in pages(load(tmp_path))}
    assert 10 < made["rounds/1/1.md"].count('<details class="rb-fold"><summary>400 words') < 20
    assert all(f"Word {i}" in made["rounds/1/1.md"] for i in range(20))
    assert "No round is recorded" not in made["rounds/2/index.md"]
    assert "0 rounds" not in made["rounds/2/index.md"]


def test_a_round_of_another_repository_says_what_of_it_was_checked(tmp_path: Path) -> None:
    """Its history is elsewhere, but what its file says of the round before is checked: the notice and the strip agree."""
    repo, more = (
        Repository(tmp_path),
        {"repository": "other", "deliverables": [{"title": "Ghost", "paths": ["src/g.py"]}]},
    )
    metrics = [{"tests": {"before": "3", "after": "5"}}, {"tests": {"before": "5", "after": "7"}}]
    files = {
        f"data/rounds/1/{i}.yml": json.dumps({"round": str(i), "focus": "F", "metrics": one} | more)
        for i, one in enumerate(metrics, 1)
    }
    repo.commit("docs: two rounds of another project", files)
    made = {page.uri: words(page.text) for page in pages(load(tmp_path))}
    left = "its paths and commits were not checked against git, and links lead to that repository."
    for number, checked in ((1, False), (2, True)):
        page = made[f"rounds/1/{number}.md"]
        assert (f"{left} 1 claim was checked against the round files alone." in page) == checked
        assert left in page
        assert ("✓ 1 verified" in page) == checked


@pytest.mark.parametrize(
    ("summary", "lead", "rest"),
    [
        ("One thing. And another.", "One thing. And another.", ""),
        ("One thing.\n\nMore of it.", "One thing.", "More of it."),
        (f"Of `a. b` first. And {'word ' * 80}end.\n\nMore.", "Of `a. b` first.", f"And {'word ' * 80}end.\n\nMore."),
        (f"First. Then:\n1. {'word ' * 80}", "", None),
        ("1. One\n\n    of two", "", None),
        ("See [it].\n\n[it]: https://example.org", "", None),
        ("**Done**: it.", "**Done**: it.", ""),
        (f"Of **a first. {'word ' * 80}** end.", "", None),
        (f"{'word ' * 80}end.", "", None),
        ("* One\n* Two", "", None),
        ("Words:\n- One\n- Two", "Words:\n- One\n- Two", ""),
        (f"Words. They are:\n- {'word ' * 80}", "", None),
        ("```\ncode\n```", "", None),
        ("", "", ""),
    ],
)
def test_a_summary_begins_below_the_title_and_loses_no_word(summary: str, lead: str, rest: str | None) -> None:
    assert _lead(summary) == (lead, summary if rest is None else rest)


def test_the_size_of_a_team_is_not_beside_how_many_agents_are_done(tmp_path: Path) -> None:
    """Two numbers of one thing on one screen look like a contradiction, so the team stands with the agents."""
    team = {"focus": "F", "status": "done", "team": {"size": 9, "mode": "in parallel"}}
    repo = Repository(tmp_path)
    files = {f"data/rounds/1/{i}.yml": json.dumps({"round": str(i)} | team | more)
             for i, more in enumerate(({"agents": [{"name": "A", "status": "done"}]}, {}), 1)}  # fmt: skip
    repo.commit("docs: two teams", files)
    made = {page.uri: page.text for page in pages(load(tmp_path))}
    with_agents, without = made["rounds/1/1.md"], made["rounds/1/2.md"]
    assert "Team: 9, in parallel" in words(with_agents.partition('id="agents"')[2])
    assert "Team" not in words(with_agents.partition('id="agents"')[0])
    assert "1 of 1 done" in words(with_agents)
    assert "Team 9, in parallel" in words(without)


@pytest.mark.parametrize(
    ("status", "said"), [("in-progress", False), ("planned", False), ("done", True), ("partial", True)]
)
def test_a_round_that_goes_on_does_not_say_that_nothing_is_left(tmp_path: Path, status: str, said: bool) -> None:
    repo = Repository(tmp_path)
    repo.commit("docs: a round", {"data/rounds/1/1.yml": json.dumps({"round": "1", "focus": "F", "status": status})})
    book = load(tmp_path)
    for page in (whole_page(book, Here("rounds/1/1.md"), "1/1"), round_card(book, Here("index.md"))):
        assert ("<dt>Left open</dt>" in page) == said


@given(st.text(alphabet="ab .,`*_[]()\n", max_size=400))
def test_a_line_of_the_head_ends_with_a_sentence_or_behind_a_word(text: str) -> None:
    said, is_cut = brief(text)
    if is_cut:
        assert len(said) <= 140
        assert plain(sentence(text)).startswith(said.removesuffix("…"))
    else:
        assert said == sentence(text)
        assert len(plain(said)) <= 140


def test_a_long_line_is_cut_between_words() -> None:
    assert brief("word " * 50)[0].endswith("word word…")
    assert brief("x" * 200)[0] == "x" * 139 + "…"
