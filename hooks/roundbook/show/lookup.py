"""In: what a page wrote to name a round, decision or commit. Out: the thing itself, or the complaint that there is none."""

from __future__ import annotations

import difflib

from roundbook.book.facts import Ruling
from roundbook.book.model import Book, Entry
from roundbook.errors import RoundbookError
from roundbook.git.history import Commit
from roundbook.show.resolve import HEX, commit_ids, decision_id, keys_of_number, round_key
from roundbook.show.view import complaint


def latest(book: Book) -> Entry:
    """Return the newest round; a complaint where the book has none."""
    if not book.newest_first:
        raise complaint("round-unknown", "there is no round yet", "write data/rounds/1/1.yml")
    return book.newest_first[0]


def an_entry(book: Book, key: str) -> Entry:
    """Return the round of a key; the empty key means the newest."""
    if not key:
        return latest(book)
    living = round_key(book, key)
    if living and living in book.entries:
        return book.entries[living]
    alone = keys_of_number(book, key)
    if len(alone) == 1:
        return book.entries[alone[0]]
    if living:
        raise complaint(
            "round-broken", f"round {key} cannot be read", "mend its file; roundbook check names the faults"
        )
    raise unknown("round", key, [*book.rounds])


def a_ruling(book: Book, name: str) -> Ruling:
    """Return the decision of an id, `wasm-target` or `3/4#wasm-target`."""
    found = name if name in book.rulings else decision_id(book, name)  # a page names its own decision, by its whole id
    if found is None:
        raise unknown("decision", name, [*book.rulings])
    return book.rulings[found]


def a_commit(book: Book, prefix: str) -> Commit:
    """Return the commit of an id of at least seven digits."""
    if not HEX.fullmatch(prefix):
        raise complaint("commit-unknown", f"{prefix!r} is no commit id", "write 7 to 64 hexadecimal digits, in quotes")
    found = commit_ids(book, prefix)
    if len(found) > 1:
        raise complaint(
            "commit-ambiguous", f"{prefix} may be {', '.join(i[:12] for i in found[:4])}", "write more digits"
        )
    commit = book.commit(found[0]) if found else None
    if commit is None:
        raise complaint("commit-unknown", f"{prefix} is not in the history of HEAD", _why_missing(book))
    return commit


def _why_missing(book: Book) -> str:
    return "correct it" if book.history.complete else "the history here is incomplete; fetch the whole of it"


def unknown(what: str, name: str, known: list[str], *, cut: bool = False) -> RoundbookError:
    """Return the complaint for a name that the book does not have, with the nearest that it has.

    Where the history is `cut` nothing is said of what there is, as it may well be where nobody can look.
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    mend = (
        f'did you mean "{near[0]}"?'
        if near
        else f"the newest are {', '.join(known[-3:])}"
        if known
        else "none is recorded"
    )
    if cut:
        return complaint(
            f"{what}-unknown",
            f"there is no {what} {name!r} in the history here, which is incomplete",
            f"the history is cut; fetch all of it{f'; {mend}' if near else ''}",
        )
    return complaint(f"{what}-unknown", f"there is no {what} {name!r}", mend)
