"""In: one thing that a branch brings. Out: a line about it as an item of an inert Markdown list, with where it can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from roundbook.errors import Finding
from roundbook.model.book import Thread
from roundbook.model.forge import Forge
from roundbook.model.proposal import Collision, DecisionTouched, Proposal, RoundTouched
from roundbook.model.release import Entered
from roundbook.show import addresses
from roundbook.show.encode import clean, cut
from roundbook.show.here import Here
from roundbook.show.markdown import code, link, text
from roundbook.show.prose import plain

NAMED = 3  # commits or files that are named
_TITLE, _SENTENCE, _URL = 120, 300, 600
_RULES = {"named": "by name", "path": "by path", "pull-request": "by pull request", "carried": "carried forward"}


Seen = Literal["new", "changed", "same"]  # how the published site has a thing, as against the branch


@dataclass(frozen=True, slots=True)
class Pointers:
    """Where things can be read: the published `site`, a `preview` of the branch, the `forge`; each may be unknown.

    `folders` tells how the site names its pages.
    """

    site: str = ""
    preview: str = ""
    folders: bool = True
    forge: Forge | None = None

    def places(self, uri: str, anchor: str = "") -> dict[str, str | None]:
        """Return the address of a page of the site, and of the preview."""
        path = Here("index.md", "directory" if self.folders else "file").from_top(uri, anchor)
        both = (("page", self.site), ("preview", self.preview))
        return {name: f"{top.rstrip('/')}/{path}" if top else None for name, top in both}

    def source(self, made: Proposal, path: str, line: int = 0) -> str | None:
        """Return the address of a file of the project as the branch has it, where that is committed."""
        known = self.forge and made.head and path and path not in made.dirty
        return self.forge.file(made.head, made.prefix + path, line) if known and self.forge and made.head else None

    def commit(self, commit_id: str) -> str:
        """Return a commit as its short id, linked to the forge where that is known."""
        return link(code(commit_id[:7]), self.forge.commit(commit_id) if self.forge else None)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines about the parts of one proposal."""

    made: Proposal
    at: Pointers

    def round(self, one: RoundTouched) -> str:
        """Return the line of a round: what became of it, and which commits of the branch are its own."""
        seen: Seen = "changed" if one.state in ("changed", "same") else "same" if one.state == "gone" else "new"
        source = self.at.source(self.made, one.path)
        shown = self._titled(one.title, addresses.round_page(one.key), "", source, seen)
        said = [*_became(one), *_turned(one.before if one.was else None, one.status)]
        if one.links:
            rules = Counter(_RULES.get(link.rule, f"by {link.rule}") for link in one.links)
            counts = ", ".join(f"{n:,} {rule}" if len(rules) > 1 else rule for rule, n in rules.items())
            said.append(f"{counted(len(one.links), 'commit')} ({text(counts)})")
        if not one.kept:
            said.append(f"links to the old address end: write {code(f'was: [{one.was}]')} into its file")
        if one.uncommitted:
            said.append("not committed yet")
        return f"- {shown} ({text(one.key)}): {', '.join(said) or 'as it was'}"

    def stray(self) -> Iterator[str]:
        """Yield the line about commits of no round."""
        if self.made.stray:
            count = len(self.made.stray)
            verb = "belongs" if count == 1 else "belong"
            yield f"- {counted(count, 'commit')} {verb} to no round: {self._commits(self.made.stray)}"

    def decision(self, one: DecisionTouched) -> str:
        """Return the line of a decision: recorded, changed, cited by commits, governing files."""
        seen: Seen = "new" if one.state == "new" else "changed" if one.state == "changed" else "same"
        source = self.at.source(self.made, one.path, one.line)
        shown = self._titled(one.title, addresses.decision(one.id), "", source, seen)
        said: list[str] = [one.state] if one.state != "same" else []
        said += _turned(one.before, one.status)
        if one.superseded_by:
            said.append(f"replaced by {text(', '.join(one.superseded_by[:NAMED]))}")
        if one.commits:
            said.append(f"cited by {self._commits(one.commits)}")
        if one.files:
            said.append(f"governs {_some([code(cut(path, _TITLE)) for path in one.files[:NAMED]], len(one.files))}")
        return f"- {shown} ({text(cut(f'{one.round}#{one.id}' if one.round else one.id, _TITLE))}): {', '.join(said)}"

    def collision(self, one: Collision) -> str:
        """Return the line of an id that another branch uses."""
        mend = f"; {text(cut(clean(one.mend), _SENTENCE))}" if one.mend else ""
        return f"- **The id {code(one.id)} collides:** {text(cut(clean(one.said), _SENTENCE))}{mend}"

    def change(self, one: Entered) -> str:
        """Return the line of an entry for the changelog."""
        breaks = "**Breaking:** " if one.change.breaking else ""
        words = text(cut(plain(one.change.text), _SENTENCE))
        return f"- {one.change.type.capitalize()}: {breaks}{words} ({text(one.origin)})"

    def loose(self) -> Iterator[str]:
        """Yield the line about commits that read like a change and are in no entry."""
        found = self.made.loose
        if not found:
            return
        some = [f"{text(cut(clean(one.subject), 80)) or '(no message)'} {self.at.commit(one.commit)}" for one in found]
        verb = "reads like one" if len(found) == 1 else "read like one"
        lead = "Declares no change, though" if not self.made.changes else "In no entry, though"
        tail = verb if not self.made.changes else verb.replace("one", "a change")
        yield f"- {lead} {counted(len(found), 'commit')} {tail}: {_some(some[:NAMED], len(found))}"

    def closed(self, one: Thread) -> str:
        """Return the line of a thread that is closed."""
        shown = self._titled(one.title, addresses.round_page(one.round), one.anchor, None, "changed")
        why = f", {text(cut(clean(one.closed_reason), _TITLE))}" if one.closed_reason else ""
        by = f" by {text(one.closed_by)}" if one.closed_by and one.closed_by != one.round else ""
        return f"- {one.kind}: {shown} of {text(one.round or one.anchor)}, closed{by}{why}"

    def added(self, one: Finding) -> str:
        """Return the line of a finding that the base has not."""
        weight = {"error": "**error**", "warning": "**warning**", "info": "note"}[one.severity]
        where = ""
        if one.place:
            where = (
                f" {_linked(code(_short(str(one.place))), self.at.source(self.made, one.place.path, one.place.line))}"
            )
        mend = f"; {text(cut(clean(one.mend), _SENTENCE))}" if one.mend else ""
        return f"- {weight} {code(one.slug)}{where}: {text(cut(clean(one.message), _SENTENCE))}{mend}"

    def mended(self, one: Finding) -> str:
        """Return the line of a finding that only the base has."""
        return f"- mended {code(one.slug)}: {text(cut(clean(one.message), _SENTENCE))}"

    def _titled(self, title: str, uri: str, anchor: str, source: str | None, seen: Seen) -> str:
        """Return a title that leads to where it can be read today, and to the preview where that says something else."""
        words = text(cut(plain(title), _TITLE)) or "(no title)"
        places = self.at.places(uri, anchor)
        page, preview = places["page"], places["preview"]
        if seen == "new":
            return _linked(words, preview or source or page)
        beside = f" ({_linked('preview', preview)})" if page and preview and seen == "changed" else ""
        return f"{_linked(words, page or preview)}{beside}"

    def _commits(self, commits: tuple[str, ...]) -> str:
        return _some([self.at.commit(c) for c in commits[:NAMED]], len(commits))


def counted(count: int, word: str) -> str:
    """Return a number with its word, `1 change`, `2 changes`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _some(shown: list[str], count: int) -> str:
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return ", ".join(shown) + more


def _linked(words: str, url: str | None) -> str:
    return link(words, url) if url and len(url) <= _URL else words


def _short(place: str) -> str:
    return place if len(place) <= _TITLE else f"…{place[-_TITLE + 1 :]}"


def _became(one: RoundTouched) -> Iterator[str]:
    if one.state == "unreadable":
        yield "its file cannot be read"
    elif one.state == "moved":
        yield f"moved from {text(one.was or '')}" if one.was != one.key else "its file moved"
    elif one.state != "same":
        yield one.state


def _turned(before: str | None, after: str | None) -> Iterator[str]:
    shown = [s.replace("-", " ") if s else None for s in (before, after)]
    if before and after and before != after:
        yield f"{shown[0]} → {shown[1]}"
    elif after and not before:
        yield str(shown[1])
