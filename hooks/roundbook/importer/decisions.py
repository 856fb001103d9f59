"""Decisions, read from notes and decision records."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from roundbook.adr import load
from roundbook.adr.fields import RELATED, date_of, folded, key_of
from roundbook.adr.labels import labels
from roundbook.adr.load import Entry
from roundbook.adr.log import logged
from roundbook.adr.record import Readers
from roundbook.adr.record import Told as Record
from roundbook.book.ids import free
from roundbook.errors import Finding, Place
from roundbook.importer import Brought
from roundbook.importer.identify import GENERIC, Hints, Share, known_of
from roundbook.importer.statements import Told, Where, one_line
from roundbook.importer.vocabulary import backlinks, name_of, only_paths
from roundbook.markdown import Document, Part, plain, unmarked, without_numbering
from roundbook.schema.ids import FIRST, Space, id_fault, natural_key, number_in, slug
from roundbook.schema.statuses import STATUS_SIGNS, Status, decision_status_of, status_of
from roundbook.yamlfile.reader import Items, Map, Text
from roundbook.yamlfile.writer import Data

MOST_WORDS = 4
_STANDING_CODE = re.compile(
    r"\[?(?P<id>(?!P\d\b)[A-Z]{1,6}-?\d{1,4}(?:\.\d{1,3})?[a-z]?)\]?(?:\s*(?:[:.)]|--+|–|—|\s-)\s*|\s+)(?P<title>\S.*)"
)
_SIGN = "|".join(map(re.escape, sorted(STATUS_SIGNS, key=len, reverse=True)))
# Where a status may stand in a heading; behind a colon or a sign it needs no more than that.
_FORMS = (
    re.compile(r"(?P<title>.*\S)\s+(?:--+|—|–|-|→|->|\|)\s+(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*[^\s—–-])\s*[—–]\s*(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*\S)\s*[\[(](?P<said>[^\[\]()]+)[\])]"),
    re.compile(r"(?P<title>.*\S):\s+(?P<said>\S.*)"),
    re.compile(rf"(?P<title>.*\S)\s*(?P<said>(?:{_SIGN})\ufe0f?(?:\s*\w+(?:\s\w+)?)?)"),
    re.compile(rf"(?P<said>(?:{_SIGN})\ufe0f?)\s*(?P<title>\S.*)"),
)
_SHORT = """
done complete completed finished shipped merged wip blocked deferred planned pending open closed dropped skipped cancelled
partial todo
"""
_PLAIN = frozenset({*_SHORT.split(), "in progress", "in-progress", "to do", "not started", "on hold"})


def with_status(entry: dict[str, Any], text: str) -> bool:
    """Give a decision the status that a text states, and the text where it says more; false where it has one."""
    if "status" in entry or "status-text" in entry:
        return False
    status = decision_status_of(text)
    if status:
        entry["status"] = status
    if text.casefold() != status:
        entry["status-text"] = one_line(text)
    return True


@dataclass(frozen=True, slots=True)
class Work:
    """What the heading says: `said` is the status in its words; what it does not state is empty."""

    title: str
    id: str = ""
    said: str = ""


def parted(heading: str, words: Mapping[str, Status]) -> Work:
    """Return what a heading says; a status in it is plain, or it is part of the title."""
    bare = without_numbering(heading)
    if lead := _FORMS[-1].fullmatch(heading.strip()):
        inner = parted(lead["title"], words)
        return Work(inner.title, inner.id, inner.said or lead["said"].strip())
    code = _STANDING_CODE.fullmatch(bare)
    id_ = code["id"] if code and not id_fault(code["id"]) else ""
    title = code["title"] if code and id_ else bare
    for form in _FORMS:
        match = form.fullmatch(title)
        if match and _is_status(match["said"], words):
            return Work(match["title"].rstrip(" -–—:"), id_, match["said"].strip())
    return Work(title, id_)


def _is_status(said: str, words: Mapping[str, Status]) -> bool:
    """Tell whether words say how far a piece of work is, and nothing else; `Testing` may as well be its name."""
    bare = re.sub(r"\s*[(\[].*", "", said).strip("*_` ")
    if len(bare.split()) > MOST_WORDS or not status_of(said, words):
        return False
    return (
        bare.isupper()
        or bare.casefold() in _PLAIN
        or not bare
        or not any(char.isalpha() for char in bare)
        or bool(re.match(rf"(?:{_SIGN})", bare))
    )


# `D-1: T`, `ADR-003 — T`, `A4: T`, `Decision 12: T`, `Decision: T`, `[D2] T`
_CODE = re.compile(r"\[?(?P<code>[A-Z]{1,5}-?\d{1,4}[a-z]?)\]?\s*(?:[:.]|--?|–|—)?\s+(?P<title>\S.*)")
_COUNTED = re.compile(
    r"(?:key\s+)?(?:decision|adr)\s+#?(?P<code>\d{1,4}[a-z]?)\s*(?:[:.]|--?|–|—)\s+(?P<title>\S.*)", re.IGNORECASE
)


def title_of(title: str) -> tuple[str, str] | None:
    """Return id and title that the heading of one decision states, or `None` where it is no such heading."""
    bare = without_numbering(title)
    name = name_of(title)
    if name.topic == "decision" and name.rest:
        return "", name.rest
    if match := _COUNTED.fullmatch(bare):
        return f"decision-{match['code'].lower()}", bare
    if match := _CODE.fullmatch(bare):
        return match["code"].lower(), bare
    return None


def is_decision(part: Part) -> bool:
    """Tell whether what stands below a heading such as `A4: Drop the cache` is said as a decision is."""
    return bool({"decision", "rationale", "options", "consequences"} & set(map(key_of, _labels(part))))


def is_plain_decision(part: Part) -> bool:
    """Tell whether a label below a heading says `DecisionRecord`, and another one why or what follows."""
    names = [*_labels(part)]
    why = {"rationale", "options", "consequences", "context", "tradeoff"} & set(map(key_of, names))
    return bool(why and {"decision", "decided", "we decided"} & set(map(folded, names)))


def _labels(part: Part) -> Iterator[str]:
    yield from (inner.title for inner in part.parts)
    yield from (label.key for block in part.blocks for label in labels(block))


def told(part: Part, where: Where) -> Told:
    """Return the decision that stands below a heading."""
    code, title = title_of(part.title) or ("", without_numbering(part.title) or part.title)
    return where.told("decisions", entry(code, title, part, where), part.line)


def entry(code: str, title: str, part: Part, where: Where) -> dict[str, Any]:
    """Return the entry of a decision with a title, and the blocks and headings of a part."""
    record = Record(where.document, part.line, part.end, one_line(title), _readers(where))
    record.tree["id"] = Text(code if code and not id_fault(code) else slug(title))
    record.entry(part.blocks)
    for inner in part.parts:
        record.section(inner)
    record.keep("Group", where.group, record.tree.place)
    return {key: data(value) for key, value in record.finished().items()}


def data(node: object) -> Data:
    """Return a tree as plain data."""
    if isinstance(node, Map):
        return {one_line(key): data(value) for key, value in node.items()}
    return [data(value) for value in node] if isinstance(node, Items) else str(node)


def _readers(where: Where) -> Readers:
    """Return what takes the values of which a note tells more, or less, than a record."""

    def as_list(key: str, read: Callable[[str], list[str]]) -> Callable[[Any, str], bool]:
        def take(tree: dict[str, Any], value: str) -> bool:
            found = read(value)
            if found:
                tree[key] = Items(values=map(Text, found))
            return bool(found)

        return take

    def as_text(key: str) -> Callable[[Any, str], bool]:
        return lambda tree, value: bool(value) and tree.setdefault(key, Text(value)) == value

    return {
        "id": _id,
        "title": lambda tree, value: one_line(value) == tree["title"],
        "status": lambda tree, value: bool(value) and with_status(tree, value),
        "date": _date,
        "affects": as_list("affects", only_paths),
        "commits": as_list("commits", where.shas),
        "until": as_text("until"),
        "follow-up": as_text("follow-up"),
        "prs": as_list("prs", lambda value: [value] if value else []),
    }


def _date(tree: dict[str, Any], value: str) -> bool:
    if found := date_of(value):
        tree["date"] = found
    return bool(found)


def _id(tree: dict[str, Any], value: str) -> bool:
    bare = value.strip("`* ")
    if id_fault(bare.lower()):
        return False
    tree["id"] = bare.lower()
    return bare == bare.lower()


KEY = "decisions/adopted"
TITLE = "Adopted decision records"


def decisions(documents: Sequence[Document], key: str = KEY, space: str = FIRST) -> Brought:
    """Return the decisions of all documents as those of one round; `key` is the round, `space` what their ids begin with.

    What stands in a log beside its entries goes into `sections`. Its notes name what could not be understood.
    """
    read = [(document, _entries(document, space)) for document in documents]
    found = [entry for _, entries in read for entry in entries]
    notes = [*map(_mended, load.name(found)), *(fault for entry in found for fault in entry.told.findings)]
    load.relate(found)
    phase, _, number = key.partition("/")
    sections = [section for document, entries in read for section in _beside(document, entries)]
    tree: dict[str, Data] = {
        "round": number,
        "phase": phase,
        "title": TITLE,
        "decisions": [data(load.tree_of(entry)) for entry in found],
    }
    if sections:
        tree["sections"] = sections
    return Brought(key, tree, tuple(documents), (*notes, *_nowhere(found)))


def _mended(fault: Finding) -> Finding:
    """Return as a warning that two records have one number: here the second has another id by now."""
    return replace(fault, severity="warning", fix=f"it has an id of its own here; {fault.fix}")


def _entries(document: Document, space: str) -> list[Entry]:
    """Return the records of a document: the entries of a log, or itself."""
    logs = not number_in(document.path) and logged(document)
    at = document.path if logs else posixpath.dirname(document.path)
    return load.entries(document, Space(at, space), document.path)


def _beside(document: Document, entries: Sequence[Entry]) -> Iterator[Data]:
    """Yield what a document holds that is in none of its entries, as sections."""
    if any(entry.whole for entry in entries):
        return
    used = {n for entry in entries for n in range(entry.told.line, entry.told.end + 1)}
    left = [line for n, line in enumerate(document.lines, 1) if n not in used]
    body = "\n".join(left).strip()
    if body:
        yield {"title": posixpath.basename(document.path), "body": body}


def _nowhere(found: Sequence[Entry]) -> Iterator[Finding]:
    for entry in found:
        for one in entry.reverses:
            message = f'"{one.text}", which the record names, is none of these records'
            yield Finding("warning", "reference-unknown", message, one.place, "name it in the record that replaces it")


_REFERENCES = RELATED | {"decision", "refs"}


@dataclass(frozen=True)
class Named:
    """A tree, the ids of its decisions, and those that were changed in it, from the old to the new one."""

    tree: Mapping[str, Data]
    ids: tuple[str, ...]
    renamed: Mapping[str, str]


def named(tree: Mapping[str, Data], taken: Collection[str]) -> Named:
    """Return the tree with free ids for its decisions, and with references to them that follow.

    `taken` are in lower case. A text is a reference where a key for references holds it and nothing else.
    """
    decisions = tree.get("decisions")
    listed = decisions if isinstance(decisions, list | tuple) else [decisions] if decisions else []
    used = set(taken)
    ids: list[str] = []
    for one in listed:
        ids.append(free(_naming_id(one), used))
        used.add(ids[-1].casefold())
    renamed = {_naming_id(one): new for one, new in zip(listed, ids, strict=True) if new != _naming_id(one)}
    if not renamed:
        return Named(tree, tuple(ids), {})
    made = [_with_id(one, new) if new != _naming_id(one) else one for one, new in zip(listed, ids, strict=True)]
    return Named({k: _followed(v, k, renamed) for k, v in {**tree, "decisions": made}.items()}, tuple(ids), renamed)


def referring(tree: Mapping[str, Data], known: Callable[[str], bool]) -> tuple[Mapping[str, Data], tuple[str, ...]]:
    """Return the tree without references of its decisions to decisions that nobody knows, and those references.

    What a record names may be no decision at all (`requires UDP`). The words stay in the details of the decision.
    """
    dropped: list[str] = []
    made: list[Data] = []
    listed = tree.get("decisions")
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, Mapping):
            bad = {key: _texts(value) for key, value in one.items() if key in RELATED}
            bad = {key: lost for key, texts in bad.items() if (lost := [text for text in texts if not known(text)])}
            dropped += [text for texts in bad.values() for text in texts]
            made.append(_without(one, bad) if bad else one)
        else:
            made.append(one)
    return ({**tree, "decisions": made}, tuple(dropped)) if dropped else (tree, ())


def no_decision(text: str, path: str) -> Finding:
    """Return the note that a record refers to what is no decision."""
    message = f'"{text}" is no decision of this book, and stayed a text'
    return Finding("info", "import-reference", message, Place(path), "name the decision in the round, if there is one")


def _without(decision: Mapping[str, Data], lost: Mapping[str, list[str]]) -> Data:
    kept = {key: [text for text in _texts(decision[key]) if text not in lost[key]] for key in lost}
    made = {key: kept.get(key, value) for key, value in decision.items() if kept.get(key, value)}
    details = made.get("details")
    said = dict(details) if isinstance(details, Mapping) else {}
    words = " ".join(text for value in (*made.values(), *said.values()) for text in _texts(value))
    for key, texts in lost.items():
        if unsaid := [text for text in texts if text not in words]:
            said[key.capitalize().replace("-", " ")] = ", ".join(unsaid)
    return {**made, "details": said} if said else made


def _texts(value: Data) -> list[str]:
    return (
        [str(value)]
        if isinstance(value, str)
        else [str(one) for one in value]
        if isinstance(value, list | tuple)
        else []
    )


def _with_id(decision: Data, new: str) -> Data:
    whole = decision if isinstance(decision, Mapping) else {"title": decision}
    return {"id": new, **{key: value for key, value in whole.items() if key != "id"}}


def _naming_id(decision: Data) -> str:
    if isinstance(decision, Mapping):
        return str(decision.get("id") or slug(str(decision.get("title", ""))))
    return slug(str(decision))


def _followed(value: Data, key: str, renamed: Mapping[str, str]) -> Data:
    if isinstance(value, str | bool):
        return renamed.get(str(value), value) if key in _REFERENCES else value
    if isinstance(value, Mapping):
        return {inner: _followed(one, inner, renamed) for inner, one in value.items()}
    return [_followed(one, key, renamed) for one in value]


_SHOWN = 4
_LAST = re.compile(
    r"\b(?:kick\s?off|readiness|plan|plans|planning|agenda|prep|preparation|backlog|brief|briefing|prompt)\b"
)
_FIRST = re.compile(
    r"\b(?:summary|completion|completed|complete|wrap\s?up|final|retrospective|recap|outcome|closing)\b"
)


@dataclass(frozen=True)
class Group:
    """The shares of one record, in the order in which they count, and what is to be told of them."""

    key: str
    shares: tuple[Share, ...]
    documents: tuple[Document, ...]
    notes: tuple[Finding, ...] = ()


def groups(found: Sequence[Share], hints: Hints) -> list[Group]:
    """Return the shares by the record that they make, in the order of the keys."""
    named = found if hints.phase else [*_in_phases([s for s in found if not s.by_file], hints), *_by_file(found, hints)]
    by_key: dict[str, list[Share]] = {}
    for share in named:
        by_key.setdefault(share.key, []).append(share)
    return [_group(key, by_key[key], hints) for key in sorted(by_key, key=natural_key)]


def rank(share: Share) -> int:
    """Return how much a note may say of the whole round: first what sums it up, last what was written before it began."""
    words = plain(re.sub(r"[_.-]+", " ", PurePosixPath(share.document.path).stem) + " " + _title(share))
    return 0 if _FIRST.search(words) else 2 if _LAST.search(words) else 1


def _group(key: str, shares: Sequence[Share], hints: Hints) -> Group:
    documents = tuple({id(share.document): share.document for share in shares}.values())
    paths = list(dict.fromkeys(document.path for document in documents))
    if len(paths) < 2:
        return Group(key, tuple(shares), documents)
    ordered = tuple(sorted(shares, key=rank))
    shown = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
    first = shares[0]
    number = " ".join(filter(None, (first.word or ("round" if first.round else "phase"), first.round or first.phase)))
    tree = {_root(share) for share in shares}
    why = "they are imported with --phase" if hints.phase else f"each names {number}"
    if not hints.phase:
        why += " in one folder tree" if len(tree) == 1 or _chain(tree) else " under the same title"
    message = f"joined {len(paths)} files into {key}: {why} ({shown})"
    fix = "if they are different records, import one of them alone with --phase and --round"
    return Group(key, ordered, documents, (Finding("info", "import-joined", message, Place(paths[0], 1, 1), fix),))


def _chain(roots: Iterable[str]) -> bool:
    top = min(roots, key=len)
    return all(_within(one, top) for one in roots)


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _title(share: Share) -> str:
    return share.heading.title if share.heading else ""


def _about(share: Share) -> str:
    """Return the words of a title that say what it is about, beyond its number and the kind of note."""
    return " ".join(_words(_title(share)))


def _words(title: str) -> list[str]:
    bare = unmarked(title)
    for backlink in reversed(backlinks(title)):
        bare = f"{bare[: backlink.start]} {bare[backlink.end :]}"
    return [one for one in plain(bare).split() if one not in GENERIC and not one.isdecimal()]


def _root(share: Share) -> str:
    """Return the folder of the work that a note belongs to: above the one that is called after its phase or round."""
    parts = PurePosixPath(share.document.path).parts[:-1]
    for at, name in enumerate(parts):
        known = known_of(re.sub(r"[_.-]+", " ", name))
        ids = {one.casefold() for one in (known.phase, known.round) if one}
        if ids & {share.phase.casefold(), share.round.casefold()} or (known.round and not known.phase):
            return "/".join(parts[:at])
    return "/".join(parts)


def _stream(share: Share, rivals: Mapping[str, Sequence[str]]) -> str:
    """Return the root of a note; a document that tells of several rounds is a folder of its own beside another such one."""
    root = _root(share)
    others = [one for one in rivals.get(root, ()) if one != share.document.path] if share.several else []
    return f"{root}/{PurePosixPath(share.document.path).stem}".lstrip("/") if others else root


def _rivals(shares: Iterable[Share]) -> dict[str, list[str]]:
    """Return by their root the documents that tell of several rounds each, where their titles have nothing in common."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for share in shares:
        if share.several:
            head = share.document.parts[0].title if share.document.parts else ""
            found.setdefault(_root(share), {})[share.document.path] = frozenset(_words(head))
    return {
        root: [one for one, words in titles.items() if all(words.isdisjoint(w) for p, w in titles.items() if p != one)]
        for root, titles in found.items()
        if len(titles) > 1
    }


