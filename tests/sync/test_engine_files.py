"""Files both ways: many and large ones, lost ones, refused ones, and everything that goes wrong in between."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from omnidesk.attachments import incoming, outgoing, splitting
from omnidesk.core import filenames, multipart
from omnidesk.sync import message_parts
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings
from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
LONG_NAME = "Ж" * 125 + ".txt"  # 254 bytes
ODD_NAMES = [
    LONG_NAME, "x" * 251 + ".log", 'say "hi" & bye.txt', "'один' два;три=4.txt", "🙂👩\u200d👧.png", "a  b",
    ".htaccess", "con.txt", "отчёт (копия) №1.pdf",
]  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits at the size of tests: 1000 bytes a file, 3000 and a text a message."""
    monkeypatch.setattr(outgoing, "LARGEST_FILE", 1000)
    monkeypatch.setattr(incoming, "LARGEST_FILE", 1000)
    monkeypatch.setattr(multipart, "overhead", lambda field, name: 0)
    monkeypatch.setattr(splitting.divide, "__defaults__", (0, 3500, 20))


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    """A panel that takes uploads, and an account whose files need a login."""
    workshop = make_workshop(desk=Settings(files_need_auth=True))
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        yield workshop


def data(number: int, size: int = 1000) -> bytes:
    return bytes([65 + number]) * size


def big(count: int) -> list[tuple[str, bytes]]:
    return [(f"{number}.bin", data(number)) for number in range(count)]


def there(workshop: Workshop, ticket: int) -> list[list[tuple[str, bytes]]]:
    """The files of each message of the case."""
    found = workshop.desk.messages(workshop.case(ticket))
    return [[(file.name, file.data) for file in message.files] for message in found]


def texts(workshop: Workshop, ticket: int) -> list[str]:
    return [message.content or message.content_html for message in workshop.desk.messages(workshop.case(ticket))]


def here(workshop: Workshop, ticket: int) -> list[tuple[str, bytes]]:
    """The files of the ticket's last message."""
    return [(file.name, file.content) for file in workshop.panel.messages(ticket)[-1].files]


# Names and types


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_goes_over_as_it_is(with_files: Workshop, name: str) -> None:
    """Both ways; only what could do harm is changed, and a quotation mark towards the panel."""
    ticket = with_files.linked_ticket()
    with_files.panel.client_writes(with_files.ivan.user, ticket, "вот", [(name, b"data")])
    with_files.agent_replies(ticket, "и вот", attachments=[(name, "text/plain", b"answer")])
    with_files.settle()
    expected = filenames.safe(name, quotes=True)
    assert [(expected, b"data")] in there(with_files, ticket)
    assert here(with_files, ticket) == [(filenames.safe(name), b"answer")]


def test_the_type_is_what_the_content_says(workshop: Workshop) -> None:
    ticket = workshop.new_ticket("x")
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100)
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("photo.txt", png), ("журнал.log", b"line\n")])
    workshop.settle()
    last = workshop.desk.messages(workshop.case(ticket))[-1]
    assert [file.mime_type for file in last.files] == ["image/png", "text/plain"]


def test_an_emoji_in_a_name_does_not_stop_a_reply_on_an_old_database(make_workshop: Make) -> None:
    workshop = make_workshop(charset="utf8mb3")
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        ticket = workshop.linked_ticket()
        workshop.agent_replies(ticket, "вот", attachments=[("🙂.txt", "text/plain", b"data")])
        workshop.settle()
        assert here(workshop, ticket) == [("slightly smiling face.txt", b"data")]


# More than one message holds


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("opens", [True, False])
def test_a_message_with_more_than_fits_goes_as_several(workshop: Workshop, opens: bool) -> None:
    """Each file once, in order, the text with the first, the others with a line that says which part they are."""
    files = big(8)
    if opens:
        ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", files)
    else:
        ticket = workshop.linked_ticket("раньше")
        workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", files)
    workshop.client_writes(ticket, "после")
    workshop.settle()
    groups = [group for group in there(workshop, ticket) if group]
    assert [len(group) for group in groups] == [3, 3, 2]
    assert [file for group in groups for file in group] == files
    said = texts(workshop, ticket)
    assert said[-4:] == ["вот", "Файлы, часть 2 из 3", "Файлы, часть 3 из 3", "после"]
    assert {message.user_id for message in workshop.desk.messages(workshop.case(ticket))} == {
        workshop.link(ticket).external_user
    }
    assert not workshop.message_links(ticket, "intent", "refused")
    before = workshop.posted()
    workshop.settle()
    assert workshop.posted() == before


