"""Running ``sbin/mgrctl`` as a process: as root on the panel's host, with a label that the panel's log shows."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from omnidesk.core.errors import Misconfigured, TryLater, system_words
from omnidesk.core.paths import Paths

# The kernel takes no longer single argument and no longer variable; UTF-8 bytes, room left for the name.
LONGEST_ARGUMENT = 128 * 1024 - 256
_INHERITED = ("PARAM_", "HTTP_", "AUTH_", "SSL_", "OMNIDESK_")
_DROPPED = (
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REQUEST_METHOD",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "EVENT_TYPE",
    "ACTION_NAME",
)
# A host that can start no program just now, or has the panel's being replaced.
_PASSING = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ETXTBSY, errno.EIO)
_running: set[subprocess.Popen[bytes]] = set()
# Arguments, variables for the child alone, seconds.
Runner = Callable[[Sequence[str], Mapping[str, str], float], "Ran"]


@dataclass(frozen=True)
class Ran:
    """What a run of mgrctl left: exit code, stdout, stderr."""

    code: int
    out: bytes
    err: bytes


class TooLong(Misconfigured):
    """The arguments and the environment together are more than this host's kernel passes to a program."""


def environment() -> dict[str, str]:
    """This process's environment without what a CGI or event handler was given; the panel's log shows the label.

    All texts are UTF-8 in both directions, whatever the locale was.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(_INHERITED) and name not in _DROPPED
    }
    return {**kept, "SSH_CONNECTION": "pmomnidesk", "LC_ALL": "C.UTF-8"}


def runner(paths: Paths, *, apart: bool = False) -> Runner:
    """Runs the real ``sbin/mgrctl``; ``apart``: Ctrl-C on the terminal does not reach it."""

    def run(arguments: Sequence[str], variables: Mapping[str, str], timeout: float) -> Ran:
        try:
            with subprocess.Popen(  # noqa: S603
                [paths.mgrctl, *arguments],
                cwd=paths.root,
                env={**environment(), **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=apart,
            ) as process:
                _running.add(process)
                try:
                    out, err = process.communicate(timeout=timeout)
                except BaseException:
                    process.kill()
                    raise
                finally:
                    _running.discard(process)
        except subprocess.TimeoutExpired:
            raise TryLater("panel_timeout", arguments[2], seconds=timeout, uncertain=True) from None
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise TooLong("panel_missing", paths.mgrctl, error.strerror or "") from error
            if error.errno in _PASSING:
                raise TryLater("panel_trouble", arguments[2], system_words(error)) from error
            raise Misconfigured("panel_missing", paths.mgrctl, system_words(error)) from error
        return Ran(process.returncode, out, err)

    return run


def end_all() -> None:
    """End the programs that threads of this process wait for; the threads are abandoned."""
    for process in list(_running):
        process.kill()
