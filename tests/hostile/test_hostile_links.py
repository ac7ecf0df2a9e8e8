"""A symbolic link in the place of a private folder or file is never followed: all of it is written as root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from omnidesk.core import atomic_file
from omnidesk.core.locks import TicketLocks
from omnidesk.core.paths import Paths, private_folder
from omnidesk.helpdesk.rate_limit import RateGate
from omnidesk.hooks import spool, worker_start
from tests.support.workshop import Workshop

WRITERS: dict[str, Callable[[Paths], object]] = {
    "record": lambda paths: spool.put(paths.spool, "ticket-17", {}),
    "rate": lambda paths: RateGate(paths.rate_state, lambda: 0.0).budget(),
    "locks": lambda paths: TicketLocks(paths.ticket_locks).close(),
    "worker": worker_start.try_lock,
    "save": lambda paths: atomic_file.alone(paths, "settings.lock").__enter__(),
    "downloads": lambda paths: private_folder(paths.downloads),
    "settings": lambda paths: private_folder(paths.etc),
}
PLACES = {"var": WRITERS.keys() - {"settings"}, "spool": {"record"}, "downloads": {"downloads"}, "etc": {"settings"},
          "rate_state": {"rate"}, "ticket_locks": {"locks"}, "worker_lock": {"worker"}}  # fmt: skip


@pytest.mark.parametrize(("place", "writer"), sorted((one, who) for one, writers in PLACES.items() for who in writers))
def test_no_writer_follows_a_link(tmp_path: Path, place: str, writer: str) -> None:
    paths, elsewhere = Paths(str(tmp_path / "mgr5")), tmp_path / "elsewhere"
    target = Path(getattr(paths, place))
    target.parent.mkdir(parents=True)
    elsewhere.mkdir()
    to = elsewhere / "new" if place in ("rate_state", "ticket_locks", "worker_lock") else elsewhere
    target.symlink_to(to)
    with pytest.raises(OSError, match=r"symbolic link") as caught:
        WRITERS[writer](paths)
    assert caught.value.filename == str(target)
    assert os.listdir(elsewhere) == []


def test_what_is_no_link_is_made(tmp_path: Path) -> None:
    for name, write in WRITERS.items():
        (tmp_path / name / "var").mkdir(parents=True)
        write(Paths(str(tmp_path / name)))
        assert os.listdir(tmp_path / name)


def test_check_connection_names_the_link(workshop: Workshop, tmp_path: Path) -> None:
    from omnidesk.health.check_connection import check

    spooled = Path(workshop.paths.spool)
    if spooled.exists():
        spooled.rmdir()
    spooled.symlink_to(tmp_path)
    Path(workshop.paths.settings).write_text("")
    (found,) = [one for one in check(workshop.context) if one.topic == "disk"]
    assert str(spooled) in found.said.text("en")
