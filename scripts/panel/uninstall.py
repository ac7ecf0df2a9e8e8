"""``make uninstall``: take the module out of a panel.

Settings, the custom-field catalogue, the tables and events that were not processed yet stay, so that installing again
goes on where this stopped; PURGE=yes removes them too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
import time

from panel_files import (
    HOOKS,
    LOGO,
    PACKAGE,
    PACKAGE_NAME,
    PLUGIN_XML,
    VENV_LINK,
    WORKER,
    Panel,
    fail,
    lock,
    panel,
    parser,
    read_manifest,
    reload_panel,
    remove,
    remove_folders,
    say,
)
from private_files import remove_shared, remove_state

WORKER_LOCK = "var/omnidesk/worker.lock"
WAKE_PIPE = "var/omnidesk/wake"
WORKER_GRACE = 60.0  # seconds for a worker that is busy to finish; it lingers 20
TABLES = ("ticket2external_case", "ticket_message2external_case_message", "user2external_user", "omnidesk_state",
          "omnidesk_daily")  # fmt: skip


def wait_for_worker(target: Panel) -> None:
    """Let a running worker come to its end before its modules vanish; new ones are not started any more.

    One that stays (a service) ends when it finds its modules exchanged, so it is made to see that, and to look.
    """
    try:
        descriptor = os.open(target.place(WORKER_LOCK), os.O_RDWR)
    except OSError:
        return
    with contextlib.suppress(OSError):  # it looks by itself in time
        os.utime(target.place(PACKAGE) / "__init__.py")
        pipe = os.open(target.place(WAKE_PIPE), os.O_WRONLY | os.O_NONBLOCK)
        os.write(pipe, b"!")
        os.close(pipe)
    until = time.monotonic() + WORKER_GRACE
    shown = False
    while time.monotonic() < until:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not shown:
                say("A worker is running; waiting for its end.")
                shown = True
            time.sleep(0.2)
        else:
            break
    else:
        say("The worker did not end; going on. It stops at its next step.")
    os.close(descriptor)


def drop_tables(target: Panel) -> None:
    """Remove the module's tables with its own command; print the statement when that is not possible."""
    command = [str(target.place(WORKER[0])), "--command", "drop_tables", "--yes"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    else:
        if done.returncode == 0:
            say("The module's tables were dropped.")
            return
        answer = done.stdout.decode(errors="replace").strip()
        message = re.search(r"<msg>(.*?)</msg>", answer, re.DOTALL)
        problem = message[1] if message else answer[-300:] or f"exit code {done.returncode}"
    say(f"The tables were not dropped ({problem}). In the panel's database, type:")
    say(f"    DROP TABLE IF EXISTS {', '.join(TABLES)};")


def main() -> None:
    """Uninstall from the panel that the options name."""
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--purge", default="", choices=["", "yes", "no"], help="settings, catalogue and tables too")
    given = options.parse_args()
    target = panel(given)
    purge = given.purge == "yes"
    noted = read_manifest(target.root)
    if "package" in noted:
        fail(f"the package {PACKAGE_NAME} is installed here. Remove that: apt remove, or dnf remove, {PACKAGE_NAME}.")
    held = lock(target.root)

    # First those who call the module, so that nothing calls what is not there any more.
    removed = [remove(path) for path in (target.cron, target.logrotate, target.place(PLUGIN_XML))]
    reload_panel(target)
    remove(target.place(LOGO))
    remove_shared(target.share_dir, target.root)
    removed += [remove(target.place(path)) for path, _ in HOOKS]
    wait_for_worker(target)
    if purge and target.place(WORKER[0]).exists():
        drop_tables(target)
    removed.append(remove(target.place(WORKER[0])))
    removed.append(remove(target.place(PACKAGE)))
    removed.append(remove(target.place(VENV_LINK)))
    for environment in target.place("lib").glob("omnidesk-venv.*"):
        remove(environment)
    remove_state(target, purge)
    remove_folders(noted.get("folders"))
    os.close(held)

    if not any(removed):
        say(f"The module was not installed in {target.root}.")
    elif purge:
        say(f"The module was removed from {target.root} with its settings and logs.")
    else:
        say(f"The module was removed from {target.root}; its settings, custom fields and tables were kept (PURGE=yes).")


if __name__ == "__main__":
    main()
