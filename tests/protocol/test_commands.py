"""The executable as the panel and as a person call it: every command, in both forms."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnidesk.cli.run import COMMANDS
from omnidesk.core.paths import Paths
from omnidesk.hooks import worker_start
from omnidesk.store.schema import TABLES
from omnidesk.wording.help_texts import HELPS
from sandbox.world import World
from tests.protocol.calls import Story, answered, panel, person, snapshot
from tests.support.commands import CommandWorld

# Those that end by themselves and whose success needs nothing special.
ENDING = [name for name in COMMANDS if name != "worker"]
NEEDING = [name for name, needs_id in COMMANDS.items() if needs_id]
PANEL_ID = {"set_rating": ["--rating", "5"]}
PERSON_ID = {"set_rating": ["--rating", "5"]}


@pytest.mark.parametrize("name", ENDING)
def test_every_command_in_the_panels_form(world: World, story: Story, name: str) -> None:
    """One document with <ok/> on stdout, nothing on stderr, exit code 0; a second time changes nothing."""
    arguments = ["--id", *story.argument(name), *PANEL_ID.get(name, [])] if name in NEEDING else []
    panel(world, name, *arguments)
    before = snapshot(world)
    again = panel(world, name, *arguments)
    assert again.code == 0
    assert snapshot(world) == before


@pytest.mark.parametrize("name", ENDING)
def test_every_command_in_a_persons_form(world: World, story: Story, name: str) -> None:
    """Readable text on stdout, exit code 0; a second time changes nothing."""
    arguments = [*story.argument(name), *PERSON_ID.get(name, [])] if name in NEEDING else []
    person(world, name, *arguments)
    before = snapshot(world)
    code, out, err = person(world, name, *arguments, env={"LC_ALL": "C.UTF-8"})
    assert (code, err) == (0, "") or name in ("sync", "check_connection")
    assert code == 0 and out.strip()
    assert snapshot(world) == before


@pytest.mark.parametrize("name", COMMANDS)
def test_help(world: World, name: str) -> None:
    """Each command explains itself, without settings or database."""
    code, out, _ = person(world, name, "--help")
    assert code == 0
    assert HELPS[name].short.en[1:] in " ".join(out.split())


def test_help_lists_every_command(world: World) -> None:
    """And so does ``features``, in both forms."""
    for code, out, _ in (person(world, "--help"), person(world, "features")):
        assert code == 0
        assert set(COMMANDS) <= set(re.findall(r"^\s*([a-z_]+) ", out, re.MULTILINE))
    assert panel(world, "features").root.find("features") is not None


def test_a_person_without_arguments_is_told_what_there_is(world: World) -> None:
    """Not an error of the panel, and not a traceback."""
    _, out, err = person(world)
    assert "check_connection" in out + err and "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--command", "update_status", "--id", "ID"],
        ["--command=update_status", "--id=ID"],
        ["-c", "update_status", "--id", "ID"],
        ["--id", "ID", "--command", "update_status"],
        ["--command", "update_status", "--id", "ID", "--new-option", "5", "--flag", "--another=x", "-v", "stray"],
        ["--strange", "--command", "update_status", "--id", "ID"],
        ["--module", "pmomnidesk", "--level", "9", "--command", "update_status", "--id", "ID"],
        ["--command", "update_status", "--id", "ID", "--rating", ""],
        ["--command", "update_status", "--lang", "ru", "--id", "ID"],
        ["--command", "update_status", "--id", "ID", "-"],
        ["--command", "update_status", "--id", "ID", "--"],
    ],
)
def test_the_panels_arguments_in_any_shape(world: World, story: Story, arguments: list[str]) -> None:
    """Name and value apart or joined, in any order; what is not known is ignored, for the panel may add some."""
    given = [one.replace("ID", str(story.ticket)) for one in arguments]
    assert answered(world.run(*given)).error == ("", "")


def test_the_environment_of_the_panel_disturbs_nothing(world: World, story: Story) -> None:
    """What the panel gives a handler is not taken for the command's own, and stdin is left alone."""
    environment = {"PARAM_command": "drop_tables", "PARAM_id": "5", "AUTH_USER": "admin", "QUERY_STRING": "x"}
    done = world.run("--command", "update_status", "--id", story.ticket, env=environment, stdin=b"<doc/>" * 100)
    assert answered(done).code == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--command", "open"], ("unknown_command", "")),
        (["--command", ""], ("unknown_command", "")),
        (["--command"], ("unknown_command", "")),
        (["--command", "Sync"], ("unknown_command", "")),
        (["--command", "__class__"], ("unknown_command", "")),
        *((["--command", name], ("missing_id", name)) for name in NEEDING),
        (["--command", "create_case", "--id", ""], ("missing_id", "create_case")),
        (["--command", "create_case", "--id", "0"], ("missing_id", "create_case")),
        (["--command", "create_case", "--id", "abc"], ("bad_value", "--id")),
        (["--command", "create_case", "--id", "-5"], ("bad_value", "--id")),
        (["--command", "create_case", "--id", "1.5"], ("bad_value", "--id")),
        (["--command", "create_case", "--id", "²"], ("bad_value", "--id")),
        (["--command", "create_case", "--id", "9" * 30], ("bad_value", "--id")),
        (["--command", "create_case", "--id", "1; DROP TABLE ticket"], ("bad_value", "--id")),
        (["--command", "set_rating", "--id", "5", "--rating", "many"], ("bad_rating", "")),
        (["--command", "create_case", "--id", "999999"], ("no_ticket", "")),
        (["--command", "update_status", "--id", "999999"], ("no_ticket", "")),
        (["--command", "sync_ticket", "--id", "999999"], ("no_ticket", "")),
        (["--command", "sync_ticket", "--id", "999999", "--dry-run"], ("no_ticket", "")),
        (["--command", "add_message", "--id", "999999"], ("no_message", "")),
        (["--command", "set_rating", "--id", "999999"], ("no_message", "")),
        (["--command", "sync_user", "--id", "999999"], ("no_user", "")),
    ],
)
def test_what_cannot_be_done(world: World, story: Story, arguments: list[str], error: tuple[str, str]) -> None:
    """An error document with type and object, exit code 1, in the panel's language."""
    answer = answered(world.run(*arguments))
    assert answer.code == 1
    assert answer.error == error
    assert re.search("[а-я]", answer.message)


