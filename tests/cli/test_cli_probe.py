"""``probe``: it settles what it says, on panels of different make; it only reads; and it tells on nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.probe import desk, findings
from omnidesk.wording.about_texts import PROBE as ROWS
from sandbox.billmanager.core import PanelOptions
from sandbox.omnidesk.settings import Settings as DeskSettings
from sandbox.world import World
from tests.cli.general_log import statements
from tests.cli.terminal import terminal
from tests.docs.pages import page, rows
from tests.protocol.calls import Story, person
from tests.support.amount import spread
from tests.support.commands import CommandWorld

CANARY = "canary"
# Words that no column, function or other name of a program is.
ENGLISH = re.compile(
    r"(?<![\w.-])(?:no|not|none|yes|and|with|of|is|are|missing|refused|accepted|nothing|rows)(?![\w.-])"
)
# All that it may ask of the panel; opening the form of a new ticket (no elid, no sok) changes nothing.
READING = {"-i", "paramlist", "whoami", "clientticket.edit", "omnidesk.queue"}
READS = re.compile(r"(SELECT|SHOW|EXPLAIN|SET AUTOCOMMIT|SET NAMES|SET SESSION)\b")


@dataclass(frozen=True)
class Report:
    """What it told: findings by key (the first of each), the whole text, the exit code."""

    verdicts: dict[str, str]
    found: dict[str, str]
    text: str
    code: int


def probe(world: World, *more: object) -> Report:
    code, out, err = person(world, "probe", "--json", *more)
    assert err == ""
    listed = json.loads(out)["probe"]
    keys = list(reversed(listed))
    return Report({one["key"]: one["verdict"] for one in keys}, {one["key"]: one["found"] for one in keys}, out, code)


@pytest.fixture(scope="module")
def told(world: World, story: Story) -> Report:
    """A world as it comes, with an archived ticket and two cases."""
    world.omnidesk.cases[story.case].created_at -= 60  # the probe looks at the one that lived longest
    other = world.panel.client_creates_ticket(story.user, "Второй", "Ещё вопрос")
    third = world.panel.client_creates_ticket(story.user, "Третий", "И ещё")
    world.sync()
    world.panel.client_archives(other)
    assert third
    (world.root / "processing" / "pmother").write_text("#!/bin/sh\n")
    (world.root / "processing" / "pmother").chmod(0o755)
    with (world.root / "var/billmgr.log").open("a") as log:
        log.write("Nov 22 10:00:00 [1:1] core_module \x1b[1;32mINFO Register event 'omnidesk'\x1b[0m\n")
    return probe(world)


def test_the_rows_of_the_page_name_what_it_settles() -> None:
    """Each key that unverified.md names is looked at, and each that is listed as an assumption is named there."""
    text = page("docs/unverified.md").text
    named = re.findall(r"`pmomnidesk probe`: `([\w.]+)`", text)
    assert len(named) == len(set(named))
    assert set(named) == {key for key, row in ROWS.items() if row.cure_en}
    assert all(len(row) == 5 for row in rows(text)), "the table's format"
    assert sum("`pmomnidesk probe`: " in row[3] for row in rows(text)) == len(named), "each in a command, one a row"


def test_a_panel_as_assumed(told: Report) -> None:
    """Everything is looked at; what the sandbox has is as assumed."""
    assert told.code == 0
    assert set(told.verdicts) == set(ROWS)
    differing = {key for key, verdict in told.verdicts.items() if verdict == "differs"}
    assert differing == set(), {key: told.found[key] for key in differing}
    open_questions = {key for key, verdict in told.verdicts.items() if verdict == "not settled"}
    of_people = {"desk.merged", "desk.quotes", "desk.rating_block"}  # what nobody has done here yet
    of_people |= {"host.webhooks", "host.rule_webhooks", "host.webhook_tests"}
    assert open_questions <= {"panel.upload", "panel.description", "panel.called", "desk.filters", *of_people}
    assert "rating" in told.found["tables.rating"] and "10 1" in told.found["tables.status"]
    assert "read by ref" in told.found["tables.indexes"]


def test_it_only_reads(world: World, story: Story, told: Report) -> None:
    """By the database server's own record, Omnidesk's and the panel's."""
    calls, requests = len(world.omnidesk.calls), len(world.panel.requests)
    spool = sorted((world.root / "var/omnidesk/spool").iterdir())
    with statements(world) as executed:
        probe(world)
    assert executed and all(READS.match(one) for one in executed), executed
    assert executed.count("SET SESSION TRANSACTION READ ONLY") == 1
    assert {call.method for call in world.omnidesk.calls[calls:]} == {"GET"}
    assert len(world.omnidesk.calls) - calls <= desk.MOST_CALLS == 19
    made = world.panel.requests[requests:]
    assert {one.func for one in made} <= READING
    assert all("sok" not in one.params and "elid" not in one.params for one in made)
    assert sorted((world.root / "var/omnidesk/spool").iterdir()) == spool


