"""Conversations that staff start in Omnidesk: a case that an agent opens for a known client becomes a ticket.

A case without a ticket is noted by the poll and looked at in the same pass: who wrote first in it, and which client of
BILLmanager it is for. Its first public message opens the ticket; everything else goes over by the ordinary way, once
both are linked. Notes alone open none. The setting ``CasesFromOmnidesk`` says whose cases count.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from omnidesk.attachments.inline_pictures import as_files
from omnidesk.billmanager.models import Person, Ticket
from omnidesk.billmanager.panel import Upload
from omnidesk.content import emoji, identity, urls
from omnidesk.context import Context
from omnidesk.core import text as texts
from omnidesk.core.errors import Failure, Gone, Misconfigured, Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase, full
from omnidesk.helpdesk.models import Case, Message
from omnidesk.helpdesk.paging import Listing
from omnidesk.store.daily import IN
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.store.staff_cases import DOUBTED, KEPT_SECONDS, Making, StaffCase
from omnidesk.sync import clients, compose, edits, tally
from omnidesk.sync.case_state import why_gone
from omnidesk.sync.mass_change import made_lately
from omnidesk.sync.recovery import settled
from omnidesk.sync.refusals import FilesRefused, may_be_of_files
from omnidesk.sync.status_merge import is_answer
from omnidesk.sync.ticket_row import TicketRow
from omnidesk.sync.to_billmanager import ToBillmanager
from omnidesk.sync.written import found_written

log = logging.getLogger("cases")
OFF, CHANNEL, EMAIL = "off", "channel", "email"
AGAIN_SECONDS = (5.0, 30.0, 120.0, 300.0, 600.0)  # after so many failures
GIVE_UP = 6  # refusals after which no ticket is made
_COUNTED = "staff_cases_made"  # in the state table: when tickets were made, for the guard
_HELD = "staff_cases_held"
SUBJECT = 250  # characters
TURN = 5  # cases looked at before tickets have their turn
_VANISHED = "panel_ignored"  # it says that it has made a ticket, and there is none: not to be repeated for ever


class _NoTicket(Exception):
    """No ticket is to be made; ``why``: the notice that says so, "" where nobody has to know."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


def run(context: Context, looked_at: set[int], *, allow_mass_change: bool = False) -> bool:
    """Look at some of the cases that are due, each once in a pass; whether more are left: tickets have their turn."""
    cases, held = context.staff_cases, False
    cases.since(context.client.now or context.clock())
    due = [one for one in cases.due() if one.case_id not in looked_at]
    for at, one in enumerate(due):
        if one.making is None and one.state == "new":
            held = held or _too_many(context, allowed=allow_mass_change)
            if held:
                continue
        looked_at.add(one.case_id)
        _try(context, one)
        if len(due) > at + 1 and not len(looked_at) % TURN:
            return True
    return False


def _try(context: Context, one: StaffCase) -> None:
    """One case. What fails costs this case."""
    try:
        Start(context, one).run()
    except (Paused, Misconfigured):
        raise
    except Failure as failure:
        _failed(context, one.case_id, failure)
    except Exception as error:  # an internal error in one case must not affect the others
        log.exception("case %s", one.case_id)
        _failed(context, one.case_id, TryLater("internal", str(one.case_id), type(error).__name__))


def _failed(context: Context, case_id: int, failure: Failure) -> None:
    one = context.staff_cases.get(case_id)
    if one is None:
        return
    tries = one.tries + 1
    wait = AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS)) - 1]
    if failure.type == "settling":
        tries, wait = one.tries, float(failure.params.get("seconds", 1)) + 0.1
    log.warning("case %s: no ticket yet: %s Next try in %.0f s.", case_id, failure.phrase.full(), wait)
    given_up = (isinstance(failure, Refused) and tries >= GIVE_UP) or (failure.type == _VANISHED and tries >= DOUBTED)
    if given_up and one.state == "noting":
        context.staff_cases.leave(case_id)
        return
    context.staff_cases.put(
        replace(
            one,
            tries=tries,
            due_at=context.clock() + wait,
            state="noting" if given_up else one.state,
            why="start_refused" if given_up else one.why,
        )
    )


def _too_many(context: Context, *, allowed: bool) -> bool:
    """Whether more tickets than are likely would be made within an hour; they wait until an administrator confirms."""
    made = made_lately(context, _COUNTED)
    if allowed or len(made) < context.settings.mass_change_limit:
        context.state.remove(_HELD)
        return False
    if context.state.put_once(_HELD, context.clock()):
        log.error("%s tickets were created for cases of Omnidesk within an hour; more are on hold as a possible "
                  "mistake. If they are intended, run: pmomnidesk sync --allow-mass-change", len(made))  # fmt: skip
    return True


