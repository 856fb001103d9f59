"""Which notes are one record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.importer.apart import home_of, imported_into, in_series, root_of, told_apart, with_name
from roundbook.importer.identify import Excerpt, Hints, known_of
from roundbook.importer.titles import about, precedence, title_of
from roundbook.markdown import Document
from roundbook.schema.ids import natural_key

_SHOWN = 4
_NUMBER = re.compile(r"\d{4}-\d\d-\d\d|\d[\w.]*(?:-\d{1,3}(?!\w))?|[^-]+")  # of an id that may have a name behind it


@frozen
class Group:
    """The excerpts of one record, in order of precedence, and the findings about them."""

    key: str
    excerpts: tuple[Excerpt, ...]
    documents: tuple[Document, ...]
    notes: tuple[Finding, ...] = ()


def groups(found: Sequence[Excerpt], hints: Hints) -> list[Group]:
    """Return the excerpts grouped by record, in the order of the keys."""
    placed = [one for one in found if one.placed]
    named = [one for one in found if not one.placed]
    if not hints.phase:
        filed = [*_in_one_way(named)]
        named = told_apart(filed, "phase", hints)
        settled = {one.phase for one in named} - {one.phase for one in filed}
        named = told_apart(named, "round", hints)
        named = [
            *(one for one in named if one.phase in settled),
            *_in_phases([one for one in named if not (one.by_file or one.phase in settled)], in_series(filed), hints),
            *_by_file(named, hints),
        ]
    by_key: dict[str, list[Excerpt]] = {}
    # What the settings place elsewhere is where it was until the others have their names: those stay what the plan showed.
    for excerpt in (*placed, *(one for one in named if not one.beside)):
        by_key.setdefault(excerpt.key, []).append(excerpt)
    return [_group(key, by_key[key], hints) for key in sorted(by_key, key=natural_key)]


def _in_one_way(found: Sequence[Excerpt]) -> Iterator[Excerpt]:
    """Yield the excerpts with `Sprint 16` filed in one way, whether or not a note names its phase.

    Where most notes of a folder that call their rounds alike name no phase, and no number is in two phases, none has one.
    Else a note that names none is of the phase in which that number is, if there is just one.
    """
    alike: dict[tuple[str, str], list[Excerpt]] = {}
    for one in found:
        if one.round and one.word:
            alike.setdefault((root_of(one), one.word), []).append(one)
    homes = {key: _homes(members) for key, members in alike.items()}
    for one in found:
        home = homes[root_of(one), one.word].get(one.round.casefold(), "") if one.round and one.word else ""
        why = f'most notes beside it name no phase, so it is called "{home}"' if home == f"{one.word}s" else ""
        yield one if home in ("", one.phase) else replace(one, phase=home, guessed=why)


def _homes(members: Sequence[Excerpt]) -> dict[str, str]:
    """Return, by the ids of rounds that a team calls alike, the phase of all notes about each, where that is one."""
    phases: dict[str, set[str]] = {}
    for one in members:
        phases.setdefault(one.round.casefold(), set()).update(() if one.guessed else (one.phase,))
    unnamed = sum(bool(one.guessed) for one in members)
    if unnamed > max(2, len(members) - unnamed) and all(len(names) < 2 for names in phases.values()):
        return dict.fromkeys(phases, f"{members[0].word}s")
    return {name: next(iter(own)) for name, own in phases.items() if len(own) == 1}


def _group(key: str, excerpts: Sequence[Excerpt], hints: Hints) -> Group:
    documents = tuple({id(excerpt.document): excerpt.document for excerpt in excerpts}.values())
    paths = list(dict.fromkeys(document.path for document in documents))
    fix = "name its record under notes in the settings"
    reasons = {one.apart: one.document.path for one in reversed(excerpts) if one.apart}
    notes = tuple(Finding("info", "import-apart", f"{key}: {why}", Place(p, 1, 1), fix) for why, p in reasons.items())
    if len(paths) < 2:
        return Group(key, tuple(excerpts), documents, notes)
    ordered = tuple(sorted(excerpts, key=precedence))
    shown = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
    first = excerpts[0]
    word, number = first.word or "round", _NUMBER.match(first.round)
    named = f"{word} {number[0]}" if number else f"phase {_number_of(first)}"
    tree = {home_of(excerpt) for excerpt in excerpts}
    why = "they are imported with --phase" if hints.phase else f"each names {named}"
    if any(one.placed for one in excerpts):
        why = "the settings put them there"
    elif not hints.phase:
        why += " in one folder tree" if len(tree) == 1 or _chain(tree) else ", and some of them have the same title"
    message = f"joined {len(paths)} files into {key}: {why} ({shown})"
    fix = "if they are different records, import one of them alone with --phase and --round"
    return Group(
        key, ordered, documents, (*notes, Finding("info", "import-joined", message, Place(paths[0], 1, 1), fix))
    )


def _number_of(excerpt: Excerpt) -> str:
    """Return how a note names its phase, without the folder before it."""
    return known_of(title_of(excerpt)).phase or excerpt.phase.rpartition("-")[2]


def _chain(roots: Iterable[str]) -> bool:
    top = min(roots, key=len)
    return all(_within(one, top) for one in roots)


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _stream(excerpt: Excerpt, root: str, rivals: Mapping[str, Sequence[str]]) -> str:
    """Return the root of a note; a document about several rounds counts as a folder of its own beside another such document."""
    others = [one for one in rivals.get(root, ()) if one != excerpt.document.path] if excerpt.several else []
    return f"{root}/{PurePosixPath(excerpt.document.path).stem}".lstrip("/") if others else root


def _rivals(excerpts: Iterable[Excerpt]) -> dict[str, list[str]]:
    """Return by root the documents about several rounds each whose titles have nothing in common."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for excerpt in excerpts:
        if excerpt.several:
            head = excerpt.document.parts[0].title if excerpt.document.parts else ""
            found.setdefault(root_of(excerpt), {})[excerpt.document.path] = frozenset(about(head))
    return {
        root: [one for one, words in titles.items() if all(words.isdisjoint(w) for p, w in titles.items() if p != one)]
        for root, titles in found.items()
        if len(titles) > 1
    }


