"""In: what importers understood of documents, statement by statement. Out: the tree of one record, and what did not fit.

Lists are appended in the order of the documents, maps are merged. Of two values for one key the first stays; the second is
kept as a note, and is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roundbook.book.ids import free
from roundbook.bring.vocabulary import label_names, plain
from roundbook.errors import Finding, Place, Severity
from roundbook.schema.base import is_many, kebab
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.round import Round
from roundbook.yamlfile.writer import Data

REFERENCES = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
LISTS = frozenset(kebab(name) for name, field in Round.model_fields.items() if is_many(field))
_ORDER = {kebab(name): i for i, name in enumerate(("round", "phase", *Round.model_fields))}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing understood: the value of a key (`focus`), an entry of a list (`agents`), or of a map (`metrics.tests`).

    `label` is what the document calls it, and `said` how it says the value, if in another way: they make the note that it
    becomes when the key is taken.
    """

    key: str
    value: Data
    path: str = ""
    line: int = 0
    label: str = ""
    said: str = ""


def gather(told: Iterable[Told]) -> tuple[dict[str, Data], tuple[Finding, ...]]:
    """Return the tree of all that was told, its keys in the order of the model, and the findings."""
    tree: dict[str, Any] = {}
    findings: list[Finding] = []
    for one in _people(told):
        if not _put(tree, one):
            tree.setdefault("notes", []).append(
                f"**{one.label or one.key.capitalize()}**: {one.said or _words(one.value)}"
            )
            findings.append(_differs(one, tree))
    _settle_ids(tree)
    _shorten(tree)
    return dict(sorted(tree.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))), tuple(findings)


def _people(told: Iterable[Told]) -> Iterator[Told]:
    """Yield what was told; names that a key lists are agents only where no list or table has them, else a note."""
    found = list(told)
    agents = [one for one in found if one.key == "agents"]
    listed = any(not one.label for one in agents)
    named = any(not isinstance(one.value, Mapping) or "role" not in one.value for one in agents)
    notes: dict[tuple[str, int, str], list[str]] = {}
    for one in found:
        if one.key != "agents" or not one.label or not isinstance(one.value, Mapping):
            yield one
        elif listed or (named and "role" in one.value):
            notes.setdefault((one.path, one.line, one.label), []).append(str(one.value["name"]))
        else:
            yield one
    for (path, line, label), names in notes.items():
        yield Told("notes", f"**{label}**: {', '.join(names)}", path, line)


def _put(tree: dict[str, Any], one: Told) -> bool:
    """Put a value where it belongs; false where another one is there."""
    head, _, last = one.key.rpartition(".")
    if one.key in LISTS or head in ("carried", "files"):
        owner = tree.setdefault(head, {}) if head else tree
        owner.setdefault(last, []).append(one.value)
        return True
    if head == "metrics":
        metrics = tree.setdefault("metrics", {})
        metrics[free(last, metrics)] = one.value
        return True
    if one.key == "summary" and "summary" in tree:
        tree["summary"] = f"{tree['summary']}\n\n{one.value}"
        return True
    owner = tree.setdefault(head, {}) if head else tree
    if isinstance(one.value, Mapping):
        known = owner.setdefault(last, {})
        if any(known.get(key, value) != value for key, value in one.value.items()):
            return False
        known.update(one.value)
        return True
    return bool(owner.setdefault(last, one.value) == one.value)


def _settle_ids(tree: dict[str, Any]) -> None:
    """Give every decision an id of its own; one that another has, or that cannot be one, is made of the title."""
    taken: set[str] = set()
    tree["decisions"] = [{"title": one} if isinstance(one, str) else one for one in tree.pop("decisions", ())]
    if not tree["decisions"]:
        del tree["decisions"]
    for decision in tree.get("decisions", ()):
        wanted = decision.get("id") or slug(decision["title"])
        if id_fault(wanted):
            wanted = slug(f"decision {wanted}")
        decision["id"] = free(wanted, taken)
        taken.add(decision["id"].casefold())
    _refer(tree.get("decisions", ()))
    for key, entries in tree.items():
        if key != "decisions" and isinstance(entries, list):
            _drop_doubles([one for one in entries if isinstance(one, dict) and "id" in one])


def _refer(decisions: Iterable[dict[str, Any]]) -> None:
    """Add references to decisions that are here, by id or title; the words of the note stay in the details."""
    ids = {plain(name): one["id"] for one in decisions for name in (one["title"], one["id"])}
    for one in decisions:
        for label, text in one.get("details", {}).items():
            name = label_names().get(plain(label), "")
            named = [ids.get(plain(piece), "") for piece in re.split(r"[,;]|\band\b", text)]
            if name in REFERENCES and all(named) and one["id"] not in named:
                one[name] = named


def _shorten(node: Any) -> None:
    """Write one path as a text rather than as a list of one, all the way down."""
    if isinstance(node, dict):
        if isinstance(paths := node.get("paths"), list) and len(paths) == 1:
            node["paths"] = paths[0]
        for value in node.values():
            _shorten(value)
    elif isinstance(node, list):
        for value in node:
            _shorten(value)


def _drop_doubles(entries: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for one in entries:
        if one["id"] in seen:
            note = f"{one['id']}; {one['note']}" if one.get("note") else one["id"]
            one["note"] = note
            del one["id"]
        else:
            seen.add(one["id"])


def _words(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value)
    return ", ".join(_words(one) for one in (value.values() if isinstance(value, Mapping) else value))


def _differs(one: Told, tree: Mapping[str, Any]) -> Finding:
    kept = _words(tree.get(one.key.partition(".")[0], ""))
    message = f'{one.key} is "{kept[:60]}" already; "{_words(one.value)[:60]}" became a note'
    severity: Severity = (
        "info" if one.key == "title" else "warning"
    )  # files of one round are called what they are about
    return Finding(severity, "import-differs", message, Place(one.path, one.line, 1), "keep the one that is right")
