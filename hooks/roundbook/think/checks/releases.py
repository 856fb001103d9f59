"""In: a docket. Out: verdicts on the releases that rounds name, held against the version tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roundbook.model.book import Entry, Release
from roundbook.model.history import Commit, Tag
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.paths import dated

NEAR = 1  # days between a round's date and its release, since a day begins at another hour elsewhere
AHEAD = frozenset({"planned", "in-progress", "blocked", "deferred"})  # what such a round ships may still be to come


@check("release-without-tag", "warning", history=True)
def release_without_tag(docket: Docket) -> Iterator[Verdict]:
    """Each version that a round names in `releases` has a tag.

    Mend: tag the version, or correct its name.
    """
    tags = _tags(docket)
    for entry in docket.own:
        for i, version in enumerate(entry.round.releases):
            yield _tagged(docket, entry, i, tags.get(_bare(version)))


def _tagged(docket: Docket, entry: Entry, index: int, tag: Tag | None) -> Verdict:
    slug = "release-without-tag"
    if tag:
        evidence = f"the tag {tag.name} marks {_marked(docket, tag)}"
        return _verdict(slug, "held", entry, index, evidence, tag.commit)
    if entry.status in AHEAD:
        return _verdict(slug, "not-checked", entry, index, f"no tag yet, and the round is {entry.status}", None)
    mend = "tag the version, or correct its name"
    return _verdict(slug, "contradicted", entry, index, "no tag has this name", None, mend)


def _marked(docket: Docket, tag: Tag) -> str:
    if tag.commit in docket.book.history.by_id:
        return dated(docket.book.history, str(tag.commit))
    return "a commit outside the history of HEAD" if tag.commit else "no commit"


@check("tag-without-release", "warning", history=True)
def tag_without_release(docket: Docket) -> Iterator[Verdict]:
    """Each version tag is named in `releases` of a round, once any round names one.

    Mend: add the version to the round that it ships.
    """
    namers = _namers(docket)
    for release in docket.book.releases if namers else ():
        if release.tag:
            yield _named(docket, release, namers)


def _named(docket: Docket, release: Release, namers: Mapping[str, tuple[str, str]]) -> Verdict:
    claim = f"the version {release.version} is a release of a round"
    namer = namers.get(_bare(str(release.tag))) or namers.get(_bare(release.version))
    if namer:
        key, words = namer
        return Verdict("tag-without-release", "held", claim, f"named by {words}", round=key, commit=release.head)
    at = dated(docket.book.history, str(release.head))
    evidence = f"the tag {release.tag} marks {at}, and no round names it"
    mend = f"add {release.tag} to releases: of the round that it ships"
    return Verdict("tag-without-release", "contradicted", claim, evidence, commit=release.head, mend=mend)


def _namers(docket: Docket) -> dict[str, tuple[str, str]]:
    """Return who names each version: the key of a round, or of none, and the words for it."""
    found: dict[str, tuple[str, str]] = {}
    for entry in docket.own:
        for version in entry.round.releases:
            found.setdefault(_bare(version), (entry.key, f"round {entry.key}"))
    for phase in docket.book.phases.values() if found else ():
        if phase.repository in (None, docket.book.here):
            found.update({_bare(v): ("", f"phase {phase.phase}") for v in phase.releases if _bare(v) not in found})
    return found


@check("release-date", "warning")
def release_date(docket: Docket) -> Iterator[Verdict]:
    """The date of a round that names one release is the day of the tagged commit, give or take a day.

    Where several rounds were shipped together, the last of them is the one that is held against the tag.

    Mend: correct the date of the round, or the version.
    """
    tags = _tags(docket)
    for version, entry in _last_of_each(docket).items():
        tag = tags.get(version)
        commit = docket.book.commit(tag.commit) if tag and tag.commit else None
        if tag is None or commit is None or not (commit.authored.known or commit.committed.known):
            evidence = "its tag is not in the history here"
            yield _verdict("release-date", "not-checked", entry, 0, evidence, None)
        else:
            yield _on_day(docket, entry, tag, commit)


def _last_of_each(docket: Docket) -> dict[str, Entry]:
    """Return, for each version, the round with the latest date of those that name it alone."""
    found: dict[str, Entry] = {}
    for entry in docket.own:
        if len(entry.round.releases) == 1 and entry.round.date and entry.status not in AHEAD:
            version = _bare(entry.round.releases[0])
            other = found.get(version)
            if other is None or other.round.date is None or other.round.date.last <= entry.round.date.last:
                found[version] = entry
    return found


def _on_day(docket: Docket, entry: Entry, tag: Tag, commit: Commit) -> Verdict:
    days = [moment.local.date() for moment in (commit.authored, commit.committed) if moment.known]
    ends = entry.round.date.last if entry.round.date else days[0]
    apart = min(abs((day - ends).days) for day in days)
    evidence = f"the tag {tag.name} marks {dated(docket.book.history, commit.id)}"
    if apart <= NEAR:
        return _verdict("release-date", "held", entry, 0, evidence, commit.id)
    mend = "correct the date of the round, or the version that it names"
    return _verdict("release-date", "contradicted", entry, 0, f"{evidence}, {apart} days away", commit.id, mend)


def _verdict(
    slug: str, outcome: Outcome, entry: Entry, index: int, evidence: str, commit: str | None, mend: str = ""
) -> Verdict:
    record = entry.round
    claim = f"the round ships {record.releases[index]}"
    place = record.place_of("releases", index)
    if slug == "release-date":
        claim, place = f"{claim} on {record.date.last if record.date else ''}", record.place_of("date")
    return Verdict(slug, outcome, claim, evidence, place, entry.key, "", commit, mend)


def _tags(docket: Docket) -> dict[str, Tag]:
    """Return the tags by name, and the version tags by version as well."""
    pattern = re.compile(docket.settings.changelog.version_tags)
    found: dict[str, Tag] = {}
    for tag in docket.book.history.tags:
        match = pattern.fullmatch(tag.name)
        version = match.groupdict().get("version") if match else None
        for name in (tag.name, version or tag.name):
            found.setdefault(_bare(name), tag)
    return found


def _bare(version: str) -> str:
    """Return a version without the `v` that some write before it."""
    return re.sub(r"^v(?=\d)", "", version.strip())
