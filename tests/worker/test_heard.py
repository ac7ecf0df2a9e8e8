"""When either side was heard last, and what a pass that heard nobody says of a pause."""

from __future__ import annotations

from omnidesk.health.overview import look
from omnidesk.hooks import spool
from omnidesk.panel_ui import names
from tests.support.workshop import Workshop


def heard(workshop: Workshop) -> tuple[float | None, float | None]:
    seen = look(workshop.context)
    return seen.webhook, seen.event


def test_nothing_was_heard_of_a_fresh_installation(workshop: Workshop) -> None:
    workshop.sync()
    assert heard(workshop) == (None, None)


def test_an_event_and_a_webhook_are_remembered_with_their_times(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    webhook, event = heard(workshop)
    assert webhook is None
    assert event is not None
    assert event < 60
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.sync()
    webhook, _ = heard(workshop)
    assert webhook is not None
    workshop.tick(3600)
    workshop.sync()
    later = heard(workshop)
    assert later[0] is not None
    assert later[0] >= 3600


def test_a_button_of_the_module_is_no_event_of_the_panel(workshop: Workshop) -> None:
    spool.put(workshop.paths.spool, "ticket-1", {"function": names.QUEUE_RETRY})
    workshop.sync()
    assert heard(workshop) == (None, None)


def test_a_pass_that_asks_nobody_leaves_a_pause_as_it_is(workshop: Workshop) -> None:
    workshop.linked_ticket()
    key = workshop.desk.api_key
    workshop.desk.api_key = "another"
    workshop.tick(100)
    assert workshop.run_pass(force=False).paused
    assert look(workshop.context).paused["type"] == "omnidesk_key"
    workshop.context.state.put("poll_done", 1)  # by another process
    workshop.context.state.put("scan_done", 1)
    assert workshop.run_pass(force=False).paused is None
    assert look(workshop.context).paused["type"] == "omnidesk_key"
    workshop.desk.api_key = key
    workshop.tick(100)
    workshop.run_pass(force=False)
    assert look(workshop.context).paused == {}
