"""A play to script by hand, for the regressions that random plays have found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.mariadb import MariaDB
from tests.stateful.play import Play
from tests.stateful.stage import Stage


@pytest.fixture
def play(mariadb: MariaDB, tmp_path: Path) -> Iterator[Play]:
    """Both sides, and a module that has made its first pass."""
    stage = Stage(mariadb, tmp_path)
    stage.run_pass()
    yield Play(stage)
    stage.close()


@pytest.fixture
def linked(play: Play) -> Play:
    """The same with one ticket whose case is made and read: number 0."""
    play.client_creates(0, "Помогите", "Сайт не открывается", "rings")
    play.sync(force=True)
    play.time_passes(30)
    return play
