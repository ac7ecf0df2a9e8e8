"""The settings form in one process with both products: opening, asking again, refusing, saving."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.dependencies import Dependencies
from omnidesk.core.settings import load
from omnidesk.panel_ui import names, settings_secret
from omnidesk.panel_ui.request import ROOT, Request
from omnidesk.store.state import State
from tests.panel_ui.panel_calls import Answered, ask, save_settings
from tests.support.workshop import SECRET, Workshop

WEBHOOK = "https://PANEL/mancgi/omnidesk_webhook?"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A save starts the real worker; here it is only noted."""
    started: list[str] = []

    def wake(paths: Any) -> int:
        started.append(paths.root)
        return 0

    monkeypatch.setattr("omnidesk.hooks.worker_start.wake_worker", wake)
    return started


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    """Set up, with the state of before forgotten (workshops share their tables)."""
    save_settings(workshop)
    for name in ("panel:channels", "panel:settings_told", "scan_marks"):
        workshop.context.state.remove(name)
    settings_secret.forget(workshop.paths)
    return workshop


@pytest.fixture
def fresh(desk: Workshop) -> Workshop:
    """Installed, never set up."""
    os.unlink(desk.paths.settings)
    return desk


def call(workshop: Workshop, func: str, *, spoken: str = "ru", **fields: str) -> Answered:
    """One call by root; ``spoken`` is the panel's language (the form has a field called language)."""
    dependencies = Dependencies(workshop.clock, workshop._mgrctl, workshop.adapter)
    return ask(workshop.paths, dependencies, Request(func, fields, ROOT, spoken), spoken)


def form(workshop: Workshop, **changes: str) -> dict[str, str]:
    """What a browser sends back of the opened form, with these fields changed. Private ones come back empty."""
    opened = call(workshop, names.SETTINGS)
    fields = {name: opened.value(name) for name in FIELDS}
    return {**fields, "api_key": "", "secret": "", **changes}


FIELDS = (
    *("url", "email", "channel", "fallback", "departments", "sync_notes", "sync", "rating_good", "rating_bad"),
    *("rating_1", "rating_2", "rating_3", "rating_4", "rating_5"),
    *("public_url", "language", "author_line", "empty_text", "formatting", "cut_quotes", "cut_rating_links"),
    *("cut_signature", "sync_assignee"),
    *("omnidesk_edits", "rating_column", "poll_seconds", "linger_seconds", "settle_seconds"),
    *("request_timeout", "panel_timeout", "mass_change_limit"),
)


def submit(workshop: Workshop, spoken: str = "ru", button: str = "ok", **fields: str) -> Answered:
    """As a program does: what is wrong comes as an error."""
    return call(workshop, names.SETTINGS, spoken=spoken, sok="ok", clicked_button=button, **fields)


def press_ok(workshop: Workshop, spoken: str = "ru", **fields: str) -> Answered:
    """As the panel's page does: what is wrong comes in the form."""
    return submit(workshop, spoken, sfrom="ajax", **fields)


def press(workshop: Workshop, button: str, spoken: str = "ru", **fields: str) -> Answered:
    """A button that asks for the form anew."""
    return call(workshop, names.SETTINGS, spoken=spoken, **{**fields, "sv_field": button, "sfrom": "ajax"})


def complete(workshop: Workshop, **changes: str) -> dict[str, str]:
    """Everything typed that a new module needs."""
    typed = {
        "url": workshop.settings.url,
        "email": workshop.settings.email,
        "api_key": workshop.settings.api_key.reveal(),
        "channel": workshop.channel.key,
    }
    return form(workshop, **{**typed, **changes})


def lines(workshop: Workshop) -> str:
    return Path(workshop.paths.settings).read_text(encoding="utf-8")


def point_webhook(workshop: Workshop, address: str) -> None:
    workshop.channel.webhook_url = address.replace("PANEL", "panel.example")


# Opening


