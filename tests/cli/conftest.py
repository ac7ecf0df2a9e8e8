"""A world in which no doorbell rings, with a ticket that is on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.world import World
from tests.protocol.calls import Story


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One a module; what a test changes it puts back."""
    folder: Path = tmp_path_factory.mktemp("cli")
    with World(folder, events=False) as made:
        made.omnidesk.webhooks.faults.lose_chance = 1.0
        yield made


@pytest.fixture(scope="module")
def story(world: World) -> Story:
    """A ticket that has its case, with messages both ways."""
    return Story(world)
