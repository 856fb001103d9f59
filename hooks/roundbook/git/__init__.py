"""Git: the only package that runs it."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_pauses() -> Iterator[None]:
    """Keep the garbage collector from walking a growing history again and again; nothing in it is a cycle."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
