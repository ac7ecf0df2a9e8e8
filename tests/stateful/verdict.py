"""What must hold when everything has come to rest: equality of both sides, and silence."""

from __future__ import annotations

import html
import re
import unicodedata

from omnidesk.links.schema import MESSAGES, TICKETS
from omnidesk.text import is_blank, normal
from sandbox.omnidesk.state import Message
from tests.stateful.play import Play, Said
from tests.stateful.stage import SETTLE
from tests.support.workshop import LEVELS

INSURANCE = 700.0  # beyond the ten minutes after which the module looks behind its own messages
POLL = "GET /api/cases.json"
_MARKUP = "\\*_`~#>|-+=[]()!.:"  # signs that Markdown takes or escapes


def rest(play: Play) -> None:
    """No more trouble: let time pass until nothing is due, then check everything."""
    stage = play.stage
    stage.calm()
    stage.log.append(f"{stage.clock():.2f} rest")
    stage.tick(SETTLE + 1)
    _settle(play)
    if stage.context.db.row(f"SELECT 1 AS y FROM {MESSAGES} WHERE state = 'refused' LIMIT 1") or stage.context.db.row(
        f"SELECT 1 AS y FROM {TICKETS} WHERE set_aside = 1 LIMIT 1"
    ):
        stage.context.queue.retry()  # what the administrator does when the panel is well again
        _settle(play)
    stage.tick(INSURANCE)
    _settle(play)
    check(play)
    play.acts.clear()
    play.troubled = False
    play.before = {ticket: _states(play, ticket) for ticket in play.tickets}


def _settle(play: Play) -> None:
    stage = play.stage
    for _ in range(120):
        report = stage.run_pass()
        seen = [(row.reason, row.error_type) for row in stage.context.queue.listing()]
        stage.log.append(
            f"{stage.clock():.2f}     {report.actions} actions, {report.rings} rings, {report.paused} {seen}"
        )
        due = stage.context.queue.next_due()
        if report.paused is not None:
            stage.tick(report.paused.seconds + 0.1)
        elif due is not None:
            stage.tick(max(0.0, due - stage.clock()) + 0.1)
        elif not report.tried and not report.rings:
            return
    raise AssertionError(f"it does not come to rest: {stage.context.queue.listing()}")


def check(play: Play) -> None:
    """All invariants."""
    for tickets in _sharing(play):
        if len(tickets) == 1:
            _check_ticket(play, tickets[0])
        else:
            _check_group(play, tickets)
    _check_links(play)
    _check_cases(play)
    _check_silence(play)


# One ticket


def _sharing(play: Play) -> list[list[int]]:
    """The tickets in groups: those that have had a case together, after a merge, belong together."""
    groups: list[tuple[set[int], list[int]]] = []
    for ticket in play.tickets:
        cases, tickets = set(play.cases(ticket)), [ticket]
        for group in [group for group in groups if group[0] & cases]:
            groups.remove(group)
            cases, tickets = cases | group[0], [*group[1], *tickets]
        groups.append((cases, tickets))
    return [tickets for _, tickets in groups]


def _check_group(play: Play, tickets: list[int]) -> None:
    """Tickets whose cases were merged: each thing that was said is there once, in whichever of them.

    Whose an answer in a shared case is depends on who spoke last, and whether messages moved along: the engine's own
    tests of merges look at that. Here nothing may get lost or doubled.
    """
    stage = play.stage
    thread = {one.message_id: one for ticket in tickets for case in play.cases(ticket) for one in stage.thread(case)}
    for kind in ("message", "note"):
        said = [one for one in play.said if (one.side, one.kind) == ("B", kind) and one.ticket in tickets]
        sent = [one for one in thread.values() if one.via_api and one.note == (kind == "note") and one.kind != "system"]
        alive = any(_living_case(play, ticket) for ticket in tickets)
        left = [_split(_text(one))[1] for one in sent]
        for one in said:
            found = next((text for text in left if _same(one.text, text)), None)
            # A note alone opens no case: it waits until the ticket has one again.
            assert found is not None or (kind == "note" and not alive), f"tickets {tickets}: {one} is not in Omnidesk"
            if found is not None:
                left.remove(found)
        # What went into a case that was deleted before its answer came goes again into the next: nobody can find it.
        assert len(left) <= len(stage.gone), f"tickets {tickets}: {kind}s too many in Omnidesk: {left}"
        _check_group_in(play, tickets, kind)
    for ticket in tickets:
        alive_case = _living_case(play, ticket)
        state, status = _states(play, ticket)
        assert not alive_case or (state == "open") == (status == "open"), (
            f"ticket {ticket} is {state}, its case {status}"
        )


