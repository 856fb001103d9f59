"""In: the text of a `.mailmap`. Out: the names and addresses that people go by."""

from __future__ import annotations

import re

from roundbook.model.history import Mailmap

_ENTRY = re.compile(r"(?P<name>[^<]*)<(?P<email>[^>]*)>(?:(?P<old_name>[^<]*)<(?P<old_email>[^>]*)>)?")


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
