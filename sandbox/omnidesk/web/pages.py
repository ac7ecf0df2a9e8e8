"""From a browser's request to a page and back: routes, languages, forms of other sites, errors, live parts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import bodies
from ..wire import ApiError, Request, Response
from . import caseacts, casepages, logpage, setuppages, shown
from .visit import LANGUAGES, Moved, Refused, Shown, Visit
from .words import names, word

if TYPE_CHECKING:
    from ..model import Omnidesk

_HERE = Path(__file__).resolve().parent
_STATIC = {"pages.css": "text/css; charset=utf-8", "pages.js": "text/javascript; charset=utf-8"}
_ID = r"(\d{1,18})"
_CASE = r"cases/record/(\d{1,18}|\d{3}-\d{6})"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Answer = Shown | Moved | Response
View = Callable[..., Answer]

# Method, path below the agent's, what answers, what is shown again when a form is refused.
_ROUTES: list[tuple[str, str, View, View | None]] = [
    ("GET", "", casepages.to_list, None),
    ("GET", "cases", casepages.listing, None),
    ("GET", _CASE, casepages.record, None),
    ("POST", f"{_CASE}/answer", caseacts.answer, casepages.record),
    ("POST", f"{_CASE}/note", caseacts.note, casepages.record),
    ("POST", f"{_CASE}/status", caseacts.status, casepages.record),
    ("POST", f"{_CASE}/assign", caseacts.assign, casepages.record),
    ("POST", f"{_CASE}/group", caseacts.group, casepages.record),
    ("GET", f"{_CASE}/fields", casepages.fields, None),
    ("POST", f"{_CASE}/fields", caseacts.fields, casepages.fields),
    ("POST", f"{_CASE}/merge", caseacts.merge, casepages.record),
    ("POST", f"{_CASE}/client", caseacts.client, casepages.record),
    ("POST", f"{_CASE}/(?:trash|spam|restore|delete)", caseacts.move, casepages.record),
    ("GET", f"{_CASE}/messages/{_ID}", casepages.message, None),
    ("POST", f"{_CASE}/messages/{_ID}/edit", caseacts.edit, casepages.message),
    ("POST", f"{_CASE}/messages/{_ID}/delete", caseacts.remove, casepages.message),
    ("GET", f"files/([0-9a-f]{{16}})/{_ID}", casepages.file, None),
    ("GET", "settings/api", setuppages.api, None),
    ("POST", "settings/api", setuppages.new_key, setuppages.api),
    ("GET", "settings/channels", setuppages.channels, None),
    ("POST", "settings/channels", setuppages.add_channel, setuppages.channels),
    ("GET", f"settings/channels/{_ID}", setuppages.channel, None),
    ("POST", f"settings/channels/{_ID}", setuppages.edit_channel, setuppages.channel),
    ("POST", f"settings/channels/{_ID}/test", setuppages.test_channel, setuppages.channel),
    ("GET", "settings/staff", setuppages.staff, None),
    ("POST", "settings/staff", setuppages.add_staff, setuppages.staff),
    ("POST", f"settings/staff/{_ID}", setuppages.switch_staff, setuppages.staff),
    ("GET", "settings/fields", setuppages.fields, None),
    ("POST", "settings/fields", setuppages.add_field, setuppages.fields),
    ("POST", f"settings/fields/{_ID}", setuppages.switch_field, setuppages.fields),
    ("GET", "log", logpage.log, None),
    ("POST", "log/outage", logpage.outage, logpage.log),
]
ROUTES = [(method, re.compile(rf"{path}/?\Z", re.ASCII), view, again) for method, path, view, again in _ROUTES]


class Pages:
    """Renders the pages of one account. ``language`` is that of addresses which name none."""

    def __init__(self, model: Omnidesk, language: str = "ru") -> None:
        self.model = model
        self.language = language
        self._static = {name: (_HERE / "static" / name).read_bytes() for name in _STATIC}
        self._tags = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in self._static.items()}
        self._env = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals.update(shown.HELPERS)
        self._env.globals["static"] = lambda name: f"/static/{name}?{self._tags[name]}"

    def handle(self, request: Request) -> Response:
        """The answer to a browser. Holds the account's lock as a call of the API does."""
        path = unquote(request.path) or "/"
        if path.startswith("/static/"):
            return self._file(request, path.removeprefix("/static/"))
        visit = self._visit(request, path)
        with self.model.lock:
            try:
                visit, answer = self._routed(visit)
            except Refused as problem:
                answer = Shown("problem.html", {"text": _said(visit.lang, problem)}, problem.status)
            return self._response(visit, answer)

    def _visit(self, request: Request, path: str) -> Visit:
        query = bodies.query(request.query)
        asked = query.get("lang")
        lang = asked if asked in LANGUAGES else self.language
        return Visit(self.model, request, path, query, lang, chosen=asked in LANGUAGES)

    def _routed(self, visit: Visit) -> tuple[Visit, Answer]:
        """What answers, with the visit as far as it is known then: the agent, what was typed."""
        method = _method(visit)
        if visit.path == "/" and method == "GET":
            return visit, casepages.start(visit)
        if re.fullmatch(r"/staff(/cases(/.*)?)?/?", visit.path):
            return visit, self._as_somebody(visit)
        found = re.fullmatch(r"/staff/([^/]+)(?:/(.*))?", visit.path)
        if found is None:
            raise Refused("no_page", 404)
        visit = _known(visit, found[1])
        for wanted, pattern, view, again in ROUTES:
            fits = pattern.match(found[2] or "")
            if fits and wanted == method:
                return _called(visit, view, again, fits.groups())
        raise Refused("no_page", 404)

    def _as_somebody(self, visit: Visit) -> Answer:
        """The real product's addresses name no employee: the first one's page is shown."""
        active = [one.staff_id for one in self.model.staff.values() if one.active]
        if _method(visit) != "GET" or not active:
            raise Refused("no_page", 404)
        rest = visit.path.removeprefix("/staff").strip("/").replace("cases/chat/", "cases/record/") or "cases"
        return Moved(visit.link(f"/staff/{min(active)}/{quote(rest)}"))

    def _response(self, visit: Visit, answer: Answer) -> Response:
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, Moved):
            return Response(303, {"Location": answer.address, "Cache-Control": "no-store"}, b"")
        template = self._env.get_template(answer.template)
        values = {"visit": visit, "t": partial(word, visit.lang), "lang": visit.lang, **answer.values}
        values["done"] = _done(visit)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
        headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
        if not visit.asked("live") or answer.status != 200:
            return Response(answer.status, headers | {"Cache-Control": "no-store"}, template.render(values).encode())
        context = template.new_context(values)
        parts = [part for name, block in template.blocks.items() if name.startswith("live_") for part in block(context)]
        return _tagged(visit.request, headers, "".join(parts).encode())

    def _file(self, request: Request, name: str) -> Response:
        if name not in self._static:
            return Response(404, {"Content-Type": "text/plain"}, b"404")
        return _tagged(request, {"Content-Type": _STATIC[name]}, self._static[name])


