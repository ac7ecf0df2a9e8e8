"""``make sandbox``: it prints where to begin, runs until Ctrl-C, and leaves quietly though a window is still open."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sandbox.world import REPOSITORY
from tests.browser.windows import Windows

pytestmark = pytest.mark.thorough


@pytest.fixture(params=["configured", "empty"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The running sandbox, and the addresses it has printed."""
    options = ["--lang", "en", *(["--empty"] if request.param == "empty" else [])]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "sandbox", *options],
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        addresses: dict[str, str] = {}
        for line in process.stdout:
            if found := re.match(r"\s*(BILLmanager|Omnidesk)\s+(http://\S+/\?lang=en)$", line):
                addresses[found[1]] = found[2]
            if "timer" in line:
                break
        yield process, addresses
        process.kill()


def test_it_tells_where_to_begin_and_stops_quietly(
    windows: Windows, sandbox: tuple[subprocess.Popen[str], dict[str, str]]
) -> None:
    process, addresses = sandbox
    windows.allow("ERR_CONNECTION_REFUSED")  # once it has stopped
    windows.allow("ERR_EMPTY_RESPONSE")
    windows.allow("ERR_CONNECTION_RESET")
    ivan = windows.open(addresses["BILLmanager"])
    ivan.get_by_role("link", name="Ivan Petrov").click()
    expect(ivan.get_by_role("link", name="New ticket")).to_be_visible()
    anna = windows.open(addresses["Omnidesk"])
    anna.get_by_role("link", name="Anna Kim").click()
    expect(anna.get_by_text("No cases.")).to_be_visible()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "nothing is left behind" in out
