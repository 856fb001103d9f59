"""How notes call the round or phase that they are about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from roundbook.frozen import frozen
from roundbook.importer.identify import GENERIC, TASK, Excerpt, pairs_in, words_in
from roundbook.importer.vocabulary import ID, key_names, mentions
from roundbook.markdown import plain, remark_of, unmarked

_CALLED = re.compile(rf"(?:[a-z]+\s+)?(?P<id>{ID})(?:\s*(?::|[-–—]+)\s+(?P<name>\S.*)|\s*\((?P<inner>[^()]+)\))", re.I)
_SUBTITLE = re.compile(r"(?P<kind>[\w\s'/-]*?)\s*(?::|\s(?:[-–—|]|--+))\s+(?P<name>\S.*)")

# Words beside those of `GENERIC` that make no name of a round on their own, nor end one.
_KINDS = frozenset({"execution", "executive", "implementation", "feedback", "analysis", "findings", "ok"})
_NO_NAME = re.compile(r"\S+/\S|.*#\d")  # a branch and a request in brackets
# Words of names that say what kind of work it is: two efforts have them in common though they are about different things.
_OF_WORK_WORDS = """
api app application architecture basic bug bugs build code complete comprehensive core data design development enhancement
enhancements feature features fix fixed fixes foundation framework full improvement improvements infrastructure integration
management migration module new optimization optimisation page pages performance pipeline process product production project
quality readiness ready refactor refactoring release security service services session setup success support system systems
test testing tests tool tools ui update upgrade ux validation verification with
"""
_OF_WORK = frozenset(_OF_WORK_WORDS.split())
# Documents about one side of a round, which are not called after the round: `Security Audit`, `Test Report`.
_ASIDE_WORDS = """
adjudication analysis assessment audit benchmark benchmarks brief checklist checkpoint diagnostic evaluation evidence
findings guide handoff index inventory issues items lessons manifest manual notes prompt prompts questions record reference
register report requirements resolution results review runbook scratchpad spec specification start strategy triage
"""
_ASIDE = frozenset(_ASIDE_WORDS.split())
# Words of notes about the whole of a round once it was over: `Final Completion Report`.
_OF_DOCUMENTS = frozenset({"test", "tests", "testing", "validation", "verification", "session", "milestone", "next"})
_OPENINGS = frozenset({"resume", "next", "checkpoint", "prompt"})
_OVER = frozenset(
    {
        "completion",
        "complete",
        "completed",
        "final",
        "status",
        "progress",
        "summary",
        "implementation",
        "success",
        "done",
    }
)
_FILLER_WORDS = "what we our learned went is now it continued quick action ready merge merged approval visual executive"
_FILLERS = frozenset(_FILLER_WORDS.split())
_A_PART = re.compile(
    r"\b(?:part|item|day|step|task|slice)[\s-]+\w{1,3}\b", re.IGNORECASE
)  # which has a name of its own
_OF_A_SIDE = re.compile(r"\b(?:code|design|architecture|security|peer) review\b")
_SET_APART = re.compile(r"\s*(?:[:|()→]|\s[-–—/]+(?=\s)|--+|[–—])\s*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")  # in `ReadingSession`
_STEM = 6
_IN_PHASES = re.compile(
    r"(?:^|/)(?:phases|milestones)/[\d.]+[-_ ](?P<name>[^/]*[a-z][^/]*)/", re.IGNORECASE
)  # `phases/03-forum/`


_LAST = re.compile(
    r"\b(?:kick\s?off|readiness|plan|plans|planning|agenda|prep|preparation|backlog|brief|briefing|prompt|task \d)\b"
)
_BACK = re.compile(r"\b(?:retrospective|review)\b")  # which says less of what was made than a summary
_FIRST = re.compile(
    r"\b(?:summary|completion|completed|complete|wrap\s?up|final|retrospective|recap|review|outcome|closing)\b"
)


def called(excerpt: Excerpt, level: str) -> str:
    """Return the name that a line at the top of a note gives its round, or its phase: `**Sprint**: Sprint 10 - Soup`."""
    own = excerpt.round if level == "round" else excerpt.phase
    for key, value in pairs_in((*excerpt.before, *excerpt.blocks)):
        label, text = plain(key), unmarked(str(value)).strip()
        if level == "round" and label == excerpt.word == "task" and not _CALLED.fullmatch(text) and about(text):
            return text
        if key_names().get(label) == level or (level == "round" and label == excerpt.word):
            match = _CALLED.fullmatch(text)
            named = match["name"] or match["inner"] if match else ""
            if match and _is_own(match["id"], own, excerpt) and not (match["inner"] and _NO_NAME.match(named)):
                return named.strip()
    return ""


def _is_own(id_: str, own: str, excerpt: Excerpt) -> bool:
    """Tell whether a number is that of a phase or round, which may have its name in its id."""
    number, id_ = id_.casefold(), own.casefold()
    apart = excerpt.apart and (id_.startswith(f"{number}-") or id_.endswith(f"-{number}"))
    return bool(apart) or id_ in (number, number.removeprefix(f"{excerpt.phase.casefold()}."))


def subtitle(title: str) -> str:
    """Return the name of the round in a title such as `Sprint 13 Plan: Soup`; not what ends as a kind of note does."""
    bare = unmarked(title)
    part, found = TASK.search(bare), mentions(title)
    end = part.end() if part else found[0].end if found else 0
    match = _SUBTITLE.fullmatch(bare[end:]) if end else None
    words = plain(remark_of(match["name"])[0]).split() if match else []
    if (
        match
        and about(match["name"])
        and words[-1] not in GENERIC | _KINDS
        and GENERIC.issuperset(plain(match["kind"]).split())
    ):
        return match["name"].strip()
    return ""


def about(title: str) -> list[str]:
    """Return the words of a title that say what it is about, beyond its number and the kind of note."""
    bare = TASK.sub(" ", unmarked(title))
    for mention in reversed(mentions(bare)):
        bare = f"{bare[: mention.start]} {bare[mention.end :]}"
    return [one for one in plain(bare).split() if one not in GENERIC and not one.isdecimal()]


def is_kind(title: str) -> bool:
    """Tell whether a title says no more than the number of a round and the kind of note: `Sprint 13 Execution Summary`."""
    return _KINDS.issuperset(about(title))


def rank(excerpt: Excerpt) -> int:
    """Return how much a note may say of the whole round: 0 for a note that sums it up, 2 for one written before it began.

    One about a part of it, such as a day or a task, or a review of its code does not sum it up.
    """
    words = _kind(excerpt)
    part = _A_PART.search(words)
    whole = not (_OF_A_SIDE.search(words) or (part and not part[0].startswith(excerpt.word or " ")))
    return 0 if whole and _FIRST.search(words) else 2 if _LAST.search(words) else 1


def _kind(excerpt: Excerpt) -> str:
    """Return the words of a note's file and title that may say what kind it is: not those of the name of the round."""
    title = title_of(excerpt)
    title = title.removesuffix(subtitle(title))
    return plain(f"{words_in(PurePosixPath(excerpt.document.path).stem)} {title}")


