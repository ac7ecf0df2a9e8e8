"""``probe --trial``: it tells variants of both products apart, cleans up wherever it stops, touches nothing else."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from omnidesk.billmanager.panel import ANSWER, BY_DELETING
from omnidesk.context import Context
from omnidesk.core import settings
from omnidesk.core.errors import Gone
from omnidesk.core.paths import Paths
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import worker_start
from omnidesk.probe.trial import made, undo
from omnidesk.probe.trial.interrupts import Interrupts
from omnidesk.probe.trial.kit import Kit
from omnidesk.probe.trial.made import Made, NotOurs
from omnidesk.store.schema import TABLES
from omnidesk.wording.about_texts import TRIAL as ROWS
from omnidesk.worker.main_loop import Worker
from sandbox.billmanager.control import install_mgrctl
from sandbox.world import World
from tests.cli.terminal import terminal
from tests.cli.test_cli_probe import ENGLISH
from tests.protocol.calls import Story, person
from tests.support.amount import spread
from tests.support.commands import CommandWorld

STEPS = [key for key in ROWS if key not in ("trial.environment", "trial.file_name", "trial.lines", "trial.removal")]
EVENTS = ("trial.page", "trial.events")  # what needs the panel's events, which most of these worlds do not have


@dataclass(frozen=True)
class Told:
    """What a trial told: verdicts and findings by key, what stays, the text of the report, the exit code."""

    verdicts: dict[str, str]
    found: dict[str, str]
    kept: list[str]
    left: list[str]
    report: str
    code: int


def channel(world: World) -> str:
    """The key of a test channel."""
    found = [one.key for one in world.omnidesk.channels.values() if one.title == "Test"]
    return found[0] if found else world.omnidesk.add_channel("Test", "").key


def options(world: World) -> list[str]:
    login = world.panel.query("SELECT name FROM user WHERE id = %s", world.ivan.user)[0]["name"]
    return ["probe", "--trial", "--client", str(login), "--channel", channel(world)]


def trial(world: World, *more: object) -> Told:
    code, out, err = person(world, *options(world), "--yes", "--json", *more)
    assert out, err
    answer = json.loads(out)
    report = (world.root / "var/omnidesk/trial.txt").read_text(encoding="utf-8")
    listed = answer["trial"]
    return Told(
        {one["key"]: one["verdict"] for one in listed},
        {one["key"]: one["found"] for one in listed},
        answer["kept"],
        answer["left"],
        report,
        code,
    )


def dump(world: World) -> dict[str, Any]:
    """Everything on both sides but the module's own tables."""
    names = [next(iter(row.values())) for row in world.panel.query("SHOW TABLES")]
    tables = {name: sorted(world.panel.query(f"SELECT * FROM `{name}`"), key=repr) for name in names
              if name not in TABLES}  # fmt: skip
    desk = world.omnidesk
    return {**tables, "cases": repr(desk.cases), "users": repr(desk.users), "threads": repr(desk.threads),
            "unread": world.panel.unread & {row["id"] for row in tables["ticket2user"]}}  # fmt: skip


def state(world: World, name: str) -> Any:
    rows = world.panel.query("SELECT value FROM omnidesk_state WHERE name = %s", name)
    return json.loads(rows[0]["value"]) if rows else None


@pytest.fixture
def switched(world: World, story: Story) -> Iterator[World]:
    """A world whose switches a test may change."""
    world.omnidesk.settings.rate_limit = None  # so many trials within a minute would wait for the next one
    Path(Paths(str(world.root)).rate_state).unlink(missing_ok=True)  # nor is the former limit known
    panel, desk = copy.copy(world.panel.options), copy.copy(world.omnidesk.settings)
    yield world
    world.panel.options.__dict__.update(panel.__dict__)
    world.omnidesk.settings.__dict__.update(desk.__dict__)
    world.panel.forbidden.clear()
    world.panel.execute(
        "DELETE FROM omnidesk_state WHERE name IN"
        " ('ending', 'editing', 'note_files', 'rating_place', 'rating_meanings')"
    )


