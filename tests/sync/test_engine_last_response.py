"""``last_response_at`` may move with the client's message: no call follows from our own, and no reply is missed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
POLL = ["GET /api/cases.json"]


@pytest.fixture(params=[True, False], ids=["clients move it", "staff alone"])
def account(request: pytest.FixtureRequest, make_workshop: Make) -> Workshop:
    workshop = make_workshop(desk=Settings(client_moves_last_response=request.param), poll_seconds=3600)
    workshop.run_pass()
    return workshop


def polled(workshop: Workshop) -> list[str]:
    def minute() -> None:
        workshop.tick(60)
        workshop.run_pass(force=True)
        workshop.sync(force=False)

    return workshop.calls(minute)


def test_no_message_of_ours_causes_a_read(account: Workshop) -> None:
    ticket = account.new_ticket()
    account.sync(force=False)
    assert polled(account) == POLL
    account.client_writes(ticket, "раз")
    account.sync(force=False)
    assert polled(account) == POLL
    account.panel.employee_replies(account.anna, ticket, "ответ", close=False)
    account.sync(force=False)
    assert polled(account) == POLL
    account.client_writes(ticket, "два")
    account.client_writes(ticket, "три")
    account.sync(force=False)
    assert polled(account) == POLL
    account.panel.employee_closes(account.anna, ticket)
    account.sync(force=False)
    assert polled(account) == POLL


def test_what_was_imported_with_its_dates_causes_no_read(account: Workshop) -> None:
    old = account.moment(40 * 86400)
    ticket = account.new_ticket("давно", created=old)
    account.panel.client_writes(account.ivan.user, ticket, "тоже давно", created=account.moment(39 * 86400))
    account.sync(force=False)
    assert account.case(ticket)
    assert polled(account) == POLL
    account.client_writes(ticket, "теперь")
    account.sync(force=False)
    assert polled(account) == POLL


def test_a_reply_after_our_message_is_found_without_its_webhook(account: Workshop) -> None:
    ticket = account.new_ticket("раз")
    account.sync(force=False)
    account.client_writes(ticket, "два")
    account.sync(force=False)
    account.tick(5)
    account.agent_replies(ticket, "ответ")
    account.deliver_webhooks(lose=9)
    assert f"GET /api/cases/{account.case(ticket)}/messages.json" in polled(account)
    account.assert_equal(ticket)


def test_a_reply_before_our_message_is_found_without_its_webhook(account: Workshop) -> None:
    """At once where staff alone move it; else by the late read behind our own writes."""
    ticket = account.new_ticket("раз")
    account.sync(force=False)
    account.tick(5)
    account.agent_replies(ticket, "ответ")
    account.deliver_webhooks(lose=9)
    account.tick(5)
    account.client_writes(ticket, "два")
    account.sync(force=False)
    polled(account)
    if account.desk.settings.client_moves_last_response:
        account.tick(700)
        polled(account)
    account.assert_equal(ticket, in_order=False)


def test_a_message_whose_answer_was_lost_causes_one_search_and_no_read(account: Workshop) -> None:
    ticket = account.new_ticket("раз")
    account.sync(force=False)
    account.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    account.client_writes(ticket, "два")
    account.settle()
    assert polled(account) == POLL
    account.assert_equal(ticket)
