"""What the random schedules have found, each as the shortest story that fails without its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omnidesk.core.errors import TryLater
from omnidesk.core.tables import STATE
from omnidesk.store import queue
from omnidesk.store.links import Links
from sandbox.mariadb import MariaDB
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.stateful.play import Play
from tests.stateful.resting import rest
from tests.stateful.stage import Stage
from tests.support.workshop import Workshop


@pytest.fixture
def play(mariadb: MariaDB, tmp_path: Path) -> Iterator[Play]:
    """Both sides, and a module that has made its first pass."""
    stage = Stage(mariadb, tmp_path)
    stage.run_pass()
    yield Play(stage)
    stage.close()


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


def test_a_commit_that_is_refused_leaves_no_transaction_open(play: Play) -> None:
    """All that came after it saw the past, and was undone when the process ended."""
    play.client_creates(0, "Помогите", "раз", "lost")
    play.stage.sql.shoot("lock_wait", "COMMIT", 0)
    play.sync(force=True)
    assert play.stage.met["sql lock_wait"] == 1
    play.client_writes(0, False, "два", "lost")
    rest(play)


@pytest.mark.parametrize("ahead", [3700, 9 * 3600])
def test_a_ticket_put_off_before_the_clock_was_set_back_is_taken_up_soon(workshop: Workshop, ahead: int) -> None:
    """It does not wait until the wrong time comes."""
    ticket = workshop.linked_ticket()
    workshop.restart_clock(ahead)
    workshop.desk.faults.server_error(502, on="POST /api/cases/*", times=None)
    workshop.client_writes(ticket, "два")
    workshop.sync()
    workshop.desk.faults.clear()
    workshop.restart_clock(0)
    workshop.tick(900)
    workshop.sync()
    workshop.tick(60)
    workshop.sync()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("ahead", [-9 * 3600, -3700, 3700, 9 * 3600])
@pytest.mark.parametrize("then", ["set right", "left wrong"])
def test_a_case_made_while_the_hosts_clock_was_wrong_is_adopted(play: Play, ahead: int, then: str) -> None:
    """Its answer was lost, and its hour by Omnidesk's clock is not the one that was written down."""
    play.stage.jump(ahead)
    play.stage.desk.faults.drop_after("POST /api/cases.json")
    play.client_creates(0, "Помогите", "раз", "arrives")
    play.sync(force=False)
    if then == "left wrong":
        play.time_passes(30)
        play.sync(force=False)
    rest(play)
    assert len(play.stage.desk.cases) == 1


@pytest.mark.parametrize("kind", ["lock_wait", "lost"])
def test_a_pause_that_cannot_be_remembered_is_a_pause_all_the_same(play: Play, kind: str) -> None:
    """The database fails just when the account's refusal is to be written down: the pass ends as told, not by error."""
    play.stage.desk.faults.key_revoked = True
    play.client_creates(0, "Помогите", "раз", "arrives")
    play.stage.sql.shoot(kind, f"REPLACE INTO {STATE} (name, value, updated_at) VALUES ('paused',", 0)
    report = play.stage.run_pass(force=False)
    assert play.stage.met[f"sql {kind}"] == 1
    assert report.paused is not None
    assert report.paused.type == "omnidesk_key"
    rest(play)


@pytest.mark.parametrize("known", [True, False], ids=["its clock known", "its clock unknown"])
def test_a_message_dated_by_a_clock_that_was_ahead_hides_no_answer(play: Play, known: bool) -> None:
    """A message two hours old of a host nine hours ahead is one of Omnidesk's future."""
    play.stage.jump(9 * 3600)
    play.client_creates(0, "Помогите", "раз", "lost")
    play.sync(force=True)
    play.employee_replies(0, 0, "два", True, "arrives" if not known else "lost")
    play.time_passes(7200)
    if not known:
        play.stage.restart()
        play.stage.context.state.put("poll_done", 1)
    play.sync(force=known)
    rest(play)
    play.agent_replies(0, 1, "три", None, "lost")
    rest(play)


@pytest.mark.parametrize("way", ["trash", "spam"])
def test_a_case_found_away_while_it_is_opened_takes_nothing_more(
    make_workshop: Callable[..., Workshop], way: str
) -> None:
    """The call that reopens it shows that it lies there; the account would take the message all the same."""
    desk = DeskSettings(spam_blocks_user=False, trash_accepts_messages=True, client_message_reopens=False)
    workshop = make_workshop(desk=desk)
    ticket = workshop.linked_ticket()
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    first = workshop.case(ticket)
    getattr(workshop.desk, way)(first)
    workshop.client_writes(ticket, "Вы тут?")
    workshop.run_pass(force=False)
    workshop.settle()
    assert [one.content for one in workshop.desk.messages(first)] == ["Сайт не открывается"]
    assert [one.content for one in workshop.desk.messages(workshop.case(ticket))] == ["Вы тут?"]


