"""A repository in which every text tries to become markup.

The strings are those of the table "Text in pages" of the design of hostile input; what they would do is open a dialog,
fetch from `evil.example`, move an id, or vanish.
"""

from __future__ import annotations

import json
from pathlib import Path

from repository import Repository

LITERAL = (
    "{{ 7*7 }}",
    "{{ cycler.__init__.__globals__.os.popen('touch canary').read() }}",
    "{% for x in 'ab' %}XX{% endfor %}",
    "{# never closed",
    "[[ 7*7 ]] <% 7*7 %> ${7*7}",
    "<script>alert(1)</script>",
    "</script></title><svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "&#60;/title&#62;&#60;script&#62;alert(1)&#60;/script&#62;",
    "<!-- never closed",
    '" onmouseover="alert(1)" x="',
    "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](&#106;avascript:alert(1))",
    "[x](data:text/html,1) [x](vbscript:x) [x](//evil.example) [x](/\\evil.example) [x](http://github.com@evil.example)",
    "{: #search .md-hidden onclick=alert(1) }",
    '--8<-- "secret.txt"',
    "``` and ~~~ and `tick",
    "a | b \\| c || d",
    "@someone #12 user/repo@0123456 www.evil.example 0123456789012345678901234567890123456789",
    ":smile: :material-account: ![p](http://evil.example/p.png)",
    "$x$ \\(y\\) ==mark== ^^ins^^ ++ctrl++ H~2~O [^1] *[HTML]: x",
    "- [ ] 1. # heading > quote",
    "שלום עולם and back",
)
CLEANED = {
    "spoofed \u202etxt.exe\u2069": "spoofed U+202Etxt.exeU+2069",
    "colour \x1b[31m bell \x07": "colour \ufffd[31m bell \ufffd",
    "stacked e" + "\u0301" * 500: "stacked e" + "\u0301" * 4,
}
LONG = "w" * 10_000
SECRET = "canary-in-a-file"
TOKEN = "ghp_canaryToken"
WORST = "<img src=x onerror=alert(1)>{{ 7*7 }}"

MKDOCS = """\
site_name: evil
docs_dir: docs
theme:
  name: material
  font: false
  features: [navigation.tabs, search.suggest, search.highlight]
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default, toggle: {icon: material/weather-night, name: dark}}
    - {media: "(prefers-color-scheme: dark)", scheme: slate, toggle: {icon: material/weather-sunny, name: light}}
plugins: [search, macros, roundbook]
markdown_extensions: [abbr, admonition, attr_list, def_list, footnotes, md_in_html, meta, smarty, tables,
  {toc: {permalink: true}}, pymdownx.arithmatex, pymdownx.betterem, pymdownx.caret, pymdownx.critic, pymdownx.details,
  pymdownx.emoji, pymdownx.inlinehilite, pymdownx.keys, pymdownx.magiclink, pymdownx.mark, pymdownx.saneheaders,
  pymdownx.smartsymbols, pymdownx.snippets, pymdownx.superfences, pymdownx.tasklist, pymdownx.tilde]
"""
HOME = """\
# Home

{{ round_card() }}

{{ round_metrics(name="tests") }}
"""


def make(path: Path) -> Repository:
    """Write the repository: five rounds of two phases, one of them broken, releases, decisions, and hostile history."""
    repo = Repository(path)
    repo.git("remote", "add", "origin", f"https://user:{TOKEN}@github.com/evil/repo.git")
    repo.commit("chore: begin", {"mkdocs.yml": MKDOCS, "docs/index.md": HOME, "secret.txt": SECRET})
    for number, text in enumerate((*LITERAL, *CLEANED)):
        message = f"{text}\n\n{text}\n```\n{text}\n\nRound: 1/{1 + number % 2}\nDecision: choice-{number % 5}\n"
        name = text.replace("<", "").replace(">", "").replace("\x1b", "")[:60]
        repo.commit(message, {f"src/{number}.txt": text}, author=f"{name} <n{number}@example.org>")
        if number == 12:
            repo.tag("v1.0.0", message=WORST)
    repo.commit(
        f"fix: {LONG}\n\n{LONG}\n\nRound: 1/2", {f"src/{LONG[:200]}.txt": "x", "src/<img src=x>{{ 7*7 }}.txt": "x"}
    )
    repo.branch("<script>alert(1)</script>{{7}}")
    repo.commit("feat!: side (#12)\n\nRound: 2/1\nCo-authored-by: <b>Bo</b> <bo@example.org>", {"src/side.txt": "x"})
    repo.checkout("main")
    repo.merge("<script>alert(1)</script>{{7}}", message="Merge pull request #12 from evil/<script>alert(1)</script>")
    repo.tag("<svg/onload=alert(1)>{{7}}")
    repo.tag("v2.0.0-<b>{{7}}")
    repo.commit("docs: say it\n\nRound: 2/1", rounds())
    return repo


