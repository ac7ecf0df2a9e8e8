"""The stories: what has happened when a run begins that will die. Together they use every action of the module.

Each is a function that plays it up to that point. Its decorator says which command is run then (``sync`` when none is
named), or which hook dies in the story's last act, and how long an unanswered call is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnidesk.attachments.splitting import MOST_FILES
from tests.chaos.people import People
from tests.chaos.stage import SYNC

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@dataclass(frozen=True)
class Story:
    """A story. ``command`` may hold ``{ticket}`` and ``{message}`` (the one said last in BILLmanager), ``{user}``.

    ``hook``: ``addon`` or ``cgi`` dies instead of a run, in the act that ``play`` returns. ``settle``: the setting
    SettleSeconds. ``fresh``: the module has never run when the story begins.
    """

    name: str
    play: Callable[[People], Callable[[], object] | None]
    command: tuple[str, ...] = SYNC
    hook: str = ""
    settle: int = 0
    fresh: bool = False


STORIES: dict[str, Story] = {}
Play = Callable[[People], Callable[[], object] | None]


def story(*command: str, hook: str = "", settle: int = 0, fresh: bool = False) -> Callable[[Play], Play]:
    """Make a function a story."""

    def add(play: Play) -> Play:
        chosen = ("--command", *command) if command else SYNC
        STORIES[play.__name__] = Story(play.__name__, play, chosen, hook, settle, fresh)
        return play

    return add


def _delivered(who: People, by: int = 0) -> int:
    """An agent's reply that stands in the ticket; by Anna, when nobody is named."""
    who.linked()
    reply = who.agent("раз", who=by)
    who.stage.webhooks()
    who.stage.settle()
    return reply


# Beginnings


@story(fresh=True)
def first_run(who: People) -> None:
    """The module has never run: tables, baseline, and a ticket with an event."""
    who.opens("один")
    who.client("два")


@story()
def new_ticket(who: People) -> None:
    """A ticket with files and custom fields."""
    who.opens("ничего не работает", (("снимок.png", PNG), ("log.txt", b"line\n")))
    who.wants("open")


@story()
def new_ticket_answered(who: People) -> None:
    """A ticket that staff answered before it went over."""
    who.opens("вопрос")
    who.staff("ответ", close=True)
    who.wants("waiting")


@story()
def two_tickets(who: People) -> None:
    """Two clients at once."""
    who.opens("первый")
    who.opens("второй", user=who.world.petra.user)


# From BILLmanager


@story()
def client_messages(who: People) -> None:
    """Two messages, one of them by the client's second user with a file."""
    who.linked()
    who.client("ещё")
    who.client("и я", (("b.txt", b"b"),), second=True)
    who.wants("open")


@story()
def staff_reply_closing(who: People) -> None:
    """An employee known on both sides answers and is done."""
    who.linked()
    who.staff("готово", close=True)
    who.ends()
    who.wants("waiting")


@story()
def staff_reply_keeping_open(who: People) -> None:
    """An employee whom Omnidesk does not know answers and keeps the ticket, then it is passed on."""
    who.linked()
    who.staff("смотрю", close=False, who=who.world.boris, files=(("c.txt", b"c"),))
    who.passes_on()
    who.wants("open")


@story()
def ticket_moved(who: People) -> None:
    """A ticket is moved to another department, and its client writes."""
    who.routes()
    who.linked()
    who.moves(who.world.billing)
    who.client("ещё")
    who.wants_at(who.world.billing, who.groups[who.world.billing])


@story()
def case_moved(who: People) -> None:
    """A case is moved to another group, with a reply."""
    who.routes()
    who.linked()
    who.regroups(who.groups[who.world.billing])
    who.agent("передаю")
    who.wants_at(who.world.billing, who.groups[who.world.billing])


@story()
def both_moved(who: People) -> None:
    """Both sides are moved: Omnidesk wins."""
    who.routes()
    who.linked()
    who.moves(who.world.billing)
    who.regroups(min(who.desk.groups))
    who.client("и ещё")
    who.wants_at(who.world.billing, min(who.desk.groups))


