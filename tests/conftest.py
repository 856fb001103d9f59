"""Fixtures and options of all tests: the same environment on every machine, `--update`, and forbidden skips."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Collection, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from site_trial import once, run
from skips import refused

# Set before anything of mkdocs is imported: no clock, no advertisement.
os.environ["NO_MKDOCS_2_WARNING"] = "1"
os.environ["SOURCE_DATE_EPOCH"] = "1767254400"
ROOT = Path(__file__).resolve().parents[1]

# The same examples in every run, and no deadline: no test depends on the clock or on how busy the machine is.
settings.register_profile(
    "roundbook", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("roundbook")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write anew what tests/cases and tests/checks/cases expect")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be written instead of compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of this repository."""
    return ROOT


@pytest.fixture(scope="session")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of this repository, once for all workers, and return its folder.

    What the build said is in `build.txt` beside it.
    """

    def make(folder: Path) -> Path:
        made = run(ROOT, "mkdocs", "build", "--site-dir", str(folder / "site"))
        assert made.code == 0, made.output
        (folder / "build.txt").write_text(made.output, "utf-8")
        return folder / "site"

    return once(tmp_path_factory, "own", make)


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from going through what stays until the end."""
    gc.collect()
    gc.freeze()


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why a test or a file of tests was skipped."""
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")


def _judge(report: pytest.TestReport | pytest.CollectReport, marks: Collection[str]) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and (why := refused(reason_of(report), marks, os.environ)):
        report.outcome, report.longrepr = "failed", f"{reason_of(report)}: but {why}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into a failure where it may not be skipped."""
    report = yield
    _judge(report, {mark.name for mark in item.iter_markers()})
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same with a whole file of tests."""
    report = yield
    _judge(report, ())
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name at the end what was skipped and why, so that a green run says what it did not look at."""
    reasons = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", ()))
    told = "; ".join(f"{count} x {reason}" for reason, count in reasons.items())
    terminalreporter.write_line(f"skipped: {sum(reasons.values())}{f' ({told})' if told else ''}")
