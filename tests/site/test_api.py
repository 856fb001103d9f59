"""Tests of files for programs: JSON that conforms to its schemas, and escaped Markdown."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eventful import EVIL, FIRST, SITE, eventful
from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.cli.common import parse_site
from roundbook.project import load
from roundbook.site import links
from roundbook.site.api import FILES, api, schema
from roundbook.site.links import Publication, json_text, lines_of, xml
from roundbook.site.outline import block
from roundbook.site.pages import alternates, files, pages
from roundbook.site.text import INDEXES, beside, texts
from site_trial import MKDOCS, build, page, project, run


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return eventful(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def book(repo: Repository) -> Book:
    return load(repo.path)


def data(book: Book, site: Publication = SITE) -> dict[str, Any]:
    return {asset.uri.removeprefix("api/"): json.loads(asset.text) for asset in api(book, site)}


def faults(made: dict[str, Any]) -> list[str]:
    """Return where files are not as the schema that they name says."""
    found = []
    for path, content in made.items():
        if not path.startswith("schema/"):
            wanted = (Path(path).parent / content["$schema"]).as_posix().replace("commits/../", "")
            errors = Draft202012Validator(made[wanted]).iter_errors(content)
            found += [f"{path}: {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors]
    return found


# -------------------------------------------------------------------------------------- data


def test_the_schemas_are_schemas() -> None:
    for name in FILES:
        Draft202012Validator.check_schema(schema(name))
        assert "$ref" not in json.dumps(schema(name)) or "#/$defs/" in json.dumps(schema(name))


def test_every_file_is_as_its_schema_says(book: Book) -> None:
    assert faults(data(book)) == []


def test_the_seed_of_this_project_is_as_the_schemas_say(root: Path) -> None:
    assert faults(data(load(root))) == []


@pytest.mark.parametrize("name", ["empty", "none"])
def test_a_book_of_nothing_is_as_the_schemas_say(tmp_path: Path, name: str) -> None:
    assert faults(data(load(Repository(tmp_path, make=name == "empty").path), Publication())) == []


def test_a_schema_refuses_what_is_missing_and_what_is_more(book: Book) -> None:
    made = data(book)
    one = made["decisions.json"]["decisions"]["wasm-target"]
    one["more"] = one.pop("status")
    assert len(faults(made)) == 2
    made["rounds.json"]["rounds"]["3/4"]["record"]["title"] = 3
    assert len(faults(made)) == 3


def test_everything_is_keyed_by_its_id_and_holds_it_but_for_commits(book: Book) -> None:
    for path, content in data(book).items():
        if not path.startswith("schema/"):
            kind = next(key for key in content if key not in ("$schema", "schema-version", "generated-from"))
            for name, thing in content[kind].items():
                assert thing.get("id", thing.get("key")) == (None if "commits/" in path else name)
            origin = content["generated-from"]
            assert origin["head"] == book.history.head
            assert origin["complete"] is True
            assert origin["dirty"] == ["data/rounds/3/6.yml", "data/rounds/3/7.yml"]


def test_the_addresses_are_those_of_the_pages(book: Book) -> None:
    made = data(book)
    assert made["rounds.json"]["rounds"]["3/4"]["url"] == "https://example.org/some/path/rounds/3/4/"
    change = made["changes.json"]["changes"]["3/4#change-faster"]
    assert change["url"] == "https://example.org/some/path/rounds/3/4/#change-faster"
    assert (change["version"], change["released"]) == ("0.3.0", "2026-01-01")
    bare = data(book, Publication(style="file"))
    assert bare["decisions.json"]["decisions"]["next"]["url"] == "decisions/next.html"


def test_commits_stand_in_files_of_their_months(book: Book) -> None:
    made = data(book)
    index = made["commits.json"]["months"]
    assert [*index] == [*book.commit_index]
    held = {name: commit for one in index.values() for name, commit in made[one["file"]]["commits"].items()}
    assert [*held] == [c.id for page in book.commit_index.values() for c in page]
    first = held[book.history.commits[-1].id]
    assert first["author"] == "grace"
    assert first["rounds"] == [{"round": "3/4", "rule": "trailer"}]
    assert first["version"] == "0.3.0"


def test_an_incomplete_history_says_so_in_every_file(tmp_path: Path) -> None:
    cut = eventful(tmp_path / "whole").clone(tmp_path / "cut", depth=1)
    made = data(load(cut.path))
    assert faults(made) == []
    for path, content in made.items():
        if not path.startswith("schema/"):
            assert content["generated-from"]["complete"] is False
            assert content["generated-from"]["missing"][0]["slug"] == "shallow"


def test_the_book_as_it_was_says_of_when(repo: Repository) -> None:
    made = data(load(repo.path, at="v0.3.0"))
    assert faults(made) == []
    assert made["rounds.json"]["generated-from"]["at"] == "v0.3.0"
    assert [*made["rounds.json"]["rounds"]] == ["3/4"]


def test_a_round_of_another_repository_is_as_the_schemas_say(tmp_path: Path) -> None:
    other = eventful(tmp_path / "other")
    repo = Repository(tmp_path / "here")
    text = FIRST.replace("STATUS", "done").replace("WORD", "accepted") + "repository: other\n"
    settings = (
        "repositories: {here: https://h.example/o/here, other: {url: https://h.example/o/other, path: ../other}}\n"
    )
    repo.commit("docs: record", {"data/rounds/3/4.yml": text, "data/roundbook.yml": settings})
    made = data(load(repo.path))
    assert faults(made) == []
    assert made["rounds.json"]["generated-from"]["linked-repositories"]["other"]["head"] == other.git(
        "rev-parse", "HEAD"
    )
    assert "3/4#change-faster" in made["changes.json"]["changes"]


# ----------------------------------------------------------------------------------- hostile


def test_json_may_stand_in_a_page() -> None:
    evil = {EVIL: [EVIL, "\ud800", "</script>"]}
    for made in (json_text(evil), lines_of({EVIL: EVIL}, EVIL, {EVIL: evil})):
        assert re.search("[<>&\u2028\u2029\ud800-\udfff\x00-\x09\x0b-\x1f]", made) is None
        assert json.loads(made)
        made.encode()
    assert json.loads(json_text(EVIL)) == EVIL, "data stays what it was"


def test_text_for_xml_holds_nothing_that_xml_cannot() -> None:
    made = xml(EVIL + "\ud800")
    assert ET.fromstring(f'<a b="{made}">{made}</a>').text is not None  # noqa: S314
    assert "]]>" not in made
    made.encode()


def test_two_verdicts_of_one_check_on_one_claim_are_two(book: Book) -> None:
    one = CheckResult("x", "verified", "a", "b", round="3/4", anchor="goals")
    made = data(replace(book, results=(one, one._replace(evidence="c"))))["evidence.json"]["evidence"]
    assert {name: said["evidence"] for name, said in made.items()} == {"3/4#goals:x": "b", "3/4#goals:x-2": "c"}


def test_no_file_has_an_address_of_mail_of_a_commit(book: Book) -> None:
    for asset in files(book, SITE):
        if not asset.uri.startswith(("api/rounds", "api/decisions")):  # these hold what the round file says
            assert "@example.org" not in asset.text, asset.uri
    for _, asset in texts(book, SITE):
        assert "grace@" not in asset.text


def test_the_same_book_gives_the_same_bytes(repo: Repository, book: Book) -> None:
    again = load(repo.path)
    assert [*files(book, SITE)] == [*files(again, SITE)]
    assert [*texts(book, SITE)] == [*texts(again, SITE)]


def test_no_two_files_lie_at_one_place(book: Book) -> None:
    for style in ("directory", "file"):
        site = replace(SITE, style=style)
        uris = [asset.uri for asset in (*files(book, site), *(asset for _, asset in texts(book, site)))]
        assert len(uris) == len(set(uris))


# ------------------------------------------------------------------------------------- texts


def text_of(book: Book, uri: str, site: Publication = SITE) -> str:
    return next(asset.text for page, asset in texts(book, site) if page == uri)


def test_a_round_is_read_as_text(book: Book) -> None:
    shown = text_of(book, "rounds/3/4.md")
    for words in (
        "# Phase 3 Round 4\n",
        "> Make it *fast* & \\<b>small\\</b>\n",
        "- Status: done",
        "- Next round: [Phase 3 Round 5](../5/index.md)",
        "See the next, [the web](https://web.example/?a=1&amp;b=2), `wasm-target`",
        "## Goals\n\n- Be fast \\]\\]> \\<i> (done)",
        "- [Target wasip1 & \\]\\]> \\<b>](../../../decisions/wasm-target/index.md) (superseded)",
        "- added: It is **faster** `]]>`",
        "## Sizes \\| all\n\n| a | b |\n| --- | --- |\n| 1 \\| 2 | \\<b> |\n| 3 |  |",
        "## More\n\n**Head**\n\n- one `@somebody`\n- two `#12`",
        "feat: begin (`#27`) (grace, 2026-01-01)",
        "Page: https://example.org/some/path/rounds/3/4/\n",
    ):
        assert words in shown, shown
    assert "&#" not in shown, "no character reference stands in a text"


def test_a_decision_is_read_as_text(book: Book) -> None:
    shown = text_of(book, "decisions/wasm-target.md")
    assert shown.startswith("# Target `wasip1` & \\]\\]> \\<b>\n\n- Status: superseded")
    assert "- Superseded by: [Next](../next/index.md)" in shown
    assert "## Rationale\n\n- It runs\n- It is \\<small>" in shown


def test_a_history_that_is_cut_is_said_in_the_text(tmp_path: Path) -> None:
    cut = eventful(tmp_path / "whole").clone(tmp_path / "cut", depth=1)
    assert "History incomplete: " in text_of(load(cut.path), links.ROUNDS)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("one\ntwo @x", "one\ntwo `@x`"),
        ("# Head <b>", "**Head \\<b>**"),
        ("- a\n  - b <i>\n1. c", "- a\n  - b \\<i>\n1. c"),
        ("```\n<b> @x\n", "```\n<b> @x\n\n```"),
        ("~~~ py\n```\n~~~\n@x", "~~~ py\n```\n~~~\n`@x`"),
        ("| a | b |\n|---|:-:|\n| @x | 1 |", "| a | b |\n| --- | :-: |\n| `@x` | 1 |"),
        ("> said\n> more", "> said\n> more"),
        ("", ""),
    ],
)
def test_prose_stays_prose(source: str, made: str) -> None:
    assert block(source) == made


def test_every_link_of_a_text_leads_to_a_text_or_a_page(book: Book) -> None:
    for style in ("directory", "file"):
        site = replace(SITE, style=style)
        made = {asset.uri: asset.text for _, asset in texts(book, site)}
        for uri, shown in made.items():
            for link in re.findall(r"\]\(([^)#]+\.md)\)", shown):
                parts = [*uri.split("/")[:-1], *link.split("/")]
                while ".." in parts:
                    at = parts.index("..")
                    del parts[at - 1 : at + 1]
                assert "/".join(parts) in made, (uri, link)


def test_a_text_lies_beside_its_page() -> None:
    assert beside("rounds/3/4.md", "directory") == "rounds/3/4/index.md"
    assert beside("rounds/3/4.md", "file") == "rounds/3/4.md"
    assert beside("rounds/index.md", "directory") == beside("rounds/index.md", "file") == "rounds/index.md"


def test_every_text_is_of_a_page(book: Book) -> None:
    assert {uri for uri, _ in texts(book, SITE)} < {page.uri for page in pages(book)}
    assert {*INDEXES} < {uri for uri, _ in texts(book, SITE)}


# -------------------------------------------------------------------------------------- llms


def test_llms_txt_has_a_title_a_paragraph_and_lists_of_links(book: Book) -> None:
    shown = next(asset.text for asset in files(book, SITE) if asset.uri == "llms.txt")
    head, about, *sections = shown.strip().split("\n\n")
    assert head == '# Trial & \\<b>"co"\\</b> \\]\\]>'
    assert about == "> What & why"
    assert "\n- [Phase 3 Round 4](https://example.org/some/path/rounds/3/4/index.md): done. Make it fast" in shown
    assert "(https://example.org/some/path/decisions/wasm-target/index.md): superseded, round 3/4" in shown
    assert "(https://example.org/some/path/api/rounds.json)" in shown
    assert "(https://example.org/some/path/feeds/rounds.xml)" in shown
    for line in "\n".join(sections).splitlines():
        assert re.fullmatch(r"## .+||- \[.+\]\(https://example\.org/some/path/[^ ]+\)(: .+)?", line), line


def test_llms_txt_names_nothing_that_is_not_made(book: Book) -> None:
    shown = next(a.text for a in files(book, Publication(), data=False, plain=False) if a.uri == "llms.txt")
    assert shown.startswith("# roundbook\n\n> The record of a project")
    for word in ("api/", "feeds/", ".md", "https://"):
        assert word not in shown


# ------------------------------------------------------------------------------------- links


def test_a_page_names_its_feed_and_its_text() -> None:
    site = replace(SITE, name="Trial")
    shown = alternates(site, "decisions/x.md", ["decisions/x.md"])
    assert re.findall(r'type="([^"]+)".* href="([^"]+)"', shown) == [
        ("application/atom+xml", "../../feeds/decisions.xml"),
        ("text/markdown", "index.md"),
    ]
    assert alternates(site, "rounds/index.md").count("atom+xml") == 4
    assert alternates(site, "rounds/index.md").count("feed+json") == 4
    assert alternates(site, "index.md").count("atom+xml") == 4
    assert alternates(site, "commits/2026-01.md") == ""
    assert alternates(Publication(), "rounds/index.md") == "", "no link to a feed that is not made"
    assert "<b>" not in alternates(SITE, "index.md")


# ------------------------------------------------------------------------------ built sites


def test_a_built_site_has_all_of_it(tmp_path: Path) -> None:
    yml = MKDOCS + "site_url: https://example.org/some/path/\n"
    repo = project(tmp_path, mkdocs_dot_yml=yml)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    made = build(repo)
    assert made.code == 0, made.output
    site = repo.path / "site"
    for name in ("feeds/rounds.xml", "feeds/activity.json", "api/rounds.json", "api/commits/2026-01.json",
                 "api/schema/rounds.json", "badge/round.svg", "badge/evidence.json", "llms.txt", "rounds/3/5/index.md",
                 "decisions/go-straight-to-1-93-1/index.md", "rounds/index.md"):  # fmt: skip
        assert (site / name).is_file(), name
    shown = page(repo, "rounds/3/5")
    assert 'type="application/atom+xml" title="Trial: rounds" href="../../../feeds/rounds.xml"' in shown
    assert 'type="text/markdown" title="Markdown" href="index.md"' in shown
    assert page(repo, ".").count("application/atom+xml") == 4, "the home page names all feeds"
    assert (site / "rounds/3/5/index.md").read_text("utf-8").startswith("# Phase 3 Round 5\n")
    found = json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    assert not [one for one in found if ".md" in one["location"]]
    assert "index.md" not in (site / "sitemap.xml").read_text("utf-8")


def test_a_site_without_an_address_has_no_feeds_and_says_why(tmp_path: Path) -> None:
    repo = project(tmp_path)
    made = run(repo.path, "mkdocs", "build", "--strict")
    assert made.code == 0, made.output
    assert len(made.lines("so no feeds are written")) == 1
    assert not (repo.path / "site" / "feeds").exists()
    assert "atom+xml" not in page(repo, "rounds/3/5")
    assert (repo.path / "site" / "llms.txt").is_file()
    assert (repo.path / "site" / "api" / "rounds.json").is_file()


def test_options_leave_out_data_and_texts_and_files_of_yours_win(tmp_path: Path) -> None:
    yml = MKDOCS.replace("roundbook]", "{roundbook: {api: false, markdown: false}}]") + "use_directory_urls: false\n"
    repo = project(tmp_path, mkdocs_dot_yml=yml, docs__llms_dot_txt="mine\n")
    made = build(repo)
    assert made.code == 0, made.output
    site = repo.path / "site"
    assert not (site / "api").exists()
    assert not list(site.rglob("*.md"))
    assert "text/markdown" not in (site / "rounds/3/5.html").read_text("utf-8")
    assert (site / "llms.txt").read_text("utf-8") == "mine\n"


def test_a_page_of_yours_has_no_text_that_is_not_its_own(tmp_path: Path) -> None:
    repo = project(tmp_path, docs__rounds__3__5_dot_md="# Mine\n")
    assert build(repo).code == 0
    assert not (repo.path / "site/rounds/3/5/index.md").exists()
    assert "text/markdown" not in page(repo, "rounds/3/5")


def test_an_export_has_feeds_and_data_but_no_more_markdown(tmp_path: Path) -> None:
    repo = project(tmp_path / "project", mkdocs_dot_yml="site_name: Trial\nsite_url: https://example.org/x/\n")
    assert run(repo.path, "roundbook", "export", str(tmp_path / "out")).code == 0
    assert (tmp_path / "out" / "feeds" / "rounds.xml").is_file()
    assert "<title>Trial: rounds</title>" in (tmp_path / "out" / "feeds" / "rounds.xml").read_text("utf-8")
    assert (tmp_path / "out" / "api" / "rounds.json").is_file()
    pages = {
        path.relative_to(tmp_path / "out" / "rounds").as_posix() for path in (tmp_path / "out").glob("rounds/3/*.md")
    }
    assert pages == {"3/index.md"}
    repo.write({"mkdocs.yml": "site_name: Trial\n"})
    assert "no feeds are written" in run(repo.path, "roundbook", "export", str(tmp_path / "bare")).output


def test_the_name_of_the_site_is_read_where_it_is_plain() -> None:
    found = parse_site(b"site_name: A\nsite_description: B\n")
    assert (found.name, found.description) == ("A", "B")
    assert parse_site(b"site_name: !ENV [A]\n").name == ""
