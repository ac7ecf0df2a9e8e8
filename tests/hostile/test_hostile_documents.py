"""What somebody else writes: the webhook's body, the panel's XML, catalogue, settings, the spool."""

from __future__ import annotations

import _operator
import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.panel import Panel
from omnidesk.billmanager.program import Ran
from omnidesk.core import setting_values
from omnidesk.core import settings as module_settings
from omnidesk.core.errors import Failure, Misconfigured, Refused, TryLater
from omnidesk.core.paths import Paths
from omnidesk.core.settings import Secret
from omnidesk.core.text import clean
from omnidesk.custom_fields import catalogue
from omnidesk.custom_fields.live import LiveCatalogue, LiveLinks
from omnidesk.custom_fields.problems import MOST_SHOWN, BrokenFile
from omnidesk.health import check_connection
from omnidesk.hooks import panel_event, spool, webhook, webhook_body
from tests.hostile.limits import FEW, limited
from tests.support.amount import examples, size

MIB = 1 << 20
SIZE = size(MIB // 4)
MUCH = size(MIB)

# The panel's XML

LAUGHS = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, (b"&%c;" % (97 + at)) * 10) for at in range(9)
)
DTD = {
    "laughs": LAUGHS + b"]><doc>&j;</doc>",
    "laughs in an attribute": LAUGHS + b']><doc x="&j;"/>',
    "quadratic": b'<!DOCTYPE d [<!ENTITY a "' + b"a" * 100_000 + b'">]><doc>' + b"&a;" * 30_000 + b"</doc>",
    "a file": b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><doc><ok>&a;</ok></doc>',
    "a file in an error": b'<!DOCTYPE d [<!ENTITY a SYSTEM "/etc/passwd">]><doc><error type="x"><msg>&a;</msg></error>'
    b"</doc>",
    "an outer document type": b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><doc><ok/></doc>',
    "a parameter entity": b'<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><doc><ok/></doc>',
    "a harmless one": b"<!DOCTYPE doc><doc><ok/></doc>",
}
BOMBS = {
    **DTD, "depth": b"<doc>" + b"<a>" * MIB,
    "depth, closed": b"<doc>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</doc>",
    "elements": b"<doc>" + b"<a/>" * (2 * MIB) + b"</doc>", "a long text": b"<doc>" + b"a" * (12 * MIB) + b"</doc>",
    "attributes": b"<doc " + b" ".join(b'a%d="1"' % at for at in range(100_000)) + b"/>",
    "newlines": b"<doc><id>" + b"\n" * MIB + b"17</id></doc>",
    "ids": b"<doc>" + b"<id>1</id>" * (MIB // 10) + b"</doc>",
    "entities": b"<doc><id>" + b"&#49;" * (MIB // 5) + b"</id></doc>",
}  # fmt: skip
XML = st.lists(
    st.sampled_from(
        [
            b"<doc>",
            b"</doc>",
            b"<error type='x' object='open'>",
            b"</error>",
            b"<msg>",
            b"</msg>",
            b"<ok>",
            b"</ok>",
            b"<id>",
            b"</id>",
            b"17",
            b"elid=5",
            b"<!DOCTYPE d [",
            b"<!ENTITY a 'x'>",
            b"]>",
            b"&a;",
            b"&#0;",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
            b"-->",
            b"<?xml version='1.0' encoding='utf-7'?>",
            b"<?pi?>",
            b"\xff",
            b"\x00",
            b"<content><name>",
            b"<data>/etc/x</data>",
        ]
    )
    | st.binary(max_size=5)
).map(b"".join)
CALLS: list[Callable[[Panel], object]] = [
    lambda panel: panel.who(), lambda panel: panel.take(1, "x"), lambda panel: panel.file(1),
    lambda panel: panel.reply(1, 2, "x", "text", end=True),
]  # fmt: skip


def is_one_line(text: str) -> bool:
    return clean(text) == text and "\n" not in text


def panel_saying(document: bytes, code: int = 0, error: bytes = b"") -> Panel:
    return Panel(Mgrctl(lambda arguments, variables, timeout: Ran(code, document, error), 5.0))


@settings(deadline=None)
@given(XML, st.sampled_from(range(len(CALLS))), st.sampled_from([0, 1, 127]), st.binary(max_size=20))
@example(b"<doc><ok>elid=" + b"1" * 5000 + b"</ok></doc>", 1, 0, b"")
@example("<doc><ok>elid=١٢</ok></doc>".encode(), 1, 0, b"")
def test_whatever_mgrctl_says_is_an_answer_or_a_failure_of_ours(
    document: bytes, which: int, code: int, error: bytes
) -> None:
    """And what is told of it is one line that a log can carry."""
    try:
        CALLS[which](panel_saying(document, code, error))
    except Failure as failure:
        assert len(str(failure)) < 2_000 and is_one_line(str(failure))


@pytest.mark.parametrize("name", DTD)
def test_a_document_type_is_never_accepted(name: str) -> None:
    """So there is nothing to expand and nothing to fetch."""
    with pytest.raises(TryLater) as caught:
        panel_saying(DTD[name]).who()
    assert caught.value.type == "panel_answer"
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize("name", BOMBS)
def test_no_xml_takes_long(name: str) -> None:
    """Neither mgrctl's answer nor the document of an event, in time and memory."""

    def both() -> None:
        try:
            panel_saying(BOMBS[name]).who()
        except Failure:
            pass
        panel_event.created(BOMBS[name])

    limited(both, mebibytes=256)


@given(XML | st.binary(max_size=100))
@example('<?xml version="1.0" encoding="utf-16"?><doc><id>7</id></doc>'.encode("utf-16"))
@example(b'<?xml version="1.0" encoding="idna"?><doc><id>7</id></doc>')
@example(b'<?xml version="1.0" encoding="rot13"?><doc><id>7</id></doc>')
@example(b'<?xml version="1.0" encoding="utf-7"?><doc><id>7</id></doc>')
def test_an_events_document_gives_a_number_or_nothing(document: bytes) -> None:
    """The panel gets its document back whatever becomes of it here."""
    found = panel_event.created(document)
    assert len(found) <= 1
    assert all(one.isascii() and one.isdigit() and int(one) > 0 and len(one) <= 18 for one in found)


def test_an_entity_in_an_events_document_is_not_expanded() -> None:
    assert panel_event.created(b'<!DOCTYPE d [<!ENTITY a "7">]><doc><id>&a;</id></doc>') == []
    assert panel_event.created(b"<doc><id>7</id></doc>") == ["7"]


# The webhook

WEBHOOKS = {
    "pairs": b"&" * SIZE, "empty pairs": b"=&" * (SIZE // 2), "percents": b"%" * SIZE, "encoded": b"%41" * (SIZE // 3),
    "case ids": b"case_id=1&" * (SIZE // 10), "pluses": b"+" * SIZE, "brackets": b"object[" * (SIZE // 7),
    "depth": b"[" * SIZE, "depth of objects": b'{"object":' * (SIZE // 10),
    "digits": b'{"case_id":' + b"9" * SIZE + b"}", "a long string": b'{"case_id":"' + b"9" * SIZE + b'"}',
    "keys": b"{" + b'"a":1,' * (SIZE // 6) + b'"case_id":1}', "blanks": b" " * SIZE + b"{",
    "escapes": b'{"case_id":"' + rb"\ud800" * (SIZE // 6) + b'"}', "a float": b'{"case_id":1' + b"0" * SIZE + b".0}",
    "encoded again and again": b"a=" + b"%25" * (SIZE // 3), "texts in texts": b'{"object":"' + b"{" * SIZE + b'"}',
    "lists": b"[" + b"[],[1]," * (SIZE // 7) + b"[]]", "broken": b'{"case_id":' * (SIZE // 11) + b"}",
    "dots": b"object." * (SIZE // 7), "exponent": b'{"case_id":1e' + b"9" * SIZE + b"}",
}  # fmt: skip
KINDS = ["application/json", "application/x-www-form-urlencoded", "", "multipart/form-data; boundary=B"]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_no_webhook_takes_long(name: str) -> None:
    """A body of a quarter of the largest size at most, as any content type: read or refused, cheaply."""

    def all_kinds() -> None:
        for kind in KINDS:
            try:
                webhook_body.read(WEBHOOKS[name], kind)
            except webhook_body.Unreadable:
                pass

    limited(all_kinds, mebibytes=256, seconds=FEW)


@pytest.mark.parametrize("boundary", ["", "\r\n", "-", "B" * MIB, '"', "case_id", "\udcff"])
def test_any_boundary_is_survived(boundary: str) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="case_id"\r\n\r\n7\r\n--B--' * 1000
    try:
        found = webhook_body.read(body, f"multipart/form-data; boundary={boundary}")
    except webhook_body.Unreadable:
        return
    assert set(found) <= {"case", "message", "note"}


@given(st.binary(max_size=300), st.text(max_size=50))
@example(b'{"case_id": NaN}', "application/json")
@example(b'{"case_id": 1, "case_id": 2}', "application/json")
@example(b'{"case_id": true}', "application/json")
@example(b'{"case_id": "\xd9\xa1"}', "application/json")
@example(b'{"object": {"case_id": {"case_id": 1}}}', "application/json")
@example(b"case_id=1%00", "")
@example(b"case_number=1-2/../3", "")
@example(b"case_id=../../etc", "")
def test_a_webhook_names_a_case_or_is_refused(body: bytes, kind: str) -> None:
    """Its id or number becomes a file's name in the spool: digits, and the dash of a number, only."""
    try:
        found = webhook_body.read(body, kind)
    except webhook_body.Unreadable as problem:
        assert str(problem).isprintable()
        return
    assert all(one.isascii() and one.replace("-", "").isdigit() and len(one) <= 18 for one in found.values())
    assert not found or spool.is_name(f"case-{found['case']}")


# The secret


def with_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str) -> Paths:
    paths = Paths(str(tmp_path))
    Path(paths.etc).mkdir(parents=True)
    Path(paths.settings).write_text("OmnideskSecret secret-one\nOmnideskSecretOld secret-old\n", encoding="utf-8")
    monkeypatch.setenv("QUERY_STRING", query)
    return paths


@pytest.mark.parametrize("query", ["secret-one", "secret-old", "wrong", "", "secret-on", "secret-one1", "secret%2Done"])
def test_the_secret_is_compared_in_constant_time_with_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """By the function made for it, every pair of form and secret whatever came of those before, and by nothing else."""
    assert vars(webhook)["_compare_digest"] is _operator._compare_digest  # what hmac falls back to
    compared: list[tuple[bytes, bytes]] = []

    class Watched(bytes):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared by ==")

        __hash__ = bytes.__hash__

    def comparing(one: bytes, other: bytes) -> bool:
        compared.append((bytes(one), bytes(other)))
        return hmac.compare_digest(bytes(one), bytes(other))

    paths = with_secret(tmp_path, monkeypatch, query)
    real = webhook._secrets
    monkeypatch.setattr(webhook, "_secrets", lambda paths: [Watched(one) for one in real(paths)])
    monkeypatch.setattr(webhook, "_compare_digest", comparing)
    try:
        webhook.authenticate(paths)
        right = True
    except webhook.Answer as answer:
        assert answer.status == 403
        right = False
    assert right == (query in ("secret-one", "secret-old", "secret%2Done"))
    assert sorted(compared) == sorted(
        (form, secret)
        for form in (query.encode(), query.replace("%2D", "-").encode())
        for secret in (b"secret-one", b"secret-old")
    )


def test_check_connection_compares_the_secret_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel's address is read from the API; what is compared with the secret goes the same way."""
    compared: list[bytes] = []

    def comparing(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(check_connection, "hmac", SimpleNamespace(compare_digest=comparing))
    context: Any = SimpleNamespace(
        settings=SimpleNamespace(secret_of=lambda _: Secret("one-secret"), secret_old=Secret(""), public_url="")
    )
    findings = list(check_connection._webhook(context, "https://panel.example/mancgi/omnidesk_webhook?one-secret"))
    assert compared == [b"one-secret"] and findings[0].level == "ok"
    assert "one-secret" not in str(findings)


# Catalogue and links

JSON_TEXT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["user", "case", "SELECT 1", "cf_25", "\ud800", "x" * 300]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["entity", "name", "sql", "field", "value", "a", "", " b ", "\ud800", "k" * 200]), inner
        )
    ),
    max_leaves=20,
).map(json.dumps)


@settings(deadline=None, max_examples=examples(100))
@given(JSON_TEXT | st.text(max_size=50))
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example('{"a": ' + "1" * 5000 + "}")
@example('{"a": NaN, "a": Infinity}')
@example('{"a": {"entity": "case", "sql": "SELECT 1"}, "a": {"entity": "case", "sql": "SELECT 2"}}')
@example('{"a": {"entity": "case", "sql": "\\ud800"}}')
@example('[{"field": "cf_' + "1" * 5000 + '", "value": "a"}]')
@example('[{"field": "cf_1", "value": "\\ud800"}]')
def test_catalogue_and_links_are_read_or_told_to_be_broken(text: str) -> None:
    """No other exception; what can be used can also be stored and shown."""
    for parse in (catalogue.parse, catalogue.parse_links):
        try:
            found: Any = parse(text)
        except BrokenFile as problem:
            str(problem).encode("utf-8", "replace")
            assert len(str(problem)) < 100 * MOST_SHOWN * 10
            continue
        for one in found:
            "".join(str(part) for part in vars(one).values()).encode("utf-8")


ENTRY = '"k%d": {"entity": "case", "name": "n", "sql": "SELECT 1"}'
CATALOGUES = {
    "entries": "{" + ", ".join(ENTRY % at for at in range(size(15_000))) + "}",
    "broken entries": "{" + ", ".join(f'"k{at}": 1' for at in range(size(40_000))) + "}",
    "one key": "{" + ", ".join(['"k": 1'] * size(60_000)) + "}",
    "depth": '{"a":' * 500_000,
    "quotes": '{"' + '\\"' * MIB,
    "blanks": '{"a"' + " " * (4 * MIB) + ": 1}",
    "lines": '{\n"a"\n' * 300_000,
}


@pytest.mark.parametrize("name", CATALOGUES)
def test_no_catalogue_takes_long(name: str) -> None:
    """Four megabytes are the most that is read; each key's line is told all the same."""

    def both() -> int:
        told = 0
        for parse in (catalogue.parse, catalogue.parse_links):
            try:
                told += len(parse(CATALOGUES[name]))
            except BrokenFile as problem:
                assert len(str(problem)) < MIB
        return told

    limited(both, mebibytes=600)


def test_many_links_take_no_longer_than_few() -> None:
    links = [{"field": f"cf_{at}", "value": "a"} for at in range(1, 20_000)]
    assert limited(lambda: len(catalogue.parse_links(json.dumps(links)))) == len(links)


@pytest.mark.parametrize("content", ["1" * 5000, "[" * 100_000, "\ud800", "{", "[]", '{"a": ' + "9" * 5000 + "}"])
def test_a_worker_goes_on_with_what_it_had_whatever_is_written(tmp_path: Path, content: str) -> None:
    """A file that is edited while the worker runs costs no ticket its fields."""
    good = '{"k": {"entity": "case", "sql": "SELECT 1"}}'
    path, links = tmp_path / "values.json", tmp_path / "links.json"
    path.write_text(good, encoding="utf-8")
    links.write_text('[{"field": "cf_1", "value": "k"}]', encoding="utf-8")
    live, live_links = LiveCatalogue(path, lambda problem: None), LiveLinks(links, lambda problem: None)
    assert list(live.current().values) == ["k"] and len(live_links.current()) == 1
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    links.write_bytes(content.replace("[]", "{}").encode("utf-8", "surrogatepass"))
    assert list(live.current().values) == ["k"] and len(live_links.current()) == 1
    assert live.problem is not None and live_links.problem is not None


# Settings

LINES = st.lists(st.sampled_from(list(module_settings.SETTINGS)) | st.text(max_size=10), min_size=0, max_size=4).map(
    " ".join
)
VALUES = st.sampled_from(
    [
        "acme",
        "https://a@b",
        "https://[::1",
        "https://h:99999999999",
        "1" * 5000,
        "1-" + "2" * 5000 + ":low",
        "cch" + "9" * 5000,
        "on",
        "-1",
        "1e5",
        "٣",
        "a@b",
        "@",
        "\x00",
        "\x1b[31m",
        "https://асме.рф",
        "https://" + "a" * 300,
        "\u202e",
    ]
)


@settings(deadline=None, max_examples=examples(120))
@given(
    st.lists(LINES | st.tuples(st.sampled_from(list(module_settings.SETTINGS)), VALUES).map(" ".join)).map("\n".join)
)
@example("OmnideskUrl https://[::1\nRatingMap " + "1" * 5000 + ":low")
@example("\ufeffOmnideskUrl\tacme\r\n#x\r\n")
def test_any_settings_are_read_or_told_to_be_wrong(text: str) -> None:
    """Every problem with its line, in our own words, and no value of the file repeated."""
    try:
        module_settings.parse(text)
    except Misconfigured as problem:
        for line in problem.value.split("\n"):
            assert line.isprintable() and len(line) < 200
            assert "limit" not in line and "Exceeds" not in line, "the library's own words"


@pytest.mark.parametrize("line", [
    "RatingMap " + "1" * 5000 + ":low", "OmnideskChannel cch" + "9" * 5000, "OmnideskChannel ١٢", "OmnideskUrl https://:x@h",
    "OmnideskUrl https://a b", "PanelUrl https://root:pw@127.0.0.1:1500/billmgr", "OmnideskEmail a\x00@b", "OmnideskUrl https://h%2e",
])  # fmt: skip
def test_a_setting_that_could_only_fail_later_is_refused_now(line: str) -> None:
    """A user and password within an address would be shown with it."""
    name = line.partition(" ")[0]
    with pytest.raises(Misconfigured) as caught:
        module_settings.parse(line)
    assert any(f"line 1: {name}: " in one for one in caught.value.value.split("\n"))


def test_an_account_with_a_name_in_another_script_is_written_as_it_is_called() -> None:
    assert setting_values.url("https://АСМЕ.рф:8443") == "https://xn--80akut.xn--p1ai:8443"


SETTINGS = {
    "lines": "a\n" * (MUCH // 2), "one line": "a" * MUCH, "blanks": " " * MUCH, "a value": "OmnideskUrl " + "a" * MUCH,
    "names": "\n".join(f"n{at} 1" for at in range(size(100_000))), "comments": "#\n" * (MUCH // 2),
    "zeros": "\x00" * MUCH,
    "addresses": "OmnideskUrl https://" + "[" * MUCH, "an e-mail": "OmnideskEmail " + "a@" * (MUCH // 2),
    "a map": "RatingMap " + "1:low " * (MUCH // 6), "departments": "Departments " + "," * MUCH,
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_no_settings_file_takes_long(name: str) -> None:
    """And the error stays readable."""

    def told() -> int:
        with pytest.raises(Misconfigured) as caught:
            module_settings.parse(SETTINGS[name])
        return len(str(caught.value))

    assert limited(told, mebibytes=256) < 20_000


@pytest.mark.parametrize("content", [b"\xff\xfeO\x00m\x00", b"\x00" * 100, b"x" * (2 * MIB)])
def test_a_file_that_is_no_settings_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "omnidesk.conf"
    path.write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        module_settings.load(str(path))
    assert len(str(caught.value)) < 1_000


# The spool


@settings(deadline=None, max_examples=examples(100))
@given(st.sampled_from(["case-7", "ticket-1", "t2u-5", "scan"]), st.binary(max_size=200))
@example("case-7", b"time %zz\npeer %\n")
@example("case-7", b"\xff\x00\n" * 100)
@example("case-7", b"a" * 200_000)
def test_a_record_of_any_content_still_names_its_subject(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    """The name says where to look; the fields are hints."""
    folder = tmp_path_factory.mktemp("spool")
    (folder / name).write_bytes(content)
    said: list[str] = []
    assert [event.name for event in spool.entries(str(folder), said.append)] == [name]


@pytest.mark.parametrize(
    "name",
    [
        b"case-0",
        b"case-",
        b"case-1x",
        b"case--1",
        b"ticket-" + b"9" * 19,
        b"\xff\xfe",
        b"a\nb",
        b"case-7 ",
        b".hidden",
        b"scan-1",
        "case-١".encode(),
        b"..x",
        b"x" * 250,
    ],
)
def test_what_is_no_record_is_set_aside_and_blocks_nobody(tmp_path: Path, name: bytes) -> None:
    """Another program's file, a folder, a link: moved away and reported, the others are served."""
    folder = tmp_path / "spool"
    spool.put(str(folder), "case-7", {"time": "1"})
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:
        file.write(b"x")
    os.mkdir(folder / "case-8")
    os.symlink("/etc/passwd", folder / "case-9")
    said: list[str] = []
    assert [event.name for event in spool.entries(str(folder), said.append)] == ["case-7"]
    assert sorted(os.listdir(folder)) == ["case-7"]
    assert len(said) == 3


def test_a_refusal_by_the_panel_is_one_line_however_long_it_is() -> None:
    """Errors of the panel hold whole pages of HTML at times."""
    page = b"<doc><error type='x'><msg>" + b"line\n" * 100_000 + b"</msg></error></doc>"
    with pytest.raises(Refused) as caught:
        panel_saying(page).who()
    assert len(caught.value.value) <= 300 and "\n" not in caught.value.value
