"""In: the shares of all documents. Out: those that make one record, each group with its key and the reason.

Two notes are one record only on evidence: both name the same phase or round, and lie in one folder tree, or have one title.
What bears the same name in folders that have nothing in common gets the folder into its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from roundbook.bring.identity import Hints, Share
from roundbook.bring.known import GENERIC, known_of
from roundbook.bring.vocabulary import mentions, plain, unmarked
from roundbook.errors import Finding, Place
from roundbook.markdown import Document
from roundbook.schema.ids import natural_key, slug

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
    mend = "if they are different records, import one of them alone with --phase and --round"
    return Group(key, ordered, documents, (Finding("info", "import-joined", message, Place(paths[0], 1, 1), mend),))


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
    for mention in reversed(mentions(title)):
        bare = f"{bare[: mention.start]} {bare[mention.end :]}"
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
        names = iter(_labels([root for (root, _), meets in zip(trees, meeting, strict=True) if meets]))
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
    made = _id(label, base) if label else base
    there = _there(hints.homes, {one.document.path for one in members}, base)
    if there:
        return there
    own = {one.key.casefold() for one in members}
    others = [path for key, paths in hints.homes.items() if key.casefold() in own for path in paths]
    roots = {_root(replace(members[0], document=replace(members[0].document, path=path))) for path in others}
    apart = roots and not any(_within(one, root) or _within(root, one) for one in roots)
    return _id(PurePosixPath(root).name, base) if apart and not label and root else made


def _meeting(trees: Sequence[Sequence[Share]]) -> list[bool]:
    """Tell of each tree whether another one has a record of the same key."""
    keys = [{one.key.casefold() for one in members} for members in trees]
    return [any(own & other for m, other in enumerate(keys) if m != n) for n, own in enumerate(keys)]


def _there(homes: Mapping[str, frozenset[str]], paths: set[str], base: str) -> str:
    known = {key.partition("/")[0] for key, made_of in homes.items() if made_of & paths}
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
        label = dict(zip(paths, _labels(["" if one == "." else one for one in folders]), strict=True))
        for share in shares:
            path = share.document.path
            there = _there(hints.homes, {path}, share.phase)
            taken = share.phase in hints.homes and hints.homes[share.phase] and path not in hints.homes[share.phase]
            name = label[path] or (PurePosixPath(path).parent.name if taken else "")
            yield _called(share, there or (_id(name, share.phase) if name else share.phase))


def _labels(folders: Sequence[str]) -> list[str]:
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


def _id(label: str, base: str) -> str:
    """Return the id of a phase that has the name of a folder before its own."""
    made = slug(label.replace("/", " "), 60 - min(len(base), 40))
    return base if not label else f"{made}-{base}"[:64].rstrip("-.")
