"""In: findings. Out: the text of each format that `roundbook check` prints, and the option that names one.

Sources: actions/toolkit `command.ts` for the annotations, SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from roundbook import __version__
from roundbook.doors.line import safe
from roundbook.errors import Finding, Severity

MESSAGE_LIMIT = 4_000  # a runner cuts at 4,096
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def option(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--format`, whose help begins with the words."""
    choice = click.Choice(["text", "json", "github", "sarif"])
    told = f"{words}: for people, programs, GitHub annotations, or code scanning."
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=told)


def github(findings: Iterable[Finding]) -> str:
    """Return one annotation a line, as a GitHub runner reads them; text of others is encoded and cannot be a command."""
    return "".join(f"{_annotation(f)}\n" for f in findings)


def _annotation(finding: Finding) -> str:
    properties = {"title": finding.slug}
    if finding.place:
        properties = {"file": finding.place.path, "line": str(max(1, finding.place.line)), **properties}
        if finding.place.column:
            properties["col"] = str(finding.place.column)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{finding.message}; {finding.mend}" if finding.mend else finding.message
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(safe(message)[:MESSAGE_LIMIT])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding]) -> str:
    """Return a SARIF log, which code scanning reads without a limit on the number of findings."""
    rules = sorted({f.slug for f in findings})
    driver = {"name": "roundbook", "version": __version__, "rules": [{"id": slug} for slug in rules]}
    run = {"tool": {"driver": driver}, "results": [_result(f) for f in findings]}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    text = f"{finding.message}; {finding.mend}" if finding.mend else finding.message
    result: dict[str, Any] = {"ruleId": finding.slug, "level": _LEVELS[finding.severity], "message": {"text": text}}
    if finding.place:
        region = {"startLine": max(1, finding.place.line), "startColumn": max(1, finding.place.column)}
        where = {"artifactLocation": {"uri": finding.place.path}, "region": region}
        result["locations"] = [{"physicalLocation": where}]
    return result


def weight(severity: Severity) -> int:
    """Return 0 for an error, 1 for a warning, 2 for a note: the order in which findings of one place are shown."""
    return ("error", "warning", "info").index(severity)
