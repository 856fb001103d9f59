"""What runs on forges: workflows, the action and the templates, held by their schemas, by zizmor, and by trying them."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from repository import Repository
from site_trial import environment, project, run

ROOT = Path(__file__).resolve().parents[1]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SHIPPED = ROOT / "hooks/roundbook/templates/ci"
TEMPLATES = sorted(SHIPPED.glob("*.yml"))
GITLAB = [SHIPPED / "gitlab-ci.yml", SHIPPED / "gitlab-pages.yml"]
PAGES = SHIPPED / "github-pages.yml"
FORGEJO = SHIPPED / "forgejo-pages.yml"
LIKE_GITHUB = [*WORKFLOWS, *(path for path in TEMPLATES if path not in GITLAB)]
COMMENT = ROOT / ".github/scripts/comment.py"
BIN = Path(sys.executable).parent


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def load(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


def tool(*words: str) -> None:
    """Run a checker that is installed beside this Python; it has to find nothing."""
    done = subprocess.run(
        [str(BIN / words[0]), *words[1:]], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from load(path)["jobs"].items()


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow, or of the action."""
    if path == ACTION:
        return list(load(path)["runs"]["steps"])
    return [step for _, job in jobs(path) for step in job["steps"]]


# ------------------------------------------------------------------------------------------------------- checkers


def test_they_are_what_their_schemas_say() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, LIKE_GITHUB))
    tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ACTION))
    tool("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", *map(str, GITLAB))
    tool("check-jsonschema", "--builtin-schema", "vendor.dependabot", str(ROOT / ".github/dependabot.yml"))


