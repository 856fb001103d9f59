"""F21: the site builds beside plugins that ask every page for its file on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_trial import build, project

pytest.importorskip("mkdocs_static_i18n")
I18N = (
    "i18n: {docs_structure: %s, languages: [{locale: en, default: true, name: English}, {locale: de, name: Deutsch}]}"
)
PLUGINS = ("search, {R}, {I}", "search, {I}, {R}")


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