class Start:
    """Makes the ticket of one case."""

    def __init__(self, context: Context, known: StaffCase) -> None:
        self.context = context
        self.known = known
        self.cases = context.staff_cases

    def run(self) -> None:
        """Make the ticket, or store what is found out of the case."""
        context, case_id = self.context, self.known.case_id
        if context.links.tickets_of_case(case_id):  # it was made for a ticket
            self.cases.remove(case_id)
            return
        if context.links.was_linked(case_id):  # an earlier case of a ticket that has another one now
            self.cases.leave(case_id)
            return
        try:
            self._look(context.client.case(case_id), self._thread())
        except Gone:  # looked at again if it comes back
            self.cases.remove(case_id)

    def _look(self, case: Case, rows: list[Message]) -> None:
        if self.known.state == "new":
            try:
                first = self._first(case, rows)
                if first is not None:
                    self._make(case, first, self._client(case))
                    return
            except _NoTicket as no:
                self._left(no)
            else:  # notes only so far: looked at again when it changes
                wait = self.context.clock() + KEPT_SECONDS
                self.cases.put(replace(self.known, seen_at=case.updated_at, due_at=wait, tries=0))
        if self.known.state == "noting":
            self._note(case, rows)

    # What kind of case it is

    def _thread(self) -> list[Message]:
        """The case's messages, oldest first."""
        found = Listing[int, Message](lambda row: row.message_id)
        found.read(lambda _, page: self.context.client.messages(self.known.case_id, page))
        return [found.rows[id] for id in sorted(found.rows)]

    def _first(self, case: Case, rows: list[Message]) -> Message | None:
        """The message that opens the ticket; None while there is none. What clients began is not started by staff."""
        context = self.context
        settings = context.settings
        if why_gone(case):
            raise Gone("omnidesk_gone", str(case.case_id), why_gone(case))
        if case.created_at < self.cases.since(context.client.now):
            raise _NoTicket
        if settings.cases_from_omnidesk == CHANNEL and not self._is_own(case):
            raise _NoTicket
        said = [one for one in rows if not (one.note or one.is_system or one.sent_via_rule)]
        said = [one for one in said if one.user_id or not one.is_blank]
        if not said:
            return None
        if not is_answer(said[0]):
            raise _NoTicket
        return said[0]

    def _is_own(self, case: Case) -> bool:
        """Whether it is in a channel of the module's. One that names none was found in the list of the only one."""
        context = self.context
        listed = context.settings.cases_from_omnidesk == CHANNEL and len(context.channels) == 1
        return case.channel in context.channels or (listed and not case.channel)

    def _client(self, case: Case) -> Person:
        """The client's user in BILLmanager, if that is certain and somebody of the account can log in."""
        found = self._person(case)
        if not (found.enabled or self.context.reader.somebody_enabled(found.account)):
            raise _NoTicket("start_disabled")
        return found

    def _person(self, case: Case) -> Person:
        reader = self.context.reader
        try:
            user = self.context.client.user(case.user_id)
        except Refused as refusal:
            if refusal.type != "omnidesk_refused":
                raise
            raise _NoTicket("start_unknown") from None  # there is no such user any more
        number = self.context.links.user_of(user.user_id, user.custom_id) if user.custom_id else 0
        # In a channel of another system it is that system's number.
        if (
            not number
            and self._is_own(case)
            and user.custom_id.isascii()
            and user.custom_id.isdigit()
            and len(user.custom_id) < 19
        ):
            number = int(user.custom_id)
        person = reader.person(number) if number else None
        if person is not None and person.is_client and person.account and self._is_his(person, user.custom_id):
            return person
        if self.context.settings.cases_from_omnidesk != EMAIL or not user.email:
            raise _NoTicket("start_unknown")
        found = reader.clients_by_email(user.email)
        if len(found) != 1:
            raise _NoTicket("start_several" if found else "start_unknown")
        return found[0]

    def _is_his(self, person: Person, custom_id: str) -> bool:
        """Whether Omnidesk knows the person by this id: a number can be given to somebody else."""
        known = clients.known(self.context, person)
        link = self.context.links.user(person.user)
        return (known.custom_id or str(person.user)) == custom_id if known is not None else link is None

    # The ticket

    def _make(self, case: Case, first: Message, client: Person) -> None:
        context = self.context
        subject = case.case_number if texts.is_blank(case.subject) else compose.name(case.subject)
        subject = texts.shorten(emoji.fit(subject, context.reader.four_bytes), SUBJECT)
        row = TicketLink(0, case.case_id, case.case_number, attempts=self.known.tries)
        ticket = Ticket(0, subject, client.account, "open", client)
        here = ToBillmanager(context, ticket, TicketRow(context.links, 0, row))
        voice, department = here.voice(first), self._department(case, client)
        seen, made = as_files(first, cut_quotes=context.settings.cut_quotes), list[int]()

        def make(uploads: Sequence[Upload], lost: Sequence[str]) -> None:
            body = here.body(seen, voice, lost)
            mark = context.reader.highest_ticket()
            making = Making(context.clock(), mark, client.account, voice.person.user, texts.digest(body))
            create = partial(
                context.panel.create_ticket, voice.person.login, client.account, department, subject, body, uploads
            )
            made.append(self._number(making, body, create, files=bool(uploads)))

        here.with_files(seen, make)
        self._link(made[-1], case, first, client, voice.person)

    def _number(self, making: Making, body: str, create: Callable[[], int], *, files: bool) -> int:
        """The number of the case's ticket, which is made unless an earlier call has made it.

        An error may come after the commit, so what the answer says is no proof of either.
        """
        if self.known.making:
            begun = self.known.making
            settled(self.context, begun.at, lambda now: self._put(replace(begun, at=now)))
            number = self._found(begun, body)
            if number:
                return number
        self._put(making)
        try:
            number = create() or self._found(making, body, certain=True)
        except Failure as failure:
            number = self._found(making, body)
            if not number:
                if not failure.uncertain:
                    self._put(None)
                if files and may_be_of_files(failure):
                    raise FilesRefused(failure) from None
                raise
            log.warning("ticket %s is made although the call failed: %s", number, failure)
        if not number:
            raise TryLater(_VANISHED, "ticket_all.edit", Phrase("said.no_ticket"), uncertain=True)
        return number

    def _put(self, making: Making | None) -> None:
        self.known = replace(self.known, making=making)
        self.cases.put(self.known)

    def _found(self, making: Making, body: str, *, certain: bool = False) -> int:
        """The ticket that a call has made, 0 for none: with this text, or the newest whose first message is by this
        employee and holds this text, to which the panel may add words. ``certain``: there must be one.
        """
        context = self.context
        by_author = 0
        for number in context.reader.tickets_after(making.mark, making.account):
            if context.links.ticket(number).has_case:
                continue
            intent = MessageLink(
                0, number, "message", "in", "intent", author=str(making.author), digest=making.digest, staff=True
            )
            if found_written(context, intent, body, certain=False) is not None:
                return number
            for first in context.reader.messages_after(number, 0)[:1]:
                same = certain or texts.normal(body) in texts.normal(first.text)
                by_author = number if same and first.author.user == making.author else by_author
        return by_author

    def _department(self, case: Case, client: Person) -> int:
        """Where the ticket belongs: the department of the case's group, else that of the setting, else the first that
        is synchronised, else any."""
        context = self.context
        routes = context.routes.current()
        project = context.reader.project_of_account(client.account) if routes.by_project else 0
        of_group = routes.departments_of(case.group_id, project)
        if of_group:
            return of_group[0]
        named = context.reader.departments_named(context.settings.new_ticket_department)
        if named:
            return named[0]
        covered = [one for one in context.reader.departments() if one in context.departments or not context.departments]
        return covered[0] if covered else 0

    def _link(self, number: int, case: Case, first: Message, client: Person, author: Person) -> None:
        """Both are linked, with their first message; what else the case holds is read then."""
        context, links = self.context, self.context.links
        ticket = context.reader.ticket(number)
        messages = context.reader.messages_after(number, 0)
        mine = next((one for one in messages if one.author.user == author.user), None) or next(iter(messages), None)
        if ticket is None or mine is None:
            raise TryLater(_VANISHED, "ticket_all.edit", Phrase("said.ticket_not_there", number=number), uncertain=True)
        with context.db.transaction():
            links.ensure_ticket(number)
            links.case_adopted(
                number, case, ticket_status=ticket.status, client=client.user, account=client.account, joined_at=0.0,
                read_at=0.0, unread=True,
            )  # fmt: skip
            links.case_made_as(number, "open" if ticket.status == "open" else "waiting")  # the case's decides
            links.add_done(
                MessageLink(0, number, "message", "in", "done", mine.id, case.case_id, first.message_id,
                            author=str(author.user), digest=texts.digest(mine.text), staff=True,
                            source=edits.fingerprint(first, urls.host(context.settings.url)),
                            attached=edits.files(first))
            )  # fmt: skip
            self.cases.remove(case.case_id)
            context.state.put(_COUNTED, [*made_lately(context, _COUNTED), context.clock()])
        tally.found(context, IN)
        clients.remember(context, client, case.user_id, None)
        context.state.take_unlinked(case.case_id, case.case_number)
        context.queue.make_due(number, "started", look_messages=True)
        log.info("case %s: ticket %s was created for %s", case.case_number, number, client.label)

    # No ticket

    def _left(self, no: _NoTicket) -> None:
        if no.why:
            self.known = replace(self.known, state="noting", why=no.why, tries=0, due_at=0.0)
            self.cases.put(self.known)
        else:
            self.cases.leave(self.known.case_id)
        log.info("case %s gets no ticket%s", self.known.case_id, f" ({no.why})" if no.why else "")

    def _note(self, case: Case, rows: list[Message]) -> None:
        """Say in the case why there is no ticket, once: a run that died may have written it."""
        context = self.context
        why = Phrase(f"notice.{self.known.why}", what="ticket_all.edit")
        said = Phrase("notice.no_ticket", why=why, fix=Phrase("notice.fix_start"))
        body = compose.notice_to_omnidesk(context.settings, said)
        staff = context.account.staff_by_email(context.settings.email)
        if staff is None:
            raise Refused("no_staff", context.settings.email)
        there = any(one.note and identity.is_ours(identity.sent(body), one.content, one.content_html) for one in rows)
        if not there and not why_gone(case):
            context.client.add_note(case.case_id, {**body.fields(), "staff_id": staff.staff_id})
        self.cases.leave(case.case_id)
        log.warning("case %s: %s", case.case_number, full(said))
