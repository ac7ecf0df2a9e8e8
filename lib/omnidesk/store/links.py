"""Reading and writing the link tables of tickets, messages and users. One statement a call, each complete in itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from omnidesk.billmanager import row_identity
from omnidesk.core.database import Database, Row
from omnidesk.core.tables import MESSAGES, TICKETS, USERS
from omnidesk.helpdesk.models import Case
from omnidesk.store import intents, reused_rows
from omnidesk.store.models import (
    ClientIdentity,
    MessageLink,
    Overlap,
    OwnMessage,
    TicketLink,
    UserLink,
    joined,
    lost,
    own_messages,
)

_TICKET_COLUMNS = (
    "ticket, external_case, case_number, external_user, client_user, case_gone, ticket_status, case_status,"
    " seen_status, seen_at, read_at, own_write_at, own_message_at, own_reply_at, unread, intent_at, intent_message,"
    " intent_digest, fields_digest,"
    " look_case, look_messages, due_seq, attempts, set_aside, due_at, joined_at, unconfirmed, alive_at,"
    " former_cases, closed_at, own_status_at, client_at, client_message, own_end, merged_into, account, missing_at,"
    " held, wait_since, history, own_client_at, agreed_at, client_external, client_stamp, split_to, taken_end,"
    " seen_staff, own_messages,"
    " refused_status, refused_fields, refused_why"
)
_OWN_MESSAGES = 8  # of our last ones that are kept
_RENAMED = {"case_id": "external_case", "user_id": "external_user"}


class Links:
    """The link tables. ``clock`` gives Unix seconds."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock

    # Tickets

    def ticket(self, ticket: int) -> TicketLink:
        """The ticket's row; an empty one when it has none yet."""
        row = self.db.row(f"SELECT {_TICKET_COLUMNS} FROM {TICKETS} WHERE ticket = %s", ticket)
        return _ticket(row) if row else TicketLink(ticket)

    def tickets_of_case(self, case_id: int) -> list[int]:
        """The tickets whose case this is now, the one it was made for first; more than one after a merge."""
        sql = f"SELECT ticket FROM {TICKETS} WHERE external_case = %s ORDER BY joined_at, ticket"
        return [int(row["ticket"]) for row in self.db.rows(sql, case_id)]

    def case_of_number(self, number: str) -> int:
        """The id of the case that people know by this number; 0 when no ticket has it."""
        sql = f"SELECT external_case FROM {TICKETS} WHERE case_number = %s AND external_case > 0 LIMIT 1"
        row = self.db.row(sql, number)
        return int(row["external_case"]) if row else 0

    def look_at_former(self, case_id: int) -> int:
        """Something happened in a case no ticket has now: the ticket that had it is to look there; 0 for no such."""
        row = self.db.row(
            f"SELECT ticket FROM {MESSAGES} WHERE external_case = %s AND kind = 'message' ORDER BY id DESC LIMIT 1",
            case_id,
        )
        if row is None:
            return 0
        self.db.write(
            f"UPDATE {TICKETS} SET former_cases = CONCAT_WS(',', NULLIF(former_cases, ''), %s)"
            " WHERE ticket = %s AND NOT FIND_IN_SET(%s, former_cases) AND external_case <> %s",
            str(case_id), int(row["ticket"]), str(case_id), case_id,
        )  # fmt: skip
        return int(row["ticket"])

    def tickets_of_cases(self, cases: Sequence[int]) -> dict[int, list[TicketLink]]:
        """The rows of the tickets that these cases belong to, by case."""
        if not cases:
            return {}
        marks = ", ".join(["%s"] * len(cases))
        rows = self.db.rows(f"SELECT {_TICKET_COLUMNS} FROM {TICKETS} WHERE external_case IN ({marks})", *cases)
        found: dict[int, list[TicketLink]] = {}
        for link in sorted(map(_ticket, rows), key=lambda one: (one.joined_at, one.ticket)):
            found.setdefault(link.case_id, []).append(link)
        return found

    def join(self, ticket: int, survivor: Case, merged_at: float, *, shared: bool) -> None:
        """The ticket's case was merged into another one, with which it goes on."""
        self.set_ticket(ticket, **{**joined(survivor, merged_at, shared), "own_messages": ""}, unconfirmed=0)

    def moved(self, ticket: int, case_id: int, ids: Sequence[int]) -> None:
        """These messages of Omnidesk lie in this case now: what is done to them later is done there."""
        marks = ", ".join(["%s"] * len(ids))
        self.db.write(
            f"UPDATE {MESSAGES} SET external_case = %s WHERE external_message IN ({marks}) AND ticket = %s",
            case_id, *ids, ticket,
        )  # fmt: skip

    def ensure_ticket(self, ticket: int) -> None:
        now = self.clock()
        self.db.write(
            f"INSERT IGNORE INTO {TICKETS} (ticket, created_at, updated_at) VALUES (%s, %s, %s)",
            ticket, now, now,
        )  # fmt: skip

    def set_ticket(self, ticket: int, **values: Any) -> None:
        """Set columns of the ticket's row; keys are the names of :class:`TicketLink`."""
        columns = [_RENAMED.get(name, name) for name in values]
        sets = ", ".join(f"{column} = %s" for column in columns)
        self.db.write(
            f"UPDATE {TICKETS} SET {sets}, updated_at = %s WHERE ticket = %s",
            *values.values(), self.clock(), ticket,
        )  # fmt: skip

    def saw_case(self, ticket: int, status: str, updated_at: float, closed_at: float, staff: int) -> None:
        """Remember what Omnidesk says of the ticket's case; an answer older than the one known changes nothing.

        A case that is open after the client's message was in it: both sides have agreed on that message.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET seen_status = %s, seen_at = %s, closed_at = %s, seen_staff = %s, unconfirmed = 0,"
            " alive_at = %s,"
            " client_at = IF(%s = 'open' AND client_at <= %s, 0, client_at)"
            " WHERE ticket = %s AND seen_at <= %s",
            status, updated_at, closed_at, staff, self.clock(), status, updated_at, ticket, updated_at,
        )  # fmt: skip

    def client_wrote(self, ticket: int, at: float, message: int = 0, external: int = 0) -> None:
        """The client's message is in the case since then (Omnidesk's clock); no agreement covers it yet.

        ``message``, ``external``: its ids in BILLmanager and in Omnidesk, as far as they are known.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET client_at = GREATEST(client_at, %s), client_message = GREATEST(client_message, %s),"
            " client_external = GREATEST(client_external, %s) WHERE ticket = %s",
            at, message, external, ticket,
        )  # fmt: skip

    def own_message(self, ticket: int, own: OwnMessage) -> None:
        """We wrote this into the case, after what is known of it already."""
        self.db.write(
            f"UPDATE {TICKETS} SET"
            " own_messages = SUBSTRING_INDEX(CONCAT_WS(';', NULLIF(own_messages, ''), %s), ';', %s) WHERE ticket = %s",
            own.text(), -_OWN_MESSAGES, ticket,
        )  # fmt: skip

    def staff_answered(self, ticket: int) -> None:
        """An answer of staff in Omnidesk: they have read what the client wrote before, and left the case as it is."""
        self.db.write(f"UPDATE {TICKETS} SET client_at = 0 WHERE ticket = %s", ticket)

    def lost_case(self, ticket: int, why: str) -> None:
        """The case takes no more messages: the next message opens a new one."""
        self.set_ticket(ticket, **lost(why))
        self.db.write(  # refused here and certainly not made: what the case held is no longer to be had
            f"DELETE FROM {MESSAGES} WHERE ticket = %s AND direction = 'in' AND state = 'intent' AND intent_at IS NULL",
            ticket,
        )

    def cases_in_doubt(self, client: int) -> list[int]:
        """The client's tickets for which a case was begun and of which it is not known whether it was made."""
        sql = f"SELECT ticket FROM {TICKETS} WHERE intent_at IS NOT NULL AND client_user = %s"
        return [int(row["ticket"]) for row in self.db.rows(sql, client)]

    def linked_tickets(self) -> int:
        """How many tickets have a living case."""
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE external_case > 0 AND case_gone = ''")
        return int(row["n"]) if row else 0

    def open_tickets(self) -> int:
        """How many of them are open, as both sides agreed last."""
        row = self.db.row(f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE ticket_status = 'open' AND case_gone = ''")
        return int(row["n"]) if row else 0

    def split_from(self, ticket: int) -> list[int]:
        """The tickets from which messages were moved to this one."""
        return [int(row["ticket"]) for row in self.db.rows(f"SELECT ticket FROM {TICKETS} WHERE split_to = %s", ticket)]

    def split_into(self, ticket: int) -> list[int]:
        """The tickets to which messages of this one were moved."""
        sql = f"SELECT DISTINCT moved_to FROM {MESSAGES} WHERE ticket = %s AND moved_to IS NOT NULL ORDER BY moved_to"
        return [int(row["moved_to"]) for row in self.db.rows(sql, ticket)]

    # Messages

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
            f"SELECT l.* FROM {MESSAGES} l LEFT JOIN {reused_rows.TABLES[kind]} m ON m.id = l.ticket_message"
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

    def spoke_last(self, tickets: Sequence[int], before: int) -> int:
        """The ticket whose client's message is the newest with an Omnidesk id below ``before``; 0: none."""
        marks = ", ".join(["%s"] * len(tickets))
        row = self.db.row(
            f"SELECT ticket FROM {MESSAGES} WHERE ticket IN ({marks}) AND state = 'done' AND direction = 'out'"
            " AND kind = 'message' AND staff = 0 AND external_message < %s ORDER BY external_message DESC LIMIT 1",
            *tickets, before,
        )  # fmt: skip
        return int(row["ticket"]) if row else 0

    def begin(self, link: MessageLink) -> int:
        """Write down a creating call before it is made; the link's id. See :mod:`omnidesk.store.intents`."""
        return intents.begin(self.db, link, self.clock())

    def set_message(self, link_id: int, **values: Any) -> None:
        columns = [_RENAMED.get(name, name) for name in values]
        sets = ", ".join(f"{column} = %s" for column in columns)
        self.db.write(f"UPDATE {MESSAGES} SET {sets} WHERE id = %s", *values.values(), link_id)

    def finish(self, link_id: int, *, ticket_message: int = 0, external_message: int = 0) -> None:
        """The call is done and this is what came of it."""
        values: dict[str, Any] = {"state": "done", "done_at": self.clock(), "error_text": None}
        kind = self._kind(link_id) if ticket_message else ""
        if ticket_message:
            reused_rows.free(self.db, kind, ticket_message)
            values["ticket_message"] = ticket_message
        if external_message:
            values["external_message"] = external_message
        self.set_message(link_id, **values)
        if kind:
            reused_rows.learn(self.db, kind, "l.id = %s", link_id)

    def _kind(self, link_id: int) -> str:
        row = self.db.row(f"SELECT kind FROM {MESSAGES} WHERE id = %s", link_id)
        return str(row["kind"]) if row else ""

    def forget_intent(self, link_id: int) -> None:
        """The call certainly had no effect, so nothing of it is kept; a part with files is still to be sent.

        Of a notice the tries are kept.
        """
        self.db.write(
            f"DELETE FROM {MESSAGES} WHERE id = %s AND state = 'intent' AND part_of IS NULL"
            " AND NOT (kind = 'note' AND (source LIKE 'n:%%' OR source LIKE 't%%'))",
            link_id,
        )
        self.db.write(f"UPDATE {MESSAGES} SET intent_at = NULL WHERE id = %s AND state = 'intent'", link_id)

    def nothing_sent(self, link_id: int) -> None:
        """The call certainly had no effect: it does not count as sent."""
        self.db.write(f"UPDATE {MESSAGES} SET sends = GREATEST(sends - 1, 0) WHERE id = %s", link_id)

    def nothing_found(self, link_id: int, most: int) -> bool:
        """The other side answers, and what was sent is not there; after so many times it is refused. Whether it is."""
        self.db.write(
            f"UPDATE {MESSAGES} SET intent_at = NULL, tries = tries + 1, state = IF(tries >= %s, 'refused', 'intent')"
            " WHERE id = %s AND state = 'intent'",
            most, link_id,
        )  # fmt: skip
        row = self.db.row(f"SELECT state FROM {MESSAGES} WHERE id = %s", link_id)
        return row is not None and row["state"] == "refused"

    def forgive_sends(self, ticket: int) -> None:
        """The whole other side did not work: what was tried meanwhile says nothing against the messages."""
        self.db.write(f"UPDATE {MESSAGES} SET sends = 0 WHERE ticket = %s AND state = 'intent'", ticket)

    # Which row of BILLmanager a link is about

    def overlap(self, ticket: int, account: int) -> Overlap:
        """How much of what was linked for this ticket is still there."""
        return reused_rows.overlap(self.db, ticket, account)

    def learn_rows(self, ticket: int) -> None:
        """Remember which rows the ticket's links are about, where that is not known yet."""
        reused_rows.learn_ticket(self.db, ticket)

    def end_ticket(self, ticket: int, account: int) -> None:
        """This number belongs to another ticket now: its case and all links are those of the former one.

        The other ticket is new, so it gets a case whatever the numbers of its messages: they may be reused, too, and
        then lie below the baseline.
        """
        with self.db.transaction():
            reused_rows.end_ticket(self.db, ticket)
            row = self.db.row(
                f"SELECT due_at, due_seq, due_reason, wait_since FROM {TICKETS} WHERE ticket = %s", ticket
            )
            self.db.write(f"DELETE FROM {TICKETS} WHERE ticket = %s", ticket)
            self.ensure_ticket(ticket)
            self.set_ticket(ticket, account=account or None, history=1, **(row or {}))

    # Messages whose files take several in Omnidesk

    def set_parts(self, ticket: int, message: int, first: int, files: Sequence[Sequence[int]]) -> None:
        """Write down the parts of a message from number ``first`` on, in the place of those that were to come."""
        self.db.write(f"DELETE FROM {MESSAGES} WHERE part_of = %s AND part >= %s AND state = 'intent'", message, first)
        for number, ids in enumerate(files, first):
            self.db.write(
                f"INSERT INTO {MESSAGES} (ticket, kind, direction, part_of, part, files, state)"
                " VALUES (%s, 'message', 'out', %s, %s, %s, 'intent')",
                ticket, message, number, ",".join(map(str, ids)),
            )  # fmt: skip

    def parts(self, message: int) -> list[MessageLink]:
        """The parts that bring more files of a ticket message, in order."""
        rows = self.db.rows(f"SELECT * FROM {MESSAGES} WHERE part_of = %s ORDER BY part", message)
        return [_message(row) for row in rows]

    def begin_part(self, link: MessageLink) -> None:
        """Write down that a part is being sent."""
        self.db.write(
            f"UPDATE {MESSAGES} SET external_case = %s, author = %s, digest = %s, staff = %s, intent_at = %s,"
            " state = 'intent' WHERE id = %s AND state NOT IN ('done', 'skipped')",
            link.case_id, link.author, link.digest, link.staff, self.clock(), link.id,
        )  # fmt: skip
        intents.check(self.db, link.id, link.ticket, self.clock())

    def add_done(self, link: MessageLink) -> int:
        """A message known on both sides, or one that is deliberately not carried over (state skipped)."""
        return intents.add_done(self.db, link, self.clock())

    # The module's own notes to staff: a ticket has one with each mark

    def notice_marks(self, ticket: int) -> set[str]:
        """What staff have been told in this ticket, or cannot be."""
        rows = self.db.rows(
            f"SELECT source FROM {MESSAGES} WHERE ticket = %s AND state <> 'intent' AND kind = 'note'"
            " AND (source LIKE 'n:%%' OR source LIKE 't%%')",
            ticket,
        )
        return {str(row["source"]) for row in rows}

    def begin_notice(self, link: MessageLink) -> int:
        """Write down that a notice is being written; what an earlier try left of it is used again."""
        row = self._notice(link.ticket, link.source)
        if row is None:
            return self.begin(link)
        self.set_message(
            int(row["id"]), case_id=link.case_id or None, author=link.author, digest=link.digest, mark=link.mark,
            state="intent", intent_at=self.clock(),
        )  # fmt: skip
        return int(row["id"])

    def notice_tries(self, ticket: int, mark: str) -> int:
        """How often a notice could not be written."""
        row = self._notice(ticket, mark)
        return int(row["tries"]) if row else 0

    def notice_failed(self, link_id: int, *, uncertain: bool, counts: bool) -> None:
        """A try to write a notice failed; ``uncertain``: it may stand there all the same."""
        self.db.write(
            f"UPDATE {MESSAGES} SET tries = tries + %s, intent_at = %s WHERE id = %s",
            int(counts), self.clock() if uncertain else None, link_id,
        )  # fmt: skip

    def refuse_notice(self, link: MessageLink, why: str, state: str = "refused") -> None:
        """A notice that cannot be written: ``status`` shows it and ``retry`` tries it again, unless it is skipped."""
        row = self._notice(link.ticket, link.source)
        link_id = int(row["id"]) if row else self.begin(link)
        self.set_message(link_id, state=state, intent_at=None, error_text=why[:2000])

    def drop_notice(self, link_id: int) -> None:
        """A notice that was certainly not written is not needed any more."""
        self.db.write(f"DELETE FROM {MESSAGES} WHERE id = %s AND state = 'intent' AND intent_at IS NULL", link_id)

    def _notice(self, ticket: int, mark: str) -> Row | None:
        return self.db.row(
            f"SELECT id, tries FROM {MESSAGES} WHERE ticket = %s AND kind = 'note' AND source = %s LIMIT 1",
            ticket, mark,
        )  # fmt: skip

    # Users

    def user(self, user: int) -> UserLink | None:
        sql = f"SELECT user, external_user, digest, custom_id, account, registered, names FROM {USERS} WHERE user = %s"
        row = self.db.row(sql, user)
        if row is None:
            return None
        identity = ClientIdentity(int(row["account"] or 0), row["registered"], row["names"])
        return UserLink(user, int(row["external_user"] or 0), row["digest"], row["custom_id"], identity)

    def set_user(
        self, user: int, external_user: int, digest: str | None = None, identity: ClientIdentity | None = None
    ) -> None:
        who = identity or ClientIdentity()
        self.db.write(
            f"INSERT INTO {USERS} (user, external_user, custom_id, digest, account, registered, names, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON DUPLICATE KEY UPDATE external_user = VALUES(external_user), updated_at = VALUES(updated_at),"
            " digest = IF(%s, VALUES(digest), digest), registered = IF(%s, VALUES(registered), registered),"
            " names = IF(%s, VALUES(names), names), account = COALESCE(VALUES(account), account)",
            user, external_user, str(user), digest or "", who.account or None, who.registered, who.names, self.clock(),
            digest is not None, bool(who.account), bool(who.account),
        )  # fmt: skip

    def know_user(self, user: int, who: ClientIdentity) -> None:
        """By what a user is known besides his number."""
        self.db.write(
            f"UPDATE {USERS} SET account = %s, registered = %s, names = %s WHERE user = %s",
            who.account or None, who.registered, who.names, user,
        )  # fmt: skip

    def new_owner(self, user: int, custom_id: str, who: ClientIdentity) -> None:
        """The number belongs to another person now: nothing that is known of the former one is his."""
        self.db.write(
            f"UPDATE {USERS} SET external_user = NULL, digest = '', custom_id = %s, account = %s, registered = %s,"
            " names = %s, blocked = '', updated_at = %s WHERE user = %s",
            custom_id, who.account, who.registered, who.names, self.clock(), user,
        )  # fmt: skip


def _ticket(row: Row) -> TicketLink:
    return TicketLink(
        ticket=int(row["ticket"]),
        case_id=int(row["external_case"] or 0),
        case_number=row["case_number"],
        external_user=int(row["external_user"] or 0),
        client_user=int(row["client_user"] or 0),
        case_gone=row["case_gone"],
        ticket_status=row["ticket_status"],
        case_status=row["case_status"],
        seen_status=row["seen_status"],
        seen_at=float(row["seen_at"]),
        read_at=float(row["read_at"]),
        own_write_at=float(row["own_write_at"]),
        own_message_at=float(row["own_message_at"]),
        own_reply_at=float(row["own_reply_at"]),
        own_client_at=float(row["own_client_at"]),
        client_stamp=float(row["client_stamp"]),
        own_messages=own_messages(row["own_messages"]),
        seen_staff=int(row["seen_staff"]),
        refused_status=row["refused_status"],
        refused_fields=row["refused_fields"],
        refused_why=row["refused_why"],
        agreed_at=float(row["agreed_at"]),
        unread=bool(row["unread"]),
        intent_at=float(row["intent_at"] or 0),
        intent_message=int(row["intent_message"] or 0),
        intent_digest=row["intent_digest"],
        fields_digest=row["fields_digest"],
        look_case=bool(row["look_case"]),
        look_messages=bool(row["look_messages"]),
        due_seq=int(row["due_seq"]),
        attempts=int(row["attempts"]),
        set_aside=bool(row["set_aside"]),
        due=row["due_at"] is not None,
        joined_at=float(row["joined_at"]),
        unconfirmed=bool(row["unconfirmed"]),
        alive_at=float(row["alive_at"]),
        merged_into=int(row["merged_into"] or 0),
        former=tuple(int(one) for one in (row["former_cases"] or "").split(",") if one),
        closed_at=float(row["closed_at"]),
        own_status_at=float(row["own_status_at"]),
        client_at=float(row["client_at"]),
        client_message=int(row["client_message"]),
        client_external=int(row["client_external"]),
        taken_end=int(row["taken_end"]),
        own_end=int(row["own_end"]),
        account=int(row["account"] or 0),
        missing=row["missing_at"] is not None,
        held=row["held"],
        wait_since=float(row["wait_since"] or 0),
        history=bool(row["history"]),
        split_to=int(row["split_to"] or 0),
    )


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
        intent_at=float(row["intent_at"] or 0),
        done_at=float(row["done_at"] or 0),
        staff=bool(row["staff"]),
        rating=int(row["rating"]),
        part_of=int(row["part_of"] or 0),
        part=int(row["part"]),
        files=tuple(int(one) for one in (row["files"] or "").split(",") if one),
        source=row["source"],
        error=row["error_text"] or "",
    )
