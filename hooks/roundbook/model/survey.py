"""In: what `read/survey` found in a folder. Out: `Survey`, immutable: what is there that roundbook can build on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roundbook.model.history import Remote

INDEXES = ("rounds", "decisions", "changelog")  # folders whose front pages a newcomer looks for


@dataclass(frozen=True, slots=True)
class Place:
    """Where the project lies.

    `prefix` is its folder inside the repository, `""` or `sub/folder/`. `remote` is where the repository lies on the web,
    of which no credential is kept; `forge` is its kind, or empty where nothing tells, and `named` whether its host alone
    tells. `branch` is the default branch, and `known` whether links would find it without being told. `inside` tells that
    this is what git itself keeps, a bare repository or a folder `.git`.
    """

    repository: bool = False
    inside: bool = False
    prefix: str = ""
    remote: Remote | None = None
    remotes: int = 0
    forge: str = ""
    named: bool = False
    branch: str = ""
    known: bool = True
    gaps: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What the history holds: `day` is that of the newest commit; `conventional` of the `counted` commits say their type.

    `version_tags` is the pattern that takes `versions`, where the usual one takes none of the tags.
    """

    commits: int = 0
    day: str = ""
    counted: int = 0
    conventional: int = 0
    tags: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    version_tags: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of MkDocs: `path` of the file that names the plugins, its text, the plugins, and the pages' folder.

    `plugins` is `None` where no file names any. `listed` tells whether they are a list, else they are a mapping.
    """

    path: str
    text: str
    docs: str = "docs"
    plugins: tuple[str, ...] | None = None
    listed: bool = True
    nav: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The folder of hand-written pages: whether it is there, how many it has, and whether one of them is the front page.

    `own` are those at the address of an index that roundbook makes, such as `changelog.md`: they stand in its place.
    `clashes` are files named README.md beside an index.md, which MkDocs cannot publish both.
    """

    folder: str = "docs"
    there: bool = False
    count: int = 0
    front: bool = False
    own: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()

    def index(self, name: str) -> str:
        """Return the page at the address of an index: the user's own, or else the one that is made."""
        return next((path for path in self.own if re.match(rf"{name}[./]", path)), f"{name}/index.md")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds files of a kind."""

    path: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Root:
    """A leading folder that paths in notes have, and that is no more: `found` of the `asked` paths exist without it."""

    old: str
    found: int
    asked: int

    @property
    def sure(self) -> bool:
        """Tell whether most of the paths, and three at least, say so."""
        return self.found >= 3 and self.found * 2 > self.asked


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a forge runs: the pipeline of GitLab with its stages, where there is one, and files that publish a site already.

    `ours` are those that name roundbook, `publishers` the others.
    """

    publishers: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    pipeline: bool = False
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds.

    `settings` are the keys of the settings file, `None` where there is none. `schema` is the text of the schema that lies
    beside the rounds, or empty. `program` tells whether a `main.py` lies here, which the macros plugin would run. `unread`
    counts the Markdown files that were not looked into, since there are too many.
    """

    name: str
    data: str = "data"
    place: Place = Place()
    past: Past = Past()
    configuration: Configuration | None = None
    pages: Pages = Pages()
    decisions: tuple[Folder, ...] = ()
    summaries: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    changelogs: tuple[str, ...] = ()
    fragments: tuple[Folder, ...] = ()
    roots: tuple[Root, ...] = ()
    publishing: Publishing = Publishing()
    rounds: int = 0
    settings: tuple[str, ...] | None = None
    schema: str = ""
    program: bool = False
    ignored: bool = True
    unread: int = 0
