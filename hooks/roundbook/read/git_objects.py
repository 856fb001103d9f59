"""In: the bytes of git objects. Out: commits, tag targets, tree entries; whatever the bytes are, never an exception."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from roundbook.model.history import Commit, Mailmap, Person
from roundbook.schema.dates import Moment

UNKNOWN = Person("unknown", "")
NO_DATE = Moment(-1)  # before 1970, so `Moment.known` says no
WIDEST_ZONE = 14 * 60  # minutes; no clock on earth is further from UTC

_PARENT = re.compile(r"parent [0-9a-f]{40}(?:[0-9a-f]{24})?")
_DATE = re.compile(r" *(-?[0-9]{1,24})(?: ([+-][0-9]{4})(?![0-9]))?")
_PLAIN = re.compile(
    rb"tree [0-9a-f]+\n((?:parent [0-9a-f]{40}(?:[0-9a-f]{24})?\n)*)"
    rb"author ([^\n\0]*>) ([0-9]{1,12}) ([+-][0-9]{4})\n"
    rb"committer ([^\n\0]*>) ([0-9]{1,12}) ([+-][0-9]{4})"
    rb"(?:\ngpgsig [^\n]*(?:\n [^\n]*)*)?(?:\n\n|\Z)"
)
_CONTINUED = re.compile(rb"\n [^\n]*")
# Codecs of Python that are no encodings of text, or that take quadratic time (idna, punycode).
_NO_TEXT = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})


def decode_path(raw: bytes) -> str:
    r"""Return a path, or a ref name, as text; bytes that are not UTF-8 are shown as `\xe9`, never as surrogates."""
    return raw.decode("utf-8", "backslashreplace")


def decode_text(raw: bytes, encoding: bytes = b"") -> str:
    """Return a commit's text by its `encoding` header, else as UTF-8, else as Latin-1; a NUL ends it, as in git.

    Source: https://git-scm.com/docs/git-commit#_discussion
    """
    if encoding and not _plain(raw) and (text := _decode_declared(raw, encoding)) is not None:
        return text.partition("\0")[0]
    if b"\0" in raw:
        raw = raw.partition(b"\0")[0]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _plain(raw: bytes) -> bool:
    """Tell whether every encoding in use says the same about these bytes: ASCII without the escapes of ISO-2022."""
    return raw.isascii() and b"\x1b" not in raw and b"\0" not in raw


def _decode_declared(raw: bytes, encoding: bytes) -> str | None:
    try:
        codec = codecs.lookup(encoding.decode("ascii"))
        if codec.name in _NO_TEXT:
            return None
        text = raw.decode(codec.name)
        text.encode()  # UTF-7 and others can spell lone surrogates
    except (LookupError, ValueError):
        return None
    return text


def parse_moment(text: str) -> Moment:
    """Return the time that `1700000000 +0100` states: the seconds as they are, a zone beyond ±14:00 as UTC.

    No date at all is a moment that is not `known`.
    """
    match = _DATE.match(text)
    return Moment(int(match[1]), parse_zone(match[2] or "")) if match else NO_DATE


def parse_zone(text: str) -> int:
    """Return the minutes east of UTC that `+0130` means, and 0 for what is no zone."""
    if len(text) != 5 or not (text.isascii() and text[1:].isdigit()) or text[3:] > "59":
        return 0
    offset = int(text[1:3]) * 60 + int(text[3:])
    if offset > WIDEST_ZONE:
        return 0
    return {"+": offset, "-": -offset}.get(text[0], 0)


def parse_person(text: str) -> Person:
    """Return the person of `Name <email>`; a name that is missing is `unknown`."""
    name, _, rest = text.partition("<")
    return Person(name.strip() or UNKNOWN.name, rest.partition(">")[0].strip())


def parse_tagged(raw: bytes) -> Moment | None:
    """Return when the annotated tag of this raw object was made, or `None` for an old one without a tagger."""
    tagger = _fields(raw.partition(b"\n\n")[0]).get(b"tagger")
    return parse_moment(tagger.decode("latin-1").rpartition(">")[2]) if tagger else None


def parse_tree(raw: bytes, id_size: int) -> dict[str, tuple[str, str]]:
    """Return the type (`blob`, `tree` or `commit`, a submodule) and the object id of each name in a raw tree.

    `id_size` is the length of an object id in bytes, 20 or 32.
    """
    entries: dict[str, tuple[str, str]] = {}
    position = 0
    while (end := raw.find(b"\0", position)) >= 0:
        mode, _, name = raw[position:end].partition(b" ")
        kind = {b"40000": "tree", b"160000": "commit"}.get(mode, "blob")
        position = end + 1 + id_size
        entries[decode_path(name)] = kind, raw[end + 1 : position].hex()
    return entries


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the header fields of an object; of a field that stands twice the last one counts, as in git."""
    lines = _CONTINUED.sub(b"", head).split(b"\n")
    return {key: value for key, _, value in (line.partition(b" ") for line in lines)}


