"""What happens to a message whose call failed."""

from __future__ import annotations

import logging

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Gone, Refused
from omnidesk.core.tables import MESSAGES
from omnidesk.store.models import MessageLink

log = logging.getLogger("apply")
_MAY_BE_OF_FILES = ("panel_refused", "panel_trouble")  # the panel's words for it are not public
TRIES = 3
MOST_SENT = 16  # so often a message is sent while the other side answers and the message is not found there


def call_failed(context: Context, row: int, failure: Failure) -> None:
    """A call that was to make a message failed: what is to be remembered of the intent ``row``.

    A refusal is counted. What may still take effect settles, counted from now, when the call was given up. Else nothing
    was made, so nothing is kept.
    """
    if isinstance(failure, Refused):
        context.links.nothing_sent(row)
        count_refusal(context, row, failure)
    elif failure.uncertain:
        context.links.message_in_doubt(row, failure.phrase)
    else:
        context.links.forget_intent(row)


def count_refusal(context: Context, row: int, refusal: Failure) -> None:
    """The other side said no to this very message, so nothing was made of it.

    After a few tries the message is set aside with the reason, so that later ones of the ticket can go. Whenever
    something else of the ticket has been sent it gets one more try, and by ``retry`` as many as at first. The log is
    loud once.
    """
    found = context.db.row(f"SELECT ticket, tries FROM {MESSAGES} WHERE id = %s", row)
    if found is None:
        return
    tries = int(found["tries"]) + 1
    given_up = tries >= TRIES
    context.links.message_refused(row, tries, refusal.phrase, given_up=given_up)
    if given_up:
        log.log(
            logging.ERROR if tries == TRIES else logging.DEBUG,
            "ticket %s: a message is set aside after %s tries: %s To try again: pmomnidesk retry %s",
            found["ticket"], tries, refusal.phrase.full(), found["ticket"],
        )  # fmt: skip


def nothing_found(context: Context, link: MessageLink) -> None:
    """Nothing came of a call whose outcome was not known: its message is sent again, but not for ever."""
    if context.links.nothing_found(link.id, MOST_SENT):
        log.error("ticket %s: a message was sent %s times and does not appear there; it is set aside. To try again:"
                  " pmomnidesk retry %s", link.ticket, MOST_SENT, link.ticket)  # fmt: skip


class FilesRefused(Exception):
    """The panel refused a message with files, perhaps because of them; nothing was made of it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def may_be_of_files(failure: Failure) -> bool:
    """Whether a call with files may have been refused because of them."""
    refused = isinstance(failure, Refused) and not isinstance(failure, Gone)
    return refused and failure.type in _MAY_BE_OF_FILES
