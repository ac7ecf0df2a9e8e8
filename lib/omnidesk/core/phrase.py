"""What a person reads, as a key with parameters: it is passed on and stored so, and becomes a text when it is shown.

The texts are in :mod:`omnidesk.wording`, one catalogue for each subject, which puts them into :data:`TEXTS`. Parameters
are texts of other programs, numbers, or phrases themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

_PLACEHOLDER = re.compile(r"\{\w+\}")
LONGEST = 2000  # characters of one parameter that is stored


@dataclass(frozen=True)
class Text:
    """A text in both languages, and what to do about it, if anything. ``{name}`` is the place of a parameter."""

    en: str
    ru: str
    cure_en: str = ""
    cure_ru: str = ""

    def of(self, language: str) -> str:
        return self.ru if language == "ru" else self.en

    def cure(self, language: str) -> str:
        return self.cure_ru if language == "ru" else self.cure_en

    def full(self, language: str) -> str:
        return _one_after_the_other(self.of(language), self.cure(language))


def _one_after_the_other(text: str, cure: str) -> str:
    """Two sentences; the first may be one that stands alone elsewhere, without a full stop."""
    stop = "." if text and cure and not text.endswith((".", "!", "?", ":", "…")) else ""
    return f"{text}{stop} {cure}".strip()


TEXTS: dict[str, Text] = {
    "plain": Text("{text}", "{text}"),
    "and_more": Text("and {count} more", "и ещё {count}"),
}


def register(texts: Mapping[str, Text], subject: str = "") -> None:
    """Make a catalogue known; ``subject`` is put before its keys, with a dot."""
    for name, text in texts.items():
        key = f"{subject}.{name}" if subject else name
        if TEXTS.setdefault(key, text) != text:
            raise ValueError(f"two texts for {key}")


@dataclass(frozen=True, init=False)
class Phrase:
    """A key of :data:`TEXTS` and what is put into its text. As a string it is the English text, for the log."""

    key: str
    params: Mapping[str, Any]

    def __init__(self, key: str, /, **params: Any) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "params", params)

    def text(self, language: str) -> str:
        """What is the case. A key without a text, say of another version, is shown with its parameters."""
        if self.key in _COMPOSED:
            return _COMPOSED[self.key](language, **self.params)
        known = TEXTS.get(self.key)
        if known is None:
            return ": ".join(part for part in (self.key, *self.shown(language).values()) if part)
        return known.of(language).format_map(_Given(self.shown(language)))

    def cure(self, language: str) -> str:
        """What to do about it; "" for nothing."""
        known = TEXTS.get(self.key)
        return known.cure(language).format_map(_Given(self.shown(language))) if known else ""

    def full(self, language: str = "en") -> str:
        """Both, one after the other."""
        return _one_after_the_other(self.text(language), self.cure(language))

    def shown(self, language: str) -> dict[str, str]:
        """The parameters as this language shows them."""
        return {name: _shown(value, language) for name, value in self.params.items()}

    def __str__(self) -> str:
        return self.text("en")

    # Stored

    def data(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {"key": self.key, "params": {name: _plain(value) for name, value in self.params.items()}}

    def stored(self) -> str:
        """The parameters, for a column next to that of the key."""
        return json.dumps(self.data()["params"], ensure_ascii=False)

    @classmethod
    def of(cls, data: Any, text: object = "") -> Phrase:
        """What :meth:`data` gave; ``text``, a sentence of an earlier version, where there is nothing such."""
        if not isinstance(data, dict) or not isinstance(data.get("params"), dict):
            return plain(str(text or ""))
        return cls(str(data["key"]), **{str(name): _read(value) for name, value in data["params"].items()})


def register_composed(key: str, text: Callable[..., str]) -> None:
    """Make a key known whose text depends on its parameters in a way of its own: ``text(language, **params)``."""
    _COMPOSED[key] = text


def with_word(texts: Mapping[str, Text], word: str, languages: Set[str]) -> tuple[str, ...]:
    """The keys of texts that have this word, or a part of one, besides their parameters."""
    wanted, found = word.casefold(), []
    for key, text in texts.items():
        shown = "\n".join(_PLACEHOLDER.sub("\n", text.full(language)) for language in sorted(languages))
        if wanted in shown.casefold():
            found.append(key)
    return tuple(found)


def plain(text: str) -> Phrase:
    """A finished text, which is the same in every language: what another program or an earlier version wrote."""
    return Phrase("plain", text=text)


def join(parts: list[Phrase], by: str = "; ") -> Phrase:
    """Several phrases in a row."""
    return Phrase("join", parts=parts, by=by)


def with_cure(said: Phrase) -> Phrase:
    """A phrase without a full stop and what to do about it, as a part of another text."""
    return Phrase("with_cure", of=said)


def full(said: Phrase) -> Phrase:
    """A phrase and what to do about it, as a part of another text."""
    return Phrase("full", of=said)


_COMPOSED: dict[str, Callable[..., str]] = {
    "join": lambda language, parts, by: by.join(one.text(language) for one in parts),
    "with_cure": lambda language, of: f"{of.text(language)}. {of.cure(language)}".rstrip(". "),
    "full": lambda language, of: of.full(language),
}


def load(key: str, params: str | None, text: str | None) -> Phrase | None:
    """A phrase from its columns; rows of earlier versions have a finished ``text``. None: there is none."""
    if not params:
        return plain(text) if text else None
    try:
        return Phrase.of({"key": key, "params": json.loads(params)}, text or params)
    except ValueError:
        return plain(text or params)


def _shown(value: Any, language: str) -> str:
    """A parameter in a language: a fraction has a comma in Russian, and a whole number no fraction."""
    if isinstance(value, Phrase):
        return value.text(language)
    if not isinstance(value, float):
        return str(value)
    number = str(int(value)) if value.is_integer() else str(value)
    return number.replace(".", ",") if language == "ru" else number


class _Given(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _plain(value: Any) -> Any:
    if isinstance(value, Phrase):
        return value.data()
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (int, float)) else str(value)[:LONGEST]


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(one) for one in value]
    return Phrase.of(value) if isinstance(value, dict) else value
