"""The registry of views: each is a page and a macro."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.errors import Finding, RoundbookError
from roundbook.frozen import frozen
from roundbook.site.links import Here
from roundbook.site.paging import beginning

Show = TypeVar("Show", bound=Callable[..., Markup])
_REGISTRY: dict[str, View] = {}
VIEWS: Mapping[str, View] = MappingProxyType(_REGISTRY)
GIVEN = ("book", "here")


@frozen
class View:
    """A function of the registry with its name."""

    name: str
    function: Callable[..., Markup]

    @property
    def documentation(self) -> str:
        """Return the docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def parameters(self) -> tuple[inspect.Parameter, ...]:
        """Return the parameters that a page writes."""
        return tuple(p for p in inspect.signature(self.function).parameters.values() if p.name not in GIVEN)


def view(function: Show) -> Show:
    """Register a view under its function's name."""
    _REGISTRY[function.__name__] = View(function.__name__, function)
    return function


def show(name: str, book: Book, here: Here, /, *args: Any, **kwargs: Any) -> Markup:
    """Return what a view shows, called with the arguments that a page wrote.

    Raises `RoundbookError` where an argument is unknown, missing or of the wrong kind, or names nothing in this book.
    """
    one = VIEWS[name]
    try:
        bound = inspect.signature(one.function).bind(book, here, *args, **kwargs)
    except TypeError as fault:
        raise complaint("argument-unknown", f"{name}: {fault}", f"it takes {_signature(one)}") from None
    hints = get_type_hints(one.function)
    for parameter, value in bound.arguments.items():
        if parameter not in GIVEN:
            bound.arguments[parameter] = _checked(name, parameter, value, hints[parameter])
    return beginning(one.function(*bound.args, **bound.kwargs), here)


def complaint(slug: str, message: str, fix: str) -> RoundbookError:
    """Return the error for a wrong argument of a macro; the engine that catches it adds the page and the line."""
    return RoundbookError(Finding("warning", slug, message, None, fix))


def _signature(one: View) -> str:
    return f"({', '.join(str(p).replace('typing.', '') for p in one.parameters)})"


def _checked(name: str, parameter: str, value: Any, hint: Any) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise complaint(
                "argument-wrong", f"{name}: {parameter}={value!r}", f"write one of {', '.join(get_args(hint))}"
            )
        return value
    if hint is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, hint) or (hint is int and (isinstance(value, bool) or value < 0)):
        raise complaint(
            "argument-wrong", f"{name}: {parameter}={value!r}", f"write a value of the kind {hint.__name__}"
        )
    return value
