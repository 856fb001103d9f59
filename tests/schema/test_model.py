"""Tests of the schema: dates, ids, statuses, ranges and other values as people and programs write them."""

from __future__ import annotations

import datetime as dt
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from roundbook.git import message
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.history import Commit, Person, Remote, matches, parse_trailers
from roundbook.schema import dates
from roundbook.schema.dates import Moment
from roundbook.schema.decision import Selection, number
from roundbook.schema.ids import id_fault, natural_key, slug
from roundbook.schema.round import Round

ID = "1234567890abcdef1234567890abcdef12345678"
BO = Person("Bo", "bo@example.org")


def commit(text: str, parents: tuple[str, ...] = ()) -> Commit:
    return Commit(ID, parents, BO, BO, Moment(0), Moment(0), text)


class TestConventional:
    @pytest.mark.parametrize(
        ("subject", "told"),
        [
            ("feat: x", ("feat", None, False, "x")),
            ("Feat(Core)!: x y", ("feat", "Core", True, "x y")),
            ("fix(a/b-c, d): x", ("fix", "a/b-c, d", False, "x")),
            ("fix!:  x", ("fix", None, True, "x")),
            ("docs-site: x", ("docs-site", None, False, "x")),
        ],
    )
    def test_a_head_is_read(self, subject: str, told: tuple[str, str | None, bool, str]) -> None:
        head = message.conventional(commit(subject))
        assert head is not None
        assert (head.type, head.scope, head.breaking, head.text) == told

    @pytest.mark.parametrize("subject", ["feat:x", "feat : x", "a word: x", "feat(: x", "feat(): x", "1: x", ": x", ""])
    def test_what_follows_no_convention_has_no_head(self, subject: str) -> None:
        assert message.conventional(commit(subject)) is None

    @pytest.mark.parametrize("footer", ["BREAKING CHANGE: x", "BREAKING-CHANGE: x"])
    def test_a_footer_says_breaking(self, footer: str) -> None:
        head = message.conventional(commit(f"fix: x\n\nWhy.\n\n{footer}"))
        assert head is not None
        assert head.breaking


class TestIssues:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("fixes #12", ("#12",)),
            ("Closes: #12, #13 and more", ("#12", "#13")),
            ("resolved o/r#9", ("o/r#9",)),
            ("x\n\nRefs: #3, o/r#4", ("#3", "o/r#4")),
            ("x\n\nFixes: #3\nCloses #4", ("#3", "#4")),
            ("fixed #7, and #8", ("#7", "#8")),
        ],
    )
    def test_a_number_after_a_closing_word_is_an_issue(self, text: str, found: tuple[str, ...]) -> None:
        assert message.issues(commit(text)) == found

    @pytest.mark.parametrize(
        "text",
        [
            "closes #rrggbb",
            "Finding #5",
            "fixes #12abc",
            "prefix #3",
            "fixes the #3rd",
            "closes #12-x",
            "close to #3",
            "see #12",
            "(#12)",
            "Merge pull request #12 from a/b",
            "fixes\n\n#12",
            "fixes # 12",
            "unfixes #3",
            "x#3",
        ],
    )
    def test_no_other_number_is(self, text: str) -> None:
        assert message.issues(commit(text)) == ()


class TestPullRequests:
    @pytest.mark.parametrize(
        ("text", "number_", "branch"),
        [
            ("Merge pull request #12 from someone/topic", 12, "topic"),
            ("Merge pull request #12 from someone/feature/deep", 12, "feature/deep"),
            ("Merge pull request 'A (bold) title' (#12) from topic into main", 12, "topic"),
            ("Merge pull request 'A title' (#12) from someone:topic into main", 12, "topic"),
            ("Merged in feature/x (pull request #12)", 12, "feature/x"),
            ("Merged PR 12: A title", 12, None),
            ("Merge branch 'x' into 'main'\n\nA title\n\nSee merge request group/sub/project!12", 12, "x"),
            ("Merge branch 'x'\n\nSee merge request !12", 12, "x"),
            ("feat: squashed (#12)", 12, None),
            ('Revert "feat: x (#11)" (#12)', 12, None),
            ("Merge branch 'feature/deep'", None, "feature/deep"),
            ("Merge remote-tracking branch 'origin/feature/deep'", None, "feature/deep"),
            ("fixes #12", None, None),
            ("feat: (#12) in the middle", None, None),
            ("feat: x (#12).", None, None),
            ("feat: colour (#112233ff)", None, None),
            ("I Merge pull request #12 from someone/topic", None, None),
        ],
    )
    def test_the_forms_of_the_forges(self, text: str, number_: int | None, branch: str | None) -> None:
        assert message.pull_request(commit(text)) == number_
        assert message.merged_branch(commit(text)) == branch


