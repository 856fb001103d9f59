"""The words and signs by which a status is known, and the forms of addresses of forges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, TypeVar, get_args

DecisionStatus = Literal["draft", "proposed", "accepted", "rejected", "deprecated", "superseded"]
DECISION_STATUSES: tuple[DecisionStatus, ...] = get_args(DecisionStatus)
Status = Literal["planned", "in-progress", "done", "partial", "blocked", "deferred", "dropped"]
STATUSES: tuple[Status, ...] = ("planned", "in-progress", "done", "partial", "blocked", "deferred", "dropped")
Result = Literal["pass", "fail", "partial", "blocked", "deferred", "missing", "pending", "na"]
T = TypeVar("T")
Words: TypeAlias = Mapping[T, tuple[str, ...]]


def _table(text: str) -> tuple[Any, Any]:
    """Return the words, and the signs, of each line `status: word, word | sign, sign`; lines that are moved in go on."""
    rows = [re.split(r": | \|(?: |$)", line) for line in re.sub(r"\n +", " ", text.strip("\n")).split("\n")]
    words, signs = ({row[0]: tuple(filter(None, row[column].split(", "))) for row in rows} for column in (1, 2))
    return words, signs


WORDS_OF: Words[Status]
SIGNS_OF: Words[Status]
WORDS_OF, SIGNS_OF = _table("""
planned: planned, planning, todo, to do, to be done, to be started, not started, not yet started, unstarted, not begun, not
    done, not yet done, not yet, open, pending, queued, in queue, next, next up, up next, upcoming, scheduled, assigned,
    unassigned, ready to start, ready for work, waiting to start, not implemented, not yet implemented, to be implemented,
    future, 0%, outstanding | [pending], [todo], [planned], ⏳, ⌛, ⬜, ◻, ☐, ⚪, 🔲, 📋, 📅, 🗓, 🆕, [ ], ○
in-progress: in progress, inprogress, wip, work in progress, ongoing, on going, started, active, running, doing, underway,
    under way, in work, in flight, working, working on it, being worked on, in development, in dev, developing, implementing,
    coding, in review, under review, reviewing, in code review, code review, pr open, pr opened, awaiting review, waiting for
    review, needs review, ready for review, ready for testing, ready for qa, ready for validation, pending review,
    pending merge, ready to merge, testing, in testing, in test, in
    qa, being tested, verifying, in verification, validating, in validation, investigating, researching, looking into it,
    continuing, continued, continues, on track, progressing, almost there, current, begun, in the works, deploying, in
    deployment, rolling out, finishing, finalizing, finalising | [wip], [in progress], 🚧, 🔄, 🔃, 🏗, 🔨, 🛠, ⚙, 🏃, ▶, 🔵, 👀,
    🧪, [~], ◐
done: done, all done, complete, completed, fully complete, fully completed, 100% complete, 100%, 100% done, finished, closed,
    shipped, merged, landed, delivered, released, live, deployed, in production, published, verified, validated, implemented,
    fully implemented, built, resolved, fixed, solved, achieved, met, reached, satisfied, accomplished, success, successful,
    succeeded, pass, passed, passing, all passing, all pass, green, all green, ok, okay, tested, done and tested, done and
    merged, completed and merged, complete and verified, written, added, created, integrated, wired, signed off, good to go,
    checked, already done | [ok], [pass], [passed], [done], [complete], [completed], [success], âœ…, âœ”, ✅, ☑, ✔, ✓,
    🟢, 🎉, 🚀, 💚, 🏁, [x], ●
partial: partial, partially, partly, partially done, partly done, partially complete, partially completed, partially
    implemented, partially met, partially merged, partial pass, conditional pass, pass with conditions, conditional,
    incomplete, mostly done, mostly complete, mostly completed, nearly done, nearly complete, almost done, almost complete,
    half done, half way, halfway, substantially complete, largely done, largely complete, done with gaps, done with caveats,
    complete with gaps, some done, in part, partial success, code complete, yellow, amber | [partial], 🟡, 🌗, 🌓, [/]
