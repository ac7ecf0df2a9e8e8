"""What one failure costs: the thing that failed, and nothing beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnidesk.cli import status
from omnidesk.health import metrics, overview
from omnidesk.sync import compose
from omnidesk.wording.answer import Answer
from omnidesk.wording.screen import Screen
from omnidesk.worker import one_pass
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
PAGE = "<html><head><title>Request blocked by ACME WAF</title></head><body>Attack 1042</body></html>"
INJECTION = "1' UNION SELECT password FROM users --"
REJECTIONS = [
    {"status": 403, "body": PAGE, "content_type": "text/html"},
    {"status": 401, "body": PAGE, "content_type": "text/html"},
    {"status": 404, "body": PAGE, "content_type": "text/html"},
    {"status": 400, "body": PAGE, "content_type": "text/html"},
    {"status": 406, "body": ""},
    {"status": 302, "headers": {"Location": "https://waf.example/blocked"}},
    {"status": 403, "body": '{"error":"forbidden"}'},
]


def says(text: str) -> Callable[[Request], bool]:
    """Creating calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


@pytest.mark.parametrize("answer", REJECTIONS, ids=lambda one: f"{one['status']}-{one.get('body', '')[:9]}")
def test_a_message_that_a_firewall_rejects_costs_only_itself(workshop: Workshop, answer: dict[str, Any]) -> None:
    """Other tickets go on in the same pass; after a few tries the ticket's later messages do, too."""
    bad, good = workshop.linked_ticket("раз"), workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.desk.faults.answer(**answer, on=says("UNION"), times=None)
    workshop.client_writes(bad, INJECTION)
    workshop.tick(60)
    workshop.client_writes(good, "сразу")
    report = workshop.run_pass()
    assert report.paused is None
    workshop.assert_equal(good)
    workshop.client_writes(bad, "после")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(bad).omnidesk] == ["раз", "после"]
    (refused,) = workshop.message_links(bad, "refused")
    assert not refused.external_message


def test_what_is_rejected_names_ticket_message_and_the_pages_title(workshop: Workshop) -> None:
    """In the list of what failed, while it is tried and when it is given up."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.answer(403, PAGE, "text/html", on=says("UNION"), times=None)
    message = workshop.client_writes(ticket, INJECTION)
    workshop.run_pass()
    (row,) = workshop.context.queue.listing()
    assert (row.ticket, row.error_type) == (ticket, "omnidesk_rejected")
    assert "Request blocked by ACME WAF" in row.error_text
    workshop.settle()
    (refused,) = workshop.message_links(ticket, "refused")
    assert refused.ticket_message == message


def test_a_first_message_that_is_rejected_delays_no_other_ticket(workshop: Workshop) -> None:
    """The case cannot be made; everybody else's is."""
    workshop.desk.faults.answer(403, PAGE, "text/html", on=says("UNION"), times=None)
    bad = workshop.new_ticket(INJECTION)
    good = [workshop.new_ticket(str(number), user=workshop.petra.user) for number in range(5)]
    assert workshop.run_pass().paused is None
    workshop.assert_all_equal(good)
    workshop.settle()
    workshop.desk.faults.clear()
    workshop.context.queue.retry(bad)
    workshop.settle()
    workshop.assert_equal(bad)


def test_a_revoked_key_is_still_the_accounts_failure(workshop: Workshop) -> None:
    """Every call fails, the independent one too: no ticket's tries are counted."""
    tickets = [workshop.new_ticket(str(number)) for number in range(5)]
    workshop.desk.faults.key_revoked = True
    assert len(workshop.calls(lambda: workshop.run_pass(force=False))) == 2
    paused = workshop.reports[-1].paused
    assert paused is not None and paused.type == "omnidesk_key"
    assert all(workshop.link(ticket).attempts == 0 for ticket in tickets)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_trouble_of_many_tickets_stops_nobody_while_the_account_answers(workshop: Workshop) -> None:
    """Three in a row look like an outage; the call that is about none of them says otherwise."""
    bad = [workshop.new_ticket(f"яд {number}") for number in range(5)]
    workshop.tick(60)
    good = workshop.new_ticket("хорошее", user=workshop.petra.user)
    workshop.desk.faults.server_error(500, on=says("яд"), times=None)
    assert workshop.run_pass().paused is None
    workshop.assert_equal(good)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_all_equal(bad)


