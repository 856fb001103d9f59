"""`roundbook init`: writes the first files of a site, and says what is left to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from roundbook import __version__, scaffold
from roundbook.book.build import Inputs, build
from roundbook.cli import COMMANDS
from roundbook.cli.common import Project, UnreadableError, cache_of, content_of, refuse_as_of, refused, replace, today
from roundbook.cli.draft import drafted
from roundbook.draft import since_last
from roundbook.errors import RoundbookError, plural
from roundbook.frozen import frozen
from roundbook.git import files as git_files
from roundbook.git import repository as git_repository
from roundbook.git.only import from_top, only
from roundbook.rounds import fragments
from roundbook.rounds import load as rounds_load
from roundbook.scaffold import Plan, PlannedFile, guide
from roundbook.scaffold import survey as scaffold_survey
from roundbook.scaffold.survey import Survey
from roundbook.site.changelog_text import GUIDE, splice
from roundbook.terminal import printable, safe

AGENTS = "AGENTS.md"
_WRITTEN = {"create": ("would create", "created"), "update": ("would update", "updated")}


@frozen
class WrittenFile:
    """A file and what becomes of it: `state` is `create`, `update`, `same` or `kept`; `content` is what we would write."""

    path: str
    state: str
    summary: str
    content: bytes


@click.command("init")
@click.option("--dry-run", is_flag=True, help="Show what would be written, but write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found and what is done as JSON, for programs.")
@click.option(
    "--agents", is_flag=True, help="Put the guide for agents into AGENTS.md, between its markers, or update it."
)
@click.pass_context
def command(context: click.Context, dry_run: bool, as_json: bool, agents: bool) -> None:
    """Set up roundbook in a repository, or in any folder.

    It reports what it found, then writes what a site needs: mkdocs.yml, the settings, a first round, a front page and, for
    a known forge, a workflow that publishes the site. Existing files are kept, and what to add to them is printed.
    Running it again changes nothing.

    \b
        roundbook init --dry-run
        roundbook init
        mkdocs serve

    It runs no program but git, and uses no network. The exit code is 2 if a file cannot be written.
    """
    refuse_as_of()
    obj: Project = context.obj
    root, data = obj
    survey = scaffold_survey.read(root, _inside(data))
    if survey.place.inside:
        raise UnreadableError("this folder belongs to git; change to the project folder")
    plan = scaffold.plan(survey, __version__, today(), _first_round(root, survey) if scaffold.starts(survey) else None)
    steps = [_step(root, survey, file) for file in plan.files]
    if agents:
        steps.append(_guide(root, survey))
    if not dry_run:
        for step in steps:
            if step.state in _WRITTEN:
                _write(root, step)
    if as_json:
        click.echo(printable(_plain_data(survey, plan, steps, dry_run)), nl=False)
        return
    for line in _report(survey, plan, steps, dry_run):
        click.echo(safe(line))
    if not dry_run:
        _ask(context, survey)


def _first_round(root: Path, survey: Survey) -> dict[str, Any] | None:
    """Return the first round as drafted from git, or `None` where git has no commit, or not all of them.

    The book is what it will be with the settings that are there or are to be written: with their versions and fragments.
    """
    history = git_repository.read(root, own=True, cache=cache_of(root))
    if not history.commits or not history.complete:
        return None
    path = f"{survey.data}/{git_files.SETTINGS}"
    text = content_of(root / path) if os.path.lexists(root / path) else scaffold.settings_file(survey).encode()
    options, _ = rounds_load.parse_settings(text or b"", path)
    history = only(history, from_top(history.prefix, options.paths(survey.data)))
    if not history.commits:
        return None
    news, _ = fragments.read(root, options.changelog.fragments)
    records = rounds_load.read_adr_records(rounds_load.adr_files(root, options), options).records
    book = build(Inputs(history, options, fragments=news, adr_records=records))
    made = drafted(book, since_last(book), options, "", quiet=True)
    if not made:
        return None
    # What has changed is in the changelog, where people write one: no second list of it beside that.
    tree = {key: value for key, value in made.tree.items() if key != "changes" or not survey.changelogs}
    return {**tree, "status": "done"}  # it has these commits and no others


def _inside(data: str) -> str:
    """Return the folder of the data, which has to be inside the project."""
    folder = Path(data)
    if folder.is_absolute() or ".." in folder.parts or folder == Path():
        raise UnreadableError(f"{safe(data)} is not a folder inside the project")
    return folder.as_posix()


def _step(root: Path, survey: Survey, file: PlannedFile) -> WrittenFile:
    """Return what becomes of a file; raises `UnreadableError` where its folder cannot be made inside the repository."""
    path, content = root / file.path, file.text.encode()
    if os.path.lexists(path):
        same = path.is_file() and content_of(path) == content
        return WrittenFile(file.path, "same" if same else "kept", file.summary, content)
    folder = next(parent for parent in path.parents if os.path.lexists(parent))
    if not folder.is_dir() or not _within(root, survey, folder):
        raise UnreadableError(
            f"{safe(file.path)} cannot be made: {safe(str(folder))} is not a folder of this repository"
        )
    return WrittenFile(file.path, "create", file.summary, content)


def _within(root: Path, survey: Survey, path: Path) -> bool:
    """Return whether a path, links followed, is in the repository, or in the project where there is none."""
    return path.resolve().is_relative_to((root / survey.place.up).resolve())


def _guide(root: Path, survey: Survey) -> WrittenFile:
    """Return AGENTS.md with the guide between its markers."""
    if not _within(root, survey, root / AGENTS):
        raise UnreadableError(f"{AGENTS} is a link that points out of the repository; replace it with a file")
    before = content_of(root / AGENTS)
    try:
        after = splice(before or b"", guide(COMMANDS, survey.data).rstrip("\n"), force=True, marks=GUIDE)
    except RoundbookError as error:
        raise refused(error) from None
    state = "create" if before is None else "same" if after == before else "update"
    return WrittenFile(AGENTS, state, "the guide for agents, between its markers", after)


def _ask(context: click.Context, survey: Survey) -> None:
    """Ask once, on a terminal: whether to import what was found, or else whether the guide for agents is wanted."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    root, _ = context.obj
    if (what := scaffold.importable(survey)) and not survey.rounds:
        if click.confirm(safe(f"Import {what} now?"), default=True):
            from roundbook.cli.import_ import command as import_command  # which loads all readers of notes

            context.invoke(import_command, found=True)
        return
    guide_ = _guide(root, survey)
    if guide_.state != "same" and click.confirm(f"Put the guide for agents into {AGENTS}?", default=False):
        _write(root, guide_)