@dataclass(frozen=True, slots=True)
class CommitParser:
    """Turns raw commit objects into commits; equal people, zones and, where it can, ids are kept once."""

    mailmap: Mailmap = field(default_factory=Mailmap)
    _people: dict[str, Person] = field(default_factory=dict)
    _plain_people: dict[bytes, Person] = field(default_factory=dict)
    _zones: dict[bytes, int] = field(default_factory=dict)
    _awaited: dict[str, str] = field(default_factory=dict)

    def parse(self, id: str, raw: bytes) -> Commit:  # noqa: A002  the field's own noun
        """Return the commit that the object `id` holds, whatever bytes it is made of.

        Nearly all commits have the plain header; the way of the others is the definition, and gives the same for both.

        Source: `parse_commit_buffer` and `split_ident_line` in git, which has no page on the format
        """
        plain = _PLAIN.match(raw)
        if plain is None:
            return self._parse_odd(id, raw)
        links, author, authored, zone, committer, committed, other_zone = plain.groups()
        await_, people, zones = self._awaited.setdefault, self._plain_people, self._zones
        try:
            return Commit(
                self._awaited.pop(id, id),
                tuple([await_(parent, parent) for parent in links.decode().split()[1::2]]),
                people.get(author) or self._plain_person(author),
                people.get(committer) or self._plain_person(committer),
                Moment(int(authored), zones[zone] if zone in zones else self._zone(zone)),
                Moment(int(committed), zones[other_zone] if other_zone in zones else self._zone(other_zone)),
                decode_text(raw[plain.end() :]),
            )
        except UnicodeDecodeError:  # of a person; a message is always text
            return self._parse_odd(id, raw)

    def _parse_odd(self, id_: str, raw: bytes) -> Commit:
        head, _, message = (b"\n" + raw).partition(b"\n\n")
        fields = _fields(head[1:])
        encoding = fields.get(b"encoding", b"")
        author, authored = self._read_odd(fields.get(b"author", b""), encoding)
        committer, committed = self._read_odd(fields.get(b"committer", b""), encoding)
        lines = head.decode("latin-1").split("\n")
        parents = tuple(line[7:] for line in lines if _PARENT.fullmatch(line))
        own = self._awaited.pop(id_, id_)
        return Commit(own, parents, author, committer, authored, committed, decode_text(message, encoding))

    def _read_odd(self, raw: bytes, encoding: bytes) -> tuple[Person, Moment]:
        identity, end, date = raw.rpartition(b">")
        return self._person(decode_text(identity + end, encoding)), parse_moment(date.decode("latin-1"))

    def _person(self, identity: str) -> Person:
        """Return the person of `Name <email>`, as the mailmap has it."""
        person = self._people.get(identity)
        if person is None:
            person = self._people[identity] = self.mailmap.resolve(parse_person(identity))
        return person

    def _plain_person(self, identity: bytes) -> Person:
        person = self._plain_people[identity] = self._person(identity.decode())
        return person

    def _zone(self, raw: bytes) -> int:
        zone = self._zones[raw] = parse_zone(raw.decode("ascii"))
        return zone
