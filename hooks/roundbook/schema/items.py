"""The items that a round lists: agents, goals, changes, metrics, tables, sections."""

import re
from collections.abc import Collection, Mapping
from typing import Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from roundbook.frozen import frozen
from roundbook.schema.base import Cells, Date, Item, Many, Record, StatusField, TextField
from roundbook.schema.decision import FullSha, Selection

ChangeType = Literal["added", "changed", "deprecated", "removed", "fixed", "security"]
CHANGE_TYPES: tuple[ChangeType, ...] = ("added", "changed", "deprecated", "removed", "fixed", "security")


class Team(Record):
    """Who worked, and how."""

    SHORT = "mode"

    size: TextField | None = Field(None, description="How many worked.")
    mode: TextField | None = Field(None, description="How they worked together, for example `concurrent`.")


class Deliverable(Item):
    """Something to be made."""

    LABEL = ("title", "paths")
    SHORT = "title"
    ANY_OF = ("title", "paths")

    title: TextField | None = Field(None, description="What it is.")
    group: TextField | None = Field(None, description="A heading to list it under.")
    paths: Many[TextField] = Field(
        (), description="Its files and folders, relative to the project; linked if they are in git."
    )
    note: TextField | None = Field(None, description="A remark.")
    status: StatusField | None = Field(None, description="Its status.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    commits: Many[Selection] = Field((), description="The commits that made it.")


class Agent(Item):
    """A person or a program that worked in the round."""

    LABEL = ("name", "task")
    SHORT = "name"
    ANY_OF = ("name", "task")

    name: TextField | None = Field(None, description="Its name. One of `name` and `task` is required.")
    task: TextField | None = Field(None, description="Its task.")
    role: TextField | None = Field(None, description="Its role.")
    status: StatusField | None = Field(None, description="Its status.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    deliverables: Many[Deliverable] = Field((), description="What it made.")
    note: TextField | None = Field(None, description="A remark.")
    branch: TextField | None = Field(None, description="The branch it worked on.")
    commits: Many[Selection] = Field((), description="The commits it made.")
    people: Many[TextField] = Field((), description="The people behind it.")


class Goal(Item):
    """An objective or a goal of the round."""

    LABEL = ("title", "text")
    SHORT = "title"
    ANY_OF = ("title", "text")

    title: TextField | None = Field(None, description="The goal in one line.")
    text: TextField | None = Field(None, description="Details.")
    status: StatusField | None = Field(None, description="Its status.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    commits: Many[Selection] = Field((), description="The commits that contribute to it.")
    evidence: TextField | None = Field(None, description="Evidence that it was reached.")


class Change(Item):
    """One entry of the changelog."""

    LABEL = ("text",)
    SHORT = "text"

    type: ChangeType = Field("changed", description="The category of Keep a Changelog.")
    text: TextField = Field(description="The entry, written for the people who use the project.")
    breaking: bool = Field(False, description="Whether users must act on it.")
    commits: Many[Selection] = Field((), description="The commits that made it.")
    prs: Many[TextField] = Field((), description="Its pull requests.")
    issues: Many[TextField] = Field((), description="The issues it resolves.")
    decision: TextField | None = Field(None, description="The decision behind it.")
    cve: TextField | None = Field(None, description="The CVE that a security entry fixes.")
    release: TextField | None = Field(
        None, description="The version that lists it, regardless of its commits and its round."
    )
    group: TextField | None = Field(None, description="Its original heading, if that is not one of the six categories.")

    @property
    def line(self) -> str:
        """Return its first paragraph, which is shown on the line of the list."""
        return self.text.partition("\n\n")[0]

    @property
    def rest(self) -> str:
        """Return the blocks that follow the first paragraph, as the entries of a list inside it."""
        return self.text.partition("\n\n")[2]


class RecordedVersion(Record):
    """A release that is recorded by hand, as an imported changelog has it."""

    SHORT = "version"

    version: TextField = Field(description="Its number or name.")
    date: Date | None = Field(None, description="The day of the release.")
    released: bool = Field(False, description="Whether it is released, if there is no `date`.")
    yanked: bool = Field(False, description="It was withdrawn; the changelog marks it `[YANKED]`.")
    title: TextField | None = Field(None, description="The rest of its heading, after number and date.")
    text: TextField | None = Field(None, description="A description of the whole release.")
    url: TextField | None = Field(None, description="A web page with all its changes.")


class Discovery(Item):
    """Something discovered in the round."""

    LABEL = ("title", "text")
    SHORT = "title"
    ANY_OF = ("title", "text")

    title: TextField | None = Field(None, description="What was found, in one line.")
    text: TextField | None = Field(None, description="Details.")
    severity: TextField | None = Field(None, description="Its severity.")
    refs: Many[TextField] = Field((), description="Rounds, decisions, pull requests or commits that it is about.")


class Deferral(Item):
    """Something deferred."""

    SHORT = "title"

    title: TextField = Field(description="What is deferred.")
    to: TextField | None = Field(None, description="The round it is deferred to, for example `3/5`.")
    until: TextField | None = Field(None, description="The condition for taking it up.")
    reason: TextField | None = Field(None, description="Why.")
    priority: TextField | None = Field(None, description="Its priority.")


class Carried(Record):
    """What the note itself says about an earlier round."""

    from_: TextField | None = Field(None, description="The earlier round, for example `3/3`.")
    completed: Many[Deliverable] = Field((), description="What was completed in it.")
    findings: Many[Discovery] = Field((), description="What was discovered in it.")
    deferred: Many[Deferral] = Field((), description="What it deferred.")


class Blocker(Item):
    """Something that blocks the work."""

    SHORT = "title"

    title: TextField = Field(description="What blocks the work.")
    status: StatusField | None = Field(None, description="Its status.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    severity: TextField | None = Field(None, description="Its severity.")
    since: TextField | None = Field(None, description="The round or date since which it blocks the work.")
    resolved: TextField | None = Field(None, description="The round or date in which it was resolved.")
    blocks: Many[TextField] = Field((), description="What it blocks.")
    text: TextField | None = Field(None, description="Details.")
    resolution: TextField | None = Field(None, description="How it was resolved.")


class Gate(Item):
    """An exit criterion or a check that was run."""

    SHORT = "title"

    title: TextField = Field(description="What is checked.")
    tier: Literal["must", "should", "nice"] | None = Field(None, description="Its priority.")
    command: TextField | None = Field(None, description="The command that checks it.")
    target: TextField | None = Field(None, description="The expected result.")
    result: Literal["pass", "fail", "partial", "blocked", "deferred", "missing", "pending", "na"] | None = Field(
        None, description="The actual result."
    )
    evidence: TextField | None = Field(None, description="Evidence for the result.")
    group: TextField | None = Field(None, description="A heading to list it under.")


class Task(Item):
    """A piece of work."""

    SHORT = "title"

    title: TextField = Field(description="What is to be done.")
    status: StatusField | None = Field(None, description="Its status.")
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    priority: TextField | None = Field(None, description="Its priority.")
    effort: TextField | None = Field(None, description="The effort.")
    parent: TextField | None = Field(None, description="The id of the task that it is part of.")
    agent: TextField | None = Field(None, description="Who does it.")
    note: TextField | None = Field(None, description="A remark.")


class ListedFiles(Record):
    """The files that the note says were touched; files from git are listed separately, under “Files touched”."""

    created: Many[TextField] = Field((), description="New files.")
    modified: Many[TextField] = Field((), description="Changed files.")
    deleted: Many[TextField] = Field((), description="Removed files.")


class Risk(Item):
    """Something that may go wrong."""

    SHORT = "title"

    title: TextField = Field(description="What may go wrong.")
    likelihood: TextField | None = Field(None, description="How likely it is.")
    impact: TextField | None = Field(None, description="What it would cost.")
    mitigation: TextField | None = Field(None, description="What is done about it.")
    owner: TextField | None = Field(None, description="Who watches it.")


class Note(Item):
    """A remark, a question or a next step."""

    LABEL = ("text",)
    SHORT = "text"

    text: TextField = Field(description="What it says.")
    priority: TextField | None = Field(None, description="Its priority.")
    owner: TextField | None = Field(None, description="Who is responsible.")


class PastRound(Record):
    """A row of "Previous Rounds" for a round that has no file; derived for those that have one."""

    round: TextField = Field(description="The round, for example `3/1`, or `1` in the same phase.")
    agents: TextField | None = Field(None, description="How many worked.")
    focus: TextField | None = Field(None, description="What it was about.")
    tests_after: TextField | None = Field(None, description="The test count at its end.")
    date: TextField | None = Field(None, description="When it was.")
    status: TextField | None = Field(None, description="How it ended.")


class Table(Item):
    """Any other table."""

    title: TextField | None = Field(None, description="Its caption.")
    columns: Many[TextField] = Field((), description="The headings of its columns.")
    rows: tuple[Cells, ...] = Field((), description="Its rows, a list of cells each.")
    note: TextField | None = Field(None, description="A remark below it.")


class Section(Item):
    """Any other prose."""

    SHORT = "body"

    title: TextField | None = Field(None, description="Its heading.")
    body: TextField = Field(description="Its text, in Markdown.")


WEB = ("https://", "http://")  # what addresses begin with that pages link to
LINKED = (*WEB, "mailto:")


def leads(url: str, forms: Collection[str] = LINKED) -> bool:
    """Return whether pages link to an address: one of the web, or of mail, that leads where it reads.

    An address with a user name leads elsewhere than it reads.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if url != url.strip() or not url.isprintable():
        return False
    if parts.scheme == "mailto":
        return "mailto:" in forms and not parts.netloc
    return f"{parts.scheme}://" in forms and bool(parts.netloc) and "@" not in parts.netloc and "\\" not in url


_LOCAL = re.compile(r"(?!/|[a-zA-Z][\w+.-]*:)(?:[\w./#?=&~-]|%(?!5[cC]))*", re.ASCII)


def leads_in_prose(url: str) -> bool:
    """Return whether an address within prose is linked: one of the web or of mail, or a relative one inside the site.

    An address from the root leaves a site that is published below a path.
    """
    return bool(_LOCAL.fullmatch(url)) or (leads(url) and "%5c" not in url.lower())


# A link or image, an address between angles, a definition: what Markdown makes a link of. Code is passed over.
_CODE = re.compile(
    r"(?<!`)(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)|^ *(?P<fence>~{3,}).*?^ *(?P=fence)", re.DOTALL | re.MULTILINE
)
_TITLE = r"""\s*(?:(?:"[^"]*"|'[^']*')\s*)?"""
_ADDRESSES = re.compile(
    rf"(?<!\\)\]\(\s*(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*)){_TITLE}\)"
    r"|<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*)>"
    rf"|^ {{0,3}}\[[^\[\]]+\]:[ \t]*(?:<([^<>\n]*)>|(\S+)){_TITLE}$",
    re.MULTILINE,
)

_ASCII = "".join(map(chr, range(33, 127)))  # all else is encoded in a link


def unlinked(text: str) -> list[str]:
    """Return the addresses of links in prose that pages show as text."""
    if not ("](" in text or "]:" in text or "<" in text):
        return []
    found = (next(filter(None, match.groups()), "") for match in _ADDRESSES.finditer(_CODE.sub("", text)))
    return [url for url in dict.fromkeys(found) if not leads_in_prose(quote(url, safe=_ASCII))]


class WebLink(Record):
    """A link to somewhere else."""

    SHORT = "url"

    url: TextField = Field(description="An address beginning with `https:`, `http:` or `mailto:`.")
    title: TextField | None = Field(None, description="Its title.")


class Source(Record):
    """A Markdown file that the round was imported from."""

    SHORT = "path"

    path: TextField = Field(description="Its path.")
    rev: TextField | None = Field(None, description="The commit it was read at.")
    blob: TextField | None = Field(None, description="The id of its content.")


class Closed(Record):
    """What `roundbook close` recorded: the commits and metrics of the round, as of one commit."""

    at: FullSha = Field(description="The commit of HEAD at which the round was closed, with all its digits.")
    commits: Many[FullSha] = Field((), description="The commits that belonged to the round, newest first.")
    metrics: dict[str, TextField] = Field(default_factory=dict, description="The values of its metrics, by name.")


_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class Waiver(Record):
    """Waives a warning of the round or about a pushed commit, with a reason that the page shows."""

    check: TextField = Field(description="The finding's slug; data errors cannot be waived.")
    target: TextField | None = Field(
        None, description="Part of the finding's message, to waive only that one; for a pushed commit its id."
    )
    reason: TextField = Field(description="Why it is acceptable.")

    @property
    def commit(self) -> str:
        """Return the short id of the commit that is the target, or nothing."""
        target = (self.target or "").lower()
        return target[:7] if _COMMIT.fullmatch(target) else ""


@frozen
class Adopted:
    """A change with the fragment that states it, by its path in the project.

    `kept` tells that the tool leaves its fragments where they are after a release, so that only the commit that added one
    tells which version has it; else a fragment that still exists is not released.
    """

    change: Change
    path: str
    kept: bool


# Headings that mean one of the six and nothing more; the flag says that its entries break something.
CATEGORIES: Mapping[str, tuple[ChangeType, bool]] = {
    **dict.fromkeys(("added", "add", "additions", "new", "features", "feature", "new features"), ("added", False)),
    **dict.fromkeys(("changed", "changes", "change"), ("changed", False)),
    **dict.fromkeys(("deprecated", "deprecations", "deprecation"), ("deprecated", False)),
    **dict.fromkeys(("removed", "removals", "removal"), ("removed", False)),
    **dict.fromkeys(("fixed", "fixes", "fix", "bug fixes", "bugfixes", "bug fix", "bugs fixed"), ("fixed", False)),
    **dict.fromkeys(("security", "security fixes"), ("security", False)),
    **dict.fromkeys(("breaking changes", "breaking change", "breaking"), ("changed", True)),
}


def category_of(title: str) -> tuple[ChangeType, bool] | None:
    """Return the category that a heading such as `🐛 Bug Fixes:` means, and whether its entries break something."""
    return CATEGORIES.get(" ".join(re.findall(r"[^\W\d_]+", title)).lower())
