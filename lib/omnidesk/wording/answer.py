"""What a command answers: one value, shown as the panel's XML or as text for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, plain
from omnidesk.core.text import clean
from omnidesk.wording.error_texts import panel_type
from omnidesk.wording.screen import hanging


@dataclass
class Answer:
    """Elements for the panel and lines for a person; ``failed`` makes the exit code 1 though it is an answer.

    ``lines``: texts are laid out already, phrases are wrapped where they are shown. ``data``: what ``--json`` shows
    where the elements say too little.
    """

    lines: Sequence[str | Phrase] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    failed: Failure | None = None
    data: dict[str, Any] | None = None

    def say(self, line: str | Phrase) -> None:
        self.lines = [*self.lines, plain(line) if isinstance(line, str) else line]

    def shown(self, language: str, width: int) -> Iterator[str]:
        """The lines in this language, none that is said wider than this."""
        for one in self.lines:
            yield from hanging(one.text(language), width) if isinstance(one, Phrase) else [one]

    def text(self, language: str = "en") -> list[str]:
        """The lines in this language."""
        return [one.text(language) if isinstance(one, Phrase) else one for one in self.lines]

    def element(self, tag: str, text: str = "", **attributes: object) -> None:
        """An element for the panel; ``parent/tag`` puts it into a parent that is made when needed."""
        self.elements.append((tag, {name: str(value) for name, value in attributes.items()}, text))


def answer_xml(answer: Answer, language: str = "ru") -> bytes:
    """``<doc>…</doc>``; ``<ok/>`` at the end unless the answer is a failed one."""
    root = etree.Element("doc")
    for tag, attributes, text in answer.elements:
        parent, _, name_of = tag.rpartition("/")
        place = root if not parent else root.find(parent)
        if place is None:
            place = etree.SubElement(root, parent)
        node = etree.SubElement(place, name_of, {name: clean(value) for name, value in attributes.items()})
        if text:
            node.text = clean(text)
    if answer.failed is not None:
        _error(root, answer.failed, language)
    else:
        etree.SubElement(root, "ok")
    return _bytes(root)


def answer_json(answer: Answer, language: str = "en") -> str:
    """The answer as one JSON object: ``data``, or the panel's elements as lists by their names; ``ok`` in any case."""
    found: dict[str, Any] = {"ok": answer.failed is None}
    if answer.data is not None:
        found.update(answer.data)
    else:
        for tag, attributes, text in answer.elements:
            row = {**attributes, **({"text": text} if text else {})}
            found.setdefault(tag.rpartition("/")[2], []).append(row)
    if answer.failed is not None:
        found["error"] = error_data(answer.failed, language)
    return json.dumps(found, ensure_ascii=False, indent=2, default=str)


def error_data(failure: Failure, language: str) -> dict[str, Any]:
    """A failure for ``--json``."""
    said = failure.phrase
    return {"type": failure.type, "object": failure.object, "value": failure.value,
            "text": said.text(language), "cure": said.cure(language)}  # fmt: skip


def error_xml(failure: Failure, language: str) -> bytes:
    """``<doc><error type= object=>…`` as the panel's own modules print it (documented shape)."""
    root = etree.Element("doc")
    _error(root, failure, language)
    return _bytes(root)


def _error(root: etree._Element, failure: Failure, language: str) -> None:
    error = etree.SubElement(
        root, "error", {"type": panel_type(failure.type), "object": clean(failure.object), "lang": language}
    )
    for name, value in failure.phrase.shown("en").items():  # programs read these
        etree.SubElement(error, "param", {"name": name}).text = clean(value)
    etree.SubElement(error, "msg").text = clean(failure.phrase.full(language))


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
