"""The command line: the module of a command is imported only when it is called."""

from __future__ import annotations

import gc
import importlib
import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from roundbook import __version__

COMMANDS = {  # the module of each, in the order in which a newcomer needs them
    "init": "init",
    "guide": "guide",
    "import": "import_",
    "check": "check",
    "show": "output",
    "explain": "explain",
    "link": "link",
    "diff": "compare",
    "pr": "compare",
    "new": "new",
    "fmt": "fmt",
    "draft": "draft",
    "close": "close",
    "changelog": "changelog",
    "release": "changelog",
    "dump": "output",
    "schema": "schema",
    "export": "output",
    "hook": "hook",
}
AT = "roundbook.at"  # where commands find the ref of --at
KNOWN = "roundbook.known"  # where a command leaves what returns the errors of the files that it has read
MOST_KNOWN = 20
STOPPED = 130  # the exit code of a program that Ctrl-C ends
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_ROOT_HELP = "The project folder, with data/ and mkdocs.yml; default: the current folder."
CLOSED_PIPE = 141  # the exit code of a program that the signal of a closed pipe ends


class _Commands(click.Group):
    """The commands, whose modules are loaded one by one, so that `--version` need not load them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"roundbook.cli.{COMMANDS[cmd_name]}")
        found = next(one for one in vars(module).values() if isinstance(one, click.Command) and one.name == cmd_name)
        _take_root(found)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; what each does is read from its file, as to import them all takes a second."""
        stubs = {name: click.Command(name, help=_documentation(name)) for name in COMMANDS}
        limit = formatter.width - 6 - max(map(len, stubs))
        with formatter.section("Commands"):
            formatter.write_dl([(name, stub.get_short_help_str(limit)) for name, stub in stubs.items()])

    def make_context(self, *words: Any, **more: Any) -> click.Context:
        """Return the context; words of the command line that cannot be meant are repeated as text."""
        try:
            return super().make_context(*words, **more)
        except click.UsageError as error:
            raise _inert(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; where it stops early, the errors in the files are printed too, since they may be the cause."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # what was begun is a whole file or none
            click.echo("Stopped.", err=True)
            sys.exit(STOPPED)
        except click.ClickException as error:
            known = ctx.meta.get(KNOWN, list)()
            for line in known[:MOST_KNOWN]:
                click.echo(line, err=True)
            if len(known) > MOST_KNOWN:
                click.echo(f"and {len(known) - MOST_KNOWN} more", err=True)
            raise (_inert(error) if isinstance(error, click.UsageError) else error) from None
        except BrokenPipeError:  # which click would take for a finding
            _drop_output()
            sys.exit(CLOSED_PIPE)


def _inert(error: click.UsageError) -> click.UsageError:
    """Return an error that repeats words of the command line as text, which may have come from a name of a branch."""
    from roundbook.errors import short
    from roundbook.terminal import safe

    return click.UsageError(short("\n".join(map(safe, error.format_message().split("\n")))), error.ctx)


def _take_root(command: click.Command) -> None:
    """Let a command, and those below it, take the project folder as well, as tools put their words behind its name."""
    if not any("--root" in param.opts for param in command.params):
        command.params.append(
            click.Option(["-C", "--root"], type=_FOLDER, expose_value=False, callback=_moved, help=_ROOT_HELP)
        )
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        _take_root(one)


def _moved(ctx: click.Context, _param: click.Parameter, root: Path | None) -> None:
    if root is not None and isinstance(ctx.obj, tuple):
        ctx.obj = (root.resolve(), *ctx.obj[1:])


def _documentation(name: str) -> str:
    """Return the docstring of the function of a command; of a group its first function of that name."""
    text = Path(__file__).with_name(f"{COMMANDS[name]}.py").read_text("utf-8")
    found = re.search(rf'@click\.(?:command|group)\("{name}".*?"""(.*?)"""', text, re.DOTALL)
    return inspect.cleandoc(found[1]) if found else ""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="roundbook")
@click.option(
    "-C",
    "--root",
    type=_FOLDER,
    default=Path(),
    help=_ROOT_HELP,
)
@click.option(
    "--data", default="data", show_default=True, help="The folder of the settings and rounds, in the project folder."
)
@click.option(
    "--at",
    metavar="REF",
    help="The book as it was at a tag, branch or commit: its data files, and the history up to there.",
)
@click.pass_context
def cli(ctx: click.Context, root: Path, data: str, at: str | None) -> None:
    """Round files and git history become round pages, a decision log and a changelog.

    A round is a file data/rounds/PHASE/ROUND.yml:

    \b
        round: 5
        phase: 3
        date: 2026-02-18
        focus: Upgrade the toolchain
        agents:
          - {name: Toolchain, task: Bump the version, status: done}
        decisions:
          - {title: Go straight to 1.93, rationale: It costs the same as 1.87}

    A commit names its round in a trailer of its message: "Round: 3/5".

    \b
    Write a round, then    roundbook check
    See it in a browser    mkdocs serve
    See it here            roundbook show rounds/3/5.md
    Publish                mkdocs build --strict

    Exit codes: 0 clean, 1 findings, 2 wrong usage or input that cannot be read.
    """
    if at is not None and not at.strip():
        raise click.BadParameter("it names no ref; write a tag, a branch or a commit id", param_hint="--at")
    ctx.obj = (root.resolve(), _folder(root.resolve(), data) if data != "data" else data)
    ctx.meta[AT] = at or ""


def _folder(root: Path, data: str) -> str:
    from roundbook.errors import RoundbookError
    from roundbook.git.files import data_folder

    try:
        return data_folder(root, data)
    except RoundbookError as error:
        (fault,) = error.findings
        raise click.BadParameter(f"{fault.message}; {fault.fix}", param_hint="--data") from None


def main() -> Any:
    """Run the command line.

    Text that the terminal cannot show is written as escapes. What the system refuses, such as a write to a full disk, ends in
    one line and the exit code 2, as does an output that is closed from the start, and a closed pipe in silence.
    """
    closed = sys.stdout is None
    _open_closed()
    if closed:
        sys.stderr.write("Error: the standard output is closed\n")
        return sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(100_000)  # most objects live until the command ends, and the default costs a tenth of its time
    gc.freeze()  # which also tells `lasting` that the process ends with the command
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some takes 20 ms
    try:
        try:
            return cli(prog_name="roundbook")
        finally:
            gc.freeze()  # Python would walk all objects once more as it ends
            sys.stdout.flush()  # here, where a full disk can still be told
    except BrokenPipeError:
        code = CLOSED_PIPE
    except OSError as error:
        from roundbook.errors import short
        from roundbook.terminal import safe

        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(short(safe(f"Error: {where}{error.strerror or 'system error'}")) + "\n")
        code = 2
    _drop_output()
    return sys.exit(code)


def _open_closed() -> None:
    """Let a standard stream that is closed be an empty one, so that no file which is opened later gets its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 - open until the process ends


def _drop_output() -> None:
    """Let what is left in the buffer of the output go nowhere, where nothing more can be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