def test_zizmor_finds_nothing() -> None:
    tool("zizmor", "--offline", "--pedantic", "--no-progress", *map(str, [*LIKE_GITHUB, ACTION]))


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    program = shutil.which("actionlint") or pytest.skip("no actionlint on this machine")
    done = subprocess.run([program, *map(str, WORKFLOWS)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# ------------------------------------------------------------------------------------------------------ our own rules


@pytest.mark.parametrize("path", [*LIKE_GITHUB, ACTION], ids=name_of)
def test_every_action_is_pinned_with_its_version_beside_it(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        if match := re.match(r"\s*(?:- )?uses: (\S+)(.*)", line):
            name, rest = match.groups()
            assert name == "./" or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", name), line
            assert name == "./" or re.match(r" # v[\dX]+\.[\dY]+\.[\dZ]+", rest), line


def test_one_action_is_pinned_at_one_commit() -> None:
    used: dict[str, set[str]] = {}
    for path in [*LIKE_GITHUB, ACTION]:
        for name, pin in re.findall(r"uses: ([\w./-]+)@(\w+ # v[\w.]+)", path.read_text("utf-8")):
            used.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in used.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", LIKE_GITHUB, ids=name_of)
def test_a_workflow_has_no_right_that_a_job_does_not_ask_for(path: Path) -> None:
    whole = load(path)
    assert whole["permissions"] == {}
    assert whole["concurrency"]["group"]
    for name, job in jobs(path):
        assert job["permissions"], name
        assert 0 < job["timeout-minutes"] <= 35, name
        assert job["name"], name


@pytest.mark.parametrize("path", LIKE_GITHUB, ids=name_of)
def test_a_deployment_or_a_release_that_has_begun_is_let_end(path: Path) -> None:
    writes = any("write" in job["permissions"].values() for _, job in jobs(path))
    assert load(path)["concurrency"]["cancel-in-progress"] is not writes


@pytest.mark.parametrize("path", LIKE_GITHUB, ids=name_of)
def test_a_checkout_keeps_no_token_and_has_the_whole_history_where_it_is_read(path: Path) -> None:
    for name, job in jobs(path):
        for step in job["steps"]:
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name
                reads = name not in ("comment", "publish")
                assert step["with"].get("fetch-depth") == (0 if reads else None), name


@pytest.mark.parametrize("path", [*LIKE_GITHUB, ACTION], ids=name_of)
def test_nothing_is_put_into_a_script_but_by_the_environment(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step
        assert step.get("shell", "bash") == "bash"
        assert path != ACTION or "run" not in step or step["shell"] == "bash"


@pytest.mark.parametrize("path", [*LIKE_GITHUB, ACTION], ids=name_of)
def test_every_script_is_bash(path: Path) -> None:
    for step in steps(path):
        done = subprocess.run(["bash", "-n"], input=step.get("run", ""), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), step.get("name")


@pytest.mark.parametrize("path", [*WORKFLOWS, *TEMPLATES], ids=name_of)
def test_every_input_that_is_given_to_the_action_is_one(path: Path) -> None:
    known = load(ACTION)["inputs"]
    given = [] if path in GITLAB else steps(path)
    for step in given:
        if re.match(r"\./|[\w-]+/roundbook@", step.get("uses", "")):
            assert set(step["with"]) <= set(known)
            assert step["with"]["command"] in ("check", "build", "comment")


def test_the_only_workflow_that_follows_a_fork_runs_nothing_of_it() -> None:
    for path in LIKE_GITHUB:
        text = path.read_text("utf-8")
        assert "pull_request_target" not in text
        if "workflow_run:" in text:
            assert "ref:" not in text
            assert "download-artifact" not in text
            assert not any("run" in step for step in steps(path))


def test_a_site_is_built_strictly_everywhere() -> None:
    for path in (*GITLAB, FORGEJO, PAGES):
        builds = re.findall(r"mkdocs\"? build.*", path.read_text("utf-8"))
        assert builds
        assert all("--strict" in line for line in builds)
    assert load(GITLAB[0])["variables"]["GIT_DEPTH"] == "0"
    assert load(GITLAB[1])["pages"]["variables"]["GIT_DEPTH"] == "0"
    assert "--depth" not in FORGEJO.read_text("utf-8")


def test_pages_show_the_templates_as_they_are() -> None:
    shown = (ROOT / "docs/how-to/publish.md").read_text("utf-8") + (ROOT / "docs/how-to/pull-requests.md").read_text(
        "utf-8"
    )
    shown += (ROOT / "docs/how-to/many-repositories.md").read_text("utf-8")
    shown = shown.replace("{% raw %}", "").replace("{% endraw %}", "")
    for path in TEMPLATES:
        assert path.read_text("utf-8").strip() in shown, f"{name_of(path)} is not shown as it is"


def test_nothing_names_the_host_of_a_registry() -> None:
    for path in [*LIKE_GITHUB, ACTION, *GITLAB, COMMENT, ROOT / ".github/publish-constraints.txt"]:
        found = re.search(r"//[^/\s]*(?:index|registry|files)\.|/(?:work|tmp)/", path.read_text("utf-8"))
        assert not found, name_of(path)


def test_the_matcher_reads_what_check_prints(tmp_path: Path) -> None:
    project(tmp_path, data__rounds__3__4_dot_yml="round: 4\ntitel: x\n").commit("feat: x", {"a.txt": "a\n"})
    matcher = json.loads((SHIPPED / "problem-matcher.json").read_text("utf-8"))["problemMatcher"][0]
    (pattern,) = matcher["pattern"]
    lines = run(tmp_path, "roundbook", "check").output.splitlines()
    matches = [m for line in lines if (m := re.match(pattern["regexp"], line))]
    found = {m[pattern["code"]]: (m[pattern["file"]], m[pattern["line"]], m[pattern["severity"]]) for m in matches}
    assert found["unknown-key"] == ("data/rounds/3/4.yml", "2", "error")


def test_the_template_of_pull_requests_ends_in_trailers() -> None:
    text = (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text("utf-8").rstrip("\n")
    last = text.rpartition("\n\n")[2].splitlines()
    assert [line.partition(":")[0] for line in last] == ["Round", "Decision"]


# --------------------------------------------------------------------------------------------------------- the action


class Runner:
    """Runs the steps of the action as a runner would, with a roundbook that answers `pr` in a fixed way."""

    def __init__(self, workspace: Path, temp: Path) -> None:
        self.workspace = workspace
        self.temp = temp
        self.output = temp / "output"
        self.summary = temp / "summary"
        programs = temp / "roundbook/bin"
        programs.mkdir(parents=True)
        answer = 'case " $* " in *" pr "*) printf "%s\\n" "$@" >"$RUNNER_TEMP/words"; echo told; exit;; esac\n'
        for name, before in (("roundbook", answer), ("mkdocs", "")):
            program = programs / name
            program.write_text(f'#!/bin/sh\n{before}exec "{sys.executable}" -m {name} "$@"\n', "utf-8")
            program.chmod(0o755)

    def step(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run the step of this name; `given` replaces what the environment of the step would hold."""
        (step,) = [s for s in steps(ACTION) if s.get("name") == name]
        assert set(given) == {key for key, value in step["env"].items() if "${{" in value}
        files = {"RUNNER_TEMP": self.temp, "GITHUB_OUTPUT": self.output, "GITHUB_STEP_SUMMARY": self.summary}
        for file in (self.output, self.summary):
            file.write_text("", "utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env=environment(**given, **{key: str(path) for key, path in files.items()}),
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text("utf-8").splitlines()
        return {key: value for key, _, value in (line.partition("=") for line in lines)}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    workspace = tmp_path / "work space"
    project(workspace).commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    return Runner(workspace, tmp_path / "runner's temp")


def test_the_action_checks_and_counts(runner: Runner) -> None:
    done = runner.step("Check the round files", FOLDER=".", DATA="data", FAIL_ON="error", BASE="")
    assert (done.returncode, runner.outputs) == (0, {"findings": "0"}), done.stderr
    (runner.workspace / "data/rounds/3/6.yml").write_text("round: 6\ntitel: x\n", "utf-8")
    done = runner.step("Check the round files", FOLDER=".", DATA="data", FAIL_ON="error", BASE="")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=data/rounds/3/6.yml,")
    assert int(runner.outputs["findings"]) == done.stdout.count("\n::") + 1
    assert "| errors | warnings | notes |" in runner.summary.read_text("utf-8")


def test_the_action_fails_where_there_is_nothing_to_check(runner: Runner) -> None:
    done = runner.step("Check the round files", FOLDER=".", DATA="$(touch sprung)", FAIL_ON="error", BASE="")
    assert done.returncode == 2
    assert not (runner.workspace / "sprung").exists()


def test_the_action_fails_a_branch_for_what_it_brings_alone(runner: Runner) -> None:
    repo = Repository(runner.workspace)
    lost = {"data/rounds/3/6.yml": "round: 6\nfocus: x\nstatus: done\ndeliverables: [{paths: lost/a.txt}]\n"}
    repo.commit("docs: an old warning", lost)
    repo.branch("topic")
    repo.commit("feat: innocent\n\nRound: 3/5", {"a.txt": "b\n"})
    given = {"FOLDER": ".", "DATA": "data", "FAIL_ON": "warning"}
    assert runner.step("Check the round files", **given, BASE="").returncode == 1
    done = runner.step("Check the round files", **given, BASE="main")
    assert (done.returncode, "lost/a.txt" in done.stdout) == (0, False)
    repo.commit("docs: mine\n\nRound: 3/5", {"data/rounds/3/7.yml": lost["data/rounds/3/6.yml"].replace("6", "7", 1)})
    done = runner.step("Check the round files", **given, BASE="main")
    assert (done.returncode, "3/7.yml" in done.stdout, "3/6.yml" in done.stdout) == (1, True, False)


def test_the_action_compares_with_the_base_and_keeps_the_comment(runner: Runner) -> None:
    evil = "origin/$(touch sprung)`touch sprung`; touch sprung"
    given = {"FOLDER": ".", "DATA": "data", "HEAD": "HEAD"}
    done = runner.step("Say what the branch touches", **given, BASE=evil, SITE="", BRANCH="")
    assert done.returncode == 0, done.stderr
    assert runner.summary.read_text("utf-8") == "told\n"
    assert Path(runner.outputs["comment"]).read_text("utf-8") == "told\n"
    words = (runner.temp / "words").read_text("utf-8").splitlines()
    assert words == ["-C", ".", "--data", "data", "pr", "--base", evil, "--head", "HEAD", "--format", "markdown"]
    assert not (runner.workspace / "sprung").exists()
    runner.step("Say what the branch touches", **given, BASE="origin/main", SITE="https://x.example/a b", BRANCH=evil)
    assert (runner.temp / "words").read_text("utf-8").splitlines()[-6:] == [
        "--site",
        "https://x.example/a b",
        "--branch",
        evil,
        "--format",
        "markdown",
    ]


def test_the_action_builds_the_site(runner: Runner) -> None:
    done = runner.step("Build the site", FOLDER=".", STRICT="true", SITE_DIR="out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.outputs == {"site": "./out"}
    assert (runner.workspace / "out/rounds/3/5/index.html").is_file()


def test_the_action_builds_strictly_when_asked_to(runner: Runner) -> None:
    (runner.workspace / "docs/index.md").write_text("[gone](gone.md)\n", "utf-8")
    assert runner.step("Build the site", FOLDER=".", STRICT="true", SITE_DIR="out").returncode == 1
    assert runner.step("Build the site", FOLDER=".", STRICT="false", SITE_DIR="out").returncode == 0


# -------------------------------------------------------------------------------------------------------- the comment

SHA = "1234567890123456789012345678901234567890"
REPOSITORY = "our/project"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
MARKER = "<!-- roundbook: comment on a pull request -->"
GH = """\
#!{python}
import json, os, sys
folder = os.environ["FORGE"]
with open(folder + "/log", "a") as log:
    log.write(json.dumps([sys.argv[1:], sys.stdin.read()]) + "\\n")
answers = json.load(open(folder + "/answers"))
path = next(word for word in sys.argv[2:] if word.startswith("repos/"))
answer = answers.get(path.partition("?")[0], [])
if isinstance(answer, str):
    sys.stdout.buffer.write(open(folder + "/" + answer, "rb").read())
else:
    sys.stdout.write(json.dumps(answer))
"""


def pull(number: int = 7, **other: Any) -> dict[str, Any]:
    head = {"sha": SHA, "repo": {"full_name": "fork/project"}}
    return {"number": number, "state": "open", "head": head, "base": {"repo": {"full_name": REPOSITORY}}, **other}


def packed(text: str | bytes, name: str = "comment.md") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return file.getvalue()


class Forge:
    """A forge that `gh` asks: what it answers, and what was sent to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        gh = folder / "gh"
        gh.write_text(GH.format(python=sys.executable), "utf-8")
        gh.chmod(0o755)
        self.pulls: list[dict[str, Any]] = [pull()]
        self.by_branch: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.size: int | None = None
        self.artifact = packed("hello\n")
        self.head: Mapping[str, Any] = {"head_sha": SHA, "head_branch": "a&b=c/../$(x)"}

    def run(self, **more: str) -> str:
        (self.folder / "zip").write_bytes(self.artifact)
        size = len(self.artifact) if self.size is None else self.size
        one = {"id": 5, "name": "pull-request-comment", "expired": False, "size_in_bytes": size}
        answers = {
            f"repos/{REPOSITORY}/commits/{SHA}/pulls": self.pulls,
            f"repos/{REPOSITORY}/pulls": self.by_branch,
            f"repos/{REPOSITORY}/actions/runs/3/artifacts": {"artifacts": [one]},
            f"repos/{REPOSITORY}/actions/artifacts/5/zip": "zip",
            f"repos/{REPOSITORY}/issues/7/comments": self.comments,
        }
        (self.folder / "answers").write_text(json.dumps(answers), "utf-8")
        (self.folder / "log").write_text("", "utf-8")
        event = {"workflow_run": {"id": 3, "head_repository": {"full_name": "fork/project"}, **self.head}}
        (self.folder / "event").write_text(json.dumps(event), "utf-8")
        given = {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_EVENT_PATH": str(self.folder / "event")}
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, str(COMMENT)],
            env=environment(PATH=path, FORGE=str(self.folder), ARTIFACT="pull-request-comment", **given, **more),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line)[0] for line in (self.folder / "log").read_text("utf-8").splitlines()]

    @property
    def sent(self) -> list[tuple[str, str, str]]:
        """Return the method, the path and the text of everything that was written."""
        log = [json.loads(line) for line in (self.folder / "log").read_text("utf-8").splitlines()]
        return [(w[2], w[3], json.loads(feed)["body"]) for w, feed in log if "--method" in w]


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)


def test_a_first_comment_is_added(forge: Forge) -> None:
    assert forge.run() == "commented on #7"
    assert forge.sent == [("POST", f"repos/{REPOSITORY}/issues/7/comments", f"{MARKER}\nhello\n")]


def test_our_comment_is_written_anew_and_only_when_it_says_something_else(forge: Forge) -> None:
    forge.comments = [
        {"id": 1, "user": {"login": "mallory", "type": "User"}, "body": f"{MARKER}\nmine"},
        {"id": 2, "user": BOT, "body": "another comment of the bot"},
        {"id": 3, "user": BOT, "body": f"{MARKER}\nold\n"},
    ]
    assert forge.run() == "renewed the comment on #7"
    assert forge.sent == [("PATCH", f"repos/{REPOSITORY}/issues/comments/3", f"{MARKER}\nhello\n")]
    forge.comments[-1]["body"] = f"{MARKER}\nhello\n"
    assert forge.run() == "the comment on #7 is up to date"
    assert forge.sent == []


def test_with_nothing_to_say_nothing_is_added_and_an_old_comment_is_taken_back(forge: Forge) -> None:
    forge.artifact = packed("\n")
    assert forge.run() == "nothing to say"
    assert forge.sent == []
    forge.comments = [{"id": 3, "user": BOT, "body": f"{MARKER}\nold\n"}]
    forge.run()
    assert forge.sent[0][2] == f"{MARKER}\nNothing to say any more.\n"


def test_a_marker_of_another_is_not_believed(forge: Forge) -> None:
    forge.comments = [
        {"id": 1, "user": {"login": "mallory", "type": "User"}, "body": f"{MARKER}\nmine"},
        {"id": 2, "user": {"login": "github-actions[bot]", "type": "User"}, "body": f"{MARKER}\nmine"},
        {"id": 3, "user": None, "body": f"{MARKER}\na ghost's"},
        {"id": 4, "user": {"login": "other[bot]", "type": "Bot"}, "body": f"{MARKER}\nanother bot's"},
    ]
    assert forge.run() == "commented on #7"


@pytest.mark.parametrize(
    "other",
    [
        {"state": "closed"},
        {"head": {"sha": "f" * 40, "repo": {"full_name": "fork/project"}}},
        {"head": {"sha": SHA, "repo": {"full_name": "other/project"}}},
        {"head": {"sha": SHA, "repo": None}},
        {"base": {"repo": {"full_name": "fork/project"}}},
    ],
)
def test_a_pull_request_that_is_not_the_one_of_the_run_gets_no_comment(forge: Forge, other: dict[str, Any]) -> None:
    forge.pulls = [pull(**other)]
    assert forge.run() == "no open pull request stands at the commit of this run"
    assert forge.sent == []


def test_a_fork_whose_commit_is_not_known_is_found_by_its_branch(forge: Forge) -> None:
    forge.pulls, forge.by_branch = [], [pull()]
    assert forge.run() == "commented on #7"
    (asked,) = [words[1] for words in forge.asked if words[1].startswith(f"repos/{REPOSITORY}/pulls?")]
    assert parse_qs(urlsplit(asked).query)["head"] == ["fork:a&b=c/../$(x)"]


def test_two_pull_requests_of_one_commit_are_not_chosen_between(forge: Forge) -> None:
    forge.pulls = [pull(7), pull(8)]
    assert forge.run() == "no open pull request stands at the commit of this run"


def test_a_commit_that_is_none_asks_nothing(forge: Forge) -> None:
    forge.head = {"head_sha": "../../../user", "head_branch": "x"}
    forge.run()
    assert forge.asked == []


def test_a_large_artifact_is_not_fetched(forge: Forge) -> None:
    forge.size = 10**7
    assert forge.run() == "the run has no artifact of a size to be read"
    assert not any("zip" in word for words in forge.asked for word in words)


def test_an_artifact_that_unpacks_to_much_is_cut(forge: Forge) -> None:
    forge.artifact = packed(b"@a\n" * 20_000_000)
    assert len(forge.artifact) < 262_144
    forge.run()
    text = forge.sent[0][2]
    assert len(text) < 65_536
    assert text.endswith("(cut here: it is too long for a comment)\n")


@pytest.mark.parametrize("artifact", [b"", b"no archive", packed("x", "other.md"), packed("x", "../comment.md")])
def test_an_artifact_that_is_none_says_nothing(forge: Forge, artifact: bytes) -> None:
    forge.artifact = artifact
    assert forge.run() == "nothing to say"


def said(forge: Forge, text: str, **more: str) -> str:
    forge.artifact = packed(text)
    forge.run(**more)
    return forge.sent[0][2].removeprefix(MARKER).strip() if forge.sent else ""


@pytest.mark.parametrize(
    "text",
    [
        "thanks @everybody and @our/team",
        "&#64;everybody &#x40;everybody &commat;everybody",
        "&&#35;64;everybody",
        "&amp&#59;#64;everybody &#6\u200b4;everybody",
        "`@everybody`",
        "see #5, other/project#5 and GH-5, &num;5",
        "![x](https://evil.example/pixel.png)",
        "![x][y]\n\n[y]: https://evil.example/pixel.png",
        "[click](https://evil.example) <https://evil.example> https://evil.example www.evil.example",
        "[click](https://github.com/our/project/../../evil)",
        "[click](https://github.com/our/project-evil/)",
        "[click](javascript:alert(1)) [click](//evil.example)",
        "<script>alert(1)</script><img src=x onerror=alert(1)><!-- hidden",
        "<details open onclick=x>",
        f"{MARKER}\n{MARKER}",
        "/approve\n- /merge",
        "```mermaid\ngraph\n```",
        "\u202eright to left \x1b[31m\x07 \ufeff",
        "::error::no\n##[error]no",
    ],
)
def test_nothing_in_the_text_acts(forge: Forge, text: str) -> None:
    shown = said(forge, text)
    assert not re.search(r"@\w|[\w)\s]#\d|GH-\d|&#|&(?:commat|num);", shown), shown
    assert not re.search(r"\]\(|\]:|!\[|://|www\.\w", shown), shown
    assert not re.search(r"<(?!\u200b)", shown), shown
    assert not re.search(r"^[-\s]*/\w|```\w", shown, re.MULTILINE), shown
    assert not re.search("[\u202e\x1b\x07\ufeff]", shown), shown


def test_links_to_the_project_and_its_site_and_plain_markup_stay(forge: Forge) -> None:
    text = (
        "## Rounds\n\n"
        "- **[3/4](https://docs.example/sub/rounds/3/4/#d-1)** &lt;b&gt; &#42;\n"
        f"- [`1234567`](https://github.com/our/project/commit/{SHA})\n"
        "<details><summary>More</summary>\n\n| a | b |\n|---|---|\n</details>"
    )
    assert said(forge, text, SITE="https://docs.example/sub/") == text
    assert "](https://docs" not in said(forge, text)
    assert "](https://docs" not in said(forge, text, SITE="https://docs.example/.*|.*")
