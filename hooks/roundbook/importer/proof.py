"""The proof that an import lost nothing: every word of a note is in the records made of it, as often as the note has it.

Both sides are cut into words by one rule, in which a day is the same however it is spelled. The words of the records lie in
pools, by the keys that they are below, and each word of a statement is taken from one of them: preferably from one below a key
that the heading, column or label above the statement is a name of. A word that is taken is gone, so that what the note says
twice must be there twice.

    ## Risks                 risks:                     pool {risks, title}: It, rains
    - It rains                 - title: It rains

Names come last. `Risks` need not be in a record: it is the key below which a word of its section was found. What a name says
beyond the key, as `Risks (Week 3)` does, must be found as words, or as the id of a round.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from roundbook.adr.fields import DAY, date_of, day_of
from roundbook.frozen import frozen
from roundbook.importer import vocabulary
from roundbook.importer.changelog import says_changes
from roundbook.importer.headings import SAID, head_of
from roundbook.importer.identify import PHASES
from roundbook.importer.statements import LEVEL, Fact, NoteContext, Statement, gather, statements
from roundbook.markdown import (
    Block,
    Document,
    Pair,
    Pairs,
    Part,
    remark_of,
    unmarked,
)
from roundbook.schema.ids import slug
from roundbook.schema.items import category_of
from roundbook.schema.statuses import is_sign, result_of, status_of

Keys = frozenset[str]
Trees = Sequence[Mapping[str, Any]]
VERBATIM = frozenset({"sections", "tables"})  # for what fits no key
_APART = frozenset({"source", "closed", "waive", "release"})  # what importing itself writes, or nobody imports
_FREE = frozenset({"metrics", "details"})  # keys below these are words of the note
_CHOSEN = frozenset({"status", "result", "type", "tier"})  # values of these are one of a few words
_ROUNDS = frozenset({"from", "to", "since", "round", "phase", "resolved"})  # values of these are ids of rounds
_IDENTITY = (("round",), ("phase",), ("carried", "from"))
_TICKS = ("=done", "=pass")  # what a tick in a box may have become
_OF_EARLIER = frozenset({"completed", "findings", "deferred", "changed"})  # headings that may be about an earlier round
_FLAGS = frozenset({"yanked", "breaking"})
_OF_CHANGELOG = frozenset({"type", "kind", "status", "phase", "round"})  # what its importer writes of itself
# Words that join the pieces of a heading or a sentence, and say nothing once these are apart.
_JOINTS = frozenset(
    re.findall(
        r"\w+",
        "a an and as at because by for from in into it its of on or since the through to until vs was were with",
    )
)
_MARKS = re.compile(r"\bbreaking(?: changes?)?\b|\b(?:yanked|unreleased)\b|\[x\]", re.IGNORECASE)
# What separates words: blanks, marks, brackets, arrows, commas that are in no number; a path ends a word at each `/`.
_BETWEEN = re.compile(
    r"((?<![^\s(])[-+±]\d(?:[\d.,]*\d)?|[<>≤≥]=?(?=\s?\d)|\[x\]|[☀-➿⬀-⯿\U0001f000-\U0001faff])"
    r"|-{2,}>?|[-=]>|\.{2,}|,(?!\d)|(?<!\d),|(?<=/)|(?:(?!\[x\])[\s*`\[\](){}|\"“”‘’„;—–→⟶➜…\ufe0f\\])+"
)
_BACKSLASH = re.compile(r"(?<=\w)\\{1,2}(?=[\w.])")
_MARK = re.compile(r"\[[A-Za-z]{2,12}\](?=\s)")
_EDGES = ".:!?'#-_~<>"
_LINKED = re.compile(
    r"\[`?(?P<label>[#!\w]+)`?\]\((?P<base>https?://[^\s()]+?)/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/(?P<name>\w+)\)"
)
_ADDRESS = re.compile(r"https?://[^\s()]+?/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/\w+")
_DEFINES = re.compile(r"^ {0,3}\[[^\[\]\n]+\]:\s*(?=\S)", re.MULTILINE)


@frozen
class Missing:
    """Words of a statement of a file that no record has, with the place of the first one."""

    path: str
    line: int
    column: int
    kind: str
    text: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return the line that says so, with its place."""
        text = " ".join(self.text.split())
        shown = text if len(text) <= 100 else f"{text[:99]}…"
        lost = " ".join(self.words)
        what = "" if lost == text or len(self.words) == len(words_of(self.text)) else f'"{lost[:100]}" of the '
        return f'{self.path}:{self.line}:{self.column}: {what}{self.kind} "{shown}" is not found'


