"""What each side shows of what was said on the other: exactly once, in order, by the right author, for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.judge import texts
from tests.judge.complaints import Complaint
from tests.judge.edits import Edits
from tests.judge.exceptions import Exceptions
from tests.judge.history import CLIENT, History, Person, Rated, Said, Side
from tests.judge.moves import Moves
from tests.judge.pairing import Pairs, Shown, Wanted, in_any_order, in_order, says
from tests.judge.snapshot import Bindings, Case, Entry, Snapshot

NOT_CLOSED = "required_fields_not_filled"  # what Omnidesk says of such a case


@dataclass
class Threads:
    """The conversations of all tickets, compared; :attr:`copies` is what became of what was said."""

    history: History
    snapshot: Snapshot
    bindings: Bindings
    copies: list[tuple[Said, Shown]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exceptions = Exceptions(self.history)
        self.moves = Moves(self.history)
        self.edits = Edits(self.history, self.moves)
        self._integration = self.history.habits.integration
        self._known = {(one.side, one.kind == "note", one.id) for one in self.history.said()}
        self._missing: list[tuple[Side, Wanted]] = []
        self._surplus: list[tuple[Side, list[int], Shown]] = []

    def complaints(self) -> list[Complaint]:
        """Everything that is wrong with messages, notes and ratings."""
        found: list[Complaint] = []
        for tickets in self.bindings.groups():
            found += self._to_omnidesk(tickets)
            found += self._to_billmanager(tickets)
        found += self._elsewhere()
        found += [self._lost(side, one) for side, one in self._missing if not one.optional]
        found += [self._strange(side, tickets, one) for side, tickets, one in self._surplus]
        return found + self._ratings() + list(self.edits.complaints(self.copies))

    # Both ways

    def _to_omnidesk(self, tickets: list[int]) -> list[Complaint]:
        cases = [case for ticket in tickets for case in self.bindings.cases_of[ticket]]
        shown = []
        for case in sorted(cases, key=lambda one: one.id):
            first = min((entry.id for entry in case.entries), default=0)
            shown += [Shown(one, case.id, one.id == first, bool(case.fate), case.client)
                      for one in case.entries if self._copied(case, one)]  # fmt: skip
        shown.sort(key=lambda one: one.entry.id)
        wanted = [self._placed(one, ticket, one.kind == "message") for one in self.history.said("B")
                  for ticket in self.moves.places(one) if ticket in tickets]  # fmt: skip
        wanted += [self._placed(one, ticket, True) for ticket in tickets for one in self.moves.copies(ticket)]
        wanted.sort(key=lambda one: one.said.id)
        wanted += [one for ticket in tickets for one in self._system_rows(ticket)]
        return self._compare("O", tickets, wanted, _whole(shown))

    def _system_rows(self, ticket: int) -> list[Wanted]:
        """What the panel itself wrote: notes, as anybody's alone they open no case, and nobody waits for them."""
        integration = self._integration.billmanager
        none = self.bindings.alive(ticket) is None
        rows = [one for one in self.snapshot.ticket[ticket].entries if one.kind == "system"]
        return [
            Wanted(
                Said(0.0, "B", "note", one.id, integration, one.text, "", ticket),
                ticket,
                none or self.moves.home(one.id, ticket) != ticket,
                late=True,
            )
            for one in rows
        ]

    def _copied(self, case: Case, one: Entry) -> bool:
        """Whether it was put there by the module, and somebody can read it."""
        if ("O", one.kind == "note", one.id) in self._known:
            return False
        unread = bool(case.fate) and self.exceptions.written_where_nobody_reads(case.id, one.id)
        return one.kind == "note" or not unread

    def _to_billmanager(self, tickets: list[int]) -> list[Complaint]:
        shown = [Shown(self._his_own(one, ticket), ticket, note=one.kind == "note")
                 for ticket, one in self._delivered() if ticket in tickets]  # fmt: skip
        shown.sort(key=lambda one: one.entry.id)
        bound = self.bindings.ticket_of
        wanted = [self._wanted(one, bound.get(one.case, 0), "B")
                  for one in self.history.said("O") if bound.get(one.case, 0) in tickets]  # fmt: skip
        shown = self.edits.without_corrections(shown, [one.said for one in wanted])
        return self._compare("B", tickets, wanted, shown)

    def _delivered(self) -> Iterator[tuple[int, Entry]]:
        """What nobody wrote in BILLmanager, and the ticket into which it was delivered."""
        for ticket in self.snapshot.tickets:
            for one in ticket.entries:
                if one.kind != "system" and ("B", one.kind == "note", one.id) not in self._known:
                    yield ticket.id if one.kind == "note" else self.moves.home(one.id, ticket.id), one

    def _his_own(self, entry: Entry, ticket: int) -> Entry:
        """A note with what a client wrote where the panel does not let him write, as his message."""
        said = texts.of_client(entry.text) if entry.kind == "note" else ""
        if not (self.history.habits.archive_refuses or self.exceptions.was_refused("B", said)):
            said = ""
        account = self.snapshot.ticket[ticket].account
        client = next((one.billmanager for one in self.history.people if one.account == account), 0)
        return replace(entry, kind="client", text=said, author=client) if said else entry

    def _wanted(self, said: Said, ticket: int, to: Side) -> Wanted:
        allowed = self.exceptions
        refused = self.history.habits.archive_refuses or allowed.was_refused(to, said.text)
        by_note = said.side == "O" and said.author == CLIENT and refused
        alive = self.bindings.alive(ticket) is not None
        optional = allowed.unread_in_a_case_that_went(said) or allowed.note_without_a_case(said, alive)
        optional = optional or allowed.same_words(said, self._by_clients_there(said, ticket))
        late = by_note or allowed.lost_its_place(said, ticket, to)
        return Wanted(said, ticket, optional, late, self.edits.versions(said))

    def _by_clients_there(self, said: Said, ticket: int) -> list[Said]:
        """What clients said in the ticket on the other side, if a client said this."""
        if said.kind != "message" or not self._by_client(said):
            return []
        if said.side == "B":
            there = [
                one for one in self.history.said("O", "message") if self.bindings.ticket_of.get(one.case) == ticket
            ]
        else:
            there = [one for one in self.history.said("B", "message") if ticket in self.moves.places(one)]
            there += self.moves.copies(ticket)
        return [one for one in there if self._by_client(one)]

    def _by_client(self, said: Said) -> bool:
        if said.side == "O":
            return said.author == CLIENT
        author = self.history.of("B", said.author)
        return author is not None and bool(author.account)

    def _placed(self, said: Said, ticket: int, may_move: bool) -> Wanted:
        """What is wanted of it in a ticket's cases. Those of a ticket that it has left may hold it, or not."""
        wanted = self._wanted(said, ticket, "O")
        if not may_move or self.moves.home(said.id, 0) == 0:
            return wanted
        left = ticket != self.moves.now(said.id, said.ticket)
        late = said.kind == "note" or self.moves.joined(said.id, ticket)
        return replace(wanted, optional=wanted.optional or left, late=wanted.late or late)

    def _compare(self, to: Side, tickets: list[int], wanted: list[Wanted], shown: list[Shown]) -> list[Complaint]:
        if not self.history.habits.notes:
            wanted = [one for one in wanted if one.said.kind != "note"]
        found = []
        for kind in ("message", "note"):  # they are two lists in BILLmanager, so there is no order between them
            some = [one for one in wanted if one.said.kind == kind]
            others = [one for one in shown if (one.entry.kind == "note") == (kind == "note")]
            pair_up = in_order if len(tickets) == 1 else in_any_order
            pairs = pair_up(some, others, lambda one, other: not self._wrong(to, one, other, len(tickets) > 1))
            pairs.notes = kind == "note"
            found += self._judged(to, tickets, pairs)
        return found

    def _judged(self, to: Side, tickets: list[int], pairs: Pairs) -> list[Complaint]:
        found = []
        displaced = {id(one) for one, _ in pairs.displaced}
        for one, other in pairs.pairs:
            self.copies.append((one.said, other))
            rule = "order" if id(one) in displaced else self._wrong(to, one, other, len(tickets) > 1)
            if rule:
                found.append(Complaint(rule, one.source, f"{_told(one.said)}, shown as {_shown(other)}"))
        surplus = [one for one in pairs.surplus if not self._repeated_for_a_reason(pairs, one)]
        if pairs.notes:
            surplus, missing = self._without_notices(to, tickets, surplus)
            found += missing
        for other in list(surplus):
            if any(says(one, other) for one, _ in pairs.pairs):
                found.append(Complaint("repeated", tickets[0], _shown(other)))
                surplus.remove(other)
        self._missing += [(to, one) for one in pairs.missing]
        self._surplus += [(to, tickets, one) for one in surplus]
        return found

    def _repeated_for_a_reason(self, pairs: Pairs, surplus: Shown) -> bool:
        """Whether a copy too many is explained by a case that went; one in a living case counts as the real one."""
        late = self.exceptions.answered_too_late()
        for at, (one, other) in enumerate(pairs.pairs):
            unread = any(self.exceptions.thrown_away_unread(each.where, each.entry.id) for each in (other, surplus))
            if not late and not unread:
                continue
            if says(one, surplus) and other.where != surplus.where and (other.gone or surplus.gone):
                if other.gone and not surplus.gone:
                    pairs.pairs[at] = (one, surplus)
                return True
        return False

    # Authors and kinds

    def _wrong(self, to: Side, one: Wanted, other: Shown, merged: bool) -> str:
        """The rule that a pair violates, "" when all is well; the text alone is known to fit or not."""
        if not says(one, other):
            return "text"
        rule = self._author_there(one, other, merged) if to == "O" else self._author_here(one, other)
        return rule or ("files" if one.said.files != other.entry.files else "")

    def _author_there(self, one: Wanted, other: Shown, merged: bool) -> str:
        author = self.history.of("B", one.said.author)
        assert author is not None, f"nobody is known as {one.said.author}"
        entry = other.entry
        if one.said.kind == "message" and (author.account or other.opener):
            if entry.kind != "client":
                return "author"
            owner = self.history.of("B", entry.author)
            account = self.snapshot.ticket[one.source].account
            if not merged and (owner is None or owner.account != account or entry.author != other.client):
                return "client"
            return self._line(other, "" if entry.author == author.billmanager else author.name)
        return self._staff(other, author, author.omnidesk, self._integration.omnidesk, self.moves.line(one.said))

    def _author_here(self, one: Wanted, other: Shown) -> str:
        entry = other.entry
        if one.said.author == CLIENT:
            case = self.snapshot.case.get(one.said.case)
            client = self.history.of("B", case.client) if case else None
            author = self.history.of("B", entry.author)
            if entry.kind != "client":
                return "author"
            if client is None or author is None or author.account != client.account:
                return "client"
            return self._line(other, "")
        writer = self.history.of("O", one.said.author)
        assert writer is not None, f"nobody is known as {one.said.author}"
        return self._staff(other, writer, writer.billmanager, self._integration.billmanager)

    def _staff(self, other: Shown, author: Person, id: int, stand_in: int, own: str = "") -> str:
        """Himself, if he is known there; else the integration's employee, who names him. ``own``: whom the text itself
        names."""
        if other.entry.kind == "client":
            return "author"
        if other.entry.author != (id or stand_in):
            return "author"
        return self._line(other, own if id else author.name)

    def _line(self, other: Shown, wanted: str) -> str:
        return "" if other.line == wanted else "author"

    # What is left over

    def _elsewhere(self) -> list[Complaint]:
        """What is missing in one place and too much in another is one mistake: the wrong ticket, kind or words."""
        found = []
        for side, one in list(self._missing):
            for rule in ("ticket or kind", "text"):
                entry = next((row for row in self._surplus if self._is(rule, side, one, row)), None)
                if entry is not None:
                    self._surplus.remove(entry)
                    self._missing.remove((side, one))
                    name = rule if rule == "text" else "kind" if one.source in entry[1] else "ticket"
                    found.append(Complaint(name, one.source, f"{_told(one.said)}, shown as {_shown(entry[2])}"))
                    break
        return found

    def _is(self, rule: str, side: Side, one: Wanted, row: tuple[Side, list[int], Shown]) -> bool:
        to, tickets, other = row
        if to != side:
            return False
        if rule == "text":
            note = one.said.kind == "note"
            return one.source in tickets and not one.optional and note == (other.entry.kind == "note")
        return says(one, other)

    def _lost(self, side: Side, one: Wanted) -> Complaint:
        return Complaint("lost", one.source, f"{_told(one.said)} is not in {_name(side)}")

    def _strange(self, side: Side, tickets: list[int], one: Shown) -> Complaint:
        return Complaint("stranger", tickets[0], f"in {_name(side)}: {_shown(one)}")

    def _without_notices(
        self, to: Side, tickets: list[int], surplus: list[Shown]
    ) -> tuple[list[Shown], list[Complaint]]:
        """Without the notes that the module writes by itself: one for each change in Omnidesk, and as many others as
        there may be a reason for."""
        own = self._integration.omnidesk if to == "O" else self._integration.billmanager
        cases = {case.id for ticket in tickets for case in self.bindings.cases_of[ticket]}
        changes = self.edits.notices(cases)
        of_panel = self.exceptions.of_panel(set(tickets)) if to == "O" else 0
        of_blocked = self.exceptions.of_blocked(self._other_cases(tickets)) if to == "B" else 0
        allowed = changes + self.exceptions.notices(cases) + of_panel + of_blocked
        notices = [one for one in surplus if one.entry.author == own and not one.line and not self._was_said(one)]
        left = [one for one in surplus if one not in notices[:allowed]]
        found = [Complaint("notice", ticket, words) for ticket, words in self._untold(to, tickets, notices)]
        missing = self.edits.due(cases) - len(notices) if to == "B" else 0
        if missing > 0:
            found.append(Complaint("notice", tickets[0], f"{missing} changes in Omnidesk that no note tells of"))
        return left, found

    def _other_cases(self, tickets: list[int]) -> set[int]:
        """The cases of these tickets' clients that are of other tickets."""
        accounts = {self.snapshot.ticket[one].account for one in tickets}
        return {
            case.id
            for ticket, cases in self.bindings.cases_of.items()
            if ticket not in tickets and ticket in self.snapshot.ticket
            and self.snapshot.ticket[ticket].account in accounts
            for case in cases
        }  # fmt: skip

    def _untold(self, to: Side, tickets: list[int], notices: list[Shown]) -> Iterator[tuple[int, str]]:
        """What agents have to know of the panel, and no note tells: where a conversation continues, and that the case
        of a ticket that has ended could not be closed."""
        for ticket in tickets if to == "O" else ():
            case = self.bindings.alive(ticket)
            if case is None or len(self.bindings.cases_of[ticket]) > 1 or len(tickets) > 1:
                continue  # it may have been told in a case that went
            told = [one.entry.text for one in notices if one.where == case.id]
            held = {one.id for one, shown in self.copies if one.kind == "message" and shown.where == case.id}
            lost = {way[-1] for id, way in self.moves.away(ticket) if id in held and not self._followed(way)}
            for into in sorted(lost):
                if self.bindings.alive(into):
                    yield ticket, f"no note says that the conversation continues in ticket {into}"
            ended = self.snapshot.ticket[ticket].state == "closed" and case.status != "closed"
            ended = ended and not self.exceptions.chosen_there(case)
            if ended and self.exceptions.cannot_close(case.id) and not any(NOT_CLOSED in one for one in told):
                yield ticket, "no note says that the case cannot be closed"

    def _followed(self, way: list[int]) -> bool:
        """Whether notes lead from the first of these tickets to the last, directly or from one's case to the next's."""
        reached = {way[0]}
        for at, ticket in enumerate(way):
            if ticket in reached:
                reached |= {other for other in way[at + 1 :] if self._names(ticket, other)}
        return way[-1] in reached

    def _names(self, ticket: int, other: int) -> bool:
        case, own = self.bindings.alive(ticket), self._integration.omnidesk
        notes = [one for one in case.entries if one.kind == "note" and one.author == own] if case else []
        return any(str(other) in re.findall(r"\d+", one.text) for one in notes)

    def _was_said(self, shown: Shown) -> bool:
        return any(says(Wanted(said, 0), shown) for said in self.history.said())

    # Ratings

    def _ratings(self) -> list[Complaint]:
        """A rated reply of staff has its rating in the case that is alive; nothing else is rated."""
        given = [act for act in self.history.acts if isinstance(act, Rated)]
        found = []
        for said, other in self.copies:
            if said.kind != "message":
                continue
            here, entry, case = self._rateable(said, other)
            ticket = self.bindings.ticket_of.get(case, 0)
            if self.moves.now(here, ticket) != ticket:
                continue  # it stands in another ticket now, in whose case it is rated
            alive = case in {one.id for one in map(self.bindings.alive, self.snapshot.ticket) if one is not None}
            rows = {here} | self.edits.rows_of_corrections(said)
            last = next((act.rating for act in reversed(given) if act.message in rows), "")
            wanted = self.history.habits.ratings[last] if entry.kind == "staff" else ""
            if entry.rating != wanted and (alive or entry.kind != "staff"):
                words = f"message {here} is rated {entry.rating!r} in case {case}, not {wanted!r}"
                found.append(Complaint("rating", ticket, words))
        return found

    def _rateable(self, said: Said, other: Shown) -> tuple[int, Entry, int]:
        """(its id in BILLmanager, how Omnidesk shows it, in which case)."""
        if said.side == "B":
            return said.id, other.entry, other.where
        for case in self.snapshot.cases:
            for entry in case.entries:
                if entry.id == said.id:
                    return other.entry.id, entry, case.id
        return other.entry.id, Entry(said.id, "deleted", 0, said.text), said.case


def _whole(shown: list[Shown]) -> list[Shown]:
    """Messages that only bring more files as one with the message before them."""
    found: list[Shown] = []
    for one in shown:
        last = found[-1] if found else None
        if last is not None and texts.more_files(one.entry.text) and last.entry.author == one.entry.author:
            found[-1] = replace(last, entry=replace(last.entry, files=last.entry.files + one.entry.files))
        else:
            found.append(one)
    return found


def _name(side: Side) -> str:
    return "BILLmanager" if side == "B" else "Omnidesk"


def _told(one: Said) -> str:
    return f"{one.kind} {one.id} of {one.author} in {_name(one.side)} ({one.text[:30]!r})"


def _shown(other: Shown) -> str:
    entry = other.entry
    return f"{entry.kind} {entry.id} of {entry.author} in {other.where} ({entry.text[:60]!r})"
