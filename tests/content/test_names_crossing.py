"""Names that strangers chose: of people, of subjects, of files."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnidesk.billmanager.models import Person
from omnidesk.core.filenames import of_url, safe
from omnidesk.core.settings import Secret, Settings
from omnidesk.helpdesk import models
from omnidesk.sync import compose

SETTINGS = Settings("https://acme.omnidesk.ru", "i@example.com", Secret("k"), "cch1", Secret("s"), language="en")
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.mark.parametrize("sign", BREAKS)
def test_a_line_break_in_a_name_becomes_a_blank(sign: str) -> None:
    person = Person(5, "anna", f"Anna{sign}Admin wrote:")
    assert compose.person_name(person) == "Anna Admin wrote:"
    assert compose.author_line(SETTINGS, f"Anna{sign}Kim") == "Anna Kim wrote:"
    assert compose.subject(SETTINGS, 7, f"Site{sign}down") == "Site down"


def test_a_name_of_nothing_visible_is_replaced_by_the_login() -> None:
    assert compose.person_name(Person(5, "anna", "\u200b\x00\u202e")) == "anna"
    assert compose.person_name(Person(5, "\x01", " ")) == "#5"


@given(st.text(max_size=60))
@example("\u202a" * 12 + "a")
@example("a\u2067")
def test_names_are_one_printable_line_with_balanced_direction_marks(text: str) -> None:
    found = compose.name(text)
    assert len(found.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in found)
    assert compose.name(found) == found
    opened = sum(found.count(sign) for sign in "\u202a\u202b\u2066\u2067\u2068")
    assert opened == found.count("\u202c") + found.count("\u2069")


ENCODED = [
    ("=?UTF-8?B?0YHRh9GR0YIucGRm?=", "счёт.pdf"),
    ("UTF-8''%D1%81%D1%87%D1%91%D1%82.pdf", "счёт.pdf"),
    ("utf-8'ru'%D1%81.pdf", "с.pdf"),
    ("=?koi8-r?Q?=C1=C2?= =?koi8-r?Q?=C3?=.txt", "абц.txt"),
    ("скан =?UTF-8?Q?=D1=81_=D1=81?=.png", "скан с с.png"),
    ("=?utf-8?b?////?=", "?="),  # cannot be decoded: stays, and its slashes are those of a path
    ("=?no-such-charset?Q?a?=.txt", "=?no-such-charset?Q?a?=.txt"),
    ("a'b'100%25.txt", "a'b'100%25.txt"),
    ("100%.txt", "100%.txt"),
    ("=?UTF-8?Q?=2E=2E=2Fetc=2Fpasswd?=", "passwd"),
]


@pytest.mark.parametrize(("given_name", "expected"), ENCODED)
def test_encodings_of_mail_headers_are_undone(given_name: str, expected: str) -> None:
    assert safe(given_name) == expected
    assert safe(safe(given_name)) == expected


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://acme.omnidesk.ru/f/%D1%81%D1%87%D1%91%D1%82.pdf?token=secret", "счёт.pdf"),
        ("https://acme.omnidesk.ru/f/a.pdf#x", "a.pdf"),
        ("https://acme.omnidesk.ru/f/345", "345"),
        ("https://acme.omnidesk.ru/?file=/a/secret.pdf", ""),
        ("https://[broken", ""),
    ],
)
def test_a_name_from_an_address_is_decoded_and_without_its_query(url: str, name: str) -> None:
    assert of_url(url) == name
    row = {"message_id": 1, "content": "x", "attachments": [{"url": url}]}
    assert models.message(row).attachments[0].name == (name or "file")
