"""What is in the packages: the same files as `make install` brings, with the same modes, the same bytes each time."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = "/usr/local/mgr5/"
NAME = "billmanager-plugin-omnidesk"
ListOf = dict[str, int]
# Made on the panel, by `make install` as by the packages' scripts.
MADE_THERE = {"etc/omnidesk/custom_fields_values.json", "var/omnidesk/install.json"}


def control(deb: Path) -> dict[str, str]:
    told = subprocess.check_output(["dpkg-deb", "--field", deb], text=True)
    return dict(line.split(": ", 1) for line in told.splitlines() if not line.startswith(" "))


def deb_files(deb: Path) -> ListOf:
    """Paths and modes of a .deb's files; all must be root's."""
    found = {}
    for line in subprocess.check_output(["dpkg-deb", "--contents", deb], text=True).splitlines():
        rights, owner, _, _, _, path = line.split(None, 5)
        assert owner == "root/root", line
        if rights.startswith("-"):
            bits = "".join("0" if letter == "-" else "1" for letter in rights[1:])
            found[path.removeprefix(".")] = int(bits, 2)
    return found


def rpm_files(rpm: Path) -> ListOf:
    shape = "[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME}\n]"
    found = {}
    for line in subprocess.check_output(["rpm", "-qp", "--qf", shape, rpm], text=True).splitlines():
        path, mode, owner = line.split()
        assert owner == "root:root", line
        if int(mode, 8) & 0o170000 == 0o100000:
            found[path] = int(mode, 8) & 0o7777
    return found


def in_panel(files: ListOf) -> ListOf:
    return {path.removeprefix(ROOT): mode for path, mode in files.items() if path.startswith(ROOT)}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> ListOf:
    """What `make install` copies: paths below the root and modes."""
    root = tmp_path_factory.mktemp("panel") / "mgr5"
    for folder in ("processing", "etc"):
        (root / folder).mkdir(parents=True)
    words = [f"MGR5_ROOT={root}", f"VENV={sys.prefix}", f"CRON_DIR={root}/cron", f"LOGROTATE_DIR={root}/rotate"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "COV"))}
    subprocess.run(["make", "-C", REPOSITORY, "install", *words], env=clean, check=True, capture_output=True)
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(root)): path.stat().st_mode & 0o7777 for path in files}


def outside(installed: ListOf) -> ListOf:
    """Where a .deb has what `make install` puts outside the panel, or would with the standard root."""
    places = {"cron/": "/etc/cron.d/", "rotate/": "/etc/logrotate.d/", "share/": "/usr/share/"}
    found = {}
    for path, mode in installed.items():
        for start, place in places.items():
            if path.startswith(start):
                name = path.removeprefix(start).replace("zsh/site-functions", "zsh/vendor-completions")
                found[place + name + (".gz" if name.startswith("man/") else "")] = mode
    return found


def inside(installed: ListOf) -> ListOf:
    """What `make install` copies into the panel's root."""
    elsewhere = ("cron/", "rotate/", "share/")
    return {path: mode for path, mode in installed.items() if path not in MADE_THERE and not path.startswith(elsewhere)}


def test_the_deb_has_the_files_of_make_install(deb: Path, installed: ListOf) -> None:
    assert len(inside(installed)) > 80
    assert len(outside(installed)) > 5
    assert in_panel(deb_files(deb)) == inside(installed)
    files = deb_files(deb)
    own = (f"/usr/lib/{NAME}/", f"/usr/share/doc/{NAME}/", ROOT)
    assert {path: mode for path, mode in files.items() if not path.startswith(own)} == outside(installed)


def test_the_rpm_has_the_same_files_as_the_deb(deb: Path, rpm: Path) -> None:
    documents = f"/usr/share/doc/{NAME}/"
    wanted = {path: mode for path, mode in deb_files(deb).items() if not path.startswith(documents)}
    lists = {path for path in wanted if re.search(r"/wheels/python3\.1[023]\.txt$", path)}
    found = {
        path.replace("zsh/site-functions", "zsh/vendor-completions"): mode
        for path, mode in rpm_files(rpm).items()
        if not path.startswith(documents)
    }
    assert found == {path: mode for path, mode in wanted.items() if path not in lists}, "for its one Python"


def test_what_make_install_makes_the_packages_make_too(unpacked: Path, installed: ListOf) -> None:
    assert set(installed) >= MADE_THERE
    payload = unpacked / "usr/lib" / NAME
    assert (payload / "etc/omnidesk/custom_fields_values.json").exists()
    listed = set((payload / "files").read_text().split())
    assert listed == set(inside(installed))


