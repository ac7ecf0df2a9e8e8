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
    """The same with one ticket, number 0, whose case is made, and looked behind as well."""
    play.client_creates(0, "Помогите", "Сайт не открывается", "arrives")
    play.sync(force=True)
    play.time_passes(700)
    play.sync(force=True)
    play.sync(force=True)
    assert not play.stage.link(play.tickets[0]).unread
    return play
