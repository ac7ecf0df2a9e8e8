"""Where things are on disk, below the panel's root (normally /usr/local/mgr5).

Only ``os`` and ``errno`` are imported: the hooks use this module too.
"""

import errno
import os


class Paths:
    """Every file and folder the module touches, as absolute paths below one root."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.mgrctl = os.path.join(root, "sbin", "mgrctl")
        self.executable = os.path.join(root, "processing", "pmomnidesk")
        self.panel_conf = os.path.join(root, "etc", "billmgr.conf")
        self.panel_db_conf = os.path.join(root, "etc", "billmgr.conf.d", "db.conf")
        self.debug_conf = os.path.join(root, "etc", "debug.conf")
        self.etc = os.path.join(root, "etc", "omnidesk")
        self.settings = os.path.join(self.etc, "omnidesk.conf")
        self.field_links = os.path.join(self.etc, "custom_fields.json")
        self.catalogue = os.path.join(self.etc, "custom_fields_values.json")
        self.routing = os.path.join(self.etc, "routing.json")
        self.var = os.path.join(root, "var", "omnidesk")
        self.spool = os.path.join(self.var, "spool")
        self.downloads = os.path.join(self.var, "files")
        self.wake_pipe = os.path.join(self.var, "wake")
        self.worker_lock = os.path.join(self.var, "worker.lock")
        self.ticket_locks = os.path.join(self.var, "tickets.lock")
        self.rate_state = os.path.join(self.var, "rate")
        self.adopt_report = os.path.join(self.var, "adopt.txt")
        self.adopt_dry_run = os.path.join(self.var, "adopt-dry-run.txt")
        self.trial_report = os.path.join(self.var, "trial.txt")
        self.outage = os.path.join(self.var, "down")
        self.new_secret = os.path.join(self.var, "new_secret")
        self.manifest = os.path.join(self.var, "install.json")
        self.log = os.path.join(root, "var", "pmomnidesk.log")
        self.webhook_refused = os.path.join(self.var, "webhook-refused")
        self.webhook_log = os.path.join(root, "var", "omnidesk_webhook.log")
        self.panel_log = os.path.join(root, "var", "billmgr.log")


def no_link(folder: str) -> None:
    """Raise ``OSError`` when a symbolic link stands in the place of a private folder or of the private one it lies in.

    Everything is done as root, so whoever could put a link there would choose where root writes.
    """
    parent = os.path.dirname(folder)
    for one in (parent, folder) if os.path.basename(parent) == "omnidesk" else (folder,):
        if os.path.islink(one):
            raise OSError(errno.ELOOP, "a symbolic link where the module's own folder belongs", one)


def private_folder(folder: str) -> None:
    """Make a folder that only root may enter, where it is not there; see :func:`no_link`."""
    no_link(folder)
    os.makedirs(folder, 0o700, exist_ok=True)


def find_root(executable: str) -> str:
    """The panel's root: ``MGR5_ROOT``, else the folder above the executable's own folder.

    ``executable`` is the path the program was started by; links are followed only when the folder it lies in
    is not one of the panel's.
    """
    override = os.environ.get("MGR5_ROOT")
    if override:
        return os.path.abspath(override)
    here = os.path.dirname(os.path.abspath(executable))
    if os.path.basename(here) not in ("processing", "cgi", "addon"):
        here = os.path.dirname(os.path.realpath(executable))
    return os.path.dirname(here)