def test_the_first_time_it_shows_a_new_webhook_address_and_asks_nobody(fresh: Workshop) -> None:
    calls = len(fresh.desk.calls)
    opened = call(fresh, names.SETTINGS)
    assert opened.error == ("", "")
    assert re.fullmatch(re.escape(WEBHOOK) + r"[A-Za-z0-9_-]{32}", opened.value("webhook"))
    assert opened.note() == opened.words("note_new")
    assert opened.about("channel").startswith(opened.words("channel_fill")) and "API-ключ" in opened.about("channel")
    assert opened.required == {"url", "email", "api_key", "channel"}
    assert (opened.value("sync"), opened.value("sync_notes"), opened.value("language")) == ("on", "on", "ru")
    assert len(fresh.desk.calls) == calls


def test_a_new_address_stays_the_same_until_it_is_saved(fresh: Workshop) -> None:
    """It has perhaps been pasted into Omnidesk when the form is opened again."""
    first = call(fresh, names.SETTINGS).value("webhook")
    assert call(fresh, names.SETTINGS).value("webhook") == first
    assert stat.S_IMODE(os.stat(os.path.join(fresh.paths.var, "new_secret")).st_mode) == 0o600


def test_it_shows_what_is_saved_and_hides_what_is_secret(desk: Workshop) -> None:
    save_settings(desk, Departments="Отдел оплаты, Nowhere", FallbackEmployee="gone@example.com", RatingMap="1-5:high")
    opened = call(desk, names.SETTINGS)
    assert opened.value("webhook") == WEBHOOK + "***"
    assert opened.required == {"url", "email", "channel"}, "a stored key is kept"
    assert opened.words("placeholder_api_key") == opened.words("api_key_kept")
    assert opened.choices("channel") == {
        "": opened.words("choose"),
        desk.channel.key: f"BILLmanager ({desk.channel.key})",
    }
    assert opened.value("departments") == f"{desk.billing}, Nowhere" and "Nowhere" in opened.choices("departments")
    assert opened.value("fallback") == "gone@example.com" and "gone@example.com" in opened.choices("fallback")
    assert {opened.value(f"rating_{star}") for star in range(1, 6)} == {"high"}
    assert "anna@example.com" in opened.choices("fallback")
    assert opened.note() == f"✓ {opened.words('note_on')}"


def test_opening_costs_one_call_at_most(desk: Workshop) -> None:
    calls = len(desk.desk.calls)
    call(desk, names.SETTINGS)
    call(desk, names.SETTINGS)
    assert len(desk.desk.calls) == calls + 1, "and the list is remembered for a minute"


def test_disabled_employees_and_clients_are_not_offered(desk: Workshop) -> None:
    desk.panel.execute("UPDATE user SET enabled='off' WHERE email='boris@example.com'")
    try:
        offered = call(desk, names.SETTINGS).choices("fallback")
    finally:
        desk.panel.execute("UPDATE user SET enabled='on' WHERE email='boris@example.com'")
    assert "boris@example.com" not in offered and "ivan@example.com" not in offered


def test_a_broken_file_is_opened_and_mended(desk: Workshop) -> None:
    with open(desk.paths.settings, "a", encoding="utf-8") as file:
        file.write("# keep this\nPollSeconds never\nNoSuchThing 1\nOmnideskUrl twice\n")
    opened = call(desk, names.SETTINGS)
    assert f"«{opened.words('poll_seconds')}»" in opened.note() and opened.value("poll_seconds") == "never"
    assert opened.about("poll_seconds").startswith("✗ Нужно число")
    refused = submit(desk, **form(desk))
    assert refused.error == ("settings_form", "poll_seconds") and "5" in refused.told
    assert submit(desk, **form(desk, poll_seconds="30")).ok
    assert load(desk.paths.settings).poll_seconds == 30 and "# keep this" in lines(desk)


