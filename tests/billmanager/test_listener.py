"""Nobody but root may answer where a session of root is opened."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from omnidesk.billmanager import listener
from omnidesk.core.errors import TryLater

URL = "https://127.0.0.1:1500/billmgr"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
STRANGER = 65000


def words(address: bytes) -> str:
    groups = [address[at : at + 4] for at in range(0, len(address), 4)]
    return "".join(f"{int.from_bytes(one, sys.byteorder):08X}" for one in groups)


def table(folder: Path, *rows: tuple[str, int, int, str]) -> tuple[str, ...]:
    """A table of sockets: (address, port, uid, state)."""
    lines = []
    for address, port, uid, state in rows:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        shown = words(socket.inet_pton(family, address))
        lines.append(f"   0: {shown}:{port:04X} {'0' * len(shown)}:0000 {state} 00000000:00000000 00:00000000"
                     f" 00000000 {uid:5d}        0 12345 1 0\n")  # fmt: skip
    path = folder / "tcp"
    path.write_text(HEAD + "".join(lines))
    return (str(path), str(folder / "missing"))


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1"])
def test_a_strangers_listener_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(TryLater) as caught:
        listener.check(URL, table(tmp_path, (address, 1500, STRANGER, "0A")))
    assert (caught.value.type, caught.value.value) == ("panel_listener", str(STRANGER))


@pytest.mark.parametrize(
    "row",
    [
        ("127.0.0.1", 1500, 0, "0A"),
        ("127.0.0.1", 1501, STRANGER, "0A"),
        ("10.0.0.1", 1500, STRANGER, "0A"),
        ("127.0.0.1", 1500, STRANGER, "01"),  # a connection, no listener
    ],
)
def test_what_is_no_stranger_there_is_none(tmp_path: Path, row: tuple[str, int, int, str]) -> None:
    listener.check(URL, table(tmp_path, row))


def test_a_stranger_beside_root_is_refused(tmp_path: Path) -> None:
    """With SO_REUSEPORT the kernel may give the connection to either."""
    rows = (("0.0.0.0", 1500, 0, "0A"), ("127.0.0.1", 1500, STRANGER, "0A"))
    with pytest.raises(TryLater):
        listener.check(URL, table(tmp_path, *rows))


def test_our_own_listener_is_found_in_the_kernels_table() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = [one for one in listener.listeners() if one.port == server.getsockname()[1]]
    assert [(one.address, one.uid) for one in found] == [("127.0.0.1", os.geteuid())]