def _in_phases(found: Sequence[Excerpt], series: frozenset[str], hints: Hints) -> Iterator[Excerpt]:
    """Yield the excerpts of phases and rounds, with the folder in the phase's id where unrelated trees have that phase."""
    phases: dict[str, list[Excerpt]] = {}
    for excerpt in found:
        phases.setdefault(excerpt.phase.casefold(), []).append(excerpt)
    for excerpts in phases.values():
        trees = _trees(excerpts)
        meeting = _meeting([members for _, members in trees])
        main = _main(trees, series)
        apart = [root for (root, _), meets in zip(trees, meeting, strict=True) if meets]
        names = dict(zip(apart, _labels(apart), strict=True)) | ({main: ""} if main is not None else {})
        places: dict[str, dict[str, str]] = {}  # by key, the first note in each folder
        for root, members in trees:
            for one in members:
                places.setdefault(one.key.casefold(), {}).setdefault(root, one.document.path)
        for root, members in trees:
            label = names.get(root, "")
            phase = _phase(members, root, label, hints)
            called_rounds = {one.round.casefold() for one in members if one.word == "round"}
            for one in members:
                others = [path for place, path in places[one.key.casefold()].items() if place != root]
                why = (
                    f"{others[0]} in another folder has that number, too"
                    if others and phase != one.phase
                    else one.apart
                )
                yield replace(_called(one, phase), round=_round_id(one, called_rounds, hints), apart=why)


def _main(trees: Sequence[tuple[str, Sequence[Excerpt]]], series: frozenset[str]) -> str | None:
    """Return the root of the tree that has most of the notes, or those of a series; it needs no folder before its phase."""
    if any(not root for root, _ in trees):
        return ""  # which has no name
    of_series = [root for root, members in trees if any(one.document.path in series for one in members)]
    if len(of_series) == 1:
        return of_series[0]
    sizes = sorted((len({one.document.path for one in members}), root) for root, members in trees)
    return sizes[-1][1] if len(sizes) > 1 and sizes[-1][0] > 2 * sizes[-2][0] else None


def _called(excerpt: Excerpt, phase: str) -> Excerpt:
    """Return an excerpt in another phase, which is also named where the key was guessed."""
    return replace(excerpt, phase=phase, guessed=excerpt.guessed.replace(f'"{excerpt.phase}"', f'"{phase}"'))


def _round_id(excerpt: Excerpt, called_rounds: Collection[str], hints: Hints) -> str:
    """Return the id of a round; with its word where a `Round` has the same id: `Sprint 3` beside `Round 3`.

    A note that was imported into a round of that number stays there.
    """
    there = imported_into(excerpt.document.path, excerpt.round, "round", hints) if excerpt.round else []
    if there and excerpt.round not in there and not excerpt.several:
        return there[0]
    apart = excerpt.word not in ("", "round") and excerpt.round.casefold() in called_rounds
    return f"{excerpt.word}-{excerpt.round}" if excerpt.round and apart else excerpt.round


