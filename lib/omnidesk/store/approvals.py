"""Statements of custom fields that were checked, so that a run need not load the SQL parser again."""

from __future__ import annotations

from omnidesk.store.state import State


class Approvals:
    """The port the custom fields use: digests of approved statements, kept in the state table.

    ``keep`` False: for a command that only reads; what it approves is known to this run only.
    """

    def __init__(self, state: State, *, keep: bool = True) -> None:
        self.state = state
        self.keep = keep
        self._approved: set[str] = set()

    def has(self, digest: str) -> bool:
        return digest in self._approved or bool(self.state.get(f"sql:{digest}", False))

    def add(self, digest: str) -> None:
        if self.keep:
            self.state.put(f"sql:{digest}", True)
        else:
            self._approved.add(digest)
