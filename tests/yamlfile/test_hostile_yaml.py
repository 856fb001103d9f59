"""Tests of YAML that harms a naive reader, by the ids Y01 to Y38 of the threat table."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.errors import Finding
from roundbook.yamlfile.reader import MAX_NODES, Items, Map, Node, Text, outline, parse
from roundbook.yamlfile.source import MAX_BYTES, read

QUOTE = "put the text in quotes"
TAG = "error tag: tags (!name) are not allowed; remove it; if a text starts with !, put the text in quotes"
ALIAS = (
    "error alias: aliases (*name) are not allowed; write the value out; if a text starts with *, put the text in quotes"
)
ANCHOR = "error anchor: anchors (&name) are not allowed; remove it; if a text starts with &, put the text in quotes"
MERGE = "error merge-key: merge keys (<<) are not allowed; write the keys out"
DEEP = "nested too deeply; use fewer levels; if the brackets belong to a text, put it in quotes"
NOT_TEXT = "error key-not-text: a key must be text, not a list or a map; "
NOT_TEXT += "if the brackets belong to a text, put the text in quotes"
UNFIT = "error indentation: this line does not fit the lines above: wrong indentation, or a list among keys; "
UNFIT += "indent it like its neighbours"
GOES_ON = "error indentation: this line continues the text above, so it cannot contain a key; "
GOES_ON += "indent it like its neighbours; put text with a colon in quotes"
ESCAPE = r"is not an escape of YAML; in double quotes write \\ for a backslash, or use single quotes"
BLOCK = "error special-start: no text can follow"
SECOND = (
    "error second-document: a file contains one document, and a second one starts here; remove ---, or make two files"
)

MESSAGES = {
    "Y01": ("title: a\nx: 1\ntitle: b\n", '3:1: error duplicate-key: duplicate key "title" (first at line 1)'),
    "Y01-quoted": ("a: 1\n'a': 2\n", '2:1: error duplicate-key: duplicate key "a" (first at line 1)'),
    "Y01-in-braces": ("x: {a: 1, a: 2}", '1:11: error duplicate-key: duplicate key "a" (first at line 1)'),
    "Y06": ("&x [*x]", f"1:1: {ANCHOR}"),
    "Y06-alias": ("a: &x 1\nb: *x\n", f"2:4: {ALIAS}"),
    "Y14": (
        "title: Fix: thing",
        f'1:11: error colon-in-text: a colon and a space in text without quotes; {QUOTE}: "Fix: thing"',
    ),
    "Y14-in-item": (
        "- a: b: c",
        f'1:7: error colon-in-text: a colon and a space in text without quotes; {QUOTE}: "b: c"',
    ),
    "Y15-at": ("title: @me", f'1:8: error special-start: text cannot start with "@"; {QUOTE}: "@me"'),
    "Y15-backtick": ("title: `x` y", f'1:8: error special-start: text cannot start with "`"; {QUOTE}: "`x` y"'),
    "Y15-percent": ("title: %x", f'1:8: error special-start: text cannot start with "%"; {QUOTE}: "%x"'),
    "Y15-alias": ("title: *x", f"1:8: {ALIAS}"),
    "Y15-bold": ("- **Bold** text", f'1:3: error special-start: text cannot start with "*"; {QUOTE}: "**Bold** text"'),
    "Y15-tag": ("title: !x", f"1:8: {TAG}"),
    "Y15-anchor": ("title: &x", f"1:8: {ANCHOR}"),
    "Y15-template": ("title: {{ x }}", f"1:9: {NOT_TEXT}"),
    "Y15-dash": ("title: - x", f'1:8: error special-start: text cannot start with "-"; {QUOTE}: "- x"'),
    "Y15-question": ("title: ? x", f'1:8: error special-start: text cannot start with "?"; {QUOTE}: "? x"'),
    "Y15-folded": ("title: > x", f'1:8: {BLOCK} ">" on its line; start the text on the next line, or {QUOTE}: "> x"'),
    "Y15-literal": ("title: | x", f'1:8: {BLOCK} "|" on its line; start the text on the next line, or {QUOTE}: "| x"'),
    "Y15-link": (
        "- [a](b) c",
        "1:6: error text-after-value: text continues after a closing quote or bracket; put the whole ",
    ),
    "Y16": ("a:\n\tb: 1\n", "2:1: error tab-indentation: a tab where YAML expects spaces; use spaces"),
    "Y16-in-text": ("a: x\n\ty\n", "2:1: error tab-indentation: a tab where YAML expects spaces; use spaces"),
    "Y16-in-block": ("a: |\n\tx\n", "2:1: error tab-indentation: a tab where YAML expects spaces; use spaces"),
    "Y17-dedent": ("a:\n  b: 1\n c: 2\n", f"3:2: {UNFIT}"),
    "Y17-list": ("a: 1\n- b\n", f"2:1: {UNFIT}"),
    "Y17-indent": ("a: 1\n  b: 2\n", f"2:3: {GOES_ON}"),
    "Y17-no-colon": ("title\nnext: 1\n", f"2:1: {GOES_ON}"),
    "Y17-no-blank": ("a: 1\nb:2\n", '2:2: error missing-blank: a space is missing after the colon; write ": ", or '),
    "Y17-list-open": ("a: [x\nb: 1\n", '1:4: error unclosed-bracket: "[" is not closed, or a comma is missing in it; '),
    "Y17-map-open": ("a: {x: 1\n", '1:4: error unclosed-bracket: "{" is not closed, or a comma is missing in it; '),
    "Y17-quote-open": ('a: 1\nb: "x\nc: 2\n', '2:4: error unclosed-quote: the quote " is not closed; close it'),
    "Y17-apostrophe": ("a: 'tis\n", "1:4: error unclosed-quote: the quote ' is not closed; close it; a text with an "),
    "Y17-after-quote": (
        'a: "b" c',
        "1:8: error text-after-value: text continues after a closing quote or bracket; put ",
    ),
    "Y17-escape": (r'a: "x\q"', rf"1:6: error bad-escape: \q {ESCAPE}"),
    "Y17-path": (r'a: "C:\Users"', rf"1:7: error bad-escape: \U {ESCAPE}"),
    "Y17-after-backslash": (r'a: "\\\q"', rf"1:7: error bad-escape: \q {ESCAPE}"),
    "Y17-no-character": (r'a: "\U00110000"', r"1:5: error bad-escape: \U00110000 is not a character; write the "),
    "Y19-int": ("a: !!int x", f"1:4: {TAG}"),
    "Y19-bool": ("a: !!bool x", f"1:4: {TAG}"),
    "Y19-timestamp": ("a: !!timestamp x", f"1:4: {TAG}"),
    "Y19-python": ("a: !!python/object/apply:os.system [id]", f"1:4: {TAG}"),
    "Y19-unknown-handle": ("a: !e!x y", f"1:4: {TAG}"),
    "Y20-binary": ("a: !!binary aGk=", f"1:4: {TAG}"),
    "Y20-set": ("a: !!set {b: }", f"1:4: {TAG}"),
    "Y20-omap": ("a: !!omap [b: c]", f"1:4: {TAG}"),
    "Y21": ("a: b\n---\nc: d\n", f"2:1: {SECOND}"),
    "Y21-directive": ("# x\n%TAG ! x\n---\na: b\n", "2:1: error directive: lines that start with % are not allowed"),
    "Y25-nul": ("a: x\0y\n", "1:5: error control-character: control character U+0000 is not allowed; remove it"),
    "Y25-escape": ("a: \x1b[31m\n", "1:4: error control-character: control character U+001B is not allowed; remove it"),
    "Y25-del": ("a: \x7f\n", "1:4: error control-character: control character U+007F is not allowed; remove it"),
    "Y25-nonchar": ("a: \ufffe\n", "1:4: error control-character: control character U+FFFE is not allowed; remove it"),
    "Y25-bom": ("a: x\ufeff\n", "1:5: error byte-order-mark: a byte order mark inside the text U+FEFF"),
    "Y25-bidi": ("a: x\u202ey\n", "1:5: error bidi-control: character that changes the direction of text U+202E "),
    "Y25-isolate": (
        "# \u2066\na: x\n",
        "1:3: error bidi-control: character that changes the direction of text U+2066 ",
    ),
    "Y25-lone-cr": ("a: x\ry\nb: z\n", "1:5: error control-character: control character U+000D is not allowed"),
    "Y25-nul-as-escape": (r'a: "x\0"', "1:6: error control-character: control character U+0000 is not allowed"),
    "Y25-esc-as-escape": ('a: "x\n  \\x1b"', "2:3: error control-character: control character U+001B is not allowed"),
    "Y25-bidi-as-escape": (r'a: "\u202e"', "1:5: error bidi-control: character that changes the direction of text"),
    "Y25-surrogate": (r'a: "x\ud800"', "1:6: error surrogate: half of a surrogate pair U+D800 is not allowed; write"),
    "Y27-line": ("a: x\u2028y\n", "1:5: error line-separator: line separator U+2028 (LINE SEPARATOR) is not allowed"),
    "Y27-next": ("a: x\x85y\n", "1:5: error control-character: control character U+0085 is not allowed; remove it"),
    "Y32": ("<<: {}\n", f"1:1: {MERGE}"),
    "key-map": ("? {a: b}\n: c\n", f"1:3: {NOT_TEXT}"),
    "key-list": ("[a]: b\n", f"1:1: {NOT_TEXT}"),
}

KEPT = {
    "Y02": ("1: a\n01: b\ntrue: c\n1.0: d\n", {"1": "a", "01": "b", "true": "c", "1.0": "d"}),
    "Y07": ("date: 2024-13-01\n", {"date": "2024-13-01"}),
    "Y09": ("[NO, on, off, y, ~]", ["NO", "on", "off", "y", "~"]),
    "Y10": ("version: 1.10\n", {"version": "1.10"}),
    "Y11": ("[0123456, 1234567, 12e4567, 0x1F, 1_000]", ["0123456", "1234567", "12e4567", "0x1F", "1_000"]),
    "Y12": ("[12:30, 12:30:45]", ["12:30", "12:30:45"]),
    "Y13-long-number": (f"a: {'9' * 5000}\n", {"a": "9" * 5000}),
    "Y22-null": ("null\n", "null"),
    "Y22-list": ("- a\n", ["a"]),
    "Y22-text": ("a\n", "a"),
    "Y22-empty": ("", None),
    "Y22-comment": ("# only\n", None),
    "Y22-marker": ("---\n", ""),
    "Y24-bom": ("\ufeffa: é😀\n", {"a": "é😀"}),
    "tab-after-value": ("a:\tb\t# c\n", {"a": "b"}),
    "question": ("{a: really?, b: [why?, http://x/?y=1]}", {"a": "really?", "b": ["why?", "http://x/?y=1"]}),
}


def lines(findings: tuple[Finding, ...]) -> list[str]:
    return [str(finding).removeprefix("r.yml:") for finding in findings]


@pytest.mark.parametrize("name", MESSAGES)
def test_refused(name: str) -> None:
    text, message = MESSAGES[name]
    _, findings = parse(text.encode(), "r.yml")
    assert any(line.startswith(message) for line in lines(findings))
    assert {finding.severity for finding in findings} == {"error"}
    assert all(finding.fix and str(finding).isprintable() for finding in findings)


@pytest.mark.parametrize("name", KEPT)
def test_kept_as_text(name: str) -> None:
    text, value = KEPT[name]
    assert parse(text.encode(), "r.yml") == (value, ())


def test_Y01_all_duplicates_are_told() -> None:  # noqa: N802
    _, findings = parse(b"a: 1\na: 2\nb: {c: 1, c: 2}\na: [\n", "r.yml")
    assert [(f.slug, f.place.line if f.place else 0) for f in findings] == [
        ("duplicate-key", 2),
        ("duplicate-key", 3),
        ("duplicate-key", 4),
        ("unclosed-bracket", 4),
    ]


def test_Y04_merge_bomb() -> None:  # noqa: N802
    bomb = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [{f'*a{n - 1},' * 9}]}}\n" for n in range(1, 12))
    _, findings = parse(bomb.encode(), "r.yml")
    assert {finding.slug for finding in findings} == {"anchor", "alias", "merge-key"}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[? "])
@pytest.mark.parametrize("count", [41, 500, 100_000])
def test_Y05_nesting(opening: str, count: int) -> None:  # noqa: N802
    tree, findings = parse((opening * count).encode(), "r.yml")
    assert tree is None
    assert lines(findings)[-1].endswith(DEEP)
    assert findings[-1].slug == "too-deep"


def test_Y05_forty_levels_are_fine() -> None:  # noqa: N802
    assert parse(b"[" * 40 + b"]" * 40, "r.yml")[1] == ()


@pytest.mark.parametrize("width", [1, 2, 4])
def test_Y24_other_encodings(width: int) -> None:  # noqa: N802
    encodings = {1: ["latin-1"], 2: ["utf-16", "utf-16-le", "utf-16-be"], 4: ["utf-32"]}[width]
    for encoding in encodings:
        tree, findings = parse("a: é\n".encode(encoding), "r.yml")
        assert tree is None
        assert [finding.slug for finding in findings] == ["not-utf8"]
        assert findings[0].fix == "save the file as UTF-8"


def test_Y24_says_the_byte_and_its_place() -> None:  # noqa: N802
    assert lines(parse("a: 1\nb: é".encode("latin-1"), "r.yml")[1]) == [
        "2:4: error not-utf8: not UTF-8 (byte 0xe9); save the file as UTF-8"
    ]


def test_Y25_many_are_one_finding() -> None:  # noqa: N802
    _, findings = parse(b"a: \x1b\x1b\x1b\nb: '\x1b'\n", "r.yml")
    assert lines(findings) == [
        "1:4: error control-character: control character U+001B is not allowed, 4 times; remove it"
    ]


@pytest.mark.parametrize(
    "text", ["a: |\n  x\n  y\nb: >\n  z\n\n  z", "a: |+\n  x\n\nb: 'y\n\n  z'", "a: b", "- |-\n  x"]
)
def test_Y26_line_ends(text: str) -> None:  # noqa: N802
    forms = [
        text,
        f"{text}\n",
        f"{text}\n".replace("\n", "\r\n"),
        text.replace("\n", "\r"),
        f"{text}\n".replace("\n", "\r"),
    ]
    results = [parse(form.encode(), "r.yml") for form in forms]
    assert all((shape(tree), findings) == (shape(results[0][0]), ()) for tree, findings in results)


def test_Y27_later_lines_keep_their_numbers() -> None:  # noqa: N802
    _, findings = parse("a: x\u2028y\x85z\nb: 1\nb: 2\n".encode(), "r.yml")
    assert [finding.place.line for finding in findings if finding.place] == [1, 1, 3]


PIECES = [
    "a",
    "b:",
    "k: ",
    "- ",
    "-",
    "\n",
    "\n  ",
    "\n    ",
    "\n  - ",
    "\nk: ",
    "\t",
    " ",
    ": ",
    ", ",
    " #",
    "# ",
    " #x",
]
PIECES += [
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    "?",
    "|",
    "|\n  ",
    ">-",
    "~",
    "\\",
    "\\x41",
    "\\q",
    "é",
    "\r\n",
    "\0",
    "\u2028",
]
PIECES += ["\n---\n", "\n...\n", "*x", "&x ", "@", "<<", "x: y"]
snippets = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_Y34_any_bytes(data: bytes) -> None:  # noqa: N802
    tree, findings = parse(data, "r.yml")
    assert tree is None or isinstance(tree, Text | Items | Map)
    assert all(isinstance(finding, Finding) and str(finding) for finding in findings)


@settings(deadline=None)
@given(snippets)
def test_Y34_any_text(text: str) -> None:  # noqa: N802
    tree, findings = parse(text.encode(), "r.yml")
    assert tree is not None or outline(text.encode()) is None
    assert all(finding.place and str(finding).isprintable() for finding in findings)


def shape(node: Node | None) -> Any:
    """Return the tree with all its places, to compare; a line end never shifts a place."""
    if isinstance(node, Map):
        return node.place, node.keys_at, [(key, shape(value)) for key, value in node.items()]
    if isinstance(node, Items):
        return node.place, [shape(value) for value in node]
    return (str(node), node.place, node.plain) if node is not None else None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_Y35_not_a_regular_file(tmp_path: Path) -> None:  # noqa: N802
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "loop.yml").symlink_to("loop.yml")
    found: list[str] = []

    def look() -> None:
        found.extend(str(read(tmp_path / f"{name}.yml", tmp_path)[1][0]) for name in ("pipe", "folder", "loop", "gone"))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(5)
    fix = "check that the file exists and that you may read it"
    assert found == [
        "pipe.yml: error not-regular: not a regular file but a pipe; replace it with a file, or rename it",
        "folder.yml: error not-regular: not a regular file but a folder; replace it with a file, or rename it",
        f"loop.yml: error unreadable: cannot be read ({os.strerror(errno.ELOOP)}); {fix}",
        f"gone.yml: error unreadable: cannot be read ({os.strerror(errno.ENOENT)}); {fix}",
    ]


@pytest.mark.skipif(os.name == "nt", reason="no devices with paths here")
def test_Y35_device(tmp_path: Path) -> None:  # noqa: N802
    data, findings = read(Path(os.devnull), Path(os.devnull).parent)
    assert data is None
    assert findings[0].message == "not a regular file but a device"


def test_Y36_links(tmp_path: Path) -> None:  # noqa: N802
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.yml").write_text("a: 1")
    (project / "inside.yml").write_text("b: 2")
    (project / "good.yml").symlink_to("inside.yml")
    (project / "bad.yml").symlink_to("../secret.yml")
    (project / "up").symlink_to("..")
    assert read(project / "good.yml", project) == (b"b: 2", ())
    for name in ("bad.yml", "up/secret.yml", "../secret.yml"):
        data, findings = read(project / name, project)
        assert data is None
        assert (findings[0].slug, str(findings[0].place)) == ("outside-project", name)


def test_Y37_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: N802
    (tmp_path / "r.yml").write_text("a: 1")

    def refuse(*_args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    told = str(read(tmp_path / "r.yml", tmp_path)[1][0])
    assert told.startswith("r.yml: error unreadable: cannot be read (Permission denied); check that ")


def test_Y38_name_of_a_file(tmp_path: Path) -> None:  # noqa: N802
    for name in ("a\x1b[31m.yml", "b\n::error::.yml", "c\udce9.yml", "d\0.yml"):
        _, findings = read(tmp_path / name, tmp_path)
        assert str(findings[0]).isprintable()
        str(findings[0]).encode()


def test_too_large(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_bytes(b"#" * (MAX_BYTES + 5))
    data, _ = read(tmp_path / "r.yml", tmp_path)
    assert data is not None
    assert len(data) == MAX_BYTES + 1
    assert lines(parse(data, "r.yml")[1]) == [" error too-large: larger than 5 MiB; split it into several files"]
    assert parse(data[:-1], "r.yml") == (None, ())


def test_too_many_values() -> None:
    tree, findings = parse(b"- \n" * MAX_NODES, "r.yml")
    assert tree is None
    assert lines(findings) == [f"{MAX_NODES}:2: error too-many: too many values; split the file"]


HEAVY = {
    "blanks": lambda n: b"a: x\n" + b" \n" * n,
    "colons": lambda n: b"a:" * n,
    "quote": lambda n: b'a: "' + b"x " * n,
    "escapes": lambda n: b'["' + rb"\0" * n + b'"]',
    "escapes-in-line": lambda n: b"[" + rb'"\0",' * n + b"]",
    "tags": lambda n: b"!" * n,
    "directives": lambda n: b"%TAG !a! b\n" * n,
    "controls": lambda n: b"\0" * n,
    "comments": lambda n: b"- a #b\n" * n,
    "brackets": lambda n: b"[" * n,
}


def calls(data: bytes) -> int:
    """Return how many functions the parsing of a file calls: a measure of work that no clock and no load changes."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        parse(data, "r.yml")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", HEAVY)
def test_work_is_linear(name: str) -> None:
    once, twice = (calls(HEAVY[name](n)) for n in (2_000, 4_000))
    assert twice < once * 2.2 + 500
