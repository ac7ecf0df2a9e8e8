"""The lists of wheels: those of requirements.txt, one for each Python and machine; and what a wheel must be like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.packages.conftest import Builder, wheel

REPOSITORY = Path(__file__).resolve().parents[2]
LISTS = sorted((REPOSITORY / "packaging/wheels").glob("*/*.txt"))


def pins(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_there_is_one_for_each_supported_python_and_machine() -> None:
    assert {f"{path.parent.name} {path.stem}" for path in LISTS} == {
        f"{arch} python3.{minor}" for arch in ("aarch64", "x86_64") for minor in (10, 11, 12, 13)
    }


@pytest.mark.parametrize("path", LISTS, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_each_has_the_versions_of_requirements_txt_and_a_hash(path: Path) -> None:
    lines = pins(path)
    assert [line.split(" --hash=")[0] for line in lines] == pins(REPOSITORY / "requirements.txt")
    assert all(re.search(r" --hash=sha256:[0-9a-f]{64}$", line) for line in lines)


def test_pythons_and_machines_have_wheels_of_their_own() -> None:
    lxml = {line for path in LISTS for line in pins(path) if line.startswith("lxml==")}
    assert len(lxml) == len(LISTS)


@pytest.fixture
def own(tmp_path: Path) -> Builder:
    made = Builder(tmp_path)
    made.wheels.mkdir()
    return made


def built(builder: Any) -> tuple[Path | None, str]:
    made, done = builder.run("deb", "--version", "1", "--arch", "x86_64")
    return made, done.stdout


def test_a_wheel_without_a_licence_is_refused(own: Builder) -> None:
    wheel(own.wheels, "lone", "", licence=False)
    own.list_wheels()
    made, said = built(own)
    assert made is None
    assert "lone-1.0-py3-none-any.whl does not say under what licence it is" in said


def test_a_wheel_that_is_not_the_one_of_the_list_is_not_taken(own: Builder) -> None:
    path = wheel(own.wheels, "lone", "GOOD = 1")
    own.list_wheels()
    path.unlink()
    wheel(own.wheels, "lone", "BAD = 1")
    made, said = own.run("deb", "--version", "1", "--arch", "x86_64", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(own.wheels))
    assert made is None
    assert "ERROR" in said.stdout
