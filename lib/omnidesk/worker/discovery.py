"""Poll and scan as a pass makes them: a failure stops nothing else and is shown until it works again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured, Paused, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import MESSAGES, STATE
from omnidesk.store.staff_cases import SINCE
from omnidesk.store.state import State

log = logging.getLogger("worker")
KINDS = ("poll", "scan")
CURSORS = ("scan_marks", "baseline", "poll_since")
BESIDES = ("paused", SINCE)  # looked for by the same statement: most passes have neither


@dataclass(frozen=True)
class Failing:
    """A poll (of Omnidesk's changed cases) or scan (of BILLmanager's tables) that does not work, since when and why."""

    what: str
    type: str
    why: Phrase
    since: float

    def data(self) -> dict[str, object]:
        """For ``--json``."""
        return {"what": self.what, "type": self.type, "text": self.why.full(), "since": self.since}


def make(context: Context, what: str, work: Callable[[], object]) -> None:
    """Make a poll or scan. Only what concerns the whole account, database or configuration is raised."""
    try:
        work()
    except (Paused, Misconfigured):
        raise
    except Failure as failure:
        _failed(context, what, failure)
    except Exception as error:  # an internal error here must not keep the tickets with events from their turn
        log.exception("the %s failed", what)
        _failed(context, what, TryLater("internal", what, type(error).__name__))
    else:
        if context.state.remove(f"failing:{what}"):
            log.info("the %s works again", what)
    context.state.put(f"{what}_done", 1)


def _failed(context: Context, what: str, failure: Failure) -> None:
    known = next((one for one in failing(context.state) if one.what == what), None)
    since = known.since if known else context.clock()
    level = logging.DEBUG if known and known.type == failure.type else logging.WARNING
    log.log(level, "the %s failed, the next one reads the same again: %s", what, failure)
    context.state.put(f"failing:{what}", {**failure.phrase.data(), "type": failure.type, "since": since})


def failing(state: State) -> list[Failing]:
    """What does not work now."""
    found = []
    for what in KINDS:
        row = state.get(f"failing:{what}", None, dict)
        if row:
            since = row.get("since")
            at = float(since) if isinstance(since, (int, float)) else 0.0
            found.append(Failing(what, str(row.get("type", "")), Phrase.of(row, row.get("text")), at))
    return found


def repair_cursors(context: Context) -> set[str]:
    """Replace damaged cursors: they must neither end every poll and scan nor restart them at this moment.

    Returns the names of those that exist now, and of :data:`BESIDES` those that do.
    """
    names = (*CURSORS, *BESIDES)
    marks = ", ".join(["%s"] * len(names))
    rows = context.db.rows(f"SELECT name, value, updated_at FROM {STATE} WHERE name IN ({marks})", *names)
    for row in rows:
        name = str(row["name"])
        if name in BESIDES or _is_cursor(name, str(row["value"])):
            continue
        log.error("the cursor %s in the table %s is damaged; it is rebuilt from the links", name, STATE)
        if name == "poll_since":
            context.state.put(name, float(row["updated_at"] or 0) or context.clock())
        else:
            mark = _from_links(context)
            context.state.put(name, [mark] if name == "scan_marks" else mark)
    return {str(row["name"]) for row in rows}


def _is_cursor(name: str, text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if name == "poll_since":
        return _numbers([value], 1)
    if name == "baseline":
        return _is_mark(value)
    return isinstance(value, list) and bool(value) and all(map(_is_mark, value))


def _is_mark(value: object) -> bool:
    return _numbers(value, 4) or _numbers(value, 5)  # four: written by an earlier version


def _numbers(value: object, count: int) -> bool:
    right = isinstance(value, list) and len(value) == count
    return right and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in value)  # type: ignore[attr-defined]


def _from_links(context: Context) -> list[float]:
    """The newest message and note that were linked: what is newer is looked at, what is older is history."""
    ends = context.changes.ends()
    highest = {"message": ends.message, "note": ends.note}
    for kind in highest:
        row = context.db.row(f"SELECT MAX(ticket_message) AS id FROM {MESSAGES} WHERE kind = %s", kind)
        highest[kind] = int((row or {}).get("id") or 0) or highest[kind]
    return [0, highest["message"], highest["note"], 0]
