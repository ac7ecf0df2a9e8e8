"""What a plan is made of, action by action and in order; the reasons that the actions give are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from omnidesk.billmanager.models import Person, Ticket, TicketMessage, TicketNote
from omnidesk.core.phrase import plain
from omnidesk.core.text import digest
from omnidesk.helpdesk.models import Attachment, Message
from omnidesk.routing.routes import Place
from omnidesk.store.blocked_clients import BlockedClient
from omnidesk.store.models import MessageLink, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.assignee import Holder, Holders
from omnidesk.sync.plan import plan
from omnidesk.sync.view import Policy, Stray, UserData, View

ANY = plain("")

CLIENT, ANNA = Person(5, "ivan", level=16), Person(7, "anna", level=29)
CASE, USER, STAFF = 900001, 56, 330
POLICY = Policy(levels={1: "low", 2: "low", 5: "high"})
QUIET = {"ticket_status": "open", "case_status": "open", "seen_status": "open", "seen_at": 90.0}


def ticket(status: str = "open", client: Person | None = CLIENT) -> Ticket:
    return Ticket(17, "s", 3, status, client)


def linked(**more: Any) -> TicketLink:
    return TicketLink(17, CASE, "290-320788", USER, 5, **{**QUIET, **more})


def agreed(ticket: str, case: str, **more: Any) -> TicketLink:
    return linked(ticket_status=ticket, case_status=case, **{"seen_status": case, **more})


def message(id: int, at: float = 100.0, author: Person = CLIENT) -> TicketMessage:
    return TicketMessage(id, 17, author, "text", at)


def note(id: int, at: float = 100.0) -> TicketNote:
    return TicketNote(id, 17, ANNA, "text", at)


def reply(id: int, at: float = 100.0, *, by: str = "staff", **more: Any) -> Message:
    user, staff = {"staff": (0, STAFF), "client": (USER, 0), "both": (USER, STAFF), "nobody": (0, 0)}[by]
    return Message(id, user, staff, **{"content": "text", "content_html": "", "note": False, "sent_via_rule": False,
                                       "created_at": at, **more})  # fmt: skip


def sent(id: int, **more: Any) -> MessageLink:
    return MessageLink(id, 17, "message", "out", "done", id, **{"case_id": CASE, **more})


def notice(place: str, mark: str = "n:1", case_id: int = 0) -> do.Notify:
    return do.Notify(ANY, place, mark, plain("about"), plain("text"), case_id=case_id)


def actions(view: View, policy: Policy = POLICY) -> list[do.Action]:
    return [replace(one, why=ANY) for one in plan(view, policy)]


def given(link: TicketLink | None = None, status: str = "open", **more: Any) -> list[do.Action]:
    """The plan for a linked ticket."""
    policy = more.pop("policy", POLICY)
    return actions(View(ticket(status), linked() if link is None else link, **more), policy)


# Doubts, and a ticket that is gone


def test_doubts_come_alone_and_the_case_first() -> None:
    links = (sent(1), sent(2))
    view = View(ticket(), linked(intent_at=5.0), messages=(message(9),), intents=links)
    looks = [do.LookForMessage(ANY, link) for link in links]
    assert actions(view) == [do.LookForCase(ANY), *looks]
    assert actions(replace(view, link=linked())) == looks
    assert actions(replace(view, ticket=None, link=linked())) == looks


def test_what_lies_in_cases_of_a_ticket_that_is_gone() -> None:
    told = notice("case", case_id=7)
    strays = (Stray(7, ANY, (3, 4), told), Stray(8, ANY, (), former=True), Stray(9, ANY))
    expected = [told, do.LeaveStray(ANY, 7, (3, 4)), do.LeaveStray(ANY, 8, ())]
    assert actions(View(None, linked(), messages=(message(9),), strays=strays)) == expected
    assert given(strays=strays) == expected


# A ticket without a case


@pytest.mark.parametrize("status", ["open", "waiting", "closed"])
def test_a_case_takes_the_state_of_a_ticket_with_one_message_of_its_client(status: str) -> None:
    alone = View(ticket(status), TicketLink(17), messages=(message(9),))
    assert actions(alone) == [do.CreateCase(ANY, message(9), status)]
    assert actions(replace(alone, messages=(message(9), message(10)))) == [do.CreateCase(ANY, message(9), "open")]
    staff = message(9, author=ANNA)
    assert actions(replace(alone, messages=(staff,))) == [do.CreateCase(ANY, staff, "open")]


def test_no_case_is_made_without_something_to_say() -> None:
    assert actions(View(ticket(), TicketLink(17), notes=(note(3),))) == []


def test_no_case_is_made_outside_the_departments_unless_there_was_one() -> None:
    view, elsewhere = View(ticket(), TicketLink(17), messages=(message(9),)), Policy(covers=False)
    assert actions(view, elsewhere) == []
    view = replace(view, link=linked(case_gone="trash"))
    assert actions(view, elsewhere) == [do.CreateCase(ANY, message(9), "open")]


def test_no_case_is_made_for_a_client_who_is_gone_unless_omnidesk_knows_him() -> None:
    view = View(ticket(client=None), TicketLink(17), messages=(message(9),))
    assert actions(view) == []
    assert actions(replace(view, link=TicketLink(17, external_user=USER))) == [do.CreateCase(ANY, message(9), "open")]


@pytest.mark.parametrize(("link", "history", "newest", "made"), [
    ({}, 9, None, True),
    ({}, 10, None, False),
    ({}, 9, message(8, 1e6), False),
    ({}, 9, message(10, 1e6), True),
    ({"wait_since": 1e6 + 7199}, 10, None, True),
    ({"wait_since": 1e6 - 7199}, 10, None, True),
    ({"wait_since": 1e6 + 7200}, 10, None, False),
    ({"wait_since": 1e6 - 7200}, 10, None, False),
    ({"wait_since": 2e6}, 10, message(11, 2e6), True),
    ({"history": True}, 10, None, True),
    ({"case_id": CASE, "case_gone": "trash"}, 10, None, True),
])  # fmt: skip
def test_an_old_ticket_gets_a_case_when_somebody_has_written(
    link: dict[str, Any], history: int, newest: TicketMessage | None, made: bool
) -> None:
    """After the module came, or at the time of the event that reported it."""
    old = (message(9, 1e6), message(10, 1e6))
    view = View(ticket(), TicketLink(17, **link), messages=old, newest=newest)
    assert actions(view, Policy(history=history)) == ([do.CreateCase(ANY, old[0], "open")] if made else [])


def test_a_message_that_was_moved_into_an_old_ticket_makes_its_case() -> None:
    """It was written in another ticket, which may have been synchronised."""
    moved = (replace(message(9, 1e6), moved_from=16), message(10, 1e6))
    made = [do.CreateCase(ANY, moved[0], "open")]
    assert actions(View(ticket(), TicketLink(17), messages=moved), Policy(history=10)) == made


def test_a_case_is_made_where_its_ticket_is() -> None:
    place = Place(department=3)
    view = View(ticket(), TicketLink(17), messages=(message(9),), place=place)
    assert actions(view) == [do.CreateCase(ANY, message(9), "open", place)]


def test_what_is_lost_for_want_of_a_case_is_told() -> None:
    stray, told = Stray(8, ANY, (5,)), notice("ticket")
    view = View(ticket(), TicketLink(17), strays=(stray,), notices=(told,))
    assert actions(view) == [do.LeaveStray(ANY, 8, (5,)), told]
    assert actions(replace(view, messages=(message(9),))) == [do.CreateCase(ANY, message(9), "open")]


def test_a_blocked_client_gets_no_further_case() -> None:
    blocked, stray, told = BlockedClient(5, USER, "found", 90.0, 90.0), Stray(8, ANY, (5,)), notice("ticket")
    view = View(ticket(), TicketLink(17), messages=(message(9),), strays=(stray,), notices=(told,), blocked=blocked)
    assert actions(view) == [do.LeaveStray(ANY, 8, (5,)), told, do.LookForUnblocking(ANY, blocked)]
    assert actions(replace(view, messages=())) == [do.LeaveStray(ANY, 8, (5,)), told]


# A ticket with a case


def test_nothing_is_done_where_nothing_is_to_do() -> None:
    assert given() == []


def test_the_order_of_everything() -> None:
    """The case is opened before a message goes in; what has only to be remembered comes behind; a look comes last."""
    opener, part, told = sent(1, digest=digest("first")), sent(2), notice("ticket")
    rated = sent(3, staff=True, external_message=33)
    found = given(
        agreed("waiting", "closed"), messages=(message(9),), parts=(part,), openers=(opener,), notices=(told,),
        replies=(reply(20, by="client", content="first"), reply(21, 101.0)), ratings=((rated, 5),),
        user=UserData(5, USER, "Ivan", {}, "new", "old"), strays=(Stray(8, ANY, (5,)),), read_up_to=95.0,
        read_covers=94.0, case_fields={"cf_1": "x"}, case_fields_digest="d",
    )  # fmt: skip
    assert found == [
        do.Learn(ANY, opener, 20),
        do.UpdateCase(ANY, "open", {}, "", "open"),
        do.SendPart(ANY, part),
        do.SendMessage(ANY, message(9)),
        do.DeliverReply(ANY, reply(21, 101.0), False, opens=True),
        do.UpdateCase(ANY, "", {"cf_1": "x"}, "d"),
        do.Agree(ANY, "open", "open"),
        do.UpdateUser(ANY, 5, USER, "Ivan", {}, "new"),
        do.Rate(ANY, rated, 5, "high"),
        do.LeaveStray(ANY, 8, (5,)),
        told,
        do.MarkRead(ANY, 95.0, 94.0),
    ]


def test_a_look_holds_up_statuses_only_and_comes_last() -> None:
    """The ticket was answered, its case is to follow, and may have changed meanwhile."""
    found = given(
        status="waiting", messages=(message(9, author=ANNA),), case_is_fresh=False, read_up_to=95.0,
        case_fields={"cf_1": "x"}, case_fields_digest="d",
    )  # fmt: skip
    assert found == [do.SendMessage(ANY, message(9, author=ANNA)), do.MarkRead(ANY, 95.0), do.ReadCase(ANY)]


@pytest.mark.parametrize(("by", "author", "read"), [
    ("staff", CLIENT, True), ("client", CLIENT, False), ("staff", ANNA, False),
])  # fmt: skip
def test_a_case_is_read_before_a_clients_message_could_hide_that_staff_ended_it(
    by: str, author: Person, read: bool
) -> None:
    """With an answer that is not in the ticket yet; the message may open the case."""
    found = given(messages=(message(9, author=author),), replies=(reply(20, by=by),), case_is_fresh=False)
    assert (do.ReadCase(ANY) in found) is read
    assert not read or found[0] == do.ReadCase(ANY)


def test_a_case_is_not_opened_before_it_was_looked_at() -> None:
    assert given(agreed("waiting", "waiting"), case_is_fresh=False) == [do.ReadCase(ANY)]


def test_the_case_is_read_before_its_status_is_changed_and_not_otherwise() -> None:
    assert given(agreed("waiting", "waiting")) == [
        do.UpdateCase(ANY, "open", {}, "", "open"),
        do.Agree(ANY, "open", "open"),
    ]
    assert given(agreed("waiting", "waiting"), "waiting", case_is_fresh=False) == []


@pytest.mark.parametrize(("link", "more", "marked"), [
    ({"read_at": 94.0}, {}, True),
    ({"read_at": 95.0}, {}, False),
    ({"read_at": 96.0}, {}, False),
    ({"read_at": 95.0, "unread": True, "own_write_at": 94.0}, {}, True),
    ({"read_at": 95.0, "unread": True, "own_write_at": 93.0}, {}, True),
    ({"read_at": 95.0, "unread": True, "own_write_at": 94.5}, {}, False),
    ({"read_at": 95.0, "own_write_at": 93.0}, {}, False),
    ({"read_at": 95.0, "unread": True}, {"read_up_to": 0.0}, False),
])  # fmt: skip
def test_how_far_the_case_was_read_is_remembered(link: dict[str, Any], more: dict[str, Any], marked: bool) -> None:
    """Once, and again for the sake of a write of ours that hid something until then."""
    found = given(linked(**link), **{"read_up_to": 95.0, "read_covers": 94.0, **more})
    assert found == ([do.MarkRead(ANY, 95.0, 94.0)] if marked else [])


# Statuses


def test_the_case_is_closed_and_its_fields_are_set_in_one_call() -> None:
    fields: dict[str, Any] = {"case_fields": {"cf_1": "x"}, "case_fields_digest": "d"}
    assert given(status="closed", **fields) == [do.UpdateCase(ANY, "closed", {"cf_1": "x"}, "d", "closed"),
                                                do.Agree(ANY, "closed", "closed")]  # fmt: skip
    assert given(linked(fields_digest="d"), "closed", **fields) == [do.UpdateCase(ANY, "closed", {}, "", "closed"),
                                                                    do.Agree(ANY, "closed", "closed")]  # fmt: skip
    assert given(**fields) == [do.UpdateCase(ANY, "", {"cf_1": "x"}, "d")]
    taken = Holders((Holder(7, STAFF),), staff=0)
    (put,) = given(linked(agreed_staff=0), holders=taken, **fields)
    assert isinstance(put, do.UpdateCase) and put.assigned
    assert (put.fields, put.digest, put.assigned.staff) == ({"cf_1": "x"}, "d", STAFF)
    assert given(linked(fields_digest="d"), **fields) == []
    assert given(linked(fields_digest="d")) == []


def test_an_end_that_was_refused_is_tried_again_when_a_field_has_changed() -> None:
    """The ticket was archived; the case that waits takes no end until its required fields are filled."""
    refused = agreed("open", "open", refused_status="closed", refused_from="waiting")
    refused = replace(refused, seen_status="waiting")
    fields: dict[str, Any] = {"case_fields": {"cf_1": "x"}, "case_fields_digest": "d"}
    assert given(refused, "closed") == []
    (again, agree) = given(refused, "closed", **fields)
    assert again == do.UpdateCase(ANY, "closed", {"cf_1": "x"}, "d", "closed")
    assert agree == do.Agree(ANY, "closed", "closed")
    assert given(replace(refused, refused_status="waiting"), "closed")[0] == do.UpdateCase(
        ANY, "closed", follows="closed"
    )
    assert given(replace(refused, seen_status="closed"), "closed") == [do.Agree(ANY, "closed", "closed")]


def test_fields_alone_agree_on_no_status() -> None:
    """The case has the status already that the ticket's end demands."""
    link = agreed("open", "open", seen_status="waiting", own_messages=())
    found = given(link, "waiting", case_fields={"cf_1": "x"}, case_fields_digest="d")
    assert do.UpdateCase(ANY, "", {"cf_1": "x"}, "d") in found


