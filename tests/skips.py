"""Which tests may be skipped, for which reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping

# Why a test may be skipped where every test has to run: what the machine is, never what a clone lacks.
ALLOWED = (
    "no actionlint on this machine",  # an optional program
    "no Chromium here",  # another, unless ROUNDBOOK_REQUIRE names its mark
    "root may read everything",
    "only root can give a folder away",
    "no pipes with names here",  # another system
    "no devices with paths here",
    "not checked: history incomplete",  # the clone is cut, so git cannot be asked
)


def refused(reason: str, marks: Collection[str], environ: Mapping[str, str]) -> str:
    """Return why a test may not be skipped in this run; nothing where it may.

    With `CI` or `ROUNDBOOK_REQUIRE`, a test is skipped for a reason in `ALLOWED` only, and none whose mark
    `ROUNDBOOK_REQUIRE` names.
    """
    required = {name.strip() for name in environ.get("ROUNDBOOK_REQUIRE", "").split(",")} - {""}
    if named := sorted(required & {*marks}):
        return f"ROUNDBOOK_REQUIRE says that {', '.join(named)} has to be here"
    strict = bool(required) or environ.get("CI", "").lower() in ("1", "true")
    if strict and not any(one in reason for one in ALLOWED):
        return "no test may be skipped for that where CI or ROUNDBOOK_REQUIRE is set; tests/skips.py names what may be"
    return ""