def precedence(excerpt: Excerpt) -> tuple[int, bool]:
    """Return how little a note may say of the whole: by its rank, and after others if it is a review."""
    return rank(excerpt), bool(_BACK.search(_kind(excerpt)))


@frozen
class NoteSubject:
    """What a note is about beyond a number: a `name` that its id may have, and the stems of the words that it goes by.

    `sure` says that it is called so, in a line or in its title; else these are the words of a document about one side of it.
    """

    name: str = ""
    stems: frozenset[str] = frozenset()
    sure: bool = False

    @property
    def own(self) -> frozenset[str]:
        """Return the stems that do not say what kind of work it is."""
        return self.stems - _WORK_STEMS

    def is_like(self, other: NoteSubject) -> bool:
        """Tell whether two may be one: half the words of one are in the other, or all of one that has only words of work."""
        if self.own and other.own:
            return 2 * len(self.own & other.own) >= min(len(self.own), len(other.own))
        return self.stems <= other.stems or other.stems <= self.stems


def subject_of(excerpt: Excerpt, level: str) -> NoteSubject:
    """Return what a note says its round, or its phase, is about."""
    stated = called(excerpt, level)
    stated = "" if mentions(stated) or _A_PART.search(stated) else stated
    found = _subject(title_of(excerpt), level) if bool(excerpt.round) == (level == "round") else NoteSubject()
    if len(about(stated)) > 1:
        return NoteSubject(_bare_name(stated), found.stems | stems(about(stated)), True)
    looks_back = level == "round" and precedence(excerpt)[1]  # whose title says what was learned
    if found.sure and not looks_back:
        return found
    path = PurePosixPath(excerpt.document.path)
    if level == "phase" and (folder := _IN_PHASES.search(f"{path.parent}/")):
        name = words_in(folder["name"])
        return NoteSubject(name, found.stems | stems(about(name)), True)
    if bool(excerpt.round) != (level == "round"):
        return found
    file = [one for one in about(words_in(path.stem)) if one not in _KINDS | _FILLERS | _OVER and len(one) > 1]
    return NoteSubject("", found.stems | stems(file))


