"""Tests of names: each leads to its one page and anchor."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from repository import Repository
from roundbook.book.model import Book
from roundbook.cli.common import Site, parse_site
from roundbook.project import load
from roundbook.site import links
from roundbook.site.context import PageContext
from roundbook.site.links import Here, Publication
from roundbook.site.pages import files, pages
from roundbook.site.redirects import COMMITS_IN_FILE, files_of, index, redirects, spread
from roundbook.site.resolve import names, near, resolve
from site_trial import run

FIRST = """\
round: 4
phase: 3
was: [4b, 2/9]
status: done
focus: Make it *fast*
agents: [{id: ada, was: [lovelace], name: Ada, status: done}]
goals: [{id: speed, title: Be fast}]
changes: [{id: faster, was: quicker, text: It is faster}]
decisions:
  - {id: wasm-target, was: [wasm32, Old-Target], title: Target wasip1, rationale: It runs}
  - {id: adr-0044, title: Keep records}
tables: [{id: t2, was: t1, title: A table, columns: [a], rows: [[b]]}]
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repo = Repository(tmp_path_factory.mktemp("resolve"))
    repo.commit("feat: begin\n\nRound: 2/9\nDecision: wasm32", {"a.txt": "a\n"})
    repo.commit("feat: by squash (#27)\n\nRound: 3/4", {"a.txt": "b\n"})
    repo.tag("v0.3.0")
    repo.commit("fix: alone (#28)", {"a.txt": "c\n"})
    repo.write(
        {
            "data/rounds/3/4.yml": FIRST,
            "data/rounds/4/4.yml": "round: 4\nfocus: again\n",
            "data/rounds/4/5.yml": "round: 5\nfocus: only\n",
            "data/rounds/4/6.yml": "round: 6\nfocs: broken\n",
            "data/rounds/3/phase.yml": "phase: 3\ntitle: Third\n",
            "mkdocs.yml": "site_name: x\nsite_url: https://example.org/docs/\n",
        }
    )
    return repo


@pytest.fixture(scope="module")
def book(repo: Repository) -> Book:
    return load(repo.path)


def where(book: Book, text: str) -> list[str]:
    return [Here("index.md").from_top(t.uri, t.anchor) for t in resolve(book, text)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("3/4", "rounds/3/4/"),
        (" 3/4\n", "rounds/3/4/"),
        ("5", "rounds/4/5/"),
        ("4/6", "rounds/4/6/"),
        ("3/4b", "rounds/3/4/"),
        ("2/9", "rounds/3/4/"),
        ("3/", "rounds/3/"),
        ("3/4#agent-ada", "rounds/3/4/#agent-ada"),
        ("3/4#agent-lovelace", "rounds/3/4/#agent-ada"),
        ("3/4#goals", "rounds/3/4/#goals"),
        ("3/4#goal-speed", "rounds/3/4/#goal-speed"),
        ("wasm-target", "decisions/wasm-target/"),
        ("Wasm-Target", "decisions/wasm-target/"),
        ("3/4#wasm-target", "decisions/wasm-target/"),
        ("wasm32", "decisions/wasm-target/"),
        ("3/4#wasm32", "decisions/wasm-target/"),
        ("old-target", "decisions/wasm-target/"),
        ("adr-0044", "decisions/adr-0044/"),
        ("v0.3.0", "changelog/0.3.0/"),
        ("0.3.0", "changelog/0.3.0/"),
        ("#27", "rounds/3/4/#pull-27"),
        ("!27", "rounds/3/4/#pull-27"),
        ("27", "rounds/3/4/#pull-27"),
        ("data/rounds/3/4.yml", "rounds/3/4/"),
        ("./data/rounds/3/4.yml", "rounds/3/4/"),
        ("data/rounds/3/phase.yml", "rounds/3/"),
    ],
)
def test_a_name_leads_to_its_page(book: Book, text: str, address: str) -> None:
    assert where(book, text) == [address]


