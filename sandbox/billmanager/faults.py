"""Everything that can go wrong with a panel, as switches.

Each switch adds a rule: which functions it is for (a name, a predicate over the request, or all), how many times it
strikes (``None``: until lifted), and what it does. Every method returns the rule, which ``lift()`` takes away again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.billmanager.answer import PanelError
from sandbox.billmanager.request import Request

Selector = str | Callable[[Request], bool] | None


class AnswerLost(Exception):
    """The caller gets nothing: the connection or mgrctl died."""


@dataclass(eq=False)
class Rule:
    """One fault in force; ``hits`` counts how often it struck."""

    kind: str
    select: Selector
    times: int | None
    error: PanelError | None = None
    seconds: float = 0.0
    events: bool = True
    hits: int = 0
    struck: threading.Event = field(default_factory=threading.Event)
    lifted: threading.Event = field(default_factory=threading.Event)

    def lift(self) -> None:
        """End the fault; whoever hangs in it goes on."""
        self.lifted.set()

    def matches(self, request: Request) -> bool:
        if self.lifted.is_set() or (self.times is not None and self.hits >= self.times):
            return False
        if self.select is None:
            return True
        return self.select == request.func if isinstance(self.select, str) else self.select(request)


class Faults:
    """The panel's fault switches."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.denied: set[str] = set()
        self.read_only = False
        self._lock = threading.Lock()

    def refuse(self, select: Selector = None, times: int | None = None) -> Rule:
        """Answer as during a restart: error type client, object open, value billmgr (seen in integrations)."""
        return self.fail("client", "open", "billmgr", select, times)

    def fail(
        self, type_: str, object_: str = "", value: str = "", select: Selector = None, times: int | None = None
    ) -> Rule:
        """Answer with this error, nothing done."""
        return self._add(Rule("fail", select, times, error=PanelError(type_, object_, value)))

    def slow(self, seconds: float = 0.0, select: Selector = None, times: int | None = None) -> Rule:
        """Wait before the work: this long, or with 0 until the rule is lifted."""
        return self._add(Rule("slow", select, times, seconds=seconds))

    def hang(self, select: Selector = None, times: int | None = 1) -> Rule:
        """Do not answer until the rule is lifted, then do the work all the same."""
        return self._add(Rule("slow", select, times))

    def lose_request(self, select: Selector = None, times: int | None = 1) -> Rule:
        """The caller gets no answer and nothing was done."""
        return self._add(Rule("lose", select, times))

    def die_after_commit(self, select: Selector = None, times: int | None = 1, events: bool = True) -> Rule:
        """The change is made, the caller gets no output and a non-zero code.

        ``events``: the core lived on and ran the final handlers (mgrctl died), or not (the core died).
        """
        return self._add(Rule("die", select, times, events=events))

    def fail_after_commit(
        self, type_: str, object_: str = "", value: str = "", select: Selector = None, times: int | None = 1
    ) -> Rule:
        """The change is made, and the answer is an error: that of another plugin's handler, say."""
        return self._add(Rule("die", select, times, error=PanelError(type_, object_, value)))

    def deny_su(self, user: str | int) -> None:
        """``su=`` to this user (login or id) is refused from now on."""
        self.denied.add(str(user))

    def clear(self) -> None:
        """Everything works again."""
        for rule in self.rules:
            rule.lift()
        self.rules.clear()
        self.denied.clear()
        self.read_only = False

    def before_work(self, request: Request) -> None:
        """Strike with what comes before the function runs."""
        for kind in ("slow", "lose", "fail"):
            rule = self._strike(kind, request)
            if rule is None:
                continue
            if kind == "slow":
                rule.lifted.wait(rule.seconds or None)
            elif kind == "lose":
                raise AnswerLost
            elif rule.error is not None:
                raise rule.error

    def after_commit(self, request: Request) -> Rule | None:
        """The rule by which the answer gets lost after the commit, if one strikes."""
        return self._strike("die", request)

    def _add(self, rule: Rule) -> Rule:
        with self._lock:
            self.rules.append(rule)
        return rule

    def _strike(self, kind: str, request: Request) -> Rule | None:
        with self._lock:
            for rule in self.rules:
                if rule.kind == kind and rule.matches(request):
                    rule.hits += 1
                    rule.struck.set()
                    return rule
        return None
