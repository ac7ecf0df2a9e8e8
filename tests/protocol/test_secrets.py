"""The API key, the webhook's secret and the database's password show nowhere: not in answers, logs or ``ps``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.world import World
from tests.protocol.calls import Story, panel, person

OLD = "older-secret-5"
FIELDS = "fields password #2"


@pytest.fixture(scope="module")
def secrets(world: World) -> list[str]:
    """What must not show, with everything logged that can be."""
    (world.root / "etc" / "debug.conf").write_text("pmomnidesk 9\nomnidesk_webhook 9\n")
    world.write_settings(OmnideskSecretOld=OLD, FieldsDBPassword=FIELDS)
    return [world.omnidesk.api_key, world.secret, OLD, FIELDS, world.database_password]


def written(world: World) -> Iterator[tuple[Path, str]]:
    """Every file below var/ that the module or the panel wrote."""
    for path in (world.root / "var").rglob("*"):
        if path.is_file():
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_answers_and_logs(world: World, secrets: list[str], story: Story) -> None:
    """Also when everything fails that can, at the highest level of detail."""
    shown = []
    for fault in ("key", "html", "panel"):
        if fault == "key":
            world.omnidesk.faults.key_revoked = True
        elif fault == "html":
            world.omnidesk.faults.answer(500, f"<html>{world.omnidesk.api_key}</html>", "text/html", times=None)
        elif fault == "panel":
            world.panel.faults.fail("access", "su", "root")
        shown += [panel(world, name).done.stdout.decode() for name in ("check_connection", "sync", "status")]
        shown += map(str, person(world, "check_connection"))
        world.omnidesk.faults.clear()
        world.panel.faults.clear()
        panel(world, "retry")
    for secret in secrets:
        assert not any(secret in text for text in shown)
        guilty = [path for path, text in written(world) if secret in text and path.name == "pmomnidesk.log"]
        assert guilty == []


def processes() -> dict[int, tuple[str, str]]:
    """Command line and environment of each process there is; the command line is what everybody may read."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            environment = Path(f"/proc/{name}/environ").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it has ended meanwhile
        found[int(name)] = (line, environment)
    return found


@pytest.mark.parametrize("func", ["session.newkey", "ticket.edit"])
def test_command_lines_of_running_processes(world: World, secrets: list[str], story: Story, func: str) -> None:
    """While the module talks to the panel, files and all, ``ps`` shows neither secrets nor the one-time key."""
    files = [("a.txt", "text/plain", b"abc")] if func == "session.newkey" else []
    world.omnidesk.agent_reply(story.case, world.anna_staff, text=f"Ответ {func}", attachments=files)
    rule = world.panel.faults.hang(func)
    run = [str(world.root / "processing" / "pmomnidesk"), "--command", "sync_ticket", "--id", str(story.ticket)]
    with subprocess.Popen(run, cwd=world.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert rule.struck.wait(60)
        seen = processes()
        rule.lift()
        out, err = process.communicate(timeout=60)
    world.panel.faults.clear()
    assert (process.returncode, err) == (0, b""), out.decode()
    mine = {number: line for number, (line, _) in seen.items() if str(world.root) in line}
    assert any("mgrctl" in line for line in mine.values()), mine
    for secret in secrets:
        assert not any(secret in line for line in mine.values())
    keys = [one.params["key"] for one in world.panel.requests if one.func == "session.newkey"]
    assert bool(keys) or func != "session.newkey"
    for key in keys:
        assert not any(key in line for line, _ in seen.values())
    environments = [environment for number, (_, environment) in seen.items() if number in mine]
    assert not any(secret in one for one in environments for secret in secrets)


def test_files_are_private(world: World, secrets: list[str], story: Story) -> None:
    """Nobody else on the host may read the settings, the spool or the log."""
    assert os.stat(world.root / "etc" / "omnidesk" / "omnidesk.conf").st_mode & 0o077 == 0
    assert os.stat(world.root / "var" / "omnidesk").st_mode & 0o077 == 0
    assert os.stat(world.root / "var" / "pmomnidesk.log").st_mode & 0o007 == 0
