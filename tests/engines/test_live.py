"""A served site that is updated after a save equals one that is built anew, and only what changed is written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mkdocs.livereload import LiveReloadServer

from roundbook.engines.live import Alert
from site_trial import run
from test_incremental import Story

# Builds a site as `mkdocs serve` does, then runs a line of Python and an update for each line that it is given.
SERVE = """\
import json, logging, os, sys
from pathlib import Path
from mkdocs.commands.build import build
from mkdocs.config import load_config
from roundbook.engines.live import Live

def config(folder):
    made = load_config("mkdocs.yml", site_dir=folder)
    made.site_url = "http://127.0.0.1:8000/"
    return made

def full(folder="served"):
    global plugin
    made = config(folder)
    plugin = made.plugins["roundbook"]
    made.plugins.on_startup(command="serve", dirty=False)
    build(made, serve_url="http://127.0.0.1:8000/")

def files(folder):
    return {str(p.relative_to(folder)): p for p in sorted(Path(folder).rglob("*")) if p.is_file()}

builds = []
full()
live = Live(plugin, lambda: (builds.append(1), build(config("served"), serve_url="http://127.0.0.1:8000/")))
out = []
for step in json.loads(sys.argv[1]):
    before = {name: p.stat().st_mtime_ns for name, p in files("served").items()}
    exec(step)
    builds.clear()
    live()
    live.background.wait()
    while live.whole:  # the server would call it again
        live()
        live.background.wait()
    served = files("served")
    written = [name for name, p in served.items() if p.stat().st_mtime_ns != before.get(name)]
    child = os.fork()  # MkDocs has one plugin for all builds of a process
    if child == 0:
        os.environ["ROUNDBOOK_CACHE"] = "0"
        cold = config("cold")
        cold.plugins.on_startup(command="serve", dirty=False)
        build(cold, serve_url="http://127.0.0.1:8000/")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    anew = files("cold")
    differ = [name for name in sorted({*served, *anew}) if name not in served or name not in anew
              or served[name].read_bytes() != anew[name].read_bytes()]
    out.append({"differ": differ, "built": bool(builds), "written": written})
print(json.dumps(out))
"""


def served(story: Story, steps: list[str]) -> list[dict[str, object]]:
    """Run the steps in a served project; return what differs from a new build after each, and what was written."""
    (story.repo.path / "serve_it.py").write_text(SERVE)
    made = run(story.repo.path, "serve_it", json.dumps(steps))
    assert made.code == 0, made.output
    found: list[dict[str, object]] = json.loads(made.output.splitlines()[-1])
    return found


def save(number: int, old: str, new: str) -> str:
    path = f"data/rounds/1/{number}.yml"
    return f"p = Path({path!r}); t = p.read_text(); assert {old!r} in t; p.write_text(t.replace({old!r}, {new!r}, 1))"


@pytest.mark.parametrize(("theme", "most"), [("mkdocs", 9), ("material", 3)])
def test_an_updated_site_equals_one_that_is_built_anew(tmp_path: Path, theme: str, most: int) -> None:
    story = Story(tmp_path / "project", 3)
    story.settings["THEME"] = theme
    story.configure()
    note = "# More\n\n{{ round_card('1/2') }}\n\n{% for r in rounds %}{{ r.focus | length }} {% endfor %}\n\n[[1/3]]\n"
    story.repo.write({"docs/more.md": note})
    updates = [
        save(3, "focus: ", "focus: Now "),
        save(2, "name: Ada", "name: Grace"),
        save(1, "Decide ", "Choose "),
        save(2, "phase: 1", "phase: 1\nwas: [9b]"),
        save(2, "was: [9b]", "tags: [new]"),
        save(3, "metrics: {", "metrics: {lines: 2, "),
        save(3, "phase: 1", "phase: 1\nx-own: {a: 1, b: 2}"),
        save(3, "{a: 1, b: 2}", "{b: 2, a: 1}"),
        save(4, "date: 2026-01", "date: 2026-02"),
    ]
    builds = [
        save(4, "round: 4", "round: [4"),
        save(4, "round: [4", "round: 4"),
        "p = Path('docs/notes.md'); p.write_text(p.read_text() + 'More.')",
        "Path('data/rounds/1/8.yml').write_text('round: 8\\nphase: 1\\nfocus: New\\n')",
        "Path('data/rounds/1/8.yml').unlink()",
    ]
    steps = [*updates[:most], *builds, save(3, "focus: ", "focus: And ")]
    for step, found in zip(steps, served(story, steps), strict=True):
        assert found["differ"] == [], step
        assert step in builds or not found["built"], step


def test_a_save_writes_only_the_pages_that_it_changes(tmp_path: Path) -> None:
    story = Story(tmp_path / "project", 3)
    (found,) = served(story, [save(3, "focus: ", "focus: Now ")])
    assert not found["built"]
    written = found["written"]
    assert isinstance(written, list)
    assert "rounds/1/3/index.html" in written
    for name in ("decisions/d-1-1/index.html", "files/index.html", "index.html", "404.html", "css/base.css"):
        assert name not in written, written


def test_a_page_that_gets_its_first_entry_is_then_in_the_menu(tmp_path: Path) -> None:
    story = Story(tmp_path / "project", 3)
    config = (story.repo.path / "mkdocs.yml").read_text()
    story.repo.write({"mkdocs.yml": config.partition("nav:")[0]})
    steps = [save(1, "focus: ", "focus: Now "), save(1, "title: Decide", "affects: src/x.py, title: Decide")]
    first, second = served(story, steps)
    assert (first["differ"], first["built"]) == ([], False)
    assert (second["differ"], second["built"]) == ([], True)
    assert 'href="files/"' in (story.repo.path / "served/index.html").read_text("utf-8")


ASK = """\
def served_file(environ, say):
    say("200 OK", [])
    return [Path("served", environ["PATH_INFO"][1:] + "index.html").read_bytes()]

