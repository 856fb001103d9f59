"""Git: the only package that runs it."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_pauses() -> Iterator[None]:
    """Pause the garbage collector: it would walk a whole history or book, millions of objects that form no cycles."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
