"""Text for a terminal."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ZERO_WIDTH = "\u200b"


def safe(text: str) -> str:
    """Return one line for a log or terminal.

    Control and direction characters are written out (`\\x1b`), and the two forms in which a GitHub runner reads commands
    (`::name::` at the start of a line, `##[name]` anywhere) are parted by a zero-width space.

    Source: actions/runner, `ActionCommand.cs`.
    """
    shown = _CONTROL.sub(lambda m: ascii(m[0])[1:-1], text).replace("##[", f"##{_ZERO_WIDTH}[")
    return f"{_ZERO_WIDTH}{shown}" if shown.lstrip().startswith("::") else shown
