"""Noticing troubles and sending alerts, at the end of a pass: once when one begins, once when it is over.

Nothing that fails here concerns a ticket: it is logged, kept for ``status`` and ``check_connection``, and tried again.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import asdict
from typing import Any

from omnidesk.alerts import channels, compose, troubles
from omnidesk.alerts.channels import Alert, NotSent
from omnidesk.alerts.ledger import KEPT, MOST_WAITING, Ledger
from omnidesk.alerts.troubles import Trouble
from omnidesk.context import Context
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings
from omnidesk.hooks import spool

log = logging.getLogger("alerts")
OUTAGES = ("key", "paused")


def watch(context: Context) -> None:
    """Compare what is wrong with what was known, and send what is due. Never raises."""
    if not channels.configured(context.settings):
        return
    try:
        _watch(context)
    except Failure as failure:  # the database: the pass has said so already
        log.debug("alerts have to wait: %s", failure)
    except Exception:  # an internal error here must not affect the tickets
        log.exception("alerts have to wait")


def _watch(context: Context) -> None:
    ledger, now = Ledger.load(context.state), context.clock()
    before = asdict(ledger)
    notice(ledger, troubles.now(context), now, _proved(context, now))
    names = list(channels.configured(context.settings))
    pack(ledger, names, context.settings.language, now)
    if asdict(ledger) != before:
        ledger.save(context.state)
    if ledger.waiting and not spool.snapshot(context.paths.spool):  # what came meanwhile goes first
        _send(context, ledger, now)
        ledger.save(context.state)


def _proved(context: Context, now: float) -> float:
    ages = (context.state.age("poll_since"), context.state.age("scan_marks"))
    return now - max(age for age in ages if age is not None) if None not in ages else 0.0


def notice(ledger: Ledger, found: list[Trouble], now: float, proved: float) -> None:
    """What began and has lasted, and what is over, as events.

    ``proved``: when both sides were looked at last. A pass that asked nobody has met no outage, so one is over only
    when that has worked again.
    """
    for known in ledger.open.values():  # by a clock that was set back since, they would be over only when it is there
        known.update(since=min(float(known["since"]), now), seen=min(float(known["seen"]), now))
    for trouble in found:
        known = ledger.open.setdefault(trouble.key, {"since": now, "kind": trouble.kind, "told": False})
        known.update(seen=now, after=trouble.after)
        if not known["told"]:
            known["params"] = _stored(trouble.params)
    cut = {kind for kind, count in Counter(one.kind for one in found).items() if count >= troubles.MOST}
    for key, known in list(ledger.open.items()):
        since, seen = float(known["since"]), float(known["seen"])
        event = {"at": now, "since": since, "kind": known["kind"], "params": known["params"]}
        # Where more of a kind are wrong than are looked at, one that is not among them may be so still.
        if seen < now and known["kind"] not in cut and (known["kind"] not in OUTAGES or proved > seen):
            del ledger.open[key]
            if known["told"]:
                params = {name: value for name, value in known["params"].items() if name != "age"}
                ledger.note({**event, "state": "over", "params": params})
        elif not known["told"] and now - since >= known["after"]:
            known["told"] = True
            ledger.note({**event, "state": "began"})


def _stored(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value.data() if isinstance(value, Phrase) else value for name, value in params.items()}


def pack(ledger: Ledger, names: list[str], language: str, now: float) -> None:
    """Make one alert of all events when there is room for one, and forget what no channel has taken for long."""
    ledger.waiting = [
        {**one, "at": min(one["at"], now), "to": [name for name in one["to"] if name in names]}
        for one in ledger.waiting if one["at"] > now - KEPT
    ]  # fmt: skip
    ledger.waiting = [one for one in ledger.waiting if one["to"]]
    ledger.failing = {name: one for name, one in ledger.failing.items() if name in names}
    if ledger.events and ledger.room(now):
        made = compose.alert(ledger.events, ledger.left_out, language)
        ledger.waiting = [*ledger.waiting, {**asdict(made), "at": now, "to": names}][-MOST_WAITING:]
        ledger.sent.append(now)
        ledger.events, ledger.left_out = [], 0


def _send(context: Context, ledger: Ledger, now: float) -> None:
    for name, channel in channels.configured(context.settings).items():
        mine = [one for one in ledger.waiting if name in one["to"]]
        if not mine or not ledger.may_try(name, now):
            continue
        for one in mine:
            try:
                channel(context.settings, context.dependencies, Alert(one["subject"], one["text"], one["values"]))
            except NotSent as failure:
                first = name not in ledger.failing
                log.log(logging.WARNING if first else logging.DEBUG, "%s", Phrase(
                    "alert.not_sent", channel=Phrase(f"alert.{name}"), why=failure.why))  # fmt: skip
                ledger.failed(name, failure.why, now)
                break
            one["to"].remove(name)
            ledger.failing.pop(name, None)
            log.info("an alert was sent: %s", name)
    ledger.waiting = [one for one in ledger.waiting if one["to"]]


def send_test(settings: Settings, dependencies: Dependencies) -> dict[str, Phrase | None]:
    """Send a test by every channel; why it failed, None where it did not."""
    found: dict[str, Phrase | None] = {}
    for name, channel in channels.configured(settings).items():
        try:
            channel(settings, dependencies, compose.test(settings.language, dependencies.clock()))
        except NotSent as failure:
            found[name] = failure.why
        else:
            found[name] = None
    return found


def failing(context: Context) -> list[tuple[str, float, Phrase]]:
    """The channels that do not work: name, since when, why."""
    if not channels.configured(context.settings):
        return []
    found = Ledger.load(context.state).failing
    return [(name, one.since, Phrase.of(one.why)) for name, one in found.items()]