def rounds() -> dict[str, str]:
    """Return the round files; JSON is YAML, and quotes everything."""
    return {
        "data/rounds/1/phase.yml": json.dumps({"phase": 1, "title": f"Phase {WORST}", "summary": " ".join(LITERAL)}),
        "data/rounds/1/1.yml": json.dumps(_round(1, "2026-01-02", "done", 960)),
        "data/rounds/1/2.yml": json.dumps(_round(2, "2026-01-05", "partial", 1029) | {"title": f"Second {WORST}"}),
        "data/rounds/1/3.yml": "round: 3\nphase: 1\nfocus: {{ 7*7 }}\ntitel: <script>alert(1)</script>\n",
        "data/rounds/2/1.yml": json.dumps(_last()),
    }


def _round(number: int, date: str, status: str, tests: int) -> dict[str, object]:
    half = LITERAL[number - 1 :: 2]
    words = ("done", "in-progress", "partial", "blocked", "deferred", "dropped", "planned")
    statuses = [words[i % len(words)] for i in range(len(half))]
    return {
        "round": number,
        "phase": 1,
        "date": date,
        "status": status,
        "focus": WORST,
        "summary": "\n\n".join(half) + "\n\n" + LONG,
        "team": {"size": 8, "mode": WORST},
        "tags": ["<b>tag</b>", "{{ 7*7 }}"],
        "branch": "<script>alert(1)</script>{{7}}",
        "metrics": {
            "tests": {"label": "Tests", "after": tests, "better": "higher"},
            "size": {"label": f"Size {WORST}", "before": 9, "after": 5, "unit": "MB", "better": "lower", "target": "4"},
        },
        "agents": [
            {
                "name": text,
                "task": text,
                "status": s,
                "status_text": text,
                "deliverables": [{"title": text, "paths": [text]}],
            }
            for text, s in zip(half, statuses, strict=True)
        ],
        "decisions": [
            {
                "id": f"choice-{i}",
                "title": f"Choice {i} {text}",
                "status": word,
                "context": text,
                "rationale": [text, text],
                "consequences": [text],
                "tags": ["odd" if i % 2 else "even", "<i>tag</i>"],
                **({"supersedes": [f"choice-{i - 2}"]} if i in (2, 4) else {}),
                **({"amends": ["choice-0"]} if i == 3 else {}),
            }
            for i, (text, word) in enumerate(
                zip(half, ("accepted", "accepted", "proposed", "rejected", "draft"), strict=False)
            )
            if number == 1
        ],
        "goals": [{"title": text, "text": text, "status": s} for text, s in zip(half, statuses, strict=True)],
        "deliverables": [{"title": text, "paths": ["src/1.txt"], "group": "G"} for text in half[:3]],
        "findings": [{"title": t, "text": t, "severity": "high", "refs": ["#12", "choice-0"]} for t in half[:3]],
        "deferred": [{"title": t, "to": "2/1", "until": t, "reason": t} for t in half[:3]],
        "blockers": [{"title": t, "status": "blocked", "text": t} for t in half[:2]],
        "checks": [{"title": t, "result": r, "command": t} for t, r in zip(half, ("pass", "fail", "na"), strict=False)],
        "questions": half[3:5],
        "changes": [{"type": "added", "text": t, "breaking": i == 0} for i, t in enumerate(half)],
        "tables": [
            {"title": half[0], "columns": list(half[:2]), "rows": [list(half[:2]), list(half[2:4])], "note": half[0]}
        ],
        "sections": [{"title": half[1], "body": "\n\n".join(half)}],
        "links": [{"url": "https://example.org/", "title": half[0]}],
    }


def _last() -> dict[str, object]:
    return {
        "round": 1,
        "phase": 2,
        "date": "2026-01-09",
        "status": "in-progress",
        "focus": "Hold the line",
        "metrics": {"tests": {"label": "Tests", "after": 1048, "better": "higher"}},
        "agents": [
            {"name": "Ada", "task": "Begin", "status": "done"},
            {"name": "Bo", "task": "End", "status": "blocked"},
        ],
        "decisions": [
            {"id": "calm", "title": "Stay calm", "status": "accepted", "tags": ["even"], "rationale": ["It helps."]}
        ],
        "carried": {"from": "1/2", "completed": [{"title": WORST}], "findings": [WORST], "deferred": [WORST]},
        "goals": ["Stay"],
    }
