"""F21, E8, E9: the site builds beside plugins that ask every page for its file on disk, or choose addresses."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from links import dead_links
from roundbook.engines.navigation import ASKING_GIT, spare
from site_trial import build, project

needs_i18n = pytest.mark.skipif(find_spec("mkdocs_static_i18n") is None, reason="needs mkdocs-static-i18n")
I18N = (
    "i18n: {docs_structure: %s, languages: [{locale: en, default: true, name: English}, {locale: de, name: Deutsch}]}"
)
PLUGINS = ("search, {R}, {I}", "search, {I}, {R}")


@needs_i18n
@pytest.mark.parametrize("order", PLUGINS)
@pytest.mark.parametrize("directories", ["true", "false"])
def test_f21_static_i18n_builds_in_either_order(tmp_path: Path, order: str, directories: str) -> None:
    listed = [{"{R}": "roundbook", "{I}": "{" + I18N % "suffix" + "}"}.get(one, one) for one in order.split(", ")]
    config = f"site_name: T\nsite_url: https://e.example/\nuse_directory_urls: {directories}\nplugins: [{', '.join(listed)}]\n"
    repo = project(tmp_path, mkdocs_dot_yml=config, docs__index_dot_de_dot_md="# D\n\nSiehe [[3/5]].\n")
    repo.commit("feat: begin")
    done = build(repo)
    assert done.code == 0, done.output
    name = "rounds/3/5/index.html" if directories == "true" else "rounds/3/5.html"
    assert (tmp_path / "site" / name).is_file()
    assert (tmp_path / "site/de" / name).is_file()
    address = name.removesuffix("index.html")
    assert f'href="{address}"' in (tmp_path / "site/de/index.html").read_text("utf-8")
    assert [one for one in dead_links(tmp_path / "site") if "404.html" not in one] == []


@needs_i18n
def test_f21_static_i18n_with_folders(tmp_path: Path) -> None:
    config = f"site_name: T\nplugins: [search, roundbook, {{{I18N % 'folder'}}}]\n"
    files = {"docs__en__index_dot_md": "# E\n\nSee [[3/5]].\n", "docs__de__index_dot_md": "# D\n\nSiehe [[3/5]].\n"}
    repo = project(tmp_path, mkdocs_dot_yml=config, **files)
    (tmp_path / "docs/index.md").unlink()
    repo.commit("feat: begin")
    done = build(repo)
    assert done.code == 0, done.output
    assert (tmp_path / "site/rounds/3/5/index.html").is_file()
    assert 'href="rounds/3/5/"' in (tmp_path / "site/index.html").read_text("utf-8")


MATERIAL = "theme: {name: material, font: false}\n"
POST = "---\ndate: 2026-01-05\n---\n# My post\n\nSee [[3/5]].\n"


@pytest.mark.parametrize("plugins", ["blog, roundbook", "roundbook, blog", "roundbook, blog: {blog_dir: .}"])
def test_e9_a_post_is_linked_where_the_blog_puts_it(tmp_path: Path, plugins: str) -> None:
    listed = ", ".join(f"{{{one}}}" if ":" in one else one for one in plugins.split(", "))
    folder = "" if "blog_dir" in plugins else "blog/"
    files = {f"docs/{folder}posts/mine.md": POST, f"docs/{folder}index.md": "# Blog\n"}
    config = f"site_name: T\nsite_url: https://e.example/\n{MATERIAL}plugins: [{listed}]\n"
    repo = project(tmp_path, mkdocs_dot_yml=config, **files)
    repo.write(files)
    repo.commit("feat: begin")
    done = build(repo)
    assert done.code == 0, done.output
    page = (tmp_path / "site/rounds/3/5/index.html").read_text("utf-8")
    assert f'href="../../../{folder}2026/01/05/my-post/"' in page
    assert [one for one in dead_links(tmp_path / "site") if "404.html" not in one] == []


def test_e8_plugins_that_ask_git_pass_over_generated_pages_and_over_no_other() -> None:
    ours = {"rounds/index.md": 1, "rounds/3/5.md": 1, "decisions/a.md": 1}
    config: Any = SimpleNamespace(
        plugins={name: SimpleNamespace(config={"exclude": ["mine/*"]}) for name in ASKING_GIT}
    )
    config.plugins["rss"] = SimpleNamespace(match_path_pattern=re.compile("(?:blog|decisions|rounds)/.*"))
    pages = [SimpleNamespace(src_uri=uri) for uri in (*ours, "index.md", "decisions/own.md")]
    files: Any = SimpleNamespace(documentation_pages=lambda: pages)
    for _ in range(2):  # as often as a site is served
        spare(config, files, ours)
    for name in ASKING_GIT:
        assert config.plugins[name].config["exclude"] == ["mine/*", "rounds/*", "decisions/a.md"]
    found = config.plugins["rss"].match_path_pattern
    asked = ("blog/posts/x.md", "decisions/own.md", "rounds/3/5.md", "rounds/index.md", "decisions/a.md", "index.md")
    assert [bool(found.match(uri)) for uri in asked] == [True, True, False, False, False, False]
