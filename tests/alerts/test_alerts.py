"""Alerts: one when something begins, one when it is over, by every channel, without secrets and clients' words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omnidesk.alerts import ledger as ledgers
from omnidesk.alerts import troubles, watch, without_database
from omnidesk.alerts.ledger import HOURLY, Ledger
from omnidesk.cli.commands import test_alert as send_test
from omnidesk.cli.status import status
from omnidesk.context import Context
from omnidesk.core.errors import Misconfigured, Paused
from omnidesk.core.settings import Secret
from omnidesk.core.shutdown import Stop
from omnidesk.core.tables import TICKETS, USERS
from omnidesk.health import check_connection
from omnidesk.hooks import spool
from omnidesk.store.holds import Holds
from omnidesk.wording.arguments import Arguments
from omnidesk.worker.main_loop import Worker
from tests.panel_ui.panel_calls import save_settings
from tests.support.receivers import Mailbox, Web, mailbox, web
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
TOKEN = "123456789:AAFabcdefghijklmnopqrstuvwxyz12345"
HIDDEN = "s3cret-of-the-receiver"
MINUTE, HOUR = 60.0, 3600.0


@dataclass
class House:
    """A workshop whose alerts arrive."""

    workshop: Workshop
    mail: Mailbox
    site: Web

    def alerts(self) -> list[str]:
        return self.mail.texts

    def run(self, minutes: float = 0.0) -> None:
        """A pass, some minutes later."""
        self.workshop.tick(minutes * MINUTE)
        self.workshop.run_pass()


@pytest.fixture
def receivers(tmp_path: Path) -> Iterator[tuple[Mailbox, str, Web]]:
    with mailbox(tmp_path) as (box, program), web() as site:
        yield box, program, site


@pytest.fixture
def make_house(make_workshop: Make, receivers: tuple[Mailbox, str, Web]) -> Callable[..., House]:
    box, program, site = receivers

    def make(**settings: Any) -> House:
        given = {
            "alert_emails": ("admin@example.com", "second@example.com"),
            "alert_telegram_token": Secret(TOKEN),
            "alert_telegram_chat": "-100123",
            "alert_webhook": Secret(f"{site.base}/alerts?key={HIDDEN}"),
            "language": "en",
        }
        workshop = make_workshop(**{**given, **settings})
        workshop.context.dependencies.sendmail = program
        workshop.context.dependencies.telegram = site.base
        save_settings(workshop)
        workshop.sync()
        return House(workshop, box, site)

    return make


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()


def set_aside(workshop: Workshop, ticket: int, value: int = 1) -> None:
    workshop.context.db.write(f"UPDATE {TICKETS} SET set_aside = %s, due_at = NULL WHERE ticket = %s", value, ticket)


# Begin and end, by every channel


def test_a_ticket_that_fails_is_alerted_once_and_once_when_it_is_in_order_again(house: House) -> None:
    ticket = house.workshop.linked_ticket("Секрет клиента")
    assert house.alerts() == []
    set_aside(house.workshop, ticket)
    for _ in range(3):
        house.run(1)
    (began,) = house.alerts()
    assert f"Ticket {ticket}: something in it cannot be sent" in began
    set_aside(house.workshop, ticket, 0)
    for _ in range(3):
        house.run(1)
    _, over = house.alerts()
    assert f"Ticket {ticket} is in order again." in over
    people, mail = house.mail.mails[0]
    assert people == ["admin@example.com", "second@example.com"]
    assert mail["Subject"].startswith("OmniDesk on ")
    assert mail["Subject"].endswith("something is wrong")
    assert [one["chat_id"] for one in house.site.to(f"/bot{TOKEN}/sendMessage")] == ["-100123"] * 2
    first, second = house.site.to("/alerts?key=")
    assert [(one["kind"], one["state"]) for one in (*first["alerts"], *second["alerts"])] == [
        ("ticket", "began"), ("ticket", "over")
    ]  # fmt: skip
    everything = json.dumps([house.mail.texts, house.site.posts], ensure_ascii=False)
    assert "Секрет клиента" not in everything
    assert "Помогите" not in everything


def test_alerts_are_in_the_language_of_the_settings(make_house: Callable[..., House]) -> None:
    house = make_house(language="ru")
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    assert "что-то в нём не удаётся передать" in house.alerts()[0]
    assert house.mail.mails[0][1]["Subject"].endswith("есть проблема")


def test_a_pause_is_alerted_when_it_has_lasted(make_house: Callable[..., House]) -> None:
    house = make_house(alert_pause_minutes=15)
    ticket = house.workshop.linked_ticket()
    house.workshop.desk.faults.server_error(on="* *", times=None)
    house.workshop.client_writes(ticket, "вопрос")
    for _ in range(14):
        house.run(1)
    assert house.alerts() == []
    for _ in range(3):
        house.run(1)
    (began,) = house.alerts()
    assert "Synchronisation has not worked for" in began
    house.workshop.desk.faults.clear()
    for _ in range(3):
        house.run(2)
    assert "Synchronisation works again" in house.alerts()[-1]


def test_a_pause_that_ends_in_time_is_no_alert(house: House) -> None:
    ticket = house.workshop.linked_ticket()
    house.workshop.desk.faults.server_error(on="* *", times=None)
    house.workshop.client_writes(ticket, "вопрос")
    house.run(5)
    house.workshop.desk.faults.clear()
    for _ in range(5):
        house.run(5)
    assert house.alerts() == []


def test_a_revoked_key_is_alerted_at_once(house: House) -> None:
    key = house.workshop.desk.api_key
    house.workshop.desk.api_key = "another"
    house.run(1)
    (began,) = house.alerts()
    assert "Omnidesk refuses the module's login." in began
    assert "Settings, API" in began
    house.workshop.desk.api_key = key
    house.run(5)
    house.run(5)
    assert "accepts the module's login again" in house.alerts()[-1]


def test_a_pass_that_asks_nobody_ends_no_outage(house: House) -> None:
    """Between two polls a pass may have nothing to do; that nothing failed then says nothing of Omnidesk."""
    key = house.workshop.desk.api_key
    house.workshop.desk.api_key = "another"
    house.run(1)
    for _ in range(5):
        house.workshop.tick(1)
        house.workshop.run_pass(force=False)
    house.run(2)
    assert len(house.alerts()) == 1
    house.workshop.desk.api_key = key
    house.run(5)
    house.run(5)
    assert len(house.alerts()) == 2


def test_a_held_change_and_a_blocked_client_are_alerted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.workshop.linked_ticket()
    monkeypatch.setattr(Holds, "counts", lambda self: {"cases": 1})
    house.workshop.context.db.write(f"UPDATE {USERS} SET blocked = 'blocked' LIMIT 1")
    house.run()
    (began,) = house.alerts()
    assert "On hold: 1 ends of cases" in began
    assert "is blocked in Omnidesk" in began
    monkeypatch.undo()
    house.workshop.context.db.write(f"UPDATE {USERS} SET blocked = ''")
    house.run(1)
    assert "Nothing is on hold any more." in house.alerts()[-1]


def test_nothing_from_omnidesk_for_hours_is_alerted(make_house: Callable[..., House]) -> None:
    house = make_house(alert_silence_hours=2, alert_pause_minutes=1440)
    house.workshop.desk.faults.server_error(on="* *", times=None)
    house.run(119)
    assert house.alerts() == []
    house.run(2)
    assert "Nothing has been heard of Omnidesk for 2 h" in house.alerts()[0]
    house.workshop.desk.faults.clear()
    house.run(5)
    house.run(5)
    assert "Omnidesk is heard again." in house.alerts()[-1]


def test_without_silence_set_nothing_is_said_of_it(make_house: Callable[..., House]) -> None:
    house = make_house(alert_silence_hours=0, alert_pause_minutes=1440)
    house.workshop.desk.faults.server_error(on="* *", times=None)
    house.run(48 * 60)
    assert house.alerts() == []


def test_while_switched_off_nothing_is_alerted_and_nothing_is_over(make_house: Callable[..., House]) -> None:
    house = make_house()
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    house.workshop.restart(sync=False)
    house.run(5)
    assert len(house.alerts()) == 1


# Not too many


def test_in_an_hour_there_are_a_few_alerts_and_the_rest_comes_together(house: House) -> None:
    tickets = [house.workshop.linked_ticket() for _ in range(8)]
    for ticket in tickets:
        set_aside(house.workshop, ticket)
        house.run(2)
    assert len(house.alerts()) == HOURLY
    house.run(60)
    house.run(1)
    assert len(house.alerts()) == HOURLY + 1
    summary = house.alerts()[-1]
    assert all(f"Ticket {one}:" in summary for one in tickets[HOURLY:])


def test_a_clock_that_is_set_back_leaves_no_alert_open(house: House) -> None:
    ticket = house.workshop.linked_ticket()
    set_aside(house.workshop, ticket)
    house.run(1)
    house.workshop.tick(-24 * HOUR)
    set_aside(house.workshop, ticket, 0)
    house.run(1)
    house.run(1)
    assert len(house.alerts()) == 2 and f"Ticket {ticket} is in order again." in house.alerts()[1]


def test_a_clock_that_is_set_back_loses_no_alert_that_waits(house: House) -> None:
    ticket = house.workshop.linked_ticket()
    house.mail.refuses = True
    set_aside(house.workshop, ticket)
    house.run(1)
    assert house.alerts() == []
    house.mail.refuses = False
    house.workshop.tick(-HOUR)
    house.run(1)
    assert len(house.alerts()) == 1


def test_a_ticket_that_many_others_push_out_of_the_list_is_not_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubles, "MOST", 2)
    tickets = [house.workshop.linked_ticket(str(number)) for number in range(3)]
    for ticket in tickets[1:]:
        set_aside(house.workshop, ticket)
    house.run(1)
    set_aside(house.workshop, tickets[0])
    house.run(1)
    assert not [text for text in house.alerts() if "in order again" in text]
    for ticket in tickets:
        set_aside(house.workshop, ticket, 0)
    house.run(1)
    house.run(60)
    assert sum(text.count("in order again") for text in house.alerts()) == 3


def test_many_at_once_are_one_alert_with_a_count(house: House) -> None:
    ticket = house.workshop.linked_ticket()
    for number in range(1000, 1090):
        house.workshop.context.db.write(
            f"INSERT INTO {TICKETS} (ticket, set_aside, error_type) VALUES (%s, 1, 'internal')", number
        )
    house.run()
    (alert,) = house.alerts()
    assert alert.count("Ticket ") == 20
    assert "… and 70 more" in alert
    assert ticket


# Channels that fail


def test_a_channel_that_fails_stops_nothing_is_reported_and_gets_its_alert_later(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = house.workshop.linked_ticket()
    house.site.answer = lambda path: (403, {"ok": False, "description": "Forbidden: bot was kicked"})
    set_aside(house.workshop, ticket)
    house.run()
    house.workshop.client_writes(house.workshop.new_ticket("другой"), "вопрос")
    house.run(1)
    house.workshop.settle()
    assert len(house.alerts()) == 1, "the other channel has it, once"
    shown = "\n".join(status(house.workshop.context, Arguments()).text())
    assert "alerts by Telegram fail" in shown
    assert "Forbidden: bot was kicked" in shown
    warnings = [one.said.text("en") for one in check_connection.check(house.workshop.context) if one.topic == "alerts"]
    assert len(warnings) == 2
    assert TOKEN not in shown + caplog.text + str(warnings)
    assert HIDDEN not in shown + caplog.text + str(warnings)
    house.site.answer = lambda path: (200, {"ok": True})
    tried = len(house.site.posts)
    house.run(3)
    assert len(house.site.posts) == tried + 2
    assert len(house.alerts()) == 1
    assert "alerts by" not in "\n".join(status(house.workshop.context, Arguments()).text())


def test_a_failing_channel_is_tried_with_growing_pauses(house: House) -> None:
    house.site.answer = lambda path: (500, {})
    set_aside(house.workshop, house.workshop.linked_ticket())
    for _ in range(60):
        house.run(1)
    assert 8 <= len(house.site.posts) <= 20, "two channels, some tries each in an hour"


def test_a_host_without_sendmail_says_so(house: House) -> None:
    house.workshop.context.dependencies.sendmail = "/nowhere/sendmail"
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    assert len(house.site.posts) == 2
    assert "there is no /nowhere/sendmail on this host" in "\n".join(status(house.workshop.context, Arguments()).text())


def test_a_mail_server_that_refuses_fails_the_channel(house: House) -> None:
    house.mail.refuses = True
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    assert "sendmail ended with 1" in "\n".join(status(house.workshop.context, Arguments()).text())


def test_an_alert_that_nobody_takes_is_given_up_after_a_day(house: House) -> None:
    house.workshop.context.dependencies.sendmail = "/nowhere/sendmail"
    house.site.answer = lambda path: (500, {})
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    (waiting,) = Ledger.load(house.workshop.context.state).waiting
    house.run(25 * 60)
    assert waiting["text"] not in [one["text"] for one in Ledger.load(house.workshop.context.state).waiting]


def test_tickets_go_before_alerts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes during a pass is not kept waiting by a channel that takes its time."""
    ticket = house.workshop.linked_ticket()
    set_aside(house.workshop, ticket)
    notice = watch.notice

    def late(*given: Any) -> None:
        notice(*given)
        spool.put(house.workshop.paths.spool, f"ticket-{ticket}", {"function": "clientticket.edit"})

    with monkeypatch.context() as patched:
        patched.setattr(watch, "notice", late)
        house.run()
    assert house.alerts() == []
    house.run(1)
    assert any("Ticket" in one for one in house.alerts())


