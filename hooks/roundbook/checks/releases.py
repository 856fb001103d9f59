"""Checks of releases: those that rounds name, version tags, and the commits behind changelog entries."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.book.facts import ChangelogEntry, CheckResult, Claim, Link, Release
from roundbook.book.model import Entry
from roundbook.book.version_order import Marked, bare, marked, of_one_line, package_folders, pattern_for, recorded
from roundbook.checks.registry import CheckContext, brief, check, some
from roundbook.errors import Place
from roundbook.frozen import frozen
from roundbook.git.history import SHORT, Commit, History, Tag

_ALL_TAKEN = Claim("every tag that looks like a version is a version")
NEAR = 1  # days between a round's date and its release, since a day begins at another hour elsewhere
AHEAD = frozenset({"planned", "in-progress", "blocked", "deferred"})  # what such a round ships may still be to come


@frozen
class _Shipped:
    """A version in a round: one that it ships, or, if `recorded`, one that was released, and when."""

    entry: Entry
    version: str
    words: str
    place: Place | None
    day: dt.date | None = None
    begins: dt.date | None = None
    recorded: bool = False

    @property
    def claim(self) -> Claim:
        """Return it as a claim of the round."""
        return Claim(self.words, self.place, self.entry.key)


def _shipped(entry: Entry) -> Iterator[_Shipped]:
    record = entry.round
    for i, version in enumerate(record.releases):
        yield _Shipped(entry, version, f"the {entry.kind} ships {version}", record.place_of("releases", i))
    for one in recorded([record]).values():
        day = one.date.last if one.date else None
        yield _Shipped(entry, one.version, f"{one.version} was released", one.place, day, recorded=True)


@check("release-without-tag", "warning", history=True)
def release_without_tag(context: CheckContext) -> Iterator[CheckResult]:
    """Each version that a round names in `releases` or records in `versions` has a tag.

    Fix: tag the version, or correct its name.
    """
    tags = _tags(context)
    for entry in context.own:
        pairs = [(one, _tagged(context, one, tags.get(bare(one.version)))) for one in _shipped(entry)]
        yield from _in_short(context, entry, pairs, "", "have no tag of their name")


def _tagged(context: CheckContext, shipped: _Shipped, tag: Tag | None) -> CheckResult:
    if tag:
        return shipped.claim.verified(f"the tag {tag.name} marks {_marked(context, tag)}", tag.commit)
    if shipped.entry.status in AHEAD and not shipped.recorded:
        return shipped.claim.unchecked(f"no tag yet, and the {shipped.entry.kind} is {shipped.entry.status}")
    return shipped.claim.contradicted("no tag has this name", "tag the version, or correct its name")


def _marked(context: CheckContext, tag: Tag) -> str:
    if tag.commit in context.book.history.every.by_id:
        return context.shared.dated(str(tag.commit))
    return "a commit outside the history of HEAD" if tag.commit else "no commit"


@check("tag-without-release", "warning", history=True)
def tag_without_release(context: CheckContext) -> Iterator[CheckResult]:
    """Each version tag is named in `releases` of a round, from the oldest version on that a round names which was not imported.

    Fix: add the version to the round that ships it.
    """
    # Of the past, which was imported or is in no round, nobody promised to name all versions.
    promised = {bare(one.version) for e in context.own if e.key not in context.imported for one in _shipped(e)}
    tagged = [release for release in context.book.releases if release.tag] if promised else []
    since = max((i for i, one in enumerate(tagged) if promised & {bare(one.tag or ""), bare(one.version)}), default=-1)
    namers: dict[str, Entry] = {}
    for entry in context.own if since >= 0 else ():
        for shipped in _shipped(entry):
            namers.setdefault(bare(shipped.version), entry)
    tags = _tags(context) if since >= 0 else {}
    for release in tagged[: since + 1]:
        namer = namers.get(bare(release.tag or "")) or namers.get(bare(release.version))
        yield _named(context, release, tags.get(bare(release.tag or "")), namer)


def _named(context: CheckContext, release: Release, tag: Tag | None, namer: Entry | None) -> CheckResult:
    claim = Claim(f"the version {release.version} is a release of a round", stated=False)
    if namer:
        return claim._replace(round=namer.key).verified(f"named by {namer.words}", release.head)
    evidence = f"the tag {release.tag} marks {_marked(context, tag) if tag else 'no commit'}, and no round names it"
    return claim.contradicted(evidence, f"add {release.tag} to releases: of the round that it ships", release.head)


@check("release-date", "warning")
def release_date(context: CheckContext) -> Iterator[CheckResult]:
    """The date of a round that ships a single release is the day of the tagged commit, give or take a day.

    If several rounds ship one release, the latest of them is compared with the tag. A version that a round records with
    its own date is compared with its tag in the same way.

    Fix: correct the date of the round, or the version.
    """
    tags = _tags(context)
    for shipped in _last_of_each(context):
        yield _of_day(context, shipped, tags)
    for entry in context.own:
        dated = [replace(one, words=f"{one.words} on {one.day}") for one in _shipped(entry) if one.recorded and one.day]
        pairs = [(one, _of_day(context, one, tags)) for one in dated]
        yield from _in_short(context, entry, pairs, " on their days", "have a different date from their tags")


def _in_short(
    context: CheckContext, entry: Entry, pairs: Sequence[tuple[_Shipped, CheckResult]], how: str, fault: str
) -> Iterator[CheckResult]:
    """Yield the results of a round; if it was imported, all contradictions of its `versions` are joined into one.

    A changelog of many years may have hundreds: nobody corrects them one by one, but none should go unnoticed.
    """
    wrong = [pair for pair in pairs if pair[0].recorded and pair[1].outcome == "contradicted"]
    if entry.key not in context.imported or len(wrong) < 2:
        yield from (result for _, result in pairs)
    else:
        yield from (result for one, result in pairs if not one.recorded or result.outcome != "contradicted")
        named = some([f"{one.version} ({one.day})" if how else one.version for one, _ in wrong])
        claim = f"{sum(one.recorded for one, _ in pairs):,} versions were released{how}"
        yield wrong[0][1]._replace(claim=claim, evidence=f"{len(wrong):,} {fault}: {named}", commit=None)


def _last_of_each(context: CheckContext) -> Iterable[_Shipped]:
    """Return, for each version, the latest round that ships only this version."""
    found: dict[str, tuple[dt.date, _Shipped]] = {}
    named = {bare(v) for e in context.own if not e.is_phase for v in e.round.releases}
    for entry in context.own:
        record = entry.round
        if entry.is_phase and named.intersection(map(bare, record.releases)):
            continue  # it ships what a round of it ships, whose day that is
        if len(record.releases) == 1 and record.date and entry.status not in AHEAD:
            version, day = record.releases[0], record.date.last
            if bare(version) not in found or found[bare(version)][0] <= day:
                words = f"the {entry.kind} ships {version} on {day}"
                begins = record.date.first if entry.is_phase else None
                found[bare(version)] = day, _Shipped(entry, version, words, record.place_of("date"), day, begins)
    return [shipped for _, shipped in found.values()]


def _of_day(context: CheckContext, shipped: _Shipped, tags: Mapping[str, Tag]) -> CheckResult:
    tag = tags.get(bare(shipped.version))
    commit = context.book.history.every.by_id.get(tag.commit or "") if tag else None
    if tag is None or commit is None or not (commit.authored.known or commit.committed.known):
        return shipped.claim.unchecked("its tag is not in the history here")
    return _on_day(context, shipped, tag, commit)


def _on_day(context: CheckContext, shipped: _Shipped, tag: Tag, commit: Commit) -> CheckResult:
    days = [moment.local.date() for moment in (commit.authored, commit.committed) if moment.known]
    if shipped.recorded and tag.moment and tag.moment.known:
        days.append(tag.moment.local.date())  # a tag may be set long after the commit that it marks
    ends = shipped.day or days[0]
    begins = shipped.begins or ends
    apart, day = min((max((begins - day).days, (day - ends).days, 0), day) for day in days)
    evidence = f"the tag {tag.name} marks {context.shared.dated(commit.id)}"
    if not apart:
        other = "" if evidence.endswith(str(day)) else f", committed or tagged on {day}"
        return shipped.claim.verified(f"{evidence}{other}", commit.id)
    if apart <= NEAR:
        return shipped.claim.unchecked(f"{evidence}, which a time zone can explain", commit=commit.id)
    fix = f"correct the date of the {shipped.entry.kind}, or the version that it names"
    return shipped.claim.contradicted(f"{evidence}, {apart} days away", fix, commit.id)


@check("version-tags", "info")
def version_tags(context: CheckContext) -> Iterator[CheckResult]:
    """Each tag that looks like a version matches the setting `changelog: version-tags`, and points to a commit.

    Tags of several families (`pkg-a/v1.0`, `pkg-b@2.0`), as in a repository with several packages, are listed in the
    note: the tags that match the pattern form one sequence of versions. Tags of the `packages` in the settings are apart.

    Fix: set `version-tags` to a pattern that matches the tags that are versions, and no others; or name the packages.
    """
    pattern = re.compile(context.settings.changelog.version_tags)
    tags = context.book.history.tags
    taken = [tag for tag in tags if pattern.fullmatch(tag.name)]
    packages = [re.compile(one.pattern(name)) for name, one in context.settings.changelog.packages.items()]
    alike = {
        tag.name: found
        for tag in tags
        if tag.commit and (found := marked(tag.name)) and not any(one.fullmatch(tag.name) for one in packages)
    }
    mixed = [alike[tag.name] for tag in taken if tag.name in alike]
    others = [found for found in alike.values() if not pattern.fullmatch(found.name)]
    pointless = [tag.name for tag in taken if not tag.commit]
    if others:
        many = f"tag{'s' if len(others) > 1 else ''}"
        none = (
            f"more {many} that `version-tags` does not match"
            if taken
            else f"{many}, and `version-tags` matches none of them"
        )
        of = f"; families of tags: {_counted(others)}" if any(tag.family for tag in others) else ""
        evidence = f"{len(others):,} {none}: {some([tag.name for tag in others])}{of}"
        proposal = _packages(others, context.book.history) or _proposal(others, mixed)
        yield _ALL_TAKEN.contradicted(evidence, proposal)
    if len({tag.family for tag in mixed}) > 1:
        evidence = f"versions are taken from several families of tags: {_counted(mixed)}"
        yield _ALL_TAKEN.contradicted(evidence, _packages(mixed, context.book.history) or _proposal(mixed, ()))
    if pointless:
        evidence = f"on a file or a folder instead of a commit: {some(pointless)}"
        yield _ALL_TAKEN.contradicted(evidence, "tag a commit instead")


def _counted(tags: Iterable[Marked]) -> str:
    families = Counter(tag.family or "(no name)" for tag in tags)
    return some([f"{name} ({count:,})" for name, count in families.most_common()])


def _packages(tags: Sequence[Marked], history: History) -> str:
    """Suggest a setting that gives each of several families of tags its own changelog; empty where there is one family."""
    names = [name for name, _ in Counter(tag.family for tag in tags if tag.family).most_common()]
    if len(names) < 2:
        return ""
    folders = package_folders(names, history.tree)
    rows = [f"{_flow(name)}: {_flow(f'/{folders[name]}') if name in folders else '{}'}" for name in names]
    more = ", …" if len(rows) > SHOWN else ""
    return f"for a changelog of each set changelog: {{packages: {{{', '.join(rows[:SHOWN])}{more}}}}}"


def _flow(text: str) -> str:
    """Return a text for a flow of YAML."""
    return text if re.fullmatch(r"[A-Za-z/][\w./-]*", text, re.ASCII) else json.dumps(text)


def _proposal(tags: Sequence[Marked], taken: Sequence[Marked]) -> str:
    """Suggest a setting that matches these tags, or those of the largest family, as well as those already `taken`."""
    line = of_one_line(tags)
    if taken:
        line = [tag for tag in tags if not tag.family]
        if not line:
            return "if that is intended, set checks: {version-tags: off}"
    pattern = pattern_for([*line, *taken])
    if not pattern:
        return "set changelog: {version-tags: …} to a pattern that matches the version tags"
    alone = not taken and len(line) < len(tags)
    for_what = f"for the versions of {line[0].family or 'no family'} alone" if alone else "if they are versions"
    return f"{for_what} set changelog: {{version-tags: '{pattern}'}}"


@check("version-tagged-twice", "warning")
def version_tagged_twice(context: CheckContext) -> Iterator[CheckResult]:
    """Each version has a single tag, or all its tags (`v1.0` and `1.0`) point to the same commit.

    Fix: delete the wrong tag.
    """
    pattern = re.compile(context.settings.changelog.version_tags)
    found: dict[str, list[Tag]] = {}
    for tag in context.book.history.every.tags:
        if tag.commit and (match := pattern.fullmatch(tag.name)):
            found.setdefault(bare(match.groupdict().get("version") or tag.name), []).append(tag)
    for version, tags in found.items():
        if len({tag.commit for tag in tags}) > 1:
            tagged = some([f"{tag.name} marks {_marked(context, tag)}" for tag in tags])
            yield Claim(f"{version} is one version").contradicted(tagged, "delete the tag that is wrong")


def _tags(context: CheckContext) -> dict[str, Tag]:
    """Return the tags by name, and version tags also by version."""
    pattern = re.compile(context.settings.changelog.version_tags)
    found: dict[str, Tag] = {}
    for tag in context.book.history.every.tags:
        match = pattern.fullmatch(tag.name)
        version = match.groupdict().get("version") if match else None
        for name in (tag.name, version or tag.name):
            found.setdefault(bare(name), tag)
    return found


NEWEST = 3  # commits that are named
SHOWN = 8  # packages that a proposal names


@check("change-without-commit", "info", history=True)
def change_without_commit(context: CheckContext) -> Iterator[CheckResult]:
    """Each changelog entry has a commit that does more than update records.

    A commit belongs to an entry through `commits:` or `prs:` of the entry, through its own trailer `Change:
    <round>#<id>`, or because it came with the pull request that added the entry. Reverted commits do not count.

    Fix: add the trailer to the commit message, or list the commit under `commits:` of the entry.
    """
    for entries in (entries for key, entries in context.book.changes_of.items() if key):
        work = [(one, [link for link in one.links if context.shared.works(link.commit)]) for one in entries]
        yield from (_backed(one, links) for one, links in work if links)
        yield from _bare([one for one, links in work if not links], context)


def _backed(entered: ChangelogEntry, work: Sequence[Link]) -> CheckResult:
    shown = ", ".join(f"{link.commit[:SHORT]} ({link.reason})" for link in work[:NEWEST])
    more = f" and {len(work) - NEWEST} more" if len(work) > NEWEST else ""
    return _claim(entered).verified(f"{shown}{more}", work[0].commit)


def _bare(entries: Sequence[ChangelogEntry], context: CheckContext) -> Iterator[CheckResult]:
    """Yield the entries without work; the first of each round counts the others and has the fix, so it is one finding."""
    for i, one in enumerate(entries):
        if any(link.commit in context.shared.taken_back for link in one.links):
            continue  # `evidence-reverted` reports it
        only = "the named commits only change records" if one.links else ""
        only = only or "no commit, trailer or pull request names it"
        recorded = f"; it was recorded in {one.recorded[:SHORT]}" if one.recorded else ""
        others = f"{len(entries) - 1} other {'entry' if len(entries) == 2 else 'entries'} of this round"
        more = f", like {others}" if not i and len(entries) > 1 else ""
        first = not i and one.round not in context.imported
        fix = f"end a commit's message with `Change: {one.round}#{one.change.id or one.anchor}`, or list it under commits:"
        yield _claim(one).unchecked(f"{only}{more}{recorded}", fix if first else "")


def _claim(entered: ChangelogEntry) -> Claim:
    words = f'the change "{brief(entered.change.label)}" was made'
    return Claim(words, entered.change.place, entered.round, entered.anchor)
