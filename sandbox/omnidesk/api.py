"""From a request to an endpoint and back: host, login, limits, routes, errors."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import bodies, caselist, cases, directory, messages, users, views
from .endpoint import Answer, Context
from .state import Staff
from .wire import ApiError, Call, NoSuchPage, Request, Response

if TYPE_CHECKING:
    from .model import Omnidesk

HTML_404 = b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body><h1>404 Not Found</h1></body></html>"
_ID, _IDS, _CASE = r"(\d+)", r"([\d,\s-]+)", r"(\d+|\d{3}-\d{6})"

_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("POST", "cases", cases.create),
    ("GET", "cases", caselist.listing),
    ("GET", f"cases/{_CASE}", cases.read),
    ("PUT", f"cases/{_CASE}", cases.update),
    ("DELETE", f"cases/{_IDS}", cases.delete),
    ("GET", f"cases/{_CASE}/changelog", cases.changelog),
    ("PUT", f"cases/{_CASE}/rate", cases.rate),
    ("PUT", f"cases/{_CASE}/rate/{_ID}", messages.rate),
    ("PUT", f"cases/{_IDS}/(trash|spam|restore)", cases.move),
    ("POST", f"cases/{_CASE}/messages", messages.create),
    ("GET", f"cases/{_CASE}/messages", messages.listing),
    ("PUT", f"cases/{_CASE}/messages/{_ID}", messages.update),
    ("DELETE", f"cases/{_CASE}/messages/{_ID}", messages.delete),
    ("POST", f"cases/{_CASE}/notes?", messages.create_note),
    ("PUT", f"cases/{_CASE}/notes?/{_ID}", messages.update_note),
    ("DELETE", f"cases/{_CASE}/notes?/{_ID}", messages.delete_note),
    ("POST", "users", users.create),
    ("GET", "users", users.listing),
    ("GET", f"users/{_ID}", users.read),
    ("PUT", f"users/{_ID}", users.update),
    ("DELETE", f"users/{_ID}", users.delete),
    ("PUT", f"users/{_ID}/link", users.link),
    ("PUT", f"users/{_ID}/unlink", users.unlink),
    ("PUT", f"users/{_ID}/(block|disable|restore)", users.move),
    ("GET", "staff", directory.staff_list),
    ("GET", f"staff/{_ID}", directory.staff),
    ("GET", "custom_fields", directory.custom_fields),
    ("GET", "custom_channels", directory.custom_channels),
    ("GET", "groups", directory.groups),
    ("GET", "labels", directory.labels),
    ("GET", "languages", directory.languages),
    ("GET", "filters", directory.filters),
]
ROUTES = [(method, re.compile(rf"/api/{path}\.json/?\Z"), endpoint) for method, path, endpoint in _ROUTES]


def serve(model: Omnidesk, request: Request, call: Call) -> Response:
    """The answer to a request that reached the account; fills in the call's record. The caller holds the lock."""
    path = unquote(request.path)
    headers: dict[str, str] = {}
    try:
        _check_host(model, request)
        if not path.startswith("/api/"):
            return _file(model, request, path, call)
        _, key = login(request)
        if model.faults.key_revoked or key != model.api_key:
            headers |= model.limit.headers(model.clock(), model.settings)
            raise ApiError(401, "invalid_api_key")
        return _api(model, request, path, call, headers)
    except NoSuchPage:
        return _done(call, Response(404, {"Content-Type": "text/html"}, HTML_404))
    except ApiError as problem:
        if problem.page is not None:
            return _done(call, Response(problem.status, {"Content-Type": "text/html", **headers}, problem.page))
        return _json(model, call, problem.status, {"error": problem.code}, headers)


def _api(model: Omnidesk, request: Request, path: str, call: Call, headers: dict[str, str]) -> Response:
    now = model.clock()
    allowed = model.limit.take(now, model.settings)
    headers |= model.limit.headers(now, model.settings)
    if not allowed and model.settings.rate_limit_legacy:
        return _done(call, Response(403, {"Content-Type": "text/html", **headers}, b"rate limit exceeded"))
    if not allowed:
        raise ApiError(429, "rate_limit_exceeded")
    staff = _staff(model, call.staff_email)
    endpoint, where = _route(request.method, path)
    if request.oversize or len(request.body) > model.settings.max_request + 1024 * 1024:
        raise ApiError(model.settings.too_big_status, "attachment_too_big")
    call.body = bodies.parsed(request)
    status, value = endpoint(Context(model, staff, call.query, call.body), *where)
    if value is None:
        return _done(call, Response(status, {"Content-Type": "application/json", **headers}, b""))
    return _json(model, call, status, value, headers)


def _route(method: str, path: str) -> tuple[Callable[..., Answer], tuple[str, ...]]:
    for wanted, pattern, endpoint in ROUTES:
        found = pattern.match(path)
        if found and wanted == method:
            return endpoint, found.groups()
    raise NoSuchPage


def _check_host(model: Omnidesk, request: Request) -> None:
    host = request.header("Host").rpartition(":")[0] or request.header("Host")
    if model.settings.hosts and host and host not in model.settings.hosts:
        raise NoSuchPage


def login(request: Request) -> tuple[str, str]:
    """(e-mail, API key) of HTTP Basic, empty when there is none."""
    kind, _, given = request.header("Authorization").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        email, _, key = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return email, key


def _staff(model: Omnidesk, email: str) -> Staff:
    """The employee who calls: the key belongs to the account, the e-mail chooses him (seen in public integrations)."""
    found = model.staff_by_email(email)
    if found is None:
        raise ApiError(403, "staff_not_found")
    if not found.active:
        raise ApiError(403, "staff_not_active")
    return found


def _file(model: Omnidesk, request: Request, path: str, call: Call) -> Response:
    """An attachment, with or without login, here or behind a redirect to another host."""
    found = re.fullmatch(r"/(attachments|storage)/([0-9a-f]{16})/(\d+)", path)
    file = model.files.get(int(found.group(3))) if found else None
    if found is None or file is None or file.token != found.group(2) or request.method != "GET":
        raise NoSuchPage
    if found.group(1) == "attachments":
        _, key = login(request)
        if model.settings.files_need_auth and (key != model.api_key or model.faults.key_revoked):
            raise ApiError(401, "invalid_api_key")
        if model.settings.files_redirect_to:
            target = f"{model.settings.files_redirect_to}/storage/{file.token}/{file.file_id}"
            return _done(call, Response(302, {"Location": target}, b""))
    return _done(call, Response(200, {"Content-Type": file.mime_type}, file.data))


def _json(model: Omnidesk, call: Call, status: int, value: Any, headers: dict[str, str]) -> Response:
    shown = {"Content-Type": "application/json; charset=utf-8", **headers}
    return _done(call, Response(status, shown, views.encoded(model, value)))


def _done(call: Call, response: Response) -> Response:
    call.done = response.status
    return response
