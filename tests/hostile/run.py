"""`make test-hostile`: the cases of `cases.yml`, each held or not, by the tests that hold it.

    python tests/hostile/run.py             all
    python tests/hostile/run.py I07 S3      some

Exits with 1 where a case has no test, or a test of it failed, was skipped, or is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).resolve().parents[1]
Cases = Mapping[str, Sequence[str]]


def cases() -> dict[str, list[str]]:
    """Return the cases by id: in words, and the names of their tests."""
    found: dict[str, list[str]] = yaml.safe_load((TESTS / "hostile/cases.yml").read_text("utf-8"))
    return found


def is_of(name: str, item: str) -> bool:
    """Tell whether a test, as `file.py::Class::test[case]`, is meant by a name of the table."""
    file, _, rest = item.partition("::")
    wanted, _, function = name.partition("::")
    head, bracket, case = rest.partition("[")
    called = head.rpartition("::")[2] + bracket + case
    exact = "[" in function or function == "test_s12"
    return fnmatchcase(file, wanted) and (
        called.startswith(function) if exact else called.partition("[")[0] == function
    )


def files(names: Sequence[str]) -> list[str]:
    """Return the files in which tests lie."""
    patterns = dict.fromkeys(name.partition("::")[0] for name in names)
    return sorted({str(path) for pattern in patterns for path in TESTS.glob(pattern)})


class Run:
    """A run of the tests of some names; `outcomes` are how each ended."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if any(is_of(name, _below(item.nodeid)) for name in self.names)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        item = _below(report.nodeid)
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[item] = (
                report.outcome if self.outcomes.get(item, "passed") == "passed" else self.outcomes[item]
            )

    def said(self, names: Sequence[str]) -> str:
        """Return `held`, or why some names are not."""
        ended = {name: {o for item, o in self.outcomes.items() if is_of(name, item)} for name in names}
        wrong = [
            f"{name} {'/'.join(sorted(found)) or 'is not there'}"
            for name, found in ended.items()
            if found != {"passed"}
        ]
        return "; ".join(wrong) or ("held" if names else "no test")


def _below(nodeid: str) -> str:
    return nodeid.removeprefix("tests/")


def run(names: Sequence[str], *more: str) -> Run:
    """Run the tests of some names."""
    made = Run(names)
    pytest.main(["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", *more, *files(names)], [made])
    return made


def main(wanted: Sequence[str]) -> int:
    """Run the tests of the cases, print how each is held, and return the exit code."""
    chosen = {case: row for case, row in cases().items() if not wanted or case in wanted}
    made = run([name for _, *names in chosen.values() for name in names])
    said = {case: made.said(names) for case, (_, *names) in chosen.items()}
    for case, (words, *_) in chosen.items():
        print(f"{case:4} {words:60} {said[case]}")
    held = sum(one == "held" for one in said.values())
    print(f"{held} of {len(said)} cases held, by {len(made.outcomes)} tests")
    return held < len(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
