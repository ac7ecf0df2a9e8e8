"""Runs an installed executable in this process and kills it at its n-th interaction with the outside.

Nothing of the module knows of it: the ways to the outside (pymysql, urllib3, subprocess, os) are wrapped before the
executable is run, under the same interpreter flags. Two ways in: :func:`serve`, a process that has imported everything
once and forks a child for each run, so that a run costs what its work costs; and :func:`stand_in`, for an executable
that another program starts (the hooks), whose file is replaced by a few lines that call it.

Counted are: an SQL statement sent, answered; an HTTP request sent, answered; a program (mgrctl) started, returned; and
before and after each fsync, rename, unlink, for hooks also write and the start of a worker. Only the standard
library is imported here, and of it what ``python -IS`` can find.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_write = os.write
_unlink = os.unlink


class Killer:
    """Counts, writes down what it counted, and kills. ``at`` 0: never."""

    def __init__(self, at: int, trace: str) -> None:
        self.at = at
        self.count = 0
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pid = os.getpid()
        self._counting = threading.Lock()  # several lanes of a worker

    def point(self, what: str) -> None:
        """An interaction; the process may end here."""
        if os.getpid() != self._pid:
            return
        with self._counting:
            self.count += 1
            self._line(str(self.count), what)
            if self.count == self.at:
                os.kill(self._pid, signal.SIGKILL)

    def note(self, what: str) -> None:
        """Something worth knowing that is no interaction."""
        self._line("-", what)

    def _line(self, number: str, what: str) -> None:
        _write(self._trace, f"{self._pid} {number} {' '.join(what.split())[:160]}\n".encode("utf-8", "replace"))

    def around(self, owner: Any, name: str, words: Callable[..., str], *, before: bool = True) -> None:
        """Count a function before it is called (unless told otherwise) and when it has returned."""
        real = getattr(owner, name)

        def counted(*args: Any, **options: Any) -> Any:
            said = words(*args, **options)
            if before:
                self.point(f"{said}: before")
            result = real(*args, **options)
            self.point(f"{said}: done" if before else said)
            return result

        setattr(owner, name, counted)


# What is counted


def count_files(killer: Killer) -> None:
    """Durable steps on disk."""

    def words(name: str) -> Callable[..., str]:
        return lambda *args, **options: f"{name} {args[-1] if name in ('rename', 'replace') else args[0]}"

    for name in ("fsync", "rename", "replace", "unlink", "remove", "rmdir"):
        killer.around(os, name, words(name))


def count_hook(killer: Killer) -> None:
    """What a hook does beyond: write, make the spool, try the worker's lock, start a worker."""
    import fcntl

    killer.around(os, "write", lambda descriptor, data: f"write {len(data)} bytes to {_target(descriptor)}")
    killer.around(os, "mkdir", lambda path, *rest, **options: f"mkdir {path}")
    killer.around(os, "posix_spawn", lambda path, *rest, **options: f"spawn {path}")
    killer.around(fcntl, "flock", lambda *args: "flock")


