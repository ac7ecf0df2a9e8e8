"""Omnidesk's HTTP API. One kept-alive connection, one place where answers become objects or failures.

No call that changes anything is ever repeated in here: whether a creating call that got no answer may be made again is
the caller's to find out (it has written down what it was about to do).
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import IO, Any, TypeVar
from urllib.parse import quote

import requests
import urllib3

from omnidesk.core import deadline, multipart, streams
from omnidesk.core.errors import Failure, Gone, Paused, Refused, TryLater
from omnidesk.core.settings import Secret
from omnidesk.helpdesk import downloads, error_answers, models
from omnidesk.helpdesk.error_answers import Answer
from omnidesk.helpdesk.models import BrokenAnswer, Case, Channel, CustomField, Message, Staff, StatusChange
from omnidesk.helpdesk.paging import PAGE, Listing, Page
from omnidesk.helpdesk.rate_limit import RateGate

log = logging.getLogger("omnidesk")
T = TypeVar("T")
LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_SENDING = 10  # times the timeout for a message with files, beside what its size allows
LONGEST_FILE = 10  # times the timeout for downloading a file
MOST_IN_A_HEADER = 1e6
UNREACHABLE_SECONDS = 15.0
TROUBLE_SECONDS = 30.0
REFUSED_SECONDS = 60.0
LONGEST_RANGE = 360 * 86400.0  # seconds: a time range above a year may be refused
PROOF = "staff"  # a short list that every account has
PROOF_SECONDS = 5.0  # so long one answer proves that the account works
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


def stamp(moment: float) -> str:
    """A time for Omnidesk's parameters, with its offset: without one the account's zone is assumed (documented)."""
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")


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


class Client:
    """The calls this module makes. ``now`` is Omnidesk's clock from its last answer, 0.0 before the first."""

    def __init__(
        self, url: str, email: str, api_key: Secret, gate: RateGate, *, timeout: float = 30.0, reserve: int = 0
    ) -> None:
        self.url = url
        self.gate = gate
        self.timeout = timeout
        self.reserve = reserve
        self.now = 0.0
        self._dated = False
        self.calls = 0
        self._unreadable: set[int] = set()
        self._proved_at = -PROOF_SECONDS
        login = (email.encode(), api_key.reveal().encode())
        self._secrets = tuple(filter(None, (login[1], base64.b64encode(b":".join(login)))))
        self.session = requests.Session()
        self.sockets = deadline.guard(self.session)
        self.session.auth = requests.auth.HTTPBasicAuth(*login)
        self.session.trust_env = False  # no proxy or .netrc of whoever started us
        self.session.verify = trusted_certificates()
        self.session.headers["User-Agent"] = "pmomnidesk"

    # Cases

    def create_case(self, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()) -> Case:
        """Open a case; the answer holds no id of its first message (documented)."""
        return self._read(models.case, "case", self._write("POST", "cases", "case", fields, files))

    def case(self, case_id: int | str) -> Case:
        """A case by its id, or by its number (seen in public integrations).

        A page that says that it is not there may come from a proxy, for a moment: only one that stays is believed.
        """
        try:
            answer = self._get(f"cases/{case_id}")
        except Gone as gone:
            if not gone.params.keys() & error_answers.PAGE:
                raise
            answer = self._get(f"cases/{case_id}")
        return self._read(models.case, "case", answer)

    def update_case(self, case_id: int, fields: Mapping[str, Any]) -> Case:
        return self._read(models.case, "case", self._write("PUT", f"cases/{case_id}", "case", fields))

    def status_changes(self, case_id: int) -> list[StatusChange]:
        """Who changed the status of a case, and when."""
        answer = self._get(f"cases/{case_id}/changelog")
        try:
            return models.status_changes(answer)
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", f"cases/{case_id}/changelog", str(error)) from None

    def changed_cases(self, channel: str, since: float, page: int = 1, until: float = 0.0) -> Page[Case]:
        """One page of the channel's cases changed since then, oldest change first; merged ones and chats included."""
        query = {
            **({"to_updated_time": int(until)} if until else {}),
            "channel": channel,
            "from_updated_time": int(since),
            "sort": "updated_at_asc",
            "limit": PAGE,
            "page": page,
            "show_merged_cases": "true",
            "show_active_chats": "true",
        }
        return self._page(models.case, "case", self._get("cases", query), page, hides=True)

    def take_unreadable(self) -> list[int]:
        """The cases whose rows in lists of changed ones could not be read since this was asked last."""
        found, self._unreadable = sorted(self._unreadable), set()
        return found

    def cases_of_user(
        self, channel: str, custom_id: str, since: float, until: float = 0.0, page: int = 1
    ) -> Page[Case]:
        """A page of a client's cases of this time, newest first, by his exact custom id (without ^ a part would do)."""
        query = {
            **({"to_time": int(until)} if until else {}),
            "channel": channel,
            "user_custom_id": f"^{custom_id}^",
            "from_time": int(since),
            "sort": "created_at_desc",
            "limit": PAGE,
            "page": page,
            "show_merged_cases": "true",
            "show_active_chats": "true",
        }
        return self._list(models.case, "case", self._get("cases", query), page)

    # Messages

    def add_message(self, case_id: int, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()) -> Message:
        answer = self._write("POST", f"cases/{case_id}/messages", "message", fields, files)
        return self._read(models.message, "message", answer)

    def add_note(self, case_id: int, fields: Mapping[str, Any]) -> Message:
        return self._read(models.message, "message", self._write("POST", f"cases/{case_id}/note", "note", fields))

    def messages(self, case_id: int, page: int = 1, *, strict: bool = True) -> Page[Message]:
        """One page of a case's messages and notes, newest first.

        Not ``strict``: a message that cannot be read is passed over, and the page says that there was one.
        """
        query = {"order": "desc", "limit": PAGE, "page": page}
        read = self._list if strict else self._page
        return read(models.message, "message", self._get(f"cases/{case_id}/messages", query), page)

    def rate_message(self, case_id: int, message_id: int, level: str) -> None:
        self._write("PUT", f"cases/{case_id}/rate/{message_id}", "rate", {"rating": level})

    def rate_case(self, case_id: int, staff_id: int, level: str) -> None:
        self._write("PUT", f"cases/{case_id}/rate", "rate", {"rating": level, "rated_staff_id": staff_id})

    # The account

    def update_user(self, user_id: int, fields: Mapping[str, Any]) -> None:
        self._write("PUT", f"users/{user_id}", "user", fields)

    def user_is_active(self, user_id: int) -> bool:
        """Whether a client is neither blocked nor deleted."""
        return self._read(models.user_is_active, "user", self._get(f"users/{user_id}"))

    def user_is_gone(self, user_id: int) -> bool:
        """Whether there is no such user any more: he was deleted, or merged into another one."""
        try:
            self.user_is_active(user_id)
        except Refused as refusal:
            if refusal.type != "omnidesk_refused" and refusal.params.get("code") not in ("400", "404"):
                raise
            return True
        return False

    def staff(self) -> list[Staff]:
        return self._all("staff", models.staff, "staff", lambda one: one.staff_id)

    def custom_fields(self) -> list[CustomField]:
        return self._all("custom_fields", models.custom_field, "custom_field", lambda one: one.key)

    def channels(self) -> list[Channel]:
        return self._all("custom_channels", models.channel, "custom_channel", lambda one: one.key)

    @contextmanager
    def download(self, url: str) -> Iterator[requests.Response]:
        """A file of a message, as a stream; see :mod:`omnidesk.helpdesk.downloads` for what may be fetched.

        Raises :class:`requests.ReadTimeout` when all that is done with it takes longer than a file may take.
        """
        self._enter()
        with deadline.limited(self.sockets, LONGEST_FILE * self.timeout):
            source = downloads.Source(self.session, self.sockets, self.url, self.timeout)
            with downloads.fetch(source, url, lambda: self._translated("GET", "file")) as answer:
                yield answer

    # Beneath

    def _all(
        self, path: str, parse: Callable[[dict[str, Any]], T], inner: str, identity: Callable[[T], int | str]
    ) -> list[T]:
        """A whole list of the account."""

        def ask(key: float, page: int) -> Page[T]:
            return self._page(parse, inner, self._get(path, {"page": page, "limit": PAGE}), page)

        return list(Listing(identity).read(ask).values())

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self._call("GET", path, params=query)

    def _write(
        self, method: str, path: str, root: str, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()
    ) -> Any:
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

    def _enter(self) -> None:
        try:
            self.gate.enter(self.reserve)
        except Paused as pause:
            raise Paused(pause.type, self.url, seconds=pause.seconds) from None

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
        self._enter()
        self.calls += 1
        url = f"{self.url}/api/{quote(path)}.json"
        longest = seconds or deadline.LONGEST * self.timeout
        with self._translated(method, path), deadline.limited(self.sockets, longest):
            answer = self.session.request(
                method, url, timeout=self.timeout, allow_redirects=False, stream=True, **given
            )
            body = self._body(method, path, answer)
        self._learn(answer)
        log.debug("%s %s -> %s", method, path, answer.status_code)
        return Answer(
            method, path, answer.status_code, self._without_login(body) if answer.status_code >= 300 else body
        )

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
            raise TryLater("omnidesk_broken_answer", path, "too long", uncertain=method != "GET") from None

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

    def _learn(self, answer: requests.Response) -> None:
        headers = {name.lower().replace("-", "_"): value for name, value in answer.headers.items()}
        retry_after = _number(headers.get("retry_after"))
        if answer.status_code == 429 and retry_after is None:
            retry_after = 60.0
        left = _number(headers.get("api_calls_left"))
        limit = _number(headers.get("rate_limit_per_minute"))
        self.gate.learn(None if limit is None else int(limit), None if left is None else int(left), retry_after)
        if not self._dated:
            self.now = self.gate.clock()  # a proxy may strip the date; our own clock is then the nearest there is
        if headers.get("date"):
            try:
                self.now = models.as_time(headers["date"])
                self._dated = True
            except BrokenAnswer as error:
                log.warning("Omnidesk's Date header: %s", error)

    def _failure(self, answer: Answer) -> Failure:
        """What a refusal means. That the whole account refuses is believed only if something independent fails too."""
        if answer.limited:
            return self._used_up()
        if error_answers.suspected(answer):
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
        if 0 <= self.gate.clock() - self._proved_at < PROOF_SECONDS:
            return
        try:
            answer = self._ask("GET", PROOF, params={"limit": 1, "page": 1})
        except TryLater as failure:
            raise Paused("omnidesk_trouble", self.url, failure.value, seconds=TROUBLE_SECONDS) from None
        self._believe(answer)
        self._proved_at = self.gate.clock()

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

    def _read(self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any) -> T:
        try:
            return parse(models.one(answer, inner))
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, str(error), uncertain=True) from None

    def _list(self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any, page: int = 1) -> Page[T]:
        try:
            rows = models.rows(answer, inner, page)
            return Page([parse(row) for row in rows], models.ids(rows, inner), models.total(answer))
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, str(error)) from None

    def _page(
        self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any, page: int, *, hides: bool = False
    ) -> Page[T]:
        """A page where one row that cannot be read must not hide the others; that none can be is a broken answer."""
        found: list[T] = []
        try:
            rows = models.rows(answer, inner, page, hides=hides)
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, str(error)) from None
        problem: BrokenAnswer | None = None
        for row in rows:
            try:
                found.append(parse(row))
            except BrokenAnswer as error:
                problem = error
                if inner == "case" and as_id(row.get("case_id")):
                    self._unreadable.add(as_id(row.get("case_id")))
                log.warning("a %s in Omnidesk's list is skipped: %s", inner, error)
        if problem is not None and not found:
            raise TryLater("omnidesk_broken_answer", inner, str(problem))
        return Page(found, models.ids(rows, inner), models.total(answer), len(rows) - len(found))


def _flat(prefix: str, value: Any) -> list[tuple[str, str]]:
    """PHP's form names for nested values: ``case[custom_fields][cf_25]``."""
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flat(f"{prefix}[{key}]", inner)]
    if isinstance(value, (list, tuple)):
        return [pair for number, inner in enumerate(value) for pair in _flat(f"{prefix}[{number}]", inner)]
    if isinstance(value, bool):
        return [(prefix, "1" if value else "0")]
    return [(prefix, str(value))]


def as_id(value: Any) -> int:
    """An id of a row that cannot be read; 0 if even that cannot be."""
    try:
        return models.as_int(value)
    except BrokenAnswer:
        return 0


def _number(text: str | None) -> float | None:
    """A header's number; None for what is none, or could not be one of a minute's limit."""
    try:
        found = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return found if 0 <= found < MOST_IN_A_HEADER else None
