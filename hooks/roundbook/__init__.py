"""`load`, the book of a project, and `define_env`, which mkdocs-macros calls.

Both names are imported when they are first used, so that `import roundbook` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roundbook.engines.macros import define_env
    from roundbook.project import load

__version__ = "0.1.0"
__all__ = ["__version__", "define_env", "load"]


def __getattr__(name: str) -> Any:
    if name == "load":
        from roundbook.project import load

        return load
    if name == "define_env":
        from roundbook.engines.macros import define_env

        return define_env
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
