"""In: commits and decisions. Out: which commits cite a decision, as far as that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roundbook.model.former import Former
from roundbook.model.history import Commit, History
from roundbook.model.homes import Homes
from roundbook.think.references import decision_of

# In running text only what cannot be a word is an id: `adr-0044`, and `3/4#wasm-target` with its round.
_ADR = re.compile(r"adr-(\d{1,6})")
_WRITTEN = re.compile(r"(?<![\w/#.-])(?:adr[- ]?(?P<number>\d{1,6})|[\w.-]+/[\w.-]+#[\w.-]*\w)(?![\w-])", re.IGNORECASE)


def citations(history: History, homes: Homes, former: Former) -> dict[str, tuple[str, ...]]:
    """Return, by decision, the commits whose messages cite it, newest first.

    They cite it by a trailer `Decision:`, or name it anywhere in a form that nothing else has: `adr-0044`, in any case and
    also as `ADR 44`, or `3/4#wasm-target`. An id that is made of words is no citation in running text.
    A citation of an old id (`was:`) counts for the decision as it is called today.
    """
    rounds = former.cited(homes)
    found: dict[str, list[str]] = {}
    numbered = {int(match[1]): name for name in rounds if (match := _ADR.fullmatch(name.casefold()))}
    for commit in history.commits:
        for name in dict.fromkeys((*_in_trailers(commit, rounds), *_in_words(commit, rounds, numbered))):
            found.setdefault(former.decisions.get(name, name), []).append(commit.id)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in found.items()}


def _in_trailers(commit: Commit, rounds: Homes) -> Iterator[str]:
    if "decision:" in commit.message.lower():
        for value in commit.values("Decision"):
            for word in value.replace(",", " ").split():
                if name := decision_of(word, rounds):
                    yield name


def _in_words(commit: Commit, rounds: Homes, numbered: Mapping[int, str]) -> Iterator[str]:
    if not (rounds and "#" in commit.message) and not (numbered and "adr" in commit.message.lower()):
        return
    for match in _WRITTEN.finditer(commit.message):
        name = numbered.get(int(match["number"])) if match["number"] else decision_of(match[0], rounds)
        if name:
            yield name
