"""How a message is worded on the other side: whose line stands above it, and what stands for a missing text."""

from __future__ import annotations

from omnidesk import text as texts
from omnidesk.billing.objects import Person
from omnidesk.settings import Settings

_WROTE = {"ru": "{name} пишет:", "en": "{name} wrote:"}
_DELETED = {"ru": "Автор, учётная запись которого удалена", "en": "An author whose account was deleted"}
_FILES = {"ru": "Файлы: {names}", "en": "Files: {names}"}
_LOST = {"ru": "Файл {name} не передан: {why}.", "en": "The file {name} was not sent: {why}."}
_NO_SUBJECT = {"ru": "Запрос №{ticket}", "en": "Ticket {ticket}"}


def author_name(settings: Settings, author: Person) -> str:
    """The author as a person reads it."""
    return author.label if author.known else _DELETED[settings.language]


def author_line(settings: Settings, name: str) -> str:
    """The line that names an author who cannot be the sender himself."""
    return _WROTE[settings.language].format(name=name)


def body(settings: Settings, text: str, line: str = "", files: list[str] | None = None) -> str:
    """The text to send: the author's line if there is one, and words where there would be nothing to see."""
    shown = texts.clean(text).strip()
    if texts.is_blank(shown):
        names = ", ".join(files or [])
        shown = _FILES[settings.language].format(names=names) if names else settings.empty_text
    return f"{line}\n\n{shown}" if line and settings.author_line else shown


def lost_file(settings: Settings, name: str, why: str) -> str:
    """The sentence that stands for a file that could not go over."""
    return _LOST[settings.language].format(name=name, why=texts.shorten(" ".join(texts.clean(why).split()), 500))


def subject(settings: Settings, ticket: int, name: str) -> str:
    """A case's subject; a ticket without one is named by its number."""
    return texts.subject(name, _NO_SUBJECT[settings.language].format(ticket=ticket))
