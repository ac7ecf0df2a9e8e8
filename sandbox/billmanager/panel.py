"""The simulated panel: everything behind its three doors (in-process calls, mgrctl, the web server)."""

from __future__ import annotations

from sandbox.billmanager.acts import Acts, RefusedByPanel
from sandbox.billmanager.answer import PanelAnswer, PanelError
from sandbox.billmanager.core import PanelOptions
from sandbox.billmanager.events import Event
from sandbox.billmanager.people import Client
from sandbox.billmanager.request import Request, Upload
from sandbox.billmanager.schema import SchemaOptions
from sandbox.billmanager.views import Message, Note, TicketState, Views

__all__ = [
    "Client",
    "Event",
    "Message",
    "Note",
    "Panel",
    "PanelAnswer",
    "PanelError",
    "PanelOptions",
    "RefusedByPanel",
    "Request",
    "SchemaOptions",
    "TicketState",
    "Upload",
]


class Panel(Acts, Views):
    """A BILLmanager with its state in the database, its faults, its record, and people who act in it."""
