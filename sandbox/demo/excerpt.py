"""The part of the demo's page that the READMEs show: one step, and what is compared at the end."""

from __future__ import annotations

import re

WIDTH = 92
STEP = "2. "
_NUMBERS = re.compile(r"·+ [0-9]+[.,][0-9]+")


def excerpt(page: str) -> str:
    """Of a whole page, as it stands in the READMEs."""
    lines = page.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith(STEP))
    step = lines[begin : lines.index("", begin)]
    equal = next(place for place, line in enumerate(lines) if line.startswith("  ✓ ") and place > begin)
    after = next(place for place in range(equal + 1, len(lines)) if lines[place].startswith("  ✓ "))
    return "\n".join([*step, "…", *lines[equal:after]]) + "\n"


def steady(text: str) -> str:
    """Without how long it took, which is another time each time."""
    return _NUMBERS.sub("·", text)


def within(document: str, shown: str) -> str:
    """A README with this excerpt; one that differs only in how long it took stays."""
    begin = document.index("```text\n", document.index("`make demo`")) + len("```text\n")
    end = document.index("```", begin)
    if steady(document[begin:end]) == steady(shown):
        return document
    return document[:begin] + shown + document[end:]
