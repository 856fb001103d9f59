"""In: the title of a decision record, or the words of a link to one. Out: the title, and the number before it."""

from __future__ import annotations

import re

_NUMBERED = re.compile(
    r"(?P<number>(?:ADR|Decision)[-_ #]*\d{1,6}|#?\d{1,6})(?:\s*[:.)]\s*|\s*(?:--+|—|–)\s*|\s+-\s+|\s+)(?P<title>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


def split_title(text: str) -> tuple[str, str]:
    """Return `Use PostgreSQL` and `ADR-0044` of `ADR-0044: Use PostgreSQL`; the number is empty where there is none.

    A number that the words go on with is none: `3 replicas are enough` is a title.
    """
    match = _NUMBERED.fullmatch(text.strip())
    if not match:
        return text.strip(), ""
    between = text.strip()[len(match["number"]) : match.start("title")]
    sure = between.strip() or not match["number"].isdecimal() or len(match["number"]) >= 3
    return (match["title"].strip(), match["number"]) if sure else (text.strip(), "")
