"""Tests of `@decision` markers in code: found, counted, checked, shown, and in `explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from checks.history import book_of, data, findings, judged, only
from repository import Content, Repository
from roundbook.book.facts import Governed
from roundbook.cli import cli
from roundbook.git.history import Marker
from roundbook.site.links import Here
from roundbook.site.views.decisions import round_decision
from roundbook.site.views.others import round_files

AT = "@" + "decision"  # in two parts, or this very file would be marked


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def decision(status: str = "accepted", more: str = "", id_: str = "wasm-target") -> str:
    return f"decisions:\n- id: {id_}\n  title: wasip1\n  status: {status}\n  {more}\n"


def markers(repo: Repository | Path) -> list[tuple[str, int, str]]:
    return [(m.path, m.line, m.word) for m in book_of(repo).git_facts.markers or ()]


class TestFinding:
    def test_an_annotation_of_e_adr_names_a_record_by_its_number(self, repo: Repository) -> None:
        java = "@" + "ADR(1)\npublic class A {\n    @" + 'ADR( 12 )\n    // "@' + 'ADR(3)"\n    @' + "ADR(x)\n}\n"
        repo.commit("feat: a", {"src/A.java": java, **data("3/4", decision())})
        assert markers(repo) == [("src/A.java", 1, "adr-1"), ("src/A.java", 3, "adr-12")]

    @pytest.mark.parametrize(
        "line",
        [
            "# {}",
            "// {}",
            "//{}",
            "/* {} */",
            "-- {}",
            "<!-- {} -->",
            "; {}",
            "% {}",
            "  x = 1  # see {}.",
            "{}",
            " * {}\r",
        ],
    )
    def test_in_any_comment(self, repo: Repository, line: str) -> None:
        text = "one\n" + line.format(f"{AT} wasm-target") + "\n"
        repo.commit("work", {"a.x": text, **data("3/4", decision())})
        assert markers(repo) == [("a.x", 2, "wasm-target")]

    @pytest.mark.parametrize(
        "line",
        ["{0}(wasm-target)", "me{0} wasm-target", "`{0} wasm-target`", '"{0} wasm-target"', "{0}s wasm-target", "{0}"],
    )
    def test_what_is_no_marker(self, repo: Repository, line: str) -> None:
        repo.commit("work", {"a.x": line.format(AT) + "\n", **data("3/4", decision())})
        assert markers(repo) == []

    def test_forms_of_the_id(self, repo: Repository) -> None:
        text = f"# {AT}: wasm-target, {AT} 3/4#wasm-target\n# {AT}\twasm-target;\n"
        repo.commit("work", {"a": text, **data("3/4", decision())})
        assert markers(repo) == [("a", 1, "wasm-target"), ("a", 1, "3/4#wasm-target"), ("a", 2, "wasm-target")]
        assert len(book_of(repo).decisions["wasm-target"].markers) == 3

    def test_data_prose_binaries_and_the_work_tree_do_not_count(self, repo: Repository) -> None:
        mark = f"# {AT} wasm-target\n"
        files: dict[str, Content] = {"data/a.py": mark, "b.md": mark, "c.bin": b"\0" + mark.encode(), "D.MDX": mark}
        repo.commit("work", {**files, **data("3/4", decision())})
        repo.write({"e.py": mark})
        assert markers(repo) == []
        assert book_of(repo).git_facts.markers == ()

    def test_odd_paths_and_long_lines(self, repo: Repository) -> None:
        mark = f"{'x' * 100_000} # {AT} wasm-target {'y' * 100_000}\n"
        repo.commit("work", {"a\nb:1": mark, "-x": mark, "é": mark, **data("3/4", decision())})
        assert [(path, line) for path, line, _ in markers(repo)] == [("-x", 1), ("a\nb:1", 1), ("é", 1)]

    def test_beside_the_project_too(self, repo: Repository) -> None:
        files = {f"site/{name}": text for name, text in data("3/4", decision()).items()}
        repo.commit("work", {"src/a.py": f"# {AT} wasm-target\n", **files})
        assert markers(repo.path / "site") == [("src/a.py", 1, "wasm-target")]

    def test_no_decision_no_search(self, repo: Repository) -> None:
        repo.commit("work", {"a": f"# {AT} x\n", **data("3/4", "")})
        assert book_of(repo).git_facts.markers is None


class TestJudging:
    def test_an_unknown_id(self, repo: Repository) -> None:
        repo.commit("work", {"a": f"# {AT} wasm-targt\n# {AT} wasm-targt\n", **data("3/4", decision())})
        assert findings(repo, "marker-unknown") == [
            'info marker-unknown: no decision is "wasm-targt": a:1 names it, and 1 more; did you mean "wasm-target"?'
        ]

    def test_known_ones_are_no_finding(self, repo: Repository) -> None:
        repo.commit("work", {"a": f"# {AT} wasm-target\n", **data("3/4", decision())})
        assert judged(repo, "marker-unknown") == []

    def test_a_proposed_decision_is_marked(self, repo: Repository) -> None:
        repo.commit("work", {"a": f"# {AT} wasm-target\n", **data("3/4", decision("proposed"))})
        (line,) = findings(repo, "decision-shipped-not-accepted")
        assert "decision wasm-target is proposed: a:1 names it, as if it were accepted" in line

    def test_an_accepted_one_is_built(self, repo: Repository) -> None:
        repo.commit("work", {"a": f"# {AT} wasm-target\n", **data("3/4", decision())})
        result = only(repo, "decision-accepted-not-built")
        assert (result.outcome, result.evidence) == ("verified", "a:1 names it")

    def test_a_dead_one_is_marked(self, repo: Repository) -> None:
        later = decision(more="supersedes: wasm-target", id_="preview-2")
        mark = f"# {AT} wasm-target\n"
        repo.commit("work", {"a": mark, "b": mark, **data("3/4", decision()), **data("3/5", later)})
        lines = findings(repo, "decision-dead-cited")
        assert [line.partition(" is superseded: ")[2] for line in lines] == [
            "2 markers name it, the first in a:1; name preview-2 there"
        ]

    def test_a_line_that_names_both_tells_the_way(self, repo: Repository) -> None:
        later = decision(more="supersedes: wasm-target", id_="preview-2")
        mark = f"# {AT} preview-2, before {AT} wasm-target\n"
        repo.commit("work", {"a": mark, **data("3/4", decision()), **data("3/5", later)})
        assert findings(repo, "decision-dead-cited") == []

    def test_waived_and_shallow(self, repo: Repository, tmp_path: Path) -> None:
        waiver = "waive: [{check: decision-dead-cited, target: 'a:1', reason: It is a test of it}]"
        repo.commit("begin", {"b": ""})
        repo.commit("work", {"a": f"# {AT} wasm-target\n", **data("3/4", decision("rejected") + waiver)})
        assert findings(repo, "decision-dead-cited") == []
        clone = repo.clone(tmp_path / "clone", depth=1)
        assert markers(clone) == [("a", 1, "wasm-target")]
        assert findings(clone, "decision-dead-cited") == []


class TestMessages:
    @pytest.mark.parametrize(
        ("message", "cited"),
        [
            ("follow ADR-0044", True),
            ("follow adr 44: mend", True),
            ("see 3/4#adr-0044", True),
            ("adr-0045", False),
            ("adr-00440", False),
            ("my-adr-0044", False),
            ("docs/adr-0044", False),
            ("adr-0044-hashing.md", False),
        ],
    )
    def test_numbers_of_records_are_citations(self, repo: Repository, message: str, cited: bool) -> None:
        own = repo.commit(message, {"a": "1", **data("3/4", decision(id_="adr-0044"))})
        assert book_of(repo).decisions["adr-0044"].cited_by == ((own,) if cited else ())

    def test_words_are_none_but_with_their_round(self, repo: Repository) -> None:
        repo.commit("the wasm-target is a word, and #wasm-target too, 9/9#wasm-target", {"a": "1"})
        own = repo.commit("see 3/4#wasm-target.", {"a": "2", **data("3/4", decision())})
        assert book_of(repo).decisions["wasm-target"].cited_by == (own,)


class TestShowing:
    @pytest.fixture
    def book(self, repo: Repository) -> Repository:
        repo.git("remote", "add", "origin", "https://github.com/o/r")
        mark = f"\n# {AT} wasm-target\n\n# {AT} wasm-target\n"
        repo.commit(
            "work", {"src/a<b>.py": mark, "src/c.py": "", **data("3/4", decision(more="affects: [src, gone/**]"))}
        )
        return repo

    def test_the_decisions_page_links_the_lines(self, book: Repository) -> None:
        page = str(round_decision(book_of(book), Here("x.md"), "wasm-target"))
        assert f'href="https://github.com/o/r/blob/{book.head}/src/a%3Cb%3E.py#L4"' in page
        assert "src/<wbr>a&#60;b&#62;&#46;py" in page

    def test_what_governs_which_file(self, book: Repository) -> None:
        made = book_of(book)
        lines = tuple(Marker("src/a<b>.py", n, "wasm-target") for n in (2, 4))
        assert made.governed == (
            Governed("gone/**", ("wasm-target",), 0),
            Governed("src", ("wasm-target",), 2),
            Governed("src/a<b>.py", ("wasm-target",), 1, lines),
        )
        page = str(round_files(made, Here("x.md")))
        assert "none today" in page
        assert ">2</td>" in page
        assert "a<b>" not in page
        assert "1 more entry" in str(round_files(made, Here("x.md"), limit=1))

    def test_nothing_governs(self, repo: Repository) -> None:
        repo.commit("work", data("3/4", decision()))
        assert "No decision says which files it affects" in str(round_files(book_of(repo), Here("x.md")))

    def test_explain_a_file_and_a_folder(self, book: Repository) -> None:
        book.commit("more", data("3/5", decision(id_="other", more="affects: src/c.py")))
        told = explained(book, "src/a<b>.py")
        assert [d["id"] for d in told["decisions"]] == ["wasm-target"]
        assert told["markers"] == [{"path": "src/a<b>.py", "line": line, "decision": "wasm-target"} for line in (2, 4)]
        told = explained(book, "src")
        assert ([d["id"] for d in told["decisions"]], [d["id"] for d in told["within"]]) == (["wasm-target"], ["other"])
        text = CliRunner().invoke(cli, ["--root", str(book.path), "explain", "src"]).output
        assert "  partly affected by other, accepted in 3/5: wasip1\n" in text
        assert "  marked for wasm-target at src/a<b>.py:2\n" in text

    def test_the_dump_has_all_of_it(self, book: Repository) -> None:
        done = CliRunner().invoke(cli, ["--root", str(book.path), "dump"])
        told = json.loads(done.output)
        assert told["decisions"]["wasm-target"]["markers"] == [{"path": "src/a<b>.py", "line": n} for n in (2, 4)]
        assert [g["files"] for g in told["affected-files"]] == [0, 2, 1]
        assert told["git-facts"]["branches-not-read"] == 0


def explained(repo: Repository, path: str) -> dict[str, list[dict[str, object]]]:
    done = CliRunner().invoke(cli, ["--root", str(repo.path), "explain", path, "--format", "json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.output))
