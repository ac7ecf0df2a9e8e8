"""Worlds for end-to-end tests; after each the panel must have had nothing to complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.world import World
from tests.e2e.live import Live

# Nothing may come over by a poll, and no worker leaves by itself, unless the test says so: on a busy machine a step may
# take longer than a worker stays.
PATIENT = {"PollSeconds": "3600", "LingerSeconds": "600"}


@pytest.fixture
def make_live(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    """Makes worlds with switches; ``settings`` are added to those of the tests."""
    made: list[Live] = []
    with ExitStack() as stack:

        def make(settings: dict[str, str | None] | None = None, **switches: Any) -> Live:
            folder = tmp_path / str(len(made))
            folder.mkdir()
            world = stack.enter_context(World(folder, settings={**PATIENT, **(settings or {})}, **switches))
            made.append(Live(world))
            return made[-1]

        yield make
        for one in made:
            assert one.panel.complaints == []
            assert [run.rc for run in one.panel.event_runs if run.rc != 0] == []


@pytest.fixture
def live(make_live: Callable[..., Live]) -> Live:
    """A world as it comes, where only hooks carry anything over."""
    return make_live()
