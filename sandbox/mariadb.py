"""A private MariaDB server: own data folder, own socket, no network, no configuration of the machine's.

Works as root and as anybody else. The system tables are made once per process and copied from then on, which takes a
tenth of the time of making them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, overload

import pymysql

from sandbox import guardian

Connected = TypeVar("Connected", bound="pymysql.connections.Connection[Any]")
_REPOSITORY = Path(__file__).resolve().parent.parent
_SYSTEM_TABLES = (
    "*_system_tables.sql",  # mysql_ up to MariaDB 10, mariadb_ from 11 on
    "*_performance_tables.sql",
    "*_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
)
# Small files: the sandbox lives for minutes, and every megabyte is copied for each server.
_SMALL = (
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=32M",
    "--innodb-data-file-path=ibdata1:3M:autoextend",
    "--innodb-autoextend-increment=4",
    "--innodb-undo-tablespaces=0",
    "--innodb-temp-data-file-path=ibtmp1:2M:autoextend",
)
_LONGEST_SOCKET = 100  # bytes; the kernel allows 107
_START_LIMIT = 60.0  # seconds

_template: Path | None = None
_template_lock = threading.Lock()


class NoServer(RuntimeError):
    """The machine has no MariaDB server binary, or it does not start."""


def find_server() -> Path:
    """The server binary: ``$MARIADBD``, one unpacked into the checkout's ``.mariadb``, else the system's."""
    named = os.environ.get("MARIADBD")
    candidates = [Path(named)] if named else []
    candidates += [_REPOSITORY / ".mariadb" / "usr" / "sbin" / "mariadbd"]
    for name in ("mariadbd", "mysqld"):
        path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/usr/libexec:/usr/local/mysql/bin"
        found = shutil.which(name, path=path)
        candidates += [Path(found)] if found else []
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise NoServer("no MariaDB server found: install the package mariadb-server-core, or name the binary in MARIADBD")


def _base_folder(binary: Path) -> Path:
    return binary.resolve().parent.parent


def _share_folder(base: Path) -> Path:
    for name in ("mysql", "mariadb"):
        folder = base / "share" / name
        if any(folder.glob(_SYSTEM_TABLES[0])):
            return folder
    raise NoServer(f"the files that come with the MariaDB server were not found below {base}/share")


def _environment(base: Path) -> dict[str, str]:
    """A neutral environment; a server unpacked into the checkout brings its libraries along."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    folders = [str(folder) for folder in (base / "lib").glob("*-linux-*")] if base != Path("/usr") else []
    if folders:
        environment["LD_LIBRARY_PATH"] = ":".join(folders)
    return environment


def _common_arguments(binary: Path, data: Path) -> list[str]:
    base = _base_folder(binary)
    share = _share_folder(base)
    arguments = [str(binary), "--no-defaults", f"--basedir={base}", f"--datadir={data}"]
    arguments += [f"--lc-messages-dir={share}", f"--character-sets-dir={share}/charsets", *_SMALL]
    # A starting server removes every temporary table of its tmpdir: in one that is shared those of its neighbours, too,
    # which then fail or crash.
    arguments.append(f"--tmpdir={data}")
    if os.geteuid() == 0:
        arguments.append("--user=root")
    return arguments


def _make_template(binary: Path) -> Path:
    """A data folder with the system tables and a root who needs no password, made once per process."""
    global _template
    with _template_lock:
        if _template is not None and _template.is_dir():
            return _template
        folder = Path(tempfile.mkdtemp(prefix="mariadb-template-"))
        guardian.guard(folder)
        data = folder / "data"
        data.mkdir()
        share = _share_folder(_base_folder(binary))
        script = "create database if not exists mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n"
        script += "".join(next(share.glob(name)).read_text(encoding="utf-8") for name in _SYSTEM_TABLES)
        arguments = _common_arguments(binary, data)
        arguments += ["--bootstrap", "--enforce-storage-engine=", "--innodb-flush-log-at-trx-commit=0"]
        run = subprocess.run(
            arguments, input=script.encode(), capture_output=True, env=_environment(_base_folder(binary)), check=False
        )
        if run.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise NoServer(f"{binary} could not make its system tables:\n{run.stderr.decode(errors='replace')}")
        _template = data
        return data


