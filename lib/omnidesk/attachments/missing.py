"""The lines of a message about files that could not be transferred: which, why, where they can be found, what to do."""

from __future__ import annotations

import os
from dataclasses import dataclass

from omnidesk.core import text as texts
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings
from omnidesk.helpdesk.models import LARGEST_FILE

_MB = 1024 * 1024
LARGEST_MB = LARGEST_FILE // _MB
_ELSEWHERE_HELPS = ("large", "refused", "many")  # reasons that do not hold where the other side need not take the file


@dataclass(frozen=True)
class Missing:
    """A file that is not transferred. ``why``: one of the texts ``file.…``; ``size`` in bytes, 0: not known."""

    name: str
    why: str
    size: int = 0


def from_billing(settings: Settings, file: Missing, ticket: int) -> str:
    """For a file of BILLmanager, which agents are told of."""
    return _sentence(settings, file, Phrase("file.of_ticket", ticket=ticket), "put")


def from_omnidesk(settings: Settings, file: Missing, url: str, case: str, *, note: bool = False) -> str:
    """For a file of Omnidesk: its address, or the case when it has none. A ``note`` is read by staff, who can put the
    file elsewhere; anything else by the client, who has to ask for it."""
    shown = "".join(texts.clean(url).split())[:2000]
    place = Phrase("file.at_address", url=shown) if shown else Phrase("file.in_case", case=case)
    return _sentence(settings, file, place, "put" if note else "ask")


def of_note(settings: Settings, count: int, ticket: int) -> str:
    """For files of a note of BILLmanager that no known function hands out."""
    return Phrase("file.of_note", count=count, ticket=ticket).text(settings.language)


def part(settings: Settings, number: int, total: int) -> str:
    """The line of a message that brings more files of the one before."""
    return Phrase("file.part", number=number, total=max(number, total)).text(settings.language)


def _sentence(settings: Settings, file: Missing, where: Phrase, advice: str) -> str:
    said = Phrase("file.lost", name=_name(file.name), why=_reason(file), where=where).text(settings.language)
    if file.why not in _ELSEWHERE_HELPS:
        return said
    where = Phrase("file.storage_at", place=settings.file_storage) if settings.file_storage else Phrase("file.storage")
    return f"{said} {Phrase(f'file.{advice}', storage=where).text(settings.language)}"


def _reason(file: Missing) -> Phrase:
    size = -(-file.size * 10 // _MB) / 10  # rounded up: just above the limit is not the limit
    if file.why == "large" and file.size > LARGEST_FILE:
        return Phrase("file.large_size", size=size, most=LARGEST_MB)
    kind = os.path.splitext(file.name)[1][:20].lower()
    if file.why == "refused" and file.size:
        return Phrase("file.refused_kind" if kind else "file.refused_size", kind=_name(kind), size=size)
    return Phrase(f"file.{file.why}", most=LARGEST_MB)


def _name(name: str) -> str:
    return texts.shorten(" ".join(texts.clean(name).split()), 300)
