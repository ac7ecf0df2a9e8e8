"""The links of what the module writes by itself, notes to staff and corrections: a ticket has one with each mark."""

from __future__ import annotations

from omnidesk.core.database import Row
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import MESSAGES
from omnidesk.store.columns import error_columns
from omnidesk.store.message_transitions import MessageTransitions
from omnidesk.store.models import MessageLink


class Notices(MessageTransitions):
    """Notices, which have no other side."""

    def notice_marks(self, ticket: int) -> set[str]:
        """What staff have been notified of in this ticket, or cannot be."""
        rows = self.db.rows(
            f"SELECT source FROM {MESSAGES} WHERE ticket = %s AND state <> 'intent'"
            " AND (source LIKE 'n:%%' OR source LIKE 't%%')",
            ticket,
        )
        return {str(row["source"]) for row in rows}

    def begin_notice(self, link: MessageLink) -> int:
        """Write down that a notice is being written; what an earlier try left of it is used again."""
        row = self._notice(link)
        if row is None:
            return self.begin(link)
        self._set_message(
            int(row["id"]), external_case=link.case_id or None, author=link.author, digest=link.digest, mark=link.mark,
            state="intent", intent_at=self.clock(),
        )  # fmt: skip
        return int(row["id"])

    def notice_tries(self, link: MessageLink) -> int:
        """How often a notice could not be written."""
        row = self._notice(link)
        return int(row["tries"]) if row else 0

    def notice_failed(self, link_id: int, *, uncertain: bool, counts: bool) -> None:
        """A try to write a notice failed; ``uncertain``: it may stand there all the same."""
        self.db.write(
            f"UPDATE {MESSAGES} SET tries = tries + %s, intent_at = %s WHERE id = %s",
            int(counts), self.clock() if uncertain else None, link_id,
        )  # fmt: skip

    def refuse_notice(self, link: MessageLink, why: Phrase, state: str = "refused") -> None:
        """A notice that cannot be written: ``status`` shows it and ``retry`` tries it again, unless it is skipped."""
        row = self._notice(link)
        link_id = int(row["id"]) if row else self.begin(link)
        self._set_message(link_id, error_columns(why), state=state, intent_at=None)

    def drop_notice(self, link_id: int) -> None:
        """A notice that was certainly not written is not needed any more."""
        self.db.write(f"DELETE FROM {MESSAGES} WHERE id = %s AND state = 'intent' AND intent_at IS NULL", link_id)

    def _notice(self, link: MessageLink) -> Row | None:
        return self.db.row(
            f"SELECT id, tries FROM {MESSAGES} WHERE ticket = %s AND kind = %s AND source = %s LIMIT 1",
            link.ticket, link.kind, link.source,
        )  # fmt: skip
