"""One request of a browser: who, in which language, what was typed; and the answers a page may give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..bodies import Upload, items
from ..state import Case, Staff
from ..wire import Request

if TYPE_CHECKING:
    from ..model import Omnidesk

LANGUAGES = ("ru", "en")


@dataclass(frozen=True)
class Shown:
    """A page to render. Its blocks named ``live_…`` are what the script asks for again."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Moved:
    """Go and see this address (303): the answer to every form."""

    address: str


class Refused(Exception):
    """What was asked for cannot be done; ``reason`` names a text (``error_<reason>``), shown with ``status``."""

    def __init__(self, reason: str, status: int = 400, **values: object) -> None:
        self.reason = reason
        self.status = status
        self.values = values
        super().__init__(reason)


@dataclass(frozen=True)
class Visit:
    """A request under way. ``chosen``: the address names the language, so the links of the page name it too."""

    model: Omnidesk
    request: Request
    path: str
    query: dict[str, Any]
    lang: str
    chosen: bool = False
    staff: Staff | None = None
    form: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def me(self) -> Staff:
        """The agent whose page this is."""
        if self.staff is None:
            raise Refused("no_staff", 404)
        return self.staff

    def link(self, path: str, **query: object) -> str:
        """An address of the account, in the visit's language."""
        wanted = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if self.chosen:
            wanted.setdefault("lang", self.lang)
        return path + (f"?{urlencode(wanted)}" if wanted else "")

    def at(self, path: str, **query: object) -> str:
        """An address below the agent's own."""
        return self.link(f"/staff/{self.me.staff_id}/{path}", **query)

    def case_at(self, case: Case, below: str = "", **query: object) -> str:
        """The address of a case, or of something below it."""
        return self.at(f"cases/record/{case.case_number}{below}", **query)

    def same(self, **query: object) -> str:
        """This page's address with other parameters."""
        kept = {name: value for name, value in self.query.items() if isinstance(value, str) and name != "done"}
        return self.link(self.path, **{**kept, **query})

    def asked(self, name: str) -> str:
        """A parameter of the address, empty when there is none."""
        found = self.query.get(name, "")
        return found if isinstance(found, str) else ""

    def typed(self, name: str) -> str:
        """A field of the form that was sent, with plain line ends."""
        found = self.form.get(name, "")
        return found.replace("\r\n", "\n") if isinstance(found, str) else ""

    def files(self, name: str = "files") -> list[Upload]:
        """The files chosen in a form; a browser sends one nameless empty file when there are none.

        Over the account's limits: :class:`Refused`.
        """
        found = [file for file in items(self.form.get(name)) if isinstance(file, Upload)]
        found = [file for file in found if file.data or file.name != "file"]
        limits = self.model.settings
        sizes = [len(file.data) for file in found]
        if sum(sizes) > limits.max_request or any(size > limits.max_file for size in sizes):
            raise Refused("too_big")
        return found

    def case(self, reference: str) -> Case:
        """The case named in the address; 404 when it is not there (any more)."""
        found = self.model.find_case(reference)
        if found is None:
            raise Refused("no_case", 404, case=reference)
        return found
