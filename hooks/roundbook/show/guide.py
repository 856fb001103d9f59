"""In: the commands of the installed version. Out: the guide by which an agent records a round, a decision and a change.

Words that the model takes come from the model, and a command that this version does not have is not named.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined

from roundbook.schema.items import CHANGE_TYPES
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES

TEMPLATE = "guide.md.j2"
_HABITS = ("fmt", "check")
_OTHERS = (
    ("draft", "drafts a round from git, for you to correct."),
    ("explain", "with a path says which decisions govern a file: ask before you change it."),
    ("schema", "prints the JSON Schema of round files, with every key."),
)


def guide(commands: Collection[str], data: str = "data") -> str:
    """Return the guide as Markdown, for a project whose rounds lie in `data`."""
    # What is filled in comes from the code of this package; the guide is read as text, so nothing is encoded.
    environment = Environment(
        loader=PackageLoader("roundbook", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    return environment.get_template(TEMPLATE).render(
        data=data,
        at=f" --data {shlex.quote(data)}" if data != "data" else "",
        statuses=_listed(STATUSES),
        decision_statuses=_listed(DECISION_STATUSES),
        change_types=_listed(CHANGE_TYPES),
        habits=[name for name in _HABITS if name in commands],
        others=[(name, use) for name, use in _OTHERS if name in commands],
        **{f"has_{name}": name in commands for name in ("new", "check", "close")},
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