@frozen
class Proof:
    """How many words went in, what is not found, how many words that is, and how many are only kept as they were written."""

    words: int
    missing: tuple[Missing, ...] = ()
    lost: int = 0
    left: int = 0

    @property
    def found(self) -> int:
        """Return how many are found."""
        return self.words - self.lost

    def __str__(self) -> str:
        """Return the count as a person reads it."""
        return f"{self.words:,} words in, {self.found:,} found"


def prove(document: Document, trees: Trees, numbered: frozenset[int] | None = None) -> Proof:
    """Return what trees of records hold of a document; the trees are those that were read again, or the plain ones.

    `numbered` is as for `statements`.
    """
    return _Proving(WordPools(trees), _forms).proof(document, statements(document, numbered))


def prove_changelog(document: Document, trees: Trees) -> Proof:
    """Return what trees of records hold of a changelog.

    The names of categories, `Version` before a number, the label of a definition and the address of a commit, request or
    issue behind its number are words that a key stands for. The versions of a package bear its name.
    """
    defined: set[str] = set()
    listed = [one for tree in trees for one in tree.get("versions", ())]
    named = {str(one.get("version") if isinstance(one, Mapping) else one) for one in listed}
    packages = {version.rpartition("@")[0] for version in named} - {""}
    return _Proving(WordPools(trees, _OF_CHANGELOG), lambda one: _changelog_forms(one, defined, packages)).proof(
        document, statements(document)
    )


def prove_texts(path: str, texts: Iterable[tuple[str, int]], trees: Trees) -> Proof:
    """Return what trees of records hold of texts of a file, each given with its line."""
    said = [Statement("bullet", text, line) for text, line in texts]
    return _Proving(WordPools(trees), _forms).proof(Document(path, ()), said)


def is_complete(made: Sequence[Fact], of: Sequence[Block] | Part, context: NoteContext) -> bool:
    """Tell whether all that a part of a document, or blocks of it, say is found in what a reader made of them."""
    blocks, parts = _as_written(of) if isinstance(of, Part) else (tuple(of), ())
    identity = {"round": context.round, "phase": context.phase} if context.round else {"phase": context.phase}
    if context.carried:
        made = [context.fact("carried", {"from": context.earlier}, 0), *made]  # which the heading above says
    document = Document(context.document.path, (), {}, blocks, parts)
    return not prove(document, (identity | gather(made)[0],), context.numbered).missing


def if_complete(made: list[Fact], of: Sequence[Block] | Part, context: NoteContext) -> list[Fact]:
    """Return what a reader made of a part if that is complete, else nothing."""
    return made if made and is_complete(made, of, context) else []


def _as_written(part: Part) -> tuple[tuple[Block, ...], tuple[Part, ...]]:
    """Return the blocks and parts that a part is in its document, where a bold line is no heading."""
    if part.level < LEVEL:
        return (), (part,)
    return (Pairs((Pair(part.title, "", part.line),), part.line, part.line), *part.blocks), ()


# ---------------------------------------------------------------------------------------------------------------- words


def words_of(text: str) -> list[str]:
    """Return the words, numbers and signs of a text."""
    text = _BACKSLASH.sub("/", text)  # a path is the same however it is written
    text = _MARKS.sub(lambda m: m[0].split()[0].lower(), DAY.sub(lambda day: day_of(day) or day[0], text))
    return [word for piece in _BETWEEN.split(text) if piece and (word := piece.strip(_EDGES)) and word != "/"]


