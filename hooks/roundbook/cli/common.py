"""What commands share: the project, refusals, editing, output."""

from __future__ import annotations

import bisect
import datetime as dt
import difflib
import gc
import itertools
import os
import posixpath
import re
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roundbook import __version__
from roundbook.book.model import Book, Entry
from roundbook.book.rounds import following, taken_names
from roundbook.cache import FOLDER, SWITCH
from roundbook.cli import AT, KNOWN
from roundbook.errors import Finding, RoundbookError, Severity, short
from roundbook.frozen import frozen
from roundbook.git import files, no_pauses
from roundbook.project import REFUSED, Depth, Loader
from roundbook.rounds import load as rounds_load
from roundbook.schema import dates, on_site
from roundbook.schema.ids import id_fault
from roundbook.schema.round import Round
from roundbook.terminal import Bar, bar, printable, safe
from roundbook.yamlfile import reader, source

if TYPE_CHECKING:
    from roundbook.yamlfile.writer import Data


class UnreadableError(click.ClickException):
    """Input that cannot be read at all."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(short(message))


LOADERS = "roundbook.loaders"
OnStage = Callable[[str, float], object]
SITE_FILE = "mkdocs.yml"


def untold(_stage: str, _seconds: float) -> None:
    """Print nothing."""


def at() -> str:
    """Return the ref that `--at` names, or nothing where the book is that of the work tree."""
    return str(click.get_current_context().meta.get(AT, ""))


def book_of(
    root: Path, data: str, *, own: bool = False, depth: Depth = Depth.ALL, told: OnStage = untold, damaged: bool = False
) -> Book:
    """Return the book of a project, as of `--at`.

    `told` is called with each stage of loading and its seconds. Raises `UnreadableError` where the project has no folder for
    rounds, nor records; and where git refuses the repository, unless a book without a history (`damaged`) will do.
    """
    ref = at()
    book = book_at(root, data, ref, own=own, depth=depth, told=told)
    if not ref and not (book.decisions or (root / data / "rounds").is_dir()):
        if (root / "HEAD").is_file() and (root / "objects").is_dir():
            raise UnreadableError("this is a bare repository, which has no files; name a commit, such as --at HEAD")
        above = next((folder for folder in root.parents if (folder / data / "rounds").is_dir()), None)
        begin = f"begin with roundbook init, or write {safe(data)}/rounds/1/1.yml"
        fix = f"a parent folder has one: add -C {safe(os.path.relpath(above))}" if above else begin
        raise UnreadableError(f"there is no folder {safe(data)}/rounds here; {fix}")
    if not damaged:
        refuse_without_history(book, *REFUSED)
    if ref and not (book.files or book.decisions or any(f.place for f in book.findings)):
        raise UnreadableError(f"{safe(ref)} has no round file below {safe(data)}/rounds; name a later commit")
    return book


def book_at(
    root: Path, data: str, ref: str, *, own: bool = False, depth: Depth = Depth.ALL, told: OnStage = untold
) -> Book:
    """Return the book as of a ref, empty where no round was written yet; raises `UnreadableError` for no commit."""
    loader = loader_of(root, data, own=own)
    try:
        with progress(told) as shown, lasting():
            book = loader.load(shown, at=ref, depth=depth)
    except RoundbookError as error:
        raise refused(error) from None

    def known() -> list[str]:
        whole = book if depth == Depth.ALL else loader.load(at=ref, depth=Depth.ALL)
        return [safe(str(f)) for f in whole.findings if f.severity == "error"]

    click.get_current_context().meta[KNOWN] = known
    return book


@contextmanager
def lasting() -> Iterator[None]:
    """Make what lives until the command ends: where the process ends with it, the garbage collector never walks that."""
    with no_pauses():
        yield
        if gc.get_freeze_count():
            gc.freeze()


def loader_of(root: Path, data: str, *, own: bool = False) -> Loader:
    """Return what loads the books of a project: the same for a whole command, as its books have much in common."""
    known: dict[object, Loader] = click.get_current_context().meta.setdefault(LOADERS, {})
    return known.setdefault((root, data, own), Loader(root, data, own=own, cache=cache_of(root), once=True))


def refuse_without_history(book: Book, *slugs: str) -> None:
    """Raise `UnreadableError` where there is no history for one of the reasons: an empty answer would look like a true one."""
    for gap in book.history.gaps:
        if book.history.head is None and gap.slug in slugs:
            known = gap.slug in REFUSED  # then the finding is printed as well
            raise UnreadableError(
                "without a history there is no answer" if known else safe(f"{gap.message}; {gap.fix}")
            )


def progress(told: OnStage = untold) -> Bar:
    """Return what shows on a terminal how far work has come; to be used as a context."""
    return bar(sys.stderr, time.monotonic, told)


def cache_of(root: Path) -> Path | None:
    """Return the folder for what a project keeps from one run to the next, or `None` where that is switched off."""
    return None if os.environ.get(SWITCH) == "0" else root / FOLDER


def refused(error: RoundbookError) -> UnreadableError:
    """Return what stops the work as an error of the command line."""
    return UnreadableError("\n".join(safe(f"{f.message}; {f.fix}") for f in error.findings))


def content_of(path: Path) -> bytes | None:
    """Return the bytes of a file, or `None` where it is not there; raises `UnreadableError` for what is no file."""
    try:
        if not path.exists():
            return None
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError(f"{safe(str(path))} is not a regular file; name another one")
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def replace(path: Path, content: bytes) -> None:
    """Write a file as a whole; raises `UnreadableError` where that cannot be done."""
    from roundbook.yamlfile import edit  # not loaded for commands that only read

    try:
        edit.replace_file(path, content)
    except OSError as error:
        raise unwritable(path, error) from None


def unreadable(path: Path, error: OSError, what: str = "read") -> UnreadableError:
    """Return what the system says of a file as an error of the command line."""
    return UnreadableError(f"{safe(str(path))} cannot be {what}: {error.strerror or 'system error'}")


def unwritable(path: Path, error: OSError) -> UnreadableError:
    """Return what the system says of a file that is to be written as an error of the command line."""
    return unreadable(path, error, "written")


SCHEMA = "round.schema.json"
_SCHEMA_LINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)")


def usable(key: str) -> str:
    """Return the key of a round; raises `UnreadableError` where no round may have it."""
    phase, _, number = key.partition("/")
    if fault := id_fault(phase) or id_fault(number):
        raise UnreadableError(f"the id {safe(key)} {fault}")
    return key


def free_key(book: Book, asked: str) -> str:
    """Return the key that is asked for, or the next one (of the phase that is asked for) that no branch has.

    Raises `UnreadableError` where the key cannot be one, or is taken, here or on another branch, with one that is free.
    """
    if "/" not in asked:
        return usable(following(book, usable(f"{asked}/1").partition("/")[0] if asked else ""))
    if said := taken_names(book, usable(asked)):
        spare = following(book, asked.partition("/")[0])
        raise UnreadableError(f"round {asked} is {safe(said)}; {spare} is free")
    return asked


def today() -> str:
    """Return the day it is here."""
    return dt.datetime.now().astimezone().date().isoformat()


def day(text: str) -> str:
    """Return the day or span that a text names, by default today; raises `UnreadableError` where it names none."""
    try:
        return str(dates.parse(text)) if text else today()
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None


def text_of(root: Path, path: str, book: Book, tree: Mapping[str, Data]) -> str:
    """Return what a new file at `path` holds: the schema line that its neighbours have, and the tree.

    Raises `UnreadableError` for what no round file can hold, such as a control character.
    """
    from roundbook.yamlfile.writer import canonical

    try:
        return canonical(tree, Round, schema_from(root, path, book))
    except ValueError as fault:
        raise UnreadableError(safe(str(fault).removeprefix("."))) from None


def open_file(root: Path, path: str, book: Book, tree: Mapping[str, Data], *, force: bool = False) -> None:
    """Write a new file; raises `UnreadableError` where there is one already, unless it may be written over."""
    file = root / path
    if file.exists() and not force:
        raise UnreadableError(f"{safe(path)} already exists")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UnreadableError(f"{safe(path)} cannot be written: {fault.strerror or 'system error'}") from None
    replace(file, text_of(root, path, book, tree).encode())


def schema_from(root: Path, path: str, book: Book) -> str:
    """Return where the schema is, seen from `path`.

    It is where the newest round says, else beside the rounds, or at the top, else, before there are rounds, on the site.
    """
    folder = posixpath.dirname(path)
    for entry in book.newest_first[:1]:
        for other in book.files[entry.key]:
            found = _SCHEMA_LINE.search((root / other).read_text("utf-8", "replace")[:1000])
            if found and "://" in found[1]:
                return found[1]
            if found:
                return posixpath.relpath(posixpath.join(posixpath.dirname(other), found[1]), folder)
    for home in (posixpath.join(path.partition("/rounds/")[0], SCHEMA), SCHEMA):
        if (root / home).is_file():
            return posixpath.relpath(home, folder)
    site = "" if book.entries else read_site(root).url
    return site and posixpath.join(site, on_site("round-file"))


Project = tuple[Path, str]


def entry_of(book: Book, key: str) -> Entry:
    """Return a round by its key; raises `UnreadableError` with the nearest keys where there is none."""
    if key in book.rounds:
        return book.rounds[key]
    near = difflib.get_close_matches(key, list(book.rounds), n=3, cutoff=0.5) or list(book.rounds)[-3:]
    hint = f"; there are {', '.join(near)}" if near else ""
    raise UnreadableError(f"there is no round {safe(key)}{hint}")


def refuse_as_of() -> None:
    """Raise `UnreadableError` where `--at` is given: what was cannot be written to."""
    if click.get_current_context().meta.get(AT):
        raise UnreadableError("the book as of another commit cannot be changed; leave out --at")


def rewrite(project: Project, book: Book, key: str, edit: Callable[[str], str], field: str) -> str:
    """Change the text of a round's file, and return its path; only `field` of the record may change by it.

    Of a round that has several files it is `round.yml`, or the first. The new text is read again before anything is
    written; raises `UnreadableError` where it cannot be read, or changes anything else.
    """
    from roundbook.yamlfile.edit import NotPlainError

    root, data = project
    paths = book.files[key]
    path = next((p for p in paths if p.rpartition("/")[2].partition(".")[0] == "round"), paths[0])
    contents = {one: (root / one).read_bytes() for one in paths}
    try:
        text = edit(contents[path].decode("utf-8-sig")).encode()
    except (NotPlainError, UnicodeDecodeError) as fault:
        raise UnreadableError(f"no line can be added to {safe(path)} ({fault})") from None
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None
    bom = b"\xef\xbb\xbf" if contents[path].startswith(b"\xef\xbb\xbf") else b""
    contents[path] = bom + text
    options, _ = rounds_load.read_settings(files.only_settings(root, data))
    after = rounds_load.parse(contents, f"{data}/rounds", options.words()).rounds
    if len(after) != 1 or not _only_added(book.rounds[key].round.model_dump(), after[0].model_dump(), field):
        raise UnreadableError(f"nothing can be added to {safe(path)} safely; nothing was changed")
    replace(root / path, contents[path])
    return path


def _only_added(before: dict[str, Any], after: dict[str, Any], field: str) -> bool:
    """Tell whether two dumps of a record differ in one field alone, which, where it is a list, got one entry more."""
    old, new = before.pop(field), after.pop(field)
    return before == after and (not isinstance(old, tuple) or (new[:-1] == old and len(new) == len(old) + 1))


ANNOTATIONS = 10  # of a kind that GitHub shows for a step
SUMMARIZED, SUMMARY_LIMIT = 500, 900_000  # findings and bytes; GitHub takes no summary above a mebibyte
MESSAGE_LIMIT = 4_000  # a runner cuts at 4,096
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def option(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--format`, whose help begins with the words."""
    choice = click.Choice(["text", "json", "github", "sarif"])
    usage = f"{words}: for people, programs, GitHub annotations, or code scanning."
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=usage)


