"""In: classes of values. Out: proof that `frozen` makes of them what the standard decorator makes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from roundbook.frozen import frozen

PACKAGE = Path(__file__).resolve().parents[1] / "hooks" / "roundbook"
Decorator = Callable[[type[Any]], type[Any]]


def classes(decorate: Decorator) -> tuple[type[Any], ...]:
    """Return classes of all forms, made by a decorator."""

    class Empty:
        pass

    class One:
        a: int

    class Many:
        a: int
        b: tuple[str, ...] = ()
        c: dict[str, int] = field(default_factory=dict)
        d: int = field(default=0, compare=False)
        e: list[int] = field(default_factory=list, repr=False)

    class Derived:
        a: int
        b: str = "b"
        double: int = field(init=False)
        fresh: list[int] = field(init=False, default_factory=list)

        def __post_init__(self) -> None:
            object.__setattr__(self, "double", self.a * 2)

        def __str__(self) -> str:
            return f"{self.a}!"

    class Same:
        a: int
        __eq__, __hash__ = object.__eq__, object.__hash__

    return tuple(decorate(one) for one in (Empty, One, Many, Derived, Same))


OURS, STANDARD = classes(frozen), classes(dataclass(frozen=True, slots=True))
WORDS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((1,), {}),
    ((), {"a": 1}),
    ((2,), {}),
    ((1, ("x",)), {}),
    ((1,), {"c": {"k": 1}, "d": 3}),
    ((1,), {"e": [4]}),
    ((1,), {"d": 4}),
    ((1,), {"nothing": 1}),
    ((1, 2, 3, 4, 5, 6), {}),
]


def made(cls: type[Any]) -> list[Any]:
    """Return a value of a class for each of the words, and the kind of the error where they do not fit."""

    def one(words: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return cls(*words, **named)
        except TypeError:
            return None

    return [one(*words) for words in WORDS]


def hashes(value: object) -> bool:
    try:
        return hash(value) == hash(value)
    except TypeError:
        return False


@pytest.mark.parametrize(("ours", "standard"), [*zip(OURS, STANDARD, strict=True)], ids=lambda cls: cls.__name__)
def test_values_are_those_of_a_frozen_dataclass(ours: type[Any], standard: type[Any]) -> None:
    here, there = made(ours), made(standard)
    assert [value is None for value in here] == [value is None for value in there]
    mine, theirs = ([one for one in found if one is not None] for found in (here, there))
    assert mine
    if "object" not in repr(theirs[0]):
        assert list(map(repr, mine)) == list(map(repr, theirs))
    assert [a == b for a in mine for b in mine] == [a == b for a in theirs for b in theirs]
    assert list(map(hashes, mine)) == list(map(hashes, theirs))
    assert not any(a == b for a in mine for b in theirs)
    assert [copy(one) == deepcopy(one) == one for one in mine] == [copy(one) == one for one in theirs]
    assert [one.name for one in fields(ours)] == [one.name for one in fields(standard)]
    assert ours.__match_args__ == standard.__match_args__
    assert len({id(one.fresh) for one in mine if hasattr(one, "fresh")}) in (0, len(mine))
    assert not hasattr(mine[0], "__dict__")


def test_a_value_cannot_be_changed_but_replaced() -> None:
    many = OURS[2](1)
    for name in ("a", "z"):
        with pytest.raises(FrozenInstanceError):
            setattr(many, name, 2)
    with pytest.raises(FrozenInstanceError):
        del many.a
    assert (many.a, replace(many, a=3).a) == (1, 3)


def test_a_class_with_a_cached_property_keeps_it_and_classes_below_it_too() -> None:
    asked: list[int] = []

    @frozen
    class Base:
        a: int

        @cached_property
        def squared(self) -> int:
            asked.append(self.a)
            return self.a**2

    @frozen
    class Below(Base):
        b: int = 2

    value = Below(3)
    assert [value.squared, value.squared, Base(4).squared, (value.a, value.b)] == [9, 9, 16, (3, 2)]
    assert asked == [3, 4]


def test_all_classes_of_values_are_made_by_it() -> None:
    others = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node).startswith(("dataclass(frozen=", "dataclasses.dataclass("))
    ]
    assert others == []
