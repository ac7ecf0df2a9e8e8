"""Hints about the account's own settings, which no call shows: by what Omnidesk refused and what its replies hold."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager import conversation
from omnidesk.content import cuts
from omnidesk.content.urls import host
from omnidesk.context import Context
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import TICKETS
from omnidesk.sync.assignments import ARCHIVING
from omnidesk.wording.findings import Finding, finding

NEWEST = 50  # delivered replies that are looked through
ENDS = 20_000  # characters of each
SHOWN = 10  # tickets named


def hints(context: Context) -> Iterator[Finding]:
    """What in the account makes the module's work incomplete, or shows clients what is not meant for them."""
    yield from _closing_refused(context)
    yield from _ratings_refused(context)
    yield from _archiving_refused(context)
    if not context.settings.cut_rating_links:
        yield from _rating_requests(context)


def _closing_refused(context: Context) -> Iterator[Finding]:
    """An account can require fields when a case is closed (documented); the list of fields does not say which."""
    rows = context.db.rows(
        f"SELECT ticket, refused_why FROM {TICKETS} WHERE refused_status <> '' AND case_gone = '' ORDER BY ticket"
    )
    if rows:
        names = ", ".join(str(row["ticket"]) for row in rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
        yield finding("warning", "closing", "closing_refused", why=rows[-1]["refused_why"], tickets=names)


def _ratings_refused(context: Context) -> Iterator[Finding]:
    why = context.state.refusal("rating")
    if why:
        yield finding("warning", "rating", "rating_refused", why=why)


def _archiving_refused(context: Context) -> Iterator[Finding]:
    why = context.state.refusal(ARCHIVING) if context.settings.status_map[2] == "archived" else ""
    if why:
        yield finding("warning", "archive", "archiving_refused", "StatusMap", why=why)


def _rating_requests(context: Context) -> Iterator[Finding]:
    """The account may add a request to rate the answer to every reply's signature (documented)."""
    own = host(context.settings.url)
    signed = [one.name for one in context.account.staff() if one.active and _asks(one.signature, own)]
    replies = conversation.ends_of_replies(context.db, ENDS, NEWEST)
    asking = sum(cuts.asks_for_rating(text, own) for text in replies)
    if not signed and not asking:
        return
    where = Phrase("finding.in_replies", asking=asking, of=len(replies))
    if signed:
        where = Phrase("finding.in_signatures", names=", ".join(signed[:3]))
    yield finding("info", "rating", "rating_requests", "CutRatingLinks", where=where)


def _asks(signature: str, own: str) -> bool:
    return cuts.asks_for_rating(signature, own) or cuts.has_placeholder(signature)
