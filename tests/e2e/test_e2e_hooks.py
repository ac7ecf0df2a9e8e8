"""From a hook to the other side, with real processes, and nobody who calls sync."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.demo.sides import Conversation
from sandbox.omnidesk.settings import Settings
from tests.e2e.live import Live


def test_a_panel_event_brings_a_ticket_its_messages_and_notes_to_omnidesk(live: Live) -> None:
    """The handler writes an event, the worker starts by itself; staff and notes go over as well."""
    one = live.ticket()
    live.client_writes(one, "Are you there?")
    live.equal(one)
    live.panel.employee_notes(live.anna, one.ticket, "Looking into it")
    live.panel.employee_replies(live.anna, one.ticket, "It was the disk", close=True)
    live.equal(one)
    assert live.texts(one) == ["My site is down", "Are you there?", "It was the disk"]
    assert live.desk.cases[one.case].status == "waiting"
    assert live.problems() == []


def test_a_client_that_archives_the_ticket_closes_the_case(live: Live) -> None:
    """The event of ``clientticket.archive`` is enough: no scan is due."""
    one = live.ticket()
    live.panel.client_archives(one.ticket)
    live.until("the case is closed", lambda: live.desk.cases[one.case].status == "closed")
    live.watch.settled()


def test_a_webhook_brings_a_reply_a_note_and_a_file_to_the_ticket(live: Live) -> None:
    """Omnidesk calls the CGI over HTTP; the reply comes in the name of the same employee."""
    one = live.ticket()
    live.desk.agent_reply(
        one.case, live.staff, html="<p>Try <b>now</b></p>", attachments=[("log.txt", "text/plain", b"line\n")]
    )
    live.equal(one)
    live.desk.agent_note(one.case, live.staff, text="A known problem")
    live.equal(one)
    reply = live.panel.messages(one.ticket)[-1]
    assert (reply.author, reply.text) == ("Анна Ким", "Try **now**")
    assert [(file.name, file.content) for file in reply.files] == [("log.txt", b"line\n")]
    assert [note.text for note in live.panel.notes(one.ticket)] == ["A known problem"]
    assert {run.status for run in live.world.panel_server.cgi_runs} == {200}


def test_webhooks_in_json_are_understood(make_live: Callable[..., Live]) -> None:
    """The other documented encoding, through the same web server and CGI."""
    live = make_live(omnidesk=Settings(webhook_encoding="json"))
    one = live.ticket()
    live.reply(one, "Ответ в JSON")
    live.equal(one)
    assert live.ticket_texts(one) == ["My site is down", "Ответ в JSON"]
    assert {hook.headers["Content-Type"] for hook in live.desk.webhook_log} == {"application/json"}
    assert {hook.outcome for hook in live.desk.webhook_log} == {"delivered"}


def test_a_worker_that_lingers_takes_the_next_message_itself(live: Live) -> None:
    """No process is started for a second message, nor for a reply that comes meanwhile."""
    one = live.ticket()
    worker = live.worker()
    live.client_writes(one, "Second")
    live.equal(one)
    live.reply(one, "Third")
    live.equal(one)
    assert live.worker() == worker
    assert live.pids_at_work() == [worker]


def test_twenty_tickets_at_once_are_one_workers_work(live: Live) -> None:
    """Twenty hooks run at the same time; each ticket gets its one case."""
    with ThreadPoolExecutor(20) as clients:
        tickets = list(
            clients.map(
                lambda number: live.panel.client_creates_ticket(live.ivan, f"Ticket {number}", f"Text {number}"),
                range(20),
            )
        )
    live.until("twenty cases", lambda: len(live.desk.cases) >= 20)
    live.watch.settled()
    assert len(live.desk.cases) == 20
    by_subject = {case.subject: case.case_id for case in live.desk.cases.values()}
    for ticket in tickets:
        conversation = Conversation(ticket, by_subject[live.panel.ticket_state(ticket).name])
        assert live.differences(conversation) == []
    assert live.pids_at_work() == [live.worker()]
    assert live.desk.calls_count("POST /api/cases.json") == 20


def test_two_users_of_a_client_have_their_own_tickets_and_share_one(live: Live) -> None:
    """Each is a person of his own in Omnidesk; who joins in another's ticket is named in words."""
    second = live.world.ivan.users[1]
    one, other = live.ticket("Mine"), live.ticket("Hers", user=second)
    live.panel.client_writes(second, one.ticket, "I join in")
    live.equal(one)
    assert live.desk.cases[one.case].user_id != live.desk.cases[other.case].user_id
    assert "Иван Петров 2 пишет:" in live.texts(one)[-1]


def test_a_database_of_three_byte_characters_keeps_an_emoji_readable(make_live: Callable[..., Live]) -> None:
    """The panel's old charset cannot hold it, so its name stands there."""
    live = make_live(charset="utf8")
    one = live.ticket("Привет")
    live.reply(one, "Готово 🙂 проверьте")
    live.until("the reply", lambda: len(live.panel.messages(one.ticket)) == 2)
    assert live.ticket_texts(one)[-1] == "Готово :slightly smiling face: проверьте"
    live.watch.settled()
    live.client_writes(one, "Спасибо")
    live.until("the answer", lambda: live.texts(one)[-1] == "Спасибо")
    assert live.problems() == []


@pytest.mark.parametrize("doubled", [1, 3])
def test_a_webhook_that_comes_more_than_once_delivers_once(live: Live, doubled: int) -> None:
    """Doubled webhooks change nothing."""
    one = live.ticket()
    live.desk.webhooks.faults.double_next = doubled
    for number in range(doubled):
        live.reply(one, f"Reply {number}")
    live.equal(one)
    live.watch.settled()
    assert live.differences(one) == []