def _phase(members: Sequence[Excerpt], root: str, label: str, hints: Hints) -> str:
    """Return the phase of a tree: the one that its notes were imported into before, or else a free one."""
    base = members[0].phase
    made = with_name(label, base) if label else base
    there = [
        made for path in {one.document.path for one in members} for made in imported_into(path, base, "phase", hints)
    ]
    if there:
        return min(there, key=lambda one: (one.casefold() != base.casefold(), one))
    own = {one.key.casefold() for one in members}
    others = [path for key, paths in hints.imported_from.items() if key.casefold() in own for path in paths]
    roots = {root_of(replace(members[0], document=replace(members[0].document, path=path))) for path in others}
    apart = roots and not any(_within(one, root) or _within(root, one) for one in roots)
    return with_name(PurePosixPath(root).name, base) if apart and not label and root else made


def _meeting(trees: Sequence[Sequence[Excerpt]]) -> list[bool]:
    """Tell for each tree whether another one has a record of the same key."""
    keys = [{one.key.casefold() for one in members} for members in trees]
    return [any(own & other for m, other in enumerate(keys) if m != n) for n, own in enumerate(keys)]


def _trees(excerpts: Sequence[Excerpt]) -> list[tuple[str, list[Excerpt]]]:
    """Return the folders whose notes belong together; one above several of them belongs to none, and is apart."""
    rivals = _rivals(excerpts)
    by_root: dict[str, list[Excerpt]] = {}
    for excerpt in excerpts:
        by_root.setdefault(_stream(excerpt, home_of(excerpt), rivals), []).append(excerpt)
    made: dict[str, list[Excerpt]] = {}
    for root in sorted(by_root, key=lambda one: -one.count("/") - bool(one)):
        below = [one for one in made if _within(one, root)]
        below = below if below and _in_common(by_root[root], made[below[0]]) else []
        made[root] = [*by_root[root], *(made.pop(below[0]) if len(below) == 1 else ())]
    places: dict[tuple[str, str, str], list[str]] = {}
    for root, members in made.items():
        for one in members:
            places.setdefault(_named(one), []).append(root)
    for named, roots in places.items():  # those of one title are one, wherever they lie
        first = min(set(roots), key=lambda one: (-len(made[one]), one.count("/") + bool(one), one))
        for root in {*roots} - {first} if named[2] else ():
            made[first] += [one for one in made[root] if one.key.casefold() == "/".join(filter(None, named[:2]))]
            made[root] = [one for one in made[root] if one.key.casefold() != "/".join(filter(None, named[:2]))]
    made = {root: members for root, members in made.items() if members}
    order = {id(excerpt): n for n, excerpt in enumerate(excerpts)}
    return [(root, sorted(members, key=lambda s: order[id(s)])) for root, members in made.items()]


def _in_common(some: Sequence[Excerpt], others: Sequence[Excerpt]) -> bool:
    """Tell whether notes in one folder and in one below it may be of one work: what both name is the same wherever titles tell.

    Where the titles on one side say nothing beyond a number, both must name a phase and its round.
    """
    left, right = (_words_by_key(side) for side in (some, others))
    for key in left.keys() & right.keys():
        (words, sure), (other, also) = left[key], right[key]
        if words and other and words.isdisjoint(other):
            return False
        if bool(words) != bool(other) and not (sure and also):
            return False
    return True


def _words_by_key(excerpts: Sequence[Excerpt]) -> dict[str, tuple[frozenset[str], bool]]:
    """Return, by key, the words of the titles of notes, and whether they name both a phase and a round."""
    found: dict[str, tuple[frozenset[str], bool]] = {}
    for one in excerpts:
        words, sure = found.get(one.key.casefold(), (frozenset(), False))
        found[one.key.casefold()] = (words.union(about(title_of(one))), sure or bool(one.round and not one.guessed))
    return found


def _named(excerpt: Excerpt) -> tuple[str, str, str]:
    return excerpt.phase.casefold(), excerpt.round.casefold(), " ".join(about(title_of(excerpt)))


def _by_file(found: Sequence[Excerpt], hints: Hints) -> Iterator[Excerpt]:
    """Yield the excerpts named after their files, with the folder's name where several folders have a file of that name."""
    names: dict[str, list[Excerpt]] = {}
    for excerpt in found:
        if excerpt.by_file:
            names.setdefault(excerpt.phase.casefold(), []).append(excerpt)
    for excerpts in names.values():
        paths = sorted({excerpt.document.path for excerpt in excerpts})
        folders = [str(PurePosixPath(path).parent) for path in paths]
        label = dict(zip(paths, _labels(["" if one == "." else one for one in folders]), strict=True))
        for excerpt in excerpts:
            path = excerpt.document.path
            there = next(iter(imported_into(path, excerpt.phase, "phase", hints)), "")
            taken = (
                excerpt.phase in hints.imported_from
                and hints.imported_from[excerpt.phase]
                and path not in hints.imported_from[excerpt.phase]
            )
            name = label[path] or (PurePosixPath(path).parent.name if taken else "")
            yield _called(excerpt, there or (with_name(name, excerpt.phase) if name else excerpt.phase))


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
