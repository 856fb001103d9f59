"""Tests that pages show hostile text as text, with any engine and extensions."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import markdown
from roundbook.book.build import Inputs, build
from roundbook.book.gathered import Gathered, JoinedRepository, LogItem
from roundbook.book.governance import govern
from roundbook.book.model import Book
from roundbook.book.timeline import timelines
from roundbook.checks.registry import judge
from roundbook.git.history import BranchDecision, Commit, History, Marker, Person, Remote, Tag
from roundbook.git.history import GitFacts as Told
from roundbook.rounds.versions import Snapshot, SnapshotEntry, Version
from roundbook.schema.base import Record, kebab
from roundbook.schema.dates import Moment
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.round import LISTS, Phase, Round
from roundbook.settings import defaults
from roundbook.site import prose
from roundbook.site.escape import clean, cut, encode, spell, title
from roundbook.site.indexes import FRONT_PAGES
from roundbook.site.links import Here, Page, UrlStyle
from roundbook.site.pages import pages
from roundbook.yamlfile.reader import record_at

EXTENSIONS = [
    "admonition",
    "abbr",
    "attr_list",
    "def_list",
    "footnotes",
    "md_in_html",
    "tables",
    "toc",
    "meta",
    "wikilinks",
]
EXTENSIONS += ["sane_lists", "smarty", "legacy_em", "legacy_attrs"]
EXTENSIONS += [
    f"pymdownx.{name}" for name in ("superfences", "snippets", "tilde", "caret", "mark", "betterem", "keys", "emoji")
]
EXTENSIONS += [f"pymdownx.{name}" for name in ("critic", "details", "tabbed", "tasklist", "arithmatex", "inlinehilite")]
EXTENSIONS += [
    f"pymdownx.{name}" for name in ("escapeall", "progressbar", "saneheaders", "blocks.html", "blocks.admonition")
]
# These also act on letters and digits (`1st`, `(c)`, an id of 40 digits), which the encoder leaves as they are.
WORDY = ["pymdownx.magiclink", "pymdownx.smartsymbols"]
CONFIGURATION: dict[str, Any] = {"pymdownx.snippets": {"base_path": [str(Path(__file__).parents[1])]}}
CONFIGURATION |= {
    "pymdownx.magiclink": {"repo_url_shorthand": True, "user": "o", "repo": "r", "social_url_shorthand": True}
}

PLACES = {
    "block": "<div>{}</div>\n\nafter\n",
    "pre": "<pre>{}</pre>\n\nafter\n",
    "cell": "<table><tr><td>{}</td><td>x</td></tr></table>\n\nafter\n",
    "item": "<ul><li>{}</li></ul>\n\nafter\n",
    "paragraph": "before {} after\n",
    "start": "{} after\n\nafter\n",
    "heading": "# {} {{ #x }}\n\nafter\n",
    "subheading": "### [{}] - x {{ #x }}\n\nafter\n",
    "list": "* x {} y\n\nafter\n",
    "attribute": '<span title="{}">x</span>\n\nafter\n',
    "row": "a | b\n--- | ---\n{} | x\n",
}
SAMPLES = [
    "<script>alert(1)</script>",
    "</title><script>x</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- ",
    "-->",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{# #}",
    '--8<-- "repository.py"',
    ";--8<--",
    "[x](javascript:alert(1))",
    "[x]: javascript:alert(1)",
    "![x](http://evil.example/p.png)",
    "{: #search .md-hidden onclick=x }",
    "{ #search }",
    "```\ncode",
    "~~~ mermaid",
    "| a | b |\n|---|---|",
    "*[HTML]: abbreviation",
    "[^1] [^1]: note",
    "http://evil.example www.evil.example evil@evil.example",
    "@someone #12 user/repo@1234567 user/repo#1",
    ":smile: :material-x:",
    "$x$ \\(x\\) $$y$$",
    "~~x~~ ==x== ^^x^^ H~2~O x^2^ ++ctrl+a++",
    "{++x++} {--x--} {>>x<<} {~~a~>b~~}",
    "??? note\n    x",
    '!!! note "x"',
    "=== tab",
    "/// html | div.x\n///",
    "- [ ] x",
    "1. x",
    "+ x",
    "- x",
    "# x",
    "> x",
    "===",
    "---",
    "x\n---",
    "\tindented",
    "    indented",
    "\\*x\\* \\` \\",
    "`code` ``",
    "&amp; &#60;script&#62; &lt;",
    "\u202eevil\u2066 \u200b \ufeff",
    "\x00\x07\x1b[31m\x7f\x9b",
    "\ud800 lone",
    "e" + "\u0301" * 50,
    "a\u2028b\u2029c\x85d",
    "\U0001f469\u200d\U0001f4bb",
    "Key: value",
    ": definition",
    "[[wiki]]",
    "[[_TOC_]] [TOC]",
    "<<x>> \"quoted\" 'quoted' ... --",
    "  two  blanks  \n",
]
WORDY_SAMPLES = ["1st 2nd 3rd", "(c) (r) (tm)", "1/2 3/4", "c/o", "a" * 40, "0123456789" * 4]
hostile = st.one_of(
    st.sampled_from(SAMPLES),
    st.text(max_size=60),
    st.text(alphabet=string.punctuation + " \n\tax1", max_size=40),
    st.lists(st.sampled_from(SAMPLES), min_size=2, max_size=3).map(" ".join),
)


class Reader(HTMLParser):
    """Reads HTML into its tags and its text, the values of attributes included."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = sorted(name for name, _ in attrs)
        self.tags.append(f"<{tag} {names}>")
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")]
        self.text += [value or "" for name, value in attrs if name == "title"]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.tags.append("<!-- -->")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.tags.append("<![ ]>")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def words(text: str) -> str:
    """Return a text without its white space, which engines may fold, trim or keep."""
    return re.sub(r"\s+", "", text)


