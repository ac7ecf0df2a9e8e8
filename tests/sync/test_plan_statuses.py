"""The three-way merge of statuses, as a table written from the rules, not from the code.

The rules: what changed since both sides agreed counts. Only the ticket changed: the case follows. Only the case
changed: the ticket follows (waiting and closed both end the assignment). Both changed and mean the same: nothing. Both
changed and differ: a client who has just written wins, else Omnidesk.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from omnidesk.billmanager.models import Person, Ticket, TicketMessage
from omnidesk.helpdesk.models import StatusChange
from omnidesk.store.models import OwnMessage, TicketLink
from omnidesk.sync import actions as do
from omnidesk.sync.plan import plan
from omnidesk.sync.status_merge import merge_statuses
from omnidesk.sync.view import Policy, View

WORDS = {"o": "open", "w": "waiting", "c": "closed"}
CLIENT = Person(5, "ivan", level=16)
# Agreed (ticket, case) -> for the ticket now open, waiting, closed: what both come to with the case now o, w, c.
# A capital O: open only because the client waits; without him what follows the slash.
TABLE = {
    "oo": ("oo OO/ww OO/wc", "ww ww wc", "cc cw cc"),
    "ww": ("oo oo OO/wc", "oo ww wc", "oo cc cc"),
    "wc": ("oo OO/ww oo", "oo ww wc", "oo cw cc"),
    "cw": ("oo oo OO/wc", "oo ww wc", "oo cw cc"),
    "cc": ("oo OO/ww oo", "oo ww ww", "oo cw cc"),
}
ROWS = [
    (agreed, now, case, client, cell)
    for agreed, rows in TABLE.items()
    for now, row in zip("owc", rows, strict=True)
    for case, cell in zip("owc", row.split(), strict=True)
    for client in (False, True)
]


def viewed(agreed: str, now: str, case: str, client: bool = False, **link: object) -> View:
    """A linked ticket in this situation."""
    base = TicketLink(
        17, 900001, "290-320788", 5654846848, 5, ticket_status=WORDS[agreed[0]], case_status=WORDS[agreed[1]],
        seen_status=WORDS[case], seen_at=100.0,
    )  # fmt: skip
    ticket = Ticket(17, "s", 3, WORDS[now], CLIENT)
    message = TicketMessage(1, 17, CLIENT, "text", 100.0)
    return View(ticket, replace(base, **link), (message,) if client else ())  # type: ignore[arg-type]


@pytest.mark.parametrize(("agreed", "now", "case", "client", "cell"), ROWS)
def test_the_table(agreed: str, now: str, case: str, client: bool, cell: str) -> None:
    """Every state of both sides against every state they can have agreed on, with and without a client who waits."""
    waiting, _, alone = cell.partition("/")
    ticket, then = list((waiting if client or not alone else alone).lower())
    view = viewed(agreed, now, case, client)
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    assert (outcome.agreed_ticket, outcome.case) == (WORDS[ticket], WORDS[then])
    assert outcome.ticket == ("open" if ticket == "o" else "ended")
    assert outcome.why


@pytest.mark.parametrize(("agreed", "now", "case", "client", "cell"), ROWS)
def test_the_plan_does_what_the_table_says(agreed: str, now: str, case: str, client: bool, cell: str) -> None:
    """The actions lead from where both are to where they are to be, each at most once, and nothing else is done."""
    waiting, _, alone = cell.partition("/")
    ticket, then = list((waiting if client or not alone else alone).lower())
    actions = plan(viewed(agreed, now, case, client), Policy())
    ends = [one for one in actions if isinstance(one, do.EndAssignment)]
    opens = [one for one in actions if isinstance(one, do.Reopen)]
    statuses = [one.status for one in actions if isinstance(one, do.UpdateCase)]
    agrees = [(one.ticket, one.case) for one in actions if isinstance(one, do.Agree)]
    assert len(ends) == (now == "o" and ticket != "o")
    assert len(opens) == (now != "o" and ticket == "o")
    assert statuses == ([WORDS[then]] if then != case else [])
    assert agrees == ([(WORDS[ticket], WORDS[then])] if ticket + then != agreed else [])


@pytest.mark.parametrize(
    ("agreed", "now", "case"), list(itertools.product(map("".join, itertools.product("owc", repeat=2)), "owc", "owc"))
)
def test_every_situation_has_a_way_out(agreed: str, now: str, case: str) -> None:
    """All 81, the pairs too that two sides can never have agreed on: both end up meaning the same."""
    view = viewed(agreed, now, case)
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    assert (outcome.agreed_ticket == "open") == (outcome.case == "open") == (outcome.ticket == "open")


@pytest.mark.parametrize(
    ("agreed", "now", "case", "reply", "ticket", "then"),
    [
        ("oo", "o", "w", True, "o", "o"),  # our reply moved the case; the employee keeps the ticket, so it is put back
        ("oo", "w", "w", True, "w", "w"),  # our reply ended the assignment as well
        ("oo", "c", "w", True, "c", "c"),  # archived after our reply
        ("ww", "o", "o", False, "o", "o"),  # our client's message reopened both
        ("ww", "w", "o", False, "w", "w"),  # answered in BILLmanager before we came: the case follows
        ("wc", "w", "o", False, "w", "c"),  # the same, the case was closed
        ("cc", "c", "o", False, "c", "c"),  # archived again meanwhile
    ],
)
def test_what_our_own_message_did_is_nobodys_decision(
    agreed: str, now: str, case: str, reply: bool, ticket: str, then: str
) -> None:
    """Accounts differ in whether a message moves its case; that must not look like a change made by staff."""
    view = viewed(agreed, now, case, own_messages=(OwnMessage(8, 100.0, 330 if reply else 0),), own_message_at=100.0,
                  own_reply_at=100.0 * reply, own_client_at=100.0 * (not reply))  # fmt: skip
    author = "staff_330" if reply else "user_5654846848"
    view = replace(view, history=(StatusChange(100.0, author, WORDS[case]),))
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    assert (outcome.agreed_ticket, outcome.case) == (WORDS[ticket], WORDS[then])


def test_a_change_after_our_own_message_is_a_decision() -> None:
    """Two seconds later somebody has set it."""
    view = viewed("oo", "o", "w", own_messages=(OwnMessage(8, 98.0, 330),), own_message_at=98.0, own_reply_at=98.0)
    assert view.ticket is not None
    outcome = merge_statuses(view, view.ticket)
    assert (outcome.ticket, outcome.case) == ("ended", "waiting")
