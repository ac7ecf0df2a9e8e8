"""Ending on request: between two actions if possible, during a call if it does not return.

A run looks whether it was asked to stop before each action. But a neighbour that hangs can keep it in one call for as
long as that call's timeout, so the signal arms a timer: when it goes off, whatever is under way is abandoned by an
exception. That is as safe as being killed, because each creating call was written down before it was made, and tidier:
the program that was started is ended, downloads are removed, locks are freed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 1.5  # seconds for the call under way
AGAIN = 1.0  # seconds for tidying up, should that hang as well


class Stopped(BaseException):
    """The run was asked to stop and its call did not come back. No handler of failures may take it for one."""


class Stop:
    """Becomes true on SIGTERM or SIGINT. A wait on ``pipe`` ends at once, a call under way after :data:`GRACE`."""

    def __init__(self) -> None:
        self.asked = False
        self.pipe = -1

    def __call__(self) -> bool:
        return self.asked

    def _signal(self, number: int, frame: object) -> None:
        if not self.asked:
            signal.setitimer(signal.ITIMER_REAL, GRACE, AGAIN)
        self.asked = True
        if self.pipe >= 0:
            try:
                os.write(self.pipe, b"!")
            except BlockingIOError:
                return  # full of events: the wait ends as well

    def _alarm(self, number: int, frame: object) -> None:
        raise Stopped

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While this lasts, the signals are taken; :class:`Stopped` may be raised anywhere in it."""
        handlers = {signal.SIGTERM: self._signal, signal.SIGINT: self._signal, signal.SIGALRM: self._alarm}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