def test_without_the_database_it_still_opens(desk: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(desk.paths.panel_db_conf).write_text("DBHost localhost\nDBSocket /nowhere\nDBUser x\nDBName x\n")
    opened = call(desk, names.SETTINGS)
    assert opened.error == ("", "") and opened.value("url") == desk.settings.url
    assert opened.choices("channel") and opened.note()


# Asked again by a field


def test_the_channels_appear_when_address_email_and_key_are_in(fresh: Workshop) -> None:
    typed = complete(fresh, sv_field="api_key")
    again = call(fresh, names.SETTINGS, **typed)
    assert fresh.channel.key in again.choices("channel") and again.about("channel").endswith("1")
    calls = len(fresh.desk.calls)
    call(fresh, names.SETTINGS, **{**typed, "sv_field": "public_url"})
    assert len(fresh.desk.calls) == calls, "another field asks nobody"
    fresh.desk.add_channel("Second", "")
    assert len(press(fresh, "reload", **typed).choices("channel")) == 3


def test_the_only_channel_is_chosen(fresh: Workshop) -> None:
    typed = {**complete(fresh, sv_field="api_key"), "channel": ""}
    assert call(fresh, names.SETTINGS, **typed).value("channel") == fresh.channel.key
    fresh.desk.add_channel("Second", "")
    assert press(fresh, "reload", **typed).value("channel") == ""


def test_a_channel_for_chats_says_so(fresh: Workshop) -> None:
    chat_channel(fresh)
    again = call(fresh, names.SETTINGS, **{**complete(fresh, sv_field="api_key"), "channel": ""})
    assert again.choices("channel")[fresh.channel.key].endswith(again.words("channel_chat"))
    assert again.value("channel") == "", "it is not chosen by itself"
    chosen = call(fresh, names.SETTINGS, **complete(fresh, sv_field="channel"))
    assert chosen.about("channel").startswith("⚠ Это канал-чат")


def test_a_failed_read_says_why_and_keeps_the_channel(desk: Workshop) -> None:
    again = call(desk, names.SETTINGS, **form(desk, api_key="wrong-key", sv_field="api_key"))
    assert desk.channel.key in again.choices("channel") and again.value("channel") == desk.channel.key
    assert again.wrong == ["api_key"] and "«API-ключ»" in again.about("api_key"), "labels, not settings' names"
    desk.sync()
    assert not desk.context.gate.budget().blocked_until, "a wrong key on trial does not stop the worker"


def test_what_was_typed_comes_back(desk: Workshop) -> None:
    typed = form(desk, email="other@example.com", poll_seconds="7", sync="off", rating_2="high", sv_field="email")
    again = call(desk, names.SETTINGS, **typed)
    assert [again.value(name) for name in ("email", "poll_seconds", "sync", "rating_2")] == [
        "other@example.com", "7", "off", "high"
    ]  # fmt: skip


def test_a_new_secret_is_made_and_shown(desk: Workshop) -> None:
    made = press(desk, "new_secret", **form(desk))
    assert not made.value("webhook").endswith("***") and made.about("webhook").startswith("⚠ Это новый ключ")
    assert call(desk, names.SETTINGS, **form(desk, sv_field="url")).value("webhook") == made.value("webhook")
    assert press(desk, "new_secret", **form(desk)).value("webhook") != made.value("webhook")


def test_a_button_that_submits_the_form_does_not_save_it(desk: Workshop) -> None:
    """In case the panel sends such a button like its own «ok_message»."""
    before = lines(desk)
    made = submit(desk, button="new_secret", **form(desk, poll_seconds="99"))
    assert not made.ok and not made.value("webhook").endswith("***")
    tested = submit(desk, button="check", **form(desk, poll_seconds="99"))
    assert not tested.ok and tested.note("result").startswith("✓")
    assert lines(desk) == before


@pytest.mark.parametrize("text", ["{}/staff/cases", "{}/staff/cases/record/1?x=1#end", "{}?a", "{}/#top"])
def test_what_follows_the_host_is_cut_off(desk: Workshop, text: str) -> None:
    typed = text.format(desk.settings.url)
    again = call(desk, names.SETTINGS, **form(desk, url=typed, sv_field="url"))
    assert again.value("url") == desk.settings.url and not again.wrong
    cut = typed.removeprefix(desk.settings.url)
    assert again.about("url") == f"⚠ Нужен только хост: «{cut}» убрано."
    assert again.note().startswith("✓") and again.choices("channel").keys() > {""}, "the stored key is still for it"
    assert press_ok(desk, **form(desk, url=typed)).ok and load(desk.paths.settings).url == desk.settings.url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("not a url", "✗ Нужен адрес вида"),
        ("http://acme.omnidesk.ru", "✗ Нужен https://"),
        ("http://acme.omnidesk.ru/staff/cases", "✗"),
        ("https://", "✗ Нужен адрес вида"),
        ("https://me:word@acme.omnidesk.ru/staff", "✗"),
    ],
)
def test_a_wrong_address_is_marked_at_once(fresh: Workshop, typed: str, said: str) -> None:
    """And the hint at the channel does not ask for what is filled in."""
    calls = len(fresh.desk.calls)
    again = call(fresh, names.SETTINGS, **complete(fresh, url=typed, sv_field="url"))
    assert again.wrong == ["url"] and again.about("url").startswith(said)
    assert again.about("channel") == f"{again.words('channel_fix')} «{again.words('url')}»."
    assert again.value("url") == typed and len(fresh.desk.calls) == calls


