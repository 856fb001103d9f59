"""The how-to pages, followed to the letter in a repository that has what they speak of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repository import Repository
from test_docs import ROOT, Fence, Reader, fences

PAGES = sorted((ROOT / "docs/how-to").glob("*.md"))
_BLOCK = re.compile(r"^(`{3,})(\w+)(?: title=\"([^\"]*)\")?\n(.*?)^\1$", re.M | re.S)
# What reaches the network, another machine or another repository.
_ELSEWHERE = re.compile(r"\bcurl\b|^site=|git clone|\bcd project\b|/srv/|hook run", re.M)
_OWN_FILES = re.compile(r"(?:website/)?(data|docs)/|mkdocs\.yml$")
FILES = {
    "mkdocs.yml": "site_name: Engine\nsite_url: https://example.org/docs/\nplugins: [search, macros, roundbook]\n",
    "docs/index.md": "# Engine\n",
    "docs/adr/0044-use-a-file.md": "# 44. Use a file\n\nDate: 2026-01-02\n\n## Status\n\nAccepted\n\n## Decision\n\nx\n",
    "docs/status.md": "# Status\n\nWe are fine.\n",
    "website/mkdocs.yml": "site_name: Part\nplugins: [search, roundbook]\n",
    "libs/shared/base.css": "a {}\n",
    "website/docs/index.md": "# Part\n",
    "website/data/rounds/1/1.yml": "round: 1\nfocus: Begin\n",
    "data/rounds/3/3.yml": "round: 3\nfocus: Look around\ndate: 2026-01-01\nstatus: done\n",
    ".gitignore": "site/\n.cache/\n",
}
ROUND = """\
round: 4
focus: Polish and release
date: 2026-01-01
status: done
goals:
  - {title: It is quick, status: done}
decisions:
  - {id: wasm-target, title: Target wasip1, status: accepted, rationale: It is there.}
"""


def project(path: Path) -> Repository:
    """Make a repository with two rounds, versions, a decision record and a branch of a server."""
    repo = Repository(path)
    repo.commit("feat: begin", FILES)
    for tag in ("v0.2.0", "v1.0", "v1.1"):
        repo.commit(f"feat: reach {tag}\n\nRound: 3/3", {"src/a.py": f"version = '{tag}'\n"})
        repo.git("tag", tag)
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.commit("feat: polish\n\nRound: 3/4", {"data/rounds/3/4.yml": ROUND, "src/b.py": "b = 1\n"})
    repo.git("tag", "v1.2")
    repo.git("tag", "v0.3.0")
    repo.commit("feat: go on", {"src/b.py": "b = 2\n"})
    return repo


def blocks(path: Path) -> list[Fence]:
    """Return the blocks of a page; those with four marks contain Markdown."""
    source = path.read_text("utf-8").replace("{% raw %}", "").replace("{% endraw %}", "")
    return [Fence(path.name, m[2], m[3] or "", m[4]) for m in _BLOCK.finditer(source)]


@pytest.mark.parametrize("page", [p for p in PAGES if any(f.language == "sh" for f in fences(p))], ids=lambda p: p.stem)
def test_a_how_to_can_be_followed_to_the_letter(page: Path, tmp_path: Path) -> None:
    repo = project(tmp_path)
    notes = {block.title: block.body for block in blocks(page) if block.title.startswith("notes/")}
    if notes:  # the page makes round 3/4 of them
        (tmp_path / "data/rounds/3/4.yml").unlink()
        repo.commit("docs: sum up", notes)
    repo.git("add", "-A")
    repo.write({"src/c.py": "c = 1\n"})
    repo.git("add", "src/c.py")  # there is something to commit
    reader = Reader(tmp_path)
    for block in blocks(page):
        if block.language == "sh" and not _ELSEWHERE.search(block.body):
            for line in block.body.splitlines():
                command = re.sub(r"^mkdocs serve(.*?)( --dev-addr \S+)?$", r"mkdocs build\1", line)
                reader.type(command)
        elif block.language != "sh" and _OWN_FILES.match(block.title):
            reader.follow(block)
