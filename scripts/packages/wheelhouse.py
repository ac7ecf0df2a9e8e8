"""The Python packages that the .deb and the .rpm bring along, as wheels: which, with what hashes, and fetching them.

``packaging/wheels/ARCH/pythonX.Y.txt`` names every wheel of requirements.txt for one Python by its hash, so the same
commit makes the same package, and nothing but the file that was looked at once gets into it. They are in pip's own
format; ``python scripts/packages/wheelhouse.py`` writes them again after a change of requirements.txt.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "panel"))

from environment import HASHED, read_wheel_list
from panel_files import SOURCES, fail, say

LISTS = SOURCES / "packaging/wheels"
CACHE = SOURCES / "build/packages/wheels"
# What systems the packages are for: AlmaLinux 8 has the oldest C library, 2.28.
ARCHITECTURES = ("x86_64", "aarch64")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
GLIBC = ("2_28", "2_17")
HEADER = "# The wheels of requirements.txt for Python {python} on {arch}; written by scripts/packages/wheelhouse.py.\n"


def wheel_files(folder: Path) -> dict[str, Path]:
    """The wheels of a folder by their SHA-256."""
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted(folder.glob("*.whl"))}


def fetch(arch: str, pythons: tuple[str, ...], lists: Path = LISTS, cache: Path = CACHE) -> list[Path]:
    """The wheels of these Pythons' lists, from the cache or by pip, each with the hash of the list."""
    wanted: dict[str, str] = {}
    for python in pythons:
        for line in read_wheel_list(lists / arch / f"python{python}.txt"):
            wanted[line["sha256"]] = f"{line['name']} {line['version']} for Python {python}"
    have = wheel_files(cache)
    for python in pythons:
        path = lists / arch / f"python{python}.txt"
        if any(line["sha256"] not in have for line in read_wheel_list(path)):
            say(f"Fetching the wheels of {path.relative_to(lists.parent)}")
            download(path, arch, python, cache, "--require-hashes")
    have = wheel_files(cache)
    for sha256, name in wanted.items():
        if sha256 not in have:
            fail(f"{name} could not be fetched with the hash of {lists / arch}.")
    return sorted(have[sha256] for sha256 in wanted)


def download(requirements: Path, arch: str, python: str, into: Path, *more: str) -> None:
    """Let pip fetch wheels for another Python or machine than this one; it installs and runs nothing of them."""
    into.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "download", "--no-deps"]
    platforms = [word for glibc in GLIBC for word in ("--platform", f"manylinux_{glibc}_{arch}")]
    source = ["--only-binary=:all:", "--python-version", python, *platforms, "--dest", str(into)]
    done = subprocess.run([*pip, *source, *more, "-r", str(requirements)], check=False)
    if done.returncode != 0:
        fail("pip could not fetch the wheels. Is the package index reachable from here?")


def licences(wheels: list[Path]) -> list[str]:
    """A line for each package: name, version, licence, and where its text lies in the wheel."""
    lines = set()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as content:
            names = content.namelist()
            metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
            head = content.read(metadata).decode("utf-8").split("\n\n", 1)[0]
        fields = dict(re.findall(r"^(Name|Version|License|License-Expression): (.+)$", head, re.M))
        texts = sorted(
            name
            for name in names
            if ".dist-info/" in name
            and not name.endswith("/")
            and re.search(r"licen[sc]e|copying|notice", name.rsplit("dist-info/", 1)[1], re.I)
        )
        classified = re.findall(r"^Classifier: License :: (?:.* :: )?(.+)$", head, re.M)
        licence = fields.get("License-Expression") or fields.get("License") or ", ".join(classified)
        if not texts or not licence:
            fail(f"{wheel.name} does not say under what licence it is; the package may bring it along only then.")
        lines.add(f"{fields['Name']} {fields['Version']}: {licence} ({', '.join(texts)})")
    return sorted(lines, key=str.lower)


def write_lists() -> None:
    """Write every list from requirements.txt."""
    for arch in ARCHITECTURES:
        for python in PYTHONS:
            folder = CACHE.with_name(f"fresh-{arch}-{python}")
            for left in folder.glob("*.whl"):
                left.unlink()
            download(SOURCES / "requirements.txt", arch, python, folder)
            found = {normal(path.name.split("-")[0]): path for path in folder.glob("*.whl")}
            text = HEADER.format(python=python, arch=arch)
            for line in (SOURCES / "requirements.txt").read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    wheel = found[normal(line.split("==")[0])]
                    pin = f"{line} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
                    if not HASHED.fullmatch(pin):
                        fail(f"requirements.txt: {line} is no plain pin.")
                    text += pin + "\n"
            path = LISTS / arch / f"python{python}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"{path.relative_to(SOURCES)}: {len(found)} wheels")


def normal(name: str) -> str:
    """A package's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    write_lists()
