"""Entries of the changelog with the commits behind them: how a commit is found, and where each entry was written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.facts import ChangelogEntry
from roundbook.project import load
from site_trial import run

ROUNDS = {
    "data/rounds/1/1.yml": "round: 1\nfocus: x\nchanges:\n  - {id: fast, type: added, text: A fast build}\n"
    "  - {id: both, text: In two rounds}\n  - {text: An entry without an id}\n",
    "data/rounds/1/2.yml": "round: 2\nfocus: x\nwas: old\nchanges:\n  - {id: both, text: In two rounds}\n",
}


def entries(repo: Repository) -> dict[str, ChangelogEntry]:
    """Return all entries of the changelog by round and anchor."""
    return {f"{e.round}#{e.anchor}": e for r in load(repo.path).releases for e in r.entries}


@pytest.mark.parametrize(
    ("trailer", "meant"),
    [
        ("Change: fast", ["1/1#change-fast"]),
        ("Change: 1/1#fast", ["1/1#change-fast"]),
        ("change:   FAST", ["1/1#change-fast"]),
        ("Change: 1/1#change-fast", ["1/1#change-fast"]),
        ("Change: change-an-entry-without-an-id", ["1/1#change-an-entry-without-an-id"]),
        ("Change: 1/1#fast, 1/2#both", ["1/1#change-fast", "1/2#change-both"]),
        ("Change: 1/1#fast 1/2#both", ["1/1#change-fast", "1/2#change-both"]),
        ("Change: 1/1#fast and 1/2#both", ["1/1#change-fast", "1/2#change-both"]),
        ("Change: fast.", ["1/1#change-fast"]),
        ("Change: fast\nChange: 1/2#both", ["1/1#change-fast", "1/2#change-both"]),
        ("Change: 1/old#both", ["1/2#change-both"]),
        ("Change: both", []),  # two rounds have it
        ("Change: fast, both", []),  # of a value that is not understood as a whole, no part counts
        ("Change: fast, unknown", []),
        ("Change: fast, both, unknown", []),
        ("Change: unknown", []),
        ("Change-Id: fast", []),
    ],
)
def test_a_trailer_names_entries(tmp_path: Path, trailer: str, meant: list[str]) -> None:
    repo = Repository(tmp_path)
    repo.commit("docs: plan", ROUNDS)
    work = repo.commit(f"feat: work\n\n{trailer}", {"a.txt": "1\n"})
    assert [name for name, e in entries(repo).items() if e.commits == (work,)] == meant
    book = load(repo.path)
    said = [f for f in book.findings if f.slug.startswith("trailer-")]
    assert bool(said) == (not meant and not trailer.startswith("Change-Id"))
    # A commit that makes an entry belongs to the round of the entry.
    assert sorted({link.round for link in book.links.get(work, ())}) == sorted(
        {name.partition("#")[0] for name in meant}
    )


def test_a_value_that_is_not_understood_is_reported_once_and_whole(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("docs: plan", ROUNDS)
    repo.commit("feat: a\n\nChange: fast, unknown thing", {"a.txt": "1\n"})
    (fault,) = (f for f in load(repo.path).findings if f.slug == "trailer-unknown")
    assert fault.severity == "info"
    assert '"Change: fast, unknown thing"' in fault.message


def test_every_entry_says_which_commit_wrote_it_down(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    first = repo.commit(
        "docs: plan", {"data/rounds/1/1.yml": "round: 1\nfocus: x\nchanges:\n  - {id: a, text: An A}\n"}
    )
    both = "round: 1\nfocus: x\nchanges:\n  - {id: b, text: A B}\n  - {id: a, text: An A in other words}\n"
    second = repo.commit("docs: more", {"data/rounds/1/1.yml": both})
    repo.git("mv", "data/rounds/1/1.yml", "data/rounds/1/3.yml")
    repo.commit("docs: move", {"data/rounds/1/3.yml": both.replace("round: 1", "round: 3\nwas: '1'")})
    found = entries(repo)
    assert {name: e.recorded for name, e in found.items()} == {"1/3#change-a": first, "1/3#change-b": second}
    repo.write({"data/rounds/1/4.yml": "round: 4\nfocus: x\nchanges:\n  - {id: c, text: Not committed}\n"})
    assert entries(repo)["1/4#change-c"].recorded is None


def test_a_shallow_clone_does_not_say_who_wrote_an_entry_down(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.commit("docs: plan", ROUNDS)
    repo.commit("feat: work", {"a.txt": "1\n"})
    clone = repo.clone(tmp_path / "clone", depth=1)
    assert {e.recorded for e in entries(clone).values()} == {None}


def test_the_pull_request_that_added_an_entry_is_its_evidence_where_nothing_else_is(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("chore: begin", {"a.txt": "1\n"})
    repo.branch("topic")
    repo.checkout("topic")
    work = repo.commit("feat: work", {"a.txt": "2\n"})
    repo.commit("docs: record", {"data/rounds/1/1.yml": ROUNDS["data/rounds/1/1.yml"]})
    named = repo.commit("feat: other\n\nChange: both", {"b.txt": "2\n"})
    repo.checkout("main")
    repo.merge("topic", message="Merge pull request #7 from me/topic")
    found = entries(repo)
    fast = found["1/1#change-fast"]
    assert [(link.commit, link.reason) for link in fast.links] == [
        (named, "pull request #7, which added the entry"),
        (work, "pull request #7, which added the entry"),
    ]
    assert found["1/1#change-both"].commits == (named,)


def test_the_pages_name_the_commits(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    recorded = repo.commit("docs: plan", {"data/rounds/1/1.yml": ROUNDS["data/rounds/1/1.yml"]})
    work = repo.commit("feat: work\n\nChange: 1/1#fast", {"a.txt": "1\n"})
    pages = {
        shown: run(tmp_path, "roundbook", "show", shown).output for shown in ("changelog/index.md", "rounds/1/1.md")
    }
    for page in pages.values():
        line = next(text for text in page.split("<li") if "A fast build" in text and "rb-evidence" in text)
        assert work[:7] in line
        assert "(trailer Change&#58; 1/1#fast)" in line.replace("&#35;", "#").replace("&#47;", "/")
    line = next(text for text in pages["rounds/1/1.md"].split("<li") if "In two rounds" in text)
    assert "recorded in" in line
    assert f"<code>{recorded[:7]}</code>" in line
    once = re.findall(
        r"recorded in .*?</code>", pages["changelog/index.md"]
    )  # all entries were recorded by this commit
    assert len(once) == 1
    assert f"<code>{recorded[:7]}</code>" in once[0]
    printed = run(tmp_path, "roundbook", "changelog").output
    assert f"- A fast build (`{work[:7]}`)" in printed
    assert f"- In two rounds (recorded in `{recorded[:7]}`)" in printed
    # A file that is committed cannot name the commit that it goes into, so it names only what the data name.
    assert "- A fast build\n" in run(tmp_path, "roundbook", "changelog", "--no-commits").output


def test_new_change_gives_an_id_and_says_the_trailer(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("docs: plan", {"data/rounds/1/1.yml": "round: 1\nfocus: x\n"})
    for end in ("", "-2"):
        done = run(tmp_path, "roundbook", "new", "change", "added", "A fast build")
        assert f"Change: 1/1#a-fast-build{end}\n" in done.output
    repo.commit("docs: entries", {})
    work = repo.commit("feat: work\n\nChange: 1/1#a-fast-build-2", {"a.txt": "1\n"})
    assert entries(repo)["1/1#change-a-fast-build-2"].commits == (work,)