def test_for_reading_on_a_terminal(world: World, told: Report) -> None:
    """Signs, keys, cures of what differs, and both languages."""
    world.panel.execute("RENAME TABLE payment TO payment_of_others")
    try:
        english = terminal(world, "probe", "--no-omnidesk")
        russian = terminal(world, "probe", "--no-omnidesk", "--lang=ru")
    finally:
        world.panel.execute("RENAME TABLE payment_of_others TO payment")
    assert english.code == russian.code == 0
    assert "✓ tables.columns: columns of the ticket tables — as assumed" in english.text
    assert "✗ tables.money" in english.text and "→ the statements in etc/omnidesk" in english.text
    assert "✓ tables.columns: столбцы таблиц запросов — как предполагалось" in russian.text
    assert "payment: такой таблицы нет" in russian.text and "payment: no such table" in english.text
    assert "desk." not in english.text


def test_everything_is_in_the_readers_language(world: World, told: Report) -> None:
    """What the sandbox has, and reasons; what is sent to the maintainers is in English whatever the reader's."""
    world.omnidesk.faults.answer(200, "<html>", "text/html", on="GET /api/custom_fields.json", times=None)
    shown = terminal(world, "probe", "--lang=ru", columns=200)
    sent = json.loads(person(world, "probe", "--json", "--lang=ru")[1])["probe"]
    world.omnidesk.faults.clear()
    assert "запросов по статусам:" in shown.text and "сотрудников: " in shown.text and "desk.messages" in shown.text
    assert ENGLISH.findall(shown.text) == []
    assert not re.search("[а-яё]", json.dumps(sent, ensure_ascii=False))


def test_the_case_to_look_at_has_an_answer_if_any_has() -> None:
    """Dates are whole seconds: cases that were all made within one differ by their answer only."""
    date, later = "Tue, 23 Dec 2014 09:53:14 +0200", "Tue, 23 Dec 2014 09:53:15 +0200"
    quiet = {"created_at": date, "updated_at": later, "last_response_at": "-"}
    answered = {"created_at": date, "updated_at": date, "last_response_at": date}
    assert max([quiet, answered, quiet], key=desk.richness) is answered
    assert (
        max([answered | {"created_at": later}, quiet | {"updated_at": date}, answered], key=desk.richness) is answered
    )


# Panels of different make


def test_three_byte_texts_another_rating_column_and_the_originals_tables(tmp_path: Path) -> None:
    """Each is told, with the setting that mends it; nothing needs the module to be set up."""
    options = {"charset": "utf8", "rating_column": "client_score_mark", "time_zone": "+05:00"}
    with CommandWorld(tmp_path, events=False, webhooks=False, **options) as world:
        world.panel.execute("CREATE TABLE ticket2external_case (ticket INT, external_case VARCHAR(40))")
        world.panel.execute("INSERT INTO ticket2external_case VALUES (1, 'canary')")
        world.panel.client_creates_ticket(world.ivan.user, "x", "y")
        made = probe(world)
        world.write_settings(RatingColumn="client_score_mark")
        named = probe(world, "--no-omnidesk")
    assert re.search(r"ticket_message.message utf8(mb3)?,", made.found["tables.charset"])
    assert made.verdicts["tables.rating"] == "differs" and "client_score_mark varchar" in made.found["tables.rating"]
    assert json.loads(made.text)["probe"][0] and '"mend": "the setting RatingColumn"' in made.text
    assert named.verdicts["tables.rating"] == "as assumed"
    assert made.verdicts["tables.original"] == "differs"
    assert (
        "ticket2external_case: not ours, about 1 rows, columns external_case, ticket" in made.found["tables.original"]
    )
    assert "offset 300 min" in made.found["tables.time_zone"] and CANARY not in made.text


