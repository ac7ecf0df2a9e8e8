"""Windows of the browser, each with its own cookies and storage, and what goes wrong in them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

PATIENCE = 120_000  # milliseconds until something that is expected has not come: only a failure waits so long
DESKTOP, PHONE = (1200, 800), (360, 640)
# A form that is refused comes back with this status, which the browser tells as an error though all is well.
_REFUSED_FORM = re.compile(r"Failed to load resource: the server responded with a status of (422|400) ")


class Windows:
    """Opens windows and keeps a record of what went wrong in any of them."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.problems: list[str] = []
        self.allowed: list[str] = []
        self._contexts: list[BrowserContext] = []

    def open(self, address: str, size: tuple[int, int] = DESKTOP, **options: object) -> Page:
        """A new window with this page; ``window.loadedOnce`` tells later whether it was loaded again."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=size == PHONE,
            accept_downloads=True,
            **options,  # type: ignore[arg-type] # playwright's own
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda problem: self.problems.append(f"script: {problem}"))
        page.on("request", self._request)
        page.goto(address)
        return page

    def allow(self, text: str) -> None:
        """A complaint with this text is part of what is tried."""
        self.allowed.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or _REFUSED_FORM.match(message.text):
            return
        if not any(text in message.text for text in self.allowed):
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.hostname != "127.0.0.1":
            self.problems.append(f"asked of another host: {request.url}")

    def take_pictures(self, folder: Path) -> None:
        """What each window shows, for whoever looks for the reason of a failure."""
        for number, context in enumerate(self._contexts):
            for page in context.pages:
                path = folder / f"window{number}.png"
                page.screenshot(path=path, full_page=True)
                print(f"{page.url}: {path}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def stays(page: Page) -> None:
    """From here on the page may not be loaded again; see :func:`assert_stayed`."""
    page.evaluate("window.stayed = true")


def assert_stayed(page: Page) -> None:
    """The page is the same as when :func:`stays` was called."""
    assert page.evaluate("window.stayed") is True, "the page was loaded again"
