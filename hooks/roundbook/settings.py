"""Settings of a project: `data/roundbook.yml`, each option with its documentation and a default."""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from roundbook.schema import json_schema
from roundbook.schema.base import Id, Many, Record, TextField
from roundbook.schema.ids import Space, id_fault, spaces
from roundbook.schema.statuses import PLACES, ForgeKind, Status, word

_WEB = re.compile(r"https?://[\w.\[\]:-]+(?:[/?#][\w.~:/?#\[\]!$&'()*+,;=%{}@-]*)?", re.ASCII)
Category = Literal["added", "changed", "deprecated", "removed", "fixed", "security", "skip"]


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


def _record(text: str) -> str:
    if text != "skip" and (text.count("/") > 1 or any(map(id_fault, text.split("/")))):
        raise PydanticCustomError("not-a-record", "name a round such as `3/4`, a phase such as `3`, or `skip`")
    return text


Pattern = Annotated[TextField, AfterValidator(_pattern)]
Address = Annotated[TextField, WithJsonSchema({"type": ["string", "null"], "pattern": f"^{_WEB.pattern}$"})]
RecordName = Annotated[TextField, AfterValidator(_record), WithJsonSchema(json_schema.KEY)]
FindsARound = Annotated[
    Pattern, AfterValidator(_names_a_round), WithJsonSchema({"type": ["string", "null"], "pattern": r"\(\?P<round>"})
]


class Links(Record):
    """Web addresses for another kind of host; placeholders are replaced by percent-encoded values."""

    commit: Address | None = Field(None, description="A commit: `{id}`.")
    compare: Address | None = Field(None, description="A comparison of two tags or commits: `{old}`, `{new}`.")
    pull: Address | None = Field(None, description="A pull request: `{number}`.")
    issue: Address | None = Field(None, description="An issue: `{number}`.")
    file: Address | None = Field(None, description="A file at a commit: `{id}`, `{path}`.")
    history: Address | None = Field(None, description="The log of a file: `{branch}`, `{path}`.")
    edit: Address | None = Field(None, description="The edit page of a file: `{branch}`, `{path}`.")
    tag: Address | None = Field(None, description="A tag: `{tag}`.")

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
            message = "not a complete address with {places} in its path"
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
        None, description="A local clone, relative to the project; its rounds are checked against it."
    )
    data: TextField | None = Field(
        None,
        description="The folder of its own data in that clone: its rounds and decisions are listed with those of this book.",
    )
    api: TextField | None = Field(
        None,
        description="A copy of the folder `api/` of its site, relative to the project: its rounds and decisions are listed"
        " with those of this book.",
    )
    site: TextField | None = Field(None, description="The address of its site, for links to it.")
    forge: ForgeKind | None = Field(None, description="The kind of forge; default: derived from well-known hosts.")
    links: Links | None = Field(None, description="Web addresses, for another kind of host.")


class RoundPattern(Record):
    """A pattern that finds a round in a commit's subject or scope."""

    SHORT = "pattern"

    pattern: FindsARound = Field(description="A regular expression with the group `round`, and optionally `phase`.")
    phase: TextField | None = Field(None, description="The phase, if the pattern has no group for it.")
    where: Literal["subject", "scope"] = Field("subject", description="What to search: the subject, or only the scope.")


class Exclusion(Record):
    """Commits that deliberately belong to no round."""

    SHORT = "subject"

    name: TextField | None = Field(None, description="Its name in the coverage of commits.")
    subject: Pattern | None = Field(None, description="A pattern for the subject.")
    author: Pattern | None = Field(None, description="A pattern for the author's name.")
    paths: Many[TextField] = Field((), description="Globs; matches commits that touch only these paths.")

    ANY_OF = ("subject", "author", "paths")


class Attribution(Record):
    """How commits are assigned to rounds, in addition to `commits:`, trailers, pull requests, data files and windows."""

    patterns: Many[RoundPattern] = Field((), description="Patterns for subjects or scopes.")
    carry_forward: bool = Field(False, description="Later commits belong to the last round that a commit named.")
    exclude: Many[Exclusion] = Field((), description="Commits to count as excluded.")


class FragmentFolder(Record):
    """A folder of fragments from which another tool makes its changelog."""

    SHORT = "path"

    path: TextField = Field(description="The folder, relative to the project.")
    kind: Literal["towncrier", "reno", "scriv", "changesets"] | None = Field(
        None, description="The tool; default: detected from each file."
    )


_STARRED = {"type": ["string", "null"], "pattern": "^[^*]*[*][^*]*$"}


def _starred(text: str) -> str:
    if text.count("*") != 1:
        fault = "it has no * in the place of the version, or several"
        raise PydanticCustomError("pattern-not-readable", "the pattern cannot be used: {fault}", {"fault": fault})
    return text


