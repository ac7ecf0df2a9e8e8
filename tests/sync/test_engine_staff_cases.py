"""Cases that staff open in Omnidesk become tickets (setting ``CasesFromOmnidesk``)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from omnidesk.store import staff_cases as store
from omnidesk.worker.staff_cases import Start
from sandbox.billmanager.schema import ARCHIVED
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    made = make_workshop(cases_from_omnidesk="channel")
    made.run_pass()
    made.tick(5)
    return made


def user_of(workshop: Workshop, number: int) -> int:
    """The user of Omnidesk by whom the client's user is known in the module's channel."""
    user = workshop.desk.add_user("custom", str(number), workshop.channel.key)
    return user.user_id


def started(workshop: Workshop, text: str = "Ваш домен скоро истекает", subject: str = "Домен", user: int = 0) -> int:
    """An agent opens a case for Ivan; its id."""
    number = user or user_of(workshop, workshop.ivan.user)
    return workshop.desk.agent_case(number, subject, f"<p>{text}</p>", workshop.anna_staff).case_id


def ticket_of(workshop: Workshop, case: int) -> int:
    (ticket,) = workshop.context.links.tickets_of_case(case)
    return ticket


def tickets(workshop: Workshop) -> int:
    return int(workshop.panel.query("SELECT COUNT(*) AS n FROM ticket")[0]["n"])


def notes(workshop: Workshop, case: int) -> list[str]:
    return [one.content or one.content_html for one in workshop.desk.messages(case) if one.note]


@pytest.mark.parametrize("webhook", [True, False])
def test_a_case_opened_for_a_client_becomes_a_ticket_of_his(workshop: Workshop, webhook: bool) -> None:
    case = started(workshop)
    if webhook:
        workshop.deliver_webhooks()
        workshop.sync(force=False)
    else:
        workshop.deliver_webhooks(lose=99)
    workshop.settle()
    ticket = ticket_of(workshop, case)
    sides = workshop.assert_equal(ticket)
    assert [(one.kind, one.who, one.text) for one in sides.billmanager] == [
        ("staff", "Анна Ким", "Ваш домен скоро истекает")
    ]
    row = workshop.panel.query("SELECT name, account_client, responsible FROM ticket WHERE id = %s", ticket)[0]
    assert row == {"name": "Домен", "account_client": workshop.ivan.account, "responsible": workshop.support}


@pytest.mark.parametrize(
    ("subject", "name"), [("счёт gpj.\u202eexe", "счёт gpj.exe"), (" \u200b ", ""), ("a\x00\nb  c", "a b c")]
)
def test_its_subject_can_be_read_as_it_is(workshop: Workshop, subject: str, name: str) -> None:
    case = started(workshop, subject=subject)
    workshop.settle()
    row = workshop.panel.query("SELECT name FROM ticket WHERE id = %s", ticket_of(workshop, case))[0]
    assert row["name"] == (name or workshop.desk.cases[case].case_number)


def test_from_then_on_it_is_a_ticket_like_any_other(workshop: Workshop) -> None:
    case = started(workshop)
    workshop.settle()
    ticket = ticket_of(workshop, case)
    workshop.client_writes(ticket, "Продлите, пожалуйста")
    workshop.agent_notes(ticket, "Продлеваю")
    workshop.settle()
    workshop.agent_replies(ticket, "Готово", status="closed")
    workshop.settle()
    sides = workshop.assert_equal(ticket, in_order=False)
    assert (len(sides.billmanager), sides.state, sides.status) == (4, "waiting", "closed")
    assert tickets(workshop) == 1 and len(workshop.desk.cases) == 1


@pytest.mark.parametrize(("status", "both"), [("open", "open, open"), ("waiting", "waiting, waiting")])
def test_the_case_says_what_the_ticket_is(workshop: Workshop, status: str, both: str) -> None:
    case = started(workshop)
    workshop.desk.set_status(case, status, workshop.anna_staff)
    workshop.settle()
    sides = workshop.assert_equal(ticket_of(workshop, case))
    assert f"{sides.state}, {sides.status}" == both


def test_what_was_written_until_then_goes_over_in_order(workshop: Workshop) -> None:
    case = started(workshop, "Раз")
    workshop.desk.agent_note(case, workshop.vera_staff, text="между собой")
    workshop.desk.agent_reply(case, workshop.vera_staff, text="Два")
    workshop.desk.client_message(case, "Три")
    workshop.settle()
    sides = workshop.assert_equal(ticket_of(workshop, case), in_order=False)
    said = [one.text for one in sides.billmanager if one.kind != "note"]
    assert said == ["Раз", "Два", "Три"]
    assert sides.state == sides.status == "open"


def test_notes_alone_open_no_ticket_until_a_public_message_comes(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    case = workshop.desk.empty_case(user, "Домен")
    workshop.desk.agent_note(case, workshop.anna_staff, text="позвонить")
    workshop.settle()
    assert tickets(workshop) == 0
    calls = workshop.calls(lambda: [workshop.sync(force=True) for _ in range(5)])
    assert not [one for one in calls if f"cases/{case}" in one], "an unchanged case is not looked at again"
    workshop.tick(60)
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Здравствуйте")
    workshop.settle()
    sides = workshop.both_sides(ticket_of(workshop, case))
    assert [one.text for one in sides.billmanager] == ["Здравствуйте", "позвонить"], "a note cannot come first"


def test_files_of_the_first_message_go_along(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    case = workshop.desk.empty_case(user, "Счёт")
    workshop.desk.agent_reply(
        case, workshop.anna_staff, text="Ваш счёт", attachments=[("счёт.pdf", "application/pdf", b"%PDF")]
    )
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url, cases_from_omnidesk="channel")
        workshop.settle()
    sides = workshop.assert_equal(ticket_of(workshop, case))
    assert sides.billmanager[0].files == (("счёт.pdf", b"%PDF"),)


@pytest.mark.parametrize("which", ["unknown", "other", "employee", "reused"])
def test_a_client_who_is_not_certain_gets_no_ticket_and_staff_learn_why(workshop: Workshop, which: str) -> None:
    numbers = {
        "unknown": "999999",
        "other": "ivan-17",
        "employee": str(workshop.anna),
        "reused": str(workshop.ivan.user),
    }
    if which == "reused":
        workshop.context.links.set_user(workshop.ivan.user, 1)
        workshop.context.db.write("UPDATE user2external_user SET custom_id = '77-1-abcd'")
    user = workshop.desk.add_user("custom", numbers[which], workshop.channel.key)
    case = started(workshop, user=user.user_id)
    for _ in range(3):
        workshop.settle()
        workshop.tick(61)
    assert tickets(workshop) == 0
    (note,) = notes(workshop, case)
    assert "неизвестен в BILLmanager" in note and "не дойдёт" in note
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Ещё")
    workshop.settle()
    assert len(notes(workshop, case)) == 1


def test_a_case_that_a_client_began_stays_in_omnidesk(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    case = workshop.desk.empty_case(user, "Вопрос")
    workshop.desk.client_message(case, "Помогите")
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Поможем")
    workshop.settle()
    assert tickets(workshop) == 0 and notes(workshop, case) == []
    workshop.desk.agent_reply(case, text="Ещё")
    assert not [one for one in workshop.calls(workshop.settle) if f"cases/{case}" in one]


def test_cases_that_get_no_ticket_take_no_place_of_others(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account may have thousands of cases that clients began."""
    monkeypatch.setattr(store, "MOST", 3)
    user = user_of(workshop, workshop.ivan.user)
    for number in range(5):
        workshop.desk.client_message(workshop.desk.empty_case(user, f"Вопрос {number}"), "Помогите")
        workshop.settle()
    case = started(workshop)
    workshop.settle()
    workshop.assert_equal(ticket_of(workshop, case))
    assert tickets(workshop) == 1


