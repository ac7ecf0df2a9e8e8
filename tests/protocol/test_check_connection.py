"""Each finding of check_connection provoked once: it is made, and it says how to mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.world import World
from tests.protocol.calls import Answer, panel, person

Provoke = Callable[[World], Iterator[None]]


def settings(**changes: str | None) -> Provoke:
    """Other lines in the settings file."""

    def provoke(world: World) -> Iterator[None]:
        world.write_settings(**changes)
        yield
        world.write_settings()

    return provoke


def sql(statement: str, undo: str) -> Provoke:
    """Something else in the panel's database."""

    def provoke(world: World) -> Iterator[None]:
        world.panel.execute(statement)
        yield
        world.panel.execute(undo)

    return provoke


def attribute(owner: Callable[[World], object], name: str, value: object) -> Provoke:
    """Something else in the simulated account."""

    def provoke(world: World) -> Iterator[None]:
        before = getattr(owner(world), name)
        setattr(owner(world), name, value)
        yield
        setattr(owner(world), name, before)

    return provoke


def rights(who: Callable[[World], int], *given: str, without: tuple[str, ...] = ()) -> Provoke:
    """An employee with these groups of functions only, or without single functions."""

    def provoke(world: World) -> Iterator[None]:
        user = who(world)
        if without:
            world.panel.forbidden[user] = frozenset(without)
        else:
            world.panel.rights[user] = frozenset(given)
        yield
        world.panel.rights.pop(user, None)
        world.panel.forbidden.pop(user, None)

    return provoke


def other_speaker(world: World) -> Iterator[None]:
    """Boris speaks for those without an employee, and has no rights."""
    world.panel.rights[world.boris] = frozenset({"finance"})
    world.write_settings(FallbackEmployee="boris@example.com")
    yield
    world.write_settings()
    del world.panel.rights[world.boris]


def readable(world: World) -> Iterator[None]:
    path = world.root / "etc" / "omnidesk" / "omnidesk.conf"
    path.chmod(0o644)
    yield
    path.chmod(0o600)


def no_timer(world: World) -> Iterator[None]:
    (cron,) = (world.root / "etc" / "cron.d").iterdir()
    text = cron.read_text()
    cron.unlink()
    yield
    cron.write_text(text)


def cron_file(change: Callable[[Path], object]) -> Provoke:
    """Something else about the file that cron reads."""

    def provoke(world: World) -> Iterator[None]:
        path = world.root / "etc" / "cron.d" / "omnidesk"
        text = path.read_text()
        change(path)
        yield
        for left in path.parent.iterdir():
            left.unlink()
        path.write_text(text)
        path.chmod(0o644)

    return provoke


def installed_without_naming_cron(world: World) -> Iterator[None]:
    manifest = world.root / "var" / "omnidesk" / "install.json"
    before = manifest.read_text()
    manifest.write_text(json.dumps(json.loads(before) | {"cron_dir_named": False}))
    yield
    manifest.write_text(before)


def no_spool(world: World) -> Iterator[None]:
    spool = world.root / "var" / "omnidesk" / "spool"
    if spool.exists():
        spool.rmdir()
    spool.write_text("in the way")
    yield
    spool.unlink()


def panel_restarts(world: World) -> Iterator[None]:
    world.panel.faults.refuse()
    yield
    world.panel.faults.clear()


def panel_gone(world: World) -> Iterator[None]:
    mgrctl = world.root / "sbin" / "mgrctl"
    mgrctl.rename(mgrctl.with_name("away"))
    yield
    mgrctl.with_name("away").rename(mgrctl)


def read_only(world: World) -> Iterator[None]:
    world.panel.set_read_only()
    yield
    world.panel.set_read_only(False)


