"""`roundbook init`: looks at what a repository has, and makes what a site of it needs beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from roundbook import __version__
from roundbook.bring import setup
from roundbook.bring.joining import Addition
from roundbook.bring.setup import File, Means, Plan
from roundbook.doors.cli import COMMANDS
from roundbook.doors.cli.changelog import printable
from roundbook.doors.cli.draft import drafted
from roundbook.doors.cli.editing import Project, refuse_as_of
from roundbook.doors.cli.opening import today
from roundbook.doors.cli.project import UnreadableError, book_at, refused
from roundbook.doors.cli.replace import content_of, replace
from roundbook.doors.line import safe
from roundbook.errors import RoundbookError
from roundbook.model.survey import Survey
from roundbook.read import survey as surveying
from roundbook.read.packaged import template
from roundbook.settings import defaults
from roundbook.show.between import GUIDE, splice
from roundbook.show.drafted import tree
from roundbook.show.guide import guide
from roundbook.show.marks import plural
from roundbook.show.survey import found
from roundbook.think.stretch import since_last

AGENTS = "AGENTS.md"


@dataclass(frozen=True, slots=True)
class Step:
    """A file, and what becomes of it: `write`, `renew`, `same` or `keep`; `content` is what it then holds."""

    path: str
    state: str
    gist: str
    content: bytes

    @property
    def lines(self) -> int:
        """Return how many lines it holds."""
        return self.content.count(b"\n")


@click.command("init")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found and what is done as JSON, for programs.")
@click.option(
    "--agents", is_flag=True, help="Put the guide for agents into AGENTS.md, between its markers, or renew it."
)
@click.pass_obj
def command(obj: Project, dry_run: bool, as_json: bool, agents: bool) -> None:
    """Begin with roundbook in a repository that is there, or in any folder.

    It says what it found, then writes what a site needs: mkdocs.yml, the settings, a first round, a front page, and the
    workflow that publishes the site on the forge that was found. A file that is there is kept; what has to be added to it
    is printed. To run it again changes nothing.

    \b
        roundbook init --dry-run
        roundbook init
        mkdocs serve

    Nothing but git is run, and no network is used. Exit code 2 where a file cannot be written.
    """
    refuse_as_of()
    root, data = obj
    seen = surveying.read(root, _plain(data))
    if seen.place.inside:
        raise UnreadableError("this is what git keeps of a repository; go to where its files lie")
    means = Means(__version__, COMMANDS, template)
    planned = setup.plan(seen, today(), means, _first_round(obj) if setup.drafted(seen, means) else None)
    steps = [_step(root, seen, file) for file in planned.files]
    wanted = agents or (not (dry_run or as_json) and _asked(root, seen))
    steps += [_guide(root, seen)] if wanted else []
    written = [step for step in steps if step.state in ("write", "renew")]
    if not dry_run:
        for step in written:
            _write(root, step)
    if as_json:
        click.echo(printable(_plain_data(seen, planned, steps, dry_run)), nl=False)
        return
    for line in _report(seen, planned, steps, dry_run):
        click.echo(safe(line))


def _first_round(obj: Project) -> dict[str, Any] | None:
    """Return the first round as git tells it, or `None` where git has no commit to tell of, or not all of them."""
    book = book_at(*obj, "", own=True)
    raw = since_last(book)
    if not raw.commits or not book.history.complete:
        return None
    made = drafted(book, raw, defaults(), "")
    return tree(made) if made else None


def _plain(data: str) -> str:
    """Return the folder of the data, which has to lie inside the project."""
    folder = Path(data)
    if folder.is_absolute() or ".." in folder.parts or folder == Path():
        raise UnreadableError(f"{safe(data)} is no folder inside the project")
    return folder.as_posix()


def _step(root: Path, seen: Survey, file: File) -> Step:
    """Return what becomes of a file; raises `UnreadableError` where its folder cannot be made inside the repository."""
    path, content = root / file.path, file.text.encode()
    folder = next(parent for parent in path.parents if os.path.lexists(parent))
    if os.path.lexists(path):
        same = path.is_file() and content_of(path) == content
        return Step(file.path, "same" if same else "keep", file.gist, content)
    if not folder.is_dir() or not _within(root, seen, folder):
        raise UnreadableError(f"{safe(file.path)} cannot be made: {safe(str(folder))} is no folder of this repository")
    return Step(file.path, "write", file.gist, content)


def _within(root: Path, seen: Survey, path: Path) -> bool:
    """Tell whether a path, links followed, lies in the repository, or in the project where there is none."""
    top = root.joinpath(*[".." for _ in range(seen.place.prefix.count("/"))]).resolve()
    return path.resolve().is_relative_to(top)


def _guide(root: Path, seen: Survey) -> Step:
    """Return AGENTS.md with the guide between its markers."""
    if not _within(root, seen, root / AGENTS):
        raise UnreadableError(f"{AGENTS} is a link that leads out of the repository; put the file itself there")
    before = content_of(root / AGENTS)
    try:
        after = splice(before or b"", guide(COMMANDS, seen.data).rstrip("\n"), force=True, marks=GUIDE)
    except RoundbookError as error:
        raise refused(error) from None
    state = "write" if before is None else "same" if after == before else "renew"
    return Step(AGENTS, state, "the guide for agents, between its markers", after)


def _asked(root: Path, seen: Survey) -> bool:
    """Ask, on a terminal, whether the guide is wanted; not where it is there as it should be."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or _guide(root, seen).state == "same":
        return False
    return click.confirm(f"Put the guide for agents into {AGENTS}?", default=False)


