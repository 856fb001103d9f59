"""In: the folder of a project, and what its rounds ask git beyond the history. Out: the `Testimony`, all that git answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from roundbook.git import process
from roundbook.git.history import Questions, Testimony, Tide
from roundbook.git.objects import Entry, ignored, locate, look_up
from roundbook.git.process import Git
from roundbook.git.search import count, find_markers, read_tide
from roundbook.read.git_elsewhere import Beside, read_elsewhere


def answer(root: Path, questions: Questions) -> Testimony:
    """Return what the repository that holds `root` answers; nothing is asked, and no program runs, where nothing is asked.

    Each kind of question takes a number of processes that is fixed, or bounded by the number of different texts. Nothing
    that is wrong with the repository is an exception: what could not be answered is missing from the testimony, but for
    spots, where `None` also says so.
    """
    untold = Testimony(kinds=questions.settled, unsought=questions.unsought, apart=questions.apart)
    if replace(questions, apart="", unsought=(), settled={}) == Questions():
        return untold
    git = _at_top(root)
    if git is None:
        return _spoken(dict.fromkeys(questions.spots), untold)
    marked = find_markers(git, questions.marked, questions.apart) if questions.marked else None
    tips = questions.tips
    beside = read_elsewhere(git, tips) if tips else Beside()
    told = Testimony(
        kinds=questions.settled,
        objects=look_up(git, questions.objects),
        counts=_counts(git, questions),
        tides=_tides(git, questions),
        unsought=questions.unsought,
        markers=marked[0] if marked else None,
        markers_cut=bool(marked and marked[1]),
        elsewhere=beside.decisions if beside else None,
        rounds=beside.rounds if beside else {},
        unread=tips.left + (len(tips.at) if beside is None else 0) if tips else 0,
        apart=questions.apart,
        ignored=ignored(git, questions.paths),
    )
    return _spoken(locate(git, questions.spots), told)


def _spoken(spots: Mapping[tuple[str, str], Entry | None], told: Testimony) -> Testimony:
    kinds = {spot: entry[0] if entry else None for spot, entry in spots.items()}
    return replace(
        told, kinds={**told.kinds, **kinds}, ids={spot: entry[1] if entry else None for spot, entry in spots.items()}
    )


def _at_top(root: Path) -> Git | None:
    """Return a git at the top of the repository, since searches see only what lies below the folder they run in."""
    git = process.find(root)
    answer_ = git.run("rev-parse", "--show-cdup") if git else None
    if git is None or answer_ is None or answer_.code:
        return None
    return replace(git, root=root / os.fsdecode(answer_.out.removesuffix(b"\n")))


def _tides(git: Git, questions: Questions) -> dict[str, Tide]:
    """Return the tides up to the first that git does not tell, which has run out of time, or lacks the files for all."""
    read = ((one.text, read_tide(git, one)) for one in questions.sought)
    return {text: tide for text, tide in takewhile(lambda pair: pair[1] is not None, read) if tide}


def _counts(git: Git, questions: Questions) -> dict[tuple[str, tuple[str, ...], str], Mapping[str, int]]:
    return {
        (asked.text, asked.folders, commit): lines
        for asked in questions.counts
        for commit, lines in (count(git, asked) or {}).items()
    }
