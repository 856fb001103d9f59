"""In: a run of the tests. Out: the same surroundings on every machine, `--update`, and skips that may not be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


def required() -> frozenset[str]:
    """Return the names of the markers whose tests may not be skipped in this run."""
    return frozenset(name.strip() for name in os.environ.get("ROUNDBOOK_REQUIRE", "").split(",") if name.strip())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into a failure where `ROUNDBOOK_REQUIRE` names one of its markers."""
    report = yield
    needed = required() & {mark.name for mark in item.iter_markers()}
    if report.skipped and needed and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{reason}: but ROUNDBOOK_REQUIRE says that {', '.join(sorted(needed))} has to be here"
    return report
