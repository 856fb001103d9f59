"""Markdown for forges: it shows what it was given, and nothing in it acts, wherever it stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from roundbook.site.escape import clean, code, link, parted_at_addresses, prose, shown, text
from roundbook.site.prose import gist, sentence
from roundbook.site.prose import plain as words_of

FORGE = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = [
    *(
        "@ada",
        "@",
        "ada",
        "#",
        "12",
        "#12",
        "!12",
        "GH-12",
        "o/r#12",
        "Fixes ",
        "closes: ",
        "abc1234",
        ":smile:",
        "PROJ-1",
    ),
    *(
        "https://",
        "x.example/",
        "www.x.example",
        "a@b.example",
        "mailto:x",
        "$x$",
        "&12",
        "~bug",
        "%1",
        "[[x]]",
        "[TOC]",
    ),
    *(
        "<b>",
        "</details>",
        "<!-- x -->",
        "<",
        ">",
        "&lt;",
        "&#64;",
        "{{ x }}",
        "{%",
        "{#",
        "{:",
        "}",
        "##[error]x",
        "::error",
    ),
    *(
        "`",
        "``",
        "```",
        "*",
        "**",
        "_",
        "~~",
        "[",
        "]",
        "(",
        ")",
        "[a](b)",
        "![x](y)",
        "[^1]",
        "|",
        "\\",
        "!",
        '"',
        "'",
    ),
    *(
        "---",
        "===",
        "-",
        "- ",
        "+ ",
        "1.",
        "1) ",
        "# ",
        "> ",
        ": ",
        "/close",
        "=",
        ".",
        ",",
        " ",
        "\n",
        "\t",
        "\r",
        "é",
        "語",
    ),
    *("\u200b", "\u202e", "\x00", "\x1b[31m", "\ud800", "\xa0", "--8<-- 'x'"),
]
ODD = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)

MENTION = re.compile(r"(?<![0-9A-Za-z])@[0-9A-Za-z_]|\w@\w")
REFERENCE = re.compile(r"[#!$&]\d|(?i:\bGH-\d)|://|(?i:\bwww\.)|:\w+:|(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])")
CLOSING = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +(?:[\w./-]*[#!]\d|GH-\d|https?:)")
TEMPLATE = re.compile(r"\{[{%#]")


def plain(value: str) -> str:
    return " ".join(clean(value).split())


def inlines(markdown: str) -> list[list[Token]]:
    return [token.children or [] for token in FORGE.parse(markdown) if token.type == "inline"]


def acts(tokens: list[Token]) -> list[str]:
    """Return what a forge would find in the text that it shows: it looks into every run of text outside of code."""
    runs = "".join(t.content if t.type == "text" else "\x1f" for t in tokens).split("\x1f")
    return [m[0] for run in runs for look in (MENTION, REFERENCE, CLOSING) if (m := look.search(run))]


@settings(max_examples=150, deadline=None)
@given(ODD)
@pytest.mark.parametrize("before", ["", "- ", "1. ", "## ", "> ", "word ", "- **Breaking:** "])
def test_text_shows_what_it_was_given_and_does_nothing(before: str, value: str) -> None:
    made = text(value)
    assert "\n" not in made
    found = inlines(before + made)
    expected = (
        plain(before.removeprefix("- ").replace("**", "") + value)
        if before[-2:-1].isalpha() or "*" in before
        else plain(value)
    )
    assert ["".join(shown(f)) for f in found] == ([expected] if expected or before == "## " else [])
    for tokens in found:
        assert {t.type for t in tokens} <= {"text", "code_inline", "strong_open", "strong_close"}
        assert acts(tokens) == []
    assert not TEMPLATE.search(made)
    assert "##[" not in made
    assert not made.startswith(("::", "/c"))


@settings(max_examples=400, deadline=None)
@given(ODD)
def test_text_and_code_stay_inside_a_cell(value: str) -> None:
    for made in (text(value), code(value)):
        found = inlines(f"| a | b |\n|---|---|\n| {made} | z |\n")
        assert [shown(f) for f in found] == ["a", "b", plain(value), "z"]


@settings(max_examples=400, deadline=None)
@given(ODD)
def test_code_shows_what_it_was_given(value: str) -> None:
    found = inlines(code(value))
    assert [shown(f) for f in found] == ([plain(value)] if plain(value) else [])
    assert [acts(f) for f in found if acts(f)] == []
    assert not TEMPLATE.search(code(value))


def replaced(token: Token) -> Token:
    """Return a token without bare addresses, which stay in the project's own prose."""
    words = "".join("\x1f" if leads else piece for piece, leads in parted_at_addresses(token.content))
    return token.copy(content=words) if token.type == "text" else token


