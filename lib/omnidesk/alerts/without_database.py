"""Alerts while the database is away or refuses the login, when nothing can be read or written in its tables.

What is known of the outage is a small file, ``var/omnidesk/down``: since when it lasts, and whether it was alerted. Who
finds the database away (the worker, which a timer starts every minute) writes it; who finds it back removes it.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass

from omnidesk.alerts import channels, compose
from omnidesk.alerts.channels import NotSent
from omnidesk.core import settings as module_settings
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure
from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.phrase import full

log = logging.getLogger("alerts")
MOST = 200  # bytes of the file
PAUSE = 60.0  # between two tries of channels that fail
KEPT = 86400.0


@dataclass
class Outage:
    """What the file holds: since when, whether it was alerted, and when a channel that failed is tried again."""

    since: float
    told: bool = False
    again: float = 0.0

    def due(self, now: float) -> bool:
        return not now < self.again <= now + PAUSE


def away(paths: Paths, dependencies: Dependencies, why: Failure) -> None:
    """The database does not answer, or no run can begin: alert once when that has lasted. Never raises."""
    now = dependencies.clock()
    try:
        outage = _read(paths, now)
        chosen = None if outage.told or not outage.due(now) else _settings(paths)
        if chosen is not None and chosen.sync and now - outage.since >= chosen.alert_pause_minutes * 60:
            outage.told = _send(chosen, dependencies, outage, why)
            outage.again = now + PAUSE
        _write(paths, outage)
    except OSError as error:
        log.warning("the outage cannot be noted: %s", error.strerror)


def back(paths: Paths, dependencies: Dependencies) -> None:
    """The database answers: say so if its absence was said. Never raises."""
    if not os.path.exists(paths.outage):
        return
    now = dependencies.clock()
    try:
        outage = _read(paths, now)
        chosen = _settings(paths) if outage.told else None
        if chosen is not None and now - outage.again < KEPT:
            if not outage.due(now):
                return
            if not _send(chosen, dependencies, outage, None):
                outage.again = now + PAUSE
                _write(paths, outage)
                return
        os.unlink(paths.outage)
    except OSError as error:
        log.warning("the outage's end cannot be noted: %s", error.strerror)


def _settings(paths: Paths) -> module_settings.Settings | None:
    try:
        return module_settings.load(paths.settings)
    except Failure:
        return None


def _send(chosen: module_settings.Settings, dependencies: Dependencies, outage: Outage, why: Failure | None) -> bool:
    """Try every channel; whether one has taken it, or there is none."""
    params = {"why": full(why.phrase).data()} if why is not None else {}
    event = {"at": dependencies.clock(), "since": outage.since, "kind": "paused",
             "state": "began" if why else "over", "params": params}  # fmt: skip
    made = compose.alert([event], 0, chosen.language)
    ways = channels.configured(chosen)
    taken = not ways
    for name, channel in ways.items():
        try:
            channel(chosen, dependencies, made)
        except NotSent as failure:
            level = logging.DEBUG if outage.again else logging.WARNING
            log.log(level, "an alert was not sent by %s: %s", name, failure)
        else:
            taken = True
    return taken


def _read(paths: Paths, now: float) -> Outage:
    try:
        with open(paths.outage, encoding="ascii") as file:
            found = json.loads(file.read(MOST))
        return Outage(min(float(found["since"]), now), bool(found["told"]), float(found["again"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Outage(now)


def _write(paths: Paths, outage: Outage) -> None:
    private_folder(paths.var)
    staged = f"{paths.outage}.new"  # one worker at a time writes it
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(staged, flags, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(asdict(outage)))
    os.replace(staged, paths.outage)