def _in_phases(found: Sequence[Share], hints: Hints) -> Iterator[Share]:
    """Yield the shares of phases and rounds, with the folder in the phase where trees with nothing in common have it."""
    phases: dict[str, list[Share]] = {}
    for share in found:
        phases.setdefault(share.phase.casefold(), []).append(share)
    for shares in phases.values():
        trees = _trees(shares)
        meeting = _meeting([members for _, members in trees])
        names = iter(_streams_labels([root for (root, _), meets in zip(trees, meeting, strict=True) if meets]))
        for (root, members), meets in zip(trees, meeting, strict=True):
            label = next(names) if meets else ""
            phase = _phase(members, root, label, hints)
            yield from (replace(_called(one, phase), round=_turn(one, members)) for one in members)


def _called(share: Share, phase: str) -> Share:
    """Return a share in another phase, which is the one that is told where the key was guessed."""
    return replace(share, phase=phase, guessed=share.guessed.replace(f'"{share.phase}"', f'"{phase}"'))


def _turn(share: Share, members: Sequence[Share]) -> str:
    """Return the id of a round; one that another word has, too, bears its own: `Sprint 3` beside `Round 3`."""
    words = [one.word for one in members if one.round.casefold() == share.round.casefold() and one.word]
    apart = share.round and share.word and "round" in words and share.word != "round"
    return f"{share.word}-{share.round}" if apart else share.round


