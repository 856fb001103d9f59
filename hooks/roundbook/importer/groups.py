"""Which notes are one record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.importer.identify import GENERIC, Excerpt, Hints, known_of
from roundbook.importer.titles import about, called, subtitle
from roundbook.markdown import Document, plain
from roundbook.schema.ids import natural_key, slug

_SHOWN = 4
_LAST = re.compile(
    r"\b(?:kick\s?off|readiness|plan|plans|planning|agenda|prep|preparation|backlog|brief|briefing|prompt|task \d)\b"
)
_BACK = re.compile(r"\b(?:retrospective|review)\b")  # which says less of what was made than a summary
_FIRST = re.compile(
    r"\b(?:summary|completion|completed|complete|wrap\s?up|final|retrospective|recap|review|outcome|closing)\b"
)


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
    found = [one for one in found if not one.placed]
    found = (
        found
        if hints.phase
        else _by_name(_by_name([*_in_one_way(_in_one_form(found))], "phase", hints), "round", hints)
    )
    named = found if hints.phase else [*_in_phases([s for s in found if not s.by_file], hints), *_by_file(found, hints)]
    by_key: dict[str, list[Excerpt]] = {}
    for excerpt in (*placed, *named):
        by_key.setdefault(excerpt.key, []).append(excerpt)
    return [_group(key, by_key[key], hints) for key in sorted(by_key, key=natural_key)]


def _in_one_form(found: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the excerpts with no zero before a number where the notes write one phase, or one round, in both ways."""
    for key in ("phase", "round"):
        ids = {getattr(one, key) for one in found}
        short = {one: one.lstrip("0") or "0" for one in ids if one.isdecimal()}
        if any(one != bare and bare in ids for one, bare in short.items()):
            found = [replace(one, **{key: short.get(getattr(one, key), getattr(one, key))}) for one in found]
    return list(found)


def _in_one_way(found: Sequence[Excerpt]) -> Iterator[Excerpt]:
    """Yield the excerpts with `Sprint 16` filed in one way, whether or not a note names its phase.

    Where most notes of a folder that call their rounds alike name no phase, and no number is in two phases, none has one.
    Else a note that names none is of the phase in which that number is, if there is just one.
    """
    alike: dict[tuple[str, str], list[Excerpt]] = {}
    for one in found:
        if one.round and one.word:
            alike.setdefault((_root(one), one.word), []).append(one)
    homes = {key: _homes(members) for key, members in alike.items()}
    for one in found:
        home = homes[_root(one), one.word].get(one.round.casefold(), "") if one.round and one.word else ""
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


def _by_name(found: Sequence[Excerpt], level: str, hints: Hints) -> list[Excerpt]:
    """Return the excerpts with the name in the id of a phase, or round, where another one of that number has a different name.

    Names are those that lines state, and for phases the titles, of two words at least; two are of one where they, or the
    titles, have a word in common.
    The one of the note that sums up keeps the number.
    """
    alike: dict[str, dict[str, list[Excerpt]]] = {}
    for one in found:
        if not one.by_file and (one.round or level == "phase"):
            key = one.key if level == "round" else one.phase
            alike.setdefault(key.casefold(), {}).setdefault(one.document.path, []).append(one)
    renamed: dict[int, Excerpt] = {}
    for key, notes in alike.items():
        names = {path: next(filter(None, (_name(one, level) for one in of)), "") for path, of in notes.items()}
        titles = {p: [_title(one) for one in of if bool(one.round) == (level == "round")] for p, of in notes.items()}
        words = {path: frozenset(about(name)).union(*map(about, titles[path])) for path, name in names.items()}
        there = hints.imported_from.get(key, frozenset())
        weights = {path: _weight(of, level) for path, of in notes.items()}
        sure = [one for one in _clusters(words) if any(len(about(names[path])) > 1 for path in one)]
        sure.sort(
            key=lambda one: (there.isdisjoint(one), min(weights[path] for path in one))
        )  # who has the number keeps it
        for cluster in sure[1:]:
            name, other = (max((names[path] for path in one), key=len) for one in (cluster, sure[0]))
            for excerpt in (note for path in cluster for note in notes[path]):
                phase = _id(name, excerpt.phase.lower()) if level == "phase" else excerpt.phase
                number = f"{excerpt.round}-{slug(name, 40)}" if level == "round" else excerpt.round
                why = f'it is "{name}", and another {level} of that number is "{other}"'
                renamed[id(excerpt)] = replace(excerpt, phase=phase, round=number, apart=why)
    return [renamed.get(id(one), one) for one in found]