@pytest.mark.usefixtures("small")
def test_a_part_has_the_author_of_its_message(workshop: Workshop) -> None:
    """Also an employee whom Omnidesk does not know, and it is no reply of its own to rate."""
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "от Анны", files=big(4))
    workshop.panel.employee_replies(workshop.boris, ticket, "от Бориса", files=big(4))
    workshop.settle()
    rows = workshop.desk.messages(workshop.case(ticket))[1:]
    assert [row.staff_id for row in rows] == [workshop.anna_staff] * 2 + [workshop.integration_staff] * 2
    assert texts(workshop, ticket)[-1] == "Борис Лунин пишет:\n\nФайлы, часть 2 из 2"


@pytest.mark.usefixtures("small")
def test_a_ticket_that_waits_for_the_client_is_closed_after_the_last_part(workshop: Workshop) -> None:
    """A client's message may open the case, so the status comes last."""
    ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", big(8))
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    assert len(there(workshop, ticket)) == 3
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("opens", [True, False])
def test_a_crash_anywhere_between_the_parts_loses_and_doubles_nothing(make_workshop: Make, opens: bool) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        ticket = 0 if opens else workshop.linked_ticket("раньше")
        if opens:
            ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", big(7))
        else:
            workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", big(7))
        workshop.client_writes(ticket, "после")
        died = crashes.run(workshop, at)
        workshop.settle()
        assert [file for group in there(workshop, ticket) for file in group] == big(7), died
        assert texts(workshop, ticket)[-4:] == [
            "вот", "Файлы, часть 2 из 3", "Файлы, часть 3 из 3", "после"
        ], died  # fmt: skip
        assert len(workshop.desk.cases) == 1, died
        assert not workshop.message_links(ticket, "intent", "refused"), died
        workshop.close()
    assert len(crashes.effects) >= 12, "the run was expected to have more effects"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "server_error", "truncated", "hang", "not_json"])
def test_an_unclear_answer_to_any_part_loses_and_doubles_nothing(make_workshop: Make, fault: str) -> None:
    for number in range(3):
        workshop = make_workshop()
        ticket = workshop.linked_ticket("раньше")
        left = [number]

        def chosen(request: object, left: list[int] = left) -> bool:
            if getattr(request, "method", "") != "POST":
                return False
            left[0] -= 1
            return left[0] == -1

        getattr(workshop.desk.faults, fault)(on=chosen)
        workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", big(7))
        workshop.settle()
        assert [file for group in there(workshop, ticket) for file in group] == big(7)
        assert texts(workshop, ticket)[-3:] == ["вот", "Файлы, часть 2 из 3", "Файлы, часть 3 из 3"]
        workshop.close()


@pytest.mark.usefixtures("small")
def test_a_case_that_goes_between_two_parts_does_not_take_the_rest_along(workshop: Workshop) -> None:
    """What has not gone over waits for the ticket's next case."""
    ticket = workshop.linked_ticket("раньше")
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", big(7))
    left = [2]

    def second(request: object) -> bool:
        left[0] -= getattr(request, "method", "") == "POST"
        return left[0] == 0

    workshop.desk.faults.server_error(committed=False, on=second)
    workshop.sync()
    workshop.desk.delete(workshop.case(ticket))
    workshop.settle()
    workshop.client_writes(ticket, "ещё")
    workshop.settle()
    assert texts(workshop, ticket) == ["ещё", "Файлы, часть 2 из 3", "Файлы, часть 3 из 3"]
    assert [file for group in there(workshop, ticket) for file in group] == big(7)[3:]


