"""What the .deb and the .rpm do in a panel around the unpacking of their files; their maintainer scripts call this.

    package_hooks.py pause       before the files of another version come: end the worker, keep new ones from starting
    package_hooks.py configure   after they came: environment, bytecode, private folders, catalogue; the worker may run
    package_hooks.py tidy        when the old version's files are gone too: what no version owns any more goes
    package_hooks.py remove      before the files go

Each may be repeated: that repairs a half-finished installation. ``pause`` is called in the version that is
installed already, so its name and its marker file (``PAUSED``) stay as they are from version to version.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from environment import base_interpreter, compile_tree, own_venv
from panel_files import (
    CATALOGUE,
    MANIFEST,
    PACKAGE,
    PACKAGE_NAME,
    SETTINGS,
    SOURCES,
    STANDARD_ROOT,
    VENV_LINK,
    WORKER,
    Panel,
    fail,
    folder,
    lock,
    panel,
    parser,
    put,
    read_manifest,
    remove,
    say,
)
from private_files import digest, install_settings, remove_shared

PAUSED = "var/omnidesk/paused"
WORKER_LOCK = "var/omnidesk/worker.lock"
LONGEST_PAUSE = 900.0  # seconds: an upgrade that was broken off and never repeated must not stop the module for good
GRACE = 30.0  # seconds for the worker to end after SIGTERM; it needs two or three
LOOK = 0.2  # seconds between two looks at another process
WORKER_CALL = ("--command", "sync", "--no-wait")


def workers(target: Panel) -> list[int]:
    """The processes that run the module's executable with the worker's lock open. Hooks open it too, for a
    moment, and must not be disturbed."""
    found: list[int] = []
    try:
        lock_file = target.place(WORKER_LOCK).stat()
    except FileNotFoundError:
        return found
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if any(word.endswith(os.fsencode(f"/{WORKER[0]}")) for word in words) and has_open(process, lock_file):
                found.append(int(process.name))
        except OSError:  # ended meanwhile, or not ours to see
            continue
    return found


def has_open(process: Path, file: os.stat_result) -> bool:
    """Whether a process has this very file open, by whatever name."""
    return any(os.path.samestat(link.stat(), file) for link in (process / "fd").iterdir() if link.exists())


def pause(target: Panel) -> None:
    """End the worker between two actions, and hold its lock until ``configure`` is done, in a process of its own.

    Hooks only write their events to disk meanwhile; what is in the worker's lock says that somebody works.
    """
    marker = target.place(PAUSED)
    if marker.exists():
        release(target)
    folder(marker.parent, 0o700)
    running = workers(target)
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
    held = os.open(target.place(WORKER_LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not take(held, GRACE):
        say(f"The worker (process {', '.join(map(str, running)) or 'unknown'}) does not end; going on without.")
        os.close(held)
        return
    put(marker, json.dumps({"worker": bool(running)}).encode() + b"\n", 0o600)
    if os.fork() == 0:
        hold(marker, held)
    os.close(held)


def take(descriptor: int, seconds: float) -> bool:
    """Lock a file within so many seconds."""
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOOK)
        else:
            return True


def hold(marker: Path, held: int) -> None:
    """In the child: keep the inherited lock while the marker is there, with nothing open that somebody waits for."""
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != held:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(int(name))
    until = time.monotonic() + LONGEST_PAUSE
    while marker.exists() and time.monotonic() < until:
        time.sleep(LOOK)
    os._exit(0)


def release(target: Panel) -> bool:
    """End the pause; whether a worker ran when it began. Returns when the lock is free again."""
    marker = target.place(PAUSED)
    try:
        ran = bool(json.loads(marker.read_text(encoding="utf-8")).get("worker"))
    except (OSError, ValueError):
        ran = False
    marker.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(target.place(WORKER_LOCK), os.O_RDWR | os.O_CLOEXEC)
        take(descriptor, 10 * LOOK)
        os.close(descriptor)
    return ran


def start_worker(target: Panel) -> None:
    """The new version goes on where the old one was stopped; without this the timer would start it within a minute."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    with contextlib.suppress(OSError):  # the timer does it
        subprocess.Popen(
            [str(target.place(WORKER[0])), *WORKER_CALL],
            cwd=target.root,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def configure(target: Panel) -> None:
    """Everything between unpacked files and a module that works."""
    before = read_manifest(target.root)
    if not target.place(PAUSED).exists():
        pause(target)
    held = lock(target.root)
    python = own_venv(target, SOURCES / "wheels")
    compile_tree(target.place(PACKAGE), target.place(PACKAGE))
    install_settings(target)
    clear_make_install(target, before)
    note = {
        "package": PACKAGE_NAME,
        "cron_dir": str(target.cron_dir),
        "logrotate_dir": str(target.logrotate_dir),
        "catalogue": digest((SOURCES / CATALOGUE).read_bytes()),
        "venv": python,
        "interpreter": base_interpreter(),
    }
    put(target.place(MANIFEST), json.dumps(note, indent=2).encode() + b"\n", 0o600)
    os.close(held)
    waiting = release(target) or any(target.place("var/omnidesk/spool").iterdir())
    if waiting and target.place(SETTINGS).exists():
        start_worker(target)
    say_what_next(target)


def clear_make_install(target: Panel, before: dict[str, object]) -> None:
    """``make install`` was here before, with the timer and the log rotation maybe somewhere else: two timers are one
    too many. The package has the manual pages in another place."""
    if not before or before.get("package"):
        return
    for name, own in (("cron_dir", target.cron), ("logrotate_dir", target.logrotate)):
        other = Path(str(before.get(name, own.parent))) / own.name
        if other != own and remove(other):
            say(f"{other} was removed: {own} is in its place.")
    if before.get("share_dir"):
        remove_shared(Path(str(before["share_dir"])), target.root)


def say_what_next(target: Panel) -> None:
    """One line."""
    if not target.place("sbin/mgrctl").exists():
        say(f"{PACKAGE_NAME}: there is no panel in {target.root} yet; it finds the module when it is installed.")
    elif not target.place(SETTINGS).exists():
        say(
            f"{PACKAGE_NAME}: next, fill in Integrations > Modules > OmniDesk > Configure in the panel,"
            f" then run {target.place(WORKER[0])} check_connection"
        )


def tidy(target: Panel) -> None:
    """Modules, bytecode and folders of the Python package that this version does not have."""
    top = target.place(PACKAGE)
    ours = set((SOURCES / "files").read_text(encoding="utf-8").splitlines())
    for path in sorted(top.rglob("*"), reverse=True):
        if path.is_dir():
            with contextlib.suppress(OSError):  # not empty
                path.rmdir()
        elif path.parent.name == "__pycache__":
            source = path.parent.parent / f"{path.name.split('.', 1)[0]}.py"
            if str(source.relative_to(target.root)) not in ours:
                path.unlink()
        elif str(path.relative_to(target.root)) not in ours:
            path.unlink()


def take_out(target: Panel) -> None:
    """What ``configure`` made of the shipped files goes, before the package manager takes those. The state goes after
    them (packaging/hooks.sh): until then hooks may run."""
    pause(target)
    held = lock(target.root)
    for bytecode in list(target.place(PACKAGE).rglob("__pycache__")):
        remove(bytecode)
    remove(target.place(VENV_LINK))
    for environment in target.place("lib").glob(f"{Path(VENV_LINK).name}.*"):
        remove(environment)
    os.close(held)


ACTIONS = {"pause": pause, "configure": configure, "tidy": tidy, "remove": take_out}


def main() -> None:
    """Do the action that the command line names."""
    options = parser(f"{PACKAGE_NAME}: what its maintainer scripts do")
    options.add_argument("action", choices=sorted(ACTIONS))
    given = options.parse_args()
    # Where the package's files are, whatever an earlier `make install` was given.
    outside = Path("/etc") if Path(given.root) == STANDARD_ROOT else Path(given.root, "etc")
    given.cron_dir, given.logrotate_dir = str(outside / "cron.d"), str(outside / "logrotate.d")
    os.umask(0o022)
    try:
        ACTIONS[given.action](panel(given))
    except OSError as error:
        fail(f"{error}. Fix that and repeat: dpkg --configure -a, or dnf reinstall {PACKAGE_NAME}.")


if __name__ == "__main__":
    main()
