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
from roundbook import __version__
from roundbook.bring import beginning, joining, publishing, setup
from roundbook.bring.setup import Means
from roundbook.doors.cli import COMMANDS
from roundbook.model.survey import Configuration, Place, Publishing, Survey
from roundbook.pipeline import load
from roundbook.read import configuration, notes, settings, survey
from roundbook.read.packaged import template
from roundbook.settings import Settings
from site_trial import Outcome, environment, run

OWN = ("mkdocs.yml", "data/roundbook.yml", "data/round.schema.json", "data/rounds/1/1.yml", "docs/index.md")
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


def builds(path: Path, address: str = "rounds/1/1") -> str:
    """Build the site with --strict, and return the page of a round."""
    made = run(path, "mkdocs", "build", "--strict")
    assert made.code == 0, made.output
    return (path / "site" / address / "index.html").read_text("utf-8")


def plan_of(path: Path, commands: tuple[str, ...] = COMMANDS) -> setup.Plan:
    return setup.plan(survey.read(path), "2026-01-01", Means("9.9", commands, template))


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
    assert "nothing to write: all is there" in again.output
    assert "publishes a site already" not in again.output
    assert again.lines("mkdocs.yml: yours, kept") or again.lines("mkdocs.yml: as it is")


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    started(tmp_path, remote="git@github.com:acme/greeter.git")
    before = state(tmp_path)
    done = init(tmp_path, "--dry-run", "--agents")
    assert (done.code, state(tmp_path)) == (0, before)
    for path in (*PUBLISHED, "AGENTS.md"):
        assert done.lines(f"would write {path} ("), path


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


def test_the_installed_schema_is_where_the_files_and_new_look_for_it(tmp_path: Path) -> None:
    started(tmp_path)
    init(tmp_path)
    first = (tmp_path / "data/rounds/1/1.yml").read_text().splitlines()[0]
    where = first.partition("$schema=")[2]
    assert (tmp_path / "data/rounds/1" / where).resolve() == tmp_path / "data/round.schema.json"
    assert run(tmp_path, "roundbook", "schema").output == (tmp_path / "data/round.schema.json").read_text("utf-8")
    (tmp_path / "data/rounds/1/1.yml").unlink()
    assert run(tmp_path, "roundbook", "new", "round", "2/1", "--folder").code == 0
    made = (tmp_path / "data/rounds/2/1/round.yml").read_text().splitlines()[0]
    assert made == "# yaml-language-server: $schema=../../../round.schema.json"
    (tmp_path / "data/round.schema.json").write_text("{}\n")
    assert init(tmp_path).lines("data/round.schema.json is that of another version")


def test_the_data_may_lie_elsewhere(tmp_path: Path) -> None:
    started(tmp_path)
    assert run(tmp_path, "roundbook", "--data", "the book", "init").code == 0
    assert (tmp_path / "the book/rounds/1/1.yml").is_file()
    builds(tmp_path)
    for wrong in ("../x", "/x", "."):
        assert run(tmp_path, "roundbook", "--data", wrong, "init").code == 2
    assert run(tmp_path, "roundbook", "--at", "HEAD", "init").code == 2


# ------------------------------------------------------------------------------------------- what is the user's is kept

