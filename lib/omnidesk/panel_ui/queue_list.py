"""The list «Синхронизация»: what is due, running, set aside and why; its filter, and trying again."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import Phrase, with_word
from omnidesk.core.text import clean, shorten
from omnidesk.helpdesk.rate_limit import RateGate
from omnidesk.hooks import spool, worker_start
from omnidesk.panel_ui import names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.queue_rows import STATES, Entry, Rows, Wanted, Word
from omnidesk.panel_ui.queue_running import running
from omnidesk.panel_ui.request import Request
from omnidesk.store.queue import FAR
from omnidesk.sync.agreement import doubts
from omnidesk.wording import due_reasons, error_texts
from omnidesk.wording.screen import UNITS
from omnidesk.worker.discovery import failing

log = logging.getLogger("panel")
PAGE, MOST = 50, 500  # rows of a page, and at most
LARGEST = 10**9
LONGEST_TEXT = 100
SHOWN_MESSAGES = 3
MOST_SELECTED = 1000
_AROUND = "().,:;«»"  # what may stand at the end of a sentence or around a value; it does not count in the filter


def serve(desk: Desk, request: Request, document: Document) -> None:
    """One page of the list, with counters in its title."""
    wanted = _wanted(request)
    size = min(_natural(request, "p_cnt") or PAGE, MOST)
    rows = Rows(desk.db, desk.dependencies.clock())
    at_work = running(desk.paths.ticket_locks)
    page = rows.page(wanted, at_work, max(1, _natural(request, "p_num")), size)
    paused = _paused(desk)
    teller = _Teller(request.language, document, rows.now, at_work, bool(paused))
    for entry in page.entries:
        document.row(teller.row(entry))
    document.page(page.number, size, page.total)
    counters = rows.counters()
    counted = {**vars(counters), "running": len(at_work)}
    parts = [_counts(document, counted) or document.words(_nothing(desk, bool(paused)))]
    if _switched_off(desk):
        parts.append(document.words("off"))
    if paused:
        why = Phrase.of(paused, paused.get("text")).full(request.language)
        parts.append(_filled(document, "paused", {"until": _moment(float(paused["until"])), "why": why}))
    for one in failing(desk.state):
        values = {"since": _moment(one.since), "why": one.why.full(request.language)}
        parts.append(_filled(document, f"failing_{one.what}", values))
    parts += [_filled(document, f"held_{what}", {"count": held}) for what, held in desk.holds.counts().items()]
    shown = _shown_filter(request, document)
    if shown:
        parts.append(_filled(document, "filtered", {"what": shown}))
    summary = ". ".join(part.rstrip(".") for part in parts if part)
    document.message("title", f"{document.words('title')} — {summary}" if summary else document.words("title"))


def choose(desk: Desk, request: Request, document: Document) -> None:
    """The filter: sent off, it opens the list with what was chosen."""
    if request.submitted:
        chosen = {name: clean(request.value(name)).strip() for name in ("state", "ticket", "text")}
        if chosen["ticket"]:
            _natural(request, "ticket")
        given = {name: value for name, value in chosen.items() if value}
        document.ok("list", urlencode({"func": names.QUEUE, **given}))
        return
    for name in ("state", "ticket", "text"):
        document.value(name, request.value(name))
    any_state = [("", document.words("any") or "—")]
    document.choices("state", any_state + [(one, document.words(f"state_{one}") or one) for one in STATES])


def retry(desk: Desk, request: Request, document: Document) -> None:
    """Try the selected tickets again now, with their refused messages, and let a worker begin at once."""
    tickets = [int(one) for one in request.elements if _is_number(one)][:MOST_SELECTED]
    if not tickets:
        raise Refused("no_ticket", value=shorten(request.value("elid"), 80))
    count = sum(desk.queue.retry(ticket) for ticket in dict.fromkeys(tickets))
    if not count:
        raise Refused("no_ticket", value=", ".join(map(str, tickets))[:80])
    _begin(desk, tickets[0])
    log.info("%s tickets are tried again by request from the panel", count)
    document.ok()


def retry_all(desk: Desk, request: Request, document: Document) -> None:
    """Ask once more, then try again whatever failed, was set aside or refused."""
    counters = Rows(desk.db, desk.dependencies.clock()).counters()
    if not request.submitted:
        failed = desk.queue.failures()
        counts = {"tickets": failed, "aside": counters.aside, "refused": counters.refused}
        document.value("count", _filled(document, "about", counts))
        return
    count = desk.queue.retry()
    first = desk.queue.due(1)
    if first:
        _begin(desk, first[0])
    log.info("%s tickets are tried again by request from the panel: all", count)
    document.ok()


def _begin(desk: Desk, ticket: int) -> None:
    """Wake the worker, as a hook does: a record first, so that one that is about to leave sees it."""
    try:
        RateGate(desk.paths.rate_state, desk.dependencies.clock).unblock()  # the cause may be fixed
        spool.put(desk.paths.spool, f"ticket-{ticket}", {"function": names.QUEUE_RETRY})
        worker_start.wake_worker(desk.paths)
    except OSError as problem:
        log.error("the worker cannot be started, the timer will start it: %s", problem)


# Parameters


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0


def _natural(request: Request, name: str) -> int:
    """A number of the request, 0 when it is absent; ``bad_value`` for anything else."""
    text = request.value(name)
    if text and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Failure("bad_value", name, shorten(text, 40))
    return min(int(text), LARGEST) if text and name != "ticket" else int(text or 0)


def _wanted(request: Request) -> Wanted:
    text = shorten(" ".join(clean(request.value("text")).split()), LONGEST_TEXT)
    state = request.value("state")
    words = tuple(_word(bare, request.language) for one in text.split() if (bare := one.strip(_AROUND)))
    return Wanted(state if state in STATES else "", _natural(request, "ticket"), words)


def _word(text: str, language: str) -> Word:
    """A word of the filter, and the texts that have it in the reader's language or in English."""
    types, reasons = (with_word(texts, text, {language, "en"}) for texts in (error_texts.TEXTS, due_reasons.TEXTS))
    return Word(text, types, reasons)


