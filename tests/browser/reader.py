"""A browser that reads a locally served site and records what must not happen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, ViewportSize

Scheme = Literal["light", "dark"]
Options = tuple[tuple[str, str | bool | int], ...]


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
    """Opens pages; readers with the same scheme, width and options share a context, and with it what was loaded."""

    def __init__(self, contexts: Callable[[Options], BrowserContext], stack: ExitStack) -> None:
        self.contexts = contexts
        self.stack = stack

    def __call__(self, site: Site, *, scheme: Scheme = "light", width: int = 1280, **more: str | bool) -> Watched:
        """Open an empty page as a reader with this scheme and width has it; `more` are options of the context."""
        options = {"color_scheme": scheme, "viewport_width": width, **more}
        page = self.contexts(tuple(options.items())).new_page()
        self.stack.callback(page.close)
        watched = Watched(page, site)
        page.on("dialog", watched.dialog)
        page.on("console", watched.console)
        page.on("pageerror", lambda error: watched.wrongs.append(f"{page.url}: {error}"))
        page.on("request", watched.request)
        page.on("response", watched.response)
        return watched


def context(browser: Browser, options: Options) -> BrowserContext:
    """Return a new context: a reader's window with nothing loaded."""
    given: dict[str, Any] = dict(options)
    viewport: ViewportSize = {"width": given.pop("viewport_width"), "height": 900}
    return browser.new_context(viewport=viewport, reduced_motion="reduce", **given)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is given
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")  # a site does not change while it is served
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the browser went on to another page
            super().copyfile(source, outputfile)


def serve(stack: ExitStack, path: Path) -> Site:
    """Serve a folder until the stack is closed."""
    server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(path))))
    stack.callback(server.shutdown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Site(path, f"http://127.0.0.1:{server.server_port}/")
