"""Windows of a real browser on a whole world, with the module installed in it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox.demo.stage import name_people
from sandbox.world import World
from tests.browser.windows import PATIENCE, Windows
from tests.support.chromium import browser_for_tests, missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser one line for each file says so."""
    if reason := missing():
        for item in items:
            if item.path.parent == Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with browser_for_tests() as found:
        expect.set_options(timeout=PATIENCE)
        yield found


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Both products; a module's ``WORLD`` holds its options."""
    with World(**getattr(request.module, "WORLD", {})) as found:
        name_people(found, "en")
        yield found


@pytest.fixture
def windows(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Windows]:
    """Opens windows; whatever a script complains of, or asks of another host, fails the test."""
    opened = Windows(browser)
    yield opened
    if getattr(request.node, "failed", False):
        opened.take_pictures(tmp_path)
    opened.close()
    assert opened.problems == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined] # read by the fixture above
    return report
