"""The spool: events on disk, each a small file that says where to look.

An event carries no news, only a subject, and its name is that subject: ``case-<id>`` (an Omnidesk case, by its id or by
its number, ``case-237-696853``), ``ticket-<id>``, ``t2u-<id>`` (an assignment row, ``ticket2user.id``), ``rating-<id>``
(of a message), ``scan`` (something was touched, nobody said what). A second event for the same subject replaces the
first, so a storm about one ticket is one file. The fields inside are hints; those of a rating say what it is, which may
be stored nowhere else.

A record is complete or not there: it is written under another name, synced, renamed, and the folder is synced. After
:func:`put` has returned, a power cut does not lose it.
"""

import errno
import os
import sys
import time

from omnidesk.core import conf
from omnidesk.core.paths import no_link, private_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("case", "ticket", "t2u", "rating")
TEMPORARY = ".tmp-"
TEMPORARY_SECONDS = 3600.0  # no hook takes this long: its process is dead
MOST_RECORDS = 20_000  # that wait at once: whoever knows the secret could fill the disk, a file for each number
MOST_BYTES = 65536  # a record of ours is below 1 KiB


class Event:
    """One record: its ``name``, its ``fields`` and the file's ``path``. ``stamp`` tells a later event from this one."""

    __slots__ = ("fields", "name", "path", "stamp")

    def __init__(self, name: str, fields: dict[str, str], path: str, stamp: tuple[str, int, int]) -> None:
        self.name = name
        self.fields = fields
        self.path = path
        self.stamp = stamp

    @property
    def kind(self) -> str:
        """``case``, ``ticket``, ``t2u``, ``rating`` or ``scan``."""
        return self.name.partition("-")[0]

    @property
    def at(self) -> float:
        """When it was left, Unix seconds of this host."""
        return self.stamp[2] / 1e9

    @property
    def id(self) -> int:
        """The subject's id; 0 for ``scan``, and for a case that is known by its :attr:`number`."""
        subject = self.name.partition("-")[2]
        return int(subject) if subject.isdigit() else 0

    @property
    def number(self) -> str:
        """A case's number as people see it, ``237-696853``; "" where the subject is an id."""
        subject = self.name.partition("-")[2]
        return subject if "-" in subject else ""


def is_name(name: str) -> bool:
    """Whether ``name`` is that of a record."""
    kind, dash, subject = name.partition("-")
    if not dash:
        return name == "scan"
    first, dash, second = subject.partition("-")
    digits = first + second
    if kind not in KINDS or not digits.isascii() or not digits.isdigit() or len(subject) > 18:
        return False
    if dash:
        return kind == "case" and bool(first and second)
    return subject[0] != "0"


def _escape(value: str) -> str:
    """``value`` on one line, and with its outer blanks, for :func:`conf.parse` to read back."""
    if value.isprintable() and "%" not in value and value == value.strip(" "):
        return value
    shown = "".join(f"%{ord(letter):02X}" if letter < " " or letter in "%\x7f" else letter for letter in value)
    inner = shown.strip(" ")
    at = len(shown) - len(shown.lstrip(" "))
    return "%20" * at + inner + "%20" * (len(shown) - at - len(inner))


def _unescape(value: str) -> str:
    first, *rest = value.split("%")
    return first + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _create_with_folders(folder: str, path: str) -> int:
    """The very first event of an installation makes the folders, and makes them last."""
    parent = os.path.dirname(os.path.abspath(folder))
    for made in (parent, folder):
        try:
            os.mkdir(made, 0o700)
        except FileExistsError:
            continue
        _sync_folder(os.path.dirname(os.path.abspath(made)))
    return _create(path)


def _check_room(folder: str, name: str) -> None:
    no_link(os.path.abspath(folder))
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return  # the first record of an installation
    if len(names) >= MOST_RECORDS and name not in names:
        raise OSError(errno.EDQUOT, f"{len(names)} events are already waiting, is the worker running?")


