"""Forges: the addresses of commits, pull requests and files there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from roundbook.frozen import frozen
from roundbook.git.history import Remote
from roundbook.schema.statuses import FORMS

KNOWN_HOSTS = {
    "github.com": "github",
    "ssh.github.com": "github",
    "gitlab.com": "gitlab",
    "altssh.gitlab.com": "gitlab",
    "codeberg.org": "forgejo",
    "bitbucket.org": "bitbucket",
    "altssh.bitbucket.org": "bitbucket",
    "dev.azure.com": "azure",
    "ssh.dev.azure.com": "azure",
    "vs-ssh.visualstudio.com": "azure",
    "git.sr.ht": "sourcehut",
}
_WEB_HOST = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
}
HEAD = "HEAD"
_STANDARD_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ODD = re.compile(r"[\x00-\x1f\x7f/\\]")
_RENDERED = (".md", ".markdown")  # forges render these; a line can only be shown in the source view


@frozen
class Forge:
    """The web pages of a repository: `kind` is a key of `FORMS`, `url` its home page without a final slash, or empty.

    `own` holds whole addresses with places for the parts, as the settings give them; they go before the forms of the kind.
    Every address is `None` where the forge has none of that sort.
    """

    kind: str
    url: str
    branch: str = "main"
    own: tuple[tuple[str, str], ...] = ()

    def _made(self, form: str, **parts: str) -> str | None:
        template = dict(self.own).get(form)
        home = "" if template else self.url
        template = template or FORMS[self.kind].get(form)
        split = {name: part.split("/") for name, part in parts.items()}
        if not template or any({".", ".."}.intersection(segments) for segments in split.values()):
            return None
        while template.startswith("/../"):
            home, template = home.rpartition("/")[0], template[3:]
        encoded = {
            name: "/".join(quote(s.encode(errors="replace"), safe="") for s in segments)
            for name, segments in split.items()
        }
        return home + template.format(**encoded)

    def commit(self, commit_id: str) -> str | None:
        """Return the address of a commit."""
        return self._made("commit", id=commit_id)

    def pull(self, number: int) -> str | None:
        """Return the address of a pull or merge request."""
        return self._made("pull", number=str(number))

    def issue(self, number: int) -> str | None:
        """Return the address of an issue."""
        return self._made("issue", number=str(number))

    def compare(self, old: str, new: str) -> str | None:
        """Return the address that compares two tags or commits; `HEAD` is the tip of the default branch."""
        parts: dict[str, str] = {}
        for end, name in (("old", old), ("new", new)):
            at, version = f"refs/tags/{name}", f"GT{name}"
            if name == HEAD:
                at, version = f"refs/heads/{self.branch}", f"GB{self.branch}"
            elif _ID.fullmatch(name):
                at, version = name, f"GC{name}"
            parts |= {end: name, f"{end}_at": at, f"{end}_version": version}
        return self._made("compare", **parts)

    def file(self, revision: str, path: str, line: int = 0, end: int = 0) -> str | None:
        """Return the address of a file or folder at a commit, or on a branch if no commit is known.

        `line` leads to that line of it, and with `end` to all from the one to the other.
        """
        own = any(name == "file" for name, _ in self.own)
        form = "file" if own or _ID.fullmatch(revision) else "file_on"
        at = self._made(form, path=path, **{"id" if form == "file" else "branch": revision})
        if at is None or not line or own:
            return at
        forms = FORMS[self.kind]
        place = (end > line and forms.get("lines")) or forms.get("line")
        if not place:
            return at
        source = forms.get("source", "") if path.lower().endswith(_RENDERED) else ""
        return at + source + place.format(line=line, end=end)

    def history(self, path: str) -> str | None:
        """Return the address of a file's log on the default branch."""
        return self._made("history", branch=self.branch, path=path)

    def edit(self, path: str) -> str | None:
        """Return the address at which a file of the default branch is edited."""
        return self._made("edit", branch=self.branch, path=path)

    def tag(self, name: str) -> str | None:
        """Return the address of a tag."""
        return self._made("tag", tag=name)