blocked: blocked, stuck, on hold, hold, held, paused, halted, waiting, waiting on, waiting for, awaiting, awaiting input,
    waiting on dependency, blocked externally, externally blocked, blocker, blocking, impeded, stalled, suspended, frozen,
    red, needs input, needs decision, pending decision, pending approval | [blocked], ⛔, 🔴, 🛑, 🚫, ⏸, 🔒, [!]
deferred: deferred, defer, postponed, delayed, later, carried over, carry over, carried forward, carryover, moved, pushed,
    pushed back, pushed out, rescheduled, next round, next sprint, next phase, next release, next iteration, next week, next
    quarter, backlog, in backlog, backlogged, to backlog, icebox, parked, shelved, future work, follow up, spillover, spilled
    over, rolled over, out of time, punted, slipped, deprioritized, deprioritised, skipped for now, dropped for now, not this
    round, not this sprint | ⏭, ⏩, 📦, 💤, ➡, 🔜, [>]
dropped: dropped, cancelled, canceled, abandoned, skipped, removed, wontfix, won't fix, wont fix, won't do, wont do, will not
    do, not doing, superseded, obsolete, obsoleted, n/a, na, not applicable, rejected, descoped, de scoped, out of scope, cut,
    discarded, withdrawn, retired, no longer needed, not needed, not required, not planned, not pursued, declined, reverted,
    replaced, duplicate, invalid, void, killed, scrapped, closed as wontfix | 🗑, 🚮, ☠, ⚰, [-]
""")
RESULT_WORDS_OF: Words[Result]
RESULT_SIGNS_OF: Words[Result]
RESULT_WORDS_OF, RESULT_SIGNS_OF = _table("""
pass: pass, passed, passes, passing, all pass, all passing, ok, okay, yes, met, done, complete, completed, achieved,
    satisfied, success, successful, succeeded, verified, confirmed, green, clean, true, fulfilled, reached, validated, 100%,
    compiles, builds, no errors, no warnings, no issues, no failures, no regressions, works, working, certified, all green |
    [ok], [pass], [passed], [done], [complete], [completed], [success], âœ…, âœ”, ✅, ☑, ✔, ✓, 🟢, [x], 👍
fail: fail, failed, fails, failing, failure, no, not met, unmet, missed, red, broken, error, false, not achieved, not passed,
    not passing, did not pass, not reached, not satisfied, regressed | [fail], [failed], [error], ❌, ✗, ✘, ✖, 🔴, 👎
partial: partial, partially, partly, partially met, partial pass, conditional pass, conditional, mostly, mostly met, mostly
    done, pass with conditions, incomplete, in progress, wip, yellow, amber, some | [partial], [warning], [warn], 🟡, ⚠, 🟠
blocked: blocked, stuck, on hold, waiting, waiting on, waiting for, cannot run, cannot be run | ⛔, 🛑, 🚫
deferred: deferred, postponed, later, moved, carried over, next round, next sprint, next phase, backlog, skipped for now,
    waived | ⏭, ⏩, 🔜
missing: missing, absent, not there, not found, none, not implemented, not written, does not exist |
pending: pending, not run, not yet run, not tested, untested, unverified, not verified, not checked, tbd, open, todo, to do,
    planned, to be done, not started, not yet, scheduled, awaiting | [pending], [todo], ⏳, ⌛, ⬜, ☐, 🔲, ⚪, [ ]
na: na, n/a, not applicable, does not apply, irrelevant, not needed, not required, skipped | ➖
""")
DECISION_WORDS_OF: Words[DecisionStatus]
DECISION_SIGNS_OF: Words[DecisionStatus]
DECISION_WORDS_OF, DECISION_SIGNS_OF = _table("""
draft: draft, drafted, wip, work in progress, in progress, draft proposal |
proposed: proposed, proposal, planned, pending, open, in review, under review, rfc, in discussion, under discussion, suggested,
    undecided, tbd, to be decided, to be discussed, pending review, pending approval, awaiting approval, awaiting decision,
    decision proposed, review, for review, provisional, deferred, postponed |
