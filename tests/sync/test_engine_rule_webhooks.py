"""Webhooks of rules: whatever the administrator typed, the case it names is looked at, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.rulebodies import RULE_BODIES
from tests.support.workshop import Workshop

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ruled(workshop: Workshop) -> Callable[[str], Workshop]:
    """An account with a rule "case changed" whose body is of this kind."""

    def make(kind: str) -> Workshop:
        workshop.desk.settings.rule_webhook_url = "https://panel.example/mancgi/omnidesk_webhook"
        workshop.desk.settings.rule_webhook_body = kind
        return workshop

    return make


@pytest.mark.parametrize("kind", RULE_BODIES)
def test_a_rule_s_webhook_brings_a_status_before_the_poll(ruled: Callable[[str], Workshop], kind: str) -> None:
    workshop = ruled(kind)
    ticket, other = workshop.linked_ticket(), workshop.linked_ticket()
    workshop.settle()
    workshop.agent_sets(ticket, "closed")
    before = len(workshop.desk.calls)
    assert workshop.deliver_webhooks() == 1
    workshop.sync(force=False)
    assert workshop.panel.ticket_state(ticket).state == "waiting", workshop.both_sides(ticket)
    workshop.assert_all_equal((ticket, other))
    paths = [call.path for call in workshop.desk.calls[before:]]
    assert all(f"/cases/{workshop.case(ticket)}" in path for path in paths), paths


def test_a_number_that_no_ticket_has_costs_no_call(workshop: Workshop) -> None:
    """A rule may call for every case of the account, those of other channels too."""
    workshop.linked_ticket()
    workshop.settle()
    case = workshop.desk.agent_case(
        workshop.desk.client_case("a@example.com", "x", "y").user_id, "Тема", "<p>текст</p>"
    )
    before = len(workshop.desk.calls)
    workshop.receive_webhook(f"case_number={case.case_number}".encode(), FORM)
    assert workshop.spooled() == [f"case-{case.case_number}"]
    workshop.sync(force=False)
    assert workshop.spooled() == []
    assert workshop.desk.calls[before:] == []


def test_a_number_named_before_its_case_is_linked_is_not_forgotten(workshop: Workshop) -> None:
    """The webhook overtakes the answer of the call that makes the case."""
    ticket = workshop.new_ticket()
    done: list[str] = []

    def answered_late() -> None:
        case = next(iter(workshop.desk.cases.values()))
        workshop.tick(2)
        workshop.desk.agent_reply(case.case_id, workshop.anna_staff, text="быстрый ответ")
        workshop.receive_webhook(f"case_number={case.case_number}".encode(), FORM)
        done.append(case.case_number)

    send = workshop.adapter.send

    def overtaken(request, *given, **more):  # type: ignore[no-untyped-def]
        answer = send(request, *given, **more)
        if request.method == "POST" and request.path_url.startswith("/api/cases.json"):
            answered_late()
        return answer

    workshop.adapter.send = overtaken  # type: ignore[method-assign]
    workshop.sync(force=False)
    assert done and workshop.spooled() == []
    workshop.sync(force=False)
    assert [message.text for message in workshop.panel.messages(ticket)][-1] == "быстрый ответ"
    assert not workshop.context.state.take_unlinked(*done)


def test_a_number_noted_first_is_taken_when_the_case_is_linked(workshop: Workshop) -> None:
    """The worker meets the number while the answer of the creating call is lost."""
    ticket = workshop.new_ticket()
    workshop.desk.webhooks.faults.lose_next = 1
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    workshop.run_pass(force=False)
    case = next(iter(workshop.desk.cases.values()))
    workshop.desk.agent_reply(case.case_id, workshop.anna_staff, text="быстрый ответ")
    workshop.receive_webhook(f"case_number={case.case_number}".encode(), FORM)
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)][-1] == "быстрый ответ"
    assert not workshop.context.state.take_unlinked(case.case_number)
