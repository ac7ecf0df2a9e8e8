"""The account's calls per minute with many calls under way: never more than allowed, and nearly all of them used.

What Omnidesk's minute is, is not known, so each kind is played: calls leave at any time, reach the account and are
answered after random times in any order, in threads and processes that share the record.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from omnidesk.core.errors import Paused
from omnidesk.helpdesk.rate_limit import RateGate
from tests.support.clock import Clock
from tests.support.traffic import WINDOWS, Traffic


@pytest.mark.parametrize(
    ("limit", "seconds", "window"),
    [*((limit, seconds, one) for limit, seconds in ((20, 0.3), (100, 1.0), (750, 0.3)) for one in WINDOWS),
     (1500, 0.3, "minute")],
)  # fmt: skip
def test_the_limit_is_used_and_never_exceeded(tmp_path: Path, limit: int, seconds: float, window: str) -> None:
    """As many lanes as follow from the limit and the time of a call."""
    traffic = Traffic(tmp_path, limit, window, seconds)
    traffic.panel(1)
    traffic.run(60)
    before = traffic.answered[1]
    traffic.run(120)
    used = (traffic.answered[1] - before) / (2 * limit)
    assert not traffic.refused
    assert used >= 0.95, f"{used:.1%} of the limit"


@pytest.mark.parametrize("window", WINDOWS)
def test_history_leaves_a_reserve_and_uses_the_rest(tmp_path: Path, window: str) -> None:
    """An import leaves some calls of each minute to today's tickets, in any kind of minute."""
    traffic, limit = Traffic(tmp_path, 200, window, 0.3), 200
    traffic.panel(1, 4, reserve=10)
    traffic.run(60)
    before = traffic.answered[1]
    traffic.run(120)
    assert not traffic.refused
    assert 0.9 * limit <= (traffic.answered[1] - before) / 2 <= limit - 10


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("limit", "seconds"), [(20, 0.3), (100, 0.3), (750, 0.3)])
def test_three_panels_on_one_account_share_it(tmp_path: Path, limit: int, seconds: float, window: str) -> None:
    """Each notices the others, and leaves what they may have under way: one of a thousand calls is refused at most."""
    traffic = Traffic(tmp_path, limit, window, seconds)
    for number in range(3):
        traffic.panel(number)
    traffic.run(60)
    first, before = traffic.refused, dict(traffic.answered)
    traffic.run(240)
    shares = [(traffic.answered[one] - before[one]) / 4 / limit for one in before]
    assert sum(shares) > 0.7, shares
    assert min(shares) > 0.1, shares
    assert first <= 3
    assert traffic.refused - first <= (0 if limit > 20 else 8)


def test_others_are_forgotten_when_they_are_gone(tmp_path: Path) -> None:
    """Then the whole limit is ours again."""
    traffic = Traffic(tmp_path, 100, "minute", 0.3)
    traffic.panel(1)
    traffic.run(60)
    for _ in range(4):
        traffic.account.use(60, traffic.clock(), traffic.settings)
        traffic.run(60)
    gate = RateGate(str(tmp_path / "panel1" / "rate"), traffic.clock)
    assert gate.budget().calls.shared(traffic.clock())
    traffic.run(900)
    assert not gate.budget().calls.shared(traffic.clock())
    before = traffic.answered[1]
    traffic.run(120)
    assert traffic.answered[1] - before >= 190


def test_a_panel_alone_sees_no_others(tmp_path: Path) -> None:
    """Its own calls, also those under way, are not taken for somebody else's."""
    traffic = Traffic(tmp_path, 300, "first_call", 0.3)
    traffic.panel(1, lanes=8)
    traffic.run(300)
    assert not RateGate(str(tmp_path / "panel1" / "rate"), traffic.clock).budget().calls.others


def test_a_call_of_a_killed_process_is_not_counted_for_ever(tmp_path: Path) -> None:
    """It took a place and nothing was heard of it."""
    clock = Clock()
    gate = RateGate(str(tmp_path / "rate"), clock)
    gate.learn(2, 2, None, gate.enter())
    clock.tick(61)
    gate.enter()  # of a process that is killed now
    gate.learn(2, 1, None, gate.enter())
    with pytest.raises(Paused):
        gate.enter()
    clock.tick(200)
    gate.enter()
