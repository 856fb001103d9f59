"""Notes, found and read."""

from __future__ import annotations

import codecs
import glob
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from roundbook import markdown
from roundbook.errors import Finding, Place, RoundbookError
from roundbook.frozen import frozen
from roundbook.git import files, repository
from roundbook.git.history import Gap, matches
from roundbook.git.objects import decode_path, read_contents
from roundbook.git.process import Git
from roundbook.git.repository import Checkout
from roundbook.importer.headings import head_of
from roundbook.importer.vocabulary import name_of
from roundbook.markdown import Document
from roundbook.schema.ids import HIDDEN, natural_key
from roundbook.yamlfile import reader as yaml_reader
from roundbook.yamlfile import source as yaml_source

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".txt", ".rst", "")
_LISTED = (".md", ".markdown", ".mdown", ".mkd")
_APART = frozenset({"node_modules", "site-packages"})
_PATTERN = re.compile(r"[*?\[]")
_SHA1 = "0" * 40
_RULE_OF = re.compile(r"(?P<sign>[=\-`:.'\"~^_*+#<>])(?P=sign){2,}\s*")
_RST_LINK = re.compile(r"`(?P<words>[^`<>]+?)\s*<(?P<url>[^`<>\s]+)>`__?")
_RST_NAMED = re.compile(r"^\.\. _(?P<name>[^:\n]+):[ \t]*(?P<url>\S*)[ \t]*$", re.MULTILINE)
_RST_CODE = re.compile(r"``(?P<code>[^`\n]+)``")
_RST_ROLE = re.compile(r":(?:pr|pull|issue|gh|bug|feature|support|ghissue|ghpull):`#?(?P<number>\d+)`")
_RST_ROLE_OF_TITLE = re.compile(r":[A-Za-z][\w:.-]*:`(?P<text>[^`<>]+)`")
_TAG = re.compile(rb"<(?P<ends>/?)(?P<name>[a-z][a-z0-9_-]*)(?P<more>(?:\s[^<>]*)?)>(?:(?P<text>\S.*?)</(?P=name)>)?")
_OF_A_TASK = frozenset({"action", "files", "verify", "done"})
_HTML = frozenset(
    re.findall(
        r"\w+",
        """a b blockquote br center code dd details div dl dt em footer h1 h2 h3 h4 h5 h6 header hr i img kbd li main nav ol p
        picture pre script section source span strong style sub summary sup svg table tbody td tfoot th thead tr u ul video""",
    )
)
Also = Callable[[str], bool]
Read = tuple[tuple["NoteFile", ...], tuple[Finding, ...]]


@frozen
class NoteFile:
    """A file written by hand.

    `path` is how findings name it; `source` is where it lies in the project, and empty outside of it. `blob` is the id that
    git gives this content, `rev` a commit that holds it; both are empty where there is no repository, or no such commit.
    """

    path: str
    data: bytes
    source: str = ""
    rev: str = ""
    blob: str = ""


def _no_other(_path: str) -> bool:
    return False


_NOTE = re.compile(
    r"(?<![a-z])(?:(?P<word>round|sprint|phase|milestone|iteration)[ _.#-]*0*(?P<number>\d+[a-z]?)"
    r"|session[ _.#-]*0*(?P<session>\d{1,3})(?![0-9a-z]|[-_.]\d\d[-_.]\d)"
    r"|^checkpoint[-_ ]|^resume[-_ ](?:after|from)[-_ ]"
    r"|(?:session|checkpoint)(?![a-z])\D{0,40}(?P<day>20\d\d[-_]?\d\d[-_]?\d\d)(?!\d))",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"(?<![a-z])(?:plan|planning|proposal|template|agenda|backlog|guide|reference|quick[-_ ]?start|cheat[-_ ]?sheet)(?![a-z])",
    re.IGNORECASE,
)
_IS_PLAN = re.compile(r"(?<![a-z])(?:plan|planning|backlog)(?:[-_ ]revised)?\.md$", re.IGNORECASE)
# Folders of notes of which each is about a numbered round, as `phases/01-parser/01-02-SUMMARY.md`.
_NOTES_IN = re.compile(r"(?:^|/)(?:rounds|sprints|phases|milestones|iterations)/(?:.*/)?", re.IGNORECASE)
_SESSIONS = re.compile(r"(?:^|/)sessions/(?P<name>[^/]*)$", re.IGNORECASE)
_OF_A_DAY = re.compile(r"20\d\d[-_]?\d\d[-_]?\d\d(?!\d)")
_NUMBERED = re.compile(r"\d+(?:[-_.]\d+)*(?:[-_. ](?P<rest>.*))?")
_TOLD = re.compile(
    r"(?<![a-z])(?:summary|report|retro|retrospective|review|complete|completed|completion|results?|recap|notes)(?![a-z])",
    re.IGNORECASE,
)


