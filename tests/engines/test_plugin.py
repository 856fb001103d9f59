"""The plugin in real builds of real projects."""

from __future__ import annotations

import filecmp
import re
from pathlib import Path

import pytest

from eventful import eventful
from markdown import markdown
from roundbook.engines.markdown_extensions import ReadyHtml, anchors
from roundbook.project import load
from roundbook.site.pages import pages
from site_trial import MKDOCS, ROUND, build, page, project, run, text


def test_three_lines_and_one_round_of_eight_lines_give_a_site(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    made = build(repo)
    assert made.code == 0, made.output
    assert made.lines("WARNING") == []
    shown = text(page(repo, "rounds/3/5"))
    for words in (
        "Phase 3 Round 5",
        "Upgrade the Rust toolchain to 1.93",
        "Toolchain",
        "✓ done",
        "Go straight to 1.93.1",
    ):
        assert words in shown
    assert "feat: begin" in shown
    assert "by trailer Round: 3/5" in shown
    for address in (
        "rounds",
        "rounds/3",
        "decisions",
        "decisions/go-straight-to-1-93-1",
        "changelog",
        "commits",
        "open-items",
        "files",
    ):
        assert page(repo, address)


def test_a_project_without_git_builds_and_says_what_is_missing(tmp_path: Path) -> None:
    repo = project(tmp_path / "plain")
    for path in sorted((repo.path / ".git").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (repo.path / ".git").rmdir()
    made = run(repo.path, "mkdocs", "build")
    assert made.code == 0, made.output
    assert "History incomplete:" in text(page(repo, "commits"))


@pytest.mark.parametrize(("option", "said"), [("nope", "there is no folder nope/"), ("..", "not a folder inside")])
def test_s1_a_strict_build_without_the_named_data_fails_also_when_quiet(tmp_path: Path, option: str, said: str) -> None:
    repo = project(tmp_path, mkdocs_dot_yml=f"site_name: T\nplugins: [{{roundbook: {{data_dir: {option}}}}}]\n")
    made = build(repo, "-q")
    assert made.code == 1
    assert said in made.output


def test_s1_a_strict_build_fails_on_a_warning_also_when_quiet(tmp_path: Path) -> None:
    repo = project(tmp_path, data__rounds__1__1_dot_yml="round: 1\nfocus: F\nlinks: ['javascript:x']\n")
    assert "1 warning" in build(repo, "-q").output
    assert build(repo, "-q").code == 1
    assert run(repo.path, "mkdocs", "build", "-q").code == 0


def test_a_repository_without_commits_builds(tmp_path: Path) -> None:
    repo = project(tmp_path)
    assert build(repo).code == 0
    assert "no commit" in text(page(repo, "rounds/3/5")).lower()


def test_a_shallow_clone_builds_and_warns(tmp_path: Path) -> None:
    repo = project(tmp_path / "whole")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    repo.git("add", "-A")
    repo.commit("feat: go on", {"a.txt": "b\n"})
    clone = repo.clone(tmp_path / "cut", depth=1)
    made = run(clone.path, "mkdocs", "build")
    assert made.code == 0, made.output
    assert "shallow" in made.output
    assert "History incomplete:" in text(page(clone, "commits"))


def test_pages_stay_out_of_the_navigation_but_rounds_expands_to_the_newest(tmp_path: Path) -> None:
    nav = MKDOCS.replace("roundbook]", "{roundbook: {nav_latest: 2}}]") + "nav:\n  - index.md\n  - Rounds: rounds/\n"
    rounds = {
        f"data__rounds__3__{n}_dot_yml": ROUND.replace("round: 5", f"round: {n}").split("agents:")[0]
        for n in (1, 2, 10)
    }
    repo = project(tmp_path, mkdocs_dot_yml=nav, **rounds)
    assert build(repo).code == 0
    shown = page(repo, "index.html".removesuffix("index.html") or ".")
    assert "rounds/3/10/" in shown
    assert "rounds/3/5/" in shown
    assert "rounds/3/2/" not in shown
    assert page(repo, "rounds/3/2")


def test_previous_and_next_round_follow_the_natural_order(tmp_path: Path) -> None:
    yml = MKDOCS + "theme: {name: material, font: false, features: [navigation.footer]}\n"
    rounds = {
        f"data__rounds__3__{n}_dot_yml": ROUND.replace("round: 5", f"round: {n}").split("decisions:")[0]
        for n in (2, 10)
    }
    repo = project(tmp_path, mkdocs_dot_yml=yml, **rounds)
    assert build(repo).code == 0
    shown = page(repo, "rounds/3/5")
    assert '<link rel="prev" href="../2/">' in shown
    assert '<link rel="next" href="../10/">' in shown
    assert 'rel="next"' not in page(repo, "rounds/3/10")


def test_a_hand_written_page_stands_for_the_generated_one(tmp_path: Path) -> None:
    repo = project(tmp_path, docs__rounds__3__5_dot_md="# Mine\n\n{{ round_metrics('3/5') }}\n")
    assert build(repo).code == 0
    assert "Mine" in text(page(repo, "rounds/3/5"))


def test_a_hand_written_page_at_the_same_address_stands_too(tmp_path: Path) -> None:
    repo = project(tmp_path, docs__changelog_dot_md="# Our log\n", docs__decisions__README_dot_md="# Our decisions\n")
    made = build(repo)
    assert made.code == 0, made.output
    assert made.lines("changelog.md is hand-written and replaces the generated page")
    assert "Our log" in text(page(repo, "changelog"))
    assert "Our decisions" in text(page(repo, "decisions"))


def test_a_wrong_argument_is_a_warning_with_page_and_line_and_a_note_in_place(tmp_path: Path) -> None:
    wrong = "See {{ round_link('3/9') }} and {{ round_table(limt=3) }}.\n\n{{ round_page('nope') }}\n"
    source = f"---\ntitle: Home\n---\n\n# Home\n\n{wrong}"
    repo = project(tmp_path, docs__index_dot_md=source)
    made = build(repo)
    assert made.code == 1
    assert made.lines("index.md:7:1: warning round-unknown: there is no round '3/9'")
    assert made.lines("index.md:7:1: warning argument-unknown: round_table:")
    assert made.lines("index.md:9:1: warning round-unknown: there is no round 'nope'")
    assert run(repo.path, "mkdocs", "build").code == 0
    shown = text(page(repo, "."))
    assert "there is no round '3/9'" in shown
    assert "Traceback" not in shown


def test_strict_fails_on_a_fault_of_a_round_file_and_names_it(tmp_path: Path) -> None:
    repo = project(tmp_path, data__rounds__3__6_dot_yml="round: 6\nfocus: x\ntitel: y\n")
    made = build(repo)
    assert made.code == 1
    assert made.lines('data/rounds/3/6.yml:3:1: error unknown-key: unknown key "titel"; did you mean "title"?')
    assert run(repo.path, "mkdocs", "build").code == 0
    shown = text(page(repo, "rounds/3/6"))
    assert 'unknown key "titel"' in shown
    assert "focus: x" in shown, "the file itself is shown, so nothing is lost"


def test_the_pluglet_alone_offers_the_same_macros(tmp_path: Path) -> None:
    yml = "site_name: Trial\nplugins: [search, {macros: {modules: [roundbook]}}]\n"
    loop = "{% for r in rounds %}{{ r.key }} {{ r.focus }}{% endfor %}"
    index = f"# Home\n\n{{{{ round_table() }}}}\n\n{{{{ round_page('3/5') }}}}\n\n{{{{ round_threads() }}}}\n\n{loop}\n"
    repo = project(tmp_path, mkdocs_dot_yml=yml, docs__index_dot_md=index)
    made = build(repo)
    assert made.code == 0, made.output
    shown = page(repo, ".")
    assert "Go straight to 1.93.1" in text(shown)
    assert "3/5 Upgrade the Rust toolchain to 1.93" in text(shown)
    assert 'id="agents"' in shown
    assert 'href="rounds/' not in shown, "there are no generated pages to link to"


@pytest.mark.parametrize(
    "plugins", ["[roundbook, macros, search]", "[search, roundbook]", "[macros, roundbook, search]"]
)
def test_the_order_of_plugins_does_not_matter(tmp_path: Path, plugins: str) -> None:
    index = "# Home\n\n{{ round_table() }}\n" if "macros" in plugins else "# Home\n"
    repo = project(tmp_path, mkdocs_dot_yml=f"site_name: Trial\nplugins: {plugins}\n", docs__index_dot_md=index)
    made = build(repo)
    assert made.code == 0, made.output


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs", "material"])
@pytest.mark.parametrize("directories", ["true", "false"])
def test_every_theme_and_style_of_addresses(tmp_path: Path, theme: str, directories: str) -> None:
    yml = (
        MKDOCS
        + f"theme: {{name: {theme}{', font: false' if theme == 'material' else ''}}}\nuse_directory_urls: {directories}\n"
    )
    repo = project(tmp_path, mkdocs_dot_yml=yml)
    made = build(repo)
    assert made.code == 0, made.output
    assert (repo.path / "site" / ("rounds/3/5/index.html" if directories == "true" else "rounds/3/5.html")).is_file()


def test_a_name_that_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    repo = project(tmp_path, mkdocs_dot_yml=MKDOCS + "extra: {rounds: 3}\n")
    made = build(repo)
    assert made.code == 1
    assert "rounds already defined in mkdocs-macros" in made.output
    assert "Traceback" not in made.output


def test_the_edit_link_of_a_generated_page_opens_its_round_file(tmp_path: Path) -> None:
    yml = MKDOCS + (
        "theme: {name: material, font: false, features: [content.action.edit]}\n"
        "repo_url: https://forge.example/acme/proto\nedit_uri: edit/main/docs/\n"
    )
    repo = project(tmp_path, mkdocs_dot_yml=yml)
    assert build(repo).code == 0
    assert "https://forge.example/acme/proto/edit/main/data/rounds/3/5.yml" in page(repo, "rounds/3/5")


def test_two_builds_are_the_same_to_the_byte(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    assert build(repo, "-d", "one", TZ="UTC", PYTHONHASHSEED="1", LC_ALL="C.UTF-8").code == 0
    assert build(repo, "-d", "two", TZ="Asia/Tokyo", PYTHONHASHSEED="2", LC_ALL="C").code == 0
    assert _differences(filecmp.dircmp(repo.path / "one", repo.path / "two")) == []


def _differences(compared: filecmp.dircmp[str]) -> list[str]:
    _, differing, odd = filecmp.cmpfiles(compared.left, compared.right, compared.common_files, shallow=False)
    found = [*compared.left_only, *compared.right_only, *differing, *odd]
    return found + [name for sub in compared.subdirs.values() for name in _differences(sub)]


def test_building_changes_nothing_in_the_repository(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.git("add", "-A")
    repo.commit("feat: begin", {".gitignore": "/site/\n"})
    before = {p: p.stat().st_mtime_ns for p in (repo.path / ".git").rglob("*") if p.is_file()}
    assert build(repo).code == 0
    assert {p: p.stat().st_mtime_ns for p in (repo.path / ".git").rglob("*") if p.is_file()} == before
    assert repo.git("status", "--porcelain") == ""


def test_a_template_in_a_commit_or_a_round_is_never_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    attack = "{{ cycler.__init__.__globals__.os.popen('touch " + str(canary) + "').read() }} {{ 7*7 }}"
    hostile = ROUND.replace("focus: Upgrade", "focus: '{{ 7*7 }} <script>alert(1)</script>'\nsummary: Upgrade")
    repo = project(
        tmp_path / "evil", data__rounds__3__5_dot_yml=hostile, docs__index_dot_md="# H\n\n{{ round_page('3/5') }}\n"
    )
    repo.commit(
        f"{attack}\n\nbody {attack} <img src=x onerror=alert(1)>\n\nRound: 3/5",
        {"a.txt": "a\n"},
        author="{{ 7*7 }}<b>x</b> <x@example.org>",
    )
    assert build(repo).code == 0
    for address in (".", "rounds/3/5", "commits", "changelog", "rounds"):
        source = page(repo, address)
        assert "<script>alert" not in source
        assert "<img src=x" not in source
    assert "{{ 7*7 }}" in text(page(repo, "rounds/3/5"))
    assert not canary.exists()


def test_html_that_is_passed_over_is_what_python_markdown_makes_of_it(tmp_path: Path) -> None:
    """Python-Markdown need not parse what is HTML already; the page stays the same, and its anchors are known."""
    repo = eventful(tmp_path)
    extensions = ["attr_list", "tables", "toc"]
    for made in pages(load(repo.path)):
        plain = markdown(made.text, extensions=[*extensions, ReadyHtml(lambda: False)])
        quick = markdown(made.text, extensions=[*extensions, ReadyHtml(lambda: True)])
        assert re.sub(r">\s+<", "><", quick) == re.sub(r">\s+<", "><", plain), made.uri
        assert {*anchors(quick)} == {*re.findall(r'(?<= id=")[^"]+', plain)}, made.uri


def test_a_link_to_an_anchor_of_a_generated_page_is_checked(tmp_path: Path) -> None:
    links = "# Trial\n\n[known](rounds/3/5.md#agent-toolchain) [unknown](rounds/3/5.md#nowhere)\n"
    config = MKDOCS + "validation: {anchors: warn}\n"
    for _ in ("made", "kept"):
        made = run(project(tmp_path, docs__index_dot_md=links, mkdocs_dot_yml=config).path, "mkdocs", "build")
        assert made.code == 0, made.output
        assert len(made.lines("does not contain an anchor")) == 1
        assert "#nowhere" in made.lines("does not contain an anchor")[0]