def test_an_assignment_ends_with_the_last_thing_staff_say() -> None:
    said = (reply(20), reply(21, 101.0, note=True), reply(22, 102.0, message_type="assign"))
    assert given(linked(seen_status="waiting"), replies=said) == [
        do.DeliverReply(ANY, said[0], False),
        do.DeliverNote(ANY, said[1], True),
        do.Skip(ANY, 22),
        do.EndAssignment(ANY),
        do.Agree(ANY, "waiting", "waiting"),
    ]
    assert given(linked(seen_status="waiting"), replies=said[:1])[0] == do.DeliverReply(ANY, said[0], True)
    assert given(linked(), replies=said[:1]) == [do.DeliverReply(ANY, said[0], False, opens=True)]


def test_who_replies_opens_the_ticket() -> None:
    """A note does not."""
    link = agreed("waiting", "waiting", seen_status="open")
    assert given(link, "waiting", replies=(reply(20),)) == [
        do.DeliverReply(ANY, reply(20), False, opens=True),
        do.Agree(ANY, "open", "open"),
    ]
    assert given(link, "waiting", replies=(reply(20, note=True),)) == [
        do.DeliverNote(ANY, reply(20, note=True), False),
        do.Reopen(ANY),
        do.Agree(ANY, "open", "open"),
    ]
    assert given(link, "open") == [do.Agree(ANY, "open", "open")]


