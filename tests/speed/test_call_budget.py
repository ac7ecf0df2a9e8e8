"""API calls are the scarce resource: what each thing that happens costs, exactly.

A pass that is not forced polls only when it is time, so the calls counted here are those of the work alone; the poll is
counted by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omnidesk.core.tables import TICKETS
from omnidesk.health import check_connection
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.workshop import Workshop

POLL = ["GET /api/cases.json"]
MakeWorkshop = Callable[..., Workshop]


@pytest.fixture
def primed(make_workshop: MakeWorkshop) -> Workshop:
    """After check_connection: the account's lists are known, the baseline is written, the first poll is done."""
    return prime(make_workshop(poll_seconds=3600))


def prime(workshop: Workshop) -> Workshop:
    checked(workshop)
    workshop.run_pass()
    return workshop


def checked(workshop: Workshop) -> None:
    """check_connection; it looks at the settings file, which a workshop does without."""
    Path(workshop.paths.settings).touch(mode=0o600)
    check_connection.check(workshop.context)


def work(workshop: Workshop) -> list[str]:
    """The calls of the passes that the events need."""
    return workshop.calls(lambda: workshop.sync(force=False))


def polled(workshop: Workshop) -> list[str]:
    """The calls of a minute without events: poll, scan, and what they find."""

    def minute() -> None:
        workshop.tick(60)
        workshop.run_pass(force=True)
        workshop.sync(force=False)

    return workshop.calls(minute)


def linked(workshop: Workshop) -> tuple[int, str]:
    """A ticket with its case, polled once, and the case's address."""
    ticket = workshop.new_ticket()
    work(workshop)
    polled(workshop)
    return ticket, f"/api/cases/{workshop.case(ticket)}"


def test_check_connection_primes_the_lists(workshop: Workshop) -> None:
    """Three calls once, and no run has to make them before the first ticket."""
    calls = workshop.calls(lambda: checked(workshop))
    assert calls == ["GET /api/staff.json", "GET /api/custom_fields.json", "GET /api/custom_channels.json"]
    assert workshop.calls(lambda: workshop.run_pass()) == POLL


def test_a_new_ticket_costs_one_call(primed: Workshop) -> None:
    """The case is made with its first message, the client and the status in one."""
    primed.new_ticket()
    assert work(primed) == ["POST /api/cases.json"]
    assert polled(primed) == POLL
    assert polled(primed) == POLL


def test_a_new_ticket_with_custom_fields_costs_one_call(primed: Workshop) -> None:
    """Values of the case go with it, those of the client are one call for a client who is new."""
    field = primed.desk.add_field("Billing id", level="case")
    path = primed.root / "etc" / "omnidesk" / "custom_fields.json"
    path.write_text(f'[{{"field": "{field.key}", "value": "ticket"}}]')
    checked(primed)
    ticket = primed.new_ticket()
    assert work(primed) == ["POST /api/cases.json"]
    assert primed.desk.cases[primed.case(ticket)].custom_fields[field.key] == str(ticket)
    assert polled(primed) == POLL


def test_a_client_message_costs_one_call(primed: Workshop) -> None:
    """On an open case; the status needs none."""
    ticket, case = linked(primed)
    primed.client_writes(ticket, "Ещё вопрос")
    assert work(primed) == [f"POST {case}/messages.json"]
    assert polled(primed) == POLL
    assert polled(primed) == POLL


def test_two_messages_at_once_cost_two_calls(primed: Workshop) -> None:
    """One each, however they came."""
    ticket, case = linked(primed)
    primed.client_writes(ticket, "Раз")
    primed.client_writes(ticket, "Два")
    assert work(primed) == [f"POST {case}/messages.json"] * 2
    assert polled(primed) == POLL


def test_a_staff_reply_in_billmanager_costs_one_call(primed: Workshop) -> None:
    """As the employee with the same e-mail; the assignment stays, so the status does not change."""
    ticket, case = linked(primed)
    primed.panel.employee_replies(primed.anna, ticket, "Смотрим", close=False)
    assert work(primed) == [f"POST {case}/messages.json"]
    assert polled(primed) == POLL