@pytest.mark.parametrize("arguments", [["nonsense"], ["create_case"], ["create_case", "abc"], ["sync", "--nonsense"]])
def test_a_persons_mistakes(world: World, arguments: list[str]) -> None:
    """Said on stderr, with a way to help; exit code 2, as is usual."""
    code, out, err = person(world, *arguments)
    assert (code, out) == (2, "")
    assert "Error" in err and "Traceback" not in err


def test_a_persons_failure_names_the_cure(world: World) -> None:
    """The sentence and what to do, on stderr; exit code 1."""
    code, out, err = person(world, "create_case", "999999", env={"LC_ALL": "C.UTF-8"})
    assert (code, out) == (1, "")
    assert err.splitlines() == ["BILLmanager has no ticket 999999.", "→ Check the number."]


# Languages and locales


def test_the_panel_chooses_the_language(world: World) -> None:
    """``--lang``; Russian unless another is asked for."""
    for lang, words in (
        ("en", "has no ticket"),
        ("en_US", "has no ticket"),
        ("ru", "нет запроса"),
        ("de", "нет запроса"),
    ):
        answer = panel(world, "create_case", "--id", 999999, "--lang", lang)
        assert words in answer.message
        assert answer.root.find("error").get("lang") == ("en" if words.startswith("has") else "ru")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LANG": "ru_RU.KOI8-R", "LC_ALL": ""},
    ],
)
def test_russian_in_any_locale(world: CommandWorld, story: Story, locale: dict[str, str]) -> None:
    """A timer has the locale C, and an old server another: what a process of it says is UTF-8 all the same."""
    answer = answered(world.process("--command", "create_case", "--id", "999999", env=locale))
    assert "нет запроса" in answer.message
    done = world.process("check_connection", env=locale)
    out = done.stdout.decode("utf-8")
    assert done.returncode == 0 and "✓" in out and "BILLmanager" in out and "<doc" not in out