def effort_of(excerpt: Excerpt) -> tuple[str, str, bool]:
    """Return the first word of an effort and all of its words, which the name of a file has before its number: `STARS_PHASE_5`.

    The last tells whether the title has one of them there, too.
    """
    stem, title = words_in(PurePosixPath(excerpt.document.path).stem), unmarked(title_of(excerpt))
    found, also = mentions(stem), mentions(title)
    said = about(stem[: found[0].start]) if found else []
    words = [one for one in said if one not in _KINDS | _FILLERS | _ASIDE | _OF_DOCUMENTS and len(one) > 1]
    first = next((one for one in words if stems([one]) - _WORK_STEMS), words[0] if words else "")
    return first, " ".join(words), bool(also and stems(words) & stems(about(title[: also[0].start])))


def title_of(excerpt: Excerpt) -> str:
    """Return the heading of a note, or the title in its front matter where that alone names the round."""
    heading = excerpt.heading.title if excerpt.heading else ""
    title = str(excerpt.document.front.get("title", "")) if excerpt.front else ""
    return title if mentions(title) and not mentions(heading) else heading


def stems(words: Iterable[str]) -> frozenset[str]:
    """Return the first letters of words, by which their forms are one: `migrate` and `migration`."""
    folded = (unicodedata.normalize("NFKD", word) for word in words)
    return frozenset("".join(char for char in word if char.isalnum())[:_STEM] for word in folded)


_WORK_STEMS = stems(_OF_WORK)


def _subject(title: str, level: str) -> NoteSubject:
    """Return what a title says: `Phase 3: Soup kitchen - PLAN` is surely about a soup kitchen, `Phase 3 Soup Audit` may be.

    The name of a round is set apart from its number, since many notes of one round have words behind it.
    """
    named: list[tuple[str, list[str]]] = []
    aside = list[str]()  # the words of what is about one side of it
    split = (" ".join(piece.split()) for piece in _SET_APART.split(TASK.sub(" ", unmarked(title))))
    pieces = [(piece, _without_mentions(piece)) for piece in split if piece]
    over = any({*_OVER, "report"}.issuperset(plain(name).split()) for _, name in pieces if name)
    pure = all(name == piece or not plain(name) for piece, name in pieces)
    for piece, name in pieces:
        said = plain(name).split()
        core = [one for one in about(_HUMP.sub(" ", name)) if one not in _KINDS | _FILLERS and len(one) > 1]
        follows = name != piece and plain(piece[mentions(piece)[-1].end :])
        report = said[-1:] in (["report"], ["results"]) and said[-2] in _OVER if len(said) > 1 else False
        beside = core and (said[-1] in _ASIDE or said[0] in _OPENINGS) and not (over or report)
        if _A_PART.search(piece) or (follows and core and not named and (beside or len(core) == 1 or level == "round")):
            return NoteSubject(
                "", stems([*core, *aside])
            )  # `Sprint 43 F103 -- Deep dive` is about F103, whatever that is
        if beside:
            aside += core
        elif core:
            named.append((name, core))
    whole = [name for name, core in named if len(core) > 1]
    made = stems(word for _, core in named for word in core)
    if whole or (pure and len(named) == 1 and not aside and made - _WORK_STEMS):
        return NoteSubject(_bare_name([*whole, *(name for name, _ in named)][0]), made, True)
    return NoteSubject("", made | stems(aside))


def _bare_name(name: str) -> str:
    """Return a name without the words at its end that say what kind of note it is: `Soup kitchen implementation complete`."""
    said = name.strip(" -").split()
    while len(said) > 1 and (plain(said[-1]) or "and") in _OVER | {"and", "report", "plan", "planning", "findings"}:
        said.pop()
    return " ".join(said)


def _without_mentions(text: str) -> str:
    for mention in reversed(mentions(text)):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return " ".join(text.split())
