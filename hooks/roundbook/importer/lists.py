"""Lists of a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from roundbook.importer import tables
from roundbook.importer.statements import Told, Where, one_line
from roundbook.importer.tables import MORE, TABLE_OF, grouped, labelled, metric, remembered
from roundbook.importer.vocabulary import backlinks, bare_path, field_of, only_paths, paths_in
from roundbook.markdown import Block, Bullet, Bullets, bold_of, lead_of, pair_of
from roundbook.schema.round import LISTS, ListKey
from roundbook.schema.statuses import STATUS_SIGNS, result_of, status_of

_PUT_OFF = re.compile(
    r"(?:\bto\b|→|->|\buntil\b|\bin\b|:)\s+(?=(?:round|sprint|iteration|wave|week|cycle)\b)", re.IGNORECASE
)
_PLAIN_LABEL = re.compile(r"(?P<label>[A-Z][\w /-]{1,30}?):\s+(?P<value>\S.*)", re.DOTALL)
_ADDRESS = re.compile(
    r"(?:<(?P<bare>https?://[^\s<>]+)>|\[(?P<title>[^\]]+)\]\((?P<url>(?:https?://|mailto:)[^\s()]+)\)|(?P<open>https?://\S+))"
)
_REASON = re.compile(r"(?:because|since|as|so that|due to)\b", re.IGNORECASE)
_PR = re.compile(r"(?:PR\s*)?([#!]\d+)\b")


def told(bullets: Bullets, topic: str, where: Where) -> list[Told]:
    """Return what a list says under a heading of a topic; nothing where it does not fit there."""
    if topic in ("created", "modified", "deleted", "files"):
        return list(_files(bullets, topic, where))
    if topic in ("metrics", "commits", "prs", "links"):
        return list(_whole(bullets, topic, where))
    kind = TABLE_OF.get(topic, topic)
    if kind in ("next", "questions") and any(item.checked is not None for item in bullets.items):
        kind = "tasks"  # which can be done
    if kind not in LISTS:
        return []
    own = [item for item in bullets.items if item.text or item.blocks]
    return [
        _adopted(i, where) if _is_adopted(i, kind, where) else where.told(kind, entry(i, kind, where), i.line)
        for i in own
    ]


def _is_adopted(item: Bullet, kind: str, where: Where) -> bool:
    return kind == "decisions" and where.is_adopted(item.text)


def _adopted(item: Bullet, where: Where) -> Told:
    """Return what a list says of a decision record that the book has already, which is a note."""
    body = where.source(item.blocks) if item.blocks else ""
    return where.told("notes", f"{item.text}\n\n{body}".strip(), item.line)


def entry(item: Bullet, kind: str, where: Where) -> Any:
    """Return the entry that a bullet is: a text, or a mapping where there is more to say."""
    shape = LISTS[kind]
    made: dict[str, Any] = {}
    first, rest = _cut(item, shape, where)
    made[shape.label] = one_line(first) if shape.label != "text" else first
    if rest:
        made["rationale" if kind == "decisions" and _REASON.match(rest) else shape.more] = rest
    _below(made, item, kind, where)
    _status(made, item, kind, where)
    if kind == "deliverables":
        _paths(made, where, item)
    if kind == "deferred":
        _put_off(made, where)
    grouped(made, kind, where)
    return made[shape.label] if set(made) == {shape.label} else made


def _cut(item: Bullet, shape: ListKey, where: Where) -> tuple[str, str]:
    """Return the first words of a bullet and what follows them."""
    if not item.text:
        return where.source(item.blocks), ""
    split = lead_of(item.text) or pair_of(item.text)
    if shape.more and split and all(split):
        return split[0], split[1]
    return bold_of(item.text) or item.text, ""


def _below(made: dict[str, Any], item: Bullet, kind: str, where: Where) -> None:
    """Take what stands below a bullet: labelled bullets for the fields that they name, else as it is written."""
    shape = LISTS[kind]
    if not item.text or not item.blocks:
        return
    fields = _labelled_fields(item.blocks, kind)
    if fields and not set(fields) & set(made):
        for name, text in fields.items():
            if not tables.put(made, kind, name, text, where):
                remembered(made, "note", text)
        return
    body = where.source(item.blocks)
    more = shape.more if shape.more not in ("task", "decision") or shape.more in made else MORE[kind]
    if kind == "decisions":
        more = "decision"
    if not more:
        made[shape.label] = f"{item.text}\n\n{body}"
    else:
        made[more] = f"{made[more]}\n\n{body}" if more in made else body


def _labelled_fields(blocks: tuple[Block, ...], kind: str) -> dict[str, str]:
    """Return the fields that all bullets below a bullet name (`- Status: done`), or nothing."""
    found: dict[str, str] = {}
    for block in blocks:
        if not isinstance(block, Bullets):
            return {}
        for inner in block.items:
            match = _PLAIN_LABEL.fullmatch(inner.text)
            pair = pair_of(inner.text) or (match.groups() if match else None)
            field = (
                field_of(kind, pair[0])
                if pair and kind in ("agents", "risks", "blockers", "tasks", "deliverables")
                else ""
            )
            if not pair or not field or field in found or inner.blocks or inner.checked is not None or not pair[1]:
                return {}
            found[field] = one_line(pair[1])
    return found


def _status(made: dict[str, Any], item: Bullet, kind: str, where: Where) -> None:
    """Give an entry the status of its box, of the sign that it begins with, or of the heading that it is under."""
    if kind == "checks":
        _result(made, item)
    if not LISTS[kind].has_status or "status" in made or "status-text" in made:
        return
    if item.checked is not None:
        made["status"] = "done" if item.checked else "blocked" if kind == "blockers" else "planned"
    elif sign := next((one for one in STATUS_SIGNS if item.text.startswith(one)), ""):
        if status := status_of(sign, where.words):
            made["status"] = status
    elif where.status:
        made["status"] = where.status


def _result(made: dict[str, Any], item: Bullet) -> None:
    if item.checked is not None:
        made["result"] = "pass" if item.checked else "pending"
    elif result := result_of(made.get("evidence", "")):
        made["result"] = result
    elif not item.text[:1].isalnum() and (shown := result_of(item.text[:1])):
        made["result"] = shown


def _paths(made: dict[str, Any], where: Where, item: Bullet) -> None:
    """Add the paths that a deliverable names; one that is nothing but a path needs no title."""
    found = paths_in(item.text) or only_paths(item.text)
    if not found:
        found = paths_in(where.source(item.blocks)) if item.blocks else []
    if not found:
        return
    made["paths"] = found
    if set(made) <= {"title", "paths", "status"} and bare_path(made.get("title", "")):
        del made["title"]


def _put_off(made: dict[str, Any], where: Where) -> None:
    """Add the round that a deferral is put off to, where its words or its heading name one."""
    text = f"{made['title']} {made.get('reason', '')}"
    if "to" in made:
        return
    if (match := _PUT_OFF.search(text)) and (found := backlinks(text[match.end() :])):
        made["to"] = where.key_of(found[0])
    elif where.to:
        made["to"] = where.to


def _files(bullets: Bullets, topic: str, where: Where) -> Iterator[Told]:
    """Yield the paths of a list of files; nothing where some are no paths. A bullet that says more is a deliverable too."""
    items = [*_flat(bullets, "")]
    if not all(paths for _, paths, _ in items):
        return
    for item, paths, plain in items:
        if topic != "files":
            yield from (where.told(f"files.{topic}", path, item.line) for path in paths)
        if topic == "files" or not plain:
            made: dict[str, Any] = {} if plain else {"title": one_line(item.text)}
            made["paths"] = paths
            if where.group or topic != "files":
                made["group"] = where.group or where.heading
            yield where.told("deliverables", made, item.line)


def _flat(bullets: Bullets, folder: str) -> Iterator[tuple[Bullet, list[str], bool]]:
    """Yield bullets, their paths, and whether they say nothing else; bullets below a folder are files in it."""
    for item in bullets.items:
        found = only_paths(item.text)
        plain = bool(found)
        found = found or paths_in(item.text)
        inner = [block for block in item.blocks if isinstance(block, Bullets)]
        if len(found) == 1 and found[0].endswith("/") and len(inner) == len(item.blocks) == 1:
            yield from _flat(inner[0], folder + found[0])
        elif item.blocks or item.checked is not None:
            yield item, [], False
        else:
            yield (
                item,
                [one if "/" in one and folder and one.startswith(folder) else folder + one for one in found],
                plain,
            )


def _whole(bullets: Bullets, topic: str, where: Where) -> Iterator[Told]:
    """Yield numbers, commits, pull requests or links; nothing unless all bullets are some."""
    made: list[Told] = []
    for item in bullets.items:
        one = _ENTRIES[topic](item, where) if not item.blocks else None
        if one is None:
            return
        made.append(one)
    yield from made


def _metric(item: Bullet, where: Where) -> Told | None:
    said = labelled(item.text)
    found = metric(*said, sure=True) if said and item.checked is None else None
    if not found:
        return None
    grouped(found[1], "metrics", where)
    return where.told(f"metrics.{found[0]}", found[1], item.line)


def _commit(item: Bullet, where: Where) -> Told | None:
    found = where.shas(item.text)
    return where.told("commits", found[0], item.line) if len(found) == 1 else None


def _pr(item: Bullet, where: Where) -> Told | None:
    match = _PR.fullmatch(item.text)
    return where.told("prs", match[1], item.line) if match else None


def _link(item: Bullet, where: Where) -> Told | None:
    match = _ADDRESS.fullmatch(item.text)
    if not match:
        return None
    url = match["bare"] or match["url"] or match["open"]
    return where.told("links", {"url": url} | ({"title": match["title"]} if match["title"] else {}), item.line)


_ENTRIES = {"metrics": _metric, "commits": _commit, "prs": _pr, "links": _link}
