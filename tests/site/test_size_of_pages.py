"""Tests that no page grows with the book, and that every entry can still be reached."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from markupsafe import Markup

from roundbook.book.build import Inputs, build
from roundbook.book.governance import govern
from roundbook.book.model import Book, Broken
from roundbook.book.timeline import timelines
from roundbook.checks.registry import judge
from roundbook.errors import Finding, Place
from roundbook.git.history import Commit, GitFacts, History, Marker, PathChange, Person, Remote, Tag
from roundbook.rounds.versions import Snapshot, SnapshotEntry, Version
from roundbook.schema.dates import Moment
from roundbook.schema.round import Round
from roundbook.settings import defaults
from roundbook.site.links import Here, Page, Publication
from roundbook.site.listings import Listing
from roundbook.site.pages import HEAVIEST, files, heavy, page_at, page_outputs, pages
from roundbook.site.reads import Reading, recorded

START = 1_767_265_200
LIMIT = 500_000
ROUND_LIMIT = 200_000
MANY = 216  # the longest list on one page has 200 entries, of versions below the 10 that stand above it
CORE = "core"  # the decision that all others depend on, and that most commits cite


@lru_cache(maxsize=2)
def book(many: int) -> Book:
    """Return a book in which one phase has many rounds and many phases have one, one round has many commits, and so on."""
    rounds = [_round("a", i) for i in range(many)] + [_round(f"p{i}", 0) for i in range(many)]
    names = {one.key: (f"data/rounds/{one.key}.yml",) for one in rounds}
    broken = tuple(_broken(f"a/broken{i}") for i in range(many))
    commits = list(_commits(many, [path for (path,) in names.values()]))
    history = History(
        head=commits[-1].id,
        branch="main",
        commits=tuple(reversed(commits)),
        tags=(_tag("v1.0", commits[-1]), *(_tag(f"v0.{i}", commits[i]) for i in range(1, many))),
        remotes=(Remote("origin", "github.com", "o/r"),),
    )
    made = build(Inputs(history, defaults(), rounds, names | {b.key: b.paths for b in broken}, broken))
    markers = tuple(Marker(f"src/{i}.py", 3, CORE) for i in range(many))
    made = govern(replace(made, git_facts=GitFacts(markers=markers)), defaults())
    lives = timelines(list(_versions(commits[:many])), history, made.pull_requests)
    faults = tuple(fault for one in broken for fault in one.findings)
    made = replace(made, timelines=lives, findings=(*made.findings, *faults))
    return replace(made, results=judge(made, defaults()))


def _round(phase: str, i: int) -> Round:
    name = CORE if (phase, i) == ("a", 0) else f"{phase}-{i}"
    relations = {} if name == CORE else {"depends-on": [CORE], "supersedes": f"{phase}-{i - 1}" if i > 1 else ()}
    keys: dict[str, Any] = {
        "round": f"r{i}",
        "phase": phase,
        "date": "2026-01-01",
        "focus": f"Focus of {i}",
        "metrics": {"tests": {"before": str(i), "after": str(i + 1)}},
        "agents": [{"name": "Ada", "task": "Do it", "status": "done"}],
        "deferred": [{"title": f"Later {phase} {i}"}],
        "deliverables": [{"paths": [f"gone/{i}.py"]}],
        "decisions": [
            {"id": name, "title": f"Decide {name}", "rationale": "One", "affects": f"src/{i}/**", **relations}
        ],
        "changes": [{"id": f"change-{i}", "type": "added", "text": f"Entry {phase} {i}"}],
    }
    return Round.model_validate(keys)


def _broken(key: str) -> Broken:
    path = f"data/rounds/{key}.yml"
    return Broken(key, (path,), "round: [", (Finding("error", "yaml", "It is cut", Place(path, 1, 1)),))


def _commits(many: int, imported: Iterable[str]) -> Iterator[Commit]:
    """Yield an import of all rounds at once, then commits of one round, of none, reverts, fixups, and requests."""
    kinds = (
        "feat: part {}\n\nA body.\n\nRound: a/r1\nDecision: core",
        "fix(x): thing {}\n\n" + "A long body. " * 50,
        'Revert "fix(x): thing {0}"\n\nThis reverts commit {0:040x}.',
        "fixup! feat: part {}",
        "feat: request {0} (#{0})\n\nRound: a/r2",
    )
    number = 1
    yield _commit(number, "import everything", imported)
    for at, kind in enumerate(kinds):
        for i in range(many):
            number += 1
            text = kind.format(number - many if at == 2 else i + 2 if at == 3 else number)
            yield _commit(number, text, [f"src/{i}/f.py", f"lib/{number}.py"])
    yield _commit(number + 1, "docs: cite all\n\n" + "\n".join(f"Decision: a-{i}" for i in range(1, many)), ["README"])


def _commit(number: int, message: str, paths: Iterable[str]) -> Commit:
    who, when = Person(f"Person {number}", f"p{number}@example.org"), Moment(START + number)
    parents = (f"{number - 1:040x}",) if number > 1 else ()
    return Commit(f"{number:040x}", parents, who, who, when, when, message, tuple(PathChange("A", p) for p in paths))


def _tag(name: str, commit: Commit) -> Tag:
    return Tag(name, commit.id, commit.committed, annotated=False)


def _versions(commits: Iterable[Commit]) -> Iterator[Version]:
    for i, commit in enumerate(commits):
        word = ("planned", "done")[i % 2]
        parts = (SnapshotEntry("decisions", CORE, "Core", ("proposed", "accepted")[i % 2]),)
        snapshot = Snapshot(word, (*(SnapshotEntry("agents", f"a{n}", f"A {n}", word) for n in range(60)), *parts))
        yield Version(commit.id, "a/r0", "data/rounds/a/r0.yml", str(i), snapshot)


@pytest.fixture(scope="module")
def made() -> dict[str, Page]:
    return {page.uri: page for page in pages(book(MANY), "markdown")}


def sizes(found: Iterable[Page]) -> dict[str, int]:
    return {page.uri: len(page.document().encode()) for page in found}


def test_no_page_is_large(made: dict[str, Page]) -> None:
    assert {uri: size for uri, size in sizes(made.values()).items() if size > LIMIT} == {}


def test_no_page_of_a_round_is_larger_than_a_reader_waits_for(made: dict[str, Page]) -> None:
    own = (page for uri, page in made.items() if re.fullmatch(r"rounds/\w+/\w+\.md", uri))
    assert {uri: size for uri, size in sizes(own).items() if size > ROUND_LIMIT} == {}


def test_twice_as_much_of_everything_makes_twice_as_many_bytes(made: dict[str, Page]) -> None:
    assert sum(sizes(made.values()).values()) < 2.2 * sum(sizes(pages(book(MANY // 2), "markdown")).values())


def test_every_page_is_reached_by_links_from_the_front_pages(made: dict[str, Page]) -> None:
    work = [uri for uri in made if uri.count("/") == 1 and uri.endswith("/index.md")]
    reached = set(work)
    while work:
        uri = work.pop()
        for link in re.findall(r'href="([^"#]+)', made[uri].text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(uri), link))
            if ":" not in link and target not in reached and target.endswith(".md"):
                assert target in made, (uri, link)
                reached.add(target)
                work.append(target)
    assert set(made) - reached - {"go/index.md", "changelog/rounds.md"} == set()


def test_nothing_ends_in_a_number_of_others_without_a_link(made: dict[str, Page]) -> None:
    for uri, page in made.items():
        found = re.findall(r"\band [\d,]+ (?:more|older)[^<]{0,40}<(?!/a)", page.text)
        assert not found, (uri, found[:2])


def test_each_entry_of_a_long_list_is_on_one_of_its_pages(made: dict[str, Page]) -> None:
    for home, name, words in (
        ("rounds/index.md", "index/rounds", [f"Focus of {i}<" for i in range(MANY)]),
        ("rounds/a/index.md", "rounds", [f"Focus of {i}<" for i in range(MANY)]),
        ("rounds/a/r1.md", "commits", [f"feat: part {i}<" for i in range(2, MANY + 2)]),
        ("decisions/core.md", "commits", [f"feat: part {i}<" for i in range(2, MANY + 2)]),
        ("decisions/core.md", "relations", [f">Decide p{i}-0<" for i in range(MANY)]),
        ("decisions/index.md", "all", [f">Decide p{i}-0<" for i in range(MANY)]),
        ("changelog/index.md", "versions", [f">0.{i}<" for i in range(1, MANY - 12)]),
        ("open-items/index.md", "all", [f">Later a {i}<" for i in range(MANY)]),
        ("files/index.md", "marked", [f">{i}.py:3<" for i in range(MANY)]),
    ):
        folder = home.removesuffix("/index.md").removesuffix(".md") + f"/{name}/"
        text = "".join(page.text for uri, page in made.items() if uri.startswith(folder))
        text = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), text)
        assert [word for word in words if word not in text] == [], folder


def test_a_new_commit_changes_the_last_page_of_a_list_alone() -> None:
    def parts(count: int) -> list[list[int]]:
        one = Listing("rounds/3/4.md", "commits", "Commits", list(range(count, 0, -1)), lambda *_: Markup(""))
        return [list(one.part(number)) for number in range(1, one.parts + 1)]

    old, new = parts(250), parts(251)
    assert old[:2] == new[:2]
    assert [len(part) for part in new] == [100, 100, 51]
    assert sorted(i for part in new for i in part) == list(range(1, 252))


@pytest.mark.parametrize("uri", ["changelog/rounds/all/1.md", "rounds/index/rounds/2.md"])
def test_a_further_page_depends_on_the_rounds_that_it_shows(uri: str) -> None:
    reads: set[Reading] = set()
    output = next(one for one in page_outputs(book(MANY), "directory") if one.name == uri)
    assert [*output.make(recorded(book(MANY), reads))]
    entries = [path for path in reads if path[0] == (".", "entries")]
    assert 0 < len({path[1][1] for path in entries if len(path) > 1}) < MANY / 2
    assert ((".", "entries"),) not in entries


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201, 1000])
def test_an_entry_is_on_the_page_that_is_said_to_hold_it(count: int, newest_first: bool) -> None:
    items = list(range(count))
    one = Listing("rounds/3/4.md", "x", "X", items, lambda *_: Markup(""), newest_first=newest_first)
    assert (one.parts == 0) == (count <= one.size)
    pages_of = {one.uri(number): one.part(number) for number in range(1, one.parts + 1)} | {one.home: items[: one.size]}
    assert all(item in pages_of[one.holding(i)] for i, item in enumerate(items))


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ((2, 97, 30, 65), {2, 19, 20}),
        ((100,), {60}),
        ((1, 100), {1, 59}),
        ((90,) * 12, {5}),
        ((3, 4), {3, 4}),
    ],
)
def test_the_beginning_of_a_list_shows_some_of_each_kind(kinds: tuple[int, ...], shown: set[int]) -> None:
    items = [(kind, i) for kind, count in enumerate(kinds) for i in range(count)]
    made: list[tuple[int, int]] = []

    def show(_here: Here, some: Sequence[tuple[int, int]]) -> Markup:
        made.extend(some)
        return Markup("")

    one = Listing("c/index.md", "x", "X", items, show, size=60, newest_first=False, kinds=kinds)
    one.head(Here("c/index.md"))
    for kind in range(len(kinds)):
        own = [i for k, i in made if k == kind]
        assert own == list(range(len(own)))  # the first of each
        assert len(own) in shown
    pages_of = {one.uri(number): one.part(number) for number in range(1, one.parts + 1)} | {one.home: made}
    assert all(item in pages_of[one.holding(i)] for i, item in enumerate(items))


def test_files_for_programs_that_are_no_list_of_everything_are_small() -> None:
    site = Publication("https://example.org/")
    told = {"api/rounds.json", "api/decisions.json", "api/changes.json", "api/evidence.json"}  # whole by design
    large = {a.uri: len(a.text) for a in files(book(MANY), site) if a.uri not in told and len(a.text) > LIMIT}
    assert large == {}


def test_a_page_that_is_too_large_is_named_with_what_to_do() -> None:
    assert heavy("rounds/3/4.md", "x" * HEAVIEST) is None
    found = heavy("rounds/3/4.md", "x" * (HEAVIEST + 1))
    assert found is not None
    assert str(found).startswith("rounds/3/4.md: info page-heavy: the page is 500 KB of HTML; ")
    assert "move long notes" in str(found)


def test_a_page_that_is_large_by_its_menu_says_so() -> None:
    menu, words = "<li>x</li>" * 40_000, "x" * 150_000
    found = heavy("rounds/3/4.md", f"<nav>{menu}</nav><article>{words}</article>")
    assert "navigation.prune" in str(found)
    assert "move long notes" in str(heavy("rounds/3/4.md", f"<nav>{menu}</nav><article>{words * 3}</article>"))


def test_every_page_is_found_by_its_address() -> None:
    small = book(8)
    uris = [page.uri for page in pages(small, "markdown")]
    found = [page_at(small, {uri}) for uri in uris]
    assert [page and page.uri for page in found] == uris
    assert page_at(small, {"rounds/none.md"}) is None


@pytest.mark.parametrize("count", [150, 50_000])
def test_a_long_list_of_a_front_page_is_made_a_few_times_only(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    made: list[int] = []

    def lists(_: Book) -> tuple[Listing, ...]:
        made.append(count)
        return (Listing("x/index.md", "all", "Long", range(count), lambda *_: Markup(""), size=100),)

    monkeypatch.setattr("roundbook.site.pages.FRONT_LISTS", (("Long", lists),))
    empty = build(Inputs(History(), defaults()))
    found = [page.uri for output in page_outputs(empty, "directory") for page in output.make(empty)]
    assert [uri for uri in found if uri.startswith("x/")] == [f"x/all/{i + 1}.md" for i in range(-(-count // 100))]
    assert len(made) <= 17
