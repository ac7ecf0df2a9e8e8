"""A number of BILLmanager is no identity: what is deleted leaves it to others, after a restart or a partial restore."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.tables import MESSAGES, TICKETS
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def reset(workshop: Workshop, **numbers: int) -> None:
    """What InnoDB does at a restart: a table's next number is the highest one plus one, which was deleted here."""
    for table, number in numbers.items():
        workshop.panel.execute(f"ALTER TABLE {table} AUTO_INCREMENT = {number}")


def delete(workshop: Workshop, ticket: int) -> None:
    """The newest ticket is deleted, and its numbers are free."""
    first = workshop.panel.messages(ticket)[0].id
    workshop.panel.delete_ticket(ticket)
    reset(workshop, ticket=ticket, ticket_message=first)


def delete_message(workshop: Workshop, message: int) -> None:
    workshop.panel.execute("DELETE FROM ticket_message WHERE id = %s", message)
    reset(workshop, ticket_message=message)


def contents(workshop: Workshop, case: int) -> list[str]:
    return [one.content or one.content_html for one in workshop.desk.messages(case)]


def said(workshop: Workshop, ticket: int) -> list[str]:
    return [one.text for one in workshop.panel.messages(ticket)]


def forget_identity(workshop: Workshop) -> None:
    """Links as an older version of the module left them."""
    workshop.panel.execute(f"UPDATE {MESSAGES} SET poster = NULL, posted_wall = NULL, posted_at = NULL")
    workshop.panel.execute(f"UPDATE {TICKETS} SET account = NULL")


@pytest.mark.parametrize("hook", [True, False], ids=["with events", "without events"])
@pytest.mark.parametrize("noticed", [True, False], ids=["deletion noticed", "deletion not noticed"])
@pytest.mark.parametrize("who", ["petra", "ivan"])
def test_a_reused_ticket_number_gets_its_own_case(make_workshop: Make, hook: bool, noticed: bool, who: str) -> None:
    workshop = make_workshop()
    user = {"petra": workshop.petra.user, "ivan": workshop.ivan.user}[who]
    workshop.linked_ticket("раньше")
    ticket = workshop.linked_ticket("Тайна Ивана")
    workshop.client_writes(ticket, "ещё тайна")
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    old = workshop.case(ticket)
    workshop.hook = hook
    delete(workshop, ticket)
    if noticed:
        workshop.make_due(ticket)
        workshop.settle()
    assert workshop.new_ticket("Петра пишет", user=user) == ticket
    before = contents(workshop, old)
    workshop.settle()
    assert workshop.case(ticket) not in (0, old)
    assert contents(workshop, old) == before, "the former ticket's case is left alone"
    assert contents(workshop, workshop.case(ticket)) == ["Петра пишет"]
    owner = workshop.desk.users[workshop.desk.cases[workshop.case(ticket)].user_id]
    assert owner.identity == str(user)
    workshop.agent_replies(ticket, "ответ")
    workshop.desk.agent_reply(old, workshop.anna_staff, text="ответ в старое")
    workshop.settle()
    assert said(workshop, ticket) == ["Петра пишет", "ответ"]


def test_numbers_below_the_baseline_are_no_history_when_they_are_reused(workshop: Workshop) -> None:
    """The former ticket waited for hours, so the time of the event does not show that the new one is news."""
    ticket = workshop.linked_ticket("Тайна Ивана")
    workshop.desk.faults.server_error(on="POST *", times=None)
    workshop.client_writes(ticket, "ещё тайна")
    workshop.sync()
    workshop.desk.faults.clear()
    delete(workshop, ticket)
    workshop.tick(3 * 3600)
    assert workshop.new_ticket("Петра пишет", user=workshop.petra.user) == ticket
    baseline = workshop.context.first_message()
    assert all(message.id <= baseline for message in workshop.panel.messages(ticket))
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["Петра пишет"]