CONFIGURATIONS = {
    "no plugins": "site_name: X\n",
    "no last line end": "site_name: X",
    "CRLF": "site_name: X\r\nplugins:\r\n  - search\r\n",
    "list": "site_name: X\nplugins:\n  - search\n  - macros:\n      on_undefined: strict\n\n\ntheme: mkdocs\n",
    "indented not at all": "site_name: X\nplugins:\n- search:\n    lang:\n      - en\ntheme: mkdocs\n",
    "comments": "plugins: # ours\n  # the first\n  - search # finds\n  # the last\n# site\nsite_name: X\n",
    "flow": "site_name: X\nplugins: [search, macros] # two\ntheme: mkdocs\n",
    "empty flow": "plugins: []\nsite_name: X\n",
    "mapping": "plugins:\n  search: {}\n  macros:\n    on_undefined: strict\nsite_name: X\n",
    "tags": (
        "site_name: !ENV [NAME, X]\nplugins:\n  - search\nmarkdown_extensions:\n"
        "  - toc:\n      slugify: !!python/name:markdown.extensions.toc.slugify_unicode\n"
    ),
    "nav": "site_name: X\nnav:\n  - Home: index.md\nplugins:\n  - search\n",
    "inherited": "INHERIT: conf/base.yml\nsite_name: X\n",
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_printed_lines_put_where_they_are_said_to_belong_make_it_work(tmp_path: Path, name: str) -> None:
    files = {"mkdocs.yml": CONFIGURATIONS[name], "docs/index.md": "# Mine\n"}
    if name == "inherited":
        files["conf/base.yml"] = "plugins:\n  - search\n"
    started(tmp_path, files)
    before = state(tmp_path)
    additions = plan_of(tmp_path).additions
    shown = init(tmp_path).output
    assert before.items() <= state(tmp_path).items()
    assert additions
    for one in additions:
        assert "\n".join(one.lines) in shown
        assert one.path == ("conf/base.yml" if name == "inherited" else "mkdocs.yml")
        assert one.after
        path = tmp_path / one.path
        path.write_text(one.applied(path.read_text("utf-8")), "utf-8")
    builds(tmp_path)
    after = plan_of(tmp_path)
    assert after.additions == ()


def test_a_list_that_is_written_too_oddly_is_left_to_the_person() -> None:
    odd = "plugins: &p [\n  search\n]\nsite_name: X\n"
    found, _ = configuration.parse(odd, "mkdocs.yml")
    made = joining.plugin(found)
    assert made is not None
    assert (made.after, made.lines) == (0, ("  - roundbook",))


@given(st.text(alphabet="plugins: -[]{},#&*!'\"\n\tsearch", max_size=60))
def test_a_proposal_with_a_place_always_puts_the_plugin_in(text: str) -> None:
    found, _ = configuration.parse(text, "mkdocs.yml")
    made = joining.plugin(found)
    if made is not None and made.after:
        again, _ = configuration.parse(made.applied(text), "mkdocs.yml")
        assert again.plugins is not None
        assert set(again.plugins) == {*(found.plugins if found.plugins is not None else ("search",)), "roundbook"}


def test_pages_that_were_never_built_do_not_stop_the_build(tmp_path: Path) -> None:
    pages = {
        "docs/README.md": "# Read me\n\n[gone](gone.md), [source](../src/a.py), {{ not_ours }} {% raw %}\n",
        "docs/a/index.md": "# A\n[x](#nowhere)\n",
        "docs/a/README.md": "# A again\n",
        "docs/ü #1/index.md": "# U\n",
        "docs/ü #1/README.md": "# U again\n",
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
    nav = "site_name: X\nnav:\n  - changelog.md\n  - decisions/README.md\nplugins: [search]\n"
    started(tmp_path, {**pages, **({"mkdocs.yml": nav} if configured else {})})
    assert init(tmp_path).code == 0
    for one in plan_of(tmp_path).additions:
        assert "changelog/index.md" not in "".join(one.lines)
        path = tmp_path / one.path
        path.write_text(one.applied(path.read_text("utf-8")), "utf-8")
    builds(tmp_path)
    for address, words in (("changelog", "Our log"), ("decisions", "Our decisions")):
        assert words in (tmp_path / "site" / address / "index.html").read_text("utf-8")
    if not configured:
        front = (tmp_path / "docs/index.md").read_text("utf-8")
        assert "(rounds/index.md)" in front
        assert "(changelog.md)" in front
        assert "(decisions/README.md)" in front


def test_a_main_py_is_not_run_for_a_new_site_either(tmp_path: Path) -> None:
    started(tmp_path, {"main.py": "open('ran', 'w').close()\nraise SystemExit('it was run')\n"})
    init(tmp_path)
    builds(tmp_path)
    assert not (tmp_path / "ran").exists()
    assert 'href="decisions/"' in (tmp_path / "site/index.html").read_text("utf-8")


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
    assert set(state(tmp_path)) - set(before) == {"mkdocs.yml", "data/round.schema.json"}
    for path in ("data/roundbook.yml", "requirements-docs.txt", ".github/workflows/pages.yml"):
        assert done.lines(f"{path}: yours, kept"), path
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
        assert done.lines("requirements-docs.txt: yours, kept")
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
    assert not path or again.lines(f"{path}: as it is")
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
    assert done.lines(".github/workflows/docs.yml publishes a site already")


def test_what_a_forge_would_evaluate_is_never_written_into_a_workflow(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.git("remote", "add", "origin", "https://github.com/acme/mono.git")
    repo.git("symbolic-ref", "HEAD", "refs/heads/${{github.token}}")
    repo.commit("feat: begin", {"a.txt": "a\n"})
    done = init(tmp_path)
    assert done.lines("no workflow was made, since the name of the branch")
    assert not (tmp_path / ".github").exists()


_NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(_NAME, _NAME, _NAME, st.sampled_from(sorted(publishing.WORKFLOWS)))
def test_whatever_things_are_called_what_is_written_says_just_that(
    name: str, branch: str, folder: str, kind: str
) -> None:
    seen = Survey(
        name=name, data="d: ata", place=Place(repository=True, prefix=f"{folder}/", forge=kind, branch=branch)
    )
    made = yaml.safe_load(beginning.configuration(seen))
    assert made["site_name"] == name
    assert made["plugins"][-1] == {"roundbook": {"data_dir": "d: ata"}}
    told_settings, findings = settings.parse(
        beginning.settings_file(beginning.settings(replace(seen, place=replace(seen.place, known=False)))).encode(), "x"
    )
    assert findings == ()
    if branch.isprintable():
        assert [one.branch for one in told_settings.repositories.values()] == [branch]
    if publishing.unfit(seen):
        return
    whole = yaml.safe_load(publishing.filled(template(publishing.WORKFLOWS[kind][1]), seen))
    assert whole.get("env", whole.get("variables"))["PROJECT"] == folder
    if kind != "gitlab":
        assert whole[True]["push"]["branches"] == [publishing.pattern(branch)]
    else:
        assert whole["default"]["cache"]["key"]["files"] == [f"{folder}/requirements-docs.txt"]
        assert whole["variables"]["DATA"] == "d: ata"
        named = replace(seen, publishing=Publishing(pipeline=True, stages=(branch,)))
        assert yaml.safe_load(publishing.filled(template(publishing.JOB), named))["pages"]["stage"] == branch


# ------------------------------------------------------------------------------------------------ what notes there are


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("notes/a.md", "Phase 3 Round 4 Summary"),
        ("notes/a.md", "Phase 3 -- Round 3 Summary"),
        ("notes/a.md", "Sprint 13 — Completed (v0.3.0, 2026-03-31)"),
        ("notes/a.md", "Phase 3 -- Round 3"),
        ("notes/a.md", "Milestone 2 report"),
        ("round4-summary.md", ""),
        ("sprints/sprint_13.md", "What we did"),
        ("SPRINT-13-COMPLETE.md", ""),
        ("iteration-7-retrospective.md", ""),
    ],
)
def test_summaries_are_told_by_name_or_title(path: str, title: str) -> None:
    assert notes.is_summary(path, title)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("README.md", "A summary of the project"),
        ("docs/phases.md", "Phases of the moon"),
        ("a.md", "Around 13 results"),
        ("sprint-13-plan.md", "Sprint 13: plan"),
        ("a.md", "How we plan phase 3"),
        ("round-trip.md", "Round trips"),
    ],
)
def test_other_notes_are_no_summaries(path: str, title: str) -> None:
    assert not notes.is_summary(path, title)


