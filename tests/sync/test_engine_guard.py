"""Changes that cannot be believed wait for the administrator: all of them, and only they."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.helpdesk import client
from omnidesk.worker import poll as polling
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    return make_workshop(mass_change_limit=2)


@pytest.fixture
def tickets(workshop: Workshop) -> list[int]:
    workshop.sync()  # the baseline
    found = [workshop.linked_ticket(str(number)) for number in range(6)]
    workshop.tick(2000)
    workshop.settle()
    workshop.tick(2000)
    return found


def states(workshop: Workshop, tickets: list[int]) -> list[str]:
    return [workshop.panel.ticket_state(ticket).state for ticket in tickets]


def close_all(workshop: Workshop, tickets: list[int]) -> None:
    for ticket in tickets:
        workshop.desk.set_status(workshop.case(ticket), "closed", workshop.anna_staff)


def passes(workshop: Workshop, number: int = 4) -> None:
    for _ in range(number):
        workshop.tick(1000)
        workshop.settle()


def test_all_pages_of_a_poll_are_judged_together(
    workshop: Workshop, tickets: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page each would be below the limit."""
    monkeypatch.setattr(client, "PAGE", 2)
    close_all(workshop, tickets)
    passes(workshop)
    assert states(workshop, tickets) == ["open"] * 6
    assert workshop.context.holds.counts() == {"cases": 6}


def test_the_share_is_that_of_the_open_tickets(workshop: Workshop, tickets: list[int]) -> None:
    """Hundreds of tickets that ended long ago say nothing about how many of today's may end at once."""
    for ticket in range(100_000, 100_400):  # no number of the other tests
        workshop.context.db.write(
            f"INSERT INTO {TICKETS} (ticket, external_case, ticket_status, case_status, seen_status)"
            " VALUES (%s, %s, 'closed', 'closed', 'closed')",
            ticket, 5_000_000 + ticket,
        )  # fmt: skip
    close_all(workshop, tickets)
    passes(workshop, 2)
    assert workshop.context.holds.counts() == {"cases": 6}


def test_nothing_applies_a_held_change_by_and_by(workshop: Workshop, tickets: list[int]) -> None:
    """Rechecks, questions for cases, answers to our own writes, webhooks: each sees that a case is closed."""
    close_all(workshop, tickets)
    workshop.sync()
    for ticket in tickets[:3]:
        workshop.context.queue.make_due(ticket, "a test", look_case=True, look_messages=True)
    workshop.context.db.write(f"UPDATE {TICKETS} SET unread = 1, unconfirmed = 1")
    passes(workshop, 6)
    assert states(workshop, tickets) == ["open"] * 6
    assert workshop.context.holds.counts() == {"cases": 6}


def test_messages_of_held_tickets_go_over(workshop: Workshop, tickets: list[int]) -> None:
    close_all(workshop, tickets)
    workshop.sync()
    workshop.client_writes(tickets[0], "живой")
    workshop.settle()
    assert "живой" in [line.content for line in workshop.desk.messages(workshop.case(tickets[0]))]
    workshop.desk.agent_reply(workshop.case(tickets[1]), workshop.anna_staff, text="по вебхуку")
    workshop.settle()
    workshop.tick(60)
    workshop.desk.agent_reply(workshop.case(tickets[2]), workshop.anna_staff, text="без вебхука")
    workshop.deliver_webhooks(lose=1000)
    workshop.settle()
    assert [line.text for line in workshop.panel.messages(tickets[1])][-1] == "по вебхуку"
    assert [line.text for line in workshop.panel.messages(tickets[2])][-1] == "без вебхука"


def test_only_the_administrator_or_the_end_of_the_change_ends_the_hold(workshop: Workshop, tickets: list[int]) -> None:
    close_all(workshop, tickets)
    passes(workshop, 1)
    workshop.agent_sets(tickets[0], "open")
    passes(workshop, 1)
    assert workshop.context.holds.counts() == {"cases": 5}, "this one is as it was"
    workshop.agent_sets(tickets[1], "waiting")
    passes(workshop, 1)
    assert workshop.context.holds.counts() == {"cases": 5}, "its end is still one of many"
    for ticket in tickets[2:]:
        workshop.agent_sets(ticket, "open")
    passes(workshop, 2)
    assert workshop.context.holds.counts() == {"cases": 1}
    assert states(workshop, tickets) == ["open"] * 6
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert workshop.context.holds.counts() == {}
    assert states(workshop, tickets) == ["open", "waiting", "open", "open", "open", "open"]