def test_a_staff_reply_that_ends_the_assignment_costs_its_status_too(primed: Workshop) -> None:
    """A message and a status are two things in Omnidesk's API; one call each."""
    ticket, case = linked(primed)
    primed.panel.employee_replies(primed.anna, ticket, "Готово", close=True)
    assert work(primed) == [f"POST {case}/messages.json", f"PUT {case}.json"]
    assert polled(primed) == POLL


def test_a_reply_from_omnidesk_costs_one_read(primed: Workshop) -> None:
    """The webhook names the case, the messages are read, nothing is written back."""
    ticket, case = linked(primed)
    primed.agent_replies(ticket, "Смотрим")
    primed.deliver_webhooks()
    assert work(primed) == [f"GET {case}/messages.json"]
    assert [message.staff for message in primed.panel.messages(ticket)] == [False, True]
    assert polled(primed) == POLL
    assert polled(primed) == POLL


def test_duplicate_webhooks_cost_nothing_more(primed: Workshop) -> None:
    """Five for one message are one subject; one that comes after the work is one read that finds nothing."""
    ticket, case = linked(primed)
    primed.agent_replies(ticket, "Смотрим")
    primed.deliver_webhooks(double=5)
    primed.deliver_webhooks()
    assert work(primed) == [f"GET {case}/messages.json"]
    assert polled(primed) == POLL


def test_the_echo_of_our_own_message_costs_at_most_a_read(primed: Workshop) -> None:
    """The webhook of a staff message that came by the API cannot be told from a reply, so it is looked at once."""
    ticket, case = linked(primed)
    primed.panel.employee_replies(primed.anna, ticket, "Смотрим", close=False)
    assert work(primed) == [f"POST {case}/messages.json"]
    primed.deliver_webhooks()
    assert work(primed) in ([], [f"GET {case}/messages.json"])
    assert polled(primed) == POLL


def test_a_status_change_in_billmanager_costs_one_call(primed: Workshop) -> None:
    """An employee ends his assignment; or the client archives the ticket, which sends no event: the scan finds it."""
    ticket, case = linked(primed)
    primed.panel.employee_closes(primed.anna, ticket)
    assert work(primed) == [f"PUT {case}.json"]
    assert polled(primed) == POLL
    primed.panel.client_archives(ticket)
    assert sorted(polled(primed)) == sorted([*POLL, f"PUT {case}.json"])
    assert polled(primed) == POLL


def test_a_status_change_in_omnidesk_costs_none_beside_the_poll(primed: Workshop) -> None:
    """The poll tells it, and BILLmanager's side costs no calls; the changed case is read once."""
    ticket, case = linked(primed)
    primed.agent_sets(ticket, "closed")
    assert polled(primed) in (POLL, [*POLL, f"GET {case}/messages.json"])
    assert primed.panel.ticket_state(ticket).state == "waiting"
    assert polled(primed) == POLL


def test_a_rating_costs_one_call(primed: Workshop) -> None:
    """And rating the same again costs none."""
    ticket, case = linked(primed)
    message = primed.panel.employee_replies(primed.anna, ticket, "Готово", close=False)
    work(primed)
    polled(primed)
    there = primed.context.links.message("message", message)
    assert there is not None
    primed.panel.client_rates(message, "good")
    assert work(primed) == [f"PUT {case}/rate/{there.external_message}.json"]
    primed.panel.client_rates(message, "good")
    assert work(primed) == [], "it is the same level"
    assert polled(primed) == POLL


@pytest.mark.parametrize("tickets", [0, 10, 120])  # a page holds 100
def test_a_poll_costs_one_call_however_many_tickets_there_are(make_workshop: MakeWorkshop, tickets: int) -> None:
    """Nothing changed anywhere: one call a minute."""
    workshop = prime(make_workshop(poll_seconds=3600, call_seconds=0.01))
    for number in range(tickets):
        workshop.new_ticket(f"Запрос {number}")
    work(workshop)
    assert workshop.context.links.linked_tickets() == tickets
    workshop.tick(1000)
    workshop.context.db.write(f"UPDATE {TICKETS} SET unread = 0")
    polled(workshop)  # the last one that sees them all as changed
    for _ in range(3):
        assert polled(workshop) == POLL


