"""What happens to a ticket's case and in it, written into the ticket's row: one method for each event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.helpdesk.models import Case
from omnidesk.store.columns import CaseColumns, TicketColumns, error_columns
from omnidesk.store.models import NO_HOLDERS, NO_PRIORITY, OwnMessage, Sent, TicketLink, assignee_said, joined, lost
from omnidesk.store.tickets import Tickets

if TYPE_CHECKING:
    from typing_extensions import Unpack
_OWN_MESSAGES = 8  # of our last ones that are kept
_KEEP = "own_messages = SUBSTRING_INDEX(CONCAT_WS(';', NULLIF(own_messages, ''), %s), ';', %s), "
MOMENT = 0.001  # seconds; times in the tables are compared with more than that
# The client's message is known to the row, unless staff have read it in BILLmanager; for each column: message, value.
_CLIENT_WROTE = "".join(
    f"{name} = IF(%s > read_here, GREATEST({name}, %s), {name}), "
    for name in ("client_at", "client_message", "client_external")
)
_RENAMED = {"case_id": "external_case"}
# What is remembered of a case in which nothing has happened since it was made
_UNTOUCHED: TicketColumns = {
    "joined_at": 0,
    "own_assignee": 0,
    "agreed_staff": 0,  # an account may give a new case to somebody by itself
    "agreed_employee": 0,
    "agreed_holders": NO_HOLDERS,
    "agreed_priority_here": NO_PRIORITY,
    "group_begun": 0,
    "client_at": 0,  # the case has been made with the status it is to have
    "client_external": 0,
    "taken_end": 0,
    "read_at": 0,
    "own_message_at": 0,  # the answer already says what status the case has
    "own_reply_at": 0,
    "own_client_at": 0,
    "own_messages": "",
    "status_begun": "",
    "intent_at": None,
    "look_case": False,
    "look_messages": False,
    "held": "",
}


class CaseTransitions(Tickets):
    """The changes of tickets' rows that come from their cases."""

    def ensure_ticket(self, ticket: int) -> None:
        """The ticket has a row."""
        now = self.clock()
        self.db.write(
            f"INSERT IGNORE INTO {TICKETS} (ticket, created_at, updated_at) VALUES (%s, %s, %s)",
            ticket, now, now,
        )  # fmt: skip

    def _set_ticket(self, ticket: int, sent: OwnMessage | None = None, **values: Unpack[TicketColumns]) -> None:
        """``sent``: a message of ours, to be kept among the last ones."""
        sets = ", ".join(f"{_RENAMED.get(name, name)} = %s" for name in values)
        kept = (sent.text(), -_OWN_MESSAGES) if sent else ()
        self.db.write(
            f"UPDATE {TICKETS} SET {_KEEP if sent else ''}{sets}, updated_at = %s WHERE ticket = %s",
            *kept, *values.values(), self.clock(), ticket,
        )  # fmt: skip

    # A case is made

    def case_begun(self, ticket: int, message: int, digest: str, client: int, account: int, status: str) -> None:
        """A case is being made with this status and ticket message, whose text has this digest, for this client."""
        self._set_ticket(
            ticket,
            status_begun=status,
            intent_at=self.clock(),
            intent_message=message,
            intent_digest=digest,
            client_user=client,
            account=account or None,
        )

    def case_in_doubt(self, ticket: int, since: float) -> None:
        """Whether the case was made is not known; what may still take effect settles from this time on."""
        self._set_ticket(ticket, intent_at=since)

    def case_not_made(self, ticket: int) -> None:
        """The case that was begun was certainly not made."""
        self._set_ticket(ticket, intent_at=None, status_begun="")

    def case_created(
        self, ticket: int, case: Case, opening: int, *, client_stamp: float, fields_digest: str, replaces: str = ""
    ) -> None:
        """The case was made, with the ticket message ``opening``; it may start in spam.

        ``client_stamp``: the date that this message has in Omnidesk; 0.0: it is not known whether it is the last one.
        ``fields_digest``: of the custom fields it was made with. ``replaces``: the number of the lost case before it.
        """
        made: TicketColumns = {
            **_UNTOUCHED,
            "case_id": case.case_id,
            "case_number": case.case_number,
            "replaced": replaces,
            "external_user": case.user_id,
            "case_gone": "spam" if case.spam else "",
            "ticket_status": case.status,
            "case_status": case.status,
            "seen_status": case.status,
            "seen_at": case.updated_at,
            **assignee_said(case),
            "seen_group": case.group_id,
            "routed_group": case.group_id,
            "seen_priority": case.priority,
            "agreed_priority": case.priority or NO_PRIORITY,
            "closed_at": case.closed_at,
            "client_message": opening,
            "own_write_at": case.updated_at,
            "client_stamp": client_stamp,
            "agreed_at": case.updated_at,
            "intent_message": opening if case.spam else None,
            "unconfirmed": True,
            "unread": True,  # a case adopted later, or in its very first second, may hold more than its first message
            "fields_digest": fields_digest,
            "alive_at": self.clock(),  # what is sent into it later and not seen may have gone into trash or spam
        }
        self._set_ticket(ticket, **made)

    def case_made_as(self, ticket: int, status: str, group: int = 0) -> None:
        """The case that was found had been made with this status and in this group (0: not known): what differs, on
        either side, was decided since."""
        made: TicketColumns = {"ticket_status": status, "case_status": status}
        if group:
            made["routed_group"] = group
        self._set_ticket(ticket, **made)

    def case_adopted(
        self,
        ticket: int,
        case: Case,
        *,
        ticket_status: str,
        client: int,
        account: int,
        joined_at: float,
        read_at: float,
        unread: bool,
    ) -> None:
        """A case of the original module is the ticket's; all it holds up to ``read_at`` is known."""
        self._set_ticket(
            ticket,
            case_id=case.case_id,
            case_number=case.case_number,
            external_user=case.user_id,
            client_user=client or None,
            account=account or None,
            missing_at=None,
            case_gone="",
            joined_at=joined_at,
            # Agreed as they are, whatever they are: taking over changes nothing.
            ticket_status=ticket_status,
            case_status=case.status,
            seen_status=case.status,
            seen_at=case.updated_at,
            seen_group=case.group_id,
            routed_group=case.group_id,
            routed_department=0,  # wherever it is, it is agreed to be there
            group_begun=0,
            department_begun=0,
            read_at=read_at,
            own_write_at=0,
            own_message_at=0,
            own_reply_at=0,
            own_client_at=0,
            own_messages="",
            client_stamp=0,
            look_case=False,
            unconfirmed=False,
            unread=unread,
            fields_digest="",  # sent with the next thing that happens to the ticket
        )

    # It is lost, comes back, or becomes another

    def case_lost(self, ticket: int, why: str, into: int = 0) -> None:
        """The case takes no more messages: the next message opens a new one.

        ``into``: another client's case that it was merged into.
        """
        self._set_ticket(ticket, **lost(why))
        # Refused and certainly not made: what the case held cannot be read any more, and notes alone open no new case.
        self.db.write(
            f"DELETE FROM {MESSAGES} WHERE ticket = %s AND state IN ('intent', 'refused') AND intent_at IS NULL"
            " AND (direction = 'in' OR (kind <> 'message' AND ticket_message IS NOT NULL))",
            ticket,
        )
        if into:
            self._set_ticket(ticket, merged_into=into)

    def case_returned(self, ticket: int) -> None:
        """The case was taken out of trash or spam before another one was made: the ticket goes on with it."""
        self._set_ticket(ticket, case_gone="")

    def case_joined(self, ticket: int, survivor: Case, merged_at: float, *, shared: bool) -> None:
        """The case was merged into another one, with which the ticket goes on; ``shared``: with other tickets."""
        self._set_ticket(ticket, **joined(survivor, merged_at, shared), own_messages="")

    def opener_in_spam(self, ticket: int, message: int) -> None:
        """The case started in spam: the message it was opened with waits there."""
        self._set_ticket(ticket, intent_message=message)

    def client_blocked(self, ticket: int, client: int) -> None:
        """No case is made for this client, who is blocked in Omnidesk."""
        self._set_ticket(ticket, client_user=client)

    def former_case_changed(self, case_id: int) -> int:
        """Something happened in a case that no ticket has now: the ticket that had it, which reads it; 0: none had."""
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

    def former_case_read(self, ticket: int, left: Iterable[int]) -> None:
        """An earlier case of the ticket was read; ``left``: those that are still to be read."""
        self._set_ticket(ticket, former_cases=",".join(map(str, left)))

    # What Omnidesk says of it

    def case_seen(
        self,
        ticket: int,
        status: str,
        updated_at: float,
        closed_at: float,
        staff: int,
        group: int = 0,
        priority: str = "",
    ) -> None:
        """Omnidesk says this of the ticket's case; an answer older than the one known changes nothing.

        A case that is open after the client's message was in it, as both sides have agreed: that message is covered,
        and what staff had done before it does not count any more.
        """
        covered = "ticket_status = 'open' AND case_status = 'open' AND client_at <= seen_at AND seen_status = 'open'"
        self.db.write(
            f"UPDATE {TICKETS} SET seen_status = %s, seen_at = %s, closed_at = %s,"
            " seen_staff = IF(%s < 0, seen_staff, %s), staff_known = IF(%s < 0, staff_known, 1),"
            " seen_group = IF(%s > 0, %s, seen_group), seen_priority = COALESCE(NULLIF(%s, ''), seen_priority),"
            " unconfirmed = 0, alive_at = %s,"
            f" agreed_at = IF(client_at > 0 AND {covered}, seen_at, agreed_at),"
            f" client_at = IF({covered}, 0, client_at)"
            " WHERE ticket = %s AND seen_at <= %s",
            status, updated_at, closed_at, staff, staff, staff, group, group, priority, self.clock(),
            ticket, updated_at,
        )  # fmt: skip

    def case_listed(self, ticket: int) -> None:
        """A list of changed cases shows the case after we wrote into it."""
        self._set_ticket(ticket, unconfirmed=False)

    def case_owner_changed(self, ticket: int, external_user: int) -> None:
        """The case belongs to another user of Omnidesk: users can be merged."""
        self._set_ticket(ticket, external_user=external_user)

    def case_has_news(self, ticket: int) -> None:
        """The case may hold messages that were not read: the next run reads them."""
        self._set_ticket(ticket, look_messages=True)

    def case_not_read(self, ticket: int) -> None:
        """The case could not be read, or answered without any message: the next run asks for it."""
        self._set_ticket(ticket, look_case=True)

    def recheck_requested(self, ticket: int) -> None:
        """The ticket is due with a read of its case: what our writes may hide is looked for then."""
        self._set_ticket(ticket, unread=False)

    def messages_read(self, ticket: int, up_to: float, covers: float) -> None:
        """The case's messages were read up to this time; a write of ours later than ``covers`` may hide others."""
        self.db.write(
            f"UPDATE {TICKETS} SET read_at = %s, unread = own_write_at > %s, updated_at = %s WHERE ticket = %s",
            up_to, covers, self.clock(), ticket,
        )  # fmt: skip

    # What is written into it; times are Omnidesk's

    def case_changed(self, ticket: int, at: float) -> None:
        """We changed the case and wrote nothing into it."""
        self._set_ticket(ticket, own_write_at=at, unread=True)

    def message_sent(self, ticket: int, link_id: int, sent: Sent) -> None:
        """A message or note was sent: in the ticket's row and in the message's link, by one statement.

        What else changed in the case in that second, or since the last poll, shows no more (poll).
        """
        own = sent.own
        said: CaseColumns = {"own_write_at": sent.at, "unconfirmed": True, "unread": True}
        if own is not None:
            said |= _said(own, sent.at, sent.stamp)
            if own.staff:
                said["seen_staff"] = own.staff
        now = self.clock()
        done = {**error_columns(None), "state": "done", "done_at": now, "external_message": sent.id}
        client = (sent.client_at, sent.client_message, sent.id) if sent.client_message else ()
        self.db.write(
            f"UPDATE {TICKETS} t LEFT JOIN {MESSAGES} m ON m.id = %s SET {_KEEP if own else ''}"
            f"{_CLIENT_WROTE if client else ''}{''.join(f't.{name} = %s, ' for name in said)}"
            f"{''.join(f'm.{name} = %s, ' for name in done)}t.alive_at = LEAST(t.alive_at, %s), t.updated_at = %s"
            " WHERE t.ticket = %s",
            link_id, *((own.text(), -_OWN_MESSAGES) if own else ()),
            *(value for one in client for value in (sent.client_message, one)),
            # The case was alive before, whatever the clock was then: it may have been set back since.
            *said.values(), *done.values(), now - MOMENT, now, ticket,
        )  # fmt: skip

    def message_found(self, ticket: int, at: float, own: OwnMessage | None, client_stamp: float) -> None:
        """What an earlier run sent is in the case; None: it is a note, which does nothing to the case's status.

        The case is asked for: that it holds the message does not show whether it lies in spam or trash, and the lists
        that would have shown a living one may have been read long ago.
        """
        said: CaseColumns = _said(own, at, client_stamp) if own else {}
        said |= {"own_write_at": at, "unread": True, "unconfirmed": True, "look_case": True}
        self._set_ticket(ticket, own, **said)

    def client_wrote(self, ticket: int, at: float, message: int = 0, external: int = 0) -> None:
        """The client's message is in the case since then; no agreement covers it yet, unless staff have read it here.

        ``message``, ``external``: its ids in BILLmanager and in Omnidesk, as far as they are known.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET client_at = GREATEST(client_at, %s), client_message = GREATEST(client_message, %s),"
            " client_external = GREATEST(client_external, %s) WHERE ticket = %s AND (%s = 0 OR %s > read_here)",
            at, message, external, ticket, message, message,
        )  # fmt: skip

    def staff_answered(self, ticket: int, answer: int, at: float, moment: float) -> None:
        """Staff answered in Omnidesk: they have read what the client wrote before, and left the case as it is.

        Nothing changes if the client's message came after the answer. By the row as it is now, the same condition as
        :func:`omnidesk.sync.status_merge.comes_after_the_client`; ``moment``: by how much its times may differ.
        """
        self.db.write(
            f"UPDATE {TICKETS} SET client_at = 0 WHERE ticket = %s"
            " AND IF(client_external > 0, %s > client_external AND %s >= client_at - %s, %s > client_at)",
            ticket, answer, at, moment, at,
        )  # fmt: skip

    def case_status_begun(self, ticket: int, status: str, at: float) -> None:
        """The call that sets the case's status is being made."""
        self._set_ticket(ticket, status_begun=status, own_status_at=at)

    def place_begun(self, ticket: int, department: int, responsible: int, group: int) -> None:
        """A case is being made in this group (0: any) for the ticket, which is in this department."""
        self._set_ticket(
            ticket, routed_department=department, routed_responsible=responsible, department_begun=0, group_begun=group
        )

    def group_setting(self, ticket: int, group: int) -> None:
        """The call that gives the case this group is being made; 0: it was refused."""
        self._set_ticket(ticket, group_begun=group)

    def case_status_refused(self, ticket: int, set_at: float) -> None:
        """The call was refused. ``set_at``: when we set the status last."""
        self._set_ticket(ticket, status_begun="", own_status_at=set_at)

    def case_updated(
        self, ticket: int, *, fields_digest: str = "", status: str = "", at: float = 0.0, follows: str = ""
    ) -> None:
        """These custom fields were sent, and this status was set at this time; what is empty was not.

        ``follows``: the ticket's state, if the status follows from it.
        """
        values: CaseColumns = {}
        if fields_digest:
            values["fields_digest"] = fields_digest
        if status:
            values |= {"case_status": status, "refused_from": "", "own_status_at": at, "status_begun": ""}
        if follows:
            values["ticket_status"] = follows
        if values:
            self._set_ticket(ticket, **values)

    def end_refused(self, link: TicketLink, status: str, fields: str, why: str) -> None:
        """Omnidesk does not take this end of the case. ``fields``: the digest of its custom fields now.

        What the case is then is no later decision of staff: our own reply may have set it waiting.
        """
        kept = link.seen_status or link.case_status
        self._set_ticket(
            link.ticket, refused_status=status, refused_from=kept, refused_fields=fields, refused_why=why[:250]
        )

    def fields_filled(self, ticket: int) -> None:
        """The case has other custom fields than when its end was refused: it is tried again."""
        self._set_ticket(ticket, refused_status="")


def _said(own: OwnMessage, at: float, client_stamp: float) -> CaseColumns:
    if own.staff:
        assigned: CaseColumns = {"staff_known": False, "own_assignee": own.staff}
        return {"own_message_at": at, "own_reply_at": at, **assigned}
    return {"own_message_at": at, "own_client_at": at, "client_stamp": client_stamp}
