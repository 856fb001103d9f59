"""A browser that reads a locally served site and records what must not happen."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Site:
    """A built site and where it is served."""

    path: Path
    url: str

    def pages(self) -> list[str]:
        """Return the addresses of all pages, relative to the site."""
        found = (file.relative_to(self.path).as_posix() for file in self.path.rglob("*.html"))
        return sorted(name.removesuffix("index.html") for name in found)


@dataclass
class Watched:
    """A page that is open, with what went wrong on it since: dialogs, errors, requests to other hosts."""

    page: Page
    site: Site
    wrongs: list[str] = field(default_factory=list)

    def go(self, address: str) -> Page:
        """Open a page of the site and wait until it is quiet."""
        self.page.goto(self.site.url + address, wait_until="load")
        return self.page

    def dialog(self, dialog: Dialog) -> None:
        self.wrongs.append(f"{self.page.url}: dialog {dialog.message}")
        dialog.dismiss()

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrongs.append(f"{self.page.url}: console {message.text}")

    def request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.wrongs.append(f"{self.page.url}: request {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= 400:
            self.wrongs.append(f"{self.page.url}: {response.status} {response.url}")


class Opener:
    """Opens pages in contexts of their own."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self.browser = browser
        self.stack = stack

    def __call__(self, site: Site, *, scheme: Scheme = "light", width: int = 1280, **more: Any) -> Watched:
        """Open an empty page as a reader with this scheme and width has it; `more` are options of the context."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", **more
        )
        self.stack.callback(context.close)
        watched = Watched(context.new_page(), site)
        watched.page.on("dialog", watched.dialog)
        watched.page.on("console", watched.console)
        watched.page.on("pageerror", lambda error: watched.wrongs.append(f"{watched.page.url}: {error}"))
        context.on("request", watched.request)
        context.on("response", watched.response)
        return watched


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is given
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser went on to another page
            super().copyfile(source, outputfile)


def serve(stack: ExitStack, path: Path) -> Site:
    """Serve a folder until the stack is closed."""
    server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(path))))
    stack.callback(server.shutdown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Site(path, f"http://127.0.0.1:{server.server_port}/")
