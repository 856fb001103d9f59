"""`roundbook import`, as a user calls it: what it writes says all that the notes say, and nothing is half done."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook import markdown
from roundbook.cli import cli
from roundbook.project import load
from shown import not_in_one_piece, unseen
from site_trial import MKDOCS, build, page

SUMMARY = Path(__file__).parents[1] / "documents" / "round-summary.md"
NOTE = """\
# Phase 3 Round 4 Summary

**Date**: 2026-02-17
**Focus**: Upgrade the parser

## Agents

| # | Agent | Task | Status |
|---|---|---|---|
| 1 | Ada | Parse | In Progress |
| 2 | Bo | Lex | ✅ Done |

## Key Decision: Drop the cache

We do without it because:
- it is slow
- it is big

## Odds

Some prose here.
"""
OTHER = "# Phase 3 Round 5\n\n**Focus**: Ship it\n\n## Next Steps\n\n- Rest\n"


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str
    errors: str

    def lines(self, word: str) -> list[str]:
        return [line for line in (self.output + self.errors).splitlines() if word in line]


def run(path: Path, *words: str) -> Outcome:
    done = CliRunner().invoke(cli, ["-C", str(path), *words], catch_exceptions=False)
    return Outcome(done.exit_code, done.stdout, done.stderr)


def bring(path: Path, *words: str) -> Outcome:
    return run(path, "import", *words)


def project(path: Path, **files: str) -> Repository:
    repo = Repository(path)
    repo.commit("docs: notes", {"notes/r4.md": NOTE, **{k.replace("__", "/") + ".md": v for k, v in files.items()}})
    return repo


def rounds(path: Path) -> dict[str, str]:
    base = path / "data/rounds"
    return {p.relative_to(base).as_posix(): p.read_text("utf-8") for p in sorted(base.rglob("*.yml"))}


def test_a_note_becomes_a_round_that_can_be_read_at_once(tmp_path: Path) -> None:
    repo = project(tmp_path)
    done = bring(tmp_path, "notes/r4.md", "--verify")
    blob = repo.git("rev-parse", "HEAD:notes/r4.md")
    assert (done.code, done.errors) == (0, "")
    assert done.output.splitlines() == [
        "file         kind     to                   words  found  kept as written",
        "notes/r4.md  summary  data/rounds/3/4.yml     45     45                4",
        "",
        "data/rounds/3/4.yml: written",
        "45 words in, 45 found",
    ]
    text = rounds(tmp_path)["3/4.yml"]
    assert text.startswith("round: 4\nphase: 3\n")
    assert text.endswith(f"source:\n  path: notes/r4.md\n  rev: {repo.head[:12]}\n  blob: {blob}\n")
    book = load(tmp_path)
    record = book.entries["3/4"].round
    assert [(a.name, a.status, a.status_text) for a in record.agents] == [
        ("Ada", "in-progress", "In Progress"),
        ("Bo", "done", "✅ Done"),
    ]
    assert [f.slug for f in book.findings if f.severity != "info"] == []
    assert [v.outcome for v in book.results if v.check == "source-changed"] == ["verified"]


def test_the_schema_line_is_that_of_the_neighbours(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "round.schema.json").write_text("{}")
    bring(tmp_path, "notes")
    assert rounds(tmp_path)["3/4.yml"].startswith(
        "# yaml-language-server: $schema=../../../round.schema.json\nround: 4\n"
    )


def test_folders_patterns_and_files_outside(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "r6.md").write_text("# Phase 3 Round 6\n\n**Focus**: Far away\n")
    inside = tmp_path / "here"
    project(inside, notes__deep__r5=OTHER, notes__readme="# Phase 4\n\nA phase.\n")
    done = bring(inside, "notes", "notes/*.md", "../elsewhere/r6.md")
    assert done.code == 0
    assert list(rounds(inside)) == ["3/4.yml", "3/5.yml", "3/6.yml", "4/phase.yml"]
    assert "source:" not in rounds(inside)["3/6.yml"]
    assert len(done.lines(" summary ")) == 4


def test_several_files_of_one_round_are_joined(tmp_path: Path) -> None:
    repo = project(tmp_path, notes__more="# Phase 3 Round 4: more\n\n## Risks\n\n- It rains\n")
    done = bring(tmp_path, "notes", "--verify")
    assert (done.code, list(rounds(tmp_path))) == (0, ["3/4.yml"])
    record = load(tmp_path).entries["3/4"].round
    assert [(s.path, s.rev) for s in record.source] == [
        ("notes/more.md", repo.head[:12]),
        ("notes/r4.md", repo.head[:12]),
    ]
    assert [risk.title for risk in record.risks] == ["It rains"]


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    project(tmp_path, notes__r5=OTHER)
    bring(tmp_path, "notes/r4.md")
    before = rounds(tmp_path)
    (tmp_path / "data/rounds/3/4.yml").write_text("focus: mine\nround: 4\n")
    mine = rounds(tmp_path)
    done = bring(tmp_path, "notes")
    assert (done.code, rounds(tmp_path) | mine) == (2, rounds(tmp_path))
    assert sorted(rounds(tmp_path)) == ["3/4.yml", "3/5.yml"]
    assert "--update" in done.lines("import-there")[0]
    assert bring(tmp_path, "notes", "--force").code == 0
    assert rounds(tmp_path)["3/4.yml"] == before["3/4.yml"]
    assert "3/5.yml" in rounds(tmp_path)


def test_a_byte_order_mark_within_a_note_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "sprint-1.md").write_bytes("\ufeff# Sprint 1\n\n## Done\n\n- \ufeffSoup is\ufeff hot\n".encode())
    assert bring(tmp_path, "sprint-1.md", "--verify").code == 0
    assert "Soup is hot" in (tmp_path / "data/rounds/sprints/1.yml").read_text("utf-8")


def test_of_many_rounds_that_exist_already_only_a_few_are_named(tmp_path: Path) -> None:
    project(tmp_path, **{f"notes__n{n}": f"# Phase 7 Round {n}\n\nMine.\n" for n in range(1, 7)})
    bring(tmp_path, "notes")
    for n in range(1, 7):
        (tmp_path / f"data/rounds/7/{n}.yml").write_text(f"round: {n}\nphase: 7\nfocus: mine\n")
    done = bring(tmp_path, "notes")
    assert done.code == 2
    assert [line.partition(": error ")[0] for line in done.lines("import-there")][:3] == [
        f"data/rounds/7/{n}.yml" for n in (1, 2, 3)
    ]
    assert done.lines("import-there")[3:] == [
        "error import-there: 3 more rounds or phases exist already; merge what their notes say with --update"
    ]
    assert done.lines("6 errors; what they are about was left out")


def test_a_note_of_an_existing_round_that_it_was_not_made_of_is_told_in_one_line(tmp_path: Path) -> None:
    repo = project(tmp_path)
    bring(tmp_path, "notes/r4.md")
    plan = "# Phase 3 Round 4 Plan\n\n" + "".join(f"- Step {n} of many\n" for n in range(20))
    repo.commit("plan", {"notes/r4-plan.md": plan})
    done = bring(tmp_path, "notes", "--verify")
    assert (done.code, done.lines("is not found")) == (1, [])
    assert done.lines("--update") == [
        "notes/r4-plan.md: not imported yet, and of rounds that exist already; --update merges what is new into them"
    ]
    assert bring(tmp_path, "notes", "--update", "--verify").code == 0
    assert bring(tmp_path, "notes", "--verify").code == 0


def test_control_characters_that_text_files_have_stop_nothing_and_are_told(tmp_path: Path) -> None:
    note = "# Phase 1 Round 2\n\n\f## Risks\n\n- It rains\x8f and\x0bpours\n- \u2028Wind\x8f\x90\n"
    project(tmp_path, notes__r2=note)
    done = bring(tmp_path, "notes", "--verify")
    assert (done.code, sorted(rounds(tmp_path))) == (0, ["1/2.yml", "3/4.yml"])
    assert [risk.title for risk in load(tmp_path).entries["1/2"].round.risks] == ["It rains and pours", "Wind"]
    assert done.lines("control-character") == [
        "notes/r2.md:5:11: info control-character: control character U+008F is left out, 2 times",
        "notes/r2.md:6:9: info control-character: control character U+0090 is left out",
    ]


def test_all_errors_are_told_at_once_and_stop_nothing_else(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "bin.md").write_bytes(b"\x00\x01\x02\xff" * 30)
    (tmp_path / "wide.md").write_bytes("# Phase 1 Round 1\n".encode("utf-16"))
    (tmp_path / "big.md").write_bytes(b"x" * (10 << 20))
    (tmp_path / "data.yml").write_text("a: b\n")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "etc.md").symlink_to("/etc/hostname")
    (tmp_path / "bell\x07.md").write_text("# Phase 1 Round 2\n")
    names = ["notes/r4.md", "bin.md", "wide.md", "big.md", "data.yml", "empty", "pipe.md", "etc.md", "bell\x07.md"]
    done = bring(tmp_path, *names, "gone.md", "x*.md")
    assert (done.code, sorted(rounds(tmp_path))) == (2, ["3/4.yml"])
    slugs = {line.partition(":")[0]: line.partition(" error ")[2].partition(":")[0] for line in done.lines(" error ")}
    assert slugs == {
        "bin.md": "not-utf8",
        "wide.md": "not-utf8",
        "big.md": "too-large",
        "data.yml": "not-markdown",
        "empty": "note-missing",
        "pipe.md": "not-regular",
        "etc.md": "outside-project",
        "bell\\x07.md": "name-not-usable",
        "gone.md": "note-missing",
        "x*.md": "note-missing",
    }
    assert done.lines("10 errors; what they are about was left out")
    assert bring(tmp_path, *names[1:]).lines("nothing was written: 8 errors")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "notes/r4.md").chmod(0)
    assert bring(tmp_path, "notes/r4.md").lines("error unreadable")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "```\nnever closed",
        "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n",
        "<div>\n<script>alert(1)</script>\n\n{{ 1 + 1 }}\n",
        "# 第三阶段 第四轮\n\n进展顺利\n",
        "---\nround: 4\n---\n",
        "> " * 60 + "deep\n",
        "# Phase ../.. Round 4\n",
        "**Round**: con\n**Phase**: ..\n\ntext\n",
        "# Phase 3 Round 4\n\n" + "\n".join(f"- {'x' * n}" for n in range(300)),
    ],
)
def test_whatever_a_file_holds_is_kept_or_refused(tmp_path: Path, text: str) -> None:
    repo = Repository(tmp_path)
    repo.commit("notes", {"n.md": text})
    done = bring(tmp_path, "n.md", "--verify")
    assert done.code in (0, 2), done
    if done.code == 0:
        assert [f for f in load(tmp_path).findings if f.severity == "error"] == []
        counts = json.loads(bring(tmp_path, "n.md", "--verify", "--json").output)
        assert counts["found"] == counts["words"]
    else:
        assert done.lines(" error ")
        assert not (tmp_path / "data").exists()


def test_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    project(tmp_path)
    bring(tmp_path, "notes/r4.md")
    (tmp_path / "notes/r4.md").write_bytes(b"\xef\xbb\xbf" + NOTE.replace("\n", "\r\n").encode())
    before = rounds(tmp_path)["3/4.yml"].partition("source:")[0]
    bring(tmp_path, "notes/r4.md", "--force")
    assert rounds(tmp_path)["3/4.yml"].partition("source:")[0] == before


def test_a_file_is_read_as_it_was(tmp_path: Path) -> None:
    repo = project(tmp_path)
    first = repo.head
    repo.commit("docs: overwritten", {"notes/r4.md": OTHER})
    repo.git("mv", "notes/r4.md", "notes/status.md")
    repo.commit("docs: moved")
    repo.commit("docs: gone", {"notes/status.md": None})
    assert bring(tmp_path, "notes/r4.md").code == 2
    assert bring(tmp_path, "notes/r4.md", "--rev", first[:9]).code == 0
    text = rounds(tmp_path)["3/4.yml"]
    assert f"rev: {first[:12]}\n" in text
    assert bring(tmp_path, "notes", "--rev", "HEAD~2").code == 0
    assert sorted(rounds(tmp_path)) == ["3/4.yml", "3/5.yml"]
    assert bring(tmp_path, "notes/r4.md", "--rev", "HEAD").lines("note-missing")
    assert bring(tmp_path, "notes/r4.md", "--rev", "--all").lines("names no commit")


def test_a_file_is_found_under_its_old_name(tmp_path: Path) -> None:
    repo = project(tmp_path)
    first = repo.head
    repo.git("mv", "notes/r4.md", "status.md")
    repo.commit("docs: moved")
    repo.commit("docs: overwritten", {"status.md": OTHER})
    assert bring(tmp_path, "status.md", "--rev", first).code == 0
    assert "path: notes/r4.md\n" in rounds(tmp_path)["3/4.yml"]


def test_stdout_dry_run_and_json_write_nothing(tmp_path: Path) -> None:
    project(tmp_path, notes__r5=OTHER)
    out = bring(tmp_path, "notes/r4.md", "--stdout")
    assert (out.code, out.output.partition("\n")[0]) == (0, "round: 4")
    assert "45 words in, 45 found" in out.errors
    assert bring(tmp_path, "notes", "--stdout").output.startswith("# data/rounds/3/4.yml\nround: 4\n")
    dry = bring(tmp_path, "notes", "--dry-run", "--verify")
    assert dry.lines("would be written") == [f"data/rounds/3/{n}.yml: would be written" for n in (4, 5)]
    told = json.loads(bring(tmp_path, "notes/r4.md", "--dry-run", "--json").output)
    assert told["files"] == [
        {
            "path": "notes/r4.md",
            "kind": "summary",
            "rounds": ["3/4"],
            "words": 45,
            "found": 45,
            "kept-as-written": 4,
            "missing": [],
        }
    ]
    assert told["rounds"] == [{"key": "3/4", "path": "data/rounds/3/4.yml", "state": "written", "written": False}]
    assert not (tmp_path / "data").exists()


def test_verify_holds_a_round_against_its_note_at_any_time(tmp_path: Path) -> None:
    project(tmp_path)
    bring(tmp_path, "notes/r4.md")
    file = tmp_path / "data/rounds/3/4.yml"
    text = file.read_text()
    assert bring(tmp_path, "notes/r4.md", "--verify").code == 0
    file.write_text(text.replace("task: Lex", "task: Rest").replace("it is big", "it is large"))
    done = bring(tmp_path, "notes/r4.md", "--verify")
    assert done.code == 1
    assert done.lines("is not found") == [
        'notes/r4.md:11:12: cell "Lex" is not found',
        'notes/r4.md:17:9: "big" of the bullet "it is big" is not found',
    ]
    assert done.lines("45 words in, 43 found")
    assert bring(tmp_path, "notes/r4.md", "--verify", "--json").code == 1
    assert file.read_text() != text


def test_ids_of_decisions_that_are_taken_get_another(tmp_path: Path) -> None:
    repo = project(tmp_path)
    taken = "round: 1\nphase: 2\nfocus: x\ndecisions:\n- title: Drop the cache\n"
    repo.commit("round", {"data/rounds/2/1.yml": taken})
    note = NOTE + "\n## Decisions\n\n### Use files\n\n- **Decision**: Files\n- **Supersedes**: drop-the-cache\n"
    repo.write({"notes/r4.md": note})
    done = bring(tmp_path, "notes/r4.md")
    assert done.code == 0
    assert done.lines("taken") == [
        "data/rounds/3/4.yml: the decision drop-the-cache is called drop-the-cache-2 here, since that id is taken"
    ]
    decisions = load(tmp_path).entries["3/4"].round.decisions
    assert [d.slug for d in decisions] == ["drop-the-cache-2", "use-files"]
    assert decisions[1].supersedes == ("drop-the-cache-2",)


def test_the_phase_and_the_round_can_be_said(tmp_path: Path) -> None:
    Repository(tmp_path).commit("notes", {"n.md": "# What we did\n\n**Focus**: Much\n"})
    assert bring(tmp_path, "n.md", "--phase", "7", "--round", "2b").code == 0
    assert list(rounds(tmp_path)) == ["7/2b.yml"]
    for wrong in (["--phase", "a/b"], ["--round", ".."], ["--update", "--force"], ["--stdout", "--json"]):
        assert bring(tmp_path, "n.md", *wrong).code == 2
    assert bring(tmp_path, "-").code == 2
    assert bring(tmp_path).code == 2
    assert run(tmp_path, "--at", "HEAD", "import", "n.md").code == 2


def test_without_a_repository_there_is_a_path_alone(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text(NOTE)
    assert bring(tmp_path, "n.md", "--verify").code == 0
    assert rounds(tmp_path)["3/4.yml"].endswith("source: n.md\n")


def test_the_data_folder_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    inside = tmp_path / "in"
    project(inside)
    (inside / "data").symlink_to("../out")
    done = bring(inside, "notes/r4.md")
    assert (done.code, list((tmp_path / "out").rglob("*.yml"))) == (2, [])


def test_a_changelog_is_known_by_itself(tmp_path: Path) -> None:
    text = "# Changelog\n\n## [1.1.0] - 2026-02-01\n\n### Added\n\n- A parser\n\n## [1.0.0] - 2026-01-01\n\n- First\n"
    Repository(tmp_path).commit("notes", {"CHANGELOG.md": text, "notes/r4.md": NOTE})
    done = bring(tmp_path, "CHANGELOG.md", "notes", "--verify")
    assert done.code == 0
    assert done.lines("CHANGELOG.md  changelog")
    assert "3/4.yml" in rounds(tmp_path)


def test_every_word_is_on_a_page(tmp_path: Path) -> None:
    project(tmp_path)
    bring(tmp_path, "notes")
    document, _ = markdown.parse(NOTE.encode(), "r4.md")
    assert document is not None
    assert unseen([document], load(tmp_path)) == []
    lost, _ = markdown.parse(b"# Phase 3 Round 4\n\nNowhere to be seen\n", "x.md")
    assert lost is not None
    assert unseen([lost], load(tmp_path)) == ["x.md:3: Nowhere to be seen"]


def test_the_how_to_page_tells_what_happens(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/how-to/import-notes.md").read_text("utf-8")
    note = re.findall(r"^````markdown title=.*?\n(.*?)^````$", text, re.MULTILINE | re.DOTALL)[0]
    blocks = re.findall(r"^```(?:text|yaml title=.*?)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    repo = Repository(tmp_path)
    repo.commit("notes", {"notes/round-4.md": note})
    assert bring(tmp_path, "notes", "--verify").output == blocks[0]
    file = tmp_path / "data/rounds/3/4.yml"
    # The id of the commit is another one.
    assert re.sub("rev: .*", "", file.read_text("utf-8")) == re.sub("rev: .*", "", blocks[1])
    file.write_text(file.read_text("utf-8").replace("Speed up the lexer", "Make the lexer fast"), "utf-8")
    assert bring(tmp_path, "notes/round-4.md", "--verify").output.endswith(blocks[2])
    (tmp_path / "notes/round-4.md").write_text(note.replace("up the lexer", "up the lexer a lot"), "utf-8")
    assert blocks[3] in bring(tmp_path, "notes/round-4.md", "--update").output


def test_a_document_of_no_round_is_on_the_page_of_its_phase(tmp_path: Path) -> None:
    note = (
        "# Phase 7 Status\n\n## Odds\n\nPlain words, <script>alert(1)</script> and {{ 6 * 7 }}.\n\n"
        '```\n--8<-- "mkdocs.yml"\n```\n\n## Risks\n\n- [It rains](javascript:alert(1))\n'
    )
    repo = Repository(tmp_path)
    repo.commit("notes", {"status.md": note, "mkdocs.yml": MKDOCS, "docs/index.md": "# Home\n"})
    assert bring(tmp_path, "status.md", "--verify").code == 0
    assert list(rounds(tmp_path)) == ["7/phase.yml"]
    assert build(repo).code == 0
    shown = page(repo, "rounds/7/")
    assert "Plain words" in shown
    assert "It rains" in shown
    assert "site_name: Trial" not in shown
    assert "42." not in shown
    assert "<script>alert" not in shown
    assert 'href="javascript:' not in shown


def test_every_statement_of_a_summary_is_on_its_page(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("notes", {"notes/round4.md": SUMMARY.read_bytes(), "mkdocs.yml": MKDOCS, "docs/index.md": "# Home\n"})
    done = bring(tmp_path, "notes", "--verify")
    assert done.code == 0
    assert done.lines("573 words in, 573 found")
    document, _ = markdown.parse(SUMMARY.read_bytes(), "round-summary.md")
    assert document is not None
    assert unseen([document], load(tmp_path)) == []
    # Pieces of a list of paths, and a count beside how they worked, are shown apart.
    assert len(not_in_one_piece([document], load(tmp_path))) <= 4
    site = build(repo)
    assert site.code == 0, site.output
    assert "Power budget" in page(repo, "rounds/3/4/")
