"""A simulated Omnidesk account: REST API, agents' actions, custom-channel webhooks, and every fault a network has.

Start at :class:`~sandbox.omnidesk.model.Omnidesk` (no sockets), :class:`~sandbox.omnidesk.server.OmnideskServer` (HTTP)
and :class:`~sandbox.omnidesk.adapter.OmnideskAdapter` (``requests`` in the same process).
"""

from .bodies import Upload
from .model import Entry, Omnidesk
from .server import OmnideskServer
from .settings import Settings
from .wire import Call, Dropped, Hung, Request, Response

__all__ = [
    "Call",
    "Dropped",
    "Entry",
    "Hung",
    "Omnidesk",
    "OmnideskServer",
    "Request",
    "Response",
    "Settings",
    "Upload",
]