def test_a_reply_in_the_former_case_does_not_reach_the_new_ticket(workshop: Workshop) -> None:
    """Its webhook comes between the new ticket and the first look at it."""
    ticket = workshop.linked_ticket("Тайна Ивана")
    old = workshop.case(ticket)
    delete(workshop, ticket)
    workshop.hook = False
    assert workshop.new_ticket("Петра пишет", user=workshop.petra.user) == ticket
    workshop.tick()
    workshop.desk.agent_reply(old, workshop.anna_staff, text="для Ивана")
    workshop.settle()
    assert said(workshop, ticket) == ["Петра пишет"]


def test_a_message_in_doubt_of_the_former_ticket_is_forgotten(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("Тайна Ивана")
    old = workshop.case(ticket)
    workshop.desk.faults.server_error(on="POST *", times=None)
    workshop.client_writes(ticket, "ещё тайна")
    workshop.sync()
    workshop.desk.faults.clear()
    delete(workshop, ticket)
    assert workshop.new_ticket("Петра пишет", user=workshop.petra.user) == ticket
    workshop.settle()
    assert contents(workshop, old) == ["Тайна Ивана"]
    assert contents(workshop, workshop.case(ticket)) == ["Петра пишет"]


def test_a_case_in_doubt_of_the_former_ticket_is_not_adopted(workshop: Workshop) -> None:
    """The case was made, its answer lost; then the number was given to another client's ticket."""
    workshop.desk.faults.drop_after(on="POST cases*")
    ticket = workshop.new_ticket("Тайна Ивана")
    workshop.sync()
    workshop.desk.faults.clear()
    delete(workshop, ticket)
    assert workshop.new_ticket("Петра пишет", user=workshop.petra.user) == ticket
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["Петра пишет"]
    cases = sorted(one for one in workshop.desk.cases)
    assert [contents(workshop, one) for one in cases] == [["Тайна Ивана"], ["Петра пишет"]]


@pytest.mark.parametrize("hook", [True, False], ids=["with events", "without events"])
def test_a_reused_message_number_is_a_new_message(make_workshop: Make, hook: bool) -> None:
    """In the same ticket: the last message is deleted, and its number given to the next one."""
    workshop = make_workshop()
    ticket = workshop.linked_ticket("один")
    second = workshop.client_writes(ticket, "два")
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    delete_message(workshop, second)
    workshop.hook = hook
    workshop.tick(700)
    assert workshop.client_writes(ticket, "три") == second
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["один", "два", "три"]


def test_a_message_number_reused_in_another_ticket(workshop: Workshop) -> None:
    ticket, other = workshop.linked_ticket("один"), workshop.linked_ticket("другой", user=workshop.petra.user)
    last = workshop.client_writes(ticket, "два")
    workshop.settle()
    delete_message(workshop, last)
    assert workshop.client_writes(other, "для другого", user=workshop.petra.user) == last
    workshop.settle()
    assert contents(workshop, workshop.case(other)) == ["другой", "для другого"]
    assert contents(workshop, workshop.case(ticket)) == ["один", "два"]
    assert [one.text for one in workshop.panel.messages(ticket)] == ["один"], "nothing comes back as a reply"


def test_a_delivered_replys_number_is_reused_by_the_client(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    last = max(one.id for one in workshop.panel.messages(ticket))
    delete_message(workshop, last)
    assert workshop.client_writes(ticket, "два") == last
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["один", "ответ", "два"]
    assert said(workshop, ticket) == ["один", "два"]


def test_a_reply_gets_the_number_of_a_message_that_was_linked(workshop: Workshop) -> None:
    """The panel gives the number away in the very call that delivers the reply."""
    ticket = workshop.linked_ticket("один")
    last = workshop.client_writes(ticket, "два")
    workshop.settle()
    delete_message(workshop, last)
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    assert [(one.id, one.text) for one in workshop.panel.messages(ticket)][1:] == [(last, "ответ")]
    workshop.client_writes(ticket, "три")
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["один", "два", "ответ", "три"]


def test_a_reused_note_number(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    note = workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.settle()
    workshop.panel.execute("DELETE FROM ticket_note WHERE id = %s", note)
    reset(workshop, ticket_note=note)
    assert workshop.panel.employee_notes(workshop.boris, ticket, "другая") == note
    workshop.settle()
    notes = [one.content for one in workshop.desk.messages(workshop.case(ticket)) if one.note]
    assert len(notes) == 2 and "заметка" in notes[0] and "другая" in notes[1]


def test_a_rating_of_a_reused_number_is_not_sent_for_the_former_reply(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("один")
    reply = workshop.panel.employee_replies(workshop.anna, ticket, "ответ")
    workshop.settle()
    delete_message(workshop, reply)
    workshop.hook = False
    assert workshop.panel.employee_replies(workshop.boris, ticket, "другой ответ") == reply
    workshop.panel.execute("UPDATE ticket_message SET rating = 5 WHERE id = %s", reply)
    workshop.settle()
    rated = {one.content: one.rating for one in workshop.desk.messages(workshop.case(ticket)) if one.staff_id}
    assert not rated["ответ"] and [bool(one) for one in rated.values()] == [False, True]


# What is not another row


def shift_zone(workshop: Workshop, hours: int) -> None:
    """The server's zone is another one: UNIX_TIMESTAMP(date_post) jumps."""
    workshop.panel.execute("SET GLOBAL time_zone = %s", f"{hours:+03d}:00")
    workshop.context.db.close()


CHANGES: dict[str, Callable[[Workshop, int], object]] = {
    "another zone": lambda workshop, ticket: shift_zone(workshop, 5),
    "an edited text": lambda workshop, ticket: workshop.panel.execute(
        "UPDATE ticket_message SET message = 'исправлено' WHERE ticket = %s", ticket
    ),
    "another subject": lambda workshop, ticket: workshop.panel.execute(
        "UPDATE ticket SET name = 'другая тема' WHERE id = %s", ticket
    ),
    "another login": lambda workshop, ticket: workshop.panel.execute(
        "UPDATE user SET name = 'new', email = 'new@example.com', realname = 'New' WHERE id = %s", workshop.ivan.user
    ),
    "accounts merged": lambda workshop, ticket: merge_accounts(workshop),
    "accounts merged, users too": lambda workshop, ticket: merge_accounts(workshop, users=True),
    "a message deleted": lambda workshop, ticket: workshop.panel.execute(
        "DELETE FROM ticket_message WHERE ticket = %s ORDER BY id LIMIT 1", ticket
    ),
    "the client deleted": lambda workshop, ticket: workshop.panel.delete_client(workshop.ivan),
    "the client deleted, numbers left": lambda workshop, ticket: workshop.panel.delete_client(workshop.ivan, True),
    "links of an older version": lambda workshop, ticket: forget_identity(workshop),
}


def merge_accounts(workshop: Workshop, *, users: bool = False) -> None:
    """Ivan's account becomes a part of Petra's; ``users``: his users as well, their messages are then hers."""
    ivan, petra = workshop.ivan, workshop.petra
    workshop.panel.execute(
        "UPDATE ticket SET account_client = %s WHERE account_client = %s", petra.account, ivan.account
    )
    workshop.panel.execute("UPDATE user SET account = %s WHERE account = %s", petra.account, ivan.account)
    if users:
        old = workshop.ivan.user
        workshop.panel.execute("UPDATE ticket_message SET user = %s WHERE user = %s", petra.user, old)
        workshop.panel.execute("DELETE FROM user WHERE id = %s", old)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_no_other_row(workshop: Workshop, change: str) -> None:
    """The case goes on, and nothing is sent again."""
    ticket = workshop.linked_ticket("один")
    workshop.client_writes(ticket, "два")
    workshop.panel.employee_replies(workshop.anna, ticket, "ответ", close=False)
    workshop.agent_replies(ticket, "из Омнидеска")
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.settle()
    case, posted, here = workshop.case(ticket), workshop.posted(), len(workshop.panel.messages(ticket))
    try:
        CHANGES[change](workshop, ticket)
        workshop.make_due(ticket)
        workshop.tick(700)
        workshop.settle()
        assert (workshop.case(ticket), workshop.posted()) == (case, posted)
        assert len(workshop.panel.messages(ticket)) == here - (change == "a message deleted")
        workshop.panel.employee_replies(workshop.boris, ticket, "последнее")
        workshop.settle()
        assert (workshop.case(ticket), workshop.posted()) == (case, posted + 1)
    finally:
        workshop.panel.execute("SET GLOBAL time_zone = 'SYSTEM'")


def test_links_of_an_older_version_learn_their_rows(workshop: Workshop) -> None:
    """What is not known is believed, and remembered at the next sight of the ticket."""
    ticket = workshop.linked_ticket("один")
    forget_identity(workshop)
    workshop.client_writes(ticket, "два")
    workshop.settle()
    rows = workshop.panel.query(f"SELECT poster, posted_wall, posted_at FROM {MESSAGES} WHERE ticket = %s", ticket)
    assert len(rows) == 2 and all(None not in row.values() for row in rows)
    assert workshop.link(ticket).account == workshop.ivan.account
    delete(workshop, ticket)
    assert workshop.new_ticket("Петра пишет", user=workshop.petra.user) == ticket
    workshop.settle()
    assert contents(workshop, workshop.case(ticket)) == ["Петра пишет"]


def test_a_ticket_that_is_missing_for_a_while_goes_on(workshop: Workshop) -> None:
    """A table in the middle of a restore: the ticket is not there, then it is, with its messages."""
    ticket = workshop.linked_ticket("один")
    workshop.new_ticket("другой", user=workshop.petra.user)
    workshop.settle()
    case, posted = workshop.case(ticket), workshop.posted()
    rows = workshop.panel.query("SELECT * FROM ticket WHERE id = %s", ticket)
    with workshop.panel.mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")
        cursor.execute("DELETE FROM ticket WHERE id = %s", (ticket,))
        connection.commit()
    workshop.make_due(ticket)
    workshop.settle()
    assert workshop.link(ticket).missing
    columns = ", ".join(f"`{name}`" for name in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    workshop.panel.execute(f"INSERT INTO ticket ({columns}) VALUES ({marks})", *rows[0].values())
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert not workshop.link(ticket).missing
    assert (workshop.case(ticket), workshop.posted()) == (case, posted + 1)


@pytest.fixture
def rows(workshop: Workshop) -> Callable[[], list[int]]:
    """The tickets that the module's table has rows of."""
    return lambda: [row["ticket"] for row in workshop.panel.query("SELECT ticket FROM ticket2external_case ORDER BY 1")]


def test_events_for_tickets_that_do_not_exist_leave_no_rows(workshop: Workshop, rows: Callable[[], list[int]]) -> None:
    """Any number can be named; the table must not grow by it, and a ticket that comes under it is carried over."""
    first = workshop.linked_ticket("один")
    for number in (first + 1, 999_999, 10**17):
        workshop.make_due(number)
    workshop.settle()
    assert rows() == [first]
    second = workshop.linked_ticket("два")
    assert second == first + 1 and workshop.posted() == 2


def test_the_row_of_a_deleted_ticket_that_has_a_case_stays(workshop: Workshop, rows: Callable[[], list[int]]) -> None:
    ticket = workshop.linked_ticket("один")
    workshop.linked_ticket("другой", user=workshop.petra.user)
    workshop.panel.delete_ticket(ticket)
    workshop.make_due(ticket)
    workshop.settle()
    assert ticket in rows() and workshop.case(ticket)


# Clients


@pytest.mark.parametrize("account_too", [True, False], ids=["and of an account", "of a user only"])
def test_a_reused_number_of_a_user(workshop: Workshop, account_too: bool) -> None:
    """The new client gets a user of his own in Omnidesk; the former's name and cases stay as they are."""
    oleg = workshop.panel.add_client("Олег", "oleg@example.com")
    workshop.panel.execute("UPDATE account SET registration_date = '2020-01-01' WHERE id = %s", oleg.account)
    ticket = workshop.linked_ticket("от Олега", user=oleg.user)
    workshop.settle()
    case = workshop.desk.cases[workshop.case(ticket)]
    workshop.panel.delete_client(oleg)
    numbers = {"user": oleg.user} | ({"account": oleg.account} if account_too else {})
    reset(workshop, **numbers)
    lena = workshop.panel.add_client("Лена", "lena@example.com")
    assert lena.user == oleg.user and (lena.account == oleg.account) == account_too
    workshop.panel.execute("UPDATE account SET registration_date = '2026-01-01' WHERE id = %s", lena.account)
    other = workshop.linked_ticket("от Лены", user=lena.user)
    workshop.settle()
    mine = workshop.desk.cases[workshop.case(other)]
    assert mine.user_id != case.user_id
    assert workshop.desk.users[case.user_id].full_name == "Олег"
    assert workshop.desk.users[mine.user_id].full_name == "Лена"
    again = workshop.linked_ticket("ещё от Лены", user=lena.user)
    assert workshop.desk.cases[workshop.case(again)].user_id == mine.user_id


@pytest.mark.parametrize("change", ["account = {petra}", "name = 'n', email = 'n@example.com'", "realname = 'Другой'"])
def test_a_client_who_stays_the_same_person(workshop: Workshop, change: str) -> None:
    """A merge of accounts, another login and e-mail, another name: his next ticket is the same user's."""
    first = workshop.linked_ticket("один")
    workshop.settle()
    sets = change.format(petra=workshop.petra.account)
    workshop.panel.execute(f"UPDATE user SET {sets} WHERE id = %s", workshop.ivan.user)
    if "account" in change:
        workshop.panel.execute("UPDATE ticket SET account_client = %s WHERE id = %s", workshop.petra.account, first)
    workshop.client_writes(first, "ещё", user=workshop.ivan.user)
    workshop.settle()
    second = workshop.linked_ticket("два", user=workshop.ivan.user)
    users = {workshop.desk.cases[workshop.case(one)].user_id for one in (first, second)}
    assert len(users) == 1


def test_files_of_a_deleted_message_are_not_those_that_have_their_numbers_now(workshop: Workshop) -> None:
    """The second half of a message's files waits, the message is deleted, and another client gets the numbers."""
    ticket, other = workshop.linked_ticket("Иван"), workshop.linked_ticket("Петра", user=workshop.petra.user)
    many = [(f"{number}.txt", b"ivan") for number in range(25)]
    message = workshop.panel.client_writes(workshop.ivan.user, ticket, "файлы", many)
    first = workshop.panel.query("SELECT MIN(id) AS id FROM ticket_message_attach WHERE ticket_message = %s", message)
    before = workshop.posted()
    workshop.run_pass(stopping=lambda: workshop.posted() > before)
    assert workshop.posted() == before + 1, "the other half waits"
    workshop.panel.execute("DELETE FROM ticket_message_attach WHERE ticket_message = %s", message)
    workshop.panel.execute("DELETE FROM ticket_message WHERE id = %s", message)
    reset(workshop, ticket_message=message, ticket_message_attach=int(first[0]["id"]))
    secret = [(f"secret-{number}.txt", b"petra") for number in range(25)]
    assert workshop.panel.client_writes(workshop.petra.user, other, "тайна", secret) == message
    workshop.settle()
    names = [file.name for one in workshop.desk.messages(workshop.case(ticket)) for file in one.files]
    assert names and not [one for one in names if one.startswith("secret")]
    theirs = [file.name for one in workshop.desk.messages(workshop.case(other)) for file in one.files]
    assert sorted(theirs) == sorted(name for name, _ in secret)
