"""`roundbook import --update`: what the note changed comes in, what people wrote stays, and what disagrees is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository import Repository
from roundbook.project import load
from test_import import OTHER, bring, project

FILE = "data/rounds/3/4.yml"


def imported(path: Path, **files: str) -> tuple[Repository, Path]:
    repo = project(path, **files)
    assert bring(path, "notes").code == 0
    repo.commit("round")
    return repo, path / FILE


def edit(file: Path, old: str, new: str) -> str:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return file.read_text("utf-8")


def without_source(text: str) -> str:
    return text.partition("\nsource:")[0]


def test_a_note_that_did_not_change_changes_nothing(tmp_path: Path) -> None:
    repo, file = imported(tmp_path)
    before = edit(file, "focus: Upgrade the parser", "focus: Upgrade it   # mine")
    repo.commit("later", {"x.txt": "x"})
    done = bring(tmp_path, "notes", "--update")
    assert (done.code, file.read_text()) == (0, before)
    assert done.lines("no changes")


def test_what_the_note_changed_comes_in_and_what_people_wrote_stays(tmp_path: Path) -> None:
    repo, file = imported(tmp_path)
    edit(file, "focus: Upgrade the parser", "# as Ada put it\nfocus: Upgrade the parser, all of it")
    mine = edit(file, "  - name: Bo\n", "  - name: Bo  # Robert\n    people: [bo@example.org]\n")
    edit(tmp_path / "notes/r4.md", "| 1 | Ada | Parse | In Progress |", "| 1 | Ada | Parse | Done |")
    edit(tmp_path / "notes/r4.md", "- it is big\n", "- it is big\n- it is old\n")
    commit = repo.commit("docs: after the round")
    done = bring(tmp_path, "notes", "--update")
    assert (done.code, done.errors) == (0, "")
    assert done.lines(f"{FILE}: updated")
    text = file.read_text()
    for line in (
        "# as Ada put it\n",
        "focus: Upgrade the parser, all of it\n",
        "name: Bo  # Robert\n",
        "bo@example.org",
    ):
        assert line in text
    record = load(tmp_path).entries["3/4"].round
    assert [a.status for a in record.agents] == ["done", "done"]
    assert record.decisions[0].rationale == ("it is slow", "it is big", "it is old")
    assert record.source[0].blob == repo.git("rev-parse", "HEAD:notes/r4.md")
    assert record.source[0].rev == commit[:12]
    assert len(set(mine.splitlines()) - set(text.splitlines())) <= 6
    again = bring(tmp_path, "notes", "--update")
    assert (again.code, file.read_text()) == (0, text)


def test_what_both_changed_is_a_conflict_and_ours_is_kept(tmp_path: Path) -> None:
    repo, file = imported(tmp_path)
    edit(file, "focus: Upgrade the parser", "focus: Upgrade the lexer")
    edit(tmp_path / "notes/r4.md", "Upgrade the parser", "Upgrade the printer")
    edit(tmp_path / "notes/r4.md", "Some prose here.", "Other prose here.")
    repo.commit("docs: both")
    done = bring(tmp_path, "notes", "--update")
    assert done.code == 1
    line = next(n for n, one in enumerate(file.read_text().splitlines(), 1) if one.startswith("focus:"))
    assert done.lines("import-conflict") == [
        (
            f'{FILE}:{line}:8: warning import-conflict: focus: the round says "Upgrade the lexer", but the note now says '
            '"Upgrade the printer" (before: "Upgrade the parser"); the round was kept; resolve it by hand'
        )
    ]
    text = file.read_text()
    assert "focus: Upgrade the lexer\n" in text
    assert "Other prose here." in text


def test_a_dry_run_writes_nothing_and_tells_of_the_conflict(tmp_path: Path) -> None:
    _, file = imported(tmp_path)
    before = edit(file, "focus: Upgrade the parser", "focus: Upgrade the lexer")
    edit(tmp_path / "notes/r4.md", "Upgrade the parser", "Upgrade the printer")
    done = bring(tmp_path, "notes", "--update", "--dry-run")
    assert (done.code, file.read_text()) == (1, before)
    assert done.lines("import-conflict")
    assert done.lines("would be updated")


def test_what_the_note_no_longer_says_goes_and_what_a_person_removed_does_not_come_back(tmp_path: Path) -> None:
    repo, file = imported(tmp_path)
    edit(file, ", it is big]", "]")
    edit(tmp_path / "notes/r4.md", "| 2 | Bo | Lex | ✅ Done |\n", "")
    repo.commit("docs: less")
    assert bring(tmp_path, "notes", "--update").code == 0
    record = load(tmp_path).entries["3/4"].round
    assert [a.name for a in record.agents] == ["Ada"]
    assert record.decisions[0].rationale == ("it is slow",)
    assert "it is big" not in file.read_text()


def test_a_new_note_is_written_and_the_others_are_updated(tmp_path: Path) -> None:
    repo, _ = imported(tmp_path)
    repo.commit("docs: next", {"notes/r5.md": OTHER})
    done = bring(tmp_path, "notes", "--update")
    assert done.code == 0
    assert done.lines("data/rounds/3/5.yml: written")
    assert done.lines(f"{FILE}: exists already, no changes")


def test_notes_that_were_not_given_again_stay_what_they_were(tmp_path: Path) -> None:
    repo, _ = imported(tmp_path, notes__more="# Phase 3 Round 4: more\n\n## Risks\n\n- It rains\n")
    edit(tmp_path / "notes/r4.md", "| Ada | Parse |", "| Ada | Parse all |")
    edit(tmp_path / "notes/more.md", "- It rains", "- It snows")
    repo.commit("docs: both")
    assert bring(tmp_path, "notes/r4.md", "--update").code == 0
    record = load(tmp_path).entries["3/4"].round
    assert [risk.title for risk in record.risks] == ["It rains"]
    assert record.agents[0].task == "Parse all"
    assert bring(tmp_path, "notes/more.md", "--update").code == 0
    record = load(tmp_path).entries["3/4"].round
    assert [risk.title for risk in record.risks] == ["It snows"]
    assert [source.path for source in record.source] == ["notes/more.md", "notes/r4.md"]
    assert bring(tmp_path, "notes", "--update").lines("no changes")


def test_a_note_that_was_moved_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    repo, _ = imported(tmp_path)
    repo.git("mv", "notes/r4.md", "notes/round-four.md")
    edit(tmp_path / "notes/round-four.md", "| Ada | Parse |", "| Ada | Parse all |")
    repo.commit("docs: moved")
    assert bring(tmp_path, "notes", "--update").code == 0
    record = load(tmp_path).entries["3/4"].round
    assert [source.path for source in record.source] == ["notes/round-four.md"]
    assert [agent.task for agent in record.agents] == ["Parse all", "Lex"]


def test_where_git_does_not_have_the_old_note_only_what_is_new_comes_in(tmp_path: Path) -> None:
    _, file = imported(tmp_path)
    blob = load(tmp_path).entries["3/4"].round.source[0].blob
    edit(file, str(blob), "0" * 40)
    edit(file, "focus: Upgrade the parser", "focus: Mine")
    edit(tmp_path / "notes/r4.md", "## Odds", "## Risks\n\n- It rains\n\n## Odds")
    done = bring(tmp_path, "notes", "--update")
    assert done.code == 1
    assert "focus: Mine\n" in file.read_text()
    assert [risk.title for risk in load(tmp_path).entries["3/4"].round.risks] == ["It rains"]


def test_a_round_of_several_files_is_not_updated(tmp_path: Path) -> None:
    repo, file = imported(tmp_path)
    folder = tmp_path / "data/rounds/3/4"
    folder.mkdir()
    file.rename(folder / "round.yml")
    repo.commit("folder", {"data/rounds/3/4/more.yml": "notes: [more]\n"})
    edit(tmp_path / "notes/r4.md", "Parse", "Parse all")
    assert bring(tmp_path, "notes", "--update").code == 2
    assert bring(tmp_path, "notes", "--force").code == 2
    assert bring(tmp_path, "notes", "--verify").code == 1


def test_a_taken_id_stays_the_one_that_it_got(tmp_path: Path) -> None:
    repo = project(tmp_path)
    repo.commit("r", {"data/rounds/2/1.yml": "round: 1\nphase: 2\nfocus: x\ndecisions: [Drop the cache]\n"})
    bring(tmp_path, "notes")
    edit(tmp_path / "notes/r4.md", "- it is big\n", "- it is big\n- it is old\n")
    repo.commit("docs: more")
    assert bring(tmp_path, "notes", "--update").code == 0
    decision = load(tmp_path).entries["3/4"].round.decisions[0]
    assert (decision.slug, decision.rationale[-1]) == ("drop-the-cache-2", "it is old")


EDITS = st.lists(
    st.sampled_from(
        [
            ("Upgrade the parser", "Upgrade the printer"),
            ("| Parse |", "| Parse all |"),
            ("In Progress", "Blocked"),
            ("- it is big\n", "- it is big\n- it is old\n"),
            ("- it is slow\n", ""),
            ("Some prose here.", "Some prose there.\n\nAnd more."),
            ("## Odds", "## Next Steps\n\n- Rest\n\n## Odds"),
        ]
    ),
    unique=True,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_an_update_of_an_untouched_round_is_the_import_of_the_new_note(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str]]
) -> None:
    repo, _file = imported(tmp_path_factory.mktemp("p"))
    for old, new in edits:
        edit(repo.path / "notes/r4.md", old, new)
    repo.commit("docs: edits")
    assert bring(repo.path, "notes", "--update", "--verify").code == 0
    updated = load(repo.path).entries["3/4"].round.model_dump(exclude={"source"})
    assert bring(repo.path, "notes", "--force").code == 0
    assert load(repo.path).entries["3/4"].round.model_dump(exclude={"source"}) == updated


def test_a_note_that_is_another_record_beside_the_others_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    first = "# Phase 4: Soup kitchen\n\n**Status**: Done\n\nIt boils.\n"
    repo.commit("docs: a", {"docs/PHASE_4_SOUP.md": first})
    assert bring(tmp_path, "docs").code == 0
    (file,) = (tmp_path / "data/rounds").rglob("*.yml")
    before = file.read_text("utf-8")
    repo.commit("docs: b", {"docs/PHASE_4_GARAGE.md": "# Phase 4: Garage doors\n\n**Status**: Planned\n\nThey open.\n"})
    for _ in range(2):  # a second time it is not taken for one that was imported
        done = bring(tmp_path, "docs/PHASE_4_GARAGE.md", "--update")
        assert done.code
        assert "something else" in done.errors
        assert file.read_text("utf-8") == before
    assert bring(tmp_path, "docs", "--update").code == 0
    assert "They open" in "".join(one.read_text("utf-8") for one in (tmp_path / "data/rounds").rglob("*.yml"))
