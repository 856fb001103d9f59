"""The changelog as a file: its form, what stands around it, and what strangers write into commits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from repository import Repository
from roundbook.errors import RoundbookError
from roundbook.project import load
from roundbook.schema.items import CHANGE_TYPES
from roundbook.site import changelog_text
from roundbook.site.changelog_text import BEGIN, END, splice
from site_trial import Outcome, run
from test_markdown import acts

ROUND = """\
round: 1
phase: 1
focus: x
changes:
  - {type: added, text: A thing}
"""
FORGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
SUBJECTS = (
    "feat: thanks @ada and @org/team",
    "Fixes #12, closes o/r#13, resolves GH-14",
    "fix: </details></summary><script>alert(1)</script>",
    "<!-- roundbook: end -->",
    "feat: ](https://evil.example) [x](javascript:alert(1)) ![x](https://evil.example/p.png)",
    "- [ ] a task",
    "# a heading",
    "::error file=x::y ##[add-mask]z",
    "{{ cycler.__init__ }} {% for %} {# x #}",
    "/close",
    "[Unreleased]: https://evil.example/",
    "``` fence ~~~",
    "| a | b |",
    "see https://github.com/o/r/issues/1 and www.evil.example",
    "\u202eesrever \u200b\x1b[31m",
    "w" * 20_000,
)


def roundbook(cwd: Path, *words: str) -> Outcome:
    return run(cwd, "roundbook", *words)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Return a project with one round and one commit."""
    made = Repository(tmp_path)
    made.commit("feat: x\n\nRound: 1/1", {"data/rounds/1/1.yml": ROUND})
    return made


# ------------------------------------------------------------------------------------------------------- the form


def test_this_repository_s_own_changelog_is_up_to_date(root: Path) -> None:
    book = load(root)
    if not book.history.head or not book.history.complete:
        pytest.skip("not checked: history incomplete")
    now = (root / "CHANGELOG.md").read_bytes()
    after = splice(now, changelog_text.changelog(book, book.releases, commits=False))
    # Where a clone comes from is no part of the data, but the links at the bottom are made of it.
    assert unlinked(after) == unlinked(now), "run `make changelog`"


def unlinked(content: bytes) -> bytes:
    return re.sub(rb"\n+(?:\[[^\]\n]+\]: \S+\n)*(?=\n*<!-- roundbook: end)", b"\n", content)


def test_the_form_is_that_of_keep_a_changelog(repo: Repository) -> None:
    changes = "".join(f"  - {{type: {t}, text: one that was {t}}}\n" for t in reversed(CHANGE_TYPES))
    repo.commit("feat: y", {"data/rounds/1/1.yml": f"round: 1\nfocus: x\nreleases: v2.0.0\nchanges:\n{changes}"})
    repo.tag("v1.0.0", "HEAD~1")
    repo.tag("v2.0.0")
    repo.write({"data/roundbook.yml": "changelog: {yanked: v1.0.0}\n"})
    book = load(repo.path)
    lines = changelog_text.changelog(book, book.releases).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "## [Unreleased]",
        "## [2.0.0] - 2026-01-01",
        *(f"### {word}" for word in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")),
        "## [1.0.0] - 2026-01-01 [YANKED]",
    ]


def test_every_heading_has_its_link_where_the_forge_is_known(repo: Repository) -> None:
    repo.tag("v1.0.0")
    repo.commit("feat: y", {"a": "b"})
    repo.tag("v1.1.0-rc.1")
    repo.git("config", "remote.origin.url", "https://ada:hunter2@gitlab.com/g/sub/r.git")
    done = roundbook(repo.path, "changelog")
    assert done.output.splitlines()[-3:] == [
        "[Unreleased]: https://gitlab.com/g/sub/r/-/compare/v1.1.0-rc.1...HEAD",
        "[1.1.0-rc.1]: https://gitlab.com/g/sub/r/-/compare/v1.0.0...v1.1.0-rc.1",
        "[1.0.0]: https://gitlab.com/g/sub/r/-/tags/v1.0.0",
    ]
    assert "hunter2" not in done.output
    headings = [t.children or [] for t in FORGE.parse(done.output) if t.type == "inline" and t.map and t.level == 1]
    assert sum(c.type == "link_open" for children in headings for c in children) >= 3