class MariaDB:
    """A running server below ``folder``; use it as a context manager.

    ``charset`` is the server's default for new databases (``utf8mb4`` or the 3-byte ``utf8``); ``time_zone`` is
    what ``NOW()`` speaks (``+03:00``), the machine's when not given; ``durable`` turns the flushing to disk back on.
    """

    def __init__(
        self, folder: Path, charset: str = "utf8mb4", *, durable: bool = False, time_zone: str | None = None
    ) -> None:
        self.folder = Path(folder).resolve()
        self.data = self.folder / "mariadb"
        self.error_log = self.folder / "mariadb.err"
        self.charset = charset
        self.durable = durable
        self.time_zone = time_zone
        self._binary = find_server()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None
        self.socket = ""

    @classmethod
    def at(cls, socket: str) -> MariaDB:
        """A server that somebody else started and will end."""
        server = cls(Path(socket).parent)
        server.socket = socket
        return server

    def __enter__(self) -> MariaDB:
        template = _make_template(self._binary)
        self.folder.mkdir(parents=True, exist_ok=True)
        guardian.guard(self.data)
        self._choose_socket()
        try:
            shutil.copytree(template, self.data)
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()  # nobody needs these tables any more, so an orderly shutdown would be time lost
        self._remove()

    def start(self) -> None:
        """Start the server on the data there are and wait until it answers."""
        arguments = [*_common_arguments(self._binary, self.data), "--skip-networking", f"--socket={self.socket}"]
        arguments += [f"--pid-file={self.data}/server.pid", f"--log-error={self.error_log}"]
        arguments += [f"--character-set-server={self.charset}", "--loose-performance-schema=0", "--skip-name-resolve"]
        if not self.durable:
            arguments += [
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-flush-method=nosync",
                "--innodb-doublewrite=0",
            ]
        if self.time_zone:
            arguments += [f"--default-time-zone={self.time_zone}"]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(_base_folder(self._binary)),
            start_new_session=True,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """An orderly shutdown; the data stay and :meth:`start` goes on with them."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """Pull the plug; the data stay and :meth:`start` recovers them."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @overload
    def connect(self, database: str | None = None, *, kind: type[Connected], **options: Any) -> Connected: ...

    @overload
    def connect(self, database: str | None = None, **options: Any) -> pymysql.connections.Connection[Any]: ...

    def connect(
        self, database: str | None = None, *, kind: type[Any] = pymysql.connections.Connection, **options: Any
    ) -> Any:
        """A connection as root, autocommit on; ``options`` are pymysql's and override."""
        settings: dict[str, Any] = {"user": "root", "charset": "utf8mb4", "autocommit": True, "ssl_disabled": True}
        return kind(unix_socket=self.socket, database=database, **(settings | options))

    def _choose_socket(self) -> None:
        path = str(self.folder / "mariadb.sock")
        if len(os.fsencode(path)) > _LONGEST_SOCKET:
            self._socket_folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
            guardian.guard(self._socket_folder)
            path = str(self._socket_folder / "mariadb.sock")
        self.socket = path

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise NoServer(f"the MariaDB server ended at once:\n{self._last_words()}")
            try:
                self.connect().close()
                return
            except pymysql.MySQLError:
                time.sleep(0.02)
        self.kill()
        raise NoServer(f"the MariaDB server did not answer within {_START_LIMIT:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        try:
            return self.error_log.read_text(errors="replace")[-3000:]
        except FileNotFoundError:
            return "(it wrote no log)"

    def _remove(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        guardian.release(self.data)
        for path in (self.error_log, Path(self.socket)):
            path.unlink(missing_ok=True)
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            guardian.release(self._socket_folder)