def _target(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return str(descriptor)


def count_worker(killer: Killer) -> None:
    """SQL, HTTP and programs; beside them the module's actions are noted."""
    import subprocess

    import pymysql.connections
    import urllib3.connection

    from omnidesk.sync.apply import Applier

    connection: Any = pymysql.connections.Connection
    killer.around(
        connection,
        "_execute_command",
        lambda self, command, sql: f"sql sent {sql if isinstance(sql, str) else sql.decode('utf-8', 'replace')}",
        before=False,
    )
    killer.around(connection, "_read_query_result", lambda self, *rest, **options: "sql answered", before=False)
    http: Any = urllib3.connection.HTTPConnection
    killer.around(
        http,
        "request",
        lambda self, method, url, *rest, **options: f"http sent {self.port} {method} {url}",
        before=False,
    )
    killer.around(http, "getresponse", lambda self, *rest, **options: f"http answered {self.port}", before=False)
    killer.around(
        subprocess.Popen,
        "__init__",
        lambda self, args, *rest, **options: f"started {os.path.basename(args[0])} {' '.join(args[1:4])}",
        before=False,
    )
    killer.around(
        subprocess.Popen,
        "communicate",
        lambda self, *rest, **options: f"returned {os.path.basename(self.args[0])}",
        before=False,
    )
    apply: Any = Applier.apply

    def noted(self: Any, action: Any) -> None:
        killer.note(f"action: {type(action).__name__}")
        apply(self, action)

    setattr(Applier, "apply", noted)  # noqa: B010 - mypy: not a method to assign to


def watch_timeouts(killer: Killer) -> None:
    """Note every call to a neighbour that nothing would end: a socket or a program without a timeout."""
    import socket
    import subprocess

    def watched(owner: Any, name: str, endless: Callable[..., bool], words: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def call(self: Any, *args: Any, **options: Any) -> Any:
            if endless(self, *args, **options):
                killer.note(f"no timeout: {words(self)}")
            return real(self, *args, **options)

        setattr(owner, name, call)

    for name in ("connect", "sendall", "send", "recv", "recv_into"):
        watched(
            socket.socket,
            name,
            lambda self, *args, **options: self.gettimeout() is None,
            lambda self, name=name: f"{name} of a socket of family {self.family.name}",
        )
    for name in ("communicate", "wait"):
        watched(
            subprocess.Popen,
            name,
            lambda self, *args, timeout=None, **options: timeout is None and not args and self.poll() is None,
            lambda self: f"a run of {self.args[0]}",
        )


def set_clock(now: float) -> None:
    """The module's clock begins at ``now``, and so does the database's in its connections (not counted)."""
    import pymysql.connections

    from omnidesk.core import dependencies

    began = time.monotonic()
    make: Any = dependencies.Dependencies.__init__
    make.__defaults__ = (lambda: now + time.monotonic() - began, *make.__defaults__[1:])
    connection: Any = pymysql.connections.Connection
    connect, execute, read = connection.connect, connection._execute_command, connection._read_query_result

    def connected(self: Any, *given: Any, **more: Any) -> None:
        connect(self, *given, **more)
        execute(self, 3, f"SET SESSION timestamp = {now:.3f}")  # 3: a query
        read(self)

    connection.connect = connected


def run(executable: str, arguments: list[str]) -> int:
    """Run the executable as the interpreter would; its exit code."""
    sys.argv = [executable, *arguments]
    try:
        runpy.run_path(executable, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


# A process that forks a child for each run


def serve(lib: str) -> None:
    """Read orders (a JSON document a line), answer each with its exit code when it has ended."""
    sys.path.insert(0, lib)
    _import_everything()
    gc.collect()
    gc.freeze()  # a child that collects would copy every page
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _carry_out(order)
        if order.get("detached"):
            answer = {"pid": child}
        else:
            answer = {"pid": child, "code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}
        _write(1, (json.dumps(answer) + "\n").encode())


def _import_everything() -> None:
    import importlib
    import pkgutil

    import omnidesk

    for module in pkgutil.walk_packages(omnidesk.__path__, "omnidesk."):
        importlib.import_module(module.name)


def _carry_out(order: dict[str, Any]) -> None:
    code = 70
    try:
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        null = os.open("/dev/null", os.O_RDWR)
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        killer = Killer(order["at"], order["trace"])
        set_clock(order["clock"])
        watch_timeouts(killer)
        count_files(killer)
        count_worker(killer)
        code = run(order["executable"], order["arguments"])
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001  the border of a process
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


# An executable that others start


def stand_in(executable: str, plan_path: str) -> None:
    """Be the executable, by the plan: ``{"at", "trace", "name", "clock", "lib"}``; others than ``name`` only run."""
    with open(plan_path, encoding="utf-8") as file:
        plan = json.load(file)
    name = os.path.basename(os.path.dirname(executable))
    killer = Killer(plan["at"] if plan["name"] == name else 0, plan["trace"] + "." + name)
    count_files(killer)
    if name == "processing":
        sys.path.insert(0, plan["lib"])
        set_clock(plan["clock"])
        count_worker(killer)
    else:
        count_hook(killer)
    code = run(executable, sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
