"""Parsed round files kept from one run to the next: what is read back equals what was parsed, and is trusted no further."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import case
from repository import Repository
from roundbook.book.model import Book
from roundbook.cache import Cache
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.rounds import parsed
from roundbook.rounds.load import LoadedRounds
from roundbook.rounds.parsed import SPARE, Outlines, ParsedFiles
from roundbook.schema.statuses import word
from roundbook.site.api import dump
from roundbook.yamlfile.reader import Outline
from test_every_key import FILES

BASE = "data/rounds"
ROUND = "round: 1\nfocus: Work\ndate: 2026-01-02..2026-01-03\n"
ROUND += "goals: [{title: Go, id: go}]\nmetrics: {tests: 4}\nx-more: {a: [1, ~]}\n"


def told(book: Book) -> str:
    return "\n".join((*map(str, book.findings), json.dumps(dump(book))))


def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every file that is parsed from here on fail the test."""
    monkeypatch.setattr(rounds_load, "_record", lambda *_: pytest.fail("a file was parsed"))
    monkeypatch.setattr(parsed, "outline", lambda _: pytest.fail("a version was parsed"))


@pytest.mark.parametrize("name", case.names())
def test_a_book_of_kept_files_says_what_one_of_parsed_files_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings with their places and all."""
    root, folder = case.build(name, tmp_path), tmp_path / "cache"
    cold = load(root)
    assert load(root, cache=folder) == cold
    no_parser(monkeypatch)
    warm = load(root, cache=folder)
    assert warm == cold
    assert told(warm) == told(cold)


def read(contents: Mapping[str, str], folder: Path | None, words: Mapping[str, Any] | None = None) -> LoadedRounds:
    files = {f"{BASE}/{path}": text.encode() for path, text in contents.items()}
    return rounds_load.parse(files, BASE, words, kept=ParsedFiles(folder))


@pytest.mark.parametrize(
    "files",
    [
        {path.removeprefix(f"{BASE}/"): text for path, text in FILES.items() if path.startswith(BASE)},
        {
            "1/1.yml": ROUND,
            "1/2.yml": "focus: [\n",
            "1/3.yml": "",
            "1/4.yml": "fokus: a\n",
            "1/phase.yml": "title: One\n",
        },
        {
            "1/1/round.yml": "round: 1\nfocus: Work\n",
            "1/1/ada.yml": "agents: [Ada]\n",
            "1/2/a.yml": "round: 2\nfocus: a\n",
            "1/2/b.yml": "focus: b\n",
        },
    ],
    ids=["every key", "faults", "fragments"],
)
def test_what_is_read_back_is_what_was_parsed(
    files: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = read(files, tmp_path)
    no_parser(monkeypatch)
    warm = read(files, tmp_path)
    assert warm == cold == read(files, tmp_path)
    for one, other in zip((*warm.rounds, *warm.phases), (*cold.rounds, *cold.phases), strict=True):
        assert (repr(one), one.model_fields_set, [*one.__dict__]) == (
            repr(other),
            other.model_fields_set,
            [*other.__dict__],
        )
        assert one.model_dump_json() == other.model_dump_json()
        assert [one.place_of(name) for name in type(one).model_fields] == [
            other.place_of(name) for name in type(other).model_fields
        ]


def test_other_words_of_the_settings_or_another_path_are_another_file(tmp_path: Path) -> None:
    files = {"1/1.yml": "round: 1\nfocus: a\nstatus: ready\n"}
    assert not read(files, tmp_path).rounds
    assert read(files, tmp_path, {word("ready"): "done"}).rounds[0].status == "done"
    assert read({"2/1.yml": "round: 1\nfocus: a\n"}, tmp_path).rounds[0].phase == "2"
    assert read({"1/1.yml": "round: 1\nfocus: a\n"}, tmp_path).rounds[0].phase == "1"


def forged(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def made(text: bytes) -> bytes:
        whole = json.loads(text)
        change(whole)
        return json.dumps(whole).encode()

    return made


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: b"",
        lambda _: b"[]",
        lambda text: text[:-20],
        forged(lambda whole: whole.__setitem__(0, "settings")),
        forged(lambda whole: whole[1][0].__setitem__("round", "../../x")),
        forged(lambda whole: whole[1][0].__setitem__("was", ["1/../x"])),
        forged(lambda whole: whole[1][0]["goals"][0][0].__setitem__("id", 'x" onclick="')),
        forged(lambda whole: whole[1][0].__setitem__("other", "x")),
        forged(lambda whole: whole[1][0].pop("phase")),
        forged(lambda whole: whole[1][0].__setitem__("date", "tomorrow")),
        forged(lambda whole: whole[1][0].__setitem__("goals", "x")),
        forged(lambda whole: whole[1].__setitem__(1, [7, 1, 1])),
    ],
)
def test_what_was_not_put_there_is_parsed_again(forge: Callable[[bytes], bytes], tmp_path: Path) -> None:
    cold = read({"1/1.yml": ROUND}, tmp_path)
    assert cold.rounds
    cache = ParsedFiles(tmp_path)._cache
    (key,) = cache.keys()
    cache.put({key: forge(cache.get([key])[key])})
    assert read({"1/1.yml": ROUND}, tmp_path) == cold


def test_a_repository_that_brings_a_cache_is_not_believed(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "project")
    folder = repo.path / ".cache/roundbook"
    repo.write({"data/rounds/1/1.yml": "round: 1\nfocus: true\n"})
    load(repo.path, cache=folder)
    (path,) = folder.glob("rounds.*")
    cache = ParsedFiles(folder)._cache
    cache.put({key: text.replace(b'"true"', b'"lies"') for key, text in cache.get(cache.keys()).items()})
    assert load(repo.path, cache=folder).rounds["1/1"].round.focus == "lies"  # else the test would say nothing
    repo.git("add", "--force", str(path))
    repo.commit("feat: bring it", {"a.txt": "a\n"})
    assert load(repo.path, cache=folder).rounds["1/1"].round.focus == "true"


def test_what_no_file_says_any_more_is_forgotten(tmp_path: Path) -> None:
    for number in range(SPARE + 20):
        read({"1/1.yml": f"round: 1\nfocus: a{number}\n", "1/2.yml": "round: 2\nfocus: b\n"}, tmp_path)
    kept = ParsedFiles(tmp_path)._cache
    assert isinstance(kept, Cache)
    assert 2 <= len(kept.keys()) <= SPARE + 8


def test_versions_are_kept_by_their_content_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsed, "MOST_VERSIONS", 3)
    texts = (b"a: 1\nb: [x, ~]\n", b"", b"a: [\n", b"c: {d: \xc3\xa9}\n", b"- e\n")
    made = []
    for text in texts:
        outlines = Outlines(tmp_path)
        made.append(outlines.read(text))
        assert outlines.read(text) == made[-1]
        outlines.save()
    assert made == [{"a": "1", "b": ["x", None]}, None, None, {"c": {"d": "é"}}, ["e"]]
    cache = Outlines(tmp_path)._cache
    assert 1 <= len(cache.keys()) <= 3
    cache.put(dict.fromkeys(cache.keys(), b"{"))
    assert [Outlines(tmp_path).read(text) for text in texts] == made


def test_what_is_kept_of_a_content_depends_on_the_texts_that_it_was_made_of(tmp_path: Path) -> None:
    made: list[str] = []

    def make(content: bytes, *of: str) -> Outline:
        made.append(f"{content!r} {of}")
        return made[-1]

    asked: list[tuple[bytes, tuple[str, ...]]] = [
        (b"a", ()), (b"a", ("b",)), (b"ab", ()), (b"", ("a", "b")), (b"", ("ab",)), (b"b", ("a",)),
    ]  # fmt: skip
    for _ in range(2):
        outlines = Outlines(tmp_path)
        assert [outlines.read(content, make, *of) for content, of in asked] == [
            f"{content!r} {of}" for content, of in asked
        ]
        outlines.save()
    assert len(made) == len(asked)


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read({"1/1.yml": ROUND}, None) == read({"1/1.yml": ROUND}, None)
    assert not [*tmp_path.iterdir()]
