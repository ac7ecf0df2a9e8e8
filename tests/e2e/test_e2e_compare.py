"""The demo's judge: what it calls equal, and that every kind of difference is told."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from sandbox.demo.report import compare
from sandbox.demo.screen import Screen
from sandbox.demo.sides import Conversation, Entry, File, Side, differences, plain
from sandbox.demo.stage import Stage
from sandbox.demo.steps import Steps, Took
from tests.e2e.live import Live

CLIENT = Entry(1, "client", "Иван Петров", "Не работает", (File("a.log", b"1"),))
SPOKEN_FOR = "**Анна Ким пишет:**\n\nПроверьте сейчас"
REPLY = Entry(2, "staff", "Анна Ким", "Проверьте **сейчас**", rating="high")
NOTE = Entry(3, "note", "Анна Ким", "Диск")
SIDE = Side("Помогите", "open", (CLIENT, REPLY), (NOTE,), {"Отдел": "Поддержка"})


@pytest.mark.parametrize(
    "other",
    [
        SIDE,
        replace(SIDE, messages=(CLIENT, replace(REPLY, id=900, text="Проверьте сейчас"))),
        replace(SIDE, messages=(CLIENT, replace(REPLY, author="Integration", text=SPOKEN_FOR))),
    ],
)
def test_what_is_equal(other: Side) -> None:
    """Ids and marks of Markdown do not count; somebody may speak for the author if he names him."""
    assert differences(SIDE, other) == []
    assert differences(other, SIDE) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (replace(SIDE, title="Другое"), "subject"),
        (replace(SIDE, status="waiting"), "status"),
        (replace(SIDE, messages=(CLIENT,)), "number of messages"),
        (replace(SIDE, messages=(REPLY, CLIENT)), "message 1: kind"),
        (replace(SIDE, messages=(CLIENT, REPLY, REPLY)), "number of messages"),
        (replace(SIDE, messages=(CLIENT, replace(REPLY, text="Проверьте"))), "message 2:"),
        (replace(SIDE, messages=(CLIENT, replace(REPLY, author="Integration"))), "message 2:"),
        (replace(SIDE, messages=(CLIENT, replace(REPLY, text="Анна Ким пишет: Проверьте сейчас"))), "message 2:"),
        (replace(SIDE, messages=(CLIENT, replace(REPLY, rating="low"))), "message 2: rating"),
        (replace(SIDE, messages=(replace(CLIENT, files=()), REPLY)), "message 1: files"),
        (replace(SIDE, messages=(replace(CLIENT, files=(File("a.log", b"2"),)), REPLY)), "contents"),
        (replace(SIDE, notes=()), "number of notes"),
        (replace(SIDE, fields={"Отдел": "Оплата"}), "field Отдел"),
        (replace(SIDE, fields={}), "field Отдел"),
    ],
)
def test_what_is_different(other: Side, told: str) -> None:
    """Each difference is named."""
    found = differences(SIDE, other)
    assert any(told in one for one in found), found


def test_a_case_may_be_closed_while_the_ticket_only_waits() -> None:
    """BILLmanager has no word for it; the reverse is a difference."""
    waiting, closed = replace(SIDE, status="waiting"), replace(SIDE, status="closed")
    assert differences(waiting, closed) == []
    assert differences(closed, waiting) != []


def test_html_is_read_as_a_person_reads_it() -> None:
    """Blocks become lines, entities signs."""
    assert plain("<p>a &amp; <b>b</b></p><ul><li>c</li><li>d</li></ul>") == "a & b\n- c\n- d"
    assert plain("<p>a</p>\n<p>b<br>c</p><ol><li>d</li></ol><p>e</p>") == "a\n\nb\nc\n- d\n\ne"


@pytest.mark.parametrize("tampered", ["nothing", "text", "extra case", "spool"])
def test_the_demo_fails_on_any_difference(live: Live, tampered: str) -> None:
    """The exit code is what a stranger believes."""
    one = live.ticket()
    page = io.StringIO()
    stage = Stage.__new__(Stage)
    stage.world, stage.language, stage.watch, stage.linked = live.world, "en", live.watch, []
    steps = Steps(stage, Screen(page, 100))
    steps.conversations.append(Conversation(one.ticket, one.case))
    steps.took.append(Took(0.1, 1))
    if tampered == "text":
        live.desk.edit_message(one.case, live.desk.messages(one.case)[0].message_id, text="Something else")
    elif tampered == "extra case":
        live.desk.client_case("stranger@example.com", "Hello", "I am new")
    elif tampered == "spool":
        folder = live.world.root / "var" / "omnidesk" / "broken"
        folder.mkdir()
        (folder / "case-x").write_text("what is this\n")
    assert compare(stage, steps, Screen(page, 100), 0.0) == (0 if tampered == "nothing" else 1), page.getvalue()
    assert ("✗" in page.getvalue()) == (tampered != "nothing")