@settings(max_examples=400, deadline=None)
@given(ODD)
def test_prose_shows_its_words_and_nothing_in_it_acts(value: str) -> None:
    made = prose(value)
    asked = (
        MarkdownIt("commonmark", {"html": False}).enable("strikethrough").parseInline(plain(value))[0].children or []
    )
    found = inlines(f"- {made}")
    assert " ".join("".join(map(shown, found)).split()) == " ".join(shown(asked).split())
    for tokens in found:
        assert not {t.type for t in tokens} & {"html_inline", "image"}
        assert acts([replaced(t) for t in tokens]) == []
        assert all(re.match(r"https?://|mailto:", str(t.attrs["href"])) for t in tokens if t.type == "link_open")
    assert not TEMPLATE.search(made)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (
            "feat(x): plain words, 50% of snake_case - all of it.",
            "feat(x): plain words, 50% of snake_case - all of it.",
        ),
        ("1.2.0", "1.2.0"),
        ("--old is gone", "--old is gone"),
        ("1. one", "1\\. one"),
        ("by @ada (#12), closes #13", "by `@ada` (`#12`), closes `#13`"),
        ("see https://x.example/a_b.", "see `https://x.example/a_b`."),
        ("Revert abc1234", "Revert `abc1234`"),
        ("<b>*x*</b>", "\\<b>\\*x\\*\\</b>"),
        ("a `b` c", "a \\`b\\` c"),
        ("{{ x }}", "\\{\\{ x }}"),
        ("/close it", "`/close` it"),
        ("@a`b", "``@a`b``"),
    ],
)
def test_what_does_nothing_is_left_alone(value: str, made: str) -> None:
    assert text(value) == made


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("The **new** `--flag`", "The **new** `--flag`"),
        ("See [the page](https://x.example/a_(b)?c=1&d=2)", "See [the page](https://x.example/a_%28b%29?c=1&amp;d=2)"),
        ("See [here](../x) and ![picture](https://x.example/p.png)", "See here and picture"),
        ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
        ("[x](https://known.example@evil.example/)", "x"),
        ("**@ada** <b>", "**`@ada`** \\<b>"),
        ("**@ada**x", "`@adax`"),
    ],
)
def test_prose_keeps_emphasis_code_and_links_to_the_web(value: str, made: str) -> None:
    assert prose(value) == made


@settings(deadline=None)
@given(ODD, ODD)
def test_a_link_ends_where_it_ends(label: str, rest: str) -> None:
    made = f"{link(text(label) or 'x', 'https://x.example/' + rest)} after"
    (tokens,) = inlines(made)
    opened = [t for t in tokens if t.type == "link_open"]
    assert len(opened) in (0, 1)
    assert shown(tokens).endswith(" after")
    assert all(str(t.attrs["href"]).startswith("https://x.example/") for t in opened)


@pytest.mark.parametrize("piece", ["[", "[a](", "<a ", "`", "*", "_a", "@", "((((", "{{", "##[", "~", "&#"])
def test_long_text_is_no_heavy_work(piece: str) -> None:
    value = piece * 16_000
    assert shown(inlines(code("a" + value))[0]) == plain("a" + value)
    assert shown(inlines(text("@a" + "." * 16_000 + value[:9] + "a"))[0]) == plain(
        "@a" + "." * 16_000 + value[:9] + "a"
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One is short. Two is long.", "One is short."),
        ("Use `a. B` first. Then stop.", "Use `a. B` first."),
        ("It ends in `code`. Then more.", "It ends in `code`."),
        ("**Bold words.** Then more.", "**Bold words.**"),
        ("Tools, e.g. Git, help. More.", "Tools, e.g. Git, help."),
        ("Version 1.2 is out! More", "Version 1.2 is out!"),
        ("一つ。二つ。", "一つ。"),
        ("No end\nin the first paragraph\n\nSecond.", "No end in the first paragraph"),
        ("<!-- Say why. -->\n<!-- Be\n\nshort. -->\nIt is slow. More.", "It is slow."),
        ("<!-- Say why.", ""),
        ("Write `<!--` first. More.", "Write `<!--` first."),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert sentence(text) == first
    assert gist(f"- {text}" if text else "") == words_of(first)


def test_many_backticks_are_searched_in_linear_time() -> None:
    for ticks in ("`" * 20_000, "` " * 10_000, "".join("`" * n + "x" for n in range(150))):
        assert sentence(ticks + " end. More").startswith(ticks[:10])