def _name(excerpt: Excerpt, level: str) -> str:
    """Return the name that a line states, or the words that say what the title of a phase is about.

    Rounds are numbered once, and their notes have titles of many kinds; of phases, each effort has a first one.
    """
    titled = "" if level == "round" or excerpt.round else _about(excerpt)
    return called(excerpt, level) or titled


def _weight(excerpts: Sequence[Excerpt], level: str) -> tuple[bool, int, bool]:
    """Return how little a note can say which phase or round has a number: one of a task less than one that sums all up."""
    return min((level == "phase" and bool(one.round), *_precedence(one)) for one in excerpts)


def _clusters(words: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Return the paths whose words hang together, the most first; those without words are in none."""
    made: list[tuple[frozenset[str], list[str]]] = []
    for path, own in words.items():
        if own:
            near = [one for one in made if one[0] & own]
            made = [one for one in made if one not in near]
            made.append((own.union(*(one[0] for one in near)), [*(p for one in near for p in one[1]), path]))
    return sorted((paths for _, paths in made), key=lambda paths: (-len(paths), paths))


def rank(excerpt: Excerpt) -> int:
    """Return how much a note may say of the whole round: 0 for a note that sums it up, 2 for one written before it began."""
    words = _kind(excerpt)
    return 0 if _FIRST.search(words) else 2 if _LAST.search(words) else 1


def _kind(excerpt: Excerpt) -> str:
    """Return the words of a note's file and title that may say what kind it is: not those of the name of the round."""
    title = _title(excerpt)
    title = title.removesuffix(subtitle(title))
    return plain(re.sub(r"[_.-]+", " ", PurePosixPath(excerpt.document.path).stem) + " " + title)


def _precedence(excerpt: Excerpt) -> tuple[int, bool]:
    return rank(excerpt), bool(_BACK.search(_kind(excerpt)))


def _group(key: str, excerpts: Sequence[Excerpt], hints: Hints) -> Group:
    documents = tuple({id(excerpt.document): excerpt.document for excerpt in excerpts}.values())
    paths = list(dict.fromkeys(document.path for document in documents))
    fix = "name its record under notes in the settings"
    reasons = {one.apart: one.document.path for one in excerpts if one.apart}
    notes = tuple(Finding("info", "import-apart", f"{key}: {why}", Place(p, 1, 1), fix) for why, p in reasons.items())
    if len(paths) < 2:
        return Group(key, tuple(excerpts), documents, notes)
    ordered = tuple(sorted(excerpts, key=_precedence))
    shown = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
    first = excerpts[0]
    number = " ".join(
        filter(None, (first.word or ("round" if first.round else "phase"), first.round or _number_of(first)))
    )
    tree = {_root(excerpt) for excerpt in excerpts}
    why = "they are imported with --phase" if hints.phase else f"each names {number}"
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
    return known_of(_title(excerpt)).phase or excerpt.phase.rpartition("-")[2]


def _chain(roots: Iterable[str]) -> bool:
    top = min(roots, key=len)
    return all(_within(one, top) for one in roots)


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _title(excerpt: Excerpt) -> str:
    return excerpt.heading.title if excerpt.heading else ""


def _about(excerpt: Excerpt) -> str:
    return " ".join(about(_title(excerpt)))


def _root(excerpt: Excerpt) -> str:
    """Return the folder of the work that a note belongs to: above the one named after its phase or round."""
    parts = PurePosixPath(excerpt.document.path).parts[:-1]
    for at, name in enumerate(parts):
        known = known_of(re.sub(r"[_.-]+", " ", name))
        ids = {one.casefold() for one in (known.phase, known.round) if one}
        if ids & {excerpt.phase.casefold(), excerpt.round.casefold()} or (known.round and not known.phase):
            return "/".join(parts[:at])
    return "/".join(parts)


# Names of folders that say what kind of notes they hold: `docs/sprints` and `docs/retrospectives` are of one work.
_OF_KINDS = GENERIC | {
    "sprints",
    "rounds",
    "phases",
    "iterations",
    "milestones",
    "weeks",
    "weekly",
    "retros",
    "retrospectives",
}
_OF_KINDS |= {
    "reviews",
    "summaries",
    "statuses",
    "sessions",
    "meetings",
    "planning",
    "completed",
    "sprint",
    "round",
    "phase",
}


def _homes_of(excerpts: Sequence[Excerpt]) -> dict[int, str]:
    """Return the root of each note; of one in a folder for a kind of notes, the folder above.

    It stays in its own where the folder above would get another note of that number with a title about something else.
    """
    alike: dict[tuple[str, str], list[tuple[Excerpt, str, frozenset[str]]]] = {}
    for one in excerpts:
        root = _root(one)
        above, _, name = root.rpartition("/")
        kinds = plain(re.sub(r"[_.-]+", " ", name)).split()
        top = above if all(word in _OF_KINDS and len(word) > 2 for word in kinds) else root
        alike.setdefault((top, one.key.casefold()), []).append((one, root, frozenset(about(_title(one)))))
    homes: dict[int, str] = {}
    for (top, _), members in alike.items():
        for one, root, words in members:
            others = [other for _, place, other in members if place != root]
            apart = others and words and all(other and words.isdisjoint(other) for other in others)
            homes[id(one)] = root if apart else top
    return homes


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
            found.setdefault(_root(excerpt), {})[excerpt.document.path] = frozenset(about(head))
    return {
        root: [one for one, words in titles.items() if all(words.isdisjoint(w) for p, w in titles.items() if p != one)]
        for root, titles in found.items()
        if len(titles) > 1
    }


def _in_phases(found: Sequence[Excerpt], hints: Hints) -> Iterator[Excerpt]:
    """Yield the excerpts of phases and rounds, with the folder in the phase's id where unrelated trees have that phase."""
    phases: dict[str, list[Excerpt]] = {}
    for excerpt in found:
        phases.setdefault(excerpt.phase.casefold(), []).append(excerpt)
    for excerpts in phases.values():
        trees = _trees(excerpts)
        meeting = _meeting([members for _, members in trees])
        main = _main(trees)
        apart = [root for (root, _), meets in zip(trees, meeting, strict=True) if meets]
        names = dict(zip(apart, _labels(apart), strict=True)) | ({main: ""} if main is not None else {})
        for root, members in trees:
            label = names.get(root, "")
            phase = _phase(members, root, label, hints)
            called_rounds = {one.round.casefold() for one in members if one.word == "round"}
            yield from (replace(_called(one, phase), round=_round_id(one, called_rounds, hints)) for one in members)


def _main(trees: Sequence[tuple[str, Sequence[Excerpt]]]) -> str | None:
    """Return the root of the tree that has most of the notes, which needs no name of a folder before its phase."""
    sizes = sorted((len({one.document.path for one in members}), root) for root, members in trees)
    return sizes[-1][1] if len(sizes) > 1 and sizes[-1][0] > 2 * sizes[-2][0] else None


def _called(excerpt: Excerpt, phase: str) -> Excerpt:
    """Return an excerpt in another phase, which is also named where the key was guessed."""
    return replace(excerpt, phase=phase, guessed=excerpt.guessed.replace(f'"{excerpt.phase}"', f'"{phase}"'))


def _round_id(excerpt: Excerpt, called_rounds: Collection[str], hints: Hints) -> str:
    """Return the id of a round; with its word where a `Round` has the same id: `Sprint 3` beside `Round 3`.

    A note that was imported into a round with a name behind its number stays there.
    """
    made = {key.rpartition("/")[2] for key, paths in hints.imported_from.items() if excerpt.document.path in paths}
    named = [one for one in sorted(made) if one.startswith(f"{excerpt.round}-")]
    if excerpt.round and named and not excerpt.several and excerpt.round not in made:
        return named[0]
    apart = excerpt.word not in ("", "round") and excerpt.round.casefold() in called_rounds
    return f"{excerpt.word}-{excerpt.round}" if excerpt.round and apart else excerpt.round


def _phase(members: Sequence[Excerpt], root: str, label: str, hints: Hints) -> str:
    """Return the phase of a tree: the one that its notes were imported into before, or else a free one."""
    base = members[0].phase
    made = _id(label, base) if label else base
    there = _there(hints.imported_from, {one.document.path for one in members}, base)
    if there:
        return there
    own = {one.key.casefold() for one in members}
    others = [path for key, paths in hints.imported_from.items() if key.casefold() in own for path in paths]
    roots = {_root(replace(members[0], document=replace(members[0].document, path=path))) for path in others}
    apart = roots and not any(_within(one, root) or _within(root, one) for one in roots)
    return _id(PurePosixPath(root).name, base) if apart and not label and root else made


def _meeting(trees: Sequence[Sequence[Excerpt]]) -> list[bool]:
    """Tell for each tree whether another one has a record of the same key."""
    keys = [{one.key.casefold() for one in members} for members in trees]
    return [any(own & other for m, other in enumerate(keys) if m != n) for n, own in enumerate(keys)]


def _there(imported_from: Mapping[str, frozenset[str]], paths: set[str], base: str) -> str:
    known = {key.partition("/")[0] for key, made_of in imported_from.items() if made_of & paths}
    fits = [
        one
        for one in sorted(known)
        if one.casefold() == base.casefold() or one.casefold().endswith(f"-{base.casefold()}")
    ]
    return fits[0] if fits else ""


def _trees(excerpts: Sequence[Excerpt]) -> list[tuple[str, list[Excerpt]]]:
    """Return the folders whose notes belong together; one above several of them belongs to none, and is apart."""
    rivals, homes = _rivals(excerpts), _homes_of(excerpts)
    by_root: dict[str, list[Excerpt]] = {}
    for excerpt in excerpts:
        by_root.setdefault(_stream(excerpt, homes[id(excerpt)], rivals), []).append(excerpt)
    made: dict[str, list[Excerpt]] = {}
    for root in sorted(by_root, key=lambda one: -one.count("/") - bool(one)):
        below = [one for one in made if _within(one, root)]
        below = below if below and _in_common(by_root[root], made[below[0]]) else []
        made[root] = [*by_root[root], *(made.pop(below[0]) if len(below) == 1 else ())]
    titles: dict[tuple[str, str, str], str] = {}
    for root in list(made):
        same = {titles.get(_named(one), "") for one in made[root] if _about(one)} - {""}
        if same:
            other = sorted(same)[0]
            both = made.pop(other) + made.pop(root)
            root = min(other, root, key=lambda one: one.count("/") + bool(one))
            titles |= {name: root for name, place in titles.items() if place == other}
            made[root] = both
        titles |= {_named(one): root for one in made[root] if _about(one)}
    order = {id(excerpt): n for n, excerpt in enumerate(excerpts)}
    return [(root, sorted(members, key=lambda s: order[id(s)])) for root, members in made.items()]


def _in_common(some: Sequence[Excerpt], others: Sequence[Excerpt]) -> bool:
    """Tell whether notes in one folder and in one below it have words of their titles in common.

    Titles that say nothing beyond a number do, and one of them is enough where both name the phase and the round.
    """
    left, right = ({word for one in side for word in about(_title(one))} for side in (some, others))
    whole, below = ({one.key.casefold() for one in side if one.round and not one.guessed} for side in (some, others))
    return bool(left & right) or not (left or right) or bool(whole & below and not (left and right))


def _named(excerpt: Excerpt) -> tuple[str, str, str]:
    return excerpt.phase.casefold(), excerpt.round.casefold(), _about(excerpt)


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
            there = _there(hints.imported_from, {path}, excerpt.phase)
            taken = (
                excerpt.phase in hints.imported_from
                and hints.imported_from[excerpt.phase]
                and path not in hints.imported_from[excerpt.phase]
            )
            name = label[path] or (PurePosixPath(path).parent.name if taken else "")
            yield _called(excerpt, there or (_id(name, excerpt.phase) if name else excerpt.phase))


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
