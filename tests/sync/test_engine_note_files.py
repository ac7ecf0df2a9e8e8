"""Files of internal notes, and files that are not transferred: which, why, and where they can be put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omnidesk.attachments import missing
from omnidesk.attachments.missing import Missing
from omnidesk.core.settings import Secret, Settings
from omnidesk.helpdesk.models import LARGEST_FILE
from sandbox.billmanager.panel import PanelOptions
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
A = ("план.pdf", b"%PDF-1.7 a")
B = ("b.exe", b"MZ" * 300)
THERE = [(name, "application/octet-stream", data) for name, data in (A, B)]


@pytest.fixture
def serving(make_workshop: Make) -> Iterator[Callable[..., Workshop]]:
    """Makes workshops whose panel takes uploads."""
    servers: list[PanelServer] = []

    def make(**switches: Any) -> Workshop:
        workshop = make_workshop(**switches)
        server = PanelServer(workshop.panel)
        server.__enter__()
        servers.append(server)
        workshop.restart(panel_url=server.url)
        return workshop

    yield make
    for server in servers:
        server.__exit__(None, None, None)


def there(workshop: Workshop, ticket: int) -> list[tuple[str, list[tuple[str, bytes]]]]:
    """The case's notes: text and files."""
    notes = [one for one in workshop.desk.messages(workshop.case(ticket)) if one.note]
    return [(one.content or one.content_html, [(file.name, file.data) for file in one.files]) for one in notes]


def here(workshop: Workshop, ticket: int) -> list[tuple[str, list[tuple[str, bytes]]]]:
    """The ticket's notes, the same way."""
    return [(one.text, [(file.name, file.content) for file in one.files]) for one in workshop.panel.notes(ticket)]


def quiet(workshop: Workshop, ticket: int) -> None:
    workshop.settle()
    posted = workshop.posted()
    workshop.make_due(ticket)
    workshop.settle()
    assert workshop.posted() == posted
    assert workshop.message_links(ticket, "intent", "refused") == []


# From BILLmanager


def test_files_of_a_note_go_over_with_it(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="column")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A, B])
    quiet(workshop, ticket)
    assert there(workshop, ticket) == [("см. план", [A, B])]
    assert len(workshop.panel.messages(ticket)) == 1, "the client sees nothing of it"


def test_files_that_no_function_hands_out_are_counted_in_the_note(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="table")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A, B])
    quiet(workshop, ticket)
    ((text, files),) = there(workshop, ticket)
    assert files == [] and text.startswith("см. план") and f"нельзя получить: 2. Они в запросе №{ticket}" in text


def test_a_note_of_a_panel_without_such_files_is_as_before(make_workshop: Make) -> None:
    workshop = make_workshop()
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "без файлов")
    quiet(workshop, ticket)
    assert there(workshop, ticket) == [("без файлов", [])]


def test_the_file_that_omnidesk_refuses_by_its_type_is_named_and_the_others_sent(make_workshop: Make) -> None:
    workshop = make_workshop(
        note_files="column", desk=DeskSettings(refused_types=(".exe",)), file_storage="https://files.example"
    )
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A, B])
    quiet(workshop, ticket)
    ((text, files),) = there(workshop, ticket)
    assert files == [A]
    assert "Файл b.exe не передан" in text and "файлы такого типа (.exe, 0,1 МБ)" in text
    assert "выложите файл в файловое хранилище (https://files.example) и пришлите ссылку" in text
    assert f"№{ticket}" in text


def test_a_note_whose_files_are_all_refused_goes_without_them(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="column", desk=DeskSettings(refused_types=(".exe", ".pdf")))
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A, B])
    quiet(workshop, ticket)
    ((text, files),) = there(workshop, ticket)
    assert files == [] and "план.pdf" in text and "b.exe" in text


def test_more_files_than_one_note_takes_are_named(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="column")
    ticket = workshop.linked_ticket()
    files = [(f"{number}.log", b"%d" % number) for number in range(21)]
    workshop.panel.employee_notes(workshop.anna, ticket, "журналы", files)
    quiet(workshop, ticket)
    ((text, sent),) = there(workshop, ticket)
    assert sent == files[:20] and "Файл 20.log не передан: в одну заметку не входит столько файлов" in text


def test_a_vanished_file_does_not_hold_the_note_up(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="column")
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A])
    next(workshop.panel.attachments.iterdir()).unlink()
    quiet(workshop, ticket)
    ((text, files),) = there(workshop, ticket)
    assert files == [] and "план.pdf не передан: его больше нет на сервере" in text


def test_a_call_without_an_answer_doubles_no_note_with_files(make_workshop: Make) -> None:
    workshop = make_workshop(note_files="column", settle_seconds=10)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A])
    workshop.desk.faults.drop_after(on="POST /api/cases/*/note.json")
    quiet(workshop, ticket)
    assert there(workshop, ticket) == [("см. план", [A])]


# From Omnidesk


