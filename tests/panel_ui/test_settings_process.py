"""The settings form the real way: the installed handler as the panel's process, from empty to tickets that travel."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.panel_ui import names
from sandbox.billmanager.answer import PanelAnswer
from sandbox.world import INTEGRATION, World
from tests.support.sides import bare

FUNC = names.SETTINGS


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Installed, never set up; no webhook address in the channel."""
    with World(tmp_path_factory.mktemp("settings"), webhooks=False) as made:
        (made.root / "etc/omnidesk/omnidesk.conf").unlink()
        yield made


def ask(world: World, **fields: str) -> PanelAnswer:
    return world.panel.call(FUNC, fields)


def typed(world: World) -> dict[str, str]:
    return {
        "url": world.omnidesk_server.url,
        "email": INTEGRATION,
        "api_key": world.omnidesk.api_key,
        "channel": world.channel.key,
        "sync": "on",
        "sync_notes": "on",
        "author_line": "on",
    }


def save(world: World, **changes: str) -> PanelAnswer:
    return ask(world, **{**typed(world), **changes, "sok": "ok", "clicked_button": "ok"})


def test_the_module_is_set_up_step_by_step(world: World) -> None:
    """Each step begins with what the one before it left."""
    from_an_empty_form_to_a_ticket_in_omnidesk(world)
    the_page_of_an_assignment_leads_there_too(world)
    no_secret_is_in_any_log(world)


def from_an_empty_form_to_a_ticket_in_omnidesk(world: World) -> None:
    """Every step an administrator takes, in his order."""
    opened = ask(world)
    assert opened.ok and not world.panel.complaints
    address = opened.text("webhook")
    assert address.startswith(world.panel_server.cgi_url("omnidesk_webhook", "")), "as the browser sees the panel"

    again = ask(world, **typed(world), sv_field="api_key")
    assert again.ok and world.channel.key in again.xml

    refused = save(world, channel="cch999", poll_seconds="1", lang="en")
    assert refused.error is not None and refused.error[:2] == ("omnidesk_settings_form", "poll_seconds")
    refused = save(world)
    assert refused.error is not None and refused.error[:2] == ("omnidesk_settings_form", "webhook")
    shown = save(world, channel="cch999", poll_seconds="1", sfrom="ajax")  # as the panel's page does
    assert shown.ok and not shown.text("ok") and "Настройки не сохранены" in shown.text("note")
    assert not (world.root / "etc/omnidesk/omnidesk.conf").exists()

    world.channel.webhook_url = address
    saved = save(world)
    assert saved.ok, saved.xml
    path = world.root / "etc/omnidesk/omnidesk.conf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("# BILLmanager tickets <-> Omnidesk."), "it begins with the explained example"
    assert ask(world).text("webhook") == address, "until a call with it has come"
    world.omnidesk.webhooks.test(world.channel)
    assert world.omnidesk.webhooks.wait_idle()
    assert ask(world).text("webhook").endswith("?***")

    with open(path, "a", encoding="utf-8") as file:  # the panel's local address is for the file alone
        file.write(f"PanelUrl {world.panel_server.url}\n")
    assert world.run("--command", "check_connection").returncode == 0
    ticket = world.panel.client_creates_ticket(world.ivan.user, "Помогите", "Сайт не открывается")
    world.sync()
    case = next(iter(world.omnidesk.cases.values()))
    assert [bare(one.content or one.content_html) for one in world.omnidesk.messages(case.case_id)] == [
        "Сайт не открывается"
    ]

    page = world.panel.call("ticket_all.edit", {"elid": str(ticket)}, as_user="anna")
    assert page.text("omnidesk_case") == f"/billmgr?func=omnidesk.case&elid={ticket}"
    led = world.panel.call(names.CASE, {"elid": str(ticket)}, as_user="anna")
    assert led.text("ok") == f"{world.omnidesk_server.url}/staff/cases/record/{case.case_number}"


def the_page_of_an_assignment_leads_there_too(world: World) -> None:
    row = world.panel.query("SELECT id, ticket FROM ticket2user ORDER BY id LIMIT 1")[0]
    page = world.panel.call("ticket.edit", {"elid": str(row["id"])}, as_user="anna")
    assert page.text("omnidesk_case") == f"/billmgr?func=omnidesk.case&assignment={row['id']}"
    led = world.panel.call(names.CASE, {"assignment": str(row["id"])}, as_user="anna")
    assert "/staff/cases/record/" in led.text("ok")


def test_clients_are_not_let_in(world: World) -> None:
    refused = world.panel.call(FUNC, {}, as_user=world.ivan.user)
    assert refused.error is not None and "access" in refused.error[0]


def no_secret_is_in_any_log(world: World) -> None:
    """Neither in the module's nor in the panel's, nor in the environment of a worker it started."""
    secret = Path(world.root / "etc/omnidesk/omnidesk.conf").read_text().partition("OmnideskSecret ")[2].split()[0]
    texts = [world.log(name) for name in ("pmomnidesk", "billmgr", "omnidesk_webhook")]
    for pid in world.workers():
        try:
            texts.append(Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has just ended
    assert texts[0]
    for canary in (secret, world.omnidesk.api_key):
        assert not [text for text in texts if canary in text]
    assert not world.panel.complaints
