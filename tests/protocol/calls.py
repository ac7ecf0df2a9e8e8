"""Running the executable, and what its answers hold."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

from lxml import etree

from omnidesk.wording.error_texts import TEXTS, panel_type
from sandbox.world import World

Done = subprocess.CompletedProcess[bytes]


@dataclass(frozen=True)
class Answer:
    """A call in the panel's form: the exit code and the document."""

    code: int
    root: etree._Element
    done: Done

    @property
    def error(self) -> tuple[str, str]:
        """(type, object) of the error, empty when there is none; the type as the module itself calls it."""
        found = self.root.find("error")
        if found is None:
            return ("", "")
        known = {panel_type(type): type for type in TEXTS}
        return (known[found.get("type", "")], found.get("object", ""))

    @property
    def message(self) -> str:
        """The error's sentence."""
        return self.root.findtext("error/msg", "")

    def param(self, name: str) -> str:
        """A parameter of the error."""
        return next((node.text or "" for node in self.root.iter("param") if node.get("name") == name), "")


def panel(world: World, name: str, *arguments: object, **options: Any) -> Answer:
    """``--command NAME …``; stdout must be one document of the panel and stderr silent."""
    return answered(world.run("--command", name, *arguments, **options))


def answered(done: Done) -> Answer:
    assert done.stderr == b"", done.stderr.decode()
    root = etree.fromstring(done.stdout)
    assert root.tag == "doc"
    ok, error = root.find("ok") is not None, root.find("error") is not None
    assert ok != error, done.stdout.decode()
    assert done.returncode == int(error)
    return Answer(done.returncode, root, done)


def person(world: World, *arguments: object, **options: Any) -> tuple[int, str, str]:
    """Exit code, stdout and stderr as text, which must not be XML."""
    done = world.run(*arguments, **options)
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "<doc" not in out + err
    return done.returncode, out, err


class Story:
    """A linked ticket of Ivan's with messages both ways, one of them rated."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user = world.ivan.user
        self.ticket = world.panel.client_creates_ticket(self.user, "Сайт лежит", "Помогите")
        world.sync()
        self.reply = world.panel.employee_replies(world.anna, self.ticket, "Смотрим", close=False)
        world.sync()
        case = self.case
        world.omnidesk.agent_reply(case, world.anna_staff, text="Готово")
        panel(world, "sync_ticket", "--id", self.ticket)
        self.first = world.panel.messages(self.ticket)[0].id
        assert len(world.panel.messages(self.ticket)) == 3

    @property
    def case(self) -> int:
        """The ticket's case."""
        row = self.world.panel.query("SELECT external_case AS c FROM ticket2external_case WHERE ticket=%s", self.ticket)
        return int(row[0]["c"])

    def argument(self, command: str) -> list[object]:
        """What a command needs to be called with."""
        if command == "worker":
            return []
        number = {"sync_user": self.user, "add_message": self.reply, "set_rating": self.reply}.get(command, self.ticket)
        return [number]


def snapshot(world: World) -> dict[str, Any]:
    """Everything that a client or an employee could see on either side."""
    panel_side = {
        ticket: (world.panel.ticket_state(ticket), world.panel.messages(ticket), world.panel.notes(ticket))
        for ticket in world.panel.tickets()
    }
    desk = world.omnidesk
    desk_side = {
        case.case_id: (case.status, dict(case.custom_fields), case.rating, desk.thread(case.case_id),
                       [one.rating for one in desk.messages(case.case_id)])
        for case in desk.cases.values()
    }  # fmt: skip
    users = {one.user_id: (one.full_name, dict(one.custom_fields)) for one in desk.users.values()}
    return {"panel": panel_side, "omnidesk": desk_side, "users": users}