def told_by_name(files: Sequence[str]) -> tuple[str, ...]:
    """Return the files that are notes about rounds that were, going by their names, and the plans of these beside them."""
    told = {_round_in(path) for path in files if _is_note(path)} - {None}
    return tuple(path for path in files if _is_note(path) or (_IS_PLAN.search(path) and _round_in(path) in told))


def _round_in(path: str) -> tuple[str, ...] | None:
    """Return the folder of a file with the word and the number of the round that it is named after, if it is."""
    folder, name = posixpath.split(path)
    match = _NOTE.search(name)
    return (folder, *(one.lower() for one in match.groups("session"))) if match else None


def _is_note(path: str) -> bool:
    """Tell whether a file is about a round that was, by its name, or by that of its folder and what it tells."""
    name = posixpath.basename(path)
    if not name.lower().endswith(".md") or _PLAN.search(name):
        return False
    if session := _SESSIONS.search(path):
        return bool(_OF_A_DAY.match(name) or _NOTE.search(name) or _TOLD.search(session["name"]))
    numbered = _NUMBERED.fullmatch(name[:-3]) if _NOTES_IN.search(path) else None
    return bool(_NOTE.search(name) or (numbered and (not numbered["rest"] or _TOLD.search(numbered["rest"]))))


def in_folder(root: Path, names: Sequence[str], also: Also = _no_other) -> Read:
    """Return the notes that lie at some paths, seen from `root`; a folder means the Markdown files below it.

    `also` tells, by their paths, which other files are notes.
    """
    findings: list[Finding] = []
    found: dict[str, Path] = {}
    for name in names:
        paths = list(_paths(root, name, also))
        if not paths:
            findings.append(_none(name))
        for path in paths:
            found.setdefault(os.path.realpath(path), path)
    stored = _committed_files(root)
    notes: list[NoteFile] = []
    for path in found.values():
        note, faults = _note(path, root, stored, also)
        findings += faults
        notes += [note] if note else []
    return tuple(notes), tuple(findings)


def in_commit(root: Path, names: Sequence[str], rev: str) -> Read:
    """Return the notes that a commit holds at some paths of the project; raises `RoundbookError` where there is none such.

    A file that has another name by now is found under the one it had, and one that is gone is found too.
    """
    place = repository.find(root, rev)
    if isinstance(place, Gap):
        raise RoundbookError(Finding("error", place.slug, place.message, None, place.fix))
    head = repository.find(root)
    tree = _tree(place)
    findings: list[Finding] = []
    wanted: dict[str, str] = {}
    for name in names:
        paths = _in_tree(tree, _below(root, name)) or _before(place, head, tree, _below(root, name))
        if not paths:
            fix = f"name a path that git ls-tree -r {yaml_source.visible(rev)} shows"
            message = f"{yaml_source.visible(rev)} has no such file"
            findings.append(Finding("error", "note-missing", message, Place(yaml_source.visible(name)), fix))
        wanted |= dict.fromkeys(paths, name)
    texts = contents(root, [tree[path] for path in wanted])
    faults = [_faulty(p, p) for p in wanted] + [_unread(p, rev) for p in wanted if tree[p] not in texts]
    bad = {f.place.path for f in faults if f and f.place}
    notes = [
        NoteFile(p, texts[tree[p]], p, str(place.head), tree[p]) for p in wanted if yaml_source.visible(p) not in bad
    ]
    return tuple(notes), (*findings, *(f for f in faults if f))


