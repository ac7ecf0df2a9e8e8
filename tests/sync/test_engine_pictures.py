"""Pictures that stand in the text of Omnidesk's messages arrive as files, or the message says which do not."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from omnidesk.attachments import inline_pictures
from omnidesk.core.errors import Refused
from omnidesk.helpdesk.models import Attachment, Message
from sandbox.billmanager.server import PanelServer
from sandbox.omnidesk.settings import Settings
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
INLINE = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.fixture
def workshop(make_workshop: Make) -> Iterator[Workshop]:
    """A panel that takes uploads."""
    workshop = make_workshop(desk=Settings())
    with PanelServer(workshop.panel) as serving:
        workshop.restart(panel_url=serving.url)
        yield workshop


def reply(markup: str, *attached: str) -> Message:
    return Message(1, 0, 5, "", markup, False, False, 0.0, attachments=tuple(Attachment(one, "u") for one in attached))


def files(markup: str, *attached: str, cut: bool = True) -> list[tuple[str, bool]]:
    """The names of what is to go over beside what is attached, and whether its content is there."""
    found = inline_pictures.as_files(reply(markup, *attached), cut_quotes=cut).attachments
    return [(one.name, bool(one.url)) for one in found[len(attached) :]]


def test_a_picture_within_the_text_arrives_as_a_file(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "", html=f'<p>Вот снимок:</p><img src="{INLINE}"><p>всё</p>')
    workshop.settle()
    last = workshop.panel.messages(ticket)[-1]
    assert last.text == "Вот снимок:\n\n[picture-1.png]\n\nвсё"
    assert [(file.name, file.content) for file in last.files] == [("picture-1.png", PNG)]


def test_text_that_shows_how_one_is_written_stays(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    shown = f'<img src="{INLINE}">'
    workshop.agent_replies(ticket, "", html=f'<p>Вставьте:</p><pre>&lt;img src="{INLINE}"&gt;</pre>')
    workshop.settle()
    last = workshop.panel.messages(ticket)[-1]
    assert (last.text, last.files) == (f"Вставьте:\n\n```\n{shown}\n```", ())


@pytest.mark.parametrize("alt", ["a > b", "a < b", "->", "'>'"])
def test_other_attributes_may_hold_brackets(alt: str) -> None:
    assert files(f'<p>x</p><img alt="{alt}" src="{INLINE}">') == [("picture-1.png", True)]


def test_what_follows_an_address_without_quotes_is_none_of_it() -> None:
    found = inline_pictures.as_files(reply(f"<img src={INLINE} alt=foo>"), cut_quotes=True)
    assert found.content_html == "<img src=cid:picture-1.png alt=foo>"
    assert inline_pictures.content(found.attachments[0]) == PNG
    point = inline_pictures.as_files(reply("<img src=data:image/gif;base64,R0lGODlh alt=foo>"), cut_quotes=True)
    assert point.content_html == '<img src="" alt=foo>'


def test_one_that_is_nowhere_is_named_with_its_case(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.agent_replies(ticket, "", html='<p>Вот: <img src="cid:image001.png@01D9"></p>')
    workshop.settle()
    text = workshop.panel.messages(ticket)[-1].text
    assert text.startswith("Вот: [image001.png]\n\nФайл image001.png не передан")
    assert "обращении" in text


def test_only_what_is_not_attached_is_missing() -> None:
    cid = '<img src="cid:image001.png@01D9">'
    assert files(cid) == [("image001.png", False)]
    assert files(cid, "image001.png") == []
    assert files(cid, "снимок.png") == [], "it may be that one"
    assert files(cid + "<img src=cid:b.png>", "image001.png") == [("b.png", False)]
    assert files(f"да<blockquote>{cid}</blockquote>") == []
    assert files(f"да<blockquote>{cid}</blockquote>", cut=False) == [("image001.png", False)]


def test_what_shows_nothing_is_none() -> None:
    assert files('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">') == []
    assert files(f"<p>{INLINE}</p>") == []
    assert files("нет") == []


def test_what_shows_nothing_is_not_named_in_the_text(workshop: Workshop) -> None:
    """A point of a signature, and one that counts who reads."""
    ticket = workshop.linked_ticket()
    point = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    workshop.agent_replies(ticket, "", html=f'<p>Готово.{point}</p><img src="{INLINE}">{point}')
    workshop.settle()
    last = workshop.panel.messages(ticket)[-1]
    assert (last.text, [file.name for file in last.files]) == ("Готово.\n\n[picture-1.png]", ["picture-1.png"])


def test_most_of_one_message() -> None:
    found = files(f'<img src="{INLINE}">' * 25)
    assert len(found) == 25 and sum(there for _, there in found) == inline_pictures.MOST_PICTURES
    assert files(f'<img src="{INLINE.replace("png", "svg+xml")}">') == [("picture-1.img", False)]


@pytest.mark.parametrize("digits", ["A" * 201, "=" * 200, "%" * 200])
def test_broken_content_is_refused(digits: str) -> None:
    with pytest.raises(Refused):
        inline_pictures.content(Attachment("x.png", f"data:image/png;base64,{digits}"))


def test_too_large_a_picture_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        inline_pictures.content(Attachment("x.png", "data:image/png;base64," + "A" * (36 << 20)))
    assert refusal.value.params["why"] == "large"
