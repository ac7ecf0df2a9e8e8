"""The form of the alerts: saving, secrets that stay, and a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from omnidesk.core import settings
from omnidesk.panel_ui import names
from omnidesk.panel_ui.alerts_form import FIELDS
from tests.panel_ui.panel_calls import PLUGIN_XML, Answered, call, save_settings
from tests.support.receivers import Web, web
from tests.support.workshop import Workshop

TOKEN = "123456789:AAFabcdefghijklmnopqrstuvwxyz12345"


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture
def ready(workshop: Workshop) -> Workshop:
    save_settings(workshop)
    return workshop


def form(workshop: Workshop, **typed: Any) -> Answered:
    return call(workshop, names.ALERTS, language="en", **typed)


def save(workshop: Workshop, button: str = "ok", **typed: Any) -> Answered:
    return form(workshop, sok="ok", clicked_button=button, **typed)


def stored(workshop: Workshop) -> settings.Settings:
    return settings.load(workshop.paths.settings)


def test_what_is_saved_is_in_the_file(ready: Workshop) -> None:
    answer = save(ready, alert_email="a@example.com, b@example.com", telegram_token=TOKEN, telegram_chat="@ops_team",
                  alert_webhook="https://example.com/x?k=1", pause_minutes=30, silence_hours=0)  # fmt: skip
    assert answer.ok, answer.told
    found = stored(ready)
    assert found.alert_emails == ("a@example.com", "b@example.com")
    assert found.alert_telegram_token.reveal() == TOKEN
    assert (found.alert_telegram_chat, found.alert_pause_minutes, found.alert_silence_hours) == ("@ops_team", 30, 0)
    assert found.alert_webhook.reveal() == "https://example.com/x?k=1"
    shown = form(ready)
    assert shown.value("alert_email") == "a@example.com, b@example.com"
    assert shown.value("note").splitlines()[:3] == ["E-mail: on", "Telegram: on", "Webhook: on"]
    assert TOKEN not in shown.text
    assert "k=1" not in shown.text


def test_an_empty_secret_stays_and_a_dash_removes_it(ready: Workshop) -> None:
    save(ready, telegram_token=TOKEN, telegram_chat="@ops_team", alert_webhook="https://example.com/x?k=1")
    assert save(ready, telegram_token="", telegram_chat="@ops_team", alert_webhook="").ok
    assert stored(ready).alert_telegram_token.reveal() == TOKEN
    assert stored(ready).alert_webhook
    assert save(ready, telegram_token="-", telegram_chat="", alert_webhook="-").ok
    assert not stored(ready).alert_telegram_token
    assert not stored(ready).alert_webhook


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("alert_email", "nobody"), ("telegram_token", "my-token"), ("telegram_chat", "my chat"),
        ("alert_webhook", "http://example.com/x"), ("pause_minutes", "0"), ("silence_hours", "999"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_marked_at_its_field_and_not_repeated(ready: Workshop, field: str, typed: str) -> None:
    before = Path(ready.paths.settings).read_text(encoding="utf-8")
    answer = save(ready, **{field: typed})
    assert answer.error == ("settings_form", field)
    assert Path(ready.paths.settings).read_text(encoding="utf-8") == before
    if field in ("telegram_token", "alert_webhook"):
        assert typed not in answer.told


def test_a_bot_without_a_chat_is_marked_at_the_chat(ready: Workshop) -> None:
    assert save(ready, telegram_token=TOKEN).error == ("settings_form", "telegram_chat")
    assert save(ready, telegram_chat="@ops_team").error == ("settings_form", "telegram_token")


def test_a_test_is_sent_and_its_result_shown(ready: Workshop, site: Web) -> None:
    answer = save(ready, "test", alert_webhook=f"{site.base}/hook")
    assert answer.root.findtext("ok") == "func=omnidesk.alerts"
    (alert,) = site.to("/hook")[0]["alerts"]
    assert set(alert) == {"kind", "state", "at", "since", "text"}, "as documented for every alert"
    assert (alert["kind"], alert["state"]) == ("test", "began")
    assert "✓ webhook: sent" in form(ready).value("note")
    site.answer = lambda path: (500, {})
    save(ready, "test")
    assert "✗ webhook: the answer is 500" in form(ready).value("note")


def test_before_the_module_is_set_up_there_is_nothing_to_save(workshop: Workshop) -> None:
    Path(workshop.paths.settings).unlink(missing_ok=True)
    shown = form(workshop)
    assert shown.value("note") == "The module is not set up yet. Open its settings first."
    assert names.SETTINGS in shown.value("to_settings")
    assert {str(one.get("name")) for one in shown.root.iterfind("metadata//field")} == {"note", "to_settings"}
    assert save(workshop, alert_email="a@example.com").error[0] == "settings_file"


def test_nothing_that_was_typed_reaches_the_log(ready: Workshop, site: Web) -> None:
    save(ready, "test", telegram_token=TOKEN, telegram_chat="@ops_team", alert_webhook=f"{site.base}/k3y-in-the-path")
    text = Path(ready.paths.log).read_text(encoding="utf-8")
    assert TOKEN not in text
    assert "k3y-in-the-path" not in text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_field_has_its_words(language: str) -> None:
    description = etree.parse(str(PLUGIN_XML)).getroot()
    rows = description.iterfind(f"lang[@name='{language}']/messages[@name='{names.ALERTS}']/msg")
    words = {str(one.get("name")): one.text or "" for one in rows}
    assert [name for one in FIELDS for name in (one, f"hint_{one}") if not words.get(name)] == []
