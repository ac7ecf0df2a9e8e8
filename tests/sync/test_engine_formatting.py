"""Formatting through the whole engine: what is sent, how it is recognised, how long it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sandbox.billmanager.server import PanelServer
from tests.support.workshop import Workshop

Make = Callable[..., Workshop]
MARKDOWN = "**Не работает** [сайт](https://example.com/a_b):\n\n- раз\n- `два`\n\n> цитата\n\n<b>не тег</b>"
HTML = (
    "<p><strong>Не работает</strong> <a href=\"https://example.com/a_b\">сайт</a>:</p>\n<ul>\n<li>раз</li>\n"
    "<li><code>два</code></li>\n</ul>\n<blockquote>\n<p>цитата</p>\n</blockquote>\n<p>&lt;b&gt;не тег&lt;/b&gt;</p>"
)  # fmt: skip


@pytest.fixture
def with_uploads(make_workshop: Make) -> Iterator[Workshop]:
    """A workshop whose panel takes what is too long for a command line."""
    workshop = make_workshop()
    with PanelServer(workshop.panel) as server:
        workshop.restart(panel_url=server.url)
        yield workshop


def test_markdown_arrives_as_html_and_html_as_markdown(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket(MARKDOWN)
    case = workshop.case(ticket)
    assert [(one.content, one.content_html) for one in workshop.desk.messages(case)] == [("", HTML)]
    workshop.tick()
    workshop.desk.agent_reply(case, workshop.anna_staff, html=HTML)
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text == MARKDOWN.replace("<b>не тег</b>", "&lt;b>не тег&lt;/b>")


def test_with_formatting_off_text_goes_as_it_stands(make_workshop: Make) -> None:
    workshop = make_workshop(formatting=False)
    ticket = workshop.linked_ticket(MARKDOWN)
    assert workshop.desk.messages(workshop.case(ticket))[0].content == MARKDOWN
    workshop.agent_replies(ticket, "*как есть*")
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text == "*как есть*"


def test_a_formatted_message_whose_answer_was_lost_is_recognised(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket("первое")
    workshop.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    workshop.client_writes(ticket, MARKDOWN)
    workshop.settle()
    assert [one.content_html for one in workshop.desk.messages(workshop.case(ticket))] == ["", HTML]


def test_a_case_that_began_with_a_formatted_message_is_recognised(workshop: Workshop) -> None:
    workshop.desk.faults.drop_after(on="POST /api/cases.json")
    ticket = workshop.new_ticket(MARKDOWN)
    workshop.settle()
    assert len(workshop.cases(ticket)) == 1
    assert len(workshop.desk.cases) == 1


def test_an_opening_message_is_known_if_omnidesk_answers_it_as_plain_text(workshop: Workshop) -> None:
    ticket = workshop.new_ticket(MARKDOWN)
    workshop.sync()
    message = workshop.desk.messages(workshop.case(ticket))[0]
    message.content, message.content_html = "Не работает сайт:\nраз\nдва\nцитата\n<b>не тег</b>", ""
    workshop.settle()
    workshop.agent_replies(ticket, "ответ")
    workshop.settle()
    assert len(workshop.panel.messages(ticket)) == 2


def test_a_reply_written_by_a_panel_that_died_is_recognised(workshop: Workshop) -> None:
    ticket = workshop.linked_ticket()
    workshop.panel.faults.die_after_commit("ticket.edit")
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html=HTML + "<pre>*a* __b__ &lt;x&gt;</pre>")
    workshop.settle()
    assert len(workshop.panel.messages(ticket)) == 2


@pytest.mark.parametrize("unit", ["длинно ", "**жирно** и *ещё одно* <b>\n\n", "слово" * 800 + " "])
def test_a_quarter_of_a_mebibyte_goes_both_ways(with_uploads: Workshop, unit: str) -> None:
    text = (unit * ((1 << 18) // len(unit.encode()))).strip()
    ticket = with_uploads.linked_ticket("коротко")
    with_uploads.client_writes(ticket, text)
    with_uploads.settle()
    there = with_uploads.desk.messages(with_uploads.case(ticket))[-1]
    assert len(there.content or there.content_html) > 125_000
    with_uploads.agent_replies(ticket, text)
    with_uploads.settle()
    assert len(with_uploads.panel.messages(ticket)[-1].text) > 125_000
    assert len(with_uploads.panel.messages(ticket)) == len(with_uploads.desk.messages(with_uploads.case(ticket))) == 3


def test_quoted_originals_and_rating_links_stay_there(make_workshop: Make) -> None:
    workshop = make_workshop(cut_rating_links=True)
    ticket = workshop.linked_ticket()
    workshop.tick()
    rating = f'<p>Оцените ответ: <a href="{workshop.context.settings.url}/rate/high/1">хорошо</a></p>'
    quoted = '<div class="omni_orig_reply"><p>старое письмо</p></div>'
    workshop.desk.agent_reply(workshop.case(ticket), workshop.anna_staff, html=f"<p>Готово.</p>{rating}{quoted}")
    workshop.settle()
    assert workshop.panel.messages(ticket)[-1].text == "Готово."
