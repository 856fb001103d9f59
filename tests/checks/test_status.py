"""Tests of the checks of status: open items, and records without content."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.rounds import judged, lay, of, shallow, spoken, told
from repository import Repository
from roundbook.checks.status import left_open

AGENTS = ("WASM restructure", "WASM allocator", "CI fixes", "Benchmarks", "Release", "CLI tests", "Criteria", "Notes")
SEED = "agents:\n" + "".join(
    f"  - {{name: {name}, status: in-progress, status-text: In Progress}}\n" for name in AGENTS
)
ROUND_4 = SEED + "metrics:\n  tests: {before: 1048, after: TBD}\n"
ROUND_5 = "status: done\nmetrics:\n  tests: {before: '1,058', after: 1070}\n"
ABSENT = """TBD|tbd|**TBD**|TBD (after CI)|(TBD)|TODO|to-do|pending|still pending|Unknown.|n/a|N/A|NA|?|to be determined
not yet measured|unknown, see the log|tests pending""".replace("\n", "|").split("|")
PRESENT = """1,058|~121|0 pending|3 TODO|no unknown|none pending|a host unknown to the resolver|-||pending-requests|depending
nab|2,075+|all unknown|In Progress|not pending|mastodon""".replace("\n", "|").split("|")
MEND = "write how it ended, or name in `deferred:` the round that takes it up"


class TestStaleStatus:
    def test_all_agents_of_the_seed_are_open_while_the_next_round_is_done(self, tmp_path: Path) -> None:
        results = of(tmp_path, "stale-status", {"3/4": ROUND_4, "3/5": ROUND_5})
        assert spoken(results) == [
            f"data/rounds/3/4.yml:{line}:{22 + len(name)}: warning stale-status: "
            f'agent "{name}" is in-progress: round 3/5, later in its phase, is done; {MEND}'
            for line, name in enumerate(AGENTS, 4)
        ]
        assert results[0].anchor == "agent-wasm-restructure"
        assert told(results, "verified") == []

    def test_every_list_and_the_round_itself_count(self, tmp_path: Path) -> None:
        first = """
            status: blocked
            goals: [{title: A goal, status: partial}]
            tasks: [{title: A task, status: planned}]
            deliverables: [{title: A file, status: in-progress}]
            blockers: [{title: A wall, status: blocked}, {title: Gone, status: blocked, resolved: 2}]
            agents: [{name: Ada, status: done, deliverables: [{title: Her file, status: planned}]}]
        """
        results = of(tmp_path, "stale-status", {"1/1": first, "1/2": "status: done"})
        assert [(v.claim, v.anchor) for v in results] == [
            ("round 1/1 is blocked", ""),
            ('goal "A goal" is partial', "goal-a-goal"),
            ('deliverable "A file" is in-progress', "deliverable-a-file"),
            ('blocker "A wall" is blocked', "blocker-a-wall"),
            ('task "A task" is planned', "task-a-task"),
            ('deliverable "Her file" is planned', "agent-ada"),
        ]

    def test_that_nothing_is_open_is_no_evidence(self, tmp_path: Path) -> None:
        first = "agents: [{name: Ada, status: done}, {name: Bo, status: dropped}]"
        results = of(tmp_path, "stale-status", {"1/1": first, "1/2": "status: done"})
        assert results == ()

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (SEED, "status: in-progress"),
            (SEED, "status: planned"),
            ("tasks: [{title: A, status: deferred}]\ndeferred: [{title: a, to: 1/2}]", "status: done"),
            ("tasks: [{title: A, status: deferred, note: goes to 1/2}]", "status: done"),
            (
                "tasks: [{id: x, title: A, status: deferred}]\ndeferred: [{id: x, title: B, until: Rust 1.87}]",
                "status: done",
            ),
            ("status: deferred\ndeferred: [{title: All of it, to: 1/2}]", "status: done"),
            ("tasks: [{title: Status unknown}]", "status: done"),
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, first: str, second: str) -> None:
        assert spoken(of(tmp_path, "stale-status", {"1/1": first, "1/2": second})) == []

    def test_put_off_without_an_address_is_stale(self, tmp_path: Path) -> None:
        first = "tasks: [{title: A, status: deferred}]\ndeferred: [{title: A}]"
        results = of(tmp_path, "stale-status", {"1/1": first, "1/2": "status: done"})
        assert [v.claim for v in results] == ['task "A" is deferred']

    def test_another_phase_or_repository_makes_nothing_stale(self, tmp_path: Path) -> None:
        rounds = {"1/1": SEED, "2/1": "status: done", "1/2": "status: done\nrepository: other"}
        settings = "repositories:\n  here: {}\n  other: https://example.org/a/b"
        assert of(tmp_path, "stale-status", rounds, settings) == ()

    def test_rounds_of_another_repository_are_judged_by_their_data(self, tmp_path: Path) -> None:
        settings = "repositories:\n  here: {}\n  other: https://example.org/a/b"
        rounds = {"1/1": SEED + "repository: other\n", "1/2": "status: done\nrepository: other"}
        assert len(spoken(of(tmp_path, "stale-status", rounds, settings))) == 8

    def test_a_waiver_silences_one(self, tmp_path: Path) -> None:
        waive = 'waive: [{check: stale-status, target: "WASM alloc", reason: Left to run}]\n'
        results = of(tmp_path, "stale-status", {"3/4": ROUND_4 + waive, "3/5": ROUND_5})
        assert len(spoken(results)) == 7
        assert [v.waived for v in results if v.waived] == ["Left to run"]


class TestCommitsGoOn:
    """An open round without a successor is stale when commits go on for more than `stale-after` days."""

    def project(self, path: Path, day: str, *, text: str = SEED, settings: str = "") -> Repository:
        repo = Repository(path)
        files = lay(path, {"3/4": f"date: 2026-01-01\n{text}"}, settings)
        repo.commit("feat: begin\n\nRound: 3/4", files, date="2026-01-01T12:00:00+01:00")
        repo.commit("chore: go on", {"a.txt": "a\n"}, date=f"{day}T12:00:00+01:00")
        return repo

    def test_it_speaks_with_the_newest_commit(self, tmp_path: Path) -> None:
        repo = self.project(tmp_path, "2026-01-16")
        results = judged(tmp_path, "stale-status")
        assert [(v.outcome, v.commit) for v in results] == [("contradicted", repo.head)] * len(AGENTS)
        evidence = f"commits went on for 15 days after its end, up to {repo.head[:7]} on 2026-01-16"
        assert results[0].evidence == evidence

    def test_it_is_silent_as_long_as_the_settings_allow(self, tmp_path: Path) -> None:
        self.project(tmp_path / "a", "2026-01-15")
        assert judged(tmp_path / "a", "stale-status") == ()
        self.project(tmp_path / "b", "2026-01-16", settings="stale-after: 20")
        assert judged(tmp_path / "b", "stale-status") == ()

    def test_the_rounds_own_commits_move_its_end(self, tmp_path: Path) -> None:
        repo = self.project(tmp_path, "2026-01-10")
        repo.commit("feat: more\n\nRound: 3/4", {"b.txt": "b\n"}, date="2026-01-20T12:00:00+01:00")
        assert judged(tmp_path, "stale-status") == ()

    def test_that_all_ended_is_no_evidence(self, tmp_path: Path) -> None:
        self.project(tmp_path, "2026-02-16", text="agents: [{name: Ada, task: x, status: done}]\n")
        assert judged(tmp_path, "stale-status") == ()

    def test_it_can_be_waived(self, tmp_path: Path) -> None:
        waive = "waive: [{check: stale-status, reason: It runs on}]\n"
        self.project(tmp_path, "2026-02-16", text=SEED + waive)
        assert {v.waived for v in judged(tmp_path, "stale-status")} == {"It runs on"}

    def test_a_cut_history_says_nothing(self, tmp_path: Path) -> None:
        repo = self.project(tmp_path / "whole", "2026-02-16")
        assert judged(shallow(repo), "stale-status") == ()


class TestValueLeftOpen:
    def test_the_tests_of_the_seed_are_left_open_while_a_sibling_knows_them(self, tmp_path: Path) -> None:
        results = of(tmp_path, "value-left-open", {"3/4": ROUND_4, "3/5": ROUND_5})
        assert spoken(results) == [
            (
                "data/rounds/3/4.yml:13:32: warning value-left-open: metric tests is TBD: "
                "round 3/5 came after it and says 1,058 before it; write after: 1,058"
            )
        ]
        assert results[0].anchor == "metrics"

    def test_pending_checks_and_statuses_are_left_open(self, tmp_path: Path) -> None:
        first = """
            checks: [{title: Lint, result: pending}, {title: Types, result: pass}]
            agents:
              - {name: Ada, status: done, status-text: "Done, docs pending"}
              - {name: Bo, status: pending}
        """
        results = of(tmp_path, "value-left-open", {"1/1": first, "1/2": "status: in-progress"})
        assert told(results, "contradicted") == [
            '1/1#check-lint | check "Lint" is pending | round 1/2 came after it',
            '1/1#agent-ada | agent "Ada" is "Done, docs pending" | round 1/2 came after it',
            '1/1#agent-bo | agent "Bo" is "pending" | round 1/2 came after it',
        ]

    def test_an_open_status_that_is_stale_is_told_once(self, tmp_path: Path) -> None:
        rounds = {"1/1": "agents: [{name: Bo, status: pending}]", "1/2": "status: done"}
        assert len(spoken(of(tmp_path, "stale-status", rounds))) == 1
        assert judged(tmp_path, "value-left-open") == ()

    def test_the_newest_round_may_leave_values_open(self, tmp_path: Path) -> None:
        assert of(tmp_path, "value-left-open", {"3/4": ROUND_4}) == ()

    def test_that_no_value_is_open_is_no_evidence(self, tmp_path: Path) -> None:
        first = "metrics: {tests: 960, host: a host that was unknown to the resolver}"
        results = of(tmp_path, "value-left-open", {"1/1": first, "1/2": ""})
        assert results == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "waive: [{check: value-left-open, reason: Never measured}]\n"
        results = of(tmp_path, "value-left-open", {"3/4": ROUND_4 + waive, "3/5": ROUND_5})
        assert spoken(results) == []
        assert results[0].waived == "Never measured"

    @pytest.mark.parametrize("text", ABSENT)
    def test_these_say_that_there_is_no_value(self, text: str) -> None:
        assert left_open(text)

    @pytest.mark.parametrize("text", PRESENT)
    def test_these_are_values(self, text: str) -> None:
        assert not left_open(text)


IDS = "ids: ['T-\\d+']"
TASK = "date: 2026-01-01\ntasks: [{id: T-1, title: A, status: planned}]"


class TestTaskShipped:
    def project(self, tmp_path: Path, *messages: str, task: str = TASK) -> Repository:
        repo = Repository(tmp_path / "repo")
        repo.commit("docs: round 1\n\nRound: 1/1", lay(repo.path, {"1/1": task}, IDS))
        for i, message in enumerate(messages):
            repo.commit(message, {f"{i}.txt": "text\n"})
        return repo

    @pytest.mark.parametrize("message", ["feat: do T-1", "fix(x): mend\n\nThis is T-1.", "fix!: T-1"])
    def test_a_later_commit_names_an_open_task(self, tmp_path: Path, message: str) -> None:
        repo = self.project(tmp_path, message)
        (result,) = judged(repo.path, "task-shipped")
        subject = message.partition("\n")[0]
        assert result.commit == repo.head
        assert spoken((result,)) == [
            (
                f'data/rounds/1/1.yml:4:37: warning task-shipped: task T-1 is planned: "{subject}" names it '
                f"(commit {repo.head[:7]}); write its status: done"
            )
        ]

    @pytest.mark.parametrize(
        "message",
        ["docs: T-1", "feat: T-12", "feat: XT-1", "feat: T-1-b", "plain T-1", "feat: x\n\nRefs: T-1", "feat: T"],
    )
    def test_it_keeps_silent(self, tmp_path: Path, message: str) -> None:
        repo = self.project(tmp_path, message)
        assert judged(repo.path, "task-shipped") == ()

    def test_a_task_that_is_done_or_has_no_such_id_is_not_asked_for(self, tmp_path: Path) -> None:
        task = "tasks: [{id: T-1, title: A, status: done}, {id: other, title: B, status: planned}, {title: T-1}]"
        repo = self.project(tmp_path, "feat: T-1, other", task=task)
        assert judged(repo.path, "task-shipped") == ()

    def test_what_was_reverted_did_not_ship(self, tmp_path: Path) -> None:
        repo = self.project(tmp_path, "feat: do T-1")
        repo.commit(f'Revert "feat: do T-1"\n\nThis reverts commit {repo.head}.', {"0.txt": None})
        assert spoken(judged(repo.path, "task-shipped")) == []

    def test_a_commit_before_the_round_is_not_later(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo")
        repo.commit("feat: T-1 of the year before", {"a.txt": ""})
        repo.commit("docs: round 1\n\nRound: 1/1", lay(repo.path, {"1/1": TASK}, IDS))
        assert spoken(judged(repo.path, "task-shipped")) == []

    def test_without_ids_nothing_is_said(self, tmp_path: Path) -> None:
        repo = self.project(tmp_path, "feat: do T-1")
        (repo.path / "data/roundbook.yml").write_text("")
        assert judged(repo.path, "task-shipped") == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "\nwaive: [{check: task-shipped, target: T-1, reason: Half of it}]"
        repo = self.project(tmp_path, "feat: do T-1", task=TASK + waive)
        assert spoken(judged(repo.path, "task-shipped")) == []

    def test_a_shallow_clone_is_not_checked(self, tmp_path: Path) -> None:
        results = judged(shallow(self.project(tmp_path, "feat: x", "feat: do T-1")), "task-shipped")
        assert [v.outcome for v in results] == ["not-checked"]
        assert spoken(results) == []


class TestRecordEmpty:
    def test_what_says_nothing_is_named(self, tmp_path: Path) -> None:
        first = """
            agents: [Ada, {name: Bo, task: Write}, {name: Cy, status: done}, {task: Read}]
            deliverables:
              - Notes
              - {title: A file, paths: a.txt}
            decisions: [{title: Bare, tags: a}, {title: Told, context: It was asked for}]
        """
        results = of(tmp_path, "record-empty", {"1/1": first})
        assert spoken(results) == [
            f"data/rounds/1/1.yml:{where}: info record-empty: {claim}; say more, or remove it"
            for where, claim in (
                ("3:10", 'agent "Ada": nothing beyond its name is written'),
                ("5:5", 'deliverable "Notes": nothing beyond its name is written'),
                ("7:13", 'decision "Bare": no decision, rationale or context is written'),
            )
        ]

    def test_a_round_that_says_nothing_is_named(self, tmp_path: Path) -> None:
        assert spoken(of(tmp_path, "record-empty", {"1/1": "status: done\nmetrics: {tests: 1}"})) == [
            (
                "data/rounds/1/1.yml:1:1: info record-empty: round 1/1: no agents, goals, decisions, changes, deliverables, "
                "summary or sections; only focus, metrics; write a `summary:` or what was made"
            )
        ]

    @pytest.mark.parametrize("text", ["status: planned", "status: dropped", "summary: It went well", "notes: One"])
    def test_it_keeps_silent(self, tmp_path: Path, text: str) -> None:
        assert spoken(of(tmp_path, "record-empty", {"1/1": text})) == []

    def test_that_a_round_says_something_is_no_evidence(self, tmp_path: Path) -> None:
        results = of(tmp_path, "record-empty", {"1/1": "agents: [{name: Ada, task: Write}, {task: Read}]"})
        assert results == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        text = "agents: Ada\nwaive: [{check: record-empty, target: Ada, reason: She listened}]"
        assert spoken(of(tmp_path, "record-empty", {"1/1": text})) == []
