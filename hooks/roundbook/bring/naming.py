"""In: the tree of a record, and the ids of decisions that are taken. Out: the tree in which each decision has a free one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from roundbook.model.names import slug
from roundbook.think.slugs import free
from roundbook.write.emit import Data

_REFERENCES = frozenset({"supersedes", "amends", "depends-on", "relates-to", "decision", "refs"})


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