def _phase(members: Sequence[Share], root: str, label: str, hints: Hints) -> str:
    """Return the phase of a tree: the one that its notes were imported into before, or else a free one."""
    base = members[0].phase
    made = _streams_id(label, base) if label else base
    there = _there(hints.decision_index, {one.document.path for one in members}, base)
    if there:
        return there
    own = {one.key.casefold() for one in members}
    others = [path for key, paths in hints.decision_index.items() if key.casefold() in own for path in paths]
    roots = {_root(replace(members[0], document=replace(members[0].document, path=path))) for path in others}
    apart = roots and not any(_within(one, root) or _within(root, one) for one in roots)
    return _streams_id(PurePosixPath(root).name, base) if apart and not label and root else made


def _meeting(trees: Sequence[Sequence[Share]]) -> list[bool]:
    """Tell of each tree whether another one has a record of the same key."""
    keys = [{one.key.casefold() for one in members} for members in trees]
    return [any(own & other for m, other in enumerate(keys) if m != n) for n, own in enumerate(keys)]


def _there(decision_index: Mapping[str, frozenset[str]], paths: set[str], base: str) -> str:
    known = {key.partition("/")[0] for key, made_of in decision_index.items() if made_of & paths}
    fits = [
        one
        for one in sorted(known)
        if one.casefold() == base.casefold() or one.casefold().endswith(f"-{base.casefold()}")
    ]
    return fits[0] if fits else ""


