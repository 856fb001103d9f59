"""The checks, one family a module; importing this package fills the registry."""

from importlib import import_module
from pkgutil import iter_modules

from roundbook.think.checks.check import CHECKS, Docket, idle, judge

for _family in sorted(one.name for one in iter_modules(__path__)):
    import_module(f"{__name__}.{_family}")

__all__ = ["CHECKS", "Docket", "idle", "judge"]