def test_the_look_behind_our_own_writes_happens_once(make_workshop: MakeWorkshop) -> None:
    """A write of ours may hide what no webhook told; each case is read once for it, later, while calls abound."""
    workshop = prime(make_workshop(poll_seconds=3600, call_seconds=0.01))
    for number in range(10):
        workshop.new_ticket(f"Запрос {number}")
    work(workshop)
    workshop.tick(1000)
    looks = [call for _ in range(8) for call in polled(workshop) if call not in POLL]
    assert len(looks) == len(set(looks)) == 10
    assert polled(workshop) == POLL


def test_a_pass_in_between_costs_nothing(primed: Workshop) -> None:
    """A worker that lingers asks nothing until it is time for the poll."""
    linked(primed)
    for _ in range(5):
        assert work(primed) == []


# The limit is obeyed before it refuses


def small_account(make_workshop: MakeWorkshop, calls: int = 20) -> Workshop:
    return make_workshop(desk=DeskSettings(rate_limit=calls), call_seconds=0.1)


def test_sixty_messages_on_a_small_account_are_never_refused(make_workshop: MakeWorkshop) -> None:
    """Twenty calls a minute: everything goes over in the order it was written, and no call meets a 429."""
    workshop = small_account(make_workshop)
    tickets = [workshop.new_ticket(f"Запрос {number}") for number in range(6)]
    for number in range(9):
        for ticket in tickets:
            workshop.client_writes(ticket, f"Сообщение {number}")
    begun = workshop.clock()
    workshop.settle(limit=200)
    for ticket in tickets:
        workshop.assert_equal(ticket)
    assert [call.status for call in workshop.desk.calls if call.status == 429] == []
    assert workshop.posted() == 60
    assert workshop.clock() - begun < 7 * 60, "the calls that there are were used"


def test_a_pause_between_intent_and_call_costs_no_look(make_workshop: MakeWorkshop) -> None:
    """A call that was never made for want of calls left is made at the next chance, without looking for it first."""
    workshop = small_account(make_workshop)
    checked(workshop)
    tickets = [workshop.new_ticket(f"Запрос {number}") for number in range(30)]
    workshop.settle()
    assert all(workshop.case(ticket) for ticket in tickets)
    assert workshop.desk.calls_count("POST /api/cases.json") == 30
    polls = workshop.desk.calls_matching("GET /api/cases.json")
    assert [call for call in polls if "user_custom_id" in call.query] == []
    assert workshop.desk.calls_count("GET /api/cases/*/messages.json") == 0


