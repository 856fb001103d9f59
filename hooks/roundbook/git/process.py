"""Git as a process: a clean environment, limits of time, no shell."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from roundbook.frozen import frozen

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# @decision git-by-plumbing
TIME_LIMIT = 60  # seconds, for each command that is run to its end
PIPE = 1 << 20

_COPIED = (
    "HOME",
    "USERPROFILE",
    "XDG_CONFIG_HOME",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)
_FIXED = {
    "LC_ALL": "C",  # messages are parsed in English
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_FLUSH": "0",  # buffer the output instead of flushing after each commit
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,  # the stored history, without info/grafts
    "NoDefaultCurrentDirectoryInExePath": "1",
}
_OVERRIDES = (
    "protocol.allow=never",  # the same as GIT_NO_LAZY_FETCH, for older versions of git
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.askPass=",
    "credential.helper=",
    "gpg.program=false",
    "log.showSignature=false",
)


@frozen
class Answer:
    """The result of a finished command; `out` is complete only if `code` is 0."""

    code: int
    out: bytes
    error: str


@dataclass(slots=True)
class Stream:
    """A running command: read `out` to its end, then ask `finished` whether all processes succeeded."""

    out: BufferedReader
    _processes: tuple[subprocess.Popen[bytes], ...] = field(repr=False)

    def finished(self) -> bool:
        """Wait for the end, and return whether the output is complete."""
        codes = [process.wait() for process in reversed(self._processes)]
        return not any(codes)


@frozen
class Git:
    """The git of this machine in one folder, without the environment of the caller except for `_COPIED`.

    Source: https://git-scm.com/docs/git#_environment_variables
    """

    program: str
    root: Path
    environment: Mapping[str, str]

    def run(self, *words: str, feed: bytes = b"") -> Answer:
        """Run one command to its end, with `feed` as its input.

        A timeout, or a git that cannot be started, is an answer with the code -1.
        """
        try:
            done = subprocess.run(
                self._command(words),
                input=feed,
                capture_output=True,
                cwd=self.root,
                env=self.environment,
                timeout=TIME_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(-1, b"", f"git did not answer within {TIME_LIMIT} seconds")
        except (OSError, ValueError):
            return Answer(-1, b"", "git could not be started in this folder")
        return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace"))

    @contextlib.contextmanager
    def stream(self, *words: str, feed: bytes = b"") -> Iterator[Stream]:
        """Run one command in the background: a thread writes `feed` while the caller reads."""
        with self._start(words, subprocess.PIPE) as process:
            writer = threading.Thread(target=_write, args=(process.stdin, feed), daemon=True)
            writer.start()
            with _ending(process):
                yield Stream(_reader(process), (process,))
            writer.join()

    @contextlib.contextmanager
    def chain(self, first: tuple[str, ...], second: tuple[str, ...]) -> Iterator[Stream]:
        """Run two commands in the background, with the output of the first as input of the second."""
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(self._start(first, subprocess.DEVNULL))
            stack.enter_context(_ending(source))
            process = stack.enter_context(self._start(second, _reader(source)))
            stack.enter_context(_ending(process))
            _reader(source).close()  # only the second one holds it now, so that the first ends when the second does
            yield Stream(_reader(process), (source, process))

    def _command(self, words: tuple[str, ...]) -> list[str]:
        overrides = [word for override in _OVERRIDES for word in ("-c", override)]
        return [self.program, "--no-pager", "--literal-pathspecs", *overrides, *words]

    def _start(self, words: tuple[str, ...], source: int | IO[bytes]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command(words),
            bufsize=PIPE,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            env=self.environment,
        )
        _widen(_reader(process))
        return process


def find(root: Path, environment: Mapping[str, str] | None = None) -> Git | None:
    """Return a git that runs in `root`, or `None` if there is none on `PATH`.

    Only absolute entries of `PATH` count, so that no program inside the project is run.
    """
    caller = os.environ if environment is None else environment
    path = os.pathsep.join(entry for entry in caller.get("PATH", "").split(os.pathsep) if Path(entry).is_absolute())
    program = shutil.which("git", path=path)
    if program is None:
        return None
    copied = {name: caller[name] for name in _COPIED if name in caller}
    return Git(program, root, {"PATH": path, **copied, **_FIXED})


def _reader(process: subprocess.Popen[bytes]) -> BufferedReader:
    return cast("BufferedReader", process.stdout)  # `_start` always opens it, as a buffered pipe


def _write(pipe: IO[bytes], feed: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # the reader ended early; its return code says so
        pipe.write(feed)
    with contextlib.suppress(OSError, ValueError):
        pipe.close()


def _widen(pipe: IO[bytes]) -> None:
    """Enlarge the pipe to a megabyte where the system allows it, which only saves time."""
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE)


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill the process when its reader stops early, so that nothing waits for ever."""
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        _reader(process).close()
