"""Texts made to cost: deep, long, and escaped within escaped. Whatever is written, it goes over, and soon."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnidesk.content import emoji, incoming
from omnidesk.core import text as texts
from tests.hostile.limits import FEW, limited
from tests.support.amount import size

QUARTER = size(1 << 18)
THIRD = size((1 << 20) // 3)
TAGS = ["b", "ol><li", "table><tr><td", "pre"]
MARKUP = {
    **{f"nested <{tag}>": f"<{tag}>" * (THIRD // (len(tag) + 2)) + "x" for tag in TAGS},
    **{f"nested <{tag}> below the limit": f"<{tag}>" * 9_000 + "x" for tag in TAGS},
    "blanks": "<p>x" + " " * THIRD + "y",
    "blanks in pre": "<pre>x" + " " * THIRD + "y</pre>",
    "blanks as entities": "<p>x" + "&#32;" * (THIRD // 5) + "y",
    "no-break spaces": "x" + "&nbsp;" * (THIRD // 6) + "y",
    "many blanks": ("<b>" + " " * 49 + "</b>") * 4_000,
    "newlines": "<p>x" + "\n" * THIRD + "y",
    "paragraphs": "<p>x" * (THIRD // 4),
    "breaks": "<br>" * (THIRD // 4),
    "a list of a thousand": "<ol>" + "<li>x" * 1_000,
    "a list of many": "<ol>" + "<li>x" * (THIRD // 5),
    "rows": "<table>" + "<tr><td>x" * 4_000,
    "angles": "<" * THIRD,
    "ampersands": "&" * THIRD,
    "comments": "<!--" * (THIRD // 4),
    "attributes": "<a " + "x=1 " * (THIRD // 4) + ">y",
    "a picture within": '<img alt="Снимок" src="data:image/png;base64,' + "A" * THIRD + '">',
    "backticks": "<code>" + "`" * THIRD + "</code>",
    "closed only": "</div>" * (THIRD // 6),
    "misnested": "<b>x<p>" * (THIRD // 7),
    "a wide cell": '<table><tr><td colspan="99999999">x</table>',
    "text at a depth": "<i>" * 250 + "слово " * (THIRD // 12),
    "quotes at a depth": "<blockquote>" * 80 + "x y<br>" * 4_000,
}
PLAIN = {
    "ampersands in ampersands": "&" + "amp;" * (QUARTER // 4),
    "without semicolons": "&" + "amp" * (QUARTER // 3),
    "by number": "&" + "#38;" * (QUARTER // 4),
    "by number of sixteen": "&" + "#x26;" * (QUARTER // 5),
    "numbers in numbers": "&#5" * (QUARTER // 4) + ";" * (QUARTER // 4),
    "marks upon marks": "a" + "\u0300\u0327" * (QUARTER // 2),
    "signs that grow": "\ufdfa" * (QUARTER // 8),
    "blanks": " " * QUARTER,
    "invisible": "\u200b" * QUARTER,
    "brackets": "([" * (QUARTER // 2),
    "emoji": "😀" * (QUARTER // 4),
}


@pytest.mark.parametrize("name", MARKUP)
def test_no_markup_takes_long(name: str) -> None:
    """A third of a megabyte of anything becomes text in bounded time and memory (an ordinary run: a quarter of it)."""
    limited(lambda: len(incoming.of_message("", MARKUP[name])))


WAYS: list[Callable[[str], object]] = [
    texts.digest, texts.is_blank, lambda text: incoming.of_message(text, ""), lambda text: texts.subject(text, "-"),
    lambda text: emoji.fit(text, False), texts.clean,
]  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_no_plain_text_takes_long(name: str) -> None:
    """Nor does a quarter of a megabyte of plain text, whatever is done with it."""
    limited(lambda: [str(way(PLAIN[name]))[:10] for way in WAYS], seconds=FEW)


@pytest.mark.parametrize("number", ["1" * 5_000, "0" * 5_000 + "65", "9" * 8])
def test_a_character_number_of_thousands_of_digits_is_only_text(number: str) -> None:
    """Python's own html.unescape raises ValueError for it, and such a message would never go over."""
    sign = "A" if number.endswith("65") else "\ufffd"
    assert incoming.of_message(f"a&#{number};b", "") == f"a{sign}b"
    assert texts.digest(f"a&#{number};b") == texts.digest(f"a{sign}b")
    assert incoming.of_message("", f"a&#{number};b").startswith("a")


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["&", "#", "x", "0", "6", "5", ";", "amp", "lt", "<"])).map("".join)
)
@example("&#0000000065;")
@example("&#12345678;")
@example("&lt;&ltx;&currency;")
def test_entities_mean_what_the_standard_library_says(text: str) -> None:
    """The bounded way is the same as the library's for each entity that ends with its semicolon."""
    import html.entities

    known = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
    for one in known.findall(text):
        if one.startswith("&#") or one[1:] in html.entities.html5:
            assert texts.unescape(one) == html.unescape(one)
    assert texts.unescape(known.sub("", text)) == known.sub("", text)


@pytest.mark.parametrize("text", ["?id=5&currency=RUB&timestamp=17", "a &copy b", "&notit;", "&amp", "&#38 x", "&lt"])
def test_a_name_without_its_semicolon_is_no_entity(text: str) -> None:
    """Addresses arrived as ``¤cy`` and ``×tamp``."""
    assert texts.unescape(text) == text
    assert incoming.of_message(text, "") == text


@given(st.lists(st.sampled_from(["&", "amp", ";", "#38", "#x26", "#0038;", "lt;", "a", "#380;"])).map("".join))
@settings(deadline=None)
def test_escaping_once_more_is_the_same_text(text: str) -> None:
    """One side may escape what the other does not; the identity does not change by it."""
    import html

    assert texts.normal(html.escape(text)) == texts.normal(text)


@pytest.mark.parametrize("start", ["½", "²", "٣", "1" * 5_000, "-1", "", "x"])
def test_a_lists_odd_start_does_not_stop_the_reply(start: str) -> None:
    """The converter takes "½" for a number and raises ValueError; the words count."""
    assert "слово" in incoming.of_message("", f'<ol start="{start}"><li>слово</li></ol>')


def test_a_picture_within_the_text_is_named_not_spelled_out() -> None:
    """Its digits would fill the ticket, and are too many for a command line."""
    markup = 'до <img alt="Снимок" src=" DATA:image/png;base64,AAAA"> после'
    assert incoming.of_message("", markup) == "до [Снимок] после"
    assert incoming.of_message("", '<img src="data:image/gif;base64,R0lGOD">') == "[image]"


def test_the_words_of_an_enormous_reply_arrive_without_what_is_not_text() -> None:
    """Too large for the converter: scripts and styles still leave nothing behind."""
    markup = "<style>p{}</style><p>начало</p><script>alert(1)</script>" + "<b>x</b>" * 20_000 + "<p>конец &amp; всё</p>"
    found = incoming.of_message("", markup)
    assert found.startswith("начало\nx")
    assert found.endswith("конец & всё")
    assert "alert" not in found and "p{}" not in found
