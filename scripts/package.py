"""``make deb`` and ``make rpm``: the packages billmanager-plugin-omnidesk, and the tree for ISPsystem's own build.

Made with dpkg-deb and rpmbuild alone; nothing is compiled, so a package for aarch64 can be made on x86_64 (ARCH=).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from package_tree import (
    DOCUMENTS,
    PAYLOAD,
    PRIVATE,
    Build,
    commit_time,
    fill,
    maintainer_script,
    package_tree,
    panel_tree,
    values,
    version,
    write_tree,
)
from panel_files import PACKAGE, PACKAGE_NAME, SOURCES, STANDARD_ROOT, fail, remove, say
from wheelhouse import ARCHITECTURES, CACHE, LISTS, PYTHONS, fetch

WORK = SOURCES / "build/packages"
DEBIAN_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
# Debian and Ubuntu each have one Python; AlmaLinux 8 and 9 have a package of this one beside their own older.
RPM_PYTHON = "3.11"
MAINTAINER = "the maintainers of the BILLmanager-Omnidesk module <maintainers@billmanager-omnidesk.invalid>"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def build_deb(build: Build, tree: dict[str, tuple[bytes, int]], work: Path, out: Path) -> Path:
    """The .deb, by dpkg-deb."""
    root = fresh(work / "deb")
    news = (SOURCES / "CHANGELOG.md").read_bytes()
    tree[f"{DOCUMENTS}/changelog.gz"] = (gzip.compress(news, mtime=0), 0o644)
    write_tree(tree, root, build.moment)
    sums = "".join(
        f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {path.lstrip('/')}\n"
        for path, (content, _) in sorted(tree.items())
        if not path.startswith("/etc/")
    )
    known = {
        **values(build),
        "ARCH": DEBIAN_NAMES[build.arch],
        "SIZE": str(sum(-(-len(content) // 1024) for content, _ in tree.values())),
        "MAINTAINER": MAINTAINER,
        "OLDEST": build.pythons[0],
        "NEXT": f"3.{int(build.pythons[-1].split('.')[1]) + 1}",
    }
    templates = SOURCES / "packaging/deb"
    control = {
        "control": (fill((templates / "control").read_text(encoding="utf-8"), known), 0o644),
        "conffiles": ("".join(f"{path}\n" for path in sorted(tree) if path.startswith("/etc/")), 0o644),
        "triggers": ((templates / "triggers").read_text(encoding="utf-8"), 0o644),
        "md5sums": (sums, 0o644),
    }
    for name in SCRIPTS:
        control[name] = (maintainer_script((templates / name).read_text(encoding="utf-8"), build), 0o755)
    write_tree({f"/{name}": (text.encode(), mode) for name, (text, mode) in control.items()}, root / "DEBIAN", 0)
    result = out / f"{PACKAGE_NAME}_{build.version}_{known['ARCH']}.deb"
    # gzip: most of it is wheels, which nothing makes much smaller, and every dpkg reads it, which zstd is not true of.
    call = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z9", "--build", str(root), str(result)]
    run(call, build.moment)
    return result


def build_rpm(build: Build, tree: dict[str, tuple[bytes, int]], work: Path, out: Path) -> Path:
    """The .rpm, by rpmbuild, from a spec that lists each file."""
    top = fresh(work / "rpm")
    write_tree(tree, top / "tree", build.moment)
    spec = (SOURCES / "packaging/rpm/spec").read_text(encoding="utf-8")
    common = (SOURCES / "packaging/hooks.sh").read_text(encoding="utf-8")
    hooks = "set -e\n" + fill(common, values(build)).replace("%", "%%")
    known = {
        **values(build),
        "HOOKS": hooks,
        "TREE": str(top / "tree"),
        "FILES": "\n".join(rpm_files(tree)),
        "RPM_PYTHON": build.pythons[0],
    }
    path = top / f"{PACKAGE_NAME}.spec"
    path.write_text(fill(spec, known), encoding="utf-8")
    settings = {
        "_topdir": str(top),
        "_rpmdir": str(top / "out"),
        "_buildhost": "reproducible",
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        "source_date_epoch_from_changelog": "0",
        "_binary_payload": "w9.gzdio",
        "__os_install_post": "%{nil}",
        "_build_id_links": "none",
        "debug_package": "%{nil}",
    }
    defines = [word for name, value in settings.items() for word in ("--define", f"{name} {value}")]
    run(["rpmbuild", "-bb", "--quiet", "--target", f"{build.arch}-linux", *defines, str(path)], build.moment)
    made = next((top / "out").rglob("*.rpm"))
    result = out / f"{PACKAGE_NAME}-{build.version}-1.{build.arch}.rpm"
    shutil.move(str(made), result)
    return result


def rpm_files(tree: dict[str, tuple[bytes, int]]) -> list[str]:
    """The spec's %files: each file with its mode, and the folders that are ours alone."""
    ours = (f"{STANDARD_ROOT}/{PACKAGE}", PAYLOAD, DOCUMENTS, *PRIVATE)
    folders = {str(parent) for path in tree for parent in Path(path).parents if str(parent).startswith(ours)}
    lines = [f"%dir %attr({PRIVATE.get(path, 0o755):04o}, root, root) {path}" for path in sorted(folders)]
    for path, (_, mode) in sorted(tree.items()):
        kind = "%config(noreplace) " if path.startswith("/etc/") else ""
        kind = "%doc " if path.startswith(DOCUMENTS) else kind
        lines.append(f"{kind}%attr({mode:04o}, root, root) {path}")
    return lines


