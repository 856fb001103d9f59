"""Fragments of other changelog tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import ValidationError

from roundbook import markdown
from roundbook.errors import Finding, Place, Severity
from roundbook.frozen import frozen
from roundbook.git import files, process
from roundbook.markdown import Block, Bullets, Document, Part, Verbatim
from roundbook.rounds import fragment_tools as tools
from roundbook.rounds.fragment_tools import FILES as TOOLS
from roundbook.schema.ids import natural_key
from roundbook.schema.items import Adopted, Change, ChangeType, category_of
from roundbook.settings import FragmentFolder
from roundbook.yamlfile import reader
from roundbook.yamlfile import source as yaml_source

_DOUBLE = re.compile(r"(?<!`)``(?!`)((?:[^`\n]|`(?!`))+)``(?!`)")
_LINK = re.compile(r"`([^`<>\n]+?)\s*<(https?://[^`<>\s]+)>`__?(?!\w)")
_ROLE = re.compile(r"(?<![\w`]):[A-Za-z][\w:.+-]*:`([^`<>\n]+?)(?:\s*<[^`<>\n]*>)?`")
# What begins with two dots and is no directive, target, substitution, footnote or citation.
_REST_COMMENT = re.compile(
    r"(?m)^\.\.(?:[ \t]+(?![\w:+.-]+::|[_|\[]).*|[ \t]*)(?:\n|$)(?:[ \t]+.*(?:\n|$)|\n(?=[ \t]))*"
)
_HEADING = re.compile(r"(?m)^(\S.*)\n([~^\"'*+#.:_`])\2{2,}[ \t]*$")


def without_comments(text: str) -> str:
    """Return a text without comments, with Markdown headings; lines keep their numbers."""
    text = _REST_COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)
    return _HEADING.sub(lambda m: f"{m[1]}\n---", text)


def as_markdown(text: str) -> str:
    """Return a text with double backticks, inline links and roles converted to Markdown.

    A role (`:func:`spam``) becomes code. Directives, substitutions and other references stay as they are.
    """
    lines = text.split("\n")
    return "\n".join(line if line.startswith("   ") else _line(line) for line in lines)


def _line(line: str) -> str:
    line = _ROLE.sub(lambda m: f"`{m[1]}`", line)
    line = _LINK.sub(lambda m: f"[{m[1]}]({m[2]})", line)
    return _DOUBLE.sub(lambda m: f"`{m[1]}`" if "`" not in m[1] else m[0], line)


NewsKind = Literal["towncrier", "reno", "changie", "scriv", "changesets"]
SUFFIXES = (".md", ".rst", ".txt", ".yaml", ".yml")
Value = str | tuple[str, ...]
Titles = Mapping[str, str]
NO_TITLES: Titles = {}

_NAME = re.compile(r"(?P<issue>\+[^/]*?|[^/.+][^/]*?)\.(?P<type>[A-Za-z][\w-]*)(?:\.\d+)?(?:\.(?:md|rst|txt))?")
_NOT_NEWS = re.compile(r"[._~]|#.*#$|(?:readme|template|config)\b|pre\.json$|.*~$", re.IGNORECASE)
_APART = re.compile(
    r".*\.(?:py|sh|js|ts|toml|ini|cfg|lock|html?|css|png|jpe?g|gif|svg|webp|pdf|orig|bak|rej|sw[a-p]|jinja2?|j2|tmpl)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"(?:\+.*|\d+|(?:gh|pr|issue)-?\d+)\.(?!(?:json|xml|csv|log|zip|gz)$)[^.]+(?:\.\d+)?", re.IGNORECASE
)
_LEGALLY_EMPTY = frozenset({"misc", "trivial"})  # towncrier lists their issue and nothing else
_FRONT = re.compile(r"\s*---[ \t]*(?:\n|$)|\s*---\r")
_CLOSED = re.compile(r"(?P<front>(?:(?![ \t]*---[ \t]*(?:\n|$)).*\n)*)[ \t]*---[ \t]*(?:\n|$)")
_COMMENT = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)+", re.DOTALL)
_BUMPS = frozenset({"major", "minor", "patch", "none"})
_MORE: Mapping[str, tuple[ChangeType, bool]] = {
    "bugfix": ("fixed", False),
    "bug": ("fixed", False),
    "enhancement": ("added", False),
    "deprecation": ("deprecated", False),
    "upgrade": ("changed", False),
    "critical": ("fixed", False),
    "issues": ("changed", False),
}
# What reno and towncrier call a section that none of the six says as much as.
_TITLES = {
    "doc": "Documentation",
    "misc": "Misc",
    "issues": "Known issues",
    "upgrade": "Upgrade",
    "critical": "Critical",
}
_RENO = ("prelude", "features", "issues", "upgrade", "deprecations", "critical", "security", "fixes", "other")


@frozen
class News:
    """A change that a fragment states: `keys` are those of a change in a round file, `place` is its position."""

    keys: Mapping[str, Value]
    place: Place
    kind: NewsKind


def kind_of(path: str, data: bytes = b"") -> NewsKind | None:
    """Return the tool that a file belongs to, by its name and beginning, or `None` if it is not a fragment."""
    file = PurePosixPath(path)
    if _NOT_NEWS.match(file.name) or _APART.fullmatch(file.name):
        return None
    if file.suffix in (".yaml", ".yml"):
        return "reno"
    name = _issue_and_type(file.name)
    if name and (file.suffix in SUFFIXES or _is_known(name[1]) or _TICKET.fullmatch(file.name)):
        return "towncrier"
    if file.suffix not in SUFFIXES:
        return None
    return "changesets" if file.suffix == ".md" and _FRONT.match(data.decode("utf-8-sig", "replace")) else "scriv"


def is_apart(path: str) -> bool:
    """Tell whether a file among fragments is expected not to be one: a README, a template, settings, a picture."""
    name = PurePosixPath(path).name
    return bool(_NOT_NEWS.match(name) or _APART.fullmatch(name))


def unread(path: str) -> Finding:
    """Return the finding for a file among fragments that none of the tools would write, if any."""
    fix = f"name it ISSUE.TYPE{PurePosixPath(path).suffix if PurePosixPath(path).suffix in SUFFIXES else '.md'}, or move it"
    message = "this file is not named like a fragment, so it is not in the changelog"
    return _fault(message, Place(path), fix, "info")


def _fault(message: str, place: Place, fix: str, severity: Severity = "warning") -> Finding:
    return Finding(severity, "fragment-unread", message, place, fix)


def parse(
    data: bytes, path: str, kind: NewsKind | None = None, titles: Titles = NO_TITLES
) -> tuple[tuple[News, ...], tuple[Finding, ...]]:
    """Return the changes of a fragment, and its problems; a file that is not a fragment has neither. Never raises.

    `titles` are what the tool's own settings call its types. Every text in the file is in a change, or a finding names its
    place.
    """
    kind = kind or kind_of(path, data)
    if kind is None:
        return (), ()
    if kind == "reno":
        tree, findings = reader.parse(data, path)
        read = tuple(_reno(tree, titles)) if tree is not None else ()
    else:
        text, faults = yaml_source.decode(data, path)
        findings = tuple(faults)
        made = _towncrier(text or "", path, titles) if kind == "towncrier" else _READERS[kind](text or "", path)
        read = tuple(made) if text is not None else ()
    found = tuple(one for one in read if isinstance(one, News))
    findings = (*findings, *(one for one in read if isinstance(one, Finding)))
    if not found and not findings and not _is_legally_empty(data, path, kind):
        fix = "write the change into it, or remove it"
        findings = (Finding("warning", "fragment-empty", "the fragment states no change", Place(path), fix),)
    return found, findings


def _is_legally_empty(data: bytes, path: str, kind: NewsKind) -> bool:
    name = _issue_and_type(PurePosixPath(path).name) if kind == "towncrier" else None
    return kind == "changesets" or bool(name and name[1].lower() in _LEGALLY_EMPTY and not data.strip())


def _is_known(word: str) -> bool:
    return word.lower() in _MORE or word.lower() in _TITLES or category_of(word) is not None


def _issue_and_type(name: str) -> tuple[str, str] | None:
    """Return the issue and type in a file's name: the type is the last known word, or else found by the form."""
    parts = name.split(".")
    at = next((i for i in range(len(parts) - 1, 0, -1) if _is_known(parts[i])), 0)
    if at and parts[0]:
        return ".".join(parts[:at]).strip(), parts[at]
    match = _NAME.fullmatch(name)
    return (match["issue"], match["type"]) if match and f".{match['type']}" not in SUFFIXES else None


