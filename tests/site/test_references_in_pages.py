"""Tests of hand-written pages with `[[…]]`, macros and links: titles, warnings and backlinks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from links import dead_links
from markdown import Markdown
from repository import Repository
from roundbook.engines.markdown_extensions import References
from roundbook.project import load
from roundbook.site.resolve import backlinks, references, title, visible
from site_trial import MKDOCS, build, page, project, text

KNOWN = {
    "3/4": ("rounds/3/4.md", "Phase 3 Round 4", 'done. "Quoted" & <b>'),
    "wasm_target_x": ("d.md", "A *title*", ""),
    "#27": ("rounds/3/4.md#pull-27", "#27", "x"),
}
LINK = '<a class="rb-ref" href="rounds/3/4.md" title="done. &quot;Quoted&quot; &amp; &lt;b&gt;">Phase 3 Round 4</a>'
EVERY = [
    *("abbr", "attr_list", "footnotes", "md_in_html", "smarty", "tables", "toc", "wikilinks", "pymdownx.superfences"),
    *("pymdownx.betterem", "pymdownx.caret", "pymdownx.tilde", "pymdownx.tasklist", "pymdownx.keys", "pymdownx.mark"),
    *("pymdownx.magiclink", "pymdownx.inlinehilite", "pymdownx.smartsymbols", "pymdownx.critic"),
]


def made(source: str, *extensions: str) -> str:
    return Markdown(extensions=[*extensions, References(KNOWN.get)]).convert(source)


@pytest.mark.parametrize("extensions", [(), EVERY], ids=["plain", "every extension"])
class TestBrackets:
    def test_a_reference_becomes_a_link_with_a_title(self, extensions: list[str]) -> None:
        assert made("See [[3/4]].", *extensions) == f"<p>See {LINK}.</p>"
        assert ">A *title*</a>" in made("[[wasm_target_x]]", *extensions)
        assert ">#27</a>" in made("[[#27]]", *extensions)

    def test_words_of_ones_own(self, extensions: list[str]) -> None:
        assert "><em>this</em> <code>round</code></a>" in made("[[3/4|*this* `round`]]", *extensions)

    @pytest.mark.parametrize(
        "source",
        [
            "`[[3/4]]`",
            "`` `[[3/4]]` ``",
            "```\n[[3/4]]\n```",
            "    [[3/4]]",
            "<!-- [[3/4]] -->",
            "a <!-- [[3/4]] --> b",
            "\\[[3/4]]",
            "\\[\\[3/4]]",
            "[[3/4]](https://example.org)",
            "[a [[3/4]] b](https://example.org)",
            "<div>[[3/4]]</div>",
            'a <b title="[[3/4]]">b</b>',
            "[[ 3/4 ]]",
            "[[]]",
            "[[3/\n4]]",
            "[[[[",
        ],
    )
    def test_what_is_no_reference_is_left_alone(self, extensions: list[str], source: str) -> None:
        more = ["fenced_code"] if not extensions else []
        assert "rounds/3/4.md" not in made(source, *extensions, *more)

    def test_in_headings_lists_and_tables(self, extensions: list[str]) -> None:
        more = ["tables"] if not extensions else []
        shown = made("# [[3/4]]\n\n* [[3/4]]\n\n| a | b |\n|---|---|\n| [[3/4]] | [[3/4\\|c]] |\n", *extensions, *more)
        assert shown.count('href="rounds/3/4.md"') == 4
        assert ">c</a>" in shown


def test_what_means_nothing_stays_for_other_extensions() -> None:
    assert made("[[nope]]") == "<p>[[nope]]</p>"
    assert 'class="wikilink"' in made("[[Nope]]", "wikilinks")


# ------------------------------------------------------------------------------------------ the look at the text


def test_lines_of_references() -> None:
    source = "---\ntitle: '[[a]]'\n---\n[[b]] `[[c]]`\n\n```\n[[d]]\n```\n<!--\n[[e]]\n--> [[f|g]]\n"
    source += "{# [[h]] #}\\[[i]]\n[[j]](k)\n"
    assert [(w.text, w.line) for w in references(source)] == [("b", 4), ("f", 11)]


def test_blanks_keep_every_line() -> None:
    source = "---\na: b\n---\n~~~~\n```\n[[x]]\n~~~\n~~~~\n`a\nb` ``c`d`` `\n"
    assert visible(source).count("\n") == source.count("\n")
    assert "[[x]]" not in visible(source)
    assert "d" not in visible(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("---\ntitle: 'A page'\n---\n# Other\n", "A page"),
        ("# A *page* { #x }\n", "A page"),
        ("```\n# no\n```\n", "A page"),
    ],
)
def test_the_title_of_a_page(source: str, expected: str) -> None:
    assert title("guide/a-page.md", source) == expected
    assert title("guide/a-page/index.md", source) == expected


def test_mentions_by_brackets_macros_and_links(tmp_path: Path) -> None:
    Repository(tmp_path).write(
        {"data/rounds/3/4.yml": "round: 4\nfocus: x\nwas: 4b\ndecisions: [{id: wasm, title: W}]\n"}
    )
    book = load(tmp_path)
    pages = {
        "a.md": "[[3/4#wasm]] [[nope]]",
        "b.md": "{{ round_link('3/4') }} {{ round_decision(id=\"wasm\") }} {% raw %}{{ round_link('3/4') }}{% endraw %}",
        "guide/c.md": "[x](../rounds/3/4.md#goals) [y](../decisions/wasm/) [z](https://example.org/rounds/3/4/)",
        "guide/d.md": "[r][1]\n\n[1]: ../rounds/3/4.md\n",
        "e.md": "[[4b]] `[[3/4]]` {% raw %}{{ round_link('3/4') }}{% endraw %}",
        "f.md": "[[3/4b]]",
        "rounds/3/4.md": "[[3/4]] my own",
    }
    found = {uri: [m.uri for m in told] for uri, told in backlinks(book, pages.items()).items()}
    assert found["rounds/3/4.md"] == ["b.md", "guide/c.md", "guide/d.md", "f.md"]
    assert found["decisions/wasm.md"] == ["a.md", "b.md", "guide/c.md"]
    off = {uri: [m.uri for m in told] for uri, told in backlinks(book, pages.items(), brackets=False).items()}
    assert off["decisions/wasm.md"] == ["b.md", "guide/c.md"]


# -------------------------------------------------------------------------------------------------- real sites

ROUND = """\
round: 5
phase: 3
focus: Hold
was: 4b
goals: [{id: g, was: old, title: '[[nope]] {{ 7*7 }}'}]
decisions: [{id: wasm, was: w, title: Say <b>}]
"""
UNKNOWN = """\
---
title: Home
---

