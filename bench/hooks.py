"""What a hook costs, beside the bare interpreter's start, in one interleaved run.

``python bench/hooks.py [--runs N] [--python PATH]`` prints milliseconds and ratios; it judges nothing. The ratio is
the figure to look at: the milliseconds are those of this machine and of what else it does at the moment.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SECRET = "bench-secret"
FORM = (
    b"type=message_new&object%5Bmessage_id%5D=42577887&object%5Bcase_id%5D=985687&object%5Bstaff_id%5D=7235"
    b"&object%5Bcustom_user_id%5D=17&object%5Bnote%5D=0&object%5Bcontent%5D=" + b"Help+is+coming%21+" * 80
)
DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<doc func="x"><metadata>' + b"<f a='1'/>" * 3000 + b"</metadata>"
WEBHOOK = {"REQUEST_METHOD": "POST", "QUERY_STRING": SECRET, "REMOTE_ADDR": "192.0.2.1"}
SUBMITTED = {"PARAM_sok": "ok", "EVENT_TYPE": "final", "AUTH_USER": "5"}


@dataclass
class Case:
    """One thing to measure: the command, what it gets, and what is done before each run."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    times: list[float] = field(default_factory=list, init=False)


class Tree:
    """A panel's tree in a temporary folder, with a worker that does nothing."""

    def __init__(self, python: str) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="omnidesk-bench-"))
        for folder in ("cgi", "addon", "processing", "etc/omnidesk", "var/omnidesk"):
            (self.root / folder).mkdir(parents=True)
        shutil.copytree(REPOSITORY / "lib", self.root / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("cgi/omnidesk_webhook", "addon/omnidesk"):
            text = (REPOSITORY / name).read_text().split("\n", 1)[1]
            self._executable(name, f"#!{python} -IS\n{text}")
        self._executable("processing/pmomnidesk", "#!/bin/sh\nexit 0\n")
        (self.root / "etc/omnidesk/omnidesk.conf").write_text(f"OmnideskSecret {SECRET}\n")
        self.lock = os.open(self.root / "var/omnidesk/worker.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def _executable(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)
        (self.root / name).chmod(0o755)

    def hold(self) -> None:
        """A worker lives: the hooks find its lock held."""
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def free(self) -> None:
        """No worker lives: the next hook starts one."""
        fcntl.flock(self.lock, fcntl.LOCK_UN)


def run(case: Case) -> float:
    """Seconds from the start of the process until its end, its output read by nobody."""
    with tempfile.TemporaryFile() as body:
        body.write(case.body)
        body.seek(0)
        actions = [(os.POSIX_SPAWN_DUP2, body.fileno(), 0), (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **case.environment}
        case.before()
        start = time.perf_counter()
        child = os.posix_spawn(case.command[0], case.command, environment, file_actions=actions)
        _, status = os.waitpid(child, 0)
        seconds = time.perf_counter() - start
        case.after()
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{case.name}: exit code {os.waitstatus_to_exitcode(status)}")
    return seconds


def cases(tree: Tree, python: str) -> list[Case]:
    """The bare interpreter first: the others are measured against it."""
    webhook, events = str(tree.root / "cgi/omnidesk_webhook"), str(tree.root / "addon/omnidesk")
    called = {**WEBHOOK, "CONTENT_LENGTH": str(len(FORM)), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    json = b'{"type":"message_new","object":{"case_id":985687}}'
    as_json = {**WEBHOOK, "CONTENT_LENGTH": str(len(json)), "CONTENT_TYPE": "application/json"}
    answered = {**SUBMITTED, "PARAM_func": "clientticket.edit", "PARAM_elid": "17"}
    new = {**SUBMITTED, "PARAM_func": "clientticket.edit"}
    held = {"before": tree.hold, "after": tree.free}
    return [
        Case("bare: python -I -S -c pass", [python, "-I", "-S", "-c", "pass"]),
        Case("webhook, form", [webhook], called, FORM, **held),
        Case("webhook, form, starts the worker", [webhook], called, FORM),
        Case("webhook, JSON", [webhook], as_json, json, **held),
        Case("webhook, wrong secret", [webhook], {**called, "QUERY_STRING": "no"}, FORM, **held),
        Case("event, a ticket's form opened", [events], {"PARAM_func": "ticket.edit"}, DOCUMENT + b"</doc>", **held),
        Case("event, client's message", [events], answered, DOCUMENT + b"</doc>", **held),
        Case("event, new ticket", [events], new, b"<doc><ok/><id>17</id></doc>", **held),
        Case("event, new ticket, 30 KB of XML", [events], new, DOCUMENT + b"<id>17</id></doc>", **held),
        Case("event, starts the worker", [events], answered, DOCUMENT + b"</doc>"),
    ]


def table(measured: list[Case]) -> None:
    """Print one line for each case; the ratios are to the first."""
    bare = measured[0]
    print(f"{'ms':36}{'min':>8}{'median':>8}{'p95':>8}   ratio of min, of median")
    for case in measured:
        times = sorted(case.times)
        middle, p95 = statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.95))]
        ratios = times[0] / min(bare.times), middle / statistics.median(bare.times)
        figures = f"{times[0] * 1000:8.1f}{middle * 1000:8.1f}{p95 * 1000:8.1f}"
        print(f"{case.name:36}{figures}   {ratios[0]:.2f}  {ratios[1]:.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="runs of each case (60)")
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))  # what the install gives the hooks
    parser.add_argument("--python", default=base, help="the interpreter of the hooks (%(default)s)")
    given = parser.parse_args()
    tree = Tree(given.python)
    try:
        measured = cases(tree, given.python)
        for number in range(given.runs + 2):  # the first two warm the disk cache and write the .pyc files
            for case in measured:
                seconds = run(case)
                if number >= 2:
                    case.times.append(seconds)
        table(measured)
    finally:
        os.close(tree.lock)
        shutil.rmtree(tree.root, ignore_errors=True)


if __name__ == "__main__":
    main()
