"""Pictures of this site for the README and the documentation: `make pictures`.

Pages are photographed in the built site by Chromium, in light and dark; the terminal is drawn from what the commands print.
`python docs/pictures.py --check` tells whether templates or styles have changed since: pages change with every round, so
this is a note before a release and no test.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/assets/pictures"
PACKAGE = ROOT / "hooks/roundbook"
PROGRAMS = Path(sys.executable).parent
LARGEST = 150_000  # bytes of a picture
SCHEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Picture:
    """A page to be photographed from its top."""

    name: str
    address: str
    width: int = 1280
    height: int = 860


PICTURES = (
    Picture("home", "", height=1000),
    Picture("round", "rounds/build/7/"),
    Picture("decision", "decisions/wasm-target/"),
    Picture("metrics", "metrics/"),
    Picture("evidence", "evidence/"),
    Picture("phone", "rounds/build/7/", 390, 780),
)

# ---------------------------------------------------------------------------------------------------- the terminal

NOTE = ROOT / "tests/documents/round-summary.md"
# Each command, and the beginnings of the lines that are shown of what it prints.
SESSION = (
    ("roundbook init", ("  notes ", "  created ")),
    ("roundbook import notes/*.md --verify", ("",)),
    ("mkdocs serve", ("Serving",)),
)
SERVING = "Serving on http://127.0.0.1:8000/"
CUT = "  …"
_DAY = "2026-01-02T12:00:00+00:00"


def session(folder: Path) -> list[tuple[str, list[str]]]:
    """Run the commands in a repository that has nothing but a note; return each with the lines that are shown of it.

    `mkdocs serve` does not end, so the site is built instead, and the line is the one that it prints then.
    """
    project = folder / "hivelog"
    (project / "notes").mkdir(parents=True)
    shutil.copy(NOTE, project / "notes/round-4-summary.md")
    for words in ("init -q -b main", "add .", "commit -q -m docs:\\ sum\\ up"):
        _run(project, f"git -c user.name=Ada -c user.email=ada@example.org {words}")
    shown = []
    for command, beginnings in SESSION:
        if command == "mkdocs serve":
            _run(project, "mkdocs build --strict")
            shown.append((command, [SERVING]))
            continue
        lines = _run(project, command).splitlines()
        kept = [line if line.startswith(beginnings) else CUT for line in lines]
        shown.append((command, [line for i, line in enumerate(kept) if line != CUT or kept[i - 1 : i] != [CUT]]))
    return shown


def _run(folder: Path, command: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    fixed = {"GIT_AUTHOR_DATE": _DAY, "GIT_COMMITTER_DATE": _DAY, "GIT_CONFIG_GLOBAL": os.devnull}
    environment = {**clean, **fixed, "NO_MKDOCS_2_WARNING": "1", "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def terminal(shown: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return a session as SVG: dark in both palettes, as terminals are."""
    rows: list[tuple[str, str]] = []
    for command, lines in shown:
        rows += [("", ""), ("command", f"$ {command}")] if rows else [("command", f"$ {command}")]
        rows += [("found" if re.search(r"\d words in", line) else "line", line.rstrip()) for line in lines]
    step, left, top = 21, 20, 62
    width = left * 2 + round(max(len(line) for _, line in rows) * 8.43)
    height = top + step * len(rows)
    words = "; ".join(command for command, _ in shown)
    drawn = (
        f'<text class="{kind}" x="{left}" y="{top + step * i}">{html.escape(line)}</text>\n'
        for i, (kind, line) in enumerate(rows)
        if line
    )
    dots = "".join(f'<circle cx="{left + 6 + 20 * i}" cy="22" r="6" fill="#4a5060"/>\n' for i in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="t">\n<title id="t">A terminal: {html.escape(words)}</title>\n'
        "<style>text { font: 14px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; "
        "fill: #c4c9d4 } .command { fill: #fff; font-weight: 700 } .found { fill: #7ee2a8; font-weight: 700 }</style>\n"
        f'<rect width="{width}" height="{height}" rx="10" fill="#1c2029"/>\n{dots}{"".join(drawn)}</svg>\n'
    )


# ------------------------------------------------------------------------------------------------------- the pages


def digest() -> str:
    """Return a digest of the templates and styles, from which the pages get their look."""
    paths = (path for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".j2", ".css"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def photograph(site: Path, folder: Path) -> None:
    """Write a picture of each page in each palette, and the card that link previews show."""
    from playwright.sync_api import sync_playwright  # a dependency of the tests

    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with served(site) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme in SCHEMES:
            for one in PICTURES:
                page = _page(browser, scheme, one.width, one.height, 1.5)
                answer = page.goto(address + one.address, wait_until="networkidle")
                if not answer.ok:
                    raise SystemExit(f"the site has no page {one.address}")
                page.add_style_tag(content="* { animation: none !important; transition: none !important }")
                (folder / f"{one.name}-{scheme}.webp").write_bytes(_webp(page, page.screenshot()))
                page.context.close()
        page = _page(browser, "dark", 1200, 630, 1)
        page.goto(address, wait_until="networkidle")
        page.set_content(_card(page))
        (folder / "card.png").write_bytes(page.screenshot())
        browser.close()


def _page(browser: Any, scheme: str, width: int, height: int, scale: float) -> Any:
    return browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
    ).new_page()


def _webp(page: Any, png: bytes) -> bytes:
    """Return a picture as WebP, which the browser itself can write, small enough for a README."""
    script = """async ([png, quality]) => {
        const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
        const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas.toDataURL("image/webp", quality).split(",")[1];
    }"""
    given = base64.b64encode(png).decode()
    for quality in (0.9, 0.8, 0.7, 0.6):
        made = base64.b64decode(page.evaluate(script, [given, quality]))
        if len(made) <= LARGEST:
            break
    return made


def _card(page: Any) -> str:
    """Return a page of 1200 by 630 pixels: the name, what it does, and the timeline of the home page."""
    drawing = base64.b64encode(page.locator("figure svg").first.screenshot()).decode()
    return f"""<style>
        body {{ display: flex; flex-direction: column; justify-content: center; margin: 0; padding: 60px 70px;
          width: 1060px; height: 510px; background: #1e2129; color: #fff;
          font: 34px/1.4 system-ui, sans-serif }}
        h1 {{ margin: 0; font-size: 84px }} p {{ margin: 10px 0 40px; color: #c4c9d4 }} img {{ max-width: 100% }}
        </style><h1>roundbook</h1><p>What each round of work did, decided and released, checked against git</p>
        <img src="data:image/png;base64,{drawing}" alt="">"""


def main() -> None:
    """Make the pictures, or tell whether they are older than the templates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether templates or styles have changed")
    parser.add_argument("--site", type=Path, help="a site that is built already")
    given = parser.parse_args()
    record = FOLDER / "pictures.json"
    if given.check:
        if json.loads(record.read_text("utf-8"))["digest"] != digest():
            raise SystemExit("Templates or styles have changed since the pictures were taken: run make pictures.")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (FOLDER / "terminal.svg").write_text(terminal(session(Path(folder))), "utf-8")
        site = given.site or Path(folder) / "site"
        if not given.site:
            _run(ROOT, f"mkdocs build --site-dir '{site}'")
        photograph(site, FOLDER)
    record.write_text(json.dumps({"digest": digest()}) + "\n", "utf-8")
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
