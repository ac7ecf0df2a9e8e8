"""The form's fields: every setting has one, every complaint is said in both languages, ratings keep their sense."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core.settings import REQUIRED, SETTINGS, NotAccepted, Secret, Settings
from omnidesk.panel_ui import names
from omnidesk.panel_ui.settings_fields import (
    FIELDS,
    LEVELS,
    RATINGS,
    SECRETS,
    problems,
    rating_levels,
    rating_map,
)

FILE_ONLY = {
    "OmnideskSecrets",
    "OmnideskSecretOld",
    "PanelUrl",
    "Lanes",
    "PanelLanes",
    "Administrators",
    "FieldsDBUser",
    "FieldsDBPassword",
}
DEFAULT = "good:high bad:low 1-2:low 3:middle 4-5:high"
LEVEL = st.sampled_from(LEVELS)
SOME = st.fixed_dictionaries(dict.fromkeys(RATINGS, LEVEL))
PARTS = st.builds(
    lambda low, size, level: f"{low}-{low + size}:{level}",
    st.integers(0, 9),
    st.integers(0, 4),
    LEVEL,
) | st.builds("{}:{}".format, st.sampled_from(("good", "bad")), LEVEL)
MAPS = st.one_of(st.just(""), st.just("off"), st.lists(PARTS, min_size=1, max_size=4).map(" ".join))
# A text that each parser refuses, where it refuses any.
WRONG = {
    "OmnideskUrl": ("ftp://x y", "https://a.example/path", "http://a.example"),
    "OmnideskEmail": ("nobody",),
    "OmnideskChannel": ("main",),
    "OmnideskSecret": ("short",),
    "PublicUrl": ("ftp:nowhere", "https://a.example/billmgr"),
    "RatingMap": ("5 stars",),
    "RatingColumn": ("a-b",),
    "FallbackEmployee": ("nobody",),
    "OmnideskApiKey": ("kеy-with-a-cyrillic-е", "key\u200bkey", "key\udcff"),
    "Language": ("de",),
    "SystemMessages": ("perhaps",),
    "OmnideskEdits": ("perhaps",),
    "EditMinutes": ("1441",),
    "FileStorage": ("x" * 201,),
    "CasesFromOmnidesk": ("on",),
    "CaseNote": ("link, all",),
    "SyncPriority": ("maybe", "1:urgent", "1:low 1:high"),
    "StatusMap": ("ended:open archived:closed", "gone", "ended:closed archived:closed closed:gone"),
    "AuthorText": ("nobody", "{name} {name}"),
    **dict.fromkeys(
        (
            "Sync",
            "SyncNotes",
            "AuthorLine",
            "Formatting",
            "CutQuotes",
            "CutRatingLinks",
            "CutSignature",
            "SyncAssignee",
        ),
        ("maybe",),
    ),
    **dict.fromkeys(("PollSeconds", "LingerSeconds", "SettleSeconds", "RequestTimeout"), ("many", "-1")),
    **dict.fromkeys(("PanelTimeout", "MassChangeLimit"), ("many", "0")),
}


def test_every_setting_is_in_the_form_or_for_the_file_alone() -> None:
    """Whoever adds a setting decides where it is set."""
    alerts = {name for name in SETTINGS if name.startswith("Alert")}  # their form is another
    assert set(FIELDS.values()) | FILE_ONLY | alerts == set(SETTINGS)
    assert not set(FIELDS.values()) & FILE_ONLY
    assert set(SECRETS) == set(names.PRIVATE_FIELDS) & set(FIELDS)


@pytest.mark.parametrize(("setting", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_complaints_are_said_in_both_languages(setting: str, text: str) -> None:
    with pytest.raises(NotAccepted) as caught:
        SETTINGS[setting][1](text)
    said = caught.value.phrase.text("ru")
    assert re.search("[а-я]{3}", said), said
    assert len(text) < 5 or text not in said, "values are not repeated: they may be secrets"


def test_no_complaint_was_forgotten() -> None:
    """A parser that is neither tried above nor takes everything would complain in English to a Russian."""
    anything = {name for name, (_, read) in SETTINGS.items() if read.__name__ in ("str", "Secret", "listed")}
    assert set(FIELDS.values()) <= set(WRONG) | anything


def test_all_problems_are_told_in_the_order_of_the_form() -> None:
    found = problems({"OmnideskUrl": "ftp:", "PollSeconds": "never", "OmnideskEmail": "x@example.com"})
    assert [one.field for one in found] == ["url", "api_key", "channel", "secret", "poll_seconds"]
    assert all(one.said.text("ru") != one.said.text("en") for one in found)
    assert len([one for one in found if "filled" in one.said.text("en")]) == len(REQUIRED) - 2


@given(SOME, MAPS)
def test_the_drop_downs_and_a_map_say_the_same(levels: dict[str, str], text: str) -> None:
    """What is chosen is what is read again; numbers that the form does not show keep their level."""
    written = rating_map(levels, text)
    assert rating_levels(written) == levels

    def meaning(some: str) -> dict[int, str]:
        chosen = Settings("", "", Secret(""), "", Secret(""), rating_map=SETTINGS["RatingMap"][1](some or DEFAULT))
        return {n: chosen.rating_level(n) for n in (0, *range(6, 20))}

    assert meaning(written) == meaning(text)


def test_a_map_that_says_the_same_stays_as_it_is_written() -> None:
    for text in ("4-5:high, 1:low 2:low 3:middle", "good:high bad:low", DEFAULT, ""):
        assert rating_map(rating_levels(""), text) == text
    assert rating_map(dict.fromkeys(RATINGS, "none"), "") == "off"
