"""The files of the .deb and the .rpm as they will lie on a panel's machine, and the values of their templates."""

from __future__ import annotations

import configparser
import gzip
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from panel_files import (
    CATALOGUE,
    HOOKS,
    PACKAGE_NAME,
    PRIVATE_FOLDERS,
    SHARED,
    SOURCES,
    STANDARD_ROOT,
    VENV_LINK,
    WORKER,
    fail,
    guarded_files,
    shipped_files,
)
from private_files import PASSING
from uninstall import TABLES
from wheelhouse import licences

PAYLOAD = f"/usr/lib/{PACKAGE_NAME}"
DOCUMENTS = f"/usr/share/doc/{PACKAGE_NAME}"
# What runs on a panel when the package is installed, upgraded or removed.
HELPERS = ("environment.py", "package_hooks.py", "panel_files.py", "private_files.py")
TEMPLATES = ("cron", "logrotate")
PRIVATE = {str(STANDARD_ROOT / "etc/omnidesk"): 0o700}


@dataclass(frozen=True)
class Build:
    """What one package is made from. ``python`` is the system's interpreter that its hooks name."""

    kind: str  # deb or rpm
    version: str
    arch: str  # as uname has it
    python: str
    pythons: tuple[str, ...]
    moment: int  # seconds since 1970: the time of every file, so that the same commit makes the same package


def commit_time() -> int:
    """SOURCE_DATE_EPOCH, else the time of the commit; a copy without git has that of the changelog."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        return int(given)
    committed = _git("log", "-1", "--format=%ct")
    return int(committed) if committed else int((SOURCES / "CHANGELOG.md").stat().st_mtime)


def version() -> str:
    """The version of setup.cfg; between releases with the commit's time and name, sorted before the release itself."""
    parser = configparser.ConfigParser()
    parser.read(SOURCES / "setup.cfg", encoding="utf-8")
    release = parser["metadata"]["version"]
    commit = _git("log", "-1", "--format=%cd.g%h", "--date=format-local:%Y%m%d%H%M%S", "--abbrev=12")
    if not commit or f"v{release}" in _git("tag", "--points-at", "HEAD").split():
        return release
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{release}~git{commit}{'.changed' if changed else ''}"


def _git(*words: str) -> str:
    if not (SOURCES / ".git").exists() or shutil.which("git") is None:
        return ""
    safe = ["git", "-c", f"safe.directory={SOURCES}", "-C", str(SOURCES), *words]
    done = subprocess.run(safe, capture_output=True, text=True, check=False, env={**os.environ, "TZ": "UTC"})
    return done.stdout.strip()


def with_shebang(path: str, interpreter: str, flags: str) -> bytes:
    """An executable with a first line that names this interpreter."""
    first, body = (SOURCES / path).read_bytes().split(b"\n", 1)
    if not first.startswith(b"#!"):
        fail(f"{path}: its first line names no interpreter; get the sources again.")
    return f"#!{interpreter} {flags}\n".encode() + body


def panel_tree(python: str) -> dict[str, tuple[bytes, int]]:
    """What lies in a panel's root: path below it, content, mode."""
    tree = {path: ((SOURCES / path).read_bytes(), mode) for path, mode in shipped_files()}
    path, mode = WORKER
    tree[path] = (with_shebang(path, str(STANDARD_ROOT / VENV_LINK / "bin/python"), "-I"), mode)
    for path, mode in HOOKS:
        tree[path] = (with_shebang(path, python, "-IS"), mode)
    return tree


