"""Calls whose outcome is not known: what is looked at, what is concluded, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from omnidesk.billmanager.models import Person, Ticket, TicketMessage
from omnidesk.core.errors import Gone, TryLater
from omnidesk.core.phrase import plain
from omnidesk.core.text import digest
from omnidesk.helpdesk.models import Case, Message
from omnidesk.helpdesk.paging import Page
from omnidesk.store.models import MessageLink, OwnMessage, TicketLink, UserLink
from omnidesk.sync import actions as do
from omnidesk.sync import recovery
from omnidesk.sync.observations import CaseLost
from omnidesk.sync.recovery import Recovery

NOW = 1_000_000.0
DAY = 86400.0
CLIENT = Person(5, "ivan", level=16)
CASE, USER, STAFF = 900001, 56, 330
TEXT = "Сайт не открывается"


def case(id: int, created: float = NOW, **more: Any) -> Case:
    fields = {"case_number": f"n-{id}", "subject": "s", "user_id": USER, "staff_id": 0, "status": "open",
              "channel": "web", "deleted": False, "spam": False, "parent_case_id": 0, "created_at": created,
              "updated_at": created, "last_response_at": 0.0}  # fmt: skip
    return Case(id, **{**fields, **more})


def said(
    id: int, text: str = TEXT, at: float = NOW - 50, *, user: int = USER, staff: int = 0, note: bool = False
) -> Message:
    return Message(id, user, staff, text, "", note, False, at)


def page(*rows: Any, total: int | None = None) -> Page[Any]:
    ids = [str(getattr(row, "case_id", 0) or row.message_id) for row in rows]
    return Page(rows, ids, len(rows) if total is None else total)


class Desk:
    """The context of a recovery: what both sides and the links hold, and in ``calls`` what was asked and written."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.row = TicketLink(
            17, CASE, client_user=5, intent_at=NOW - 100, intent_message=9, intent_digest=digest(TEXT)
        )
        self.case_pages: list[Page[Case]] = [page()]
        self.threads: dict[int, list[Page[Message]]] = {}
        self.tickets: dict[int, list[int]] = {}  # of a case
        self.linked: set[int] = set()  # cases that messages were linked in
        self.known: dict[int, int] = {}  # the ticket of a message of Omnidesk
        self.row_links = {("message", 9): MessageLink(1, 17, "message", "out", "intent", 9)}
        self.states: dict[tuple[int, str], list[MessageLink]] = {}  # a ticket's links of a state
        self.user: UserLink | None = None
        self.message: TicketMessage | None = TicketMessage(9, 17, CLIENT, TEXT, NOW - 100)
        self.person: Person | None = None
        self.written: Any = None
        self.elsewhere: list[TicketMessage] = []  # messages of the client's other tickets
        self.context: Any = SimpleNamespace(
            clock=lambda: NOW,
            daily=SimpleNamespace(count=lambda direction, delay: None),
            settings=SimpleNamespace(settle_seconds=10, channel="chan", language="en"),
            channels=("chan",),
            client=SimpleNamespace(now=NOW, cases_of_user=self._cases, messages=self._messages),
            reader=SimpleNamespace(message=lambda id: self.message if id == 9 else None,
                                   person=lambda id: self.person if id == 5 else None,
                                   elsewhere_after=lambda ticket, mark: self.elsewhere if ticket == 17 else []),
            links=SimpleNamespace(
                ticket=lambda id: self.row if id == 17 else None,
                message=lambda kind, id: self.row_links.get((kind, id)),
                messages=lambda ticket, states: self.states.get((ticket, *states), []),
                tickets_of_case=lambda id: self.tickets.get(id, []),
                was_linked=lambda id: id in self.linked,
                cases_in_doubt=lambda client: [],
                user=lambda id: self.user if id == 5 else None,
                known_external=self._known,
                **{name: self._noted(name) for name in
                   ("add_done", "case_in_doubt", "case_not_made", "message_found", "message_still_in_doubt",
                    "message_missing", "forget_intent", "message_done", "message_delivered", "client_wrote",
                    "case_made_as")},
            ),
        )  # fmt: skip

    def _noted(self, name: str) -> Any:
        return lambda *given, **more: self.calls.append((name, *given, *([more] if more else [])))

    def _cases(self, channel: str, user: str, since: float, key: float, number: int) -> Page[Case]:
        self.calls.append(("cases", channel, user, since, key, number))
        return self.case_pages.pop(0)

    def _messages(self, id: int, number: int) -> Page[Message]:
        self.calls.append(("messages", id, number))
        if id not in self.threads:
            raise Gone("omnidesk_gone", "case", "404")
        return self.threads[id][number - 1]

    def _known(self, ids: list[int], ticket: int = 0) -> set[int]:
        return {id for id in ids if id in self.known and ticket in (0, self.known[id])}

    def recovery(self, client: Person | None = CLIENT) -> Recovery:
        ticket = Ticket(17, "s", 3, "open", client)
        return Recovery(self.context, ticket, lambda *given: self.calls.append(("linked", *given)))

    def look_for_case(self, client: Person | None = CLIENT) -> list[tuple[Any, ...]]:
        self.recovery(client).case(do.LookForCase(plain("why")))
        return self.calls

    def look_for(self, link: MessageLink) -> list[tuple[Any, ...]]:
        self.recovery().message(do.LookForMessage(plain("why"), link))
        return self.calls


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()

    def noted(name: str) -> Any:
        def note(context: Any, *given: Any) -> None:
            assert context is made.context
            made.calls.append((name, *given))

        return note

    for name in ("nothing_found", "record", "forget"):
        monkeypatch.setattr(recovery, name, noted(name))

    def found_written(context: Any, link: MessageLink, body: str, *, certain: bool) -> Any:
        assert (context, link.ticket, body, certain) == (made.context, 17, "", False)
        return made.written

    monkeypatch.setattr(recovery, "found_written", found_written)
    return made


