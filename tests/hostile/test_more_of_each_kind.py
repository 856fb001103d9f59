"""More inputs of the kinds S1 to S12 than the tests of each feature have."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.book.problems import of_prose
from roundbook.cli import STOPPED, cli
from roundbook.project import load
from roundbook.schema.round import Round
from roundbook.site.prose import block
from site_trial import project

ROUND = "round: 1\nfocus: F\n"


def roundbook(path: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["-C", str(path), *words])
    return done.exit_code, done.output


@pytest.mark.parametrize("place", ["data", "data/rounds"])
@pytest.mark.parametrize("kind", ["file", "link to nothing", "pipe"])
def test_s1_what_stands_where_a_folder_is_expected_is_no_empty_folder(tmp_path: Path, place: str, kind: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    if kind == "file":
        path.write_text("x")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/nowhere")
    faults = [f for f in load(tmp_path).findings if f.severity == "error"]
    assert [(f.slug, f.place and f.place.path) for f in faults] == [("not-regular", place)]
    code, said = roundbook(tmp_path, "check")
    assert (code, f"{place}: error not-regular" in said) == (2, True), said


@pytest.mark.parametrize("words", [("check",), ("changelog",), ("dump",), ("pr",), ("explain", "a")], ids=" ".join)
def test_s3_a_head_that_cannot_be_read_is_no_empty_history(tmp_path: Path, words: tuple[str, ...]) -> None:
    project(tmp_path).commit("feat: begin")
    shutil.rmtree(tmp_path / ".git/objects")
    for folder in ("info", "pack"):
        (tmp_path / ".git/objects" / folder).mkdir(parents=True)
    code, said = roundbook(tmp_path, *words)
    assert (code, "damaged" in said) == (1 if words[0] == "check" else 2, True), said


@pytest.mark.parametrize("name", ["2.YML", "2.Yaml", "2.yml ", "2.yaml\n"])
def test_s5_a_round_file_whose_name_ends_otherwise_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    repo = Repository(tmp_path)
    repo.write({"data/rounds/1/1.yml": ROUND, f"data/rounds/1/{name}": ROUND, "data/rounds/1/2.yml.orig": ROUND})
    book = load(tmp_path)
    assert [*book.rounds] == ["1/1"]
    assert [(f.slug, f.severity) for f in book.findings if f.place and "2." in f.place.path] == [
        ("misnamed", "warning")
    ]


def test_s5_fragments_behind_a_link_are_left_out_and_named(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.write(
        {"data/roundbook.yml": "changelog: {fragments: [news]}\n", "news/1.feature.md": "A\n", "o/2.fix.md": "B\n"}
    )
    (tmp_path / "news/more").symlink_to("../o")
    book = load(tmp_path)
    assert "- B" not in roundbook(tmp_path, "changelog")[1]
    assert [f.place and f.place.path for f in book.findings if f.slug == "linked-folder"] == ["news/more"]


@pytest.mark.parametrize(
    "words",
    [("##[cmd]",), ("check", "--##[x]"), ("-C", "##[x]", "check"), ("--data", "##[x]", "check"), ("--at", "##[x]", "check"),
     ("check", "--rule", "##[x]"), ("check", "--format", "##[x]"), ("import", "##[x]"), ("link", "##[x]"), ("close", "##[x]"),
     ("dump",), ("show", "rounds/3/5.md"), ("show", "round_summary", "3/5")],
    ids=" ".join,
)  # fmt: skip
def test_s7_words_of_the_command_line_and_addresses_are_no_commands(tmp_path: Path, words: tuple[str, ...]) -> None:
    linked = (
        "round: 5\nfocus: F\nsummary: '[a](https://example.org/##[x])'\nlinks: [{url: 'https://example.org/##[x]'}]\n"
    )
    project(tmp_path, data__rounds__3__5_dot_yml=linked)
    assert "##[" not in roundbook(tmp_path, *words)[1]


def test_s8_each_kind_has_ten_and_the_rest_is_text(tmp_path: Path) -> None:
    many = {f"data/rounds/1/{n}.yml": f"round: {n}\ntitel: T\nfocus: 'x # y'\n" for n in range(1, 14)}
    Repository(tmp_path).write(many)
    lines = roundbook(tmp_path, "check", "--format", "github")[1].splitlines()
    kinds = [line.partition(" ")[0] for line in lines if line.startswith("::")]
    assert max(kinds.count(kind) for kind in {*kinds}) == 10
    assert sum("unknown-key" in line for line in lines) == 13


RELATIONS = """\
round: 1
focus: F
decisions:
  - {id: a, title: A, relates-to: [a]}
  - {id: b, title: B, amends: [c, c]}
  - {id: c, title: C, amends: b}
  - {id: d, title: D, depends-on: [e, e]}
  - {id: e, title: E, depends-on: f}
  - {id: f, title: F, depends-on: d}
  - {id: g, title: G, date: 2026-01-01, supersedes: h}
  - {id: h, title: H, date: 2026-02-01}
  - {id: i, title: I, date: 2026-01-01, amends: h}
