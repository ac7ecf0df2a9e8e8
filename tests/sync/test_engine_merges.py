"""Cases merged in Omnidesk: within one client, their tickets go on with the case that survives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omnidesk.core.ratings import GOOD
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
pytestmark = pytest.mark.usefixtures("moves")


@pytest.fixture(params=[True, False], ids=["messages move", "messages stay"])
def moves(request: pytest.FixtureRequest) -> bool:
    """Whether merging takes the messages along is not documented, so both must do."""
    return bool(request.param)


@pytest.fixture
def workshop(make_workshop: Make, moves: bool) -> Workshop:
    return make_workshop(desk=Settings(merge_moves_messages=moves))


def merge(workshop: Workshop, ticket: int, into: int) -> None:
    workshop.tick(60)
    workshop.desk.merge(workshop.case(ticket), into, workshop.anna_staff)


def said(workshop: Workshop, ticket: int) -> list[str]:
    return [message.text for message in workshop.panel.messages(ticket)]


def quiet(workshop: Workshop) -> None:
    """Nothing is left to do, and looking again changes nothing."""
    workshop.settle()
    before = workshop.posted()
    for _ in range(3):
        workshop.tick(900)
        workshop.settle()
    assert workshop.posted() == before


def test_two_tickets_of_a_client_share_the_case_that_survives(workshop: Workshop) -> None:
    """Each answer stands where the question was; nothing of either ticket shows up in the other."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    survivor = workshop.case(second)
    workshop.agent_replies(first, "ответ первому")
    workshop.settle()
    merge(workshop, first, survivor)
    quiet(workshop)
    assert workshop.case(first) == workshop.case(second) == survivor
    workshop.client_writes(first, "ещё первый")
    workshop.settle()
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.anna_staff, text="ответ на ещё первый")
    workshop.settle()
    workshop.client_writes(second, "ещё второй")
    workshop.settle()
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.vera_staff, text="ответ на ещё второй")
    quiet(workshop)
    assert said(workshop, first) == ["первый", "ответ первому", "ещё первый", "ответ на ещё первый"]
    assert said(workshop, second)[:2] == ["второй", "ещё второй"]
    assert "ответ на ещё второй" in said(workshop, second)[2]
    assert len(said(workshop, second)) == 3
    cases = [case for case in workshop.desk.cases.values() if case.user_id == workshop.desk.cases[survivor].user_id]
    assert len(cases) == 2