@lru_cache(maxsize=2)
def engine(extensions: tuple[str, ...]) -> markdown.Markdown:
    known = {name: settings for name, settings in CONFIGURATION.items() if name in extensions}
    return markdown.Markdown(extensions=list(extensions), extension_configs=known)


def converted(source: str, extensions: tuple[str, ...] = tuple(EXTENSIONS)) -> str:
    """Return what a site makes of a page: Jinja first, as mkdocs-macros does, then Python-Markdown."""
    rendered = jinja2.Environment(autoescape=False).from_string(source).render() if "{ #" not in source else source  # noqa: S701
    made = engine(extensions)
    made.reset()
    return str(made.convert(rendered))


@cache
def harmless(place: str, extensions: tuple[str, ...]) -> tuple[list[Any], str]:
    """Return the tags and the words of a place that holds a word."""
    reader = read(converted(PLACES[place].format("xharmlessx"), extensions))
    return reader.tags, words("".join(reader.text))


def stays_text(place: str, made: str, shown: str, extensions: tuple[str, ...] = (*EXTENSIONS,)) -> None:
    """Require that a text in a place is shown, and is nothing else than text."""
    reader = read(converted(PLACES[place].format(made), extensions))
    tags, around = harmless(place, extensions)
    assert reader.tags == tags, made
    assert words("".join(reader.text)) == around.replace("xharmlessx", shown), made


class TestEncode:
    @pytest.mark.parametrize("place", PLACES)
    @settings(max_examples=60)
    @given(text=hostile)
    def test_no_text_is_more_than_text(self, place: str, text: str) -> None:
        stays_text(place, f"x{encode(text)}x", f"x{words(clean(text))}x")

    @pytest.mark.parametrize("place", PLACES)
    def test_nor_where_it_begins_a_line(self, place: str) -> None:
        for text in SAMPLES:
            if shown := words(clean(text)):
                stays_text(place, encode(text.strip()), shown)

    @pytest.mark.parametrize("place", ["block", "pre", "cell", "item", "attribute"])
    def test_in_blocks_of_html_words_stay_words_too(self, place: str) -> None:
        for text in WORDY_SAMPLES:
            stays_text(place, encode(text), words(text), (*EXTENSIONS, *WORDY))

    @pytest.mark.parametrize("place", ["heading", "subheading", "paragraph", "list"])
    def test_spelled_out_they_stay_words_in_headings_and_running_text(self, place: str) -> None:
        for text in WORDY_SAMPLES:
            stays_text(place, spell(encode(text)), words(text), (*EXTENSIONS, *WORDY))

    @given(st.text(max_size=80))
    def test_jinja_finds_nothing_in_it(self, text: str) -> None:
        made = str(encode(text))
        assert jinja2.Environment(autoescape=False, keep_trailing_newline=True).from_string(made).render() == made  # noqa: S701
        assert html.unescape(made) == clean(text)

    @given(st.text(max_size=80))
    def test_clean_text_holds_nothing_that_hides(self, text: str) -> None:
        made = clean(text)
        assert clean(made) == made
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", made
        )
        made.encode("utf-8")

    @given(st.text(max_size=80))
    @example("</title><script>x</script> {{ 7*7 }} &lt;")
    def test_a_title_is_inert_and_one_line(self, text: str) -> None:
        made = title(text)
        assert not set("<>\"'{}`*[]\\\n") & set(made)
        assert html.unescape(made) == " ".join(clean(text).split())

    def test_a_joined_emoji_stays(self) -> None:
        assert clean("\U0001f469\u200d\U0001f4bb") == "\U0001f469\u200d\U0001f4bb"

    def test_a_cut_text_says_so(self) -> None:
        assert cut("x" * 300) == "x" * 199 + "…"
        assert cut("x" * 200) == "x" * 200


