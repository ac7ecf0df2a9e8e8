"""Requests to Omnidesk over one kept-alive connection: the account's limit, and what each answer or its absence means.

No request that changes anything is ever repeated in here: whether a creating call that got no answer may be made again
is the caller's to find out (it has written down what it was about to do).
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

import requests
import urllib3

from omnidesk.core import deadline, multipart, streams
from omnidesk.core.errors import Failure, Paused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Secret
from omnidesk.helpdesk import answers, error_answers
from omnidesk.helpdesk.answers import BrokenAnswer
from omnidesk.helpdesk.error_answers import Answer
from omnidesk.helpdesk.rate_limit import RateGate

log = logging.getLogger("omnidesk")
LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_SENDING = 10  # times the timeout for a message with files, beside what its size allows
MOST_IN_A_HEADER = 1e6
UNREACHABLE_SECONDS = 15.0
TROUBLE_SECONDS = 30.0
REFUSED_SECONDS = 60.0
PROOF = "staff"  # a short list that every account has
PROOF_SECONDS = 5.0  # so long one answer proves that the account works
MOMENT = 1.5  # seconds until the next call that are waited for at once; a longer pause is the caller's matter
LONGEST_WAIT = 6.0  # seconds of such waits in a row
_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "CertificateError", "WRONG_VERSION_NUMBER", "HANDSHAKE")
_NEVER_SENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", *_CERTIFICATE)
_CERTIFICATES = "/etc/ssl/certs"
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


@dataclass(frozen=True)
class FileUpload:
    """An open file to send under its original name."""

    name: str
    content: IO[bytes]
    mime_type: str = "application/octet-stream"


def trusted_certificates() -> str | bool:
    """What the environment names; else the system's folder, else its bundle, else (True) the one that requests brings.

    A folder is read lazily, a bundle costs some 50 ms a process. But the folder must be a hashed one (Debian's is; that
    of AlmaLinux 8 and 9 holds bundles only, and by it no certificate could be verified).
    """
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    if named:
        return named
    system = ssl.get_default_verify_paths()
    for folder in (system.capath, _CERTIFICATES):
        if folder and os.path.isdir(folder) and any(_HASHED.fullmatch(name) for name in os.listdir(folder)):
            return folder
    return system.cafile or True


class Proof:
    """When an answer last proved that the account works; connections of one process share it.

    ``answered``: how many calls were not refused by the account's limit.
    """

    def __init__(self) -> None:
        self.at = -PROOF_SECONDS
        self.answered = 0
        self.lock = threading.Lock()  # one asks, the others wait for what it learns


class Connection:
    """An account's API. ``now`` is Omnidesk's clock from its last answer, 0.0 before the first."""

    def __init__(
        self,
        url: str,
        email: str,
        api_key: Secret,
        gate: RateGate,
        *,
        timeout: float = 30.0,
        reserve: int = 0,
        sleep: Callable[[float], None] = time.sleep,
        proof: Proof | None = None,
    ) -> None:
        self.url = url
        self.gate = gate
        self.timeout = timeout
        self.reserve = reserve
        self.sleep = sleep
        self.proof = proof or Proof()
        self.now = 0.0
        self._dated = False
        self.calls = 0
        login = (email.encode(), api_key.reveal().encode())
        self._secrets = tuple(filter(None, (login[1], base64.b64encode(b":".join(login)))))
        self.session = requests.Session()
        self.sockets = deadline.guard(self.session)
        self.session.auth = requests.auth.HTTPBasicAuth(*login)
        self.session.trust_env = False  # no proxy or .netrc of whoever started us
        self.session.verify = trusted_certificates()
        self.session.headers["User-Agent"] = "pmomnidesk"

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON that is there."""
        return self._call("GET", path, params=query)

    def _write(
        self, method: str, path: str, root: str, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()
    ) -> Any:
        """Send the fields, which the API wants below ``root``; the JSON of the answer. With files it is a form."""
        if not files:
            body = json.dumps({root: fields}, ensure_ascii=False).encode("utf-8", "replace")
            return self._call(method, path, data=body, headers={"Content-Type": "application/json"})
        parts = [
            multipart.FilePart(f"{root}[attachments][{number}]", file.name, file.content, file.mime_type)
            for number, file in enumerate(files)
        ]
        with multipart.form(_flat(root, fields), parts) as form:
            seconds = LONGEST_SENDING * self.timeout + form.seconds
            return self._call(method, path, seconds, data=form.content, headers=form.headers)

    def _enter(self) -> int:
        """Count a call; its number. Raises :class:`Paused` when the account allows none for longer than a moment."""
        waited = 0.0
        while True:
            try:
                return self.gate.enter(self.reserve)
            except Paused as pause:
                moment = pause.type == "omnidesk_rate" and pause.seconds <= MOMENT
                if not moment or waited >= LONGEST_WAIT:
                    raise Paused(pause.type, self.url, seconds=pause.seconds) from None
                self.sleep(pause.seconds)
                waited += pause.seconds

    def _call(self, method: str, path: str, seconds: float = 0.0, **given: Any) -> Any:
        """One request; its JSON. Raises what another answer means. ``seconds``: how long the whole of it may take."""
        answer = self._ask(method, path, seconds, **given)
        if answer.succeeded:
            return answer.document
        raise self._failure(answer)

    def ask(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Answer:
        """An answer as it came, whatever it means."""
        if fields is None:
            return self._ask(method, path)
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        return self._ask(method, path, data=body, headers={"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, seconds: float = 0.0, **given: Any) -> Answer:
        call = self._enter()
        self.calls += 1
        url = f"{self.url}/api/{quote(path)}.json"
        longest = seconds or deadline.LONGEST * self.timeout
        try:
            with self._translated(method, path), deadline.limited(self.sockets, longest):
                answer = self.session.request(
                    method, url, timeout=self.timeout, allow_redirects=False, stream=True, **given
                )
                body = self._body(method, path, answer)
        except Failure:
            self.gate.over(call)
            raise
        self._learn(answer, call)
        log.debug("%s %s -> %s", method, path, answer.status_code)
        shown = self._without_login(body) if answer.status_code >= 300 else body
        found = Answer(method, path, answer.status_code, shown)
        self.proof.answered += not found.limited
        return found

    def _without_login(self, page: bytes) -> bytes:
        """A page may repeat what it was asked with."""
        for secret in self._secrets:
            page = page.replace(secret, b"***")
        return page

    def _body(self, method: str, path: str, answer: requests.Response) -> bytes:
        try:
            return b"".join(streams.blocks(answer, LARGEST_ANSWER))
        except streams.TooLong:
            answer.close()
            raise TryLater("omnidesk_broken_answer", path, Phrase("said.too_long"), uncertain=method != "GET") from None

    @contextmanager
    def _translated(self, method: str, path: str) -> Iterator[None]:
        """Network errors as failures. Not reached at all: the run pauses. Broken in the middle: perhaps carried out."""
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            text = repr(error)
            if any(sign in text for sign in _NEVER_SENT):
                untrusted = any(sign in text for sign in _CERTIFICATE)
                kind = "omnidesk_certificate" if untrusted else "omnidesk_unreachable"
                raise self._blocking(kind, UNREACHABLE_SECONDS) from None
            words = type(error).__name__
            raise TryLater("omnidesk_no_answer", path, words, uncertain=method == "POST") from None

    def _learn(self, answer: requests.Response, call: int) -> None:
        headers = {name.lower().replace("-", "_"): value for name, value in answer.headers.items()}
        retry_after = _seconds(headers.get("retry_after"), headers.get("date"))
        if answer.status_code == 429 and retry_after is None:
            retry_after = 60.0
        left = _number(headers.get("api_calls_left"))
        limit = _number(headers.get("rate_limit_per_minute"))
        self.gate.learn(None if limit is None else int(limit), None if left is None else int(left), retry_after, call)
        if not self._dated:
            self.now = self.gate.clock()  # a proxy may strip the date; our own clock is then the nearest there is
        if headers.get("date"):
            try:
                self.now = answers.as_time(headers["date"])
                self._dated = True
            except BrokenAnswer as error:
                log.warning("Omnidesk's Date header: %s", error)

    def _failure(self, answer: Answer) -> Failure:
        """What a refusal means. That the whole account refuses is believed only if something independent fails too."""
        if answer.limited:
            return self._used_up()
        if error_answers.may_be_of_all(answer):
            if answer.path == PROOF:  # it is that independent call itself
                self._believe(answer)
            try:
                self.answers()
            except Paused as pause:
                if pause.type != "omnidesk_rate":
                    raise
                # Nobody can be asked now. The ticket waits its turn, so that it is not the first of the next minute.
                return TryLater("omnidesk_trouble", answer.path, answer.shown())
        return error_answers.failure(answer)

    def answers(self) -> None:
        """An independent, cheap call: raises :class:`Paused` if the account as a whole does not work.

        One within :data:`PROOF_SECONDS` serves everybody who asks.
        """
        with self.proof.lock:
            if 0 <= self.gate.clock() - self.proof.at < PROOF_SECONDS:
                return
            try:
                answer = self._ask("GET", PROOF, params={"limit": 1, "page": 1})
            except TryLater as failure:
                raise Paused("omnidesk_trouble", self.url, failure.words, seconds=TROUBLE_SECONDS) from None
            self._believe(answer)
            self.proof.at = self.gate.clock()

    def _believe(self, answer: Answer) -> None:
        """What the answer to the independent call says of the account as a whole."""
        if answer.works:
            return
        if answer.limited:
            raise self._used_up()
        type = error_answers.suspected(answer)
        if type in ("", "omnidesk_trouble"):
            raise Paused("omnidesk_trouble", self.url, answer.shown(), seconds=TROUBLE_SECONDS)
        raise self._blocking(type, REFUSED_SECONDS)

    def _used_up(self) -> Paused:
        return self._blocking("omnidesk_rate", max(1.0, self.gate.budget().window_ends - self.gate.clock()))

    def _blocking(self, type: str, seconds: float) -> Paused:
        self.gate.block(seconds, type)
        return Paused(type, self.url, seconds=seconds)


def _flat(prefix: str, value: Any) -> list[tuple[str, str]]:
    """PHP's form names for nested values: ``case[custom_fields][cf_25]``."""
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flat(f"{prefix}[{key}]", inner)]
    if isinstance(value, (list, tuple)):
        return [pair for number, inner in enumerate(value) for pair in _flat(f"{prefix}[{number}]", inner)]
    if isinstance(value, bool):
        return [(prefix, "1" if value else "0")]
    return [(prefix, str(value))]


def _seconds(text: str | None, date: str | None) -> float | None:
    """How long to wait: a number, or the time of its end, as proxies write it; ``date`` is when that was written."""
    found = _number(text)
    if found is not None or not text or not date:
        return found
    try:
        until, written = answers.as_time(text), answers.as_time(date)
    except BrokenAnswer:
        return None
    return max(until - written, 1.0) if until and written else None


def _number(text: str | None) -> float | None:
    """A header's number; None for what is none, or could not be one of a minute's limit."""
    try:
        found = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return found if 0 <= found < MOST_IN_A_HEADER else None