def test_the_public_address_is_shown_in_the_webhook(desk: Workshop) -> None:
    again = call(desk, names.SETTINGS, **form(desk, public_url="https://Panel.Example:1500/", sv_field="public_url"))
    assert again.value("webhook") == "https://panel.example:1500/mancgi/omnidesk_webhook?***"


def test_the_stored_key_goes_to_no_other_address(desk: Workshop) -> None:
    """Who may open the form may not read the key; a server of his own would tell it to him."""
    calls = len(desk.desk.calls)
    again = call(desk, names.SETTINGS, **form(desk, url="https://other.omnidesk.ru", sv_field="url"))
    assert again.wrong == ["api_key"] and "заново" in again.about("api_key") and len(desk.desk.calls) == calls + 1
    refused = submit(desk, **form(desk, url="https://other.omnidesk.ru"))
    assert refused.error == ("settings_form", "api_key") and "заново" in refused.told


# Saving


def test_from_nothing_to_working(fresh: Workshop, no_worker: list[str]) -> None:
    point_webhook(fresh, call(fresh, names.SETTINGS).value("webhook"))
    saved = submit(
        fresh, **complete(fresh, departments=str(fresh.support), fallback="anna@example.com", rating_1="none")
    )
    assert saved.ok, saved.told
    found = load(fresh.paths.settings)
    assert (found.channel, found.departments, found.fallback_employee) == (
        fresh.channel.key, (str(fresh.support),), "anna@example.com"
    )  # fmt: skip
    assert found.rating_level(1) == "" and found.rating_level(2) == "low"
    assert stat.S_IMODE(os.stat(fresh.paths.settings).st_mode) == 0o600
    shown = call(fresh, names.SETTINGS)
    assert shown.value("webhook").endswith(f"?{found.secret.reveal()}"), "until a call with it has come"
    assert shown.about("webhook").startswith("⚠ Вызова с этим ключом ещё не было")
    assert State(fresh.context.db, fresh.clock).get("scan_marks"), "it is written down where the module begins"
    assert no_worker == [fresh.paths.root]


def test_pressing_ok_without_a_change_changes_nothing(desk: Workshop) -> None:
    save_settings(
        desk, Departments="Отдел оплаты", RatingMap="4-5:high,1-2:low 3:middle", OmnideskUrl=desk.settings.url
    )
    before = lines(desk)
    assert submit(desk, **form(desk)).ok
    assert lines(desk) == before


