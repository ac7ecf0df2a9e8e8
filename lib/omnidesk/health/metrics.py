"""Figures for a monitor: ``pmomnidesk metrics``, in the text exposition format 0.0.4.

A monitor asks every minute, on a panel with any number of tickets, so every figure is a read by index of what waits or
failed, never of everything that is linked. Counting what was ever carried would be one of everything; it goes on from a
total that is kept (:data:`TOTALS` in the state table) and moved up now and then.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omnidesk.context import Context
from omnidesk.core import version
from omnidesk.core.database import Database
from omnidesk.core.errors import Failure
from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.hooks import spool
from omnidesk.store import schema
from omnidesk.store.queue import FAR
from omnidesk.worker import discovery

PREFIX = "omnidesk_"
TOTALS = "carried"
STEP = 5000  # messages after which the kept total is moved up
MOST_TYPES = 200
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Metric:
    """One metric: its samples by their labels. ``kind``: gauge or counter."""

    name: str
    kind: str
    help: str
    samples: Mapping[Labels, float] = field(default_factory=dict)


def one(name: str, kind: str, help: str, value: float | None) -> Metric:
    """A metric with a single sample, or none where nothing is known."""
    return Metric(name, kind, help, {} if value is None else {(): float(value)})


def collect(context: Context) -> list[Metric]:
    """All metrics as of now."""
    now = context.clock()
    return [*_queue(context, now), *_flow(context, now), *_account(context, now), *_spool(context, now), *_about()]


# What waits and failed


def _queue(context: Context, now: float) -> Iterable[Metric]:
    db, waits = context.db, context.queue.oldest_wait()
    later = _number(db, f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE set_aside = 0 AND due_at > %s AND due_at <= %s",
                    now, now + FAR)  # fmt: skip
    waiting = _number(db, f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE set_aside = 0 AND due_at IS NOT NULL")
    oldest = db.row(f"SELECT MIN(due_at) AS at FROM {TICKETS} WHERE set_aside = 0 AND due_at > 0")
    yield one("tickets_due", "gauge", "Tickets that are to be worked on now.", waiting - later)
    yield one("tickets_later", "gauge", "Tickets whose next try is still to come.", later)
    yield one("oldest_due_seconds", "gauge", "Age of the oldest due ticket; 0 when none is due.", _age(oldest, now))
    yield one("oldest_client_wait_seconds", "gauge",
              "Age of the oldest message that waits, in either direction and for whatever reason; 0 when none does.",
              0.0 if waits is None else max(0.0, now - waits))  # fmt: skip
    aside = _number(db, f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE set_aside = 1")
    refused = _number(db, f"SELECT COUNT(*) AS n FROM {MESSAGES} WHERE state = 'refused'")
    yield one("tickets_set_aside", "gauge", "Tickets not tried any more until retry or news.", aside)
    yield one("messages_refused", "gauge", "Messages the other side does not take.", refused)
    rows = db.rows(  # by the index on (set_aside, attempts): what never failed is not read
        "SELECT type, SUM(n) AS n FROM ("
        f"SELECT error_type AS type, COUNT(*) AS n FROM {TICKETS} WHERE set_aside = 1 GROUP BY error_type UNION ALL"
        f" SELECT error_type, COUNT(*) FROM {TICKETS} WHERE set_aside = 0 AND attempts > 0 GROUP BY error_type"
        f") failed GROUP BY type ORDER BY type LIMIT {MOST_TYPES}"
    )
    types: dict[Labels, float] = {(("type", str(row["type"])),): float(row["n"]) for row in rows if row["type"]}
    yield Metric("tickets_failed", "gauge", "Tickets whose last try failed, by the type of the failure.", types)


def _flow(context: Context, now: float) -> Iterable[Metric]:
    db, state = context.db, context.state
    paused = state.get("paused", None, dict) or {}
    until = paused.get("until", 0)
    pause = max(0.0, float(until) - now) if isinstance(until, (int, float)) else 0.0
    kind = str(paused.get("type", ""))
    yield one("paused", "gauge", "1 while Omnidesk, the panel or the database refuses as a whole.", float(bool(kind)))
    yield Metric("pause_info", "gauge", "Why it is paused; no sample when it is not.",
                 {(("type", kind),): 1.0} if kind else {})  # fmt: skip
    yield one("paused_seconds", "gauge", "Seconds until the run goes on after a pause.", pause)
    failing = {one.what: max(1.0, now - one.since) for one in discovery.failing(state)}
    yield Metric("look_failing_seconds", "gauge", "Since when a poll or scan has failed; 0 while it works.",
                 {(("what", what),): failing.get(what, 0.0) for what in discovery.KINDS})  # fmt: skip
    yield one("enabled", "gauge", "0 when the setting Sync is off.", float(getattr(context.settings, "sync", True)))
    yield one("held_changes", "gauge", "Changes that the guard against mass changes holds back.",
              sum(context.holds.counts().values()))  # fmt: skip
    linked = _number(db, f"SELECT COUNT(*) AS n FROM {TICKETS} WHERE external_case > 0")
    yield one("tickets_linked", "gauge", "Tickets that have (or had) a case.", linked)
    yield Metric("messages_carried_total", "counter",
                 "Messages and notes on both sides, by where they were written.",
                 {(("direction", way),): float(n) for way, n in carried(context).items()})  # fmt: skip
    for name, key, words in (
        ("last_poll_timestamp_seconds", "poll_since", "When Omnidesk was last asked for changes and answered."),
        ("last_scan_timestamp_seconds", "scan_marks", "When BILLmanager's tables were last looked through."),
        ("last_pass_timestamp_seconds", "scan_done", "When a run last began its work."),
    ):
        age = state.age(key)
        yield one(name, "gauge", words, None if age is None else now - age)


def _account(context: Context, now: float) -> Iterable[Metric]:
    budget = context.gate.budget()
    full = budget.limit > 0 and now >= budget.window_ends
    left = budget.limit if full else budget.left
    yield one("api_calls_left", "gauge", "Calls of Omnidesk's API left this minute.", left if left >= 0 else None)
    yield one("api_calls_limit", "gauge", "Calls that the account allows a minute.", budget.limit or None)


def _spool(context: Context, now: float) -> Iterable[Metric]:
    stamps = [stamp[2] / 1e9 for stamp in spool.snapshot(context.paths.spool)]
    oldest = max(0.0, now - min(stamps)) if stamps else 0.0
    yield one("spool_events", "gauge", "Events that wait in the spool.", len(stamps))
    yield one("spool_oldest_seconds", "gauge", "Age of the oldest event; 0 when there is none.", oldest)


def _about() -> Iterable[Metric]:
    labels = (("version", version.VERSION), ("schema", str(len(schema.MIGRATIONS))))
    yield Metric("build_info", "gauge", "The module's version and that of its tables.", {labels: 1.0})


def _number(db: Database, sql: str, *values: Any) -> int:
    row = db.row(sql, *values)
    return int(row["n"] or 0) if row else 0


def _age(row: dict[str, Any] | None, now: float) -> float:
    return max(0.0, now - float(row["at"])) if row and row["at"] is not None else 0.0


# What was ever carried


def carried(context: Context) -> dict[str, int]:
    """Settled messages by direction: the kept total, plus what came after it, less what of it is refused by now.

    Rows up to the kept one are counted with those refused at that time, as these may yet be settled; how many of them
    still are is read by the index on ``state``. A row being sent is never passed by the total.
    """
    db = context.db
    kept = context.state.get(TOTALS, None, dict)
    if not kept or not all(isinstance(kept.get(name), int) for name in ("up_to", "in", "out")):
        kept = {"up_to": 0, "in": 0, "out": 0}
    start = int(kept["up_to"])
    last = _number(db, f"SELECT MAX(id) AS n FROM {MESSAGES}")
    if last < start:  # the tables were created again
        kept, start = {"up_to": 0, "in": 0, "out": 0}, 0
    first_open = _number(db, f"SELECT MIN(id) AS n FROM {MESSAGES} WHERE state = 'intent'")
    sure = min(last, first_open - 1) if first_open else last
    total = {way: int(kept[way]) for way in ("in", "out")}
    if sure >= start:
        _add(total, _counts(db, "id > %s AND id <= %s AND state IN ('done', 'refused')", start, sure))
        if sure - start >= STEP:
            _keep(context, {"up_to": sure, **total})
    else:
        sure = start
    _add(total, _counts(db, "id <= %s AND state = 'refused'", sure), -1)
    _add(total, _counts(db, "id > %s AND state = 'done'", sure))
    return {way: max(0, n) for way, n in total.items()}


def _counts(db: Database, condition: str, *values: int) -> dict[str, int]:
    rows = db.rows(f"SELECT direction, COUNT(*) AS n FROM {MESSAGES} WHERE {condition} GROUP BY direction", *values)
    return {str(row["direction"]): int(row["n"]) for row in rows}


def _add(total: dict[str, int], more: Mapping[str, int], sign: int = 1) -> None:
    for way in total:
        total[way] += sign * more.get(way, 0)


def _keep(context: Context, value: dict[str, int]) -> None:
    try:
        context.state.put(TOTALS, value)
    except Failure:  # a database that takes no writes just now: the next one counts a little more
        return


# Writing


def as_data(metrics: Iterable[Metric]) -> list[dict[str, Any]]:
    """The same for ``--json``: a row for each sample."""
    return [
        {"name": PREFIX + metric.name, "labels": dict(labels), "value": value}
        for metric in metrics
        for labels, value in metric.samples.items()
    ]


def text(metrics: Iterable[Metric]) -> str:
    """The text format: HELP and TYPE once for each metric, then its samples."""
    lines = []
    for metric in metrics:
        name = PREFIX + metric.name
        lines += [f"# HELP {name} {_escape(metric.help)}", f"# TYPE {name} {metric.kind}"]
        for labels, value in metric.samples.items():
            shown = ",".join(f'{key}="{_escape(word, quoted=True)}"' for key, word in labels)
            lines.append(f"{name}{f'{{{shown}}}' if shown else ''} {number(value)}")
    return "\n".join(lines) + "\n"


def _escape(words: str, *, quoted: bool = False) -> str:
    safe = words.replace("\\", "\\\\").replace("\n", "\\n")
    return safe.replace('"', '\\"') if quoted else safe


def number(value: float) -> str:
    """As the text format shows it."""
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def write(path: str, content: str) -> None:
    """Put a file in its place in one step, so that a collector never reads a half; raises ``OSError``."""
    folder = os.path.dirname(os.path.abspath(path))
    descriptor, staged = tempfile.mkstemp(prefix=".omnidesk.", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)  # the collector is another user
        os.replace(staged, path)
    except BaseException:
        os.unlink(staged)
        raise
