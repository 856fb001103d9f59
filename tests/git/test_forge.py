"""Forges: every address is made of known parts, for each kind of forge, each form of a remote, and any text at all."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.refs import parse_remote
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.schema.statuses import FORMS, PLACES, ForgeKind
from roundbook.site.pages import pages

ID = "1234567890abcdef1234567890abcdef12345678"
HOME = "https://forge.example/a/_git/r"
KINDS = [kind for kind in FORMS if kind != "plain"]


def all_of(forge: Forge) -> dict[str, str | None]:
    """Return one address of every sort."""
    return {
        "commit": forge.commit(ID),
        "pull": forge.pull(12),
        "issue": forge.issue(12),
        "compare": forge.compare("v1", "v2"),
        "compare commits": forge.compare(ID, ID[::-1]),
        "file": forge.file(ID, "a/b.rs"),
        "branch": forge.file("main", "a/b.rs"),
        "line": forge.file(ID, "a/b.rs", 3),
        "lines": forge.file(ID, "a/b.rs", 3, 9),
        "source": forge.file(ID, "a/b.MD", 3),
        "history": forge.history("a/b.rs"),
        "edit": forge.edit("a/b.rs"),
        "tag": forge.tag("v1"),
    }


TABLE: dict[str, dict[str, str | None]] = {
    "github": {
        "branch": "/blob/main/a/b.rs",
        "lines": f"/blob/{ID}/a/b.rs#L3-L9",
        "source": f"/blob/{ID}/a/b.MD?plain=1#L3",
        "history": "/commits/main/a/b.rs",
        "edit": "/edit/main/a/b.rs",
    },
    "gitlab": {"lines": f"/-/blob/{ID}/a/b.rs#L3-9", "history": "/-/commits/main/a/b.rs"},
    "gitea": {"branch": "/src/branch/main/a/b.rs", "source": f"/src/commit/{ID}/a/b.MD?display=source#L3"},
    "bitbucket": {"lines": f"/src/{ID}/a/b.rs#lines-3:9"},
    "bitbucket-server": {
        "commit": f"/commits/{ID}",
        "pull": "/pull-requests/12",
        "issue": None,
        "compare": "/compare/commits?sourceBranch=refs/tags/v2&targetBranch=refs/tags/v1",
        "compare commits": f"/compare/commits?sourceBranch={ID[::-1]}&targetBranch={ID}",
        "file": f"/browse/a/b.rs?at={ID}",
        "branch": "/browse/a/b.rs?at=refs/heads/main",
        "lines": f"/browse/a/b.rs?at={ID}#3-9",
        "history": "/commits?until=refs/heads/main&path=a/b.rs",
        "edit": None,
        "tag": "/commits?until=refs/tags/v1",
    },
    "azure": {
        "commit": f"/commit/{ID}",
        "pull": "/pullrequest/12",
        "issue": "/../../_workitems/edit/12",
        "compare": "/branchCompare?baseVersion=GTv1&targetVersion=GTv2",
        "compare commits": f"/branchCompare?baseVersion=GC{ID}&targetVersion=GC{ID[::-1]}",
        "file": f"?path=/a/b.rs&version=GC{ID}",
        "branch": "?path=/a/b.rs&version=GBmain",
        "lines": f"?path=/a/b.rs&version=GC{ID}&line=3&lineEnd=9&lineStartColumn=1&lineEndColumn=1",
        "tag": "?version=GTv1",
    },
    "sourcehut": {
        "commit": f"/commit/{ID}",
        "pull": None,
        "issue": None,
        "compare": "/log/v1..v2",
        "file": f"/tree/{ID}/item/a/b.rs",
        "lines": f"/tree/{ID}/item/a/b.rs#L3-9",
        "history": "/log/main/item/a/b.rs",
        "tag": "/refs/v1",
    },
}


@pytest.mark.parametrize(("kind", "asked"), [(k, a) for k, forms in TABLE.items() for a in forms])
def test_each_kind_has_its_own_forms(kind: str, asked: str) -> None:
    path = TABLE[kind][asked]
    home = HOME.removesuffix("/_git/r") if path and path.startswith("/../..") else HOME
    assert all_of(Forge(kind, HOME))[asked] == (home + path.removeprefix("/../..") if path else None)


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_is_required(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form alone, and all but each, gives addresses or none, whatever a forge lacks."""
    whole = FORMS[kind]
    for some in (
        *({name: form} for name, form in whole.items()),
        *({n: f for n, f in whole.items() if n != m} for m in whole),
    ):
        monkeypatch.setattr("roundbook.git.forge.FORMS", {kind: some})
        made = all_of(Forge(kind, HOME))
        assert all(address is None or "{" not in address for address in made.values())
        assert (made["file"] is None) == (made["line"] is None) == ("file" not in some)