@story()
def archived(who: People) -> None:
    """The client archives the ticket."""
    who.linked()
    who.archives()
    who.wants("closed")


@story()
def reopened_by_client(who: People) -> None:
    """A client writes into an archived ticket."""
    who.linked()
    who.archives()
    who.stage.settle()
    who.client("опять")
    who.wants("open")


@story()
def ratings(who: People) -> None:
    """A reply is rated, another rating is given twice, and one is changed."""
    who.linked()
    asked = who.client("а почему?")
    one = who.staff("раз", close=False)
    two = who.staff("два", close=False)
    who.stage.settle()
    who.rates(two, "good")
    who.stage.settle()
    who.rates(one, "good")
    who.rates(one, "bad")
    who.rates(two, "good")
    who.rates(asked, "good")  # which the panel may allow, and Omnidesk does not take


@story()
def client_data(who: People) -> None:
    """Name and custom fields change; a message makes the ticket be looked at."""
    who.linked()
    who.renames_client()
    who.renames_ticket()
    who.client("я сменил имя")


@story()
def case_trashed(who: People) -> None:
    """The case is in the trash when the client writes: he gets a new one."""
    who.linked()
    who.trashes()
    who.client("есть кто?")
    who.client("ау")


@story()
def case_came_back(who: People) -> None:
    """A case comes back out of the trash after nobody wrote."""
    who.linked()
    case = who.trashes()
    who.stage.settle()
    who.restores(case)
    who.agent("снова здесь", status="waiting")
    who.wants("waiting")


# From Omnidesk


@story()
def more_files_than_fit(who: People) -> None:
    """A message whose files take two in Omnidesk, and one after it."""
    who.linked()
    who.client("все журналы", tuple((f"{number}.log", b"%d\n" % number) for number in range(MOST_FILES + 1)))
    who.client("помогло?")


@story()
def reply_from_omnidesk(who: People) -> None:
    """A reply with files that ends the work."""
    who.linked()
    who.agent("вот ответ", status="waiting", files=(("отчёт.pdf", "application/pdf", PNG),))
    who.stage.webhooks()
    who.wants("waiting")


@story()
def reply_of_a_stranger(who: People) -> None:
    """Replies by an employee whom BILLmanager does not know; the case stays open."""
    who.linked()
    who.agent("от Веры", who=who.world.vera_staff)
    who.agent("ещё от Веры", who=who.world.vera_staff)
    who.stage.webhooks()
    who.wants("open")


@story()
def reply_after_the_end(who: People) -> None:
    """A reply into a ticket nobody has: it is taken for it."""
    who.linked()
    who.sets("waiting")
    who.stage.settle()
    who.agent("вдогонку", who=who.world.vera_staff)
    who.stage.webhooks()
    who.wants("waiting")


@story()
def long_reply(who: People) -> None:
    """A reply too long for a command line."""
    who.linked()
    who.agent("слово " * 30_000)
    who.stage.webhooks()


@story()
def agent_closes(who: People) -> None:
    """A status chosen in Omnidesk ends the assignment of whoever has the ticket."""
    who.linked()
    who.staff("моё", close=False)
    who.stage.settle()
    who.sets("closed")
    who.wants("waiting", "closed")


@story()
def agent_reopens(who: People) -> None:
    """A case is opened again in Omnidesk."""
    who.linked()
    who.sets("closed")
    who.stage.settle()
    who.sets("open")
    who.wants("open")


@story()
def closed_case_to_the_archive(who: People) -> None:
    """A case is closed in Omnidesk, and its ticket goes to the archive."""
    who.sets_up(archive=True)
    who.linked()
    who.agent("сделано", status="closed")
    who.stage.webhooks()
    who.wants("closed")


@story()
def taken_by_an_employee(who: People) -> None:
    """Who takes an ended ticket becomes the assignee of its case, which opens."""
    who.sets_up(assignee=True)
    who.linked()
    who.sets("waiting")
    who.stage.settle()
    who.stage.tick(20)
    who.takes()
    who.wants("open")


