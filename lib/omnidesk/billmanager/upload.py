"""Messages with files, or too long for a command line, and files that cannot be read here: the panel's own HTTP API.

``mgrctl`` takes no uploads (not known to, at least), so a one-time session key is made by ``session.newkey`` as root
and used over the local address (both seen in public integrations). The key gives the rights of root: it reaches mgrctl
by its environment option, so that ``ps`` does not show it, and the panel by POST, so that no log of requests does.
Before it is made, whoever listens at the local address must be root, and afterwards the session is closed.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO
from urllib.parse import urlsplit

import requests
import urllib3
from lxml import etree

from omnidesk.billmanager import listener
from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.panel import Upload
from omnidesk.core import deadline, multipart, streams, xml
from omnidesk.core.errors import Refused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import LOOPBACK

log = logging.getLogger("panel")
LONGEST = 10  # times the timeout for a message with files, beside what its size allows
LARGEST_ANSWER = 8 * 1024 * 1024
_NEVER_TAKEN = (400, 411, 413, 414, 415, 431)  # a web server's refusal of the request itself: it stays the same


class Uploader:
    """Posts calls, each with a session of its own; as many at a time as :class:`Mgrctl` makes."""

    def __init__(self, mgrctl: Mgrctl, url: str, timeout: float) -> None:
        self.mgrctl = mgrctl
        self.url = url
        self.timeout = timeout

    def post(self, func: str, params: Mapping[str, str], files: Sequence[Upload]) -> bytes:
        """The panel's answer to a multipart POST of a function with ``file_1``, ``file_2``…"""
        with self._session() as (call, token):
            return call.send({**params, "func": func, "out": "xml", "auth": token}, files)

    def fetch(self, func: str, params: Mapping[str, str], into: IO[bytes], most: int) -> None:
        """The content of a file that a function hands out when no form of answer (``out``) is asked for.

        Raises :class:`Refused` for a page in its place, and for more than ``most`` bytes (``why``: ``large``).
        """
        with self._session() as (call, token):
            call.receive({**params, "func": func, "auth": token}, into, most)

    def reach(self) -> None:
        """Raise what keeps the panel from answering at this address. No session is opened."""
        with self._connection() as call:
            call.log_in({})

    @contextmanager
    def _session(self) -> Iterator[tuple[_Call, str]]:
        """A connection and a session of root's, which ends with it."""
        with self._connection() as call:
            token = call.session_of(self._key())
            try:
                yield call, token
            finally:
                call.end_session(token)

    @contextmanager
    def _connection(self) -> Iterator[_Call]:
        host = urlsplit(self.url).hostname
        if host in LOOPBACK:
            listener.check(self.url)
        with self.mgrctl.places.taken(), requests.Session() as session:
            session.trust_env = False
            # The panel signs its own certificate; on this very host only root can answer there.
            session.verify = host not in LOOPBACK
            yield _Call(session, deadline.guard(session), self.url, self.timeout)

    def _key(self) -> str:
        if not self.mgrctl.takes_environment():
            # The variable's name, which ps shows, would perhaps become the key.
            raise TryLater("panel_upload", "session.newkey", Phrase("said.no_environment"))
        key = secrets.token_urlsafe(24)
        done = self.mgrctl.call_hidden("session.newkey", {"key": key})
        if b"<error" in done.out or done.code != 0:
            words = done.out.decode("utf-8", "replace").replace(key, "***")
            raise TryLater("panel_upload", "session.newkey", words[:200])
        return key


def _is_page(answer: requests.Response, begin: bytes) -> bool:
    """Whether the panel shows a page or a document of its own in a file's place: a client's file names itself, or is
    of another kind. What an error looks like here is not public, and must never be sent as somebody's file.
    """
    if "filename" in answer.headers.get("Content-Disposition", "").lower():
        return False
    kind = answer.headers.get("Content-Type", "").lower()
    vague = not kind or kind.startswith("text/plain")  # a page all the same, or one of a proxy in between
    start = begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:300].lower()
    of_panel = b"<doc" in start or b'"doc"' in start
    if vague:
        return start.startswith((b"<!doctype html", b"<html")) or (of_panel and start.startswith((b"<", b"{")))
    return "html" in kind or (("xml" in kind or "json" in kind) and of_panel)


