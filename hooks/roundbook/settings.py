"""In: `data/roundbook.yml` as a tree. Out: `Settings`, every option with its own documentation and a working default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from roundbook.schema.base import Id, Many, Record, TextField
from roundbook.schema.ids import Space, spaces
from roundbook.schema.statuses import PLACES, Status, word

ForgeKind = Literal[
    "github", "gitlab", "gitea", "forgejo", "bitbucket", "bitbucket-server", "azure", "sourcehut", "plain", "none"
]
_WEB = re.compile(r"https?://[\w.\[\]:-]+(?:[/?#][\w.~:/?#\[\]!$&'()*+,;=%{}@-]*)?", re.ASCII)
Category = Literal["added", "changed", "deprecated", "removed", "fixed", "security", "hidden"]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise PydanticCustomError(
            "pattern-not-readable", "the pattern cannot be read: {fault}", {"fault": str(fault)}
        ) from None
    return text


def _names_a_round(text: str) -> str:
    if "round" not in re.compile(text).groupindex:
        fault = "it has no group (?P<round>…), so it finds no round"
        raise PydanticCustomError("pattern-not-readable", "the pattern cannot be used: {fault}", {"fault": fault})
    return text


Pattern = Annotated[TextField, AfterValidator(_pattern)]


class Links(Record):
    """Addresses on the web side of a host of another kind; each part is put in percent-encoded."""

    commit: TextField | None = Field(None, description="A commit: `{id}`.")
    compare: TextField | None = Field(None, description="What came between two tags or commits: `{old}`, `{new}`.")
    pull: TextField | None = Field(None, description="A pull request: `{number}`.")
    issue: TextField | None = Field(None, description="An issue: `{number}`.")
    file: TextField | None = Field(None, description="A file at a commit: `{id}`, `{path}`.")
    history: TextField | None = Field(None, description="The log of a file: `{branch}`, `{path}`.")
    edit: TextField | None = Field(None, description="Where a file is edited: `{branch}`, `{path}`.")
    tag: TextField | None = Field(None, description="A tag: `{tag}`.")

    @field_validator("*")
    @classmethod
    def _is_whole(cls, text: str | None, field: ValidationInfo) -> str | None:
        """Refuse an address of one's own that is not whole, or names a part that it does not have."""
        if text is None:
            return None
        places = PLACES[field.field_name or ""]
        try:
            parts = list(Formatter().parse(text))
        except ValueError:
            parts = [("", "?", "", None)]
        named = {name for _, name, _, _ in parts if name is not None}
        if not _WEB.fullmatch(text) or named - places or any(spec or conversion for _, _, spec, conversion in parts):
            known = ", ".join(f"{{{name}}}" for name in sorted(places))
            message = "no whole address with {places} in its path"
            raise PydanticCustomError("link-not-usable", message, {"places": known})
        return text

    def given(self) -> Mapping[str, str]:
        """Return the addresses that are given, by name."""
        return {form: found for form in PLACES if (found := getattr(self, form))}


class Repository(Record):
    """A repository that rounds belong to."""

    SHORT = "url"

    url: TextField | None = Field(None, description="Its address on its forge, `https://host/owner/name`.")
    branch: TextField | None = Field(None, description="Its default branch, for links; default `main`.")
    path: TextField | None = Field(
        None, description="A clone of it on this machine, from the project's folder; its rounds are held against it."
    )
    forge: ForgeKind | None = Field(None, description="What kind of forge; found from well-known hosts when left out.")
    links: Links | None = Field(None, description="Addresses of its own, for a host of another kind.")


class RoundPattern(Record):
    """A pattern that finds a round in a commit's subject or scope."""

    SHORT = "pattern"

    pattern: Annotated[Pattern, AfterValidator(_names_a_round)] = Field(
        description="A regular expression with the group `round`, and `phase` if it can tell."
    )
    phase: TextField | None = Field(None, description="The phase, where the pattern has no group for it.")
    where: Literal["subject", "scope"] = Field(
        "subject", description="What is searched: the subject, or the scope alone."
    )


