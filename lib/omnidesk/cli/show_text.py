"""The output of ``show`` on a terminal: two columns with the link between them, then what is next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnidesk.cli.status import why
from omnidesk.wording import retell
from omnidesk.wording.due_reasons import translated
from omnidesk.wording.error_texts import render
from omnidesk.wording.screen import NARROWEST, Screen, cut, moment, pad, plain, span, wrap

if TYPE_CHECKING:
    from omnidesk.cli.show import Pair, Side, Sight

BEGINNING = 120
WIDE = 160  # of a pipe, or a terminal that is wider than reading is comfortable
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
_ROLES = {
    "client": ("client", "клиент"),
    "staff": ("staff", "сотрудник"),
    "note": ("note", "заметка"),
    "system": ("system", "система"),
}


def lines(seen: Sight, screen: Screen, full: bool) -> list[str]:
    """The whole picture."""
    found = [*_head(seen, screen), ""]
    if seen.left_out:
        words = screen.choose(
            f"… {seen.left_out} older messages and notes: --full shows them",
            f"… ещё {seen.left_out} более ранних сообщений и заметок: --full покажет их",
        )
        found.append(screen.paint("dim", words))
    found += _table(seen, screen, full)
    return [*found, "", *_next(seen, screen)]


# Above


def _head(seen: Sight, screen: Screen) -> list[str]:
    choose, link = screen.choose, seen.link
    width = _half(screen)
    subject = cut(plain(seen.ticket.subject), width * 2 - 20)
    found = [screen.paint("head", f"{choose('Ticket', 'Запрос')} {seen.ticket.id}: {subject}")]
    if seen.unlinked:
        return [*found, screen.paint("warn", choose(
            "The module's tables are not made (or are of another version): pmomnidesk check_connection",
            "Таблиц модуля нет (или они другой версии): pmomnidesk check_connection",
        ))]  # fmt: skip
    found.append(_fact(choose("case", "обращение"), _case(seen, screen)))
    found.append(_fact(choose("status now", "статус сейчас"), _statuses(
        seen.ticket.status, seen.case.status if seen.case else "", screen)))  # fmt: skip
    if link.has_case:
        found.append(_fact(choose("agreed statuses", "согласованные статусы"), _statuses(
            link.ticket_status, link.case_status, screen)))  # fmt: skip
    if link.seen_at:
        words = f"{retell.status(link.seen_status, screen.language)}, {moment(link.seen_at)}"
        found.append(_fact(choose("reported by Omnidesk", "по данным Омнидеска"), words))
    if seen.away is not None:
        rendered = render(seen.away, screen.language)
        found.append(screen.paint("bad", "✗ " + choose("Omnidesk is not available: ", "Омнидеск недоступен: ")
                                  + plain(rendered.sentence)))  # fmt: skip
        found.append(screen.paint("cure", f"  → {plain(rendered.cure)}"))
    return [*found, *_due(seen, screen)]


def _fact(name: str, words: str) -> str:
    return f"{pad(name, 16)}  {words}"


def _case(seen: Sight, screen: Screen) -> str:
    link = seen.link
    if not link.case_id:
        return screen.choose("none yet", "ещё нет")
    gone = retell.lost(link.case_gone, screen.language) if link.case_gone else ""
    return "  ".join(part for part in (link.case_number, seen.url, gone) if part)


def _statuses(ticket: str, case: str, screen: Screen) -> str:
    shown = [retell.status(one, screen.language) or "?" for one in (ticket, case)]
    return f"BILLmanager {shown[0]} · {screen.choose('Omnidesk', 'Омнидеск')} {shown[1]}"


def _due(seen: Sight, screen: Screen) -> list[str]:
    """When it is tried next, or why not, and what to do about it."""
    row, choose = seen.due, screen.choose
    if row is None:
        return []
    when = choose("set aside", "отложен") if row.set_aside else (
        choose("in ", "через ") + span(row.due_at - seen.now, screen.language)
        if row.due_at > seen.now else choose("due now", "ждёт обработки")
    )  # fmt: skip
    tries = choose(f", tries: {row.attempts}", f", попыток: {row.attempts}") if row.attempts else ""
    style = "bad" if row.set_aside else "warn" if row.error_type else ""
    reason = plain(why(row, screen.language))
    words = [_fact(choose("queue", "очередь"), f"{when}{tries}")]
    width = min(screen.width, WIDE) - 18
    words += [" " * 18 + line for line in wrap(reason, max(NARROWEST, width))]
    return [screen.paint(style, line) for line in words]


# The columns


def _half(screen: Screen) -> int:
    return max(18, (min(screen.width, WIDE) - 7) // 2)


def _table(seen: Sight, screen: Screen, full: bool) -> list[str]:
    width = _half(screen)
    names = ("BILLmanager", screen.choose("Omnidesk", "Омнидеск"))
    found = [screen.paint("head", f"{pad(names[0], width)}       {names[1]}".rstrip())]
    day = ""
    for one in seen.pairs:
        today = time.strftime("%Y-%m-%d", time.localtime(one.at))
        if today != day:
            found.append(screen.paint("dim", f"── {today} ".ljust(width, "─")))
            day = today
        found += _row(one, width, screen, full)
    if not seen.pairs:
        found.append(screen.choose("no messages", "сообщений нет"))
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
        text = plain(translated(one.error, "", screen.language))
        found += [screen.paint("bad", f"    {line}") for line in wrap(text, min(screen.width, WIDE) - 4)]
    return found


def _cell(side: Side | None, width: int, screen: Screen, full: bool) -> list[str]:
    if side is None:
        return ["—"]
    clock = time.strftime("%H:%M:%S", time.localtime(side.at))
    role = _ROLES[side.role][screen.language == "ru"]
    head = f"{clock} {role} #{side.id} {plain(side.author)}".rstrip()
    files = [screen.choose(f"[files: {side.files}]", f"[файлов: {side.files}]")] if side.files else []
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
            return [screen.choose("(opens the case)", "(открывает обращение)")]
        return [f"#{one.external_message}"]
    if one.state == "refused":
        return [screen.choose(f"refused, tries: {one.tries}", f"не принято, попыток: {one.tries}")]
    if one.state == "intent":
        return [screen.choose("being sent", "отправляется")]
    if one.state == "skipped":
        return [screen.choose("skipped on purpose", "намеренно не передано")]
    return ["—"]


# Below


def _next(seen: Sight, screen: Screen) -> list[str]:
    choose = screen.choose
    if seen.unlinked:
        return []
    lines = wrap(seen.agreement.words(screen.language), max(NARROWEST, min(screen.width, WIDE)))
    style = {"equal": "good", "differs": "warn"}.get(seen.agreement.state, "warn")
    state = [screen.paint(style, line) for line in lines]
    if not seen.actions:
        return state
    found = [screen.paint("head", choose("What would be done next:", "Что будет сделано дальше:"))]
    for number, action in enumerate(seen.actions, 1):
        title = retell.title(action.title(), screen.language)
        found.append(f"{number:3}. {title}  ({retell.reason(action.why, screen.language)})")
    return [*found, "", *state]
