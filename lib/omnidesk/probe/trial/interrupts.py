"""Ctrl-C and SIGTERM during a trial: the call under way ends, then everything is cleaned up, undisturbed."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The trial has to stop. No handler of failures may take it for one."""


class Interrupts:
    """Notes the signals; :meth:`check` between two calls raises, unless the clean-up has begun."""

    def __init__(self) -> None:
        self.cleaning = False
        self.asked = False
        self._pipe = (-1, -1)

    def check(self) -> None:
        if self.asked and not self.cleaning:
            raise Interrupted

    def wait(self, seconds: float) -> None:
        """Pause; a signal ends the pause unless the clean-up has begun."""
        if self.cleaning or self._pipe[0] < 0:
            time.sleep(seconds)
        else:
            select.select([self._pipe[0]], [], [], seconds)

    def _signal(self, number: int, frame: object) -> None:
        if not self.asked:
            os.write(self._pipe[1], b"!")
        self.asked = True

    @contextmanager
    def installed(self) -> Iterator[None]:
        self._pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        before = {number: signal.signal(number, self._signal) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = (-1, -1)
