"""A repository with many events and hostile texts, for tests of feeds and data."""

from __future__ import annotations

from pathlib import Path

from repository import Repository
from roundbook.site.links import Publication

SITE = Publication("https://example.org/some/path/", 'Trial & <b>"co"</b> ]]>', "What & why")
EVIL = "<script>alert(1)</script> ]]> &amp; \x00\x0b\x1b \ufffe \u202e {{ 7*7 }} <!-- '\" \u2028 --> \\u0041"
FIRST = """\
round: 4
phase: 3
was: [4b]
date: 2026-01-01
status: STATUS
focus: Make it *fast* & <b>small</b>
summary: |
  See [the next](../5/#goals), [the web](https://web.example/?a=1&b=2), `wasm-target` and `</content>]]>`.

  <script>alert(1)</script>
tags: [speed, "<b>"]
agents: [{id: ada, name: Ada, status: STATUS}]
goals: [{id: speed, title: "Be fast ]]> <i>", status: STATUS}]
changes: [{id: faster, type: added, text: "It is **faster** `]]>`", breaking: true}]
decisions:
  - id: wasm-target
    was: [wasm32]
    title: Target `wasip1` & ]]> <b>
    status: WORD
    decision-makers: [Ada Lovelace <ada@example.org>, bo@example.org]
    rationale: [It runs, "It is <small>"]
tables: [{title: Sizes | all, columns: [a, b], rows: [["1 | 2", "<b>"], ["3"]]}]
sections: [{title: More, body: "# Head\\n\\n- one @somebody\\n- two #12\\n\\n~~~\\n@raw\\n"}]
"""
SECOND = """\
round: 5
phase: 3
focus: Go on
status: done
decisions: [{id: next, title: Next, status: accepted, supersedes: wasm-target}]
"""
ROUNDS = "data/rounds"


def eventful(path: Path) -> Repository:
    """Make the repository: two rounds over five commits, a release, and a round that is not committed."""
    repo = Repository(path)
    repo.commit("feat: begin (#27)\n\nRound: 3/4", {"a.txt": "a\n"}, author="grace@example.org <grace@example.org>")
    put(repo, f"docs: record {EVIL}".replace("\x00", ""), "planned", "proposed", author="]]> <b> <x@example.org>")
    put(repo, "docs: go on", "in-progress", "proposed", date="1767261600 +1400")
    put(repo, "docs: done\n\nCo-authored-by: Bo <bo@example.org>", "done", "accepted")
    repo.tag("v0.3.0", message="Release")
    repo.commit("docs: the next", {f"{ROUNDS}/3/5.yml": SECOND})
    repo.write({f"{ROUNDS}/3/6.yml": "round: 6\nfocus: Not committed\ndate: 2026-02-03..2026-02-05\n"})
    repo.write({f"{ROUNDS}/3/7.yml": "round: 7\nfocus: Without any date\n"})
    return repo


def put(repo: Repository, message: str, status: str, word: str, **more: str) -> str:
    """Commit the first round with a status of its own and one for its decision."""
    text = FIRST.replace("STATUS", status).replace("WORD", word)
    return repo.commit(message, {f"{ROUNDS}/3/4.yml": text}, **more)
