"""Calling the panel's functions by ``sbin/mgrctl``, people's texts by another way than its command line.

Command lines can be read by every user of the host (``ps``), environments only by root. So what people wrote goes by
mgrctl's option ``-e name=$VARIABLE`` where this host's mgrctl has it. Whether it does is asked once, by a call that
changes nothing and whose answer shows what arrived; an mgrctl that has been replaced is asked again.
"""

from __future__ import annotations

import copy
import logging
import os
import secrets
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from omnidesk.billmanager import answers
from omnidesk.billmanager.program import Ran, Runner
from omnidesk.core.errors import Refused
from omnidesk.core.locks import Places

log = logging.getLogger("panel")
# Parameters whose values are the module's own words, numbers and logins. Every other value may be somebody's text.
_OWN = frozenset(
    ("sok", "elid", "plid", "clicked_button", "su", "p_cnt", "show_optional",
     "set_responsible", "set_responsible_default")
)  # fmt: skip
_QUESTIONS = ("whoami", "paramlist")  # they change nothing, and a panel may lack one
_SHOWING = ("pmomnidesk", "su")  # an answer repeats all parameters in <tparams>, and an unknown login in its error
_ASKED = "mgrctl_environment"  # in the state table
_ASK_AGAIN_SECONDS = 86400.0  # after a no, which may have been an accident


class Memory(Protocol):
    """Where it is remembered between processes what mgrctl can do (the state table)."""

    def get(self, name: str, default: Any = None, kind: type | None = None) -> Any:
        """The value; the default where there is none."""

    def put(self, name: str, value: Any) -> None:
        """Remember a value."""

    def age(self, name: str) -> float | None:
        """Seconds since it was remembered."""


class Mgrctl:
    """Calls functions of the panel by mgrctl.

    ``program``: its path, by which a replaced one is recognised. Without ``memory``, or with ``keep`` off (a command
    that only reads), what it can do is known to this process only. ``places``: how many calls run at once.
    """

    def __init__(
        self,
        run: Runner,
        timeout: float,
        program: str = "",
        memory: Memory | None = None,
        *,
        keep: bool = True,
        places: Places | None = None,
    ) -> None:
        self.places = places or Places(1)
        self._run = run
        self._timeout = timeout
        self._program = program
        self._memory = memory
        self._keep = keep
        self._takes: bool | None = None
        self._asking = threading.RLock()  # one thread finds out what it can do, the others wait

    def of_lane(self, memory: Memory) -> Mgrctl:
        """The same for another thread, with the memory of its own connection."""
        made = copy.copy(self)
        made._memory = memory if self._memory is not None else None
        return made

    def call(self, func: str, given: Mapping[str, str]) -> Ran:
        """Call a function; people's texts are on the command line only where there is no other way."""
        hidden = {name for name, value in given.items() if name not in _OWN and value}
        log.debug("mgrctl %s %s", func, {name: value for name, value in given.items() if name in _OWN})
        return self._call(func, given, hidden if hidden and self.takes_environment() else set())

    def call_hidden(self, func: str, given: Mapping[str, str]) -> Ran:
        """Call a function with values that must not be on a command line at all; check :meth:`takes_environment`."""
        return self._call(func, given, set(given))

    def _call(self, func: str, given: Mapping[str, str], hidden: set[str]) -> Ran:
        variables = {f"PMOMNIDESK_{name.upper()}": given[name] for name in given if name in hidden}
        options = [part for name in given if name in hidden for part in ("-e", f"{name}=$PMOMNIDESK_{name.upper()}")]
        shown = [f"{name}={value}" for name, value in given.items() if name not in hidden]
        with self.places.taken():
            return self._run(["-m", "billmgr", func, *shown, "out=xml", *options], variables, self._timeout)

    # What this mgrctl can do

    def takes_environment(self) -> bool:
        """Whether ``-e`` works here; asked once for each mgrctl."""
        with self._asking:
            if self._takes is None:
                self._takes = self._remembered()
            if self._takes is None:
                self._takes = self.ask()
                if self._memory is not None and self._keep:
                    self._memory.put(_ASKED, [*self._identity(), self._takes])
            return self._takes

    def ask(self) -> bool:
        """Does a value that only the environment holds show in the answer? Raises when the panel takes no calls."""
        token = f"pmomnidesk-{secrets.token_hex(8)}"
        for question in _QUESTIONS:
            for name in _SHOWING:
                if token.encode() in self._call(question, {name: token}, {name}).out:
                    return True
        try:
            answers.read(_QUESTIONS[-1], self._call(_QUESTIONS[-1], {}, set()))
        except Refused:
            pass  # it answers, and that is all that is asked here
        log.warning("mgrctl does not accept values from the environment: its command line shows texts while it runs")
        return False

    def _remembered(self) -> bool | None:
        if self._memory is None:
            return None
        kept = self._memory.get(_ASKED, [])
        if kept[:-1] != self._identity() or kept[-1] not in (True, False):
            return None
        age = self._memory.age(_ASKED)
        return True if kept[-1] else None if age is None or not 0 <= age < _ASK_AGAIN_SECONDS else False

    def _identity(self) -> list[int]:
        """What changes when mgrctl is replaced."""
        try:
            found = os.stat(self._program)
        except OSError:
            return [0]  # running it says what is wrong
        return [found.st_ino, found.st_size, found.st_mtime_ns]
