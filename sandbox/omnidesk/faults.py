"""Faults of the network and the account: scripted for the next calls, by a predicate, or at random with a seed."""

from __future__ import annotations

import fnmatch
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .wire import Dropped, Hung, Request, Response

Serve = Callable[[Request], Response]
On = str | Callable[[Request], bool] | None
HTML_ERROR = (
    "<html>\r\n<head><title>{0} Error</title></head>\r\n<body><center><h1>{0} Error</h1></center></body></html>"
)


@dataclass(eq=False)
class Fault:
    """One scripted fault: what it does with a request, to which requests, how many times (None: until cleared)."""

    kind: str
    play: Callable[[Request, Serve], Response]
    on: On
    times: int | None
    chance: float

    def matches(self, request: Request) -> bool:
        """Whether the request is one it is meant for: a callable, or ``"METHOD /path/glob"``, or any."""
        if self.on is None:
            return True
        if callable(self.on):
            return self.on(request)
        method, _, path = self.on.rpartition(" ")
        return method in ("", "*", request.method) and fnmatch.fnmatchcase(request.path, path)


class Faults:
    """The switches. Every method takes ``on`` (see :class:`Fault`), ``times`` and ``chance`` (0…1, seeded).

    ``unreachable`` True makes each connection fail at once; ``key_revoked`` makes every API key wrong (401).
    """

    def __init__(self, seed: int = 1) -> None:
        self.unreachable = False
        self.key_revoked = False
        self.fired: list[tuple[str, str, str]] = []
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._scripted: list[Fault] = []
        self._late: list[Callable[[], object]] = []
        self._gate = threading.Event()

    def seed(self, seed: int) -> None:
        """Makes what is random repeatable."""
        self._random = random.Random(seed)

    def clear(self) -> None:
        """No more faults; what hangs is released."""
        with self._lock:
            self._scripted.clear()
        self.unreachable = self.key_revoked = False
        self.release()

    def pick(self, request: Request) -> Fault | None:
        """The fault that hits this request, which counts it; the one added first wins."""
        with self._lock:
            for fault in self._scripted:
                if not fault.matches(request) or self._random.random() >= fault.chance:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._scripted.remove(fault)
                self.fired.append((fault.kind, request.method, request.path))
                return fault
        return None

    def drop_before(self, on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """The connection is closed before anything was done."""

        def play(request: Request, serve: Serve) -> Response:
            raise Dropped("before")

        self._add("drop_before", play, on, times, chance)

    def drop_after(self, on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """Everything is done, and the connection is closed without an answer."""

        def play(request: Request, serve: Serve) -> Response:
            serve(request)
            raise Dropped("after")

        self._add("drop_after", play, on, times, chance)

    def answer(
        self,
        status: int,
        body: str | bytes = "",
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        committed: bool = False,
        on: On = None,
        times: int | None = 1,
        chance: float = 1.0,
    ) -> None:
        """Some other answer instead of the right one; ``committed``: the request is carried out all the same."""
        data = body.encode() if isinstance(body, str) else body

        def play(request: Request, serve: Serve) -> Response:
            if committed:
                serve(request)
            return Response(status, {"Content-Type": content_type, **(headers or {})}, data)

        self._add(f"answer_{status}", play, on, times, chance)

    def server_error(
        self,
        status: int = 502,
        html: bool = True,
        committed: bool = False,
        on: On = None,
        times: int | None = 1,
        chance: float = 1.0,
    ) -> None:
        """5xx with the web server's HTML page or with JSON."""
        body = HTML_ERROR.format(status) if html else json.dumps({"error": "internal_error"})
        kind = "text/html" if html else "application/json"
        self.answer(status, body, kind, committed=committed, on=on, times=times, chance=chance)

    def not_json(self, committed: bool = True, on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """200 with an HTML page, as a proxy or a captive portal answers."""
        page = "<html><body>OK</body></html>"
        self.answer(200, page, "text/html", committed=committed, on=on, times=times, chance=chance)

    def rate_limited(
        self,
        retry_after: int | None = 30,
        on: On = None,
        times: int | None = 1,
        chance: float = 1.0,
        limit: int = 20,
    ) -> None:
        """429 whatever the count says, with or without ``retry_after``; ``limit`` is what it says of a minute."""
        headers = {"rate_limit_per_minute": str(limit), "api_calls_left": "0"}
        if retry_after is not None:
            headers["retry_after"] = str(retry_after)
        self.answer(429, '{"error":"rate_limit_exceeded"}', headers=headers, on=on, times=times, chance=chance)

    def truncated(self, honest: bool = False, on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """Half of the body: the connection breaks off, or (``honest``) the length given is that of the half."""

        def play(request: Request, serve: Serve) -> Response:
            answer = serve(request)
            if honest:
                return Response(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
            return Response(answer.status, answer.headers, answer.body, cut=True)

        self._add("truncated", play, on, times, chance)

    def delay(self, seconds: float, on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """The work is done at once, the answer comes late."""

        def play(request: Request, serve: Serve) -> Response:
            answer = serve(request)
            answer.delay = seconds
            return answer

        self._add("delay", play, on, times, chance)

    def hang(self, commit: str = "never", on: On = None, times: int | None = 1, chance: float = 1.0) -> None:
        """No answer until :meth:`release`. ``commit``: ``never``, ``first`` (at once) or ``late`` (at release)."""

        def play(request: Request, serve: Serve) -> Response:
            if commit == "first":
                serve(request)
            with self._lock:
                if commit == "late":
                    self._late.append(lambda: serve(request))
                raise Hung(commit, self._gate)

        self._add(f"hang_{commit}", play, on, times, chance)

    def release(self, carry_out: bool = True) -> None:
        """Carries out what was to be late (unless told not to) and lets everything that hangs end."""
        with self._lock:
            late, self._late = self._late, []
            gate, self._gate = self._gate, threading.Event()
        if carry_out:
            for work in late:
                work()
        gate.set()

    def _add(
        self, kind: str, play: Callable[[Request, Serve], Response], on: On, times: int | None, chance: float
    ) -> None:
        with self._lock:
            self._scripted.append(Fault(kind, play, on, times, chance))