def _check_group_in(play: Play, tickets: list[int], kind: str) -> None:
    panel = play.stage.panel
    ours = {one.id for one in play.said if (one.side, one.kind) == ("B", kind)}
    rows = [row for ticket in tickets for row in (panel.messages if kind == "message" else panel.notes)(ticket)]
    written = [(row.id, row.user or 0, row.text) for row in rows if row.id not in ours]
    for one in (one for one in play.said if (one.side, one.kind) == ("O", kind) and one.ticket in tickets):
        found = next((row for row in written if _is(play, one, row)), None)
        assert found is not None or one.id in play.optional, f"tickets {tickets}: {one} is not in BILLmanager"
        if found is not None:
            written.remove(found)
    assert not written, f"tickets {tickets}: {kind}s too many in BILLmanager: {written}"


def _check_ticket(play: Play, ticket: int) -> None:
    alive = _living_case(play, ticket)
    pairs: dict[int, Message] = {}
    for kind in ("message", "note"):
        _check_out(play, ticket, kind, bool(alive), pairs)
        _check_in(play, ticket, kind, pairs)
    _check_ratings(play, ticket, alive, pairs)
    _check_states(play, ticket, alive)


def _living_case(play: Play, ticket: int) -> int:
    """The ticket's case; 0 when it is in the trash, spam, merged or deleted and no message has asked for a new one."""
    stage = play.stage
    link = stage.link(ticket)
    case = stage.desk.cases.get(link.case_id)
    gone = case is None or case.deleted or case.spam or bool(case.parent_case_id)
    known = bool(link.case_gone or not link.case_id)
    # That a case went is learned when somebody wants to write into it; but never is one given up that is there.
    assert gone or not known, f"ticket {ticket}: {link} against {case}"
    return 0 if gone else link.case_id


def _check_out(play: Play, ticket: int, kind: str, alive: bool, pairs: dict[int, Message]) -> None:
    """What was said in BILLmanager is in the ticket's cases once, in order, by the right author."""
    said = sorted((one for one in play.said if (one.side, one.kind, one.ticket) == ("B", kind, ticket)), key=_by_id)
    thread = [one for case in play.cases(ticket) for one in play.stage.thread(case)]
    sent = [one for one in thread if one.via_api and one.note == (kind == "note") and one.kind != "system"]
    sent = _without_lost(play, said, sent)
    # A note alone opens no case: it waits until the ticket has one again.
    complete = len(said) == len(sent) or (kind == "note" and not alive and len(sent) < len(said))
    where = f"ticket {ticket}: {kind}s to Omnidesk"
    assert complete, f"{where}: said {_shown(said)}, there {[(m.message_id, _text(m)[:30]) for m in sent]}"
    openers = {min(one.message_id for one in play.stage.thread(case)) for case in play.cases(ticket)}
    for one, message in zip(said, sent, strict=False):
        sender, text = _split(_text(message))
        assert _same(one.text, text), f"{where}: {one} is {_text(message)[:80]!r}"
        assert _signed(play, one, message, sender, message.message_id in openers), f"{where}: {one} is by {message}"
        if kind == "message":
            pairs[one.id] = message


def _without_lost(play: Play, said: list[Said], sent: list[Message]) -> list[Message]:
    """``sent`` without a message whose case was deleted for good before its answer came: nobody can find that one, so
    it is sent again into the next case."""
    found: list[Message] = []
    for at, message in enumerate(sent):
        following = sent[at + 1] if at + 1 < len(sent) else None
        lost = message.case_id in play.stage.gone and following is not None and following.case_id != message.case_id
        again = lost and following is not None and _split(_text(message))[1] == _split(_text(following))[1]
        if not (again and len(found) < len(said) and len(sent) > len(said)):
            found.append(message)
    return found


