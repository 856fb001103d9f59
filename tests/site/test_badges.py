"""Tests of badges: escaped text, width, words and colours."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from eventful import eventful
from repository import Repository
from roundbook.book.facts import CheckResult, Outcome
from roundbook.project import load
from roundbook.site.feeds import COLOURS, LONGEST, Badge, badges, endpoint, svg, width

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '</text><script>alert(1)</script> ]]> \x00\x1b\u202e\ufffe " onload="x'


def test_every_badge_is_there_as_image_and_as_json(tmp_path: Path) -> None:
    made = {asset.uri: asset.text for asset in badges(load(eventful(tmp_path).path))}
    assert [*made] == [f"badge/{n}.{kind}" for n in ("round", "decisions", "evidence") for kind in ("svg", "json")]
    assert json.loads(made["badge/round.json"])["message"] == "3/7"
    assert json.loads(made["badge/decisions.json"])["message"] == "1 accepted"
    for uri, text in made.items():
        if uri.endswith("svg"):
            words = [e.text for e in ET.fromstring(text).iter(f"{SVG}text")]  # noqa: S314 - made by us
            told = json.loads(made[uri.replace("svg", "json")])
            assert words == [told["label"], told["message"]]


def test_the_json_is_what_shields_asks_for() -> None:
    told = json.loads(endpoint(Badge("x", "round", "3/4 done", "good")))
    assert told == {"schemaVersion": 1, "label": "round", "message": "3/4 done", "color": COLOURS["good"][1:]}


@pytest.mark.parametrize("text", [EVIL, "x" * 500, "", "Ωμέγα 漢字", "a\nb"])
def test_an_image_is_well_formed_whatever_it_says(text: str) -> None:
    made = svg(Badge("x", text, text, "plain"))
    tree = ET.fromstring(made)  # noqa: S314
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} == {"svg", "title", "rect", "path", "g", "text"}
    assert {key for e in tree.iter() for key in e.attrib if key.startswith("on") or "href" in key} == set()
    assert "url(" not in made
    shown = [e.text or "" for e in tree.iter(f"{SVG}text")]
    assert all(shown)
    assert max(map(len, shown)) <= LONGEST
    assert tree.findtext(f"{SVG}title") == tree.get("aria-label") == ": ".join(shown)


def test_the_text_fits_into_the_image() -> None:
    for text in ("iii", "WWW", "3/4 in progress", "x" * LONGEST):
        tree = ET.fromstring(svg(Badge("x", text, text, "good")))  # noqa: S314
        whole = int(tree.get("width", ""))
        for element in tree.iter(f"{SVG}text"):
            half = int(element.get("textLength", "")) / 2
            at = float(element.get("x", ""))
            assert at - half >= 4
            assert at + half <= whole - 4
    assert width("iii") < width("aaa") < width("WWW")


@pytest.mark.parametrize("colour", [*COLOURS.values(), "#444444"])
def test_white_on_every_colour_can_be_read(colour: str) -> None:
    parts = [int(part, 16) / 255 for part in re.findall("..", colour[1:])]
    light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    assert 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("outcomes", "message", "colour"),
    [
        ((), "nothing checked", "none"),
        (("verified", "verified"), "2 verified", "good"),
        (("verified", "not-checked"), "1 verified, 1 not checked", "good"),
        (("not-checked",), "1 not checked", "none"),
        (("verified", "contradicted", "not-checked"), "1 contradicted, 1 verified, 1 not checked", "bad"),
    ],
)
def test_evidence_never_says_more_than_was_checked(
    tmp_path: Path, outcomes: tuple[Outcome, ...], message: str, colour: str
) -> None:
    book = load(Repository(tmp_path).path)
    book = replace(book, results=tuple(CheckResult("x", outcome, "a", "b") for outcome in outcomes))
    told = {a.uri: a.text for a in badges(book)}["badge/evidence.json"]
    assert json.loads(told)["message"] == message
    assert json.loads(told)["color"] == COLOURS[colour][1:]


def test_an_empty_book_has_badges(tmp_path: Path) -> None:
    made = {asset.uri: asset.text for asset in badges(load(Repository(tmp_path).path))}
    assert json.loads(made["badge/round.json"])["message"] == "none yet"
    assert json.loads(made["badge/decisions.json"])["message"] == "none yet"
