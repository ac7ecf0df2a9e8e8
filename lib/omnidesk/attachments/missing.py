"""The lines of a message about files that could not be transferred: which, why, and where they can be found."""

from __future__ import annotations

from omnidesk.core import text as texts
from omnidesk.core.settings import Settings

_LOST = {"ru": "Файл {name} не передан: {why}.", "en": "The file {name} was not sent: {why}."}
_WHY = {
    "large": {"ru": "он больше {most} МБ", "en": "it is larger than {most} MB"},
    "gone": {"ru": "его больше нет на сервере", "en": "it is no longer on the server"},
    "unreadable": {"ru": "он не читается", "en": "it cannot be read"},
    "no_file": {"ru": "по этому пути не обычный файл", "en": "there is no regular file at its path"},
    "refused": {"ru": "другая сторона его не приняла", "en": "the other side refused it"},
    "failed": {"ru": "передать его не удаётся", "en": "it could not be transferred"},
    "no_room": {"ru": "на диске сервера мало места", "en": "the server's disk is nearly full"},
    "note": {"ru": "заметка не может содержать файлы", "en": "a note cannot contain files"},
    "elsewhere": {"ru": "он хранится на другом сервере", "en": "it is stored on another server"},
}
_TICKET = {
    "ru": "Он относится к запросу №{ticket} в BILLmanager.",
    "en": "It belongs to ticket {ticket} in BILLmanager.",
}
_ADDRESS = {"ru": "Адрес в Омнидеске: {url}", "en": "Its address in Omnidesk: {url}"}
_CASE = {"ru": "Он есть в Омнидеске, в обращении {case}.", "en": "It is in Omnidesk, case {case}."}
_PART = {"ru": "Файлы, часть {number} из {total}", "en": "Files, part {number} of {total}"}
LARGEST_MB = 25


def _sentence(settings: Settings, name: str, why: str, where: str) -> str:
    reason = _WHY[why][settings.language].format(most=LARGEST_MB)
    return f"{_LOST[settings.language].format(name=_name(name), why=reason)} {where}".rstrip()


def _name(name: str) -> str:
    return texts.shorten(" ".join(texts.clean(name).split()), 300)


def from_billing(settings: Settings, name: str, why: str, ticket: int) -> str:
    """For a file of BILLmanager. ``why``: one of the reasons above."""
    return _sentence(settings, name, why, _TICKET[settings.language].format(ticket=ticket))


def from_omnidesk(settings: Settings, name: str, why: str, url: str, case: str) -> str:
    """For a file of Omnidesk: its address, or the case when it has none."""
    shown = "".join(texts.clean(url).split())[:2000]
    place = _ADDRESS[settings.language].format(url=shown) if shown else _CASE[settings.language].format(case=case)
    return _sentence(settings, name, why, place)


def part(settings: Settings, number: int, total: int) -> str:
    """The line of a message that brings more files of the one before."""
    return _PART[settings.language].format(number=number, total=max(number, total))
