"""The hook `prepare-commit-msg`, which offers trailers as comments."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from roundbook.book.governance import in_force
from roundbook.book.model import Book
from roundbook.frozen import frozen
from roundbook.git import refs, repository
from roundbook.git.history import Gap, matches
from roundbook.git.objects import decode_path, read_all
from roundbook.git.repository import Checkout
from roundbook.schema.base import OPEN
from roundbook.schema.ids import is_phase
from roundbook.schema.round import RoundOrPhase

_SETTINGS = r"^(core\.comment(char|string)|commit\.cleanup)$"


@frozen
class HookPlace:
    """Where git looks for hooks: `prefix` leads from the top of the repository to the project.

    `shared` is a folder that serves all repositories of a user or machine; `tracked` one that may be committed.
    """

    folder: Path
    prefix: str
    shared: bool
    tracked: bool


@frozen
class Staged:
    """What the next commit changes: `paths` count from the top, and `comment` begins the lines that git leaves out."""

    paths: tuple[str, ...]
    prefix: str
    comment: str
    cleanup: str


def find(root: Path) -> HookPlace | Gap:
    """Return where the hooks of the repository of `root` are, or the gap that says why there are none.

    Linked worktrees share the hooks of their repository. `core.hooksPath` is read as a setting, because every git that we
    run has it switched off.

    Source: https://git-scm.com/docs/githooks
    """
    checkout = repository.find(root, own=True)
    if isinstance(checkout, Gap):
        return checkout
    top = checkout.own.top if checkout.own else _path(checkout, root, "--show-toplevel")
    common = checkout.own.common if checkout.own else _path(checkout, root, "--git-common-dir")
    if top is None or common is None:
        return repository.NO_REPOSITORY
    scope, value = _hooks_path(checkout)
    if not value:
        return HookPlace(common / "hooks", checkout.prefix, shared=False, tracked=False)
    folder = Path(os.path.normpath(top / value))
    tracked = folder.is_relative_to(top) and not folder.is_relative_to(common)
    return HookPlace(folder, checkout.prefix, scope in ("global", "system"), tracked)


def _path(checkout: Checkout, root: Path, flag: str) -> Path | None:
    answer = checkout.git.run("rev-parse", flag)
    return (root / os.fsdecode(answer.out.removesuffix(b"\n"))).resolve() if answer.code == 0 else None


def _hooks_path(checkout: Checkout) -> tuple[str, str]:
    """Return the scope and the value of `core.hooksPath` that holds when a person commits."""
    answer = checkout.git.run("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath")
    words = [os.fsdecode(word) for word in answer.out.split(b"\0")[:-1]]
    pairs = zip(words[::2], words[1::2], strict=False)
    return next((pair for pair in reversed([*pairs]) if pair[0] != "command"), ("", ""))


def read(root: Path, index: Path | None) -> Staged | Gap:
    """Return what is staged in the index, or in the one that a commit of parts has made for itself.

    No file of the work tree is looked at, so that no filter runs and a large tree costs nothing.
    """
    checkout = repository.find(root)
    if isinstance(checkout, Gap):
        return checkout
    git = checkout.git
    if index is not None:
        git = replace(git, environment={**git.environment, "GIT_INDEX_FILE": str(index)})
    compare = (
        "diff-index",
        "--cached",
        "--name-only",
        "--no-renames",
        "--no-relative",
        "-z",
        checkout.head or "",
        "--",
    )
    # Before the first commit all that the index holds is new.
    answer = git.run(*compare) if checkout.head else git.run("ls-files", "--cached", "--full-name", "-z")
    paths = tuple(map(decode_path, answer.out.split(b"\0")[:-1])) if answer.code == 0 else ()
    comment, cleanup = "#", ""
    for key, value in refs.parse_settings(git.run("config", "-z", "--get-regexp", _SETTINGS).out):
        comment, cleanup = (comment, value) if key == "commit.cleanup" else (value, cleanup)
    return Staged(paths, checkout.prefix, comment, cleanup)


def contents(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the content that HEAD holds of files of the project, those that it has and this clone holds."""
    checkout = repository.find(root)
    asked = [p for p in paths if "\n" not in p and not p.endswith("\r")]
    if isinstance(checkout, Gap) or checkout.head is None or not asked:
        return {}
    found = read_all(checkout.git, (f"{checkout.head}:{checkout.prefix}{path}" for path in asked))
    pairs = zip(asked, found, strict=False)
    return {path: content for path, (_, kind, content) in pairs if kind == b"blob" and content is not None}


MOST_ROUNDS = 3
MOST_DECISIONS = 5
MOST_CHANGES = 5
MOST_PATHS = 500


