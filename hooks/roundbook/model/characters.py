"""In: nothing. Out: the characters that no text of a round file may hold: those that nobody sees, or a terminal obeys."""

from __future__ import annotations

import re

HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
