"""The ways an alert takes: the host's sendmail, a Telegram bot, a webhook of the administrator's.

Each is given a bounded time. What goes wrong is said without addresses: a bot's token and a webhook's secret are parts
of them, and the libraries' own errors repeat addresses.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import requests
import urllib3

from omnidesk.core import deadline
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings
from omnidesk.core.text import clean, shorten
from omnidesk.helpdesk.connection import trusted_certificates

EMAIL, TELEGRAM, WEBHOOK = "email", "telegram", "webhook"
SECONDS = 10  # for one channel
LONGEST = 3500  # characters of a text; Telegram takes 4096
MOST_READ = 4096
_NO_CONNECTION = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


@dataclass(frozen=True)
class Alert:
    """What is sent: a line that says what it is about, the text, and the same as values for programs."""

    subject: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


class NotSent(Exception):
    """A channel did not take an alert; ``why`` holds no secret."""

    def __init__(self, key: str, **params: object) -> None:
        self.why = Phrase(f"alert.{key}", **params)
        super().__init__(str(self.why))


Channel = Callable[[Settings, Dependencies, Alert], None]


def configured(settings: Settings) -> dict[str, Channel]:
    """The channels that are set, by name."""
    found: dict[str, Channel] = {}
    if settings.alert_emails:
        found[EMAIL] = by_email
    if settings.alert_telegram_token or settings.alert_telegram_chat:
        found[TELEGRAM] = by_telegram
    if settings.alert_webhook:
        found[WEBHOOK] = by_webhook
    return found


def by_email(settings: Settings, dependencies: Dependencies, alert: Alert) -> None:
    """Through sendmail, which the host's administrator has set up. Nothing stands on its command line."""
    message = EmailMessage(policy=SMTP.clone(linesep="\n"))
    message["To"] = ", ".join(settings.alert_emails)
    message["Subject"] = shorten(clean(alert.subject), 200)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(alert.text)
    program = dependencies.sendmail
    if not os.access(program, os.X_OK):
        raise NotSent("no_sendmail", path=program)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 a fixed program, no argument from outside
            [program, "-i", "-t"], input=message.as_bytes(), env=environment, capture_output=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotSent("too_long", seconds=SECONDS) from None
    except OSError as error:
        raise NotSent("no_connection", kind=error.strerror or type(error).__name__) from None
    if done.returncode:
        raise NotSent("exit", program=os.path.basename(program), code=done.returncode)


def by_telegram(settings: Settings, dependencies: Dependencies, alert: Alert) -> None:
    """By the Bot API's ``sendMessage`` (documented), as plain text."""
    token, chat = settings.alert_telegram_token, settings.alert_telegram_chat
    if not (token and chat):
        raise NotSent("half_telegram")
    text = shorten(f"{alert.subject}\n{alert.text}", LONGEST)
    body = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
    _post(f"{dependencies.telegram}/bot{token.reveal()}/sendMessage", body, says="description")


def by_webhook(settings: Settings, dependencies: Dependencies, alert: Alert) -> None:
    """A POST of JSON; any 2xx is taken for an acknowledgement."""
    _post(settings.alert_webhook.reveal(), {"subject": alert.subject, "text": alert.text, **alert.values})


def _post(address: str, body: Mapping[str, Any], says: str = "") -> None:
    """Send JSON. ``says``: the field of a refusal's JSON that explains it."""
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    with requests.Session() as session:
        sockets = deadline.guard(session)
        session.trust_env = False
        session.verify = trusted_certificates()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "pmomnidesk"}
        try:
            with deadline.limited(sockets, SECONDS):
                answer = session.post(
                    address, data=content, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True
                )
                said = answer.raw.read(MOST_READ, decode_content=True) or b""
        except _NO_CONNECTION as error:  # the text of any of them may hold the address
            raise NotSent("no_connection", kind=type(error).__name__) from None
    if not 200 <= answer.status_code < 300:
        raise NotSent("status", status=answer.status_code, words=_words(said, says))


def _words(said: bytes, field: str) -> str:
    try:
        found = json.loads(said) if field else None
    except ValueError:
        return ""
    text = found.get(field) if isinstance(found, dict) else None
    return f": {shorten(clean(text), 200)}" if isinstance(text, str) else ""