class _Call:
    """The requests of one upload. No redirect is followed: it would take the session and the client's words along."""

    def __init__(self, session: requests.Session, sockets: deadline.Sockets, url: str, timeout: float) -> None:
        self.session = session
        self.sockets = sockets
        self.url = url
        self.timeout = timeout

    def log_in(self, credentials: Mapping[str, str]) -> etree._Element:
        """The panel's answer, which is a refusal when there are none."""
        try:
            code, body = self._post({"func": "auth", **credentials, "out": "xml"})
        except requests.ConnectionError:
            raise TryLater("panel_url", self.url, Phrase("said.no_connection")) from None
        except requests.RequestException as error:
            raise TryLater("panel_upload", "auth", type(error).__name__) from None
        try:
            return xml.parse(body)
        except xml.NotXML:
            raise TryLater("panel_upload", "auth", Phrase("said.not_xml", code=code)) from None

    def session_of(self, key: str) -> str:
        """The session that a one-time key opens."""
        found = self.log_in({"key": key}).find(".//auth")
        token = (found.get("id") or found.text or "") if found is not None else ""
        if not token:
            raise TryLater("panel_upload", "auth", Phrase("said.no_session"))
        return token

    def send(self, fields: Mapping[str, str], files: Sequence[Upload]) -> bytes:
        """The function's answer."""
        func = fields["func"]
        with ExitStack() as opened:
            parts = [
                multipart.FilePart(
                    f"file_{number}", file.name, opened.enter_context(open(file.path, "rb")), file.mime_type
                )
                for number, file in enumerate(files, 1)
            ]
            form = opened.enter_context(multipart.form(list(fields.items()), parts)) if parts else None
            try:
                code, body = self._post(fields, form)
            except requests.RequestException as error:
                raise TryLater("panel_upload", func, type(error).__name__, uncertain=True) from None
        if code in _NEVER_TAKEN:
            raise Refused("panel_refused", func, f"upload: HTTP {code}")
        return body

    def receive(self, fields: Mapping[str, str], into: IO[bytes], most: int) -> None:
        """A file's content, as it comes."""
        func = fields["func"]
        try:
            with deadline.limited(self.sockets, LONGEST * self.timeout):
                answer = self._answer(fields, None)
                blocks = streams.blocks(answer, most)
                begin = next(blocks, b"")
                if answer.status_code != 200 or _is_page(answer, begin):
                    raise Refused("panel_refused", func, Phrase("said.no_file", code=answer.status_code))
                into.write(begin)
                for block in blocks:
                    into.write(block)
        except streams.TooLong:
            raise Refused("file", func, Phrase("said.more_bytes", bytes=most), why="large") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise TryLater("panel_upload", func, type(error).__name__) from None

    def end_session(self, token: str) -> None:
        """Close the session; one that stays open ends by itself after an hour without requests (documented)."""
        try:
            self._post({"func": "session.delete", "elid": token, "auth": token, "out": "xml"})
        except (requests.RequestException, TryLater) as error:
            log.warning("the panel's session of an upload was not closed: %s", type(error).__name__)

    def _post(self, fields: Mapping[str, str], form: multipart.Form | None = None) -> tuple[int, bytes]:
        longest = LONGEST * self.timeout + (form.seconds if form else 0.0)
        with deadline.limited(self.sockets, longest):
            answer = self._answer(fields, form)
            return answer.status_code, b"".join(streams.blocks(answer, LARGEST_ANSWER))

    def _answer(self, fields: Mapping[str, str], form: multipart.Form | None) -> requests.Response:
        """An answer whose body is not read yet."""
        answer = self.session.post(
            self.url,
            data=form.content if form else fields,
            headers=form.headers if form else {},
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        )
        if answer.is_redirect:
            raise TryLater("panel_url", self.url, Phrase("said.elsewhere", code=answer.status_code))
        return answer
