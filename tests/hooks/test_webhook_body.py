from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, quote_from_bytes, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnidesk.hooks import spool, webhook_body
from tests.support.amount import examples

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
        assert all(value.isascii() and value.replace("-", "").isdigit() for value in fields.values())
        assert not fields or spool.is_name(f"case-{fields['case']}")


# What administrators put into rules: the right case is found in it, however it is written and wrapped.

IDS = st.integers(1, 10**18 - 1).map(str)
NUMBERS = st.from_regex(r"[0-9]{3}-[0-9]{6}", fullmatch=True)
CASES = st.one_of(IDS, NUMBERS)
SPELLINGS = ("case_id", "case_number", "caseId", "caseNumber", "CASE_ID", "case-number", "Case_Number")
# What somebody wrote in the ticket, also what looks like a field of the body.
WRITTEN = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ("case_id=7", '{"case_id": 7}', '","case_id":7,"x":"', "&case_id", "100% [case_id] + 5", 'Сайт "x"')
    ),
)
# Other fields, none of which is the case's own.
OTHERS = {
    "type": st.just("case_changed"),
    "staff_id": IDS,
    "user_id": IDS,
    "parent_case_id": IDS,
    "last_message": WRITTEN,
    "case_subject": WRITTEN,
    "case": WRITTEN,
    "id": IDS,
    "number": NUMBERS,
    "merged": st.fixed_dictionaries({"case_id": CASES, "case_number": CASES}),
    "history": st.lists(st.fixed_dictionaries({"case_id": CASES, "note": st.booleans()}), max_size=3),
}
NESTED = ("merged", "history")  # which name cases of their own
WRAPPERS = st.sampled_from(((), ("object",), ("case",), ("data",), ("data", "case"), ("payload", "object")))


@st.composite
def named_cases(draw: st.DrawFn) -> tuple[str, Any]:
    """A case, and a tree of fields that names it above all others."""
    case = draw(CASES)
    fields = draw(st.fixed_dictionaries({}, optional=OTHERS))
    fields = dict(draw(st.permutations([*fields.items(), (draw(st.sampled_from(SPELLINGS)), case)])))
    for name in reversed(draw(WRAPPERS)):
        fields = {name: fields}
    return case, fields


def flat(value: Any, name: str = "", dotted: bool = False) -> list[tuple[str, str]]:
    """A tree as PHP's forms write it, ``a[b][0]``, or as some write it by hand, ``a.b.0``."""
    if not isinstance(value, (dict, list)):
        return [(name, str(value))]
    found = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found += flat(inner, (f"{name}.{key}" if dotted else f"{name}[{key}]") if name else str(key), dotted)
    return found


def multipart(fields: list[tuple[str, str]]) -> str:
    part = '--B0undary\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(part.format(*field) for field in fields) + "--B0undary--\r\n"


def form_twice(fields: Any) -> str:
    return urlencode([(quote(name, ""), quote_plus(value)) for name, value in flat(fields)])


WAYS: dict[str, Callable[[Any], str]] = {
    "form": lambda fields: urlencode(flat(fields)),
    "form by hand": lambda fields: urlencode(flat(fields, dotted=True)),
    "form with brackets as they are": lambda fields: urlencode(flat(fields), safe="[]"),
    "form of which all is encoded twice": form_twice,
    "form within a form": lambda fields: quote(urlencode(flat(fields)), ""),
    "JSON": json.dumps,
    "JSON as people read it": lambda fields: json.dumps(fields, indent=4, ensure_ascii=False),
    "JSON in a JSON text": lambda fields: json.dumps(json.dumps(fields)),
    "JSON in a form": lambda fields: urlencode({"payload": json.dumps(fields)}),
    "JSON in a JSON object": lambda fields: json.dumps({"body": json.dumps(fields)}),
    "JSON as the object": lambda fields: json.dumps({"type": "x", "object": json.dumps(fields)}),
    "JSON as the object of a form": lambda fields: urlencode({"type": "x", "object": json.dumps(fields)}),
    "JSON encoded as for an address": lambda fields: quote(json.dumps(fields), ""),
    "form in a JSON text": lambda fields: json.dumps(urlencode(flat(fields))),
}
KINDS = (
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-8",
    "application/hal+json",
)