def github(findings: Iterable[Finding]) -> str:
    """Return a line for each finding, errors first: an annotation of GitHub, or text beyond what a step shows of a kind.

    Text of others is encoded and cannot be a command.

    Source: https://docs.github.com/actions/reference/limits, annotations of a step
    """
    shown: Counter[str] = Counter()
    lines = []
    for finding in sorted(findings, key=lambda f: weight(f.severity)):
        shown[finding.severity] += 1
        lines.append(_annotation(finding) if shown[finding.severity] <= ANNOTATIONS else safe(str(finding)))
    return "".join(f"{line}\n" for line in lines)


def summary(findings: Sequence[Finding]) -> str:
    """Return the findings as Markdown, errors first, for the summary of a job, which may have a mebibyte."""
    from roundbook.site.escape import text  # not loaded for commands that print no Markdown

    counts: Counter[str] = Counter(f.severity for f in findings)
    cells = " | ".join(str(counts[severity]) for severity in _COMMANDS)
    lines = ["### roundbook check", "", "| errors | warnings | notes |", "|---|---|---|", f"| {cells} |", ""]
    first = sorted(findings, key=lambda f: weight(f.severity))[:SUMMARIZED]
    made = [f"- {text(str(f))}" for f in first]
    shown = bisect.bisect_right([*itertools.accumulate(len(line.encode()) + 1 for line in made)], SUMMARY_LIMIT)
    lines += made[:shown]
    if len(findings) > shown:
        lines.append(f"- and {len(findings) - shown:,} more; `roundbook check` prints all of them")
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding) -> str:
    properties = {"title": finding.slug}
    if finding.place:
        properties = {"file": finding.place.path, "line": str(max(1, finding.place.line)), **properties}
        if finding.place.column:
            properties["col"] = str(finding.place.column)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{finding.message}; {finding.fix}" if finding.fix else finding.message
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(safe(message)[:MESSAGE_LIMIT])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding]) -> str:
    """Return a SARIF log, which code scanning reads without a limit on the number of findings."""
    rules = sorted({f.slug for f in findings})
    driver = {"name": "roundbook", "version": __version__, "rules": [{"id": slug} for slug in rules]}
    run = {"tool": {"driver": driver}, "results": [_result(f) for f in findings]}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return printable(log)


