"""A whole world in a temporary folder: MariaDB, a panel's tree with the module installed, both products, wired up.

    with World() as world:
        ticket = world.panel.client_creates_ticket(world.ivan.user, "Help", "My site is down")
        world.sync()

The tree is filled by the project's own ``make install``, so what is tested is what gets installed; a process that
makes several worlds installs once and copies. Nothing is left behind, whatever ends the process (see
:mod:`sandbox.guardian`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from sandbox import guardian
from sandbox.billmanager import schema
from sandbox.billmanager.core import PanelOptions
from sandbox.billmanager.panel import Client, Panel
from sandbox.billmanager.server import PanelServer
from sandbox.mariadb import MariaDB
from sandbox.omnidesk.model import Omnidesk
from sandbox.omnidesk.server import OmnideskServer
from sandbox.omnidesk.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Self

REPOSITORY = Path(__file__).resolve().parent.parent
INTEGRATION = "integration@example.com"
OWNER = "owner@example.com"
_TREE = ("sbin", "processing", "cgi", "addon", "etc/xml", "etc/billmgr.conf.d", "lib", "var/run", "skins/common")
_installed: dict[Path, Path] = {}  # by environment, a tree into which the module was installed
_FOREIGN = ("PARAM_", "HTTP_", "AUTH_", "MGR5_", "OMNIDESK_")


@dataclass(frozen=True)
class WorldOptions:
    """What a world is like.

    ``charset``, ``rating_column``, ``rating_values``, ``note_files``, ``time_zone``: the panel's database; ``durable``:
    it loses nothing when it is killed. ``utc_offset``: Omnidesk's account.
    ``panel``, ``omnidesk``: the products' own switches. ``events``: the panel runs the installed handlers.
    ``webhooks``: the channel's webhook address is set. ``settings``: lines of the settings file added or
    replaced; None leaves a line out. ``install``, ``people``: whether the module is installed and the world populated.
    ``tls``: the panel's web server speaks https. ``venv``: the environment to install with, this one by default.
    ``configured``: both products are set up for the module; without, there is no integration employee on either side,
    no channel and no settings file.
    """

    charset: str = "utf8mb4"
    rating_column: str | None = "rating"
    rating_values: str = "words"
    priority_column: str | None = None
    priority_values: str = "words"
    note_files: str = "none"
    time_zone: str | None = None
    durable: bool = False
    utc_offset: str = "+0300"
    panel: PanelOptions = field(default_factory=PanelOptions)
    omnidesk: Settings = field(default_factory=Settings)
    clock: Callable[[], float] = time.time
    events: bool = True
    webhooks: bool = True
    settings: Mapping[str, str | None] = field(default_factory=dict)
    install: bool = True
    people: bool = True
    tls: bool = False
    venv: Path | None = None
    configured: bool = True


class World:
    """Everything running, as a context manager.

    ``panel``/``panel_server`` and ``omnidesk``/``omnidesk_server`` are the products; ``root`` the panel's tree.
    People: ``department``, ``billing`` (departments); ``anna`` (an employee on both sides, ``anna_staff`` there),
    ``boris`` (only in BILLmanager), ``vera_staff`` (only in Omnidesk); ``ivan`` (a client with two users), ``petra``.
    ``integration`` (the employee), ``channel`` and ``settings`` are those of a configured world.
    """

    def __init__(self, folder: Path | None = None, **options: object) -> None:
        self.options = WorldOptions(**options)  # type: ignore[arg-type]
        self._given = Path(folder).resolve() if folder is not None else None
        self._stack = ExitStack()
        self.secret = "webhook-secret-7"
        self.database_password = "restricted pass#1"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._build(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _build(self, stack: ExitStack) -> None:
        self.folder = self._make_folder()
        stack.callback(guardian.tidy, self.folder)
        self.root = self.folder / "mgr5"
        for name in _TREE:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self.mariadb = stack.enter_context(
            MariaDB(
                self.folder / "db",
                self.options.charset,
                durable=self.options.durable,
                time_zone=self.options.time_zone,
            )
        )
        self.panel = Panel(
            self.mariadb,
            self.root,
            schema_options=schema.SchemaOptions(
                self.options.charset,
                self.options.rating_column,
                self.options.rating_values,
                priority_column=self.options.priority_column,
                priority_values=self.options.priority_values,
                note_files=self.options.note_files,
            ),
            options=self.options.panel,
            events=self.options.events,
        )
        self.panel_server = stack.enter_context(PanelServer(self.panel, tls=self.options.tls))
        first = INTEGRATION if self.options.configured else OWNER
        self.omnidesk = Omnidesk(
            self.options.clock, self.options.utc_offset, staff_email=first, settings=self.options.omnidesk
        )
        if self.options.configured:
            webhook = self.panel_server.cgi_url("omnidesk_webhook", self.secret) if self.options.webhooks else ""
            self.channel = self.omnidesk.add_channel("BILLmanager", webhook)
        self.omnidesk_server = stack.enter_context(OmnideskServer(self.omnidesk))
        stack.callback(guardian.end_processes, str(self.root))  # workers that linger, before the servers go
        self._write_database_settings()
        if self.options.people:
            self._populate()
        if self.options.install:
            self._copy_installed()
            if self.options.configured:
                self.write_settings()
            else:
                self._tell_the_port()

    def _make_folder(self) -> Path:
        if self._given is None:
            folder = Path(tempfile.mkdtemp(prefix="omnidesk-world-")).resolve()
        else:
            folder = self._given / "world"
            folder.mkdir(parents=True)
        guardian.guard(folder)
        return folder

    # The module in its place.

    def install(self) -> None:
        """``make install`` into the tree; RuntimeError with its output when it fails."""
        _install(self.root, self._venv())

    def _copy_installed(self) -> None:
        """The same from a tree where it was done before, with this root in the files that name the other."""
        venv = self._venv()
        if venv not in _installed:
            folder = Path(tempfile.mkdtemp(prefix="omnidesk-installed-")).resolve()
            guardian.guard(folder)
            for name in _TREE:
                (folder / name).mkdir(parents=True, exist_ok=True)
            _install(folder, venv)
            _installed[venv] = folder
        source = _installed[venv]
        shutil.copytree(source, self.root, symlinks=True, dirs_exist_ok=True)
        for path in self.root.rglob("*"):
            if path.is_symlink() or not path.is_file() or path.suffix == ".pyc":
                continue
            content = path.read_bytes()
            if bytes(source) in content:
                path.write_bytes(content.replace(bytes(source), bytes(self.root)))

    def _venv(self) -> Path:
        if self.options.venv is not None:
            return self.options.venv
        here = Path(sys.prefix)
        return here if (here / "pyvenv.cfg").is_file() else REPOSITORY / ".venv"

    @property
    def settings(self) -> dict[str, str]:
        """The settings file's lines as the options have them."""
        lines: dict[str, str | None] = {
            "OmnideskUrl": self.omnidesk_server.url,
            "OmnideskEmail": INTEGRATION,
            "OmnideskApiKey": self.omnidesk.api_key,
            "OmnideskChannel": self.channel.key,
            "OmnideskSecret": self.secret,
            "PanelUrl": self.panel_server.url,
            **self.options.settings,
        }
        return {name: value for name, value in lines.items() if value is not None}

    def write_settings(self, **changes: str | None) -> Path:
        """Write ``etc/omnidesk/omnidesk.conf`` (mode 600) with these lines changed; None leaves one out."""
        lines: dict[str, str | None] = {**self.settings, **changes}
        path = self.root / "etc" / "omnidesk" / "omnidesk.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name} {value}\n" for name, value in lines.items() if value is not None)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        path.chmod(0o600)
        return path

    def _tell_the_port(self) -> None:
        """This panel does not listen at the usual port: the example, from which a form makes the file, says so."""
        path = self.root / "etc" / "omnidesk" / "omnidesk.conf.example"
        text = re.sub(r"(?m)^#PanelUrl .*$", f"PanelUrl {self.panel_server.url}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")

    def _write_database_settings(self) -> None:
        with self.mariadb.connect() as connection:
            schema.grant(connection, "billmgr", self.database_password)
        settings = {
            "DBHost": "localhost",
            "DBSocket": self.mariadb.socket,
            "DBUser": "billmgr",
            "DBPassword": self.database_password,
            "DBName": self.panel.schema.database,
        }
        self.panel.parameters.update(settings)
        path = self.root / "etc" / "billmgr.conf.d" / "db.conf"
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
        path.chmod(0o600)

    def _populate(self) -> None:
        panel, omnidesk = self.panel, self.omnidesk
        project = panel.add_project("Provider")
        self.department = panel.add_department("support", "Техническая поддержка")
        self.billing = panel.add_department("billing", "Отдел оплаты")
        if self.options.configured:
            self.integration = panel.add_employee(INTEGRATION, realname="Omnidesk")
        else:
            omnidesk.integration.name = "Владелец аккаунта"
        self.anna = panel.add_employee("anna", "anna@example.com", "Анна Ким")
        self.boris = panel.add_employee("boris", "boris@example.com", "Борис Лунин")
        self.anna_staff = omnidesk.add_staff("anna@example.com", "Анна Ким").staff_id
        self.vera_staff = omnidesk.add_staff("vera@example.com", "Вера Орлова").staff_id
        self.integration_staff = omnidesk.integration.staff_id
        self.ivan: Client = panel.add_client(
            "Иван Петров", "ivan@example.com", 2, phone="+7 900 000-00-01", project=project
        )
        self.petra: Client = panel.add_client("Petra Maier", "petra@example.com", project=project, language="en")
        self.vps = panel.add_item(self.ivan.account, "vps-1.example.com", "VPS-2")

    # Running it.

    def run(
        self,
        *arguments: object,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run ``processing/pmomnidesk`` with these arguments, as the panel and the administrator do."""
        return subprocess.run(
            [str(self.root / "processing" / "pmomnidesk"), *map(str, arguments)],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            cwd=self.root,
            env={**_environment(), **(env or {})},
            timeout=timeout,
            check=False,
        )

    def sync(self, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        """``pmomnidesk --command sync``: returns when all that was due has been tried; raises AssertionError."""
        done = self.run("--command", "sync", *arguments)
        if done.returncode:
            raise AssertionError(f"sync failed ({done.returncode}):\n{done.stdout.decode()}{done.stderr.decode()}")
        return done

    def workers(self) -> list[int]:
        """The ids of the module's processes that are running now."""
        return guardian.processes_in(str(self.root))

    def log(self, name: str = "pmomnidesk") -> str:
        """The text of ``var/<name>.log``, empty when there is none yet."""
        path = self.root / "var" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _install(root: Path, venv: Path) -> None:
    command = ["make", "--no-print-directory", "install", f"MGR5_ROOT={root}", f"VENV={venv}"]
    command += [f"CRON_DIR={root}/etc/cron.d", "RELOAD=no"]  # this folder is read: sandbox.timer is the cron
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=_environment(), check=False)
    if run.returncode:
        raise RuntimeError(f"make install failed:\n{run.stdout}{run.stderr}")


def _environment() -> dict[str, str]:
    """This process's environment without what would tell the module of another panel or call."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
