"""Tickets that go to the archive, by the client or by themselves, and every number that ``ticket.status`` may hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.health import check_account
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


def archiving(make_workshop: Make, **options: bool) -> Workshop:
    shape = PanelOptions(**options)  # type: ignore[arg-type]
    return make_workshop(status_map=("waiting", "closed", "archived"), panel_options=shape)


@pytest.mark.parametrize("assigned", [True, False], ids=["also what somebody has", "what nobody has"])
@pytest.mark.parametrize("reply", [True, False], ids=["with an answer", "without a word"])
@pytest.mark.parametrize("before", ["open", "waiting"])
def test_a_closed_case_sends_its_ticket_to_the_archive(
    make_workshop: Make, before: str, reply: bool, assigned: bool
) -> None:
    workshop = archiving(make_workshop, archives_assigned=assigned)
    ticket = answered(workshop) if before == "waiting" else workshop.linked_ticket()
    if reply:
        workshop.agent_replies(ticket, "Готово", status="closed")
    else:
        workshop.agent_sets(ticket, "closed")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("closed", "closed")
    assert workshop.deeds(ticket) == []
    workshop.agent_replies(ticket, "И ещё вот что")  # takes it out of the archive for a moment
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("closed", "closed")
    workshop.client_writes(ticket, "Опять")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")
    assert workshop.deeds(ticket) == []


def test_a_case_that_follows_its_ticket_archives_nothing(make_workshop: Make) -> None:
    workshop = make_workshop(status_map=("closed", "closed", "archived"))
    ticket = answered(workshop)
    sides = workshop.both_sides(ticket)
    assert (sides.state, sides.status) == ("waiting", "closed")
    workshop.agent_sets(ticket, "open")
    workshop.settle()
    assert workshop.both_sides(ticket).state == "open"


def test_a_panel_that_archives_nothing_for_others_is_reported_once(
    make_workshop: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The tickets are ended, and no ticket is tried again and again."""
    workshop = archiving(make_workshop, archives_for_client=False)
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    for ticket in tickets:
        workshop.agent_sets(ticket, "closed")
    workshop.settle()
    for ticket in tickets:
        sides = workshop.assert_equal(ticket)
        assert (sides.state, sides.status) == ("waiting", "closed")
        assert workshop.deeds(ticket) == []
    reports = [one.getMessage() for one in caplog.records if "does not archive ticket" in one.getMessage()]
    assert len(reports) == 1
    assert "access" in reports[0] or "clientticket.archive" in reports[0]
    assert len([one for one in workshop.panel.requests if one.func == "clientticket.archive"]) == 3
    found = [str(one.said) for one in check_account.hints(workshop.context)]
    assert any("did not archive the last ticket" in one for one in found)
    workshop.panel.options.archives_for_client = True
    ticket = workshop.linked_ticket("ещё")
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    assert workshop.both_sides(ticket).state == "closed"
    assert not [one for one in check_account.hints(workshop.context) if one.topic == "archive"]


@pytest.mark.parametrize("assigned", [True, False])
def test_what_the_client_writes_while_it_is_archived_opens_both_sides(make_workshop: Make, assigned: bool) -> None:
    """Before the call and in the middle of it."""
    workshop = archiving(make_workshop, archives_assigned=assigned)
    panel = workshop.context.panel
    archive = panel.archive
    for order in ("before", "after"):
        ticket = workshop.linked_ticket(order)

        def raced(number: int, client: str, *, order: str = order) -> None:
            del panel.archive
            if order == "before":
                workshop.panel.client_writes(workshop.ivan.user, number, "Постойте")
            archive(number, client)
            if order == "after":
                workshop.panel.client_writes(workshop.ivan.user, number, "Постойте")

        panel.archive = raced  # type: ignore[method-assign, assignment]
        workshop.agent_sets(ticket, "closed")
        workshop.settle()
        sides = workshop.assert_equal(ticket)
        assert (sides.state, sides.status) == ("open", "open"), order


def test_a_run_that_dies_after_archiving_goes_on_with_what_it_did(make_workshop: Make) -> None:
    workshop = archiving(make_workshop)
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "closed")
    workshop.panel.faults.die_after_commit("clientticket.archive")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("closed", "closed")
    assert workshop.deeds(ticket) == []