def from_remote(
    remote: Remote | None, kind: str | None = None, branch: str = "main", own: Mapping[str, str] | None = None
) -> Forge | None:
    """Return the forge of a remote: of the given kind, or of a well-known host; `None` for any other host.

    With forms of one's `own`, any host has a forge; its home page is not guessed.
    """
    found = kind or (kind_of(remote.host) if remote else None)
    home = _home(found, remote.scheme, remote.host, remote.port, remote.path) if remote and found else None
    return _forge(found, home if found != "plain" else None, branch, own)


def from_url(
    url: str, kind: str | None = None, branch: str = "main", own: Mapping[str, str] | None = None
) -> Forge | None:
    """Return the forge of an `https` or `http` address; user names, passwords and queries in it are dropped.

    `None` where the address cannot be read or its host is unknown and neither a kind nor forms of one's `own` are given.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _forge(kind, None, branch, own)
    found = kind or kind_of(host) or ("plain" if own else None)
    shown_host = f"[{host}]" if ":" in host else host
    web = found and parts.scheme in ("https", "http")
    home = _home(str(found), parts.scheme, shown_host, port, parts.path) if web else None
    return _forge(found, home, branch, own)


def kind_of(host: str) -> str | None:
    """Return the kind of forge of a well-known host; old hosts of Azure begin with the name of the owner."""
    return KNOWN_HOSTS.get(host) or ("azure" if host.endswith(".visualstudio.com") else None)


def _forge(kind: str | None, home: str | None, branch: str, own: Mapping[str, str] | None) -> Forge | None:
    forms = tuple((own or {}).items())
    if kind in FORMS and kind != "plain" and home:
        return Forge(str(kind), home, branch, forms)
    return Forge("plain", home or "", branch, forms) if forms and kind != "none" else None


def _home(kind: str, scheme: str, host: str, port: int | None, path: str) -> str | None:
    """Return the home page of a repository, or `None` if this kind of forge has no such path."""
    segments = [unquote(part) for part in path.strip("/").removesuffix(".git").split("/")]
    if kind not in FORMS or not _HOST.fullmatch(host) or any(s in ("", ".", "..") or _ODD.search(s) for s in segments):
        return None
    shaped = _BELOW.get(kind)
    below = shaped(segments) if shaped else segments
    if not below:
        return None
    web = f":{port}" if port and port != _STANDARD_PORTS.get(scheme) else ""
    tail = "/".join(quote(s.encode(errors="replace"), safe="") for s in below)
    return f"{scheme}://{_WEB_HOST.get(host, host)}{web}/{tail}"


def _azure(path: list[str]) -> list[str]:
    """Return the path of a repository on Azure: `org/project/_git/name`, which is `v3/org/project/name` over ssh."""
    if path[0] == "v3" and len(path) == 4:
        return [path[1], path[2], "_git", path[3]]
    plain = ["_git" if part == "_ssh" else part for part in path]
    return plain if len(plain) > 2 and plain[-2] == "_git" else []


def _bitbucket_server(path: list[str]) -> list[str]:
    """Return the path of a repository on Bitbucket Data Center, which is `scm/project/name` or `project/name` for git."""
    if len(path) > 3 and path[-2] == "repos" and path[-4] in ("projects", "users"):
        return path
    if len(path) != 2 and path[-3:-2] != ["scm"]:
        return []
    owner, name = path[-2:]
    kind = ["users", owner[1:]] if owner.startswith("~") else ["projects", owner]
    return [*path[:-3], *kind, "repos", name] if len(owner) > 1 or owner != "~" else []


def _sourcehut(path: list[str]) -> list[str]:
    return path if len(path) == 2 and path[0].startswith("~") else []


_BELOW = {"azure": _azure, "bitbucket-server": _bitbucket_server, "sourcehut": _sourcehut}