def contents(root: Path, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """Return the contents of objects by their ids; what git does not have, or is too large, is left out."""
    place = repository.find(root)
    return {} if isinstance(place, Gap) else read_contents(place.git, blobs, yaml_source.MAX_BYTES)


def is_there(root: Path, name: str, also: Also = _no_other) -> bool:
    """Return whether a name, seen from `root`, means any file."""
    return any(True for _ in _paths(root, name, also))


def _none(name: str) -> Finding:
    message = "no Markdown file found" if _PATTERN.search(name) or name.endswith("/") else "no such file"
    fix = "name files, folders or patterns of Markdown files"
    return Finding("error", "note-missing", message, Place(yaml_source.visible(name)), fix)


def _paths(root: Path, name: str, also: Also) -> Iterator[Path]:
    """Yield the files that a name means: itself, what lies in the folder, or what the pattern finds."""
    path = root / name
    try:
        is_folder, is_there = path.is_dir(), os.path.lexists(path)
    except ValueError:  # a NUL in the name
        return
    if is_folder:
        yield from _in_folder(path, also)
    elif is_there:
        yield path
    elif _PATTERN.search(name):
        for one in sorted(glob.glob(str(path), recursive=True), key=natural_key):  # noqa: PTH207 - which knows no absolute pattern
            yield from _in_folder(Path(one), also) if Path(one).is_dir() else [Path(one)]


def _in_folder(folder: Path, also: Also) -> Iterator[Path]:
    for context, folders, names in os.walk(folder):
        folders[:] = sorted((f for f in folders if not f.startswith(".") and f not in _APART), key=natural_key)
        seen = (n for n in names if not n.startswith("."))
        listed = (n for n in seen if n.lower().endswith(_LISTED) or also((Path(context) / n).as_posix()))
        yield from (Path(context, name) for name in sorted(listed, key=natural_key))


def _below(root: Path, name: str) -> str:
    """Return a path as the project counts it; one that leads out of it begins with `..`."""
    return os.path.relpath(os.path.abspath(root / name), os.path.abspath(root)).replace(os.sep, "/")  # noqa: PTH100


def _note(path: Path, root: Path, stored: _CommittedFiles, also: Also) -> tuple[NoteFile | None, tuple[Finding, ...]]:
    below = _below(root, str(path))
    inside = not below.startswith("../")
    shown = yaml_source.visible(below if inside else str(path))
    if fault := _faulty(below, shown, also):
        return None, (fault,)
    data, faults = yaml_source.read(path, root if inside else path.parent)
    if data is None:
        return None, tuple(Finding(f.severity, f.slug, f.message, Place(shown), f.fix) for f in faults)
    if not inside:
        return NoteFile(shown, data), ()
    blob = files.blob_id(data, stored.like) if stored.like else ""
    return NoteFile(shown, data, below, stored.head if stored.ids.get(below) == blob else "", blob), ()


def _faulty(path: str, shown: str, also: Also = _no_other) -> Finding | None:
    """Return why a file cannot be a note, by its name alone."""
    place = Place(yaml_source.visible(shown))
    if HIDDEN.search(path) or set(path) & set("\n\t"):
        message = "the name contains invisible characters, so it cannot be written into a round"
        return Finding("error", "name-not-usable", message, place, "rename the file")
    suffix = _suffix(path)
    if suffix not in SUFFIXES and not also(path):
        message = f"not a Markdown file: its name ends in {suffix}"
        return Finding("error", "not-markdown", message, place, "name only Markdown files")
    return None


def _unread(path: str, rev: str) -> Finding:
    message = f"cannot be read at {yaml_source.visible(rev)} (too large, or not in this clone)"
    return Finding(
        "error", "unreadable", message, Place(yaml_source.visible(path)), "fetch it, or clone without a filter"
    )


@frozen
class _CommittedFiles:
    """What HEAD has: `ids` of files by path; `like` is an id of the kind that the repository has, empty without one."""

    head: str = ""
    like: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)


