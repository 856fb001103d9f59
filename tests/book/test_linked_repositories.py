"""Rounds of other repositories, checked against their own history where a clone of it is here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.history import data
from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.api import dump
from roundbook.site.pages import pages
from site_trial import MKDOCS, build, page, project, text

MADE = """\
repository: claw
status: done
date: 2026-01-01
decisions: [{title: Build it, id: build-it, status: accepted}]
deliverables:
  - {title: the engine, paths: src/engine.rs, status: done}
  - {title: the script, paths: scripts/release.sh, status: done}
agents: [{name: A, task: build, status: done, commits: ["$first"]}]
"""


def settings(path: str = "../claw", url: str = "https://github.com/weave/claw") -> dict[str, str]:
    one = f"    path: {json.dumps(path)}\n" if path else ""
    return {"data/roundbook.yml": f"repositories:\n  home: {{}}\n  claw:\n    url: {json.dumps(url)}\n{one}"}


@pytest.fixture
def claw(tmp_path: Path) -> Repository:
    """The other repository: an engine, made by the commits of round 3/1, and a tag that this one knows nothing of."""
    claw = Repository(tmp_path / "claw")
    claw.commit("feat: an engine\n\nRound: 3/1", {"src/engine.rs": "fn\n"}, author="Bo <bo@example.org>")
    claw.commit("fix: mend it\n\nRound: 3/1\nDecision: build-it", {"src/engine.rs": "fn main\n"})
    claw.commit("chore: of no round <b>\n\nRound: 9/9", {"x.txt": "x\n"})
    claw.tag("v0.1.0")
    return claw


def home(tmp_path: Path, claw: Repository, **files: str) -> Repository:
    """Return this repository: round 3/1 belongs to `claw`, 3/2 is its own."""
    repo = Repository(tmp_path / "home")
    first = claw.git("rev-list", "--max-parents=0", "HEAD")
    repo.commit("docs: rounds\n\nRound: 3/2", {
        **settings(), **data("3/1", MADE.replace("$first", first)),
        **data("3/2", "status: done\ndeliverables: [{paths: own.txt, status: done}]\n"), "own.txt": "o\n", **files,
    })  # fmt: skip
    return repo


def said(book: Book, check: str, key: str = "3/1") -> list[tuple[str, str]]:
    return [(v.claim, v.outcome) for v in book.results if v.check == check and v.round == key]


def shown(book: Book, uri: str) -> str:
    return next(p.document() for p in pages(book) if p.uri == uri)


def test_its_rounds_are_held_against_its_own_history(tmp_path: Path, claw: Repository) -> None:
    book = load(home(tmp_path, claw).path)
    engine, script = said(book, "path-missing")
    assert (engine[1], script[1]) == ("verified", "contradicted")
    assert "scripts/release.sh" in script[0]
    assert [str(f.place) for f in book.findings if f.slug == "path-missing"] == ["data/rounds/3/1.yml:10:32"]
    assert said(book, "path-missing", "3/2")[0][1] == "verified"
    assert said(book, "window-empty") == [("the round, which is done, has commits", "verified")]


def test_the_book_itself_stays_that_of_this_repository(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    book = load(repo.path)
    assert [c.subject for c in book.history.commits] == ["docs: rounds"]
    assert not book.entries["3/1"].verified
    assert not any(slug in {f.slug for f in book.findings} for slug in ("trailer-unknown", "tag-without-release"))
    there = book.home("3/1")
    assert there.linked_as == "claw"
    assert [one.commit for one in there.entries["3/1"].links] == claw.git("rev-list", "HEAD~1").split()
    assert book.home("3/2") is book
    assert book.home("9/9") is book


def test_a_round_of_this_repository_takes_no_commit_of_another(tmp_path: Path, claw: Repository) -> None:
    stray = claw.commit("feat: a trailer by chance\n\nRound: 3/2", {"y.txt": "y\n"})
    book = load(home(tmp_path, claw, **data("3/3", "")).path)
    assert not book.home("3/1").links.get(stray)
    assert {link.round for links in book.home("3/1").links.values() for link in links} == {"3/1"}


def test_what_is_about_this_repositorys_own_accounts_is_not_asked_of_it(tmp_path: Path, claw: Repository) -> None:
    book = load(home(tmp_path, claw, **data("3/3", "repository: claw\nstatus: planned\nreleases: v9\n")).path)
    own = ("commit-unaccounted", "release-without-tag", "tag-without-release", "date-implausible", "date-backfilled")
    assert not [v for v in book.results if v.check in own and v.round in ("3/1", "3/3")]
    assert len([v for v in book.results if v.check == "commit-unaccounted"]) <= 1


def test_each_claim_is_judged_once(tmp_path: Path, claw: Repository) -> None:
    book = load(home(tmp_path, claw).path)

    def address(v: CheckResult) -> tuple[str, str, str, str]:
        return v.check, v.round, v.anchor, f"{v.claim} {v.place}"

    judged = [address(v) for v in book.results]
    assert len(judged) == len(set(judged))
    assert len(book.findings) == len(set(book.findings))


def test_a_commit_that_it_does_not_have_is_found_in_its_history_alone(tmp_path: Path, claw: Repository) -> None:
    wrong = data("3/3", "repository: claw\ncommits: [abcdef1234]\n")
    (finding,) = (f for f in load(home(tmp_path, claw, **wrong).path).findings if f.slug == "commit-unknown")
    assert finding.place
    assert finding.place.path == "data/rounds/3/3.yml"


def test_its_page_says_so_and_links_to_its_own_forge(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    book = load(repo.path)
    whole = shown(book, "rounds/3/1.md")
    commits = claw.git("rev-list", "HEAD~1").split()
    assert "verified against claw at" in whole
    for commit in commits:
        assert f'<a href="https://github.com/weave/claw/commit/{commit}"' in whole
    assert f"https://github.com/weave/claw/blob/{commits[0]}/src/engine.rs" in whole
    assert "<bdi>Bo</bdi>" in whole
    assert "data/rounds/3/1.yml" in whole.replace("&#46;", ".")
    assert "whose history is not in this clone" not in whole
    assert "verified against" not in shown(book, "rounds/3/2.md")


def test_other_pages_know_its_commits_by_its_forge_and_have_no_pages_of_them(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    book = load(repo.path)
    made = {p.uri: p.document() for p in pages(book)}
    assert "of no round" not in "".join(text_ for uri, text_ in made.items() if uri != "rounds/3/1.md")
    assert f"https://github.com/weave/claw/commit/{claw.head}" in made["rounds/3/1.md"], "where it was verified"
    ids = claw.git("rev-list", "HEAD").split()
    for uri, page_ in made.items():
        for commit in ids:
            assert f"commits/2026-01.md#c-{commit[:12]}" not in page_, uri
    assert [u for u in made if u.startswith("commits/2")] == ["commits/2026-01.md"]


def test_the_page_of_its_decision_lists_what_cites_it_there_and_here(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    here = repo.commit("docs: as decided\n\nDecision: build-it", {"d.txt": "d\n"})
    whole = shown(load(repo.path), "decisions/build-it.md")
    there = claw.git("rev-parse", "HEAD~1")
    assert f'<a href="https://github.com/weave/claw/commit/{there}"' in whole
    assert f'id="c-{here[:12]}"' in whole
    assert whole.count('<li id="c-') == 2


def test_without_an_address_its_commits_are_text(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    repo.write({"data/roundbook.yml": "repositories: {home: {}, claw: {path: ../claw}}\n"})
    book = load(repo.path)
    whole = shown(book, "rounds/3/1.md")
    assert "verified against claw at" in whole
    assert claw.head[:7] in whole
    assert f'{claw.head}"' not in whole
    for commit in claw.git("rev-list", "HEAD").split():
        assert f"#c-{commit[:12]}" not in whole.replace("&#35;", "#"), "it has no page here"


def test_without_a_path_it_is_linked_and_not_verified_as_before(tmp_path: Path, claw: Repository) -> None:
    repo = home(tmp_path, claw)
    repo.write(settings(path=""))
    book = load(repo.path)
    assert (dict(book.linked_books), [f.slug for f in book.findings if f.slug == "repository-not-here"]) == ({}, [])
    assert said(book, "path-missing") == [("2 paths exist", "not-checked")]
    assert "whose history is not in this clone" in shown(book, "rounds/3/1.md")


@pytest.mark.parametrize("path", ["../nowhere", "data", "own.txt", "../" + "x" * 5000, ".", "../empty"])
def test_a_path_without_a_clone_is_a_note_and_no_warning(tmp_path: Path, claw: Repository, path: str) -> None:
    Repository(tmp_path / "empty")
    repo = home(tmp_path, claw)
    repo.write(settings(path))
    book = load(repo.path)
    if path == ".":
        assert book.home("3/1").history.head == repo.head, "the project itself is a clone of itself"
        return
    (finding,) = (f for f in book.findings if f.slug == "repository-not-here")
    assert finding.severity == "info"
    shown = path if len(path) < 100 else f"{path[:100]}… ({len(path):,} characters)"
    assert finding.message == f"rounds of claw are not verified: no clone at {shown}"
    assert finding.place
    assert finding.place.path == "data/roundbook.yml"
    assert not book.entries["3/1"].verified


def test_no_path_of_the_machine_reaches_a_page_or_the_dump(tmp_path: Path, claw: Repository) -> None:
    for there in (str(claw.path), str(tmp_path / "nowhere")):
        repo = home(tmp_path / there[-3:], claw)
        repo.write(settings(there))
        book = load(repo.path)
        assert bool(book.linked_books) == (there == str(claw.path))
        everything = json.dumps(dump(book)) + "".join(p.document() for p in pages(book)) + str(book.findings)
        assert str(tmp_path) not in everything


def test_a_shallow_clone_of_it_yields_no_absence(tmp_path: Path, claw: Repository) -> None:
    claw.clone(tmp_path / "cut", depth=1)
    repo = home(tmp_path, claw)
    repo.write(settings("../cut"))
    book = load(repo.path)
    assert [(f.severity, f.slug) for f in book.findings if f.slug == "shallow"] == [("info", "shallow")]
    assert ("the round is done", "contradicted") not in said(book, "window-empty")
    assert "contradicted" not in {outcome for _, outcome in said(book, "path-missing")}
    assert "History incomplete:" in shown(book, "rounds/3/1.md")
    assert "History incomplete:" not in shown(book, "rounds/3/2.md")
    assert any(v.evidence.startswith("claw: not checked: history incomplete") for v in book.results)


def test_nothing_in_the_clone_runs(tmp_path: Path, claw: Repository) -> None:
    ran = tmp_path / "ran"
    script = f"touch {ran}; cat"
    for key in ("core.fsmonitor", "core.pager", "diff.external", "filter.bad.clean", "filter.bad.smudge",
                "diff.bad.textconv", "core.sshCommand", "core.alternateRefsCommand", "uploadpack.packObjectsHook"):  # fmt: skip
        claw.git("config", key, script)
    hook = claw.path / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n", "utf-8")
    hook.chmod(0o755)
    (claw.path / ".gitattributes").write_text("* filter=bad diff=bad\n", "utf-8")
    assert load(home(tmp_path, claw).path).linked_books
    assert not ran.exists()


def test_waivers_and_weights_hold_there_too(tmp_path: Path, claw: Repository) -> None:
    waived = "waive: [{check: path-missing, target: release.sh, reason: never written}]\n"
    repo = home(tmp_path, claw, **data("3/1", MADE.replace("$first", claw.head[:10]) + waived))
    assert not [f for f in load(repo.path).findings if f.slug == "path-missing"]
    repo.write(settings() | data("3/1", MADE.replace("$first", claw.head[:10])))
    file = repo.path / "data/roundbook.yml"
    file.write_text(file.read_text("utf-8") + "checks: {path-missing: off}\n", "utf-8")
    assert said(load(repo.path), "path-missing") == []


def test_counts_and_the_dump_know_what_was_verified(tmp_path: Path, claw: Repository) -> None:
    book = load(home(tmp_path, claw).path)
    told = dump(book)
    assert told["generated-from"]["linked-repositories"] == {
        "claw": {
            "name": "claw", "head": claw.head, "complete": True, "missing": [],
            "repository": "https://github.com/weave/claw",
        },
    }  # fmt: skip
    assert told["rounds"]["3/1"]["verified"] is True
    assert len(told["rounds"]["3/1"]["commits"]) == 2
    assert claw.head not in told["commits"]
    row = shown(book, "rounds/index.md").rpartition("3/1/")[2].partition("</tr>")[0]
    assert '<td class="rb-number" data-unit="commits">2</td>' in row


def test_a_site_with_an_annex_is_built_without_a_warning(tmp_path: Path, claw: Repository) -> None:
    repo = project(tmp_path / "site", mkdocs_dot_yml=MKDOCS)
    kept = MADE.replace("$first", claw.head[:10]).replace("scripts/release.sh", "x.txt")
    repo.commit("docs: rounds", settings() | data("3/6", kept))
    made = build(repo)
    assert made.code == 0, made.output
    assert "verified against claw at" in text(page(repo, "rounds/3/6"))
