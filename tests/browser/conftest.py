"""Fixtures of the browser tests: the machine's Chromium, and three sites built once per session."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from browser import evil
from browser.reader import Opener, Options, Site, context, serve
from repository import Repository
from site_trial import build, once, run

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a request to the outside is noted, and goes nowhere
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the machine's Chromium; without one, the tests that need it are skipped."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium here ({', '.join(NAMES)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Callable[[Options], BrowserContext]:
    """Return what gives the context with some options."""
    return cache(partial(context, browser))


@pytest.fixture
def opened(contexts: Callable[[Options], BrowserContext]) -> Iterator[Opener]:
    """Return what opens pages; they are closed after the test."""
    with ExitStack() as stack:
        yield Opener(contexts, stack)


@pytest.fixture(scope="session")
def served() -> Iterator[partial[Site]]:
    """Return what serves a folder on this machine alone until the session ends."""
    with ExitStack() as stack:
        yield partial(serve, stack)


@pytest.fixture(scope="session")
def own(browser: Browser, own_site: Path, served: partial[Site]) -> Site:
    """Return the site of this repository."""
    return served(own_site)


@pytest.fixture(scope="session")
def hostile(browser: Browser, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of a repository whose every text tries to become markup."""

    def make(folder: Path) -> Path:
        repo = evil.make(folder / "repo")
        done = run(repo.path, "mkdocs", "build", "-q")
        assert done.code == 0, done.output
        assert not (repo.path / "canary").exists(), "a text ran a command on the builder"
        return repo.path / "site"

    return served(once(tmp_path_factory, "evil", make))


@pytest.fixture(scope="session")
def empty(browser: Browser, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of a repository without a commit and without a round."""

    def make(folder: Path) -> Path:
        repo = Repository(folder / "repo")
        repo.write({"mkdocs.yml": evil.MKDOCS, "docs/index.md": "# Empty\n"})
        done = build(repo, "-q")
        assert done.code == 0, done.output
        return repo.path / "site"

    return served(once(tmp_path_factory, "empty", make))
