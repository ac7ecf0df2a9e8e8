"""The world the story is played in: who is there, and which custom fields the provider has linked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sandbox.demo.sides import Conversation, Side, omnidesk_side, panel_side
from sandbox.omnidesk.state import Field
from sandbox.watch import Watch
from sandbox.world import World

POLL_SECONDS = 5  # the least the module accepts


class Text(NamedTuple):
    """The same words in both languages."""

    ru: str
    en: str


SUPPORT = Text("Техническая поддержка", "Technical support")
BILLING = Text("Отдел оплаты", "Billing")


@dataclass(frozen=True)
class Linked:
    """A field of Omnidesk, the value of the catalogue it is linked with, and a statement that tells it independently.

    ``expected`` is about the ticket (``%(ticket)s``) and yields the value as it reads in Omnidesk.
    """

    field: Field
    value: str
    expected: str


class Stage:
    """A world with people and linked fields, in a language."""

    def __init__(self, world: World, language: str) -> None:
        self.world = world
        self.language = language
        self.watch = Watch(world)
        name_people(world, language)
        self.linked = self._link_fields()

    @cached_property
    def value_names(self) -> dict[str, str]:
        """What the catalogue calls the linked values; some have no English name there."""
        path = self.world.root / "etc" / "omnidesk" / "custom_fields_values.json"
        key, known = "name" if self.language == "ru" else "name_en", json.loads(path.read_text(encoding="utf-8"))
        return {one.value: known[one.value].get(key) or one.field.title for one in self.linked}

    def say(self, text: Text) -> str:
        """The words in the story's language."""
        return text.ru if self.language == "ru" else text.en

    def _link_fields(self) -> list[Linked]:
        desk = self.world.omnidesk
        departments = [self.say(SUPPORT), self.say(BILLING)]
        linked = [
            Linked(
                desk.add_field(self.say(Text("Номер запроса", "Ticket number")), "text"),
                "ticket",
                "SELECT CAST(id AS CHAR) FROM ticket WHERE id=%s",
            ),
            Linked(
                desk.add_field(self.say(Text("Отдел", "Department")), "select", options=departments),
                "ticket_department",
                "SELECT realname FROM user WHERE id=(SELECT responsible FROM ticket WHERE id=%s)",
            ),
            Linked(
                desk.add_field(self.say(Text("Услуга оплачена до", "Paid until")), "date"),
                "service_expiry",
                "SELECT DATE_FORMAT(expiredate, '%%Y-%%m-%%d') FROM item"
                " WHERE id=(SELECT item FROM ticket WHERE id=%s)",
            ),
            Linked(
                desk.add_field(self.say(Text("В архиве", "Archived")), "checkbox"),
                "ticket_archived",
                "SELECT IF(status=10, 'yes', 'no') FROM ticket WHERE id=%s",
            ),
            Linked(
                desk.add_field(self.say(Text("ID клиента", "Client's id")), "text", "user"),
                "client_id",
                "SELECT CAST(account_client AS CHAR) FROM ticket WHERE id=%s",
            ),
            Linked(
                desk.add_field(self.say(Text("Клиент с", "Client since")), "date", "user"),
                "registration_date",
                "SELECT DATE_FORMAT(registration_date, '%%Y-%%m-%%d') FROM account"
                " WHERE id=(SELECT account_client FROM ticket WHERE id=%s)",
            ),
        ]
        links = [{"field": one.field.key, "value": one.value} for one in linked]
        path = self.world.root / "etc" / "omnidesk" / "custom_fields.json"
        path.write_text(json.dumps(links, indent=4) + "\n", encoding="utf-8")
        return linked

    # Both sides

    def left(self, conversation: Conversation) -> Side:
        """BILLmanager's half."""
        return panel_side(self.world, conversation.ticket, self._expected(conversation.ticket))

    def right(self, conversation: Conversation) -> Side:
        """Omnidesk's half."""
        return omnidesk_side(self.world, conversation.case)

    def _expected(self, ticket: int) -> dict[str, str]:
        found = {}
        for one in self.linked:
            rows = self.world.panel.query(one.expected, ticket)
            found[one.field.title] = str(next(iter(rows[0].values())) or "") if rows else ""
        return found


def name_people(world: World, language: str) -> None:
    """The second user of the client has a name of her own; in an English story all have names that read there."""
    at = 0 if language == "ru" else 1
    names = {
        world.ivan.users[0]: Text("Иван Петров", "Ivan Petrov"),
        world.ivan.users[1]: Text("Ольга Петрова", "Olga Petrova"),
        world.anna: Text("Анна Ким", "Anna Kim"),
        world.boris: Text("Борис Лунин", "Boris Lunin"),
        world.department: SUPPORT,
        world.billing: BILLING,
    }
    for user, name in names.items():
        world.panel.execute("UPDATE user SET realname=%s WHERE id=%s", name[at], user)
    staff = world.omnidesk.staff
    staff[world.anna_staff].name = names[world.anna][at]
    staff[world.vera_staff].name = Text("Вера Орлова", "Vera Orlova")[at]
    if world.options.configured:
        integration = Text("Интеграция", "Integration")[at]
        staff[world.integration_staff].name = integration
        world.panel.execute("UPDATE user SET realname=%s WHERE id=%s", integration, world.integration)
    else:
        staff[world.integration_staff].name = Text("Владелец аккаунта", "Account owner")[at]