def test_an_account_of_another_kind(tmp_path: Path) -> None:
    """Older shapes of empty lists, other numbers for what is not there: told as differing."""
    switches = DeskSettings(empty_list="legacy", case_not_found_status=404)
    with CommandWorld(tmp_path, events=False, webhooks=False, omnidesk=switches) as world:
        made = probe(world)
    assert made.verdicts["desk.empty_list"] == "differs" and "case: []" in made.found["desk.empty_list"]
    assert "case 404 case_not_found" in made.found["desk.not_found"]
    assert made.verdicts["desk.webhook_address"] == "not settled"


def test_cases_that_changed_in_another_order_than_they_were_made(own_world: World) -> None:
    """Only the orders that the module asks for are looked at: the default one is by the last change."""
    story = Story(own_world)
    own_world.panel.client_creates_ticket(story.user, "Второй", "Ещё вопрос")
    own_world.sync()
    made = sorted(own_world.omnidesk.cases)
    own_world.omnidesk.cases[made[0]].created_at -= 60
    own_world.omnidesk.cases[made[0]].updated_at += 5
    assert len(made) == 2 and probe(own_world).verdicts["desk.order"] == "as assumed"


def test_tables_that_lack_columns(tmp_path: Path) -> None:
    with CommandWorld(tmp_path, events=False, webhooks=False, install=True) as world:
        world.panel.execute("ALTER TABLE ticket DROP COLUMN client_read, ADD COLUMN attitude INT")
        world.panel.execute("DROP TABLE account2project")
        made = probe(world, "--no-omnidesk")
    assert "ticket: missing: client_read; also: attitude" in made.found["tables.columns"]
    assert "account2project: no such table" in made.found["tables.services"]
    assert "ticket.attitude int" in made.found["tables.rating"]


# Each part fails alone


def parts(report: Report) -> set[str]:
    """The parts in which something was settled."""
    return {key.partition(".")[0] for key, one in report.verdicts.items() if one == "as assumed"}


def test_parts_fail_alone(world: World, story: Story, told: Report) -> None:
    """Without Omnidesk, database, panel or settings the rest is told, and why the part is not."""
    assert parts(told) == {"host", "tables", "panel", "desk"}
    world.omnidesk_server.close_port()
    try:
        away = probe(world)
    finally:
        world.omnidesk_server.open_port()
    assert parts(away) == {"host", "tables", "panel"} and "omnidesk_no_answer" in away.found["desk.headers"]
    world.mariadb.stop()
    try:
        away = probe(world)
    finally:
        world.mariadb.start()
    assert "database_away" in away.found["tables.columns"] and {"host", "desk"} <= parts(away)
    mgrctl = world.root / "sbin/mgrctl"
    mgrctl.rename(mgrctl.with_name("away"))
    try:
        away = probe(world)
    finally:
        mgrctl.with_name("away").rename(mgrctl)
    assert "panel_missing" in away.found["panel.whoami"] and {"host", "tables", "desk"} <= parts(away)
    world.write_settings(OmnideskApiKey=None)
    away = probe(world)
    world.write_settings()
    assert parts(away) == {"host", "tables", "panel"} and "settings" in away.found["desk.headers"]
    assert away.code == 0


SHAPES = ["[]", "null", "{}", '{"0": {"case": []}}', '"text"', "<html>", '{"0":{"staff":7}}']


@pytest.mark.parametrize("body", spread(SHAPES, 4))
def test_answers_of_any_shape(world: World, told: Report, body: str) -> None:
    """A shape nobody foresaw is a finding as well, and no failure."""
    world.omnidesk.faults.answer(200, body, "application/json", times=None)
    made = probe(world)
    world.omnidesk.faults.clear()
    assert made.code == 0 and "desk.headers" in made.verdicts
    assert parts(made) >= {"host", "tables", "panel"}