def test_what_is_unreleased_can_have_its_coming_name(repo: Repository) -> None:
    repo.tag("v1.0.0")
    repo.write({"data/rounds/1/2.yml": "round: 2\nfocus: y\nchanges: {text: Another thing}\n"})
    repo.commit("feat: y\n\nRound: 1/2")
    made = roundbook(repo.path, "changelog", "--next", "v1.1.0", "--no-commits").output
    assert made.startswith("## [1.1.0] - 2026-01-01\n\n### Changed\n\n- Another thing\n\n## [1.0.0] - ")
    repo.tag("v1.1.0")
    after = roundbook(repo.path, "changelog", "--no-commits").output
    assert after == f"## [Unreleased]\n\n{made}"
    assert roundbook(repo.path, "changelog", "--next", "1.1.0").code == 2


# ----------------------------------------------------------------------------------------------------- the file


def test_a_file_that_is_not_there_is_made_and_then_up_to_date(repo: Repository) -> None:
    file = repo.path / "CHANGELOG.md"
    assert roundbook(repo.path, "changelog", "--write", "CHANGELOG.md", "--check").code == 1
    assert not file.exists()
    assert roundbook(repo.path, "changelog", "--write", "CHANGELOG.md").code == 0
    first = file.read_bytes()
    assert first.startswith(b"# Changelog\n\n")
    assert b"\n\n## [Unreleased]\n\n### Added\n\n- A thing\n\n" in first
    assert b"feat: x" not in first  # a file cannot list the commit that brings it
    stamp = file.stat().st_mtime_ns
    for words in ((), ("--check",)):
        done = roundbook(repo.path, "changelog", "--write", "CHANGELOG.md", *words)
        assert (done.code, done.output) == (0, "CHANGELOG.md is up to date\n")
    assert file.stat().st_mtime_ns == stamp
    repo.write({"data/rounds/1/1.yml": ROUND.replace("A thing", "Another")})
    done = roundbook(repo.path, "changelog", "--write", "CHANGELOG.md", "--check")
    assert done.code == 1
    assert "run: roundbook changelog --write CHANGELOG.md" in done.output
    assert file.read_bytes() == first


def test_a_link_stays_a_link_and_permissions_stay(repo: Repository) -> None:
    real = repo.path / "docs" / "real.md"
    repo.write({"docs/real.md": f"{BEGIN}\n{END}\n"})
    real.chmod(0o640)
    (repo.path / "CHANGELOG.md").symlink_to(real)
    assert roundbook(repo.path, "changelog", "--write", "CHANGELOG.md").code == 0
    assert (repo.path / "CHANGELOG.md").is_symlink()
    assert "A thing" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in real.parent.iterdir()] == ["real.md"]


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"# Changelog\n", "marker-missing"),
        (f"{BEGIN}\n".encode(), "marker-missing"),
        (f"{END}\n".encode(), "marker-missing"),
        (f"{END}\n{BEGIN}\n".encode(), "marker-misplaced"),
        (f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n".encode(), "marker-misplaced"),
        (f"text {BEGIN}\n{END}\n".encode(), "marker-missing"),
        (f"{BEGIN}\n{END}\n".encode("utf-16"), "changelog-not-utf8"),
    ],
)
def test_a_file_without_one_pair_of_markers_is_left_alone(repo: Repository, content: bytes, slug: str) -> None:
    with pytest.raises(RoundbookError) as caught:
        splice(content, "x")
    assert [f.slug for f in caught.value.findings] == [slug]
    file = repo.path / "CHANGELOG.md"
    file.write_bytes(content)
    done = roundbook(repo.path, "changelog", "--write", "CHANGELOG.md")
    assert done.code == 2
    assert "CHANGELOG.md" in done.output
    assert file.read_bytes() == content


