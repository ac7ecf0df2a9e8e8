"""The form of the alerts in a browser: set a webhook, send a test to it, and see what became of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from sandbox.world import World
from tests.browser.texts import Texts
from tests.browser.windows import Windows
from tests.support.receivers import web

pytestmark = pytest.mark.thorough

ALERTS = "omnidesk.alerts"


def test_a_webhook_is_set_and_tested(windows: Windows, world: World) -> None:
    text = Texts(world, "en")
    with web() as site:
        page = windows.open(world.panel_server.page("root", ALERTS, "en"))
        page.get_by_label(text.panel(ALERTS, "alert_webhook")).fill(f"{site.base}/hook")
        page.get_by_role("button", name=text.panel(ALERTS, "button_test")).click()
        expect(page.get_by_text(re.compile(r"Test \d+ s ago: ✓ webhook: sent"))).to_be_visible()
        assert [body["alerts"][0]["kind"] for body in site.to("/hook")] == ["test"]
        page.get_by_label(text.panel(ALERTS, "alert_email"), exact=True).fill("nobody")
        page.get_by_role("button", name=text.panel(ALERTS, "button_ok"), exact=True).click()
        expect(page.locator("[data-field=alert_email] .problem")).to_contain_text("an e-mail address is expected")
        page.get_by_label(text.panel(ALERTS, "alert_email"), exact=True).fill("")
        page.get_by_label(text.panel(ALERTS, "alert_webhook")).fill("-")
        page.get_by_role("button", name=text.panel(ALERTS, "button_ok"), exact=True).click()
        expect(page.get_by_text("Webhook: not set")).to_be_visible()
