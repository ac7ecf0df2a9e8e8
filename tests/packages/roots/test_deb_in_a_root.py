"""The real .deb in clean Debian systems: installed, run, upgraded, broken, mended, removed, purged."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.packages.roots.conftest import MGR5, NAME, REPOSITORY, SHIPPED, Root

Package = Callable[[str, str], Path]
CONF = f"{MGR5}/etc/omnidesk"
FEATURES = f"/{MGR5}/processing/pmomnidesk --command features"
# A worker that stays: it waits for a database that is away.
SETTINGS = """OmnideskUrl http://127.0.0.1:1
OmnideskEmail robot@example.com
OmnideskApiKey key
OmnideskChannel cch1
OmnideskSecret 0123456789abcdef0123456789abcdef
"""
DATABASE = "DBHost localhost\nDBSocket /nowhere.sock\nDBUser u\nDBPassword p\nDBName billmgr\n"
WORKER = f"""
/{MGR5}/processing/pmomnidesk --command worker >/worker.out 2>&1 &
worker=$!
for try in $(seq 300); do
    python3 -c 'import fcntl, sys; fcntl.flock(open(sys.argv[1], "a"), fcntl.LOCK_EX | fcntl.LOCK_NB)' \\
        /{MGR5}/var/omnidesk/worker.lock 2>/dev/null || break
    sleep 0.1
