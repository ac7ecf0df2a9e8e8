"""Histories that are wrong on purpose: each mistake makes exactly the complaint that is meant for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.judge.complaints import RULES
from tests.judge.history import Person, Refused, Said
from tests.judge.pairing import Shown, Wanted, in_any_order, says
from tests.judge.snapshot import Case, Entry
from tests.judge.verdict import silence
from tests.judge.worlds import ANNA, BORIS, INTEGRATION, IVAN, OLGA, PETRA, VERA, World

TICKET, CASE = 300, 900


def conversation() -> World:
    """A ticket in which everybody has written, and another client's, all of it on both sides."""
    world = World()
    world.opens()
    world.client(TICKET, CASE, "Помогите, пожалуйста", OLGA)
    world.staff(TICKET, CASE, "Смотрим")
    world.staff(TICKET, CASE, "Передал коллегам", BORIS)
    world.staff(TICKET, CASE, "клиент важный", BORIS, kind="note")
    world.agent(TICKET, CASE, "Починили", VERA)
    world.agent(TICKET, CASE, "Проверьте", ANNA)
    world.agent(TICKET, CASE, "сервер три", VERA, kind="note")
    world.mails(TICKET, CASE, "Письмом: спасибо")
    world.opens(PETRA, "Wo ist die Rechnung?")
    return world


def test_a_right_history_is_right() -> None:
    assert conversation().complaints() == []


# Mistakes among messages. Each takes a right world and spoils it; the names are those of RULES.

Spoil = Callable[[World], None]


def _replace_there(world: World, at: int, **changes: object) -> None:
    entries = list(world.cases[CASE].entries)
    entries[at] = replace(entries[at], **changes)  # type: ignore[arg-type]
    world.case_entries(CASE, tuple(entries))


def _replace_here(world: World, at: int, **changes: object) -> None:
    entries = list(world.tickets[TICKET].entries)
    entries[at] = replace(entries[at], **changes)  # type: ignore[arg-type]
    world.ticket_entries(TICKET, tuple(entries))


def _at(entries: tuple[Entry, ...], text: str) -> int:
    return next(at for at, one in enumerate(entries) if text in one.text)


def lost_there(world: World) -> None:
    world.case_entries(CASE, tuple(one for one in world.cases[CASE].entries if "Смотрим" not in one.text))


def lost_here(world: World) -> None:
    world.ticket_entries(TICKET, tuple(one for one in world.tickets[TICKET].entries if "Починили" not in one.text))


def lost_note(world: World) -> None:
    world.ticket_entries(TICKET, tuple(one for one in world.tickets[TICKET].entries if "сервер три" not in one.text))


def doubled_there(world: World) -> None:
    entries = world.cases[CASE].entries
    world.there(CASE, replace(entries[_at(entries, "Смотрим")], id=world.tick()))


def late_duplicate_here(world: World) -> None:
    world.tick(7200)
    entries = world.tickets[TICKET].entries
    world.here(TICKET, replace(entries[_at(entries, "Починили")], id=world.tick()))


def doubled_note(world: World) -> None:
    entries = world.cases[CASE].entries
    world.there(CASE, replace(entries[_at(entries, "важный")], id=world.tick()))


def swapped_there(world: World) -> None:
    entries = world.cases[CASE].entries
    first, second = _at(entries, "Смотрим"), _at(entries, "Передал")
    here, there = entries[first], entries[second]
    _replace_there(world, first, text=there.text, author=there.author)
    _replace_there(world, second, text=here.text, author=here.author)


def swapped_here(world: World) -> None:
    entries = world.tickets[TICKET].entries
    first, second = _at(entries, "Починили"), _at(entries, "Проверьте")
    here, there = entries[first], entries[second]
    _replace_here(world, first, text=there.text, author=there.author)
    _replace_here(world, second, text=here.text, author=here.author)


def wrong_employee(world: World) -> None:
    _replace_there(world, _at(world.cases[CASE].entries, "Смотрим"), author=VERA.omnidesk)


def not_named(world: World) -> None:
    _replace_there(world, _at(world.cases[CASE].entries, "Передал"), text="Передал коллегам")


def named_wrongly(world: World) -> None:
    at = _at(world.tickets[TICKET].entries, "Починили")
    _replace_here(world, at, text="Борис Лунин пишет:\n\nПочинили")


def reply_as_client(world: World) -> None:
    _replace_here(world, _at(world.tickets[TICKET].entries, "Проверьте"), kind="client", author=5)


def in_another_clients_name(world: World) -> None:
    _replace_there(world, 0, author=PETRA.billmanager)