def test_an_answer_right_after_the_merge_reaches_the_survivors_own_ticket(workshop: Workshop) -> None:
    """Before anybody has written, what is said in the case is said to whom it was opened for. No poll came between."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    merge(workshop, first, workshop.case(second))
    workshop.desk.agent_reply(workshop.case(second), workshop.anna_staff, text="отвечаю здесь")
    workshop.deliver_webhooks()
    workshop.sync(force=False)
    quiet(workshop)
    assert said(workshop, first) == ["первый"]
    assert said(workshop, second) == ["второй", "отвечаю здесь"]


def test_statuses_are_those_of_the_case_that_survives(workshop: Workshop) -> None:
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    merge(workshop, first, workshop.case(second))
    workshop.settle()
    assert [workshop.panel.ticket_state(one).state for one in (first, second)] == ["open", "open"]
    workshop.agent_sets(second, "closed")
    quiet(workshop)
    assert [workshop.panel.ticket_state(one).state for one in (first, second)] == ["waiting", "waiting"]
    workshop.client_writes(first, "не помогло")
    quiet(workshop)
    assert workshop.desk.cases[workshop.case(first)].status == "open"
    assert workshop.panel.ticket_state(first).state == "open"


def test_a_case_that_came_by_mail_takes_the_ticket_over(workshop: Workshop) -> None:
    """What was said in it before the merge stays there; what comes after reaches the ticket."""
    mail = workshop.desk.client_case("ivan@example.com", "Письмо", "из почты")
    workshop.tick(60)
    workshop.desk.agent_reply(mail.case_id, workshop.anna_staff, text="ответ на письмо")
    workshop.tick(60)
    ticket = workshop.linked_ticket("из панели")
    mail.user_id = workshop.link(ticket).external_user  # staff have joined the sender with the client
    merge(workshop, ticket, mail.case_id)
    workshop.tick(60)
    workshop.desk.agent_reply(mail.case_id, workshop.anna_staff, text="после слияния")
    quiet(workshop)
    assert workshop.case(ticket) == mail.case_id
    assert said(workshop, ticket) == ["из панели", "после слияния"]
    workshop.client_writes(ticket, "спасибо")
    workshop.settle()
    assert "спасибо" in [message.content for message in workshop.desk.messages(mail.case_id)]
    quiet(workshop)
    assert said(workshop, ticket) == ["из панели", "после слияния", "спасибо"]


def test_a_reply_is_rated_where_it_lies_after_the_merge(workshop: Workshop, moves: bool) -> None:
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    workshop.agent_replies(first, "ответ")
    workshop.settle()
    reply = workshop.panel.messages(first)[-1].id
    merge(workshop, first, workshop.case(second))
    workshop.settle()
    workshop.panel.client_rates(reply, "good")
    workshop.settle()
    (link,) = [one for one in workshop.message_links(first) if one.ticket_message == reply]
    case = workshop.case(second) if moves else link.case_id
    assert link.rating == GOOD and link.case_id == case
    assert [message.rating for message in workshop.desk.messages(case) if message.message_id == link.external_message]


def test_merges_of_merges_are_followed_to_the_end(workshop: Workshop) -> None:
    one, two, three = (workshop.linked_ticket(text) for text in ("раз", "два", "три"))
    last = workshop.case(three)
    cases = [workshop.case(one), workshop.case(two)]
    workshop.tick(60)
    workshop.desk.merge(cases[0], cases[1], workshop.anna_staff)
    workshop.desk.merge(cases[1], last, workshop.anna_staff)
    quiet(workshop)
    assert {workshop.case(ticket) for ticket in (one, two, three)} == {last}
    assert [said(workshop, ticket) for ticket in (one, two, three)] == [["раз"], ["два"], ["три"]]


def test_cases_merged_into_each_other_end_nowhere_and_the_client_is_heard(workshop: Workshop) -> None:
    """Nonsense from the other side: no endless walk, and the next message opens a new case."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    cases = [workshop.case(first), workshop.case(second)]
    workshop.tick(60)
    workshop.desk.merge(cases[0], cases[1], workshop.anna_staff)
    workshop.desk.merge(cases[1], cases[0], workshop.anna_staff)
    workshop.settle()
    workshop.client_writes(first, "вы где?")
    quiet(workshop)
    assert workshop.case(first) not in cases
    assert [line.text for line in workshop.both_sides(first).omnidesk] == ["вы где?"]


def test_a_case_merged_into_one_in_the_trash_is_gone(workshop: Workshop) -> None:
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    merge(workshop, first, workshop.case(second))
    workshop.desk.trash(workshop.case(second))
    workshop.settle()
    workshop.client_writes(first, "вы где?")
    quiet(workshop)
    assert workshop.case(first) != workshop.case(second)
    assert [line.text for line in workshop.both_sides(first).omnidesk] == ["вы где?"]


