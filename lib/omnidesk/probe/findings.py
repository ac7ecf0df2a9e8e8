"""What the probe found, and what may be said of it: names and figures, never what people wrote or who they are.

Names, figures and shapes are a notation that is the same in every language; what is said of them is a phrase.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from omnidesk.core.phrase import Phrase

AS_ASSUMED, DIFFERS, NOT_SETTLED, FACT = "as assumed", "differs", "not settled", "fact"
NOTHING = "—"
PARTS = " | "  # between what is shown in lines of its own
LONGEST = 2000  # characters of one list or shape
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*")


@dataclass(frozen=True)
class Finding:
    """One answer. ``key``: of :mod:`omnidesk.wording.about_texts`, without its subject."""

    key: str
    verdict: str
    found: Phrase

    @property
    def about(self) -> Phrase:
        """What was asked; its cure: which setting or file fixes it when the answer is not the assumed one."""
        return Phrase(f"about.{self.key}")


Check = Callable[[], Iterable[Finding]]


def fact(key: str, found: Phrase) -> Finding:
    """Something to know; nothing was assumed of it."""
    return Finding(key, FACT, found)


def judged(key: str, right: bool | None, found: Phrase) -> Finding:
    """Held against the assumption; None: there was nothing to tell it by."""
    return Finding(key, NOT_SETTLED if right is None else AS_ASSUMED if right else DIFFERS, found)


def name(text: Any) -> str:
    """A name of a program's making (column, field, status) as it is; whatever else stands there as ``?``."""
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "?"


def names(found: Iterable[Any]) -> str:
    """Names, sorted; how many there were that are no names: ``id, level, ? ×2``."""
    shown = Counter(name(one) for one in found)
    odd = shown.pop("?", 0)
    return ", ".join([*sorted(shown), *([f"? ×{odd}"] if odd else [])]) or NOTHING


def shape(value: Any, depth: int = 2) -> str:
    """Of what kind a JSON value is; of objects the names, of numbered ones how many. Never a value."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return '""' if not value else '"-"' if value == "-" else "digits" if value.isdigit() else "text"
    if isinstance(value, list):
        return f"array[{len(value)}]" if value else "[]"
    if not isinstance(value, Mapping) or not value:
        return "{}" if isinstance(value, Mapping) else type(value).__name__
    numbered = [key for key in value if str(key).isdigit()]
    others = [key for key in value if not str(key).isdigit()]
    parts = [f"digits ×{len(numbered)}"] if numbered else []
    if depth:
        parts += [f"{name(key)}: {shape(value[key], depth - 1)}" for key in sorted(map(str, others)) if key in value]
    else:
        parts.append(names(others))
    return "{" + ", ".join(parts) + "}"


def counted(found: Mapping[str, int]) -> str:
    """``open 3, closed 1``."""
    return ", ".join(f"{key} {found[key]}" for key in sorted(found)) or NOTHING


def yes(value: object) -> Phrase:
    """An answer to a question of the report."""
    return Phrase("probe.yes" if value else "probe.no")


class Blotter:
    """Takes out what must not leave the host, should a check have let it through: secrets, addresses."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = sorted({one for one in secrets if len(one) >= 4}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = _MAIL.sub("<address>", text)
        kept = "".join(letter if letter.isprintable() else " " for letter in text)
        return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"

    def all(self, found: Iterable[Finding]) -> Iterator[Finding]:
        for one in found:
            yield Finding(one.key, one.verdict, self.phrase(one.found))

    def phrase(self, said: Phrase) -> Phrase:
        """The same for what is put into a text."""
        return Phrase(said.key, **{name: self._value(value) for name, value in said.params.items()})

    def _value(self, value: Any) -> Any:
        if isinstance(value, Phrase):
            return self.phrase(value)
        if isinstance(value, list):
            return [self._value(one) for one in value]
        return value if isinstance(value, (int, float)) else self.clean(str(value))
