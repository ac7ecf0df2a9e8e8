"""Both sides of one conversation as plain values, read from the products themselves, and how they differ.

Nothing of the module is used here: what it did is judged by what the two products hold.
"""

from __future__ import annotations

import html as markup
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from sandbox.omnidesk.state import Case, Message, User
from sandbox.world import World

LEVELS = {"": "", "good": "high", "bad": "low"}
_KINDS = {"reply_user": "client", "reply_staff": "staff", "note_regular": "note"}
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_BREAKS = re.compile(r"<br\b[^>]*>|</(?:li|td|tr)>", re.IGNORECASE)
_BLOCKS = re.compile(r"</?(?:p|div|ul|ol|blockquote|h[1-6]|table)\b[^>]*>", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|__|`")


@dataclass(frozen=True)
class File:
    """A file with its content."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Entry:
    """A message or a note. ``kind``: client, staff, note; ``rating``: low, high or ""; ``given``: good, bad or ""."""

    id: int
    kind: str
    author: str
    text: str
    files: tuple[File, ...] = ()
    rating: str = ""
    given: str = ""


@dataclass(frozen=True)
class Side:
    """One product's half: ``status`` open, waiting or closed; ``fields`` by their titles; ``holders``: who has it."""

    title: str
    status: str
    messages: tuple[Entry, ...]
    notes: tuple[Entry, ...]
    fields: dict[str, str]
    holders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """A ticket and its case."""

    ticket: int
    case: int


# Reading


def panel_side(world: World, ticket: int, fields: dict[str, str]) -> Side:
    """BILLmanager's half; ``fields`` is what the custom fields should say."""
    panel = world.panel
    state = panel.ticket_state(ticket)
    names = {int(row["id"]): str(row["realname"]) for row in panel.query("SELECT id, realname FROM user")}
    messages = tuple(
        Entry(
            one.id,
            "staff" if one.staff else "client",
            one.author,
            one.text,
            tuple(File(file.name, file.content) for file in one.files),
            LEVELS[one.rating],
            one.rating,
        )
        for one in panel.messages(ticket)
    )
    notes = tuple(Entry(one.id, "note", names.get(one.user or 0, ""), one.text) for one in panel.notes(ticket))
    return Side(state.name, state.state, messages, notes, fields, tuple(names[user] for user in state.assignees))


def omnidesk_side(world: World, case_id: int) -> Side:
    """Omnidesk's half, messages in the order they were made (several have the same second)."""
    desk = world.omnidesk
    with desk.lock:
        case = desk.cases[case_id]
        user = desk.users[case.user_id]
        entries = [_entry(world, one) for one in sorted(desk.messages(case_id), key=lambda one: one.message_id)]
        holder = desk.staff.get(case.staff_id)
        return Side(
            case.subject,
            case.status,
            tuple(one for one in entries if one.kind in ("client", "staff")),
            tuple(one for one in entries if one.kind == "note"),
            _shown_fields(world, case, user),
            (holder.name,) if holder else (),
        )


def _entry(world: World, message: Message) -> Entry:
    desk = world.omnidesk
    if message.user_id:
        author = desk.users[message.user_id].full_name
    else:
        author = desk.staff[message.staff_id].name if message.staff_id else ""
    text = message.content if message.content else plain(message.content_html)
    files = tuple(File(file.name, file.data) for file in message.files)
    return Entry(message.message_id, _KINDS.get(message.kind, "system"), author, text, files, message.rating)


def _shown_fields(world: World, case: Case, user: User) -> dict[str, str]:
    """Titles and values as an employee reads them: options by their text, checkboxes as yes or no."""
    shown = {}
    for field in world.omnidesk.fields.values():
        value = (case if field.level == "case" else user).custom_fields.get(field.key, "")
        if field.type == "select":
            value = field.options.get(str(value), value)
        elif field.type == "checkbox":
            value = "yes" if value else "no"
        shown[field.title] = str(value)
    return shown


def plain(html: str) -> str:
    """A reply's HTML as text: a blank line between paragraphs, a dash before the items of a list."""
    broken = _BLOCKS.sub("\n\n", _BREAKS.sub("\n", _ITEM.sub("\n- ", html.replace("\n", " "))))
    lines = "\n".join(line.strip() for line in re.sub(r"<[^>]+>", "", broken).split("\n"))
    items = re.sub(r"\n+(?=- )", "\n", lines)
    return markup.unescape(re.sub(r"\n{3,}", "\n\n", items).strip())


def as_read(text: str) -> str:
    """A text of either side as somebody reads it: without Markdown's marks, and with a bullet before an item."""
    lines = [re.sub(r"^\s*[-*+] ", "• ", line.rstrip()) for line in _MARKS.sub("", text).strip().split("\n")]
    return re.sub(r"\n{2,}(?=• )", "\n", "\n".join(lines))


# Comparing


def differences(left: Side, right: Side) -> list[str]:
    """Everything in which the two sides are not equal, one sentence each; empty when nothing is."""
    return [
        *_different("subject", left.title, right.title),
        *_different("status", *_comparable(left.status, right.status)),
        *_lists("message", left.messages, right.messages),
        *_lists("note", left.notes, right.notes),
        *(
            found
            for title in sorted({*left.fields, *right.fields})
            for found in _different(f"field {title}", left.fields.get(title, ""), right.fields.get(title, ""))
        ),
    ]


def _comparable(ticket: str, case: str) -> tuple[str, str]:
    """BILLmanager cannot say whether staff closed a case or wait for the client: nobody has the ticket."""
    return ticket, "waiting" if (ticket, case) == ("waiting", "closed") else case


def _lists(what: str, left: tuple[Entry, ...], right: tuple[Entry, ...]) -> Iterator[str]:
    yield from _different(f"number of {what}s", len(left), len(right))
    for number, (one, other) in enumerate(zip_longest(left, right), 1):
        name = f"{what} {number}"
        if one is None or other is None:
            there = one or other
            where = "Omnidesk" if one is None else "BILLmanager"
            yield f"{name} is in {where} only: {there.author}: {there.text[:60]!r}"
            continue
        yield from _different(f"{name}: kind", one.kind, other.kind)
        yield from _different(f"{name}: rating", one.rating, other.rating)
        yield from _different(f"{name}: files", [file.name for file in one.files], [file.name for file in other.files])
        if [file.content for file in one.files] != [file.content for file in other.files]:
            yield f"{name}: the files' contents differ"
        if not same_text(one, other):
            yield f"{name}: {one.author}: {one.text[:60]!r} is not {other.author}: {other.text[:60]!r}"


def same_text(one: Entry, other: Entry) -> bool:
    """The same words by the same person. Where somebody had to speak for the author, the text begins with his name."""
    if one.author == other.author:
        return normal(one.text) == normal(other.text)
    return _spoken_for(one, other) or _spoken_for(other, one)


def _spoken_for(author: Entry, speaker: Entry) -> bool:
    wrote = {normal(f"{author.author} {word}: {author.text}") for word in ("пишет", "wrote")}
    return normal(speaker.text) in wrote


def normal(text: str) -> str:
    """The text without Markdown's marks and with single blanks: what both products keep."""
    text = unicodedata.normalize("NFC", text)
    return " ".join(re.sub(r"[*_`\\]|^\s*[-+#>]+\s", "", text, flags=re.MULTILINE).split())


def _different(what: str, left: object, right: object) -> Iterator[str]:
    if left != right:
        yield f"{what}: {left!r} in BILLmanager, {right!r} in Omnidesk"
