"""What a hook imports is what it costs, so it is an allowed list and not a forbidden one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.hooks.hook_tree import PATIENCE, SECRET, Tree

# os and what it is made of; the rest is C that comes with the interpreter.
OS = {"os", "stat", "_stat", "posixpath", "genericpath", "_collections_abc"}
COMMON = (
    OS
    | {"time", "errno", "fcntl", "_signal"}
    | {f"omnidesk.{name}" for name in ("core", "core.conf", "core.log_line", "core.paths")}
    | {f"omnidesk.{name}" for name in ("hooks", "hooks.spool", "hooks.worker_start")}
)
WEBHOOK = COMMON | {"omnidesk", "omnidesk.hooks.webhook", "omnidesk.hooks.webhook_body", "_operator"}
EVENTS = COMMON | {"omnidesk", "omnidesk.hooks.panel_event"}

CALL = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET}
FORM = b"object%5Bcase_id%5D=5"
JSON = b'{"object": {"case_id": 5, "content": "\\u0430"}}'
TICKET = {"PARAM_func": "clientticket.edit", "PARAM_sok": "ok"}


def imported(command: list[str], env: dict[str, str], stdin: bytes) -> set[str]:
    """The modules that a run imports, by the interpreter's own account, beyond those of a bare start."""

    def run(arguments: list[str]) -> set[str]:
        whole = [sys.executable, "-I", "-S", "-X", "importtime", *arguments]
        done = subprocess.run(whole, env=env, input=stdin, capture_output=True, timeout=PATIENCE, check=True)
        lines = [line for line in done.stderr.decode().splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip() for line in lines[1:]}

    return run(command) - run(["-c", "pass"])


@pytest.mark.parametrize(
    ("name", "env", "stdin", "allowed"),
    [
        ("cgi/omnidesk_webhook", {**CALL, "CONTENT_LENGTH": str(len(FORM))}, FORM, WEBHOOK),
        ("cgi/omnidesk_webhook", {**CALL, "CONTENT_LENGTH": str(len(JSON))}, JSON, WEBHOOK | {"_json"}),
        ("cgi/omnidesk_webhook", {**CALL, "QUERY_STRING": "no"}, FORM, WEBHOOK),
        ("addon/omnidesk", {**TICKET, "PARAM_elid": "5"}, b"<doc/>", EVENTS),
        ("addon/omnidesk", TICKET, b"<doc><id>5</id></doc>", EVENTS | {"pyexpat", "pyexpat.errors", "pyexpat.model"}),
        ("addon/omnidesk", {"PARAM_func": "ticket.edit"}, b"<doc/>", EVENTS),
    ],
)
def test_nothing_is_imported_that_is_not_used(
    tree: Tree, name: str, env: dict[str, str], stdin: bytes, allowed: set[str]
) -> None:
    """On each usual way through a hook, up to and including the start of the worker."""
    found = imported([str(tree.root / name)], env, stdin)
    assert found <= allowed
    assert "omnidesk.hooks.worker_start" in found
