"""In: the text of a `.mailmap`. Out: the name and address that a person goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from roundbook.model.history import Person

_ENTRY = re.compile(r"(?P<name>[^<]*)<(?P<email>[^>]*)>(?:(?P<old_name>[^<]*)<(?P<old_email>[^>]*)>)?")


@dataclass(frozen=True, slots=True)
class Mailmap:
    """The mapping of a `.mailmap`: by address, and where a line says so by address and name, whatever their case."""

    by_email: dict[str, tuple[str, str]] = field(default_factory=dict)
    by_both: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def resolve(self, person: Person) -> Person:
        """Return the person as the mailmap names it; what it does not change stays."""
        email = person.email.lower()
        found = self.by_both.get((email, person.name.lower())) or self.by_email.get(email)
        return Person(found[0] or person.name, found[1] or person.email) if found else person


def parse(text: str) -> Mailmap:
    """Return the mailmap that `text` states: four forms of line, `#` comments; any other line is passed over.

    Source: https://git-scm.com/docs/gitmailmap
    """
    mailmap = Mailmap()
    for line in text.split("\n"):
        match = None if line.startswith("#") else _ENTRY.match(line)
        if match is None:
            continue
        name, email, old_name, old_email = ((part or "").strip() for part in match.groups())
        if match["old_email"] is None:
            old_email, email = email, ""
        if old_name:
            mailmap.by_both[old_email.lower(), old_name.lower()] = (name, email)
        else:
            known = mailmap.by_email.get(old_email.lower(), ("", ""))
            mailmap.by_email[old_email.lower()] = (name or known[0], email or known[1])
    return mailmap