@story()
def given_in_omnidesk(who: People) -> None:
    """The case's assignee gets the ticket; another ticket's case is taken from everybody."""
    who.sets_up(assignee=True)
    who.linked()
    who.takes()
    who.stage.settle()
    who.assigns(0)
    who.wants("open")
    who.linked("второй")
    who.assigns(who.world.anna_staff)
    who.wants("open")


@story()
def another_priority(who: People) -> None:
    """Of a ticket in BILLmanager, and of another one's case in Omnidesk."""
    who.sets_up(assignee=True, priority=True)
    who.linked()
    who.raises("urgent")
    who.takes()
    who.wants("open")
    who.linked("второй")
    who.prioritises("high")
    who.wants("open")


@story()
def written_elsewhere(who: People) -> None:
    """The client writes by e-mail, that is into the case."""
    who.linked()
    who.elsewhere("письмом")
    who.wants("open")


@story()
def changed_after_delivery(who: People) -> None:
    """Replies that were delivered are changed and deleted; staff want to be told."""
    who.sets_up(edits="note")
    who.linked()
    replies = [who.agent(text, who=who.world.vera_staff) for text in ("раз", "два", "три")]
    who.stage.webhooks()
    who.stage.settle()
    who.edits(replies[0], "раз и навсегда")
    who.deletes(replies[1])


@story()
def corrected(who: People) -> None:
    """A reply is edited again and again in a panel that does not change messages: the last text follows."""
    who.panel.options.message_edit = "ignores"
    who.sets_up(edits="message")
    reply = _delivered(who, who.world.vera_staff)
    who.edits(reply, "два")
    who.stage.settle()
    who.edits(reply, "раз")
    who.edits(reply, "три")


@story()
def corrected_in_place(who: People) -> None:
    """The panel changes the message, which gets another time with it; a note is edited as well."""
    who.panel.options.message_edit, who.panel.options.edit_moves_date = "works", True
    who.sets_up(edits="message")
    who.linked()
    reply = who.agent("раз", status="waiting")
    note = who.agent_note("заметка")
    who.stage.webhooks()
    who.stage.settle()
    who.edits(reply, "два")
    who.edits(note, "другая заметка")
    who.wants("waiting")


@story()
def edited_while_it_is_off(who: People) -> None:
    """Nothing follows from an edit, which is remembered."""
    who.sets_up(edits="off")
    reply = _delivered(who)
    who.edits(reply, "два")


@story()
def edited_and_changed_back(who: People) -> None:
    """The panel did not take the note of an edit, which then was undone: there is nothing to tell any more."""
    who.sets_up(edits="note")
    reply = _delivered(who, who.world.vera_staff)
    who.edits(reply, "два")
    who.panel.faults.lose_request("ticket.edit")
    who.stage.clean()
    who.edits(reply, "раз")


# Both


@story()
def notes(who: People) -> None:
    """Notes of both sides, by known and unknown employees, one with a file."""
    who.linked()
    who.note("заметка Анны", files=(("план.pdf", PNG),))
    who.note("заметка Бориса", who.world.boris)
    who.agent_note("заметка оттуда")
    who.agent_note("заметка Веры", who.world.vera_staff)
    who.stage.webhooks()


@story()
def notes_switched_off(who: People) -> None:
    """Notes stay where they are."""
    who.sets_up(notes=False)
    who.linked()
    who.note("остаётся здесь")
    who.agent_note("остаётся там")
    who.agent("ответ", status="waiting")
    who.stage.webhooks()


@story()
def everything_at_once(who: People) -> None:
    """Messages, replies, notes and statuses of both sides wait."""
    who.linked("ноль")
    who.ends()
    who.stage.settle()
    who.client("вопрос")
    who.staff("от Бориса", close=True, who=who.world.boris)
    who.note("заметка здесь")
    who.agent("от Анны")
    who.agent_note("заметка там", who.world.vera_staff)
    who.agent("от Веры", who=who.world.vera_staff, status="closed")
    who.stage.webhooks()


