"""The panel's hook without its process: what addon/omnidesk would leave in the spool for an event."""

from __future__ import annotations

import os
from unittest import mock

from omnidesk.hooks import panel_event
from sandbox.billmanager.events import Event, handler_environment
from sandbox.billmanager.request import Request


def event_records(event: Event) -> dict[str, dict[str, str]]:
    """Names and fields of the records, by the hook's own code; the stage ``after`` only fills pages."""
    if event.stage == "after":
        return {}
    request = Request(event.func, event.params, "mgrctl", "workshop", actor=event.actor)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARAM_")}
    with mock.patch.dict(os.environ, environment | handler_environment(event.stage, request), clear=True):
        return panel_event.subjects(event.xml.encode())
