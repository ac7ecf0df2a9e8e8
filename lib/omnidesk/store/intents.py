"""Writing a creating call down before it is made, and refusing one that must not be made.

What was written is read again before anything is sent: a finished link is never sent again, whatever a query returned
before. A circuit breaker stops what happens again and again within minutes: the same source row sent without anybody
finding it afterwards, or the same text by the same author over and over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from omnidesk.billmanager.linked_rows import REMEMBERED, with_row
from omnidesk.core.database import Database
from omnidesk.core.errors import OnHold, Refused, TryLater
from omnidesk.core.tables import MESSAGES
from omnidesk.store import reused_rows
from omnidesk.store.columns import error_columns
from omnidesk.store.models import MessageLink

WINDOW = 600.0  # seconds
MOST_SENDS = 3  # of one source row in that time, while it is not known what came of them
MOST_ALIKE = 10  # different messages with the same text by one author: a person does not write that
_FINISHED = "state IN ('done', 'skipped')"
_IDENTITY = ("ticket", "direction", "ticket_message", "staff")


def begin(db: Database, link: MessageLink, now: float) -> int:
    """Write down an intent; its id. Beginning again renews it.

    Raises :class:`Refused` when the link is finished, :class:`OnHold` when the text goes round in circles, and
    :class:`TryLater` when it was sent several times and nothing is known to have come of it.
    """
    lately = f"sends_since > {now - WINDOW!r} AND sends_since <= {now!r}"  # else the clock was set back since
    sends = {"sends": f"IF({lately}, sends + 1, 1)", "sends_since": f"IF({lately}, sends_since, {now!r})"}
    values = {**_values(link), "intent_at": now, "sends": 1, "sends_since": now, "state": "intent"}
    id = _put(db, values, sends)
    check(db, id, link.ticket, now)
    return id


def add_done(db: Database, link: MessageLink, now: float) -> int:
    """Write down what is finished already; its id. What was finished before stays as it is."""
    done = {"intent_at": None, **error_columns(None), "done_at": now, "state": link.state}
    return _put(db, {**_values(link), **done}, {})


def _values(link: MessageLink) -> dict[str, Any]:
    return {
        "ticket": link.ticket,
        "kind": link.kind,
        "direction": link.direction,
        "ticket_message": link.ticket_message or None,
        "external_message": link.external_message or None,
        "external_case": link.case_id or None,
        "author": link.author,
        "digest": link.digest,
        "mark": link.mark,
        "staff": link.staff,
        "source": link.source,
        "attached": json.dumps(link.attached, ensure_ascii=False) if link.attached else None,
    }


def _put(db: Database, values: Mapping[str, Any], own: Mapping[str, str]) -> int:
    """A row of these values; of one that is there and not finished, all but its identity. ``own``: SQL instead.

    It remembers the row of BILLmanager that it is about, if there is one and it does not do so already.
    """
    renewed = [  # the state comes last: each of these looks at it
        f"{name} = IF({_FINISHED}, {name}, {own.get(name, f'VALUES({name})')})"
        for name in values
        if name not in _IDENTITY
    ]
    kind, number = str(values["kind"]), values["ticket_message"]
    if number:
        reused_rows.free(db, kind, number)
    renewed += [f"{name} = IF(posted_wall IS NULL, VALUES({name}), {name})" for name in REMEMBERED]
    return db.insert(
        f"INSERT INTO {MESSAGES} ({', '.join([*values, *REMEMBERED])})"
        f" SELECT {', '.join([*(['%s'] * len(values)), *REMEMBERED.values()])}"
        f" FROM (SELECT 1) this {with_row(db, kind)}"
        f" ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), {', '.join(renewed)}",
        *values.values(), number,
    )  # fmt: skip


def check(db: Database, id: int, ticket: int, now: float) -> None:
    """Whether what was begun may be sent; else its intent is taken back and a failure raised."""
    row = db.row(
        f"SELECT l.*, (SELECT COUNT(*) FROM {MESSAGES} o WHERE o.ticket = l.ticket AND o.state = 'done'"
        " AND o.direction = l.direction AND o.kind = l.kind AND o.author = l.author AND o.digest = l.digest"
        f" AND o.digest <> '' AND o.done_at > %s AND o.done_at <= %s) AS alike FROM {MESSAGES} l WHERE l.id = %s",
        now - WINDOW, now, id,
    )  # fmt: skip
    if row is None:
        raise TryLater("not_written", MESSAGES, str(id))
    which = str(row["ticket_message"] or row["external_message"] or id)
    if row["state"] != "intent" or int(row["ticket"]) != ticket:  # sent, or moved to another ticket, which sends it
        raise Refused("sent_before", str(row["kind"]), which)
    if int(row["sends"]) > MOST_SENDS:
        _take_back(db, id)
        wait = max(1, round(float(row["sends_since"] or 0) + WINDOW - now))
        raise TryLater("repeated", str(row["kind"]), which, seconds=wait)
    if int(row["alike"]) >= MOST_ALIKE:
        _take_back(db, id)
        raise OnHold("repeated", str(row["kind"]), which)


def _take_back(db: Database, id: int) -> None:
    db.write(f"UPDATE {MESSAGES} SET intent_at = NULL WHERE id = %s AND state = 'intent'", id)