@pytest.mark.parametrize(
    "text",
    ["", " ", "4/9", "nope", "3/4#nope", "4/6#goals", "#29", "abcdef0", "abc", "javascript:alert(1)", "<b>", "x" * 9999,
     "constructor", "__proto__", "../../etc/passwd", "https://example.org", "#", "##", "3/4#", "\x00", "\ud800"],
)  # fmt: skip
def test_what_means_nothing_leads_nowhere(book: Book, text: str) -> None:
    assert resolve(book, text) == ()
    near(book, text)


def test_a_number_of_two_rounds_has_two_candidates(book: Book) -> None:
    assert where(book, "4") == ["rounds/3/4/", "rounds/4/4/"]


def test_a_commit_is_found_by_seven_digits_or_more_in_any_case(book: Book) -> None:
    for commit in book.history.commits:
        for length in (7, 12, 40):
            (found,) = resolve(book, commit.id[:length].upper())
            assert found.anchor == f"c-{commit.id[:12]}"
            assert found.uri == "commits/2026-01.md"
    assert resolve(book, book.history.commits[0].id[:6]) == ()


def test_a_pull_request_that_brought_nothing_to_a_round_is_where_its_commit_is(book: Book) -> None:
    (found,) = resolve(book, "#28")
    assert (found.uri, found.anchor) == ("commits/2026-01.md", f"c-{book.history.commits[0].id[:12]}")


def test_every_target_is_a_page_and_an_anchor_that_there_are(book: Book) -> None:
    made = {page.uri: page.text for page in pages(book)}
    texts = [*names(book), "3/4#agent-ada", "3/4#change-faster", "3/4#t2", *(c.id for c in book.history.commits)]
    for target in (t for text in texts for t in resolve(book, text)):
        assert target.uri in made
        assert not target.anchor or re.search(rf'(id="|\{{ #){target.anchor}["\s]', made[target.uri]), target


def test_the_index_says_what_the_resolver_says(book: Book) -> None:
    known = names(book)
    assert {"3/4", "4", "3/", "wasm32", "3/4#wasm32", "v0.3.0", "#27", "data/rounds/3/4.yml"} <= set(known)
    assert {name: targets for name, targets in known.items() if resolve(book, name) != targets} == {}


def content(text: str) -> dict[str, Any]:
    match = re.fullmatch(r'roundbookGo\("\w+",(.*)\);\n', text)
    assert match, text
    found: dict[str, Any] = json.loads(match[1])
    return found


def test_a_name_lies_in_the_file_that_follows_from_it(book: Book) -> None:
    made = {asset.uri: content(asset.text) for asset in index(book, "directory")}
    count = files_of(len(names(book)))
    for name in names(book):
        assert name in made[f"go/n{spread(name) % count}.js"]
    assert made["go/n0.js" if count == 1 else f"go/n{spread('3/4') % count}.js"]["3/4"] == [
        ["round", "Phase 3 Round 4", "done. Make it fast", "../rounds/3/4/"]
    ]
    ids = " ".join(c.id[:12] for c in book.history.commits)
    assert made["go/c.js"] == {"../commits/0000-00/": {"2026-01": ids}}