def test_force_gives_a_file_its_markers_and_keeps_the_rest(repo: Repository) -> None:
    file = repo.path / "CHANGELOG.md"
    file.write_bytes(b"\xef\xbb\xbf# Ours\r\n\r\nWords.\r\n\r\n## 0.1\r\n\r\n- by hand")
    assert roundbook(repo.path, "changelog", "--write", "CHANGELOG.md", "--force").code == 0
    made = file.read_bytes()
    assert made.startswith(
        b"\xef\xbb\xbf# Ours\r\n\r\nWords.\r\n\r\n<!-- roundbook: begin -->\r\n\r\n## [Unreleased]\r\n"
    )
    assert made.endswith(b"<!-- roundbook: end -->\r\n\r\n## 0.1\r\n\r\n- by hand")
    assert b"\n" not in made.replace(b"\r\n", b"")
    assert roundbook(repo.path, "changelog", "--write", "CHANGELOG.md", "--check").code == 0


AROUND = st.lists(
    st.sampled_from(["# T", "words", "\r\n", "\n", "\r", " ", "é", "<!-- x -->", "## 1"]), max_size=8
).map("".join)


@given(before=AROUND, after=AROUND, end=st.sampled_from(["\n", "\r\n", "\r"]), bom=st.booleans(), inside=AROUND)
@example(before="", after="", end="\r\n", bom=True, inside="old")
def test_what_stands_outside_is_kept_to_the_byte(before: str, after: str, end: str, bom: bool, inside: str) -> None:
    head = ("\ufeff" if bom else "") + (before + end if before else "")
    tail = f"{END}{end}{after}" if after else END
    made = splice(f"{head}{BEGIN}{end}{inside}{end}{tail}".encode(), "## new\n\n- text\n")
    assert made == f"{head}{BEGIN}{end}{end}## new{end}{end}- text{end}{end}{tail}".encode()
    assert splice(made, "## new\n\n- text\n") == made
    forced = splice(head.encode(), "## new\n", force=True)
    assert forced.replace(f"{BEGIN}".encode(), b"").startswith(head.encode()[:3] if bom else b"")
    assert splice(forced, "## new\n") == forced


def test_a_cut_history_is_neither_checked_nor_written(repo: Repository, tmp_path: Path) -> None:
    repo.commit("feat: y", {"CHANGELOG.md": f"{BEGIN}\n{END}\n"})
    repo.commit("feat: z", {"a": "b"})
    clone = repo.clone(tmp_path / "clone", depth=1)
    for words in ((), ("--check",)):
        done = roundbook(clone.path, "changelog", "--write", "CHANGELOG.md", *words)
        assert done.code == 2
        assert "history incomplete" in done.output
    assert (clone.path / "CHANGELOG.md").read_text("utf-8") == f"{BEGIN}\n{END}\n"
    assert "the history here is incomplete" in roundbook(clone.path, "changelog").output


@pytest.mark.parametrize(
    "words",
    [
        ("changelog", "--version", "9.9"),
        ("changelog", "--version", "1", "--all"),
        ("changelog", "--check"),
        ("changelog", "--force"),
        ("changelog", "--write", "x.md", "--format", "json"),
        ("changelog", "--site", "javascript:alert(1)"),
        ("changelog", "--write", "no/such/folder/x.md"),
        ("release", "9.9"),
        ("release",),
    ],
)
def test_wrong_usage_exits_with_2_and_writes_nothing(repo: Repository, words: tuple[str, ...]) -> None:
    done = roundbook(repo.path, *words)
    assert done.code == 2
    assert "Traceback" not in done.output
    assert not list(repo.path.glob("*.md"))


# --------------------------------------------------------------------------------------------- text of strangers


def hostile(repo: Repository) -> None:
    for i, subject in enumerate(SUBJECTS):
        repo.commit(f"{subject}\n\n@bo Fixes #{i}\n", {f"{i}.txt": "x"}, author="@ada &#64;bo #7 <ada@example.org>")
    long = "\n".join(["feat: long", "", *(f"line {i} @ada" for i in range(10_000))])
    repo.commit(long, {"long.txt": "x"})
    repo.tag("v1.0.0-@ada-<b>-#12")


