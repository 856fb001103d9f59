"""In: nothing. Out: what the addresses of each kind of forge look like, below the home page of a repository.

A form that begins with `/..` leaves the last part of the home page. In a form `{id}` is a commit, `{old_at}` and `{new_at}`
a commit or the full name of a tag, `{old_version}` and `{new_version}` the same as Azure writes it. A form that is not there
is an address that the forge does not have.
"""

from __future__ import annotations

from collections.abc import Mapping

Forms = Mapping[str, str]

_GITEA = {
    "commit": "/commit/{id}",
    "pull": "/pulls/{number}",
    "issue": "/issues/{number}",
    "compare": "/compare/{old}...{new}",
    "file": "/src/commit/{id}/{path}",
    "file_on": "/src/branch/{branch}/{path}",
    "source": "?display=source",
    "line": "#L{line}",
    "lines": "#L{line}-L{end}",
    "history": "/commits/branch/{branch}/{path}",
    "edit": "/_edit/{branch}/{path}",
    "tag": "/releases/tag/{tag}",
}
FORMS: Mapping[str, Forms] = {
    "github": {
        "commit": "/commit/{id}",
        "pull": "/pull/{number}",
        "issue": "/issues/{number}",
        "compare": "/compare/{old}...{new}",
        "file": "/blob/{id}/{path}",
        "file_on": "/blob/{branch}/{path}",
        "source": "?plain=1",
        "line": "#L{line}",
        "lines": "#L{line}-L{end}",
        "history": "/commits/{branch}/{path}",
        "edit": "/edit/{branch}/{path}",
        "tag": "/releases/tag/{tag}",
    },
    "gitlab": {
        "commit": "/-/commit/{id}",
        "pull": "/-/merge_requests/{number}",
        "issue": "/-/issues/{number}",
        "compare": "/-/compare/{old}...{new}",
        "file": "/-/blob/{id}/{path}",
        "file_on": "/-/blob/{branch}/{path}",
        "source": "?plain=1",
        "line": "#L{line}",
        "lines": "#L{line}-{end}",
        "history": "/-/commits/{branch}/{path}",
        "edit": "/-/edit/{branch}/{path}",
        "tag": "/-/tags/{tag}",
    },
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "bitbucket": {
        "commit": "/commits/{id}",
        "pull": "/pull-requests/{number}",
        "issue": "/issues/{number}",
        "compare": "/branches/compare/{new}%0D{old}",
        "file": "/src/{id}/{path}",
        "file_on": "/src/{branch}/{path}",
        "line": "#lines-{line}",
        "lines": "#lines-{line}:{end}",
        "history": "/history-node/{branch}/{path}",
        "edit": "/src/{branch}/{path}?mode=edit",
        "tag": "/src/{tag}",
    },
    "bitbucket-server": {
        "commit": "/commits/{id}",
        "pull": "/pull-requests/{number}",
        "compare": "/compare/commits?sourceBranch={new_at}&targetBranch={old_at}",
        "file": "/browse/{path}?at={id}",
        "file_on": "/browse/{path}?at=refs/heads/{branch}",
        "line": "#{line}",
        "lines": "#{line}-{end}",
        "history": "/commits?until=refs/heads/{branch}&path={path}",
        "tag": "/commits?until=refs/tags/{tag}",
    },
    "azure": {
        "commit": "/commit/{id}",
        "pull": "/pullrequest/{number}",
        "issue": "/../../_workitems/edit/{number}",
        "compare": "/branchCompare?baseVersion={old_version}&targetVersion={new_version}",
        "file": "?path=/{path}&version=GC{id}",
        "file_on": "?path=/{path}&version=GB{branch}",
        "line": "&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1",
        "lines": "&line={line}&lineEnd={end}&lineStartColumn=1&lineEndColumn=1",
        "history": "/commits?itemPath=/{path}&itemVersion=GB{branch}",
        "edit": "?path=/{path}&version=GB{branch}",
        "tag": "?version=GT{tag}",
    },
    "sourcehut": {
        "commit": "/commit/{id}",
        "compare": "/log/{old}..{new}",
        "file": "/tree/{id}/item/{path}",
        "file_on": "/tree/{branch}/item/{path}",
        "line": "#L{line}",
        "lines": "#L{line}-{end}",
        "history": "/log/{branch}/item/{path}",
        "tag": "/refs/{tag}",
    },
    "plain": {},
}
# What a form of one's own may name.
PLACES: Mapping[str, frozenset[str]] = {
    "commit": frozenset({"id"}),
    "pull": frozenset({"number"}),
    "issue": frozenset({"number"}),
    "compare": frozenset({"old", "new"}),
    "file": frozenset({"id", "path"}),
    "history": frozenset({"branch", "path"}),
    "edit": frozenset({"branch", "path"}),
    "tag": frozenset({"tag"}),
}