def _signed(play: Play, one: Said, message: Message, line: str, opener: bool) -> bool:
    """Whether the right one signs, or is named above the text."""
    stage = play.stage
    case = stage.desk.cases.get(message.case_id)
    names = {row["id"]: row["realname"] for row in stage.panel.query("SELECT id, realname FROM user")}
    if one.author in play.clients:
        owner = stage.desk.users[message.user_id].identity if message.user_id else ""
        known = case is None or case.user_id == message.user_id
        return (
            known
            and int(owner or 0) in play.owners(one.ticket)
            and line in (("",) if int(owner) == one.author else (names[one.author],))
        )
    if opener:
        return bool(message.user_id) and line == names[one.author]
    if one.author == stage.anna:
        return message.staff_id == stage.anna_staff and not line
    return message.staff_id == stage.integration_staff and line == names[one.author]


def _check_in(play: Play, ticket: int, kind: str, pairs: dict[int, Message]) -> None:
    """What was said in Omnidesk is in the ticket once, in order, by the right author."""
    stage = play.stage
    said = sorted((one for one in play.said if (one.side, one.kind, one.ticket) == ("O", kind, ticket)), key=_by_id)
    ours = {one.id for one in play.said if (one.side, one.kind, one.ticket) == ("B", kind, ticket)}
    rows = stage.panel.messages(ticket) if kind == "message" else stage.panel.notes(ticket)
    written = [(row.id, row.user or 0, row.text) for row in rows if row.id not in ours]
    late = [one for one in said if (kind, one.id) in stage.aside]
    matched = _matched_late(play, [one for one in said if one not in late], written, late)
    shown = [(id, text[:30]) for id, _, text in written]
    assert matched is not None, f"ticket {ticket}: {kind}s to BILLmanager: said {_shown(said)}, there {shown}"
    thread = {one.message_id: one for case in play.cases(ticket) for one in stage.thread(case)}
    if kind == "message":
        pairs.update({here: thread[one.id] for one, here in matched})


def _matched_late(
    play: Play, said: list[Said], written: list[tuple[int, int, str]], late: list[Said]
) -> list[tuple[Said, int]] | None:
    """The same where those that were set aside for a time (``late``) have lost their place."""
    if not late:
        return _matched(play, said, written)
    one, others = late[0], late[1:]
    for at, row in enumerate(written):
        if _is(play, one, row):
            found = _matched_late(play, said, written[:at] + written[at + 1 :], others)
            if found is not None:
                return [(one, row[0]), *found]
    return _matched_late(play, said, written, others) if one.id in play.optional else None


def _matched(play: Play, said: list[Said], written: list[tuple[int, int, str]]) -> list[tuple[Said, int]] | None:
    """Who was written as whom; None when something is missing, doubled, changed or out of order."""
    if not said:
        return None if written else []
    one, rest_ = said[0], said[1:]
    if written and _is(play, one, written[0]):
        found = _matched(play, rest_, written[1:])
        if found is not None:
            return [(one, written[0][0]), *found]
    return _matched(play, rest_, written) if one.id in play.optional else None


def _is(play: Play, one: Said, row: tuple[int, int, str]) -> bool:
    stage = play.stage
    line, text = _split(row[2])
    if not _same(one.text, text):
        return False
    if not one.author:
        return row[1] in play.owners(one.ticket) and not line
    if one.author == stage.anna_staff:
        return row[1] == stage.anna and not line
    return row[1] == stage.integration and line == ("Вера Орлова" if one.author == stage.vera_staff else "")


def _check_ratings(play: Play, ticket: int, alive: int, pairs: dict[int, Message]) -> None:
    for message, copy in pairs.items():
        if copy.case_id == alive and copy.kind == "reply_staff":
            expected = LEVELS.get(play.ratings.get(message, 0), "")
            assert copy.rating == expected, f"ticket {ticket}: message {message} has {copy.rating!r}, not {expected!r}"
        elif copy.kind != "reply_staff":
            assert not copy.rating


def _states(play: Play, ticket: int) -> tuple[str, str]:
    case = play.stage.desk.cases.get(_living_case(play, ticket))
    return play.stage.panel.ticket_state(ticket).state, case.status if case else ""


