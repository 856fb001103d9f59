"""In: a docket. Out: verdicts on the releases that rounds name, held against the version tags."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.history import Commit, Tag
from roundbook.model.release import Release
from roundbook.model.verdict import Outcome, Verdict
from roundbook.model.version import Marked, bare, marked, of_one_line, pattern_for
from roundbook.think.checks.check import Docket, check
from roundbook.think.paths import dated
from roundbook.think.recorded import recorded

_SOME = 5
_ALL_TAKEN = "each tag that looks like a version is one"
NEAR = 1  # days between a round's date and its release, since a day begins at another hour elsewhere
AHEAD = frozenset({"planned", "in-progress", "blocked", "deferred"})  # what such a round ships may still be to come


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a round says of a version: that it ships it, or, where it is `recorded`, that it was released, and when."""

    entry: Entry
    version: str
    words: str
    place: Place | None
    day: dt.date | None = None
    begins: dt.date | None = None
    recorded: bool = False


def _claims(entry: Entry) -> Iterator[_Claim]:
    record = entry.round
    for i, version in enumerate(record.releases):
        yield _Claim(entry, version, f"the {entry.kind} ships {version}", record.place_of("releases", i))
    for one in recorded([record]).values():
        day = one.date.last if one.date else None
        yield _Claim(entry, one.version, f"{one.version} was released", one.place, day, recorded=True)


@check("release-without-tag", "warning", history=True)
def release_without_tag(docket: Docket) -> Iterator[Verdict]:
    """Each version that a round names in `releases`, or records in `versions`, has a tag.

    Mend: tag the version, or correct its name.
    """
    tags = _tags(docket)
    for entry in docket.own:
        claims = list(_claims(entry))
        verdicts = [_tagged(docket, claim, tags.get(bare(claim.version))) for claim in claims]
        yield from _in_short(docket, entry, claims, verdicts, "have no tag of their name")


def _tagged(docket: Docket, claim: _Claim, tag: Tag | None) -> Verdict:
    slug = "release-without-tag"
    if tag:
        evidence = f"the tag {tag.name} marks {_marked(docket, tag)}"
        return _verdict(slug, "verified", claim, evidence, tag.commit)
    if claim.entry.status in AHEAD and not claim.recorded:
        return _verdict(
            slug, "not-checked", claim, f"no tag yet, and the {claim.entry.kind} is {claim.entry.status}", None
        )
    mend = "tag the version, or correct its name"
    return _verdict(slug, "contradicted", claim, "no tag has this name", None, mend)


def _marked(docket: Docket, tag: Tag) -> str:
    if tag.commit in docket.book.history.by_id:
        return dated(docket.book.history, str(tag.commit))
    return "a commit outside the history of HEAD" if tag.commit else "no commit"


@check("tag-without-release", "warning", history=True)
def tag_without_release(docket: Docket) -> Iterator[Verdict]:
    """Each version tag is named in `releases` of a round, once any round that was not imported names one.

    Mend: add the version to the round that it ships.
    """
    namers = _namers(docket)
    for release in docket.book.releases if _promised(docket) else ():
        if release.tag:
            yield _named(docket, release, namers)


def _named(docket: Docket, release: Release, namers: Mapping[str, tuple[str, str]]) -> Verdict:
    claim = f"the version {release.version} is a release of a round"
    namer = namers.get(bare(str(release.tag))) or namers.get(bare(release.version))
    if namer:
        key, words = namer
        return Verdict(
            "tag-without-release", "verified", claim, f"named by {words}", round=key, commit=release.head, stated=False
        )
    at = dated(docket.book.history, str(release.head))
    evidence = f"the tag {release.tag} marks {at}, and no round names it"
    mend = f"add {release.tag} to releases: of the round that it ships"
    return Verdict("tag-without-release", "contradicted", claim, evidence, commit=release.head, mend=mend, stated=False)


def _promised(docket: Docket) -> bool:
    """Tell whether people name versions in rounds; of the past, which was imported, nobody promised all of them."""
    written = (entry for entry in docket.own if entry.key not in docket.imported)
    return any(True for entry in written for _ in _claims(entry))


def _namers(docket: Docket) -> dict[str, tuple[str, str]]:
    """Return who names each version: the key of the round or phase, and the words for it."""
    found: dict[str, tuple[str, str]] = {}
    for entry in docket.own:
        for claim in _claims(entry):
            found.setdefault(bare(claim.version), (entry.key, entry.words))
    return found


