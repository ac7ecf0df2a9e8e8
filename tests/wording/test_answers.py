"""Answers to the panel: always one well-formed document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.text import clean
from omnidesk.wording.answer import Answer, answer_xml, error_xml
from omnidesk.wording.error_texts import panel_type

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@given(ANY, ANY, ANY)
def test_any_text_gives_a_document(text: str, attribute: str, more: str) -> None:
    """Control characters, lone surrogates, markup: the panel can read the answer all the same."""
    answer = Answer()
    answer.element("action", text, title=attribute, n=5)
    answer.element("empty")
    root = etree.fromstring(answer_xml(answer))
    assert [node.tag for node in root] == ["action", "empty", "ok"]
    assert (root[0].text or "") == clean(text)
    assert root[0].get("n") == "5"


@given(st.sampled_from(["settings", "omnidesk_gone", "new_type"]), ANY, ANY, ANY)
def test_any_failure_gives_an_error_document(type: str, object: str, value: str, param: str) -> None:
    """``<doc><error type= object=>`` with the parameters and the sentence (documented shape)."""
    for language in ("ru", "en"):
        root = etree.fromstring(error_xml(Failure(type, object, value, reason=param), language))
        (error,) = root
        assert (root.tag, error.tag, error.get("type"), error.get("lang")) == (
            "doc",
            "error",
            panel_type(type),
            language,
        )
        assert error.get("object") == clean(object)
        params = {node.get("name"): node.text or "" for node in error.iter("param")}
        assert params == {"object": clean(object), "value": clean(value), "reason": clean(param)}
        assert error.findtext("msg") is not None


def test_a_failed_answer_has_no_ok() -> None:
    """Findings stand before the error, in the language that was asked for."""
    answer = Answer(failed=Refused("check_failed", value="2"))
    answer.element("finding", "x", level="error")
    root = etree.fromstring(answer_xml(answer, "en"))
    assert [node.tag for node in root] == ["finding", "error"]
    assert root.findtext("error/msg", "").startswith("Errors found: 2.")
    assert etree.fromstring(answer_xml(answer, "ru")).findtext("error/msg", "").startswith("Проверка")
