"""A fixed selection of the random schedules of `make chaos`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.mariadb import MariaDB
from tests.chaos.schedules import play
from tests.support.amount import spread

SEEDS = spread(range(1, 41), 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_schedules_end_in_equality(mariadb: MariaDB, tmp_path: Path, seed: int) -> None:
    """Nothing is lost or doubled in the first schedules."""
    outcome = play(mariadb, tmp_path, seed)
    assert not outcome.wrong, f'{outcome.log}\nreplay: make chaos ARGS="schedules --seed {seed}"'


@pytest.mark.parametrize("seed", spread(range(41, 81), 2))
def test_schedules_with_several_lanes_end_in_equality(mariadb: MariaDB, tmp_path: Path, seed: int) -> None:
    """The same with tickets worked on at the same time."""
    outcome = play(mariadb, tmp_path, seed, lanes=4)
    assert not outcome.wrong, f'{outcome.log}\nreplay: make chaos ARGS="schedules --seed {seed} --lanes 4"'


def test_a_schedule_is_decided_by_its_seed(mariadb: MariaDB, tmp_path: Path) -> None:
    """Both plays do the same; only the panel counts on with its numbers."""
    first, again = (play(mariadb, tmp_path / name, 19) for name in ("first", "again"))
    assert len(first.log.splitlines()) == len(again.log.splitlines())
    assert (first.set, first.met) == (again.set, again.met)


def test_the_command_replays_a_schedule() -> None:
    repository = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "schedules", "--seed", "2"],
        cwd=repository,
        env={"PATH": "/usr/bin:/bin:/usr/sbin", "PYTHONPATH": f"{repository}/lib:{repository}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith("all is well\n")