# What is kept


def test_a_run_that_dies_after_sending_repeats_one_alert(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = house.workshop.linked_ticket()
    set_aside(house.workshop, ticket)
    save, saves = Ledger.save, list[int]()

    def dies(self: Ledger, state: Any) -> None:
        saves.append(1)
        if len(saves) == 2:
            raise KeyboardInterrupt
        save(self, state)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            house.run()
    dependencies = house.workshop.context.dependencies
    house.workshop.restart()
    house.workshop.context.dependencies = dependencies
    for _ in range(3):
        house.run(1)
    assert len(house.alerts()) == 2
    assert house.alerts()[0] == house.alerts()[1]


@pytest.mark.parametrize("damaged", ["{", "[]", '{"open": 7}', '{"events": [{"at": "x"}]}', '{"sent": ["x"]}',
                                     '{"failing": {"email": {"since": 1}}}', '{"what": 1}'])  # fmt: skip
def test_a_damaged_memory_is_begun_again(house: House, damaged: str) -> None:
    house.workshop.context.db.write(
        "REPLACE INTO omnidesk_state (name, value, updated_at) VALUES (%s, %s, 0)", ledgers.NAME, damaged
    )
    set_aside(house.workshop, house.workshop.linked_ticket())
    house.run()
    assert len(house.alerts()) == 1


def test_without_a_channel_a_pass_looks_at_nothing(make_workshop: Make) -> None:
    workshop = make_workshop()
    save_settings(workshop)
    set_aside(workshop, workshop.linked_ticket())
    workshop.sync()
    assert workshop.context.state.get(ledgers.NAME) is None
    findings = [one.said.text("en") for one in check_connection.check(workshop.context) if one.topic == "alerts"]
    assert findings == ["Nobody is alerted when something fails."]


# A test


def test_a_test_is_sent_by_every_channel(house: House) -> None:
    answer = send_test(house.workshop.context, Arguments())
    assert answer.failed is None
    assert answer.text() == ["✓ e-mail: sent", "✓ Telegram: sent", "✓ webhook: sent"]
    assert "test of the module's alerts" in house.alerts()[0]


def test_a_test_that_fails_says_why_without_secrets(house: House) -> None:
    house.site.answer = lambda path: (401, {"description": "Unauthorized"})
    answer = send_test(house.workshop.context, Arguments())
    assert answer.failed is not None
    text = "\n".join(answer.text())
    assert "✗ Telegram: the answer is 401: Unauthorized" in text
    assert "✗ webhook: the answer is 401" in text
    assert TOKEN not in text
    assert HIDDEN not in text


def test_a_receiver_that_is_away_is_named_without_its_address(make_house: Callable[..., House]) -> None:
    house = make_house(alert_webhook=Secret(f"http://127.0.0.1:9/{HIDDEN}"))
    text = "\n".join(send_test(house.workshop.context, Arguments()).text())
    assert "✗ webhook: no connection" in text
    assert HIDDEN not in text


def test_half_a_telegram_bot_is_said(make_house: Callable[..., House]) -> None:
    house = make_house(alert_telegram_chat="")
    assert "are needed together" in "\n".join(send_test(house.workshop.context, Arguments()).text())


def test_without_a_channel_there_is_nothing_to_test(make_workshop: Make) -> None:
    answer = send_test(make_workshop().context, Arguments())
    assert answer.failed is None
    assert "No channel is set" in answer.text()[0]


# Without a database


def test_an_outage_of_the_database_is_alerted_once_and_its_end(house: House) -> None:
    workshop = house.workshop
    save_settings(workshop, AlertEmail="admin@example.com", AlertPauseMinutes="10", Language="en")
    dependencies, away = workshop.context.dependencies, Paused("database_away", "2002", "no socket", seconds=15)
    for _ in range(30):
        without_database.away(workshop.paths, dependencies, away)
        workshop.tick(MINUTE)
    (began,) = house.alerts()
    assert "Synchronisation has not worked for 10 min." in began
    assert "database does not answer" in began
    without_database.back(workshop.paths, dependencies)
    without_database.back(workshop.paths, dependencies)
    assert len(house.alerts()) == 2
    assert "Synchronisation works again, after 30 min" in house.alerts()[1]
    assert not Path(workshop.paths.outage).exists()


def test_a_worker_that_never_gets_a_database_alerts_too(house: House) -> None:
    """The process that the timer starts has no context then, only the settings file."""
    workshop = house.workshop
    save_settings(workshop, AlertEmail="admin@example.com", AlertPauseMinutes="10", Language="en")

    def make() -> Context:
        raise Paused("database_away", "2002", "no socket", seconds=15)

    for _ in range(20):
        worker = Worker(workshop.paths, make, Stop(), workshop.context.dependencies)
        assert worker._pass(workshop.locks).paused is not None
        workshop.tick(MINUTE)
    assert len(house.alerts()) == 1
    worker = Worker(workshop.paths, lambda: workshop.context, Stop(), workshop.context.dependencies)
    worker._pass(workshop.locks)
    assert "Synchronisation works again" in house.alerts()[-1]


def test_a_database_that_refuses_the_login_is_alerted_once_and_its_end(house: House) -> None:
    """Somebody has to act, and each run ends at once: the timer starts the next one in a minute."""
    workshop = house.workshop
    save_settings(workshop, AlertEmail="admin@example.com", AlertPauseMinutes="10", Language="en")

    def make() -> Context:
        raise Misconfigured("database_refused", "1045", "Access denied for user")

    for _ in range(20):
        worker = Worker(workshop.paths, make, Stop(), workshop.context.dependencies)
        with pytest.raises(Misconfigured):
            worker._pass(workshop.locks)
        workshop.tick(MINUTE)
    (began,) = house.alerts()
    assert "Synchronisation has not worked for 10 min." in began and "Access denied" in began
    worker = Worker(workshop.paths, lambda: workshop.context, Stop(), workshop.context.dependencies)
    worker._pass(workshop.locks)
    assert "Synchronisation works again" in house.alerts()[-1]


def test_while_switched_off_an_outage_of_the_database_is_not_alerted(house: House) -> None:
    workshop = house.workshop
    save_settings(workshop, AlertEmail="admin@example.com", AlertPauseMinutes="10", Language="en", Sync="off")
    away = Paused("database_away", "2002", "no socket", seconds=15)
    for _ in range(20):
        without_database.away(workshop.paths, workshop.context.dependencies, away)
        workshop.tick(MINUTE)
    without_database.back(workshop.paths, workshop.context.dependencies)
    assert house.alerts() == []


def test_while_a_channel_fails_an_outage_is_tried_again_once_a_minute(house: House) -> None:
    workshop = house.workshop
    save_settings(workshop, AlertWebhook=f"{house.site.base}/x", AlertPauseMinutes="1", Language="en")
    house.site.answer = lambda path: (500, {})
    away = Paused("database_away", "2002", "no socket", seconds=15)
    for _ in range(40):
        without_database.away(workshop.paths, workshop.context.dependencies, away)
        workshop.tick(15)
    assert 8 <= len(house.site.posts) <= 10
    house.site.answer = lambda path: (200, {})
    workshop.tick(60)
    without_database.away(workshop.paths, workshop.context.dependencies, away)
    tried = len(house.site.posts)
    workshop.tick(60)
    without_database.away(workshop.paths, workshop.context.dependencies, away)
    assert len(house.site.posts) == tried


def test_a_short_outage_of_the_database_is_no_alert(house: House) -> None:
    workshop = house.workshop
    save_settings(workshop, AlertEmail="admin@example.com", Language="en")
    away = Paused("database_away", "2002", "no socket", seconds=15)
    without_database.away(workshop.paths, workshop.context.dependencies, away)
    workshop.tick(MINUTE)
    without_database.back(workshop.paths, workshop.context.dependencies)
    assert house.alerts() == []
    assert not Path(workshop.paths.outage).exists()


@pytest.mark.parametrize("settings", ["Nonsense 1\n", ""])
def test_without_readable_settings_an_outage_is_only_noted(house: House, settings: str) -> None:
    Path(house.workshop.paths.settings).write_text(settings, encoding="utf-8")
    away = Paused("database_away", "2002", "no socket", seconds=15)
    for _ in range(3):
        without_database.away(house.workshop.paths, house.workshop.context.dependencies, away)
        house.workshop.tick(HOUR)
    assert house.alerts() == []
