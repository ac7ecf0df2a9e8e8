"""The simulated ticket functions have the traps of the real ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.billmanager.panel import Client, Panel, SchemaOptions
from sandbox.billmanager.schema import RATING_VALUES
from sandbox.mariadb import MariaDB


@dataclass
class Scene:
    """A panel with a department, two employees, a client of two users and another client."""

    panel: Panel
    support: int
    anna: int
    boris: int
    ivan: Client
    petra: Client

    def ticket(self) -> int:
        return self.panel.client_creates_ticket(self.ivan.user, "Help", "My site is down")

    def error(self, func: str, params: dict[str, object], user: int | str | None) -> tuple[str, str, str] | None:
        return self.panel.call(func, params, user).error


def populate(panel: Panel) -> Scene:
    support = panel.add_department("support")
    people = panel.add_employee("anna", "anna@example.com"), panel.add_employee("boris")
    clients = panel.add_client("Ivan", "ivan@example.com", 2), panel.add_client("Petra", "petra@example.com")
    return Scene(panel, support, *people, *clients)


@pytest.fixture
def scene(panel: Panel) -> Scene:
    return populate(panel)


def test_a_new_ticket_goes_to_its_department(scene: Scene) -> None:
    """The answer carries the new id; the department has the ticket, the client has read it."""
    answer = scene.panel.call(
        "clientticket.edit", {"sok": "ok", "subject": "Help", "message": "Hello"}, scene.ivan.user
    )
    state = scene.panel.ticket_state(answer.id)
    assert (state.name, state.state, state.assignees, state.client_read) == ("Help", "open", (scene.support,), "on")
    assert [(m.user, m.staff, m.text) for m in scene.panel.messages(answer.id)] == [(scene.ivan.user, False, "Hello")]


def test_a_client_sees_only_his_own_tickets(scene: Scene) -> None:
    """Another client's ticket is refused, a second user of the same account is not."""
    ticket = scene.ticket()
    params: dict[str, object] = {"sok": "ok", "elid": ticket, "message": "x"}
    assert scene.error("clientticket.edit", params, scene.petra.user) == ("access", "ticket", str(ticket))
    scene.panel.client_writes(scene.ivan.users[1], ticket, "me too")


def test_an_empty_message_of_a_client_is_refused(scene: Scene) -> None:
    """Also one of blanks, and one with a file only."""
    for text in ("", " \n "):
        params: dict[str, object] = {"sok": "ok", "subject": "s", "message": text}
        answer = scene.panel.call(
            "clientticket.edit", params, scene.ivan.user, uploads=scene.panel.store([("a", b"a")])
        )
        assert answer.error == ("missed", "message", "")
    assert scene.panel.tickets() == []


def test_staff_answers_by_the_assignments_id(scene: Scene) -> None:
    """The ticket's id, a row of another ticket, a vanished row and no row at all are errors."""
    scene.ticket()
    scene.ticket()
    ticket = scene.ticket()
    other = scene.panel.employee_takes(scene.anna, scene.ticket())
    mine = scene.panel.employee_takes(scene.anna, ticket)
    assert mine == ticket  # the ids of both tables meet by chance
    scene.panel.employee_replies(scene.anna, ticket, "done", close=True)
    for wrong in (mine, other, 999):
        params: dict[str, object] = {"sok": "ok", "elid": wrong, "plid": ticket, "message": "x", "clicked_button": "ok"}
        assert scene.error("ticket.edit", params, scene.anna) == ("value", "elid", str(wrong))
    assert scene.error("ticket.edit", {"sok": "ok", "message": "x"}, scene.anna) == ("missed", "elid", "")


def test_ok_ends_the_assignment_and_ok_message_keeps_it(scene: Scene) -> None:
    """Either way the client has something unread."""
    ticket = scene.ticket()
    row = scene.panel.employee_takes(scene.anna, ticket)
    for button, state in (("ok_message", "open"), ("ok", "waiting")):
        params = {"sok": "ok", "elid": row, "plid": ticket, "message": button, "clicked_button": button}
        assert scene.panel.call("ticket.edit", params, scene.anna).ok
        assert scene.panel.ticket_state(ticket).state == state
        assert scene.panel.ticket_state(ticket).client_read == "off"


def test_an_empty_message_with_ok_only_ends_the_assignment(scene: Scene) -> None:
    """With ok_message, or with a file, it is refused."""
    ticket = scene.ticket()
    row = scene.panel.employee_takes(scene.anna, ticket)
    params: dict[str, object] = {"sok": "ok", "elid": row, "plid": ticket, "message": ""}
    assert scene.error("ticket.edit", {**params, "clicked_button": "ok_message"}, scene.anna) == (
        "missed",
        "message",
        "",
    )
    files = scene.panel.store([("a.txt", b"a")])
    answer = scene.panel.call("ticket.edit", {**params, "clicked_button": "ok"}, scene.anna, uploads=files)
    assert answer.error == ("missed", "message", "")
    assert scene.panel.call("ticket.edit", {**params, "clicked_button": "ok"}, scene.anna).ok
    assert scene.panel.ticket_state(ticket).state == "waiting"
    assert len(scene.panel.messages(ticket)) == 1


