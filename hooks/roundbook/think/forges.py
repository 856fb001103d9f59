"""In: the settings and the remotes. Out: the web sides of the repositories, and a note where that of this one is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.errors import Finding
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.history import History
from roundbook.settings import Settings


def forges(settings: Settings, history: History) -> dict[str, Forge]:
    """Return the web sides of the repositories that the settings name; this one's is found from its remote."""
    found: dict[str, Forge] = {}
    for name, repository in settings.repositories.items():
        own = repository.links.given() if repository.links else {}
        if forge := from_url(repository.url or "", repository.forge, repository.branch or "main", own):
            found[name] = forge
    here = settings.repositories.get(settings.here)
    if not (here and here.url):
        branch = (here.branch if here else None) or history.default_branch
        own = here.links.given() if here and here.links else {}
        if forge := from_remote(history.remote, here.forge if here else None, branch, own):
            found[settings.here] = forge
    return found


def unnamed(settings: Settings, history: History) -> Iterator[Finding]:
    """Yield a note where this repository has remotes, and none of them tells what kind of forge it lies on."""
    here = settings.repositories.get(settings.here)
    said = here and (here.forge == "none" or (here.url and here.forge))
    if not said and settings.here not in forges(settings, history) and (history.remotes or (here and here.url)):
        message = "it is not known on what kind of forge this repository lies, so nothing links to the web"
        mend = "name its url and forge below repositories: in the settings, or write forge: none"
        yield Finding("info", "forge-unknown", message, None, mend)
