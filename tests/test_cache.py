"""Caches: what is put is found again, and a file that cannot be trusted is as if it were not there."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from roundbook.cache import Cache

ITEMS = {f"key {i}": bytes([i]) * (i * 40) for i in range(60)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of a cache that holds some items."""
    Cache(tmp_path / "cache" / "some.sqlite", "form 1").put(ITEMS)
    return tmp_path / "cache" / "some.sqlite"


def test_what_is_put_is_found_by_another_process_too(path: Path) -> None:
    cache = Cache(path, "form 1")
    assert cache.get([*ITEMS, "other"]) == ITEMS
    cache.put({"key 1": b"new"}, gone=["key 2", "never there"])
    assert Cache(path, "form 1").get(["key 1", "key 2", "key 3"]) == {"key 1": b"new", "key 3": ITEMS["key 3"]}


def test_the_folder_is_ignored_by_git_and_by_backups(path: Path) -> None:
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert (path.parent / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_a_file_of_another_form_is_forgotten(path: Path) -> None:
    cache = Cache(path, "form 2")
    assert cache.get(ITEMS) == {}
    cache.put({"a": b"b"})
    assert cache.get([*ITEMS, "a"]) == {"a": b"b"}
    assert Cache(path, "form 1").get(["a"]) == {}


@pytest.mark.parametrize("seed", range(14))
def test_a_damaged_file_gives_only_what_was_put_and_heals(path: Path, seed: int) -> None:
    """Cut, overwritten or changed in one byte."""
    chance, content = random.Random(seed), bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    damaged = [
        bytes(content[:at]),
        bytes(content[:at]) + chance.randbytes(len(content) - at),
        b"",
        chance.randbytes(5000),
    ]
    for _ in range(chance.randrange(1, 200)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes([*damaged, *3 * [bytes(content)]][seed % 7])
    cache = Cache(path, "form 1")
    for key, value in cache.get(ITEMS).items():
        assert value == ITEMS[key]
    cache.put({"new": b"value"})
    assert set(cache.get(["new"]).values()) <= {b"value"}


def test_a_foreign_database_is_made_anew(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE of_others (a)")
    cache = Cache(path, "form 1")
    assert cache.get(ITEMS) == {}
    cache.put(ITEMS)
    assert cache.get(ITEMS) == ITEMS


def test_a_locked_file_is_passed_over(path: Path) -> None:
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache = Cache(path, "form 1")
        assert cache.get(["key 1"]) == {}
        cache.put({"key 1": b"new"})
        other.execute("COMMIT")
    assert cache.get(["key 1"]) == {"key 1": ITEMS["key 1"]}


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    for cache in (Cache(None, "form"), Cache(tmp_path / "file" / "below" / "x.sqlite", "form")):
        (tmp_path / "file").write_text("no folder")
        cache.put(ITEMS)
        assert cache.get(ITEMS) == {}
