"""What tests of several folders share: one database server, and workshops that take turns in it."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sandbox.mariadb import MariaDB
from tests.support import quick_answers
from tests.support.amount import ALL, examples, left_out
from tests.support.clock import Clock
from tests.support.workshop import Workshop

quick_answers.install()
# What the tests start as processes of their own imports what they import, also when pytest is started without make.
REPOSITORY = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = os.pathsep.join((str(REPOSITORY / "lib"), str(REPOSITORY)))
# pytest imports readline, which puts the width of the terminal into the environment of what pytest starts.
for _name in ("COLUMNS", "LINES"):
    os.environ.pop(_name, None)

# Hypothesis fails any example that takes more than 200 ms, and a test whose examples are made slowly; on a busy
# machine neither says anything of what is tried; what must not be slow is bounded by processor time (tests/hostile).
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples(100)
)
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is imported and collected is garbage: looking through it again and again took seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to ``make test-all`` what takes too long; what is named on the command line is run."""
    if ALL:
        return
    named = tuple(_without_folder(one) for one in config.args if "::" in one)
    left = {one for one in left_out(items) if not _without_folder(one.nodeid).startswith(named)}
    config.hook.pytest_deselected(items=left)
    items[:] = [one for one in items if one not in left]


def _without_folder(node: str) -> str:
    file, colons, test = node.partition("::")
    return Path(file).name + colons + test


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell has its background jobs ignore Ctrl-C, and so would every program that a test starts and interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def clock() -> Clock:
    """Stands still until a test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """The server of a whole run. ``make mutants`` has one for all its runs and names its socket."""
    running = os.environ.get("SANDBOX_MARIADB_SOCKET")
    if running:
        yield MariaDB.at(running)
        return
    with MariaDB(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def make_workshop(mariadb: MariaDB, tmp_path: Path) -> Iterator[Callable[..., Workshop]]:
    """Makes workshops with switches; one at a time, as those of a kind share their tables."""
    made: list[Workshop] = []

    def make(**switches: Any) -> Workshop:
        made.append(Workshop(mariadb, tmp_path / f"workshop{len(made)}", **switches))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def workshop(make_workshop: Callable[..., Workshop]) -> Workshop:
    """Both products and the module, as they come."""
    return make_workshop()
