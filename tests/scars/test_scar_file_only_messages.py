"""Attachments: a message that is only a file is no message; one file ends everything; large ones vanish in silence.

Seen by users of Chatwoot (#3430, #8999), Zammad (#2179: a timeout in one attachment ends the import after 523 tickets;
#3118) and Korvex (more than 10 MB is skipped without a word).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from omnidesk.attachments import incoming, outgoing
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
PICTURE = ("снимок.png", "image/png", b"\x89PNG")
OTHER = ("журнал.txt", "text/plain", b"line\n")


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    """A panel that takes uploads, and an account whose files need a login."""
    workshop = make_workshop(desk=Settings(files_need_auth=True))
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        yield workshop


def files_of(workshop: Workshop, ticket: int) -> list[tuple[str, bytes]]:
    return [(file.name, file.content) for file in workshop.panel.messages(ticket)[-1].files]


def test_a_reply_that_is_only_a_file_arrives_with_it(with_files: Workshop) -> None:
    """The webhook says nothing of a text then; the reply is read from the API."""
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "", attachments=[PICTURE])
    with_files.settle()
    assert files_of(with_files, ticket) == [PICTURE[::2]]
    assert "снимок.png" in with_files.panel.messages(ticket)[-1].text, "and a text that says so"


def test_a_clients_message_that_is_only_a_file_arrives_with_it(workshop: Workshop) -> None:
    """Omnidesk takes no message without a text, so one stands for it."""
    ticket = workshop.linked_ticket()
    message = workshop.panel.client_writes(workshop.ivan.user, ticket, "x", [PICTURE[::2]])
    workshop.panel.execute("UPDATE ticket_message SET message = '' WHERE id = %s", message)
    workshop.settle()
    there = workshop.desk.messages(workshop.case(ticket))[-1]
    assert [(file.name, file.data) for file in there.files] == [PICTURE[::2]]
    assert there.content


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "server_error", "truncated", "hang"])
def test_a_passing_trouble_with_one_file_costs_neither_it_nor_the_others(with_files: Workshop, fault: str) -> None:
    """It is fetched again with its message; other tickets do not wait."""
    ticket, other = with_files.linked_ticket(), with_files.linked_ticket("другой")
    getattr(with_files.desk.faults, fault)(on="GET /attachments/*", times=2)
    with_files.agent_replies(ticket, "вот", attachments=[PICTURE, OTHER])
    with_files.agent_replies(other, "сразу")
    with_files.deliver_webhooks()
    with_files.sync(force=False)
    with_files.assert_equal(other)
    with_files.settle()
    with_files.assert_equal(ticket)
    assert files_of(with_files, ticket) == [PICTURE[::2], OTHER[::2]]


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_file_that_cannot_be_had_is_named_in_its_message(with_files: Workshop, status: int) -> None:
    """With its address, and the other file beside it; not before it was tried, and not for ever."""
    ticket = with_files.linked_ticket()
    message = with_files.agent_replies(ticket, "вот", attachments=[PICTURE, OTHER])
    gone = f"/attachments/{message.files[0].token}/{message.files[0].file_id}"
    with_files.desk.faults.answer(status, "<html>", "text/html", on=f"GET {gone}", times=None)
    with_files.settle()
    said = with_files.panel.messages(ticket)[-1]
    assert said.text.startswith("вот") and "снимок.png" in said.text and gone in said.text
    assert files_of(with_files, ticket) == [OTHER[::2]]
    assert with_files.context.queue.next_due() is None


def test_a_file_that_is_too_large_is_named_not_skipped_in_silence(
    with_files: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "LARGEST_FILE", 10)
    monkeypatch.setattr(outgoing, "LARGEST_FILE", 10)
    large = ("большой.bin", "application/octet-stream", b"x" * 11)
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[large])
    with_files.panel.client_writes(with_files.ivan.user, ticket, "и вот", [large[::2]])
    with_files.settle()
    for text in (
        [message.text for message in with_files.panel.messages(ticket) if message.staff][-1],
        [message.content for message in with_files.desk.messages(with_files.case(ticket)) if message.user_id][-1],
    ):
        assert "большой.bin" in text


def test_files_kept_at_another_host_are_no_reason_to_lose_them_in_silence(with_files: Workshop) -> None:
    """An address that nothing may be fetched from stands in the message, for a person to open."""
    with_files.desk.settings.files_redirect_to = "http://127.0.0.1:9"
    ticket = with_files.linked_ticket()
    with_files.agent_replies(ticket, "вот", attachments=[PICTURE])
    with_files.settle()
    assert "снимок.png" in with_files.panel.messages(ticket)[-1].text
    assert with_files.desk.base_url in with_files.panel.messages(ticket)[-1].text
