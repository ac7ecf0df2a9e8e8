"""The session document and the request: what the panel hands over, and what may have happened to it on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from omnidesk.core.errors import Refused
from omnidesk.panel_ui.document import MOST_BYTES, Document
from omnidesk.panel_ui.request import Request, from_environment
from tests.hostile.limits import limited

BOMB = (
    b'<!DOCTYPE doc [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(10))
    + b"]><doc><x>&k;</x></doc>"
)


def root(content: bytes) -> etree._Element:
    return Document.read(content).root


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"<doc>",
        b"<doc/><doc/>",
        b"\x00<doc/>",
        b"<doc>\x00</doc>",
        b"<html><doc/></html>",
        b"<DOC/>",
        b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc><x>&x;</x></doc>',
        b'<!DOCTYPE doc SYSTEM "http://127.0.0.1:1/x.dtd"><doc/>',
        BOMB,
        b"<doc>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</doc>",
        "<doc>кириллица</doc>".encode("cp1251"),
        b"<doc>" + b" " * MOST_BYTES + b"</doc>",
    ],
    ids=lambda content: repr(content[:30]),
)
def test_what_cannot_be_trusted_becomes_an_empty_document(content: bytes) -> None:
    found = root(content)
    assert (found.tag, len(found), found.text or "", dict(found.attrib)) == ("doc", 0, "", {})


@pytest.mark.parametrize("typed", [b"a\x0bb", b"a&#xB;b", b"a&#011;b", b"a\x1f\x00b"])
def test_a_control_character_that_was_typed_costs_itself_only(typed: bytes) -> None:
    """Word puts a vertical tab into what is copied from it, and the panel repeats the request in its document."""
    found = root(b"<doc lang='ru'><metadata/><tparams><text>" + typed + b"</text></tparams></doc>")
    assert (found.get("lang"), found.findtext("tparams/text")) == ("ru", "ab")


def test_nothing_is_expanded_or_fetched() -> None:
    assert b"passwd" not in limited(lambda: Document.read(BOMB).as_bytes())


def test_the_largest_document_is_read() -> None:
    piece = b"<x>" + b" " * 1000 + b"</x>"
    content = b"<doc lang='ru'>" + piece * ((MOST_BYTES - 21) // len(piece)) + b"</doc>"
    assert MOST_BYTES - 2000 < len(content) <= MOST_BYTES and root(content).get("lang") == "ru"
    assert root(content[:-6] + piece * 2 + b"</doc>").get("lang") is None


def test_metadata_messages_and_strangers_stay() -> None:
    """The complete document goes back (seen in public integrations)."""
    texts = b'<messages name="f"><msg name="a">b</msg></messages>'
    content = b'<doc lang="ru"><metadata name="f"><form/></metadata>' + texts + b"<x/></doc>"
    document = Document.read(content)
    document.value("url", "a & <b>")
    document.value("url", "https://a")
    document.choices("channel", [("1", "One")])
    document.choices("channel", [("2", "<Two>")])
    again = etree.fromstring(document.as_bytes())
    assert [one.tag for one in again] == ["metadata", "messages", "x", "url", "slist"]
    assert again.findtext("url") == "https://a" and [val.text for val in again.iterfind("slist/val")] == ["<Two>"]
    assert document.words("a") == "b" and document.words("none") == ""


def test_what_was_typed_into_private_fields_is_forgotten() -> None:
    document = Document.read(
        b"<doc><api_key>k1</api_key><tparams><api_key>k2</api_key><func>f</func></tparams><api_key>k3</api_key></doc>"
    )
    document.forget(("api_key", "secret"))
    assert b"api_key" not in document.as_bytes() and b"<func>f</func>" in document.as_bytes()


@given(st.text(st.characters(blacklist_categories=()), max_size=40))
def test_any_text_can_be_put_in(text: str) -> None:
    document = Document(etree.Element("doc"))
    document.value("a", text)
    document.choices("b", [(text, text)])
    document.message("c", text)
    document.row({"d": text})
    document.ok("url", text)
    document.error(Refused("settings_form", text, text), "ru", text)
    etree.fromstring(document.as_bytes())


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(content: bytes) -> None:
    assert root(content).tag == "doc" and root(b"<doc>" + content + b"</doc>").tag == "doc"


# The request


def test_a_request_is_what_the_environment_says() -> None:
    request = from_environment(
        {
            "PARAM_func": "f",
            "PARAM_elid": "1, 2,,3 ",
            "PARAM_sok": "ok",
            "AUTH_LEVEL": "29",
            "PARAM_x": " a ",
            "HOME": "/",
        },
        "en",
        "https://h/billmgr",
    )
    assert (request.func, request.level, request.language, request.base) == ("f", 29, "en", "https://h/billmgr")
    assert request.elements == ["1", "2", "3"] and request.submitted and request.value("x") == "a"
    assert request.has("x") and not request.has("HOME") and request.changed_field == ""


@pytest.mark.parametrize("level", ["", "x", "-1", "²", "29.0", "9999"])
def test_a_level_that_is_none_lets_nobody_in(level: str) -> None:
    assert from_environment({"AUTH_LEVEL": level}).level == 0


@pytest.mark.parametrize(
    ("asked", "panel", "spoken"),
    [("", "", "ru"), ("", "en", "en"), ("ru", "en", "ru"), ("en", "ru", "en"), ("", "ru_RU", "ru"), ("de", "", "en")],
)
def test_the_language(asked: str, panel: str, spoken: str) -> None:
    assert from_environment({"PARAM_lang": asked} if asked else {}, panel).language == spoken


def test_a_request_does_not_show_its_parameters() -> None:
    assert "canary" not in repr(Request("f", {"api_key": "canary"}))
