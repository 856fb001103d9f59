"""`roundbook new`: opens the smallest right file for a round, a decision, a change, a goal or an agent."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

import click

from roundbook.doors.cli.editing import Project, entry_of, refuse_as_of, rewrite
from roundbook.doors.cli.project import UnreadableError, book_of
from roundbook.doors.line import safe
from roundbook.model import when
from roundbook.model.book import Book, Entry
from roundbook.model.decision import DECISION_STATUSES
from roundbook.model.items import CHANGE_TYPES
from roundbook.model.names import id_fault, slug
from roundbook.think.opening import current, following
from roundbook.think.slugs import free, taken
from roundbook.write.edit import add_entry
from roundbook.write.emit import Data, emit

SCHEMA = "round.schema.json"
_SCHEMA_LINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)")
in_round = click.option("--round", "key", default="", metavar="ROUND", help="The round; default: the newest open one.")


@click.group("new")
def command() -> None:
    """Open the smallest right file: a round, or an entry in one.

    An entry is added below those that are there; every other line stays as it is. Where the round is a folder, the entry
    gets a file of its own, so that people who work at the same time never edit the same lines.
    """
    refuse_as_of()


@command.command("round")
@click.argument("key", required=False, default="", metavar="[PHASE/ROUND]")
@click.option("--focus", default="", help="What it is about, in one line.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="Its day; default: today.")
@click.option("--folder", is_flag=True, help="Make it a folder, to which each agent adds a file of its own.")
@click.pass_obj
def new_round(obj: Project, key: str, focus: str, date: str, folder: bool) -> None:
    """Begin a round: by default the one after the newest.

    \b
        roundbook new round --focus "Ship the site"
        roundbook new round 4/1 --focus "A new phase"
    """
    root, data = obj
    book = book_of(root, data)
    key = key if "/" in key else following(book, key)
    phase, _, number = key.partition("/")
    if fault := id_fault(phase) or id_fault(number):
        raise UnreadableError(f"the id {safe(key)} {fault}")
    if key in book.entries or key in book.files:
        raise UnreadableError(f"round {key} is there already, in {', '.join(book.files.get(key, ()))}")
    path = f"{data}/rounds/{key}/round.yml" if folder else f"{data}/rounds/{key}.yml"
    day = _day(date)
    tree = {"round": number, "phase": phase, "date": day, "status": "in-progress", "focus": focus or "TBD"}
    _write(root, path, book, tree)
    click.echo(f"{path}: round {key}; its commits name it in a trailer of their message: Round: {key}")


def _day(text: str) -> str:
    try:
        return str(when.parse(text)) if text else dt.datetime.now().astimezone().date().isoformat()
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None


@command.command("decision")
@click.argument("title")
@click.option("--id", "name", default="", help="Its id; default: a free one, made from the title.")
@click.option("--because", multiple=True, metavar="TEXT", help="A reason; may be given again.")
@click.option(
    "--status", type=click.Choice(DECISION_STATUSES), default="proposed", show_default=True, help="How it stands."
)
@click.option("--supersedes", multiple=True, metavar="ID", help="A decision that it replaces; may be given again.")
@click.option("--affects", multiple=True, metavar="GLOB", help="Paths that it governs; may be given again.")
@in_round
@click.pass_obj
def new_decision(
    obj: Project,
    title: str,
    name: str,
    because: tuple[str, ...],
    status: str,
    supersedes: tuple[str, ...],
    affects: tuple[str, ...],
    key: str,
) -> None:
    """Record a decision under an id that no branch has, local or remote.

    \b
        roundbook new decision "Target wasip2" --because "It unblocks the component model" --affects "crates/wasm/**"
    """
    book = book_of(*obj)
    stem = name or slug(title)
    if fault := id_fault(stem):
        raise UnreadableError(f"the id {safe(stem)} {fault}")
    if unknown := [one for one in supersedes if one not in book.rulings]:
        raise UnreadableError(f"there is no decision {', '.join(map(safe, unknown))} to be replaced")
    found = free(stem, taken(book))
    if name and found != name:
        raise UnreadableError(f"the id {safe(name)} is taken; {found} is free")
    tree = {"id": found, "title": title, "status": status, "rationale": because, "supersedes": supersedes}
    _add(obj, book, key, "decisions", {**tree, "affects": affects}, found, f"decision {found}")


@command.command("change")
@click.argument("kind", metavar="TYPE", type=click.Choice(CHANGE_TYPES))
@click.argument("text")
@click.option("--breaking", is_flag=True, help="It breaks what was promised.")
@in_round
@click.pass_obj
def new_change(obj: Project, kind: str, text: str, breaking: bool, key: str) -> None:
    """Enter a change for the changelog.

    \b
        roundbook new change fixed "The page of a round no longer loses its last table."
    """
    tree = {"type": kind, "text": text, "breaking": "true" if breaking else ""}
    _add(obj, book_of(*obj), key, "changes", tree, slug(text), f"a change, {kind}")


@command.command("goal")
@click.argument("title")
@in_round
@click.pass_obj
def new_goal(obj: Project, title: str, key: str) -> None:
    """Set a goal of the round."""
    tree = {"id": slug(title), "title": title, "status": "planned"}
    _add(obj, book_of(*obj), key, "goals", tree, slug(title), "a goal")


@command.command("agent")
@click.argument("name")
@click.option("--task", default="", help="What it works on.")
@in_round
@click.pass_obj
def new_agent(obj: Project, name: str, task: str, key: str) -> None:
    """Enter somebody who works in the round, a person or a program."""
    tree = {"id": slug(name), "name": name, "task": task, "status": "in-progress"}
    _add(obj, book_of(*obj), key, "agents", tree, slug(name), f"agent {safe(name)}")


def _add(obj: Project, book: Book, key: str, field: str, tree: Mapping[str, Data], stem: str, what: str) -> None:
    """Add an entry to a list of a round, in its file or in a file of its own, and say where."""
    root, data = obj
    entry = entry_of(book, key) if key else current(book)
    if entry is None:
        raise UnreadableError("there is no round yet; begin one with: roundbook new round")
    said = {name: value for name, value in tree.items() if value}
    own = f"{data}/rounds/{entry.key}/{field.removesuffix('s')}-{stem}.yml"
    if _is_folder(book, entry):
        _write(root, own, book, {field: [said]})
        path = own
    else:
        path = rewrite(obj, book, entry.key, lambda text: add_entry(text, field, said), field)
    click.echo(f"{path}: {what} in round {entry.key}")


def _is_folder(book: Book, entry: Entry) -> bool:
    return not book.files[entry.key][0].endswith((f"/{entry.key}.yml", f"/{entry.key}.yaml"))


def _write(root: Path, path: str, book: Book, tree: Mapping[str, Data]) -> None:
    """Write a file of its own, with the schema line that its neighbours have; raises where there is one already."""
    file = root / path
    if file.exists():
        raise UnreadableError(f"{safe(path)} is there already")
    schema = _schema(root, path, book)
    file.parent.mkdir(parents=True, exist_ok=True)
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    with file.open("x", encoding="utf-8", newline="\n") as out:
        out.write(head + emit(tree))


def _schema(root: Path, path: str, book: Book) -> str:
    """Return where the schema lies, seen from `path`: where the newest round says, or at the top of the project."""
    folder = posixpath.dirname(path)
    for entry in book.newest_first[:1]:
        for other in book.files[entry.key]:
            found = _SCHEMA_LINE.search((root / other).read_text("utf-8", "replace")[:1000])
            if found and "://" in found[1]:
                return found[1]
            if found:
                return posixpath.relpath(posixpath.join(posixpath.dirname(other), found[1]), folder)
    return posixpath.relpath(SCHEMA, folder) if (root / SCHEMA).is_file() else ""
