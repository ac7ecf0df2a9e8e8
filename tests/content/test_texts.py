"""Texts between the products: nothing crashes, nothing dangerous survives, the same text stays the same."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from omnidesk.billmanager.models import Person
from omnidesk.content import emoji, incoming
from omnidesk.core import settings as module_settings
from omnidesk.core import text as texts
from omnidesk.core.settings import Secret, Settings
from omnidesk.sync import compose

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)  # lone surrogates too
OFTEN = st.sampled_from(
    ["<script>alert(1)</script>", "<style>p{x}</style>", "<p>", "</p>", "<br>", "<div>", "&nbsp;", "&lt;", "<b>",
     "<ul><li>", "<a href='javascript:x'>", "<table><tr><td>", "<!--", "-->", "<![CDATA[", "]]>", "<img src=x>", "\r\n",
     "<pre><code>", "```", "**", "\x00", "\ud800", "🙂", "<head><title>t</title></head>", "<template>", "<svg><script>"]
)  # fmt: skip
MARKUP = st.lists(OFTEN | st.text(max_size=10), max_size=20).map("".join)


@given(ANY)
@example("a\r\nb\rc\x00\x0b\x1b[31m\x85\ufffe\ud800 конец")
def test_clean_text_can_be_carried_anywhere(text: str) -> None:
    """XML, JSON and terminals take it; cleaning twice is cleaning once."""
    found = texts.clean(text)
    node = etree.Element("t")
    node.text = found
    assert etree.fromstring(etree.tostring(node, encoding="UTF-8")).text in (found, None)
    found.encode("utf-8")
    assert "\r" not in found and "\x1b" not in found
    assert texts.clean(found) == found


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=100))
def test_clean_keeps_what_people_write(text: str) -> None:
    """Letters of any script, emoji and right-to-left texts are not touched."""
    assert texts.clean(text) == text


@given(ANY)
@example("\u202e\u200f mirrored \u2066")
def test_blank_is_what_nobody_sees(text: str) -> None:
    """Something is blank exactly when no character of it can be seen; so is every part of it."""
    seen = [
        sign for sign in text if unicodedata.category(sign)[0] in "LMNPS" or unicodedata.category(sign) in ("Co", "Cn")
    ]
    assert texts.is_blank(text) == (not seen)
    assert texts.is_blank("") and texts.is_blank(" \t\n\u200b\u00a0\ufeff")


@settings(deadline=None)
@given(MARKUP | ANY)
@example("<scr<script>ipt>alert(1)</scr</script>ipt>")
@example("<SCRIPT\n>alert(1)</SCRIPT ><ScRiPt src=//evil>")
@example("<svg><script>alert(1)</script></svg><math><style>x</style></math>")
@example("<div>" * 3000 + "x")
@example("<ul><li>" * 300 + "deep")
@example("<blockquote>" * 250 + "deep" + "</blockquote>" * 250)
@example("<b>" * 5000)
@example("<table>" * 100)
def test_html_becomes_text_whatever_it_is(markup: str) -> None:
    """No input ends with an exception, and nothing executable or unprintable survives."""
    found = incoming.of_message("", markup)
    assert texts.clean(found) == found
    assert not re.search(r"<\s*(script|style)\b[^>]*>.*?<\s*/", found, re.IGNORECASE | re.DOTALL) or "&lt;" in markup
    assert "\n\n\n" not in found
    assert found == found.strip()


@given(st.text(st.characters(categories=("Lu", "Nd")), min_size=3, max_size=30), st.sampled_from(["script", "style"]))
def test_scripts_leave_nothing_behind(code: str, tag: str) -> None:
    """Not even their words."""
    marked = f"x9{code}9x"
    found = incoming.of_message("", f"<p>before</p><{tag}>{marked}</{tag}><p>after</p>")
    assert marked not in found
    assert "before" in found and "after" in found


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Один</p><p>Два</p>", "Один\n\nДва"),
        ("Строка<br>ещё<br/>одна", "Строка\nещё\nодна"),
        ("<b>жирно</b> и <i>косо</i>", "**жирно** и *косо*"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ('<a href="https://example.com/a_b">сюда</a>', "[сюда](https://example.com/a_b)"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2&nbsp;!", "1 < 2 && 3 > 2 !"),
        ("<h2>Имя</h2>текст", "## Имя\n\nтекст"),
        ("snake_case * 2", "snake_case * 2"),
        ("<pre><code>a = 1\nb = 2</code></pre>", "```\na = 1\nb = 2\n```"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_html_as_people_write_it(markup: str, text: str) -> None:
    """Paragraphs, lines, emphasis, lists and links become Markdown; the rest stays as it was typed."""
    assert incoming.of_message("", markup) == text


def test_a_message_is_its_html_or_its_plain_text() -> None:
    """Usually only one of the two is filled (seen in live threads); the plain one may hold entities."""
    assert incoming.of_message("", "<p>Да</p>") == "Да"
    assert incoming.of_message("A &amp; B &lt;x&gt;", "") == "A & B <x>"
    assert incoming.of_message("plain", "<p>rich</p>") == "rich"
    assert incoming.of_message("", " ") == ""


@given(ANY)
def test_the_normal_form_is_final(text: str) -> None:
    """Its own normal form, and therefore the same identity."""
    once = texts.normal(text)
    assert texts.normal(once) == once
    assert texts.digest(once) == texts.digest(text)
    assert re.fullmatch(r"[0-9a-f]{40}", texts.digest(text))


@given(st.lists(st.text("abcXYZабвЭЮЯ019", min_size=1, max_size=8), min_size=1, max_size=8))
def test_what_products_change_does_not_change_the_identity(words: list[str]) -> None:
    """Blanks, line ends, case and markup signs are what they tidy up."""
    plain = " ".join(words)
    for other in ("\r\n".join(words), f"  {plain}\n", f"**{plain}**", f"> {plain}", f"- {plain}".upper().lower()):
        assert texts.digest(other) == texts.digest(plain)


def test_different_texts_have_different_identities() -> None:
    """Signs that carry meaning are kept."""
    found = {texts.digest(text) for text in ("да", "нет", "1", "2", "+", "🙂", "😀", "а?", "а!", "")}
    assert len(found) == 10


@given(ANY)
@example("👍🏽 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️")
def test_a_text_fits_a_column_of_three_bytes(text: str) -> None:
    """No character beyond the basic plane is left, and fitting twice changes nothing."""
    found = emoji.fit(text, four_bytes=False)
    assert all(ord(sign) <= 0xFFFF for sign in found)
    assert emoji.fit(found, four_bytes=False) == found
    assert emoji.fit(text, four_bytes=True) == text


def test_emoji_keep_their_meaning() -> None:
    """A reader sees what it was; joiners and skin tones leave nothing behind."""
    assert emoji.fit("Спасибо 👍🏽!", four_bytes=False) == "Спасибо :thumbs up sign:!"
    assert emoji.fit("❤️", four_bytes=False) == "❤️"


@given(ANY, st.integers(1, 60))
def test_shortening_keeps_the_limit(text: str, limit: int) -> None:
    """Never longer than asked; a text that fits is not touched."""
    found = texts.shorten(text, limit)
    assert len(found) <= limit
    assert found == text or found.endswith("…")


@given(ANY | st.text(min_size=990, max_size=1000))
def test_a_subject_is_one_visible_line(text: str) -> None:
    """At most 250 characters, never empty, whatever the ticket is called."""
    found = texts.subject(text, "Запрос №17")
    assert 0 < len(found) <= 250
    assert not re.search(r"[\n\r\t]", found)
    assert not texts.is_blank(found)


# Wording

RU = Settings("https://acme.omnidesk.ru", "i@example.com", Secret("k"), "cch1", Secret("s"))
EN = Settings("https://acme.omnidesk.ru", "i@example.com", Secret("k"), "cch1", Secret("s"), language="en")


def test_the_author_who_cannot_sign_is_named() -> None:
    """In the language of the settings, unless that is switched off."""
    assert compose.to_omnidesk(RU, "текст", compose.author_line(RU, "Анна")).content == "Анна пишет:\n\nтекст"
    assert compose.to_billing(RU, "текст", "", compose.author_line(RU, "*Анна*")) == "\\*Анна\\* пишет:\n\nтекст"
    assert compose.author_line(EN, "Anna") == "Anna wrote:"
    quiet = module_settings.Settings(**{**vars(RU), "author_line": False})
    assert compose.to_omnidesk(quiet, "текст", compose.author_line(RU, "Анна")).content == "текст"


def test_where_there_is_nothing_to_see_words_stand() -> None:
    """A file alone is named; nothing at all is what the setting says."""
    assert compose.to_omnidesk(RU, " \u200b\n", files=["a.png", "b.txt"]).content == "Файлы: a.png, b.txt"
    assert compose.to_billing(EN, "", "<p>&nbsp;</p>", files=["a.png", "_b_.txt"]) == "Files: a.png, \\_b\\_.txt"
    assert compose.to_billing(RU, "\t", "") == "(без текста)"
    assert compose.to_omnidesk(RU, "  да \n", files=["a.png"]).content == "да"


def test_authors_as_people_read_them() -> None:
    """The name, else the login, else that the account is gone."""
    assert compose.author_name(RU, Person(5, "anna", "Анна Ким")) == "Анна Ким"
    assert compose.author_name(RU, Person(5, "anna")) == "anna"
    assert compose.author_name(RU, Person(5)) == "#5"
    assert "удалена" in compose.author_name(RU, Person(5, known=False))
    assert "deleted" in compose.author_name(EN, Person(5, known=False))


def test_a_ticket_without_a_name_has_its_number() -> None:
    """Omnidesk wants a subject (documented)."""
    assert compose.subject(RU, 17, " \n") == "Запрос №17"
    assert compose.subject(EN, 17, "") == "Ticket 17"
    assert compose.subject(RU, 17, "Не\nработает") == "Не работает"


def test_what_is_lost_is_told_literally_below_the_text() -> None:
    """A file's name is no Markdown, and a client's text no HTML."""
    assert compose.to_billing(RU, "вот", "", lost=["Файл __a__ не передан."]) == "вот\n\nФайл \\_\\_a\\_\\_ не передан."
    sent = compose.to_omnidesk(RU, "**вот** <i>", lost=["Файл __a b__ *.txt не передан."])
    assert sent.content_html == "<p><strong>вот</strong> &lt;i&gt;</p>\n<p>Файл __a b__ *.txt не передан.</p>"
    off = module_settings.Settings(**{**vars(RU), "formatting": False})
    assert compose.to_omnidesk(off, "**вот**", lost=["Файл __a__"]).fields() == {"content": "**вот**\n\nФайл __a__"}
    assert compose.to_billing(off, "", "<b>вот</b>", "Анна:", lost=["__a__"]) == "Анна:\n\n**вот**\n\n__a__"
