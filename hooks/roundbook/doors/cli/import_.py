"""`roundbook import`: turns hand-written Markdown into round files, and proves that nothing was lost."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from roundbook.doors.cli.editing import Project, refuse_as_of
from roundbook.doors.cli.import_told import as_json, told
from roundbook.doors.cli.importing import Asked, Done, carry_out
from roundbook.doors.cli.project import UnreadableError
from roundbook.doors.cli.replace import replace
from roundbook.doors.line import safe
from roundbook.importer.identify import Hints
from roundbook.schema.ids import id_fault


@click.command("import")
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--phase", default="", metavar="ID", help="The phase of the rounds, whatever the files say.")
@click.option("--round", "number", default="", metavar="ID", help="The round, whatever the files say.")
@click.option("--decisions", is_flag=True, help="The files are decision records, and become decisions of one round.")
@click.option("--rev", default="", metavar="REV", help="Read the files as they were at a tag, branch or commit.")
@click.option("--verify", is_flag=True, help="Prove that all the files say is found; a round that is there stays.")
@click.option("--update", is_flag=True, help="Bring what changed in the files into rounds that are there.")
@click.option("--force", is_flag=True, help="Write over rounds that are there.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--stdout", is_flag=True, help="Print the round files, and write nothing.")
@click.option("--json", "wants_json", is_flag=True, help="Print the account as JSON.")
@click.pass_obj
def command(
    obj: Project,
    names: tuple[str, ...],
    phase: str,
    number: str,
    decisions: bool,
    rev: str,
    verify: bool,
    update: bool,
    force: bool,
    dry_run: bool,
    stdout: bool,
    wants_json: bool,
) -> None:
    """Turn Markdown that was written by hand into round files.

    FILE is a file, a folder, or a pattern in quotes. Summaries of rounds and sprints become rounds, one each, with the agents,
    decisions, metrics and so on that are found in them; several files of one round are joined. A changelog becomes its
    releases, fragments of other tools become changes of a round, and with --decisions decision records become decisions. What
    is not understood is kept as it is written, so nothing is lost.

    \b
        roundbook import notes/*.md --verify
        roundbook import docs/status.md --rev v1.0 --phase 2 --round 7
        roundbook import notes/round4.md --update

    Nothing is written where any file has an error, and no file that is there is changed without --update or --force.
    Exit code 0 when all went well, 1 when something is not found or in conflict, 2 when a file cannot be read or written.
    """
    _refuse_mixtures(update=update, force=force, rev=rev, stdout=stdout, wants_json=wants_json)
    for option, value in (("--phase", phase), ("--round", number)):
        if value and (fault := id_fault(value)):
            raise click.BadParameter(f"the id {safe(value)} {fault}", param_hint=option)
    refuse_as_of()
    done = carry_out(
        obj, Asked(names, Hints(phase, number, decisions=decisions), rev, verify, update, force, prints=stdout)
    )
    _stop_on_errors(done)
    writes = not (dry_run or stdout)
    for one in done.placed if writes else ():
        if one.data is not None:
            _replace(obj[0], one.path, one.data)
    if wants_json:
        click.echo(as_json(done, writes), nl=False)
    elif stdout:
        click.echo(_texts(done), nl=False)
    for line in () if wants_json else told(done, writes, verify):
        click.echo(line, err=stdout)
    if done.conflicts or (verify and done.missing):
        sys.exit(1)


def _refuse_mixtures(*, update: bool, force: bool, rev: str, stdout: bool, wants_json: bool) -> None:
    if update and force:
        raise click.UsageError("--update keeps what people wrote, and --force does not; choose one")
    if update and rev:
        raise click.UsageError("--update brings in what a file says now; leave --rev out")
    if update and stdout:
        raise click.UsageError("--update changes a file that is there; see what it would do with --dry-run")
    if stdout and wants_json:
        raise click.UsageError("--stdout and --json both print to standard output; choose one")


def _replace(root: Path, path: str, data: bytes) -> None:
    """Write a file of the project, with the folders on the way; raises `UnreadableError` where it would lie outside."""
    file = root / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        inside = file.resolve().is_relative_to(root.resolve())
    except OSError as fault:
        raise UnreadableError(f"{safe(path)} cannot be written: {fault.strerror or 'system error'}") from None
    if not inside:
        raise UnreadableError(f"{safe(path)} leads out of the project; nothing is written there")
    replace(file, data)


def _stop_on_errors(done: Done) -> None:
    for finding in done.findings:
        click.echo(safe(str(finding)), err=True)
    errors = sum(finding.severity == "error" for finding in done.findings)
    if errors:
        raise UnreadableError(f"nothing was written: {errors} {'error' if errors == 1 else 'errors'}")


def _texts(done: Done) -> str:
    """Return the texts of the files, each below its path where there are several, without commands for a runner."""
    made = [(one.path, one.data.decode()) for one in done.placed if one.data is not None]
    headed = (f"# {path}\n{text}" if len(made) > 1 else text for path, text in made)
    return "\n".join(headed).replace("##[", "##\u200b[")