def _shown_filter(request: Request, document: Document) -> str:
    state = request.value("state")
    parts = [
        document.words(f"state_{state}") if state in STATES else "",
        f"{document.words('id')} {request.value('ticket')}" if request.value("ticket") else "",
        f"«{shorten(request.value('text'), LONGEST_TEXT)}»" if request.value("text") else "",
    ]
    return ", ".join(part for part in parts if part)


# What is shown


def _switched_off(desk: Desk) -> bool:
    """Whether the setting Sync is off; the list works without settings, so their mistakes are shown elsewhere."""
    try:
        return not desk.settings.sync
    except Failure:
        return False


def _nothing(desk: Desk, paused: bool) -> str:
    """What is to be said when nothing waits: that everything was carried over only if both sides were compared."""
    try:
        settings = desk.settings
    except Failure:
        return "nothing_not_set_up"
    held = bool(desk.holds.counts())
    found = doubts(off=not settings.sync, paused=paused, held=held, polled=desk.state.age("poll_since"),
                   scanned=desk.state.age("scan_marks"), pause=settings.poll_seconds)  # fmt: skip
    if not found:
        return "nothing"
    return f"nothing_{found}" if found in ("never", "stale") else "nothing_due"


def _paused(desk: Desk) -> dict[str, Any]:
    """Why and until when the whole run is paused; empty when it is not."""
    found = desk.state.get("paused")
    return found if isinstance(found, dict) and float(found.get("until", 0)) > desk.dependencies.clock() else {}


class _Teller:
    """Rows in the user's language."""

    def __init__(self, language: str, document: Document, now: float, at_work: set[int], paused: bool) -> None:
        self.language = language
        self.document = document
        self.now = now
        self.at_work = at_work
        self.paused = paused

    def row(self, entry: Entry) -> dict[str, object]:
        waits = not entry.set_aside and not entry.refused_only and entry.due_at > 0
        return {
            "id": entry.ticket,
            "name": entry.subject,
            "case_number": entry.case_number,
            "state": f"state_{self._state(entry)}",
            "waiting": self._span(self.now - entry.wait_since) if entry.wait_since else "",
            "since": _moment(entry.error_at) if entry.error_at else "",
            "next": _moment(max(entry.due_at, self.now)) if waits and entry.due_at <= self.now + FAR else "",
            "tries": entry.attempts or max((one.tries for one in entry.refused), default=0) or "",
            "reason": self._reason(entry),
        }

    def _state(self, entry: Entry) -> str:
        if entry.ticket in self.at_work:
            return "running"
        if entry.set_aside:
            return "aside"
        if entry.refused_only:
            return "refused"
        if self.now < entry.due_at <= self.now + FAR:
            return "later"
        return "paused" if self.paused else "now"

    def _reason(self, entry: Entry) -> str:
        parts = []
        why = entry.error or (None if entry.refused_only else entry.reason)
        if why:
            parts.append(why.full(self.language))
        if len(entry.refused) > SHOWN_MESSAGES:
            parts.append(_filled(self.document, "more_refused", {"count": len(entry.refused)}))
        for one in entry.refused[:SHOWN_MESSAGES]:
            said = _filled(self.document, "refused_message", {"id": one.message})
            parts.append(f"{said} {one.why.full(self.language) if one.why else ''}".strip())
        return "\n".join(part for part in parts if part)

    def _span(self, seconds: float) -> str:
        """How long, in the two largest units."""
        _, *letters = UNITS.of(self.language).split()
        letters.reverse()
        minutes = max(0, int(seconds // 60))
        parts = zip((minutes // 1440, minutes // 60 % 24, minutes % 60), letters, strict=True)
        shown = [f"{amount} {letter}" for amount, letter in parts if amount]
        return " ".join(shown[:2]) or f"0 {letters[2]}"


def _moment(at: float) -> str:
    """Local time of the panel's host."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _counts(document: Document, counted: Mapping[str, int]) -> str:
    """The counters that are not zero: the text's parts between commas, each with the place of one number."""
    parts = document.words("counters").split(", ")
    found = [(part, number) for part in parts for name, number in counted.items() if f"__{name}__" in part and number]
    return ", ".join(re.sub("__[a-z]+__", str(number), part) for part, number in found)


def _filled(document: Document, name: str, values: Mapping[str, object]) -> str:
    """A text of the function's messages with its ``__name__`` placeholders filled, as the panel writes them."""
    text = document.words(name)
    for key, value in values.items():
        text = text.replace(f"__{key}__", str(value))
    return text
