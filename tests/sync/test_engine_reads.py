"""A failed read is not an absence, cursors overlap, and unlikely changes wait for the administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.tables import TICKETS
from omnidesk.helpdesk import client
from omnidesk.sync.reconcile import reconcile
from sandbox.omnidesk.wire import Request
from tests.support.rows import set_ticket
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
BROKEN = ["", "null", "{}", "[1]", '{"case": {}}', '{"0": {"case": null}}', '{"total_count": 3}']
EMPTY = ["[]", '{"case": []}', '{"total_count": 0}']


def snapshot(workshop: Workshop, ticket: int) -> object:
    """Everything a wrong conclusion could change."""
    sides = workshop.both_sides(ticket)
    link = workshop.link(ticket)
    return (sides, workshop.posted(), link.case_id, link.case_gone, len(workshop.desk.cases))


@pytest.mark.parametrize("body", BROKEN + EMPTY)
@pytest.mark.parametrize("path", ["/api/cases.json", "/api/cases/*.json", "/api/cases/*/messages.json"])
def test_an_empty_or_broken_answer_changes_nothing(workshop: Workshop, path: str, body: str) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.settle()
    before = snapshot(workshop, ticket)
    workshop.desk.faults.answer(200, body, on=f"GET {path}", times=None)
    workshop.context.queue.make_due(ticket, "test", look_case=True, look_messages=True)
    for _ in range(2):
        workshop.sync()
        workshop.tick(300)
    assert snapshot(workshop, ticket) == before
    workshop.desk.faults.clear()
    workshop.client_writes(ticket, "три")
    workshop.settle()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("body", ["[]", '{"message": []}', '{"total_count": 0}'])
def test_a_thread_that_seems_empty_is_read_again(workshop: Workshop, body: str) -> None:
    """A case has at least the message it began with: an empty list of them is a failed read."""
    ticket = workshop.linked_ticket("один")
    workshop.agent_replies(ticket, "два")
    workshop.desk.faults.answer(200, body, on="GET /api/cases/*/messages.json", times=2)
    workshop.settle()
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("status", [404, 400, 500, 502, 403])
def test_an_error_page_from_a_proxy_is_not_omnidesks_word_that_a_case_is_gone(workshop: Workshop, status: int) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.desk.faults.answer(status, "<html>404</html>", "text/html", on="* /api/cases/*", times=2)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.cases) == 1


def test_rows_missing_from_the_panels_database_close_nothing(workshop: Workshop) -> None:
    """As with a restored backup: tickets that are not there leave their cases as they are."""
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    workshop.panel.execute("DELETE FROM ticket")
    for ticket in tickets:
        workshop.make_due(ticket)
    workshop.settle()
    assert {case.status for case in workshop.desk.cases.values()} == {"open"}
    assert workshop.posted() == 3


def end_all(workshop: Workshop, tickets: list[int]) -> None:
    workshop.hook = False
    workshop.panel.execute("DELETE FROM ticket2user")


def test_tickets_that_all_ended_at_once_are_held_back(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    end_all(workshop, tickets)
    workshop.settle()
    assert {case.status for case in workshop.desk.cases.values()} == {"open"}
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert {case.status for case in workshop.desk.cases.values()} == {"waiting"}


def test_cases_that_all_ended_at_once_are_held_back(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    for ticket in tickets:
        workshop.agent_sets(ticket, "closed")
    workshop.settle()
    assert {workshop.panel.ticket_state(ticket).state for ticket in tickets} == {"open"}
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert {workshop.panel.ticket_state(ticket).state for ticket in tickets} == {"waiting"}


def test_cases_that_all_vanished_at_once_are_held_back_and_nothing_is_lost(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    other = workshop.desk.client_case("somebody@example.com", "Другое", "другое")
    workshop.tick()
    for ticket in tickets:
        workshop.desk.merge(workshop.case(ticket), other.case_id)
    workshop.sync()
    assert {workshop.link(ticket).case_gone for ticket in tickets} == {""}


def test_live_work_goes_on_while_a_mass_change_is_held_back(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    for ticket in tickets[1:]:
        workshop.agent_sets(ticket, "closed")
    workshop.sync()
    workshop.client_writes(tickets[0], "живой")
    workshop.agent_replies(tickets[0], "ответ")
    workshop.settle()
    workshop.assert_equal(tickets[0], in_order=False)


def test_a_few_changes_pass_the_guard(make_workshop: Make) -> None:
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    for ticket in tickets[:2]:
        workshop.agent_sets(ticket, "closed")
    workshop.settle()
    assert [workshop.panel.ticket_state(ticket).state for ticket in tickets] == ["waiting", "waiting", "open", "open"]


def test_a_message_committed_late_below_the_cursor_is_found(workshop: Workshop) -> None:
    """Ids are given out before the commit: a lower one may appear after a higher one was seen."""
    first = workshop.linked_ticket("один")
    second = workshop.linked_ticket("другой")
    workshop.hook = False
    late = workshop.client_writes(first, "поздно")
    row = workshop.panel.query("SELECT * FROM ticket_message WHERE id = %s", late)[0]
    workshop.panel.execute("DELETE FROM ticket_message WHERE id = %s", late)
    workshop.client_writes(second, "раньше")
    workshop.settle()
    workshop.tick(30)
    workshop.settle()
    workshop.panel.execute(
        "INSERT INTO ticket_message (id, ticket, user, message, date_post) VALUES (%s, %s, %s, %s, %s)",
        late, first, row["user"], row["message"], row["date_post"],
    )  # fmt: skip
    workshop.settle()
    workshop.assert_all_equal([first, second])


def test_a_mail_that_fires_no_event_is_found_by_the_scan(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.panel.mail_arrives(workshop.ivan.user, ticket, "письмом")
    assert workshop.spooled() == []
    workshop.sync()
    workshop.assert_equal(ticket)


def test_more_changed_cases_than_a_page_are_all_seen(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    tickets = [workshop.linked_ticket(str(number)) for number in range(10)]
    for ticket in tickets:
        workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks(lose=1000)
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_case_that_changes_while_the_list_is_read_hides_no_other(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves to the list's end, and those behind it move up, past the page boundary."""
    monkeypatch.setattr(client, "PAGE", 3)
    tickets = [workshop.linked_ticket(str(number)) for number in range(5)]
    workshop.tick(1000)
    workshop.settle()
    for ticket in tickets:
        workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks(lose=1000)
    workshop.tick(1000)  # more than what the next poll reads again
    polls: list[int] = []

    def second_page(request: Request) -> bool:
        if request.path == "/api/cases.json":
            polls.append(1)
            if len(polls) == 2:
                workshop.desk.agent_reply(workshop.case(tickets[0]), workshop.anna_staff, text="и ещё")
        return False

    workshop.desk.faults.answer(500, on=second_page)
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_short_page_in_the_middle_is_not_the_end(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is counted and not shown, as other integrations have seen."""
    monkeypatch.setattr(client, "PAGE", 3)
    tickets = [workshop.linked_ticket(str(number)) for number in range(5)]
    for ticket in tickets:
        workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks(lose=1000)
    workshop.desk.settings.hidden_cases = frozenset({workshop.case(tickets[1])})
    workshop.settle()
    workshop.assert_all_equal([tickets[0], *tickets[2:]])


def test_a_lower_message_of_the_same_ticket_that_is_committed_late_is_found(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.hook = False
    late = workshop.client_writes(ticket, "поздно")
    row = workshop.panel.query("SELECT * FROM ticket_message WHERE id = %s", late)[0]
    workshop.panel.execute("DELETE FROM ticket_message WHERE id = %s", late)
    workshop.client_writes(ticket, "раньше")
    workshop.settle()
    workshop.tick(3600)  # a transaction that took longer than the overlap of the cursors
    workshop.settle()
    workshop.panel.execute(
        "INSERT INTO ticket_message (id, ticket, user, message, date_post) VALUES (%s, %s, %s, %s, %s)",
        late, ticket, row["user"], row["message"], row["date_post"],
    )  # fmt: skip
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_ticket_that_fails_is_not_announced_at_every_scan(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.hook = False
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.answer(502, on="POST /api/cases/*/messages.json", times=None)
    workshop.run_pass()
    before = workshop.link(ticket).due_seq
    for _ in range(5):
        workshop.run_pass()
    assert workshop.link(ticket).due_seq == before


def test_a_note_is_found_although_its_ticket_is_being_worked_on_for_long(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.hook = False
    workshop.client_writes(ticket, "два")
    workshop.desk.faults.answer(502, on="POST /api/cases/*/messages.json", times=1)
    workshop.run_pass()
    before = workshop.link(ticket).due_seq
    workshop.panel.employee_notes(workshop.boris, ticket, "заметка")
    workshop.run_pass()
    assert workshop.link(ticket).due_seq > before
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_database_restored_from_before_the_baseline_is_gone_on_with(workshop: Workshop) -> None:
    """Its ids are below all cursors."""
    workshop.hook = False
    workshop.panel.execute("ALTER TABLE ticket_message AUTO_INCREMENT = 5000")
    old = workshop.new_ticket("давно", created=workshop.moment(100 * 86400))
    workshop.settle()
    workshop.panel.execute("DELETE FROM ticket_message")
    workshop.panel.execute("ALTER TABLE ticket_message AUTO_INCREMENT = 100")
    workshop.panel.client_writes(workshop.ivan.user, old, "из копии", created=workshop.moment(99 * 86400))
    ticket = workshop.new_ticket("новый")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert not workshop.case(old)


def test_the_late_look_behind_our_own_writes_begins_with_the_newest_and_omits_none(workshop: Workshop) -> None:
    old = workshop.linked_ticket("давно")
    workshop.tick(2 * 86400)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    workshop.settle()
    workshop.context.db.write(f"UPDATE {TICKETS} SET read_at = 0, unread = 1")
    before = len(workshop.desk.calls)

    def read(polls: int) -> list[str]:
        for _ in range(polls):
            workshop.tick(1000)
            workshop.sync()
        return sorted(call.path for call in workshop.desk.calls[before:] if call.path.endswith("/messages.json"))

    paths = [f"/api/cases/{workshop.case(ticket)}/messages.json" for ticket in [old, *tickets]]
    assert read(1) == sorted(paths[2:])
    assert read(3) == sorted(paths)


def test_what_our_write_hid_is_found_after_days_in_which_the_account_refused_every_call(workshop: Workshop) -> None:
    """A client's mail in the second of our own message whose webhook was lost; then two days of 429."""
    ticket = workshop.linked_ticket("раз")
    workshop.tick(60)
    workshop.desk.client_message(workshop.case(ticket), "почтой")
    workshop.deliver_webhooks(lose=1)
    workshop.client_writes(ticket, "два")
    workshop.sync(force=False)  # no poll, so our own message hides the mail
    workshop.desk.faults.rate_limited(None, times=None)
    for _ in range(48):
        workshop.tick(3600)
        workshop.run_pass()
    workshop.desk.faults.clear()
    workshop.settle()
    for _ in range(3):
        workshop.tick(700)
        workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_module_that_was_away_for_years_reads_what_changed_year_by_year(workshop: Workshop) -> None:
    """An account may refuse a time range above a year."""
    ticket = workshop.linked_ticket("раз")
    workshop.run_pass()
    workshop.tick(200 * 86400)
    early = workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="ответ")
    workshop.desk.webhooks.deliver(lambda *_: 200)
    workshop.tick(700 * 86400)
    for _ in range(4):
        workshop.tick(60)
        workshop.sync()
    assert early.created_at < workshop.clock() - 366 * 86400
    workshop.assert_equal(ticket)
    polls = [call for call in workshop.desk.calls if "from_updated_time" in call.query]
    assert [call.status for call in polls if call.status != 200] == []


