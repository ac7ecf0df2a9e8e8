"""The simulated account in the same process: a transport adapter for ``requests`` that needs no sockets."""

from __future__ import annotations

import http.client
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from .model import Omnidesk
from .wire import Dropped, Hung, Request, Response


class OmnideskAdapter(HTTPAdapter):
    """Mount it on ``https://`` or the account's address.

    Faults appear as they do over a socket: a drop is a ``ConnectionError``, one around ``NewConnectionError`` when
    nothing was reachable; a hang, or a delay longer than the timeout, is a ``ReadTimeout``, at once and without
    waiting; a body cut off is a ``ChunkedEncodingError`` when it is read.
    """

    def __init__(self, model: Omnidesk) -> None:
        super().__init__()
        self.model = model

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answers the request from the model."""
        try:
            answer = self.model.handle(_taken(request))
        except Hung as problem:
            raise requests.ReadTimeout("Read timed out.", request=request) from problem
        except Dropped as problem:
            raise requests.ConnectionError(_cause(request, problem), request=request) from problem
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and answer.delay > float(limit):
            raise requests.ReadTimeout("Read timed out.", request=request)
        return self.build_response(request, _raw(request, answer))


def session(model: Omnidesk, email: str = "", key: str = "") -> AccountSession:
    """A session with the integration employee's login that talks to the model in this process."""
    found = AccountSession(model.base_url)
    found.mount(model.base_url, OmnideskAdapter(model))
    found.auth = (email or model.integration.email, key or model.api_key)
    return found


class AccountSession(requests.Session):
    """A session that takes paths of the account: ``get("/api/staff.json")``."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self.trust_env = False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        """As the base class, with the account's address before a bare path."""
        return super().request(method, f"{self.base_url}{url!s}" if str(url).startswith("/") else url, *args, **more)


def _taken(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(str(request.url))
    body: Any = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    elif not isinstance(body, (str, bytes)):
        body = b"".join(body)
    headers = {"Host": parts.netloc, **dict(request.headers)}
    return Request(
        str(request.method), parts.path, parts.query, headers, body.encode() if isinstance(body, str) else body
    )


def _cause(request: requests.PreparedRequest, problem: Dropped) -> Exception:
    if problem.args == ("unreachable",):
        refused = NewConnectionError(None, "Failed to establish a new connection: refused")  # type: ignore[arg-type]
        return MaxRetryError(None, str(request.url), refused)  # type: ignore[arg-type]
    gone = http.client.RemoteDisconnected("Remote end closed connection without response")
    return ProtocolError("Connection aborted.", gone)


def _raw(request: requests.PreparedRequest, answer: Response) -> HTTPResponse:
    body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    reason = http.client.responses.get(answer.status, "")
    return HTTPResponse(
        body=io.BytesIO(body),
        headers=headers,
        status=answer.status,
        version=11,
        reason=reason,
        preload_content=False,
        request_method=request.method,
    )
