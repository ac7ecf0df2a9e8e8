"""Statements of custom fields that were checked, so that a run need not load the SQL parser again."""

from __future__ import annotations

from omnidesk.links.state import State


class Approvals:
    """The port the custom fields use: digests of approved statements, kept in the state table."""

    def __init__(self, state: State) -> None:
        self.state = state

    def has(self, digest: str) -> bool:
        return bool(self.state.get(f"sql:{digest}", False))

    def add(self, digest: str) -> None:
        self.state.put(f"sql:{digest}", True)
