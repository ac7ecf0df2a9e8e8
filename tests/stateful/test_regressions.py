"""What random plays have found, in as few acts as it takes."""

from __future__ import annotations

import pytest

from sandbox.omnidesk.settings import Settings as DeskSettings
from tests.stateful.play import Play
from tests.stateful.resting import POLL, rest


def calls_of_a_pass(play: Play) -> list[str]:
    """The API calls of one more pass."""
    before = len(play.stage.desk.calls)
    play.sync(force=True)
    return [f"{call.method} {call.path}" for call in play.stage.desk.calls[before:]]


@pytest.mark.parametrize("limit", [750, None], ids=["with a limit", "without one"])
def test_a_note_hidden_by_our_own_message_arrives(linked: Play, limit: int | None) -> None:
    """Its webhook was lost, and what we sent then moved the case's time over it."""
    linked.stage.desk.settings.rate_limit = limit
    linked.agent_notes(0, 0, "внутреннее", "lost")
    linked.client_writes(0, False, "ещё вопрос", "arrives")
    linked.sync(force=False)
    rest(linked)


def test_a_note_hidden_by_our_own_status_change_arrives(linked: Play) -> None:
    linked.agent_notes(0, 0, "внутреннее", "lost")
    linked.client_archives(0, "arrives")
    linked.stage.make_due(linked.tickets[0])
    linked.sync(force=False)
    rest(linked)


def test_a_note_hidden_by_our_own_rating_arrives(linked: Play) -> None:
    linked.employee_replies(0, 0, "сделано", True, "arrives")
    linked.sync(force=True)
    linked.time_passes(700)
    linked.sync(force=True)
    linked.sync(force=True)
    assert not linked.stage.link(linked.tickets[0]).unread
    linked.agent_notes(0, 0, "внутреннее", "lost")
    linked.client_rates(0, 0, "good", "arrives")
    linked.sync(force=False)
    rest(linked)


def test_a_clients_mail_hidden_by_our_own_note_arrives(linked: Play) -> None:
    """No webhook ever tells of a client's message."""
    linked.client_mails(0, "почтой: привет")
    linked.employee_notes(0, 0, "внутреннее", "arrives")
    linked.sync(force=False)
    rest(linked)


def test_a_note_in_the_second_of_a_read_arrives(linked: Play) -> None:
    """Omnidesk's times are whole seconds: the second note looks as old as what was read."""
    linked.agent_notes(0, 0, "раз", "now")
    linked.sync(force=False)
    linked.agent_notes(0, 0, "два", "lost")
    rest(linked)


def test_a_note_in_the_second_in_which_its_case_was_made_arrives(play: Play) -> None:
    play.client_creates(0, "", "привет", "arrives")
    play.sync(force=False)
    play.agent_notes(0, 0, "внутреннее", "lost")
    rest(play)


def test_a_note_in_a_case_that_is_adopted_later_arrives(play: Play) -> None:
    """The worker died after it made the case, and the agent was faster than the next one."""
    play.client_creates(0, "", "привет", "arrives")
    play.stage.desk.faults.drop_after("POST /api/cases.json")
    play.sync(force=False)
    case = next(iter(play.stage.desk.cases))
    message = play.stage.desk.agent_note(case, play.stage.vera_staff, html="<p>внутреннее</p>")
    play.said_there(case, "note", message.message_id, play.stage.vera_staff, "внутреннее", 0, "")
    rest(play)


def test_a_read_behind_our_own_writes_is_made_once(linked: Play) -> None:
    linked.client_writes(0, False, "ещё вопрос", "arrives")
    linked.sync(force=True)
    linked.time_passes(700)
    linked.sync(force=True)
    linked.sync(force=True)
    assert calls_of_a_pass(linked) == [POLL]


