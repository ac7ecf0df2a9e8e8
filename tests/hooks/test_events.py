from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.hooks import panel_event, spool
from tests.hooks.hook_tree import PATIENCE, REPOSITORY, Tree

OK = {"PARAM_sok": "ok", "AUTH_USER": "5"}
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<doc func="clientticket.edit">'
CREATED = HEAD + b"<ok/><tparams><id>9</id></tparams><id>77</id></doc>\n"
BOMB = b'<!DOCTYPE doc [<!ENTITY a "77"><!ENTITY b "&a;&a;">]><doc><id>&b;</id></doc>'


@pytest.mark.parametrize(
    ("func", "params", "expected"),
    [
        ("clientticket.edit", {"elid": "17"}, ["ticket-17"]),
        ("clientticket.edit", {"elid": "17", "plid": "3"}, ["ticket-17"]),
        ("clientticket.edit", {}, ["ticket-77"]),
        ("ticket_all.edit", {"elid": "17", "plid": "17", "clicked_button": "ok_get"}, ["ticket-17"]),
        ("ticket_all.edit", {"plid": "17"}, ["ticket-17"]),
        ("ticket_all.edit", {}, ["ticket-77"]),
        ("ticket.edit", {"elid": "400", "plid": "17"}, ["ticket-17"]),
        ("ticket.edit", {"elid": "400"}, ["t2u-400"]),
        ("ticket.edit", {"elid": "400, 401"}, ["t2u-400", "t2u-401"]),
        ("ticket.edit", {"elid": "400, 401", "plid": "17"}, ["t2u-400", "t2u-401"]),
        ("ticket.edit", {}, ["scan"]),
        ("support_tool_responsible", {"elid": "400", "plid": "17"}, ["ticket-17"]),
        ("support_tool_responsible", {"elid": "17"}, ["ticket-17"]),
        ("ticket_all.delete", {"elid": "1, 2,3"}, ["ticket-1", "ticket-2", "ticket-3"]),
        ("clientticket.edit", {"elid": "../1, 0, x, 2²"}, ["ticket-77"]),
        ("ticket_all.delete", {"elid": ", ".join(map(str, range(1, 102)))}, ["scan"]),
        ("ticket.message.rate.good", {"elid": "8", "plid": "17"}, ["rating-8"]),
        ("ticket.message.rate.bad", {"elid": "8"}, ["rating-8"]),
        ("ticket.message.rate.bad", {"plid": "17"}, ["scan"]),
        ("ticket.message.rate", {"elid": "8", "plid": "17"}, ["scan"]),
        ("clientticket.archive", {"elid": "1, 2, 3"}, ["ticket-1", "ticket-2", "ticket-3"]),
        ("clientticket.archive", {"elid": "7"}, ["ticket-7"]),
        ("clientticket.archive", {}, ["scan"]),
        ("", {}, ["scan"]),
    ],
)
def test_what_writes_an_event(tree: Tree, func: str, params: dict[str, str], expected: list[str]) -> None:
    """Each function has its own idea of elid and plid (documented); what is not understood is left to the scan."""
    env = {f"PARAM_{name}": value for name, value in {"func": func, **params}.items()}
    document = b"<doc><ok/></doc>" if func == "clientticket.archive" else CREATED
    assert tree.event(document, **OK, **env) == document
    assert tree.events() == expected
    assert tree.told("started")["argv"][:2] == ["--command", "sync"]


@pytest.mark.parametrize("name", ["good", "bad"])
def test_a_rating_is_recorded_with_what_it_is(tree: Tree, name: str) -> None:
    """It has no ``sok`` (seen), and the last one counts."""
    env = {"AUTH_USER": "5", "AUTH_LEVEL": "16", "PARAM_elid": "8", "PARAM_plid": "17"}
    for one in ("good", "bad", name):
        tree.event(b"<doc/>", **env, PARAM_func=f"ticket.message.rate.{one}")
    (event,) = spool.entries(str(tree.spool))
    assert event.fields.pop("time").isdigit()
    assert event.fields == {
        "function": f"ticket.message.rate.{name}", "by": "5", "rating": name, "ticket": "17"
    }  # fmt: skip


