"""Figures for monitors: in the format, right, cheap among 100,000 tickets, and those that pages and examples name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from omnidesk.core.tables import MESSAGES, TICKETS
from omnidesk.health import metrics
from omnidesk.health.metrics import Metric
from sandbox.world import World
from tests.cli.exposition import parse
from tests.docs.pages import REPOSITORY, page, rows, tidy
from tests.protocol.calls import Story, panel, person
from tests.support.workshop import Workshop

EXAMPLES = REPOSITORY / "etc/omnidesk/examples"
TICKETS_THERE, MESSAGES_THERE = 20_000, 40_000
DIGITS = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION"\
    " SELECT 7 UNION SELECT 8 UNION SELECT 9)"  # fmt: skip
NUMBERS = f"(SELECT a.d+10*b.d+100*c.d+1000*e.d+10000*f.d n FROM {DIGITS} a, {DIGITS} b, {DIGITS} c, {DIGITS} e,\
 (SELECT 0 d UNION SELECT 1) f) numbers"


def figures(world: World) -> dict[str, float]:
    code, out, err = person(world, "metrics")
    assert (code, err) == (0, "")
    return flat(out)


def flat(text: str) -> dict[str, float]:
    return {
        name + "".join(f"[{value}]" for _, value in labels): number
        for name, family in parse(text).items()
        for labels, number in family.samples.items()
    }


def test_they_say_what_is_so(world: World, story: Story) -> None:
    """A failure, a refusal, a pause, an event: each shows, and is gone when it is mended."""
    quiet = figures(world)
    assert quiet["omnidesk_tickets_linked"] == 1 and quiet["omnidesk_paused"] == 0 and quiet["omnidesk_enabled"] == 1
    assert quiet["omnidesk_messages_carried_total[in]"] == 1 and quiet["omnidesk_messages_carried_total[out]"] == 2
    assert 0 < quiet["omnidesk_api_calls_left"] <= quiet["omnidesk_api_calls_limit"]
    world.omnidesk.faults.server_error(on="POST *", times=None)
    message = world.panel.client_writes(story.user, story.ticket, "Не дойдёт")
    panel(world, "add_message", "--id", message)
    world.omnidesk.faults.clear()
    world.panel.execute(f"UPDATE {TICKETS} SET due_at = due_at - 1000, wait_since = due_at - 1000")
    failed = figures(world)
    assert failed["omnidesk_tickets_failed[omnidesk_trouble]"] == 1 and failed["omnidesk_tickets_due"] == 1
    assert failed["omnidesk_oldest_due_seconds"] > 900 and failed["omnidesk_oldest_client_wait_seconds"] > 900
    world.omnidesk_server.close_port()
    person(world, "sync")
    paused = figures(world)
    world.omnidesk_server.open_port()
    assert paused["omnidesk_paused"] == 1 and paused["omnidesk_pause_info[omnidesk_unreachable]"] == 1
    assert 0 < paused["omnidesk_paused_seconds"] <= 60
    event = world.root / "var/omnidesk/spool/ticket-5"
    event.write_text("at 1\n")
    assert figures(world)["omnidesk_spool_events"] == 1
    event.unlink()
    person(world, "check_connection")
    world.write_settings(SettleSeconds="0")
    person(world, "retry")
    world.sync()
    world.write_settings()
    again = figures(world)
    assert not [name for name in again if name.startswith("omnidesk_tickets_failed")]
    assert again["omnidesk_messages_carried_total[out]"] == 3


def test_a_file_is_there_at_once_or_not_at_all(world: World, story: Story, tmp_path: Path) -> None:
    """Readable for the collector; a folder that is not there is a failure, and nothing is left beside the file."""
    target = tmp_path / "omnidesk.prom"
    assert person(world, "status", "--prometheus", "--output", target)[0] == 0
    assert parse(target.read_text()) and target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["omnidesk.prom"]
    before = target.read_text()
    world.mariadb.stop()
    try:
        assert person(world, "status", "--prometheus", "--output", target)[0] == 3
    finally:
        world.mariadb.start()
    assert target.read_text() == before
    code, _, err = person(world, "status", "--prometheus", "--output", tmp_path / "no" / "x.prom")
    assert code == 1 and "x.prom" in err


def test_any_label_can_be_written() -> None:
    """Backslashes, quotes and line ends of a value do not break the format."""
    odd = Metric("odd", "gauge", "a \\ help\nof two lines", {(("type", 'a"b\\c\nd'),): 1.5})
    family = parse(metrics.text([odd]))["omnidesk_odd"]
    assert family.samples == {(("type", 'a\\"b\\\\c\\nd'),): 1.5}


# What they cost


@pytest.fixture
def large(make_workshop: Callable[..., Workshop]) -> Workshop:
    """20,000 linked tickets with 40,000 messages, some of them failed, waiting and refused."""
    shop = make_workshop()
    db = shop.context.db
    db.write(
        f"INSERT INTO {TICKETS} (ticket, external_case, case_number, ticket_status, case_status, attempts, error_type,"
        " set_aside, due_at, wait_since) SELECT n + 1000, n + 900000, n, 'open', 'open', n % 1000 = 1,"
        " IF(n % 1000 = 1, 'omnidesk_trouble', ''), n % 5000 = 2, IF(n % 1000 < 2, 1, NULL), IF(n % 2000 = 1, 5, NULL)"
        f" FROM {NUMBERS}"
    )
    for kind, way in (("message", "out"), ("note", "in")):
        db.write(
            f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, state) SELECT n + 1000, %s, %s, n + 1,"
            f" IF(n % 20000 = 3, 'refused', 'done') FROM {NUMBERS}".replace("n %", "n %%"),
            kind, way,
        )  # fmt: skip
    db.rows(f"ANALYZE TABLE {TICKETS}, {MESSAGES}")
    return shop


def rows_read(shop: Workshop, act: Callable[[], object]) -> int:
    """How many rows the server read for it, by its own count; index entries that are only counted are among them."""
    db = shop.context.db

    def total() -> int:
        return sum(int(row["Value"]) for row in db.rows("SHOW SESSION STATUS LIKE 'Handler_read%'"))

    before = total()
    act()
    return total() - before


def test_they_are_cheap_among_many_tickets(large: Workshop) -> None:
    """After the first time nothing is read that is linked and well, but the index that counts the linked ones."""
    first = dict(flat(metrics.text(metrics.collect(large.context))))
    assert first["omnidesk_tickets_linked"] == TICKETS_THERE
    assert first["omnidesk_messages_carried_total[out]"] + first["omnidesk_messages_carried_total[in]"] == (
        MESSAGES_THERE - first["omnidesk_messages_refused"]
    )
    assert first["omnidesk_tickets_set_aside"] == 4 and first["omnidesk_tickets_failed[omnidesk_trouble]"] == 20
    read = rows_read(large, lambda: metrics.collect(large.context))
    assert read < TICKETS_THERE + 3000, read
    plan = large.context.db.row(f"EXPLAIN SELECT COUNT(*) AS n FROM {TICKETS} WHERE external_case > 0")
    assert plan and "Using index" in str(plan["Extra"])
    assert rows_read(large, lambda: metrics.carried(large.context)) < 1000


def test_what_was_carried_is_counted_right_whatever_happens(make_workshop: Callable[..., Workshop]) -> None:
    """Rows come, are refused, are taken up, are settled and forgotten in any order; the count is always the tables'."""
    shop = make_workshop()
    db, draw = shop.context.db, random.Random(5)
    metrics_step, metrics.STEP = metrics.STEP, 7
    try:
        for number in range(120):
            state = draw.choice(["done", "done", "done", "intent", "skipped"])
            db.write(
                f"INSERT INTO {MESSAGES} (ticket, kind, direction, ticket_message, state) VALUES (1, 'message', %s,"
                " %s, %s)",
                draw.choice(["in", "out"]), number + 1, state,
            )  # fmt: skip
            if draw.random() < 0.6:
                db.write(f"UPDATE {MESSAGES} SET state = %s WHERE state = 'intent' ORDER BY id LIMIT 1",
                         draw.choice(["done", "refused"]))  # fmt: skip
            if draw.random() < 0.2:
                db.write(f"UPDATE {MESSAGES} SET state = 'done' WHERE state = 'refused' ORDER BY id DESC LIMIT 1")
            if draw.random() < 0.1:
                db.write(f"DELETE FROM {MESSAGES} WHERE state = 'intent' ORDER BY id DESC LIMIT 1")
            true = {
                row["d"]: int(row["n"])
                for row in db.rows(
                    f"SELECT direction AS d, COUNT(*) AS n FROM {MESSAGES} WHERE state = 'done' GROUP BY direction"
                )
            }
            assert metrics.carried(shop.context) == {"in": true.get("in", 0), "out": true.get("out", 0)}
        assert shop.context.state.get(metrics.TOTALS)["up_to"] > 30, "the kept total moves"
    finally:
        metrics.STEP = metrics_step