def test_a_few_ends_later_are_not_held_with_the_others(workshop: Workshop, tickets: list[int]) -> None:
    close_all(workshop, tickets[:4])
    passes(workshop, 1)
    workshop.agent_sets(tickets[5], "closed")
    passes(workshop, 1)
    assert states(workshop, tickets)[5] == "waiting"
    assert workshop.context.holds.counts() == {"cases": 4}


def test_a_poll_that_is_cut_off_goes_on_and_is_judged_as_a_whole(
    workshop: Workshop, tickets: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    close_all(workshop, tickets[:5])
    workshop.tick(1)
    workshop.desk.agent_reply(workshop.case(tickets[5]), workshop.anna_staff, text="ответ")
    workshop.deliver_webhooks(lose=1000)
    calls: list[int] = []

    def every_second(request: object) -> bool:
        calls.append(1)
        return len(calls) % 2 == 0

    workshop.desk.faults.answer(502, on=lambda request: request.path == "/api/cases.json" and every_second(request),
                                times=None)  # fmt: skip
    passes(workshop, 8)
    assert workshop.context.holds.counts() == {"cases": 5}
    assert [line.text for line in workshop.panel.messages(tickets[5])][-1] == "ответ"
    assert workshop.context.state.get("poll_part") is None


@pytest.mark.parametrize(
    "damage", [{"ended": [{"case_id": 7, "field_of_another_version": 1}]}, {"key": None}, {"seen": 3}]
)
def test_what_another_version_has_kept_of_a_poll_does_not_stop_the_next(
    workshop: Workshop, tickets: list[int], damage: dict[str, object]
) -> None:
    state = workshop.context.state
    start = state.get("poll_since")
    kept = {"start": start, "key": start, "page": 2, "clock": start, "began": start, "reached": start, "seen": []}
    state.put("poll_part", {**kept, "ended": [], **damage})
    workshop.tick(1)
    workshop.desk.agent_reply(workshop.case(tickets[0]), workshop.anna_staff, text="ответ")
    workshop.deliver_webhooks(lose=1000)
    passes(workshop, 2)
    assert [line.text for line in workshop.panel.messages(tickets[0])][-1] == "ответ"
    assert state.get("poll_part") is None and state.get("failing:poll") is None


def test_a_clock_that_is_years_ahead_for_a_while_leaves_no_gap(workshop: Workshop, tickets: list[int]) -> None:
    workshop.restart_clock(3 * 365 * 86400.0)
    workshop.context.db.write(f"UPDATE {TICKETS} SET unread = 0")  # the recheck would find it as well
    passes(workshop, 1)
    assert workshop.context.state.get("poll_since") <= workshop.clock()
    workshop.tick(60)
    workshop.desk.agent_reply(workshop.case(tickets[0]), workshop.anna_staff, text="ответ")
    workshop.deliver_webhooks(lose=1000)
    workshop.restart_clock(0.0)
    workshop.tick(3600)
    passes(workshop, 3)
    assert [line.text for line in workshop.panel.messages(tickets[0])][-1] == "ответ"


def test_scarce_calls_are_not_used_up_by_one_poll(make_workshop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.omnidesk.settings import Settings

    monkeypatch.setattr(client, "PAGE", 2)
    workshop = make_workshop(desk=Settings(rate_limit=20), call_seconds=0.01)
    found = [workshop.new_ticket(str(number)) for number in range(30)]
    for _ in range(4):
        workshop.settle(limit=100)
        workshop.tick(3600)
    workshop.context.db.write(f"UPDATE {TICKETS} SET unread = 0")
    for ticket in found:
        workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="ответ")
    workshop.deliver_webhooks(lose=1000)
    calls = workshop.calls(workshop.run_pass)
    assert polling.PAGES <= calls.count("GET /api/cases.json") <= 12, "half of the minute's calls are left"
    assert len(calls) > 12
    workshop.settle(limit=100)
    workshop.assert_all_equal(found)


# The panel's side


def test_held_states_are_let_go_when_they_are_as_agreed_again(workshop: Workshop, tickets: list[int]) -> None:
    workshop.hook = False
    rows = workshop.panel.query("SELECT * FROM ticket2user")
    workshop.panel.execute("DELETE FROM ticket2user")
    passes(workshop, 2)
    assert workshop.context.holds.counts() == {"tickets": 6}
    workshop.make_due(tickets[0])
    workshop.agent_replies(tickets[1], "ответ", status="open")
    workshop.settle()
    assert {case.status for case in workshop.desk.cases.values()} == {"open"}
    assert [line.text for line in workshop.panel.messages(tickets[1])][-1] == "ответ"
    for row in rows:
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        if row["ticket"] not in {found["ticket"] for found in workshop.panel.query("SELECT ticket FROM ticket2user")}:
            workshop.panel.execute(f"INSERT INTO ticket2user ({names}) VALUES ({marks})", *row.values())
    passes(workshop, 2)
    assert workshop.context.holds.counts() == {}
    assert {case.status for case in workshop.desk.cases.values()} == {"open"}


def test_held_states_are_applied_when_the_administrator_says_so(workshop: Workshop, tickets: list[int]) -> None:
    workshop.hook = False
    workshop.panel.execute("DELETE FROM ticket2user")
    passes(workshop, 2)
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert {case.status for case in workshop.desk.cases.values()} == {"waiting"}
    assert workshop.context.holds.counts() == {}


# Cases for old tickets


def forget_links(workshop: Workshop) -> None:
    """As after a restore of the module's tables from an old backup, or a hand that emptied them."""
    for table in (TICKETS, MESSAGES):
        workshop.context.db.write(f"DELETE FROM {table}")


def test_lost_links_do_not_make_everything_anew(workshop: Workshop, tickets: list[int]) -> None:
    workshop.tick(10 * DAY)
    workshop.settle()
    forget_links(workshop)
    for ticket in tickets:
        workshop.make_due(ticket)
    passes(workshop, 2)
    assert len(workshop.desk.cases) == 6
    assert workshop.context.holds.counts() == {"new_cases": 6}
    workshop.client_writes(tickets[0], "живой")
    workshop.make_due(tickets[1])
    workshop.settle()
    assert workshop.context.holds.counts() == {"new_cases": 5}
    assert len(workshop.desk.cases) == 7, "somebody wrote in this one"
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert workshop.context.holds.counts() == {}
    assert len(workshop.desk.cases) == 12


def test_a_cursor_that_went_back_does_not_make_everything_anew(workshop: Workshop, tickets: list[int]) -> None:
    workshop.tick(10 * DAY)
    workshop.settle()
    forget_links(workshop)
    for name in ("scan_marks", "announced:messages", "baseline"):
        workshop.context.state.remove(name)
    workshop.context.state.put("scan_marks", [[0, 0, 0, 0]])
    passes(workshop, 2)
    assert len(workshop.desk.cases) == 6
    assert workshop.context.holds.counts() == {"new_cases": 6}


def test_one_after_the_other_is_many_too(workshop: Workshop, tickets: list[int]) -> None:
    workshop.tick(10 * DAY)
    workshop.settle()
    forget_links(workshop)
    rows = workshop.panel.query("SELECT id FROM ticket_message")
    workshop.context.state.put("announced:messages", [row["id"] for row in rows])
    for ticket in tickets:
        workshop.make_due(ticket)
        workshop.settle()
    assert len(workshop.desk.cases) == 6 + 2
    assert workshop.context.holds.counts() == {"new_cases": 4}


@pytest.mark.parametrize("way", ["spool", "scan"])
def test_what_an_outage_leaves_is_not_held(make_workshop: Make, way: str) -> None:
    """However many tickets are new, and also when the worker was away for days."""
    workshop = make_workshop(mass_change_limit=2, hook=way == "spool")
    workshop.sync()
    found = [workshop.new_ticket(f"запрос {number}") for number in range(60)]
    workshop.tick((6 if way == "spool" else 2) * DAY)
    workshop.settle(limit=200)
    assert workshop.context.holds.counts() == {}
    assert all(workshop.case(ticket) for ticket in found)


def test_old_tickets_one_by_one_get_their_cases(workshop: Workshop) -> None:
    """One that came into a department that is synchronised, say."""
    workshop.hook = False
    workshop.sync()
    ticket = workshop.new_ticket("запрос")
    workshop.tick(10 * DAY)
    workshop.context.state.put("announced:messages", [row["id"] for row in workshop.panel.query(
        "SELECT id FROM ticket_message")])  # fmt: skip
    workshop.make_due(ticket)
    workshop.settle()
    assert workshop.case(ticket)
    assert workshop.context.holds.counts() == {}


def test_tickets_of_other_departments_are_not_counted(make_workshop: Make) -> None:
    """They get no case anyway."""
    workshop = make_workshop(mass_change_limit=2, departments=("Отдел оплаты",))
    workshop.sync()
    found = [workshop.new_ticket(str(number), department=workshop.support) for number in range(6)]
    workshop.settle()
    workshop.tick(10 * DAY)
    for ticket in found:
        workshop.make_due(ticket)
    workshop.settle()
    assert workshop.context.holds.counts() == {}
    assert not workshop.desk.cases
