"""Tests of reading round files: records, and errors with their places."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.git import files
from roundbook.rounds import load
from roundbook.rounds.load import LoadedRounds
from roundbook.schema.round import Round
from roundbook.schema.statuses import ForgeKind

MINIMAL = """\
round: 5
phase: 3
date: 2026-02-18
focus: Upgrade the Rust toolchain to 1.93
agents:
  - {name: Toolchain, task: Bump rust-toolchain.toml, status: done}
decisions:
  - {title: Go straight to 1.93.1, rationale: Same effort as 1.87 and unblocks wasip2}
"""
STATUS = "write one of planned, in-progress, done, partial, blocked, deferred, dropped"
STATUS += ", or add the word to status-words in the settings"
SEE = "write the value as it is described in the reference"
QUOTES = "put the text in quotes if its colon belongs to it"
CATEGORIES = "write one of added, changed, deprecated, removed, fixed, security"
DIGITS = "write 7 to 64 lower-case hexadecimal digits"
DECISION = "write one of draft, proposed, accepted, rejected, deprecated, superseded"
KEYS = 'write keys such as "round: 4" and "focus: …", one per line'
CONFLICT = "error fragment-conflict:"
LETTERS = "may contain only ASCII letters, digits, '.', '_' and '-' (64 at most), and must begin with a letter or digit"
TAKEN = "is reserved by file systems or the site"


def read(files: Mapping[str, str]) -> LoadedRounds:
    return load.parse({f"data/rounds/{path}": text.encode() for path, text in files.items()})


def faults(text: str, path: str = "1/1.yml") -> list[str]:
    """Return the findings of one file, without the path in front of them."""
    return [str(f).removeprefix(f"data/rounds/{path}:") for f in read({path: text}).findings]


def one(text: str, path: str = "1/1.yml") -> Round:
    loaded = read({path: text})
    assert [str(f) for f in loaded.findings] == []
    (record,) = loaded.rounds
    return record


class TestWhole:
    def test_the_eight_line_round_is_read(self) -> None:
        record = one(MINIMAL, "3/5.yml")
        assert (record.key, record.name, record.focus) == (
            "3/5",
            "Phase 3 Round 5",
            "Upgrade the Rust toolchain to 1.93",
        )
        assert record.agents[0].status == "done"
        assert record.decisions[0].slug == "go-straight-to-1-93-1"
        assert record.decisions[0].rationale == ("Same effort as 1.87 and unblocks wasip2",)

    def test_three_mistakes_give_three_errors_with_their_lines(self) -> None:
        text = (
            MINIMAL.replace("status: done", "status: nearly").replace("rationale", "rational").replace("02-18", "13-18")
        )
        assert faults(text, "3/5.yml") == [
            (
                '3:7: error date-not-readable: "2026-13-18" is not a calendar date; '
                "write a date as YYYY-MM-DD or a span YYYY-MM-DD..YYYY-MM-DD"
            ),
            f'6:63: error status-unknown: unknown status "nearly"; {STATUS}',
            '8:36: error unknown-key: unknown key "rational"; did you mean "rationale"?',
        ]

    def test_every_file_is_read_whatever_is_wrong_with_the_others(self) -> None:
        loaded = read({"3/5.yml": MINIMAL, "1/1.yml": "a: [", "1/2.yml": "", "2/1.yml": "round: 1\n"})
        assert [r.key for r in loaded.rounds] == ["3/5"]
        assert [(f.slug, f.place and f.place.path) for f in loaded.findings] == [
            ("unclosed-bracket", "data/rounds/1/1.yml"),
            ("not-a-mapping", "data/rounds/1/2.yml"),
            ("missing-key", "data/rounds/2/1.yml"),
        ]
        assert [(sources.key, text) for sources, text in loaded.broken] == [
            ("1/1", "a: ["),
            ("1/2", ""),
            ("2/1", "round: 1\n"),
        ]

    def test_no_folder_is_an_empty_shelf(self, tmp_path: Path) -> None:
        assert load.read(files.in_folder(tmp_path)) == LoadedRounds()

    def test_hidden_files_and_other_endings_are_not_read(self, tmp_path: Path) -> None:
        base = tmp_path / "data/rounds"
        for name in ("1/1.yml", "1/2.yaml", "1/.3.yml", "1/#4.yml", "1/5.yml.bak", "1/6.md", ".git/7.yml"):
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text("focus: x\nround: " + Path(name).stem, "utf-8")
        assert [r.key for r in load.read(files.in_folder(tmp_path)).rounds] == ["1/1", "1/2"]

    def test_s5_a_folder_that_is_a_link_is_left_out_and_said(self, tmp_path: Path) -> None:
        base = tmp_path / "data/rounds"
        (tmp_path / "elsewhere").mkdir()
        for name in ("1/1.yml", "../../elsewhere/2.yml"):
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text("focus: x\nround: " + Path(name).stem, "utf-8")
        for name in ("9", ".hidden", "1/deeper"):
            (base / name).symlink_to(tmp_path / "elsewhere")
        loaded = load.read(files.in_folder(tmp_path))
        assert [r.key for r in loaded.rounds] == ["1/1"]
        assert sorted((f.slug, f.place and f.place.path) for f in loaded.findings) == [
            ("linked-folder", "data/rounds/1/deeper"),
            ("linked-folder", "data/rounds/9"),
        ]

    def test_s3_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "data/rounds/1").mkdir(parents=True)
        listing = os.scandir

        def refusing(path: str) -> object:
            if str(path).endswith("/1"):
                raise PermissionError(13, "Permission denied", str(path))
            return listing(path)

        monkeypatch.setattr(os, "scandir", refusing)
        (fault,) = load.read(files.in_folder(tmp_path)).findings
        assert str(fault).startswith("data/rounds/1: error unreadable: this folder cannot be read (Permission denied)")

    def test_line_ends_do_not_count(self) -> None:
        crlf = load.parse({"data/rounds/3/5.yml": MINIMAL.replace("\n", "\r\n").encode()})
        assert crlf.rounds == read({"3/5.yml": MINIMAL}).rounds


class TestLeniency:
    def test_a_scalar_stands_for_a_list_and_for_an_object(self) -> None:
        record = one(
            "round: 1\nfocus: x\ngoals: one goal\ntags: t\nteam: concurrent\n"
            "next: a step\nagents: Bo\ncommits: 1234567\n"
        )
        assert record.goals[0].title == "one goal"
        assert record.tags == ("t",)
        assert record.team is not None
        assert record.team.mode == "concurrent"
        assert record.next[0].text == "a step"
        assert record.agents[0].name == "Bo"
        assert record.commits[0].id == "1234567"

    def test_a_mapping_stands_for_a_list_of_one(self) -> None:
        assert one("round: 1\nfocus: x\nagents: {name: Bo}\n").agents[0].name == "Bo"

    def test_kebab_and_snake_case_are_one_key(self) -> None:
        agents = one("round: 1\nfocus: x\nagents:\n- {name: a, status_text: s}\n- {name: a, status-text: s}\n").agents
        assert [a.status_text for a in agents] == ["s", "s"]

    @pytest.mark.parametrize("empty", ["", "~", "null"])
    def test_an_empty_value_is_none(self, empty: str) -> None:
        record = one(
            f"round: 1\nfocus: x\ntitle: {empty}\ngoals: {empty}\ntags: [a, {empty or '~'}]\nstatus: {empty}\n"
        )
        assert (record.title, record.goals, record.tags, record.status) == (None, (), ("a",), None)

    def test_a_quoted_null_is_text(self) -> None:
        assert one("round: 1\nfocus: 'null'\n").focus == "null"

    def test_a_cell_may_be_empty_but_is_there(self) -> None:
        table = one("round: 1\nfocus: x\ntables: {title: t, rows: [[a, ~, c], ['', b], one]}\n").tables[0]
        assert table.rows == (("a", "", "c"), ("", "b"), ("one",))

    @pytest.mark.parametrize(
        ("word", "status"),
        [("DONE", "done"), ("In Progress", "in-progress"), ("in_progress", "in-progress"), ("Not started", "planned")],
    )
    def test_status_words_are_read_in_any_case_and_kept(self, word: str, status: str) -> None:
        agent = one(f"round: 1\nfocus: x\nagents: {{name: a, status: {word}}}\n").agents[0]
        assert (agent.status, agent.status_text) == (status, word)

    def test_the_settings_may_add_words(self) -> None:
        data = {"data/rounds/1/1.yml": b"round: 1\nfocus: x\nstatus: Conditional PASS\n"}
        loaded = load.parse(data, status_words={"conditional-pass": "partial"})
        assert (loaded.rounds[0].status, loaded.rounds[0].status_text) == ("partial", "Conditional PASS")

    def test_keys_that_begin_with_x_are_kept_and_mean_nothing(self) -> None:
        record = one("round: 1\nfocus: x\nx-ours: {any: [thing]}\ngoals: {title: t, x-more: 1}\n")
        assert dict(record.extra_keys) == {"x-ours": {"any": ["thing"]}}
        assert dict(record.goals[0].extra_keys) == {"x-more": "1"}


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "0.10",
            "12:28",
            "NO",
            "on",
            "008",
            "07040707",
            "1234567",
            "12e4567",
            "1_000",
            "0x1F",
            ".inf",
            "1e3",
            "2026-02-17",
            "2026-02-17T10:00:00Z",
            "true",
            "=",
            "+1",
            "-0",
        ],
    )
    def test_text_stays_text(self, text: str) -> None:
        record = one(f"round: 1\nfocus: {text}\nmetrics: {{tests: {text}}}\ntags: [{text}]\n")
        assert (record.focus, record.metrics["tests"].value, record.tags) == (text, text, (text,))

    @pytest.mark.parametrize("sha", ["1234567", "07040707", "12e4567", "0123456789"])
    def test_a_sha_of_digits_stays_a_sha(self, sha: str) -> None:
        assert one(f"round: 1\nfocus: x\ncommits: [{sha}]\n").commits[0].id == sha

    @pytest.mark.parametrize("number", ["4", "3c", "k2b", "008", "0.10"])
    def test_ids_stay_what_they_are(self, number: str) -> None:
        assert one(f"round: {number}\nfocus: x\n", f"1/{number}.yml").key == f"1/{number}"


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("titel: y", '3:1: error unknown-key: unknown key "titel"; did you mean "title"?'),
            ("titel:", '3:1: error unknown-key: unknown key "titel"; did you mean "title"?'),
            ("team: {size: 8, mode: two, tow: }", '3:28: error unknown-key: unknown key "tow"; known here: mode, size'),
            (
                "round: 1",
                '3:1: error duplicate-key: duplicate key "round" (first at line 1); remove or rename one of them',
            ),
            ("title: [a]", f"3:8: error wrong-type: expected text, found a list; {SEE}"),
            ("title: {a: b}", f"3:8: error wrong-type: expected text, found a mapping; {QUOTES}"),
            ("agents: [[a]]", f"3:10: error wrong-type: expected a mapping, found a list; {SEE}"),
            ("metrics: [a]", f"3:10: error wrong-type: expected a mapping, found a list; {SEE}"),
            ("changes: [{text: a, type: add}]", f'3:27: error value-unknown: unknown value "add"; {CATEGORIES}'),
            (
                "changes: [{text: a, breaking: maybe}]",
                f'3:31: error wrong-type: expected true or false, found "maybe"; {SEE}',
            ),
            ("commits: [abc]", f'3:11: error commit-not-readable: "abc" names no commit; {DIGITS}'),
            ("decisions: [{rationale: y}]", '3:13: error missing-key: the key "title" is missing; add title: …'),
            (
                "decisions: [{title: y, status: agreeable}]",
                f'3:32: error decision-status-unknown: unknown decision status "agreeable"; {DECISION}',
            ),
            (
                "commits: {}",
                "3:10: error selection-empty: it names no commit; write a commit id, a range, a tag, a window or paths",
            ),
        ],
    )
    def test_a_fault_has_its_place_and_its_mend(self, text: str, found: str) -> None:
        assert faults(f"round: 1\nfocus: x\n{text}\n") == [found]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("focus: x\n", '1:1: error missing-key: the key "round" is missing; add round: …'),
            ("round: 1\n", "1:1: error missing-key: title or focus is missing; add title or focus"),
            ("- round: 1\n", f"1:1: error not-a-mapping: expected a mapping; {KEYS}"),
            ("", f"1:1: error not-a-mapping: the file is empty; {KEYS}"),
            ("# only a comment\n", f"1:1: error not-a-mapping: the file is empty; {KEYS}"),
        ],
    )
    def test_a_file_that_is_no_round_says_what_it_lacks(self, text: str, found: str) -> None:
        assert faults(text) == [found]

    @given(
        st.dictionaries(
            st.sampled_from(sorted(Round.model_fields)),
            st.sampled_from(["~", "x", "[x]", "{a: b}", "[[x]]", "[{a: b}]", "1", '""', "x-y: {}"]),
        )
    )
    def test_no_wrong_type_is_an_exception(self, values: dict[str, str]) -> None:
        text = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in values.items())
        loaded = read({"1/1.yml": text})
        assert loaded.rounds or loaded.findings
        assert all(f.place and f.place.line for f in loaded.findings)


class TestIds:
    @pytest.mark.parametrize("name", ["index", "con", "aux.x", "404", "search", "assets", "readme", "LPT1"])
    def test_reserved_names_are_refused(self, name: str) -> None:
        found = f'1:8: error id-not-usable: the id "{name}" {TAKEN}; choose another id'
        assert faults(f"round: {name}\nfocus: x\n", f"1/{name}.yml") == [found]

    @pytest.mark.parametrize("name", ["a b", "a..b", "ü", "a" * 65, "а", "{{7*7}}", "<b>"])
    def test_names_that_addresses_cannot_hold_are_refused(self, name: str) -> None:
        found = f'1:8: error id-not-usable: the id "{name}" {LETTERS}; choose another id'
        assert faults(f'round: "{name}"\nfocus: x\n', f"1/{name}.yml") == [found]

    def test_a_phase_that_is_only_a_folder_is_held_to_the_same(self) -> None:
        found = f'1:1: error id-not-usable: the id "a b" {LETTERS}; choose another id'
        assert faults("round: 1\nfocus: x\n", "a b/1.yml") == [found]

    def test_an_anchor_is_an_id_too(self) -> None:
        (found,) = faults("round: 1\nfocus: x\nagents: [{id: ../../x, name: y}]\n")
        assert found.startswith('3:15: error id-not-usable: the id "../../x" may contain only')

    @pytest.mark.parametrize(
        ("one", "other", "ids"),
        [("1/3C.yml", "1/3c.yml", ("1/3C", "1/3c")), ("Up/1.yml", "up/2.yml", ("Up", "up"))],
    )
    def test_ids_that_differ_in_case_only_are_refused(self, one: str, other: str, ids: tuple[str, str]) -> None:
        loaded = read({path: f"round: {Path(path).stem}\nfocus: x\n" for path in (one, other)})
        message = f'error id-alike: the id "{ids[1]}" differs from "{ids[0]}" only in case'
        fix = f"rename this file or data/rounds/{one}"
        assert [str(f) for f in loaded.findings] == [f"data/rounds/{other}:1:1: {message}; {fix}"]

    def test_a_file_and_a_folder_are_refused(self) -> None:
        loaded = read({"1/2.yml": "round: 2\nfocus: x\n", "1/2/a.yml": "title: y\n"})
        fix = "keep the file or the folder"
        found = f"data/rounds/1/2.yml:1:1: error round-twice: round 1/2 is also in data/rounds/1/2/a.yml; {fix}"
        assert [str(f) for f in loaded.findings] == [found]

    def test_a_contradiction_to_the_path_is_an_error(self) -> None:
        path = "data/rounds/1/4.yml"
        assert faults("round: 5\nphase: 2\nfocus: x\n", "1/4.yml") == [
            f'1:8: error round-mismatch: round is "5" here and "4" in the path {path}; write round: 4, or rename the file',
            f'2:8: error phase-mismatch: phase is "2" here and "1" in the path {path}; write phase: 1, or rename the file',
        ]

    def test_the_phase_is_that_of_the_folder(self) -> None:
        assert one("round: 1\nfocus: x\n", "sprint-7/1.yml").phase == "sprint-7"
        assert one("round: 1\nphase: ~\nfocus: x\n", "sprint-7/1.yml").phase == "sprint-7"

    def test_a_phase_file_is_no_round(self) -> None:
        loaded = read({"3/phase.yml": "title: The third\n"})
        assert [(p.phase, p.name) for p in loaded.phases] == [("3", "The third")]
        assert loaded.rounds == ()

    @pytest.mark.parametrize("path", ["1.yml", "a/b/c/d.yml"])
    def test_a_file_at_the_wrong_depth_is_an_error(self, path: str) -> None:
        (found,) = read({path: "round: 1\nfocus: x\n"}).findings
        assert (found.slug, found.place and found.place.path) == ("file-misplaced", f"data/rounds/{path}")


class TestFragments:
    def test_lists_are_appended_in_natural_order_and_maps_merged(self) -> None:
        files = {
            "1/1/10.yml": "agents: {name: Ten}\nmetrics: {speed: 4}\ntags: t\n",
            "1/1/2.yml": "agents: [Two]\ntags: [u]\nfiles: {created: a}\n",
            "1/1/round.yml": "round: 1\nfocus: x\nagents: Zed\nmetrics: {tests: 3}\nfiles: {deleted: b}\n",
        }
        loaded = read(files)
        assert [str(f) for f in loaded.findings] == []
        (record,) = loaded.rounds
        assert [a.name for a in record.agents] == ["Two", "Ten", "Zed"]
        assert list(record.metrics) == ["speed", "tests"]
        assert record.tags == ("u", "t")
        assert record.files is not None
        assert (record.files.created, record.files.deleted) == (("a",), ("b",))
        assert loaded.files == {"1/1": ("data/rounds/1/1/2.yml", "data/rounds/1/1/10.yml", "data/rounds/1/1/round.yml")}

    def test_a_value_in_two_fragments_names_both_places(self) -> None:
        loaded = read(
            {"1/1/a.yml": "round: 1\nfocus: x\nmetrics: {t: 1}\n", "1/1/b.yml": "focus: x\nmetrics:\n  t: 2\n"}
        )
        base = "data/rounds/1/1"
        assert [str(f) for f in loaded.findings] == [
            f'{base}/b.yml:1:8: {CONFLICT} "focus" is also written at {base}/a.yml:2:8; keep one of the two',
            f'{base}/b.yml:3:6: {CONFLICT} "t" is also written at {base}/a.yml:3:14; keep one of the two',
        ]
        assert loaded.rounds == ()

    def test_a_fault_is_shown_in_the_fragment_that_has_it(self) -> None:
        loaded = read({"1/1/a.yml": "round: 1\nfocus: x\nagents: [{name: a}]\n", "1/1/b.yml": "agents:\n- {nam: b}\n"})
        assert [str(f) for f in loaded.findings] == [
            'data/rounds/1/1/b.yml:2:4: error unknown-key: unknown key "nam"; did you mean "name"?'
        ]

    def test_snake_and_kebab_are_one_key_across_fragments(self) -> None:
        loaded = read({"1/1/a.yml": "round: 1\nfocus: x\nstatus_text: y\n", "1/1/b.yml": "status-text: z\n"})
        assert [f.slug for f in loaded.findings] == ["fragment-conflict"]

    def test_an_empty_value_is_no_conflict(self) -> None:
        loaded = read({"1/1/a.yml": "round: 1\nfocus: x\ntitle:\nagents: ~\n", "1/1/b.yml": "title: z\nagents: [a]\n"})
        assert [str(f) for f in loaded.findings] == []
        assert (loaded.rounds[0].title, len(loaded.rounds[0].agents)) == ("z", 1)


class TestSnakeAndKebabInOneFile:
    def test_the_same_key_in_both_spellings_is_an_error(self) -> None:
        (found,) = faults("round: 1\nfocus: x\nstatus_text: y\nstatus-text: z\n")
        assert found.startswith('4:1: error duplicate-key: duplicate key "status-text"')

    def test_also_deeper(self) -> None:
        (found,) = faults("round: 1\nfocus: x\nagents: [{name: a, status_text: y, status-text: z}]\n")
        assert found.startswith('3:10: error duplicate-key: duplicate key "status-text"')


class TestSettings:
    def test_none_and_an_empty_file_are_the_defaults(self, tmp_path: Path) -> None:
        default, found = load.read_settings(files.in_folder(tmp_path))
        assert found == ()
        for text in (b"", b"# nothing\n", b"~\n"):
            assert load.parse_settings(text, "data/roundbook.yml") == (default, ())

    def test_all_faults_are_told_and_the_defaults_stand_in(self) -> None:
        text = b"status-word: x\nattribution: {carry-forward: perhaps, patterns: ['(']}\nchecks: {a: loud}\n"
        text += b"repositories: {a: {forge: hub}}\n"
        options, found = load.parse_settings(text, "s.yml")
        assert options.attribution.carry_forward is False
        assert [str(f) for f in found] == [
            's.yml:1:1: error unknown-key: unknown key "status-word"; did you mean "status-words"?',
            's.yml:2:30: error wrong-type: expected true or false, found "perhaps"; ' + SEE,
            (
                "s.yml:2:50: error pattern-not-readable: the pattern cannot be read: "
                "missing ), unterminated subpattern at position 0"
            ),
            's.yml:3:13: error value-unknown: unknown value "loud"; write one of off, info, warning, error',
            (f's.yml:4:27: error value-unknown: unknown value "hub"; write one of {", ".join(get_args(ForgeKind))}'),
        ]

    def test_one_wrong_category_is_one_error(self) -> None:
        _, found = load.parse_settings(b"changelog: {types: {feat: aded}}\n", "s.yml")
        assert len(found) == 1

    @pytest.mark.parametrize("text", [b"- a\n", b"text\n"])
    def test_what_is_no_mapping_says_so(self, text: bytes) -> None:
        _, (found,) = load.parse_settings(text, "s.yml")
        assert found.slug == "not-a-mapping"

    def test_status_words_are_found_in_any_spelling(self) -> None:
        options, found = load.parse_settings(b"status-words: {Conditional PASS: partial}\n", "s.yml")
        assert found == ()
        assert options.words() == {"conditional-pass": "partial"}
