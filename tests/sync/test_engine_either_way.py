"""What docs/unverified.md lists as not assumed: the module works with either variant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.billmanager.panel import PanelOptions
from sandbox.omnidesk.settings import Settings
from tests.docs.pages import page
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
EITHER: dict[str, tuple[Any, ...]] = {
    "agent_writes": ("html", "plain"),
    "mail_events": (False, True),
    "webhook_echo_api": (False, True),
    "webhook_notes": (False, True),
    "webhook_omits_empty_content": (False, True),
    "webhook_retries": (0, 3),
    "webhook_timeout": (1.0, 5.0),
}


@pytest.mark.parametrize(
    ("switch", "value"), [(name, value) for name, values in EITHER.items() for value in values], ids=str
)
def test_a_conversation_is_the_same_on_both_sides(make_workshop: Make, switch: str, value: Any) -> None:
    """With a mail, notes both ways, and a webhook that is lost."""
    here = switch in PanelOptions.__dataclass_fields__
    options, desk = PanelOptions(**{switch: value} if here else {}), Settings(**{} if here else {switch: value})
    workshop = make_workshop(panel_options=options, desk=desk)
    ticket = workshop.linked_ticket()
    workshop.panel.mail_arrives(workshop.ivan.user, ticket, "письмом")
    workshop.panel.employee_replies(workshop.anna, ticket, "от Анны", close=False)
    workshop.panel.employee_notes(workshop.anna, ticket, "заметка")
    workshop.settle()
    workshop.agent_notes(ticket, "заметка агента")
    workshop.deliver_webhooks(lose=1)
    workshop.agent_replies(ticket, "ответ агента")
    workshop.settle()
    workshop.tick(700)
    workshop.settle()
    workshop.assert_equal(ticket)


def test_what_is_not_assumed_is_what_is_tried_here() -> None:
    text = " ".join(page("docs/unverified.md").section("What is not assumed").split())
    named = re.findall(r"switch(?:es)? ((?:`\w+`(?:, )?)+)", text)
    assert {name for names in named for name in re.findall(r"`(\w+)`", names)} == {*EITHER, "file_alone"}