def test_defaults_are_not_written(desk: Workshop) -> None:
    assert submit(desk, **form(desk, poll_seconds="60", empty_text="(без текста)", author_line="on", language="ru")).ok
    assert {line.split()[0] for line in lines(desk).splitlines()} == {
        "OmnideskUrl", "OmnideskEmail", "OmnideskApiKey", "OmnideskChannel", "OmnideskSecret"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://a.example"),
        ("url", "http://a.example"),
        ("url", ""),
        ("email", ""),
        ("sync", "maybe"),
        ("sync_notes", "maybe"),
        ("author_line", "maybe"),
        ("author_text", "no name"),
        ("formatting", "maybe"),
        ("cut_quotes", "maybe"),
        ("cut_rating_links", "maybe"),
        ("cut_signature", "maybe"),
        ("sync_assignee", "maybe"),
        ("system_messages", "perhaps"),
        ("email", "nobody"),
        ("channel", "main"),
        ("channel", ""),
        ("secret", "short"),
        ("fallback", "nobody"),
        ("public_url", "panel/x"),
        ("language", "de"),
        ("empty_text", "a\nb"),
        ("omnidesk_edits", "perhaps"),
        ("rating_good", "best"),
        ("rating_column", "a b"),
        ("poll_seconds", "4"),
        ("linger_seconds", "601"),
        ("settle_seconds", "-1"),
        ("request_timeout", "0"),
        ("panel_timeout", "x"),
        ("mass_change_limit", "0"),
    ],
)
def test_each_field_tells_its_own_mistake(desk: Workshop, field: str, value: str) -> None:
    """Marked, named with its label, nothing saved, nobody asked."""
    before, typed = lines(desk), form(desk, **{field: value})
    calls = len(desk.desk.calls)
    refused = submit(desk, **typed)
    assert refused.error == ("settings_form", field), refused.told
    assert f"«{refused.words(field)}»" in refused.told
    for spoken, quotes in (("ru", "«»"), ("en", "“”")):
        page = press_ok(desk, spoken, **typed)
        assert page.error == ("", "") and not page.ok and page.wrong == [field]
        assert quotes[0] + page.words(field) + quotes[1] in page.note("result")
        assert page.value(field) == ("" if field == "secret" else value), "nothing that was typed is lost"
        assert f"• {quotes[0]}" in page.note() and page.words(field) in page.note(), "also where no HTML is drawn"
        assert page.note("result") == page.note("result_more")
    assert lines(desk) == before and len(desk.desk.calls) == calls


def test_all_mistakes_are_told_at_once(fresh: Workshop) -> None:
    typed = form(fresh, url="", email="x", poll_seconds="1")
    refused = submit(fresh, **typed)
    assert refused.error == ("settings_form", "url")
    page = press_ok(fresh, **typed)
    expected = ["url", "email", "api_key", "channel", "poll_seconds"]
    assert sorted(page.wrong) == sorted(expected)
    for field in expected:
        assert f"«{refused.words(field)}»" in refused.told
        assert f"«{page.words(field)}»" in page.note()
    assert f"«{page.words('more')}» → «{page.words('poll_seconds')}»" in page.note(), "with its page"


def test_what_each_side_finds_stands_at_its_own_field(desk: Workshop) -> None:
    """Several at once, from the panel and from the account."""
    no_hook(desk)
    typed = form(desk, fallback="stranger@example.com")
    page = press_ok(desk, **typed)
    assert sorted(page.wrong) == ["fallback", "webhook"]
    assert "stranger@example.com" in page.about("fallback") and "Вебхук" in page.about("webhook")
    assert page.value("fallback") == "stranger@example.com"


def test_the_form_does_not_ask_to_paste_an_address_that_is_hidden(desk: Workshop) -> None:
    no_hook(desk)
    hidden = press_ok(desk, **form(desk))
    assert hidden.value("webhook").endswith("***") and "«Создать новый секретный ключ»" in hidden.about("webhook")
    assert "показанный здесь адрес" not in hidden.about("webhook")
    press(desk, "new_secret", **form(desk))
    shown = press_ok(desk, **form(desk))
    assert not shown.value("webhook").endswith("***") and "показанный здесь адрес" in shown.about("webhook")


# Testing without saving


@pytest.mark.parametrize("spoken", ["ru", "en"])
def test_the_connection_is_tested_without_saving(desk: Workshop, spoken: str) -> None:
    before = lines(desk)
    tested = press(desk, "check", spoken, **form(desk, poll_seconds="99"))
    assert tested.note("result").startswith(f"✓ {tested.words('check_fine')}") and not tested.wrong
    assert desk.settings.url in tested.note("result") and tested.value("poll_seconds") == "99"
    chat_channel(desk)
    no_hook(desk)
    tested = press(desk, "check", spoken, **form(desk, poll_seconds="99"))
    assert tested.wrong == ["webhook"] and tested.note("result").startswith(f"✗ {tested.words('check_failed')}")
    assert tested.about("channel").startswith("⚠") and "\n⚠ " in tested.note("result")
    assert lines(desk) == before and desk.context.gate.budget().blocked_until == 0


