"""In: a docket. Out: verdicts on the markers in code: whether what they name is a decision of the book."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from roundbook.model.testimony import Marker
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief
from roundbook.think.references import decision_of


@check("marker-unknown", "info")
def marker_unknown(docket: Docket) -> Iterator[Verdict]:
    """A marker in the code names a decision of the book.

    A marker is the word `@decision` and an id, in any comment of any file but Markdown and the data.

    Mend: correct the id, or record the decision; words that are no marker may stand in quotes.
    """
    homes = docket.book.homes
    unknown: dict[str, list[Marker]] = {}
    for marker in docket.book.testimony.markers or ():
        if decision_of(marker.word, homes) is None:
            unknown.setdefault(marker.word, []).append(marker)
    for word, markers in unknown.items():
        near = difflib.get_close_matches(word.rpartition("#")[2], list(homes), n=1, cutoff=0.6)
        mend = f'did you mean "{near[0]}"?' if near else "correct the id, or record the decision"
        more = f", and {len(markers) - 1} more" if len(markers) > 1 else ""
        evidence = f"{markers[0].path}:{markers[0].line} names it{more}"
        yield Verdict(
            "marker-unknown", "contradicted", f'no decision is "{brief(word)}"', evidence, mend=mend, stated=False
        )
