"""Runs something in a child process that may use so much processor time and memory, and no more.

Counted in seconds of the processor and bytes of address space, not by the clock on the wall, and without the tracing
that measures coverage: what is linear takes some seconds for the inputs of these tests, what is quadratic many minutes.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from tests.support.amount import ALL

T = TypeVar("T")
# Of a quarter of the size (amount.size) what is linear takes a quarter, and what is quadratic a sixteenth.
SECONDS = 120 if ALL else 15
FEW = 40 if ALL else 5
MEBIBYTES = 512


class BeyondLimits(AssertionError):
    """It did not end within what it may use."""


def limited(act: Callable[[], T], *, mebibytes: int = MEBIBYTES, seconds: int = SECONDS) -> T:
    """What ``act`` returns (picklable) or raises; :class:`BeyondLimits` when it takes more than that."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _act(act, writing, mebibytes, seconds)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        how = signal.Signals(os.WTERMSIG(status)).name
        raise BeyondLimits(f"ended by {how}: more than {seconds} s of processor time?")
    done, value = pickle.loads(told)
    if not done:
        raise value
    result: T = value
    return result


def _act(act: Callable[[], T], writing: int, mebibytes: int, seconds: int) -> None:
    """The child's whole life; never returns."""
    try:
        sys.settrace(None)
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + mebibytes * 2**20,) * 2)
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        threading.excepthook = lambda args: None
        try:
            told = pickle.dumps((True, act()))
        except MemoryError:
            told = pickle.dumps((False, BeyondLimits(f"more than {mebibytes} MiB")))
        except Exception as error:  # noqa: BLE001  handed to the parent
            told = pickle.dumps((False, AssertionError(f"{type(error).__name__}: {str(error)[:500]}")))
        with open(writing, "wb") as pipe:
            pipe.write(told)
    finally:
        os._exit(0)
