"""No regular expression takes time that doubles with each character of a text that somebody else wrote."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as code  # type: ignore[import-not-found]  # there is no public syntax tree of an expression
import re._parser as syntax  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest

import roundbook

CHARACTERS = frozenset(map(chr, range(9, 127))) | {"é", "—", "\xa0"}
CATEGORIES = {"SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W", "DIGIT": r"\d", "NOT_DIGIT": r"\D"}
ENDLESS = 1_000  # repetitions
BRANCHES = 200  # combinations of alternatives that are looked at
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT)


class Element(NamedTuple):
    """What a part of an expression accepts, and how often."""

    accepts: frozenset[str]
    least: int
    most: int


def accepted(operator: Any, value: Any) -> frozenset[str]:
    """Return the characters that a part of an expression accepts that stands for one character."""
    if operator is code.LITERAL:
        return frozenset(chr(value))
    if operator is code.NOT_LITERAL:
        return CHARACTERS - {chr(value)}
    if operator is code.ANY:
        return CHARACTERS - {"\n"}
    if operator is code.RANGE:
        return frozenset(one for one in CHARACTERS if value[0] <= ord(one) <= value[1])
    if operator is code.CATEGORY:
        pattern = CATEGORIES[str(value).removeprefix("CATEGORY_")]
        return frozenset(one for one in CHARACTERS if re.match(pattern, one))
    if operator is code.IN:
        found = frozenset[str]().union(*(accepted(*one) for one in value if one[0] is not code.NEGATE))
        return CHARACTERS - found if value[0][0] is code.NEGATE else found
    return frozenset()


def alternatives(parts: Iterable[Any]) -> list[tuple[Element, ...]]:
    """Return the sequences of elements that an expression accepts, without what only looks ahead or behind."""
    found: list[tuple[Element, ...]] = [()]
    for operator, value in parts:
        if operator in REPEATS:
            least, most, inner = value
            inside = alternatives(inner)
            all_ = frozenset[str]().union(*(one.accepts for each in inside for one in each))
            more = [(*(each if least else ()), Element(all_, 0, most)) for each in inside]
            if inner[0][0] is code.ASSERT_NOT:  # `(?:(?!-->).)*` has one end, which follows it
                more = [(Element(all_, 0, 1),)]
            elif all(len(each) == 1 for each in inside):
                more = [(Element(all_, least, most),)]
        elif operator is code.SUBPATTERN:
            more = alternatives(value[3])
        elif operator is code.BRANCH:
            more = [each for one in value[1] for each in alternatives(one)]
        elif operator is code.AT and value in (code.AT_END, code.AT_END_STRING):
            more = [(Element(frozenset(), 1, 1),)]  # it ends here
        else:
            some = accepted(operator, value)
            more = [(Element(some, 1, 1),)] if some else [()]
        found = [(*before, *after) for before in found for after in more][:BRANCHES]
    return found


def doubling(parts: Iterable[Any]) -> Iterator[str]:
    r"""Yield the characters of which a run can be divided in several ways: in `(?:\s*\n)*` those of `\s`.

    A repetition is safe where each turn has a character that cannot be one of the run inside it.
    """
    for operator, value in parts:
        if operator in REPEATS:
            for each in alternatives(value[2]) if value[1] >= ENDLESS else ():
                for at, run in enumerate(each):
                    others = (*each[:at], *each[at + 1 :])
                    if run.most >= ENDLESS and not any(one.least and not one.accepts & run.accepts for one in others):
                        yield "".join(sorted(run.accepts))[:20]
            yield from doubling(value[2])
        elif operator is code.SUBPATTERN:
            yield from doubling(value[3])
        elif operator is code.BRANCH:
            for one in value[1]:
                yield from doubling(one)
        elif operator in (code.ASSERT, code.ASSERT_NOT):
            yield from doubling(value[1])


def expressions(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from (found for one in (*value.keys(), *value.values()) for found in expressions(one))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (found for one in value for found in expressions(one))


def test_no_expression_of_the_package_takes_exponential_time() -> None:
    known: dict[tuple[str, int], str] = {}
    for one in pkgutil.walk_packages(roundbook.__path__, "roundbook."):
        if not one.name.endswith("__main__"):
            module = importlib.import_module(one.name)
            for name, value in vars(module).items():
                for found in expressions(value):
                    pattern = found.pattern if isinstance(found.pattern, str) else found.pattern.decode("latin-1")
                    known.setdefault((pattern, found.flags & ~re.UNICODE), f"{one.name}.{name}")
    assert len(known) > 400
    slow = {
        name: runs for (pattern, flags), name in known.items() if (runs := [*doubling(syntax.parse(pattern, flags))])
    }
    assert slow == {}


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        (r"(?:\s*\n)*-", True),
        (r"(a+)+$", True),
        (r"(?:a|b+)*c", True),
        (r"(?:\w+\s?)*:", True),
        (r"(?:[^\S\n]*\n)*-", False),
        (r"(?:\w+,)*:", False),
        (r"(?:a{1,9})*b", False),
    ],
)
def test_such_an_expression_is_found(pattern: str, slow: bool) -> None:
    assert bool([*doubling(syntax.parse(pattern))]) is slow