def test_a_note_needs_show_optional(scene: Scene) -> None:
    """Without it the field is not there, and the form is empty."""
    ticket = scene.ticket()
    row = scene.panel.employee_takes(scene.anna, ticket)
    params: dict[str, object] = {"sok": "ok", "elid": row, "plid": ticket, "clicked_button": "ok_message"}
    assert scene.error("ticket.edit", {**params, "note_message": "n"}, scene.anna) == ("missed", "message", "")
    assert scene.panel.call("ticket.edit", {**params, "show_optional": "on", "note_message": "n"}, scene.anna).ok
    assert [(note.user, note.text) for note in scene.panel.notes(ticket)] == [(scene.anna, "n")]
    assert len(scene.panel.messages(ticket)) == 1


def test_reading_the_form_clears_the_unread_mark(scene: Scene) -> None:
    """Which is why an integration must read by SQL."""
    ticket = scene.ticket()
    row = scene.panel.employee_takes(scene.anna, ticket)
    scene.panel.client_writes(scene.ivan.user, ticket, "hello?")
    assert row in scene.panel.unread
    answer = scene.panel.call("ticket.edit", {"elid": row}, scene.anna)
    assert [m.get("type") for m in answer.doc.findall("mlist/message")] == ["incoming", "incoming"]
    assert row not in scene.panel.unread


def test_taking_moves_the_departments_row_and_says_its_id(scene: Scene) -> None:
    """The id is in a link inside the answer's text; taking twice changes nothing."""
    ticket = scene.ticket()
    params = {"sok": "ok", "plid": ticket, "elid": ticket, "clicked_button": "ok_get"}
    answer = scene.panel.call("ticket_all.edit", params, scene.anna)
    row = scene.panel.query("SELECT id, user FROM ticket2user WHERE ticket=%s", ticket)
    assert answer.text("ok") == f"func=ticket.edit&elid={row[0]['id']}&plid={ticket}"
    assert [found["user"] for found in row] == [scene.anna]
    assert scene.panel.call("ticket_all.edit", params, scene.anna).text("ok") == answer.text("ok")
    scene.panel.call("ticket_all.edit", params, scene.boris)
    assert scene.panel.ticket_state(ticket).assignees == (scene.anna, scene.boris)


def test_an_archived_ticket_comes_back_by_taking_reopening_or_a_client(scene: Scene) -> None:
    """Archiving ends all assignments."""
    ticket = scene.ticket()
    for come_back in (
        lambda: scene.panel.employee_takes(scene.anna, ticket),
        lambda: scene.panel.reassign(ticket, f"d_{scene.support}", scene.anna),
        lambda: scene.panel.client_writes(scene.ivan.user, ticket, "again"),
    ):
        scene.panel.client_archives(ticket)
        assert (scene.panel.ticket_state(ticket).state, scene.panel.ticket_state(ticket).assignees) == ("closed", ())
        come_back()
        assert scene.panel.ticket_state(ticket).state == "open"


def test_reopening_takes_the_ticket_and_moving_takes_the_row(scene: Scene) -> None:
    """``support_tool_responsible`` means two things by ``elid``."""
    ticket = scene.ticket()
    scene.panel.employee_replies(scene.anna, ticket, "done")
    scene.panel.reassign(ticket, f"e_{scene.boris}", scene.anna)
    row = scene.panel.query("SELECT id FROM ticket2user WHERE ticket=%s", ticket)[0]["id"]
    params: dict[str, object] = {"sok": "ok", "elid": row, "plid": ticket, "set_responsible": f"e_{scene.anna}"}
    assert scene.panel.call("support_tool_responsible", params, scene.anna).ok
    assert scene.panel.ticket_state(ticket).assignees == (scene.anna,)
    assert scene.panel.ticket_state(ticket).responsible == scene.support
    wrong = {**params, "elid": row + 1000}
    assert scene.error("support_tool_responsible", wrong, scene.anna) == ("value", "elid", str(row + 1000))
    nobody = {**params, "set_responsible": f"e_{scene.ivan.user}"}
    assert scene.error("support_tool_responsible", nobody, scene.anna) == (
        "value",
        "set_responsible",
        str(scene.ivan.user),
    )


