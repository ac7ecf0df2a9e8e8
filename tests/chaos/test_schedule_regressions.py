"""What the random schedules have found, each as the shortest story that fails without its cure."""

from __future__ import annotations

import pytest

from tests.support.workshop import Workshop


@pytest.mark.parametrize("number", ["1290", "1213", "1205", "1040"])
def test_a_panel_whose_database_refuses_for_now_costs_no_reply_its_place(workshop: Workshop, number: str) -> None:
    """Such a refusal says nothing against the text: the reply is tried again until it goes, and before later ones."""
    ticket = workshop.linked_ticket()
    refusing = workshop.panel.faults.fail("db", number, "not now", lambda request: request.via == "mgrctl")
    workshop.agent_replies(ticket, "раз")
    for _ in range(5):
        workshop.sync()
        workshop.tick(900)
    refusing.lift()
    workshop.agent_replies(ticket, "два")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["раз", "два"]
