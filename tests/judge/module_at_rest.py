"""Whether the module itself says that nothing is left to do: a look into its own tables, beside the judge's verdict."""

from __future__ import annotations

from typing import Any, Protocol


class Reads(Protocol):
    """A panel's database."""

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]: ...


def left_over(panel: Reads) -> list[str]:
    """Rows that are not finished, in words."""
    messages = panel.query("SELECT * FROM ticket_message2external_case_message WHERE state NOT IN ('done', 'skipped')")
    waiting = panel.query(
        "SELECT * FROM ticket2external_case WHERE intent_at IS NOT NULL OR due_at IS NOT NULL OR set_aside <> 0"
        " OR look_case <> 0 OR look_messages <> 0"
    )
    return [f"a message is not finished: {row}" for row in messages] + [f"a ticket waits: {row}" for row in waiting]


def put_aside(panel: Reads) -> bool:
    """Whether something waits for the administrator's ``retry``."""
    return bool(
        panel.query("SELECT 1 AS y FROM ticket_message2external_case_message WHERE state = 'refused' LIMIT 1")
        or panel.query("SELECT 1 AS y FROM ticket2external_case WHERE set_aside = 1 LIMIT 1")
    )