def in_another_clients_case(world: World) -> None:
    entries = world.cases[CASE].entries
    at = _at(entries, "Помогите")
    world.there(CASE + 1, replace(entries[at], author=PETRA.billmanager))
    world.case_entries(CASE, entries[:at] + entries[at + 1 :])


def reply_in_another_ticket(world: World) -> None:
    entries = world.tickets[TICKET].entries
    at = _at(entries, "Проверьте")
    world.here(TICKET + 1, entries[at])
    world.ticket_entries(TICKET, entries[:at] + entries[at + 1 :])


def note_as_message(world: World) -> None:
    _replace_there(world, _at(world.cases[CASE].entries, "важный"), kind="staff")


def message_as_note(world: World) -> None:
    _replace_here(world, _at(world.tickets[TICKET].entries, "Проверьте"), kind="note")


def other_words(world: World) -> None:
    _replace_here(world, _at(world.tickets[TICKET].entries, "Проверьте"), text="Проверяйте ещё раз")


def cut_off(world: World) -> None:
    _replace_there(world, 0, text="Сайт не")


def file_lost(world: World) -> None:
    world.client(TICKET, CASE, "с файлом")
    said = world.history.acts.pop()
    assert isinstance(said, Said)
    world.act(replace(said, files=(("a.txt", b"a"),)))


def stranger_there(world: World) -> None:
    world.there(CASE, Entry(world.tick(), "staff", INTEGRATION.omnidesk, "Здравствуйте!"))


def stranger_note_here(world: World) -> None:
    world.here(TICKET, Entry(world.tick(), "note", INTEGRATION.billmanager, "Ничего не случилось"))


def second_case(world: World) -> None:
    world.cases[CASE + 5] = Case(CASE + 5, "Тема 300", 5, "open")


def case_of_nobody(world: World) -> None:
    world.cases[CASE + 5] = Case(CASE + 5, "Откуда оно?", 5, "open")


MISTAKES: list[tuple[Spoil, str]] = [
    (lost_there, "lost"),
    (lost_here, "lost"),
    (lost_note, "lost"),
    (doubled_there, "repeated"),
    (late_duplicate_here, "repeated"),
    (doubled_note, "repeated"),
    (swapped_there, "order"),
    (swapped_here, "order"),
    (wrong_employee, "author"),
    (not_named, "author"),
    (named_wrongly, "author"),
    (reply_as_client, "author"),
    (in_another_clients_name, "client"),
    (in_another_clients_case, "ticket"),
    (reply_in_another_ticket, "ticket"),
    (note_as_message, "kind"),
    (message_as_note, "kind"),
    (other_words, "text"),
    (cut_off, "text"),
    (file_lost, "files"),
    (stranger_there, "stranger"),
    (stranger_note_here, "stranger"),
    (second_case, "case"),
    (case_of_nobody, "case"),
]


@pytest.mark.parametrize(("spoil", "rule"), MISTAKES, ids=[spoil.__name__ for spoil, _ in MISTAKES])
def test_a_mistake_makes_its_complaint_and_no_other(spoil: Spoil, rule: str) -> None:
    world = conversation()
    spoil(world)
    assert world.verdict() == [rule], world.complaints()
    assert rule in RULES


# Ratings


def rated(level: str) -> World:
    world = World()
    world.opens()
    reply = world.staff(TICKET, CASE, "Готово", end=True)
    world.rates(TICKET, reply, "good")
    _replace_there(world, 1, rating=level)
    return world


def test_a_rating_that_went_over_is_right() -> None:
    assert rated("high").complaints() == []


@pytest.mark.parametrize("level", ["", "low", "middle"])
def test_another_rating_is_wrong(level: str) -> None:
    assert rated(level).verdict() == ["rating"]


def test_the_last_rating_counts() -> None:
    world = rated("high")
    world.rates(TICKET, max(one.id for one in world.tickets[TICKET].entries), "bad")
    assert world.verdict() == ["rating"]
    _replace_there(world, 1, rating="low")
    assert world.complaints() == []


def test_the_rating_of_a_reply_from_omnidesk_is_judged_too() -> None:
    world = World()
    world.opens()
    world.agent(TICKET, CASE, "Готово")
    world.rates(TICKET, world.tickets[TICKET].entries[-1].id, "bad")
    assert world.verdict() == ["rating"]
    _replace_there(world, 1, rating="low")
    assert world.complaints() == []


def test_a_clients_message_is_never_rated() -> None:
    world = World()
    world.opens()
    world.rates(TICKET, world.tickets[TICKET].entries[0].id, "good")
    assert world.complaints() == []
    _replace_there(world, 0, rating="high")
    assert world.verdict() == ["rating"]


