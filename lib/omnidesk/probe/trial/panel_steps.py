"""The steps in BILLmanager: a ticket of the test client, and all that the module ever does with one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from omnidesk.billmanager import trial_rows
from omnidesk.billmanager.models import ARCHIVED
from omnidesk.billmanager.panel import ANSWER, BY_DELETING, Upload
from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.probe.findings import NOTHING, Finding, judged, yes
from omnidesk.probe.trial.kit import OTHER_TEXT, TEXT, Kit, Missing
from omnidesk.probe.trial.made import FILES

CONTENT = b"pmomnidesk: test file\n"
LARGEST = 64 * 1024
LONG_NAME = "я" * 125 + ".test"  # 255 bytes, the most that a file system takes
ACCEPTED, SENT, ENDS = Phrase("trial.accepted"), Phrase("trial.sent"), Phrase("trial.ends")


def failed(failure: Failure) -> str:
    """A failure in words of programs: the other side's own words may hold anything."""
    kind = failure.params.get("panel_type", "")
    return f"{failure.type} {kind}".strip() if kind.isascii() and kind.isalnum() else failure.type


def tried(call: Callable[[], object]) -> Phrase:
    """What the other side says to a call: :data:`ACCEPTED`, or that it refuses."""
    try:
        call()
    except Refused as refusal:
        return Phrase("trial.refused", why=failed(refusal))
    return ACCEPTED


def came_back(content: bytes) -> Phrase:
    """Whether it is the content of the file that was sent."""
    return SENT if content == CONTENT else Phrase("trial.another")


