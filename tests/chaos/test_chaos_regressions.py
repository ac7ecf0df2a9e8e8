"""What `make chaos` has found, each as the shortest story that fails without its cure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.mark.parametrize(("first", "then", "state"), [("open", "closed", "waiting"), ("closed", "open", "open")])
def test_a_status_noted_by_a_poll_that_died_before_it_made_the_ticket_due_goes_over(
    make_workshop: Make, first: str, then: str, state: str
) -> None:
    """The poll took down what the case says, then died; the next one took the case for dealt with."""
    crashes = Crashes(each=True)
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.linked_ticket()
        if first != "open":
            workshop.agent_sets(ticket, first)
            workshop.settle()
        workshop.agent_sets(ticket, then)
        died = crashes.run(workshop, at)
        workshop.settle()
        assert workshop.panel.ticket_state(ticket).state == state, f"died {died}"
        assert workshop.desk.cases[workshop.case(ticket)].status == then
        workshop.close()
    assert len(crashes.effects) >= 5


def test_a_case_that_does_not_show_up_is_asked_for_after_any_death(make_workshop: Make) -> None:
    """The poll took the case for asked for, then died before it made the ticket due."""
    crashes = Crashes(each=True)
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.linked_ticket("раз")
        workshop.client_writes(ticket, "два")
        workshop.sync()
        workshop.tick(60)
        case = workshop.desk.cases[workshop.case(ticket)]
        workshop.desk.settings.hidden_cases = frozenset({case.case_id})  # in the trash it is in no list (some accounts)
        workshop.desk.trash(case.case_id)
        workshop.tick(60)
        died = crashes.run(workshop, at)
        workshop.settle()
        assert workshop.link(ticket).case_gone == "trash", f"died {died}"
        workshop.close()


def test_what_went_into_the_trash_goes_again_once_after_any_death(make_workshop: Make) -> None:
    """Nothing shows that the case took the message before it was deleted, so it is taken for unread."""
    crashes = Crashes(each=True)
    for at in crashes:
        workshop = make_workshop()
        ticket = workshop.linked_ticket("раз")
        workshop.client_writes(ticket, "два")
        workshop.sync()
        old = workshop.desk.cases[workshop.case(ticket)]
        old.deleted = True
        old.updated_at = 0
        workshop.tick(60)
        died = crashes.run(workshop, at)
        workshop.settle()
        assert workshop.case(ticket) != old.case_id, f"died {died}"
        assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["два"], f"died {died}"
        workshop.close()
    assert len(crashes.effects) >= 5
