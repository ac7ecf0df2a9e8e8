"""What is fuzzed, and what must hold for any input at all.

Each target takes bytes and returns, or raises what the code under test never may. Nothing here needs the fuzzer: the
tests run every target over its seeds, and over every input that once broke one (``tests/fuzz/found``).
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
import urllib3

from omnidesk.billmanager.mgrctl import Mgrctl
from omnidesk.billmanager.panel import Panel
from omnidesk.billmanager.program import Ran
from omnidesk.content import emoji, incoming
from omnidesk.core import conf, filenames, settings, text
from omnidesk.core.errors import Failure, Misconfigured, Paused
from omnidesk.core.settings import Secret
from omnidesk.custom_fields import catalogue
from omnidesk.custom_fields.problems import BrokenFile
from omnidesk.helpdesk import answers, downloads, models, rate_limit
from omnidesk.helpdesk.client import Client
from omnidesk.hooks import panel_event, spool, webhook_body
from tests.fuzz.making import Maker
from tests.support.hostile_html import fragment

URL = "https://acme.omnidesk.ru"
CASE = (
    b'{"case":{"case_id":900001,"case_number":"290-320788","status":"open",'
    b'"updated_at":"Mon, 05 May 2025 07:15:17 +0300"}}'
)
MESSAGES = (
    b'{"0":{"message":{"message_id":1,"user_id":5,"content":"x","attachments":[{"url":"https://acme.omnidesk.ru/1"}]}},'
    b'"total_count":1}'
)
KINDS = ("application/json", "application/x-www-form-urlencoded", "", "multipart/form-data; boundary=B", "text/x+json")


@dataclass(frozen=True)
class Target:
    """A function of bytes; ``under_test`` is what it exercises (``module:name``), ``words`` help the fuzzer along."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    under_test: str
    words: tuple[str, ...] = ()
    longest: int = 4096

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        return self.run.__name__


TARGETS: dict[str, Target] = {}
Enter = Callable[[Callable[[bytes], None]], Callable[[bytes], None]]


