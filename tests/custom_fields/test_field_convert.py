"""Values become what Omnidesk's data fields take, or say why they cannot."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnidesk.custom_fields.convert import TEXT_LIMIT, TEXTAREA_LIMIT, to_omnidesk
from omnidesk.custom_fields.problems import FieldProblem
from omnidesk.custom_fields.sql_run import Raw
from omnidesk.helpdesk.models import CustomField

OPTIONS = {"1": "VIP", "2": "Обычный клиент", "3": "  Partner ", "4": "2"}


def field(type: str, options: dict[str, str] | None = None) -> CustomField:
    return CustomField("cf_25", "A field", type, "user", True, options or {})


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (17, "17"),
        ("  Иван \n Петров ", "Иван Петров"),
        (Decimal("1500.50"), "1500.50"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (datetime.date(2026, 3, 1), "2026-03-01"),
        (datetime.datetime(2026, 3, 1, 5, 6, 7, 8), "2026-03-01 05:06:07"),
        (datetime.timedelta(hours=26), "26:00"),
        (datetime.timedelta(hours=9, minutes=5), "09:05"),
        (datetime.timedelta(hours=-1, minutes=-30), "-1:30"),
        (datetime.timedelta(minutes=-5), "-0:05"),
        (datetime.timedelta(hours=9, minutes=5, seconds=7, microseconds=9), "09:05:07"),
        (datetime.timedelta(hours=-838, minutes=-59, seconds=-59), "-838:59:59"),
        (datetime.timedelta(microseconds=-1), "00:00"),
        (datetime.timedelta(0), "00:00"),
        (datetime.time(9, 5), "09:05"),
        (8.0, "8"),
        (Decimal("8.00"), "8.00"),
        (b"\x00", "0"),
        (b"\x01", "1"),
        (b"\x01\x00".rjust(4, b"\x00"), "256"),
        ("a\u2028b\u2029c\x0bd\x0ce\x85f\r\ng\rh\x1ci", "a b c d e f g h i"),
        ("почта".encode(), "почта"),
        ("a\x00b\x1b[31mc\u202ed", "ab[31mcd"),
        (None, ""),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_text(raw: Raw, text: str) -> None:
    """Numbers as people write them, one line, nothing unprintable; nothing empties the field."""
    assert to_omnidesk(field("text"), raw) == text


def test_textarea_keeps_lines() -> None:
    """Several lines stay several lines, whatever their ends were."""
    assert to_omnidesk(field("textarea"), " a\r\nb\rc\x07 ") == "a\nb\nc"
    assert to_omnidesk(field("textarea"), "a\u2028b\x0bc\x85d\x1ee") == "a\nb\nc\nd\ne"
    assert to_omnidesk(field("textarea"), None) == ""


def test_long_values_are_cut() -> None:
    """A value longer than a field takes keeps its beginning instead of losing the whole field."""
    told: list[FieldProblem] = []
    text = to_omnidesk(field("text"), "x" * 1000, told.append)
    assert [problem.code for problem in told] == ["shortened"] and "1000" in str(told[0])
    assert "255" in told[0].said.text("ru")
    assert to_omnidesk(field("text"), "x" * TEXT_LIMIT, told.append) == "x" * TEXT_LIMIT and len(told) == 1
    assert isinstance(text, str) and len(text) == TEXT_LIMIT and text.endswith("x…")
    area = to_omnidesk(field("textarea"), "x" * 100_000)
    assert isinstance(area, str) and len(area) == TEXTAREA_LIMIT


def test_binary_data_is_no_text() -> None:
    """Bytes that are not UTF-8 are refused, not sent as rubbish."""
    with pytest.raises(FieldProblem, match="binary"):
        to_omnidesk(field("text"), b"\xff\xfe")


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("on", True),
        ("YES", True),
        (" да ", True),
        (1, True),
        (Decimal(1), True),
        (b"\x01", True),
        ("true", True),
        (Decimal("1.00"), True),
        (1.0, True),
        ("1.0", True),
        (b"\x00\x01", True),
        (b"\x00\x00", False),
        ("-", None),
        ("off", False),
        ("no", False),
        ("Нет", False),
        (0, False),
        ("0", False),
        (b"\x00", False),
        ("false", False),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_checkbox(raw: Raw, flag: bool | None) -> None:
    """By truth, in the panel's own words too; no value leaves the box alone."""
    assert to_omnidesk(field("checkbox"), raw) is flag


@pytest.mark.parametrize("raw", ["maybe", 2, -1, Decimal("0.5"), datetime.date(2026, 1, 1), b"\x05"])
def test_checkbox_of_neither(raw: Raw) -> None:
    """What is neither yes nor no is a problem, not a no."""
    with pytest.raises(FieldProblem, match="neither"):
        to_omnidesk(field("checkbox"), raw)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("VIP", "1"),
        ("vip", "1"),
        (" обычный  КЛИЕНТ ", "2"),
        ("partner", "3"),
        (3, "3"),
        ("1", "1"),
        (2, "4"),
        (None, None),
        ("", None),
    ],
)
def test_select(raw: Raw, key: str | None) -> None:
    """An option is found by its text whatever the case and the blanks; a key is taken when no text is the same."""
    assert to_omnidesk(field("select", OPTIONS), raw) == key


