"""An installation that has cases for its tickets is taken over: nothing doubles, nothing is written, life goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from omnidesk.core.errors import Failure, Misconfigured, Paused
from omnidesk.core.shutdown import Stop
from omnidesk.custom_fields.catalogue import Link
from omnidesk.custom_fields.saved import put
from omnidesk.migration import adopt_command
from omnidesk.migration.adopt_report import Report
from omnidesk.migration.adopt_run import Adoption, count
from omnidesk.migration.adopt_tables import Original as Tables
from omnidesk.migration.imports import Figures
from omnidesk.migration.selection import Selection
from omnidesk.sync.actions import UpdateUser
from omnidesk.wording.answer import Answer, answer_xml
from omnidesk.wording.arguments import Arguments
from sandbox.omnidesk.settings import Settings
from tests.support.crash import Crash, Crasher
from tests.support.original import Original
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
DAY = 86400.0
NAMED = (
    "ticket=ticket,case=external_case,message=ticket_message,external_message=external_case_message,user=user,"
    "external_user=external_user"
)
LONG = "Здравствуйте! Со вчерашнего вечера не открывается сайт example.com, помогите разобраться."


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    """A panel whose tickets are there before the module is."""
    return make_workshop(hook=False)


def begin(workshop: Workshop, **options: Any) -> Original:
    """The original module was there."""
    return Original(workshop.panel, workshop.desk, workshop.channel.key, **options)


def old_ticket(workshop: Workshop, days: float, text: str = LONG, subject: str = "", **more: Any) -> int:
    """A ticket of the past, with an answer."""
    subject = subject or f"Вопрос {days}"
    ticket = workshop.new_ticket(text, subject, created=workshop.moment(days * DAY), **more)
    workshop.panel.employee_replies(
        workshop.anna, ticket, f"Ответ на {text[:20]}", created=workshop.moment(days * DAY - 600)
    )
    return ticket


def adopt(workshop: Workshop, yes: bool = True, **given: Any) -> Answer:
    """The command, as the panel calls it."""
    return adopt_command.run(workshop.context, Arguments(yes=yes, language="en", **given))


def numbers(answer: Answer) -> dict[str, str]:
    """The attributes of the answer's <adopt> element."""
    return dict(etree.fromstring(answer_xml(answer)).find("adopt").attrib)  # type: ignore[union-attr]


def assert_same(workshop: Workshop, ticket: int) -> list[str]:
    """Both sides say the same, once and in order; whose names stand there is the original's doing. The texts."""
    sides = workshop.both_sides(ticket)
    texts = [line.text for line in sides.billmanager]
    assert texts == [line.text for line in sides.omnidesk], sides
    return texts


def written(workshop: Workshop, act: Callable[[], Any]) -> list[str]:
    """The calls that change something in Omnidesk, and those of the panel, during an act."""
    before = len(workshop.panel.requests)
    calls = [call for call in workshop.calls(act) if not call.startswith("GET")]
    return calls + [request.func for request in workshop.panel.requests[before:]]