# Exceptions, each with what it does not excuse


def test_what_nobody_could_read_any_more_may_be_missing() -> None:
    world = conversation()
    lost_here(world)
    world.goes(CASE, "trash")
    assert world.complaints() == []


def test_what_was_written_before_the_last_rest_may_not() -> None:
    world = conversation()
    world.rested()
    world.goes(CASE, "trash")
    lost_here(world)
    assert world.verdict() == ["lost"]


def _same_words(world: World, *, rest: bool = False) -> None:
    """The client's message does not get into the case, and his mail with the same words not into the ticket."""
    world.client(TICKET, CASE, "Спасибо, работает", arrives=False)
    if rest:
        world.rested()
    world.mails(TICKET, CASE, "Спасибо, работает")
    world.ticket_entries(TICKET, world.tickets[TICKET].entries[:-1])


def test_a_mail_with_the_words_of_a_message_in_doubt_is_not_told_from_its_copy() -> None:
    world = conversation()
    world.disturbed()
    _same_words(world)
    assert world.complaints() == []


@pytest.mark.parametrize("disturbed", [True, False])
def test_without_a_doubt_both_have_to_go_over(disturbed: bool) -> None:
    """No call was disturbed; or all had been right between the two."""
    world = conversation()
    if disturbed:
        world.disturbed()
    _same_words(world, rest=disturbed)
    assert world.verdict() == ["lost", "lost"]


def test_a_clients_message_may_not_even_then() -> None:
    world = conversation()
    lost_there(world)
    world.goes(CASE, "delete")
    assert world.verdict() == ["lost"]


def test_what_went_into_a_case_in_spam_has_to_go_into_the_next_as_well() -> None:
    world = conversation()
    world.goes(CASE, "spam")
    world.client(TICKET, CASE, "Вы тут?")
    assert world.verdict() == ["lost"]
    world.cases[CASE + 5] = Case(CASE + 5, "Тема 300", 5, "open", (Entry(world.tick(), "client", 5, "Вы тут?"),))
    assert world.complaints() == []


@pytest.mark.parametrize(("who", "rules"), [(OLGA, []), (PETRA, ["stranger"])])
def test_a_blocked_client_is_named_in_his_other_tickets_only(who: Person, rules: list[str]) -> None:
    """Ivan's and Olga's account is one client."""
    world = conversation()
    world.goes(CASE, "spam")
    other, _ = world.opens(who, "Ещё вопрос")
    world.here(other, Entry(world.tick(), "note", INTEGRATION.billmanager, "Клиент заблокирован"))
    assert world.verdict() == rules


def test_a_note_waits_for_a_case() -> None:
    world = conversation()
    world.goes(CASE, "trash")
    world.case_entries(CASE, tuple(one for one in world.cases[CASE].entries if "важный" not in one.text))
    assert world.complaints() == []


def test_what_was_refused_three_times_may_come_late() -> None:
    world = conversation()
    world.refused("B", "Починили")
    swapped_here(world)
    assert world.complaints() == []


def test_so_may_a_text_in_which_nothing_can_be_seen() -> None:
    world = conversation()
    world.agent(TICKET, CASE, "\u2060")
    world.agent(TICKET, CASE, "Починили ещё раз")
    *others, blank, last = world.tickets[TICKET].entries
    world.ticket_entries(TICKET, (*others, replace(blank, id=last.id), replace(last, id=blank.id)))
    assert world.verdict() == ["order"]
    world.refused("B", "(без текста)")
    assert world.complaints() == []


def test_so_may_what_is_said_in_a_ticket_in_which_nobody_may_act() -> None:
    world = conversation()
    for _ in range(3):
        world.act(Refused(world.now, "B", "", TICKET))
    swapped_here(world)
    assert world.complaints() == []


@pytest.mark.parametrize(("side", "times"), [("B", 2), ("O", 3)])
def test_what_was_refused_less_often_or_elsewhere_may_not(side: str, times: int) -> None:
    world = conversation()
    world.refused(side, "Починили", times)
    swapped_here(world)
    assert world.verdict() == ["order"]


def sent_again() -> World:
    """The case was deleted, and the ticket's next one begins with a message that was in it."""
    world = conversation()
    again = world.cases[CASE].entries[1]
    world.goes(CASE, "delete")
    world.cases[CASE + 5] = Case(CASE + 5, "Тема 300", 5, "open")
    world.there(CASE + 5, replace(again, id=world.tick()))
    return world


