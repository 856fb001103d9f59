"""In: a finished run for a pull request, whose artifact anybody may have written. Out: one comment on it, kept up to date.

Runs in the event workflow_run, with a token that may write comments, so nothing of the artifact is believed: not whom it
is for (the pull request is asked for by the commit of the run), not how large it is, and not what its text would do.
Needs `gh` and Python's own library; checks out and runs nothing of the pull request.
"""

from __future__ import annotations

import html
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

MARKER = "<!-- roundbook: comment on a pull request -->"
AUTHOR = "github-actions[bot]"
NAME = "comment.md"
PACKED = 262_144
MOST = 60_000  # characters; the forge takes 65,536
PAGES = 30
PAGE = 100
NESTED = 20
NOTHING = "Nothing to say any more."

_ZERO_WIDTH = "\u200b"
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_MARKUP = frozenset("&<>*_|[](){}`~!\\-+=\"'")  # as entities these stand for themselves, and start nothing
_TAG = re.compile(r"</?(?:details|summary|sub|sup|br|kbd|code|b|i|em|strong)>")
_ACTIVE = re.compile(
    r"(?P<command>^[ \t>*+-]*/(?=\w))|(?P<fence>(?:`{3,}|~{3,})(?=[^\n`]*\w))"
    r"|(?P<at>[@\uff20])|(?P<open><)|(?P<number>[#!\uff03](?=\d))|(?P<image>!(?=\[))|(?P<scheme>:(?=/))"
    r"|(?P<issue>\b[Gg][Hh]-(?=\d))|(?P<host>\b[Ww]{3}\.)|(?P<definition>\](?=:))|(?P<target>\](?=\())"
)


def main(environment: Mapping[str, str]) -> str:
    """Write the comment, and return what was done in one line."""
    repository = environment["GITHUB_REPOSITORY"]
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    run = event["workflow_run"]
    number = pull_request(repository, run)
    if number is None:
        return "no open pull request stands at the commit of this run"
    packed = artifact(repository, int(run["id"]), environment.get("ARTIFACT", ""))
    if packed is None:
        return "the run has no artifact of a size to be read"
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    text = inert(unpack(packed), [f"{server}/{repository}", environment.get("SITE", "")])
    return write(repository, number, text)


def pull_request(repository: str, run: Mapping[str, Any]) -> int | None:
    """Return the one open pull request of the branch that the run was for, as long as it stands at the same commit."""
    sha, branch = str(run["head_sha"]), str(run["head_branch"])
    owner = (run.get("head_repository") or {}).get("full_name")
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", sha) or not owner:
        return None
    # A commit of a fork is not always known as one of the pull request, so the branch is asked for as well.
    by_branch = urlencode({"state": "open", "head": f"{owner.partition('/')[0]}:{branch}", "per_page": PAGE})
    found = [*get(f"repos/{repository}/commits/{sha}/pulls"), *get(f"repos/{repository}/pulls?{by_branch}")]
    numbers = {int(p["number"]) for p in found if stands(p, repository, sha, owner)}
    return numbers.pop() if len(numbers) == 1 else None


def stands(pull: Mapping[str, Any], repository: str, sha: str, owner: str) -> bool:
    """Tell whether a pull request is open, of this repository, and at the commit of that fork."""
    head, base = pull["head"], pull["base"]
    from_there = (head.get("repo") or {}).get("full_name") == owner
    return bool(
        pull["state"] == "open" and head["sha"] == sha and from_there and base["repo"]["full_name"] == repository
    )


def artifact(repository: str, run: int, name: str) -> bytes | None:
    """Return the packed artifact of a run, or nothing where it is missing, gone or too large."""
    listed = get(f"repos/{repository}/actions/runs/{run}/artifacts?per_page={PAGE}&name={quote(name, safe='')}")
    for one in listed["artifacts"]:
        if one["name"] == name and not one["expired"] and one["size_in_bytes"] <= PACKED:
            return gh(f"repos/{repository}/actions/artifacts/{int(one['id'])}/zip", limit=PACKED)
    return None