# Settling


@pytest.mark.parametrize(
    ("begun", "seconds"), [(NOW, "10.0"), (NOW - 4.74, "5.3"), (NOW - 9.5, "0.5"), (NOW - 0.04, "10.0")]
)
def test_nothing_is_concluded_before_a_call_has_settled(desk: Desk, begun: float, seconds: str) -> None:
    desk.row = replace(desk.row, intent_at=begun)
    with pytest.raises(TryLater) as caught:
        desk.look_for_case()
    assert (caught.value.type, caught.value.params["seconds"], desk.calls) == ("settling", seconds, [])
    with pytest.raises(TryLater) as caught:
        desk.look_for(replace(CLIENTS, intent_at=begun))
    assert (caught.value.type, caught.value.params["seconds"], desk.calls) == ("settling", seconds, [])


def test_it_settles_anew_after_the_clock_was_set_back(desk: Desk) -> None:
    desk.row = replace(desk.row, intent_at=NOW + 500)
    with pytest.raises(TryLater) as caught:
        desk.look_for_case()
    assert (caught.value.params["seconds"], desk.calls) == ("10.0", [("case_in_doubt", 17, NOW)])
    desk.calls.clear()
    with pytest.raises(TryLater) as caught:
        desk.look_for(replace(CLIENTS, intent_at=NOW + 500))
    assert (caught.value.params["seconds"], desk.calls) == ("10.0", [("message_still_in_doubt", 4, NOW)])


def test_the_look_begins_when_the_time_is_over(desk: Desk) -> None:
    desk.row = replace(desk.row, intent_at=NOW - 10)
    assert desk.look_for_case()[0][0] == "cases"


# A case


SINCE = NOW - 100 - DAY
ASKED = ("cases", "chan", "5", SINCE, 0.0, 1)


def test_a_case_that_was_not_made_is_made_again(desk: Desk) -> None:
    assert desk.look_for_case() == [ASKED, ("case_not_made", 17), ("nothing_found", desk.row_links["message", 9])]


def test_a_message_that_is_gone_is_not_sent_again(desk: Desk) -> None:
    del desk.row_links["message", 9]
    assert desk.look_for_case() == [ASKED, ("case_not_made", 17)]


def test_a_case_with_our_message_is_adopted(desk: Desk) -> None:
    desk.case_pages = [page(case(CASE))]
    desk.threads[CASE] = [page(said(20))]
    made = MessageLink(0, 17, "message", "out", "done", 9, author="client", digest=digest(TEXT))
    assert desk.look_for_case() == [ASKED, ("messages", CASE, 1), ("linked", case(CASE), made, CLIENT, {})]


@pytest.mark.parametrize("status", ["open", "waiting", "closed"])
def test_an_adopted_case_is_compared_with_the_status_it_was_made_with(desk: Desk, status: str) -> None:
    """Not with the one that it or its ticket has by now: people may have decided on either side."""
    desk.case_pages, desk.row = [page(case(CASE))], replace(desk.row, status_begun=status, group_begun=7)
    desk.threads[CASE] = [page(said(20))]
    assert desk.look_for_case()[-1] == ("case_made_as", 17, status, 7)