@settings(deadline=None, max_examples=examples(400))
@given(
    named_cases(), st.sampled_from(sorted(WAYS)), st.sampled_from(KINDS), st.booleans(),
    st.sampled_from(("utf-8", "latin-1", "cp1251")),
)  # fmt: skip
def test_the_case_is_found_however_it_is_written(
    named: tuple[str, Any], way: str, kind: str, marked: bool, encoding: str
) -> None:
    """As a form or JSON, flat or nested, labelled right or wrong, encoded once or twice, with a byte order mark."""
    case, fields = named
    body = WAYS[way](fields).encode(encoding, "replace")
    found = webhook_body.read(b"\xef\xbb\xbf" + body if marked else body, kind)
    assert found["case"] == (case if "-" in case else str(int(case)))


@settings(deadline=None)
@given(named_cases())
def test_the_case_is_found_in_a_multipart_body(named: tuple[str, Any]) -> None:
    case, fields = named
    kind = "multipart/form-data; boundary=B0undary"
    assert webhook_body.read(multipart(flat(fields)).encode(), kind)["case"] == case


@settings(deadline=None)
@given(
    st.fixed_dictionaries({"event": st.just("x")}, optional={key: OTHERS[key] for key in OTHERS if key not in NESTED}),
    st.sampled_from(("form", "form by hand", "JSON", "JSON as people read it")),
)
def test_a_body_without_a_case_names_none(fields: Any, way: str) -> None:
    """Neither the numbers of others nor what somebody wrote is taken for the case's."""
    assert webhook_body.read(WAYS[way](fields).encode(), "") == {}


@pytest.mark.parametrize(
    ("body", "case"),
    [
        (b"case_id=5&case_number=237-696853", "5"),
        (b"case_number=237-696853&case_id=5", "5"),
        (b"case_number=237-696853&case_id=", "237-696853"),
        (b"case_number=237-696853&case_id=%5Bcase_id%5D", "237-696853"),
        (b"case_id=237-696853", "237-696853"),
        (b"case_number=985687", "985687"),
        (b"case_number=%23012-000001", "012-000001"),
        (b"case_number=+237-696853%0D%0A", "237-696853"),
        (b"case_number=237%252D696853", "237-696853"),
        (b'case_id="985687"', "985687"),
        (b"case%5Bid%5D=5&case%5Bnumber%5D=1-2", "5"),
        (b'{"case": {"id": 5, "user_id": 6}, "id": 7}', "5"),
        (b'{"case_id": 5, "object": {"case_id": 6}}', "6"),
        (b'{"object": {"case_id": null}, "case_id": 5}', "5"),
        (b'{"object": {"case_number": "237-696853"}, "parent": {"case_id": 4}}', "237-696853"),
        (b'[{"case_id": 5}]', "5"),
        (b'{"subject": "he said "no"", "case_id": 5}', "5"),
        (b'{"case_number": "237-696853", "last": "line\nline"}', "237-696853"),
        (b'{"case_number": "237-696853", "last": "C:\\dir\\x"}', "237-696853"),
        (b'{"case_id" : 985687, "subject": [case_subject]}\r\n', "985687"),
        (b"\xef\xbb\xbfcase_id=5", "5"),
        (b"%EF%BB%BFcase_id=5", "5"),
        (b"case_id=5&subject=100%", "5"),
        (b"subject=\xe9t\xe9&case_id=5", "5"),
        (b"case_id=5&object%5Bcontent%5D=case_id%3D6", "5"),
    ],
)
def test_the_right_one_of_several_is_chosen(body: bytes, case: str) -> None:
    assert webhook_body.read(body, "")["case"] == case


@pytest.mark.parametrize(
    "body",
    [
        b'{"case_id": [case_id]}',
        b'{"case_id": "[case_id]", "case_number": "[case_number]"}',
        b"case_number=%255Bcase_number%255D",
        b'{"parent_case_id": 5}',
        b"type=message_new&object%5Bcontent%5D=case_id%3D6",
        rb'{"type": "x", "content": "{\"case_id\": 5}"}',
        b'"text"',
        b"[1]",
        b"content=%ff",
        b"\xef\xbb\xbf",
    ],
)
def test_a_body_that_names_no_case_is_no_mistake(body: bytes) -> None:
    assert webhook_body.read(body, "") == {}


@pytest.mark.parametrize(
    "body",
    [
        b'{"subject": "he said "no"", "case_id": 98',
        b'{"subject": "he said "no"", "case_id": "98',
        b'{"subject": "he said "no"", "case_id": }',
        b'{"case_id": 5-}',
        b"case_number=237-69685x",
        b"case_number=-696853",
        b"case_number=237-",
        b"case_number=1-2-3",
        b"case_number=" + b"1" * 10 + b"-" + b"2" * 10,
        b"case_id=0&parent_case_id=5",
    ],
)
def test_a_case_that_is_neither_id_nor_number_is_refused(body: bytes) -> None:
    with pytest.raises(webhook_body.Unreadable):
        webhook_body.read(body, "")


