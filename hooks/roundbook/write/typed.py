"""In: plain data. Out: YAML for the files of other programs, whose readers take a plain `1.0`, `no` or date for no text."""

from __future__ import annotations

from typing import Any

import yaml


def typed(data: Any) -> str:
    """Return data as YAML lines that a reader of YAML 1.1 reads as what it is: a text stays a text, whatever it holds."""
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=False)
    return text.removesuffix("...\n")


def scalar(text: str) -> str:
    """Return a text as one scalar, on one line, with quotes where they are needed."""
    style = None if text.isprintable() else '"'
    made: str = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style=style)
    return made.removesuffix("...\n").strip()
