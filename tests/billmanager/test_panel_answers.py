"""What an answer of the panel means, whatever it looks like."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from omnidesk.billmanager import answers, program
from omnidesk.billmanager.program import Ran
from omnidesk.core.errors import Failure, Misconfigured, Refused, TryLater
from omnidesk.core.paths import Paths

ID = "<id>17</id>"


@pytest.mark.parametrize(
    "document",
    [
        f"<doc>{ID}</doc>".encode(),
        f"\n\n<?xml version='1.0' encoding='UTF-8'?>\n<doc>{ID}</doc>\n".encode(),
        f"\ufeff<doc>{ID}</doc>".encode(),
        f"<doc xmlns='urn:x'>{ID}</doc>".encode(),
        b"<x:doc xmlns:x='urn:x'><x:id>17</x:id></x:doc>",
        f"perl: warning: Setting locale failed.\n\n<?xml version='1.0'?>\n<doc>{ID}</doc>\n".encode(),
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


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOMEM, TryLater), (errno.EAGAIN, TryLater), (errno.EMFILE, TryLater), (errno.ETXTBSY, TryLater),
     (errno.ENOENT, Misconfigured), (errno.EACCES, Misconfigured), (errno.ENOEXEC, Misconfigured)],
)  # fmt: skip
def test_a_host_without_memory_has_a_panel_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Failure]
) -> None:
    """What passes costs the ticket a try; a program that is not there ends the run."""

    def cannot(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "Popen", cannot)
    with pytest.raises(kind) as caught:
        program.runner(Paths(str(tmp_path)))(["-m", "billmgr", "ticket.edit"], {}, 5.0)
    assert not caught.value.uncertain
    assert os.strerror(number) in caught.value.phrase.full("en")


def test_an_answer_that_holds_passwords_is_shown_nowhere() -> None:
    said = b"Warning: locale\n<doc><elem><DBPassword>secret-7</DBPassword></elem></doc"
    with pytest.raises(TryLater) as caught:
        answers.read("paramlist", Ran(0, said, b""))
    assert "secret-7" not in caught.value.phrase.full()
