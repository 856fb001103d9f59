"""In: folders of decision records with their names, and the files in them. Out: namespaces, and the id of each record.

An id is the namespace and the number as the file has it, `adr-0044`; where a file has no number but a day or words, as in
log4brains, it is those. The namespace is the `name` of the folder, and `adr` for the first folder without one, so that
another folder, added later, changes no id.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from roundbook.model.names import id_fault, number_of, slug

FIRST = "adr"
SUFFIXES = (".md", ".markdown")
_NUMBER = re.compile(r"(?:adr[-_ ]?)?(?P<number>\d{1,6})(?!\d)(?:[-_. ]|$)", re.IGNORECASE)
_DAY = re.compile(r"\d{8}(?!\d)|\d{4}-\d{2}-\d{2}")
_NONE = re.compile(r"(?:readme|index|.*[-_.]template|template(?:[-_.].*)?|_.*|contributing)", re.IGNORECASE)
GENERIC = frozenset(
    {"docs", "doc", "adr", "adrs", "decisions", "decision", "architecture", "records", "src", "packages"}
)


class Space(NamedTuple):
    """A folder of decision records, or a file that logs some: `name` is the namespace of their ids."""

    path: str
    name: str


def spaces(folders: Sequence[tuple[str, str]]) -> tuple[Space, ...]:
    """Return folders, each with its name or none, as namespaces; what leads out of the project is left out."""
    found: list[Space] = []
    taken = {name for _, name in folders if name}
    for written, given in folders:
        path = inside(written)
        if not path:
            continue
        name = given or (FIRST if FIRST not in taken else _from_path(path, taken))
        taken.add(name)
        found.append(Space(path, name))
    return tuple(found)


def inside(path: str) -> str:
    """Return a path of the settings from the project's folder, or nothing where it leads out of it."""
    bare = posixpath.normpath(path.strip().replace("\\", "/")) if path.strip() else ""
    return "" if bare in ("", ".", "..") or bare.startswith(("/", "../")) or re.match(r"[A-Za-z]:", bare) else bare


def _from_path(path: str, taken: set[str]) -> str:
    parts = [part for part in PurePosixPath(path).with_suffix("").parts if part.lower() not in GENERIC]
    short = slug("-".join(parts)) if parts else ""
    return short if short and short not in taken else slug(path.removesuffix(".md").replace("/", "-"))


def is_record(name: str) -> bool:
    """Tell whether a file of a folder may be a decision record, by its name: an index, a README and a template are none."""
    path = PurePosixPath(name)
    return path.suffix.lower() in SUFFIXES and not _NONE.fullmatch(path.stem) and not path.name.startswith(".")


def number_in(name: str) -> str:
    """Return the number that the name of a file begins with, as it is written; nothing where it has none, or a day."""
    stem = PurePosixPath(name).stem
    match = None if _DAY.match(stem) else _NUMBER.match(stem)
    return match["number"] if match else ""


def is_numbered(name: str) -> bool:
    """Tell whether the name of a file begins with a number or a day."""
    return bool(number_in(name) or _DAY.match(PurePosixPath(name).stem))


def id_of(space: str, name: str) -> str:
    """Return the id of the record that a file holds."""
    number = number_in(name)
    return fit(f"{space}-{number}") if number else named(space, PurePosixPath(name).stem)


def named(space: str, words: str) -> str:
    """Return the id of what has no number: its words, below the namespace unless that is the first."""
    bare = words.lower() if not id_fault(words.lower()) else slug(words)
    return fit(bare if space == FIRST else f"{space}-{bare}")


def fit(name: str) -> str:
    """Return an id as it is, or one that may be an id."""
    return name if not id_fault(name) else slug(name)


def home_of(path: str, among: Iterable[Space]) -> Space | None:
    """Return the folder that a file is a record of, the deepest that holds it; or that very file; `None` for none."""
    holding = [s for s in among if path == s.path or (path.startswith(f"{s.path}/") and is_record(path))]
    return max(holding, key=lambda s: len(s.path), default=None)


def following(ids: Iterable[str], width: int) -> str:
    """Return the number after the highest of some ids, with as many digits."""
    highest = max((number[1] for one in ids if (number := number_of(one))), default=0)
    return f"{highest + 1:0{width}}"
