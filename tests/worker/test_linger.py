"""How long a worker stays for the next event."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from omnidesk.cli import main
from omnidesk.core.paths import Paths
from omnidesk.core.shutdown import Stop
from omnidesk.hooks import worker_start
from omnidesk.worker import main_loop
from omnidesk.worker.main_loop import Worker
from omnidesk.worker.one_pass import Report


@pytest.mark.parametrize(("given", "stays"), [(None, 7), (3.0, 3), (0.0, 0)])
def test_a_worker_stays_as_long_as_the_settings_say_unless_it_was_told_otherwise(
    given: float | None, stays: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(settings=SimpleNamespace(linger_seconds=7), close=lambda: None)
    now = [100.0]

    def wait(pipe: int, seconds: float) -> bool:
        now[0] += seconds
        return False

    monkeypatch.setattr(main_loop, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(worker_start, "wait", wait)
    make: Any = lambda: context  # noqa: E731
    one = Worker(Paths(str(tmp_path)), make, Stop())
    one.context()
    monkeypatch.setattr(one, "_pass", lambda locks: Report())
    assert one.serve(given, stay=False) is not None
    assert now[0] == 100 + stays


def test_a_worker_lingers_though_the_database_is_away(tmp_path: Path) -> None:
    """Its settings come with the connection; it must stay for the database all the same."""
    assert Worker(Paths(str(tmp_path)), lambda: 1 / 0, Stop())._linger(None) == 20  # type: ignore[arg-type,return-value]


def test_what_a_hook_starts_reads_the_setting() -> None:
    options = main._options(list(worker_start.WORKER_ARGUMENTS))
    assert main._arguments(options, "ru").linger is None
    assert main._arguments(main._options(["--linger", "5"]), "ru").linger == 5


@pytest.mark.parametrize("changed", [0, 1])
def test_a_worker_that_stays_ends_when_the_module_is_installed_again(
    changed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its modules are imported as they are needed: it would go on with some of the old version and some of the new.
    Also in the middle of an installation by a package manager, and by one that leaves no note of it (ISPsystem's)."""
    paths = Paths(str(tmp_path))
    code = [tmp_path / "__init__.py", tmp_path / "main_loop.py"]
    for path in code:
        path.write_text("", encoding="utf-8")
    monkeypatch.setattr(main_loop, "CODE", [str(path) for path in code])
    one = Worker(paths, lambda: 1 / 0, Stop())  # type: ignore[arg-type,return-value]
    passes = []

    def work(locks: object) -> Report:
        passes.append(one.ends())
        assert len(passes) < 9, "it stays"
        if len(passes) == 2:
            (tmp_path / "new").write_text("", encoding="utf-8")
            (tmp_path / "new").replace(code[changed])
        return Report(rest=0.01)

    monkeypatch.setattr(one, "_pass", work)
    assert one.serve(None, stay=True) is not None
    assert passes == [False, False]
    lock = worker_start.try_lock(paths)
    assert lock is not None
    worker_start.release(lock)
