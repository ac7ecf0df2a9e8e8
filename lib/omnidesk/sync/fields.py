"""Custom fields of cases and clients, and clients' names, as they should be in Omnidesk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from omnidesk.billmanager.models import Person
from omnidesk.context import Context
from omnidesk.sync import compose
from omnidesk.sync.view import UserData


def digest_of(values: Mapping[str, Any]) -> str:
    """A short identity of values to be sent."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:40]


def case_fields(context: Context, ticket: int) -> dict[str, Any]:
    """A ticket's case-level custom fields as they should be in Omnidesk; asks nobody when none is linked."""
    return context.fields.for_case(ticket, context.account.fields()) if context.field_links.current() else {}


def user_data(context: Context, client: Person, external_user: int, sent: str) -> UserData:
    """A client's name and user-level fields as they should be in Omnidesk."""
    fields = context.fields.for_user(client.user, context.account.fields()) if context.field_links.current() else {}
    name = compose.person_name(client)
    digest = digest_of({"name": name, **fields})
    return UserData(client.user, external_user, name, fields, digest, sent)
