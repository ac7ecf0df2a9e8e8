"""The page «Состояние»: how the module is, at a glance; its buttons check the connection and show one ticket.

To open it makes no call. It works without settings and without a database, and says so: it is opened when something
does not work.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, full
from omnidesk.health import check_connection, overview, timer
from omnidesk.health.check_connection import MARKS
from omnidesk.health.overview import Overview
from omnidesk.panel_ui import access, health_chart, health_staff, names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.health_chart import Days, day_of
from omnidesk.panel_ui.queue_rows import Counters, Rows
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_trial import PATIENCE
from omnidesk.store.daily import IN, OUT, Delivered
from omnidesk.wording.findings import Finding, topic_label
from omnidesk.wording.screen import Screen, span

log = logging.getLogger("panel")
CHECKED = "panel:checked"  # what the last check found
SHOWN_DAYS = 30
SHOWN_ERRORS = 3  # of the last check, above the rest
LINKS = {"aside": "aside", "refused": "refused", "retrying": "later", "waiting": "now"}  # by the filter of the list
CHECK, SHOW = "check", "show"
# What there is nothing to be said in while the module is not set up.
_FIELDS = ("figures", "to_aside", "to_refused", "to_retrying", "to_waiting", "chart", "ticket")
_PAGES = ("connection", "by_day", "people")


@dataclass(frozen=True)
class Sight:
    """What the page shows: the overview, the queue's counters, the last days, and the last check with its age."""

    seen: Overview
    counters: Counters
    days: Days
    findings: tuple[Finding, ...] = ()
    checked: float | None = None


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Show the page, or do what one of its buttons is for; of a form that has others, by what is filled in."""
    if request.submitted:
        _act(desk, request, document)
        return
    document.value("ticket", "")
    try:
        context = desk.context()
        sight = _look(desk, context)
    except Failure as failure:
        _broken(desk, document, request, failure)
        return
    _fill(document, request, desk, context, sight)


def _act(desk: Desk, request: Request, document: Document) -> None:
    button, ticket = request.value("clicked_button"), request.value("ticket")
    if button == SHOW or (ticket and button != CHECK):
        if not ticket:
            document.error(Failure("bad_value", "ticket", "—"), request.language, "ticket")
            return
        document.ok("form", urlencode({"func": names.HEALTH_TICKET, "elid": ticket[:18]}))
        return
    access.administrator(desk, request)
    settings = desk.settings
    context = desk.context(replace(settings, request_timeout=min(settings.request_timeout, PATIENCE)))
    found = check_connection.check(context)
    log.info("the connection was checked in the panel; errors: %s", sum(one.level == "error" for one in found))
    with suppress(Failure):  # without a database it is said above, and kept nowhere
        desk.state.put(CHECKED, [{"level": one.level, "topic": one.topic, **one.said.data()} for one in found])
    document.ok("form", urlencode({"func": names.HEALTH}))


# Looking


def _look(desk: Desk, context: Context) -> Sight:
    rows = desk.state.get(CHECKED, [])
    found = tuple(
        Finding(str(one.get("level", "")), str(one.get("topic", "")), Phrase.of(one))
        for one in rows if isinstance(one, dict) and one.get("level") in MARKS
    )  # fmt: skip
    return Sight(
        overview.look(context),
        Rows(desk.db, context.clock()).counters(),
        context.daily.days(SHOWN_DAYS),
        found,
        desk.state.age(CHECKED),
    )


# Showing


def _broken(desk: Desk, document: Document, request: Request, failure: Failure) -> None:
    """There are no settings, or no database: that is all there is to say, and where to go."""
    new = failure.type == "settings_file" and not os.path.exists(desk.paths.settings)
    said = Phrase("health.not_set_up") if new else full(failure.phrase)
    document.value("note", f"{'·' if new else '✗'} {said.text(request.language)}")
    for name in _FIELDS:
        document.leave_out(name)
    for name in _PAGES:
        document.leave_out(name, "page")
    document.leave_out(SHOW, "button")
    if new:
        document.leave_out(CHECK, "button")
    _link(document, "to_settings", names.SETTINGS, request)


def _fill(document: Document, request: Request, desk: Desk, context: Context, sight: Sight) -> None:
    language = request.language
    document.value("note", "\n".join(_lines(sight, [*timer.look(desk.paths)], language)))
    document.table("figures", [{"what": name, "value": words} for name, words in _figures(sight, language)])
    for name, state in LINKS.items():
        count = getattr(sight.counters, state)
        if count:
            _link(document, f"to_{name}", names.QUEUE, request, state=state)
            document.message(f"to_{name}", f"{document.words(f'to_{name}')}: {count}")
        else:
            document.leave_out(f"to_{name}")
    document.leave_out("to_settings")
    drawn = health_chart.chart(sight.days, language)
    document.value("chart", drawn)
    if not drawn:
        document.leave_out("chart")
    document.table("days", _days(sight.days, language))
    _findings(document, sight, language)
    document.table("staff", health_staff.rows(context, language))


def _findings(document: Document, sight: Sight, language: str) -> None:
    if sight.checked is None:
        document.value("checked", Phrase("health.not_checked").text(language))
        document.leave_out("findings")
        return
    document.value("checked", Phrase("health.checked", time=span(sight.checked, language)).text(language))
    worst_first = sorted(sight.findings, key=lambda one: list(MARKS).index(one.level), reverse=True)
    document.table(
        "findings",
        [
            {
                "level": f"{MARKS[one.level]}\N{NO-BREAK SPACE}{document.words(f'level_{one.level}')}",
                "topic": topic_label(one.topic).text(language),
                "found": one.said.text(language),
                "fix": one.said.cure(language),
            }
            for one in worst_first
        ],
    )


def _link(document: Document, name: str, func: str, request: Request, **params: str) -> None:
    place = document.attribute("binary") or "/billmgr"
    document.value(name, f"{place}?{urlencode({'func': func, **params})}")


def _figures(sight: Sight, language: str) -> Iterator[tuple[str, str]]:
    """The figures besides what the sentences above say."""
    yield Phrase("health.queue").text(language), Phrase("health.in_queue", **vars(sight.counters)).text(language)
    yield Phrase("health.rejected").text(language), str(sight.counters.refused)
    failures = Phrase("overview.failures").text(language)
    for name, words, style in overview.facts(sight.seen, Screen(language)):
        if style not in ("bad", "warn") and name != failures:
            yield name, words


def _lines(sight: Sight, timers: list[Finding], language: str) -> list[str]:
    """The state in sentences, worst first."""
    found = [f"✗ {one.text(language)}" for one in _troubles(sight, language)]
    retrying = min(sight.seen.failures - sight.counters.aside, sight.counters.later)  # not those with refused messages
    if retrying > 0:
        found.append(f"! {Phrase('health.retrying', count=retrying).text(language)}")
    found += [f"! {one.said.full(language)}" for one in timers if one.level != "ok"]
    if sight.seen.switched_off:
        found.append(f"! {Phrase('health.off').text(language)}")
    if found:
        return found
    return [f"✓ {Phrase('health.fine', time=_compared(sight.seen, language)).text(language)}"]


def _compared(seen: Overview, language: str) -> str:
    """How long ago both sides had been looked at."""
    return span(max(seen.polled or 0.0, seen.scanned or 0.0), language)


def _troubles(sight: Sight, language: str) -> Iterator[Phrase]:
    seen = sight.seen
    if seen.paused and not seen.switched_off:
        until = _clock(max(float(seen.paused.get("until", 0)), seen.now))
        yield Phrase("health.paused", until=until, why=full(seen.pause_reason))
    for one in seen.failing:
        yield Phrase(f"health.{one.what}", since=_moment(one.since), why=full(one.why))
    for what, count in seen.held.items():
        yield Phrase("health.held", changes=Phrase(f"overview.held_{what}", count=count))
    for name, since, why in seen.alerts:
        yield overview.said_of(name, since, why, seen.now, language)
    if sight.counters.aside:
        yield Phrase("health.aside", count=sight.counters.aside)
    if sight.counters.refused:
        yield Phrase("health.refused", count=sight.counters.refused)
    if not seen.switched_off and not seen.paused:
        if seen.doubt == "never":
            yield Phrase("health.never")
        elif seen.doubt == "stale" and not any(one.what == "poll" for one in seen.failing):
            yield Phrase("health.stale", time=_compared(seen, language))
    for found in [one for one in sight.findings if one.level == "error"][:SHOWN_ERRORS]:
        yield Phrase("health.check_found", time=span(sight.checked or 0.0, language), why=full(found.said))


def _days(days: Days, language: str) -> Iterator[dict[str, object]]:
    """The chart as a table: days with messages, the newest first."""
    for day, both in reversed(list(days.items())):
        if any(one.messages or one.history for one in both.values()):
            yield {
                "day": day_of(day),
                "out": both[OUT].messages,
                "out_delay": _delay(both[OUT], language),
                "in": both[IN].messages,
                "in_delay": _delay(both[IN], language),
                "history": both[OUT].history or "",
            }


def _delay(one: Delivered, language: str) -> str:
    median, late = one.delay(0.5), one.delay(0.95)
    return "" if median is None or late is None else f"{span(median, language)} / {span(late, language)}"


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _clock(at: float) -> str:
    return time.strftime("%H:%M", time.localtime(at))