def test_an_outage_of_the_account_pauses_after_one_ticket(workshop: Workshop) -> None:
    """A call that may have been carried out and a failing independent one: nobody is tried any more."""
    workshop.sync()
    for number in range(6):
        workshop.new_ticket(str(number))
    workshop.desk.faults.server_error(502, times=None)
    calls = workshop.calls(lambda: workshop.run_pass(force=False))
    assert calls == ["POST /api/cases.json", "GET /api/staff.json"]
    assert workshop.reports[-1].paused is not None


@pytest.mark.parametrize("kind", ["refuse", "lose_request"])
def test_a_panel_function_that_fails_for_one_ticket_costs_only_it(workshop: Workshop, kind: str) -> None:
    """The panel answers something that is about no ticket, so it is there."""
    bad = [workshop.linked_ticket(f"плохой {number}") for number in range(4)]
    good = workshop.linked_ticket("хороший", user=workshop.petra.user)
    panel = workshop.panel.faults
    rule = getattr(panel, kind)(lambda request: "яд" in str(request.params), times=None)
    for ticket in bad:
        workshop.agent_replies(ticket, "яд")
    workshop.agent_replies(good, "ответ")
    workshop.client_writes(good, "вопрос")
    workshop.deliver_webhooks()
    report = workshop.run_pass()
    assert report.paused is None, report.paused
    assert [message.text for message in workshop.panel.messages(good)] == ["хороший", "вопрос", "ответ"]
    rule.lift()
    workshop.settle()
    workshop.assert_all_equal(bad)


# Reading


UNREADABLE = [
    {"status": 200, "body": b'{"0": {"message": {"message_id'},
    {"status": 200, "body": PAGE, "content_type": "text/html"},
    {"status": 403, "body": PAGE, "content_type": "text/html"},
    {"status": 403, "body": '{"error":"staff_has_not_access"}'},
    {"status": 400, "body": ""},
    {"status": 500, "body": PAGE},
]


@pytest.mark.parametrize("answer", UNREADABLE, ids=lambda one: f"{one['status']}-{one['body'][:9]!r}")
def test_a_thread_that_cannot_be_read_is_suspended_for_reading_only(workshop: Workshop, answer: dict[str, Any]) -> None:
    """The client's messages, ratings and statuses go on; it is reported, and read again with the next event."""
    ticket, other = workshop.linked_ticket("раз"), workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.agent_replies(ticket, "первый ответ")
    workshop.settle()
    workshop.desk.faults.answer(**answer, on=f"GET /api/cases/{workshop.case(ticket)}/messages.json", times=None)
    workshop.agent_replies(ticket, "второй ответ")
    workshop.agent_replies(other, "ответ")
    workshop.deliver_webhooks()
    workshop.run_pass()
    workshop.assert_equal(other)
    workshop.client_writes(ticket, "два")
    rated = next(message.id for message in workshop.panel.messages(ticket) if message.staff)
    workshop.panel.client_rates(rated, "good")
    assert workshop.run_pass().paused is None
    there = workshop.both_sides(ticket).omnidesk
    assert [line.text for line in there] == ["раз", "первый ответ", "второй ответ", "два"]
    assert there[1].rating == "high"
    (row,) = workshop.context.queue.listing()
    assert row.ticket == ticket and row.error_type.startswith("omnidesk_")
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_one_byte_that_is_no_text_costs_its_sign_only(workshop: Workshop) -> None:
    """The thread is read with a replacement in its place."""
    ticket = workshop.linked_ticket("раз")
    reply = workshop.agent_replies(ticket, "ответ")
    body = (
        f'{{"0": {{"message": {{"message_id": {reply.message_id}, "staff_id": {workshop.anna_staff}, "content": "от'
        .encode() + b'\xff' + 'вет"}}, "total_count": 1}'.encode()
    )  # fmt: skip
    workshop.desk.faults.answer(200, body, on=f"GET /api/cases/{workshop.case(ticket)}/messages.json", times=None)
    workshop.deliver_webhooks()
    workshop.run_pass()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["раз", "от\ufffdвет"]


