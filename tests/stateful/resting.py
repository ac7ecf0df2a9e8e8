"""All trouble ends, time goes by, and then the judge looks at both sides."""

from __future__ import annotations

from tests.judge import module_at_rest
from tests.judge.history import Rested
from tests.judge.verdict import POLL, complaints, silence, states
from tests.stateful.play import Play
from tests.stateful.stage import SETTLE

MINUTE = 60.0
QUIET = 2 * MINUTE  # two polls and scans find nothing
LATER = 600.0  # after which the module looks behind its own messages
MOST = 400  # passes; only a module that never rests needs more


def rest(play: Play) -> float:
    """No more trouble: let time pass until nothing happens any more, then judge. The seconds it took."""
    stage = play.stage
    stage.calm()
    stage.log.append(f"{stage.clock():.2f} rest")
    began = stage.clock()
    stage.tick(SETTLE + 1)
    ended = _settle(play)
    if module_at_rest.put_aside(stage.panel):
        stage.context.queue.retry()  # what the administrator does when the other side is well again
        ended = _settle(play)
    stage.tick(LATER)
    _settle(play)
    check(play)
    return ended - began


def _settle(play: Play) -> float:
    """Passes at the module's own pace until nothing is done any more; when something was done last."""
    stage = play.stage
    since = stage.clock()
    for _ in range(MOST):
        report = stage.run_pass()
        due = stage.context.queue.next_due()
        seen = [(row.reason, row.error_type) for row in stage.context.queue.listing()]
        stage.log.append(
            f"{stage.clock():.2f}     {report.actions} actions, {report.events} events, {report.paused} {seen}"
        )
        if report.actions or report.events or report.failed or report.paused or due is not None:
            since = stage.clock()
        elif stage.clock() - since >= QUIET:
            return since
        wait = MINUTE if due is None else min(MINUTE, max(0.0, due - stage.clock()) + 0.1)
        stage.tick(max(wait, report.paused.seconds + 0.1) if report.paused else wait)
    raise AssertionError(f"it does not come to rest: {stage.context.queue.listing()}")


def check(play: Play) -> None:
    """Everything is as it should be, and one more pass changes nothing."""
    stage = play.stage
    play.look_for_started()
    found = [str(one) for one in complaints(stage.history, stage.watch.snapshot())]
    found += module_at_rest.left_over(stage.panel)
    found += [f"an event waits: {name}" for name in stage.spooled()]
    found += stage.places.complaints(play.placed()) if stage.places is not None else []
    assert not found, "\n".join(found)
    stage.tick(MINUTE + 1)  # the next poll is due, and a fresh minute of calls has begun
    calls, requests = len(stage.desk.calls), len(stage.panel.requests)
    stage.run_pass()
    made = [f"{call.method} {call.path}" for call in stage.desk.calls[calls:]]
    asked = [f"{one.func} {one.params}" for one in stage.panel.requests[requests:]]
    found = [str(one) for one in silence(made, asked)]
    assert not found, "\n".join(found)
    now = states(stage.history, stage.watch.snapshot())
    stage.history.acts.append(Rested(stage.now(), tuple(now.items())))


__all__ = ["POLL", "check", "rest"]