def test_a_person_is_spoken_to_in_his_language(world: World) -> None:
    """By the locale, the first of its variables that is set."""
    assert "нет запроса" in person(world, "create_case", "9999", env={"LC_ALL": "", "LANG": "ru_RU.UTF-8"})[2]
    assert "has no ticket" in person(world, "create_case", "9999", env={"LC_ALL": "C", "LANG": "ru_RU.UTF-8"})[2]


# Settings and database


@pytest.fixture
def settings_file(world: World) -> Iterator[Path]:
    """The file, put back afterwards."""
    yield world.root / "etc" / "omnidesk" / "omnidesk.conf"
    world.write_settings()


@pytest.mark.parametrize("name", ["check_connection", "sync", "status", "drop_tables"])
def test_no_settings_file(world: World, settings_file: Path, name: str) -> None:
    """The error names the file and how to make one."""
    settings_file.unlink()
    answer = panel(world, name)
    assert answer.error == ("settings_file", str(settings_file))
    assert "omnidesk.conf.example" in answer.message


def test_all_mistakes_of_the_settings_in_one_error(world: World, settings_file: Path) -> None:
    """With their lines, and without a value."""
    settings_file.write_text("OmnideskUrl ftp://x\nOmnideskEmail nobody\nOmnideskApiKey the-secret-key\nColour red\n")
    answer = panel(world, "sync")
    assert answer.error == ("settings", "omnidesk.conf")
    problems = answer.param("value").splitlines()
    assert [one.split(": ")[0] for one in problems] == [
        "line 1", "line 2", "line 4", "OmnideskChannel", "OmnideskSecret",
    ]  # fmt: skip
    assert "the-secret-key" not in answer.done.stdout.decode()
    code, _, err = person(world, "sync", env={"LC_ALL": "C.UTF-8"})
    assert code == 1 and "line 4: Colour" in err


def test_no_database(world: World, story: Story) -> None:
    """The run pauses and says so; what is written meanwhile goes over when it is back."""
    world.mariadb.stop()
    try:
        for name in ("sync", "status", "check_connection"):
            answer = panel(world, name, "--lang", "en")
            words = "".join(answer.root.itertext())
            assert answer.error[0] in ("database_away", "check_failed")
            assert "does not answer" in words
        assert "Traceback" not in world.log()
    finally:
        world.mariadb.start()
    assert panel(world, "sync").code == 0


# Single commands


def test_a_dry_run_changes_nothing_and_tells_everything(world: World, story: Story) -> None:
    """The plan with reasons, both ways, also what no webhook told of; Omnidesk is only read, the panel not called."""
    world.panel.client_writes(story.user, story.ticket, "Ещё раз")
    world.omnidesk.agent_reply(story.case, world.vera_staff, text="Поможем")
    before = snapshot(world)
    calls, requests = len(world.omnidesk.calls), len(world.panel.requests)
    answer = panel(world, "sync_ticket", "--id", story.ticket, "--dry-run")
    assert {"SendMessage", "DeliverReply"} <= {node.get("name") for node in answer.root.iter("action")}
    assert all(node.text for node in answer.root.iter("action"))
    assert snapshot(world) == before
    assert {call.method for call in world.omnidesk.calls[calls:]} == {"GET"}
    assert [one.func for one in world.panel.requests[requests:]] == []
    code, out, _ = person(world, "sync_ticket", story.ticket, "--dry-run")
    assert code == 0 and "BILLmanager: reply" in out and "Omnidesk: client message" in out
    panel(world, "sync_ticket", "--id", story.ticket)
    after = panel(world, "sync_ticket", "--id", story.ticket, "--dry-run")
    assert list(after.root.iter("action")) == []
    assert snapshot(world) != before


