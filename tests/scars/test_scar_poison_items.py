"""Poison items: one thing that can never succeed holds up everything else, or is tried for ever.

Seen by users of mozilla/jira-bugzilla-integration (#1044: "if the text is too long, it will always be too long"), of
Zammad (#2538, #3314, #5375, #1161: one odd item ends the whole import) and of SpillwaveSolutions (#241: a remote 404 is
retried for ever).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omnidesk.sync import compose
from sandbox.omnidesk.wire import Request
from tests.support.workshop import Workshop

DAY = 86400.0


def says(text: str) -> Callable[[Request], bool]:
    """Calls whose body holds this text."""
    return lambda request: request.method == "POST" and text in request.body.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, '{"error":"content_too_long"}'), (413, "<html>413</html>"),
     (403, '{"error":"forbidden"}')],
)  # fmt: skip
def test_a_message_that_is_never_taken_is_set_aside_after_a_few_tries(
    workshop: Workshop, status: int, body: str
) -> None:
    """Its ticket's later messages go, other tickets are not delayed, and nobody asks a hundred times."""
    ticket, other = workshop.linked_ticket("раз"), workshop.linked_ticket("другой")
    workshop.desk.faults.answer(status, body, on=says("яд"), times=None)
    workshop.client_writes(ticket, "яд")
    workshop.client_writes(ticket, "после")
    workshop.client_writes(other, "сразу")
    workshop.sync()
    workshop.assert_equal(other)
    for _ in range(24):
        workshop.settle()
        workshop.tick(3600)
    tries = [fault for fault in workshop.desk.faults.fired if fault[0] == f"answer_{status}"]
    assert 3 <= len(tries) <= 5
    assert [line.text for line in workshop.both_sides(ticket).omnidesk] == ["раз", "после"]
    assert [one.state for one in workshop.message_links(ticket, "refused")] == ["refused"], "kept, not dropped"
    workshop.desk.faults.clear()
    workshop.context.queue.retry(ticket)
    workshop.settle()
    workshop.assert_equal(ticket, in_order=False)


@pytest.mark.parametrize("status", [500, 504])
def test_an_item_that_breaks_the_server_delays_only_itself(workshop: Workshop, status: int) -> None:
    """Tried at growing distances, and the others as soon as they come."""
    bad = workshop.linked_ticket("плохой")
    workshop.desk.faults.server_error(status, on=says("яд"), times=None)
    workshop.client_writes(bad, "яд")
    for number in range(10):
        good = workshop.new_ticket(str(number), user=workshop.petra.user)
        workshop.sync()
        workshop.assert_equal(good)
        workshop.tick(900)
    assert len(workshop.desk.faults.fired) <= 20
    workshop.desk.faults.clear()
    workshop.settle()
    workshop.assert_equal(bad)


def test_a_case_that_is_gone_is_not_asked_for_again_and_again(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.desk.delete(workshop.case(ticket))
    workshop.context.queue.make_due(ticket, "a test", look_case=True, look_messages=True)
    workshop.settle()
    for _ in range(10):
        workshop.tick(3600)
        assert workshop.calls(workshop.settle) == ["GET /api/cases.json"]


def test_one_case_in_an_unknown_state_does_not_end_the_poll(workshop: Workshop) -> None:
    """The list names a case this module cannot read; what changed beside it is found all the same."""
    good, odd = workshop.linked_ticket("один"), workshop.linked_ticket("другой")
    workshop.agent_replies(good, "ответ")
    workshop.agent_sets(odd, "waiting")
    workshop.deliver_webhooks(lose=1000)
    rows = json.loads(workshop.desk.handle(_list_of_cases(workshop)).body)
    for row in rows.values():
        if isinstance(row, dict) and row["case"]["case_id"] == workshop.case(odd):
            row["case"]["status"] = "frozen"
    workshop.desk.faults.answer(200, json.dumps(rows), on="GET /api/cases.json", times=None)
    workshop.sync()
    workshop.assert_equal(good)


def _list_of_cases(workshop: Workshop) -> Request:
    login = base64.b64encode(f"{workshop.desk.integration.email}:{workshop.desk.api_key}".encode()).decode()
    return Request("GET", "/api/cases.json", "limit=100", {"Authorization": f"Basic {login}"}, b"")


@pytest.mark.parametrize(
    "text", ["&#" + "1" * 5000 + ";", "&" + "amp;" * 20_000, "a" + "\u0300\u0327" * 20_000, "<" * 50_000]
)
def test_a_text_made_to_stop_us_goes_over_like_any_other(workshop: Workshop, text: str) -> None:
    """It costs its ticket neither an error nor a minute."""
    ticket = workshop.linked_ticket(text)
    workshop.client_writes(ticket, "после")
    workshop.settle()
    assert workshop.desk.messages(workshop.case(ticket))[-1].content == "после"
    assert workshop.link(ticket).attempts == 0


def test_a_reply_with_files_does_not_stop_the_panel_when_its_address_is_wrong(workshop: Workshop) -> None:
    """Only that ticket waits for the setting; every other goes on, also those that come later."""
    bad = workshop.linked_ticket("с файлом")
    workshop.restart(panel_url="https://127.0.0.1:9/billmgr")
    workshop.agent_replies(bad, "вот", attachments=[("a.txt", "text/plain", b"data")])
    workshop.deliver_webhooks()
    for number in range(3):
        good = workshop.new_ticket(str(number), user=workshop.petra.user)
        workshop.sync()
        workshop.assert_equal(good)
    assert workshop.link(bad).attempts > 0


def test_a_broken_record_in_the_spool_stops_nobody(workshop: Workshop) -> None:
    folder = Path(workshop.paths.spool)
    folder.mkdir(parents=True)
    (folder / "case-x").write_bytes(b"\xff\x00")
    (folder / "case-5").mkdir()
    ticket = workshop.new_ticket("раз")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.spooled() == []


def test_a_mistake_of_our_own_in_one_ticket_costs_the_others_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is logged and tried again later; the run goes on."""
    real = compose.subject

    def broken(settings: object, ticket: int, name: str) -> str:
        if name == "яд":
            raise ZeroDivisionError
        return real(workshop.settings, ticket, name)

    monkeypatch.setattr(compose, "subject", broken)
    bad = workshop.new_ticket("раз", subject="яд")
    good = workshop.new_ticket("два", user=workshop.petra.user)
    workshop.sync()
    workshop.assert_equal(good)
    assert workshop.link(bad).attempts == 1
    monkeypatch.undo()
    workshop.settle()
    workshop.assert_equal(bad)