def test_strangers_on_the_account_are_respected(make_workshop: MakeWorkshop) -> None:
    """Another integration uses the same calls: what an answer says is left counts, not what we made ourselves."""
    workshop = small_account(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.tick(60)
    workshop.sync()
    workshop.desk.limit.use(30, workshop.clock())
    workshop.client_writes(ticket, "Ещё")
    workshop.settle()
    refused = [call for call in workshop.desk.calls if call.status == 429]
    assert len(refused) <= 1, "after one refusal nothing is asked until the minute is over"
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("dashed", [False, True])
def test_retry_after_is_waited_for(make_workshop: MakeWorkshop, dashed: bool) -> None:
    """A refusal that came all the same stops every call until it is over."""
    desk = DeskSettings(rate_limit=20, rate_headers_dashed=dashed)
    workshop = make_workshop(desk=desk)
    ticket = workshop.linked_ticket()
    workshop.desk.faults.rate_limited(retry_after=45)
    workshop.client_writes(ticket, "Ещё")
    report = workshop.sync()
    assert report.paused is not None and report.paused.type == "omnidesk_rate"
    assert 40 <= report.paused.seconds <= 45
    workshop.tick(30)
    assert workshop.calls(lambda: workshop.sync()) == []
    workshop.tick(15)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_an_assignee_costs_one_call_and_a_read_where_the_case_is_not_fresh(make_workshop: MakeWorkshop) -> None:
    """From Omnidesk it costs the read that any change of a case costs; with a status it is one call together."""
    primed = prime(make_workshop(poll_seconds=3600, sync_assignee=True))
    ticket, case = linked(primed)
    primed.tick(60)
    primed.panel.employee_takes(primed.anna, ticket)
    assert work(primed) == [f"GET {case}.json", f"PUT {case}.json"]
    assert polled(primed) == POLL
    primed.desk.assign(primed.case(ticket), 0)
    assert polled(primed) == [*POLL, f"GET {case}/messages.json"]
    assert primed.panel.ticket_state(ticket).assignees == (primed.support,)
    primed.desk.set_status(primed.case(ticket), "waiting")
    assert polled(primed) == [*POLL, f"GET {case}/messages.json"]
    primed.panel.employee_takes(primed.anna, ticket)
    assert work(primed) == [f"PUT {case}.json"], "status and assignee"
    assert polled(primed) == POLL
    primed.panel.employee_replies(primed.anna, ticket, "Смотрим", close=False)
    assert work(primed) == [f"POST {case}/messages.json"]
    assert polled(primed) == POLL
    assert polled(primed) == POLL


# With a routing table


def route(workshop: Workshop) -> tuple[int, int]:
    """A group for each department, and a label; the groups."""
    groups = workshop.desk.add_group("Первая"), workshop.desk.add_group("Вторая")
    workshop.desk.add_label("новое")
    rows = [
        {"department": workshop.support, "group": "Первая", "labels": ["новое"], "priority": "high"},
        {"department": workshop.billing, "group": "Вторая"},
    ]
    Path(workshop.paths.routing).write_text(json.dumps(rows), encoding="utf-8")
    return groups


def test_the_lists_of_a_routing_table_are_read_once_a_day(primed: Workshop) -> None:
    """Only those it names anything of; everything else costs what it cost before."""
    route(primed)
    primed.new_ticket()
    assert sorted(work(primed)) == ["GET /api/groups.json", "GET /api/labels.json", "POST /api/cases.json"]
    primed.new_ticket()
    assert work(primed) == ["POST /api/cases.json"]
    assert polled(primed) == POLL
    primed.tick(90000)
    primed.new_ticket()
    assert work(primed).count("GET /api/groups.json") == 1


def test_a_move_in_billmanager_costs_one_call_and_a_move_in_omnidesk_none_of_its_own(primed: Workshop) -> None:
    first, second = route(primed)
    ticket, case = linked(primed)
    primed.panel.move_ticket(ticket, primed.billing, primed.anna)
    assert work(primed) == [f"PUT {case}.json"]  # a poll has just shown which group is written over
    primed.tick(60)
    primed.panel.move_ticket(ticket, primed.support, primed.anna)
    assert work(primed) == [f"GET {case}.json", f"PUT {case}.json"]
    primed.tick(60)
    primed.panel.move_ticket(ticket, primed.billing, primed.anna)
    work(primed)
    polled(primed)
    assert polled(primed) == POLL
    primed.tick(60)
    primed.desk.move(primed.case(ticket), first, primed.anna_staff)
    assert polled(primed) == [*POLL, f"GET {case}/messages.json"]  # as with every change of a case
    assert polled(primed) == POLL
    assert primed.desk.cases[primed.case(ticket)].group_id == first != second


def test_a_move_with_another_status_is_one_call(primed: Workshop) -> None:
    route(primed)
    ticket, case = linked(primed)
    primed.panel.move_ticket(ticket, primed.billing, primed.anna, lasting=True)
    primed.panel.employee_closes(primed.anna, ticket)
    assert [one for one in work(primed) if one.startswith("PUT")] == [f"PUT {case}.json"]


def test_several_channels_are_polled_in_one_call(primed: Workshop) -> None:
    brand = primed.desk.add_channel("Бренд")
    Path(primed.paths.routing).write_text(json.dumps([{"project": "Provider", "channel": brand.key}]), encoding="utf-8")
    linked(primed)
    assert polled(primed) == POLL