def test_a_long_history_lies_in_files_of_a_few_hundred_commits(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    feed = [
        f"commit refs/heads/main\nmark :{n}\ncommitter A <a@b> {1_767_225_600 + n} +0000\ndata 1\nx\n"
        for n in range(1, 3 * COMMITS_IN_FILE)
    ]
    repo.git("fast-import", "--quiet", feed="".join(feed))
    made = [asset for asset in index(load(tmp_path), "file") if asset.uri.startswith("go/c")]
    assert len(made) == 16
    assert max(len(asset.text) for asset in made) < 4000
    found = [ids for a in made for months in content(a.text).values() for ids in months.values()]
    assert sum(len(ids.split()) for ids in found) == 3 * COMMITS_IN_FILE - 1


# ------------------------------------------------------------------------------------------------- redirects


def test_former_pages_lead_on(book: Book) -> None:
    made = {asset.uri: asset.text for asset in redirects(book, "directory")}
    assert 'href="../open-items/"' in made["threads/index.html"]
    assert 'href="../files/"' in made["governs/index.html"]
    assert 'url=../4/"' in made["rounds/3/4b/index.html"]
    assert 'rel="canonical" href="../../3/4/"' in made["rounds/2/9/index.html"]
    assert 'href="../wasm-target/"' in made["decisions/wasm32/index.html"]
    for text in made.values():
        assert len(text.encode()) < 1024
        assert 'name="robots" content="noindex"' in text
        assert "<script>" not in text


def test_former_pages_of_a_site_of_files_are_files(book: Book) -> None:
    made = {asset.uri: asset.text for asset in redirects(book, "file")}
    assert 'href="../3/4.html"' in made["rounds/2/9.html"]
    assert 'href="../open-items/index.html"' in made["threads/index.html"]


def test_the_longest_and_oddest_title_fits_a_kilobyte(tmp_path: Path) -> None:
    odd = json.dumps("<script>&\"'{{ 7*7 }}" * 40)
    key = "a" * 64
    repo = Repository(tmp_path)
    repo.write({f"data/rounds/{key}/{key}.yml": f"round: {key}\nwas: [b]\nfocus: x\ntitle: {odd}\n"})
    for asset in redirects(load(tmp_path), "directory"):
        assert len(asset.text.encode()) < 1024
        assert "<script>&" not in asset.text


def test_an_entry_keeps_its_former_anchors(book: Book) -> None:
    page = next(page.text for page in pages(book) if page.uri == links.round_page("3/4"))
    for old in ("agent-lovelace", "change-quicker", "wasm32", "table-t1"):
        assert page.count(f'id="{old}"') == 1, old


def test_commits_that_name_a_former_id_still_count(book: Book) -> None:
    assert [f.slug for f in book.findings if f.slug.startswith("trailer")] == []
    first = book.history.commits[-1].id
    assert [link.round for link in book.links[first]] == ["3/4"]
    assert book.decisions["wasm-target"].cited_by == (first,)
    assert len(book.entries["3/4"].links) == 2


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"1/1": "was: 2"}, '"1/2" is taken: 1/2 is a current round'),
        ({"1/1": "was: 1"}, '"1/1" is taken: 1/1 is a current round'),
        ({"1/1": "was: [9, 1/9]"}, '"1/9" is taken: two entries claim it'),
        ({"1/1": "was: A", "1/2": "was: a"}, '"1/a" is taken'),
        ({"1/1": "decisions: [{id: a, title: A, was: b}, {id: b, title: B}]"}, '"b" is taken: b is a current decision'),
        ({"1/1": "goals: [{id: a, title: A, was: [b, b]}]"}, '"goal-b" is taken'),
        ({"1/1": "goals: [{id: a, title: A, was: b}, {title: b}]"}, '"goal-b" is taken: goal-b is a current entry'),
        ({"1/1": "decisions: [{id: a, title: A, was: evidence}]"}, '"evidence" is taken: evidence is a current entry'),
    ],
)
def test_an_old_id_that_something_else_has_is_an_error(tmp_path: Path, files: dict[str, str], message: str) -> None:
    repo = Repository(tmp_path)
    for key in ("1/1", "1/2"):
        repo.write({f"data/rounds/{key}.yml": f"round: {key[-1]}\nfocus: x\n{files.get(key, '')}\n"})
    found = [f for f in load(tmp_path).findings if f.slug == "address-taken"]
    assert len(found) == 1
    assert found[0].severity == "error"
    assert message in found[0].message
    assert found[0].place
    assert found[0].place.line == 3


@pytest.mark.parametrize("was", ["1/2/3", "../x", "con", "a b"])
def test_an_old_id_is_one_that_could_be(tmp_path: Path, was: str) -> None:
    Repository(tmp_path).write({"data/rounds/1/1.yml": f"round: 1\nfocus: x\nwas: [{was}]\n"})
    assert [f.slug for f in load(tmp_path).findings if f.severity == "error"] == ["id-not-usable"]


