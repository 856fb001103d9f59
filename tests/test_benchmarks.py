"""The benchmarks: ratios of medians, targets met or missed, and results without the names of a machine."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import inputs, plot  # noqa: E402
from benchmarks.__main__ import WHERE  # noqa: E402
from benchmarks.harness import Cost, Side, Target, absolute, ratio, report  # noqa: E402
from benchmarks.load import LOADS, grown  # noqa: E402

TARGET = Target("B9", "a | b", 0.5)
COSTS = [(Cost(1, 2, 10), Cost(4, 2, 10)), (Cost(2, 2, 10), Cost(4, 2, 10)), (Cost(9, 2, 30), Cost(5, 2, 10))]


def test_a_ratio_is_one_of_medians_with_the_range_of_its_runs() -> None:
    found = ratio(TARGET, "ours", "theirs", COSTS)
    assert (found.value, found.low, found.high, found.met) == (0.5, 0.25, 1.8, True)
    assert ratio(TARGET, "ours", "theirs", COSTS, "processor").verdict == "missed by 2.0 ×"


def test_results_name_both_sides_and_no_folder() -> None:
    found = [ratio(TARGET, "ours", "theirs", COSTS), absolute(Target("C9", "start", 80, "ms"), [90, 70, 100], "cold")]
    text = "\n".join(report(found, {"git": "2.39"}, "small"))
    assert "| B9 | a \\| b | 0.5 (0.25–1.8) | 0.5 | met | ours 2 s, theirs 4 s |" in text
    assert "| C9 | start | 90 ms (70–100) | 80 ms | missed by 1.1 × | cold |" in text
    assert "1 of 2 targets met" in text


def test_the_written_results_hold_no_path_of_a_machine() -> None:
    file = ROOT / "benchmarks/results.md"
    assert not file.exists() or not re.search(r"(?<!\w)/\w+/", file.read_text("utf-8"))


def test_a_side_that_fails_ends_the_measurement_with_what_it_said(tmp_path: Path) -> None:
    bad = Side("bad", (sys.executable, "-c", "import sys; sys.exit('no such thing')"), tmp_path)
    with pytest.raises(SystemExit, match="no such thing"):
        bad.run()


def test_the_same_numbers_make_the_same_project(tmp_path: Path) -> None:
    heads = {(inputs.project(tmp_path / name, 3, 12) / ".git/refs/heads/main").read_text() for name in ("one", "other")}
    assert len(heads) == 1


def test_a_plot_has_a_point_for_each_size() -> None:
    made = plot.svg([(10, Cost(1, 1), Cost(0.5, 1)), (20, Cost(2, 2), Cost(0.5, 1))])
    assert made.count("<circle") == 4
    assert made.startswith("<svg ")


def test_each_dimension_of_a_load_is_measured(tmp_path: Path) -> None:
    assert {*" ".join(WHERE).split()} >= {load.id for load in LOADS}
    few = next(load for load in LOADS if load.id == "L3")
    time, memory = grown(few, 4, tmp_path)
    assert time.target.id == memory.target.id == "L3"
    assert "largest page" in time.sides
    assert [*tmp_path.iterdir()] == []