def test_a_client_may_archive_several_tickets_at_once(tree: Tree) -> None:
    env = {**OK, "AUTH_LEVEL": "16", "PARAM_func": "clientticket.archive", "PARAM_elid": "1, 2, 3"}
    tree.event(b"<doc/>", **env)
    assert tree.events() == ["ticket-1", "ticket-2", "ticket-3"]


def test_a_refused_rating_is_none(tree: Tree) -> None:
    tree.event(b'<doc><error type="access"/></doc>', PARAM_func="ticket.message.rate.bad", PARAM_elid="8")
    assert tree.events() == []


def test_hints_for_the_worker(tree: Tree) -> None:
    """Who touched the ticket by which function, and the assignment when it is named beside the ticket."""
    tree.event(b"<doc/>", **OK, PARAM_func="ticket.edit", PARAM_elid="400", PARAM_plid="17")
    tree.event(b"<doc/>", **OK, PARAM_func="ticket.unknown", PARAM_elid="1,2", PARAM_plid="3")
    fields = {event.name: event.fields for event in spool.entries(str(tree.spool))}
    assert fields["ticket-17"].pop("time").isdigit() and fields["scan"].pop("time").isdigit()
    assert fields["ticket-17"] == {"function": "ticket.edit", "by": "5", "t2u": "400"}
    assert fields["scan"] == {"function": "ticket.unknown", "by": "5", "plid": "3", "elid": "1,2"}


@pytest.mark.parametrize(
    ("params", "events"),
    [
        ({}, False),
        ({"clicked_button": ""}, False),
        ({"clicked_button": "cancel"}, False),
        ({"sv_field": "client_department"}, False),
        ({"sok": "ok"}, True),
        ({"sv_field": "ok_message"}, True),
        ({"clicked_button": "ok"}, True),
        ({"clicked_button": "ok_get"}, True),
    ],
)
@pytest.mark.parametrize(
    "func", ["clientticket.edit", "ticket.edit", "ticket_all.edit", "support_tool_responsible", "x.edit"]
)
def test_opening_a_form_writes_no_event(tree: Tree, func: str, params: dict[str, str], events: bool) -> None:
    """Events fire when a form is opened, too (documented)."""
    env = {f"PARAM_{name}": value for name, value in {"func": func, "elid": "17", **params}.items()}
    tree.event(b"<doc/>", **env)
    assert bool(tree.events()) is events
    assert not tree.log("billmgr") or events


def test_functions_that_are_no_forms_always_write_an_event(tree: Tree) -> None:
    tree.event(b"<doc/>", PARAM_func="ticket_all.delete", PARAM_elid="4")
    assert tree.events() == ["ticket-4"]


def test_the_action_names_the_function_when_the_request_does_not(tree: Tree) -> None:
    """A request of another function may run one of ours."""
    tree.event(b"<doc/>", **OK, PARAM_func="gate.poll", ACTION_NAME="clientticket.edit", PARAM_elid="4")
    assert tree.events() == ["ticket-4"]


@pytest.mark.parametrize(
    "document",
    [b"<doc/>", CREATED, b"", b"not xml", b"\0\xff\n\r\n", BOMB, b"<doc><id>" + b"x" * (3 << 20) + b"</id></doc>"],
)
def test_the_document_goes_back_byte_for_byte(tree: Tree, document: bytes) -> None:
    """Whatever it is; nothing becomes the empty document."""
    expected = document or b'<?xml version="1.0" encoding="UTF-8"?>\n<doc/>\n'
    assert tree.event(document, PARAM_func="clientticket.edit") == expected
    assert tree.event(document, PARAM_func="clientticket.edit", **OK) == expected
    assert tree.events() == (["ticket-77"] if document == CREATED else ["scan"])


