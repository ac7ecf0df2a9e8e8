"""What every endpoint shares: the call under way, reading parameters strictly, paging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import bodies
from .state import Case, Staff, User
from .wire import ApiError

if TYPE_CHECKING:
    from .model import Omnidesk

Answer = tuple[int, Any]
NOT_FOUND_PAGES = {"empty": b"", "html": b"<html><body><h1>Bad Request</h1></body></html>"}


@dataclass(frozen=True)
class Context:
    """One authenticated call: the model, who calls, and what was given."""

    model: Omnidesk
    staff: Staff
    query: dict[str, Any]
    body: dict[str, Any]

    @property
    def by(self) -> str:
        """The caller as the changelog writes him."""
        return f"staff_{self.staff.staff_id}"

    def root(self, name: str) -> dict[str, Any]:
        """The object the body is wrapped in; 400 without it."""
        found = self.body.get(name)
        if not isinstance(found, dict) or not found:
            raise ApiError(400, f"{name}_required")
        return found

    def case(self, reference: str) -> Case:
        """The case addressed by id or number, or ``case_not_found``; the caller must have access."""
        found = self.model.find_case(reference)
        if found is None:
            raise self.case_not_found()
        if not self.staff.access:
            raise ApiError(403, "staff_has_not_access")
        return found

    def case_not_found(self) -> ApiError:
        """The error for a case that is not there (any more); in which words is a switch."""
        settings = self.model.settings
        code = "wrong_case" if settings.case_not_found_answer == "other" else "case_not_found"
        return ApiError(settings.case_not_found_status, code, NOT_FOUND_PAGES.get(settings.case_not_found_answer))

    def user(self, reference: Any) -> User:
        """The user with this id."""
        found = self.model.users.get(number(reference, "user_id"))
        if found is None:
            raise ApiError(404, "user_not_found")
        return found


def number(value: Any, name: str) -> int:
    """A whole number given as such or as text; 400 otherwise."""
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit():
        raise ApiError(400, f"wrong_{name}")
    return int(text)


def text(given: dict[str, Any], name: str) -> str:
    """A text parameter, ``""`` when absent; 400 for a structure."""
    value = given.get(name)
    if isinstance(value, (dict, list, bodies.Upload)):
        raise ApiError(400, f"wrong_{name}")
    return "" if value is None else str(value)


def choice(given: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words, ``""`` when absent."""
    value = text(given, name)
    if value and value not in allowed:
        raise ApiError(400, f"wrong_{name}")
    return value


def flag(given: dict[str, Any], name: str) -> bool:
    """A flag in a query."""
    return str(given.get(name, "")).lower() in ("1", "true")


def page_of(context: Context, rows: list[Any]) -> list[Any]:
    """The page asked for: ``page`` 1…500, ``limit`` 1…100 (documented); 400 beyond."""
    page = number(context.query.get("page", 1), "page")
    limit = number(context.query.get("limit", 100), "limit")
    if not 1 <= page <= 500:
        raise ApiError(400, "wrong_page")
    if not 1 <= limit <= 100:
        raise ApiError(400, "wrong_limit")
    return rows[(page - 1) * limit : page * limit]


def matches(value: str, pattern: str) -> bool:
    """Omnidesk's search: ``^exact^``, ``^prefix``, ``suffix^``, else a part of the value (documented)."""
    value, pattern = value.lower(), pattern.lower()
    starts, ends = pattern.startswith("^"), len(pattern) > 1 and pattern.endswith("^")
    wanted = pattern[1 if starts else 0 : -1 if ends else None]
    if starts and ends:
        return value == wanted
    if starts:
        return value.startswith(wanted)
    return value.endswith(wanted) if ends else wanted in value