def _trees(shares: Sequence[Share]) -> list[tuple[str, list[Share]]]:
    """Return the folders whose notes belong together; one above several of them belongs to none, and is apart."""
    rivals = _rivals(shares)
    by_root: dict[str, list[Share]] = {}
    for share in shares:
        by_root.setdefault(_stream(share, rivals), []).append(share)
    made: dict[str, list[Share]] = {}
    for root in sorted(by_root, key=lambda one: -one.count("/") - bool(one)):
        below = [one for one in made if _within(one, root)]
        below = below if below and _in_common(by_root[root], made[below[0]]) else []
        made[root] = [*by_root[root], *(made.pop(below[0]) if len(below) == 1 else ())]
    titles: dict[tuple[str, str, str], str] = {}
    for root in list(made):
        same = {titles.get(_named(one), "") for one in made[root] if _about(one)} - {""}
        if same:
            other = sorted(same)[0]
            made[other] += made.pop(root)
            root = other
        titles |= {_named(one): root for one in made[root] if _about(one)}
    order = {id(share): n for n, share in enumerate(shares)}
    return [(root, sorted(members, key=lambda s: order[id(s)])) for root, members in made.items()]


def _in_common(some: Sequence[Share], others: Sequence[Share]) -> bool:
    """Tell whether notes in one folder and in one below it have words of their titles in common.

    Titles that say nothing beyond a number do, and one of them is enough where both name the phase and the round.
    """
    left, right = ({word for one in side for word in _words(_title(one))} for side in (some, others))
    whole, below = ({one.key.casefold() for one in side if one.round and not one.guessed} for side in (some, others))
    return bool(left & right) or not (left or right) or bool(whole & below and not (left and right))


