"""Lists and forms as the panel gets them: addon/omnidesk as a process, an installed module, both products."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from omnidesk.panel_ui import names
from sandbox.omnidesk.state import Field
from sandbox.watch import Watch
from sandbox.world import World
from tests.panel_ui.panel_calls import Answered, session

SECRETS = ("webhook-secret-7", "restricted pass#1")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("lists")
    with World(folder, events=False) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def field(world: World) -> Field:
    """There from the beginning: whoever asks for the fields has them remembered for a minute."""
    return world.omnidesk.add_field("Клиент", "text", "user")


def ask(world: World, func: str, *, level: int | str = 29, language: str = "ru", **params: str) -> Answered:
    """One call as the core makes it: parameters in the environment, the session document on stdin (documented)."""
    given = {f"PARAM_{name}": value for name, value in {"func": func, **params}.items()}
    environment = {
        "PATH": os.environ["PATH"],
        "AUTH_LEVEL": str(level),
        "AUTH_USER": "5",
        "EVENT_TYPE": "action",
        "ACTION_NAME": func,
        "LC_ALL": "C",
        **given,
    }
    done = subprocess.run(
        [str(world.root / "addon" / "omnidesk")],
        input=session(func, language).as_bytes(),
        capture_output=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == b"", done.stderr.decode()
    answer = Answered(etree.fromstring(done.stdout))
    assert not any(secret in answer.text for secret in (*SECRETS, world.omnidesk.api_key))
    return answer


def test_a_ticket_that_failed_is_listed_and_its_retry_works_at_once(world: World) -> None:
    world.sync()  # where history begins
    world.omnidesk.faults.answer(400, '{"error": "wrong_subject"}', on="POST /api/cases.json", times=None)
    ticket = world.panel.client_creates_ticket(world.ivan.user, "Сайт лежит", "Помогите")
    assert world.run("--command", "sync_ticket", "--id", ticket).returncode == 1
    world.panel.execute("UPDATE ticket2external_case SET due_at = due_at + 600")  # however slow we are
    (row,) = ask(world, names.QUEUE).rows
    assert (row["id"], row["name"], row["state"], row["case_number"]) == (str(ticket), "Сайт лежит", "state_later", "")
    assert row["reason"].startswith("Омнидеск отклонил вызов") and "wrong_subject" in row["reason"]
    assert ask(world, names.QUEUE, language="en").rows[0]["reason"].startswith("Omnidesk refused the call")
    world.omnidesk.faults.clear()
    watch = Watch(world)
    assert ask(world, names.QUEUE_RETRY, elid=str(ticket)).ok
    watch.until("the ticket gets its case", lambda: list(world.omnidesk.cases.values()))
    watch.settled()
    assert ask(world, names.QUEUE).rows == []


def test_a_field_is_linked_listed_and_unlinked(world: World, field: Field) -> None:
    offered = ask(world, names.FIELDS_EDIT, level=30)
    assert field.key in offered.choices("field")
    form = ask(world, names.FIELDS_EDIT, level=30, field=field.key, value="", sample="", sv_field="field")
    assert "client_name" in form.choices("value") and "ticket" not in form.choices("value")
    shown = ask(world, names.FIELDS_EDIT, level=30, field=field.key, value="client_name", sample="", sv_field="value")
    assert "Petra Maier" in shown.value("preview")
    saved = ask(
        world,
        names.FIELDS_EDIT,
        level=30,
        field=field.key,
        value="client_name",
        sample="",
        sok="ok",
        clicked_button="ok",
    )
    assert saved.ok
    (row,) = ask(world, names.FIELDS, language="en").rows
    assert (row["id"], row["state"], row["value"]) == (field.key, "state_fine", "client_name")
    file = world.root / "etc/omnidesk/custom_fields.json"
    assert json.loads(file.read_text(encoding="utf-8")) == [{"field": field.key, "value": "client_name"}]
    assert file.stat().st_mode & 0o777 == 0o600
    assert ask(world, names.FIELDS_DELETE, level=30, elid=field.key).ok
    assert ask(world, names.FIELDS).rows == []


@pytest.mark.parametrize("func", [names.FIELDS, names.FIELDS_EDIT, names.QUEUE, names.QUEUE_RETRY_ALL])
def test_strangers_see_nothing(world: World, func: str) -> None:
    assert ask(world, func, level=16).error == ("access", func)


@pytest.mark.parametrize(
    ("func", "params"),
    [
        (names.QUEUE, {"ticket": "1 UNION SELECT password FROM user", "p_num": "-5"}),
        (names.QUEUE, {"text": "\udcff\x01' OR ''='", "state": "../../etc"}),
        (names.QUEUE_RETRY, {"elid": "1); DROP TABLE ticket; --"}),
        (
            names.FIELDS_EDIT,
            {"level": "30", "elid": "cf_1</elid><x/>", "sok": "ok", "field": "]]>", "value": "\x1b[2J"},
        ),
        (names.FIELDS_DELETE, {"level": "30", "elid": ", ".join(f"cf_{number}" for number in range(1, 3000))}),
        (names.QUEUE_FILTER, {"sok": "ok", "text": "&func=omnidesk.queue.retryall&sok=ok#", "state": "\n"}),
    ],
)
def test_hostile_parameters_get_a_whole_document(world: World, func: str, params: dict[str, str]) -> None:
    before = world.panel.query("SELECT COUNT(*) AS n FROM ticket")
    answer = ask(world, func, **params)
    assert answer.ok or answer.error[0] in ("", "bad_value", "no_ticket", "no_link")
    assert "sok=ok" not in answer.root.findtext("ok", "")
    assert world.panel.query("SELECT COUNT(*) AS n FROM ticket") == before