def test_an_answer_right_before_the_merge_is_not_lost(workshop: Workshop, moves: bool) -> None:
    """When the messages move along nothing tells whom it was for: it stands once, where the client spoke last."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    workshop.tick(60)
    workshop.desk.agent_reply(workshop.case(first), workshop.anna_staff, text="ответ первому")
    workshop.tick(1)
    workshop.desk.merge(workshop.case(first), workshop.case(second), workshop.anna_staff)
    workshop.deliver_webhooks(lose=10)
    quiet(workshop)
    answer = ["ответ первому"]
    assert said(workshop, first) == ["первый", *([] if moves else answer)]
    assert said(workshop, second) == ["второй", *(answer if moves else [])]
    assert workshop.case(first) == workshop.case(second)


def test_what_waits_for_a_case_that_was_merged_goes_into_the_one_that_survives(workshop: Workshop) -> None:
    """It is read to its end before the other is followed, and takes nothing any more."""
    first, second = workshop.linked_ticket("один"), workshop.linked_ticket("два")
    workshop.settle()
    into, case = workshop.case(first), workshop.case(second)
    workshop.agent_replies(second, "ответ")
    workshop.desk.merge(case, into, workshop.anna_staff)
    workshop.client_writes(second, "три")
    workshop.settle()
    assert workshop.case(first) == workshop.case(second) == into
    assert [one.text for one in workshop.panel.messages(second)] == ["два", "три", "ответ"]
    assert any("три" in one.text for one in workshop.desk.thread(into))


def test_an_answer_right_before_the_merge_with_a_case_that_came_by_mail_is_not_lost(workshop: Workshop) -> None:
    """Wherever the messages are then: the ticket gets it, and nothing of the other case's past."""
    mail = workshop.desk.client_case("ivan@example.com", "Письмо", "из почты")
    workshop.tick(60)
    ticket = workshop.linked_ticket("из панели")
    mail.user_id = workshop.link(ticket).external_user
    workshop.tick(60)
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, text="ответ")
    workshop.tick(1)
    workshop.desk.merge(workshop.case(ticket), mail.case_id, workshop.anna_staff)
    workshop.deliver_webhooks(lose=10)
    quiet(workshop)
    assert said(workshop, ticket) == ["из панели", "ответ"]
    assert workshop.case(ticket) == mail.case_id


def in_case(workshop: Workshop, case: int) -> list[str]:
    """What stands in a case, notes left out."""
    return [one.content or one.content_html for one in workshop.desk.messages(case) if not one.note]


def notes_in(workshop: Workshop, case: int) -> list[str]:
    return [one.content or one.content_html for one in workshop.desk.messages(case) if one.note]


def test_messages_in_a_shared_case_carry_their_tickets_number(workshop: Workshop) -> None:
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    survivor = workshop.case(second)
    merge(workshop, first, survivor)
    quiet(workshop)
    workshop.client_writes(first, "ещё первый")
    workshop.client_writes(second, "ещё второй")
    quiet(workshop)
    assert in_case(workshop, survivor)[-2:] == [
        f"Запрос №{first}\n\nещё первый", f"Запрос №{second}\n\nещё второй",
    ]  # fmt: skip
    assert said(workshop, first) == ["первый", "ещё первый"] and said(workshop, second) == ["второй", "ещё второй"]


def test_a_note_in_the_shared_case_names_its_tickets_once(workshop: Workshop) -> None:
    first, second, third = (workshop.linked_ticket(text) for text in ("раз", "два", "три"))
    survivor = workshop.case(second)
    merge(workshop, first, survivor)
    quiet(workshop)
    (note,) = notes_in(workshop, survivor)
    assert f"#{first}, #{second}" in note
    merge(workshop, third, survivor)
    quiet(workshop)
    notes = notes_in(workshop, survivor)
    assert len(notes) == 2 and f"#{first}, #{second}, #{third}" in notes[1]
    assert [workshop.panel.notes(one) for one in (first, second, third)] == [[], [], []]


