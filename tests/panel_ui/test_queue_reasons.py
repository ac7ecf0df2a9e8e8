"""Reasons told in the user's language from what is stored, and patterns that find them again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core.errors import Failure
from omnidesk.wording.due_reasons import DUE_REASONS, patterns, translated
from omnidesk.wording.error_texts import TEXTS, describe, render

SOURCES = Path(__file__).resolve().parents[2] / "lib/omnidesk"
# Not of the signs that the templates put between values, and never blank at an end: no such value is made.
values = st.text("aZёЖ 7.%_\\/", min_size=1, max_size=30).filter(lambda text: text == text.strip())


def russian(failure: Failure) -> str:
    words = render(failure, "ru")
    return f"{words.sentence} {words.cure}".strip()


@given(st.sampled_from(sorted(TEXTS)), values, values, st.integers(0, 9999))
def test_a_stored_text_is_told_in_russian(type: str, object: str, value: str, seconds: int) -> None:
    failure = Failure(type, object, value, seconds=seconds)
    assert translated(describe(failure), type, "ru") == russian(failure)
    assert translated(describe(failure), type, "en") == describe(failure)


@given(st.text(max_size=300), st.sampled_from(["", "no_such_type", *TEXTS]))
def test_any_text_is_told_somehow(text: str, type: str) -> None:
    assert translated(text, type, "en") == text
    assert text in (translated(text, type, "ru"), text)


@pytest.mark.parametrize("type", ["omnidesk_refused", "panel_refused", "omnidesk_trouble", "staff"])
def test_without_the_type_the_words_tell_it(type: str) -> None:
    failure = Failure(type, "POST cases/7/messages", "wrong_content: too long")
    assert translated(describe(failure), "", "ru") == russian(failure)


def test_a_text_that_was_cut_off_stays_as_it_is() -> None:
    text = describe(Failure("omnidesk_refused", "POST cases", "x" * 3000))[:2000]
    assert translated(text, "omnidesk_refused", "ru") == text


def test_hostile_values_cost_no_time() -> None:
    text = describe(Failure("omnidesk_refused", "(): " * 400, "): " * 200))[:2000]
    assert translated(text, "omnidesk_refused", "ru") in (text, translated(text, "", "ru"))


def like(pattern: str, text: str) -> bool:
    """What SQL's LIKE says, whatever the case."""
    pieces = re.findall(r"\\(.)|(%)|(_)|(.)", pattern, re.DOTALL)
    expression = "".join(
        re.escape(escaped or plain) if escaped or plain else ".*" if any_ else "." for escaped, any_, _, plain in pieces
    )
    return re.fullmatch(expression, text, re.DOTALL | re.IGNORECASE) is not None


@given(st.sampled_from(sorted(TEXTS)), values, values, st.data())
def test_what_is_read_in_the_list_is_found_by_the_filter(
    type: str, object: str, value: str, data: st.DataObject
) -> None:
    """Words of the fixed text in the user's language, or of a value."""
    failure = Failure(type, object, value, seconds=3)
    pieces = [piece for piece in re.split(r"\{\w+\}", f"{TEXTS[type].ru} {TEXTS[type].cure_ru}") if piece.strip()]
    wanted = data.draw(st.sampled_from(pieces)).strip()
    assert any(like(pattern, describe(failure)) for pattern in patterns(wanted, "ru"))
    if "{value}" in TEXTS[type].en + TEXTS[type].cure_en:
        assert any(like(pattern, describe(failure)) for pattern in patterns(value, "ru"))


def test_every_reason_for_being_due_has_words() -> None:
    reasons = set()
    for path in SOURCES.rglob("*.py"):
        for arguments in re.findall(r"queue\.make_due\(([^\n]*)", path.read_text(encoding="utf-8")):
            reasons |= set(re.findall(r'"([^"]+)"', arguments.replace('["ticket"]', "")))
    assert "event in BILLmanager" in reasons and reasons - set(DUE_REASONS) == set()
