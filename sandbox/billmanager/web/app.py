"""The pages' addresses: ``/``, ``/panel/<login>/f/<func>`` and what belongs to them."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.billmanager.answer import PanelError
from sandbox.billmanager.request import CLIENT, EMPLOYEE, ROOT_ACTOR, Upload
from sandbox.billmanager.web.frame import failure, home, languages, render, static
from sandbox.billmanager.web.functions import FunctionPage
from sandbox.billmanager.web.visitor import LANGUAGES, Visitor
from sandbox.billmanager.web.wire import SECURITY, WebRequest, WebResponse, page, redirect

if TYPE_CHECKING:
    from sandbox.billmanager.panel import Panel

_READING = ("GET", "HEAD")


class Pages:
    """The simulated panel in a browser. Nobody logs in: the address says who looks, so one browser can be several."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    def serves(self, path: str) -> bool:
        """Whether this address is one of the pages'."""
        return path == "/" or path == "/panel" or path.startswith("/panel/")

    def handle(self, request: WebRequest) -> WebResponse:
        """Answer one request."""
        parts = request.segments
        if not parts or parts == ["panel"]:
            return self._start(request)
        kind = parts[1]
        if kind == "static" and len(parts) == 3:
            return static(parts[2]) or self._nothing(request)
        if kind == "logo" and len(parts) == 3:
            return self._logo(parts[2]) or self._nothing(request)
        try:
            visitor = self._visitor(kind, request)
        except PanelError:
            return self._nothing(request, "no_person", name=kind)
        if request.method not in _READING and request.foreign:
            return failure(visitor, visitor.word("cross_site"), visitor.path(""), status=403)
        return self._personal(visitor, parts[2:], request) or self._nothing(request)

    def _personal(self, visitor: Visitor, parts: list[str], request: WebRequest) -> WebResponse | None:
        if not parts:
            return redirect(request, visitor.function(home(visitor)))
        what, rest = parts[0], parts[1:]
        reading = request.method in _READING
        if what == "f" and len(rest) == 1:
            shown = FunctionPage(visitor, rest[0], request)
            return shown.opened() if reading else shown.posted(self._uploads(request))
        if what == "part" and len(rest) == 1 and reading:
            return FunctionPage(visitor, rest[0], request).part()
        if what == "file" and rest and reading:
            return self._file(visitor, rest[0])
        if what in ("rate", "archive") and visitor.is_client and not reading and rest:
            return self._client_act(visitor, what, rest, request)
        return None

    # Who.

    def _visitor(self, login: str, request: WebRequest) -> Visitor:
        lang = dict(request.query).get("lang", "")
        lang = lang if lang in LANGUAGES else "ru"
        with self.panel.database() as connection:
            actor = self.panel.find_actor(connection, login)
        if actor.id and CLIENT < actor.level < EMPLOYEE:
            raise PanelError("access", "su", login)  # a department is nobody
        return Visitor(self.panel, actor, lang, request.address)

    def _start(self, request: WebRequest) -> WebResponse:
        lang = dict(request.query).get("lang", "")
        visitor = Visitor(self.panel, ROOT_ACTOR, lang if lang in LANGUAGES else "ru")
        people = self.panel.query(
            "SELECT u.name, u.realname, u.level, u.enabled, a.name AS account FROM user u "
            "LEFT JOIN account a ON a.id=u.account WHERE u.level IN (%s, %s) ORDER BY u.id",
            CLIENT,
            EMPLOYEE,
        )
        asked = {name: value for name, value in request.query if name != "lang"}
        func = asked.pop("startform", "")  # a link that was made elsewhere, as to a ticket, still lacks the person
        rest = urllib.parse.urlencode({"lang": visitor.lang, **asked})
        inside = f"f/{urllib.parse.quote(func)}" if func else ""

        def address(login: str) -> str:
            return f"/panel/{urllib.parse.quote(login, safe='@')}/{inside}?{rest}"

        html = render(
            "start.html",
            visitor,
            title="BILLmanager",
            languages=languages(visitor, "/?" + urllib.parse.urlencode({"lang": visitor.lang, **dict(request.query)})),
            clients=[one for one in people if one["level"] == CLIENT],
            employees=[one for one in people if one["level"] == EMPLOYEE],
            address=address,
            broken=self.panel.event_system.plugins.broken,
        )
        return page(html)

    def _nothing(self, request: WebRequest, reason: str = "not_found", **values: object) -> WebResponse:
        lang = dict(request.query).get("lang", "")
        visitor = Visitor(self.panel, ROOT_ACTOR, lang if lang in LANGUAGES else "ru")
        html = render(
            "nothing.html",
            visitor,
            title=visitor.word("error_title"),
            languages=[],
            text=visitor.word(reason, **values),
        )
        return page(html, 404)

    # What belongs to tickets.

    def _uploads(self, request: WebRequest) -> dict[str, Upload]:
        return self.panel.store([(name, content) for _, name, content in request.files if name])

    def _file(self, visitor: Visitor, attachment: str) -> WebResponse:
        answer = visitor.call("ticket.file", {"elid": attachment}, quiet=True)
        if not answer.ok:
            return failure(visitor, answer.text("error/msg"), visitor.path(""), status=403)
        name = urllib.parse.quote(answer.text("content/name") or "file", safe="")
        headers = (
            ("Content-Type", "application/octet-stream"),
            ("Content-Disposition", f"attachment; filename*=UTF-8''{name}"),
            *SECURITY,
        )
        return WebResponse(200, Path(answer.text("content/data")).read_bytes(), headers)

    def _client_act(self, visitor: Visitor, what: str, rest: list[str], request: WebRequest) -> WebResponse:
        """Rate an answer or archive a ticket. Only answers that are not rated have the buttons (seen)."""
        ticket = rest[0]
        own = self.panel.query("SELECT 1 FROM ticket WHERE id=%s AND account_client=%s", ticket, visitor.actor.account)
        here = visitor.function("clientticket.edit", {"elid": ticket})
        if not own:
            return failure(visitor, visitor.word("not_found"), here, "clientticket", 403)
        if what == "archive":
            if not self.panel.query("SELECT 1 FROM ticket2user WHERE ticket=%s", ticket):
                visitor.call("clientticket.archive", {"elid": ticket, "sok": "ok"})
            return redirect(request, visitor.function("clientticket"))
        message, rating = rest[1] if len(rest) > 1 else "", dict(request.form).get("rating", "")
        staff = self.panel.query(
            "SELECT m.id FROM ticket_message m JOIN user u ON u.id=m.user WHERE m.id=%s AND m.ticket=%s AND u.level>%s",
            message if message.isdigit() else 0,
            ticket,
            CLIENT,
        )
        if staff and rating in ("good", "bad"):
            visitor.call(f"ticket.message.rate.{rating}", {"elid": str(staff[0]["id"]), "plid": ticket})
        return redirect(request, here)

    def _logo(self, name: str) -> WebResponse | None:
        folder = self.panel.root / "skins/common/plugin-logo"
        if not folder.is_dir() or name not in {file.name for file in folder.glob("billmanager-plugin-*.png")}:
            return None
        return WebResponse(200, (folder / name).read_bytes(), (("Content-Type", "image/png"), *SECURITY))
