"""Tickets that go to the archive, by the client or by themselves, and every number that ``ticket.status`` may hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.billmanager import schema
from sandbox.billmanager.panel import PanelOptions
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


def answered(workshop: Workshop, text: str = "Помогите") -> int:
    """A linked ticket that waits for the client."""
    ticket = workshop.linked_ticket(text)
    workshop.panel.employee_replies(workshop.anna, ticket, f"Готово: {text}")
    workshop.settle()
    return ticket


def statuses(workshop: Workshop, tickets: list[int]) -> list[str]:
    return [workshop.desk.cases[workshop.case(ticket)].status for ticket in tickets]


def test_several_tickets_archived_at_once_close_their_cases(workshop: Workshop) -> None:
    """By the event, without a scan."""
    tickets = [answered(workshop, str(number)) for number in range(3)]
    workshop.panel.client_archives(*tickets)
    workshop.run_pass(force=False)
    assert statuses(workshop, tickets) == ["closed"] * 3
    for ticket in tickets:
        workshop.assert_equal(ticket)


def test_a_ticket_that_is_archived_by_itself_closes_its_case(make_workshop: Make) -> None:
    """Without an event: the audit finds it."""
    workshop = make_workshop(panel_options=PanelOptions(archive_after=14 * DAY))
    ticket, other = answered(workshop), workshop.linked_ticket("Ещё")
    workshop.tick(30 * DAY)
    assert workshop.panel.archive_inactive() == [ticket]
    workshop.settle()
    assert statuses(workshop, [ticket, other]) == ["closed", "open"]
    workshop.client_writes(ticket, "опять")
    workshop.settle()
    assert statuses(workshop, [ticket]) == ["open"]
    workshop.assert_equal(ticket)


def test_archiving_after_inactivity_is_no_mass_change(make_workshop: Make) -> None:
    """Nobody had these tickets: it ends nobody's work, however many there are."""
    workshop = make_workshop(mass_change_limit=2, panel_options=PanelOptions(archive_after=14 * DAY))
    waiting = [answered(workshop, str(number)) for number in range(5)]
    open_ = workshop.linked_ticket("открыт")
    workshop.tick(30 * DAY)
    workshop.settle()
    assert workshop.panel.archive_inactive() == waiting
    workshop.settle()
    assert statuses(workshop, [*waiting, open_]) == [*["closed"] * 5, "open"]
    assert workshop.context.holds.counts() == {}


def test_the_end_of_many_open_tickets_is_held_back_all_the_same(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(5)]
    waiting = answered(workshop)
    workshop.tick(30 * DAY)
    workshop.settle()
    workshop.panel.execute("DELETE FROM ticket2user")
    workshop.panel.execute("UPDATE ticket SET status = %s", schema.ARCHIVED)
    workshop.settle()
    assert statuses(workshop, [*tickets, waiting]) == [*["open"] * 5, "closed"]
    assert workshop.context.holds.counts() == {"tickets": 5}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 9, 11, 255, -1])
def test_only_ten_is_archived(workshop: Workshop, code: int) -> None:
    """Whatever else stands there, somebody has the ticket or it waits for the client."""
    held, waiting = workshop.linked_ticket("раз"), answered(workshop, "два")
    workshop.panel.execute("UPDATE ticket SET status = %s", code)
    workshop.tick(700)
    workshop.settle()
    assert statuses(workshop, [held, waiting]) == ["open", "waiting"]
    workshop.client_writes(waiting, "ещё")
    workshop.agent_replies(held, "ответ", status="waiting")
    workshop.panel.execute("UPDATE ticket SET status = %s", code)
    workshop.settle()
    assert statuses(workshop, [held, waiting]) == ["waiting", "open"]
    assert all(workshop.link(ticket).attempts == 0 for ticket in (held, waiting))


@pytest.mark.parametrize("value", ["new", "", None, "2", "10"])
def test_a_status_of_another_kind_costs_nothing(workshop: Workshop, value: str | None) -> None:
    held, waiting = workshop.linked_ticket("раз"), answered(workshop, "два")
    workshop.panel.execute("ALTER TABLE ticket MODIFY status VARCHAR(16) NULL")
    try:
        workshop.panel.execute("UPDATE ticket SET status = %s WHERE id = %s", value, waiting)
        workshop.panel.execute(
            "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (%s, %s, 'ещё', %s)",
            held, workshop.ivan.user, workshop.moment(),
        )  # fmt: skip
        workshop.tick(700)
        workshop.settle()
        assert statuses(workshop, [held, waiting]) == ["open", "closed" if value == "10" else "waiting"]
        assert workshop.desk.messages(workshop.case(held))[-1].content == "ещё"
        assert all(workshop.link(ticket).attempts == 0 for ticket in (held, waiting))
    finally:
        workshop.panel.execute("DELETE FROM ticket")
        workshop.panel.execute("ALTER TABLE ticket MODIFY status INT(11) NOT NULL DEFAULT 1")


@pytest.mark.parametrize("codes", [True, False])
def test_a_day_of_work_with_every_status(make_workshop: Make, codes: bool) -> None:
    workshop = make_workshop(panel_options=PanelOptions(status_codes=codes))
    ticket = workshop.new_ticket()
    seen = [workshop.panel.ticket_state(ticket).status]

    def step(act: Callable[[], object]) -> None:
        act()
        workshop.settle()
        seen.append(workshop.panel.ticket_state(ticket).status)
        workshop.assert_equal(ticket)

    step(lambda: workshop.panel.employee_takes(workshop.anna, ticket))
    step(lambda: workshop.panel.employee_closes(workshop.anna, ticket))
    step(lambda: workshop.client_writes(ticket, "ещё"))
    step(lambda: workshop.agent_replies(ticket, "готово", status="waiting"))
    step(lambda: workshop.panel.client_archives(ticket))
    step(lambda: workshop.client_writes(ticket, "опять"))
    assert seen == ([0, 1, 3, 0, 2, 10, 0] if codes else [1, 1, 1, 1, 1, 10, 1])
