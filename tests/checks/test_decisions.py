"""Tests of the checks of decisions: commits that implement them, and commits that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.rounds import judged, lay, of, shallow, spoken, told
from repository import Repository
from roundbook.project import load

OTHER = "repositories:\n  here: {}\n  other: https://example.org/a/b"
ELSEWHERE = "repository: other\n"


def decision(text: str) -> str:
    return f"decisions:\n  - {{id: target, title: Target, {text}}}\n"


LATER = {"1/2": "status: done", "1/3": "status: in-progress"}
OLD = decision("status: accepted")
NEW = "decisions: [{id: later, title: Later, status: accepted, supersedes: target}]\n"
DEAD = {"1/1": OLD, "1/2": NEW}


def project(tmp_path: Path, rounds: dict[str, str], *messages: str, settings: str = "") -> Repository:
    """Return a repository whose first commit records the rounds; each message after it is one of a commit to a file."""
    repo = Repository(tmp_path / "repo")
    repo.commit("docs: record the rounds", lay(repo.path, rounds, settings))
    for i, message in enumerate(messages):
        repo.commit(message, {f"src/{i}.txt": "text\n"})
    return repo


class TestShippedNotAccepted:
    SLUG = "decision-shipped-not-accepted"

    def test_a_commit_cites_what_is_only_proposed(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: proposed")}, "feat: build it\n\nDecision: target")
        (result,) = judged(repo.path, self.SLUG)
        assert spoken((result,)) == [
            (
                "data/rounds/1/1.yml:4:41: warning decision-shipped-not-accepted: decision target is proposed: "
                f'"feat: build it" cites it (commit {repo.head[:7]}); write status: accepted'
            )
        ]
        assert (result.round, result.anchor, result.commit) == ("1/1", "target", repo.head)

    def test_a_draft_with_commits_of_its_own(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": ""}, "feat: a", "feat: b\n\nDecision: 1/1#target")
        lay(repo.path, {"1/1": decision(f"status: draft, commits: {repo.git('rev-parse', 'HEAD~1')}")})
        assert told(judged(repo.path, self.SLUG), "contradicted") == [
            '1/1#target | decision target is draft | 2 commits cite it, the newest "feat: b" cites it'.removesuffix(
                " cites it"
            )
        ]

    def test_its_round_is_closed(self, tmp_path: Path) -> None:
        results = of(tmp_path, self.SLUG, {"1/1": "status: done\n" + decision("status: proposed")})
        assert told(results, "contradicted") == ["1/1#target | decision target is proposed | round 1/1 is done"]

    def test_a_commit_that_only_writes_it_down_ships_nothing(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo")
        repo.commit("docs: propose\n\nDecision: target", lay(repo.path, {"1/1": decision("status: proposed")}))
        assert judged(repo.path, self.SLUG) == ()

    @pytest.mark.parametrize("text", ["status: accepted", "status: rejected", "status: superseded"])
    def test_another_status_is_not_asked_for(self, tmp_path: Path, text: str) -> None:
        assert judged(project(tmp_path, {"1/1": decision(text)}, "feat: x\n\nDecision: target").path, self.SLUG) == ()

    def test_of_another_repository_only_the_data_speak(self, tmp_path: Path) -> None:
        rounds = {"1/1": ELSEWHERE + decision("status: proposed")}
        repo = project(tmp_path, rounds, "feat: x\n\nDecision: target", settings=OTHER)
        assert judged(repo.path, self.SLUG) == ()
        lay(repo.path, {"1/1": "status: done\n" + rounds["1/1"]}, OTHER)
        assert len(spoken(judged(repo.path, self.SLUG))) == 1

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        text = decision("status: proposed") + f"waive: [{{check: {self.SLUG}, target: target, reason: A trial}}]"
        repo = project(tmp_path, {"1/1": text}, "feat: x\n\nDecision: target")
        assert [v.waived for v in judged(repo.path, self.SLUG)] == ["A trial"]

    def test_a_shallow_clone_tells_what_is_there_and_never_what_is_not(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: proposed")}, "feat: x", "feat: y\n\nDecision: target")
        assert len(spoken(judged(shallow(repo), self.SLUG))) == 1
        repo.commit("feat: z", {"z.txt": ""})
        last = repo.clone(tmp_path / "last", depth=1).path
        assert [v.outcome for v in judged(last, self.SLUG)] == ["not-checked"]


class TestAcceptedNotBuilt:
    SLUG = "decision-accepted-not-built"

    def test_two_rounds_went_by(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: accepted"), **LATER}, "feat: something else")
        assert spoken(judged(repo.path, self.SLUG)) == [
            (
                "data/rounds/1/1.yml:4:41: info decision-accepted-not-built: decision target is accepted: not checked, "
                "no commit or pull request implements or cites it; 2 rounds have passed, up to 1/3; name its `commits:`, "
                "or say that it is not wanted now"
            )
        ]

    def test_what_it_affects_was_never_touched(self, tmp_path: Path) -> None:
        text = decision("status: accepted, affects: ['lib/**', other.txt]")
        (result,) = judged(project(tmp_path, {"1/1": text, **LATER}, "feat: x").path, self.SLUG)
        assert "nothing that it affects has changed since" in result.evidence
        assert result.outcome == "not-checked"

    def test_what_it_affects_was_touched_before_the_round_alone(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo")
        repo.commit("feat: old", {"lib/a.txt": ""})
        text = decision("status: accepted, affects: lib")
        repo.commit("docs: rounds", lay(repo.path, {"1/1": text, **LATER}))
        assert len(spoken(judged(repo.path, self.SLUG))) == 1

    @pytest.mark.parametrize("affects", ["src/0.txt", "src/*.txt", "src", "'**/0.txt'", "./src/0.txt", "old/0.txt"])
    def test_what_it_affects_was_touched(self, tmp_path: Path, affects: str) -> None:
        text = decision(f"status: accepted, affects: {affects}")
        repo = project(tmp_path, {"1/1": text, **LATER}, "feat: x", settings="roots: {old/: src/}")
        assert told(judged(repo.path, self.SLUG), "verified") == [
            "1/1#target | decision target is accepted | src"
            + ("" if affects == "src" else "/0.txt")
            + ", which it affects, was worked on"
        ]

    @pytest.mark.parametrize(
        ("text", "message", "outcomes"),
        [
            ("status: accepted", "feat: x\n\nDecision: target", ["verified"]),
            ("status: accepted, prs: '#12'", "feat: x", ["not-checked"]),
            ("status: accepted, evidence: See the talk", "feat: x", ["not-checked"]),
            ("status: proposed", "feat: x", []),
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, text: str, message: str, outcomes: list[str]) -> None:
        repo = project(tmp_path, {"1/1": decision(text), **LATER}, message)
        assert [v.outcome for v in judged(repo.path, self.SLUG)] == outcomes

    @pytest.mark.parametrize("later", [{}, {"1/2": ""}, {"1/2": "", "1/3": "status: planned"}, {"2/1": "", "2/2": ""}])
    def test_it_waits_for_two_rounds(self, tmp_path: Path, later: dict[str, str]) -> None:
        repo = project(tmp_path, {"1/1": decision("status: accepted"), **later}, "feat: x")
        assert judged(repo.path, self.SLUG) == ()

    @pytest.mark.parametrize(
        ("message", "files"),
        [
            ("feat: leave it, against 1/1#target", {"src/a.txt": "x"}),
            ("docs: write it down\n\nDecision: target", {"data/rounds/1/9.yml": "round: 9\nphase: 1\nfocus: x\n"}),
        ],
    )
    def test_t3_a_citation_or_a_record_alone_builds_nothing(
        self, tmp_path: Path, message: str, files: dict[str, str]
    ) -> None:
        repo = project(tmp_path, {"1/1": decision("status: accepted"), **LATER})
        repo.commit(message, files)
        assert "verified" not in [v.outcome for v in judged(repo.path, self.SLUG)]

    def test_t3_what_was_taken_back_is_no_evidence(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: accepted"), **LATER}, "feat: x\n\nDecision: target")
        repo.commit(f'Revert "feat: x"\n\nThis reverts commit {repo.head}.', {"src/0.txt": None})
        (result,) = judged(repo.path, self.SLUG)
        assert (result.outcome, "was reverted" in result.evidence) == ("contradicted", True)

    def test_another_repository_is_not_asked(self, tmp_path: Path) -> None:
        rounds = {"1/1": decision("status: accepted"), **LATER}
        repo = project(tmp_path, {k: ELSEWHERE + text for k, text in rounds.items()}, settings=OTHER)
        assert judged(repo.path, self.SLUG) == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        text = decision("status: accepted") + f"waive: [{{check: {self.SLUG}, reason: A rule for meetings}}]"
        repo = project(tmp_path, {"1/1": text, **LATER})
        assert [v.waived for v in judged(repo.path, self.SLUG)] == ["A rule for meetings"]

    def test_a_shallow_clone_is_not_checked(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: accepted"), **LATER}, "feat: x")
        assert [v.outcome for v in judged(shallow(repo), self.SLUG)] == ["not-checked"]


class TestDeadCited:
    SLUG = "decision-dead-cited"

    def test_a_commit_cites_it_after_its_successor_came(self, tmp_path: Path) -> None:
        messages = ("feat: a\n\nDecision: target", "feat: b\n\nDecision: later", "feat: c\n\nDecision: target")
        repo = project(tmp_path, DEAD, *messages)
        first = repo.git("rev-parse", "HEAD~1")[:7]
        assert spoken(judged(repo.path, self.SLUG)) == [
            (
                'data/rounds/1/1.yml:4:41: warning decision-dead-cited: decision target is superseded: "feat: c" cites it, '
                f"though the work on what replaced it began with {first} (commit {repo.head[:7]}); cite later instead"
            )
        ]

    def test_a_successor_without_commits_counts_from_its_rounds_first(self, tmp_path: Path) -> None:
        messages = ("feat: b\n\nRound: 1/2", "feat: c\n\nDecision: target")
        assert len(spoken(judged(project(tmp_path, DEAD, *messages).path, self.SLUG))) == 1

    def test_a_commit_cites_what_its_round_rejected(self, tmp_path: Path) -> None:
        repo = project(tmp_path, {"1/1": decision("status: rejected")}, "feat: c\n\nDecision: target")
        assert told(judged(repo.path, self.SLUG), "contradicted") == [
            '1/1#target | decision target is rejected | "feat: c" cites it, after round 1/1 rejected it'
        ]

    @pytest.mark.parametrize(
        "messages",
        [
            ("feat: a\n\nDecision: target", "feat: b\n\nDecision: later"),
            ("feat: b\n\nDecision: later", "refactor: go over\n\nDecision: target\nDecision: later"),
            ("feat: b\n\nDecision: later", "feat: a target that is no citation"),
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, messages: tuple[str, ...]) -> None:
        repo = project(tmp_path, DEAD, *messages)
        assert judged(repo.path, self.SLUG) == ()

    def test_where_no_commit_tells_when_the_successor_came_it_is_not_checked(self, tmp_path: Path) -> None:
        new = decision("status: accepted") + NEW.removeprefix("decisions: [").removesuffix("]\n").join(("  - ", "\n"))
        repo = project(tmp_path, {"1/1": new}, "feat: c\n\nDecision: target")
        assert [v.outcome for v in judged(repo.path, self.SLUG)] == ["not-checked"]

    def test_another_repository_is_not_asked(self, tmp_path: Path) -> None:
        rounds = {key: ELSEWHERE + text for key, text in DEAD.items()}
        repo = project(tmp_path, rounds, "feat: c\n\nDecision: target", settings=OTHER)
        assert judged(repo.path, self.SLUG) == ()

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        rounds = {"1/1": OLD + f"waive: [{{check: {self.SLUG}, reason: A backport}}]", "1/2": NEW}
        repo = project(tmp_path, rounds, "feat: b\n\nDecision: later", "feat: c\n\nDecision: target")
        assert [v.waived for v in judged(repo.path, self.SLUG)] == ["A backport"]

    def test_a_shallow_clone_vouches_for_nothing(self, tmp_path: Path) -> None:
        repo = project(tmp_path, DEAD, "feat: c\n\nDecision: target", "feat: b\n\nDecision: later")
        assert [v.outcome for v in judged(shallow(repo), self.SLUG)] == ["not-checked"]


class TestEmpty:
    """T3: where nothing was found, nothing is verified."""

    @pytest.mark.parametrize("status", ["proposed", "draft", "rejected", "superseded", "accepted", "deprecated"])
    @pytest.mark.parametrize("slug", ["shipped-not-accepted", "accepted-not-built", "dead-cited", "unratified"])
    def test_t3_nothing_is_verified_of_a_decision_that_nobody_touched(
        self, tmp_path: Path, status: str, slug: str
    ) -> None:
        repo = project(tmp_path, {"1/1": decision(f"status: {status}")}, "feat: something else")
        assert [v for v in judged(repo.path, f"decision-{slug}") if v.outcome == "verified"] == []

    def test_t3_what_an_imported_note_decided_is_accepted(self, tmp_path: Path) -> None:
        text = "source: {path: notes/a.md}\ndecisions: [{id: target, title: Target, decision: changed from a to b}]\n"
        decision = load(project(tmp_path, {"1/1": text}).path).decisions["target"]
        assert (decision.status, decision.status_reason) == ("accepted", "the imported note reports it as decided")


class TestUnratified:
    SLUG = "decision-unratified"

    def test_an_agent_decided_alone(self, tmp_path: Path) -> None:
        text = decision("status: accepted, authored-by: agent")
        assert spoken(of(tmp_path, self.SLUG, {"1/1": text})) == [
            (
                "data/rounds/1/1.yml:4:64: warning decision-unratified: decision target is accepted: "
                "an agent made it, and nobody has ratified it; write ratified-by:, or status: proposed"
            )
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "status: accepted, authored-by: agent, ratified-by: [Ada, Bo]",
            "status: proposed, authored-by: agent",
            "status: accepted, authored-by: agent-drafted",
            "status: accepted, authored-by: human",
            "status: accepted",
        ],
    )
    def test_it_keeps_silent(self, tmp_path: Path, text: str) -> None:
        assert of(tmp_path, self.SLUG, {"1/1": decision(text)}) == ()

    def test_accepted_because_its_round_is_closed_counts_too(self, tmp_path: Path) -> None:
        text = "status: done\n" + ELSEWHERE + decision("authored-by: agent")
        assert len(spoken(of(tmp_path, self.SLUG, {"1/1": text}, OTHER))) == 1

    def test_a_waiver_silences_it(self, tmp_path: Path) -> None:
        text = decision("status: accepted, authored-by: agent") + f"waive: [{{check: {self.SLUG}, reason: Trivial}}]"
        assert spoken(of(tmp_path, self.SLUG, {"1/1": text})) == []