def test_an_unanswered_message_of_a_deleted_case_may_be_sent_again() -> None:
    world = sent_again()
    world.disturbed()
    assert world.complaints() == []


def test_one_that_was_answered_may_not() -> None:
    assert sent_again().verdict() == ["repeated"]


def test_a_refusal_may_be_told_in_a_note_and_its_end_in_another() -> None:
    world = conversation()
    world.refused("B", "Починили")
    for text in ("Ответ не доставлен", "Ответ всё же доставлен"):
        world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, text))
        assert world.complaints() == []
    world.there(CASE, Entry(world.tick(), "note", INTEGRATION.omnidesk, "Ответ не доставлен"))
    assert world.verdict() == ["stranger"]


def renamed(name: str) -> World:
    """A case that is not called as its ticket is."""
    world = conversation()
    world.cases[CASE] = replace(world.cases[CASE], subject=name)
    return world


def test_a_case_whose_first_message_was_refused_may_have_no_subject() -> None:
    world = renamed(f"Запрос №{TICKET}")
    world.refused("O", world.tickets[TICKET].entries[0].text, times=1)
    assert world.complaints() == []


@pytest.mark.parametrize("refused", ["", "что-то другое"])
@pytest.mark.parametrize("name", [f"Запрос №{TICKET}", "Что-то другое"])
def test_without_such_a_refusal_it_may_not(name: str, refused: str) -> None:
    world = renamed(name)
    if refused:
        world.refused("O", refused)
    assert "case" in world.verdict() and "lost" in world.verdict()


def mailed_as_note(text: str = "почтой: привет") -> World:
    """What the client wrote in Omnidesk stands in the ticket as a note of the integration's employee."""
    world = conversation()
    world.mails(TICKET, CASE, "почтой: привет")
    note = f"Клиент Иван Петров написал это в Омнидеске, панель не приняла это от него:\n\n{text}"
    entries = world.tickets[TICKET].entries
    world.ticket_entries(TICKET, (*entries[:-1], replace(entries[-1], kind="note", author=1, text=note)))
    return world


def test_what_the_panel_does_not_take_from_a_client_may_be_a_note() -> None:
    world = mailed_as_note()
    world.refused("B", "почтой: привет", times=1)
    assert world.complaints() == []
    world = mailed_as_note("почтой: что-то другое")
    world.refused("B", "почтой: привет", times=1)
    assert world.verdict() == ["lost"], "the note says something else"


@pytest.mark.parametrize("refused", ["", "Починили"])
def test_what_it_does_take_may_not(refused: str) -> None:
    world = mailed_as_note()
    if refused:
        world.refused("B", refused)
    assert "lost" in world.verdict()


def test_changes_after_delivery_are_told_of_once_each() -> None:
    world = conversation()
    world.history.habits = replace(world.history.habits, edits="note")
    reply = next(one for one in world.history.said("O") if one.text == "Починили")
    world.edited(CASE, reply.id)
    _replace_there(world, _at(world.cases[CASE].entries, "Починили"), text="Починили навсегда")
    assert world.verdict() == ["notice"]
    world.here(TICKET, Entry(world.tick(), "note", INTEGRATION.billmanager, "В Омнидеске изменено сообщение 7"))
    assert world.complaints() == []
    world.here(TICKET, Entry(world.tick(), "note", INTEGRATION.billmanager, "В Омнидеске изменено сообщение 7"))
    assert world.verdict() == ["stranger"]


def test_notes_stay_where_they_are_when_they_are_switched_off() -> None:
    world = World()
    world.history.habits = replace(world.history.habits, notes=False)
    world.opens()
    world.staff(TICKET, CASE, "между нами", kind="note")
    assert world.verdict() == ["stranger"]
    world.case_entries(CASE, world.cases[CASE].entries[:1])
    assert world.complaints() == []


# Merged cases


def merged() -> World:
    """Petra's case was merged into Ivan's, as their users were before; both have written since."""
    world = conversation()
    world.cases[CASE + 1] = replace(world.cases[CASE + 1], client=IVAN.billmanager)
    world.goes(CASE + 1, "merge", CASE)
    world.staff(TICKET, CASE, "Ивану")
    world.tick()
    world.act(Said(world.now, "B", "message", 77777, 7, "noch da?", "open", TICKET + 1, sees=77777))
    world.here(TICKET + 1, Entry(77777, "client", 7, "noch da?"))
    world.there(CASE, Entry(world.tick(), "client", 5, "Petra Maier пишет:\n\nnoch da?"))
    return world


def test_merged_cases_hold_what_was_said_in_either_ticket() -> None:
    assert merged().complaints() == []


