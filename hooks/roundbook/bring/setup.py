"""In: a survey, the day, and templates. Out: `Plan`: files to be made, lines for files of the user's, and what is left.

A plan is a wish: who carries it out keeps every file that is there.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.bring import beginning, joining, publishing
from roundbook.bring.joining import Addition
from roundbook.model import schema
from roundbook.model.survey import Survey
from roundbook.write.emit import Data

_CUT = frozenset({"shallow", "partial"})


@dataclass(frozen=True, slots=True)
class File:
    """A file to be made: its path from the project's folder, its text, and what is in it in a few words."""

    path: str
    text: str
    gist: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made, what a person adds to files that are there, and what is left to do, in that order."""

    files: tuple[File, ...]
    additions: tuple[Addition, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """What the installed version has: its number, its commands, and its templates by name."""

    version: str
    commands: Collection[str]
    template: Callable[[str], str]


def plan(survey: Survey, day: str, means: Means, first: Mapping[str, Data] | None = None) -> Plan:
    """Return how the project gets its site.

    `first` is the first round as it was drafted from git, and `day` that of one where nothing could be drafted.
    """
    files = tuple(_files(survey, means, first or beginning.first_round(survey, day)))
    return Plan(files, tuple(_additions(survey, means.template)), tuple(_left(survey, files, means)))


def drafted(survey: Survey, means: Means) -> bool:
    """Tell whether a first round is to be made: not beside others, nor where summaries will be imported as rounds."""
    return not survey.rounds and not (survey.summaries and "import" in means.commands)


def _files(survey: Survey, means: Means, first: Mapping[str, Data]) -> Iterator[File]:
    data = survey.data
    name = survey.configuration.path if survey.configuration else "mkdocs.yml"
    yield File(name, beginning.configuration(survey), f"MkDocs with roundbook: {survey.name}")
    chosen = beginning.settings(survey)
    keys = ", ".join(chosen) or "no key, the defaults hold"
    yield File(f"{data}/roundbook.yml", beginning.settings_file(chosen), f"the settings: {keys}")
    yield File(f"{data}/{beginning.SCHEMA}", schema.text(), "the JSON Schema of round files, for editors")
    if drafted(survey, means):
        path = f"{data}/rounds/{first['phase']}/{first['round']}.yml"
        yield File(path, beginning.round_file(first), f"the first round, {first['date']}: write its focus")
    inside = not survey.pages.folder.startswith(("/", ".."))
    if inside and not survey.pages.front and (survey.configuration is None or not survey.pages.there):
        text = beginning.front_page(survey, card=bool(survey.rounds) or drafted(survey, means))
        yield File(f"{survey.pages.folder}/index.md", text, "the front page")
    yield from _publishing(survey, means)


def _publishing(survey: Survey, means: Means) -> Iterator[File]:
    if not _publishes(survey):
        return
    path, template = publishing.WORKFLOWS[survey.place.forge]
    yield File(publishing.REQUIREMENTS, beginning.requirements(means.version), f"roundbook=={means.version}")
    if not _joins(survey):
        text = publishing.filled(means.template(template), survey)
        where = f"{publishing.above(survey)}{path}"
        yield File(where, text, f"publishes the site of the branch {survey.place.branch}")


def _publishes(survey: Survey) -> bool:
    """Tell whether the workflow is to be ours: the forge is one that has it, and nothing else publishes."""
    path, _ = publishing.WORKFLOWS.get(survey.place.forge, ("", ""))
    there = survey.publishing
    others = there.publishers or (there.ours and path not in there.ours)
    return bool(path) and not others and not publishing.unfit(survey)


def _joins(survey: Survey) -> bool:
    """Tell whether a pipeline is there that our job is to be added to."""
    return survey.place.forge == "gitlab" and survey.publishing.pipeline and not survey.publishing.ours


def _additions(survey: Survey, template: Callable[[str], str]) -> Iterator[Addition]:
    if found := survey.configuration:
        both = joining.plugin(found, beginning.options(survey)), joining.navigation(found, survey.pages)
        # The lower one first: then the line that is said for the other is still right.
        yield from sorted(filter(None, both), key=lambda one: -one.after)
    missing = {k: v for k, v in beginning.settings(survey).items() if k not in (survey.settings or ())}
    if survey.settings is not None and missing:
        lines = beginning.settings_file(missing).splitlines()[1:]
        yield Addition(f"{survey.data}/roundbook.yml", tuple(lines), why="at the end")
    if _publishes(survey) and _joins(survey):
        lines = publishing.filled(template(publishing.JOB), survey).splitlines()[1:]
        yield Addition(f"{publishing.above(survey)}.gitlab-ci.yml", tuple(lines), why="at the end")


def _left(survey: Survey, files: Sequence[File], means: Means) -> Iterator[str]:
    """Yield what a person still has to do, each in one line; a command is named only where this version has it."""
    for slug, message, mend in survey.place.gaps:
        if slug in _CUT:
            yield f"{message}, and --strict fails on it: {mend}"
    if survey.summaries and "import" in means.commands:
        yield f"bring the summaries in: roundbook import {sources(survey)} --verify"
    if survey.changelogs and "import" in means.commands:
        yield f"bring the changelog in: roundbook import {' '.join(map(_word, survey.changelogs))}"
    for file in files:
        if file.path.startswith(f"{survey.data}/rounds/"):
            yield f"write what the first round is about, in {file.path}"
    if survey.schema and survey.schema != schema.text():
        yield f"{survey.data}/{beginning.SCHEMA} is that of another version: renew it with roundbook schema"
    if not survey.ignored:
        yield "keep the built site out of git: add site/ to .gitignore"
    yield "see it: roundbook check, then mkdocs serve"
    yield from _to_publish(survey)


def _to_publish(survey: Survey) -> Iterator[str]:
    forge = survey.place.forge
    if survey.publishing.publishers:
        names = ", ".join(survey.publishing.publishers)
        yield f"{names} publishes a site already: see that it installs roundbook and fetches the whole history"
    elif forge in publishing.WORKFLOWS and (why := publishing.unfit(survey)):
        yield f"no workflow was made, since {why}"
    elif forge in publishing.WORKFLOWS:
        yield f"see that {publishing.REQUIREMENTS} names all that the site is built with, and a place that has it"
        yield publishing.LEFT[forge]
    else:
        yield "publish it: mkdocs build --strict makes plain files in site/, for any web server"


def sources(survey: Survey) -> str:
    """Return the summaries as words of a command line: all Markdown of a folder as one, where it holds nothing else."""
    words: list[str] = []
    folders = dict.fromkeys(path.rpartition("/")[0] for path in survey.summaries)
    for folder in folders:
        own = [path for path in survey.summaries if path.rpartition("/")[0] == folder]
        every = [path for path in survey.beside if path.rpartition("/")[0] == folder]
        alike = folder and len(own) > 1 and set(own) == set(every)
        words += [f"{_word(folder)}/*.md"] if alike else map(_word, own)
    return " ".join(words)


def _word(path: str) -> str:
    """Return a path as a word of a shell that no command takes for an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)
