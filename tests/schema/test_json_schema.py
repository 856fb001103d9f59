"""Tests of the JSON Schemas: they and `check` agree on every key, their texts are compact, and hovers name the key."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from repository import Repository
from roundbook import schema
from roundbook.cli import cli
from roundbook.project import load
from roundbook.schema.base import Record, kebab, shapes
from roundbook.schema.round import Round
from roundbook.settings import Settings, schema_text
from roundbook.site.api import api
from roundbook.site.links import Publication
from roundbook.yamlfile import reader

SHA = "0123456789abcdef0123456789abcdef01234567"
# Values as a file has them, and as an editor reads them, by YAML 1.2.
WRITTEN: dict[str, Any] = {
    **{
        text: text
        for text in ("x", "two words", "No", "off", "con", "Index.md", "3/4", "3/4/5", "a..b", "a..", "12:30")
    },
    **{text: text for text in ("2026-01-01", "2026-01-01..2026-02-01", "2026-01-01 10:00Z", "2026-13-01", "2026-1-1")},
    **{text: text for text in ("abcdef1", "v1..v2", "done", "complete", "accepted", "pass", "added", "higher", "must")},
    **{
        text: text for text in ("human", "subject", "github", "towncrier", "https://e.example/{id}", "skip", "-x", ".x")
    },
    "4": 4,
    "008": 8,
    "1.50": 1.5,
    "-5": -5,
    "1e3": 1000.0,
    "1234567": 1234567,
    "0": 0,
    "1": 1,
    "2": 2,
    "true": True,
    "": None,
    "~": None,
    "null": None,
    "''": "",
    '"4"': "4",
    f'"{SHA}"': SHA,
    "'~'": "~",
    "'no'": "no",
    "[]": [],
    "[x, 4]": ["x", 4],
    "[~]": [None],
    "[[x]]": [["x"]],
    "[[~, x], ~]": [[None, "x"], None],
    "{}": {},
    "{x-y: [1]}": {"x-y": [1]},
    "{x_y: 1}": {"x_y": 1},
    "{unknown: 1}": {"unknown": 1},
    "{title: x}": {"title": "x"},
    "[{title: x}]": [{"title": "x"}],
    "{text: x}": {"text": "x"},
    "{a: }": {"a": None},
    "{a: x}": {"a": "x"},
    "{a: [x]}": {"a": ["x"]},
    "{a: {value: 1}}": {"a": {"value": 1}},
    "{path: x}": {"path": "x"},
    "{a: done}": {"a": "done"},
    "{a: off}": {"a": "off"},
    "{a: {}}": {"a": {}},
    "{a: {b: c}}": {"a": {"b": "c"}},
}
UNKNOWN_WORDS = {"status-unknown", "decision-status-unknown"}  # only the settings know all words


def records(model: type[Record]) -> dict[str, type[Record]]:
    """Return the records that a file may hold, by their names in `$defs`, itself without a name."""
    found: dict[str, type[Record]] = {"": model}
    work = [model]
    while work:
        for shape in shapes(work.pop()).values():
            if shape.record and shape.record.__name__.lower() not in found:
                found[shape.record.__name__.lower()] = shape.record
                work.append(shape.record)
    return found


def accepted(model: type[Record], text: str) -> bool:
    """Tell whether `check` accepts a record as its file has it, but for words that only the settings know."""
    tree, findings = reader.parse(text.encode(), "x.yml")
    assert not findings, text
    try:
        model.model_validate(tree)
    except ValidationError as error:
        return all(fault["type"] in UNKNOWN_WORDS and fault["input"] for fault in error.errors())
    return True


GOOD = {"at": SHA, "round": "1", "phase": "1", "pattern": "(?P<round>x)"}


def whole(model: type[Record], key: str, value: str, read: Any) -> tuple[str, Any]:
    """Return a record with a key and what it needs besides, as YAML and as an editor reads it."""
    names = [name for name, field in model.model_fields.items() if field.is_required()]
    names += [name for name in model.ANY_OF if kebab(name) != key][:1]
    beside = {kebab(name): GOOD.get(name, "x") for name in names if kebab(name) != key}
    return "".join(f"{k}: {v}\n" for k, v in {**beside, key: value}.items()), {**beside, key: read}


def cases(top: type[Record]) -> Iterator[tuple[str, type[Record], str, Any]]:
    """Yield the values of one key of each type that there is, and what stands for a record."""
    seen: set[tuple[str, bool]] = set()
    for name, model in records(top).items():
        hints = get_type_hints(model, include_extras=True)
        new = {key for key, field in model.model_fields.items() if (repr(hints[key]), field.is_required()) not in seen}
        seen |= {(repr(hints[key]), field.is_required()) for key, field in model.model_fields.items()}
        one = {(repr(hints[key]), model.model_fields[key].is_required()): key for key in sorted(new)}
        for key, (value, read) in itertools.product(map(kebab, one.values()), WRITTEN.items()):
            yield f"{name}.{key}: {value}", model, *whole(model, key, value, read)
        for value, read in WRITTEN.items() if name else ():
            if read is not None:  # which a list leaves out
                yield f"{name}: {value}", model, value, read


def by_nature(label: str) -> bool:
    """Tell whether a schema cannot know what `check` does: the text of a number, a key left empty, what a text means."""
    key, _, value = label.partition(": ")
    read = WRITTEN[value]
    of_commits = key.startswith(("selection", "closed")) or key == ".commits"
    return (
        (isinstance(read, int | float) and (of_commits or key == ".stale-after"))
        or (read is None and key.startswith("selection."))
        or (key.startswith("links.") and "{id}" in value)  # a placeholder of another address
    )


@pytest.fixture(params=[Round, Settings])
def top(request: pytest.FixtureRequest) -> type[Record]:
    found: type[Record] = request.param
    return found


@pytest.fixture
def made(top: type[Record]) -> dict[str, Any]:
    found: dict[str, Any] = schema.schema() if top is Round else json.loads(schema_text())
    return found


def test_e7_schema_and_check_accept_the_same(top: type[Record], made: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(made)
    validators = {
        name: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": made["$defs"]} if name else made)
        for name in records(top)
    }
    differ = {
        label: by_check
        for label, model, text, read in cases(top)
        if (by_check := accepted(model, text)) != validators[re.split("[.:]", label)[0]].is_valid(read)
        and (by_check or not by_nature(label))
    }
    assert differ == {}


def test_e7_every_key_has_its_name_for_the_hover_and_a_description(top: type[Record], made: dict[str, Any]) -> None:
    for node in (made, *made["$defs"].values()):
        for key, said in node.get("properties", {}).items():
            assert said["title"] == key
            assert said["description"]
        if "properties" in node:
            assert node["title"]
            assert node["description"]


def test_e7_a_key_takes_one_line(top: type[Record], made: dict[str, Any]) -> None:
    text = schema.text() if top is Round else schema_text()
    lines = text.splitlines()
    keys = sum(len(node.get("properties", ())) for node in (made, *made["$defs"].values()))
    assert sum('"title": "' in line and '"description": "' in line for line in lines) == keys
    assert len(lines) < 4 * keys
    assert json.loads(text) == made


def test_e7_a_site_has_the_schemas_and_the_command_prints_them(top: type[Record], tmp_path: Path) -> None:
    name, words = ("round", ()) if top is Round else ("settings", ("--settings",))
    text = schema.packaged(name).read_text("utf-8")
    repo = Repository(tmp_path)
    repo.commit("feat: x", {"data/rounds/1/1.yml": "focus: x\n"})
    assert {one.uri: one.text for one in api(load(repo.path), Publication())}[schema.on_site(f"{name}-file")] == text
    assert CliRunner().invoke(cli, ["schema", *words]).output == text
    assert CliRunner().invoke(cli, ["schema", *words, "--path"]).output == f"{schema.packaged(name)}\n"
