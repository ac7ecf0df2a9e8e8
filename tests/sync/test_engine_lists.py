"""Lists of Omnidesk whose totals say something else than their rows, and times that are too long to be asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.omnidesk import views
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0


@pytest.mark.parametrize("total", [10**6, "1000000", "7", None, "", "-", 7.0], ids=repr)
def test_a_total_that_says_something_else(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, total: object) -> None:
    """The page behind the last one may say the right number: then a row seems to have been removed meanwhile."""
    ticket = workshop.linked_ticket("раз")
    workshop.settle()
    for number in range(6):
        workshop.agent_replies(ticket, f"ответ {number}")
    workshop.deliver_webhooks(lose=10)
    real = views.listed

    def listed(*given: Any) -> views.View:
        document = real(*given)
        if len(document) > 1:
            document["total_count"] = total
        return {key: value for key, value in document.items() if value is not None}

    monkeypatch.setattr(views, "listed", listed)
    for _ in range(3):
        workshop.tick(700)
        workshop.settle()
    assert [one.text for one in workshop.panel.messages(ticket)] == ["раз", *[f"ответ {one}" for one in range(6)]]


@pytest.mark.parametrize("longest", [366, 365, None])
@pytest.mark.parametrize("days", [200, 400, 800])
def test_a_module_that_was_stopped_for_long(make_workshop: Make, longest: int | None, days: int) -> None:
    workshop = make_workshop(desk=Settings(longest_range=longest))
    first, second = workshop.linked_ticket("раз"), workshop.linked_ticket("два")
    workshop.settle()
    for ticket in (first, second):
        workshop.tick(days * DAY / 3)
        workshop.agent_replies(ticket, "ответ")
        workshop.deliver_webhooks(lose=10)
    workshop.tick(days * DAY / 3)
    for _ in range(4):
        workshop.settle()
        workshop.tick(700)
    assert [one.text for one in workshop.panel.messages(first)] == ["раз", "ответ"]
    assert [one.text for one in workshop.panel.messages(second)] == ["два", "ответ"]


@pytest.mark.parametrize(
    "field", [{"message_id": "x"}, {"message_id": None}, {"message_id": 0}, {"content": ["x"]}], ids=repr
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_message_that_cannot_be_read_doubles_no_other(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, field: dict[str, Any], which: int
) -> None:
    """Nor the message that the case was opened with, whose id is not known yet; it follows when it can be read."""
    ticket = workshop.linked_ticket("раз")
    workshop.settle()
    for text in ("ответ 1", "ответ 2"):
        workshop.agent_replies(ticket, text)
    workshop.desk.client_message(workshop.case(ticket), "почтой")
    workshop.deliver_webhooks(lose=10)
    damaged = [one.message_id for one in workshop.desk.messages(workshop.case(ticket))][which]
    real = views.message
    monkeypatch.setattr(
        views, "message", lambda model, it: real(model, it) | (field if it.message_id == damaged else {})
    )
    for _ in range(3):
        workshop.tick(700)
        workshop.sync()
    texts = ["раз", "ответ 1", "ответ 2", "почтой"]
    there = [one for one in texts if which == 0 or one != texts[which]]
    assert sorted(one.text for one in workshop.panel.messages(ticket)) == sorted(there)
    monkeypatch.setattr(views, "message", real)
    workshop.agent_replies(ticket, "ответ 3")
    workshop.settle()
    assert sorted(one.text for one in workshop.panel.messages(ticket)) == sorted([*texts, "ответ 3"])