def _result(finding: Finding) -> dict[str, Any]:
    text = f"{finding.message}; {finding.fix}" if finding.fix else finding.message
    result: dict[str, Any] = {"ruleId": finding.slug, "level": _LEVELS[finding.severity], "message": {"text": text}}
    if finding.place:
        region = {"startLine": max(1, finding.place.line), "startColumn": max(1, finding.place.column)}
        where = {"artifactLocation": {"uri": finding.place.path}, "region": region}
        result["locations"] = [{"physicalLocation": where}]
    return result


def weight(severity: Severity) -> int:
    """Return 0 for an error, 1 for a warning, 2 for a note: the order in which findings of one place are shown."""
    return ("error", "warning", "info").index(severity)


@frozen
class Site:
    """What `mkdocs.yml` says of the site: `url` is empty where it is not said, `folders` is `use_directory_urls`."""

    url: str = ""
    folders: bool = True
    name: str = ""
    description: str = ""


def read_site(root: Path) -> Site:
    """Read what `mkdocs.yml` says; a project without it, or with one that cannot be read, has the defaults."""
    data, _ = source.read(root / SITE_FILE, root) if (root / SITE_FILE).exists() else (None, ())
    return parse_site(data) if data is not None else Site()


def parse_site(data: bytes) -> Site:
    """Return what the content of `mkdocs.yml` says, of a broken file what stands before the fault; never raises."""
    tree, findings = reader.parse(data, SITE_FILE, partial=True)
    not_plain = {finding.place for finding in findings if finding.slug in ("tag", "alias")}
    top = tree.items() if isinstance(tree, reader.Map) else ()
    said = {key: str(value) for key, value in top if isinstance(value, reader.Text) and value.place not in not_plain}
    url = said.get("site_url", "")
    return Site(
        url if url.startswith(("https://", "http://")) else "",
        said.get("use_directory_urls", "true") != "false",
        said.get("site_name", ""),
        said.get("site_description", ""),
    )
