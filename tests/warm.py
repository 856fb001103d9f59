"""Programs of tests run in processes that are forked from one in which everything is imported and ran once.

A fresh Python takes most of a second to import MkDocs or roundbook, and more for the first of what it does; a fork takes some
milliseconds and is a process of its own all the same: its own folder, environment and exit code.
"""

from __future__ import annotations

import multiprocessing.forkserver
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

_LATE = ("mkdocs.commands.serve", "material.plugins.search.plugin")  # what the first run does not import
_CONTEXT = multiprocessing.get_context("forkserver")


@cache
def _start() -> None:
    """Start the process that the others are forked from; it finds the modules of the tests by its environment alone."""
    _CONTEXT.set_forkserver_preload(["warm_up", *_LATE])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        multiprocessing.forkserver.ensure_running()


def run(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a module, as `python -m` does, and return its exit code with all that it printed."""
    _start()
    main = sys.modules["__main__"]
    kept: dict[str, object] = {
        name: main.__dict__.pop(name) for name in ("__file__", "__spec__") if name in main.__dict__
    }
    descriptor, printed = tempfile.mkstemp()
    os.close(descriptor)
    main.__spec__ = None  # or the fork would first import the program that runs the tests
    try:
        process = _CONTEXT.Process(target=_child, args=([*words], str(cwd), {**env}, printed))
        process.start()
    finally:
        vars(main).update(kept)
    try:
        process.join()
        return process.exitcode or 0, Path(printed).read_text("utf-8")
    finally:
        process.close()
        Path(printed).unlink()


def _child(words: list[str], cwd: str, env: dict[str, str], printed: str) -> None:
    """Take the place of a fresh Python: folder, environment, streams and arguments."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, path, flags in ((0, os.devnull, os.O_RDONLY), (1, printed, os.O_WRONLY), (2, printed, os.O_WRONLY)):
        opened = os.open(path, flags | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))
    sys.path[0:0] = [cwd]
    sys.argv = words
    code = 1
    try:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