def test_folders_of_decisions_are_told_by_content(tmp_path: Path) -> None:
    files = {
        "docs/adr/0001-use-git.md": NYGARD,
        "docs/adr/README.md": "# The log\n",
        "packages/ui/docs/decisions/20260102-use-git.md": MADR,
        "doc/arch/adr-001.md": "# 1. No\n",
        "architecture/.adr-dir": "../rulings\n",
        "rulings/one.md": NYGARD,
        ".log4brains.yml": "project: {adrFolder: ./log, packages: [{name: a, adrFolder: ./a/log}]}\n",
        "log/x.md": MADR2,
        "a/log/y.md": MADR,
        "posts/0001-hello.md": "# Hello\n\n## Status\n\nwell\n",
        "src/ADR-1-x.md": MADR2,
    }
    started(tmp_path, files)
    found = {folder.path: folder.count for folder in survey.read(tmp_path).decisions}
    assert found == {
        "docs/adr": 1,
        "packages/ui/docs/decisions": 1,
        "rulings": 1,
        "log": 1,
        "a/log": 1,
        "src": 1,
    }
    made = beginning.settings(survey.read(tmp_path), frozenset({"adrs"}))
    assert made["adrs"] == sorted(found)
    assert ("adrs" in beginning.settings(survey.read(tmp_path))) is ("adrs" in Settings.model_fields)