@pytest.mark.parametrize(
    "form",
    [
        {"form": "plain"},
        {"form": "odd"},
        {"form": "odd", "numbers": True},
        {"suffix": "_2024"},
        {"form": "texts"},
        {"form": "texts", "numbers": True},
        {"form": "bytes"},
        {"form": "bytes", "numbers": True},
    ],
)
def test_the_original_s_links_are_taken_over_and_life_goes_on(workshop: Workshop, form: dict[str, Any]) -> None:
    original = begin(workshop, **form)
    tickets = [old_ticket(workshop, 40, LONG), old_ticket(workshop, 30, "Второй вопрос", user=workshop.petra.user)]
    rated = workshop.panel.newest_message(tickets[0], workshop.anna)
    workshop.panel.client_rates(rated, "good")
    cases = [original.take(ticket).case_id for ticket in tickets]
    more = {"tables": form["suffix"]} if "suffix" in form else {}
    more |= {"columns": NAMED} if form.get("form") == "bytes" else {}
    answer: list[Answer] = []
    assert written(workshop, lambda: answer.append(adopt(workshop, **more))) == []
    told = numbers(answer[0])
    assert (told["adopted"], told["left"], told["failed"], told["paired"]) == ("2", "0", "0", "4")
    assert [workshop.case(ticket) for ticket in tickets] == cases
    assert written(workshop, workshop.settle) == []
    assert len(workshop.desk.cases) == 2
    for ticket in tickets:
        assert [deed for deed in workshop.deeds(ticket) if not isinstance(deed, UpdateUser)] == []
        assert_same(workshop, ticket)
    workshop.client_writes(tickets[0], "ещё вопрос")
    workshop.agent_replies(tickets[1], "ещё ответ")
    workshop.settle()
    assert [message.content for message in workshop.desk.messages(cases[0])][-1] == "ещё вопрос"
    assert [message.text for message in workshop.panel.messages(tickets[1])][-1] == "ещё ответ"
    for ticket in tickets:
        assert len(assert_same(workshop, ticket)) == 3
    workshop.panel.client_rates(rated, "bad")  # a rating of today goes over, one of the past did not
    workshop.settle()
    assert [one.rating for one in workshop.desk.messages(cases[0]) if one.rating] == ["low"]


def test_a_dry_run_reports_and_changes_nothing(workshop: Workshop) -> None:
    original = begin(workshop)
    ticket, lonely = old_ticket(workshop, 40), old_ticket(workshop, 5, "Без обращения", user=workshop.petra.user)
    case = original.take(ticket)
    answer = adopt(workshop, yes=False)
    assert workshop.context.db.rows("SELECT ticket FROM ticket2external_case") == []
    assert workshop.context.db.rows("SELECT id FROM ticket_message2external_case_message") == []
    text = "\n".join(answer.text())
    assert (
        f"ticket {ticket} → case {case.case_number}: the original module's table (its messages there, subject, client)"
        in text
    )
    assert "2 messages paired, 0 stay in BILLmanager, 0 in Omnidesk" in text and "--yes" in text
    with open(numbers(answer)["report"], encoding="utf-8") as file:
        assert f"ticket {lonely} left alone: no case of its client matches" in file.read()
    assert numbers(answer)["left_no_case"] == "1"


@pytest.mark.parametrize("by_account", [False, True])
def test_cases_are_found_by_the_client_s_number_without_any_table(workshop: Workshop, by_account: bool) -> None:
    original = begin(workshop, tables=False, by_account=by_account)
    by_all = old_ticket(workshop, 40, subject="Сайт")
    no_time = old_ticket(workshop, 20, "Текст второго запроса, довольно длинный", subject="Почта")
    no_subject = old_ticket(workshop, 10, "Третий запрос, у которого другая тема", subject="Домен")
    by_number = old_ticket(workshop, 9, "Четвёртый запрос с номером в теме", subject="Прочее")
    cases = {
        by_all: original.take(by_all),
        no_time: original.take(no_time, dated=False),
        no_subject: original.take(no_subject, subject="Обращение из панели"),
        by_number: original.take(by_number, subject=f"Запрос №{by_number}"),
    }
    lonely = old_ticket(workshop, 3, "Совсем другое", subject="Новое")
    told = numbers(adopt(workshop))
    assert (told["adopted"], told["left_no_case"]) == ("4", "1")
    assert {ticket: workshop.case(ticket) for ticket in cases} == {t: case.case_id for t, case in cases.items()}
    assert workshop.case(lonely) == 0
    assert written(workshop, workshop.settle) == []
    for ticket in cases:
        assert_same(workshop, ticket)


def test_what_could_be_one_or_the_other_is_left_alone(workshop: Workshop) -> None:
    """Twins: the same subject and text on one day. And one that is clearly one of three is taken."""
    original = begin(workshop, tables=False)
    twins = [old_ticket(workshop, 10, "Продлите хостинг", subject="Продление") for _ in range(2)]
    third = old_ticket(workshop, 10, "А этот совсем о другом, про домен", subject="Продление")
    cases = [original.take(ticket) for ticket in (*twins, third)]
    answer = adopt(workshop)
    assert (numbers(answer)["adopted"], numbers(answer)["left_ambiguous"]) == ("1", "2")
    assert workshop.case(third) == cases[2].case_id
    assert [workshop.case(ticket) for ticket in twins] == [0, 0]
    assert f"ticket {twins[0]} left alone: several cases match: " in "\n".join(answer.text())