def test_executables_name_the_interpreter_of_the_system_and_of_the_modules_environment(unpacked: Path) -> None:
    first = {path: (unpacked / f"usr/local/mgr5/{path}").read_text().split("\n")[0] for path in EXECUTABLES}
    assert first == EXECUTABLES


EXECUTABLES = {
    "processing/pmomnidesk": "#!/usr/local/mgr5/lib/omnidesk-venv/bin/python -I",
    "cgi/omnidesk_webhook": "#!/usr/bin/python3 -IS",
    "addon/omnidesk": "#!/usr/bin/python3 -IS",
}


def test_the_rpms_hooks_name_the_python_it_asks_for(rpm: Path, tmp_path: Path) -> None:
    wanted = subprocess.check_output(["rpm", "-qp", "--requires", rpm], text=True).split("\n")
    assert "python3.11" in wanted
    content = subprocess.check_output(["rpm2cpio", rpm])
    subprocess.run(["cpio", "-idm", "--quiet"], input=content, cwd=tmp_path, check=True)
    assert (tmp_path / "usr/local/mgr5/addon/omnidesk").read_text().startswith("#!/usr/bin/python3.11 -IS\n")


def test_the_version_is_that_of_setup_cfg(builder: Any) -> None:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg")
    version = control(builder.build("deb", out="versions"))["Version"]
    assert re.fullmatch(re.escape(parser["metadata"]["version"]) + r"(~git\d{14}\.g[0-9a-f]{12}(\.changed)?)?", version)


def test_a_state_between_releases_sorts_before_the_release(builder: Any) -> None:
    del builder
    compare = ["dpkg", "--compare-versions"]
    older, newer = "0.1.0~git20260101000000.gffffffffffff", "0.1.0~git20260102000000.g000000000000"
    assert subprocess.run([*compare, older, "lt", newer], check=False).returncode == 0
    assert subprocess.run([*compare, newer, "lt", "0.1.0"], check=False).returncode == 0


def test_the_deb_asks_for_a_python_that_it_has_libraries_for(deb: Path) -> None:
    fields = control(deb)
    assert (fields["Package"], fields["Architecture"]) == (NAME, "amd64")
    assert fields["Depends"] == "python3 (>= 3.10), python3 (<< 3.14)"
    assert "cron" in fields["Recommends"]


def test_only_what_lies_in_etc_is_asked_about(unpacked: Path, rpm: Path) -> None:
    files = ["/etc/cron.d/omnidesk", "/etc/logrotate.d/omnidesk"]
    assert (unpacked / "DEBIAN/conffiles").read_text().split() == files
    assert subprocess.check_output(["rpm", "-qpc", rpm], text=True).split() == files


def test_bundled_packages_are_listed_with_their_licences(unpacked: Path) -> None:
    text = (unpacked / f"usr/share/doc/{NAME}/copyright").read_text()
    assert "MIT License" in text
    assert "  lone 1.0: MIT (lone-1.0.dist-info/LICENSE)\n" in text


@pytest.mark.parametrize("kind", ["deb", "rpm"])
def test_the_same_commit_makes_the_same_bytes(builder: Any, kind: str) -> None:
    words = ("--version", "1.2.3", "--arch", "x86_64")
    first = builder.build(kind, *words, out=f"{kind}-first", SOURCE_DATE_EPOCH="1700000000").read_bytes()
    before = os.umask(0o077)
    try:
        time.sleep(1.1)  # another second, should one get in
        second = builder.build(kind, *words, out=f"{kind}-second", SOURCE_DATE_EPOCH="1700000000", TZ="Asia/Omsk")
    finally:
        os.umask(before)
    assert second.read_bytes() == first


def test_a_package_for_another_machine_can_be_made_here(builder: Any) -> None:
    made = builder.build("deb", "--version", "1.2.3", "--arch", "aarch64", out="other")
    assert control(made)["Architecture"] == "arm64"
    made, done = builder.run("deb", "--arch", "riscv64", out="none")
    assert made is None
    assert "no wheels for riscv64" in done.stdout


def test_templates_have_no_name_left_that_nobody_filled_in(unpacked: Path) -> None:
    for path in (unpacked / "DEBIAN").iterdir():
        assert not re.search(r"@[A-Z_]+@", path.read_text()), path.name
