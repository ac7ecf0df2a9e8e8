"""Opaque errors: words that name nothing, say nothing of what follows, and nothing of what to do.

Seen by users of vdirsyncer (#1093: "multiple items with same UID" with ids of no use; #1155) and
mozilla/jira-bugzilla-integration (#743: nobody is told of a failed synchronisation).

Every failure that can be forced from outside is forced here, and what the log and ``status`` say of it is read as an
administrator would: which ticket, what is wrong, what happens next, what he can do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from omnidesk.cli import commands
from omnidesk.cli import status as overview
from omnidesk.core.errors import Failure, Misconfigured
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.error_texts import TEXTS
from tests.support.workshop import Workshop

Force = Callable[[Workshop, int], None]
NEXT = re.compile(r"Next try in [0-9]+ s|Again in [0-9]+ s|is set aside after [0-9]+ tries|pmomnidesk retry [0-9]+")


def _reply(workshop: Workshop, ticket: int) -> None:
    workshop.agent_replies(ticket, "ответ")
    workshop.deliver_webhooks()


def _write(workshop: Workshop, ticket: int) -> None:
    workshop.client_writes(ticket, "яд")


def answer(status: int, body: str, kind: str = "application/json", on: str = "POST /api/cases/*") -> Force:
    """Omnidesk answers like this to the client's message."""

    def force(workshop: Workshop, ticket: int) -> None:
        workshop.desk.faults.answer(status, body, kind, on=on, times=None)
        _write(workshop, ticket)

    return force


def fault(name: str) -> Force:
    def force(workshop: Workshop, ticket: int) -> None:
        getattr(workshop.desk.faults, name)(on="POST /api/cases/*", times=None)
        _write(workshop, ticket)

    return force


def panel_says(type_: str, object_: str = "", value: str = "") -> Force:
    def force(workshop: Workshop, ticket: int) -> None:
        workshop.panel.faults.fail(type_, object_, value, lambda request: request.label == "pmomnidesk")
        _reply(workshop, ticket)

    return force


def panel_loses(workshop: Workshop, ticket: int) -> None:
    workshop.panel.faults.lose_request(lambda request: request.label == "pmomnidesk", times=None)
    _reply(workshop, ticket)


def nobody_to_speak(workshop: Workshop, ticket: int) -> None:
    workshop.panel.disable(workshop.integration)
    workshop.agent_replies(ticket, "ответ", staff=workshop.vera_staff)
    workshop.deliver_webhooks()


def no_integration_employee(workshop: Workshop, ticket: int) -> None:
    workshop.restart(email="somebody.else@example.com")  # no employee of Omnidesk's; the API login stays as it is
    workshop.context.client.session.auth = (workshop.desk.integration.email, workshop.desk.api_key)
    workshop.panel.employee_replies(workshop.boris, ticket, "ответ", close=False)


def wrong_panel_address(workshop: Workshop, ticket: int) -> None:
    workshop.restart(panel_url="https://127.0.0.1:9/billmgr")
    workshop.agent_replies(ticket, "вот", attachments=[("a.txt", "text/plain", b"data")])
    workshop.deliver_webhooks()


def a_mistake_of_ours(workshop: Workshop, ticket: int) -> None:
    def broken(*given: object, **options: object) -> None:
        raise ZeroDivisionError("never shown to anybody")

    workshop.context.client.add_message = broken  # type: ignore[method-assign, assignment]
    _write(workshop, ticket)


def unreachable(workshop: Workshop, ticket: int) -> None:
    workshop.desk.faults.unreachable = True


OF_A_TICKET: dict[str, tuple[str, Force]] = {
    "a refused message": ("omnidesk_refused", answer(400, '{"error":"wrong_content"}')),
    "an employee who may not": ("omnidesk_staff", answer(403, '{"error":"staff_has_not_access"}')),
    "trouble of Omnidesk's": ("omnidesk_trouble", answer(502, "<html>502</html>", "text/html")),
    "an answer that is none": ("omnidesk_broken_answer", answer(201, "<html>", "text/html")),
    "no answer": ("omnidesk_no_answer", fault("drop_before")),
    "a refusal of the panel's": ("panel_refused", panel_says("value", "message", "bad")),
    "no rights": ("panel_access", panel_says("access", "ticket.edit")),
    "trouble of the panel's": ("panel_trouble", panel_says("db", "query")),
    "the panel's silence": ("panel_no_answer", panel_loses),
    "nobody to speak in BILLmanager": ("no_employee", nobody_to_speak),
    "nobody to speak in Omnidesk": ("no_staff", no_integration_employee),
    "a wrong address of the panel": ("panel_url", wrong_panel_address),
    "a mistake of ours": ("internal", a_mistake_of_ours),
}
OF_ALL: dict[str, tuple[str, Force]] = {
    "a wrong key": ("omnidesk_key", answer(401, '{"error":"invalid_api_key"}', on="* /api/*")),
    "a wrong login": ("omnidesk_login", answer(403, '{"error":"staff_not_found"}', on="GET /api/*")),
    "a wrong address": ("omnidesk_address", answer(404, "<html>404</html>", "text/html", on="* /api/*")),
    "a used-up minute": ("omnidesk_rate", answer(429, '{"error":"rate_limit_exceeded"}', on="* /api/*")),
    "nothing reached": ("omnidesk_unreachable", unreachable),
    "a panel that restarts": ("panel_restarting", panel_says("client", "open", "billmgr")),
}  # fmt: skip


@contextmanager
def logged() -> Iterator[list[str]]:
    """What an administrator's log holds: warnings and errors."""
    lines: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Keeps(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)


