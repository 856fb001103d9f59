"""`roundbook init`, as a newcomer calls it: what it finds, what it writes, what it keeps, and the site that there is then."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repository import Content, Repository
from roundbook import __version__, scaffold
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.scaffold import survey, template
from roundbook.scaffold.survey import Publishing, RepositoryPlace, Survey
from site_trial import Outcome, environment, run

OWN = ("mkdocs.yml", "data/roundbook.yml", "data/rounds/1/1.yml", "docs/index.md")
PUBLISHED = (*OWN, "requirements-docs.txt", ".github/workflows/pages.yml")
NYGARD = "# 1. Use git\n\nDate: 2026-01-02\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\ny\n"
MADR = "---\nstatus: accepted\ndate: 2026-01-02\n---\n# Use git\n\n## Context and Problem Statement\n\nx\n"
MADR2 = "# Use git\n\n* Status: accepted\n* Deciders: Ada\n\n## Decision Outcome\n\nx\n"
HOSTILE = "päck: 'a' #1 [b] {c} %"


def init(path: Path, *words: str) -> Outcome:
    return run(path, "roundbook", "init", *words)


def started(path: Path, files: Mapping[str, Content] | None = None, remote: str = "") -> Repository:
    repo = Repository(path)
    if remote:
        repo.git("remote", "add", "origin", remote)
    repo.commit("feat: begin", {"src/a.py": "a = 1\n", **(files or {})})
    return repo


def state(path: Path) -> dict[str, str]:
    """Return a hash of every file, git's own left out."""
    files = (p for p in sorted(path.rglob("*")) if p.is_file() and ".git" not in p.relative_to(path).parts)
    return {p.relative_to(path).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize(
    ("ignored", "said"), [("", "in its folder web/"), ("web/\n", "no file of the project is committed")]
)
def test_a_new_folder_of_a_repository_belongs_to_it_unless_git_ignores_it(
    tmp_path: Path, ignored: str, said: str
) -> None:
    repo = started(tmp_path, {".gitignore": ignored})
    (tmp_path / "web").mkdir()
    assert said in init(tmp_path / "web").output
    assert ("only: [.]" in (tmp_path / "web/data/roundbook.yml").read_text("utf-8")) != bool(ignored)
    repo.git("add", "--force", "web")
    repo.git("commit", "-qm", "docs: begin a site")
    assert [one.slug for one in load(tmp_path / "web").findings if one.slug == "no-repository"] == []


@pytest.mark.parametrize("ignored", ["", "site/\n", "/site\n"])
def test_the_built_site_is_to_be_ignored_only_where_it_is_not(tmp_path: Path, ignored: str) -> None:
    started(tmp_path, {".gitignore": ignored})
    assert ("add site/ to .gitignore" in init(tmp_path).output) != bool(ignored)


def test_the_first_round_of_a_folder_is_made_of_the_commits_of_the_folder(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.commit("feat: a page", {"web/a.txt": "a\n"})
    init(tmp_path / "web")
    text = (tmp_path / "web/data/rounds/1/1.yml").read_text("utf-8")
    assert ("a page" in text, "begin" in text) == (True, False)
    assert [one.slug for one in load(tmp_path / "web").findings if one.slug == "commit-outside"] == []


def builds(path: Path, address: str = "rounds/1/1") -> str:
    """Build the site with --strict, and return the page of a round."""
    made = run(path, "mkdocs", "build", "--strict")
    assert made.code == 0, made.output
    return (path / "site" / address / "index.html").read_text("utf-8")


def plan_of(path: Path) -> scaffold.Plan:
    return scaffold.plan(survey.read(path), "9.9", "2026-01-01")


def told(path: Path, *words: str) -> dict[str, Any]:
    done = init(path, "--json", *words)
    assert done.code == 0, done.output
    return dict(json.loads(done.output))


# ----------------------------------------------------------------------------------------------- from nothing to a site


def test_an_empty_repository_gets_a_site_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    started(tmp_path, remote="https://github.com/acme/greeter.git")
    done = init(tmp_path)
    assert done.code == 0, done.output
    assert set(state(tmp_path)) == {"src/a.py", *PUBLISHED}
    assert "Settings > Pages" in done.output
    assert "Phase 1 Round 1" in builds(tmp_path)
    assert run(tmp_path, "roundbook", "check").code == 0
    before = state(tmp_path)
    again = init(tmp_path)
    assert (again.code, state(tmp_path)) == (0, before)
    assert "nothing to write" in again.output
    assert "already publishes a site" not in again.output
    assert again.lines("kept mkdocs.yml")


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    started(tmp_path, remote="git@github.com:acme/greeter.git")
    before = state(tmp_path)
    done = init(tmp_path, "--dry-run", "--agents")
    assert (done.code, state(tmp_path)) == (0, before)
    for path in (*PUBLISHED, "AGENTS.md"):
        assert done.lines(f"would create {path} ("), path


@pytest.mark.parametrize("kind", ["no repository", "no commits", "detached", "no remote"])
def test_it_works_in_every_kind_of_folder(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    if kind != "no repository":
        repo = Repository(folder)
    if kind in ("detached", "no remote"):
        repo.commit("feat: begin", {"a.txt": "a\n"})
    if kind == "detached":
        repo.checkout(repo.head)
    done = init(folder)
    assert done.code == 0, done.output
    assert set(state(folder)) == {*OWN, *(["a.txt"] if kind in ("detached", "no remote") else [])}
    builds(folder)
    assert init(folder).code == 0


def test_a_shallow_clone_is_told_how_to_get_its_history(tmp_path: Path) -> None:
    repo = started(tmp_path / "a")
    repo.commit("feat: more", {"b.txt": "b\n"})
    clone = repo.clone(tmp_path / "b", depth=1)
    done = init(clone.path)
    assert done.lines("- the history is cut (shallow clone), and --strict fails on it")
    assert run(clone.path, "mkdocs", "build", "--strict").code == 1
    clone.git("fetch", "--quiet", "--unshallow")
    builds(clone.path)


def test_no_credential_is_shown_or_written(tmp_path: Path) -> None:
    started(tmp_path, remote="https://ada:s3cret-token@gitlab.example.org:8443/acme/greeter.git?private_token=s3cret")
    done = init(tmp_path)
    assert done.lines("gitlab.example.org:8443/acme/greeter")
    assert "s3cret" not in done.output + told(tmp_path)["survey"].__repr__()
    for path in state(tmp_path):
        assert b"s3cret" not in (tmp_path / path).read_bytes()


def test_no_schema_is_copied_and_one_that_is_there_is_referred_to(tmp_path: Path) -> None:
    started(tmp_path)
    init(tmp_path)
    assert not (tmp_path / "data/round.schema.json").exists()
    assert "$schema" not in (tmp_path / "data/rounds/1/1.yml").read_text("utf-8")
    (tmp_path / "data/round.schema.json").write_text(run(tmp_path, "roundbook", "schema").output, "utf-8")
    (tmp_path / "data/rounds/1/1.yml").unlink()
    assert run(tmp_path, "roundbook", "new", "round", "2/1", "--folder").code == 0
    made = (tmp_path / "data/rounds/2/1/round.yml").read_text().splitlines()[0]
    assert made == "# yaml-language-server: $schema=../../../round.schema.json"
    (tmp_path / "data/round.schema.json").write_text("{}\n")
    assert init(tmp_path).lines("data/round.schema.json is from another version")


def test_e7_files_name_the_schema_of_the_site_that_will_be_published(tmp_path: Path) -> None:
    started(tmp_path, remote="https://github.com/acme/greeter.git")
    init(tmp_path)
    at = "# yaml-language-server: $schema=https://acme.github.io/greeter/api/schema"
    builds(tmp_path)
    for path, name in (("data/roundbook.yml", "settings-file"), ("data/rounds/1/1.yml", "round-file")):
        assert (tmp_path / path).read_text("utf-8").splitlines()[0] == f"{at}/{name}.json"
        assert (tmp_path / f"site/api/schema/{name}.json").is_file()
    assert run(tmp_path, "roundbook", "new", "round", "2/1").code == 0
    assert (tmp_path / "data/rounds/2/1.yml").read_text("utf-8").splitlines()[0] == f"{at}/round-file.json"
    assert run(tmp_path, "roundbook", "check").code == 0


def test_the_data_may_lie_elsewhere(tmp_path: Path) -> None:
    started(tmp_path)
    assert run(tmp_path, "roundbook", "--data", "the book", "init").code == 0
    assert (tmp_path / "the book/rounds/1/1.yml").is_file()
    builds(tmp_path)
    for wrong in ("../x", "/x", "."):
        assert run(tmp_path, "roundbook", "--data", wrong, "init").code == 2
    assert run(tmp_path, "roundbook", "--at", "HEAD", "init").code == 2


# ------------------------------------------------------------------------------------------- what is the user's is kept

# Configurations with an `@` where the printed lines belong.
CONFIGURATIONS = {
    "no plugins": "site_name: X\n@",
    "list": "site_name: X\nplugins:\n  - search\n  - macros:\n      on_undefined: strict\n@\n\ntheme: mkdocs\n",
    "mapping": "plugins:\n  search: {}\n@  macros:\n    on_undefined: strict\nsite_name: X\n",
    "tags": (
        "site_name: !ENV [NAME, X]\nplugins:\n  - search\n@markdown_extensions:\n"
        "  - toc:\n      slugify: !!python/name:markdown.extensions.toc.slugify_unicode\n"
    ),
    "inherited": "plugins:\n  - search\n@",
}


@pytest.mark.parametrize("data", ["data", "the book: 1"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_printed_snippet_put_where_it_belongs_makes_it_work(tmp_path: Path, name: str, data: str) -> None:
    path = "mkdocs.yml"
    files = {path: CONFIGURATIONS[name].replace("@", ""), "docs/index.md": "# Mine\n"}
    if name == "inherited":
        path = "conf/base.yml"
        files = {**files, "mkdocs.yml": "INHERIT: conf/base.yml\nsite_name: X\n", path: files["mkdocs.yml"]}
    started(tmp_path, files)
    kept = state(tmp_path)
    shown = run(tmp_path, "roundbook", "--data", data, "init").output
    assert kept.items() <= state(tmp_path).items()
    added, *more = scaffold.plan(survey.read(tmp_path, data), "9.9", "2026-01-01").additions
    assert added.path == path
    assert [one.path for one in more] == ["docs/index.md"] * (name in ("list", "mapping"))  # they have macros
    lines = "".join(f"{line}\n" for line in added.lines)
    assert f"Add to {path}, {added.where}:\n{lines}" in shown
    (tmp_path / path).write_text(CONFIGURATIONS[name].replace("@", lines), "utf-8")
    for one in more:
        (tmp_path / one.path).write_text("# Mine\n\n" + "\n".join(one.lines) + "\n")
    assert ("rb-timeline" in builds(tmp_path, ".")) == bool(more)
    assert scaffold.plan(survey.read(tmp_path, data), "9.9", "2026-01-01").additions == ()


def test_a_navigation_without_our_pages_gets_one_line_proposed(tmp_path: Path) -> None:
    text = "site_name: X\nplugins: [search, roundbook]\nnav:\n  - Home: index.md\n"
    started(tmp_path, {"mkdocs.yml": text, "docs/index.md": "# Mine\n", "docs/changelog.md": "# Our log\n"})
    (added,) = plan_of(tmp_path).additions
    assert added.lines == ("  - Project log: project-log/",)
    (tmp_path / "mkdocs.yml").write_text(text + "\n".join(added.lines) + "\n")
    init(tmp_path)
    assert 'href="../rounds/"' in builds(tmp_path, "changelog")
    assert plan_of(tmp_path).additions == ()


@pytest.mark.parametrize("text", ["plugins: &p [\n  search\n]\nsite_name: X\n", "plugins: [a, {b: ]\n", "plugins:\n"])
def test_a_list_that_is_written_oddly_is_left_to_the_person(tmp_path: Path, text: str) -> None:
    started(tmp_path, {"mkdocs.yml": text})
    (added,) = plan_of(tmp_path).additions
    assert (added.where, added.lines) == ("to the list below plugins", ("  - roundbook",))


def test_pages_that_were_never_built_do_not_stop_the_build(tmp_path: Path) -> None:
    pages = {
        "docs/README.md": "# Read me\n\n[gone](gone.md), [source](../src/a.py), {{ not_ours }} {% raw %}\n",
        "docs/a/index.md": "# A\n[x](#nowhere)\n",
        "main.py": "import sys\nopen('ran', 'w').close()\nsys.exit('it was run')\n",
    }
    started(tmp_path, pages)
    before = state(tmp_path)
    assert init(tmp_path).code == 0
    assert "docs/index.md" not in state(tmp_path)
    builds(tmp_path)
    assert before.items() <= state(tmp_path).items()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("configured", [True, False])
def test_pages_at_the_addresses_of_indexes_stay_and_are_linked(tmp_path: Path, configured: bool) -> None:
    pages = {"docs/changelog.md": "# Our log\n", "docs/decisions/README.md": "# Our decisions\n"}
    nav = "site_name: X\nplugins: [search, roundbook]\nnav:\n  - changelog.md\n  - decisions/README.md\n"
    started(tmp_path, {**pages, **({"mkdocs.yml": nav} if configured else {})})
    assert init(tmp_path).code == 0
    for one in plan_of(tmp_path).additions:
        assert "changelog/index.md" not in "".join(one.lines)
        (tmp_path / one.path).write_text(nav + "\n".join(one.lines) + "\n")
    builds(tmp_path)
    for address, words in (("changelog", "Our log"), ("decisions", "Our decisions")):
        assert words in (tmp_path / "site" / address / "index.html").read_text("utf-8")


def test_a_front_page_that_exists_gets_lines_to_paste_and_a_theme_is_complete(tmp_path: Path) -> None:
    started(tmp_path, {"docs/README.md": "# Mine\n", "docs/a.md": "# A\n", "docs/b/c.md": "# C\n"})
    done = init(tmp_path)
    assert done.lines("Add to docs/README.md, where readers should see the newest round:")
    made = yaml.safe_load((tmp_path / "mkdocs.yml").read_text("utf-8"))
    assert {one["scheme"] for one in made["theme"]["palette"]} == {"default", "slate"}
    assert "navigation.tabs" in made["theme"]["features"]
    (added,) = plan_of(tmp_path).additions
    assert added.path == "docs/README.md"
    (tmp_path / "docs/README.md").write_text("# Mine\n\n" + "\n".join(added.lines))
    assert "rb-card" in builds(tmp_path, ".")
    assert "Add to" not in init(tmp_path).output


def test_pages_with_braces_are_left_as_they_are_and_macros_are_for_pages_that_ask(tmp_path: Path) -> None:
    started(tmp_path, {"docs/index.md": "# Mine\n", "docs/a.md": "# A\n\n{{ not_ours }} {% raw %} {#x}\n"})
    (added,) = plan_of(tmp_path).additions
    assert added.where.endswith("with `render_macros: true` in its front matter")
    init(tmp_path)
    page = "---\nrender_macros: true\n---\n# Mine\n\n" + "\n".join(added.lines)
    (tmp_path / "docs/index.md").write_text(page)
    assert "rb-card" in builds(tmp_path, ".")
    assert "{{ not_ours }} {% raw %}" in builds(tmp_path, "a")


def test_many_folders_make_no_tabs(tmp_path: Path) -> None:
    started(tmp_path, {f"docs/{name}/a.md": "# A\n" for name in "abcdefgh"})
    assert "navigation.tabs" not in plan_of(tmp_path).files[0].text


def test_a_main_py_is_not_run_for_a_new_site_either(tmp_path: Path) -> None:
    started(tmp_path, {"main.py": "open('ran', 'w').close()\nraise SystemExit('it was run')\n"})
    init(tmp_path)
    builds(tmp_path)
    assert not (tmp_path / "ran").exists()
    assert "rb-card" in (tmp_path / "site/index.html").read_text("utf-8")


def test_tags_that_are_days_are_versions_where_most_tags_are(tmp_path: Path) -> None:
    repo = started(tmp_path, remote="https://github.com/acme/neo-mutt.git")
    for tag in ("20260504", "neo-mutt-20250101", "20261399"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert past.versions == ("20260504", "neo-mutt-20250101")
    init(tmp_path)
    assert [one.version for one in load(tmp_path).releases if one.released] == ["20260504", "20250101"]


def test_files_and_rounds_that_are_there_are_kept_and_named(tmp_path: Path) -> None:
    files = {
        "data/roundbook.yml": "stale-after: 3\n",
        "data/rounds/7/7.yml": "round: 7\nfocus: Ours\n",
        "requirements-docs.txt": "mine\n",
        ".github/workflows/pages.yml": "name: mine\n",
        "docs/index.md": "# Mine\n",
    }
    started(tmp_path, files, "https://github.com/acme/greeter")
    before = state(tmp_path)
    done = init(tmp_path)
    assert before.items() <= state(tmp_path).items()
    assert set(state(tmp_path)) - set(before) == {"mkdocs.yml"}
    for path in ("data/roundbook.yml", "requirements-docs.txt", ".github/workflows/pages.yml"):
        assert done.lines(f"kept {path}"), path
    builds(tmp_path, "rounds/7/7")


@pytest.mark.parametrize(
    ("name", "content"),
    [("docs", "a file\n"), ("data", "a file\n"), ("requirements-docs.txt/x", ""), (".github", "a file\n")],
)
def test_what_is_in_the_way_is_named_and_then_nothing_is_written(tmp_path: Path, name: str, content: str) -> None:
    started(tmp_path, {name: content}, "https://github.com/acme/greeter")
    before = state(tmp_path)
    done = init(tmp_path)
    if name == "requirements-docs.txt/x":
        assert done.lines("kept requirements-docs.txt")
        return
    assert done.code == 2, done.output
    assert name in done.output
    assert "Traceback" not in done.output
    assert state(tmp_path) == before


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo = started(tmp_path / "repo")
    (repo.path / "data").symlink_to(outside)
    (repo.path / "mkdocs.yml").symlink_to(outside / "made.yml")
    done = init(repo.path)
    assert done.code == 2
    assert not list(outside.iterdir())


def test_what_git_keeps_is_no_place_for_a_site(tmp_path: Path) -> None:
    Repository(tmp_path / "bare.git", bare=True)
    repo = started(tmp_path / "repo")
    for folder in (tmp_path / "bare.git", repo.path / ".git"):
        before = sorted(folder.rglob("*"))
        assert init(folder).code == 2
        assert sorted(folder.rglob("*")) == before


# --------------------------------------------------------------------------------------------------- places and forges


def test_a_project_in_a_folder_of_its_repository_with_hostile_names(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.git("remote", "add", "origin", "https://github.com/acme/mono.git")
    branch = "feat/#1'\"+x{y}!"
    repo.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    repo.commit("feat: begin", {f"{HOSTILE}/a.txt": "a\n", "b.txt": "b\n"})
    folder = tmp_path / HOSTILE
    done = init(folder)
    assert done.code == 0, done.output
    assert not (folder / ".github").exists()
    whole = yaml.safe_load((tmp_path / ".github/workflows/pages.yml").read_text("utf-8"))
    assert whole[True]["push"]["branches"] == [branch.replace("+", "\\+")]
    assert whole["env"]["PROJECT"] == HOSTILE
    assert yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))["site_name"] == HOSTILE
    assert "Phase 1 Round 1" in builds(folder)
    front = (folder / "site/index.html").read_text("utf-8")
    assert "päck: 'a' #1 [b] {c} %" in front.replace("&#39;", "'").replace("&#x27;", "'")
    assert init(folder).lines("nothing to write")
    runs_as_on_github(tmp_path, whole)


def runs_as_on_github(top: Path, workflow: Mapping[str, Any]) -> None:
    """Run the step that builds, with a Python that makes an environment whose pip does nothing."""
    (step,) = [s for s in workflow["jobs"]["build"]["steps"] if "run" in s]
    temp, programs = top.parent / "runner temp", top.parent / "programs"
    programs.mkdir()
    fake = programs / "python"
    fake.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"\n'
        f'printf \'#!/bin/sh\\nexec "{sys.executable}" -m mkdocs "$@"\\n\' >"$3/bin/mkdocs"\n'
        'printf \'#!/bin/sh\\nfor last; do :; done\\nexec cat "$last"\\n\' >"$3/bin/pip"\nchmod +x "$3/bin/"*\n'
    )
    fake.chmod(0o755)
    env = environment(RUNNER_TEMP=str(temp), **{k: str(v) for k, v in workflow["env"].items()})
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=top,
        env={**env, "PATH": f"{programs}:{env['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"roundbook=={__version__}" in done.stdout
    assert (temp / "site/rounds/1/1/index.html").is_file()


def test_the_default_branch_is_the_one_that_origin_declares(tmp_path: Path) -> None:
    repo = started(tmp_path / "a")
    repo.git("branch", "-m", "develop")
    repo.branch("main")
    repo.checkout("develop")
    clone = repo.clone(tmp_path / "b")
    clone.git("branch", "main", "origin/main")
    clone.git("remote", "set-url", "origin", "https://codeberg.org/acme/greeter.git")
    assert init(clone.path).code == 0
    text = (clone.path / ".forgejo/workflows/pages.yml").read_text("utf-8")
    assert "    branches: [develop]\n" in text
    assert load(clone.path).forge is not None
    assert load(clone.path).forge.branch == "develop"  # type: ignore[union-attr]
    assert "branch: develop" in (clone.path / "data/roundbook.yml").read_text("utf-8")


FORGES = {
    "github.com": ("github", ".github/workflows/pages.yml"),
    "gitlab.com": ("gitlab", ".gitlab-ci.yml"),
    "codeberg.org": ("forgejo", ".forgejo/workflows/pages.yml"),
    "bitbucket.org": ("bitbucket", ""),
    "git.example.org": ("", ""),
}


@pytest.mark.parametrize("host", FORGES)
def test_each_forge_gets_its_own_workflow_and_another_none(tmp_path: Path, host: str) -> None:
    started(tmp_path, remote=f"git@{host}:acme/greeter.git")
    kind, path = FORGES[host]
    assert told(tmp_path)["survey"]["place"]["forge"] == kind
    made = set(state(tmp_path)) - {"src/a.py", *OWN}
    assert made == ({path, "requirements-docs.txt"} if path else set())
    again = init(tmp_path)
    assert again.lines("nothing to write")
    assert not again.lines("already")
    assert not path or again.lines(f"kept {path} (up to date)")
    assert "Add to" not in again.output


@pytest.mark.parametrize(
    ("mark", "kind"), [(".gitlab-ci.yml", "gitlab"), (".gitea/x", "gitea"), (".forgejo/x", "forgejo")]
)
def test_a_host_of_ones_own_is_told_by_what_it_runs(tmp_path: Path, mark: str, kind: str) -> None:
    started(tmp_path, {mark: "x: {script: [a]}\n"}, "https://git.example.org/acme/greeter.git")
    assert init(tmp_path).code == 0
    book = load(tmp_path)
    assert book.forge is not None
    assert book.forge.kind == kind
    assert [f.slug for f in book.findings if f.severity != "info"] == []


def test_a_pipeline_that_is_there_gets_a_job_to_be_added(tmp_path: Path) -> None:
    own = "stages: [lint, 'ship: it']\nlint: {stage: lint, script: [make]}\n"
    started(tmp_path, {".gitlab-ci.yml": own}, "https://gitlab.com/acme/greeter.git")
    (added,) = [one for one in told(tmp_path)["additions"] if one["path"] == ".gitlab-ci.yml"]
    path = tmp_path / ".gitlab-ci.yml"
    assert path.read_text() == own
    path.write_text(own + "\n".join(added["lines"]) + "\n")
    whole = yaml.safe_load(path.read_text())
    assert whole["pages"]["stage"] == "ship: it"
    assert told(tmp_path)["additions"] == []


def test_what_publishes_already_is_named_and_gets_no_rival(tmp_path: Path) -> None:
    other = "jobs: {a: {steps: [{run: mkdocs gh-deploy}]}}\n"
    started(tmp_path, {".github/workflows/docs.yml": other}, "https://github.com/acme/greeter.git")
    done = init(tmp_path)
    assert set(state(tmp_path)) == {"src/a.py", ".github/workflows/docs.yml", *OWN}
    assert done.lines(".github/workflows/docs.yml already publishes a site")


def test_what_a_forge_would_evaluate_is_never_written_into_a_workflow(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.git("remote", "add", "origin", "https://github.com/acme/mono.git")
    repo.git("symbolic-ref", "HEAD", "refs/heads/${{github.token}}")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    done = init(tmp_path)
    assert done.lines("no workflow was written, because the name of the branch")
    assert not (tmp_path / ".github").exists()


_NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


def parsed(text: str) -> Any:
    """Return YAML as the parser in C reads it, which is ten times as quick."""
    return yaml.load(text, yaml.CSafeLoader)


@given(_NAME, _NAME, _NAME, st.sampled_from(sorted(scaffold.WORKFLOWS)))
def test_whatever_things_are_called_what_is_written_says_just_that(
    name: str, branch: str, folder: str, kind: str
) -> None:
    place = RepositoryPlace(repository=True, prefix=f"{folder}/", forge=kind, branch=branch, known=False)
    seen = Survey(name=name, data="d: ata", place=place)
    written = {file.path: file.text for file in scaffold.plan(seen, "9.9", "2026-01-01").files}
    made = parsed(written["mkdocs.yml"])
    assert made["site_name"] == name
    assert made["plugins"][-1] == {"roundbook": {"data_dir": "d: ata"}}
    told_settings, findings = rounds_load.parse_settings(written["d: ata/roundbook.yml"].encode(), "x")
    assert findings == ()
    if branch.isprintable():
        assert [one.branch for one in told_settings.repositories.values()] == [branch]
    if scaffold.unfit(seen):
        return
    path, name, _ = scaffold.WORKFLOWS[kind]
    whole = parsed(written[f"../{path}"])
    assert whole.get("env", whole.get("variables"))["PROJECT"] == folder
    if kind != "gitlab":
        assert whole[True]["push"]["branches"] == [scaffold.branch_pattern(branch)]
    else:
        assert whole["default"]["cache"]["key"]["files"] == [f"{folder}/requirements-docs.txt"]
        assert whole["variables"]["DATA"] == "d: ata"
        named = replace(seen, publishing=Publishing(pipeline=True, stage=branch))
        assert parsed(scaffold.workflow(template("gitlab-pages.yml"), named))["pages"]["stage"] == branch


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:Acme/greeter.git", "https://acme.github.io/greeter/"),
        ("https://github.com/acme/acme.github.io", "https://acme.github.io/"),
        ("https://codeberg.org/acme/greeter.git", "https://acme.codeberg.page/greeter/"),
        ("https://gitlab.com/acme/greeter.git", None),
        ("https://github.com/a%20b/$x", None),
    ],
)
def test_the_address_of_the_site_is_written_where_the_host_tells_it(
    tmp_path: Path, remote: str, url: str | None
) -> None:
    started(tmp_path, remote=remote)
    assert init(tmp_path).code == 0
    assert yaml.safe_load((tmp_path / "mkdocs.yml").read_text()).get("site_url") == url


# ------------------------------------------------------------------------------------------------ what notes there are


def test_notes_are_found_by_their_names(tmp_path: Path) -> None:
    notes = (
        *("round4-summary.md", "sprints/sprint_13.md", "SPRINT-13-COMPLETE.md", "notes/iteration-7-retro.md"),
        *(".planning/phases/01-parser/01-02-SUMMARY.md", "docs/sprints/07.md", "sprints/12/3-retro.md"),
        *("docs/SESSION_7_SUMMARY.md", "notes/session 12.md", "sprint-13-plan.md"),  # whose sprint has a note beside it
        *("session-2026-01-02.md", "docs/SESSION_SUMMARY_2026_01_03.md", "docs/sessions/2026-01-04.md"),
        *("docs/CHECKPOINT_BUGS_FIXED.md", "docs/RESUME_AFTER_DAY3.md", "checkpoint-2026-01-05.md"),
        *("docs/sessions/first-version-summary.md", "sprint-13-backlog.md", "sprint-13-planning-revised.md"),
    )
    others = (
        *("tests/fixtures/round-1.md", "examples/sprint-2.md", ".planning/phases/01-parser/01-02-PLAN.md"),
        *(".planning/phases/01-parser/01-CONTEXT.md", "docs/07.md"),
        "README.md",
        "docs/phases.md",
        *("sprint-14-plan.md", "plans/sprint-13-plan.md", "sprint-14-backlog.md", "sprint-1-plan.md"),
        *(
            "docs/session.md",
            "docs/session-storage.md",
            "session-2fa.md",
            "session-01-02-2026.md",
            "PHASE_1_QUICK_REFERENCE.md",
            "phase-3-testing-guide.md",
        ),
        "round-trip.md",
        "Around 13 results.md",
        "data/round-1.md",
    )
    started(tmp_path, dict.fromkeys((*notes, *others), "# x\n"))
    assert survey.read(tmp_path).notes == tuple(sorted(notes))


def test_folders_of_decisions_are_found_by_name(tmp_path: Path) -> None:
    files = {
        "docs/adr/0001-use-git.md": NYGARD,
        "docs/adr/README.md": "# The log\n",
        "packages/ui/docs/decisions/20260102-use-git.md": MADR,
        "architecture/.adr-dir": "../rulings\n",
        "rulings/one.md": NYGARD,
        "docs/decision-records/0001-x/README.md": NYGARD,
        "memory_bank/decisionLog.md": "# Log\n\n[2026-01-02 10:00:00] - One\n\n[2026-01-03 10:00:00] - Two\n",
        "posts/0001-hello.md": "# Hello\n\n## Status\n\nwell\n",
        "web/decisions/index.md": "# None\n",
        "adr/ADR-1.md": NYGARD,
        "DECISIONS.md": "# Log\n\n## 2026-01-02: One\n\nA.\n\n## 2026-01-03: Two\n\nB.\n",
        "docs/decisions.md": "# How we decide\n\nTogether.\n",
    }
    started(tmp_path, files)
    found = {folder.path: folder.count for folder in survey.read(tmp_path).decisions}
    expected = {"docs/adr": 1, "packages/ui/docs/decisions": 1, "rulings": 1, "DECISIONS.md": 2, "adr": 1}
    assert found == expected | {"docs/decision-records": 1, "memory_bank/decisionLog.md": 2}
    assert scaffold.settings(survey.read(tmp_path))["adrs"] == sorted(found)


def test_enhancement_proposals_are_adopted_with_their_metadata(tmp_path: Path) -> None:
    kep = "title: Resize\nkep-number: {0}\nowning-sig: sig-node\nstatus: {1}\ncreation-date: 2026-01-02\n"
    files = {
        "keps/sig-node/12-resize/kep.yaml": kep.format(12, "implementable") + "see-also: [/keps/sig-net/9-dns]\n",
        "keps/sig-node/12-resize/README.md": "# KEP-12: Resize\n\n## Summary\n\nBigger.\n",
        "keps/sig-net/9-dns/kep.yaml": kep.format(9, "provisional"),
        "keps/sig-net/9-dns/README.md": "# KEP-9: DNS\n\n## Summary\n\nNames.\n",
        "keps/NNNN-kep-template/kep.yaml": kep.format("NNNN", "provisional|implementable"),
        "keps/NNNN-kep-template/README.md": "# KEP-NNNN: Title\n",
    }
    repo = started(tmp_path, files)
    repo.commit("docs: accept", {"keps/sig-net/9-dns/kep.yaml": kep.format(9, "implemented")})
    repo.commit("docs: doubt", {"keps/sig-net/9-dns/kep.yaml": kep.format(9, "provisional")})
    init(tmp_path)
    book = load(tmp_path)
    timeline = book.timelines.of("decision", "kep-9")
    assert timeline
    assert [step.status for step in timeline.steps] == ["proposed", "accepted", "proposed"], "as its metadata said"
    found = {one.id: (one.status, str(one.record.date), *one.record.tags) for one in book.decisions.values()}
    assert found == {
        "kep-12": ("accepted", "2026-01-02", "sig-node"),
        "kep-9": ("proposed", "2026-01-02", "sig-node"),
    }
    assert book.decisions["kep-12"].related == ("kep-9",)


def test_what_is_wrong_with_the_metadata_of_an_adopted_record_is_a_note_at_its_line(tmp_path: Path) -> None:
    kep = "title: Resize\nkep-number: 12\nstatus: gone\ncreation-date: 2026-14-05\nreplaces: [KEP-77]\n"
    files = {"keps/12-resize/kep.yaml": kep, "keps/12-resize/README.md": "# KEP-12: Resize\n\nAs KEP-77 says.\n"}
    started(tmp_path, files)
    init(tmp_path)
    found = {(one.slug, one.severity, str(one.place)) for one in load(tmp_path).findings if one.place}
    assert {
        ("decision-status-unknown", "info", "keps/12-resize/kep.yaml:3:1"),
        ("date-not-readable", "info", "keps/12-resize/kep.yaml:4:1"),
        ("reference-unknown", "info", "keps/12-resize/kep.yaml:5:1"),
    } <= found
    builds(tmp_path, "decisions")


def test_packages_with_tags_and_a_manifest_of_their_own_have_a_changelog_each(tmp_path: Path) -> None:
    repo = started(tmp_path, {f"packages/{name}/package.json": "{}" for name in ("cli", "core")})
    for tag in ("v0.1.0", "@spam/cli@1.0.0", "@spam/core@1.1.0", "@spam/gone@1.0.0"):
        repo.tag(tag)
    packages = {"@spam/cli": "packages/cli", "@spam/core": "packages/core"}
    assert survey.read(tmp_path).past.packages == packages
    init(tmp_path)
    assert list(load(tmp_path).packages) == list(packages)
    builds(tmp_path, "changelog")


def test_notes_on_the_present_state_become_one_record_that_is_kept_up_to_date(tmp_path: Path) -> None:
    files = {
        "memory-bank/activeContext.md": "# Active Context\n\n## Current Focus\n\n* Login\n",
        "memory-bank/progress.md": "# Progress\n\n## Next Steps\n\n* Logout\n",
        "memory-bank/productContext.md": "# Product\n\nA shop.\n",
    }
    repo = started(tmp_path, files)
    init(tmp_path)
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    assert [*load(tmp_path).phases] == ["memory-bank"]
    record = tmp_path / "data/rounds/memory-bank/phase.yml"
    before = record.read_bytes()
    assert run(tmp_path, "roundbook", "import", "--found").code == 0
    assert record.read_bytes() == before
    repo.write({"memory-bank/progress.md": "# Progress\n\n## Next Steps\n\n* Log out everywhere\n"})
    assert run(tmp_path, "roundbook", "import", "--found", "--update").code == 0
    assert "Log out everywhere" in record.read_text("utf-8")


def test_what_the_settings_adopt_is_not_imported_as_well(tmp_path: Path) -> None:
    started(
        tmp_path,
        {"data/roundbook.yml": "adrs: docs/adr\n", "docs/adr/0001-x.md": NYGARD, "docs/sprint-1.md": "# S\n\nA.\n"},
    )
    shown = run(tmp_path, "roundbook", "import", "docs", "--dry-run")
    assert (shown.code, "info import-adopted" in shown.output, "docs/adr/0001-x.md  " in shown.output) == (
        0,
        True,
        False,
    )


def test_records_that_are_there_to_be_tried_are_not_those_of_the_project(tmp_path: Path) -> None:
    settings = "project:\n  adrFolder: ./docs/log\n  packages:\n    - {name: web, adrFolder: ./web/why}\n    - 3\n"
    files = {
        ".log4brains.yml": settings,
        "docs/log/20200925-use-git.md": MADR,
        "web/why/20200926-use-it.md": MADR,
        "packages/core/integration-tests/project/docs/adr/0001-x.md": MADR,
        "tests/data/adr/0001-x.md": MADR,
        "examples/docs/decisions/0001-x.md": MADR,
        "tests/newsfragments/1.feature.rst": "New.\n",
    }
    started(tmp_path, files)
    found = survey.read(tmp_path)
    assert {folder.path for folder in found.decisions} == {"docs/log", "web/why"}
    assert not found.fragments


def test_folders_of_fragments_are_those_that_the_tools_settings_name(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.towncrier]\npackage = "spam.eggs"\npackage_dir = "src"\n',
        "src/spam/eggs/newsfragments/1.feature.rst": "New.\n",
        "setup.cfg": "[tool.scriv]\nfragment_directory = docs/log.d\n",
        "docs/log.d/20260101_ada.md": "### Added\n\n- More.\n",
        "docs/log.d/new_fragment.md.j2": "### Added\n",
        ".changie.yaml": "changesDir: .log\nunreleasedDir: next\n",
        ".log/next/a.yaml": "kind: Fixed\nbody: No crash\n",
        "towncrier.toml": "not = [toml",
        "tox.ini": "[tox\n",
    }
    started(tmp_path, files)
    found = survey.read(tmp_path)
    assert {one.path: one.count for one in found.fragments} == {
        "src/spam/eggs/newsfragments": 1,
        "docs/log.d": 1,
        ".log/next": 1,
    }


@pytest.mark.parametrize(
    ("mark", "tool"),
    [("docs/conf.py", "Sphinx"), ("docs/source/conf.py", "Sphinx"), ("docusaurus.config.js", "Docusaurus")],
)
def test_pages_of_another_generator_are_left_to_it(tmp_path: Path, mark: str, tool: str) -> None:
    started(tmp_path, {mark: "x = 1\n", "docs/index.md": "# Theirs\n", "docs/changelog.md": "```{include} ../x\n```\n"})
    done = init(tmp_path)
    assert f"docs/ belongs to {tool}" in done.output
    assert (tmp_path / "data/pages/index.md").is_file()
    builds(tmp_path, "changelog")
    assert "include" not in (tmp_path / "site/changelog/index.html").read_text("utf-8")


def test_the_first_round_is_drafted_with_the_settings_that_are_written(tmp_path: Path) -> None:
    repo = started(tmp_path, {"CHANGELOG.md": "# Changelog\n"})
    repo.tag("spam@1.0.0")
    repo.commit("A parser", {"changelog.d/12.feature.md": "A new `Parser`.\n", "src/p.py": "1"})
    assert init(tmp_path).code == 0
    first = yaml.safe_load((tmp_path / "data/rounds/1/1.yml").read_text("utf-8"))
    assert first["focus"] == "A parser"
    assert first["commits"] == [{"from": "spam@1.0.0", "to": repo.head[:10]}]
    assert first["tables"][0]["rows"] == [["added", "A new `Parser`."]]


def test_notes_are_imported_and_no_round_is_invented(tmp_path: Path) -> None:
    files = {f"my notes/round-{n}.md": f"# Phase 1 Round {n} Summary\n" for n in range(1, 6)}
    started(tmp_path, {**files, "CHANGELOG.md": "# Changelog\n\n## 1.0.0\n\n- x\n"})
    plan = plan_of(tmp_path)
    assert "import the 5 notes and CHANGELOG.md: roundbook import --found --verify" in plan.next_steps
    assert "data/rounds/1/1.yml" not in {f.path for f in plan.files}


def test_a_site_whose_rounds_are_still_to_be_imported_builds_too(tmp_path: Path) -> None:
    repo = started(tmp_path, {"notes/round-1-summary.md": "# Round 1 Summary\n"})
    repo.write({file.path: file.text for file in plan_of(tmp_path).files})
    assert not (tmp_path / "data/rounds").exists()
    builds(tmp_path, "rounds")


def test_a_readme_beside_an_index_is_left_out_so_that_the_strict_build_passes(tmp_path: Path) -> None:
    started(tmp_path, {"docs/index.md": "# A\n", "docs/README.md": "# B\n", "docs/x/README.md": "# C\n"})
    init(tmp_path)
    assert "  /README.md\n" in (tmp_path / "mkdocs.yml").read_text("utf-8")
    builds(tmp_path, "x")


def test_what_is_found_is_imported_by_one_short_command(tmp_path: Path) -> None:
    notes = dict.fromkeys(("-round-1.md", "b c/round-2.md", "$(e) round-3.md"), "# Done\n\n**Status**: Done\n")
    changelog = "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- Soup.\n"
    started(tmp_path, {**notes, "d/other.md": "x", "CHANGELOG.md": changelog, "changes/12.bugfix.rst": "No more.\n"})
    done = init(tmp_path)
    assert done.lines("- import the 3 notes and CHANGELOG.md: roundbook import --found --verify")
    assert "fragments: [changes]" in (tmp_path / "data/roundbook.yml").read_text("utf-8")
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    made = {path for path in state(tmp_path) if path.startswith("data/rounds/")}
    assert {"data/rounds/rounds/1.yml", "data/rounds/rounds/2.yml", "data/rounds/releases/changelog.yml"} < made
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(empty, "roundbook", "import", "--found").code == 0
    assert run(empty, "roundbook", "import").code == 2


def test_a_hostile_folder_of_notes_ends_in_no_traceback(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "a-round-1-summary.md": b"\xff\xfe\x00",
        "round-2.md": "# Round 2 summary \x1b[31m\u202e\n`" + "a/" * 5000 + "`\n",
        "docs/adr/0001-x.md": "---\n" + "[" * 3000 + "\n---\n",
        "\x1b[31mround-3-summary.md": "x",
        "pyproject.toml": "tool = 3\n",
        ".log4brains.yml": "project: [1]\n",
        "docs/adr/.adr-dir": "../../../../..\n",
        ".gitlab-ci.yml": "stages: {a: [b]}\n",
        "mkdocs.yml": "plugins: 3\nINHERIT: mkdocs.yml\n",
    }
    started(tmp_path, files, "https://gitlab.com/acme/x.git")
    (tmp_path / "round-9-summary.md").symlink_to("/etc/hostname")
    done = init(tmp_path, "--dry-run")
    assert done.code == 0, done.output
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    assert told(tmp_path, "--dry-run")["dry-run"] is True


def test_versions_are_found_among_the_tags(tmp_path: Path) -> None:
    repo = started(tmp_path)
    for tag in ("v1.0.0", "lib@2.1.0", "nightly", "1"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert (past.commits, past.tags, past.versions, past.version_tags) == (1, 4, ("v1.0.0",), "")


def test_a_version_of_a_draft_asks_for_none_of_the_past(tmp_path: Path) -> None:
    repo = started(tmp_path)
    for version in ("v0.1.0", "v0.2.0"):
        repo.tag(version)
        repo.commit(f"feat: after {version}", {"src/a.py": version})
    repo.tag("v0.3.0")
    init(tmp_path)
    assert "tag-without-release" not in run(tmp_path, "roundbook", "check", "--fail-on", "warning").output
    builds(tmp_path)


def test_days_of_before_the_first_version_stand_below_it(tmp_path: Path) -> None:
    text = "CHANGES FROM 0.1 TO 0.2\n\n* A\n\nCHANGES FROM 0 TO 0.1, 3 May 2009\n\n* B\n"
    text += "\n02 May 2009\n\n* C\n\n01 May 2009\n\n* D\n"
    started(tmp_path, {"CHANGES": text}).tag("0.1")
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    found = [release.version for release in load(tmp_path).releases if release.released]
    assert found == ["0.1", "2009-05-02", "2009-05-01"], "0.2 has neither a day nor a tag, so it is not out"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CHANGES", "CHANGES FROM 1.0 TO 1.1, 2 January 2026\n\n* New.\n\nCHANGES FROM 0.9 TO 1.0\n\n* First.\n"),
        ("Changes", "1.1 2026-01-02\n  - New.\n\n1.0 2025-01-01\n  - First.\n"),
        (
            "NEWS",
            "* Noteworthy changes in release 1.1 (2026-01-02)\n\n** Bug fixes\n\n  New.\n\n* Changes in release 1.0\n",
        ),
        ("docs/releases/v1.1.md", "## What's Changed\n* New by @a in https://github.com/o/r/pull/2\n"),
        ("RELEASES.md", "# Releases\n\n## v1.1\n\n## What's Changed\n* New by @a\n\n## New Contributors\n* @a\n"),
    ],
)
def test_changelogs_in_plain_text_and_exported_notes_of_releases_are_found(
    tmp_path: Path, name: str, text: str
) -> None:
    started(tmp_path, {name: text})
    assert survey.read(tmp_path).changelogs == (name,)
    shown = run(tmp_path, "roundbook", "import", "--found", "--verify")
    assert shown.code == 0, shown.output
    book = load(tmp_path)
    (change, *_), *others = (e.round.changes for e in book.entries.values())
    assert (change.text[:3], change.release, others) == ("New", "1.1", [])


def test_the_changelog_of_the_package_whose_versions_are_taken_is_imported(tmp_path: Path) -> None:
    log = "# @spam/{0}\n\n## 1.0.1\n\n### Patch Changes\n\n- No crash.\n\n## 1.0.0\n\n### Major Changes\n\n- All.\n"
    repo = started(tmp_path, {f"packages/{name}/CHANGELOG.md": log.format(name) for name in ("cli", "core")})
    for tag in ("@spam/core@1.0.0", "@spam/cli@1.0.0", "@spam/cli@1.0.1"):
        repo.tag(tag)
    assert survey.read(tmp_path).changelogs == ("packages/cli/CHANGELOG.md",)
    init(tmp_path)
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    builds(tmp_path, "changelog")
    front = (tmp_path / "site/index.html").read_text("utf-8")
    assert "1 round" in front, "an imported changelog is no round of work"
    assert "rb-timeline" not in front, "one bar says nothing"


def test_each_package_has_the_versions_and_changes_of_its_own_changelog(tmp_path: Path) -> None:
    log = "# @spam/{0}\n\n## 1.1.0\n\n### Minor Changes\n\n- Of {0}.\n\n## 1.0.0\n\n### Major Changes\n\n- Begin {0}.\n"
    folders = {"cli": "packages/command", "core": "libs/core"}  # a folder may be called otherwise than its package
    files = {f"{folder}/CHANGELOG.md": log.format(name) for name, folder in folders.items()}
    repo = started(
        tmp_path, files | {f"{folder}/package.json": f'{{"name": "@spam/{name}"}}' for name, folder in folders.items()}
    )
    for tag in ("@spam/cli@1.1.0", "@spam/core@1.1.0"):
        repo.tag(tag)
    found = survey.read(tmp_path)
    assert found.past.packages == {f"@spam/{name}": folder for name, folder in folders.items()}
    assert set(found.changelogs) == {f"{folder}/CHANGELOG.md" for folder in folders.values()}
    init(tmp_path)
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    book = load(tmp_path)
    told = {
        name: [
            (one.version, bool(one.tag), [e.change.text for e in one.entries if e.round != "1/1"])
            for one in releases
            if one.released
        ]
        for name, releases in book.packages.items()
    }
    assert told == {
        f"@spam/{name}": [
            (f"@spam/{name} 1.1.0", True, [f"Of {name}."]), (f"@spam/{name} 1.0.0", False, [f"Begin {name}."])
        ]
        for name in folders
    }  # fmt: skip
    assert not any(one.released for one in book.releases), "the versions of packages are none of the whole"
    assert "Version @spam/" in run(tmp_path, "roundbook", "show", "round_release").output.replace("&#64;", "@")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("CHANGES",), ("CHANGES",)),
        (("ChangeLog", "docs/changelog.md"), ("ChangeLog",)),
        (("docs/changelog.md", "src/docs/changelog.md"), ("docs/changelog.md",)),
        (("CHANGES", "CHANGES-1.0", "CHANGES_v2.md"), ("CHANGES", "CHANGES-1.0", "CHANGES_v2.md")),
        (("docs/source/release-notes.rst",), ("docs/source/release-notes.rst",)),
        (("pyproject.toml", "manual/past.rst", "docs/news.md"), ("manual/past.rst",)),
        (("HISTORY.md", "README.md"), ()),
    ],
)
def test_a_changelog_is_found_at_the_top_where_a_tool_writes_it_and_among_the_pages(
    tmp_path: Path, files: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    texts = {
        "pyproject.toml": "[tool.towncrier]\nfilename = 'manual/past.rst'\n",
        "HISTORY.md": "# History\n\nSee the releases on the web.\n",
        "ChangeLog": "What's new in version 1.1\n\n* Faster\n\nWhat's new in version 1.0\n\n* All\n",
    }
    rst = "Past\n====\n\n1.1\n---\n\n- Faster\n\n1.0\n---\n\n- All\n"
    plain = "# Changes\n\n## 1.1\n\n- Faster\n\n## 1.0\n\n- All\n"
    started(tmp_path, {path: texts.get(path, rst if path.endswith("rst") else plain) for path in files})
    assert survey.read(tmp_path).changelogs == expected


def test_a_folder_of_pages_may_be_written_with_a_slash_behind_it(tmp_path: Path) -> None:
    started(tmp_path, {"mkdocs.yml": "site_name: X\ndocs_dir: pages/\n", "pages/index.md": "# A\n"})
    pages = survey.read(tmp_path).pages
    assert (pages.folder, pages.count, pages.front) == ("pages", 1, "pages/index.md")


def test_a_page_that_is_the_imported_changelog_gives_way_to_the_pages_of_its_versions(tmp_path: Path) -> None:
    started(
        tmp_path, {"docs/changelog.md": "# Changes\n\n## 1.1\n\n- Faster\n\n## 1.0\n\n- All\n", "docs/a.md": "# A\n"}
    )
    init(tmp_path)
    assert run(tmp_path, "roundbook", "import", "--found", "--verify").code == 0
    assert "/changelog/1.1/" in builds(tmp_path, "changelog").replace("&#47;", "/").replace(
        'href="', 'href="/changelog/'
    )


def test_where_there_is_nothing_to_import_that_is_said_and_is_no_error(tmp_path: Path) -> None:
    started(tmp_path)
    done = run(tmp_path, "roundbook", "import", "--found", "--verify")
    assert (done.code, done.output[:18]) == (0, "nothing to import:")
    assert run(tmp_path, "roundbook", "import", "--found", "gone.md").code == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pyproject.toml": "[project]\ndescription = 'Eats  {{ spam }}'\n", "README.md": "# A\n\nNot this one here.\n"},
         "Eats {{ spam }}"),
        ({"package.json": '{"description": 3}',
          "README.md": "[![b](b.svg)](b)\n# A\n\n![a](a.png)\n\nEats [all][a] the *spam*.\n"}, "Eats all the spam."),
        ({"Cargo.toml": "[package", "README.rst": "A\n=\n\nUse it:\n\nIt eats all the spam.\n"}, "It eats all the spam."),
        ({"README.md": "# A\n\n- [x](x)\n"}, ""),
        ({"README.md": "# A\n\nA is a project of:\n\n- b\n\nThis builds a strong community.\n"}, ""),
        ({"README.md": "<p align=center><a href='x'><img src='x'></a></p>\n<p><a>Get it</a> | <a>Read on</a></p>\n"
          "<p align='center'>It <b>eats</b> all\n the spam &amp; eggs.</p>\n"}, "It eats all the spam & eggs."),
        ({"README.md": "## Build it\n\nRun the usual commands to do it.\n"}, ""),
        ({"README.md": "# A\n\n## What is A?\n\n" + "It eats all the spam. " * 20}, ("It eats all the spam. " * 13)[:-1]),
    ],
)  # fmt: skip
def test_a_project_is_described_in_its_own_words(tmp_path: Path, files: dict[str, Content], said: str) -> None:
    started(tmp_path, files)
    found = survey.read(tmp_path)
    assert found.description == said
    page, settings = (
        file.text for file in scaffold.plan(found, "9", "2026-01-01").files if file.path in (OWN[0], OWN[3])
    )
    front, config = (page, settings) if page.startswith("---") else (settings, page)
    assert yaml.safe_load(config).get("site_description", "") == said
    assert ("{{ spam }}" in front, "&#123;" in front) == (False, "{{" in said)


