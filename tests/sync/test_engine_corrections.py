"""What agents edit in Omnidesk after it was delivered reaches the client (setting ``OmnideskEdits message``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omnidesk.sync.actions import Correct
from sandbox.billmanager.panel import PanelOptions
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.support.crash import Crashes
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
WAYS = ("absent", "works", "ignores", "refuses", "posts")


def correcting(make_workshop: Make, way: str = "refuses", **more: Any) -> Workshop:
    options = more.pop("panel_options", PanelOptions(message_edit=way))
    return make_workshop(omnidesk_edits="message", panel_options=options, **more)


@pytest.fixture
def workshop(make_workshop: Make) -> Workshop:
    return correcting(make_workshop)


def answered(workshop: Workshop, *texts: str, user: int = 0, **more: Any) -> tuple[int, list[int]]:
    """A ticket with these replies from Omnidesk, and their ids there."""
    ticket = workshop.linked_ticket(user=user)
    ids = []
    for text in texts or ("Перезагрузите роутер",):
        ids.append(workshop.agent_replies(ticket, text, **more).message_id)
        workshop.settle()
    return ticket, ids


def edit(workshop: Workshop, ticket: int, message: int, text: str = "", **more: Any) -> None:
    workshop.tick(60)
    workshop.desk.edit_message(workshop.case(ticket), message, text=text, **more)


def quiet(workshop: Workshop) -> None:
    workshop.settle()
    for _ in range(3):
        workshop.tick(900)
        workshop.settle()


def said(workshop: Workshop, ticket: int) -> list[str]:
    """What staff said in the ticket."""
    return [one.text for one in workshop.panel.messages(ticket) if one.staff]


def notes(workshop: Workshop, ticket: int) -> list[str]:
    return [note.text for note in workshop.panel.notes(ticket)]


def desk_notes(workshop: Workshop, ticket: int) -> list[str]:
    return [one.content or one.content_html for one in workshop.desk.messages(workshop.case(ticket)) if one.note]


def nothing_comes_back(workshop: Workshop, ticket: int) -> None:
    """Neither side has got anything that nobody wrote there, and nothing is left to do."""
    before = workshop.posted(), workshop.panel.ticket_state(ticket), said(workshop, ticket)
    workshop.make_due(ticket)
    quiet(workshop)
    assert (workshop.posted(), workshop.panel.ticket_state(ticket), said(workshop, ticket)) == before
    assert workshop.context.queue.listing() == []
    assert workshop.message_links(ticket, "intent", "refused") == []
    assert workshop.deeds(ticket) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moves_date", [False, True])
def test_the_client_reads_the_new_text_once_whatever_the_panel_makes_of_an_edit(
    make_workshop: Make, way: str, moves_date: bool
) -> None:
    workshop = correcting(make_workshop, panel_options=PanelOptions(message_edit=way, edit_moves_date=moves_date))
    ticket, (reply,) = answered(workshop, "Оплатите 500 руб.")
    state, posted = workshop.panel.ticket_state(ticket), workshop.posted()
    edit(workshop, ticket, reply, "Оплатите 50 руб.")
    workshop.settle()
    expected = {
        "works": ["Оплатите 50 руб."],
        "posts": ["Оплатите 500 руб.", "Оплатите 50 руб."],
    }.get(way, ["Оплатите 500 руб.", "Исправление: Оплатите 50 руб."])
    assert said(workshop, ticket) == expected
    assert (notes(workshop, ticket), workshop.panel.ticket_state(ticket)) == ([], state)
    assert workshop.posted() == posted, "an edit must not come back to Omnidesk"
    assert {one.author for one in workshop.panel.messages(ticket) if one.staff} == {"Анна Ким"}
    nothing_comes_back(workshop, ticket)


def test_a_panel_that_does_not_edit_is_asked_again_after_a_day_only(make_workshop: Make) -> None:
    workshop = correcting(make_workshop, "ignores")
    ticket, (first, second) = answered(workshop, "раз", "два")

    def asked() -> int:
        return sum(one.func == "ticket.message.edit" for one in workshop.panel.requests)

    edit(workshop, ticket, first, "один")
    workshop.settle()
    edit(workshop, ticket, second, "второй")
    workshop.settle()
    assert asked() == 1
    workshop.panel.options.message_edit = "works"
    workshop.tick(86500)
    third = workshop.agent_replies(ticket, "три").message_id
    workshop.settle()
    edit(workshop, ticket, third, "третий")
    workshop.settle()
    assert asked() == 2 and said(workshop, ticket)[-1] == "третий"
    nothing_comes_back(workshop, ticket)


@pytest.mark.parametrize(("minutes", "later", "in_place"), [(10, 300, True), (10, 900, False), (0, 5, False)])
def test_only_a_young_message_is_changed_itself(
    make_workshop: Make, minutes: int, later: float, in_place: bool
) -> None:
    workshop = correcting(make_workshop, "works", edit_minutes=minutes)
    ticket, (reply,) = answered(workshop, "раз")
    workshop.tick(later)
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    assert said(workshop, ticket) == (["два"] if in_place else ["раз", "Исправление: два"])
    nothing_comes_back(workshop, ticket)


@pytest.mark.parametrize("way", ["works", "refuses"])
def test_of_several_edits_in_a_row_only_the_last_is_sent(make_workshop: Make, way: str) -> None:
    workshop = correcting(make_workshop, way)
    ticket, (reply,) = answered(workshop, "раз")
    for text in ("два", "три", "четыре"):
        edit(workshop, ticket, reply, text)
    workshop.settle()
    assert said(workshop, ticket) == (["четыре"] if way == "works" else ["раз", "Исправление: четыре"])
    nothing_comes_back(workshop, ticket)


@pytest.mark.parametrize("way", ["works", "refuses"])
def test_an_edit_that_is_taken_back_after_the_client_read_it_is_corrected_as_well(
    make_workshop: Make, way: str
) -> None:
    workshop = correcting(make_workshop, way)
    ticket, (reply,) = answered(workshop, "раз")
    for text in ("два", "раз", "два"):
        edit(workshop, ticket, reply, text)
        workshop.settle()
    follow = ["раз", "Исправление: два", "Исправление: раз", "Исправление: два"]
    assert said(workshop, ticket) == (["два"] if way == "works" else follow)
    nothing_comes_back(workshop, ticket)


def test_once_a_correction_followed_the_first_message_is_not_changed_any_more(make_workshop: Make) -> None:
    workshop = correcting(make_workshop, "refuses")
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    workshop.panel.options.message_edit = "works"
    workshop.context.panel.settle_editing(True)
    edit(workshop, ticket, reply, "три")
    workshop.settle()
    assert said(workshop, ticket) == ["раз", "Исправление: два", "Исправление: три"]
    nothing_comes_back(workshop, ticket)


def test_what_only_looks_different_is_no_correction(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "Смотрите https://cdn.example/a?sign=1 и «готово»")
    looks = "<div>Смотрите <a href='https://cdn.example/a?sign=2'><b>https://cdn.example/a?sign=2</b></a><br>"
    edit(workshop, ticket, reply, html=f"{looks}и &laquo;готово&raquo;</div>")
    quiet(workshop)
    assert len(said(workshop, ticket)) == 1


def test_another_place_of_a_link_is_a_correction(workshop: Workshop) -> None:
    workshop.desk.settings.agent_writes = "html"
    ticket = workshop.linked_ticket()
    link = "<p>Счёт <a href='https://pay.example/{}'>здесь</a></p>"
    reply = workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html=link.format(17)).message_id
    workshop.settle()
    edit(workshop, ticket, reply, html=link.format(18))
    workshop.settle()
    assert "https://pay.example/18" in said(workshop, ticket)[-1] and len(said(workshop, ticket)) == 2


def test_an_edit_before_the_delivery_is_none(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.refuse(lambda request: request.func == "ticket.edit", 1)
    reply = workshop.agent_replies(ticket, "раз").message_id
    workshop.deliver_webhooks()
    workshop.run_pass()
    edit(workshop, ticket, reply, "два")
    quiet(workshop)
    assert said(workshop, ticket) == ["два"]
    nothing_comes_back(workshop, ticket)


def test_what_is_cut_out_of_messages_may_be_edited(make_workshop: Make) -> None:
    workshop = correcting(make_workshop)
    workshop.desk.settings.agent_writes = "html"
    ticket = workshop.linked_ticket()
    quote = "<p>Готово</p><div class='omni_orig_reply'>{}</div>"
    reply = workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html=quote.format("раз")).message_id
    workshop.settle()
    edit(workshop, ticket, reply, html=quote.format("два"))
    quiet(workshop)
    assert said(workshop, ticket) == ["Готово"]
    nothing_comes_back(workshop, ticket)


def test_a_stranger_is_named_above_the_correction(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз", staff=workshop.vera_staff)
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    assert said(workshop, ticket) == ["Вера Орлова пишет:\n\nраз", "Вера Орлова пишет:\n\nИсправление: два"]


def test_the_clients_language_counts(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "one", user=workshop.petra.user)
    edit(workshop, ticket, reply, "two")
    workshop.settle()
    assert said(workshop, ticket) == ["one", "Correction: two"]


def test_where_the_panel_knows_no_languages_the_modules_counts(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "one", user=workshop.petra.user)
    workshop.panel.execute("UPDATE user SET language = 'kk' WHERE id = %s", workshop.petra.user)
    edit(workshop, ticket, reply, "two")
    workshop.settle()
    assert said(workshop, ticket) == ["one", "Исправление: two"]


def test_a_list_stands_below_the_word_for_it(workshop: Workshop) -> None:
    workshop.desk.settings.agent_writes = "html"
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, html="<ul><li>два</li><li>три</li></ul>")
    workshop.settle()
    assert said(workshop, ticket)[-1] == "Исправление:\n\n- два\n- три"


def test_a_deletion_is_told_to_staff_and_the_client_keeps_what_he_read(workshop: Workshop) -> None:
    ticket, (first, _) = answered(workshop, "первый ответ", "второй ответ")
    workshop.tick(60)
    workshop.desk.delete_message(workshop.case(ticket), first)
    quiet(workshop)
    (note,) = notes(workshop, ticket)
    assert f"удалено сообщение {first}" in note and said(workshop, ticket) == ["первый ответ", "второй ответ"]


def test_an_edited_note_is_a_note(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    note = workshop.agent_notes(ticket, "перезвонить в 5").message_id
    workshop.settle()
    edit(workshop, ticket, note, "перезвонить в 6")
    quiet(workshop)
    first, second = notes(workshop, ticket)
    assert first == "перезвонить в 5" and f"изменена заметка {note}" in second and second.endswith("перезвонить в 6")
    assert "Клиент" not in second and said(workshop, ticket) == []
    assert len(desk_notes(workshop, ticket)) == 1


def test_what_a_client_wrote_is_not_corrected_in_his_name(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    mailed = workshop.desk.client_message(workshop.case(ticket), "письмом").message_id
    quiet(workshop)
    edit(workshop, ticket, mailed, "исправлено сотрудником")
    quiet(workshop)
    assert [one.text for one in workshop.panel.messages(ticket)][1:] == ["письмом"]
    (note,) = notes(workshop, ticket)
    assert note.endswith("исправлено сотрудником")


@pytest.mark.parametrize("written_by", ["client", "employee"])
def test_what_came_from_billmanager_is_never_corrected(workshop: Workshop, written_by: str) -> None:
    """Also what took several messages in Omnidesk."""
    ticket = workshop.linked_ticket()
    files = tuple((f"{number}.log", b"%d" % number) for number in range(25))
    if written_by == "client":
        workshop.panel.client_writes(workshop.ivan.user, ticket, "журналы", files)
    else:
        workshop.panel.employee_replies(workshop.anna, ticket, "журналы", False, files)
    workshop.settle()
    before = [one.text for one in workshop.panel.messages(ticket)]
    sent = [one.message_id for one in workshop.desk.messages(workshop.case(ticket)) if one.files]
    assert len(sent) == 2
    for message in sent:
        edit(workshop, ticket, message, "другое")
    quiet(workshop)
    assert ([one.text for one in workshop.panel.messages(ticket)], notes(workshop, ticket)) == (before, [])


@pytest.fixture
def with_files(make_workshop: Make) -> Iterator[Workshop]:
    """A panel that takes uploads, and changes messages."""
    workshop = correcting(make_workshop, "works")
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url)
        yield workshop


A, B, C = ((f"{name}.txt", "text/plain", name.encode()) for name in "abc")


def test_the_text_of_a_message_with_files_is_changed_itself(with_files: Workshop) -> None:
    ticket, (reply,) = answered(with_files, "вот", attachments=[A, B])
    edit(with_files, ticket, reply, "нате")
    with_files.settle()
    (last,) = [one for one in with_files.panel.messages(ticket) if one.staff]
    assert (last.text, [file.name for file in last.files]) == ("нате", ["a.txt", "b.txt"])
    nothing_comes_back(with_files, ticket)


def test_added_and_removed_files_are_named_and_the_new_ones_sent(with_files: Workshop) -> None:
    workshop = with_files
    ticket, (reply,) = answered(workshop, "вот", attachments=[A, B])
    workshop.tick(60)
    workshop.desk.change_files(workshop.case(ticket), reply, add=[C], remove=["b.txt"])
    workshop.settle()
    last = [one for one in workshop.panel.messages(ticket) if one.staff][-1]
    assert last.text == "Исправление: вот\n\nДобавлены файлы: c.txt\n\nУбраны файлы: b.txt"
    assert [(file.name, file.content) for file in last.files] == [("c.txt", b"c")]
    nothing_comes_back(workshop, ticket)


def test_an_archived_ticket_stays_in_the_archive_and_the_agent_learns_it(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    edit(workshop, ticket, reply, "два")
    quiet(workshop)
    assert (said(workshop, ticket), workshop.panel.ticket_state(ticket).state) == (["раз"], "closed")
    (note,) = desk_notes(workshop, ticket)
    assert "в архиве" in note and str(reply) in note
    workshop.client_writes(ticket, "а почему?")
    workshop.settle()
    workshop.agent_replies(ticket, "потому")
    quiet(workshop)
    assert said(workshop, ticket) == ["раз", "потому"], "what the agent was told of is over"


@pytest.mark.parametrize("how", ["reopened", "answered"])
def test_what_takes_the_ticket_out_of_the_archive_lets_the_correction_through(workshop: Workshop, how: str) -> None:
    """In one run with it: the agent is not told that the client does not get it."""
    ticket, (reply,) = answered(workshop, "раз")
    workshop.agent_sets(ticket, "closed")
    workshop.settle()
    workshop.panel.client_archives(ticket)
    workshop.settle()
    edit(workshop, ticket, reply, "два")
    if how == "reopened":
        workshop.agent_sets(ticket, "open")
    else:
        workshop.agent_replies(ticket, "и ещё")
    quiet(workshop)
    assert "Исправление: два" in said(workshop, ticket) and desk_notes(workshop, ticket) == []
    nothing_comes_back(workshop, ticket)


def test_what_was_moved_to_another_ticket_is_not_corrected_here(workshop: Workshop) -> None:
    ticket, (_, second) = answered(workshop, "раз", "два")
    moved = workshop.panel.newest_message(ticket, workshop.anna)
    other = workshop.panel.split_ticket(ticket, moved)
    quiet(workshop)
    edit(workshop, ticket, second, "другое")
    quiet(workshop)
    assert said(workshop, ticket)[0] == "раз" and not any("другое" in one for one in said(workshop, other))
    assert any("нет" in one and str(second) in one for one in desk_notes(workshop, ticket))


def test_in_the_case_of_a_deleted_ticket_the_agent_learns_it(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    workshop.panel.delete_ticket(ticket)
    workshop.settle()
    edit(workshop, ticket, reply, "два")
    quiet(workshop)
    notes_there = [one for one in desk_notes(workshop, ticket) if str(reply) in one]
    assert len(notes_there) == 1 and "удалён" in notes_there[0]


def test_a_reply_that_was_refused_goes_with_its_later_text(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.fail("value", "message", "x", lambda request: request.params.get("message") == "раз", 100)
    reply = workshop.agent_replies(ticket, "раз").message_id
    quiet(workshop)
    assert said(workshop, ticket) == []
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    assert said(workshop, ticket) == ["два"]
    nothing_comes_back(workshop, ticket)


def test_a_correction_that_is_refused_is_reported_and_tried_again_by_retry(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    workshop.panel.faults.fail("value", "message", "x", lambda one: "два" in one.params.get("message", ""), 100)
    edit(workshop, ticket, reply, "два")
    quiet(workshop)
    assert said(workshop, ticket) == ["раз"] and len(workshop.message_links(ticket, "refused")) == 1
    (note,) = desk_notes(workshop, ticket)
    assert "не передана клиенту" in note and str(reply) in note
    workshop.panel.faults.clear()
    workshop.context.queue.retry(ticket)
    quiet(workshop)
    assert said(workshop, ticket) == ["раз", "Исправление: два"]
    nothing_comes_back(workshop, ticket)


def test_a_client_who_rates_a_correction_rates_the_reply(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    workshop.panel.client_rates(workshop.panel.newest_message(ticket, workshop.anna), "good")
    workshop.settle()
    assert workshop.desk.threads[workshop.case(ticket)][reply].rating == "high"
    nothing_comes_back(workshop, ticket)


def test_a_correction_in_a_ticket_that_nobody_has_leaves_it_so(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    reply = workshop.agent_replies(ticket, "раз", status="waiting").message_id
    workshop.settle()
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    edit(workshop, ticket, reply, "два")
    workshop.settle()
    assert said(workshop, ticket) == ["раз", "Исправление: два"]
    assert workshop.panel.ticket_state(ticket).state == "waiting"
    assert workshop.desk.cases[workshop.case(ticket)].status == "waiting"
    nothing_comes_back(workshop, ticket)


def test_what_was_edited_while_it_was_off_is_not_sent_later(make_workshop: Make) -> None:
    workshop = make_workshop(omnidesk_edits="off")
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    quiet(workshop)
    workshop.restart(omnidesk_edits="message")
    workshop.agent_replies(ticket, "ещё")
    quiet(workshop)
    assert said(workshop, ticket) == ["раз", "ещё"]
    edit(workshop, ticket, reply, "три")
    quiet(workshop)
    assert said(workshop, ticket) == ["раз", "ещё", "Исправление: три"]


@pytest.mark.parametrize(("way", "moves_date"), [("works", True), ("refuses", False), ("posts", False)])
def test_after_a_death_anywhere_the_client_reads_it_once(make_workshop: Make, way: str, moves_date: bool) -> None:
    crashes = Crashes(each=way == "refuses")
    for at in crashes:
        workshop = correcting(make_workshop, panel_options=PanelOptions(message_edit=way, edit_moves_date=moves_date))
        ticket, (reply,) = answered(workshop, "раз")
        posted = workshop.posted()
        edit(workshop, ticket, reply, "два")
        died = crashes.run(workshop, at)
        quiet(workshop)
        texts = said(workshop, ticket)
        assert sum("два" in one for one in texts) == 1, f"died {died}: {texts}"
        assert workshop.posted() == posted, f"died {died}: it came back to Omnidesk"
        assert workshop.message_links(ticket, "intent", "refused") == [], f"died {died}"
        workshop.close()
    assert len(crashes.effects) >= 3


@pytest.mark.parametrize("fault", ["die", "lose"])
@pytest.mark.parametrize("way", ["works", "refuses"])
def test_a_panel_that_dies_meanwhile_doubles_and_loses_nothing(make_workshop: Make, way: str, fault: str) -> None:
    workshop = correcting(make_workshop, way, settle_seconds=10)
    ticket, (reply,) = answered(workshop, "раз")
    posted = workshop.posted()
    edit(workshop, ticket, reply, "два")
    edits = lambda one: one.func in ("ticket.edit", "ticket.message.edit")  # noqa: E731
    faults = workshop.panel.faults
    (faults.die_after_commit if fault == "die" else faults.lose_request)(edits, 1)
    quiet(workshop)
    assert sum("два" in one for one in said(workshop, ticket)) == 1, said(workshop, ticket)
    assert workshop.posted() == posted
    nothing_comes_back(workshop, ticket)


def test_passing_trouble_does_not_cost_the_correction(workshop: Workshop) -> None:
    """The thread that shows the edit counts as read only when it has been dealt with."""
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    workshop.panel.faults.fail("db", "1213", "deadlock", lambda one: one.func == "ticket.edit", 4)
    quiet(workshop)
    assert said(workshop, ticket) == ["раз", "Исправление: два"]
    nothing_comes_back(workshop, ticket)


def test_the_dry_run_names_the_correction(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    (planned,) = workshop.deeds(ticket)
    assert isinstance(planned, Correct) and str(reply) in str(planned.title())


def test_no_call_is_made_for_edits(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "раз")
    edit(workshop, ticket, reply, "два")
    calls = workshop.calls(workshop.settle)
    assert not [one for one in calls if not one.startswith("GET ")] and len(calls) <= 3, calls


def test_what_became_a_note_is_never_sent_to_the_client(workshop: Workshop) -> None:
    ticket, (reply,) = answered(workshop, "Ответ")
    workshop.desk.threads[workshop.case(ticket)][reply].note = True
    edit(workshop, ticket, reply, "Клиент грубит")
    quiet(workshop)
    assert said(workshop, ticket) == ["Ответ"]
    assert "Клиент грубит" in notes(workshop, ticket)[-1]


@pytest.mark.parametrize("html", ["", "<p>&nbsp;</p>"])
def test_a_text_that_was_taken_away_is_a_matter_of_staff(workshop: Workshop, html: str) -> None:
    ticket, (reply,) = answered(workshop, "Пароль: 12345")
    edit(workshop, ticket, reply, html=html)
    quiet(workshop)
    assert said(workshop, ticket) == ["Пароль: 12345"]
    assert str(reply) in notes(workshop, ticket)[-1]


@pytest.mark.parametrize("way", ["works", "refuses"])
def test_the_first_message_of_a_case_that_staff_opened_is_corrected(make_workshop: Make, way: str) -> None:
    workshop = correcting(make_workshop, way, cases_from_omnidesk="channel")
    workshop.run_pass()
    workshop.tick(5)
    user = workshop.desk.add_user("custom", str(workshop.ivan.user), workshop.channel.key)
    case = workshop.desk.agent_case(user.user_id, "Домен", "<p>Домен истекает</p>", workshop.anna_staff).case_id
    workshop.settle()
    (ticket,) = workshop.context.links.tickets_of_case(case)
    edit(workshop, ticket, workshop.desk.messages(case)[0].message_id, "Домен истёк")
    quiet(workshop)
    assert said(workshop, ticket) == (
        ["Домен истёк"] if way == "works" else ["Домен истекает", "Исправление: Домен истёк"]
    )


@pytest.mark.parametrize("mode", ["message", "note"])
def test_in_a_shared_case_an_edit_or_deletion_is_a_matter_of_the_ticket_that_got_the_reply(
    make_workshop: Make, mode: str
) -> None:
    workshop = make_workshop(desk=DeskSettings(merge_moves_messages=True), omnidesk_edits=mode)
    first, second = workshop.linked_ticket(), workshop.linked_ticket("Другой вопрос")
    one = workshop.agent_replies(first, "Раз").message_id
    two = workshop.agent_replies(second, "Два").message_id
    workshop.settle()
    workshop.tick(60)
    workshop.desk.merge(workshop.case(second), workshop.case(first), workshop.anna_staff)
    quiet(workshop)
    before = said(workshop, first), notes(workshop, first)
    edit(workshop, first, two, "Два поправлено")
    quiet(workshop)
    assert (said(workshop, first), notes(workshop, first)) == before
    assert "Два поправлено" in (said if mode == "message" else notes)(workshop, second)[-1]
    after = notes(workshop, second)
    workshop.desk.delete_message(workshop.case(first), one)
    quiet(workshop)
    assert len(notes(workshop, first)) == len(before[1]) + 1
    assert notes(workshop, second) == after
