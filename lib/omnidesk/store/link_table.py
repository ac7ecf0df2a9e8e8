"""What the classes of the link tables have in common."""

from __future__ import annotations

from collections.abc import Callable

from omnidesk.core.database import Database


class LinkTable:
    """A link table. ``clock`` gives Unix seconds."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        self.db = db
        self.clock = clock