def _write(root: Path, step: Step) -> None:
    path = root / step.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnreadableError(f"{safe(step.path)} cannot be written: {error.strerror or 'system error'}") from None
    replace(path, step.content)


def _report(seen: Survey, planned: Plan, steps: Sequence[Step], dry_run: bool) -> Iterator[str]:
    """Yield the lines for a person."""
    yield "Found:"
    yield from (f"  {name:<11} {what}" for name, what in found(seen))
    words = {"write": "would write" if dry_run else "wrote", "renew": "would renew" if dry_run else "renewed"}
    yield "Files:"
    for step in steps:
        told = step.gist if step.state in words else "as it is" if step.state == "same" else "yours, kept"
        size = f" ({plural(step.lines, 'line')})" if step.state in words else ""
        yield f"  {words.get(step.state, 'kept'):<11} {step.path}{size}: {told}"
    if all(step.state not in words for step in steps):
        yield "  nothing to write: all is there"
    for addition in planned.additions:
        yield f"Add to {addition.path}, {_where(addition)}:"
        yield from addition.lines
    yield "Left to you:"
    yield from (f"  - {line}" for line in planned.left)


def _where(addition: Addition) -> str:
    if addition.instead:
        return f"in place of line {addition.after}, {addition.why}"
    return f"behind line {addition.after}, {addition.why}" if addition.after else addition.why


def _plain_data(seen: Survey, planned: Plan, steps: Sequence[Step], dry_run: bool) -> dict[str, object]:
    """Return the survey and the plan as plain data."""
    survey = asdict(seen)
    survey.pop("schema")
    survey["configuration"] = {k: v for k, v in (survey["configuration"] or {}).items() if k != "text"} or None
    return {
        "schema-version": 1,
        "dry-run": dry_run,
        "survey": _kebab(survey),
        "files": [{"path": s.path, "state": s.state, "gist": s.gist, "lines": s.lines} for s in steps],
        "additions": [_kebab(asdict(one)) for one in planned.additions],
        "left": list(planned.left),
    }


def _kebab(tree: object) -> object:
    """Return data with keys as the other commands write them."""
    if isinstance(tree, dict):
        return {key.replace("_", "-"): _kebab(value) for key, value in tree.items()}
    return [_kebab(one) for one in tree] if isinstance(tree, list | tuple) else tree
