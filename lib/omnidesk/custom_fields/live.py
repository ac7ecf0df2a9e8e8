"""The catalogue and the links in force, reread when their files change (:mod:`omnidesk.core.live_file`)."""

from __future__ import annotations

import os
from collections.abc import Callable

from omnidesk.core.live_file import LiveFile
from omnidesk.custom_fields.catalogue import Catalogue, Link, load_links, parse, read_text
from omnidesk.custom_fields.problems import BrokenFile

Report = Callable[[BrokenFile], None]
"""Called once for each change of a file that leaves it broken; without one the problem is logged as an error."""


class LiveCatalogue(LiveFile[Catalogue, BrokenFile]):
    """The catalogue in force. A broken entry keeps its last good meaning, a broken file keeps all of them."""

    def __init__(self, path: str | os.PathLike[str], report: Report | None = None) -> None:
        super().__init__(path, Catalogue(), report)

    def _read(self, last: Catalogue) -> tuple[Catalogue, BrokenFile | None]:
        name = os.path.basename(self.path)
        try:
            found = parse(read_text(self.path, "catalogue"), name)
        except BrokenFile as problem:
            return Catalogue(last.values, problem.problems), problem
        if not found.problems:
            return found, None
        kept = {key: value for key, value in last.values.items() if key in found.broken}
        content = Catalogue({**found.values, **kept}, found.problems, found.broken)
        return content, BrokenFile("catalogue", name, found.problems)


class LiveLinks(LiveFile[tuple[Link, ...], BrokenFile]):
    """The links in force; a missing file means none."""

    def __init__(self, path: str | os.PathLike[str], report: Report | None = None) -> None:
        super().__init__(path, (), report)

    def _read(self, last: tuple[Link, ...]) -> tuple[tuple[Link, ...], BrokenFile | None]:
        try:
            return load_links(self.path), None
        except BrokenFile as problem:
            return last, problem
