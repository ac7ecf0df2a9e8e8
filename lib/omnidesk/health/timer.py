"""What starts the module every minute: a file that cron reads, or a unit of systemd.

A file of cron's is of use only where cron looks for it and only if cron accepts it, so both are checked the way cron
does it (Debian's cron and cronie; the stricter rule of the two). Nothing is started and no service manager is asked.
"""

from __future__ import annotations

import glob
import json
import os
import pwd
import re
from collections.abc import Iterator
from dataclasses import dataclass

from omnidesk.core.paths import Paths
from omnidesk.wording.findings import Finding, finding, ok

_EVERY_MINUTE = re.compile(r"(\*|\*/1|0-59)(\s+(\*|\*/1)){4}")
_RUNS = re.compile(r"""(?P<folder>/[^\s"'=]*/)?\bpmomnidesk["']?\s[^#;&|]*?(?<![\w/.-])(sync|worker)(?![\w-])""")
_CRON_PROCESSES = ("cron", "crond", "fcron", "dcron")
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Host:
    """Where this host's cron and systemd look. ``cron_folders`` and ``crontab`` name a user in each line."""

    cron_folders: tuple[str, ...] = ("/etc/cron.d",)
    crontab: str = "/etc/crontab"
    user_crontabs: tuple[str, ...] = ("/var/spool/cron/crontabs/root", "/var/spool/cron/root")
    units: tuple[str, ...] = (
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    )
    proc: str = "/proc"

    def runs_cron(self) -> bool:
        """Whether a cron is running here; also true where that cannot be seen."""
        if not os.path.exists(f"{self.proc}/1/comm"):
            return True
        names = {_text(path).strip() for path in glob.glob(f"{glob.escape(self.proc)}/[0-9]*/comm")}
        return not names.isdisjoint(_CRON_PROCESSES)


def look(paths: Paths, host: Host | None = None) -> Iterator[Finding]:
    """One finding: what starts the module, or else everything that looks like a timer and why it does not work."""
    host = host or Host()
    problems: list[Finding] = []
    for source in (*_cron_files(paths, host), *_units(paths, host)):
        if isinstance(source, str):
            yield ok("timer", "timer", source=source)
            return
        problems.append(source)
    yield from problems or [finding("warning", "timer", "no_timer")]


# cron


def _cron_files(paths: Paths, host: Host) -> Iterator[str | Finding]:
    """The path of each file with which cron starts this module, and what is wrong with those that do not."""
    installed, named = _installed(paths)
    folders = (*host.cron_folders, installed) if named else host.cron_folders
    for folder in dict.fromkeys(folders):
        for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*"))):
            ours = os.path.basename(path).split(".")[0].rstrip("~") == "omnidesk"
            if os.path.isfile(path) and (ours or _jobs(_text(path), paths.executable)):
                found = _refused(path) or _idle(path, paths.executable, user_field=True)
                yield found or (
                    path if folder not in host.cron_folders or host.runs_cron() else _problem("no_cron", path)
                )
    for path in (host.crontab, *host.user_crontabs):
        if _jobs(_text(path), paths.executable):
            found = _idle(path, paths.executable, user_field=path == host.crontab)
            yield found or (path if host.runs_cron() else _problem("no_cron", path))
    own, read = os.path.join(installed, "omnidesk"), host.cron_folders[0]
    if installed and installed not in folders and os.path.isfile(own):
        yield _problem("timer_elsewhere", own, folder=read)


def _installed(paths: Paths) -> tuple[str, bool]:
    """The folder into which the installation put the timer, and whether the administrator had named it (CRON_DIR)."""
    try:
        with open(paths.manifest, encoding="utf-8") as file:
            noted = json.load(file)
    except (OSError, ValueError):
        noted = None
    if not isinstance(noted, dict) or not isinstance(noted.get("cron_dir"), str):
        return os.path.join(paths.root, "etc", "cron.d"), False
    return noted["cron_dir"], noted.get("cron_dir_named") is True


def _refused(path: str) -> Finding | None:
    """Why cron ignores a file of its folder, whatever stands in it."""
    name = os.path.basename(path)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        good = os.path.join(os.path.dirname(path), "omnidesk")
        return _problem("timer_name", path, good=good)
    seen = os.stat(path)
    if seen.st_uid not in (0, os.geteuid()):
        return _problem("timer_owner", path)
    if seen.st_mode & 0o7533 != 0o400:
        return _problem("timer_mode", path, mode=f"{seen.st_mode & 0o7777:o}")
    text = _text(path)
    if text and not text.endswith("\n"):
        return _problem("timer_line_end", path)
    return None


def _idle(path: str, executable: str, *, user_field: bool) -> Finding | None:
    """Why the lines of a file that cron accepts do not start this module every minute."""
    seldom = ""
    for line in _jobs(_text(path), executable):
        when, user = " ".join(line.split()[:5]), line.split()[5]
        if user_field and not _exists(user):
            return _problem("timer_user", path, user=user)
        if _EVERY_MINUTE.fullmatch(when):
            return None
        seldom = when
    if seldom:
        return _problem("timer_seldom", path, when=seldom)
    return _problem("timer_idle", path, program=executable)


def _jobs(text: str, executable: str) -> list[str]:
    """The lines of a crontab that start this module's work."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line[:1] in "*0123456789" and len(line.split()) > 6 and _starts(line, executable)]


def _starts(command: str, executable: str) -> bool:
    """Whether a command line runs this panel's ``pmomnidesk sync`` or ``worker``."""
    for found in _RUNS.finditer(command):
        if not found["folder"] or os.path.realpath(f"{found['folder']}pmomnidesk") == os.path.realpath(executable):
            return True
    return False


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _problem(key: str, path: str, **params: str) -> Finding:
    """Why a timer that is there does not start the module every minute, and what to do."""
    return finding("warning", "timer", key, path=path, **params)


# systemd


def _units(paths: Paths, host: Host) -> Iterator[str | Finding]:
    """Services that are the worker, and timers of services that run it, with those that are not enabled."""
    for path in _files(host, "*.service"):
        lines = [line for line in _text(path).splitlines() if line.startswith("ExecStart")]
        started = [line for line in lines if _starts(line, paths.executable)]
        if not started:
            continue
        name = os.path.basename(path)
        stays = any(re.search(r"\bworker\b", line) for line in started)
        units = [name] if stays else [os.path.basename(one) for one in _timers(host, name)]
        enabled = [one for one in units if _enabled(host, one)]
        if enabled:
            yield enabled[0]
        elif units:
            yield _problem("timer_disabled", units[0])


def _timers(host: Host, service: str) -> Iterator[str]:
    for path in _files(host, "*.timer"):
        units = re.findall(r"(?m)^Unit\s*=\s*(\S+)", _text(path))
        name = os.path.basename(path).removesuffix(".timer") + ".service"
        if (units[-1] if units else name) == service:
            yield path


def _files(host: Host, pattern: str) -> Iterator[str]:
    for folder in host.units:
        yield from sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))


def _enabled(host: Host, unit: str) -> bool:
    places = [
        os.path.join(glob.escape(folder), kind, unit) for folder in host.units for kind in ("*.wants", "*.requires")
    ]
    return any(glob.glob(place) for place in places)


def _text(path: str) -> str:
    """A file's text, "" when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""
