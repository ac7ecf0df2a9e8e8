"""Panel sessions: keys that open one, and sessions bound to the caller's address (documented)."""

from __future__ import annotations

import secrets
import threading
import time

from sandbox.billmanager.answer import PanelError
from sandbox.billmanager.request import ROOT, Actor

IDLE_LIMIT = 3600.0
"""Seconds after which an unused session ends (documented: one hour)."""


class Sessions:
    """Who is logged in."""

    def __init__(self) -> None:
        self._keys: dict[str, Actor] = {}
        self._open: dict[str, tuple[Actor, str, float]] = {}
        self._lock = threading.Lock()

    def add_key(self, key: str, actor: Actor) -> None:
        with self._lock:
            self._keys[key] = actor

    def use_key(self, key: str) -> Actor:
        """The key's user; a key opens one session only (assumed)."""
        with self._lock:
            actor = self._keys.pop(key, None)
        if actor is None:
            raise PanelError("auth", "key")
        return actor

    def open(self, actor: Actor, address: str) -> str:
        session = secrets.token_hex(12)
        with self._lock:
            self._open[session] = (actor, address, time.monotonic())
        return session

    def actor(self, session: str, address: str) -> Actor:
        """Who the session belongs to, or the panel's ``auth`` error."""
        with self._lock:
            actor, owner, used = self._open.get(session, (None, "", 0.0))
            if actor is None or owner != address or time.monotonic() - used > IDLE_LIMIT:
                raise PanelError("auth", "session")
            self._open[session] = (actor, owner, time.monotonic())
        return actor

    def close(self, session: str, actor: Actor) -> None:
        """End one session: root any, others their own."""
        with self._lock:
            owner = self._open.get(session, (None, "", 0.0))[0]
            if owner is None or (actor.level < ROOT and owner != actor):
                raise PanelError("access", "session.delete", session[:4])
            del self._open[session]

    def open_sessions(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._open)

    def expire(self) -> None:
        """Everybody is logged out."""
        with self._lock:
            self._open.clear()