def only_selects(world: World) -> Iterator[None]:
    """The module's user may create tables and read, and not write."""
    every, some = ("ALL PRIVILEGES", "SELECT, CREATE, ALTER, DROP, INDEX")
    on = f"ON `{world.panel.schema.database}`.* TO billmgr@localhost"
    world.panel.execute(f"REVOKE {every} {on.replace(' TO ', ' FROM ')}")
    world.panel.execute(f"GRANT {some} {on}")
    yield
    world.panel.execute(f"GRANT {every} {on}")


def broken_field(links: str) -> Provoke:
    def provoke(world: World) -> Iterator[None]:
        path = world.root / "etc" / "omnidesk" / "custom_fields.json"
        before = path.read_text() if path.exists() else None
        path.write_text(links)
        yield
        path.unlink() if before is None else path.write_text(before)

    return provoke


def broken_catalogue(world: World) -> Iterator[None]:
    path = world.root / "etc" / "omnidesk" / "custom_fields_values.json"
    before = path.read_text()
    path.write_text('{"x": ')
    links = Path(path.with_name("custom_fields.json"))
    links.write_text("[]")
    yield
    path.write_text(before)
    links.unlink()


def unreachable(world: World) -> Iterator[None]:
    world.omnidesk_server.close_port()
    yield
    world.omnidesk_server.open_port()


FOREIGN = "CREATE TABLE user2external_user (id INT) COMMENT 'original'"