# What is said of them


def names(world: World) -> set[str]:
    return set(parse(person(world, "metrics")[1]))


def test_status_prints_them_as_well(world: World, story: Story) -> None:
    code, out, _ = person(world, "status", "--prometheus")
    assert (code, set(parse(out))) == (0, names(world))


def test_the_panel_may_ask_for_them(world: World, story: Story) -> None:
    found = panel(world, "metrics").root.findall("metrics/metric")
    assert {str(one.get("name")) for one in found} == {key.partition("[")[0] for key in figures(world)}
    assert all(float(one.text or "") >= 0 for one in found)


@pytest.mark.parametrize("name", ["docs/metrics.md", "docs/metrics.ru.md"])
def test_pages_list_every_figure(world: World, story: Story, name: str) -> None:
    """And no other; patterns for Zabbix are figures as well. Its keys are two words: dashboards hold them."""
    heading = "All figures" if name == "docs/metrics.md" else "Все показатели"
    listed = {tidy(row[0]).partition("{")[0] for row in rows(page(name).section(heading))}
    assert listed == names(world)
    items = rows(page(name).section("Zabbix"))
    patterns = {tidy(row[1]).partition("{")[0] for row in items}
    assert patterns and patterns <= names(world)
    assert [row[0] for row in items if not re.fullmatch(r"`omnidesk\.[a-z_]+`", row[0])] == []


def test_the_alerts_name_figures_there_are(world: World, story: Story) -> None:
    groups = yaml.safe_load((EXAMPLES / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    found = [rule for group in groups for rule in group["rules"]]
    assert len(found) >= 6
    for rule in found:
        assert set(re.findall(r"\bomnidesk_\w+", rule["expr"])) <= names(world)
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("warning", "critical")


def test_zabbix_asks_what_can_be_asked() -> None:
    line = (EXAMPLES / "zabbix.conf").read_text(encoding="utf-8").splitlines()[-1]
    assert re.fullmatch(r"UserParameter=omnidesk\.metrics,/usr/local/mgr5/processing/pmomnidesk metrics", line)