def _committed_files(root: Path) -> _CommittedFiles:
    place = repository.find(root)
    if isinstance(place, Gap):
        return _CommittedFiles()
    return _CommittedFiles(place.head or "", place.head or _SHA1, _tree(place) if place.head else {})


def _tree(place: Checkout) -> dict[str, str]:
    """Return the ids of the files of a commit's tree, by their paths as the project counts them."""
    entries = files.list_tree(place.git, str(place.head), place.prefix) or {}
    return {path: one.id for path, one in entries.items() if one.mode.startswith("100")}


def _in_tree(tree: Mapping[str, str], name: str) -> list[str]:
    if name in tree:
        return [name]
    meant = (path for path in tree if path.lower().endswith(_LISTED) and (name == "." or matches((name,), path)))
    return sorted((p for p in meant if not any(part.startswith(".") for part in p.split("/"))), key=natural_key)


def _before(place: Checkout, head: Checkout | Gap, tree: Mapping[str, str], name: str) -> list[str]:
    """Return the name that a file of HEAD had at a commit before it was renamed, if that commit has it."""
    if isinstance(head, Gap) or not head.head or _PATTERN.search(name):
        return []
    names = _followed(place.git, f"{place.head}..{head.head}", place.prefix + name)
    found = [one.removeprefix(place.prefix) for one in names if one.startswith(place.prefix)]
    return [one for one in found if one in tree][:1]


def _followed(git: Git, span: str, path: str) -> list[str]:
    """Return the names that a file had in a span of the history, newest first."""
    words = ("log", "--follow", "-M", "--name-status", "-z", "--format=", "--diff-filter=R", span)
    answer = git.run("-C", _top(git), *words, "--", path)
    parts = [decode_path(part.lstrip(b"\n")) for part in answer.out.split(b"\0")]
    return [parts[i + 1] for i, part in enumerate(parts[:-2]) if re.fullmatch(r"R\d+", part)]


def _top(git: Git) -> str:
    return os.fsdecode(git.run("rev-parse", "--show-toplevel").out.removesuffix(b"\n"))


# In UTF-8: a form feed and what else parts pages and lines; DEL and C1 controls, which a wrong decoding leaves in a text.
_PARTING = re.compile(rb"[\x0b\x0c]|\xe2\x80[\xa8\xa9]")
_STRAY = re.compile(rb"\x7f|\xc2[\x80-\x9f]")