def ask(*pages):
    app = live.answering(served_file)
    return {page: b"".join(app({"PATH_INFO": page}, lambda *words: None)).decode() for page in pages}
"""


def test_what_is_asked_for_is_up_to_date(tmp_path: Path) -> None:
    """The browser asks at once, before the background has come to the page."""
    story = Story(tmp_path / "project", 3)
    asked = "ask('/rounds/', '/decisions/d-1-3/', '/rounds/1/3/', '/rounds/1/4/')"
    save_and_ask = (
        f"{save(3, 'focus: ', 'focus: Sooner ')}; live(); out += [{asked}]; live.background.wait(); out += [{asked}]"
    )
    _, early, late, _ = served(story, [ASK, save_and_ask])
    assert early == late
    assert sum("Sooner" in str(text) for text in early.values()) > 1


def test_a_page_is_asked_for_that_shows_the_new_title_of_the_one_before(tmp_path: Path) -> None:
    """Of what has not been made yet only that is waited for; the title is older than the last save."""
    story = Story(tmp_path / "project", 3)
    story.settings["THEME"] = "material"
    story.configure()
    config = (story.repo.path / "mkdocs.yml").read_text()
    story.repo.write({"mkdocs.yml": config.partition("nav:")[0]})
    titled = "phase: 1\ntitle: Otherwise"
    saves = f"{save(3, 'phase: 1', titled)}; live()"
    saves += f"; {save(1, 'focus: ', 'focus: Now ')}; live()"
    asked = "ask('/rounds/1/4/')"
    _, early, late, _ = served(story, [ASK, f"{saves}; out += [{asked}]; live.background.wait(); out += [{asked}]"])
    assert early == late
    assert "Otherwise" in str(early)


@pytest.mark.skipif(sys.platform not in ("linux", "darwin", "win32"), reason="the system reports no changes")
def test_a_save_is_seen_before_the_server_looks_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "rounds/3").mkdir(parents=True)
    server = LiveReloadServer(lambda: None, "127.0.0.1", 0, str(tmp_path), polling_interval=3600)
    server.watch(str(folder))
    Alert(server, [folder])
    server.observer.start()
    try:
        with server._rebuild_cond:
            (folder / "rounds/3/5.yml").write_text("round: 5")
            assert server._rebuild_cond.wait_for(lambda: server._want_rebuild, timeout=120)
    finally:
        server.observer.stop()
        server.server_close()
