"""Alerts while the database is away, when nothing can be read or written in its tables.

What is known of the outage is a small file, ``var/omnidesk/down``: since when it lasts, and whether it was alerted. Who
finds the database away (the worker, which a timer starts every minute) writes it; who finds it back removes it.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress

from omnidesk.alerts import channels, compose
from omnidesk.alerts.channels import NotSent
from omnidesk.core import settings as module_settings
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, Paused
from omnidesk.core.paths import Paths, private_folder
from omnidesk.core.phrase import full

log = logging.getLogger("alerts")
MOST = 200


def away(paths: Paths, dependencies: Dependencies, pause: Paused) -> None:
    """The database does not answer: alert once when that has lasted. Never raises."""
    with suppress(OSError):
        since, told = _read(paths, dependencies.clock())
        if not told and (chosen := _settings(paths)) is not None:
            lasted = dependencies.clock() - since
            told = lasted >= chosen.alert_pause_minutes * 60 and _send(chosen, dependencies, since, pause)
        _write(paths, since, told)


def back(paths: Paths, dependencies: Dependencies) -> None:
    """The database answers: say so if its absence was said. Never raises."""
    with suppress(OSError):
        if not os.path.exists(paths.outage):
            return
        since, told = _read(paths, dependencies.clock())
        if told and (chosen := _settings(paths)) is not None and not _send(chosen, dependencies, since, None):
            return  # the next pass tries again
        os.unlink(paths.outage)


def _settings(paths: Paths) -> module_settings.Settings | None:
    try:
        return module_settings.load(paths.settings)
    except Failure:
        return None


def _send(chosen: module_settings.Settings, dependencies: Dependencies, since: float, pause: Paused | None) -> bool:
    """Whether every channel was tried and one has taken it, or there is none."""
    params = {"why": full(pause.phrase).data()} if pause is not None else {}
    event = {"at": dependencies.clock(), "since": since, "kind": "paused", "state": "began" if pause else "over",
             "params": params}  # fmt: skip
    made = compose.alert([event], 0, chosen.language)
    ways = channels.configured(chosen)
    taken = not ways
    for name, channel in ways.items():
        try:
            channel(chosen, dependencies, made)
        except NotSent as failure:
            log.warning("an alert was not sent by %s: %s", name, failure)
        else:
            taken = True
    return taken


def _read(paths: Paths, now: float) -> tuple[float, bool]:
    try:
        with open(paths.outage, encoding="ascii") as file:
            found = json.loads(file.read(MOST))
        return min(float(found["since"]), now), bool(found["told"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return now, False


def _write(paths: Paths, since: float, told: bool) -> None:
    private_folder(paths.var)
    staged = f"{paths.outage}.new"  # one worker at a time writes it
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(staged, flags, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps({"since": since, "told": told}))
    os.replace(staged, paths.outage)