@pytest.mark.parametrize(("known", "client"), [(CLIENT, CLIENT), (None, Person(5, known=False))])
def test_a_case_of_a_client_who_was_deleted_meanwhile(desk: Desk, known: Person | None, client: Person) -> None:
    desk.case_pages, desk.person = [page(case(CASE))], known
    desk.threads[CASE] = [page(said(20))]
    assert desk.look_for_case(client=None)[-1][3] == client


def test_other_cases_of_the_client_are_passed_over(desk: Desk) -> None:
    """Lost ones, those of tickets, former ones, and those that begin with another text or with none."""
    desk.case_pages = [page(*(case(id, NOW - id, deleted=id == 1, spam=id == 2) for id in range(1, 9)))]
    desk.tickets, desk.linked = {3: [18]}, {4}
    desk.threads = {id: [page(said(20))] for id in (1, 2, 3, 4, 7, 8)}
    desk.threads[5] = [page(said(20, "Другое"), said(21))]
    desk.threads[6] = [page(said(20, note=True), said(21, user=0, staff=STAFF))]
    assert desk.look_for_case()[-1][1] == case(7, NOW - 7)
    assert [call[1] for call in desk.calls if call[0] == "messages"] == [5, 6, 7]


def test_the_first_message_of_a_case_is_the_clients_oldest(desk: Desk) -> None:
    desk.case_pages = [page(case(CASE))]
    thread = [said(30, "Позже"), said(20), said(10, note=True), said(11, user=0, staff=STAFF)]
    desk.threads[CASE] = [page(*thread[:2], total=4), page(*thread[2:], total=4)]
    desk.known = {30: 1, 20: 17}  # what is known ends the reading for a message only
    assert desk.look_for_case()[-1][0] == "linked"
    assert [call for call in desk.calls if call[0] == "messages"] == [("messages", CASE, 1), ("messages", CASE, 2)]


def test_every_case_of_the_time_is_looked_at(desk: Desk) -> None:
    """By the key of the list, so that a case that changes meanwhile hides no other."""
    desk.case_pages = [page(case(1, NOW - 5), case(2, NOW - 6), total=3), page(case(3, NOW - 7))]
    desk.threads = {1: [page(said(20, "x"))], 2: [page(said(20, "x"))], 3: [page(said(20))]}
    assert desk.look_for_case()[-1][1] == case(3, NOW - 7)
    asked = [call for call in desk.calls if call[0] == "cases"]
    assert asked == [ASKED, ("cases", "chan", "5", SINCE, NOW - 6, 1)]


@pytest.mark.parametrize(("posted", "again"), [(NOW - 100 - 901, True), (NOW - 100 - 900, False)])
def test_a_case_with_an_old_date_is_looked_for_at_that_date(desk: Desk, posted: float, again: bool) -> None:
    desk.case_pages = [page(), page()]
    desk.message = TicketMessage(9, 17, CLIENT, TEXT, posted)
    asked = [call for call in desk.look_for_case() if call[0] == "cases"]
    assert asked == [ASKED, *([("cases", "chan", "5", posted - DAY, posted + DAY, 1)] if again else [])]


def test_a_message_that_is_gone_has_no_date(desk: Desk) -> None:
    desk.message = None
    assert len([call for call in desk.look_for_case() if call[0] == "cases"]) == 1


@pytest.mark.parametrize(("custom", "asked"), [("", "5"), ("5-2", "5-2")])
def test_the_client_is_asked_for_by_the_name_omnidesk_knows_him_by(desk: Desk, custom: str, asked: str) -> None:
    desk.user = UserLink(5, USER, custom_id=custom)
    assert desk.look_for_case()[0][2] == asked


# A message in a case

CLIENTS = MessageLink(4, 17, "message", "out", "intent", 9, CASE, author=f"client:{USER}", digest=digest(TEXT),
                      intent_at=NOW - 100)  # fmt: skip
STAFFS = replace(CLIENTS, author=f"staff:{STAFF}", staff=True)
NOTE = replace(STAFFS, kind="note")
READ = ("messages", CASE, 1)


def adopted(
    message: int, at: float = NOW - 50, *, staff: int = 0, stamp: float = NOW - 50, span: float = 0.0
) -> tuple[Any, ...]:
    return ("message_found", 17, at, OwnMessage(message, at, staff, span), stamp)


def test_a_clients_message_that_arrived_is_adopted(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(21), said(20, "Другое"))]
    assert desk.look_for(CLIENTS) == [
        READ,
        adopted(21),
        ("client_wrote", 17, NOW - 50, 9, 21),
        ("message_done", 4, 21),
    ]