# As assumed


def test_everything_is_settled_and_nothing_stays(switched: World) -> None:
    """Each step is made, both sides are what they were, and the verdicts are where the module reads them."""
    world = switched
    before = dump(world)
    told = trial(world)
    assert dump(world) == before
    assert told.code == 0 and not told.kept and not told.left
    assert list(told.verdicts) == list(ROWS)
    others = {key: verdict for key, verdict in told.verdicts.items() if verdict != "as assumed"}
    assert others == {**dict.fromkeys(EVENTS, "differs"), "trial.lines": "not settled"}, told.found
    assert state(world, "ending") == "ticket.edit"
    assert state(world, "rating_place") == "rating"
    assert not world.panel.query("SELECT name FROM omnidesk_state WHERE name LIKE 'trial:%%'")


# Variants

# Of the panel, of the account, and what is found then.
Make = tuple[dict[str, object], dict[str, object], dict[str, str]]
MAKES: list[Make] = [
    (
        {
            "ends_by": "answer",
            "archived_takes_messages": False,
            "file_paths": "elsewhere",
            "system_rows": "null",
            "longest_name": 100,
            "message_edit": "works",
            "edit_moves_date": True,
        },
        {
            "case_not_found_status": 404,
            "delete_status": 204,
            "spam_blocks_user": False,
            "ratings_disabled": True,
            "client_message_reopens": False,
            "staff_reply_assigns": False,
            "numbers_as_strings": True,
            "edit_renumbers": True,
            "history_names": "user_",
        },
        {
            "trial.correction": "accepted; changed: yes, date kept: ",
            "trial.note_file": "refused: panel_refused missed; notes: 0, messages: 0, files of notes: 0",
            "trial.ending": "ticket.edit: ends; ticket_open.delete: panel_access",
            "trial.archived": "refused",
            "trial.upload": "names: a path that cannot be read; over HTTP: the content sent",
            "trial.archive": "lines: no author",
            "trial.lines": "lines: 1, of these taken for a person's: 0",
            "trial.file_name": "of 255 bytes 200 are kept",
            "trial.deleted": "deleted: 204; case: 404 case_not_found; its messages: 404 case_not_found",
            "trial.spam": "client blocked: no; takes messages: yes; a new case is in spam: no",
            "trial.case_rating": "refused",
            "trial.status": "after the client's message: closed",
            "trial.messages": "assigned to the author: no",
            "trial.history": ", by staff_ID of an employee: 0; others by user_",
            "trial.edits": "id kept: no, new text: no; deleted: 204, still in the thread: no; new ids: 1",
        },
    ),
    (
        {
            "ends_by": "delete",
            "file_paths": "none",
            "system_rows": "zero",
            "error_rc": 0,
            "logs_private": True,
            "message_edit": "absent",
        },
        {
            "case_not_found_answer": "other",
            "spam_accepts_messages": False,
            "trash_accepts_messages": True,
            "required_at_closing": frozenset({"cf_9"}),
            "staff_reply_sets_waiting": True,
            "empty_list": "array",
            "deleted_stays": True,
        },
        {
            "trial.correction": "refused: panel_refused missed; changed: no, date kept: yes; new messages: 0",
            "trial.ending": "ticket.edit: panel_refused missed; ticket_open.delete: ends",
            "trial.archived": "accepted",
            "trial.upload": "names: no path; over HTTP: the content sent",
            "trial.archive": "lines: author 0",
            "trial.private": "logged: private fields yes, other fields yes",
            "trial.edits": "id kept: yes, new text: yes; deleted: 200, still in the thread: yes; new ids: 0",
            "trial.deleted": "deleted: 200; case: 400 ",
            "trial.spam": "client blocked: yes; takes messages: no",
            "trial.trash": "takes messages: yes",
            "trial.status": "closed: refused, 400 ",
            "trial.messages": "after staff's: status waiting",
        },
    ),
    (
        {
            "file_answer": "page",
            "system_rows": "service",
            "status_codes": False,
            "message_edit": "posts",
            "file_alone": True,
        },
        {"case_not_found_answer": "empty"},
        {
            "trial.correction": "accepted; changed: no, date kept: yes; new messages: 1",
            "trial.note_file": "accepted; notes: 1, messages: 1, files of notes: 0",
            "trial.ending": "ticket.edit: ends; ticket_open.delete: ends",
            "trial.upload": "names: the content sent; over HTTP: panel_refused",
            "trial.archive": "lines: a user",
            "trial.deleted": "case: 400 no body; its messages: 400 no body; a message for it: 400 no body",
        },
    ),
    (
        {"system_rows": "client"},
        {"case_not_found_answer": "html"},
        {
            "trial.archive": "lines: a user",
            "trial.lines": "lines: 1, of these taken for a person's: 1",
            "trial.deleted": "case: 400 HTML",
        },
    ),
]
# Of these switches, what differs then.
DIFFERING = {
    "longest_name": "trial.file_name",
    "file_alone": "trial.note_file",
    "logs_private": "trial.private",
    "edit_renumbers": "trial.edits",
    "deleted_stays": "trial.edits",
    "history_names": "trial.history",
    "required_at_closing": "trial.status",
}


