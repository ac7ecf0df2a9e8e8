"""Rate limits: a 429 that ends in a hang of hours, or in a storm of tries.

Seen by users of Airbyte (#11899: a hang of seven hours; #19266) and tap-zendesk (2.6.1).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [(None, 60), (0, 1), (7, 7), (25_200, 3600), (10**12, 60), ("inf", 60), ("soon", 60), ("-5", 60)],
)
def test_a_refused_call_is_waited_for_and_no_other_is_made(
    workshop: Workshop, retry_after: int | str | None, seconds: int
) -> None:
    """One call found out; until it is over nobody calls. An hour at most, and a minute where nothing is said."""
    tickets = [workshop.new_ticket(str(number)) for number in range(10)]
    headers = {} if retry_after is None else {"retry_after": str(retry_after)}
    workshop.desk.faults.answer(429, '{"error":"rate_limit_exceeded"}', headers=headers)
    first = workshop.calls(workshop.sync)
    assert len(first) == 1
    paused = workshop.reports[-1].paused
    assert paused is not None and paused.type == "omnidesk_rate"
    assert paused.seconds == pytest.approx(seconds, abs=1)
    if seconds > 1:
        workshop.tick(paused.seconds / 2)
        workshop.restart()
        assert workshop.calls(workshop.sync) == [], "another process knows it too"
    workshop.settle()
    workshop.assert_all_equal(tickets)


def test_a_storm_of_refusals_costs_a_call_a_minute(workshop: Workshop) -> None:
    """Somebody else uses the account up for an hour: the module asks seldom, and resumes by itself."""
    tickets = [workshop.new_ticket(str(number)) for number in range(20)]
    workshop.desk.faults.rate_limited(retry_after=30, times=60)
    began, before = workshop.clock(), len(workshop.desk.calls)
    workshop.settle(limit=300)
    waited = workshop.clock() - began
    assert waited >= 60 * 30
    assert len(workshop.desk.faults.fired) == 60
    assert len(workshop.desk.calls) - before <= 60 + 20 + 20
    workshop.assert_all_equal(tickets)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_small_account_with_much_to_do_is_never_refused(make_workshop: Make, legacy: bool) -> None:
    """What the answers tell is left of the minute is obeyed before a refusal comes; the longest wait is first."""
    workshop = make_workshop(desk=Settings(rate_limit=4, rate_limit_legacy=legacy))
    tickets = [workshop.new_ticket(str(number)) for number in range(9)]
    workshop.settle()
    workshop.assert_all_equal(tickets)
    assert not [call for call in workshop.desk.calls if call.status in (429, 403)]
    made = sorted(tickets, key=workshop.case)
    assert made == tickets


def test_a_refusal_in_the_middle_of_a_ticket_loses_and_doubles_nothing(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("0")
    for number in range(1, 8):
        workshop.client_writes(ticket, str(number))
    workshop.desk.faults.rate_limited(on="POST /api/cases/*/messages.json", times=3, chance=0.5)
    workshop.settle()
    workshop.assert_equal(ticket)