def test_a_test_says_what_is_wrong_with_the_form_first(fresh: Workshop) -> None:
    calls = len(fresh.desk.calls)
    tested = press(fresh, "check", **form(fresh, email="x"))
    assert sorted(tested.wrong) == ["api_key", "channel", "email", "url"] and len(fresh.desk.calls) == calls


def test_a_key_that_was_revoked_is_the_first_thing_on_the_page(desk: Workshop) -> None:
    desk.desk.api_key = "another-key-of-the-account"
    for name in ("panel:channels",):
        desk.context.state.remove(name)
    opened = call(desk, names.SETTINGS)
    assert opened.note().startswith("✗ Омнидеск не принимает API-ключ") and opened.wrong == ["api_key"]
    assert opened.words("note_on") not in opened.note()


def test_a_key_that_the_worker_found_revoked_is_said_although_the_list_is_remembered(desk: Workshop) -> None:
    call(desk, names.SETTINGS)
    desk.desk.api_key = "another-key-of-the-account"
    desk.sync()
    opened = call(desk, names.SETTINGS)
    assert opened.note().startswith("✗ Омнидеск не принимает API-ключ") and opened.wrong == ["api_key"]


def broken_channel(workshop: Workshop) -> None:
    workshop.channel.active = False


def chat_channel(workshop: Workshop) -> None:
    workshop.channel.type = "sync"


def no_hook(workshop: Workshop) -> None:
    workshop.channel.webhook_url = ""


def inactive_staff(workshop: Workshop) -> None:
    workshop.desk.integration.active = False


def no_employee(workshop: Workshop) -> None:
    workshop.panel.execute("UPDATE user SET enabled='off' WHERE email='integration@example.com'")


def no_rights(workshop: Workshop) -> None:
    workshop.panel.rights[workshop.integration] = frozenset({"finance"})


def helpless_fallback(workshop: Workshop) -> None:
    workshop.panel.rights[workshop.boris] = frozenset()


@pytest.mark.parametrize(
    ("damage", "changes", "field"),
    [
        (None, {"api_key": "wrong-key"}, "api_key"),
        (None, {"email": "stranger@example.com"}, "email"),
        (None, {"channel": "cch999"}, "channel"),
        (broken_channel, {}, "channel"),
        (no_hook, {}, "webhook"),
        (inactive_staff, {}, "email"),
        (no_employee, {}, "email"),
        (no_rights, {}, "email"),
        (helpless_fallback, {"fallback": "boris@example.com"}, "fallback"),
        (None, {"fallback": "stranger@example.com"}, "fallback"),
        (None, {"public_url": "https://other.example"}, "webhook"),
    ],
)
def test_the_account_is_asked_before_anything_is_saved(
    desk: Workshop, damage: Any, changes: dict[str, str], field: str
) -> None:
    before, typed = lines(desk), form(desk, **changes)
    if damage is not None:
        damage(desk)
    refused = submit(desk, **typed)
    desk.panel.execute("UPDATE user SET enabled='on' WHERE email='integration@example.com'")
    assert refused.error == ("settings_form", field), refused.told
    assert lines(desk) == before
    assert submit(desk, "en", **typed).told.startswith("The settings are not saved") or damage is no_employee


@pytest.mark.parametrize("how", [{"button": "save_unchecked"}, {"sync": "off"}])
def test_it_can_be_saved_without_asking(desk: Workshop, how: dict[str, str]) -> None:
    typed = {**form(desk, channel="cch999"), **how}
    calls = len(desk.desk.calls)
    assert submit(desk, **typed).ok
    assert len(desk.desk.calls) == calls and load(desk.paths.settings).channel == "cch999"