def _named(name: str, titles: Titles = NO_TITLES) -> dict[str, Value]:
    """Return the type and group that a section's name means."""
    word = name.strip().lower()
    title = titles.get(word) or _TITLES.get(word, "")
    known = _MORE.get(word) or category_of(name) or _MORE.get(word.removesuffix("s")) or category_of(title)
    made: dict[str, Value] = {"type": known[0]} if known else {}
    if known and known[1]:
        made["breaking"] = "true"
    if known is None or word in _TITLES:
        made["group"] = title or name.strip()
    return made


def _towncrier(text: str, path: str, titles: Titles) -> Iterator[News | Finding]:
    file = PurePosixPath(path)
    name = _issue_and_type(file.name)
    words = text.strip()
    if not words:
        return
    if name is None:
        yield unread(path)
        return
    issue, type_ = name
    issues: dict[str, Value] = {}
    if not issue.startswith("+"):
        issues = {"issues": (f"#{issue.lstrip('0') or '0'}" if issue.isdecimal() else issue,)}
    said = as_markdown(words) if file.suffix != ".md" else words
    yield News({**_named(type_, titles), "text": _entry(said), **issues}, Place(path, 1, 1), "towncrier")


def _reno(tree: reader.Node, titles: Titles) -> Iterator[News | Finding]:
    if isinstance(tree, reader.Map) and {"kind", "body"} <= tree.keys():
        if text := _words(tree["body"]):
            yield News({**_named(_words(tree["kind"]), titles), "text": _entry(text)}, tree["body"].place, "changie")
        return
    if not isinstance(tree, reader.Map):
        if said := _words(tree):
            message = f'the text "{yaml_source.visible(said.split(chr(10))[0][:40])}" is not in a section'
            yield _fault(message, tree.place, "write it below `features:`, `fixes:` or another section")
        return
    for key in (*(k for k in _RENO if k in tree), *(k for k in tree if k not in _RENO)):
        named: dict[str, Value] = {"group": key.capitalize()} if key in ("prelude", "other") else _named(key, titles)
        for one in _flat(tree[key]):
            if text := _words(one):
                yield News({**named, "text": _entry(as_markdown(text))}, one.place, "reno")


