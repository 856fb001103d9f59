"""In: the value of a key such as `Team`. Out: the names of people and programs that it lists."""

from __future__ import annotations

import re

_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&|\+)\s+")
_SIGNS = re.compile(r"[,;:!?()/&+=<>|]| and ")


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of one person or program: a few words, the first of them like a name."""
    words = text.split()
    if not 0 < len(words) <= 4 or _SIGNS.search(text):
        return False
    first = words[0].strip("*_`")
    return first.startswith("@") or words[0].startswith("`") or (first[:1].isalpha() and not first[:1].islower())


def names_of(text: str) -> list[str]:
    """Return the names that a text lists, one or several; nothing where it says anything else."""
    names = _APART.split(" ".join(text.split()))
    return names if all(map(is_name, names)) else []