def test_the_same_rating_again_is_no_work_for_ever(linked: Play) -> None:
    linked.employee_replies(0, 0, "сделано", False, "arrives")
    linked.sync(force=True)
    linked.client_rates(0, 0, "good", "arrives")
    linked.sync(force=True)
    linked.client_rates(0, 0, "good", "arrives")
    linked.sync(force=True)
    assert not linked.stage.run_pass().tried
    rest(linked)


@pytest.mark.parametrize("way", ["trash", "spam", "delete"])
def test_ratings_and_notes_of_a_lost_case_wait_quietly_for_the_next(linked: Play, way: str) -> None:
    linked.stage.desk.settings.spam_blocks_user = False
    linked.employee_replies(0, 0, "сделано", True, "arrives")
    linked.sync(force=True)
    linked.case_goes(0, way, 0)
    linked.client_rates(0, 0, "good", "arrives")
    linked.employee_notes(0, 0, "на заметку", "arrives")
    rest(linked)
    linked.client_writes(0, False, "вы тут?", "arrives")
    rest(linked)
    assert len(linked.cases(linked.tickets[0])) == 2


def test_a_reply_in_a_closed_case_leaves_it_closed(linked: Play) -> None:
    """The ticket is taken for it and ended with it, which is no decision of staff in BILLmanager."""
    linked.agent_sets(0, "closed")
    rest(linked)
    linked.agent_replies(0, 0, "готово", None, "now")
    rest(linked)
    assert linked.stage.both_sides(linked.tickets[0]).status == "closed"


def test_a_worker_that_dies_after_such_a_reply_changes_nothing(linked: Play) -> None:
    """Wherever it dies: the case stays closed and the reply arrives once."""
    linked.agent_sets(0, "closed")
    rest(linked)
    for steps in range(6, 70, 9):
        linked.agent_replies(0, 0, "готово", None, "now")
        linked.worker_dies(steps, "after")
        rest(linked)
        assert linked.stage.both_sides(linked.tickets[0]).status == "closed", steps


def test_a_reply_that_opens_a_case_gives_the_ticket_one_owner(linked: Play) -> None:
    linked.agent_sets(0, "waiting")
    rest(linked)
    linked.agent_replies(0, 0, "смотрим", "open", "now")
    linked.sync(force=True)  # the status is known with the reply
    rest(linked)
    stage = linked.stage
    assert stage.panel.ticket_state(linked.tickets[0]).assignees == (stage.anna,)


def test_a_message_with_escaped_signs_is_sent_once(linked: Play) -> None:
    """The answer was lost; the message is looked for by its text, which the other side shows without escapes."""
    linked.employee_replies(0, 0, "&amp; &lt;b&gt;", False, "arrives")
    linked.stage.desk.faults.drop_after("POST /api/cases/*/messages.json")
    linked.sync(force=False)
    rest(linked)


def test_a_refused_reply_of_a_case_that_is_deleted_leaves_nothing_open(linked: Play) -> None:
    linked.agent_replies(0, 0, "готово", None, "now")
    linked.panel_fault("value", 0)
    linked.sync(force=False)
    linked.case_goes(0, "delete", 0)
    linked.client_writes(0, False, "вы тут?", "arrives")
    rest(linked)


def test_an_account_without_system_records_or_limits_is_served_as_well(linked: Play) -> None:
    linked.stage.desk.settings = DeskSettings(rate_limit=None, rate_headers=False, undocumented_fields=False)
    linked.agent_replies(0, 0, "готово", "waiting", "lost")
    linked.client_writes(0, False, "спасибо", "lost")
    rest(linked)


def test_a_message_like_the_one_its_case_began_with_is_not_lost(play: Play) -> None:
    """Its call failed; the opening message, whose id was not told, must not be taken for it."""
    play.client_creates(0, "", "Спасибо!", "arrives")
    play.sync(force=False)
    play.client_writes(0, False, "Спасибо!", "arrives")
    play.stage.desk.faults.drop_before("POST /api/cases/*/messages.json")
    play.sync(force=False)
    rest(play)
