"""What is assumed of Omnidesk's answers, asked by GET, at most :data:`MOST_CALLS` calls. Shapes, no values."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from omnidesk.context import Context
from omnidesk.core import deadline, streams
from omnidesk.core.errors import TryLater
from omnidesk.helpdesk import models
from omnidesk.probe.findings import Check, Finding, counted, fact, judged, name, names, shape

MOST_CALLS = 19
RESERVE = 3  # calls of the minute that are left to tickets
NOTHING = "^zzzz-pmomnidesk-probe^"
LARGEST = 8 * 1024 * 1024
_LIMIT_HEADERS = ("rate_limit_per_minute", "api_calls_left", "retry_after")
_OFFSET = re.compile(r"([+-]\d{4})$")


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers by lower-case name, and its JSON (None where it has none)."""

    code: int
    headers: Mapping[str, str]
    json: Any

    @property
    def word(self) -> str:
        given = self.json.get("error") if isinstance(self.json, dict) else None
        kind = "no JSON" if self.json is None else "no word"
        return f"{self.code} {name(given) if given else kind}"

    def rows(self, inner: str) -> list[dict[str, Any]]:
        return models.rows(self.json, inner) if self.code == 200 else []


class Asker:
    """Asks by GET, through the account's shared budget; the probe's own is :data:`MOST_CALLS`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.left = MOST_CALLS

    def get(self, path: str, **query: str | int) -> Reply:
        if self.left <= 0:
            raise TryLater("omnidesk_rate", path, seconds=60)
        call = self.context.gate.enter(RESERVE)
        self.left -= 1
        url = f"{self.context.settings.url}/api/{path}.json"
        timeout = self.context.settings.request_timeout
        try:
            with deadline.limited(self.context.client.sockets, deadline.LONGEST * timeout):
                answer = self.context.client.session.get(
                    url, params=query, timeout=timeout, allow_redirects=False, stream=True
                )
                body = b"".join(streams.blocks(answer, LARGEST))
        except (requests.RequestException, streams.TooLong, OSError) as error:
            self.context.gate.over(call)
            raise TryLater("omnidesk_no_answer", path, type(error).__name__) from None
        headers = {key.lower().replace("-", "_"): value for key, value in answer.headers.items()}
        self._learn(headers, call)
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        return Reply(answer.status_code, headers, document)

    def _learn(self, headers: Mapping[str, str], call: int) -> None:
        numbers = [int(headers[one]) if headers.get(one, "").isdigit() else None for one in _LIMIT_HEADERS]
        retry_after = None if numbers[2] is None else float(numbers[2])
        self.context.gate.learn(numbers[0], numbers[1], retry_after, call)


class DeskChecks:
    """The checks, in an order in which later ones use what earlier ones brought."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ask = Asker(context)
        self.signatures: list[str] = []  # of the account's employees
        self._case: dict[str, Any] | None = None

    def checks(self) -> list[tuple[str, Check]]:
        return [
            ("desk.headers", self.staff),
            ("desk.channels", self.channels),
            ("desk.fields", self.fields),
            ("desk.order", self.cases),
            ("desk.case", self.case),
            ("desk.messages", self.messages),
            ("desk.empty_list", self.empty),
            ("desk.not_found", self.not_found),
            ("desk.bad_parameters", self.bad_parameters),
            ("desk.filters", self.filters),
        ]

    def staff(self) -> Iterator[Finding]:
        result = self.ask.get("staff", limit=100)
        present = [one for one in _LIMIT_HEADERS if one in result.headers]
        limits = ", ".join(f"{one} {result.headers[one]}" for one in present if result.headers[one].isdigit())
        yield judged(
            "desk.headers", set(_LIMIT_HEADERS[:2]) <= set(present), f"{result.word.split()[0]}; {limits or 'none'}"
        )
        yield fact("desk.clock", self._clock(result))
        rows = result.rows("staff")
        fields = Counter(key for row in rows for key in row)
        self.signatures = [str(row.get("staff_signature") or "") for row in rows]
        yield fact("desk.staff", f"{len(rows)} employees; {names(fields)}")

    def _clock(self, result: Reply) -> str:
        try:
            ahead = round(models.as_time(result.headers["date"]) - self.context.clock())
        except (KeyError, models.BrokenAnswer):
            return "no readable Date header"
        return f"Omnidesk is {ahead} s ahead of this host"

    def channels(self) -> Iterator[Finding]:
        rows = self.ask.get("custom_channels").rows("custom_channel")
        kinds = Counter(f"{name(row.get('channel_type') or row.get('type'))}"
                        f" {'active' if row.get('active') else 'inactive'}" for row in rows)  # fmt: skip
        yield fact("desk.channels", f"{counted(kinds)}; {names({key for row in rows for key in row})}")
        ours = [one for one in map(_channel, rows) if one is not None and one.key == self.context.settings.channel]
        if not ours:
            yield judged("desk.webhook_address", None, "the channel of the settings is not among them")
            return
        secrets = (self.context.settings.secret.reveal(), self.context.settings.secret_old.reveal())
        query = ours[0].webhook_url.partition("?")[2]
        result = (
            "no address" if not ours[0].webhook_url else "with our secret" if query in secrets else "without our secret"
        )
        yield judged("desk.webhook_address", True if query and query in secrets else None, result)

    def fields(self) -> Iterator[Finding]:
        rows = self.ask.get("custom_fields").rows("custom_field")
        kinds = Counter(f"{name(row.get('field_level'))} {name(row.get('field_type'))}" for row in rows)
        yield fact("desk.fields", f"{counted(kinds)}; {names({key for row in rows for key in row})}")

    def cases(self) -> Iterator[Finding]:
        channel = self.context.settings.channel
        oldest = self.ask.get("cases", channel=channel, sort="updated_at_asc", limit=5).rows("case")
        newest = self.ask.get("cases", channel=channel, sort="created_at_desc", limit=5).rows("case")
        self._case = max([*newest, *oldest], key=richness, default=None)
        changed = [models.as_time(row.get("updated_at")) for row in oldest]
        made = [models.as_time(row.get("created_at")) for row in newest]
        enough = len(changed) > 1 and len(made) > 1
        right = changed == sorted(changed) and made == sorted(made, reverse=True)
        yield judged("desk.order", right if enough else None, f"{len(oldest)} and {len(newest)} cases compared")

    def case(self) -> Iterator[Finding]:
        if self._case is None:
            yield judged("desk.case", None, "the channel has no case")
            return
        in_list = set(self._case)
        result = self.ask.get(f"cases/{models.as_int(self._case.get('case_id'))}")
        row = models.one(result.json, "case")
        only = names(set(row) - in_list)
        parent = shape(row.get("parent_case_id")) if "parent_case_id" in row else "absent"
        right = "first_response_speed" in row and "first_response_speed" not in in_list
        yield judged("desk.case", right, f"{names(row)}; only in details: {only}; parent_case_id {parent}")
        offset = _OFFSET.search(str(row.get("created_at") or ""))
        zone = offset[1] if offset else "none"
        yield fact("desk.clock", f"dates of cases: {shape(row.get('created_at'))}, offset {zone}")
        given = row.get("custom_fields")
        if isinstance(given, dict):
            kinds = counted(Counter(shape(one, 0) for one in given.values()))
            yield judged("desk.custom_values", bool(given) or None, f"{len(given)} fields: {kinds}")
        else:
            yield judged("desk.custom_values", given == [], shape(given))

    def messages(self) -> Iterator[Finding]:
        if self._case is None:
            yield judged("desk.messages", None, "the channel has no case")
            return
        case = models.as_int(self._case.get("case_id"))
        rows = self.ask.get(f"cases/{case}/messages", order="desc", limit=20).rows("message")
        kinds = Counter(name(row.get("message_type")) if row.get("message_type") else "none" for row in rows)
        times = [models.as_time(row.get("created_at")) for row in rows]
        bodies = Counter(
            " and ".join(one for one in ("content", "content_html") if row.get(one)) or "no text" for row in rows
        )
        fields = names({key for row in rows for key in row})
        result = f"{len(rows)}: {fields}; kinds {counted(kinds)}; {counted(bodies)}"
        yield judged("desk.messages", times == sorted(times, reverse=True) if len(times) > 1 else None, result)

    def empty(self) -> Iterator[Finding]:
        nothing = self.ask.get("cases", subject=NOTHING)
        behind = self.ask.get("cases", page=500)
        right = (
            nothing.json == {"total_count": 0} and isinstance(behind.json, dict) and set(behind.json) == {"total_count"}
        )
        result = f"nothing found: {nothing.code} {shape(nothing.json)}"
        result += f"; behind the last page: {behind.code} {shape(behind.json)}"
        yield judged("desk.empty_list", right, result)

    def not_found(self) -> Iterator[Finding]:
        case, user, path = self.ask.get("cases/1"), self.ask.get("users/1"), self.ask.get("pmomnidesk_probe")
        right = "case_not_found" in case.word and "user_not_found" in user.word and path.json is None
        yield judged("desk.not_found", right, f"case {case.word}; user {user.word}; path {path.word}")

    def bad_parameters(self) -> Iterator[Finding]:
        limit, sort = self.ask.get("cases", limit=101), self.ask.get("cases", sort="id_desc", limit=1)
        result = f"limit=101: {limit.code}; unknown sort: {sort.code}"
        yield judged("desk.bad_parameters", (limit.code, sort.code) == (400, 400), result)

    def filters(self) -> Iterator[Finding]:
        result = self.ask.get("filters")
        yield judged("desk.filters", None, f"{result.code}; {len(result.rows('filter'))} of {shape(result.json, 0)}")


def richness(row: dict[str, Any]) -> tuple[bool, float, float]:
    """How much is to be seen in a case: an answered one first, then the one that lived longest, then the oldest.

    The length of a life alone does not say that there are messages, and dates are whole seconds.
    """
    created = models.as_time(row.get("created_at"))
    return (
        row.get("last_response_at") not in (None, "", "-"),
        models.as_time(row.get("updated_at")) - created,
        -created,
    )


def _channel(row: dict[str, Any]) -> models.Channel | None:
    try:
        return models.channel(row)
    except models.BrokenAnswer:
        return None
