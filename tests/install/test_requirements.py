"""The requirement files: exact, from no particular address, and each package explained."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PIN = re.compile(r'(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[0-9.]+)(; python_version (<|>=) "3\.\d+")?')


def pins(name: str) -> list[re.Match[str]]:
    lines = [
        line for line in (REPOSITORY / name).read_text().splitlines() if line and not line.startswith(("#", "-r "))
    ]
    found = [PIN.fullmatch(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return [match for match in found if match]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_comes_from_no_particular_address(name: str) -> None:
    assert len(pins(name)) > 10
    assert "://" not in (REPOSITORY / name).read_text()


def test_the_tests_run_with_the_pinned_versions() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for pin in pins(name):
            wanted = {other["version"] for other in pins(name) if other["name"] == pin["name"]}
            try:
                installed = metadata.version(pin["name"])
            except metadata.PackageNotFoundError:
                assert pin[3], f"{pin['name']} is not installed"
                continue
            assert installed in wanted, pin["name"]


def test_nothing_is_needed_at_run_time_that_is_not_pinned_there() -> None:
    pinned = {canonical(pin["name"]) for pin in pins("requirements.txt")}
    for name in pinned:
        for needed in metadata.requires(name) or []:
            if "extra ==" not in needed and "python_version <" not in needed:
                match = re.match(r"[A-Za-z0-9_.-]+", needed)
                assert match and canonical(match[0]) in pinned, f"{name} needs {needed}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_explained_with_its_version(name: str) -> None:
    document = (REPOSITORY / "docs/dependencies.md").read_text()
    rows = {canonical(row[1]): row[2] for row in re.finditer(r"^\| ([\w.-]+) \| ([\w./, ]+) \|", document, re.M)}
    for pin in pins(name):
        assert pin["version"] in rows.get(canonical(pin["name"]), ""), pin["name"]


def test_no_package_is_explained_that_is_not_used() -> None:
    document = (REPOSITORY / "docs/dependencies.md").read_text()
    rows = {canonical(row[1]) for row in re.finditer(r"^\| ([\w.-]+) \| \d[\w./, ]* \|", document, re.M)}
    assert rows == {
        canonical(pin["name"]) for name in ("requirements.txt", "requirements-dev.txt") for pin in pins(name)
    }
