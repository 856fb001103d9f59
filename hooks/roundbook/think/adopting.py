"""In: changes that fragments of other tools state, and the history. Out: entries, with the commits that added them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.git.history import History
from roundbook.model.facts import Link
from roundbook.model.release import UNRELEASED, Entered
from roundbook.schema.ids import slug
from roundbook.schema.items import Adopted
from roundbook.think.pulls import numbers


def adopted(found: Sequence[Adopted], history: History) -> Iterator[tuple[Entered, str | None]]:
    """Yield the entries, each with the version that it stands under where its commits do not tell.

    The commit that added a fragment is its evidence. It also tells the version, where the tool keeps its fragments; a
    fragment that a release would have removed is unreleased as long as it is there.
    """
    added = _added({history.prefix + one.path for one in found}, history)
    for i, one in enumerate(found):
        commit = added.get(history.prefix + one.path)
        change = one.change if one.kept else one.change.model_copy(update={"release": UNRELEASED})
        anchor = f"fragment-{i + 1}-{slug(one.change.label, 40)}"
        links = (Link(commit, "", "added-with", "added with the fragment"),) if commit else ()
        yield Entered(change, "", anchor, links, numbers(change.prs), None, one.path, commit), UNRELEASED


def _added(paths: set[str], history: History) -> dict[str, str]:
    """Return, for each path, the newest commit that added it."""
    found: dict[str, str] = {}
    for commit in history.commits if paths else ():
        for change in commit.changes or ():
            if change.status == "A" and change.path in paths:
                found.setdefault(change.path, commit.id)
    return found
