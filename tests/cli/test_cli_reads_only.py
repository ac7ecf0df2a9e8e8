"""Commands that only read leave the module's tables and its spool as they were, whatever became of the case."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from omnidesk.store.schema import TABLES
from sandbox.world import World
from tests.cli.terminal import terminal
from tests.protocol.calls import Story, panel, person
from tests.support.amount import spread
from tests.support.commands import CommandWorld

FATES: dict[str, Callable[[World, int], object]] = {
    "as it was": lambda world, case: None,
    "an agent replied": lambda world, case: world.omnidesk.agent_reply(case, world.anna_staff, text="Ответ"),
    "closed": lambda world, case: world.omnidesk.set_status(case, "closed", world.anna_staff),
    "deleted": lambda world, case: world.omnidesk.delete(case),
    "in the trash": lambda world, case: world.omnidesk.trash(case),
    "spam": lambda world, case: world.omnidesk.spam(case),
    "merged into another client's": lambda world, case: merge(world, case, same=False),
    "merged into one of the same client": lambda world, case: merge(world, case, same=True),
    "without any message": lambda world, case: world.omnidesk.faults.answer(
        200, "{}", "application/json", on=f"GET cases/{case}/messages*", times=None
    ),
}
READS: dict[str, Callable[[World, int], object]] = {
    "dry run": lambda world, ticket: panel(world, "sync_ticket", "--id", ticket, "--dry-run"),
    "dry run for a person": lambda world, ticket: person(world, "sync_ticket", ticket, "--dry-run"),
    "show": lambda world, ticket: panel(world, "show", "--id", ticket),
    "show on a terminal": lambda world, ticket: terminal(world, "show", ticket),
    "log": lambda world, ticket: person(world, "log", ticket),
    "probe": lambda world, ticket: person(world, "probe"),
}


def merge(world: World, case: int, *, same: bool) -> None:
    """Merge the case away, into one of the ``same`` client or of somebody else."""
    other = world.omnidesk.client_case("somebody@example.com", "Другое", "другое")
    if same:
        other.user_id = world.omnidesk.cases[case].user_id
    world.omnidesk.merge(case, other.case_id, world.anna_staff)


def dump(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of the module's tables, and what waits in the spool."""
    found = {name: sorted(world.panel.query(f"SELECT * FROM {name}"), key=repr) for name in TABLES}
    spool = sorted(path.name for path in (world.root / "var/omnidesk/spool").iterdir())
    return {**found, "spool": [{"name": name} for name in spool]}


@pytest.fixture(scope="module")
def fielded(world: World, story: Story) -> World:
    """With a custom field, whose statement is to be approved and whose list is to be asked for."""
    field = world.omnidesk.add_field("Номер клиента", level="case")
    links = world.root / "etc/omnidesk/custom_fields.json"
    links.write_text(json.dumps([{"field": f"cf_{field.field_id}", "value": "client_id"}]), encoding="utf-8")
    return world


@pytest.fixture(params=spread(list(FATES), 5))
def ticket(request: pytest.FixtureRequest, fielded: World) -> Any:
    """A linked ticket with a message that has not gone over, and whose case met this fate since."""
    world = fielded
    number = world.panel.client_creates_ticket(world.ivan.user, "Тема", f"Текст: {request.param}")
    world.sync()
    case = world.panel.query("SELECT external_case AS c FROM ticket2external_case WHERE ticket = %s", number)[0]["c"]
    world.panel.client_writes(world.ivan.user, number, "Ещё")
    user = world.omnidesk.cases[int(case)].user_id
    FATES[request.param](world, int(case))
    world.panel.execute("DELETE FROM omnidesk_state WHERE name LIKE 'account:%%' OR name LIKE 'sql:%%'")
    yield number
    world.omnidesk.faults.clear()
    world.omnidesk.unblock(user)  # spam has blocked him, and other fates need a case


def test_reading_writes_nothing(fielded: World, ticket: int) -> None:
    before = dump(fielded)
    for name, read in READS.items():
        read(fielded, ticket)
        assert dump(fielded) == before, name


def test_a_dry_run_before_the_tables_are_made(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It says what to do, and makes none."""
    with CommandWorld(tmp_path_factory.mktemp("new"), events=False, webhooks=False) as world:
        ticket = world.panel.client_creates_ticket(world.ivan.user, "Тема", "Текст")
        answer = panel(world, "sync_ticket", "--id", ticket, "--dry-run")
        assert answer.error == ("tables_missing", "")
        assert world.panel.query("SHOW TABLES LIKE '%%external%%'") == []
