"""mgrctl, its errors and the panel's faults, as a process sees them."""

from __future__ import annotations

import subprocess
import threading
import xml.etree.ElementTree as ET

import pytest

from sandbox.billmanager.panel import Panel
from sandbox.billmanager.server import PanelServer


def mgrctl(server: PanelServer, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(server.panel.root / "sbin" / "mgrctl"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env or {}, check=False, timeout=60)


def test_parameters_and_the_callers_label_reach_the_panel(served: PanelServer) -> None:
    """Blanks, line ends, equals signs and Russian pass through the command line."""
    user = served.panel.add_client("Ivan", "ivan@example.com").user
    text = "a=b\nдва  пробела"
    done = mgrctl(
        served,
        *("-m", "billmgr", "clientticket.edit", f"su={user}", "sok=ok", "subject=s", f"message={text}", "out=xml"),
        env={"SSH_CONNECTION": "pmomnidesk"},
    )
    assert done.returncode == 0
    ticket = int(ET.fromstring(done.stdout).findtext("id") or 0)
    assert served.panel.messages(ticket)[0].text == text
    assert (served.panel.requests[-1].via, served.panel.requests[-1].label) == ("mgrctl", "pmomnidesk")


def test_text_is_the_default_and_xml_is_asked_for(served: PanelServer) -> None:
    """By ``out=`` or ``-o``; json has the shapes that integrations parse."""
    assert "DBName=billmgr" in mgrctl(served, "-m", "billmgr", "paramlist").stdout
    for arguments in (("paramlist", "out=xml"), ("-o", "xml", "paramlist")):
        doc = ET.fromstring(mgrctl(served, "-m", "billmgr", *arguments).stdout)
        assert doc.findtext("elem/DBName") == "billmgr"
    assert '{"DBName": "billmgr"}' in mgrctl(served, "paramlist", "out=bjson").stdout
    assert '{"DBName": {"$": "billmgr"}}' in mgrctl(served, "paramlist", "out=xjson").stdout


def test_a_secret_comes_from_the_environment(served: PanelServer) -> None:
    """``-e key=$NAME`` keeps it out of the process list."""
    done = mgrctl(served, "-m", "billmgr", "session.newkey", "-e", "key=$SECRET_KEY", env={"SECRET_KEY": "k 1"})
    assert done.returncode == 0
    assert served.panel.requests[-1].params["key"] == "k 1"


@pytest.mark.parametrize("code", [1, 0])
def test_an_error_is_a_document_and_a_code(served: PanelServer, code: int) -> None:
    """Which code comes with it is not public: both must be handled."""
    served.panel.options.error_rc = code
    done = mgrctl(served, "-m", "billmgr", "user.edit", "elid=7", "out=xml")
    error = ET.fromstring(done.stdout).find("error")
    assert done.returncode == code
    assert error is not None
    assert (error.get("type"), error.get("object")) == ("value", "elid")
    assert [(param.get("name"), param.text) for param in error.findall("param")] == [("object", "elid"), ("value", "7")]
    assert error.findtext("msg") == "The field elid has invalid value. The value is: 7"


def test_wrong_usage_is_told_on_stderr(served: PanelServer) -> None:
    """No call is made."""
    done = mgrctl(served, "-x")
    assert (done.returncode, done.stdout) == (1, "")
    assert "unrecognized option: -x" in done.stderr
    assert served.panel.requests == []


def test_a_panel_that_restarts_refuses(served: PanelServer) -> None:
    """Error type client, object open, value billmgr; the next call is served."""
    rule = served.panel.faults.refuse(times=1)
    done = mgrctl(served, "-m", "billmgr", "paramlist", "out=xml")
    error = ET.fromstring(done.stdout).find("error")
    assert error is not None
    assert (error.get("type"), error.get("object")) == ("client", "open")
    assert mgrctl(served, "-m", "billmgr", "paramlist").returncode == 0
    assert rule.hits == 1


def test_a_stopped_panel_is_an_error_too(panel: Panel) -> None:
    """mgrctl finds nobody at the socket."""
    with PanelServer(panel) as server:
        pass
    done = mgrctl(server, "-m", "billmgr", "paramlist", "out=xml")
    assert done.returncode == 1
    assert 'type="client"' in done.stdout


def test_dying_after_the_commit_leaves_the_change_and_no_answer(served: PanelServer) -> None:
    """The hardest case for a caller: it must look before it sends again."""
    panel = served.panel
    user = panel.add_client("Ivan", "ivan@example.com").user
    panel.faults.die_after_commit("clientticket.edit")
    arguments = ("clientticket.edit", f"su={user}", "sok=ok", "subject=s", "message=m", "out=xml")
    done = mgrctl(served, "-m", "billmgr", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert len(panel.tickets()) == 1
    panel.faults.lose_request(lambda request: request.params.get("subject") == "s")
    assert mgrctl(served, "-m", "billmgr", *arguments).stdout == ""
    assert len(panel.tickets()) == 1


def test_a_core_that_dies_runs_no_final_handler(panel: Panel) -> None:
    """Unlike mgrctl's own death."""
    user = panel.add_client("Ivan", "ivan@example.com").user
    stages: list[str] = []
    panel.on_event(lambda event: stages.append(event.stage))
    params = {"sok": "ok", "subject": "s", "message": "m"}
    panel.faults.die_after_commit(events=False)
    assert panel.call("clientticket.edit", params, user).xml == ""
    assert stages == ["before", "after"]
    panel.faults.die_after_commit(events=True)
    panel.call("clientticket.edit", params, user)
    assert stages[2:] == ["before", "after", "final"]


def test_a_hanging_panel_answers_when_released(panel: Panel) -> None:
    """And does the work then, though the caller may have left."""
    rule = panel.faults.hang("paramlist")
    answers = []
    caller = threading.Thread(target=lambda: answers.append(panel.call("paramlist")))
    caller.start()
    assert rule.struck.wait(60)
    assert answers == []
    rule.lift()
    caller.join(60)
    assert [answer.ok for answer in answers] == [True]


def test_su_can_be_denied_for_one_user(panel: Panel) -> None:
    """By id or login."""
    anna = panel.add_employee("anna")
    panel.faults.deny_su(anna)
    assert panel.call("whoami", {}, "anna").error == ("access", "su", "anna")
    panel.faults.clear()
    assert panel.call("whoami", {}, "anna").ok


def test_a_read_only_database_takes_no_ticket(panel: Panel) -> None:
    """Reading goes on."""
    user = panel.add_client("Ivan", "ivan@example.com").user
    panel.set_read_only()
    try:
        error = panel.call("clientticket.edit", {"sok": "ok", "subject": "s", "message": "m"}, user).error
        assert error is not None
        assert (error[0], error[1]) == ("db", "1792")
        assert panel.call("clientticket", {}, user).ok
    finally:
        panel.set_read_only(False)


def test_a_handler_that_calls_the_panel_before_the_commit_is_caught(served: PanelServer) -> None:
    """There the real core may wait for itself for ever."""
    mgrctl(served, "-m", "billmgr", "paramlist", env={"EVENT_TYPE": "after"})
    assert "deadlock" in served.panel.complaints[0].reason


def test_the_panels_log_shows_every_parameter(served: PanelServer) -> None:
    """So what is secret must not be one."""
    mgrctl(served, "-m", "billmgr", "user.edit", "elid=7", env={"SSH_CONNECTION": "pmomnidesk"})
    lines = (served.panel.root / "var" / "billmgr.log").read_text().splitlines()
    assert "core_module \x1b[1;32mINFO Request [pmomnidesk][root] 'elid=7&func=user.edit'\x1b[0m" in lines[0]
    assert "ERROR Error: Type: 'value' Object: 'elid' Value: '7'" in lines[1]