accepted: accepted, approved, adopted, decided, agreed, ratified, final, active, in effect, in force, implemented, done,
    current, confirmed, locked, made, complete, completed, resolved, fully implemented, accepted and implemented, accepted and
    in force, approved and implemented, partially implemented, decision made, enacted,
    implementable | ✅, ☑, ✔, ✓, 🟢, 👍
rejected: rejected, declined, refused, not accepted, withdrawn, abandoned, cancelled, canceled, dropped, not approved | ❌, ✗,
    ✘, ✖, 👎
deprecated: deprecated, retired, obsolete, obsoleted, reverted, revoked, rescinded, no longer valid, no longer in force |
superseded: superseded, superceded, replaced |
""")

_MARKS = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_]|[*_](?!\w)|[\ufe0e\ufe0f\u200d]|[\U0001f3fb-\U0001f3ff]")
_BLANKS = re.compile(r"[\s_-]+")
_CUT = re.compile(r"\s*[([{]|\s+(?:[-–|/→]|--+)\s+|\s*[—:;,.!]+(?:\s+|$)")
_ENDS = " \t.,;:!()[]"
_LINKS = frozenset({"in", "on", "by", "to", "for", "as", "since", "via", "at", "until", "from", "after", "see", "per"})
_OPEN_ENDED = frozenset({"awaiting", "needs"})
_LESS = re.compile(r"(?:but|except|apart from|minus|without|only|not)\b")
_FRACTION = re.compile(r"(?<![\w./])(\d{1,6})\s*(?:/|of)\s*(\d{1,6})(?![\w/]|\.\d)")
_PERCENT = re.compile(r"(?<![\w.])~?(\d{1,3})\s?%")
_UNITS = re.compile(r"\b(?:done|complete|completed|finished|tasks|items|tests|pass|passed|passing)\b")
MOST_WORDS = 5
# `212 tests passed, 0 failed`, `0 errors, 0 warnings`
_TALLY = re.compile(
    r"(?<![\w./])(\d[\d,]*)\s+(?:[a-z]+\s+){0,2}?"
    r"(?:(pass(?:ed|ing|es)?|succeeded)|(fail(?:ed|ures?|ing)?|errors?|warnings?))\b",
    re.IGNORECASE,
)


def word(text: str) -> str:
    """Return a word as it is looked up: in lower case, with `-` for blanks, `_` and `-`."""
    return _BLANKS.sub("-", text.strip().casefold().replace("’", "'"))


def _turned(table: Words[T], key: Callable[[str], str] = word) -> dict[str, T]:
    return {key(one): meaning for meaning, words in table.items() for one in words}


STATUS_WORDS: Mapping[str, Status] = {**{one: one for one in STATUSES}, **_turned(WORDS_OF)}
STATUS_SIGNS: Mapping[str, Status] = _turned(SIGNS_OF, str)
_RESULTS, _RESULT_SIGNS = _turned(RESULT_WORDS_OF), _turned(RESULT_SIGNS_OF, str)
_DECISIONS, _DECISION_SIGNS = _turned(DECISION_WORDS_OF), _turned(DECISION_SIGNS_OF, str)
_ANY_SIGN = re.compile("|".join(map(re.escape, sorted({*STATUS_SIGNS, *_RESULT_SIGNS}, key=len, reverse=True))))


def lookup(text: str, extra: Mapping[str, Status] | None = None) -> Status | None:
    """Return the status that a text is a word or a sign of, and nothing else; `extra` wins over the table."""
    one = word(text)
    return (extra or {}).get(one) or STATUS_WORDS.get(one) or STATUS_SIGNS.get(_MARKS.sub("", text).strip().casefold())


def status_of(text: str, extra: Mapping[str, Status] | None = None) -> Status | None:
    """Return the status that a text states, whatever stands around its words: `**Done** - merged in #12`, `✅`, `3/3`.

    Numbers count: `Done (2/3)` is partial, `3/3` done, `80%` in progress. `extra` are words of the settings, as `word` gives
    them, and win over the table. What is not plain gives `None`: `Done?`, `done / blocked`, `⚠`.
    """
    said, remark = _said(text, {**STATUS_WORDS, **(extra or {})}, STATUS_SIGNS)
    if said not in (None, "done"):
        return said
    if said == "done" and _LESS.match(remark):
        return "partial"
    return _counted(remark) or said


def result_of(text: str) -> Result | None:
    """Return the result of a check that a text states, or `None` where it is not plain."""
    said, remark = _said(text, _RESULTS, _RESULT_SIGNS)
    if said == "missing" and "pass" in {_RESULT_SIGNS.get(sign) for sign in _ANY_SIGN.findall(text)}:
        return None  # `✅ None`: that nothing is there is what was wanted
    if said is None and (counts := _TALLY.findall(text)) and text.strip("*_` ")[:1].isdigit():
        return "fail" if any(int(count.replace(",", "")) for count, _, bad in counts if bad) else "pass"
    if said not in (None, "pass"):
        return said
    if said == "pass" and _LESS.match(remark):
        return "partial"
    counted: Mapping[str, Result] = {"done": "pass", "planned": "fail", "partial": "partial", "in-progress": "partial"}
    return counted.get(_counted(remark) or "", said)


def is_sign(text: str) -> bool:
    """Tell whether a text is a sign for a status or a result, and nothing else."""
    bare = _MARKS.sub("", text).strip()
    return bare in STATUS_SIGNS or bare in _RESULT_SIGNS


def _said(text: str, words: Mapping[str, T], signs: Mapping[str, T]) -> tuple[T | None, str]:
    """Return what the words mean, else what the sign before them does, and the remark behind it.

    Words count more, since each team has signs of its own.
    """
    plain = _MARKS.sub("", text).casefold().strip()
    bare = " ".join(_ANY_SIGN.sub(" ", plain).split()).strip(_ENDS)
    if "?" in bare:
        return None, ""
    for head, remark in _heads(bare):
        if head in words:
            other = words.get(word(remark.strip(_ENDS)), words[head])
            return (words[head], remark) if other == words[head] else (None, "")
    shown = {signs.get(sign) for sign in _ANY_SIGN.findall(plain)}
    leads = bool(_ANY_SIGN.match(plain)) or not bare
    return (shown.pop() if len(shown) == 1 and leads else None), bare


def _heads(text: str) -> Iterator[tuple[str, str]]:
    """Yield what may be the words for a status, and the remark behind them: all, what is before a sign, or before `in`."""
    yield word(text), ""
    for cut in _CUT.finditer(text):
        yield word(text[: cut.start()]), text[cut.end() :]
    parts = text.split()
    for n in range(min(MOST_WORDS, len(parts) - 1), 0, -1):
        head = word(" ".join(parts[:n]))
        if parts[n] in _LINKS or head in _OPEN_ENDED:
            yield head, " ".join(parts[n:])


def _counted(remark: str) -> Status | None:
    """Return what a remark says that is nothing but `2/3` or `80%`, with a word such as `tests`."""
    fraction, percent = _FRACTION.search(remark), _PERCENT.search(remark)
    rest = _UNITS.sub("", _PERCENT.sub("", _FRACTION.sub("", remark)))
    if any(char.isalnum() for char in rest) or not (fraction or percent):
        return None
    if percent:
        share = int(percent[1])
        return "planned" if share == 0 else "in-progress" if share < 100 else "done" if share == 100 else None
    assert fraction is not None  # noqa: S101 - one of the two is there
    part, whole = int(fraction[1]), int(fraction[2])
    if not whole > 0 or part > whole:
        return None
    return "planned" if part == 0 else "done" if part == whole else "partial"


# ----------------------------------------------------------------------------------------------------- of decisions

_STRUCK = re.compile(r"~~[^~]+~~")
_BEFORE = re.compile(
    r"(?:!?\[(?=[^\]]*\]\()|<[^<>]{1,200}>|\]\([^()]*\)|:[a-z0-9_+-]{2,40}:|[^\w\s()\[\]{}/|.,;:?&+~%<>=→⇒➜—–-])+"
)
_ARROW = re.compile(r"\s*(?:→|⇒|->|=>|➜|➡)\s*")
_EITHER = re.compile(r"\s*[|/]\s*")
_THEN = re.compile(r"\s*[,;]\s*|\.\s+|\s+(?:but\s+)?(?:and\s+)?(?:now|then)\s+")
_FIRST = re.compile(r"^(?:\[x\]\s*)?(?:[(\[]?\d{4}-\d{2}-\d{2}[)\]]?\s*:?\s*)?")  # a box that is ticked, and a day
_DECISION_END = re.compile(
    r"\s*(?:[.,;:()\[\]{}|]|--|—|–|\s-\s|\d|\b(?:on|as|since|by|in|at|for|with|during|until|pending|after|per|"
    r"from|under|to)\b)"
)
_ONCE = re.compile(r"(?:originally|initially|first|formerly|previously|was|status:?|currently|now|formally)\s+")
_IN_PART = re.compile(r"\b(?:partial(?:ly)?|partly|in\s+part)\b")


def decision_status_of(text: str) -> DecisionStatus | None:
    """Return the status of a decision that one line states, whatever stands around its words: `✅ **Accepted** (2026-01-05)`.

    What came later counts: `Proposed → Accepted`, `Proposed 2026-01-01, accepted 2026-01-05`. Of one that is superseded
    in part most is still in force, so it is accepted. What is not plain gives `None`: `Accepted?`, `proposed | accepted`.
    """
    plain, bare = _bare(text)
    if not bare:
        shown = {_DECISION_SIGNS.get(sign) for sign in _ANY_SIGN.findall(plain)}
        return shown.pop() if len(shown) == 1 else None
    bare = _ARROW.split(bare)[-1]
    if "?" in bare:
        return None
    if len(parts := _EITHER.split(bare)) > 1 and not any(char.isdigit() for char in bare):
        either = {_decided(part) for part in parts}
        return either.pop() if len(either) == 1 else None
    return next((found for part in reversed(_THEN.split(bare)) if (found := _decided(part))), None)


def decision_word(text: str) -> DecisionStatus | None:
    """Return the status of a decision that a text is a word of, and nothing else but marks and signs: `✅ Accepted`."""
    return _DECISIONS.get(word(_bare(text)[1]))


def _bare(text: str) -> tuple[str, str]:
    """Return a text without what is struck out, and its words without marks, signs, images and tags."""
    plain = _STRUCK.sub(" ", text)
    words = " ".join(_MARKS.sub("", _BEFORE.sub(" ", plain)).casefold().split()).strip(" >*-–—+")
    return plain, _FIRST.sub("", words).strip(" -–—")


def _decided(bare: str) -> DecisionStatus | None:
    """Return the status that a clause begins with; `None` where it begins with anything else."""
    said = _ONCE.sub("", bare.strip(_ENDS + "{}>*-+"), count=1) if not bare.startswith(("on ", "was not")) else bare
    if said in ("superseded", "superceded", "replaced") or not _IN_PART.search(said):
        pass
    elif re.search(r"\b(?:super[sc]eded|replaced)\b", said):
        return "accepted"
    for end in (len(said), *(match.start() for match in _DECISION_END.finditer(said) if match.start())):
        if found := _DECISIONS.get(word(said[:end])):
            return found
    return None


ForgeKind = Literal[
    "github", "gitlab", "gitea", "forgejo", "bitbucket", "bitbucket-server", "azure", "sourcehut", "plain", "none"
]
Forms = Mapping[str, str]

_GITEA = {
    "commit": "/commit/{id}",
    "pull": "/pulls/{number}",
    "issue": "/issues/{number}",
    "compare": "/compare/{old}...{new}",
    "file": "/src/commit/{id}/{path}",
    "file_on": "/src/branch/{branch}/{path}",
    "source": "?display=source",
    "line": "#L{line}",
    "lines": "#L{line}-L{end}",
    "history": "/commits/branch/{branch}/{path}",
    "edit": "/_edit/{branch}/{path}",
    "tag": "/releases/tag/{tag}",
}
# A form that a forge does not have is left out, and there are no such links. `file` is at a commit, `file_on` on a branch.
FORMS: Mapping[str, Forms] = {
    "github": {
        "commit": "/commit/{id}",
        "pull": "/pull/{number}",
        "issue": "/issues/{number}",
        "compare": "/compare/{old}...{new}",
        "file": "/blob/{id}/{path}",
        "file_on": "/blob/{branch}/{path}",
        "source": "?plain=1",
        "line": "#L{line}",
        "lines": "#L{line}-L{end}",
        "history": "/commits/{branch}/{path}",
        "edit": "/edit/{branch}/{path}",
        "tag": "/releases/tag/{tag}",
    },
    "gitlab": {
        "commit": "/-/commit/{id}",
        "pull": "/-/merge_requests/{number}",
        "issue": "/-/issues/{number}",
        "compare": "/-/compare/{old}...{new}",
        "file": "/-/blob/{id}/{path}",
        "file_on": "/-/blob/{branch}/{path}",
        "source": "?plain=1",
        "line": "#L{line}",
        "lines": "#L{line}-{end}",
        "history": "/-/commits/{branch}/{path}",
        "edit": "/-/edit/{branch}/{path}",
        "tag": "/-/tags/{tag}",
    },
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "bitbucket": {
        "commit": "/commits/{id}",
        "pull": "/pull-requests/{number}",
        "issue": "/issues/{number}",
        "compare": "/branches/compare/{new}%0D{old}",
        "file": "/src/{id}/{path}",
        "file_on": "/src/{branch}/{path}",
        "line": "#lines-{line}",
        "lines": "#lines-{line}:{end}",
        "history": "/history-node/{branch}/{path}",
        "edit": "/src/{branch}/{path}?mode=edit",
        "tag": "/src/{tag}",
    },
    "bitbucket-server": {
        "commit": "/commits/{id}",
        "pull": "/pull-requests/{number}",
        "compare": "/compare/commits?sourceBranch={new_at}&targetBranch={old_at}",
        "file": "/browse/{path}?at={id}",
        "file_on": "/browse/{path}?at=refs/heads/{branch}",
        "line": "#{line}",
        "lines": "#{line}-{end}",
        "history": "/commits?until=refs/heads/{branch}&path={path}",
        "tag": "/commits?until=refs/tags/{tag}",
    },
    "azure": {
        "commit": "/commit/{id}",
        "pull": "/pullrequest/{number}",
        "issue": "/../../_workitems/edit/{number}",
        "compare": "/branchCompare?baseVersion={old_version}&targetVersion={new_version}",
        "file": "?path=/{path}&version=GC{id}",
        "file_on": "?path=/{path}&version=GB{branch}",
        "line": "&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1",
        "lines": "&line={line}&lineEnd={end}&lineStartColumn=1&lineEndColumn=1",
        "history": "/commits?itemPath=/{path}&itemVersion=GB{branch}",
        "edit": "?path=/{path}&version=GB{branch}",
        "tag": "?version=GT{tag}",
    },
    "sourcehut": {
        "commit": "/commit/{id}",
        "compare": "/log/{old}..{new}",
        "file": "/tree/{id}/item/{path}",
        "file_on": "/tree/{branch}/item/{path}",
        "line": "#L{line}",
        "lines": "#L{line}-{end}",
        "history": "/log/{branch}/item/{path}",
        "tag": "/refs/{tag}",
    },
    "plain": {},
}
# What a form of one's own may name.
PLACES: Mapping[str, frozenset[str]] = {
    "commit": frozenset({"id"}),
    "pull": frozenset({"number"}),
    "issue": frozenset({"number"}),
    "compare": frozenset({"old", "new"}),
    "file": frozenset({"id", "path"}),
    "history": frozenset({"branch", "path"}),
    "edit": frozenset({"branch", "path"}),
    "tag": frozenset({"tag"}),
}
