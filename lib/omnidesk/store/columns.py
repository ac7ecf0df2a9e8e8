"""The columns that transitions set, with their types. Only the store writes them."""

from __future__ import annotations

from typing import TypedDict

from omnidesk.core.phrase import Phrase


class CaseColumns(TypedDict, total=False):
    """Of a ticket's row, as :class:`omnidesk.store.models.TicketLink` has them."""

    case_id: int  # external_case in the table
    case_number: str
    replaced: str
    external_user: int
    case_gone: str
    ticket_status: str
    case_status: str
    seen_status: str
    seen_at: float
    seen_staff: int
    staff_known: bool
    own_assignee: int
    agreed_staff: int
    agreed_employee: int
    agreed_holders: str
    seen_group: int
    routed_group: int
    routed_department: int
    routed_responsible: int
    group_begun: int
    department_begun: int
    seen_priority: str
    agreed_priority: str
    agreed_priority_here: str
    read_at: float
    own_write_at: float
    own_message_at: float
    own_reply_at: float
    own_client_at: float
    own_status_at: float
    status_begun: str
    client_stamp: float
    client_at: float
    client_message: int
    client_external: int
    agreed_at: float
    closed_at: float
    joined_at: float
    alive_at: float
    fields_digest: str
    refused_status: str
    refused_from: str
    refused_fields: str
    refused_why: str
    intent_digest: str
    look_case: bool
    look_messages: bool
    unconfirmed: bool
    unread: bool
    history: bool
    own_end: int
    own_archive: bool
    taken_end: int
    taken_by: int
    read_here: int
    answered: int
    held: str


class TicketColumns(CaseColumns, total=False):
    """Also those that the table holds in another way than :class:`~omnidesk.store.models.TicketLink`."""

    client_user: int | None
    account: int | None
    missing_at: float | None
    merged_into: int
    intent_at: float | None
    intent_message: int | None
    own_messages: str
    former_cases: str


class ErrorColumns(TypedDict):
    """Why a message was refused; ``error_text`` is that of rows that an earlier version wrote."""

    error_type: str
    error_params: str | None
    error_text: str | None


class MessageColumns(TypedDict, total=False):
    """Of a message's link."""

    ticket_message: int
    external_case: int | None
    external_message: int
    author: str
    digest: str
    mark: int
    state: str
    tries: int
    intent_at: float | None
    done_at: float
    rating: int


def error_columns(why: Phrase | None) -> ErrorColumns:
    """Why a message was refused, as its row holds it."""
    if why is None:
        return {"error_type": "", "error_params": None, "error_text": None}
    return {"error_type": why.key, "error_params": why.stored(), "error_text": None}