def fresh(folder: Path) -> Path:
    """An empty folder."""
    remove(folder)
    folder.mkdir(parents=True)
    return folder


def run(command: Sequence[str], moment: int) -> None:
    """Run a tool so that its result depends on nothing but its input."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(moment), "TZ": "UTC", "LC_ALL": "C"}
    done = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        fail(f"this failed: {' '.join(command)}")


def plan(kind: str, arch: str, given_version: str) -> Build:
    """What to build: a .deb for every supported Python, an .rpm for the one that AlmaLinux has a package of."""
    number = given_version or version()
    if kind == "deb":
        return Build(kind, number, arch, "/usr/bin/python3", PYTHONS, commit_time())
    return Build(kind, number, arch, f"/usr/bin/python{RPM_PYTHON}", (RPM_PYTHON,), commit_time())


def main() -> None:
    """Build what the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("kind", choices=["deb", "rpm", "tree"], help="tree: only the panel's files, for isp.mk")
    options.add_argument("--arch", default="", help=f"{' or '.join(ARCHITECTURES)} (this machine's)")
    options.add_argument("--out", default="", help="where to put it (dist/)")
    options.add_argument("--version", default="", help="instead of setup.cfg's")
    options.add_argument("--lists", default=str(LISTS), help="the lists of wheels")
    options.add_argument("--cache", default=str(CACHE), help="where wheels are kept between builds")
    options.add_argument("--work", default=str(WORK), help="where to put parts together")
    given = options.parse_args()
    out = Path(os.path.abspath(given.out or "dist"))
    out.mkdir(parents=True, exist_ok=True)
    if given.kind == "tree":
        write_tree({f"/{path}": entry for path, entry in panel_tree("/usr/bin/python3").items()}, out, commit_time())
        return
    arch = given.arch or os.uname().machine
    if arch not in ARCHITECTURES:
        fail(f"there are no wheels for {arch}, only for {' and '.join(ARCHITECTURES)}.")
    started = time.monotonic()
    build = plan(given.kind, arch, given.version)
    lists = Path(given.lists)
    wheels = fetch(arch, build.pythons, lists, Path(given.cache))
    maker = build_deb if given.kind == "deb" else build_rpm
    result = maker(build, package_tree(build, wheels, lists), Path(given.work), out)
    size = result.stat().st_size / 1e6
    say(f"{os.path.relpath(result)}: {size:.1f} MB, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
