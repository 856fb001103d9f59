"""The book as it was at a tag, branch or commit, and what the work tree has that HEAD has not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.history import data
from repository import Repository
from roundbook.book.model import Book
from roundbook.errors import RoundbookError
from roundbook.git import files
from roundbook.git.process import Git
from roundbook.project import load
from roundbook.site.api import dump
from roundbook.site.pages import pages
from roundbook.yamlfile.source import MAX_BYTES
from site_trial import MKDOCS, build, page, project, run, text

SETTINGS = "data/roundbook.yml"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A first round at `v1`, a second one at `v2` with other settings, and an edit that nobody committed.

    v1 ── v2 ── main
      \\── topic
    """
    repo = Repository(tmp_path / "repo")
    repo.commit("feat: begin\n\nRound: 1/1", {"a.txt": "a\n", **data("1/1", "status: in-progress\n")})
    repo.tag("v1", message="The first")
    repo.branch("topic")
    repo.commit("feat: aside", {"aside.txt": "a\n"})
    repo.tag("aside")
    repo.checkout("main")
    second = data("1/1", "status: done\n") | data("1/2", "goals: [go on]\n", ids="['T-\\d+']")
    repo.commit("feat: go on\n\nRound: 1/2", {"b.txt": "b\n", "a.txt": None, **second})
    repo.tag("v2")
    repo.commit("docs: later", {"c.txt": "c\n"})
    repo.write(data("1/3", ""))
    return repo


def statuses(book: Book) -> dict[str, str | None]:
    return {key: entry.status for key, entry in book.entries.items()}


def test_data_files_and_history_are_those_of_the_commit(repo: Repository) -> None:
    then, now = load(repo.path, at="v1"), load(repo.path)
    assert statuses(then) == {"1/1": "in-progress"}
    assert statuses(now) == {"1/1": "done", "1/2": None, "1/3": None}
    assert [c.subject for c in then.history.commits] == ["feat: begin"]
    assert then.history.tree == {"a.txt", "data/rounds/1/1.yml"}
    assert (then.history.at, then.history.branch, then.dirty) == ("v1", None, ())


def test_settings_are_those_of_the_commit(repo: Repository) -> None:
    repo.commit("chore: name it", {SETTINGS: "repositories: {later: {}}\n"})
    assert load(repo.path).here == "later"
    assert load(repo.path, at="v2").here == ""


def test_tags_that_the_commit_does_not_reach_are_not_in_it_and_branches_are(repo: Repository) -> None:
    then = load(repo.path, at="v1")
    assert [t.name for t in then.history.tags] == ["v1"]
    assert {b.name for b in then.history.branches} == {"main", "topic"}
    assert {t.name for t in load(repo.path).history.tags} == {"v1", "v2", "aside"}


@pytest.mark.parametrize("name", ["v1", "v1^{}", "HEAD~2", "main~2", "refs/tags/v1"])
def test_a_ref_is_whatever_git_takes_for_a_commit(repo: Repository, name: str) -> None:
    assert statuses(load(repo.path, at=name)) == {"1/1": "in-progress"}
    assert load(repo.path, at=name).history.head == repo.git("rev-parse", "v1^{commit}")


@pytest.mark.parametrize(
    "name",
    ["v3", "--help", "-x", "--git-dir", "--all", "^main", "v1..v2", "v1:a.txt", "v1^{tree}", "a b\n--c", "é\x1b[2J", " ",
     "x" * 9000, "a\0b"],
)  # fmt: skip
def test_what_is_no_commit_is_said_and_is_no_option(repo: Repository, name: str) -> None:
    with pytest.raises(RoundbookError) as caught:
        load(repo.path, at=name)
    (finding,) = caught.value.findings
    assert finding.slug == "ref-unknown"
    assert "names no commit" in finding.message
    assert not {"\n", "\x1b", "\0"} & set(finding.message)


