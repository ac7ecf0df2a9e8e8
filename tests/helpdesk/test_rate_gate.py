"""The account's calls per minute: shared by processes, obeyed before a refusal, forgotten when it is over."""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.core.errors import Paused
from omnidesk.helpdesk.rate_limit import Budget, RateGate
from sandbox.omnidesk.limits import RateLimit
from sandbox.omnidesk.settings import Settings
from tests.stateful.injectors import disk
from tests.support.amount import examples
from tests.support.clock import Clock


def test_nothing_is_known_before_the_first_answer(gate: RateGate) -> None:
    """The first call is free; what was told in it binds the next."""
    gate.enter()
    assert gate.budget() == Budget()
    gate.learn(20, 0, 37)
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert (caught.value.type, caught.value.seconds) == ("omnidesk_rate", 37)


def test_calls_under_way_are_counted(gate: RateGate) -> None:
    """Another process may have a call under way whose answer has not told yet what is left."""
    gate.enter()
    gate.learn(20, 2, None)
    gate.enter()
    gate.enter()
    with pytest.raises(Paused):
        gate.enter()


def test_a_reserve_is_left_to_others(gate: RateGate) -> None:
    """Work that may wait leaves calls to work that may not."""
    gate.learn(20, 5, None)
    with pytest.raises(Paused):
        gate.enter(reserve=5)
    gate.enter()


def test_an_older_answer_does_not_give_calls_back(gate: RateGate) -> None:
    """Answers overtake each other; within a minute only the lower figure can be true."""
    gate.learn(20, 3, None)
    gate.learn(20, 9, None)
    assert gate.budget().left == 3


def test_other_processes_know_at_once(gate: RateGate, clock: Clock) -> None:
    """What one process was told is in the file, not in its memory."""
    RateGate(gate.path, clock).learn(20, 0, 12)
    with pytest.raises(Paused):
        gate.enter()
    clock.tick(12)
    gate.enter()


def test_what_blocks_has_a_reason_and_an_end(gate: RateGate, clock: Clock) -> None:
    """A wrong key blocks everybody, the longer block counts, and mending it ends it at once."""
    gate.block(60, "omnidesk_key")
    gate.block(5, "omnidesk_unreachable")
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert caught.value.seconds == 60
    gate.unblock()
    gate.enter()
    gate.block(5, "omnidesk_unreachable")
    clock.tick(5)
    gate.enter()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"limit": 20, "who": 1}', '{"left": "x"}', "\0" * 50])
def test_a_file_torn_by_a_crash_is_forgotten(gate: RateGate, content: str) -> None:
    """The next answer tells it anew; nothing may stop the module for it."""
    os.makedirs(os.path.dirname(gate.path))
    Path(gate.path).write_text(content, encoding="utf-8")
    gate.enter()
    gate.learn(20, 7, None)
    assert gate.budget().left == 7


def test_a_clock_that_was_set_back_does_not_stop_the_module(gate: RateGate, clock: Clock) -> None:
    """Times that lie hours ahead were written by another clock; a block never lasts that long."""
    gate.learn(20, 0, 60)
    gate.block(60, "omnidesk_key")
    clock.tick(-86400)
    gate.enter()


