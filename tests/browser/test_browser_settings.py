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


def short_secret(page: Page, world: World) -> None:
    page.get_by_role("tab", name="More").click()
    box(page, "Secret key").fill("short")


def too_fast(page: Page, world: World) -> None:
    page.get_by_role("tab", name="More").click()
    box(page, "Poll interval").fill("1")
    page.get_by_role("tab", name="Main").click()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        (type_into(ADDRESS, ""), "url", "Has to be filled in"),
        (type_into(ADDRESS, "not a url"), "url", "An address like https://acme.omnidesk.ru"),
        (type_into(ADDRESS, "http://acme.example"), "url", "Https:// is required"),
        (nobody_there, "url", "http://127.0.0.1:9"),
        (type_into(EMAIL, ""), "email", "Has to be filled in"),
        (type_into(EMAIL, "nobody"), "email", "An e-mail address is expected"),
        (type_into(EMAIL, "stranger@example.com"), "email", "stranger@example.com"),
        (type_into(EMAIL, "vera@example.com"), "email", "vera@example.com"),
        (type_into(API_KEY, "not-the-key"), "api_key", "does not accept the API key"),
        (no_channel, "channel", "Has to be filled in"),
        (wrong_webhook, "webhook", "Press “Create a new secret”"),
        (short_secret, "secret", "8 to 200 letters"),
        (too_fast, "poll_seconds", "A number from 5 to 3600"),
    ],
    ids=[
        "no address",
        "no address at all",
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
    expect(form.locator("#field-note")).to_contain_text("The settings are not saved")
    expect(form.locator("main")).to_be_focused()
    row = form.locator(f"[data-field={field}]")
    if field in ("secret", "poll_seconds"):
        form.get_by_role("tab", name="More").click()
    line = row.locator(".htmldata")
    expect(line).to_be_visible()
    expect(line).to_contain_text("✗")
    expect(line).to_contain_text(told)
    assert line.locator("font").first.evaluate("node => getComputedStyle(node).color") == "rgb(211, 47, 47)"
    assert (world.root / "etc/omnidesk/omnidesk.conf").read_text() == before


def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(world: World, form: Page) -> None:
    """Half of it is found by the form, half of it would be found by the panel."""
    typed = {ADDRESS: "not a url", EMAIL: "nobody", "Poll interval": "1", "Text for empty messages": "(nothing)"}
    for name in (ADDRESS, EMAIL):
        box(form, name).fill(typed[name])
    no_channel(form, world)
    form.get_by_role("tab", name="More").click()
    for name in ("Poll interval", "Text for empty messages"):
        box(form, name).fill(typed[name])
    form.get_by_role("button", name="Ok").click()
    note = form.locator("#field-result_more")
    expect(note).to_contain_text("“Omnidesk address”, “E-mail of the integration employee”, “Custom channel”")
    expect(note).to_contain_text("“More” → “Poll interval, s”")
    expect(form.locator("font", has_text="✗").filter(visible=True)).to_have_count(2)
    for name in ("Poll interval", "Text for empty messages"):
        expect(box(form, name)).to_have_value(typed[name])
    form.get_by_role("tab", name="Main").click()
    for name in (ADDRESS, EMAIL):
        expect(box(form, name)).to_have_value(typed[name])


@pytest.mark.thorough
def test_the_connection_is_tested_without_saving(world: World, form: Page) -> None:
    before = (world.root / "etc/omnidesk/omnidesk.conf").read_text()
    form.get_by_role("button", name="Test the connection").click()
    expect(form.locator("#field-result")).to_contain_text("✓ The connection was tested, everything works.")
    box(form, API_KEY).fill("not-the-key")
    form.get_by_role("button", name="Test the connection").click()
    expect(form.locator("#field-result")).to_contain_text("✗ The test found errors. Correct: “API key”")
    expect(box(form, API_KEY)).to_have_value("not-the-key")
    box(form, API_KEY).fill(KEY)
    form.get_by_role("button", name="Test the connection").click()
    expect(form.locator("#field-result")).to_contain_text("✓ The connection was tested")
    assert (world.root / "etc/omnidesk/omnidesk.conf").read_text() == before


@pytest.mark.thorough
def test_a_new_secret_is_seen_until_it_is_used(world: World, form: Page) -> None:
    address = form.get_by_label("Webhook address")
    expect(address).to_contain_text("?***")
    form.get_by_role("button", name="Create a new secret").click()
    expect(address).not_to_contain_text("***")
    form.get_by_role("button", name="Ok").click()
    expect(form.locator("#field-note")).to_contain_text("⚠ The channel's webhook still has the old secret")
    expect(address).not_to_contain_text("***")
    address.click(click_count=3)
    selected = form.evaluate("getSelection().toString().trim()")
    assert selected == address.inner_text().strip(), "a way to copy it"
    world.channel.webhook_url = selected
    world.omnidesk.webhooks.test(world.channel)
    assert world.omnidesk.webhooks.wait_idle()
    form.reload()
    expect(address).to_contain_text("?***")
    expect(form.locator("#field-note")).to_have_text("✓ The settings are saved, synchronisation is on.")


@pytest.mark.thorough
def test_a_revoked_key_is_the_first_thing_on_the_page(world: World, form: Page) -> None:
    world.omnidesk.api_key = "another-key-1"
    assert world.run("--command", "sync").returncode == 1
    form.reload()
    expect(form.locator("#field-note")).to_contain_text("✗ Omnidesk does not accept the API key")
    expect(form.locator("[data-field=api_key] .htmldata")).to_contain_text("✗")


@pytest.mark.thorough
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
