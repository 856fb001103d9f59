"""In: where a repository lies. Out: `Forge`, which makes the addresses of commits, files and pull requests there.

An address is made from parts only: a host that is known or named in the settings, percent-encoded path segments, full
object ids and numbers. A host that nobody named gives no links at all, since a guess by its name could be anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from roundbook.model.history import Remote

KNOWN_HOSTS = {
    "github.com": "github",
    "ssh.github.com": "github",
    "gitlab.com": "gitlab",
    "altssh.gitlab.com": "gitlab",
    "codeberg.org": "forgejo",
    "bitbucket.org": "bitbucket",
    "altssh.bitbucket.org": "bitbucket",
}
_WEB_HOST = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com", "altssh.bitbucket.org": "bitbucket.org"}
_GITEA = {
    "commit": "/commit/{id}",
    "pull": "/pulls/{number}",
    "issue": "/issues/{number}",
    "compare": "/compare/{old}...{new}",
    "file": "/src/commit/{id}/{path}",
    "line": "#L{line}",
    "history": "/commits/branch/{branch}/{path}",
    "edit": "/_edit/{branch}/{path}",
    "tag": "/releases/tag/{tag}",
    "branch": "/src/branch/{branch}",
}
FORMS = {
    "github": {
        "commit": "/commit/{id}",
        "pull": "/pull/{number}",
        "issue": "/issues/{number}",
        "compare": "/compare/{old}...{new}",
        "file": "/blob/{id}/{path}",
        "line": "#L{line}",
        "history": "/commits/{branch}/{path}",
        "edit": "/edit/{branch}/{path}",
        "tag": "/releases/tag/{tag}",
        "branch": "/tree/{branch}",
    },
    "gitlab": {
        "commit": "/-/commit/{id}",
        "pull": "/-/merge_requests/{number}",
        "issue": "/-/issues/{number}",
        "compare": "/-/compare/{old}...{new}",
        "file": "/-/blob/{id}/{path}",
        "line": "#L{line}",
        "history": "/-/commits/{branch}/{path}",
        "edit": "/-/edit/{branch}/{path}",
        "tag": "/-/tags/{tag}",
        "branch": "/-/tree/{branch}",
    },
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "bitbucket": {
        "commit": "/commits/{id}",
        "pull": "/pull-requests/{number}",
        "issue": "/issues/{number}",
        "compare": "/branches/compare/{new}%0D{old}",
        "file": "/src/{id}/{path}",
        "line": "#lines-{line}",
        "history": "/history-node/{branch}/{path}",
        "edit": "/src/{branch}/{path}?mode=edit",
        "tag": "/src/{tag}",
        "branch": "/src/{branch}",
    },
}


@dataclass(frozen=True, slots=True)
class Forge:
    """The web side of a repository: `kind` is a key of `FORMS`, `url` its home page without a final slash."""

    kind: str
    url: str
    branch: str = "main"

    def _made(self, form: str, **parts: str) -> str:
        encoded = {name: "/".join(quote(p, safe="") for p in part.split("/")) for name, part in parts.items()}
        return self.url + FORMS[self.kind][form].format(**encoded)

    def commit(self, commit_id: str) -> str:
        """Return the address of a commit."""
        return self._made("commit", id=commit_id)

    def pull(self, number: int) -> str:
        """Return the address of a pull or merge request."""
        return self._made("pull", number=str(number))

    def issue(self, number: int) -> str:
        """Return the address of an issue."""
        return self._made("issue", number=str(number))

    def compare(self, old: str, new: str) -> str:
        """Return the address of what came between two tags or commits."""
        return self._made("compare", old=old, new=new)

    def file(self, revision: str, path: str, line: int = 0) -> str:
        """Return the address of a file or folder at a commit, or on a branch where no commit is known."""
        at = self._made("file", id=revision, path=path)
        return at + FORMS[self.kind]["line"].format(line=line) if line else at

    def history(self, path: str) -> str:
        """Return the address of a file's log on the default branch."""
        return self._made("history", branch=self.branch, path=path)

    def edit(self, path: str) -> str:
        """Return the address at which a file of the default branch is edited."""
        return self._made("edit", branch=self.branch, path=path)

    def tag(self, name: str) -> str:
        """Return the address of a tag."""
        return self._made("tag", tag=name)


def from_remote(remote: Remote | None, kind: str | None = None, branch: str = "main") -> Forge | None:
    """Return the forge of a remote: of the given kind, or of a well-known host; `None` for any other host."""
    if remote is None:
        return None
    found = kind or KNOWN_HOSTS.get(remote.host)
    if found not in FORMS or not remote.path:
        return None
    host = _WEB_HOST.get(remote.host, remote.host)
    port = f":{remote.port}" if remote.port else ""
    path = "/".join(quote(part, safe="") for part in remote.path.split("/"))
    return Forge(found, f"https://{host}{port}/{path}", branch)


def from_url(url: str, kind: str | None = None, branch: str = "main") -> Forge | None:
    """Return the forge of an `https` or `http` address; user names, passwords and queries in it are dropped.

    `None` where the address cannot be read or its host is unknown and no kind is given.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("https", "http") or not host:
        return None
    found = kind or KNOWN_HOSTS.get(host)
    path = parts.path.strip("/").removesuffix(".git")
    if found not in FORMS or not path:
        return None
    shown_host = f"[{host}]" if ":" in host else host
    quoted = "/".join(quote(part, safe="%") for part in path.split("/"))
    return Forge(found, f"{parts.scheme}://{shown_host}{f':{port}' if port else ''}/{quoted}", branch)