# Refused


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize("opens", [True, False])
def test_a_file_that_omnidesk_refuses_is_named_and_the_others_arrive(
    make_workshop: Make, status: int, opens: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The message, its other files, and a sentence: not set aside, not once more, and without waiting."""
    workshop = make_workshop(desk=Settings(max_file=50, too_big_status=status))
    files = [("a.txt", b"a"), ("большой.bin", b"x" * 51), ("c.txt", b"c")]
    if opens:
        ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", files)
    else:
        ticket = workshop.linked_ticket("раньше")
        workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", files)
    workshop.client_writes(ticket, "после")
    workshop.settle()
    assert [file for group in there(workshop, ticket) for file in group] == [files[0], files[2]]
    said = texts(workshop, ticket)
    assert said[-1] == "после"
    assert [text for text in said if "большой.bin" in text and f"№{ticket}" in text]
    assert not workshop.message_links(ticket, "intent", "refused")
    assert "Next try in" not in caplog.text


@pytest.mark.parametrize("opens", [True, False])
def test_the_only_file_refused_is_named_in_the_message_itself(make_workshop: Make, opens: bool) -> None:
    workshop = make_workshop(desk=Settings(max_file=50))
    file = [("большой.bin", b"x" * 51)]
    if opens:
        ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", file)
    else:
        ticket = workshop.linked_ticket("раньше")
        workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", file)
    workshop.settle()
    last = texts(workshop, ticket)[-1]
    assert last.startswith("вот")
    why = "другая сторона его не приняла; возможно, она не принимает файлы такого типа (.bin, 0,1 МБ)"
    assert f"Файл большой.bin не передан: {why}. Он относится к запросу №{ticket}" in last
    assert last.endswith("выложите файл в файловое хранилище и пришлите ссылку.")


def test_a_refusal_that_is_not_of_the_files_is_counted_as_before(workshop: Workshop) -> None:
    """The message is set aside after its tries, and goes when it is taken."""
    ticket = workshop.linked_ticket()
    workshop.desk.faults.answer(400, '{"error": "wrong_words"}', on="POST */messages.json", times=None)
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("a.txt", b"a")])
    workshop.settle()
    assert workshop.message_links(ticket, "refused")
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    workshop.settle()
    assert there(workshop, ticket)[-1] == [("a.txt", b"a")]


@pytest.mark.parametrize("opens", [True, False])
def test_a_part_that_never_gets_through_ends_in_a_sentence(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    """A server that dies of one file, while it answers everything else, does not hold up what was said after it."""
    monkeypatch.setattr(message_parts, "PART_TRIES", 3)

    def poison(request: object) -> bool:
        return b"POISON" in getattr(request, "body", b"")

    workshop.desk.faults.server_error(committed=False, on=poison, times=None)
    files = [("a.txt", b"a"), ("b.txt", b"POISON")]
    if opens:
        ticket = workshop.panel.client_creates_ticket(workshop.ivan.user, "о файлах", "вот", files)
    else:
        ticket = workshop.linked_ticket("раньше")
        workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", files)
    workshop.client_writes(ticket, "после")
    workshop.settle()
    assert [file for group in there(workshop, ticket) for file in group] == [("a.txt", b"a")]
    said = texts(workshop, ticket)
    assert (said[-4], said[-1]) == ("вот", "после"), "the text does not wait for its files for ever"
    assert "Файл b.txt не передан: передать его не удаётся" in said[-2]
    assert len(workshop.desk.cases) == 1


def test_a_copy_is_a_help_and_not_needed(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for one, the file itself is sent on."""
    monkeypatch.setattr(outgoing, "no_room", lambda folder, size: True)
    ticket = workshop.linked_ticket("раньше")
    workshop.desk.faults.server_error(on="POST */messages.json", times=2)
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("a.txt", b"a")])
    workshop.settle()
    assert there(workshop, ticket)[-1] == [("a.txt", b"a")]


# Files of the panel that are none


@pytest.mark.parametrize("what", ["vanished", "folder", "pipe", "link", "unreadable", "too large"])
def test_what_is_no_file_is_named_in_the_message(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    ticket = workshop.linked_ticket("раньше")
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("плохой.txt", b"x" * 11), ("good.txt", b"y")])
    path = next(one for one in workshop.panel.attachments.iterdir() if one.read_bytes() != b"y")
    why = {
        "vanished": "его больше нет на сервере", "folder": "по этому пути не обычный файл",
        "pipe": "по этому пути не обычный файл",
        "link": "по этому пути не обычный файл", "unreadable": "он не читается", "too large": "он больше 25 МБ",
    }[what]  # fmt: skip
    if what == "too large":
        monkeypatch.setattr(outgoing, "LARGEST_FILE", 10)
    elif what == "unreadable":
        real = os.open

        def broken(name: str, flags: int, mode: int = 0o777) -> int:
            if name == str(path):
                raise PermissionError(13, "Permission denied")
            return real(name, flags, mode)

        monkeypatch.setattr(os, "open", broken)
    else:
        path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "link":
        (tmp_path / "secret").write_bytes(b"secret")
        path.symlink_to(tmp_path / "secret")
    workshop.settle()
    assert there(workshop, ticket)[-1] == [("good.txt", b"y")]
    expected = f"вот\n\nФайл плохой.txt не передан: {why}. Он относится к запросу №{ticket} в BILLmanager."
    advice = " Чтобы передать его, выложите файл в файловое хранилище и пришлите ссылку." if what == "too large" else ""
    assert texts(workshop, ticket)[-1] == expected + advice


# Files that cannot be read on this host


@pytest.mark.parametrize("paths", ["elsewhere", "none"])
@pytest.mark.parametrize("answer", ["bare", "named"])
def test_a_file_that_cannot_be_read_here_is_fetched_from_the_panel(
    with_files: Workshop, paths: str, answer: str
) -> None:
    """The path may be another host's; ``ticket.file`` over HTTP gives the content itself."""
    with_files.panel.options.file_paths, with_files.panel.options.file_answer = paths, answer
    ticket = with_files.linked_ticket("раньше")
    given = [("отчёт.pdf", b"%PDF" + bytes(range(256)) * 400), ("empty.txt", b""), ("config.xml", b"<config/>")]
    with_files.panel.client_writes(with_files.ivan.user, ticket, "вот", given)
    with_files.settle()
    with_files.assert_equal(ticket)
    assert there(with_files, ticket)[-1] == given
    assert with_files.panel.sessions.open_sessions() == 0
    assert os.listdir(with_files.paths.downloads) == []


