"""The navigation of a site: one section of generated pages, with and without a `nav`, in every theme."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from repository import Repository
from site_trial import MKDOCS, ROUND, build, page, project

FIRST = ["rounds/", "decisions/", "changelog/", "open-items/"]
MORE = ["commits/", "evidence/", "activity/"]
OPEN = "questions:\n  - {text: Which target next?}\n"
ARTICLE = r"<article|role=\"main\""
FEATURES = "features: [navigation.tabs, navigation.indexes]"
THEMES = ("mkdocs", "readthedocs", f"{{name: material, font: false, {FEATURES}}}")


class _Links(HTMLParser):
    """The addresses of links within `nav` elements or lists of links, each once, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and re.fullmatch(r"[\w-]+/(index\.html)?|[\w-]+\.html", address) and address not in self.found:
            self.found.append(address)


def menu(shown: str) -> list[str]:
    """Return the folders that the links of a page above its content lead to."""
    found = _Links()
    found.feed(re.split(ARTICLE, shown)[0])
    return [one.removesuffix("index.html") for one in found.found]


def made(path: Path, config: str, **files: str) -> Repository:
    repo = project(path, mkdocs_dot_yml=config, **{"data__rounds__3__5_dot_yml": ROUND + OPEN, **files})
    repo.commit("feat: begin")
    done = build(repo)
    assert done.code == 0, done.output
    return repo


@pytest.mark.parametrize("directories", ["true", "false"])
@pytest.mark.parametrize("theme", THEMES)
def test_without_a_nav_the_generated_pages_are_one_section_after_the_users_own(
    tmp_path: Path, theme: str, directories: str
) -> None:
    config = f"{MKDOCS}theme: {theme}\nuse_directory_urls: {directories}\n"
    repo = made(tmp_path, config, docs__guide__index_dot_md="# Guide\n", docs__zoo__a_dot_md="# Zebra\n")
    shown = (repo.path / "site/index.html").read_text("utf-8")
    assert [one for one in menu(shown) if one in (*FIRST, *MORE)] == [*FIRST, *MORE]
    assert shown.index("guide/") < shown.index("rounds/")
    assert shown.index("zoo/a") < shown.index("rounds/")
    assert re.search(r"Project log", shown)
    assert len(re.findall(r">\s*Rounds\s*<", re.split(ARTICLE, shown)[0])) == 1


def test_pages_with_nothing_to_show_are_not_in_the_menu_until_they_have_something(tmp_path: Path) -> None:
    bare = "round: 5\nphase: 3\nfocus: Look around\n"
    repo = made(tmp_path, MKDOCS, data__rounds__3__5_dot_yml=bare)
    assert menu(page(repo, "."))[:2] == ["rounds/", "changelog/"]
    assert {"decisions/", "open-items/", "files/"}.isdisjoint(menu(page(repo, ".")))
    repo.write({"data/rounds/3/5.yml": ROUND + OPEN})
    for cache in ("1", "0"):  # a warm build gives what a cold one gives
        assert build(repo, ROUNDBOOK_CACHE=cache).code == 0
        assert [one for one in menu(page(repo, ".")) if one in FIRST] == FIRST


def test_hand_written_pages_stay_in_their_folders(tmp_path: Path) -> None:
    files = {"docs__decisions__0001_dot_md": "# Use git\n", "docs__changelog_dot_md": "# Our log\n"}
    shown = menu(page(made(tmp_path, MKDOCS, **files), "."))
    assert shown[:3] == ["changelog/", "rounds/", "decisions/"]


def test_the_section_has_the_title_of_the_option_and_none_where_it_is_empty(tmp_path: Path) -> None:
    named = MKDOCS.replace("roundbook]", "{roundbook: {project_log: Logbuch}}]")
    shown = page(made(tmp_path / "a", named), ".")
    assert "Logbuch" in shown
    assert "Project log" not in shown
    shown = page(made(tmp_path / "b", named.replace("Logbuch", "''")), ".")
    assert "Logbuch" not in shown
    assert set(menu(shown)) == {*FIRST, *MORE}


@pytest.mark.parametrize("entry", ["Log: project-log/", "project-log/"])
def test_project_log_in_a_nav_expands_to_the_same_pages(tmp_path: Path, entry: str) -> None:
    config = f"{MKDOCS}nav:\n  - Home: index.md\n  - {entry}\n  - changelog.md\n"
    repo = made(tmp_path, config.replace("  - changelog.md\n", ""))
    assert menu(page(repo, ".")) == [*FIRST, *MORE]
    repo.write({"docs/changelog.md": "# Our log\n"})
    assert build(repo).code == 0
    assert menu(page(repo, ".")) == [*FIRST, *MORE]


def test_the_pages_of_the_log_are_all_listed_where_sections_have_indexes(tmp_path: Path) -> None:
    nav = "nav:\n  - Home: index.md\n  - Log:\n      - Rounds: rounds/\n      - project-log/\n"
    shown = page(made(tmp_path, f"{MKDOCS}theme: {THEMES[2]}\n{nav}"), "evidence")
    labels = re.findall(r'<span class="md-ellipsis">\s*([^<]*?)\s*<', re.split(ARTICLE, shown)[0])
    assert labels[labels.index("Decisions") :][:3] == ["Decisions", "Changelog", "Open items"]
    assert {"More", "Commits", "Activity"} <= {*labels}


def test_a_page_that_another_plugin_has_moved_stays_there(tmp_path: Path) -> None:
    hook = """
from mkdocs.structure.nav import Section

def on_nav(nav, config, files):
    page = files.get_file_from_path("rounds/index.md").page
    page.parent.children.remove(page)
    nav.items.insert(0, Section("Ours", [page]))
    page.parent = nav.items[0]
    return nav
"""
    repo = made(tmp_path, MKDOCS + "hooks: [hook.py]\n", hook_dot_py=hook)
    assert menu(page(repo, "."))[0] == "rounds/"
    assert "Ours" in page(repo, ".")


def test_before_and_after_follow_the_section(tmp_path: Path) -> None:
    repo = made(tmp_path, MKDOCS + "theme: {name: material, font: false, features: [navigation.footer]}\n")
    assert '<link rel="next" href="rounds/">' in page(repo, ".")
    assert '<link rel="next" href="../decisions/">' in page(repo, "rounds")
    assert '<link rel="prev" href="../open-items/">' in page(repo, "commits")


def test_a_card_is_on_every_page_of_a_site_that_has_an_address(tmp_path: Path) -> None:
    named = MKDOCS.replace("roundbook]", "{roundbook: {card: card.png}}]")
    repo = made(tmp_path, named + "site_url: https://e.example/x/\n")
    tag = '<meta property="og:image" content="https://e.example/x/card.png">'
    assert all(tag in page(repo, address) for address in (".", "rounds", "rounds/3/5"))
    repo.write({"mkdocs.yml": named})
    assert build(repo).code == 0
    assert "og:image" not in page(repo, "rounds")