NUMBERS = {"a": "8", "b": "5", "c": "1.10", "7": "Seven", "d": "0"}


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (8.0, "a"),
        (Decimal("8.0"), "a"),
        ("8.0", "a"),
        (Decimal("5.0000"), "b"),
        ("5.0000", "b"),
        (1.1, "c"),
        (Decimal("1.1"), "c"),
        ("1.10", "c"),
        (7.0, "7"),
        ("7.00", "7"),
        (b"\x05", "b"),
        (b"\x00\x08", "a"),
        (0, "d"),
        (Decimal("0.00"), "d"),
        ("0", "d"),
    ],
)
def test_select_by_a_number(raw: Raw, key: str) -> None:
    """Numbers are equal whatever their column's digits, by the option's text first, then by its key."""
    assert to_omnidesk(field("select", NUMBERS), raw) == key


def test_a_version_is_no_number() -> None:
    """As a text, 1.1 is another version than 1.10."""
    with pytest.raises(FieldProblem, match="not an option"):
        to_omnidesk(field("select", NUMBERS), "1.1")


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Ёлка & Ко", "1"),
        ("Е\u0308лка & Ко", "1"),
        ("ёлка &amp; ко", "1"),
        ("Cafe\u0301", "2"),
        ("CAFÉ", "2"),
        ("Тариф «Старт»", "3"),
        ("-", None),
        ("—", None),
    ],
)
def test_select_whatever_the_characters(raw: str, key: str | None) -> None:
    """Composed or not, escaped or not: on both sides it is the same option."""
    options = {"1": "Ёлка &amp; Ко", "2": "Cafe\u0301", "3": "Тариф &laquo;Старт&raquo;"}
    assert to_omnidesk(field("select", options), raw) == key


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        ("VIP,Partner", ["1", "3"]),
        ("vip; partner;", ["1", "3"]),
        ("VIP\nОбычный клиент", ["1", "2"]),
        ("VIP,vip", "1"),
        ("1,3", ["1", "3"]),
        ("A, B", "5"),
    ],
)
def test_select_of_several_options(raw: str, keys: str | list[str]) -> None:
    """What GROUP_CONCAT joins becomes the list of keys; an option with a comma in its text stays one."""
    assert to_omnidesk(field("select", {**OPTIONS, "5": "A, B", "6": "A", "7": "B"}), raw) == keys


def test_select_of_several_with_a_stranger() -> None:
    """One that is no option makes the whole value none."""
    with pytest.raises(FieldProblem, match="VIP,Gold"):
        to_omnidesk(field("select", OPTIONS), "VIP,Gold")


def test_select_minus_as_an_option() -> None:
    """A dash is no value, unless the field has such an option."""
    assert to_omnidesk(field("select", {"1": "-", "2": "+"}), "-") == "1"


def test_select_of_no_option() -> None:
    """The refusal names the options there are."""
    with pytest.raises(FieldProblem, match=r"Gold.*VIP") as caught:
        to_omnidesk(field("select", OPTIONS), "Gold")
    assert "Обычный клиент" in caught.value.said.text("ru")


def test_select_prefers_the_exact_text() -> None:
    """Options that differ in case only are told apart, or refused when they cannot be."""
    options = {"1": "vip", "2": "VIP", "3": "Vip "}
    assert to_omnidesk(field("select", options), "VIP") == "2"
    with pytest.raises(FieldProblem, match="several"):
        to_omnidesk(field("select", options), "vIP")


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        (datetime.date(2026, 3, 1), "2026-03-01"),
        (datetime.datetime(2026, 3, 1, 23, 59), "2026-03-01"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01 10:20:30", "2026-03-01"),
        ("2026-03-01T10:20:30Z", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("1.3.2026 10:20", "2026-03-01"),
        (b"2026-03-01", "2026-03-01"),
        ("-", None),
        ("0000-00-00", None),
        ("0000-00-00 00:00:00", None),
        (None, None),
        ("", None),
    ],
)
def test_date(raw: Raw, date: str | None) -> None:
    """Every way a date is written becomes YYYY-MM-DD; the zero date is no date."""
    assert to_omnidesk(field("date"), raw) == date


@pytest.mark.parametrize(
    "raw",
    [
        "tomorrow",
        datetime.timedelta(hours=9),
        "2026-13-01",
        "30.02.2026",
        "2026-03-0",
        20260301,
        "2026-03-01x",
        "2026-00-05",
    ],
)
def test_date_of_something_else(raw: Raw) -> None:
    """What is not a date is refused."""
    with pytest.raises(FieldProblem, match="not a date"):
        to_omnidesk(field("date"), raw)


def test_unknown_type_of_field() -> None:
    """A type that came after this module is named."""
    with pytest.raises(FieldProblem, match="rainbow"):
        to_omnidesk(field("rainbow"), "x")


RAW = st.one_of(
    st.none(),
    st.text(max_size=400),
    st.text("12VIP,; \n-.0", max_size=12),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.binary(),
)
TYPES = st.sampled_from(["text", "textarea", "select", "checkbox", "date"])


@given(RAW, TYPES)
def test_any_value_is_converted_or_refused(raw: Raw, type: str) -> None:
    """Whatever a database yields, the answer is a value of the field's kind or a problem, and converting is stable."""
    target = field(type, OPTIONS)
    try:
        sent = to_omnidesk(target, raw)
    except FieldProblem as problem:
        assert all(problem.said.text(one) and problem.said.cure(one) for one in ("en", "ru"))
        return
    if type == "checkbox":
        assert sent is None or isinstance(sent, bool)
    elif type == "select":
        assert sent is None or set(sent if isinstance(sent, list) else [sent]) <= set(OPTIONS)
    else:
        assert (sent is None and type == "date") or isinstance(sent, str)
    if isinstance(sent, str) and type != "select":
        sent.encode("utf-8")
        assert len(sent) <= TEXTAREA_LIMIT
        assert to_omnidesk(target, sent) == (sent or None if type == "date" else sent)