def test_another_client_s_case_is_not_taken_for_his_number_is_an_account_s(workshop: Workshop) -> None:
    """The original gave accounts' ids; a user of another account has the same number, subject and day."""
    original = begin(workshop, tables=False, by_account=True)
    panel = workshop.panel
    panel.execute("ALTER TABLE account AUTO_INCREMENT = 90001")  # which is no user's number
    client = panel.add_client("Мария Ли", "maria@example.com")
    account, text = client.account, "Продлите, пожалуйста, мой хостинг на год"
    theirs = old_ticket(workshop, 10, text, subject="Продление", user=client.user)
    case = original.take(theirs)
    panel.execute("UPDATE user SET id = %s WHERE id = %s", account, workshop.petra.user)
    mine = workshop.new_ticket("Совсем другой вопрос", "Продление", account, created=workshop.moment(10 * DAY))
    answer = adopt(workshop)
    assert workshop.case(theirs) == case.case_id
    assert workshop.case(mine) == 0
    assert numbers(answer)["adopted"] == "1"


def test_what_was_written_since_goes_over_and_what_may_be_there_does_not(workshop: Workshop) -> None:
    original = begin(workshop)
    waiting, unclear, answered = (old_ticket(workshop, days, f"{LONG} {days}") for days in (9, 8, 7))
    cases = {ticket: original.take(ticket) for ticket in (waiting, unclear, answered)}
    workshop.client_writes(waiting, "после отключения старого модуля")  # clearly newer than all there
    workshop.client_writes(unclear, "написано иначе")
    workshop.tick(60)
    workshop.desk.client_message(cases[unclear].case_id, "то же самое, но совсем другими словами")
    workshop.tick(60)
    workshop.desk.agent_reply(cases[answered].case_id, workshop.anna_staff, text="ответ, который не успел дойти")
    original.flush()
    answer = adopt(workshop)
    assert numbers(answer)["adopted"] == "3"
    doubtful = workshop.panel.newest_message(unclear, workshop.ivan.user)
    assert f"look at messages {doubtful}" in "\n".join(answer.text())
    workshop.settle()
    assert [one.content for one in workshop.desk.messages(cases[waiting].case_id)][-1] == (
        "после отключения старого модуля"
    )
    assert [one.text for one in workshop.panel.messages(answered)][-1] == "ответ, который не успел дойти"
    assert len(workshop.panel.messages(unclear)) == 3
    assert len([one for one in workshop.desk.messages(cases[unclear].case_id) if one.kind != "system"]) == 3
    states = [one.state for one in workshop.message_links(unclear)]
    assert states.count("done") == 2 and states.count("skipped") == 2
    assert written(workshop, workshop.settle) == []


def test_texts_that_the_original_changed_are_known_again(workshop: Workshop) -> None:
    original = begin(workshop)
    ticket = workshop.new_ticket(f"**Важно!** {LONG}", "Формат", created=workshop.moment(9 * DAY))
    original.take(ticket, alter=lambda text: f"Иван Петров:\n<p>{text.replace('**', '')}</p>")
    case = original.links[0][1]
    reply = workshop.desk.agent_reply(case, workshop.anna_staff, html="<p>Проверили: <b>работает</b>, закрываем.</p>")
    original.bring(ticket, workshop.integration, reply, "Анна Ким пишет:\n\nПроверили: **работает**, закрываем.")
    workshop.panel.execute("DELETE FROM ticket_message2external_case_message_original")
    assert numbers(adopt(workshop))["paired"] == "2"
    [_, answer] = workshop.message_links(ticket)
    assert (answer.direction, answer.staff, answer.external_message) == ("in", True, reply.message_id)
    assert written(workshop, workshop.settle) == []


