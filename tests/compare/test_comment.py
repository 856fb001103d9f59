"""The comments for ten and more kinds of branches, as they are posted: each could be sent to a stranger."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from checks.history import data
from repository import Repository
from roundbook.compare.comment import comment
from roundbook.compare.render import Pointers
from roundbook.project import Loader, brought, load

GOLDEN = Path(__file__).parent / "pr"
ROUND = """\
status: in-progress
goals: [{title: Reach the sea, status: in-progress}]
decisions:
  - title: Go by boat
    id: boat
    status: accepted
    rationale: The road is closed from November to April. It is shorter too.
    affects: "src/boat/**"
  - {title: Sleep in tents, id: tents, status: accepted, rationale: Huts are full, affects: src/camp.py}
deliverables: [{paths: src/boat/hull.py}]
"""
BASE = {"src/boat/hull.py": "hull\n", "src/camp.py": "camp\n", "a.txt": "a\n", **data("1/3", ROUND)}
ENTRY = "changes: [{type: added, id: sail, text: The boat has a sail}]\n"


def code_only(repo: Repository) -> None:
    repo.commit("feat: raise the sail (#12)", {"src/boat/sail.py": "sail\n", "src/camp.py": "two\n"})


def many_commits(repo: Repository) -> None:
    repo.commit("feat: raise the sail", {"src/boat/sail.py": "sail\n"})
    repo.commit("fix: `hull`: stop *the* leak", {"a.txt": "b\n"})
    repo.commit("docs: say how", {"a.txt": "c\n"})
    repo.commit("chore: tidy\n\nRound: 1/3", {"a.txt": "d\n"})


def typo_in_the_round(repo: Repository) -> None:
    repo.commit("fix: stop the leak\n\nRound: 1/33", {"a.txt": "b\n", **data("1/3", ROUND + "changes: [No leaks]\n")})


def typo_in_a_decision(repo: Repository) -> None:
    repo.commit("chore: oars\n\nRound: 1/3\nDecision: baot", {"src/boat/oars.py": "o\n"})


def entry_lacking(repo: Repository) -> None:
    repo.commit(
        "docs: begin the list\n\nRound: 1/3", data("1/3", ROUND + ENTRY.replace("}]", f", commits: {repo.head[:9]}}}]"))
    )
    repo.commit("feat: a second sail\n\nRound: 1/3", {"a.txt": "b\n"})


def in_order(repo: Repository) -> None:
    files = {"a.txt": "b\n", **data("1/3", ROUND + ENTRY)}
    repo.commit("feat: raise the sail\n\nRound: 1/3\nChange: 1/3#sail", files)


def new_decision(repo: Repository) -> None:
    foot = "decisions: [{title: Go on foot, id: foot, status: accepted, rationale: The boat sank, supersedes: boat}]\n"
    repo.commit("docs: go on foot\n\nRound: 1/4", data("1/4", "status: planned\nsummary: On foot\n" + foot))


def new_warning(repo: Repository) -> None:
    text = ROUND.replace("hull.py}]", "hull.py}, {paths: src/never.py, status: done}]")
    repo.commit("docs: more\n\nRound: 1/3", data("1/3", text))


def taken_id(repo: Repository) -> None:
    repo.checkout("main")
    repo.branch("other")
    repo.commit("docs: theirs\n\nRound: 1/7", data("1/7", "decisions: [{title: Paint it red, id: paint}]\n"))
    repo.checkout("topic")
    mine = "summary: Colours\ndecisions: [{title: Use no colour, id: paint, rationale: It fades}]\n"
    repo.commit("docs: mine\n\nRound: 1/8", data("1/8", mine))


def round_closed(repo: Repository) -> None:
    repo.commit("docs: end\n\nRound: 1/3", data("1/3", ROUND.replace("in-progress", "done")))


def no_round_open(repo: Repository) -> None:
    repo.commit("docs: end\n\nRound: 1/3", data("1/3", ROUND.replace("in-progress", "done")))
    repo.git("branch", "-f", "main")
    repo.commit("feat: a lantern", {"lantern.txt": "l\n"})


def unreadable(repo: Repository) -> None:
    repo.commit("docs: break it\n\nRound: 1/3", {"data/rounds/1/3.yml": "round: 3\nfocus: [\n"})


def moved(repo: Repository) -> None:
    repo.commit("docs: move\n\nRound: 1/5", {"data/rounds/1/3.yml": None, **data("1/5", ROUND)})


KINDS: tuple[Callable[[Repository], None], ...] = (
    code_only, many_commits, typo_in_the_round, typo_in_a_decision, entry_lacking, in_order, new_decision, new_warning,
    taken_id, round_closed, no_round_open, unreadable, moved,
)  # fmt: skip


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = Repository(tmp_path / "repo")
    repo.git("remote", "add", "origin", "https://github.com/ada/boats.git")
    repo.commit("feat: begin\n\nRound: 1/3", BASE)
    repo.branch("topic")
    return repo


def posted(repo: Repository, root: Path) -> str:
    """Return the comment as the second workflow posts it."""
    spec = importlib.util.spec_from_file_location("comment", root / ".github/scripts/comment.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    book = load(repo.path)
    at = Pointers("https://boats.example/docs/", forge=book.forge, branch="topic")
    text = comment(brought(Loader(repo.path), "main", book), at, "main")
    made: str = module.inert(text, ["https://github.com/ada/boats", "https://boats.example/docs"])
    return f"{made}\n" if made else ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_comment_of_each_kind_of_branch(
    repo: Repository, root: Path, kind: Callable[[Repository], None], update: bool
) -> None:
    kind(repo)
    golden = GOLDEN / f"{kind.__name__}.md"
    made = posted(repo, root)
    if update:
        golden.write_text(made, "utf-8")
    assert made == golden.read_text("utf-8")
    subjects = [commit.short for commit in load(repo.path).history.commits]
    body = made.rpartition("compared with")[0]
    assert all(body.count(f"[`{short}`]") + body.count(f"`{short}`,") <= 1 for short in subjects), "a fact is told once"


def test_nothing_is_posted_where_nothing_is_to_be_done(repo: Repository, root: Path) -> None:
    in_order(repo)
    assert posted(repo, root) == ""


def test_what_is_to_be_pasted_can_be_pasted_as_it_is(repo: Repository, root: Path) -> None:
    code_only(repo)
    repo.commit('feat: hostile "{{ x }}" ##[error] ``` <b> @ada: closes #3', {"a.txt": "b\n"})
    blocks = re.findall(r"```\n(.*?)\n```", posted(repo, root), re.DOTALL)
    trailers, entries = blocks
    assert len(yaml.safe_load(entries.replace("\u200b", ""))["changes"]) == 2
    repo.write(data("1/3", f"{ROUND}{entries}\n"))
    repo.git("add", "-A")
    repo.git("commit", "--quiet", "--amend", "-m", f"feat: both\n\n{trailers}")
    made = brought(Loader(repo.path), "main~0", load(repo.path))
    assert not [f for f in made.added if f.severity != "info"]
    assert {link.rule for one in made.difference.rounds for link in one.links} == {"trailer"}


@pytest.mark.parametrize(
    ("message", "breaks"),
    [
        ("feat!: remove the sail", True),
        ('fix(api)!: hostile "{{ x }}" ##[error]', True),
        ("feat: remove the sail\n\nBREAKING CHANGE: row instead", True),
        ("feat: raise the sail", False),
    ],
)
def test_the_entry_of_a_breaking_commit_says_so(repo: Repository, root: Path, message: str, breaks: bool) -> None:
    in_order(repo)
    repo.commit(f"{message}\n\nRound: 1/3" if "CHANGE" not in message else message, {"z.txt": "b\n"})
    blocks = re.findall(r"```\n(.*?)\n```", posted(repo, root), re.DOTALL)
    entries = yaml.safe_load(blocks[-1].replace("\u200b", ""))
    entries = entries["changes"] if isinstance(entries, dict) else entries
    assert entries[-1].get("breaking", False) == breaks


def test_the_file_is_linked_in_the_mode_that_edits_it(repo: Repository, root: Path) -> None:
    code_only(repo)
    assert "](https://github.com/ada/boats/edit/topic/data/rounds/1/3.yml)" in posted(repo, root)
    nameless = Pointers(forge=load(repo.path).forge)
    text = comment(brought(Loader(repo.path), "main", load(repo.path)), nameless, "main")
    assert f"](https://github.com/ada/boats/blob/{repo.head}/data/rounds/1/3.yml)" in text