def test_ratings_have_rules(world: World, story: Story) -> None:
    """Only a linked reply of staff, only stars that the map covers; the same level again costs no call."""
    case = world.omnidesk.cases[story.case]
    client_message = panel(world, "set_rating", "--id", story.first, "--rating", "5")
    assert client_message.error[0] == "rating_not_staff"
    assert panel(world, "set_rating", "--id", story.reply, "--rating", "9").error[0] == "rating_level"
    world.panel.execute("UPDATE ticket_message SET rating = NULL WHERE id = %s", story.reply)
    assert panel(world, "set_rating", "--id", story.reply).error[0] == "rating_missing"
    fresh = world.panel.employee_replies(world.boris, story.ticket, "Ещё ответ", close=False)
    assert panel(world, "set_rating", "--id", fresh, "--rating", "5").error[0] == "not_linked"
    panel(world, "add_message", "--id", fresh)
    assert panel(world, "set_rating", "--id", fresh, "--rating", "2").code == 0
    rated = [one.rating for one in world.omnidesk.messages(case.case_id) if one.rating]
    assert "low" in rated
    before = world.omnidesk.calls_count()
    assert panel(world, "set_rating", "--id", fresh, "--rating", "1").code == 0
    assert world.omnidesk.calls_count() == before, "1 and 2 are the same level"
    world.panel.client_rates(fresh, "good")
    assert panel(world, "set_rating", "--id", fresh).code == 0
    assert "high" in [one.rating for one in world.omnidesk.messages(case.case_id)]


def test_add_message_sends_what_stands_before_it_too(world: World, story: Story) -> None:
    """Order is never changed; what stands behind it waits."""
    texts = ["первое", "второе", "третье"]
    ids = [world.panel.client_writes(story.user, story.ticket, text) for text in texts]
    panel(world, "add_message", "--id", ids[1])
    sent = [entry.text for entry in world.omnidesk.thread(story.case) if entry.text in texts]
    assert sent == texts[:2]
    world.sync()
    assert [entry.text for entry in world.omnidesk.thread(story.case) if entry.text in texts] == texts


def test_create_case_needs_something_to_say(world: World, story: Story) -> None:
    """A ticket without messages has nothing to open a case with."""
    empty = world.panel.execute("INSERT INTO ticket (name, account_client) VALUES ('x', %s)", world.ivan.account)
    assert panel(world, "create_case", "--id", empty).error[0] == "nothing_to_send"
    world.panel.execute("DELETE FROM ticket WHERE id = %s", empty)


def test_status_and_retry_tell_what_failed(world: World, story: Story) -> None:
    """Why, how often and when next; ``retry`` makes it due now, for one ticket or all."""
    world.omnidesk.faults.server_error(on="POST *", times=None)
    message = world.panel.client_writes(story.user, story.ticket, "Не дойдёт")
    assert panel(world, "add_message", "--id", message).error[0] == "omnidesk_trouble"
    world.omnidesk.faults.clear()
    answer = panel(world, "status")
    (row,) = [one for one in answer.root.iter("ticket") if one.get("id") == str(story.ticket)]
    assert (row.get("error"), int(row.get("attempts", "0")) >= 1) == ("omnidesk_trouble", True)
    code, out, _ = person(world, "status")
    assert code == 0 and "Omnidesk failed" in out
    assert panel(world, "retry", "--id", story.ticket).root.find("retry").get("tickets") == "1"  # type: ignore[union-attr]
    row = next(one for one in panel(world, "status").root.iter("ticket") if one.get("id") == str(story.ticket))
    assert row.get("due_in") == "0"
    world.write_settings(SettleSeconds="0")
    world.sync()
    world.write_settings()
    assert [entry.text for entry in world.omnidesk.thread(story.case)].count("Не дойдёт") == 1
    assert panel(world, "retry").code == 0
    assert list(panel(world, "status").root.iter("ticket")) == []


