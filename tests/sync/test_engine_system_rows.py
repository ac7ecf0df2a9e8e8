"""Lines that the panel itself writes into a conversation, and messages whose authors were deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from omnidesk.core.tables import TICKETS
from sandbox.billmanager.panel import PanelOptions
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
AUTHORS = ("null", "zero", "service")
TYPES = ("", "incoming", "outcoming")


@pytest.fixture(params=AUTHORS)
def author(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


@pytest.fixture(params=TYPES, ids=["without types", "clients incoming", "clients outcoming"])
def types(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def written(workshop: Workshop, ticket: int) -> list[tuple[str, str]]:
    """What the ticket's case holds: (kind, text)."""
    return [(one.kind, one.content or one.content_html) for one in workshop.desk.messages(workshop.case(ticket))]


def notes(workshop: Workshop, ticket: int) -> list[str]:
    return [text for kind, text in written(workshop, ticket) if kind == "note_regular"]


def test_a_system_row_becomes_a_note_and_moves_nothing(make_workshop: Make, author: str, types: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author), message_type=types)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "Готово", close=True)
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "closed"
    assert workshop.desk.cases[workshop.case(ticket)].status == "closed"
    assert [kind for kind, _ in written(workshop, ticket)] == ["reply_user", "reply_staff", "note_regular"]
    assert "Запрос перемещён в архив" in notes(workshop, ticket)[0]
    before = len(workshop.desk.calls)
    workshop.tick(700)
    workshop.settle()
    assert [call.method for call in workshop.desk.calls[before:] if call.method != "GET"] == []
    assert workshop.panel.ticket_state(ticket).state == "closed"


@pytest.mark.parametrize("kind", ["system", "note"])
def test_a_note_that_omnidesk_did_not_take_is_not_owed_to_a_case_in_spam(make_workshop: Make, kind: str) -> None:
    """Nothing is left to do without a case; it goes over when there is one again."""
    workshop = make_workshop(panel_options=PanelOptions(system_rows="zero"))
    ticket = workshop.linked_ticket()
    workshop.desk.faults.server_error(503, on="POST */note.json", times=None)
    if kind == "system":
        workshop.panel.client_archives(ticket)
    else:
        workshop.panel.employee_notes(workshop.boris, ticket, "заметка")
    workshop.run_pass()
    assert [one.kind for one in workshop.message_links(ticket, "intent")] == [kind]
    workshop.desk.spam(workshop.case(ticket))
    workshop.context.queue.make_due(ticket, "recheck", look_case=True)
    workshop.run_pass()
    assert workshop.link(ticket).case_gone == "spam"
    workshop.desk.faults.clear()
    workshop.settle()
    assert workshop.message_links(ticket, "intent") == []
    workshop.desk.restore(workshop.case(ticket))
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    assert len(notes(workshop, ticket)) == 1


def test_what_the_panel_refused_is_not_owed_by_a_case_in_the_trash(workshop: Workshop) -> None:
    """A retry finds nothing to do while it cannot be read; when the case is back, it is tried again."""
    ticket = workshop.linked_ticket()
    refusal = workshop.panel.faults.fail("value", "message", "x", lambda one: one.func == "ticket.edit", None)
    workshop.agent_replies(ticket, "Ответ")
    workshop.settle()
    assert [one.direction for one in workshop.message_links(ticket, "refused")] == ["in"]
    workshop.desk.trash(workshop.case(ticket))
    workshop.context.queue.make_due(ticket, "recheck", look_case=True)
    workshop.settle()
    assert workshop.link(ticket).case_gone == "trash"
    refusal.lift()
    workshop.context.queue.retry()
    workshop.settle()
    assert workshop.message_links(ticket, "intent", "refused") == []
    workshop.desk.restore(workshop.case(ticket))
    workshop.tick(60)
    workshop.settle()
    assert [one.text for one in workshop.panel.messages(ticket)][1:] == ["Ответ"]


def test_a_system_row_is_not_sent_where_that_is_switched_off(make_workshop: Make, author: str, types: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author), message_type=types, system_messages="off")
    ticket = workshop.linked_ticket()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert notes(workshop, ticket) == []
    assert workshop.context.queue.next_due() is None
    assert not workshop.deeds(ticket)


def test_a_system_row_alone_opens_no_case(make_workshop: Make, author: str, types: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author), message_type=types)
    old = workshop.new_ticket("давно")
    workshop.panel.execute(f"DELETE FROM {TICKETS}")
    workshop.context.state.remove("baseline")
    workshop.context.state.remove("scan_marks")
    for name in workshop.spooled():
        (workshop.root / "var" / "omnidesk" / "spool" / name).unlink()
    workshop.sync()  # the baseline
    assert not workshop.case(old)
    workshop.tick(90 * 86400)
    workshop.panel.client_archives(old)
    workshop.settle()
    assert not workshop.desk.cases