class TestReverts:
    def test_only_the_exact_line_reverts(self) -> None:
        def ids(text: str) -> tuple[str, ...]:
            undoing = message.undoes(commit(text))
            return undoing.ids if undoing else ()

        assert ids(f'Revert "x"\n\nThis reverts commit {ID}.') == (ID,)
        assert ids(f"x\n\nNot so: This reverts commit {ID}.") == ()
        assert ids("x\n\nThis reverts commit 1234567.") == ("1234567",)
        assert ids("x\n\nThis reverts commit 123456.") == ()
        assert ids(f"x\n\nThis reverts commit {ID}0.") == ()

    def test_picks_and_fixups_name_what_they_are_of(self) -> None:
        assert message.picked_from(commit(f"x\n\n(cherry picked from commit {ID})")) == (ID,)
        assert message.picked_from(commit(f"x (cherry picked from commit {ID})")) == ()
        assert message.fixes_up(commit("squash! fixup! feat: x")) == "feat: x"
        assert message.fixes_up(commit("amend! feat: x")) == "feat: x"
        assert message.fixes_up(commit("feat! fixup! x")) is None


# Messages on which readers of trailers differ.
TRICKY = [
    "subject",
    "subject\n",
    "",
    "\n\n",
    "Key: value",
    "Key: value\n\n",
    "subject\n\nKey: value",
    "subject\nKey: value\n\nOther: x\n",
    "subject\n\nbody\n\nKey: value\nKey2: value2\n",
    "subject\n\nbody\nKey: value\n",
    "subject\n\nKey: value\nbody\n",
    "subject\n\nKey: value\n  folded\n\tagain\nOther: x\n",
    "subject\n\nKey:value\nOther :x\nThird : y\n",
    "subject\n\nKey with blanks: value\n",
    "subject\n\nKey_underscore: value\n",
    "subject\n\nKey: value\n\nNot the last.\n",
    "subject\n\nSigned-off-by: a <b@c>\nsome prose\nand more\n",
    "subject\n\nSigned-off-by: a <b@c>\none\ntwo\nthree\n",
    "subject\n\nSigned-off-by: a <b@c>\none\ntwo\nthree\nfour\n",
    "subject\n\n(cherry picked from commit 1234567890abcdef1234567890abcdef12345678)\n",
    "subject\n\nKey: x\n(cherry picked from commit 1234567890abcdef1234567890abcdef12345678)\n",
    "subject\n\nKey: value\n \n",
    "subject\n \nKey: value\n",
    "subject\n\nKey: \n",
    "subject\n\n  Key: indented\n",
    "subject\n\nKey: value\nhttps://example.org/x\n",
    "subject\n\nhttps://example.org/x\n",
    "subject\n\nKey: a: b: c\n",
    "subject\n\n-Key: value\n",
    "subject\n\nRound:: 3/4\n",
    "subject\n\nRound: 3/4\nround: 3/5\nROUND: 3/6\n",
    "\n\nsubject\n\nKey: value\n",
    "subject\n\n\n\nKey: value\n\n\n",
    "subject\n\nKey: value \t \n",
    "subject\n\nKey: ünïcode\nÜ: x\n",
    "subject\n\nKey: value\n---\n",
    "subject\n---\n\nKey: value\n",
    "subject\r\n\r\nKey: value\r\nOther: x\r\n",
    "subject\n\n: value\n",
    "subject\n\nKey: value\n\t\nOther: value\n",
    " \n\nsubject\n\nKey: value",
]


class TestTrailers:
    @pytest.mark.parametrize("text", TRICKY)
    def test_they_are_those_that_git_reads(self, text: str, tmp_path: Path) -> None:
        done = subprocess.run(
            ["git", "interpret-trailers", "--parse", "--no-divider"],
            cwd=tmp_path,
            input=text.encode(),
            capture_output=True,
            check=True,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)},
        )
        lines = [line.partition(":") for line in done.stdout.decode().splitlines()]
        assert [(t.key, t.value) for t in parse_trailers(text)] == [(k.strip(), v.strip()) for k, _, v in lines]

    def test_the_body_is_without_them(self) -> None:
        assert commit("subject\n\nbody\n\nmore\n\nKey: value").body == "body\n\nmore"
        assert commit("subject\n\nKey: value").body == ""
        assert commit("subject\n\nbody\n \nKey: value").body == "body"
        assert commit("subject\n\nno trailer: at all\nhere").body == "no trailer: at all\nhere"

    def test_values_are_found_whatever_the_case_of_their_key(self) -> None:
        assert commit("s\n\nround: 1\nRound: 2").values("ROUND") == ("1", "2")

    def test_co_authors_have_name_and_address(self) -> None:
        text = "s\n\nCo-authored-by: Ada L. <ada@example.org>\nCo-Authored-By: <x@example.org>\nco-authored-by: nobody"
        assert message.co_authors(commit(text)) == (
            Person("Ada L.", "ada@example.org"),
            Person("unknown", "x@example.org"),
        )

    @given(st.text(alphabet="Key: v\n\t#-(", max_size=40))
    def test_no_message_is_too_odd(self, text: str) -> None:
        one = commit(text)
        assert "\n" not in one.subject
        assert isinstance(one.body, str)
        assert isinstance(one.trailers, tuple)


