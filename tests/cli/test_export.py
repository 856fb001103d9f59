"""E1, E2: an export whose links are right wherever it is read, and that never takes what others wrote."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from eventful import eventful
from links import dead_links
from repository import Repository
from site_trial import Outcome, project, run

MARKDOWN_LINK = re.compile(r"(?<!\\)\]\((?P<path>[^)#\s]*)(?:#(?P<mark>[^)\s]*))?\)")


def export(repo: Repository, *words: str) -> Outcome:
    return run(repo.path, "roundbook", "export", *words)


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = project(tmp_path, mkdocs_dot_yml="site_name: T\nsite_url: https://e.example/\n")
    repo.commit("feat: begin\n\nRound: 3/5")
    return repo


# ------------------------------------------------------------------------------------------------------------ E2


def test_into_keeps_every_file_of_others_to_the_byte(repo: Repository) -> None:
    mine = {
        "docs/rounds/3/5.md": "# Mine\n",  # the address of a generated page, under another name
        "docs/changelog.md": "# My changelog\n",
        "docs/decisions/README.md": "# My decisions\n",
        "docs/decisions/0001-record.md": "# A record\n",
        "docs/assets/roundbook/roundbook.css": "/* mine */\n",
    }
    repo.write(mine)
    before = tree(repo.path / "docs")
    done = export(repo, "--into", "docs")
    assert done.code == 0, done.output
    after = tree(repo.path / "docs")
    assert {name: after.get(name) for name in before} == before
    kept = ("rounds/3/5/index.md", "changelog/index.md", "decisions/index.md", "assets/roundbook/roundbook.css")
    for name in kept:
        assert f"{name} is hand-written, so it was kept" in done.output
    assert len(after) > len(before) + 5


def test_into_takes_away_its_own_and_nothing_that_was_edited_since(repo: Repository) -> None:
    docs = repo.path / "docs"
    own = tree(docs)
    assert export(repo, "--into", "docs").code == 0
    first = tree(docs)
    edited, gone = docs / "decisions/go-straight-to-1-93-1/index.md", docs / "rounds/3/5/index.md"
    assert edited.is_file()
    edited.write_text("edited by hand\n", "utf-8")
    repo.write({"data/rounds/3/6.yml": "round: 6\nfocus: x\nsummary: y\n"})
    (repo.path / "data/rounds/3/5.yml").unlink()
    assert export(repo, "--into", "docs").code == 0
    assert edited.read_text("utf-8") == "edited by hand\n"
    assert not gone.parent.exists()
    assert (docs / "rounds/3/6/index.md").is_file()
    assert own.items() <= tree(docs).items()
    assert export(repo, "--into", "docs").code == 0
    assert len(tree(docs)) <= len(first) + 10


def test_an_edited_page_that_is_no_longer_generated_stays_and_is_told(repo: Repository) -> None:
    assert export(repo, "--into", "docs").code == 0
    page = repo.path / "docs/rounds/3/5/index.md"
    page.write_text("edited by hand\n", "utf-8")
    repo.write({"data/rounds/3/6.yml": "round: 6\nfocus: x\nsummary: y\n"})
    (repo.path / "data/rounds/3/5.yml").unlink()
    done = export(repo, "--into", "docs")
    assert done.output.count("rounds/3/5/index.md") == 1, done.output
    assert page.read_text("utf-8") == "edited by hand\n"


def test_twice_is_once(repo: Repository) -> None:
    assert export(repo, "--into", "docs").code == 0
    first = tree(repo.path / "docs")
    assert export(repo, "--into", "docs").code == 0
    assert tree(repo.path / "docs") == first


@pytest.mark.parametrize("listed", ["../outside.txt", "/etc/outside.txt", "a/../../outside.txt", "sub/inside.txt"])
def test_a_list_that_somebody_forged_takes_nothing_away(repo: Repository, listed: str) -> None:
    outside = repo.path / "outside.txt"
    outside.write_text("o\n", "utf-8")
    (repo.path / "docs/sub").symlink_to(repo.path)
    digest = hashlib.sha256(b"o\n").hexdigest()
    repo.write({"docs/.roundbook-export": f"{digest}  {listed}\nnonsense\n"})
    assert export(repo, "--into", "docs").code == 0
    assert outside.is_file()


def test_a_folder_that_leads_outside_is_not_written_into(repo: Repository) -> None:
    (repo.path / "elsewhere").mkdir()
    (repo.path / "docs/rounds").symlink_to(repo.path / "elsewhere")
    done = export(repo, "--into", "docs")
    assert done.code == 0
    assert tree(repo.path / "elsewhere") == {}


def test_without_into_a_folder_of_others_is_refused(repo: Repository) -> None:
    done = export(repo, "docs")
    assert (done.code, "--into" in done.output) == (2, True)
    assert set(tree(repo.path / "docs")) == {"index.md"}


# ------------------------------------------------------------------------------------------------------------ E1


@pytest.mark.parametrize("directories", ["true", "false"])
def test_no_link_or_anchor_is_dead_in_mkdocs_without_the_plugin(tmp_path: Path, directories: str) -> None:
    repo = eventful(tmp_path)
    plain = (
        f"site_name: T\nsite_url: https://e.example/\nuse_directory_urls: {directories}\ntheme: mkdocs\nplugins: []\n"
    )
    repo.write({"mkdocs.yml": plain, "docs/index.md": "# Home\n"})
    assert export(repo, "--into", "docs").code == 0
    done = run(repo.path, "mkdocs", "build", "--strict")
    assert done.code == 0, done.output
    site = tmp_path / "site"
    assert [one for one in dead_links(site) if not one.endswith("../5/#goals")] == []  # which its author wrote
    made = (site / ("rounds/3/4/index.html" if directories == "true" else "rounds/3/4.html")).read_text("utf-8")
    assert "{ #" not in made
    assert '<a id="' in made


def test_plain_leads_from_file_to_file(tmp_path: Path) -> None:
    repo = eventful(tmp_path)
    assert export(repo, "--plain", "out").code == 0
    out = tmp_path / "out"
    assert {path.suffix for path in out.rglob("*") if path.is_file()} <= {".md", ""}
    followed = 0
    for page in out.rglob("*.md"):
        text = page.read_text("utf-8")
        assert not re.search(r"(?m)^\s*<(?:div|p|nav|table|ul)\b", text)
        for link in MARKDOWN_LINK.finditer(text):
            if link["path"] and ":" not in link["path"]:
                followed += 1
                assert (page.parent / link["path"]).is_file(), f"{page}: {link[0]}"
    assert followed > 5
