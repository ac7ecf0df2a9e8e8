"""pymysql that reads an answer's columns once: each answer of the server describes them anew, at length.

Thousands of tests ask the same few hundred statements, and nearly half of this process' time was pymysql's. What is
read is the same: whatever is not whole in the buffer, or not good news, is left to pymysql.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Any

from pymysql import connections, cursors
from pymysql.constants import SERVER_STATUS
from pymysql.protocol import MysqlPacket

Connection: Any = connections.Connection  # its types leave out what is replaced here
MySQLResult: Any = connections.MySQLResult
Cursor: Any = cursors.Cursor
DictCursorMixin: Any = cursors.DictCursorMixin

_HEADER = 4  # bytes: the length of what follows in three, its number
_ERROR, _LAST, _NOTHING = 0xFF, 0xFE, 0xFB  # what an error, the end of rows, and NULL begin with
_SHORT = 9  # bytes; the end of rows is shorter
_WHOLE = 32768  # bytes of an answer that are read at once: the widest table's columns take ten thousand
_connect, _read_packet = Connection.connect, Connection._read_packet
_get_descriptions, _read_rows = MySQLResult._get_descriptions, MySQLResult._read_rowdata_packet
_get_result, _result_of_dicts = Cursor._do_get_result, DictCursorMixin._do_get_result
_known: dict[tuple[object, ...], tuple[Any, Any, Any]] = {}


class Columns(list[Any]):
    """Columns of an answer, and the keys that they have in a dict."""

    keys: Any = None


def install() -> None:
    """For every connection of this process."""
    Connection.connect = connect
    Connection._read_packet = quick_packet
    MySQLResult._get_descriptions = quick_descriptions
    MySQLResult._read_rowdata_packet = quick_rows
    DictCursorMixin._do_get_result = quick_dicts


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
        self.fields = Columns(self.fields)
        _known[key] = self.fields, self.converters, self.description


def quick_rows(self: Any) -> None:
    """The rows of an answer, in one step when all of them have come and no value is longer than a byte can say."""
    connection = self.connection
    buffer, number, at = _buffer(connection), connection._next_seq_id, 0
    rows: list[tuple[Any, ...]] = []
    while end := _end(buffer, 1, at):
        start, length, at = at + _HEADER, end - at - _HEADER, end
        if not length or buffer[start - 1] != number:
            break
        number = (number + 1) % 256
        if buffer[start] == _LAST and length < _SHORT:
            warnings, status = unpack_from("<HH", buffer, start + 1)
            more = status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS
            connection._rfile.read(at)
            connection._next_seq_id = number
            vars(self).update(connection=None, affected_rows=len(rows), rows=tuple(rows))
            vars(self).update(warning_count=warnings, has_next=more)
            return
        row = _row(buffer, start, self.converters)
        if row is None:
            break
        rows.append(row)
    _read_rows(self)


def _row(buffer: bytes, at: int, converters: Any) -> tuple[Any, ...] | None:
    row = []
    for encoding, converter in converters:
        length = buffer[at]
        at += 1
        value: Any = None
        if length < _NOTHING:
            value = buffer[at : at + length]
            at += length
            if encoding is not None:
                value = value.decode(encoding)
            if converter is not None:
                value = converter(value)
        elif length > _NOTHING:
            return None
        row.append(value)
    return tuple(row)


def quick_dicts(self: Any) -> None:
    """Rows as dicts; their keys are made once for the same columns."""
    columns = getattr(self._get_db()._result, "fields", None)
    if not isinstance(columns, Columns) or not columns.keys:
        _result_of_dicts(self)
        if isinstance(columns, Columns):
            columns.keys = self._fields
        return
    _get_result(self)
    self._fields = columns.keys
    if self._rows:
        self._rows = [self._conv_row(row) for row in self._rows]


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


def _end(buffer: bytes, packets: int, at: int = 0) -> int:
    """Where so many packets end that begin there; 0 if they have not all come."""
    for _ in range(packets):
        at += _HEADER + int.from_bytes(buffer[at : at + 3], "little")
    return at if at <= len(buffer) else 0