def _forms(one: Statement) -> Iterator[list[str]]:
    """Yield the ways in which a record may say a statement, word by word: as it is, or as a key has it."""
    if mark := _MARK.match(one.text):  # `[OK] All tests pass`
        for said in (result_of(mark[0]), status_of(mark[0])):
            if said:
                yield [f"={said}", *words_of(one.text[mark.end() :])]
    yield words_of(one.text)
    if day := date_of(one.text):
        yield words_of(day)
    if len(one.text) < 40 and "-" in one.text:
        yield words_of(one.text.replace("-", " "))
    if match := re.fullmatch(r"([\w.-]+/)([\w.-]+)", one.text.strip()):
        yield [match[1], f"/{match[2]}"]
    if one.kind == "heading" and (bare := vocabulary.undecorated(one.text)) != one.text:
        yield words_of(bare)
    if is_sign(one.text):
        chosen = (said for said in (result_of(one.text), status_of(one.text)) if said)
        yield from ([f"={word}" for word in said.split("-")] for said in chosen)
    if mentions := vocabulary.mentions(one.text):
        yield [*words_of(_without(one.text, mentions)), *(f"/{mention.id}" for mention in mentions)]


def _without(text: str, mentions: Sequence[vocabulary.RoundMention]) -> str:
    """Return a text without the rounds that it speaks of."""
    rest = unmarked(text)
    for mention in reversed(mentions):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return rest


def _changelog_forms(one: Statement, defined: set[str], packages: Collection[str]) -> Iterator[list[str]]:
    lines = []
    for line in one.text.split("\n"):  # a link that is defined twice is recorded once
        if not (line in defined and _DEFINES.match(line)):
            lines.append(line)
        defined.add(line)
    text = "\n".join(lines)
    says_nothing = one.kind == "heading" and says_changes(text)
    if says_nothing or (category_of(text) and len(text) < 60) or _ADDRESS.fullmatch(text):
        yield []  # the address of a link whose label says as much
        return
    head = head_of(text) if one.kind == "heading" else None
    if head and not head.released:  # the key says `Upcoming` and `Next`
        text = " ".join(filter(None, (head.version, head.title, head.date)))
    elif head:
        text = re.sub(rf"(?i)^\W*{SAID}", "", re.sub(r"<[^<>]*>", "", text))
        text = re.sub(r"\]\[[^\]]*\]", "]", re.sub(r"(?i)\bversion\b|\brelease\b", "", text))
        yield words_of(re.sub(r"(?i)^\W*v\.?(?=\d)", "", text))  # `1.2: Faster (v1.2.0)`
        text = re.sub(r"(?i)(?<![\w/.])v\.?(?=\d)", "", text)
    else:
        text = _DEFINES.sub("", re.sub(r"(?<=\])\[[^\[\]\n]*\]", "", text))
        text = _LINKED.sub(lambda m: m["name"] if m["name"].startswith(m["label"].lstrip("#!")) else m[0], text)
        text = re.sub(r", closes (?=[\d\[])", " ", text)
    yield words_of(text)
    heading = f"## {head.version}" if head and head.version else ""
    if head and heading in defined:  # a version under two headings is recorded once
        yield []
    elif head and heading:
        defined.add(heading)
        yield from (words_of(text.replace(head.version, f"{name}@{head.version}", 1)) for name in packages)


# -------------------------------------------------------------------------------------------------------------- records


class WordPools:
    """The words of trees by the keys that they are below; those of `apart` say nothing.

    `own` are the whole values of keys of the round itself, which a note may well say twice; `rounds` are the rounds that
    the trees speak of: whether below `carried`, whether a phase, and the id.
    """

    def __init__(self, trees: Trees, apart: frozenset[str] = frozenset()) -> None:
        self.pools: dict[str, Counter[Keys]] = defaultdict(Counter)
        self.own: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self.rounds: set[tuple[bool, bool, str]] = set()
        for tree in trees:
            for key, value in tree.items():
                if key not in _APART and key not in apart:
                    self._enter(value, (key,), tree)

    def _enter(self, node: Any, path: tuple[str, ...], owner: Mapping[str, Any]) -> None:
        if isinstance(node, Mapping):
            for key, value in node.items():
                if (path[-1] in _FREE and not (isinstance(value, Mapping) and "label" in value)) or key[:2] == "x-":
                    self._add(words_of(key.removeprefix("x-")), (*path, key))
                if key not in _APART:
                    self._enter(value, (*path, key), node)
        elif isinstance(node, str | bool):
            self._text(str(node), path, owner)
        elif node is not None:
            for value in node:
                self._enter(value, path, owner)

    def _text(self, text: str, path: tuple[str, ...], owner: Mapping[str, Any]) -> None:
        key = path[-1]
        if key in _ROUNDS:
            phase, _, number = text.casefold().rpartition("/")
            self.rounds |= {(path[0] == "carried", key == "phase", number), (path[0] == "carried", True, phase)}
        if key in _FLAGS and text.casefold() == "true":
            self._add([key], path)
        elif key in _CHOSEN:
            derived = key == "status" and "status-text" in owner
            self._add(
                ["=[x]"] if derived else [f"={word.casefold()}" for word in words_of(text.replace("-", " "))], path
            )
        elif path in _IDENTITY:
            self.own[tuple(words_of(text))].add(key)  # of which headings speak by its id
        elif key in _ROUNDS and "/" in text:
            phase, _, number = text.rpartition("/")
            self._add([f"{phase}/", f"/{number}"], path)
        elif not _is_derived(key, text, owner):
            self._add(words_of(text), path)
            if len(path) == 1:
                self.own[tuple(words_of(text))].add(key)

    def _add(self, said: Iterable[str], path: tuple[str, ...]) -> None:
        keys = frozenset(path)
        for word in said:
            self.pools[word][keys] += 1


