"""The simulated account: all state and behaviour, no sockets."""

from __future__ import annotations

import fnmatch
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from . import api, bodies, core
from .agents import Agents
from .faults import Faults
from .limits import RateLimit
from .settings import Settings
from .state import Message
from .webhooks import Hook, Webhooks
from .wire import Call, Dropped, Hung, Request, Response


class Entry(NamedTuple):
    """One line of a conversation: ``kind`` is client, staff, note or system; ``text`` is plain, ``files`` are names."""

    kind: str
    author_id: int
    text: str
    files: tuple[str, ...]
    message_id: int
    created_at: int


class Omnidesk(Agents):
    """One Omnidesk account.

    ``clock`` gives Unix seconds, ``utc_offset`` the account's time zone. It starts with one group and one employee, the
    integration's (``staff_email``); everything else is added by the methods of :class:`Setup`. Safe to use from many
    threads: one lock around the state, which no fault, delay or webhook holds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        utc_offset: str = "+0300",
        *,
        api_key: str = "sandbox-api-key",
        staff_email: str = "integration@example.com",
        settings: Settings | None = None,
        base_url: str = "https://acme.omnidesk.ru",
        seed: int = 1,
    ) -> None:
        super().__init__(seed)
        self.clock = clock
        self.utc_offset = utc_offset
        self.api_key = api_key
        self.base_url = base_url
        self.settings = settings or Settings()
        self.lock = threading.RLock()
        self.faults = Faults(seed)
        self.limit = RateLimit()
        self.webhooks = Webhooks(seed)
        self.calls: list[Call] = []
        self.fetch_url: Callable[[str], bodies.Upload] | None = None
        self._hooks: list[Callable[[Call], None]] = []
        self.add_group("Support")
        self.integration = self.add_staff(staff_email, "Integration")

    def now(self) -> int:
        """The account's time in whole seconds."""
        return int(self.clock())

    def handle(self, request: Request) -> Response:
        """Answers a request, faults included: :class:`Dropped` and :class:`Hung` when there is no answer."""
        call = Call(request.method, request.path, self.clock(), bodies.query(request.query))
        call.staff_email = api.login(request)[0]
        with self.lock:
            self.calls.append(call)
        try:
            return self._answer(call, request)
        finally:
            for hook in list(self._hooks):
                hook(call)

    def on_call(self, hook: Callable[[Call], None]) -> None:
        """Call ``hook`` after each request, answered or not; what it did is done by then."""
        self._hooks.append(hook)

    def _answer(self, call: Call, request: Request) -> Response:
        if self.faults.unreachable:
            call.fault = "unreachable"
            raise Dropped("unreachable")
        serve = partial(self._serve, call)
        fault = self.faults.pick(request)
        if fault is None:
            response = serve(request)
        else:
            call.fault = fault.kind
            response = fault.play(request, serve)
        call.status = response.status
        return response

    def _serve(self, call: Call, request: Request) -> Response:
        with self.lock:
            return api.serve(self, request, call)

    @property
    def webhook_log(self) -> list[Hook]:
        """Every webhook in the order it became due, with its outcome."""
        return self.webhooks.log

    def messages(self, case_id: int | str) -> list[Message]:
        """The thread, oldest first; a missing case is a KeyError."""
        with self.lock:
            return core.ordered(self, self._case(case_id))

    def thread(self, case_id: int | str) -> list[Entry]:
        """The conversation as plain values, oldest first, to compare with the other side's."""
        kinds = {"reply_user": "client", "reply_staff": "staff", "": "staff", "note_regular": "note"}
        kinds["note_fwd_message"] = "note"
        return [
            Entry(
                kinds.get(one.kind, "system"),
                one.user_id or one.staff_id,
                one.content or core.plain(one.content_html),
                tuple(file.name for file in one.files),
                one.message_id,
                one.created_at,
            )
            for one in self.messages(case_id)
        ]

    def calls_count(self, *only: str, exclude: Iterable[str] = ()) -> int:
        """How many API calls came in that match one of ``only`` (all without any) and none of ``exclude``.

        A pattern is ``"METHOD /path/glob"`` or a path glob, e.g. ``"POST /api/cases/*/messages.json"``. Downloads of
        attachments are no API calls and count only when named.
        """
        return len(self.calls_matching(*only, exclude=exclude))

    def calls_matching(self, *only: str, exclude: Iterable[str] = ()) -> list[Call]:
        """The calls :meth:`calls_count` counts."""
        wanted, unwanted = only or ("/api/*",), tuple(exclude)
        with self.lock:
            calls = list(self.calls)
        return [call for call in calls if _any(call, wanted) and not _any(call, unwanted)]


def _any(call: Call, patterns: Iterable[str]) -> bool:
    for pattern in patterns:
        method, _, path = pattern.rpartition(" ")
        if method in ("", "*", call.method) and fnmatch.fnmatchcase(call.path, path):
            return True
    return False


__all__ = ["Dropped", "Entry", "Hung", "Omnidesk", "Request", "Response"]
