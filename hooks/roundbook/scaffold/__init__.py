"""What `init` writes into a repository."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from roundbook import schema
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.scaffold.survey import PIPELINE, SCHEMA, Survey
from roundbook.schema.ids import slug
from roundbook.schema.items import CHANGE_TYPES
from roundbook.schema.round import Round
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES
from roundbook.site import escape
from roundbook.yamlfile.writer import Data, canonical, emit, scalar, typed

REQUIREMENTS = "requirements-docs.txt"
# By kind of forge: where the workflow goes from the top of the repository, its template, and what is left to do.
WORKFLOWS = {
    "github": (
        ".github/workflows/pages.yml",
        "github-pages.yml",
        'on GitHub, set Settings > Pages > Source to "GitHub Actions", once',
    ),
    "gitlab": (
        PIPELINE,
        "gitlab-ci.yml",
        "on GitLab, nothing more: Pages publishes what the job `pages` leaves in public/",
    ),
    "forgejo": (
        ".forgejo/workflows/pages.yml",
        "forgejo-pages.yml",
        "name a label of your runners in `runs-on`, and check that your server publishes the branch `pages`",
    ),
    "gitea": (
        ".gitea/workflows/pages.yml",
        "forgejo-pages.yml",
        "name a label of your runners in `runs-on`, and check that a server publishes the branch `pages`",
    ),
}
_SITES = {"github.com": "github.io", "codeberg.org": "codeberg.page"}  # where a site is published unless told otherwise
LIVING = "memory-bank"  # the phase of notes on the present state
_SHOWN = 3
_SETTINGS = "# The settings of roundbook. Every key has a default, so a file without keys is valid.\n"
_VALIDATION = "# These pages are older than the site, so broken links are notes. Fix them, then remove this.\n"
_THEME = """\
theme:
  name: material
  font: false # no request leaves the reader's browser
  features:
    - navigation.indexes
    - navigation.prune
    - navigation.top
    - toc.follow
    - search.suggest
    - search.highlight
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
      primary: indigo
      accent: indigo
      toggle: {icon: material/weather-night, name: Switch to dark colours}
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
      primary: indigo
      accent: indigo
      toggle: {icon: material/weather-sunny, name: Switch to light colours}
"""
_MOST_TABS = 6
_TIMELINE = "{{ round_timeline() }}"
_FRONT = ("{{ round_overview() }}", "", "{{ round_release() }}", "", _TIMELINE, "")
_DECIDED = ("## Newest decisions", "", "{{ round_decisions(limit=5) }}", "")
_CARD = "{{ round_card() }}"
_MATTER = "---\ntitle: Home\nhide: [navigation, toc]\n{}---\n\n"  # Material hides what would be empty beside it
_BRACES = (
    "# Some pages contain double braces: macros are rendered only in pages with `render_macros: true` at their top.\n"
)
_MACROS = '''"""Macros of the pages. mkdocs-macros runs this file: by default it would run main.py, which is a program."""


def define_env(env: object) -> None:
    """Define macros here with `env.macro(function)`, if you need any."""
'''
_REQUIREMENTS = """\
# The packages that build the documentation site: roundbook, which installs MkDocs and its theme, and your plugins.
# If your package index does not have this version, say where it is: roundbook @ ADDRESS
roundbook=={version}
"""


@frozen
class PlannedFile:
    """A file to be made: its path from the project's folder, its text, and in a few words what it holds."""

    path: str
    text: str
    summary: str


@frozen
class Addition:
    """Lines that a person adds to a file, `where` in words."""

    path: str
    where: str
    lines: tuple[str, ...]


@frozen
class Plan:
    """Files to be made, lines to add to files that exist, and the next steps, in order."""

    files: tuple[PlannedFile, ...]
    additions: tuple[Addition, ...]
    next_steps: tuple[str, ...]


def plan(survey: Survey, version: str, day: str, first: Mapping[str, Data] | None = None) -> Plan:
    """Return how the project gets its site.

    `version` is that of roundbook. `first` is the first round as drafted from git, and `day` that of one where nothing could
    be drafted.
    """
    made = tuple(_files(survey, version, first or _first_round(survey, day)))
    return Plan(made, tuple(_additions(survey)), tuple(_next_steps(survey, made)))