@pytest.mark.parametrize("make", MAKES, ids=["one", "two", "three", "four"])
def test_products_of_this_make(switched: World, make: Make) -> None:
    """What is found is what the switches say, the way to end is stored, and nothing stays."""
    before, (panel, desk, expected) = dump(switched), make
    for switches, chosen in ((switched.panel.options, panel), (switched.omnidesk.settings, desk)):
        for name, value in chosen.items():
            assert hasattr(switches, name)
            setattr(switches, name, value)
    told = trial(switched)
    assert {key: words for key, words in expected.items() if words not in told.found[key]} == {}, told.found
    assert told.code == 0 and not told.left and not told.kept
    differing = {key for name, key in DIFFERING.items() if name in {**panel, **desk}}
    differing |= {"trial.correction"} if panel.get("message_edit") == "posts" else set()
    differing |= {"trial.lines"} if panel.get("system_rows") == "client" else set()
    assert [key for key in differing if told.verdicts[key] != "differs"] == []
    others = {key for key, one in told.verdicts.items() if one == "differs"} - differing
    assert not others & {*DIFFERING.values(), "trial.correction", "trial.lines"}
    assert state(switched, "note_files") is False
    assert state(switched, "editing") is (panel.get("message_edit") == "works")
    assert state(switched, "ending") == (BY_DELETING if panel.get("ends_by") == "delete" else "ticket.edit")
    after = dump(switched)
    if panel.get("system_rows") == "service":  # the panel makes its own user when it writes its first line
        assert before.pop("user") and after.pop("user")
    assert after == before


def test_events_and_the_link_in_a_page_come_where_the_panel_knows_the_handler(tmp_path: Path) -> None:
    """And an event that does not come is named, which is found without a worker, too."""
    with CommandWorld(tmp_path) as world:
        world.omnidesk.settings.rate_limit = None
        world.sync()
        plugin = world.root / "etc/xml/billmgr_mod_omnidesk.xml"
        text = plugin.read_text(encoding="utf-8")
        rating = '<event name="ticket.message.rate.bad" final="yes"/>'
        assert rating in text
        plugin.write_text(text.replace(rating, ""), encoding="utf-8")
        told = trial(world)
        assert told.verdicts["trial.page"] == "as assumed"
        assert told.verdicts["trial.events"] == "differs"
        assert told.found["trial.events"] == "no event of: ticket_message_rate_bad"
        plugin.write_text(text, encoding="utf-8")
        told = trial(world)
        assert told.verdicts["trial.events"] == "as assumed", told.found


