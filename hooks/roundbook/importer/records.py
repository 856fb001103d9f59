"""The records that notes become: what each note says of its round or phase, joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

from roundbook.adr.fields import date_of
from roundbook.errors import Finding, Place
from roundbook.importer import ImportResult, key_values
from roundbook.importer.carried import earlier_in
from roundbook.importer.groups import Group, groups
from roundbook.importer.identify import Excerpt, Hints, excerpts
from roundbook.importer.notes import is_template
from roundbook.importer.opening import title
from roundbook.importer.proof import prove
from roundbook.importer.sections import top, topic_of
from roundbook.importer.statements import Fact, NoteContext, gather, numbered_in
from roundbook.importer.titles import about, called, is_kind, rank, subtitle, title_of
from roundbook.importer.values import labelled, one_line
from roundbook.importer.vocabulary import key_names, name_of
from roundbook.markdown import Document, Pair, Pairs, Paragraph, Part, bold_of, pair_of, plain
from roundbook.yamlfile.writer import Data

_RULE = re.compile(r" {0,3}(?:-{3,}|\*{3,}|_{3,})\s*")
_HASHES = re.compile(r"\A#{1,6}\s+")
_WRITTEN = frozenset({"created", "generated", "report generated", "written"})
_FEW = 2  # records that may have the same name
_FOOT = 8  # lines that the foot of a note has at most


def summaries(documents: Sequence[Document], hints: Hints | None = None) -> tuple[ImportResult, ...]:
    """Return what documents say of rounds and phases, in the order of their keys; those of one round are joined.

    `hints` come from the command line and win over the documents. No document makes this raise.
    """
    given = hints or Hints()
    numbered = {id(one): numbered_in(one) for one in documents}  # once a document, however many rounds it has
    made: list[ImportResult] = []
    reported: set[Finding] = set()
    read = (one for one in documents if not is_template(one))
    found = groups([excerpt for document in read for excerpt in excerpts(document, given)], given)
    common = _common(found)
    for group in found:
        one = _result(group, given, numbered, common)
        made.append(replace(one, notes=tuple(note for note in one.notes if note not in reported)))
        reported.update(one.notes)
    return tuple(_with_all(made, found))


def _with_all(made: Sequence[ImportResult], found: Sequence[Group]) -> Iterator[ImportResult]:
    """Yield the records with a note for each line of which the proof misses a word, so that nothing is ever lost."""
    places: dict[int, list[tuple[int, int]]] = {}  # by document: from which line on it tells of which record
    for n, group in enumerate(found):
        for excerpt in group.excerpts:
            start = excerpt.heading.line if excerpt.heading and not excerpt.front else 0
            places.setdefault(id(excerpt.document), []).append((start, n))
    lost: dict[int, dict[tuple[int, str], str]] = {}  # by record and line, since two lines may say the same
    for document in {id(one): one for group in found for one in group.documents}.values():
        own = sorted(places[id(document)])
        for miss in prove(document, [made[n].tree for n in {n for _, n in own}]).missing:
            line = _HASHES.sub("", document.lines[miss.line - 1]).strip() if miss.line <= len(document.lines) else ""
            text = line if all(word in line for word in miss.words) else miss.text
            lost.setdefault([n for start, n in own if start <= miss.line][-1], {})[miss.line, text] = text
    for n, one in enumerate(made):
        notes = one.tree.get("notes", ())
        kept = [*(notes if isinstance(notes, list | tuple) else ()), *lost.get(n, {}).values()]
        yield replace(one, tree={**one.tree, "notes": kept}) if n in lost else one


def _common(found: Sequence[Group]) -> frozenset[str]:
    """Return the names that titles of several records have, such as that of the project; no record is called so."""
    names = {(group.key, _name(title_of(one))) for group in found for one in group.excerpts}
    counts = Counter(name for _, name in names if name)
    return frozenset(name for name, count in counts.items() if count > _FEW)


def _name(title: str) -> str:
    return plain(subtitle(title))


def _result(group: Group, hints: Hints, numbered: Mapping[int, frozenset[int]], common: frozenset[str]) -> ImportResult:
    found = group.excerpts
    places = [NoteContext(one.document, one.phase, one.round, hints, numbered[id(one.document)]) for one in found]
    others = (earlier_in(excerpt.parts, context) for excerpt, context in zip(found, places, strict=True))
    earlier = next(filter(None, others), "")
    best = min(map(rank, found))
    facts: list[Fact] = []
    for excerpt, context in zip(found, places, strict=True):
        said = list(_facts_of(excerpt, replace(context, earlier=earlier)))
        facts += _before_the_work(said) if rank(excerpt) == 2 and best == 0 else said
    tree, findings = gather(_titled(facts, found, common))
    first = found[0]
    identity: dict[str, Data] = {"round": first.round} if first.round else {}
    identity["phase"] = first.phase
    tree = {**identity, **tree}
    if "date" not in tree and (day := _day_of_files(found) or _day_of_notes(tree.get("notes", ()))):
        tree["date"] = day
    if first.round and not (tree.get("title") or tree.get("focus")):
        tree["title"] = f"Phase {first.phase} Round {first.round}"
    guesses = dict.fromkeys((excerpt.guessed, excerpt.document.path) for excerpt in found if excerpt.guessed)
    notes = [
        Finding("info", "import-key", text, Place(path, 1, 1), "name it with --phase and --round")
        for text, path in guesses
    ]
    return ImportResult(group.key, _with_tests(tree), group.documents, (*group.notes, *notes, *findings))


def _titled(facts: Sequence[Fact], found: Sequence[Excerpt], common: frozenset[str]) -> list[Fact]:
    """Return what notes say of a round or phase, with its name as the title where the first one says only the kind of note.

    The name is what a labelled line says, or else the title of another note behind the kind: `Sprint 13 Plan: Soup`; first of
    all one that sums up, last one that is neither about the whole nor a plan. It is none of the `common` names.
    """
    titles = [one for one in facts if one.key == "title"]
    if not titles or not is_kind(str(titles[0].value)):
        return [*facts]
    partial = {one.document.path for one in found if rank(one) == 1}
    heads = sorted((one for one in titles if not one.label), key=lambda one: one.path in partial)
    stated = (called(one, "round" if one.round else "phase") for one in found)
    names = (*(str(one.value) for one in titles if one.label), *stated, *(subtitle(str(one.value)) for one in heads))
    name = next((name for name in names if about(name) and plain(name) not in common), "")
    kept = [one for one in facts if one.key != "title" or not is_kind(str(one.value))]
    return [replace(titles[0], value=name), *kept] if name else [*facts]


def _day_of_files(found: Sequence[Excerpt]) -> str:
    """Return the day that the name of the one file of a record begins with."""
    paths = {one.document.path for one in found if not one.several}
    return date_of(PurePosixPath(paths.pop()).name[:10]) if len(paths) == 1 else ""


def _day_of_notes(notes: Data) -> str:
    """Return the day of a line about the note that is kept as written, such as `*Completed: 2026-01-29*`."""
    listed = notes if isinstance(notes, list | tuple) else ()
    lines = (labelled(str(one).strip("*_ ")) for one in listed)
    days = (
        date_of(said[1].strip("*_ "))
        for said in lines
        if said and (key_names().get(plain(said[0])) == "date" or plain(said[0]) in _WRITTEN)
    )
    return next(filter(None, days), "")


def _before_the_work(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield what a note says that was written before a round began; its status is a note, since what sums up tells it."""
    words = {one.line for one in facts if one.key == "status-text"}
    for one in facts:
        if one.key not in ("status", "status-text"):
            yield one
        elif one.key == "status-text" or one.line not in words:
            yield Fact("notes", f"**Status**: {one.value}", one.path, one.line)