def starts(survey: Survey) -> bool:
    """Return whether to make a first round: not beside others, nor where notes will be imported as rounds."""
    return not survey.rounds and not survey.notes


def template(name: str) -> str:
    """Return a workflow of `templates/ci/`, from wherever the package is installed."""
    return (files("roundbook") / "templates" / "ci" / name).read_text("utf-8")


# --------------------------------------------------------------------------------------------------------- files


def _files(survey: Survey, version: str, first: Mapping[str, Data]) -> Iterator[PlannedFile]:
    data, pages = survey.data, survey.pages
    found = survey.configuration
    yield PlannedFile(
        found.path if found else "mkdocs.yml", mkdocs_yml(survey), f"MkDocs with roundbook: {survey.name}"
    )
    chosen = settings(survey)
    keys = ", ".join(chosen) or "all defaults"
    yield PlannedFile(f"{data}/roundbook.yml", settings_file(survey), f"the settings: {keys}")
    if survey.program and not found:
        yield PlannedFile(f"{data}/macros.py", _MACROS, "what mkdocs-macros runs instead of main.py")
    if starts(survey):
        path = f"{data}/rounds/{first['phase']}/{first['round']}.yml"
        text = canonical(first, Round, _schema_at(survey, "round-file"))
        yield PlannedFile(path, text, f"the first round, {first['date']}: write its focus")
    inside = not pages.folder.startswith(("/", ".."))
    if inside and not pages.front and (found is None or not pages.exists):
        yield PlannedFile(f"{pages.folder}/index.md", _front_page(survey), "the front page")
    if publishes(survey):
        path, name, _ = WORKFLOWS[survey.place.forge]
        yield PlannedFile(REQUIREMENTS, _REQUIREMENTS.format(version=version), f"roundbook=={version}")
        if not _joins(survey):
            text = workflow(template(name), survey)
            yield PlannedFile(
                f"{survey.place.up}{path}", text, f"publishes the site of the branch {survey.place.branch}"
            )


def _schema_at(survey: Survey, name: str) -> str:
    """Return where the site that we publish has a schema for editors; nothing where we do not publish it."""
    url = _site_url(survey) if publishes(survey) and not survey.configuration else ""
    return url and url + schema.on_site(name)


def _first_round(survey: Survey, day: str) -> Mapping[str, Data]:
    title, date = "The first recorded round", survey.past.day or day
    return {"round": "1", "phase": "1", "title": title, "date": date, "status": "in-progress", "focus": "TBD"}


def _macros(survey: Survey) -> Data:
    """Return the entry of the macros plugin."""
    options: dict[str, Data] = {"render_by_default": False} if survey.pages.braces else {}
    if survey.program:
        options["module_name"] = f"{survey.data}/macros"
    return {"macros": options} if options else "macros"


def _entry(survey: Survey) -> Data:
    return {"roundbook": {"data_dir": survey.data}} if survey.data != "data" else "roundbook"


def mkdocs_yml(survey: Survey) -> str:
    """Return `mkdocs.yml` of a project that has none."""
    plugins = ["search", _macros(survey), _entry(survey)]
    url = _site_url(survey)
    text = f"site_name: {scalar(survey.name)}\n"
    text += f"site_description: {scalar(survey.description)}\n" if survey.description else ""
    text += f"site_url: {url}\n" if url else ""
    if survey.pages.foreign:
        text += f"docs_dir: {scalar(survey.pages.folder)} # {survey.pages.foreign} makes its own site of docs/\n"
    tabs = "    - navigation.tabs\n    - navigation.sections\n" if survey.pages.tops < _MOST_TABS else ""
    text += _THEME.replace("  features:\n", f"  features:\n{tabs}")
    text += _exclusions(survey)
    text += _BRACES if survey.pages.braces else ""
    text += "".join(f"{line}\n" for line in ("plugins:", *_indented(plugins)))
    return f"{text}{_VALIDATION}validation:\n  not_found: info\n  anchors: info\n" if survey.pages.count else text


