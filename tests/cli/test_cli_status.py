"""``status`` for a person and for programs, and the exit codes."""

from __future__ import annotations

import json

from omnidesk.wording.screen import READABLE
from sandbox.world import World
from tests.cli.terminal import terminal
from tests.protocol.calls import Story, panel, person

ENGLISH = {"LC_ALL": "C.UTF-8"}


def test_what_failed_is_told_with_its_cure_in_both_languages(world: World, story: Story) -> None:
    """A table, wrapped below its column; in a pipe as well, where COLUMNS may name a width."""
    world.omnidesk.faults.server_error(on="POST *", times=None)
    message = world.panel.client_writes(story.user, story.ticket, "Не дойдёт")
    assert panel(world, "add_message", "--id", message).code == 1
    world.omnidesk.faults.clear()
    wide = {"COLUMNS": "400"}
    english, russian = (person(world, "status", "--lang", one, env=wide)[1] for one in ("en", "ru"))
    (row,) = [line for line in english.splitlines() if line.startswith(f"{story.ticket} ")]
    assert "Omnidesk failed" in row and "The module tries again automatically." in row
    assert "Сбой Омнидеска" in russian and "ticket" not in russian.split("\n\n")[1].splitlines()[0]
    assert all(len(line) <= READABLE for line in person(world, "status")[1].splitlines())
    narrow = terminal(world, "status", columns=60)
    assert "\x1b[33m" in narrow.text and len(narrow.text.split("\n\n")[1].splitlines()) > 2
    found = json.loads(person(world, "status", "--json")[1])
    assert found["failures"] == 1
    assert found["tickets"][0]["error_type"] == "omnidesk_trouble"
    panel(world, "retry")
    world.write_settings(SettleSeconds="0")
    world.sync()
    world.write_settings()
    assert "nothing is due" in person(world, "status", env=ENGLISH)[1]


def test_every_command_speaks_json(world: World, story: Story) -> None:
    """One object with ``ok``; an error has its type and cure, and stderr stays silent."""
    for arguments in (["features"], ["check_connection"], ["update_status", story.ticket], ["retry"], ["status"]):
        code, out, err = person(world, *arguments, "--json")
        assert (code, err) == (0, "") and json.loads(out)["ok"] is True
    code, out, err = person(world, "create_case", 999999, "--json", env=ENGLISH)
    failed = json.loads(out)
    assert (code, err, failed["ok"], failed["error"]["type"]) == (1, "", False, "no_ticket")
    assert failed["error"]["cure"] == "Check the number."


def test_exit_codes(world: World, story: Story) -> None:
    """0 done, 1 somebody has to mend something, 2 wrong usage, 3 not now."""
    assert person(world, "status")[0] == 0
    assert person(world, "sync_ticket", 999999)[0] == 1
    assert person(world, "sync_ticket", "x")[0] == 2
    world.write_settings(OmnideskApiKey=None)
    assert person(world, "status")[0] == 1
    world.write_settings()
    world.omnidesk_server.close_port()
    try:
        assert person(world, "sync")[0] == 3
        assert panel(world, "sync").code == 1, "the panel's face knows 0 and 1 only"
        assert person(world, "check_connection")[0] == 1
    finally:
        world.omnidesk_server.open_port()
    assert person(world, "check_connection")[0] == 0
    world.mariadb.stop()
    try:
        assert person(world, "status")[0] == 3
    finally:
        world.mariadb.start()


def test_a_pause_is_told_with_when_it_goes_on(world: World, story: Story) -> None:
    world.omnidesk_server.close_port()
    try:
        person(world, "sync")
        seen = terminal(world, "status", env={"LC_ALL": "ru_RU.UTF-8"})
    finally:
        world.omnidesk_server.open_port()
    assert "Омнидеск недоступен" in seen.text and "Повтор через" in seen.text
    person(world, "check_connection")
    world.sync()


def test_marks_are_coloured_on_a_terminal_only(world: World, story: Story) -> None:
    world.write_settings(OmnideskChannel="cch999")
    try:
        seen, plain = terminal(world, "check_connection"), person(world, "check_connection", env=ENGLISH)[1]
    finally:
        world.write_settings()
    assert "\x1b[32m✓" in seen.text and "\x1b[31m✗ channel" in seen.text
    assert "✗ channel" in plain and "\x1b" not in plain