def test_a_file_of_the_message_a_case_is_made_with_is_fetched_too(with_files: Workshop) -> None:
    with_files.panel.options.file_paths = "elsewhere"
    ticket = with_files.linked_ticket("вот", files=[("a.txt", b"a")])
    assert there(with_files, ticket) == [[("a.txt", b"a")]]


@pytest.mark.parametrize("trouble", ["page", "gone there too", "too large", "no server", "no session", "no room"])
def test_a_page_of_the_panel_is_never_sent_as_a_file(
    with_files: Workshop, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """What cannot be had either way is named in the message, which does not wait for it."""
    with_files.panel.options.file_paths = "elsewhere"
    ticket = with_files.linked_ticket("раньше")
    with_files.panel.client_writes(with_files.ivan.user, ticket, "вот", [("плохой.html", b"x" * 2000)])
    why = "он больше 25 МБ" if trouble == "too large" else "его больше нет на сервере"
    if trouble == "page":
        with_files.panel.options.file_answer = "page"
    elif trouble == "gone there too":
        next(with_files.panel.attachments.iterdir()).unlink()
    elif trouble == "too large":
        with_files.panel.options.file_answer = "named"
        monkeypatch.setattr(outgoing, "LARGEST_FILE", 1000)
    elif trouble == "no server":
        with_files.restart(panel_url="http://127.0.0.1:9/billmgr")
    elif trouble == "no session":
        with_files.panel.options.mgrctl_environment = False
        with_files.restart()
    else:
        monkeypatch.setattr(outgoing, "no_room", lambda folder, size: True)
    with_files.settle()
    assert there(with_files, ticket)[-1] == []
    assert texts(with_files, ticket)[-1].startswith(f"вот\n\nФайл плохой.html не передан: {why}.")


def test_the_sentence_is_in_the_language_of_the_setting(make_workshop: Make) -> None:
    workshop = make_workshop(language="en")
    ticket = workshop.linked_ticket("earlier")
    workshop.panel.client_writes(workshop.ivan.user, ticket, "here", [("a.txt", b"x")])
    next(workshop.panel.attachments.iterdir()).unlink()
    workshop.settle()
    assert texts(workshop, ticket)[-1].endswith(
        f"The file a.txt was not sent: it is no longer on the server. It belongs to ticket {ticket} in BILLmanager."
    )


def test_an_empty_file_is_a_file(with_files: Workshop) -> None:
    ticket = with_files.linked_ticket()
    with_files.panel.client_writes(with_files.ivan.user, ticket, "вот", [("empty.txt", b"")])
    with_files.agent_replies(ticket, "и вот", attachments=[("leer.txt", "text/plain", b"")])
    with_files.settle()
    assert [("empty.txt", b"")] in there(with_files, ticket)
    assert here(with_files, ticket) == [("leer.txt", b"")]


@pytest.mark.parametrize("change", [-1000, 1000])
def test_a_file_that_changes_while_it_is_sent_goes_as_it_was(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    """Whole and once, by the first call."""
    ticket = workshop.linked_ticket("раньше")
    content = os.urandom(300_000)
    workshop.panel.client_writes(workshop.ivan.user, ticket, "вот", [("log.bin", content)])
    path = next(workshop.panel.attachments.iterdir())
    real = multipart.form

    @contextmanager
    def changing(fields: Sequence[tuple[str, str]], files: Sequence[multipart.FilePart]) -> Iterator[multipart.Form]:
        with real(fields, files) as form:
            os.truncate(path, len(content) + change)
            yield form

    monkeypatch.setattr(multipart, "form", changing)
    workshop.sync()
    assert [file for group in there(workshop, ticket) for file in group] == [("log.bin", content)]
    assert texts(workshop, ticket)[-1] == "вот"


@pytest.mark.parametrize("alone", [False, True])
def test_a_file_without_a_text_is_delivered_whether_or_not_the_panel_takes_one(
    with_files: Workshop, alone: bool
) -> None:
    with_files.panel.options.file_alone = alone
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "", attachments=[("отчёт.txt", "text/plain", b"content")])
    with_files.settle()
    (reply,) = [one for one in with_files.panel.messages(ticket) if one.staff]
    assert [(one.name, one.content) for one in reply.files] == [("отчёт.txt", b"content")]
