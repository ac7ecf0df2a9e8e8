"""Whether both sides of a ticket were compared and are equal. Every place that says so asks this module.

Three states: ``equal`` (both sides were read and nothing differs), ``differs``, and ``unknown`` (not compared); the
latter two with reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omnidesk.content import urls
from omnidesk.context import Context
from omnidesk.core.phrase import TEXTS, Phrase, join
from omnidesk.helpdesk.models import Message
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync import edits
from omnidesk.sync.observe import Observation, Observer

_UNKNOWN = ("not_set_up", "not_covered", "no_case", "lost_case", "blocked", "away", "held")  # else the sides differ


# Nothing is changed on either side by these.
_REMEMBERING = (
    do.Learn, do.Agree, do.AgreeAssignee, do.AgreePriority, do.AgreePlace, do.MarkRead, do.KeepRating, do.LeaveStray,
    do.DropNotice,
)  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why the sides are not known to be equal. ``what``: how many, or how the case was lost."""

    code: str
    what: str = ""

    @property
    def said(self) -> Phrase:
        known = f"agreement.{self.what}" in TEXTS
        return Phrase(f"agreement.{self.code}", what=Phrase(f"agreement.{self.what}") if known else self.what)


@dataclass(frozen=True)
class Agreement:
    """How both sides stand to each other."""

    reasons: tuple[Reason, ...] = ()

    @property
    def state(self) -> str:
        if any(one.code in _UNKNOWN for one in self.reasons):
            return "unknown"
        return "differs" if self.reasons else "equal"

    @property
    def said(self) -> Phrase:
        """One sentence."""
        state = Phrase(f"agreement.{self.state}")
        if not self.reasons:
            return Phrase("agreement.without_reasons", state=state)
        return Phrase("agreement.with_reasons", state=state, why=join([one.said for one in self.reasons]))


LATE = 3  # times the pause between two polls, after which one is missing


def doubts(*, off: bool, paused: bool, held: bool, polled: float | None, scanned: float | None, pause: float) -> str:
    """Why it is not known that everything was carried over, as a key; "" when it is known.

    ``polled``, ``scanned``: seconds since either side was looked at, None for never; ``pause``: between two polls.
    """
    ages = [age for age in (polled, scanned) if age is not None]
    late = len(ages) == 2 and max(ages) > LATE * pause + 60
    found = {"off": off, "paused": paused, "held": held, "never": len(ages) < 2, "stale": late}
    return next((name for name, holds in found.items() if holds), "")


NOT_SET_UP = Agreement((Reason("not_set_up"),))


def agreement(context: Context, seen: Observation, actions: Sequence[do.Action]) -> Agreement:
    """How the sides stand, after both were read in full (``seen``) and the plan was made of it."""
    return Agreement((*_unknown(context, seen), *_differs(context, seen, actions)))


def _unknown(context: Context, seen: Observation) -> Iterator[Reason]:
    ticket, link = seen.view.ticket, seen.view.link
    if ticket is not None and not Observer(context, ticket.id).policy(ticket).covers:
        yield Reason("not_covered")
    if link.case_gone:
        yield Reason("lost_case", link.case_gone)
    elif not link.case_id:
        yield Reason("no_case")
    if seen.view.blocked:
        yield Reason("blocked")
    if seen.failure is not None or (link.has_case and seen.thread is None):
        yield Reason("away")
    if link.held:
        yield Reason("held")


def _differs(context: Context, seen: Observation, actions: Sequence[do.Action]) -> Iterator[Reason]:
    link = seen.view.link
    rows = seen.thread.messages if seen.thread else ()
    links = context.links.messages(link.ticket)
    if not all(isinstance(one, _REMEMBERING) for one in actions):
        yield Reason("actions")
    if link.refused_status:
        yield Reason("not_ended")
    for code, count in (
        ("refused", sum(one.state == "refused" for one in links)),
        ("left", _left(links, rows)),
        ("edited", _edited(urls.host(context.settings.url), link, links, seen)),
    ):
        if count:
            yield Reason(code, str(count))
    if link.set_aside or link.attempts:
        yield Reason("failed")


def _left(links: Sequence[MessageLink], rows: Sequence[Message]) -> int:
    """Messages that are on one side only, say by a setting. Records that nobody wrote do not count, nor does what was
    moved to another ticket before it was sent."""
    written = {one.message_id for one in rows if not one.is_system and (one.content or one.content_html)}
    skipped = [one for one in links if one.state == "skipped" and one.kind != "system"]
    return sum(bool(one.ticket_message) or one.external_message in written for one in skipped)


def _edited(own_host: str, link: TicketLink, links: Sequence[MessageLink], seen: Observation) -> int:
    """What says something else in Omnidesk than the client knows, whether or not staff were notified."""
    if seen.thread is None:
        return 0
    watched = [one for one in links if edits.is_watched(one) and one.external_message]
    known = edits.known_of(watched, [one for one in links if one.is_correction and one.state == "done"])
    delivered = {one.external_message: one for one in watched}
    here = [one for one in watched if one.case_id == link.case_id]
    complete = seen.thread.pages == 1 and not seen.thread.broken
    gone = edits.deleted(seen.thread.messages, seen.thread.whole, here, known) if complete else []
    return len(edits.edited(seen.thread.messages, delivered, known, own_host)) + len(gone)
