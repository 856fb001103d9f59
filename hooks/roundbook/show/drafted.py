"""In: a `Draft`. Out: the tree of its round file, in the order of its keys; text of git in prose is Markdown that shows it.

Paths, names of people behind agents, branches and references are no prose, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from roundbook.model.draft import Draft, Made, Proposed, Scope, Worker
from roundbook.schema.decision import Metric
from roundbook.site.escape import clean, code, cut, literal

TBD = "TBD"
Tree = Mapping[str, Any]


def tree(draft: Draft) -> dict[str, Any]:
    """Return the round file of a draft as texts, lists and mappings; what is not known is left out, but for the focus."""
    phase, _, number = draft.key.partition("/")
    said = {
        "round": number,
        "phase": phase,
        "date": draft.date,
        "focus": _shown(draft.focus) or TBD,
        "agents": [_agent(one) for one in draft.workers],
        "goals": [_goal(key, one.title, one.reason) for key, one in draft.goals],
        "changes": [_change(one) for one in draft.changes],
        "deliverables": [_made(one) for one in draft.made],
        "metrics": {clean(name): _metric(one) for name, one in draft.metrics.items()},
        "notes": list(_notes(draft)),
        "tables": [_scopes(draft.scopes)] if draft.scopes else [],
        "commits": list(draft.selection),
        "prs": list(draft.prs),
        "releases": [draft.stretch.tag] if draft.stretch.tag else [],
    }
    return _kept(said)


def _kept(said: Tree) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value}


def _shown(text: str) -> str:
    return literal(cut(text))


def _agent(one: Worker) -> dict[str, Any]:
    return _kept(
        {
            "name": _shown(one.name),
            "role": "bot" if one.bot else "",
            "task": "; ".join(_work(one)),
            "people": [cut(clean(name)) for name in one.people],
        }
    )


def _work(one: Worker) -> Iterator[str]:
    """Yield what somebody did, as far as it can be counted."""
    if one.commits:
        listed = [f"{_shown(scope)} {count:,}" for scope, count in one.scopes[:_SCOPES]]
        more = len(one.scopes) - _SCOPES
        listed += [f"{_counted(more, 'more scope')}"] if more > 0 else []
        yield _counted(one.commits, "commit") + (f": {', '.join(listed)}" if listed else "")
    if one.helped:
        yield f"co-author of {_counted(one.helped, 'commit')}"


_SCOPES = 6  # that one agent's task names


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _goal(key: str, title: str, reason: str | None) -> dict[str, str]:
    """Return a goal that an earlier round put off; its words are Markdown already."""
    text = f"{clean(reason)} (deferred by {key})" if reason else f"Deferred by {key}"
    return {"title": clean(title), "status": "planned", "text": text}


def _change(one: Proposed) -> dict[str, Any]:
    return _kept(
        {
            "type": one.type,
            "text": _shown(one.text) or TBD,
            "breaking": one.breaking,
            "commits": list(one.commits),
            "prs": list(one.prs),
            "issues": list(one.issues),
            "decision": one.decision,
            "cve": one.cve,
        }
    )


def _made(one: Made) -> dict[str, Any]:
    name = one.paths[0] if len(one.paths) == 1 else one.folder or "top folder"
    note = "" if one.files == len(one.paths) == 1 else _counted(one.files, "new file")
    return _kept({"title": literal(name), "group": _shown(one.scope), "paths": list(one.paths), "note": note})


def _metric(one: Metric) -> dict[str, Any]:
    written = one.model_dump(by_alias=True, exclude_none=True)
    order = ("label", "unit", "before", "after", "target", "better", "how")
    return _kept({**{key: clean(written.get(key, "")) for key in order}, "probe": _kept(written.get("probe", {}))})


def _notes(draft: Draft) -> Iterator[str]:
    told = {change.decision for change in draft.changes}
    if cited := [code(name) for name in draft.decisions if name not in told]:
        yield f"Commits cite {_listed(cited)}."
    if draft.left:
        yield f"This draft leaves out: {'; '.join(draft.left)}."


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if words[:-1] else "") + words[-1]


def _scopes(scopes: Iterable[Scope]) -> dict[str, Any]:
    """Return the table of the commits by scope: the ids lead to the commits, whose words stand further down on the page."""
    rows = [[_shown(one.name) or "none", f"{one.commits:,}", _kinds(one)] for one in scopes]
    return {"title": "Commits by scope", "columns": ["Scope", "Commits", "Which"], "rows": rows}


def _kinds(one: Scope) -> str:
    named = [f"{literal(kind) or 'other'} {' '.join(map(code, ids))}" for kind, ids in one.kinds]
    return "; ".join([*named, *([f"{one.left:,} more"] if one.left else [])])
