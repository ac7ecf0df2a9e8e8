"""What the other side refuses, and what an administrator or the account refuses for a while."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def says(text: str) -> Callable[[Request], bool]:
    """Calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


def refuse(workshop: Workshop, text: str) -> None:
    workshop.desk.faults.answer(400, '{"error":"wrong_content"}', on=says(text), times=None)


def test_a_refused_message_is_set_aside_and_later_ones_go(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    refuse(workshop, "плохое")
    workshop.client_writes(ticket, "плохое")
    workshop.client_writes(ticket, "хорошее")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["один", "хорошее"]
    assert [one.state for one in workshop.message_links(ticket, "refused")] == ["refused"]
    workshop.client_writes(ticket, "ещё")
    calls = workshop.calls(workshop.settle)
    assert len([call for call in calls if call.startswith("POST")]) == 2, "what was set aside is tried once more"
    assert workshop.calls(workshop.settle) == ["GET /api/cases.json"], "and then it rests again"


def test_retry_sends_what_was_set_aside(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    refuse(workshop, "плохое")
    workshop.client_writes(ticket, "плохое")
    workshop.settle()
    workshop.desk.faults.clear()
    assert workshop.context.queue.retry(ticket) == 1
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_refused_reply_is_set_aside_and_later_ones_go(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    bad = workshop.panel.faults.fail("value", "message", "bad", lambda request: "плохое" in str(request.params))
    workshop.agent_replies(ticket, "плохое")
    workshop.agent_replies(ticket, "хорошее")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)] == ["один", "хорошее"]
    bad.lift()
    assert workshop.context.queue.retry(ticket) == 1
    workshop.settle()
    texts = [message.text for message in workshop.panel.messages(ticket)]
    assert texts == ["один", "хорошее", "плохое"], "late, but there"


def test_retry_of_everything_takes_up_a_refused_reply_too(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    bad = workshop.panel.faults.fail("value", "message", "bad", "ticket.edit")
    workshop.agent_replies(ticket, "два")
    workshop.settle()
    bad.lift()
    workshop.context.queue.retry()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_first_message_that_is_refused_is_set_aside_and_the_next_opens_the_case(workshop: Workshop) -> None:
    refuse(workshop, "плохое")
    bad, good = workshop.new_ticket("плохое"), workshop.new_ticket("хорошее", user=workshop.petra.user)
    workshop.settle()
    workshop.assert_equal(good)
    assert not workshop.case(bad) and [one.state for one in workshop.message_links(bad) if not one.source] == [
        "refused"
    ]
    workshop.client_writes(bad, "и ещё")
    workshop.settle()
    assert [line.text for line in workshop.both_sides(bad).omnidesk] == ["и ещё"]
    workshop.desk.faults.clear()
    workshop.context.queue.retry(bad)
    workshop.settle()
    assert [line.text for line in workshop.both_sides(bad).omnidesk] == ["и ещё", "плохое"], "late, but there"


def test_a_case_that_cannot_be_made_for_another_reason_sets_the_ticket_aside(workshop: Workshop) -> None:
    """Its message is not to blame for a channel that was deleted."""
    workshop.desk.faults.answer(404, '{"error":"channel_not_found"}', on="POST /api/cases.json", times=None)
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    assert workshop.link(ticket).set_aside and all(one.source for one in workshop.message_links(ticket))
    assert [one.ticket for one in workshop.context.queue.listing()] == [ticket]
    workshop.desk.faults.clear()
    workshop.client_writes(ticket, "и ещё")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_one_ticket_in_trouble_does_not_stop_the_others(workshop: Workshop) -> None:
    bad, good = workshop.new_ticket("плохое"), workshop.new_ticket("хорошее", user=workshop.petra.user)
    workshop.desk.faults.server_error(500, on=says("плохое"), times=None)
    workshop.sync()
    workshop.assert_equal(good)
    assert not workshop.case(bad)
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_equal(bad)


@pytest.mark.parametrize("fault", ["key_revoked", "unreachable"])
def test_an_account_that_refuses_everybody_pauses_the_run_and_then_all_is_sent(workshop: Workshop, fault: str) -> None:
    tickets = [workshop.new_ticket(str(number)) for number in range(5)]
    setattr(workshop.desk.faults, fault, True)
    assert len(workshop.calls(workshop.sync)) <= 2, "nobody hammers at a closed door"
    assert workshop.reports[-1].paused is not None
    setattr(workshop.desk.faults, fault, False)
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_used_up_minute_is_waited_for(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(rate_limit=5))
    tickets = [workshop.new_ticket(str(number)) for number in range(12)]
    workshop.settle()
    workshop.assert_all_equal(tickets)
    assert not [call for call in workshop.desk.calls if call.status == 429]


def test_a_panel_that_restarts_pauses_the_run_and_then_all_arrives(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks()
    rule = workshop.panel.faults.refuse(lambda request: request.label == "pmomnidesk")
    workshop.sync()
    paused = workshop.reports[-1].paused
    assert paused is not None and paused.type == "panel_restarting"
    rule.lift()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_an_employee_who_may_not_is_a_refusal_that_names_him(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.deny_su("anna")
    workshop.agent_replies(ticket, "Ответ")
    workshop.settle()
    listing = workshop.context.queue.listing()
    assert len(workshop.panel.messages(ticket)) == 1
    assert not listing or listing[0].error_type
    workshop.panel.faults.denied.clear()
    workshop.context.queue.retry()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_without_the_integration_employee_replies_wait_for_him(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.disable(workshop.integration)
    workshop.agent_replies(ticket, "Ответ", staff=workshop.vera_staff)
    workshop.settle()
    assert len(workshop.panel.messages(ticket)) == 1
    workshop.panel.execute("UPDATE user SET enabled = 'on' WHERE id = %s", workshop.integration)
    workshop.context.queue.retry()
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_database_that_takes_no_writes_pauses_the_run(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Ответ")
    workshop.deliver_webhooks()
    with workshop.mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER reader@localhost")
        cursor.execute("GRANT SELECT ON *.* TO reader@localhost")
    config = workshop.root / "etc" / "billmgr.conf.d" / "db.conf"
    text = config.read_text()
    config.write_text(text.replace("DBUser root", "DBUser reader"))
    workshop.restart()
    from omnidesk.core.errors import Misconfigured

    with pytest.raises(Misconfigured):
        workshop.run_pass()
    config.write_text(text)
    workshop.restart()
    workshop.settle()
    workshop.assert_equal(ticket)


PAGE = "<html><title>Blocked</title></html>"


def assignee(workshop: Workshop, ticket: int) -> bool:
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    return workshop.desk.cases[workshop.case(ticket)].staff_id == workshop.anna_staff


def priority(workshop: Workshop, ticket: int) -> bool:
    workshop.panel.employee_prioritises(workshop.anna, ticket, "high")
    workshop.settle()
    return workshop.desk.cases[workshop.case(ticket)].priority == "high"


def field(workshop: Workshop, ticket: int) -> bool:
    workshop.panel.execute("UPDATE ticket SET name = 'Другая тема' WHERE id = %s", ticket)
    workshop.make_due(ticket)
    workshop.settle()
    return "Другая тема" in workshop.desk.cases[workshop.case(ticket)].custom_fields.values()


def client(workshop: Workshop, ticket: int) -> bool:
    workshop.panel.execute("UPDATE user SET realname = 'Иван Другой' WHERE id = %s", workshop.ivan.user)
    workshop.client_writes(ticket, "ещё")
    workshop.settle()
    return workshop.desk.users[workshop.desk.cases[workshop.case(ticket)].user_id].full_name == "Иван Другой"


def ready(make_workshop: Make) -> tuple[Workshop, int]:
    workshop = make_workshop(sync_assignee=True, sync_priority=(), priority_column="priority", priority_values="enum")
    key = workshop.desk.add_field("Тема").key
    Path(workshop.paths.field_links).write_text(json.dumps([{"field": key, "value": "ticket_subject"}]), "utf-8")
    workshop.restart()
    return workshop, workshop.linked_ticket("один")


CHANGES = pytest.mark.parametrize("change", [assignee, priority, field, client])


@CHANGES
def test_a_change_that_a_firewall_refused_is_tried_again(
    make_workshop: Make, change: Callable[[Workshop, int], bool]
) -> None:
    workshop, ticket = ready(make_workshop)
    workshop.desk.faults.answer(403, PAGE, "text/html", on="PUT /api/*", times=2)
    assert change(workshop, ticket)
    assert workshop.link(ticket).attempts == 0 and not workshop.context.queue.listing()


@CHANGES
def test_a_change_that_is_refused_again_and_again_is_left(
    make_workshop: Make, change: Callable[[Workshop, int], bool]
) -> None:
    workshop, ticket = ready(make_workshop)
    workshop.desk.faults.answer(403, PAGE, "text/html", on="PUT /api/*", times=None)
    assert not change(workshop, ticket)
    assert workshop.link(ticket).attempts == 0 and not workshop.context.queue.listing()
    workshop.make_due(ticket)
    assert not [call for call in workshop.calls(workshop.settle) if call.startswith("PUT")]


@pytest.mark.parametrize(
    ("status", "word"), [(402, "payment_required"), (400, "account_blocked"), (200, "account_suspended")]
)
def test_an_account_that_refuses_every_call_in_words_of_its_own_sets_nothing_aside(
    workshop: Workshop, status: int, word: str
) -> None:
    """An unpaid plan, say: a day later everything goes over by itself, in both directions."""
    ticket, other = workshop.linked_ticket("раз"), workshop.linked_ticket("ещё раз")
    workshop.agent_replies(ticket, "ответ")
    workshop.desk.faults.answer(status, f'{{"error":"{word}"}}', times=None)
    workshop.client_writes(other, "два")
    fresh = workshop.new_ticket("новый")
    workshop.deliver_webhooks()
    for _ in range(40):
        workshop.sync()
        workshop.tick(1800)
    assert not [row for row in workshop.context.queue.listing() if row.set_aside]
    assert not [one for each in (ticket, other, fresh) for one in workshop.message_links(each, "refused")]
    workshop.desk.faults.clear()
    workshop.settle()
    for one in (ticket, other, fresh):
        workshop.assert_equal(one)