def _named(share: Share) -> tuple[str, str, str]:
    return share.phase.casefold(), share.round.casefold(), _about(share)


def _by_file(found: Sequence[Share], hints: Hints) -> Iterator[Share]:
    """Yield the shares that are called after their files; those of several folders with one name bear the folder's, too."""
    names: dict[str, list[Share]] = {}
    for share in found:
        if share.by_file:
            names.setdefault(share.phase.casefold(), []).append(share)
    for shares in names.values():
        paths = sorted({share.document.path for share in shares})
        folders = [str(PurePosixPath(path).parent) for path in paths]
        label = dict(zip(paths, _streams_labels(["" if one == "." else one for one in folders]), strict=True))
        for share in shares:
            path = share.document.path
            there = _there(hints.decision_index, {path}, share.phase)
            taken = (
                share.phase in hints.decision_index
                and hints.decision_index[share.phase]
                and path not in hints.decision_index[share.phase]
            )
            name = label[path] or (PurePosixPath(path).parent.name if taken else "")
            yield _called(share, there or (_streams_id(name, share.phase) if name else share.phase))


def _streams_labels(folders: Sequence[str]) -> list[str]:
    """Return for each folder the shortest end of its path that no other one has; nothing where there is only one."""
    if len(folders) < 2:
        return [""] * len(folders)
    made = []
    for folder in folders:
        parts = folder.split("/")
        ends = ["/".join(parts[-n:]) for n in range(1, len(parts) + 1)]
        others = [f"/{one}" for one in folders if one != folder]
        made.append(next((end for end in ends if not any(one.endswith(f"/{end}") for one in others)), folder))
    return made


def _streams_id(label: str, base: str) -> str:
    """Return the id of a phase that has the name of a folder before its own."""
    made = slug(label.replace("/", " "), 60 - min(len(base), 40))
    return base if not label else f"{made}-{base}"[:64].rstrip("-.")
