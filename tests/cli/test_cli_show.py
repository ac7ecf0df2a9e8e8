"""``show``: both sides beside each other, what is next, and not a trace left of looking."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from omnidesk.wording.screen import columns
from sandbox.world import World
from tests.cli.general_log import statements
from tests.cli.terminal import terminal
from tests.protocol.calls import Story, panel, person, snapshot
from tests.support.commands import CommandWorld

RULES = {"LC_ALL": "C.UTF-8"}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NASTY = "Ещё \x1b[2J\x1b]0;owned\x07 раз \u202e"


@pytest.fixture(scope="module")
def busy(world: World, story: Story) -> Story:
    """Something to be carried over on both sides, a note, a file, and a text that would steer a terminal.

    No test of this world carries it over.
    """
    return make_busy(world, story)


def make_busy(world: World, story: Story) -> Story:
    world.panel.client_writes(story.user, story.ticket, NASTY + "длинный " * 60 + "конец", [("a.txt", b"abc")])
    world.panel.employee_notes(world.anna, story.ticket, "Только для своих")
    world.omnidesk.agent_reply(story.case, world.vera_staff, text="Поможем")
    return story


def show(world: World, ticket: int, *more: object) -> dict[str, object]:
    code, out, err = person(world, "show", ticket, "--json", *more, env=RULES)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["ok"] is True
    return dict(found)


def test_both_sides_and_their_links(world: World, busy: Story) -> None:
    """What is on both sides stands in one line with its two numbers; what is on one, alone."""
    found = show(world, busy.ticket)
    pairs: list[dict[str, Any]] = found["messages"]  # type: ignore[assignment]
    both = [(one["ours"]["text"], one["theirs"]["text"]) for one in pairs if one["ours"] and one["theirs"]]
    assert ("Помогите", "Помогите") in both and ("Готово", "Готово") in both
    assert [one["theirs"]["text"] for one in pairs if not one["ours"]] == ["Поможем"]
    alone = [one["ours"] for one in pairs if not one["theirs"]]
    assert [(one["role"], one["files"]) for one in alone] == [("client", 1), ("note", 0)]
    assert {one["direction"] for one in pairs if one["state"] == "done"} == {"in", "out"}
    assert [one["at"] for one in (one["ours"] or one["theirs"] for one in pairs)] == sorted(
        one["at"] for one in (one["ours"] or one["theirs"] for one in pairs)
    )


def test_what_is_next_is_the_dry_runs_plan(world: World, busy: Story) -> None:
    planned = [one["title"] for one in show(world, busy.ticket)["next"]]  # type: ignore[attr-defined]
    dry = panel(world, "sync_ticket", "--id", busy.ticket, "--dry-run")
    assert planned == [node.get("title") for node in dry.root.iter("action")]
    assert len(planned) >= 3


def test_looking_leaves_no_trace(world: World, busy: Story) -> None:
    """The server is told reading statements only, Omnidesk GETs, the panel nothing; all is as it was."""
    tables = [world.panel.query(f"SELECT * FROM {name}") for name in ("ticket2external_case", "omnidesk_state")]
    before, calls, requests = snapshot(world), len(world.omnidesk.calls), len(world.panel.requests)
    with statements(world) as told:
        show(world, busy.ticket)
    assert told and all(re.match(r"(SELECT|SHOW|SET (AUTOCOMMIT|NAMES|SESSION))", one)
                        for one in told), told  # fmt: skip
    assert "SET SESSION TRANSACTION READ ONLY" in told
    assert {call.method for call in world.omnidesk.calls[calls:]} == {"GET"}
    assert len(world.omnidesk.calls) - calls <= 3
    assert world.panel.requests[requests:] == []
    assert snapshot(world) == before
    assert tables == [world.panel.query(f"SELECT * FROM {name}") for name in ("ticket2external_case", "omnidesk_state")]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_fits_the_terminal(world: World, busy: Story, width: int, language: str) -> None:
    """And a client's text neither steers it nor shows more than its beginning."""
    seen = terminal(world, "show", busy.ticket, "--lang", language, columns=width)
    assert seen.code == 0
    bare = _COLOUR.sub("", seen.text)
    assert not set(bare) & set("\x1b\x07\u202e")
    table = bare.split("── ", 1)[1].split("\n\n")[0].splitlines()
    assert all(columns(line) <= width for line in table), table
    assert "конец" not in bare and "owned" not in bare
    assert ("What would be done next" if language == "en" else "Что будет сделано дальше") in bare
    assert bool(re.search("[а-яё]", bare.rsplit("\n\n", 1)[1])) == (language == "ru")


