"""The pictures of the page on the module's state: scales, escaping, and that they need neither style nor script."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from lxml import etree

from omnidesk.panel_ui.health_chart import RUNGS, chart, height, nice
from omnidesk.store.daily import IN, OUT, Delivered

SVG = "{http://www.w3.org/2000/svg}"


def days(*given: Delivered) -> dict[date, dict[str, Delivered]]:
    first = date(2026, 7, 1)
    return {first + timedelta(days=number): {OUT: one, IN: Delivered()} for number, one in enumerate(given)}


def drawn(*given: Delivered, language: str = "en") -> etree._Element:
    return etree.fromstring(f"<div>{chart(days(*given), language)}</div>")


@pytest.mark.parametrize(
    ("most", "end"),
    [(0, 1), (1, 1), (7, 7), (10, 10), (11, 12), (99, 100), (101, 120), (1234, 1400), (99_999, 100_000)],
)
def test_a_scale_ends_at_a_round_number(most: int, end: int) -> None:
    assert nice(most) == end


def test_a_scale_holds_what_it_is_for_and_little_more() -> None:
    assert all(most <= nice(most) <= 1.34 * most for most in range(1, 20_000))


def test_delays_rise_with_their_logarithm() -> None:
    heights = [height(seconds, RUNGS) for seconds in (0.2, 1, 10, 60, 600, 3600, 86400, 10**7)]
    assert heights == sorted(heights)
    assert heights[2:] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert heights[0] > 0, "a delay of nothing still shows that there was a message"


def test_nothing_delivered_draws_nothing() -> None:
    assert chart(days(Delivered(), Delivered(0, 400)), "en") == ""


def test_messages_without_a_delay_have_no_picture_of_delays() -> None:
    assert len(drawn(Delivered(3)).findall(f".//{SVG}svg[@role='img']")) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pictures_need_no_style_no_script_and_no_address(language: str) -> None:
    text = chart(days(Delivered(3, 0, {2: 2, 3600: 1}), Delivered()), language)
    assert not re.search(r"style|script|href|src=|on\w+=|class=", text.replace("description", ""))
    assert (("медиана" in text) == (language == "ru")) and (("median" in text) == (language == "en"))


def test_each_day_says_its_figures() -> None:
    titles = [one.text for one in drawn(Delivered(3, 0, {2: 3})).iter(f"{SVG}title")]
    assert titles == ["01.07: 3 to Omnidesk, 0 to BILLmanager", "01.07: median 2 s, 95 % 2 s"]


def test_bars_stay_within_their_picture() -> None:
    found = drawn(*[Delivered(number, 0, {2147483647: number}) for number in range(30)])
    for picture in found.findall(f".//{SVG}svg[@role='img']"):
        _, _, width, tall = map(float, str(picture.get("viewBox")).split())
        for bar in picture.iter(f"{SVG}rect"):
            x, y, wide, high = (float(str(bar.get(name))) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + wide <= width
            assert -0.1 <= y <= y + high <= tall + 0.2