def package_tree(build: Build, wheels: list[Path], lists: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a package: absolute path, content, mode."""
    tree = {str(STANDARD_ROOT / path): entry for path, entry in panel_tree(build.python).items()}
    for name in TEMPLATES:
        text = (SOURCES / "packaging" / name).read_text(encoding="utf-8").replace("@ROOT@", str(STANDARD_ROOT))
        folder = "cron.d" if name == "cron" else "logrotate.d"
        tree[f"/etc/{folder}/omnidesk"] = (text.encode(), 0o644)
    tree.update(shared_files(build.kind))
    for name in HELPERS:
        tree[f"{PAYLOAD}/scripts/panel/{name}"] = ((SOURCES / "scripts/panel" / name).read_bytes(), 0o644)
    tree[f"{PAYLOAD}/{CATALOGUE}"] = ((SOURCES / CATALOGUE).read_bytes(), 0o644)
    tree[f"{PAYLOAD}/files"] = ("".join(f"{path}\n" for path, _ in shipped_files()).encode(), 0o644)
    for wheel in wheels:
        tree[f"{PAYLOAD}/wheels/{wheel.name}"] = (wheel.read_bytes(), 0o644)
    for name in build.pythons:
        content = (lists / build.arch / f"python{name}.txt").read_bytes()
        tree[f"{PAYLOAD}/wheels/python{name}.txt"] = (content, 0o644)
    tree[f"{DOCUMENTS}/copyright"] = (copyright_text(wheels).encode(), 0o644)
    return tree


def shared_files(kind: str) -> dict[str, tuple[bytes, int]]:
    """Manual pages, packed as both systems want them, and completion."""
    tree = {}
    for path, place in SHARED:
        content = (SOURCES / path).read_bytes()
        if place.startswith("man/"):
            content, place = gzip.compress(content, mtime=0), f"{place}.gz"
        elif kind == "deb":  # where Debian's zsh looks for what packages bring
            place = place.replace("zsh/site-functions/", "zsh/vendor-completions/")
        tree[f"/usr/share/{place}"] = (content, 0o644)
    return tree


def copyright_text(wheels: list[Path]) -> str:
    """The module's licence, and those of the packages that come with it."""
    listed = "".join(f"  {line}\n" for line in licences(wheels))
    own = (SOURCES / "LICENSE").read_text(encoding="utf-8")
    return (
        f"{PACKAGE_NAME}\n\n{own}\n"
        f"Python packages that come with it, unchanged, as wheels in {PAYLOAD}/wheels. The text of each licence\n"
        "lies in its wheel at the path given, and, once the package is installed, below\n"
        f"{STANDARD_ROOT / VENV_LINK}/lib.\n\n{listed}"
    )


def values(build: Build) -> dict[str, str]:
    """What the templates' @NAMES@ stand for."""
    kept = sorted({*PRIVATE_FOLDERS, "var/omnidesk/broken", "lib/omnidesk"}, reverse=True)
    return {
        "NAME": PACKAGE_NAME,
        "VERSION": build.version,
        "PYTHON": build.python,
        "PAYLOAD": PAYLOAD,
        "GUARDED": " ".join(guarded_files()),
        "CATALOGUE": CATALOGUE,
        "PASSING": " ".join(PASSING),
        "FOLDERS": " ".join(kept),
        "TABLES": ", ".join(TABLES),
    }


def fill(template: str, known: dict[str, str]) -> str:
    """A template with its @NAMES@ replaced; ends the program when one is left."""
    for name, value in known.items():
        template = template.replace(f"@{name}@", value)
    left = [word for word in template.split("@")[1::2] if word.isupper()]
    if left:
        fail(f"a template of packaging/ has unknown names: {', '.join(left)}")
    return template


def maintainer_script(text: str, build: Build) -> str:
    """A maintainer script: the common part, then its own."""
    common = (SOURCES / "packaging/hooks.sh").read_text(encoding="utf-8")
    return fill(f"#!/bin/sh\nset -e\n{common}\n{text}", values(build))


def write_tree(tree: dict[str, tuple[bytes, int]], root: Path, moment: int) -> None:
    """Write the files below ``root`` with exact modes and times, whatever the umask."""
    for path, (content, mode) in sorted(tree.items()):
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(mode)
    for place in sorted([root, *root.rglob("*")], reverse=True):
        if place.is_dir():
            place.chmod(PRIVATE.get("/" + str(place.relative_to(root)), 0o755))
        os.utime(place, (moment, moment))
