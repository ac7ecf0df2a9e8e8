"""What is changed in Omnidesk and creates nothing: statuses, custom fields, a client's data, ratings.

Optional data fails alone: a field, a name or a rating that Omnidesk refuses is reported once, and sent again when it
changes. What a firewall in front of Omnidesk may have refused is tried again with the ticket before that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

from omnidesk.billmanager.models import Ticket
from omnidesk.context import Context
from omnidesk.core.errors import Gone, Refused
from omnidesk.helpdesk.models import Case
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.case_state import judge
from omnidesk.sync.counterparts import somebody
from omnidesk.sync.fields import digest_of
from omnidesk.sync.observations import record
from omnidesk.sync.refusals import TRIES
from omnidesk.sync.resolve import PlanAgain, lost, resolve
from omnidesk.sync.routing import place_of
from omnidesk.sync.status_merge import ended

log = logging.getLogger("omnidesk")
_REFUSED_AS_SUCH = ("400", "422")  # the change itself, not who makes it


def remember_rating(context: Context, link: MessageLink, rating: int) -> None:
    """This rating is settled. What the event noted goes first: a rating sent twice does no harm, an old note would."""
    context.state.take_rating(link.ticket_message, rating)
    context.links.message_rated(link.id, rating)


def _columns(action: do.UpdateCase) -> dict[str, Any]:
    """What the call holds."""
    fields: dict[str, Any] = {"status": action.status} if action.status else {}
    fields |= {"staff_id": action.assigned.staff} if action.assigned else {}
    fields |= {"group_id": action.group} if action.group else {}
    fields |= {"priority": action.priority.there} if action.priority else {}
    return {**fields, "custom_fields": action.fields} if action.fields else fields


def _parts(action: do.UpdateCase) -> list[do.UpdateCase]:
    """What it sets, each by itself; the status last, as its refusal ends the plan."""
    bare = replace(action, status="", fields={}, digest="", follows="", assigned=None, priority=None, group=0)
    parts = [replace(bare, fields=action.fields, digest=action.digest)] if action.fields else []
    parts += [replace(bare, assigned=action.assigned)] if action.assigned else []
    parts += [replace(bare, priority=action.priority)] if action.priority else []
    parts += [replace(bare, group=action.group)] if action.group else []
    return [*parts, replace(bare, status=action.status, follows=action.follows)] if action.status else parts


class Changes:
    """Changes what one ticket has in Omnidesk."""

    def __init__(self, context: Context, ticket: Ticket) -> None:
        self.context = context
        self.ticket = ticket
        self.links = context.links

    def link(self) -> TicketLink:
        return self.links.ticket(self.ticket.id)

    def update_case(self, action: do.UpdateCase) -> None:
        """Set all of it in one call; if that is refused, each by itself, so that only one fails."""
        case: Case | None = None
        try:
            case = self._update(_columns(action))
        except Gone:
            raise
        except Refused as refusal:
            there = resolve(self.context, self.ticket.id, refusal)
            parts = _parts(action)
            if len(parts) > 1:
                self._each(parts)
                return
            if action.status:
                self._not_ended(action, there, refusal)
            if action.fields:
                self._one_by_one(action.fields, refusal)
            else:
                self._try_again(refusal)
                self._kept(action, there, refusal)
        self._agreed(action)
        status, at = (case.status, case.updated_at) if action.status and case is not None else ("", 0.0)
        self.links.case_updated(
            self.ticket.id, fields_digest=action.digest, status=status, at=at, follows=action.follows if status else ""
        )
        if action.group and case is not None:
            self.context.state.forget_refusal("group")
            self._placed(case.group_id or action.group)
        log.info("ticket %s: %s", self.ticket.id, action.title())

    def _each(self, parts: list[do.UpdateCase]) -> None:
        """Every part, also after one has failed; then its refusal is raised."""
        failure: Refused | None = None
        for part in parts:
            try:
                self.update_case(part)
            except Gone:
                raise
            except Refused as refusal:
                failure = failure or refusal
        if failure is not None:
            raise failure

    def _try_again(self, refusal: Refused) -> None:
        """Raise a refusal that may be a firewall's, while the ticket has been tried a few times only."""
        if refusal.type == "omnidesk_rejected" and self.link().attempts < TRIES - 1:
            raise refusal

    def _agreed(self, action: do.UpdateCase) -> None:
        """Both sides agree on the assignee and priority that the case has now, whether or not they were wanted."""
        if action.assigned:
            staff, wanted = somebody(self.context, self.link().seen_staff), action.assigned
            self.links.assignee_agreed(self.ticket.id, staff, wanted.employee, wanted.holders)
        if action.priority:
            self.links.priority_agreed(self.ticket.id, self.link().seen_priority, action.priority.here)

    def _kept(self, action: do.UpdateCase, case: Case | None, refusal: Refused) -> None:
        """The case keeps its assignee, its priority or its group: reported once.

        A group may be deleted, or not open to the integration's employee: both sides stay where they are.
        """
        if not action.group:
            log.error("ticket %s: Omnidesk refused this, the case keeps what it has (%s): %s",
                      self.ticket.id, action.title(), refusal)  # fmt: skip
            return
        if case is None:
            raise refusal
        log.error("ticket %s: Omnidesk refused the group %s, the case keeps its own: %s",
                  self.ticket.id, action.group, refusal)  # fmt: skip
        self.context.state.note_refusal("group", f"{action.group}: {refusal.value}")
        self._placed(case.group_id)

    def _placed(self, group: int) -> None:
        """The case is in this group, whatever was asked for: both stay where they are until somebody moves them."""
        place = place_of(self.context, self.ticket, self.link())
        if place is not None:
            self.links.place_agreed(self.ticket.id, place.department, group, place.responsible)

    def _not_ended(self, action: do.UpdateCase, case: Case | None, refusal: Refused) -> NoReturn:
        """A case that is there and cannot be ended, say because fields are required for it: this waits for a change.

        Staff are notified in the case; the rest of the ticket is planned without it. Any other refusal is raised.
        """
        if case is None or not ended(action.status) or refusal.params.get("code") not in _REFUSED_AS_SUCH:
            raise refusal
        log.error("%s", Refused("case_not_ended", str(self.ticket.id), refusal.words).phrase.full())
        self.links.end_refused(self.link(), action.status, digest_of(case.custom_fields), refusal.value)
        raise PlanAgain from refusal

    def _update(self, fields: Mapping[str, Any]) -> Case:
        link = self.link()
        case = self._put(link, fields)
        self.links.case_changed(self.ticket.id, case.updated_at)
        now = self.link()
        asked = replace(  # no sign of a reply of staff
            now,
            seen_status=str(fields.get("status", now.seen_status)),
            seen_staff=int(fields.get("staff_id", now.seen_staff)),
        )
        record(self.context, self.ticket.id, [judge(self.context, asked, case)])
        if self.link().look_messages and not link.look_messages:
            # The answer shows that staff replied meanwhile: this run has read the case already, so the next one does.
            since = self.context.clock()
            self.context.queue.make_due(self.ticket.id, "changed", look_messages=True, since=since)
        return case

    def _put(self, link: TicketLink, fields: Mapping[str, Any]) -> Case:
        """The call itself. Of a status it is written down before: it may be set although the call fails."""
        client = self.context.client
        if "group_id" in fields:
            self.links.group_setting(self.ticket.id, int(fields["group_id"]))
        if "status" not in fields:
            return client.update_case(link.case_id, fields)
        self.links.case_status_begun(self.ticket.id, str(fields["status"]), client.now)
        try:
            return client.update_case(link.case_id, fields)
        except Refused:
            self.links.case_status_refused(self.ticket.id, link.own_status_at)
            raise

    def _one_by_one(self, fields: Mapping[str, Any], refusal: Refused) -> None:
        """A wrong field must not affect the others. What is refused is reported once, and sent again after a change."""
        refused = self._refused_alone(fields) if len(fields) > 1 else dict.fromkeys(fields, refusal)
        for refusal in refused.values():
            self._try_again(refusal)
        for key, refusal in refused.items():
            log.error("ticket %s: Omnidesk refused the custom field %s, its value is not changed: %s",
                      self.ticket.id, key, refusal)  # fmt: skip

    def _refused_alone(self, fields: Mapping[str, Any]) -> dict[str, Refused]:
        """Set each field by a call of its own; those that are refused."""
        refused: dict[str, Refused] = {}
        for key, value in fields.items():
            try:
                self._update({"custom_fields": {key: value}})
            except Gone:
                raise
            except Refused as refusal:
                refused[key] = refusal
        return refused

    def update_user(self, action: do.UpdateUser) -> None:
        """Bring name and fields up to date. What is refused is reported once, and sent again when it changes."""
        fields: dict[str, Any] = {"user_full_name": action.name}
        given = {**fields, "custom_fields": action.fields} if action.fields else fields
        try:
            self.context.client.update_user(action.external_user, given)
        except Refused as refusal:
            user = self._user_now(action.external_user)
            if user != action.external_user:
                self.update_user(replace(action, external_user=user))
                return
            also = self._name_alone(action, fields) if action.fields else None
            self._try_again(refusal)
            log.error("client %s: Omnidesk refused the data: %s", action.user, refusal)
            if also is not None:
                log.error("client %s: Omnidesk also refused the name alone: %s", action.user, also)
        self.links.set_user(action.user, action.external_user, action.digest)

    def _user_now(self, user: int) -> int:
        """Which user the client is: if his own was merged into another one, the one that the case belongs to."""
        now = self.link().external_user
        return now if now and now != user and self.context.client.user_is_gone(user) else user

    def _name_alone(self, action: do.UpdateUser, fields: Mapping[str, Any]) -> Refused | None:
        """Set the name without the fields; its refusal."""
        try:
            self.context.client.update_user(action.external_user, fields)
        except Refused as refusal:
            return refusal
        return None

    def _went(self, case_id: int, refusal: Refused) -> bool:
        """Whether the case itself is gone, which a deleted one says with 400: then the account's ratings are well."""
        if not isinstance(refusal, Gone) and refusal.params.get("code") not in ("400", "404"):
            return False
        try:
            self.context.client.case(case_id)
        except Gone as gone:
            if case_id == self.link().case_id:
                lost(self.context, self.link(), gone)
            return True
        return False

    def _rate_case(self, link: MessageLink, level: str, first: Refused) -> None:
        """Rate the case instead. Where it takes that, a firewall may have refused the message, which is tried again."""
        client = self.context.client
        try:
            staff_id = int(link.author.partition(":")[2] or 0) if link.author.startswith("staff:") else 0
            client.rate_case(link.case_id, staff_id, level)
        except Refused as second:
            if not self._went(link.case_id, second):
                self.context.state.note_refusal("rating", second.value)
                log.warning("ticket %s: rating of message %s: %s; for the case: %s", self.ticket.id,
                            link.ticket_message, first, second)  # fmt: skip
            return
        with suppress(Refused):  # the account takes ratings of cases only
            client.rate_message(link.case_id, link.external_message, level)

    def rate(self, action: do.Rate) -> None:
        """Rate the reply; where the account takes ratings of cases only, the case. A "no" is not repeated."""
        self.context.state.forget_refusal("rating")
        link = action.link
        try:
            self.context.client.rate_message(link.case_id, link.external_message, action.level)
        except Refused as first:
            self._rate_case(link, action.level, first)
        remember_rating(self.context, link, action.rating)
        # Rating moves the case's updated_at; without this the next poll would take it for news and read the case.
        when = max(self.link().own_write_at, self.context.client.now)
        self.links.case_changed(self.ticket.id, when)
