"""What the probe found, and what may be said of it: names and figures, never what people wrote or who they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

AS_ASSUMED, DIFFERS, NOT_SETTLED, FACT = "as assumed", "differs", "not settled", "fact"
LONGEST = 2000  # characters of one finding
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*")


@dataclass(frozen=True)
class Finding:
    """One answer. ``key``: of :data:`omnidesk.probe.rows.ROWS`; ``found``: in words of programs, in no language."""

    key: str
    verdict: str
    found: str


Check = Callable[[], Iterable[Finding]]


def fact(key: str, found: str) -> Finding:
    """Something to know; nothing was assumed of it."""
    return Finding(key, FACT, found)


def judged(key: str, right: bool | None, found: str) -> Finding:
    """Held against the assumption; None: there was nothing to tell it by."""
    return Finding(key, NOT_SETTLED if right is None else AS_ASSUMED if right else DIFFERS, found)


def name(text: Any) -> str:
    """A name of a program's making (column, field, status) as it is; whatever else stands there as ``?``."""
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "?"


def names(found: Iterable[Any]) -> str:
    """Names, sorted; how many there were that are no names."""
    shown = [name(one) for one in found]
    odd = shown.count("?")
    return ", ".join(sorted({one for one in shown if one != "?"}) + ([f"and {odd} more"] if odd else [])) or "none"


def shape(value: Any, depth: int = 2) -> str:
    """Of what kind a JSON value is; of objects the names, of numbered ones how many. Never a value."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "empty text" if not value else '"-"' if value == "-" else "digits" if value.isdigit() else "text"
    if isinstance(value, list):
        return f"array of {len(value)}" if value else "[]"
    if not isinstance(value, Mapping) or not value:
        return "{}" if isinstance(value, Mapping) else type(value).__name__
    numbered = [key for key in value if str(key).isdigit()]
    others = [key for key in value if not str(key).isdigit()]
    parts = [f"{len(numbered)} numbered"] if numbered else []
    if depth:
        parts += [f"{name(key)}: {shape(value[key], depth - 1)}" for key in sorted(map(str, others)) if key in value]
    else:
        parts.append(names(others))
    return "{" + ", ".join(parts) + "}"


def counted(found: Mapping[str, int]) -> str:
    """``open 3, closed 1``."""
    return ", ".join(f"{key} {found[key]}" for key in sorted(found)) or "none"


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
            yield Finding(one.key, one.verdict, self.clean(one.found))
