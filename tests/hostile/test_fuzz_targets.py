"""What the fuzzer runs, without the fuzzer: every target over its seeds, and over each input that once broke one."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.making import Maker
from tests.fuzz.targets import TARGETS, Target
from tests.support.amount import examples

FOUND = Path(__file__).resolve().parents[1] / "fuzz" / "found"
BROKEN_ONCE = sorted(FOUND.glob("*/*"))


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda one: one.name)
def test_a_target_takes_its_seeds(target: Target) -> None:
    for data in (*target.seeds, b"", b"\0", b"\xff" * 100, bytes(range(256))):
        target.run(data)


@pytest.mark.parametrize("path", BROKEN_ONCE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_broke_a_target_once_does_not_again(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


def test_every_found_input_belongs_to_a_target() -> None:
    assert {path.parent.name for path in BROKEN_ONCE} <= set(TARGETS)


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda one: one.name)
def test_a_target_sees_what_goes_wrong_in_what_it_exercises(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that swallows everything would find nothing."""
    module, _, name = target.under_test.partition(":")
    place: Any = importlib.import_module(module)
    *way, last = name.split(".")
    for part in way:
        place = getattr(place, part)

    class Unforeseen(Exception):
        pass

    def broken(*given: object, **options: object) -> object:
        raise Unforeseen

    monkeypatch.setattr(place, last, broken)
    for parser in ("PARSERS",):  # tables that were filled before
        functions = getattr(importlib.import_module("tests.fuzz.targets"), parser)
        monkeypatch.setattr(f"tests.fuzz.targets.{parser}", (broken, *functions[1:]))
    with pytest.raises(Unforeseen):
        for seed in target.seeds:
            target.run(seed)


@settings(deadline=None, max_examples=examples(60))
@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200))
def test_any_bytes_are_taken_by_any_target(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


def test_a_document_is_made_of_any_bytes_and_ends() -> None:
    """However the bytes fall, it stays within bounds."""
    for data in (b"", b"\x07" * 10_000, b"\x67" * 10_000, bytes(range(256)) * 40):
        assert len(Maker(data).json()) < 2_000_000
