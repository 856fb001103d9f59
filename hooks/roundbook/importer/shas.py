"""The ids of commits that notes name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from roundbook.book.attribution import meant
from roundbook.errors import Finding, Place
from roundbook.git.history import History
from roundbook.markdown import Document

KnownCommits = Callable[[str], bool]  # tells whether an id is one of a commit that git has
_SHOWN = 3
_APART = re.compile(r"[,;\s]+(?:and\s+)?")
_SHA = r"[0-9a-f]{7,40}"
_IDS = re.compile(rf"\b{_SHA}\b")
_NAMED = re.compile(rf"({_SHA})(?:\.\.\.?({_SHA}))?")


def any_id(_id: str) -> bool:
    """Take every id for one that git has: for documents without a repository."""
    return True


def shas_of(text: str, known: KnownCommits) -> list[str]:
    """Return the commits of a text that is nothing but ids and ranges of commits; none where git lacks one of them.

    A note may name commits of another repository, or of a history that was rewritten since: then the text stays a text.
    """
    pieces = [piece.strip("`* ") for piece in _APART.split(text.strip()) if piece.strip("`* ")]
    found = [_NAMED.fullmatch(piece) for piece in pieces]
    if not all(found) or not any(char.isdigit() for piece in pieces for char in piece):
        return []
    ids = [id_ for match in found if match for id_ in match.groups() if id_]
    unknown = [id_ for id_ in ids if not known(id_)]  # ask for all, so that all can be reported
    return [] if unknown else pieces


class Revisions:
    """Tells which ids the history of HEAD has, and remembers those that it lacks.

    What an incomplete history lacks may be there all the same, and is taken for known.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.unknown: set[str] = set()

    def __call__(self, id_: str) -> bool:
        """Tell whether an id is one of a commit."""
        if not self.history.complete or len(meant(id_, self.history)) == 1:
            return True
        self.unknown.add(id_)
        return False

    def findings(self, documents: Iterable[Document]) -> Iterator[Finding]:
        """Yield a note for each document that names commits which are not there."""
        for document in documents:
            named = [(n, id_) for n, line in enumerate(document.lines, 1) for id_ in _IDS.findall(line)]
            places = {id_: n for n, id_ in reversed(named)}
            here = sorted(self.unknown & places.keys(), key=lambda id_: (places[id_], id_))
            if here:
                names = ", ".join(here[:_SHOWN]) + (f" and {len(here) - _SHOWN} more" if len(here) > _SHOWN else "")
                what = "is not a commit" if len(here) == 1 else "are not commits"
                message = f"{names} {what} in the history of HEAD, so kept as text"
                fix = "list the commits that replaced them, if any, under commits"
                yield Finding("info", "import-commit", message, Place(document.path, places[here[0]], 1), fix)
