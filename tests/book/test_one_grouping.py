"""Tests that every view of the changelog puts a commit into the same group, with random histories and settings.

A commit is in an entry, in one group, in a pair with its revert, or folded; pages by version and by round, CHANGELOG.md, the
body of a release and the data agree on which, on the name of the group, and on how many there are.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import Commit, Tag
from roundbook.git.message import breaks
from roundbook.settings import Settings
from roundbook.site import changelog_text
from roundbook.site.api import release
from roundbook.site.links import Here
from roundbook.site.views.changelog import round_changelog
from test_think import a_commit, a_history, a_round

TYPES = ("feat", "fix", "Feat", "chore", "docs", "perf", "skip", "other", "added", "breaking")
CATEGORIES = ("added", "changed", "fixed", "removed", "skip")
HEADS = st.one_of(st.builds("{}{}: ".format, st.sampled_from(TYPES), st.sampled_from(["", "!", "(x)"])), st.just(""))
STEPS = st.lists(
    st.tuples(HEADS, st.sampled_from(["", "1/1", "1/2"]), st.sampled_from(["", "revert", "entry", "tag", "fixup"])),
    max_size=12,
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "changelog": st.fixed_dictionaries(
            {"types": st.dictionaries(st.sampled_from(TYPES), st.sampled_from(CATEGORIES))}
        ),
        "attribution": st.just({"exclude": [{"name": "noise", "subject": "docs: .*"}]}),
    },
)


def sha(number: int) -> str:
    return f"{number + 1:07x}" + "0" * 33


def line(messages: Sequence[str]) -> list[Commit]:
    return [
        a_commit(i, [], text)._replace(id=sha(i), parents=(sha(i - 1),) if i else ()) for i, text in enumerate(messages)
    ]


def made(steps: Sequence[tuple[str, str, str]], options: Mapping[str, Any]) -> Book:
    """Return the book of a line of commits, each with its head, its round, and what happens to it."""
    messages: list[str] = []
    tags: list[Tag] = []
    entries: dict[str, list[dict[str, str]]] = {"1/1": [], "1/2": []}
    for head, key, fate in steps:
        number, subject = len(messages), f"{head}subject {len(messages)}"
        trailer = f"\n\nRound: {key}" if key else ""
        messages.append(f"{subject}{trailer}")
        if fate == "revert":
            messages.append(f'Revert "{subject}"\n\nThis reverts commit {sha(number)}.')
        elif fate == "fixup":
            messages.append(f"fixup! {subject}{trailer}")
        elif fate == "entry" and key:
            entries[key].append({"text": f"entry {number}", "type": "added", "commits": sha(number)})
        elif fate == "tag":
            tags.append(Tag(f"v1.{number}.0", sha(number), None, annotated=False))
    history = a_history(line(messages), tags=tuple(tags))
    rounds = [a_round(key, changes=found) for key, found in entries.items()]
    return build(Inputs(history, Settings.model_validate(options), rounds))


def in_data(book: Book) -> dict[str, str]:
    """Return the group of each commit, by its subject, as the data of releases has it; those of entries are in none."""
    found: dict[str, str] = {}
    for one in (release(each).plain for each in book.releases):
        found |= {commit: name for name, ids in one["unclaimed"].items() for commit in ids}
        found |= {taken: "reverted" for _, taken in one["reverted"]} | dict.fromkeys(one["hidden"], "folded")
    return {book.history.by_id[commit].subject: name for commit, name in found.items()}


def on_page(text: str) -> dict[str, str]:
    """Return the same as a page of the changelog shows it, and require that its sums are right."""
    found: dict[str, str] = {}
    names = {
        "Reverts, each with the commit that it reverts": "reverted",
        "Merges, fixups and repeated patches": "folded",
    }
    for summary, inside in re.findall(r"<details[^>]*><summary>(.*?)</summary>(.*?)</details>", text, re.DOTALL):
        group, items = "", 0
        for label, item in re.findall(
            r'<p class="rb-label">(.*?)</p>|<li>(?!<div)(?:<span class="rb-status rb-fail">breaking</span> )?(.*?) <[as]',
            inside,
        ):
            group = names.get(label, label) or group
            if item:
                items += 1
                found[html.unescape(item)] = group
        told = re.findall(r"(\d+) (?:commit|revert|merge)", summary)
        assert sum(map(int, told)) == items, summary
    return found


def in_markdown(text: str) -> dict[str, str]:
    """Return the same of a text for a forge, in which the groups have no names."""
    found: dict[str, str] = {}
    for summary, inside in re.findall(r"<details>\n<summary>(.*?)</summary>(.*?)</details>", text, re.DOTALL):
        items = {
            html.unescape(item.replace("\\", "")): "reverted" if taken else "unclaimed"
            for item, taken in re.findall(
                r"^- (?:\*\*Breaking:\*\* )?(.*?) \(`\w+`\)(, reverted by)?", inside, re.MULTILINE
            )
        }
        counts = Counter(items.values())
        told = {word: int(n) for n, word in re.findall(r"(\d+) (commit|revert)", summary)}
        assert told.get("commit", 0) == counts["unclaimed"], summary
        assert told.get("revert", 0) == counts["reverted"], summary
        found |= items
    return found


def agree(book: Book) -> None:
    """Require that every view says of every commit what the data says."""
    wanted = in_data(book)
    seen = {subject: group for subject, group in wanted.items() if group != "skip"}
    assert on_page(round_changelog(book, Here("changelog/index.md"), limit=0)) == seen

    of_rounds = {c for e in book.entries.values() for c in (*(one.commit for one in e.links), *e.hidden)}
    subjects = {book.history.by_id[c].subject for c in of_rounds}
    by_round = on_page(round_changelog(book, Here("changelog/rounds.md"), by="round", limit=0))
    assert by_round == {subject: group for subject, group in seen.items() if subject in subjects}

    listed = {s: g if g == "reverted" else "unclaimed" for s, g in seen.items() if g != "folded"}
    assert in_markdown(changelog_text.changelog(book, book.releases)) == listed
    assert {k: v for one in book.releases for k, v in in_markdown(changelog_text.body(book, one)).items()} == listed


@given(STEPS, OPTIONS)
@settings(max_examples=60)
def test_every_view_of_the_changelog_groups_commits_alike(
    steps: list[tuple[str, str, str]], options: dict[str, Any]
) -> None:
    agree(made(steps, options))


def test_a_skipped_type_is_left_out_by_version_and_by_round() -> None:
    """Fault H2: a skipped `chore` stood in the changelog by round, where `feat` had another heading too."""
    steps = [("feat: ", "1/1", ""), ("chore: ", "1/1", ""), ("skip: ", "1/1", ""), ("", "1/1", "")]
    book = made(steps, {"changelog": {"types": {"Chore": "skip"}}})
    agree(book)
    expected = {"feat: subject 0": "added", "skip: subject 2": "other", "subject 3": "other"}
    assert on_page(round_changelog(book, Here("changelog/rounds.md"), by="round")) == expected


@pytest.mark.parametrize(
    ("message", "breaking"),
    [
        ("feat!: x", True),
        ("feat(y)!: x", True),
        ("feat: x\n\nBREAKING CHANGE: y", True),
        ("feat: x\n\nBREAKING-CHANGE: y", True),
        ("A subject of no convention\n\nBREAKING CHANGE: y", True),
        ("feat: x\n\nNo BREAKING CHANGE here", False),
    ],
)
def test_what_breaks_is_told_by_one_rule(message: str, breaking: bool) -> None:
    assert breaks(a_commit(1, [], message)) is breaking