class Package(Record):
    """A package with versions of its own."""

    SHORT = "paths"

    paths: Many[TextField] = Field(
        (),
        description="Globs, from the project's folder or with a leading `/` from the top: its versions consist of the commits"
        " that touch these paths; default: of all commits.",
    )
    tags: Annotated[TextField, AfterValidator(_starred), WithJsonSchema(_STARRED)] | None = Field(
        None,
        description="Its version tags, with `*` for the version: `pkg-a/v*`; default: its name, then one of `-_/@.`, then a"
        " version.",
    )

    def pattern(self, name: str) -> str:
        """Return the pattern for the tags of the package of a name, as that for `version-tags`."""
        before, _, after = self.tags.partition("*") if self.tags else ("", "", "")
        lead = re.escape(before) if self.tags else rf"{re.escape(name)}[-_/@.]"
        return rf"{lead}[vV]?(?P<version>\d.*){re.escape(after)}"


class Changelog(Record):
    """How the changelog is made."""

    types: dict[Annotated[TextField, AfterValidator(str.lower)], Category] = Field(
        default_factory=dict,
        description="Conventional type → category, or `skip` to leave such commits out; added to the built-in map.",
    )
    yanked: Many[TextField] = Field(
        (), description="Versions that were withdrawn; the changelog marks them `[YANKED]`."
    )
    fragments: Many[FragmentFolder] = Field(
        (), description="Folders of towncrier, reno, scriv or changesets fragments to read as changes."
    )
    version_tags: Pattern = Field(
        r"v?(?P<version>\d+(?:\.\d+)+.*)",
        description="A pattern for tags that are versions; the group `version` is the number.",
    )
    packages: dict[str, Package] = Field(
        default_factory=dict,
        description="Packages with versions of their own, by name; their tags are apart from those of `version-tags`.",
    )

    def by_folder(self) -> Mapping[str, str]:
        """Return the names of the packages by their folders, which are paths without a pattern."""
        return {path.strip("/"): name for name, package in self.packages.items() for path in package.paths}

    @field_validator("types", mode="before")
    @classmethod
    def _former_word(cls, types: object) -> object:
        """Read `hidden`, the former word for `skip`."""
        if not isinstance(types, Mapping):
            return types
        return {kind: "skip" if said == "hidden" else said for kind, said in types.items()}


class Threshold(Record):
    """How far a metric may move from one round to the next."""

    SHORT = "better"

    better: Literal["higher", "lower"] | None = Field(None, description="Which way is better.")
    percent: TextField | None = Field(None, description="By how many percent it may get worse; default 0.")


class RecordFolder(Record):
    """A folder of decision records that are adopted in place."""

    SHORT = "path"

    path: TextField = Field(description="The folder of Markdown files, or one decision log, relative to the project.")
    name: Id | None = Field(
        None,
        description="The prefix of its ids; default: `adr` for the first folder without a name, else derived from its path.",
    )


class Settings(Record):
    """All settings of a project; the file can be empty or missing."""

    repositories: dict[str, Repository] = Field(
        default_factory=dict, description="Repositories by name; the first is this one; default URL: from the remote."
    )
    only: Many[TextField] = Field(
        (),
        description="Globs, from the project's folder or with a leading `/` from the top: only commits that touch these paths,"
        " or the data, count; default: all commits.",
    )
    attribution: Attribution = Field(
        default_factory=Attribution.model_construct, description="How commits are assigned to rounds."
    )
    status_words: dict[str, Status] = Field(default_factory=dict, description="Extra words → status.")
    changelog: Changelog = Field(default_factory=Changelog.model_construct, description="How the changelog is made.")
    adrs: Many[RecordFolder] = Field(
        (), description="Folders of decision records in Markdown (MADR, Nygard, log4brains, logs), adopted in place."
    )
    ids: Many[Pattern] = Field((), description="Patterns for task ids in commit messages.")
    roots: dict[str, TextField] = Field(
        default_factory=dict, description="Old path prefix → new one, for files that moved with their folder."
    )
    notes: dict[str, RecordName] = Field(
        default_factory=dict,
        description="Path or pattern of notes → the round or phase that `import` makes of them (`3/4`, `3`), or `skip`.",
    )
    metrics: dict[str, Threshold] = Field(default_factory=dict, description="Thresholds of metrics, by name.")
    stale_after: Annotated[int, Field(ge=0)] = Field(
        14, description="How many days commits may continue after a round ends before its open items count as stale."
    )
    checks: dict[str, Literal["off", "info", "warning", "error"]] = Field(
        default_factory=dict, description="The severity of a finding, by its slug; data errors always stay errors."
    )

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Return the folders of decision records with the namespaces of their ids."""
        return spaces([(folder.path, folder.name or "") for folder in self.adrs])

    def paths(self, data: str) -> tuple[str, ...]:
        """Return the globs whose commits count, those of the data among them; none where all commits count."""
        records = (data, *(one.path for one in self.adrs), *(one.path for one in self.changelog.fragments))
        return (*self.only, *records) if self.only else ()

    @property
    def here(self) -> str:
        """Return the name of this repository: the first one named, or the empty text."""
        return next(iter(self.repositories), "")

    def words(self) -> Mapping[str, Status]:
        """Return the extra status words in the form that statuses are looked up in."""
        return {word(written): status for written, status in self.status_words.items()}


def defaults() -> Settings:
    """Return the settings of a project that says nothing."""
    return Settings.model_construct()  # no validator is built for it, which takes 50 ms


def schema_text() -> str:
    """Return the JSON Schema of the settings as the text of its file."""
    return json_schema.text(json_schema.schema(Settings, "settings of roundbook"))