def document_of(data: bytes, path: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the document that a note is, and what is wrong with its characters.

    Byte order marks within it, which stay where files were put together, are invisible and left out; form feeds are spaces.
    Other control characters that text files have are left out with a note; the rest of them are errors.
    """
    data = _PARTING.sub(b" ", data[:3] + data[3:].replace(codecs.BOM_UTF8, b""))
    document, faults = _document_of(_STRAY.sub(b"", data), path)
    return document, (*faults, *(_strays(data, path) if document else ()))


def _strays(data: bytes, path: str) -> Iterator[Finding]:
    """Yield a note for each control character that is left out, at its first place."""
    first = {match[0]: match.start() for match in reversed([*_STRAY.finditer(data)])}
    for char, at in sorted(first.items(), key=lambda one: one[1]):
        count = f", {data.count(char):,} times" if data.count(char) > 1 else ""
        before = data[:at].decode("utf-8", "replace")
        place = yaml_source.place_of(before, len(before), yaml_source.Start(path))
        yield Finding(
            "info", "control-character", f"control character U+{ord(char.decode()):04X} is left out{count}", place
        )


def _suffix(path: str) -> str:
    """Return the suffix of a file; `ChangeLog-2.1` has none."""
    suffix = PurePosixPath(path).suffix.lower()
    return "" if suffix[1:].isdigit() else suffix


def _document_of(data: bytes, path: str) -> tuple[Document | None, tuple[Finding, ...]]:
    if _suffix(path) in (".rst", ".txt", ""):
        text = from_rst(data.decode("utf-8", "surrogateescape"))
        data = from_text(text).encode("utf-8", "surrogateescape")
    elif b"</" in data:
        data = _without_tags(data)
    document, faults = markdown.parse(data, path)
    broken = bool(document and not document.front and _FRONT.match(data))
    return markdown.parse(_with_plain_front(data), path) if broken else (document, faults)


_FRONT = re.compile(rb"---[ \t]*\n(?P<lines>(?:[^\n]*\n)*?)---[ \t]*(?:\n|$)")
_FRONT_KEY = re.compile(r"(?P<key>[A-Za-z_][\w .-]*):(?:[ \t]+(?P<value>\S.*))?")


def _with_plain_front(data: bytes) -> bytes:
    """Return a text whose front matter is no YAML with those of its keys that are not as plain text, line for line."""
    match = _FRONT.match(data)
    lines = match["lines"].decode("utf-8", "surrogateescape").split("\n")[:-1] if match else []
    starts = [n for n, line in enumerate(lines) if _FRONT_KEY.fullmatch(line.rstrip())]
    if not match or not starts:
        return data
    made = [*lines]
    for start, end in pairwise([*starts, len(lines)]):
        part = "\n".join(lines[start:end])
        tree, faults = yaml_reader.parse(part.encode("utf-8", "surrogateescape"), "")
        head = _FRONT_KEY.fullmatch(lines[start].rstrip())
        if head and (any(one.severity == "error" for one in faults) or not isinstance(tree, yaml_reader.Map)):
            value = head["value"] or ""
            quoted = value.replace("'", "''")
            made[start] = f"{head['key']}: '{quoted}'" if value else f"{head['key']}: |-"
            made[start + 1 : end] = [f"  {line}" for line in lines[start + 1 : end]]
    front = "\n".join(made).encode("utf-8", "surrogateescape") + b"\n"
    return data[: match.start("lines")] + front + data[match.end("lines") :]


def _without_tags(data: bytes) -> bytes:
    """Return a text with headings, labels or blank lines for tags such as `<decisions>`, line for line.

    A tag such as `<success_criteria>` is a heading, unless one follows. The name of a task is
    a heading, too, and what else one line has in a tag is a labelled line: `<verify>It opens</verify>`.
    """
    lines = data.split(b"\n")
    fenced = False
    for n, line in enumerate(lines):
        fenced ^= line.lstrip().startswith((b"```", b"~~~"))
        match = None if fenced else _TAG.fullmatch(line.strip())
        if not match or match["name"].decode() in _HTML:
            continue
        words = re.sub(r"[_-]", " ", match["name"].decode())
        label = {"done": "Done when"}.get(words, words.capitalize()).encode()
        below = next((one.strip() for one in lines[n + 1 :] if one.strip()), b"")
        if match["text"]:
            lines[n] = b"### " + match["text"] if words == "name" else b"**" + label + b"**: " + match["text"]
        elif match["ends"] or below.startswith(b"#"):
            lines[n] = b""
        elif words in _OF_A_TASK:
            lines[n] = b"**" + label + b"**:"
        else:
            holds = words == "task" or (below.startswith(b"<") and not name_of(words).topic)  # tags, and nothing else
            lines[n] = match["more"].strip() if holds else b"## " + label
    return b"\n".join(lines)


def from_rst(text: str) -> str:
    """Return reStructuredText with the headings, links and code of Markdown, line for line; anything else stays as written."""
    lines = text.split("\n")
    ranks: list[tuple[str, bool]] = []
    made = list(lines)
    for n, line in enumerate(lines[:-1]):
        rule = _RULE_OF.fullmatch(lines[n + 1])
        if not rule or not line.strip() or _RULE_OF.fullmatch(line) or len(lines[n + 1].rstrip()) < len(line.rstrip()):
            continue
        over = n > 0 and lines[n - 1].rstrip() == lines[n + 1].rstrip()
        rank = (rule["sign"], over)
        if rank not in ranks:
            ranks.append(rank)
        title = _RST_ROLE_OF_TITLE.sub(r"\g<text>", line.strip())
        made[n], made[n + 1] = f"{'#' * min(ranks.index(rank) + 1, 6)} {title}", ""
        if over:
            made[n - 1] = ""
    whole = _RST_LINK.sub(lambda m: f"[{m['words']}]({m['url']})", "\n".join(made))
    whole = _RST_NAMED.sub(lambda m: f"[{m['name']}]: {m['url']}" if m["url"] else "", whole)
    whole = re.sub(r"`([^`<>\n]+)`_(?!\w)", r"[\1]", whole)
    return _RST_CODE.sub(r"`\g<code>`", _RST_ROLE.sub(r"#\g<number>", whole))


_MARGIN = 3  # blanks before a line that Markdown takes for none
_BULLET = re.compile(r"(?P<indent>[ \t]*)[-*+][ \t]+\S")
_HEAD_LINE = re.compile(r"(?P<indent> {0,3})[A-Z][^:.]{1,60}:")


def _heads(line: str, under: str, indent: int) -> bool:
    """Tell whether a line heads the bullets below it, and is no end of the bullet above it, which has that indent."""
    head = _HEAD_LINE.fullmatch(line.rstrip())
    return bool(head and len(head["indent"]) <= indent and _BULLET.match(under))


_BULLET_O = re.compile(r"^(?P<indent>[ \t]*)o(?=[ \t]+\S)")
_STARRED = re.compile(r"(?P<stars>\*{1,4})\s+(?P<words>\S.*)")


def from_text(text: str) -> str:
    """Return a plain text whose lines of versions are headings, line for line; one with headings of versions is left as it is.

    `CHANGES FROM 1.0 TO 1.1` and `1.1 (2026-01-02)` on a line of its own are such lines, above the headings that follow;
    and so is `* Noteworthy changes in release 1.1`, as GNU writes it, with the headings below it. An `o` is a bullet, and a
    line such as `Build fixes:` above bullets heads them.
    """
    lines = [_BULLET_O.sub(r"\g<indent>-", line) for line in text.split("\n")]
    if any(line.startswith("#") and head_of(line.lstrip("# ")) for line in lines):
        return text
    starred = [_STARRED.fullmatch(line.rstrip()) for line in lines]
    if any(match and len(match["stars"]) == 1 and head_of(match["words"]) for match in starred):
        heads = zip(lines, starred, strict=True)
        return "\n".join(
            f"{'#' * (len(m['stars']) + 1)} {m['words']}" if m else line.removeprefix("  ") for line, m in heads
        )
    below, indent = False, _MARGIN
    for n, line in enumerate(lines):
        above, under = ("", *lines)[n], (*lines, "")[n + 1]
        if below and _heads(line, under, indent):
            lines[n] = f"### {line.strip()[:-1]}"
        if bullet := _BULLET.match(line):
            indent = len(bullet["indent"])
        alone = not above.strip() and (not under.strip() or under[:1] in " \t-*+")
        if alone and line[:1].strip() and line[:1] not in "-*+#" and head_of(line):
            lines[n], below = f"## {line}", True
        elif below and line.startswith("#"):
            title = line.lstrip("#")
            lines[n] = f"{'#' * min(len(line) - len(title) + 2, 6)}{title}"
    return "\n".join(lines)


_TEMPLATE = re.compile(r"(?:^|[-_./ ])(?:templates?|examples?|boilerplate|sample)(?=[-_./ ]|$)", re.IGNORECASE)
_BLANK = re.compile(
    r"\b(?:YYYY-MM-DD|N+|X{1,4}|NN|TODO)\b|\[[A-Z][^\]\n]{1,60}\](?![\[(])|\{\{?[\w .-]{1,40}\}\}?|<[\w .-]{1,40}>"
)


def is_template(document: Document) -> bool:
    """Tell whether a document is a form to be filled in: by its path, and by what is left blank in its title or its lines."""
    if not _TEMPLATE.search(document.path):
        return False
    title = document.parts[0].title if document.parts else ""
    return bool(_BLANK.search(title)) or sum(bool(_BLANK.search(line)) for line in document.lines) > 2
