"""A failed read taken for a deletion: one source fails, so all that it holds looks absent, and is closed.

Seen by users of bugwarrior (pull request #823); vdirsyncer has a guard of its own against it (StorageEmpty).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
READS = ["GET /api/cases.json", "GET /api/cases/*.json", "GET /api/cases/*/messages.json", "GET /api/staff.json"]
ANSWERS = {
    "nothing": (200, "", "application/json"),
    "an empty list as PHP wrote it": (200, '{"case":[],"message":[]}', "application/json"),
    "no rows": (200, '{"total_count":0}', "application/json"),
    "half an answer": (200, '{"0":{"case":{"case_id":9', "application/json"),
    "rows of another kind": (200, '{"0":{"user":{"user_id":1}}}', "application/json"),
    "an object of another kind": (200, '{"status":"ok"}', "application/json"),
    "a page of a proxy": (200, "<html>login</html>", "text/html"),
    "a page not found": (404, "<html>404</html>", "text/html"),
    "trouble": (502, "<html>502</html>", "text/html"),
    "no access": (403, '{"error":"staff_has_not_access"}', "application/json"),
}

TABLES = ("account", "user", "ticket", "ticket_message", "ticket2user", "ticket_note")


def everything(workshop: Workshop, tickets: list[int]) -> object:
    """What a wrong conclusion could change, on either side and in the links."""
    return (
        [(workshop.both_sides(ticket), workshop.case(ticket), workshop.link(ticket).case_gone) for ticket in tickets],
        sorted(workshop.desk.cases), workshop.posted(),
    )  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_says_nothing_changes_nothing(workshop: Workshop, answer: str) -> None:
    """For hours, to every read there is: no case is closed, unlinked, made anew; no message is sent again."""
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    workshop.agent_replies(tickets[0], "ответ")
    workshop.settle()
    workshop.agent_replies(tickets[0], "ещё не прочитан")
    workshop.deliver_webhooks()
    before = everything(workshop, tickets)
    status, body, kind = ANSWERS[answer]
    for read in READS:
        workshop.desk.faults.answer(status, body, kind, on=read, times=None)
    for _ in range(3):
        for ticket in tickets:
            workshop.context.queue.make_due(ticket, "a test", look_case=True, look_messages=True)
        workshop.sync()
        workshop.tick(1800)
    assert everything(workshop, tickets) == before
    assert workshop.context.queue.next_due() is not None, "what could not be read is still to be read"
    workshop.desk.faults.clear()
    workshop.agent_replies(tickets[1], "и сюда")
    workshop.client_writes(tickets[2], "и туда")
    workshop.settle()
    workshop.assert_all_equal(tickets)


@pytest.mark.parametrize("answer", ["half an answer", "an object of another kind", "a page not found", "no access"])
def test_a_look_that_failed_makes_no_second_case_or_message(workshop: Workshop, answer: str) -> None:
    """What a lost answer left in doubt is looked for; that the look failed does not mean that nothing is there."""
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    ticket = workshop.new_ticket("раз")
    status, body, kind = ANSWERS[answer]
    for _ in range(2):
        workshop.sync()
        for read in READS:
            workshop.desk.faults.answer(status, body, kind, on=read, times=None)
        for _ in range(3):
            workshop.tick(1800)
            workshop.sync()
        there = sum(len(workshop.desk.messages(case)) for case in workshop.desk.cases)
        assert there == len(workshop.panel.messages(ticket))
        workshop.desk.faults.clear()
        workshop.settle()
        workshop.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
        workshop.client_writes(ticket, "два")
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_equal(ticket)
    assert len(workshop.desk.cases) == 1


@pytest.mark.parametrize("body", ["[]", '{"message":[]}', '{"total_count":0}'])
def test_a_thread_without_a_message_is_not_believed(workshop: Workshop, body: str) -> None:
    """A case has at least the words it began with; the reply that the webhook named is still looked for."""
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    workshop.desk.faults.answer(200, body, on="GET /api/cases/*/messages.json", times=2)
    workshop.sync()
    assert workshop.context.queue.next_due() is not None
    workshop.settle()
    assert workshop.clock() < workshop.clock.start + 300, "and soon"
    workshop.assert_equal(ticket)


@pytest.mark.parametrize("table", ["ticket", "ticket2user"])
def test_tables_that_lost_their_rows_close_no_case(make_workshop: Make, table: str) -> None:
    """A restored backup, another database by mistake, a repair in progress."""
    workshop = make_workshop(mass_change_limit=2)
    tickets = [workshop.linked_ticket(str(number)) for number in range(4)]
    workshop.settle()
    posted = workshop.posted()
    kept = {name: workshop.panel.query(f"SELECT * FROM {name}") for name in TABLES}
    workshop.panel.execute(f"DELETE FROM {table}")  # and what hangs on it
    workshop.restart()
    for _ in range(3):
        for ticket in tickets if table == "ticket" else ():
            workshop.make_due(ticket)
        workshop.sync()
        workshop.tick(600)
    assert {case.status for case in workshop.desk.cases.values()} == {"open"}
    assert workshop.posted() == posted and len(workshop.desk.cases) == 4
    for name, rows in kept.items():
        for row in rows:
            columns = ", ".join(f"`{column}`" for column in row)
            marks = ", ".join(["%s"] * len(row))
            same = ", ".join(f"`{column}` = VALUES(`{column}`)" for column in row)
            sql = f"INSERT INTO {name} ({columns}) VALUES ({marks}) ON DUPLICATE KEY UPDATE {same}"
            workshop.panel.execute(sql, *row.values())
    workshop.restart()
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_database_that_is_away_is_no_empty_one(workshop: Workshop) -> None:
    """Every statement fails: the run pauses; nothing was concluded."""
    tickets = [workshop.linked_ticket(str(number)) for number in range(3)]
    before = everything(workshop, tickets)
    config = workshop.root / "etc" / "billmgr.conf.d" / "db.conf"
    text = config.read_text()
    config.write_text(text.replace(workshop.mariadb.socket, "/nowhere.sock"))
    workshop.restart()
    with pytest.raises(Exception, match="database"):
        workshop.context.reader.ticket(tickets[0])
    config.write_text(text)
    workshop.restart()
    workshop.settle()
    assert everything(workshop, tickets) == before
