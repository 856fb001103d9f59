"""One site over many repositories: what each publishes, in one log; nothing of it is trusted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eventful import EVIL
from repository import Repository
from roundbook.book.gathered import LogItem
from roundbook.book.model import Book
from roundbook.project import Loader, load
from roundbook.site.api import api, schema
from roundbook.site.links import Publication
from roundbook.site.pages import pages
from roundbook.site.resolve import missing, resolve
from site_trial import MKDOCS, build, page

SITE = "https://example.org/{}/"


def member(path: Path, name: str, rounds: int = 2) -> Repository:
    """Return a repository with rounds, a decision that others have too, an open item, and a claim that is wrong."""
    repo = Repository(path / name)
    head = "round: {n}\ntitle: {name} number {n}\ndate: 2026-{month:02}-{day:02}\nstatus: done\n"
    files = {
        f"data/rounds/1/{n}.yml": head.format(n=n, name=name, month=1 + n // 28, day=1 + n % 28)
        for n in range(1, rounds + 1)
    }
    files["data/rounds/1/1.yml"] += (
        f"decisions: [{{id: adr-001, title: Use {name}, status: accepted, date: 2026-01-01, tags: [tools]}}]\n"
        "deferred: [{title: More of it}]\ndeliverables: [{title: x, paths: none.txt, status: done}]\n"
    )
    repo.commit("docs: begin", files)
    return repo


def published(repo: Repository, target: Path, url: str) -> None:
    """Write the files that the site of a repository publishes, as its own job would."""
    for asset in api(load(repo.path), Publication(url)):
        file = target / asset.uri.removeprefix("api/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(asset.text, "utf-8")


def settings(*names: str, more: str = "") -> str:
    rows = "".join(f"  {name}: {{api: gathered/{name}{more}}}\n" for name in names)
    return f"repositories:\n  home: {{}}\n{rows}"


@pytest.fixture
def home(tmp_path: Path) -> Repository:
    """The repository of the joined site, with rounds of its own; `engine` and `web` publish theirs."""
    repo = member(tmp_path, "home")
    for name in ("engine", "web"):
        published(member(tmp_path, name), repo.path / "gathered" / name, SITE.format(name))
    repo.write({"data/roundbook.yml": settings("engine", "web")})
    return repo


def shown(book: Book, uri: str) -> str:
    return next((p.document() for p in pages(book) if p.uri == uri), "")


def unread(book: Book) -> list[str]:
    return [str(f) for f in book.findings if f.slug == "repository-unread"]


def test_all_rounds_and_decisions_are_in_one_log_and_lead_to_their_own_site(home: Repository) -> None:
    book = load(home.path)
    assert unread(book) == []
    assert {(i.repository, i.kind, i.id) for i in book.gathered.log} == {
        (name, kind, id_)
        for name in ("home", "engine", "web")
        for kind, id_ in (("round", "1/1"), ("round", "1/2"), ("decision", "adr-001"))
    }
    assert [i.day for i in book.gathered.log] == sorted((i.day for i in book.gathered.log), reverse=True)
    log = shown(book, "repositories/log.md")
    assert 'data-rb-by="repository kind status year"' in log
    assert '<tr data-repository="engine" data-kind="round" data-status="done">' in log
    assert '<a href="https://example.org/engine/rounds/1/2/">engine number 2</a>' in log
    assert '<a href="../../rounds/1/2/">home number 2</a>' in log
    assert '<a href="https://example.org/web/decisions/adr-001/">Use web</a>' in log


def test_each_repository_has_its_last_round_and_its_figures(home: Repository) -> None:
    book = load(home.path)
    own, engine, web = book.gathered.members
    assert (own.name, own.own, own.open_items) == ("home", True, len(book.left))
    assert (engine.rounds, engine.decisions, engine.open_items) == (2, 1, 1)
    assert engine.last == LogItem(
        "engine", "round", "1/2", "engine number 2", "2026-01-03", "done", SITE.format("engine") + "rounds/1/2/"
    )
    assert engine.claims == web.claims == own.claims
    assert engine.claims
    assert engine.claims.contradicted
    page_ = shown(book, "repositories/index.md")
    assert page_.count('<tr><th scope="row"') == 3
    assert "All 9 rounds and decisions in one log" in page_


def test_a_book_of_one_repository_has_no_such_pages(tmp_path: Path) -> None:
    book = load(member(tmp_path, "alone").path)
    assert not [p.uri for p in pages(book) if p.uri.startswith("repositories/")]
    assert not [a.uri for a in api(book, Publication()) if "log.json" in a.uri and "schema" not in a.uri]


def test_a_clone_is_listed_as_its_site_would_publish_it(tmp_path: Path) -> None:
    repo = member(tmp_path, "home")
    member(tmp_path, "engine")
    clone = "{path: ../engine, data: data, site: 'https://example.org/e'}"
    repo.write({"data/roundbook.yml": f"repositories:\n  home: {{}}\n  engine: {clone}\n"})
    book = load(repo.path)
    assert {i.url for i in book.gathered.log if i.repository == "engine"} == {
        f"https://example.org/e/{way}" for way in ("rounds/1/1/", "rounds/1/2/", "decisions/adr-001/")
    }
    assert book.gathered.members[1].open_items == 1


def test_an_id_that_several_have_is_never_taken_for_one_of_them(home: Repository) -> None:
    (home.path / "data/rounds/1/1.yml").write_text("round: 1\ntitle: home\n")
    book = load(home.path)
    assert [t.uri for t in resolve(book, "1/2")] == ["rounds/1/2.md"]
    assert resolve(book, "adr-001") == ()
    assert missing(book, "ADR-001") == "is unknown in this book; of the other repositories, engine, web have it"
    assert missing(book, "adr-002") == "is unknown in this book"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "rounds.json is not there, or cannot be read"),
        (b"<html>", "rounds.json is not JSON"),
        (b"[" * 100_000, "rounds.json is not JSON"),
        (b"\xff\xfe", "rounds.json is not JSON"),
        (b"[]", "rounds.json is of no known version"),
        (
            b'{"schema-version": 99, "rounds": {}}',
            "rounds.json is of a newer version of its format; this one reads versions 3 and 4",
        ),
        (b'{"schema-version": 2, "rounds": {}}', "rounds.json is of an older version of its format; this one reads"),
        (b'{"schema-version": 3, "rounds": []}', "rounds.json has no table rounds"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_listed(home: Repository, content: bytes | None, why: str) -> None:
    file = home.path / "gathered/engine/rounds.json"
    file.unlink() if content is None else file.write_bytes(content)
    book = load(home.path)
    (told,) = unread(book)
    assert told.startswith("data/roundbook.yml:3:")
    assert f"the rounds of engine are not listed: {why}" in told
    assert {i.kind for i in book.gathered.log if i.repository == "engine"} == {"decision"}
    assert "web number 2" in shown(book, "repositories/log.md")


def test_what_an_older_roundbook_did_not_publish_is_not_known(home: Repository) -> None:
    (home.path / "gathered/engine/open-items.json").unlink()
    (home.path / "gathered/engine/evidence.json").unlink()
    book = load(home.path)
    assert unread(book) == []
    assert (book.gathered.members[1].open_items, book.gathered.members[1].claims) == (None, None)
    assert shown(book, "repositories/index.md").count("not known") == 4


def hostile(text: str) -> dict[str, Any]:
    thing = {"record": {"title": text, "date": text, "tags": [text, 5]}, "status": text, "url": text, "date": text}
    return {"1/1": thing, text: thing, "n": 5, "m": {"record": [], "url": 7, "status": []}}


@pytest.mark.parametrize("text", [EVIL, "javascript:alert(1)", "//evil.example", "https://a@b/", "\ud800", "x" * 9_000])
def test_nothing_that_another_repository_says_has_an_effect(home: Repository, text: str) -> None:
    folder = home.path / "gathered/engine"
    for name in ("rounds", "decisions"):
        head = {"schema-version": 3, "generated-from": {"head": text, "repository": text}}
        (folder / f"{name}.json").write_text(json.dumps({**head, name: hostile(text)}))
    book = load(home.path)
    made = {p.uri: p for p in pages(book)}
    for uri in ("repositories/index.md", "repositories/log.md"):
        document = made[uri].document()
        document.encode()
        urls = re.findall(r'href="([^"]*)"', document)
        assert all(re.match(r"\.\./|log/|#|https://example\.org/", url) for url in urls), urls
        assert not re.search(r"<script|\{\{|<!--", document)
        assert len(document) < 40_000
    for asset in api(book, Publication("https://example.org/")):
        if asset.uri in ("api/log.json", "api/repositories.json"):
            name = asset.uri.removeprefix("api/").removesuffix(".json")
            assert not list(Draft202012Validator(schema(name)).iter_errors(json.loads(asset.text)))


def test_a_new_file_is_read_again_and_a_long_log_has_pages(home: Repository, tmp_path: Path) -> None:
    loader = Loader(home.path)
    assert "engine number 3" not in shown(loader.load(), "repositories/log.md")
    published(member(tmp_path, "engine-2", rounds=120), home.path / "gathered/engine", SITE.format("engine"))
    book = loader.load()
    made = {p.uri: p for p in pages(book)}
    further = [uri for uri in made if uri.startswith("repositories/log/")]
    assert len(further) == -(-len(book.gathered.log) // 100)
    assert all(len(p.document()) < 100_000 for uri, p in made.items() if uri.startswith("repositories/"))
    assert any("engine-2 number 77" in made[uri].words for uri in further), "a search finds it"


def test_the_joined_site_is_built_strictly(home: Repository) -> None:
    home.write(
        {
            "data/rounds/1/1.yml": "round: 1\nfocus: x\n",
            "data/rounds/1/2.yml": "round: 2\nfocus: x\n",
            "mkdocs.yml": MKDOCS,
            "docs/index.md": "# Joined\n",
        }
    )
    made = build(home)
    assert made.code == 0, made.output
    assert "engine number 2" in page(home, "repositories/log")
    index = json.loads((home.path / "site/search/search_index.json").read_text())
    assert any("engine number 2" in one["text"] for one in index["docs"])
    file = home.path / "gathered/engine/rounds.json"
    file.write_text(file.read_text("utf-8").replace("engine number 2", "what it is called now"), "utf-8")
    build(home)
    assert "what it is called now" in page(home, "repositories/log"), "the page follows from that file"
    assert "what it is called now" in page(home, "repositories")
