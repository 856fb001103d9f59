"""In: a survey. Out: what was found, one line each, in plain words; the door that prints it makes text of others harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.model.survey import Folder, Survey
from roundbook.show.marks import plural

_FORGES = {"github": "GitHub", "gitlab": "GitLab", "gitea": "Gitea", "forgejo": "Forgejo", "bitbucket": "Bitbucket"}
_SHOWN = 3


def found(survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield what was looked for and what there is, in the order in which a newcomer asks."""
    yield "repository", _repository(survey)
    yield "history", _history(survey)
    yield "versions", _versions(survey)
    yield "mkdocs", _configuration(survey)
    pages = survey.pages
    front = "" if pages.front else ", no front page"
    yield "pages", f"{pages.folder}/: {plural(pages.count, 'Markdown file')}{front}" if pages.there else "none"
    yield "decisions", _folders(survey.decisions, "record") or "no folder of decision records"
    more = f" ({plural(survey.unread, 'Markdown file')} more not looked into)" if survey.unread else ""
    yield "summaries", (_some(survey.summaries) or "none of rounds, sprints, phases or milestones") + more
    yield "changelog", _some(survey.changelogs) or "none"
    yield "fragments", _folders(survey.fragments, "fragment", kind=True) or "none"
    yield "old roots", _roots(survey) or "none"
    yield "rounds", plural(survey.rounds, "file") if survey.rounds else "none"


def _repository(survey: Survey) -> str:
    place = survey.place
    if not place.repository:
        return "; ".join(message for _, message, _ in place.gaps) or "none"
    where = f", in its folder {place.prefix}" if place.prefix else ""
    remote = place.remote
    if remote is None:
        several = "none of them is origin" if place.remotes else "no remote on a host"
        return f"{several}; default branch {place.branch}{where}"
    port = f":{remote.port}" if remote.port else ""
    forge = _FORGES.get(place.forge, place.forge) or "a forge of an unknown kind"
    return f"{remote.host}{port}/{remote.path}, {forge}; default branch {place.branch}{where}"


def _history(survey: Survey) -> str:
    past = survey.past
    if not past.commits:
        return "no commits"
    share = round(100 * past.conventional / past.counted) if past.counted else 0
    cut = "; ".join(message for slug, message, _ in survey.place.gaps if slug in ("shallow", "partial"))
    newest = "" if past.counted == past.commits else f" of {past.counted:,} that are no merges"
    return (
        f"{plural(past.commits, 'commit')}, the newest of {past.day or 'an unknown day'}; "
        f"{share} % are conventional{newest}" + (f"; {cut}" if cut else "")
    )


def _versions(survey: Survey) -> str:
    tags, versions = survey.past.tags, survey.past.versions
    if not tags:
        return "no tags"
    return f"{len(versions):,} of {plural(len(tags), 'tag')}" + (f": {_some(versions)}" if versions else "")


def _configuration(survey: Survey) -> str:
    configuration = survey.configuration
    if configuration is None:
        return "no mkdocs.yml"
    with_ = "with roundbook" if "roundbook" in (configuration.plugins or ()) else "without roundbook"
    return f"{configuration.path}, {with_}"


def _folders(folders: Sequence[Folder], word: str, *, kind: bool = False) -> str:
    return ", ".join(f"{f.path} ({f'{f.kind}, ' if kind else ''}{plural(f.count, word)})" for f in folders)


def _roots(survey: Survey) -> str:
    return ", ".join(
        f"{root.old}/ ({root.found} of {plural(root.asked, 'path')} exist without it{'' if root.sure else '; not sure'})"
        for root in survey.roots[:_SHOWN]
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
