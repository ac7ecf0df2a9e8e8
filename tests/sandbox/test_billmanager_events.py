"""Handlers run as the core runs them: from the installed description, as processes, and it complains of bad answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sandbox.billmanager.panel import Panel

ECHO = "cat"
DUMP = (
    f"#!{sys.executable} -IS\n"
    "import json, os, sys\n"
    "doc = sys.stdin.read()\n"
    "seen = {'env': dict(os.environ), 'cwd': os.getcwd(), 'stdin': doc}\n"
    "with open('var/seen.json', 'w') as file: json.dump(seen, file)\n"
    "sys.stdout.write(doc)\n"
)


def register(panel: Panel, script: str, events: str, attributes: str = 'type="xml"') -> None:
    """Install a handler ``probe``; a script without a first line is one of the shell."""
    for name in ("addon", "etc/xml"):
        (panel.root / name).mkdir(parents=True, exist_ok=True)
    program = panel.root / "addon" / "probe"
    program.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    program.chmod(0o750)
    xml = f'<?xml version="1.0"?><mgrdata><handler name="probe" {attributes}>{events}</handler></mgrdata>'
    (panel.root / "etc" / "xml" / "billmgr_mod_probe.xml").write_text(xml)


FINAL = '<event name="clientticket.edit" final="yes"/>'


@pytest.fixture
def user(panel: Panel) -> int:
    panel.add_department("support")
    return panel.add_client("Ivan", "ivan@example.com").user


def test_a_handler_gets_the_call_as_environment_and_document(panel: Panel, user: int) -> None:
    """Parameters, who acts, the stage; on stdin the session document with the new id."""
    register(panel, DUMP, FINAL)
    ticket = panel.client_creates_ticket(user, "Тема", "line\nline", [("a.txt", b"a")])
    seen = json.loads((panel.root / "var" / "seen.json").read_text())
    environment = seen["env"]
    expected = {
        "PARAM_func": "clientticket.edit",
        "PARAM_subject": "Тема",
        "PARAM_message": "line\nline",
        "PARAM_sok": "ok",
        "PARAM_file_1": "a.txt",
        "AUTH_USER": str(user),
        "AUTH_LEVEL": "16",
        "EVENT_TYPE": "final",
        "ACTION_NAME": "clientticket.edit",
        "LANG": "C",
    }
    assert {name: environment.get(name) for name in expected} == expected
    assert "HOME" not in environment
    assert "func=clientticket.edit" in environment["QUERY_STRING"]
    assert seen["cwd"] == str(panel.root)
    assert f"<id>{ticket}</id>" in seen["stdin"]
    assert "<tparams>" in seen["stdin"]
    assert panel.complaints == []


def test_an_event_fires_when_the_form_is_opened_too(panel: Panel, user: int) -> None:
    """So a handler has to look at sok."""
    register(panel, ECHO, FINAL)
    panel.call("clientticket.edit", {}, user)
    assert ["PARAM_sok" in run.environment for run in panel.event_runs] == [False]


def test_no_event_after_an_error(panel: Panel, user: int) -> None:
    """after and final come only after success."""
    register(panel, ECHO, FINAL + '<event name="clientticket.edit" after="yes"/>')
    assert not panel.call("clientticket.edit", {"sok": "ok"}, user).ok
    assert panel.event_runs == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [("true", "not XML"), ("echo done", "not XML"), ("cat; exit 3", "exit code 3"), ("echo '<x/>'", "root is <x>")],
)
def test_a_bad_answer_is_complained_of(panel: Panel, user: int, script: str, reason: str) -> None:
    """The caller gets the core's error although the change is made."""
    register(panel, script, FINAL)
    answer = panel.call("clientticket.edit", {"sok": "ok", "subject": "s", "message": "m"}, user)
    assert answer.error == ("plugin", "probe", "probe")
    assert "returned an invalid XML" in answer.text("error/msg")
    assert [reason in complaint.reason for complaint in panel.complaints] == [True]
    assert len(panel.tickets()) == 1


def test_ignore_errors_spares_the_caller_but_not_the_log(panel: Panel, user: int) -> None:
    """The complaint is on record, the client has his ticket."""
    register(panel, "exit 1", FINAL, 'type="xml" ignore_errors="yes"')
    assert panel.client_creates_ticket(user, "s", "m") == 1
    assert len(panel.complaints) == 1


def test_a_handler_that_is_not_there_is_complained_of(panel: Panel, user: int) -> None:
    """For example after a half removal."""
    register(panel, ECHO, FINAL, 'type="xml" ignore_errors="yes"')
    (panel.root / "addon" / "probe").unlink()
    panel.client_creates_ticket(user, "s", "m")
    assert "No such file" in panel.complaints[0].reason


def test_a_handler_that_swallows_the_document_swallows_the_new_id(panel: Panel, user: int) -> None:
    """What a handler prints is what the caller gets."""
    register(panel, "cat >/dev/null; echo '<doc><ok/></doc>'", FINAL)
    answer = panel.call("clientticket.edit", {"sok": "ok", "subject": "s", "message": "m"}, user)
    assert answer.ok
    assert answer.text("id") == ""


def test_before_can_forbid_and_after_rolls_back(panel: Panel, user: int) -> None:
    """Their errors reach the caller and nothing is stored."""
    for stage in ("before", "after"):
        error = 'echo \'<doc><error type="xml" object="o"><msg>no</msg></error></doc>\''
        register(panel, f"cat >/dev/null; {error}", f'<event name="clientticket.edit" {stage}="yes"/>')
        answer = panel.call("clientticket.edit", {"sok": "ok", "subject": "s", "message": "m"}, user)
        assert answer.error == ("xml", "o", "")
        assert panel.tickets() == []


def test_a_handler_whose_child_keeps_stdout_is_cut_off(panel: Panel, user: int) -> None:
    """The core waits for the end of the output, not of the process."""
    panel.event_system.limit = 0.3
    register(panel, "cat; sleep 5 &", FINAL, 'type="xml" ignore_errors="yes"')
    panel.client_creates_ticket(user, "s", "m")
    assert "no end of its output" in panel.complaints[0].reason


def test_a_handler_can_implement_a_function(panel: Panel) -> None:
    """As a plugin's settings form does."""
    register(panel, "cat >/dev/null; echo '<doc><api_url>x</api_url></doc>'", '<func name="probe.settings"/>')
    assert panel.call("probe.settings", {}).text("api_url") == "x"
    assert panel.event_runs[0].environment["EVENT_TYPE"] == "action"


def test_events_can_be_switched_off_and_hooked(panel: Panel, user: int) -> None:
    """Fast tests run no processes; a hook sees the same document."""
    register(panel, ECHO, FINAL)
    panel.events = False
    seen = []
    panel.on_event(lambda event: seen.append((event.stage, "<id>1</id>" in event.xml)))
    panel.client_creates_ticket(user, "s", "m")
    assert panel.event_runs == []
    assert seen == [("before", False), ("after", True), ("final", True)]


def test_a_broken_description_is_left_out(panel: Panel, user: int, tmp_path: Path) -> None:
    """And the panel works on."""
    register(panel, ECHO, FINAL)
    (panel.root / "etc" / "xml" / "billmgr_mod_probe.xml").write_text("<mgrdata><handler>")
    panel.client_creates_ticket(user, "s", "m")
    assert list(panel.event_system.plugins.broken) == ["billmgr_mod_probe.xml"]
    assert panel.event_runs == []
