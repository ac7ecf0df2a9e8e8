"""Where the module begins, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.billmanager.reader import Reader
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


def old_ticket(workshop: Workshop, *texts: str) -> int:
    """A ticket from before the module, without any event."""
    workshop.hook = False
    ticket = workshop.new_ticket(texts[0], created=workshop.moment(ago=100 * DAY))
    for number, text in enumerate(texts[1:], 1):
        workshop.panel.client_writes(
            workshop.ivan.user, ticket, text, created=workshop.moment(ago=(100 - number) * DAY)
        )
    workshop.hook = True
    return ticket


def test_old_tickets_are_left_alone_until_they_are_touched(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, "давно", "недавно")
    workshop.settle()
    workshop.tick(3600)
    workshop.settle()
    assert not workshop.desk.cases
    assert not workshop.case(ticket)


def test_a_touched_old_ticket_goes_over_whole_oldest_first_with_its_dates(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, "раз", "два", "три")
    workshop.settle()
    workshop.client_writes(ticket, "сегодня")
    workshop.settle()
    workshop.assert_equal(ticket)
    there = workshop.desk.messages(workshop.case(ticket))
    assert [message.content for message in there] == ["раз", "два", "три", "сегодня"]
    ages = [round((workshop.clock() - message.created_at) / DAY) for message in there]
    assert ages == [100, 99, 98, 0]
    assert round((workshop.clock() - workshop.desk.cases[workshop.case(ticket)].created_at) / DAY) == 100


def test_an_event_before_the_baseline_is_processed(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("раз")
    workshop.tick(3600)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_message_without_an_event_after_the_baseline_is_found(workshop: Workshop) -> None:
    workshop.settle()
    workshop.hook = False
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_archiving_or_reassigning_old_tickets_transfers_nothing_until_somebody_writes(workshop: Workshop) -> None:
    tickets = [old_ticket(workshop, f"давно {number}") for number in range(100)]
    workshop.settle()
    for number, ticket in enumerate(tickets):
        if number % 2:
            workshop.panel.client_archives(ticket)
        else:
            workshop.panel.execute("DELETE FROM ticket2user WHERE ticket = %s", ticket)
        workshop.make_due(ticket)
    workshop.settle()
    assert not workshop.desk.cases
    assert workshop.context.holds.counts() == {}
    workshop.client_writes(tickets[1], "снова")
    workshop.settle()
    workshop.assert_equal(tickets[1])
    assert len(workshop.desk.cases) == 1


def test_an_old_archived_ticket_that_was_asked_for_opens_no_open_case(workshop: Workshop) -> None:
    ticket = old_ticket(workshop, "давно")
    workshop.hook = False
    workshop.panel.client_archives(ticket)
    workshop.settle()
    workshop.context.links.ensure_ticket(ticket)
    workshop.context.links.history_requested(ticket)
    workshop.make_due(ticket)
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].status == "closed"


def test_only_chosen_departments_are_synchronised(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("Отдел оплаты",))
    ours = workshop.new_ticket("счёт", department=workshop.billing)
    theirs = workshop.new_ticket("сервер", department=workshop.support)
    workshop.settle()
    workshop.assert_equal(ours)
    assert not workshop.case(theirs)
    assert len(workshop.desk.cases) == 1


def test_a_ticket_moved_into_a_chosen_department_goes_over_whole(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("billing-not-there", "Отдел оплаты"))
    ticket = workshop.new_ticket("раз", department=workshop.support)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert not workshop.case(ticket)
    workshop.panel.reassign(ticket, f"d_{workshop.billing}", workshop.anna)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_linked_ticket_moved_out_of_the_departments_goes_on(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("Отдел оплаты",))
    ticket = workshop.linked_ticket("раз", department=workshop.billing)
    workshop.panel.execute("UPDATE ticket SET responsible = %s WHERE id = %s", workshop.support, ticket)
    workshop.panel.execute("UPDATE ticket2user SET user = %s WHERE ticket = %s", workshop.support, ticket)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.assert_equal(ticket)


def test_an_employee_who_took_a_departments_ticket_does_not_take_it_out_of_the_department(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("Отдел оплаты",))
    ticket = workshop.new_ticket("раз", department=workshop.billing)
    workshop.panel.employee_takes(workshop.anna, ticket)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_a_department_nobody_has_means_none_not_all(make_workshop: Make) -> None:
    workshop = make_workshop(departments=("нет такого",))
    workshop.new_ticket("раз")
    workshop.settle()
    assert not workshop.desk.cases


def test_an_old_ticket_with_very_many_messages_goes_over_when_somebody_writes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages are read some at a time; the new one is not among the first of them."""
    for place in ("billmanager.reader", "sync.observe"):
        monkeypatch.setattr(f"omnidesk.{place}.BATCH", 3)
    monkeypatch.setattr(Reader.unlinked_messages, "__defaults__", (3,))
    ticket = old_ticket(workshop, *(str(number) for number in range(7)))
    workshop.settle()
    workshop.client_writes(ticket, "сегодня")
    workshop.settle()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("known", ["Отдел оплаты", "отдел ОПЛАТЫ", "billing", "number"])
def test_a_department_is_known_by_number_name_and_login(make_workshop: Make, known: str) -> None:
    workshop = make_workshop()
    name = str(workshop.billing) if known == "number" else known
    workshop.restart(departments=(name,))
    assert workshop.context.departments == {workshop.billing}