def test_fragments_and_changelogs_are_found(tmp_path: Path) -> None:
    files = {
        "newsfragments/1.feature": "x",
        "pyproject.toml": '[tool.towncrier]\ndirectory = "docs/news"\n',
        "docs/news/2.bugfix": "x",
        "releasenotes/notes/a-1.yaml": "x: 1",
        "changelog.d/README.md": "x",
        ".changeset/brave.md": "x",
        ".changeset/config.json": "{}",
        "CHANGELOG.md": "# Changelog\n",
    }
    started(tmp_path, files)
    seen = survey.read(tmp_path)
    assert {(f.path, f.kind, f.count) for f in seen.fragments} == {
        ("newsfragments", "towncrier", 1),
        ("docs/news", "towncrier", 1),
        ("releasenotes/notes", "reno", 1),
        ("changelog.d", "scriv", 0),
        (".changeset", "changesets", 1),
    }
    assert seen.changelogs == ("CHANGELOG.md",)


SUMMARY = (
    "# Round {n} Summary\n\n`old/app/src/a.py:12` and `old/app/docs/b.md`, `old/app/lib/gone.py`, `old/app/lib/c.py`\n"
)


def test_old_roots_are_written_where_they_are_sure_and_paths_then_resolve(tmp_path: Path) -> None:
    files = {"docs/b.md": "b\n", "lib/c.py": "c\n", "notes/round-1.md": SUMMARY.format(n=1)}
    started(tmp_path, files)
    (root,) = survey.read(tmp_path).roots
    assert (root.old, root.found, root.asked, root.sure) == ("old/app", 3, 4, True)
    assert init(tmp_path).lines("old/app/ (3 of 4 paths exist without it)")
    told_settings, findings = settings.parse((tmp_path / "data/roundbook.yml").read_bytes(), "data/roundbook.yml")
    assert (dict(told_settings.roots), findings) == ({"old/app/": ""}, ())
    (tmp_path / "data/rounds/1").mkdir(parents=True)
    (tmp_path / "data/rounds/1/1.yml").write_text(
        "round: 1\nfocus: x\nstatus: done\nagents: [{name: A, status: done, deliverables: {paths: [old/app/docs/b.md]}}]\n"
    )
    found = [f for f in load(tmp_path).findings if "old/app" in f.message and f.severity != "info"]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "`old/src/a.py` `old/docs/b.md`",  # two are not enough
        "`src/a.py` `docs/b.md` `lib/c.py`",  # all there
        "`old/src/a.py` `old/docs/b.md` `old/lib/c.py` `old/x/1.py` `old/x/2.py` `old/x/3.py`",  # half
        "```\n`old/src/a.py` `old/docs/b.md` `old/lib/c.py`\n```",
    ],
)
def test_roots_that_are_not_sure_are_not_written(tmp_path: Path, text: str) -> None:
    started(tmp_path, {"docs/b.md": "b\n", "lib/c.py": "c\n", "round-1-summary.md": f"# Round 1\n\n{text}\n"})
    assert "roots" not in beginning.settings(survey.read(tmp_path))


def test_a_folder_that_is_still_there_is_no_old_root() -> None:
    places = notes.places_of(["new/a/x.py", "a/x.py", "a/y.py", "a/z.py"])
    assert notes.lost_roots(["new/a/x.py", "new/a/y.py", "new/a/z.py"], places) == ()


def test_summaries_are_imported_where_this_version_can_and_no_round_is_invented(tmp_path: Path) -> None:
    files = {f"my notes/round-{n}.md": f"# Phase 1 Round {n} Summary\n" for n in range(1, 6)}
    started(tmp_path, {**files, "CHANGELOG.md": "# Changelog\n"})
    able, unable = plan_of(tmp_path, (*COMMANDS, "import")), plan_of(tmp_path, ("check",))
    assert any(line.endswith("roundbook import 'my notes'/*.md --verify") for line in able.left)
    assert any(line.endswith("roundbook import CHANGELOG.md") for line in able.left)
    assert not any("import" in line for line in unable.left)
    assert "data/rounds/1/1.yml" not in {f.path for f in able.files}
    assert "data/rounds/1/1.yml" in {f.path for f in unable.files}


