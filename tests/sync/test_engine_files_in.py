"""Files of Omnidesk's messages: kept while their message waits, gone afterwards, never what stops it or fills disks."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from omnidesk.attachments import disk_space, incoming, missing
from sandbox.billmanager import server
from sandbox.billmanager.request import Request
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings
from tests.support.crash import Crashes
from tests.support.rows import set_ticket
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
A = ("a.txt", "text/plain", b"a" * 10)
B = ("б.txt", "text/plain", b"b" * 200)
C = ("c.txt", "text/plain", b"c" * 30)


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    """A panel that takes uploads, and an account whose files need a login."""
    workshop = make_workshop(desk=Settings(files_need_auth=True))
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url)
        yield workshop


def here(workshop: Workshop, ticket: int) -> list[tuple[str, bytes]]:
    """The files of the ticket's last message."""
    return [(file.name, file.content) for file in workshop.panel.messages(ticket)[-1].files]


def said(workshop: Workshop, ticket: int) -> str:
    return workshop.panel.messages(ticket)[-1].text


def plain(*files: tuple[str, str, bytes]) -> list[tuple[str, bytes]]:
    return [(name, data) for name, _, data in files]


def kept(workshop: Workshop) -> list[Path]:
    """What lies in the folders of messages that wait."""
    folder = Path(workshop.paths.downloads)
    return sorted(path for path in folder.glob("*/*") if path.name != "tries") if folder.is_dir() else []


def folders(workshop: Workshop) -> list[str]:
    folder = workshop.paths.downloads
    return os.listdir(folder) if os.path.isdir(folder) else []


def fetched(workshop: Workshop) -> int:
    return len([call for call in workshop.calls() if call.startswith("GET /attachments/")])


# Kept, and gone


@pytest.mark.parametrize("fault", ["refuse", "lose_request", "die_after_commit"])
def test_what_was_fetched_waits_with_its_message_and_is_not_fetched_again(with_files: Workshop, fault: str) -> None:
    ticket = with_files.linked_ticket()
    getattr(with_files.panel.faults, fault)(select="ticket.edit", times=3)
    with_files.agent_replies(ticket, "вот", attachments=[A, B])
    with_files.deliver_webhooks()
    with_files.run_pass()
    if fault != "die_after_commit":
        assert sorted(path.read_bytes() for path in kept(with_files)) == [A[2], B[2]]
        assert all(stat.S_IMODE(path.parent.stat().st_mode) == 0o700 for path in kept(with_files))
    with_files.panel.faults.clear()
    with_files.settle()
    with_files.assert_equal(ticket)
    assert here(with_files, ticket) == plain(A, B)
    assert fetched(with_files) == 2
    assert folders(with_files) == []


def test_a_file_that_came_whole_is_kept_when_the_next_one_does_not(with_files: Workshop) -> None:
    """Half of a file is never taken for the whole."""
    ticket = with_files.linked_ticket()
    message = with_files.agent_replies(ticket, "вот", attachments=[A, B])
    second = f"GET /attachments/{message.files[1].token}/{message.files[1].file_id}"
    with_files.desk.faults.truncated(on=second, times=2)
    with_files.deliver_webhooks()
    with_files.run_pass()
    assert [path.read_bytes() for path in kept(with_files)] == [A[2]]
    with_files.settle()
    assert here(with_files, ticket) == plain(A, B)
    assert fetched(with_files) == 1 + 3
    assert folders(with_files) == []


def test_a_crash_anywhere_neither_fetches_twice_what_was_whole_nor_leaves_anything(make_workshop: Make) -> None:
    crashes = Crashes()
    for at in crashes:
        workshop = make_workshop()
        with PanelServer(workshop.panel) as serving:
            workshop.restart(panel_url=serving.url)
            ticket = workshop.linked_ticket()
            workshop.agent_replies(ticket, "вот", attachments=[A, B])
            workshop.deliver_webhooks()
            died = crashes.run(workshop, at)
            workshop.settle()
            assert here(workshop, ticket) == plain(A, B), died
            workshop.assert_equal(ticket)
            workshop.sync()
            assert folders(workshop) == [], died
            assert fetched(workshop) == 2, died
        workshop.close()
    assert len(crashes.effects) >= 5, "the run was expected to have more effects"