def test_what_is_lost_or_doubled_in_a_merged_case_is_seen() -> None:
    world = merged()
    lost_there(world)
    assert world.verdict() == ["lost"]
    world = merged()
    doubled_there(world)
    assert world.verdict() == ["repeated"]


def test_a_ticket_that_has_ended_beside_an_open_merged_case_is_seen() -> None:
    world = merged()
    world.here(TICKET + 1, None, "waiting")
    assert world.verdict() == ["agreement"]


def test_a_ticket_whose_case_was_merged_into_another_clients_has_none_until_the_next_message() -> None:
    """Its state is then nobody's, and what the panel itself writes in it need not go over."""
    world = conversation()
    world.goes(CASE + 1, "merge", CASE)
    world.here(TICKET + 1, None, "waiting")
    world.here(TICKET + 1, Entry(world.tick(), "system", 0, "Запрос разделён"))
    assert world.complaints() == []


# Silence


def test_silence_is_one_poll() -> None:
    assert silence(["GET /api/cases.json"], []) == []


@pytest.mark.parametrize(
    ("calls", "requests", "complaints"),
    [
        ([], [], 1),
        (["GET /api/cases.json", "GET /api/cases.json"], [], 1),
        (["GET /api/cases.json", "PUT /api/cases/1.json"], [], 1),
        (["GET /api/cases.json", "GET /api/cases/1/messages.json"], [], 1),
        (["GET /api/cases.json"], ["ticket.edit"], 1),
    ],
)
def test_anything_else_is_none(calls: list[str], requests: list[str], complaints: int) -> None:
    found = silence(calls, requests)
    assert [one.rule for one in found] == ["silence"] * complaints


def test_messages_without_a_text_are_interchangeable_where_tickets_share_a_case() -> None:
    """They are shown with other words than they were written in."""
    wanted = [Wanted(Said(1.0, "B", "message", id, 5, "\u200b", "open", TICKET), TICKET) for id in (1, 2)]
    entries = [Entry(id, "client", 5, "(без текста)") for id in (21, 22)]
    for order in (entries, entries[::-1]):
        shown = [Shown(entry, CASE) for entry in order]
        assert not in_any_order(wanted, shown, says).displaced


@pytest.mark.parametrize(("holders", "staff", "right"), [
    ((), 0, True),
    ((), INTEGRATION.omnidesk, True),  # who is nobody
    ((INTEGRATION.billmanager,), 0, True),
    ((ANNA.billmanager, 77), ANNA.omnidesk, True),
    ((BORIS.billmanager,), ANNA.omnidesk, True),  # whom Omnidesk does not know
    ((ANNA.billmanager,), VERA.omnidesk, True),  # whom BILLmanager does not know
    ((ANNA.billmanager,), 0, False),
    ((), ANNA.omnidesk, False),
    ((ANNA.billmanager,), INTEGRATION.omnidesk, False),
])  # fmt: skip
def test_an_open_ticket_and_its_case_are_one_persons(holders: tuple[int, ...], staff: int, right: bool) -> None:
    world = conversation()
    world.tickets[TICKET] = replace(world.tickets[TICKET], holders=holders)
    world.cases[CASE] = replace(world.cases[CASE], staff=staff)
    assert world.complaints() == [], "the setting is off"
    world.history.habits = replace(world.history.habits, assignee=True)
    assert [one.rule for one in world.complaints()] == ([] if right else ["assignee"])
    world.tickets[TICKET] = replace(world.tickets[TICKET], state="waiting")
    assert "assignee" not in [one.rule for one in world.complaints()], "an ended ticket is nobody's"


@pytest.mark.parametrize(("here", "there", "right"), [
    ("normal", "normal", True), ("normal", "low", True), ("high", "critical", True), ("low", "low", True),
    ("normal", "high", False), ("low", "normal", False), ("critical", "high", False),
])  # fmt: skip
def test_an_open_ticket_and_its_case_have_one_priority(here: str, there: str, right: bool) -> None:
    world = conversation()
    world.history.habits = replace(world.history.habits, priority=True)
    world.tickets = {number: replace(one, priority="low") for number, one in world.tickets.items()}
    world.cases = {number: replace(one, priority="low") for number, one in world.cases.items()}
    world.tickets[TICKET] = replace(world.tickets[TICKET], priority=here)
    world.cases[CASE] = replace(world.cases[CASE], priority=there)
    found = world.complaints()
    assert [one.rule for one in found] == ([] if right else ["priority"])
    assert all("two priorities" in str(one) for one in found)
