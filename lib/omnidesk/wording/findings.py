"""What a check has found: one line each, with its fix."""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import TEXTS, Phrase, plain

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
    """One line: how bad, what about, what is the case and what to do; ``setting`` is the one to change, "" for none."""

    level: str  # ok, info, warning, error
    topic: str
    said: Phrase
    setting: str = ""


def topic_label(topic: str) -> Phrase:
    """What a finding is about, in the reader's language."""
    if f"topic.{topic}" in TEXTS:
        return Phrase(f"topic.{topic}")
    kind, _, name = topic.partition(" ")
    return Phrase(f"topic.{kind}", name=name) if f"topic.{kind}" in TEXTS else plain(topic)


def ok(topic: str, key: str, /, **params: object) -> Finding:
    """A finding that nothing is wrong; ``key`` is one of :mod:`omnidesk.wording.finding_texts`."""
    return Finding("ok", topic, Phrase(f"finding.{key}", **params))


def finding(level: str, topic: str, key: str, setting: str = "", /, **params: object) -> Finding:
    """A finding in the words of :mod:`omnidesk.wording.finding_texts`."""
    return Finding(level, topic, Phrase(f"finding.{key}", **params), setting)


def of_failure(topic: str, failure: Failure, setting: str = "") -> Finding:
    """A failure as a finding, with its own cure."""
    return Finding("error", topic, failure.phrase, setting or at_fault(failure))


def at_fault(failure: Failure) -> str:
    """The setting to change when the account cannot be used for this reason; "" for another reason."""
    return _AT_FAULT.get(failure.type, "")
