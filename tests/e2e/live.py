"""A world with real processes, and what end-to-end tests ask of it. Nobody calls the module: hooks do."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from sandbox.demo.sides import Conversation, differences, omnidesk_side, panel_side
from sandbox.timer import run_cron
from sandbox.watch import Watch
from sandbox.world import World

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_LINE = re.compile(r"\w{3} [ \d]\d [\d:]{8} \[(?P<pid>\d+)\] (?P<module>\S+) (?P<level>[A-Z]+) (?P<text>.*)")
WORKS = ("events", "scan", "poll", "apply", "omnidesk", "billmanager", "worker")


class Live:
    """A running world; ``ivan`` is a client's user, ``anna`` staff of both products."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.panel = world.panel
        self.desk = world.omnidesk
        self.watch = Watch(world)
        self.ivan = world.ivan.user
        self.anna = world.anna
        self.staff = world.anna_staff

    # Acts

    def ticket(self, text: str = "My site is down", user: int = 0, subject: str = "Help") -> Conversation:
        """A client's new ticket, once its case is there."""
        known = set(self.desk.cases)
        ticket = self.panel.client_creates_ticket(user or self.ivan, subject, text)
        self.until("a case for the new ticket", lambda: set(self.desk.cases) - known)
        conversation = Conversation(ticket, max(self.desk.cases))
        self.equal(conversation)
        self.watch.settled()
        return conversation

    def client_writes(self, conversation: Conversation, text: str) -> None:
        """The client's message; nothing is waited for."""
        self.panel.client_writes(self.ivan, conversation.ticket, text)

    def reply(self, conversation: Conversation, text: str, status: str | None = None) -> None:
        """Anna's reply in Omnidesk; nothing is waited for."""
        self.desk.agent_reply(conversation.case, self.staff, text=text, status=status)

    def cron(self, *, polls: bool = True) -> None:
        """The timer's minute has come; ``polls``: it is also time to poll and scan, as PollSeconds have gone by."""
        if polls:
            self.panel.execute("DELETE FROM omnidesk_state WHERE name IN ('poll_done', 'scan_done')")
        done = run_cron(self.world.root)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def polled(self) -> None:
        """Wait until the module has read the list of changed cases once more: for changes that no webhook announces.

        A poll that was under way records its end after :meth:`cron` has forgotten it: the timer's next minute comes.
        """
        asked = time.time()

        def is_polled() -> bool:
            began = self.panel.query("SELECT value FROM omnidesk_state WHERE name = 'polled'")
            if began and float(began[0]["value"]) >= asked:
                return True
            self.cron()
            return False

        self.until("a poll", is_polled)

    # Waiting and looking

    def until(self, what: str, condition: Callable[[], Any], limit: float = 60.0, every: float = 0.5) -> Any:
        """See :meth:`sandbox.watch.Watch.until`."""
        return self.watch.until(what, condition, limit, every)

    def differences(self, conversation: Conversation) -> list[str]:
        """How both sides differ now."""
        left = panel_side(self.world, conversation.ticket, {})
        return differences(left, omnidesk_side(self.world, conversation.case))

    def equal(self, conversation: Conversation) -> None:
        """Wait until both sides are equal."""
        self.until("both sides are equal", lambda: not self.differences(conversation))

    def carried(self, conversation: Conversation) -> None:
        """Wait until each side has each message once, wherever it stands: both sides were written to at once."""

        def same() -> bool:
            return sorted(self.texts(conversation)) == sorted(self.ticket_texts(conversation))

        self.until("each message is on both sides", same)

    def texts(self, conversation: Conversation) -> list[str]:
        """What the case's messages say, notes left out."""
        return [one.text for one in omnidesk_side(self.world, conversation.case).messages]

    def ticket_texts(self, conversation: Conversation) -> list[str]:
        """What the ticket's messages say."""
        return [one.text for one in self.panel.messages(conversation.ticket)]

    def link(self, conversation: Conversation) -> dict[str, Any]:
        """The module's own row about the ticket."""
        return self.panel.query("SELECT * FROM ticket2external_case WHERE ticket=%s", conversation.ticket)[0]

    # Processes

    def workers(self) -> list[int]:
        """The ids of the workers that run; hooks and mgrctl, which come and go, are none."""
        return [process for process in self.world.workers() if b"/pmomnidesk\0" in _command_line(process)]

    def workers_gone(self) -> None:
        """Wait until the last worker has left; for worlds whose workers do not linger."""
        for process in self.workers():
            assert wait_gone(process), process

    def worker(self) -> int:
        """The id of the one worker that runs."""
        running = self.workers()
        assert len(running) == 1, running
        return running[0]

    def pids_at_work(self) -> list[int]:
        """Every process that has worked so far, by the log, in the order of their first line."""
        return list(dict.fromkeys(int(line["pid"]) for line in self.log_lines() if line["module"] in WORKS))

    def log_lines(self) -> list[re.Match[str]]:
        """The worker's log, without colours."""
        return [found for line in _COLOUR.sub("", self.world.log()).splitlines() if (found := _LINE.match(line))]

    def problems(self) -> list[str]:
        """What the log has at WARNING and above."""
        return [line["text"] for line in self.log_lines() if line["level"] in ("WARNING", "ERROR", "CRITICAL")]


def _command_line(process: int) -> bytes:
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read()
    except OSError:  # it has just ended
        return b""


def end(process: int, number: signal.Signals, limit: float = 60.0) -> bool:
    """Send a signal and wait until the process is gone; False when it is not after ``limit`` seconds.

    A worker would stay longer by itself (LingerSeconds in conftest.py).
    """
    handle = os.pidfd_open(process)
    try:
        signal.pidfd_send_signal(handle, number)
        return bool(select.select([handle], [], [], limit)[0])
    finally:
        os.close(handle)


def wait_gone(process: int, limit: float = 60.0) -> bool:
    """Wait until a process has ended by itself."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], limit)[0])
    finally:
        os.close(handle)
