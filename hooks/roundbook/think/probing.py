"""In: a book. Out: the probes of its metrics: at which commits each is to count, and what it is to look for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.model.book import Book, Entry
from roundbook.schema.decision import Metric, Probe
from roundbook.think.ancestry import Landing, carrier, landings
from roundbook.think.recording import only_records, round_files

LONGEST = 1_000  # characters of a text that is searched for
_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Probed:
    """A metric with a probe; `commits` are those in whose trees its value may have been counted, the first of them best."""

    entry: Entry
    name: str
    metric: Metric
    probe: Probe
    commits: tuple[str, ...]


def probes(book: Book) -> Iterator[Probed]:
    """Yield the metrics that have a probe, of the rounds of this repository.

    The value of a round belongs to the tree of the newest commit that did its work. Where several worked beside each
    other, nobody saw all of it before the last of them was merged, so the commit that brought it counts too. A round of
    which only its own file is known was counted when that was written.
    """
    found = [
        (e, n, m, m.probe) for e in book.entries.values() if e.verified for n, m in e.round.metrics.items() if m.probe
    ]
    landed = landings(book.history) if found else {}
    files = round_files(book)
    at: dict[str, tuple[str, ...]] = {}
    for entry, name, metric, probe in found:
        if entry.key not in at:
            at[entry.key] = _commits(entry, book, landed, files)
        yield Probed(entry, name, metric, probe, at[entry.key])


def _commits(entry: Entry, book: Book, landed: Mapping[str, Landing], files: frozenset[str]) -> tuple[str, ...]:
    links = [link.commit for link in entry.links]
    if entry.round.closed:
        frozen = set(entry.round.closed.commits)
        links = [commit for commit in links if commit in frozen] or links
    work = [commit for commit in links if not only_records(book, commit, files)] or links[-1:] or [*entry.recorded[-1:]]
    brought = sorted({carrier(commit, landed) for commit in work}, key=book.history.order.__getitem__)
    return tuple(dict.fromkeys((*work[:1], *brought[:1])))


def sought(text: str) -> tuple[str, str]:
    """Return a text as git can search for it, and why it cannot where that is so, else the empty text."""
    line = text.strip("\r\n")
    if "\n" in line:
        return line, "a text of several lines is not searched for"
    if not line.strip() or len(line) > LONGEST:
        return line, "it is empty" if not line.strip() else f"it is longer than {LONGEST:,} characters"
    if re.search("[\\0\\ud800-\\udfff]", line):
        return line, "it holds a character that git cannot be asked for"
    return line, ""


def folders(globs: Sequence[str], prefix: str) -> tuple[str, ...]:
    """Return the folders and files in which all that globs mean lies; nothing where that is the whole repository."""
    found = sorted({_stem(glob, prefix) for glob in (globs or ("",))})
    return () if "" in found else tuple(found)


def _stem(glob: str, prefix: str) -> str:
    plain = glob.removeprefix("./").strip("/")
    wild = _WILDCARD.search(plain)
    return (prefix + (plain[: wild.start()].rpartition("/")[0] if wild else plain)).strip("/")
