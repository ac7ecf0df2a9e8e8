"""The settings form in a browser: each thing that can be wrong is told at its field, and no secret is ever shown."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from sandbox.world import World
from tests.browser.windows import Windows

ADDRESS, EMAIL, API_KEY = "Omnidesk address", "E-mail of the integration employee", "API key"
KEY, SECRET = "api-key-of-the-account-1", "stored-webhook-secret-1"
WORLD: dict[str, object] = {"settings": {"OmnideskSecret": SECRET}}


@pytest.fixture
def form(windows: Windows, world: World) -> Page:
    """The form of a module that is set up and works."""
    world.omnidesk.api_key = KEY
    world.channel.webhook_url = world.panel_server.cgi_url("omnidesk_webhook", SECRET)
    world.write_settings(OmnideskApiKey=KEY)
    page = windows.open(world.panel_server.page("root", "omnidesk.settings", lang="en"))
    expect(page.get_by_text("The settings are saved, synchronisation is on.")).to_be_visible()
    return page


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name)


def type_into(name: str, text: str) -> Callable[[Page, World], object]:
    return lambda page, world: box(page, name).fill(text)


def wrong_webhook(page: Page, world: World) -> None:
    world.channel.webhook_url = "https://elsewhere.example/mancgi/omnidesk_webhook?other-secret"


def no_channel(page: Page, world: World) -> None:
    page.get_by_role("combobox", name="Custom channel").select_option("")


def nobody_there(page: Page, world: World) -> None:
    box(page, ADDRESS).fill("http://127.0.0.1:9")
    box(page, API_KEY).fill(KEY)


def too_fast(page: Page, world: World) -> None:
    page.get_by_role("tab", name="More").click()
    box(page, "Poll interval").fill("1")
    page.get_by_role("tab", name="Main").click()


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        (type_into(ADDRESS, ""), "url", "Fill in"),
        (type_into(ADDRESS, "http://acme.example"), "url", "https:// is required"),
        (nobody_there, "url", "http://127.0.0.1:9"),
        (type_into(EMAIL, ""), "email", "Fill in"),
        (type_into(EMAIL, "nobody"), "email", "invalid value"),
        (type_into(EMAIL, "stranger@example.com"), "email", "stranger@example.com"),
        (type_into(EMAIL, "vera@example.com"), "email", "vera@example.com"),
        (type_into(API_KEY, "not-the-key"), "api_key", "key"),
        (no_channel, "channel", "Fill in"),
        (wrong_webhook, "webhook", "Paste the whole address"),
        (type_into("Secret key", "short"), "secret", "8 to 200 letters"),
        (too_fast, "poll_seconds", "a number from 5 to 3600"),
    ],
    ids=[
        "no address",
        "an address in the open",
        "an address where nobody answers",
        "no e-mail",
        "not an e-mail",
        "staff neither side knows",
        "staff without an employee",
        "another key",
        "no channel",
        "another webhook address",
        "a short secret",
        "a number out of range",
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field(
    world: World, form: Page, wrong: Callable[[Page, World], None], field: str, told: str
) -> None:
    before = (world.root / "etc/omnidesk/omnidesk.conf").read_text()
    wrong(form, world)
    form.get_by_role("button", name="Ok").click()
    row = form.locator(f"[data-field={field}]")
    expect(row.locator(".problem")).to_contain_text(told)
    expect(row).to_be_visible()
    expect(form.get_by_role("alert")).to_be_focused()
    if field != "webhook":  # a text, nothing to fill in
        expect(row.locator("[aria-invalid=true]")).to_have_count(1)
    assert (world.root / "etc/omnidesk/omnidesk.conf").read_text() == before


def test_secrets_are_kept_when_left_empty_and_never_shown(world: World, form: Page) -> None:
    seen: list[str] = []

    def keep(answer: Response) -> None:
        if "text/html" in answer.headers.get("content-type", "") and answer.status == 200:
            seen.append(answer.text())

    form.on("response", keep)
    expect(box(form, API_KEY)).to_have_value("")
    form.get_by_role("tab", name="More").click()
    box(form, "Text for empty messages").fill("(no text)")
    form.get_by_role("button", name="Ok").click()
    expect(form.get_by_role("status").filter(has_text="Done")).to_be_visible()
    path = world.root / "etc/omnidesk/omnidesk.conf"
    assert f"OmnideskApiKey {KEY}\n" in path.read_text()
    assert f"OmnideskSecret {SECRET}\n" in path.read_text()
    assert "EmptyText (no text)\n" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    form.reload()
    assert seen
    for text in (*seen, form.content()):
        assert KEY not in text
        assert SECRET not in text
