"""What people do in Omnidesk's own interface, and clients by other ways than the API."""

from __future__ import annotations

import html as markup
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from . import core, fields
from .bodies import Upload
from .setup import Setup
from .state import Case, Message, User

if TYPE_CHECKING:
    from .model import Omnidesk

Files = Iterable[Upload | tuple[str, str, bytes]]


class Agents(Setup):
    """Actions of agents and clients. Cases are named by id or number; a missing one is a KeyError."""

    def agent_reply(
        self,
        case_id: int | str,
        staff_id: int = 0,
        html: str = "",
        text: str = "",
        status: str | None = None,
        attachments: Files = (),
    ) -> Message:
        """A reply written in the interface as HTML (or as ``text``); it goes to the channel's webhook.

        Live answers fill only one of the two contents; which one is a switch. ``staff_id`` 0: the first employee.
        """
        return self._write(case_id, staff_id, html, text, status, attachments, note=False)

    def agent_note(
        self, case_id: int | str, staff_id: int = 0, html: str = "", text: str = "", attachments: Files = ()
    ) -> Message:
        """An internal note."""
        return self._write(case_id, staff_id, html, text, None, attachments, note=True)

    def rule_reply(self, case_id: int | str, text: str, staff_id: int = 0) -> Message:
        """An automatic reply by a rule of the account, in somebody's name or nobody's; it has no type (seen live)."""
        with self.lock:
            case = self._case(case_id)
            message = core.add_message(self._model, case, staff_id=staff_id, content=text, via_rule=True)
            message.kind = ""
            return message

    def client_message(self, case_id: int | str, text: str, attachments: Files = (), user_id: int = 0) -> Message:
        """A client writes by another way than the API (a linked e-mail, a messenger)."""
        with self.lock:
            case = self._case(case_id)
            files = core.store_files(self._model, _uploads(attachments))
            return core.add_message(self._model, case, user_id=user_id or case.user_id, content=text, files=files)

    def client_case(self, email: str, subject: str, text: str) -> Case:
        """A client writes to the support address: a case of the e-mail channel."""
        with self.lock:
            user = self.find_user("email", email) or core.new_user(self._model, "email", email, "")
            case = core.new_case(self._model, user, "email", subject)
            core.add_message(self._model, case, user_id=user.user_id, content=text, first=True)
            return case

    def add_user(self, kind: str, identity: str, channel: str) -> User:
        """A client known by this contact (``custom``, ``email``); ``channel``: the key of his custom channel."""
        with self.lock:
            return self.find_user(kind, identity) or core.new_user(self._model, kind, identity, channel)

    def empty_case(self, user_id: int, subject: str) -> int:
        """An agent opens a case and has not written anything in it yet; its id."""
        with self.lock:
            user = self.users[user_id]
            return core.new_case(self._model, user, user.channel or "email", subject).case_id

    def agent_case(self, user_id: int, subject: str, html: str, staff_id: int = 0) -> Case:
        """An agent writes first to a client of a custom channel: a case no ticket belongs to yet."""
        with self.lock:
            user = self.users[user_id]
            case = core.new_case(self._model, user, user.channel or "email", subject)
            staff_id = staff_id or min(self.staff)
            core.add_message(self._model, case, staff_id=staff_id, html=html, first=True)
            return case

    def set_status(self, case_id: int | str, status: str, staff_id: int = 0) -> None:
        """An agent chooses a status."""
        with self.lock:
            core.set_status(self._model, self._case(case_id), status, self._by(staff_id))

    def prioritise(self, case_id: int | str, priority: str, by: int = 0) -> None:
        """An agent chooses a priority."""
        with self.lock:
            case = self._case(case_id)
            if case.priority != priority:
                core.note_change(self._model, case, "priority", self._by(by), case.priority, priority)
                case.priority = priority

    def assign(self, case_id: int | str, staff_id: int, by: int = 0) -> None:
        """An agent gives the case to somebody (0: nobody)."""
        with self.lock:
            core.assign(self._model, self._case(case_id), staff_id, self._by(by))

    def move(self, case_id: int | str, group_id: int, staff_id: int = 0) -> None:
        """An agent moves the case to another group."""
        with self.lock:
            case = self._case(case_id)
            if case.group_id != group_id:
                core.note_change(self._model, case, "group", self._by(staff_id), case.group_id, group_id)
                case.group_id = group_id
                core.touch(self._model, case)

    def set_fields(
        self,
        case_id: int | str,
        case_values: dict[str, Any] | None = None,
        user_values: dict[str, Any] | None = None,
        staff_id: int = 0,
    ) -> None:
        """An agent fills in custom fields of the case and of its client; an :class:`ApiError` for a wrong value."""
        with self.lock:
            case = self._case(case_id)
            user = self.users.get(case.user_id)
            for_case = fields.checked(case_values, self.fields, "case")
            for_user = fields.checked(user_values, self.fields, "user")
            core.set_fields(self._model, case, for_case, self._by(staff_id))
            if user is not None and for_user:
                user.custom_fields = {**user.custom_fields, **for_user}
                user.updated_at = self.now()

    def trash(self, case_id: int | str) -> None:
        """Into the trash."""
        self._flags(case_id, deleted=True, spam=False)

    def spam(self, case_id: int | str) -> None:
        """Into spam; this blocks the client, unless the account is told otherwise."""
        self._flags(case_id, deleted=False, spam=True)

    def restore(self, case_id: int | str) -> None:
        """Out of trash or spam."""
        self._flags(case_id, deleted=False, spam=False)

    def unblock(self, user_id: int) -> None:
        """An agent unblocks a client; his cases in spam stay there."""
        with self.lock:
            self.users[user_id].active = True

    def add_contact(self, user_id: int, email: str) -> int:
        """An agent adds an e-mail to a client; another user who has it takes the client over, whose id is returned."""
        with self.lock:
            user = self.users[user_id]
            into = self.find_user("email", email) or core.new_user(self._model, "email", email, "")
            core.merge_users(self._model, user, into)
            return into.user_id

    def delete(self, case_id: int | str) -> None:
        """For good, as the daily job does with the oldest cases over the plan's limit (documented)."""
        with self.lock:
            self.drop_case(self._case(case_id))

    def merge(self, case_id: int | str, into: int | str, staff_id: int = 0) -> None:
        """Joins a case to another."""
        with self.lock:
            core.merge(self._model, self._case(case_id), self._case(into), self._by(staff_id))

    def edit_message(self, case_id: int | str, message_id: int, html: str = "", text: str = "") -> None:
        """Another text for a message; no webhook tells of it."""
        with self.lock:
            message = self.threads[self._case(case_id).case_id][message_id]
            message.content, message.content_html = self._contents(html, text)
            core.touch(self._model, self._case(case_id))

    def change_files(self, case_id: int | str, message_id: int, add: Files = (), remove: Iterable[str] = ()) -> None:
        """Other files for a message (whether the interface allows that is not public); no webhook tells of it."""
        with self.lock:
            message, gone = self.threads[self._case(case_id).case_id][message_id], set(remove)
            kept = [file for file in message.files if file.name not in gone]
            message.files = [*kept, *core.store_files(self._model, _uploads(add))]
            core.touch(self._model, self._case(case_id))

    def delete_message(self, case_id: int | str, message_id: int) -> None:
        """Takes a message out of the thread."""
        with self.lock:
            del self.threads[self._case(case_id).case_id][message_id]
            core.touch(self._model, self._case(case_id))

    def system_message(self, case_id: int | str, text: str) -> Message:
        """A record in the thread that nobody wrote."""
        with self.lock:
            return core.system_message(self._model, self._case(case_id), text)

    @property
    def _model(self) -> Omnidesk:
        return cast("Omnidesk", self)

    def _case(self, reference: int | str) -> Case:
        found = self.find_case(reference)
        if found is None:
            raise KeyError(reference)
        return found

    def _by(self, staff_id: int) -> str:
        return f"staff_{staff_id or min(self.staff)}"

    def _contents(self, html: str, text: str) -> tuple[str, str]:
        if self._model.settings.agent_writes == "plain":
            return text or core.plain(html), ""
        return "", html or markup.escape(text, quote=False).replace("\n", "<br />\n")

    def _write(
        self, case_id: int | str, staff_id: int, html: str, text: str, status: str | None, files: Files, *, note: bool
    ) -> Message:
        with self.lock:
            case, staff_id = self._case(case_id), staff_id or min(self.staff)
            content, content_html = self._contents(html, text)
            stored = core.store_files(self._model, _uploads(files))
            message = core.add_message(
                self._model, case, staff_id=staff_id, content=content, html=content_html, note=note, files=stored
            )
            if status:
                core.set_status(self._model, case, status, self._by(staff_id))
            return message

    def _flags(self, case_id: int | str, *, deleted: bool, spam: bool) -> None:
        with self.lock:
            core.set_aside(self._model, self._case(case_id), deleted=deleted, spam=spam)


def _uploads(files: Files) -> list[Upload]:
    return [file if isinstance(file, Upload) else Upload(*file) for file in files]