@pytest.mark.parametrize("is_note", [True, False])
def test_what_staff_write_takes_a_ticket_out_of_the_archive(is_note: bool) -> None:
    said = reply(20, note=is_note)
    found = given(agreed("closed", "closed"), "closed", replies=(said,))
    assert found == [
        (do.DeliverNote if is_note else do.DeliverReply)(ANY, said, True),
        do.Agree(ANY, "waiting", "closed"),
    ]
    assert given(agreed("waiting", "closed"), "waiting", replies=(said,)) == found[:1]
    assert given(agreed("closed", "closed"), "closed", replies=(reply(20, message_type="assign"),)) == [
        do.Skip(ANY, 20)
    ]


def test_an_agreement_is_recorded_where_it_settles_something() -> None:
    assert given(linked(own_end=7)) == [do.Agree(ANY, "open", "open")]
    assert given(linked(client_at=95.0)) == []
    assert given(agreed("waiting", "waiting", client_at=95.0), "waiting") == [do.Agree(ANY, "waiting", "waiting")]
    assert given(agreed("waiting", "waiting", own_end=7), "waiting") == []


# Messages and notes


def test_both_sides_are_merged_by_time_and_keep_their_own_order() -> None:
    """What was written later has the higher id, whatever the clock said."""
    found = given(
        messages=(message(1, 100.0), message(2, 50.0), message(3, 130.0)),
        notes=(note(4, 110.0), note(5, 60.0)),
        replies=(reply(20, 120.0), reply(21, 10.0), reply(22, 140.0)),
    )
    assert found == [
        do.SendMessage(ANY, message(1, 100.0)),
        do.SendMessage(ANY, message(2, 50.0)),
        do.SendNote(ANY, note(4, 110.0)),
        do.SendNote(ANY, note(5, 60.0)),
        do.DeliverReply(ANY, reply(20, 120.0), False, opens=True),
        do.DeliverReply(ANY, reply(21, 10.0), False, opens=True),
        do.SendMessage(ANY, message(3, 130.0)),
        do.DeliverReply(ANY, reply(22, 140.0), False, opens=True),
    ]


