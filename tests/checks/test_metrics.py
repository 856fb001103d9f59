"""Tests of the checks of metrics: numbers that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.rounds import judged, of, spoken, told


def metric(text: str) -> str:
    return f"metrics:\n  tests: {{{text}}}\n"


class TestContinuity:
    def test_a_value_before_that_the_round_before_did_not_end_with(self, tmp_path: Path) -> None:
        rounds = {"3/4": metric("after: '1,048'"), "3/5": metric("before: '1,058', after: 1070")}
        results = of(tmp_path, "metric-continuity", rounds)
        assert spoken(results) == [
            (
                "data/rounds/3/5.yml:4:19: warning metric-continuity: metric tests was 1,058 before round 3/5: "
                "round 3/4 ends with 1,048; write before: 1,048, or say in `how` what was counted"
            )
        ]
        assert (results[0].round, results[0].anchor) == ("3/5", "metrics")

    @pytest.mark.parametrize(
        ("after", "before"),
        [
            ("after: 1048", "before: '1,048'"),
            ("value: ~121", "before: ~121"),
            ("after: 1048, how: cargo test", "before: 1048"),
            ("after: 3.50, unit: ms", "before: 3.5, unit: MS"),
        ],
    )
    def test_the_same_value_holds(self, tmp_path: Path, after: str, before: str) -> None:
        results = of(tmp_path, "metric-continuity", {"1/1": metric(after), "1/2": metric(before)})
        assert [v.outcome for v in results] == ["verified"]

    @pytest.mark.parametrize(
        ("after", "before", "why"),
        [
            ("after: TBD", "before: 1058", "ends with TBD, and a value that is still open is not compared"),
            ("after: ~121", "before: 121", "ends with ~121, and one of the two is not a number"),
            ("after: 5, unit: s", "before: 5, unit: ms", "ends with 5, measured differently (ms and s)"),
            ("after: 9, how: a", "before: 8, how: b", "ends with 9, measured differently (b and a)"),
            ("after: 9, how: a", "before: 8", "ends with 9, perhaps measured differently"),
            ("target: 9", "before: 8", "does not say"),
        ],
    )
    def test_what_cannot_be_compared_is_not_checked(self, tmp_path: Path, after: str, before: str, why: str) -> None:
        results = of(tmp_path, "metric-continuity", {"1/1": metric(after), "1/2": metric(before)})
        assert told(results, "not-checked") == [
            f"1/2#metrics | metric tests was {before[8:].partition(',')[0]} before round 1/2 | round 1/1 {why}"
        ]

    def test_the_first_round_and_a_value_that_is_not_written_are_silent(self, tmp_path: Path) -> None:
        assert (
            of(tmp_path, "metric-continuity", {"1/1": metric("before: 4, after: 5"), "1/2": metric("after: 9")}) == ()
        )

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "waive: [{check: metric-continuity, reason: Counted anew}]"
        rounds = {"1/1": metric("after: 5"), "1/2": metric("before: 4") + waive}
        assert [v.waived for v in of(tmp_path, "metric-continuity", rounds)] == ["Counted anew"]


class TestConflict:
    def test_a_row_of_another_round_against_the_rounds_own_file(self, tmp_path: Path) -> None:
        rounds = {"3/3": metric("after: 1048"), "3/4": "history:\n  - {round: 3, tests-after: '1,047'}\n"}
        results = of(tmp_path, "metric-conflict", rounds)
        assert spoken(results) == [
            (
                "data/rounds/3/4.yml:4:29: warning metric-conflict: round 3/3 ended with 1,047 tests: "
                "round 3/3 itself says 1048 (data/rounds/3/3.yml:4:18); write 1048, or correct the other"
            )
        ]
        assert (results[0].round, results[0].anchor) == ("3/4", "previous-rounds")

    def test_two_rows_that_name_a_round_without_a_file(self, tmp_path: Path) -> None:
        rounds = {
            n: f"history: [{{round: {r}, tests-after: {v}}}]" for n, r, v in (("3/3", 1, 960), ("3/4", "3/1", 961))
        }
        assert told(of(tmp_path, "metric-conflict", rounds), "contradicted") == [
            (
                "3/4#previous-rounds | round 3/1 ended with 961 tests | "
                "a row of round 3/3 says 960 (data/rounds/3/3.yml:3:35)"
            )
        ]

    def test_the_same_value_holds_and_an_open_one_is_not_compared(self, tmp_path: Path) -> None:
        history = (
            "history: [{round: 3, tests-after: '1,048'}, {round: 4, tests-after: TBD}, {round: 9, tests-after: 1}]"
        )
        rounds = {"3/3": metric("after: 1048"), "3/4": metric("after: TBD") + history}
        results = of(tmp_path, "metric-conflict", rounds)
        assert [(v.outcome, v.claim) for v in results] == [
            ("verified", "round 3/3 ended with 1,048 tests"),
            ("not-checked", "round 3/4 ended with TBD tests"),
        ]

    def test_the_phase_against_its_last_round(self, tmp_path: Path) -> None:
        rounds = {
            "3/1": metric("after: 960"),
            "3/2": metric("after: 1029"),
            "3/3": "",
            "3/phase": metric("after: 1030"),
        }
        assert spoken(of(tmp_path, "metric-conflict", rounds)) == [
            (
                "data/rounds/3/phase.yml:2:18: warning metric-conflict: metric tests of phase 3 is 1030: "
                "round 3/2, the last that has it, says 1029; write 1029, or correct the round"
            )
        ]

    @pytest.mark.parametrize(("text", "outcome"), [("after: '1,029'", "verified"), ("after: 1989", "verified")])
    def test_a_phase_may_say_the_last_value_or_the_sum(self, tmp_path: Path, text: str, outcome: str) -> None:
        rounds = {"3/1": metric("after: 960"), "3/2": metric("after: 1029"), "3/phase": metric(text)}
        assert [v.outcome for v in of(tmp_path, "metric-conflict", rounds)] == [outcome]

    def test_a_phase_that_measures_otherwise_is_not_checked(self, tmp_path: Path) -> None:
        rounds = {"3/1": metric("after: 9, how: cargo test"), "3/phase": metric("after: 8, how: by hand")}
        assert [v.outcome for v in of(tmp_path, "metric-conflict", rounds)] == ["not-checked"]

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "\nwaive: [{check: metric-conflict, reason: As it was counted then}]"
        rounds = {"3/3": metric("after: 8"), "3/4": "history: [{round: 3, tests-after: 7}]" + waive}
        assert spoken(of(tmp_path, "metric-conflict", rounds)) == []


class TestRegression:
    def test_a_metric_that_got_worse(self, tmp_path: Path) -> None:
        rounds = {"1/1": metric("after: 1048"), "1/2": metric("after: 1040, better: higher")}
        assert spoken(of(tmp_path, "metric-regression", rounds)) == [
            (
                "data/rounds/1/2.yml:4:18: warning metric-regression: metric tests is 1040 (higher is better): "
                "round 1/1 has 1048, so it got worse by 8 (0.8 %), and nothing is allowed; "
                "give the reason in `waive:`, or change the threshold"
            )
        ]

    @pytest.mark.parametrize(
        ("after", "outcome", "evidence"),
        [
            ("106", "contradicted", "round 1/1 has 100, so it got worse by 6 (6.0 %), and 5 % are allowed"),
            ("~90", "not-checked", "round 1/1 has 100, and one of the two is not a number"),
        ],
    )
    def test_the_threshold_of_the_settings(self, tmp_path: Path, after: str, outcome: str, evidence: str) -> None:
        settings = "metrics:\n  tests: {better: lower, percent: 5%}"
        rounds = {"1/1": metric("after: 100"), "1/2": metric(f"after: {after}")}
        results = of(tmp_path, "metric-regression", rounds, settings)
        assert [(v.outcome, v.evidence) for v in results] == [(outcome, evidence)]

    @pytest.mark.parametrize("after", ["104", "105", "90"])
    def test_that_it_got_no_worse_is_no_evidence(self, tmp_path: Path, after: str) -> None:
        settings = "metrics:\n  tests: {better: lower, percent: 5%}"
        rounds = {"1/1": metric("after: 100"), "1/2": metric(f"after: {after}")}
        assert of(tmp_path, "metric-regression", rounds, settings) == ()

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("after: 9", "after: 8"),
            ("value: 9, unit: s", "value: 8, unit: ms, better: higher"),
            ("value: 9, how: a", "value: 8, how: b, better: higher"),
            ("value: 9", "target: 8, better: higher"),
            ("value: 7", "before: 7, value: 8, better: higher"),
            ("target: 7", "value: 8, better: higher"),
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, first: str, second: str) -> None:
        assert spoken(of(tmp_path, "metric-regression", {"1/1": metric(first), "1/2": metric(second)})) == []

    @pytest.mark.parametrize(
        ("text", "outcome"),
        [
            ("value: 8, target: 9, better: higher", "contradicted"),
            ("value: 9, target: 9, better: higher", "verified"),
            ("value: 9, target: '>= 9', better: higher", "verified"),
            ("value: 5, target: < 5 MB, unit: MB, better: lower", "contradicted"),
            ("value: 4.6, target: < 5 MB, unit: MB, better: lower", "verified"),
            ("value: 4.6, target: 5 s, unit: MB, better: lower", "not-checked"),
            ("value: 4.6, target: quick, better: lower", "not-checked"),
        ],
    )
    def test_the_target_of_a_closed_round(self, tmp_path: Path, text: str, outcome: str) -> None:
        results = of(tmp_path, "metric-regression", {"1/1": "status: done\n" + metric(text)})
        assert [v.outcome for v in results] == [outcome]

    def test_the_target_of_an_open_round_is_not_yet_due(self, tmp_path: Path) -> None:
        text = "status: in-progress\n" + metric("value: 8, target: 9, better: higher")
        assert of(tmp_path, "metric-regression", {"1/1": text}) == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "waive: [{check: metric-regression, target: tests, reason: Tests were joined}]"
        rounds = {"1/1": metric("after: 9"), "1/2": metric("after: 8, better: higher") + waive}
        assert spoken(of(tmp_path, "metric-regression", rounds)) == []


def table(*rows: str, columns: str = "Crate, Tests, Time") -> str:
    return f"tables:\n  - title: Tests\n    columns: [{columns}]\n    rows:\n" + "".join(
        f"      - [{r}]\n" for r in rows
    )


class TestSum:
    def test_a_total_that_is_not_the_sum(self, tmp_path: Path) -> None:
        results = of(
            tmp_path, "sum-mismatch", {"1/1": table("core, 1040, 3.5", "cli, 18, 1", "'**Total**', '1,060', 4.5")}
        )
        assert spoken(results) == [
            (
                'data/rounds/1/1.yml:9:9: warning sum-mismatch: "Total" of "Tests" is 1,060: '
                "its 2 rows add up to 1058; write 1058"
            )
        ]
        assert told(results, "verified") == ['1/1#table-tests | "Total" of "Time" is 4.5 | its 2 rows add up to 4.5']

    @pytest.mark.parametrize(
        "text",
        [
            table("a, 1, 2", "b, 3, 4"),
            table("a, 1, 2", "All platforms, 9, 9"),
            table("a, 1, 2", "Totally new, 9, 9"),
            table("a, 1, x", "Total, 1, 9"),
            table("a, 1, 2", "Total, '', '-'"),
            table("a, 33.3", "b, 33.3", "c, 33.3", "Total, 100"),
            table("a, 1", "Subtotal, 1", "b, 2", "Total, 3"),
            table("a, 80, 2", "b, 90, 2", "Total, 85, 4", columns="Crate, Coverage, Tests"),
            table("a, 80", "b, 90", "Total, 85", columns="Crate, '%'"),
            table("a, 80, 70", "b, 90", "Total, '', 70"),
            table("Total, 85"),
            "tables: [{title: Empty}]",
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, text: str) -> None:
        assert spoken(of(tmp_path, "sum-mismatch", {"1/1": text})) == []

    def test_a_difference_that_is_not_the_one(self, tmp_path: Path) -> None:
        text = metric("before: '1,029', after: '1,048', result: '+18'")
        assert spoken(of(tmp_path, "sum-mismatch", {"1/1": text})) == [
            (
                "data/rounds/1/1.yml:4:52: warning sum-mismatch: metric tests changed by +18: "
                "1048 − 1029 = 19; write result: +19"
            )
        ]

    @pytest.mark.parametrize(
        ("text", "outcomes"),
        [
            ("before: 1029, after: 1048, result: '+19'", ["verified"]),
            ("before: 5, after: 2, result: −3 ms, unit: ms", ["verified"]),
            ("before: 5, after: 2, result: '-60%'", []),
            ("before: 5, after: 2, result: '3'", []),
            ("before: 5, after: 2, result: pass", []),
            ("after: 2, result: '+9'", []),
            ("before: ~5, after: 2, result: '+9'", []),
        ],
    )
    def test_only_a_signed_number_is_a_difference(self, tmp_path: Path, text: str, outcomes: list[str]) -> None:
        assert [v.outcome for v in of(tmp_path, "sum-mismatch", {"1/1": metric(text)})] == outcomes

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        waive = "waive: [{check: sum-mismatch, target: Total, reason: One test runs twice}]"
        assert spoken(of(tmp_path, "sum-mismatch", {"1/1": table("a, 1", "Total, 2") + waive})) == []
        assert len(judged(tmp_path, "sum-mismatch")) == 1
