"""The checks, one family a file; importing this package registers all of them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from roundbook.checks.registry import CHECKS, CheckContext, idle, judge

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
__all__ = ("CHECKS", "CheckContext", "idle", "judge")