def test_a_client_who_writes_after_the_answer_gets_the_responsible_again(scene: Scene) -> None:
    """A ticket nobody has goes back to its department."""
    ticket = scene.ticket()
    scene.panel.employee_replies(scene.anna, ticket, "done")
    scene.panel.client_writes(scene.ivan.user, ticket, "not done")
    assert scene.panel.ticket_state(ticket).assignees == (scene.support,)


def test_files_are_found_by_ticket_file_only(scene: Scene) -> None:
    """The answer names the file and a path on the panel's own disk; no column has a telling name."""
    ticket = scene.panel.client_creates_ticket(scene.ivan.user, "s", "m", [("отчёт.txt", b"one"), ("b.bin", b"\0two")])
    files = scene.panel.messages(ticket)[0].files
    assert [(file.name, file.content) for file in files] == [("отчёт.txt", b"one"), ("b.bin", b"\0two")]
    answer = scene.panel.call("ticket.file", {"elid": files[1].id})
    assert answer.text(".//content/name") == "b.bin"
    assert Path(answer.text(".//content/data")).read_bytes() == b"\0two"
    columns = {row["Field"] for row in scene.panel.query("SHOW COLUMNS FROM ticket_message_attach")}
    assert not columns & {"name", "path", "file", "filename"}
    assert scene.error("ticket.file", {"elid": files[0].id}, scene.petra.user) == ("access", "ticket.file", "1")


def test_su_takes_login_and_id_and_refuses_the_unknown_and_the_disabled(scene: Scene) -> None:
    """The error's type is access."""
    assert scene.panel.call("whoami", {}, "anna").ok
    assert scene.panel.call("whoami", {}, scene.anna).ok
    assert scene.error("whoami", {}, "nobody") == ("access", "su", "nobody")
    scene.panel.disable(scene.anna)
    assert scene.error("whoami", {}, "anna") == ("access", "su", "anna")


def test_only_an_employee_may_write_as_staff(scene: Scene) -> None:
    """Not root without ``su``, nor a department, nor a client."""
    ticket = scene.ticket()
    params: dict[str, object] = {"sok": "ok", "plid": ticket, "elid": ticket, "clicked_button": "ok_get"}
    for user in (None, scene.support, scene.ivan.user):
        error = scene.error("ticket_all.edit", params, user)
        assert error is not None
        assert error[0] == "access"


def test_whether_anothers_assignment_may_be_answered_is_a_switch(scene: Scene) -> None:
    """It is not public; a department's row is open to everybody."""
    ticket = scene.ticket()
    row = scene.panel.employee_takes(scene.boris, ticket)
    params: dict[str, object] = {
        "sok": "ok",
        "elid": row,
        "plid": ticket,
        "message": "x",
        "clicked_button": "ok_message",
    }
    assert scene.panel.call("ticket.edit", params, scene.anna).ok
    scene.panel.options.others_assignments_refused = True
    assert scene.error("ticket.edit", params, scene.anna) == ("access", "ticket", str(row))
    assert scene.panel.call("ticket.edit", params, scene.boris).ok


def test_three_byte_tables_refuse_an_emoji(mariadb: MariaDB, tmp_path: Path) -> None:
    """As MariaDB does in strict mode; nothing is stored."""
    panel = Panel(mariadb, tmp_path, schema_options=SchemaOptions(charset="utf8"))
    scene = populate(panel)
    params: dict[str, object] = {"sok": "ok", "subject": "s", "message": "smile 😀"}
    error = scene.error("clientticket.edit", params, scene.ivan.user)
    assert error is not None
    assert (error[0], "Incorrect string value" in error[2]) == ("db", True)
    assert panel.tickets() == []
    assert panel.call("clientticket.edit", {**params, "message": "привет €"}, scene.ivan.user).ok


@pytest.mark.parametrize("values", sorted(RATING_VALUES))
@pytest.mark.parametrize("column", ["rating", "score", None])
def test_a_rating_is_stored_as_is_wanted(mariadb: MariaDB, tmp_path: Path, column: str | None, values: str) -> None:
    """In a column, or nowhere that is known; the event happens, and the page shows it."""
    panel = Panel(mariadb, tmp_path, schema_options=SchemaOptions(rating_column=column, rating_values=values))
    scene = populate(panel)
    ticket = scene.ticket()
    message = panel.employee_replies(scene.anna, ticket, "done")
    events: list[tuple[str, str]] = []
    panel.on_event(lambda event: events.append((event.stage, event.func)))
    for given, value in zip(("good", "bad"), RATING_VALUES[values], strict=True):
        panel.client_rates(message, given)
        assert panel.messages(ticket)[1].rating == given
        assert ("final", f"ticket.message.rate.{given}") in events
        page = panel.call("clientticket.edit", {"elid": ticket}, scene.ivan.user)
        assert f'<rates><rate name="{given}"' in page.xml
        if column:
            row = panel.query(f"SELECT `{column}` AS stored FROM ticket_message WHERE id=%s", message)[0]
            assert row["stored"] == value


