from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, quote_from_bytes, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk import webhook_body

# Forms as they may arrive: encoded here and there, with every character that has a meaning.
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"&", b"=", b"+", b"%", b"%20", b"%2b", b"%C3%A9", b"%zz", b"% 1", b"%+1", b"[", b"]", b"case_id"]
        ),
        st.binary(max_size=3),
    )
).map(b"".join)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _as_the_library_reads(body: bytes) -> list[tuple[str, str]] | None:
    """The oracle; ``None`` where it would guess: a percent sign without two digits, or not UTF-8."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", body):
        return None
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=10**6)
    except UnicodeDecodeError:
        return None


def _decoded(body: bytes) -> list[tuple[str, str]]:
    return [(webhook_body.unquote(name), webhook_body.unquote(value)) for name, value in webhook_body.pairs(body)]


@settings(deadline=None)
@given(PIECES)
def test_forms_are_read_as_the_standard_library_reads_them(body: bytes) -> None:
    """The same pairs as parse_qsl, or a refusal where it would guess (broken percent signs, not UTF-8)."""
    expected = _as_the_library_reads(body)
    if expected is None:
        assert b"%" in body or not _is_utf8(body)
        with pytest.raises(ValueError):
            _decoded(body)
            webhook_body.unquote(body)
    else:
        assert _decoded(body) == expected


def _is_utf8(data: bytes) -> bool:
    return data.decode("utf-8", "replace").encode() == data


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text())))
def test_forms_come_back(fields: list[tuple[str, str]]) -> None:
    """Whatever urlencode writes is read."""
    assert _decoded(urlencode(fields).encode()) == fields


@settings(deadline=None)
@given(st.binary())
def test_percent_decoding_without_plus(data: bytes) -> None:
    """A query string's plus is a plus."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    assert webhook_body.unquote(quote_from_bytes(data).encode(), plus=False) == text
    assert webhook_body.unquote(quote_from_bytes(data, safe="+").encode(), plus=False) == text


@settings(deadline=None)
@given(JSON_VALUES, st.text(" \t\r\n", max_size=3), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: object, blanks: str, ascii_only: bool) -> None:
    text = blanks + json.dumps(value, ensure_ascii=ascii_only) + blanks
    assert webhook_body.load_json(text) == json.loads(text) == value


@settings(deadline=None)
@given(st.text('[]{}",:0123456789.eE+-truefalsn \n\\u', max_size=30))
def test_json_is_refused_where_the_standard_library_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            webhook_body.load_json(text)
    else:
        assert webhook_body.load_json(text) == expected


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "", "multipart/form-data; boundary=B", "x/y; boundary="]),
)
def test_any_body_is_read_or_refused(body: bytes, content_type: str) -> None:
    """No other exception, and ids are numbers that can name a file."""
    try:
        fields = webhook_body.read(body, content_type)
    except webhook_body.Unreadable as problem:
        assert str(problem)
    else:
        assert all(value.isascii() and value.isdigit() for value in fields.values())
        assert not fields or int(fields["case"]) > 0
