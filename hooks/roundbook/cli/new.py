"""`roundbook new`: creates a round, or adds a decision, a change, a goal or an agent to one."""

from __future__ import annotations

from collections.abc import Mapping

import click

from roundbook.book.model import Book, Entry
from roundbook.book.references import free
from roundbook.book.rounds import current
from roundbook.cli.common import (
    Project,
    UnreadableError,
    book_of,
    day,
    entry_of,
    free_key,
    open_file,
    refuse_as_of,
    rewrite,
)
from roundbook.project import Depth
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.items import CHANGE_TYPES
from roundbook.schema.statuses import DECISION_STATUSES
from roundbook.terminal import safe
from roundbook.yamlfile.edit import add_entry
from roundbook.yamlfile.writer import Data

in_round = click.option("--round", "key", default="", metavar="ROUND", help="The round; default: the newest open one.")


@click.group("new")
def command() -> None:
    """Create a round, or add an entry to one.

    An entry is added below the existing ones; every other line stays as it is. If the round is a folder, the entry gets
    its own file, so that people who work at the same time never edit the same lines.
    """
    refuse_as_of()


@command.command("round")
@click.argument("key", required=False, default="", metavar="[PHASE/ROUND]")
@click.option("--focus", default="", help="Its focus, in one line.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="Its day; default: today.")
@click.option("--folder", is_flag=True, help="Create a folder, to which each agent adds a file.")
@click.pass_obj
def new_round(obj: Project, key: str, focus: str, date: str, folder: bool) -> None:
    """Create a round: by default the one after the newest, with an id that no branch has, local or remote.

    \b
        roundbook new round --focus "Ship the site"
        roundbook new round 4/1 --focus "A new phase"
    """
    root, data = obj
    book = book_of(root, data, own=True, depth=Depth.BRANCHES)
    key = free_key(book, key)
    phase, _, number = key.partition("/")
    path = f"{data}/rounds/{key}/round.yml" if folder else f"{data}/rounds/{key}.yml"
    tree = {"round": number, "phase": phase, "date": day(date), "status": "in-progress", "focus": focus or "TBD"}
    open_file(root, path, book, tree)
    click.echo(f"{path}: round {key}; name it in commit messages with the trailer: Round: {key}")


@command.command("decision")
@click.argument("title")
@click.option("--id", "name", default="", help="Its id; default: a free one, made from the title.")
@click.option("--because", multiple=True, metavar="TEXT", help="A reason; can be repeated.")
@click.option(
    "--status", type=click.Choice(DECISION_STATUSES), default="proposed", show_default=True, help="Its status."
)
@click.option("--supersedes", multiple=True, metavar="ID", help="A decision that it replaces; can be repeated.")
@click.option("--affects", multiple=True, metavar="GLOB", help="A path or glob that it affects; can be repeated.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="When it was decided; default: today.")
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
    date: str,
    key: str,
) -> None:
    """Record a decision with an id that no branch has, local or remote.

    The date is written only if it differs from the date of the round.

    \b
        roundbook new decision "Target wasip2" --because "It unblocks the component model" --affects "crates/wasm/**"
    """
    book = book_of(*obj, own=True, depth=Depth.BRANCHES)
    stem = name or slug(title)
    if fault := id_fault(stem):
        raise UnreadableError(f"the id {safe(stem)} {fault}")
    if unknown := [one for one in supersedes if book.decision_index.named(one) is None]:
        raise UnreadableError(f"there is no decision {', '.join(map(safe, unknown))} to replace")
    replaced = [known for one in supersedes if (known := book.decision_index.named(one))]
    found = free(stem, book.decision_ids)
    if name and found != name:
        raise UnreadableError(f"the id {safe(name)} is taken; {found} is free")
    entry = _round_of(book, key)
    tree = {"id": found, "title": title, "status": status, "date": _date_in(entry, day(date)), "rationale": because}
    tree |= {"supersedes": replaced, "affects": affects}
    _add(obj, book, entry, "decisions", tree, found, f"decision {found}")


def _date_in(entry: Entry, date: str) -> str:
    """Return a date, or nothing where it is that of the round, which decisions have by default."""
    return "" if entry.round.date and str(entry.round.date) == date else date


@command.command("change")
@click.argument("kind", metavar="TYPE", type=click.Choice(CHANGE_TYPES))
@click.argument("text")
@click.option("--breaking", is_flag=True, help="It is a breaking change.")
@in_round
@click.pass_obj
def new_change(obj: Project, kind: str, text: str, breaking: bool, key: str) -> None:
    """Add a changelog entry.

    Its id is made from the text. A commit whose message ends with the trailer `Change: <round>#<id>` is its evidence.

    \b
        roundbook new change fixed "The page of a round no longer loses its last table."
    """
    book = book_of(*obj, own=True, depth=Depth.BRANCHES)
    entry = _round_of(book, key)
    name = free(slug(text, 40), {c.id.casefold() for c in entry.round.changes if c.id})
    tree: dict[str, Data] = {"id": name, "type": kind, "text": text, "breaking": breaking}
    _add(obj, book, entry, "changes", tree, name, f"a change, {kind}")
    click.echo(f"Name it in the commits that make it with the trailer: Change: {entry.key}#{name}")


@command.command("goal")
@click.argument("title")
@in_round
@click.pass_obj
def new_goal(obj: Project, title: str, key: str) -> None:
    """Add a goal to the round."""
    book = book_of(*obj, own=True, depth=Depth.BRANCHES)
    tree = {"id": slug(title), "title": title, "status": "planned"}
    _add(obj, book, _round_of(book, key), "goals", tree, slug(title), "a goal")


@command.command("agent")
@click.argument("name")
@click.option("--task", default="", help="What it works on.")
@in_round
@click.pass_obj
def new_agent(obj: Project, name: str, task: str, key: str) -> None:
    """Add a person or program that works in the round."""
    book = book_of(*obj, own=True, depth=Depth.BRANCHES)
    tree = {"id": slug(name), "name": name, "task": task, "status": "in-progress"}
    _add(obj, book, _round_of(book, key), "agents", tree, slug(name), f"agent {safe(name)}")


def _round_of(book: Book, key: str) -> Entry:
    """Return the round that is named, or the one that is written in now; raises `UnreadableError` where there is none."""
    entry = entry_of(book, key) if key else current(book)
    if entry is None:
        raise UnreadableError("there is no round yet; create one with: roundbook new round")
    return entry


def _add(obj: Project, book: Book, entry: Entry, field: str, tree: Mapping[str, Data], stem: str, what: str) -> None:
    """Add an entry to a list of a round, in its file or in a file of its own, and say where."""
    root, data = obj
    said = {name: value for name, value in tree.items() if value}
    own = f"{data}/rounds/{entry.key}/{field.removesuffix('s')}-{stem}.yml"
    if _is_folder(book, entry):
        open_file(root, own, book, {field: [said]})
        path = own
    else:
        path = rewrite(obj, book, entry.key, lambda text: add_entry(text, field, said), field)
    click.echo(f"{path}: {what} in round {entry.key}")


def _is_folder(book: Book, entry: Entry) -> bool:
    return not book.files[entry.key][0].endswith((f"/{entry.key}.yml", f"/{entry.key}.yaml"))
