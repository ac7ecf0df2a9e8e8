"""A deleted case that refuses every call in words of its own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.judge.module_at_rest import left_over
from tests.support.amount import spread
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
Words = tuple[int, str, str]
JSON = "application/json"
WORDS: list[Words] = [
    (400, '{"success": false}', JSON),
    (400, '{"errors": ["Case was deleted"]}', JSON),
    (400, '{"error": {"code": 17, "text": "deleted"}}', JSON),
    (400, '{"error": ["deleted"]}', JSON),
    (400, '{"error": "Обращение удалено"}', "text/html"),
    (400, '{"error": true}', JSON),
    (400, "[]", JSON),
    (400, '"deleted"', JSON),
    (400, "null", JSON),
    (400, "Case was deleted", "text/plain"),
    (400, "\ufeff" + '{"error": "case_deleted"}', JSON),
    (404, "<!DOCTYPE html><title>404 Not Found</title>", "text/html"),
    (404, "", "text/plain"),
    (404, '{"error": "not_found"}', JSON),
    (400, '{"error": "not_found"}', JSON),
]


@pytest.fixture
def deleted(make_workshop: Make) -> Callable[[int, str, str], tuple[Workshop, int]]:
    """A workshop with a ticket whose case answers so from now on."""

    def make(code: int, body: str, type: str) -> tuple[Workshop, int]:
        workshop = make_workshop()
        ticket = workshop.linked_ticket("раз")
        workshop.panel.employee_replies(workshop.anna, ticket, "ответ", close=False)
        workshop.settle()
        case = workshop.case(ticket)
        workshop.tick(3600)
        workshop.settle()
        workshop.desk.delete(case)
        for path in (f"* /api/cases/{case}.json*", f"* /api/cases/{case}/*"):
            workshop.desk.faults.answer(code, body, type, on=path, times=None)
        return workshop, ticket

    return make


Deleted = Callable[[int, str, str], tuple[Workshop, int]]
ACTS: dict[str, Callable[[Workshop, int], object]] = {
    "client": lambda w, t: w.client_writes(t, "два"),
    "reply": lambda w, t: w.panel.employee_replies(w.anna, t, "два", close=False),
    "close": lambda w, t: w.panel.employee_replies(w.anna, t, "два", close=True),
    "file": lambda w, t: w.panel.client_writes(w.ivan.user, t, "два", [("a.txt", b"abc")]),
}


@pytest.mark.parametrize(("act", "words"), spread(list(product(sorted(ACTS), WORDS)), 6), ids=str)
def test_what_is_written_goes_into_a_new_case(deleted: Deleted, act: str, words: Words) -> None:
    workshop, ticket = deleted(*words)
    before = workshop.case(ticket)
    ACTS[act](workshop, ticket)
    workshop.settle()
    assert workshop.case(ticket) not in (0, before)
    said = [one.content or one.content_html for one in workshop.desk.messages(workshop.case(ticket)) if not one.note]
    assert len(said) == 1 and "два" in said[0]
    assert left_over(workshop.panel) == []
    assert workshop.context.queue.listing() == []


SILENT: dict[str, Callable[[Workshop, int], object]] = {
    "note": lambda w, t: w.panel.employee_notes(w.anna, t, "заметка"),
    "rating": lambda w, t: w.panel.client_rates(next(one.id for one in w.panel.messages(t) if one.staff), "bad"),
    "archive": lambda w, t: w.panel.client_archives(t),
    "end": lambda w, t: w.panel.employee_closes(w.anna, t),
    "webhook": lambda w, t: w.receive_webhook(f"object[case_id]={w.case(t)}&object[message_id]=5".encode(), ""),
    "rule": lambda w, t: w.receive_webhook(f"case_id={w.case(t)}".encode(), ""),
}


@pytest.mark.parametrize(("act", "words"), spread(list(product(sorted(SILENT), WORDS)), 8), ids=str)
def test_what_opens_no_case_finds_it_lost(deleted: Deleted, act: str, words: Words) -> None:
    """And the client's next message opens a new one, in which everything goes on."""
    workshop, ticket = deleted(*words)
    before = workshop.case(ticket)
    SILENT[act](workshop, ticket)
    workshop.settle()
    assert workshop.link(ticket).case_gone == "deleted"
    assert len(workshop.desk.cases) == 0
    workshop.client_writes(ticket, "два")
    workshop.settle()
    assert workshop.case(ticket) not in (0, before)
    workshop.agent_replies(ticket, "сюда")
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text == "сюда"
    assert left_over(workshop.panel) == []
    assert workshop.context.queue.listing() == []
