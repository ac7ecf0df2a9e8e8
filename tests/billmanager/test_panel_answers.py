"""What an answer of the panel means, whatever it looks like."""

from __future__ import annotations

import pytest

from omnidesk.billmanager import answers
from omnidesk.billmanager.program import Ran
from omnidesk.core.errors import Refused, TryLater

ID = "<id>17</id>"


@pytest.mark.parametrize(
    "document",
    [
        f"<doc>{ID}</doc>".encode(),
        f"\n\n<?xml version='1.0' encoding='UTF-8'?>\n<doc>{ID}</doc>\n".encode(),
        f"\ufeff<doc>{ID}</doc>".encode(),
        f"<doc xmlns='urn:x'>{ID}</doc>".encode(),
        b"<x:doc xmlns:x='urn:x'><x:id>17</x:id></x:doc>",
        f"<!-- by the panel --><doc><?x y?><!-- z -->{ID}</doc>".encode(),
        f"<?xml version='1.0' encoding='windows-1251'?><doc><name>Сайт</name>{ID}</doc>".encode("cp1251"),
        f"<doc><name>from Word:&#xB;&#x1f;&#01;</name>{ID}</doc>".encode(),
        f"<doc><name>from Word:\x0b\x1f\x00</name>{ID}</doc>".encode(),
        b"<doc><name>cut off: \xd0</name>" + ID.encode() + b"</doc>",
    ],
)
def test_an_answer_is_read_whatever_stands_beside_it(document: bytes) -> None:
    """A client's text in it may hold what XML cannot carry, which the panel writes all the same."""
    assert answers.read("f", Ran(0, document, b"")).findtext("id") == "17"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"<doc xmlns='urn:x'><error type='value' object='text'/></doc>", "value text"),
        (b"<doc><error>No such function</error></doc>", "No such function"),
        (b"<doc><error code='4' obj='elid' msg='bad'/></doc>", "4 elid bad"),
        (b"<doc><error/></doc>", "<error/>"),
    ],
)
def test_an_error_says_something(document: bytes, words: str) -> None:
    """Also one in a form that is not known; it is never taken for a success."""
    with pytest.raises(Refused) as caught:
        answers.read("f", Ran(0, document, b""))
    assert caught.value.value == words


@pytest.mark.parametrize(
    "document",
    [b"<html><body>502</body></html>", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", b"<doc>", b"OK", b'{"doc":{}}',
     b"<doc/><doc/>"],
)  # fmt: skip
def test_what_is_no_answer_of_the_panel(document: bytes) -> None:
    """A page of a web server, or half a document: the call may have taken effect all the same."""
    with pytest.raises(TryLater) as caught:
        answers.read("f", Ran(0, document, b""))
    assert (caught.value.type, caught.value.uncertain) == ("panel_answer", True)
