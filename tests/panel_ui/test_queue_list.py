"""The list «Синхронизация»: states, counters, reasons, order, pages, the filter, and trying again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from omnidesk.core.errors import Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase, plain
from omnidesk.panel_ui import names
from omnidesk.panel_ui.queue_rows import STATES
from omnidesk.panel_ui.queue_running import running
from omnidesk.store.models import MessageLink
from tests.panel_ui.panel_calls import Answered, call, save_settings
from tests.support.rows import set_ticket
from tests.support.workshop import REPOSITORY, Workshop

REFUSAL = Refused("omnidesk_refused", "POST cases", "wrong_subject")


def queue(workshop: Workshop, **params: Any) -> Answered:
    answer = call(workshop, names.QUEUE, **params)
    assert answer.error == ("", ""), answer.told
    return answer


def column(answer: Answered, name: str) -> list[str]:
    return [row[name] for row in answer.rows]


def refused_message(workshop: Workshop, ticket: int, message: int = 7, why: Phrase | None = None) -> None:
    row = workshop.context.links.begin(MessageLink(0, ticket, "message", "out", "intent", message))
    workshop.context.links.message_refused(row, 3, why or plain("no"), given_up=True)


@pytest.fixture
def stage(workshop: Workshop) -> Workshop:
    """One ticket of each kind: 1 set aside, 2 refused message, 3 failed and later, 4 new; 9 is linked and quiet."""
    queue, clock = workshop.context.queue, workshop.clock
    for ticket in (1, 2, 3, 9):
        workshop.context.links.ensure_ticket(ticket)
    set_ticket(workshop.context.db, 1, case_number="123-456")
    queue.make_due(1, "event")
    queue.failed(1, REFUSAL)
    queue.set_aside(1, REFUSAL)
    refused_message(workshop, 2)
    queue.make_due(3, "messages")
    queue.failed(3, TryLater("omnidesk_trouble", "GET cases", "500"))
    set_ticket(workshop.context.db, 3, due_at=clock() + 60)
    queue.make_due(4, "webhook", since=clock() - 3 * 3600 - 60)
    return workshop


@contextmanager
def worked_on(workshop: Workshop, *tickets: int) -> Iterator[None]:
    """Another process holds the locks of these tickets."""
    code = (
        "import sys, contextlib; from omnidesk.core.locks import TicketLocks\n"
        "locks = TicketLocks(sys.argv[1])\n"
        "with contextlib.ExitStack() as stack:\n"
        "    for one in sys.argv[2:]: stack.enter_context(locks.held(int(one)))\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, workshop.paths.ticket_locks, *map(str, tickets)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "lib")}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def test_nothing_to_do(workshop: Workshop) -> None:
    workshop.linked_ticket()
    answer = queue(workshop)
    assert answer.rows == [] and answer.value("p_elems") == "0"
    assert answer.words("title") == "Синхронизация — модуль ещё не настроен, стороны не сравнивались"
    save_settings(workshop)
    assert queue(workshop).words("title") == "Синхронизация — всё передано"
    workshop.tick(3600)
    assert "давно не сравнивались" in queue(workshop).words("title")


def test_each_kind_has_its_state_worst_first(stage: Workshop) -> None:
    answer = queue(stage)
    assert list(zip(column(answer, "id"), column(answer, "state"), strict=True)) == [
        ("1", "state_aside"),
        ("2", "state_refused"),
        ("3", "state_later"),
        ("4", "state_now"),
    ]
    assert all(answer.words(state) for state in column(answer, "state"))
    assert column(answer, "case_number") == ["123-456", "", "", ""]
    assert column(answer, "tries") == ["1", "3", "1", ""]
    assert [bool(one) for one in column(answer, "next")] == [False, False, True, True]
    assert column(answer, "waiting") == ["", "", "", "3 ч 1 мин"]


def test_the_title_counts_what_there_is(stage: Workshop) -> None:
    title = queue(stage).words("title")
    assert title == "Синхронизация — к выполнению: 1, ждут повтора: 1, отложено: 1, не принято сообщений: 1"


def test_reasons_are_told_in_the_users_language(stage: Workshop) -> None:
    refused_message(stage, 4, 8, Refused("omnidesk_refused", "POST messages", "too long").phrase)
    russian, english = column(queue(stage), "reason"), column(queue(stage, language="en"), "reason")
    assert russian[0].startswith("Омнидеск отклонил вызов (POST cases): wrong_subject.")
    assert english[0].startswith("Omnidesk refused the call (POST cases): wrong_subject.")
    assert russian[1] == "Сообщение 7: no"
    assert russian[2] == "Сбой Омнидеска (GET cases: 500). Модуль повторит попытку автоматически."
    assert russian[3].startswith("вебхук Омнидеска\nСообщение 8: Омнидеск отклонил вызов (POST messages): too long.")
    assert english[3].startswith("webhook from Omnidesk\nMessage 8: Omnidesk refused the call")


def test_subjects_are_shown_as_text(workshop: Workshop) -> None:
    ticket = workshop.new_ticket(subject="<b>&\x1b[31m тема")
    workshop.context.queue.make_due(ticket, "messages")
    (row,) = queue(workshop).rows
    assert row["name"] == "<b>&[31m тема"


def test_who_is_being_worked_on_is_seen_without_taking_a_lock(stage: Workshop) -> None:
    with worked_on(stage, 3, 9, 2**40):
        answer = queue(stage)
        assert dict(zip(column(answer, "id"), column(answer, "state"), strict=True))["3"] == "state_running"
        assert "выполняется: 3" in answer.words("title")
        assert sorted(column(queue(stage, state="running"), "id")) == ["3", "9"]
        with stage.locks.held(4) as mine:
            assert mine
    assert queue(stage, state="running").rows == []


def test_neighbours_that_one_process_works_on_are_all_seen(workshop: Workshop) -> None:
    """The kernel joins the locks of several lanes of one worker, and that of the poll, into one."""
    with worked_on(workshop, 0, 1, 2, 3, 7, 8):
        assert running(workshop.paths.ticket_locks) == {1, 2, 3, 7, 8}


def test_a_pause_is_told_and_shown(stage: Workshop) -> None:
    pause = Paused("omnidesk_trouble", "GET cases", "502", seconds=30)
    until = stage.clock() + 30
    stage.context.state.put("paused", {"type": pause.type, "text": pause.phrase.full("en"), "until": until})
    assert "Omnidesk failed (GET cases: 502)" in queue(stage).words("title"), "as an earlier version wrote it"
    stage.context.state.put("paused", {**pause.phrase.data(), "type": pause.type, "until": until})
    answer = queue(stage)
    assert "Пауза до " in answer.words("title") and "Сбой Омнидеска (GET cases: 502)" in answer.words("title")
    assert column(answer, "state") == ["state_aside", "state_refused", "state_later", "state_paused"]
    stage.tick(31)
    assert "Пауза" not in queue(stage).words("title")


def test_changes_held_back_are_told(stage: Workshop) -> None:
    for ticket in range(1001, 1301):
        stage.context.links.ensure_ticket(ticket)
    stage.context.holds.put(range(1001, 1301), "case")
    assert "Удержано изменений обращений: 300" in queue(stage).words("title")


@pytest.mark.parametrize("state", STATES)
def test_the_filter_of_states(stage: Workshop, state: str) -> None:
    whole = queue(stage)
    expected = [row["id"] for row in whole.rows if row["state"] == f"state_{state}"]
    answer = queue(stage, state=state)
    assert column(answer, "id") == expected and answer.value("p_elems") == str(len(expected))
    assert "Фильтр" in answer.words("title")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("wrong_subject", "ru", ["1"]),
        ("ОТКЛОНИЛ ВЫЗОВ", "ru", ["1"]),
        ("refused the call", "en", ["1"]),
        ("сбой омнидеска", "ru", ["3"]),
        ("вебхук омнидеска", "ru", ["4"]),
        ("no", "ru", ["2"]),
        ("100%", "ru", []),
        ("wrong%subject", "ru", []),
        ("wrong\\_subject", "ru", []),
        ("' OR 1=1 -- ", "ru", []),
    ],
)
def test_the_filter_of_reasons(stage: Workshop, text: str, language: str, expected: list[str]) -> None:
    assert column(queue(stage, text=text, language=language), "id") == expected


def test_the_filter_of_tickets(stage: Workshop) -> None:
    for ticket in ("1", "2", "3", "4"):
        assert column(queue(stage, ticket=ticket), "id") == [ticket]
    assert queue(stage, ticket="5").rows == []


def test_pages_hold_every_row_once(workshop: Workshop) -> None:
    for ticket in range(1, 24):
        workshop.context.queue.make_due(ticket, "messages")
        if ticket % 3 == 0:
            workshop.context.queue.failed(ticket, REFUSAL)
        if ticket % 6 == 0:
            workshop.context.queue.set_aside(ticket, REFUSAL)
    for ticket in range(30, 37):
        refused_message(workshop, ticket, ticket)
    whole = column(queue(workshop, p_cnt=100), "id")
    assert len(whole) == len(set(whole)) == 30
    for size in (1, 4, 7, 30):
        pages = -(-30 // size)
        found = [one for page in range(1, pages + 1) for one in column(queue(workshop, p_num=page, p_cnt=size), "id")]
        assert found == whole
        last = queue(workshop, p_num=10**17, p_cnt=size)
        assert (last.value("p_num"), last.value("p_elems")) == (str(pages), "30")


@pytest.mark.parametrize("name", ["p_num", "p_cnt", "ticket"])
@pytest.mark.parametrize("value", ["-1", "1; DROP TABLE ticket", "9" * 40, "²", "\x00", "0x10", "1e9"])
def test_parameters_that_are_no_numbers(stage: Workshop, name: str, value: str) -> None:
    given: dict[str, Any] = {name: value}
    answer = call(stage, names.QUEUE, **given)
    assert answer.error == ("bad_value", name) and answer.rows == []


def test_the_filter_form_opens_the_list(workshop: Workshop) -> None:
    form = call(workshop, names.QUEUE_FILTER, state="aside")
    assert list(form.choices("state")) == ["", *STATES] and form.value("state") == "aside"
    assert all(form.choices("state").values())
    answer = call(workshop, names.QUEUE_FILTER, sok="ok", state="aside", ticket="17", text="a&b=c ё")
    (ok,) = answer.root.findall("ok")
    assert ok.get("type") == "list"
    assert parse_qs(ok.text) == {"func": [names.QUEUE], "state": ["aside"], "ticket": ["17"], "text": ["a&b=c ё"]}
    assert call(workshop, names.QUEUE_FILTER, sok="ok", ticket="x").error == ("bad_value", "ticket")


def test_retry_takes_up_the_selected_only(stage: Workshop) -> None:
    assert call(stage, names.QUEUE_RETRY, elid="1, 2").ok
    assert sorted(stage.context.queue.due()) == [1, 2, 4]
    assert not stage.link(1).set_aside and stage.link(3).attempts == 1
    assert [one.state for one in stage.message_links(2)] == ["intent"]
    assert stage.spooled() == ["ticket-1"]


def test_retry_all_asks_first(stage: Workshop) -> None:
    asked = call(stage, names.QUEUE_RETRY_ALL)
    assert asked.value("count") == "запросов: 3, в том числе отложено: 1; не принятых сообщений: 1"
    assert stage.context.queue.due() == [4]
    assert call(stage, names.QUEUE_RETRY_ALL, sok="ok").ok
    assert sorted(stage.context.queue.due()) == [1, 2, 3, 4]
    assert len(stage.spooled()) == 1


def test_what_failed_again_after_a_retry_is_taken_up_again(stage: Workshop) -> None:
    for _ in range(2):
        call(stage, names.QUEUE_RETRY_ALL, sok="ok")
        assert stage.link(3).attempts == 0
        stage.context.queue.failed(3, REFUSAL)


@pytest.mark.parametrize("elid", ["", "x", "1 OR 1=1", "-3", "9" * 60, "77", "0", "\x001", "²"])
def test_retry_of_what_is_no_ticket(stage: Workshop, elid: str) -> None:
    assert call(stage, names.QUEUE_RETRY, elid=elid).error[0] == "no_ticket"
    assert stage.context.queue.due() == [4] and stage.spooled() == []


FUNCTIONS = [names.QUEUE, names.QUEUE_FILTER, names.QUEUE_RETRY, names.QUEUE_RETRY_ALL]


@pytest.mark.parametrize("func", FUNCTIONS)
def test_the_queue_is_only_for_administrators(stage: Workshop, func: str) -> None:
    for level in (0, 16, 28):
        answer = call(stage, func, level=level, elid="1", sok="ok")
        assert answer.error == ("access", func) and answer.rows == []
    assert stage.context.queue.due() == [4]


@pytest.mark.parametrize("func", FUNCTIONS)
def test_without_the_database_the_panel_is_told(stage: Workshop, func: str) -> None:
    conf = Path(stage.paths.panel_db_conf)
    conf.write_text(conf.read_text(encoding="utf-8").replace("DBSocket ", "DBSocket /nowhere"), encoding="utf-8")
    answer = call(stage, func, elid="1")
    if func != names.QUEUE_FILTER:
        assert answer.error[0] == "database_away" and "База панели не отвечает" in answer.told


def test_settings_are_not_needed(stage: Workshop) -> None:
    Path(stage.paths.settings).write_text("Nonsense 1\n", encoding="utf-8")
    assert len(queue(stage).rows) == 4 and call(stage, names.QUEUE_RETRY, elid="1").ok


def test_synchronisation_switched_off_is_told(stage: Workshop) -> None:
    save_settings(stage, Sync="off")
    assert "выключена" in queue(stage).words("title")
    save_settings(stage)
    assert "выключена" not in queue(stage).words("title")
