"""Messages with files, or too long for a command line: through the panel's own HTTP API.

``mgrctl`` takes no uploads (not known to, at least), so a one-time session key is made by ``session.newkey`` as root
and used over the local address (both seen in public integrations). The key travels to mgrctl by its environment option
so that ``ps`` never shows it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

import requests

from omnidesk import multipart
from omnidesk.billing import xml
from omnidesk.billing.panel import Runner, Upload, runner
from omnidesk.errors import Refused, TryLater
from omnidesk.paths import Paths
from omnidesk.settings import LOOPBACK

LONGEST = 10  # times the timeout for a message with files, beside what its size allows
_NEVER_TAKEN = (400, 411, 413, 414, 415, 431)  # a web server's refusal of the request itself: it stays the same


class Uploader:
    """Posts one call at a time, each with a session of its own."""

    def __init__(self, paths: Paths, url: str, timeout: float) -> None:
        self.url = url
        self.timeout = timeout
        self.run: Runner = runner(paths)

    def post(self, func: str, params: Mapping[str, str], files: Sequence[Upload]) -> bytes:
        """The panel's answer to a multipart POST of a function with ``file_1``, ``file_2``…"""
        with requests.Session() as session, ExitStack() as opened:
            session.trust_env = False
            # The panel signs its own certificate; on this very host there is nobody in between.
            session.verify = urlsplit(self.url).hostname not in LOOPBACK
            token = self._session(session)
            fields = {**params, "func": func, "out": "xml", "auth": token}
            contents = [opened.enter_context(open(file.path, "rb")) for file in files]
            parts = [
                multipart.FilePart(f"file_{number}", file.name, content, multipart.size_of(content), file.mime_type)
                for number, (file, content) in enumerate(zip(files, contents, strict=True), 1)
            ]
            form = multipart.Body(list(fields.items()), parts, LONGEST * self.timeout)
            headers = {"Content-Type": form.content_type} if files else {}
            try:
                # A redirect would take the session and the client's words to another address.
                answer = session.post(
                    self.url,
                    data=form if files else fields,
                    headers=headers,
                    timeout=self.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise TryLater("panel_upload", func, type(error).__name__, uncertain=True) from None
            self._here(answer)
            if answer.status_code in _NEVER_TAKEN:
                raise Refused("panel_refused", func, f"upload: HTTP {answer.status_code}")
            return answer.content

    def _here(self, answer: requests.Response) -> None:
        if answer.is_redirect:
            raise TryLater("panel_url", self.url, f"HTTP {answer.status_code}, it leads elsewhere")

    def _session(self, session: requests.Session) -> str:
        key, variable = secrets.token_urlsafe(24), f"PMOMNIDESK_{secrets.token_hex(8)}"
        os.environ[variable] = key  # for mgrctl alone: whoever reads ps learns the variable's name
        try:
            arguments = ["-m", "billmgr", "session.newkey", "out=xml", "-e", f"key=${variable}"]
            done = self.run(arguments, self.timeout)
        finally:
            del os.environ[variable]
        if b"<error" in done.out or done.code != 0:
            words = done.out.decode("utf-8", "replace").replace(key, "***")
            raise TryLater("panel_upload", "session.newkey", words[:200])
        try:
            params = {"func": "auth", "key": key, "out": "xml"}
            answer = session.get(self.url, params=params, timeout=self.timeout, allow_redirects=False)
        except requests.ConnectionError:
            raise TryLater("panel_url", self.url, "nobody answers there") from None
        except requests.RequestException as error:
            raise TryLater("panel_upload", "auth", type(error).__name__) from None
        self._here(answer)
        try:
            root = xml.parse(answer.content)
        except xml.NotXML:
            raise TryLater("panel_upload", "auth", f"HTTP {answer.status_code}, not XML") from None
        found = root.find(".//auth")
        token = (found.get("id") or found.text or "") if found is not None else ""
        if not token:
            raise TryLater("panel_upload", "auth", "no session in the answer")
        return token
