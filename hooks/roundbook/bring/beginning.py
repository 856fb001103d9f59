"""In: a survey. Out: the texts of the first files of a site: configuration, settings, front page, requirements, round."""

from __future__ import annotations

from collections.abc import Mapping

from roundbook.model.names import slug
from roundbook.model.records import Round
from roundbook.model.survey import INDEXES, Survey
from roundbook.settings import Settings
from roundbook.show import markdown
from roundbook.write.canonical import canonical
from roundbook.write.emit import Data, emit
from roundbook.write.typed import scalar, typed

SCHEMA = "round.schema.json"
_SETTINGS = "# The settings of roundbook. Every key has a default: a file without keys is a valid one.\n"
_MENDED = (
    "# The pages were there before MkDocs was: what their links do not find is a note. Mend them, and take this out.\n"
)
_PROGRAM = "# No macros: that plugin would run the main.py of this folder. Its option module_name names another file.\n"


def first_round(survey: Survey, day: str) -> Mapping[str, Data]:
    """Return the first round as a tree: what is known of it is its day, that of the newest commit, or else `day`."""
    return {
        "round": "1",
        "phase": "1",
        "title": "The first round on record",
        "date": survey.past.day or day,
        "status": "in-progress",
        "focus": "TBD",
    }


def round_file(tree: Mapping[str, Data]) -> str:
    """Return a round of a phase as its file, two folders below the schema."""
    return canonical(tree, Round, f"../../{SCHEMA}")


def with_macros(survey: Survey) -> bool:
    """Tell whether pages may hold macros: those that were there may hold braces, and a `main.py` would be run."""
    return not survey.pages.count and not survey.program


def options(survey: Survey) -> str:
    """Return the options that the plugin needs, as YAML on one line; nothing where the defaults will do."""
    return f"{{data_dir: {_quoted(survey.data)}}}" if survey.data != "data" else ""


def configuration(survey: Survey) -> str:
    """Return `mkdocs.yml`."""
    entry = f"roundbook: {options(survey)}" if options(survey) else "roundbook"
    plugins = ["search", *(["macros"] if with_macros(survey) else []), entry]
    lines = [
        f"site_name: {scalar(survey.name)}",
        "theme:",
        "  name: material",
        "  font: false # no request leaves the reader's browser",
        "plugins:",
        *(f"  - {plugin}" for plugin in plugins),
    ]
    text = "\n".join(lines) + "\n"
    text += _PROGRAM if survey.program and not survey.pages.count else ""
    if survey.pages.count:
        text += f"{_MENDED}validation:\n  not_found: info\n  anchors: info\n"
    if survey.pages.clashes:
        inside = (path.removeprefix(survey.pages.folder) for path in survey.pages.clashes)
        text += typed({"exclude_docs": "".join(f"{_ignored(path)}\n" for path in inside)})
    return text


def front_page(survey: Survey, *, card: bool = True) -> str:
    """Return the front page, with macros where it may hold any, and the `card` of the newest round where there is one."""
    head = f"# {_inert(survey.name)}\n"
    if with_macros(survey):
        shown = ("{{ round_card() }}", "{{ round_table() }}") if card else ("{{ round_table() }}",)
        return "\n\n".join((head.rstrip(), *shown)) + "\n"
    return f"{head}\n" + "".join(f"- [{name.capitalize()}]({survey.pages.index(name)})\n" for name in INDEXES)


def settings(survey: Survey, known: frozenset[str] = frozenset(Settings.model_fields)) -> Mapping[str, Data]:
    """Return the settings that differ from their defaults, as far as this version has the key."""
    place = survey.place
    here: dict[str, Data] = {}
    if place.forge and not place.named:
        here["forge"] = place.forge
    if place.repository and not place.known and place.branch.isprintable():
        here["branch"] = place.branch
    roots = {f"{root.old}/": "" for root in survey.roots if root.sure}
    folders = [folder.path for folder in survey.decisions if folder.path.isprintable()]
    made: dict[str, Data] = {
        "repositories": {slug(survey.name) or "here": here} if here else {},
        "roots": roots,
        "adrs": folders,
        "changelog": {"version-tags": survey.past.version_tags} if survey.past.version_tags else {},
    }
    return {key: value for key, value in made.items() if value and key in known}


def settings_file(tree: Mapping[str, Data]) -> str:
    """Return the settings as their file."""
    return _SETTINGS + (emit(tree) if tree else "")


def requirements(version: str) -> str:
    """Return what the site is built with; a person adds themes and plugins of their own, and where else roundbook lies."""
    return (
        "# What the documentation site is built with: roundbook, which brings MkDocs and its theme, and your own plugins.\n"
        "# Where your package index does not have this version, name the place that does: roundbook @ ADDRESS\n"
        f"roundbook=={version}\n"
    )


def _inert(name: str) -> str:
    """Return a name as the text of a heading, in which no template language and no Markdown finds anything."""
    return markdown.text(name).replace("{", "&#123;").replace("}", "&#125;")


def _ignored(path: str) -> str:
    """Return a path as a pattern of `exclude_docs` that means it alone."""
    return "".join(f"\\{c}" if c in "\\*?[]! #" else c for c in path)


def _quoted(text: str) -> str:
    made = scalar(text)
    return made if made[:1] in "'\"" or not set(text) & set("{}[],#:") else f"'{text}'"