@pytest.mark.parametrize(
    "html", ["#{}: в тот запрос", "<div>#{}&nbsp;в тот запрос</div>", "<p><b>№{}</b> в тот запрос</p>"]
)
def test_a_reply_that_names_a_ticket_goes_there_without_the_number(workshop: Workshop, html: str) -> None:
    """Also when the other ticket's client wrote last: both remain answerable."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    survivor = workshop.case(second)
    merge(workshop, first, survivor)
    quiet(workshop)
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.anna_staff, html=html.format(first))
    quiet(workshop)
    assert said(workshop, second) == ["второй"]
    assert said(workshop, first)[0] == "первый" and str(first) not in said(workshop, first)[1]
    assert said(workshop, first)[1].endswith("в тот запрос")
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.anna_staff, text="а это сюда")
    quiet(workshop)
    assert said(workshop, second) == ["второй", "а это сюда"]


def test_a_number_that_is_no_ticket_of_the_case_is_part_of_the_text(workshop: Workshop) -> None:
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    alone = workshop.linked_ticket("третий")
    merge(workshop, first, workshop.case(second))
    quiet(workshop)
    workshop.agent_replies(second, "#999999 это номер заказа")
    workshop.agent_replies(alone, f"#{alone} и это тоже")
    quiet(workshop)
    assert said(workshop, second)[-1].replace("\\", "") == "#999999 это номер заказа"
    assert said(workshop, alone)[-1].replace("\\", "") == f"#{alone} и это тоже"


def test_cases_of_two_clients_that_are_merged_are_told_in_both_places(workshop: Workshop) -> None:
    """Nothing of one client reaches the other; both can be answered, and staff read where."""
    ticket, other = workshop.linked_ticket("секрет Ивана"), workshop.linked_ticket("раз", user=workshop.petra.user)
    survivor = workshop.case(other)
    merge(workshop, ticket, survivor)
    quiet(workshop)
    (there,) = notes_in(workshop, survivor)
    assert f"запрос №{ticket}" in there and "секрет" not in there
    (here,) = [one.text for one in workshop.panel.notes(ticket)]
    assert "другого клиента" in here and workshop.panel.notes(other) == []
    workshop.tick(60)
    workshop.desk.agent_reply(survivor, workshop.anna_staff, text="ответ Петре")
    quiet(workshop)
    assert said(workshop, ticket) == ["секрет Ивана"] and said(workshop, other)[-1] == "ответ Петре"
    workshop.client_writes(ticket, "вы где?")
    quiet(workshop)
    workshop.agent_replies(ticket, "здесь")
    quiet(workshop)
    assert said(workshop, ticket) == ["секрет Ивана", "вы где?", "здесь"]
    assert workshop.case(ticket) != survivor
    assert len(notes_in(workshop, survivor)) == 1 and len(workshop.panel.notes(ticket)) == 1
    assert notes_in(workshop, workshop.case(ticket)) == []


def test_an_answer_that_was_lost_is_not_sent_twice_when_the_other_ticket_went_on(workshop: Workshop) -> None:
    """The newest message that is known is the other ticket's; the lost one is older."""
    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    merge(workshop, first, workshop.case(second))
    quiet(workshop)
    workshop.desk.faults.drop_after("POST /api/cases/*/messages.json")
    workshop.client_writes(first, "потерянный ответ")
    workshop.run_pass()
    workshop.client_writes(second, "дальше")
    quiet(workshop)
    there = [message.content or message.content_html for message in workshop.desk.messages(workshop.case(second))]
    for text in ("потерянный ответ", "дальше"):  # below the number of their tickets, as the case is shared
        assert sum(text in one for one in there) == 1


def test_older_pages_are_read_although_the_other_ticket_has_read_the_newest(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omnidesk.helpdesk import client

    first, second = workshop.linked_ticket("первый"), workshop.linked_ticket("второй")
    merge(workshop, first, workshop.case(second))
    quiet(workshop)
    monkeypatch.setattr(client, "PAGE", 3)
    case = workshop.case(second)
    workshop.client_writes(first, "ещё первый")
    workshop.settle()
    workshop.tick(60)
    workshop.desk.agent_reply(case, workshop.anna_staff, text="ответ первому")
    workshop.deliver_webhooks(lose=1000)
    workshop.client_writes(second, "ещё второй")
    workshop.run_pass(force=False)
    workshop.tick(60)
    for number in range(4):
        workshop.desk.agent_reply(case, workshop.anna_staff, text=f"ответ второму {number}")
    workshop.context.queue.make_due(second, "a test", look_messages=True)
    workshop.deliver_webhooks(lose=1000)
    workshop.run_pass(force=False)
    quiet(workshop)
    assert "ответ первому" in said(workshop, first)
    assert len(said(workshop, second)) == 6
