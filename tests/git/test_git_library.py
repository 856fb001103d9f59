"""Tests that GitPython and the plumbing commands agree, in repositories of every kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import git as library
from repository import Repository
from roundbook import commit_hook
from roundbook.git import library as git_library
from roundbook.git import process as git_process
from roundbook.git import refs, repository
from roundbook.git.history import Gap, Remote
from site_trial import project, run

Build = Callable[[Path], Path]
SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give git, and GitPython, a home of the test: what the machine's says is not tested."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


def grown(path: Path, **how: str) -> Repository:
    repo = Repository(path, **how)  # type: ignore[arg-type]
    repo.commit("feat: begin", {"a.txt": "a\n", "sub/b.txt": "b\n", "sub/sub two/ü.txt": "c\n"})
    repo.commit("fix: mend", {"a.txt": "aa\n", ".mailmap": "Ada <ada@example.org> <bo@example.org>\n"})
    return repo


def append(path: Path, text: str) -> Path:
    with (path / ".git/config").open("a", encoding="utf-8") as file:
        file.write(text)
    return path


def plain(path: Path) -> Path:
    return grown(path / "plain").path


def subfolder(path: Path) -> Path:
    return grown(path / "repo").path / "sub" / "sub two"


def odd_name(path: Path) -> Path:
    return grown(path / "a b ü 日本 'x' $HOME ~").path


def bare(path: Path) -> Path:
    return grown(path / "from").clone(path / "bare.git", bare=True).path


def below_bare(path: Path) -> Path:
    return bare(path) / "refs"


def in_git_folder(path: Path) -> Path:
    return grown(path / "repo").path / ".git"


def worktree(path: Path) -> Path:
    return grown(path / "repo").worktree(path / "beside", "topic").path / "sub"


def worktree_of_bare(path: Path) -> Path:
    repo = grown(path / "from").clone(path / "bare.git", bare=True)
    return repo.worktree(path / "beside", "topic").path


def submodule(path: Path) -> Path:
    inner, outer = grown(path / "inner"), grown(path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "parts/inner")
    return outer.path / "parts/inner/sub"


def around_submodule(path: Path) -> Path:
    return submodule(path).parent.parent


def detached(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.checkout("HEAD~1")
    return repo.path


def many_refs(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.tag("v1")
    repo.tag("v2", annotated=True)
    repo.tag("nested", "v2", annotated=True)
    repo.tag("tree", "HEAD^{tree}")
    repo.tag("blob", "HEAD:a.txt", annotated=True)
    repo.tag("日本-ü")
    repo.git("branch", "feat/one/two")
    repo.git("notes", "add", "-m", "note", "HEAD")
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return repo.path


def packed_refs(path: Path) -> Path:
    repo = Repository(many_refs(path), make=False)
    repo.git("pack-refs", "--all", "--prune")
    repo.tag("later")
    repo.commit("docs: say", {"c": "c"})
    return repo.path


def many_packed(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("update-ref", "--stdin", feed="".join(f"create refs/tags/v{i} HEAD\n" for i in range(600)))
    repo.git("pack-refs", "--all")
    return repo.path


def unborn(path: Path) -> Path:
    return Repository(path / "repo").path


def remotes(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("remote", "add", "origin", f"https://me:{SECRET}@forge.example/o/r.git")
    repo.git("remote", "set-url", "--add", "origin", "https://other.example/o/r.git")
    repo.git("remote", "add", "short", "gh:o/two")
    repo.git("remote", "add", "folder", str(path))
    repo.git("config", "url.https://forge.example/.insteadOf", "gh:")
    repo.git("config", "url.https://deep.example/.insteadOf", "gh:o/")
    return repo.path


def settings_of_user(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("remote", "add", "origin", "work:o/r")
    home = path / "home"
    (home / ".gitconfig").write_text('[url "https://user.example/"]\n\tinsteadOf = work:\n[core]\n\thooksPath = h\n')
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/config").write_text('[url "https://xdg.example/"]\n\tinsteadOf = work:\n')
    return repo.path


def hooks_of_home(path: Path) -> Path:
    (path / "home/.gitconfig").write_text("[core]\n\thooksPath = ~/hooks\n")
    return grown(path / "repo").path


def hooks_of_repository(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("config", "core.hooksPath", ".githooks")
    return repo.path / "sub"


def linked_git(path: Path) -> Path:
    repo = grown(path / "repo")
    (repo.path / ".git").rename(path / "elsewhere")
    (repo.path / ".git").symlink_to(path / "elsewhere")
    return repo.path


def separate_git(path: Path) -> Path:
    repo = grown(path / "repo")
    (repo.path / ".git").rename(path / "elsewhere")
    (repo.path / ".git").write_text("gitdir: ../elsewhere\n")
    return repo.path


def linked_root(path: Path) -> Path:
    (path / "link").symlink_to(grown(path / "repo").path / "sub")
    return path / "link"


def partial(path: Path) -> Path:
    return grown(path / "from").clone(path / "partial", filter="blob:none").path


def shallow(path: Path) -> Path:
    return grown(path / "from").clone(path / "shallow", depth=1).path


def sha256(path: Path) -> Path:
    return grown(path / "repo", object_format="sha256").path


def reftable(path: Path) -> Path:
    return append(plain(path), "[extensions]\n\trefStorage = reftable\n")


def newer_format(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("config", "core.repositoryFormatVersion", "99")
    return repo.path


def moved_tree(path: Path) -> Path:
    repo = grown(path / "repo")
    (path / "other").mkdir()
    repo.git("config", "core.worktree", str(path / "other"))
    return repo.path


def config_of_worktree(path: Path) -> Path:
    repo = grown(path / "repo")
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "remote.origin.url", "https://forge.example/o/r")
    return repo.path


def including(path: Path) -> Path:
    (path / "more").write_text('[remote "origin"]\n\turl = https://forge.example/o/r\n')
    return append(plain(path), f"[include]\n\tpath = {path}/more\n")


def including_if(path: Path) -> Path:
    (path / "more").write_text('[remote "origin"]\n\turl = https://forge.example/o/r\n')
    (path / "home/.gitconfig").write_text(f'[includeIf "gitdir:{path}/"]\n\tpath = {path}/more\n')
    return plain(path)


def nothing(path: Path) -> Path:
    (path / "empty").mkdir()
    return path / "empty"


def broken_head(path: Path) -> Path:
    repo = grown(path / "repo")
    (repo.path / ".git/HEAD").write_text("garbage\n")
    return repo.path


def broken_below_whole(path: Path) -> Path:
    repo = grown(path / "repo")
    shutil.copytree(repo.path / ".git", repo.path / "sub/.git")
    (repo.path / "sub/.git/HEAD").write_text("garbage\n")
    return repo.path / "sub"


def leading_nowhere(path: Path) -> Path:
    (nothing(path) / ".git").write_text("gitdir: /nowhere\n")
    return path / "empty"


def broken_ref(path: Path) -> Path:
    repo = grown(path / "repo")
    (repo.path / ".git/refs/tags/v1").write_text("garbage\n")
    return repo.path


def empty_ref(path: Path) -> Path:
    repo = grown(path / "repo")
    (repo.path / ".git/refs/tags/v1").write_text("")
    return repo.path


def odd_loose_refs(path: Path) -> Path:
    repo = grown(path / "repo")
    for name in ("heads/x.lock", "heads/-rf", "heads/a b", "tags/x~1", "tags/ü", "tags/.hid", "bisect/bad"):
        (repo.path / ".git/refs" / name).parent.mkdir(exist_ok=True)
        (repo.path / ".git/refs" / name).write_text(f"{repo.head}\n")
    (repo.path / ".git/refs/tags/junk").write_text(f"{repo.head.upper()}  junk\n")
    return repo.path


def broken_packed_refs(path: Path) -> Path:
    root = packed_refs(path)
    (root / ".git/packed-refs").write_bytes(
        (root / ".git/packed-refs").read_bytes().replace(b"refs/tags/v1", b"\xff\n", 1)
    )
    return root


def broken_boolean(path: Path) -> Path:
    file = plain(path) / ".git/config"
    file.write_text(file.read_text().replace("bare = false", "bare = fal"))
    return path / "plain"


def broken_settings(path: Path) -> Path:
    return append(plain(path), "[remote\n url = x\n")


ODD_SETTINGS = [
    '[remote "origin"] url = https://one.example/o/r\n',
    '[remote "origin"]\nurl = https://one.example/o/r # said\n',
    '[remote "origin"]\n\turl = "https://one.example/o/r"\n',
    '[remote "origin"]\n\turl = https://one.example/"o"/r\n',
    '[remote "origin"]\n\turl = https://one.example/\\\no/r\n',
    '[remote "ori\\"gin"]\n\turl = https://one.example/o/r\n',
    '[REMOTE "Origin"]\n\tURL = https://one.example/o/r\n',
    "[remote.origin]\n\turl = https://one.example/o/r\n",
    '[remote "origin"]\r\n\turl = https://one.example/o/r\r\n',
    '[remote "origin"]\n\turl = https://one.example/o/r\u00a0\n',
    '[remote "origin"]\n\turl\n',
    '[remote "origin"]\n\turl =\n\turl = https://one.example/o/r\n',
    (
        '[remote "a"]\n\turl = https://one.example/a/a\n[remote "b"]\n\turl = https://one.example/b/b\n'
        '[remote "a"]\n\turl = https://two.example/a/a\n'
    ),
    '[DEFAULT]\n\turl = x\n[remote "origin"]\n\turl = https://one.example/o/r\n',
    '[remote "origin"]\nrem = x\n\turl = https://one.example/o/r\n',
    '[remote "origin"]\n\turl = %(x)s://one.example/o/r\n',
    '# said\n; said\n[remote "origin"]\n\t; said\n\turl = https://one.example/o/r   \n',
    (
        '[url "https://one.example/"]\n\tinsteadOf = x:\n[url "https://two.example/"]\n\tinsteadOf = x:\n'
        '[remote "origin"]\n\turl = x:o/r\n'
    ),
]
PLAIN = [plain, subfolder, odd_name, bare, worktree, worktree_of_bare, submodule, around_submodule, detached, many_refs]
PLAIN += [packed_refs, many_packed, unborn, remotes, settings_of_user, hooks_of_home, hooks_of_repository, linked_git]
PLAIN += [separate_git, linked_root, partial, shallow, including, including_if]
ODD = [
    below_bare,
    in_git_folder,
    sha256,
    reftable,
    newer_format,
    moved_tree,
    config_of_worktree,
]
BROKEN = [broken_ref, empty_ref, odd_loose_refs, broken_packed_refs]
ODD += [nothing, broken_boolean, broken_head, broken_below_whole, leading_nowhere, broken_settings]


def assert_same(root: Path) -> None:
    """Compare what both say of the whole: the place, remotes, references, tags and branches, and the hooks."""
    ours, theirs = repository.find(root), repository.find(root, own=True)
    if isinstance(ours, Gap) or isinstance(theirs, Gap):
        assert ours == theirs
    else:
        assert (ours.prefix, ours.head, ours.missing) == (theirs.prefix, theirs.head, theirs.missing)
        assert refs.remotes(ours.settings) == refs.remotes(theirs.settings)
    assert repository.read(root) == repository.read(root, own=True)


def described(root: Path) -> git_library.Own | None:
    """Return what GitPython says, told the settings that git has for the place."""
    process = git_process.find(root)
    assert process
    told = process.run("config", "-z", "--get-regexp", refs.SETTINGS).out
    return git_library.find(root, process, dict(refs.parse_settings(told)))


def hooks(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[commit_hook.HookPlace | Gap]:
    """Return where hooks lie, as GitPython says and as the plumbing does."""
    told = commit_hook.find(root)
    with monkeypatch.context() as patch:
        patch.setattr(git_library, "find", lambda *_: None)
        return [told, commit_hook.find(root)]


@pytest.mark.parametrize("build", [*PLAIN, *ODD, *BROKEN], ids=lambda b: b.__name__)
def test_both_say_the_same(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build(tmp_path)
    place = repository.find(root, own=True)
    if build not in (worktree_of_bare, *BROKEN):  # older versions take the first for bare
        assert bool(isinstance(place, repository.Checkout) and place.own) == (build in PLAIN)
    assert_same(root)
    one, other = hooks(root, monkeypatch)
    assert one == other


@pytest.mark.parametrize("text", ODD_SETTINGS)
def test_settings_mean_what_git_says(text: str, tmp_path: Path) -> None:
    root = append(plain(tmp_path), text)
    assert_same(root)


@pytest.mark.parametrize("form", ["packed-refs", "refs/tags/x"])
def test_a_device_in_place_of_a_file_is_not_read(form: str, tmp_path: Path) -> None:
    root = plain(tmp_path)
    (root / ".git" / form).unlink(missing_ok=True)
    os.mkfifo(root / ".git" / form)
    told = described(root)
    assert told is None or told.refs is None


def test_a_repository_of_another_user_is_left_to_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plain(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert described(root) is None


def test_without_git_or_the_library_the_plumbing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plain(tmp_path)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "git", None)
        assert described(root) is None
        assert repository.read(root, own=True).head
    monkeypatch.setenv("PATH", str(tmp_path))
    assert repository.find(root, own=True) == repository.NO_GIT


def test_no_program_runs_and_the_callers_environment_is_neither_used_nor_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other = remotes(tmp_path), grown(tmp_path / "other").path
    (root / "canary.sh").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (root / "canary.sh").chmod(0o755)
    hostile = ("core.sshCommand", "core.fsmonitor", "core.hooksPath", "core.pager", "alias.rev-parse", "core.askPass")
    for key in (*hostile, "gpg.program", "credential.helper", "diff.external", "filter.x.clean"):
        Repository(root, make=False).git(
            "config", key, f"!{root}/canary.sh" if key[:5] == "alias" else f"{root}/canary.sh"
        )
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git/objects"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "zz")
    monkeypatch.setattr(library.Git, "execute", lambda *_, **__: pytest.fail("GitPython ran a program"))
    before = dict(os.environ)
    told = described(root)
    assert told
    assert told.top == root
    assert SECRET not in repr(told)
    assert dict(os.environ) == before
    assert repository.read(root, own=True).remotes[0] == Remote("origin", "forge.example", "o/r")
    assert not (tmp_path / "ran").exists()


def test_the_import_runs_nothing_but_our_git(tmp_path: Path) -> None:
    """A `git` of the project on the path, a relative one, and a trace of git that would write a file: none has a say."""
    root = plain(tmp_path)
    (root / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (root / "git").chmod(0o755)
    code = "from pathlib import Path; from roundbook.git import repository as g; assert g.find(Path('.'), own=True).own"
    trace = {
        "GIT_TRACE": str(tmp_path / "ran"),
        "GIT_PYTHON_GIT_EXECUTABLE": str(root / "git"),
        "GIT_PYTHON_TRACE": "full",
    }
    env = {**os.environ, **trace, "PATH": f".:{os.environ['PATH']}"}
    hooks_ = Path(git_library.__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env={**env, "PYTHONPATH": str(hooks_)}, check=False)
    assert done.returncode == 0
    assert not (tmp_path / "ran").exists()


def test_it_is_imported_only_by_commands_that_write(tmp_path: Path) -> None:
    """`roundbook --version` and every reading command stay as quick as they were."""
    code = "import sys, roundbook.cli, roundbook.engines.mkdocs, roundbook.project; sys.exit('git' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("words", [("hook", "install"), ("new", "round"), ("changelog", "--write", "C.md")])
def test_commands_do_the_same_without_it(words: tuple[str, ...], tmp_path: Path) -> None:
    """In a repository with remotes, both ways of asking git write the same words."""
    said = []
    for name in ("with", "without"):
        repo = project(tmp_path / name / "project")
        repo.git("remote", "add", "origin", f"https://me:{SECRET}@forge.example/o/r.git")
        repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
        if name == "without":
            repo.git("config", "extensions.worktreeConfig", "true")
        done = run(repo.path, "roundbook", *words)
        written = [p.read_text("utf-8") for p in sorted(repo.path.rglob("*.md"))]
        said.append((done.code, done.output.replace(str(repo.path), ""), written))
    assert said[0] == said[1]
    assert SECRET not in repr(said)