def _is_derived(key: str, text: str, owner: Mapping[str, Any]) -> bool:
    """Tell whether the importer made a text of another one beside it."""
    if key == "id":
        return any(slug(str(owner.get(label, ""))) == text for label in ("title", "name", "text", "task", "path"))
    if key == "until":
        return text in str(owner.get("follow-up", ""))
    return False


# ---------------------------------------------------------------------------------------------------------------- proof


class _Proving:
    """One document compared with a record; `below` are, by its position, the keys under which words below a name were found."""

    def __init__(self, record: WordPools, forms: Callable[[Statement], Iterable[list[str]]]) -> None:
        self.record, self.forms = record, forms
        self.below: dict[int, set[str]] = defaultdict(set)
        self.left = 0

    def proof(self, document: Document, said: Sequence[Statement]) -> Proof:
        self.said = said
        for one in said:  # the heading that became the title of the round
            if one.kind == "heading" and "title" in self.record.own.get(tuple(words_of(one.text)), ()):
                self._take(words_of(one.text), [frozenset({"title"})])
        contents = [n for n, one in enumerate(said) if not (one.is_name or one.counted)]
        lost = {n: self._content(said[n]) for n in sorted(contents, key=lambda n: self._turn(said[n]))}
        keys: dict[int, list[str]] = {}
        for n in reversed(range(len(said))):  # a name that is found is below the names above it
            if said[n].is_name and not said[n].counted:
                if (beyond := self._beyond(said[n].text, self.below[n])) is not None:
                    keys[n] = beyond
                else:
                    lost[n] = self._name(n)
        for n, beyond in keys.items():
            lost[n] = [word for word in self._take(beyond, ())[1] if not _is_joint(word)] and self._name(n)
        counts = [len(words_of(one.text)) for one in said]
        missing = [_missing(document, said[n], lost[n]) for n in sorted(lost) if lost[n]]
        return Proof(sum(counts), tuple(missing), sum(min(counts[n], len(lost[n])) for n in lost), self.left)

    def _wanted(self, one: Statement) -> list[Keys]:
        return [vocabulary.meanings(self.said[name].text) for name in one.names]

    def _turn(self, one: Statement) -> tuple[bool, ...]:
        """Return when a statement takes its words: code first, which must be whole; then what has a key or label of its own.

        Before all goes what is nothing but signs for which no word can stand, as texts can do without theirs.
        """
        bare = not is_sign(one.text) and not any(map(str.isalnum, one.text))
        return not bare, one.kind != "code", not self._is_own(one), one.kind == "cell"

    def _is_own(self, one: Statement) -> bool:
        """Tell whether a statement is found below a key of its own: a day below `Date` goes before one below `Created`."""
        wanted = self._wanted(one)[:1]
        pools = (keys for word in words_of(one.text)[:1] for pool in self._pools(word) for keys in pool)
        return bool(wanted) and any(keys & wanted[0] for keys in pools)

    def _content(self, one: Statement) -> list[str]:
        """Take the words of a statement, and return those that are not found."""
        wanted = self._wanted(one)
        forms = list(self.forms(one))
        form = next((form for form in forms if self._has(form)), None)
        keys: set[str] = set()
        if wanted and one.kind != "cell" and (form is None or not self._is_own(one)):
            # The round may say once of itself what the note says twice.
            keys = {key for form in forms for key in self.record.own.get(tuple(form), ()) if key in wanted[0]}
        found, lost = (keys, []) if keys else self._take(forms[0] if form is None else form, wanted)
        for name in one.names:
            self.below[name] |= found
        return [] if one.kind != "code" and found and all(map(_is_joint, lost)) else lost

    def _name(self, n: int) -> list[str]:
        """Take the words of a name, and return those that are not found."""
        forms = list(self.forms(self.said[n]))
        form = next((form for form in forms if self._has(form)), None)
        if form is None and any(tuple(form) in self.record.own for form in forms):
            return []
        keys, lost = self._take(forms[0] if form is None else form, ())
        for name in self.said[n].names:
            self.below[name] |= keys
        keys |= self.below[n]
        said = [word for word in lost if not (_is_joint(word) or vocabulary.meanings(word) & keys)]
        return [] if not said or self._beyond(" ".join(lost), keys) == [] else lost

    def _beyond(self, text: str, keys: set[str]) -> list[str] | None:
        """Return what a name says beyond a key that its words were found below, or `None` where it names none of them."""
        if "changes" in keys and category_of(text):
            return []
        name = vocabulary.name_of(text)
        if not vocabulary.meanings(text) & keys:
            known = {(False, one.word in PHASES, one.id.casefold()) for one in name.rounds} <= self.record.rounds
            return [] if name.rounds and known and not words_of(_without(text, name.rounds)) else None
        is_topic = keys.intersection(vocabulary.TOPIC_KEYS.get(name.topic, ()))
        rest, rounds = (name.rest, name.rounds) if is_topic else (remark_of(text)[1], ())
        left = words_of(rest)
        of_earlier = name.topic in _OF_EARLIER and "carried" in keys
        for mention in rounds:
            if (of_earlier, mention.word in PHASES, mention.id.casefold()) in self.record.rounds:
                said = words_of(f"{mention.how} {mention.word} {mention.id}".casefold())
                left = [word for word in left if word.casefold() not in said]
            elif mention not in vocabulary.mentions(rest):
                left += [mention.word.title(), mention.id]
        inner = self._beyond(rest, keys) if rest not in ("", text) and not rounds else None
        return left if inner is None else inner

    def _has(self, form: Sequence[str]) -> bool:
        """Tell whether all words can be taken at once."""
        there = ((sum(pool.total() for pool in self._pools(word)), n) for word, n in Counter(form).items())
        return all(count >= n for count, n in there)

    def _pools(self, word: str) -> Iterator[Counter[Keys]]:
        """Yield the pools that have a word: as it is, or as a word of a few, which has no capitals."""
        for said in (word, f"={word.casefold()}", *(_TICKS if word == "[x]" else ())):
            if pool := self.record.pools.get(said):
                yield pool

    def _take(self, form: Iterable[str], wanted: Sequence[Keys]) -> tuple[set[str], list[str]]:
        """Take words from the pools, and return the keys of those and the words that are in none."""
        found: set[str] = set()
        lost: list[str] = []
        for word in form:
            there = [(pool, keys) for pool in self._pools(word) for keys in pool]
            if not there:
                lost.append(word)
                continue
            pool, keys = max(there, key=lambda one: _fit(one[1], wanted))
            pool[keys] -= 1
            if not pool[keys]:
                del pool[keys]
            found |= keys
            self.left += bool(keys & VERBATIM)
        return found, lost


def _fit(keys: Keys, wanted: Sequence[Keys]) -> tuple[bool, ...]:
    """Return how well a pool fits what names mean, the nearest one first; what fits none is best taken from plain text."""
    return *(bool(keys & one) for one in wanted), bool(keys & VERBATIM)


def _is_joint(word: str) -> bool:
    """Tell whether a word only joins others, as a sign does, so that it says nothing once these are apart."""
    return word.casefold() in _JOINTS or not any(map(str.isalnum, word))


def _missing(document: Document, one: Statement, lost: Sequence[str]) -> Missing:
    for line in range(one.line, min(one.line + one.text.count("\n") + 1, len(document.lines) + 1)):
        if (column := document.lines[line - 1].find(lost[0])) >= 0:
            return Missing(document.path, line, column + 1, one.kind, one.text, tuple(lost))
    return Missing(document.path, one.line, 1, one.kind, one.text, tuple(lost))