def _tagged(request: Request, headers: dict[str, str], body: bytes) -> Response:
    """200, or 304 when the browser has the same already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = headers | {"ETag": tag, "Cache-Control": "no-cache"}
    if request.header("If-None-Match") == tag:
        return Response(304, headers, b"")
    return Response(200, headers, body)


def _known(visit: Visit, who: str) -> Visit:
    """The visit of the employee named by id or e-mail: 404 for a stranger, 403 for one who is deactivated."""
    staff = visit.model.staff.get(int(who)) if re.fullmatch(r"[0-9]{1,18}", who) else visit.model.staff_by_email(who)
    if staff is None:
        raise Refused("no_staff", 404)
    if not staff.active:
        raise Refused("off", 403)
    return replace(visit, staff=staff)


def _method(visit: Visit) -> str:
    return "GET" if visit.request.method == "HEAD" else visit.request.method


def _called(visit: Visit, view: View, again: View | None, where: tuple[str, ...]) -> tuple[Visit, Answer]:
    """The view's answer; a form that is refused is shown again as it was typed."""
    try:
        if visit.request.method == "POST":
            visit = _with_form(visit)
        return visit, view(visit, *where)
    except Refused as problem:
        if again is None or problem.status in (403, 404):
            raise
        visit = replace(visit, problem=_said(visit.lang, problem), path=_page_of(visit.path))
        page = again(visit, *where)
        return visit, replace(page, status=problem.status) if isinstance(page, Shown) else page


def _page_of(path: str) -> str:
    """The page a form belongs to: the form's own address, or that above it."""
    below = path.split("/", 3)[3]
    own = any(method == "GET" and pattern.match(below) for method, pattern, _, _ in ROUTES)
    return path if own else path.rpartition("/")[0]


def _with_form(visit: Visit) -> Visit:
    """The visit with what was typed; 403 when a page of another site sent it."""
    origin = visit.request.header("Origin")
    if origin and urlsplit(origin).netloc != visit.request.header("Host"):
        raise Refused("foreign", 403)
    if visit.request.oversize:
        raise Refused("too_big")
    try:
        form = bodies.parsed(visit.request)
    except ApiError as problem:
        raise Refused("unreadable") from problem
    return replace(visit, form=form)


def _said(lang: str, problem: Refused) -> str:
    return word(lang, f"error_{problem.reason}", **problem.values)


def _done(visit: Visit) -> str:
    name = f"done_{visit.asked('done')}"
    return word(visit.lang, name) if name in names() else ""
