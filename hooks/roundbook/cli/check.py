"""`roundbook check`: all problems in round files, and all claims that git or the data contradict, each with a fix."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from roundbook.book.facts import Tally
from roundbook.book.model import Book
from roundbook.checks.registry import CHECKS
from roundbook.cli import common
from roundbook.cli.common import UnreadableError, at, book_of, refused
from roundbook.errors import Finding, RoundbookError, plural
from roundbook.project import beyond
from roundbook.schema.ids import is_phase
from roundbook.terminal import printable, safe
from roundbook.yamlfile.source import excerpt, read

MOST = 200


@click.command("check")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="CHECK",
    help="Only run this check; can be repeated. Problems in files are always printed.",
)
@common.option("How to print")
@click.option(
    "--diff",
    "base",
    metavar="BASE",
    help="Only findings that this ref, such as `origin/main`, does not have: those that the branch or an edit brings.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="The exit code is 1 if coverage is lower: the share of commits that are assigned, hidden or excluded.",
)
@click.option(
    "--of", default="", metavar="KEY", help="With --fail-under: only the coverage of this round, phase or release."
)
@click.option(
    "--summary",
    "summary_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also append all findings to this file as Markdown, such as the summary of a CI job.",
)
@click.option("--profile", is_flag=True, help="Also print how long each stage took, to standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Print only findings, without excerpts and without a summary.")
@click.pass_obj
def command(
    obj: tuple[Path, str],
    rules: tuple[str, ...],
    form: str,
    base: str | None,
    fail_on: str,
    fail_under: float | None,
    of: str,
    summary_file: Path | None,
    profile: bool,
    quiet: bool,
) -> None:
    """Check the round files, and what they claim against git.

    One run prints all errors of all files, each as

    \b
        data/rounds/3/4.yml:12:3: error unknown-key: unknown key "titel"; did you mean "title"?

    The exit code is 1 if a finding is as severe as --fail-on, and 2 if there is nothing to check.
    """
    root, data = obj
    if unknown := sorted(set(rules) - set(CHECKS)):
        raise UnreadableError(f"there is no check {', '.join(map(safe, unknown))}; there are {', '.join(CHECKS)}")
    stages: dict[str, float] = {}
    book = book_of(
        root, data, told=lambda stage, took: stages.update({stage: stages.get(stage, 0) + took}), damaged=True
    )
    for stage, took in stages.items() if profile else ():
        click.echo(f"{took:8.3f} s  {stage}", err=True)
    found = sorted((f for f in book.findings if not rules or f.slug in rules or f.slug not in CHECKS), key=_order)
    found, elsewhere = _near(found, obj, base, book)
    click.echo(_printed(found, form, book, root, quiet, elsewhere), nl=False)
    if summary_file:
        with summary_file.open("a", encoding="utf-8", newline="\n") as file:
            file.write(common.summary(found))
    weighs = ("error",) if fail_on == "error" else ("error", "warning")
    short = fail_under is not None and _falls_short(book, fail_under, of)
    sys.exit(int(short or any(f.severity in weighs for f in found)))


def _near(found: list[Finding], obj: common.Project, base: str | None, book: Book) -> tuple[list[Finding], str]:
    """Return the findings that the base does not have, and how many others there are, in words."""
    if base is None:
        return found, ""
    try:
        with common.lasting():
            chosen = beyond(common.loader_of(*obj), base, book)
    except RoundbookError as error:
        raise refused(error) from None
    if chosen is None:
        click.echo(
            f"showing all findings: what changed since {safe(base)} is unknown, as the history is incomplete", err=True
        )
        return found, ""
    near = set(chosen)
    left = len(found) - len(shown := [f for f in found if f in near])
    return shown, f"{plural(left, 'finding')} of {safe(base)} not shown"


def _falls_short(book: Book, percent: float, of: str) -> bool:
    """Return whether coverage is too low, and say so; an incomplete history is not judged."""
    share = next((share for share in book.coverage_counts.values() if share.key == of), None)
    if share is None and of:
        raise UnreadableError(f"no round, phase or release {safe(of)} has commits")
    if share is None or not book.history.complete:
        click.echo("coverage was not checked: history incomplete", err=True)
        return False
    if share.percent < percent:
        counted = f"{share.percent:.1f} % of {share.total:,} commits{f' of {safe(of)}' if of else ''}"
        click.echo(f"{counted} are assigned, hidden or excluded; {percent:g} % are required", err=True)
    return share.percent < percent


def _order(one: Finding) -> tuple[bool, str, int, int, int]:
    place = one.place
    weight = common.weight(one.severity)
    return (False, place.path, place.line, place.column, weight) if place else (True, "", 0, 0, weight)


def _printed(found: list[Finding], form: str, book: Book, root: Path, quiet: bool, elsewhere: str) -> str:
    if elsewhere and (form != "text" or quiet):
        click.echo(elsewhere, err=True)
    if form == "json":
        from roundbook.site.shapes import FINDING

        return printable([FINDING.of(f).plain for f in found])
    if form == "github":
        return common.github(found)
    if form == "sarif":
        return common.sarif(found)
    lines = [line for one in found[:MOST] for line in _lines(root, one, quiet)]
    if len(found) > MOST:
        lines.append(f"and {len(found) - MOST} more; --format json prints all of them")
    return "".join(
        f"{line}\n"
        for line in (*lines, *(() if quiet else ("; ".join(filter(None, (summary(book, found), elsewhere))),)))
    )


def _lines(root: Path, one: Finding, quiet: bool) -> Iterable[str]:
    yield safe(str(one))
    if quiet or at() or one.place is None or not one.place.line:  # of another commit, the line is not at hand
        return
    data, _ = read(root / one.place.path, root)
    if data:
        yield from map(safe, excerpt(data, one.place).split("\n"))


def summary(book: Book, found: list[Finding]) -> str:
    """Return what was read, what was found and what the claims of the files came to, in one line."""
    counts: Counter[str] = Counter(f.severity for f in found)
    alone = sum(map(is_phase, book.listed_keys))
    was_read = [(len(book.rounds), "round")] if book.rounds or not alone else []
    was_read += [(alone, "phase")] if alone else []
    was_read += [(len(book.decisions), "decision"), (len(book.history.commits), "commit")]
    said = [
        (counts[s], word) for s, word in (("error", "error"), ("warning", "warning"), ("info", "note")) if counts[s]
    ]
    return f"{_counted(was_read)}: {_counted(said) or 'no findings'}; {Tally.of(book.results).words}"


def _counted(pairs: Iterable[tuple[int, str]]) -> str:
    return ", ".join(plural(*pair) for pair in pairs)
