"""Edits of delivered replies through the installed worker, hooks and mgrctl."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.billmanager.panel import PanelOptions
from tests.e2e.live import Live


@pytest.mark.parametrize("way", ["works", "refuses"])
def test_an_agents_edit_reaches_the_client_once_and_nothing_comes_back(
    make_live: Callable[..., Live], way: str
) -> None:
    live = make_live({"OmnideskEdits": "message"}, panel=PanelOptions(message_edit=way, edit_moves_date=True))
    one = live.ticket("Сколько стоит?")
    reply = live.desk.agent_reply(one.case, live.staff, text="Оплатите 500 руб.").message_id
    live.equal(one)
    there = len(live.desk.messages(one.case))
    live.watch.settled()
    live.watch.next_second(
        live.desk.cases[one.case].updated_at
    )  # an edit in the second of the read shows no later time
    live.desk.edit_message(one.case, reply, text="Оплатите 50 руб.")
    live.polled()
    expected = {
        "works": ["Оплатите 50 руб."],
        "refuses": ["Оплатите 500 руб.", "Исправление: Оплатите 50 руб."],
    }[way]

    def said() -> list[str]:
        return [message.text for message in live.panel.messages(one.ticket) if message.staff]

    live.until("the client reads it", lambda: said() == expected)
    live.watch.settled()
    live.panel.client_writes(live.ivan, one.ticket, "спасибо")
    live.until("the conversation goes on", lambda: len(live.desk.messages(one.case)) == there + 1)
    live.watch.settled()
    assert (said(), len(live.desk.messages(one.case))) == (expected, there + 1)
    assert live.problems() == []
