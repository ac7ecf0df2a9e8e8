"""The list «Маршрутизация»: the rows of the routing table in their order, and what is wrong with each."""

from __future__ import annotations

import logging

from omnidesk.core.text import shorten
from omnidesk.panel_ui import routing_known
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.routing_known import Table
from omnidesk.routing import saved
from omnidesk.routing.table import Row

log = logging.getLogger("panel")
LONGEST_NOTE = 400
COLUMNS = ("department", "project", "group", "channel", "priority", "labels", "language")


def serve(desk: Desk, request: Request, document: Document) -> None:
    """All rows, in the file's order."""
    table = routing_known.read(desk)
    for key, row in table.rows.items():
        wrong = [one for one in table.routes.problems if one.number == row.number]
        state = "state_wrong" if any(one.fatal for one in wrong) else "state_partly" if wrong else "state_fine"
        document.row(
            {
                "id": key,
                "name": row.number,
                **{name: shown(table, row, name) for name in COLUMNS},
                "state": state,
                "reason": "; ".join(one.said.text(request.language) for one in wrong),
                "comment": row.comment,
            }
        )
    notes = notices(table, request, document)
    if notes:
        document.message("title", f"{document.words('title')} — {shorten(' '.join(notes), LONGEST_NOTE)}")


def shown(table: Table, row: Row, name: str) -> str:
    """A column: names where both sides have them, as written where they have not."""
    given = getattr(row, name)
    names = given if isinstance(given, tuple) else (given,) if given else ()
    return ", ".join(table.titled(name, one) for one in names)


def notices(table: Table, request: Request, document: Document) -> list[str]:
    """What is broken or away at present."""
    notes = []
    if table.broken is not None:
        notes.append(table.broken.phrase.full(request.language))
    if table.away is not None:
        notes += [table.away.phrase.text(request.language), document.words("note_away")]
    return [note.replace("\n", " ") for note in notes if note]


def delete(desk: Desk, request: Request, document: Document) -> None:
    """Take the selected rows out. What cases have because of them stays as it is."""
    saved.remove(desk.paths, request.elements)
    log.info("%s rows of the routing table were deleted", len(request.elements))
    document.ok()


def up(desk: Desk, request: Request, document: Document) -> None:
    """Move the selected rows before the row above them."""
    saved.move(desk.paths, request.elements, -1)
    document.ok()


def down(desk: Desk, request: Request, document: Document) -> None:
    """Move the selected rows behind the row below them."""
    saved.move(desk.paths, request.elements, 1)
    document.ok()
