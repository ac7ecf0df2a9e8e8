"""What events do to a worker that cannot work: nothing more often than once a second, and one line in the log."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from omnidesk.core.errors import Paused
from omnidesk.core.paths import Paths
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import worker_start
from omnidesk.worker import main_loop
from omnidesk.worker.main_loop import REFUSED_REST, Worker
from omnidesk.worker.one_pass import Report

STEP = 0.02  # seconds between two events: fifty a second


class Clock:
    """Time that passes only in the worker's waits, each of which an event ends after :data:`STEP`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, events: bool = True) -> None:
        self.now = 100.0
        self.events = events
        monkeypatch.setattr(main_loop, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(worker_start, "wait", self.wait)

    def wait(self, pipe: int, seconds: float) -> bool:
        self.now += min(seconds, STEP) if self.events else seconds
        return self.events and seconds >= STEP


def run_worker(tmp_path: Path, clock: Clock, reports: list[Report], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let a worker have these reports of its passes; the moments of the passes."""
    passes: list[float] = []
    stop = Stop()

    def work(locks: object) -> Report:
        passes.append(clock.now)
        stop.asked = len(passes) == len(reports)
        return reports[len(passes) - 1]

    one = Worker(Paths(str(tmp_path)), lambda: None, stop)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(one, "_pass", work)
    one.serve(None, stay=True)
    return passes


def gaps(moments: list[float]) -> list[float]:
    return [round(later - earlier, 6) for earlier, later in itertools.pairwise(moments)]


def test_events_do_not_hasten_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty events a second while the database is away start one pass a second, not fifty."""
    away = Report(paused=Paused("database_away", seconds=15))
    passes = run_worker(tmp_path, Clock(monkeypatch), [away] * 4, monkeypatch)
    assert all(REFUSED_REST <= gap <= REFUSED_REST + STEP for gap in gaps(passes))


def test_an_event_starts_the_next_pass_at_once_when_the_last_one_worked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gaps(run_worker(tmp_path, Clock(monkeypatch), [Report(), Report()], monkeypatch)) == [STEP]


@pytest.mark.parametrize("seconds", [0.3, 15.0])
def test_without_events_a_pause_takes_as_long_as_it_says(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Report(paused=Paused("omnidesk_rate", seconds=seconds), rest=seconds)
    passes = run_worker(tmp_path, Clock(monkeypatch, events=False), [away, away], monkeypatch)
    assert gaps(passes) == [seconds]


def test_an_outage_of_the_database_is_one_line_until_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However many passes are refused meanwhile."""
    caplog.set_level(logging.INFO)
    one = Worker(Paths(str(tmp_path)), lambda: None, Stop())  # type: ignore[arg-type,return-value]
    away = Paused("database_away", "2002", "no socket", seconds=15)
    for pause in (away, away, away, None, None, away):
        one._log_outage(pause)
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "ERROR"]


@pytest.mark.parametrize("where", ["removing", "next_work"])
def test_a_database_that_goes_right_after_a_pass_is_a_pause(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker asks it once more when the pass is over; that it is gone then must not end the worker."""

    def gone(*given: object) -> None:
        raise Paused("database_away", "2013", "gone", seconds=15)

    plenty = SimpleNamespace(budget=lambda: SimpleNamespace(plentiful=True))
    context = SimpleNamespace(
        gate=plenty,
        state=SimpleNamespace(remove=gone if where == "removing" else print),
        settings=SimpleNamespace(poll_seconds=60),
    )
    one = Worker(Paths(str(tmp_path)), lambda: context, Stop())  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(main_loop, "Pass", lambda *given, **more: SimpleNamespace(run=lambda: Report(replies=1)))
    monkeypatch.setattr(one, "_next_work", gone if where == "next_work" else lambda context: 1.0)
    report = one._pass(None)  # type: ignore[arg-type]
    assert report.paused is not None and report.rest == 15
