"""The browser that looks at the pages: the machine's own Chromium, driven without a window.

``CHROMIUM=/path`` names one; else Debian's ``chromium`` or a browser of that family is looked for on PATH.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "no Chromium was found: install Debian's package chromium (make test does, as root), or name a browser of its "
    "family: CHROMIUM=/path"
)
# Only this machine is reached, and the pages look the same wherever they are drawn.
_OPTIONS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]


class NoBrowser(RuntimeError):
    """There is none; the message says what to do."""


def program() -> str:
    """The browser's path; :class:`NoBrowser` without one."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser(f"CHROMIUM={named} is not a program" if named else MISSING)
    return found


def launch(playwright: Playwright) -> Browser:
    """A browser without a window. Chromium's own sandbox cannot work for root, so only then is it switched off."""
    options = [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=program(), args=options)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the context lasts; one at a time in a thread."""
    program()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()
