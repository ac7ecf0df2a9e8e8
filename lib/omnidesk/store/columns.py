"""The columns that transitions set, with their types. Only the store writes them."""

from __future__ import annotations

from typing import TypedDict


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
    error_text: str | None
    intent_at: float | None
    done_at: float
    rating: int