# What is wrong, what the finding is about, how bad it is, and words of the cure.
FINDINGS: list[tuple[str, Provoke, str, str, str]] = [
    ("wrong key", settings(OmnideskApiKey="not-the-key"), "omnidesk", "error", "OmnideskApiKey"),
    ("wrong login", settings(OmnideskEmail="nobody@example.com"), "omnidesk", "error", "OmnideskEmail"),
    ("wrong host", attribute(lambda w: w.omnidesk.settings, "hosts", ("other.omnidesk.ru",)), "omnidesk", "error",
     "OmnideskUrl"),
    ("unreachable", unreachable, "omnidesk", "error", "OmnideskUrl"),
    ("channel missing", settings(OmnideskChannel="cch999"), "channel", "error", "OmnideskChannel"),
    ("channel inactive", attribute(lambda w: w.channel, "active", False), "channel", "error", "OmnideskChannel"),
    ("channel of chats", attribute(lambda w: w.channel, "type", "sync"), "channel", "warning", "asynchronous"),
    ("webhook empty", attribute(lambda w: w.channel, "webhook_url", ""), "webhook", "error",
     "/mancgi/omnidesk_webhook"),
    ("webhook elsewhere", attribute(lambda w: w.channel, "webhook_url", "https://example.com/hook"), "webhook", "error",
     "/mancgi/omnidesk_webhook"),
    ("webhook with a wrong secret", settings(OmnideskSecret="another-secret"), "webhook", "error", "OmnideskSecret"),
    ("webhook at another host", settings(PublicUrl="https://other.example"), "webhook", "error", "https://other.example"),
    ("webhook with the old secret", settings(OmnideskSecret="another-secret", OmnideskSecretOld="webhook-secret-7"),
     "webhook", "warning", "new one"),
    ("switched off", settings(Sync="off"), "sync", "info", "Sync on"),
    ("employee missing", sql("UPDATE user SET email='x@example.com' WHERE email='integration@example.com'",
                             "UPDATE user SET email='integration@example.com' WHERE email='x@example.com'"),
     "employee", "error", "Employees"),
    ("employee disabled", sql("UPDATE user SET enabled='off' WHERE email='integration@example.com'",
                              "UPDATE user SET enabled='on' WHERE email='integration@example.com'"),
     "employee", "error", "Employees"),
    ("fallback missing", settings(FallbackEmployee="desk@example.com"), "employee", "error", "Employees"),
    ("employee without rights", rights(lambda w: w.integration), "rights", "error", "group Support"),
    ("employee of other rights", rights(lambda w: w.integration, "finance"), "rights", "error", "Employees"),
    ("employee who cannot reopen", rights(lambda w: w.integration, without=("support_tool_responsible",)), "rights",
     "error", "integration@example.com may not use support_tool_responsible in the panel:"),
    ("employee who cannot take", rights(lambda w: w.integration, without=("ticket_all.edit",)), "rights", "error",
     "ticket_all.edit"),
    ("fallback without rights", other_speaker, "rights", "error", "Employees, boris, Rights"),
    ("agent without rights", rights(lambda w: w.anna), "rights", "warning", "Employees, anna, Rights"),
    ("edits that were never tried", settings(OmnideskEdits="message"), "edits", "info", "probe --trial"),
    ("no such rating column", settings(RatingColumn="stars"), "rating", "error", "RatingColumn"),
    ("no such department", settings(Departments="Nowhere"), "departments", "error", "names or numbers"),
    ("one department of two", settings(Departments="Техническая поддержка, Nowhere"), "departments", "error",
     "names or numbers"),
    ("no department for new tickets", settings(NewTicketDepartment="Nowhere"), "departments", "error", "department"),
    ("no such value for the note", settings(CaseNoteValues="client_id, nothing"), "fields", "warning",
     "custom_fields_values.json"),
    ("settings readable by all", readable, "settings", "warning", "chmod 600"),
    ("no timer", no_timer, "timer", "warning", "make install"),
    ("timer where cron does not look", installed_without_naming_cron, "timer", "warning", "CRON_DIR"),
    ("timer with a dot in its name", cron_file(lambda path: path.rename(f"{path}.cron")), "timer", "warning", "mv "),
    ("timer that others may write", cron_file(lambda path: path.chmod(0o666)), "timer", "warning", "chmod 644"),
    ("timer without an end", cron_file(lambda path: path.write_text(path.read_text().rstrip())), "timer", "warning",
     "echo >>"),
    ("spool in the way", no_spool, "disk", "error", "mode 700"),
    ("panel restarting", panel_restarts, "panel", "error", "again automatically"),
    ("panel gone", panel_gone, "panel", "error", "MGR5_ROOT"),
    ("database read-only", read_only, "database", "error", "writable"),
    ("database user who may not write", only_selects, "database", "error", "DBUser"),
    ("field unknown to the account", broken_field('[{"field": "cf_999", "value": "client_id"}]'), "field", "error", ""),
    ("value unknown to the catalogue", broken_field('[{"field": "cf_25", "value": "nothing"}]'), "field", "error", ""),
    ("links not JSON", broken_field('[{"field": '), "field", "error", ""),
    ("catalogue not JSON", broken_catalogue, "field", "error", ""),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def once(world: World) -> None:
    """A field to link, and tables, before the first finding."""
    world.omnidesk.add_field("Client id", level="user")
    assert panel(world, "check_connection").code == 0


def findings(answer: Answer) -> list[tuple[str, str, str]]:
    """(topic, level, text) of each."""
    return [(one.get("topic", ""), one.get("level", ""), one.text or "") for one in answer.root.iter("finding")]


def test_all_is_well(world: World) -> None:
    """Every part is named as being in order, in both forms and languages."""
    found = findings(panel(world, "check_connection"))
    assert {level for _, level, _ in found} <= {"ok", "info"}
    topics = {topic for topic, level, _ in found if level == "ok"}
    assert {
        "settings",
        "timer",
        "database",
        "rating",
        "panel",
        "employee",
        "rights",
        "omnidesk",
        "channel",
        "webhook",
    } <= topics
    code, out, err = person(world, "check_connection", env={"LC_ALL": "C.UTF-8"})
    assert (code, err) == (0, "")
    assert all(line.startswith(("✓ ", "· ")) for line in out.splitlines() if not line.startswith("    "))


@pytest.mark.parametrize(("name", "provoke", "topic", "level", "cure"), FINDINGS, ids=[one[0] for one in FINDINGS])
def test_each_finding(world: World, name: str, provoke: Provoke, topic: str, level: str, cure: str) -> None:
    """What is wrong is found under its topic, with words that say what to do, and gone when it is mended."""
    with contextmanager(provoke)(world):
        answer = panel(world, "check_connection", "--lang", "en")
    assert answer.code == (level == "error")
    assert answer.error[0] == ("check_failed" if level == "error" else "")
    hits = [text for found, how, text in findings(answer) if found.split()[0].startswith(topic) and how == level]
    assert hits, findings(answer)
    assert any(cure in text for text in hits), hits
    others = {one[0] for one in findings(answer) if one[1] == "error" and not one[0].startswith(topic)}
    assert others <= ({"employee"} if name == "wrong login" else set()), "one fault, one topic"


def test_a_staff_member_missing_in_omnidesk(world: World) -> None:
    """Without the integration employee nobody could sign; here it is the login that fails first."""
    world.omnidesk.integration.active = False
    answer = panel(world, "check_connection", "--lang", "en")
    world.omnidesk.integration.active = True
    assert any(level == "error" and "OmnideskEmail" in text for _, level, text in findings(answer))


def test_tables_of_somebody_else(world: World) -> None:
    """Named, not touched, with the way to keep them."""
    panel(world, "drop_tables", "--yes")
    world.panel.execute(FOREIGN)
    answer = panel(world, "check_connection", "--lang", "en")
    (text,) = [text for topic, level, text in findings(answer) if level == "error"]
    assert "user2external_user" in text and "RENAME TABLE" in text
    assert panel(world, "sync").error == ("foreign_tables", "user2external_user")
    world.panel.execute("DROP TABLE user2external_user")
    assert panel(world, "check_connection").code == 0


def test_findings_never_show_a_secret(world: World) -> None:
    """Neither the one that is set nor the one that is found in the channel."""
    with contextmanager(settings(OmnideskSecret="another-secret"))(world):
        answer = panel(world, "check_connection")
    text = answer.done.stdout.decode()
    assert world.secret not in text and "another-secret" not in text


def test_a_person_sees_the_cures(world: World) -> None:
    """Below each finding, with an arrow; the exit code tells a script."""
    with contextmanager(settings(OmnideskChannel="cch999"))(world):
        code, out, err = person(world, "check_connection", env={"LC_ALL": "C.UTF-8"})
    assert code == 1
    at = next(number for number, line in enumerate(out.splitlines()) if line.startswith("✗ channel"))
    assert "BILLmanager" in out.splitlines()[at], "the channels there are"
    assert out.splitlines()[at + 1].startswith("    → Set OmnideskChannel")
    assert "Errors found: 1" in err


@pytest.mark.parametrize(("works", "level"), [(True, "ok"), (False, "info")])
def test_what_is_known_of_edits_is_said(world: World, works: bool, level: str) -> None:
    """As the first edit or a trial has found it; it is not tried out for this."""
    world.panel.execute(
        "REPLACE INTO omnidesk_state (name, value, updated_at) VALUES ('editing', %s, UNIX_TIMESTAMP())",
        str(works).lower(),
    )
    with contextmanager(settings(OmnideskEdits="message"))(world):
        found = findings(panel(world, "check_connection"))
    world.panel.execute("DELETE FROM omnidesk_state WHERE name = 'editing'")
    assert [one[1] for one in found if one[0] == "edits"] == [level]


def test_checking_creates_nothing(world: World) -> None:
    """Only reads on Omnidesk's side; on the panel's a list of parameters, lists and forms of nothing."""
    calls, requests = len(world.omnidesk.calls), len(world.panel.requests)
    panel(world, "check_connection")
    assert {call.method for call in world.omnidesk.calls[calls:]} == {"GET"}
    made = world.panel.requests[requests:]
    assert {one.func for one in made} == {"paramlist", "ticket", "ticket_all.edit", "support_tool_responsible", "auth"}
    assert {name for one in made for name in one.params} <= {"su", "p_cnt", "out"}


def test_where_files_are_uploaded_the_panel_has_to_answer(world: World) -> None:
    """Else each reply with a file waits for several tries, and the client gets its text alone. No session is opened."""
    assert not [one for one in findings(panel(world, "check_connection")) if one[1] != "ok" and "PanelUrl" in one[2]]
    with contextmanager(settings(PanelUrl="http://127.0.0.1:9/billmgr"))(world):
        answer = panel(world, "check_connection")
    (found,) = [one for one in findings(answer) if "PanelUrl" in one[2]]
    assert (found[0], found[1], answer.code) == ("panel", "warning", 0)
    assert "http://127.0.0.1:9/billmgr" in found[2]


def test_reading_rights_leaves_marks_alone(world: World) -> None:
    """What an employee has not read stays unread."""
    ticket = world.panel.client_creates_ticket(world.ivan.user, "Unread", "Text")
    world.panel.employee_takes(world.integration, ticket)
    world.panel.client_writes(world.ivan.user, ticket, "More")
    before = set(world.panel.unread)
    assert before
    panel(world, "check_connection")
    assert world.panel.unread == before


def test_staff_without_a_counterpart(world: World) -> None:
    """Both directions, by e-mail as people write it. Who is disabled is no counterpart; none of it is a fault."""
    world.panel.execute("UPDATE user SET email=' ANNA@Example.com ' WHERE id=%s", world.anna)
    try:
        found = {
            text
            for topic, level, text in findings(panel(world, "check_connection", "--lang", "en"))
            if topic == "staff"
        }
        (employees,) = [text for text in found if "boris@example.com" in text]
        (staff,) = [text for text in found if "vera@example.com" in text]
        assert employees != staff and "BILLmanager" in employees and "integration@example.com" in staff
        assert "anna" not in f"{employees} {staff}".lower()
        world.omnidesk.staff[world.anna_staff].active = False
        again = panel(world, "check_connection", "--lang", "en")
    finally:
        world.omnidesk.staff[world.anna_staff].active = True
        world.panel.execute("UPDATE user SET email='anna@example.com' WHERE id=%s", world.anna)
    assert again.code == 0
    assert any("anna@example.com" in text.lower() for topic, _, text in findings(again) if topic == "staff")


def test_many_staff_without_a_counterpart_are_counted(world: World) -> None:
    """A line stays a line."""
    made = [world.panel.add_employee(f"emp{number}", f"emp{number}@example.com", f"E {number}") for number in range(30)]
    answer = panel(world, "check_connection", "--lang", "ru")
    for user in made:
        world.panel.execute("DELETE FROM user WHERE id=%s", user)
    (text,) = [text for topic, _, text in findings(answer) if topic == "staff" and "boris@example.com" in text]
    assert text.count("@example.com") == 10 and "и ещё 21" in text


def test_what_blocked_is_over_when_it_is_mended(world: World) -> None:
    """A wrong key blocks every run for a minute; the check that finds it mended lifts that."""
    with contextmanager(settings(OmnideskApiKey="not-the-key"))(world):
        assert panel(world, "check_connection").code == 1
    assert panel(world, "check_connection").code == 0
    world.sync()


def test_a_catalogue_entry_nobody_uses_is_no_fault(world: World) -> None:
    """Examples that do not fit this panel's tables are left alone until they are linked."""
    path = world.root / "etc" / "omnidesk" / "custom_fields_values.json"
    before = path.read_text()
    values = json.loads(before)
    assert values
    assert panel(world, "check_connection").code == 0
    assert path.read_text() == before


def test_findings_are_about_something_in_the_readers_language(world: World) -> None:
    """For a person; a program finds the same names as ever."""
    out = person(world, "check_connection", "--lang", "ru")[1]
    heads = [line.partition(":")[0] for line in out.splitlines() if line[:1] in "✓·!✗"]
    assert "✓ база данных" in heads and not any(re.search("[a-z]", head) for head in heads)
    assert ("database", "ok") in [(topic, level) for topic, level, _ in findings(panel(world, "check_connection"))]
