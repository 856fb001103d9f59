"""In: nothing. Out: `Verdict`, what holding one claim of a round file against git, or against the data, came to."""

from __future__ import annotations

from typing import Literal, NamedTuple

from roundbook.errors import Finding, Place, Severity

Outcome = Literal["verified", "contradicted", "not-checked"]


class Verdict(NamedTuple):
    """What one check says of one claim.

    `claim` is what the file says and `evidence` what speaks for or against it, both in words of one line; `commit` is
    the full id of the commit that shows it, where there is one. `round` and `anchor` are the address of the claim (of a
    decision that no round took, the empty text and its id), `place` its position in the file. `severity` weighs a
    contradiction; `waived` is the reason why it is right as it is.
    """

    check: str
    outcome: Outcome
    claim: str
    evidence: str
    place: Place | None = None
    round: str = ""
    anchor: str = ""
    commit: str | None = None
    mend: str = ""
    severity: Severity = "warning"
    waived: str = ""

    @property
    def finding(self) -> Finding | None:
        """Return the finding of a contradiction that nobody waived, or a note of what was not checked and can be fixed."""
        if self.outcome == "not-checked" and self.mend:
            return Finding("info", self.check, f"{self.claim}: not checked, {self.evidence}", self.place, self.mend)
        if self.outcome != "contradicted" or self.waived:
            return None
        seen = f" (commit {self.commit[:7]})" if self.commit and self.commit[:7] not in self.evidence else ""
        return Finding(self.severity, self.check, f"{self.claim}: {self.evidence}{seen}", self.place, self.mend)
