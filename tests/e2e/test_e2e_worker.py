"""A worker that ends, in whatever way, and the next one."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.e2e.live import Live, end

SENDING = "POST /api/cases/*/messages.json"


@pytest.mark.parametrize("commit", ["never", "first", "late"])
def test_a_worker_killed_while_it_sends_doubles_and_loses_nothing(make_live: Callable[..., Live], commit: str) -> None:
    """Omnidesk hangs, the worker is killed, the message may be there or not: the next event finds out."""
    live = make_live({"SettleSeconds": "1"})
    one = live.ticket()
    live.desk.faults.hang(commit, on=SENDING)
    live.client_writes(one, "Sent into the dark")
    live.until("the call hangs", lambda: live.desk.faults.fired, every=0.02)
    first = live.worker()
    assert end(first, signal.SIGKILL)
    live.desk.faults.release()
    live.client_writes(one, "And another")
    live.equal(one)
    live.watch.settled()
    assert live.texts(one) == ["My site is down", "Sent into the dark", "And another"]
    assert live.worker() != first


def test_the_timer_goes_on_where_a_killed_worker_stopped(make_live: Callable[..., Live]) -> None:
    """No event comes any more; cron's line finds the intent and the message."""
    live = make_live({"SettleSeconds": "0", "LingerSeconds": "0"})
    one = live.ticket()
    live.desk.faults.hang("first", on=SENDING)
    live.client_writes(one, "Sent into the dark")
    live.until("the call hangs", lambda: live.desk.faults.fired, every=0.02)
    assert end(live.worker(), signal.SIGKILL)
    live.desk.faults.release()
    live.cron()
    live.watch.settled()
    assert live.differences(one) == []
    assert live.texts(one) == ["My site is down", "Sent into the dark"]


def test_a_worker_killed_while_the_panel_works_does_not_double_the_reply(make_live: Callable[..., Live]) -> None:
    """The panel does what it was asked although nobody waits for its answer any more."""
    live = make_live({"SettleSeconds": "1"})
    one = live.ticket()
    stuck = live.panel.faults.hang("ticket.edit")
    live.reply(one, "It works again")
    assert stuck.struck.wait(60)
    first = next(pid for pid in live.pids_at_work() if pid in live.workers())
    assert end(first, signal.SIGKILL)
    stuck.lift()
    live.until("the panel has done it", lambda: len(live.panel.messages(one.ticket)) == 2)
    live.client_writes(one, "Thank you")
    live.equal(one)
    live.watch.settled()
    assert live.ticket_texts(one) == ["My site is down", "It works again", "Thank you"]
    assert live.texts(one) == live.ticket_texts(one)


def test_a_new_case_is_not_made_twice_when_the_worker_is_killed_while_it_makes_it(
    make_live: Callable[..., Live],
) -> None:
    """The case is there and its id was never told."""
    live = make_live({"SettleSeconds": "1"})
    live.desk.faults.hang("first", on="POST /api/cases.json")
    ticket = live.panel.client_creates_ticket(live.ivan, "Help", "First words")
    live.until("the call hangs", lambda: live.desk.faults.fired, every=0.02)
    assert end(live.worker(), signal.SIGKILL)
    live.desk.faults.release()
    live.panel.client_writes(live.ivan, ticket, "Second words")
    live.until("both messages", lambda: any(len(live.desk.messages(case)) == 2 for case in live.desk.cases))
    live.watch.settled()
    assert len(live.desk.cases) == 1


def test_sigterm_ends_a_lingering_worker_and_the_next_event_starts_another(live: Live) -> None:
    """An update or a shutdown does not have to wait for the lingering."""
    one = live.ticket()
    first = live.worker()
    assert end(first, signal.SIGTERM)
    live.client_writes(one, "Somebody there?")
    live.equal(one)
    assert live.worker() != first
    assert live.problems() == []


def test_sigterm_in_the_middle_of_a_call_lets_it_finish(live: Live) -> None:
    """What has been begun is finished and noted, then the worker leaves."""
    one = live.ticket()
    live.desk.faults.delay(1.0, on=SENDING)
    live.client_writes(one, "Slow one")
    live.until("the call is under way", lambda: live.desk.faults.fired, every=0.02)
    assert end(live.worker(), signal.SIGTERM)
    assert live.differences(one) == []
    live.cron()
    live.watch.settled()
    assert live.texts(one) == ["My site is down", "Slow one"]
    assert live.desk.calls_count(SENDING) == 1


def test_a_worker_leaves_by_itself_when_nothing_comes(make_live: Callable[..., Live]) -> None:
    """After LingerSeconds there is no process of the module any more, and the next event starts one."""
    live = make_live({"LingerSeconds": "0"})
    one = live.ticket()
    live.workers_gone()
    live.reply(one, "Still reachable")
    live.equal(one)


def test_settings_that_change_are_in_force_for_the_lingering_worker(live: Live) -> None:
    """SyncNotes is switched off; the worker that runs already obeys."""
    one = live.ticket()
    worker = live.worker()
    live.world.write_settings(SyncNotes="off")
    live.desk.agent_note(one.case, live.staff, text="Stays in Omnidesk")
    live.reply(one, "Goes over")
    live.until("the reply", lambda: len(live.panel.messages(one.ticket)) == 2)
    live.watch.settled()
    assert live.panel.notes(one.ticket) == []
    assert live.worker() == worker


def test_settings_that_break_end_the_worker_and_work_goes_on_when_they_are_mended(live: Live) -> None:
    """Events that came meanwhile are not lost; the log says what is wrong."""
    one = live.ticket()
    live.world.write_settings(OmnideskEmail="nobody")
    live.client_writes(one, "In between")
    live.workers_gone()
    assert "OmnideskEmail: an e-mail address is expected" in live.world.log()
    live.world.write_settings()
    live.client_writes(one, "Afterwards")
    live.equal(one)
    assert live.texts(one) == ["My site is down", "In between", "Afterwards"]
