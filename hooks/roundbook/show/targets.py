"""In: a thing of the book. Out: `Target`, the place of the site where it is shown, with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roundbook.book.facts import Release
from roundbook.book.model import Book
from roundbook.schema.ids import is_phase
from roundbook.show import addresses
from roundbook.show.encode import clean, cut
from roundbook.show.prose import plain

Kind = Literal["round", "phase", "decision", "entry", "version", "pull request", "commit"]
TITLE = 120


@dataclass(frozen=True, slots=True)
class Target:
    """A place of the site: `name` is how it is written shortest, `title` and `about` are plain words, not encoded.

    `id` is the whole id of a commit.
    """

    kind: Kind
    name: str
    title: str
    uri: str
    anchor: str = ""
    about: str = ""
    id: str = ""

    @property
    def shown(self) -> str:
        """Return the words of a link to it: the id of a commit, the number of a pull request, else the title."""
        return self.name if self.kind in ("commit", "pull request") else self.title

    @property
    def tip(self) -> str:
        """Return what is worth knowing besides, for the title of a link."""
        return self.about if self.shown == self.title else ": ".join(filter(None, (self.about, self.title)))


def a_round(book: Book, key: str) -> Target:
    """Return a round, or the phase `3/`, of the book as a target."""
    if is_phase(key):
        return a_phase(book, key[:-1])
    entry = book.entries.get(key)
    if entry is None:
        return Target("round", key, f"Round {key}", addresses.round_page(key), about="cannot be read")
    status = (entry.status or "status not said").replace("-", " ")
    about = f"{status}. {words(entry.round.focus)}".rstrip()
    return Target("round", key, words(entry.round.name), addresses.round_page(key), about=about)


def a_decision(book: Book, name: str) -> Target:
    """Return a decision of the book as a target."""
    ruling = book.rulings[name]
    about = f"Decision, {ruling.shown_words}, of {ruling.origin_words}"
    return Target("decision", name, words(ruling.decision.title), addresses.decision(name), about=about)


def a_commit(book: Book, commit_id: str) -> Target:
    """Return a commit of the history as a target: its place in the ledger, which every commit has."""
    commit = book.history.by_id[commit_id]
    uri = addresses.leaf(book.leaf_of[commit_id])
    rounds = ", ".join(link.round for link in book.links.get(commit_id, ()))
    about = f"commit {commit.short}" + (f" of round {rounds}" if rounds else "")
    subject = cut(clean(commit.subject), TITLE) or "(no message)"
    return Target("commit", commit.short, subject, uri, addresses.commit_anchor(commit_id), about, commit_id)


def a_phase(book: Book, key: str) -> Target:
    """Return a phase of the book as a target."""
    phase = book.phases.get(key)
    return Target("phase", f"{key}/", words(phase.name) if phase else f"Phase {key}", addresses.phase_page(key))


def a_version(release: Release) -> Target:
    """Return a version as a target."""
    about = f"released {release.date}" if release.date else ""
    return Target(
        "version", clean(release.version), clean(release.version), addresses.release(release.version), "", about
    )


def words(text: str | None) -> str:
    """Return the words of a title, cut where they are too many."""
    return cut(plain(text or ""), TITLE)