def target(under_test: str, *seeds: bytes, words: tuple[str, ...] = (), longest: int = 4096) -> Enter:
    """Enters a function into the list of targets."""

    def enter(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
        TARGETS[run.__name__] = Target(run, seeds, under_test, words, longest)
        return run

    return enter


def one_line(said: object) -> None:
    """What is told of a failure fits a log, a terminal and the panel's XML."""
    told = str(said)
    assert text.clean(told) == told, "control characters"
    assert len(told) < 20_000, "far too long"


@target(
    "omnidesk.hooks.webhook_body:read",
    b"\x01object[case_id]=985687&object[message_id]=7&type=message_new",
    b'\x00{"object":{"case_id":985687,"note":false}}',
    b'\x03--B\r\nContent-Disposition: form-data; name="case_id"\r\n\r\n7\r\n--B--\r\n',
    b"\x02case_id=[case_id]",
    b"\x01\xef\xbb\xbfcase_number=237%252D696853",
    b"\x01payload=%7B%22case%22%3A%7B%22id%22%3A5%7D%7D",
    b'\x00{"subject":"a "b"","case_id":5}',
    words=(
        "case_id",
        "case_number",
        "237-696853",
        "object[",
        "message_id",
        "note",
        "%5B",
        "%zz",
        "--B",
        'name="',
        "\\ud800",
        "1e999",
        "NaN",
        "[case_id]",
    ),
)
def webhook(data: bytes) -> None:
    """A body names a case that can name a file, names none, or is refused."""
    try:
        found = webhook_body.read(data[1:], KINDS[data[0] % len(KINDS)] if data else "")
    except webhook_body.Unreadable as problem:
        one_line(problem)
        return
    assert set(found) <= {"case", "message", "note", "more"}
    cases = found.pop("more", "").split()
    assert len(cases) < webhook_body.MOST_CASES and all(spool.is_name(f"case-{case}") for case in cases)
    assert all(one.isascii() and one.replace("-", "").isdigit() and len(one) <= 18 for one in found.values())
    assert not found or spool.is_name(f"case-{found['case']}")


@target(
    "omnidesk.hooks.panel_event:created",
    b"<?xml version='1.0' encoding='UTF-8'?>\n<doc lang='ru'><id>17</id><ok/></doc>",
    b"<doc><elem><id>5</id></elem></doc>",
    b"<!DOCTYPE d [<!ENTITY a '7'>]><doc><id>&a;</id></doc>",
    words=("<id>", "</id>", "<doc>", "<!DOCTYPE", "<!ENTITY", "&#49;", "encoding='utf-16'", "<![CDATA["),
)
def event_document(data: bytes) -> None:
    """The panel's document gives one ticket's number, or nothing."""
    found = panel_event.created(data)
    assert len(found) <= 1
    assert all(one.isascii() and one.isdigit() and 0 < int(one) < 10**18 for one in found)


@target(
    "omnidesk.core.xml:parse",
    b"\x00<doc><ok type='form'>?func=ticket.edit&amp;elid=5&amp;plid=17</ok></doc>",
    b"\x01<doc><error type='client' object='open'><param name='value'>billmgr</param><msg>wait</msg></error></doc>",
    b"\x02<doc><content><name>a.txt</name><data>/tmp/x</data></content></doc>",
    b"\x00<!DOCTYPE d SYSTEM 'file:///etc/passwd'><doc/>",
    words=(
        "<error",
        "type=",
        "object=",
        "<ok>",
        "elid=",
        "<msg>",
        "desk_empty",
        "<!DOCTYPE",
        "<!ENTITY",
        "<param name='value'>",
    ),
)
def panel_answer(data: bytes) -> None:
    """mgrctl's words are an answer or a failure of ours; nothing is fetched or expanded."""
    ran = Ran(data[0] // 128 if data else 0, data[1:], data[:20])
    panel = Panel(Mgrctl(lambda arguments, variables, timeout: ran, 5.0))
    calls: tuple[Callable[[], object], ...] = (panel.who, lambda: panel.take(1, "x"), lambda: panel.file(1))
    try:
        calls[data[0] % 3 if data else 0]()
    except Failure as failure:
        one_line(failure)
        assert "root:" not in str(failure)


@target(
    "omnidesk.custom_fields.catalogue:parse",
    b'{"client_id": {"entity": "case", "name": "ID", "sql": "SELECT 1"}}',
    b'{"a": {"entity": "user", "sql": "SELECT __id__"}, "a": 1, "b": []}',
    words=('"entity"', '"sql"', '"name"', '"user"', '"case"', "\\ud800", "NaN", "1e999", '{"a":', "[["),
)
def catalogue_file(data: bytes) -> None:
    """The catalogue is read, or its problems are told; what is read can be stored and shown."""
    try:
        found = catalogue.parse(data.decode("utf-8", "replace"))
    except BrokenFile as problem:
        one_line(problem)
        return
    for one in found:
        f"{one.key}{one.entity}{one.name}{one.sql}".encode()
    for one_problem in found.problems:
        one_line(one_problem)


@target(
    "omnidesk.custom_fields.catalogue:parse_links",
    b'[{"field": "cf_25", "value": "client_id"}]',
    b'[{"field": "cf_1", "value": "a"}, {"field": "cf_1", "value": "b"}, 5]',
    words=('"field"', '"value"', '"cf_', "\\ud800", "NaN"),
)
def links_file(data: bytes) -> None:
    """The links are read, or their problems are told."""
    try:
        found = catalogue.parse_links(data.decode("utf-8", "replace"))
    except BrokenFile as problem:
        one_line(problem)
        return
    assert len({link.field for link in found}) == len(found)
    "".join(link.field + link.value for link in found).encode()


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix="omnidesk-fuzz-")


class _Answers(requests.adapters.HTTPAdapter):
    """Gives one answer to every request."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__()
        self.answer = (status, headers, body)

    def send(self, request: requests.PreparedRequest, *given: Any, **options: Any) -> requests.Response:
        status, headers, body = self.answer
        raw = urllib3.HTTPResponse(body=io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return self.build_response(request, raw)


STATUSES = (200, 201, 204, 302, 400, 401, 403, 404, 413, 429, 500, 502)
HEADERS = ("", "0", "1", "20", "-1", "inf", "nan", "1e999", "soon", "9" * 5000, "Mon, 05 May 2025 07:15:17 GMT",
           "Mon, 31 Dec 9999 23:59:59 -0000")  # fmt: skip
NAMES = ("rate_limit_per_minute", "api_calls_left", "retry_after", "Date")
CALLS: tuple[Callable[[Client], Any], ...] = (
    lambda client: client.case(7), lambda client: client.changed_cases("cch101", 5.0),
    lambda client: client.messages(7),
    lambda client: client.staff(), lambda client: client.custom_fields(), lambda client: client.channels(),
    lambda client: client.create_case({"subject": "s"}), lambda client: client.add_message(7, {"content": "x"}),
)  # fmt: skip


def _ask(call: int, status: int, headers: dict[str, str], body: bytes) -> None:
    path = os.path.join(_folder(), "rate")
    if os.path.exists(path):
        os.unlink(path)
    client = Client(URL, "i@example.com", Secret("top-secret-key"), rate_limit.RateGate(path, lambda: 1_780_000_020.0))
    client.session.mount(URL, _Answers(status, headers, body))
    try:
        CALLS[call % len(CALLS)](client)
    except Failure as failure:
        one_line(failure)
        assert "top-secret-key" not in str(failure)
        assert not isinstance(failure, Paused) or 0 <= failure.seconds <= 1e6
    finally:
        client.session.close()
    assert 0 <= client.now < 2**32


@target(
    "omnidesk.helpdesk.connection:Connection._ask",
    b"\x00\x00\x00\x00\x00\x00" + CASE,
    b"\x02\x00\x00\x00\x00\x00" + MESSAGES,
    b"\x01\x00\x00\x00\x00\x00" + b'{"total_count":0}',
    b"\x00\x09\x03\x01\x05\x0a" + b'{"error":"rate_limit_exceeded"}',
    words=(
        '"case"',
        '"message"',
        '"error"',
        '"status"',
        '"open"',
        '"total_count"',
        "not_found",
        "\\ud800",
        "rate limit",
    ),
)
def omnidesk_bytes(data: bytes) -> None:
    """Any bytes, status and headers are an answer or a failure of ours."""
    head = data[:6].ljust(6, b"\0")
    headers = {name: HEADERS[at % len(HEADERS)] for name, at in zip(NAMES, head[2:], strict=True)}
    _ask(head[0], STATUSES[head[1] % len(STATUSES)], headers, data[6:])


@target(
    "omnidesk.helpdesk.connection:Connection._ask",
    b"\x00\x00\x01\x00\x02\x0a\x9c\x0b\xa6",
    bytes(range(0, 250, 3)),
    bytes(range(250, 0, -7)),
)
def omnidesk_documents(data: bytes) -> None:
    """The same for documents of roughly the right shape."""
    maker = Maker(data)
    _ask(maker.byte(), STATUSES[maker.byte() % len(STATUSES)], {}, maker.json())


PARSERS: tuple[Callable[[dict[str, Any]], Any], ...] = (
    models.case, models.message, models.staff, models.custom_field, models.channel,
)  # fmt: skip


@target("omnidesk.helpdesk.models:case", b"\x00\x03\x0a\x9c\x0b\xa6", bytes(range(0, 250, 3)), bytes(range(1, 250, 5)))
def omnidesk_objects(data: bytes) -> None:
    """An object is read into values that can be stored, or is broken."""
    maker = Maker(data)
    parse, value = PARSERS[maker.byte() % len(PARSERS)], maker.value()
    try:
        found = parse(value if isinstance(value, dict) else {"case_id": value, "message_id": value, "status": "open"})
    except answers.BrokenAnswer as problem:
        one_line(problem)
        return
    for name, part in vars(found).items():
        if isinstance(part, str) and not name.startswith("content"):
            one_line(part)
            assert part.encode() is not None and len(part) <= 2_000
        assert not isinstance(part, int) or 0 <= part < 2**63


@target(
    "omnidesk.core.settings:parse",
    b"OmnideskUrl acme\nOmnideskEmail a@b.c\nOmnideskApiKey k\nOmnideskChannel 101\nOmnideskSecret 12345678\n",
    b"RatingMap 1-2:low 3:middle\nPanelUrl https://127.0.0.1:1500/billmgr\nPollSeconds 60\n# x\r\n",
    words=(*settings.SETTINGS, "https://", "cch", "1-2:low", "@", "[::1]", "\\xef\\xbb\\xbf"),
)
def settings_file(data: bytes) -> None:
    """Settings are valid as a whole, or each problem is told on a line of its own, without the library's words."""
    given = data.decode("utf-8", "replace")
    try:
        found = settings.parse(given)
    except Misconfigured as problem:
        for line in problem.value.split("\n"):
            assert len(line) < 300 and text.clean(line) == line
            assert "int string" not in line and "codec" not in line
        return
    place = downloads.origin(found.url + "/x")
    assert place is not None and (place.scheme == "https" or place.host in settings.LOOPBACK)
    assert found.api_key.reveal() not in repr(found) or len(found.api_key.reveal()) < 8


@target(
    "omnidesk.hooks.spool:entries",
    b"case-7\ntime 1780000000\npeer 10.0.0.1\n",
    b"ticket-17\nfunction clientticket.edit\nby %D0%98\n",
    b"scan\nplid 1,2\n",
    words=("case-", "ticket-", "t2u-", "scan", "%0A", "%zz", "time "),
)
def spool_record(data: bytes) -> None:
    """A record is served by its name, or set aside; it never stops the others. What is put comes back."""
    name, _, content = data.partition(b"\n")
    folder = os.path.join(_folder(), "spool")
    spool.put(folder, "case-1", {"x": content.decode("utf-8", "surrogateescape")})
    odd = os.path.join(os.fsencode(folder), name.replace(b"/", b"_").replace(b"\0", b"_")[:200] or b"x")
    if name not in (b".", b"..", b"case-1") and not os.path.lexists(odd):
        with open(odd, "wb") as file:
            file.write(content)
    found = spool.entries(folder, lambda said: None)
    fields = next(event.fields for event in found if event.name == "case-1")
    assert fields == {"x": content.decode("utf-8", "surrogateescape")} or len(content) > 20_000
    assert all(spool.is_name(event.name) and event.id >= 0 for event in found)
    for event in found:
        spool.drop(event)
    shutil.rmtree(os.path.join(_folder(), "broken"), ignore_errors=True)
    for line, _, value in conf.parse(content.decode("utf-8", "replace")):
        assert line > 0 and "\n" not in value


@target(
    "omnidesk.helpdesk.rate_limit:_read",
    b'{"limit": 20, "left": 5, "window_ends": 1780000060.0, "blocked_until": 0.0, "reason": ""}',
    b'{"limit": 20, "left": -1, "window_ends": 0.0, "blocked_until": 1780000050.0, "reason": "omnidesk_key"}',
    words=('"limit"', '"left"', '"window_ends"', '"blocked_until"', '"reason"', "Infinity", "NaN", "1e999", "17800000"),
)
def rate_file(data: bytes) -> None:
    """Whatever is in it, calls go on, or wait an hour at most."""
    path = os.path.join(_folder(), "rate")
    with open(path, "wb") as file:
        file.write(data)
    gate = rate_limit.RateGate(path, lambda: 1_780_000_020.0)
    try:
        gate.enter()
    except Paused as pause:
        assert 0 < pause.seconds <= 3600
        one_line(Failure(pause.type, URL, seconds=pause.seconds))
    gate.learn(20, 19, None)
    gate.block(5, "omnidesk_rate")
    gate.unblock()
    assert gate.budget().blocked_until == 0.0


@target(
    "omnidesk.content.incoming:of_message",
    b"<p>\xd0\x9e\xd0\xb4\xd0\xb8\xd0\xbd</p><ul><li>a<ol start='3'><li>b</ol></ul><br><a href='x'>y</a>",
    b"<table><tr><td colspan=2>x</td></tr></table><pre><code>a\n b</code></pre><script>1</script>",
    words=("<ol start='", "<td colspan='", "<li>", "<pre>", "<br>", "&nbsp;", "&#", "<img src='data:", "<!--", "</",
           "<h1>", "<blockquote>", "<script>", "<a href='", "<table>", "<tr>", "<code>", "`", "<dl><dt>", "<caption>"),
)  # fmt: skip
def html(data: bytes) -> None:
    """HTML becomes text that can be carried anywhere."""
    found = incoming.of_message("", data.decode("utf-8", "surrogateescape"))
    assert text.clean(found) == found and found == found.strip() and "\n\n\n" not in found
    found.encode()


@target(
    "omnidesk.content.incoming:from_html",
    b"\x00\x07",
    b"\x01<a href='mailto:script'>script</a><pre>x</pre>&gt; <table><tr><th>a<th>b<tr><td>c",
    b"\x01<a href='https://x.example'>a](javascript:x) [b</a>!<img src='https://y.example/1' alt='[&lt;b&gt;]'>",
    words=("<a href='", "mailto:", "javascript:", "](", "![", "<pre>", "<li>", "<dt>", "&gt; ", "&lt;", "<code>", "`",
           "|", "<table>", "<tr>", "<td>", "<th>", "<blockquote>", "<h1>", "<img src='https://y.example/1' alt='"),
)  # fmt: skip
def hostile_html(data: bytes) -> None:
    """Nothing in the ticket acts, and the net has nothing to catch: generated fragments, and bytes as they are."""
    given = data[1:].decode("utf-8", "replace")
    if not data[:1].strip(b"\0"):
        given = fragment(int.from_bytes(data[1:5], "big"))
    told: list[str] = []
    found = incoming.from_html(given, incoming.Policy(host="acme.omnidesk.ru"), told.append)
    assert not told and text.clean(found) == found


@target(
    "omnidesk.core.text:digest",
    "Сайт &amp;amp; «не» открывается &#38;#38; e\u0301 🙂".encode(),
    b"&" + b"amp;" * 50,
    b"&#" + b"1" * 50 + b";",
    words=("&amp;", "&#38;", "&#x26;", "&#", "&lt", "\\xcc\\x80", "**", "\\xe2\\x80\\x8b"),
)
def plain_text(data: bytes) -> None:
    """Any text has an identity, which escaping does not change, and goes over."""
    given = data.decode("utf-8", "surrogateescape")
    said = incoming.of_message(given, "")
    assert text.clean(said) == said
    assert text.digest(given) == text.digest(given) and len(text.digest(given)) == 40
    emoji.fit(said, False).encode()
    assert all(ord(sign) <= 0xFFFF for sign in emoji.fit(said, False))
    assert len(text.subject(given, "x")) <= 250
    text.is_blank(given)


@target(
    "omnidesk.core.filenames:safe",
    "../../отчёт за май.pdf".encode(),
    b"C:\\x\\con.txt",
    b"a" * 300 + b".tar.gz",
    words=("../", "\\\\", "con", ".txt", '"', "\\xe2\\x80\\xae", "data:"),
)
def file_name(data: bytes) -> None:
    """A name stays in its folder, is bounded, and cleaning twice is cleaning once."""
    given = data.decode("utf-8", "surrogateescape")
    found = filenames.safe(given)
    assert found == filenames.safe(found) and 0 < len(found.encode()) <= filenames.LONGEST
    assert not set(found) & set('/\\"\0\r\n') and found.strip(".")
    for kind in (filenames.mime_type(given), filenames.guessed_type(given)):
        assert kind.isascii() and kind.isprintable() and kind.count("/") == 1 and " " not in kind


@target(
    "omnidesk.helpdesk.downloads:origin",
    b"https://acme.omnidesk.ru/attachments/1/345",
    b"https://acme.omnidesk.ru@evil.example/1",
    b"https://[::ffff:127.0.0.1]:443/x?y#z",
    words=("https://", "acme.omnidesk.ru", "@", "\\\\", "[::1]", ":443", "%2e", "/../", "api", "#", "?"),
)
def file_address(data: bytes) -> None:
    """What is taken for an origin is what would be called."""
    url = data.decode("utf-8", "replace")
    found = downloads.origin(url)
    if found is None:
        return
    downloads._is_api(url)
    sent = urllib3.util.parse_url(str(requests.Request("GET", url).prepare().url))
    assert (sent.scheme, (sent.host or "").strip("[]").lower()) == (found.scheme, found.host)
    assert (sent.port or {"https": 443, "http": 80}[found.scheme]) == found.port and sent.auth is None
