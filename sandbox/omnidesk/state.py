"""Everything the account holds: plain records, all times in whole Unix seconds, 0 for "never" and "nobody"."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("open", "waiting", "closed")
PRIORITIES = ("low", "normal", "high", "critical")
RATINGS = ("low", "middle", "high")


@dataclass(eq=False)
class File:
    """An attachment; it lies under the account's host at ``/attachments/<token>/<file_id>``."""

    file_id: int
    name: str
    mime_type: str
    data: bytes
    token: str


@dataclass(eq=False)
class Message:
    """A reply, a note or a record of the system; exactly one of ``user_id`` and ``staff_id`` is set for the former."""

    message_id: int
    case_id: int
    user_id: int
    staff_id: int
    content: str
    content_html: str
    note: bool
    created_at: int
    sent_at: int
    kind: str
    files: list[File] = field(default_factory=list)
    via_api: bool = False
    sent_via_rule: bool = False
    rating: str = ""
    rating_comment: str = ""


@dataclass(eq=False)
class Change:
    """One line of a case's changelog; ``value`` None is left out, as in the documentation's sample for rules."""

    created_at: int
    event: str
    done_by: str
    old_value: str
    value: str | None


@dataclass(eq=False)
class Case:
    """A case (обращение)."""

    case_id: int
    case_number: str
    subject: str
    user_id: int
    group_id: int
    channel: str
    status: str
    created_at: int
    updated_at: int
    staff_id: int = 0
    priority: str = "normal"
    language_id: int = 1
    deleted: bool = False
    spam: bool = False
    parent_case_id: int = 0
    closed_at: int = 0
    first_response_at: int = 0
    last_response_at: int = 0
    custom_fields: dict[str, Any] = field(default_factory=dict)
    labels: list[int] = field(default_factory=list)
    rating: str = ""
    rating_comment: str = ""
    rated_staff_id: int = 0
    changelog: list[Change] = field(default_factory=list)


@dataclass(eq=False)
class User:
    """One identity of a client: ``type`` says which (email, phone, custom…), ``identity`` its value.

    For type custom ``channel`` is the custom channel's key, because ids are separate in each.
    """

    user_id: int
    type: str
    identity: str
    channel: str
    created_at: int
    updated_at: int
    full_name: str = ""
    company_name: str = ""
    company_position: str = ""
    note: str = ""
    language_id: int = 1
    active: bool = True
    deleted: bool = False
    confirmed: bool = False
    last_contact_at: int = 0
    custom_fields: dict[str, Any] = field(default_factory=dict)
    linked: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Staff:
    """An employee. ``access`` False: he may not touch cases of the custom channel (``staff_has_not_access``)."""

    staff_id: int
    email: str
    name: str
    active: bool = True
    access: bool = True
    created_at: int = 0
    updated_at: int = 0
    signature: str = ""


@dataclass(eq=False)
class Field:
    """A data field: ``type`` text, textarea, checkbox, select or date; ``level`` case or user."""

    field_id: int
    title: str
    type: str
    level: str
    active: bool = True
    options: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name in ``custom_fields``: ``cf_<id>``."""
        return f"cf_{self.field_id}"


@dataclass(eq=False)
class Channel:
    """A custom channel."""

    channel_id: int
    title: str
    webhook_url: str
    type: str = "async"
    active: bool = True

    @property
    def key(self) -> str:
        """``channel_api_key``: ``cch<id>``."""
        return f"cch{self.channel_id}"


class State:
    """The tables and their counters. Ids are sequences of the whole account, as live.

    User ids begin above 32 bits, as in the documentation's webhook sample, so that too small a column shows at once.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.cases: dict[int, Case] = {}
        self.users: dict[int, User] = {}
        self.staff: dict[int, Staff] = {}
        self.fields: dict[int, Field] = {}
        self.channels: dict[int, Channel] = {}
        self.groups: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.files: dict[int, File] = {}
        self.threads: dict[int, dict[int, Message]] = {}
        self.deleted_cases: set[int] = set()
        self._numbers: dict[str, int] = {}
        self._by_identity: dict[tuple[str, str, str], int] = {}
        self._sequences = {
            "case": itertools.count(900_001),
            "message": itertools.count(42_577_001),
            "user": itertools.count(5_654_846_848),
            "staff": itertools.count(7_235),
            "field": itertools.count(25),
            "channel": itertools.count(101),
            "group": itertools.count(444),
            "label": itertools.count(101),
            "file": itertools.count(345),
        }

    def next_id(self, kind: str) -> int:
        """The next id of a table."""
        return next(self._sequences[kind])

    def put_case(self, case: Case) -> None:
        """Adds a case to the tables."""
        self.cases[case.case_id] = case
        self._numbers[case.case_number] = case.case_id
        self.threads[case.case_id] = {}

    def find_case(self, reference: str | int) -> Case | None:
        """A case by id or number (``290-320788``)."""
        text = str(reference)
        case_id = int(text) if text.isdigit() else self._numbers.get(text, 0)
        return self.cases.get(case_id)

    def drop_case(self, case: Case) -> None:
        """Deletes a case for good."""
        del self.cases[case.case_id]
        del self.threads[case.case_id]
        del self._numbers[case.case_number]
        self.deleted_cases.add(case.case_id)

    def free_case_number(self) -> str:
        """A random number ``NNN-NNNNNN`` that no case has."""
        while True:
            number = f"{self.random.randrange(100, 1000)}-{self.random.randrange(100_000, 1_000_000)}"
            if number not in self._numbers:
                return number

    def put_user(self, user: User) -> None:
        """Adds a user to the tables."""
        self.users[user.user_id] = user
        self._by_identity[_identity(user.type, user.channel, user.identity)] = user.user_id

    def find_user(self, kind: str, identity: str, channel: str = "") -> User | None:
        """A user by his identity."""
        return self.users.get(self._by_identity.get(_identity(kind, channel, identity), 0))

    def rename_user(self, user: User, identity: str) -> None:
        """Gives a user another identity of the same type."""
        self._by_identity.pop(_identity(user.type, user.channel, user.identity), None)
        user.identity = identity
        self._by_identity[_identity(user.type, user.channel, identity)] = user.user_id

    def merge_users(self, user: User, into: User) -> None:
        """One user takes over another's identity; the other one is there no more."""
        del self.users[user.user_id]
        for identity, user_id in self._by_identity.items():
            if user_id == user.user_id:
                self._by_identity[identity] = into.user_id

    def drop_user(self, user: User) -> None:
        """Deletes a user for good."""
        del self.users[user.user_id]
        self._by_identity.pop(_identity(user.type, user.channel, user.identity), None)


def _identity(kind: str, channel: str, value: str) -> tuple[str, str, str]:
    return kind, channel, value.lower() if kind == "email" else value