@pytest.mark.parametrize("words", ["", PAGE, '{"error":"something_else"}'])
def test_a_deleted_case_whose_messages_are_refused_in_other_words_is_found_out(workshop: Workshop, words: str) -> None:
    """The case itself says that it is gone; the next message opens a new one."""
    ticket = workshop.linked_ticket("раз")
    path = f"GET /api/cases/{workshop.case(ticket)}/messages.json"
    workshop.desk.delete(workshop.case(ticket))
    workshop.desk.faults.answer(400, words, on=path, times=None)
    workshop.context.queue.make_due(ticket, "a test", look_messages=True)
    workshop.run_pass()
    assert workshop.link(ticket).case_gone
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"]


# Applying


def test_a_rejected_message_delays_nothing_that_comes_the_other_way(workshop: Workshop) -> None:
    """Replies and notes are delivered, the ticket is not ended before the message went over or was given up."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.answer(403, PAGE, "text/html", on=says("UNION"), times=None)
    workshop.client_writes(ticket, INJECTION)
    workshop.agent_replies(ticket, "ответ", status="closed")
    workshop.agent_notes(ticket, "заметка")
    workshop.deliver_webhooks()
    workshop.run_pass()
    assert [message.text for message in workshop.panel.messages(ticket)][-1] == "ответ"
    assert [note.text for note in workshop.panel.notes(ticket)] == ["заметка"]


def test_a_reply_that_the_panel_refuses_delays_no_message_of_the_client(workshop: Workshop) -> None:
    """And the case is not closed while it is tried."""
    ticket = workshop.linked_ticket("раз")
    bad = workshop.panel.faults.fail("value", "message", "bad", lambda request: "плохое" in str(request.params))
    workshop.agent_replies(ticket, "плохое")
    workshop.deliver_webhooks()
    workshop.client_writes(ticket, "два")
    workshop.run_pass()
    assert workshop.both_sides(ticket).omnidesk[-1].text == "два"
    assert workshop.link(ticket).attempts == 1
    bad.lift()
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_custom_field_that_is_refused_costs_neither_status_nor_the_other_fields(workshop: Workshop) -> None:
    """The status would have gone in the same call. What is refused is told once and not sent again."""
    good, bad = workshop.desk.add_field("Номер").key, workshop.desk.add_field("Тема").key
    ticket = workshop.linked_ticket("раз")
    links = [{"field": good, "value": "ticket_client_id"}, {"field": bad, "value": "ticket_subject"}]
    Path(workshop.paths.field_links).write_text(json.dumps(links), encoding="utf-8")
    workshop.restart()
    workshop.desk.faults.answer(
        400, '{"error":"incorrect_value"}', times=None,
        on=lambda request: request.method == "PUT" and bad.encode() in request.body,
    )  # fmt: skip
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.panel.execute("UPDATE ticket SET status = 10 WHERE id = %s", ticket)
    workshop.settle()
    case = workshop.desk.cases[workshop.case(ticket)]
    assert case.status == "closed"
    assert set(case.custom_fields) == {good}
    assert workshop.link(ticket).attempts == 0
    workshop.make_due(ticket)
    assert not [call for call in workshop.calls(workshop.settle) if call.startswith("PUT")]


def test_custom_fields_that_are_refused_do_not_stop_a_new_case(workshop: Workshop) -> None:
    """It is made without them."""
    key = workshop.desk.add_field("Номер").key
    Path(workshop.paths.field_links).write_text(json.dumps([{"field": key, "value": "ticket_client_id"}]), "utf-8")
    workshop.restart()
    workshop.desk.faults.answer(
        400, '{"error":"incorrect_value"}', times=None,
        on=lambda request: request.method in ("POST", "PUT") and key.encode() in request.body,
    )  # fmt: skip
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.link(ticket).attempts == 0


@pytest.mark.parametrize("path", ["PUT /api/users/*.json", "PUT /api/cases/*/rate/*"])
def test_client_data_and_ratings_that_are_refused_are_told_once(workshop: Workshop, path: str) -> None:
    """Neither is worth trying for ever, nor does it cost the ticket anything."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.desk.faults.answer(403, PAGE, "text/html", on=path, times=None)
    workshop.desk.faults.answer(403, PAGE, "text/html", on="PUT /api/cases/*/rate.json", times=None)
    workshop.panel.execute("UPDATE user SET realname = 'Иван Другой' WHERE id = %s", workshop.ivan.user)
    rated = next(message.id for message in workshop.panel.messages(ticket) if message.staff)
    workshop.panel.client_rates(rated, "good")
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.both_sides(ticket).omnidesk[-1].text == "два"
    assert workshop.link(ticket).attempts == 0 and not workshop.context.queue.listing()
    workshop.make_due(ticket)
    assert not [call for call in workshop.calls(workshop.settle) if call.startswith("PUT")]


