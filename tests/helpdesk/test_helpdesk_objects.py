"""Omnidesk's answers as objects: the documented bodies, the shapes live integrations met, and everything else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.helpdesk import answers, models
from omnidesk.helpdesk.answers import BrokenAnswer
from omnidesk.helpdesk.models import Attachment, Case, Channel, CustomField, Message, Staff
from sandbox.omnidesk.adapter import session
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.settings import Settings

DATA = Path(__file__).resolve().parents[1] / "data" / "omnidesk"
PARSERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "case": models.case,
    "message": models.message,
    "staff": models.staff,
    "custom_field": models.custom_field,
    "custom_channel": models.channel,
}
# Which object each documented answer holds, and whether it is a list.
DOCUMENTED = {
    "FetchCase": ("case", False), "FetchCaseList": ("case", True), "StoreCase": ("case", False),
    "RateCase": ("case", False), "FetchCaseMessages": ("message", True), "StoreMessage": ("message", False),
    "StoreNote": ("message", False), "RateMessage": ("message", False), "FetchStaffList": ("staff", True),
    "FetchCustomFieldList": ("custom_field", True), "FetchCustomChannelList": ("custom_channel", True),
}  # fmt: skip


def bodies(name: str) -> list[Any]:
    sets = json.loads((DATA / "documented" / f"{name}.json").read_text(encoding="utf-8"))
    return [one["data"]["response"] for one in sets]


def constructed(name: str) -> Any:
    return json.loads((DATA / "constructed" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_answers_are_read(name: str) -> None:
    """Every body of the documentation that this module may meet becomes an object with its identity."""
    inner, many = DOCUMENTED[name]
    for body in bodies(name):
        rows = answers.rows(body, inner) if many else [answers.one(body, inner)]
        read = [PARSERS[inner](row) for row in rows]
        assert read
        for row, found in zip(rows, read, strict=True):
            first = fields(found)[0].name
            assert getattr(found, first), f"{name}: no {first}"
            for field in ("case_id", "message_id", "user_id", "staff_id", "subject", "status", "content", "title"):
                if hasattr(found, field) and row.get(field) is not None:
                    assert getattr(found, field) == row[field]


def test_the_documented_case() -> None:
    """Dates with their offset, "-" for never, a map of fields."""
    found = models.case(answers.one(constructed("case_custom_channel_create_response"), "case"))
    assert found == Case(
        case_id=411928080, case_number="290-320788", subject="Не работает сервер", user_id=5654846848, staff_id=0,
        status="open", channel="cch101", deleted=False, spam=False, parent_case_id=0, created_at=1746429317.0,
        updated_at=1746429317.0, last_response_at=0.0,
        custom_fields={"cf_25": "https://billing.example/ticket/17", "cf_30": "2"}, group_id=444, priority="normal",
    )  # fmt: skip


def test_values_of_fields_that_live_accounts_return() -> None:
    """Lists of keys, dashes, empty texts, false and the key "0": none of them makes a case unreadable."""
    row = {"case_id": 1, "case_number": "1-1", "status": "open", "updated_at": "Tue, 23 Dec 2014 09:53:14 +0200"}
    values = {"cf_1": ["2", 3], "cf_2": "-", "cf_3": "", "cf_4": False, "cf_5": "0", "cf_6": None, "cf_7": []}
    assert models.case({**row, "custom_fields": values}).custom_fields == values


def test_a_field_of_a_company_and_its_neighbours() -> None:
    """A level that this module does not fill is read like the others; options may have the key 0."""
    row = {"field_id": 9, "title": "A", "field_type": "select", "field_level": "company", "active": True}
    field = models.custom_field({**row, "field_data": {"0": "None", "1": "VIP"}})
    assert field.level == "company" and field.options == {"0": "None", "1": "VIP"}


def test_a_live_message_with_undocumented_fields() -> None:
    """Fields nobody documented do not disturb; the file keeps its name and address."""
    (row,) = answers.rows(constructed("messages_list_with_undocumented_fields"), "message")
    found = models.message(row)
    assert (found.staff_id, found.user_id, found.content) == (41094, 0, "")
    assert found.content_html.startswith("<p>Ответ")
    url = "https://example.omnidesk.ru/some_path_here/346"
    assert found.attachments == (Attachment("act.pdf", url, 50863, "application/pdf"),)
    assert found.rating == ""
    assert not found.is_system


@pytest.mark.parametrize(
    ("type", "system"),
    [("reply_user", False), ("reply_staff", False), ("note_regular", False), ("", False), ("status", True)],
)
def test_records_of_the_system_are_told_from_messages(type: str, system: bool) -> None:
    """Live threads hold records that nobody wrote (seen in exports as other types)."""
    assert models.message({"message_id": 1, "message_type": type}).is_system is system


def test_all_empty_lists() -> None:
    """Two shapes were seen, the third is what PHP makes of an empty array."""
    assert answers.rows(constructed("cases_list_empty_current"), "case") == []
    assert answers.rows(constructed("cases_list_empty_legacy"), "case") == []
    assert answers.rows([], "case") == []
    assert answers.rows({"total_count": "0"}, "case") == []


@pytest.mark.parametrize(
    "answer", [None, {}, {"error": "x"}, {"message": []}, {"case": {}}, "[]", 0, {"total_count": 5}]
)
def test_a_shape_that_is_not_known_is_not_an_empty_list(answer: Any) -> None:
    """ "Nothing found" must be said by the other side: a broken answer never makes anything look absent."""
    with pytest.raises(BrokenAnswer):
        answers.rows(answer, "case")


def test_a_count_without_rows_ends_a_list_only_behind_the_first_page() -> None:
    """A list of exactly 100 ends with an empty second page that still counts all."""
    assert answers.rows({"total_count": 100}, "case", page=2) == []


def test_rows_come_in_the_order_of_their_numbers() -> None:
    """An object has no order of its own, and "10" is less than "9" as text."""
    answer = {str(n): {"case": {"n": n}} for n in (10, 9, 2, 0)} | {"total_count": 4}
    assert [row["n"] for row in answers.rows(answer, "case")] == [0, 2, 9, 10]
    assert [row["n"] for row in answers.rows([{"case": {"n": 3}}, {"case": {"n": 1}}], "case")] == [3, 1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Mon, 05 May 2014 00:15:17 +0300", 1399238117.0),
        ("Tue, 23 Dec 2014 10:55:23 +0200", 1419324923.0),
        ("Sun, 05 May 2014 00:15:17 +0300", 1399238117.0),  # the weekday is wrong, as in the documentation
        ("05 May 2014 00:15:17 +0300", 1399238117.0),
        ("Sun, 04 May 2014 21:15:17 GMT", 1399238117.0),
        ("Sun, 04 May 2014 21:15:17 -0000", 1399238117.0),  # UTC, whatever this host's zone is
        ("2014-05-05T00:15:17+03:00", 1399238117.0),
        ("2014-05-05 00:15:17 +0300", 1399238117.0),
        ("2014-05-04T21:15:17.250Z", 1399238117.0),
        (1399238117, 1399238117.0), ("1399238117", 1399238117.0),
        ("-", 0.0), ("", 0.0), (None, 0.0), (0, 0.0),
    ],
)  # fmt: skip
def test_dates(text: Any, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 2822 with any offset, what the API itself takes for a date, and the ways to say "never"."""
    monkeypatch.setenv("TZ", "Asia/Yekaterinburg")
    time.tzset()
    try:
        assert answers.as_time(text) == seconds
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2014-05-05", "2014-05-05 00:15:17", "2014-05-99T00:15:17Z", "Mon, 99 May 2014 00:15:17 +0300", [],
     {"a": 1}, True],
)  # fmt: skip
def test_what_is_no_date_is_a_broken_answer(text: Any) -> None:
    """A time that cannot be read must not count as "never"."""
    with pytest.raises(BrokenAnswer):
        answers.as_time(text)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_any_date_in_any_zone(moment: datetime, offset: int) -> None:
    """The offset is taken into account, whatever it is."""
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    assert answers.as_time(format_datetime(aware)) == aware.timestamp()