@pytest.mark.parametrize("name", ["release/1.0+b#3", "ünïcode", "a'b$(touch${IFS}x)`;x", "--odd"])
def test_a_ref_of_odd_characters_is_found_by_its_name(repo: Repository, name: str) -> None:
    repo.git("update-ref", f"refs/heads/{name}", "v1^{commit}")
    assert statuses(load(repo.path, at=f"refs/heads/{name}")) == {"1/1": "in-progress"}
    assert statuses(load(repo.path, at=name)) == {"1/1": "in-progress"}
    assert sorted(p.name for p in repo.path.iterdir()) == [".git", "b.txt", "c.txt", "data"]


def test_without_a_repository_there_is_nothing_to_go_back_to(tmp_path: Path) -> None:
    with pytest.raises(RoundbookError, match="not part of a git repository"):
        load(tmp_path, at="HEAD")
    with pytest.raises(RoundbookError, match="names no commit"):
        load(Repository(tmp_path / "empty").path, at="HEAD")


def test_before_the_first_round_the_book_is_empty(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: before", {"a.txt": "a\n"})
    repo.tag("v0")
    repo.commit("docs: a round", data("1/1", ""))
    then = load(repo.path, at="v0")
    assert (dict(then.entries), [f.slug for f in then.findings]) == (
        {},
        ["data-missing", "commit-unaccounted", "version-tags"],
    )
    assert [c.subject for c in then.history.commits] == ["feat: before"]


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.commit("feat: before", {"top.txt": "t\n", "data/rounds/9/9.yml": "round: 9\nfocus: not ours\n"})
    repo.tag("v0")
    repo.commit("feat: x", {f"sub/ü/{n}": t for n, t in data("1/1", "deliverables: [{paths: a.txt}]\n").items()}
                | {"sub/ü/a.txt": "a\n"})  # fmt: skip
    repo.tag("v1")
    repo.commit("feat: y", {f"sub/ü/{n}": t for n, t in data("1/2", "").items()})
    root = repo.path / "sub/ü"
    then = load(root, at="v1")
    assert list(then.entries) == ["1/1"]
    assert then.git_facts.spots[repo.git("rev-parse", "v1"), "sub/ü/a.txt"]
    assert dict(load(root, at="v0").entries) == {}
    assert load(root).dirty == ()
    (root / "data/rounds/1/1.yml").write_text("round: 1\nfocus: edited\n", "utf-8")
    assert load(root).dirty == ("data/rounds/1/1.yml",)


@pytest.mark.parametrize("folder", ["data", "./data", "data/", "data/."])
def test_the_data_folder_may_be_written_in_any_way(repo: Repository, folder: str) -> None:
    repo.commit("chore: name it", {SETTINGS: "repositories: {named: {}}\n"})
    for book in (load(repo.path, folder), load(repo.path, folder, "HEAD")):
        assert (book.here, book.dirty, len(book.entries)) == ("named", (), 3)


def test_a_bare_repository_has_a_book_as_of_a_ref(repo: Repository, tmp_path: Path) -> None:
    bare = repo.clone(tmp_path / "bare.git", bare=True)
    assert statuses(load(bare.path, at="v1")) == {"1/1": "in-progress"}


def test_a_shallow_clone_says_what_is_missing_and_does_not_know_what_it_lacks(repo: Repository, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "cut", depth=1)
    then = load(clone.path, at="HEAD")
    assert [g.slug for g in then.history.gaps] == ["shallow"]
    with pytest.raises(RoundbookError, match="fetch-depth: 0"):
        load(clone.path, at="v1")


def test_a_partial_clone_says_which_files_it_does_not_hold(repo: Repository, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "partial", filter="blob:none")
    then = load(clone.path, at="v1")
    assert [f.slug for f in then.findings if f.severity == "error"] == ["unreadable"]
    assert "it is not in this clone" in str(then.findings[0])


def test_limits_and_faults_are_those_of_files_on_the_disk(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo")
    repo.write(data("1/1", "") | {"data/rounds/1/2.yml": b"round: 2\nfocus: \xe9\n"})
    repo.write(
        {"data/rounds/1/3.yml": b"#" * (MAX_BYTES + 1), "data/rounds/.4.yml": "x", "data/rounds/1/note.txt": "x"}
    )
    (repo.path / "data/rounds/1/5.yml").symlink_to("../../../elsewhere.yml")
    (repo.path / "data/rounds/1/6.yml").symlink_to("/etc/hostname")
    (repo.path / "data/rounds/1/7.yml").symlink_to("../../../../out.yml")
    repo.write({"elsewhere.yml": "round: 5\nfocus: linked\n", "data/rounds/1/8.yml/phase.txt": "a folder\n"})
    repo.write({"folder/a.yml": "round: 1\n", "other.txt": "x"})
    (repo.path / "data/rounds/9").symlink_to("../../folder")
    (repo.path / "data/rounds/1/other.txt").symlink_to("../../../other.txt")
    (tmp_path / "out.yml").write_text("round: 7\nfocus: out\n", "utf-8")
    repo.commit("feat: all kinds")
    disk = files.in_folder(repo.path)
    stored = files.in_commit(repo.path, repo.head, "")
    small = {path: text for path, text in disk.contents.items() if len(text) <= MAX_BYTES}
    assert stored.contents == small
    assert set(stored.contents) == {f"data/rounds/1/{n}.yml" for n in (1, 2, 5)}
    said = {path: [f.slug for f in faults] for path, faults in stored.faults.items()}
    assert said == {
        "data/rounds/1/3.yml": ["too-large"],
        "data/rounds/1/6.yml": ["outside-project"],
        "data/rounds/1/7.yml": ["outside-project"],
        "data/rounds/1/8.yml": ["not-regular"],
        "data/rounds/9": ["linked-folder"],
    }
    of_disk = {path: [f.slug for f in faults] for path, faults in disk.faults.items()}
    assert of_disk == {path: slugs for path, slugs in said.items() if slugs != ["too-large"]}
    book = load(repo.path, at="HEAD")
    assert {f.slug for f in book.findings if f.severity == "error"} >= {"not-utf8", "too-large", "outside-project"}


def test_the_number_of_processes_does_not_grow_with_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for many in (2, 40):
        repo = Repository(tmp_path / str(many))
        for n in range(many):
            repo.write(data(f"1/{n}", ""))
        repo.commit("feat: rounds")
        calls: list[tuple[str, ...]] = []
        with monkeypatch.context() as patch:
            command = Git._command

            def counted(own: Git, words: tuple[str, ...]) -> list[str]:
                calls.append(words)  # noqa: B023 - called in this turn of the loop only
                return command(own, words)  # noqa: B023

            patch.setattr(Git, "_command", counted)
            assert len(files.in_commit(repo.path, repo.head, "").contents) == many
        counts.append(len(calls))
    assert counts == [3, 3]


# ------------------------------------------------------------------------------------------------- the work tree


def test_edited_new_and_removed_data_files_are_named(repo: Repository) -> None:
    assert load(repo.path).dirty == ("data/rounds/1/3.yml",)
    repo.write(data("1/1", "status: blocked\n") | {"data/rounds/1/2.yml": None, "b.txt": "not data\n"})
    assert load(repo.path).dirty == ("data/rounds/1/1.yml", "data/rounds/1/2.yml", "data/rounds/1/3.yml")
    assert dump(load(repo.path))["generated-from"]["dirty"] == list(load(repo.path).dirty)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_clean_tree_is_clean_whatever_the_hash_and_the_line_ends(tmp_path: Path, kind: str) -> None:
    repo = Repository(tmp_path, object_format=kind)
    repo.commit("feat: x", data("1/1", "") | {"elsewhere.yml": "round: 2\nfocus: y\n"})
    assert load(repo.path).dirty == ()
    file = repo.path / "data/rounds/1/1.yml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    (repo.path / "data/rounds/1/2.yml").symlink_to("../../../elsewhere.yml")
    repo.git("add", "-A")
    assert load(repo.path).dirty == ("data/rounds/1/2.yml",)


def test_no_filter_of_the_repository_runs_to_find_out(repo: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    repo.git("config", "filter.bad.clean", f"touch {ran}; cat")
    repo.git("config", "filter.bad.smudge", f"touch {ran}; cat")
    repo.write({".gitattributes": "*.yml filter=bad\n", **data("1/1", "status: blocked\n")})
    assert "data/rounds/1/1.yml" in load(repo.path).dirty
    load(repo.path, at="v1")
    assert not ran.exists()


# ------------------------------------------------------------------------------------------------- pages, doors


def test_every_index_says_which_book_it_is_and_the_dump_too(repo: Repository) -> None:
    then = load(repo.path, at="v2")
    shown = {p.uri: p.document() for p in pages(then)}
    for uri in ("rounds", "decisions", "changelog", "commits", "open-items", "evidence"):
        assert "This is the book as of" in shown[f"{uri}/index.md"]
    assert not any("as of" in p.document() for p in pages(load(repo.path)))
    origin = dump(then)["generated-from"]
    assert (origin["at"], origin["head"], origin["dirty"]) == ("v2", repo.git("rev-parse", "v2"), [])


def test_a_ref_is_text_on_a_page(repo: Repository) -> None:
    repo.git("update-ref", "refs/heads/<b>{{7+7}}", "v1^{commit}")
    shown = next(iter(pages(load(repo.path, at="<b>{{7+7}}")))).document()
    assert "&#60;b&#62;&#123;&#123;7&#43;7" in shown
    assert "<b>" not in shown


def test_the_command_line_goes_back_and_exits_2_where_it_cannot(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    repo.tag("v1")
    repo.commit("feat: more", data("3/6", "titel: wrong\n"))
    assert run(tmp_path, "roundbook", "check").code == 1
    assert run(tmp_path, "roundbook", "--at", "v1", "check").code == 0
    then = json.loads(run(tmp_path, "roundbook", "--at", "v1", "dump").output)
    assert list(then["rounds"]) == ["3/5"]
    for name in ("v9", "--help", "-x", ""):
        done = run(tmp_path, "roundbook", "--at", name, "check")
        assert (done.code, "Traceback" in done.output) == (2, False), done.output
        assert "write a tag, a branch or a commit id" in done.output


def test_before_the_first_round_the_command_line_says_so(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: before", {"a.txt": "a\n"})
    repo.tag("v0")
    repo.commit("docs: a round", data("1/1", ""))
    done = run(tmp_path, "roundbook", "--at", "v0", "check")
    assert done.code == 2
    assert "v0 has no round file below data/rounds" in done.output


def test_faults_of_another_commit_are_shown_without_the_lines_of_today(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("feat: wrong", data("3/6", "titel: wrong\n"))
    repo.commit("feat: right", data("3/6", "title: right\n"))
    done = run(tmp_path, "roundbook", "--at", "HEAD~1", "check")
    assert done.code == 1
    assert 'data/rounds/3/6.yml:4:1: error unknown-key: unknown key "titel"' in done.output
    assert "|" not in done.output


def test_a_site_is_built_as_of_a_tag(tmp_path: Path) -> None:
    repo = project(tmp_path, mkdocs_dot_yml=MKDOCS.replace("roundbook]", "{roundbook: {at: v1}}]"))
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    repo.tag("v1")
    repo.commit("feat: more", data("3/6", ""))
    made = build(repo)
    assert made.code == 0, made.output
    assert "This is the book as of v1" in text(page(repo, "rounds"))
    assert "Upgrade the Rust toolchain" in text(page(repo, "rounds/3/5"))
    assert not (repo.path / "site/rounds/3/6").exists()


def test_a_site_as_of_no_commit_is_not_built_and_the_reason_is_said(tmp_path: Path) -> None:
    repo = project(tmp_path, mkdocs_dot_yml=MKDOCS.replace("roundbook]", "{roundbook: {at: v7}}]"))
    repo.commit("feat: begin", {"a.txt": "a\n"})
    made = build(repo)
    assert made.code == 1
    assert 'roundbook: at: error ref-unknown: "v7" names no commit' in made.output
    assert "Traceback" not in made.output
