"""The contradictions of a real round, repeated in a small repository: each is told with file, line, evidence and mend.

They are those of the summary that the project was specified from: all agents open while the round after is done, a script
that never existed, a decision reversed twice without a link, tests at TBD while the round after says 1,058. Beside them
stands what looks like a contradiction and is none.
"""

from __future__ import annotations

from pathlib import Path

from repository import Repository
from site_trial import page, run, text

ROUND_3 = """\
round: 3
phase: 3
title: Phase 3 Round 3
date: 2026-01-01
status: done
metrics: {tests: {before: 960, after: '1,048'}}
decisions:
  - id: wasip2
    title: Target wasip2
    status: accepted
    ratified-by: Ada
    rationale: It unblocks the component model
    literals: wasm32-wasip2
    affects: ci/**
"""
AGENTS = ("WASM restructure", "WASM allocator", "CI fixes", "Benchmarks", "Release", "CLI tests", "Criteria", "Notes")
ROUND_4 = """\
round: 4
phase: 3
title: Phase 3 Round 4
date: 2026-01-02
focus: "Polish and release: the keys are ed25519, and Finding #5 of the audit is open"
agents:
{agents}metrics:
  tests: {{before: '1,048', after: TBD}}
deliverables:
  - {{title: Release packaging, paths: clawft/scripts/release-package.sh}}
  - {{title: The engine, paths: src/engine.rs}}
  - {{title: The allocator, paths: "crates/alloc/src/lib.rs:12"}}
  - {{title: The notes, status: dropped, paths: docs/notes.md}}
"""
ROUND_5 = """\
round: 5
phase: 3
title: Phase 3 Round 5
date: 2026-01-03
status: done
metrics: {tests: {before: '1,058', after: '1,070'}}
agents: [{name: Toolchain, task: Bump it, status: done}]
"""
SITE = "site_name: Trial\nplugins: [search, macros, roundbook]\ntheme: {name: material, font: false}\n"
SETTINGS = "repositories: {here: {}, other: {url: 'https://example.org/o/other'}}\n"
ELSEWHERE = """\
round: 1
phase: far
focus: A round of another repository
repository: other
deliverables: {paths: [scripts/that-is-not-here.sh]}
"""


def contradictory(path: Path) -> Repository:
    """Build the repository; every commit but those of the reversal names its round."""
    repo = Repository(path)
    old, new = "target: wasm32-wasip1\n", "target: wasm32-wasip2\n"
    repo.commit("ci: begin\n\nRound: 3/3", {"ci/build.yml": old, "data/roundbook.yml": SETTINGS})
    repo.commit("feat: target wasip2\n\nRound: 3/3\nDecision: wasip2", {"ci/build.yml": new})
    repo.commit("docs: sum up round 3\n\nRound: 3/3", {"data/rounds/3/3.yml": ROUND_3})
    agents = "".join(f"  - {{name: {name}, task: Do it, status: in-progress}}\n" for name in AGENTS)
    work = {"clawft/src/engine.rs": "1\n", "crates/alloc/src/lib.rs": "1\n"}
    note = {"data/rounds/3/4.yml": ROUND_4.format(agents=agents), "data/rounds/far/1.yml": ELSEWHERE}
    # An author far to the east, whose day is the day after.
    repo.commit("feat: engine\n\nRound: 3/4", work, date="2026-01-03T02:00:00+14:00")
    repo.commit("docs: sum up round 4\n\nRound: 3/4", note, date="2026-01-02T20:00:00+01:00")
    repo.commit("fix: the build, again", {"ci/build.yml": old}, date="2026-01-02T21:00:00+01:00")
    repo.commit("fix: the build, once more", {"ci/build.yml": new}, date="2026-01-02T22:00:00+01:00")
    repo.commit(
        "docs: sum up round 5\n\nRound: 3/5", {"data/rounds/3/5.yml": ROUND_5}, date="2026-01-03T09:00:00+01:00"
    )
    return repo


STALE = (
    "is in-progress: round 3/5, later in its phase, is done; write how it ended, or name in `deferred:` the round that"
)


def test_every_contradiction_is_told_with_its_line_its_evidence_and_its_mend_and_nothing_else(tmp_path: Path) -> None:
    repo = contradictory(tmp_path)
    ids = [commit[:7] for commit in repo.git("rev-list", "--reverse", "HEAD").split()]
    done = run(tmp_path, "roundbook", "check", "-q", "--fail-on", "warning")
    assert done.code == 1
    assert done.output.splitlines() == [
        (
            'data/rounds/3/3.yml:13:15: warning decision-unlinked-reversal: decision wasip2 settles "wasm32-wasip2": it '
            f"came with {ids[1]} on 2026-01-01, then went with {ids[5]} on 2026-01-02, and came again with {ids[6]} on "
            "2026-01-02; no later decision says so; record what was decided then, with supersedes: wasip2, or undo it"
        ),
        *(
            f'data/rounds/3/4.yml:{line}:{35 + len(name)}: warning stale-status: agent "{name}" {STALE} takes it up'
            for line, name in enumerate(AGENTS, 7)
        ),
        (
            "data/rounds/3/4.yml:16:35: warning value-left-open: metric tests is TBD: round 3/5 came after it and says "
            "1,058 before it; write after: 1,058"
        ),
        (
            "data/rounds/3/4.yml:18:39: warning path-missing: path clawft/scripts/release-package.sh: no commit ever "
            "had it; correct the path, or waive it with the reason"
        ),
        (
            "data/rounds/3/4.yml:19:32: info path-moved: the path is src/engine.rs: today it is clawft/src/engine.rs (the only "
            f"path that ends so), added by {ids[3]} on 2026-01-03; write clawft/src/engine.rs"
        ),
        (
            "info commit-unaccounted: every commit is assigned, hidden or excluded: 2 of 8 commits (25.0 %) are "
            f"unassigned; the newest: {ids[6]}, {ids[5]}; list them under commits: of a round, or exclude such commits in "
            "the settings"
        ),
    ]


def test_the_page_of_evidence_shows_the_same(tmp_path: Path) -> None:
    repo = contradictory(tmp_path)
    repo.write({"mkdocs.yml": SITE, "docs/index.md": "# Home\n"})
    assert run(repo.path, "mkdocs", "build").code == 0
    shown = text(page(repo, "evidence/"))
    assert "12 claims verified, 1 note, 3 not checked, 11 contradicted" in shown
    for words in (
        "it came with",
        'agent "WASM allocator" is in-progress',
        "metric tests is TBD",
        "no commit ever had it",
        "today it is clawft/src/engine.rs",
        "its history is in another repository",
    ):
        assert words in shown, words


def test_a_shallow_clone_says_that_nothing_is_missing(tmp_path: Path) -> None:
    clone = contradictory(tmp_path / "whole").clone(tmp_path / "shallow", depth=1)
    done = run(clone.path, "roundbook", "check", "-q")
    assert done.code == 0
    for word in ("path-missing", "reversal", "unassigned", "window-empty", "unknown", "no commit"):
        assert word not in done.output, word
    assert "value-left-open" in done.output  # what the data alone contradict is told all the same
