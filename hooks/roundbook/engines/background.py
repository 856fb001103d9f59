"""Tasks that are done one after the other in the background; what somebody waits for comes first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from threading import Condition, Thread

from mkdocs.plugins import get_plugin_logger

LOG = get_plugin_logger(__name__)


class Background:
    """Tasks by name, done in their order by a thread. `failed` is called after a task that raised an exception."""

    def __init__(self, failed: Callable[[], None]) -> None:
        self._failed = failed
        self._tasks: dict[str, Callable[[], None]] = {}
        self._urgent: dict[str, None] = {}
        self._halted = False
        self._changed = Condition()  # held when any of these is read or changed
        self._thread = Thread()

    def begin(self, tasks: Mapping[str, Callable[[], None]]) -> None:
        """Begin with some tasks, in place of those that are left."""
        self.halt()
        self._tasks, self._urgent, self._halted = {**tasks}, {}, False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def halt(self) -> None:
        """Stop after the task that is being done, and have nobody wait for the others."""
        with self._changed:
            self._halted = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def wait(self, names: Collection[str] | None = None) -> None:
        """Return when the tasks of these names are done, or all tasks, or when the queue is halted."""
        with self._changed:
            self._urgent |= dict.fromkeys(names or ())
            self._changed.wait_for(lambda: self._halted or not self._left(names))

    def _left(self, names: Collection[str] | None) -> bool:
        return bool(self._tasks) if names is None else not self._tasks.keys().isdisjoint(names)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._halted or not self._tasks:
                    return
                name = next(iter(self._urgent.keys() & self._tasks.keys() or self._tasks))
                task = self._tasks[name]
            try:
                task()
            except Exception:
                LOG.exception("%s could not be updated", name)
                self._failed()
            with self._changed:
                self._tasks.pop(name, None)
                self._changed.notify_all()