@pytest.mark.parametrize("what", ["gone case", "set aside", "delivered", "foreign", "old run"])
def test_nothing_is_kept_for_a_message_that_does_not_wait(with_files: Workshop, what: str) -> None:
    """Whoever it was that left it; the next pass removes it."""
    ticket = with_files.linked_ticket()
    rule = with_files.panel.faults.refuse(select="ticket.edit")
    message = with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.deliver_webhooks()
    with_files.run_pass()
    assert len(kept(with_files)) == 1
    if what == "gone case":
        with_files.desk.delete(with_files.case(ticket))
        rule.lift()
        with_files.settle()
    elif what == "set aside":
        set_ticket(with_files.context.db, ticket, set_aside=1)
    elif what == "delivered":
        rule.lift()
        with_files.settle()
        os.makedirs(os.path.join(with_files.paths.downloads, f"{ticket}-{message.message_id}"))
    else:
        rule.lift()
        with_files.settle()
        name = {"foreign": "999-17", "old run": "4711-abcd_efg"}[what]
        os.makedirs(os.path.join(with_files.paths.downloads, name))
    with_files.run_pass()
    assert folders(with_files) == []


def test_what_another_process_works_on_is_left_alone(with_files: Workshop) -> None:
    """A command may deliver a message of a ticket that is not due; its lock tells."""
    folder = os.path.join(with_files.paths.downloads, "17-1")
    os.makedirs(folder)

    @contextmanager
    def busy(number: int, *, wait: bool = False) -> Iterator[bool]:
        yield False

    incoming.sweep(with_files.context, SimpleNamespace(held=busy))  # type: ignore[arg-type]
    assert os.path.isdir(folder)
    incoming.sweep(with_files.context, with_files.locks)
    assert not os.path.isdir(folder)


# What the panel does not take


def limited(monkeypatch: pytest.MonkeyPatch, limit: int, status: int = 413) -> None:
    """The panel's web server takes no body of more than so many bytes."""
    real = server._Handler._api

    def api(handler: server._Handler, query: str, body: bytes) -> None:
        if len(body) > limit:
            handler._send(status, [("Content-Type", "text/html")], b"<html>too large</html>")
        else:
            real(handler, query, body)

    monkeypatch.setattr(server._Handler, "_api", api)


