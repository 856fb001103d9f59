"""Tests that any book survives being written to files and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.rounds import load
from roundbook.schema.base import Record, kebab
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.items import Closed
from roundbook.schema.round import Round
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES
from roundbook.site.prose import block, inline
from roundbook.yamlfile.reader import record_at

ROOT = Path(__file__).resolve().parents[2]
# What a file may hold: no control characters, nothing that hides or reorders, no halves of pairs.
plain = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")), min_size=1, max_size=20
)
tricky = st.sampled_from(
    [
        "~",
        "null",
        "NO",
        "0.10",
        "008",
        "12:28",
        "1e3",
        "- x",
        "a: b",
        "# x",
        "[x",
        "{",
        "'",
        '"',
        "|",
        ">",
        "!x",
        "&x",
        "*x",
        "%",
        "@",
        "`",
        " x ",
        "a\nb\n",
        "\tx",
    ]
)
texts = st.one_of(plain, tricky)
dates = st.sampled_from(["2026-02-17", "2026-02-17..2026-02-18", "2026-02-17T10:00Z..2026-02-18T11:30+05:30"])
_TAKEN = {"con", "prn", "aux", "nul", "index", "readme", "phase", "assets", "search", "sitemap", "404"}
_TAKEN |= {f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)}
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,8}", fullmatch=True).map(lambda text: _free(text))


def _free(text: str) -> str:
    return f"{text}1" if text.casefold() in _TAKEN or not text[-1:].isalnum() else text


selections = st.one_of(
    st.from_regex(r"[0-9a-f]{7,12}", fullmatch=True).map(lambda text: {"id": text}),
    st.fixed_dictionaries({"from": st.just("v1.0"), "to": st.just("HEAD~0".replace("~0", ""))}),
    st.fixed_dictionaries({"since": st.just("2026-02-17"), "paths": st.lists(texts, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"tag": st.just("v1.0")}),
)
whole_ids = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
WHOLE_IDS = {(Closed, "at"), (Closed, "commits")}


def values(record: type[Record], name: str, depth: int) -> st.SearchStrategy[Any]:
    """Return what a field may hold, found by its type; lists and mappings of records go two steps down."""
    field = record.model_fields[name]
    kind = str(field.annotation)
    within = record_at(record, (kebab(name),))
    one: st.SearchStrategy[Any] = whole_ids if (record, name) in WHOLE_IDS else texts
    if name in ("id", "round", "phase", "was"):
        one = ids
    elif "Selection" in kind:
        one = selections
    elif "When" in kind:
        one = dates
    elif words := [
        w for part in (field.annotation, *get_args(field.annotation)) for w in get_args(part) if isinstance(w, str)
    ]:
        one = st.sampled_from(words)
    elif name == "status":
        one = st.sampled_from(DECISION_STATUSES if record is DecisionRecord else STATUSES)
    elif "bool" in kind:
        one = st.booleans()
    elif within:
        one = records(within, depth - 1)
    if "dict[" in kind:
        return st.dictionaries(plain.filter(lambda text: not text.startswith("x-")), one, max_size=2)
    if name == "rows":
        return st.lists(st.lists(texts, max_size=2), max_size=2)
    return st.lists(one, max_size=2) if "tuple[" in kind else one


def records(record: type[Record], depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings of which a record can be made."""
    needed = {n for n, f in record.model_fields.items() if f.is_required()} | set(record.ANY_OF[:1])
    chosen = {n for n in record.model_fields if n in needed or record_at(record, (kebab(n),)) is None or depth > 0}
    mandatory = {kebab(n): values(record, n, depth) for n in chosen & needed}
    optional = {kebab(n): values(record, n, depth) for n in sorted(chosen - needed - {"from_"})}
    return st.fixed_dictionaries(mandatory, optional=optional)


def written(record: Record) -> str:
    """Return a record as YAML, as a program would write it: every text in quotes."""
    return json.dumps(
        record.model_dump(mode="json", by_alias=True, exclude_defaults=True), indent=1, ensure_ascii=False
    )


class TestRoundTrip:
    @settings(max_examples=60)
    @given(records(Round))
    def test_what_is_written_is_read_as_it_was(self, keys: dict[str, Any]) -> None:
        record = Round.model_validate(keys)
        path = f"data/rounds/{record.phase}/{record.round}.yml"
        loaded = load.parse({path: written(record).encode()})
        assert [str(f) for f in loaded.findings] == []
        assert loaded.rounds[0].model_dump() == record.model_dump()

    @settings(max_examples=30)
    @given(records(DecisionRecord))
    def test_also_by_another_writer_of_yaml(self, keys: dict[str, Any]) -> None:
        keys = {"round": "1", "phase": "p", "focus": "x", "decisions": [keys]}
        record = Round.model_validate(keys)
        dumped = record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        text = yaml.safe_dump(dumped, allow_unicode=False, default_style='"')
        loaded = load.parse({"data/rounds/p/1.yml": text.encode()})
        assert [str(f) for f in loaded.findings] == []
        assert loaded.rounds[0].model_dump() == record.model_dump()

    @pytest.mark.parametrize(
        "path",
        sorted(p for p in (ROOT / "data/rounds").glob("*/*") if p.suffix == ".yml" or p.is_dir()),
        ids=lambda p: p.relative_to(ROOT).as_posix(),
    )
    def test_the_files_of_this_project_survive_it(self, path: Path) -> None:
        files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
        loaded = load.parse({file.relative_to(ROOT).as_posix(): file.read_bytes() for file in files})
        assert [str(f) for f in loaded.findings] == []
        record = next(iter((*loaded.rounds, *loaded.phases)))
        again = load.parse({path.relative_to(ROOT).with_suffix(".yml").as_posix(): written(record).encode()})
        assert (*again.rounds, *again.phases)[0].model_dump() == record.model_dump()


class TestRobustness:
    @settings(max_examples=300)
    @given(st.binary(max_size=80))
    def test_any_bytes_are_a_record_or_a_fault(self, data: bytes) -> None:
        loaded = load.parse({"data/rounds/1/1.yml": data})
        assert loaded.rounds or loaded.findings

    @settings(max_examples=200)
    @given(st.data())
    def test_any_mutation_of_a_good_file_is_a_record_or_a_fault(self, data: st.DataObject) -> None:
        text = (ROOT / "data/rounds/3/4.yml").read_text("utf-8")[:1500]
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + 30)))
        new = data.draw(st.text(alphabet="\n :-[]{}#&*!|>'\"%@`~,?\taZ0\u00e9\u202e", max_size=6))
        loaded = load.parse({"data/rounds/3/4.yml": (text[:start] + new + text[stop:]).encode()})
        assert loaded.rounds or [f for f in loaded.findings if f.severity == "error"]
        assert all("\n" not in str(f) for f in loaded.findings)

    @settings(max_examples=100)
    @given(texts)
    def test_any_text_can_be_shown(self, text: str) -> None:
        assert isinstance(str(block(text) + inline(text)), str)
