"""`roundbook guide` is true to what is installed: it is followed to the letter, and names nothing that is not there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from repository import ADA, START, Repository
from roundbook.cli import COMMANDS, cli
from roundbook.project import load
from roundbook.scaffold import guide
from roundbook.schema.items import CHANGE_TYPES
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES
from site_trial import run

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"\broundbook(?: --data \S+)? ([a-z]+)")


class Agent:
    """Somebody who does what the guide says, in an empty repository; what it says to decide, it decides."""

    def __init__(self, folder: Path) -> None:
        self.repo = Repository(folder)
        self.repo.write({"src/answers.py": "ANSWERS = {}\n"})

    def follow(self, text: str) -> None:
        for part, language, title, body in _parts(text):
            if "Set every status" in part:
                self.settle()
            if title:
                self.repo.write({title: body})
            elif language == "sh":
                self.type(body)

    def type(self, script: str) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        env = {**self.repo._environment(ADA, START), "PATH": path}
        done = subprocess.run(
            ["sh", "-ec", script], cwd=self.repo.path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"

    def settle(self) -> None:
        path = self.repo.path / "data/rounds/1/1.yml"
        text = path.read_text("utf-8").replace("in-progress", "done").replace("proposed", "accepted")
        path.write_text(text, "utf-8")
        self.type('git commit -q -a -m "docs: say what came of it" -m "Round: 1/1"')


def _parts(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each block of code with the words before it."""
    end = 0
    for match in _FENCE.finditer(text):
        yield text[end : match.start()], match[1], match[2] or "", match[3]
        end = match.end()


def test_whoever_follows_it_leaves_a_book_without_a_fault(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.follow(run(tmp_path, "roundbook", "guide").output)
    done = run(tmp_path, "roundbook", "check", "--fail-on", "warning")
    assert done.code == 0, done.output
    book = load(tmp_path)
    entry = book.entries["1/1"]
    assert entry.round.closed is not None
    assert [a.name for a in entry.round.agents] == ["Ada", "Bo"]
    assert book.decisions["keep-answers-in-memory"].status == "accepted"
    assert [c.text for c in entry.round.changes] == ["The second answer comes from memory."]
    subjects = {commit.id: commit.subject for commit in book.history.commits}
    assert {subjects[link.commit] for link in entry.links} == {
        "feat: keep answers in memory",
        "docs: say what came of it",
        "docs: close the round",
    }
    assert set(book.entries) == {"1/1", "1/2"}


def test_the_first_round_has_eight_lines() -> None:
    (body,) = [body for _, _, title, body in _parts(guide(COMMANDS)) if title]
    assert body.count("\n") == 8


def test_it_is_short_and_has_every_word_that_the_model_takes() -> None:
    text = guide(COMMANDS)
    assert text.count("\n") <= 62
    assert text.endswith("\n")
    for words in (STATUSES, DECISION_STATUSES, CHANGE_TYPES):
        assert ", ".join(f"`{word}`" for word in words) in text
    assert max(map(len, text.splitlines())) <= 140


def test_every_command_and_option_that_it_names_is_there() -> None:
    text = guide(COMMANDS)
    assert set(_NAMED.findall(text)) <= set(COMMANDS)
    assert {"new", "check", "close", "schema"} <= set(_NAMED.findall(text))
    for line in re.findall(r"^roundbook new (.+)$", text, re.MULTILINE):
        kind, *words = line.split()
        group = cli.get_command(click.Context(cli), "new")
        assert isinstance(group, click.Group)
        known = [option for p in group.commands[kind].params for option in p.opts]
        assert all(word in known for word in words if word.startswith("--"))


@pytest.mark.parametrize("gone", ["new", "check", "close", "explain", "schema"])
def test_a_command_that_is_not_installed_is_not_named(gone: str) -> None:
    text = guide([name for name in COMMANDS if name != gone])
    assert gone not in _NAMED.findall(text)
    assert "\n\n\n" not in text
    assert text.count("```") % 2 == 0


def test_commands_that_come_with_a_version_are_named_then() -> None:
    later = guide((*COMMANDS, "fmt", "draft"))
    assert {"fmt", "draft"} <= set(_NAMED.findall(later))


def test_a_data_folder_of_another_name_is_in_every_line(tmp_path: Path) -> None:
    text = run(tmp_path, "roundbook", "--data", "book", "guide").output
    assert 'title="book/rounds/1/1.yml"' in text
    assert "data/rounds" not in text
    assert re.findall(r"^roundbook (?!--data book )", text, re.MULTILINE) == []
