"""A world without events: the tests of the commands act alone in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.protocol.calls import Story
from tests.support.commands import CommandWorld


@contextmanager
def quiet_world(folder: Path) -> Iterator[CommandWorld]:
    with CommandWorld(folder, events=False) as made:
        made.omnidesk.webhooks.faults.lose_chance = 1.0
        yield made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandWorld]:
    """One a module; what a test changes it puts back."""
    with quiet_world(tmp_path_factory.mktemp("protocol")) as made:
        yield made


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[CommandWorld]:
    """For a test after which others would not find what they need."""
    with quiet_world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def story(world: CommandWorld) -> Story:
    """A ticket that has its case, with a message of each kind on both sides."""
    return Story(world)