@check("release-date", "warning")
def release_date(docket: Docket) -> Iterator[Verdict]:
    """The date of a round that names one release is the day of the tagged commit, give or take a day.

    Where several rounds were shipped together, the last of them is the one that is held against the tag. A version that
    a round records with a date of its own is held against its tag likewise.

    Mend: correct the date of the {claim.entry.kind}, or the version.
    """
    tags = _tags(docket)
    for claim in _last_of_each(docket):
        yield _of_day(docket, claim, tags)
    for entry in docket.own:
        claims = list(_dated(entry))
        verdicts = [_of_day(docket, claim, tags) for claim in claims]
        yield from _in_short(docket, entry, claims, verdicts, "have another day than their tags")


def _of_day(docket: Docket, claim: _Claim, tags: Mapping[str, Tag]) -> Verdict:
    tag = tags.get(bare(claim.version))
    commit = docket.book.commit(tag.commit) if tag and tag.commit else None
    if tag is None or commit is None or not (commit.authored.known or commit.committed.known):
        return _verdict("release-date", "not-checked", claim, "its tag is not in the history here", None)
    return _on_day(docket, claim, tag, commit)


def _in_short(
    docket: Docket, entry: Entry, claims: Sequence[_Claim], verdicts: Sequence[Verdict], words: str
) -> Iterator[Verdict]:
    """Yield the verdicts on a round; of one that was imported, all that contradicts its records of versions in one.

    A changelog of many years may have hundreds: nobody corrects them one by one, and yet none may pass in silence.
    """
    pairs = [(c, v) for c, v in zip(claims, verdicts, strict=True) if c.recorded and v.outcome == "contradicted"]
    if entry.key not in docket.imported or len(pairs) < 2:
        yield from verdicts
        return
    wrong = {id(verdict) for _, verdict in pairs}
    yield from (verdict for verdict in verdicts if id(verdict) not in wrong)
    first = pairs[0][1]
    named = [f"{c.version} ({c.day})" if first.check == "release-date" else c.version for c, _ in pairs]
    recorded_all = sum(claim.recorded for claim in claims)
    claim = f"{recorded_all:,} versions were released{' on their days' if first.check == 'release-date' else ''}"
    yield first._replace(claim=claim, evidence=f"{len(pairs):,} {words}: {some(named)}", commit=None)


def _last_of_each(docket: Docket) -> Iterable[_Claim]:
    """Return, for each version, the round with the latest date of those that name it alone."""
    found: dict[str, _Claim] = {}
    named = {bare(v) for e in docket.own if not e.is_phase for v in e.round.releases}
    for entry in docket.own:
        record = entry.round
        if entry.is_phase and named.intersection(map(bare, record.releases)):
            continue  # it ships what a round of it ships, whose day that is
        if len(record.releases) == 1 and record.date and entry.status not in AHEAD:
            version, day = record.releases[0], record.date.last
            other = found.get(bare(version))
            if other is None or other.day is None or other.day <= day:
                found[bare(version)] = _Claim(
                    entry,
                    version,
                    f"the {entry.kind} ships {version} on {day}",
                    record.place_of("date"),
                    day,
                    record.date.first if entry.is_phase else None,
                )
    return found.values()


def _dated(entry: Entry) -> Iterator[_Claim]:
    for one in _claims(entry):
        if one.recorded and one.day:
            yield replace(one, words=f"{one.words} on {one.day}")


def _on_day(docket: Docket, claim: _Claim, tag: Tag, commit: Commit) -> Verdict:
    days = [moment.local.date() for moment in (commit.authored, commit.committed) if moment.known]
    if claim.recorded and tag.moment and tag.moment.known:
        days.append(tag.moment.local.date())  # a tag may be set long after the commit that it marks
    ends = claim.day or days[0]
    begins = claim.begins or ends
    apart, day = min((max((begins - day).days, (day - ends).days, 0), day) for day in days)
    evidence = f"the tag {tag.name} marks {dated(docket.book.history, commit.id)}"
    if not apart:
        other = "" if evidence.endswith(str(day)) else f", committed or tagged on {day}"
        return _verdict("release-date", "verified", claim, f"{evidence}{other}", commit.id)
    if apart <= NEAR:
        return _verdict("release-date", "not-checked", claim, f"{evidence}, as near as a time zone makes it", commit.id)
    mend = f"correct the date of the {claim.entry.kind}, or the version that it names"
    return _verdict("release-date", "contradicted", claim, f"{evidence}, {apart} days away", commit.id, mend)


