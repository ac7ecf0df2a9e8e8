"""What happens to a message or note on its way, written into its link: one method for each event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnidesk.billmanager import linked_rows
from omnidesk.billmanager.linked_rows import REMEMBERED, with_row
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import MESSAGES
from omnidesk.store import intents, reused_rows
from omnidesk.store.columns import ErrorColumns, MessageColumns, error_columns
from omnidesk.store.messages import Messages
from omnidesk.store.models import MessageLink

if TYPE_CHECKING:
    from typing_extensions import Unpack


class MessageTransitions(Messages):
    """The changes of messages' links. A creating call is written down before it is made: see :mod:`.intents`."""

    def begin(self, link: MessageLink) -> int:
        """Write down a creating call before it is made; the link's id. See :mod:`omnidesk.store.intents`."""
        return intents.begin(self.db, link, self.clock())

    def message_done(self, link_id: int, external_message: int) -> None:
        """The message is in Omnidesk, with this id there."""
        self._set_message(
            link_id, error_columns(None), state="done", done_at=self.clock(), external_message=external_message
        )

    def message_delivered(self, link_id: int, kind: str, number: int) -> None:
        """The message or note (``kind``) is in BILLmanager, with this id there."""
        reused_rows.free(self.db, kind, number)
        values = {**error_columns(None), "state": "done", "done_at": self.clock(), "ticket_message": number}
        sets = [*(f"l.{name} = %s" for name in values), *(f"l.{one} = {sql}" for one, sql in REMEMBERED.items())]
        self.db.write(
            f"UPDATE {MESSAGES} l {with_row(self.db, kind)} SET {', '.join(sets)} WHERE l.id = %s",
            number, *values.values(), link_id,
        )  # fmt: skip

    def add_done(self, link: MessageLink) -> int:
        """A message known on both sides, or one that is deliberately not carried over (state skipped)."""
        return intents.add_done(self.db, link, self.clock())

    def message_opens_case(self, link_id: int) -> None:
        """A case is being made with this message: what came of it is in the ticket's row."""
        self._set_message(link_id, intent_at=None)

    def message_identified(self, link_id: int, external_message: int) -> None:
        """This is its id in Omnidesk, which was not known when it was sent."""
        self._set_message(link_id, external_message=external_message)

    def message_in_doubt(self, link_id: int, why: Phrase) -> None:
        """The call was given up and may still take effect, which is counted from now."""
        self._set_message(link_id, error_columns(why), intent_at=self.clock())

    def message_still_in_doubt(self, link_id: int, since: float) -> None:
        """The clock was set back since the call, so it settles from this time on."""
        self._set_message(link_id, intent_at=since)

    def message_refused(self, link_id: int, tries: int, why: Phrase, *, given_up: bool) -> None:
        """The other side refused this message, so nothing was made of it; ``given_up``: it is not sent again."""
        state = "refused" if given_up else "intent"
        self._set_message(link_id, error_columns(why), tries=tries, state=state, intent_at=None)

    def row_changes(self, link_id: int) -> None:
        """Its row of BILLmanager is being edited, which may give it another time: what stands there is learned."""
        self.db.write(
            f"UPDATE {MESSAGES} SET posted_wall = NULL, posted_at = NULL, poster = NULL WHERE id = %s", link_id
        )

    def row_corrected(self, link_id: int) -> None:
        """The message that this correction is about says so itself now."""
        self._set_message(link_id, error_columns(None), state="done", done_at=self.clock(), intent_at=None)

    def message_missing(self, link_id: int, tries: int) -> None:
        """A part or a notice has not arrived; ``tries``: how often it was sent."""
        self._set_message(link_id, tries=tries)

    def message_rated(self, link_id: int, rating: int) -> None:
        """This rating of the reply is settled."""
        self._set_message(link_id, rating=rating)

    def forget_intent(self, link_id: int) -> None:
        """The call certainly had no effect, so nothing of it is kept; a part with files is still to be sent.

        Of what the module writes by itself the tries are kept, of a message that is in another ticket now that it was
        moved.
        """
        self.db.write(
            f"UPDATE {MESSAGES} SET state = 'skipped', intent_at = NULL, moved_message = NULL"
            " WHERE id = %s AND state = 'intent' AND moved_to IS NOT NULL",
            link_id,
        )
        self.db.write(
            f"DELETE FROM {MESSAGES} WHERE id = %s AND state = 'intent' AND part_of IS NULL"
            " AND NOT (kind IN ('note', 'message') AND (source LIKE 'n:%%' OR source LIKE 't%%'))",
            link_id,
        )
        self.db.write(f"UPDATE {MESSAGES} SET intent_at = NULL WHERE id = %s AND state = 'intent'", link_id)

    def nothing_sent(self, link_id: int) -> None:
        """The call certainly had no effect: it does not count as sent."""
        self.db.write(f"UPDATE {MESSAGES} SET sends = GREATEST(sends - 1, 0) WHERE id = %s", link_id)

    def nothing_found(self, link_id: int, most: int) -> bool:
        """The other side answers, and what was sent is not there; after so many times it is refused. Whether it is."""
        self.db.write(
            f"UPDATE {MESSAGES} SET intent_at = NULL, missed = missed + 1,"
            " state = IF(missed >= %s, 'refused', 'intent') WHERE id = %s AND state = 'intent'",
            most, link_id,
        )  # fmt: skip
        row = self.db.row(f"SELECT state FROM {MESSAGES} WHERE id = %s", link_id)
        return row is not None and row["state"] == "refused"

    def forgive_sends(self, ticket: int) -> None:
        """The whole other side did not work: what was tried meanwhile says nothing against the messages."""
        self.db.write(f"UPDATE {MESSAGES} SET sends = 0 WHERE ticket = %s AND state = 'intent'", ticket)

    def moved(self, ticket: int, case_id: int, ids: Sequence[int]) -> None:
        """These messages of Omnidesk lie in this case now: what is done to them later is done there."""
        marks = ", ".join(["%s"] * len(ids))
        self.db.write(
            f"UPDATE {MESSAGES} SET external_case = %s WHERE external_message IN ({marks}) AND ticket = %s",
            case_id, *ids, ticket,
        )  # fmt: skip

    def learn_rows(self, ticket: int) -> None:
        """Remember which rows the ticket's links are about, where that is not known yet."""
        linked_rows.learn_ticket(self.db, ticket)

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

    def begin_part(self, link: MessageLink) -> None:
        """Write down that a part is being sent."""
        self.db.write(
            f"UPDATE {MESSAGES} SET external_case = %s, author = %s, digest = %s, staff = %s, intent_at = %s,"
            " state = 'intent' WHERE id = %s AND state NOT IN ('done', 'skipped')",
            link.case_id, link.author, link.digest, link.staff, self.clock(), link.id,
        )  # fmt: skip
        intents.check(self.db, link.id, link.ticket, self.clock())

    def _set_message(self, link_id: int, error: ErrorColumns | None = None, **values: Unpack[MessageColumns]) -> None:
        columns = {**values, **(error or {})}
        sets = ", ".join(f"{column} = %s" for column in columns)
        self.db.write(f"UPDATE {MESSAGES} SET {sets} WHERE id = %s", *columns.values(), link_id)
