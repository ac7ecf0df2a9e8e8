"""pymysql that reads an answer's columns once: each answer of the server describes them anew, at length.

Thousands of tests ask the same few hundred statements, and nearly half of this process' time was pymysql's. What is
read is the same: whatever is not whole in the buffer, or not good news, is left to pymysql.
"""

from __future__ import annotations

from typing import Any

from pymysql import connections
from pymysql.protocol import MysqlPacket

Connection: Any = connections.Connection  # its types leave out what is replaced here
MySQLResult: Any = connections.MySQLResult

_HEADER = 4  # bytes: the length of what follows in three, its number
_ERROR = 0xFF
_WHOLE = 32768  # bytes of an answer that are read at once: the widest table's columns take ten thousand
_connect, _read_packet = Connection.connect, Connection._read_packet
_get_descriptions = MySQLResult._get_descriptions
_known: dict[tuple[object, ...], tuple[Any, Any, Any]] = {}


def install() -> None:
    """For every connection of this process."""
    Connection.connect = connect
    Connection._read_packet = quick_packet
    MySQLResult._get_descriptions = quick_descriptions


def connect(self: Any, sock: Any = None) -> None:
    """As pymysql, with room for a whole answer in the buffer."""
    _connect(self, sock)
    self._rfile.close()
    self._rfile = self._sock.makefile("rb", _WHOLE)


def quick_packet(self: Any, packet_type: Any = MysqlPacket) -> Any:
    """The next packet, in one step when all of it has come."""
    buffer = _buffer(self)
    end = _end(buffer, 1)
    if end <= _HEADER or buffer[3] != self._next_seq_id or buffer[_HEADER] == _ERROR:
        return _read_packet(self, packet_type)
    self._rfile.read(end)
    self._next_seq_id = (self._next_seq_id + 1) % 256
    return packet_type(buffer[_HEADER:end], self.encoding)


def quick_descriptions(self: Any) -> None:
    """The columns of an answer; those that were described in the same bytes before are known."""
    connection, packets = self.connection, self.field_count + 1  # the last one ends them
    buffer = _buffer(connection)
    end = _end(buffer, packets)
    key = (buffer[:end], connection._next_seq_id, connection.use_unicode, connection.encoding)
    if end and key in _known:
        connection._rfile.read(end)
        connection._next_seq_id = (connection._next_seq_id + packets) % 256
        self.fields, self.converters, self.description = _known[key]
        return
    _get_descriptions(self)
    if end:
        _known[key] = self.fields, self.converters, self.description


def _buffer(connection: Any) -> bytes:
    """What has come; waits if that is nothing."""
    if connection._current_timeout != connection._read_timeout:
        connection._sock.settimeout(connection._read_timeout)
        connection._current_timeout = connection._read_timeout
    try:
        found: bytes = connection._rfile.peek()
    except OSError:
        return b""  # pymysql meets it, too, and knows what it means
    return found


def _end(buffer: bytes, packets: int) -> int:
    """Where so many packets end; 0 if they have not all come."""
    at = 0
    for _ in range(packets):
        at += _HEADER + int.from_bytes(buffer[at : at + 3], "little")
    return at if at <= len(buffer) else 0