def _write(root: Path, step: WrittenFile) -> None:
    path = root / step.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnreadableError(f"{safe(step.path)} cannot be written: {error.strerror or 'system error'}") from None
    replace(path, step.content)


def _report(survey: Survey, plan: Plan, steps: Sequence[WrittenFile], dry_run: bool) -> Iterator[str]:
    """Yield the lines for a person."""
    yield "Found:"
    yield from (f"  {name:<11} {what}" for name, what in scaffold.found(survey))
    yield "Files:"
    for step in steps:
        if step.state in _WRITTEN:
            size = plural(step.content.count(b"\n"), "line")
            yield f"  {_WRITTEN[step.state][not dry_run]} {step.path} ({size}): {step.summary}"
        else:
            yield f"  kept {step.path}{' (up to date)' if step.state == 'same' else ''}"
    if not any(step.state in _WRITTEN for step in steps):
        yield "  nothing to write"
    for addition in plan.additions:
        yield f"Add to {addition.path}, {addition.where}:"
        yield from addition.lines
    yield "Next steps:"
    yield from (f"  - {line}" for line in plan.next_steps)


def _plain_data(survey: Survey, plan: Plan, steps: Sequence[WrittenFile], dry_run: bool) -> dict[str, object]:
    """Return the survey and the plan as plain data."""
    seen = asdict(survey)
    seen.pop("schema")
    return {
        "schema-version": 2,
        "dry-run": dry_run,
        "survey": _kebab(seen),
        "files": [
            {"path": s.path, "state": s.state, "summary": s.summary, "lines": s.content.count(b"\n")} for s in steps
        ],
        "additions": [_kebab(asdict(one)) for one in plan.additions],
        "next-steps": list(plan.next_steps),
    }


def _kebab(tree: object) -> object:
    """Return data with keys as the other commands write them."""
    if isinstance(tree, dict):
        return {key.replace("_", "-"): _kebab(value) for key, value in tree.items()}
    return [_kebab(one) for one in tree] if isinstance(tree, list | tuple) else tree
