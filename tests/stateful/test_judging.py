"""The judge sees what is wrong in the simulated products themselves, not only in its own small worlds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stateful.play import Play
from tests.stateful.resting import check, rest


@pytest.fixture
def rested(linked: Play) -> Play:
    """A conversation that is right."""
    linked.client_writes(0, True, "и я", "arrives")
    linked.employee_replies(0, 1, "смотрим", False, "arrives")
    linked.sync()
    linked.agent_replies(0, 1, "готово", None, "now")
    linked.agent_notes(0, 0, "между нами", "now")
    rest(linked)
    return linked


def lose(play: Play) -> None:
    thread = play.stage.desk.threads[play.case(0)]
    del thread[next(id for id, one in thread.items() if "смотрим" in one.content + one.content_html)]


def lose_here(play: Play) -> None:
    play.stage.panel.execute("DELETE FROM ticket_message WHERE message LIKE '%%готово%%'")


def double(play: Play) -> None:
    play.stage.panel.employee_replies(play.stage.integration, play.tickets[0], "Вера Орлова пишет:\n\nготово", False)


def swap(play: Play) -> None:
    first, second = (one for one in play.stage.desk.messages(play.case(0)) if one.via_api and one.user_id)
    first.content, second.content = second.content, first.content


def sign_otherwise(play: Play) -> None:
    play.stage.panel.execute("UPDATE ticket_message SET user = %s WHERE message LIKE '%%готово%%'", play.stage.anna)


def show_a_note(play: Play) -> None:
    play.stage.panel.employee_replies(play.stage.anna, play.tickets[0], "между нами", False)
    play.stage.panel.execute("DELETE FROM ticket_note WHERE ticket = %s", play.tickets[0])


def close(play: Play) -> None:
    play.stage.desk.set_status(play.case(0), "closed")


def rate(play: Play) -> None:
    message = next(one for one in play.stage.desk.messages(play.case(0)) if one.kind == "reply_staff")
    message.rating = "low"


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lose, "lost"),
        (lose_here, "lost"),
        (double, "repeated"),
        (swap, "order"),
        (sign_otherwise, "author"),
        (show_a_note, "kind"),
        (close, "client wins"),
        (rate, "rating"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_is_spoiled_in_the_products_is_seen(rested: Play, spoil: Callable[[Play], None], rule: str) -> None:
    spoil(rested)
    with pytest.raises(AssertionError, match=rf"^\[{rule}\]"):
        check(rested)


def test_what_the_module_has_left_to_do_is_seen(rested: Play) -> None:
    rested.client_writes(0, False, "ещё", "arrives")
    with pytest.raises(AssertionError, match=r"\[lost\][\s\S]*an event waits"):
        check(rested)