def _flat(node: reader.Node) -> Iterator[reader.Node]:
    """Yield the entries of a section, including those of nested lists."""
    if isinstance(node, reader.Items):
        for one in node:
            yield from _flat(one)
    else:
        yield node


def _words(node: reader.Node) -> str:
    """Return the text of a node; a mapping is a text with a colon."""
    if isinstance(node, reader.Text):
        return "" if node.empty else str(node).strip()
    if isinstance(node, reader.Map):
        return "\n".join(_pair(key, value) for key, value in node.items()).strip()
    return "\n".join("- " + said.replace("\n", "\n  ") for one in node if (said := _words(one)))


def _pair(key: str, value: reader.Node) -> str:
    said = _words(value)
    return f"{key}:\n\n{said}" if said and isinstance(value, reader.Items) else f"{key}: {said}".rstrip()


def _scriv(text: str, path: str) -> Iterator[News | Finding]:
    rest = PurePosixPath(path).suffix in (".rst", ".txt")
    read = markdown.document(without_comments(text) if rest else text, path)
    yield from _entries(read, read.blocks, {}, rest)
    for part in read.parts:
        yield from _part(read, part, {}, rest)


def _part(read: Document, part: Part, above: Mapping[str, Value], rest: bool) -> Iterator[News | Finding]:
    """Yield the entries of a section; without a known name, its type is that of the surrounding section."""
    own = _named(part.title)
    named = own if "type" in own else {**above, **own}
    yield from _entries(read, part.blocks, named, rest)
    for inner in part.parts:
        yield from _part(read, inner, named, rest)
    if not part.blocks and not part.parts and "type" not in own:
        message = f'there is no entry below the heading "{yaml_source.visible(part.title[:40])}"'
        fix = "write the entry below a heading of its category"
        yield _fault(message, Place(read.path, part.line, 1), fix, "info")


