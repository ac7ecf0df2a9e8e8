"""The settings form's fields: which setting each holds, and what is wrong with what was typed.

The parsers are those of :mod:`omnidesk.core.settings`, so the form and a file written by hand obey one law.

Not in the form are the panel's local address, to which a session of the panel's root is sent, who may change settings,
and the database user of custom fields: who may write the file may set them, an employee of the panel may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from omnidesk.core import ratings
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import NO_LEVEL, REQUIRED, SETTINGS, NotAccepted, Secret, Settings

# Field of the form -> setting, in the form's order. What is at fault first is marked first.
FIELDS: Mapping[str, str] = {
    "sync": "Sync",
    "url": "OmnideskUrl",
    "email": "OmnideskEmail",
    "api_key": "OmnideskApiKey",
    "channel": "OmnideskChannel",
    "fallback": "FallbackEmployee",
    "departments": "Departments",
    "sync_notes": "SyncNotes",
    "rating_good": "RatingMap",
    "secret": "OmnideskSecret",
    "public_url": "PublicUrl",
    "language": "Language",
    "author_line": "AuthorLine",
    "author_text": "AuthorText",
    "empty_text": "EmptyText",
    "formatting": "Formatting",
    "cut_quotes": "CutQuotes",
    "cut_rating_links": "CutRatingLinks",
    "cut_signature": "CutSignature",
    "system_messages": "SystemMessages",
    "omnidesk_edits": "OmnideskEdits",
    "edit_minutes": "EditMinutes",
    "file_storage": "FileStorage",
    "status_map": "StatusMap",
    "sync_assignee": "SyncAssignee",
    "sync_priority": "SyncPriority",
    "case_note": "CaseNote",
    "case_note_values": "CaseNoteValues",
    "cases_from_omnidesk": "CasesFromOmnidesk",
    "new_ticket_department": "NewTicketDepartment",
    "rating_column": "RatingColumn",
    "poll_seconds": "PollSeconds",
    "linger_seconds": "LingerSeconds",
    "settle_seconds": "SettleSeconds",
    "request_timeout": "RequestTimeout",
    "panel_timeout": "PanelTimeout",
    "mass_change_limit": "MassChangeLimit",
}
# Buttons beside Ok and Cancel.
RELOAD, MAKE_SECRET, CHECK, UNCHECKED = "reload", "new_secret", "check", "save_unchecked"
SECRETS = ("api_key", "secret")  # never put into a document; what is stored is kept when they come back empty
# Drop-downs that are always the same.
ONE_OF = {
    "language": ("ru", "en"),
    "system_messages": ("note", "off"),
    "omnidesk_edits": ("off", "note", "message"),
    "cases_from_omnidesk": ("off", "channel", "email"),
}
STARS = range(1, 6)
RATINGS = ("good", "bad", *map(str, STARS))  # each with a field rating_…
ADDRESSES = ("url", "public_url")  # what follows the host in them is cut off
LEVELS = (NO_LEVEL, "low", "middle", "high")
_FIELD_OF = {setting: name for name, setting in FIELDS.items()}
_UNSET = Settings("", "", Secret(""), "", Secret(""))


@dataclass(frozen=True)
class Problem:
    """Something to fix at a field of the form ("" when at none); ``webhook`` is one, though nothing is typed there."""

    field: str
    said: Phrase


def field_of(setting: str) -> str:
    """The form's field for a setting; "" when the form has none."""
    return _FIELD_OF.get(setting, "")


def default(setting: str) -> Any:
    """A setting's value when it is not set; None for one that has to be."""
    return None if setting in REQUIRED else getattr(_UNSET, SETTINGS[setting][0])


def effective(setting: str, text: str) -> Any:
    """What a setting's text means; its default when there is none or it means nothing."""
    try:
        return SETTINGS[setting][1](text) if text else default(setting)
    except ValueError:
        return default(setting)


def accepted(setting: str, text: str) -> bool:
    """Whether the setting's parser takes this text."""
    try:
        SETTINGS[setting][1](text)
    except NotAccepted:
        return False
    return True


def problems(wanted: Mapping[str, str]) -> list[Problem]:
    """What is wrong with these settings' texts, in the form's order."""
    found = []
    for name, setting in FIELDS.items():
        text = wanted.get(setting, "")
        if text:
            found += _problem(name, text)
        elif setting in REQUIRED:
            found.append(Problem(name, Phrase("setting.empty")))
    return found


def _problem(name: str, text: str) -> list[Problem]:
    try:
        SETTINGS[FIELDS[name]][1](text)
    except NotAccepted as error:
        return [Problem(name, Phrase("setting.typed", why=error.phrase))]
    return []


def typed_problems(texts: Mapping[str, str]) -> list[Problem]:
    """What is wrong with what stands in fields (by their names) that hold something: the rest may still come."""
    return [one for name in FIELDS if texts.get(name) for one in _problem(name, texts[name])]


# Ratings: seven drop-downs for one setting.


def rating_levels(text: str) -> dict[str, str]:
    """The level of good, bad and each number of stars, ``none`` where there is none."""
    chosen = replace(_UNSET, rating_map=effective("RatingMap", text))
    return {one: chosen.rating_level(ratings.parse(one)) or NO_LEVEL for one in RATINGS}


def rating_map(levels: Mapping[str, str], text: str) -> str:
    """The setting for these levels: ``text`` when it says the same, else a new one that keeps its other numbers."""
    if rating_levels(text) == dict(levels):
        return text
    ranges: list[tuple[int, int, str]] = []
    for star in STARS:
        level = levels[str(star)]
        if ranges and ranges[-1][1:] == (star - 1, level):
            ranges[-1] = (ranges[-1][0], star, level)
        else:
            ranges.append((star, star, level))
    for low, high, level in effective("RatingMap", text):  # other numbers than one to five
        if low > ratings.MOST_STARS:
            continue
        ranges += [(low, min(high, STARS[0] - 1), level)] if low < STARS[0] else []
        ranges += [(max(low, STARS[-1] + 1), high, level)] if high > STARS[-1] else []
    if all(level == NO_LEVEL for level in (levels["good"], levels["bad"], *(level for _, _, level in ranges))):
        return "off"
    words = [f"{word}:{levels[word]}" for word in ("good", "bad")]
    return " ".join(
        [*words, *(f"{low}-{high}:{level}" if high > low else f"{low}:{level}" for low, high, level in ranges)]
    )