class PanelSteps:
    """Each step makes its calls and says what came of them."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.client = kit.people.client.login
        self.employee = kit.people.employee.login

    def create(self) -> Iterator[Finding]:
        kit, department = self.kit, self.kit.people.department
        given = {"client_department": department} if department else {}
        answer = kit.panel.call(
            "clientticket.edit",
            {"sok": "ok", "subject": kit.made.subject, "message": TEXT, "su": self.client, **given},
        )
        ticket = kit.ticket
        named = str(ticket) in (answer.findtext("id"), answer.findtext("elid"))
        first = kit.messages()
        right = len(first) == 1 and first[0].user == kit.people.client.user
        found = Phrase("trial.ticket_made", count=len(first), named=yes(named), status=kit.status(),
                       levels=kit.levels())  # fmt: skip
        yield judged("trial.ticket", right, found)
        took = kit.context.mgrctl.takes_environment()
        way = Phrase("trial.by_environment" if took else "trial.by_command_line")
        yield judged("trial.environment", took, way)

    def take(self) -> Iterator[Finding]:
        kit = self.kit
        before = kit.levels()
        row = kit.panel.take(kit.ticket, self.employee)
        ours = [one for one in kit.rows() if one.id == row and one.user == kit.people.employee.user]
        yield judged("trial.take", bool(ours), Phrase("trial.taken", before=before, after=kit.levels()))

    def answer(self) -> Iterator[Finding]:
        kit, row, last = self.kit, self.kit.mine(), self.kit.last()
        kit.panel.reply(kit.ticket, row, self.employee, TEXT, end=False)
        new = kit.messages(last)
        kept = row in [one.id for one in kit.rows()]
        authors = {one.user or 0 for one in new}
        kit.reply = new[0].id if new else 0
        right = len(new) == 1 and kept and authors == {kit.people.employee.user}
        found = Phrase("trial.answered", count=len(new), kept=yes(kept), status=kit.status())
        yield judged("trial.answer", right, found)

    def correct(self) -> Iterator[Finding]:
        """Change the answer. If that works the module does it, else corrections follow as messages of their own."""
        kit, last = self.kit, self.kit.last()
        if not kit.reply:
            raise Missing(Phrase("trial.the_answer"))
        before = trial_rows.message_columns(kit.context.db, kit.reply)
        came = tried(lambda: kit.panel.edit_message(kit.ticket, kit.reply, self.employee, OTHER_TEXT))
        after, new = trial_rows.message_columns(kit.context.db, kit.reply), len(kit.messages(last))
        works = after.get("message") == OTHER_TEXT and after.get("ticket") == before.get("ticket") and not new
        kit.panel.settle_editing(works)
        kept = before.get("date_post") == after.get("date_post")
        found = Phrase("trial.corrected", came=came, changed=yes(works), kept=yes(kept), new=new)
        yield judged("trial.correction", works or (before == after and not new), found)

    def note(self) -> Iterator[Finding]:
        kit, row, last, notes = self.kit, self.kit.mine(), self.kit.last(), self.kit.notes()
        kit.panel.note(kit.ticket, row, self.employee, TEXT, end=False)
        made, visible = kit.notes() - notes, len(kit.messages(last))
        yield judged("trial.note", (made, visible) == (1, 0), Phrase("trial.noted", notes=made, messages=visible))

    def note_file(self) -> Iterator[Finding]:
        """A file with a note. Only if it is kept as the note's, files of notes go over from then on."""
        kit, row, last, notes = self.kit, self.kit.mine(), self.kit.last(), self.kit.notes()
        before = trial_rows.note_files(kit.context.db, kit.ticket)
        with self._file("test.txt") as file:
            came = tried(lambda: kit.panel.note(kit.ticket, row, self.employee, TEXT, end=False, files=[file]))
        made, visible = kit.notes() - notes, len(kit.messages(last))
        kept = trial_rows.note_files(kit.context.db, kit.ticket) - before
        kit.panel.settle_note_files((made, visible, kept) == (1, 0, 1))
        found = Phrase("trial.noted_file", came=came, notes=made, messages=visible, files=kept)
        yield judged("trial.note_file", visible == 0, found)

    @contextmanager
    def _file(self, name: str) -> Iterator[Upload]:
        with tempfile.TemporaryDirectory(prefix="pmomnidesk-trial-") as folder:
            path = os.path.join(folder, "test.txt")
            with open(path, "wb") as file:
                file.write(CONTENT)
            yield Upload(path, name, "text/plain")

    def upload(self) -> Iterator[Finding]:
        kit, last = self.kit, self.kit.last()
        self._sends("test.txt")
        new = kit.messages(last)  # finds the files as well
        stored = sorted(kit.made.panel[FILES])
        none = plain(NOTHING)
        local, fetched = (self._path(stored[-1]), self._fetched(stored[-1])) if stored else (none, none)
        right = len(new) == 1 and len(stored) == 1 and SENT in (local, fetched)
        yield judged("trial.upload", right, Phrase("trial.uploaded", count=len(stored), local=local, fetched=fetched))
        yield self._named()

    def _named(self) -> Finding:
        """Whether the longest name that a file can have here is kept."""
        stored = self._sends(LONG_NAME)
        kept = self.kit.panel.file(stored)[0] if stored else ""
        found = Phrase("trial.name_kept", length=len(LONG_NAME.encode()), kept=len(kept.encode()))
        return judged("trial.file_name", kept == LONG_NAME, found)

    def _sends(self, name: str) -> int:
        """Send a file of this name; its number, 0 if it is not there."""
        kit, row = self.kit, self.kit.mine()
        before = set(kit.made.panel[FILES])
        with self._file(name) as file:
            kit.panel.reply(kit.ticket, row, self.employee, TEXT, end=False, files=[file])
        kit.made.look(kit.context.db)
        return max(set(kit.made.panel[FILES]) - before, default=0)

    def _path(self, number: int) -> Phrase:
        """What the path that ``ticket.file`` names leads to."""
        path = self.kit.panel.file(number)[1]
        if not path:
            return Phrase("trial.no_path")
        try:
            with open(path, "rb") as file:
                return came_back(file.read(LARGEST))
        except OSError:
            return Phrase("trial.unreadable_path")

    def _fetched(self, number: int) -> Phrase:
        self.kit.made.check("ticket.file", {"elid": number})
        with tempfile.TemporaryFile() as copy:
            try:
                self.kit.context.uploader.fetch("ticket.file", {"elid": str(number)}, copy, LARGEST)
            except Failure as failure:
                return plain(failed(failure))
            copy.seek(0)
            return came_back(copy.read(LARGEST))

    def ending(self) -> Iterator[Finding]:
        """Both ways; the module keeps to the one that works, the empty answer if both do."""
        found = {way: self._ends(way) for way in (ANSWER, BY_DELETING)}
        works = [way for way, came in found.items() if came == ENDS]
        if works:
            self.kit.panel.settle_ending(works[0])
        yield judged("trial.ending", bool(works), join([join([plain(way), came], ": ") for way, came in found.items()]))

    def _ends(self, way: str) -> Phrase:
        kit, row, last = self.kit, self.kit.mine(), self.kit.last()
        try:
            kit.panel.end_assignment(kit.ticket, row, self.employee, way)
        except Failure as failure:
            return plain(failed(failure))
        if kit.messages(last):
            return Phrase("trial.posts")
        return Phrase("trial.goes_on") if row in [one.id for one in kit.rows()] else ENDS

    def reopen(self) -> Iterator[Finding]:
        kit, who = self.kit, self.kit.people.employee
        for one in kit.rows():
            kit.panel.end_assignment(kit.ticket, one.id, self.employee, kit.panel.ways_to_end()[0])
        kit.panel.reopen(kit.ticket, self.employee, who.user, who.level)
        found = Phrase("trial.assigned", levels=kit.levels())
        yield judged("trial.reopen", who.user in [one.user for one in kit.rows()], found)

    def archive(self) -> Iterator[Finding]:
        kit, last = self.kit, self.kit.last()
        kit.panel.call("clientticket.archive", {"sok": "ok", "elid": kit.ticket, "su": self.client})
        status, lines = kit.status(), [one.user for one in kit.messages(last)]
        persons = sum(one.by_person for one in kit.context.reader.messages_after(kit.ticket, last))
        by = [Phrase("trial.no_author" if one is None else "trial.author_0" if not one else "trial.a_user")
              for one in lines]  # fmt: skip
        found = Phrase(
            "trial.archived_now", status=status, levels=kit.levels(), lines=join(by or [plain(NOTHING)], ", ")
        )
        yield judged("trial.archive", status == ARCHIVED, found)
        taken = Phrase("trial.lines", count=len(lines), persons=persons)
        yield judged("trial.lines", persons == 0 if lines else None, taken)

    def archived(self) -> Iterator[Finding]:
        kit, last = self.kit, self.kit.last()
        came = tried(lambda: kit.panel.client_message(kit.ticket, self.client, TEXT))
        new, status = len(kit.messages(last)), kit.status()
        found = Phrase("trial.to_archive", came=came, count=new, status=status, levels=kit.levels())
        right = came != ACCEPTED or (new == 1 and status != ARCHIVED and bool(kit.rows()))
        yield judged("trial.archived", right, found)
