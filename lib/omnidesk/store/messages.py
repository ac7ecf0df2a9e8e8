"""Reading the links of messages and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omnidesk.billmanager import linked_rows, row_identity
from omnidesk.billmanager.linked_rows import Overlap
from omnidesk.core.database import Row
from omnidesk.core.phrase import load
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.store.link_table import LinkTable
from omnidesk.store.models import MessageLink


@dataclass(frozen=True)
class ThreadLinks:
    """What is linked of a part of a thread. ``known``: settled links of the messages in it, by their ids there.

    ``delivered``: the ticket's own messages of Omnidesk in the range of it, also those that are not there any more.
    ``edits``: what the module has done about edits in the ticket, in order.
    """

    known: Mapping[int, MessageLink] = field(default_factory=dict)
    delivered: Sequence[MessageLink] = ()
    edits: Sequence[MessageLink] = ()


class Messages(LinkTable):
    """The links of messages and notes."""

    def messages(self, ticket: int, states: tuple[str, ...] = ()) -> list[MessageLink]:
        """The ticket's message links (of some states), oldest first."""
        more = f" AND state IN ({', '.join(['%s'] * len(states))})" if states else ""
        rows = self.db.rows(
            f"SELECT * FROM {MESSAGES} WHERE ticket = %s{more} ORDER BY id",
            ticket, *states,
        )  # fmt: skip
        return [_message(row) for row in rows]

    def message(self, kind: str, ticket_message: int) -> MessageLink | None:
        """The link of a message or note of BILLmanager; not that of another row which had this number before."""
        row = self.db.row(
            f"SELECT l.* FROM {MESSAGES} l {row_identity.joined(kind)}"
            f" WHERE l.kind = %s AND l.ticket_message = %s AND (m.id IS NULL OR {row_identity.same('m')})",
            kind,
            ticket_message,
        )
        return _message(row) if row else None

    def known_external(self, ids: list[int], ticket: int = 0, direction: str = "%") -> set[int]:
        """Which of these Omnidesk messages are settled, or were left on purpose.

        Of any ticket, or of this one: after a merge several tickets share a case, and each has read its own part only.
        """
        if not ids:
            return set()
        marks = ", ".join(["%s"] * len(ids))
        only = " AND ticket = %s" if ticket else ""
        rows = self.db.rows(
            f"SELECT external_message AS id FROM {MESSAGES} WHERE state <> 'intent' AND external_message IN ({marks})"
            f" AND direction LIKE %s{only}",
            *ids, direction, *([ticket] if ticket else []),
        )  # fmt: skip
        return {int(row["id"]) for row in rows}

    def by_external(self, ids: Sequence[int]) -> dict[int, MessageLink]:
        """The settled links of these Omnidesk messages, by their ids there."""
        if not ids:
            return {}
        marks = ", ".join(["%s"] * len(ids))
        rows = self.db.rows(f"SELECT * FROM {MESSAGES} WHERE state <> 'intent' AND external_message IN ({marks})", *ids)
        return {link.external_message: link for link in map(_message, rows)}

    def link(self, link_id: int) -> MessageLink | None:
        """A link by its own id."""
        row = self.db.row(f"SELECT * FROM {MESSAGES} WHERE id = %s", link_id)
        return _message(row) if row else None

    def of_thread(self, ticket: int, ids: Sequence[int], whole: bool) -> ThreadLinks:
        """What is linked of a part of a case's thread, in one statement. ``whole``: nothing is older than it."""
        if not ids:
            return ThreadLinks()
        marks = ", ".join(["%s"] * len(ids))
        rows = self.db.rows(
            f"SELECT * FROM {MESSAGES} WHERE state <> 'intent' AND external_message IN ({marks})"
            f" UNION SELECT * FROM {MESSAGES} WHERE ticket = %s AND state = 'done' AND direction = 'in'"
            " AND external_message BETWEEN %s AND %s"
            f" UNION SELECT * FROM {MESSAGES} WHERE ticket = %s AND state <> 'intent' AND source LIKE 't%%'",
            *ids, ticket, 0 if whole else min(ids), max(ids), ticket,
        )  # fmt: skip
        found = [_message(row) for row in rows]
        there = [one for one in found if one.external_message]
        return ThreadLinks(
            {one.external_message: one for one in there if one.external_message in set(ids)},
            [one for one in there if one.ticket == ticket and one.direction == "in" and one.state == "done"],
            sorted((one for one in found if one.source.startswith("t")), key=lambda one: one.id),
        )

    def openers(self, ticket: int) -> list[MessageLink]:
        """Ours whose id in Omnidesk is not known: what the ticket's cases began with, oldest first."""
        return [one for one in self.messages(ticket, ("done",)) if one.direction == "out" and not one.external_message]

    def openers_of_client(self, client_user: int, digest: str) -> list[MessageLink]:
        """The same for all tickets of a client's user, with this text."""
        rows = self.db.rows(
            f"SELECT m.* FROM {TICKETS} t JOIN {MESSAGES} m ON m.ticket = t.ticket WHERE t.client_user = %s"
            " AND m.state = 'done' AND m.direction = 'out' AND m.external_message IS NULL AND m.digest = %s",
            client_user, digest,
        )  # fmt: skip
        return [_message(row) for row in rows]

    def in_doubt(self, tickets: Sequence[int]) -> list[MessageLink]:
        """What these tickets were sending when it failed: it may be in Omnidesk."""
        marks = ", ".join(["%s"] * len(tickets))
        rows = self.db.rows(
            f"SELECT * FROM {MESSAGES} WHERE ticket IN ({marks}) AND state = 'intent' AND direction = 'out'"
            " AND intent_at IS NOT NULL",
            *tickets,
        )
        return [_message(row) for row in rows]

    def was_linked(self, case_id: int) -> bool:
        """Whether a message has ever been carried over from or to this case."""
        return self.db.row(f"SELECT 1 AS yes FROM {MESSAGES} WHERE external_case = %s LIMIT 1", case_id) is not None

    def spoke_last(self, tickets: Sequence[int], before: int) -> int:
        """The ticket whose client's message is the newest with an Omnidesk id below ``before``; 0: none."""
        marks = ", ".join(["%s"] * len(tickets))
        row = self.db.row(
            f"SELECT ticket FROM {MESSAGES} WHERE ticket IN ({marks}) AND state = 'done' AND direction = 'out'"
            " AND kind = 'message' AND staff = 0 AND external_message < %s ORDER BY external_message DESC LIMIT 1",
            *tickets, before,
        )  # fmt: skip
        return int(row["ticket"]) if row else 0

    def last_message(self) -> int:
        """The highest id of a link."""
        row = self.db.row(f"SELECT MAX(id) AS id FROM {MESSAGES}")
        return int((row or {}).get("id") or 0)

    def parts(self, message: int) -> list[MessageLink]:
        """The parts that bring more files of a ticket message, in order."""
        rows = self.db.rows(f"SELECT * FROM {MESSAGES} WHERE part_of = %s ORDER BY part", message)
        return [_message(row) for row in rows]

    def overlap(self, ticket: int, account: int) -> Overlap:
        """How much of what was linked for this ticket is still there."""
        return linked_rows.overlap(self.db, ticket, account)


def attached_of(text: str | None) -> tuple[tuple[str, int], ...]:
    """Names and sizes of files, as their column has them."""
    return tuple((str(name), int(size)) for name, size in json.loads(text)) if text else ()


def _message(row: Row) -> MessageLink:
    return MessageLink(
        id=int(row["id"]),
        ticket=int(row["ticket"]),
        kind=row["kind"],
        direction=row["direction"],
        state=row["state"],
        ticket_message=int(row["ticket_message"] or 0),
        case_id=int(row["external_case"] or 0),
        external_message=int(row["external_message"] or 0),
        author=row["author"],
        digest=row["digest"],
        mark=int(row["mark"]),
        tries=int(row["tries"]),
        missed=int(row["missed"]),
        intent_at=float(row["intent_at"] or 0),
        staff=bool(row["staff"]),
        rating=int(row["rating"]),
        part_of=int(row["part_of"] or 0),
        part=int(row["part"]),
        files=tuple(int(one) for one in (row["files"] or "").split(",") if one),
        source=row["source"],
        attached=attached_of(row["attached"]),
        done_at=float(row["done_at"] or 0),
        error=load(row["error_type"], row["error_params"], row["error_text"]),
    )
