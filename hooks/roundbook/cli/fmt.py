"""`roundbook fmt`: writes round files in canonical order and style, with their comments, or says which are not."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from roundbook.cli import common
from roundbook.cli.common import Project, UnreadableError, refuse_as_of, replace
from roundbook.errors import Finding, Place, plural
from roundbook.frozen import frozen
from roundbook.git import files
from roundbook.schema.round import Round
from roundbook.terminal import printable, safe
from roundbook.yamlfile.roundtrip import Rewritten, formatted
from roundbook.yamlfile.source import MAX_BYTES, locate, read

STREAM = "-"


@frozen
class _Work:
    """A file, what it held, and what was made of it."""

    name: str
    before: bytes
    made: Rewritten

    @property
    def differs(self) -> bool:
        return self.before != self.made.data

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return why it cannot be written, or that it is not as it should be."""
        if not self.differs:
            return self.made.findings
        place = Place(self.name, _first_difference(self.before, self.made.data), 1)
        return (Finding("error", "not-formatted", "not in canonical form", place, "run roundbook fmt"),)


@click.command("fmt")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Write nothing; the exit code is 1 if a file would be rewritten.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@common.option("How to print with --check")
@click.option("--stdin-filename", default="", metavar="FILE", help="With - for FILE: the file of the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print only what cannot be written or, with --check, would be.")
@click.pass_obj
def command(
    obj: Project, paths: tuple[str, ...], check: bool, diff: bool, form: str, stdin_filename: str, quiet: bool
) -> None:
    """Write round files in canonical order and style, with all their comments.

    By default, it formats the settings and all round and phase files. Keys are sorted in the order of the reference, but
    those of the settings keep their order. The content never changes: the new text is read and compared first.

    \b
        roundbook fmt
        roundbook fmt --check
        roundbook fmt - < data/rounds/3/4.yml

    The exit code is 1 if a file would change with --check, 2 if a file cannot be read (it stays as it is), otherwise 0.
    """
    refuse_as_of()
    if form != "text" and (diff or not check):
        raise UnreadableError("--format is for --check, without --diff")
    streams = STREAM in paths or bool(stdin_filename and not paths)
    if streams and len(paths) > 1:
        raise UnreadableError("- must be the only FILE")
    sources = _streamed(obj, stdin_filename) if streams else _chosen(obj, paths)
    works = [_work(obj, name, data, faults) for name, data, faults in sources]
    if not works:
        raise UnreadableError(f"there is no round file in {safe(', '.join(paths) or obj[1])}")
    _report(works, check, diff, form)
    failed = any(work.made.findings for work in works)
    if not (check or diff or (streams and failed)):
        _write(obj[0], works, streams, quiet)
    if form == "text" and not (quiet or streams):
        click.echo(_summary(works, check or diff), err=diff)
    sys.exit(2 if failed else int(check and any(work.differs for work in works)))


_Source = tuple[str, bytes, tuple[Finding, ...]]


def _streamed(obj: Project, filename: str) -> Iterator[_Source]:
    name = locate(Path(filename).absolute(), obj[0]) if filename else STREAM
    yield name, sys.stdin.buffer.read(MAX_BYTES + 1), ()


def _chosen(obj: Project, paths: Sequence[str]) -> Iterator[_Source]:
    """Yield each file that was named, or all, with its bytes and why it cannot be read; a file named twice once."""
    root, folder = obj
    if not paths:
        found = files.in_folder(root, folder)
        yield from ((name, data, ()) for name, data in found.contents.items())
        yield from ((name, b"", faults) for name, faults in found.faults.items())
        return
    named = (file for path in paths for file in _files(_seen(root, path)))
    for name, file in {locate(file, root): file for file in named}.items():
        data, faults = read(file, root)
        yield name, data or b"", faults


def _seen(root: Path, name: str) -> Path:
    """Return the file of a name: from the folder that one stands in, as hooks name it, else from the project's."""
    here = Path(name).absolute()
    return root / name if not here.exists() and (root / name).exists() else here


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.suffix in files.SUFFIXES) if path.is_dir() else [path]


def _work(obj: Project, name: str, data: bytes, faults: tuple[Finding, ...]) -> _Work:
    if faults:
        return _Work(name, data, Rewritten(data, faults))
    model = None if name == files.Files(Path(obj[1]).as_posix()).settings else Round
    return _Work(name, data, formatted(data, name, model))


def _report(works: list[_Work], check: bool, diff: bool, form: str) -> None:
    """Print the differences, or the findings: of --check all, otherwise those of files that cannot be written."""
    if diff:
        click.echo("".join(safe(line) + "\n" for work in works for line in _difference(work)), nl=False)
    found = [f for work in works for f in (work.findings if check and not diff else work.made.findings)]
    if form == "json":
        from roundbook.site.shapes import FINDING

        click.echo(printable([FINDING.of(f).plain for f in found]), nl=False)
    elif form != "text":
        click.echo({"github": common.github, "sarif": common.sarif}[form](found), nl=False)
    else:
        click.echo("".join(f"{safe(str(f))}\n" for f in found), nl=False, err=not check or diff)


def _difference(work: _Work) -> Iterator[str]:
    old, new = (data.decode("utf-8", "backslashreplace").splitlines() for data in (work.before, work.made.data))
    return difflib.unified_diff(old, new, work.name, work.name, lineterm="")


def _write(root: Path, works: list[_Work], streams: bool, quiet: bool) -> None:
    for work in works:
        if streams:
            sys.stdout.buffer.write(work.made.data)
        elif work.differs:
            replace(root / work.name, work.made.data)
            if not quiet:
                click.echo(f"{safe(work.name)}: rewritten")


def _summary(works: list[_Work], would: bool) -> str:
    changed, failed = sum(w.differs for w in works), sum(bool(w.made.findings) for w in works)
    parts = [f"{changed} {'would be ' if would else ''}rewritten"] if changed else []
    parts += [f"{failed} left unchanged because of errors"] if failed else []
    return f"{plural(len(works), 'file')}: {', '.join(parts) or 'all in canonical form'}"


def _first_difference(old: bytes, new: bytes) -> int:
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    return next((i for i, (a, b) in enumerate(pairs, 1) if a != b), min(old.count(b"\n"), new.count(b"\n")) + 1)