def test_nobody_waits_for_a_system_row(make_workshop: Make, author: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author), message_type="incoming", hook=False)
    workshop.sync()  # the baseline
    ticket = workshop.linked_ticket()
    workshop.panel.client_archives(ticket)
    workshop.desk.faults.server_error(on="POST *", times=None)
    workshop.sync()
    if author != "service":
        assert not workshop.link(ticket).wait_since
    assert workshop.context.reader.waiting(ticket) is None
    workshop.desk.faults.clear()
    workshop.settle()
    assert len(notes(workshop, ticket)) == 1


def test_a_reply_into_an_archived_ticket_goes_over_beside_the_panels_own_lines(
    make_workshop: Make, author: str, types: str
) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author), message_type=types)
    ticket = workshop.linked_ticket()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    workshop.agent_replies(ticket, "Ещё одно", status="waiting")
    workshop.settle()
    assert [one.text for one in workshop.panel.messages(ticket) if not one.system] == [
        "Сайт не открывается",
        "Ещё одно",
    ]
    assert [("архив" in text) for text in notes(workshop, ticket)] == [True, True]
    assert workshop.context.queue.next_due() is None


def test_the_call_for_a_system_row_that_was_not_answered_is_found_again(make_workshop: Make, author: str) -> None:
    workshop = make_workshop(panel_options=PanelOptions(system_rows=author))
    ticket = workshop.linked_ticket()
    workshop.panel.client_archives(ticket)
    workshop.desk.faults.drop_after(on="POST *note*")
    workshop.settle()
    assert len(notes(workshop, ticket)) == 1
    assert not workshop.message_links(ticket, "intent", "refused")


# Authors who were deleted


def delete_user(workshop: Workshop, user: int, *, dangling: bool) -> None:
    with workshop.mariadb.connect(workshop.panel.schema.database) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = %s", (0 if dangling else 1,))
        cursor.execute("DELETE FROM user WHERE id = %s", (user,))


def test_a_deleted_clients_message_is_his_where_the_types_show_it(make_workshop: Make) -> None:
    workshop = make_workshop(message_type="incoming")
    ticket = workshop.linked_ticket()
    second = workshop.ivan.users[1]
    workshop.client_writes(ticket, "от второго", user=second)
    delete_user(workshop, second, dangling=False)
    workshop.settle()
    kind, text = written(workshop, ticket)[-1]
    assert kind == "reply_user"
    assert "от второго" in text and "удалена" in text


def test_a_deleted_employees_message_is_staffs_where_the_types_show_it(make_workshop: Make) -> None:
    workshop = make_workshop(message_type="incoming")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "от Анны")
    workshop.panel.employee_replies(workshop.boris, ticket, "от Бориса")
    delete_user(workshop, workshop.boris, dangling=False)
    workshop.settle()
    assert written(workshop, ticket)[-1][0] == "reply_staff"


def test_a_deleted_clients_message_is_his_where_he_wrote_before(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    second = workshop.ivan.users[1]
    workshop.client_writes(ticket, "раньше", user=second)
    workshop.settle()
    workshop.client_writes(ticket, "позже", user=second)
    delete_user(workshop, second, dangling=True)
    workshop.settle()
    assert [kind for kind, _ in written(workshop, ticket)] == ["reply_user", "reply_user", "reply_user"]


def test_a_deleted_clients_message_with_files_is_his(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    second = workshop.ivan.users[1]
    workshop.panel.client_writes(second, ticket, "с файлом", files=[("a.txt", b"text")])
    delete_user(workshop, second, dangling=False)
    workshop.settle()
    message = workshop.desk.messages(workshop.case(ticket))[-1]
    assert message.kind == "reply_user"
    assert [file.name for file in message.files] == ["a.txt"]


@pytest.mark.parametrize("dangling", [False, True], ids=["null", "dangling number"])
def test_a_message_of_an_unknown_author_becomes_a_note(workshop: Workshop, dangling: bool) -> None:
    ticket = workshop.linked_ticket()
    second = workshop.ivan.users[1]
    workshop.client_writes(ticket, "от второго", user=second)
    workshop.panel.employee_closes(workshop.anna, ticket)
    delete_user(workshop, second, dangling=dangling)
    workshop.settle()
    kind, text = written(workshop, ticket)[-1]
    assert kind == "note_regular"
    assert "от второго" in text and "удалена" in text
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    assert workshop.context.queue.next_due() is None


def test_a_ticket_that_a_deleted_user_opened_gets_its_case_in_his_accounts_name(workshop: Workshop) -> None:
    second = workshop.ivan.users[1]
    ticket = workshop.new_ticket("от второго", user=second)
    delete_user(workshop, second, dangling=False)
    workshop.settle()
    kind, text = written(workshop, ticket)[0]
    assert kind == "reply_user" and "от второго" in text and "удалена" in text


def test_an_employee_without_an_address_still_answers(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.execute("UPDATE user SET email = NULL WHERE id = %s", workshop.boris)
    workshop.panel.employee_replies(workshop.boris, ticket, "Отвечу я")
    workshop.settle()
    kind, text = written(workshop, ticket)[-1]
    assert kind == "reply_staff" and "Борис Лунин" in text
