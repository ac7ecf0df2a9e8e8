"""Messages and delays of some days as HTML with pictures in SVG, for a form's field of the kind ``htmldata``.

That a panel draws such a field is documented, what it lets through is not (docs/unverified.md): the pictures consist of
rectangles and attributes alone, without style, script or address, and the same figures stand in a table beside them.
Labels are HTML around the pictures, so these may be as narrow as a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from math import log

from omnidesk.core.phrase import Phrase
from omnidesk.store.daily import IN, OUT, Delivered
from omnidesk.wording.screen import UNITS, span

Days = Mapping[date, Mapping[str, Delivered]]
HEIGHT, STEP = 96, 10  # of a picture; of a day in it
COLOURS = {OUT: "#2f76c4", IN: "#2c9461"}  # told apart on light and dark ground
RUNGS = (1.0, 10.0, 60.0, 600.0, 3600.0, 86400.0)  # of the scale of delays, evenly apart


@dataclass(frozen=True)
class Bar:
    """``share`` of the height; two in the same place lie one upon the other."""

    place: float  # in a day, and its width
    width: float
    share: float
    colour: str
    opacity: float = 1.0


def chart(days: Days, language: str) -> str:
    """The pictures; "" when nothing was delivered."""
    if not any(one.messages for both in days.values() for one in both.values()):
        return ""
    parts = [_messages(days, language)]
    for way in (OUT, IN):
        if any(both[way].delays for both in days.values()):
            parts.append(_delays(days, way, language))
    return "<br/>".join(parts)


# Messages


def _messages(days: Days, language: str) -> str:
    top = nice(max(one.messages for both in days.values() for one in both.values()))
    columns = [
        (_title(day, both, language),
         [Bar(place, 4, both[way].messages / top, COLOURS[way]) for place, way in ((0.5, OUT), (5, IN))])
        for day, both in days.items()
    ]  # fmt: skip
    legend = " &#160; ".join(f"{_key(COLOURS[way])} {_text(f'health.{way}', language)}" for way in (OUT, IN))
    words = _text("health.per_day", language)
    return _panel(words, legend, [str(top), "0"], _picture(words, columns), days)


def _title(day: date, both: Mapping[str, Delivered], language: str) -> str:
    out, into = both[OUT].messages, both[IN].messages
    return Phrase("health.of_day", day=day_of(day), out=out, into=into).text(language)


def nice(most: int) -> int:
    """The end of a scale: a round number, and not much more than is needed."""
    if most < 10:
        return max(1, most)
    power = int("1" + "0" * (len(str(most)) - 2))
    return next(step * power for step in (10, 12, 14, 16, 18, 20, 24, 30, 40, 50, 60, 80, 100) if step * power >= most)


# Delays


def _delays(days: Days, way: str, language: str) -> str:
    late = {day: both[way].delay(0.95) for day, both in days.items()}
    usual = {day: both[way].delay(0.5) for day, both in days.items()}
    most = max(one for one in late.values() if one is not None)
    rungs = [one for place, one in enumerate(RUNGS) if place < 2 or RUNGS[place - 1] < most]
    columns = []
    for day in days:
        median, p95 = usual[day], late[day]
        if median is None or p95 is None:
            columns.append(("", list[Bar]()))
            continue
        title = Phrase("health.delay_of_day", day=day_of(day), median=span(median, language), late=span(p95, language))
        bars = [Bar(1, 8, height(p95, rungs), COLOURS[way], 0.35), Bar(1, 8, height(median, rungs), COLOURS[way])]
        columns.append((title.text(language), bars))
    words = _text(f"health.delay_{way}", language)
    legend = (
        f"{_key(COLOURS[way])} {_text('health.median', language)} &#160; "
        f"{_key(COLOURS[way], 0.35)} {_text('health.late', language)}"
    )
    labels = [_rung(one, language) for one in reversed(rungs)]
    return _panel(words, legend, labels, _picture(words, columns, len(rungs) - 1), days)


def _rung(seconds: float, language: str) -> str:
    """A length of time as the scale names it: 1 min instead of 60 s."""
    second, minute, hour, day = UNITS.of(language).split()
    size, unit = next(one for one in ((86400, day), (3600, hour), (60, minute), (1, second)) if seconds >= one[0])
    return f"{seconds / size:.0f} {unit}"


def height(seconds: float, rungs: Sequence[float]) -> float:
    """The share of a picture's height up to a delay: the rungs are evenly apart, what is below the first is a trace."""
    if seconds <= rungs[0]:
        return 0.02
    for place, (low, high) in enumerate(pairwise(rungs)):
        if seconds <= high:
            return max(0.02, (place + log(seconds / low) / log(high / low)) / (len(rungs) - 1))
    return 1.0


# Drawing


def day_of(day: date) -> str:
    """A day as it is shown."""
    return f"{day.day:02}.{day.month:02}"


def _picture(words: str, columns: Sequence[tuple[str, Sequence[Bar]]], parts: int = 2) -> str:
    width = STEP * len(columns)
    lines = [HEIGHT * place / parts for place in range(parts + 1)]
    drawn = [
        f'<rect x="0" y="{min(at, HEIGHT - 0.6):.1f}" width="{width}" height="0.6" fill="currentColor"'
        ' fill-opacity="0.25"/>'
        for at in lines
    ]
    for number, (title, bars) in enumerate(columns):
        drawn.append(f"<g><title>{escape(title)}</title>" if title else "<g>")
        for bar in bars:
            tall = min(1.0, bar.share) * HEIGHT
            drawn.append(
                f'<rect x="{number * STEP + bar.place:g}" y="{HEIGHT - tall:.1f}" width="{bar.width:g}"'
                f' height="{tall:.1f}" fill="{bar.colour}" fill-opacity="{bar.opacity:g}"/>'
            )
        drawn.append("</g>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" width="100%"'
        f' height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none">{"".join(drawn)}</svg>'
    )


def _key(colour: str, opacity: float = 1.0) -> str:
    """The small square of a legend."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" width="11" height="11" viewBox="0 0 11 11">'
        f'<rect width="11" height="11" fill="{colour}" fill-opacity="{opacity:g}"/></svg>'
    )


def _panel(words: str, legend: str, labels: Sequence[str], picture: str, days: Days) -> str:
    """A picture with its heading, the labels of its height on the left and its first and last day below."""
    between = HEIGHT // max(1, len(labels) - 1)
    first, *others = labels
    drawn = f'<td colspan="2" rowspan="{len(labels)}">{picture}</td>'
    rows = [f"<tr><td {_label(between)}>{escape(first)}</td>{drawn}</tr>"]
    rows += [f"<tr><td {_label(between)}>{escape(one)}</td></tr>" for one in others[:-1]]
    rows += [f"<tr><td {_label(1)}>{escape(one)}</td></tr>" for one in others[-1:]]
    ends = [day_of(one) for one in (next(iter(days)), list(days)[-1])]
    return (
        f"<p><strong>{escape(words)}</strong><br/><small>{legend}</small></p>"
        f'<table width="100%" cellspacing="0" cellpadding="0" role="presentation">{"".join(rows)}'
        f'<tr><td></td><td><small>{ends[0]}</small></td><td align="right"><small>{ends[1]}</small></td></tr></table>'
    )


def _label(height: int) -> str:
    return f'width="1%" height="{height}" align="right" valign="top" nowrap="nowrap"'


def _text(key: str, language: str) -> str:
    return escape(Phrase(key).text(language))
