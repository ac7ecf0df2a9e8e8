"""Answering a function of the module: who may, what never gets out, and that an answer always comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from omnidesk.core.dependencies import Dependencies
from omnidesk.core.paths import Paths
from omnidesk.panel_ui import names, serve
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.serve import FUNCTIONS
from tests.panel_ui.panel_calls import PLUGIN_XML, call, save_settings, session
from tests.support.workshop import SECRET, Workshop

CANARIES = ("canary-key-4711", "canary-secret-4712")


def answered(paths: Paths, request: Request, document: Document | None = None) -> etree._Element:
    document = document or session(request.func, request.language)
    serve.answer(paths, Dependencies(), request, document)
    return etree.fromstring(document.as_bytes())


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(str(tmp_path))


def test_the_plugin_description_names_the_same_functions() -> None:
    description = etree.parse(str(PLUGIN_XML)).getroot()
    assert {one.get("name") for one in description.iterfind("handler/func")} == set(FUNCTIONS)
    assert {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)} == set(FUNCTIONS)


@pytest.mark.parametrize("func", sorted(FUNCTIONS))
@pytest.mark.parametrize("level", [0, 16, 28])
def test_only_administrators_are_served(paths: Paths, func: str, level: int) -> None:
    root = answered(paths, Request(func, {"elid": "1", "sok": "ok"}, level))
    error = root.find("error")
    assert error is not None and error.get("type") == "omnidesk_access" and error.findtext("msg")
    assert not os.path.exists(os.path.join(paths.var, "new_secret"))


@pytest.mark.parametrize("func", sorted(FUNCTIONS))
def test_a_panel_without_anything_gets_an_answer(paths: Paths, func: str) -> None:
    """No settings, no database, no tables: an error with words, or a form that can be filled in."""
    root = answered(paths, Request(func, {"elid": "1"}, 30))
    assert root.tag == "doc" and (root.findtext("error/msg") or root.find("error") is None)


def test_an_unknown_function_and_a_mistake_of_ours(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(paths, Request("omnidesk.nothing", {}, 29)).find("error").get("type") == "omnidesk_unknown_function"  # type: ignore[union-attr]
    monkeypatch.setitem(FUNCTIONS, names.QUEUE, "omnidesk.panel_ui.case_link:nothing_of_the_kind")
    assert answered(paths, Request(names.QUEUE, {}, 29)).find("error").get("type") == "omnidesk_internal"  # type: ignore[union-attr]


def test_a_disk_that_cannot_be_written_is_told(paths: Paths) -> None:
    os.makedirs(os.path.dirname(paths.var))
    Path(paths.var).write_text("in the way")
    error = answered(paths, Request(names.SETTINGS, {}, 30)).find("error")
    assert error is not None and error.get("type") == "omnidesk_disk"


@pytest.mark.parametrize("func", sorted(FUNCTIONS))
def test_no_function_lets_a_secret_out(workshop: Workshop, func: str) -> None:
    """Typed or stored: not into the document, an error or the log, whatever is asked of whichever function."""
    save_settings(workshop)
    ticket = workshop.linked_ticket()
    typed = {"api_key": CANARIES[0], "secret": CANARIES[1], "url": "ftp://x", "elid": str(ticket)}
    texts = []
    for extra in ({}, {"sok": "ok"}, {"sv_field": "api_key"}):
        document = session(func, "ru")
        copy = etree.SubElement(document.root, "tparams")
        for name in ("api_key", "secret"):
            etree.SubElement(copy, name).text = typed[name]
        dependencies = Dependencies(workshop.clock, workshop._mgrctl, workshop.adapter)
        serve.answer(workshop.paths, dependencies, Request(func, {**typed, **extra}, 30), document)
        texts.append(document.as_bytes().decode())
    log = Path(workshop.paths.log)
    texts.append(log.read_text(encoding="utf-8") if log.exists() else "")
    for canary in (*CANARIES, SECRET, workshop.settings.api_key.reveal()):
        assert not [text for text in texts if canary in text]


def test_an_error_is_in_the_users_language(workshop: Workshop) -> None:
    told = {language: call(workshop, names.CASE, elid="x", language=language).told for language in ("ru", "en")}
    assert told["ru"] != told["en"] and "number" in told["en"]


def test_as_a_process_it_answers_whatever_stands_on_stdin(paths: Paths) -> None:
    """Rubbish or nothing on stdin, no environment: exit code 0 and a document."""
    program = (
        "import sys; from omnidesk.panel_ui import serve; from omnidesk.core.paths import Paths;"
        " from omnidesk.core.dependencies import Dependencies;"
        f" sys.exit(serve.main(Paths({paths.root!r}), Dependencies()))"
    )
    for content in (b"", b"rubbish", b"<doc lang='en' func='omnidesk.case'/>"):
        done = subprocess.run(
            [sys.executable, "-c", program], input=content, capture_output=True, check=True, env={"PYTHONPATH": "lib"}
        )
        assert etree.fromstring(done.stdout).findtext("error/msg")