def test_references_of_round_files_know_former_ids(book: Book) -> None:
    context = PageContext(book, Here("index.md"))
    assert 'href="rounds/3/4/"' in context.reference("3/4b")
    assert 'href="decisions/wasm-target/"' in context.reference("3/4#wasm32")
    assert context.refer("wasm32") == "decisions/wasm-target/"


def test_a_single_word_in_code_is_no_reference_to_a_decision(tmp_path: Path) -> None:
    text = "round: 1\nfocus: x\ndecisions: [{title: A, id: testimony}, {title: B, id: a-b}]\n"
    Repository(tmp_path).write({"data/rounds/1/1.yml": text})
    context = PageContext(load(tmp_path), Here("index.md"))
    assert context.refer("testimony") is None
    assert context.refer("a-b") == "decisions/a-b/"
    assert 'href="decisions/testimony/"' in context.reference("testimony")


# --------------------------------------------------------------------------------------------------- command


def test_link_prints_the_address(repo: Repository) -> None:
    done = run(repo.path, "roundbook", "link", "3/4#agent-ada")
    assert (done.code, done.output) == (0, "https://example.org/docs/rounds/3/4/#agent-ada\n")
    done = run(repo.path, "roundbook", "link", "wasm-target", "--site", "https://a.example/", "--markdown")
    assert (done.code, done.output) == (0, "[Target wasip1](https://a.example/decisions/wasm-target/)\n")
    done = run(repo.path, "roundbook", "link", "#27", "--format", "json")
    (found,) = json.loads(done.output)
    assert (found["kind"], found["page"], found["anchor"]) == ("pull request", "rounds/3/4.md", "pull-27")


def test_link_says_what_is_near_and_what_is_ambiguous(repo: Repository) -> None:
    done = run(repo.path, "roundbook", "link", "wasm-taget")
    assert done.code == 1
    assert "did you mean wasm-target?" in done.output
    done = run(repo.path, "roundbook", "link", "4")
    assert done.code == 1
    assert "rounds/3/4/" in done.output
    assert "rounds/4/4/" in done.output
    assert "matches these 2" in done.output
    assert run(repo.path, "roundbook", "link", "3/4", "--site", "javascript:x").code == 2


@pytest.mark.parametrize(
    ("text", "url", "folders"),
    [
        ("site_url: https://a.example/x/\n", "https://a.example/x/", True),
        ("site_url: !ENV [A, 'https://a.example']\nuse_directory_urls: false\n", "", False),
        ("a: !!python/name:os.x\nb: {site_url: https://no.example}\nsite_url: 'https://a.b'\n", "https://a.b", True),
        ("a: &x https://b.example\nsite_url: *x\n", "", True),
        ("site_url: javascript:alert(1)\n", "", True),
        ("- a\n", "", True),
        ("site_url: https://a.example\nb: [\n", "https://a.example", True),
        ("? [a]\n: b\nsite_url: https://a.example\n", "https://a.example", True),
        ("\x00", "", True),
        ("", "", True),
    ],
)  # fmt: skip
def test_the_address_of_the_site_is_read_past_all_tags(text: str, url: str, folders: bool) -> None:
    assert parse_site(text.encode()) == Site(url, folders)


def test_every_generated_file_has_an_address_of_its_own(book: Book) -> None:
    uris = [asset.uri for asset in files(book, Publication())]
    assert len(uris) == len({uri.casefold() for uri in uris})


def test_an_export_has_what_leads_on(repo: Repository, tmp_path: Path) -> None:
    done = run(repo.path, "roundbook", "export", str(tmp_path / "out"), "--file-urls")
    assert done.code == 0, done.output
    for name in ("threads/index.html", "rounds/3/4b.html", "go/index.md", "go/n0.js", "assets/roundbook/moved.js"):
        assert (tmp_path / "out" / name).is_file(), name
    assert 'href="4.html"' in (tmp_path / "out/rounds/3/4b.html").read_text("utf-8")
