"""Comparing what was said with what is shown: letters, digits and pictures count, markup does not.

How text is formatted is judged by tests of its own.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

NOTHING = "(без текста)"  # stands for a text in which nothing can be seen
_MARKUP = "\\*_`~#>|-+=[]()!.:"  # signs that Markdown takes or escapes
_SPOKEN = re.compile(r"\A(?:\*\*)?([^\n]{1,60}) (?:пишет|wrote):(?:\*\*)?[ \t]*\n\s*(.*)\Z", re.DOTALL)
_SHARED = re.compile(r"\A(?:\*\*)?(?:Запрос №|Ticket #?)(\d+)(?:\*\*)?[ \t]*\n\s*(.*)\Z", re.DOTALL)
_OWN = re.compile(
    r"\A(?:\*\*)?(?:Системное сообщение|Сообщение|System message of|From) BILLmanager[^\n]{0,70}:(?:\*\*)?\s+(.*)\Z",
    re.DOTALL,
)
_OF_CLIENT = re.compile(
    r"\A(?:Клиент [^\n]+ написал это в Омнидеске|The client [^\n]+ wrote this in Omnidesk)[^\n]*\n\s*(.*)\Z",
    re.DOTALL,
)
_PART = re.compile(r"Файлы, часть \d+ из \d+")
_UNSEEN = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")


def blank(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return all(unicodedata.category(sign) in _UNSEEN for sign in text)


def same(said: str, shown: str) -> bool:
    """Whether a text says what was said."""
    return sent(said) == bare(shown)


def sent(said: str) -> str:
    """What is left of a text on the other side, bare."""
    return bare(NOTHING if blank(said) else said)


@lru_cache(4096)
def bare(text: str) -> str:
    """Letters, digits and pictures; of a text that has none, the signs it is made of."""
    seen = "".join(sign for sign in _composed(text) if unicodedata.category(sign) not in _UNSEEN)
    unlisted = re.sub(r"(?m)^\s*\d+[.)]\s+", "", _composed(text))  # numbers of a list are markup in HTML
    kept = "".join(s for s in unlisted if s not in _MARKUP and unicodedata.category(s) not in _UNSEEN)
    return kept or seen.replace("\\", "")


def _composed(text: str) -> str:
    for _ in range(4):  # one side shows entities, the other what they stand for
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return unicodedata.normalize("NFKC", text).casefold()


def numbered(text: str) -> tuple[int, str]:
    """(the ticket named above a text, 0 for none, and what is below): so in a case that several tickets share."""
    found = _SHARED.match(text.strip())
    return (int(found[1]), found[2]) if found else (0, text)


def split(text: str) -> tuple[str, str]:
    """(the author named above a text or "", the text itself), whatever ticket is named above both."""
    text = numbered(text)[1]
    own = _OWN.match(text.strip())  # what the panel itself wrote
    if own:
        return "", own[1]
    found = _SPOKEN.match(text.strip())
    return (found[1], found[2]) if found else ("", text)


def of_client(text: str) -> str:
    """What a client wrote who could not write it himself, of the note that holds it; "" of any other."""
    found = _OF_CLIENT.match(text.strip())
    return found[1] if found else ""


def more_files(text: str) -> bool:
    """Whether a message only brings more files of the one before it."""
    return bool(_PART.fullmatch(split(text)[1].strip()))


def read(markup: str) -> str:
    """What somebody reads of HTML: paragraphs as lines, entities as characters."""
    lines = re.sub(r"(?i)<br\s*/?>", "\n", markup)
    lines = re.sub(r"(?i)</(?:p|div|li|tr|pre|blockquote|h[1-6])>", "\n\n", lines)
    return html.unescape(re.sub(r"<[a-z/][^>]*>", "", lines)).strip()
