"""What travels between a client and the simulated Omnidesk, without any sockets."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request. ``query`` is the raw query string, ``oversize`` says that the body was too big to be kept."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    oversize: bool = False

    def header(self, name: str) -> str:
        """A header's value whatever the spelling of its name, ``""`` when it is not there."""
        for given, value in self.headers.items():
            if given.lower() == name.lower():
                return str(value)
        return ""


@dataclass
class Response:
    """One HTTP answer. ``delay`` (seconds) passes before it is sent; ``cut`` stops it in the middle of its body."""

    status: int
    headers: dict[str, str]
    body: bytes
    delay: float = 0.0
    cut: bool = False


@dataclass(eq=False)
class Call:
    """The record of one request.

    ``status`` is what the client saw (0: no answer at all), ``done`` what the account came to (0: it never got to work
    on it), so a drop after the commit is ``status == 0 and done == 201``. ``fault`` names the fault that hit it.
    """

    method: str
    path: str
    time: float
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    staff_email: str = ""
    status: int = 0
    done: int = 0
    fault: str = ""


class Dropped(Exception):
    """The connection ends without an answer; the argument says when: ``unreachable``, ``before`` or ``after``."""


class Hung(Exception):
    """No answer comes until ``gate`` opens (the faults are released); then the connection ends without one."""

    def __init__(self, commit: str, gate: threading.Event) -> None:
        self.gate = gate
        super().__init__(commit)


class ApiError(Exception):
    """An answer ``{"error": code}`` with an HTTP status; ``page``: a body that is no JSON instead."""

    def __init__(self, status: int, code: str, page: bytes | None = None) -> None:
        self.status = status
        self.code = code
        self.page = page
        super().__init__(status, code)


class NoSuchPage(Exception):
    """An unknown path or host: Omnidesk's web server answers with an HTML page."""
