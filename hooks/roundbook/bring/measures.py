"""In: what a note says of a number: `Tests: 960 → 1,029 (+69)`. Out: an entry of `metrics:`, every word of it kept."""

from __future__ import annotations

import re
from typing import Any

from roundbook.bring.vocabulary import key_names, plain
from roundbook.bring.where import joined, one_line
from roundbook.markdown import lead_of, pair_of, remark_of
from roundbook.schema.ids import slug

ARROW = re.compile(r"\s*(?:-{1,2}>|→|=>|⟶|➜)\s*")
_NUMBER = r"[~≈<>≤≥]{0,2}\s?[-+±]?[$€£]?\d[\d,']*(?:\.\d+)?[+]?(?:\s?[kKMG](?![A-Za-z]))?"
_UNIT = r"\s?(?:%|[^\W\d]{1,12}(?:/[^\W\d]{1,12})?)"
_QUANTITY = re.compile(rf"{_NUMBER}(?:\s?(?:/|of)\s?{_NUMBER})?(?:{_UNIT}(?:\s[^\W\d]{{1,15}}){{0,2}})?")
_UNKNOWN = re.compile(r"(?:TBD|TBA|n/?a|none|nil|\?+|unknown|pending)", re.IGNORECASE)
_TARGET = re.compile(r"(?:target|goal|budget|limit|threshold)\s*:?\s*(?P<target>.+)", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:tests?|coverage|count|size|time|duration|loc|lines|files|errors?|warnings?|bugs|velocity|points|score|total|"
    r"passed|passing|failed|failing|skipped|latency|throughput|memory|startup|builds?|number|rate|effort|hours|days|"
    r"commits|prs|issues|crates|modules|functions|budget|cost|tokens)\b"
)
_CODED = re.compile(r"`([^`]+)`")
_LABELLED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s*:\s+(?P<value>\S.*)", re.DOTALL)
_DASHED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s+(?:--|[–—-])\s+(?P<value>[~≈<>≤≥+-]?\d.*)", re.DOTALL)
# Names that teams give to one number, so that it goes on from round to round.
_SAME = {
    **dict.fromkeys(("tests", "test count", "total tests", "tests total", "number of tests", "test total"), "tests"),
    **dict.fromkeys(("coverage", "test coverage", "code coverage", "line coverage"), "coverage"),
}


def metric(label: str, value: str, *, sure: bool = False) -> tuple[str, dict[str, Any]] | None:
    """Return name and entry of the number that a label and a value state, or `None` where they state none.

    `sure` says that the place is one for numbers, so that any label will do, and `TBD` and `> 80%` for a value.
    """
    base, key_remark = remark_of(one_line(label))
    when = key_names().get(plain(key_remark), "") if key_remark else ""
    name = base if when in ("before", "after") else one_line(label)
    found = _values(one_line(value), when if when in ("before", "after") else "value", sure)
    if not found or not (sure or _measured(base, value)):
        return None
    return name_of_metric(name), {"label": name, **found}


def name_of_metric(label: str) -> str:
    """Return the name under which a number goes on from round to round."""
    return _SAME.get(plain(label)) or slug(label, 40)


def is_quantity(text: str) -> bool:
    """Tell whether a text is a number with or without a unit, and nothing else."""
    return bool(_QUANTITY.fullmatch(text.strip()))


def labelled(text: str) -> tuple[str, str] | None:
    """Return label and value of an entry of a list of numbers: `Tests: 1,048`, `**Tests** -- 1,048`."""
    if pair := pair_of(text) or lead_of(text):
        return pair
    match = _LABELLED.fullmatch(text) or _DASHED.fullmatch(text)
    return (match["label"], match["value"]) if match else None


def _measured(label: str, value: str) -> bool:
    """Tell whether a pair is about a number rather than a name that has digits (`Toolchain: 1.85`, `Build: 4711`)."""
    return bool(_COUNTED.search(plain(label)) or ARROW.search(value) or "%" in value)


def _values(text: str, key: str, sure: bool) -> dict[str, Any]:
    base, remark = remark_of(text)
    bare = base.strip("*_` ")
    steps = ARROW.split(bare)
    if len(steps) == 2 and all(_is_value(step, True) for step in steps):
        found: dict[str, Any] = {"before": steps[0], "after": steps[1]}
    elif _is_value(bare, sure):
        found = {key: _CODED.sub(r"\1", base) if base.startswith("`") else base}
    else:
        return {}
    if remark:
        target = _TARGET.fullmatch(remark)
        found |= {"target": target["target"]} if target else {"before-note" if key == "before" else "note": remark}
    return found


def _is_value(text: str, sure: bool) -> bool:
    return is_quantity(text) or (sure and bool(_UNKNOWN.fullmatch(text) or re.match(_NUMBER, text)) and len(text) <= 80)


def remembered(entry: dict[str, Any], key: str, text: str, by: str = "; ") -> None:
    """Add a text to a field that may have one already."""
    entry[key] = joined((str(entry.get(key, "")), text), by)
