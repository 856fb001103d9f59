"""Results of checks: a claim that is verified, contradicted or not checked, and their tally."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from roundbook.errors import Finding, Place, Severity

Outcome = Literal["verified", "contradicted", "not-checked"]


class CheckResult(NamedTuple):
    """What one check says of one claim.

    `claim` is what the file says and `evidence` what speaks for or against it, both in words of one line; `commit` is
    the full id of the commit that shows it, where there is one. `round` and `anchor` are the address of the claim (of a
    decision that no round took, the empty text and its id), `place` its position in the file. `severity` weighs a
    contradiction; `waived` is the reason why it is right as it is. Where not `stated`, no file claims the like (that
    all commits are in an account, say): the verdict is a remark, which may be a finding, but counts as no claim.
    """

    check: str
    outcome: Outcome
    claim: str
    evidence: str
    place: Place | None = None
    round: str = ""
    anchor: str = ""
    commit: str | None = None
    fix: str = ""
    severity: Severity = "warning"
    waived: str = ""
    stated: bool = True

    @property
    def is_claim(self) -> bool:
        """Tell whether it is about something that a file states; what a check as a whole says is not."""
        return self.stated and bool(self.claim)

    @property
    def speaks(self) -> bool:
        """Tell whether there is something to say beside the result: a contradiction, or how the claim could be checked."""
        return self.outcome == "contradicted" or (self.outcome == "not-checked" and bool(self.fix))

    @property
    def finding(self) -> Finding | None:
        """Return the finding of a contradiction that nobody waived, or a note of what was not checked and can be fixed."""
        if not self.speaks or self.waived:
            return None
        if self.outcome == "not-checked":
            return Finding("info", self.check, f"{self.claim}: not checked, {self.evidence}", self.place, self.fix)
        seen = f" (commit {self.commit[:7]})" if self.commit and self.commit[:7] not in self.evidence else ""
        return Finding(self.severity, self.check, f"{self.claim}: {self.evidence}{seen}", self.place, self.fix)


class Claim(NamedTuple):
    """What a file says, with its place and its address: what a check judges, which is stamped on the verdict later.

    Where not `stated`, no file says the like, and the verdict is a remark.
    """

    words: str
    place: Place | None = None
    round: str = ""
    anchor: str = ""
    stated: bool = True

    def verified(self, evidence: str, commit: str | None = None) -> CheckResult:
        """Return that the evidence bears the claim out."""
        return self.judged("verified", evidence, commit=commit)

    def contradicted(
        self, evidence: str, fix: str = "", commit: str | None = None, severity: Severity = "warning"
    ) -> CheckResult:
        """Return that the evidence speaks against the claim; as a note where `severity` is `info`."""
        return self.judged("contradicted", evidence, fix, commit)._replace(severity=severity)

    def unchecked(self, evidence: str, fix: str = "", commit: str | None = None) -> CheckResult:
        """Return that nobody can tell, and why; with a `fix` that is a note on how the claim could be checked."""
        where = self.place, self.round, self.anchor
        return CheckResult("", "not-checked", self.words, evidence, *where, commit, fix, stated=self.stated)

    def judged(self, outcome: Outcome, evidence: str, fix: str = "", commit: str | None = None) -> CheckResult:
        """Return a result with this outcome; the fix is kept only for a contradiction."""
        where = self.place, self.round, self.anchor
        fix = fix if outcome == "contradicted" else ""
        return CheckResult("", outcome, self.words, evidence, *where, commit, fix, stated=self.stated)


class Tally(NamedTuple):
    """How many claims came to each result; of the contradicted ones, `waived` have a reason and `noted` are but notes."""

    verified: int = 0
    contradicted: int = 0
    not_checked: int = 0
    waived: int = 0
    noted: int = 0

    @classmethod
    def of(cls, results: Iterable[CheckResult]) -> Tally:
        """Count the claims among verdicts; a contradiction stays one, also where somebody waived it."""
        claims = [one for one in results if one.is_claim]
        against = [one for one in claims if one.outcome == "contradicted"]
        return cls(
            sum(one.outcome == "verified" for one in claims),
            len(against),
            sum(one.outcome == "not-checked" for one in claims),
            sum(bool(one.waived) for one in against),
            sum(one.severity == "info" and not one.waived for one in against),
        )

    @property
    def data(self) -> dict[str, int]:
        """Return the counts by the names that they have in data."""
        return {name.replace("_", "-"): count for name, count in self._asdict().items()}

    @property
    def words(self) -> str:
        """Return all three counts in words, also those that are nothing: `3 verified, 0 contradicted, 1 not checked`."""
        return ", ".join(f"{count:,} {name}" for name, count in self._parts)

    @property
    def brief(self) -> str:
        """Return the counts that are not nothing, the contradictions first; of no claims, the empty text."""
        parts = sorted((part for part in self._parts if part[1]), key=lambda part: part[0] != "contradicted")
        return ", ".join(f"{count:,} {name}{self._lenient if name == 'contradicted' else ''}" for name, count in parts)

    @property
    def _parts(self) -> tuple[tuple[str, int], ...]:
        return ("verified", self.verified), ("contradicted", self.contradicted), ("not checked", self.not_checked)

    @property
    def _lenient(self) -> str:
        parts = [f"{n:,} {word}" for n, word in ((self.waived, "waived"), (self.noted, "noted")) if n]
        return f" ({', '.join(parts)})" if parts else ""


NOTHING = Tally()  # where nothing is claimed