def test_an_event_counts_although_the_next_one_takes_its_place(tmp_path: Path) -> None:
    """Several functions are called for the one ticket before a worker has taken the first event."""
    with CommandWorld(tmp_path) as world:
        world.omnidesk.settings.rate_limit = None
        world.sync()
        lock = worker_start.try_lock(Paths(str(world.root)))
        assert lock is not None
        told = trial(world)
        worker_start.release(lock)
        assert told.verdicts["trial.events"] == "as assumed", told.found


def test_the_way_to_end_is_used_afterwards(switched: World) -> None:
    """The module's first try is the one that the trial has seen to work."""
    switched.panel.options.ends_by = "delete"
    trial(switched)
    assert state(switched, "ending") == BY_DELETING
    switched.panel.options.ends_by = "answer"
    trial(switched)
    assert state(switched, "ending") == "ticket.edit"


def test_a_worker_that_stays_reads_what_a_trial_has_stored(switched: World) -> None:
    """Its context, which remembers the way to end and the column of ratings, is opened again after a trial."""
    paths = Paths(str(switched.root))
    worker = Worker(paths, lambda: Context(paths, settings.load(paths.settings)), Stop())
    first = worker.context()
    assert first.panel.ways_to_end()[0] == ANSWER and worker.context() is first
    switched.panel.options.ends_by = "delete"
    trial(switched)
    assert worker.context() is not first and worker.context().panel.ways_to_end()[0] == BY_DELETING
    worker.close()


def test_an_mgrctl_without_an_environment(switched: World) -> None:
    switched.panel.execute("DELETE FROM omnidesk_state WHERE name = 'mgrctl_environment'")
    install_mgrctl(switched.root, environment=False)
    told = trial(switched)
    install_mgrctl(switched.root)
    switched.panel.execute("DELETE FROM omnidesk_state WHERE name = 'mgrctl_environment'")
    assert told.verdicts["trial.environment"] == "differs"
    assert told.verdicts["trial.upload"] == "not settled" and not told.left


RATINGS: list[tuple[str | None, str, str, dict[str, int]]] = [
    ("rating", "words", "ticket_message.rating: good good, bad bad", {"good": 1002, "bad": 1001}),
    ("user_rate", "one_zero", "ticket_message.user_rate: good 1, bad 0", {"1": 1002, "0": 1001}),
    ("rate", "one_two", "ticket_message.rate: good 1, bad 2", {"1": 1002, "2": 1001}),
    ("client_score_mark", "plus_minus", "ticket_message.client_score_mark: good 1, bad -1", {"1": 1002, "-1": 1001}),
    ("vote", "stars", "ticket_message.vote: good 5, bad 1", {"5": 1002, "1": 1001}),
    (None, "words", "no column of ticket_message; tables with a new row: zq_ratings_do_not_read", {}),
]


@pytest.mark.parametrize(("column", "values", "words", "meanings"), spread(RATINGS, 3), ids=lambda one: str(one))
def test_where_ratings_are(
    tmp_path: Path, column: str | None, values: str, words: str, meanings: dict[str, int]
) -> None:
    """Found whatever the column is called, and read from there afterwards, also when no event tells of a rating."""
    with CommandWorld(tmp_path, events=False, rating_column=column, rating_values=values) as world:
        world.omnidesk.webhooks.faults.lose_chance = 1.0
        story = Story(world)
        told = trial(world)
        assert told.found["trial.rating"] == words and told.code == 0
        assert state(world, "rating_place") == (column or "off")
        assert state(world, "rating_meanings")["values"] == meanings
        world.panel.client_rates(story.reply, "bad", fire=False)
        world.sync()
        rated = [one.rating for one in world.omnidesk.messages(story.case) if one.rating]
        assert rated == (["low"] if column else [])


@pytest.mark.parametrize("again", ["ignores", "refuses"])
def test_a_panel_that_takes_one_rating_only(switched: World, again: str) -> None:
    """The first one shows the column; that the second changes nothing does not mean that ratings are elsewhere."""
    switched.panel.options.rates_again = again
    told = trial(switched)
    assert told.found["trial.rating"] == "ticket_message.rating: good good, a second rating changes nothing"
    assert told.verdicts["trial.rating"] == "as assumed"
    assert state(switched, "rating_place") == "rating"
    assert state(switched, "rating_meanings") == {"column": "rating", "values": {"good": 1002}}


