"""A builder of real git repositories with the same commit ids every time."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

Content = str | bytes | None
Date = dt.datetime | str

START = dt.datetime(2026, 1, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=1)))
HOUR = dt.timedelta(hours=1)
ADA = "Ada Lovelace <ada@example.org>"
# What git takes over as it is.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z ]*[A-Za-z] <[A-Za-z0-9@.+-]+>")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Repository:
    r"""A git repository that a test writes, one sentence a step.

    Each commit is an hour younger than the one before it, from 2026-01-01T09:00:00+01:00 on; nothing of the machine's
    git configuration or environment counts; so ids are the same everywhere.

        repo = Repository(tmp_path / "repo")
        first = repo.commit("feat: begin", {"a.txt": "one\n"})
        repo.branch("topic")
        repo.commit("fix: mend\n\nRound: 3/4", {"a.txt": "two\n", "docs/b.md": "text\n"}, author="Bo <bo@example.org>")
        repo.checkout("main")
        merged = repo.merge("topic", "Merge branch 'topic'")
        repo.tag("v1.0.0", message="Release 1.0.0")

    A content of `None` deletes the file. `repo.path` is the working tree, `repo.git("log", "-1")` runs anything else.
    """

    def __init__(self, path: Path, *, object_format: str = "sha1", bare: bool = False, make: bool = True) -> None:
        self.path = path
        self.now = START
        if make:
            path.mkdir(parents=True, exist_ok=True)
            flags = ["--bare"] if bare else []
            self.git("init", "--quiet", f"--object-format={object_format}", *flags)

    def git(self, *words: str, feed: str | bytes = b"", author: str = ADA, date: Date | None = None) -> str:
        """Run git in the working tree and return what it printed, without the last newline; fail when git fails."""
        return self.git_bytes(*words, feed=feed, author=author, date=date).decode("utf-8", "replace").removesuffix("\n")

    def git_bytes(self, *words: str, feed: str | bytes = b"", author: str = ADA, date: Date | None = None) -> bytes:
        """Run git as `git` does, and return the bytes that it printed."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.path,
            env=self._environment(author, date or self.now),
            input=feed.encode() if isinstance(feed, str) else feed,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"git {' '.join(words)}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return done.stdout

    def write(self, files: Mapping[str, Content]) -> None:
        """Write files into the working tree; `None` deletes one."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        message: str,
        files: Mapping[str, Content] | None = None,
        *,
        author: str = ADA,
        date: Date | None = None,
        parents: Sequence[str] | None = None,
    ) -> str:
        """Write `files`, commit all that the working tree holds, and return the new id.

        `parents` replaces the parents that the commit would have had: more of them make an octopus, none a new root.
        `date` is a `datetime`, or git's own form (`1700000000 +0100`). The message is kept to the byte.
        """
        self.write(files or {})
        self.git("add", "--all")
        tree = self.git("write-tree")
        when = self.now if date is None else date
        if parents is None and (made := self._committed(tree, message, author, when)):
            self.now += HOUR
            return made
        if parents is None:
            parents = self.git("rev-parse", "--revs-only", "HEAD").split()
        links = [word for parent in parents for word in ("-p", parent)]
        commit = self.git("commit-tree", tree, *links, feed=message, author=author, date=date)
        self.git("update-ref", "-m", "commit", "HEAD", commit)
        self.now += HOUR
        return commit

    def _committed(self, tree: str, message: str, author: str, date: Date) -> str:
        """Write the commit and its branch as git would in three processes; `""` where only git knows how to."""
        folder = self.path / ".git"
        line = (folder / "HEAD").read_text() if folder.is_dir() else ""
        plain = _PLAIN.fullmatch(author) and isinstance(date, dt.datetime) and date.tzinfo and "\0" not in message
        if not plain or not line.startswith("ref: refs/heads/") or isinstance(date, str):
            return ""
        branch = folder / line.removeprefix("ref: ").rstrip("\n")
        if not branch.is_file() and (folder / "packed-refs").exists():
            return ""
        parent = f"parent {branch.read_text()}" if branch.is_file() else ""
        person = f"{author} {int(date.timestamp())} {date:%z}"
        body = f"tree {tree}\n{parent}author {person}\ncommitter {person}\n\n{message}".encode()
        stored = b"commit %d\0%b" % (len(body), body)
        made = (hashlib.sha1 if len(tree) == 40 else hashlib.sha256)(stored).hexdigest()
        file = folder / "objects" / made[:2] / made[2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(stored, 1))
        branch.parent.mkdir(parents=True, exist_ok=True)
        old = branch.read_text().strip() if branch.is_file() else "0" * len(tree)
        for log in (folder / "logs/HEAD", folder / "logs" / branch.relative_to(folder)):
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a") as lines:
                lines.write(f"{old} {made} {person}\tcommit\n")
        branch.write_text(f"{made}\n")
        return made

    def branch(self, name: str, at: str = "HEAD") -> None:
        """Make a branch and go to it."""
        self.git("checkout", "--quiet", "-b", name, at)

    def checkout(self, name: str) -> None:
        """Go to a branch, or to a commit, which detaches HEAD."""
        self.git("checkout", "--quiet", name)

    def merge(self, *names: str, message: str = "", author: str = ADA) -> str:
        """Merge branches into this one, always with a merge commit, and return its id."""
        text = message or f"Merge branch '{names[0]}'"
        self.git("merge", "--quiet", "--no-ff", "-m", text, *names, author=author)
        self.now += HOUR
        return self.head

    def tag(self, name: str, at: str = "HEAD", *, annotated: bool = False, message: str = "") -> None:
        """Tag an object; with `annotated`, or a `message`, as an object of its own with the date of now."""
        note = ["-a", "-m", message or name] if annotated or message else []
        self.git("tag", *note, name, at)

    def clone(self, path: Path, *, depth: int | None = None, filter: str = "", bare: bool = False) -> Repository:  # noqa: A002
        """Clone this repository as one over the network would be: `depth` and `filter` count, nothing is shared."""
        self.git("config", "uploadpack.allowFilter", "true")
        flags = [f"--depth={depth}"] if depth else []
        flags += [f"--filter={filter}"] if filter else []
        flags += ["--bare"] if bare else []
        self.git("clone", "--quiet", *flags, self.path.as_uri(), str(path))
        return self._beside(path)

    def worktree(self, path: Path, branch: str) -> Repository:
        """Make a linked working tree with a new branch in it."""
        self.git("worktree", "add", "--quiet", "-b", branch, str(path))
        return self._beside(path)

    def raw(self, content: bytes, kind: str = "commit") -> str:
        """Store an object as it is, however odd, and return its id."""
        return self.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", feed=content)

    def raw_commit(self, head: bytes, message: bytes = b"message\n") -> str:
        """Store a commit with this header on the empty tree, go to it, and return its id.

        `head` is what follows the line `tree`, each line with its newline.
        """
        tree = self.git("hash-object", "-t", "tree", "-w", "--stdin").encode()
        commit = self.raw(b"tree " + tree + b"\n" + head + b"\n" + message)
        self.git("update-ref", "--no-deref", "HEAD", commit)
        return commit

    @property
    def head(self) -> str:
        """Return the id of HEAD."""
        return self.git("rev-parse", "HEAD")

    def _beside(self, path: Path) -> Repository:
        other = Repository(path, make=False)
        other.now = self.now
        return other

    def _environment(self, author: str, date: Date) -> dict[str, str]:
        name, _, email = author.rstrip(">").partition(" <")
        moment = date if isinstance(date, str) else date.isoformat()
        person = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", email), ("DATE", moment))
        }
        settings = {
            "init.defaultBranch": "main",
            "commit.gpgSign": "false",
            "tag.gpgSign": "false",
            "protocol.file.allow": "always",
            "core.autocrlf": "false",
            "gc.auto": "0",
            "core.fsync": "none",
            "advice.detachedHead": "false",
        }
        numbered = {
            f"GIT_CONFIG_{part}_{number}": text
            for number, pair in enumerate(settings.items())
            for part, text in zip(("KEY", "VALUE"), pair, strict=True)
        }
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": str(len(settings)),
            **numbered,
            **person,
        }
