"""A panel whose table of internal notes is not the one that is expected: everything else is synchronised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from omnidesk.health.check_connection import check
from omnidesk.worker import discovery
from tests.support.workshop import Workshop

AWAY = {
    "no table": ("RENAME TABLE ticket_note TO notes_elsewhere", "RENAME TABLE notes_elsewhere TO ticket_note"),
    "no column": (
        "ALTER TABLE ticket_note CHANGE date_post posted DATETIME NOT NULL",
        "ALTER TABLE ticket_note CHANGE posted date_post DATETIME NOT NULL",
    ),
}


@contextmanager
def without_notes(workshop: Workshop, how: str) -> Iterator[None]:
    """The panel's table of notes is another one meanwhile; the module starts anew at both ends."""
    workshop.panel.execute(AWAY[how][0])
    workshop.restart()
    try:
        yield
    finally:
        workshop.panel.execute(AWAY[how][1])
        workshop.restart()


@pytest.mark.parametrize("how", AWAY)
def test_a_panel_without_notes_is_synchronised_from_the_first_run_on(workshop: Workshop, how: str) -> None:
    with without_notes(workshop, how):
        ticket = workshop.new_ticket("раз")
        report = workshop.sync()
        assert (report.paused, report.failed) == (None, 0)
        workshop.client_writes(ticket, "два")
        workshop.hook = False
        workshop.client_writes(ticket, "три")  # no event: found by the scan
        workshop.tick(100)
        workshop.agent_replies(ticket, "ответ", status="waiting")
        workshop.settle()
        assert [one.text for one in workshop.panel.messages(ticket)] == ["раз", "два", "три", "ответ"]
        assert discovery.failing(workshop.context.state) == []
    workshop.assert_equal(ticket, in_order=False)


def test_a_note_of_an_agent_waits_alone_and_is_never_written_twice(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("раз")
    with without_notes(workshop, "no table"):
        workshop.agent_notes(ticket, "заметка")
        workshop.agent_replies(ticket, "ответ")
        workshop.settle()
        (refused,) = workshop.message_links(ticket, "refused")
        assert refused.error is not None and "ticket_note" in str(refused.error)
        assert workshop.panel.messages(ticket)[-1].text == "ответ"
    workshop.context.queue.retry(ticket)
    workshop.settle()
    assert [one.text for one in workshop.panel.notes(ticket)] == ["заметка"]
    assert not workshop.message_links(ticket, "intent", "refused")


def test_notes_that_came_meanwhile_go_over_once_the_table_is_there(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("раз")
    workshop.panel.employee_notes(workshop.boris, ticket, "до")
    workshop.settle()
    workshop.panel.execute(AWAY["no column"][0])
    workshop.restart()
    workshop.sync()
    workshop.panel.execute(AWAY["no column"][1])
    workshop.hook = False
    workshop.panel.employee_notes(workshop.boris, ticket, "после")
    workshop.settle()  # by the same process, which looks again with each pass
    workshop.assert_equal(ticket)


def test_check_connection_says_that_notes_are_left_out(workshop: Workshop) -> None:
    Path(workshop.paths.settings).write_text("", encoding="utf-8")  # only looked at: the settings are there already
    with without_notes(workshop, "no table"):
        found = [one for one in check(workshop.context) if one.topic == "notes"]
        assert [(one.level, "ticket_note" in one.said.full("ru")) for one in found] == [("warning", True)]
        workshop.restart(sync_notes=False)
        assert not [one for one in check(workshop.context) if one.topic == "notes"]
    assert not [one for one in check(workshop.context) if one.topic == "notes"]
