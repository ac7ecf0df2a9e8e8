"""Webhooks of custom channels: what is due, how it is encoded, and what became of it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from . import core, views
from .hookfaults import HookFaults
from .rulebodies import RULE_BODIES
from .state import Case, Channel, Message

if TYPE_CHECKING:
    from .model import Omnidesk

Post = Callable[[str, dict[str, str], bytes], int]


@dataclass(eq=False)
class Hook:
    """One webhook: ``outcome`` is pending, delivered, refused (not 2xx), failed (no answer) or lost.

    ``at``: the account's time when it became due, 0 for a test call. ``attempts`` holds the HTTP status of each try,
    0 when there was no answer; ``problems`` the errors' words.
    """

    url: str
    headers: dict[str, str]
    body: bytes
    case_id: int = 0
    message_id: int = 0
    note: bool = False
    at: int = 0
    outcome: str = "pending"
    attempts: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Webhooks:
    """The outbox. A server's thread, or a test by hand, takes from it with :meth:`deliver`.

    ``log`` lists every webhook in the order they became due; ``faults`` are the switches.
    """

    def __init__(self, seed: int = 1) -> None:
        self.log: list[Hook] = []
        self.faults = HookFaults(seed)
        self._due: list[Hook] = []
        self._busy = 0
        self._changed = threading.Condition()

    def message_new(self, model: Omnidesk, case: Case, message: Message) -> None:
        """A staff reply or note in a custom channel's case is told to the channel's address."""
        channel = model.channel_by_key(case.channel)
        settings = model.settings
        if channel is None or not channel.active or not channel.webhook_url or not message.staff_id:
            return
        if (message.note and not settings.webhook_notes) or (message.via_api and not settings.webhook_echo_api):
            return
        payload = {"type": "message_new", "object": _object(model, case, message)}
        hook = Hook(*_encoded(channel.webhook_url, payload, settings.webhook_encoding))
        hook.case_id, hook.message_id, hook.note = case.case_id, message.message_id, message.note
        hook.at = model.now()
        self.add(hook)

    def rule_fires(self, model: Omnidesk, case: Case) -> None:
        """The rule "case changed", if the account has one, with the body that an administrator typed."""
        if model.settings.rule_webhook_url:
            content_type, body = RULE_BODIES[model.settings.rule_webhook_body](case)
            headers = {"Content-Type": content_type, "User-Agent": "Omnidesk"}
            hook = Hook(model.settings.rule_webhook_url, headers, body)
            hook.case_id, hook.at = case.case_id, model.now()
            self.add(hook)

    def test(self, channel: Channel, encoding: str = "form") -> None:
        """A test call as an administrator may cause it: no object, no case."""
        self.add(Hook(*_encoded(channel.webhook_url, {"type": "test"}, encoding)))

    def add(self, hook: Hook) -> None:
        """Puts a webhook into the outbox; faults may lose, double or hold it."""
        with self._changed:
            self.log.append(hook)
            fate = self.faults.fate()
            if fate == "lost":
                hook.outcome = "lost"
                return
            self._due.extend([hook, hook] if fate == "doubled" else [hook])
            self._changed.notify_all()

    def hold(self) -> None:
        """Keeps everything back from now on."""
        self.faults.held = True

    def release(self, order: str = "asis") -> None:
        """Lets go what :attr:`HookFaults.held` holds back: ``asis``, ``reversed`` or ``shuffled``."""
        with self._changed:
            self.faults.reorder(self._due, order)
            self.faults.held = False
            self._changed.notify_all()

    def pending(self) -> int:
        """How many are still to be delivered, those under way included."""
        with self._changed:
            return len(self._due) + self._busy

    def wait_idle(self, seconds: float = 10.0) -> bool:
        """Waits until nothing is due or under way; False when that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due and not self._busy, seconds)

    def wait_due(self, stopped: threading.Event) -> bool:
        """Blocks the delivering thread until there is something to do; False when it is to end."""
        with self._changed:
            self._changed.wait_for(lambda: stopped.is_set() or (bool(self._due) and not self.faults.held))
            return not stopped.is_set()

    def wake(self) -> None:
        """Makes :meth:`wait_due` look again."""
        with self._changed:
            self._changed.notify_all()

    def deliver(self, post: Post, retries: int = 0) -> int:
        """Delivers what is due, in order, in this thread; ``post(url, headers, body)`` gives the HTTP status.

        Returns how many calls were made. A failed one is tried ``retries`` more times, after the others.
        """
        made = 0
        while True:
            with self._changed:
                if not self._due or self.faults.held:
                    return made
                hook = self._due.pop(0)
                self._busy += 1
            again = _attempt(hook, post, retries)
            made += 1
            with self._changed:
                self._busy -= 1
                if again:
                    self._due.append(hook)
                self._changed.notify_all()


def post_over_http(timeout: float) -> Post:
    """A poster that sends to the exact address, the bare query string included."""

    def post(url: str, headers: dict[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    return post


def _attempt(hook: Hook, post: Post, retries: int) -> bool:
    """One try; True when another is due."""
    try:
        status = post(hook.url, dict(hook.headers), hook.body)
    except (OSError, ValueError, http.client.HTTPException) as problem:
        status = 0
        hook.problems.append(f"{type(problem).__name__}: {problem}")
    hook.attempts.append(status)
    if 200 <= status < 300:
        hook.outcome = "delivered"
        return False
    if hook.outcome != "delivered":
        hook.outcome = "refused" if status else "failed"
    return len(hook.attempts) <= retries


def _object(model: Omnidesk, case: Case, message: Message) -> dict[str, Any]:
    """The fields of ``object``: note that the client's own id is called ``custom_user_id`` here (documented)."""
    content = message.content or core.plain(message.content_html)
    found: dict[str, Any] = {
        "message_id": message.message_id,
        "case_id": case.case_id,
        "staff_id": message.staff_id,
        "user_id": case.user_id,
        "custom_user_id": model.users[case.user_id].identity if case.user_id in model.users else "",
        "content": content,
        "note": int(message.note),
        "sent_via_rule": int(message.sent_via_rule),
    }
    if not content and model.settings.webhook_omits_empty_content:
        del found["content"]
    if message.files:
        found["attachments"] = [views.attachment(model, file) for file in message.files]
    return found


def _encoded(url: str, payload: dict[str, Any], encoding: str) -> tuple[str, dict[str, str], bytes]:
    if encoding == "json":
        return url, {"Content-Type": "application/json", "User-Agent": "Omnidesk"}, json.dumps(payload).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Omnidesk"}
    return url, form, urlencode(list(_flat(payload, ""))).encode()


def _flat(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _flat(item, f"{name}[{at}]")
    else:
        yield name, str(value)