# Doubts that an earlier run left


@story(settle=10)
def doubtful_case(who: People) -> None:
    """The call that makes a case got no answer."""
    who.desk.faults.drop_after(on="POST /api/cases.json")
    who.opens("один")
    who.client("два")
    who.stage.clean()
    who.stage.tick(11)


@story(settle=10)
def doubtful_message(who: People) -> None:
    """The call that sends a message got no answer, and more was said."""
    who.linked()
    who.client("два")
    who.desk.faults.drop_after(on="POST /api/cases/*/messages.json")
    who.stage.clean()
    who.staff("три", close=True)
    who.stage.tick(11)


@story(settle=10)
def doubtful_reply(who: People) -> None:
    """The panel died after it had stored a reply."""
    who.linked()
    who.agent("ответ", status="waiting", who=who.world.vera_staff)
    who.stage.webhooks()
    who.panel.faults.die_after_commit("ticket.edit")
    who.stage.clean()
    who.agent("и ещё", who=who.world.vera_staff)
    who.stage.webhooks()
    who.stage.tick(11)


# Commands


@story("create_case", "--id", "{ticket}")
def command_create_case(who: People) -> None:
    """A new case by hand."""
    who.opens("один", (("a.txt", b"a"),))
    who.client("два")


@story("add_message", "--id", "{message}")
def command_add_message(who: People) -> None:
    """A message by hand, with one before it."""
    who.linked()
    who.client("раз")
    who.client("два")


@story("update_status", "--id", "{ticket}")
def command_update_status(who: People) -> None:
    """A status by hand."""
    who.linked()
    who.archives()
    who.wants("closed")


@story("sync_user", "--id", "{user}")
def command_sync_user(who: People) -> None:
    """A client's data by hand."""
    who.linked()
    who.renames_client()


@story("set_rating", "--id", "{message}")
def command_set_rating(who: People) -> None:
    """A rating by hand."""
    who.linked()
    reply = who.staff("ответ", close=True)
    who.stage.settle()
    who.rates(reply, "good")


@story("sync_ticket", "--id", "{ticket}", settle=10)
def command_sync_ticket(who: People) -> None:
    """One ticket by hand, both ways."""
    who.linked()
    who.client("отсюда")
    who.agent("оттуда", status="waiting")
    who.webhooks_lost()


@story("update_status", "--id", "{ticket}")
def ended_while_the_case_was_not_seen(who: People) -> None:
    """An employee ends a ticket whose case was seen a while ago: the case is read before its status is written."""
    who.linked()
    who.stage.tick(20)
    who.ends()
    who.wants("waiting")


@story()
def status_of_unknown_reason(who: People) -> None:
    """After the client's message an agent chooses a status without a word: only the case's history tells."""
    who.linked()
    who.client("ещё")
    who.stage.clean()
    who.stage.tick(10)
    who.sets("waiting")
    who.stage.tick(65)
    who.wants("waiting")


@story("retry")
def command_retry(who: People) -> None:
    """What failed is tried again at once."""
    who.linked()
    who.client("не ушло")
    who.desk.faults.server_error(502, on="POST /api/cases/*/messages.json")
    who.stage.clean()


@story("sync", "--no-wait", "--linger", "0")
def as_a_worker(who: People) -> None:
    """The worker that a hook starts."""
    who.linked()
    who.client("вопрос")
    who.agent("ответ", status="waiting")
    who.stage.webhooks()


# Hooks


@story(hook="addon")
def hook_new_ticket(who: People) -> Callable[[], object]:
    """The event handler dies while a client opens a ticket."""
    return lambda: who.opens("позвоните")


@story(hook="addon")
def hook_staff_reply(who: People) -> Callable[[], object]:
    """The event handlers die while an employee takes a ticket and answers."""
    who.linked()
    return lambda: who.staff("ответ", close=True)


@story(hook="cgi")
def hook_webhook(who: People) -> Callable[[], object]:
    """The webhook's script dies."""
    who.linked()
    who.agent("ответ", status="waiting")
    return who.stage.webhooks
