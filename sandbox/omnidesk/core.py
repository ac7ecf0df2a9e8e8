"""What happens in the account, whoever causes it: the API, an agent in the interface, or a client by another way."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .bodies import Upload
from .state import Case, Change, File, Message, User

if TYPE_CHECKING:
    from .model import Omnidesk


def touch(model: Omnidesk, case: Case) -> None:
    """The case changed now; whole seconds, as in every date of the API."""
    case.updated_at = model.now()


def note_change(model: Omnidesk, case: Case, event: str, by: str, old: object, new: object) -> None:
    """One line of the changelog."""
    case.changelog.append(Change(model.now(), event, by, str(old), str(new)))
    touch(model, case)


def set_status(model: Omnidesk, case: Case, status: str, by: str) -> None:
    """A new status, with the times that depend on it; nothing when it is the old one."""
    if case.status == status:
        return
    note_change(model, case, "status", by, case.status, status)
    case.status = status
    case.closed_at = model.now() if status == "closed" else 0
    if model.settings.system_messages:
        system_message(model, case, f"status: {status}")
    model.webhooks.rule_fires(model, case)


def assign(model: Omnidesk, case: Case, staff_id: int, by: str) -> None:
    """Another employee answers for the case."""
    if case.staff_id != staff_id:
        note_change(model, case, "staff", by, case.staff_id, staff_id)
        case.staff_id = staff_id
        if model.settings.system_messages:
            system_message(model, case, f"staff: {staff_id}")


def set_fields(model: Omnidesk, case: Case, values: dict[str, Any], by: str) -> None:
    """Other values of some custom fields; the others stay."""
    changed = {key: value for key, value in values.items() if case.custom_fields.get(key) != value}
    if changed:
        old = {key: case.custom_fields.get(key, "") for key in changed}
        note_change(model, case, "custom_fields", by, old, changed)
        case.custom_fields = {**case.custom_fields, **changed}


def new_user(model: Omnidesk, kind: str, identity: str, channel: str, full_name: str = "") -> User:
    """A client nobody knew."""
    now = model.now()
    user = User(model.next_id("user"), kind, identity, channel, now, now, full_name)
    model.put_user(user)
    return user


def new_case(
    model: Omnidesk, user: User, channel: str, subject: str, status: str = "", created_at: int = 0, group_id: int = 0
) -> Case:
    """An empty case; a blocked client's lands in spam (documented)."""
    now = model.now()
    case = Case(
        case_id=model.next_id("case"),
        case_number=model.free_case_number(),
        subject=subject,
        user_id=user.user_id,
        group_id=group_id or min(model.groups),
        channel=channel,
        status=status or model.settings.default_status,
        created_at=created_at or now,
        updated_at=now,
        spam=not user.active,
    )
    model.put_case(case)
    return case


def set_aside(model: Omnidesk, case: Case, *, deleted: bool, spam: bool) -> None:
    """Into the trash, into spam (which blocks the client), or out of both (which unblocks nobody)."""
    case.deleted, case.spam = deleted, spam
    user = model.users.get(case.user_id)
    if spam and user is not None and model.settings.spam_blocks_user:
        user.active = False
    touch(model, case)


def store_files(model: Omnidesk, uploads: Iterable[Upload]) -> list[File]:
    """Files as attachments of the account."""
    stored = []
    for upload in uploads:
        token = f"{model.random.getrandbits(64):016x}"
        file = File(model.next_id("file"), upload.name, upload.mime_type, upload.data, token)
        model.files[file.file_id] = file
        stored.append(file)
    return stored


