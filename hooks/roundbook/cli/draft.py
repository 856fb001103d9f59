"""`roundbook draft`: drafts a round from git, for a person to complete."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from roundbook import draft as roundbook_draft
from roundbook.book.model import Book
from roundbook.cli.common import (
    Project,
    UnreadableError,
    book_at,
    free_key,
    open_file,
    refuse_as_of,
    refused,
    text_of,
    usable,
)
from roundbook.draft import CommitRange
from roundbook.draft.collect import Draft, draft
from roundbook.errors import RoundbookError, plural
from roundbook.git import files
from roundbook.project import meaning
from roundbook.rounds import load
from roundbook.schema import dates
from roundbook.settings import Settings
from roundbook.terminal import printable, safe

FIX = "commit something first, or name other commits: a range a..b, a tag, --since or --last"
INCOMPLETE = "the history here is incomplete ({gaps}), so the commits of the round are unknown; {fix}"


@click.command("draft")
@click.argument("span", metavar="[RANGE]", default="")
@click.option("--since", default="", metavar="YYYY-MM-DD", help="Take the commits written on that day or later.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Take the newest N commits.")
@click.option(
    "--round", "asked", default="", metavar="PHASE[/ROUND]", help="The id of the round; default: the next one."
)
@click.option("--stdout", is_flag=True, help="Print the file, and write nothing.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, but write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the contents of the file as JSON, and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite the file of the round that --round names.")
@click.pass_obj
def command(
    obj: Project,
    span: str,
    since: str,
    last: int | None,
    asked: str,
    stdout: bool,
    dry_run: bool,
    as_json: bool,
    force: bool,
) -> None:
    """Draft a round from git, for a person to complete: it contains only what git knows.

    Without RANGE, it takes the commits after the last round; without rounds, those after the newest version tag, or of that
    version; without versions, all. Commits that already belong to a round are left out. It reports which commits it took.

    \b
        roundbook draft                     since the last round
        roundbook draft v1.1                of a version
        roundbook draft v1.0..HEAD          of a range
        roundbook draft --since 2026-02-01
        roundbook draft --last 20 --stdout

    The draft has the date, agents, changes proposed by conventional commits and trailers `Changelog:`, what fragments say, new
    files, commits by area, the metrics of the previous round with `TBD`, and goals that were deferred to this round. Its focus
    only counts: say what the round was about.

    The exit code is 1 if there is no commit to draft from, 2 if the range or the history cannot be read, otherwise 0.
    """
    if sum(map(bool, (span, since, last))) > 1:
        raise click.UsageError("name one of RANGE, --since and --last")
    if force and "/" not in asked:
        raise click.UsageError("--force overwrites the file of a round, so name it: --round PHASE/ROUND")
    root, data = obj
    book, options = whole(root, data)
    printed = stdout or as_json
    made = drafted(book, _commit_range(root, book, span, since, last, asked), options, asked, over=force or printed)
    if made is None:
        sys.exit(1)
    path = path_of(book, data, made.key, force=force)
    if as_json:
        click.echo(printable(made.tree), nl=False)
    elif stdout:
        # A runner reads `##[` as a command wherever it is printed; the file itself needs no such care.
        click.echo(text_of(root, path, book, made.tree).replace("##[", "##\u200b["), nl=False)
    elif not dry_run:
        open_file(root, path, book, made.tree, force=force)
    for line in summary(made, path, written=not (printed or dry_run)):
        click.echo(safe(line), err=printed)


def whole(root: Path, data: str) -> tuple[Book, Settings]:
    """Return the book and the settings; raises `UnreadableError` where nobody can tell which commits there are."""
    refuse_as_of()
    book = book_at(root, data, "", own=True)
    gaps = [gap for gap in book.history.gaps if gap.slug != "no-commits"]
    if gaps:
        fix = "; ".join(dict.fromkeys(gap.fix for gap in gaps if gap.fix)) or "fetch all of it"
        raise UnreadableError(safe(INCOMPLETE.format(gaps=", ".join(gap.message for gap in gaps), fix=fix)))
    return book, load.read_settings(files.in_folder(root, data))[0]


def _commit_range(root: Path, book: Book, span: str, since: str, last: int | None, key: str) -> CommitRange:
    """Return the commits that are asked for; raises `UnreadableError` where the words mean none."""
    try:
        if since:
            return roundbook_draft.since(book, dates.parse(since))
        if last:
            return roundbook_draft.newest(book, last)
        return _range(root, book, span) if span else roundbook_draft.since_last(book, key)
    except RoundbookError as error:
        raise refused(error) from None
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None


def _range(root: Path, book: Book, span: str) -> CommitRange:
    if ".." not in span:
        if any(release.tag == span for release in book.all_releases):
            return roundbook_draft.of_tag(book, span)
        meaning(root, span, book)
        raise ValueError(
            f"{span} is not a version tag; write {span}.. for what came after it, or ..{span} for what led to it"
        )
    old, _, new = span.partition("..")
    new = new.lstrip(".")
    base = meaning(root, old, book) if old else ""
    tip = meaning(root, new or "HEAD", book)
    if not tip:
        raise ValueError(f"no commit up to {new or 'HEAD'} touches the paths in `only` of the settings")
    return roundbook_draft.after(book, base, f"of {span}", tip)


def drafted(
    book: Book, raw: CommitRange, options: Settings, asked: str, *, over: bool = False, quiet: bool = False
) -> Draft | None:
    """Return the draft of a round from the commits of a range that no round has; `None`, which is reported, where none is left.

    `asked` is a phase or the key of a round; with `over` also the key of an existing one. Where nothing is asked for, and the
    commits name one round that does not exist yet, it is that round. With `quiet`, nothing is reported.
    """
    wanted = asked or roundbook_draft.round_to_be(book, raw)
    key = usable(wanted) if over and "/" in wanted else free_key(book, wanted)
    mine = roundbook_draft.free_of_others(book, raw, key)
    if mine.commits:
        return draft(book, mine, key, options.changelog)
    if quiet:
        return None
    click.echo(f"there is no commit to draft round {key} from; looked at: {safe(raw.why)}", err=True)
    for words in mine.left:
        click.echo(f"left out: {safe(words)}", err=True)
    others = [name for name in roundbook_draft.named_rounds(book, raw) if name != key]
    fix = f"draft the round that they name: roundbook draft --round {others[0]}" if others else FIX
    click.echo(fix, err=True)
    return None


def path_of(book: Book, data: str, key: str, *, force: bool = False) -> str:
    """Return the path of the file of a round; raises `UnreadableError` where a round to write over is no single file."""
    own = f"{data}/rounds/{key}.yml"
    paths = book.files.get(key, (own,))
    if force and paths not in ((own,), (f"{data}/rounds/{key}.yaml",)):
        raise UnreadableError(f"round {key} is a folder; print the draft with --stdout, and copy what you need")
    return paths[0] if force else own


def summary(made: Draft, path: str, *, written: bool) -> Iterator[str]:
    """Yield the lines that say which commits were taken, what the draft holds, what it leaves out, and what is to be done."""
    yield f"{plural(len(made.commit_range.commits), 'commit')} taken: {made.commit_range.why}"
    yield from (f"left out: {words}" for words in made.commit_range.left)
    yield from (f"cut from long lists: {words}" for words in made.left)
    words = ("agent", "change", "deliverable", "metric")
    listed = ", ".join(f"{plural(len(made.tree.get(f'{word}s', ())), word)}" for word in words)
    yield f"{path}: round {made.key} {'drafted' if written else 'would be drafted'}, with {listed}"
    for name in made.unknown:
        fix = f"record it: roundbook new decision TITLE --id {name} --round {made.key}"
        yield f"decision {name} is cited and not recorded; {fix}"
    if written:
        yield "review it, say what it was about (the focus and each TBD), then run: roundbook check"
