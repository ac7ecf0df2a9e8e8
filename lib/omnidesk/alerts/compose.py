"""An alert's text from its events, in the administrator's language."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from omnidesk.alerts.channels import Alert
from omnidesk.core.phrase import Phrase
from omnidesk.wording.screen import span

SHOWN = 20  # lines


def alert(events: Sequence[Mapping[str, Any]], left_out: int, language: str) -> Alert:
    """One alert of several events, in their order."""
    lines = [_line(one, language) for one in events[:SHOWN]]
    more = len(events) - SHOWN + left_out if len(events) > SHOWN else left_out
    if more:
        lines.append(Phrase("alert.more", count=more).text(language))
    began = any(one["state"] == "began" for one in events)
    values = {"host": host(), "alerts": [_values(one, language) for one in events[:SHOWN]]}
    text = "\n".join([*lines, "", Phrase("alert.where").text(language)])
    return Alert(subject("trouble" if began else "over", language), text, values)


def test(language: str, now: float) -> Alert:
    """An alert that is none, of the same form."""
    text = Phrase("alert.test_text").text(language)
    values = {"kind": "test", "state": "began", "at": round(now), "since": round(now), "text": text}
    return Alert(subject("test", language), text, {"host": host(), "alerts": [values]})


def subject(what: str, language: str) -> str:
    """The line above an alert: which host, and whether something began."""
    return Phrase("alert.subject", host=host(), what=Phrase(f"alert.{what}")).text(language)


def host() -> str:
    """This host's own name: who has several panels has to know which one it is."""
    return socket.gethostname()


def _line(event: Mapping[str, Any], language: str) -> str:
    mark = "✗" if event["state"] == "began" else "✓"
    at = time.strftime("%H:%M", time.localtime(event["at"]))
    return Phrase("alert.line", mark=mark, at=at, text=_said(event, language)).text(language)


def _said(event: Mapping[str, Any], language: str) -> str:
    params = {name: _param(value) for name, value in event["params"].items() if name != "age"}
    lasted = event["params"].get("age", event["at"] - event["since"])
    key = event["kind"] if event["state"] == "began" else f"{event['kind']}_over"
    return Phrase(f"alert.{key}", **{**params, "time": span(float(lasted), language)}).text(language)


def _param(value: Any) -> Any:
    return Phrase.of(value) if isinstance(value, dict) else value


def _values(event: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "kind": event["kind"],
        "state": event["state"],
        "at": round(event["at"]),
        "since": round(event["since"]),
        "text": _said(event, language),
    }
