"""The real .rpm by rpm itself, in a clean root: a Debian 12 with python3.11 stands in for AlmaLinux."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages.roots.conftest import MGR5, NAME, REPOSITORY, Root
from tests.packages.roots.test_deb_in_a_root import CONF, FEATURES, kept, use

Package = Callable[[str, str], Path]
# The root is no system of rpm's: what the package requires is there, but rpm does not know of it.
RPM = 'rpm --root "$0" --dbpath /var/lib/rpm'


@pytest.fixture
def root(old_root: Root) -> Root:
    return old_root.panel()


def install(root: Root, rpm: Path, words: str = "-U", **how: bool) -> str:
    return root.around(f'{RPM} {words} --nodeps "{rpm}"', **how)


def test_it_installs_and_runs_without_network(root: Root, package: Package) -> None:
    said = install(root, package("rpm", "2.0"), "-i")
    assert "next, fill in" in said
    assert root.called() == ["ReloadMgr billmgr"]
    assert 'name="create_case"' in root.run(FEATURES)
    assert "Status: 405" in root.run(f"REQUEST_METHOD=GET /{MGR5}/cgi/omnidesk_webhook")
    assert root.around(f"{RPM} -V --nodeps {NAME}") == ""


def test_an_upgrade_keeps_everything(root: Root, package: Package) -> None:
    install(root, package("rpm", "1.0"))
    written = use(root)
    (root / "etc/cron.d/omnidesk").write_text("# mine\n")
    said = install(root, package("rpm", "2.0"))
    assert "custom_fields_values.json.new" in said
    for path, text in written.items():
        assert (root / path).read_text().startswith(text), path
    assert (root / "etc/cron.d/omnidesk").read_text() == "# mine\n"
    assert not list((root / f"{MGR5}/lib/omnidesk").rglob("*gone*"))
    assert not (root / f"{MGR5}/var/omnidesk/paused").exists()
    assert "warning" not in said.replace("custom_fields", "")
    assert 'name="create_case"' in root.run(FEATURES)


def test_removal_keeps_settings(root: Root, package: Package) -> None:
    before = set(root.files())
    install(root, package("rpm", "2.0"))
    written = use(root)
    root.called()
    said = root.around(f"{RPM} -e {NAME}")
    assert "error" not in said
    assert root.called() == ["ReloadMgr billmgr"]
    assert set(root.files()) - before == {path.removeprefix(f"{MGR5}/") for path in written}
    assert kept(root, written)
    assert not list((root / f"{MGR5}/lib").glob("omnidesk*"))
    assert not (root / "etc/cron.d/omnidesk").exists()
    install(root, package("rpm", "2.0"))
    assert kept(root, written)


def test_the_original_modules_files_are_left_alone(root: Root, package: Package) -> None:
    (root / f"{MGR5}/addon/omnidesk").write_text("the original\n")
    before = root.files()
    said = install(root, package("rpm", "2.0"), fails=True)
    assert f"another module's files are in the way: /{MGR5}/addon/omnidesk." in said
    assert root.files() == before


def test_repeating_mends_what_is_broken(root: Root, package: Package) -> None:
    install(root, package("rpm", "2.0"))
    (root / f"{MGR5}/lib/omnidesk/core/paths.py").unlink()
    (root / f"{MGR5}/lib/omnidesk-venv").unlink()
    install(root, package("rpm", "2.0"), "-U --replacepkgs")
    assert 'name="create_case"' in root.run(FEATURES)
    shipped = REPOSITORY / "lib/omnidesk/core/paths.py"
    assert (root / f"{MGR5}/lib/omnidesk/core/paths.py").read_bytes() == shipped.read_bytes()
    assert (root / f"{CONF}/custom_fields_values.json").exists()
