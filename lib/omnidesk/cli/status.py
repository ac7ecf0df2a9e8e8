"""The command ``status``: what is due, what failed and why, as a table, as JSON, or as figures for a monitor."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from omnidesk.context import Context
from omnidesk.core.errors import Failure
from omnidesk.core.tables import MESSAGES
from omnidesk.helpdesk.rate_limit import Budget
from omnidesk.hooks import spool
from omnidesk.store.models import DueTicket
from omnidesk.store.schema import ABOUT
from omnidesk.sync.agreement import doubt, doubts
from omnidesk.wording import retell
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments
from omnidesk.wording.due_reasons import translated
from omnidesk.wording.screen import Screen, moment, plain, span, table, wrap
from omnidesk.worker.discovery import Failing, failing

MOST_ROWS = 200  # of each table; the figures count all
MOST_REFUSED = 100
_HELD = {  # by what is held back: in English, in Russian
    "cases": ("ends of cases", "завершений обращений"),
    "tickets": ("changes of tickets", "изменений запросов"),
    "new_cases": ("new cases for old tickets", "новых обращений по старым запросам"),
}


@dataclass(frozen=True)
class RefusedMessage:
    """A message that the other side does not take."""

    ticket: int
    message: int
    text: str


@dataclass(frozen=True)
class Overview:
    """Everything ``status`` shows. Times are Unix seconds; ages are seconds, None where there was nothing yet."""

    now: float
    linked: int
    rows: list[DueTicket]
    failures: int
    refused: list[RefusedMessage]
    budget: Budget
    events: int
    polled: float | None
    scanned: float | None
    switched_off: bool = False
    paused: dict[str, Any] = field(default_factory=dict)
    failing: list[Failing] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    oldest_wait: float | None = None
    pause: float = 60.0  # between two polls

    @property
    def doubt(self) -> str:
        """Why it is not known that everything was carried over; "" when it is."""
        return doubts(off=self.switched_off, paused=bool(self.paused), held=bool(self.held), polled=self.polled,
                      scanned=self.scanned, pause=self.pause)  # fmt: skip

    @property
    def pause_seconds(self) -> float:
        return max(0.0, float(self.paused.get("until", 0)) - self.now)


def status(context: Context, given: Arguments) -> Answer:
    """What is due, failed and why; with ``--prometheus`` as figures, in a file if one is named."""
    if given.prometheus or given.output:
        return figures(context, given)
    seen = look(context)
    answer = Answer(lines(seen, given.screen), data=as_data(seen))
    _elements(answer, seen)
    return answer


def figures(context: Context, given: Arguments) -> Answer:
    """Figures for a monitor. Without ``--output`` they are the answer; a file that cannot be written is a failure."""
    from omnidesk.health import metrics

    found = metrics.collect(context)
    content = metrics.text(found)
    if not given.output:
        return Answer(content.splitlines(), data={"metrics": metrics.as_data(found)})
    try:
        metrics.write(given.output, content)
    except OSError as error:
        raise Failure("disk", given.output, error.strerror or type(error).__name__) from error
    written = given.screen.choose(f"{len(found)} metrics written", f"записано показателей: {len(found)}")
    return Answer([f"{written}: {given.output}"], data={"metrics": metrics.as_data(found)})


def look(context: Context) -> Overview:
    """Read it all: a few reads by index, whatever the number of tickets."""
    paused = context.state.get("paused")
    refused = context.db.rows(
        f"SELECT ticket, {ABOUT} AS message, error_text"
        f" FROM {MESSAGES} WHERE state = 'refused' ORDER BY id LIMIT {MOST_REFUSED}"
    )
    return Overview(
        now=context.clock(),
        linked=context.links.linked_tickets(),
        rows=context.queue.listing(MOST_ROWS),
        failures=context.queue.failures(),
        refused=[RefusedMessage(int(row["ticket"]), int(row["message"]), row["error_text"] or "") for row in refused],
        budget=context.gate.budget(),
        events=len(spool.snapshot(context.paths.spool)),
        polled=context.state.age("poll_since"),
        scanned=context.state.age("scan_marks"),
        switched_off=not getattr(context.settings, "sync", True),
        paused=paused if isinstance(paused, dict) else {},
        failing=failing(context.state),
        held=context.holds.counts(),
        oldest_wait=context.queue.oldest_wait(),
        pause=context.settings.poll_seconds,
    )


# For a person


def lines(seen: Overview, screen: Screen) -> list[str]:
    """The summary, then the tables of tickets and of refused messages."""
    return [*_summary(seen, screen), *_tickets(seen, screen), *_messages(seen, screen)]


def _summary(seen: Overview, screen: Screen) -> list[str]:
    choose, language = screen.choose, screen.language
    facts: list[tuple[str, str, str]] = []
    if seen.switched_off:
        words = choose("switched off by the setting Sync", "выключена настройкой Sync")
        facts.append((choose("synchronisation", "синхронизация"), words, "warn"))
    elif seen.paused:
        again = choose(" Again in ", " Повтор через ") + span(seen.pause_seconds, language)
        text = translated(str(seen.paused["text"]), str(seen.paused["type"]), language)
        facts.append((choose("paused", "пауза"), f"{text}{again}.", "bad"))
    for one in seen.failing:
        name = (
            choose("poll fails", "опрос не удаётся")
            if one.what == "poll"
            else choose("scan fails", "просмотр не удаётся")
        )
        since = span(max(0.0, seen.now - one.since), language)
        text = translated(one.text, one.type, language)
        facts.append((name, f"{choose('for', 'уже')} {since}: {text}", "bad"))
    for what, count in seen.held.items():
        words = choose(
            f"{count} {_HELD[what][0]} (pmomnidesk sync --allow-mass-change lets them through)",
            f"{_HELD[what][1]}: {count} (пропустить: pmomnidesk sync --allow-mass-change)",
        )
        facts.append((choose("on hold", "удержано"), words, "bad"))
    facts.append((choose("linked tickets", "связано запросов"), str(seen.linked), ""))
    failing = "bad" if seen.failures else "good"
    facts.append((choose("with failures", "с ошибками"), str(seen.failures), failing))
    if seen.oldest_wait is not None:
        waits = span(max(0.0, seen.now - seen.oldest_wait), language)
        facts.append((choose("oldest message waits", "старейшее сообщение ждёт"), waits, ""))
    facts.append((choose("API calls left", "осталось вызовов API"), _calls(seen, screen), ""))
    facts.append((choose("last poll of Omnidesk", "последний опрос Омнидеска"), _ago(seen.polled, screen), ""))
    facts.append((choose("last scan of BILLmanager", "последний просмотр базы"), _ago(seen.scanned, screen), ""))
    facts.append((choose("events in the spool", "событий в спуле"), str(seen.events), ""))
    width = max(len(name) for name, _, _ in facts)
    lines = []
    for name, words, style in facts:
        first, *more = wrap(plain(words), max(20, screen.width - width - 2))
        lines.append(f"{name:<{width}}  {screen.paint(style, first)}")
        lines += [" " * (width + 2) + screen.paint(style, one) for one in more]
    return lines


def _calls(seen: Overview, screen: Screen) -> str:
    budget = seen.budget
    if budget.left < 0:
        return screen.choose("not known yet", "ещё неизвестно")
    if seen.now >= budget.window_ends and budget.limit:
        return screen.choose(f"all {budget.limit} a minute", f"все {budget.limit} в минуту")
    of = f" {screen.choose('of', 'из')} {budget.limit}" if budget.limit else ""
    until = screen.choose("for", "на") + " " + span(budget.window_ends - seen.now, screen.language)
    return f"{budget.left}{of} {until}"


def _ago(age: float | None, screen: Screen) -> str:
    if age is None:
        return screen.choose("never", "ещё не было")
    return span(age, screen.language) + screen.choose(" ago", " назад")


def _tickets(seen: Overview, screen: Screen) -> list[str]:
    choose = screen.choose
    if not seen.rows:
        words = choose("nothing is due", "ничего не ждёт обработки")
        if seen.doubt:
            return ["", screen.paint("warn", f"{words}{choose(', but ', ', но ')}{doubt(seen.doubt, screen.language)}")]
        return ["", screen.paint("" if seen.failures else "good", words)]
    heads = (choose("ticket", "запрос"), choose("case", "обращение"), choose("next try", "когда"),
             choose("tries", "попыток"), choose("why", "причина"))  # fmt: skip
    cells = [
        (
            str(row.ticket),
            row.case_number or "—",
            choose("set aside", "отложен") if row.set_aside else _when(row, seen.now, screen),
            str(row.attempts),
            plain(why(row, screen.language)),
        )
        for row in seen.rows
    ]
    styles = ["bad" if row.set_aside else "warn" if row.error_type else "" for row in seen.rows]
    more = [choose(f"… the first {MOST_ROWS}", f"… первые {MOST_ROWS}")] if len(seen.rows) >= MOST_ROWS else []
    return ["", *table(screen, heads, cells, styles), *more]


def _when(row: DueTicket, now: float, screen: Screen) -> str:
    if row.due_at <= now:
        return screen.choose("now", "сейчас")
    return screen.choose("in ", "через ") + span(row.due_at - now, screen.language)


def why(row: DueTicket, language: str) -> str:
    """Why a ticket is in the list: its failure with the cure, else who made it due."""
    return translated(row.error_text, row.error_type, language) if row.error_type else retell.due(row.reason, language)


def _messages(seen: Overview, screen: Screen) -> list[str]:
    if not seen.refused:
        return []
    choose = screen.choose
    heads = (choose("ticket", "запрос"), choose("message", "сообщение"), choose("refused because", "причина отказа"))
    language = screen.language
    cells = [(str(one.ticket), str(one.message), plain(translated(one.text, "", language))) for one in seen.refused]
    return ["", *table(screen, heads, cells, ["bad"] * len(cells))]


# For programs


def as_data(seen: Overview) -> dict[str, Any]:
    """The same as plain values, for ``--json``."""
    return {
        "now": seen.now,
        "switched_off": seen.switched_off,
        "paused": {**seen.paused, "seconds": round(seen.pause_seconds)} if seen.paused else None,
        "held": seen.held,
        "failing": [asdict(one) for one in seen.failing],
        "doubt": seen.doubt,
        "oldest_wait_seconds": None if seen.oldest_wait is None else max(0.0, seen.now - seen.oldest_wait),
        "linked_tickets": seen.linked,
        "failures": seen.failures,
        "calls": {"left": seen.budget.left, "limit": seen.budget.limit, "until": seen.budget.window_ends},
        "polled_seconds_ago": seen.polled,
        "scanned_seconds_ago": seen.scanned,
        "events": seen.events,
        "tickets": [asdict(row) | {"due": moment(row.due_at)} for row in seen.rows],
        "refused_messages": [asdict(one) for one in seen.refused],
    }


def _elements(answer: Answer, seen: Overview) -> None:
    """The panel's document."""
    if seen.switched_off:
        answer.element("switched_off")
    if seen.paused:
        answer.element("paused", str(seen.paused["text"]), type=seen.paused["type"], seconds=round(seen.pause_seconds))
    if seen.doubt:
        answer.element("doubt", doubt(seen.doubt, "en"), type=seen.doubt)
    for failed in seen.failing:
        answer.element("failing", failed.text, what=failed.what, type=failed.type,
                       seconds=round(max(0.0, seen.now - failed.since)))  # fmt: skip
    for what, count in seen.held.items():
        answer.element("held", what=what, count=count)
    for row in seen.rows:
        answer.element("ticket", row.error_text, id=row.ticket, case=row.case_number, set_aside=int(row.set_aside),
                       due_in=round(max(0, row.due_at - seen.now)), attempts=row.attempts,
                       error=row.error_type)  # fmt: skip
    for one in seen.refused:
        answer.element("message", one.text, ticket=one.ticket, id=one.message)
