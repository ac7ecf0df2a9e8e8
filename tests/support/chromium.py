"""The browser for tests, or what becomes of them without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from sandbox.chromium import NoBrowser, chromium, program


def missing() -> str:
    """Why tests that need a browser are skipped; empty when they run, if only to fail."""
    try:
        program()
    except NoBrowser as problem:
        return "" if os.environ.get("CI") == "true" else str(problem)
    return ""


@contextmanager
def browser_for_tests() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped, but where a change is judged (CI=true) they fail."""
    if reason := missing():
        pytest.skip(reason)
    with chromium() as found:
        yield found