class TestProse:
    @settings(max_examples=300)
    @given(hostile)
    def test_prose_is_never_active(self, text: str) -> None:
        for made in (str(prose.block(text)), str(prose.inline(text))):
            reader = read(made)
            allowed = r"</?(p|em|strong|code|pre|a|ul|ol|li|blockquote|hr|br|table|thead|tbody|tr|th|td|s|span)[ >].*|</[a-z]+>"
            assert all(re.fullmatch(allowed, tag) for tag in reader.tags)
            assert all(
                re.match(r"(https?:|mailto:|(?!//)[\w./#?=&%~-]*\Z)", url, re.IGNORECASE) for url in reader.links
            )
            assert "{{" not in made
            assert "{%" not in made
            assert "\n" not in made
            assert read(converted(f"<div>{made}</div>\n")).tags == ["<div []>", *reader.tags, "</div>"]

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "&#106;avascript:x",
            "java\tscript:x",
            "\x01javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "blob:x",
            "file:///etc/passwd",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            " javascript:x",
            "<javascript:x>",
            "<//evil.example>",
            "view-source:x",
            "https%3A//x",
            "x:y",
        ],
    )
    def test_links_lead_to_the_web_to_mail_or_inside(self, url: str) -> None:
        for form in (f"[x]({url})", f"[x][y]\n\n[y]: {url}", f"<{url}>"):
            links = read(str(prose.block(form))).links
            assert all(re.match(r"https?:|mailto:|(?!//)[\w./#?=&%~-]*\Z", link) for link in links), links

    def test_what_is_allowed_is_shown(self) -> None:
        made = str(prose.block("**b** _e_ `c` [l](https://example.org) ~~s~~\n\n1. x\n\n| a |\n|---|\n| b |\n"))
        assert {tag.split(" ")[0] for tag in read(made).tags if tag[1] != "/"} >= {
            "<strong",
            "<em",
            "<code",
            "<a",
            "<s",
            "<ol",
            "<td",
        }

    def test_headings_do_not_disturb_those_of_the_page(self) -> None:
        assert not re.search(r"<h\d", str(prose.block("# a\n\nb\n---\n")))

    def test_words_without_marks(self) -> None:
        assert prose.plain("**b** `c` [l](x) <b>") == "b c l <b>"

    @given(st.text(alphabet="[]()<>*_`~a\n ", max_size=400))
    def test_no_nesting_is_too_deep(self, text: str) -> None:
        prose.block(text * 3)


NASTY = '<script>alert(1)</script> {{ 7*7 }} {% raw %} --8<-- "x" [x](javascript:y) | `" \' \u202e #12 1st'


NOT_TEXT = (
    r"status|^(id|was|closed|type|tier|result|better|authored_by|date|commits|probe|from_|breaking|yanked|released|to|source)$"
    "|^repository$"
)
GO = "go/index.md"
# The one script in a page, of our own words alone.
GO_SCRIPT = '<script src="&#46;&#46;/assets/roundbook/go&#46;js"></script>'


def texts(record: type[Record]) -> dict[str, Any]:
    """Return keys for a record in which every text is hostile."""
    keys: dict[str, Any] = {}
    for name, field in record.model_fields.items():
        if re.search(NOT_TEXT, name):
            continue
        within = record_at(record, (kebab(name),))
        value: Any = texts(within) if within else NASTY
        if "dict[" in str(field.annotation):
            value = {NASTY: value}
        keys[kebab(name)] = [[NASTY, NASTY]] if name == "rows" else value
    return keys