class Exclusion(Record):
    """Commits that belong to no round on purpose."""

    SHORT = "subject"

    name: TextField | None = Field(None, description="What the accounting calls it.")
    subject: Pattern | None = Field(None, description="A pattern for the subject.")
    author: Pattern | None = Field(None, description="A pattern for the author's name.")
    paths: Many[TextField] = Field((), description="Globs; it holds for a commit that touches nothing else.")

    ANY_OF = ("subject", "author", "paths")


class Attribution(Record):
    """How commits find their rounds, beyond `commits:`, trailers, pull requests, data files and windows."""

    patterns: Many[RoundPattern] = Field((), description="Patterns over subjects or scopes.")
    carry_forward: bool = Field(False, description="A commit that names a round opens it until another is named.")
    exclude: Many[Exclusion] = Field((), description="Commits that are counted as excluded.")


class FragmentFolder(Record):
    """A folder of fragments that another tool makes its changelog of."""

    SHORT = "path"

    path: TextField = Field(description="The folder, from the project's folder.")
    kind: Literal["towncrier", "reno", "scriv", "changesets"] | None = Field(
        None, description="The tool; told by the look of each file when left out."
    )


class Changelog(Record):
    """How the changelog is made."""

    types: dict[Annotated[TextField, AfterValidator(str.lower)], Category] = Field(
        default_factory=dict, description="Conventional type → category, or `hidden`; added to the built-in map."
    )
    yanked: Many[TextField] = Field(
        (), description="Versions that were withdrawn; the changelog marks them `[YANKED]`."
    )
    fragments: Many[FragmentFolder] = Field(
        (), description="Folders of fragments of towncrier, reno, scriv or changesets, which are read as changes."
    )
    version_tags: Pattern = Field(
        r"v?(?P<version>\d+(?:\.\d+)+.*)", description="Which tags are versions; the group `version` is the number."
    )


class Threshold(Record):
    """How far a metric may move from one round to the next."""

    SHORT = "better"

    better: Literal["higher", "lower"] | None = Field(None, description="Which way is better.")
    percent: TextField | None = Field(None, description="How many per cent it may get worse; default 0.")


class RecordFolder(Record):
    """A folder of decision records that are adopted where they lie."""

    SHORT = "path"

    path: TextField = Field(
        description="The folder of the Markdown files, or one file that logs decisions, from the project's folder."
    )
    name: Id | None = Field(
        None,
        description="What the ids in it begin with; `adr` for the first that says none, else made of its path.",
    )


class Settings(Record):
    """All that a project can set; an empty file, or none, is valid."""

    repositories: dict[str, Repository] = Field(
        default_factory=dict, description="Repositories by name; the first is this one, its URL found from the remote."
    )
    attribution: Attribution = Field(
        default_factory=lambda: Attribution.model_validate({}), description="How commits find their rounds."
    )
    status_words: dict[str, Status] = Field(default_factory=dict, description="Extra words → status.")
    changelog: Changelog = Field(
        default_factory=lambda: Changelog.model_validate({}), description="How the changelog is made."
    )
    adrs: Many[RecordFolder] = Field(
        (), description="Folders of decision records in Markdown (MADR, Nygard, log4brains, logs), adopted as they lie."
    )
    ids: Many[Pattern] = Field((), description="Patterns of task ids, for finding them in commit messages.")
    roots: dict[str, TextField] = Field(
        default_factory=dict, description="Old path prefix → new one, for files that moved with their folder."
    )
    metrics: dict[str, Threshold] = Field(default_factory=dict, description="Thresholds of metrics, by name.")
    stale_after: Annotated[int, Field(ge=0)] = Field(
        14, description="How many days commits may go on after a round's end until what is open in it counts as stale."
    )
    checks: dict[str, Literal["off", "info", "warning", "error"]] = Field(
        default_factory=dict, description="How much a finding weighs, by its slug; data errors always stay errors."
    )

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Return the folders of decision records with the namespaces of their ids."""
        return spaces([(folder.path, folder.name or "") for folder in self.adrs])

    @property
    def here(self) -> str:
        """Return the name of this repository: the first one named, or the empty text."""
        return next(iter(self.repositories), "")

    def words(self) -> Mapping[str, Status]:
        """Return the extra status words in the form that statuses are looked up in."""
        return {word(written): status for written, status in self.status_words.items()}


def defaults() -> Settings:
    """Return the settings of a project that says nothing."""
    return Settings.model_validate({})
