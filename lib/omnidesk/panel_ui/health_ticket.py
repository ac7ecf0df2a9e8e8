"""One ticket as ``show`` and ``log`` have it, as a page: both sides, what is next, and its lines in the logs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from omnidesk.core.errors import Refused
from omnidesk.core.log_files import Entry
from omnidesk.core.phrase import Phrase, full
from omnidesk.core.text import shorten
from omnidesk.health import both_sides, ticket_log
from omnidesk.health.both_sides import Pair, Side, Sight
from omnidesk.panel_ui import names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.wording.action_texts import word
from omnidesk.wording.screen import plain

BEGINNING = 200  # characters of a message
NEWEST_LINES = 200


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Show the ticket ``elid``. Both sides are read, which takes a call or two."""
    if request.submitted:
        document.ok("form", urlencode({"func": names.HEALTH}))
        return
    number = _number(request)
    seen, language = both_sides.look(desk.context(), number, full=False), request.language
    subject = shorten(plain(seen.ticket.subject), 120)
    document.message("title", Phrase("show.ticket", ticket=number, subject=subject).text(language))
    document.value("state", "\n".join(one.text(language) for one in _state(seen)))
    if seen.url:
        document.value("case", seen.url)
        document.message("case", f"{document.words('case')} {seen.link.case_number}")
    else:
        document.leave_out("case")
    document.table("messages", [_row(one, language) for one in seen.pairs])
    document.value("next", "\n".join(_next(seen, language)))
    _log(desk, document, number, language)


def _number(request: Request) -> int:
    text = request.value("elid")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused("no_ticket", value=shorten(text, 40) or "-")
    return int(text)


def _state(seen: Sight) -> Iterator[Phrase]:
    if seen.unlinked:
        yield Phrase("show.no_tables")
        return
    case = word("status", (seen.case.status if seen.case else seen.link.seen_status) or "?")
    yield Phrase("show.both", ticket=word("status", seen.ticket.status), case=case)
    if seen.link.case_gone:
        yield word("gone", seen.link.case_gone)
    if seen.away is not None:
        yield full(seen.away.phrase)
    yield seen.agreement.said
    if seen.due is not None and seen.due.error_type:
        yield full(seen.due.why)


def _row(one: Pair, language: str) -> dict[str, object]:
    side = one.left or one.right or Side(0, 0.0, "", "", "")
    return {
        "at": _when(side.at),
        "who": " ".join((Phrase(f"show.by_{side.role}").text(language), plain(side.author))).strip(),
        "here": _text(one.left, language),
        "there": _text(one.right, language) or (f"#{one.external_message}" if one.external_message else ""),
        "means": _means(one).text(language),
    }


def _line(one: Entry) -> str:
    """An entry without its level, which has a column; a request may be broken between its parameters."""
    return ticket_log.shortened(one).replace(f" {one.level} ", ": ", 1).replace("&", " &")


def _when(at: float) -> str:
    return time.strftime("%d.%m\N{NO-BREAK SPACE}%H:%M:%S", time.localtime(at)) if at else ""


def _text(side: Side | None, language: str) -> str:
    if side is None:
        return ""
    files = Phrase("show.files", count=side.files).text(language) if side.files else ""
    return f"{shorten(plain(side.text), BEGINNING)} {files}".strip()


def _means(one: Pair) -> Phrase:
    if one.state == "refused":
        return Phrase("health.refused_here", count=one.tries, why=full(one.error) if one.error else "")
    return Phrase({"done": "health.sent", "intent": "health.sending", "skipped": "health.skipped"}.get(
        one.state, "health.waits"))  # fmt: skip


def _next(seen: Sight, language: str) -> Iterator[str]:
    if not seen.actions:
        yield Phrase("health.nothing_to_do").text(language)
    for number, action in enumerate(seen.actions, 1):
        yield f"{number}. {action.line().text(language)}"


def _log(desk: Desk, document: Document, number: int, language: str) -> None:
    found = ticket_log.collect(desk.paths, ticket_log.known_names(desk.paths, number).names)
    newest = found[-NEWEST_LINES:]
    rows = ({"at": _when(one.at), "log": one.log, "level": one.level, "text": _line(one)}
            for one in newest)  # fmt: skip
    document.table("lines", rows)
    if not found:
        document.value("about_log", Phrase("health.no_log").text(language))
    elif len(found) > len(newest):
        older = Phrase("health.older_lines", count=NEWEST_LINES, ticket=number)
        document.value("about_log", older.text(language))
    else:
        document.leave_out("about_log")