def touched(book: Book, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the rounds of this repository whose own data files are among the paths, which count from the project."""
    changed = frozenset(paths)
    return tuple(e.key for e in book.all_newest_first if e.verified and changed.intersection(book.files.get(e.key, ())))


def offer(book: Book, paths: Sequence[str], before: Mapping[str, RoundOrPhase]) -> dict[str, tuple[str, ...]]:
    """Return, by the key of a trailer, what to offer to a commit that changes `paths`, the likeliest first.

    `before` holds the touched rounds as HEAD has them.

    Rounds whose file changes come first, then the newest that are open. Decisions that are written or rewritten come
    first, then those that govern a changed path. Entries of the changelog are offered where they are written or rewritten.
    """
    keys = touched(book, paths)
    still_open = (e.key for e in book.newest_first if e.verified and (e.status is None or e.status in OPEN))
    rounds = dict.fromkeys((*(key for key in keys if not is_phase(key)), *still_open))
    decisions = dict.fromkeys((*_written(book, keys, before), *_governing(book, paths)))
    return {
        "Round": tuple(rounds)[:MOST_ROUNDS],
        "Decision": tuple(decisions)[:MOST_DECISIONS],
        "Change": tuple(_entered(book, keys, before))[:MOST_CHANGES],
    }


def _written(book: Book, keys: Sequence[str], before: Mapping[str, RoundOrPhase]) -> Iterator[str]:
    for key in keys:
        known = {d.slug: d.model_dump() for d in before[key].decisions} if key in before else {}
        for decision in book.entries[key].round.decisions:
            taken = decision.slug in book.decisions and book.decisions[decision.slug].round == key
            if taken and known.get(decision.slug) != decision.model_dump():
                yield decision.slug


def _entered(book: Book, keys: Sequence[str], before: Mapping[str, RoundOrPhase]) -> Iterator[str]:
    for key in keys:
        known = [c.model_dump() for c in before[key].changes] if key in before else []
        entry = book.entries[key]
        for i, change in enumerate(entry.round.changes):
            if change.model_dump() not in known:
                yield f"{key}#{change.id or entry.anchors['changes', i]}"


def _governing(book: Book, paths: Sequence[str]) -> Iterator[str]:
    looked_at = paths[:MOST_PATHS]  # a commit of ten thousand files is not about any one decision
    return (r.id for r in in_force(book) if any(matches(r.record.affects, path) for path in looked_at))


HOOK = "prepare-commit-msg"
MARKER = "# Made by `roundbook hook install`"
_AUTO = "#;@!$%^&|:"  # what git itself chooses from
_HINT = "Uncomment the trailers that apply to this commit:"

_SCRIPT = """\
#!/bin/sh
{marker}; `roundbook hook uninstall` removes it.
# It offers the trailers Round, Decision and Change as comments, and never stops a commit.
[ "${{GIT_EDITOR-}}" = : ] && exit 0 # nobody will see the message, and comments would stay in it
case "${{2-}}" in merge | squash | commit) exit 0 ;; esac
{folder}{run}
exit 0
"""
_FIRST = 'if [ -x {python} ]; then\n  {python} -P -m roundbook{words} hook run "$@" </dev/null\nel'
_ELSE = """\
if command -v roundbook >/dev/null 2>&1; then
  roundbook{words} hook run "$@" </dev/null
else
  echo "roundbook: command not found, no trailers are offered" >&2
fi"""


def script(prefix: str, data: str, python: str | None) -> str:
    """Return the hook for a project at `prefix` in its repository.

    It runs `python` where that exists, else the `roundbook` on the `PATH`. `-P` keeps a module in the repository from being
    taken for one of ours.
    """
    words = f" -C {shlex.quote(prefix)}" if prefix else ""
    words += f" --data {shlex.quote(data)}" if data != "data" else ""
    folder = f"[ -d {shlex.quote(prefix)} ] || exit 0\n" if prefix else ""
    first = _FIRST.format(python=shlex.quote(python), words=words) if python else ""
    return _SCRIPT.format(marker=MARKER, folder=folder, run=first + _ELSE.format(words=words))


def is_ours(text: str) -> bool:
    """Return whether we wrote a hook."""
    return any(line.startswith(MARKER) for line in text.split("\n")[:5])


def with_offer(message: str, offered: Mapping[str, Sequence[str]], comment: str) -> str:
    """Return a message with trailers as comments, above the comments that git has written at its end.

    `offered` holds the values of each trailer by its key.

    A message without such comments is returned as it is: in it a comment could become a part of the message. What the
    message says under a key already, as a trailer or as a comment, is not offered again.
    """
    lines = message.split("\n")
    end = next((i for i, line in enumerate(lines) if re.search(r"^\S+ -{8,} >8 -{8,}$", line)), len(lines))
    while end and not lines[end - 1].strip():
        end -= 1
    mark = comment if comment != "auto" else lines[end - 1][:1] if end else ""
    start = end
    while start and mark and lines[start - 1].startswith(mark):
        start -= 1
    missing = [line for key, values in offered.items() for line in _missing(key, values, lines, mark)]
    if start == end or not missing or (comment == "auto" and mark not in _AUTO):
        return message
    above = lines[:start]
    while len(above) < 2 or above[-1].strip():
        above.append("")  # a subject, and the empty line that makes the rest trailers
    block = [f"{mark} {line}" for line in (_HINT, *missing)]
    return "\n".join([*above, *block, mark, *lines[start:]])


def _missing(key: str, values: Sequence[str], lines: list[str], mark: str) -> Iterator[str]:
    said = re.compile(rf"(?:{re.escape(mark)})?\s*{key}\s*:", re.IGNORECASE)
    if not any(said.match(line) for line in lines):
        yield from (f"{key}: {value}" for value in values)