def test_a_rating_names_the_message_and_its_ticket(scene: Scene) -> None:
    """``elid`` and ``plid``, no ``sok``; another client's message is none."""
    ticket = scene.ticket()
    message = scene.panel.employee_replies(scene.anna, ticket, "done")
    func = "ticket.message.rate.good"
    assert scene.error(func, {"elid": message, "plid": ticket + 1}, scene.ivan.user) == ("value", "elid", str(message))
    assert scene.error(func, {"elid": message, "plid": ticket}, scene.petra.user) == ("value", "elid", str(message))
    assert scene.panel.call(func, {"elid": message, "plid": ticket}, scene.ivan.user).ok


def test_a_client_archives_several_tickets_at_once(scene: Scene) -> None:
    """All of them or none."""
    one, two = scene.ticket(), scene.ticket()
    other = scene.panel.client_creates_ticket(scene.petra.user, "s", "m")
    wrong: dict[str, object] = {"elid": f"{one}, {other}", "sok": "ok"}
    assert scene.error("clientticket.archive", wrong, scene.ivan.user) == ("access", "ticket", str(other))
    assert scene.panel.ticket_state(one).state == "open"
    scene.panel.client_archives(one, two)
    assert [scene.panel.ticket_state(ticket).state for ticket in (one, two, other)] == ["closed", "closed", "open"]


def test_a_ticket_that_nobody_has_is_archived_after_a_time(scene: Scene) -> None:
    """Without an event; what somebody has, or was written in since, stays."""
    old, held, new = scene.ticket(), scene.ticket(), scene.ticket()
    for ticket in (old, new):
        scene.panel.employee_replies(scene.anna, ticket, "done")
    scene.panel.execute(
        "UPDATE ticket_message SET date_post = NOW() - INTERVAL 2 DAY WHERE ticket IN (%s, %s)", old, held
    )
    events: list[str] = []
    scene.panel.on_event(lambda event: events.append(event.func))
    assert scene.panel.archive_inactive() == []
    scene.panel.options.archive_after = 86400
    assert scene.panel.archive_inactive() == [old]
    assert [scene.panel.ticket_state(ticket).state for ticket in (old, held, new)] == ["closed", "open", "waiting"]
    assert events == []


def test_mail_is_stored_without_an_event(scene: Scene) -> None:
    """The mail gateway does not go through the form."""
    ticket = scene.ticket()
    events: list[str] = []
    scene.panel.on_event(lambda event: events.append(event.func))
    scene.panel.mail_arrives(scene.ivan.user, ticket, "by mail")
    assert [message.text for message in scene.panel.messages(ticket)][1:] == ["by mail"]
    assert events == []


def test_messages_can_be_dated(scene: Scene) -> None:
    """For histories of years."""
    day = datetime(2019, 5, 17, 12, 30)
    ticket = scene.panel.client_creates_ticket(scene.ivan.user, "old", "old", created=day)
    assert scene.panel.messages(ticket)[0].date == day


@pytest.mark.parametrize("dangling", [False, True])
def test_a_deleted_client_leaves_the_ticket(scene: Scene, dangling: bool) -> None:
    """Its author is gone, or a number without a row."""
    ticket = scene.ticket()
    scene.panel.delete_client(scene.ivan, dangling=dangling)
    assert scene.panel.messages(ticket)[0].user == (scene.ivan.user if dangling else None)
    scene.panel.delete_ticket(ticket)
    assert scene.panel.tickets() == []


def test_each_ticket_table_is_read_by_index(scene: Scene) -> None:
    """The foreign keys bring the indexes that the real tables have too."""
    for table, column in (
        ("ticket2user", "ticket"),
        ("ticket_message", "ticket"),
        ("ticket_note", "ticket"),
        ("ticket_message_attach", "ticket_message"),
    ):
        indexes = scene.panel.query(f"SHOW INDEX FROM {table}")
        assert column in {row["Column_name"] for row in indexes if row["Seq_in_index"] == 1}


def test_many_may_write_in_one_ticket_at_once(scene: Scene) -> None:
    """Nobody meets a deadlock, nothing is lost, nobody is assigned twice."""
    ticket = scene.ticket()
    scene.panel.employee_replies(scene.anna, ticket, "done")
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda n: scene.panel.client_writes(scene.ivan.user, ticket, str(n)), range(40)))
    assert len(written) == 40
    assert len(scene.panel.messages(ticket)) == 42
    assert scene.panel.ticket_state(ticket).assignees == (scene.support,)