@pytest.mark.parametrize(
    ("value", "number"), [(5, 5), ("5", 5), (5.0, 5), ("-", 0), ("", 0), (None, 0), (0, 0), (False, 0)]
)
def test_numbers(value: Any, number: int) -> None:
    """Types drift between number and numeric string (seen)."""
    assert answers.as_int(value) == number


@pytest.mark.parametrize("value", [True, 5.7, float("nan"), float("inf"), "5.7", -5, [5], {"id": 5}, "9" * 30])
def test_what_is_no_number_is_a_broken_answer(value: Any) -> None:
    """An id that is nearly one would be that of another case."""
    with pytest.raises(BrokenAnswer):
        answers.as_int(value)


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("true", True), (1, True), ("1", True), ("on", True),
                                             (False, False), ("false", False), (0, False), ("0", False), (None, False),
                                             ("", False)])  # fmt: skip
def test_flags(value: Any, flag: bool) -> None:
    """Flags come as JSON's, as numbers and as their strings."""
    assert answers.as_flag(value) is flag


def test_fields_and_options() -> None:
    """Options of a select come as a map; of the others as an empty string; PHP may make a list of the map."""
    read = [models.custom_field(row) for row in answers.rows(bodies("FetchCustomFieldList")[0], "custom_field")]
    assert [one.key for one in read] == ["cf_5", "cf_6", "cf_7", "cf_9", "cf_10"]
    assert read[3] == CustomField("cf_9", "Field title 4", "select", "case", True,
                                  {"1": "First choice", "2": "Second choice", "3": "Third choice"})  # fmt: skip
    assert read[0].options == {}
    assert models.custom_field({"field_id": "3", "field_data": ["a", "b"]}).options == {"0": "a", "1": "b"}


