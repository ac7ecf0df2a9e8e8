"""Departments and groups, and two brands with a channel each, with real processes and both products."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.e2e.live import Live

BRAND_SECRET = "brand-secret-2"


def routed(live: Live, *rows: dict[str, object]) -> None:
    path = live.world.root / "etc" / "omnidesk" / "routing.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def holders(live: Live, ticket: int) -> list[int]:
    return [int(row["user"]) for row in live.panel.query("SELECT user FROM ticket2user WHERE ticket=%s", ticket)]


def test_tickets_and_cases_follow_each_other_between_departments_and_groups(make_live: Callable[..., Live]) -> None:
    live = make_live()
    desk, world = live.desk, live.world
    first, second = desk.add_group("Help"), desk.add_group("Money")
    label = desk.add_label("new")
    routed(
        live,
        {"department": "Техническая поддержка", "group": "Help", "labels": "new", "priority": "low"},
        {"department": "Отдел оплаты", "group": "Money"},
    )
    one = live.ticket()
    case = desk.cases[one.case]
    assert (case.group_id, case.labels, case.priority) == (first, [label], "low")
    live.panel.move_ticket(one.ticket, world.billing, world.boris)
    live.until("the case follows", lambda: case.group_id == second)
    live.watch.settled()
    desk.move(one.case, first, live.staff)
    live.reply(one, "Moved to technical support")
    live.until("the ticket follows", lambda: holders(live, one.ticket) == [world.department])
    live.equal(one)
    live.watch.settled()
    assert (case.group_id, holders(live, one.ticket)) == (first, [world.department])
    assert live.problems() == []


def test_two_brands_have_a_channel_and_a_secret_each(make_live: Callable[..., Live]) -> None:
    live = make_live()
    desk, world = live.desk, live.world
    brand = desk.add_channel("Brand", live.world.panel_server.cgi_url("omnidesk_webhook", BRAND_SECRET))
    world.write_settings(OmnideskSecrets=f"{brand.key}:{BRAND_SECRET}")
    project = live.panel.add_project("Brand B")
    other = live.panel.add_client("Brand Client", "b@example.com", project=project)
    routed(live, {"project": "Brand B", "channel": "Brand"})
    one, two = live.ticket(), live.ticket("From the brand", user=other.user, subject="Brand")
    assert [desk.cases[each.case].channel for each in (one, two)] == [world.channel.key, brand.key]
    for each in (one, two):
        live.reply(each, "It works again")
        live.equal(each)
    live.watch.settled()
    # Both came by their webhooks, and what no webhook tells comes by the poll.
    assert {hook.outcome for hook in desk.webhook_log} == {"delivered"}
    desk.set_status(two.case, "closed", live.staff)
    world.sync()
    live.until("the ticket is ended", lambda: holders(live, two.ticket) == [])
    live.watch.settled()
    done = world.run("--command", "check_connection")
    answer = done.stdout.decode()
    assert 'topic="routing"' in answer and f"further {brand.key}" in answer, answer
    for text in (answer, world.log(), world.log("omnidesk_webhook"), world.log("billmgr")):
        assert BRAND_SECRET not in text