def test_one_tag_of_something_else_is_no_version_of_the_project(tmp_path: Path) -> None:
    repo = started(tmp_path)
    for tag in ("concourse-task_1.48.0", "deployed"):
        repo.tag(tag)
    assert survey.read(tmp_path).past.versions == ()
    repo.tag("concourse-task_1.49.0")
    assert survey.read(tmp_path).past.versions == ("concourse-task_1.49.0", "concourse-task_1.48.0")


def test_tags_that_are_called_after_the_project_are_its_versions_also_beside_some_that_are_not(tmp_path: Path) -> None:
    repo = started(tmp_path, remote="https://github.com/acme/jq.git")
    for tag in ("1.6rc2", "jq-1.6", "jq-1.7", "other-2.0"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert past.versions == ("jq-1.7", "jq-1.6", "1.6rc2")
    assert past.version_tags.startswith("(?:jq-)?")


def test_a_package_that_is_called_after_the_project_is_one_of_its_packages(tmp_path: Path) -> None:
    files = {f"packages/{name}/package.json": f'{{"name": "{name}"}}' for name in ("urql", "core")}
    repo = started(tmp_path, files, remote="https://github.com/acme/urql.git")
    for tag in ("v1.0.0", "urql@2.0.0", "urql@3.0.0", "core@1.0.0"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert (past.versions, past.version_tags, sorted(past.packages)) == (("v1.0.0",), "", ["core", "urql"])


def test_a_module_in_a_folder_of_its_own_is_a_package_beside_the_versions_of_the_whole(tmp_path: Path) -> None:
    repo = started(tmp_path, {"go.mod": "module a\n", "x/wasm/go.mod": "module a/x/wasm\n"})
    for tag in ("v1.0.0", "x/wasm/v0.1.0"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert (past.versions, past.packages) == (("v1.0.0",), {"x/wasm": "x/wasm"})


def test_the_first_round_lists_no_changes_where_people_write_a_changelog(tmp_path: Path) -> None:
    started(tmp_path, {"CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- It begins\n"})
    init(tmp_path)
    first = yaml.safe_load((tmp_path / "data/rounds/1/1.yml").read_text("utf-8"))
    assert ("changes" in first, first["commits"] != []) == (False, True)


# ----------------------------------------------------------------------------------------------------------- AGENTS.md

BEGIN, END = "<!-- roundbook: guide begin -->", "<!-- roundbook: guide end -->"


def test_the_guide_is_added_to_what_is_there_and_renewed_alone(tmp_path: Path) -> None:
    started(tmp_path)
    own = b"\xef\xbb\xbf# Agents\r\n\r\n## Ours\r\nno last line end"
    path = tmp_path / "AGENTS.md"
    path.write_bytes(own)
    assert init(tmp_path).code == 0
    assert path.read_bytes() == own
    assert init(tmp_path, "--agents").lines("updated AGENTS.md")
    made = path.read_bytes()
    assert made.startswith(own + b"\r\n\r\n" + BEGIN.encode() + b"\r\n")
    assert made.count(b"\n") == made.count(b"\r\n")
    assert b"roundbook check" in made
    assert init(tmp_path, "--agents").lines("kept AGENTS.md (up to date)")
    after = made.replace(b"roundbook check", b"roundbook chick") + b"\r\n## More \xc3\xbc\n"
    path.write_bytes(after)
    assert init(tmp_path, "--agents").code == 0
    assert path.read_bytes() == made + b"\r\n## More \xc3\xbc\n"


def test_an_agents_md_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert init(tmp_path, "--agents").lines("created AGENTS.md")
    text = (tmp_path / "AGENTS.md").read_text("utf-8")
    assert text == f"{BEGIN}\n\n{run(tmp_path, 'roundbook', 'guide').output}{END}\n"


def test_an_agents_md_that_is_a_link_stays_one_and_leads_nowhere_else(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo", {"CLAUDE.md": "# Ours\n"})
    (repo.path / "AGENTS.md").symlink_to("CLAUDE.md")
    assert init(repo.path, "--agents").code == 0
    assert (repo.path / "AGENTS.md").is_symlink()
    assert BEGIN in (repo.path / "CLAUDE.md").read_text("utf-8")
    (repo.path / "AGENTS.md").unlink()
    (repo.path / "AGENTS.md").symlink_to("../made.md")
    assert init(repo.path, "--agents").code == 2
    assert not (tmp_path / "made.md").exists()


@pytest.mark.parametrize(
    ("files", "answer", "question", "path", "made"),
    [
        ({}, "y", "Put the guide for agents into AGENTS.md? [y/N]", "AGENTS.md", True),
        ({}, "", "Put the guide for agents into AGENTS.md? [y/N]", "AGENTS.md", False),
        ({"round-1.md": "# Round 1\n"}, "", "Import the 1 note now? [Y/n]", "data/rounds/rounds/1.yml", True),
        ({"round-1.md": "# Round 1\n"}, "n", "Import the 1 note now? [Y/n]", "data/rounds/rounds/1.yml", False),
    ],
)
def test_on_a_terminal_it_asks_once(
    tmp_path: Path, files: dict[str, str], answer: str, question: str, path: str, made: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    program = [sys.executable, "-m", "roundbook", "init"]
    with subprocess.Popen(
        program, cwd=tmp_path, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        assert process.wait(60) == 0
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode("utf-8", "replace")
    os.close(ours)
    assert question in shown
    assert shown.count("?") == 1
    assert (tmp_path / path).exists() is made


@pytest.mark.parametrize("text", [f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_markers_that_are_no_pair_are_named_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "AGENTS.md").write_text(text)
    done = init(tmp_path, "--agents")
    assert done.code == 2, done.output
    assert state(tmp_path).keys() == {"AGENTS.md"}
    assert (tmp_path / "AGENTS.md").read_text() == text


def test_of_the_configuration_only_what_matters_is_printed_as_json(tmp_path: Path) -> None:
    started(tmp_path, {"mkdocs.yml": "site_name: X\nextra: {secret: s3cret}\n", "docs/index.md": "# X\n"})
    whole = told(tmp_path, "--dry-run")
    assert whole["survey"]["configuration"] == {
        "path": "mkdocs.yml", "docs": "docs", "named-in": "mkdocs.yml", "plugins": None, "mapping": False, "unlisted": False
    }  # fmt: skip
    assert "s3cret" not in json.dumps(whole)