def _entries(read: Document, blocks: Sequence[Block], named: Mapping[str, Value], rest: bool) -> Iterator[News]:
    for block in blocks:
        if isinstance(block, Verbatim) and _COMMENT.fullmatch(block.text):
            continue  # the template of a fragment is full of them
        spans = [(i.line, i.end) for i in block.items] if isinstance(block, Bullets) else [(block.line, block.end)]
        for line, end in spans:
            said = _unmarked(read.source(line, end)) if isinstance(block, Bullets) else read.source(line, end)
            if said.strip():
                entry = _entry(as_markdown(said) if rest else said)
                yield News({**named, "text": entry}, Place(read.path, line, 1), "scriv")


def _changesets(text: str, path: str) -> Iterator[News | Finding]:
    match = _FRONT.match(text)
    closed = match and _CLOSED.match(text, match.end())
    if match is None or not closed:
        message = "the front matter is not closed" if match else "there is no front matter, so no package is named"
        yield _fault(message, Place(path, 1, 1), "write `---` on a line of its own below the packages")
        return
    start = text[: match.end()].count("\n")
    tree, findings = reader.parse(("\n" * start + closed["front"]).encode("utf-8", "surrogatepass"), path)
    yield from findings
    if any(one.severity == "error" for one in findings):
        return
    body = text[closed.end() :].strip()
    if tree is None and not body:
        return  # `changeset --empty`: no release, on purpose
    if not isinstance(tree, reader.Map) or not tree:
        place = Place(path, 1, 1) if tree is None else tree.place
        yield _fault(
            "the front matter names no package, so no release includes this text",
            place,
            'write `"package": minor`',
            "info",
        )
        return
    wrong = [(name, bump) for name, bump in tree.items() if str(bump) not in _BUMPS]
    for name, bump in wrong:
        shown = yaml_source.visible(_words(bump)[:40])
        yield _fault(f"unknown bump `{shown}`", bump.place or tree.keys_at[name], "write major, minor, patch or none")
    if not wrong and body:
        made: dict[str, Value] = {"group": ", ".join(f"{name}: {bump}" for name, bump in tree.items())}
        if "major" in tree.values():
            made["breaking"] = "true"
        yield News({**made, "text": _entry(body)}, Place(path, 1, 1), "changesets")


_READERS = {"scriv": _scriv, "changesets": _changesets}


def _unmarked(item: str) -> str:
    """Return an item of a list without its bullet, with its lines dedented accordingly."""
    match = re.match(r"\s*(?:[-+*]|\d{1,9}[.)])(?:\s+|$)", item)
    wide = len(match[0]) if match else 0
    first, *rest = item[wide:].split("\n")
    return "\n".join([first, *(line[min(wide, len(line) - len(line.lstrip())) :] for line in rest)])


def _entry(text: str) -> str:
    """Return a text as an entry: its first paragraph on one line, a blank line before the blocks that follow."""
    lines = text.strip().split("\n")
    end = next((i for i, line in enumerate(lines) if i and (not line.strip() or _BLOCK.match(line))), len(lines))
    rest = "\n".join(lines[end:]).strip("\n")
    first = " ".join(" ".join(lines[:end]).split())
    return f"{first}\n\n{rest}" if rest else first


_BLOCK = re.compile(r"\s*(?:[-+*]\s|\d{1,9}[.)]\s|`{3}|~{3}|>|\|)")


_LEVELS = 6  # folders inside a folder of fragments: towncrier and reno have one for each part of a project


