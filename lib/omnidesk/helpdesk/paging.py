"""Reading a list of Omnidesk to its end, while it changes. Pure: the caller makes the calls.

Pages are counted from the newest or oldest row at the moment of the call, so a row that is added, changed or removed
between two calls moves all others, and a page can repeat rows, miss some, or be short. So rows are identified by their
ids, and a list that has a key (the time by which it is sorted) is continued from the last row's key. Page numbers are
used only where the key does not move on: among rows of one second, and in lists without a key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
PAGE = 100  # the largest page (documented)
LAST_PAGE = 500  # documented
MOST_BARREN = 2  # pages in a row without a new row, although there should be some: then there are none
MOST_RESTARTS = 3


class Page(list[T]):
    """The rows of a page that could be read; ``ids`` of all its rows; ``total``: how many the whole list has.

    ``total`` is None where the answer does not say it (older servers). ``broken``: how many rows could not be read.
    """

    def __init__(
        self, rows: Sequence[T] = (), ids: Sequence[str] = (), total: int | None = None, broken: int = 0
    ) -> None:
        super().__init__(rows)
        self.ids = frozenset(ids)
        self.total = total
        self.broken = broken


class Listing(Generic[K, T]):
    """The rows of a list gathered over its pages, each once.

    ``page`` and ``key`` are what the next call asks for; ``whole`` is set once the end was reached. ``identity`` gives
    a row's id and ``by`` its key. Keys may rise or fall, as long as they do so within a page.
    """

    def __init__(self, identity: Callable[[T], K], by: Callable[[T], float] | None = None, start: float = 0.0) -> None:
        self.identity = identity
        self.by = by
        self.rows: dict[K, T] = {}
        self.key = start
        self.page = 1
        self.calls = 0
        self.whole = False
        self._ids: set[str] = set()  # of all rows
        self._here: set[str] = set()  # of the rows that the present key covers
        self._total: int | None = None
        self._barren = 0
        self._restarts = 0

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to ask for: the list is whole, or longer than it can be paged through."""
        return self.whole or self.page > LAST_PAGE

    def read(
        self, ask: Callable[[float, int], Page[T]], enough: Callable[[Page[T]], bool] = lambda page: False
    ) -> dict[K, T]:
        """Ask until the list is whole or a page is ``enough``; after a failure it goes on where it was."""
        while not self.ended:
            page = ask(self.key, self.page)
            self.add(page)
            if enough(page):
                break
        return self.rows

    def add(self, page: Page[T]) -> list[T]:
        """Take in the page that was asked for; its rows that are new."""
        self.calls += 1
        new = [row for row in page if self.identity(row) not in self.rows]
        self.rows.update((self.identity(row), row) for row in new)
        fresh = bool(page.ids - self._ids)
        self._ids |= page.ids
        self._here |= page.ids
        # An empty page that counts nothing says nothing of the whole list.
        counted = page.total if page.total or page.ids else None
        shrank = counted is not None and self._total is not None and counted < self._total
        self._total = page.total
        missing = page.total is not None and len(self._here) < page.total
        if shrank and self._restarts < MOST_RESTARTS:
            self._restart()  # a row was removed, so one behind it may have moved to a page that was read
        elif not page.ids:
            self._end(missing and self.by is not None)
        elif page.total is not None and not missing:
            self.whole = True
        else:
            self._go_on(page, fresh)
        return new

    def _end(self, doubtful: bool) -> None:
        """Nothing more comes. If rows seem to be missing, they may have changed their places: look once more."""
        if doubtful and not self._restarts:
            self._restart()
        else:
            self.whole = True

    def _restart(self) -> None:
        self._restarts += 1
        self.page = 1
        self._here, self._total, self._barren = set(), None, 0

    def _go_on(self, page: Page[T], fresh: bool) -> None:
        self._barren = 0 if fresh else self._barren + 1
        if not fresh and (self.page > 1 if page.total is None else self._barren >= MOST_BARREN):
            self._end(page.total is not None)
            return
        key = self._next_key(page) if fresh else self.key
        if key == self.key:
            self.page += 1
        else:
            self.key, self.page = key, 1
            self._here, self._total = set(), None

    def _next_key(self, page: Page[T]) -> float:
        """The last row's key; the present one where the page is not sorted, as nothing then follows from it."""
        if self.by is None or not page:
            return self.key
        keys = [self.by(row) for row in page]
        return keys[-1] if keys in (sorted(keys), sorted(keys, reverse=True)) else self.key
