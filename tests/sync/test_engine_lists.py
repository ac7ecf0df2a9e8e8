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
