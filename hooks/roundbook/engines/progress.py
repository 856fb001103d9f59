"""How far a build of MkDocs has come: a line on the terminal, and with `--verbose` a line of the log for each stage.

Also why it stops.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from mkdocs.exceptions import PluginError
from mkdocs.plugins import get_plugin_logger

from roundbook.errors import RoundbookError
from roundbook.terminal import Bar, bar, safe

LOG = get_plugin_logger(__name__)


class BuildProgress:
    """The progress of builds, one after the other: `begin` and `end` are called for each, `step` for each page."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._done: Counter[str] = Counter()
        self._total = 0
        self._context = ExitStack()

    @contextmanager
    def shown(self) -> Iterator[Bar]:
        """Show how far something has come while the context lasts."""
        with bar(sys.stderr, time.monotonic, _told) as made, _cleared(made):
            yield made

    def begin(self, pages: int) -> None:
        """Begin to count so many pages."""
        self.end()
        self._done, self._total = Counter(), pages
        self._bar = self._context.enter_context(self.shown())

    def step(self, stage: str) -> None:
        """Count a page of a stage; outside of a build nothing is counted."""
        if self._bar:
            self._done[stage] += 1
            self._bar(stage, self._done[stage], self._total)

    def end(self) -> None:
        """End what was begun."""
        self._bar = None
        self._context.close()


def _told(stage: str, seconds: float) -> None:
    LOG.debug("%s took %.2f s", stage, seconds)


@contextmanager
def _cleared(made: Bar) -> Iterator[None]:
    """Take the line away before MkDocs writes one of its own."""

    def clear(_: logging.LogRecord) -> bool:
        made.clear()
        return True

    handlers = logging.getLogger("mkdocs").handlers[:]
    for handler in handlers:
        handler.addFilter(clear)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(clear)


@contextmanager
def stopping(option: str) -> Iterator[None]:
    """Stop the build where an option cannot be used."""
    try:
        yield
    except RoundbookError as error:
        raise PluginError("\n".join(f"roundbook: {option}: {safe(str(f))}" for f in error.findings)) from None
