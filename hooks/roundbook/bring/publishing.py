"""In: a survey and the text of a template. Out: the workflow that publishes the site on the forge that was found."""

from __future__ import annotations

import re

from roundbook.model.survey import Survey
from roundbook.write.typed import scalar

REQUIREMENTS = "requirements-docs.txt"
# By the kind of forge: where the workflow lies from the top of the repository, and the template of it.
WORKFLOWS = {
    "github": (".github/workflows/pages.yml", "ci/github-pages.yml"),
    "gitlab": (".gitlab-ci.yml", "ci/gitlab-ci.yml"),
    "forgejo": (".forgejo/workflows/pages.yml", "ci/forgejo-pages.yml"),
    "gitea": (".gitea/workflows/pages.yml", "ci/forgejo-pages.yml"),
}
JOB = "ci/gitlab-pages.yml"
LEFT = {
    "github": 'on GitHub set, once, Settings > Pages > Source to "GitHub Actions"',
    "gitlab": "on GitLab nothing more: Pages publishes what the job `pages` leaves in public/",
    "forgejo": "name a label of your runners in `runs-on`, and see that your server publishes the branch `pages`",
    "gitea": "name a label of your runners in `runs-on`, and see that a server publishes the branch `pages`",
}


def above(survey: Survey) -> str:
    """Return the way from the project's folder to the top of the repository, as the beginning of a path."""
    return "../" * survey.place.prefix.count("/")


def unfit(survey: Survey) -> str:
    """Return why no workflow can be filled in, or nothing: forges put values in place of what follows a `$`."""
    for what, value in (("folder", survey.place.prefix), ("folder", survey.data), ("branch", survey.place.branch)):
        if "$" in value or not value.isprintable():
            return f"the name of the {what} cannot stand in a workflow"
    return ""


def filled(template: str, survey: Survey) -> str:
    """Return a workflow with the branch, the folders and the stage of this project; comments stay.

    Raises `ValueError` where the template lacks a line that has to be filled in.
    """
    project = survey.place.prefix.rstrip("/") or "."
    text = _put(template, r"(?m)^(\s+PROJECT: )\.(?= )", scalar(project), required=True)
    text = _put(text, r"(?m)^(\s+DATA: )data(?= )", scalar(survey.data))
    text = _put(text, r"(?m)^(\s+branches: )\[main\]$", f"[{_in_flow(pattern(survey.place.branch))}]")
    if survey.place.prefix:
        text = _put(text, r"(?m)^(\s+files: )\[.*\]$", f"[{_in_flow(survey.place.prefix + REQUIREMENTS)}]")
    if survey.publishing.stages:
        text = _put(text, r"(?m)^(  stage: )deploy$", scalar(survey.publishing.stages[-1]))
    return text


def pattern(branch: str) -> str:
    """Return the pattern of a workflow that means one branch alone.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, "Filter pattern cheat sheet"
    """
    marked = re.sub(r"([*?+\[\]\\])", r"\\\1", branch)
    return f"\\{marked}" if marked.startswith("!") else marked


def _put(text: str, place: str, value: str, *, required: bool = False) -> str:
    """Return the text with the value behind what the first group of `place` means."""
    made, count = re.subn(place, lambda m: m[1] + value, text)
    if required and not count:
        raise ValueError(f"the template has no line {place}")
    return made


def _in_flow(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) and scalar(text) == text else '"' + _quoted(text) + '"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