# It tells on nobody


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[CommandWorld]:
    """Marks in every text of every table, in every name and text of the account, in logs, parameters and settings."""
    with CommandWorld(tmp_path, events=False, panel=PanelOptions()) as world:
        world.omnidesk.webhooks.faults.lose_chance = 1.0
        story = Story(world)
        desk_side = world.omnidesk
        desk_side.add_field(f"{CANARY} Поле", level="case")
        desk_side.agent_reply(story.case, world.vera_staff, text=f"{CANARY} reply")
        for case in desk_side.cases.values():
            case.subject = f"{CANARY} subject"
        for one in desk_side.users.values():
            one.full_name = f"{CANARY} Иван"
        for member in desk_side.staff.values():
            member.name = f"{CANARY} сотрудник"
        world.channel.title = f"{CANARY} канал"
        with world.mariadb.connect("billmgr") as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'billmgr'"
                " AND data_type IN ('text', 'mediumtext', 'varchar') AND character_maximum_length >= 20"
                " AND table_name NOT LIKE '%external%' AND table_name <> 'omnidesk_state'"
            )
            for table, column in cursor.fetchall():
                if (table, column) not in (("user", "email"), ("user", "name")):
                    cursor.execute(f"UPDATE `{table}` SET `{column}` = CONCAT('{CANARY} ', COALESCE(`{column}`, ''))")
            cursor.execute(f"UPDATE user SET name = CONCAT('{CANARY}', id), email = CONCAT('{CANARY}', id, '@b.io')"
                           " WHERE email <> 'integration@example.com'")  # fmt: skip
            cursor.execute(f"ALTER TABLE ticket COMMENT '{CANARY}'")
            cursor.execute(f"CREATE TABLE omni_original (id INT, name TEXT) COMMENT '{CANARY}'")
            cursor.execute(f"INSERT INTO omni_original VALUES (1, '{CANARY}')")
        world.panel.parameters.update({"CryptKey": f"{CANARY}-key", "Company": f"{CANARY} name"})
        (world.root / "processing" / f"{CANARY}.sh").write_text("x")
        (world.root / "etc" / "debug.conf").write_text(f"{CANARY} 9\n")
        head = "Nov 22 10:00:00 [1:1] core_module"
        with (world.root / "var/billmgr.log").open("a") as log:
            log.write(f"{head} INFO Request [x][{CANARY}] 'func=ticket.{CANARY}&x={CANARY}'\n")
            log.write(f"{head} INFO Request [x][y] 'elid=1&func={CANARY}&message=func=a'\n")
            log.write(f"{head} ERROR billmgr_mod_omnidesk {CANARY}\n")
        world.write_settings(OmnideskSecretOld=f"{CANARY}-secret-old")
        yield world


def test_no_mark_of_anybody_is_in_the_report(marked: World) -> None:
    """Neither in the text nor in JSON, nor the secrets, addresses and hosts of the settings."""
    text, listed = person(marked, "probe")[1], person(marked, "probe", "--json")[1]
    assert "desk.messages" in text and "not settled" in text
    secrets = (marked.omnidesk.api_key, marked.secret, marked.database_password, "integration@example.com",
               marked.omnidesk_server.url.partition("://")[2], str(marked.root))  # fmt: skip
    for shown in (text, listed):
        assert CANARY not in shown.lower()
        assert not [one for one in secrets if one in shown]
        assert "@" not in shown
    assert "omni_original: not ours" in text and "CryptKey" in text


@given(some.recursive(some.one_of(some.none(), some.booleans(), some.integers(), some.text()),
                      lambda inner: some.one_of(some.lists(inner), some.dictionaries(some.text(), inner))))  # fmt: skip
def test_a_shape_holds_no_value(value: object) -> None:
    """Of texts their kind, of names only those a program would make."""
    told_of = findings.shape(value)
    words = set(re.findall(r"[^\W\d_]+", told_of))
    program = {"null", "bool", "number", "text", "digits", "array"}
    names = set(re.findall(r"[a-z]+", json.dumps(value)))
    assert words <= program | names


def test_secrets_are_blotted_out_of_what_is_put_into_phrases() -> None:
    """However deep; the texts themselves are the catalogue's, which hold none."""
    inner = Phrase("probe.level", level=28, users="secret-1", enabled=2, named=3)
    cleaned = findings.Blotter(["secret-1"]).phrase(join([inner, plain("a@b.io"), Phrase("probe.failed", type=inner)]))
    shown = "level 28: ***, enabled 2, with realname 3"
    assert str(cleaned) == f"{shown}; <address>; failed: {shown}"


@given(some.text(min_size=4, max_size=20), some.text(max_size=60))
def test_secrets_are_blotted_out_wherever_they_stand(secret: str, around: str) -> None:
    cleaned = findings.Blotter([secret]).clean(around + secret + around)
    assert secret not in cleaned or secret in "***" + around
