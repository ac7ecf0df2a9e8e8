"""Retries a person can live with: a ticket waits for itself, the account for all, and nothing is dropped silently."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from omnidesk.cli.status import status
from omnidesk.wording.arguments import Arguments
from sandbox.omnidesk.settings import Settings
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def says(text: str) -> Callable[[Request], bool]:
    """Calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


def refuse(workshop: Workshop, text: str) -> None:
    workshop.desk.faults.answer(400, '{"error":"wrong_content"}', on=says(text), times=None)


def failures(workshop: Workshop) -> list[tuple[int, int]]:
    """(ticket, failures in a row) of all tickets that failed."""
    return [(row.ticket, row.attempts) for row in workshop.context.queue.listing() if row.attempts]


def test_pauses_of_a_ticket_double_up_to_a_quarter_of_an_hour_and_are_spread(workshop: Workshop) -> None:
    """Of a read: what is sent in vain is held back by the circuit breaker as well (test_engine_breaker.py)."""
    ticket = workshop.linked_ticket("раз")
    workshop.agent_replies(ticket, "два")
    workshop.deliver_webhooks()
    workshop.desk.faults.server_error(502, on="GET /api/cases/*/messages.json", times=None)
    pauses = []
    for _ in range(12):
        workshop.run_pass()
        due = workshop.context.queue.next_due()
        assert due is not None
        pauses.append(due - workshop.context.clock())
        workshop.tick(pauses[-1] + 1)
    for number, pause in enumerate(pauses):
        longest = min(900, 5 * 2**number)
        assert longest / 2 - 2 <= pause <= longest, pauses
    assert len({round(pause / min(900, 5 * 2**number), 2) for number, pause in enumerate(pauses)}) > 3, "no spread"
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_equal(ticket)
    assert not failures(workshop)


def test_a_bad_ticket_delays_no_other_however_often_it_fails(workshop: Workshop) -> None:
    """In every pass the good ones go over in that pass, although the bad one has waited longest."""
    bad, good = workshop.linked_ticket("раз"), workshop.linked_ticket("eins", user=workshop.petra.user)
    workshop.client_writes(bad, "плохое")
    workshop.desk.faults.server_error(500, on=says("плохое"), times=None)
    for number in range(8):
        workshop.client_writes(good, f"gut {number}")
        workshop.run_pass()
        assert len(workshop.both_sides(good).omnidesk) == number + 2
        workshop.tick(120)


@pytest.mark.parametrize("refusal", ["key_revoked", "login", "rate", "unreachable"])
def test_a_refusal_of_the_account_fails_no_ticket_and_stops_the_run(workshop: Workshop, refusal: str) -> None:
    """After one call, or two where an independent one has to confirm it; nobody calls while it lasts."""
    tickets = [workshop.linked_ticket(f"{number}") for number in range(4)]
    for ticket in tickets:
        workshop.client_writes(ticket, "ещё")
    faults = workshop.desk.faults
    if refusal == "login":
        faults.answer(403, "{}", times=None)
    elif refusal == "rate":
        faults.rate_limited(40, times=None)
    else:
        setattr(faults, refusal, True)
    assert len(workshop.calls(workshop.run_pass)) == (1 if refusal in ("rate", "unreachable") else 2)
    assert workshop.reports[-1].paused is not None
    workshop.tick(3)
    assert len(workshop.calls(workshop.run_pass)) <= 1
    assert not failures(workshop)
    if refusal in ("key_revoked", "unreachable"):
        setattr(faults, refusal, False)
    faults.clear()
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_message_that_can_never_go_is_loud_once_and_stays_visible(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = workshop.linked_ticket("раз")
    refuse(workshop, "плохое")
    bad = workshop.client_writes(ticket, "плохое")
    with caplog.at_level(logging.INFO):
        workshop.settle()
        for number in range(3):
            workshop.client_writes(ticket, f"хорошее {number}")
            workshop.settle()
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(loud) == 1
    assert "wrong_content" in loud[0].getMessage()
    answer = status(workshop.context, Arguments())
    assert answer.data is not None
    told = "\n".join(answer.text())
    assert "refused because" in told
    assert [one["message"] for one in answer.data["refused_messages"]] == [bad]
    assert "wrong_content" in told
    assert len(workshop.both_sides(ticket).omnidesk) == 4, "the later ones have gone"


@pytest.mark.parametrize("side", ["out", "in"])
def test_what_was_refused_is_taken_up_when_the_ticket_changes(workshop: Workshop, side: str) -> None:
    """Nobody has to remember a retry when the reason has gone meanwhile."""
    ticket = workshop.linked_ticket("раз")
    if side == "out":
        refuse(workshop, "плохое")
        workshop.client_writes(ticket, "плохое")
    else:
        workshop.panel.faults.fail("value", "message", "bad", lambda request: "плохое" in str(request.params))
        workshop.agent_replies(ticket, "плохое")
    workshop.settle()
    assert len(workshop.message_links(ticket, "refused")) == 1
    workshop.desk.faults.clear()
    workshop.panel.faults.clear()
    workshop.client_writes(ticket, "и ещё")
    workshop.settle()
    sides = workshop.both_sides(ticket)  # the late one may stand behind what was said after it
    assert sorted(line.text for line in sides.billmanager) == sorted(line.text for line in sides.omnidesk)
    assert len(sides.omnidesk) == 3
    assert not workshop.message_links(ticket, "refused", "intent")


def test_a_used_up_minute_stops_all_and_goes_on_by_itself(make_workshop: Make) -> None:
    workshop = make_workshop(desk=Settings(rate_limit=6))
    tickets = [workshop.new_ticket(f"{number}") for number in range(10)]
    workshop.run_pass()
    assert workshop.reports[-1].paused is not None
    assert not failures(workshop)
    workshop.settle()
    workshop.assert_all_equal(tickets)