def test_more_files_of_a_clients_message_are_that_message(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(21))]
    assert desk.look_for(replace(CLIENTS, ticket_message=0, part_of=8))[2] == ("client_wrote", 17, NOW - 50, 8, 21)


@pytest.mark.parametrize("link", [STAFFS, NOTE])
def test_what_an_employee_sent_is_no_word_of_the_client(desk: Desk, link: MessageLink) -> None:
    desk.threads[CASE] = [page(said(21, user=0, staff=STAFF, note=link.kind == "note"))]
    assert desk.look_for(link) == [READ, adopted(21, staff=STAFF), ("message_done", 4, 21)]


def test_a_note_that_nobody_of_staff_signed_is_no_word_of_the_client(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(21, note=True))]
    found = ("message_found", 17, NOW - 50, None, NOW - 50)
    assert desk.look_for(replace(CLIENTS, kind="note")) == [READ, found, ("message_done", 4, 21)]


def test_a_date_of_the_future_is_not_believed(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(21, at=NOW + 5))]
    found = adopted(21, NOW, stamp=NOW + 5)
    assert desk.look_for(CLIENTS)[1:3] == [found, ("client_wrote", 17, NOW, 9, 21)]


@pytest.mark.parametrize("ago", [161, 900, 10**7])
def test_an_old_date_that_we_gave_does_not_say_when_it_was_written(desk: Desk, ago: float) -> None:
    """It came within a minute of the call, and moved the case then; the case was not ended after its date."""
    desk.threads[CASE] = [page(said(21, at=NOW - ago))]
    found = adopted(21, NOW - 100, stamp=NOW - ago, span=60.0)
    assert desk.look_for(CLIENTS)[1:3] == [found, ("client_wrote", 17, NOW - 100, 9, 21)]


def test_the_oldest_that_fits_and_that_nobody_has_is_taken(desk: Desk) -> None:
    """Younger than all that is known of this ticket; what other tickets of the case have says nothing else."""
    desk.threads[CASE] = [page(said(25), said(24), said(23), said(22), said(21))]
    desk.known = {22: 17, 24: 18}
    assert desk.look_for(CLIENTS)[-1] == ("message_done", 4, 23)
    desk.known = {22: 17, 23: 18, 24: 18}
    assert desk.look_for(CLIENTS)[-1] == ("message_done", 4, 25)


def test_reading_ends_with_a_message_that_is_known_of_this_ticket(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(25, "x"), said(24, "x"), total=6), page(said(23, "x"), said(22, "x"), total=6)]
    desk.known = {25: 18, 22: 17}
    assert desk.look_for(CLIENTS) == [READ, ("messages", CASE, 2), ("nothing_found", CLIENTS)]


def test_a_message_that_did_not_arrive_is_sent_again(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(21, "Другое"))]
    assert desk.look_for(CLIENTS) == [READ, ("nothing_found", CLIENTS)]


@pytest.mark.parametrize("link", [replace(CLIENTS, part_of=8, tries=2), replace(NOTE, source="n:1", tries=2)])
def test_parts_and_notices_count_their_tries_themselves(desk: Desk, link: MessageLink) -> None:
    desk.threads[CASE] = [page(said(21, "Другое"))]
    assert desk.look_for(link) == [READ, ("forget_intent", 4), ("message_missing", 4, 3)]


@pytest.mark.parametrize(("now", "lost"), [(CASE, [("record", 17, [CaseLost("deleted", str(CASE))])]), (CASE + 1, [])])
def test_a_case_that_is_gone_has_not_got_it(desk: Desk, now: int, lost: list[Any]) -> None:
    """A case that the ticket no longer has is not its loss."""
    desk.row = replace(desk.row, case_id=now)
    assert desk.look_for(CLIENTS) == [READ, *lost, ("forget_intent", 4)]


def test_what_was_moved_to_another_ticket_meanwhile_is_sent_there(desk: Desk) -> None:
    """The link of a moved message loses its number."""
    desk.threads[CASE] = [page(said(21, "Другое"))]
    assert desk.look_for(replace(CLIENTS, ticket_message=0)) == [READ, ("forget_intent", 4)]
    desk.calls.clear()
    desk.threads[CASE] = [page(said(21))]
    wrote = [one for one in desk.look_for(replace(CLIENTS, ticket_message=0)) if one[0] == "client_wrote"]
    assert wrote == [], "what is asked there is asked in the other ticket"


OPENER = MessageLink(3, 17, "message", "out", "done", 8, CASE)