class TestForge:
    # The table of publishing.md; gitea and forgejo are one.
    @pytest.mark.parametrize(
        ("kind", "asked", "path"),
        [
            ("github", "commit", f"/commit/{ID}"),
            ("github", "pull", "/pull/12"),
            ("github", "issue", "/issues/12"),
            ("github", "compare", "/compare/v1...v2"),
            ("github", "file", f"/blob/{ID}/a/b.md"),
            ("github", "line", f"/blob/{ID}/a/b.rs#L3"),
            ("github", "tag", "/releases/tag/v1"),
            ("gitlab", "commit", f"/-/commit/{ID}"),
            ("gitlab", "pull", "/-/merge_requests/12"),
            ("gitlab", "issue", "/-/issues/12"),
            ("gitlab", "compare", "/-/compare/v1...v2"),
            ("gitlab", "file", f"/-/blob/{ID}/a/b.md"),
            ("gitlab", "line", f"/-/blob/{ID}/a/b.rs#L3"),
            ("gitlab", "tag", "/-/tags/v1"),
            ("forgejo", "commit", f"/commit/{ID}"),
            ("forgejo", "pull", "/pulls/12"),
            ("forgejo", "issue", "/issues/12"),
            ("forgejo", "compare", "/compare/v1...v2"),
            ("forgejo", "file", f"/src/commit/{ID}/a/b.md"),
            ("forgejo", "line", f"/src/commit/{ID}/a/b.rs#L3"),
            ("forgejo", "tag", "/releases/tag/v1"),
            ("bitbucket", "commit", f"/commits/{ID}"),
            ("bitbucket", "pull", "/pull-requests/12"),
            ("bitbucket", "issue", "/issues/12"),
            ("bitbucket", "compare", "/branches/compare/v2%0Dv1"),
            ("bitbucket", "file", f"/src/{ID}/a/b.md"),
            ("bitbucket", "line", f"/src/{ID}/a/b.rs#lines-3"),
            ("bitbucket", "tag", "/src/v1"),
        ],
    )
    def test_addresses_have_the_form_of_their_kind(self, kind: str, asked: str, path: str) -> None:
        forge = Forge(kind, "https://example.org/o/r")
        made = {
            "commit": forge.commit(ID),
            "pull": forge.pull(12),
            "issue": forge.issue(12),
            "compare": forge.compare("v1", "v2"),
            "file": forge.file(ID, "a/b.md"),
            "line": forge.file(ID, "a/b.rs", 3),
            "tag": forge.tag("v1"),
        }
        assert made[asked] == f"https://example.org/o/r{path}"

    def test_gitea_and_forgejo_are_the_same(self) -> None:
        assert Forge("gitea", "u").file(ID, "a") == Forge("forgejo", "u").file(ID, "a")

    def test_every_segment_is_percent_encoded(self) -> None:
        forge = Forge("github", "https://github.com/o/r", "feat/ü")
        assert forge.file(ID, 'a b/#c?"<>&%2F') == f"https://github.com/o/r/blob/{ID}/a%20b/%23c%3F%22%3C%3E%26%252F"
        assert forge.tag("v1/ä?x") == "https://github.com/o/r/releases/tag/v1/%C3%A4%3Fx"
        assert forge.edit("data/x.yml") == "https://github.com/o/r/edit/feat/%C3%BC/data/x.yml"
        assert forge.history("{id}") == "https://github.com/o/r/commits/feat/%C3%BC/%7Bid%7D"

    @pytest.mark.parametrize(
        ("url", "home"),
        [
            ("https://github.com/o/r", "https://github.com/o/r"),
            ("https://github.com/o/r.git/", "https://github.com/o/r"),
            ("https://user:token@github.com/o/r.git", "https://github.com/o/r"),
            ("https://token@gitlab.com:8443/g/s/r?private_token=x#y", "https://gitlab.com:8443/g/s/r"),
            ("http://codeberg.org/o/r", "http://codeberg.org/o/r"),
            ("HTTPS://GitHub.com/o/r", "https://github.com/o/r"),
            ("https://github.com.evil.example/o/r", None),
            ("https://example.org/o/r", None),
            ("https://github.com", None),
            ("javascript:alert(1)//github.com/o/r", None),
            ("ssh://github.com/o/r", None),
            ("//github.com/o/r", None),
            ("https://[::1", None),
            ("https://github.com:port/o/r", None),
            ("", None),
        ],
    )
    def test_a_home_is_made_of_known_parts_or_not_at_all(self, url: str, home: str | None) -> None:
        forge = from_url(url)
        assert (forge.url if forge else None) == home

    @given(st.text(max_size=60))
    def test_no_address_is_made_of_any_text(self, text: str) -> None:
        forge = from_url(text, "github")
        assert forge is None or forge.url.startswith(("https://", "http://"))
        forge = from_url(f"https://user:hunter2@github.com/{text}")
        assert forge is None or "hunter2" not in forge.url.partition("github.com/")[0]
        assert forge is None or not set('<>"{} \n') & set(forge.url)

    def test_an_unknown_host_needs_its_kind(self) -> None:
        remote = Remote("origin", "git.example.org", "o/r x", 8443)
        assert from_remote(remote) is None
        assert from_remote(remote, "none") is None
        forge = from_remote(remote, "gitea")
        assert forge is not None
        assert forge.url == "https://git.example.org:8443/o/r%20x"
        assert from_remote(None) is None

    def test_the_hosts_for_ssh_are_those_of_the_web(self) -> None:
        forge = from_remote(Remote("origin", "ssh.github.com", "o/r"))
        assert forge is not None
        assert forge.url == "https://github.com/o/r"


