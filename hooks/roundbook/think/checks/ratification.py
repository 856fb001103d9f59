"""In: a docket. Out: verdicts on decisions that agents took: whether somebody agreed to them."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.decisions import verdict_on
from roundbook.think.checks.status import brief


@check("decision-unratified", "warning")
def decision_unratified(docket: Docket) -> Iterator[Verdict]:
    """A decision that an agent took and that is accepted says who agreed to it.

    Mend: write `ratified-by:`, or make it `proposed` until somebody has agreed.
    """
    for ruling in docket.book.rulings.values():
        decision = ruling.decision
        if decision.authored_by == "agent" and ruling.status == "accepted":
            agreed = ", ".join(decision.ratified_by)
            outcome: Outcome = "verified" if agreed else "contradicted"
            evidence = f"{brief(agreed)} ratified it" if agreed else "an agent took it, and nobody ratified it"
            mend = "" if agreed else "write ratified-by:, or status: proposed"
            yield verdict_on("decision-unratified", outcome, ruling, evidence, None, mend, "authored_by")