def test_lost_merged_and_foreign_cases(workshop: Workshop) -> None:
    original = begin(workshop)
    trash, spam, deleted, merged, survivor, foreign, shared, twin = (
        old_ticket(workshop, 30 - number, f"{LONG} {number}") for number in range(8)
    )
    cases = {t: original.take(t).case_id for t in (trash, spam, deleted, merged, survivor, foreign, shared)}
    workshop.desk.trash(cases[trash])
    workshop.desk.spam(cases[spam])
    workshop.desk.delete(cases[deleted])
    workshop.desk.merge(cases[merged], cases[survivor])
    workshop.desk.cases[cases[foreign]].subject = "чужое"
    for one in workshop.desk.messages(cases[foreign]):
        one.content = "о другом"
    workshop.panel.execute("DELETE FROM ticket_message2external_case_message_original")
    workshop.panel.execute("DELETE FROM user2external_user_original")
    workshop.panel.execute(
        "INSERT INTO ticket2external_case_original (ticket, external_case) VALUES (%s, %s)", twin, cases[shared]
    )
    answer = adopt(workshop)
    told = numbers(answer)
    assert told["adopted"] == "2"
    assert [told[f"left_{why}"] for why in ("trash", "spam", "deleted", "unlike", "shared")] == ["1"] * 4 + ["2"]
    assert workshop.case(merged) == workshop.case(survivor) == cases[survivor]
    assert workshop.link(merged).joined_at > 0 == workshop.link(survivor).joined_at
    assert written(workshop, workshop.settle) == []
    workshop.client_writes(merged, "в объединённом")
    workshop.settle()
    assert [one.content for one in workshop.desk.messages(cases[survivor])][-1] == (
        f"Запрос №{merged}\n\nв объединённом"
    )
    workshop.tick(60)
    workshop.agent_replies(merged, "ответ объединённому")
    workshop.settle()
    assert [one.text for one in workshop.panel.messages(merged)][-1] == "ответ объединённому"
    assert len(workshop.panel.messages(survivor)) == 2


def test_a_run_that_dies_anywhere_is_ended_by_the_next(workshop: Workshop) -> None:
    original = begin(workshop)
    tickets = [old_ticket(workshop, 40 - number, f"{LONG} {number}") for number in range(3)]
    cases = [original.take(ticket).case_id for ticket in tickets]
    died = True
    at = 0
    while died:
        at += 3
        crasher = Crasher(workshop, at)
        died = False
        try:
            with crasher.armed():
                adopt(workshop)
        except Crash:
            died = True
        workshop.restart()
        halves = workshop.context.db.rows(
            "SELECT k.ticket FROM ticket2external_case k WHERE k.external_case > 0 AND (SELECT COUNT(*) FROM"
            " ticket_message2external_case_message m WHERE m.ticket = k.ticket AND m.state = 'done') <> 2"
        )
        assert halves == []
        intents = workshop.context.db.rows("SELECT id FROM ticket_message2external_case_message WHERE state='intent'")
        assert intents == []
    assert at > 3
    adopt(workshop)
    assert [workshop.case(ticket) for ticket in tickets] == cases
    assert numbers(adopt(workshop))["adopted"] == "0"
    assert written(workshop, workshop.settle) == []


def run(workshop: Workshop, wanted: Selection | None = None, dry: bool = False, **more: Any) -> Figures:
    """A run whose time is the workshop's."""
    tools: dict[str, Any] = {"sleep": workshop.tick, "now": workshop.clock, "wake": lambda paths: workshop.sync()}
    tables, chosen = Tables(workshop.context.db), wanted or Selection()
    with Report(workshop.context.paths, "ru", dry=dry, syncing=True, now=workshop.clock()) as report:
        number = count(workshop.context, chosen)
        work = Adoption(
            workshop.context, workshop.locks, chosen, number, Stop(), tables, report,
            channels=[workshop.channel.key], dry=dry, **{**tools, **more},
        )  # fmt: skip
        figures = work.run()
        report.summary()
    return figures


