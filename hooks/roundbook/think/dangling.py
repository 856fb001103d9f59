"""In: rounds, decisions, settings and commits. Out: findings for every reference that leads nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from roundbook.errors import Finding
from roundbook.model.history import Commit, History
from roundbook.model.homes import Homes
from roundbook.model.names import id_fault, is_phase
from roundbook.model.records import RoundOrPhase
from roundbook.settings import Settings
from roundbook.think.changes import Named
from roundbook.think.references import ambiguous, decision_of, unknown

_MISSING = {
    "Round": "write the round's file",
    "Decision": "record the decision in its round",
    "Change": "give an entry of `changes:` this id",
}


def repositories(rounds: Iterable[RoundOrPhase], settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each round whose repository the settings do not name."""
    for record in rounds:
        name = record.repository
        if name is not None and name not in settings.repositories:
            message = f'the repository "{name}" is not in the settings'
            mend = f"add {name} below repositories: in the settings"
            yield Finding("error", "repository-unknown", message, record.place_of("repository"), mend)


def references(rounds: Iterable[RoundOrPhase], decisions: Homes) -> Iterator[Finding]:
    """Yield a finding for each change that names a decision, and each entry put off to a round, that cannot be."""
    for record in rounds:
        for change in record.changes:
            if change.decision and decision_of(change.decision, decisions) is None:
                several = decisions.several(change.decision)
                place = change.place_of("decision")
                fault = unknown(change.decision, tuple(decisions), "decision", place)
                yield ambiguous(change.decision, several, decisions, place) if several else fault
        for put_off in record.deferred:
            # A round to come need not have a file yet, but what is named must have the form of a round.
            if put_off.to and (
                put_off.to.count("/") > 1 or any(id_fault(p) for p in put_off.to.removesuffix("/").split("/"))
            ):
                yield unknown(put_off.to, (), "round", put_off.place_of("to"))


def trailers(
    history: History, rounds: Iterable[str], decisions: Homes | None, former: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield a finding for each round or decision that trailers name and the book does not have, or has several times.

    `former` holds the keys that rounds had before.
    """
    keys = set(rounds)
    numbers = Counter(key.partition("/")[2] for key in keys if not is_phase(key))
    found: dict[tuple[str, str], list[str]] = {}
    for commit in history.commits:
        lowered = commit.message.lower()
        if "round:" not in lowered and "decision:" not in lowered:
            continue
        for word in _words(commit, "Round"):
            if word not in keys and word not in former and numbers[word] != 1:
                found.setdefault(("Round", word), []).append(commit.short)
        for word in _words(commit, "Decision") if "decision" in lowered else ():
            if decisions is not None and decision_of(word, decisions) is None and not decisions.several(word):
                found.setdefault(("Decision", word), []).append(commit.short)
    for (key, word), commits in found.items():
        yield _unknown_trailer(key, word, commits, several=key == "Round" and numbers[word] > 1)


def changes(named: Named, history: History) -> Iterator[Finding]:
    """Yield a finding for each value of a trailer `Change:` that means no entry of the changelog, or several."""
    for value, commits in named.unknown.items():
        fault = _unknown_trailer("Change", value, [history.by_id[c].short for c in commits], several=False)
        yield replace(fault, severity="info")  # a pushed commit cannot be mended, and the entry may be gone by now
    for value, commits in named.ambiguous.items():
        newest = history.by_id[commits[0]].short
        message = f'the trailer "Change: {value[:60]}" of commit {newest} may mean entries of several rounds'
        fix = "write it as <phase>/<round>#<id>, or name the commit in `commits:` of the entry"
        yield Finding("info", "trailer-ambiguous", message, None, fix)


def _words(commit: Commit, key: str) -> list[str]:
    return [word for value in commit.values(key) for word in value.replace(",", " ").split()]


def _unknown_trailer(key: str, word: str, commits: list[str], *, several: bool) -> Finding:
    shown = word if len(word) <= 60 else word[:59] + "…"
    named = f"commit {commits[0]}" if len(commits) == 1 else f"{len(commits)} commits (the newest is {commits[0]})"
    trailer = f'the trailer "{key}: {shown}" of {named}'
    if several:
        mend = f'"Round: <phase>/{shown}" would be clear; name the commits in the round\'s file'
        return Finding("warning", "trailer-ambiguous", f"{trailer} may be a round of several phases", None, mend)
    message = f"{trailer} names nothing of the book"
    mend = _MISSING[key]
    return Finding("warning", "trailer-unknown", message, None, mend)
