"""One of the parts is away for a while; nothing is lost, nothing doubled, and work goes on by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.live import Live


def test_replies_given_while_the_panel_restarts_come_over_afterwards(live: Live) -> None:
    """The lingering worker tries again by itself; the order of replies is kept."""
    one = live.ticket()
    closed = live.panel.faults.refuse(lambda request: request.via == "mgrctl")
    live.reply(one, "First reply")
    assert closed.struck.wait(60)
    live.reply(one, "Second reply")
    closed.lift()
    live.equal(one)
    live.watch.settled()
    assert live.ticket_texts(one) == ["My site is down", "First reply", "Second reply"]


def test_messages_written_while_omnidesk_is_unreachable_go_over_afterwards(live: Live) -> None:
    """Nothing answers at the account's address; who checks the connection when it is back ends the pause early."""
    one = live.ticket()
    live.world.omnidesk_server.close_port()
    live.client_writes(one, "While it was away")
    live.until("the pause", lambda: "cannot be reached" in live.world.log(), every=0.02)
    live.panel.employee_replies(live.anna, one.ticket, "Staff answer meanwhile")
    live.world.omnidesk_server.open_port()
    assert live.world.run("check_connection").returncode == 0
    live.client_writes(one, "Are you back?")
    live.equal(one)
    live.watch.settled()
    assert live.texts(one) == ["My site is down", "While it was away", "Staff answer meanwhile", "Are you back?"]


def test_an_answer_lost_on_the_way_is_not_sent_again(make_live: Callable[..., Live]) -> None:
    """Omnidesk has the message, the module has not got its id: it looks before it sends."""
    live = make_live({"SettleSeconds": "1"})
    one = live.ticket()
    live.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    live.client_writes(one, "Once only")
    live.watch.settled()
    assert live.differences(one) == []
    assert live.texts(one) == ["My site is down", "Once only"]


def idle(live: Live) -> bool:
    """Whether no statement is carried out for the module, and none was for two seconds: its pass is over."""
    rows = live.world.panel.query(
        "SELECT command, time_ms FROM information_schema.processlist"
        " WHERE id <> CONNECTION_ID() AND user <> 'system user'"
    )
    return all(row["command"] != "Query" and float(row["time_ms"]) > 2000 for row in rows if row["command"] != "Daemon")


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_database_that_restarts_is_taken_up_again_by_the_same_worker(
    make_live: Callable[..., Live], way: str
) -> None:
    """MariaDB goes while the worker lingers; the next event opens a new connection without a complaint or a pause."""
    live = make_live(durable=True)
    one = live.ticket()
    worker = live.worker()
    live.watch.until("the worker lingers", lambda: idle(live), every=0.1)
    getattr(live.world.mariadb, way)()
    live.world.mariadb.start()
    live.client_writes(one, "After the restart")
    live.equal(one)
    live.watch.settled()
    assert live.texts(one) == ["My site is down", "After the restart"]
    assert live.worker() == worker
    assert live.problems() == []


def test_a_webhook_that_comes_while_the_database_is_down_is_kept(live: Live) -> None:
    """The hook needs no database; the record waits in the spool."""
    one = live.ticket()
    live.world.mariadb.stop()
    live.reply(one, "While the database was down")
    live.until("the webhook", lambda: live.desk.webhook_log[-1].outcome == "delivered", every=0.02)
    assert live.watch.events() == [f"case-{one.case}"]
    live.world.mariadb.start()
    live.client_writes(one, "Hello?")
    live.carried(one)
    live.watch.settled()
    assert sorted(live.ticket_texts(one)) == ["Hello?", "My site is down", "While the database was down"]


def test_a_lost_webhook_is_found_by_the_next_poll(make_live: Callable[..., Live]) -> None:
    """The worker has gone; the timer's poll asks what has changed."""
    live = make_live({"LingerSeconds": "0"})
    one = live.ticket()
    live.watch.next_second(live.desk.cases[one.case].updated_at)
    live.desk.webhooks.faults.lose_next = 1
    live.reply(one, "Nobody was told")
    live.desk.set_status(one.case, "closed", live.staff)
    live.workers_gone()  # a worker that is about to leave would keep the timer's process from working
    live.cron()
    assert live.differences(one) == []
    assert live.ticket_texts(one) == ["My site is down", "Nobody was told"]
    assert live.panel.ticket_state(one.ticket).state == "waiting"


def test_a_ticket_without_an_event_is_found_by_the_scan(make_live: Callable[..., Live]) -> None:
    """A mail gateway writes past the forms, and so does an archiving without the form: no event is fired."""
    live = make_live({"LingerSeconds": "0"})
    one = live.ticket()
    live.panel.mail_arrives(live.ivan, one.ticket, "By mail")
    live.workers_gone()
    live.cron()
    assert live.differences(one) == []
    live.panel.client_archives(one.ticket, fire=False)
    live.cron()
    assert live.desk.cases[one.case].status == "closed"
    assert live.texts(one) == ["My site is down", "By mail"]