def test_an_upload_too_large_for_the_panel_goes_without_its_largest_file(
    with_files: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is not set aside; what fits arrives, and the address of the rest stands in the text."""
    limited(monkeypatch, 1900)
    ticket = with_files.linked_ticket()
    large = ("большой.txt", "text/plain", b"x" * 2000)
    message = with_files.agent_replies(ticket, "вот", attachments=[A, large, C])
    with_files.settle()
    assert here(with_files, ticket) == plain(A, C)
    address = f"/attachments/{message.files[1].token}/{message.files[1].file_id}"
    text = said(with_files, ticket)
    why = "другая сторона его не приняла; возможно, она не принимает файлы такого типа (.txt, 0,1 МБ)"
    assert f"Файл большой.txt не передан: {why}. Адрес в Омнидеске: " in text.replace("\\", "")
    assert address in text.replace("\\", "")
    assert not with_files.message_links(ticket, "intent", "refused")
    assert fetched(with_files) == 3
    assert folders(with_files) == []


def test_a_panel_that_takes_no_upload_at_all_gets_the_text(
    with_files: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, 0)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A, B])
    with_files.settle()
    assert here(with_files, ticket) == []
    assert said(with_files, ticket).count("не передан") == 2
    assert not with_files.message_links(ticket, "intent", "refused")


def test_the_file_that_the_panel_names_is_left_out(with_files: Workshop) -> None:
    def second(request: Request) -> bool:
        return any(upload.name == "a.txt" for upload in request.uploads.values())

    with_files.panel.faults.fail("value", "file_1", "a.txt", select=second)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A, B])
    with_files.settle()
    assert here(with_files, ticket) == plain(B)
    assert "Файл a.txt не передан" in said(with_files, ticket)


def test_a_refusal_that_is_not_of_the_files_sets_the_reply_aside_as_before(with_files: Workshop) -> None:
    rule = with_files.panel.faults.fail("value", "message", "x", select="ticket.edit")
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.settle()
    assert with_files.message_links(ticket, "refused")
    assert folders(with_files) == []
    rule.lift()
    with_files.context.queue.retry(ticket)
    with_files.settle()
    assert here(with_files, ticket) == plain(A)


def test_a_panel_whose_address_is_wrong_gets_the_text_after_a_few_tries(with_files: Workshop) -> None:
    """mgrctl works, uploads do not: the client is not kept waiting for his answer."""
    with_files.restart(panel_url="http://127.0.0.1:9/billmgr")
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.deliver_webhooks()
    with_files.sync()
    assert len(with_files.panel.messages(ticket)) == 1, "not at once: the panel may just be restarting"
    with_files.settle()
    assert here(with_files, ticket) == []
    assert "Файл a.txt не передан: передать его не удаётся" in said(with_files, ticket)
    assert fetched(with_files) == 1
    assert folders(with_files) == []


def test_an_upload_that_never_gets_an_answer_ends_in_the_text(with_files: Workshop) -> None:
    """Nobody knows each time whether it was carried out; it was not, and the next one goes without the file."""
    with_files.panel.faults.lose_request(select=lambda request: bool(request.uploads), times=None)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.settle()
    assert len(with_files.panel.messages(ticket)) == 2
    assert "не передан" in said(with_files, ticket)


# Lost on Omnidesk's side


@pytest.mark.parametrize(("status", "why"), [(404, "его больше нет на сервере"), (403, "другая сторона его не отдаёт"),
                                             (500, "передать его не удаётся")])  # fmt: skip
def test_why_a_file_was_not_had_is_said(with_files: Workshop, status: int, why: str) -> None:
    ticket = with_files.linked_ticket()
    with_files.desk.faults.answer(status, "<html>", "text/html", on="GET /attachments/*", times=None)
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.settle()
    assert f"Файл a.txt не передан: {why}" in said(with_files, ticket)
    assert folders(with_files) == []


def test_a_file_without_an_address_is_told_by_its_case(with_files: Workshop) -> None:
    ticket = with_files.linked_ticket()
    number = with_files.link(ticket).case_number
    words = missing.from_omnidesk(with_files.settings, missing.Missing("a.txt", "failed"), "", number)
    assert words == f"Файл a.txt не передан: передать его не удаётся. Он есть в Омнидеске, в обращении {number}."


def test_a_file_said_to_be_too_large_is_not_even_fetched(with_files: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "LARGEST_FILE", 100)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A, B])
    with_files.settle()
    assert here(with_files, ticket) == plain(A)
    assert fetched(with_files) == 1
    assert "Файл б.txt не передан: он больше 25 МБ" in said(with_files, ticket)


@pytest.mark.parametrize("error", ["plugin", "access", "db", "client"])
def test_an_error_after_the_files_were_taken_is_no_refusal_of_them(with_files: Workshop, error: str) -> None:
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A, B])
    with_files.panel.faults.fail_after_commit(error, "open" if error == "client" else "handler", "x", "ticket.edit", 3)
    with_files.settle()
    assert here(with_files, ticket) == plain(A, B)
    assert [one.text for one in with_files.panel.messages(ticket)][1:] == ["вот"]


def test_a_full_disk_is_not_filled_further(with_files: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few tries, then the text alone; nothing is fetched meanwhile."""
    monkeypatch.setattr(incoming, "no_room", lambda folder, size: True)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.sync()
    (row,) = with_files.context.queue.listing()
    assert "A file is not downloaded yet" in row.error_text and "Free disk space" in row.error_text
    with_files.settle()
    assert "Файл a.txt не передан: на диске сервера мало места" in said(with_files, ticket)
    assert fetched(with_files) == 0


def test_what_all_messages_keep_is_bounded(with_files: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for a panel that does not come back."""
    monkeypatch.setattr(incoming, "MOST_KEPT", 250)
    rule = with_files.panel.faults.refuse(select="ticket.edit")
    tickets = [with_files.linked_ticket(str(number)) for number in range(3)]
    for ticket in tickets:
        with_files.agent_replies(ticket, "вот", attachments=[B])
    with_files.deliver_webhooks()
    for _ in range(4):
        with_files.run_pass()
        assert sum(path.stat().st_size for path in kept(with_files)) <= 250
        with_files.tick(30)
    rule.lift()
    with_files.settle()
    assert [here(with_files, ticket) for ticket in tickets].count(plain(B)) >= 1
    assert folders(with_files) == []


def test_the_room_that_is_left_is_the_disks(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    assert disk_space.no_room(str(tmp_path), free)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"x" * 1000)
    assert disk_space.size_of(str(tmp_path)) == 1000


# Notes


def test_the_files_of_a_note_are_named_in_it(with_files: Workshop) -> None:
    """No function of the panel is known that takes files with a note; staff get the address."""
    ticket = with_files.linked_ticket()
    with_files.tick()
    with_files.desk.agent_note(with_files.case(ticket), with_files.anna_staff, text="для своих", attachments=[A])
    with_files.settle()
    note = with_files.panel.notes(ticket)[-1].text.replace("\\", "")
    assert note.startswith("для своих")
    assert "Файл a.txt не передан: заметка не может содержать файлы. Адрес в Омнидеске: https://" in note
    assert len(with_files.panel.messages(ticket)) == 1


def test_failures_of_something_else_in_the_ticket_leave_no_file_out(with_files: Workshop) -> None:
    """Omnidesk takes no message of the client for an hour; the answer comes with its file all the same."""
    ticket = with_files.linked_ticket()
    with_files.desk.faults.answer(500, "<html>", "text/html", on="POST */messages.json", times=None)
    with_files.client_writes(ticket, "ещё")
    for _ in range(10):
        with_files.sync()
        with_files.tick(600)
    assert with_files.link(ticket).attempts >= incoming.UPLOAD_TRIES
    with_files.agent_replies(ticket, "вот", attachments=[A])
    with_files.settle()
    assert here(with_files, ticket) == plain(A)