FORM = "application/x-www-form-urlencoded"
WITHIN = '{"object": {"case_id": 985687, "message_id": 55}}'


@pytest.mark.parametrize(
    ("body", "content_type", "case"),
    [
        (f"payload={quote(WITHIN)}&token=abc", FORM, "985687"),
        (f"token=abc&data={quote(quote(WITHIN))}", FORM, "985687"),
        (json.dumps({"token": "abc", "body": WITHIN}), "application/json", "985687"),
        ("case_id=985687&case_id=", FORM, "985687"),
        ("case_id[0]=985687", FORM, "985687"),
        ("object[case_id][]=985687", FORM, "985687"),
        ('{"case_id": 985687.0}', "application/json", "985687"),
        ("{'case_id': '985687', 'status': 'open'}", "text/plain", "985687"),
        ('{&quot;case_id&quot;:&quot;985687&quot;,&quot;status&quot;:&quot;open&quot;}', "", "985687"),
        ("case_number=237\u2013696853", FORM, "237-696853"),
        ("case_number=\u2116 237-696853", FORM, "237-696853"),
        ('--x\r\nContent-Disposition: form-data; name="case_id"\r\n\r\n985687\r\n--x--\r\n', "", "985687"),
        ('--x\r\nContent-Disposition: form-data; name="case_id"\r\n\r\n985687\r\n--x--\r\n', FORM, "985687"),
        ("--x\nContent-Disposition: form-data; name=case_id\n\n985687\n--x--\n", "multipart/form-data", "985687"),
    ],
)  # fmt: skip
def test_what_senders_of_other_habits_write(body: str, content_type: str, case: str) -> None:
    assert webhook_body.read(body.encode(), content_type)["case"] == case


@pytest.mark.parametrize("content_type", [FORM, "application/json", "text/plain", ""])
def test_a_body_may_be_the_case_alone(content_type: str) -> None:
    """What a rule's author has typed is [case_id], and nothing else."""
    for body, case in ((b"985687", "985687"), (b'"985687"\n', "985687"), (b"\xef\xbb\xbf237-696853", "237-696853")):
        assert webhook_body.read(body, content_type) == {"case": case}
    for body in (b"[case_id]", b"{{case_number}}", b""):
        assert webhook_body.read(body, content_type) == {}


@pytest.mark.parametrize(
    ("body", "cases"),
    [
        (json.dumps([{"case_id": 1}, {"case_id": "2"}, {"case_id": 1}]), ("1", "2")),
        (
            json.dumps([{"type": "message_new", "object": {"case_id": one, "message_id": 5}} for one in (7, 8)]),
            ("7", "8"),
        ),
        (json.dumps({"0": {"case": {"case_id": 5, "case_number": "1-5"}}, "1": {"case": {"case_id": 6}}}), ("5", "6")),
        ("object[0][case_id]=1&object[1][case_id]=2&parent[of][it][case_id]=3", ("1", "2")),
    ],
)
def test_all_cases_of_a_list_are_named(body: str, cases: tuple[str, str]) -> None:
    found = webhook_body.read(body.encode(), "")
    assert (found["case"], found["more"]) == cases


def test_cases_above_a_number_are_left_to_the_poll() -> None:
    body = json.dumps([{"case_id": number} for number in range(1, 1000)])
    assert len(webhook_body.read(body.encode(), "")["more"].split()) == webhook_body.MOST_CASES - 1


@pytest.mark.parametrize("value", ["[case_id]", "{case_id}", "{{case_number}}", "%case_id%", "<case_id>"])
def test_a_placeholder_of_any_kind_names_no_case(value: str) -> None:
    """Omnidesk tries the address while the rule is being saved."""
    assert webhook_body.read(f"case_id={quote(value)}".encode(), FORM) == {}
    assert webhook_body.read(json.dumps({"case_number": value}).encode(), "application/json") == {}


def test_a_number_behind_a_name_belongs_to_it() -> None:
    assert webhook_body.read(b"case_id2=7&case_id=5&case_id3=8", FORM) == {"case": "5"}
    assert webhook_body.read(b"case_id2=7", FORM) == {}


@pytest.mark.parametrize("name", ["content", "case", "last_message", "subject"])
def test_json_that_somebody_wrote_names_no_case(name: str) -> None:
    assert webhook_body.read(f"type=x&{name}={quote(WITHIN)}".encode(), FORM) == {}
    assert webhook_body.read(json.dumps({"type": "x", name: WITHIN}).encode(), "application/json") == {}