def test_a_panel_that_takes_no_rating(switched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers ok, and nothing changes: the column that the module reads is read on."""
    monkeypatch.setattr("sandbox.billmanager.schema.store_rating", lambda *given: None)
    told = trial(switched)
    assert told.verdicts["trial.rating"] == "not settled"
    assert state(switched, "rating_place") is None


def test_what_stands_in_a_row_that_nobody_has_rated_is_no_rating(tmp_path: Path) -> None:
    """A column that is 0 without a rating and for a bad one cannot tell them apart: no answer counts as bad."""
    with CommandWorld(tmp_path, events=False, rating_column="rating", rating_values="one_zero") as world:
        world.panel.execute("ALTER TABLE ticket_message MODIFY rating INT NOT NULL DEFAULT 0")
        story = Story(world)
        trial(world)
        assert state(world, "rating_meanings") == {"column": "rating", "values": {"1": 1002}}
        world.panel.employee_replies(world.anna, story.ticket, "Ещё")
        world.sync()
        assert [one.rating for one in world.omnidesk.messages(story.case) if one.rating] == []


@pytest.mark.parametrize("own", [False, True])
def test_a_client_of_omnidesk_that_was_there_before_is_never_deleted(own: bool) -> None:
    """Should Omnidesk have given the case to somebody else while its answer got lost, only the case is the trial's."""
    made = Made("pmomnidesk trial 1", "pmomnidesk-trial-1", 7, 0)
    user = {"user": {"user_id": 5, "user_custom_id": made.name if own else "17"}}
    case = SimpleNamespace(subject=made.subject, case_id=3, user_id=5)
    answers = {
        "cases_of_user.return_value": [case],
        "ask.return_value": SimpleNamespace(succeeded=True, document=user),
        "case.side_effect": Gone("omnidesk_gone"),
    }
    desk: Any = mock.Mock(now=1e9, **answers)
    nobody: Any = mock.Mock()
    kit = Kit(nobody, nobody, "1", made, nobody, desk, nobody)
    assert undo.cases(undo.Undoing(kit)) == []
    assert made.cases == {3} and made.users == ({5} if own else set())


def test_a_subject_that_the_panel_adds_something_to(switched: World) -> None:
    """The ticket is found and removed, and no run carries it over meanwhile."""
    switched.panel.options.subject_prefix = "[Запрос] "
    before = dump(switched)
    told = trial(switched)
    assert told.verdicts["trial.ticket"] == "as assumed" and not told.left
    assert dump(switched) == before


# What stays


def test_a_ticket_that_may_not_be_deleted_is_archived_and_named(switched: World) -> None:
    """It is the only thing that stays, no run carries it over, and the report has no number of it."""
    world = switched
    before = dump(world)
    world.panel.forbidden[world.integration] = frozenset({"ticket_all.delete"})
    told = trial(world)
    ticket = max(world.panel.tickets())
    assert told.kept == [f"ticket {ticket} (archived)"] and not told.left and told.code == 0
    assert told.verdicts["trial.removal"] == "differs" and f"{ticket} " not in told.report.partition("removal")[2]
    assert world.panel.query("SELECT status FROM ticket WHERE id = %s", ticket)[0]["status"] == 10
    after = dump(world)
    assert (after["cases"], after["users"]) == (before["cases"], before["users"])
    assert [row for row in after["ticket"] if row["id"] != ticket] == before["ticket"]
    cases = len(world.omnidesk.cases)
    world.panel.client_writes(world.ivan.user, ticket, "Ещё")
    world.sync()
    person(world, "sync_ticket", ticket)
    assert len(world.omnidesk.cases) == cases
    world.panel.call("ticket_all.delete", {"elid": ticket, "sok": "ok"})
    world.panel.execute("DELETE FROM omnidesk_state WHERE name LIKE 'trial:%%'")


def test_the_worker_leaves_its_ticket_alone(tmp_path: Path) -> None:
    """Although each of its events starts one: the only cases made are the trial's own."""
    with World(tmp_path) as world:
        world.sync()
        world.panel.forbidden[world.integration] = frozenset({"ticket_all.delete"})
        told = trial(world)
        assert told.kept
        world.sync()
        created = [one for one in world.omnidesk.calls if (one.method, one.path) == ("POST", "/api/cases.json")]
        assert len(created) == 2 and not world.omnidesk.cases
        assert len(world.panel.messages(max(world.panel.tickets()))) == 5


# Interruptions


@pytest.mark.parametrize("place", spread(range(len(STEPS)), 3), ids=lambda place: STEPS[place])
def test_it_cleans_up_after_an_interruption_at_each_step(switched: World, place: int) -> None:
    """Ctrl-C reaches the whole group, SIGTERM the trial alone; a second signal changes nothing."""
    world = switched
    before = dump(world)
    command = [str(world.root / "processing/pmomnidesk"), *options(world), "--yes", "--lang=en"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
        cwd="/", start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if line.strip() == ROWS[STEPS[place]].en or line.startswith("Interrupted."):
                _interrupt(process, place)
    assert process.returncode == 130
    assert dump(world) == before
    report = (world.root / "var/omnidesk/trial.txt").read_text(encoding="utf-8")
    assert "trial, interrupted" in report and "left 0" in report


def _interrupt(process: subprocess.Popen[str], place: int) -> None:
    if place % 2:
        process.terminate()
    else:
        os.killpg(process.pid, signal.SIGINT)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it wanted to wait: it does not."""
    found: list[float] = []
    monkeypatch.setattr(Interrupts, "wait", lambda _, seconds: found.append(seconds))
    return found


def test_a_call_that_got_no_answer_is_cleaned_up_as_well(switched: World, pauses: list[float]) -> None:
    """The case was made, its answer was lost: it is found by its client, once the call can no longer take effect."""
    world = switched
    before = dump(world)
    world.omnidesk.faults.drop_after(on="POST /api/cases.json")
    told = trial(world)
    assert pauses == [undo.SETTLED]
    assert told.verdicts["trial.case"] == "not settled" and told.code == 0 and not told.left
    assert dump(world) == before


def test_trouble_while_it_cleans_up(switched: World, pauses: list[float]) -> None:
    """What is there after all is deleted again; what stays in the end is named, and the exit code says so."""
    world = switched
    before = dump(world)
    world.omnidesk.faults.server_error(on="DELETE /api/*", times=2)
    told = trial(world)
    assert told.code == 0 and not told.left and dump(world) == before
    world.omnidesk.faults.server_error(on="DELETE /api/users/*", times=None)
    told = trial(world)
    world.omnidesk.faults.clear()
    user = max(world.omnidesk.users)
    assert told.code == 1 and told.left == [f"client {user} in Omnidesk"] and "left 1" in told.report
    assert pauses == [undo.PAUSE] * (undo.TRIES - 1)
    world.omnidesk.drop_user(world.omnidesk.users[user])
    assert dump(world) == before


def test_it_waits_when_the_calls_are_used_up(switched: World) -> None:
    """Between two steps and while it cleans up."""
    for on in ("POST /api/cases/*/note.json", "DELETE /api/cases/*"):
        switched.omnidesk.faults.rate_limited(retry_after=1, on=on, limit=1000)  # or the others take minutes
    before = dump(switched)
    told = trial(switched)
    assert told.code == 0 and not told.left and dump(switched) == before
    assert told.verdicts["trial.case_note"] == "as assumed"


# Asking first


def test_it_asks_on_a_terminal_and_says_what_it_will_do(switched: World) -> None:
    before = dump(switched)
    for language, words, answer in (
        ("en", "delete the case and ask for it", "Nothing was done."),
        ("ru", "удалить обращение и запросить его", "Ничего не сделано."),
    ):
        seen = terminal(switched, *options(switched), f"--lang={language}", typed="n\n")
        assert seen.code == 0 and words in seen.text and answer in seen.text
    assert dump(switched) == before
    assert not switched.panel.query("SELECT name FROM omnidesk_state WHERE name LIKE 'trial:%%'")


def test_each_step_is_shown_in_both_languages(switched: World) -> None:
    for language, typed in (("en", "y\n"), ("ru", "да\n")):
        seen = terminal(switched, *options(switched), f"--lang={language}", typed=typed, columns=200)
        assert seen.code == 0, seen.text
        assert all(ROWS[one].of(language) in seen.text for one in STEPS)
        assert "trial.txt" in seen.text
        assert ("статус open; читается по номеру: да" in seen.text) is (language == "ru")
        assert language == "en" or ENGLISH.findall(seen.text) == []
    report = (switched.root / "var/omnidesk/trial.txt").read_text(encoding="utf-8")
    assert "trial.case: as assumed: status open; read by number: yes" in report


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["--client", "x"], "--channel"),
        (["--channel", "x"], "--client"),
        (["--client", "nobody@example.com", "--channel", "{channel}", "--yes"], "--client: nobody@example.com"),
        (["--client", "{client}", "--channel", "cch9", "--yes"], "--channel: cch9"),
        (["--client", "{client}", "--channel", "{channel}", "--department", "none", "--yes"], "--department: none"),
        (["--client", "{client}", "--channel", "{channel}", "--employee", "none", "--yes"], "--employee: none"),
        (["--client", "{client}", "--channel", "{channel}"], "terminal"),
    ],
)
def test_without_what_it_needs_it_does_nothing(switched: World, more: list[str], error: str) -> None:
    _, _, _, client, _, key = options(switched)
    before = dump(switched)
    given = [one.format(channel=key, client=client) for one in more]
    code, out, err = person(switched, "probe", "--trial", *given)
    assert (code, out) == (1, "") and error in err
    assert dump(switched) == before


# It touches nothing else, and its report names no person


def test_calls_that_name_anything_else_are_refused() -> None:
    ours = Made("subject", "name", 1, 0)
    ours.panel[made.TICKETS].add(7)
    ours.panel[made.ROWS].add(8)
    ours.cases.add(9)
    ours.users.add(10)
    ours.check("ticket.edit", {"elid": 8, "plid": 7})
    ours.check("clientticket.edit", {"subject": "new"})
    ours.check_path("PUT", "cases/9/spam")
    ours.check_path("GET", "cases/1")
    for func, given in (
        ("ticket.edit", {"elid": 8}),
        ("ticket.edit", {"elid": 7, "plid": 7}),
        ("ticket.edit", {"elid": 8, "plid": 6}),
        ("clientticket.edit", {"elid": 6}),
        ("ticket_all.delete", {"elid": "7, 6"}),
        ("ticket_all.delete", {}),
        ("omnidesk.settings", {"sok": "ok"}),
        ("user.delete", {"elid": 7}),
    ):
        with pytest.raises(NotOurs):
            ours.check(func, given)
    for method, path in (
        ("PUT", "cases/1/spam"),
        ("PUT", "cases/9,1/spam"),
        ("DELETE", "cases/1"),
        ("PUT", "cases/9/rate/5"),
        ("DELETE", "users/9"),
        ("PUT", "users/10/block"),
        ("POST", "users"),
    ):
        with pytest.raises(NotOurs):
            ours.check_path(method, path)


def test_the_report_holds_no_names_texts_or_secrets(switched: World) -> None:
    world = switched
    login = options(world)[3]
    told = trial(world)
    secrets = (world.omnidesk.api_key, world.secret, world.database_password, "@", login, "Иван", "test message",
               str(world.root), channel(world), world.omnidesk_server.url.partition("://")[2])  # fmt: skip
    assert not [one for one in secrets if one in told.report]
    assert all(f"{key}: {told.verdicts[key]}: {found}" in told.report for key, found in told.found.items())
