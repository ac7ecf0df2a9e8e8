"""The maintainer scripts: that they are shell, and what they do before and after the files come and go."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
GUARDED = ("processing/pmomnidesk", "cgi/omnidesk_webhook", "addon/omnidesk", "etc/xml/billmgr_mod_omnidesk.xml")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A panel's tree with nothing of the module in it."""
    for folder in ("processing", "etc/xml", "cgi", "addon", "sbin", "lib/pkgsh", "var"):
        (tmp_path / "mgr5" / folder).mkdir(parents=True)
    return tmp_path / "mgr5"


@pytest.fixture
def run(unpacked: Path, root: Path) -> Run:
    """Run a maintainer script with that tree in the place of /usr/local/mgr5, and without the package's helpers."""

    def call(name: str, *words: str) -> subprocess.CompletedProcess[str]:
        text = (unpacked / "DEBIAN" / name).read_text()
        text = text.replace("ROOT=/usr/local/mgr5\n", f"ROOT={root}\n").replace("/etc/cron.d", f"{root}/cron.d")
        text = text.replace("HOOKS=/usr/lib/", f"HOOKS={root}/none/").replace("/etc/logrotate.d", f"{root}/rotate.d")
        return subprocess.run(
            ["/bin/sh", "-c", text, name, *words], capture_output=True, text=True, check=False, cwd="/"
        )

    return call


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def stub(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_every_script_is_shell_that_stops_at_an_error(unpacked: Path) -> None:
    for name in SCRIPTS:
        path = unpacked / "DEBIAN" / name
        assert path.read_text().startswith("#!/bin/sh\nset -e\n")
        assert path.stat().st_mode & 0o777 == 0o755
        subprocess.check_call(["sh", "-n", path])
        if shutil.which("bash"):
            subprocess.check_call(["bash", "-n", path])


def test_shellcheck_has_nothing_to_say(unpacked: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not here")
    for name in SCRIPTS:
        subprocess.check_call(["shellcheck", "--severity=warning", unpacked / "DEBIAN" / name])


def test_the_rpms_scripts_are_shell_and_the_same(rpm: Path, unpacked: Path) -> None:
    told = subprocess.check_output(["rpm", "-qp", "--scripts", rpm], text=True)
    parts = [part.split("\n", 1)[1] for part in told.split(" scriptlet (using /bin/sh):")[1:]]
    assert len(parts) == 5
    common = (unpacked / "DEBIAN/prerm").read_text().split("\n", 2)[2].split("\ncase $1")[0].strip()
    for part in parts:
        script = part.rsplit("\nposttrans", 1)[0]
        assert common.replace("/usr/bin/python3 ", "/usr/bin/python3.11 ") in script


@pytest.mark.parametrize("path", GUARDED)
def test_another_modules_files_are_never_unpacked_over(run: Run, root: Path, path: str) -> None:
    (root / path).write_text("the original\n")
    for words in (("install",), ("install", "6.120"), ("upgrade", "6.120")):
        done = run("preinst", *words)
        assert done.returncode != 0
        assert f"another module's files are in the way: {root}/{path}." in done.stderr
        assert "Integrations, Modules, OmniDesk, Delete" in done.stderr
    assert files(root) == {path}


def test_an_unpacking_that_was_broken_off_can_be_repeated(run: Run, root: Path) -> None:
    assert run("preinst", "install").returncode == 0
    (root / "cgi/omnidesk_webhook").write_text("half of ours")
    assert run("preinst", "install").returncode == 0


def test_an_installation_that_is_given_up_leaves_nothing(run: Run, root: Path) -> None:
    run("preinst", "install")
    assert run("postrm", "abort-install").returncode == 0
    assert not files(root)
    assert not (root / "var/omnidesk").exists()


def test_what_make_install_brought_gives_way_and_is_not_forgotten_when_that_fails(run: Run, root: Path) -> None:
    (root / "var/omnidesk").mkdir()
    (root / "var/omnidesk/install.json").write_text('{"venv": "x"}\n')
    for folder in ("cron.d", "rotate.d"):
        (root / folder).mkdir()
        (root / folder / "omnidesk").write_text("of make install")
    (root / "cgi/omnidesk_webhook").write_text("ours")
    assert run("preinst", "install").returncode == 0
    run("postrm", "abort-install")
    assert files(root) == {"var/omnidesk/install.json", "cgi/omnidesk_webhook"}


def test_removal_keeps_what_was_written_and_purge_names_the_tables(run: Run, root: Path) -> None:
    for path in ("etc/omnidesk/omnidesk.conf", "etc/omnidesk/custom_fields.json", "var/omnidesk/spool/case-7"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("mine")
    for path in ("install.json", "worker.lock", "tickets.lock", "rate", "paused"):
        (root / "var/omnidesk" / path).write_text("")
    (root / "etc/omnidesk/custom_fields_values.json.new").write_text("")
    (root / "var/pmomnidesk.log").write_text("a line")
    (root / "var/billmgr.log").write_text("the panel's")
    kept = {"etc/omnidesk/omnidesk.conf", "etc/omnidesk/custom_fields.json", "var/omnidesk/spool/case-7"}
    assert run("postrm", "remove").returncode == 0
    assert files(root) == kept | {"var/pmomnidesk.log", "var/billmgr.log"}
    done = run("postrm", "purge")
    assert done.returncode == 0
    assert files(root) == {"var/billmgr.log"}
    assert not (root / "etc/omnidesk").exists()
    assert (
        "DROP TABLE IF EXISTS ticket2external_case, ticket_message2external_case_message, user2external_user,"
        in done.stdout
    )


@pytest.mark.parametrize(
    ("functions", "mgrctl", "called", "said"),
    [
        ('ReloadMgr() { echo "reload $*"; }', "exit 0", ["reload billmgr"], False),
        ("ReloadMgr() { return 3; }", "exit 0", ["mgrctl -m billmgr exit"], False),
        ("not a shell script (", "exit 0", ["mgrctl -m billmgr exit"], False),
        ("exit 0", "exit 0", [], False),
        (None, "exit 0", ["mgrctl -m billmgr exit"], False),
        (None, "exit 1", ["mgrctl -m billmgr exit"], True),
        (None, None, [], False),
    ],
)
def test_the_panel_is_reloaded_and_one_that_is_absent_or_down_is_no_failure(
    run: Run, root: Path, tmp_path: Path, functions: str | None, mgrctl: str | None, called: list[str], said: bool
) -> None:
    calls = tmp_path / "calls"
    calls.touch()
    if functions is not None:
        text = functions.replace("echo", f"echo >>{calls}")
        (root / "lib/pkgsh/core_pkg_funcs.sh").write_text(text)
    if mgrctl is not None:
        stub(root / "sbin/mgrctl", f'#!/bin/sh\necho "mgrctl $*" >>{calls}\n{mgrctl}\n')
    done = run("postrm", "remove")
    assert done.returncode == 0, done.stderr
    assert calls.read_text().splitlines() == called
    assert ("was not reloaded" in done.stdout) == said
