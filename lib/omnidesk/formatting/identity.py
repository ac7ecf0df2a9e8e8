"""Knowing a message of ours again by its text, whatever the other side did to its form.

What Omnidesk answers for a message that was sent as HTML is not documented: the same HTML, tidied HTML, plain text, or
both (docs/unverified.md). So what is compared is the letters of every reading there is.
"""

from __future__ import annotations

from omnidesk.formatting.outgoing import Body
from omnidesk.text import clean, digest, of_message, unescape, words


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
