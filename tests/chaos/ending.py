"""What must hold when a story has come to its end: the judge's verdict, and that the module itself is done."""

from __future__ import annotations

from tests.chaos.stage import Stage
from tests.judge import verdict


def violations(stage: Stage) -> list[str]:
    """Everything that is not as it must be; empty when all is well. Ends with one more run, which must do nothing."""
    found = [str(one) for one in verdict.complaints(stage.script.history, stage.watch.snapshot())]
    return found + _wanted(stage) + _placed(stage) + _left(stage) + _silence(stage)


def _wanted(stage: Stage) -> list[str]:
    """The states that the story names."""
    now = verdict.states(stage.script.history, stage.watch.snapshot())
    return [
        f"ticket {ticket}: it is {now[ticket][0]}, its case {now[ticket][1]}, not {wanted[0]} and {wanted[1]}"
        for ticket, wanted in stage.script.statuses.items()
        if now[ticket] != wanted
    ]


def _placed(stage: Stage) -> list[str]:
    """The departments and groups that the story names."""
    found = []
    for ticket, wanted in stage.script.places.items():
        rows = stage.panel.query("SELECT user FROM ticket2user WHERE ticket = %s", ticket)
        opened = next(one for one in stage.script.opened if one.ticket == ticket)
        case = stage.desk.cases[stage.watch.case_of(stage.script.history, opened)]
        now = ([int(row["user"]) for row in rows], case.group_id)
        if now != ([wanted[0]], wanted[1]):
            found.append(f"ticket {ticket}: it is in {now[0]}, its case in group {now[1]}, not in {wanted}")
    return found


def _left(stage: Stage) -> list[str]:
    """What the module has not finished or not cleared away."""
    downloads = stage.world.root / "var" / "omnidesk" / "files"
    files = list(downloads.iterdir()) if downloads.is_dir() else []
    return [
        *stage.links.left_over(),
        *(f"an event waits: {name}" for name in stage.links.spooled()),
        *(f"a download is left: {one}" for one in files),
    ]


def _silence(stage: Stage) -> list[str]:
    """One more run does nothing: no action, no write to Omnidesk, no call of the panel."""
    stage.tick(61)  # a fresh minute of calls
    calls, requests = len(stage.desk.calls), len(stage.panel.requests)
    done = stage.run()
    found = [f"with nothing to do, a run did {action}" for action in done.actions]
    made = [f"{call.method} {call.path}" for call in stage.desk.calls[calls:]]
    asked = [one.func for one in stage.panel.requests[requests:]]
    found += [str(one) for one in verdict.silence(made, asked, reads=True)]
    return found + ([] if done.code == 0 else [f"with nothing to do, a run failed: {done.output}"])
