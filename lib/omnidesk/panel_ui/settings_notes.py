"""What the settings form says beside its values: at its top, above its buttons, and below each field.

Texts that name a setting as the file does name it here by the label of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import SETTINGS
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.marks import WRONG, Line, plain
from omnidesk.panel_ui.settings_fields import FIELDS, Problem, field_of

_NAMES = re.compile(rf"\b({'|'.join(sorted(SETTINGS))})\b")
_ORDER = [name for field in FIELDS for name in ((field, "webhook") if field == "channel" else (field,))]


@dataclass
class Notes:
    """Collected while the form is filled, then put into its document."""

    document: Document
    language: str
    head: list[Line] = field(default_factory=list)
    result: list[Line] = field(default_factory=list)
    _at: dict[str, list[Line]] = field(default_factory=dict)

    def at(self, name: str, kind: str, text: str) -> None:
        """A line below the field ``name``."""
        line = Line(kind, sentence(labelled(text, self.document, self.language)))
        if line not in self._at.setdefault(name, []):
            self._at[name].append(line)

    def wrong(self, name: str) -> bool:
        """Whether something is wrong at this field already."""
        return any(line.kind == WRONG for line in self._at.get(name, ()))

    def says(self, name: str) -> bool:
        """Whether anything stands below this field already."""
        return name in self._at

    def problems(self, found: Iterable[Problem]) -> None:
        """Each at its field, unless one stands there; what belongs to none comes to the result."""
        for one in found:
            text = one.said.full(self.language)
            if one.field not in _ORDER:
                self.say(self.result, WRONG, text)
            elif not self.wrong(one.field):
                self.at(one.field, WRONG, text)

    def listed(self, what: str, found: Iterable[Problem]) -> None:
        """At the top: ``what`` is wrong, and each problem with its field's label, for a panel that draws no HTML."""
        self.say(self.head, WRONG, what)
        for one in found:
            label = f"{place(self.document, one.field, self.language)}: " if one.field in _ORDER else ""
            self.say(self.head, "", f"• {label}{one.said.full(self.language)}")

    def say(self, place: list[Line], kind: str, said: str | Phrase) -> None:
        """A line in :attr:`head` or :attr:`result`."""
        text = said if isinstance(said, str) else said.full(self.language)
        place.append(Line(kind, labelled(text, self.document, self.language)))

    def put(self) -> None:
        """Into the document."""
        self.document.value("note", plain(self.head))
        for name in ("result", "result_more"):  # above the buttons, whichever page is open
            self.document.marked(name, self.result)
        for name, lines in self._at.items():
            self.document.marked(f"about_{name}", lines)

    def fields_at_fault(self) -> str:
        """Their labels in the form's order, with the page where it is not the first one."""
        names = [name for name in _ORDER if self.wrong(name)]
        return ", ".join(place(self.document, name, self.language) for name in names)


def ordered(found: Iterable[Problem]) -> list[Problem]:
    """Problems in the form's order; those of no field come last."""
    return sorted(found, key=lambda one: _ORDER.index(one.field) if one.field in _ORDER else len(_ORDER))


def place(document: Document, name: str, language: str) -> str:
    """Where a field is, for a sentence."""
    label = quoted(document.words(name) or name, language)
    pages = document.root.findall("metadata/form/page")
    page = next((one for one in pages[1:] if one.find(f"field[@name='{name}']") is not None), None)
    words = document.words(str(page.get("name"))) if page is not None else ""
    return f"{quoted(words, language)} → {label}" if words else label


def quoted(text: str, language: str) -> str:
    """In the language's quotation marks."""
    return f"«{text}»" if language == "ru" else f"“{text}”"


def labelled(text: str, document: Document, language: str) -> str:
    """``text`` with the labels of fields in the place of settings' names; a setting without a field keeps its name."""

    def label(match: re.Match[str]) -> str:
        words = document.words(field_of(match[1])) if field_of(match[1]) else ""
        return quoted(words, language) if words else match[1]

    return _NAMES.sub(label, text)


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]