def test_a_mail_that_an_agent_has_answered_opens_nothing(make_workshop: Callable[..., Workshop]) -> None:
    """The webhook of the answer comes before any poll: the case is still known as our own reply left it."""
    workshop = make_workshop(desk=DeskSettings(staff_reply_sets_waiting=True))
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "сделано", True)
    workshop.settle()
    workshop.tick(3)
    workshop.desk.client_message(workshop.case(ticket), "почтой: а это?")
    workshop.tick(3)
    workshop.agent_replies(ticket, "и это тоже")
    workshop.deliver_webhooks()
    workshop.run_pass(force=False)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"


@pytest.mark.parametrize("failure", [TryLater("database_busy", "1213", "deadlock"), KeyError("a mistake of ours")])
def test_a_message_whose_result_could_not_be_recorded_is_found_behind_a_note(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """A note that went over meanwhile would hide it: it is looked for among what is newer than all that is known."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "сделано", False)
    workshop.panel.employee_notes(workshop.boris, ticket, "между нами")
    record, failures = Links.message_sent, [failure]

    def once(links: Links, *given: Any, **more: Any) -> Any:
        if failures:
            raise failures.pop()
        return record(links, *given, **more)

    monkeypatch.setattr(Links, "message_sent", once)
    workshop.run_pass()
    assert not failures
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["сделано"]


def test_of_two_tickets_that_begin_alike_each_adopts_its_own_case(
    make_workshop: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both answers were lost, and one of the cases is in the trash when they are looked for."""
    workshop = make_workshop()
    monkeypatch.setattr(queue, "pause", lambda attempts: 60.0)  # neither is tried again before
    workshop.desk.faults.server_error(500, committed=True, on="POST /api/cases.json", times=2)
    first = workshop.new_ticket("привет", "Первая тема")
    workshop.run_pass()
    second = workshop.new_ticket("привет", "Вторая тема")
    workshop.run_pass()
    trashed, other = sorted(workshop.desk.cases)
    workshop.desk.trash(trashed)
    workshop.tick(600)
    workshop.settle()
    assert workshop.case(second) == other
    assert workshop.desk.cases[workshop.case(first)].subject == "Первая тема"
    assert len(workshop.desk.cases) == 3


@pytest.mark.parametrize("transition", ["ticket_ended", "ticket_left"])
def test_a_note_that_ends_a_ticket_is_not_written_twice_when_that_cannot_be_recorded(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, transition: str
) -> None:
    """The panel has taken it; then the database is busy."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    workshop.desk.agent_note(workshop.case(ticket), workshop.anna_staff, html="<p>между нами</p>")
    record, failures = getattr(Links, transition), [TryLater("database_busy", "1213", "deadlock")]

    def busy(links: Links, *given: int) -> None:
        if failures and workshop.panel.notes(ticket):
            raise failures.pop()
        record(links, *given)

    monkeypatch.setattr(Links, transition, busy)
    workshop.settle()
    assert not failures
    assert [one.text for one in workshop.panel.notes(ticket)] == ["между нами"]
    assert len([one for one in workshop.desk.messages(workshop.case(ticket)) if one.note]) == 1


def test_a_reply_after_an_ending_that_is_in_the_case_already_opens_both(workshop: Workshop) -> None:
    """The case could not be read when the ticket was ended, so its status went over and nothing else."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "сделано", False)
    workshop.settle()
    workshop.tick(600)
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.agent_replies(ticket, "проверьте")
    workshop.desk.faults.server_error(on="GET *messages*")
    workshop.run_pass()
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"
    workshop.panel.employee_replies(workshop.anna, ticket, "и ещё вопрос", False)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "open"
    assert workshop.desk.cases[workshop.case(ticket)].status == "open"


def test_who_takes_a_ticket_after_the_panel_refused_us_has_taken_it_himself(workshop: Workshop) -> None:
    """It was to be taken for a reply that leaves it as it is, ended."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "сделано", True)
    workshop.settle()
    workshop.tick(600)
    workshop.agent_replies(ticket, "и это тоже")
    rule = workshop.panel.faults.fail("value", "elid", "x", "ticket_all.edit", None)
    workshop.run_pass()
    rule.lift()
    workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "open"
    assert workshop.desk.cases[workshop.case(ticket)].status == "open"
