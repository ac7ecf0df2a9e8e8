"""A load of webhooks from a process of its own, so that what is measured does not share an interpreter with it.

``fire(load)`` sends them from this process, ``fire_apart(load)`` from a child. Each is a connection of its own, as a
sender that calls now and then makes it. Two kinds of load:

- at a *rate*: webhook n is due n/rate seconds after the start, whether the earlier ones were answered or not, and
  its time is counted from that moment; so a server that falls behind cannot hide it;
- *all at once* (rate 0): every time is counted from the moment the first was let go.

Only to loopback, a limited number, and each call with a time limit.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

MOST = 20_000
SECRET_FREE_BODY = (
    "type=message_new&object%5Bmessage_id%5D=42577887&object%5Bcase_id%5D={case}&object%5Bstaff_id%5D=7235"
    "&object%5Bcustom_user_id%5D=17&object%5Bnote%5D=0&object%5Bcontent%5D=" + "Help+is+coming%21+" * 80
)


@dataclass(frozen=True)
class Load:
    """``cases`` are named in this order; ``start`` is a moment of ``time.monotonic``, 0 for now; times in seconds."""

    url: str
    cases: tuple[int, ...]
    rate: float = 0.0
    start: float = 0.0
    timeout: float = 30.0


@dataclass(frozen=True)
class Reply:
    """The answer to a webhook: ``status`` 0 and ``error`` without an answer; ``seconds`` as the load counts them."""

    case: int
    seconds: float
    status: int
    error: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class _Fire:
    """One load under way: threads that take the next webhook each."""

    def __init__(self, load: Load) -> None:
        parts = urlsplit(load.url)
        if parts.hostname not in ("127.0.0.1", "::1", "localhost") or len(load.cases) > MOST:
            raise ValueError("only to loopback, and not more than a test needs")
        self.load = load
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.target = f"{parts.path}?{parts.query}"
        self.replies: list[Reply | None] = [None] * len(load.cases)
        self._next = 0
        self._lock = threading.Lock()
        count = len(load.cases) if not load.rate else min(len(load.cases), max(20, int(load.rate * 4)))
        self._ready = threading.Barrier(count + 1)
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def run(self) -> list[Reply]:
        for thread in self.threads:
            thread.start()
        self.start = self.load.start or time.monotonic()
        self._ready.wait()
        if not self.load.rate:
            self.start = time.monotonic()
        for thread in self.threads:
            thread.join()
        return [one for one in self.replies if one is not None]

    def _work(self) -> None:
        self._ready.wait()
        while True:
            with self._lock:
                number, self._next = self._next, self._next + 1
            if number >= len(self.load.cases):
                return
            due = self.start + (number / self.load.rate if self.load.rate else 0.0)
            time.sleep(max(0.0, due - time.monotonic()))
            self.replies[number] = self._send(self.load.cases[number], due)

    def _send(self, case: int, due: float) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.load.timeout)
        try:
            connection.request("POST", self.target, SECRET_FREE_BODY.format(case=case), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as problem:
            return Reply(case, time.monotonic() - due, 0, f"{type(problem).__name__}: {problem}")
        finally:
            connection.close()
        return Reply(case, time.monotonic() - due, answer.status)


def fire(load: Load) -> list[Reply]:
    """Send the load from threads of this process; one reply a webhook, in the order of the webhooks."""
    threading.stack_size(256 * 1024)
    try:
        work = _Fire(load)
        return work.run()
    finally:
        threading.stack_size(0)


def fire_apart(load: Load) -> list[Reply]:
    """Send the load from a process of its own."""
    command = [sys.executable, "-m", "bench.generator"]
    given = json.dumps(asdict(load)).encode()
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True)
    return [Reply(*one) for one in json.loads(done.stdout)]


def main(arguments: Sequence[str] = ()) -> None:
    """The child's half of :func:`fire_apart`."""
    given = json.load(sys.stdin)
    load = Load(**{**given, "cases": tuple(given["cases"])})
    json.dump([(one.case, one.seconds, one.status, one.error) for one in fire(load)], sys.stdout)


if __name__ == "__main__":
    main()
