"""A second build equals a first one byte for byte, whatever has changed, and makes no page again that has not."""

from __future__ import annotations

import random
import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from repository import Repository
from roundbook.cache import Cache
from roundbook.engines.incremental import FORM
from site_trial import project, run

CONFIG = """\
site_name: Trial
site_url: https://example.org/book/
theme: {name: THEME, font: false}
use_directory_urls: URLS
plugins: [search, macros, roundbook]
nav:
  - index.md
  - Rounds: rounds/
  - More: [notes.md, decisions/index.md, changelog/index.md]
"""
ROUND = """\
round: {number}
phase: {phase}
date: 2026-01-{day:02}
focus: {words}
metrics: {{tests: {tests}}}
agents: [{{name: Ada, task: Do it, status: {status}}}]
decisions: [{{id: d-{phase}-{number}, title: Decide {words}, rationale: [It is quick]{more}}}]
changes: [{{type: added, text: "Add {words}"}}]
"""


class Story:
    """A project that changes in random steps."""

    def __init__(self, path: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.settings = {"THEME": "mkdocs", "URLS": "true"}
        self.repo = project(path, docs__notes_dot_md="# Notes\n\nSee [[1/2]] and {{ round_link('1/1') }}.\n")
        self.rounds: set[tuple[int, int]] = set()
        self.notes = 0
        self.configure()
        (path / "data/rounds/3/5.yml").unlink()
        for number in range(1, 5):
            self.write_round(1, number)
        self.commit()

    def words(self) -> str:
        return " ".join(self.chance.choices(("speed", "light", "*less*", "more", "`code`", "<b>"), k=3))

    def write_round(self, phase: int, number: int) -> None:
        others = sorted(self.rounds - {(phase, number)})
        one = self.chance.choice(others) if others and self.chance.random() < 0.4 else None
        text = ROUND.format(
            phase=phase,
            number=number,
            day=1 + phase * 10 + number,
            words=self.words(),
            tests=self.chance.randrange(1000),
            status=self.chance.choice(("done", "planned", "blocked")),
            more=f", supersedes: d-{one[0]}-{one[1]}" if one else "",
        )
        self.rounds.add((phase, number))
        self.repo.write({f"data/rounds/{phase}/{number}.yml": text})

    def configure(self) -> None:
        text = CONFIG
        for name, value in self.settings.items():
            text = text.replace(name, value)
        self.repo.write({"mkdocs.yml": text})

    # the steps

    def edit(self) -> None:
        self.write_round(*self.chance.choice(sorted(self.rounds)))

    def add(self) -> None:
        self.write_round(self.chance.choice((1, 2)), self.chance.randrange(1, 9))

    def remove(self) -> None:
        if len(self.rounds) > 2:
            phase, number = self.chance.choice(sorted(self.rounds))
            self.rounds.discard((phase, number))
            (self.repo.path / f"data/rounds/{phase}/{number}.yml").unlink()

    def commit(self) -> None:
        phase, number = self.chance.choice(sorted(self.rounds))
        subject = self.chance.choice(("feat: begin", "fix: the {{ end }}", "docs: <b> & more"))
        self.repo.git("add", "-A")
        self.repo.commit(f"{subject}\n\nRound: {phase}/{number}", {"a.txt": f"{self.chance.random()}\n"})

    def rename(self) -> None:
        """Give a round another number, and have its old address lead on."""
        phase, old = self.chance.choice(sorted(self.rounds))
        new = self.chance.choice([n for n in range(1, 20) if (phase, n) not in self.rounds])
        path = self.repo.path / f"data/rounds/{phase}/{old}.yml"
        text = path.read_text().replace(f"round: {old}\n", f"round: {new}\nwas: {phase}/{old}\n")
        self.repo.write({f"data/rounds/{phase}/{new}.yml": text})
        path.unlink()
        self.rounds = self.rounds - {(phase, old)} | {(phase, new)}

    def merge(self) -> None:
        """Bring in a branch with a pull request, beside what is not committed."""
        phase, number = self.chance.choice(sorted(self.rounds))
        head = self.repo.git("rev-parse", "HEAD")
        aside = self.repo.commit(f"feat: aside\n\nRound: {phase}/{number}", {"b.txt": f"{self.chance.random()}\n"})
        title = f"Merge pull request #{self.chance.randrange(3)} from ada/aside\n\nAside"
        self.repo.commit(title, parents=[head, aside])

    def rewrite(self) -> None:
        """Replace the newest commit by another one."""
        parents = self.repo.git("rev-list", "--parents", "-1", "HEAD").split()[1:]
        self.repo.commit("fix: begin otherwise", parents=parents)

    def tag(self) -> None:
        self.repo.tag(f"v0.{len(self.repo.git('tag').split())}.0", message="Release")

    def write_note(self) -> None:
        self.notes += 1
        text = f"# Notes {self.notes}\n\nSee [[1/2]], [a round](rounds/1/3.md) and {{{{ round_link('1/1') }}}}.\n"
        self.repo.write({"docs/notes.md": text, f"docs/other-{self.notes % 3}.md": "# Other\n\n[[d-1-1]]\n"})

    def change_theme(self) -> None:
        self.settings["THEME"] = self.chance.choice(("mkdocs", "readthedocs", "material"))
        self.configure()

    def change_urls(self) -> None:
        self.settings["URLS"] = "false" if self.settings["URLS"] == "true" else "true"
        self.configure()

    def change_settings(self) -> None:
        self.repo.write({"data/roundbook.yml": f"repository: https://github.com/a/b{self.chance.randrange(3)}\n"})

    def reorder(self) -> None:
        """Write the same values in another order, which a page shows."""
        path = self.repo.path / "data/rounds/1/9.yml"
        metrics = self.chance.choice(("tests: 1, lines: 2", "lines: 2, tests: 1"))
        self.rounds.add((1, 9))
        path.write_text(f"round: 9\nphase: 1\nfocus: Order\nmetrics: {{{metrics}}}\n")

    def damage_the_site(self) -> None:
        """Change, delete and add files of the site, as somebody may between two builds."""
        pages = sorted((self.repo.path / "site").rglob("*.html"))
        for path in self.chance.sample(pages, min(3, len(pages))):
            self.chance.choice((path.unlink, lambda path=path: path.write_text("changed")))()
        (self.repo.path / "site/stale.html").write_text("stale")

    def remove_the_site(self) -> None:
        shutil.rmtree(self.repo.path / "site")

    def damage_the_cache(self) -> None:
        for path in (self.repo.path / ".cache/roundbook").glob("*.sqlite"):
            content = bytearray(path.read_bytes())
            for _ in range(20):
                content[self.chance.randrange(len(content))] = self.chance.randrange(256)
            path.write_bytes(content[: self.chance.choice((len(content), len(content) // 2))])


STEPS: tuple[Callable[[Story], None], ...] = (
    *(3 * (Story.edit,)),
    *(Story.add, Story.remove, Story.rename, Story.commit, Story.merge, Story.rewrite, Story.tag, Story.write_note),
    *(Story.change_theme, Story.change_urls),
    *(Story.change_settings, Story.reorder, Story.damage_the_site, Story.remove_the_site, Story.damage_the_cache),
)


def built(repo: Repository, folder: str, **more: str) -> dict[str, bytes]:
    """Build the site and return its files; `ROUNDBOOK_CACHE=0` makes everything anew."""
    made = run(repo.path, "mkdocs", "build", "--quiet", "--site-dir", folder, **more)
    assert made.code == 0, made.output
    top = repo.path / folder
    return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("seed", range(2))
def test_a_warm_build_equals_a_cold_one(tmp_path: Path, seed: int) -> None:
    story = Story(tmp_path / "project", seed)
    built(story.repo, "site")
    for number in range(7):
        taken = [story.chance.choice(STEPS) for _ in range(story.chance.choice((1, 1, 2)))]
        for step in taken:
            step(story)
        warm, cold = built(story.repo, "site"), built(story.repo, "cold", ROUNDBOOK_CACHE="0")
        names = [step.__name__ for step in taken]
        assert sorted(warm) == sorted(cold), (number, names)
        assert [name for name in warm if warm[name] != cold[name]] == [], (number, names)


def times(repo: Repository) -> dict[str, int]:
    """Return the time of the last change of each page."""
    return {str(p.relative_to(repo.path)): p.stat().st_mtime_ns for p in (repo.path / "site").rglob("*.html")}


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    story = Story(tmp_path / "project", 1)
    built(story.repo, "site")
    before = times(story.repo)
    story.repo.write({"data/rounds/1/4.yml": (story.repo.path / "data/rounds/1/4.yml").read_text() + "team: Two\n"})
    built(story.repo, "site")
    after = times(story.repo)
    changed = {name for name in after if after[name] != before.get(name)}
    assert "site/rounds/1/4/index.html" in changed
    kept = {f"site/{name}/index.html" for name in ("rounds/1/1", "rounds/1/2", "decisions/d-1-1", "go", "files")}
    assert kept & changed == set()
    said = run(story.repo.path, "mkdocs", "build", "--verbose").output
    assert re.search(r"roundbook: 0 generated pages are made, \d\d kept from the last build", said)
    assert {name for name, time in times(story.repo).items() if time != after[name]} <= {
        f"site/{name}.html" for name in ("index", "404", "search", "notes/index")
    }


def test_a_plugin_that_may_change_pages_has_them_all_made_anew(tmp_path: Path) -> None:
    hook = "def on_post_page(output, page, config):\n    return output.replace('Trial', open('word.txt').read())\n"
    config = CONFIG.replace("THEME", "mkdocs").replace("URLS", "true") + "hooks: [hook.py]\n"
    repo = project(tmp_path / "project", hook_dot_py=hook, word_dot_txt="One", mkdocs_dot_yml=config)
    repo.write({"docs/notes.md": "# Notes\n"})
    built(repo, "site")
    repo.write({"word.txt": "Two"})
    assert b"Two" in built(repo, "site")["rounds/3/5/index.html"]
    made = run(repo.path, "mkdocs", "build")
    assert "every page is made anew, since it may depend on hook.py" in made.output


def test_the_cache_can_be_switched_off(tmp_path: Path) -> None:
    repo = Story(tmp_path / "project", 1).repo
    built(repo, "site", ROUNDBOOK_CACHE="0")
    assert not (repo.path / ".cache").exists()
    config = (repo.path / "mkdocs.yml").read_text()
    repo.write({"mkdocs.yml": config.replace("roundbook]", "{roundbook: {cache: false}}]")})
    built(repo, "site")
    assert not (repo.path / ".cache").exists()


def test_two_sites_that_share_a_cache_do_not_mix(tmp_path: Path) -> None:
    """One was built from what another process has overwritten since."""
    story = Story(tmp_path / "project", 1)
    config = (story.repo.path / "mkdocs.yml").read_text()
    built(story.repo, "site")
    files = {path.name: path.read_bytes() for path in (story.repo.path / ".cache/roundbook").glob("pages*")}
    story.repo.write({"mkdocs.yml": config.replace("site_url", "copyright: Other\nsite_url")})
    built(story.repo, "other")
    other = Cache(story.repo.path / ".cache/roundbook/pages-build.sqlite", FORM)
    pages = other.get(f"file {name}" for name in ("go/index.html", "rounds/1/1/index.html"))
    assert len(pages) == 2
    story.repo.write({f".cache/roundbook/{name}": content for name, content in files.items()})
    other.put(pages)
    story.repo.write({"mkdocs.yml": config})
    shutil.rmtree(story.repo.path / "site")
    assert built(story.repo, "site") == built(story.repo, "cold", ROUNDBOOK_CACHE="0")


@pytest.mark.parametrize("other", [b"", b"[]"])
def test_what_was_read_is_not_believed_where_it_is_not_as_it_was_written(tmp_path: Path, other: bytes) -> None:
    """Another process may have written it for another build; then it is not known which pages read what has changed."""
    story = Story(tmp_path / "project", 1)
    built(story.repo, "site")
    cache = Cache(story.repo.path / ".cache/roundbook/pages-build.sqlite", FORM)
    (name,) = [key for key in sorted(cache.keys()) if key.startswith("reads ") and '"entries"' in key]
    cache.put({name: other} if other else {}, [name])
    story.edit()
    assert built(story.repo, "site") == built(story.repo, "cold", ROUNDBOOK_CACHE="0")


def test_a_cache_that_the_repository_contains_is_not_used(tmp_path: Path) -> None:
    """A branch could bring pages that nobody has reviewed."""
    story = Story(tmp_path / "project", 1)
    built(story.repo, "site")
    cache = Cache(story.repo.path / ".cache/roundbook/pages-build.sqlite", FORM)
    name = "file rounds/1/1/index.html"
    key, _, packed = cache.get([name])[name].partition(b"\n")
    forged = zlib.compress(zlib.decompress(packed).replace(b"Ada", b"Eve"))
    cache.put({name: key + b"\n" + forged})
    shutil.rmtree(story.repo.path / "site")
    assert b"Eve" in built(story.repo, "site")["rounds/1/1/index.html"], "the cache is not used at all"
    shutil.rmtree(story.repo.path / "site")
    story.repo.git("add", "--force", ".cache/roundbook/pages-build.sqlite")
    story.repo.git("commit", "--quiet", "-m", "feat: bring a cache")
    assert b"Eve" not in built(story.repo, "site")["rounds/1/1/index.html"]


def test_a_function_of_the_users_may_change_pages(tmp_path: Path) -> None:
    own = "def turned(text: str, separator: str) -> str:\n    return text[::-1]\n"
    config = CONFIG.replace("THEME", "mkdocs").replace("URLS", "true")
    known = "markdown_extensions:\n  - tables\n  - toc:\n      slugify: !!python/name:markdown.extensions.toc.slugify_unicode\n"
    repo = project(
        tmp_path / "project", own_words_dot_py=own, mkdocs_dot_yml=config + known, docs__notes_dot_md="# N\n"
    )
    for text, anew in (
        (known, False),
        (known.replace("markdown.extensions.toc.slugify_unicode", "own_words.turned"), True),
    ):
        repo.write({"mkdocs.yml": config + text})
        made = run(repo.path, "mkdocs", "build")
        assert made.code == 0, made.output
        assert ("every page is made anew" in made.output) == anew
