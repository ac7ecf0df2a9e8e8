"""Asking the panel to act: ``sbin/mgrctl``, as root on the panel's host, always in some employee's or client's name.

One class for everything that is written on BILLmanager's side, so that what is not documented is changed in one place.
The calls and their parameters are those of public integrations; traps they met are named beside each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from omnidesk.billmanager.answers import read
from omnidesk.billmanager.mgrctl import Memory, Mgrctl
from omnidesk.billmanager.program import LONGEST_ARGUMENT, Ran, TooLong
from omnidesk.core.errors import Paused, Refused, TryLater
from omnidesk.core.phrase import Phrase

# What the module does in an employee's name, and the call that shows whether he may: a list, and forms of nothing. The
# form `ticket.edit` is not among them: reading it clears an unread mark.
ANSWER = "ticket.edit"
_NEEDED: dict[str, tuple[str, dict[str, object]]] = {
    ANSWER: ("ticket", {"p_cnt": 1}),
    "ticket_all.edit": ("ticket_all.edit", {}),
    "support_tool_responsible": ("support_tool_responsible", {}),
}
# Two ways to end an assignment without a word: an answer without a text, and a function of its own (documented).
BY_DELETING = "ticket_open.delete"
TICKET = "ticket_all.edit"
_PRIORITY = "priority_way"  # in the state table: the function that changed one here
_ENDING = "ending"  # in the state table: the way that worked here
# Changing a message. The name stands in documentation, its parameters do not (docs/unverified.md), so it is tried.
EDIT = "ticket.message.edit"
_EDITING = "editing"  # in the state table: whether it changes messages here
_NOTE_FILES = "note_files"  # in the state table: whether files sent with a note are kept as the note's
_TRY_AGAIN_SECONDS = 86400.0  # after a no, which may have been about one message
WHO = "paramlist"  # changes nothing and needs no rights beside root's
SHORT = 4096  # characters of a call that must fit on any host


@dataclass(frozen=True)
class Upload:
    """A local file to go with a message under its original name."""

    path: str
    name: str
    mime_type: str = "application/octet-stream"


class Panel:
    """The panel's functions this module uses.

    ``memory``: where it is kept which of two ways this panel takes; None: it is known to this process only.
    """

    def __init__(
        self, mgrctl: Mgrctl, upload: Callable[..., bytes] | None = None, memory: Memory | None = None
    ) -> None:
        self.mgrctl = mgrctl
        self._upload = upload
        self._memory = memory
        self._ending = ""

    def call(self, func: str, params: Mapping[str, object], files: Sequence[Upload] = ()) -> etree._Element:
        """Call a function; the answer's root.

        Raises :class:`Paused` while the panel restarts, :class:`Refused` for its "no", :class:`TryLater` (uncertain)
        when it ended without an answer: it may have committed all the same.
        """
        try:
            return self._call(func, params, files)
        except Paused as pause:
            if func == WHO:
                raise
            self.who()  # raises by itself when the whole panel takes no calls
            raise TryLater("panel_trouble", func, pause.words) from None

    def _call(self, func: str, params: Mapping[str, object], files: Sequence[Upload]) -> etree._Element:
        given = {name: str(value) for name, value in params.items()}
        long = any(len(value.encode("utf-8", "replace")) > LONGEST_ARGUMENT for value in given.values())
        if files or long:
            return self._uploaded(func, given, files)
        try:
            return read(func, self.mgrctl.call(func, given))
        except TooLong:  # nothing was started
            if sum(map(len, given.values())) < SHORT:
                raise  # it is not the message that is too long
            return self._uploaded(func, given, ())

    def _uploaded(self, func: str, given: Mapping[str, str], files: Sequence[Upload]) -> etree._Element:
        if self._upload is None:
            raise Refused("panel_refused", func, Phrase("said.no_upload"))
        return read(func, Ran(0, self._upload(func, given, files), b""))

    def take(self, ticket: int, employee: str) -> int:
        """Give the ticket to an employee; the ``ticket2user`` id as the answer's link names it, 0 if it names none."""
        answer = self.call(
            "ticket_all.edit", {"sok": "ok", "plid": ticket, "elid": ticket, "clicked_button": "ok_get", "su": employee}
        )
        links = "".join(text for node in answer.iter("ok") for text in node.itertext())
        found = re.search(r"elid=([0-9]{1,18})(?![0-9])", links)
        return int(found.group(1)) if found else 0

    def reply(
        self, ticket: int, assignment: int, employee: str, text: str, *, end: bool, files: Sequence[Upload] = ()
    ) -> None:
        """An employee's answer. ``end`` closes the assignment with it (its row vanishes), else it stays open."""
        self.call("ticket.edit", {**_edit(ticket, assignment, employee, end), "message": text}, files)

    def note(
        self, ticket: int, assignment: int, employee: str, text: str, *, end: bool, files: Sequence[Upload] = ()
    ) -> None:
        """An internal note. The field ``message`` is never sent with it, so it cannot become an answer.

        ``files``: only where :meth:`takes_note_files`; elsewhere they might become an answer to the client.
        """
        params = {**_edit(ticket, assignment, employee, end), "show_optional": "on", "note_message": text}
        self.call("ticket.edit", params, files)

    def takes_note_files(self) -> bool:
        """Whether a trial has seen that files sent with a note are kept as the note's. It is never just tried."""
        return self._memory is not None and bool(self._memory.get(_NOTE_FILES, False, bool))

    def settle_note_files(self, works: bool) -> None:
        """They are, or they are not."""
        if self._memory is not None:
            self._memory.put(_NOTE_FILES, works)

    def edit_message(self, ticket: int, message: int, employee: str, text: str) -> None:
        """Another text for an employee's message, whose row has to be read afterwards: what this does is assumed."""
        self.call(EDIT, {"sok": "ok", "plid": ticket, "elid": message, "su": employee, "message": text})

    def edits_messages(self) -> bool | None:
        """Whether that changes messages here; None: it is not known, or a no was so long ago that it is tried again."""
        if self._memory is None:
            return None
        known: bool | None = self._memory.get(_EDITING, None, bool)
        age = self._memory.age(_EDITING) if known is False else 0.0
        return None if age is None or not 0 <= age < _TRY_AGAIN_SECONDS else known

    def settle_editing(self, works: bool) -> None:
        """It does, or it does not."""
        if self._memory is not None and (not works or self.edits_messages() is not True):
            self._memory.put(_EDITING, works)

    def ways_to_end(self) -> tuple[str, str]:
        """The functions that may end an assignment, first the one that worked here last."""
        if not self._ending and self._memory is not None:
            self._ending = self._memory.get(_ENDING, ANSWER)
        return (BY_DELETING, ANSWER) if self._ending == BY_DELETING else (ANSWER, BY_DELETING)

    def ended_by(self, way: str) -> None:
        """This way worked, so it is the first from now on."""
        if way != self.ways_to_end()[0]:
            self.settle_ending(way)

    def settle_ending(self, way: str) -> None:
        """This panel takes this way."""
        self._ending = way
        if self._memory is not None:
            self._memory.put(_ENDING, way)

    def end_assignment(self, ticket: int, assignment: int, employee: str, way: str) -> None:
        """Close an assignment without an answer: by an empty one, as a public integration does, or by deleting it."""
        if way == BY_DELETING:
            self.call(way, {"sok": "ok", "elid": assignment, "su": employee})
        else:
            self.call(way, {**_edit(ticket, assignment, employee, True), "message": ""})

    def ways_to_prioritise(self) -> tuple[str, ...]:
        """The functions that may change a ticket's priority, first the one that worked here last."""
        known = str(self._memory.get(_PRIORITY, TICKET)) if self._memory is not None else TICKET
        return (known, *(one for one in (TICKET, ANSWER) if one != known)) if known else ()

    def prioritised_by(self, way: str) -> None:
        """This panel takes this way; "": none, as one has done something else."""
        if self._memory is not None and self._memory.get(_PRIORITY, TICKET) != way:
            self._memory.put(_PRIORITY, way)

    def prioritise(self, ticket: int, assignment: int, employee: str, field: str, value: str, way: str) -> None:
        """Change the field of a ticket's form that holds its priority. A message is never sent with it."""
        if way == TICKET:
            self.call(way, {"sok": "ok", "elid": ticket, "su": employee, field: value})
        else:
            given = {**_edit(ticket, assignment, employee, False), "show_optional": "on", field: value}
            self.call(way, given)

    def archive(self, ticket: int, client: str) -> None:
        """Move the ticket to the archive in its client's name: no function of staff's is known that does it."""
        self.call("clientticket.archive", {"sok": "ok", "elid": ticket, "su": client})

    def reopen(self, ticket: int, employee: str, user: int, level: int, *, lasting: bool = False) -> None:
        """Hand the ticket to an employee or department; this also reopens one that nobody has.

        ``lasting``: it is theirs also when it is opened again.
        """
        whom = f"{'d' if level == 28 else 'e'}_{user}"  # level 28 is a department (documented)
        default = "on" if lasting else "off"
        self.call(
            "support_tool_responsible",
            {"sok": "ok", "elid": ticket, "set_responsible": whom, "set_responsible_default": default, "su": employee},
        )

    def move(
        self, ticket: int, assignment: int, employee: str, user: int, level: int, *, lasting: bool = False
    ) -> None:
        """Hand one assignment over to an employee or department. Here ``elid`` is its row (seen in an integration).

        ``lasting``: the ticket is theirs also when it is opened again.
        """
        whom = f"{'d' if level == 28 else 'e'}_{user}"
        default = "on" if lasting else "off"
        self.call(
            "support_tool_responsible",
            {"sok": "ok", "elid": assignment, "plid": ticket, "set_responsible": whom,
             "set_responsible_default": default, "su": employee},
        )  # fmt: skip

    def create_ticket(
        self, employee: str, account: int, department: int, subject: str, text: str, files: Sequence[Upload] = ()
    ) -> int:
        """A ticket that staff open for a client, with its first message; its number, 0 if the answer names none.

        Seen in one public integration. ``department`` 0: the panel chooses.
        """
        place = {"client_department": department} if department else {}
        answer = self.call(
            "ticket_all.edit",
            {"sok": "ok", "ticket_account": account, "subject": subject, "message": text, "su": employee, **place},
            files,
        )
        number = (answer.findtext("id") or answer.findtext("ticket.id") or "").strip()
        return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0

    def client_message(self, ticket: int, client: str, text: str, files: Sequence[Upload] = ()) -> None:
        """A client's message in an existing ticket."""
        self.call("clientticket.edit", {"sok": "ok", "elid": ticket, "su": client, "message": text}, files)

    def file(self, attachment: int) -> tuple[str, str]:
        """(original name, local path) of a message's file; "" for a path that the panel does not tell."""
        answer = self.call("ticket.file", {"elid": attachment})
        name, path = answer.findtext(".//content/name") or "", answer.findtext(".//content/data") or ""
        return name or os.path.basename(path) or str(attachment), path

    def who(self) -> None:
        """A call that changes nothing: does the panel answer?"""
        self.call(WHO, {})

    def refused(self, employee: str, functions: Sequence[str] = tuple(_NEEDED)) -> list[str]:
        """Which of the functions that this module needs the panel refuses to an employee. Changes nothing.

        No function is known that says what somebody may do. An ``access`` error means that a right is missing; the
        panel is assumed to look for it before anything else, so any other refusal means that it is there.
        """
        return [name for name in functions if self._lacks(employee, *_NEEDED[name])]

    def _lacks(self, employee: str, func: str, params: Mapping[str, object]) -> bool:
        try:
            self.call(func, {**params, "su": employee})
        except Refused as refusal:
            return refusal.type == "panel_access"
        return False


def _edit(ticket: int, assignment: int, employee: str, end: bool) -> dict[str, object]:
    # elid is the ticket2user row, not the ticket: the documented trap of this function.
    button = "ok" if end else "ok_message"
    return {"sok": "ok", "elid": assignment, "plid": ticket, "clicked_button": button, "su": employee}
