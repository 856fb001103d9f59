"""The wheel, built and installed elsewhere, builds a site."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from repository import Repository
from site_trial import environment, page, project, text


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this repository once, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment())
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_templates_assets_and_schema(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "site/views/round.md.j2",
        "theme/assets/roundbook/roundbook.css",
        "theme/assets/roundbook/roundbook.js",
        "schema/round.schema.json",
        "schema/settings.schema.json",
        "templates/guide.md.j2",
        "templates/ci/github-pages.yml",
        "py.typed",
    ):
        assert f"roundbook/{name}" in names
    assert not [n for n in names if n.startswith(("tests", "docs", "data"))]


def test_the_wheel_wants_gitpython_to_run(wheel: Path) -> None:
    """It is a need of the package, not of an extra, and imports beside it."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        needs = [line for line in archive.read(metadata).decode().splitlines() if line.startswith("Requires-Dist: git")]
    assert [need for need in needs if need.startswith("Requires-Dist: gitpython") and "extra" not in need]
    subprocess.run([sys.executable, "-c", "import roundbook, git"], check=True, env=environment(PYTHONPATH=str(wheel)))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def call(installed: Path, folder: Path, module: str, function: str, *words: str) -> None:
    """Call a program of which only the unpacked wheel may answer for roundbook: its entry point and its files."""
    code = (
        f"import sys; import roundbook; from {module} import {function} as program; "
        "assert roundbook.__file__.startswith(sys.argv.pop(1)), roundbook.__file__; program()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(installed), *words],
        cwd=folder,
        env=environment(PYTHONPATH=str(installed)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_installed_elsewhere_it_builds_a_site(installed: Path, tmp_path: Path) -> None:
    repo = project(tmp_path / "project")
    repo.git("add", "-A")
    repo.commit("feat: begin\n\nRound: 3/5", {"a.txt": "a\n"})
    call(installed, repo.path, "mkdocs.__main__", "cli", "build", "--strict")
    assert "Upgrade the Rust toolchain to 1.93" in text(page(repo, "rounds/3/5"))
    assert (repo.path / "site/assets/roundbook/roundbook.css").is_file()


def test_installed_elsewhere_it_begins_in_a_repository(installed: Path, tmp_path: Path) -> None:
    repo = Repository(tmp_path / "project")
    repo.git("remote", "add", "origin", "https://github.com/acme/greeter.git")
    for words in (("init", "--agents"), ("guide",), ("check",)):
        call(installed, repo.path, "roundbook.cli", "main", *words)
    assert (repo.path / ".github/workflows/pages.yml").is_file()
    assert "roundbook new decision" in (repo.path / "AGENTS.md").read_text("utf-8")
