"""What a check has found: one line each, in both languages, with its fix."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.errors import Failure
from omnidesk.wording.error_texts import render

# Which setting is at fault when the account cannot be read.
_AT_FAULT = {
    "omnidesk_key": "OmnideskApiKey",
    "omnidesk_login": "OmnideskEmail",
    "omnidesk_staff": "OmnideskEmail",
    "no_staff": "OmnideskEmail",
    "omnidesk_address": "OmnideskUrl",
    "omnidesk_unreachable": "OmnideskUrl",
    "omnidesk_certificate": "OmnideskUrl",
}


@dataclass(frozen=True)
class Finding:
    """One line: how bad, what about, what is the case, what to do; ``setting`` is the one to change, "" for none."""

    level: str  # ok, info, warning, error
    topic: str
    en: str
    ru: str
    cure_en: str = ""
    cure_ru: str = ""
    setting: str = ""

    def text(self, language: str) -> tuple[str, str]:
        return (self.ru, self.cure_ru) if language == "ru" else (self.en, self.cure_en)


def ok(topic: str, en: str, ru: str) -> Finding:
    """A finding that nothing is wrong."""
    return Finding("ok", topic, en, ru)


def of_failure(topic: str, failure: Failure, setting: str = "") -> Finding:
    """A failure as a finding, with its own cure."""
    en, ru = render(failure, "en"), render(failure, "ru")
    at_fault = setting or _AT_FAULT.get(failure.type, "")
    return Finding("error", topic, en.sentence, ru.sentence, en.cure, ru.cure, at_fault)
