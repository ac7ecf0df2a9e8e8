"""A ticket that cannot be worked on costs the others nothing."""

from __future__ import annotations

from typing import Any

import pytest

from omnidesk.context import Context
from omnidesk.sync.reconcile import Result
from omnidesk.sync.reconcile import reconcile as work
from omnidesk.worker import one_pass
from tests.support.workshop import Workshop


@pytest.mark.parametrize("error", [RecursionError(), KeyError("x"), OSError(28, "No space left on device")])
def test_a_mistake_of_ours_in_one_ticket_stops_no_other(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It is logged, tried again with growing pauses, and shown by ``status``."""
    poisoned, good = workshop.new_ticket("Яд"), workshop.new_ticket("Вода")

    def reconcile(context: Context, ticket: int, *more: Any, **options: Any) -> Result:
        if ticket == poisoned:
            raise error
        return work(context, ticket, *more, **options)

    monkeypatch.setattr(one_pass, "reconcile", reconcile)
    report = workshop.sync()
    assert (report.done, report.failed) == (1, 1)
    assert workshop.case(good) and not workshop.case(poisoned)
    (row,) = workshop.context.queue.listing()
    assert (row.ticket, row.error_type, row.attempts) == (poisoned, "internal", 1)
    assert type(error).__name__ in row.error_text
    monkeypatch.undo()
    workshop.settle()
    workshop.assert_equal(poisoned)