def wait_for_worker(world: World, process: subprocess.Popen[bytes]) -> None:
    """Until the others leave the work to it."""
    try:
        while panel(world, "sync", "--no-wait").root.find("worker") is None:
            assert process.poll() is None
    except BaseException:  # a test that fails must not wait for a worker that stays
        process.kill()
        raise


def test_the_worker_stays_until_it_is_told_to_leave(world: World) -> None:
    """SIGTERM ends it at once, with its answer; while it runs others leave the work to it."""
    log = len(world.log())
    process = subprocess.Popen(
        [str(world.root / "processing" / "pmomnidesk"), "--command", "worker"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=world.root,
    )  # fmt: skip
    with process:
        wait_for_worker(world, process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and err == b""
    assert b"<ok/>" in out
    assert "Traceback" not in world.log()[log:]


def test_a_worker_that_is_to_stay_waits_for_the_one_before(world: World) -> None:
    """A unit of the system's must not end because a hook's worker is just about to."""
    paths = Paths(str(world.root))
    lock = worker_start.acquire(paths)
    while lock is None:  # a worker of the test before is leaving
        lock = worker_start.acquire(paths)
    pipe = worker_start.open_pipe(paths)
    command = [str(world.root / "processing" / "pmomnidesk"), "--command", "worker"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=world.root) as process:
        assert worker_start.wait(pipe, 60), "it has not looked for the lock"
        os.close(pipe)
        worker_start.release(lock)
        wait_for_worker(world, process)
        process.send_signal(signal.SIGTERM)
        assert b"<ok/>" in process.communicate(timeout=60)[0]


def test_nothing_was_compiled_while_running(world: CommandWorld) -> None:
    """Everything was compiled at install: a run that had to do it would take three times as long."""
    package = world.root / "lib" / "omnidesk"
    newest = max(os.stat(path).st_mtime_ns for path in package.rglob("*.pyc"))
    answered(world.process("--command", "features"))
    answered(world.process("--command", "status"))
    assert max(os.stat(path).st_mtime_ns for path in package.rglob("*.pyc")) == newest
    assert newest < os.stat(world.root / "var" / "pmomnidesk.log").st_mtime_ns


def test_tables_go_only_when_it_is_meant(own_world: World) -> None:
    """Without --yes nothing happens; with it, only the module's own go."""
    own_world.sync()
    for said in ((), ("--yes=0",), ("--yes=off",), ("--yes=",)):
        assert list(panel(own_world, "drop_tables", *said).root.iter("table")) == []
    present = {row[name] for row in own_world.panel.query("SHOW TABLES") for name in row}
    assert set(TABLES) <= present
    dropped = {node.get("name") for node in panel(own_world, "drop_tables", "--yes").root.iter("table")}
    assert dropped == set(TABLES)
    left = {row[name] for row in own_world.panel.query("SHOW TABLES") for name in row}
    assert left == present - set(TABLES)
    assert list(panel(own_world, "drop_tables", "--yes").root.iter("table")) == []


def test_sync_gives_up_when_the_limit_allows_no_call_at_all(world: World) -> None:
    """It waits for the account's next minute, but not for ever."""
    world.omnidesk.faults.rate_limited(retry_after=1, times=None, limit=1000)
    try:
        code, _, err = person(world, "sync")
    finally:
        world.omnidesk.faults.clear()
    assert code == 3 and "limit of calls per minute" in err
    assert world.sync().returncode == 0


def test_sync_says_that_the_poll_fails(world: World) -> None:
    """Nothing was due, so nothing else would tell."""
    world.omnidesk.faults.answer(502, "<html>", "text/html", on="GET /api/cases.json", times=None)
    try:
        code, out, _ = person(world, "sync")
        (found,) = panel(world, "sync").root.iter("failing")
    finally:
        world.omnidesk.faults.clear()
    assert code == 0 and "polling Omnidesk for changes fails" in out and "HTTP 502" in out
    assert (found.get("what"), found.get("type")) == ("poll", "omnidesk_trouble")
    world.sync()
    assert "fails" not in person(world, "sync")[1]