def test_channels() -> None:
    """Both kinds, with the address that is called."""
    read = [models.channel(row) for row in answers.rows(bodies("FetchCustomChannelList")[0], "custom_channel")]
    assert read[0] == Channel("cch1", "Custom Channel", "async", "http://example.ru/wh/omni_wh/", True)
    assert read[1].type == "sync"
    assert models.channel({"channel_id": 7}).key == "cch7"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("/path/345", "https://acme.omnidesk.ru/path/345"),
        ("//files.example/345", "https://files.example/345"),
        ("https://files.example/345", "https://files.example/345"),
        ("", ""),
    ],
)
def test_the_address_of_a_file_may_begin_at_the_account(given: str, url: str) -> None:
    found = models.message({"message_id": 1, "attachments": [{"url": given}]}, "https://acme.omnidesk.ru")
    assert found.attachments[0].url == url


def test_staff() -> None:
    """The name's place differs between the documented list and live answers; the e-mail is compared in lower case."""
    assert models.staff({"staff_id": 1, "staff_full_name": "Анна", "staff_email": " Anna@Example.com"}) == Staff(
        1, "anna@example.com", "Анна", True
    )
    assert models.staff({"staff_id": "2", "staff_name": "B", "active": False}) == Staff(2, "", "B", False)


def test_who_is_not_said_to_be_inactive_is_active() -> None:
    """Missing or null: in an account whose answers have it so, nobody could write otherwise."""
    for row in ({}, {"active": None}):
        assert models.staff({"staff_id": 1, **row}).active and models.user({"user_id": 1, **row}).active
        assert models.channel({"channel_id": 1, **row}).active and models.custom_field({"field_id": 1, **row}).active


@pytest.mark.parametrize(
    ("row", "parse"),
    [
        ({"status": "open"}, models.case),
        ({"case_id": 1}, models.case),
        ({"case_id": 1, "status": "frozen"}, models.case),
        ({"case_id": "x", "status": "open"}, models.case),
        ({"case_id": 1, "status": "open", "updated_at": "soon"}, models.case),
        ({}, models.message),
        ({"message_id": 1, "content": ["x"]}, models.message),
        ({"message_id": -1}, models.message),
        ({"message_id": 2**63}, models.message),
        ({}, models.staff),
        ({}, models.custom_field),
    ],
)
def test_an_object_without_what_matters_is_broken(row: dict[str, Any], parse: Callable[[dict[str, Any]], Any]) -> None:
    """Nothing is guessed: an object whose identity or state is missing says nothing."""
    with pytest.raises(BrokenAnswer):
        parse(row)