def test_a_mistake_of_ours_in_one_strand_costs_the_others_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody foresaw it: it is logged and reported, and the client's message goes all the same."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.client_writes(ticket, "два")

    def broken(*given: Any, **named: Any) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(compose, "to_billing", broken)
    workshop.run_pass()
    assert workshop.both_sides(ticket).omnidesk[-1].text == "два"
    assert workshop.context.queue.listing()[0].error_type == "internal"
    monkeypatch.undo()
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


# What is optional


def rows_of(workshop: Workshop, ticket: int) -> dict[str, Any]:
    """The answer to a read of the case's messages, to be changed."""
    login = base64.b64encode(f"{workshop.desk.integration.email}:{workshop.desk.api_key}".encode()).decode()
    path = f"/api/cases/{workshop.case(ticket)}/messages.json"
    request = Request("GET", path, "limit=100&order=desc", {"Authorization": f"Basic {login}"}, b"")
    found: dict[str, Any] = json.loads(workshop.desk.handle(request).body)
    return found


def test_a_message_that_cannot_be_read_does_not_hide_the_others(workshop: Workshop) -> None:
    """It is reported, it is no deletion, and it arrives when it can be read."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "первый")
    workshop.settle()
    odd = workshop.agent_replies(ticket, "второй")
    workshop.agent_replies(ticket, "третий")
    answer = rows_of(workshop, ticket)
    for row in answer.values():
        if isinstance(row, dict) and row["message"]["message_id"] == odd.message_id:
            row["message"]["content"] = row["message"]["content_html"] = {"html": []}
    path = f"GET /api/cases/{workshop.case(ticket)}/messages.json"
    workshop.desk.faults.answer(200, json.dumps(answer), on=path, times=None)
    workshop.deliver_webhooks()
    workshop.run_pass()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["раз", "первый", "третий"]
    (row,) = workshop.context.queue.listing()
    assert row.ticket == ticket and "cannot be read" in row.error_text
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    workshop.settle()
    assert sorted(message.text for message in workshop.panel.messages(ticket)) == ["второй", "первый", "раз", "третий"]


@pytest.mark.parametrize("kind", ["VARCHAR(20)", "TEXT", "DECIMAL(4,2)", "BIGINT", "DATETIME"])
def test_a_rating_column_of_any_kind_costs_no_message(make_workshop: Make, kind: str) -> None:
    """Words, halves, large numbers, dates: what is no rating is none."""
    values = {"VARCHAR(20)": ["good", "", "5 stars"], "TEXT": ["плохо"], "DECIMAL(4,2)": ["4.50", "-1"],
              "BIGINT": ["9223372036854775807", "-5"], "DATETIME": ["2026-01-02 03:04:05"]}[kind]  # fmt: skip
    workshop = make_workshop(rating_values="stars")
    workshop.panel.execute(f"ALTER TABLE ticket_message MODIFY rating {kind} NULL")
    try:
        workshop.restart()
        ticket = workshop.linked_ticket("раз")
        workshop.agent_replies(ticket, "ответ")
        workshop.settle()
        for value in values:
            workshop.panel.execute("UPDATE ticket_message SET rating = %s WHERE ticket = %s", value, ticket)
            workshop.client_writes(ticket, f"после {value}")
            workshop.settle()
            assert workshop.both_sides(ticket).omnidesk[-1].text == f"после {value}".strip()
            assert workshop.link(ticket).attempts == 0
    finally:
        workshop.panel.execute("UPDATE ticket_message SET rating = NULL")
        workshop.panel.execute("ALTER TABLE ticket_message MODIFY rating INT NULL")


def test_damaged_rows_of_people_and_dates_cost_no_message(workshop: Workshop) -> None:
    """A date that is none, names that are missing, a level of its own: the text goes over."""
    ticket = workshop.linked_ticket("раз")
    workshop.panel.execute("SET sql_mode = ''")
    message = workshop.client_writes(ticket, "два")
    workshop.panel.execute("UPDATE ticket_message SET date_post = '0000-00-00' WHERE id = %s", message)
    workshop.panel.execute("UPDATE user SET realname = '', email = '' WHERE id = %s", workshop.ivan.user)
    workshop.settle()
    assert workshop.desk.messages(workshop.case(ticket))[-1].content == "два"
    assert workshop.link(ticket).attempts == 0


def test_lists_of_the_account_that_cannot_be_read_stay_as_they_are_remembered(workshop: Workshop) -> None:
    """Who signs a reply is known from before."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.tick(7200)
    staff = "GET /api/staff.json"
    workshop.desk.faults.not_json(on=staff, times=None)
    workshop.agent_replies(ticket, "ещё ответ")
    workshop.settle()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("damage", ["{", "", "null", "7", '"x"', '{"a": 1}', "[1, 2]", '[{"x": 1}]'])