# Home

`[[nope]]` and
[[nope]]

```
[[nope]]
```

[[nope]] [[wsm]]

\\[[fine]]
"""


def test_a_site_with_references_has_links_backlinks_and_no_dead_one(tmp_path: Path) -> None:
    repo = project(
        tmp_path,
        data__rounds__3__5_dot_yml=ROUND,
        docs__index_dot_md="# Trial\n\nSee [[3/5]], [[3/5#goal-old]], [[wasm|the decision]] and [[w]].\n",
        docs__guide__page_dot_md="# A <guide>\n\n[[3/5]] {{ round_ref('wasm') }} {{ round_ref('3/4b', text='before') }}\n",
        mkdocs_dot_yml=MKDOCS + "site_url: https://example.org/some/path/\n"
        "validation: {omitted_files: warn, absolute_links: warn, unrecognized_links: warn, anchors: warn}\n",
    )
    first = repo.commit("feat: <script>alert(1)</script> {{ 7*7 }} `x` *y*\n\nRound: 3/4b", {"a.txt": "a\n"})
    repo.write({"docs/sha.md": f"# Sha\n\n[[{first[:7]}]]\n"})
    done = build(repo)
    assert done.code == 0, done.output
    assert done.lines("WARNING") == []
    home = page(repo, ".")
    assert '<a class="rb-ref" href="rounds/3/5/" title="no status. Hold">Phase 3 Round 5</a>' in home
    assert 'href="rounds/3/5/#goal-g"' in home
    assert ">the decision</a>" in home
    sha = page(repo, "sha")
    assert f'href="../commits/2026-01/#c-{first[:12]}"' in sha
    assert "<script>alert" not in sha
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} `x` *y*" in sha
    assert ">before</a>" in page(repo, "guide/page")
    shown = page(repo, "rounds/3/5")
    assert re.search(
        r'id="mentioned-in">Mentioned in.*href="\.\./\.\./\.\./">Trial.*href="\.\./\.\./\.\./guide/page/"',
        shown,
        re.DOTALL,
    )
    assert "[[nope]] {{ 7*7 }}" in text(shown)
    assert "Mentioned in" in page(repo, "decisions/wasm")
    # The page that says that there is none counts from the top of the web's host.
    assert [d for d in dead_links(tmp_path / "site") if not d.startswith("404.html -> /some/path/")] == []


@pytest.mark.parametrize("style", ["--use-directory-urls", "--no-directory-urls"])
def test_a_site_has_what_leads_on(tmp_path: Path, style: str) -> None:
    repo = project(tmp_path, data__rounds__3__5_dot_yml=ROUND)
    done = build(repo, style)
    assert done.code == 0, done.output
    old = "rounds/3/4b.html" if style == "--no-directory-urls" else "rounds/3/4b/index.html"
    for name in (
        old,
        "go/index.html",
        "go/n0.js",
        "go/c.js",
    ):
        assert (tmp_path / "site" / name).is_file(), name
    assert dead_links(tmp_path / "site") == []
    assert "rounds/3/4b" not in (tmp_path / "site/sitemap.xml").read_text("utf-8")


def test_a_reference_that_means_nothing_is_a_warning_with_its_line(tmp_path: Path) -> None:
    repo = project(tmp_path, data__rounds__3__5_dot_yml=ROUND, docs__index_dot_md=UNKNOWN)
    done = build(repo)
    assert done.code == 1
    assert len(done.lines("reference-unresolved")) == 3
    assert done.lines('index.md:8:1: warning reference-unresolved: "nope" is unknown in this book')
    assert done.lines('index.md:14:1: warning reference-unresolved: "nope"')
    assert done.lines(
        'index.md:14:1: warning reference-unresolved: "wsm" is unknown in this book; did you mean "wasm"?'
    )


def test_references_can_be_switched_off(tmp_path: Path) -> None:
    off = MKDOCS.replace("roundbook]", "{roundbook: {references: false}}]") + "markdown_extensions: [wikilinks]\n"
    repo = project(tmp_path, mkdocs_dot_yml=off, docs__index_dot_md="# Home\n\n[[3/5]] [[Wiki]]\n")
    assert build(repo).code == 0
    assert "[[3/5]]" in page(repo, ".")
    assert 'class="wikilink"' in page(repo, ".")


def test_a_generated_page_has_what_previews_show(tmp_path: Path) -> None:
    yml = MKDOCS + "site_url: https://example.org/x/\ntheme: {name: material, font: false}\n"
    repo = project(tmp_path, data__rounds__3__5_dot_yml=ROUND, mkdocs_dot_yml=yml)
    assert build(repo).code == 0
    shown = page(repo, "decisions/wasm").partition("</head>")[0]
    assert '<meta property="og:title" content="Say &lt;b&gt;">' in shown
    assert '<meta property="og:description" content="Decision, proposed: Say &lt;b&gt;.">' in shown
    assert '<meta property="og:url" content="https://example.org/x/decisions/wasm/">' in shown
    assert '<meta property="og:site_name" content="Trial">' in shown
    assert 'name="description" content="Decision, proposed' in shown
    assert "og:title" not in page(repo, ".")


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs", "material"])
def test_the_page_that_says_that_there_is_none_offers_to_look(tmp_path: Path, theme: str) -> None:
    yml = MKDOCS + f"site_url: https://example.org/x/\ntheme: {{name: {theme}}}\n"
    repo = project(tmp_path, mkdocs_dot_yml=yml)
    assert build(repo).code == 0
    shown = (tmp_path / "site/404.html").read_text("utf-8")
    assert re.search(r'</h1><form [^>]*action="(/|&#47;)x(/|&#47;)go(/|&#47;)"', shown)


def test_a_hand_written_file_stands_for_a_generated_one(tmp_path: Path) -> None:
    repo = project(
        tmp_path,
        data__rounds__3__5_dot_yml=ROUND,
        docs__r__3__5__index_dot_html="mine",
        docs__rounds__3__4b_dot_md="# Mine\n",
    )
    assert build(repo).code == 0
    assert page(repo, "r/3/5") == "mine"
    assert "Mine" in page(repo, "rounds/3/4b")