def add_message(
    model: Omnidesk,
    case: Case,
    *,
    user_id: int = 0,
    staff_id: int = 0,
    content: str = "",
    html: str = "",
    note: bool = False,
    files: list[File] | None = None,
    created_at: int = 0,
    sent_at: int = 0,
    via_api: bool = False,
    via_rule: bool = False,
    first: bool = False,
) -> Message:
    """A message in the thread, with all it does to the case and the webhook it may cause.

    ``first``: the one a case begins with, which leaves the case's status alone.
    """
    when = created_at or model.now()
    kind = "note_regular" if note else "reply_user" if user_id else "reply_staff"
    message = Message(
        message_id=model.next_id("message"),
        case_id=case.case_id,
        user_id=user_id,
        staff_id=staff_id,
        content=content,
        content_html=html,
        note=note,
        created_at=when,
        sent_at=sent_at or when,
        kind=kind,
        files=files or [],
        via_api=via_api,
        sent_via_rule=via_rule,
    )
    model.threads[case.case_id][message.message_id] = message
    touch(model, case)
    if user_id and not note:
        _client_wrote(model, case, user_id, when, first)
    elif not note:
        _staff_wrote(model, case, staff_id, when, first)
    model.webhooks.message_new(model, case, message)
    return message


def _client_wrote(model: Omnidesk, case: Case, user_id: int, when: int, first: bool) -> None:
    model.users[user_id].last_contact_at = model.now()
    if model.settings.client_moves_last_response:
        case.last_response_at = max(case.last_response_at, when)
    if model.settings.client_message_reopens and not first:
        set_status(model, case, "open", f"user_{user_id}")


def _staff_wrote(model: Omnidesk, case: Case, staff_id: int, when: int, first: bool) -> None:
    case.first_response_at = case.first_response_at or when
    case.last_response_at = max(case.last_response_at, when)
    if staff_id and model.settings.staff_reply_assigns:
        assign(model, case, staff_id, f"staff_{staff_id}")
    if model.settings.staff_reply_sets_waiting and not first:
        set_status(model, case, "waiting", f"staff_{staff_id}")


def system_message(model: Omnidesk, case: Case, text: str) -> Message:
    """A record nobody wrote, as live threads hold some (their ``message_type`` is neither reply nor note)."""
    now = model.now()
    message = Message(model.next_id("message"), case.case_id, 0, 0, text, "", False, now, now, "system")
    model.threads[case.case_id][message.message_id] = message
    return message


def renumber(model: Omnidesk, message: Message) -> None:
    """The message gets a new id."""
    thread = model.threads[message.case_id]
    del thread[message.message_id]
    message.message_id = model.next_id("message")
    thread[message.message_id] = message


def ordered(model: Omnidesk, case: Case) -> list[Message]:
    """The thread, oldest first; which of the two orders is live is a switch."""
    thread = list(model.threads[case.case_id].values())
    if model.settings.order_messages_by == "created_at":
        thread.sort(key=lambda message: (message.created_at, message.message_id))
    return thread


def merge(model: Omnidesk, case: Case, into: Case, by: str) -> None:
    """Joins a case to another: it is closed, points to its parent, and is hidden from lists by default."""
    case.parent_case_id = into.case_id
    set_status(model, case, "closed", by)
    note_change(model, case, "merge", by, 0, into.case_id)
    touch(model, into)
    if model.settings.merge_moves_messages:
        moved = model.threads[case.case_id]
        for message in moved.values():
            message.case_id = into.case_id
        model.threads[into.case_id].update(moved)
        moved_ids = sorted(model.threads[into.case_id].items())
        model.threads[into.case_id] = dict(moved_ids)
        model.threads[case.case_id] = {}


def merge_users(model: Omnidesk, user: User, into: User) -> None:
    """One of two users goes, his cases and messages are the other's: what adding an e-mail or phone does (documented).

    Nothing else of the cases changes, their time neither.
    """
    for case in model.cases.values():
        case.user_id = into.user_id if case.user_id == user.user_id else case.user_id
    for thread in model.threads.values():
        for message in thread.values():
            message.user_id = into.user_id if message.user_id == user.user_id else message.user_id
    into.full_name = into.full_name or user.full_name
    model.merge_users(user, into)


def plain(html: str) -> str:
    """HTML as plain text, roughly: line breaks kept, tags dropped, entities resolved."""
    text = re.sub(r"\s*(?:<br\s*/?>|</p>\s*<p[^>]*>|</div>\s*<div[^>]*>)\s*", "\n", html)
    return markup.unescape(re.sub(r"<[^>]+>", "", text)).strip()
