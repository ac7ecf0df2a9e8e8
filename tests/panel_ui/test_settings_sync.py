"""The switch Sync: off, nothing travels and nothing is asked; on again, nothing was lost."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from omnidesk.cli import status, sync
from omnidesk.context import Context
from omnidesk.core.logs import start
from omnidesk.hooks import spool
from omnidesk.wording.arguments import Arguments
from omnidesk.worker.main_loop import Worker
from omnidesk.worker.one_pass import SWITCHED_OFF
from tests.support.workshop import Workshop


def switch(workshop: Workshop, on: bool) -> None:
    workshop.context.settings = dataclasses.replace(workshop.context.settings, sync=on)


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    workshop.context.state.remove(SWITCHED_OFF)
    start(workshop.paths)
    return workshop


def log(workshop: Workshop) -> str:
    return Path(workshop.paths.log).read_text(encoding="utf-8")


def test_off_nothing_is_asked_or_changed_and_nothing_is_lost(desk: Workshop) -> None:
    """An event, a message without an event, and a reply without a webhook: all of it goes over later."""
    first = desk.linked_ticket()
    switch(desk, on=False)
    announced = desk.new_ticket("While it is off", user=desk.petra.user)
    desk.hook = False
    desk.client_writes(first, "Without an event")
    desk.agent_replies(first, "Without a webhook")
    calls, requests = len(desk.desk.calls), len(desk.panel.requests)
    for _ in range(3):
        report = desk.run_pass()
        assert report.off and not report.tried and report.paused is None
        desk.tick(120)
    assert (len(desk.desk.calls), len(desk.panel.requests)) == (calls, requests)
    assert not desk.spooled(), "events are in the queue, not lying about"
    switch(desk, on=True)
    desk.settle()
    desk.assert_all_equal([first, announced], in_order=False)  # both wrote at once


def test_it_is_told_once_and_in_status(desk: Workshop) -> None:
    switch(desk, on=False)
    for _ in range(3):
        desk.run_pass()
    assert log(desk).count("synchronisation is switched off") == 1
    answer = status.status(desk.context, Arguments())
    assert any("switched off" in line for line in answer.text())
    assert ("switched_off", {}, "") in answer.elements
    switch(desk, on=True)
    for _ in range(2):
        desk.run_pass()
    assert log(desk).count("switched on again") == 1
    assert not any("switched off" in line for line in status.status(desk.context, Arguments()).text())


def test_the_command_sync_says_so(desk: Workshop) -> None:
    switch(desk, on=False)
    context = desk.context

    def make() -> Context:
        return dataclasses.replace(context)

    answer = sync.sync(desk.paths, make, Arguments(), stay=False, tell=lambda text: None)
    assert answer.failed is None and "switched off" in answer.text()[0]


def test_a_worker_that_stays_does_not_spin(desk: Workshop) -> None:
    """Tickets that are due stay due; the worker looks again when the settings' interval is over, not at once."""
    switch(desk, on=False)
    ticket = desk.new_ticket()

    class Never:
        pipe = -1

        def __call__(self) -> bool:
            return False

    worker = Worker(desk.paths, lambda: desk.context, Never())  # type: ignore[arg-type]
    report = worker._pass(desk.locks)
    assert report.off and report.events and report.rest == desk.context.settings.poll_seconds
    assert ticket in desk.context.queue.due()


def test_an_event_for_a_scan_is_not_forgotten(desk: Workshop) -> None:
    desk.sync()
    switch(desk, on=False)
    spool.put(desk.paths.spool, "scan", {})
    desk.run_pass(force=False)
    switch(desk, on=True)
    desk.hook = False
    ticket = desk.new_ticket("Only a scan finds this")
    desk.run_pass(force=False)
    assert desk.context.links.ticket(ticket).has_case