@check("version-tags", "info")
def version_tags(docket: Docket) -> Iterator[Verdict]:
    """Each tag that looks like a version is one by the setting `changelog: version-tags`, and marks a commit.

    Where the tags are of several families (`pkg-a/v1.0`, `pkg-b@2.0`), as in a repository of several packages, the note
    names them: one line of versions is made of those that the pattern takes.

    Mend: set `version-tags` to a pattern that takes the tags that are versions, and no others.
    """
    pattern = re.compile(docket.settings.changelog.version_tags)
    tags = docket.book.history.tags
    taken = [tag for tag in tags if pattern.fullmatch(tag.name)]
    alike = {tag.name: found for tag in tags if tag.commit and (found := marked(tag.name))}
    mixed = [alike[tag.name] for tag in taken if tag.name in alike]
    others = [found for found in alike.values() if not pattern.fullmatch(found.name)]
    pointless = [tag.name for tag in taken if not tag.commit]
    if others:
        many = f"tag{'s' if len(others) > 1 else ''}"
        none = f"more {many}, no version by `version-tags`" if taken else f"{many}, none is a version by `version-tags`"
        of = f"; families of tags: {_counted(others)}" if any(tag.family for tag in others) else ""
        evidence = f"{len(others):,} {none}: {some([tag.name for tag in others])}{of}"
        yield Verdict("version-tags", "contradicted", _ALL_TAKEN, evidence, mend=_proposal(others, mixed))
    if len({tag.family for tag in mixed}) > 1:
        evidence = f"one line of versions is made of several families of tags: {_counted(mixed)}"
        yield Verdict("version-tags", "contradicted", _ALL_TAKEN, evidence, mend=_proposal(mixed, ()))
    if pointless:
        evidence = f"on a file or a folder instead of a commit: {some(pointless)}"
        yield Verdict("version-tags", "contradicted", _ALL_TAKEN, evidence, mend="tag a commit instead")


def _counted(tags: Iterable[Marked]) -> str:
    families = Counter(tag.family or "(no name)" for tag in tags)
    return some([f"{name} ({count:,})" for name, count in families.most_common()])


def _proposal(tags: Sequence[Marked], taken: Sequence[Marked]) -> str:
    """Return the setting that takes these tags, or those of the largest family, beside those that are `taken` already."""
    line = of_one_line(tags)
    if taken:
        line = [tag for tag in tags if not tag.family]
        if not line:
            return "where that is meant, set checks: {version-tags: off}"
    pattern = pattern_for([*line, *taken])
    if not pattern:
        return "set changelog: {version-tags: …} to a pattern that takes the tags that are versions"
    alone = not taken and len(line) < len(tags)
    for_what = f"for the versions of {line[0].family or 'no family'} alone" if alone else "where they are versions"
    return f"{for_what} set changelog: {{version-tags: '{pattern}'}}"


@check("version-tagged-twice", "warning")
def version_tagged_twice(docket: Docket) -> Iterator[Verdict]:
    """Each version has one tag, or all its tags (`v1.0` and `1.0`) mark one commit.

    Mend: delete the tag that is wrong.
    """
    pattern = re.compile(docket.settings.changelog.version_tags)
    found: dict[str, list[Tag]] = {}
    for tag in docket.book.history.tags:
        if tag.commit and (match := pattern.fullmatch(tag.name)):
            found.setdefault(bare(match.groupdict().get("version") or tag.name), []).append(tag)
    for version, tags in found.items():
        if len({tag.commit for tag in tags}) > 1:
            told = some([f"{tag.name} marks {_marked(docket, tag)}" for tag in tags])
            mend = "delete the tag that is wrong"
            yield Verdict("version-tagged-twice", "contradicted", f"{version} is one version", told, mend=mend)


def some(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
    return ", ".join(names[:_SOME]) + more


def _verdict(slug: str, outcome: Outcome, claim: _Claim, evidence: str, commit: str | None, mend: str = "") -> Verdict:
    return Verdict(slug, outcome, claim.words, evidence, claim.place, claim.entry.key, "", commit, mend)


def _tags(docket: Docket) -> dict[str, Tag]:
    """Return the tags by name, and the version tags by version as well."""
    pattern = re.compile(docket.settings.changelog.version_tags)
    found: dict[str, Tag] = {}
    for tag in docket.book.history.tags:
        match = pattern.fullmatch(tag.name)
        version = match.groupdict().get("version") if match else None
        for name in (tag.name, version or tag.name):
            found.setdefault(bare(name), tag)
    return found
