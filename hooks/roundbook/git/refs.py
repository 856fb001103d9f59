"""Branches, tags and remotes of a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from roundbook.git.history import Remote
from roundbook.git.objects import decode_path

FORMAT = "%(refname)%00%(objectname)%00%(symref)%00%(HEAD)"  # no field that needs an object, which may be missing
SETTINGS = (
    r"^(remote\..*\.(url|promisor)|url\..*\.insteadof|extensions\..*"
    r"|core\.(bare|worktree|repositoryformatversion)|safe\.barerepository)$"
)

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_SCP = re.compile(r"(?:[^/\\@]*@)?(?P<host>\[[^\]/@]+\]|[^:/\\@\[\]]{2,}):(?!:)(?P<path>.+)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_STANDARD_PORTS = {"http": 80, "https": 443}
_SCHEMES = frozenset({"http", "https", "ssh", "git", "git+ssh", "ssh+git"})


class Ref(NamedTuple):
    """A ref that is not symbolic: its full `name`, the `id` it points to, and whether it is the branch of HEAD."""

    name: str
    id: str
    head: bool


def parse_refs(out: bytes) -> tuple[Ref, ...]:
    """Return the refs that `for-each-ref` prints in `FORMAT`, without symbolic ones such as `origin/HEAD`."""
    rows = (line.split(b"\0") for line in out.split(b"\n") if line.count(b"\0") == 3)
    return tuple(
        Ref(decode_path(name), id_.decode("ascii"), head == b"*") for name, id_, alias, head in rows if not alias
    )


def parse_settings(out: bytes) -> tuple[tuple[str, str], ...]:
    """Return keys and values as printed by `git config -z --get-regexp`; a key without a value has an empty one."""
    entries = (decode_path(entry).partition("\n") for entry in out.split(b"\0") if entry)
    return tuple((key, value) for key, _, value in entries)


def is_partial(settings: Iterable[tuple[str, str]]) -> bool:
    """Return whether the repository promises to fetch objects later, as a partial clone does."""
    return any(key == "extensions.partialclone" or key.endswith(".promisor") for key, _ in settings)


def remotes(settings: Iterable[tuple[str, str]]) -> tuple[Remote, ...]:
    """Return the remotes that are on a host, `origin` first, then by name; `insteadOf` is applied."""
    entries = list(settings)
    instead = {value: key[4:-10] for key, value in entries if key.startswith("url.")}
    urls: dict[str, str] = {}
    for key, value in entries:
        if key.startswith("remote.") and key.endswith(".url"):
            urls.setdefault(key[7:-4], value)  # git fetches from the first
    found = [parse_remote(name, apply_instead(url, instead)) for name, url in urls.items()]
    return tuple(sorted(filter(None, found), key=lambda remote: (remote.name != "origin", remote.name)))


def apply_instead(url: str, instead: Mapping[str, str]) -> str:
    """Return the URL with its longest prefix in `instead` replaced.

    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlltbasegtinsteadOf
    """
    prefix = max((p for p in instead if p and url.startswith(p)), key=len, default="")
    return instead[prefix] + url[len(prefix) :] if prefix else url


def parse_remote(name: str, url: str) -> Remote | None:
    """Return where the URL of a remote points, or `None` for a folder, a helper (`ext::`), or an invalid URL.

    User, password, query and fragment are dropped. Ambiguous URLs are refused rather than guessed: an `@` after the host
    may be the end of a password that was not encoded, so it gives no remote.

    Source: https://git-scm.com/docs/git-fetch#_git_urls
    """
    if _CONTROL.search(url):
        return None
    if "://" in url:
        return _parse_url(name, url)
    match = _SCP.fullmatch(url)
    return _remote(name, match["host"], match["path"]) if match and "@" not in match["path"] else None


def _parse_url(name: str, url: str) -> Remote | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or "@" in parts.path + parts.query + parts.fragment:
        return None
    web = port if port != _STANDARD_PORTS.get(parts.scheme, port) else None  # a port of ssh is not one of the web
    return _remote(name, _host(parts), parts.path, web, "http" if parts.scheme == "http" else "https")


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _remote(name: str, host: str, path: str, port: int | None = None, scheme: str = "https") -> Remote | None:
    host = host.lower()
    path = re.split(r"[?#]", path)[0].strip("/").removesuffix(".git").rstrip("/")
    if not _HOST.fullmatch(host) or not path or "\\" in path or ".." in path.split("/"):
        return None
    return Remote(name, host, path, port, scheme)