def test_started_without_stdin_and_stdout(tree: Tree) -> None:
    """The event counts even if the panel does not listen; the lock does not land on descriptor 0, 1 or 2."""

    def close_all() -> None:
        for descriptor in (0, 1, 2):
            os.close(descriptor)

    env = {**OK, "PARAM_func": "clientticket.edit", "PARAM_elid": "4"}
    process = tree.start("addon/omnidesk", env, stdin=None, preexec_fn=close_all)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert tree.events() == ["ticket-4"]
    assert "did not read its document" in tree.log("billmgr")
    facts = tree.told("started")
    assert int(facts["env"]["OMNIDESK_LOCK_FD"]) > 2
    assert facts["fds"][facts["env"]["OMNIDESK_LOCK_FD"]].endswith("worker.lock")


def test_the_panel_goes_on_when_an_event_cannot_be_written(tree: Tree) -> None:
    """The document comes back and the code is 0; one line in the panel's own log says what is lost until when."""
    (tree.root / "var/omnidesk").write_text("a file in its place")
    assert tree.event(CREATED, **OK, PARAM_func="clientticket.edit", PARAM_elid="4") == CREATED
    (line,) = tree.log("billmgr").splitlines()
    assert "] omnidesk " in line and "ERROR clientticket.edit (elid 4, plid -)" in line and "Not a directory" in line


def test_an_event_that_cannot_be_written_keeps_back_none_of_the_others(tree: Tree) -> None:
    (tree.root / "var/omnidesk/spool/ticket-1").mkdir(parents=True)
    env = {"PARAM_func": "ticket_all.delete", "PARAM_elid": "1, 2, 3"}
    assert tree.event(CREATED, **OK, **env) == CREATED
    assert {"ticket-2", "ticket-3"} <= set(tree.events())
    assert tree.told("started")["argv"][:2] == ["--command", "sync"]
    assert "ERROR" in (tree.root / "var/billmgr.log").read_text(encoding="utf-8")


def test_the_panel_goes_on_when_something_unforeseen_happens(tree: Tree) -> None:
    (tree.library() / "hooks/spool.py").write_text("def put(*_):\n    raise KeyError('x')\n")
    assert tree.event(CREATED, **OK, PARAM_func="clientticket.edit", PARAM_elid="4") == CREATED
    (line,) = tree.log("billmgr").splitlines()
    assert "ERROR" in line and "KeyError('x')" in line


def test_a_worker_that_cannot_be_started(tree: Tree) -> None:
    (tree.root / "processing/pmomnidesk").unlink()
    tree.event(CREATED, **OK, PARAM_func="clientticket.edit", PARAM_elid="4")
    assert tree.events() == ["ticket-4"]
    assert "the timer will" in tree.log("billmgr")


def test_nothing_of_a_strangers_text_reaches_the_panels_log_raw(tree: Tree) -> None:
    """A client can put anything into the parameters of a request."""
    env = {"PARAM_func": "x\n\033[31mforged", "PARAM_elid": "1\nforged", "AUTH_USER": "5\nforged", "PARAM_sok": "ok"}
    tree.event(b"<doc/>", **env)
    (line,) = tree.log("billmgr").split("\n")[:-1]
    assert "x??[31mforged" in line
    assert spool.entries(str(tree.spool))[0].fields["by"] == "5?forged"


def test_a_line_for_each_event_and_levels_of_the_panels_log(tree: Tree) -> None:
    env = {**OK, "PARAM_func": "clientticket.edit", "PARAM_elid": "4"}
    tree.event(b"<doc/>", **env)
    assert "EXTINFO clientticket.edit (elid 4, plid -): ticket-4" in tree.log("billmgr")
    (tree.root / "etc/debug.conf").write_text("billmgr 5\nbillmgr.db 9\n")
    before = tree.log("billmgr")
    tree.event(b"<doc/>", **env)
    assert tree.log("billmgr") == before


# --- the module's own functions --------------------------------------------------------------------------------------