def test_what_was_written_at_the_same_moment() -> None:
    found = given(messages=(message(1),), notes=(note(2),), replies=(reply(20),))
    assert found == [
        do.SendMessage(ANY, message(1)),
        do.SendNote(ANY, note(2)),
        do.DeliverReply(ANY, reply(20), False, opens=True),
    ]


def test_notes_stay_where_they_are_when_they_are_not_synchronised() -> None:
    found = given(notes=(note(4),), replies=(reply(20, 101.0, note=True),), policy=Policy(sync_notes=False))
    assert found == [do.SkipOut(ANY, "note", 4), do.Skip(ANY, 20)]


def test_rows_that_no_person_wrote_go_over_as_notes_unless_that_is_off() -> None:
    assert given(system=(message(9),)) == [do.SendSystem(ANY, message(9))]
    found = given(system=(message(9),), policy=Policy(system_messages=False))
    assert found == [do.SkipOut(ANY, "system", 9)]


FILES = (Attachment("a.txt", "https://acme.omnidesk.ru/a.txt"),)


@pytest.mark.parametrize(("found", "kind"), [
    (reply(20), do.DeliverReply),
    (reply(20, by="both"), do.DeliverReply),
    (reply(20, by="nobody"), do.DeliverReply),
    (reply(20, by="client"), do.DeliverClientMessage),
    (reply(20, note=True), do.DeliverNote),
    (reply(20, by="client", note=True), do.DeliverNote),
    (reply(20, message_type="assign"), do.Skip),
    (reply(20, content=""), do.Skip),
    (reply(20, content="", note=True), do.Skip),
    (reply(20, content="", content_html="<p>text</p>"), do.DeliverReply),
    (reply(20, content="", attachments=FILES), do.DeliverReply),
])  # fmt: skip
def test_what_becomes_of_a_message_of_omnidesk(found: Message, kind: type[do.Action]) -> None:
    (action,) = given(replies=(found,))
    assert type(action) is kind
    assert getattr(action, "message_id", 20) == 20 and getattr(action, "reply", found) == found