class TestWhen:
    def moment(self, iso: str) -> Moment:
        at = dt.datetime.fromisoformat(iso)
        offset = at.utcoffset() or dt.timedelta()
        return Moment(int(at.timestamp()), int(offset.total_seconds()) // 60)

    @pytest.mark.parametrize(
        ("span", "iso", "inside"),
        [
            ("2026-02-17", "2026-02-17T00:00:00+14:00", True),
            ("2026-02-17", "2026-02-16T23:59:59-12:00", False),
            ("2026-02-17..2026-02-18", "2026-02-18T23:59:59-12:00", True),
            ("2026-02-17..2026-02-18", "2026-02-19T00:00:00+14:00", False),
            ("2026-02-17T10:00Z..2026-02-17T11:00Z", "2026-02-17T12:30:00+02:00", True),
            ("2026-02-17T10:00Z..2026-02-17T11:00Z", "2026-02-17T10:30:00+02:00", False),
            ("2026-02-17T10:00..2026-02-17T11:00", "2026-02-17T10:30:00+02:00", True),
            ("2026-02-17T10:00..2026-02-17T11:00", "2026-02-17T11:00:01+02:00", False),
            ("2026-02-17T10:00+0100..2026-02-18", "2026-02-17T08:59:59+00:00", False),
            ("2026-02-17T10:00+0100..2026-02-18", "2026-02-18T23:00:00+00:00", True),
        ],
    )
    def test_a_day_is_one_in_the_zone_of_the_writer(self, span: str, iso: str, inside: bool) -> None:
        assert dates.parse(span).holds(self.moment(iso)) is inside

    def test_a_commit_without_a_date_is_in_no_window(self) -> None:
        assert not dates.parse("1970-01-01..2199-12-31").holds(Moment(-1))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-2-3",
            "2026-02-17..",
            "..2026-02-17",
            "2026-02-18..2026-02-17",
            "2026-02-17T25:00Z",
            "2026-02-17..2026-02-18..2026-02-19",
            "2026-02-17T11:00Z..2026-02-17T10:00Z",
            "२०२६-०२-१७",
            "2026-02-17 x",
        ],
    )
    def test_what_is_no_date_says_so(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"date|calendar|ends before"):
            dates.parse(text)


