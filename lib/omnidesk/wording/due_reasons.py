"""Why a ticket is in the list, in the user's language. Pure.

What is kept of a failure is its English text (and its type, but for single messages). The texts are made from the
templates of :mod:`omnidesk.wording.error_texts`, so a text that fits its template can be told in the other language;
one that does not, say because it was written by another version, stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from omnidesk.wording.error_texts import TEXTS

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Why the module itself makes tickets due (Queue.make_due), and the message of the panel's list that says so. Rows of
# earlier versions may still hold the reasons in the last lines.
DUE_REASONS = {
    "event in BILLmanager": "why_panel",
    "webhook": "why_omnidesk",
    "webhook before the case was linked": "why_omnidesk",
    "changed in Omnidesk": "why_changed",
    "merged in Omnidesk": "why_changed",
    "case restored": "why_changed",
    "new since the adoption": "why_changed",
    "status changed": "why_news",
    "new messages": "why_news",
    "messages were moved": "why_news",
    "new notes": "why_news",
    "a rating": "why_news",
    "recheck": "why_look",
    "check whether the client is unblocked": "why_look",
    "client unblocked": "why_changed",
    "by command": "why_retry",
    "hold released": "why_retry",
    "refused before": "why_retry",
    "retry": "why_retry",
    "the panel rang": "why_panel",
    "Omnidesk rang": "why_omnidesk",
    "rang before it was linked": "why_omnidesk",
    "its case is back": "why_changed",
    "new at the takeover": "why_changed",
    "its state changed": "why_news",
    "not among the changed": "why_look",
    "to be sure": "why_look",
    "its client may be unblocked": "why_look",
    "its client is unblocked": "why_changed",
    "asked for": "why_retry",
    "let through": "why_retry",
}


def translated(text: str, type: str, language: str) -> str:
    """The text of a failure (:func:`omnidesk.wording.error_texts.describe`) in this language.

    ``type``: "" when it is not known.
    """
    if language != "ru":
        return text
    for known in [type] if type else TEXTS:
        found = _pattern(known).fullmatch(text) if known in TEXTS else None
        if found:
            return _template(known, "ru").format_map(found.groupdict())
    return text


def patterns(words: str, language: str) -> tuple[str, ...]:
    """How ``words``, as a user sees them, may stand in a stored text: patterns for SQL's LIKE."""
    wanted = words.casefold()
    found = [f"%{_literal(words)}%"]
    for type in TEXTS if language == "ru" else ():
        if wanted in _PLACEHOLDER.sub("\n", _template(type, "ru")).casefold():
            found.append("%".join(_literal(piece) for piece in _PLACEHOLDER.split(_template(type, "en"))[::2]))
    return tuple(found)


def _template(type: str, language: str) -> str:
    text = TEXTS[type]
    return (f"{text.ru} {text.cure_ru}" if language == "ru" else f"{text.en} {text.cure_en}").strip()


@cache
def _pattern(type: str) -> re.Pattern[str]:
    pattern, seen = "", set[str]()
    for at, piece in enumerate(_PLACEHOLDER.split(_template(type, "en"))):
        if not at % 2:
            pattern += re.escape(piece)
        else:
            pattern += f"(?P={piece})" if piece in seen else f"(?P<{piece}>.*?)"
            seen.add(piece)
    return re.compile(pattern, re.DOTALL)


def _literal(text: str) -> str:
    """``text`` as LIKE finds it, with the backslash that is its escape by default."""
    return re.sub(r"([\\%_])", r"\\\1", text)
