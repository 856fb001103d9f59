"""The commit hook: git itself runs it, in real repositories, and an editor stands in for the person."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from repository import Repository
from roundbook import commit_hook
from roundbook.commit_hook import HOOK, MARKER, is_ours, script, with_offer
from site_trial import ROUND, Outcome, environment, project, run

OPEN = "round: 6\nphase: 3\ndate: 2026-01-09\nfocus: The next one\nstatus: in-progress\n"
GOVERNED = "decisions:\n  - {title: Keep the engine small, id: small-engine, affects: 'src/**'}\n"
HINT = "# Uncomment the trailers that apply to this commit:"


def started(path: Path, **files: str) -> Repository:
    """Make a project with a closed and an open round, committed, with the hook installed."""
    repo = project(path, **{"data__rounds__3__6_dot_yml": OPEN + GOVERNED, **files})
    repo.commit("feat: begin", {"src/a.py": "a\n"})
    assert roundbook(repo.path, "hook", "install").code == 0
    return repo


def roundbook(cwd: Path, *words: str, **more: str) -> Outcome:
    return run(cwd, "roundbook", *words, **more)


def commit(repo: Repository, *words: str, editor: str = "", cwd: Path | None = None, path: str = "") -> Outcome:
    """Run `git commit` with an editor that keeps what it was shown in `shown`, then writes a subject above it."""
    edit = editor or 'cp "$1" "$SHOWN"; { echo "fix: mend"; cat "$SHOWN"; } > "$1"'
    tool = repo.path.parent / "editor.sh"
    tool.write_text(f"#!/bin/sh\n{edit}\n", "utf-8")
    tool.chmod(0o755)
    env = {**repo._environment("Ada <ada@example.org>", repo.now), "SHOWN": str(shown_file(repo))}
    shown_file(repo).unlink(missing_ok=True)
    done = subprocess.run(
        ["git", "commit", *words],
        cwd=cwd or repo.path,
        env={**env, "GIT_EDITOR": shlex.quote(str(tool)), "PATH": path or env["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Outcome(done.returncode, done.stderr)


def shown_file(repo: Repository) -> Path:
    return repo.path.parent / "shown.txt"


def offered(repo: Repository, mark: str = "#") -> list[str]:
    """Return the trailers that the last commit was offered."""
    lines = shown_file(repo).read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith((f"{mark} Round:", f"{mark} Decision:"))]


def stage(repo: Repository, **files: str) -> None:
    repo.write({name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()})
    repo.git("add", "--all")


TAKE_ALL = (
    'cp "$1" "$SHOWN"; { echo "fix: mend"; sed -e "s/^# \\(Round:\\|Decision:\\)/\\1/" "$SHOWN" | sed 1d; } > "$1"'
)


def test_a_plain_commit_is_offered_the_open_round_and_what_governs_its_files(tmp_path: Path) -> None:
    repo = started(tmp_path / "a project with 'quotes' and spaces")
    stage(repo, src__a_dot_py="b\n")
    said = commit(repo)
    assert offered(repo) == ["# Round: 3/6", "# Decision: small-engine"]
    assert HINT in shown_file(repo).read_text("utf-8")
    assert repo.git("log", "-1", "--format=%B") == "fix: mend\n"  # comments do not stay
    assert "roundbook" not in said.output


def test_a_line_without_its_mark_is_a_trailer_that_git_and_we_read(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    stage(repo, src__a_dot_py="b\n")
    commit(repo, editor=TAKE_ALL)
    assert repo.git("log", "-1", "--format=%(trailers:only)") == "Round: 3/6\nDecision: small-engine\n"


def test_a_changed_round_file_comes_first_with_the_decisions_that_it_changes(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    more = ROUND + "  - {title: Another one, rationale: x}\n"
    stage(repo, data__rounds__3__5_dot_yml=more)
    commit(repo)
    assert offered(repo) == ["# Round: 3/5", "# Round: 3/6", "# Decision: another-one"]


def test_what_is_not_staged_is_not_looked_at(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    stage(repo, notes_dot_txt="x\n")
    repo.write({"src/a.py": "not staged\n"})
    commit(repo)
    assert offered(repo) == ["# Round: 3/6"]


@pytest.mark.parametrize("words", [("-a",), ("src/a.py",), ("--include", "src/a.py")])
def test_the_index_that_a_commit_makes_for_itself_counts(tmp_path: Path, words: tuple[str, ...]) -> None:
    repo = started(tmp_path / "p")
    repo.write({"src/a.py": "b\n"})
    commit(repo, *words)
    assert offered(repo) == ["# Round: 3/6", "# Decision: small-engine"]


def test_the_first_commit_of_a_repository_has_an_offer(tmp_path: Path) -> None:
    repo = project(tmp_path / "p", data__rounds__3__6_dot_yml=OPEN + GOVERNED)
    assert roundbook(repo.path, "hook", "install").code == 0
    repo.git("add", "--all")
    commit(repo)
    assert offered(repo)[:2] == ["# Round: 3/6", "# Round: 3/5"]


@pytest.mark.parametrize("mark", [";", "%"])
def test_the_comment_character_of_git_is_used(tmp_path: Path, mark: str) -> None:
    repo = started(tmp_path / "p")
    repo.git("config", "core.commentChar", mark)
    stage(repo, src__a_dot_py="b\n")
    commit(repo)
    assert offered(repo, mark) == [f"{mark} Round: 3/6", f"{mark} Decision: small-engine"]
    assert repo.git("log", "-1", "--format=%B") == "fix: mend\n"


def test_the_comment_character_that_git_chose_is_used(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    repo.git("config", "core.commentChar", "auto")
    stage(repo, src__a_dot_py="b\n", template="\n# a heading\n")
    commit(repo, "-t", "template")
    mark = shown_file(repo).read_text("utf-8").splitlines()[-1][0]
    assert mark != "#"
    assert offered(repo, mark) == [f"{mark} Round: 3/6", f"{mark} Decision: small-engine"]


@pytest.mark.parametrize("cleanup", ["verbatim", "whitespace", "scissors"])
def test_where_comments_stay_nothing_is_written(tmp_path: Path, cleanup: str) -> None:
    repo = started(tmp_path / "p")
    repo.git("config", "commit.cleanup", cleanup)
    stage(repo, src__a_dot_py="b\n")
    commit(repo)
    assert offered(repo) == []


@pytest.mark.parametrize("flag", ["--cleanup=scissors", "--no-status"])
def test_where_no_comments_of_git_are_nothing_is_written(tmp_path: Path, flag: str) -> None:
    repo = started(tmp_path / "p")
    stage(repo, src__a_dot_py="b\n")
    commit(repo, flag)
    assert offered(repo) == []


def test_a_verbose_commit_has_the_offer_above_the_difference(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    stage(repo, src__a_dot_py="# Round: 9/9\n")
    commit(repo, "--verbose")
    assert offered(repo) == ["# Round: 3/6", "# Decision: small-engine"]
    whole = shown_file(repo).read_text("utf-8")
    assert whole.index("# Round: 3/6") < whole.index(" >8 ") < whole.index("+# Round: 9/9")


def test_a_given_message_is_left_alone_and_may_be_edited(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    stage(repo, src__a_dot_py="b\n")
    commit(repo, "-m", "fix: given")
    assert not shown_file(repo).exists()
    assert repo.git("log", "-1", "--format=%B") == "fix: given\n"
    stage(repo, src__a_dot_py="c\n")
    commit(repo, "-e", "-m", "fix: given", "-m", "Round: 3/5")
    assert offered(repo) == ["# Decision: small-engine"]  # the round is said already


def test_merges_squashes_and_amended_commits_are_left_alone(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    for name in ("one", "two"):
        repo.branch(name, "main")
        repo.commit(f"feat: {name}", {f"src/{name}.py": "x\n"})
        repo.checkout("main")
    repo.git("merge", "--quiet", "--no-ff", "--no-commit", "one")
    commit(repo)
    assert offered(repo) == []
    repo.git("merge", "--quiet", "--squash", "two")
    commit(repo)
    assert offered(repo) == []
    for words in (("--amend",), ("-c", "HEAD~1")):
        stage(repo, src__a_dot_py=" ".join(words))
        commit(repo, *words)
        assert offered(repo) == []


def test_a_linked_worktree_shares_the_hook_and_has_its_own_index(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    other = repo.worktree(tmp_path / "other tree", "topic")
    assert roundbook(other.path, "hook", "install").code == 0
    assert not (other.path / ".git").is_dir()
    stage(other, src__a_dot_py="b\n")
    commit(repo, cwd=other.path)
    assert offered(repo) == ["# Round: 3/6", "# Decision: small-engine"]


def test_a_project_in_a_folder_of_its_repository_is_found(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "p")
    repo.commit("chore: begin", {"top.txt": "x\n"})
    inner = project(repo.path / "the site", data__rounds__3__6_dot_yml=OPEN + GOVERNED)
    (inner.path / ".git").rename(tmp_path / "gone")
    assert roundbook(repo.path, "-C", "the site", "hook", "install").code == 0
    assert not (inner.path / ".git").exists()
    repo.git("add", "--all")
    commit(repo)
    stage(repo, **{"the site__src__a_dot_py": "b\n"})
    commit(repo)
    assert offered(repo) == ["# Round: 3/6", "# Decision: small-engine"]
    repo.git("rm", "-rqf", "the site")
    assert "roundbook" not in commit(repo).output  # nor does it complain where the project is not


def test_another_hook_stays_and_is_told_how_to_call_ours(tmp_path: Path) -> None:
    repo = project(tmp_path / "p", data__rounds__3__6_dot_yml=OPEN)
    hook = repo.path / ".git/hooks" / HOOK
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n# theirs\n", "utf-8")
    done = roundbook(repo.path, "hook", "install")
    assert done.code == 2
    assert 'roundbook hook run "$@"' in done.output
    assert "theirs" in hook.read_text("utf-8")
    assert roundbook(repo.path, "hook", "uninstall").code == 2
    assert roundbook(repo.path, "hook", "install", "--force").code == 0
    assert is_ours(hook.read_text("utf-8"))
    assert roundbook(repo.path, "hook", "install").code == 0  # again, over our own
    assert roundbook(repo.path, "hook", "uninstall").code == 0
    assert "theirs" in hook.read_text("utf-8")
    hook.unlink()
    assert roundbook(repo.path, "hook", "uninstall").output == "no hook is installed\n"


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    repo = project(tmp_path / "p")
    target = tmp_path / "target"
    target.write_text(f"#!/bin/sh\n{MARKER}\n", "utf-8")
    hook = repo.path / ".git/hooks" / HOOK
    hook.parent.mkdir(exist_ok=True)
    hook.symlink_to(target)
    assert roundbook(repo.path, "hook", "install").code == 2
    assert roundbook(repo.path, "hook", "install", "--force").code == 0
    assert target.read_text("utf-8").endswith(f"{MARKER}\n")


def test_the_hook_in_a_folder_that_may_be_committed_names_no_path_of_this_machine(tmp_path: Path) -> None:
    repo = project(tmp_path / "p")
    repo.git("config", "core.hooksPath", ".githooks")
    assert roundbook(repo.path, "hook", "install").code == 0
    text = (repo.path / ".githooks" / HOOK).read_text("utf-8")
    assert "command -v roundbook" in text
    assert sys.executable not in text
    assert str(tmp_path) not in text


def test_a_folder_that_serves_all_repositories_needs_force(tmp_path: Path) -> None:
    repo = project(tmp_path / "p")
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {tmp_path}/shared\n", "utf-8")
    done = roundbook(repo.path, "hook", "install", GIT_CONFIG_GLOBAL=str(config))
    assert done.code == 2
    assert "all repositories" in done.output
    assert not (tmp_path / "shared").exists()
    assert roundbook(repo.path, "hook", "install", "--force", GIT_CONFIG_GLOBAL=str(config)).code == 0
    assert (tmp_path / "shared" / HOOK).is_file()


def test_the_hook_is_not_installed_where_there_is_no_repository(tmp_path: Path) -> None:
    done = roundbook(tmp_path, "hook", "install")
    assert done.code == 2
    assert "not part of a git repository" in done.output


def test_without_roundbook_a_commit_goes_through_with_one_line(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    (repo.path / ".git/hooks" / HOOK).write_text(script("", "data", "/nowhere/python3"), "utf-8")
    tools = tmp_path / "tools"  # a PATH on which there is no roundbook
    tools.mkdir()
    for name in ("git", "sh", "cp", "cat"):
        found = subprocess.run(["sh", "-c", f"command -v {name}"], capture_output=True, text=True, check=True)
        (tools / name).symlink_to(found.stdout.strip())
    stage(repo, src__a_dot_py="b\n")
    said = commit(repo, path=str(tools))
    assert said.lines("roundbook") == ["roundbook: command not found, no trailers are offered"]
    assert offered(repo) == []


def test_what_goes_wrong_never_stops_a_commit(tmp_path: Path) -> None:
    repo = started(tmp_path / "p", data__rounds__3__7_dot_yml="round: [\n\x00")
    stage(repo, src__a_dot_py="b\n")
    commit(repo)
    assert offered(repo)[0] == "# Round: 3/6"
    done = roundbook(repo.path, "hook", "run", "no such file")
    assert done.code == 0
    assert len(done.output.splitlines()) == 1
    assert done.output.startswith("roundbook: no trailers are offered: FileNotFoundError")
    (repo.path / ".git/index").write_bytes(b"damaged")
    assert roundbook(repo.path, "hook", "run", str(tmp_path / "none")).code == 0


def test_a_module_that_lies_in_the_repository_is_not_run(tmp_path: Path) -> None:
    trap = "import pathlib; pathlib.Path('sprung').touch()\n"
    repo = started(tmp_path / "p")
    repo.write(dict.fromkeys(("roundbook/__main__.py", "roundbook/__init__.py", "click.py", "yaml.py"), trap))
    stage(repo, src__a_dot_py="b\n")
    commit(repo)
    assert offered(repo)
    assert not (repo.path / "sprung").exists()


def test_filters_of_the_repository_are_not_run(tmp_path: Path) -> None:
    repo = started(tmp_path / "p")
    stage(repo, src__a_dot_py="b\n")
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/attributes").write_text("* filter=trap\n", "utf-8")
    canary = tmp_path / "canary"
    repo.git("config", "filter.trap.clean", f"touch {shlex.quote(str(canary))}; cat")
    os.utime(repo.path / "src/a.py", (1, 1))
    staged = commit_hook.read(repo.path, None)
    assert isinstance(staged, commit_hook.Staged)
    assert staged.paths == ("src/a.py",)
    assert not canary.exists()


@pytest.mark.parametrize(
    "message",
    [
        "",
        "\n",
        "subject\n\nbody without comments\n",
        "\n# ------------------------ >8 ------------------------\n# Do not modify\n",
        "\n# Round: 1/1\n# Please\n",
    ],
)
def test_messages_that_get_no_offer_are_returned_as_they_are(message: str) -> None:
    assert with_offer(message, {"Round": ("3/6",)}, "#") == message


OFFERED = {"Round": ("3/6",), "Decision": ("small",), "Change": ("3/6#fast",)}


def test_an_offer_is_written_once() -> None:
    once = with_offer("\n# Please enter\n", OFFERED, "#")
    assert once == f"\n\n{HINT}\n# Round: 3/6\n# Decision: small\n# Change: 3/6#fast\n#\n# Please enter\n"
    assert with_offer(once, OFFERED, "#") == once


def test_the_script_is_plain_sh(tmp_path: Path) -> None:
    file = tmp_path / "hook"
    file.write_text(script("a 'b/", "d;x", "/a 'b/python"), "utf-8")
    done = subprocess.run(["sh", "-n", str(file)], env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "editor", "starts"),
    [
        (["file"], "vi", True),
        (["file", "message"], "vi", True),
        (["file", "template"], None, True),
        (["file", "message"], ":", False),
        (["file", "merge"], "vi", False),
        (["file", "squash"], "vi", False),
        (["file", "commit", "HEAD"], "vi", False),
    ],
)
def test_the_script_starts_a_program_only_where_there_may_be_an_offer(
    tmp_path: Path, words: list[str], editor: str | None, starts: bool
) -> None:
    python = tmp_path / "a python"
    python.write_text("#!/bin/sh\necho started >&2; exit 3\n", "utf-8")
    python.chmod(0o755)
    given = {"GIT_EDITOR": editor} if editor else {}
    done = subprocess.run(
        ["sh", "-c", script("", "data", str(python)), "hook", *words],
        env=environment(**given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "started" in done.stderr) == (0, starts)