class TestGlob:
    @pytest.mark.parametrize(
        ("glob", "path", "meant"),
        [
            ("docs", "docs/a/b.md", True),
            ("docs/", "docs", True),
            ("docs", "docs2/a.md", False),
            ("*.rs", "a.rs", True),
            ("*.rs", "src/a.rs", False),
            ("**/*.rs", "a.rs", True),
            ("**/*.rs", "src/x/a.rs", True),
            ("src/**", "src/x/a.rs", True),
            ("src/**/a.rs", "src/a.rs", True),
            ("a?c", "abc", True),
            ("a?c", "a/c", False),
            ("[ab].md", "b.md", True),
            ("[!ab].md", "b.md", False),
            ("a.md", "axmd", False),
            ("a[.md", "a[.md", True),
            ("(x|y)+", "(x|y)+", True),
            ("a\nb", "a\nb", True),
            ("[]a].md", "x.md", False),
            ("[!a]", "/", False),
        ],
    )
    def test_a_glob_means_a_path(self, glob: str, path: str, meant: bool) -> None:
        assert matches([glob], path) is meant

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_no_glob_is_too_odd(self, glob: str, path: str) -> None:
        assert matches([glob], path) in (True, False)

    def test_none_means_nothing(self) -> None:
        assert not matches([], "a")


class TestNames:
    @given(st.text(max_size=200))
    def test_a_slug_can_be_an_id_and_is_its_own_slug(self, text: str) -> None:
        made = slug(text)
        assert made
        assert len(made) <= 60
        assert slug(made) == made
        assert id_fault(made) in ("", "is reserved by file systems or the site")

    @pytest.mark.parametrize(
        "text",
        [
            "index",
            "INDEX",
            "404",
            "search",
            "assets",
            "sitemap",
            "con",
            "nul",
            "com1",
            "aux.x",
            "lpt9.tar.gz",
            "readme",
            ".hid",
            "dot.",
            "blank ",
            "a" * 65,
            "",
            "a\x00",
            "a\n",
            "ü",
            "а",
            "a%2Fb",
            "a#b",
            "a?b",
            "../x",
            "a..b",
            "a/b",
            "-a",
            "😀",
        ],
    )
    def test_what_cannot_be_a_page_is_no_id(self, text: str) -> None:
        assert id_fault(text)

    @pytest.mark.parametrize("text", ["4", "3c", "k2b", "008", "0.10", "a_b-c.d", "adr-0044", "A", "a" * 64])
    def test_what_people_number_with_is(self, text: str) -> None:
        assert id_fault(text) == ""

    def test_the_order_is_natural(self) -> None:
        assert sorted(["10", "2", "3c", "3", "008", "a"], key=natural_key) == ["2", "3", "3c", "008", "10", "a"]

    @given(st.lists(st.text(max_size=8), max_size=6))
    def test_any_texts_have_an_order(self, texts: list[str]) -> None:
        assert len(sorted(texts, key=natural_key)) == len(texts)


class TestMetric:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1048", "1048"),
            ("1,048", "1048"),
            ("0.10", "0.10"),
            ("-3.5", "-3.5"),
            (" 7 ", "7"),
            ("2,075,000.25", "2075000.25"),
            ("99999999999999999999.1", "99999999999999999999.1"),
        ],
    )
    def test_a_number_is_exact(self, text: str, value: str) -> None:
        assert str(number(text)) == value

    @pytest.mark.parametrize(
        "text", [None, "", "TBD", "~121", "2,075+", "1,04", "1e3", "0x1F", "12:28", ".5", "1_000", "10,48", "nan"]
    )
    def test_a_text_is_none(self, text: str | None) -> None:
        assert number(text) is None

    def test_a_difference_is_exact(self) -> None:
        one, other = number("0.30"), number("0.10")
        assert one is not None
        assert other is not None
        assert one - other == Decimal("0.20")


class TestSelection:
    @pytest.mark.parametrize(
        ("written", "told"),
        [
            ("1234567", {"id": "1234567"}),
            ("a..b", {"from_": "a", "to": "b"}),
            ("v1.0.0...v1.1.0", {"from_": "v1.0.0", "to": "v1.1.0"}),
            ({"tag": "v1"}, {"tag": "v1"}),
            ({"paths": "src"}, {"paths": ("src",)}),
        ],
    )
    def test_a_text_names_a_commit_or_a_range(self, written: object, told: dict[str, object]) -> None:
        made = Selection.model_validate(written)
        assert {name: getattr(made, name) for name in told} == told

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "abc",
            "12345G7",
            "ABCDEF0",
            "a..",
            "..b",
            "..",
            "a..b..c",
            "--all..x",
            "a b..c",
            "x..@{u}^",
            {},
            {"tag": ""},
            "HEAD",
        ],
    )
    def test_no_option_and_no_expression_of_git_is_one(self, written: object) -> None:
        with pytest.raises(ValidationError):
            Selection.model_validate(written)


def test_records_are_frozen() -> None:
    record = Round.model_validate({"round": "1", "phase": "1", "focus": "x"})
    with pytest.raises(ValidationError):
        record.focus = "y"  # type: ignore[misc]
