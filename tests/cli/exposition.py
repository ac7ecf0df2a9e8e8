"""A strict reader of Prometheus' text exposition format 0.0.4, as its documentation has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')


@dataclass
class Family:
    """A metric with its samples by their labels."""

    kind: str
    help: str
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


def parse(text: str) -> dict[str, Family]:
    """All families; AssertionError for whatever the format does not allow."""
    assert text.endswith("\n") and "\r" not in text
    found: dict[str, Family] = {}
    helps: dict[str, str] = {}
    current = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert name not in helps and words
            helps[name] = words
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helps and name not in found and kind in ("counter", "gauge")
            assert (kind == "counter") == name.endswith("_total")
            found[name] = Family(kind, helps[name])
            current = name
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == current, "samples follow their own TYPE"
            labels = tuple(_LABEL.findall(sample[2] or ""))
            assert ",".join(f'{key}="{value}"' for key, value in labels) == (sample[2] or "")
            assert labels not in found[current].samples
            found[current].samples[labels] = float(sample[3])
    return found
