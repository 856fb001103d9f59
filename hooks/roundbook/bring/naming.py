"""In: the tree of a record, and the ids of decisions that are taken. Out: the tree in which each decision has a free one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from roundbook.book.ids import free
from roundbook.errors import Finding, Place
from roundbook.schema.ids import slug
from roundbook.yamlfile.writer import Data

RELATIONS = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
_REFERENCES = RELATIONS | {"decision", "refs"}


@dataclass(frozen=True)
class Named:
    """A tree, the ids of its decisions, and those that were changed in it, from the old to the new one."""

    tree: Mapping[str, Data]
    ids: tuple[str, ...]
    renamed: Mapping[str, str]


def named(tree: Mapping[str, Data], taken: Collection[str]) -> Named:
    """Return the tree with free ids for its decisions, and with references to them that follow.

    `taken` are in lower case. A text is a reference where a key for references holds it and nothing else.
    """
    decisions = tree.get("decisions")
    listed = decisions if isinstance(decisions, list | tuple) else [decisions] if decisions else []
    used = set(taken)
    ids: list[str] = []
    for one in listed:
        ids.append(free(_id(one), used))
        used.add(ids[-1].casefold())
    renamed = {_id(one): new for one, new in zip(listed, ids, strict=True) if new != _id(one)}
    if not renamed:
        return Named(tree, tuple(ids), {})
    made = [_with_id(one, new) if new != _id(one) else one for one, new in zip(listed, ids, strict=True)]
    return Named({k: _followed(v, k, renamed) for k, v in {**tree, "decisions": made}.items()}, tuple(ids), renamed)


def referring(tree: Mapping[str, Data], known: Callable[[str], bool]) -> tuple[Mapping[str, Data], tuple[str, ...]]:
    """Return the tree without references of its decisions to decisions that nobody knows, and those references.

    What a record names may be no decision at all (`requires UDP`). The words stay in the details of the decision.
    """
    dropped: list[str] = []
    made: list[Data] = []
    listed = tree.get("decisions")
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, Mapping):
            bad = {key: _texts(value) for key, value in one.items() if key in RELATIONS}
            bad = {key: lost for key, texts in bad.items() if (lost := [text for text in texts if not known(text)])}
            dropped += [text for texts in bad.values() for text in texts]
            made.append(_without(one, bad) if bad else one)
        else:
            made.append(one)
    return ({**tree, "decisions": made}, tuple(dropped)) if dropped else (tree, ())


def no_decision(text: str, path: str) -> Finding:
    """Return the note that a record refers to what is no decision."""
    message = f'"{text}" is no decision of this book, and stayed a text'
    return Finding("info", "import-reference", message, Place(path), "name the decision in the round, if there is one")


def _without(decision: Mapping[str, Data], lost: Mapping[str, list[str]]) -> Data:
    kept = {key: [text for text in _texts(decision[key]) if text not in lost[key]] for key in lost}
    made = {key: kept.get(key, value) for key, value in decision.items() if kept.get(key, value)}
    details = made.get("details")
    said = dict(details) if isinstance(details, Mapping) else {}
    words = " ".join(text for value in (*made.values(), *said.values()) for text in _texts(value))
    for key, texts in lost.items():
        if unsaid := [text for text in texts if text not in words]:
            said[key.capitalize().replace("-", " ")] = ", ".join(unsaid)
    return {**made, "details": said} if said else made


def _texts(value: Data) -> list[str]:
    return (
        [str(value)]
        if isinstance(value, str)
        else [str(one) for one in value]
        if isinstance(value, list | tuple)
        else []
    )


def _with_id(decision: Data, new: str) -> Data:
    whole = decision if isinstance(decision, Mapping) else {"title": decision}
    return {"id": new, **{key: value for key, value in whole.items() if key != "id"}}


def _id(decision: Data) -> str:
    if isinstance(decision, Mapping):
        return str(decision.get("id") or slug(str(decision.get("title", ""))))
    return slug(str(decision))


def _followed(value: Data, key: str, renamed: Mapping[str, str]) -> Data:
    if isinstance(value, str | bool):
        return renamed.get(str(value), value) if key in _REFERENCES else value
    if isinstance(value, Mapping):
        return {inner: _followed(one, inner, renamed) for inner, one in value.items()}
    return [_followed(one, key, renamed) for one in value]
