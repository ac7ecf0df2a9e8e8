"""The lines of a message about files that could not be transferred: which, why, and where they can be found."""

from __future__ import annotations

from omnidesk.core import text as texts
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings

LARGEST_MB = 25


def _sentence(settings: Settings, name: str, why: str, where: Phrase) -> str:
    reason = Phrase(f"file.{why}", most=LARGEST_MB)
    return Phrase("file.lost", name=_name(name), why=reason, where=where).text(settings.language)


def _name(name: str) -> str:
    return texts.shorten(" ".join(texts.clean(name).split()), 300)


def from_billing(settings: Settings, name: str, why: str, ticket: int) -> str:
    """For a file of BILLmanager. ``why``: one of the reasons above."""
    return _sentence(settings, name, why, Phrase("file.of_ticket", ticket=ticket))


def from_omnidesk(settings: Settings, name: str, why: str, url: str, case: str) -> str:
    """For a file of Omnidesk: its address, or the case when it has none."""
    shown = "".join(texts.clean(url).split())[:2000]
    place = Phrase("file.at_address", url=shown) if shown else Phrase("file.in_case", case=case)
    return _sentence(settings, name, why, place)


def part(settings: Settings, number: int, total: int) -> str:
    """The line of a message that brings more files of the one before."""
    return Phrase("file.part", number=number, total=max(number, total)).text(settings.language)
