"""The module's executable in this process: a command says and does the same, and starts a hundred times faster.

Where the process itself is the point (signals, exit, the executable's first line), :meth:`CommandWorld.process` is one.
What the sandbox's ``mgrctl`` does, which is to hand its arguments to the panel, happens in this process, too.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from omnidesk.billmanager.program import Ran, Runner, environment, runner
from omnidesk.cli import main
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import TryLater
from omnidesk.core.paths import Paths
from sandbox.billmanager import mgrctl
from sandbox.billmanager.control import program
from sandbox.world import World, _environment

MOST = 100_000  # characters; more may be too long for the kernel, which only a process shows


class CommandWorld(World):
    """A world whose commands run in this process."""

    def run(
        self,
        *arguments: object,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> CompletedProcess[bytes]:
        words = [str(self.root / "processing" / "pmomnidesk"), *map(str, arguments)]
        streams = [io.TextIOWrapper(io.BytesIO(content), "utf-8") for content in (stdin or b"", b"", b"")]
        code = run_main(words, {**_environment(), **(env or {})}, self.root, *streams)
        out, error = (bytes(stream.buffer.getvalue()) for stream in streams[1:])
        return CompletedProcess(words, code, out, error)

    def process(self, *arguments: object, **options: Any) -> CompletedProcess[bytes]:
        """The executable as the panel starts it."""
        return super().run(*arguments, **options)


def run_main(
    words: list[str], environment: Mapping[str, str], folder: Path, stdin: Any, stdout: Any, stderr: Any
) -> int:
    """The exit code of the executable, called with these words in this environment; afterwards all is as before."""
    with _as_a_process(words, environment, folder, stdin, stdout, stderr):
        try:
            code = main.main(dependencies=Dependencies(run_mgrctl=near_mgrctl(Paths(str(Path(words[0]).parents[1])))))
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        for stream in (stdout, stderr):
            stream.flush()
    return code


def near_mgrctl(paths: Paths) -> Runner:
    """What a panel's own ``sbin/mgrctl`` does, without its process; a test's program in that place is run."""
    process = runner(paths)
    own = program().encode()

    def run(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        file = Path(paths.mgrctl)
        if sum(map(len, (*arguments, *variables.values()))) > MOST or not file.is_file() or file.read_bytes() != own:
            return process(arguments, variables, timeout)
        try:
            return Ran(*mgrctl.call(paths.root, list(arguments), {**environment(), **variables}, timeout))
        except TimeoutError:
            raise TryLater("panel_timeout", arguments[2], seconds=timeout, uncertain=True) from None

    return run


@contextmanager
def _as_a_process(words: list[str], environment: Mapping[str, str], folder: Path, *streams: Any) -> Iterator[None]:
    names = ("stdin", "stdout", "stderr")
    before = [getattr(sys, name) for name in names], sys.argv, dict(os.environ), os.getcwd()
    root = logging.getLogger()
    logs = root.handlers[:], root.level
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    timer = signal.getitimer(signal.ITIMER_REAL)  # of pytest-timeout; a command takes SIGALRM for itself
    try:
        for name, stream in zip(names, streams, strict=True):
            setattr(sys, name, stream)
        sys.argv = words
        _set_environment(environment)
        os.chdir(folder)
        yield
    finally:
        for name, stream in zip(names, before[0], strict=True):
            setattr(sys, name, stream)
        sys.argv = before[1]
        _set_environment(before[2])
        os.chdir(before[3])
        for one, handler in handlers.items():
            signal.signal(one, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
        root.handlers[:], level = logs
        root.setLevel(level)


def _set_environment(wanted: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