def evil_book() -> Book:
    """Return a book in which every text is hostile, be it of a round file or of git."""
    person = Person(NASTY, "x@example.org")
    ids = [f"{n:08x}{n:032x}" for n in range(1, 8)]
    messages = [
        NASTY,
        f"feat({NASTY}): {NASTY}\n\n{NASTY}\n\nRound: 1/1\nDecision: d",
        f"{NASTY} (#3)",
        f"x\n\nThis reverts commit {ids[0]}.",
    ]
    messages += ["Merge pull request #9 from x/<script>\n\n" + NASTY, f"fixup! {NASTY}", "\x00\x1b[2J\ud800\u202e"]
    commits = [
        Commit(
            i,
            (ids[n - 1],) if n else (),
            person,
            person,
            Moment(1_767_265_200 + n),
            Moment(1_767_265_200 + n),
            text,
            (),
        )
        for n, (i, text) in enumerate(zip(ids, messages, strict=True))
    ]
    history = History(
        head=ids[-1],
        branch=NASTY,
        commits=tuple(reversed(commits)),
        tags=(Tag("v1.0<script>{{7*7}}", ids[3], Moment(1_767_265_200), annotated=False),),
        remotes=(Remote("origin", "github.com", "o/<script>{{r}}"),),
    )
    keys = texts(Round) | {"round": "1", "phase": "1", "date": "2026-01-01..2026-01-02", "commits": ids[:2]}
    keys["closed"] = {"at": "a" * 40, "commits": ["b" * 40], "metrics": {NASTY: NASTY}}
    keys["decisions"] = [
        texts_of_decision("d"),
        {**texts_of_decision("e"), "supersedes": "d", "status": "accepted"},
    ]
    keys["changes"] = {**keys["changes"], "commits": ids[1], "cve": NASTY}
    keys["closed"] = {"at": "a" * 40, "commits": ["b" * 40], "metrics": {NASTY: NASTY}}
    rounds = [Round.model_validate(keys), Round.model_validate({**keys, "round": "2", "decisions": []})]
    phase = Phase.model_validate({**texts(Phase), "phase": "1"})
    files = {"1/1": (f"data/rounds/1/{NASTY}.yml",), "1": (f"data/rounds/1/{NASTY}",)}
    book = build(Inputs(history, defaults(), [*rounds, phase], files))
    marks = tuple(Marker(NASTY, n, word) for n, word in enumerate(("d", "e", NASTY), 1))
    other = BranchDecision("d", NASTY, NASTY, NASTY, NASTY, (NASTY,))
    book = govern(replace(book, git_facts=Told(markers=marks, elsewhere=(other,))), defaults())
    lived = timelines(list(evil_versions(ids)), history, book.pull_requests)
    item = LogItem(NASTY, "decision", NASTY, NASTY, url="https://github.com/", tags=(NASTY,))
    gathered = Gathered((JoinedRepository(NASTY, "https://github.com/", NASTY, last=item),), (item,))
    return replace(book, results=judge(book, defaults()), timelines=lived, gathered=gathered)


def evil_versions(ids: list[str]) -> Iterator[Version]:
    """Yield versions in which every word that pages show is hostile, some of them changing from one to the next."""
    for n, commit in enumerate(ids):
        word = NASTY + str(n % 3)
        entries = [
            SnapshotEntry(field, "", NASTY, word)
            for field, one in LISTS.items()
            if one.timeline and field != "decisions"
        ]
        decisions = [
            SnapshotEntry("decisions", "d", NASTY, word),
            SnapshotEntry("decisions", "", NASTY, word, (NASTY, "d")),
        ]
        whole = Snapshot(word, (*entries, *decisions), {NASTY: NASTY})
        yield Version(commit, "1/1", NASTY, str(n), whole if n != 2 else None)


def texts_of_decision(name: str) -> dict[str, Any]:
    keys = texts(DecisionRecord)
    for relation in ("supersedes", "amends", "depends-on", "relates-to"):
        keys.pop(relation)
    return {**keys, "id": name}


@pytest.fixture(scope="module")
def evil_pages() -> list[Page]:
    return list(pages(evil_book()))