"""


def test_s9_each_relation_is_held_against_itself_twice_rings_and_time(tmp_path: Path) -> None:
    Repository(tmp_path).write({"data/rounds/1/1.yml": RELATIONS})
    told = [f.message for f in load(tmp_path).findings if f.slug in ("decision-relation", "decision-ring")]
    for words in (
        "a relates to itself",
        "b amends c twice",
        "d depends on e twice",
        "b → c → b",
        "d → e → f → d",
        "g, dated",
    ):
        assert sum(words in message for message in told) == 1, (words, told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "url",
    ["data:text/html,x", "vbscript:x", "\\\\evil", "https:evil", "http:///x", "https://u:p@host/x", " https://x.example",
     "https://x.example\\@evil", "www.example.org", "file:///etc/passwd", "ssh://git@host/x", "https://[::1"],
)  # fmt: skip
def test_s11_what_pages_do_not_link_is_said_at_its_line(tmp_path: Path, url: str) -> None:
    repo = Repository(tmp_path)
    repo.write({
        "data/rounds/1/1.yml": f"{ROUND}links:\n  - {{url: '{url}'}}\nversions: [{{version: '1', url: '{url}'}}]\n",
        "data/roundbook.yml": f"repositories:\n  x: {{url: '{url}'}}\n",
    })  # fmt: skip
    found = [str(f.place).rpartition(":")[0] for f in load(tmp_path).findings if f.slug == "address-not-linked"]
    assert found == ["data/rounds/1/1.yml:4", "data/rounds/1/1.yml:5", "data/roundbook.yml:2"]


LINK = "[x](javascript:alert(1))"
PLACES = {
    "focus: 'F {}'": "2:8",
    "focus: F\nsummary: |\n  First.\n  {}": "3:10",
    "focus: F\nsections: [{{title: S, body: '{}'}}]": "3:29",
    "focus: F\ndecisions: [{{id: d, title: D, rationale: [a, '{}']}}]": "3:46",
    "focus: F\nmetrics: {{tests: {{after: 3, note: '{}'}}}}": "3:35",
    "focus: F\ntables: [{{columns: [a], rows: [[b, '{}']]}}]": "3:32",
    "focus: F\nagents: [{{name: A, deliverables: [{{title: '{}'}}]}}]": "3:43",
    "focus: F\nchanges: [{{text: '{}'}}]": "3:18",
    "focus: F\ncarried: {{deferred: [{{title: '{}'}}]}}": "3:30",
}


@pytest.mark.parametrize("text", PLACES)
def test_s11_a_link_in_any_text_that_pages_show_as_text_is_said_at_its_place(tmp_path: Path, text: str) -> None:
    Repository(tmp_path).write({"data/rounds/1/1.yml": f"round: 1\n{text.format(LINK)}\n"})
    found = [f for f in load(tmp_path).findings if f.slug == "address-not-linked"]
    assert [(str(f.place), f.severity) for f in found] == [(f"data/rounds/1/1.yml:{PLACES[text]}", "warning")]
    assert "javascript:alert(1)" in found[0].message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![x](data:text/html,x)", "warning"), ("[x](<javascript:a b>)", "warning"), ("<vbscript:x>", "warning"),
        ("[x][a]\n\n[a]: file:///etc", "warning"), ("[x](//evil.example)", "warning"), ("[x](java&#115;cript:x)", "warning"),
        ("[x](https://known@evil.example)", "warning"), ("[x](\njavascript:x)", "warning"),
        ("[x](/from-the-root)", "info"), ("[x](a;b.md)", "info"), ("[x](ü.md) [y](<a b.md>)", ""),
        ("`[x](javascript:x)`", ""), ("```\n[x](javascript:x)\n```", ""), ("[x](a.md#b) <https://example.org/a_(b)>", ""),
        ("[x](HTTPS://EXAMPLE.ORG 'title') [y](mailto:a@example.org)", ""), ("a <b: c> d, [note](see: below)", ""),
        ("\\[x\\](javascript:x)", ""), ("[TODO]: fix: it", ""),
    ],
)  # fmt: skip
def test_s11_what_is_told_is_what_pages_show_as_text(text: str, told: str) -> None:
    record = Round.model_validate({"round": "1", "phase": "1", "focus": "F", "summary": text})
    assert [one.severity for one in of_prose(record)] == ([told] if told else [])
    addresses = re.findall(r'href="([^"]*)"', block(text))
    assert bool(addresses) == (("md" in text and not told) or "HTTPS" in text)


def test_b22_ctrl_c_ends_in_one_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path)

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # a signal would be ignored where the tests run in the background of a shell

    monkeypatch.setattr("roundbook.cli.common.Loader.load", pressed)
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), "check"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (STOPPED, "Stopped.")
