"""Encoding: a text that ends at its first emoji, an error on it, or Cyrillic as a "limitation".

Seen by users of osTicket (#1475, #2883, #5210: cut at the first 4-byte character, utf8 and utf8mb4), mittwald (#166:
500 on emoji) and Zammad (documentation #274).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
EMOJI = "до 🙂 после 👩‍👩‍👧 и 𝒳 конец"


@pytest.mark.parametrize("charset", ["utf8mb4", "utf8"])
def test_what_stands_behind_an_emoji_is_not_cut_off(make_workshop: Make, charset: str) -> None:
    """Replies, notes, names and file names, both ways; where four bytes cannot be stored an emoji becomes its name."""
    workshop = make_workshop(charset=charset)
    whole = charset == "utf8mb4"
    ticket = workshop.linked_ticket(
        EMOJI if whole else "до после", subject="Тема 🙂 дальше" if whole else "Тема дальше"
    )
    workshop.desk.staff[workshop.vera_staff].name = "Вера 🌷 Орлова"
    workshop.agent_replies(ticket, EMOJI, staff=workshop.vera_staff)
    workshop.agent_notes(ticket, EMOJI)
    workshop.settle()
    for text in (workshop.panel.messages(ticket)[-1].text, workshop.panel.notes(ticket)[-1].text):
        assert text.endswith("конец")
        assert (EMOJI in text) == whole
        assert "?" not in text and "\ufffd" not in text
    assert "Орлова" in workshop.panel.messages(ticket)[-1].text
    if whole:
        there = workshop.desk.cases[workshop.case(ticket)]
        assert there.subject == "Тема 🙂 дальше"
        assert workshop.desk.messages(workshop.case(ticket))[0].content == EMOJI


def test_an_emoji_where_it_cannot_be_stored_holds_nothing_up(make_workshop: Make) -> None:
    """Neither its own ticket nor a second run: the named text is recognised as ours."""
    workshop = make_workshop(charset="utf8")
    ticket = workshop.linked_ticket()
    workshop.panel.faults.die_after_commit("ticket.edit")
    workshop.agent_replies(ticket, "🙂")
    workshop.agent_replies(ticket, "дальше")
    workshop.settle()
    texts = [message.text for message in workshop.panel.messages(ticket)][1:]
    assert texts == [":slightly smiling face:", "дальше"]


@pytest.mark.parametrize(
    "text", ["Привет, мир", "שלום", "你好，世界", "e\u0301\u200d", "\U0001f1f7\U0001f1fa", "x" * 70_000 + "🙂"]
)
def test_any_script_in_any_place_arrives_whole(workshop: Workshop, text: str) -> None:
    ticket = workshop.linked_ticket(text, subject=text[:200])
    workshop.panel.employee_notes(workshop.anna, ticket, text)
    workshop.agent_replies(ticket, text[:60_000])
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)
    assert workshop.desk.messages(workshop.case(ticket))[0].content == text
