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
from omnidesk.core.phrase import Phrase, plain
from omnidesk.helpdesk import answers, models
from omnidesk.probe.findings import NOTHING, Check, Finding, counted, fact, judged, name, names, shape, yes

MOST_CALLS = 19
RESERVE = 3  # calls of the minute that are left to tickets
NO_SUBJECT = "^zzzz-pmomnidesk-probe^"
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
        """The word of an error; "" for an answer without one."""
        given = self.json.get("error") if isinstance(self.json, dict) else None
        return name(given) if given else ""

    @property
    def said(self) -> Phrase:
        """The code, and the word or what there is instead."""
        if self.json is None:
            return Phrase("probe.not_json", code=self.code)
        return plain(f"{self.code} {self.word or 'JSON'}")

    def rows(self, inner: str) -> list[dict[str, Any]]:
        return answers.rows(self.json, inner) if self.code == 200 else []


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
        found = Phrase("probe.limits", code=result.code, limits=limits or NOTHING)
        yield judged("desk.headers", set(_LIMIT_HEADERS[:2]) <= set(present), found)
        yield fact("desk.clock", self._clock(result))
        rows = result.rows("staff")
        fields = Counter(key for row in rows for key in row)
        self.signatures = [str(row.get("staff_signature") or "") for row in rows]
        yield fact("desk.staff", Phrase("probe.staff", count=len(rows), fields=names(fields)))

    def _clock(self, result: Reply) -> Phrase:
        try:
            ahead = round(answers.as_time(result.headers["date"]) - self.context.clock())
        except (KeyError, answers.BrokenAnswer):
            return Phrase("probe.no_date")
        return Phrase("probe.ahead", seconds=ahead)

    def channels(self) -> Iterator[Finding]:
        rows = self.ask.get("custom_channels").rows("custom_channel")
        kinds = Counter(name(row.get("channel_type") or row.get("type")) for row in rows)
        active, fields = sum(bool(row.get("active")) for row in rows), names({key for row in rows for key in row})
        yield fact("desk.channels", Phrase("probe.channels", kinds=counted(kinds), active=active, fields=fields))
        ours = [one for one in map(_channel, rows) if one is not None and one.key == self.context.settings.channel]
        if not ours:
            yield judged("desk.webhook_address", None, Phrase("probe.other_channels"))
            return
        secrets = (self.context.settings.secret.reveal(), self.context.settings.secret_old.reveal())
        query = ours[0].webhook_url.partition("?")[2]
        right = bool(query) and query in secrets
        result = Phrase("said.no_address") if not ours[0].webhook_url else Phrase("probe.our_secret", there=yes(right))
        yield judged("desk.webhook_address", right or None, result)

    def fields(self) -> Iterator[Finding]:
        rows = self.ask.get("custom_fields").rows("custom_field")
        kinds = Counter(f"{name(row.get('field_level'))} {name(row.get('field_type'))}" for row in rows)
        fields = names({key for row in rows for key in row})
        yield fact("desk.fields", Phrase("probe.fields", kinds=counted(kinds), fields=fields))

    def cases(self) -> Iterator[Finding]:
        channel = self.context.settings.channel
        oldest = self.ask.get("cases", channel=channel, sort="updated_at_asc", limit=5).rows("case")
        newest = self.ask.get("cases", channel=channel, sort="created_at_desc", limit=5).rows("case")
        self._case = max([*newest, *oldest], key=richness, default=None)
        changed = [answers.as_time(row.get("updated_at")) for row in oldest]
        made = [answers.as_time(row.get("created_at")) for row in newest]
        enough = len(changed) > 1 and len(made) > 1
        right = changed == sorted(changed) and made == sorted(made, reverse=True)
        found = Phrase("probe.compared", changed=len(oldest), created=len(newest))
        yield judged("desk.order", right if enough else None, found)

    def case(self) -> Iterator[Finding]:
        if self._case is None:
            yield judged("desk.case", None, Phrase("probe.no_case"))
            return
        in_list = set(self._case)
        result = self.ask.get(f"cases/{answers.as_int(self._case.get('case_id'))}")
        row = answers.one(result.json, "case")
        only = names(set(row) - in_list)
        parent = shape(row.get("parent_case_id")) if "parent_case_id" in row else NOTHING
        right = "first_response_speed" in row and "first_response_speed" not in in_list
        yield judged("desk.case", right, Phrase("probe.case", fields=names(row), only=only, parent=parent))
        offset = _OFFSET.search(str(row.get("created_at") or ""))
        zone = offset[1] if offset else NOTHING
        yield fact("desk.clock", Phrase("probe.dates", shape=shape(row.get("created_at")), offset=zone))
        given = row.get("custom_fields")
        if isinstance(given, dict):
            kinds = counted(Counter(shape(one, 0) for one in given.values()))
            yield judged(
                "desk.custom_values", bool(given) or None, Phrase("probe.values", count=len(given), kinds=kinds)
            )
        else:
            yield judged("desk.custom_values", given == [], plain(shape(given)))

    def messages(self) -> Iterator[Finding]:
        if self._case is None:
            yield judged("desk.messages", None, Phrase("probe.no_case"))
            return
        case = answers.as_int(self._case.get("case_id"))
        rows = self.ask.get(f"cases/{case}/messages", order="desc", limit=20).rows("message")
        kinds = Counter(name(row.get("message_type")) if row.get("message_type") else NOTHING for row in rows)
        times = [answers.as_time(row.get("created_at")) for row in rows]
        bodies = Counter(
            "+".join(one for one in ("content", "content_html") if row.get(one)) or NOTHING for row in rows
        )
        result = Phrase("probe.messages", count=len(rows), fields=names({key for row in rows for key in row}),
                        kinds=counted(kinds), bodies=counted(bodies))  # fmt: skip
        yield judged("desk.messages", times == sorted(times, reverse=True) if len(times) > 1 else None, result)

    def empty(self) -> Iterator[Finding]:
        nothing = self.ask.get("cases", subject=NO_SUBJECT)
        behind = self.ask.get("cases", page=500)
        right = (
            nothing.json == {"total_count": 0} and isinstance(behind.json, dict) and set(behind.json) == {"total_count"}
        )
        shown = [f"{one.code} {shape(one.json)}" for one in (nothing, behind)]
        yield judged("desk.empty_list", right, Phrase("probe.empty_lists", nothing=shown[0], behind=shown[1]))

    def not_found(self) -> Iterator[Finding]:
        case, user, path = self.ask.get("cases/1"), self.ask.get("users/1"), self.ask.get("pmomnidesk_probe")
        right = case.word == "case_not_found" and user.word == "user_not_found" and path.json is None
        yield judged("desk.not_found", right, Phrase("probe.not_found", case=case.said, user=user.said, path=path.said))

    def bad_parameters(self) -> Iterator[Finding]:
        limit, sort = self.ask.get("cases", limit=101), self.ask.get("cases", sort="id_desc", limit=1)
        result = Phrase("probe.bad_parameters", limit=limit.code, sort=sort.code)
        yield judged("desk.bad_parameters", (limit.code, sort.code) == (400, 400), result)

    def filters(self) -> Iterator[Finding]:
        result = self.ask.get("filters")
        found = Phrase("probe.filters", code=result.code, count=len(result.rows("filter")), shape=shape(result.json, 0))
        yield judged("desk.filters", None, found)


def richness(row: dict[str, Any]) -> tuple[bool, float, float]:
    """How much is to be seen in a case: an answered one first, then the one that lived longest, then the oldest.

    The length of a life alone does not say that there are messages, and dates are whole seconds.
    """
    created = answers.as_time(row.get("created_at"))
    return (
        row.get("last_response_at") not in (None, "", "-"),
        answers.as_time(row.get("updated_at")) - created,
        -created,
    )


def _channel(row: dict[str, Any]) -> models.Channel | None:
    try:
        return models.channel(row)
    except answers.BrokenAnswer:
        return None
