"""In: what is offered to a commit. Out: its message with the offer as comments, and the script that git runs for that."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

HOOK = "prepare-commit-msg"
MARKER = "# Made by `roundbook hook install`"
_AUTO = "#;@!$%^&|:"  # what git itself chooses from
_HINT = "Take the comment mark off the lines that are true of this commit:"

_SCRIPT = """\
#!/bin/sh
{marker}; `roundbook hook uninstall` takes it away.
# It offers the trailers Round, Decision and Change as comments, and never stops a commit.
[ "${{GIT_EDITOR-}}" = : ] && exit 0 # nobody will see the message, and comments would stay in it
case "${{2-}}" in merge | squash | commit) exit 0 ;; esac
{folder}{run}
exit 0
"""
_FIRST = 'if [ -x {python} ]; then\n  {python} -P -m roundbook{words} hook run "$@" </dev/null\nel'
_ELSE = """\
if command -v roundbook >/dev/null 2>&1; then
  roundbook{words} hook run "$@" </dev/null
else
  echo "roundbook: not found, so no trailers are offered" >&2
fi"""


def script(prefix: str, data: str, python: str | None) -> str:
    """Return the hook for a project that lies at `prefix` in its repository.

    It runs `python` where one is named and is there, else the `roundbook` of the `PATH`. `-P` keeps a module that lies in
    the repository from being taken for one of ours.
    """
    words = f" -C {shlex.quote(prefix)}" if prefix else ""
    words += f" --data {shlex.quote(data)}" if data != "data" else ""
    folder = f"[ -d {shlex.quote(prefix)} ] || exit 0\n" if prefix else ""
    first = _FIRST.format(python=shlex.quote(python), words=words) if python else ""
    return _SCRIPT.format(marker=MARKER, folder=folder, run=first + _ELSE.format(words=words))


def is_ours(text: str) -> bool:
    """Tell whether a hook was written by us."""
    return any(line.startswith(MARKER) for line in text.split("\n")[:5])


def with_offer(message: str, offered: Mapping[str, Sequence[str]], comment: str) -> str:
    """Return a message with trailers as comments, above the comments that git has written at its end.

    `offered` holds the values of each trailer by its key.

    A message without such comments is returned as it is: in it a comment could become a part of the message. What the
    message says under a key already, as a trailer or as a comment, is not offered again.
    """
    lines = message.split("\n")
    end = next((i for i, line in enumerate(lines) if re.search(r"^\S+ -{8,} >8 -{8,}$", line)), len(lines))
    while end and not lines[end - 1].strip():
        end -= 1
    mark = comment if comment != "auto" else lines[end - 1][:1] if end else ""
    start = end
    while start and mark and lines[start - 1].startswith(mark):
        start -= 1
    missing = [line for key, values in offered.items() for line in _missing(key, values, lines, mark)]
    if start == end or not missing or (comment == "auto" and mark not in _AUTO):
        return message
    above = lines[:start]
    while len(above) < 2 or above[-1].strip():
        above.append("")  # a subject, and the empty line that makes the rest trailers
    block = [f"{mark} {line}" for line in (_HINT, *missing)]
    return "\n".join([*above, *block, mark, *lines[start:]])


def _missing(key: str, values: Sequence[str], lines: list[str], mark: str) -> Iterator[str]:
    said = re.compile(rf"(?:{re.escape(mark)})?\s*{key}\s*:", re.IGNORECASE)
    if not any(said.match(line) for line in lines):
        yield from (f"{key}: {value}" for value in values)