@pytest.mark.parametrize(
    "file", [{"file_id": 1}, {"url": None}, {"url": ["x"]}, "https://x/1", 5, {"url": "", "file_size": "x"}]
)
def test_a_file_that_cannot_be_read_does_not_hide_its_message(file: Any) -> None:
    """The message goes over and says which file could not."""
    found = models.message({"message_id": 1, "content": "слова", "attachments": [file]})
    assert found.content == "слова"
    assert len(found.attachments) == 1 and found.attachments[0].name


@pytest.mark.parametrize("key", ["case_number", "subject", "channel"])
def test_names_are_one_clean_line(key: str) -> None:
    """They end up in logs, tables and on terminals, and a lone surrogate cannot be stored at all."""
    found = models.case({"case_id": 1, "status": "open", key: "a\n\x1b[31mb\ud800" + "c" * 1000})
    value = getattr(found, key)
    assert value.startswith("a [31mbc") and len(value) == (32 if key == "case_number" else 250)  # its column


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["case_id", "status", "user_id", "created_at", "custom_fields", "message_id", "attachments", "note", "staff_id",
     "field_id", "field_data", "channel_id", "active", "parent_case_id", "rating"]
)  # fmt: skip


@given(st.sampled_from(sorted(PARSERS)), st.dictionaries(KEYS, JSON, max_size=10))
def test_anything_is_an_object_or_a_broken_answer(inner: str, row: dict[str, Any]) -> None:
    """No other exception may come out of a parser, whatever the other side sends."""
    try:
        PARSERS[inner](row)
    except BrokenAnswer:
        return


@given(JSON | st.dictionaries(st.sampled_from(["0", "1", "case", "total_count", "²"]), JSON, max_size=4))
def test_any_answer_is_a_list_or_broken(answer: Any) -> None:
    """The same for what holds the objects."""
    try:
        answers.rows(answer, "case")
    except BrokenAnswer:
        return


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(numbers_as_strings=True, wrong_weekday=True, pretty=True),
        Settings(undocumented_fields=False, empty_custom_fields="object", empty_list="legacy"),
        Settings(agent_writes="plain", system_messages=True, empty_list="array"),
    ],
)
def test_every_shape_of_the_simulated_account_reads_the_same(settings: Settings) -> None:
    """The switches of the sandbox change the shapes, never what is read."""
    desk = Omnidesk(lambda: 1_780_000_020.0, settings=settings)
    channel = desk.add_channel()
    web = session(desk)
    body = {"case": {"user_custom_id": "17", "channel": channel.key, "subject": "s", "content": "c"}}
    case = models.case(answers.one(web.post("/api/cases.json", json=body).json(), "case"))
    desk.agent_reply(case.case_id, html="<p>Да</p>", attachments=[("a.txt", "text/plain", b"abc")])
    listed = answers.rows(web.get("/api/cases.json").json(), "case")
    assert [models.case(row).case_id for row in listed] == [case.case_id]
    thread = answers.rows(web.get(f"/api/cases/{case.case_id}/messages.json").json(), "message")
    read: list[Message] = [one for one in map(models.message, thread) if not one.is_system]
    assert [bool(one.user_id) for one in read] == [True, False]
    assert read[1].attachments[0].name == "a.txt"
    assert case.created_at == 1_780_000_020.0
    assert answers.rows(web.get("/api/custom_fields.json").json(), "custom_field") == []


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\x1b", "\u2028", "\u202e", "\x00"])
def test_an_attachment_whose_address_holds_unprintable_characters_has_none(sign: str) -> None:
    row = {"message_id": 1, "content": "x", "attachments": [{"url": f"https://acme.omnidesk.ru/f/1{sign}x"}]}
    assert models.message(row).attachments[0].url == ""


def test_what_is_optional_can_only_fail_by_itself() -> None:
    """A date, a list of files or a flag that is none of these costs the message nothing else."""
    found = models.message(
        {"message_id": 1, "staff_id": 2, "content": "x", "created_at": "soon", "attachments": 5, "rating": {}}
    )
    assert (found.content, found.created_at, found.rating) == ("x", 0.0, "")
    assert [one.url for one in found.attachments] == [""], "that there was something is said with the message"
    case = models.case({"case_id": 1, "status": "open", "created_at": [], "last_response_at": "x", "staff_id": "y"})
    assert (case.created_at, case.last_response_at, case.staff_id) == (0.0, 0.0, models.NOT_SAID)