def _exclusions(survey: Survey) -> str:
    """Return the setting that leaves out pages whose address another one has: MkDocs warns of them, or hides ours."""
    inside = {path.removeprefix(f"{survey.pages.folder}/") for path in survey.changelogs}
    changelogs = inside & {survey.pages.own.get("changelog", "")}
    found = dict.fromkeys(survey.pages.doubled, "an index.md beside it has its address")
    found |= dict.fromkeys(changelogs, "imported, and shown as pages of its versions")
    lines = "".join(f"  /{path}\n" for path in sorted(found) if path.isprintable())
    why = "; ".join(dict.fromkeys(found.values()))
    return f"exclude_docs: | # {why}\n{lines}" if lines else ""


def _site_url(survey: Survey) -> str:
    """Return the address that the forge gives to the site of a repository, where its host alone tells."""
    remote = survey.place.remote
    parts = re.fullmatch(r"([A-Za-z0-9-]+)/([\w.-]+)", remote.path.removesuffix(".git"), re.ASCII) if remote else None
    if not remote or not parts or remote.host not in _SITES:
        return ""
    host = f"{parts[1].lower()}.{_SITES[remote.host]}"
    return f"https://{host}/" if parts[2].lower() == host else f"https://{host}/{parts[2]}/"


def settings(survey: Survey) -> Mapping[str, Data]:
    """Return the settings that differ from their defaults."""
    place = survey.place
    here: dict[str, Data] = {}
    if place.forge and not place.named:
        here["forge"] = place.forge
    if place.repository and not place.known and place.branch.isprintable():
        here["branch"] = place.branch
    changelog: dict[str, Data] = {
        "fragments": [one.path for one in survey.fragments if one.path.isprintable()],
        "version-tags": survey.past.version_tags,
        "packages": dict(survey.past.packages),
    }
    made: dict[str, Data] = {
        "repositories": {slug(survey.name) or "here": here} if here else {},
        "only": ["."] if place.prefix else [],
        "adrs": [
            {"path": one.path, "name": one.name} if one.name else one.path
            for one in sorted(survey.decisions, key=lambda one: one.path)
            if one.path.isprintable()
        ],
        "notes": dict.fromkeys(survey.living, LIVING),
        "changelog": {key: value for key, value in changelog.items() if value},
    }
    return {key: value for key, value in made.items() if value}


def settings_file(survey: Survey) -> str:
    """Return the text of the settings file."""
    chosen, at = settings(survey), _schema_at(survey, "settings-file")
    return (f"{schema.LINE}{at}\n" if at else "") + _SETTINGS + (emit(chosen) if chosen else "")


def _front_page(survey: Survey) -> str:
    title = f"# {_inert(survey.name)}\n\n" + (f"{_inert(survey.description)}\n\n" if survey.description else "")
    matter = _MATTER.format("render_macros: true\n" if survey.pages.braces else "")
    # A timeline of a round or two says little; an imported changelog, which `rounds` has too, is without a date.
    dated = "rounds | selectattr('date') | list | length > 2"
    lines = (line if line != _TIMELINE else f"{{% if {dated} %}}{line}{{% endif %}}" for line in _FRONT)
    decided = ("", *_DECIDED) if survey.decisions else ("",)
    return matter + title + "\n".join((*lines, _CARD, *decided))


def _inert(text: str) -> str:
    """Return a text in which neither Markdown nor the macros' template language finds anything."""
    return escape.text(text).replace("{", "&#123;").replace("}", "&#125;")


# ----------------------------------------------------------------------------------------------------- workflows


def publishes(survey: Survey) -> bool:
    """Return whether the workflow is ours to write: its forge is known, and nothing else publishes the site."""
    path, *_ = WORKFLOWS.get(survey.place.forge, ("",))
    others = survey.publishing.others or (survey.publishing.ours and path not in survey.publishing.ours)
    return bool(path) and not others and not unfit(survey)


def _joins(survey: Survey) -> bool:
    """Return whether there is a pipeline to which our job is to be added."""
    return survey.place.forge == "gitlab" and survey.publishing.pipeline and not survey.publishing.ours


def unfit(survey: Survey) -> str:
    """Return why no workflow can be written, or nothing: forges evaluate what follows a `$`."""
    for what, value in (("folder", survey.place.prefix), ("folder", survey.data), ("branch", survey.place.branch)):
        if "$" in value or not value.isprintable():
            return f"the name of the {what} cannot be written in a workflow"
    return ""


