"""In: commits with what is said of each. Out: a list of them as one HTML block.

A history is long and this is the part that every page of it is made of, so it is written here as plain text put together,
and not as a template: each piece is encoded where it is put in.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from roundbook.git.history import Commit
from roundbook.git.message import pull_request
from roundbook.show.addresses import commit_anchor
from roundbook.show.encode import BODY_LIMIT, cut, encode
from roundbook.show.marks import day, plural
from roundbook.show.publication import named
from roundbook.show.scene import Scene

# A person in a trailer that stands above the last paragraph, as squashed messages have them.
_SIGNED = re.compile(r"(?m)^([ \t]*[\w-]+-by[ \t]*:[ \t]*)(\S.*)$", re.IGNORECASE)
MOST_ROUNDS = 20  # of a commit that hundreds of rounds share, each list would name all of them
EMPTY_MESSAGE = '<em class="rb-unknown">(no message)</em>'


@dataclass(frozen=True, slots=True)
class Row:
    """A commit in a list: `kind` and `reason` of its account, `partner` it is folded with, and what it has to do with."""

    commit: Commit
    reason: str = ""
    kind: str = ""
    partner: str | None = None
    rounds: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def commit_list(scene: Scene, rows: Sequence[Row], *, left: int = 0, empty: str = "None.", label: str = "") -> Markup:
    """Return the rows as an ordered list, newest first as they come; `left` says how many more there are."""
    if not rows:
        return Markup('<p class="rb-empty">') + encode(empty) + Markup("</p>\n")
    name = f' aria-label="{encode(label)}"' if label else ""
    more = f'<p class="rb-note">and {plural(left, "more commit")}</p>\n' if left else ""
    items = "\n".join([_item(scene, row) for row in rows])
    return Markup(f'<ol class="rb-commits"{name}>\n{items}\n</ol>\n{more}')  # noqa: S704 - encoded piece by piece


def _item(scene: Scene, row: Row) -> str:
    commit = row.commit
    kind = f' class="rb-account-{row.kind}"' if row.kind else ""
    return f'<li id="{commit_anchor(commit.id)}"{kind}>\n{_message(commit)}\n{_meta(scene, row)}\n</li>'


def _message(commit: Commit) -> str:
    subject = encode(cut(commit.subject)) if commit.subject else EMPTY_MESSAGE
    body = commit.body
    if not body:
        return f'<span class="rb-subject">{subject}</span>'
    words = encode(cut(_SIGNED.sub(lambda m: m[1] + named(m[2]), body), BODY_LIMIT))
    return f'<details class="rb-fold"><summary>{subject}</summary><pre class="rb-body">{words}</pre></details>'


def _meta(scene: Scene, row: Row) -> str:
    commit = row.commit
    url = scene.commit_url(commit.id)
    code = f"<code>{commit.short}</code>"
    parts = [f'<a href="{html.escape(url)}">{code}</a>' if url else code]
    parts += [scene.person(commit.author), day(commit.authored)]
    if row.reason:
        parts.append(f'<span class="rb-why">{encode(row.reason)}</span>')
    if row.partner:
        parts.append(scene.commit(row.partner))
    parts += [scene.round_key(key) for key in row.rounds[:MOST_ROUNDS]]
    if len(row.rounds) > MOST_ROUNDS:
        parts.append(f"and {plural(len(row.rounds) - MOST_ROUNDS, 'more round')}")
    parts += [f'<span class="rb-cites">{scene.decision(name, with_status=False)}</span>' for name in row.decisions]
    if number := pull_request(commit):
        parts.append(scene.pull(number))
    return f'<span class="rb-meta">{" ".join(parts)}</span>'
