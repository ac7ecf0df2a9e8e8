"""Log lines in the panel's format, appended to the panel's files.

``May  7 15:07:23 [157101] omnidesk \\e[1;32mINFO text\\e[0m`` (seen in real logs of the panel). Many short processes
and the panel itself write to one file: a line is therefore a single ``write`` to a file opened for appending, and the
file is reopened for each line, so that it can be rotated at any time.
"""

import os
import sys
import time

from omnidesk.core import conf

LEVELS = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 5, "EXTINFO": 6, "DEBUG": 9}
COLORS = {"CRITICAL": "1;31", "ERROR": "1;31", "WARNING": "1;35", "INFO": "1;32", "EXTINFO": "1;36", "DEBUG": "1;33"}
DEFAULT_THRESHOLD = LEVELS["EXTINFO"]  # what the panel's own Python library takes when debug.conf says nothing
INDENT = "    "  # of an entry's further lines
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _records(debug_conf_path: str) -> list[tuple[str, list[str]]]:
    """The first word of each record and its others; ``#`` begins a comment anywhere (documented)."""
    try:
        lines = conf.read(debug_conf_path)
    except OSError:
        return []  # the panel runs without this file, and so do we
    found = [f"{name} {value}".partition("#")[0].split() for _, name, value in lines]
    return [(words[0], words[1:]) for words in found if words]


def _fits(pattern: str, name: str) -> bool:
    """Whether a name, or a pattern with ``*`` for any letters, is that of ``name``."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    at = len(first)
    for piece in middle:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return name.startswith(first) and name.endswith(last) and at + len(last) <= len(name)


def threshold(debug_conf_path: str, binary_name: str, module: str = "") -> int:
    """The highest number of :data:`LEVELS` to be written, as ``etc/debug.conf`` has it for this log.

    Records are ``<log>[.<module>] <0-9> [conditions]``, with ``*`` for any name (documented). One that names the log
    counts before one with a pattern, as the panel's Python library knows only the former; of several, the last one.
    Without ``module``, a record for any part of the log fits, as that library reads it.
    """
    named, any_log = -1, DEFAULT_THRESHOLD
    for name, words in _records(debug_conf_path):
        log, _, part = name.partition(".")
        if not _fits(log, binary_name) or not words or not (words[0].isdigit() and words[0].isascii()):
            continue
        if not module or not part or _fits(part, module):
            if log == binary_name:
                named = int(words[0])
            else:
                any_log = int(words[0])
    return named if named >= 0 else any_log


def use_color(debug_conf_path: str, binary_name: str) -> bool:
    """False when ``etc/debug.conf`` holds ``SET color=off``, or ``SET <log>.color=off`` for this log (documented).

    What is set for the log counts before what is set for a pattern of logs, and that before what is set for all.
    """
    color: dict[int, bool] = {}
    for name, words in _records(debug_conf_path):
        option, _, value = "".join(words).lower().partition("=")
        log, _, what = option.rpartition(".")
        if name.upper() == "SET" and what == "color" and (not log or _fits(log, binary_name.lower())):
            color[2 if log == binary_name.lower() else 1 if log else 0] = value != "off"
    return color[max(color)] if color else True


def format_line(
    module: str, level: str, text: str, pid: int | None = None, when: float | None = None, color: bool = True
) -> str:
    """One line without its newline. ``level`` is a key of :data:`LEVELS`, ``when`` are Unix seconds (now).

    ``text`` goes in as it is: what a stranger sent belongs through :func:`clean` first.
    """
    now = time.localtime(when)
    stamp = f"{MONTHS[now.tm_mon - 1]} {now.tm_mday:2d} {now.tm_hour:02d}:{now.tm_min:02d}:{now.tm_sec:02d}"
    before, after = (f"\033[{COLORS[level]}m", "\033[0m") if color else ("", "")
    return f"{stamp} [{os.getpid() if pid is None else pid}] {module} {before}{level} {text}{after}"


def clean(text: str, limit: int = 120) -> str:
    """``text`` from outside, safe in a log: no control or direction characters, no undecodable bytes, not too long."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def block(text: str) -> str:
    """``text`` of any length and origin for one entry: further lines are indented, so that none looks like an entry.

    Unprintable characters (escape sequences, direction marks, other line ends) become question marks.
    """
    lines = ("".join(letter if letter.isprintable() else "?" for letter in line) for line in text.split("\n"))
    return f"\n{INDENT}".join(lines)


def append(path: str, line: str) -> None:
    """Add one line in one ``write``; raises ``OSError``. A new file may be read by its group (mode 0640)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
    try:
        os.write(descriptor, (line + "\n").encode("utf-8", "backslashreplace"))
    finally:
        os.close(descriptor)


class Log:
    """A hook's log: one file, one module name, levels and colours from ``etc/debug.conf``.

    Writing never raises: a hook without a log must still write its event and answer. The line goes to stderr then.
    """

    def __init__(self, path: str, module: str, debug_conf_path: str) -> None:
        self.path = path
        self.module = module
        self._debug_conf_path = debug_conf_path
        self._binary = os.path.basename(path).removesuffix(".log")

    def write(self, level: str, text: str) -> None:
        """Append one line if ``level`` is to be written."""
        if LEVELS[level] > threshold(self._debug_conf_path, self._binary, self.module):
            return
        line = format_line(self.module, level, text, color=use_color(self._debug_conf_path, self._binary))
        try:
            append(self.path, line)
        except OSError as problem:
            to_stderr(f"{line} ({self.path}: {problem.strerror})")


def to_stderr(line: str) -> None:
    """Last resort for a line that has no file; the panel keeps what handlers say here or drops it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(line + "\n")
    except OSError:
        return  # a file on the same full disk: there is nowhere left to tell it, and the work must go on