def test_staff_learn_what_they_have_to() -> None:
    """A note in an archived ticket would take it out of the archive, and one needs a case that takes it."""
    here, there, former = notice("ticket"), notice("case"), notice("case", case_id=8)
    every = (here, there, former)
    assert given(notices=every) == [here, there, former]
    assert given(agreed("waiting", "waiting"), "waiting", notices=every) == [here, there, former]
    assert given(agreed("closed", "closed"), "closed", notices=every) == [there, former]
    assert given(TicketLink(17), notices=every) == [here, former]


# Our own messages, met in Omnidesk


def test_our_own_messages_are_recognised_by_their_texts() -> None:
    """Each once, and two of the same text one after the other."""
    one, two, three = sent(1, digest=digest("one")), sent(2, digest=digest("two")), sent(3, digest=digest("two"))
    replies = [reply(20 + id, by="client", content=text) for id, text in enumerate(("two", "one", "two", "two"))]
    found = given(openers=(one, two, three), replies=tuple(replies))
    assert found[:3] == [do.Learn(ANY, two, 20), do.Learn(ANY, one, 21), do.Learn(ANY, three, 22)]
    assert found[3] == do.DeliverClientMessage(ANY, replies[3])


def test_a_text_that_omnidesk_changed_is_the_oldest_of_ours_in_the_same_case() -> None:
    elsewhere, one, two = sent(1, digest="x", case_id=8), sent(2, digest="x"), sent(3, digest="x")
    found = given(openers=(elsewhere, one, two), replies=(reply(20, by="client"),))
    assert found == [do.Learn(ANY, one, 20)]
    assert type(given(openers=(elsewhere,), replies=(reply(20, by="client"),))[0]) is do.DeliverClientMessage
    assert type(given(openers=(one,), replies=(reply(20, by="nobody"),))[0]) is do.DeliverReply


