"""In: the name of a template that is shipped with roundbook. Out: its text."""

from __future__ import annotations

from importlib.resources import files


def template(name: str) -> str:
    """Return a template of `templates/`, from wherever the package is installed."""
    return (files("roundbook") / "templates" / name).read_text("utf-8")
