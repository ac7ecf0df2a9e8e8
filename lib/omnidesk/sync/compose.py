"""The text of a message on the other side: the author's line above it, and the replacement for a missing text."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from omnidesk.billmanager.models import Origin, Person
from omnidesk.content import direction, identity, incoming, outgoing, urls
from omnidesk.core import text as texts
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings

log = logging.getLogger("formatting")
_PROSE = re.compile(r"[^\W\d_]")  # what a paragraph begins with, and neither a list nor any other block


def author_name(settings: Settings, author: Person) -> str:
    """The author as a person reads it."""
    return person_name(author) if author.known else Phrase("message.deleted_author").text(settings.language)


def person_name(person: Person) -> str:
    """A person's name as one printable line: the real name, else the login, else the number."""
    found = (name(given) for given in (person.name, person.login))
    return next((one for one in found if not texts.is_blank(one)), f"#{person.user}")


def name(given: str) -> str:
    """A name as it may stand in a line of its own or in an API field: one line of printable text.

    Line breaks of any kind become blanks, control characters are left out, direction marks are in pairs.
    """
    return direction.settled(" ".join(texts.clean(" ".join(given.split())).split()))


def author_line(settings: Settings, author: str) -> str:
    """The line that names an author who cannot be the sender himself."""
    if settings.author_text:
        return settings.author_text.replace("{name}", name(author))
    return Phrase("message.wrote", name=name(author)).text(settings.language)


def ticket_line(settings: Settings, ticket: int) -> str:
    """The line that says which ticket a message is of, in a case that several have."""
    return Phrase("message.ticket", ticket=ticket).text(settings.language)


def policy(settings: Settings, signature: str = "") -> incoming.Policy:
    """What of Omnidesk's messages is taken over, and how. ``signature``: the author's, as Omnidesk has it."""
    return incoming.Policy(
        formatting=settings.formatting,
        host=urls.host(settings.url),
        base=settings.url,
        cut_quotes=settings.cut_quotes,
        cut_rating=settings.cut_rating_links,
        cut_signature=settings.cut_signature,
        signature=identity.words(signature) if "<" in signature else signature,
    )


def to_omnidesk(
    settings: Settings,
    text: str,
    line: str = "",
    files: Sequence[str] = (),
    lost: Sequence[str] = (),
    heading: str = "",
) -> outgoing.Body:
    """A BILLmanager message as it is sent; ``files``: names of those that go along, ``lost``: words for the others.

    ``heading``: a line above everything, ``line``: one that names the author.
    """
    shown, written = _shown(settings, text, files)
    above = [(heading, False), (line if settings.author_line else "", False)]
    parts = [*above, (shown, written), *((words, False) for words in lost)]
    return outgoing.body(
        [(direction.settled(part), markdown) for part, markdown in parts if part],
        formatting=settings.formatting,
    )


def system_to_omnidesk(settings: Settings, text: str, origin: Origin, heading: str = "") -> outgoing.Body:
    """A row that no person is known to have written, as a note for agents."""
    above = Phrase("message.system" if origin is Origin.SYSTEM else "message.unsigned").text(settings.language)
    parts = [(heading, False), (above, False), _shown(settings, text, ())]
    return outgoing.body(
        [(direction.settled(part), markdown) for part, markdown in parts if part], formatting=settings.formatting
    )


def to_billing(
    settings: Settings,
    content: str,
    content_html: str,
    line: str = "",
    files: Sequence[str] = (),
    lost: Sequence[str] = (),
    about: str = "",
    signature: str = "",
    heading: str = "",
) -> str:
    """An Omnidesk message as BILLmanager stores it. ``about``: which one it is, for the log; ``heading``: what stands
    before its text."""

    def caught(what: str) -> None:
        log.error("%s: sent as literal text, as its Markdown would have held %s", about or "an Omnidesk message", what)

    shown, written = _shown(
        settings, incoming.message(content, content_html, policy(settings, signature), caught), files
    )
    if heading and _PROSE.match(shown):
        heading, shown = "", f"{heading} {shown}"
    above = [(line if settings.author_line else "", False), (heading, False)]
    parts = [*above, (shown, written), *((words, False) for words in lost)]
    literal = incoming.literal if settings.formatting else texts.clean
    pieces = [part if markdown else literal(part) for part, markdown in parts if part]
    return direction.settled("\n\n".join(pieces))


def is_empty(settings: Settings, content: str, content_html: str) -> bool:
    """Whether nothing of an Omnidesk message's text can be seen."""
    return not _shown(settings, incoming.message(content, content_html, policy(settings, "")), ())[1]


def notice_to_omnidesk(settings: Settings, said: Phrase) -> outgoing.Body:
    """A note of the module's own for agents."""
    return outgoing.body([(said.text(settings.language), False)], formatting=settings.formatting)


def notice_to_billing(settings: Settings, said: Phrase, quote: str = "") -> str:
    """A note of the module's own for staff in the panel; ``quote``: a text that stands below as it is."""
    text = said.text(settings.language)
    shown = incoming.literal(text) if settings.formatting else texts.clean(text)
    return direction.settled(texts.clean("\n\n".join(part for part in (shown, quote) if part).strip()))


def _shown(settings: Settings, text: str, files: Sequence[str]) -> tuple[str, bool]:
    """(what is to be seen, whether somebody wrote it): words where there would be nothing to see."""
    text = texts.clean(text).strip("\n")
    if not texts.is_blank(text):
        return text, True
    return Phrase("message.files", names=", ".join(files)).text(
        settings.language
    ) if files else settings.empty_text, False


def subject(settings: Settings, ticket: int, given: str) -> str:
    """A case's subject; a ticket without one is named by its number."""
    return direction.settled(texts.subject(name(given), ticket_line(settings, ticket)))
