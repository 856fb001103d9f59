"""In: a release. Out: the parts of its notes as Markdown for a forge: entries with their evidence, raw commits, people.

Source: https://keepachangelog.com/en/2.0.0/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from roundbook.book.facts import Contributor, Entered, Release, Ruling, contributors
from roundbook.book.model import Book
from roundbook.git.forge import HEAD
from roundbook.schema.ids import called
from roundbook.show import addresses
from roundbook.show.encode import cut
from roundbook.show.here import Here
from roundbook.show.markdown import code, link, parted_at_addresses, prose, text
from roundbook.show.marks import others
from roundbook.show.outline import block
from roundbook.show.publication import named
from roundbook.show.views.changelog import anchor_of, candidates_of, days, grouped, is_breaking, is_cut, recorded_url

EVIDENCE = 3  # commits named beside an entry
MOST = 200  # commits or people listed: what a forge takes, and what anybody reads
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}[.)])\s")
_TARGET = re.compile(r"\]\((https?://[^()\s]+)\)")
SHORTEST = 7  # characters of the id of a commit
_ISSUE = re.compile(r"#?(\d{1,9})")


@dataclass(frozen=True)
class Notes:
    """The parts of notes, made from a book; `site` is the address at which its pages are published, or empty.

    Without `found`, an entry names only the commits that its own file names. What else stands behind it is known only once
    the commit that writes the notes into a file is made, so the file could never be up to date.
    """

    book: Book
    site: str = ""
    found: bool = True

    def page(self, uri: str, anchor: str = "") -> str | None:
        """Return the whole address of a page of the site."""
        return f"{self.site.rstrip('/')}/{Here('index.md').to(uri, anchor)}" if self.site else None

    def page_of(self, release: Release) -> str | None:
        """Return the address of a release on the site."""
        if release.released:
            return self.page(addresses.release(release.version))
        return self.page(addresses.CHANGELOG, anchor_of(release))

    def compare(self, release: Release) -> str | None:
        """Return the address of what a release changed: as a round records it, else on the forge; of the first one its tag."""
        forge = self.book.forge
        if url := recorded_url(release):
            return url
        if forge is None or (release.released and not release.tag):
            return None
        if release.previous_tag:
            return forge.compare(release.previous_tag, release.tag or HEAD)
        return forge.tag(release.tag) if release.tag else None

    def facts(self, release: Release) -> list[str]:
        """Return what is to be known of a release before its entries: its two days, its candidates, what is not here."""
        lines = [f"{days(release)}."] if release.redated else []
        if parts := candidates_of(self.book, release):
            count = sum(len(one.commits) for one in parts)
            names = listed([text(one.version) for one in parts])
            lines.append(f"Includes {count:,} commit{'' if count == 1 else 's'} of {names}.")
        if is_cut(self.book, release):
            lines.append("The history here is incomplete, so there may be more in this version.")
        return [" ".join(lines)] if lines else []

    def with_candidates(self, release: Release) -> Release:
        """Return a final release with all that its candidates brought."""
        parts = (release, *reversed(candidates_of(self.book, release)))
        if len(parts) == 1:
            return release
        taken_back = {reverted for one in parts for _, reverted in one.reverted}
        groups: dict[str, tuple[str, ...]] = {}
        for name, commits in (group for one in parts for group in one.loose):
            groups[name] = (*groups.get(name, ()), *(c for c in commits if c not in taken_back))
        return replace(
            release,
            previous_tag=_before(parts),
            entries=tuple(entry for one in parts for entry in one.entries),
            loose=tuple(groups.items()),
            reverted=tuple(pair for one in parts for pair in one.reverted),
            folded=tuple(commit for one in parts for commit in one.folded),
            commits=tuple(commit for one in parts for commit in one.commits),
        )

    # ----------------------------------------------------------------- entries

    def entry(self, entered: Entered) -> str:
        """Return an entry as an item of a list; a security entry leads with its CVE, then what breaks says so."""
        change = entered.change
        number = change.cve.strip() if change.cve else ""
        lead = f"{number if _CVE.fullmatch(number) else text(number)}: " if number and number not in change.text else ""
        breaks = "**Breaking:** " if change.breaking else ""
        evidence = ", ".join(self._evidence(entered))
        group = f"**{text(change.group)}:** " if change.group else ""
        more = (
            "".join(f"\n{'  ' if line else ''}{line}" for line in block(change.rest).split("\n")) if change.rest else ""
        )
        first = f"- {lead}{breaks}{group}{prose(change.line)}{f' ({evidence})' if evidence else ''}"
        gap = "\n" if more and not _ITEM.match(change.rest) else ""
        return f"{first}{gap}{more}"

    def _evidence(self, entered: Entered) -> Iterable[str]:
        forge = self.book.forge
        said = _addresses(entered.change.text)
        for number in entered.pull_requests:
            if forge and forge.pull(number) in said:
                continue  # the text leads there
            yield link(code(f"#{number}"), forge.pull(number) if forge else None)
        yield from map(code, others(entered.change.prs, entered.pull_requests))
        for issue in entered.change.issues:
            match = _ISSUE.fullmatch(issue.strip())
            if forge and match and forge.issue(int(match[1])) in said:
                continue
            yield link(code(issue), forge.issue(int(match[1])) if forge and match else None)
        taken = [link.commit for link in entered.links if self.found or link.rule == "named"]
        commits = [one for one in taken if not (forge and _leads_to(forge.commit(one), said))]
        yield from map(self.commit, commits[:EVIDENCE])
        if len(commits) > EVIDENCE:
            yield f"and {len(commits) - EVIDENCE} more"
        if self.found and entered.recorded and not taken:
            yield f"recorded in {self.commit(entered.recorded)}"
        if self.site and entered.round:
            page = self.page(addresses.round_page(entered.round), entered.anchor)
            yield link(text(called(entered.round)), page)

    def entries(self, entered: Sequence[Entered], level: int = 3) -> list[str]:
        """Return entries below a heading for each category, in the order of Keep a Changelog."""
        return [
            f"{'#' * level} {category.capitalize()}\n\n" + "\n".join(map(self.entry, found))
            for category, found in grouped(entered)
        ]

    def commit(self, commit_id: str) -> str:
        """Return a commit as its short id, linked to the forge where that is known."""
        forge = self.book.forge
        return link(code(commit_id[:7]), forge.commit(commit_id) if forge else None)

    # ------------------------------------------------------------- raw material

    def unclaimed(self, release: Release) -> list[str]:
        """Return, folded, the commits that no entry claims; nothing where there are none."""
        lines = [self._commit(commit) for _, commits in release.shown for commit in commits]
        count, reverts = len(lines), len(release.reverted)
        lines += [f"{self._commit(reverted)}, taken back by {self.commit(by)}" for by, reverted in release.reverted]
        if not lines:
            return []
        more = [f"- and {len(lines) - MOST} more"] if len(lines) > MOST else []
        claims = (
            f"{count:,} commit{'' if count == 1 else 's'} that no entry claims" if count else "",
            f"{reverts:,} revert{'' if reverts == 1 else 's'}, each with what it takes back" if reverts else "",
        )
        claim = "; ".join(filter(None, claims))
        cut_off = "" if self.book.history.complete else "; the history here is incomplete, there may be more"
        listed = "\n".join([*lines[:MOST], *more])
        return [f"<details>\n<summary>{claim}{cut_off}</summary>\n\n{listed}\n\n</details>"]

    def _commit(self, commit_id: str) -> str:
        commit = self.book.commit(commit_id)
        subject = text(cut(commit.subject)) if commit else ""
        breaks = "**Breaking:** " if is_breaking(self.book, commit_id) else ""
        return f"- {breaks}{subject or '*(no message)*'} ({self.commit(commit_id)})"

    # ------------------------------------------------- what only a release tells

    def decisions(self, release: Release) -> list[str]:
        """Return the decisions that were taken in a release."""
        lines = [self._decision(ruling) for ruling in self.taken_in(release)]
        return ["### Decisions\n\n" + "\n".join(lines)] if lines else []

    def taken_in(self, release: Release) -> list[Ruling]:
        """Return the decisions of a release, as they stand in the book."""
        here = (release, *candidates_of(self.book, release))
        return [r for r in self.book.rulings.values() if any(_same(self._home(r), one) for one in here)]

    def _home(self, ruling: Ruling) -> Release | None:
        """Return the release that a decision belongs to.

        Its own commits tell, then the versions that its round names, then the round's commits; what nothing tells is not
        released. One that is adopted belongs where the commit does that added its record.
        """
        entry = self.book.entry(ruling.round)
        if ruling.adopted:
            life = self.book.lives.of("decision", ruling.id)
            return self._first(ruling.commits or [step.commit for step in (life.steps[:1] if life else ())])
        if entry is None or not entry.verified:
            return None
        named = [r for r in self.book.releases if {r.version, r.tag}.intersection(entry.round.releases)]
        newest = [r for r in self.book.releases if not r.released]
        links = [one.commit for one in entry.links[:1]]
        return self._first(ruling.commits) or next(
            iter([*named[-1:], *filter(None, [self._first(links)]), *newest]), None
        )

    def _first(self, commits: Iterable[str]) -> Release | None:
        """Return the first release that has any of the commits; releases stand newest first."""
        found = [at for commit in commits if (at := self._place.get(commit)) is not None]
        return self.book.releases[max(found)] if found else None

    @cached_property
    def _place(self) -> dict[str, int]:
        return {commit: i for i, release in enumerate(self.book.releases) for commit in release.commits}

    def _decision(self, ruling: Ruling) -> str:
        shown = link(prose(ruling.decision.title), self.page(addresses.decision(ruling.id)))
        return f"- {shown}{f' ({ruling.shown_words})' if ruling.status != 'accepted' else ''}"

    def contributors(self, release: Release) -> list[str]:
        """Return who wrote the commits of a release, by name alone: nobody is called."""
        people = self.people(release)
        lines = [
            f"- {text(named(one.person.name))} ({_counted(one.commits, one.co_authored)})" for one in people[:MOST]
        ]
        more = [f"- and {len(people) - MOST} more"] if len(people) > MOST else []
        return ["### Contributors\n\n" + "\n".join([*lines, *more])] if lines else []

    def people(self, release: Release) -> tuple[Contributor, ...]:
        """Return the contributors of a release, those with most commits first; merges are nobody's work.

        Names are all that is shown, so one name stands once, unless the mailmap tells several people of that name apart.
        """
        own = (c for c in map(self.book.commit, release.commits) if c and len(c.parents) < 2)
        mailmap = self.book.history.mailmap
        found: dict[tuple[str, str], Contributor] = {}
        for one in contributors(own, mailmap):
            name = " ".join(one.person.name.split()).casefold()
            key = (name, one.person.email.lower() if mailmap.tells_apart(one.person) else "")
            other = found.get(key)
            found[key] = one if other is None else _joined(other, one)
        return tuple(sorted(found.values(), key=lambda one: (-one.commits, -one.co_authored, one.person)))


def _same(one: Release | None, other: Release) -> bool:
    # By what they span: what is not released yet may already go by the name that it will have.
    return one is not None and (one.previous_tag, one.head, one.told) == (other.previous_tag, other.head, other.told)


def _counted(wrote: int, helped: int) -> str:
    parts = (
        f"{wrote:,} commit{'' if wrote == 1 else 's'}" if wrote else "",
        f"{helped:,} as co-author" if helped else "",
    )
    return ", ".join(filter(None, parts))


def _addresses(said: str) -> frozenset[str]:
    """Return the addresses that stand in a text, bare or behind the words of a link."""
    return frozenset([*(piece for piece, leads in parted_at_addresses(said) if leads), *_TARGET.findall(said)])


def _leads_to(url: str | None, said: frozenset[str]) -> bool:
    """Tell whether one of some addresses is that of a commit, with its id or the beginning of it."""
    home, _, whole = (url or "").rpartition("/")
    found = (one.rpartition("/") for one in said)
    return any(base == home and len(name) >= SHORTEST and whole.startswith(name) for base, _, name in found)


def _joined(one: Contributor, other: Contributor) -> Contributor:
    return replace(one, commits=one.commits + other.commits, co_authored=one.co_authored + other.co_authored)


def _before(parts: Sequence[Release]) -> str | None:
    """Return the tag before the first of a final release's candidates; `parts` stand newest first."""
    tags = {one.tag for one in parts}
    return next((one.previous_tag for one in parts if one.previous_tag not in tags), None)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, the first few of many."""
    few = [*names[:EVIDENCE], f"{len(names) - EVIDENCE} more"] if len(names) > EVIDENCE + 1 else names
    return f"{', '.join(few[:-1])} and {few[-1]}" if len(few) > 1 else "".join(few)