ANSWERS = """
import os, sys
document = sys.stdin.buffer.read()
print("<doc><argv>%s</argv><func>%s</func><bytes>%s</bytes></doc>" % (
    sys.argv[1:], os.environ["PARAM_func"], len(document)))
"""


def test_a_function_of_the_modules_own_is_answered_by_the_full_program(tree: Tree) -> None:
    tree.worker(ANSWERS)
    document = b"<doc>" + b"x" * (1 << 20) + b"</doc>"
    env = {**OK, "EVENT_TYPE": "action", "PARAM_func": "omnidesk.settings"}
    answer = ElementTree.fromstring(tree.event(document, **env))
    assert [child.text for child in answer] == ["['--panel-function']", "omnidesk.settings", str(len(document))]
    assert tree.events() == []


def test_a_function_without_the_full_program_gets_the_panels_error(tree: Tree) -> None:
    (tree.root / "processing/pmomnidesk").unlink()
    env = {**OK, "EVENT_TYPE": "action", "PARAM_func": 'omnidesk."><evil/>'}
    (error,) = ElementTree.fromstring(tree.event(b"<doc>" + b"x" * (1 << 20) + b"</doc>", **env))
    assert (error.tag, error.get("type"), error.get("object")) == ("error", "omnidesk_no_program", "addon/omnidesk")
    assert "processing/pmomnidesk: No such file or directory" in (error.findtext("msg") or "")
    assert tree.events() == []


@pytest.mark.parametrize("stage", ["before", "after", "final"])
def test_an_event_of_a_function_of_the_modules_own_starts_nothing(tree: Tree, stage: str) -> None:
    tree.worker(ANSWERS)
    env = {**OK, "EVENT_TYPE": stage, "PARAM_func": "omnidesk.settings"}
    assert tree.event(b"<doc><ok/></doc>", **env) == b"<doc><ok/></doc>"


# --- the document of a new ticket ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"<doc><id>77</id></doc>", ["77"]),
        (b"<doc><id> 077\n</id></doc>", ["77"]),
        (b"<doc><id><![CDATA[7]]>7</id></doc>", ["77"]),
        (b"<doc><id>7&#55;</id></doc>", ["77"]),
        (b"<doc><id/><id>77</id><id>78</id></doc>", ["77"]),
        (b"<doc><elem><id>1</id></elem></doc>", []),
        (b"<id>1</id>", []),
        (b"<doc><id>x</id></doc>", []),
        (b"<doc><id>0</id></doc>", []),
        (b"<doc><id><b>1</b></id></doc>", []),
        (b"<doc><id>77</id>", []),
        (b"", []),
        (BOMB, []),
        (b'<!DOCTYPE doc SYSTEM "file:///etc/passwd"><doc><id>77</id></doc>', []),
        ('<?xml version="1.0" encoding="UTF-16"?><doc><id>77</id></doc>'.encode("utf-16"), []),
        (b'<?xml version="1.0" encoding="nonsense"?><doc><id>77</id></doc>', []),
    ],
)
def test_the_id_of_a_new_ticket(document: bytes, expected: list[str]) -> None:
    """Only the root's own, and never from a document that declares entities."""
    assert panel_event.created(document) == expected


@settings(deadline=None)
@given(st.binary(max_size=60).map(lambda middle: b"<doc><id>" + middle + b"</id></doc>"))
def test_any_document_is_read_or_left(document: bytes) -> None:
    assert all(ticket.isdigit() and int(ticket) > 0 for ticket in panel_event.created(document))


VALUE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from("0123456789, "))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["PARAM_func", "PARAM_elid", "PARAM_plid", "PARAM_sok", "ACTION_NAME"]), VALUE))
def test_any_request_makes_names_that_the_spool_takes(env: dict[str, str]) -> None:
    with mock.patch.dict(os.environ, env, clear=True):
        assert all(spool.is_name(name) for name in panel_event.subjects(b"<doc/>"))


# --- the plugin's description ----------------------------------------------------------------------------------------


