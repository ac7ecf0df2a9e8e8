"""The calls of Omnidesk's API, and their answers as values."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, TypeVar

import requests

from omnidesk.core import deadline
from omnidesk.core.errors import Gone, Refused, TryLater
from omnidesk.core.settings import Secret
from omnidesk.helpdesk import answers, downloads, error_answers, models
from omnidesk.helpdesk.answers import BrokenAnswer
from omnidesk.helpdesk.connection import Connection, FileUpload
from omnidesk.helpdesk.models import Case, Channel, CustomField, Message, Named, Staff, StatusChange, User
from omnidesk.helpdesk.paging import PAGE, Listing, Page
from omnidesk.helpdesk.rate_limit import RateGate

log = logging.getLogger("omnidesk")
T = TypeVar("T")
LONGEST_FILE = 10  # times the timeout for downloading a file
_SHOWN = {"staff_id", "group_id", "priority"}  # of a changed case's fields: what is compared with what was sent
LONGEST_RANGE = 360 * 86400.0  # seconds: a time range above a year may be refused


def stamp(moment: float) -> str:
    """A time for Omnidesk's parameters, with its offset: without one the account's zone is assumed (documented)."""
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")


class Client(Connection):
    """The calls this module makes."""

    def __init__(self, url: str, email: str, api_key: Secret, gate: RateGate, **more: Any) -> None:
        super().__init__(url, email, api_key, gate, **more)
        self._unreadable: set[int] = set()

    # Cases

    def create_case(self, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()) -> Case:
        """Open a case; the answer holds no id of its first message (documented). Where it leaves out what public
        integrations do not read, the case is as it was asked for."""
        asked = {"status": fields.get("status", "")}
        answer = self._write("POST", "cases", "case", fields, files)
        return self._read(lambda row: models.case({**asked, **row}), "case", answer)

    def case(self, case_id: int | str) -> Case:
        """A case by its id, or by its number (seen in public integrations).

        A page that says that it is not there may come from a proxy, for a moment: only one that stays is believed.
        """
        try:
            answer = self._get(f"cases/{case_id}")
        except Gone as gone:
            if not gone.params.keys() & error_answers.PAGE:
                raise
            answer = self._get(f"cases/{case_id}")
        return self._read(models.case, "case", answer)

    def update_case(self, case_id: int, fields: Mapping[str, Any]) -> Case:
        """Change a case; as it is now. It is read where the answer is empty, or leaves out what was to be changed."""
        answer = self._write("PUT", f"cases/{case_id}", "case", fields)
        said = answer.get("case") if isinstance(answer, dict) else None
        shown = said.keys() if isinstance(said, dict) else ()
        if answer is None or (shown and not ({"status", "updated_at"} | (fields.keys() & _SHOWN)) <= shown):
            return self.case(case_id)
        return self._read(models.case, "case", answer)

    def status_changes(self, case_id: int) -> list[StatusChange]:
        """Who changed the status of a case, and when."""
        answer = self._get(f"cases/{case_id}/changelog")
        try:
            return models.status_changes(answer)
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", f"cases/{case_id}/changelog", error.phrase) from None

    def changed_cases(self, channel: str, since: float, page: int = 1, until: float = 0.0) -> Page[Case]:
        """One page of the cases changed since then, oldest change first; merged ones and chats included.

        ``channel``: of this channel, "": of all.
        """
        query = {
            **({"to_updated_time": int(until)} if until else {}),
            **({"channel": channel} if channel else {}),
            "from_updated_time": int(since),
            "sort": "updated_at_asc",
            "limit": PAGE,
            "page": page,
            "show_merged_cases": "true",
            "show_active_chats": "true",
        }
        return self._page(models.case, "case", self._rows("cases", query), page, hides=True)

    def take_unreadable(self) -> list[int]:
        """The cases whose rows in lists of changed ones could not be read since this was asked last."""
        found, self._unreadable = sorted(self._unreadable), set()
        return found

    def cases_of_user(
        self, channel: str, custom_id: str, since: float, until: float = 0.0, page: int = 1
    ) -> Page[Case]:
        """A page of a client's cases of this time, newest first, by his exact custom id (without ^ a part would do).

        ``channel``: of this channel, "": of all.
        """
        query = {
            **({"to_time": int(until)} if until else {}),
            **({"channel": channel} if channel else {}),
            "user_custom_id": f"^{custom_id}^",
            "from_time": int(since),
            "sort": "created_at_desc",
            "limit": PAGE,
            "page": page,
            "show_merged_cases": "true",
            "show_active_chats": "true",
        }
        return self._list(models.case, "case", self._rows("cases", query), page)

    # Messages

    def add_message(self, case_id: int, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()) -> Message:
        answer = self._write("POST", f"cases/{case_id}/messages", "message", fields, files)
        return self._read(self._message, "message", answer)

    def add_note(self, case_id: int, fields: Mapping[str, Any], files: Sequence[FileUpload] = ()) -> Message:
        answer = self._write("POST", f"cases/{case_id}/note", "note", fields, files)
        return self._read(self._message, "message", answer)

    def messages(self, case_id: int, page: int = 1, *, strict: bool = True) -> Page[Message]:
        """One page of a case's messages and notes, newest first.

        Not ``strict``: a message that cannot be read is passed over, and the page says that there was one.
        """
        query = {"order": "desc", "limit": PAGE, "page": page}
        read = self._list if strict else self._page
        answer = self._rows(f"cases/{case_id}/messages", query, lambda: self.case(case_id))
        return read(self._message, "message", answer, page)

    def rate_message(self, case_id: int, message_id: int, level: str) -> None:
        self._write("PUT", f"cases/{case_id}/rate/{message_id}", "rate", {"rating": level})

    def rate_case(self, case_id: int, staff_id: int, level: str) -> None:
        self._write("PUT", f"cases/{case_id}/rate", "rate", {"rating": level, "rated_staff_id": staff_id})

    # The account

    def update_user(self, user_id: int, fields: Mapping[str, Any]) -> None:
        self._write("PUT", f"users/{user_id}", "user", fields)

    def user(self, user_id: int) -> User:
        return self._read(models.user, "user", self._get(f"users/{user_id}"))

    def user_is_active(self, user_id: int) -> bool:
        """Whether a client is neither blocked nor deleted."""
        return self._read(models.user_is_active, "user", self._get(f"users/{user_id}"))

    def user_is_gone(self, user_id: int) -> bool:
        """Whether there is no such user any more: he was deleted, or merged into another one."""
        try:
            self.user_is_active(user_id)
        except Refused as refusal:
            if refusal.type != "omnidesk_refused" and refusal.params.get("code") not in ("400", "404"):
                raise
            return True
        return False

    def staff(self) -> list[Staff]:
        return self._all("staff", models.staff, "staff", lambda one: one.staff_id)

    def custom_fields(self) -> list[CustomField]:
        return self._all("custom_fields", models.custom_field, "custom_field", lambda one: one.key)

    def channels(self) -> list[Channel]:
        return self._all("custom_channels", models.channel, "custom_channel", lambda one: one.key)

    def groups(self) -> list[Named]:
        return self._named("groups", "group")

    def labels(self) -> list[Named]:
        return self._named("labels", "label")

    def languages(self) -> list[Named]:
        return self._named("languages", "language")

    def _named(self, path: str, inner: str) -> list[Named]:
        return [one for one in self._all(path, models.named(inner), inner, lambda one: one.id) if one.active]

    @contextmanager
    def download(self, url: str) -> Iterator[requests.Response]:
        """A file of a message, as a stream; see :mod:`omnidesk.helpdesk.downloads` for what may be fetched.

        Raises :class:`requests.ReadTimeout` when all that is done with it takes longer than a file may take.
        """
        call = self._enter()
        try:
            with deadline.limited(self.sockets, LONGEST_FILE * self.timeout):
                source = downloads.Source(self.session, self.sockets, self.url, self.timeout)
                with downloads.fetch(source, url, lambda: self._translated("GET", "file")) as answer:
                    yield answer
        finally:
            self.gate.over(call)

    # Beneath

    def _all(
        self, path: str, parse: Callable[[dict[str, Any]], T], inner: str, identity: Callable[[T], int | str]
    ) -> list[T]:
        """A whole list of the account."""

        def ask(key: float, page: int) -> Page[T]:
            return self._page(parse, inner, self._rows(path, {"page": page, "limit": PAGE}), page)

        return list(Listing(identity).read(ask).values())

    def _message(self, row: dict[str, Any]) -> Message:
        return models.message(row, self.url)

    def _rows(self, path: str, query: Mapping[str, Any], whose: Callable[[], object] = lambda: None) -> Any:
        """A page of a list. That there is none behind the first may be said by an error, as there is nothing to show.

        ``whose``: reads what the list belongs to, and raises when that is not there any more.
        """
        try:
            return self._get(path, query)
        except Refused as refusal:
            refused = refusal.type == "omnidesk_refused" and refusal.params.get("code", "404") in ("400", "404")
            if query["page"] == 1 or not (isinstance(refusal, Gone) or refused):
                raise
            whose()
            return []

    def _read(self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any) -> T:
        try:
            return parse(answers.one(answer, inner))
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, error.phrase, uncertain=True) from None

    def _list(self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any, page: int = 1) -> Page[T]:
        try:
            rows = answers.rows(answer, inner, page)
            return Page([parse(row) for row in rows], answers.ids(rows, inner), answers.total(answer))
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, error.phrase) from None

    def _page(
        self, parse: Callable[[dict[str, Any]], T], inner: str, answer: Any, page: int, *, hides: bool = False
    ) -> Page[T]:
        """A page where one row that cannot be read must not hide the others; that none can be is a broken answer."""
        found: list[T] = []
        try:
            rows = answers.rows(answer, inner, page, hides=hides)
        except BrokenAnswer as error:
            raise TryLater("omnidesk_broken_answer", inner, error.phrase) from None
        problem: BrokenAnswer | None = None
        for row in rows:
            try:
                found.append(parse(row))
            except BrokenAnswer as error:
                problem = error
                if inner == "case" and as_id(row.get("case_id")):
                    self._unreadable.add(as_id(row.get("case_id")))
                log.warning("a %s in Omnidesk's list is skipped: %s", inner, error)
        if problem is not None and not found:
            raise TryLater("omnidesk_broken_answer", inner, problem.phrase)
        return Page(found, answers.ids(rows, inner), answers.total(answer), len(rows) - len(found))


def as_id(value: Any) -> int:
    """An id of a row that cannot be read; 0 if even that cannot be."""
    try:
        return answers.as_int(value)
    except BrokenAnswer:
        return 0