def put(folder: str, name: str, fields: dict[str, str]) -> None:
    """Record an event durably. Raises ``OSError`` when that cannot be promised; no half of a record is left then.

    A record of this name that is already there is replaced: it said to look at the same subject. Where
    :data:`MOST_RECORDS` wait, no further one is taken.
    """
    if not is_name(name):
        raise ValueError(f"not the name of a record: {name!r}")
    content = "".join(f"{key} {_escape(value)}\n" for key, value in fields.items()).encode("utf-8", "surrogateescape")
    path = os.path.join(folder, f"{TEMPORARY}{name}-{os.getpid()}-{time.monotonic_ns()}")
    _check_room(folder, name)
    try:
        descriptor = _create(path)
    except FileNotFoundError:
        descriptor = _create_with_folders(folder, path)
    try:
        try:
            while content:  # a disk that fills up takes a part first, then refuses
                content = content[os.write(descriptor, content) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(path, os.path.join(folder, name))
    except BaseException:
        os.unlink(path)
        raise
    _sync_folder(folder)


def _to_stderr(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")


def entries(folder: str, report: "Callable[[str], None]" = _to_stderr) -> list[Event]:
    """The events that wait, oldest first; an empty list when there has been none yet.

    Nothing found here can stop the others. What is not a record is moved to ``broken/`` beside the spool and reported.
    A record whose content is damaged still counts, with the fields that can be read: its name says where to look.
    Temporary files of hooks that died are removed after an hour.
    """
    found: list[tuple[int, Event]] = []
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    for name in names:
        path = os.path.join(folder, name)
        try:
            facts = os.lstat(path)
            regular = facts.st_mode & 0o170000 == 0o100000
            if name.startswith(TEMPORARY) and regular:
                if time.time() - facts.st_mtime > TEMPORARY_SECONDS:
                    os.unlink(path)
            elif not regular or not is_name(name):
                _set_aside(folder, name, report)
            else:
                stamp = (name, facts.st_ino, facts.st_mtime_ns)
                found.append((facts.st_mtime_ns, Event(name, _fields(path, report), path, stamp)))
        except FileNotFoundError:
            continue  # taken by another process in this moment
        except OSError as problem:
            report(f"{path}: {problem.strerror}")
    found.sort(key=lambda pair: (pair[0], pair[1].name))
    return [event for _, event in found]


def _fields(path: str, report: "Callable[[str], None]") -> dict[str, str]:
    fields: dict[str, str] = {}
    try:
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8", "surrogateescape")
        for _, name, value in conf.parse(text):
            fields[name] = _unescape(value)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as problem:
        report(f"{path}: its fields cannot be read, only its name is used ({problem})")
    return fields


def waiting(folder: str, name: str) -> dict[str, str]:
    """The fields of the record that waits under this name; none when there is no such record."""
    try:
        return _fields(os.path.join(folder, name), lambda text: None)
    except FileNotFoundError:
        return {}


def _set_aside(folder: str, name: str, report: "Callable[[str], None]") -> None:
    broken = os.path.join(os.path.dirname(os.path.abspath(folder)), "broken")
    private_folder(broken)
    target = os.path.join(broken, name.lstrip(".") or "dots")
    if os.path.lexists(target):
        target = f"{target}.{time.time_ns()}"
    os.rename(os.path.join(folder, name), target)
    report(f"{os.path.join(folder, name)}: not an event, moved to {target}")


def snapshot(folder: str) -> "frozenset[tuple[str, int, int]]":
    """The stamps of the records that wait now: cheap, reads no content. See :func:`worker_start.leave`."""
    found = set()
    try:
        with os.scandir(folder) as there:
            for entry in there:
                if is_name(entry.name):
                    try:
                        facts = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    found.add((entry.name, facts.st_ino, facts.st_mtime_ns))
    except FileNotFoundError:
        return frozenset()
    return frozenset(found)


def drop(event: Event) -> None:
    """Take the record away, also if a later event has replaced it meanwhile.

    That is right only in this order: note the subject as due (committed), drop, then look at the subject. What the
    later event was about had happened before this call, so the look that follows sees it.
    """
    try:
        os.unlink(event.path)
    except FileNotFoundError:
        return


def drop_unchanged(event: Event) -> None:
    """Take the record away, unless a later one has replaced it: for a record that holds something itself."""
    taken = os.path.join(os.path.dirname(event.path), f"{TEMPORARY}{event.name}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        os.rename(event.path, taken)
    except FileNotFoundError:
        return
    facts = os.lstat(taken)
    if (facts.st_ino, facts.st_mtime_ns) != event.stamp[1:]:
        try:
            os.link(taken, event.path)
        except FileExistsError:
            pass  # a still later one stands there
    os.unlink(taken)