@pytest.mark.parametrize("back", [240, 3700])
def test_nor_does_it_later_when_that_time_has_come_near(gate: RateGate, clock: Clock, back: int) -> None:
    """The record stands until an answer tells something else, which not every answer does."""
    gate.learn(20, 0, 60)
    gate.block(60, "omnidesk_key")
    clock.tick(-back)
    for _ in range(back // 20):
        gate.enter()
        clock.tick(20)


def test_a_record_of_an_earlier_version_is_read(gate: RateGate, clock: Clock) -> None:
    gate.learn(20, 0, 60)
    record = json.loads(Path(gate.path).read_text())
    del record["saved_at"]
    Path(gate.path).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(Paused):
        gate.enter()


def test_the_file_is_private(gate: RateGate) -> None:
    """Nobody else may read or change it."""
    gate.learn(20, 7, None)
    assert os.stat(gate.path).st_mode & 0o777 == 0o600
    assert json.loads(Path(gate.path).read_text())["limit"] == 20


def test_plentiful_is_at_least_half() -> None:
    """What may wait is done when calls abound only."""
    assert Budget(limit=20, left=10).plentiful
    assert not Budget(limit=20, left=9).plentiful
    assert not Budget().plentiful


def test_threads_at_once_lose_no_count(gate: RateGate) -> None:
    """The file is locked for the whole of a change."""
    gate.learn(1000, 500, None)
    others = [RateGate(gate.path, gate.clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: [one.enter() for _ in range(20)], others))
    assert gate.budget().left == 500 - 160


@settings(max_examples=examples(60), deadline=None)
@given(
    limit=st.integers(1, 25),
    start=st.integers(0, 59),
    steps=st.lists(st.tuples(st.integers(0, 2), st.floats(0, 20), st.integers(0, 3)), max_size=120),
)
def test_never_over_the_limit(limit: int, start: int, steps: list[tuple[int, float, int]]) -> None:
    """Three processes and strangers share an account: what one process asks for is never refused.

    The account counts in its own minutes, whose beginning nobody tells; a stranger's calls show in the next answer
    only, so a call right after them may meet a refusal, and no other.
    """
    clock = Clock(1_780_000_020.0 + start)
    account, switches = RateLimit(), Settings(rate_limit=limit)
    with tempfile.TemporaryDirectory() as folder:
        gates = [RateGate(os.path.join(folder, "rate"), clock) for _ in range(3)]
        strangers = False
        for who, wait, others in steps:
            clock.tick(wait)
            if others == 3:
                account.use(1, clock())
                strangers = True
            try:
                gates[who].enter()
            except Paused as pause:
                assert 0 < pause.seconds <= 60
                continue
            allowed = account.take(clock(), switches)
            assert allowed or strangers, "the module asked although it could know that nothing was left"
            strangers = False
            told = account.headers(clock(), switches)
            retry = told.get("retry_after")
            gates[who].learn(limit, int(told["api_calls_left"]), float(retry) if retry else None)


def test_a_pause_is_enough(gate: RateGate, clock: Clock) -> None:
    """Who waits as long as the pause says can go on: no calls are wasted on trying."""
    account, switches = RateLimit(), Settings(rate_limit=3)
    done = pauses = 0
    while done < 20:
        try:
            gate.enter()
        except Paused as pause:
            pauses += 1
            clock.tick(pause.seconds)
            continue
        assert account.take(clock(), switches)
        told = account.headers(clock(), switches)
        gate.learn(3, int(told["api_calls_left"]), float(told.get("retry_after", 0)) or None)
        done += 1
    assert pauses <= 7


@pytest.mark.parametrize("known", [True, False], ids=["kept", "empty"])
def test_a_full_disk_stops_no_call(gate: RateGate, known: bool, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be written down is told by the next answer again; the log says so once."""
    if known:
        gate.learn(20, 5, None)
    with disk(full=True):
        for _ in range(3):
            gate.enter()
            gate.learn(20, 3, None)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    gate.learn(20, 3, None)
    assert gate.budget().left == 3


def left(gate: RateGate) -> int:
    """How many calls the gate lets through now."""
    count = 0
    while True:
        try:
            gate.enter()
        except Paused:
            return count
        count += 1


def test_a_pause_without_a_count_empties_the_minute(gate: RateGate) -> None:
    """A refusal may say how long to wait and nothing else."""
    gate.learn(20, 5, None)
    gate.learn(None, None, 30)
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert (caught.value.seconds, gate.budget().limit) == (30, 20)


def test_a_pause_beside_calls_that_are_left_is_not_obeyed(gate: RateGate) -> None:
    """Omnidesk names the seconds to the next minute in every answer."""
    gate.learn(20, 1, 30)
    assert left(gate) == 1


def test_an_answer_that_tells_nothing_changes_nothing(gate: RateGate) -> None:
    gate.learn(20, 5, None)
    before = gate.budget()
    gate.learn(None, None, None)
    gate.learn(None, 5, None)
    assert gate.budget() == before


def test_no_older_answer_fills_a_minute_that_is_used_up(gate: RateGate) -> None:
    gate.learn(20, 0, None)
    gate.learn(20, 5, None)
    assert left(gate) == 0


def test_a_minute_is_not_prolonged_by_the_answers_in_it(gate: RateGate, clock: Clock) -> None:
    """And at its end the next answer counts in full."""
    gate.learn(20, 2, None)
    clock.tick(59)
    gate.learn(20, 0, None)
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert caught.value.seconds == 1
    clock.tick(1)
    gate.learn(20, 19, None)
    assert left(gate) == 19


@pytest.mark.parametrize(("reason", "type"), [("omnidesk_key", "omnidesk_key"), ("", "omnidesk_rate")])
def test_a_pause_names_what_blocks(gate: RateGate, reason: str, type: str) -> None:
    gate.block(60, reason)
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert caught.value.type == type


def test_nothing_is_left_of_a_block_that_was_lifted(gate: RateGate) -> None:
    gate.learn(20, 7, None)
    before = gate.budget()
    gate.block(60, "omnidesk_key")
    gate.unblock()
    assert gate.budget() == before


def test_the_longest_block_is_obeyed_for_its_whole_length(gate: RateGate, clock: Clock) -> None:
    gate.block(3600, "omnidesk_key")
    assert left(gate) == 0
    gate.unblock()
    gate.learn(20, 0, 86400)
    with pytest.raises(Paused) as caught:
        gate.enter()
    assert caught.value.seconds == 3600


@pytest.mark.parametrize("name", ["window_ends", "blocked_until"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_a_time_that_is_none_is_forgotten(gate: RateGate, name: str, value: str) -> None:
    os.makedirs(os.path.dirname(gate.path))
    Path(gate.path).write_text(f'{{"left": 3, "{name}": {value}}}', encoding="utf-8")
    assert gate.budget() == Budget()