def test_warnings_do_not_stop_it_and_are_told(desk: Workshop) -> None:
    chat_channel(desk)
    saved = submit(desk, **form(desk))
    assert saved.root.find("ok") is not None and saved.root.find("ok").get("type") == "form"  # type: ignore[union-attr]
    assert "\n⚠ Это канал-чат" in call(desk, names.SETTINGS).note()
    assert "\n⚠ The channel is a chat" in call(desk, names.SETTINGS, spoken="en").note()
    desk.channel.type = "async"
    submit(desk, **form(desk))
    assert "канал-чат" not in call(desk, names.SETTINGS).note()


def test_a_save_costs_four_calls(desk: Workshop) -> None:
    typed = form(desk)
    calls = len(desk.desk.calls)
    assert submit(desk, **typed).ok
    assert len(desk.desk.calls) == calls + 4


def test_another_accounts_lists_are_not_the_workers_before_the_save(desk: Workshop) -> None:
    desk.context.account.refresh()
    staff = desk.context.state.get("account:staff")
    desk.desk.add_staff("new@example.com", "New")
    no_hook(desk)
    assert not submit(desk, **form(desk)).ok
    assert desk.context.state.get("account:staff") == staff
    point_webhook(desk, WEBHOOK + SECRET)
    assert submit(desk, **form(desk)).ok
    assert len(desk.context.state.get("account:staff")) == len(staff) + 1


# The webhook's secret


def test_the_old_secret_is_kept_while_the_channel_uses_it(desk: Workshop) -> None:
    made = press(desk, "new_secret", **form(desk)).value("webhook")
    saved = submit(desk, **form(desk))
    shown = call(desk, names.SETTINGS)
    assert saved.ok and "старый ключ" in shown.note() and shown.value("webhook") == made
    found = load(desk.paths.settings)
    assert found.secret.reveal() == made.partition("?")[2] and found.secret_old.reveal() == SECRET
    point_webhook(desk, made)
    assert submit(desk, **form(desk)).ok
    found = load(desk.paths.settings)
    assert found.secret.reveal() == made.partition("?")[2] and not found.secret_old


def test_of_two_old_secrets_the_one_in_use_is_kept(desk: Workshop) -> None:
    """A second change before the first was pasted must not lock Omnidesk out."""
    for _ in range(2):
        press(desk, "new_secret", **form(desk))
        assert submit(desk, **form(desk)).ok
    assert load(desk.paths.settings).secret_old.reveal() == SECRET


def test_a_secret_of_ones_own(desk: Workshop) -> None:
    """Typed, it is taken; it is not shown, as it was typed."""
    own = "my-own.secret_key"
    again = call(desk, names.SETTINGS, **form(desk, secret=own, sv_field="secret"))
    assert own not in again.text and again.value("webhook").endswith("***")
    point_webhook(desk, WEBHOOK + own)
    assert submit(desk, **form(desk, secret=own)).ok
    assert load(desk.paths.settings).secret.reveal() == own and not load(desk.paths.settings).secret_old


def test_no_document_error_or_log_holds_a_secret(desk: Workshop) -> None:
    """Whatever is typed, opened, refused or saved."""
    key, own = "canary-key-4711", "canary-secret-4712"
    texts = []
    for extra in (
        {},
        {"sv_field": "api_key"},
        {"sv_field": "check"},
        {"sok": "ok"},
        {"sok": "ok", "sfrom": "ajax"},
        {"sok": "ok", "clicked_button": "save_unchecked"},
    ):
        for changes in ({}, {"api_key": key, "secret": own}, {"api_key": key, "url": "ftp://x"}):
            texts.append(call(desk, names.SETTINGS, **{**form(desk), **changes, **extra}).text)
    texts.append(Path(desk.paths.log).read_text(encoding="utf-8"))
    for canary in (key, own, SECRET, desk.settings.api_key.reveal()):
        assert not [text for text in texts if canary in text]


def test_what_was_saved_drives_the_worker(desk: Workshop) -> None:
    """The file the form writes is the one the worker reads, word for word of the same parsers."""
    assert submit(desk, **form(desk, sync="off", mass_change_limit="7")).ok
    assert (load(desk.paths.settings).sync, load(desk.paths.settings).mass_change_limit) == (False, 7)
