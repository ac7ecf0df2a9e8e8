"""What is said: nothing, a lot, in any script, with files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sandbox.billmanager.server import PanelServer
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
SCRIPTS = [
    "Здравствуйте, сайт не открывается — «ошибка 502»",
    "שלום, האתר שלי לא עובד (502) abc",
    "مرحبا، موقعي لا يعمل",
    "こんにちは、サイトが開きません",
    "e\u0301 combining, ﬁ ligature, \u200bzero width",
]
EMOJI = "Спасибо 🙂 всё работает 👍🏽 👩‍👩‍👧"


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    """A workshop whose panel takes uploads."""
    workshop = make_workshop()
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        yield workshop


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_arrives_as_it_was_written_both_ways(workshop: Workshop, text: str) -> None:
    ticket = workshop.linked_ticket(text)
    workshop.client_writes(ticket, text + " 2")
    workshop.settle()
    workshop.agent_replies(ticket, text + " 3")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.desk.messages(workshop.case(ticket))[0].content == text
    assert workshop.panel.messages(ticket)[-1].text == text + " 3"


def test_emoji_arrive_unchanged_where_the_panel_can_store_them(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket(EMOJI)
    workshop.agent_replies(ticket, EMOJI)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.desk.messages(workshop.case(ticket))[0].content == EMOJI
    assert workshop.panel.messages(ticket)[-1].text == EMOJI


def test_emoji_are_named_where_the_panel_stores_three_bytes(make_workshop: Make) -> None:
    workshop = make_workshop(charset="utf8")
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, EMOJI, staff=workshop.vera_staff)
    workshop.settle()
    workshop.agent_notes(ticket, "🙂")
    workshop.settle()
    text = workshop.panel.messages(ticket)[-1].text
    assert "Спасибо :slightly smiling face: всё работает :thumbs up sign:" in text
    assert workshop.panel.notes(ticket)[-1].text == ":slightly smiling face:"
    assert len(workshop.panel.messages(ticket)) == 2


def test_a_crash_after_a_named_emoji_reply_does_not_double_it(make_workshop: Make) -> None:
    workshop = make_workshop(charset="utf8")
    ticket = workshop.linked_ticket()
    workshop.panel.faults.die_after_commit("ticket.edit")
    workshop.agent_replies(ticket, EMOJI)
    workshop.settle()
    assert len(workshop.panel.messages(ticket)) == 2


def test_control_characters_neither_stop_a_message_nor_travel(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("до\x00\x07\x1b[31mпосле\x85")
    workshop.client_writes(ticket, "ещё\x0b\x1f")
    workshop.settle()
    workshop.agent_replies(ticket, "ответ\x08\x01!")
    workshop.settle()
    there = [message.content for message in workshop.desk.messages(workshop.case(ticket))]
    assert there[:2] == ["до[31mпосле", "ещё"]
    assert workshop.panel.messages(ticket)[-1].text == "ответ!"
    assert len(there) == len(workshop.panel.messages(ticket)) == 3


@pytest.mark.parametrize("text", [" \t ", "\u200b", "\r\n\r\n", "\u3000\ufeff"])
def test_a_message_of_blanks_goes_over_as_the_placeholder(make_workshop: Make, text: str) -> None:
    workshop = make_workshop(empty_text="(пусто)")
    ticket = workshop.linked_ticket()
    workshop.panel.execute(
        "INSERT INTO ticket_message (ticket, user, message, date_post) VALUES (%s, %s, %s, %s)",
        ticket, workshop.ivan.user, text, workshop.moment(),
    )  # fmt: skip
    workshop.settle()
    assert [message.content for message in workshop.desk.messages(workshop.case(ticket))][1:] == ["(пусто)"]


def test_a_reply_of_blanks_goes_over_as_the_placeholder(make_workshop: Make) -> None:
    workshop = make_workshop(empty_text="(пусто)")
    ticket = workshop.linked_ticket()
    workshop.tick()
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html="<p>&nbsp;</p><br>")
    workshop.settle()
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["(пусто)"]


def test_a_client_message_that_is_only_a_file_goes_over(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.client_writes(workshop.ivan.user, ticket, " . ", [("снимок.png", b"\x89PNG")])
    message = workshop.panel.messages(ticket)[-1].id
    workshop.panel.execute("UPDATE ticket_message SET message = '' WHERE id = %s", message)
    workshop.settle()
    there = workshop.desk.messages(workshop.case(ticket))[-1]
    assert "снимок.png" in there.content
    assert [(file.name, file.data) for file in there.files] == [("снимок.png", b"\x89PNG")]


def test_a_reply_that_is_only_a_file_goes_over(with_files: Workshop) -> None:
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "", attachments=[("счёт.pdf", "application/pdf", b"%PDF")])
    with_files.settle()
    message = with_files.panel.messages(ticket)[-1]
    assert "счёт.pdf" in message.text
    assert [(file.name, file.content) for file in message.files] == [("счёт.pdf", b"%PDF")]
    assert with_files.context.queue.next_due() is None


def test_files_travel_both_ways_with_their_message(with_files: Workshop) -> None:
    ticket = with_files.new_ticket("с файлом", files=[("журнал.txt", b"line\n")])
    with_files.settle()
    with_files.agent_replies(ticket, "вот", attachments=[("a.bin", "application/octet-stream", bytes(range(256)))])
    with_files.settle()
    with_files.client_writes(ticket, "спасибо")
    with_files.settle()
    with_files.assert_equal(ticket)


def test_a_file_that_is_lost_does_not_stop_its_message(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.client_writes(workshop.ivan.user, ticket, "с файлом", [("журнал.txt", b"line\n")])
    for path in workshop.panel.attachments.iterdir():
        path.unlink()
    workshop.settle()
    there = workshop.desk.messages(workshop.case(ticket))[-1]
    assert there.content.startswith("с файлом")
    assert "журнал.txt" in there.content
    assert not there.files


def test_a_message_too_long_for_a_command_line_goes_by_upload(with_files: Workshop) -> None:
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "длинно " * 20_000)
    with_files.settle()
    with_files.assert_equal(ticket)


def test_an_empty_subject_becomes_the_tickets_number(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket(subject="")
    assert str(ticket) in workshop.desk.cases[workshop.case(ticket)].subject
    blank = workshop.linked_ticket(subject=" \u200b\n")
    assert str(blank) in workshop.desk.cases[workshop.case(blank)].subject


def test_a_subject_of_a_thousand_characters_is_cut(make_workshop: Make) -> None:
    from sandbox.omnidesk.settings import Settings

    workshop = make_workshop(desk=Settings(subject_limit=255))
    ticket = workshop.linked_ticket(subject="Ж" * 1000)
    subject = workshop.desk.cases[workshop.case(ticket)].subject
    assert subject.startswith("ЖЖЖ")
    assert subject.endswith("…")
    assert len(subject) <= 255


def test_a_subject_of_several_lines_becomes_one(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket(subject="раз\r\nдва\tтри")
    assert workshop.desk.cases[workshop.case(ticket)].subject == "раз два три"


def test_more_messages_than_a_page_go_to_omnidesk_in_order(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    for number in range(1, 130):
        workshop.client_writes(ticket, str(number))
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == [str(number) for number in range(130)]


def test_more_replies_than_a_page_go_to_billmanager_in_order(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    for number in range(1, 131):
        workshop.agent_replies(ticket, str(number))
    workshop.deliver_webhooks()
    workshop.settle()
    workshop.assert_equal(ticket)
    assert [line.text for line in workshop.both_sides(ticket).billmanager] == [str(number) for number in range(131)]


def test_a_message_of_ours_between_many_replies_does_not_hide_the_older_ones(workshop: Workshop) -> None:
    """A known message on the first page says nothing about what lies on the second."""
    ticket = workshop.linked_ticket("0")
    for number in range(1, 131):
        workshop.agent_replies(ticket, str(number))
    workshop.deliver_webhooks(lose=1000)
    workshop.client_writes(ticket, "клиент")
    workshop.context.state.put("poll_done", 1)
    workshop.run_pass(force=False)
    assert len(workshop.panel.messages(ticket)) == 2, "the replies are still to be found"
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


def test_a_clients_message_in_a_long_case_is_not_taken_for_the_opening_one(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("начало")
    for number in range(1, 111):
        workshop.client_writes(ticket, str(number))
    workshop.settle()
    workshop.tick(5)
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text == "письмом"
    workshop.assert_equal(ticket)