def test_every_kind_of_the_settings_has_forms() -> None:
    assert {*FORMS, "none"} == set(ForgeKind.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "kind", "home"),
    [
        ("git@github.com:o/r.git", None, "https://github.com/o/r"),
        ("ssh://git@ssh.github.com:443/o/r.git", None, "https://github.com/o/r"),
        ("https://ada:hunter2@github.com/o/r", None, "https://github.com/o/r"),
        ("https://gitlab.com/g/sub/deep/r.git", None, "https://gitlab.com/g/sub/deep/r"),
        ("ssh://git@git.example.org:2222/g/sub/r.git", "gitlab", "https://git.example.org/g/sub/r"),
        ("https://git.example.org:8443/g/r", "gitlab", "https://git.example.org:8443/g/r"),
        ("http://git.example.org:3000/o/r", "gitea", "http://git.example.org:3000/o/r"),
        ("https://github.com.evil.example/o/r", None, None),
        ("https://evil.example/github.com/o/r", None, None),
        ("git@notgithub.com:o/r", None, None),
        ("git@ssh.dev.azure.com:v3/org/My Project/r", None, "https://dev.azure.com/org/My%20Project/_git/r"),
        ("https://org@dev.azure.com/org/My%20Project/_git/r", None, "https://dev.azure.com/org/My%20Project/_git/r"),
        ("https://org.visualstudio.com/p/_git/r", None, "https://org.visualstudio.com/p/_git/r"),
        ("org@vs-ssh.visualstudio.com:v3/org/p/r", None, "https://dev.azure.com/org/p/_git/r"),
        ("https://evilvisualstudio.com/p/_git/r", None, None),
        ("https://dev.azure.com/org/p/r", None, None),
        ("ssh://git@bb.example:7999/proj/r.git", "bitbucket-server", "https://bb.example/projects/proj/repos/r"),
        ("https://bb.example/scm/proj/r.git", "bitbucket-server", "https://bb.example/projects/proj/repos/r"),
        ("https://bb.example/ctx/scm/~ada/r.git", "bitbucket-server", "https://bb.example/ctx/users/ada/repos/r"),
        ("https://bb.example/r.git", "bitbucket-server", None),
        ("git@git.sr.ht:~ada/r", None, "https://git.sr.ht/~ada/r"),
        ("https://git.sr.ht/ada/r", None, None),
        ("git@git.example.org:o/r", "none", None),
        ("https://github.com/o/%2e%2e/r", None, None),
        ("https://github.com/o/a%2Fb", None, None),
        ('https://exa"mple.org/o/r', "github", None),
        ("https://exa<mple.org/o/r", "github", None),
        ("https://..example/o/r", "github", None),
    ],
)
def test_the_home_is_found_from_the_remote(url: str, kind: str | None, home: str | None) -> None:
    forge = from_remote(parse_remote("origin", url), kind)
    assert (forge.url if forge else None) == home
    if url.startswith("http"):
        named = from_url(url, kind)
        assert (named.url if named else None) == home


def test_a_path_of_dots_leads_nowhere() -> None:
    forge = Forge("github", "https://github.com/o/r")
    assert forge.file("main", "../../../evil/repo") is None
    assert forge.tag("..") is None
    assert forge.file("main", "a/.../b") == "https://github.com/o/r/blob/main/a/.../b"


