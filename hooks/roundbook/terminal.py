"""Text and progress for a terminal."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable
from typing import TextIO

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ZERO_WIDTH = "\u200b"


def safe(text: str) -> str:
    """Return one line for a log or terminal.

    Control and direction characters are written out (`\\x1b`), and the two forms in which a GitHub runner reads commands
    (`::name::` at the start of a line, `##[name]` anywhere) are parted by a zero-width space.

    Source: actions/runner, `ActionCommand.cs`.
    """
    shown = _CONTROL.sub(lambda m: ascii(m[0])[1:-1], text).replace("##[", f"##{_ZERO_WIDTH}[")
    return f"{_ZERO_WIDTH}{shown}" if shown.lstrip().startswith("::") else shown


def printable(data: object) -> str:
    """Return data as JSON in which no CI runner finds a command."""
    return json.dumps(data, indent=2, ensure_ascii=True).replace("##[", "##\\u005b") + "\n"


PATIENCE = 1.0  # seconds of work before a bar shows
EVERY = 0.1  # seconds between two drawings
CELLS = 24


class Bar:
    """How far work has come: a line on a terminal once the work lasts longer than a second, and the time of each stage.

    Called with the name of a stage and how many of its steps are done, of how many; 0 where it has none. As a context it
    draws the line again while a stage takes long, and leaves nothing of it behind.
    """

    def __init__(
        self,
        write: Callable[[str], object] | None,
        clock: Callable[[], float],
        width: int = 80,
        told: Callable[[str, float], object] = lambda _stage, _seconds: None,
    ) -> None:
        """Begin to count.

        Args:
            write: Writes to the terminal; `None` where there is none, and so no line.
            clock: Returns seconds that only grow.
            width: The columns of the terminal.
            told: Called with each stage that has ended, and its seconds.
        """
        self._write, self._clock, self._width, self._told = write, clock, width, told
        self._began = self._stage_began = clock()
        self._stage, self._counts, self._shown, self._drawn = "", (0, 0), 0, 0.0
        self._lock, self._ended = threading.RLock(), threading.Event()

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Take note of how far a stage has come."""
        with self._lock:
            if stage != self._stage:
                self._end_stage()
                self._stage, self._stage_began = stage, self._clock()
            self._counts = done, total
            self.tick()

    def _end_stage(self) -> None:
        if self._stage:
            self._told(self._stage, self._clock() - self._stage_began)
        self._stage = ""

    def tick(self) -> None:
        """Draw the line where it is time to."""
        with self._lock:
            now = self._clock()
            if self._write and self._stage and now - self._began >= PATIENCE and now - self._drawn >= EVERY:
                line = self._line(now)[: self._width - 1]
                self._write(f"\r{line.ljust(self._shown)}")
                self._shown, self._drawn = len(line), now

    def _line(self, now: float) -> str:
        done, total = self._counts
        if not total:
            return f"{safe(self._stage)}, {now - self._stage_began:.0f} s"
        full = CELLS * min(done, total) // total
        return f"{safe(self._stage)} [{'#' * full}{'.' * (CELLS - full)}] {done:,} of {total:,}"

    def clear(self) -> None:
        """Take the line away, so that something else may be written; it comes again."""
        with self._lock:
            if self._write and self._shown:
                self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def end(self) -> None:
        """End the last stage, and take the line away for good."""
        self._ended.set()
        with self._lock:
            self._end_stage()
            self.clear()

    def __enter__(self) -> Bar:
        """Draw again while a stage takes long."""
        if self._write:
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self.tick()

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        self.end()


def bar(
    stream: TextIO, clock: Callable[[], float], told: Callable[[str, float], object] = lambda _stage, _seconds: None
) -> Bar:
    """Return what shows progress on a stream: a line where that is a terminal, and nothing else."""

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    return Bar(write if stream.isatty() else None, clock, shutil.get_terminal_size().columns, told)