class TestPages:
    def test_the_evil_book_has_a_page_of_every_kind(self, evil_pages: list[Page]) -> None:
        kinds = {page.uri.partition("/")[0] for page in evil_pages}
        assert kinds == {*(front.uri.partition("/")[0] for front in FRONT_PAGES), "go"}
        assert len(evil_pages) >= 11

    def test_what_versions_say_is_on_pages_of_every_kind(self, evil_pages: list[Page]) -> None:
        shown = encode(cut(NASTY + "0", 40))
        for uri in ("activity/index.md", "rounds/1/1.md", "decisions/d.md"):
            text = next(page.text for page in evil_pages if page.uri == uri)
            assert shown in text, uri

    def test_no_page_holds_anything_that_acts(self, evil_pages: list[Page]) -> None:
        for page in evil_pages:
            document = page.document()
            if page.uri == GO:
                document = document.replace(GO_SCRIPT, "", 1)
            for mark in ("{{", "{%", "<script", "--8<--", "\u202e", "\x00", "\x1b"):
                assert mark not in document, (page.uri, mark, document[max(0, document.find(mark) - 200) :][:400])
            document.encode("utf-8")

    def test_a_template_pass_changes_nothing(self, evil_pages: list[Page]) -> None:
        environment = jinja2.Environment(autoescape=False, keep_trailing_newline=True, comment_start_string="{##")  # noqa: S701
        for page in evil_pages:
            assert environment.from_string(page.document()).render() == page.document(), page.uri

    def test_every_link_leads_to_the_web_to_mail_or_inside(self, evil_pages: list[Page]) -> None:
        for page in evil_pages:
            for url in read(converted(page.text)).links:
                assert re.match(r"https://github\.com/o/%3Cscript%3E%7B%7Br%7D%7D[/\"]?|[.#\w]|\Z", url), (
                    page.uri,
                    url,
                )
                assert not re.match(r"\w+:", url) or url.startswith("https://github.com/"), (page.uri, url)

    def test_a_site_makes_the_same_of_a_page_whatever_its_extensions(self, evil_pages: list[Page]) -> None:
        few = ("attr_list", "tables", "toc")
        for page in evil_pages:
            one, other = read(converted(page.text, few)), read(converted(page.text))
            assert page.uri == GO or [t for t in one.tags if "script" in t] == []
            assert words("".join(one.text)) == words("".join(other.text)), page.uri

    def test_tags_are_closed_and_ids_stand_once(self, evil_pages: list[Page]) -> None:
        for page in evil_pages:
            made = converted(page.text)
            ids = re.findall(r'\sid="([^"]*)"', made)
            assert len(ids) == len(set(ids)), (page.uri, sorted(i for i in ids if ids.count(i) > 1))
            assert _unclosed(read(made).tags) == [], page.uri

    def test_addresses_are_those_of_files(self, evil_pages: list[Page]) -> None:
        for page in evil_pages:
            assert re.fullmatch(r"[\w./+-]+\.md", page.uri), page.uri
            assert ".." not in page.uri
        uris = [page.uri.casefold() for page in evil_pages]
        assert len(uris) == len(set(uris))

    def test_no_mail_address_is_published(self, evil_pages: list[Page]) -> None:
        assert not [page.uri for page in evil_pages if "x@example.org" in html.unescape(page.document())]

    @pytest.mark.parametrize("style", ["directory", "file", "markdown"])
    def test_every_link_to_a_page_of_ours_finds_it(self, style: UrlStyle) -> None:
        made = list(pages(evil_book(), style))
        addresses = {Here(p.uri, style)._address(p.uri).strip("/") for p in made} | {"assets/roundbook/go.js"}
        for page in made:
            base = Here(page.uri, style)._address(page.uri)
            folder = base if style == "directory" else base.rpartition("/")[0]
            for url in read(converted(page.text)).links:
                if url.startswith(("https:", "#")) or not url:
                    continue
                assert _resolved(folder, re.split("[?#]", url)[0]) in addresses, (page.uri, url)


def _resolved(folder: str, url: str) -> str:
    import posixpath

    return posixpath.normpath(posixpath.join("/", folder, url)).strip("/")


def _unclosed(tags: list[str]) -> list[str]:
    void = {"br", "hr", "img", "input", "meta", "link", "circle", "path", "polyline", "rect", "wbr"}
    stack: list[str] = []
    for tag in tags:
        name = re.sub(r"[</> ].*", "", tag.lstrip("</"))
        if tag.startswith("</"):
            if name in void:
                continue
            if not stack or stack[-1] != name:
                return [*stack, tag]
            stack.pop()
        elif name not in void:
            stack.append(name)
    return stack


def _all_texts(book: Book) -> Iterator[str]:
    for page in pages(book):
        yield page.document()


def test_pages_are_the_same_every_time() -> None:
    assert list(_all_texts(evil_book())) == list(_all_texts(evil_book()))