def _check_states(play: Play, ticket: int, alive: int) -> None:
    """Both open, or both ended; and where one thing was done and no fault was about, it decides."""
    if not alive:
        return
    state, status = _states(play, ticket)
    assert (state == "open") == (status == "open"), f"ticket {ticket} is {state}, its case {status}"
    acts = [one for one in play.acts if one[0] == ticket]
    if len(acts) != 1 or play.troubled:
        return
    _, act, expected = acts[0]
    had = play.before.get(ticket, ("", ""))
    if expected == "?" or (expected == "same" and not had[1]):
        return
    wanted = had[1] if expected == "same" else expected
    if act.startswith("client archived"):
        assert state == "closed", f"ticket {ticket}: archived, but {state}"
    fits = status in ("waiting", "closed") if wanted == "ended" else status == wanted
    assert fits, f"ticket {ticket}: {act}, so {wanted} was expected after {had}; it is {state}, the case {status}"


# The whole


def _check_links(play: Play) -> None:
    """Every row is complete, nothing waits."""
    db = play.stage.context.db
    left = db.rows(f"SELECT * FROM {MESSAGES} WHERE state NOT IN ('done', 'skipped')")
    assert not left, f"links that are not complete: {left}"
    waiting = db.rows(
        f"SELECT * FROM {TICKETS} WHERE intent_at IS NOT NULL OR due_at IS NOT NULL OR set_aside <> 0"
        " OR look_case <> 0 OR look_messages <> 0"
    )
    assert not waiting, f"tickets that wait: {waiting}"
    assert not play.stage.spooled(), play.stage.spooled()


def _check_cases(play: Play) -> None:
    """No case was made that no ticket has."""
    owned = {case for ticket in play.tickets for case in play.cases(ticket)}
    # One that went before the answer to its making came cannot be found: another was made instead.
    here = {id for id, case in play.stage.desk.cases.items() if not (case.deleted or case.spam or case.parent_case_id)}
    stray = here - owned
    assert not stray, f"cases of no ticket: {stray}"


def _check_silence(play: Play) -> None:
    """One more pass writes nothing anywhere and makes one call."""
    stage = play.stage
    stage.tick(61)  # a fresh minute of calls
    calls, requests = len(stage.desk.calls), len(stage.panel.requests)
    stage.run_pass()
    made = [f"{call.method} {call.path}" for call in stage.desk.calls[calls:]]
    assert made == [POLL], f"a pass with nothing to do called {made}"
    asked = [(one.func, one.params) for one in stage.panel.requests[requests:]]
    assert not asked, f"a pass with nothing to do asked the panel for {asked}"


# Texts


def _by_id(one: Said) -> int:
    return one.id


def _text(message: Message) -> str:
    """What a reader of Omnidesk sees: paragraphs as lines, entities as characters."""
    if not message.content_html:
        return message.content
    lines = re.sub(r"(?i)<br\s*/?>", "\n", message.content_html)
    lines = re.sub(r"(?i)</(?:p|div|li|tr|pre|blockquote|h[1-6])>", "\n\n", lines)
    return html.unescape(re.sub(r"<[a-z/][^>]*>", "", lines)).strip()


def _split(text: str) -> tuple[str, str]:
    """(the author named above a text or "", the text itself)."""
    found = re.match(r"\A(?:\*\*)?([^\n]{1,60}) пишет:(?:\*\*)?\n\s*\n(.*)\Z", text.strip(), re.DOTALL)
    return (found[1], found[2]) if found else ("", text)


def _same(said: str, text: str) -> bool:
    """Whether a text says what was said. Its markup is not judged here: formatting has tests of its own."""
    wanted = "(без текста)" if is_blank(said) else said
    return normal(text) == normal(wanted) or _bare(text) == _bare(wanted) != ""


def _bare(text: str) -> str:
    """Letters, digits and pictures, without blanks, invisible signs and those that markup is made of."""
    unlisted = re.sub(r"(?m)^\s*\d+[.)]\s+", "", text)  # numbers of a list are markup in HTML
    seen = (sign for sign in unlisted if not sign.isspace() and unicodedata.category(sign) != "Cf")
    return "".join(sign for sign in seen if sign not in _MARKUP)


def _shown(said: list[Said]) -> list[tuple[int, str]]:
    return [(one.id, one.text[:30]) for one in said]