def test_damaged_values_of_the_state_stop_nothing(workshop: Workshop, damage: str) -> None:
    """Cursors, remembered lists, what the guard held: each counts as missing, never as empty."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    workshop.panel.execute("UPDATE omnidesk_state SET value = %s WHERE name <> 'schema_version'", damage)
    workshop.restart()
    workshop.client_writes(ticket, "два")
    workshop.agent_replies(ticket, "ещё ответ")
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert overview.look(workshop.context).linked == 1
    assert metrics.collect(workshop.context)


@pytest.mark.parametrize("body", [b'{"0": {"case', PAGE.encode(), b'"x"', b'{"0": {"case": {"status": "new"}}}'])
def test_a_list_of_changed_cases_that_never_parses_is_shown_until_it_does(workshop: Workshop, body: bytes) -> None:
    """In both forms of the status and in the metrics, with its reason; tickets with events are served meanwhile."""
    ticket = workshop.linked_ticket("раз")
    workshop.desk.faults.answer(200, body, on="GET /api/cases.json", times=None)
    workshop.client_writes(ticket, "два")
    workshop.run_pass()
    assert workshop.both_sides(ticket).omnidesk[-1].text == "два"
    begun = overview.look(workshop.context).failing[0].since
    workshop.tick(100)
    workshop.run_pass()
    seen = overview.look(workshop.context)
    (one,) = seen.failing
    assert (one.what, one.type, one.since) == ("poll", "omnidesk_broken_answer", begun)
    assert any("poll fails" in line for line in status.lines(seen, Screen()))
    answer = Answer([])
    status._elements(answer, seen)
    assert [element[0] for element in answer.elements] == ["failing"]
    assert status.as_data(seen)["failing"][0]["what"] == "poll"
    found = {metric.name: metric.samples for metric in metrics.collect(workshop.context)}
    assert found["look_failing_seconds"][(("what", "poll"),)] > 100
    assert found["look_failing_seconds"][(("what", "scan"),)] == 0
    workshop.desk.faults.clear()
    workshop.run_pass()
    assert overview.look(workshop.context).failing == []


def test_a_scan_that_fails_stops_no_ticket(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it met; it is shown like a poll."""

    def broken(*given: Any, **named: Any) -> int:
        raise KeyError("x")

    monkeypatch.setattr(one_pass, "scan", broken)
    ticket = workshop.new_ticket("раз")
    workshop.run_pass()
    workshop.assert_equal(ticket)
    assert [one.what for one in overview.look(workshop.context).failing] == ["scan"]


def test_a_changed_case_whose_row_cannot_be_read_is_asked_for(workshop: Workshop) -> None:
    """It is not skipped for good: the case itself may be readable, and if not its ticket says so."""
    ticket = workshop.linked_ticket("раз")
    other = workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.agent_sets(ticket, "waiting")
    rows = {
        "0": {"case": {"case_id": workshop.case(ticket), "status": "frozen"}},
        "1": {"case": {"case_id": workshop.case(other), "status": "open"}},
    }
    workshop.desk.faults.answer(200, json.dumps(rows), on="GET /api/cases.json", times=1)
    workshop.run_pass()
    workshop.assert_equal(ticket)