def _facts_of(excerpt: Excerpt, context: NoteContext) -> Iterable[Fact]:
    if excerpt.front:
        yield from key_values.front(excerpt.document, context)
    yield from top(Part("", 0, 1, 1, excerpt.before), context)
    if excerpt.heading:
        yield from title(excerpt.heading, context)
    topic = topic_of(excerpt.heading.title if excerpt.heading else "", excerpt.document.path)
    parts, foot = _footed(excerpt.parts, excerpt.document)
    if len(parts) == 1 and _is_subtitle(parts[0]):
        yield context.fact("notes", one_line(parts[0].title), parts[0].line)
        parts = parts[0].parts
    yield from top(Part("", 0, 1, 1, excerpt.blocks, parts), context, topic)
    for line, text in foot:
        said = pair_of(text) or labelled(bold_of(text))
        yield from key_values.read_fields([Pair(*said, line)], context) if said else [context.fact("notes", text, line)]


def _is_subtitle(part: Part) -> bool:
    """Tell whether the only heading below a title goes on with it, so that those below are the parts of the note."""
    return len(part.parts) > 2 and not part.blocks and not name_of(part.title).topic


def _footed(parts: tuple[Part, ...], document: Document) -> tuple[tuple[Part, ...], list[tuple[int, str]]]:
    """Return the parts without what stands below the last rule of a note, if that is a few lines about the note, and these."""
    if not parts:
        return parts, []
    last = parts[-1]
    if last.parts:
        inner, foot = _footed(last.parts, document)
        return (*parts[:-1], replace(last, parts=inner, end=inner[-1].end)) if foot else parts, foot
    gaps = enumerate(pairwise(last.blocks), 1)
    cut = max((i for i, (a, b) in gaps if any(map(_RULE.fullmatch, document.lines[a.end : b.line - 1]))), default=0)
    below = last.blocks[cut:] if cut else ()
    lines = [(n, document.lines[n - 1].strip(" \\")) for b in below for n in range(b.line, b.end + 1)]
    about = all(isinstance(block, Pairs | Paragraph) for block in below) and len(lines) <= _FOOT
    if not about or not any(pair_of(text) or labelled(text.strip("*_")) for _, text in lines):
        return parts, []
    return (*parts[:-1], replace(last, blocks=last.blocks[:cut], end=last.blocks[cut - 1].end)), lines


def _with_tests(tree: dict[str, Data]) -> dict[str, Data]:
    """Take the test count after this round from its own row among the earlier rounds, where nothing else states it."""
    metrics, history = tree.get("metrics"), tree.get("history")
    tests = metrics.get("tests") if isinstance(metrics, Mapping) else None
    if not isinstance(tests, dict) or {"after", "value"} & set(tests) or not isinstance(history, list):
        return tree
    own = [row for row in history if isinstance(row, dict) and row.get("round") == tree.get("round")]
    if len(own) == 1 and own[0].get("tests-after"):
        tests["after"] = own[0]["tests-after"]
    return tree
