"""In: a path and bytes. Out: the file with these bytes, or as it was: never half of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Write a file as a whole: beside it first, then into its place, with the permissions that it had.

    A link stays a link: what it leads to is written. Raises `OSError` where the folder cannot be written to.
    """
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, name)
        else:
            Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask
