"""Who speaks on either side: clients, their colleagues, employees known on one side only, deleted accounts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.omnidesk.wire import Request, Response
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


def test_two_tickets_of_one_client_at_once_are_two_cases(workshop: Workshop) -> None:
    first = workshop.new_ticket("первый", subject="A")
    second = workshop.new_ticket("второй", subject="B")
    workshop.sync()
    workshop.client_writes(second, "ещё во второй")
    workshop.client_writes(first, "ещё в первый")
    workshop.settle()
    workshop.assert_all_equal([first, second])
    assert workshop.case(first) != workshop.case(second)
    assert len({case.user_id for case in workshop.desk.cases.values()}) == 1


def test_two_tickets_with_the_same_words_at_once_are_two_cases(workshop: Workshop) -> None:
    tickets = [workshop.new_ticket("Не работает", subject="Помогите") for _ in range(2)]
    workshop.settle()
    workshop.assert_all_equal(tickets)
    assert len(workshop.desk.cases) == 2


def test_the_second_user_of_a_client_is_named_in_the_message(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("от первого")
    workshop.client_writes(ticket, "от второго", user=workshop.ivan.users[1])
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert [line.who for line in sides.omnidesk] == ["Иван Петров", "Иван Петров 2"]
    message = workshop.desk.messages(workshop.case(ticket))[-1]
    assert "Иван Петров 2" in message.content
    assert message.user_id == workshop.desk.cases[workshop.case(ticket)].user_id


def test_a_ticket_opened_by_the_second_user_belongs_to_him(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("от второго", user=workshop.ivan.users[1])
    workshop.client_writes(ticket, "от первого", user=workshop.ivan.users[0])
    workshop.settle()
    workshop.assert_equal(ticket)
    owner = workshop.desk.users[workshop.desk.cases[workshop.case(ticket)].user_id]
    assert owner.identity == str(workshop.ivan.users[1])


def test_an_agents_reply_to_a_ticket_nobody_has_takes_it_first(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_closes(workshop.boris, ticket)
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    workshop.agent_replies(ticket, "Готово")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.panel.ticket_state(ticket).state == "waiting"


def test_an_employees_answer_to_a_ticket_nobody_has_reaches_omnidesk(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_closes(workshop.anna, ticket)
    workshop.settle()
    workshop.panel.employee_replies(workshop.anna, ticket, "Ещё кое-что", close=True)
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.desk.messages(workshop.case(ticket))[-1].staff_id == workshop.anna_staff


def test_a_ticket_created_by_an_employee_opens_a_case_of_its_client(workshop: Workshop) -> None:
    answer = workshop.panel.call(
        "ticket_all.edit",
        {"sok": "ok", "ticket_account": workshop.petra.account, "subject": "Ваш счёт", "message": "Здравствуйте"},
        workshop.anna,
    )
    assert answer.ok, answer.xml
    workshop.settle()
    ticket = answer.id
    case = workshop.desk.cases[workshop.case(ticket)]
    assert workshop.desk.users[case.user_id].full_name == "Petra Maier"
    opener = workshop.desk.messages(case.case_id)[0]
    assert "Анна Ким" in opener.content, "the first message is the client's in Omnidesk, so its author is named"


def test_staff_unknown_to_billmanager_is_named_in_the_reply(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Отвечу я", staff=workshop.vera_staff)
    workshop.settle()
    workshop.assert_equal(ticket)
    message = workshop.panel.messages(ticket)[-1]
    assert message.user == workshop.integration
    assert "Вера Орлова" in message.text


def test_staff_unknown_to_omnidesk_is_named_in_the_message(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "Отвечу я")
    workshop.settle()
    workshop.assert_equal(ticket)
    message = workshop.desk.messages(workshop.case(ticket))[-1]
    assert message.staff_id == workshop.integration_staff
    assert "Борис Лунин" in message.content


def test_the_author_line_can_be_switched_off(make_workshop: Make) -> None:
    workshop = make_workshop(author_line=False)
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.boris, ticket, "Отвечу я")
    workshop.agent_replies(ticket, "И я", staff=workshop.vera_staff)
    workshop.settle()
    assert workshop.desk.messages(workshop.case(ticket))[1].content in ("Отвечу я", "")
    assert [message.text for message in workshop.panel.messages(ticket)][1:] == ["Отвечу я", "И я"]


def test_a_disabled_employee_does_not_speak(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.disable(workshop.anna)
    workshop.agent_replies(ticket, "Сделано", staff=workshop.anna_staff)
    workshop.settle()
    message = workshop.panel.messages(ticket)[-1]
    assert message.user == workshop.integration
    assert "Анна Ким" in message.text


def test_an_inactive_employee_of_omnidesk_does_not_sign(workshop: Workshop) -> None:
    workshop.desk.staff[workshop.anna_staff].active = False
    ticket = workshop.linked_ticket()
    workshop.panel.employee_replies(workshop.anna, ticket, "Сделано")
    workshop.settle()
    message = workshop.desk.messages(workshop.case(ticket))[-1]
    assert message.staff_id == workshop.integration_staff
    assert "Анна Ким" in message.content


def test_another_employee_may_speak_for_the_unknown(make_workshop: Make) -> None:
    workshop = make_workshop(fallback_employee="boris@example.com")
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "Отвечу я", staff=workshop.vera_staff)
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].user == workshop.boris


def test_a_reply_while_another_employee_has_the_ticket(make_workshop: Make) -> None:
    """Panels differ in whether an employee may answer in another's assignment; both kinds take the reply."""
    from sandbox.billmanager.panel import PanelOptions

    workshop = make_workshop(panel_options=PanelOptions(others_assignments_refused=True))
    ticket = workshop.linked_ticket()
    workshop.panel.employee_takes(workshop.boris, ticket)
    workshop.settle()
    workshop.agent_replies(ticket, "Отвечу я", status="waiting")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.panel.messages(ticket)[-1].user == workshop.anna
    assert workshop.panel.ticket_state(ticket).state == "waiting"


@pytest.mark.parametrize("dangling", [False, True], ids=["nulls", "dangling numbers"])
def test_a_linked_ticket_whose_client_was_deleted_goes_on(workshop: Workshop, dangling: bool) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.delete_client(workshop.ivan, dangling=dangling)
    workshop.panel.employee_replies(workshop.anna, ticket, "Для отчёта")
    workshop.agent_replies(ticket, "Принято", staff=workshop.vera_staff)
    workshop.settle()
    there = [line.text for line in workshop.both_sides(ticket).omnidesk]
    here = [line.text for line in workshop.both_sides(ticket).billmanager]
    assert sorted(there) == sorted(here) == sorted(["Сайт не открывается", "Для отчёта", "Принято"])


@pytest.mark.parametrize("dangling", [False, True], ids=["nulls", "dangling numbers"])
def test_a_ticket_whose_client_was_deleted_before_it_went_over_is_left(workshop: Workshop, dangling: bool) -> None:
    ticket = workshop.new_ticket()
    workshop.panel.delete_client(workshop.ivan, dangling=dangling)
    workshop.panel.employee_replies(workshop.anna, ticket, "Кому я пишу?")
    workshop.settle()
    assert not workshop.case(ticket)
    assert not workshop.desk.cases
    assert workshop.context.queue.next_due() is None


def test_a_message_whose_author_was_deleted_before_it_went_over_says_so(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    second = workshop.ivan.users[1]
    workshop.client_writes(ticket, "от второго", user=second)
    workshop.panel.execute("DELETE FROM user WHERE id = %s", second)
    workshop.settle()
    message = workshop.desk.messages(workshop.case(ticket))[-1]
    assert "от второго" in message.content
    assert "удалена" in message.content


def test_a_case_lost_after_its_client_was_deleted_is_made_anew_for_the_same_omnidesk_user(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    user = workshop.desk.cases[workshop.case(ticket)].user_id
    workshop.panel.delete_client(workshop.ivan)
    workshop.desk.delete(workshop.case(ticket))
    workshop.panel.employee_replies(workshop.anna, ticket, "Для отчёта")
    workshop.settle()
    assert workshop.desk.cases[workshop.case(ticket)].user_id == user


def test_a_clients_message_by_another_way_goes_in_under_his_name(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.tick(5)
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.settle()
    workshop.assert_equal(ticket)
    assert workshop.panel.messages(ticket)[-1].user == workshop.ivan.user


def test_a_clients_message_by_another_way_stays_where_it_is_when_his_account_was_deleted(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.delete_client(workshop.ivan)
    workshop.tick(5)
    workshop.desk.client_message(workshop.case(ticket), "письмом")
    workshop.settle()
    assert len(workshop.panel.messages(ticket)) == 1
    assert workshop.context.queue.next_due() is None


def test_a_client_writes_in_his_own_name_where_the_new_case_does_not_say_whose_it_is(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message without an author is one of the employee who logs in."""
    handle = workshop.desk.handle

    def silent(request: Request) -> Response:
        answer = handle(request)
        if request.method == "POST" and request.path == "/api/cases.json":
            case = json.loads(answer.body)["case"]
            del case["user_id"]
            answer.body = json.dumps({"case": case}).encode()
        return answer

    monkeypatch.setattr(workshop.desk, "handle", silent)
    ticket = workshop.new_ticket("раз")
    workshop.sync(force=False)
    workshop.client_writes(ticket, "два")
    workshop.sync(force=False)
    workshop.client_writes(ticket, "три")
    assert workshop.calls(lambda: workshop.sync(force=False)) == [
        f"POST /api/cases/{workshop.case(ticket)}/messages.json"
    ]
    workshop.assert_equal(ticket)
