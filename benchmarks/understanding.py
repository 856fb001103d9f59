"""How much of notes an import understands: notes in every style that occurs, with the fields that a person would fill.

A group of facts is what a record has under one key, such as its date, its agents or its decisions. It is *right* where the key
holds what the note says and nothing else, *text* where some of it is kept as written, and *wrong* where the key holds
something else, or where nobody expects the key. So every group of `benchmarks/notes/*.yml` counts once:

    U1  groups that are not right   at most 25 %
    U2  groups that are wrong       at most 2 %
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from benchmarks.harness import Measured, Scale, Target

Verdict = Literal["right", "wrong", "text"]
NOTES = Path(__file__).parent / "notes"
U1 = Target("U1", "groups of facts of notes that are not in the right field", 25, "%")
U2 = Target("U2", "groups of facts of notes in a wrong field", 2, "%")
# Keys that hold what is kept as written, and those that name a record.
_AS_WRITTEN = frozenset({"sections", "tables", "notes", "round", "phase", "status-text", "kind", "links", "tags"})
_LABELS = ("title", "name", "task", "text", "paths", "label")


@dataclass(frozen=True)
class Group:
    """A group of facts: the note, the key, and what became of it."""

    path: str
    key: str
    verdict: Verdict
    wanted: Any
    found: Any


def groups(folder: Path = NOTES) -> Iterator[Group]:
    """Yield the groups of facts of all notes of a folder."""
    for file in sorted(folder.glob("*.yml")):
        for case in yaml.load(file.read_text("utf-8"), yaml.BaseLoader):
            yield from _of_case(case)


def _of_case(case: Mapping[str, Any]) -> Iterator[Group]:
    from roundbook.importer.notes import document_of
    from roundbook.importer.records import summaries

    files = (case, *case.get("with", ()))
    documents = [document_of(one["note"].encode(), one["path"])[0] for one in files]
    made = {one.key: one.tree for one in summaries([one for one in documents if one])}
    wanted: Mapping[str, Any] = case["records"] or {}
    yield Group(case["path"], "identity", "right" if set(made) == set(wanted) else "wrong", [*wanted], [*made])
    for name, keys in wanted.items():
        tree = made.get(name, {})
        for key, value in keys.items():
            yield Group(case["path"], key, verdict_of(value, tree.get(key)), value, tree.get(key))
        for key in tree.keys() - keys.keys() - _AS_WRITTEN:
            yield Group(case["path"], key, "wrong", None, tree[key])


def verdict_of(wanted: Any, found: Any) -> Verdict:
    """Return what became of a group of facts."""
    if found is None:
        return "text"
    if isinstance(wanted, Mapping):
        found = {one.get("label", name): one for name, one in found.items()} if _is_metrics(found) else found
        each = [verdict_of(value, found.get(key)) for key, value in wanted.items()]
        return "wrong" if _is_metrics(found) and found.keys() - wanted.keys() else _worst(each)
    if isinstance(wanted, list):
        return _list_verdict(wanted, found if isinstance(found, list | tuple) else [found])
    return "right" if _flat(wanted) == _flat(found) else "wrong"


def _is_metrics(found: Any) -> bool:
    return isinstance(found, Mapping) and all(isinstance(one, Mapping) and "label" in one for one in found.values())


def _list_verdict(wanted: Sequence[Any], found: Sequence[Any]) -> Verdict:
    """Return what became of a list: an entry that nobody expects makes it wrong, one that is missing stands in the text."""
    left = [one if isinstance(one, Mapping) else {"title": one} for one in found]
    each: list[Verdict] = []
    for one in wanted:
        entry = one if isinstance(one, Mapping) else {"title": one}
        match = next((other for other in left if _label(other) == _label(entry)), None)
        if match is None:
            each.append("text")
        else:
            left.remove(match)
            each += [verdict_of(value, match.get(key)) for key, value in entry.items() if key not in _LABELS]
            each.append("right")
    return "wrong" if left else _worst(each)


def _label(entry: Mapping[str, Any]) -> str:
    return next((_flat(entry[key]) for key in _LABELS if key in entry), "")


def _worst(each: Sequence[Verdict]) -> Verdict:
    return "wrong" if "wrong" in each else "text" if "text" in each else "right"


def _flat(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_flat, value))
    return " ".join(str(value).split()).replace("`", "").casefold()


def score(found: Sequence[Group]) -> str:
    """Return the score in a line."""
    count = Counter(one.verdict for one in found)
    shares = (
        f"{count[verdict]} {verdict} ({100 * count[verdict] / len(found):.0f} %)"
        for verdict in ("right", "wrong", "text")
    )
    return f"{len(found)} groups of facts in {len({one.path for one in found})} notes: {', '.join(shares)}"


def measured(_scale: Scale, _folder: Path) -> Iterator[Measured]:
    """Yield the score of the importer."""
    found = list(groups())
    for target, verdicts in ((U1, ("text", "wrong")), (U2, ("wrong",))):
        share = 100 * sum(one.verdict in verdicts for one in found) / len(found)
        yield Measured(target, share, share, share, score(found))


def main() -> None:
    """Print every group that is not right, and the score."""
    found = list(groups())
    for one in found:
        if one.verdict != "right":
            print(f"{one.verdict:5} {one.path} {one.key}\n      wanted {one.wanted}\n      found  {one.found}")
    print(score(found))


if __name__ == "__main__":
    main()