def workflow(text: str, survey: Survey) -> str:
    """Return a template with the branch, the folders and the stage of this project; its comments stay."""
    prefix = survey.place.prefix
    values = {
        r"(?m)^(\s+PROJECT: )\.(?= )": scalar(prefix.rstrip("/") or "."),
        r"(?m)^(\s+DATA: )data(?= )": scalar(survey.data),
        r"(?m)^(\s+branches: )\[main\]$": f"[{_in_flow(branch_pattern(survey.place.branch))}]",
        r"(?m)^(\s+files: )\[.*\]$": f"[{_in_flow(prefix + REQUIREMENTS)}]",
        r"(?m)^(  stage: )deploy$": scalar(survey.publishing.stage or "deploy"),
    }
    for place, value in values.items():
        text = re.sub(place, lambda m, value=value: m[1] + value, text)  # type: ignore[misc]
    return text


def branch_pattern(branch: str) -> str:
    """Return the pattern of a workflow that matches one branch alone.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, "Filter pattern cheat sheet"
    """
    escaped = re.sub(r"([*?+\[\]\\])", r"\\\1", branch)
    return f"\\{escaped}" if escaped.startswith("!") else escaped


def _in_flow(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][\w./-]*", text) and scalar(text) == text:
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


# ------------------------------------------------------------------------------------------- what a person does


def _additions(survey: Survey) -> Iterator[Addition]:
    named = survey.configuration
    if named and "roundbook" not in (named.plugins or ()):
        if named.plugins is None:
            yield Addition(named.path, "at the end", ("plugins:", *_indented(["search", _entry(survey)])))
        elif named.mapping:
            options = {"data_dir": survey.data} if survey.data != "data" else {}
            yield Addition(named.named_in, "below plugins", _indented({"roundbook": options}))
        else:
            yield Addition(named.named_in, "to the list below plugins", _indented([_entry(survey)]))
    if named and named.unlisted:
        yield Addition(named.path, "to the list below nav", ("  - Project log: project-log/",))
    if _shows_rounds(survey):
        where = "where readers should see the newest round"
        if survey.pages.braces and not named:
            where += ", with `render_macros: true` in its front matter"
        yield Addition(survey.pages.front, where, (*_FRONT, _CARD))
    if publishes(survey) and _joins(survey):
        job = workflow(template("gitlab-pages.yml"), survey).splitlines()[1:]
        yield Addition(f"{survey.place.up}{PIPELINE}", "at the end", tuple(job))


def _shows_rounds(survey: Survey) -> bool:
    """Return whether macros can be added to the front page: it has none of ours, and nothing else that looks like one."""
    pages, named = survey.pages, survey.configuration
    own = posixpath.basename(pages.front) in pages.braces
    has_macros = not named or "macros" in (named.plugins or ())
    return bool(pages.front) and not pages.shows and not own and has_macros


def _indented(data: Any) -> tuple[str, ...]:
    return tuple(f"  {line}" for line in typed(data).splitlines())


def _next_steps(survey: Survey, made: Sequence[PlannedFile]) -> Iterator[str]:
    """Yield what a person still has to do, each in one line."""
    for gap in survey.place.gaps:
        if gap.slug in ("shallow", "partial"):
            yield f"{gap.message}, and --strict fails on it: {gap.fix}"
    if what := importable(survey):
        yield f"import {what}: roundbook import --found --verify"
    for file in made:
        if file.path.startswith(f"{survey.data}/rounds/"):
            yield f"write what the first round is about, in {file.path}"
    if survey.schema and survey.schema != schema.text():
        yield f"{survey.data}/{SCHEMA} is from another version; update it with roundbook schema"
    if not survey.ignored:
        yield "keep the built site out of git: add site/ to .gitignore"
    yield "look at it: roundbook check, then mkdocs serve"
    yield from _to_publish(survey)


def _to_publish(survey: Survey) -> Iterator[str]:
    forge = survey.place.forge
    if survey.publishing.others:
        names = ", ".join(survey.publishing.others)
        yield f"{names} already publishes a site: check that it installs roundbook and fetches the whole history"
    elif forge not in WORKFLOWS:
        yield "publish it: mkdocs build --strict writes plain files to site/, for any web server"
    elif why := unfit(survey):
        yield f"no workflow was written, because {why}"
    else:
        yield f"check that {REQUIREMENTS} names everything that the site is built with"
        yield WORKFLOWS[forge][2]


