"""The settings file: every default, every mistake at once with its line, and secrets that never show."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.core import ratings, settings
from omnidesk.core.errors import Misconfigured
from omnidesk.core.settings import Secret, Settings, load, parse

GOOD = {
    "OmnideskUrl": "https://acme.omnidesk.ru",
    "OmnideskEmail": "Integration@Example.com",
    "OmnideskApiKey": "0123-the-api-key",
    "OmnideskChannel": "cch101",
    "OmnideskSecret": "webhook-secret-7",
}


def text(**changes: str | None) -> str:
    lines: dict[str, str | None] = {**GOOD, **changes}
    return "".join(f"{name} {value}\n" for name, value in lines.items() if value is not None)


def problems(source: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        parse(source)
    assert (caught.value.type, caught.value.object) == ("settings", "omnidesk.conf")
    return caught.value.value.split("\n")


def test_the_required_lines_are_enough() -> None:
    """Everything else has the documented default."""
    found = parse(text())
    assert (found.url, found.email, found.channel) == ("https://acme.omnidesk.ru", "integration@example.com", "cch101")
    assert found.api_key.reveal() == "0123-the-api-key"
    assert {one.name: getattr(found, one.name) for one in fields(Settings) if one.name not in REQUIRED} == {
        "secret_old": Secret(""), "channel_secrets": (), "sync": True, "public_url": "", "panel_url": "https://127.0.0.1:1500/billmgr",
        "rating_column": "", "author_text": "", "rating_map": settings.RATING_MAP,
        "sync_notes": True, "departments": (), "system_messages": "note",
        "omnidesk_edits": "note", "edit_minutes": 10, "file_storage": "",
        "cases_from_omnidesk": "off", "new_ticket_department": "",
        "status_map": ("waiting", "closed", "ended"), "sync_assignee": False, "sync_priority": None,
        "case_note": (), "case_note_values": (),
        "fallback_employee": "", "poll_seconds": 60, "author_line": True,
        "empty_text": "(без текста)", "language": "ru", "formatting": True, "cut_quotes": True,
        "cut_rating_links": False, "cut_signature": False, "linger_seconds": 20, "settle_seconds": 10,
        "request_timeout": 30, "panel_timeout": 60, "mass_change_limit": 25, "administrators": (), "fields_db_user": "",
        "fields_db_password": Secret(""), "alert_emails": (), "alert_telegram_token": Secret(""),
        "alert_telegram_chat": "", "alert_webhook": Secret(""), "alert_pause_minutes": 15, "alert_silence_hours": 3,
        "lanes": 0, "panel_lanes": 2,
    }  # fmt: skip


REQUIRED = ("url", "email", "api_key", "channel", "secret")


def test_every_setting_has_an_attribute_and_the_reverse() -> None:
    """A setting nobody can write, or one that goes nowhere, would be a lie in the documentation."""
    assert sorted(one for one, _ in settings.SETTINGS.values()) == sorted(one.name for one in fields(Settings))


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("OmnideskUrl", "acme", "https://acme.omnidesk.ru"),
        ("OmnideskUrl", "acme.omnidesk.ru", "https://acme.omnidesk.ru"),
        ("OmnideskUrl", "https://help.example.com/", "https://help.example.com"),
        ("OmnideskUrl", "https://acme.omnidesk.ru/api", "https://acme.omnidesk.ru"),
        ("OmnideskUrl", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("OmnideskUrl", "http://localhost:8080", "http://localhost:8080"),
        ("OmnideskUrl", "http://[::1]:8080", "http://[::1]:8080"),
        ("OmnideskChannel", "101", "cch101"),
        ("PanelUrl", "https://localhost:1500/billmgr/", "https://localhost:1500/billmgr"),
        ("RatingMap", "1:low 2-3:middle, 4-5:high", ((1, 1, "low"), (2, 3, "middle"), (4, 5, "high"))),
        ("RatingMap", "good:high bad:none", ((ratings.GOOD, ratings.GOOD, "high"), (ratings.BAD, ratings.BAD, "none"))),
        ("RatingColumn", "off", "off"),
        ("SyncNotes", "off", False), ("SyncNotes", "YES", True), ("AuthorLine", "0", False),
        ("Departments", "Техническая поддержка, 7,", ("Техническая поддержка", "7")),
        ("FallbackEmployee", "Desk@Example.com", "desk@example.com"),
        ("PollSeconds", "5", 5), ("LingerSeconds", "0", 0), ("Language", "en", "en"),
        ("EmptyText", "(a file # only)", "(a file # only)"),
        ("OmnideskSecretOld", "old-secret_1.~", Secret("old-secret_1.~")),
        ("FieldsDBPassword", "with # and blanks", Secret("with # and blanks")),
    ],
)  # fmt: skip
def test_what_can_be_written(name: str, given: str, value: object) -> None:
    """Each kind of value in the forms that are accepted."""
    assert getattr(parse(text(**{name: given})), settings.SETTINGS[name][0]) == value


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("OmnideskUrl", "http://acme.omnidesk.ru"), ("OmnideskUrl", "ftp://acme.omnidesk.ru"),
        ("OmnideskUrl", "https://user:password@acme.omnidesk.ru"), ("OmnideskUrl", "https://acme.omnidesk.ru/cases"),
        ("OmnideskUrl", "https://acme.omnidesk.ru?x=1"), ("OmnideskUrl", "https://"), ("OmnideskUrl", "https://[::1"),
        ("OmnideskUrl", "https://acme.omnidesk.ru:99999"), ("OmnideskUrl", "https://acme.omnidesk.ru:port"),
        ("OmnideskEmail", "nobody"), ("OmnideskChannel", "email"), ("OmnideskChannel", "cch"),
        ("OmnideskSecret", "short"), ("OmnideskSecret", "with blank in it"), ("OmnideskSecret", "ключ-по-русски"),
        ("PanelUrl", "panel.example.com:1500"), ("PanelUrl", "http://panel.example.com:1500/billmgr"),
        ("RatingMap", "1-2:good"), ("RatingMap", "good"), ("RatingMap", "good-bad:low"),
        ("RatingMap", "best:high"), ("RatingMap", "5-1:low"), ("RatingMap", ","), ("RatingColumn", "a b"),
        ("RatingColumn", "x`y"), ("SyncNotes", "maybe"), ("PollSeconds", "4"), ("PollSeconds", "3601"),
        ("PollSeconds", "1.5"), ("PollSeconds", "²²²²²²²²²"), ("PollSeconds", "9" * 5000), ("Language", "de"),
        ("FallbackEmployee", "Anna Kim"),
    ],
)  # fmt: skip
def test_what_cannot_be_written(name: str, given: str) -> None:
    """One problem, with name and line, and without the value, which may be a secret in the wrong line."""
    (problem,) = problems(text(**{name: given}))
    line = list({**GOOD, name: given}).index(name) + 1
    assert problem.startswith(f"line {line}: {name}: ")
    if len(given) > 8:
        assert given not in problem


def test_all_problems_at_once_with_their_lines() -> None:
    """One look at the error is enough to mend the file."""
    source = (
        "# the module\nOmnideskUrl http://acme.omnidesk.ru\n\nOmnideskEmail integration@example.com\n"
        "OmnideskApiKey\nPollSeconds 1\nOmnideskSecret webhook-secret-7\nColour red\nPollSeconds 60\n"
    )
    assert problems(source) == [
        "line 2: OmnideskUrl: https:// is required (http:// only for a loopback host)",
        "line 6: PollSeconds: a number from 5 to 3600 is expected",
        "line 8: Colour: unknown setting",
        "line 9: PollSeconds: already set in line 6",
        "OmnideskApiKey: missing",
        "OmnideskChannel: missing",
    ]


def test_an_empty_value_means_not_set() -> None:
    """So a line can be prepared and filled in later."""
    assert parse(text(RatingColumn="", PollSeconds="")).poll_seconds == 60
    assert problems(text(OmnideskApiKey="")) == ["OmnideskApiKey: missing"]


@given(st.lists(st.tuples(st.sampled_from([*settings.SETTINGS, "Other"]), st.text(max_size=30)), max_size=8))
def test_any_file_is_settings_or_a_list_of_problems(lines: list[tuple[str, str]]) -> None:
    """No other failure, and no value of the file in what is shown."""
    source = "".join(f"{name} {value}\n" for name, value in lines)
    try:
        parse(source)
    except Misconfigured as failure:
        for name, value in lines:
            if settings.SETTINGS.get(name, ("",))[0] in ("api_key", "secret", "secret_old") and len(value.strip()) > 12:
                assert value.strip() not in str(failure)


def test_secrets_do_not_show() -> None:
    """Whatever prints, logs or formats settings shows dots."""
    found = parse(text(OmnideskSecretOld="older-secret-5", FieldsDBPassword="db-password"))
    for shown in (repr(found), str(found), f"{found}", f"{found.api_key!r} {found.secret}", repr(vars(found))):
        for secret in ("0123-the-api-key", "webhook-secret-7", "older-secret-5", "db-password"):
            assert secret not in shown
    assert bool(Secret("x")) and not Secret("")
    assert Secret("x") == Secret("x") != Secret("y")
    assert Secret("x") != "x"
    assert len({Secret("x"), Secret("x")}) == 1


@pytest.mark.parametrize(
    ("rating", "level"),
    [
        (0, ""),
        (1, "low"),
        (2, "low"),
        (3, "middle"),
        (5, "high"),
        (6, ""),
        (ratings.GOOD, "high"),
        (ratings.BAD, "low"),
    ],
)
def test_ratings_become_levels(rating: int, level: str) -> None:
    """Five levels become three (documented mapping), good and bad the outer ones."""
    assert parse(text()).rating_level(rating) == level


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        ("1:low 2-5:high", ("high", "low", "low", "high")),
        ("good:middle", ("middle", "", "low", "high")),
        ("good:high bad:none", ("high", "", "low", "high")),
        ("1-5:none", ("high", "low", "", "")),
        ("off", ("", "", "", "")),
    ],
)
def test_a_map_of_one_kind_leaves_the_other_as_it_is(given: str, levels: tuple[str, ...]) -> None:
    """A map of stars from before does not drop the dislikes."""
    found = parse(text(RatingMap=given))
    assert tuple(found.rating_level(one) for one in (ratings.GOOD, ratings.BAD, 1, 5)) == levels


def test_who_speaks_for_staff_that_is_not_known() -> None:
    """The fallback, else the integration employee."""
    assert parse(text()).replying_employee == "integration@example.com"
    assert parse(text(FallbackEmployee="desk@example.com")).replying_employee == "desk@example.com"


def test_files_as_editors_write_them(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends change nothing."""
    path = tmp_path / "omnidesk.conf"
    path.write_bytes(b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode())
    assert load(str(path)) == parse(text())


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Not there, a folder, or in another encoding: said with the path."""
    folder, foreign = tmp_path / "folder", tmp_path / "foreign"
    folder.mkdir()
    foreign.write_bytes(text(EmptyText="(без текста)").encode("cp1251"))
    for path in (tmp_path / "missing", folder, foreign):
        with pytest.raises(Misconfigured) as caught:
            load(str(path))
        assert (caught.value.type, caught.value.object) == ("settings_file", str(path))
        assert os.path.basename(path) in str(caught.value)