def test_full_shows_whole_texts(world: World, busy: Story) -> None:
    assert "конец" in terminal(world, "show", busy.ticket, "--full").text
    assert "конец" in person(world, "show", busy.ticket, "--full", "--json")[1]
    assert "конец" not in person(world, "show", busy.ticket, "--json")[1]


def test_only_the_newest_are_shown_without_full(world: World, story: Story) -> None:
    ticket = world.panel.client_creates_ticket(story.user, "Много", "первое")
    rows = ", ".join(f"({ticket}, {story.user}, 'm{number}', NOW())" for number in range(70))
    world.panel.execute(f"INSERT INTO ticket_message (ticket, user, message, date_post) VALUES {rows}")
    found = show(world, ticket)
    assert (len(found["messages"]), found["left_out"]) == (50, 21)  # type: ignore[arg-type]
    assert "21 older" in person(world, "show", ticket, env=RULES)[1]
    assert len(show(world, ticket, "--full")["messages"]) == 71  # type: ignore[arg-type]
    world.panel.execute("DELETE FROM ticket WHERE id = %s", ticket)


def test_with_omnidesk_away_what_is_known_is_shown(world: World, busy: Story) -> None:
    """The reason and its cure, the numbers the links know, and what is sure to be done."""
    world.omnidesk_server.close_port()
    try:
        code, out, err = person(world, "show", busy.ticket, env=RULES)
        found = show(world, busy.ticket)
    finally:
        world.omnidesk_server.open_port()
        person(world, "check_connection")  # what blocked is over
    assert (code, err) == (0, "")
    assert "cannot be reached" in out and "→ Nothing is lost" in out and "OmnideskUrl" in out
    assert found["away"]["type"] == "omnidesk_unreachable"  # type: ignore[index]
    known = [one["theirs_id"] for one in found["messages"] if one["state"] == "done"]  # type: ignore[attr-defined]
    assert len([one for one in known if one]) >= 2
    assert any("client message" in one["title"] for one in found["next"])  # type: ignore[attr-defined]


def test_a_failure_is_shown_with_its_cure(own_world: World) -> None:
    world, busy = own_world, make_busy(own_world, Story(own_world))
    world.omnidesk.faults.server_error(on="POST *", times=None)
    assert panel(world, "sync_ticket", "--id", busy.ticket).code == 1
    world.omnidesk.faults.clear()
    seen = person(world, "show", busy.ticket, env=RULES)[1]
    assert "tries: 1" in seen and "Omnidesk failed" in seen and "tries again automatically" in seen
    due = show(world, busy.ticket)["due"]
    assert (due["attempts"], due["error_type"]) == (1, "omnidesk_trouble")  # type: ignore[index]
    panel(world, "retry")
    world.write_settings(SettleSeconds="0")
    world.sync()
    world.write_settings()
    assert show(world, busy.ticket)["next"] == []
    assert "Both sides were compared and are equal." in person(world, "show", busy.ticket, env=RULES)[1]


def test_the_panels_face(world: World, story: Story) -> None:
    answer = panel(world, "show", "--id", story.ticket)
    assert answer.root.find("status") is not None
    assert panel(world, "show", "--id", 999999).error == ("no_ticket", "")
    assert person(world, "show", 999999)[0] == 1


def test_before_the_first_check_the_panels_side_is_shown(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No tables yet: nothing fails, and no table is made by looking."""
    with CommandWorld(tmp_path_factory.mktemp("new"), events=False, webhooks=False) as world:
        ticket = world.panel.client_creates_ticket(world.ivan.user, "Тема", "Текст")
        code, out, err = person(world, "show", ticket, env=RULES)
        assert (code, err) == (0, "") and "check_connection" in out and "Текст" in out
        assert world.panel.query("SHOW TABLES LIKE '%%external%%'") == []


def test_a_row_without_a_date_stands_with_the_date_of_the_other_side(tmp_path: Any) -> None:
    """Not in 1970."""
    with CommandWorld(tmp_path) as world:
        ticket = world.panel.client_creates_ticket(world.ivan.user, "Тема", "Раз")
        world.sync()
        world.panel.execute("UPDATE ticket_message SET date_post = '0000-00-00 00:00:00'")
        code, out, _ = person(world, "show", ticket, env=RULES)
        assert code == 0 and "1970" not in out and "--:--:-- client" in out
