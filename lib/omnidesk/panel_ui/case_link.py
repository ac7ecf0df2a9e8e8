"""From a ticket to its case in Omnidesk, and from the list of the module's own to the ticket."""

from __future__ import annotations

from omnidesk.billmanager.reader import Reader
from omnidesk.core.errors import Refused
from omnidesk.helpdesk.models import address_of_case
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request

LONGEST = 18  # digits


def open_case(desk: Desk, request: Request, document: Document) -> None:
    """Send the browser to the case of ``elid``, a ticket, or of ``assignment``, a row of ``ticket2user``."""
    ticket = _number(request, "elid")
    if not ticket:
        row = _number(request, "assignment")
        ticket = Reader(desk.db).ticket_of_assignment(row) if row else 0
        if not ticket:
            raise Refused("no_ticket", value=request.value("assignment")[:LONGEST] or "-")
    url = desk.settings.url  # a module that is not set up knows of no case
    link = desk.links.ticket(ticket)
    if link.case_gone:
        raise Refused("case_lost", link.case_number or str(link.case_id), str(ticket))
    if not link.case_id or not link.case_number:
        raise Refused("no_case", value=str(ticket))
    document.ok("url", address_of_case(url, link.case_number))


def open_ticket(desk: Desk, request: Request, document: Document) -> None:
    """Open the ticket ``elid`` in the form that shows every ticket, whoever has it."""
    ticket = _number(request, "elid")
    if not ticket or Reader(desk.db).ticket(ticket) is None:
        raise Refused("no_ticket", value=request.value("elid")[:LONGEST] or "-")
    document.ok("form", f"func=ticket_all.edit&elid={ticket}&plid={ticket}")


def _number(request: Request, name: str) -> int:
    text = request.value(name)
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        raise Refused("bad_value", name, text[:40])
    return int(text or 0)