def importable(survey: Survey) -> str:
    """Return in words what `roundbook import --found` takes; nothing where there is nothing."""
    count = len(survey.notes) + len(survey.living)
    notes = [f"the {plural(count, 'note')}"] if count else []
    logs = survey.changelogs
    named = " and ".join(logs) if len(logs) <= _SHOWN else f"{len(logs):,} changelogs ({_some(logs)})"
    return " and ".join(filter(None, (*notes, named)))


# -------------------------------------------------------------------------------------------------------- report


def found(survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield what was looked for and what there is; the caller makes text of others harmless."""
    yield "repository", _repository(survey)
    past, pages, newest = survey.past, survey.pages, survey.past.day or "an unknown day"
    cut = "".join(f"; {gap.message}" for gap in survey.place.gaps if gap.slug in ("shallow", "partial"))
    yield (
        "history",
        f"{plural(past.commits, 'commit')}, the newest from {newest}{cut}" if past.commits else "no commits",
    )
    tags = f"{len(past.versions):,} of {plural(past.tags, 'tag')}" if past.tags else "no tags"
    packages = f"; {plural(len(past.packages), 'package')} with versions of their own" if past.packages else ""
    yield "versions", (f"{tags}: {_some(past.versions)}" if past.versions else tags) + packages
    named = survey.configuration
    with_ = "with" if named and "roundbook" in (named.plugins or ()) else "without"
    yield "mkdocs", f"{named.path}, {with_} roundbook" if named else "no mkdocs.yml"
    front = "" if pages.front else ", no front page"
    own = f"{pages.folder}/: {plural(pages.count, 'Markdown file')}{front}" if pages.exists else "none"
    yield "pages", f"{own}; docs/ belongs to {pages.foreign}" if pages.foreign else own
    folders = [f"{one.path} ({plural(one.count, 'record')})" for one in survey.decisions]
    yield "decisions", ", ".join(folders) or "no folder of decision records"
    yield (
        "notes",
        _some((*survey.notes, *survey.living))
        or "none named after a round, sprint, session, phase, milestone or iteration",
    )
    pieces = [f"{one.path} ({plural(one.count, 'fragment')})" for one in survey.fragments]
    yield "changelog", ", ".join(filter(None, (_some(survey.changelogs), *pieces))) or "none"
    yield "rounds", plural(survey.rounds, "file") if survey.rounds else "none"


def _repository(survey: Survey) -> str:
    place = survey.place
    if not place.repository:
        return "; ".join(gap.message for gap in place.gaps) or "none"
    where = f"; default branch {place.branch}" + (f", in its folder {place.prefix}" if place.prefix else "")
    if place.remote is None:
        return f"no remote `origin` on a host{where}"
    port = f":{place.remote.port}" if place.remote.port else ""
    return f"{place.remote.host}{port}/{place.remote.path}, {place.forge or 'an unknown kind of forge'}{where}"


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


TEMPLATE = "guide.md.j2"
_HABITS = ("fmt", "check")
_OTHERS = (
    ("draft", "drafts a round from git, for you to correct."),
    ("explain", "with a path says which decisions affect a file: ask before you change it."),
    ("schema", "prints the JSON Schema of round files, with every key."),
)


def guide(commands: Collection[str], data: str = "data") -> str:
    """Return the guide as Markdown, for a project whose rounds are in `data`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # takes 30 ms

    # What is filled in comes from the code of this package; the guide is read as text, so nothing is encoded.
    environment = Environment(
        loader=PackageLoader("roundbook", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    return environment.get_template(TEMPLATE).render(
        data=data,
        at=f" --data {shlex.quote(data)}" if data != "data" else "",
        statuses=_listed(STATUSES),
        decision_statuses=_listed(DECISION_STATUSES),
        change_types=_listed(CHANGE_TYPES),
        habits=[name for name in _HABITS if name in commands],
        others=[(name, use) for name, use in _OTHERS if name in commands],
        **{f"has_{name}": name in commands for name in ("new", "check", "close")},
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