done
"""

WRITERS = f"writers() {{ grep -oE '\\[[0-9]+\\]' /{MGR5}/var/pmomnidesk.log | sort -u | wc -l; }}"


def install(root: Root, deb: Path, **how: bool) -> str:
    return root.run(f"dpkg -i {root.bring(deb)}", **how)


def use(root: Root) -> dict[str, str]:
    """What an administrator writes; returned as it must stay."""
    written = {
        f"{CONF}/omnidesk.conf": SETTINGS,
        f"{CONF}/custom_fields.json": '[{"field": "cf_25", "value": "client_id"}]',
        f"{CONF}/custom_fields_values.json": '[{"entity": "user", "name": "mine", "sql": "SELECT 1"}]',
        f"{MGR5}/var/omnidesk/spool/case-7": "Case 7\n",
        f"{MGR5}/var/pmomnidesk.log": "a line\n",
    }
    for path, text in written.items():
        (root / path).write_text(text)
    return written


def kept(root: Root, written: dict[str, str]) -> bool:
    return all((root / path).read_text().startswith(text) for path, text in written.items() if (root / path).exists())


def test_it_installs_and_runs_without_network_pip_or_ensurepip(root: Root, package: Package) -> None:
    root.run("! python3 -c 'import ensurepip' 2>/dev/null; ! python3 -c 'import pip' 2>/dev/null")
    said = install(root.panel(), package("deb", "2.0"))
    own = [line for line in said.splitlines() if line.startswith(NAME) or "OmniDesk" in line]
    assert len(own) == 1
    assert "next, fill in" in own[0]
    assert root.called() == ["ReloadMgr billmgr"]
    assert 'name="create_case"' in root.run(FEATURES)
    assert "Status: 405" in root.run(f"REQUEST_METHOD=GET /{MGR5}/cgi/omnidesk_webhook")
    root.run(f"/{MGR5}/lib/omnidesk-venv/bin/python -I -c 'import lxml.etree, markdown_it, nh3, pymysql, requests'")
    assert root.run(f"dpkg --verify {NAME}; dpkg --audit") == ""
    assert root.run("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; done").count("python") == 0


def test_an_upgrade_keeps_everything_and_asks_nothing(root: Root, package: Package) -> None:
    install(root.panel(), package("deb", "1.0"))
    written = use(root)
    said = install(root, package("deb", "2.0"))
    assert "custom_fields_values.json.new" in said
    for path, text in written.items():
        assert (root / path).read_text().startswith(text), path
    shipped = REPOSITORY / "etc/omnidesk/custom_fields_values.json"
    assert (root / f"{CONF}/custom_fields_values.json.new").read_bytes() == shipped.read_bytes()
    assert not list((root / f"{MGR5}/lib/omnidesk").rglob("*gone*")), "neither the module nor its bytecode"
    assert not (root / f"{MGR5}/var/omnidesk/paused").exists()
    assert root.run(f"dpkg --verify {NAME}") == ""
    assert 'name="create_case"' in root.run(FEATURES)


def test_a_catalogue_that_nobody_edited_comes_with_the_upgrade(root: Root, package: Package) -> None:
    install(root.panel(), package("deb", "1.0"))
    assert (root / f"{CONF}/custom_fields_values.json").read_text() == "[]\n"
    install(root, package("deb", "2.0"))
    shipped = REPOSITORY / "etc/omnidesk/custom_fields_values.json"
    assert (root / f"{CONF}/custom_fields_values.json").read_bytes() == shipped.read_bytes()


def test_the_old_worker_ends_and_the_new_one_starts(root: Root, package: Package) -> None:
    install(root.panel(), package("deb", "1.0"))
    (root / f"{CONF}/omnidesk.conf").write_text(SETTINGS)
    (root / f"{MGR5}/etc/billmgr.conf.d").mkdir()
    (root / f"{MGR5}/etc/billmgr.conf.d/db.conf").write_text(DATABASE)
    new = root.bring(package("deb", "2.0"))
    said = root.run(
        f"{WORKER}\nkill -0 $worker\ndpkg -i {new}\nwait $worker && code=0 || code=$?\necho worker ended with $code\n"
        # The line of a log names the process that wrote it: the old worker did, then the new one.
        f"{WRITERS}\nfor try in $(seq 300); do [ $(writers) -lt 2 ] || break; sleep 0.1; done; echo $(writers) wrote"
    )
    assert "2 wrote" in said
    assert "worker ended with 0" in said
    assert "does not end" not in said


def test_settings_survive_removal_and_a_purge_takes_them_but_no_tables(root: Root, package: Package) -> None:
    before = set(root.panel().files())
    install(root, package("deb", "2.0"))
    written = use(root)
    root.called()
    root.run(f"dpkg --remove {NAME}")
    assert root.called() == ["ReloadMgr billmgr"]
    assert set(root.files()) - before == {path.removeprefix(f"{MGR5}/") for path in written}
    assert kept(root, written)
    assert not (root / f"{MGR5}/lib/omnidesk").exists()
    assert not list((root / f"{MGR5}/lib").glob("omnidesk*"))
    assert (root / "etc/cron.d/omnidesk").exists(), "dpkg keeps what lies in /etc until the purge"

    install(root, package("deb", "2.0"))
    assert kept(root, written)
    assert 'name="create_case"' in root.run(FEATURES)

    said = root.run(f"dpkg --purge {NAME}")
    assert "DROP TABLE IF EXISTS ticket2external_case" in said
    assert set(root.files()) == before
    assert not (root / "etc/cron.d/omnidesk").exists()
    assert not (root / f"usr/lib/{NAME}").exists()


def test_the_original_modules_files_are_left_alone(root: Root, package: Package) -> None:
    (root.panel() / f"{MGR5}/cgi/omnidesk_webhook").write_text("the original\n")
    before = root.files()
    said = install(root, package("deb", "2.0"), fails=True)
    assert f"another module's files are in the way: /{MGR5}/cgi/omnidesk_webhook." in said
    assert root.files() == before
    assert not (root / f"usr/lib/{NAME}").exists()


def test_it_takes_over_from_make_install(root: Root, package: Package) -> None:
    root.panel()
    for name in SHIPPED:
        source, target = REPOSITORY / name, root / f"root/sources/{name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, target)
    root.run(
        "python3 -m venv --without-pip /opt/venv && cd /root/sources && mkdir -p /etc/cron.d /etc/logrotate.d"
        f" && python3 -E -s -B scripts/panel/install.py --root /{MGR5} --venv /opt/venv"
    )
    (root / "etc/cron.d/omnidesk").write_text("* * * * * another text\n")
    (root / f"{MGR5}/lib/omnidesk/gone.py").write_text("")
    written = use(root)
    install(root, package("deb", "2.0"))
    assert kept(root, written)
    assert not (root / f"{MGR5}/lib/omnidesk/gone.py").exists()
    assert "another text" not in (root / "etc/cron.d/omnidesk").read_text()
    assert 'name="create_case"' in root.run(FEATURES)
    said = root.run(f"cd /root/sources && python3 -E -s -B scripts/panel/install.py --root /{MGR5}", fails=True)
    assert f"the package {NAME} is installed here" in said


def test_a_machine_without_a_panel_is_no_failure(root: Root, package: Package) -> None:
    assert "there is no panel in /usr/local/mgr5 yet" in install(root, package("deb", "2.0"))
    assert root.called() == []


def test_a_panel_that_is_down_is_no_failure(root: Root, package: Package) -> None:
    root.panel()
    (root / f"{MGR5}/lib/pkgsh/core_pkg_funcs.sh").unlink()
    mgrctl = "#!/usr/bin/python3\n" + (REPOSITORY / "sandbox/billmanager/mgrctl.py").read_text()
    (root / f"{MGR5}/sbin/mgrctl").write_text(mgrctl)
    said = install(root, package("deb", "2.0"))
    assert f"The panel was not reloaded. It sees the change after: /{MGR5}/sbin/mgrctl -m billmgr exit" in said


def test_what_is_half_installed_is_mended_by_repeating(root: Root, package: Package) -> None:
    deb = root.bring(package("deb", "2.0"))
    root.panel().run(f"dpkg --unpack {deb}")
    wheel = next((root / f"usr/lib/{NAME}/wheels").glob("idna-*.whl"))
    wheel.unlink()
    assert "idna 3.20 is missing or damaged" in root.run(f"dpkg --configure {NAME}", fails=True)
    root.run(f"dpkg -i {deb}")
    assert 'name="create_case"' in root.run(FEATURES)
    shutil.rmtree(root / f"{MGR5}/lib/omnidesk-venv".replace("venv", "venv"), ignore_errors=True)
    (root / f"{MGR5}/lib/omnidesk-venv").unlink(missing_ok=True)
    (root / f"{MGR5}/lib/omnidesk/core/paths.py").unlink()
    root.run(f"dpkg -i {deb}")
    assert 'name="create_case"' in root.run(FEATURES)
    assert root.run("dpkg --audit") == ""


def test_another_python_of_the_system_makes_the_environment_anew(root: Root, package: Package) -> None:
    install(root.panel(), package("deb", "2.0"))
    root.run(f"rm -r /{MGR5}/lib/omnidesk-venv*")
    root.called()
    root.run("dpkg-trigger --by-package=python3-minimal --no-await /usr/bin/python3 && dpkg --configure --pending")
    assert 'name="create_case"' in root.run(FEATURES)
    assert root.called() == [], "nothing that the panel reads has changed"
    note = json.loads((root / f"{MGR5}/var/omnidesk/install.json").read_text())
    assert Path(root.top / note["interpreter"].lstrip("/")).exists()


def test_the_package_is_what_lintian_expects_but_for_the_panels_place(package: Package) -> None:
    if shutil.which("lintian") is None:
        return
    # The panel lives in /usr/local, as ISPsystem's own packages do; licences' texts lie in the wheels.
    panels = "dir-in-usr-local,file-in-usr-local,interpreter-in-usr-local"
    tags = f"{panels},copyright-not-using-common-license-for-apache2"
    words: list[str | Path] = ["lintian", "--allow-root", "--suppress-tags", tags, package("deb", "2.0")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
    assert not errors