def read(
    root: Path, folders: Sequence[FragmentFolder], commit: str = "", prefix: str = ""
) -> tuple[tuple[Adopted, ...], tuple[Finding, ...]]:
    """Return the changes of all fragments, and their problems; git is only used with a commit.

    To read the fragments as of a commit, pass the commit and the path of the project in its repository. Problems of files
    are returned, not raised.
    """
    if not folders:
        return (), ()
    contents, faults = _at(root, folders, commit, prefix) if commit else _here(root, folders)
    titles = {name: title for path in TOOLS for name, title in tools.parse(path, contents.get(path, b"")).titles}
    found: list[Adopted] = []
    findings = [finding for path in faults if path not in TOOLS for finding in faults[path]]
    for folder in folders:
        inside = [path for path in contents if _inside(path, folder)]
        if not inside and not commit:
            findings += _missing(root, folder)
        for path in sorted(inside, key=natural_key):
            kind = folder.kind or kind_of(path, contents[path])
            items, wrong = parse(contents[path], path, kind, titles)
            findings += wrong if kind else [unread(path)]
            for one in items:
                change = _change(one)
                found += [Adopted(change, path, one.kind == "reno")] if isinstance(change, Change) else []
                findings += [change] if isinstance(change, Finding) else []
    return tuple(found), tuple(findings)


def _inside(path: str, folder: FragmentFolder) -> bool:
    base = PurePosixPath(folder.path).as_posix()
    rest = path.removeprefix(f"{base}/") if path.startswith(f"{base}/") else ""
    parts = PurePosixPath(rest).parts
    return bool(parts) and len(parts) <= _LEVELS and not is_apart(path)


def _here(root: Path, folders: Sequence[FragmentFolder]) -> files.Contents:
    names: dict[str, bool] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    for folder in folders:
        base = PurePosixPath(folder.path).as_posix()
        found, unread = files.listed(root, base, lambda _: True) if _is_there(root, folder) else ([], {})
        faults.update(unread)
        for name in found:
            if not (root / name).is_dir() and _inside(name, folder):
                names[name] = _is_read(name, folder)
    own = (name for name in TOOLS if (root / name).is_file())
    contents, more = files.read_files(root, (*own, *(name for name, is_read in names.items() if is_read)))
    return {**contents, **{name: b"" for name, is_read in names.items() if not is_read}}, {**faults, **more}


def _at(root: Path, folders: Sequence[FragmentFolder], commit: str, prefix: str) -> files.Contents:
    git = process.find(root)
    tree = (files.list_tree(git, commit, prefix) or {}) if git else {}
    inside = [p for p in sorted(tree) if tree[p].type == "blob" and any(_inside(p, folder) for folder in folders)]
    wanted = [p for p in inside if any(_inside(p, folder) and _is_read(p, folder) for folder in folders)]
    own = [path for path in TOOLS if path in tree]
    contents, faults = files.from_tree(git, tree, [*wanted, *own]) if git else ({}, {})
    return {**contents, **{p: b"" for p in inside if p not in wanted}}, faults


def _is_read(path: str, folder: FragmentFolder) -> bool:
    """Tell whether the contents of a file among fragments are read."""
    return bool(folder.kind or kind_of(path))


def _missing(root: Path, folder: FragmentFolder) -> Iterator[Finding]:
    if not _is_there(root, folder):
        fix = "correct changelog.fragments in the settings, or create the folder"
        message = f"there is no folder {folder.path} in the project"
        yield Finding("warning", "fragments-missing", message, folder.place_of("path"), fix)


def _is_there(root: Path, folder: FragmentFolder) -> bool:
    base = root / folder.path
    return ".." not in base.relative_to(root).parts and base.is_dir() if base.is_relative_to(root) else False


def _change(one: News) -> Change | Finding:
    """Return the change, with its place; its text can be anything except empty."""
    values: Mapping[str, Value] = one.keys
    tree = reader.Map(one.place, {key: _node(value, one.place) for key, value in values.items()})
    try:
        return Change.model_validate(tree)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        return Finding("warning", "fragment-unread", f"the change cannot be read: {said}", one.place, "rewrite it")


def _node(value: Value, place: Place) -> reader.Node:
    if isinstance(value, str):
        return reader.Text(value, place)
    return reader.Items(place=place, values=[reader.Text(one, place) for one in value])
