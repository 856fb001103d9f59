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

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# @decision git-by-plumbing
TIME_LIMIT = 60  # seconds, for every command whose answer does not grow with the history
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
    "LC_ALL": "C",  # our parser reads git's English
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_FLUSH": "0",  # write when there is much to write, not after each commit
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,  # history as it is stored, not as info/grafts tells it
    "NoDefaultCurrentDirectoryInExePath": "1",
}
_OVERRIDES = (
    "protocol.allow=never",  # what GIT_NO_LAZY_FETCH does, for a git that does not know it yet
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.askPass=",
    "credential.helper=",
    "gpg.program=false",
    "log.showSignature=false",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished git said; `out` may be trusted only when `code` is 0."""

    code: int
    out: bytes
    error: str


@dataclass(slots=True)
class Stream:
    """A git that is still writing: read `out` to its end; `finished` tells whether it, and who fed it, ended well."""

    out: BufferedReader
    _processes: tuple[subprocess.Popen[bytes], ...] = field(repr=False)

    def finished(self) -> bool:
        """Wait for the end, and return whether what was read is all that git had to say."""
        codes = [process.wait() for process in reversed(self._processes)]
        return not any(codes)


@dataclass(frozen=True, slots=True)
class Git:
    """The git of this machine, bound to one folder, with nothing of the caller's environment but what is listed here.

    Source: https://git-scm.com/docs/git#_environment_variables
    """

    program: str
    root: Path
    environment: Mapping[str, str]

    def run(self, *words: str, feed: bytes = b"") -> Answer:
        """Run one command to its end, with `feed` as its input.

        A git that does not answer in time, or cannot be started here at all, is an answer with the code -1.
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
        """Run one command beside us: a thread writes `feed` while the caller reads."""
        with self._start(words, subprocess.PIPE) as process:
            writer = threading.Thread(target=_write, args=(process.stdin, feed), daemon=True)
            writer.start()
            with _ending(process):
                yield Stream(_reader(process), (process,))
            writer.join()

    @contextlib.contextmanager
    def chain(self, first: tuple[str, ...], second: tuple[str, ...]) -> Iterator[Stream]:
        """Run two commands beside us, the first one writing straight into the second."""
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(self._start(first, subprocess.DEVNULL))
            stack.enter_context(_ending(source))
            process = stack.enter_context(self._start(second, _reader(source)))
            stack.enter_context(_ending(process))
            _reader(source).close()  # now the second one alone holds it: when it dies, the first one hears of it
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
    """Return the git that reads `root`, or `None` where the machine has none.

    Only absolute entries of `PATH` count: a program that lies in the project is never run.
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
    with contextlib.suppress(OSError, ValueError):  # the reader died or was ended; its return code tells
        pipe.write(feed)
    with contextlib.suppress(OSError, ValueError):
        pipe.close()


def _widen(pipe: IO[bytes]) -> None:
    """Let git run ahead by a megabyte, where the system allows it; refusal costs time, nothing else."""
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE)


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process when its reader stops early, so that nobody waits for ever."""
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        _reader(process).close()