PIECES = [
    *(
        "https://",
        "http://",
        "ssh://",
        "git@",
        "user:hunter2@",
        "hunter2@",
        "github.com",
        "[::1]",
        ":22",
        ":x",
        "/",
        "o",
        "r",
    ),
    *("_git", "v3", "scm", "~", ".git", "..", "%2f", "%40", "\\", "@", "?", "#", "<", '"', "é"),
]
ODD = st.lists(st.sampled_from([*PIECES, "\n", "\x1b", "\udc80", " "]), max_size=12).map("".join)
LEGAL = re.compile(r"https?://[a-z0-9\[\]][a-z0-9._:\[\]-]*(?:/[A-Za-z0-9._~%:?#=&;()+,-]*)*")


@pytest.mark.parametrize("kind", KINDS)
@given(url=st.one_of(ODD, st.text(max_size=50)), part=st.one_of(ODD, st.text(max_size=20)))
def test_any_remote_gives_a_web_address_without_credentials_or_none(kind: str, url: str, part: str) -> None:
    for forge in (from_remote(parse_remote("origin", url), kind, part), from_url(url, kind, part), from_url(url)):
        made = (
            () if forge is None else (forge.url, forge.file(part, part, 2), forge.tag(part), forge.compare(part, part))
        )
        for address in filter(None, (*made, *(all_of(forge).values() if forge else ()))):
            assert LEGAL.fullmatch(address), address
            assert urlsplit(address).username is None
            assert ".." not in [unquote(s) for s in urlsplit(address).path.split("/")]


@given(user=st.text(max_size=8), password=st.text(max_size=8), scheme=st.sampled_from(["https", "http", "ssh"]))
def test_no_credential_is_ever_kept(user: str, password: str, scheme: str) -> None:
    remote = parse_remote("origin", f"{scheme}://{user}s3cret:{password}s3cret@github.com/o/r.git")
    assert "s3cret" not in repr(remote)
    forge = from_url(f"https://{user}s3cret:{password}s3cret@github.com/o/r.git")
    assert forge is None or "s3cret" not in forge.url.partition("github.com")[0]


# ------------------------------------------------------------------------------------------------------ settings

ROUND = "round: 1\nphase: 1\nfocus: x\n"
CGIT = """\
repositories:
  here:
    links:
      commit: "https://git.example.org/cgit/r/commit/?id={id}"
      file: "https://git.example.org/cgit/r/tree/{path}?id={id}"
"""


def forge_of(tmp_path: Path, options: str, *remotes: tuple[str, str]) -> tuple[Forge | None, list[str]]:
    repo = Repository(tmp_path)
    repo.commit("feat: x", {"data/rounds/1/1.yml": ROUND, "data/roundbook.yml": options})
    for name, url in remotes:
        repo.git("config", f"remote.{name}.url", url)
    book = load(tmp_path)
    return book.forge, [f.slug for f in book.findings if f.slug in ("forge-unknown", "link-not-usable")]


def test_a_plain_host_has_the_addresses_of_the_settings_and_no_other(tmp_path: Path) -> None:
    forge, notes = forge_of(tmp_path, CGIT, ("origin", "git@git.example.org:r.git"))
    assert notes == []
    assert forge is not None
    assert forge.commit(ID) == f"https://git.example.org/cgit/r/commit/?id={ID}"
    assert forge.file(ID, "a b/c", 3) == f"https://git.example.org/cgit/r/tree/a%20b/c?id={ID}"
    assert (forge.url, forge.pull(1), forge.tag("v1"), forge.compare("a", "b")) == ("", None, None, None)