def status(workshop: Workshop) -> list[str]:
    """What ``pmomnidesk status`` prints."""
    return overview.status(workshop.context, Arguments()).text()


def cure_of(type: str) -> str:
    """The part of a failure's cure that is the same for all of them."""
    return max(re.split(r"\{\w+\}", TEXTS[type].cure_en), key=len).strip()


@pytest.mark.parametrize("case", OF_A_TICKET)
def test_a_tickets_failure_says_which_what_next_and_what_to_do(workshop: Workshop, case: str) -> None:
    """In one line of the log at the first failure, and in ``status`` as long as it lasts."""
    type, force = OF_A_TICKET[case]
    ticket = workshop.linked_ticket()
    workshop.settle()
    with logged() as lines:
        force(workshop, ticket)
        workshop.run_pass()
    told = [line for line in lines if f"ticket {ticket}" in line and NEXT.search(line)]
    assert told, lines
    assert cure_of(type) in told[0] and TEXTS[type].en.partition("{")[0].strip() in told[0], told[0]
    shown = [line for line in status(workshop) if re.match(rf"{ticket} +\S", line)]
    assert shown and cure_of(type) in shown[0]
    assert re.search(r"  (in [0-9]+ (s|min)|now|set aside) +1 ", shown[0]), "when it is tried next, and one try"
    assert not re.search(r"Traceback|Error\(|<class|object at 0x|never shown", " ".join([*told, *shown]))


@pytest.mark.parametrize("case", OF_ALL)
def test_a_failure_of_the_whole_says_what_next_and_what_to_do_once(workshop: Workshop, case: str) -> None:
    """Loud once, and not for each ticket; ``status`` shows it as long as it lasts."""
    type, force = OF_ALL[case]
    tickets = [workshop.linked_ticket(str(number)) for number in range(5)]
    workshop.settle()
    with logged() as lines:
        force(workshop, tickets[0])
        for ticket in tickets[1:]:
            workshop.client_writes(ticket, "ещё")
        for _ in range(3):
            workshop.run_pass()
            workshop.tick(1)
    told = [line for line in lines if NEXT.search(line)]
    assert len(told) == 1, lines
    assert cure_of(type) in told[0] and TEXTS[type].en.partition("{")[0].strip() in told[0]
    shown = [line for line in status(workshop) if line.startswith("paused ")]
    assert shown and TEXTS[type].en.partition("{")[0].strip() in shown[0] and cure_of(type) in shown[0]
    assert all(workshop.link(ticket).attempts == 0 for ticket in tickets), "nobody's tries are counted"


def test_what_is_set_aside_stays_in_sight_with_its_reason_until_it_is_mended(workshop: Workshop) -> None:
    """Loud once in the log, there in ``status`` for weeks, with the command that takes it up again; then gone."""
    ticket = workshop.linked_ticket()
    with logged() as lines:
        answer(400, '{"error":"wrong_content"}')(workshop, ticket)
        workshop.settle()
        for _ in range(20):
            workshop.tick(86400)
            workshop.settle()
    loud = [line for line in lines if "is set aside" in line]
    assert len(loud) == 1 and f"ticket {ticket}" in loud[0] and f"pmomnidesk retry {ticket}" in loud[0]
    assert "wrong_content" in loud[0], "Omnidesk's own word for it"
    shown = [line for line in status(workshop) if line.startswith(f"{ticket} ")]
    assert shown and "wrong_content" in shown[0] and any("refused because" in line for line in status(workshop))
    workshop.desk.faults.clear()
    commands.retry(workshop.context, Arguments(id=ticket))
    workshop.settle()
    workshop.assert_equal(ticket)
    assert not [line for line in status(workshop) if "set aside" in line or line.startswith((f"{ticket} ", "ticket "))]


@pytest.mark.parametrize("content", ["", "OmnideskUrl http://evil\nNonsense 1\nOmnideskChannel x\n"])
def test_settings_tell_every_mistake_with_its_line(content: str) -> None:
    """At once, so that one look is enough."""
    from omnidesk.core import settings

    with pytest.raises(Misconfigured) as caught:
        settings.parse(content)
    said = caught.value.phrase
    for part in (
        ("line 1: OmnideskUrl", "line 2: Nonsense", "line 3: OmnideskChannel") if content else ("OmnideskUrl: missing",)
    ):
        assert part in said.text("en")
    assert "omnidesk.conf.example" in said.cure("en")


def test_a_database_that_refuses_us_is_named(workshop: Workshop) -> None:
    config = workshop.root / "etc" / "billmgr.conf.d" / "db.conf"
    config.write_text(config.read_text().replace("DBUser root", "DBUser nobody_here"))
    workshop.restart()
    with pytest.raises(Failure) as caught:
        workshop.context.reader.ticket(1)
    said = caught.value.phrase
    assert "nobody_here" in said.text("en") and said.cure("en")


def test_both_sides_that_do_not_come_to_rest_are_told_of(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """vdirsyncer's users never learned of items that differ for ever: here the plan itself is named."""
    ticket = workshop.linked_ticket()
    monkeypatch.setattr(workshop.context.links, "status_agreed", lambda *given: None)
    with logged() as lines:
        workshop.agent_sets(ticket, "closed")
        workshop.context.queue.make_due(ticket, "a test", look_case=True)
        workshop.run_pass()
    told = [line for line in lines if f"ticket {ticket}" in line]
    assert told and "do not converge" in told[0] and "sync_ticket TICKET --dry-run" in told[0]