def test_the_account_s_limit_is_kept_and_a_pause_loses_nothing(make_workshop: Make) -> None:
    workshop = make_workshop(hook=False, desk=Settings(rate_limit=20))
    original = begin(workshop, tables=False)
    # All alike but for the text: each case has to be read, which takes more calls than a minute has.
    tickets = [old_ticket(workshop, 10, f"Запрос с длинным текстом {n * 7919}", subject="Тема") for n in range(30)]
    for ticket in tickets:
        original.take(ticket)
    figures = run(workshop)
    assert (figures.imported, figures.failed) == (30, 0)
    assert [call for call in workshop.desk.calls if call.status == 429] == []
    assert len(workshop.desk.calls) < 80


def test_a_client_with_more_cases_than_a_page_holds(make_workshop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of cases and of messages, a minute that ends in the middle of them, and tables without a row."""
    for place in ("helpdesk.client", "migration.adopt_search"):
        monkeypatch.setattr(f"omnidesk.{place}.PAGE", 3)
    workshop = make_workshop(hook=False, desk=Settings(rate_limit=5))
    original = begin(workshop, tables=False)
    tickets = [old_ticket(workshop, 90 - n, f"{LONG} {n}", f"Вопрос номер {n}") for n in range(20)]
    for number in range(7):
        workshop.panel.client_writes(
            workshop.ivan.user, tickets[0], f"дополнение {number}", created=workshop.moment(80 * DAY - number)
        )
    cases = [original.take(ticket).case_id for ticket in tickets]
    figures = run(workshop)
    assert (figures.imported, figures.failed, figures.empty) == (20, 0, 0)
    assert [workshop.case(ticket) for ticket in tickets] == cases
    assert len(assert_same(workshop, tickets[0])) == 9


def test_tickets_of_today_come_first(workshop: Workshop) -> None:
    original = begin(workshop)
    tickets = [old_ticket(workshop, 40 - n, f"{LONG} {n}") for n in range(4)]
    for ticket in tickets:
        original.take(ticket)
    workshop.sync()
    workshop.hook = True
    fresh: list[tuple[int, int]] = []

    def watch(figures: Figures, ticket: int, waits: str) -> None:
        if figures.imported == 2 and not fresh:
            fresh.append((workshop.new_ticket("срочно", user=workshop.petra.user), 0))
        elif fresh and not fresh[0][1] and figures.imported == 3:
            fresh[0] = (fresh[0][0], workshop.case(fresh[0][0]))

    assert run(workshop, progress=watch).imported == 4
    assert fresh[0][1] > 0  # it had its case before the fourth was looked at


def test_fields_and_names_go_over_when_a_ticket_is_touched_and_not_before(workshop: Workshop) -> None:
    original = begin(workshop)
    tickets = [old_ticket(workshop, 40 - n, f"{LONG} {n}") for n in range(3)]
    cases = [original.take(ticket).case_id for ticket in tickets]
    key = workshop.desk.add_field("Тикет", "text", "case").key
    put(workshop.paths, Link(key, "ticket"))
    workshop.restart()
    adopt(workshop)
    workshop.settle()
    workshop.tick(4000)
    assert written(workshop, workshop.settle) == []
    workshop.client_writes(tickets[1], "новое")
    calls = {call for call in written(workshop, workshop.settle) if call.startswith("PUT /api/cases/")}
    assert calls == {f"PUT /api/cases/{cases[1]}.json"}
    assert [bool(workshop.desk.cases[case].custom_fields.get(key)) for case in cases] == [False, True, False]


def test_a_failed_read_is_no_absence(workshop: Workshop) -> None:
    original = begin(workshop)
    bad, good = old_ticket(workshop, 9), old_ticket(workshop, 8, "Другой вопрос, подлиннее")
    case = original.take(bad).case_id
    original.take(good)
    workshop.desk.faults.answer(500, "oops", on=lambda request: f"/cases/{case}/" in request.path, times=None)
    figures = run(workshop)
    assert (figures.imported, figures.failed) == (1, 1)
    assert workshop.case(bad) == 0 and workshop.case(good)
    assert workshop.context.queue.listing() == []
    workshop.desk.faults.clear()
    assert run(workshop).imported == 1
    assert workshop.case(bad) == case
    workshop.desk.faults.answer(401, '{"error": "unauthorized"}', times=None)
    old = old_ticket(workshop, 7, "Третий")
    with pytest.raises(Paused):
        run(workshop)
    assert workshop.case(old) == 0


def test_while_synchronisation_is_off_due_tickets_are_taken_and_nothing_is_waited_for(make_workshop: Make) -> None:
    workshop = make_workshop(sync=False)
    original = begin(workshop)
    ticket = old_ticket(workshop, 9)
    case = original.take(ticket).case_id
    workshop.run_pass()
    workshop.client_writes(ticket, "уже новый модуль")
    workshop.run_pass()
    assert workshop.context.queue.due(5) == [ticket]
    assert numbers(adopt(workshop))["adopted"] == "1"
    workshop.restart(sync=True)
    workshop.settle()
    assert workshop.case(ticket) == case and len(workshop.desk.cases) == 1
    assert len(assert_same(workshop, ticket)) == 3


def test_a_case_of_another_channel_needs_a_word(workshop: Workshop) -> None:
    other = workshop.desk.add_channel("Старый канал", "")
    original = Original(workshop.panel, workshop.desk, other.key)
    ticket = old_ticket(workshop, 9)
    original.take(ticket)
    assert numbers(adopt(workshop))["left_channel"] == "1"
    with pytest.raises(Failure, match="cch999"):
        adopt(workshop, channel="cch999")
    assert numbers(adopt(workshop, channel=other.key))["adopted"] == "1"


def test_columns_in_doubt_are_named_and_can_be_given(workshop: Workshop) -> None:
    original = begin(workshop, form="odd")
    ticket = old_ticket(workshop, 9)
    case = original.take(ticket).case_id
    for number in range(3):
        original.take(old_ticket(workshop, 8, f"{LONG} {number}", f"Тема {number}"))
    workshop.panel.execute("ALTER TABLE ticket2external_case_original ADD COLUMN other BIGINT")
    workshop.panel.execute("UPDATE ticket2external_case_original SET other = remote + 1")
    with pytest.raises(Misconfigured) as caught:
        adopt(workshop, yes=False)
    assert caught.value.type == "original_columns"
    assert caught.value.value.startswith("case could be remote, other (of id, module, remote, changed, other)")
    assert numbers(adopt(workshop, columns="case=remote"))["adopted"] == "4"
    assert workshop.case(ticket) == case
    for wrong in ("case", "box=remote", "case=a b", "case=absent"):
        with pytest.raises(Failure):
            adopt(workshop, columns=wrong)
    with pytest.raises(Misconfigured, match="_absent"):
        adopt(workshop, tables="_absent")


@pytest.mark.parametrize("wanted", [Selection(open_only=True), Selection(since="2999-01-01 00:00:00")])
def test_only_what_was_asked_for(workshop: Workshop, wanted: Selection) -> None:
    original = begin(workshop)
    ticket = old_ticket(workshop, 9)
    original.take(ticket)
    assert run(workshop, wanted).imported == 0
    assert run(workshop).imported == 1


@pytest.mark.parametrize("longest", [366, None], ids=["a year at most", "any time"])
def test_cases_of_many_years_are_found(make_workshop: Make, longest: int | None) -> None:
    """An account may refuse a time range above a year: then they are looked for by years, once for all clients."""
    workshop = make_workshop(hook=False, desk=Settings(longest_range=longest))
    original = begin(workshop, tables=False)
    tickets = [old_ticket(workshop, days, f"{LONG} {days}") for days in (1, 300, 361, 725, 1100, 2000)]
    other = workshop.new_ticket("Счёт не оплачивается картой", user=workshop.petra.user)
    cases = [original.take(ticket).case_id for ticket in [*tickets, other]]
    figures = run(workshop)
    assert (figures.imported, figures.failed) == (7, 0)
    assert [workshop.case(ticket) for ticket in [*tickets, other]] == cases
    lists = [call for call in workshop.desk.calls if call.path == "/api/cases.json" and "user_custom_id" in call.query]
    assert sum(call.status == 400 for call in lists) == (1 if longest else 0)
    for ticket in tickets:
        assert_same(workshop, ticket)