def test_what_a_plain_host_has_no_address_for_is_no_link_on_a_page(tmp_path: Path) -> None:
    options = 'repositories: {here: {links: {tag: "https://x.example/{tag}"}}}\nchangelog: {yanked: 1.0.0}\n'
    repo = Repository(tmp_path)
    repo.commit("feat: x", {"data/rounds/1/1.yml": ROUND, "data/roundbook.yml": options})
    for version in ("v0.9.0", "v1.0.0"):
        repo.commit("feat: y\n\nRound: 1/1", {version: "x"})
        repo.tag(version)
    made = {page.uri: page.document() for page in pages(load(tmp_path))}
    assert 'href="https://x.example/v1.0.0"' in made["changelog/index.md"]
    assert "compare" not in made["changelog/index.md"]
    assert ">yanked<" in made["changelog/index.md"]
    assert f'2026-01/#c-{repo.head[:12]}"' in made["rounds/1/1.md"]
    assert 'href=""' not in "".join(made.values())


def test_addresses_of_the_settings_go_before_those_of_the_kind(tmp_path: Path) -> None:
    options = 'repositories: {here: {forge: github, links: {issue: "https://bugs.example/{number}"}}}\n'
    forge, _ = forge_of(tmp_path, options, ("origin", "git@code.example:o/r.git"))
    assert forge is not None
    assert (forge.issue(3), forge.pull(3)) == ("https://bugs.example/3", "https://code.example/o/r/pull/3")


@pytest.mark.parametrize(
    ("form", "address"),
    [
        ("commit", "https://x.example/{path}"),
        ("commit", "https://{id}.x.example/"),
        ("commit", "https://ada:pw@x.example/{id}"),
        ("commit", "javascript:alert({id})"),
        ("commit", "//x.example/{id}"),
        ("commit", "https://x.example/{id"),
        ("commit", "https://x.example/{id!r}"),
        ("commit", "https://x.example/{id.real}"),
        ("commit", "https://x.example/{}"),
        ("commit", 'https://x.example/"{id}'),
        ("tag", "https://x.example/{id}"),
    ],
)
def test_an_address_that_is_not_whole_is_refused(form: str, address: str) -> None:
    text = f"repositories: {{here: {{links: {{{form}: '{address}'}}}}}}\n"
    _, findings = rounds_load.parse_settings(text.encode(), "data/roundbook.yml")
    assert [f.slug for f in findings] == ["link-not-usable"]


@pytest.mark.parametrize("form", PLACES)
def test_an_address_with_all_its_places_is_taken(form: str) -> None:
    address = "https://x.example/" + "/".join(f"{{{name}}}" for name in sorted(PLACES[form]))
    text = f"repositories: {{here: {{links: {{{form}: '{address}'}}}}}}\n"
    made, findings = rounds_load.parse_settings(text.encode(), "data/roundbook.yml")
    assert findings == ()
    links = made.repositories["here"].links
    assert links is not None
    assert links.given() == {form: address}


@pytest.mark.parametrize(
    ("options", "remotes", "home", "noted"),
    [
        ("{}\n", [], None, False),
        ("{}\n", [("origin", "git@git.example.org:o/r")], None, True),
        ("{}\n", [("up", "git@github.com:o/r")], "https://github.com/o/r", False),
        ("{}\n", [("a", "git@github.com:o/a"), ("b", "git@github.com:o/b")], None, True),
        ("{}\n", [("a", "git@github.com:o/a"), ("origin", "gh:o/b")], "https://github.com/o/b", False),
        ("repositories: {h: {forge: none}}\n", [("origin", "git@github.com:o/r")], None, False),
        ("repositories: {h: {forge: gitea}}\n", [("origin", "git@x.example:o/r")], "https://x.example/o/r", False),
        ("repositories: {h: {url: 'https://x.example/o/r'}}\n", [], None, True),
    ],
)
def test_an_unknown_host_gives_no_links_and_a_note(
    tmp_path: Path, options: str, remotes: list[tuple[str, str]], home: str | None, noted: bool
) -> None:
    forge, notes = forge_of(tmp_path, options, *remotes)
    assert (forge.url if forge else None) == home
    assert notes == ["forge-unknown"] * noted


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let `gh:` be short for a host, with a password, as a user may have set it."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text('[url "https://ada:hunter2@github.com/"]\n\tinsteadOf = gh:\n', "utf-8")
    monkeypatch.setenv("HOME", str(home))
