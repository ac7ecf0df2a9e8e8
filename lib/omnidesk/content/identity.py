"""Recognising our own message by its text, whatever the other side changed in its markup.

What Omnidesk answers for a message that was sent as HTML is not documented: the same HTML, tidied HTML, plain text, or
both (docs/unverified.md). So what is compared is the letters of every reading there is.
"""

from __future__ import annotations

from omnidesk.content.incoming import of_message
from omnidesk.content.outgoing import Body
from omnidesk.core.text import clean, digest, unescape

_DEAD = ("script", "style", "head", "title", "template", "noscript")


def sent(body: Body) -> str:
    """The identity of what goes to Omnidesk, to be stored with the intent."""
    return digest(words(clean(body.content_html))) if body.content_html else digest(body.content)


def readings(content: str, content_html: str) -> set[str]:
    """The identities that a message in Omnidesk can have."""
    found = {digest(clean(unescape(content)))} if content.strip() else set()
    for markup in (content_html, content if "<" in content else ""):
        if markup.strip():
            found |= {digest(words(clean(markup))), digest(of_message("", markup))}
    return found or {digest("")}


def is_ours(identity: str, content: str, content_html: str) -> bool:
    """Whether a message in Omnidesk is the one whose identity was stored when it was sent."""
    return identity in readings(content, content_html)


def words(markup: str) -> str:
    """HTML's words without its markup, in one pass and without a tree."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Words())  # type: ignore[call-overload]  # the methods it lacks are optional
    parser.feed(markup)
    return str(parser.close())


class _Words:
    """Takes what the parser tells: a line for each piece of text outside of dead elements."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.dead = 0

    def start(self, tag: str, attributes: object) -> None:
        self._end_line()
        self.dead += tag in _DEAD

    def end(self, tag: str) -> None:
        self._end_line()
        self.dead -= tag in _DEAD

    def data(self, text: str) -> None:
        if not self.dead:
            self.pieces.append(text)

    def close(self) -> str:
        self._end_line()
        return "\n".join(self.lines)

    def _end_line(self) -> None:
        line = "".join(self.pieces).strip()
        self.pieces.clear()
        if line:
            self.lines.append(line)
