"""What ``CutRatingLinks`` takes out of a reply: the request to rate it, and nothing of the answer beside it."""

from __future__ import annotations

import pytest

from omnidesk.content.incoming import Policy, from_html

POLICY = Policy(host="acme.omnidesk.ru", base="https://acme.omnidesk.ru", cut_rating=True)
RATE = '<a href="https://acme.omnidesk.ru/rate/high/1">Отлично</a>'
LOW = '<a href="https://acme.omnidesk.ru/rate/low/1">Плохо</a>'
SIGNED = "<div>С уважением, Анна</div>"


@pytest.mark.parametrize(
    "reply",
    [
        f"<div>Сервер перезагружен.<br><br>Оцените ответ: {RATE} {LOW}</div>{SIGNED}",
        f"<div>Сервер перезагружен.<br>Оцените ответ:<br><br>{RATE}<br>{LOW}</div>{SIGNED}",
        f"<div><p>Сервер перезагружен.</p>{RATE}</div>{SIGNED}",
        f"<div><div>Сервер перезагружен.</div><span>Как вам? <b>{RATE}</b> {LOW}</span></div>{SIGNED}",
        f"<div><span>Сервер перезагружен.<br>Оцените: <b>{RATE}</b></span> спасибо</div>{SIGNED}",
        f"<table><tr><td>Сервер перезагружен.<br>{RATE}</td></tr></table>{SIGNED}",
        f"<p>Сервер перезагружен.</p><table><tr><td>Оцените:</td><td>{RATE}</td><td>{LOW}</td></tr></table>{SIGNED}",
        f"<p>Сервер перезагружен.</p><ul><li>Оценка: {RATE}</li></ul>{SIGNED}",
    ],
)
def test_the_answer_beside_the_request_stays(reply: str) -> None:
    lines = [line for line in from_html(reply, POLICY).split("\n") if line]
    assert lines == ["Сервер перезагружен.", "С уважением, Анна"]


@pytest.mark.parametrize(
    "line", ["Мы оценили сроки: завтра.", "The new rate is 5 USD.", "You get a better rating then."]
)
def test_a_line_above_that_only_speaks_of_rates_stays(line: str) -> None:
    assert from_html(f"<div>{line}<br>{RATE}</div>{SIGNED}", POLICY).startswith(line)


def test_of_a_long_paragraph_only_the_links_go() -> None:
    found = from_html(f"<p>{'Готово. ' * 60}{RATE * 9000}</p>", POLICY)
    assert found == ("Готово. " * 60).strip()


def test_a_reply_that_is_nothing_else_stays() -> None:
    assert "Отлично" in from_html(f"<div>Оцените ответ:<br>{RATE}</div>", POLICY)