@pytest.mark.parametrize(("done", "taken"), [
    ([OPENER], 22),
    ([replace(OPENER, external_message=20)], 21),
    ([replace(OPENER, case_id=CASE + 1)], 21),
    ([replace(OPENER, external_message=20), OPENER], 22),
    ([], 21),
])  # fmt: skip
def test_the_message_the_case_began_with_is_not_taken_for_the_next(
    desk: Desk, done: list[MessageLink], taken: int
) -> None:
    """Its id was not told, and its text can be the same."""
    desk.threads[CASE] = [page(said(22), said(21), said(20, note=True), said(19, user=0, staff=STAFF))]
    desk.states[17, "done"] = done
    assert desk.look_for(CLIENTS)[-1] == ("message_done", 4, taken)


def test_the_beginning_of_a_case_was_not_read_when_reading_ended_before(desk: Desk) -> None:
    desk.threads[CASE] = [page(said(22), said(21, user=0, staff=STAFF), total=9)]
    desk.known, desk.states[17, "done"] = {21: 17}, [OPENER]
    assert desk.look_for(CLIENTS)[-1] == ("message_done", 4, 22)


def test_a_case_without_a_message_of_the_client_began_with_none(desk: Desk) -> None:
    desk.threads[CASE], desk.states[17, "done"] = [page(said(21, user=0, staff=STAFF))], [OPENER]
    assert desk.look_for(STAFFS)[-1] == ("message_done", 4, 21)


# A message in a ticket


@pytest.mark.parametrize(("link", "wrote"), [
    (replace(STAFFS, direction="in", external_message=20), []),
    (replace(NOTE, direction="in", external_message=20, staff=False), []),
    (replace(CLIENTS, direction="in", external_message=20), [("client_wrote", 17, 0.0, 31)]),
])  # fmt: skip
def test_what_was_written_into_the_ticket_is_adopted(desk: Desk, link: MessageLink, wrote: list[Any]) -> None:
    desk.written = TicketMessage(31, 17, CLIENT, TEXT, NOW)
    assert desk.look_for(link) == [("message_delivered", 4, link.kind, 31), *wrote, ("forget", 17, 20)]


MOVED = replace(STAFFS, direction="in", external_message=20, author="5", digest=digest(TEXT))


def test_what_a_split_moved_to_another_ticket_is_adopted(desk: Desk) -> None:
    desk.elsewhere = [TicketMessage(31, 18, CLIENT, TEXT, NOW)]
    assert desk.look_for(MOVED) == [("message_delivered", 4, "message", 31), ("forget", 17, 20)]


def test_what_that_ticket_has_sent_as_its_own_is_left_to_it(desk: Desk) -> None:
    desk.elsewhere = [TicketMessage(31, 18, CLIENT, TEXT, NOW)]
    desk.row_links["message", 31] = MessageLink(8, 18, "message", "out", "done", 31)
    assert desk.look_for(MOVED) == [("add_done", replace(MOVED, state="skipped"))]


def test_none_of_these_is_taken_for_it(desk: Desk) -> None:
    """Another author, another text; what was delivered there; what a ticket writes that looks for the same text."""
    of_other = Person(6, "olga", level=16)
    desk.elsewhere = [TicketMessage(31, 18, of_other, TEXT, NOW), TicketMessage(32, 18, CLIENT, "другое", NOW),
                      TicketMessage(33, 18, CLIENT, TEXT, NOW), TicketMessage(34, 19, CLIENT, TEXT, NOW)]  # fmt: skip
    desk.row_links["message", 33] = MessageLink(8, 18, "message", "in", "done", 33)
    desk.states[19, "intent"] = [replace(MOVED, id=9, ticket=19)]
    assert desk.look_for(MOVED) == [("nothing_found", MOVED)]


def test_a_note_is_not_moved(desk: Desk) -> None:
    desk.elsewhere = [TicketMessage(31, 18, CLIENT, TEXT, NOW)]
    note = replace(NOTE, direction="in", external_message=20, author="5", digest=digest(TEXT), staff=False)
    assert ("message_delivered", 4, "note", 31) not in desk.look_for(note)


def test_what_is_not_in_the_ticket_is_written_again(desk: Desk) -> None:
    link = replace(STAFFS, direction="in", external_message=20)
    assert desk.look_for(link) == [("nothing_found", link)]


def test_what_is_not_in_the_ticket_and_whose_case_went_is_forgotten(desk: Desk) -> None:
    link = replace(STAFFS, direction="in", external_message=20)
    gone = desk.row
    for desk.row in (replace(gone, case_gone="spam"), replace(gone, case_id=CASE + 1)):
        desk.calls.clear()
        assert desk.look_for(link) == [("forget_intent", 4)]