def test_a_case_being_made_when_the_module_stopped_for_years_is_found(workshop: Workshop) -> None:
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    ticket = workshop.new_ticket("раз")
    workshop.sync(force=False)
    workshop.tick(800 * 86400)
    workshop.settle()
    assert len(workshop.desk.cases) == 1
    workshop.assert_equal(ticket)


def test_a_mail_in_the_second_of_our_own_write_is_read_later(make_workshop: Make) -> None:
    """The case was read in that second, too, and its newest message carries an older date: it was sent late."""
    workshop = make_workshop(call_seconds=0.0)
    ticket = workshop.linked_ticket("раз")
    workshop.settle()
    workshop.hook = False
    workshop.client_writes(ticket, "два")
    workshop.tick(7200)
    workshop.run_pass()
    wrote = workshop.link(ticket).own_write_at
    workshop.clock.now = wrote + 0.4
    set_ticket(workshop.context.db, ticket, look_messages=1)
    reconcile(workshop.context, ticket)
    assert workshop.link(ticket).unread  # once more, later
    workshop.desk.client_message(workshop.case(ticket), "почтой")
    assert workshop.desk.cases[workshop.case(ticket)].updated_at == wrote
    for _ in range(3):
        workshop.tick(700)
        workshop.sync()
    assert [one.text for one in workshop.panel.messages(ticket)] == ["раз", "два", "почтой"]
