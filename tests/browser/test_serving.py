"""A save of a round reaches the open page by itself, and the files of other pages are not touched."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from site_trial import ROUND, project
from test_serve import PATIENCE, serving, wait


def test_a_save_reaches_the_open_page(browser: Browser, tmp_path: Path) -> None:
    repo = project(tmp_path / "project", data__rounds__3__6_dot_yml="round: 6\nphase: 3\nfocus: Another one\n")
    repo.git("add", "-A")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    folder = tmp_path / "served"
    folder.mkdir()
    with serving(repo, TMPDIR=str(folder)) as server:
        wait(f"{server}/rounds/3/5/", lambda words: "Upgrade the Rust toolchain" in words)
        (site,) = folder.glob("mkdocs_*")
        others = ("rounds/3/6/index.html", "go/index.html", "assets/roundbook/roundbook.css")
        times = {name: (site / name).stat().st_mtime_ns for name in others}
        page = browser.new_page()
        try:
            page.goto(f"{server}/rounds/3/5/")
            assert "Upgrade the Rust" in page.inner_text("body")
            repo.write({"data/rounds/3/5.yml": ROUND.replace("effort as", "cost as")})
            page.get_by_text("Same cost as 1.87").first.wait_for(state="attached", timeout=PATIENCE * 1000)
        finally:
            page.close()
        assert {name: (site / name).stat().st_mtime_ns for name in others} == times