@pytest.mark.parametrize("kept", ["column", "table"])
def test_where_a_trial_has_seen_that_notes_take_files_they_go_over(serving: Callable[..., Workshop], kept: str) -> None:
    workshop = serving(note_files=kept)
    workshop.context.panel.settle_note_files(True)
    ticket = workshop.linked_ticket()
    workshop.desk.agent_note(workshop.case(ticket), workshop.anna_staff, text="см. план", attachments=THERE)
    quiet(workshop, ticket)
    assert here(workshop, ticket) == [("см. план", [A, B])]
    assert len(workshop.panel.messages(ticket)) == 1, "the client sees nothing of it"


@pytest.mark.parametrize("alone", [False, True])
def test_without_a_trial_no_file_of_a_note_is_sent_to_the_panel(serving: Callable[..., Workshop], alone: bool) -> None:
    """It might become an answer to the client."""
    workshop = serving(panel_options=PanelOptions(file_alone=alone))
    ticket = workshop.linked_ticket()
    note = workshop.desk.agent_note(workshop.case(ticket), workshop.anna_staff, text="см. план", attachments=THERE)
    quiet(workshop, ticket)
    ((text, files),) = here(workshop, ticket)
    plain = text.replace("\\", "")
    assert files == [] and "Файл план.pdf не передан: заметка не может содержать файлы" in plain
    assert f"/attachments/{note.files[0].token}/{note.files[0].file_id}" in plain
    assert len(workshop.panel.messages(ticket)) == 1
    assert not any(one.uploads for one in workshop.panel.requests)


def test_a_file_of_a_note_that_the_panel_refuses_is_named(serving: Callable[..., Workshop]) -> None:
    workshop = serving(note_files="column", panel_options=PanelOptions(refused_types=(".exe",)))
    workshop.context.panel.settle_note_files(True)
    ticket = workshop.linked_ticket()
    workshop.desk.agent_note(workshop.case(ticket), workshop.anna_staff, text="см. план", attachments=THERE)
    quiet(workshop, ticket)
    ((text, files),) = here(workshop, ticket)
    assert files == [A] and "файлы такого типа (.exe, 0,1 МБ)" in text.replace("\\", "")
    assert "выложите файл в файловое хранилище и пришлите ссылку" in text


def test_a_file_of_a_reply_that_the_panel_refuses_tells_the_client_how_to_get_it(
    serving: Callable[..., Workshop],
) -> None:
    workshop = serving(panel_options=PanelOptions(refused_types=(".exe",)), file_storage="облако")
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "вот", attachments=THERE)
    quiet(workshop, ticket)
    last = workshop.panel.messages(ticket)[-1]
    assert [file.name for file in last.files] == ["план.pdf"]
    assert "попросите выложить его в файловое хранилище (облако) и прислать ссылку" in last.text


# The words


def settings(language: str = "ru", **more: Any) -> Settings:
    return Settings("https://a.omnidesk.ru", "a@example.com", Secret("key"), "cch1", Secret("secret-secret"),
                    language=language, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "Файл a.zip не передан: его размер 25,1 МБ, а предел — 25 МБ. Он относится к запросу №7 в BILLmanager."
               " Чтобы передать его, выложите файл в файловое хранилище и пришлите ссылку."),
        ("en", "The file a.zip was not sent: its size is 25.1 MB, and the limit is 25 MB. It belongs to ticket 7 in"
               " BILLmanager. To pass it on, put it into a file storage and send the link."),
    ],
)  # fmt: skip
def test_a_file_above_the_limit_is_named_with_its_size_the_limit_and_a_place(language: str, words: str) -> None:
    assert missing.from_billing(settings(language), Missing("a.zip", "large", LARGEST_FILE + 1), 7) == words


def test_an_unknown_size_is_not_made_up() -> None:
    words = missing.from_omnidesk(settings(), Missing("a.zip", "large"), "", "12-3")
    assert words.startswith("Файл a.zip не передан: он больше 25 МБ. Он есть в Омнидеске, в обращении 12-3.")
    assert "0 МБ" not in words


def test_what_another_place_does_not_help_has_no_advice() -> None:
    words = missing.from_billing(settings(), Missing("a.zip", "gone", 10), 7)
    assert "ссылку" not in words


def test_failures_of_the_clients_message_cost_no_note_its_files(make_workshop: Make) -> None:
    """And the other way round: what fails is not the file."""
    workshop = make_workshop(note_files="column")
    ticket = workshop.linked_ticket()
    workshop.panel.faults.refuse(select="ticket.edit", times=3)
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()
    for _ in range(3):
        workshop.sync()
        workshop.tick(60)
    assert workshop.link(ticket).attempts >= 2
    workshop.panel.employee_notes(workshop.anna, ticket, "см. план", [A])
    workshop.panel.client_writes(workshop.ivan.user, ticket, "и ещё", [B])
    quiet(workshop, ticket)
    assert there(workshop, ticket) == [("см. план", [A])]
    (last,) = [one for one in workshop.desk.messages(workshop.case(ticket)) if "и ещё" in one.content]
    assert [file.name for file in last.files] == [B[0]]