def _description() -> ElementTree.Element:
    return ElementTree.parse(REPOSITORY / "etc/xml/billmgr_mod_omnidesk.xml").getroot()


def test_the_description_registers_what_the_handler_understands(tree: Tree) -> None:
    """Each event is understood (no scan), comes after the commit only, and cannot break the panel's function."""
    handler = _description().findall("handler")[0]
    assert (handler.get("type"), handler.get("ignore_errors")) == ("xml", "yes")
    assert (REPOSITORY / "addon" / handler.get("name", "")).exists()
    for event in handler.findall("event"):
        stage = "after" if event.get("after") else "final"
        assert event.attrib == {"name": event.get("name"), stage: "yes"}
        given = {**OK, "PARAM_func": event.get("name", ""), "PARAM_elid": "1", "PARAM_plid": "1", "EVENT_TYPE": stage}
        if stage == "after":
            given["PARAM_elid"] = given["PARAM_plid"] = "2"
        assert tree.event(b"<doc></doc>", **given) == b"<doc></doc>"
    assert tree.events() == ["rating-1", "ticket-1"]


def test_a_page_that_is_opened_gets_its_link_and_writes_no_event(tree: Tree) -> None:
    """Before the panel shows it; the same call's last stage gives the page back as it is."""
    opened = {"PARAM_func": "ticket.edit", "PARAM_elid": "9", "PARAM_plid": "17", "AUTH_LEVEL": "29"}
    page = b'<doc binary="/billmgr"><elid>9</elid></doc>\n'
    link = b"<omnidesk_case>/billmgr?func=omnidesk.case&amp;elid=17</omnidesk_case>"
    assert tree.event(page, **opened, EVENT_TYPE="after") == page.replace(b"</doc>", link + b"</doc>")
    assert tree.event(page, **opened) == page
    assert tree.event(b"", **opened, EVENT_TYPE="after").endswith(b"<doc/>\n")
    assert tree.events() == []


def test_the_description_is_in_both_languages() -> None:
    plugin = _description().find("plugin")
    assert plugin is not None and plugin.findtext("author")
    texts = {(item.get("name"), item.get("lang")) for item in plugin.findall("msg") if item.text}
    assert texts == {(name, lang) for name in ("desc_short", "desc_full") for lang in ("ru", "en")}


def test_the_executables_are_as_installed() -> None:
    """A shebang that the install rewrites, executable, and nothing that a hook has not to do."""
    for name in ("cgi/omnidesk_webhook", "addon/omnidesk"):
        path = Path(REPOSITORY / name)
        assert path.read_text().startswith("#!/usr/bin/python3 -IS\n")
        assert os.access(path, os.X_OK)
        assert len(path.read_text().splitlines()) < 20


@pytest.mark.parametrize("document", [
    HEAD + b'<error type="access" object="x"><msg>no</msg></error></doc>',
    b'<?xml version="1.0"?><error type="access"/>',
])  # fmt: skip
def test_an_event_whose_document_is_an_error_is_ignored(tree: Tree, document: bytes) -> None:
    """The function did nothing."""
    assert tree.event(document, **OK, PARAM_func="clientticket.edit", PARAM_elid="17") == document
    assert tree.events() == []


def test_an_error_deep_in_a_document_is_somebodys_text(tree: Tree) -> None:
    tree.event(HEAD + b"<list><elem><error>x</error></elem></list></doc>", **OK, PARAM_func="clientticket.edit",
               PARAM_elid="17")  # fmt: skip
    assert tree.events() == ["ticket-17"]


@pytest.mark.parametrize(("level", "expected"), [("16", ["scan"]), ("9", ["scan"]), ("29", ["ticket-1", "ticket-2"])])
def test_a_clients_event_names_one_ticket_at_most(tree: Tree, level: str, expected: list[str]) -> None:
    tree.event(b"<doc/>", **OK, PARAM_func="clientticket.edit", PARAM_elid="1, 2", AUTH_LEVEL=level)
    assert tree.events() == expected