def unpack(packed: bytes) -> str:
    """Return the text in the artifact, cut to what a comment can hold; an archive that is none holds nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive, archive.open(NAME) as file:
            data = file.read(4 * MOST)  # a file that unpacks to more than it says is read no further
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return ""
    text = data.decode("utf-8", "replace")
    if len(text) <= MOST // 2:
        return text
    return text[: MOST // 2].rpartition("\n")[0] + "\n\n(cut here: it is too long for a comment)\n"


def inert(text: str, bases: list[str]) -> str:
    """Return Markdown in which nothing acts: nobody is mentioned, no issue is referred to, nothing is fetched or hidden.

    Links stay where they lead below one of `bases`. A zero-width space takes its meaning from all else, since it works
    within code as well, where an entity would be shown.
    """
    text = _plain(_INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    kept = "|".join(
        [_link(base) for base in bases if re.fullmatch(r"https://[\w.-]+(?::\d+)?[\w./~-]*", base, re.ASCII)]
    )
    stays = f"{kept or '(?!)'}|{_TAG.pattern}|{_ENTITY.pattern.removesuffix('?')}"  # what entities are left, is plain
    whole = re.compile(f"(?P<kept>{stays})|{_ACTIVE.pattern}", re.MULTILINE)
    text = whole.sub(lambda m: m[0] if m["kept"] else _parted(m), text)
    return text[:MOST].strip()


def _plain(text: str) -> str:
    """Return the text without entities but those that start nothing, also where decoding one makes another."""
    for _ in range(NESTED):
        before, text = text, _ENTITY.sub(_decoded, text)
        if text == before:
            return text
    return text.replace("&", f"&{_ZERO_WIDTH}")


def _link(base: str) -> str:
    """Return a pattern of the end of a link, from `](` on, that leads to a page below `base` or to it."""
    climbs = r"(?![^)\n]*(?:\.\.|%2[eE]))"
    return rf"\]\({climbs}{re.escape(base.rstrip('/'))}(?:[/?#][A-Za-z0-9._~/?#=&%+-]*)?\)"


def _decoded(match: re.Match[str]) -> str:
    meant = html.unescape(match[0])
    return match[0] if len(meant) == 1 and meant in _MARKUP else _INVISIBLE.sub("", meant)


def _parted(match: re.Match[str]) -> str:
    return match[0] + _ZERO_WIDTH


def write(repository: str, number: int, text: str) -> str:
    """Write the comment anew where we wrote one before, else add it; nothing to say adds nothing."""
    before = ours(repository, number)
    if before is None:
        if not text:
            return "nothing to say"
        send("POST", f"repos/{repository}/issues/{number}/comments", text)
        return f"commented on #{number}"
    if before["body"] == body(text or NOTHING):
        return f"the comment on #{number} is up to date"
    send("PATCH", f"repos/{repository}/issues/comments/{int(before['id'])}", text or NOTHING)
    return f"renewed the comment on #{number}"


def ours(repository: str, number: int) -> Mapping[str, Any] | None:
    """Return our own comment: by its marker and by who wrote it, for anybody can write the marker."""
    for page in range(1, PAGES + 1):
        listed = get(f"repos/{repository}/issues/{number}/comments?per_page={PAGE}&page={page}")
        for one in listed:
            user = one.get("user") or {}
            if user.get("login") == AUTHOR and user.get("type") == "Bot" and one["body"].startswith(MARKER):
                return dict(one)
        if len(listed) < PAGE:
            break
    return None


def body(text: str) -> str:
    """Return the whole comment."""
    return f"{MARKER}\n{text}\n"


def send(method: str, path: str, text: str) -> None:
    """Send the comment; its text goes through a pipe, so that it can be no argument."""
    gh("--method", method, path, "--input", "-", feed=json.dumps({"body": body(text)}).encode())


def get(path: str) -> Any:
    """Return what the forge answers to a question, as data."""
    return json.loads(gh(path))


def gh(*words: str, feed: bytes = b"", limit: int = 16_000_000) -> bytes:
    """Run `gh api`; raises where it fails or answers more than `limit` bytes."""
    whole = ["gh", "api", *words]
    with subprocess.Popen(whole, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101  for the checker of types
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(feed)
        process.stdin.close()
        answer = process.stdout.read(limit + 1)
        if len(answer) > limit:
            process.kill()
            raise SystemExit(f"gh api {words[0]}: the answer is larger than {limit} bytes")
    if process.returncode:
        raise SystemExit(f"gh api {words[0]} failed")
    return answer


if __name__ == "__main__":
    sys.stdout.write(main(os.environ) + "\n")