@pytest.mark.parametrize("found", [reply(20), reply(20, by="both"), reply(20, by="client", note=True)])
def test_what_staff_wrote_and_notes_are_none_of_ours(found: Message) -> None:
    (action,) = given(openers=(sent(1, digest=digest("text")),), replies=(found,))
    assert not isinstance(action, do.Learn)


# Client data and ratings


@pytest.mark.parametrize(("external", "now", "then", "updated"), [
    (USER, "new", "old", True), (0, "new", "old", False), (USER, "same", "same", False),
])  # fmt: skip
def test_the_clients_data_go_over_when_they_changed(external: int, now: str, then: str, updated: bool) -> None:
    found = given(user=UserData(5, external, "Ivan", {"cf_2": 1}, now, then))
    assert found == ([do.UpdateUser(ANY, 5, USER, "Ivan", {"cf_2": 1}, "new")] if updated else [])


def test_ratings() -> None:
    """The first is known already, which an event may say again."""
    known, clients, unmapped, same, untold, other = (
        sent(1, staff=True, rating=5, external_message=1), sent(2, external_message=2),
        sent(3, staff=True, external_message=3), sent(4, staff=True, rating=1, external_message=4),
        sent(5, staff=True), sent(6, staff=True, rating=5, external_message=6),
    )  # fmt: skip
    found = given(ratings=((known, 5), (clients, 5), (unmapped, 3), (same, 2), (untold, 5), (other, 1)))
    assert found == [
        do.KeepRating(ANY, known, 5),
        do.RefuseRating(ANY, clients, 5),
        do.RefuseRating(ANY, unmapped, 3),
        do.KeepRating(ANY, same, 2),
        do.Rate(ANY, other, 1, "low"),
    ]