def test_an_automatic_reply_opens_nothing(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    case = workshop.desk.empty_case(user, "Вопрос")
    workshop.desk.rule_reply(case, "Мы работаем с 9 до 18", workshop.anna_staff)
    workshop.settle()
    assert tickets(workshop) == 0 and notes(workshop, case) == []


@pytest.mark.parametrize("mode", ["channel", "email"])
def test_a_case_of_the_e_mail_channel_counts_where_the_setting_says_so(make_workshop: Make, mode: str) -> None:
    workshop = make_workshop(cases_from_omnidesk=mode)
    workshop.run_pass()
    workshop.tick(5)
    user = workshop.desk.add_user("email", "ivan@example.com", "")
    case = started(workshop, user=user.user_id)
    workshop.deliver_webhooks(lose=99)
    workshop.settle()
    assert tickets(workshop) == (mode == "email")
    if mode == "email":
        workshop.assert_equal(ticket_of(workshop, case))


def test_an_e_mail_of_several_clients_is_nobodys(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="email")
    workshop.run_pass()
    workshop.tick(5)
    workshop.panel.execute("UPDATE user SET email = 'ivan@example.com' WHERE id = %s", workshop.petra.user)
    user = workshop.desk.add_user("email", "IVAN@example.com", "")
    case = started(workshop, user=user.user_id)
    workshop.settle()
    assert tickets(workshop) == 0
    assert "нескольких пользователей" in notes(workshop, case)[0]


def test_what_was_opened_before_the_setting_was_switched_on_stays_where_it_is(make_workshop: Make) -> None:
    workshop = make_workshop()
    workshop.run_pass()
    case = started(workshop)
    workshop.settle()
    workshop.tick(100)
    workshop.restart(cases_from_omnidesk="channel")
    workshop.settle()
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Ещё")
    workshop.settle()
    assert tickets(workshop) == 0
    assert started(workshop, user=workshop.desk.cases[case].user_id)
    workshop.settle()
    assert tickets(workshop) == 1


def test_the_ticket_goes_to_the_department_of_the_setting(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="channel", new_ticket_department="отдел ОПЛАТЫ")
    workshop.run_pass()
    workshop.tick(5)
    case = started(workshop)
    workshop.settle()
    row = workshop.panel.query("SELECT responsible FROM ticket WHERE id = %s", ticket_of(workshop, case))[0]
    assert row == {"responsible": workshop.billing}


def test_too_many_at_once_wait_for_the_administrator(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="channel", mass_change_limit=3)
    workshop.run_pass()
    workshop.tick(5)
    user = user_of(workshop, workshop.ivan.user)
    for number in range(5):
        started(workshop, subject=f"Домен {number}", user=user)
    workshop.settle()
    assert tickets(workshop) == 3
    workshop.sync(allow_mass_change=True)
    workshop.settle()
    assert tickets(workshop) == 5


@pytest.mark.slow
@pytest.mark.parametrize("desk", [DeskSettings(), DeskSettings(staff_reply_sets_waiting=True)])
def test_a_worker_that_dies_anywhere_makes_one_ticket(make_workshop: Make, desk: DeskSettings) -> None:
    crashes = Crashes(each=True)
    for at in crashes:
        workshop = make_workshop(cases_from_omnidesk="channel", desk=desk, settle_seconds=10)
        workshop.run_pass()
        workshop.tick(5)
        case = started(workshop)
        died = crashes.run(workshop, at)
        for _ in range(4):
            workshop.tick(61)
            workshop.settle()
        workshop.assert_equal(ticket_of(workshop, case))
        assert (tickets(workshop), len(workshop.desk.cases)) == (1, 1), died
        workshop.close()
    assert any("ticket_all.edit" in one for one in crashes.effects)


@pytest.mark.parametrize("silent", [True, False])
def test_a_panel_that_ends_without_an_answer_has_made_one_ticket(workshop: Workshop, silent: bool) -> None:
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket_all.edit", 1, silent)
    case = started(workshop)
    for _ in range(4):
        workshop.tick(61)
        workshop.settle()
    workshop.assert_equal(ticket_of(workshop, case))
    assert tickets(workshop) == 1


def test_an_error_of_a_panel_that_has_made_the_ticket_makes_no_second_one(workshop: Workshop) -> None:
    workshop.panel.faults.fail_after_commit("plugin", "handler", "", "ticket_all.edit", times=3)
    case = started(workshop)
    for _ in range(4):
        workshop.tick(61)
        workshop.settle()
    workshop.assert_equal(ticket_of(workshop, case))
    assert tickets(workshop) == 1


def test_a_ticket_that_is_refused_is_tried_again_and_then_reported(workshop: Workshop) -> None:
    workshop.panel.faults.fail("access", "client", "no", lambda request: request.func == "ticket_all.edit")
    case = started(workshop)
    for _ in range(30):
        workshop.settle()
        workshop.tick(1200)
    assert tickets(workshop) == 0
    (note,) = notes(workshop, case)
    assert "отказал в создании запроса" in note


def test_a_refused_ticket_does_not_hold_up_others(workshop: Workshop) -> None:
    refused = workshop.panel.faults.fail("value", "subject", "no", lambda request: "Первый" in str(request.params))
    first, second = (
        started(workshop, subject="Первый"),
        started(workshop, subject="Второй", user=user_of(workshop, workshop.petra.user)),
    )
    workshop.settle()
    workshop.assert_equal(ticket_of(workshop, second))
    refused.lift()
    workshop.tick(3700)
    workshop.settle()
    workshop.assert_equal(ticket_of(workshop, first))


def test_another_process_makes_no_case_for_the_ticket_that_is_being_made(workshop: Workshop) -> None:
    """The panel has made the ticket, and the process that asked for it has died; an event of it comes first."""
    workshop.restart(cases_from_omnidesk="channel", settle_seconds=30)
    workshop.panel.faults.die_after_commit(lambda request: request.func == "ticket_all.edit", 1)
    case = started(workshop)
    workshop.run_pass()
    for _ in range(3):
        workshop.sync()
    assert list(workshop.desk.cases) == [case]
    for _ in range(4):
        workshop.tick(61)
        workshop.settle()
    workshop.assert_equal(ticket_of(workshop, case))
    assert tickets(workshop) == 1 and list(workshop.desk.cases) == [case]


def test_off_costs_nothing_and_makes_nothing(make_workshop: Make) -> None:
    workshop = make_workshop()
    workshop.run_pass()
    case = started(workshop)
    calls = workshop.calls(workshop.settle)
    assert tickets(workshop) == 0 and not [one for one in calls if f"cases/{case}" in one]


def test_an_archived_ticket_of_such_a_case_is_reopened_by_its_client(workshop: Workshop) -> None:
    case = started(workshop)
    workshop.settle()
    ticket = ticket_of(workshop, case)
    workshop.panel.client_archives(ticket)
    workshop.settle()
    assert workshop.panel.query("SELECT status FROM ticket WHERE id = %s", ticket)[0]["status"] == ARCHIVED
    workshop.client_writes(ticket, "Ещё вопрос")
    workshop.settle()
    sides = workshop.assert_equal(ticket)
    assert (sides.state, sides.status) == ("open", "open")


def test_an_earlier_case_that_is_restored_gets_no_second_ticket(workshop: Workshop) -> None:
    case = started(workshop)
    workshop.settle()
    ticket = ticket_of(workshop, case)
    workshop.tick(700)
    workshop.desk.trash(case)
    workshop.settle()
    workshop.client_writes(ticket, "Ответ клиента")
    workshop.settle()
    assert workshop.case(ticket) not in (0, case)
    workshop.tick(60)
    workshop.desk.restore(case)
    for _ in range(4):
        workshop.settle()
        workshop.tick(61)
    assert tickets(workshop) == 1


def test_a_ticket_that_cannot_be_made_does_not_hold_up_the_clients_own(workshop: Workshop) -> None:
    workshop.panel.faults.lose_request(lambda request: "ticket_account" in request.params, None)
    started(workshop)
    workshop.settle()
    ticket = workshop.new_ticket("Мой вопрос")
    workshop.sync()
    assert [one.text for one in workshop.both_sides(ticket).omnidesk] == ["Мой вопрос"]


def changed_by(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """What the panel makes of each new message of staff's ticket, while its answer names no ticket."""
    given = workshop.panel.call

    def call(func: str, params: dict[str, str], **how: Any) -> Any:
        answer = given(func, params, **how)
        if func != "ticket_all.edit" or "ticket_account" not in params:
            return answer
        workshop.panel.execute(sql)
        return dataclasses.replace(answer, xml=re.sub(r"<id[^>]*>[0-9]+</id>", "", answer.xml))

    monkeypatch.setattr(workshop.panel, "call", call)


def test_a_ticket_whose_text_the_panel_rewrites_is_made_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "Это сообщение отправлено сотрудником службы поддержки хостинга. " * 5
    changed_by(workshop, monkeypatch, f"UPDATE ticket_message SET message = CONCAT('{words}', message)")
    case = started(workshop)
    for _ in range(10):
        workshop.settle()
        workshop.tick(700)
    assert tickets(workshop) == 1
    assert ticket_of(workshop, case)


def test_a_file_that_the_panel_refuses_does_not_cost_the_ticket(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    case = workshop.desk.empty_case(user, "Счёт")
    workshop.desk.agent_reply(
        case, workshop.anna_staff, text="Ваш счёт", attachments=[("счёт.pdf", "application/pdf", b"%PDF")]
    )
    workshop.panel.faults.fail("value", "file_1", "no", lambda request: bool(request.uploads))
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url, cases_from_omnidesk="channel")
        for _ in range(12):
            workshop.settle()
            workshop.tick(700)
    assert notes(workshop, case) == []
    (message,) = workshop.panel.messages(ticket_of(workshop, case))
    assert "Ваш счёт" in message.text and "счёт.pdf" in message.text


def test_a_panel_that_makes_nothing_although_it_says_so_is_not_asked_for_ever(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_by(workshop, monkeypatch, "DELETE FROM ticket_message")
    case = started(workshop)
    for _ in range(10):
        workshop.settle()
        workshop.tick(700)
    assert tickets(workshop) == 3
    (note,) = notes(workshop, case)
    assert "отказал в создании запроса" in note


def test_a_client_who_cannot_log_in_gets_no_ticket_and_staff_learn_it(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.petra.user)
    workshop.panel.execute("UPDATE user SET enabled = 'off' WHERE account = %s", workshop.petra.account)
    case = started(workshop, user=user)
    workshop.settle()
    (note,) = notes(workshop, case)
    assert "отключён" in note and tickets(workshop) == 0


def test_of_a_client_with_two_users_one_has_to_be_able_to_log_in(workshop: Workshop) -> None:
    user = user_of(workshop, workshop.ivan.user)
    workshop.panel.execute("UPDATE user SET enabled = 'off' WHERE id = %s", workshop.ivan.user)
    case = started(workshop, user=user)
    workshop.settle()
    assert ticket_of(workshop, case) and notes(workshop, case) == []


def test_looking_at_many_cases_does_not_hold_up_a_client(make_workshop: Make) -> None:
    workshop = make_workshop(cases_from_omnidesk="email")
    workshop.run_pass()
    workshop.tick(5)
    for number in range(40):
        workshop.desk.client_case(f"c{number}@example.org", "Вопрос", "Помогите")
    workshop.new_ticket("Мой вопрос")
    calls = workshop.calls(lambda: workshop.run_pass())
    assert calls.index("POST /api/cases.json") < 20, calls


def test_a_case_with_notes_alone_costs_nothing_until_it_changes(workshop: Workshop) -> None:
    case = workshop.desk.empty_case(user_of(workshop, workshop.ivan.user), "Домен")
    workshop.desk.agent_note(case, workshop.anna_staff, text="позвонить")
    workshop.settle()

    def days() -> None:
        for _ in range(5):
            workshop.tick(40000)
            workshop.settle()

    assert not [one for one in workshop.calls(days) if f"cases/{case}" in one]
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Здравствуйте")
    workshop.settle()
    assert ticket_of(workshop, case)


def test_a_custom_id_of_another_channel_is_no_number_of_billmanager(make_workshop: Make) -> None:
    """With ``email`` the cases of all channels are looked at; a channel of another system numbers its own people."""
    workshop = make_workshop(cases_from_omnidesk="email")
    workshop.run_pass()
    workshop.tick(5)
    shop = workshop.desk.add_channel("Магазин", "")
    user = workshop.desk.add_user("custom", str(workshop.ivan.user), shop.key)
    case = started(workshop, user=user.user_id)
    assert workshop.desk.cases[case].channel == shop.key
    workshop.settle()
    assert tickets(workshop) == 0
    assert "неизвестен в BILLmanager" in notes(workshop, case)[0]


def test_a_case_whose_user_is_gone_is_a_case_of_nobody_known(workshop: Workshop) -> None:
    case = started(workshop)
    del workshop.desk.users[workshop.desk.cases[case].user_id]
    for _ in range(3):
        workshop.settle()
        workshop.tick(61)
    (note,) = notes(workshop, case)
    assert "неизвестен в BILLmanager" in note and tickets(workshop) == 0


def test_a_record_without_any_content_opens_no_ticket(workshop: Workshop) -> None:
    """Nor is it delivered to a ticket that is there."""
    case = workshop.desk.empty_case(user_of(workshop, workshop.ivan.user), "Домен")
    workshop.desk.agent_reply(case, workshop.anna_staff, text="")
    workshop.settle()
    assert tickets(workshop) == 0
    workshop.tick(60)
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Здравствуйте")
    workshop.settle()
    said = workshop.panel.messages(ticket_of(workshop, case))
    assert [one.text for one in said] == ["Здравствуйте"]


def test_what_staff_began_with_an_empty_record_of_a_client_is_a_clients(workshop: Workshop) -> None:
    case = workshop.desk.empty_case(user_of(workshop, workshop.ivan.user), "Домен")
    workshop.desk.client_message(case, "")
    workshop.desk.agent_reply(case, workshop.anna_staff, text="Здравствуйте")
    workshop.settle()
    assert tickets(workshop) == 0


def test_of_two_calls_in_doubt_each_finds_its_own_ticket(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same agent opened both for the same client with the same subject; only the second ticket was made."""
    workshop.panel.faults.lose_request(lambda request: "раз" in request.params.get("message", ""), 1)
    with monkeypatch.context() as patch:
        patch.setattr(Start, "_link", lambda *_: 1 / 0)  # the worker dies before it has recorded the ticket
        user = user_of(workshop, workshop.ivan.user)
        cases = [started(workshop, text, user=user) for text in ("Сообщение раз", "О другом: два")]
        workshop.sync()
    for _ in range(4):
        workshop.tick(61)
        workshop.settle()
    said = [[one.text for one in workshop.panel.messages(ticket_of(workshop, case))] for case in cases]
    assert said == [["Сообщение раз"], ["О другом: два"]]
    assert tickets(workshop) == 2
