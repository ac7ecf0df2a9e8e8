"""The output of ``show`` on a terminal: two columns with the link between them, then what is next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnidesk.cli.status import why
from omnidesk.wording.action_texts import word
from omnidesk.wording.screen import NARROWEST, Screen, cut, hanging, moment, pad, plain, span, wrap

if TYPE_CHECKING:
    from omnidesk.health.both_sides import Pair, Side, Sight

BEGINNING = 120
WIDE = 160  # of a pipe, or a terminal that is wider than reading is comfortable
NO_DATE = "--:--:--"  # of a row of the panel without one
# By direction and state of a link: what stands between the columns, and its style.
_ARROWS = {
    ("out", "done"): ("──▶", "good"),
    ("in", "done"): ("◀──", "good"),
    ("out", "intent"): ("··▶", "warn"),
    ("in", "intent"): ("◀··", "warn"),
    ("out", "refused"): ("─✗▶", "bad"),
    ("in", "refused"): ("◀✗─", "bad"),
    ("out", "skipped"): (" · ", "dim"),
    ("in", "skipped"): (" · ", "dim"),
}


def lines(seen: Sight, screen: Screen, full: bool) -> list[str]:
    """The whole picture."""
    found = [*_head(seen, screen), ""]
    if seen.left_out:
        words = screen.text("show.older", count=seen.left_out)
        found.append(screen.paint("dim", words))
    found += _table(seen, screen, full)
    return [*found, "", *_next(seen, screen)]


# Above


def _head(seen: Sight, screen: Screen) -> list[str]:
    say, link = screen.text, seen.link
    width = _half(screen)
    subject = cut(plain(seen.ticket.subject), width * 2 - 20)
    found = [screen.paint("head", say("show.ticket", ticket=seen.ticket.id, subject=subject))]
    if seen.unlinked:
        return [*found, screen.paint("warn", say("show.no_tables"))]
    found.append(_fact(say("show.case"), _case(seen, screen)))
    found.append(_fact(say("show.statuses"), _statuses(
        seen.ticket.status, seen.case.status if seen.case else "", screen)))  # fmt: skip
    if link.has_case:
        found.append(_fact(say("show.agreed"), _statuses(
            link.ticket_status, link.case_status, screen)))  # fmt: skip
    if link.seen_at:
        words = f"{word('status', link.seen_status).text(screen.language)}, {moment(link.seen_at)}"
        found.append(_fact(say("show.reported"), words))
    if seen.away is not None:
        said, cure = (
            plain(one) for one in (seen.away.phrase.text(screen.language), seen.away.phrase.cure(screen.language))
        )
        for style, line in (("bad", f"✗ {said}"), ("cure", f"  → {cure}")):
            found += [screen.paint(style, one) for one in hanging(line, min(screen.width, WIDE))]
    return [*found, *_due(seen, screen)]


def _fact(name: str, words: str) -> str:
    return f"{pad(name, 16)}  {words}"


def _case(seen: Sight, screen: Screen) -> str:
    link = seen.link
    if not link.case_id:
        return screen.text("show.no_case")
    gone = word("gone", link.case_gone).text(screen.language)
    return "  ".join(part for part in (link.case_number, seen.url, gone) if part)


def _statuses(ticket: str, case: str, screen: Screen) -> str:
    shown = [word("status", one or "?") for one in (ticket, case)]
    return screen.text("show.both", ticket=shown[0], case=shown[1])


def _due(seen: Sight, screen: Screen) -> list[str]:
    """When it is tried next, or why not, and what to do about it."""
    row, say = seen.due, screen.text
    if row is None:
        return []
    when = say("overview.aside") if row.set_aside else say("show.due")
    if not row.set_aside and row.due_at > seen.now:
        when = say("overview.in", time=span(row.due_at - seen.now, screen.language))
    if row.attempts:
        when = say("show.and_tries", when=when, count=row.attempts)
    style = "bad" if row.set_aside else "warn" if row.error_type else ""
    reason = plain(why(row, screen.language))
    words = [_fact(say("show.queue"), when)]
    width = min(screen.width, WIDE) - 18
    words += [" " * 18 + line for line in wrap(reason, max(NARROWEST, width))]
    return [screen.paint(style, line) for line in words]


# The columns


def _half(screen: Screen) -> int:
    return max(18, (min(screen.width, WIDE) - 7) // 2)


def _table(seen: Sight, screen: Screen, full: bool) -> list[str]:
    width = _half(screen)
    names = ("BILLmanager", screen.text("side.omnidesk"))
    found = [screen.paint("head", f"{pad(names[0], width)}       {names[1]}".rstrip())]
    day = ""
    for one in seen.pairs:
        today = time.strftime("%Y-%m-%d", time.localtime(one.at)) if one.at else day
        if today != day:
            found.append(screen.paint("dim", f"── {today} ".ljust(width, "─")))
            day = today
        found += _row(one, width, screen, full)
    if not seen.pairs:
        found.append(screen.text("show.nothing"))
    return found


def _row(one: Pair, width: int, screen: Screen, full: bool) -> list[str]:
    arrow, style = _ARROWS.get((one.direction, one.state), ("   ", ""))
    if not one.state:
        arrow, style = (" ? ", "warn")
    left = _cell(one.left, width, screen, full)
    right = _cell(one.right, width, screen, full) if one.right else _unseen(one, screen)
    found = []
    for place in range(max(len(left), len(right))):
        sides = [cells[place] if place < len(cells) else "" for cells in (left, right)]
        mark = screen.paint(style, arrow) if place == 0 else "   "
        found.append(f"{pad(sides[0], width)}  {mark}  {cut(sides[1], width)}".rstrip())
    if one.error:
        text = plain(one.error.full(screen.language))
        found += [screen.paint("bad", f"    {line}") for line in wrap(text, min(screen.width, WIDE) - 4)]
    return found


def _cell(side: Side | None, width: int, screen: Screen, full: bool) -> list[str]:
    if side is None:
        return ["—"]
    clock = time.strftime("%H:%M:%S", time.localtime(side.at)) if side.at else NO_DATE
    role = screen.text(f"show.by_{side.role}")
    head = f"{clock} {role} #{side.id} {plain(side.author)}".rstrip()
    files = [screen.text("show.files", count=side.files)] if side.files else []
    if full:
        body = [part for line in side.text.splitlines() for part in wrap(plain(line), width - 2)]
    else:
        said = plain(side.text)
        body = [cut(said if len(said) <= BEGINNING else said[:BEGINNING] + "…", width - 2)] if said else []
    return [cut(head, width), *(f"  {line}" for line in [*body, *files])]


def _unseen(one: Pair, screen: Screen) -> list[str]:
    """What stands for the other side where it was not read."""
    if one.state == "done":
        if not one.external_message:
            return [screen.text("show.opens")]
        return [f"#{one.external_message}"]
    if one.state == "refused":
        return [screen.text("show.refused", count=one.tries)]
    if one.state == "intent":
        return [screen.text("show.sending")]
    if one.state == "skipped":
        return [screen.text("show.skipped")]
    return ["—"]


# Below


def _next(seen: Sight, screen: Screen) -> list[str]:
    if seen.unlinked:
        return []
    lines = wrap(seen.agreement.said.text(screen.language), max(NARROWEST, min(screen.width, WIDE)))
    style = {"equal": "good", "differs": "warn"}.get(seen.agreement.state, "warn")
    state = [screen.paint(style, line) for line in lines]
    if not seen.actions:
        return state
    found = [screen.paint("head", screen.text("show.plan"))]
    for number, action in enumerate(seen.actions, 1):
        first, *more = wrap(action.line().text(screen.language), max(NARROWEST, min(screen.width, WIDE)) - 5)
        found += [f"{number:3}. {first}", *(" " * 5 + line for line in more)]
    return [*found, "", *state]
