"""Reasons in the list: in the reader's language, also those that an earlier version stored, and found by the filter."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnidesk.core.errors import Failure
from omnidesk.core.tables import TICKETS
from omnidesk.panel_ui import names
from omnidesk.wording.error_texts import TEXTS
from tests.panel_ui.panel_calls import call
from tests.support.workshop import Workshop

values = st.text('aZёЖ 7.%_\\/"', min_size=1, max_size=30).filter(lambda text: text == text.strip())


def reasons(workshop: Workshop, language: str = "ru", text: str = "") -> list[str]:
    return [row["reason"] for row in call(workshop, names.QUEUE, language=language, text=text).rows]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(TEXTS)), values, values, st.data())
def test_what_is_read_in_the_list_is_found_by_the_filter(
    workshop: Workshop, type: str, object: str, value: str, data: st.DataObject
) -> None:
    """Words of the fixed text in the user's language, or of a value, or some of both."""
    failure = Failure(type, object, value, seconds=3)
    workshop.context.queue.make_due(1, "event")
    workshop.context.queue.failed(1, failure)
    for language in ("ru", "en"):
        shown = failure.phrase.full(language)
        assert reasons(workshop, language) == [shown]
        words = shown.split()
        start = data.draw(st.integers(0, len(words) - 1))
        wanted = " ".join(words[start : start + 3])
        assert reasons(workshop, language, wanted) == [shown]
    assert reasons(workshop, text="такого здесь нигде нет") == []


def test_a_text_that_an_earlier_version_stored_is_shown_and_found(workshop: Workshop) -> None:
    text = Failure("omnidesk_refused", "POST cases", "wrong_subject").phrase.full("en")
    workshop.context.queue.make_due(1, "new messages")
    assert reasons(workshop) == ["new messages"], "its reason, too"
    workshop.context.db.write(
        f"UPDATE {TICKETS} SET attempts = 1, error_type = 'omnidesk_refused', error_text = %s WHERE ticket = 1", text
    )
    assert reasons(workshop) == [text]
    assert reasons(workshop, text="wrong_subject") == [text]
    (row,) = workshop.context.queue.listing()
    assert (row.error_type, row.error_text) == ("omnidesk_refused", text)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_why_a_ticket_is_due_is_shown_and_found(workshop: Workshop, language: str) -> None:
    workshop.context.queue.make_due(1, "messages")
    (shown,) = reasons(workshop, language)
    assert bool(re.search("[а-я]", shown)) == (language == "ru")
    assert reasons(workshop, language, shown.split()[-1]) == [shown]
