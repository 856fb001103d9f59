"""In: a docket. Out: verdicts on decisions that agents took: whether somebody agreed to them."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.decisions import verdict_on


@check("decision-unratified", "warning")
def decision_unratified(docket: Docket) -> Iterator[Verdict]:
    """A decision that an agent took and that is accepted says who agreed to it.

    Mend: write `ratified-by:`, or make it `proposed` until somebody has agreed.
    """
    for ruling in docket.book.rulings.values():
        decision = ruling.decision
        # That somebody is named as having agreed shows only what the file says.
        if decision.authored_by == "agent" and ruling.status == "accepted" and not decision.ratified_by:
            evidence, mend = "an agent took it, and nobody ratified it", "write ratified-by:, or status: proposed"
            yield verdict_on("decision-unratified", "contradicted", ruling, evidence, None, mend, "authored_by")