def test_a_site_whose_rounds_are_still_to_be_imported_builds_too(tmp_path: Path) -> None:
    repo = started(tmp_path, {"notes/round-1-summary.md": "# Round 1 Summary\n"})
    repo.write({file.path: file.text for file in plan_of(tmp_path, (*COMMANDS, "import")).files})
    assert not (tmp_path / "data/rounds").exists()
    builds(tmp_path, "rounds")


def test_sources_are_words_of_a_shell() -> None:
    seen = Survey(name="x", summaries=("-a b.md", "b c/1.md", "b c/2.md", "d/1.md", "d/2.md", "$(e).md"))
    seen = replace(seen, beside=("b c/1.md", "b c/2.md", "d/1.md", "d/2.md", "d/other.md"))
    assert setup.sources(seen) == "'./-a b.md' '$(e).md' 'b c'/*.md d/1.md d/2.md"


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


def test_versions_and_the_share_of_conventional_commits(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.commit("Mend it", {"a.txt": "1"})
    repo.commit("README: more", {"a.txt": "2"})
    repo.commit("fix(x)!: mend", {"a.txt": "3"})
    for tag in ("v1.0.0", "lib@2.1.0", "nightly", "1"):
        repo.tag(tag)
    past = survey.read(tmp_path).past
    assert (past.counted, past.conventional, set(past.versions)) == (4, 2, {"v1.0.0"})
    assert init(tmp_path, "--dry-run").lines("50 % are conventional")


# ----------------------------------------------------------------------------------------------------------- AGENTS.md

BEGIN, END = "<!-- roundbook: guide begin -->", "<!-- roundbook: guide end -->"


def test_the_guide_is_added_to_what_is_there_and_renewed_alone(tmp_path: Path) -> None:
    started(tmp_path)
    own = b"\xef\xbb\xbf# Agents\r\n\r\n## Ours\r\nno last line end"
    path = tmp_path / "AGENTS.md"
    path.write_bytes(own)
    assert init(tmp_path).code == 0
    assert path.read_bytes() == own
    assert init(tmp_path, "--agents").lines("renewed     AGENTS.md")
    made = path.read_bytes()
    assert made.startswith(own + b"\r\n\r\n" + BEGIN.encode() + b"\r\n")
    assert made.count(b"\n") == made.count(b"\r\n")
    assert b"roundbook check" in made
    assert init(tmp_path, "--agents").lines("AGENTS.md: as it is")
    after = made.replace(b"roundbook check", b"roundbook chick") + b"\r\n## More \xc3\xbc\n"
    path.write_bytes(after)
    assert init(tmp_path, "--agents").code == 0
    assert path.read_bytes() == made + b"\r\n## More \xc3\xbc\n"


def test_an_agents_md_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert init(tmp_path, "--agents").lines("wrote       AGENTS.md")
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


@pytest.mark.parametrize(("answer", "made"), [("y", True), ("", False)])
def test_on_a_terminal_it_asks_and_takes_silence_for_no(tmp_path: Path, answer: str, made: bool) -> None:
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
    assert "Put the guide for agents into AGENTS.md? [y/N]" in shown
    assert (tmp_path / "AGENTS.md").exists() is made


@pytest.mark.parametrize("text", [f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_markers_that_are_no_pair_are_named_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "AGENTS.md").write_text(text)
    done = init(tmp_path, "--agents")
    assert done.code == 2, done.output
    assert state(tmp_path).keys() == {"AGENTS.md"}
    assert (tmp_path / "AGENTS.md").read_text() == text


def test_the_configuration_that_a_survey_holds_is_not_printed_as_json(tmp_path: Path) -> None:
    started(tmp_path, {"mkdocs.yml": "site_name: X\nextra: {secret: s3cret}\n", "docs/index.md": "# X\n"})
    whole = told(tmp_path, "--dry-run")
    assert whole["survey"]["configuration"] == {
        "path": "mkdocs.yml",
        "docs": "docs",
        "plugins": None,
        "listed": True,
        "nav": False,
    }
    assert "s3cret" not in json.dumps(whole)
    assert isinstance(survey.read(tmp_path).configuration, Configuration)
