"""Calls of Omnidesk that wait for each other, to see how many are under way at one time."""

from __future__ import annotations

import threading
from typing import Any

import requests

from tests.support.workshop import Workshop


class Meeting:
    """Calls of Omnidesk wait here until ``together`` of them are under way; ``most`` were at one time.

    ``only``: part of what the calls that wait ask for. ``patience``: seconds after which one that waits in vain goes
    on, so that a test that expects company fails instead of hanging.
    """

    def __init__(self, workshop: Workshop, together: int, only: str = "", patience: float = 60.0) -> None:
        self.patience = patience
        self.together = together
        self.only = only
        self.most = 0
        self.at_once: list[tuple[str, ...]] = []
        self._here: list[str] = []
        self._change = threading.Condition()
        self._send = workshop.adapter.send
        workshop.adapter.send = self.send  # type: ignore[method-assign]

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        what = f"{request.method} {request.path_url}"
        if self.only not in what:
            return self._send(request, *args, **options)
        with self._change:
            self._here.append(what)
            self.most = max(self.most, len(self._here))
            self.at_once.append(tuple(self._here))
            self._change.notify_all()
            self._change.wait_for(lambda: self.most >= self.together, timeout=self.patience)
        try:
            return self._send(request, *args, **options)
        finally:
            with self._change:
                self._here.remove(what)
