"""Small pieces of pages: badges of statuses, bars and charts."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup

from roundbook.book.facts import MetricRow
from roundbook.schema.dates import Moment
from roundbook.schema.decision import number
from roundbook.site.escape import cut, encode
from roundbook.site.prose import plain

# The mark of what came of a claim; the word is always beside it. What is only noted may stay as it is, so it is no failure.
RESULTS = {"verified": "✓", "contradicted": "✕", "noted": "!", "waived": "✕", "not-checked": "?"}
# The mark beside each status word; the word itself is always there, so colour and mark are never alone.
MARKS = {
    "planned": "○",
    "in-progress": "◐",
    "done": "✓",
    "partial": "◑",
    "blocked": "■",
    "deferred": "→",
    "dropped": "✕",
    "draft": "○",
    "proposed": "◐",
    "accepted": "✓",
    "rejected": "✕",
    "deprecated": "✕",
    "superseded": "→",
    "pass": "✓",
    "fail": "✕",
    "missing": "✕",
    "pending": "◐",
    "na": "–",
}


def link(url: str | None, text: Markup, *, title: str = "", kind: str = "", tabbed: bool = True) -> Markup:
    """Return a link, or the text alone where there is nowhere to go; not `tabbed`, the keyboard does not stop at it."""
    if not url:
        return text
    more = f' title="{encode(title)}"' if title else ""
    more += f' class="{kind}"' if kind else ""
    more += "" if tabbed else ' tabindex="-1"'
    return Markup(f'<a href="{html.escape(url)}"{more}>{text}</a>')  # noqa: S704 - all parts are escaped


@lru_cache(maxsize=1024)
def status(word: str | None, raw: str | None = None) -> Markup:
    """Return a badge for a status; followed by the words of the note where they say more."""
    raw = plain(raw) if raw else raw
    quoted = f'<span class="rb-raw">“{encode(raw)}”</span>' if raw else ""
    if not word:
        return Markup(quoted or '<span class="rb-status rb-unknown">not stated</span>')  # noqa: S704
    said = raw.strip().lower().replace(" ", "-").replace("_", "-") if raw else word
    extra = f" {quoted}" if quoted and said != word else ""
    mark, shown = MARKS.get(word, "·"), word.replace("-", " ")
    badge = f'<span class="rb-status rb-{word}"><span aria-hidden="true">{mark}</span> {shown}</span>'
    return Markup(badge + extra)  # noqa: S704


def paragraph(words: Markup, kind: str = "note") -> Markup:
    """Return a paragraph of a kind: a `note`, or the words for a list that is `empty`."""
    return Markup(f'<p class="rb-{kind}">{words}</p>\n')  # noqa: S704 - ready HTML


def section(title: str, anchor: str, items: Sequence[Markup]) -> Markup:
    """Return a list of things under a heading of its own; nothing where there are none."""
    if not items:
        return Markup("")
    return Markup(f"\n## {title} {{ #{anchor} }}\n\n") + bullets(items)  # noqa: S704 - words of ours


def bullets(items: Iterable[Markup]) -> Markup:
    """Return things as a list."""
    entries = "".join(f"<li>{item}</li>" for item in items)
    return Markup(f'<ul class="rb-plain">{entries}</ul>\n')  # noqa: S704 - ready HTML


def fold(summary: str, inside: Markup, *, opened: bool = False) -> Markup:
    """Return ready HTML that a click on its summary shows, or that is `opened` at first."""
    state = " open" if opened else ""
    return Markup(f'<details class="rb-fold"{state}><summary>{summary}</summary>\n{inside}</details>\n')  # noqa: S704


def amount(text: str | Decimal | int | None, *, sign: bool = False) -> Markup:
    """Return a number with its thousands grouped, or a text that is no number as it is."""
    value = number(str(text)) if text is not None else None
    if value is None:
        return encode(text) if isinstance(text, str) else Markup("–")
    return Markup(f"{value:{'+' if sign else ''},}".replace("-", "−"))  # noqa: S704


def change(row: MetricRow) -> Markup:
    """Return a metric as before → now with the difference, and whether that is for better or worse."""
    if row.before is None:
        return amount(row.now) + _unit(row)
    return (
        amount(row.before)
        + Markup(' <span role="img" aria-label="to">→</span> ')
        + amount(row.now)
        + _unit(row)
        + difference(row)
    )


def reached(row: MetricRow) -> Markup:
    """Return the value of a metric now, with the difference; where it has no value yet, the one before, as a change."""
    return amount(row.now) + _unit(row) + difference(row) if number(row.now) is not None else change(row)


def difference(row: MetricRow) -> Markup:
    """Return how much a metric changed, and whether for better or worse; nothing where it did not."""
    if not row.difference:
        return Markup("")
    better = {"higher": row.difference > 0, "lower": row.difference < 0}.get(row.metric.better or "")
    kind = "" if better is None else " rb-better" if better else " rb-worse"
    word = "" if better is None else " better" if better else " worse"
    return Markup(f' <span class="rb-difference{kind}">{amount(row.difference, sign=True)}{word}</span>')  # noqa: S704


def _unit(row: MetricRow) -> Markup:
    return Markup(" ") + encode(row.metric.unit) if row.metric.unit and row.now else Markup("")


def others(written: Iterable[str], numbers: Collection[int]) -> list[str]:
    """Return the pull requests of a record that are none of this repository, as it writes them."""
    own = {str(number) for number in numbers}
    return [text for text in written if text.lstrip("#!") not in own]


def day(moment: Moment) -> Markup:
    """Return the date of a commit in its writer's own zone."""
    if not moment.known:
        return Markup('<span class="rb-unknown">date unknown</span>')
    return Markup(f'<time datetime="{moment.iso}">{moment.day}</time>')  # noqa: S704


def mark(kind: str, sign: str, word: str, words: str, url: str) -> Markup:
    """Return a small mark that leads to `url`; `words` are its title."""
    shown = Markup(f'<span aria-hidden="true">{sign}</span> {word}')  # noqa: S704 - words of ours
    return Markup(" ") + link(url, shown, title=cut(words), kind=f"rb-status rb-{kind} rb-mark")
