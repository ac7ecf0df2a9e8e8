"""Values made from bytes, so that a mutated input is still a document of roughly the right shape."""

from __future__ import annotations

import json
from typing import Any

LEAVES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 2**63, -(2**70), 1.5, float("inf"), float("nan"), "", "-", "0", "1", "open",
    "waiting", "closed", "frozen", "x\n\x1b[31m", "\ud800", "1e999", "9" * 5000, "Mon, 05 May 2025 07:15:17 +0300",
    "case_not_found", "Mon, 31 Dec 9999 23:59:59 -0000", "rate limit", "staff_not_found",
    "https://acme.omnidesk.ru/a/1", "true", "🙂", "<p>x</p>", "reply_staff", [], {},
)  # fmt: skip
KEYS = (
    "case", "message", "staff", "custom_field", "custom_channel", "error", "total_count", "0", "1", "2", "case_id",
    "status", "case_number", "subject", "user_id", "staff_id", "channel", "deleted", "spam", "parent_case_id",
    "created_at", "updated_at", "last_response_at", "custom_fields", "message_id", "content", "content_html",
    "note", "sent_via_rule", "message_type", "rating", "attachments", "url", "file_name", "file_size", "mime_type",
    "staff_email", "staff_full_name", "active", "field_id", "title", "field_type", "field_level", "field_data",
    "channel_id", "channel_api_key", "channel_type", "webhook_url", "9" * 5000, "01", "²",
)  # fmt: skip
MOST = 200  # values of one document


class Maker:
    """Reads decisions out of bytes; when they are used up, each is the first choice."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.left = MOST

    def byte(self) -> int:
        """The next decision, 0 to 255."""
        found = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        return found

    def text(self) -> str:
        """Some of the next bytes as text."""
        length = self.byte() % 32
        piece = self.data[self.at : self.at + length]
        self.at += length
        return piece.decode("utf-8", "replace")

    def value(self, depth: int = 0) -> Any:
        """A JSON value."""
        self.left -= 1
        kind = self.byte()
        if kind < 100 and depth < 6 and self.left > 0:
            return {self.key(): self.value(depth + 1) for _ in range(kind % 8)}
        if kind < 130 and depth < 6 and self.left > 0:
            return [self.value(depth + 1) for _ in range(kind % 5)]
        if kind < 150:
            return self.text()
        return LEAVES[kind % len(LEAVES)]

    def key(self) -> str:
        """A name that Omnidesk's answers use, or (seldom) any."""
        which = self.byte()
        return KEYS[which % len(KEYS)] if which < 250 else self.text()

    def json(self) -> bytes:
        """A whole document."""
        return json.dumps(self.value()).encode()
