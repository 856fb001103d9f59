"""What compiled templates depend on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, pass_context

from roundbook.site import context


def test_a_kept_template_shows_what_its_filters_and_tests_do_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be those of a hook, which Jinja would call once, as it compiles a constant."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    text = '{{ "ab"|turned }} {% if "ab" is turned %}yes{% else %}no{% endif %} {{ 1 }}'

    def shown(function: Callable[..., Any]) -> str:
        environment = Environment(loader=DictLoader({"a": text}), autoescape=True)
        context.keep_compiled(environment)
        environment.bytecode_cache = context.CompiledTemplates(str(tmp_path), "%s.jinja")
        environment.filters["turned"] = environment.tests["turned"] = function  # after it, as hooks do
        return environment.get_template("a").render()

    assert shown(str.upper) == "AB yes 1"
    assert shown(lambda word: word[2:]) == " no 1"
    assert shown(pass_context(lambda _, word: word * 2)) == "abab yes 1"
    assert len([*tmp_path.iterdir()]) == 2, "two of three are compiled alike"


def test_no_function_of_ours_runs_while_a_template_is_compiled() -> None:
    """Jinja evaluates constants then. The code of such a function would be another thing that decides on the code."""
    environment = context._environment.__wrapped__()

    def fails(*_: object, **__: object) -> str:
        raise AssertionError

    own = [name for name, one in environment.filters.items() if one.__module__.startswith("roundbook")]
    environment.filters.update(dict.fromkeys(own, fails))
    environment.finalize = fails
    names = environment.list_templates(extensions=["j2"])
    assert own
    assert names
    assert environment.loader
    for name in names:
        source, path, _ = environment.loader.get_source(environment, name)
        environment.compile(source, name, path)