@pytest.mark.parametrize(
    "words",
    [
        ("changelog",),
        ("changelog", "--format", "github"),
        ("release", "v1.0.0-@ada-<b>-#12", "--site", "https://site.example/x"),
        ("changelog", "--write", "CHANGELOG.md", "--commits"),
    ],
)
def test_text_of_strangers_is_inert_in_each_format(repo: Repository, words: tuple[str, ...]) -> None:
    repo.git("config", "remote.origin.url", "git@github.com:o/r.git")
    hostile(repo)
    done = roundbook(repo.path, *words)
    assert done.code == 0
    made = (repo.path / "CHANGELOG.md").read_text("utf-8") if "--write" in words else done.output
    tokens = FORGE.parse(made)
    html = [t.content.strip() for t in tokens if t.type == "html_block"]
    html += [c.content for t in tokens for c in t.children or () if c.type == "html_inline"]
    count = len(SUBJECTS) + 2
    own = ["<details>", f"<summary>{count} commits that no entry claims</summary>", "</details>"]
    assert "\n".join(h for h in html if "roundbook" not in h) == "\n".join(own)
    assert sum(t.type == "list_item_open" for t in tokens) >= count
    assert made.count("\n") < 150
    assert "line 9999" not in made
    for token in tokens:
        children = token.children or []
        assert not {c.type for c in children} & {"image", "html_inline"}
        for address in (str(c.attrs["href"]) for c in children if c.type == "link_open"):
            assert address.startswith(
                ("https://github.com/o/r/", "https://site.example/x/", "https://keepachangelog.com/")
            )
        assert acts(children) == [], made
    assert not re.search(r"\{[{%#]|##\[|^\s*::", made, re.M)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u200b]", made)


def test_json_holds_the_texts_as_they_are_and_no_command(repo: Repository) -> None:
    hostile(repo)
    done = roundbook(repo.path, "changelog", "--format", "json")
    found = json.loads(done.output)
    assert "##[" not in done.output
    assert done.output.isascii()
    assert [r["version"] for r in found["releases"]] == ["Unreleased", "1.0.0-@ada-<b>-#12"]
    assert {c["name"] for c in found["releases"][1]["contributors"]} == {"Ada Lovelace", "@ada &#64;bo #7"}
    assert "example.org" not in done.output


def test_ten_thousand_commits_make_a_body_that_a_forge_takes(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    subject = "feat: " + "@ada #12 </details> " * 20
    feed = "".join(
        f"commit refs/heads/main\ncommitter A{i % 300} <a@b.example> {1_700_000_000 + i} +0000\n"
        f"data {len(subject)}\n{subject}\n"
        for i in range(10_000)
    )
    repo.git("fast-import", "--quiet", feed=feed)
    repo.git("config", "remote.origin.url", "git@github.com:o/r.git")
    repo.write({"data/rounds/1/1.yml": ROUND})
    book = load(tmp_path)
    made = changelog_text.body(book, book.releases[0])
    assert "- and 9800 more\n" in made
    assert len(made) < changelog_text.BODY_LIMIT
    assert made.count("\n- A") <= 210


# ------------------------------------------------------------------------------------------------- what a body says


def test_a_merge_that_a_round_claims_is_listed_with_the_merges(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "merged")
    repo.commit("Begin", {"a.txt": "1"})
    repo.branch("side")
    repo.commit("Drop the helper", {"a.txt": "2"})
    repo.checkout("main")
    repo.merge("side", message='Merge "Drop the helper"')
    merge = repo.head
    repo.commit("docs: record", {"data/rounds/1/1.yml": f"round: 1\nfocus: All\ncommits: [{{to: {merge}}}]\n"})
    (release,) = load(repo.path).releases
    assert merge in release.hidden
    assert merge not in {one for _, ids in release.loose for one in ids}


def test_a_body_without_anything_but_commits_still_says_who_and_what(repo: Repository) -> None:
    repo.tag("v1.0.0")
    made = roundbook(repo.path, "release", "1.0.0").output
    assert re.sub(r"`\w{7}`", "`sha`", made).startswith(
        "### Added\n\n- A thing (recorded in `sha`)\n\n### Contributors\n\n- Ada Lovelace (1 commit)\n"
    )
    assert "v1.0.0" not in made
    assert (
        json.loads(roundbook(repo.path, "release", "1.0.0", "--format", "json").output)["releases"][0]["tag"]
        == "v1.0.0"
    )
    assert roundbook(repo.path, "release", "v1.0.0", "--no-commits").output.count("<details>") == 0
